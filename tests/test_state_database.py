"""Opening the file: whose it is, which version, who else has it."""

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sqlite_utils import Database

from state.database import Lock, file_of, holder, open_reader, open_writer
from state.errors import NewerSchema, StateBusy, StateError, told
from state.migrations import STEPS, migrations
from state.store import Store
from tests.builders import NOON

ROOT = Path(__file__).parents[1]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database that was made and closed."""
    Store.open(tmp_path).close()
    return tmp_path / "wirebell.db"


def edit(path: Path, *statements: str) -> None:
    conn = sqlite3.connect(path)
    for statement in statements:
        conn.execute(statement)
    conn.commit()
    conn.close()


def test_a_folder_and_the_file_in_it_are_one_place(tmp_path: Path) -> None:
    assert file_of(tmp_path) == file_of(tmp_path / "wirebell.db") == tmp_path / "wirebell.db"


def test_the_file_and_what_lies_beside_it_are_their_owners_alone(tmp_path: Path) -> None:
    with Store.open(tmp_path / "made" / "for it" / "news.db") as store:
        store.enrol([], now=NOON).result(10)
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in store.path.parent.iterdir()}

    assert modes == dict.fromkeys(("news.db", "news.db-wal", "news.db-shm", "news.db.lock"), 0o600)
    assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700


def test_a_name_with_signs_of_an_address_is_a_name(tmp_path: Path) -> None:
    with Store.open(tmp_path / "what?mode=memory#100%.db") as store:
        assert store.path.stat().st_size > 0


def test_the_writer_waits_for_the_disk_and_is_the_one_that_checkpoints(path: Path) -> None:
    db = open_writer(path)
    try:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "wal_autocheckpoint")
        said = [db.execute(f"PRAGMA {name}").fetchone()[0] for name in names]
    finally:
        db.conn.close()
    reader = open_reader(path)
    try:
        checkpoints = reader.execute("PRAGMA wal_autocheckpoint").fetchone()[0]
    finally:
        reader.conn.close()

    assert said == ["wal", 2, 1, 5000, 1000]
    assert checkpoints == 0


def test_a_reader_cannot_write(path: Path) -> None:
    reader = open_reader(path)
    try:
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader.execute("DELETE FROM feeds")
    finally:
        reader.conn.close()


def test_every_table_of_ours_is_strict(path: Path) -> None:
    conn = sqlite3.connect(path)
    tables = conn.execute("SELECT name, strict FROM pragma_table_list WHERE type = 'table'").fetchall()
    conn.close()

    assert {name for name, strict in tables if not strict and not name.startswith("sqlite_")} == {"_sqlite_migrations"}


def test_the_views_can_be_read(path: Path) -> None:
    conn = sqlite3.connect(path)
    for view in ("outbox", "seen"):
        conn.execute(f"SELECT * FROM {view}").fetchall()
    conn.close()


def test_there_is_a_step_for_each_version() -> None:
    assert len(migrations.pending(Database(memory=True))) == STEPS


def test_opening_twice_keeps_what_there_is(path: Path) -> None:
    with Store.open(path) as store:
        instance = store.instance
    with Store.open(path) as store:
        assert store.instance == instance


def test_a_start_that_was_killed_while_it_made_the_tables_is_finished_by_the_next(tmp_path: Path) -> None:
    db = Database(tmp_path / "wirebell.db", execute_plugins=False)
    migrations.ensure_migrations_table(db)
    db.conn.close()

    with Store.open(tmp_path) as store:
        assert store.feeds() == []


def test_a_database_of_a_later_version_is_refused_and_both_versions_named(path: Path) -> None:
    edit(path, "PRAGMA user_version = 99")

    for read_only in (True, False):
        with pytest.raises(NewerSchema, match=f"version 99, and this Wirebell knows version {STEPS}"):
            Store.open(path, read_only=read_only)


def test_an_earlier_version_cannot_be_read_before_it_is_brought_up(path: Path) -> None:
    edit(path, "PRAGMA user_version = 0")

    with pytest.raises(StateError, match="version 0 and not yet"):
        Store.open(path, read_only=True)


@pytest.mark.parametrize("read_only", [True, False])
def test_a_database_of_another_program_is_refused(tmp_path: Path, read_only: bool) -> None:
    edit(tmp_path / "other.db", "CREATE TABLE bookmarks (url)")

    with pytest.raises(StateError, match="belongs to another program"):
        Store.open(tmp_path / "other.db", read_only=read_only)


def test_a_file_that_is_no_database_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear editor, " * 100)

    with pytest.raises(StateError, match="no SQLite database"):
        Store.open(letter)
    assert letter.read_text() == "Dear editor, " * 100


def test_a_damaged_database_is_refused_and_the_remedy_named(path: Path) -> None:
    with path.open("r+b") as file:
        for page in range(2, 12):
            file.seek(page * 4096)
            file.write(b"\xff" * 512)

    with pytest.raises(StateError, match=r"damaged .*restore a backup"):
        Store.open(path)


@pytest.mark.parametrize("read_only", [True, False])
def test_what_is_not_there_cannot_be_read_or_changed(tmp_path: Path, read_only: bool) -> None:
    with pytest.raises(StateError, match="no database yet"):
        Store.open(tmp_path, read_only=read_only, beside=not read_only)


def test_what_is_no_file_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "wirebell.db").mkdir()

    with pytest.raises(StateError):
        Store.open(tmp_path)
    with pytest.raises(StateError, match="no file"):
        Store.open(tmp_path, read_only=True)
    (tmp_path / "letter").touch()
    with pytest.raises(StateError, match="cannot be opened"):
        Store.open(tmp_path / "letter" / "wirebell.db", read_only=True)


@pytest.mark.parametrize("seconds", [0.0, 0.0005, 0.002, 0.005])
def test_a_large_file_is_not_looked_at_for_longer_than_allowed(
    path: Path, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is it taken for damaged, wherever the look is ended, nor is anything else ended with it."""
    edit(
        path,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i + 1 FROM n LIMIT 4000) "
        "INSERT INTO meta SELECT i, hex(zeroblob(2000)) FROM n",
    )
    monkeypatch.setattr("state.database.CHECK_S", seconds)

    with Store.open(path) as store:
        assert store.upkeep.stats().rows["meta"] == 4001


def test_a_place_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StateError, match="cannot be made or opened"):
        Store.open(tmp_path / "file" / "wirebell.db")


def test_a_second_daemon_is_refused_and_the_first_named(path: Path) -> None:
    with Store.open(path) as store:
        assert holder(path) == os.getpid()
        with pytest.raises(StateBusy, match=f"process {os.getpid()}") as refused:
            Store.open(path)
        assert str(path) in str(refused.value)
        assert refused.value.pid == os.getpid()
        assert store.feeds() == []
    assert holder(path) == 0


def test_the_lock_ends_with_the_process(path: Path) -> None:
    code = f"from pathlib import Path; from state.database import Lock; Lock(Path({str(path)!r}))"

    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, timeout=60)

    with Lock(path):
        assert holder(path) == os.getpid()


def test_a_command_may_look_and_change_a_row_while_the_daemon_runs(path: Path) -> None:
    with (
        Store.open(path) as daemon,
        Store.open(path, read_only=True) as looks,
        Store.open(path, beside=True) as changes,
    ):
        assert changes.retry(now=NOON).result(10) == 0
        assert looks.feeds() == daemon.feeds() == []


def test_what_was_opened_to_read_refuses_to_write(path: Path) -> None:
    with Store.open(path, read_only=True) as looks, pytest.raises(StateError, match="opened to be read"):
        looks.enrol([], now=NOON)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (sqlite3.SQLITE_FULL, "disk is full"),
        (sqlite3.SQLITE_BUSY, "another program"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "another program"),
        (sqlite3.SQLITE_CORRUPT, "damaged"),
        (sqlite3.SQLITE_NOTADB, "no SQLite database"),
        (sqlite3.SQLITE_READONLY_DIRECTORY, "may not be written"),
        (sqlite3.SQLITE_CANTOPEN, "cannot be opened"),
        (sqlite3.SQLITE_IOERR_WRITE, "the disk does not answer"),
    ],
)
def test_what_the_disk_or_the_file_does_is_a_sentence(code: int, said: str) -> None:
    error = sqlite3.OperationalError("x")
    error.sqlite_errorcode = code

    answer = told(error, Path("w.db"))

    assert isinstance(answer, StateError)
    assert said in str(answer)
    assert answer.where == "w.db"
    assert answer.problem
    assert answer.remedy


def test_a_mistake_of_ours_stays_what_it_is() -> None:
    error = sqlite3.IntegrityError("UNIQUE")

    assert told(error, Path("w.db")) is error
