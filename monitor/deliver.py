"""Pays what the outbox owes: one lane a channel, so that a slow or dead channel holds up nobody else.

    claim (committed) -> send -> what came of it (committed)

Without a committed claim nothing is sent; a crash between sending and committing sends once more under the same id.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from monitor.channels.base import Channel, SendError
from monitor.logs import redact
from rules.records import Attempt, Delivery, Outcome
from rules.timing import wait_before_retry
from state.store import Store

log = logging.getLogger("wirebell.deliver")

SEND_DEADLINE = 60.0
"""Seconds for one message, whatever the channel's own limits are."""

TRIED_IN_A_ROW = 5
"""Transient failures in a row after which a channel is only probed."""

PROBE = 300.0
"""Seconds between two probes of a channel that is down."""


@dataclass(slots=True)
class Lane:
    """One channel's turn: what it did last, and until when (monotonic seconds) it rests."""

    channel: Channel
    failures: int = 0
    rests_until: float = 0.0
    reason: str = ""


class Deliverer:
    """Runs the lanes. `on_fault(channel, reason)` is told once when a channel stops working."""

    def __init__(
        self,
        *,
        store: Store,
        channels: Mapping[str, Channel],
        chance: Callable[[], float] = random.random,
        reached: Callable[[str], None] = lambda stage: None,
        on_fault: Callable[[str, str], None] = lambda channel, reason: None,
    ) -> None:
        self._store = store
        self._chance = chance
        self._reached = reached
        self.on_fault = on_fault
        self.lanes = {name: Lane(channel) for name, channel in channels.items()}

    def replace_channels(self, channels: Mapping[str, Channel]) -> None:
        """After a reload: new settings are a new chance for a channel that was down."""
        self.lanes = {name: Lane(channel) for name, channel in channels.items()}

    async def deliver_one(self, lane: Lane) -> bool:
        """Send the next alert owed to the lane's channel, if it may be sent now; False where nothing was to do."""
        if time.monotonic() < lane.rests_until:
            return False
        now = datetime.now(UTC)
        delivery = await asyncio.wrap_future(self._store.take(lane.channel.name, now=now))
        if delivery is None:
            return False
        self._reached("send:before")
        started = time.monotonic()
        attempt = await _attempt(lane.channel, delivery, now=now)
        self._reached("send:after")
        again_at = self._rest(lane, delivery, attempt)
        # Waits for room on a full disk: it was sent, and must not be sent again.
        done = self._store.done(delivery, attempt, now=datetime.now(UTC), again_at=again_at)
        await asyncio.wrap_future(done)
        _say(delivery, attempt, again_at, time.monotonic() - started)
        return True

    def _rest(self, lane: Lane, delivery: Delivery, attempt: Attempt) -> datetime | None:
        """When the delivery is tried again (None: never, or it is done), and how long the channel rests."""
        now, moment = datetime.now(UTC), time.monotonic()
        lane.rests_until = moment + lane.channel.pace
        match attempt.outcome:
            case Outcome.SENT:
                lane.failures, lane.reason = 0, ""
                return None
            case Outcome.PERMANENT:
                return None
            case Outcome.TRANSIENT:
                lane.failures += 1
                wait = wait_before_retry(delivery.attempt, retry_after=attempt.retry_after, chance=self._chance())
                if attempt.retry_after:
                    # The receiver has said so to the channel, not only to this message.
                    lane.rests_until = max(lane.rests_until, moment + wait)
                if lane.failures >= TRIED_IN_A_ROW:
                    self._open(lane, attempt.reason, moment)
                return now + timedelta(seconds=wait)
            case Outcome.CHANNEL_FAULT:
                lane.failures += 1
                self._open(lane, attempt.reason, moment)
                return now + timedelta(seconds=lane.rests_until - moment)

    def _open(self, lane: Lane, reason: str, moment: float) -> None:
        """The channel is down: rest, then probe with one message."""
        lane.rests_until = moment + PROBE * (0.8 + 0.4 * self._chance())
        if not lane.reason:
            self.on_fault(lane.channel.name, reason)
        lane.reason = reason


async def _attempt(channel: Channel, delivery: Delivery, *, now: datetime) -> Attempt:
    """One try, as a value. Whatever a channel raises by mistake must not stop the lane or hide the alert."""
    try:
        async with asyncio.timeout(SEND_DEADLINE):
            return await channel.send(delivery, now=now)
    except SendError as error:
        return error.attempt
    except TimeoutError:
        return Attempt(outcome=Outcome.TRANSIENT, reason=f"no answer within {SEND_DEADLINE:.0f} s")
    except Exception as error:
        log.exception("channel failed channel=%s delivery=%s", channel.name, delivery.delivery_id)
        return Attempt(outcome=Outcome.PERMANENT, reason=redact(f"{type(error).__name__}: {error}"))


def _say(delivery: Delivery, attempt: Attempt, again_at: datetime | None, took: float) -> None:
    facts = (delivery.delivery_id, delivery.channel, delivery.alert.rule, delivery.attempt, took)
    if attempt.outcome is Outcome.SENT:
        log.info("sent delivery=%s channel=%s rule=%s attempt=%d took=%.2fs", *facts)
    elif again_at:
        log.warning(
            "not sent delivery=%s channel=%s rule=%s attempt=%d took=%.2fs again=%s reason=%s",
            *(*facts, again_at.isoformat(timespec="seconds"), attempt.reason),
        )
    else:
        log.error("dead delivery=%s channel=%s rule=%s attempt=%d took=%.2fs reason=%s", *facts, attempt.reason)
