"""What the operator hears of the feeds, and what is held of an archive: real polls of a publisher on loopback."""

import asyncio
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from monitor.rounds import Rounds
from rules.records import AlertKind, Cursor, Feed, Judged
from rules.troubles import ALL, CALM, Kind
from state.errors import StateError
from state.holds import HEADLINES
from state.outbox import DEADLINE, HELD
from state.store import Store
from tests.builders import a_feed, an_item
from tests.fakes import SENT, WAIT
from tests.newsroom import ADA, GRACE, OTHER, Newsroom, Page, a_newsroom, ago, item, rss
from tests.servers import Response

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def dated(title: str, *, guid: str = "", link: str = "", text: str = "", **time: float) -> str:
    return item(title, guid=guid, link=link, text=text, more=f"<pubDate>{format_datetime(ago(**time))}</pubDate>")


def archive(number: int = 60) -> list[str]:
    """Old posts with a watched name in each."""
    return [dated(f"Ada Lovelace writes letter number {n} to Babbage", days=300 + n) for n in range(number)]


async def fails(room: Newsroom, feeds: Sequence[Feed], failures: int) -> None:
    """A poll of each that fails, after so many failures."""
    for feed in feeds:
        cursor = Cursor(feed_id=feed.id, url=feed.url, failures=failures, baseline=True, last_success=ago(hours=9))
        await room.poller.poll(cursor)


# Outages.


async def test_an_outage_of_forty_feeds_is_one_notice_and_its_end_another(tmp_path: Path) -> None:
    paths = [f"/feed{n}.xml" for n in range(40)]
    async with a_newsroom(tmp_path, *paths) as room:
        feeds = list(room.poller.plan.feeds.values())
        room.server.routes.clear()
        await fails(room, feeds, 7)
        await room.rounds.look(at_once=True)
        await room.rounds.look(at_once=True)
        (broken,) = room.notices
        assert broken.startswith("40 feeds are broken: ")
        assert all(path in broken for path in paths)
        assert "HTTP 404 Not Found" in broken

        room.server.routes |= dict.fromkeys(paths, Page(rss(item(OTHER))))
        for feed in feeds:
            await room.poller.poll(room.cursor(feed))
        await room.rounds.look(at_once=True)

        assert [notice.partition(":")[0] for notice in room.notices] == ["40 feeds are broken", "40 feeds are back"]
        assert room.store.troubles.kept() == []


async def test_the_slower_feeds_of_an_outage_are_told_of_with_the_first(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path, "/one.xml", "/two.xml", "/three.xml") as room:
        one, two, three = room.poller.plan.feeds.values()
        room.server.routes.clear()
        await fails(room, [one], 7)
        await fails(room, [two], 3)
        await fails(room, [three], 0)
        await room.rounds.look(at_once=True)
        await fails(room, [two], 7)
        await room.rounds.look(at_once=True)

        (notice,) = room.notices
        assert "2 feeds are broken" in notice
        assert "/three.xml" not in notice


async def test_a_notice_gathers_what_comes_within_a_minute(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        room.server.routes.clear()
        await fails(room, [room.feed], 7)
        await room.rounds.look()

        assert room.notices == []
        (trouble,) = room.store.troubles.kept()
        assert (trouble.kind, trouble.told) == (Kind.BROKEN, None)


async def test_a_restart_repeats_no_notice_and_loses_none(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        room.server.routes.clear()
        await fails(room, [room.feed], 7)
        await room.rounds.look()
        for _ in range(2):
            another = Rounds(store=room.store, channels=lambda: ["phone"])
            await another.look(at_once=True)

        assert len(room.notices) == 1


async def test_a_feed_that_is_taken_out_of_the_file_is_not_told_to_be_back(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        room.server.routes.clear()
        await fails(room, [room.feed], 7)
        await room.rounds.look(at_once=True)
        room.store.enrol([], now=datetime.now(UTC)).result()
        await room.rounds.look(at_once=True)

        assert len(room.notices) == 1
        assert room.store.troubles.kept() == []


async def test_without_an_operator_it_is_remembered_all_the_same(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        room.server.routes.clear()
        await fails(room, [room.feed], 7)
        await Rounds(store=room.store, channels=lambda: ()).look(at_once=True)

        assert room.store.status(now=datetime.now(UTC)).broken == 1
        assert all(alert.deliveries == () for alert in room.store.alerts())


async def test_a_clock_that_was_far_ahead_delays_no_notice(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        room.server.routes.clear()
        await fails(room, [room.feed], 7)
        await room.rounds.look()
        with sqlite3.connect(tmp_path / "wirebell.db") as database:
            database.execute("UPDATE troubles SET found_at = found_at + 31536000000000")
        database.close()
        now = datetime.now(UTC)
        room.store.upkeep.shift(-365 * DAY, now=now).result()

        (trouble,) = room.store.troubles.kept()
        assert abs(trouble.found - now) < HOUR


async def test_a_round_that_fails_is_followed_by_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, done = 0, asyncio.Event()

    def channels() -> Sequence[str]:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise ZeroDivisionError
        if asked == 2:
            raise StateError("wirebell.db", "is busy", "wait")
        done.set()
        return ()

    monkeypatch.setattr("monitor.rounds.LOOK", 0.001)
    with Store.open(tmp_path) as store:
        await asyncio.wait_for(Rounds(store=store, channels=channels).run(done), WAIT)

    assert asked == 3


# Silence.


def steady(store: Store, feed: Feed, *, until: datetime, days: int = 40, per_day: int = 24) -> Cursor:
    """A feed that published so until then, as polls of every hour found it, and that still answers."""
    start = until - days * DAY
    cursor = Cursor(feed_id=feed.id, url=feed.url, baseline=True, last_success=start, last_change=start)
    for n in range(days * per_day + 1):
        at = start + n * DAY / per_day
        piece = an_item(f"{feed.url} {n}", published=at)
        judged = Judged(item=piece, keys=(f"{feed.id}{n}",), link_key="", title_key="")
        cursor = Cursor(feed_id=feed.id, url=feed.url, baseline=True, last_success=at, last_change=at)
        store.commit(cursor, [judged], now=at)
    now = datetime.now(UTC)
    cursor = Cursor(feed_id=feed.id, url=feed.url, baseline=True, last_success=now, last_change=cursor.last_change)
    store.commit(cursor, now=now).result()
    return cursor


def enrolled(store: Store, *names: str, since: datetime) -> list[Feed]:
    feeds = [a_feed(f"https://{name}.example/feed", name=name) for name in names]
    store.enrol(feeds, now=since).result()
    return feeds


def told(store: Store) -> list[str]:
    return [f"{alert.title}: {alert.item.summary}" for alert in reversed(store.alerts())]


async def test_a_feed_that_falls_silent_is_told_of_once_and_so_is_its_return(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        feeds = enrolled(store, "wired", "other", since=ago(days=41))
        cursor = steady(store, feeds[0], until=ago(hours=40))
        steady(store, feeds[1], until=ago(hours=1))
        for _ in range(2):
            await Rounds(store=store, channels=lambda: ["phone"]).look(at_once=True)

        (silent,) = told(store)
        assert silent.startswith("wired is silent: ")
        assert "nothing new for 40 h; usual 24 a day" in silent
        assert store.status(now=datetime.now(UTC)).silent == 1

        news = [
            Judged(item=an_item(f"News {n}"), keys=(f"news{n}",), link_key="", title_key="") for n in range(12)
        ]  # fmt: skip
        now = datetime.now(UTC)
        back = Cursor(feed_id=cursor.feed_id, url=cursor.url, baseline=True, last_success=now, last_change=now)
        store.commit(back, news, now=now).result()
        for _ in range(2):
            await Rounds(store=store, channels=lambda: ["phone"]).look(at_once=True)

        assert "Back after 40 h: 12 items." in told(store)[1]
        assert len(told(store)) == 2


async def test_when_all_are_silent_it_is_not_told_of_each(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        for feed in enrolled(store, *"abcde", since=ago(days=41)):
            steady(store, feed, until=ago(hours=40), days=30)
        rounds = Rounds(store=store, channels=lambda: ["phone"])
        for _ in range(2):
            await rounds.look(at_once=True)

        (notice,) = told(store)
        assert notice.startswith("No feed brings anything new: ")
        assert [one.feed_id for one in store.troubles.kept()] == [ALL]


async def test_a_feed_that_fails_or_that_nobody_has_asked_is_not_silent(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        one, two = enrolled(store, "fails", "unasked", since=ago(days=41))
        for feed in (one, two):
            steady(store, feed, until=ago(hours=40))
        last = ago(hours=40)
        failing = Cursor(feed_id=one.id, url=one.url, failures=2, last_success=ago(minutes=1), last_change=last)
        store.commit(failing, now=last).result()
        unasked = Cursor(feed_id=two.id, url=two.url, last_success=last, last_change=last)
        store.commit(unasked, now=last).result()
        await Rounds(store=store, channels=lambda: ["phone"]).look(at_once=True)

        assert told(store) == []


# Archives.


async def test_an_archive_that_is_published_again_rings_nobody_and_is_told_of_once(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        await room.polled(item(OTHER))
        polled = await room.polled(item(OTHER), *archive(60))
        await room.poll()

        assert (polled.new, polled.alerts, polled.held) == (60, 0, 60)
        assert {(one.state, one.reason) for alert in room.store.alerts() for one in alert.deliveries
                if alert.kind is AlertKind.CREATED} == {("held", HELD)}  # fmt: skip
        (notice,) = room.notices
        assert "60 alerts held, of 60 items published again" in notice
        assert "`wirebell alerts release ID` sends what is held of a feed" in notice
        assert room.feed.id[:8] in notice
        status = room.store.status(now=datetime.now(UTC))
        assert (status.held, status.owed) == (60, {"phone": 1})


async def test_breaking_news_among_an_archive_rings_at_once(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        await room.polled(item(OTHER))
        polled = await room.polled(*archive(30), dated(GRACE, hours=1), *archive(60)[30:])

        assert (polled.alerts, polled.held) == (1, 60)
        pending = [alert.title for alert in room.store.alerts() if alert.deliveries[0].state == "pending"]
        assert GRACE in pending


async def test_a_feed_that_gives_its_posts_new_names_and_words_does_not_ring_again(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        await room.polled(item(OTHER))

        def posts(version: str) -> list[str]:
            titles = [f"Ada Lovelace writes letter number {n} to Babbage" for n in range(15)]
            return [
                item(title, guid=f"{version}{title}", link=f"https://{version}.example/{n}", text=f"{version} {title}")
                for n, title in enumerate(titles)
            ]

        for post in posts("old"):
            await room.polled(post)
        polled = await room.polled(*posts("new"))

        assert (polled.new, polled.alerts, polled.held) == (15, 0, 15 - polled.folded)


async def test_the_first_poll_rings_and_holds_nothing(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        polled = await room.polled(*archive())

        assert (polled.alerts, polled.held, room.notices) == (0, 0, [])


async def test_what_is_held_is_sent_when_it_is_released_and_then_only_once(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        await room.polled(item(OTHER))
        await room.polled(*archive(20))
        now = datetime.now(UTC)
        assert room.store.take("desk", now=now).result() is None

        assert room.store.holds.release([room.feed.url], now=now).result() == 20
        assert room.store.holds.release([room.feed.id[:8]], now=now).result() == 0
        sent = set()
        while delivery := room.store.take("desk", now=now + HOUR).result():
            sent.add(delivery.alert.item.title)
            room.store.done(delivery, SENT, now=now).result()
        await room.polled(*archive(20))

        assert len(sent) == 20
        assert room.store.status(now=now).held == 0


async def test_what_is_dropped_is_sent_to_nobody_and_stays_on_record(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        await room.polled(item(OTHER))
        await room.polled(*archive(20))
        now = datetime.now(UTC)

        assert room.store.holds.drop(now=now).result() == 20
        assert room.store.take("desk", now=now + HOUR).result() is None
        assert room.store.status(now=now).outbox["suppressed"] == 20


async def test_another_report_of_a_story_that_is_held_lets_it_go(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path, "/one.xml", "/two.xml") as room:
        _, two = room.poller.plan.feeds.values()
        other = room.server.routes["/two.xml"] = Page(rss(item(OTHER)))
        await room.polled(item(OTHER))
        await room.poll(two)
        await room.polled(*archive(20), dated(ADA, days=90))
        other.body = rss(item(OTHER), item(ADA, guid="two"))
        await room.poll(two)

        due = room.store.take("desk", now=datetime.now(UTC)).result()
        assert due
        assert due.alert.item.title == ADA
        assert room.store.status(now=datetime.now(UTC)).held == 20


async def test_what_is_held_does_not_expire_before_the_notice_of_it_has_arrived(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        await room.polled(item(OTHER))
        await room.polled(*archive(20))
        later = datetime.now(UTC) + DAY
        notice = room.store.take("phone", now=later).result()
        assert notice
        assert room.store.expire(later + 3 * DEADLINE).result() == {}

        room.store.done(notice, SENT, now=later).result()
        arrived = later + 3 * DEADLINE
        assert room.store.expire(arrived).result() == {}
        assert room.store.expire(arrived + DEADLINE - HOUR).result() == {}
        assert room.store.expire(arrived + DEADLINE).result() == {"desk": 20}
        assert room.store.status(now=arrived).held == 0


async def test_two_archives_of_one_feed_are_held_apart_and_released_together(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        await room.polled(item(OTHER))
        await room.polled(*archive(90)[:30])
        await room.polled(*archive(90))

        first, second = room.notices
        assert "30 alerts held" in first
        assert "60 alerts held" in second
        assert sum(one.alerts for one in room.store.holds.all()) == 90
        assert all(len(one.headlines) == HEADLINES for one in room.store.holds.all())
        assert room.store.holds.release([room.feed.id[:6]], now=datetime.now(UTC)).result() == 90


async def test_a_notice_of_an_archive_waits_for_what_else_comes_at_once(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        await room.polled(item(OTHER))
        room.page.body = rss(*archive(20))
        await room.poller.poll(room.cursor())
        await room.rounds.look()

        assert room.notices == []
        assert timedelta(0) < CALM
        assert [one.told for one in room.store.holds.all()] == [False]


async def test_an_answer_without_the_archive_in_between_changes_nothing(tmp_path: Path) -> None:
    async with a_newsroom(tmp_path) as room:
        await room.polled(item(OTHER))
        await room.polled(*archive(20))
        room.server.routes["/feed.xml"] = Response(status=503)
        await room.poll()
        room.server.routes["/feed.xml"] = room.page
        polled = await room.polled(*archive(20))

        assert (polled.new, polled.held) == (0, 0)
        assert len(room.notices) == 1
