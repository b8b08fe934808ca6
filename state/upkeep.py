"""Keeps the file small, whole and copied; all of it while the service runs."""

import os
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlite_utils import Database

from rules.stories import LINK_WINDOW
from state import wordindex
from state.access import Access
from state.errors import StateError, told
from state.migrations import STEPS
from state.rows import micro

TOMBSTONES = timedelta(days=400)
"""How long a feed's keys are remembered after the feed last showed them."""

BATCH = 2_000
"""Rows in one transaction, so that polls and deliveries wait for no more than tens of milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """The size of the memory: rows by table, bytes on the disk, and what wrote it."""

    path: Path
    rows: dict[str, int]
    size: int
    wal: int
    schema: int
    sqlite: str


class Upkeep:
    """`store.upkeep`: what takes long is done in a thread of its own, a little at a time."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._slow = ThreadPoolExecutor(max_workers=1, thread_name_prefix="upkeep")
        self._closing = threading.Event()

    def stats(self) -> Stats:
        """How much there is of everything."""
        return self._access.read(lambda db: stats(db, self._access.path))

    def shift(self, by: timedelta, *, now: datetime) -> Future[None]:
        """Move every time still to come, because the clock was set to `now`: nothing bursts, stalls or expires."""
        return self._access.write("shift", lambda db: shift(db, by, now))

    def check(self) -> Future[list[str]]:
        """Every damage that can be found, in words."""
        return self._slow.submit(self._check)

    def backup(self, target: Path) -> Future[Path]:
        """A checked copy under a name that is not taken, whole or not there at all."""
        return self._slow.submit(self._access.alone, lambda db: backup(db, target))

    def prune(self, older_than: timedelta, *, now: datetime) -> Future[int]:
        """Forget what is older, and nothing that is owed or that keeps a thing from ringing twice; how many rows."""
        writer = self._access.writer

        def work() -> int:
            removed = prune(lambda step: writer.submit("prune", step), older_than, now)
            writer.submit("index", wordindex.tidy).result()
            self.learn()
            writer.outside("checkpoint", checkpoint).result()
            return removed

        return self._slow.submit(work)

    def learn(self) -> None:
        """Put into the index what it lacks, a little at a time: whatever else is slow takes its turn between."""
        with suppress(RuntimeError):  # closed
            self._slow.submit(self._lesson)

    def close(self) -> None:
        """End what is being done."""
        self._closing.set()
        self._slow.shutdown()

    def _lesson(self) -> None:
        began = time.monotonic()
        if not self._closing.is_set() and self._advance():
            # As long as it took, the processor is for others.
            self._closing.wait(time.monotonic() - began)
            self.learn()

    def _advance(self) -> bool:
        """A little of what is left to do for the index; whether there was any."""
        if self._access.read(wordindex.is_given_up):
            self._access.write("index", wordindex.clear).result()
            return True
        lesson = self._access.read(wordindex.prepare_lesson)
        if lesson:
            self._access.write("index", lambda db: wordindex.take_lesson(db, lesson)).result()
        return bool(lesson)

    def _check(self) -> list[str]:
        try:
            return self._access.alone(check)
        except StateError as error:
            return [str(error)]  # so damaged that it cannot be opened


def stats(db: Database, path: Path) -> Stats:
    """How much there is of everything."""
    # The index of words is no table of rows.
    tables = [name for (name,) in db.execute("SELECT name FROM pragma_table_list WHERE type = 'table'")]
    wal = path.with_name(path.name + "-wal")
    return Stats(
        path=path,
        rows={name: db.table(name).count for name in sorted(tables) if not name.startswith(("sqlite_", "_"))},
        size=path.stat().st_size,
        wal=wal.stat().st_size if wal.exists() else 0,
        schema=STEPS,
        sqlite=sqlite3.sqlite_version,
    )


def check(db: Database) -> list[str]:
    """Every damage that can be found, in words; none is an empty list."""
    try:
        damage = [row[0] for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"]
        orphans = db.execute('SELECT "table", count(*), parent FROM pragma_foreign_key_check GROUP BY 1, 3').fetchall()
    except sqlite3.DatabaseError as error:
        return [str(error)]
    return damage + [f"{number} rows of {table} name a row of {parent} that is not there"
                     for table, number, parent in orphans]  # fmt: skip


def backup(db: Database, target: Path) -> Path:
    """A checked copy under the name `target`, whole or not there at all. Raises StateError where the name is taken."""
    target = target.absolute()
    if target.exists():
        raise StateError(target, "there is something already", "name a file that does not exist yet")
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
        try:
            _copy(db, part)
            part.rename(target)
        finally:
            part.unlink(missing_ok=True)
        _sync(target.parent)
    except sqlite3.Error as error:
        raise told(error, target) from error
    except OSError as error:
        raise StateError(target, f"cannot be written ({error.strerror})", "name a folder with room") from error
    return target


def _copy(db: Database, part: Path) -> None:
    db.execute("VACUUM INTO ?", [str(part)])
    copy = sqlite3.connect(part)
    try:
        found = copy.execute("PRAGMA integrity_check").fetchone()[0]
    finally:
        copy.close()
    if found != "ok":
        raise StateError(part, f"the copy is damaged ({found})", "look at the disk, and run `wirebell db check`")
    _sync(part)


def _sync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def prune(submit: Callable[[Callable[[Database], int]], Future[int]], older_than: timedelta, now: datetime) -> int:
    """Forget what is older, and nothing that is owed or that keeps a thing from ringing twice; how many rows.

    `submit` runs a function in a transaction of its own: there are many, so that nobody waits for long.
    """
    removed = 0
    for sql, given in _forgettable(older_than, now):
        while number := submit(lambda db, sql=sql, given=given: db.execute(sql, given).rowcount).result():  # type: ignore[misc]
            removed += number
    return removed


def _forgettable(older_than: timedelta, now: datetime) -> list[tuple[str, dict[str, int]]]:
    given = {
        "before": micro(now - older_than),
        "stories": micro(now - max(older_than, LINK_WINDOW)),
        "keys": micro(now - TOMBSTONES),
        "tombstones": TOMBSTONES // timedelta(microseconds=1),
        "batch": BATCH,
    }
    return [(statement, given) for statement in _FORGET]


_FORGET = (
    """DELETE FROM alerts WHERE alert_id IN (
        SELECT alert_id FROM alerts a WHERE created_at < :before AND NOT EXISTS (SELECT 1 FROM deliveries d
            WHERE d.alert_id = a.alert_id AND d.state IN ('held', 'pending', 'leased')) LIMIT :batch)""",
    # The story of an alert that is owed is told with it, so its items stay.
    """DELETE FROM items WHERE item_id IN (
        SELECT item_id FROM items i WHERE seen_at < :before AND NOT EXISTS (SELECT 1 FROM alerts a
            JOIN deliveries d USING (alert_id)
            WHERE a.story_id = i.story_id AND d.state IN ('held', 'pending', 'leased')) LIMIT :batch)""",
    """DELETE FROM stories WHERE story_id IN (
        SELECT story_id FROM stories s WHERE last_seen < :stories
            AND NOT EXISTS (SELECT 1 FROM items i WHERE i.story_id = s.story_id)
            AND NOT EXISTS (SELECT 1 FROM alerts a WHERE a.story_id = s.story_id) LIMIT :batch)""",
    """DELETE FROM holds WHERE hold_id IN (
        SELECT hold_id FROM holds h WHERE held_at < :before
            AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.hold_id = h.hold_id) LIMIT :batch)""",
    # Measured by the feed's own readings: what a feed still shows, or showed before it fell silent, is not forgotten.
    """DELETE FROM identities WHERE (feed_id, key) IN (
        SELECT k.feed_id, k.key FROM identities k JOIN feeds f USING (feed_id) WHERE k.seen_at < :keys
            AND (NOT f.active OR k.seen_at < f.read_at - :tombstones)
            AND NOT EXISTS (SELECT 1 FROM items i WHERE i.item_id = k.item_id) LIMIT :batch)""",
)


def checkpoint(db: Database) -> None:
    """Bring the log into the file and let the planner learn; between two transactions of the writer only."""
    db.execute("PRAGMA optimize")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def shift(db: Database, by: timedelta, now: datetime) -> None:
    """Every time that is still to come moves with the clock; no past one is later than `now`, the new time.

    A feed waits no longer than it was going to: its next poll may have been written before the clock went wrong.
    """
    given = {"by": by // timedelta(microseconds=1), "now": micro(now)}
    db.execute(
        """UPDATE feeds SET next_poll = min(next_poll + :by, :now + max(next_poll - coalesce(last_poll, 0), 0)),
               last_poll = min(last_poll, :now), last_success = min(last_success, :now),
               last_change = min(last_change, :now), validated_since = min(validated_since, :now),
               moved_since = min(moved_since, :now)""",
        given,
    )
    db.execute(
        """UPDATE deliveries SET not_before = not_before + :by, deadline = deadline + :by
           WHERE state IN ('held', 'pending', 'leased')""",
        given,
    )
    db.execute("UPDATE channel_state SET open_until = open_until + :by", given)
    db.execute(
        """UPDATE troubles SET since = min(since, :now), found_at = min(found_at, :now),
               told_at = min(told_at, :now), over_at = min(over_at, :now)""",
        given,
    )
    db.execute("UPDATE articles SET due = due + :by WHERE state IN ('waiting', 'fetched')", given)
    db.execute("UPDATE articles SET host_until = host_until + :by WHERE host_until IS NOT NULL", given)
    db.execute("UPDATE robots SET until = until + :by", given)
    db.execute(
        """UPDATE subscriptions SET asked_at = asked_at + :by, verified_at = verified_at + :by,
               lease_until = lease_until + :by, pushed_at = pushed_at + :by""",
        given,
    )
