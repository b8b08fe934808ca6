"""The two loops that move the news: polling takes what is due, delivering pays what is owed.

Both tick on the monotonic clock, so that a wall clock that jumps neither stalls nor floods them; what is due is in
the database.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from monitor.deliver import Deliverer, Lane
from monitor.hosts import Turns
from monitor.poll import Polled, Poller
from rules.records import Cursor
from state.errors import StateError
from state.store import Store

log = logging.getLogger("wirebell.loops")

TICK = 0.25
"""Seconds between two looks into the database for feeds that have become due."""

LOOK = 1.0
"""Seconds between two looks into the outbox for deliveries whose wait is over; a new alert rings at once."""

AT_ONCE = 20
"""Requests in flight over all hosts."""

UNFINISHED = ("held", "pending", "leased")

PAUSE = 5.0
"""Seconds of rest when the database cannot be written: it heals by itself when there is space again."""


class Polling:
    """Takes due feeds, a host at a time. `moved` is the moment of the last tick, for the watchdog."""

    def __init__(self, *, store: Store, poller: Poller, gap: float, on_alerts: Callable[[], None]) -> None:
        self.turns = Turns(gap=gap)
        self.moved = time.monotonic()
        self.ticked = asyncio.Event()
        self._store = store
        self._poller = poller
        self._on_alerts = on_alerts
        self._flying: set[asyncio.Task[None]] = set()
        self._landed = asyncio.Event()
        self._paused_until = 0.0

    async def run(self, stopping: asyncio.Event) -> None:
        """Poll what is due until `stopping`; polls in flight are given up then, and nothing of them is kept."""
        try:
            while not stopping.is_set():
                self.moved = time.monotonic()
                self._look()
                self._start()
                self.ticked.set()
                await _first(stopping, self._landed, within=TICK)
                self._landed.clear()
        finally:
            await self._give_up()

    async def sweep(self, cursors: Sequence[Cursor], on_polled: Callable[[Polled], None]) -> None:
        """Poll these feeds once, each in its host's turn."""
        self.turns.add(cursors)
        try:
            while len(self.turns):
                self._landed.clear()
                self._start(on_polled)
                free = self.turns.next_free()
                wait = max(free - time.monotonic(), 0.0) if free is not None and len(self._flying) < AT_ONCE else None
                await _first(self._landed, within=wait)
        finally:
            await self._give_up()

    def _look(self) -> None:
        if time.monotonic() < self._paused_until:
            return
        feeds = self._poller.plan.feeds
        due = self._store.due(datetime.now(UTC), limit=2000)
        self.turns.add(cursor for cursor in due if cursor.feed_id in feeds)
        self.turns.forget_rested(time.monotonic())

    def _start(self, on_polled: Callable[[Polled], None] = lambda polled: None) -> None:
        while len(self._flying) < AT_ONCE and (cursor := self.turns.take(time.monotonic())):
            task = asyncio.create_task(self._poll(cursor, on_polled))
            self._flying.add(task)
            task.add_done_callback(self._flying.discard)

    async def _poll(self, cursor: Cursor, on_polled: Callable[[Polled], None]) -> None:
        try:
            if cursor.feed_id in self._poller.plan.feeds:  # a reload may have dropped it while it waited
                polled = await self._poller.poll(cursor)
                if polled.alerts:
                    self._on_alerts()
                on_polled(polled)
        except StateError as error:
            self._paused_until = time.monotonic() + PAUSE
            log.error("nothing kept feed=%s reason=%s", cursor.url, error)
            on_polled(Polled(feed=self._poller.plan.feeds[cursor.feed_id], problem=str(error)))
        except Exception as error:
            log.exception("poll broke feed=%s", cursor.url)
            await self._poller.broke(cursor, f"{type(error).__name__}: {error}")
        finally:
            self.turns.done(cursor)
            self._landed.set()

    async def _give_up(self) -> None:
        for task in self._flying:
            task.cancel()
        await asyncio.gather(*self._flying, return_exceptions=True)


class Delivering:
    """Runs every channel's lane. `moved` is the moment of the last turn of the slowest lane's watcher."""

    def __init__(self, *, store: Store, deliverer: Deliverer) -> None:
        self.moved = time.monotonic()
        self._store = store
        self._deliverer = deliverer
        self._owed = asyncio.Event()

    def ring(self) -> None:
        """Something new is owed: the lanes look at once."""
        self._owed.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Pay what is owed until `stopping`; a message that is being sent is finished, within the caller's patience."""
        sending: dict[str, asyncio.Task[bool]] = {}
        while not stopping.is_set():
            self.moved = time.monotonic()
            self._owed.clear()
            wait = self._start(sending)
            await _first(stopping, self._owed, *sending.values(), within=wait)
        await asyncio.gather(*sending.values(), return_exceptions=True)

    async def drain(self, until: float) -> int:
        """Pay what is owed until nothing is, or until the moment `until`; returns how many are still owed."""
        sending: dict[str, asyncio.Task[bool]] = {}
        while time.monotonic() < until and (sending or self._store.owed(datetime.now(UTC))):
            self._owed.clear()
            wait = self._start(sending)
            await _first(self._owed, *sending.values(), within=min(wait, max(until - time.monotonic(), 0.0)))
        await asyncio.gather(*sending.values(), return_exceptions=True)
        return sum(self._store.status(now=datetime.now(UTC)).outbox.get(state, 0) for state in UNFINISHED)

    def _start(self, sending: dict[str, asyncio.Task[bool]]) -> float:
        """Start a lane wherever something is due and nothing is being sent; returns seconds until the next look."""
        for name in [name for name, task in sending.items() if task.done()]:
            sending.pop(name)
        now, moment = datetime.now(UTC), time.monotonic()
        wait = LOOK
        for name, due in self._store.owed(now).items():
            lane = self._deliverer.lanes.get(name)
            if lane is None or name in sending:
                continue
            rest = max(lane.rests_until - moment, (due - now).total_seconds())
            if rest > 0:
                wait = min(wait, rest)
            else:
                sending[name] = asyncio.create_task(self._turn(lane))
        return wait

    async def _turn(self, lane: Lane) -> bool:
        try:
            return await self._deliverer.deliver_one(lane)
        except StateError as error:
            # No claim, no sending: the alert stays owed.
            log.error("nothing sent channel=%s reason=%s", lane.channel.name, error)
        except Exception:
            log.exception("delivery broke channel=%s", lane.channel.name)
        lane.rests_until = time.monotonic() + PAUSE
        return False


async def _first(*events: "asyncio.Event | asyncio.Task[bool]", within: float | None) -> None:
    """Wait until one of the events is set or a task is done, or `within` seconds are over."""
    waiting = [asyncio.create_task(event.wait()) if isinstance(event, asyncio.Event) else event for event in events]
    try:
        await asyncio.wait(waiting, timeout=within, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for event, task in zip(events, waiting, strict=True):
            if isinstance(event, asyncio.Event):
                task.cancel()
