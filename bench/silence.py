"""How often feeds that are well are called silent, and how soon those that stop are: `python -m bench.silence`.

Simulates feeds, a year of each: Poisson by day and night, all week or on weekdays; in bursts; in one batch a day;
letters on one day of the week; slow blogs; feeds that decline; with nine holidays a year, each feed its own, on which a
newsroom does half of its work and an office none, and eleven days of Christmas (a quarter, and none). No feed knows of
others. Every feed is polled all the time. Printed for each kind: false notices per 100 feeds and month, and the hours
from the last item to the notice when the feed stops at a random moment (median, and nine of ten).
"""

import random
import statistics
import sys
from bisect import bisect
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

from rules.silence import FAR_BEYOND, MEMORY, Arrival, Habit, Pace, habit_of, is_silent

START = datetime(2026, 3, 2, tzinfo=UTC)
POLL = timedelta(minutes=10)
HOUR = timedelta(hours=1)
LOOK = 2 * HOUR
DAYS = 366
WARM = 60
"""Days before the judging begins."""

Rate = Callable[[datetime], float]
"""Items an hour."""


def newsroom(per_day: float, *, weekend: float = 0.5) -> Rate:
    """Busy from seven to seven, a tenth of that in the night."""
    base = per_day / (12 + 12 * 0.1) / ((5 + 2 * weekend) / 7)
    return lambda at: base * (1.0 if 7 <= at.hour < 19 else 0.1) * (weekend if at.weekday() > 4 else 1.0)


def declining(per_day: float, *, half: float) -> Rate:
    """A newsroom that loses half of its rate in `half` days."""
    rate = newsroom(per_day)
    return lambda at: rate(at) * 0.5 ** ((at - START) / timedelta(days=half))


def items(rate: Rate, chance: random.Random, lean: Mapping[date, float], size: Callable[[], int]) -> Iterator[datetime]:
    """Poisson bursts of `size()` items within half an hour; on `lean` days a share of them."""
    at, end = START, START + timedelta(days=DAYS)
    while at < end:
        here = rate(at) * lean.get(at.date(), 1.0) / 6
        for _ in range(_poisson(here, chance)):
            begin = at + chance.random() * timedelta(minutes=10)
            yield from (begin + chance.random() * timedelta(minutes=30) * (n > 0) for n in range(size()))
        at += timedelta(minutes=10)


def _poisson(mean: float, chance: random.Random) -> int:
    number, left = 0, chance.expovariate(1.0)
    while left < mean:
        number, left = number + 1, left + chance.expovariate(1.0)
    return number


def arrivals(dates: list[datetime]) -> list[Arrival]:
    """What polls all the time find: the first has ten items of before."""
    found: dict[datetime, list[datetime | None]] = {}
    for one in sorted(dates):
        seen = START + -(-(one - START) // POLL) * POLL
        found.setdefault(seen, []).append(one)
    history = tuple(START - HOUR * 5 * n for n in range(10))
    return [Arrival(seen=START, published=history), *(Arrival(seen=s, published=tuple(p)) for s, p in found.items())]


def judged(past: list[Arrival], end: datetime) -> tuple[int, float | None]:
    """False notices until the last item, and the hours after it until the feed is called silent (None: never)."""
    false, pace, paced = 0, None, START
    for place in range(1, len(past)):
        start, stop = past[place - 1].seen, past[place].seen
        if start < START + timedelta(days=WARM) or stop - start < 3 * HOUR:
            continue
        if pace is None or start - paced > timedelta(days=2):
            habit = _habit(past, place)
            pace, paced = habit and Pace(habit.rhythm), start
        # Only what may be too long is looked at closely.
        if pace and pace.between(start, stop) > FAR_BEYOND / 2:
            habit = _habit(past, place)
            false += bool(habit and is_silent(habit, stop - POLL))
    habit = _habit(past, len(past))
    last = past[-1].seen
    if habit is None or not is_silent(habit, end):
        return false, None
    hours = bisect(range(int((end - last) / HOUR)), False, key=lambda after: is_silent(habit, last + HOUR * after))
    return false, float(hours)


def _habit(past: list[Arrival], place: int) -> Habit | None:
    return habit_of([one for one in past[:place] if one.seen > past[place - 1].seen - MEMORY])


def kinds(chance: random.Random) -> dict[str, tuple[Rate, Callable[[], int], bool]]:
    """Rates, sizes of bursts, and whether holidays are days off."""
    letter = chance.randrange(5)

    def weekly(at: datetime) -> float:
        return 18.0 if at.weekday() == letter and at.hour == 8 and at.minute == 0 else 0.0

    def batch(at: datetime) -> float:
        return 60.0 if at.weekday() < 5 and at.hour == 1 and at.minute == 0 else 0.0

    return {
        "newsroom, 40 a day": (newsroom(40), lambda: 1, False),
        "newsroom, 200 a day": (newsroom(200), lambda: 1, False),
        "newsroom, 8 a day": (newsroom(8), lambda: 1, False),
        "office, 40 a day": (newsroom(40, weekend=0.0), lambda: 1, True),
        "office, 5 a day": (newsroom(5, weekend=0.03), lambda: 1, True),
        "bursts, 40 a day": (newsroom(10), lambda: 1 + int(chance.expovariate(1 / 3)), False),
        "blog, 2 a week": (newsroom(2 / 7, weekend=0.8), lambda: 1, False),
        "letters, most weeks": (weekly, lambda: 1, False),
        "one batch a day": (batch, lambda: 40, True),
        "declining from 40": (declining(40, half=60), lambda: 1, False),
    }


def main(feeds: int, only: str = "") -> None:
    """Print a row for each kind."""
    print(f"{'kind':22}{'false /100/month':>18}{'told of after, h':>18}{'90 %':>8}{'never':>7}")
    for name in filter(only.__eq__, kinds(random.Random(0))) if only else kinds(random.Random(0)):
        wrong, waits, never = 0, [], 0
        months = 0.0
        for number in range(feeds):
            chance = random.Random(f"{name}{number}")
            rate, size, free = kinds(chance)[name]
            holidays = {START.date() + timedelta(days=chance.randrange(DAYS)) for _ in range(9)}
            christmas = {date(2026, 12, 23) + timedelta(days=n) for n in range(11)}
            lean = dict.fromkeys(holidays, 0.0 if free else 0.5) | dict.fromkeys(christmas, 0.0 if free else 0.25)
            stop = START + timedelta(days=chance.uniform(WARM + 30, DAYS))
            past = arrivals([one for one in items(rate, chance, lean, size) if one < stop])
            false, wait = judged(past, past[-1].seen + timedelta(days=90))
            wrong += false
            months += (past[-1].seen - START) / timedelta(days=30.4) - WARM / 30.4
            if wait is None:
                never += 1
            else:
                waits.append(wait)
        middle = statistics.median(waits) if waits else float("nan")
        tail = statistics.quantiles(waits, n=10)[8] if len(waits) > 1 else float("nan")
        print(f"{name:22}{wrong / months * 100:18.2f}{middle:18.1f}{tail:8.1f}{never:7}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20, *sys.argv[2:3])
