"""The jobs of the day, in the user's time zone: retention, a verified backup, the heartbeat.

One that was missed while the machine slept runs once when it wakes.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from monitor.assembly import System, trust
from monitor.network import AddressPolicy, client
from state.errors import StateError
from state.store import Store

log = logging.getLogger("wirebell.calendar")

KEEP = timedelta(days=90)
"""Items and finished alerts are kept this long; the identities of items much longer, so that nothing rings twice."""

BACKUPS = 14
"""Daily backups kept."""

HEARTBEAT_DEADLINE = 20.0


class JobError(Exception):
    """A job could not be done, in a sentence."""


class Calendar:
    """Rings the jobs. `healthy` says whether there is anything to send a heartbeat for."""

    def __init__(self, system: System, *, healthy: Callable[[], bool]) -> None:
        self._system = system
        self._healthy = healthy
        self._scheduler: AsyncIOScheduler | None = None

    def start(self, timezone: ZoneInfo) -> None:
        """Ring in the time of `timezone` from here on."""
        self._scheduler = AsyncIOScheduler(timezone=timezone)
        jobs: dict[str, tuple[Callable[[], Awaitable[Any]], CronTrigger]] = {
            "retention": (self.retain, CronTrigger(hour=3, minute=20, timezone=timezone)),
            "backup": (self.back_up, CronTrigger(hour=3, minute=40, timezone=timezone)),
            "heartbeat": (self.beat, CronTrigger(hour=8, minute=0, timezone=timezone)),
        }
        for name, (job, trigger) in jobs.items():
            self._scheduler.add_job(
                self.supervised,
                trigger,
                args=(name, job),
                id=name,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )
        self._scheduler.start()

    def stop(self) -> None:
        """Ring no more; what is under way is given up."""
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
            self._scheduler = None

    def catch_up(self) -> None:
        """The clock was set: what was missed runs once, and nothing waits for a day that is a year away."""
        if self._scheduler is None:
            return
        now = datetime.now(self._scheduler.timezone)
        for job in self._scheduler.get_jobs():
            next_ = job.trigger.get_next_fire_time(None, now)
            if job.next_run_time > next_:
                job.modify(next_run_time=next_)
        self._scheduler.wakeup()

    async def supervised(self, name: str, job: Callable[[], Awaitable[Any]]) -> None:
        """Do `job`; where it fails, the operator hears of it."""
        try:
            await job()
        except (StateError, JobError) as error:
            log.error("%s failed reason=%s", name, error)
            self._system.tell_operator(f"The daily {name} failed", f"{error}.")
        except Exception as error:
            log.exception("%s failed", name)
            self._system.tell_operator(f"The daily {name} failed", f"{type(error).__name__}: {error}")

    async def prune(self, seconds: float) -> int:
        """Forget what is older; how many rows."""
        future = self._system.store.upkeep.prune(timedelta(seconds=seconds), now=datetime.now(UTC))
        return await asyncio.wrap_future(future)

    async def retain(self) -> None:
        """Forget what is older than KEEP."""
        removed = await self.prune(KEEP.total_seconds())
        log.info("retention removed=%d older_than=%s", removed, KEEP)

    async def back_up(self) -> None:
        """Copy the database, and verify the copy."""
        path = await asyncio.to_thread(back_up, self._system.store, datetime.now(UTC))
        log.info("backed up and verified path=%s", path)

    async def beat(self) -> None:
        """Tell the operator's dead man's switch that we live, and only while we do. Its address may be a secret."""
        current = self._system.config
        if not (current.operator.heartbeat and self._healthy()):
            return
        policy = AddressPolicy(tuple(current.network.allow_private))
        try:
            async with (
                asyncio.timeout(HEARTBEAT_DEADLINE),
                client(policy, user_agent=current.user_agent, tls=trust()) as asking,
                asking.stream("GET", current.operator.heartbeat) as answer,
            ):
                status = answer.status_code
        except TimeoutError:
            raise JobError(f"no answer within {HEARTBEAT_DEADLINE:.0f} s") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise JobError(str(error) or type(error).__name__) from None
        if status >= 300:
            raise JobError(f"it was answered by HTTP {status}")
        log.info("heartbeat sent")


def back_up(store: Store, now: datetime) -> Path:
    """A verified copy of the database in `backups/` beside it; the oldest beyond BACKUPS are removed.

    Raises StateError.
    """
    folder = store.path.parent / "backups"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise StateError(folder, f"cannot be made ({error.strerror})", "make room for a folder of this name") from error
    for half in folder.glob(".*.part"):
        half.unlink()  # of a process that was killed
    path = folder / f"{store.path.stem}-{now:%Y%m%dT%H%M%SZ}.db"
    store.upkeep.backup(path).result()
    for old in sorted(folder.glob(f"{store.path.stem}-*.db"))[:-BACKUPS]:
        old.unlink()
    return path
