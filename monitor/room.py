"""Room in memory for what strangers send: small bodies come as they please, large ones wait for each other.

Sixty requests may be in flight, and each may bring 20 MB, of which several times as much is made before it is kept.
Whoever came first may always go on, so that nobody waits for ever.
"""

import asyncio
from typing import Any

from monitor.memory import trim

SMALL = 1024 * 1024
"""Bytes that anybody may have without asking."""

LARGE = 4 * 1024 * 1024
"""Bytes after which it is worth giving back to the system what is free again."""

ROOM = 8 * 1024 * 1024
"""Bytes that all may have together, but for the first of them."""


class Room:
    """Who has how much of it: a task keeps what it took until it ends."""

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._taken: dict[asyncio.Task[Any], int] = {}
        self._freed = asyncio.Event()

    async def take(self, size: int) -> None:
        """Wait until there is room for the task that asks to have so many bytes, in all."""
        task = asyncio.current_task()
        if size <= SMALL or task is None:
            return
        if task not in self._taken:
            self._taken[task] = 0
            task.add_done_callback(self._left)
        while not self._fits(task, size):
            await self._freed.wait()
        self._taken[task] = max(size, self._taken[task])

    def _fits(self, task: "asyncio.Task[Any]", size: int) -> bool:
        others = sum(taken for one, taken in self._taken.items() if one is not task)
        return others + size <= self._room or task is next(iter(self._taken))

    def _left(self, task: "asyncio.Task[Any]") -> None:
        if self._taken.pop(task) >= LARGE:
            # It takes some milliseconds, and not the interpreter.
            task.get_loop().run_in_executor(None, trim)
        self._freed.set()
        self._freed = asyncio.Event()
