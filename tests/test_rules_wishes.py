"""A feed that names hours and days to skip is asked in the others, and in some hour at any rate."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.records import Cursor
from rules.wishes import LONGEST_SKIP, SPREAD, first_allowed, granted
from tests.builders import NOON

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
WEEK = tuple(range(7))
CLOCK = tuple(range(24))

moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def a_cursor(**fields: object) -> Cursor:
    given: dict[str, object] = {"last_poll": NOON, "next_poll": NOON + 5 * MINUTE, **fields}
    return Cursor(feed_id="f", url="https://wire.example/feed", **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hours", "days", "expected"),
    [
        ((), (), NOON),
        ((11, 13), (), NOON),
        ((12,), (), NOON + HOUR),
        ((12, 13, 14), (), NOON + 3 * HOUR),
        (tuple(range(12, 24)), (), NOON + 12 * HOUR),
        ((), (0,), NOON + 12 * HOUR),  # a Monday
        ((0, 1), (0,), NOON + 14 * HOUR),
        ((), (1, 2), NOON),
        (CLOCK, (), NOON),
        (CLOCK, (0,), NOON + 12 * HOUR),
        ((12,), WEEK, NOON + HOUR),
        (CLOCK, WEEK, NOON),
    ],
)
def test_the_first_moment_that_is_allowed(hours: tuple[int, ...], days: tuple[int, ...], expected: datetime) -> None:
    assert first_allowed(NOON, hours, days) == expected


@given(moments, st.sets(st.sampled_from(CLOCK), max_size=23), st.sets(st.sampled_from(WEEK), max_size=6))
def test_it_is_allowed_and_nothing_before_it_is(moment: datetime, hours: set[int], days: set[int]) -> None:
    found = first_allowed(moment, hours, days)

    assert found >= moment
    assert found.hour not in hours
    assert found.weekday() not in days
    earlier = moment
    while earlier < found:
        assert earlier.hour in hours or earlier.weekday() in days
        earlier += 20 * MINUTE


def test_feeds_that_waited_for_an_hour_do_not_come_at_its_stroke_together() -> None:
    polls = {granted(replace(a_cursor(skip_hours=(12,)), feed_id=str(n))).next_poll for n in range(50)}

    assert len(polls) == 50
    assert all(poll and NOON + HOUR <= poll <= NOON + HOUR + timedelta(seconds=SPREAD) for poll in polls)


def test_a_poll_that_is_allowed_stays_where_it_is() -> None:
    cursor = a_cursor(skip_hours=(3,), skip_days=(5, 6))

    assert granted(cursor) is cursor


@pytest.mark.parametrize("fields", [{"next_poll": None}, {"last_poll": None}])
def test_a_feed_that_is_gone_or_was_never_asked_is_left_alone(fields: dict[str, None]) -> None:
    cursor = a_cursor(skip_hours=(12,), **fields)

    assert granted(cursor) is cursor


def test_what_a_feed_says_of_its_own_time_holds_after_a_failure_too() -> None:
    assert granted(a_cursor(hint=3600.0)).next_poll == NOON + HOUR
    assert granted(a_cursor(hint=1e9)).next_poll == NOON + 24 * HOUR


def test_days_to_skip_silence_a_feed_for_two_days_at_most() -> None:
    poll = granted(a_cursor(skip_days=(0, 1, 2, 3, 4, 5))).next_poll

    assert poll
    assert timedelta() <= poll - NOON - LONGEST_SKIP <= timedelta(seconds=SPREAD)
