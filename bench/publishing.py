"""Feeds that publish: for two weeks, and for ten before, at rates that are known because the items are drawn from them.

Each captured feed gives its rhythm, fitted to the dates of its items (per day, by hour of the day and day of the week);
seeded processes give what captures do not show. Times are minutes from the start, a Monday at midnight UTC.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.formats import dates

Numbers = NDArray[Any]

STEP = 5
"""Minutes in which a rate is constant."""

DAY = 1440
BEFORE, DURING = 70, 14
"""Days."""

START = datetime(2026, 11, 2, tzinfo=UTC)
WINDOW = 25
"""Items that a feed shows."""

_DATE = re.compile(rb"<(?:pubDate|published|issued|dc:date)\b[^>]*>\s*([^<]{8,60}?)\s*<")


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """`times`: its items, in order; `rate`: items to be expected in each step of the two weeks; `dated`: it says when."""

    kind: str
    times: Numbers
    rate: Numbers
    dated: bool = True

    @property
    def news(self) -> Numbers:
        """What it publishes in the two weeks."""
        return self.times[self.times >= 0]


def publishers(corpus: Path, *, seed: int, captured: int = 60) -> list[Publisher]:
    """At most `captured` feeds of the corpus, and the processes."""
    chance = np.random.default_rng(seed)
    rhythms = list(_rhythms(corpus))
    random.Random(seed).shuffle(rhythms)
    return [
        *(_drawn("captured", weekly, chance, dated=place % 10 > 0) for place, weekly in enumerate(rhythms[:captured])),
        *_processes(chance),
    ]


def _rhythms(corpus: Path) -> Iterator[Numbers]:
    """Items to be expected in each step of a week, for each capture whose dates tell something."""
    for path in sorted(corpus.glob("*/*")):
        found = (dates.parse(text.decode("latin-1"), now=START) for text in _DATE.findall(path.read_bytes()))
        moments = sorted({moment for moment in found if moment})
        # What is pinned, or was left over, says nothing of how often.
        moments = moments[len(moments) // 10 :]
        if len(moments) >= 8:
            yield _fitted(moments)


def _fitted(moments: Sequence[datetime]) -> Numbers:
    span = max((moments[-1] - moments[0]) / timedelta(days=1), 0.5)
    hours = np.bincount([moment.hour for moment in moments], minlength=24) + 0.25
    days = np.bincount([moment.weekday() for moment in moments], minlength=7) + len(moments) / 14
    if span < 7:
        days = np.ones(7)
    if span < 1:
        hours = np.ones(24)
    shape = np.outer(days / days.sum(), np.repeat(hours / hours.sum(), 60 // STEP) / (60 // STEP)).ravel()
    return shape * 7 * min((len(moments) - 1) / span, 300.0)


def _drawn(
    kind: str, weekly: Numbers, chance: np.random.Generator, *, dated: bool = True, burst: int = 1, level: Any = None
) -> Publisher:
    """Poisson, at `weekly` rates times the `level` of each day; `burst` items at a time."""
    steps = np.tile(weekly, (BEFORE + DURING) // 7)
    if level is not None:
        steps = steps * np.repeat(level, DAY // STEP)
    counts = chance.poisson(steps)
    at = np.repeat(np.arange(len(steps)), counts)
    times = (at + chance.random(len(at))) * STEP - BEFORE * DAY
    times = np.repeat(np.sort(times), burst)
    return Publisher(kind=kind, times=times, rate=burst * steps[-DURING * DAY // STEP :], dated=dated)


def _week(per_day: float, *, hours: Sequence[int] = range(24), days: Sequence[int] = range(7)) -> Numbers:
    """A flat rate at these hours of these days."""
    week = np.zeros((7, 24, 60 // STEP))
    week[np.ix_(list(days), list(hours))] = per_day / len(hours) / (60 // STEP)
    return week.ravel()


def _processes(chance: np.random.Generator) -> Iterator[Publisher]:
    for per_day in (0.1, 0.5, 1, 2, 5, 10, 25, 60, 150):
        yield _drawn("steady", _week(per_day), chance)
    for per_day, first in ((2, 6), (6, 12), (15, 8), (40, 13), (90, 5)):
        yield _drawn("by day", _week(per_day, hours=[(first + hour) % 24 for hour in range(12)]), chance)
    for per_day, first in ((4, 8), (12, 14), (30, 9)):
        week = _week(per_day, hours=range(first, first + 9), days=range(5))
        yield _drawn("weekdays", week, chance)
    for hour, minute in ((5, 0), (7, 5), (13, 30), (16, 40), (20, 15), (23, 55)):
        yield _clockwork(hour, minute, chance)
    for per_day in (0.5, 1.5):
        yield _drawn("bursts of 20", _week(per_day, hours=range(6, 20)), chance, burst=20)
    for _ in range(8):
        yield Publisher(kind="dead", times=np.sort(-BEFORE * DAY * (1 + chance.random(20))), rate=_never())
    days = np.arange(-BEFORE, DURING)
    for before, after in ((2, 20), (20, 2), (1, 30)):
        yield _drawn("changes", _week(1), chance, level=np.where(days < 5, before, after))
    for after in (3, 12):
        yield _drawn("wakes up", _week(1), chance, level=np.where(days < 3, 0.0, after))


def _clockwork(hour: int, minute: int, chance: np.random.Generator) -> Publisher:
    """Once a day at a minute, or in one of the two that follow."""
    days = np.arange(-BEFORE, DURING)
    rate = _never()
    rate[(hour * 60 + minute) // STEP :: DAY // STEP] = 1.0
    return Publisher(kind="clockwork", times=days * DAY + hour * 60 + minute + 2 * chance.random(len(days)), rate=rate)


def _never() -> Numbers:
    return np.zeros(DURING * DAY // STEP)
