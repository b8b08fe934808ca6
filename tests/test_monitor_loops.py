"""The two loops: what is due is polled, what is owed is paid, and nobody waits for anybody else."""

import asyncio
import gc
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor import deliver, flights, hosts, loops
from monitor.clock import Clock
from monitor.deliver import Deliverer
from monitor.dues import Dues
from monitor.loops import Delivering, Polling
from monitor.poll import Polled
from rules.health import Health
from rules.records import Attempt, Cursor, Feed, Hit, Item, Outcome
from rules.sighting import Sight
from state.errors import StateError
from state.store import Store
from tests.builders import an_alert
from tests.fakes import WAIT, FakeChannel, Told
from tests.newsroom import ADA, OTHER, Newsroom, a_newsroom, ago, item, rss
from tests.servers import Request, Response, Wire

pytestmark = pytest.mark.anyio

FEED = Response(body=rss(item(OTHER)))
DOWN = Attempt(outcome=Outcome.TRANSIENT, reason="HTTP 503", code=503)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path) as opened:
        yield opened


def polling_of(room: Newsroom, *, gap: float = 0.0, clock: Clock | None = None) -> Polling:
    return Polling(
        store=room.store, poller=room.poller, gap=gap, clock=clock or Clock(room.store), on_alerts=lambda: None
    )


@asynccontextmanager
async def running(loop: Polling | Delivering) -> AsyncIterator[None]:
    """The loop runs; at the end it is told to stop, and does."""
    stopping = asyncio.Event()
    task = asyncio.create_task(loop.run(stopping))
    try:
        yield
    finally:
        stopping.set()
        await asyncio.wait_for(task, WAIT)


class Publisher:
    """Answers every path of a newsroom's server, and counts who is asked at once."""

    def __init__(self, room: Newsroom) -> None:
        self.asked = Told()
        self.hanging = asyncio.Event()
        self.hangs: set[str] = set()
        self.at_once: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        for feed in room.poller.plan.feeds.values():
            room.server.routes[path_of(feed)] = self.answer

    def answer(self, request: Request) -> Wire:
        host = request.headers["host"]

        async def wire(writer: asyncio.StreamWriter) -> None:
            self.at_once[host] += 1
            self.most[host] = max(self.most[host], self.at_once[host])
            try:
                await self.asked.tell()
                if request.target in self.hangs:
                    await self.hanging.wait()
                await asyncio.sleep(0)
                writer.write(FEED.encoded())
                await writer.drain()
            finally:
                self.at_once[host] -= 1

        return wire


def path_of(feed: Feed) -> str:
    return "/" + feed.url.split("/", 3)[3]


@asynccontextmanager
async def many(folder: Path, count: int, *, hosts: int) -> AsyncIterator[tuple[Newsroom, Publisher]]:
    """A newsroom with so many feeds on so many hosts of this machine."""
    async with a_newsroom(folder, host="0.0.0.0") as room:
        feeds = [Feed(url=f"http://127.0.1.{n % hosts + 1}:{room.server.port}/{n}") for n in range(count)]
        room.store.enrol(feeds, now=ago()).result()
        room.poller.plan = replace(room.poller.plan, feeds={feed.id: feed for feed in feeds})
        yield room, Publisher(room)


# Polling.


async def test_what_is_due_is_polled_and_what_is_not_is_left_alone(tmp_path: Path) -> None:
    async with many(tmp_path, 3, hosts=3) as (room, publisher):
        feeds = list(room.poller.plan.feeds.values())
        later = Cursor(feed_id=feeds[0].id, url=feeds[0].url, next_poll=ago(hours=-1))
        room.store.commit(later, now=ago()).result()
        async with running(polling_of(room)):
            await publisher.asked.times(2)

        assert sorted(request.target for request in room.server.log) == ["/1", "/2"]


async def test_a_new_alert_rings_the_bell(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        await room.polled(item(OTHER))
        rang = asyncio.Event()
        polling = Polling(store=room.store, poller=room.poller, gap=0.0, clock=Clock(room.store), on_alerts=rang.set)
        room.page.body = rss(item(OTHER), item(ADA))
        room.store.commit(replace(room.cursor(), next_poll=ago()), now=ago()).result()
        async with running(polling):
            await asyncio.wait_for(rang.wait(), WAIT)

        assert room.rang == [ADA]


async def test_a_thousand_feeds_are_polled_with_one_request_at_a_time_for_each_host(tmp_path: Path) -> None:
    async with many(tmp_path, 1000, hosts=100) as (room, publisher):
        async with running(polling_of(room)):
            await publisher.asked.times(1000)

        assert Counter(request.target for request in room.server.log).most_common(1)[0][1] == 1
        assert set(publisher.most.values()) == {1}
        assert len(room.store.due(ago())) < 20  # those in flight may end, and nearly all do


async def test_hosts_that_hang_hold_up_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flights, "SLOW", 0.05)
    async with many(tmp_path, 80, hosts=80) as (room, publisher):
        publisher.hangs = {f"/{n}" for n in range(45)}
        polling = polling_of(room)
        async with running(polling):
            await publisher.asked.times(80)
            publisher.hanging.set()

        assert len({request.target for request in room.server.log}) == 80


async def test_a_host_with_thousands_that_wait_hides_no_other(tmp_path: Path) -> None:
    async with many(tmp_path, 2, hosts=2) as (room, publisher):
        crowd = [Feed(url=f"http://127.0.9.9:{room.server.port}/crowd/{n}") for n in range(1200)]
        room.store.enrol(crowd, now=ago(hours=1)).result()
        feeds = [*crowd, *room.poller.plan.feeds.values()]
        room.store.enrol(feeds, now=ago()).result()
        room.poller.plan = replace(room.poller.plan, feeds={feed.id: feed for feed in feeds})
        room.server.routes[path_of(crowd[0])] = FEED
        async with running(polling_of(room, gap=3600.0)):
            await publisher.asked.times(2)


async def test_a_sweep_polls_each_feed_once_and_tells_of_each(tmp_path: Path) -> None:
    async with many(tmp_path, 30, hosts=3) as (room, publisher):
        polled: list[Polled] = []
        cursors = [record.cursor for record in room.store.feeds()]
        publisher.hanging.set()
        await asyncio.wait_for(polling_of(room, gap=0.001).sweep(cursors, polled.append), WAIT)

        assert sorted(path_of(one.feed) for one in polled) == sorted(f"/{n}" for n in range(30))
        assert set(publisher.most.values()) == {1}


async def test_a_feed_that_breaks_us_waits_as_if_it_were_down_and_the_others_go_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with many(tmp_path, 3, hosts=3) as (room, _):
        broken, *_others = room.poller.plan.feeds.values()
        judge = room.poller.plan.judge

        class Breaks:
            def look(self, given: Item) -> Sight:
                if given.feed_url == broken.url:
                    raise ZeroDivisionError("oops")
                return judge.look(given)

            def hits(self, sight: Sight) -> tuple[Hit, ...]:
                return judge.hits(sight)

        room.poller.plan = replace(room.poller.plan, judge=Breaks())  # type: ignore[arg-type]
        polled: list[Polled] = []
        cursors = [record.cursor for record in room.store.feeds() if record.active]
        await polling_of(room).sweep(cursors, polled.append)

        assert sorted(bool(one.problem) for one in polled) == [False, False, True]
        cursor = room.cursor(broken)
        assert (cursor.failures, cursor.error) == (1, "Wirebell failed: ZeroDivisionError: oops")
        assert "poll broke" in caplog.text


async def test_a_host_of_the_internet_that_says_429_is_left_alone_by_all_its_feeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosts, "is_public", lambda host: True)
    async with many(tmp_path, 5, hosts=1) as (room, publisher):
        busy = Response(status=429, headers={"Retry-After": "600"})
        for feed in room.poller.plan.feeds.values():
            room.server.routes[path_of(feed)] = busy
        polling = polling_of(room)
        async with running(polling):
            async with asyncio.timeout(WAIT):
                while not polling.turns.next_free():
                    await polling.flights.landed.wait()

        assert (len(room.server.log), publisher.asked.count) == (1, 0)
        assert len(room.store.due(ago())) == 4


async def test_a_feed_of_which_nothing_can_be_written_is_not_asked_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with many(tmp_path, 1, hosts=1) as (room, publisher):

        def breaks(*_: object, **__: object) -> None:
            raise OverflowError("Python int too large to convert to SQLite INTEGER")

        monkeypatch.setattr(room.store, "commit", breaks)
        polled: list[Polled] = []
        cursors = [record.cursor for record in room.store.feeds() if record.active]
        polling = polling_of(room)
        await polling.sweep(cursors, polled.append)
        async with running(polling):
            await asyncio.wait_for(polling.ticked.wait(), WAIT)

        assert [one.problem[:13] for one in polled] == ["OverflowError"]
        assert publisher.asked.count == 1
        assert "could not be kept" in caplog.text


async def test_what_cannot_be_kept_is_told_and_asked_for_again_in_a_while(tmp_path: Path) -> None:
    async with many(tmp_path, 2, hosts=2) as (room, publisher):
        polled: list[Polled] = []
        cursors = [record.cursor for record in room.store.feeds() if record.active]
        switch(room.store, writable=False)
        polling = polling_of(room)
        await polling.sweep(cursors, polled.append)
        assert all("may not be written" in one.problem for one in polled)

        switch(room.store, writable=True)
        asked = publisher.asked.count
        async with running(polling):
            await asyncio.wait_for(polling.ticked.wait(), WAIT)
        assert publisher.asked.count == asked
        assert len(room.store.due(ago())) == 2


async def test_a_patient_poller_waits_for_room_and_asks_the_publisher_no_second_time(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        await room.polled(item(OTHER))
        room.poller.patient = True
        room.page.body = rss(item(OTHER), item(ADA))
        switch(room.store, writable=False)
        tried = asyncio.Event()
        room.poller._reached = lambda stage: tried.set() if stage == "read:after" else None
        polling = asyncio.create_task(room.poll())
        await asyncio.wait_for(tried.wait(), WAIT)
        with pytest.raises(StateError):  # it is not kept, and nothing that comes after it is
            await asyncio.wrap_future(room.store.reopen())
        switch(room.store, writable=True)

        assert (await asyncio.wait_for(polling, WAIT)).alerts == 1
        assert len(room.page.asked) == 2


async def test_a_database_that_cannot_be_read_stops_nothing_for_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loops, "PAUSE", 0.01)
    async with many(tmp_path, 1, hosts=1) as (room, publisher):
        fails = deque([StateError(tmp_path, "the disk does not answer as it should", "look at the disk")] * 3)
        due = room.store.due

        def unreadable(*arguments: object, **options: object) -> list[Cursor]:
            if fails:
                raise fails.pop()
            return due(*arguments, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(room.store, "due", unreadable)
        async with running(polling_of(room)):
            await publisher.asked.times(1)


async def test_a_poll_in_flight_may_end_when_we_stop(tmp_path: Path) -> None:
    async with many(tmp_path, 1, hosts=1) as (room, publisher):
        publisher.hangs = {"/0"}
        async with running(polling_of(room)):
            await publisher.asked.times(1)
            asyncio.get_running_loop().call_soon(publisher.hanging.set)

        assert room.store.due(ago()) == []


async def test_a_poll_that_hangs_is_given_up_when_we_stop_and_has_had_its_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loops, "GRACE", 0.01)
    async with many(tmp_path, 1, hosts=1) as (room, publisher):
        publisher.hangs = {"/0"}
        async with running(polling_of(room)):
            await publisher.asked.times(1)
        await asyncio.wrap_future(room.store.reopen())  # what was written before it is on the disk

        assert room.store.due(ago()) == []
        assert room.cursor().error == "no answer yet when Wirebell stopped"
        assert not room.cursor().baseline


async def test_a_feed_that_a_reload_drops_while_it_waits_is_not_asked(tmp_path: Path) -> None:
    async with many(tmp_path, 2, hosts=1) as (room, publisher):
        first, second = room.poller.plan.feeds.values()
        kept = {first.id: first}

        def drops(request: Request) -> Response:
            room.poller.plan = replace(room.poller.plan, feeds=kept)
            return FEED

        room.server.routes[path_of(first)] = drops
        cursors = [room.cursor(first), room.cursor(second)]
        await polling_of(room).sweep(cursors, lambda polled: None)

        assert publisher.asked.count == 0
        assert len(room.server.log) == 1


async def test_ten_thousand_ticks_leave_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "TICK", 0.0)
    async with many(tmp_path, 0, hosts=1) as (room, _):
        ticks = Told()
        clock = Clock(room.store)
        settled = clock.settled

        async def counted() -> bool:
            await ticks.tell()
            return await settled()

        monkeypatch.setattr(clock, "settled", counted)
        async with running(polling_of(room, clock=clock)):
            await ticks.times(1000)
            gc.collect()
            before, tasks = len(gc.get_objects()), len(asyncio.all_tasks())
            await ticks.times(11_000)
            gc.collect()
            assert len(asyncio.all_tasks()) <= tasks + 2
            assert len(gc.get_objects()) - before < 500


async def test_after_the_clock_was_set_nothing_is_polled_before_the_times_have_moved(tmp_path: Path) -> None:
    async with many(tmp_path, 5, hosts=5) as (room, publisher):
        behind = timedelta(days=400)
        for cursor in room.store.due(datetime.now(UTC)):
            then = replace(cursor, last_poll=ago(days=400), next_poll=ago(days=400, minutes=-5))
            room.store.commit(then, now=ago(days=400)).result()
        clock = Clock(room.store, wall=lambda: datetime.now(UTC) - behind)
        behind = timedelta(0)
        polling = polling_of(room, clock=clock)
        async with running(polling):
            await asyncio.wait_for(polling.ticked.wait(), WAIT)

        assert publisher.asked.count == 0


# Delivering.


def delivering_of(store: Store, *channels: FakeChannel) -> Delivering:
    deliverer = Deliverer(store=store, channels={channel.name: channel for channel in channels}, chance=lambda: 0.5)
    return Delivering(store=store, deliverer=deliverer, clock=Clock(store))


def owe(store: Store, *titles: str, channels: tuple[str, ...] = ("desk",)) -> None:
    for title in titles:
        store.owe(an_alert(title), channels, now=datetime.now(UTC)).result()


async def test_what_is_new_is_sent_when_the_bell_rings(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "LOOK", 3600.0)
    desk = FakeChannel()
    delivering = delivering_of(store, desk)
    async with running(delivering):
        for number in range(1, 4):
            owe(store, f"alert {number}")
            delivering.ring()
            await desk.accepted.times(number)

    assert desk.titles == ["alert 1", "alert 2", "alert 3"]


async def test_a_channel_that_hangs_holds_up_no_other(store: Store) -> None:
    desk, pipeline = FakeChannel("desk", hangs=asyncio.Event()), FakeChannel("pipeline")
    owe(store, *(f"alert {n}" for n in range(50)), channels=("desk", "pipeline"))
    delivering = delivering_of(store, desk, pipeline)
    async with running(delivering):
        await pipeline.accepted.times(50)
        assert (desk.asked.count, desk.sent) == (1, [])
        assert desk.hangs
        desk.hangs.set()
        await desk.accepted.times(50)


async def test_one_channel_is_never_asked_twice_at_once(store: Store) -> None:
    desk = FakeChannel(hangs=asyncio.Event())
    owe(store, "one", "two", "three")
    delivering = delivering_of(store, desk)
    async with running(delivering):
        for _ in range(20):
            delivering.ring()
            await asyncio.sleep(0)
        assert desk.hangs
        desk.hangs.set()
        await desk.accepted.times(3)

    assert desk.asked.count == 3


async def test_ten_thousand_rings_leave_nothing_behind(store: Store) -> None:
    delivering = delivering_of(store, FakeChannel())

    async def ring(times: int) -> int:
        for _ in range(times):
            delivering.ring()
            await asyncio.sleep(0)
        gc.collect()
        return len(gc.get_objects())

    async with running(delivering):
        before = await ring(1000)
        assert await ring(10_000) - before < 500


async def test_what_is_owed_to_nobody_is_kept_and_keeps_nobody_busy(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loops, "LOOK", 3600.0)
    desk = FakeChannel()
    owe(store, "for a stranger", channels=("stranger",))
    delivering = delivering_of(store, desk)
    looks = 0
    clock = delivering._deliverer.clock

    def counted() -> datetime:
        nonlocal looks
        looks += 1
        return clock()

    delivering._deliverer.clock = counted
    async with running(delivering):
        owe(store, "for the desk")
        delivering.ring()
        await desk.accepted.times(1)

    assert looks < 20
    assert store.status(now=ago()).owed == {"stranger": 1}


async def test_a_drain_ends_when_everything_is_delivered(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliver, "wait_before_retry", lambda *_, **__: 0.01)
    desk = FakeChannel(answers=deque([DOWN]))
    owe(store, "one", "two")

    assert await delivering_of(store, desk).drain(time.monotonic() + 3600.0) == 0
    assert sorted(desk.titles) == ["one", "two"]


async def test_a_drain_does_not_wait_for_what_cannot_come_in_time_and_says_what_is_owed(store: Store) -> None:
    desk = FakeChannel(always=Attempt(outcome=Outcome.TRANSIENT, reason="429", retry_after=1800.0))
    owe(store, "one", "two", channels=("desk", "stranger"))

    assert await delivering_of(store, desk).drain(time.monotonic() + 600.0) == 4
    assert desk.asked.count == 1


async def test_a_drain_delivers_what_the_operator_must_hear_of_it(store: Store) -> None:
    desk = FakeChannel(always=Attempt(outcome=Outcome.PERMANENT, reason="HTTP 400"))
    phone = FakeChannel("phone")
    owe(store, "one")
    delivering = delivering_of(store, desk, phone)
    delivering._deliverer.on_notice = lambda title, text, beside: delivering.expect(
        store.owe(an_alert(title), ["phone"], now=ago())
    )

    assert await delivering.drain(time.monotonic() + 3600.0) == 0
    assert phone.titles == ["The channel desk refused an alert"]


async def test_a_message_that_is_being_sent_is_finished_at_the_stop(store: Store) -> None:
    desk = FakeChannel(hangs=asyncio.Event())
    owe(store, "one", "two")
    delivering = delivering_of(store, desk)
    async with running(delivering):
        await desk.asked.times(1)
        assert desk.hangs
        asyncio.get_running_loop().call_later(0.01, desk.hangs.set)

    assert desk.titles == ["one"]
    assert store.status(now=ago()).outbox == {"pending": 1, "sent": 1}


async def test_what_was_sent_is_written_down_although_we_are_given_up(store: Store) -> None:
    desk = FakeChannel()
    owe(store, "one")
    delivering = delivering_of(store, desk)
    writing = asyncio.Event()
    done = store.done

    def told(*arguments: object, **options: object) -> object:
        writing.set()
        return done(*arguments, **options)  # type: ignore[arg-type]

    store.done = told  # type: ignore[method-assign, assignment]
    task = asyncio.create_task(delivering.run(asyncio.Event()))
    await asyncio.wait_for(writing.wait(), WAIT)
    for sending in delivering.sending.values():
        sending.cancel()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    store.close()

    with Store.open(store.path) as again:
        assert again.status(now=ago()).outbox == {"sent": 1}


async def test_a_mistake_of_ours_costs_a_channel_a_pause_and_no_more(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(loops, "PAUSE", 0.01)
    desk = FakeChannel()
    owe(store, "one")
    delivering = delivering_of(store, desk)
    breaks = deque([ZeroDivisionError("oops")])
    health = store.health

    def once(name: str) -> Health:
        if breaks:
            raise breaks.pop()
        return health(name)

    monkeypatch.setattr(store, "health", once)
    async with running(delivering):
        await desk.accepted.times(1)

    assert "delivery broke" in caplog.text


async def test_a_notice_that_cannot_be_owed_is_logged(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    delivering = delivering_of(store)
    broken: Future[int] = Future()
    delivering.expect(broken)
    broken.set_exception(StateError(store.path, "closed before it was written", "start again"))

    assert await delivering.drain(time.monotonic() + 3600.0) == 0
    assert "not owed" in caplog.text


async def test_deliveries_wait_while_the_times_cannot_be_moved(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "PAUSE", 0.01)
    desk = FakeChannel()
    owe(store, "one")
    delivering = delivering_of(store, desk)
    told, settled = Told(), asyncio.Event()

    async def settling() -> bool:
        await told.tell()
        return settled.is_set()

    monkeypatch.setattr(delivering._clock, "settled", settling)
    async with running(delivering):
        await told.times(3)
        assert desk.asked.count == 0
        settled.set()
        await desk.accepted.times(1)


async def test_a_disk_that_cannot_be_written_stops_deliveries_until_it_can(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(loops, "PAUSE", 0.01)
    monkeypatch.setattr(loops, "LOOK", 0.01)
    desk = FakeChannel()
    owe(store, "one")
    delivering = delivering_of(store, desk)
    switch(store, writable=False)
    async with running(delivering):
        with pytest.raises(StateError):
            await asyncio.wrap_future(store.reopen())
        assert desk.asked.count == 0
        switch(store, writable=True)
        await desk.accepted.times(1)

    assert sum("nothing sent" in record.getMessage() for record in caplog.records) == 1


def switch(store: Store, *, writable: bool) -> None:
    """Turn writing on or off, as a file system that is remounted."""
    store._access.writer.outside("switch", lambda db: db.execute(f"PRAGMA query_only = {not writable}")).result()


async def test_what_waits_is_no_reason_to_look_at_what_has_come_later(tmp_path: Path) -> None:
    async with many(tmp_path, 700, hosts=1) as (room, _):
        dues, now = Dues(room.store), datetime.now(UTC)
        first, second, third = ([one.feed_id for one in dues.look(now)] for _ in range(3))
        late = room.cursor()
        room.store.commit(replace(late, next_poll=now), now=now).result()

        assert len({*first, *second, *third}) == 700
        assert late.feed_id in {one.feed_id for one in dues.look(now)}


async def test_a_feed_that_is_moved_to_the_past_is_found_behind_those_that_wait(tmp_path: Path) -> None:
    async with many(tmp_path, 600, hosts=1) as (room, _):
        dues, now = Dues(room.store), datetime.now(UTC)
        last = [dues.look(now) for _ in range(3)][-1][-1]
        room.store.commit(replace(last, next_poll=ago(days=1)), now=now).result()

        assert last.feed_id in {one.feed_id for _ in range(3) for one in dues.look(now)}
