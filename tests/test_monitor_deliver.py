"""Paying what is owed: each alert once, in order, again when it failed, and nobody held up by anybody."""

import asyncio
import itertools
import logging
from collections import deque
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor import deliver
from monitor.deliver import Deliverer
from rules.records import AlertKind, Attempt, Outcome, hashed
from state.errors import StateError
from state.store import Store
from tests.builders import NOON, an_alert
from tests.fakes import SENT, FakeChannel

pytestmark = pytest.mark.anyio

DOWN = Attempt(outcome=Outcome.TRANSIENT, reason="HTTP 503", code=503)
REFUSED = Attempt(outcome=Outcome.PERMANENT, reason="HTTP 400 invalid_payload", code=400)
FAULT = Attempt(outcome=Outcome.CHANNEL_FAULT, reason="HTTP 403", code=403)


class Desk:
    """A deliverer on a clock that the test sets, and what it told the operator: (title, beside)."""

    def __init__(self, store: Store, *channels: FakeChannel) -> None:
        self.now = NOON
        self.store = store
        self.told: list[tuple[str, str]] = []
        self.restart(*channels)

    def restart(self, *channels: FakeChannel) -> None:
        """As another process on the same memory."""
        self.deliverer = Deliverer(
            store=self.store,
            channels={channel.name: channel for channel in channels},
            chance=lambda: 0.5,
            clock=lambda: self.now,
        )
        self.deliverer.on_notice = lambda title, text, beside: self.told.append((title, beside))

    def owe(self, *titles: str, channels: tuple[str, ...] = ("desk",), kind: AlertKind = AlertKind.CREATED) -> None:
        for title in titles:
            self.store.owe(an_alert(title, kind=kind), channels, now=self.now).result()

    async def turn(self, channel: str = "desk") -> bool:
        """One turn of a lane."""
        return await self.deliverer.deliver_one(self.deliverer.lanes[channel])

    async def turns(self, until: datetime, channel: str = "desk") -> list[datetime]:
        """Every turn of a lane until then, each when it is due; their moments."""
        moments = []
        while (due := self.store.owed(self.now).get(channel, until)) < until:
            self.now = max(due, self.now)
            if await self.turn(channel):
                moments.append(self.now)
        return moments

    def state(self, title: str) -> tuple[str, int, str]:
        """State, attempts and reason of the only delivery of an alert."""
        found = self.store.alert(hashed("alert", title))
        assert found
        (delivery,) = found.deliveries
        return delivery.state, delivery.attempts, delivery.reason


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path) as opened:
        yield opened


@pytest.fixture
def channel() -> FakeChannel:
    return FakeChannel()


@pytest.fixture
def desk(store: Store, channel: FakeChannel) -> Desk:
    return Desk(store, channel)


def after(**time: float) -> datetime:
    return NOON + timedelta(**time)


async def test_what_is_owed_is_sent_once_in_the_order_it_was_owed(desk: Desk, channel: FakeChannel) -> None:
    desk.owe("one", "two", "three")
    while await desk.turn():
        pass

    assert channel.titles == ["one", "two", "three"]
    assert desk.state("two") == ("sent", 1, "")


async def test_a_failure_is_tried_again_slower_and_slower_under_the_same_id(desk: Desk, channel: FakeChannel) -> None:
    desk.owe("one")
    channel.answers = deque([DOWN] * 4)

    moments = await desk.turns(after(hours=1))

    gaps = [(later - sooner).total_seconds() for sooner, later in itertools.pairwise(moments)]
    assert gaps == [4.5, 9.0, 18.0, 36.0]
    assert [delivery.attempt for delivery in channel.sent] == [5]
    assert desk.told == []


async def test_the_others_do_not_wait_for_one_that_fails(desk: Desk, channel: FakeChannel) -> None:
    desk.owe("one", "two")
    channel.answers = deque([DOWN])
    await desk.turns(after(minutes=1))

    assert channel.titles == ["two", "one"]


@pytest.mark.parametrize(("asked", "wait"), [(30.0, 30.0), (1e9, 3600.0)])
async def test_a_receiver_that_asks_to_be_left_alone_is_for_every_message(
    asked: float, wait: float, desk: Desk, channel: FakeChannel
) -> None:
    desk.owe("one", "two")
    channel.answers = deque([Attempt(outcome=Outcome.TRANSIENT, reason="429", code=429, retry_after=asked)])

    moments = await desk.turns(after(days=1))

    assert [(moment - NOON).total_seconds() for moment in moments] == [0.0, wait, wait]
    assert sorted(channel.titles) == ["one", "two"]


async def test_what_is_refused_is_dead_at_once_and_the_next_is_sent(desk: Desk, channel: FakeChannel) -> None:
    desk.owe("one", "two")
    channel.answers = deque([REFUSED])
    await desk.turns(after(minutes=1))

    assert desk.state("one") == ("dead", 1, "HTTP 400 invalid_payload")
    assert channel.titles == ["two"]
    assert desk.told == [("The channel desk refused an alert", "")]


async def test_a_notice_that_is_refused_makes_no_notice(desk: Desk, channel: FakeChannel) -> None:
    desk.owe("one", kind=AlertKind.NOTICE)
    channel.answers = deque([REFUSED])
    await desk.turn()

    assert desk.state("one")[0] == "dead"
    assert desk.told == []


async def test_a_channel_is_down_after_five_failures_and_is_then_only_probed(desk: Desk, channel: FakeChannel) -> None:
    desk.owe(*(f"alert {n}" for n in range(20)))
    channel.always = DOWN

    moments = await desk.turns(after(minutes=31))

    assert moments[:5] == [NOON] * 5
    assert [(moment - NOON).total_seconds() for moment in moments[5:]] == [300.0, 600.0, 900.0, 1200.0, 1500.0, 1800.0]
    assert desk.told == [("The channel desk fails", "desk")]


async def test_a_channel_at_fault_is_down_after_one(desk: Desk, channel: FakeChannel) -> None:
    desk.owe("one", "two")
    channel.answers = deque([FAULT])
    moments = await desk.turns(after(minutes=10))

    assert [(moment - NOON).total_seconds() for moment in moments] == [0.0, 300.0, 300.0]
    assert desk.told == [("The channel desk fails", "desk"), ("The channel desk works again", "")]
    assert desk.state("one") == ("sent", 2, "")


async def test_a_restart_neither_hammers_a_dead_channel_nor_tells_of_it_again(desk: Desk, channel: FakeChannel) -> None:
    desk.owe(*(f"alert {n}" for n in range(9)))
    channel.always = DOWN
    await desk.turns(after(minutes=1))
    asked, told = channel.asked.count, list(desk.told)

    for _ in range(5):
        desk.restart(channel)
        await desk.turns(after(minutes=4))

    assert (channel.asked.count, desk.told) == (asked, told)


async def test_a_short_outage_is_over_within_six_minutes_and_all_arrive_in_order(
    desk: Desk, channel: FakeChannel
) -> None:
    for minute in range(60):
        desk.now = max(desk.now, after(minutes=minute))
        desk.owe(f"alert {minute:02}")
        channel.always = DOWN if minute < 50 else SENT
        await desk.turns(after(minutes=minute + 1))
    await desk.turns(after(minutes=90))

    assert sorted(channel.titles) == [f"alert {minute:02}" for minute in range(60)]
    first = next(n for n, title in enumerate(channel.titles) if title != channel.titles[0])
    assert channel.titles[first:] == sorted(channel.titles[first:])
    assert desk.told == [("The channel desk fails", "desk"), ("The channel desk works again", "")]


async def test_three_days_without_a_server_lose_nothing_and_are_hardly_noticed_by_it(
    desk: Desk, channel: FakeChannel
) -> None:
    titles = [f"alert {n:03}" for n in range(100)]
    desk.owe(*titles)
    channel.always = DOWN
    probes = len(await desk.turns(after(hours=72)))
    channel.always, desk.now = SENT, after(hours=72)
    moments = await desk.turns(after(hours=73))

    assert probes <= 1100
    assert (moments[0] - after(hours=72)).total_seconds() <= 360
    assert sorted(channel.titles) == titles
    assert channel.titles[1:] == [title for title in titles if title != channel.titles[0]]


async def test_a_message_that_alone_fails_holds_up_nothing_that_comes_after_it(
    desk: Desk, channel: FakeChannel
) -> None:
    desk.owe("poison")
    channel.poison = "poison"
    await desk.turns(after(hours=2))
    desk.owe("one", "two")
    await desk.turns(after(hours=2, minutes=6))

    assert channel.titles == ["one", "two"]


async def test_what_could_not_be_delivered_in_a_week_is_given_up_and_the_operator_told(
    desk: Desk, channel: FakeChannel
) -> None:
    desk.owe("one", "two", channels=("desk", "gone"))
    channel.always = DOWN
    await desk.turn()
    desk.now = after(days=7)
    await desk.deliverer.expire()

    assert desk.told == [("2 alerts to desk have expired", "desk"), ("2 alerts to gone have expired", "gone")]
    assert desk.store.status(now=desk.now).outbox == {"expired": 4}
    await desk.deliverer.expire()
    assert len(desk.told) == 2


async def test_a_channel_that_breaks_neither_stops_the_lane_nor_hides_the_alert(
    desk: Desk, channel: FakeChannel, caplog: pytest.LogCaptureFixture
) -> None:
    desk.owe("one")
    channel.answers = deque([KeyError("token=canary")] * 9)
    await desk.turns(after(days=1))

    assert desk.state("one") == ("dead", 5, "KeyError: 'token=***'")
    assert "channel failed" in caplog.text


async def test_a_channel_that_breaks_once_loses_nothing(desk: Desk, channel: FakeChannel) -> None:
    desk.owe("one")
    channel.answers = deque([KeyError("oops")])
    await desk.turns(after(minutes=1))

    assert channel.titles == ["one"]


async def test_a_channel_that_never_answers_is_a_failure(
    desk: Desk, channel: FakeChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "SEND_DEADLINE", 0.01)
    desk.owe("one")
    channel.hangs = asyncio.Event()

    assert await desk.turn()
    assert desk.state("one")[:2] == ("pending", 1)


async def test_nothing_is_sent_without_a_claim_on_the_disk(desk: Desk, channel: FakeChannel) -> None:
    desk.owe("one")
    writable(desk.store, "OFF")
    with pytest.raises(StateError, match="may not be written"):
        await desk.turn()
    assert channel.asked.count == 0

    writable(desk.store, "ON")
    await desk.turn()
    assert channel.titles == ["one"]


async def test_the_pace_of_a_channel_is_kept(desk: Desk, channel: FakeChannel) -> None:
    channel.pace = 60.0
    desk.owe("one", "two")

    assert await desk.turn()
    assert not await desk.turn()
    desk.deliverer.replace_channels({"desk": channel})
    assert not await desk.turn()
    assert channel.titles == ["one"]


async def test_the_log_tells_what_was_sent_what_was_not_and_what_is_dead(
    desk: Desk, channel: FakeChannel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "wirebell.deliver")
    desk.owe("one", "two", "three")
    channel.answers = deque([SENT, DOWN, REFUSED])
    for _ in range(3):
        await desk.turn()

    assert [record.getMessage().split(" delivery=")[0] for record in caplog.records] == ["sent", "not sent", "dead"]


def writable(store: Store, switch: str) -> None:
    """Turn writing on or off, as a file system that is remounted."""
    only = {"ON": "OFF", "OFF": "ON"}[switch]
    store._access.writer.outside("switch", lambda db: db.execute(f"PRAGMA query_only = {only}")).result()
