"""When a hub is asked, and when its pushes are relied on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rules import pushing
from rules.pushing import Offer, Stage, Subscription

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
NEW = Subscription(
    token="t",
    feed_id="f",
    hub="https://hub.example/",
    topic="https://a.example/feed",
    callback="https://us",
    secret="s",
)
HOUR = timedelta(hours=1)


def verified(lease: timedelta = timedelta(days=10)) -> Subscription:
    return pushing.verified(pushing.asked(NEW, now=NOW), lease, now=NOW)


def test_a_new_subscription_is_asked_for_at_once_and_again_after_an_hour_of_silence() -> None:
    assert pushing.due_at(NEW) is None
    assert pushing.due_at(pushing.asked(NEW, now=NOW)) == NOW + HOUR


@given(st.integers(min_value=1, max_value=5000))
def test_a_hub_that_does_not_accept_is_asked_less_and_less_and_at_least_daily(failures: int) -> None:
    one = replace(NEW, failures=failures, asked_at=NOW)
    more = replace(one, failures=failures + 1)

    assert NOW < (pushing.due_at(one) or NOW) <= (pushing.due_at(more) or NOW) <= NOW + timedelta(days=1)


def test_a_lease_is_renewed_before_it_runs_out() -> None:
    one = verified(timedelta(days=10))

    assert pushing.due_at(one) == NOW + timedelta(days=8)
    asked = pushing.asked(one, now=NOW + timedelta(days=8))
    assert pushing.due_at(asked) == NOW + timedelta(days=8) + HOUR
    again = pushing.verified(asked, timedelta(days=10), now=NOW + timedelta(days=8, hours=2))
    assert pushing.due_at(again) == NOW + timedelta(days=16, hours=2)


def test_a_hub_that_refused_is_asked_again_after_a_week() -> None:
    refused = pushing.refused(pushing.asked(NEW, now=NOW), "members only")

    assert (refused.stage, refused.error) == (Stage.REFUSED, "members only")
    assert pushing.due_at(refused) == NOW + timedelta(days=7)


def test_pushes_are_relied_on_once_one_has_come_and_as_long_as_none_is_missed() -> None:
    one = verified()
    pushed = pushing.pushed(one, now=NOW)

    assert not pushing.relied_on(one, now=NOW)
    assert pushing.relied_on(pushed, now=NOW + timedelta(days=9))
    assert not pushing.relied_on(pushed, now=NOW + timedelta(days=10))
    assert not pushing.relied_on(pushing.missed(pushed), now=NOW)
    assert pushing.relied_on(pushing.pushed(pushing.missed(pushed), now=NOW), now=NOW)


def test_no_lease_is_believed_for_ever_nor_for_no_time() -> None:
    assert verified(timedelta(days=4000)).lease_until == NOW + timedelta(days=30)
    assert verified(timedelta(0)).lease_until == NOW + timedelta(minutes=1)


def test_a_subscription_suits_only_the_same_hub_topic_and_address_of_ours() -> None:
    offer = Offer(NEW.hub, NEW.topic)

    assert pushing.suits(NEW, offer, NEW.callback)
    assert not pushing.suits(NEW, replace(offer, topic="https://a.example/other"), NEW.callback)
    assert not pushing.suits(NEW, offer, "https://elsewhere")
