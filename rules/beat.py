"""A rhythm as rates: how many items are to be expected when.

A level times a factor for the hour of the day, one for the day of the week and one for the five minutes of the hour (a
site that is built by a clock publishes by it), all in UTC. Each is estimated as Gamma-Poisson: counts over what was to
be expected, drawn towards their neighbours, and those towards the mean; how strongly is read from the counts
themselves, so that three items say little and a hundred at one minute all.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from rules.rhythm import EPOCH, FAST, HOUR, PHASE, SLOW, Rhythm, in_hours, kept

USUAL = 2.0 / 24
"""Items an hour, of a feed that nothing is known of, and what that is worth in items."""
USUAL_WEIGHT = 0.5


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
    left = kept(in_hours(rhythm.until - (rhythm.last or rhythm.until)), SLOW)
    hours, days = _exposure(rhythm.since, rhythm.until)
    # Every hour is counted in its hour of the day and in its day of the week.
    level = (left * rhythm.items + USUAL_WEIGHT) / (sum(days) + USUAL_WEIGHT / USUAL)
    by_day = _factors(_scaled(rhythm.days, left), _scaled(days, level), (1.0,) * 7)
    by_hour = _by_hour(_scaled(rhythm.hours, left), _scaled(hours, level))
    timed = left * sum(rhythm.phases)
    by_phase = _factors(_scaled(rhythm.phases, left), (timed / 12,) * 12, (1.0,) * 12)
    return Beat(
        level=_level(rhythm, rhythm.since, rhythm.until, level, by_day), hours=by_hour, days=by_day, phases=by_phase
    )


def expected(rhythm: Rhythm, start: datetime, end: datetime) -> float:
    """How many items are to be expected between two moments, those of one burst counted in part."""
    beat, total = beat_of(rhythm), 0.0
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    while start < end:
        stop = min(end, start + PHASE - (start - EPOCH) % PHASE)
        total += beat.rate(start) * ((stop - start) / HOUR)
        start = stop
    return total


def per_day(rhythm: Rhythm) -> float:
    """How many items a day are to be expected on average, those of one burst counted in part."""
    return beat_of(rhythm).level * 24


def _level(rhythm: Rhythm, since: datetime, until: datetime, usual: float, days: Sequence[float]) -> float:
    """Items an hour of late, drawn towards the `usual` ones as if one item had been seen at that rate."""
    recent = rhythm.recent * kept(in_hours(until - (rhythm.last or until)), FAST)
    # The days of late may all have been quiet ones.
    hours, weight = 0.0, 1.0
    for day, length in _days_back(since, until, 14):
        hours += weight * days[day] * length
        weight *= kept(length, FAST)
    return (recent + 1.0) / (hours + 1.0 / usual)


def _days_back(since: datetime, until: datetime, most: int) -> Iterator[tuple[int, float]]:
    """The days of the week from `until` back to `since`, each with its hours."""
    end = until
    for _ in range(most):
        if end <= since:
            return
        midnight = (end - timedelta(microseconds=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        start = max(midnight, since)
        yield start.weekday(), in_hours(end - start)
        end = start


def _exposure(since: datetime, until: datetime) -> tuple[list[float], list[float]]:
    """Hours that were watched, by hour of the day and by day of the week, each by what is left of its weight."""
    hours, whole = [], in_hours(until - since)
    daily = kept(24, SLOW)
    for hour in range(24):
        back = (until.hour + until.minute / 60 - hour) % 24
        # The hour that is running has been watched in part, and so was the one that was running when it began.
        count = max(0.0, min(whole - back + 1.0, 1.0)) if whole < back + 23 else (whole - back + 1.0) / 24
        hours.append(kept(back, SLOW) * (1 - daily**count) / (1 - daily))
    weekly = kept(168, SLOW)
    weight = (1 - weekly ** max(whole / 168, 1.0)) / (1 - weekly)
    days = [0.0] * 7
    for day, length in _days_back(max(since, until - timedelta(days=7)), until, 8):
        days[day] += weight * length
        weight *= kept(length, SLOW)
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
