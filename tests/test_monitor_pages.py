"""Sources without a feed: what is read of sitemaps and of pages with a list, and what their publishers see."""

import gzip
import json
from collections.abc import Awaitable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.formats import Document, Unreadable, read_document
from monitor.formats.sitemap import MOST
from monitor.reader import Reader
from rules.records import FeedKind, Selectors
from tests.newsroom import ADA, GRACE, OTHER, Newsroom, Page, a_newsroom, ago
from tests.servers import FeedServer, Response
from tests.terminal import Terminal, terminal_in

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
URL = "https://wire.example/news/"
NEWS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
LONG = "Ada Lovelace starts a laboratory by the river"
MORE = "Grace Hopper joins the laboratory in London"
LAST = "The weather stays as it was all week"


def sitemap(body: bytes | str, **given: object) -> Document:
    sent = body if isinstance(body, bytes) else body.encode()
    return read_document(sent, {}, URL, now=NOW, kind=FeedKind.SITEMAP, **given)  # type: ignore[arg-type]


def page(body: bytes | str, selectors: Selectors | None = None, **given: object) -> Document:
    sent = body if isinstance(body, bytes) else body.encode()
    return read_document(sent, {}, URL, now=NOW, kind=FeedKind.PAGE, selectors=selectors, **given)  # type: ignore[arg-type]


def titles(document: Document) -> list[str]:
    return [item.title for item in document.items]


def links(document: Document) -> list[str]:
    return [item.link.removeprefix("https://wire.example") for item in document.items]


# Sitemaps.


def of_news(*entries: tuple[str, str, str]) -> str:
    """A news sitemap of (address, title, publication date)."""
    urls = "".join(
        f"<url><loc>{loc}</loc><news:news><news:publication><news:name>The Wire</news:name>"
        f"<news:language>pt</news:language></news:publication><news:publication_date>{at}</news:publication_date>"
        f"<news:title>{title}</news:title><news:keywords>labs, AI</news:keywords></news:news></url>"
        for loc, title, at in entries
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {NEWS}>{urls}</urlset>'


def index(*parts: tuple[str, str]) -> str:
    """An index of (address, date of the last change, or '')."""
    maps = "".join(f"<sitemap><loc>{loc}</loc>{at and f'<lastmod>{at}</lastmod>'}</sitemap>" for loc, at in parts)
    return f"<sitemapindex {NEWS}>{maps}</sitemapindex>"


def test_a_news_sitemap_has_title_date_language_and_keywords_the_newest_first() -> None:
    old = ("https://wire.example/a", "Old &amp; wise", "2026-11-22")
    new = ("https://wire.example/b", ADA, "2026-11-23T09:30:00+01:00")

    document = sitemap(of_news(old, new))

    assert titles(document) == [ADA, "Old & wise"]
    first = document.items[0]
    assert (first.language, first.categories) == ("pt", ("labs", "AI"))
    assert first.published == datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
    assert first.link == "https://wire.example/b"


@pytest.mark.parametrize(
    ("loc", "title"),
    [
        ("https://wire.example/2026/11/23/ada-lovelace-leaves.html", "ada lovelace leaves"),
        ("https://wire.example/ada-lovelace-leaves/12345/", "ada lovelace leaves"),
        ("https://wire.example/%D0%B4%D0%BE%D0%BC-%D1%83-%D1%80%D0%B5%D0%BA%D0%B8", "дом у реки"),
        ("https://wire.example/about", ""),
        ("https://wire.example/", ""),
    ],
)
def test_a_page_without_a_title_is_called_by_the_words_of_its_address(loc: str, title: str) -> None:
    document = sitemap(f"<urlset {NEWS}><url><loc> {loc} </loc><lastmod>2026-11-20</lastmod></url></urlset>")

    (item,) = document.items
    assert (item.title, item.published) == (title, None)
    assert item.updated == datetime(2026, 11, 20, tzinfo=UTC)


def test_a_sitemap_may_lack_its_namespace_or_be_a_list_of_addresses() -> None:
    bare = "<urlset><url><loc>/one-two</loc><image:image><image:loc>/i.png</image:loc></image:image></url></urlset>"

    assert links(sitemap(bare)) == ["/one-two"]
    assert links(sitemap("https://wire.example/a\r\nhttps://wire.example/b\r\n")) == ["/a", "/b"]


def test_of_a_sitemap_that_is_cut_off_the_last_page_is_left_out() -> None:
    whole = of_news(("https://wire.example/a", "A", "2026-11-23"), ("https://wire.example/b", "B", "2026-11-22"))

    document = sitemap(whole[: whole.rindex("<news:title>") + 13])

    assert (titles(document), document.truncated) == (["A"], True)
    assert not sitemap(whole).truncated


def test_of_a_large_sitemap_the_newest_pages_are_read() -> None:
    dated = [(f"https://wire.example/{n}", f"Number {n}", f"2026-11-2{n % 3}T10:00:00Z") for n in range(MOST + 2)]

    document = sitemap(of_news(*dated))

    assert document.warnings == (f"has {MOST + 2} pages: the newest {MOST} are read",)
    assert len(document.items) == MOST
    assert document.items[0].title == "Number 2"
    left_out = {title for _, title, _ in dated} - set(titles(document))
    assert all(int(title.removeprefix("Number ")) % 3 == 0 for title in left_out)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<rss version='2.0'><channel/></rss>", "it is a feed: remove kind"),
        ("<html><body>Not found</body></html>", "no sitemap, but <html>"),
        ("moment please", "neither XML nor an address a line"),
        ("", "an empty body, not a sitemap"),
        ("<", "no sitemap"),
    ],
)
def test_what_is_no_sitemap_is_told(body: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        sitemap(body)


@pytest.mark.parametrize(
    "body",
    [
        '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;">]>'
        "<urlset><url><loc>/a-b</loc><title>&c;</title></url></urlset>",
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><urlset><url><loc>/a-b</loc><title>&e;</title></url></urlset>',
    ],
    ids=["laughs", "file"],
)
def test_no_entity_is_read(body: str) -> None:
    assert titles(sitemap(body)) == ["a b"] or titles(sitemap(body)) == []


SITEMAP = ', kind = "sitemap"'


def publish(room: Newsroom, *pairs: tuple[str, str]) -> None:
    """Let a news sitemap hold these (path, title)."""
    room.page.body = of_news(
        *((f"{room.server.url}{path}", title, "2026-11-23T10:00:00Z") for path, title in pairs)
    ).encode()


async def test_a_sitemap_has_a_silent_baseline_and_rings_for_what_is_new(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path, "/news.xml", feed=SITEMAP) as room:
        publish(room, ("/1", ADA))
        await room.poll()
        publish(room, ("/1", ADA), ("/2", GRACE))
        room.page.headers = {"ETag": '"2"'}
        await room.poll()
        await room.poll()

        assert room.rang == [GRACE]
        assert room.page.asked[-1].headers["if-none-match"] == '"2"'
        assert [request.target for request in room.server.log] == ["/news.xml"] * 3


async def test_a_packed_sitemap_is_unpacked(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path, "/news.xml.gz", feed=SITEMAP) as room:
        publish(room, ("/1", OTHER))
        await room.poll()
        publish(room, ("/1", OTHER), ("/2", ADA))
        room.page.body = gzip.compress(room.page.body)
        await room.poll()

        assert room.rang == [ADA]


def an_index(room: Newsroom, *paths: str) -> dict[str, Page]:
    """Let the feed be an index of sitemaps at these paths."""
    room.page.body = index(*((room.server.url + path, "") for path in paths)).encode()
    maps = {path: Page() for path in paths}
    room.server.routes |= maps
    return maps


def news_of(room: Newsroom, *pairs: tuple[str, str], at: str = "2026-11-23T10:00:00Z") -> bytes:
    return of_news(*((room.server.url + path, title, at) for path, title in pairs)).encode()


async def test_the_sitemaps_of_an_index_are_read_with_their_own_validators(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path, "/index.xml", feed=SITEMAP) as room:
        maps = an_index(room, "/a.xml", "/b.xml")
        room.page.headers = {"ETag": '"index"'}
        for path, one in maps.items():
            one.body, one.headers = news_of(room, (f"{path}/1", OTHER)), {"ETag": f'"{path}"'}
        await room.poll()
        maps["/b.xml"].body = news_of(room, ("/b.xml/1", OTHER), ("/b.xml/2", ADA))
        maps["/b.xml"].headers = {"ETag": '"new"'}

        polled = await room.poll()
        await room.poll()

        assert (polled.problem, room.rang) == ("", [ADA])
        assert [one.headers["if-none-match"] for one in room.page.asked[1:]] == ['"index"', '"index"']
        assert [one.headers.get("if-none-match") for one in maps["/b.xml"].asked] == [None, '"/b.xml"', '"new"']
        assert [one.headers.get("if-none-match") for one in maps["/a.xml"].asked] == [None, '"/a.xml"', '"/a.xml"']


async def test_a_sitemap_that_joins_an_index_rings_for_what_is_new_and_not_for_its_archive(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path, "/index.xml", feed=SITEMAP) as room:
        maps = an_index(room, "/a.xml")
        maps["/a.xml"].body = news_of(room, ("/1", OTHER))
        await room.poll()
        more = an_index(room, "/a.xml", "/archive.xml", "/december.xml")
        more["/a.xml"].body = maps["/a.xml"].body
        more["/archive.xml"].body = news_of(room, ("/0", GRACE), at="2019-01-01")
        more["/december.xml"].body = news_of(room, ("/2", ADA), at=ago().isoformat())

        await room.poll()

        assert room.rang == [ADA]


async def test_one_sitemap_of_an_index_that_fails_costs_the_others_nothing(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path, "/index.xml", feed=SITEMAP) as room:
        maps = an_index(room, "/a.xml", "/b.xml")
        maps["/b.xml"].body = news_of(room, ("/1", OTHER))
        room.server.routes["/a.xml"] = Response(status=500)
        await room.poll()
        maps["/b.xml"].body = news_of(room, ("/1", OTHER), ("/2", ADA))
        await room.poll()
        assert room.rang == [ADA]

        room.server.routes["/b.xml"] = Response(status=500)
        assert "HTTP 500" in (await room.poll()).problem


async def test_an_index_leads_to_its_own_host_only_and_one_level_down(tmp_path: Path) -> None:
    async with FeedServer("127.0.0.2") as other, a_newsroom(tmp_path, "/index.xml", feed=SITEMAP) as room:
        room.page.body = index(
            (f"{other.url}/x.xml", ""), (f"{room.server.url}/nested.xml", ""), (f"{room.server.url}/a.xml", "")
        ).encode()
        room.server.routes["/nested.xml"] = Response(body=index((f"{room.server.url}/deep.xml", "")).encode())
        room.server.routes["/a.xml"] = Response(body=news_of(room, ("/1", OTHER)))

        polled = await room.poll()

        assert (polled.problem, polled.items) == ("", 1)
        assert [request.target for request in room.server.log] == ["/index.xml", "/nested.xml", "/a.xml"]
        assert other.log == []


# Pages.

LIST = f"""<!doctype html><html lang="pt-BR"><head><title>News &amp; more</title><base href="/root/"></head><body>
<nav><ul><li><a href="/a">A menu entry of some length</a></li></ul></nav>
<div class="list">
 <div class="row"><h3>{LONG}</h3><p class="dek">She signs <b>papers</b>.</p><a href="1">Read on</a>
  <span class="when" title="2026-11-22T10:00:00Z">yesterday</span></div>
 <div class="row"><h3>{MORE}</h3><a href="/2?utm_source=list">Read on</a><time datetime="2026-11-21">21 Nov</time></div>
 <div class="row"><h3>An advertisement without a link</h3></div>
</div></body></html>"""


def test_the_user_s_selectors_say_where_items_are() -> None:
    given = Selectors(item="div.row", title="h3", link="a", date=".when, time", summary="p.dek")

    document = page(LIST, given)

    assert (titles(document), links(document)) == ([LONG, MORE], ["/root/1", "/2?utm_source=list"])
    first, second = document.items
    assert (first.summary, first.language, document.title) == ("She signs papers.", "pt-BR", "News & more")
    assert first.published == datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert second.published == datetime(2026, 11, 21, tzinfo=UTC)
    assert document.warnings == ()


def test_the_item_alone_is_enough() -> None:
    assert links(page(LIST, Selectors(item=".row"))) == ["/root/1", "/2?utm_source=list"]
    linked = f"<a class=card href=/1><h2>{LONG}</h2></a><a class=card href=/2>{MORE}</a>"
    assert titles(page(linked, Selectors(item="a.card"))) == [LONG, MORE]
    assert links(page(linked, Selectors(item="a.card h2"))) == ["/1"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (Selectors(item="article.gone"), "nothing on the page is 'article.gone'"),
        (Selectors(item=".row", title="h6"), "none of 3 items has a title and a link"),
    ],
)
def test_a_page_that_was_rebuilt_is_told(given: Selectors, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        page(LIST, given)


def with_data(*nodes: object, body: str = "") -> str:
    scripts = "".join(f'<script type="application/ld+json">{json.dumps(node)}</script>' for node in nodes)
    return f"<html><head>{scripts}</head><body>{body}</body></html>"


ARTICLE = {"@type": "NewsArticle", "headline": LONG, "url": "/1", "datePublished": "2026-11-23T09:00:00Z"}
POST = {"@type": ["BlogPosting"], "name": MORE, "mainEntityOfPage": {"@id": "https://wire.example/2"}}


@pytest.mark.parametrize(
    "nodes",
    [
        [ARTICLE, POST],
        [[ARTICLE, POST]],
        [{"@context": "https://schema.org", "@graph": [{"@type": "WebSite", "name": "x"}, ARTICLE, POST]}],
        [{"@type": "Blog", "blogPost": [ARTICLE, POST]}],
        [{"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item": ARTICLE}, {"item": POST}]}],
        [{"@type": "ItemList", "itemListElement": [{"url": "/1", "name": LONG}, {"url": "/2", "name": MORE}]}],
        [{"@type": "CollectionPage", "mainEntity": {"@type": "ItemList", "itemListElement": [
            {"@type": "ListItem", "position": 1, "item": "/1", "name": LONG}, {"item": {"@id": "/2", "name": MORE}}]}}],
    ],
    ids=["scripts", "list", "graph", "blog", "articles", "urls", "collection"],
)  # fmt: skip
def test_without_selectors_the_json_ld_of_a_page_tells_its_articles(nodes: list[object]) -> None:
    document = page(with_data(*nodes, {"@type": "BreadcrumbList", "itemListElement": [{"item": "/x", "name": "Home"}]}))

    assert (titles(document), links(document)) == ([LONG, MORE], ["/1", "/2"])
    assert document.warnings == ("no selectors are given: took 2 articles from the page's JSON-LD",)


def test_a_list_of_addresses_is_named_by_the_links_of_the_page() -> None:
    listed = {"@type": "ItemList", "itemListElement": [{"url": "/1"}, {"url": "/2"}, {"url": "/nowhere"}]}
    body = f"<a href=/1><img></a><a href=/1>{LONG}</a><a href='https://wire.example/2'>{MORE}</a>"

    assert titles(page(with_data(listed, body=body))) == [LONG, MORE]


@pytest.mark.parametrize(
    ("row", "took"),
    [
        ("<article><a href='{0}'><img></a><h2><a href='{0}'>{1}</a></h2><p>x</p></article>", "3 <article> elements"),
        ("<div><h2><a href='{0}'>{1}</a></h2><p>text</p></div>", "3 headings that are links"),
        ("<a href='{0}'><h3>{1}</h3></a>", "3 headings that are links"),
        ("<li><time datetime='2026-11-20'>x</time> <a href='{0}'>{1}</a></li>", "3 elements of lists that are links"),
    ],
    ids=["article", "heading", "link", "list"],
)
def test_without_any_of_these_a_list_is_guessed_and_said_to_be(row: str, took: str) -> None:
    rows = "".join(row.format(f"/{number}", title) for number, title in enumerate((LONG, MORE, LAST)))
    menu = "<nav><ul><li><a href=/m>A menu entry which is long</a></li></ul></nav>"

    document = page(f"<html><body>{menu}<main>{rows}</main></body></html>")

    assert (titles(document), links(document)) == ([LONG, MORE, LAST], ["/0", "/1", "/2"])
    (said,) = document.warnings
    assert said.startswith(f"no selectors are given: took {took}")


@pytest.mark.parametrize("body", ["<p>Nothing here</p>", "<ul><li><a href=/a>A</a><li><a href=/b>B</a></ul>", "<html>"])
def test_a_page_without_a_list_is_told_with_what_to_do(body: str) -> None:
    with pytest.raises(Unreadable, match=r'name its items with item = "\.\.\."'):
        page(body)


def test_a_page_in_another_charset_is_read() -> None:
    body = "<meta charset=windows-1251>" + "".join(
        f"<article><a href=/{n}>Дом у самой реки {n}</a></article>" for n in "123"
    )

    assert titles(page(body.encode("cp1251"))) == [f"Дом у самой реки {n}" for n in "123"]


HOSTILE = {
    "nested": b"<div>" * 400_000,
    "articles": b"<article><h2><a href=/1>A headline of some length" * 20_000,
    "attributes": b"<a " + b"x=y " * 400_000,
    "comments": b"<!--" * 400_000,
    "data": b'<script type="application/ld+json">' + b"[" * 400_000 + b"</script>",
    "nothing": b"\x00" * 400_000,
    "entities": b"&" * 400_000 + b"&#x110000;" * 40_000,
}


async def answer(reading: Awaitable[object]) -> str:
    """Why nothing could be read; '' where something was."""
    try:
        await reading
    except Unreadable as error:
        return str(error)
    return ""


@pytest.mark.parametrize("kind", [FeedKind.PAGE, FeedKind.SITEMAP])
async def test_hostile_pages_end_in_an_answer_and_the_next_one_is_read(kind: FeedKind) -> None:
    reads = Reader()
    try:
        said = [await answer(reads.read(body, {}, URL, kind=kind)) for body in HOSTILE.values()]
        assert not [one for one in said if "the parser failed" in one]
        good = of_news(("https://wire.example/a", LONG, "2026-11-23")).encode()
        assert titles(await reads.read(good, {}, URL, kind=FeedKind.SITEMAP)) == [LONG]
    finally:
        await reads.close()


async def test_hostile_articles_end_in_an_answer_and_the_next_one_is_read() -> None:
    reads = Reader("article")
    try:
        said = [await answer(reads.article(body, {}, URL, link=URL)) for body in HOSTILE.values()]
        assert not [one for one in said if "the parser failed" in one]
        good = b"<article>" + b"".join(
            b"<p>Sentence %d of some length says what has happened in the town.</p>" % number for number in range(9)
        )
        assert (await reads.article(good, {}, URL, link=URL)).startswith("Sentence 0")
    finally:
        await reads.close()


PAGE = ', kind = "page", item = "article"'


def listing(*rows: tuple[str, str]) -> bytes:
    articles = "".join(f"<article><h2><a href='{path}'>{title}</a></h2></article>" for path, title in rows)
    return f"<html><body>{articles}</body></html>".encode()


async def test_a_page_has_a_silent_baseline_and_rings_for_what_is_new(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path, "/news", feed=PAGE) as room:
        room.page.body, room.page.headers = listing(("/1", ADA), ("/3", OTHER)), {"Last-Modified": "then"}
        await room.poll()
        await room.poll()
        room.page.body, room.page.headers = listing(("/2", GRACE), ("/1?utm_source=x", ADA)), {}
        await room.poll()

        assert room.rang == [GRACE]
        assert room.page.asked[1].headers["if-modified-since"] == "then"
        assert [one.target for one in room.server.log] == ["/robots.txt", "/news", "/news", "/news"]


async def test_a_page_that_robots_txt_forbids_is_not_asked_for_and_a_sitemap_is(tmp_path: Path) -> None:
    forbidding = Response(body=b"User-agent: *\nDisallow: /")
    async with a_newsroom(tmp_path / "page", "/news", feed=PAGE) as room:
        room.server.routes["/robots.txt"] = forbidding
        assert (await room.poll()).problem == "robots.txt of 127.0.0.1 does not allow it"
        assert room.page.asked == []
        assert room.cursor().failures == 1
    async with a_newsroom(tmp_path / "sitemap", "/news.xml", feed=SITEMAP) as room:
        room.server.routes["/robots.txt"] = forbidding
        publish(room, ("/1", ADA))
        assert (await room.poll()).problem == ""


# By command.


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    with terminal_in(tmp_path) as one:
        yield one


async def test_feeds_parse_reads_them_by_option_and_by_the_configuration(terminal: Terminal) -> None:
    async with FeedServer() as server:
        server.routes["/news"] = Response(body=listing(("/1", ADA), ("/2", GRACE), ("/3", OTHER)))
        server.routes["/index.xml"] = Response(body=index((f"{server.url}/a.xml.gz", "")).encode())
        server.routes["/a.xml.gz"] = Response(body=gzip.compress(of_news((f"{server.url}/1", ADA, "")).encode()))
        terminal.config.write_text(
            f'[network]\nallow_private = ["127.0.0.0/8"]\n[[feeds]]\nurl = "{server.url}/news"\n'
            'kind = "page"\nitem = "article:nth-child(2)"\n',
            "utf-8",
        )
        configured = await terminal.run("feeds", "parse", f"{server.url}/news")
        followed = await terminal.run("feeds", "parse", f"{server.url}/index.xml", "--kind", "sitemap")
    (terminal.folder / "list.html").write_bytes(
        b"<link rel=canonical href=https://wire.example/news>" + listing(("/1", ADA), ("/2", GRACE), ("/3", OTHER))
    )
    (terminal.folder / "map.xml.gz").write_bytes(gzip.compress(of_news(("http://a.example/1", ADA, "")).encode()))
    guessed = await terminal.run("feeds", "parse", "list.html", "--kind", "page")
    unpacked = await terminal.run("feeds", "parse", "map.xml.gz", "--kind", "sitemap")

    assert [one["title"] for one in configured.lines] == [GRACE]
    assert [one["title"] for one in followed.lines] == [ADA]
    assert "took 3 <article> elements" in guessed.err
    assert guessed.lines[0]["link"] == "https://wire.example/1"
    assert [one["title"] for one in unpacked.lines] == [ADA]


async def test_check_online_asks_pages_and_sitemaps_and_says_what_robots_txt_forbids(terminal: Terminal) -> None:
    async with FeedServer() as server:
        server.routes |= {
            "/robots.txt": Response(body=b"User-agent: *\nDisallow: /private\nDisallow: /1"),
            "/news": Response(body=listing(("/2", ADA), ("/3", GRACE), ("/4", OTHER))),
            "/private": Response(body=listing(("/2", ADA), ("/3", GRACE), ("/4", OTHER))),
            "/news.xml": Response(body=of_news((f"{server.url}/1", ADA, "")).encode()),
        }
        tables = "".join(
            f'[[feeds]]\nurl = "{server.url}{path}"\nkind = "{kind}"\n{more}\n'
            for path, kind, more in (
                ("/news", "page", ""),
                ("/private", "page", ""),
                ("/news.xml", "sitemap", "full_text = true"),
            )
        )
        terminal.config.write_text(f'[network]\nallow_private = ["127.0.0.0/8"]\n{tables}', "utf-8")
        said = await terminal.run("check", "--online")

    assert said.code == 1
    page, private, news = said.out.splitlines()[:3]
    assert page.startswith("ok")
    assert "3 items; no selectors are given: took 3 <article> elements" in page
    assert private.startswith("WRONG")
    assert private.endswith("robots.txt of 127.0.0.1 does not allow it")
    assert news.startswith("WRONG")
    assert "1 item; full_text reads nothing: robots.txt of 127.0.0.1 does not allow it" in news
    assert "/private" not in [request.target for request in server.log]
