"""The requests in flight, and whether there is room for another: one that hangs holds up nobody else.

Moments are seconds of the monotonic clock.
"""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

AT_ONCE = 20
"""Requests in flight over all hosts, those that are slow not counted."""

AT_MOST = 60
"""Requests in flight over all hosts: a body may take 25 MB."""

SLOW = 3.0
"""Seconds after which a request holds up nobody else: a host that hangs does so until the deadline."""


class Flights:
    """What is in flight. `landed` is set whenever something lands."""

    def __init__(self) -> None:
        self.landed = asyncio.Event()
        self._started: dict[asyncio.Task[None], float] = {}

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """Everything in flight."""
        return list(self._started)

    def start(self, flight: Coroutine[Any, Any, None]) -> None:
        """Let `flight` go."""
        task = asyncio.create_task(flight)
        self._started[task] = time.monotonic()
        task.add_done_callback(self._land)

    def _land(self, task: "asyncio.Task[None]") -> None:
        del self._started[task]
        self.landed.set()

    @property
    def room(self) -> bool:
        """Whether another may start."""
        return len(self._started) < AT_ONCE or self._room_in() == 0.0

    def room_in(self) -> float | None:
        """Seconds until there is room although nothing lands; None where that depends on a landing."""
        return 0.0 if len(self._started) < AT_ONCE else self._room_in()

    def _room_in(self) -> float | None:
        if len(self._started) >= AT_MOST:
            return None
        # They are in order: with the AT_ONCE-th latest slow, fewer than AT_ONCE are not.
        last = list(self._started.values())[-AT_ONCE]
        return max(last + SLOW - time.monotonic(), 0.0)

    async def finish(self, within: float) -> None:
        """Let what is in flight land within so many seconds."""
        if self._started:
            await asyncio.wait(self._started, timeout=within)

    async def give_up(self) -> None:
        """End what is in flight."""
        flying = self.tasks
        for task in flying:
            task.cancel()
        await asyncio.gather(*flying, return_exceptions=True)
