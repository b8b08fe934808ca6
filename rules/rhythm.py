"""What is learnt of a feed's rhythm: how often it publishes, at which hours, on which days, at which minutes.

The model is a Poisson process whose rate is a level times a factor for the hour of the day, one for the day of the
week and one for the five minutes of the hour (a site that is built by a clock publishes by it), all in UTC. Each is
estimated as Gamma-Poisson: counts over what was to be expected, drawn towards their neighbours, and those towards the
mean; how strongly is read from the counts themselves, so that three items say little and a hundred at one minute all.

The level is followed within days, the shape within weeks: what was counted loses half its weight in FAST and in SLOW.
Items published in the same minute are partly one event: the n-th counts as the root of 1/n (as 1/n, the mean delay over
all items of `bench/schedule.py` is 7 % more).
"""

import json
from collections.abc import Iterator, Sequence
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

USUAL = 2.0 / 24
"""Items an hour, of a feed that nothing is known of, and what that is worth in items."""
USUAL_WEIGHT = 0.5

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR = timedelta(hours=1)


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


def expected(rhythm: Rhythm, start: datetime, end: datetime) -> float:
    """How many items are to be expected between two moments, those of one burst counted in part."""
    beat, total = beat_of(rhythm), 0.0
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    while start < end:
        stop = min(end, start + PHASE - (start - _EPOCH) % PHASE)
        total += beat.rate(start) * ((stop - start) / _HOUR)
        start = stop
    return total


def per_day(rhythm: Rhythm) -> float:
    """How many items a day are to be expected on average, those of one burst counted in part."""
    return beat_of(rhythm).level * 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """A rhythm as rates: `level` is in items an hour; the factors are 1 on average."""

    level: float
    hours: tuple[float, ...]
    days: tuple[float, ...]
    phases: tuple[float, ...]

    def rate(self, moment: datetime) -> float:
        """Items an hour at `moment`, which is in UTC."""
        return self.level * self.hours[moment.hour] * self.days[moment.weekday()] * self.phases[moment.minute // 5]


def beat_of(rhythm: Rhythm) -> Beat:
    """The rates that `rhythm` stands for, as of its last good poll."""
    if rhythm.since is None or rhythm.until is None:
        return Beat(level=USUAL, hours=(1.0,) * 24, days=(1.0,) * 7, phases=(1.0,) * 12)
    kept = _kept(_hours(rhythm.until - (rhythm.last or rhythm.until)), SLOW)
    hours, days = _exposure(rhythm.since, rhythm.until)
    # Every hour is counted in its hour of the day and in its day of the week.
    level = (kept * rhythm.items + USUAL_WEIGHT) / (sum(days) + USUAL_WEIGHT / USUAL)
    by_day = _factors(_scaled(rhythm.days, kept), _scaled(days, level), (1.0,) * 7)
    by_hour = _by_hour(_scaled(rhythm.hours, kept), _scaled(hours, level))
    timed = kept * sum(rhythm.phases)
    by_phase = _factors(_scaled(rhythm.phases, kept), (timed / 12,) * 12, (1.0,) * 12)
    return Beat(
        level=_level(rhythm, rhythm.since, rhythm.until, level, by_day), hours=by_hour, days=by_day, phases=by_phase
    )


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
        since, until, last = (None if t is None else _EPOCH + timedelta(seconds=t) for t in times)
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
    aged = _hours(last - (rhythm.last or last))
    earlier = rhythm.burst if rhythm.last and _bin(rhythm.last) == _bin(moment) else 0
    new = sum(place**-0.5 for place in range(earlier + 1, earlier + len(burst) + 1))
    slow, weight = _kept(aged, SLOW), new * _kept(_hours(last - moment), SLOW)
    return replace(
        rhythm,
        last=last,
        burst=earlier + len(burst) if _bin(last) == _bin(moment) else rhythm.burst,
        recent=rhythm.recent * _kept(aged, FAST) + new * _kept(_hours(last - moment), FAST),
        hours=_added(rhythm.hours, slow, moment.hour, weight),
        days=_added(rhythm.days, slow, moment.weekday(), weight),
        phases=_added(rhythm.phases, slow, moment.minute // 5, weight),
    )


def _level(rhythm: Rhythm, since: datetime, until: datetime, usual: float, days: Sequence[float]) -> float:
    """Items an hour of late, drawn towards the `usual` ones as if one item had been seen at that rate."""
    recent = rhythm.recent * _kept(_hours(until - (rhythm.last or until)), FAST)
    # The days of late may all have been quiet ones.
    hours, weight = 0.0, 1.0
    for day, length in _days_back(since, until, 14):
        hours += weight * days[day] * length
        weight *= _kept(length, FAST)
    return (recent + 1.0) / (hours + 1.0 / usual)


def _days_back(since: datetime, until: datetime, most: int) -> Iterator[tuple[int, float]]:
    """The days of the week from `until` back to `since`, each with its hours."""
    end = until
    for _ in range(most):
        if end <= since:
            return
        midnight = (end - timedelta(microseconds=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        start = max(midnight, since)
        yield start.weekday(), _hours(end - start)
        end = start


def _exposure(since: datetime, until: datetime) -> tuple[list[float], list[float]]:
    """Hours that were watched, by hour of the day and by day of the week, each by what is left of its weight."""
    hours, whole = [], _hours(until - since)
    daily = _kept(24, SLOW)
    for hour in range(24):
        back = (until.hour + until.minute / 60 - hour) % 24
        # The hour that is running has been watched in part, and so was the one that was running when it began.
        count = max(0.0, min(whole - back + 1.0, 1.0)) if whole < back + 23 else (whole - back + 1.0) / 24
        hours.append(_kept(back, SLOW) * (1 - daily**count) / (1 - daily))
    weekly = _kept(168, SLOW)
    weight = (1 - weekly ** max(whole / 168, 1.0)) / (1 - weekly)
    days = [0.0] * 7
    for day, length in _days_back(max(since, until - timedelta(days=7)), until, 8):
        days[day] += weight * length
        weight *= _kept(length, SLOW)
    return hours, days


def _by_hour(counts: Sequence[float], usual: Sequence[float]) -> tuple[float, ...]:
    """The factors of the hours, drawn towards those of their neighbourhood."""
    around = _factors(_smooth(counts), _smooth(usual), (1.0,) * 24)
    return _factors(counts, usual, around)


def _factors(counts: Sequence[float], usual: Sequence[float], towards: Sequence[float]) -> tuple[float, ...]:
    """What was counted over what was `usual`: Gamma-Poisson with the mean `towards`, and 1 on average.

    The shape is that which explains how much the counts differ, beyond chance, from what was to be expected.
    """
    means = [u * t for u, t in zip(usual, towards, strict=True)]
    beyond = sum((n - m) ** 2 - n for n, m in zip(counts, means, strict=True))
    shape = min(max((sum(m * m for m in means) + 1.0) / max(beyond, 0.01), 0.05), 50.0)
    factors = [t * (n + shape) / (m + shape) for n, m, t in zip(counts, means, towards, strict=True)]
    mean = sum(factors) / len(factors)
    return tuple(factor / mean for factor in factors)


def _smooth(values: Sequence[float]) -> list[float]:
    """Each with the three before and behind it on the clock, the farther the less."""
    around = [*values[-3:], *values, *values[:3]]
    return [
        a / 4 + b / 2 + c * 0.75 + d + e * 0.75 + f / 2 + g / 4
        for a, b, c, d, e, f, g in zip(*(around[place : place + len(values)] for place in range(7)), strict=True)
    ]


def _scaled(values: Sequence[float], by: float) -> list[float]:
    return [value * by for value in values]


def _added(values: Sequence[float], kept: float, place: int, weight: float) -> tuple[float, ...]:
    return tuple(value * kept + (weight if index == place else 0.0) for index, value in enumerate(values))


def _kept(hours: float, half_life: float) -> float:
    """What is left of a weight after so many hours."""
    return float(0.5 ** (hours / half_life))


def _bin(moment: datetime) -> int:
    return (moment - _EPOCH) // BURST


def _hours(span: timedelta) -> float:
    return span / _HOUR


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else round((moment - _EPOCH).total_seconds())
