"""How soon news is seen, at the same number of requests: two simulated weeks of polling by five schedules.

    python bench/schedule.py [--corpus FOLDER] [--seed 1] [--min 300] [--max 7200]

Feeds are those of `bench.publishing`. Wirebell is the code of `rules/`, which knows nothing at the start but what the
first poll of each feed shows. The requests it makes are counted, and each other schedule is given as many (within 1 %):
a fixed interval; Miniflux's `entry_frequency` (a week over the items of the last one, times a factor that is fitted;
5 minutes to 24 hours); Media Cloud's rule (6 hours, learnt by the share of duplicates, all its times scaled by a factor
that is fitted, 5 minutes at the least); and the bound: Sia and Cho's optimum, found by dynamic programming over steps of
five minutes from the true rates, within Wirebell's bounds. Times are minutes between publication and sight.
"""

import argparse
import heapq
import random
from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from bench.publishing import DAY, DURING, START, STEP, WINDOW, Numbers, Publisher, publishers
from rules.pacing import price_of
from rules.records import Cursor
from rules.timing import Answer, Bounds, succeeded

END = DURING * DAY
CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus" / "feeds"

Schedule = list[Numbers]
"""For each feed the minutes of its polls, the first at 0."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--min", type=float, default=300.0)
    parser.add_argument("--max", type=float, default=7200.0)
    wanted = parser.parse_args()
    feeds = publishers(wanted.corpus, seed=wanted.seed)
    bounds = Bounds(shortest=wanted.min, longest=wanted.max)
    schedules = compared(feeds, bounds, seed=wanted.seed)
    _print_whole(feeds, schedules)
    _print_kinds(feeds, schedules)
    return 0


def compared(feeds: Sequence[Publisher], bounds: Bounds, *, seed: int) -> dict[str, Schedule]:
    """What each schedule makes of `feeds` with the requests that Wirebell makes."""
    ours = wirebell(feeds, bounds, random.Random(seed))
    budget = requests(ours)
    phases = np.random.default_rng(seed).random(len(feeds))
    return {
        "fixed interval": [
            np.concatenate([[0.0], np.arange(phase, END * len(feeds) / budget + END, END * len(feeds) / budget)])
            for phase in phases * END * len(feeds) / budget
        ],
        "entry_frequency": fitted(lambda factor: [entry_frequency(feed, factor) for feed in feeds], budget),
        "Media Cloud": fitted(lambda scale: [media_cloud(feed, scale) for feed in feeds], budget),
        "Wirebell": ours,
        "bound": bound(feeds, bounds, budget),
    }


def requests(schedule: Schedule) -> int:
    """How many there are in the two weeks, the first of each feed aside."""
    return sum(int(np.count_nonzero((polls > 0) & (polls < END))) for polls in schedule)


def delays(feed: Publisher, polls: Numbers) -> Numbers:
    """Minutes until each item was seen; one that was not when the two weeks ended, until then."""
    seen = np.append(polls, END)[np.searchsorted(polls, feed.news, side="right")]
    return np.maximum(seen - feed.news, 0.0)


def wirebell(feeds: Sequence[Publisher], bounds: Bounds, chance: random.Random) -> Schedule:
    """The real code, on a clock of its own. The price is found anew every hour."""
    cursors = [Cursor(feed_id=f"feed {place}", url="") for place in range(len(feeds))]
    polls: list[list[float]] = [[] for _ in feeds]
    known = [max(int(np.searchsorted(feed.times, 0.0)) - WINDOW, 0) for feed in feeds]
    turns = [(0.0, place) for place in range(len(feeds))]
    reprice = 0.0
    while turns[0][0] < END:
        minute, place = heapq.heappop(turns)
        if minute >= reprice:
            paces = [(cursor.pace, cursor.hint) for cursor in cursors]
            price = price_of(paces, shortest=bounds.shortest, longest=bounds.longest)
            bounds = Bounds(shortest=bounds.shortest, longest=bounds.longest, price=price)
            reprice += 60
        feed, now = feeds[place], START + timedelta(minutes=minute)
        there = int(np.searchsorted(feed.times, minute, side="right"))
        dates = [START + timedelta(minutes=time) if feed.dated else None for time in feed.times[known[place] : there]]
        known[place] = there
        cursor = succeeded(cursors[place], Answer(published=dates), bounds, every=None, now=now, chance=chance.random())
        polls[place].append(minute)
        cursors[place] = cursor
        assert cursor.next_poll
        heapq.heappush(turns, ((cursor.next_poll - START) / timedelta(minutes=1), place))
    return [np.array(some) for some in polls]


def entry_frequency(feed: Publisher, factor: float) -> Numbers:
    """A week over the items of the last week times `factor`, at each poll."""
    times, now, polls = feed.times.tolist(), 0.0, []
    while now < END:
        polls.append(now)
        lately = bisect_right(times, now) - bisect_right(times, now - 7 * DAY)
        now += min(max(7 * DAY / (lately * factor), 5.0), DAY) if lately else DAY
    return np.array(polls)


def media_cloud(feed: Publisher, scale: float) -> Numbers:
    """Of the items in the document: over two thirds known, longer; under one third, shorter. From the third poll on."""
    times, now, polls = feed.times.tolist(), 0.0, []
    usual = 360 * scale
    interval, known = usual, bisect_right(times, 0.0)
    while now < END:
        polls.append(now)
        there = bisect_right(times, now)
        new = min((there - known) / max(min(there, WINDOW), 1), 1.0)
        lately = there > bisect_right(times, now - 31 * DAY)
        known = there
        if len(polls) > 2 and new < 1 / 3:
            interval += (10 if lately else 60) * scale
        elif len(polls) > 2 and new > 2 / 3:
            interval = usual if interval > usual else interval - 60 * scale
        interval = min(max(interval, 10 * scale, 5.0), DAY)
        now += interval
    return np.array(polls)


def fitted(make: Callable[[float], Schedule], budget: int) -> Schedule:
    """What `make` gives for the number that has it make as many requests as `budget` says, within 1 %."""
    low, high = 1e-3, 1e3
    rising = requests(make(1.0)) < requests(make(1.5))
    for _ in range(40):
        middle = (low * high) ** 0.5
        schedule = make(middle)
        if abs(requests(schedule) / budget - 1) < 0.01:
            break
        low, high = (middle, high) if (requests(schedule) < budget) == rising else (low, middle)
    return schedule


def bound(feeds: Sequence[Publisher], bounds: Bounds, budget: int) -> Schedule:
    """The least sum of delays that `budget` requests leave, for who knows the rates."""
    rates = np.array([feed.rate for feed in feeds])
    low, high = 1e-3, 1e5
    more, fewer = _optimum(rates, low, bounds), _optimum(rates, high, bounds)
    for _ in range(16):
        price = (low * high) ** 0.5
        some = _optimum(rates, price, bounds)
        low, more, high, fewer = (price, some, high, fewer) if requests(some) > budget else (low, more, price, some)
    # Between two prices all feeds of one rate jump at once: as many of them as there are requests for.
    count = requests(fewer)
    mixed = []
    for one, other in zip(more, fewer, strict=True):
        extra = requests([one]) - requests([other])
        mixed.append(one if count + extra <= budget else other)
        count += extra if count + extra <= budget else 0
    return mixed


def _optimum(rates: Numbers, price: float, bounds: Bounds) -> Schedule:
    """For each feed the polls whose delays and prices have the least sum: dynamic programming, from the end."""
    count, steps = rates.shape
    items = np.concatenate([np.zeros((count, 1)), np.cumsum(rates, 1)], 1)
    moments = np.concatenate([np.zeros((count, 1)), np.cumsum(rates * (np.arange(steps) + 0.5) * STEP, 1)], 1)
    cost, following = np.zeros((count, steps + 1)), np.full((count, steps + 1), steps)
    shortest, longest = max(round(bounds.shortest / 60 / STEP), 1), max(round(bounds.longest / 60 / STEP), 1)
    for step in range(steps - 1, -1, -1):
        ends = np.arange(min(step + shortest, steps), min(step + longest, steps) + 1)
        delay = ends * STEP * (items[:, ends] - items[:, [step]]) - (moments[:, ends] - moments[:, [step]])
        whole = delay + cost[:, ends] + np.where(ends < steps, price, 0.0)
        best = whole.argmin(1)
        cost[:, step] = whole[np.arange(count), best]
        following[:, step] = ends[best]
    return [_followed(chain) for chain in following]


def _followed(chain: Numbers) -> Numbers:
    step, polls = 0, [0]
    while step < len(chain) - 1:
        step = int(chain[step])
        polls.append(step)
    return np.array(polls) * float(STEP)


def _print_whole(feeds: Sequence[Publisher], schedules: dict[str, Schedule]) -> None:
    print(f"{len(feeds)} feeds, {sum(len(feed.news) for feed in feeds)} items in {DURING} days; minutes to sight")
    print(f"{'':18}{'requests/day':>13}{'median':>9}{'p95':>9}{'mean':>9}   median, mean against Wirebell")
    ours = _all(feeds, schedules["Wirebell"])
    for name, schedule in schedules.items():
        some = _all(feeds, schedule)
        median, late, mean = np.median(some), np.percentile(some, 95), some.mean()
        against = f"{median / np.median(ours):.2f}x {mean / ours.mean():.2f}x"
        print(f"{name:18}{requests(schedule) / DURING:13.0f}{median:9.2f}{late:9.2f}{mean:9.2f}   {against}")


def _print_kinds(feeds: Sequence[Publisher], schedules: dict[str, Schedule]) -> None:
    """Median by kind of feed."""
    print(f"\n{'median by kind':18}{'items':>7}" + "".join(f"{name:>17}" for name in schedules))
    for kind in dict.fromkeys(feed.kind for feed in feeds):
        of_kind = [place for place, feed in enumerate(feeds) if feed.kind == kind and len(feed.news)]
        if not of_kind:
            continue
        chosen = [feeds[place] for place in of_kind]
        medians = (np.median(_all(chosen, [some[place] for place in of_kind])) for some in schedules.values())
        items = sum(len(feed.news) for feed in chosen)
        print(f"{kind:18}{items:7}" + "".join(f"{median:17.2f}" for median in medians))


def _all(feeds: Sequence[Publisher], schedule: Schedule) -> Any:
    return np.concatenate([delays(feed, polls) for feed, polls in zip(feeds, schedule, strict=True)])


if __name__ == "__main__":
    raise SystemExit(main())
