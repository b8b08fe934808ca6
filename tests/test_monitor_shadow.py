"""Two parsers are held to say the same, in a sample; where they do not, feedparser has the word."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitor import config
from monitor.assembly import plan_of
from monitor.formats import Document, Parser, read_document
from monitor.formats.rss_atom import differing
from monitor.shadow import LARGEST, SAMPLE, Shadow
from tests.builders import a_feed, an_item
from tests.fakes import PlainReader
from tests.newsroom import Newsroom, a_newsroom, item

pytestmark = pytest.mark.anyio

FEED = b"<rss version='2.0'><channel><title>Wire</title><item><title>news</title></item></channel></rss>"
OFTEN, SELDOM = (lambda: 0.0), (lambda: SAMPLE)


class Differing(PlainReader):
    """Whenever it is to compare, it finds a difference; `asked` is what it was told of the parser."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Parser] = []

    async def read(
        self, body: bytes, headers: Mapping[str, str], url: str, *, parser: Parser = Parser.AUTO, **given: Any
    ) -> Document:
        self.asked.append(parser)
        document = await super().read(body, headers, url, parser=parser, **given)
        return replace(document, differing=("title", "link")) if parser is Parser.BOTH else document


def read(body: bytes, parser: Parser) -> Document:
    return read_document(body, {}, "https://example.org/feed", parser=parser)


async def polled(newsroom: Newsroom, times: int) -> None:
    for number in range(times):
        await newsroom.polled(item(f"news {number}"))


# -- who reads


def test_a_feed_is_read_by_the_fast_parser_and_by_both_now_and_then() -> None:
    assert Shadow(SELDOM).parser(a_feed(), "auto", size=1) is Parser.AUTO
    assert Shadow(OFTEN).parser(a_feed(), "auto", size=1) is Parser.BOTH


def test_a_large_body_is_not_read_twice() -> None:
    assert Shadow(OFTEN).parser(a_feed(), "auto", size=LARGEST + 1) is Parser.AUTO


@pytest.mark.parametrize(
    ("own", "of_the_file", "parser"),
    [
        ("", "auto", Parser.AUTO),
        ("", "feedparser", Parser.FEEDPARSER),
        ("feedparser", "auto", Parser.FEEDPARSER),
        ("auto", "feedparser", Parser.AUTO),
    ],
)
def test_a_feed_has_its_own_parser_before_that_of_the_file(own: str, of_the_file: str, parser: Parser) -> None:
    assert Shadow(SELDOM).parser(a_feed(parser=own), of_the_file, size=1) is parser


# -- what is said


def test_two_readings_that_are_the_same_differ_in_nothing() -> None:
    document = read(FEED, Parser.BOTH)

    assert (document.differing, document.engine) == ((), "feedparser")


def test_the_fields_in_which_two_readings_differ_are_named_once() -> None:
    one = Document(items=(an_item(), an_item("Other")), title="Wire", engine="expat")
    other = replace(one, title="Desk", items=(an_item(link="x"), an_item("Other", link="y", guid="z")))

    assert list(differing(one, other)) == ["title", "guid", "link"]
    assert list(differing(one, replace(one, items=one.items[:1]))) == ["items"]


async def test_a_difference_is_told_once_and_leaves_the_feed_to_feedparser(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with a_newsroom(tmp_path) as newsroom:
        newsroom.poller._reader = reader = Differing()
        with caplog.at_level(logging.WARNING, "wirebell.shadow"):
            await polled(newsroom, 3)

        assert reader.asked == [Parser.BOTH, Parser.FEEDPARSER, Parser.FEEDPARSER]
        assert [line.getMessage() for line in caplog.records] == [
            f"read differently by the two parsers feed={newsroom.feed.url} fields=title, link"
        ]
        (notice,) = newsroom.notices
        assert "is read by feedparser alone: " in notice
        assert f"in {newsroom.feed.url}. " in notice
        assert 'parser = "feedparser"' in notice
        assert "news" not in caplog.text


async def test_the_file_may_leave_one_feed_to_feedparser(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path, feed=', parser = "feedparser"') as newsroom:
        newsroom.poller._reader = reader = Differing()
        await polled(newsroom, 1)

        assert reader.asked == [Parser.FEEDPARSER]
        assert newsroom.notices == []


async def test_what_is_pushed_is_read_by_who_reads_the_feed(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path, feed=', parser = "feedparser"') as newsroom:
        newsroom.poller._reader = reader = Differing()
        await polled(newsroom, 1)

        pushed = await newsroom.poller.take_in(newsroom.feed.id, FEED, {}, newsroom.feed.url)

        assert pushed
        assert pushed.new == 1
        assert reader.asked == [Parser.FEEDPARSER, Parser.FEEDPARSER]


def test_the_file_may_leave_all_feeds_to_feedparser(tmp_path: Path) -> None:
    read = config.parse('parser = "feedparser"', tmp_path / "wirebell.toml", {})

    assert plan_of(read).parser == "feedparser"
