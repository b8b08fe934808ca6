"""When a feed itself wishes not to be asked: before its own time is over, nor in the hours and days that it names.

Applied to a cursor whose next poll is set, whatever set it: an answer that failed says nothing else of the feed.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from rules.records import Cursor
from rules.timing import LONGEST_WAIT, first_poll

LONGEST_SKIP = timedelta(hours=48)
"""A weekly that names six days to skip is still asked so often."""

SPREAD = 300.0
"""Seconds of an allowed hour over which the feeds that waited for it are spread."""


def granted(cursor: Cursor) -> Cursor:
    """`cursor` with its next poll moved to where the feed allows one."""
    if cursor.next_poll is None or cursor.last_poll is None:
        return cursor
    wanted = max(cursor.next_poll, cursor.last_poll + timedelta(seconds=min(cursor.hint, LONGEST_WAIT)))
    allowed = first_allowed(wanted, cursor.skip_hours, cursor.skip_days)
    if allowed != wanted:
        allowed = max(
            first_poll(cursor.feed_id, now=min(allowed, cursor.last_poll + LONGEST_SKIP), spread=SPREAD), wanted
        )
    return cursor if allowed == cursor.next_poll else replace(cursor, next_poll=allowed)


def first_allowed(moment: datetime, hours: Collection[int], days: Collection[int]) -> datetime:
    """The first moment from `moment` on, in UTC, that is in none of `hours` (0 to 23) and `days` (Monday is 0).

    Hours or days that leave none to come are no wish: a feed that lists all of them is still asked.
    """
    hours = hours if len(set(hours)) < 24 else ()
    days = days if len(set(days)) < 7 else ()
    while moment.weekday() in days or moment.hour in hours:
        step = timedelta(days=1) if moment.weekday() in days else timedelta(hours=1)
        moment = moment.replace(hour=0 if step.days else moment.hour, minute=0, second=0, microsecond=0) + step
    return moment
