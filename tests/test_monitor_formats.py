"""What a feed writes, and the plain item that comes of it."""

import codecs
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.formats import FORMATS, LONGEST, Document, Unreadable, dates, parse_items_json, read_document
from monitor.formats.encoding import decode
from monitor.formats.text import from_html, from_text, one_line, plain

FEEDS = Path(__file__).parent / "feeds"
GOLDEN = sorted(path for path in FEEDS.iterdir() if not path.name.endswith(".expected.json"))
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
URL = "https://feed.example/feed"


def read(body: bytes | str, *, content_type: str = "", incomplete: bool = False) -> Document:
    sent = body if isinstance(body, bytes) else body.encode()
    headers = {"content-type": content_type} if content_type else {}
    return read_document(sent, headers, URL, now=NOW, incomplete=incomplete)


def rss(items: str, *, channel: str = "", declaration: str = "", namespaces: str = "") -> str:
    return f"{declaration}<rss version='2.0' {namespaces}><channel><title>T</title>{channel}{items}</channel></rss>"


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
        (b"<?xml version='1.0'?><opml version='2.0'><body/></opml>", "an HTML page, not a feed"),
        (b"<?xml version='1.0'?><sitemapindex/>", "XML, but not a feed"),
        (b"Forbidden", "not a feed: neither RSS, Atom, RDF nor JSON Feed"),
        (b'{"error": "rate limited"}', "JSON, but not a JSON Feed"),
        (b'["https://jsonfeed.org/version/1"]', "JSON, but not a JSON Feed"),
        (b'{"version": "https://jsonfeed.org/version/1", "items": 5}', "JSON, but not a JSON Feed"),
        (b'{"version": "https://jsonfeed.org/version/1", "items": [', "not valid JSON, so not a JSON Feed"),
        (b"[" * 200_000, "nested too deeply to be a feed"),
        (b"/etc/passwd", "not a feed: neither RSS, Atom, RDF nor JSON Feed"),
        (b"http://127.0.0.1:9/feed.xml", "not a feed: neither RSS, Atom, RDF nor JSON Feed"),
        (bytes(range(256)), "not a feed: neither RSS, Atom, RDF nor JSON Feed"),
    ],
)
def test_what_is_no_feed_is_told_in_a_sentence(body: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable) as unreadable:
        read(body)

    if b"opml" not in body:
        assert str(unreadable.value) == sentence


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
        try:
            assert isinstance(read(start + body), Document)
        except Unreadable as unreadable:
            assert str(unreadable)


# -- what is missing


WHOLE = "<item><title>Whole</title><link>https://a.example/1</link></item>"


@pytest.mark.parametrize(
    ("tail", "titles"),
    [
        ("<item><title>Half</title><link>https://a.exa", ["Whole"]),
        ("<item><title>Half</title><description><![CDATA[see </item> and", ["Whole"]),
        ("<item><title>Half</title><!-- </item> -->", ["Whole"]),
        ("<item><title>Half</title></it", ["Whole"]),
        ("<item><title>Second</title></item>", ["Whole", "Second"]),
        ("<item><title>Second</title></item></channel>", ["Whole", "Second"]),
        ("<item", ["Whole"]),
        ("<item rdf:about='http://a", ["Whole"]),
    ],
)
def test_only_an_entry_that_is_cut_off_is_dropped(tail: str, titles: list[str]) -> None:
    document = read(f"<rss version='2.0'><channel><title>T</title>{WHOLE}{tail}")

    assert [item.title for item in document.items] == titles
    assert document.truncated
    assert document.warnings[0].startswith("the end of the feed is missing")


def test_no_entry_of_a_whole_feed_is_dropped_though_the_connection_ended_early() -> None:
    document = read(rss(WHOLE), incomplete=True)

    assert [item.title for item in document.items] == ["Whole"]
    assert document.truncated


def test_a_feed_that_is_ill_formed_in_the_middle_loses_nothing() -> None:
    document = read(rss(f"<item><title>AT&T < nobody</title></item>{WHOLE}"))

    assert len(document.items) == 2
    assert not document.truncated


# -- characters

SAMPLES = {
    "windows-1251": "Мета нанимает Джейсона Вея",
    "koi8-r": "Мета нанимает Джейсона Вея",
    "gb18030": "元宇宙公司聘请韦杰森",
    "gb2312": "公司聘请",
    "shift_jis": "メタがジェイソン・ウェイを採用",
    "euc-jp": "メタが採用",
    "euc-kr": "정형원 메타 합류",
    "big5": "公司聘請",
    "iso-8859-1": "Café naïve à la coque",
    "iso-8859-7": "Ελληνικά νέα",
    "windows-1252": "“Smart” quotes – and €",
    "utf-8": "Ação “já” 정형원",
}


@pytest.mark.parametrize("encoding", SAMPLES)
@pytest.mark.parametrize("where", ["declaration", "header"])
def test_characters_arrive_intact_in(encoding: str, where: str) -> None:
    declaration = f"<?xml version='1.0' encoding='{encoding}'?>" if where == "declaration" else ""
    body = rss(f"<item><title>{SAMPLES[encoding]}</title></item>", declaration=declaration).encode(encoding)

    document = read(body, content_type=f"text/xml; charset={encoding}" if where == "header" else "text/xml")

    assert document.items[0].title == SAMPLES[encoding]


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (b"", "utf-16-le"),
        (b"", "utf-16-be"),
    ],
)
@pytest.mark.parametrize(
    "declaration", ["", "<?xml version='1.0' encoding='utf-16'?>", "<?xml version='1.0' encoding='utf-8'?>"]
)
def test_a_byte_order_mark_decides(mark: bytes, encoding: str, declaration: str) -> None:
    body = rss("<item><title>정형원 é</title></item>", declaration=declaration)

    document = read(mark + body.encode(encoding), content_type="text/xml; charset=iso-8859-1")

    assert document.items[0].title == "정형원 é"


@pytest.mark.parametrize(
    ("header", "declared", "actual"),
    [
        ("iso-8859-1", "utf-8", "utf-8"),
        ("iso-8859-1", "", "utf-8"),
        ("us-ascii", "", "utf-8"),
        ("iso-8859-1", "windows-1251", "windows-1251"),
        ("windows-1251", "utf-8", "utf-8"),
        ("utf-8", "windows-1251", "windows-1251"),
        ("windows-1251", "", "windows-1251"),
        ("no-such-charset", "utf-8", "utf-8"),
        ("utf-16", "utf-8", "utf-8"),
        ("hex", "utf-8", "utf-8"),
        ("", "iso-8859-1", "utf-8"),
    ],
)
def test_a_wrong_charset_does_no_harm(header: str, declared: str, actual: str) -> None:
    declaration = f"<?xml version='1.0' encoding='{declared}'?>" if declared else ""
    body = rss("<item><title>Джейсон Вей</title></item>", declaration=declaration).encode(actual)

    assert read(body, content_type=f"text/xml; charset={header}").items[0].title == "Джейсон Вей"


def test_a_few_bad_bytes_cost_themselves_only() -> None:
    good = "정형원 joins Meta ".encode() * 40
    body = rss("<item><title>@</title></item>", declaration="<?xml version='1.0' encoding='utf-8'?>").encode()

    title = read(body.replace(b"@", good + b"caf\xe9 \xe2\x80 end")).items[0].title

    assert title.startswith("정형원 joins Meta")
    assert title.endswith("café \ufffd end")


def test_a_latin_1_feed_that_says_utf_8_is_readable() -> None:
    body = rss("<item><title>Café à la crème “ok”</title></item>", declaration="<?xml version='1.0' encoding='utf-8'?>")

    assert read(body.encode("cp1252")).items[0].title == "Café à la crème “ok”"


@pytest.mark.parametrize("wrong", ["\x00", "\x0b", "\x1f", "\ufffe", "&#0;", "&#x1F;", "&#11;", "&#xD800;", "&#xFFFF;"])
def test_characters_that_xml_has_not_are_removed(wrong: str) -> None:
    assert read(rss(f"<item><title>Jason{wrong} Wei</title></item>{WHOLE}")).items[0].title == "Jason Wei"


def test_json_may_not_smuggle_surrogates_in() -> None:
    body = '{"version": "https://jsonfeed.org/version/1", "items": [{"id": "1\\ud800", "title": "a\\ud83d b\\u0000\\ud83d\\ude00"}]}'

    (item,) = read(body).items

    assert (item.guid, item.title) == ("1", "a b😀")


@given(st.binary(), st.sampled_from(["", "text/xml; charset=utf-8", "text/xml; charset=shift_jis", "x; charset=\xff"]))
def test_decoding_never_fails(body: bytes, content_type: str) -> None:
    assert isinstance(decode(body, {"content-type": content_type}), str)


# -- fields


def test_the_union_of_all_texts_is_kept_whatever_comes_first() -> None:
    spaces = (
        "xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd' xmlns:media='http://search.yahoo.com/mrss/' "
        "xmlns:content='http://purl.org/rss/1.0/modules/content/'"
    )
    parts = [
        "<description>of the publisher</description>",
        "<content:encoded>the whole story</content:encoded>",
        "<itunes:summary>for the telephone</itunes:summary>",
        "<media:content><media:description type='plain'>under the picture</media:description></media:content>",
    ]
    for turn in range(len(parts)):
        body = rss(f"<item>{''.join(parts[turn:] + parts[:turn])}</item>", namespaces=spaces)
        (item,) = read(body).items
        said = f"{item.summary}\n{item.text}"

        for text in ("of the publisher", "the whole story", "for the telephone", "under the picture"):
            assert said.count(text) == 1, (turn, said)
        assert item.summary == "of the publisher"


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
        ("", "\n https://a.example/\n1 ", "https://a.example/1"),
        ("", "javascript:alert(1)", ""),
        ("", "mailto:a@b.example", ""),
        ("", "http://[broken", ""),
        ("<link>javascript:1</link>", "a", "https://feed.example/a"),
        ("", "https://a.example/?a=1&amp;b=2", "https://a.example/?a=1&b=2"),
    ],
)
def test_a_link_is_an_absolute_http_address_or_nothing(channel: str, link: str, absolute: str) -> None:
    assert read(rss(f"<item><title>x</title><link>{link}</link></item>", channel=channel)).items[0].link == absolute


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


def test_a_title_of_a_megabyte_is_cut_and_said_so() -> None:
    (item,) = read(
        rss(f"<item><title>{'x' * 1_000_000}</title><guid isPermaLink='false'>{'g' * 9_000}</guid></item>")
    ).items

    assert len(item.title) == LONGEST["title"]
    assert len(item.guid) == 32
    assert "title of 1000000 characters cut" in item.warnings


@pytest.mark.parametrize(
    "shape", ["<item><author>{}</author></item>", "<item><dc:creator>{}</dc:creator><title>x</title></item>"]
)
def test_a_hostile_author_costs_no_time(shape: str) -> None:
    entry = shape.format("a@" + "a." * 50_000 + "!").replace("<item>", "<item><title>x</title>")
    started = time.process_time()

    assert read(rss(entry, namespaces="xmlns:dc='http://purl.org/dc/elements/1.1/'")).items
    assert time.process_time() - started < 2


# -- text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One.</p><p>Two.</p>", "One.\nTwo."),
        ("One<br/>Two<BR>Three", "One\nTwo\nThree"),
        ("<b>Open</b>AI", "OpenAI"),
        ("<td>a</td><td>b</td>", "a b"),
        ("a<img src='x.png' alt='A -> B'>b", "a b"),
        ('<a title="5 > 4" href="x">link</a>', "link"),
        ("said\n   so", "said so"),
        ("AT&amp;T &#8217;s &#x41; &nbsp;x &unknown; &copy=2", "AT&T ’s A x &unknown; &copy=2"),
        ("a < b and c > d, <3", "a < b and c > d, <3"),
        ("<script>var a = '<p>no</p>';</script >yes<STYLE>p{}</STYLE>", "yes"),
        ("<script src=x />yes", "yes"),
        ("yes<script>no", "yes"),
        ("<!-- no <p>no</p> -->yes<!-- never closed", "yes"),
        ("<![CDATA[yes]]>", "yes"),
        ("<!DOCTYPE html><?php no ?>yes", "yes"),
        ("<ruby>漢<rt>かん</rt>字<rt>じ</rt></ruby>", "漢字"),
        ("&amp;lt;p&amp;gt;twice", "<p>twice"),
        ("&lt;p&gt;twice&lt;/p&gt;", "twice"),
        ("soft\xadhyphen and \ufeffmark", "softhyphen and mark"),
        ("bell\x07 and \ud800 surrogate \x85 next", "bell and surrogate\nnext"),
        ("<a href='unclosed>text</a> more", "text more"),
        ("<p", ""),
        ("", ""),
    ],
)
def test_html_becomes_plain(markup: str, text: str) -> None:
    assert from_html(markup) == text


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("Vec<T> and 5 < 6", "Vec<T> and 5 < 6"),
        ("<b>Bold</b> &amp; plain", "Bold & plain"),
        ("one\n\n  two", "one\ntwo"),
        ("mail <ada@example.org>", "mail <ada@example.org>"),
    ],
)
def test_plain_text_stays_plain(written: str, text: str) -> None:
    assert from_text(written) == text


def test_a_field_that_may_be_either_is_read_as_what_it_is() -> None:
    assert plain("<p>One.</p><script>no</script><p>Two.</p>") == "One.\nTwo."
    assert plain("One.\nVec<T>") == "One.\nVec<T>"
    assert one_line("One<br>\nTwo") == "One Two"


@pytest.mark.parametrize(
    "piece",
    ["<a ", "<!--", "<script ", "<script>", "</script", "<style><", "<", "<![CDATA[", "]]>", "&", "&#", "&amp", "<a '", '<a "',
     "<a \"'", "<a ''", "<a \"<a' ", "<p>", "<rt>", "\n ", " ", "<?", "<a b='<a b=\"", "-->", "<" + "a" * 100],
)  # fmt: skip
def test_text_is_read_in_linear_time(piece: str) -> None:
    markup = piece * (1_000_000 // len(piece))
    started = time.process_time()

    from_html(markup)
    from_text(markup)

    assert time.process_time() - started < 5  # quadratic ways take minutes


# -- dates


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("Mon, 23 Nov 2026 10:00:00 GMT", "2026-11-23T10:00:00"),
        ("Mon, 23 Nov 2026 10:00:00 +0100", "2026-11-23T09:00:00"),
        ("23 Nov 26 10:00 EST", "2026-11-23T15:00:00"),
        ("Mon, 23 Nov 2026 10:00:00 CET", "2026-11-23T09:00:00"),
        ("Mon, 23 Nov 2026 10:00:00 BRT", "2026-11-23T13:00:00"),
        ("Mon, 23 Nov 2026 10:00:00 -0330 (NST)", "2026-11-23T13:30:00"),
        ("Mon, 23 November 2026, 10:00 PM PDT", "2026-11-24T05:00:00"),
        ("Mon, 23 Nov 2026 10:00:00 XYZ", "2026-11-23T10:00:00"),
        ("Mon, 23 Nov 2026 23:59:60 GMT", "2026-11-23T23:59:59"),
        ("Mon, 23 Nov 2026 24:00:00 GMT", "2026-11-24T00:00:00"),
        ("Mi, 18 Nov 2026 10:00:00 +0100", "2026-11-18T09:00:00"),
        ("mer, 18 nov. 2026 10:00:00 +0100", "2026-11-18T09:00:00"),
        ("Mo, 16 Okt 2026 10:00:00 +0200", "2026-10-16T08:00:00"),
        ("Dom, 18 de outubro de 2026 10:00:00 -0300", "2026-10-18T13:00:00"),
        ("пн, 16 ноя 2026 10:00:00 +0300", "2026-11-16T07:00:00"),
        ("1 Nov 2026", "2026-11-01T00:00:00"),
        ("November 3rd, 2026", "2026-11-03T00:00:00"),
        ("Nov 3, 2026 4:05 p.m.", "2026-11-03T16:05:00"),
        ("Mon Nov 23 10:00:00 2026", "2026-11-23T10:00:00"),
        ("Mon Nov 23 10:00:00 UTC 2026", "2026-11-23T10:00:00"),
        ("Mon Nov 23 2026 10:00:00 GMT+0100 (Central European Time)", "2026-11-23T09:00:00"),
        ("2026-11-23", "2026-11-23T00:00:00"),
        ("2026-11", "2026-11-01T00:00:00"),
        ("2026-11-23T10:00:00Z", "2026-11-23T10:00:00"),
        ("2026-11-23T10:00:00.123456789+01:00", "2026-11-23T09:00:00.123456"),
        ("2026-11-23T10:00+01", "2026-11-23T09:00:00"),
        ("2026-11-23 10:00:00 UTC", "2026-11-23T10:00:00"),
        ("2026-11-22T24:00:00Z", "2026-11-23T00:00:00"),
        ("20251119T100000Z", "2025-11-19T10:00:00"),
        ("2016/6/29 15:07:41", "2016-06-29T15:07:41"),
        ("1763546400", "2025-11-19T10:00:00"),
        ("1763546400000", "2025-11-19T10:00:00"),
        ("19/11/2025", "2025-11-19T00:00:00"),
        ("11/19/2025 10:00", "2025-11-19T10:00:00"),
        ("03.04.2025", "2025-04-03T00:00:00"),
        ("2025年11月19日 10:00", "2025-11-19T10:00:00"),
        ("2025년 11월 19일", "2025-11-19T00:00:00"),
        ("  Mon,  23 Nov 2026\n10:00:00 GMT ", "2026-11-23T10:00:00"),
        ("Wed, 25 Nov 2026 11:59:00 GMT", "2026-11-25T11:59:00"),
    ],
)
def test_a_date_is_read(written: str, moment: str) -> None:
    assert dates.parse(written, now=NOW) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "", "soon", "now", "0", "-1", "12345", "99999999999999999999", "03/04/2025", "2026", "2026-13-01", "2026-02-30",
        "Mon, 23 Nov 2026 25:00:00 GMT", "Mon, 23 Foo 2026 10:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT",
        "Mon, 01 Jan 0001 00:00:00 +0000", "Fri, 01 Jan 2099 00:00:00 GMT", "Wed, 25 Nov 2026 12:01:00 GMT",
        "2026-11-23T10:00:00+99:00", "9999-12-31T24:00:00Z", "²⁰²⁶-11-23", "١٢٣٤٥٦٧٨٩٠", "Mon, 23 Nov 2026 10:00:00 +9999",
    ],
)  # fmt: skip
def test_a_date_that_would_be_a_guess_is_none(written: str) -> None:
    assert dates.parse(written, now=NOW) is None


@given(st.text(max_size=60))
def test_reading_a_date_never_fails(written: str) -> None:
    moment = dates.parse(written, now=NOW)
    assert moment is None or moment.tzinfo is UTC


@pytest.mark.parametrize("piece", ["1 ", "a ", "1:", "a.", " ", "(", "-feira", "1/"])
def test_dates_are_read_in_linear_time(piece: str) -> None:
    started = time.process_time()
    dates.parse(piece * 100_000, now=NOW)
    assert time.process_time() - started < 1


# -- the table


def test_every_row_of_the_table_reads() -> None:
    for row in FORMATS:
        assert isinstance(sys.modules.get(row.module) or row.reading(), ModuleType)


def test_json_for_machines_names_every_field_and_never_lacks_an_id() -> None:
    items = parse_items_json(read(rss("<item><description>only words</description></item>")))

    assert list(items[0]) == [
        *("id", "title", "link", "published", "updated", "summary", "text"),
        *("authors", "categories", "language", "warnings"),
    ]
    assert len(items[0]["id"]) == 32
    assert json.loads(json.dumps(items)) == items
