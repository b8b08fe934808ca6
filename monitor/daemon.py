"""The life of the process: starts, ticks, rings the calendar, reloads, and stops in order.

SIGHUP reloads the configuration, SIGTERM or SIGINT stops, a second one stops at once.
"""

import asyncio
import logging
import os
import signal
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from monitor import VERSION, config, control, memory
from monitor.assembly import System, assemble
from monitor.calendar import Calendar
from monitor.config import Config
from monitor.saying import counted
from monitor.sd_notify import ServiceManager
from monitor.waiting import first
from rules.health import ENOUGH
from rules.mistakes import Mistakes
from state.errors import StateError
from state.store import Store

log = logging.getLogger("wirebell.daemon")

PATIENCE = 25.0
"""Seconds that a message being sent gets at the stop; systemd's own limit is longer."""

STALLED = 30.0
"""Seconds without a move of any loop after which the watchdog hears nothing more."""


async def run(
    configured: Config,
    store: Store,
    *,
    environ: Mapping[str, str] = os.environ,
    reached: Callable[[str], None] = lambda stage: None,
) -> None:
    """Watch until told to stop. The store is open and stays open."""
    daemon = Daemon(ServiceManager(environ), environ)
    daemon.listen_to_signals()
    system = await assemble(configured, store, reached=reached)
    memory.settle()
    try:
        await daemon.live(system)
    finally:
        await system.close()
    log.info("stopped")


class Daemon:
    """One life."""

    def __init__(self, manager: ServiceManager, environ: Mapping[str, str]) -> None:
        self._manager = manager
        self._environ = environ
        self._stopping = asyncio.Event()
        self._reloading = asyncio.Event()

    def listen_to_signals(self) -> None:
        """From here on, a signal asks and does not kill."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._asked_to_stop)
        loop.add_signal_handler(signal.SIGHUP, self._reloading.set)

    async def live(self, system: System) -> None:
        """From the first tick to the last acknowledgement."""
        system.poller.patient = True
        life = _Life(system, self._manager, self._environ)
        server = await control.serve(system.store.path, life.verbs())
        life.calendar.start(system.config.timezone)
        await system.listen()
        loops = [
            asyncio.create_task(system.polling.run(self._stopping), name="polling"),
            asyncio.create_task(system.articles.run(self._stopping), name="articles"),
            asyncio.create_task(system.delivering.run(self._stopping), name="delivering"),
            asyncio.create_task(system.pushes.run(self._stopping), name="pushes"),
            asyncio.create_task(life.reload_when_asked(self._reloading, self._stopping), name="reload"),
            asyncio.create_task(life.keep_watch(self._stopping), name="watch"),
            asyncio.create_task(system.rounds.run(self._stopping), name="rounds"),
        ]
        current = system.config
        log.info(
            "started version=%s config=%s feeds=%d rules=%d channels=%d pid=%d",
            *(VERSION, current.path, len(current.feeds), len(current.judge.rules), len(current.channels), os.getpid()),
        )
        try:
            await _until_one_ends(loops)
        finally:
            life.calendar.stop()
            server.close()
            control.socket_of(system.store.path).unlink(missing_ok=True)
            await self._stop(loops)

    def _asked_to_stop(self) -> None:
        if self._stopping.is_set():
            log.warning("stopped at once, as asked twice; what was being sent is sent again after the next start")
            os._exit(1)
        self._stopping.set()
        self._reloading.set()  # who waits for it looks up

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


class _Life:
    """What goes on beside the two loops: the watchdog, reloads, commands and the calendar."""

    def __init__(self, system: System, manager: ServiceManager, environ: Mapping[str, str]) -> None:
        self.calendar = Calendar(system, healthy=lambda: max(self._ages()) < STALLED)
        self._system = system
        self._store = system.store
        self._manager = manager
        self._environ = environ
        system.clock.on_jump = self.calendar.catch_up

    async def keep_watch(self, stopping: asyncio.Event) -> None:
        """Tell the manager that we work, and only while we do."""
        await first(self._system.polling.ticked, stopping)
        if stopping.is_set():
            return
        self._manager.ready(self._status())
        beat = min(self._manager.watchdog / 2 or 10.0, 10.0)
        while not stopping.is_set():
            if max(self._ages()) < STALLED:
                self._manager.alive()
            else:
                log.error("stalled polling=%.0fs delivering=%.0fs database=%.0fs", *self._ages())
            self._manager.status(self._status())
            await first(stopping, within=beat)

    def _ages(self) -> tuple[float, float, float]:
        """Seconds since each loop moved, and since the database was written while there was something to write."""
        moment, system = time.monotonic(), self._system
        return moment - system.polling.moved, moment - system.delivering.moved, self._store.waited

    def _status(self) -> str:
        """One line for `systemctl status`: what is wrong first."""
        try:
            facts = self._store.status(now=datetime.now(UTC))
        except StateError as error:
            return str(error)
        owed, dead = sum(facts.owed.values()), facts.outbox.get("dead", 0) + facts.outbox.get("expired", 0)
        last = f"{facts.last_alert:%Y-%m-%d %H:%M:%SZ}" if facts.last_alert else "never"
        configured = self._system.config.channels
        wrong = [
            self._store.complaint,
            *(f"channel {one.channel} fails" for one in facts.channels
              if one.failures >= ENOUGH and one.channel in configured),
            *(f"channel {name} is not configured" for name in facts.owed if name not in configured),
            *(f"{counted(number, 'feed')} {name}"
              for name, number in (("broken", facts.broken), ("silent", facts.silent)) if number),
            *([f"{counted(facts.held, 'alert')} held"] if facts.held else []),
        ]  # fmt: skip
        return "; ".join(
            [
                *filter(None, wrong),
                f"{facts.feeds} feeds, {facts.failing} failing",
                f"{owed} owed, {dead} dead",
                f"last alert {last}",
            ]
        )

    async def reload_when_asked(self, reloading: asyncio.Event, stopping: asyncio.Event) -> None:
        """Take the file as it is then; where it cannot be used, go on as before and say so."""
        while True:
            await reloading.wait()
            reloading.clear()
            if stopping.is_set():
                return
            self._manager.reloading()
            try:
                await self._reload()
            except StateError as error:
                log.error("not reloaded, the running configuration stays: %s", error)
            except Exception:
                log.exception("not reloaded, the running configuration stays")
            self._manager.ready(self._status())

    async def _reload(self) -> None:
        current = self._system.config
        try:
            wanted = await asyncio.to_thread(config.load_again, current, self._environ)
        except Mistakes as mistakes:
            for mistake in mistakes.found:
                log.error("not reloaded, the running configuration stays: %s", mistake)
            return
        if wanted.database != current.database:
            log.error("not reloaded: another `database` needs a restart; the running configuration stays")
            return
        await self._system.reload(wanted)
        if wanted.timezone != current.timezone:
            self.calendar.stop()
            self.calendar.start(wanted.timezone)
        log.info(
            "reloaded feeds=%d rules=%d channels=%d", len(wanted.feeds), len(wanted.judge.rules), len(wanted.channels)
        )

    def verbs(self) -> dict[str, control.Verb]:
        """What commands may ask for."""
        return {
            "retry": self._retry, "prune": self.calendar.prune, "release": self._release, "drop": self._drop,
        }  # fmt: skip

    async def _retry(self, ids: list[str] | None) -> int:
        count = await asyncio.wrap_future(self._store.retry(ids, now=datetime.now(UTC)))
        self._system.delivering.ring()
        return count

    async def _release(self, wanted: list[str] | None) -> int:
        count = await asyncio.wrap_future(self._store.holds.release(wanted, now=datetime.now(UTC)))
        self._system.delivering.ring()
        return count

    async def _drop(self, wanted: list[str] | None) -> int:
        return await asyncio.wrap_future(self._store.holds.drop(wanted, now=datetime.now(UTC)))


async def _until_one_ends(loops: list["asyncio.Task[None]"]) -> None:
    """A loop ends only when it is told to; one that ends by itself is our bug, and the manager starts us anew."""
    ended, _ = await asyncio.wait(loops, return_when=asyncio.FIRST_COMPLETED)
    for task in ended:
        task.result()
