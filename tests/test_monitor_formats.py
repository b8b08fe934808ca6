"""What a feed writes, and the plain item that comes of it."""

import codecs
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.formats import FORMATS, LONGEST, Document, Parser, Unreadable, parse_items_json, read_document
from monitor.reader import Reader
from rules.identity import keys_of
from rules.records import FeedKind

FEEDS = Path(__file__).parent / "feeds"
GOLDEN = sorted(path for path in FEEDS.iterdir() if not path.name.endswith(".expected.json"))
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
URL = "https://feed.example/feed"

ITUNES = "xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'"
MEDIA = "xmlns:media='http://search.yahoo.com/mrss/'"
CONTENT = "xmlns:content='http://purl.org/rss/1.0/modules/content/'"
DC = "xmlns:dc='http://purl.org/dc/elements/1.1/'"

WHOLE = "<item><title>Whole</title><link>https://a.example/1</link></item>"


def read(body: bytes | str, *, content_type: str = "", incomplete: bool = False) -> Document:
    sent = body if isinstance(body, bytes) else body.encode()
    headers = {"content-type": content_type} if content_type else {}
    return read_document(sent, headers, URL, now=NOW, incomplete=incomplete)


def rss(items: str, *, channel: str = "", declaration: str = "", namespaces: str = "") -> str:
    return f"{declaration}<rss version='2.0' {namespaces}><channel><title>T</title>{channel}{items}</channel></rss>"


def atom(entries: str, feed: str = "") -> str:
    return f"<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title>{feed}{entries}</feed>"


def json_feed(*items: Any, **feed: Any) -> str:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "T", **feed, "items": items})


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.name)
def test_a_feed_is_read_as_written_down(path: Path) -> None:
    document = read(path.read_bytes())

    assert json.loads(path.with_suffix(".expected.json").read_text("utf-8")) == {
        "title": document.title,
        "language": document.language,
        "ttl": document.ttl,
        "period": document.period,
        "truncated": document.truncated,
        "warnings": list(document.warnings),
        "items": parse_items_json(document),
    }


# -- what is no feed


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "an empty body, not a feed"),
        (b" \r\n ", "an empty body, not a feed"),
        (codecs.BOM_UTF8, "an empty body, not a feed"),
        (b"<!DOCTYPE html><html><head><title>Log in</title></head></html>", "an HTML page, not a feed"),
        (b"<!-- portal -->\n<HTML lang='en'><body>Log in</body></HTML>", "an HTML page, not a feed"),
        (b"<?xml version='1.0'?><opml version='2.0'><body/></opml>", "a list of feeds (OPML), not a feed"),
        (b"<?xml version='1.0'?><sitemapindex/>", "XML, but not a feed"),
        (b"Forbidden", "not a feed: neither RSS, Atom, RDF nor JSON Feed"),
        (b'{"error": "rate limited"}', "JSON, but not a JSON Feed"),
        (b'["https://jsonfeed.org/version/1"]', "JSON, but not a JSON Feed"),
        (b'{"version": "https://jsonfeed.org/version/1", "items": 5}', "JSON, but not a JSON Feed"),
        (b'{"version": "https://jsonfeed.org/version/1", "items": [', "not valid JSON, so not a JSON Feed"),
        (b"[" * 200_000, "nested too deeply to be a feed"),
        (b'{"version":' * 200_000, "nested too deeply to be a feed"),
        (b"/etc/passwd", "not a feed: neither RSS, Atom, RDF nor JSON Feed"),
        (b"http://127.0.0.1:9/feed.xml", "not a feed: neither RSS, Atom, RDF nor JSON Feed"),
        (bytes(range(256)), "not a feed: neither RSS, Atom, RDF nor JSON Feed"),
    ],
)
def test_what_is_no_feed_is_told_in_a_sentence(body: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable) as unreadable:
        read(body)

    assert str(unreadable.value) == sentence


def test_a_json_feed_that_is_cut_off_is_told_in_a_sentence() -> None:
    with pytest.raises(Unreadable, match="a JSON Feed that is cut off"):
        read(json_feed({"id": "1"})[:-3], incomplete=True)


@pytest.mark.parametrize(
    "content_type", ["text/xml", "text/html; charset=UTF-8", "text/plain", "application/octet-stream", "nonsense;;="]
)
def test_a_feed_is_a_feed_whatever_the_server_calls_it(content_type: str) -> None:
    assert [item.title for item in read(rss(WHOLE), content_type=content_type).items] == ["Whole"]
    assert [item.guid for item in read(json_feed({"id": "1"}), content_type=content_type).items] == ["1"]


def test_a_feed_without_items_is_a_feed() -> None:
    assert read(rss("")).items == ()


def test_a_body_that_names_a_file_does_not_open_it(tmp_path: Path) -> None:
    feed = tmp_path / "feed.xml"
    feed.write_text(rss("<item><title>from the disk</title></item>"))

    with pytest.raises(Unreadable):
        read(str(feed))


def test_an_external_entity_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cret")
    body = f"<!DOCTYPE rss [<!ENTITY x SYSTEM '{secret.as_uri()}'>]>" + rss("<item><title>a &x; b</title></item>")

    assert "s3cret" not in str(read(body))


def test_entities_do_not_blow_up() -> None:
    levels = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))
    body = f"<!DOCTYPE rss [<!ENTITY l0 'lol'>{levels}]>" + rss("<item><title>&l9; x</title></item>")

    assert len(str(read(body))) < 10_000


@given(st.binary(max_size=200))
def test_bytes_are_a_feed_or_unreadable_and_nothing_else(body: bytes) -> None:
    for start in (
        b"",
        b"<rss version='2.0'><channel><item><title>",
        b'{"version":"https://jsonfeed.org/version/1","items":[',
    ):
        with suppress(Unreadable):
            assert isinstance(read(start + body), Document)


# -- what is missing


@pytest.mark.parametrize(
    ("tail", "titles"),
    [
        ("<item><title>Half</title><link>https://a.exa", ["Whole"]),
        ("<item><title>Half</title><description><![CDATA[see </item> and", ["Whole"]),
        ("<item><title>Half</title><!-- </item> -->", ["Whole"]),
        ("<item><title>Half</title><!-- </item> and", ["Whole"]),
        ("<item><title>Half</title></it", ["Whole"]),
        ("<item><title>Half</title><media:item>x</media:item>", ["Whole"]),
        ("<item><title>R&D</title></item><item><title>Half", ["Whole", "R&D"]),
        ("<item><title>&nbsp;Odd</title></item><item><title>Half</title><guid>1", ["Whole", "Odd"]),
        ("<item><title>Second</title></item>", ["Whole", "Second"]),
        ("<item><title>Second</title></item></channel>", ["Whole", "Second"]),
        ("<item><title>Second</title></item></channel></rs", ["Whole", "Second"]),
        ("<item><title>Second</title></item><image><title>Hal", ["Whole", "Second"]),
        ("<item", ["Whole"]),
        ("<item rdf:about='http://a", ["Whole"]),
    ],
)
def test_only_an_entry_that_is_cut_off_is_dropped(tail: str, titles: list[str]) -> None:
    document = read(f"<rss version='2.0'><channel><title>T</title>{WHOLE}{tail}")

    assert [item.title for item in document.items] == titles
    assert document.truncated
    assert document.warnings[0].startswith("the end of the feed is missing")


def test_a_feed_that_is_cut_off_in_its_first_entry_has_none() -> None:
    start = "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'>"

    for cut in (f"{start}<item rdf:about='http://a", f"{start}<item rdf:about='http://a.example'><title>Ha", start):
        document = read(cut)

        assert (document.items, document.truncated) == ((), True)


def _cut_everywhere(body: bytes) -> Iterator[Document]:
    for end in range(1, len(body), 3):
        with suppress(Unreadable):
            yield read(body[:end], incomplete=True)


@pytest.mark.parametrize("name", ["rss20.xml", "atom10.xml", "rdf.xml", "podcast.xml", "latin1.xml", "illformed.xml"])
def test_wherever_a_feed_is_cut_off_nothing_of_it_is_news(name: str) -> None:
    body = (FEEDS / name).read_bytes()
    whole = read(body)
    known = {key for keys in keys_of(whole.items) for key in keys}

    for document in _cut_everywhere(body):
        assert document.truncated
        assert [item.guid for item in document.items] == [item.guid for item in whole.items[: len(document.items)]]
        assert all(known & set(keys) for keys in keys_of(document.items))


def test_no_entry_of_a_whole_feed_is_dropped_though_the_connection_ended_early() -> None:
    document = read(rss(WHOLE), incomplete=True)

    assert [item.title for item in document.items] == ["Whole"]
    assert document.truncated


@pytest.mark.parametrize(
    "odd",
    [
        "<item><title>AT&T < nobody</title></item>",
        "<item><title>Odd</title>",
        "<item><title>Odd</title><description><p>never closed</description></item>",
        "<item><title>Odd</item>",
    ],
)
@pytest.mark.parametrize(
    "after", ["", "\n<!-- cached -->", "<script>track('</item>')</script>", "<br>Fatal error: in x.php"]
)
def test_a_feed_that_is_ill_formed_but_ends_loses_nothing(odd: str, after: str) -> None:
    document = read(rss(f"{WHOLE}{odd}{WHOLE.replace('Whole', 'Last')}") + after)

    titles = [item.title for item in document.items]
    assert (titles[0], titles[-1], len(titles)) == ("Whole", "Last", 3)
    assert not document.truncated


# -- what is ill-formed or nonsense


@pytest.mark.parametrize(
    "wrong",
    [
        *("\x00", "\x0b", "\x1f", "\ufffe", "&#0;", "&#x1F;", "&#11;", "&#xD800;", "&#xFFFF;", "&#55296;", "&#0000;"),
        *(
            "&#1114112;",
            "&#x110000;",
            "&#99999999999;",
            "&#" + "9" * 5_000 + ";",
            "&#x" + "f" * 5_000 + ";",
            "&#99999999 ",
        ),
    ],
)
def test_characters_that_xml_has_not_are_removed(wrong: str) -> None:
    assert read(rss(f"<item><title>Jason{wrong} Wei</title></item>{WHOLE}")).items[0].title == "Jason Wei"


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("AT&T", "AT&T"),
        ("R&D &amp; more", "R&D & more"),
        ("caf&eacute; &nbsp;&rsquo;s", "café ’s"),
        ("&bogus; &copyright; &", "&bogus; &copyright; &"),
        ("&#8217;&#x1F600;&#0038;", "’😀&"),
        ("<![CDATA[a && b &rsquo;]]> &c", "a && b ’ &c"),
        ("&LT;b&GT; 5 &lt; 6", "5 < 6"),
    ],
)
def test_ampersands_of_an_ill_formed_feed_are_read_as_they_were_meant(written: str, title: str) -> None:
    items = read(rss(f"<item><title>{written}</title></item><item><title>& ill-formed</title></item>")).items

    assert [item.title for item in items] == [title, "& ill-formed"]


def test_an_entry_is_the_same_item_whether_or_not_another_is_ill_formed() -> None:
    entry = (FEEDS / "wordpress.xml").read_text("utf-8")
    odd = entry.replace("<item>", "<item><title>Odd & ill-formed</title></item><item>", 1)

    assert read(odd).items[1:] == read(entry).items


@pytest.mark.parametrize(
    "odd",
    [
        "<links a='b'/>",
        "<authors a='b'/><author>x</author>",
        "<tags a='b'/><category>x</category>",
        "<content_x a='b'/><summary_detail a='b'/><title_detail a='b'/>",
        "<image><link>x<foo/></link></image>",
        "<textinput><link>x</link></textinput>",
        "<source><link>http://x</source><description>never closed",
        "<psc:chapters xmlns:psc='http://podlove.org/simple-chapters'><psc:chapter/></psc:chapters>",
        "<g:point xmlns:g='http://www.georss.org/georss'>north</g:point>",
        "<m:rating xmlns:m='http://search.yahoo.com/mrss/'/><m:restriction xmlns:m='http://search.yahoo.com/mrss/'/>",
        "<x xmlns='http://a space in a namespace/'/>",
        "<x xmlns='http://a&#160;b&#160;c'><y/></x>",
        "<link href='http://[broken'/><a:link xmlns:a='http://www.w3.org/2005/Atom' rel='alternate'/>",
        "<b xml:base='http://[broken' xml:lang=''/>",
        "<content type='image/png' mode='base64'>no base64</content>",
        "<enclosure/><enclosure url=''/>",
        "<pubDate></pubDate><updated/><dc:date xmlns:dc='http://purl.org/dc/elements/1.1/'>x</dc:date>",
        "<svg><title>of a picture</title></svg>",
        "<description><svg></description>",
        "<description><svg><title></description>",
    ],
)
def test_an_odd_element_costs_nothing_but_itself(odd: str) -> None:
    items = read(rss(f"<item><title>Odd</title><guid isPermaLink='false'>1</guid>{odd}</item>{WHOLE}")).items

    assert [item.title for item in items] == ["Odd", "Whole"]
    assert [item.guid for item in items] == ["1", ""]


def test_an_entry_with_nothing_in_it_is_an_item_with_nothing_in_it() -> None:
    items = read(rss(f"<item/>{WHOLE}<item><pubDate>Mon, 23 Nov 2026 10:00:00 GMT</pubDate></item>")).items

    assert [item.title for item in items] == ["", "Whole", ""]


# -- fields


def test_the_union_of_all_texts_is_kept_whatever_comes_first() -> None:
    parts = [
        "<description>of the publisher</description>",
        "<content:encoded>the whole story</content:encoded>",
        "<itunes:summary>for the telephone</itunes:summary>",
        "<itunes:subtitle>in a line</itunes:subtitle>",
        "<media:content><media:description type='plain'>under the picture</media:description></media:content>",
    ]
    for turn in range(len(parts)):
        body = rss(f"<item>{''.join(parts[turn:] + parts[:turn])}</item>", namespaces=f"{ITUNES} {MEDIA} {CONTENT}")
        (item,) = read(body).items
        said = f"{item.summary}\n{item.text}"

        for text in ("of the publisher", "the whole story", "for the telephone", "in a line", "under the picture"):
            assert said.count(text) == 1, (turn, said)
        assert item.summary == "of the publisher"


def test_what_is_said_twice_is_kept_once() -> None:
    twice = "<description>Said\n twice.</description><itunes:summary>Said twice.</itunes:summary>"
    (item,) = read(rss(f"<item>{twice}</item>", namespaces=ITUNES)).items

    assert (item.summary, item.text) == ("Said twice.", "")


def test_a_content_of_plain_text_is_not_taken_for_markup() -> None:
    (item,) = read(
        atom("<entry><title>x</title><content type='text'>Vec&lt;T&gt; and 5 &lt; 6</content></entry>")
    ).items

    assert (item.summary, item.text) == ("", "Vec<T> and 5 < 6")


@pytest.mark.parametrize(
    ("title", "read_as"),
    [
        ("<title>&lt;b&gt;Open&lt;/b&gt;AI &amp;amp; Meta&amp;#8217;s</title>", "OpenAI & Meta’s"),
        ("<title>&amp;lt;b&amp;gt;OpenAI&amp;lt;/b&amp;gt; &amp;amp;amp; Meta</title>", "OpenAI & Meta"),
        ("<title><![CDATA[<em>Q&amp;A</em> &rsquo;26]]></title>", "Q&A ’26"),
        ("<title>\n  Two\n  lines </title>", "Two lines"),
        ("<media:title>Of the film</media:title>", "Of the film"),
        ("<title>Of the page</title><media:title>Of the film</media:title>", "Of the page"),
        (
            "<media:content><media:title>Of the film</media:title></media:content><title>Of the page</title>",
            "Of the page",
        ),
        ("<itunes:title>Of the episode</itunes:title>", "Of the episode"),
        ("<dc:title>Dublin</dc:title>", "Dublin"),
    ],
)
def test_a_title_is_one_plain_line(title: str, read_as: str) -> None:
    (item,) = read(rss(f"<item>{title}</item>", namespaces=f"{MEDIA} {ITUNES} {DC}")).items

    assert item.title == read_as


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("<author>bob@site.media (Bob Bell)</author>", ("Bob Bell",)),
        ("<author>Bob Bell &lt;bob@site.media&gt;</author>", ("Bob Bell",)),
        ("<author>bob@site.media</author>", ("bob@site.media",)),
        ("<author>Bob Bell (editor)</author>", ("Bob Bell (editor)",)),
        ("<author>bob@site.media (Bob Bell (Jr.))</author>", ("Bob Bell (Jr.)",)),
        ("<author>noreply@blogger.com (Ada)</author><dc:creator>Bob</dc:creator>", ("Ada", "Bob")),
        (
            "<dc:creator>Ada</dc:creator><dc:creator></dc:creator><dc:creator>Bob, Carl</dc:creator>",
            ("Ada", "Bob, Carl"),
        ),
        ("<author><name>Ada</name><email>a@b.example</email></author>", ("Ada",)),
        ("<author><name></name><email>a@b.example</email></author>", ("a@b.example",)),
        ("<author><name>Ada</name></author><author><email>b@c.example</email></author>", ("Ada", "b@c.example")),
        ("<author></author>", ()),
        ("<author>" + "x" * 1_000 + "</author>", ("x" * 300,)),
    ],
)
def test_an_author_is_a_name(written: str, names: tuple[str, ...]) -> None:
    assert read(rss(f"<item>{written}</item>", namespaces=DC)).items[0].authors == names


def test_an_atom_entry_inherits_the_author_of_its_source_before_that_of_the_feed() -> None:
    feed = "<author><name>The feed</name></author>"
    source = "<source><author><name>The source</name></author></source>"
    items = read(atom(f"<entry><title>a</title>{source}</entry><entry><title>b</title></entry>", feed)).items

    assert [item.authors for item in items] == [("The source",), ("The feed",)]


def test_a_guid_does_not_depend_on_where_the_feed_was_found() -> None:
    body = rss("<item><guid>12345</guid><title>x</title></item>").encode()

    here = read_document(body, {}, "https://a.example/feed", now=NOW)
    there = read_document(body, {"content-location": "https://c.example/"}, "https://b.example/feed", now=NOW)

    assert here.items[0].guid == there.items[0].guid == "12345"
    assert here.items[0].link == ""


@pytest.mark.parametrize(
    ("channel", "link", "absolute"),
    [
        ("<link>https://site.example/news/</link>", "a", "https://site.example/news/a"),
        ("<link>/news/</link>", "a", "https://feed.example/news/a"),
        ("", "a", "https://feed.example/a"),
        ("", "//other.example/a", "https://other.example/a"),
        ("", "www.other.example/a", "https://www.other.example/a"),
        ("<link>site.example</link>", "feed.example/a", "https://feed.example/a"),
        ("", "\n https://a.example/\n\t 1 ", "https://a.example/1"),
        ("", "https://a.example/a b", "https://a.example/a%20b"),
        ("", "<![CDATA[https://a.example/?a=1&amp;b=2]]>", "https://a.example/?a=1&b=2"),
        ("", "javascript:alert(1)", ""),
        ("", "mailto:a@b.example", ""),
        ("", "http://[broken", ""),
        ("<link>javascript:1</link>", "a", "https://feed.example/a"),
        ("", "https://a.example/?a=1&amp;b=2", "https://a.example/?a=1&b=2"),
    ],
)
def test_a_link_is_an_absolute_http_address_or_nothing(channel: str, link: str, absolute: str) -> None:
    assert read(rss(f"<item><title>x</title><link>{link}</link></item>", channel=channel)).items[0].link == absolute


@pytest.mark.parametrize(
    ("written", "link"),
    [
        ("<link>https://a.example/1</link><guid>https://a.example/guid</guid>", "https://a.example/1"),
        ("<link>https://a.example/1</link><link/>", "https://a.example/1"),
        ("<guid>https://a.example/guid</guid>", "https://a.example/guid"),
        ("<guid isPermaLink='false'>https://a.example/guid</guid>", "https://a.example/guid"),
        ("<guid>/2026/guid</guid>", "https://feed.example/2026/guid"),
        ("<guid>story/12345</guid>", ""),
        ("<guid>tag:a.example,2026:x/1</guid>", ""),
        (
            "<guid isPermaLink='false'>https://a.example/?p=1</guid><enclosure url='/1.mp3'/>",
            "https://feed.example/1.mp3",
        ),
        (
            "<guid isPermaLink='false'>https://a.example/?p=1</guid><enclosure url='/1.jpg' type='image/jpeg'/>",
            "https://a.example/?p=1",
        ),
        ("<enclosure url='/1.jpg' type='image/jpeg'/>", "https://feed.example/1.jpg"),
        ("<media:content url='https://a.example/1.mp4'/>", "https://a.example/1.mp4"),
        ("<comments>https://a.example/comments</comments>", ""),
    ],
)
def test_what_names_the_article_is_its_link(written: str, link: str) -> None:
    assert read(rss(f"<item><title>x</title>{written}</item>", namespaces=MEDIA)).items[0].link == link


@pytest.mark.parametrize(
    ("links", "link"),
    [
        ("<link href='a'/>", "https://site.example/a"),
        (
            "<link rel='self' href='self'/><link rel='alternate' type='application/pdf' href='a.pdf'/>",
            "https://site.example/a.pdf",
        ),
        ("<link rel='replies' href='r'/><link rel='related' href='https://b.example/'/>", "https://b.example/"),
        ("<link rel='edit' href='e'/><link rel='self' href='s'/>", "https://site.example/s"),
        ("<link xml:base='https://c.example/d/' href='../a'/>", "https://c.example/a"),
    ],
)
def test_of_the_links_of_an_atom_entry_the_best_is_taken(links: str, link: str) -> None:
    feed = "<link rel='self' href='https://feed.example/feed'/><link href='https://site.example/'/>"

    assert read(atom(f"<entry><title>x</title>{links}</entry>", feed)).items[0].link == link


def test_an_atom_feed_that_names_only_itself_is_resolved_against_where_it_was_found() -> None:
    feed = "<link rel='self' href='https://elsewhere.example/feed'/>"

    assert (
        read(atom("<entry><title>x</title><link href='/a'/></entry>", feed)).items[0].link == "https://feed.example/a"
    )


def test_rss_1_is_dated_by_dublin_core_though_it_names_atom_first() -> None:
    body = (
        "<rdf:RDF xmlns:atom='http://www.w3.org/2005/Atom' xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' "
        f"xmlns='http://purl.org/rss/1.0/' {DC}><item><title>x</title><dc:date>2026-11-20</dc:date></item></rdf:RDF>"
    )

    assert read(body).items[0].published == datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize("shape", ["<channel><title>T</title></channel>{}", "<channel><title>T</title>{}</channel>"])
@pytest.mark.parametrize("space", ["http://purl.org/rss/1.0/", "http://my.netscape.com/rdf/simple/0.9/"])
def test_the_items_of_rdf_are_found_beside_and_inside_the_channel(shape: str, space: str) -> None:
    items = WHOLE + WHOLE.replace("Whole", "Last")
    root = f"rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='{space}'"
    document = read(f"<{root}>{shape.format(items)}</rdf:RDF>")

    assert document.title == "T"
    assert [item.title for item in document.items] == ["Whole", "Last"]


def test_a_date_nobody_can_believe_is_none_and_told() -> None:
    dates = ("Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 01 Jan 2099 00:00:00 GMT", "03/04/2025", "soon")
    items = read(rss("".join(f"<item><title>x</title><pubDate>{date}</pubDate></item>" for date in dates))).items

    assert [item.published for item in items] == [None] * 4
    assert [item.warnings for item in items] == [(f"published {date!r} is no date to believe",) for date in dates]


def test_hints_that_mean_nothing_are_none() -> None:
    space = "xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'"
    for channel in (
        "<ttl>soon</ttl><sy:updatePeriod>always</sy:updatePeriod>",
        "<ttl>-5</ttl><sy:updatePeriod>dayly</sy:updatePeriod>",
        "<ttl>0</ttl><sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>",
        "<ttl>nan</ttl>",
        "<ttl>inf</ttl>",
    ):
        document = read(rss("", channel=channel, namespaces=space))
        assert (document.ttl, document.period) == (None, None)


def test_a_frequency_may_be_a_fraction() -> None:
    channel = "<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0.1</sy:updateFrequency>"
    document = read(rss("", channel=channel, namespaces="xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'"))

    assert document.period == 36_000


@pytest.mark.parametrize(
    ("channel", "item", "language"),
    [
        ("<language>pt_BR</language>", "", "pt-BR"),
        ("<language>EN-us</language>", "", "en-us"),
        ("<language>english</language>", "", ""),
        ("<dc:language>ja</dc:language>", "", "ja"),
        ("<language>en</language>", "<dc:language>pt</dc:language>", "pt"),
        ("<language>en</language>", "<title xml:lang='de'>x</title>", "de"),
        ("<language>en</language>", "<dc:language>portuguese</dc:language>", "en"),
    ],
)
def test_an_item_has_its_own_language_else_that_of_its_feed(channel: str, item: str, language: str) -> None:
    body = rss(f"<item><guid>1</guid>{item}</item>", channel=channel, namespaces=DC)

    assert read(body).items[0].language == language


def test_a_title_of_a_megabyte_is_cut_and_said_so() -> None:
    (item,) = read(
        rss(f"<item><title>{'x' * 1_000_000}</title><guid isPermaLink='false'>{'g' * 9_000}</guid></item>")
    ).items

    assert len(item.title) == LONGEST["title"]
    assert len(item.guid) == 32
    assert "title of 1000000 characters cut" in item.warnings


def test_hundreds_of_texts_in_one_entry_are_not_all_kept() -> None:
    (item,) = read(rss("<item>" + "".join(f"<content>text {n}</content>" for n in range(500)) + "</item>")).items

    assert item.text.count("\n") < 50


# -- JSON Feed


@pytest.mark.parametrize("nonsense", [None, True, 5, 5.5, "text", [], {}, [[]], {"a": {}}])
def test_a_wrong_type_costs_its_field_and_no_more(nonsense: Any) -> None:
    fields = (
        *("id", "url", "external_url", "title", "summary", "content_text", "content_html", "image", "date_published"),
        *("date_modified", "author", "authors", "tags", "language", "attachments"),
    )
    wrong = [{"id": "1", "title": "Odd", field: nonsense} for field in fields]
    document = read(json_feed(*wrong, nonsense, {"id": "2", "title": "Whole"}))

    assert document.items[-1].title == "Whole"
    assert [item.title for item in document.items if item.guid == "1"].count("Odd") >= len(fields) - 2


@pytest.mark.parametrize("nonsense", [None, True, 5, "text", [], {}])
@pytest.mark.parametrize(
    "field", ["title", "home_page_url", "feed_url", "language", "author", "authors", "next_url", "hubs"]
)
def test_a_wrong_type_in_the_feed_costs_its_field_and_no_more(field: str, nonsense: Any) -> None:
    (item,) = read(json_feed({"id": "1", "url": "/1"}, **{field: nonsense})).items

    assert item.link == "https://feed.example/1"


@pytest.mark.parametrize("home", ["http://[broken", "javascript:1", ""])
def test_a_broken_home_page_does_not_break_the_links(home: str) -> None:
    assert read(json_feed({"id": "1", "url": "/1"}, home_page_url=home)).items[0].link == "https://feed.example/1"


@pytest.mark.parametrize("number", ["17", "1.50", "1e999", "-0", "9" * 5_000, "NaN", "-Infinity"])
def test_a_number_is_kept_as_it_is_written(number: str) -> None:
    body = json_feed({"id": "@", "title": "x"}).replace('"@"', number)
    (item,) = read(body).items

    assert item.title == "x"
    assert item.guid == ("" if number.endswith(("N", "y")) else number if len(number) < 2_000 else item.guid)
    assert json.loads(json.dumps(parse_items_json(read(body))))


@pytest.mark.parametrize("after", ["\n", "\x00", "<!-- cached -->", "}", ', "more"', "{}"])
@pytest.mark.parametrize("before", ["", "\ufeff", "\n\n", "\ufeff\ufeff "])
def test_what_stands_around_a_json_feed_is_ignored(before: str, after: str) -> None:
    assert [item.guid for item in read(before + json_feed({"id": "1"}) + after).items] == ["1"]


def test_json_may_not_smuggle_surrogates_in() -> None:
    (item,) = read(json_feed({"id": "1\ud800", "title": "a\ud83d b\x00\ud83d\ude00"})).items

    assert (item.guid, item.title) == ("1", "a b😀")


def test_twenty_thousand_items_of_a_json_feed_are_read() -> None:
    assert len(read(json_feed(*({"id": n} for n in range(20_000)))).items) == 20_000


# -- in the worker


@asynccontextmanager
async def reader() -> AsyncIterator[Reader]:
    reads = Reader()
    try:
        yield reads
    finally:
        await reads.close()


@pytest.mark.anyio
async def test_ten_thousand_items_are_read_within_the_deadline_and_memory_of_the_worker() -> None:
    entry = "<item><title>Item {0}</title><link>https://a.example/{0}</link><description>Words</description></item>"
    body = rss("".join(entry.format(n) for n in range(10_000))).encode()
    async with reader() as reads:
        assert len((await reads.read(body, {}, URL)).items) == 10_000


@pytest.mark.anyio
async def test_tags_nested_100_000_deep_cost_the_others_nothing() -> None:
    deep = "<item><description>" + "<b>" * 100_000 + "</b>" * 100_000 + "</description></item>"
    async with reader() as reads:
        items = (await reads.read(rss(deep + WHOLE).encode(), {}, URL)).items

    assert items[-1].title == "Whole"


# -- the table


def test_every_row_of_the_table_reads() -> None:
    urls = "<urlset><url><loc>/a</loc></url></urlset>"
    page = "".join(f"<article><h2><a href=/{n}>Headline number {n}</a></h2></article>" for n in range(3))
    for row, body in zip(FORMATS, (json_feed({"id": "1"}), rss(WHOLE), urls, page), strict=True):
        assert row.claims(body[:100])
        options = {"parser": Parser.AUTO} if row.kind is FeedKind.FEED else {}
        assert row.reading().read(body, URL, now=NOW, incomplete=False, **options).items


def test_json_for_machines_names_every_field_and_never_lacks_an_id() -> None:
    items = parse_items_json(read(rss("<item><description>only words</description></item>")))

    assert list(items[0]) == [
        *("id", "title", "link", "published", "updated", "summary", "text"),
        *("authors", "categories", "language", "warnings"),
    ]
    assert len(items[0]["id"]) == 32
    assert json.loads(json.dumps(items)) == items
