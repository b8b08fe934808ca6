"""Pays what the outbox owes: one lane a channel, so that a slow or dead channel holds up nobody else.

    claim (committed) -> send -> what came of it, and how the channel fares (committed)

Without a committed claim nothing is sent; a crash between sending and committing sends once more under the same id.
How a channel fares is in the database, so that a restart neither hammers a dead one nor tells of it again.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from monitor import notices
from monitor.channels.base import Channel, SendError
from monitor.logs import redact
from rules import health
from rules.health import Health
from rules.records import AlertKind, Attempt, Delivery, Outcome
from rules.timing import wait_before_retry
from state.store import Store

log = logging.getLogger("wirebell.deliver")

SEND_DEADLINE = 60.0
"""Seconds for one message, whatever the channel's own limits are."""

TRIES_OF_A_BUG = 5
"""A channel that raises what it should not is tried so often with one message before that is given up."""


@dataclass(slots=True)
class Lane:
    """One channel's turn, and until when (monotonic seconds) it rests between two messages."""

    channel: Channel
    rests_until: float = 0.0


class Deliverer:
    """Runs the lanes. `on_notice(title, text, channel)` is told what an operator should hear of a channel.

    `chance` gives numbers in [0, 1); `reached` is told each stage by name.
    """

    def __init__(
        self,
        *,
        store: Store,
        channels: Mapping[str, Channel],
        chance: Callable[[], float] = random.random,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        reached: Callable[[str], None] = lambda stage: None,
    ) -> None:
        self.clock = clock
        self.on_notice: Callable[[str, str, str], None] = lambda title, text, channel: None
        self.lanes = {name: Lane(channel) for name, channel in channels.items()}
        self._store = store
        self._chance = chance
        self._reached = reached

    def replace_channels(self, channels: Mapping[str, Channel]) -> None:
        """After a reload. What is being sent is finished by the old channel, and the pace of the lane holds."""
        rests = {name: lane.rests_until for name, lane in self.lanes.items()}
        self.lanes = {name: Lane(channel, rests.get(name, 0.0)) for name, channel in channels.items()}

    async def deliver_one(self, lane: Lane) -> bool:
        """Send the next alert owed to the lane's channel, if it may be sent now; False where nothing was to do."""
        if time.monotonic() < lane.rests_until:
            return False
        now, name = self.clock(), lane.channel.name
        before = self._store.health(name)
        delivery = await asyncio.wrap_future(self._store.take(name, now=now))
        if delivery is None:
            return False
        self._reached("send:before")
        started = time.monotonic()
        attempt = await _attempt(lane.channel, delivery, now=now)
        self._reached("send:after")
        lane.rests_until = time.monotonic() + lane.channel.pace
        now = self.clock()
        after = health.after(before, attempt, now=now, chance=self._chance())
        again_at = self._again_at(delivery, attempt, after, now=now)
        # Waits for room on a full disk: it was sent, and must not be sent again. Who waits for us may leave.
        done = self._store.done(delivery, attempt, now=now, again_at=again_at, health=after)
        await asyncio.shield(asyncio.wrap_future(done))
        _say(delivery, attempt, again_at, time.monotonic() - started)
        self._tell(delivery, attempt, before, after, dead=again_at is None)
        return True

    def _again_at(self, delivery: Delivery, attempt: Attempt, after: Health, *, now: datetime) -> datetime | None:
        """When the delivery is tried again; None: never, or it is done."""
        if attempt.outcome in (Outcome.SENT, Outcome.PERMANENT):
            return None
        if after.down:
            return after.rests_until  # it may be what the channel is probed with
        wait = wait_before_retry(delivery.attempt, retry_after=attempt.retry_after, chance=self._chance())
        return now + timedelta(seconds=wait)

    def _tell(self, delivery: Delivery, attempt: Attempt, before: Health, after: Health, *, dead: bool) -> None:
        """A channel is told of when it fails and when it works again; of a notice that is refused nobody is told."""
        name = delivery.channel
        if after.down and not before.down:
            log.error("channel down channel=%s reason=%s", name, attempt.reason)
            self.on_notice(*notices.about_channel(name, attempt.reason), name)
        elif before.down and not after.down:
            log.info("channel up channel=%s", name)
            self.on_notice(*notices.about_channel_again(name), "")
        if dead and attempt.outcome is not Outcome.SENT and delivery.alert.kind is not AlertKind.NOTICE:
            self.on_notice(*notices.about_dead(name, attempt.reason), "")

    async def expire(self) -> None:
        """Give up what is past its deadline, and say so."""
        expired = await asyncio.wrap_future(self._store.expire(self.clock()))
        for name, number in expired.items():
            log.error("expired channel=%s alerts=%d", name, number)
            self.on_notice(*notices.about_expired(name, number), name)


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
        outcome = Outcome.PERMANENT if delivery.attempt >= TRIES_OF_A_BUG else Outcome.TRANSIENT
        return Attempt(outcome=outcome, reason=redact(f"{type(error).__name__}: {error}"))


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
