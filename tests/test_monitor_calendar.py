"""The jobs of the day: backups that are whole, retention, a heartbeat only while there is a heart."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor import calendar
from monitor.calendar import BACKUPS, Calendar, JobError, back_up
from state.store import Store
from tests.builders import NOON, an_alert
from tests.newsroom import World, a_system, a_world, ago
from tests.servers import Response

pytestmark = pytest.mark.anyio

LISBON = ZoneInfo("Europe/Lisbon")


class Day:
    """A calendar on a system, and the world around it."""

    def __init__(self, world: World, days: Calendar, store: Store) -> None:
        self.world = world
        self.calendar = days
        self.store = store
        self.healthy = True

    async def notices(self) -> list[tuple[str, str]]:
        """What the operator is told, once it is written."""
        await asyncio.wrap_future(self.store.reopen())
        return [(alert.title, alert.item.summary) for alert in self.store.alerts()]


@pytest.fixture
async def day(tmp_path: Path) -> AsyncIterator[Day]:
    async with a_world(tmp_path) as world, a_system(world.write()) as system:
        found = Day(world, Calendar(system, healthy=lambda: found.healthy), system.store)
        yield found
        found.calendar.stop()


def hours(days: Calendar) -> dict[str, tuple[int, int]]:
    """When each job rings, by the clock on the wall."""
    assert days._scheduler
    return {job.id: (job.next_run_time.hour, job.next_run_time.minute) for job in days._scheduler.get_jobs()}


async def test_the_jobs_ring_by_the_users_clock_and_by_another_after_a_reload(day: Day) -> None:
    day.calendar.start(LISBON)
    assert hours(day.calendar) == {"retention": (3, 20), "backup": (3, 40), "heartbeat": (8, 0)}
    day.calendar.stop()
    day.calendar.start(ZoneInfo("Asia/Tokyo"))

    assert hours(day.calendar)["heartbeat"] == (8, 0)
    assert day.calendar._scheduler
    assert {str(job.next_run_time.tzinfo) for job in day.calendar._scheduler.get_jobs()} == {"Asia/Tokyo"}


async def test_a_job_is_rung_by_the_calendar(day: Day) -> None:
    day.calendar.start(LISBON)
    assert day.calendar._scheduler
    day.world.server.routes["/ping"] = day.world.hook
    day.calendar._scheduler.modify_job("heartbeat", next_run_time=datetime.now(LISBON))

    await day.world.hook.told.times(1)


async def test_after_the_clock_was_set_back_no_job_waits_for_a_year(day: Day) -> None:
    day.calendar.start(LISBON)
    assert day.calendar._scheduler
    for job in day.calendar._scheduler.get_jobs():
        job.modify(next_run_time=datetime.now(LISBON) + timedelta(days=365))
    day.calendar.catch_up()

    soon = datetime.now(LISBON) + timedelta(days=2)
    assert all(job.next_run_time < soon for job in day.calendar._scheduler.get_jobs())


async def test_a_calendar_that_does_not_ring_has_nothing_to_catch_up(day: Day) -> None:
    day.calendar.catch_up()
    day.calendar.stop()


# Backups.


async def test_a_backup_is_a_whole_store_and_the_oldest_make_room(day: Day, tmp_path: Path) -> None:
    day.store.owe(an_alert("one"), ["hook"], now=ago()).result()
    for number in range(BACKUPS + 1):
        back_up(day.store, NOON - timedelta(days=number))
    await day.calendar.back_up()

    kept = sorted((tmp_path / "backups").iterdir())
    assert len(kept) == BACKUPS
    assert f"wirebell-{NOON - timedelta(days=BACKUPS):%Y%m%dT%H%M%SZ}.db" not in {path.name for path in kept}
    with Store.open(kept[-1]) as copy:
        assert [alert.title for alert in copy.alerts()] == ["one"]


async def test_what_a_killed_backup_left_behind_is_removed(day: Day, tmp_path: Path) -> None:
    (tmp_path / "backups").mkdir()
    half = tmp_path / "backups" / ".wirebell-20261122T034000Z.db.77.part"
    half.write_bytes(b"half")
    await day.calendar.back_up()

    assert [file.suffix for file in (tmp_path / "backups").iterdir()] == [".db"]


async def test_the_operator_hears_of_a_backup_that_fails(day: Day, tmp_path: Path) -> None:
    (tmp_path / "backups").write_text("in the way")
    await day.calendar.supervised("backup", day.calendar.back_up)

    ((title, text),) = await day.notices()
    assert title == "The daily backup failed"
    assert "cannot be made" in text


async def test_the_operator_hears_of_a_job_that_breaks(day: Day) -> None:
    async def breaks() -> None:
        raise ZeroDivisionError("oops")

    await day.calendar.supervised("retention", breaks)

    assert await day.notices() == [("The daily retention failed", "ZeroDivisionError: oops")]


async def test_the_retention_takes_what_is_old_and_finished(day: Day) -> None:
    for title, then in (("old", ago(days=91)), ("young", ago(days=89))):
        day.store.owe(an_alert(title), ["hook"], now=then).result()
    day.store.expire(datetime.now(UTC)).result()
    await day.calendar.retain()

    assert [alert.title for alert in day.store.alerts()] == ["young"]


# The heartbeat.


async def test_a_heart_that_beats_is_heard_once(day: Day, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    day.world.server.routes["/ping"] = Response(body=b"OK")
    await day.calendar.beat()

    (asked,) = day.world.server.log
    assert (asked.method, asked.target) == ("GET", "/ping?key=canary")
    assert asked.headers["user-agent"].startswith("Wirebell/")
    assert "cookie" not in asked.headers
    assert "heartbeat sent" in caplog.text


async def test_a_heart_that_does_not_beat_is_not_heard(day: Day) -> None:
    day.healthy = False
    await day.calendar.beat()

    assert day.world.server.log == []


@pytest.mark.parametrize("answer", [Response(status=404), Response(status=500), Response(status=301)])
async def test_the_operator_hears_that_nobody_listens_and_not_the_address(
    answer: Response, day: Day, caplog: pytest.LogCaptureFixture
) -> None:
    day.world.server.routes["/ping"] = answer
    await day.calendar.supervised("heartbeat", day.calendar.beat)

    ((title, text),) = await day.notices()
    assert (title, text) == ("The daily heartbeat failed", f"it was answered by HTTP {answer.status}.")
    assert "canary" not in caplog.text


async def test_a_heartbeat_reaches_no_private_address_unless_that_is_allowed(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        configured = world.write(('allow_private = ["127.0.0.0/8"]', ""))
        async with a_system(configured) as system:
            with pytest.raises(JobError, match="private address"):
                await Calendar(system, healthy=lambda: True).beat()

        assert world.server.log == []


async def test_nobody_is_waited_for_for_ever(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendar, "HEARTBEAT_DEADLINE", 0.05)
    day.world.hook.opens.clear()
    day.world.server.routes["/ping"] = day.world.hook

    with pytest.raises(JobError, match="no answer within"):
        await day.calendar.beat()
    day.world.hook.opens.set()
