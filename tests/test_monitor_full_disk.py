"""A real disk that is full: nothing is sent without a claim, nothing is lost, and all goes on when there is room."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from monitor import loops
from monitor.assembly import System
from tests.builders import an_alert
from tests.fakes import WAIT
from tests.newsroom import ADA, OTHER, World, a_round, a_system, a_world, ago, item, rss

pytestmark = pytest.mark.anyio


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 6 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    command = [mount or "", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(place)]
    if not (mount and umount) or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("a file system can only be mounted by root")
    yield place
    subprocess.run([umount or "", str(place)], check=True)


def fill(disk: Path) -> Path:
    """Leave no room at all."""
    filler = disk / "filler"
    try:
        with filler.open("wb", buffering=0) as file:
            while file.write(b"\0" * 4096):
                pass
    except OSError:
        return filler
    raise AssertionError("the disk never filled up")


async def until_it_complains(system: System) -> None:
    """The writer has tried in vain."""
    async with asyncio.timeout(WAIT):
        while "the disk is full" not in system.store.complaint:
            await asyncio.to_thread(system.store.expire(ago()).exception)


@asynccontextmanager
async def moving(system: System) -> AsyncIterator[None]:
    stopping = asyncio.Event()
    loops = [asyncio.create_task(loop.run(stopping)) for loop in (system.polling, system.delivering)]
    try:
        yield
    finally:
        stopping.set()
        await asyncio.gather(*loops)


@asynccontextmanager
async def a_system_on(disk: Path, world: World) -> AsyncIterator[System]:
    configured = world.write(('database = "wirebell.db"', f'database = "{disk}/wirebell.db"'))
    async with a_system(configured) as system:
        system.poller.patient = True
        world.page.body = rss(item(OTHER))
        await a_round(system)
        yield system


async def test_news_that_cannot_be_kept_waits_for_room_and_is_asked_for_once(disk: Path, tmp_path: Path) -> None:
    async with a_world(tmp_path) as world, a_system_on(disk, world) as system:
        filler = fill(disk)
        world.page.body = rss(item(OTHER), item(ADA, text="x" * 200_000))
        async with moving(system):
            cursors = [record.cursor for record in system.store.feeds()]
            sweep = asyncio.create_task(system.polling.sweep(cursors, lambda polled: None))
            await until_it_complains(system)
            assert world.hook.bodies == []
            filler.unlink()
            await world.hook.told.times(1)
            await sweep

        assert world.hook.titles == [ADA]
        assert len(world.page.asked) == 2


async def test_nothing_is_sent_that_cannot_be_claimed(
    disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loops, "PAUSE", 0.05)
    async with a_world(tmp_path) as world, a_system_on(disk, world) as system:
        for number in range(30):
            system.store.owe(an_alert(f"{number}"), ["hook"], now=ago()).result()
        system.store.upkeep.prune(
            ago() - ago(days=1), now=ago()
        ).result()  # brings the log into the file: it is in the way
        filler = fill(disk)
        async with moving(system):
            await until_it_complains(system)
            sent = len(world.hook.bodies)
            filler.unlink()
            await world.hook.told.times(30)

        assert sent < 30
        assert sorted(world.hook.titles) == sorted(f"{number}" for number in range(30))


async def test_what_was_sent_while_the_disk_filled_up_is_sent_once(disk: Path, tmp_path: Path) -> None:
    async with a_world(tmp_path) as world, a_system_on(disk, world) as system:
        system.store.owe(an_alert("one"), ["hook"], now=ago()).result()
        world.hook.opens.clear()
        async with moving(system):
            await world.hook.told.times(1)
            filler = fill(disk)
            squeezed = system.store.owe(an_alert("x" * 500_000), ["nobody"], now=ago())
            sent = asyncio.Event()
            system.deliverer._reached = lambda stage: sent.set() if stage == "send:after" else None
            world.hook.opens.set()
            await asyncio.wait_for(sent.wait(), WAIT)
            await until_it_complains(system)
            assert system.store.status(now=ago()).outbox == {"leased": 1}
            filler.unlink()
            await asyncio.wrap_future(squeezed)

        assert world.hook.titles == ["one"]
        assert system.store.status(now=ago()).outbox == {"pending": 1, "sent": 1}
