"""The part of the table that is about what a feed says: codings, formats, identity, dates, headlines, other pages."""

import json
from random import Random

from tests.behaviour import PLAIN, atom, churned, feed, link_of, page, pairs, turns
from tests.crowd import Answer, Behaviour, Personality, Visit
from tests.newsroom import item, rss

PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Superintelligence</body></html>"

ENTITIES = b"".join(b'<!ENTITY %c "%b">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(12))
LAUGHS = b'<!DOCTYPE l [<!ENTITY a "ha">' + ENTITIES + b"]><rss><channel><title>&m;</title></channel></rss>"

INJECTIONS = (
    "\r\nBcc: victim@example.org",
    " <!channel> <@U012AB3CD> <https://evil.example|bank>",
    " &lt;script&gt;alert(1)&lt;/script&gt;<img src=x onerror=alert(1)>",
    " =?utf-8?q?a=0d=0aBcc:=20victim@example.org?=",
)


def row(name: str, behaves: Behaviour, *checks: str, **more: object) -> Personality:
    return Personality(name=name, behaves=behaves, checks=checks, **more)  # type: ignore[arg-type]


def written(code: str, declared: str = "", header: str = "", bom: bytes = b"") -> Behaviour:
    """A feed in another coding, which its XML and its header call by these names."""

    def render(visit: Visit) -> bytes:
        text = rss(*(item(title, link=link_of(title)) for title in visit.titles)).decode()
        return bom + (f'<?xml version="1.0" encoding="{declared}"?>' * bool(declared) + text).encode(code)

    return feed(render=render, headers=pairs(content_type=f"text/xml; charset={header}") if header else ())


def rdf(visit: Visit) -> bytes:
    items = "".join(
        f"<item rdf:about='{link_of(title)}'><title>{title}</title><link>{link_of(title)}</link></item>"
        for title in visit.titles
    )
    names = "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'"
    return f"<rdf:RDF {names}><channel><title>The Wire</title></channel>{items}</rdf:RDF>".encode()


def json_feed(visit: Visit) -> bytes:
    items = [{"id": link_of(title), "url": link_of(title), "title": title} for title in visit.titles]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "The Wire", "items": items}).encode()


def dated(date: str) -> Behaviour:
    """The first new item bears this date; the others are of 2026."""
    usual = "Mon, 23 Nov 2026 12:00:00 GMT"
    return feed(render=churned(lambda visit, title: item(
        title, link=link_of(title), more=f"<pubDate>{date if title == visit.row.title(3) else usual}</pubDate>"
    )))  # fmt: skip


def each(change: object) -> Behaviour:
    """An ETag of its own for every answer, so that every poll reads the whole again."""
    return feed(render=churned(change), etag='"{n}"', conditional=False)  # type: ignore[arg-type]


def shuffled(visit: Visit) -> bytes:
    titles = list(visit.titles)
    Random(visit.n).shuffle(titles)
    return rss(*(item(title, link=link_of(title)) for title in titles))


def sliding(visit: Visit) -> Answer:
    """Every other answer shows the latest three alone."""
    shown = visit.titles[-3:] if visit.n % 2 else visit.titles
    body = rss(*(item(title, link=link_of(title)) for title in reversed(shown)))
    return Answer(headers=(("ETag", f'"{visit.n}"'),), body=body, titles=shown)


def announced_again(visit: Visit) -> bytes:
    """All of it with today's date and other guids, at every third poll."""
    again = f"<pubDate>Tue, 24 Nov 2026 1{visit.n % 10}:00:00 GMT</pubDate>"
    return rss(
        *(item(title, guid=f"{title}/{visit.n // 3}", link=link_of(title), more=again) for title in visit.titles)
    )


def body(content: bytes) -> Behaviour:
    """200 with this, whatever it may be, and no validators."""
    return lambda visit: Answer(body=content)


def marked_up(visit: Visit, title: str) -> str:
    k = visit.titles.index(title)
    return item(title + INJECTIONS[k % len(INJECTIONS)], guid=title, link=link_of(title))


CODINGS = (
    row("utf-16", written("utf-16", "utf-16"), "C48", mark=" coração 新闻"),
    row("utf-16 big end", written("utf-16-be", bom=b"\xfe\xff"), "C48", mark=" é 新"),
    row("utf-8 with a bom", written("utf-8", "utf-8", bom=b"\xef\xbb\xbf"), "C48", mark=" coração 新闻"),
    row("latin in the xml", written("latin-1", "iso-8859-1"), "C48", mark=" coração"),
    row("latin in the header", written("latin-1", header="iso-8859-1"), "C48", mark=" coração"),
    row("gb18030", written("gb18030", "gb18030"), "C48", mark=" 新闻"),
    row("koi8 in the header", written("koi8-r", header="koi8-r"), "C48", mark=" новости"),
    row("header that is wrong", written("utf-8", "utf-8", header="iso-8859-1"), "C48", mark=" coração 新闻"),
    row("xml that is wrong", written("utf-8", "us-ascii"), "C48", mark=" coração"),
    row("windows as latin", written("cp1252", "iso-8859-1"), "C48", mark=" “quoted”"),
)

FORMATS = (
    row("atom", feed(render=atom), "C49"),
    row("rdf", feed(render=rdf), "C49"),
    row("json feed", feed(render=json_feed, headers=pairs(content_type="application/feed+json")), "C49"),
    row("rss as html", feed(headers=pairs(content_type="text/html")), "C49"),
    row("rss as bytes", feed(headers=pairs(content_type="application/octet-stream")), "C49"),
    row("rss as nothing", feed(headers=pairs(content_type="")), "C49"),
    row(
        "atom with no end",
        lambda visit: Answer(
            headers=(("ETag", f'"{visit.n}"'),), body=atom(visit).replace(b"</feed>", b""), complete=False
        ),
        rings=False,
    ),
    row("no guid", feed(render=churned(lambda _, title: item(title, guid="-", link=link_of(title)))), "C50"),
    row("no link", feed(render=churned(lambda _, title: item(title))), "C50"),
    row("no guid and no link", feed(render=churned(lambda _, title: item(title, guid="-"))), "C50"),
    row("no title", feed(render=churned(lambda _, title: item("", guid=title, text=title))), "C50"),
    row("guid of nothing", feed(render=churned(lambda _, title: item(title, guid=" ", link=link_of(title)))), "C50"),
    row("one link for all", feed(render=churned(lambda _, title: item(title, link="https://wire.example/"))), "C50"),
)

DATES = tuple(
    row(f"date {name}", dated(date), "C51")
    for name, date in (
        ("2099", "Thu, 01 Jan 2099 00:00:00 GMT"),
        ("1970", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ("year 1", "0001-01-01T00:00:00Z"),
        ("named zone", "Mon, 23 Nov 2026 12:00:00 PDT"),
        ("unknown zone", "Mon, 23 Nov 2026 12:00:00 LUNA"),
        ("in words", "lately"),
        ("of seconds", "1795434000"),
        ("empty", ""),
    )
)

IDENTITY = (
    row("guids new at every poll", each(lambda visit, title: item(
        title, guid=f"{title}?{visit.n}", link=link_of(title))), "C53"),
    row("links with utm", each(lambda visit, title: item(
        title, guid="-", link=f"{link_of(title)}?utm_source=rss&utm_campaign={visit.n}")), "C53"),
    row("links and guids with sessions", each(lambda visit, title: item(
        title, guid=f"{link_of(title)}?utm_medium={visit.n}", link=f"{link_of(title)}?fbclid={visit.n}")), "C53"),
    row("http and https in turn", each(lambda visit, title: item(
        title, guid="-", link=link_of(title).replace("https", "http" if visit.n % 2 else "https"))), "C53"),
    row("order shuffled", feed(render=shuffled, etag='"{n}"', conditional=False), "C53"),
    row("window slides and comes back", sliding, "C53"),
    row("announced again", feed(render=announced_again, etag='"{n}"', conditional=False), "C53"),
    row("etag of every server", feed(etag='"{v}-{n}"', conditional=False), "C53"),
    row("edits", each(lambda visit, title: item(
        title, link=link_of(title), text=f"Version {visit.n} of the story, longer than it was.")), "C54"),
    row("edits of titles", each(lambda visit, title: item(
        f"{title}{' (updated)' * (visit.n % 2)}", guid=title, link=link_of(title))), "C54"),
)  # fmt: skip

OTHER_PAGES = tuple(
    row(name, turns(PLAIN, PLAIN, page(body, *pairs(content_type=kind)), page(body), PLAIN), "C56", "C57")
    for name, kind, body in (
        ("sign-in page", "text/html", PAGE),
        ("empty body", "text/xml", b""),
        ("blank body", "text/xml", b" \n "),
        ("json error", "application/json", b'{"error": "Superintelligence is tired"}'),
        ("xml error", "text/xml", b"<?xml version='1.0'?><error>Superintelligence is tired</error>"),
        ("text error", "text/plain", b"Fatal error: Superintelligence"),
        ("xhtml page", "application/xhtml+xml", b"<html xmlns='http://www.w3.org/1999/xhtml'><body/></html>"),
        ("opml", "text/xml", b"<opml version='2.0'><body><outline text='Superintelligence'/></body></opml>"),
    )
)

HOSTILE = (
    row("headlines that inject", feed(render=churned(marked_up)), "C58", tag="dangerous"),
    row("headline of a megabyte", feed(render=churned(lambda visit, title: item(
        f"{title} {'a' * 1_000_000 * (title in visit.titles[-2:])}", guid=title, link=link_of(title)))), "C59"),
    row("laughs", turns(body(LAUGHS), PLAIN), "C45", rings=False),
    row("entity of a file", page(
        b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><title>&x;</title></channel></rss>'),
        "C46", rings=False),
    row("dtd elsewhere", lambda visit: page(
        b'<!DOCTYPE rss SYSTEM "http://127.0.0.1:%d/stray.dtd"><rss><channel/></rss>' % visit.crowd.port)(visit), "C46",
        rings=False),
    row("body that is an address",
        lambda visit: page(b"http://127.0.0.1:%d/stray" % visit.crowd.port)(visit), "C47", rings=False),
    row("body that is a path", page(b"/etc/passwd"), "C47", rings=False),
    row("tags in tags", turns(body(b"<rss><channel>" + b"<a>" * 100_000), PLAIN), rings=False),
)  # fmt: skip

NEWS_ROWS = (*CODINGS, *FORMATS, *DATES, *IDENTITY, *OTHER_PAGES, *HOSTILE)
