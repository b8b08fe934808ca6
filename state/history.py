"""Finds what was remembered: which items hold these words. The index of words finds, and who asks it decides."""

import sqlite3
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlite_utils import Database

from rules.asking import AllOf, AnyOf, Asked
from rules.backtesting import Past
from state import wordindex
from state.rows import ITEMS, item_of, micro, moment

READ = 250
"""Items in one answer of the reading."""

MOST_ASKED = 100
"""Words in one question to the index."""

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
    reach = wordindex.reach(db)
    behind, oldest = reach.behind, micro(since) if since else _EVER
    docs: set[int] = set()
    if asked is None or not reach.usable:
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
    rows = db.execute(f"{ITEMS} {join} WHERE {column} IN ({marks})", list(values))
    return [_past(row) for row in rows]


def recall(db: Database, item_ids: Sequence[str]) -> list[Past]:
    """The items of these names, in this order; those that are gone are left out."""
    marks = ",".join("?" * len(item_ids))
    rows = db.execute(f"{ITEMS} WHERE i.item_id IN ({marks})", list(item_ids))
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
