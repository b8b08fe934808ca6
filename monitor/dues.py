"""What has become due, a page at a time: a look at it takes milliseconds, whether ten feeds wait or twenty thousand.

What has come since the last look is found by each. What waits for its turn, or was moved to a time that is past, is
gone through again behind it.
"""

from collections.abc import Sequence
from datetime import datetime

from rules.records import Cursor
from state.store import Store

PAGE = 250
"""Feeds that are read at once, in 3 ms."""


class Dues:
    """Looks into the store for feeds that are due."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._newest: Cursor | None = None
        self._again: Cursor | None = None

    def look(self, now: datetime) -> list[Cursor]:
        """Those that have become due since the last look, the longest overdue first, and some of the others.

        Raises StateError.
        """
        new = self._store.due(now, limit=PAGE, after=self._newest)
        came = [cursor for cursor in new if cursor.next_poll and cursor.next_poll <= now]
        self._newest = came[-1] if came else self._newest
        return new if len(new) == PAGE else [*new, *self._others(now)]

    def _others(self, now: datetime) -> Sequence[Cursor]:
        some = self._store.due(now, limit=PAGE, after=self._again)
        self._again = some[-1] if len(some) == PAGE else None
        return some
