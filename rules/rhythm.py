"""What is learnt of a feed's rhythm: how often it publishes, at which hours, on which days, at which minutes.

What is counted here becomes rates in `rules.beat`.

The level is followed within days, the shape within weeks: what was counted loses half its weight in FAST and in SLOW.
Items published in the same minute are partly one event: the n-th counts as the root of 1/n (as 1/n, the mean delay over
all items of `bench/schedule.py` is 7 % more).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby

SLOW = 21 * 24.0
"""Hours after which the hours, days and minutes of a feed have lost half their weight."""

FAST = 2 * 24.0
"""Hours after which the number of its items has."""

PHASE = timedelta(minutes=5)
"""The rate is constant in it."""

BURST = timedelta(minutes=1)
"""What is published within it is one burst."""

OLD = timedelta(days=1)
"""What comes with a date so much older than the last poll is an archive: all of it together is one event."""

PINNED = 10
"""One of so many items of a first poll may be older than what stands around it, and says nothing."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """What a feed published `since`, until the last good poll. Its default is a feed that nothing is known of.

    The weights are those of the moment `last`, when its newest item was published, in whose minute there were `burst`
    items. `recent` forgets fast, the others slowly: by hour of the day, day of the week (Monday first) and five
    minutes of the hour.
    """

    since: datetime | None = None
    until: datetime | None = None
    last: datetime | None = None
    burst: int = 0
    recent: float = 0.0
    hours: tuple[float, ...] = (0.0,) * 24
    days: tuple[float, ...] = (0.0,) * 7
    phases: tuple[float, ...] = (0.0,) * 12

    @property
    def items(self) -> float:
        """How many it knows of, each by what is left of its weight at `last`: how sure it is."""
        return sum(self.days)

    @property
    def observed(self) -> timedelta:
        """The time it knows of."""
        return self.until - self.since if self.since and self.until else timedelta(0)


def learnt(
    rhythm: Rhythm, published: Sequence[datetime | None], *, seen: datetime, since: datetime | None = None
) -> Rhythm:
    """`rhythm` after a good poll at `seen` that brought items not known before, with the dates it gives them.

    `since` is the good poll before; None for the first, whose items are history. What comes later was not there at the
    poll before, whatever its date says: an unknown or impossible one is a moment between the two polls.
    """
    before = rhythm.until or since
    if before is None:
        events, since = _history(published, seen)
    else:
        before = min(before, seen)
        events, since = _arrivals(published, before, seen), rhythm.since or before
    for _, burst in groupby(sorted(events), key=_bin):
        rhythm = _counted(rhythm, list(burst))
    return replace(rhythm, since=since, until=max(seen, rhythm.until or seen))


def before_silence(rhythm: Rhythm) -> Rhythm:
    """What was known when the newest item came: what to judge a silence by, as the silence itself lowers the level."""
    return replace(rhythm, until=max(rhythm.last, rhythm.since)) if rhythm.last and rhythm.since else rhythm


def written(rhythm: Rhythm) -> str:
    """`rhythm` in a few hundred characters; weights to a hundredth."""
    weights = [[round(100 * w) for w in some] for some in (rhythm.hours, rhythm.days, rhythm.phases)]
    times = [_seconds(moment) for moment in (rhythm.since, rhythm.until, rhythm.last)]
    return json.dumps([1, times, rhythm.burst, round(rhythm.recent, 2), *weights], separators=(",", ":"))


def read(text: str) -> Rhythm:
    """The reverse of `written`; what is not understood is a feed that nothing is known of."""
    try:
        version, times, burst, recent, *weights = json.loads(text)
        if version != 1:
            return Rhythm()
        since, until, last = (None if t is None else EPOCH + timedelta(seconds=t) for t in times)
        hours, days, phases = (tuple(w / 100 for w in some) for some in weights)
    except (ValueError, TypeError, OverflowError):
        return Rhythm()
    return Rhythm(
        since=since, until=until, last=last, burst=burst, recent=recent, hours=hours, days=days, phases=phases
    )


def _history(published: Sequence[datetime | None], seen: datetime) -> tuple[list[datetime], datetime]:
    """The events that the items of a first poll tell of, and since when that is all there was."""
    dates = sorted(date for date in published if date and date <= seen)
    if not dates:
        return [], seen
    # The window of a feed begins with an item: it is where the time begins, and not one of the events in it.
    since = dates[len(dates) // PINNED]
    return [date for date in dates if _bin(date) > _bin(since)], since


def _arrivals(published: Sequence[datetime | None], before: datetime, seen: datetime) -> list[datetime]:
    """When items came that were not there `before`; where their dates do not say it, evenly over the time between."""
    dated = [date for date in published if date and before < date <= seen]
    undated = sum(date is None or date > seen or before - OLD < date <= before for date in published)
    undated += len(dated) + undated < len(published)
    gap = seen - before
    return dated + [before + gap * ((place + 0.5) / undated) for place in range(undated)]


def _counted(rhythm: Rhythm, burst: Sequence[datetime]) -> Rhythm:
    """`rhythm` with the items of one burst."""
    moment = burst[-1].astimezone(UTC)
    last = max(moment, rhythm.last or moment)
    aged = in_hours(last - (rhythm.last or last))
    earlier = rhythm.burst if rhythm.last and _bin(rhythm.last) == _bin(moment) else 0
    new = sum(place**-0.5 for place in range(earlier + 1, earlier + len(burst) + 1))
    slow, weight = kept(aged, SLOW), new * kept(in_hours(last - moment), SLOW)
    return replace(
        rhythm,
        last=last,
        burst=earlier + len(burst) if _bin(last) == _bin(moment) else rhythm.burst,
        recent=rhythm.recent * kept(aged, FAST) + new * kept(in_hours(last - moment), FAST),
        hours=_added(rhythm.hours, slow, moment.hour, weight),
        days=_added(rhythm.days, slow, moment.weekday(), weight),
        phases=_added(rhythm.phases, slow, moment.minute // 5, weight),
    )


def _added(values: Sequence[float], kept: float, place: int, weight: float) -> tuple[float, ...]:
    return tuple(value * kept + (weight if index == place else 0.0) for index, value in enumerate(values))


def kept(hours: float, half_life: float) -> float:
    """What is left of a weight after so many hours."""
    return float(0.5 ** (hours / half_life))


def _bin(moment: datetime) -> int:
    return (moment - EPOCH) // BURST


def in_hours(span: timedelta) -> float:
    """How long it is."""
    return span / HOUR


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else round((moment - EPOCH).total_seconds())
