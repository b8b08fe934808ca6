"""The full-text index of what is remembered: how it is kept, begun anew, and caught up.

It is made from the items and can be made again: where words are folded in another way, or once most of it tells of
items that are gone. Rows are only ever added, in the transaction that writes the item: an edited item is a new one,
and the row of its earlier words leads nowhere. Items seen at the time `behind` or before may be missing from it.

    given up (nothing is kept, nobody asks) -> cleared in slices -> begun, `behind` all there is -> caught up in lessons

Each step is a short transaction, and a crash between two leaves an index that knows what it lacks.
"""

import sqlite3
from dataclasses import dataclass
from functools import cache

from sqlite_utils import Database

from rules.asking import folding, words_of
from state.rows import ITEMS, item_of

LESSON = 100
"""Items that are put into the index in one transaction: tens of milliseconds."""

SLICE = 500
"""Records of an index that was given up, of a page each, that are cleared in one transaction."""

WORDS = """CREATE VIRTUAL TABLE words USING fts5
    (said, content = '', columnsize = 0, detail = none, tokenize = "ascii tokenchars '.'")"""
"""Letters beyond ASCII are all letters to it, whatever this SQLite knows of Unicode."""

FIRST_RECORD = 10
"""The records up to it say what the index is."""


@cache
def has_fts5() -> bool:
    """Whether this SQLite has what the index is made of."""
    conn = sqlite3.connect(":memory:")
    try:
        conn.execute(WORDS)
    except sqlite3.OperationalError as error:
        if "no such module" not in str(error):
            raise
        return False
    else:
        return True
    finally:
        conn.close()


def is_kept(db: Database) -> bool:
    """Whether what is written has to be put into the index as well."""
    return bool(_folding(db))


@dataclass(frozen=True, slots=True)
class Reach:
    """What the index can be asked. Items seen at `behind` or before may be missing; None: none is."""

    usable: bool
    behind: int | None


def reach(db: Database) -> Reach:
    """How far the index can be relied on."""
    kept, behind = db.execute("SELECT folding, behind FROM word_index").fetchone()
    return Reach(bool(kept) and has_fts5() and kept == folding(), behind)


def prepare(db: Database) -> None:
    """Give the index up where it cannot be used as it is; where there is nothing to clear, it is begun at once."""
    if _folding(db) != _wanted():
        _give_up(db)


def tidy(db: Database) -> None:
    """Give the index up where most of it tells of items that are gone."""
    made = db.execute("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'indexed'").fetchone()[0]
    if is_kept(db) and made > 2 * db.execute("SELECT count(*) FROM indexed").fetchone()[0] + 1000:
        _give_up(db)


def is_given_up(db: Database) -> bool:
    """Whether what is left of an index is still to be cleared."""
    return has_fts5() and not is_kept(db)


def clear(db: Database) -> None:
    """Clear a slice of an index that was given up; once nothing is left, begin it anew."""
    if not is_given_up(db):
        return
    # Debian's SQLite overwrites what is freed, in the log as well: for hundreds of megabytes nobody could write.
    secure = db.execute("PRAGMA secure_delete").fetchone()[0]
    db.execute("PRAGMA secure_delete = OFF")
    if not any(_cleared(db, table, key) for table, key in _left(db)):
        _begin(db)
    db.execute(f"PRAGMA secure_delete = {int(secure)}")


def _folding(db: Database) -> str:
    """The way of folding that the index was made in; '' where none is kept."""
    return str(db.execute("SELECT folding FROM word_index").fetchone()[0])


def _wanted() -> str:
    return folding() if has_fts5() else ""


def _give_up(db: Database) -> None:
    db.execute("UPDATE word_index SET folding = '', behind = NULL")
    if has_fts5() and not any(
        db.execute(f"SELECT 1 FROM {table} WHERE {key} LIMIT 1").fetchone()  # noqa: S608  our own names
        for table, key in _left(db)
    ):
        _begin(db)


def _left(db: Database) -> list[tuple[str, str]]:
    """What may have to be cleared: tables, each with the condition for its rows."""
    exists = db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'words'").fetchone()
    return [*([("words_data", f"id > {FIRST_RECORD}")] if exists else []), ("indexed", "true")]


def _cleared(db: Database, table: str, which: str) -> bool:
    """Whether there was anything to clear."""
    sql = f"DELETE FROM {table} WHERE rowid IN (SELECT rowid FROM {table} WHERE {which} LIMIT {SLICE})"  # noqa: S608
    return bool(db.execute(sql).rowcount)


def _begin(db: Database) -> None:
    db.execute("DROP TABLE IF EXISTS words")
    db.execute("DELETE FROM sqlite_sequence WHERE name = 'indexed'")
    db.execute(WORDS)
    db.execute("UPDATE word_index SET folding = ?, behind = (SELECT max(seen_at) FROM items)", [folding()])


def learn(db: Database, item_id: str, words: str) -> None:
    """Put an item into the index; with the words it has at present where it was there already."""
    db.execute("DELETE FROM indexed WHERE item_id = ?", [item_id])
    doc = db.execute(
        "INSERT INTO indexed (item_id, seen_at) SELECT item_id, seen_at FROM items WHERE item_id = ?", [item_id]
    ).lastrowid
    db.execute("INSERT INTO words (rowid, said) VALUES (?, ?)", [doc, words])


@dataclass(frozen=True, slots=True)
class Lesson:
    """Items that were not in the index when they were read. It was `behind` so far, and is `next_behind` then."""

    folding: str
    behind: int
    words: tuple[tuple[str, str], ...]
    next_behind: int | None


def prepare_lesson(db: Database) -> Lesson | None:
    """The latest items that are missing; None where none is. It only reads: folding takes its time."""
    kept, behind = db.execute("SELECT folding, behind FROM word_index").fetchone()
    if not kept or behind is None:
        return None
    rows = db.execute(
        f"""{ITEMS} LEFT JOIN indexed x USING (item_id) WHERE i.seen_at <= ? AND x.doc IS NULL
            ORDER BY i.seen_at DESC LIMIT ?""",
        [behind, LESSON],
    ).fetchall()
    words = tuple((row["item_id"], " ".join(words_of(item_of(row)))) for row in rows)
    return Lesson(kept, behind, words, rows[-1]["seen_at"] if rows else None)


def take_lesson(db: Database, lesson: Lesson) -> None:
    """Write a lesson down, but for what has been written, edited or removed since."""
    if _folding(db) != lesson.folding:
        return
    for item_id, words in lesson.words:
        missing = """SELECT 1 FROM items i LEFT JOIN indexed x USING (item_id) WHERE item_id = ? AND x.doc IS NULL"""
        if db.execute(missing, [item_id]).fetchone():
            learn(db, item_id, words)
    db.execute("UPDATE word_index SET behind = ? WHERE behind = ?", [lesson.next_behind, lesson.behind])
