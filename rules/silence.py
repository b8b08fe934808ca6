"""Whether a feed that answers well has fallen silent: nothing for so long that its own rhythm cannot explain it.

A silence is measured by what the rhythm expects of it, so that nights, weekends and slow months are short. It is too
long where a Poisson process whose rate is known no better than this one's would hardly ever be so still, and where it
is well beyond every silence that the feed has shown: feeds publish in bursts, by hand, and go on holiday.
Calibrated by `python -m bench.silence`: false notices, and how soon a feed that stops is told of.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise
from math import exp

from rules.beat import beat_of
from rules.rhythm import Rhythm, before_silence, learnt

UNLIKELY = 13.0
"""Items that a rate known for certain must miss: a chance of e**-13, as a busy feed has a thousand silences a month."""

BEYOND = 1.5
"""So many times the longest silence of the past, at the least."""

FAR_BEYOND = 4.0
"""So many times the longest silence tells by itself, however few there were: a weekly letter that stays away."""

ENOUGH_GAPS = 8
ENOUGH_TIME = timedelta(days=15)
"""Two weekends: before, nobody knows whether there are any."""

LATELY = (12.0, 36.0)
"""What came in the time of so many items says whether the feed is slower than usual: a holiday, a strike."""

BATCH = timedelta(minutes=10)
"""What is published within it came by one hand: silences lie between batches."""

MEMORY = timedelta(days=90)
"""What came longer before the latest item is another life."""

OFFICE = 0.25
"""The share of its busiest day that the stillest one has, below which a feed has holidays like weekends."""

HOLIDAY = 1.25
"""Such a feed may miss so many of its busiest days: there is a holiday each month in some country."""

CHRISTMAS = ((12, 22), (1, 3))
CHRISTMAS_SHARE = 0.15
"""From the one day to the other, and the share of its usual rate that may be expected of a feed."""

_BIN = timedelta(minutes=5)
_WEEK = timedelta(weeks=1)
_MONDAY = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What one poll found new: when, and the dates of its items."""

    seen: datetime
    published: tuple[datetime | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """How a feed came to be known until its `last` item. `patience`: how much may be missed; None: too little is known.

    `per_day` is what comes on an average day.
    """

    last: datetime
    rhythm: Rhythm
    patience: float | None
    per_day: float


def habit_of(arrivals: Sequence[Arrival]) -> Habit | None:
    """What is learnt from the arrivals of a feed, oldest first, the first of which is its first poll; None for none."""
    if not arrivals:
        return None
    rhythm, events = _followed(arrivals)
    last = arrivals[-1].seen
    rhythm = before_silence(rhythm)
    pace = Pace(rhythm)
    recent = [event for event in events if event >= last - MEMORY]
    gaps = [pace.between(one, other) for one, other in pairwise(_batches(recent))]
    known = len(gaps) >= ENOUGH_GAPS and recent[-1] - recent[0] >= ENOUGH_TIME
    return Habit(
        last=last,
        rhythm=rhythm,
        patience=_patience(rhythm, pace, gaps, slower=_slower(pace, recent)) if known else None,
        per_day=pace.week / 7,
    )


def missed(habit: Habit, until: datetime) -> float:
    """How much was to be expected since the last item; over Christmas next to nothing."""
    pace = Pace(habit.rhythm)
    return sum(
        pace.between(start, end) * (CHRISTMAS_SHARE if festive else 1.0)
        for start, end, festive in _seasons(habit.last, until)
    )


def is_silent(habit: Habit, until: datetime, *, pulse: float = 1.0) -> bool:
    """Whether nothing from the last item `until` then, when the feed last answered, is more than chance.

    `pulse`: the share of their usual news that all other feeds had in this time; holidays are common to many.
    """
    return habit.patience is not None and missed(habit, until) * min(pulse, 1.0) >= habit.patience


def share(others: int, usual: int) -> float:
    """The pulse of `others` feeds that had news in a time in which there are `usual` ones; few say little."""
    return min(1.0, (others + 1) / (usual + 1))


def own_fault(others: int, usual: int) -> bool:
    """Whether nobody else had news either, where there are usual ones: it is not the feeds, it is we."""
    return others == 0 and usual >= 3


def _followed(arrivals: Sequence[Arrival]) -> tuple[Rhythm, list[datetime]]:
    """The rhythm, and when something was published; what has no date that fits came when it was seen."""
    rhythm, events, before = Rhythm(), list[datetime](), None
    for arrival in arrivals:
        if before is None:
            rhythm = learnt(rhythm, arrival.published, seen=arrival.seen)
        else:
            dates = [_came(date, before, arrival.seen) for date in arrival.published]
            rhythm = learnt(rhythm, dates, seen=arrival.seen, since=before)
            events += sorted(set(dates))
        before = arrival.seen
    return rhythm, events


def _batches(events: Iterable[datetime]) -> list[datetime]:
    """When each began."""
    begun = list[datetime]()
    for event in events:
        if not begun or event - begun[-1] > BATCH:
            begun.append(event)
    return begun


def _came(date: datetime | None, before: datetime, seen: datetime) -> datetime:
    return date if date and before < date <= seen else seen


def _slower(pace: "Pace", events: Sequence[datetime]) -> float:
    """How many times slower than its rhythm the feed was of late; 1 where it was not."""
    ago = [pace.between(event, events[-1]) for event in events]
    return max(1.0, *((span + 2.0) / (sum(0 < one <= span for one in ago) + 2.0) for span in LATELY))


def _patience(rhythm: Rhythm, pace: "Pace", gaps: Sequence[float], *, slower: float) -> float:
    longest = max(gaps)
    # Of silences whose lengths differ more than chance would have it, this is how long one lasts from any moment on.
    residual = max(sum(gap * gap for gap in gaps) / (2 * sum(gaps) or 1.0), 1.0)
    # The rate is known from so many items: a Gamma of that shape makes long silences likelier than a known rate does.
    known = max(rhythm.recent, 1.0)
    usual = max(known * (exp(min(UNLIKELY / known, 50.0)) - 1.0) * residual * slower, BEYOND * longest)
    patience = min(usual, max(FAR_BEYOND * longest, FAR_BEYOND))
    days = pace.days
    return max(patience, HOLIDAY * max(days)) if min(days) < OFFICE * max(days) else patience


class Pace:
    """What a rhythm expects between two moments, from a table of its week."""

    def __init__(self, rhythm: Rhythm) -> None:
        beat = beat_of(rhythm)
        hours = _BIN / timedelta(hours=1)
        rates = [beat.rate(_MONDAY + _BIN * place) * hours for place in range(_WEEK // _BIN)]
        self._until = [0.0, *accumulate(rates)]
        self.week = self._until[-1]

    @property
    def days(self) -> list[float]:
        """What each day of the week brings, Monday first."""
        size = timedelta(days=1) // _BIN
        return [self._until[size * (day + 1)] - self._until[size * day] for day in range(7)]

    def between(self, start: datetime, end: datetime) -> float:
        """As `expected` of the rhythm, and as good as free."""
        return self._at(end) - self._at(start)

    def _at(self, moment: datetime) -> float:
        weeks, rest = divmod(moment - _MONDAY, _WEEK)
        place, part = divmod(rest, _BIN)
        return weeks * self.week + self._until[place] + (self._until[place + 1] - self._until[place]) * (part / _BIN)


def _seasons(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, bool]]:
    """The time between cut at the borders of Christmas; whether a part is within."""
    (month, day), (last_month, last_day) = CHRISTMAS
    borders = [
        (datetime(year + after, its_month, its_day, tzinfo=UTC))
        for year in range(start.year - 1, end.year + 1)
        for after, its_month, its_day in ((0, month, day), (1, last_month, last_day))
    ]
    moments = [start, *(border for border in borders if start < border < end), end]
    for one, other in pairwise(moments):
        inside = sum(border <= one for border in borders) % 2 == 1
        yield one, other, inside
