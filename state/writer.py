"""The one that writes: a thread with the only write connection. It commits in groups: a commit waits for the disk.

A caller hands over a function of the open transaction and gets a Future; nothing can be awaited inside a transaction.
"""

import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sqlite_utils import Database

from state.errors import StateError, told

GROUP = 256
"""Functions in one commit: enough to share the wait for the disk, few enough to keep the first from waiting."""

PAUSE_S = 1.0
"""Before a patient function is tried again on a full disk."""

T = TypeVar("T")
log = logging.getLogger("wirebell.state")


class Reached(Protocol):
    """Told the names of the places where a crash would hurt most: "ingest:item", "claim:commit" and so on."""

    def __call__(self, place: str, /) -> None: ...


def unwatched(_: str, /) -> None:
    """Nobody watches."""


@dataclass(slots=True)
class _Job:
    name: str
    work: Callable[[Database], Any]
    future: Future[Any]
    patient: bool
    alone: bool
    outcome: Any = None
    error: Exception | None = None


class Writer:
    """Runs what is submitted, in order; each function whole or not at all, whatever becomes of the others."""

    def __init__(self, db: Database, path: Path, *, reached: Reached = unwatched, pause: float = PAUSE_S) -> None:
        self._db = db
        self._path = path
        self._reached = reached
        self._pause = pause
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._waiting: list[_Job] = []
        self._gate = threading.Lock()
        self._closed = False
        self._beat = time.monotonic()
        self._complaint = ""
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def submit(self, name: str, work: Callable[[Database], T], *, patient: bool = False) -> Future[T]:
        """`work` in a transaction; its result, once that is on the disk, or StateError and nothing is kept.

        What is `patient` is not refused for a full or busy disk: it is tried until it is written or we close. It is for
        what has already happened in the world, such as a message that was sent.
        """
        return self._enqueue(_Job(name, work, Future(), patient, alone=False))

    def outside(self, name: str, work: Callable[[Database], T]) -> Future[T]:
        """`work` between two transactions, for what cannot run in one."""
        return self._enqueue(_Job(name, work, Future(), patient=False, alone=True))

    def idle_for(self) -> float:
        """Seconds since the thread last got something done while there was something to do; a watchdog reads it."""
        if self._queue.empty() and not self._waiting:
            return 0.0
        return time.monotonic() - self._beat

    @property
    def complaint(self) -> str:
        """Why the last transaction failed, as a sentence; empty where it did not."""
        return self._complaint

    def close(self) -> None:
        """Finish what was submitted and end. What a full disk still holds back fails and stays undone."""
        with self._gate:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        self._thread.join()
        self._db.conn.close()

    def _enqueue(self, job: _Job) -> Future[Any]:
        with self._gate:
            if self._closed:
                raise StateError(
                    self._path, "the database is closed", "this is a mistake in Wirebell; please report it"
                )
            self._queue.put(job)
        return job.future

    def _run(self) -> None:
        open_ = True
        while open_:
            jobs, open_ = self._next_group()
            self._beat = time.monotonic()
            for group in _split(jobs):
                self._outside(group[0]) if group[0].alone else self._commit(group)
        for job in self._waiting:
            job.future.set_exception(job.error or StateError(self._path, "closed before it was written", "start again"))

    def _next_group(self) -> tuple[list[_Job], bool]:
        """What is to be done next, what waited first; and whether anything may come after."""
        waited, self._waiting = self._waiting, []
        jobs: list[_Job] = []
        try:
            job = self._queue.get(timeout=self._pause if waited else None)
            while job is not None:
                # From here on it cannot be cancelled: a caller who left may not take back what others rely on.
                if job.future.set_running_or_notify_cancel():
                    jobs.append(job)
                if len(jobs) >= GROUP:
                    return waited + jobs, True
                job = self._queue.get_nowait()
        except queue.Empty:
            return waited + jobs, True
        return waited + jobs, False

    def _outside(self, job: _Job) -> None:
        try:
            result = job.work(self._db)
        except Exception as error:  # noqa: BLE001  the caller's to handle: the thread must live
            job.future.set_exception(self._told(error))
        else:
            job.future.set_result(result)

    def _commit(self, group: Sequence[_Job]) -> None:
        conn = self._db.conn
        try:
            conn.execute("BEGIN IMMEDIATE")
            for job in group:
                self._try(job)
            for name in dict.fromkeys(job.name for job in group):
                self._reached(f"{name}:commit")
            conn.execute("COMMIT")
            self._complaint = ""
        except Exception as error:  # noqa: BLE001  the callers' to handle: the thread must live
            if conn.in_transaction:
                conn.execute("ROLLBACK")
            self._failed(group, self._told(error))
            return
        for job in group:
            self._reached(f"{job.name}:committed")
            if job.error is None:
                job.future.set_result(job.outcome)
            elif job.patient and isinstance(job.error, StateError):
                self._waiting.append(job)
            else:
                job.future.set_exception(job.error)

    def _try(self, job: _Job) -> None:
        job.outcome = job.error = None
        try:
            with self._db.atomic():
                job.outcome = job.work(self._db)
        except Exception as error:
            if not self._db.conn.in_transaction:
                # A full disk takes the whole transaction back, what the others wrote included.
                raise
            job.error = self._told(error)

    def _failed(self, group: Sequence[_Job], error: Exception) -> None:
        # A disk stays full for hours; once is enough.
        if str(error) != self._complaint:
            log.error("not written: %s", error)
        self._complaint = str(error)
        for job in group:
            job.error = error
            if job.patient and isinstance(error, StateError):
                self._waiting.append(job)
            else:
                job.future.set_exception(error)

    def _told(self, error: Exception) -> Exception:
        return told(error, self._path) if isinstance(error, sqlite3.Error) else error


def _split(jobs: Sequence[_Job]) -> list[list[_Job]]:
    """Neighbours that may share a transaction."""
    groups: list[list[_Job]] = []
    for job in jobs:
        if groups and not (job.alone or groups[-1][-1].alone):
            groups[-1].append(job)
        else:
            groups.append([job])
    return groups
