"""A clock that is set moves what is still to come; a summer time, a slow drift and a pause do not."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.clock import Clock, steady
from rules.records import Cursor
from state.store import Store
from tests.builders import NOON, a_feed, an_alert

pytestmark = pytest.mark.anyio

FEED = a_feed()
MINUTE = timedelta(minutes=1)


class Time:
    """Two clocks: one that people set, one that they cannot."""

    def __init__(self) -> None:
        self.wall = NOON
        self.steady = 1000.0

    def passes(self, **span: float) -> None:
        self.wall += timedelta(**span)
        self.steady += timedelta(**span).total_seconds()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path) as opened:
        opened.enrol([FEED], now=NOON).result()
        cursor = Cursor(feed_id=FEED.id, url=FEED.url, last_poll=NOON, next_poll=NOON + 5 * MINUTE)
        opened.commit(cursor, now=NOON).result()
        opened.owe(an_alert(), ["desk"], now=NOON).result()
        yield opened


@pytest.fixture
def clocks() -> Time:
    return Time()


@pytest.fixture
def clock(store: Store, clocks: Time) -> Clock:
    return Clock(store, wall=lambda: clocks.wall, steady=lambda: clocks.steady)


def next_poll(store: Store) -> datetime | None:
    cursor = store.cursor(FEED.id)
    return cursor.next_poll if cursor else None


@pytest.mark.parametrize("jump", [timedelta(days=365), timedelta(hours=-1), timedelta(seconds=31)])
async def test_a_clock_that_was_set_brings_nothing_forward_and_holds_nothing_back(
    jump: timedelta, store: Store, clock: Clock, clocks: Time
) -> None:
    jumps = []
    clock.on_jump = lambda: jumps.append(clocks.wall)
    clocks.passes(minutes=1)
    assert await clock.settled()
    clocks.wall += jump
    assert await clock.settled()
    assert await clock.settled()

    assert next_poll(store) == NOON + 5 * MINUTE + jump
    assert store.alerts()[0].deliveries[0].deadline == NOON + timedelta(days=7) + jump
    assert jumps == [clocks.wall]


async def test_a_clock_that_is_put_right_again_leaves_everything_as_it_was(
    store: Store, clock: Clock, clocks: Time
) -> None:
    for jump in (timedelta(days=30), timedelta(days=-30)):
        clocks.wall += jump
        assert await clock.settled()

    assert next_poll(store) == NOON + 5 * MINUTE


async def test_a_small_step_and_a_slow_drift_are_no_jump(store: Store, clock: Clock, clocks: Time) -> None:
    for _ in range(20):
        clocks.passes(seconds=1)
        clocks.wall += timedelta(seconds=29)
        assert await clock.settled()

    assert next_poll(store) == NOON + 5 * MINUTE


async def test_a_summer_time_is_no_jump(store: Store, clock: Clock, clocks: Time) -> None:
    lisbon = ZoneInfo("Europe/Lisbon")
    clocks.wall = datetime(2027, 3, 28, 0, 59, tzinfo=lisbon)
    assert await clock.settled()
    before = next_poll(store)
    for _ in range(3):
        clocks.steady += 60.0
        clocks.wall = (clocks.wall.astimezone(ZoneInfo("UTC")) + MINUTE).astimezone(lisbon)
        assert await clock.settled()

    assert (clocks.wall.hour, next_poll(store)) == (2, before)


async def test_while_the_times_cannot_be_moved_nothing_is_done_by_them(
    store: Store, clock: Clock, clocks: Time
) -> None:
    store._access.writer.outside("off", lambda db: db.execute("PRAGMA query_only = ON")).result()
    clocks.wall += timedelta(days=365)
    assert not await clock.settled()
    assert not await clock.settled()

    store._access.writer.outside("on", lambda db: db.execute("PRAGMA query_only = OFF")).result()
    assert await clock.settled()
    assert next_poll(store) == NOON + 5 * MINUTE + timedelta(days=365)


def test_the_steady_clock_never_goes_back() -> None:
    first = steady()

    assert steady() >= first > 0.0
    assert steady() >= time.monotonic() - 1.0
