"""Timing: never earlier than anybody asked for, never silent for more than a day, back to normal at once."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from rules.records import Cursor
from rules.timing import (
    LONGEST_WAIT,
    Answer,
    Bounds,
    doubted,
    failed,
    first_poll,
    gone,
    moved,
    postponed,
    succeeded,
    wait_before_retry,
)
from tests.builders import NOON

BOUNDS = Bounds(shortest=300.0, longest=7200.0)


def a_cursor(**fields: object) -> Cursor:
    return Cursor(feed_id="f", url="http://a.example/feed", **fields)  # type: ignore[arg-type]


def wait_of(cursor: Cursor) -> float:
    assert cursor.next_poll
    return (cursor.next_poll - NOON).total_seconds()


def test_a_feed_with_news_is_asked_sooner_and_a_quiet_one_later() -> None:
    first = succeeded(a_cursor(), Answer(), BOUNDS, every=None, now=NOON, chance=0.0)
    later = NOON + timedelta(days=2)
    news = succeeded(first, Answer(published=(None,) * 30), BOUNDS, every=None, now=later, chance=0.0)
    none = succeeded(first, Answer(), BOUNDS, every=None, now=later, chance=0.0)

    assert BOUNDS.shortest <= news.interval < first.interval < none.interval


def test_the_publishers_lifetime_is_a_lower_bound_even_for_a_fixed_interval() -> None:
    after = succeeded(a_cursor(), Answer(fresh_for=1800.0), BOUNDS, every=60.0, now=NOON, chance=0.0)

    assert wait_of(after) == 1800.0


@given(st.floats(0, 1e9), st.floats(0, 0.999), st.integers(0, 5), st.floats(0, 1e6))
def test_the_next_poll_keeps_every_bound(fresh: float, chance: float, news: int, interval: float) -> None:
    after = succeeded(
        a_cursor(interval=interval),
        Answer(published=(NOON,) * news, fresh_for=fresh),
        BOUNDS,
        every=None,
        now=NOON,
        chance=chance,
    )

    assert BOUNDS.shortest <= after.interval <= BOUNDS.longest
    assert min(fresh, LONGEST_WAIT) - 1e-3 <= wait_of(after) <= LONGEST_WAIT * 1.1


@given(st.integers(0, 5000), st.floats(0, 0.999))
def test_a_failing_server_is_never_left_alone_for_less_than_before(failures: int, chance: float) -> None:
    once = failed(a_cursor(failures=failures), "down", Answer(), BOUNDS, every=None, now=NOON, chance=chance)
    again = failed(once, "down", Answer(), BOUNDS, every=None, now=NOON, chance=chance)

    assert wait_of(once) <= wait_of(again) <= LONGEST_WAIT * 1.1


def test_a_feed_that_is_asked_once_a_week_is_asked_no_oftener_because_it_fails() -> None:
    week = 7 * 24 * 3600.0
    after = failed(a_cursor(interval=week), "down", Answer(), BOUNDS, every=week, now=NOON, chance=0.0)

    assert wait_of(after) == week


def test_feeds_that_were_asked_together_are_asked_apart_the_next_time() -> None:
    def waits(**fields: object) -> list[float]:
        cursors = [replace(a_cursor(**fields), feed_id=f"feed {n}") for n in range(200)]
        return [wait_of(succeeded(cursor, Answer(), BOUNDS, every=300.0, now=NOON, chance=0.0)) for cursor in cursors]

    for together in (waits(), waits(last_success=NOON, next_poll=NOON - timedelta(hours=1))):
        assert 300.0 <= min(together) <= max(together) < 450.0
        assert all(sum(start <= wait < start + 15 for wait in together) < 40 for start in range(300, 450, 15))
    assert set(waits(last_success=NOON, next_poll=NOON)) == {300.0}


def test_a_hint_holds_for_the_answers_that_do_not_repeat_it() -> None:
    said = succeeded(a_cursor(), Answer(hint=3600.0), BOUNDS, every=60.0, now=NOON, chance=0.0)
    silent = succeeded(said, Answer(), BOUNDS, every=60.0, now=NOON, chance=0.0)
    taken_back = succeeded(silent, Answer(hint=0.0), BOUNDS, every=60.0, now=NOON, chance=0.0)

    assert [wait_of(cursor) for cursor in (said, silent, taken_back)] == [3600.0, 3600.0, 60.0]


def test_a_poll_that_failed_for_our_own_sake_comes_again_after_its_interval() -> None:
    after = postponed(a_cursor(interval=600.0, failures=2), "no network", BOUNDS, every=None, now=NOON, chance=0.0)

    assert (wait_of(after), after.failures, after.error) == (600.0, 2, "no network")


def test_a_learnt_address_is_given_up_with_what_was_learnt_there() -> None:
    learnt = a_cursor(etag='"there"', last_modified="then", moved_to="https://c.example", moved_polls=2)

    assert doubted(learnt, learnt.url) == learnt
    given_up = doubted(learnt, "https://configured.example/feed")
    assert (given_up.url, given_up.etag, given_up.last_modified) == ("https://configured.example/feed", "", "")
    assert (given_up.moved_to, given_up.moved_polls) == ("", 0)


def test_retry_after_holds_where_it_is_longer_than_our_own_wait() -> None:
    after = failed(a_cursor(), "429", Answer(retry_after=90_000.0), BOUNDS, every=None, now=NOON, chance=0.0)

    assert wait_of(after) == 90_000.0


def test_recovery_returns_to_the_normal_interval_at_once() -> None:
    down = failed(a_cursor(interval=600.0, failures=7), "down", Answer(), BOUNDS, every=None, now=NOON, chance=0.0)
    up = succeeded(down, Answer(), BOUNDS, every=None, now=NOON, chance=0.0)

    assert (up.failures, up.error) == (0, "")
    assert BOUNDS.shortest <= wait_of(up) <= BOUNDS.longest * 1.5


def test_a_feed_that_is_gone_is_never_due() -> None:
    assert gone(a_cursor(), "410 Gone", now=NOON).next_poll is None


def test_a_permanent_redirect_is_believed_after_three_polls_and_a_day() -> None:
    target = "https://b.example/feed"
    cursor = a_cursor()
    for hours in (0, 1, 2):
        cursor = moved(cursor, target, now=NOON + timedelta(hours=hours))
    assert cursor.url == "http://a.example/feed"

    cursor = moved(cursor, target, now=NOON + timedelta(hours=24))
    assert cursor.url == target


def test_a_redirect_that_wavers_starts_its_trial_anew() -> None:
    cursor = moved(a_cursor(), "https://b.example/feed", now=NOON)
    cursor = moved(cursor, "", now=NOON + timedelta(hours=30))

    assert (cursor.moved_to, cursor.moved_polls) == ("", 0)


def test_feeds_are_spread_over_the_interval_by_their_names() -> None:
    places = [(first_poll(f"feed {n}", now=NOON, spread=300.0) - NOON).total_seconds() for n in range(200)]

    assert min(places) >= 0
    assert max(places) < 300
    assert all(sum(start <= place < start + 15 for place in places) < 40 for start in range(0, 300, 15))


@given(st.integers(1, 1000), st.floats(0, 0.999), st.one_of(st.none(), st.floats(0, 1e9)))
def test_a_delivery_is_tried_again_within_an_hour_and_not_before_it_was_asked_for(
    attempt: int, chance: float, asked: float | None
) -> None:
    wait = wait_before_retry(attempt, retry_after=asked, chance=chance)

    assert 4.0 <= wait <= 3600.0
    assert wait >= min(asked or 0.0, 3600.0)
