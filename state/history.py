"""The full-text index of what is remembered: which items hold these words. It finds, and who asks it decides.

It is made from the items and can be made again: where words are folded in another way, or once most of it tells of
items that are gone. Rows are only ever added, in the transaction that writes the item: an edited item is a new one,
and the row of its earlier words leads nowhere. Items seen at the time `behind` or before may be missing from it.
"""

import sqlite3
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from sqlite_utils import Database

from rules.asking import AllOf, AnyOf, Asked, folding, words_of
from rules.backtesting import Past
from state.rows import item_of, micro, moment

LESSON = 100
"""Items that are put into the index in one transaction: tens of milliseconds."""

READ = 250
"""Items in one answer of the reading."""

MOST_ASKED = 100
"""Words in one question to the index."""

WORDS = """CREATE VIRTUAL TABLE words USING fts5
    (said, content = '', columnsize = 0, detail = none, tokenize = "ascii tokenchars '.'")"""
"""Letters beyond ASCII are all letters to it, whatever this SQLite knows of Unicode."""

_ITEMS = """SELECT i.*, iif(f.name = '', f.url, f.name) AS feed, f.url AS feed_url, f.tags AS feed_tags,
        i.seen_at = (SELECT min(first.seen_at) FROM items first WHERE first.feed_id = i.feed_id) AS of_first_poll
    FROM items i JOIN feeds f USING (feed_id)"""


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


def prepare(db: Database) -> None:
    """Begin the index anew where it cannot be used as it is."""
    wanted = folding() if has_fts5() else ""
    if _folding(db) != wanted:
        _begin(db, wanted)


def tidy(db: Database) -> None:
    """Begin the index anew where most of it tells of items that are gone."""
    made = db.execute("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'indexed'").fetchone()[0]
    if made > 2 * db.execute("SELECT count(*) FROM indexed").fetchone()[0] + 1000:
        _begin(db, _folding(db))


def _folding(db: Database) -> str:
    """The way of folding that the index was made in; '' where none is kept."""
    return str(db.execute("SELECT folding FROM word_index").fetchone()[0])


def _begin(db: Database, wanted: str) -> None:
    if has_fts5():
        # Debian's SQLite overwrites what is freed, in the log as well: for hundreds of megabytes nobody could write.
        secure = db.execute("PRAGMA secure_delete").fetchone()[0]
        db.execute("PRAGMA secure_delete = OFF")
        if db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'words'").fetchone():
            # All but its two first records, which say what it is: half a second for 340 MB.
            db.execute("DELETE FROM words_data WHERE id > 10")
            db.execute("DROP TABLE words")
        db.execute("DELETE FROM indexed")
        db.execute(f"PRAGMA secure_delete = {int(secure)}")
    if wanted:
        db.execute("DELETE FROM sqlite_sequence WHERE name = 'indexed'")
        db.execute(WORDS)
    db.execute("UPDATE word_index SET folding = ?, behind = (SELECT max(seen_at) FROM items)", [wanted])


def learn(db: Database, item_id: str, words: Iterable[str]) -> None:
    """Put an item into the index; with the words it has at present where it was there already."""
    db.execute("DELETE FROM indexed WHERE item_id = ?", [item_id])
    doc = db.execute(
        "INSERT INTO indexed (item_id, seen_at) SELECT item_id, seen_at FROM items WHERE item_id = ?", [item_id]
    ).lastrowid
    db.execute("INSERT INTO words (rowid, said) VALUES (?, ?)", [doc, " ".join(words)])


@dataclass(frozen=True, slots=True)
class Lesson:
    """Items that were not in the index when they were read. It was `behind` so far, and is `next_behind` then."""

    folding: str
    behind: int
    words: tuple[tuple[str, set[str]], ...]
    next_behind: int | None


def prepare_lesson(db: Database) -> Lesson | None:
    """The latest items that are missing; None where none is. It only reads: folding takes its time."""
    kept, behind = db.execute("SELECT folding, behind FROM word_index").fetchone()
    if not kept or behind is None:
        return None
    rows = db.execute(
        f"""{_ITEMS} LEFT JOIN indexed x USING (item_id) WHERE i.seen_at <= ? AND x.doc IS NULL
            ORDER BY i.seen_at DESC LIMIT ?""",
        [behind, LESSON],
    ).fetchall()
    words = tuple((row["item_id"], words_of(item_of(row))) for row in rows)
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


Batch = tuple[str, Sequence[int]]
"""Items by the values of a column."""


@dataclass(frozen=True, slots=True)
class Found:
    """Items that may hold what was asked for, each half with the latest first.

    `docs` are those that the index names; `rows` are those that it says nothing of.
    """

    docs: "array[int]"
    rows: "array[int]"
    stored: int
    """All items since then."""
    oldest: datetime | None
    """When the first item of all was seen."""

    def __len__(self) -> int:
        return len(self.docs) + len(self.rows)

    def latest(self, number: int) -> "Found":
        """Of those that the index names, the latest."""
        return replace(self, docs=self.docs[:number], rows=array("q"))

    def batches(self) -> list[Batch]:
        """What to read at once."""
        return [(name, part) for name, ids in (("x.doc", self.docs), ("i.rowid", self.rows)) for part in _parts(ids)]


def find(db: Database, asked: Asked | None, since: datetime | None, besides: Asked | None = None) -> Found:
    """The items since then that may hold what is `asked`, all where that is None.

    Those that may hold what is asked `besides` are left out, and with them those that the index says nothing of.
    """
    kept, behind = db.execute("SELECT folding, behind FROM word_index").fetchone()
    oldest = micro(since) if since else _EVER
    docs: set[int] = set()
    if asked is None or not kept or not has_fts5() or kept != folding():
        behind = -_EVER
    else:
        docs = _docs(db, asked) - (_docs(db, besides) if besides else set())
    newest = _EVER if behind is None else behind
    return Found(
        docs=array("q", _since(db, docs, oldest, newest)),
        rows=array("q") if besides else array("q", _rows(db, oldest, newest)),
        stored=db.execute("SELECT count(*) FROM items WHERE seen_at >= ?", [oldest]).fetchone()[0],
        oldest=moment(db.execute("SELECT min(seen_at) FROM items").fetchone()[0]),
    )


_EVER = -(2**62)
"""Before every time."""


def read(db: Database, batch: Batch) -> list[Past]:
    """The items of a batch, as they are at present; those that are gone are left out."""
    column, values = batch
    join = "JOIN indexed x USING (item_id)" if column == "x.doc" else ""
    marks = ",".join("?" * len(values))
    rows = db.execute(f"{_ITEMS} {join} WHERE {column} IN ({marks})", list(values))
    return [_past(row) for row in rows]


def recall(db: Database, item_ids: Sequence[str]) -> list[Past]:
    """The items of these names, in this order; those that are gone are left out."""
    marks = ",".join("?" * len(item_ids))
    rows = db.execute(f"{_ITEMS} WHERE i.item_id IN ({marks})", list(item_ids))
    found = {past.item_id: past for past in map(_past, rows)}
    return [found[item_id] for item_id in item_ids if item_id in found]


def _past(row: sqlite3.Row) -> Past:
    item, seen = item_of(row), moment(row["seen_at"])
    # The first poll of a feed finds weeks of news at once, which would have rung one by one.
    dated = item.published if row["of_first_poll"] else None
    return Past(row["item_id"], item, min(dated or seen, seen), row["story_id"])


def _docs(db: Database, asked: Asked) -> set[int]:
    """What the index has for it, rows that lead nowhere included."""
    if isinstance(asked, str) or _size(asked) <= MOST_ASKED:
        return {doc for (doc,) in db.execute("SELECT rowid FROM words WHERE words MATCH ?", [_question(asked)])}
    if isinstance(asked, AllOf):
        return set.intersection(*(_docs(db, part) for part in asked.parts))
    return set().union(*(_docs(db, part) for part in _shares(asked.parts)))


def _shares(parts: Sequence[Asked]) -> Iterator[Asked]:
    """`parts`, as many at once as can be asked."""
    share: list[Asked] = []
    room = MOST_ASKED
    for part in parts:
        room -= _size(part)
        if share and room < 0:
            yield AnyOf(tuple(share)) if len(share) > 1 else share[0]
            share, room = [], MOST_ASKED - _size(part)
        share.append(part)
    yield AnyOf(tuple(share)) if len(share) > 1 else share[0]


def _size(asked: Asked) -> int:
    return 1 if isinstance(asked, str) else sum(map(_size, asked.parts))


def _question(asked: Asked) -> str:
    match asked:
        case AllOf(parts):
            return f"({' AND '.join(map(_question, parts))})"
        case AnyOf(parts):
            return f"({' OR '.join(map(_question, parts))})"
    return f'"{asked.removesuffix("*")}"{"*" if asked.endswith("*") else ""}'


def _since(db: Database, docs: set[int], oldest: int, behind: int) -> list[int]:
    """Those of `docs` that are items seen since then, and after what is read whole; the latest first."""
    found: list[tuple[int, int]] = []
    for some in _parts(sorted(docs)):
        marks = ",".join("?" * len(some))
        found += db.execute(
            f"SELECT seen_at, doc FROM indexed WHERE doc IN ({marks}) AND seen_at >= ? AND seen_at > ?",  # noqa: S608
            [*some, oldest, behind],
        )
    return [doc for _, doc in sorted(map(tuple, found), reverse=True)]


def _rows(db: Database, oldest: int, newest: int) -> Iterator[int]:
    rows = db.execute(
        "SELECT rowid FROM items WHERE seen_at BETWEEN ? AND ? ORDER BY seen_at DESC, rowid DESC", [oldest, newest]
    )
    return (row for (row,) in rows)


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + READ] for start in range(0, len(ids), READ))
