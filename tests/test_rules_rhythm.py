"""A feed's rhythm: learnt from few items, followed when it changes, and not deceived by bursts and dates that lie."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.beat import expected, per_day
from rules.rhythm import Rhythm, before_silence, learnt, read, written
from tests.builders import NOON

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
UNKNOWN = Rhythm()
DATES = st.one_of(st.none(), st.timedeltas(-50 * 365 * DAY, 100 * 365 * DAY).map(lambda span: NOON + span))


def followed(
    published: Sequence[datetime], until: datetime, *, rhythm: Rhythm = UNKNOWN, every: timedelta = HOUR
) -> Rhythm:
    """`rhythm` after polls of a feed that publishes so, from NOON until then."""
    now, before = rhythm.until or NOON, rhythm.until or NOON
    while now < until:
        now += every
        new = [date for date in published if before < date <= now]
        rhythm, before = learnt(rhythm, new, seen=now, since=before), now
    return rhythm


def regular(per_day: float, days: float, start: datetime = NOON) -> list[datetime]:
    return [start + DAY * ((place + 0.5) / per_day) for place in range(round(per_day * days))]


@pytest.mark.parametrize("rate", [0.5, 2, 10, 50])
def test_the_number_of_items_a_day_is_learnt_within_a_week(rate: float) -> None:
    assert per_day(followed(regular(rate, 7), NOON + 7 * DAY)) == pytest.approx(rate, rel=0.25)


def test_the_items_of_the_first_poll_are_history() -> None:
    rhythm = learnt(Rhythm(), regular(10, 3, NOON - 3 * DAY), seen=NOON)

    assert per_day(rhythm) == pytest.approx(10, rel=0.25)


def test_a_pinned_item_in_the_first_poll_does_not_make_a_news_site_slow() -> None:
    rhythm = learnt(Rhythm(), [NOON - 900 * DAY, *regular(40, 0.5, NOON - DAY / 2)], seen=NOON)

    assert per_day(rhythm) > 20


def test_what_is_published_at_one_hour_is_expected_at_that_hour() -> None:
    mornings = [NOON.replace(hour=7, minute=3) + DAY * day for day in range(1, 15)]
    rhythm = followed(mornings, NOON + 14 * DAY)
    midnight = NOON.replace(hour=0) + 15 * DAY

    assert expected(rhythm, midnight + 7 * HOUR, midnight + 8 * HOUR) > 0.5
    assert expected(rhythm, midnight + 7 * HOUR, midnight + 7.25 * HOUR) > 0.3
    assert expected(rhythm, midnight + 12 * HOUR, midnight + 24 * HOUR) < 0.2


def test_days_without_items_are_known_after_three_weeks() -> None:
    weekdays = [date for date in regular(8, 21) if date.weekday() < 5]
    rhythm = followed(weekdays, NOON + 21 * DAY)
    saturday = next(NOON + DAY * day for day in range(21, 30) if (NOON + DAY * day).weekday() == 5)

    assert (
        expected(rhythm, saturday, saturday + HOUR)
        < expected(rhythm, saturday + 3 * DAY, saturday + 3 * DAY + HOUR) / 3
    )


def test_a_burst_is_partly_one_event() -> None:
    singles = regular(1, 10)
    bursts = [date + timedelta(seconds=second) for date in singles for second in range(30)]

    assert per_day(followed(bursts, NOON + 10 * DAY)) < 10 * per_day(followed(singles, NOON + 10 * DAY))


def test_an_archive_that_is_published_again_is_one_event() -> None:
    quiet = followed(regular(1, 10), NOON + 10 * DAY)
    archive = learnt(quiet, regular(2, 300, NOON - 400 * DAY), seen=NOON + 10 * DAY + HOUR)

    assert per_day(archive) < 2 * per_day(quiet)


def test_items_without_a_date_came_between_the_two_polls() -> None:
    rhythm, now = Rhythm(), NOON
    for _ in range(7 * 24):
        now += HOUR
        rhythm = learnt(rhythm, [None], seen=now, since=now - HOUR)

    assert per_day(rhythm) == pytest.approx(24, rel=0.25)


def test_a_feed_that_changes_its_habits_is_followed_within_days() -> None:
    quiet = followed(regular(1, 28), NOON + 28 * DAY)
    busy = followed(regular(20, 4, NOON + 28 * DAY), NOON + 32 * DAY, rhythm=quiet)
    silent = followed([], NOON + 38 * DAY, rhythm=busy)

    assert per_day(busy) > 10
    assert per_day(silent) < 4


def test_silence_lowers_the_level_but_not_what_it_is_judged_by() -> None:
    rhythm = followed(regular(24, 7), NOON + 9 * DAY)

    assert per_day(rhythm) < 20
    assert per_day(before_silence(rhythm)) == pytest.approx(24, rel=0.2)


@given(st.lists(DATES, max_size=40), st.lists(DATES, max_size=40))
def test_no_date_breaks_it_and_it_survives_its_round_trip(
    first: list[datetime | None], then: list[datetime | None]
) -> None:
    rhythm = learnt(learnt(Rhythm(), first, seen=NOON), then, seen=NOON + HOUR)
    text = written(rhythm)
    again = read(text)

    assert len(text) < 700
    assert written(again) == text
    assert 0 <= expected(rhythm, NOON, NOON + DAY) < 600
    assert per_day(again) == pytest.approx(per_day(rhythm), rel=0.05, abs=0.02)


@pytest.mark.parametrize("text", ["", "nonsense", "{}", "[2]", "[1,[1e999,0,0],0,0,[],[],[]]"])
def test_what_cannot_be_read_is_a_feed_that_nothing_is_known_of(text: str) -> None:
    assert read(text) == Rhythm()
