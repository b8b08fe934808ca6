"""`run` and `once`: the daemon, and one round of it."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated

import typer

from monitor import daemon, logs, memory
from monitor.assembly import System, assemble
from monitor.commands.common import (
    AsJson,
    Status,
    counted,
    length,
    now,
    print_json,
    printing,
    progress,
    say,
    show,
    store_of,
    the_config,
)
from monitor.config import Config
from monitor.notices import about_strangers
from monitor.poll import Polled
from rules.records import Cursor
from state.catalogue import Status as StoreStatus
from state.store import Store

new_event_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
try:
    import uvloop
except ImportError:  # not on this platform
    pass
else:
    new_event_loop = uvloop.new_event_loop  # half the CPU of a poll (measured by httpx-aiohttp's users and by us)


def run(
    context: typer.Context,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log what did not change, too.")] = False,
) -> Status:
    """Watch: the daemon, in the foreground, as systemd wants it. SIGHUP reloads, SIGTERM stops.

    Example: wirebell --config /etc/wirebell/wirebell.toml run
    """
    configured = the_config(context)
    logs.start(verbose=verbose)
    os.umask(0o077)
    with store_of(configured) as store, asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(daemon.run(configured, store))
    return Status.DONE


def once(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Poll every feed, due or not.")] = False,
    wait: Annotated[str, typer.Option(metavar="TIME", help="How long rates and retries are waited for.")] = "60s",
    as_json: AsJson = False,
) -> Status:
    """Poll what is due, deliver what rings, and end. For cron, and for trying out; prints a summary.

    Example: wirebell once --all
    """
    configured = the_config(context)
    patience = length("--wait", wait).total_seconds()
    logs.start(quiet=True)
    os.umask(0o077)
    with store_of(configured) as store, asyncio.Runner(loop_factory=new_event_loop) as runner, printing(as_json):
        before = store.status(now=now())
        done = runner.run(_round(configured, store, everything=everything, patience=patience))
        after = store.status(now=now())
    facts = _facts(done, before, after)
    for sentence in _sentences(configured, done.polled, facts, after):
        say(sentence)
    if done.unread:
        said = counted(done.unread, "article is", "articles are")
        say(f"{said} still to be read; the next `wirebell once` or `wirebell run` goes on with them")
    if as_json:
        print_json(facts)
    else:
        show(_summary(facts))
    return Status.NO if facts["failed"] or facts["owed"] or facts["dead"] > 0 else Status.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    """What came of a round: `first` feeds were read for the first time, `unread` articles are left for later.

    `rung` are the alerts of articles, of which the polls know nothing.
    """

    polled: list[Polled]
    first: int
    unread: int
    rung: int


async def _round(configured: Config, store: Store, *, everything: bool, patience: float) -> _Done:
    """Poll, and read articles and deliver for at most `patience` seconds more."""
    system = await assemble(configured, store)
    memory.settle()
    try:
        due = store.due(now(), limit=100_000)
        cursors = [record.cursor for record in store.feeds() if record.active] if everything else due
        delivering = asyncio.create_task(system.delivering.run(stopping := asyncio.Event()))
        polled = await _polled(system, cursors)
        await system.rounds.look(at_once=True)
        until = time.monotonic() + patience
        unread = await _read(system, until)
        stopping.set()
        await delivering
        await system.delivering.drain(until)
    finally:
        await system.close()
    new = {cursor.feed_id for cursor in cursors if not cursor.baseline}
    first = sum(one.feed.id in new and not one.problem for one in polled)
    return _Done(polled=polled, first=first, unread=unread, rung=system.articles.rung)


async def _polled(system: System, cursors: list[Cursor]) -> list[Polled]:
    """What came of each poll; progress on a terminal."""
    polled: list[Polled] = []
    with progress() as bars:
        bar = bars.add_task("polling", total=len(cursors))

        def on_polled(one: Polled) -> None:
            polled.append(one)
            bars.advance(bar)

        await system.polling.sweep(cursors, on_polled)
    return polled


async def _read(system: System, until: float) -> int:
    """Read the articles that are due; how many are left for later."""
    if not system.store.articles.waiting():
        return 0
    with progress() as bars:
        bars.add_task("reading articles", total=None)
        return await system.articles.drain(until)


def _facts(done: _Done, before: StoreStatus, after: StoreStatus) -> dict[str, int]:
    """What the round did. `first` feeds were read for the first time; `dead` are those that died in it."""
    polled = done.polled
    return {
        "polled": len(polled),
        "failed": sum(bool(one.problem) for one in polled),
        "unchanged": sum(one.unchanged for one in polled),
        "first": done.first,
        "items": sum(one.items for one in polled),
        "new": sum(one.new for one in polled),
        "alerts": sum(one.alerts for one in polled) + done.rung,
        "folded": sum(one.folded for one in polled),
        "owed": sum(after.owed.values()),
        "dead": after.outbox.get("dead", 0) - before.outbox.get("dead", 0),
    }


def _summary(facts: dict[str, int]) -> str:
    feeds, alerts = counted(facts["polled"], "feed"), counted(facts["alerts"], "alert")
    return (
        f"{feeds} polled, {facts['failed']} failed; {facts['new']} new of {counted(facts['items'], 'item')}; "
        f"{alerts}, {facts['folded']} folded; {facts['owed']} owed, {facts['dead']} dead"
    )


def _sentences(configured: Config, polled: list[Polled], facts: dict[str, int], after: StoreStatus) -> Iterator[str]:
    """What a person must know of the round, and can do about it."""
    yield from (f"{one.feed.url}: {one.problem}" for one in polled if one.problem)
    if facts["first"] and not configured.polling.backfill:
        said = counted(facts["first"], "feed was", "feeds were")
        yield f"{said} read for the first time, which rings nobody; what is published from here on does"
    if held := sum(one.held for one in polled):
        said = counted(held, "alert of an old item is", "alerts of old items are")
        yield f"{said} held; `wirebell alerts held` says of which feeds, `wirebell alerts release` sends them"
    owed = sum(number for name, number in after.owed.items() if name in configured.channels)
    if owed:
        said = counted(owed, "delivery is", "deliveries are")
        yield f"{said} still owed; the next `wirebell once` or `wirebell run` goes on with them"
    if strangers := about_strangers(after.owed, configured.channels):
        yield ": ".join(strangers)
    if facts["dead"] > 0:
        said = counted(facts["dead"], "delivery is", "deliveries are")
        yield f"{said} dead; `wirebell alerts --state dead` says why, `wirebell alerts retry` sends again"
