"""OPML is read however broken, within bounds, and what is written is read again."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import opml as lists
from rules.mistakes import Mistakes
from rules.records import Feed

COUNTS = {
    "Feeder__rssguard_1": 30,
    "NetNewsWire__Subs": 207,
    "NetNewsWire__SubsNoTitleAttributes": 207,
    "awesome-rss-feeds__Brazil": 7,
    "awesome-rss-feeds__France": 11,
    "awesome-rss-feeds__Germany": 5,
    "awesome-rss-feeds__Japan": 8,
    "awesome-rss-feeds__Programming": 50,
    "awesome-rss-feeds__Science": 24,
    "awesome-rss-feeds__Spain": 9,
    "awesome-rss-feeds__Startups": 23,
    "awesome-rss-feeds__Tech": 26,
    "awesome-tech-rss__feeds": 141,
    "awesome_ML_AI_RSS_feed__feed": 34,
    "chinese-independent-blogs__feed": 1326,
    "engineering-blogs__engineering_blogs": 422,
    "tech-ai-news": 256,
    "web-dev-feeds__feeds": 1073,
}


def opml(body: str, head: str = "") -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>{head}<opml version="2.0"><body>{body}</body></opml>'.encode()


def refusal(data: bytes) -> str:
    with pytest.raises(Mistakes) as caught:
        lists.read(data, "list.opml")
    return str(caught.value)


@pytest.mark.parametrize("name", COUNTS)
def test_a_real_list_is_read_whole(name: str, corpus: Path) -> None:
    data = (corpus / "opml" / f"{name}.opml").read_bytes()
    addresses = re.findall(rb"""\sxmlUrl\s*=\s*["']\s*([^"'\s]+)""", data, re.IGNORECASE)

    found = lists.read(data, name)

    assert len(found.feeds) + len(found.skipped) == COUNTS[name] == len(addresses)
    assert len(found.feeds) == len(set(addresses))
    assert all(feed.name for feed in found.feeds)


@pytest.mark.parametrize("name", COUNTS)
def test_a_real_list_that_is_written_is_read_the_same(name: str, corpus: Path) -> None:
    feeds = lists.read((corpus / "opml" / f"{name}.opml").read_bytes()).feeds

    assert lists.read(lists.write(feeds).encode()).feeds == feeds


def test_folders_and_categories_are_tags() -> None:
    body = """<outline text="Tech"><outline title="AI"><outline text="WIRED" xmlUrl="https://wired.example/rss"
        category="/Press/Weekly,magazine" language="en"/></outline></outline>
        <outline text="Plain" xmlUrl="https://plain.example/rss"/>"""

    assert lists.read(opml(body)).feeds == (
        Feed(
            url="https://wired.example/rss",
            name="WIRED",
            tags=("Tech", "AI", "Press", "Weekly", "magazine"),
            language="en",
        ),
        Feed(url="https://plain.example/rss", name="Plain"),
    )


@pytest.mark.parametrize(
    ("outline", "reason"),
    [
        ('text="A" xmlUrl="file:///etc/passwd"', "A: its address is not http or https"),
        ('text="A" xmlUrl="javascript:alert(1)"', "A: its address is not http or https"),
        ('text="A" xmlUrl="www.wired.com/feed"', "A: its address is not http or https"),
        ('text="A" xmlUrl="http://[broken"', "A: its address is broken"),
        ('text="A" xmlUrl="https://"', "A: its address is broken"),
        ('text="A" type="rss"', "A: it has no xmlUrl"),
        ('type="rss" xmlUrl=""', "an outline without a name: it has no xmlUrl"),
    ],
)
def test_an_outline_that_is_left_out_gets_a_sentence_with_its_line(outline: str, reason: str) -> None:
    found = lists.read(opml(f"\n<outline {outline}/>"), "list.opml")

    assert found.feeds == ()
    assert found.skipped == (f"list.opml:2: {reason}",)


def test_a_feed_in_two_folders_is_one_feed_with_both_tags() -> None:
    one = '<outline text="{}"><outline text="F" xmlUrl="https://f.example/"/></outline>'

    found = lists.read(opml(one.format("A") + one.format("B")))

    assert [feed.tags for feed in found.feeds] == [("A", "B")]
    assert found.skipped == ("OPML:1: F: its address is in this file already",)


def test_latin_bytes_a_lone_ampersand_and_html_entities_are_mended() -> None:
    body = opml('<outline text="M\0xico &amp; S&atilde;o & co&#0; &bogus;" xmlUrl="https://a.example/?a=1&b=2"/>')

    (feed,) = lists.read(body.replace(b"\0", "é".encode("latin-1"))).feeds

    assert feed.name == "México & São & co� &bogus;"
    assert feed.url == "https://a.example/?a=1&b=2"


def test_quotes_and_tags_inside_a_value_are_mended() -> None:
    body = """<outline text="A" description=""Best" <a href="https://x.example" rel="y">of</a> <br>
        all"" xmlUrl="https://a.example/" type='rss' /><outline text='B' xmlUrl="https://b.example/"/>"""

    assert [feed.name for feed in lists.read(opml(body)).feeds] == ["A", "B"]


def test_mending_takes_no_time_to_speak_of_however_hostile_the_file() -> None:
    for hostile in ('<outline text="a" b ', '<outline text="', ' text="', '" ', "& ", "<!--"):
        refusal(opml((hostile * 1_000_000)[:4_900_000] + "<"))


@pytest.mark.parametrize(
    "encoding", ["iso-8859-1", "windows-1252", "utf-16", "utf-16-le", "utf-8-sig", "gb18030", "koi8-r"]
)
def test_another_encoding_is_read(encoding: str) -> None:
    text = "日本" if encoding in ("gb18030", "utf-16", "utf-16-le") else "жук" if encoding == "koi8-r" else "José"
    declared = encoding.removesuffix("-sig")
    whole = f'<?xml version="1.0" encoding="{declared}"?><opml><body><outline text="{text}" xmlUrl="http://a.example/"/></body></opml>'

    assert [feed.name for feed in lists.read(whole.encode(encoding)).feeds] == [text]


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE opml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE opml SYSTEM "http://127.0.0.1/opml.dtd">',
        '<!DOCTYPE opml [<!ENTITY % p SYSTEM "http://127.0.0.1/p"> %p;]>',
    ],
)
def test_a_doctype_is_refused(doctype: str) -> None:
    said = refusal(opml('<outline text="&x;" xmlUrl="https://a.example/"/>', doctype))

    assert said == "list.opml:1: a DOCTYPE or an entity of its own is refused; remove it; OPML needs none"


def test_a_file_larger_than_five_megabytes_is_refused() -> None:
    assert refusal(b" " * 5_000_001) == "list.opml: the file is larger than 5 MB; split it"


def test_more_than_ten_thousand_outlines_are_refused() -> None:
    assert "more than 10,000 outlines" in refusal(opml("<outline/>" * 400_000))
    assert lists.read(opml("<outline/>" * 10_000)).feeds == ()


def test_folders_deeper_than_twenty_are_refused() -> None:
    def nested(depth: int) -> bytes:
        return opml("<outline>" * depth + "</outline>" * depth)

    assert "nested more than 20 deep" in refusal(nested(21))
    assert "nested more than 20 deep" in refusal(opml("<outline>" * 9_000))
    assert lists.read(nested(20)).feeds == ()


@pytest.mark.parametrize("text", ["", "not XML", "<html><p>404</html>", "<opml><body><outline></body></opml>"])
def test_what_is_no_xml_is_told_with_its_line(text: str) -> None:
    assert refusal(text.encode()).startswith("list.opml:1: this is no XML: ")


def test_another_kind_of_xml_is_refused() -> None:
    assert refusal(b"<rss><channel/></rss>").startswith("list.opml: this is no OPML")


def test_what_is_written_is_xml_that_other_readers_understand() -> None:
    feed = Feed(url='https://a.example/?a=1&b="2"', name="<Q&A>\x00", tags=("a", "b"), language="pt")

    root = ET.fromstring(lists.write([feed], title="A & B"))

    assert root.findtext("head/title") == "A & B"
    (outline,) = root.iter("outline")
    assert outline.attrib == {
        "type": "rss",
        "text": "<Q&A>",
        "title": "<Q&A>",
        "xmlUrl": feed.url,
        "category": "a,b",
        "language": "pt",
    }


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"], exclude_characters=",/"), min_size=1, max_size=8)
TEXTS = TEXTS.filter(lambda text: text.isprintable())


@given(
    st.lists(
        st.builds(
            Feed, url=TEXTS.map("https://a.example/".__add__), name=TEXTS, tags=st.lists(TEXTS, unique=True).map(tuple)
        ),
        unique_by=lambda feed: feed.url,
    )
)
def test_whatever_is_written_is_read_again(feeds: list[Feed]) -> None:
    assert lists.read(lists.write(feeds).encode()).feeds == tuple(feeds)


@given(st.binary(max_size=300))
def test_nonsense_is_refused_and_never_a_crash(data: bytes) -> None:
    try:
        lists.read(data)
    except Mistakes:
        return
