"""`init` and `check`: a configuration to start with, and whether the one there is does what it says."""

import asyncio
import os
from collections.abc import Coroutine, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from monitor import config
from monitor.answers import read_answer
from monitor.assembly import build_channels, build_fetcher
from monitor.channels.base import Channel, SendError
from monitor.commands.common import AsJson, Status, config_path, counted, print_json, progress, say, show
from monitor.config import Config
from monitor.fetch import Fetched, Fetcher
from monitor.formats import Document, Parser, Unreadable
from monitor.linting import warnings_of
from monitor.reader import Reader
from monitor.robots import Forgetful, Robots
from monitor.starter import write_starter
from rules.mistakes import Mistake, Mistakes, Remark
from rules.records import Cursor, Feed, FeedKind

AT_ONCE = 10
"""Servers asked at the same time."""


def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write wirebell.toml.")] = Path(),
    as_json: AsJson = False,
) -> Status:
    """Write a commented starter configuration. It watches AI labs, researchers and words in technology feeds.

    Example: wirebell init newsroom
    """
    path = write_starter(directory)
    configured = config.load(path)
    say(f"wrote {path}: {_facts(configured)}")
    say(f"next: wirebell --config {path} check --online, then wirebell --config {path} run")
    if as_json:
        print_json({"config": path, "feeds": len(configured.feeds), "channels": list(configured.channels)})
    return Status.DONE


@dataclass(frozen=True, slots=True)
class Asked:
    """A server that was asked: of which key, what it answered, and whether that is as it should be."""

    asked: str
    answer: str
    fine: bool


def check(
    context: typer.Context,
    online: Annotated[bool, typer.Option("--online", help="Ask each feed and each channel's server, too.")] = False,
    as_json: AsJson = False,
) -> Status:
    """Validate the configuration, run its examples, and warn of what is hardly meant.

    Exits 2 where it cannot be understood, 1 where an example disagrees or, with --online, a server does. Warnings
    change nothing in that.

    Example: wirebell check --online
    """
    try:
        path = config_path(context)
        configured, place = config.parse_with_places(config.read_text(path), path, os.environ)
    except Mistakes as mistakes:
        if not as_json:
            raise
        print_json(_report(config_path(context), mistakes=mistakes.found))
        return Status.MISUSE
    failures = configured.judge.checks()
    warnings = warnings_of(configured, place)
    asked = asyncio.run(_ask_everyone(configured)) if online else []
    if as_json:
        print_json(_report(configured.path, failures=failures, warnings=warnings, asked=asked))
    else:
        _print(configured, failures, warnings, asked)
    return Status.NO if failures or not all(one.fine for one in asked) else Status.DONE


def _report(
    path: Path,
    *,
    mistakes: Iterable[Mistake] = (),
    failures: Iterable[Mistake] = (),
    warnings: Iterable[Remark] = (),
    asked: Iterable[Asked] = (),
) -> dict[str, Any]:
    return {
        "config": path,
        "mistakes": [asdict(one) for one in mistakes],
        "failures": [asdict(one) for one in failures],
        "warnings": [asdict(one) for one in warnings],
        "online": [asdict(one) for one in asked],
    }


def _note(configured: Config) -> str:
    alone = sorted(configured.judge.lists_without_rules)
    return f"note: these lists are rules of their own, as no rule names them: {', '.join(alone)}" if alone else ""


def _facts(configured: Config) -> str:
    numbers = {"feed": configured.feeds, "rule": configured.judge.rules, "channel": configured.channels}
    return ", ".join(counted(len(things), noun) for noun, things in numbers.items())


def _print(configured: Config, failures: Sequence[Mistake], warnings: Sequence[Remark], asked: Sequence[Asked]) -> None:
    for one in asked:
        show(f"{'ok   ' if one.fine else 'WRONG'} {one.asked}: {one.answer}")
    for warning in warnings:
        say(f"warning: {warning}")
    if note := _note(configured):
        say(note)
    for failure in failures:
        show(str(failure))
    wrong = len(failures) + sum(not one.fine for one in asked)
    verdict = f"{counted(wrong, 'thing is', 'things are')} not as it should be" if wrong else "good"
    show(f"{configured.path}: {verdict}; {_facts(configured)}")


async def _ask_everyone(configured: Config) -> Sequence[Asked]:
    """Each feed once, and each channel's server, a few at a time; in the order of the configuration."""
    async with AsyncExitStack() as closing:
        fetcher = await build_fetcher(configured, closing)
        channels = await build_channels(configured, closing, instance="")
        reader, robots = Reader(), Robots(Forgetful())
        closing.push_async_callback(reader.close)
        gate = asyncio.Semaphore(AT_ONCE)
        asking = [
            *(
                _within(gate, _ask_feed(fetcher, reader, robots, feed, Parser(feed.parser or configured.parser)))
                for feed in configured.feeds
            ),
            *(_within(gate, _ask_channel(channel)) for channel in channels.values()),
        ]
        bars = closing.enter_context(progress())
        bar = bars.add_task("asking", total=len(asking))
        tasks = [asyncio.create_task(one) for one in asking]
        for one in tasks:
            one.add_done_callback(lambda _: bars.advance(bar))
        return await asyncio.gather(*tasks)


async def _within(gate: asyncio.Semaphore, asking: Coroutine[Any, Any, Asked]) -> Asked:
    async with gate:
        return await asking


async def _ask_feed(fetcher: Fetcher, reader: Reader, robots: Robots, feed: Feed, parser: Parser) -> Asked:
    url = feed.url
    if feed.kind is FeedKind.PAGE and (refused := (await robots.ruling(url, fetcher)).reason):
        return Asked(url, refused, False)
    answer = await fetcher.fetch(url, Cursor(feed_id="", url=url))
    if not isinstance(answer, Fetched):
        return Asked(url, getattr(answer, "reason", "unexpected answer"), False)
    try:
        document = await read_answer(reader, answer, feed, parser)
    except Unreadable as error:
        return Asked(url, str(error), False)
    said = counted(len(document.parts), "sitemap") if document.parts else counted(len(document.items), "item")
    moved = f"it has moved to {answer.permanent_to}" if answer.permanent_to else ""
    refused = await _refused_articles(fetcher, robots, feed, document)
    return Asked(url, "; ".join(filter(None, (said, *document.warnings, moved, refused))), not refused)


async def _refused_articles(fetcher: Fetcher, robots: Robots, feed: Feed, document: Document) -> str:
    """Why the articles of a feed with full_text cannot be read; '' where they can."""
    link = next((item.link for item in document.items if item.link), "")
    if not (feed.full_text and link):
        return ""
    refused = (await robots.ruling(link, fetcher)).reason
    return f"full_text reads nothing: {refused}" if refused else ""


async def _ask_channel(channel: Channel) -> Asked:
    try:
        return Asked(f"channels.{channel.name}", await channel.reach(), True)
    except SendError as error:
        return Asked(f"channels.{channel.name}", error.attempt.reason, False)
