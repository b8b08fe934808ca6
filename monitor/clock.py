"""Notices that the clock was set, so that nothing bursts or stalls for it.

What is due is stored as a time of day, what we wait for is measured by a clock that nobody sets. Where the two part by
more than JUMP from one tick to the next, every stored time that is still to come moves along. A summer time is no jump:
stored times are UTC. A machine that slept has set nothing either: what became due meanwhile is due.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from state.errors import StateError
from state.store import Store

log = logging.getLogger("wirebell.clock")

JUMP = 30.0
"""Seconds; smaller steps are followed as they are."""


def steady() -> float:
    """Seconds of a clock that nobody sets and that goes on while the machine sleeps, where there is one."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class Clock:
    """Watches the difference of the two clocks. `on_jump` is told when the stored times have moved."""

    def __init__(
        self,
        store: Store,
        *,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        steady: Callable[[], float] = steady,
    ) -> None:
        self.on_jump: Callable[[], None] = lambda: None
        self._store = store
        self._wall = wall
        self._steady = steady
        self._offset = self._read()
        self._turn = asyncio.Lock()

    async def settled(self) -> bool:
        """Move the stored times where the clock was set; False where that is not possible yet: do nothing by them."""
        async with self._turn:
            jump = self._read() - self._offset
            if abs(jump) > JUMP:
                try:
                    await asyncio.wrap_future(self._store.upkeep.shift(timedelta(seconds=jump), now=self._wall()))
                except StateError:
                    return False
                log.warning("the clock was set by=%+.0fs; what is still to come moved along", jump)
                self.on_jump()
            self._offset += jump
            return True

    def _read(self) -> float:
        return self._wall().timestamp() - self._steady()
