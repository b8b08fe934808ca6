"""The thread that writes: groups, failures, a full disk, a busy file."""

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import Future, wait
from pathlib import Path

import pytest
from sqlite_utils import Database

from state.database import open_writer
from state.errors import StateBusy, StateError
from state.writer import Writer

WAIT = 20


class Watch:
    """Remembers the places that were reached; may be told to fail at one."""

    def __init__(self) -> None:
        self.reached: list[str] = []
        self.fails_at: dict[str, Exception] = {}

    def __call__(self, place: str, /) -> None:
        self.reached.append(place)
        if place in self.fails_at:
            raise self.fails_at.pop(place)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def writer(tmp_path: Path, watch: Watch) -> Iterator[Writer]:
    path = tmp_path / "wirebell.db"
    opened = Writer(open_writer(path), path, reached=watch, pause=0.01)
    yield opened
    opened.close()


def note(name: str, value: str = "") -> object:
    def work(db: Database) -> str:
        db.execute("INSERT INTO meta VALUES (?, ?)", [name, value])
        return name

    return work


def add(writer: Writer, name: str, value: str = "", *, patient: bool = False) -> Future[str]:
    return writer.submit(name, note(name, value), patient=patient)  # type: ignore[arg-type]


def names(writer: Writer) -> set[str]:
    return set(
        writer.submit("look", lambda db: [row[0] for row in db.execute("SELECT name FROM meta")]).result(WAIT)
    ) - {"instance"}


def held(writer: Writer) -> threading.Event:
    """The writer waits in a function of its own until the event is set, so that what comes next is one group."""
    started, go = threading.Event(), threading.Event()

    def work(_: Database) -> None:
        started.set()
        go.wait(WAIT)

    writer.outside("hold", work)
    assert started.wait(WAIT)
    return go


def squeeze(writer: Writer, pages: int) -> None:
    """A disk with room for `pages` more pages."""

    def work(db: Database) -> None:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        now = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {now + pages}")

    writer.outside("squeeze", work).result(WAIT)


def test_what_was_submitted_comes_back_once_it_is_written(writer: Writer) -> None:
    assert add(writer, "a").result(WAIT) == "a"
    assert names(writer) == {"a"}


def test_what_waits_together_is_written_together(writer: Writer, watch: Watch) -> None:
    go = held(writer)
    futures = [add(writer, f"n{n}") for n in range(100)]
    go.set()
    wait(futures, WAIT)

    assert watch.reached[:200] == [f"n{n}:commit" for n in range(100)] + [f"n{n}:committed" for n in range(100)]


def test_more_than_a_group_is_written_all_the_same(writer: Writer) -> None:
    go = held(writer)
    futures = [add(writer, f"n{n}") for n in range(1000)]
    go.set()

    assert [future.result(WAIT) for future in futures] == [f"n{n}" for n in range(1000)]


def test_one_that_fails_does_not_sink_the_others(writer: Writer) -> None:
    def breaks(db: Database) -> None:
        db.execute("INSERT INTO meta VALUES ('half', '')")
        raise ZeroDivisionError

    go = held(writer)
    first, broken, last = add(writer, "first"), writer.submit("breaks", breaks), add(writer, "last")
    go.set()

    assert (first.result(WAIT), last.result(WAIT)) == ("first", "last")
    with pytest.raises(ZeroDivisionError):
        broken.result(WAIT)
    assert names(writer) == {"first", "last"}


def test_a_mistake_in_sql_is_ours_and_comes_back_as_it_is(writer: Writer) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        add(writer, "instance").result(WAIT)


def test_a_commit_that_fails_fails_for_all_of_the_group(writer: Writer, watch: Watch) -> None:
    watch.fails_at["b:commit"] = sqlite3.OperationalError("no")
    go = held(writer)
    futures = [add(writer, "a"), add(writer, "b")]
    go.set()

    for future in futures:
        with pytest.raises(sqlite3.OperationalError):
            future.result(WAIT)
    assert names(writer) == set()


def test_a_full_disk_is_a_sentence_and_the_writer_goes_on_when_there_is_room(writer: Writer) -> None:
    squeeze(writer, 0)
    with pytest.raises(StateError, match="disk is full"):
        add(writer, "large", "x" * 100_000).result(WAIT)

    squeeze(writer, 1000)

    assert add(writer, "large", "x" * 100_000).result(WAIT) == "large"


def test_a_full_disk_is_complained_of_once(writer: Writer, caplog: pytest.LogCaptureFixture) -> None:
    squeeze(writer, 0)
    for _ in range(3):
        with pytest.raises(StateError):
            add(writer, "large", "x" * 100_000).result(WAIT)

    assert sum("disk is full" in record.message for record in caplog.records) <= 1


def test_what_has_happened_waits_for_room(writer: Writer) -> None:
    squeeze(writer, 0)
    patient = add(writer, "sent", "x" * 100_000, patient=True)
    with pytest.raises(StateError):
        add(writer, "poll", "x" * 100_000).result(WAIT)
    assert not patient.done()

    squeeze(writer, 1000)

    assert patient.result(WAIT) == "sent"
    assert writer.idle_for() == 0.0


def test_a_mistake_is_not_waited_for(writer: Writer) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        add(writer, "instance", patient=True).result(WAIT)


def test_what_still_waits_for_room_at_the_end_is_told(writer: Writer) -> None:
    squeeze(writer, 0)
    patient = add(writer, "sent", "x" * 100_000, patient=True)

    writer.close()

    with pytest.raises(StateError, match="disk is full"):
        patient.result(WAIT)


def test_a_file_that_another_program_writes_is_busy_and_then_is_not(writer: Writer, tmp_path: Path) -> None:
    writer.outside("hurry", lambda db: db.execute("PRAGMA busy_timeout = 20")).result(WAIT)
    other = sqlite3.connect(tmp_path / "wirebell.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    patient = add(writer, "sent", patient=True)
    with pytest.raises(StateBusy, match="another program"):
        add(writer, "poll").result(WAIT)

    other.execute("ROLLBACK")
    other.close()

    assert patient.result(WAIT) == "sent"
    assert names(writer) == {"sent"}


def test_what_was_cancelled_in_time_is_not_written(writer: Writer) -> None:
    go = held(writer)
    left, stayed = add(writer, "left"), add(writer, "stayed")
    assert left.cancel()
    go.set()
    stayed.result(WAIT)

    assert names(writer) == {"stayed"}


def test_closing_writes_what_was_submitted_and_refuses_more(writer: Writer) -> None:
    go = held(writer)
    last = add(writer, "last")
    closing = threading.Thread(target=writer.close)
    closing.start()
    go.set()
    closing.join(WAIT)
    writer.close()

    assert last.result(0) == "last"
    with pytest.raises(StateError, match="closed"):
        add(writer, "late")


def test_what_runs_outside_a_transaction_fails_alone(writer: Writer) -> None:
    with pytest.raises(sqlite3.OperationalError):
        writer.outside("odd", lambda db: db.execute("SELECT nothing")).result(WAIT)

    assert writer.outside("free", lambda db: db.conn.in_transaction).result(WAIT) is False


def test_a_writer_that_is_stuck_is_seen(writer: Writer) -> None:
    assert writer.idle_for() == 0.0
    go = held(writer)
    waits = add(writer, "waits")

    assert writer.idle_for() > 0.0
    go.set()
    waits.result(WAIT)
