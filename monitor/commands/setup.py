"""`init` and `check`: a configuration to start with, and whether the one there is does what it says."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import track

from monitor import config
from monitor.assembly import build_channels, build_fetcher
from monitor.channels.base import SendError
from monitor.commands.common import AsJson, Status, err, out, print_json, say, the_config
from monitor.config import Config
from monitor.fetch import Fetched
from monitor.formats import Unreadable
from monitor.reader import Reader
from monitor.starter import write_starter
from rules.records import Cursor


def init(
    directory: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to write wirebell.toml.")] = Path(),
) -> Status:
    """Write a commented starter configuration: AI labs, researchers, words, and technology feeds.

    Example: wirebell init newsroom
    """
    path = write_starter(directory)
    configured = config.load(path)
    say(
        f"wrote {path}: {len(configured.feeds)} feeds, {len(configured.judge.rules)} rules, channels "
        f"{', '.join(configured.channels)}"
    )
    say(f"next: wirebell --config {path} check --online, then wirebell --config {path} run")
    return Status.DONE


def check(
    context: typer.Context,
    online: Annotated[bool, typer.Option("--online", help="Ask each feed and each channel's server, too.")] = False,
    as_json: AsJson = False,
) -> Status:
    """Validate the configuration and run its examples; 2 where it cannot be understood, 1 where an example disagrees.

    Example: wirebell check --online
    """
    configured = the_config(context)
    failures = [str(mistake) for mistake in configured.judge.checks()]
    warnings = list(configured.warnings)
    answers = asyncio.run(_ask_everyone(configured)) if online else []
    failures += [f"{where}: {answer}" for where, answer, fine in answers if not fine]
    if as_json:
        asked = [{"asked": where, "answer": answer, "fine": fine} for where, answer, fine in answers]
        print_json({"config": configured.path, "failures": failures, "warnings": warnings, "online": asked})
    else:
        _print(configured, failures, warnings, answers)
    return Status.NO if failures else Status.DONE


def _print(configured: Config, failures: list[str], warnings: list[str], answers: list[tuple[str, str, bool]]) -> None:
    for where, answer, fine in answers:
        if fine:
            out.print(f"{where}: {answer}", markup=False)
    for warning in warnings:
        say(f"note: {warning}")
    for failure in failures:
        say(failure)
    alone = sorted(configured.judge.lists_without_rules)
    if alone:
        say(f"note: these lists are rules of their own, as no rule names them: {', '.join(alone)}")
    facts = f"{len(configured.feeds)} feeds, {len(configured.judge.rules)} rules, {len(configured.channels)} channels"
    out.print(f"{configured.path}: {'not as it should be' if failures else 'good'}; {facts}", markup=False)


async def _ask_everyone(configured: Config) -> list[tuple[str, str, bool]]:
    """Each feed once, and each channel's server, a few at a time: (who, the answer in words, whether it is fine)."""
    async with AsyncExitStack() as closing:
        fetcher = await build_fetcher(configured, closing)
        channels = await build_channels(configured, closing, instance="")
        reader = Reader()
        closing.push_async_callback(reader.close)
        gate = asyncio.Semaphore(10)

        async def feed(url: str) -> tuple[str, str, bool]:
            async with gate:
                answer = await fetcher.fetch(url, Cursor(feed_id="", url=url))
            if not isinstance(answer, Fetched):
                return url, getattr(answer, "reason", "unexpected answer"), False
            try:
                document = await reader.read(answer.body, answer.headers, answer.url, incomplete=answer.incomplete)
            except Unreadable as error:
                return url, str(error), False
            return url, f"{len(document.items)} items", True

        async def channel(name: str, there: Any) -> tuple[str, str, bool]:
            try:
                return f"channels.{name}", await there.reach(), True
            except SendError as error:
                return f"channels.{name}", error.attempt.reason, False

        asking = [feed(feed_.url) for feed_ in configured.feeds] + [channel(*pair) for pair in channels.items()]
        return [
            await one
            for one in track(
                asyncio.as_completed(asking),
                "asking",
                total=len(asking),
                console=err,
                transient=True,
                disable=not err.is_terminal,
            )
        ]
