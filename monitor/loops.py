"""The two loops that move the news: polling takes what is due, delivering pays what is owed.

Both tick on the monotonic clock, so that a wall clock that jumps neither stalls nor floods them; what is due is in
the database.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import partial
from typing import Any

from monitor.clock import Clock
from monitor.deliver import Deliverer, Lane
from monitor.dues import Dues
from monitor.flights import Flights
from monitor.hosts import Turns
from monitor.poll import Polled, Poller
from monitor.waiting import first
from rules.records import Cursor
from state.errors import StateError
from state.store import Store

log = logging.getLogger("wirebell.loops")

TICK = 0.25
"""Seconds between two looks into the database for feeds that have become due."""

LOOK = 1.0
"""Seconds between two looks into the outbox for deliveries whose wait is over; a new alert rings at once."""

GRACE = 3.0
"""Seconds in which polls in flight may end when we stop, so that their answers are not lost."""

UNFINISHED = ("held", "pending", "leased")

PAUSE = 5.0
"""Seconds of rest when the database cannot be used: it heals by itself when there is space again."""

GIVE_UP = 60.0
"""Seconds between two looks for deliveries that are past their deadline."""


class Polling:
    """Takes due feeds, a host at a time. `moved` is the moment of the last tick, for the watchdog."""

    def __init__(
        self, *, store: Store, poller: Poller, gap: float, clock: Clock, on_alerts: Callable[[], None]
    ) -> None:
        self.turns = Turns(gap=gap)
        self.moved = time.monotonic()
        self.ticked = asyncio.Event()
        self.flights = Flights()
        self._dues = Dues(store)
        self._poller = poller
        self._clock = clock
        self._on_alerts = on_alerts
        self._looks_at = 0.0
        self._unread = _Complaint()
        self._unkept = _Complaint()

    async def run(self, stopping: asyncio.Event) -> None:
        """Poll what is due until `stopping`; a poll in flight may end then, and one that does not has had its turn."""
        try:
            while not stopping.is_set():
                self.moved = time.monotonic()
                if await self._clock.settled():
                    self._look()
                    self._start(self._obey)
                self.ticked.set()
                await first(stopping, self.flights.landed, within=TICK)
                self.flights.landed.clear()
            await self.flights.finish(within=GRACE)
        finally:
            await self.flights.give_up()

    async def sweep(self, cursors: Sequence[Cursor], on_polled: Callable[[Polled], None]) -> None:
        """Poll these feeds once, each in its host's turn."""
        self.turns.add(cursors)
        try:
            while len(self.turns):
                self.flights.landed.clear()
                self._start(on_polled)
                await first(self.flights.landed, within=self._wait())
        finally:
            await self.flights.give_up()

    def _look(self) -> None:
        moment = time.monotonic()
        if moment < self._looks_at:
            return
        try:
            due = self._dues.look(datetime.now(UTC))
        except StateError as error:
            self._looks_at = moment + PAUSE
            self._unread.say("nothing polled reason=%s", error)
            return
        self._unread.over()
        self._looks_at = moment + TICK
        self.turns.add(cursor for cursor in due if cursor.feed_id in self._poller.plan.feeds)
        self.turns.forget_rested(moment)

    def _start(self, on_polled: Callable[[Polled], None]) -> None:
        while self.flights.room and (cursor := self.turns.take(time.monotonic())):
            self.flights.start(self._poll(cursor, on_polled))

    def _wait(self) -> float | None:
        """Seconds until another poll may start, if none lands before; None where that depends on a landing."""
        room, free = self.flights.room_in(), self.turns.next_free()
        return None if room is None or free is None else max(room, free - time.monotonic())

    def _obey(self, polled: Polled) -> None:
        if polled.host_rests:
            self.turns.rest(polled.asked, time.monotonic(), polled.host_rests)

    async def _poll(self, cursor: Cursor, on_polled: Callable[[Polled], None]) -> None:
        try:
            polled = await self._polled(cursor)
            if polled and polled.alerts:
                self._on_alerts()
            if polled:
                on_polled(polled)
        finally:
            self.turns.done(cursor)

    async def _polled(self, cursor: Cursor) -> Polled | None:
        """What came of it, whatever happens; None where a reload dropped the feed while it waited."""
        feed = self._poller.plan.feeds.get(cursor.feed_id)
        if feed is None:
            return None
        try:
            polled = await self._asked(cursor)
        except StateError as error:
            reason = str(error)
            self._unkept.say("nothing kept reason=%s", error)
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            log.exception("poll could not be kept feed=%s", cursor.url)
        else:
            self._unkept.over()
            return polled
        # It is still due: its publisher must not be asked again at once.
        self._looks_at = time.monotonic() + PAUSE
        return Polled(feed=feed, asked=cursor.url, problem=reason)

    async def _asked(self, cursor: Cursor) -> Polled | None:
        try:
            return await self._poller.poll(cursor)
        except StateError:
            raise
        except Exception as error:
            log.exception("poll broke feed=%s", cursor.url)
            return await self._poller.broke(cursor, f"{type(error).__name__}: {error}")


class Delivering:
    """Runs every channel's lane. `moved` is the moment of the last turn of the lanes' watcher."""

    def __init__(self, *, store: Store, deliverer: Deliverer, clock: Clock) -> None:
        self.moved = time.monotonic()
        self.sending: dict[str, asyncio.Task[None]] = {}
        self._ends: Callable[[], bool] = lambda: True
        self._store = store
        self._deliverer = deliverer
        self._clock = clock
        self._owed = asyncio.Event()
        self._coming: set[asyncio.Future[int]] = set()
        self._gives_up_at = 0.0
        self._complaint = _Complaint()

    def ring(self) -> None:
        """Something new is owed: the lanes look at once."""
        self._owed.set()

    def expect(self, owing: "Future[int]") -> None:
        """Something is about to be owed: the lanes look as soon as it is written."""
        coming = asyncio.wrap_future(owing)
        self._coming.add(coming)
        coming.add_done_callback(self._came)

    def _came(self, coming: "asyncio.Future[int]") -> None:
        self._coming.discard(coming)
        if not coming.cancelled() and (error := coming.exception()):
            log.error("not owed reason=%s", error)
        self._owed.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Pay what is owed until `stopping`; a message that is being sent is finished, within the caller's patience."""
        self._ends = stopping.is_set
        while not stopping.is_set():
            self.moved = time.monotonic()
            self._owed.clear()
            wait = await self._turn()
            await first(stopping, self._owed, *self.sending.values(), within=min(LOOK if wait is None else wait, LOOK))
        await asyncio.gather(*self.sending.values(), return_exceptions=True)

    async def drain(self, until: float) -> int:
        """Pay what is owed until nothing can be before the moment `until`; returns how many are still owed."""
        self._ends = lambda: time.monotonic() >= until
        await self._expire()
        while (moment := time.monotonic()) < until:
            self._owed.clear()
            wait = self._start()
            busy: list[asyncio.Future[Any]] = [*self.sending.values(), *self._coming]
            if not busy and (wait is None or moment + wait > until):
                break
            within = until - moment if wait is None else min(wait, until - moment)
            await first(self._owed, *busy, within=within)
        await asyncio.gather(*self.sending.values(), return_exceptions=True)
        return sum(self._store.status(now=self._deliverer.clock()).owed.values())

    async def _turn(self) -> float | None:
        """Start what may be sent; seconds until the next look, None where nothing is known to wait."""
        try:
            if not await self._clock.settled():
                return PAUSE
            await self._expire()
            wait = self._start()
        except StateError as error:
            self._complaint.say("nothing sent reason=%s", error)
            return PAUSE
        return wait

    async def _expire(self) -> None:
        moment = time.monotonic()
        if moment >= self._gives_up_at:
            self._gives_up_at = moment + GIVE_UP
            await self._deliverer.expire()

    def _start(self) -> float | None:
        """Start a lane wherever something is due and nothing is being sent; seconds until another may start."""
        now, moment = self._deliverer.clock(), time.monotonic()
        waits = []
        for name, due in self._store.owed(now).items():
            lane = self._deliverer.lanes.get(name)
            if lane is None or name in self.sending:
                continue
            rest = max(lane.rests_until - moment, (due - now).total_seconds())
            if rest > 0:
                waits.append(rest)
            else:
                self.sending[name] = asyncio.create_task(self._send(lane))
                self.sending[name].add_done_callback(partial(self._sent, name))
        return min(waits, default=None)

    def _sent(self, name: str, _: "asyncio.Task[None]") -> None:
        del self.sending[name]

    async def _send(self, lane: Lane) -> None:
        """Send what is due to a channel, one after the other, as long as it is that of the configuration."""
        name, rest = lane.channel.name, LOOK
        try:
            while await self._deliverer.deliver_one(lane):
                rest = 0.0
                self._complaint.over()
                if self._ends() or self._deliverer.lanes.get(name) is not lane:
                    break
        except StateError as error:
            # No claim, no sending: the alert stays owed.
            self._complaint.say("nothing sent reason=%s", error)
            rest = PAUSE
        except Exception:
            log.exception("delivery broke channel=%s", name)
            rest = PAUSE
        lane.rests_until = max(lane.rests_until, time.monotonic() + rest)


class _Complaint:
    """Says the same once, until it is over: a disk stays full for hours."""

    def __init__(self) -> None:
        self._said = ""

    def say(self, text: str, error: StateError) -> None:
        if str(error) != self._said:
            self._said = str(error)
            log.error(text, error)

    def over(self) -> None:
        self._said = ""
