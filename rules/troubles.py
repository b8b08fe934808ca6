"""What is wrong with feeds and when the operator hears of it: an outage of forty feeds is one notice.

A trouble is found, told, over, told to be over, and forgotten; one that is over before it was told is told to nobody.
All of it is kept, so that a restart repeats nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from rules.records import Cursor, Feed

FAILS_BEFORE_NOTICE = 8
"""Failed polls in a row after which a feed is called broken: most feeds that answer 404 come back before."""

FAILS_TOGETHER = 3
"""Failed polls in a row after which a feed is told of with another that is broken: a slower one of the same outage."""

CALM = timedelta(minutes=1)
"""A notice waits until nothing was added for this long: feeds of one host are asked one after the other."""

LONGEST_GATHERING = timedelta(minutes=30)

CALM_AT_THE_END = timedelta(hours=1)
LONGEST_END = timedelta(hours=24)
"""The end of an outage is told when all of its feeds are back; else when no other came back for so long."""

ALL = ""
"""The feed of a trouble that all of them have."""


class Kind(StrEnum):
    """What can be wrong with a feed."""

    BROKEN = "broken"
    SILENT = "silent"
    GONE = "gone"
    MOVED = "moved"


Key = tuple[str, Kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One thing that is wrong with one feed (or with ALL), `since` when nothing good came of it.

    `told`: when the notice was owed, None before; all of one notice have the same. `over`: when it was found to be
    over. `detail` is the error, the address it has moved to, or what is usual.
    """

    feed_id: str
    kind: Kind
    since: datetime
    found: datetime
    told: datetime | None = None
    over: datetime | None = None
    detail: str = ""

    @property
    def key(self) -> Key:
        """There is one of each kind for a feed."""
        return self.feed_id, self.kind


def of_feed(
    feed: Feed, cursor: Cursor, added: datetime, kept: Mapping[Key, Trouble], *, now: datetime
) -> list[Trouble]:
    """What is wrong with a feed by its polls, whether it is known already (`kept`) or not."""
    since = cursor.last_success or added

    def trouble(kind: Kind, detail: str) -> Trouble:
        return Trouble(feed_id=feed.id, kind=kind, since=since, found=now, detail=detail)

    if cursor.gone:
        return [trouble(Kind.GONE, cursor.error)]
    moved = kept.get((feed.id, Kind.MOVED))
    found = [trouble(Kind.MOVED, cursor.url)] if cursor.url != feed.url else []
    given_up = f". {moved.detail}, where it had moved, is given up" if moved and not found else ""
    fails_for_long = cursor.failures >= FAILS_BEFORE_NOTICE or (feed.id, Kind.BROKEN) in kept
    return [*found, trouble(Kind.BROKEN, cursor.error + given_up)] if fails_for_long and cursor.failures else found


def compared(kept: Iterable[Trouble], present: Iterable[Trouble], *, now: datetime) -> list[Trouble]:
    """What to keep from here on: what is `present`, and what was told and is over."""
    here = {one.key: one for one in present}
    after = {one.key: _gone_on(one, here[one.key]) for one in kept if one.key in here}
    over = [replace(one, over=one.over or now) for one in kept if one.key not in here and _has_an_end(one, here)]
    return [*(here | after).values(), *over]


def _gone_on(kept: Trouble, present: Trouble) -> Trouble:
    if kept.kind is Kind.MOVED and kept.detail != present.detail:
        return present
    return replace(kept, over=None)


def _has_an_end(one: Trouble, here: Collection[Key]) -> bool:
    """Whether its end is told: it was told, and the feed is not worse by now."""
    return one.told is not None and one.kind is not Kind.MOVED and (one.feed_id, Kind.GONE) not in here


def to_tell(troubles: Sequence[Trouble], *, now: datetime, at_once: bool = False) -> list[Trouble]:
    """Those of which a notice is due; none as long as others may join. `at_once`: nothing comes after this."""
    new = [one for one in troubles if one.told is None]
    return new if _is_ripe([one.found for one in new], CALM, LONGEST_GATHERING, now=now, at_once=at_once) else []


def ended(troubles: Sequence[Trouble], *, now: datetime, at_once: bool = False) -> list[Trouble]:
    """Those whose end is to be told: by notice, all that were in it together where that is possible."""
    notices: defaultdict[tuple[datetime, Kind], list[Trouble]] = defaultdict(list)
    for one in troubles:
        if one.told:
            notices[one.told, one.kind].append(one)
    return [one for notice in notices.values() for one in _ended(notice, now=now, at_once=at_once)]


def _ended(notice: Sequence[Trouble], *, now: datetime, at_once: bool) -> list[Trouble]:
    over = [one for one in notice if one.over]
    times = [one.over for one in over if one.over]
    if len(over) == len(notice):
        return over if _is_ripe(times, CALM, LONGEST_GATHERING, now=now, at_once=at_once) else []
    return over if _is_ripe(times, CALM_AT_THE_END, LONGEST_END, now=now) else []


def _is_ripe(
    times: Sequence[datetime], calm: timedelta, longest: timedelta, *, now: datetime, at_once: bool = False
) -> bool:
    if not times:
        return False
    return at_once or now - max(times) >= calm or now - min(times) >= longest
