"""What strangers may send: it costs its own reading at the most, and the next feed is read as ever."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from monitor.formats import MOST as MOST_ITEMS
from monitor.formats import Document, Unreadable, read_document
from monitor.reader import Reader
from monitor.readers import Readers
from tests.newsroom import ADA, Page, a_newsroom, item, rss

pytestmark = pytest.mark.anyio

DEADLINE = 1.5
"""Seconds; less than in earnest, so that what is given up costs the test less."""

MOST = 1_000_000
"""Characters of a reading: nothing short may become long."""

GOOD = rss(item("news"))


def _rss(inside: str, before: str = "", attributes: str = "") -> bytes:
    return f"{before}<rss version='2.0' {attributes}><channel><title>T</title>{inside}</channel></rss>".encode()


def _item(inside: str) -> bytes:
    return _rss(f"<item>{inside}</item>")


def _html(markup: str) -> bytes:
    return _item(f"<title>x</title><description><![CDATA[{markup}]]></description>")


def _entities(*declared: str) -> str:
    return f"<!DOCTYPE rss [{''.join(f'<!ENTITY {one}>' for one in declared)}]>"


LAUGHS = _entities("l0 'lol'", *(f"l{n} '{f'&l{n - 1};' * 10}'" for n in range(1, 10)))

BODIES = {
    "billion laughs": _rss("<item><title>&l9;</title></item>", LAUGHS),
    "laughs in a comment": _rss("<item><title>&l9;</title></item>", f"<!-- <a -->{LAUGHS}"),
    "quadratic entities": _rss(f"<item><title>{'&a;' * 5_000}</title></item>", _entities(f"a '{'x' * 5_000}'")),
    "parameter entities": _rss("<item/>", "<!DOCTYPE rss [<!ENTITY % a '<!ENTITY b \"c\">'> %a; %b;]>"),
    "external document type": _rss("<item/>", "<!DOCTYPE rss SYSTEM 'http://127.0.0.1:9/x.dtd'>"),
    "lines after a document type": _rss("<item/>", "<!DOCTYPE rss>" + "\n" * 300_000 + "<!-- -->"),
    "document types": _rss("<item/>", "<!DOCTYPE rss>\n" * 50_000),
    "document types in a comment": _rss("<item/>", "<!--" + "\n<!DOCTYPE" * 50_000 + "-->"),
    "XInclude": _item("<i xmlns='http://www.w3.org/2001/XInclude' href='/etc/passwd' parse='text'/>"),
    "an author that is nearly an address": _item(f"<author>{'a@' + 'a.' * 30_000}!</author>"),
    "many such authors": _item(f"<author>{'a@' + 'a.' * 2_000}!</author>" * 50),
    "comments never closed": _html("<!--" * 100_000),
    "tags never closed": _html("<a " * 100_000),
    "scripts never closed": _html("<script " * 50_000),
    "scripts": _html("<script>" * 50_000),
    "quotes never closed": _html("<a b='" * 50_000 + "<a b=\"" * 50_000),
    "a long attribute": _html(f"<p style=\"{'a' * 200_000}\">x"),
    "many attributes": _html(f"<p {'a=b ' * 100_000}>x"),
    "references": _html("&amp;" * 100_000 + "&#" * 100_000 + "&#0;" * 50_000),
    "spaces": _html(" \n\t" * 300_000),
    "CDATA sections": _item(f"<title>{'<![CDATA[<]]>' * 100_000}</title>"),
    "CDATA never closed": _item("<title>" + "<![CDATA[" * 100_000),
    "blank lines": b"\n" * 500_000 + _item("<title>x</title>"),
    "comments before": b"<!-- -->" * 100_000 + _item("<title>x</title>"),
    "instructions before": b"<?a " * 100_000 + _item("<title>x</title>"),
    "deep, never closed": b"<rss><channel><item>" + b"<b>" * 300_000,
    "deep in a description": _item(f"<description>{'<b>' * 100_000}{'</b>' * 100_000}</description>"),
    "deep unknown elements": _item(f"{'<x>' * 100_000}{'</x>' * 100_000}"),
    "deep XHTML": f"<feed xmlns='http://www.w3.org/2005/Atom'><entry><content type='xhtml'>{'<b>' * 50_000}"
    f"{'</b>' * 50_000}</content></entry></feed>".encode(),
    "attributes of an element": _item("<x " + " ".join(f"a{n}='1'" for n in range(50_000)) + "/>"),
    "namespaces": _rss("<item/>", attributes=" ".join(f"xmlns:n{n}='u{n}'" for n in range(20_000))),
    "namespaces, one a level": _item("<x xmlns:y='a'>" * 20_000 + "</x>" * 20_000),
    "bases, one a level": _item("<x xml:base='a/'>" * 20_000 + "<link>l</link>" + "</x>" * 20_000),
    "categories": _item("".join(f"<category>{n}</category>" for n in range(20_000))),
    "links": _item("".join(f"<link>http://a.example/{n}</link>" for n in range(20_000))),
    "contents": _rss(
        f"<item>{''.join(f'<c:encoded>{n}</c:encoded>' for n in range(20_000))}</item>",
        attributes="xmlns:c='http://purl.org/rss/1.0/modules/content/'",
    ),
    "items": _rss("<item><title>x</title></item>" * 100_000),
    "items in items": _rss("<item>" * 50_000 + "</item>" * 50_000),
    "a path": b"/etc/passwd",
    "an address": b"http://127.0.0.1:9/",
    "JSON in JSON": b'{"version":"https://jsonfeed.org/version/1","items":' + b"[" * 200_000,
    "digits": b'{"version":"https://jsonfeed.org/version/1","items":[{"id":' + b"9" * 500_000 + b"}]}",
    "zeros": bytes(500_000),
    "half pairs": b"\xed\xa0\xbd" * 100_000,
    "another encoding": b"<?xml version='1.0' encoding='idna'?>" + _item(f"<title>{'é' * 50_000}</title>"),
}  # fmt: skip


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """Of the module, as the reader is."""
    return "asyncio"


@pytest.fixture(scope="module")
async def reads() -> AsyncIterator[Reader]:
    reader = Reader(deadline=DEADLINE)
    yield reader
    await reader.close()


@pytest.mark.parametrize("name", BODIES)
async def test_a_hostile_body_is_read_or_refused_and_the_next_one_is_read(name: str, reads: Reader) -> None:
    try:
        reading: Document | str = await reads.read(BODIES[name], {}, "https://example.org/feed")
    except Unreadable as unreadable:
        reading = str(unreadable)

    assert "root:" not in str(reading)
    assert len(str(reading)) < max(MOST, 300 * len(getattr(reading, "items", ())))
    assert [one.title for one in (await reads.read(GOOD, {}, "https://example.org/feed")).items] == ["news"]


def test_of_more_items_than_a_sitemap_may_have_the_first_are_read() -> None:
    document = read_document(_rss("<item><title>x</title></item>" * (MOST_ITEMS + 1)), {}, "https://example.org/feed")

    assert len(document.items) == MOST_ITEMS
    assert document.warnings[-1] == "50001 items, of which the first 50000 are read"


async def test_a_hostile_feed_is_a_recorded_error_and_the_others_ring(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path, "/feed.xml", "/hostile.xml") as newsroom:
        newsroom.server.routes["/hostile.xml"] = Page(BODIES["deep, never closed"])
        newsroom.poller._reader = readers = Readers(deadline=DEADLINE)
        good, hostile = newsroom.poller.plan.feeds.values()
        await newsroom.polled(item("old"))

        await asyncio.gather(newsroom.poll(hostile), newsroom.polled(item(ADA), feed=good))
        await readers.close()

        assert newsroom.rang == [ADA]
        assert "takes longer than 1.5 s" in newsroom.cursor(hostile).error


async def test_nobody_waits_behind_a_body_that_takes_long() -> None:
    readers = Readers(deadline=30.0)
    await readers.read(GOOD, {}, "")
    long = asyncio.ensure_future(readers.read(b"<rss><channel><item>" + b"<b>" * 1_000_000, {}, ""))
    await asyncio.sleep(0)

    for _ in range(3):
        assert [one.title for one in (await readers.read(GOOD, {}, "")).items] == ["news"]
    assert not long.done()

    long.cancel()
    with pytest.raises(asyncio.CancelledError):
        await long
    await readers.close()


async def test_one_worker_is_enough_for_what_is_read_at_once() -> None:
    readers = Readers(patience=60.0)
    documents = await asyncio.gather(*(readers.read(GOOD, {}, "") for _ in range(20)))
    second = readers._both[1].pid
    await readers.close()

    assert (len(documents), second) == (20, None)
