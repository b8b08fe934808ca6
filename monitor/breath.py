"""Turns at computing on the loop: what takes long does so in slices, and all who compute take theirs one by one.

A delivery, a request or a command then waits for one slice, however many archives are read at the moment.
"""

import asyncio
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVar

SLICE = 0.003
"""Seconds after which it is somebody else's turn."""

T = TypeVar("T")


class Turn:
    """The turns of one who computes; enter it before, and ask it between two steps. Who shares it shares `talking`."""

    def __init__(self, talking: asyncio.Lock) -> None:
        self._talking = talking
        self._mine = False
        self._since = 0.0

    async def __aenter__(self) -> Self:
        await self._begin()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    async def breath(self) -> None:
        """Let the others have their turn, where this one has lasted long enough."""
        if time.monotonic() - self._since > SLICE:
            self._end()
            await asyncio.sleep(0)
            await self._begin()

    async def aside(self, work: Callable[..., T], *given: object) -> T:
        """What cannot be sliced, in a thread of its own; it is the others' turn meanwhile."""
        self._end()
        try:
            return await asyncio.to_thread(work, *given)
        finally:
            await self._begin()

    async def _begin(self) -> None:
        await self._talking.acquire()
        self._mine, self._since = True, time.monotonic()

    def _end(self) -> None:
        # Who is cancelled while he waits has none to give back.
        if self._mine:
            self._mine = False
            self._talking.release()
