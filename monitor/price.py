"""What a request costs at the moment: all feeds share what may be spent, and change their habits in days."""

import asyncio
import time
from dataclasses import replace

from rules.pacing import price_of
from rules.timing import Bounds
from state.store import Store

REPRICE = 300.0
"""Seconds after which the price is found anew."""


class Price:
    """Finds it, beside the loop: the paces of twenty thousand feeds take 40 ms."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._priced: Bounds | None = None
        self._again_at = 0.0
        self._finding = asyncio.Lock()

    async def bounds(self, wanted: Bounds) -> Bounds:
        """Those that are `wanted`, with the price of a request. Raises StateError."""
        async with self._finding:
            moment = time.monotonic()
            if self._priced is None or moment >= self._again_at or replace(self._priced, price=wanted.price) != wanted:
                price = await asyncio.to_thread(self._found, wanted)
                self._priced, self._again_at = replace(wanted, price=price), moment + REPRICE
            return self._priced

    def _found(self, wanted: Bounds) -> float:
        return price_of(self._store.paces(), shortest=wanted.shortest, longest=wanted.longest)
