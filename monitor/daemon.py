"""The life of the process: starts, ticks, rings the calendar, reloads, and stops in order.

SIGHUP reloads the configuration, SIGTERM or SIGINT stops, a second one stops at once.
"""

import asyncio
import logging
import os
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from monitor import VERSION, config, control
from monitor.assembly import assemble
from monitor.config import Config
from monitor.sd_notify import ServiceManager
from rules.mistakes import Mistakes
from state.store import Store

log = logging.getLogger("wirebell.daemon")

PATIENCE = 25.0
"""Seconds that a message being sent gets at the stop; systemd's own limit is longer."""

STALLED = 30.0
"""Seconds without a move of any loop after which the watchdog hears nothing more."""

KEEP = timedelta(days=90)
"""Items and finished alerts are kept this long; the identities of items much longer, so that nothing rings twice."""

BACKUPS = 14
"""Daily backups kept."""


async def run(
    configured: Config,
    store: Store,
    *,
    environ: Mapping[str, str] = os.environ,
    reached: Callable[[str], None] = lambda stage: None,
) -> None:
    """Watch until told to stop. The store is open and stays open."""
    await Daemon(configured, store, ServiceManager(environ), environ, reached).live()


class Daemon:
    """One life."""

    def __init__(
        self,
        configured: Config,
        store: Store,
        manager: ServiceManager,
        environ: Mapping[str, str],
        reached: Callable[[str], None],
    ) -> None:
        self._configured = configured
        self._store = store
        self._manager = manager
        self._environ = environ
        self._reached = reached
        self._stopping = asyncio.Event()
        self._reloading = asyncio.Event()

    async def live(self) -> None:
        """From the first tick to the last acknowledgement."""
        self._listen_to_signals()
        system = await assemble(self._configured, self._store, reached=self._reached)
        verbs: dict[str, control.Verb] = {"retry": self._retry, "prune": self._prune}
        self._system = system
        server = await control.serve(self._store.path.parent, verbs)
        calendar = self._calendar()
        calendar.start()
        loops = [
            asyncio.create_task(system.polling.run(self._stopping), name="polling"),
            asyncio.create_task(system.delivering.run(self._stopping), name="delivering"),
            asyncio.create_task(self._reload_when_asked(), name="reload"),
            asyncio.create_task(self._keep_watch(), name="watch"),
        ]
        log.info(
            "started version=%s config=%s feeds=%d rules=%d channels=%d pid=%d",
            *(VERSION, self._configured.path, len(self._configured.feeds), len(self._configured.judge.rules)),
            *(len(self._configured.channels), os.getpid()),
        )
        try:
            await self._until_stopped(loops)
        finally:
            calendar.shutdown(wait=False)
            server.close()
            (self._store.path.parent / control.NAME).unlink(missing_ok=True)
            await self._stop(loops)
            await system.close()
        log.info("stopped")

    async def _until_stopped(self, loops: list["asyncio.Task[None]"]) -> None:
        """A loop ends only when it is told to; one that ends by itself is our bug, and the manager starts us anew."""
        ended, _ = await asyncio.wait(loops, return_when=asyncio.FIRST_COMPLETED)
        for task in ended:
            task.result()

    async def _stop(self, loops: list["asyncio.Task[None]"]) -> None:
        self._stopping.set()
        self._reloading.set()
        self._manager.stopping(PATIENCE + 5)
        log.info("stopping, what is being sent has %.0f s", PATIENCE)
        _, slow = await asyncio.wait(loops, timeout=PATIENCE)
        for task in slow:
            # What it was sending stays leased, and is sent again under the same id after the next start.
            log.warning("gave up %s", task.get_name())
            task.cancel()
        await asyncio.gather(*loops, return_exceptions=True)

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._asked_to_stop)
        loop.add_signal_handler(signal.SIGHUP, self._reloading.set)

    def _asked_to_stop(self) -> None:
        if self._stopping.is_set():
            log.warning("stopped at once, as asked twice; what was being sent is sent again after the next start")
            os._exit(1)
        self._stopping.set()

    async def _keep_watch(self) -> None:
        """Tell the manager that we work, and only while we do."""
        await self._system.polling.ticked.wait()
        self._manager.ready(self._status())
        beat = min(self._manager.watchdog / 2 or 10.0, 10.0)
        while not self._stopping.is_set():
            if max(self._ages()) < STALLED:
                self._manager.alive()
            else:
                log.error("stalled polling=%.0fs delivering=%.0fs database=%.0fs", *self._ages())
            self._manager.status(self._status())
            await _wait(self._stopping, beat)

    def _ages(self) -> tuple[float, float, float]:
        """Seconds since each loop moved, and since the database was written while there was something to write."""
        moment, system = time.monotonic(), self._system
        return moment - system.polling.moved, moment - system.delivering.moved, self._store.waited

    def _status(self) -> str:
        facts = self._store.status(now=datetime.now(UTC))
        owed, dead = facts.outbox.get("pending", 0) + facts.outbox.get("leased", 0), facts.outbox.get("dead", 0)
        last = f"{facts.last_alert:%Y-%m-%d %H:%M:%SZ}" if facts.last_alert else "never"
        return f"{facts.feeds} feeds, {facts.failing} failing; {owed} owed, {dead} dead; last alert {last}"

    async def _reload_when_asked(self) -> None:
        while True:
            await self._reloading.wait()
            self._reloading.clear()
            if self._stopping.is_set():
                return
            self._manager.reloading()
            await self._reload()
            self._manager.ready(self._status())

    async def _reload(self) -> None:
        """Take the file as it is now; where it cannot be understood, go on as before and say so."""
        current = self._system.config
        try:
            wanted = await asyncio.to_thread(config.load, current.path, self._environ)
        except Mistakes as mistakes:
            for mistake in mistakes.found:
                log.error("not reloaded, the running configuration stays: %s", mistake)
            return
        if wanted.database != current.database:
            log.error("not reloaded: another `database` needs a restart; the running configuration stays")
            return
        await self._system.reload(wanted)
        log.info(
            "reloaded feeds=%d rules=%d channels=%d", len(wanted.feeds), len(wanted.judge.rules), len(wanted.channels)
        )

    # What commands ask for.

    async def _retry(self, ids: list[str] | None) -> int:
        count = await asyncio.wrap_future(self._store.retry(ids, now=datetime.now(UTC)))
        self._system.delivering.ring()
        return count

    async def _prune(self, seconds: float) -> int:
        future = self._store.prune(timedelta(seconds=seconds), now=datetime.now(UTC))
        return await asyncio.wrap_future(future)

    # The calendar.

    def _calendar(self) -> AsyncIOScheduler:
        """The jobs of the day, in the user's time zone; one that was missed runs once when the machine wakes."""
        calendar = AsyncIOScheduler(timezone=self._configured.timezone)
        jobs: dict[str, tuple[Callable[[], Awaitable[Any]], CronTrigger]] = {
            "retention": (self._retain, CronTrigger(hour=3, minute=20, timezone=self._configured.timezone)),
            "backup": (self._back_up, CronTrigger(hour=3, minute=40, timezone=self._configured.timezone)),
            "heartbeat": (self._beat, CronTrigger(hour=8, minute=0, timezone=self._configured.timezone)),
        }
        for name, (job, trigger) in jobs.items():
            calendar.add_job(
                self._supervised,
                trigger,
                args=(name, job),
                id=name,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )
        return calendar

    async def _supervised(self, name: str, job: Callable[[], Awaitable[Any]]) -> None:
        try:
            await job()
        except Exception as error:
            log.exception("%s failed", name)
            self._system.tell_operator(f"The daily {name} failed", f"{type(error).__name__}: {error}")

    async def _retain(self) -> None:
        removed = await self._prune(KEEP.total_seconds())
        log.info("retention removed=%d older_than=%s", removed, KEEP)

    async def _back_up(self) -> None:
        path = await asyncio.to_thread(back_up, self._store, datetime.now(UTC))
        log.info("backed up and verified path=%s", path)

    async def _beat(self) -> None:
        """Tell the operator's dead man's switch that we live; only while the loops move."""
        address = self._system.config.operator.heartbeat
        if address and max(self._ages()) < STALLED:
            async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
                (await client.get(address)).raise_for_status()
            log.info("heartbeat sent")


def back_up(store: Store, now: datetime) -> Path:
    """A verified copy of the database in `backups/` beside it; the oldest beyond BACKUPS are removed."""
    folder = store.path.parent / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"wirebell-{now:%Y%m%dT%H%M%SZ}.db"
    store.backup(path).result()
    for old in sorted(folder.glob("wirebell-*.db"))[:-BACKUPS]:
        old.unlink()
    return path


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
