"""Markup becomes plain text, in linear time whatever a feed sends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.formats.text import from_html, from_text, one_line, plain
from monitor.reader import Reader


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
        ("AT&amp;T &#8217;s &#x41; &nbsp;x &unknown; &copy=2 &copyright;", "AT&T ’s A x &unknown; &copy=2 &copyright;"),
        ("a < b and c > d, <3", "a < b and c > d, <3"),
        ("<script>var a = '<p>no</p>';</script >yes<STYLE>p{}</STYLE>", "yes"),
        ("<script src=x />yes", "yes"),
        ("yes<script>no", "yes"),
        ("<!-- no <p>no</p> -->yes<!-- never closed", "yes"),
        ("<!-- a -- b - <p>no</p> --->yes<b>!<!----></b>", "yes!"),
        ("<p>yes<!-- no <script>no</script> --><p>yes", "yes\nyes"),
        ("<![CDATA[yes]]>", "yes"),
        ("<![CDATA[<b>yes</b>", "yes"),
        ("<Br>a<sPAN>b</SPAN><lI>c<Script>no</Script>", "ab\nc"),
        ("<!DOCTYPE html><?php no ?>yes", "yes"),
        ("<ruby>漢<rt>かん</rt>字<rt>じ</rt></ruby>", "漢字"),
        ("<ruby>漢<rp>(<rt>かん<rp>)</ruby>字<p>next", "漢字\nnext"),
        ("&amp;lt;p&amp;gt;twice", "<p>twice"),
        ("&lt;p&gt;twice&lt;/p&gt;", "twice"),
        ("&lt;!-- no --&gt;&lt;p&gt;twice", "twice"),
        ("soft\xadhyphen and \ufeffmark", "softhyphen and mark"),
        ("bell\x07 and \ud800 surrogate \x85 next", "bell and surrogate next"),
        ("Meta\x92s and Meta&#146;s", "Meta’s and Meta’s"),
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
        ("&lt;b&gt;Bold&lt;/b&gt; &amp;#8217;twice&amp;#8217;", "Bold ’twice’"),
        ("one\n\n  two \u2028 three", "one\ntwo\nthree"),
        ("mail <ada@example.org>", "mail <ada@example.org>"),
    ],
)
def test_plain_text_stays_plain(written: str, text: str) -> None:
    assert from_text(written) == text


def test_a_field_that_may_be_either_is_read_as_what_it_is() -> None:
    assert plain("<p>One.</p><script>no</script><p>Two.</p>") == "One.\nTwo."
    assert plain("One.\nVec<T>") == "One.\nVec<T>"
    assert one_line("One<br>\nTwo") == "One Two"


@given(st.text())
def test_whatever_is_read_is_tidy_and_reading_words_again_changes_nothing(markup: str) -> None:
    text = from_html(markup)

    assert text == text.strip()
    assert "  " not in text
    assert "\n\n" not in text
    assert not set(text) & {"\r", "\t", "\x00", "\ufeff", "\u2028"}
    if not set(text) & set("<&"):
        assert from_html(text.replace("\n", "<br>")) == text


# Quadratic ways take minutes for these, as the obvious expressions for tags, comments and scripts do.
FLOODS = (
    *("<a ", "<!--", "<script ", "<script>", "</script", "<style><", "<", "<![CDATA[", "]]>", "<a '", '<a "', "<a \"'"),
    *("<a ''", "<a \"<a' ", "<p>", "<rt>", "<?", "<a b='<a b=\"", "-->", "<" + "a" * 100, "&lt;a ", "<item>"),
    *("&", "&#", "&amp", "&#0", "&lt;!--", "\n ", " ", "\t", "\u00a0", "a@a.", "a.", "1:", "/", "(", "<![CDATA[x]]>"),
)  # fmt: skip
FIELDS = (
    "<title>a {} b</title><description>a {} b</description><summary type='xhtml'>a {} b</summary>",
    "<author>a {} b</author><category>a {} b</category><link>http://a {} b</link>",
    "<guid>a {} b</guid><pubDate>1 {} 2</pubDate><language>a {} b</language><enclosure url='http://a {} b'/>",
)


@asynccontextmanager
async def reader() -> AsyncIterator[Reader]:
    reads = Reader()
    try:
        yield reads
    finally:
        await reads.close()


@pytest.mark.anyio
@pytest.mark.parametrize("fields", FIELDS, ids=["texts", "names", "the rest"])
async def test_hostile_text_is_read_within_the_deadline_of_the_worker(fields: str) -> None:
    async with reader() as reads:
        for flood in FLOODS:
            entry = fields.replace("{}", escape(flood * (60_000 // len(flood)), {"'": "&apos;"}))
            body = f"<rss version='2.0'><channel><item>{entry}</item></channel></rss>".encode()

            (item,) = (await reads.read(body, {}, "https://feed.example/")).items
            assert item, flood


@pytest.mark.anyio
async def test_markup_that_is_never_closed_is_read_within_the_deadline_of_the_worker() -> None:
    async with reader() as reads:
        for flood in (
            "<a ",
            "<!--",
            "<![CDATA[",
            "<b>",
            "<item>",
            "<channel>",
            "<?",
            "<!x",
            '<a b="',
            "&",
            "<a/>",
            "</rss>",
        ):
            body = b"<rss version='2.0'><channel><item><title>Whole</title></item><item><title>"
            document = await reads.read(body + flood.encode() * (100_000 // len(flood)), {}, "")

            assert document.items[0].title == "Whole", flood


@pytest.mark.anyio
async def test_a_prolog_of_blank_lines_and_entities_is_read_within_the_deadline_of_the_worker() -> None:
    prolog = b"<?xml version='1.0'?>" + b"\n" * 200_000 + b"<!DOCTYPE rss [" + b"<!ENTITY a 'b'>\n" * 2_000 + b"]>"
    body = prolog + b"<rss version='2.0'><channel><item><title>&a;</title></item></channel></rss>"
    async with reader() as reads:
        assert len((await reads.read(body, {}, "")).items) == 1
