"""What can be wrong with the memory itself: where, what, and what helps."""

import sqlite3
from pathlib import Path


class StateError(Exception):
    """The database cannot do what was asked. Place, problem, remedy; nothing of the asked-for change is kept."""

    def __init__(self, where: object, problem: str, remedy: str) -> None:
        super().__init__(f"{where}: {problem}; {remedy}")
        self.where = str(where)
        self.problem = problem
        self.remedy = remedy


class StateBusy(StateError):
    """Somebody else holds the database. `pid` is the process, 0 where it is not known."""

    def __init__(self, where: object, problem: str, remedy: str, *, pid: int = 0) -> None:
        super().__init__(where, problem, remedy)
        self.pid = pid


class NewerSchema(StateError):
    """A later Wirebell has written this database."""

    def __init__(self, where: object, found: int, known: int) -> None:
        super().__init__(
            where,
            f"its schema is version {found}, and this Wirebell knows version {known}",
            "run the Wirebell that wrote it, or restore a backup from before the upgrade",
        )
        self.found = found
        self.known = known


def told(error: sqlite3.Error, path: Path) -> Exception:
    """`error` as a sentence for the operator; what is no fault of the disk or the file is ours and stays as it is."""
    # The extended codes (SQLITE_IOERR_WRITE and so on) keep the primary one in the low byte.
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    match code:
        case sqlite3.SQLITE_FULL:
            return StateError(path, "the disk is full", "make room; what is owed goes on by itself")
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StateBusy(path, "another program is writing to it", "wait, or end that program")
        case sqlite3.SQLITE_CORRUPT:
            return StateError(path, f"the database is damaged ({_line(error)})", _RESTORE)
        case sqlite3.SQLITE_NOTADB:
            return StateError(path, "this is no SQLite database", "name another file, or " + _RESTORE)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_AUTH:
            return StateError(path, "the database may not be written", "give its file and its folder to this user")
        case sqlite3.SQLITE_CANTOPEN:
            return StateError(path, "the database cannot be opened", "look at the permissions of its file and folder")
        case sqlite3.SQLITE_IOERR:
            return StateError(path, f"the disk does not answer as it should ({_line(error)})", "look at the disk")
        case _:
            return error


def _line(error: sqlite3.Error) -> str:
    return " ".join(str(error).replace("*** in database main ***", "").split())


_RESTORE = "restore a backup: stop Wirebell, put the backup in its place, remove the files ending in -wal and -shm"
