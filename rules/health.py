"""Whether a channel works, and how long it is left alone. Pure: `now` and chance come in as arguments."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from rules.records import Attempt, Outcome
from rules.timing import LONGEST_DELIVERY_WAIT

ENOUGH = 5
"""Failures in a row after which a channel is down: it is only probed, with one message at a time."""

PROBE = 300.0
"""Seconds between two probes, a fifth more or less: 72 hours are some 860 of them, and the first mail after an
outage leaves within six minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How a channel fares. `failures` counts attempts in a row that failed for its sake and not for a message's.

    `rests_until`: nothing is sent to it before; None where it may be asked at once.
    """

    failures: int = 0
    rests_until: datetime | None = None

    @property
    def down(self) -> bool:
        """Whether it is only probed."""
        return self.failures >= ENOUGH


def after(health: Health, attempt: Attempt, *, now: datetime, chance: float) -> Health:
    """The health of a channel after `attempt`. `chance` is in [0, 1).

    A message that is refused for good shows that the channel works. A Retry-After is said to the channel, not only
    to one message, so nothing else is sent meanwhile.
    """
    if attempt.outcome in (Outcome.SENT, Outcome.PERMANENT):
        return Health()
    failures = health.failures + 1
    if attempt.outcome is Outcome.CHANNEL_FAULT:
        failures = max(failures, ENOUGH)
    rest = min(attempt.retry_after or 0.0, LONGEST_DELIVERY_WAIT)
    if failures >= ENOUGH:
        rest = max(rest, PROBE * (0.8 + 0.4 * chance))
    return Health(failures=failures, rests_until=now + timedelta(seconds=rest) if rest else None)
