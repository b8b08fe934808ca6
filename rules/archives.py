"""Whether what a poll brought is a feed's archive, told once more under other names, and what of it is news.

An item is known by its identity; a feed that gives all of its posts new identities, or shows ten years of them at once,
brings hundreds of new items that nobody calls news. Only evidence counts: a date from long before we last looked, or
the title of an item that the feed has shown before. Items without either are news, however many there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

MANY = 10
"""New items of one poll from which they may be an archive: WordPress shows ten posts, and most feeds more."""

UNUSUAL = 2
"""So many times the most that the feed ever brought at once; arXiv brings hundreds a day, with dates of last week."""

LATE = timedelta(days=7)
"""An item dated so long before the last good poll was not missed by us: an embargo or a moderator takes days."""

BREAKING = timedelta(hours=12)
"""What is dated within this time, or since the last good poll, rings even out of an archive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """An item not known by its identity. `retold`: the feed has shown another one with this title."""

    published: datetime | None
    retold: bool = False


def held(newcomers: Sequence[Newcomer], *, usual: int, last_good: datetime, now: datetime) -> list[bool]:
    """For each of the newcomers of one poll, in order, whether its alerts are to be held; none where it is no archive.

    `usual` is the most that the feed ever brought in one poll, the first and its archives not counted; `last_good` is
    when it was last read before.
    """
    old = [one.retold or _is_old(one, last_good) for one in newcomers]
    if len(newcomers) < MANY or len(newcomers) <= UNUSUAL * usual or 2 * sum(old) < len(newcomers):
        return [False] * len(newcomers)
    breaking = min(last_good, now) - BREAKING
    return [one.retold or one.published is None or one.published < breaking for one in newcomers]


def _is_old(one: Newcomer, last_good: datetime) -> bool:
    return one.published is not None and one.published < last_good - LATE
