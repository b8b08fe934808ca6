"""The parts together: a round of the whole system, reloads that lose and leak nothing, and what the operator hears."""

import asyncio
import gc
import logging
import time
from pathlib import Path

import pytest

from state.errors import StateError
from state.store import Store
from tests.builders import an_alert
from tests.newsroom import ADA, GRACE, OTHER, a_round, a_system, a_world, ago, item, rss
from tests.servers import Response

pytestmark = pytest.mark.anyio

WITHOUT_HOOK = ("hook = {", "other = {")


async def test_news_goes_from_the_feed_to_the_readers_and_not_to_the_operator(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world, a_system(world.write()) as system:
        world.page.body = rss(item(OTHER))
        assert await a_round(system) == 0
        world.page.body = rss(item(OTHER), item(ADA))
        assert await a_round(system) == 0

        assert world.hook.titles == [ADA]
        assert world.phone.bodies == []


# Reload.


async def test_a_reload_takes_what_is_new(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world, a_system(world.write()) as system:
        world.page.body = rss(item(OTHER))
        await a_round(system)
        world.server.routes["/else"] = world.hook
        await system.reload(world.write(('"Grace Hopper"', '"weather"'), ("/hook", "/else")))
        world.page.body = rss(item(OTHER), item(GRACE), item("The weather turns in the north"))
        await a_round(system)

        assert world.hook.titles == ["The weather turns in the north"]
        assert world.server.log[-1].target == "/else"


async def test_what_is_being_sent_is_finished_by_the_old_configuration_and_what_comes_after_by_the_new(
    tmp_path: Path,
) -> None:
    async with a_world(tmp_path) as world, a_system(world.write()) as system:
        for title in ("one", "two"):
            system.store.owe(an_alert(title), ["hook"], now=ago()).result()
        world.hook.opens.clear()
        draining = asyncio.create_task(system.delivering.drain(time.monotonic() + 30.0))
        await world.hook.told.times(1)
        await system.reload(world.write(("/hook", "/phone")))
        world.hook.opens.set()

        assert await draining == 0
        assert (world.hook.titles, world.phone.titles) == (["one"], ["two"])


async def test_reloads_leave_nothing_open(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world, a_system(configured := world.write()) as system:
        world.page.body = rss(item(OTHER))
        for _ in range(3):
            await a_round(system)
            await system.reload(configured)
        gc.collect()
        before, objects = open_files(), len(gc.get_objects())
        for _ in range(30):
            await system.reload(configured)
            await system.poller.poll(system.store.feeds()[0].cursor)
        while system._retiring:
            await asyncio.wait(system._retiring)
        gc.collect()

        assert open_files() <= before + 2
        assert len(gc.get_objects()) - objects < 1000


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_a_reload_that_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world, a_system(world.write()) as system:
        before = system.config, system.poller.plan, system.poller.fetcher, dict(system.deliverer.lanes)
        switch(system.store, writable=False)
        with pytest.raises(StateError):
            await system.reload(world.write(WITHOUT_HOOK))

        assert before == (system.config, system.poller.plan, system.poller.fetcher, system.deliverer.lanes)
        switch(system.store, writable=True)
        assert await a_round(system) == 0


async def test_a_feed_that_was_taken_away_is_not_polled_and_rings_for_nothing_old_when_it_is_back(
    tmp_path: Path,
) -> None:
    async with a_world(tmp_path) as world, a_system(whole := world.write()) as system:
        world.page.body = rss(item(OTHER))
        await a_round(system)
        asked = len(world.page.asked)
        world.server.routes["/other.xml"] = Response(body=rss())
        await system.reload(world.write(("/feed.xml", "/other.xml")))
        await a_round(system)
        assert len(world.page.asked) == asked

        world.page.body = rss(item(OTHER), item(ADA))
        await system.reload(whole)
        await a_round(system)
        assert world.hook.titles == [ADA]


async def test_a_reload_is_a_new_chance_for_a_channel_that_is_down(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world, a_system(configured := world.write()) as system:
        world.hook.status = 403
        system.store.owe(an_alert("one"), ["hook"], now=ago()).result()
        assert await system.delivering.drain(time.monotonic() + 60.0) == 1
        world.hook.status = 204
        assert await system.delivering.drain(time.monotonic() + 60.0) == 1
        await system.reload(configured)

        assert await system.delivering.drain(time.monotonic() + 60.0) == 0
        assert world.hook.titles == ["one", "one"]


# The operator.


async def test_the_operator_hears_that_a_channel_fails_and_that_it_works_again(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world, a_system(world.write()) as system:
        world.hook.status = 410
        system.store.owe(an_alert("one"), ["hook"], now=ago()).result()
        await system.delivering.drain(time.monotonic() + 60.0)
        assert world.phone.titles == ["The channel hook fails"]

        world.hook.status = 204
        probe_now(system.store)
        assert await system.delivering.drain(time.monotonic() + 60.0) == 0
        assert world.phone.titles == ["The channel hook fails", "The channel hook works again"]


async def test_nobody_is_told_through_the_channel_that_fails(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world, a_system(world.write()) as system:
        world.phone.status = 403
        system.store.owe(an_alert("one"), ["phone"], now=ago()).result()

        assert await system.delivering.drain(time.monotonic() + 60.0) == 1
        assert world.phone.titles == ["one"]
        assert world.hook.bodies == []


async def test_two_operator_channels_that_fail_tell_each_other_once(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        configured = world.write(('notify = ["phone"]', 'notify = ["phone", "hook"]'))
        async with a_system(configured) as system:
            world.phone.status = world.hook.status = 403
            system.store.owe(an_alert("one"), ["phone", "hook"], now=ago()).result()
            for _ in range(3):
                await system.delivering.drain(time.monotonic() + 60.0)
                probe_now(system.store)

            titles = {alert.title for alert in system.store.alerts()}
            assert titles == {"one", "The channel phone fails", "The channel hook fails"}
            assert system.store.status(now=ago()).owed == {"hook": 2, "phone": 2}


async def test_what_is_owed_to_a_channel_that_is_gone_is_kept_told_and_sent_when_it_is_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    async with a_world(tmp_path) as world, a_system(whole := world.write()) as system:
        system.store.owe(an_alert("one"), ["hook"], now=ago()).result()
        await system.reload(world.write(WITHOUT_HOOK))
        assert await system.delivering.drain(time.monotonic() + 60.0) == 1

        assert world.phone.titles == ["Alerts are owed to channels that are not in the configuration"]
        assert "1 to hook" in caplog.text
        await system.reload(whole)
        assert await system.delivering.drain(time.monotonic() + 60.0) == 0
        assert world.hook.titles == ["one"]


async def test_what_is_owed_to_a_channel_that_was_gone_before_the_start_is_told(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        with Store.open(tmp_path / "wirebell.db") as store:
            store.owe(an_alert("one"), ["stranger"], now=ago()).result()
        async with a_system(world.write()) as system:
            assert await system.delivering.drain(time.monotonic() + 60.0) == 1

        assert world.phone.titles == ["Alerts are owed to channels that are not in the configuration"]


def probe_now(store: Store) -> None:
    """The rest of a channel that is down is over."""
    store._write("probe", lambda db: db.execute("UPDATE channel_state SET open_until = 0")).result()
    store._write("probe", lambda db: db.execute("UPDATE deliveries SET not_before = created_at")).result()


def switch(store: Store, *, writable: bool) -> None:
    """Turn writing on or off, as a file system that is remounted."""
    store._access.writer.outside("switch", lambda db: db.execute(f"PRAGMA query_only = {not writable}")).result()
