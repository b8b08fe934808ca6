"""Silences that are no news of a feed (nights, weekends, Christmas, weekly letters, decline) and those that are."""

import random
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.beat import expected
from rules.silence import Arrival, Habit, Pace, habit_of, is_silent, missed, own_fault, share

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
POLL = HOUR / 6
SPRING = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
AUTUMN = datetime(2026, 10, 19, tzinfo=UTC)  # a Monday

Rate = Callable[[datetime], float]


def polled(times: Iterable[datetime], start: datetime) -> list[Arrival]:
    """What polls all the time find; the first one has a week of history."""
    found: dict[datetime, list[datetime | None]] = {}
    for time in sorted(times):
        found.setdefault(start - (start - time) // POLL * POLL, []).append(time)
    history = tuple(start - n * 12 * HOUR for n in range(10))
    later = [Arrival(seen=seen, published=tuple(dates)) for seen, dates in found.items() if seen > start]
    return [Arrival(seen=start, published=history), *later]


def published(rate: Rate, days: int, start: datetime, *, seed: int = 1) -> list[datetime]:
    """Poisson, at `rate` items an hour."""
    chance, times, left = random.Random(seed), list[datetime](), 0.0
    left = chance.expovariate(1.0)
    for tenth in range(days * 144):
        at = start + tenth * POLL
        left -= rate(at) / 6
        while left < 0:
            times.append(at + chance.random() * POLL)
            left += chance.expovariate(1.0)
    return times


def newsroom(per_day: float, weekend: float = 0.5) -> Rate:
    return lambda at: per_day / 12 * (1.0 if 7 <= at.hour < 19 else 0.1) * (weekend if at.weekday() > 4 else 1.0)


def habit(times: Iterable[datetime], start: datetime = SPRING) -> Habit:
    found = habit_of(polled(times, start))
    assert found
    return found


def hours_until_told(one: Habit, most: int = 24 * 60) -> int:
    return next(hours for hours in range(most) if is_silent(one, one.last + hours * HOUR))


def test_a_feed_with_forty_items_a_day_is_told_of_within_hours() -> None:
    even = habit(published(lambda _: 40 / 24, 42, SPRING))

    assert 4 <= hours_until_told(even) <= 14


def test_a_newsroom_that_stops_in_the_morning_is_told_of_the_same_day() -> None:
    times = published(newsroom(60), 44, SPRING)
    wednesday = SPRING + 44 * DAY + 8 * HOUR
    one = habit([*times, wednesday])

    assert is_silent(one, wednesday + 11 * HOUR)
    assert not is_silent(one, wednesday + 2 * HOUR)


def test_nights_and_weekends_are_no_silence() -> None:
    times = published(newsroom(40, weekend=0.02), 46, SPRING)
    friday = SPRING + 46 * DAY - 5 * HOUR
    one = habit(time for time in times if time <= friday)

    assert not is_silent(one, friday + 66 * HOUR)
    assert is_silent(one, friday + 8 * DAY)


def test_an_office_that_has_a_holiday_is_not_silent() -> None:
    times = published(newsroom(40, weekend=0.0), 43, SPRING)
    monday = max(time for time in times if time < SPRING + 43 * DAY)

    assert not is_silent(habit(times), monday + 34 * HOUR)


def test_christmas_is_no_silence() -> None:
    start = datetime(2026, 11, 2, tzinfo=UTC)
    for rate in (newsroom(40, weekend=0.0), newsroom(5)):
        times = [time for time in published(rate, 60, start) if time < datetime(2026, 12, 23, 15, tzinfo=UTC)]
        assert not is_silent(habit(times, start), datetime(2026, 12, 28, tzinfo=UTC))


def test_a_weekly_letter_may_be_late_and_is_missed_when_it_stays_away_for_months() -> None:
    letter = habit([SPRING + 8 * HOUR + n * 7 * DAY for n in range(1, 20)])

    assert not is_silent(letter, letter.last + 17 * DAY)
    assert is_silent(letter, letter.last + 90 * DAY)


def test_a_feed_that_declines_is_judged_by_what_it_has_become() -> None:
    times = published(lambda at: 40 / 24 * 0.5 ** ((at - SPRING) / (14 * DAY)), 70, SPRING)

    assert not is_silent(habit(times), times[-1] + 36 * HOUR)


def test_a_feed_that_comes_in_one_batch_a_day_is_judged_by_its_batches() -> None:
    batches = [SPRING + HOUR + day * DAY + n * timedelta(seconds=9) for day in range(1, 40) for n in range(40)]

    assert not is_silent(habit(batches), SPRING + 41.5 * DAY)


def test_little_is_said_of_what_is_little_known() -> None:
    young = habit(published(newsroom(40), 10, SPRING))
    rare = habit([SPRING + n * 7 * DAY for n in range(1, 6)])

    assert (young.patience, rare.patience) == (None, None)
    assert not is_silent(young, young.last + 60 * DAY)
    assert habit_of([]) is None


def test_no_more_is_missed_over_christmas_than_a_newsroom_on_duty_writes() -> None:
    one = habit(published(lambda _: 40 / 24, 42, AUTUMN), AUTUMN)
    over = missed(one, datetime(2027, 1, 1, tzinfo=UTC)) - missed(one, datetime(2026, 12, 25, tzinfo=UTC))
    later = missed(one, datetime(2027, 2, 1, tzinfo=UTC)) - missed(one, datetime(2027, 1, 25, tzinfo=UTC))

    assert over < later / 5


def test_when_all_others_are_slow_a_silence_says_less() -> None:
    one = habit(published(lambda _: 40 / 24, 42, SPRING))
    soon = one.last + hours_until_told(one) * HOUR

    assert is_silent(one, soon, pulse=share(40, 40))
    assert not is_silent(one, soon, pulse=share(10, 40))


def test_it_is_we_when_nobody_has_anything_and_many_used_to() -> None:
    assert own_fault(0, 5)
    assert not own_fault(1, 5)
    assert not own_fault(0, 2)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.3, 2.0, 9.0, 40.0]), st.timedeltas(timedelta(0), 9 * DAY))
def test_a_longer_silence_is_never_less_suspicious(seed: int, per_day: float, span: timedelta) -> None:
    one = habit(published(lambda _: per_day / 24, 35, SPRING, seed=seed))

    assert missed(one, one.last + span) <= missed(one, one.last + span + HOUR)
    assert is_silent(one, one.last + span) <= is_silent(one, one.last + span + HOUR)


@settings(max_examples=15, deadline=None)
@given(st.timedeltas(-9 * DAY, 9 * DAY), st.timedeltas(timedelta(0), 9 * DAY))
def test_the_table_of_a_week_says_what_the_rhythm_says(start: timedelta, span: timedelta) -> None:
    rhythm = habit(published(newsroom(9), 20, SPRING)).rhythm
    begin = SPRING + start

    assert Pace(rhythm).between(begin, begin + span) == pytest.approx(expected(rhythm, begin, begin + span), abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_in_months_of_a_feed_that_is_well_it_is_never_called_silent(seed: int) -> None:
    times = published(newsroom(20), 120, SPRING, seed=seed)
    found = polled(times, SPRING)
    for place in range(1, len(found)):
        start, stop = found[place - 1].seen, found[place].seen
        if stop - start > 14 * HOUR and start > SPRING + 30 * DAY:
            one = habit_of(found[:place])
            assert one
            assert not is_silent(one, stop - POLL)
