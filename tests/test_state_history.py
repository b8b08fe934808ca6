"""The index of words: it finds whatever rings, through edits, retention, crashes and databases of an earlier version.

Run as a program, `python -m tests.test_state_history FOLDER TIMES [WAY]` fills the index of the store in FOLDER, anew
where words are folded in another WAY, and is killed when it commits to it for the TIMES-th time.
"""

import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from rules.asking import AllOf, AnyOf, Asked, Inside
from rules.backtesting import Past
from rules.records import Item, Judged
from state import migrations, wordindex
from state.errors import NewerSchema
from state.history import Batch
from state.store import Store
from tests.builders import NOON, an_item
from tests.test_rules_backtesting import PIECES, TERMS, queries, trial
from tests.test_state_crash import Doomed
from tests.test_state_store import DAY, MINUTE, POST, WAIT, WIRE, judged, poll

ROOT = Path(__file__).parents[1]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path) as opened:
        opened.enrol([WIRE, POST], now=NOON - DAY).result(WAIT)
        yield opened


def titled(*titles: str) -> list[Judged]:
    return [judged(an_item(title)) for title in titles]


def edited(title: str, text: str) -> Judged:
    """The same item with another text."""
    return judged(an_item(title, text=text))


def titles(store: Store, asked: Asked | None) -> set[str]:
    """What the index names, and what it says nothing of."""
    return {past.item.title for past in everything(store, asked)}


def read(store: Store, batches: list[Batch]) -> list[str]:
    return [past.item.title for batch in store.history.read(batches) for past in batch]


def everything(store: Store, asked: Asked | None = None) -> list[Past]:
    found = store.history.find(asked)
    pasts = [past for batch in store.history.read(found.batches()) for past in batch]
    assert len(pasts) == len(found)
    return pasts


def unread(store: Store) -> int:
    """Items that the index says nothing of."""
    return len(store.history.find("nothing").unread)


def learnt(store: Store) -> None:
    """Wait until everything is in the index."""
    until = time.monotonic() + WAIT
    while unread(store):
        assert time.monotonic() < until
        time.sleep(0.01)


def test_an_item_is_found_by_its_words_with_the_poll_that_brings_it(store: Store) -> None:
    poll(store, *titled("Jason Wei joins", "Nobody joins"))

    assert unread(store) == 0
    assert titles(store, "jason") == {"Jason Wei joins"}
    assert titles(store, "join*") == {"Jason Wei joins", "Nobody joins"}
    assert titles(store, AllOf(("wei", AnyOf(("joins", "leaves"))))) == {"Jason Wei joins"}
    assert titles(store, "join") == set()


def test_an_item_is_found_by_letters_in_a_word(store: Store) -> None:
    poll(store, *titled("Jason Wei joins", "A jasonian tale", f"{'x' * 70}jason{'y' * 30}", "Nobody joins"))

    assert len(titles(store, Inside("aso"))) == 3
    assert titles(store, Inside("asons")) == set()
    assert titles(store, AllOf((Inside("jason"), AnyOf(("joins", Inside("tal")))))) == {
        "Jason Wei joins", "A jasonian tale",
    }  # fmt: skip
    # Of few that have the words, the letters are left to who asks.
    assert titles(store, AllOf(("joins", Inside("jason")))) == {"Jason Wei joins", "Nobody joins"}


def test_an_edited_item_is_found_by_its_words_of_today_only(store: Store) -> None:
    poll(store, edited("News", "Jason Wei"))
    poll(store, edited("News", "Hyung Won Chung"))

    assert titles(store, "jason") == set()
    assert titles(store, "chung") == {"News"}


def test_what_the_retention_takes_is_found_no_longer(store: Store) -> None:
    poll(store, *titled("Jason Wei early"), now=NOON - 9 * DAY)
    poll(store, *titled("Jason Wei late"), now=NOON)

    store.upkeep.prune(3 * DAY, now=NOON).result(WAIT)

    assert titles(store, "jason") == {"Jason Wei late"}


def test_an_index_that_mostly_tells_of_what_is_gone_is_begun_anew(store: Store) -> None:
    poll(store, *titled(*(f"Jason Wei number {n}" for n in range(1100))), now=NOON - 9 * DAY)
    poll(store, *titled("Jason Wei late"), now=NOON)

    store.upkeep.prune(3 * DAY, now=NOON).result(WAIT)
    learnt(store)

    assert titles(store, "jason") == {"Jason Wei late"}
    assert rows(store.path, "SELECT max(doc) FROM indexed") == [(1,)]


def test_only_what_was_seen_since_is_found(store: Store) -> None:
    poll(store, *titled("Jason Wei early"), now=NOON - 9 * DAY)
    poll(store, *titled("Jason Wei late"), now=NOON)

    found = store.history.find("jason", since=NOON - DAY)

    assert (len(found), found.stored) == (1, 1)
    assert store.history.find("jason").stored == 2


def test_the_latest_come_first(store: Store) -> None:
    for n in range(3):
        poll(store, *titled(f"Jason Wei {n}"), now=NOON + n * MINUTE)

    latest = store.history.find_latest("jason", "nobody", number=2)

    assert latest.may_hold == 3
    assert sorted(read(store, latest.batches())) == ["Jason Wei 1", "Jason Wei 2"]


def test_what_is_asked_besides_is_left_out(store: Store) -> None:
    poll(store, *titled("Jason Wei of OpenAI", "Jason Wei"))

    latest = store.history.find_latest("jason", "openai", number=9)

    assert read(store, latest.batches()) == ["Jason Wei"]


def test_more_words_than_one_question_takes_are_asked_in_several(store: Store) -> None:
    poll(store, *titled(*(f"Person{n} joins" for n in range(60)), "Person7 stays"))
    many = AnyOf(tuple(AllOf((f"person{n}", "joins")) for n in range(500)))

    assert len(titles(store, many)) == 60
    assert titles(store, AllOf((many, AnyOf(tuple(f"person{n}" for n in range(7, 500, 60)))))) == {"Person7 joins"}
    assert titles(store, AnyOf((many, "stays"))) == {*(f"Person{n} joins" for n in range(60)), "Person7 stays"}


def test_items_of_a_first_poll_are_dated_as_they_were_published(store: Store) -> None:
    early, unknown, wrong = NOON - 9 * DAY, None, NOON + DAY
    poll(store, *(judged(an_item(f"First {n}", published=at)) for n, at in enumerate((early, unknown, wrong))))
    poll(store, judged(an_item("Later", published=early)), now=NOON + MINUTE)

    when = {past.item.title: past.at for past in everything(store)}

    assert when == {"First 0": early, "First 1": NOON, "First 2": NOON, "Later": NOON + MINUTE}


def test_items_are_recalled_in_the_order_asked_for_and_those_that_are_gone_are_left_out(store: Store) -> None:
    poll(store, *titled("One", "Two"))
    ids = {past.item.title: past.item_id for past in everything(store)}

    recalled = store.history.recall([ids["Two"], "gone", ids["One"]])

    assert [past.item.title for past in recalled] == ["Two", "One"]
    assert recalled[0].item == an_item("Two", feed="The Wire", feed_url=WIRE.url)


def test_a_reader_sees_what_the_daemon_writes(store: Store) -> None:
    with Store.open(store.path, read_only=True) as reader:
        poll(store, *titled("Jason Wei"))
        found = reader.history.find("jason")
        store.upkeep.prune(timedelta(0), now=NOON + MINUTE).result(WAIT)

        assert len(found) == 1
        assert list(reader.history.read(found.batches())) == [[]]


# A random history: what the index finds is judged, and that is all that rings.


def an_odd_item(number: int, chance: random.Random) -> Item:
    def text() -> str:
        return chance.choice(["", " ", " "]).join(chance.choices(PIECES, k=chance.randrange(9)))

    return Item(
        guid=str(number),
        title=text(),
        summary=text(),
        text=text(),
        link=chance.choice(["", f"https://example.org/post/{number}"]),
        authors=chance.choice([(), ("Jane Doe",)]),
        categories=chance.choice([(), ("AI", "press")]),
        language=chance.choice(["", "en", "pt-BR"]),
    )


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Two feeds with items in many scripts, some of them edited, some gone."""
    chance = random.Random(11)
    with Store.open(tmp_path_factory.mktemp("odd")) as opened:
        opened.enrol([WIRE, POST], now=NOON).result(WAIT)
        for feed in (WIRE, POST):
            for at in (NOON - 9 * DAY, NOON, NOON + MINUTE):
                carried = [an_odd_item(number, chance) for number in chance.sample(range(120), 80)]
                poll(opened, *(_named(item) for item in carried), feed=feed, now=at)
        opened.upkeep.prune(3 * DAY, now=NOON).result(WAIT)
        yield opened


def _named(item: Item) -> Judged:
    return Judged(item=item, keys=(f"guid:{item.guid}",), link_key="", title_key="")


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.sampled_from(TERMS), queries))
def test_what_rings_by_the_index_is_what_rings_of_every_stored_item(odd: Store, when: str) -> None:
    one = trial(when)
    if one is None:
        return

    by_index = {past.item_id for past in everything(odd, one.asked) if one.rings(past.item)}

    assert by_index == {past.item_id for past in everything(odd) if one.rings(past.item)}


def test_the_random_history_rings_by_the_index(odd: Store) -> None:
    """Or the test above would say nothing."""
    whole = len(everything(odd))
    trials = [one for one in map(trial, TERMS) if one and one.asked]
    rung = [sum(bool(one.rings(past.item)) for past in everything(odd, one.asked)) for one in trials]

    assert unread(odd) == 0
    assert sum(0 < number < whole / 2 for number in rung) > 30


# Databases that have no index yet.


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    conn = sqlite3.connect(path)
    try:
        return conn.execute(sql).fetchall()
    finally:
        conn.close()


SCHEMA = "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%' ORDER BY name"


@pytest.fixture
def of_step_1(tmp_path: Path) -> Path:
    """A database as the first step left it, with 250 items."""
    with Store.open(tmp_path) as opened:
        opened.enrol([WIRE], now=NOON).result(WAIT)
        for n in range(5):
            poll(opened, *titled(*(f"Jason Wei {n} {m}" for m in range(50))), now=NOON + n * MINUTE)
        path = opened.path
    first = Database(tmp_path / "first.db", execute_plugins=False)
    migrations.migrations.apply(first, stop_before="m002_history")
    first.conn.close()
    conn = sqlite3.connect(tmp_path / "first.db")
    conn.execute("ATTACH ? AS whole", [str(path)])
    for (table,) in conn.execute(
        "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT GLOB '*sqlite_*'"
    ):
        columns = ", ".join(f'"{name}"' for (name,) in conn.execute("SELECT name FROM pragma_table_info(?)", [table]))
        conn.execute(f"DELETE FROM main.{table}")
        conn.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM whole.{table}")
    conn.commit()
    conn.close()
    (tmp_path / "first.db").replace(path)
    return path


def test_a_database_of_the_first_step_is_brought_up_and_filled_while_it_is_used(of_step_1: Path) -> None:
    with Store.open(of_step_1) as opened:
        poll(opened, *titled("Jason Wei new"), now=NOON + DAY)
        # Whether or not they are in the index yet.
        assert len(titles(opened, "jason")) == 251
        learnt(opened)

        assert len(titles(opened, "jason")) == 251
        assert titles(opened, AllOf(("jason", "new"))) == {"Jason Wei new"}
    assert rows(of_step_1, "PRAGMA user_version") == [(migrations.STEPS,)]
    assert rows(of_step_1, "SELECT count(*), count(DISTINCT item_id), max(doc) FROM indexed") == [(251, 251, 251)]


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_filling_that_is_killed_goes_on_where_it_was(of_step_1: Path, times: int) -> None:
    command = [sys.executable, "-m", "tests.test_state_history", str(of_step_1), str(times)]
    assert subprocess.run(command, check=False, cwd=ROOT, timeout=60).returncode == -9

    with Store.open(of_step_1) as opened:
        assert len(titles(opened, "jason")) == 250
        learnt(opened)

        assert len(titles(opened, "jason")) == 250
        assert opened.upkeep.check().result(WAIT) == []
    assert rows(of_step_1, "SELECT count(*), count(DISTINCT item_id), max(doc) FROM indexed") == [(250, 250, 250)]


def test_a_step_that_fails_leaves_the_first_one(of_step_1: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rows(of_step_1, SCHEMA)
    with monkeypatch.context() as patched:
        patched.setattr(migrations, "_HISTORY", (*migrations._HISTORY, "CREATE NONSENSE"))
        with pytest.raises(sqlite3.OperationalError):
            Store.open(of_step_1)
    assert (rows(of_step_1, SCHEMA), rows(of_step_1, "PRAGMA user_version")) == (before, [(1,)])

    with Store.open(of_step_1) as opened:
        learnt(opened)


def test_a_program_that_knows_the_first_step_alone_leaves_it(of_step_1: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Store.open(of_step_1).close()
    monkeypatch.setattr("state.database.STEPS", 1)

    with pytest.raises(NewerSchema, match=f"version {migrations.STEPS}, and this Wirebell knows version 1"):
        Store.open(of_step_1)


def test_an_index_of_words_folded_in_another_way_is_not_asked_and_is_made_anew(
    of_step_1: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(of_step_1) as opened:
        learnt(opened)
    monkeypatch.setattr(wordindex, "folding", lambda: "another way")

    with Store.open(of_step_1, read_only=True) as reader:
        assert unread(reader) == 250
    with Store.open(of_step_1) as opened:
        learnt(opened)
        assert len(titles(opened, "jason")) == 250
    assert rows(of_step_1, "SELECT count(*), max(doc) FROM indexed") == [(250, 250)]
    assert rows(of_step_1, "SELECT * FROM word_index") == [("another way", None)]


def test_an_index_that_is_given_up_is_cleared_a_little_at_a_time(
    of_step_1: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(of_step_1) as opened:
        learnt(opened)
    monkeypatch.setattr(wordindex, "folding", lambda: "another way")
    monkeypatch.setattr(wordindex, "SLICE", 100)
    transactions: list[str] = []

    with Store.open(of_step_1, reached=transactions.append) as opened:
        poll(opened, *titled("Jason Wei new"), now=NOON + DAY)
        assert len(titles(opened, "jason")) == 251
        learnt(opened)

        assert titles(opened, AllOf(("jason", "new"))) == {"Jason Wei new"}
    # Of the words, of 250 rows in hundreds, to begin, of 251 items in hundreds, and to say that none is missing.
    assert transactions.count("index:commit") >= 1 + 3 + 1 + 3


@pytest.mark.parametrize("times", [2, 4, 6])
def test_a_clearing_that_is_killed_goes_on_where_it_was(of_step_1: Path, times: int) -> None:
    with Store.open(of_step_1) as opened:
        learnt(opened)
    command = [sys.executable, "-m", "tests.test_state_history", str(of_step_1), str(times), "another way"]
    assert subprocess.run(command, check=False, cwd=ROOT, timeout=60).returncode == -9

    with Store.open(of_step_1) as opened:
        assert len(titles(opened, "jason")) == 250
        learnt(opened)

        assert len(titles(opened, "jason")) == 250
        assert opened.upkeep.check().result(WAIT) == []
    assert rows(of_step_1, "SELECT count(*), count(DISTINCT item_id), max(doc) FROM indexed") == [(250, 250, 250)]


def test_without_a_full_text_index_in_sqlite_everything_is_read(
    of_step_1: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(of_step_1) as opened:
        learnt(opened)
    with monkeypatch.context() as patched:
        patched.setattr(wordindex, "has_fts5", lambda: False)
        with Store.open(of_step_1) as opened:
            poll(opened, *titled("Jason Wei new"), now=NOON + DAY)
            assert unread(opened) == 251
            assert len(titles(opened, "jason")) == 251
    with Store.open(of_step_1) as opened:
        learnt(opened)
        assert titles(opened, AllOf(("jason", "new"))) == {"Jason Wei new"}


def test_a_backup_has_the_index(of_step_1: Path, tmp_path: Path) -> None:
    with Store.open(of_step_1) as opened:
        learnt(opened)
        target = opened.upkeep.backup(tmp_path / "copy.db").result(WAIT)

    with Store.open(target, read_only=True) as copy:
        assert unread(copy) == 0
        assert titles(copy, AllOf(("jason", "4", "49"))) == {"Jason Wei 4 49"}


def test_the_statistics_count_rows_and_not_the_pages_of_the_index(store: Store) -> None:
    poll(store, *titled("Jason Wei"))

    counted = store.upkeep.stats().rows

    assert (counted["items"], counted["indexed"]) == (1, 1)
    assert [name for name in counted if name.startswith("words")] == []


def _fill(folder: Path, times: int, way: str = "") -> None:
    if way:
        vars(wordindex)["folding"] = lambda: way
        wordindex.SLICE = 100
    with Store.open(folder, reached=Doomed("index:commit", times)) as opened:
        learnt(opened)


if __name__ == "__main__":
    _fill(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
