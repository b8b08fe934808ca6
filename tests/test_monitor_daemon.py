"""The life of the process, as the service manager sees it: ready, alive, reloaded, stopped."""

import asyncio
import os
import signal
import socket
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

import pytest

from monitor import control, daemon
from monitor.calendar import Calendar
from monitor.daemon import Daemon
from monitor.sd_notify import ServiceManager
from state.store import Store
from tests.builders import an_alert
from tests.fakes import WAIT
from tests.newsroom import OTHER, World, a_system, a_world, ago, item, rss
from tests.servers import Response

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[1]


class Manager:
    """A service manager that listens: every message is what stood in one datagram, by its first line."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "notify"
        self.heard: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self.path))
        self._socket.setblocking(False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    @property
    def environ(self) -> dict[str, str]:
        return {"NOTIFY_SOCKET": str(self.path), "WATCHDOG_USEC": "100000"}

    async def hears(self, beginning: str) -> str:
        """Wait for a message that begins so, and return it."""
        async with asyncio.timeout(WAIT):
            while True:
                message = (await asyncio.get_running_loop().sock_recv(self._socket, 4096)).decode()
                self.heard.append(message)
                if message.startswith(beginning):
                    return message


class Service:
    """Wirebell in a process of its own, as systemd starts it."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.log = ""

    async def logs(self, words: str) -> str:
        """Wait for a line of the log that holds these words."""
        assert self.process.stderr
        async with asyncio.timeout(WAIT):
            while line := (await self.process.stderr.readline()).decode():
                self.log += line
                if words in line:
                    return line
        raise AssertionError(f"{words!r} was never logged: {self.log}")

    async def ends(self) -> int:
        """How it ended, and what it said until then."""
        assert self.process.stderr
        async with asyncio.timeout(60):
            self.log += (await self.process.stderr.read()).decode()
            return await self.process.wait()


@asynccontextmanager
async def a_service(world: World, environ: dict[str, str]) -> AsyncIterator[Service]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "monitor", "--config", str(world.file), "run",
        cwd=ROOT, stderr=PIPE, env={**os.environ, **environ},
    )  # fmt: skip
    try:
        yield Service(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_a_life_from_the_start_to_the_stop(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        world.write()
        world.page.body = rss(item(OTHER))
        with Manager(tmp_path) as manager:
            async with a_service(world, manager.environ) as service:
                assert "1 feeds, 0 failing; 0 owed, 0 dead; last alert never" in await manager.hears("READY=1\nSTATUS=")
                await manager.hears("WATCHDOG=1")

                database = tmp_path / "wirebell.db"
                assert await asyncio.to_thread(control.ask, database, "retry", ids=None) == 0
                assert await asyncio.to_thread(control.ask, database, "prune", seconds=86400) == 0
                for verb in ("release", "drop"):
                    assert await asyncio.to_thread(control.ask, database, verb, wanted=None) == 0

                world.file.write_text("feeds = [", "utf-8")
                service.process.send_signal(signal.SIGHUP)
                assert "the running configuration stays: wirebell.toml:1" in await service.logs("not reloaded")
                world.write(('"Grace Hopper"', '"weather"'))
                service.process.send_signal(signal.SIGHUP)
                await manager.hears("RELOADING=1\nMONOTONIC_USEC=")
                await service.logs("reloaded feeds=1 rules=1 channels=2")
                await manager.hears("READY=1")

                service.process.send_signal(signal.SIGTERM)
                await manager.hears("STOPPING=1\nEXTEND_TIMEOUT_USEC=30000000")
                assert await service.ends() == 0

        assert service.log.splitlines()[-1].endswith("stopped")
        assert not control.socket_of(database).exists()
        assert len(world.page.asked) == 1
        assert manager.heard.index(next(one for one in manager.heard if one.startswith("READY=1"))) == 0


async def test_a_stop_finishes_what_is_being_sent_and_starts_nothing_new(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        owe(world, "one", "two")
        world.hook.opens.clear()
        async with a_service(world, {}) as service:
            await world.hook.told.times(1)
            service.process.send_signal(signal.SIGTERM)
            await service.logs("stopping, what is being sent has")
            world.hook.opens.set()
            assert await service.ends() == 0

        with Store.open(tmp_path / "wirebell.db") as store:
            assert store.status(now=ago()).outbox == {"pending": 1, "sent": 1}
        assert world.hook.titles == ["one"]


async def test_a_second_signal_stops_at_once_and_what_was_being_sent_is_owed_again(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        owe(world, "one")
        world.hook.opens.clear()
        async with a_service(world, {}) as service:
            await world.hook.told.times(1)
            service.process.send_signal(signal.SIGTERM)
            await service.logs("stopping, what is being sent has")
            service.process.send_signal(signal.SIGTERM)
            assert await service.ends() == 1
            world.hook.opens.set()

        assert "stopped at once" in service.log
        with Store.open(tmp_path / "wirebell.db") as store:
            (delivery,) = store.alerts()[0].deliveries
            assert (delivery.state, delivery.attempts) == ("pending", 1)


async def test_a_second_daemon_ends_with_a_sentence_and_the_first_goes_on(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        world.write()
        async with a_service(world, {}) as first:
            await first.logs("started ")
            async with a_service(world, {}) as second:
                assert await second.ends() == 1
            assert second.log.count("\n") == 1
            assert f"another Wirebell has it open (process {first.process.pid})" in second.log
            first.process.send_signal(signal.SIGTERM)
            assert await first.ends() == 0


async def test_no_secret_of_the_configuration_is_in_the_log_or_in_what_is_kept_of_a_failure(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        secrets = (("//127.0.0.1", "//user:canary@127.0.0.1"), ("/hook", "/hook/canary-path?token=canary"))
        world.server.routes |= {"/feed.xml": Response(status=500), "/hook/canary-path": Response(status=500)}
        owe(world, "one", changes=secrets)
        async with a_service(world, {}) as service:
            await service.logs("poll failed")
            if "not sent" not in service.log:
                await service.logs("not sent")
            service.process.send_signal(signal.SIGTERM)
            assert await service.ends() == 0

        assert "canary" not in service.log
        with Store.open(tmp_path / "wirebell.db") as store:
            assert "HTTP 500" in store.feeds()[0].cursor.error
            reasons = [one.reason for alert in store.alerts() for one in alert.deliveries]
            assert "HTTP 500" in reasons[0]
            assert "canary" not in "".join([store.feeds()[0].cursor.error, *reasons])


def owe(world: World, *titles: str, changes: Sequence[tuple[str, str]] = ()) -> None:
    """A memory in which these alerts are owed to the hook."""
    with Store.open(world.write(*changes).database) as store:
        for title in titles:
            store.owe(an_alert(title), ["hook"], now=ago()).result()


# In this process.


async def test_a_watchdog_hears_nothing_of_a_daemon_that_stands_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with a_world(tmp_path) as world, a_system(world.write()) as system:
        with Manager(tmp_path) as manager:
            life = daemon._Life(system, ServiceManager(manager.environ), {})
            stopping = asyncio.Event()
            watch = asyncio.create_task(life.keep_watch(stopping))
            await asyncio.sleep(0)
            assert manager.heard == []  # nothing has ticked

            system.polling.ticked.set()
            await manager.hears("READY=1")
            await manager.hears("WATCHDOG=1")
            for loop in (system.polling, system.delivering):
                loop.moved = time.monotonic() - daemon.STALLED - 1
                await manager.hears("STATUS=")  # what was on its way
                await manager.hears("STATUS=")
                manager.heard.clear()
                await manager.hears("STATUS=")
                assert manager.heard == [message for message in manager.heard if message.startswith("STATUS=")]
                loop.moved = time.monotonic() + 3600
                await manager.hears("WATCHDOG=1")
            stopping.set()
            await watch

    assert "stalled" in caplog.text


async def test_the_status_says_first_what_is_wrong(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world, a_system(world.write()) as system:
        life = daemon._Life(system, ServiceManager({}), {})
        world.hook.status = 403
        for channel in ("hook", "stranger"):
            system.store.owe(an_alert("one"), [channel], now=ago()).result()
        await system.delivering.drain(time.monotonic() + 1)
        assert life._status().startswith(
            "channel hook fails; channel stranger is not configured; 1 feeds, 0 failing; 2 owed, 0 dead"
        )

        system.store._access.writer.outside("off", lambda db: db.execute("PRAGMA query_only = ON")).result()
        system.store.reopen().exception()
        assert "may not be written" in life._status()


async def test_a_reload_that_breaks_is_told_and_nothing_stops(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_world(tmp_path) as world, a_system(world.write()) as system:
        with Manager(tmp_path) as manager:
            life = daemon._Life(system, ServiceManager(manager.environ), {})
            reloading, stopping = asyncio.Event(), asyncio.Event()
            task = asyncio.create_task(life.reload_when_asked(reloading, stopping))

            async def breaks(*_: object) -> None:
                raise ZeroDivisionError("oops")

            real = type(system).reload
            monkeypatch.setattr(type(system), "reload", breaks)
            reloading.set()
            await manager.hears("READY=1")
            monkeypatch.setattr(type(system), "reload", real)
            world.write(('database = "wirebell.db"', 'database = "other.db"'))
            reloading.set()
            await manager.hears("READY=1")
            world.write(('database = "wirebell.db"', 'database = "wirebell.db"\ntimezone = "Asia/Tokyo"'))
            reloading.set()
            await manager.hears("READY=1")
            assert isinstance(life.calendar, Calendar)
            assert life.calendar._scheduler
            assert str(life.calendar._scheduler.timezone) == "Asia/Tokyo"
            life.calendar.stop()
            stopping.set()
            reloading.set()
            await asyncio.wait_for(task, WAIT)

    assert "ZeroDivisionError" in caplog.text
    assert "needs a restart" in caplog.text


async def test_a_loop_that_ends_by_itself_ends_the_daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_world(tmp_path) as world, a_system(world.write()) as system:
        world.server.routes["/feed.xml"] = Response(status=304)

        def breaks() -> None:
            raise ZeroDivisionError("oops")

        monkeypatch.setattr(system.polling, "_look", breaks)
        with pytest.raises(ZeroDivisionError):
            await asyncio.wait_for(Daemon(ServiceManager({}), {}).live(system), WAIT)
