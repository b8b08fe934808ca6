"""Opens the file: whose it is, of which version, who else has it; and the settings every connection has.

WAL lets readers read while the one writer writes. A commit waits for the disk (synchronous FULL): "sent" must survive
the mains.
"""

import fcntl
import os
import sqlite3
import stat
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

from sqlite_utils import Database

from state.errors import NewerSchema, StateBusy, StateError, told
from state.migrations import APPLICATION_ID, STEPS, migrate

BUSY_MS = 5_000
CHECK_S = 1.0
"""The time a start may spend on looking for damage: 0.3 s for 200 MB, and a large file need not be seen whole."""

NAME = "wirebell.db"

_WRITER = f"""
    PRAGMA busy_timeout = {BUSY_MS};
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -16000;
    PRAGMA journal_size_limit = 67108864;
"""
_READER = f"""
    PRAGMA busy_timeout = {BUSY_MS};
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -4000;
"""


def file_of(place: Path) -> Path:
    """The database at `place`, which is its file or its folder."""
    return (place / NAME if place.is_dir() else place).absolute()


def open_writer(path: Path, *, beside: bool = False) -> Database:
    """The connection that writes, on a file that is ours, whole and of our version. Raises StateError.

    Two connections that checkpoint at one moment can damage a WAL database before SQLite 3.51.3, so one that is
    opened `beside` the daemon's does not; nor does it make or change a table.
    """
    if not beside:
        _make(path)
    _refuse_nothing(path)
    return _opened(path, f"file:{_quoted(path)}?mode=rw", _prepare_guest(path) if beside else _prepare_writer(path))


def open_reader(path: Path) -> Database:
    """A connection that cannot write, for one thread or several in turn. Raises StateError."""
    _refuse_nothing(path)
    return _opened(path, f"file:{_quoted(path)}?mode=ro", _prepare_reader(path))


def _opened(path: Path, uri: str, prepare: Callable[[sqlite3.Connection], None]) -> Database:
    try:
        # The writer is opened by one thread and used by another, never by both at once.
        conn = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise told(error, path) from error
    try:
        prepare(conn)
    except sqlite3.Error as error:
        conn.close()
        raise told(error, path) from error
    except BaseException:
        conn.close()
        raise
    conn.row_factory = sqlite3.Row
    return Database(conn, execute_plugins=False)


def _prepare_writer(path: Path) -> Callable[[sqlite3.Connection], None]:
    def prepare(conn: sqlite3.Connection) -> None:
        _refuse_others(conn, path)
        conn.executescript(_WRITER)
        conn.execute("PRAGMA wal_autocheckpoint = 1000")
        _refuse_damage(conn)
        migrate(Database(conn, execute_plugins=False))

    return prepare


def _prepare_guest(path: Path) -> Callable[[sqlite3.Connection], None]:
    def prepare(conn: sqlite3.Connection) -> None:
        _refuse_earlier(conn, path)
        conn.executescript(_WRITER)
        conn.execute("PRAGMA wal_autocheckpoint = 0")

    return prepare


def _prepare_reader(path: Path) -> Callable[[sqlite3.Connection], None]:
    def prepare(conn: sqlite3.Connection) -> None:
        conn.executescript(_READER)
        conn.execute("PRAGMA wal_autocheckpoint = 0")
        _refuse_earlier(conn, path)

    return prepare


def _refuse_nothing(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError as error:
        raise StateError(path, "there is no database yet", "`wirebell once` or `wirebell run` makes it") from error
    except OSError as error:
        raise StateError(path, f"cannot be opened ({error.strerror})", "look at the folder's owner") from error
    if not stat.S_ISREG(mode):
        raise StateError(path, "this is no file", "name another as `database`")


def _refuse_earlier(conn: sqlite3.Connection, path: Path) -> None:
    version = _refuse_others(conn, path)
    if version < STEPS:
        raise StateError(
            path, f"its schema is version {version} and not yet {STEPS}", "`wirebell run` or `once` brings it up"
        )


def _refuse_others(conn: sqlite3.Connection, path: Path) -> int:
    """The version of the schema; 0 is a new file."""
    application = conn.execute("PRAGMA application_id").fetchone()[0]
    version: int = conn.execute("PRAGMA user_version").fetchone()[0]
    empty = conn.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
    if application != APPLICATION_ID and not (empty and application == 0 and version == 0):
        # A first start that was killed has left the list of migrations and nothing else.
        tables = {name for (name,) in conn.execute("SELECT tbl_name FROM sqlite_schema")}
        if application or version or tables - {"_sqlite_migrations"}:
            raise StateError(path, "this database belongs to another program", "name another file as `database`")
    if version > STEPS:
        raise NewerSchema(path, version, STEPS)
    return version


def _refuse_damage(conn: sqlite3.Connection) -> None:
    # To SQLite before 3.41 the whole check is one step, and no progress handler is asked: gigabytes took half a minute.
    ended = threading.Event()

    def interrupt() -> None:
        ended.set()
        conn.interrupt()

    timer = threading.Timer(CHECK_S, interrupt)
    timer.start()
    try:
        found = conn.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        return
    finally:
        # What comes after must not be interrupted.
        timer.cancel()
        timer.join()
    # A check that was ended early takes the pages that it has not seen for lost ones.
    if found != "ok" and not ended.is_set():
        damage = sqlite3.DatabaseError(found)
        damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise damage


def _make(path: Path) -> None:
    """An empty file only its owner can read: SQLite gives its -wal and -shm the same mode."""
    os.close(_private(path))


def _private(path: Path) -> int:
    """The file at `path`, made in a folder that is made; only its owner can read what is new."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StateError(path, f"cannot be made or opened ({error.strerror})", "look at the folder's owner") from error


def _quoted(path: Path) -> str:
    return path.as_uri().removeprefix("file://")


class Lock:
    """One daemon for one database: a lock on a file beside it, which ends with the process however it ends."""

    def __init__(self, path: Path) -> None:
        """Take the lock of the database at `path`. Raises StateBusy where another process has it."""
        self._file = _private(path.with_name(path.name + ".lock"))
        try:
            _lock(self._file)
        except BlockingIOError as error:
            pid = holder(path)
            os.close(self._file)
            raise StateBusy(
                path,
                f"another Wirebell has it open (process {pid or 'unknown'})",
                "stop that one, or give this one a `database` of its own",
                pid=pid,
            ) from error
        os.truncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Leave the file: removing it would let two processes lock two files of one name."""
        os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def _lock(file: int) -> None:
    # Somebody who only asks who holds it does so for microseconds.
    for _ in range(5):
        with suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        time.sleep(0.02)
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def holder(path: Path) -> int:
    """The process that has the database at `path` open to write; 0 where nobody has."""
    try:
        file = os.open(path.with_name(path.name + ".lock"), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return 0
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return int(os.pread(file, 20, 0).strip() or b"0")
    else:
        return 0
    finally:
        os.close(file)
