"""Articles behind the links of items: those that are still to be read, and what became of the others.

    wanted, with its item -> fetched, by and by -> judged, which rings what the feed's own words did not
                                  \\-> given up, for a reason

The row is written in the transaction that writes the item, so that none is forgotten whatever happens.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Row

from sqlite_utils import Database

from rules.articles import DROPPED, PASSED, newest
from rules.asking import words_of
from rules.records import Item, Judged
from state import wordindex
from state.access import Access
from state.rows import clean, item_of, micro, moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """An article to ask for at `url`, or, where it is `fetched`, to judge. `link` is the one in the feed.

    `attempts` failed so far, `hops` redirects were followed.
    """

    item_id: str
    feed_id: str
    link: str
    url: str
    fetched: bool
    attempts: int
    hops: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleRecord:
    """What became of an article. `state`: waiting, fetched, judged or given_up; `reason`: why it was not read (yet)."""

    url: str
    state: str
    reason: str
    attempts: int
    due: datetime | None
    fetched: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An item with the text of its article, to be judged. `edited` names this version of it."""

    item: Item
    edited: int | None


class Articles:
    """`store.articles`: what is wanted of them is kept with the items of a poll, by `store.commit`."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def due(self, now: datetime, limit: int = 200) -> list[Pending]:
        """What may be fetched or judged now."""
        return self._access.read(lambda db: due(db, now, limit))

    def waiting(self) -> int:
        """How many are still to be read."""
        return self._access.read(waiting)

    def record(self, item_id: str) -> ArticleRecord | None:
        """What became of the article of an item; None where none was wanted."""
        return self._access.read(lambda db: record(db, item_id))

    def draft(self, item_id: str) -> Draft | None:
        """The item with the text of its article, for `store.commit_article`; None where it is judged already."""
        return self._access.read(lambda db: draft(db, item_id))

    def moved(self, item_id: str, url: str) -> Future[None]:
        """The link of an item leads on to `url`."""
        return self._write(lambda db: moved(db, item_id, url))

    def put_off(
        self, item_id: str, reason: str, *, until: datetime, host_until: datetime | None = None
    ) -> Future[None]:
        """Ask for it again then, and for any of its host not before `host_until`."""
        return self._write(lambda db: put_off(db, item_id, reason, until, host_until))

    def give_up(self, item_id: str, reason: str, *, now: datetime) -> Future[None]:
        """Never ask for it again."""
        return self._write(lambda db: give_up(db, item_id, reason, now))

    def drop(self, item_id: str, *, now: datetime) -> Future[None]:
        """Nobody asks for the article of this item any more."""
        return self._write(lambda db: drop(db, item_id, now))

    def keep(self, item_id: str, text: str, *, now: datetime) -> Future[None]:
        """Keep its text, for every item that links to it; they are to be judged then."""
        return self._write(lambda db: keep(db, item_id, text, now))

    def _write(self, work: Callable[[Database], None]) -> Future[None]:
        return self._access.write("article", work, patient=True)


def want(db: Database, wanted: Sequence[tuple[str, Judged]], now: datetime) -> int:
    """Remember that the articles of these items, by their ids, are to be read; how many will be.

    One that is known already is not fetched again: neither if it was read, nor if it could not be.
    """
    chosen = set(newest([judged.item for _, judged in wanted]))
    count = 0
    for place, (item_id, judged) in enumerate(wanted):
        if place in chosen:
            count += _want(db, item_id, judged, now)
        else:
            _insert(db, item_id, judged, now, state="given_up", reason=PASSED)
    return count


def _want(db: Database, item_id: str, judged: Judged, now: datetime) -> bool:
    twin = db.execute(
        """SELECT a.*, i.from_article FROM articles a JOIN items i USING (item_id)
           WHERE link_key = ? AND NOT (a.state = 'given_up' AND a.reason IN (?, ?))
           ORDER BY i.from_article DESC, a.wanted_at LIMIT 1""",
        [clean(judged.link_key), PASSED, DROPPED],
    ).fetchone()
    if twin and twin["from_article"]:
        _insert(db, item_id, judged, now, state="fetched")
        _copy(db, twin["item_id"], item_id)
    elif twin and twin["state"] == "given_up":
        _insert(db, item_id, judged, now, state="given_up", reason=twin["reason"])
        return False
    else:
        _insert(db, item_id, judged, now, state="waiting")
        if twin:
            given = [twin[name] for name in ("url", "host", "attempts", "hops", "due")]
            db.execute(
                "UPDATE articles SET (url, host, attempts, hops, due) = (?, ?, ?, ?, ?) WHERE item_id = ?",
                [*given, item_id],
            )
    return True


def _insert(db: Database, item_id: str, judged: Judged, now: datetime, *, state: str, reason: str = "") -> None:
    link, at = clean(judged.item.link), micro(now)
    names = (clean(judged.item.feed), clean(judged.link_key), link, _host(link))
    db.execute(
        """INSERT INTO articles (item_id, feed, link_key, url, host, state, reason, attempts, hops, due, wanted_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?)""",
        [item_id, *names, state, reason, at, at],
    )


def _copy(db: Database, source: str, item_id: str) -> None:
    text = db.execute("SELECT text FROM items WHERE item_id = ?", [source]).fetchone()["text"]
    _put(db, item_id, text)


def _put(db: Database, item_id: str, text: str) -> None:
    db.execute("UPDATE items SET text = ?, from_article = 1 WHERE item_id = ?", [text, item_id])


def _host(url: str) -> str:
    """Host and port of an address."""
    return url.partition("://")[2].partition("/")[0].partition("?")[0].rpartition("@")[2].lower()


def due(db: Database, now: datetime, limit: int) -> list[Pending]:
    """What may be judged now, and what asked for: one of each host, the most recent, and of one that rests none."""
    rows = db.execute(
        """SELECT * FROM (SELECT a.*, i.feed_id, i.link, row_number() OVER
                (PARTITION BY iif(a.state = 'fetched', a.item_id, a.host)
                 ORDER BY coalesce(i.published, i.seen_at) DESC, i.rowid) AS place
            FROM articles a JOIN items i USING (item_id)
            WHERE a.state IN ('waiting', 'fetched') AND due <= :now AND (a.state = 'fetched' OR a.host NOT IN
                (SELECT host FROM articles WHERE host_until > :now)))
            WHERE place = 1 ORDER BY state, due LIMIT :limit""",
        {"now": micro(now), "limit": limit},
    )
    return [_pending(row) for row in rows]


def _pending(row: Row) -> Pending:
    return Pending(
        item_id=row["item_id"],
        feed_id=row["feed_id"],
        link=row["link"],
        url=row["url"],
        fetched=row["state"] == "fetched",
        attempts=row["attempts"],
        hops=row["hops"],
    )


def waiting(db: Database) -> int:
    """How many are still to be read."""
    return int(db.execute("SELECT count(*) FROM articles WHERE state IN ('waiting', 'fetched')").fetchone()[0])


def record(db: Database, item_id: str) -> ArticleRecord | None:
    """What became of the article of an item; None where none was wanted."""
    row = db.execute("SELECT * FROM articles WHERE item_id = ?", [item_id]).fetchone()
    if row is None:
        return None
    pending = row["state"] in ("waiting", "fetched")
    return ArticleRecord(
        url=row["url"],
        state=row["state"],
        reason=row["reason"],
        attempts=row["attempts"],
        due=moment(row["due"]) if pending else None,
        fetched=moment(row["fetched_at"]),
    )


def moved(db: Database, item_id: str, url: str) -> None:
    """The link leads on to `url`."""
    db.execute(
        """UPDATE articles SET url = ?, host = ?, hops = hops + 1
           WHERE state = 'waiting' AND link_key = (SELECT link_key FROM articles WHERE item_id = ?)""",
        [clean(url), _host(clean(url)), item_id],
    )


def put_off(db: Database, item_id: str, reason: str, until: datetime, host_until: datetime | None) -> None:
    """It failed, and is asked for again `until` then; all of its host rests until `host_until`."""
    db.execute(
        """UPDATE articles SET attempts = attempts + 1, reason = ?, due = ?, host_until = ?
           WHERE state = 'waiting' AND link_key = (SELECT link_key FROM articles WHERE item_id = ?)""",
        [clean(reason), micro(until), micro(host_until), item_id],
    )


def give_up(db: Database, item_id: str, reason: str, now: datetime) -> None:
    """It is not asked for again, for any item: these keep the words of their feeds."""
    db.execute(
        """UPDATE articles SET state = 'given_up', attempts = attempts + 1, reason = ?, fetched_at = ?
           WHERE state = 'waiting' AND link_key = (SELECT link_key FROM articles WHERE item_id = ?)""",
        [clean(reason), micro(now), item_id],
    )


def drop(db: Database, item_id: str, now: datetime) -> None:
    """Nobody asks for the article of this item any more; another feed may."""
    db.execute(
        "UPDATE articles SET state = 'given_up', reason = ?, fetched_at = ? WHERE item_id = ? AND state = 'waiting'",
        [DROPPED, micro(now), item_id],
    )


def keep(db: Database, item_id: str, text: str, now: datetime) -> None:
    """Its text is here: every item with this link has it, and is judged again."""
    waiting = db.execute(
        """SELECT item_id FROM articles
           WHERE state = 'waiting' AND link_key = (SELECT link_key FROM articles WHERE item_id = ?)""",
        [item_id],
    ).fetchall()
    for row in waiting:
        _put(db, row["item_id"], clean(text))
    db.execute(
        """UPDATE articles SET state = 'fetched', reason = '', due = ?, fetched_at = ?
           WHERE state = 'waiting' AND link_key = (SELECT link_key FROM articles WHERE item_id = ?)""",
        [micro(now), micro(now), item_id],
    )


def draft(db: Database, item_id: str) -> Draft | None:
    """The item with its article; None where it is judged already."""
    row = db.execute(
        """SELECT i.*, a.feed AS feed, f.url AS feed_url, f.tags AS feed_tags
           FROM articles a JOIN items i USING (item_id) JOIN feeds f USING (feed_id)
           WHERE a.item_id = ? AND a.state = 'fetched'""",
        [item_id],
    ).fetchone()
    return Draft(item=item_of(row), edited=row["edited_at"]) if row else None


def judged(db: Database, item_id: str, drafted: Draft) -> bool:
    """Note that this version of the item is judged; False where it has been edited or judged meanwhile."""
    changed = db.execute(
        """UPDATE articles SET state = 'judged' WHERE item_id = ? AND state = 'fetched'
           AND (SELECT edited_at FROM items WHERE item_id = ?) IS ?""",
        [item_id, item_id, drafted.edited],
    ).rowcount
    if changed and wordindex.is_kept(db):
        wordindex.learn(db, item_id, " ".join(words_of(drafted.item)))
    return bool(changed)


def edited(db: Database, item_id: str, now: datetime) -> bool:
    """The feed has other words for an item: whether its text is that of an article, which is judged with them then."""
    return bool(
        db.execute(
            """UPDATE articles SET state = 'fetched', due = ?
               WHERE item_id = ? AND state IN ('fetched', 'judged')""",
            [micro(now), item_id],
        ).rowcount
    )
