"""Two readers, of which the second starts when the first is busy for long: nobody waits behind a hostile body."""

import asyncio
from collections.abc import Mapping
from typing import Any

from monitor.formats import Document
from monitor.reader import Reader

PATIENCE = 0.5
"""Seconds that the first may be busy, with one body or a queue of them, before the second is worth its 30 MB."""


class Readers:
    """Reads two bodies at a time, if need be; who comes meanwhile waits. Use `close` at the end."""

    def __init__(self, *, patience: float = PATIENCE, **limits: Any) -> None:
        """`limits` are those of Reader."""
        self._patience = patience
        first, second = Reader(**limits), Reader(**limits)
        self._both = (first, second)
        self._spare: Reader | None = second
        # The one that was used last is used again, so that the other may stay idle.
        self._idle: asyncio.LifoQueue[Reader] = asyncio.LifoQueue()
        self._idle.put_nowait(first)

    async def read(
        self,
        body: bytes,
        headers: Mapping[str, str],
        url: str,
        **given: Any,
    ) -> Document:
        """What Reader.read says, which takes the same."""
        reader = await self._free()
        try:
            return await reader.read(body, headers, url, **given)
        finally:
            self._idle.put_nowait(reader)

    async def close(self) -> None:
        """End the workers, once they have finished what they are reading."""
        for reader in self._both:
            await reader.close()

    async def _free(self) -> Reader:
        if self._spare is None:
            return await self._idle.get()
        try:
            async with asyncio.timeout(self._patience):
                return await self._idle.get()
        except TimeoutError:
            # Of several that have lost their patience, one gets it.
            spare, self._spare = self._spare, None
        return spare or await self._idle.get()
