"""When a channel counts as down, and how long it is left alone."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.health import ENOUGH, Health, after
from rules.records import Attempt, Outcome
from tests.builders import NOON

ATTEMPTS = st.builds(Attempt, outcome=st.sampled_from(Outcome), retry_after=st.one_of(st.none(), st.floats(0, 1e12)))


def after_all(*outcomes: Outcome, **fields: float) -> Health:
    health = Health()
    for outcome in outcomes:
        health = after(health, Attempt(outcome=outcome, **fields), now=NOON, chance=0.5)  # type: ignore[arg-type]
    return health


@pytest.mark.parametrize("outcome", [Outcome.SENT, Outcome.PERMANENT])
def test_a_channel_that_answers_is_well(outcome: Outcome) -> None:
    assert after_all(*[Outcome.TRANSIENT] * 9, outcome) == Health()


def test_a_few_failures_leave_a_channel_alone_for_nothing() -> None:
    assert after_all(*[Outcome.TRANSIENT] * (ENOUGH - 1)) == Health(failures=ENOUGH - 1)


@pytest.mark.parametrize("outcomes", [[Outcome.TRANSIENT] * ENOUGH, [Outcome.CHANNEL_FAULT]])
def test_a_channel_that_is_down_is_probed_every_five_minutes(outcomes: list[Outcome]) -> None:
    health = after_all(*outcomes)

    assert health.down
    assert health.rests_until == NOON + timedelta(minutes=5)


def test_a_receiver_may_ask_for_more_than_the_probe_and_for_an_hour_at_most() -> None:
    assert after_all(Outcome.CHANNEL_FAULT, retry_after=900.0).rests_until == NOON + timedelta(minutes=15)
    assert after_all(Outcome.TRANSIENT, retry_after=1e9).rests_until == NOON + timedelta(hours=1)


@given(st.lists(ATTEMPTS, max_size=20), st.floats(0, 0.999))
def test_no_channel_is_left_alone_for_more_than_an_hour(attempts: list[Attempt], chance: float) -> None:
    health = Health()
    for attempt in attempts:
        health = after(health, attempt, now=NOON, chance=chance)
        assert not health.rests_until or health.rests_until <= NOON + timedelta(hours=1)
        assert health.rests_until or not health.down
