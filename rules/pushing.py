"""When to ask a hub for pushes, and when they may be relied on (W3C WebSub). Pure: `now` comes in as an argument.

A push is never the only way to the news: a feed that is pushed is polled all the same, only less often.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

LEASE = timedelta(days=10)
"""How long a subscription is asked for; the hub decides. Most of the public ones give five to fifteen days."""

LONGEST_LEASE = timedelta(days=30)
"""A lease is never believed for longer: a hub that has forgotten us does not say so."""

ANSWER = timedelta(hours=1)
"""A hub that has not verified by then is asked again."""

AGAIN = timedelta(minutes=5)
LONGEST_AGAIN = timedelta(days=1)
REFUSED = timedelta(days=7)
"""A hub that says no is asked again after this: its rules may have changed."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Where a feed says that it can be pushed from, and under which address the hub knows it."""

    hub: str
    topic: str


class Stage(StrEnum):
    """How far a subscription is."""

    ASKED = "asked"
    VERIFIED = "verified"
    REFUSED = "refused"
    LEAVING = "leaving"
    """The feed is gone from the configuration, or is pushed from elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What was asked of a hub for a feed. `token` names it in our address; `secret` signs what is pushed.

    `callback` is our address before the token, as the hub was told it. `asked_at` is None until the hub was asked;
    `failures` counts askings in a row without a verification. `missed`: a poll found what should have been pushed.
    """

    token: str
    feed_id: str
    hub: str
    topic: str
    callback: str
    secret: str
    stage: Stage = Stage.ASKED
    asked_at: datetime | None = None
    failures: int = 0
    verified_at: datetime | None = None
    lease_until: datetime | None = None
    pushed_at: datetime | None = None
    missed: bool = False
    error: str = ""


def suits(subscription: Subscription, offer: Offer, callback: str) -> bool:
    """Whether `subscription` is for what the feed offers, and leads to where we are."""
    return (subscription.hub, subscription.topic, subscription.callback) == (offer.hub, offer.topic, callback)


def due_at(subscription: Subscription) -> datetime | None:
    """When the hub is to be asked, for the first time, again, or for a longer lease; None for at once."""
    asked = subscription.asked_at
    if asked is None:
        return None
    match subscription.stage:
        case Stage.REFUSED:
            return asked + REFUSED
        case Stage.VERIFIED if subscription.lease_until and subscription.verified_at:
            lease = subscription.lease_until - subscription.verified_at
            renewal = subscription.lease_until - lease / 5
            return renewal if asked <= subscription.verified_at else max(renewal, asked + _patience(subscription))
        case _:
            return asked + _patience(subscription)


def _patience(subscription: Subscription) -> timedelta:
    """How long after an asking the next one comes, where nothing has come of it."""
    if not subscription.failures:
        return ANSWER
    return min(AGAIN * float(2 ** min(subscription.failures - 1, 20)), LONGEST_AGAIN)


def asked(subscription: Subscription, *, now: datetime, problem: str = "") -> Subscription:
    """After the hub was asked; `problem` is why it did not accept, in words."""
    failures = subscription.failures + 1 if problem else subscription.failures
    return replace(subscription, asked_at=now, failures=failures, error=problem)


def verified(subscription: Subscription, lease: timedelta, *, now: datetime) -> Subscription:
    """After the hub made sure that we mean it, and gave a lease."""
    until = now + min(max(lease, timedelta(minutes=1)), LONGEST_LEASE)
    return replace(
        subscription, stage=Stage.VERIFIED, verified_at=now, lease_until=until, failures=0, error="", missed=False
    )


def refused(subscription: Subscription, reason: str) -> Subscription:
    """After the hub said no."""
    return replace(subscription, stage=Stage.REFUSED, lease_until=None, error=reason)


def pushed(subscription: Subscription, *, now: datetime) -> Subscription:
    """After something arrived, signed as it should be."""
    return replace(subscription, pushed_at=now, missed=False)


def missed(subscription: Subscription) -> Subscription:
    """After a poll found news that had not been pushed: polling is at its own pace again until a push arrives."""
    return replace(subscription, missed=True)


def relied_on(subscription: Subscription, *, now: datetime) -> bool:
    """Whether the feed may be polled less often: pushes have come, none was missed, and the lease holds."""
    holds = subscription.lease_until is not None and now < subscription.lease_until
    proven = subscription.pushed_at is not None and not subscription.missed
    return subscription.stage is Stage.VERIFIED and holds and proven
