"""What is an archive that is told once more, and what is news: decided by evidence, and never against it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.archives import BREAKING, LATE, MANY, Newcomer, held
from tests.builders import NOON

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
BEFORE = NOON - HOUR / 4
"""The last good poll."""

AGES = st.one_of(st.none(), st.timedeltas(-2 * DAY, 4000 * DAY))
NEWCOMERS = st.lists(
    st.builds(
        lambda age, retold: Newcomer(published=None if age is None else NOON - age, retold=retold), AGES, st.booleans()
    ),
    max_size=60,
)


def posts(number: int, age: timedelta | None, *, retold: bool = False) -> list[Newcomer]:
    return [Newcomer(published=None if age is None else NOON - age, retold=retold)] * number


def judged(newcomers: list[Newcomer], *, usual: int = 2) -> list[bool]:
    return held(newcomers, usual=usual, last_good=BEFORE, now=NOON)


@pytest.mark.parametrize("retold", [True, False])
def test_hundreds_of_old_posts_at_once_are_held(retold: bool) -> None:
    assert all(judged(posts(600, 400 * DAY, retold=retold)))


def test_posts_whose_titles_the_feed_has_shown_are_held_whatever_their_dates_say() -> None:
    assert all(judged(posts(300, None, retold=True) + posts(300, HOUR, retold=True)))


def test_what_is_dated_within_hours_and_was_never_shown_rings_out_of_an_archive() -> None:
    news = posts(2, 2 * HOUR)

    assert judged([*posts(300, 400 * DAY), *news, *posts(300, 30 * DAY)]) == [True] * 300 + [False] * 2 + [True] * 300


def test_posts_without_a_date_that_come_with_an_archive_are_held_with_it() -> None:
    assert judged([*posts(30, 400 * DAY), *posts(10, None)]) == [True] * 40


@pytest.mark.parametrize("age", [None, HOUR, 3 * DAY])
def test_many_items_without_any_evidence_of_age_are_news(age: timedelta | None) -> None:
    assert not any(judged(posts(600, age)))


def test_a_few_old_items_are_news() -> None:
    assert not any(judged(posts(MANY - 1, 400 * DAY)))


def test_a_feed_that_always_brings_hundreds_of_late_items_is_as_usual() -> None:
    assert not any(judged(posts(500, 10 * DAY), usual=400))


def test_what_was_published_while_nobody_looked_is_news() -> None:
    newcomers = [Newcomer(published=NOON - DAY * n / 4) for n in range(80)]

    assert not any(held(newcomers, usual=3, last_good=NOON - 21 * DAY, now=NOON))


@given(NEWCOMERS, st.integers(0, 100))
def test_breaking_news_is_never_held(newcomers: list[Newcomer], usual: int) -> None:
    for one, verdict in zip(newcomers, judged(newcomers, usual=usual), strict=True):
        if one.published and one.published >= NOON - BREAKING and not one.retold:
            assert not verdict


@given(NEWCOMERS, st.integers(0, 100))
def test_nothing_is_held_unless_half_of_it_is_known_to_be_old(newcomers: list[Newcomer], usual: int) -> None:
    old = sum(one.retold or bool(one.published and one.published < BEFORE - LATE) for one in newcomers)

    assert not any(judged(newcomers, usual=usual)) or 2 * old >= len(newcomers)
