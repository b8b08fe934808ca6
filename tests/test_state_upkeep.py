"""Keeping the file small, whole and copied."""

import sqlite3
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from rules.records import AlertKind
from state.errors import StateError
from state.store import Store
from tests.builders import NOON, a_feed, an_alert
from tests.test_state_store import DAY, POST, WAIT, WIRE, claim, drained, good, news, poll


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path) as opened:
        opened.enrol([WIRE, POST], now=NOON).result(WAIT)
        for feed in (WIRE, POST):
            poll(opened, feed=feed)
        yield opened


def test_a_backup_is_a_whole_store_that_only_its_owner_can_read(store: Store, tmp_path: Path) -> None:
    poll(store, news())

    target = store.upkeep.backup(tmp_path / "copies.db").result(WAIT)

    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir() if "part" in file.name] == []
    with Store.open(target) as copy:
        assert copy.instance == store.instance
        assert copy.alerts() == store.alerts()


def test_a_backup_never_overwrites(store: Store, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")

    with pytest.raises(StateError, match="something already"):
        store.upkeep.backup(tmp_path / "precious").result(WAIT)
    assert (tmp_path / "precious").read_text() == "mine"


def test_a_backup_to_a_folder_that_is_not_there_is_told(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StateError, match="cannot be written"):
        store.upkeep.backup(tmp_path / "nowhere" / "copy.db").result(WAIT)


def test_a_backup_that_is_damaged_never_gets_its_name(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(_: object, part: Path) -> None:
        part.write_bytes(b"half")
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr("state.upkeep._copy", half)

    with pytest.raises(sqlite3.OperationalError):
        store.upkeep.backup(tmp_path / "copy.db").result(WAIT)
    assert [file.name for file in tmp_path.iterdir() if "copy" in file.name] == []


def test_a_damaged_page_is_found(store: Store) -> None:
    poll(store, *(news(f"Jason Wei number {n}") for n in range(200)))
    store.upkeep.prune(DAY, now=NOON).result(WAIT)
    with store.path.open("r+b") as file:
        for page in range(store.upkeep.stats().size // 4096 - 6, store.upkeep.stats().size // 4096):
            file.seek(page * 4096)
            file.write(b"\xff" * 64)

    assert store.upkeep.check().result(WAIT)


def test_a_store_that_can_no_longer_be_opened_is_found_damaged(store: Store) -> None:
    poll(store, news())
    store.upkeep.prune(DAY, now=NOON).result(WAIT)
    with store.path.open("r+b") as file:
        file.write(b"no database at all")

    assert any("SQLite database" in problem or "damaged" in problem for problem in store.upkeep.check().result(WAIT))


def test_a_command_can_copy_and_check_while_the_daemon_runs(store: Store, tmp_path: Path) -> None:
    with Store.open(store.path, read_only=True) as command:
        assert command.upkeep.backup(tmp_path / "copy.db").result(WAIT).exists()
        assert command.upkeep.check().result(WAIT) == []


def test_a_row_that_names_nothing_is_found(store: Store) -> None:
    poll(store, news())
    other = sqlite3.connect(store.path)
    other.execute("DELETE FROM alerts")
    other.commit()
    other.close()

    assert store.upkeep.check().result(WAIT) == ["1 rows of deliveries name a row of alerts that is not there"]


def test_the_sizes_are_told(store: Store) -> None:
    poll(store, news())

    stats = store.upkeep.stats()

    assert stats.rows["items"] == stats.rows["alerts"] == stats.rows["deliveries"] == 1
    assert stats.rows["feeds"] == 2
    assert stats.size > 0
    assert stats.wal > 0
    assert stats.sqlite == sqlite3.sqlite_version


def test_what_is_owed_is_never_forgotten(store: Store) -> None:
    poll(store, news())
    store.owe(an_alert(kind=AlertKind.NOTICE), ["desk"], now=NOON).result(WAIT)

    assert store.upkeep.prune(DAY, now=NOON + 3 * DAY).result(WAIT) == 0
    assert len(drained(store, now=NOON + 3 * DAY)) == 2


def test_what_is_older_is_forgotten_and_does_not_ring_when_it_comes_back(store: Store) -> None:
    poll(store, news())
    drained(store)
    later = NOON + 60 * DAY

    assert store.upkeep.prune(30 * DAY, now=later).result(WAIT) > 0

    assert store.items() == []
    assert store.alerts() == []
    assert store.known(WIRE.id, news().keys).keys() == set(news().keys)
    assert poll(store, news(), now=later).alerts == 0
    assert poll(store, news(TOLD_ANEW, guid=news().item.guid, link=news().item.link), now=later).alerts == 0
    assert poll(store, news(), feed=POST, now=later).folded == 1
    assert store.upkeep.check().result(WAIT) == []


TOLD_ANEW = "Jason Wei has left OpenAI for Meta"


def test_a_story_is_forgotten_when_no_article_can_join_it(store: Store) -> None:
    poll(store, news())
    drained(store)

    store.upkeep.prune(30 * DAY, now=NOON + 100 * DAY).result(WAIT)

    assert store.stories() == []
    assert poll(store, news(), feed=POST, now=NOON + 100 * DAY).alerts == 1


def test_a_key_is_remembered_as_long_as_the_feed_shows_it(store: Store) -> None:
    one = news()
    poll(store, one)
    drained(store)
    for month in range(1, 20):
        now = NOON + month * 30 * DAY
        store.known(WIRE.id, one.keys)
        store.commit(good(), now=now).result(WAIT)
        store.upkeep.prune(30 * DAY, now=now).result(WAIT)

    assert store.known(WIRE.id, one.keys)


def test_a_key_is_remembered_while_the_feed_shows_nothing_at_all(store: Store) -> None:
    poll(store, news())
    drained(store)
    now = NOON + 1000 * DAY
    store.commit(good(), now=now).result(WAIT)

    store.upkeep.prune(30 * DAY, now=now).result(WAIT)

    assert poll(store, news(), now=now).new == 0


def test_a_key_that_the_feed_has_not_shown_for_long_is_forgotten(store: Store) -> None:
    one = news()
    poll(store, one)
    drained(store)
    now = NOON + 401 * DAY
    poll(store, news("Another"), now=now)

    store.upkeep.prune(30 * DAY, now=now).result(WAIT)

    assert store.known(WIRE.id, one.keys) == {}


def test_the_keys_of_a_feed_that_was_taken_away_are_forgotten_in_time(store: Store) -> None:
    one = news()
    poll(store, one)
    drained(store)
    store.enrol([a_feed()], now=NOON).result(WAIT)

    store.upkeep.prune(30 * DAY, now=NOON + 401 * DAY).result(WAIT)

    assert store.known(WIRE.id, one.keys) == {}


def test_the_log_is_brought_into_the_file(store: Store) -> None:
    poll(store, *(news(f"Jason Wei number {n}") for n in range(50)))
    assert store.upkeep.stats().wal > 0

    store.upkeep.prune(30 * DAY, now=NOON).result(WAIT)

    assert store.upkeep.stats().wal == 0


def test_forgetting_leaves_the_claims_alone(store: Store) -> None:
    poll(store, news())
    delivery = claim(store)

    store.upkeep.prune(timedelta(0), now=NOON + DAY).result(WAIT)

    record = store.alert(delivery.alert.alert_id)
    assert record is not None
    assert record.deliveries[0].state == "leased"
