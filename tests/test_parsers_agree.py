"""Whatever the fast path reads, it reads as feedparser does, to the last field; of the rest it keeps its hands off.

There is no list of allowed differences: what differs is declined.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.formats import Document, Parser, Unreadable, read_document
from monitor.formats.namespaces import KNOWN

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
URL = "https://feed.example/feed"
FEEDS = Path(__file__).parent / "feeds"

SPACES = {
    "": "http://www.w3.org/2005/Atom",
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "xhtml": "http://www.w3.org/1999/xhtml",
    "georss": "http://www.georss.org/georss",
    "gml": "http://www.opengis.net/gml",
    "cc": "http://web.resource.org/cc/",
    "psc": "http://podlove.org/simple-chapters",
    "admin": "http://webns.net/mvcb/",
    "creativeCommons": "http://backend.userland.com/creativeCommonsRssModule",
    "x": "http://example.org/nobody-knows-it",
}
DECLARED = " ".join(f"xmlns:{prefix}='{uri}'" for prefix, uri in SPACES.items() if prefix not in ("", "rdf"))


def rss(items: str, channel: str = "", attributes: str = "") -> str:
    root = f"rss version='2.0' {DECLARED} {attributes}"
    return f"<{root}><channel><title>T</title>{channel}{items}<ttl>5</ttl></channel></rss>"


def atom(entries: str, feed: str = "", attributes: str = "") -> str:
    return f"<feed xmlns='{SPACES['']}' {DECLARED} {attributes}><title>T</title>{feed}{entries}</feed>"


def rdf(items: str, channel: str = "", attributes: str = "") -> str:
    declared = f"xmlns:rdf='{SPACES['rdf']}' xmlns='http://purl.org/rss/1.0/' {DECLARED} {attributes}"
    about = f"<channel rdf:about='https://a.example/'><title>T</title>{channel}</channel>"
    return f"<rdf:RDF {declared}>{about}{items}</rdf:RDF>"


def reading(body: str | bytes, parser: Parser) -> Document | str:
    sent = body if isinstance(body, bytes) else body.encode()
    try:
        return read_document(sent, {}, URL, now=NOW, parser=parser)
    except Unreadable as unreadable:
        return str(unreadable)


def fast(body: str | bytes) -> bool:
    """Whether the fast path reads `body`; it must agree, if so."""
    ours, theirs = reading(body, Parser.AUTO), reading(body, Parser.FEEDPARSER)
    if isinstance(ours, str) or isinstance(theirs, str):
        assert ours == theirs, body
        return False
    assert ours.items == theirs.items, body
    assert replace(ours, engine="") == replace(theirs, engine=""), body
    return ours.engine == "expat"


# -- real feeds


def test_real_feeds_are_read_as_by_feedparser_and_seldom_declined(corpus: Path) -> None:
    bodies = [path.read_bytes() for path in sorted((corpus / "feeds").rglob("*")) if path.is_file()]

    assert sum(map(fast, bodies)) > 0.9 * len(bodies)


@pytest.mark.parametrize("path", sorted(FEEDS.glob("*.xml")), ids=lambda path: path.name)
def test_the_golden_feeds_are_read_as_by_feedparser(path: Path) -> None:
    fast(path.read_bytes())


# -- every element feedparser knows, wherever it may stand


def _elements() -> list[str]:
    """All that feedparser has methods for, and some that it has none for."""
    names = {name.removeprefix("_start_").removeprefix("_end_") for name in dir(feedparser.api.StrictFeedParser)
             if name.startswith(("_start_", "_end_"))}  # fmt: skip
    unknown = {
        "comments",
        "date",
        "authors",
        "links",
        "items",
        "ttl",
        "x_thing",
        "slash_comments",
        "feedburner_origlink",
    }
    return sorted(names | unknown | {"itunes_title", "sy_updateperiod", "media_keywords", "content_detail", "gd_image"})


def _named(name: str) -> str:
    prefix, _, local = name.partition("_")
    return f"{prefix}:{local}" if local and prefix in SPACES else name


SHAPES = (
    "<{0}>said</{0}>",
    "<{0}/>",
    "<{0}> https://a.example/x?a=1&amp;amp;b=2 </{0}><{0}>again</{0}>",
    "<{0} href='https://a.example/1' url='https://a.example/2' text='t' label='l' term='w' type='HTML'>said</{0}>",
    "<{0} type='text/plain' mode='escaped' isPermaLink='false'>&lt;b&gt;R&amp;amp;D&lt;/b&gt;</{0}>",
    "<{0} rel='enclosure' href='https://a.example/1.mp3' length='3' type='audio/mpeg'/>",
    "<{0}><name>Ada</name><email>ada@example.org</email><uri>https://a.example/</uri></{0}>",
    "<{0}>a<title>inner</title>b<link>https://a.example/inner</link><id>inner</id><url>u</url></{0}>",
    "<{0}><description>inner</description><media:title>m</media:title><category>c</category></{0}><title>later</title>",
    "<{0} type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>a &amp; <b>b</b><br/></div></{0}>",
    "<{0} xml:lang='pt_BR' xml:base='https://base.example/d/'><url>x</url></{0}><link>relative</link><guid>g</guid>",
    "<media:group><{0}>in a group</{0}><title>inner</title></media:group><{0}>out</{0}>",
    "<x:y><x:z a='1'><{0}>deep</{0}></x:z></x:y><summary>s</summary><description>d</description>",
    "<source url='https://a.example/'><{0}>of another</{0}></source><title>after</title>",
    "<author><{0}>Ada</{0}></author><image><{0}>pic</{0}></image>",
)
BEFORE = "<title>First</title><link>https://a.example/1</link><description>&lt;p&gt;First&lt;/p&gt;</description>"
AFTER = "<item><title>Next</title><link>next</link><guid>2</guid></item>"


@pytest.mark.parametrize("shape", SHAPES)
def test_an_element_is_declined_or_means_the_same(shape: str) -> None:
    read = 0
    for name in _elements():
        if name:
            elements = shape.format(_named(name))
            read += fast(rss(f"<item>{elements}</item>{AFTER}")) + fast(atom(f"<entry>{BEFORE}{elements}</entry>"))
            read += fast(rdf(AFTER, elements))

    assert read


# -- odd documents


@pytest.mark.parametrize(
    "body",
    [
        "<rss><channel/></rss>",
        "<rss/>",
        "<feed/>",
        f"<feed xmlns='{SPACES['']}'/>",
        f"<rdf:RDF xmlns:rdf='{SPACES['rdf']}'/>",
        f"<rdf:RDF xmlns:rdf='{SPACES['rdf']}'><channel><title>x</title></channel></rdf:RDF>",
        "<channel><item><title>CDF</title></item></channel>",
        "<RSS><CHANNEL><TITLE>T</TITLE><ITEM><TITLE>Large</TITLE><LINK>https://a.example</LINK></ITEM></CHANNEL></RSS>",
        rss("<item><title>a</title><item><title>b</title></item></item>"),
        rss("<item HREF='https://a.example/1' href='https://a.example/2'><title>a</title></item>"),
        rss("<item lastmod='2026-01-01'><title>a</title></item>"),
        rss("<item><link HREF='https://a.example/1' href='https://a.example/2'/></item>"),
        rss("<item><link x:href='https://a.example/1'/></item>"),
        rss("<item><link rel='x' type='TEXT/HTML' href=''/><guid>https://a.example/1</guid></item>"),
        rss("<item><link url='https://a.example/1'/><link uri='https://a.example/2'/></item>"),
        rss("<item><link>http:///a.example/1</link><guid>http:////a.example/2</guid></item>"),
        rss("<item><link>https://a.example/?a=1&amp;b=2&amp;amp;c;d=3&amp;copy;</link></item>"),
        rss("<item><link><![CDATA[ https://a.example/?a=1&b=2 ]]></link><link/></item>"),
        rss("<item><guid isPermaLink='false'>12</guid></item><item><guid>12</guid></item>"),
        rss("<item><title>Ã©tÃ© Ã¼ber</title><link>https://a.example/Ã©</link></item>"),
        rss("<item><title>it&#146;s &#x92; \x92</title><description>a&#133;b &#151;</description></item>"),
        rss("<item><title>a &#7; b</title></item>"),
        rss("<item><title><![CDATA[a &#7; b &#x1F; &#0;]]></title></item>"),
        rss("<item><title>a<!-- c -->b<?php pi ?>c<![CDATA[ <d> ]]></title></item>"),
        rss("<item><title>AT&T &nbsp; &copy; R&D</title></item>"),
        rss("<item><title>a &undefined; b</title></item>"),
        rss("<item><title>\x0ba\x00b\ufffe</title></item>"),
        rss("<item><title>never closed</item>"),
        rss("<item><title>x</title></item>")[:-30],
        "<!-- <b --><!DOCTYPE rss [<!ENTITY x 'y'>]>" + rss("<item><title>&x;</title></item>"),
        "<!DOCTYPE rss PUBLIC '-//Netscape Communications//DTD RSS//EN' 'x'>" + rss("<item><title>x</title></item>"),
        "<!-- x --> <!DOCTYPE rss>" + rss("<item><title>not at the beginning of a line</title></item>"),
        "<!DOCTYPE rss>\n<!DOCTYPE rss>" + rss("<item><title>x</title></item>"),
        "<!DOCTYPE rss PUBLIC 'a>b' 'c'>" + rss("<item><title>x</title></item>"),
        "<!-- <b -->\n<!DOCTYPE html>" + rss("<item><title>x</title></item>"),
        "<!--\n<!DOCTYPE html>\n-->" + rss("<item><title>x</title></item>"),
        "<!DOCTYPE rss [<!ELEMENT x ANY>]>" + rss("<item><title>x</title></item>"),
        "<?xml version='1.1'?>" + rss("<item><title>x</title></item>"),
        "<?xml version='1.0' encoding='utf-16'?>" + rss("<item><title>é</title></item>"),
        "<?xml version='1.0' encoding='nonsense' standalone='yes'?>\n\n" + rss("<item><title>é</title></item>"),
        "<?xml-stylesheet href='x.xsl'?>" + rss("<item><title>x</title></item>"),
        rss("<item><title>x</title></item>", attributes="xml:lang='en_US' xml:base='https://b.example/a/'"),
        rss("<item><link>x</link><guid>y</guid><enclosure url='z'/></item>", "", "xml:base='https://b.example/a/'"),
        rss("<item><link>x</link><guid>y</guid></item>", attributes="base='relative/'"),
        rss("<item xml:base='javascript:x'><link>x</link></item><item xml:base='//h/'><link>y</link></item>"),
        rss("<item><content:encoded xml:base='https://c.example/'>t</content:encoded><link>x</link></item>" + AFTER),
        rss("<item><title>x</title></item>", "<link>https://a.example/é</link><language>EN_us</language><language/>"),
        rss("<item><link>rel</link></item>", "<atom:link rel='self' href='https://s.example/'/><link>//h.example/</link>"),
        rss("<item/>", "<image><title>I</title><url>u</url><link>https://i.example/</link></image><title>Second</title>"),
        rss("<item/>", "<image><title>I</title><foo/><title>J</title></image>"),
        rss("<item/>", "<textInput><title>I</title><name>q</name></textInput><link>https://a.example/</link>"),
        rss("<item><source>S</source><title>1</title><title>2</title><source>T</source><title>3</title></item>"),
        rss("<item><media:title>m</media:title><title/><media:title>n</media:title></item>"),
        rss("<item><title/><media:group><media:title>m</media:title></media:group></item>"),
        rss("<item><content:encoded>1</content:encoded><description>2</description><description>3</description></item>"),
        rss("<item><description>1</description><description>&lt;b&gt;2&lt;/b&gt;</description></item>"),
        rss("<item><description/><description>2</description><content:encoded>3</content:encoded></item>"),
        rss("<item><description>&lt;b&gt;1</description><atom:summary>5 &lt; 6 &amp;amp; 7</atom:summary></item>"),
        rss("<item><category/><category domain='d'/><category>a</category><category domain='d'>a</category></item>"),
        rss("<item><category label='l'/><category>t</category><itunes:keywords>a, b,,a</itunes:keywords></item>"),
        rss("<item><media:keywords>a,b</media:keywords><media:keywords role='x'>c</media:keywords></item>"),
        rss("<item><author>a@b.example (Ada)</author><dc:creator/><author>Bo</author><author/></item>"),
        rss("<item><author>Ada<name/></author><author><uri>x</uri>Bo</author></item>", "<managingEditor/>"),
        rss("<item><media:keywords role='x'><title>t</title></media:keywords></item>"),
        "<!-- <!DOCTYPE x> --><?pi <!ENTITY x?>" + rss("<item><title><![CDATA[<!DOCTYPE html>]]></title></item>"),
        "<!-- never closed " + rss("<item><title>x</title></item>"),
        rss("<item><pubDate>x</pubDate><dc:date>2026-01-01</dc:date><atom:published>2026-01-02</atom:published></item>"),
        rss("<item><x:y><pubDate>Mon, 05 Jan 2026 00:00:00 GMT</pubDate></x:y><pubDate>2026-01-06</pubDate></item>"),
        rss("<item xmlns:media='http://wrong.example/'><media:content url='https://a.example/1'/></item>"),
        rss("<item xmlns:y='http://wrong.example/'><y:title>y</y:title><title xmlns=''>z</title></item>"),
        rss("<item xmlns:dc='http://search.yahoo.com/mrss/'><dc:title>y</dc:title></item>"),
        rss("<item xmlns:y='http://w.example/'><y:a/></item><item xmlns:z='http://w.example/'><z:title>z</z:title></item>"),
        "<rss xmlns='http://unknown.example/'><channel><item><title>x</title></item></channel></rss>",
        "<x:rss xmlns:x='http://unknown.example/'><channel><item><title>x</title></item></channel></x:rss>",
        "<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:entry><a:title type='html'>x</a:title></a:entry></a:feed>",
        f"<feed xmlns='{SPACES['']}' xmlns:r='http://purl.org/rss/1.0/'><entry><updated>2026-01-01</updated></entry></feed>",
        f"<feed xmlns='{SPACES['']}' xmlns:rdf='{SPACES['rdf']}'><author><name>A</name></author><entry/></feed>",
        f"<rdf:RDF xmlns:a='{SPACES['']}' xmlns:rdf='{SPACES['rdf']}' xmlns='http://purl.org/rss/1.0/'>"
        "<item rdf:about='about'><title>x</title><description>5 &lt; 6</description></item></rdf:RDF>",
        "<rss version='2.0'><channel><title>T</title></channel><item><title>outside</title></item><link>x</link></rss>",
        "<rss><channel><title>1</title></channel><channel><title>2</title><item/></channel></rss>",
        atom("<entry><content type='base64'>YQ==</content></entry>"),
        atom("<entry><content mode='base64' type='text/plain'>YQ==</content></entry>"),
        atom("<entry><content type='image/png' src='https://a.example/'/></entry>"),
        atom("<entry><content type='application/xml'><a>b</a></content></entry>"),
        atom("<entry><content type='xhtml'>loose &lt;text&gt; &amp;amp;</content><summary type='xhtml'/></entry>"),
        atom("<entry><content type='xhtml'><div><svg><title>t</title></svg><p base='x'>y</p></div></content></entry>"),
        atom("<entry><title type='xhtml'><div>t <b>b</b></div></title><title>u</title></entry>"),
        atom("<entry><title>Vec&lt;T&gt;</title><content type='html'>&lt;b&gt;x</content></entry>"),
        atom("<entry><title type='xhtml'><div/></title><title>u</title></entry>"),
        atom("<entry><title type='xhtml'><div>t <x:b y='&lt;'>b</x:b> &lt;i&gt;</div></title></entry>"),
        atom("<entry><title type='xhtml'><p class='&gt;'>5 &lt; 6</p> <a>é</a></title><title>u</title></entry>"),
        atom("<entry><content type='xhtml'><svg><svg/><title>t</title></svg><title>u</title></content></entry>"),
        atom("<entry><content type='xhtml'><xhtml:title>t</xhtml:title><x:my_p>a</x:my_p>b</content></entry>"),
        atom("<entry><content type='xhtml'><media:title>t</media:title><xhtml:source/></content></entry>"),
        atom("<entry><content type='xhtml'><source/></content><source><author>S</author></source></entry>"),
        atom("<entry><content type='xhtml'><x:my_svg><title>t</title></x:my_svg></content></entry>"),
        atom("<entry><rights type='xhtml'><div>r <b>s</b></div></rights><title>t</title></entry>"),
        atom("<entry><rights type='xhtml'><title>r</title></rights><title>t</title></entry>"),
        atom("<entry><rights type='html'><b>r</b></rights><title>t</title></entry>"),
        rss("<item><image><title>I</title><link>https://i.example/</link><url>u</url></image><title>t</title></item>"),
        rss("<item><image><link>https://i.example/</link></image></item>", "<image><url>u</url></image>"),
        rss("<item><image><link href='https://i.example/'/></image><link>https://a.example/</link></item>"),
        rss("<item><author><title>Dr</title>Ada</author><title>t</title></item>"),
        rss("<item><title>t</title><author><name>Ada</name><title>Dr</title></author></item>"),
        rss("<item><author><title type='x'>Dr</title></author></item>", "<managingEditor><title/></managingEditor>"),
        atom("<entry/>", "<author><name>F</name></author><id>https://id.example/</id>"),
        atom("<entry><source><author><name>S</name></author><title>x</title></source><link href='x'/></entry>"),
        atom("<entry xml:lang='de'><title xml:lang=''>x</title><summary xml:lang='fr'>y</summary></entry>"),
        atom("<entry><link href='https://a.example/1' rel='via'/><link href='x' type='image/png'/></entry>"),
    ],
)  # fmt: skip
def test_an_odd_document_is_declined_or_read_as_by_feedparser(body: str) -> None:
    fast(body)


def test_what_is_declared_as_another_encoding_is_read_as_well() -> None:
    body = "<?xml version='1.0' encoding='windows-1252'?>" + rss("<item><title>“Café” — 5 €</title></item>")

    assert fast(body.encode("windows-1252"))


@pytest.mark.parametrize(
    "body",
    [
        "<?xml version='1.0'?>\n<!DOCTYPE html>\n" + rss("<item><title>a&nbsp;b</title></item>"),
        '<!DOCTYPE rss PUBLIC "-//W3C//DTD XHTML 1.0//EN" "x.dtd">' + rss("<item><title>a</title></item>"),
        atom("<entry><title type='xhtml'><div>a <b>b</b></div></title></entry>"),
        atom("<entry><content type='xhtml'><div><svg><title>a</title></svg>b</div></content></entry>"),
        atom("<entry/>", "<rights type='xhtml'><div>free</div></rights>"),
        rss("<item><image><link>https://i.example/</link></image></item>"),
        rss("<item><author><name>Ada</name><title>Dr</title></author></item>"),
    ],
)
def test_what_is_odd_but_harmless_is_read_as_well(body: str) -> None:
    assert fast(body)


def test_what_only_lacks_references_is_read_as_well() -> None:
    assert fast(rss("<item><title>AT&T &amp; R&D&nbsp;Labs</title></item>"))


def test_the_prefixes_are_those_of_feedparser() -> None:
    theirs = {uri.lower(): prefix.lower() for uri, prefix in feedparser.api.StrictFeedParser.namespaces.items()}

    assert theirs == KNOWN


# -- anything

LOCALS = (
    *("title", "link", "guid", "id", "description", "summary", "content", "pubDate", "updated", "published", "author"),
    *("name", "email", "category", "enclosure", "source", "language", "image", "url", "comments", "subtitle", "p", "b"),
    *("dc:creator", "dc:date", "dc:title", "dc:subject", "dc:description", "content:encoded", "media:content"),
    *("media:group", "media:title", "media:description", "media:thumbnail", "media:keywords", "itunes:author"),
    *("itunes:summary", "itunes:title", "itunes:category", "itunes:keywords", "itunes:owner", "atom:link"),
    *("feedburner:origLink", "x:thing", "xhtml:div", "contributor", "rights", "date", "keywords", "item", "entry"),
)
TEXTS = st.one_of(
    st.sampled_from(
        ("", "  ", "One", "https://a.example/1", "/relative?a=1&b=2", "2026-01-01T00:00:00Z", "Ã©", "é ü 漢")
    ),
    st.sampled_from(
        ("<b>bold</b> R&amp;D", "5 < 6", "ada@example.org (Ada)", "text\x92s", "http:///x", "<p>a</p><p>b</p>")
    ),
    st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=8),
)
ATTRIBUTES = st.dictionaries(
    st.sampled_from(
        (
            *("type", "rel", "href", "url", "isPermaLink", "domain", "term", "label", "text", "mode", "src"),
            *("xml:lang", "xml:base", "lang", "x:y"),
        )
    ),
    st.sampled_from(
        ("html", "xhtml", "text", "text/html", "alternate", "self", "enclosure", "https://a.example/", "", "false")
    ),
    max_size=2,
)


@st.composite
def elements(draw: st.DrawFn, depth: int = 2) -> str:
    name, attributes, text = draw(st.sampled_from(LOCALS)), draw(ATTRIBUTES), draw(TEXTS)
    written = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    said = f"<![CDATA[{text}]]>" if draw(st.booleans()) and "]]>" not in text else escape(text)
    inside = draw(st.lists(elements(depth - 1), max_size=2)) if depth and draw(st.integers(0, 3)) == 0 else []
    return f"<{name}{written}>{said}{''.join(f'{one} ' for one in inside)}</{name}>"


@st.composite
def feeds(draw: st.DrawFn) -> str:
    root = draw(st.sampled_from((rss, atom, rdf)))
    tag = "entry" if root is atom else "item"
    items = [
        f"<{tag}>{''.join(draw(st.lists(elements(), max_size=6)))}</{tag}>" for _ in range(draw(st.integers(0, 3)))
    ]
    around = draw(st.lists(elements(), max_size=3))
    return root(
        "".join(items), "".join(around), draw(st.sampled_from(("", "xml:lang='de'", "xml:base='https://b.example/'")))
    )


@settings(max_examples=300)
@given(feeds())
def test_any_feed_is_declined_or_read_as_by_feedparser(body: str) -> None:
    fast(body)


@settings(max_examples=100)
@given(feeds(), st.integers(0, 400))
def test_any_feed_that_is_cut_off_is_read_as_by_feedparser(body: str, missing: int) -> None:
    fast(body[: len(body) - missing])


def _cut() -> Iterator[bytes]:
    body = (FEEDS / "rss20.xml").read_bytes()
    yield from (body[:end] for end in range(1, len(body), 7))


def test_a_feed_that_is_cut_off_is_no_work_for_the_fast_path() -> None:
    for body in _cut():
        with suppress(Unreadable):
            assert read_document(body, {}, URL, now=NOW).engine == "feedparser", body[-40:]
