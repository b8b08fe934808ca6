"""When the operator hears of what is wrong: once for an outage, once for its end, and never of what was over before."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rules.records import Cursor
from rules.troubles import (
    CALM,
    CALM_AT_THE_END,
    FAILS_BEFORE_NOTICE,
    LONGEST_END,
    LONGEST_GATHERING,
    Kind,
    Trouble,
    compared,
    ended,
    of_feed,
    to_tell,
)
from tests.builders import NOON, a_feed

SECOND = timedelta(seconds=1)


def broken(name: str = "a", *, found: datetime = NOON, told: datetime | None = None, over: datetime | None = None,
           kind: Kind = Kind.BROKEN, detail: str = "HTTP 500") -> Trouble:  # fmt: skip
    return Trouble(feed_id=name, kind=kind, since=NOON, found=found, told=told, over=over, detail=detail)


def kinds(**cursor: object) -> list[Kind]:
    feed = a_feed()
    at = Cursor(feed_id=feed.id, url=feed.url, last_success=NOON)
    return [one.kind for one in of_feed(feed, replace(at, **cursor), NOON, {}, now=NOON)]  # type: ignore[arg-type]


def test_what_is_wrong_is_read_from_how_far_we_are() -> None:
    assert kinds() == []
    assert kinds(failures=FAILS_BEFORE_NOTICE - 1) == []
    assert kinds(failures=FAILS_BEFORE_NOTICE, error="HTTP 500") == [Kind.BROKEN]
    assert kinds(url="https://elsewhere.example/") == [Kind.MOVED]
    assert kinds(failures=1, gone=True, url="https://elsewhere.example/") == [Kind.GONE]


def test_a_feed_that_was_told_of_is_broken_until_it_answers() -> None:
    feed = a_feed()
    kept = {one.key: one for one in [broken(feed.id, told=NOON)]}
    cursor = Cursor(feed_id=feed.id, url=feed.url, failures=3)

    assert [one.kind for one in of_feed(feed, cursor, NOON, kept, now=NOON)] == [Kind.BROKEN]
    assert of_feed(feed, replace(cursor, failures=0), NOON, kept, now=NOON) == []


def test_a_notice_waits_until_nothing_is_added_and_not_for_ever() -> None:
    two = [broken("a"), broken("b", found=NOON + CALM / 2)]

    assert to_tell(two, now=NOON + CALM) == []
    assert to_tell(two, now=NOON + CALM * 1.5) == two
    trickling = [broken(str(n), found=NOON + n * CALM / 2) for n in range(61)]
    assert to_tell(trickling, now=NOON + LONGEST_GATHERING) == trickling
    assert to_tell(two, now=NOON, at_once=True) == two


def test_what_was_told_is_not_told_again() -> None:
    assert to_tell([broken(told=NOON)], now=NOON + timedelta(days=30), at_once=True) == []


def test_what_is_over_before_it_was_told_is_told_to_nobody() -> None:
    assert compared([broken()], [], now=NOON) == []


def test_an_end_is_kept_until_it_is_told_and_taken_back_by_another_failure() -> None:
    (over,) = compared([broken(told=NOON)], [], now=NOON + CALM)

    assert over.over == NOON + CALM
    assert compared([over], [], now=NOON + 2 * CALM) == [over]
    (again,) = compared([over], [broken(found=NOON + 2 * CALM)], now=NOON + 2 * CALM)
    assert (again.over, again.told) == (None, NOON)


def test_a_feed_that_is_gone_does_not_come_back_by_it() -> None:
    gone = broken(kind=Kind.GONE)

    assert compared([broken(told=NOON)], [gone], now=NOON) == [gone]


def test_another_address_is_told_of_anew() -> None:
    moved = broken(kind=Kind.MOVED, told=NOON, detail="https://one.example/")
    again = broken(kind=Kind.MOVED, detail="https://two.example/")

    assert compared([moved], [again], now=NOON) == [again]


def test_an_outage_of_many_feeds_ends_in_one_notice() -> None:
    outage = [broken(str(n), told=NOON) for n in range(40)]
    half = [replace(one, over=NOON + n * SECOND) if n < 20 else one for n, one in enumerate(outage)]
    whole = [replace(one, over=NOON + n * SECOND) for n, one in enumerate(outage)]

    assert ended(half, now=NOON + CALM_AT_THE_END, at_once=True) == []
    assert ended(half, now=NOON + CALM_AT_THE_END + 19 * SECOND) == half[:20]
    assert ended(whole, now=NOON + CALM + 39 * SECOND) == whole


def test_an_end_is_told_within_a_day_though_others_trickle_in() -> None:
    trickling = [broken(str(n), told=NOON, over=NOON + n * CALM_AT_THE_END / 2) for n in range(49)]

    assert ended([*trickling, broken("x", told=NOON)], now=NOON + LONGEST_END) == trickling


TIMES = st.timedeltas(timedelta(0), timedelta(days=2)).map(lambda span: NOON + span)
TROUBLES = st.lists(
    st.builds(
        broken, st.sampled_from("abcd"), found=TIMES, told=st.none() | TIMES, kind=st.sampled_from(Kind)
    ),
    unique_by=lambda one: one.key,
)  # fmt: skip


@given(TROUBLES, TROUBLES, TIMES)
def test_looking_twice_is_looking_once(kept: Sequence[Trouble], present: Sequence[Trouble], now: datetime) -> None:
    once = compared(kept, present, now=now)

    assert sorted(compared(once, present, now=now), key=lambda one: one.key) == sorted(once, key=lambda one: one.key)


@given(TROUBLES, TROUBLES, TIMES)
def test_all_that_is_present_is_kept_and_nothing_else_untold(
    kept: Sequence[Trouble], present: Sequence[Trouble], now: datetime
) -> None:
    after = compared(kept, present, now=now)

    assert {one.key for one in after if one.over is None} == {one.key for one in present}
    assert all(one.told for one in after if one.over)
