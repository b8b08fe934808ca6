"""Requests are spent where the news is: one price for all, a budget that holds, and bounds that are never left."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import pairwise
from math import sqrt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.beat import Beat, beat_of
from rules.pacing import fixed, pace_of, price_of, wait
from rules.records import Cursor
from rules.rhythm import Rhythm, learnt, written
from rules.timing import Answer, Bounds, succeeded
from tests.builders import NOON

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
WIDE = {"shortest": 1.0, "longest": 1e7}
RATES = st.floats(0, 1000)
PRICES = st.floats(1e-3, 1e6)


def steady(per_day: float) -> Beat:
    return Beat(level=per_day / 24, hours=(1.0,) * 24, days=(1.0,) * 7, phases=(1.0,) * 12)


@st.composite
def beats(draw: st.DrawFn) -> Beat:
    factors = st.floats(0, 20)
    hours, days, phases = (tuple(draw(st.lists(factors, min_size=n, max_size=n))) for n in (24, 7, 12))
    return Beat(level=draw(RATES), hours=hours, days=days, phases=phases)


@given(beats(), PRICES, st.floats(60, 3600), st.floats(3600, 200_000), st.timedeltas(-DAY, DAY))
def test_every_wait_is_within_the_bounds(
    beat: Beat, price: float, shortest: float, longest: float, after: timedelta
) -> None:
    assert shortest <= wait(beat, NOON + after, price, shortest=shortest, longest=longest) <= longest


@given(beats(), PRICES, st.floats(1, 10), st.floats(1, 10))
def test_more_news_is_never_asked_for_later_nor_is_less_for_a_dearer_request_sooner(
    beat: Beat, price: float, more: float, dearer: float
) -> None:
    busier = Beat(level=beat.level * more, hours=beat.hours, days=beat.days, phases=beat.phases)
    usual = wait(beat, NOON, price, shortest=60, longest=86_400)

    assert wait(busier, NOON, price, shortest=60, longest=86_400) <= usual + 1e-6
    assert wait(beat, NOON, price * dearer, shortest=60, longest=86_400) >= usual - 1e-6


@pytest.mark.parametrize("per_day", [0.5, 10, 300])
def test_a_steady_feed_is_asked_in_proportion_to_the_square_root_of_its_rate(per_day: float) -> None:
    assert wait(steady(per_day), NOON, 60.0, **WIDE) == pytest.approx(sqrt(2 * 60.0 / (per_day / 86_400)), rel=1e-6)


def test_a_feed_is_asked_soon_after_the_minute_at_which_it_publishes() -> None:
    rhythm = Rhythm()
    for day in range(20):
        noon = NOON + day * DAY
        rhythm = learnt(rhythm, [noon + 2 * MINUTE], seen=noon + 10 * MINUTE, since=noon - DAY)
    beat, noon = beat_of(rhythm), NOON + 20 * DAY

    assert wait(beat, noon, 60.0, **WIDE) < 600
    assert wait(beat, noon + 60 * MINUTE, 60.0, **WIDE) > 3600


@given(
    st.lists(st.tuples(st.just(0.0) | st.floats(0.001, 500), st.sampled_from((0.0, 3600.0))), min_size=1, max_size=50)
)
def test_at_the_price_of_all_feeds_they_spend_what_a_fixed_interval_would(feeds: list[tuple[float, float]]) -> None:
    price = price_of(feeds, shortest=300, longest=7200)
    waits = [max(wait(steady(pace or 2.0), NOON, price, shortest=300, longest=7200), hint) for pace, hint in feeds]

    allowed = sum(1 / max(fixed(300, 7200), hint) for _, hint in feeds)
    # A price is found to a hundredth, and paces are told apart in steps of a twelfth.
    assert sum(1 / some for some in waits) == pytest.approx(allowed, rel=0.06)


def test_a_feed_that_asks_to_be_left_alone_leaves_nothing_to_the_others() -> None:
    feeds = [(float(pace), 0.0) for pace in (1, 5, 20, 60)]
    bounds = {"shortest": 300.0, "longest": 7200.0}

    assert price_of([*feeds, (50.0, 7200.0)], **bounds) == pytest.approx(price_of(feeds, **bounds), rel=0.02)


def test_bounds_that_are_one_number_are_a_fixed_interval() -> None:
    price = price_of([(1.0, 0.0), (500.0, 0.0)], shortest=600, longest=600)

    assert wait(steady(500), NOON, price, shortest=600, longest=600) == 600


def test_the_pace_of_a_feed_with_hours_is_below_its_rate_as_fewer_requests_serve_it() -> None:
    hours = (0.0,) * 12 + (2.0,) * 12
    by_day = Beat(level=1.0, hours=hours, days=(1.0,) * 7, phases=(1.0,) * 12)

    assert pace_of(steady(24)) == pytest.approx(24)
    assert pace_of(by_day) == pytest.approx(12)


def test_the_zone_in_which_a_feed_writes_its_dates_says_nothing_of_its_rhythm() -> None:
    start = datetime(2026, 10, 20, 6, 5, tzinfo=UTC)  # Lisbon leaves summer time five days later.
    zoned = [(start + day * DAY).astimezone(ZoneInfo("Europe/Lisbon")) for day in range(12)]
    plain = [date.astimezone(UTC) for date in zoned]
    seen = start + 12 * DAY

    assert written(learnt(Rhythm(), zoned, seen=seen)) == written(learnt(Rhythm(), plain, seen=seen))


def test_a_small_population_is_seen_sooner_than_at_a_fixed_interval_with_as_many_requests() -> None:
    chance = random.Random(7)
    feeds = [
        sorted(NOON + DAY * chance.uniform(-2, 5) for _ in range(7 * 40)),
        sorted(NOON + DAY * (day + chance.uniform(0.3, 0.5)) for day in range(-2, 5) for _ in range(6)),
        [NOON + DAY * (day + 0.25) for day in range(-20, 5)],
        [NOON - DAY * 300],
    ]
    polls = simulated(feeds, until=NOON + 5 * DAY, chance=chance)
    every = len(feeds) * 5 * DAY / sum(map(len, polls))
    fixed_polls = [NOON + every * place for place in range(int(5 * DAY / every) + 1)]

    assert every > 20 * MINUTE
    assert mean_delay(feeds, polls) < mean_delay(feeds, [fixed_polls] * len(feeds)) / 1.5
    for some in polls:
        assert all(5 * MINUTE <= later - earlier <= 1.1 * 1.5 * 120 * MINUTE for earlier, later in pairwise(some))


def simulated(feeds: Sequence[Sequence[datetime]], *, until: datetime, chance: random.Random) -> list[list[datetime]]:
    """The polls of each feed, all of them first at NOON."""
    cursors = [Cursor(feed_id=f"feed {place}", url="") for place in range(len(feeds))]
    polls: list[list[datetime]] = [[] for _ in feeds]
    turns = [(NOON, place) for place in range(len(feeds))]
    while turns[0][0] < until:
        now, place = heappop(turns)
        before = cursors[place].last_success or NOON - 30 * DAY
        price = price_of([(cursor.pace, 0.0) for cursor in cursors], shortest=300, longest=7200)
        news = Answer(published=[date for date in feeds[place] if before < date <= now])
        after = succeeded(cursors[place], news, Bounds(price=price), every=None, now=now, chance=chance.random())
        cursors[place] = after
        polls[place].append(now)
        assert after.next_poll
        heappush(turns, (after.next_poll, place))
    return polls


def mean_delay(feeds: Sequence[Sequence[datetime]], polls: Sequence[Sequence[datetime]]) -> float:
    """Seconds from publication to the poll after it, of all items since NOON that a poll came after."""
    delays = [
        (min(poll for poll in its_polls if poll >= date) - date).total_seconds()
        for feed, its_polls in zip(feeds, polls, strict=True)
        for date in feed
        if NOON < date <= its_polls[-1]
    ]
    return sum(delays) / len(delays)
