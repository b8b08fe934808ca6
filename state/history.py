"""Finds what was remembered: which items hold these words. The index of words finds, and who asks it decides."""

import sqlite3
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from heapq import nlargest
from itertools import chain

from sqlite_utils import Database

from rules.asking import AllOf, AnyOf, Asked, Inside
from rules.backtesting import Past
from state import wordindex
from state.access import Access
from state.rows import ITEMS, item_of, micro, moment

READ = 250
"""Items in one answer of the reading."""

MOST_ASKED = 100
"""Words in one question to the index."""

FEW = 20_000
"""Items that are sooner judged than the words of the whole index are gone through."""

Batch = Sequence[int]
"""Items by the numbers of their rows."""


@dataclass(frozen=True, slots=True)
class Found:
    """Items that may hold what was asked for, by their rows: each half with the latest first.

    Of `named` the index says so, and of `unread` it says nothing. Where they are fewer than `may_hold`, they are those
    of a sample of stories.
    """

    named: "array[int]"
    unread: "array[int]"
    may_hold: int
    stored: int
    """All items since then."""
    oldest: datetime | None
    """When the first item of all was seen."""

    def __len__(self) -> int:
        return len(self.named) + len(self.unread)

    def batches(self) -> list[Batch]:
        """What to read at once."""
        return [part for rows in (self.named, self.unread) for part in _parts(rows)]


@dataclass(frozen=True, slots=True)
class Latest:
    """The latest of `may_hold` items that the index names, by their rows."""

    named: "array[int]"
    may_hold: int

    def batches(self) -> list[Batch]:
        """What to read at once."""
        return list(_parts(self.named))


class History:
    """`store.history`: what was seen, found by its words."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def find(self, asked: Asked | None, *, since: datetime | None = None, most: int | None = None) -> Found:
        """The items since then that may hold what is `asked`, all where that is None; `read` reads their batches.

        Where they are more than `most`, about so many of them: all or none of a story.
        """
        return self._access.read(lambda db: find(db, asked, since, most))

    def find_latest(self, asked: Asked, besides: Asked, *, since: datetime | None = None, number: int) -> Latest:
        """The latest items since then that may hold what is `asked`, and not what is asked `besides`."""
        return self._access.read(lambda db: find_latest(db, asked, besides, since, number))

    def read(self, batches: Iterable[Batch]) -> Iterator[list[Past]]:
        """The items of each batch, as they are at present."""
        for batch in batches:
            yield self._access.read(partial(read, batch=batch))

    def recall(self, item_ids: Sequence[str]) -> list[Past]:
        """The items of these names, in this order; those that are gone are left out."""
        return self._access.read(lambda db: recall(db, item_ids))


def find(db: Database, asked: Asked | None, since: datetime | None, most: int | None = None) -> Found:
    """The items since then that may hold what is `asked`, all where that is None.

    Where they are more than `most`, about so many of them: all or none of a story.
    """
    reach = wordindex.reach(db)
    period = _period(since, reach)
    if asked is None or not reach.usable:
        named, unread = array("q"), array("q", _rows(db, period.oldest, -_EVER))
    else:
        named = _named(db, _Asking(db, asked).docs(), period)
        unread = array("q", _rows(db, period.oldest, period.behind))
    may_hold = len(named) + len(unread)
    if most is not None and may_hold > most:
        sample = _sample(db, most / may_hold)
        named, unread = (array("q", filter(sample.__contains__, rows)) for rows in (named, unread))
    stored = db.execute("SELECT count(*) FROM items WHERE seen_at >= ?", [period.oldest]).fetchone()[0]
    first = db.execute("SELECT min(seen_at) FROM items").fetchone()[0]
    return Found(named, unread, may_hold, stored, moment(first))


def find_latest(db: Database, asked: Asked, besides: Asked, since: datetime | None, number: int) -> Latest:
    """The latest items since then that may hold what is `asked`, and not what is asked `besides`."""
    reach = wordindex.reach(db)
    if not reach.usable:
        return Latest(array("q"), 0)
    period = _period(since, reach)
    docs = sorted(_Asking(db, asked).docs() - _Asking(db, besides).docs())
    count = 0

    def seen() -> Iterator[tuple[int, int]]:
        nonlocal count
        for seen_at, doc in _indexed(db, "x.seen_at, x.doc FROM indexed x", docs, period):
            count += 1
            yield seen_at, doc

    latest = [doc for _, doc in nlargest(number, seen())]
    return Latest(_named(db, latest, period), count)


_EVER = -(2**62)
"""Before every time."""


def read(db: Database, batch: Batch) -> list[Past]:
    """The items of a batch, as they are at present; those that are gone are left out."""
    marks = ",".join("?" * len(batch))
    return [_past(row) for row in db.execute(f"{ITEMS} WHERE i.rowid IN ({marks})", list(batch))]


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


class _Asking:
    """One question to the index. The words that hold some letters are looked up once, if they are needed at all."""

    def __init__(self, db: Database, asked: Asked) -> None:
        self._db = db
        self._asked = asked
        self._letters = sorted(set(_letters(asked)))

    def docs(self) -> set[int]:
        """What the index has for it, rows that lead nowhere included."""
        return self._docs(self._asked)

    def _docs(self, asked: Asked) -> set[int]:
        if isinstance(asked, Inside):
            words = tuple(word for word in self._words if asked.letters in word)
            return self._docs(AnyOf(words)) if words else set()
        if isinstance(asked, str) or (_size(asked) <= MOST_ASKED and not any(_letters(asked))):
            return self._rows(asked)
        if isinstance(asked, AllOf):
            return self._all(asked.parts)
        return set().union(*(self._docs(part) for part in _shares(asked.parts)))

    def _all(self, parts: Sequence[Asked]) -> set[int]:
        plain = [part for part in parts if not any(_letters(part))]
        docs = set.intersection(*map(self._docs, plain)) if plain else set()
        if plain and len(docs) <= FEW:
            return docs  # Whether the letters are there as well, is sooner seen in the items.
        others = [self._docs(part) for part in parts if part not in plain]
        return set.intersection(*([docs] if plain else []), *others)

    def _rows(self, asked: Asked) -> set[int]:
        found = self._db.execute("SELECT rowid FROM words WHERE words MATCH ?", [_question(asked)])
        return {doc for (doc,) in found}

    @cached_property
    def _words(self) -> list[str]:
        """Every word of the index with some of the letters: seconds for a million items."""
        self._db.execute("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, words, row)")
        having = " OR ".join(["instr(term, ?)"] * len(self._letters))
        sql = f"SELECT term FROM temp.vocabulary WHERE {having}"  # noqa: S608  marks alone
        words = [word for (word,) in self._db.execute(sql, self._letters)]
        self._db.execute("DROP TABLE temp.vocabulary")
        return words


def _letters(asked: Asked) -> Iterator[str]:
    match asked:
        case Inside(letters):
            yield letters
        case AllOf(parts) | AnyOf(parts):
            yield from chain.from_iterable(map(_letters, parts))


def _shares(parts: Sequence[Asked]) -> Iterator[Asked]:
    """`parts`, as many at once as can be asked."""
    share: list[Asked] = []
    room = MOST_ASKED
    for part in parts:
        if any(_letters(part)):
            yield part
            continue
        room -= _size(part)
        if share and room < 0:
            yield AnyOf(tuple(share)) if len(share) > 1 else share[0]
            share, room = [], MOST_ASKED - _size(part)
        share.append(part)
    if share:
        yield AnyOf(tuple(share)) if len(share) > 1 else share[0]


def _size(asked: Asked) -> int:
    return sum(map(_size, asked.parts)) if isinstance(asked, AllOf | AnyOf) else 1


def _question(asked: Asked) -> str:
    """Of words alone."""
    match asked:
        case AllOf(parts):
            return f"({' AND '.join(map(_question, parts))})"
        case AnyOf(parts):
            return f"({' OR '.join(map(_question, parts))})"
    assert isinstance(asked, str)  # noqa: S101  letters have been looked up
    return f'"{asked.removesuffix("*")}"{"*" if asked.endswith("*") else ""}'


@dataclass(frozen=True, slots=True)
class _Period:
    """From `oldest` on, and after `behind`: what was seen before is read whole."""

    oldest: int
    behind: int


def _period(since: datetime | None, reach: wordindex.Reach) -> _Period:
    return _Period(micro(since) if since else _EVER, _EVER if reach.behind is None else reach.behind)


def _named(db: Database, docs: Iterable[int], period: _Period) -> "array[int]":
    """The rows of the items of `docs` that were seen in the period; the latest first."""
    rows = (row for (row,) in _indexed(db, "i.rowid FROM indexed x JOIN items i USING (item_id)", sorted(docs), period))
    # As they came, so they are numbered; and so they are read in the order of the file.
    return array("q", sorted(rows, reverse=True))


def _indexed(db: Database, what: str, docs: Sequence[int], period: _Period) -> Iterator[sqlite3.Row]:
    for some in _parts(docs):
        marks = ",".join("?" * len(some))
        sql = f"SELECT {what} WHERE x.doc IN ({marks}) AND x.seen_at >= ? AND x.seen_at > ?"
        yield from db.execute(sql, [*some, period.oldest, period.behind])


def _sample(db: Database, share: float) -> set[int]:
    """The rows of this share of all stories. Their ids are hashes, so the first of them are any of them."""
    bound = f"{int(share * 16**8):08x}"
    return {row for (row,) in db.execute("SELECT rowid FROM items WHERE story_id < ?", [bound])}


def _rows(db: Database, oldest: int, newest: int) -> Iterator[int]:
    rows = db.execute("SELECT rowid FROM items WHERE seen_at BETWEEN ? AND ? ORDER BY rowid DESC", [oldest, newest])
    return (row for (row,) in rows)


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + READ] for start in range(0, len(ids), READ))
