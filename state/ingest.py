"""What one poll leaves behind, in one transaction: items, identities, hits, stories, alerts owed, and the cursor.

What must be right whoever polls at the same time is decided here: is it new, which story, has it rung.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from sqlite3 import Row
from typing import Any

from sqlite_utils import Database

from rules.asking import words_of
from rules.identity import fingerprint
from rules.records import AlertKind, Cursor, Feed, Hit, Item, Judged, hashed
from rules.stories import LINK_WINDOW, WINDOW
from rules.timing import first_poll
from rules.wording import shortened
from state import articles, holds, wordindex
from state import parts as sitemap_parts
from state.outbox import owe_alert
from state.rows import clean, cursor_columns, item_columns, micro, moment, packed, payload
from state.writer import Reached, unwatched

EDITS_RING = timedelta(days=7)
"""An edit of what is older rings nothing: a site that rewrites its archive would ring for every new rule."""

LONGEST_TITLE = 200
"""Letters of what a feed calls itself."""

FRESH_KEY = timedelta(days=30)
"""A key that is seen again is written again after this time, not at every poll."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """What a poll brought: items new and edited, alerts made, hits folded into what had rung; whether in silence.

    `held` are alerts made that wait for a person, and are no part of `alerts`. `wanted`: articles still to be read.
    """

    new: int = 0
    edited: int = 0
    alerts: int = 0
    held: int = 0
    folded: int = 0
    wanted: int = 0
    baseline: bool = False


@dataclass(slots=True)
class _Known:
    item_id: str
    fingerprint: str


_COUNTED = ("new", "edited", "alerts", "held", "folded")


@dataclass(slots=True)
class _Poll:
    """One commit on its way."""

    db: Database
    feed_id: str
    now: datetime
    since: datetime | None
    channels: Sequence[str]
    silent: bool
    known: dict[str, _Known]
    indexed: bool
    archived: Collection[str] = ()
    hold_id: str = ""
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_COUNTED, 0))
    silenced: list[tuple[str, Judged]] = field(default_factory=list)
    """New items, by id, that could have rung, and rang nothing."""
    seen: datetime | None = None
    """When what rings was first seen, where that is not `now`."""


def enrol(db: Database, feeds: Sequence[Feed], now: datetime, spread: float) -> None:
    """Make `feeds` the ones that are polled; the others keep all they have and are not due.

    A feed that comes back after it was taken away keeps its turn; one that had said that it is gone is asked at once.
    """
    at = micro(now)
    active = {row["feed_id"]: row for row in db.execute("SELECT feed_id, active, every FROM feeds")}
    wanted = {feed.id: feed for feed in feeds}
    for feed_id, feed in wanted.items():
        configured = {
            "url": clean(feed.url),
            "name": clean(feed.name),
            "tags": packed(feed.tags),
            "every": feed.every,
            "language": clean(feed.language),
            "active": 1,
        }
        if feed_id not in active:
            cursor = Cursor(feed_id=feed_id, url=feed.url, next_poll=first_poll(feed_id, now=now, spread=spread))
            _insert(db, "feeds", {"feed_id": feed_id, "added_at": at} | configured | cursor_columns(cursor))
            continue
        _update(db, "feeds", configured, "feed_id", feed_id)
        if not active[feed_id]["active"]:
            db.execute("UPDATE feeds SET next_poll = ?, gone = 0 WHERE feed_id = ? AND gone", [at, feed_id])
        if feed.every and feed.every != active[feed_id]["every"]:
            _hasten(db, feed_id, feed.every, at)
    db.conn.executemany(
        "UPDATE feeds SET active = 0 WHERE feed_id = ?", [(feed_id,) for feed_id in active.keys() - wanted.keys()]
    )


def _hasten(db: Database, feed_id: str, every: float, at: int) -> None:
    """Whoever asks for a feed oftener need not wait for its longer interval to end; what its server asked for holds."""
    db.execute(
        """UPDATE feeds SET next_poll = max(:at, last_poll + 1000000 * cast(max(:every, hint) AS INTEGER))
           WHERE feed_id = :id AND failures = 0 AND next_poll > max(:at, last_poll + 1000000 * max(:every, hint))
               AND next_poll <= last_poll + 1100000 * max(interval, hint)""",
        {"id": feed_id, "every": every, "at": at},
    )


def ingest(
    db: Database,
    cursor: Cursor,
    judged: Sequence[Judged],
    *,
    now: datetime,
    backfill: timedelta,
    channels: Sequence[str],
    sighted: Collection[str] = (),
    read: bool = True,
    full_text: bool = False,
    parts: Iterable[tuple[str, str, str, str]] | None = None,
    title: str = "",
    reached: Reached = unwatched,
) -> Committed:
    """Keep `judged` and `cursor`. `sighted`: keys to remember as seen now; `read`: there was a document to read.

    `full_text`: of what rings nothing, the articles are wanted. `parts`: the sitemaps of an index, None for no change.
    `title` is what the document calls its feed; a document without one takes no earlier one away.
    """
    baseline = not _has_baseline(db, cursor, now)
    rows = known_keys(db, cursor.feed_id, (key for one in judged for key in one.keys))
    known = {row["key"]: _Known(row["item_id"], row["fingerprint"]) for row in rows}
    since = now - backfill if baseline and backfill else None
    poll = _Poll(db, cursor.feed_id, now, since, channels, baseline, known, wordindex.is_kept(db))
    if not baseline:
        _recognize_archive(poll, judged)
    for place, one in enumerate(judged):
        _keep(poll, one)
        if place == 0:
            reached("ingest:item")
    _sighted(db, cursor.feed_id, sighted, now)
    wanted = articles.want(db, poll.silenced, now) if full_text else 0
    if parts is not None:
        sitemap_parts.keep(db, cursor.feed_id, parts)
    _save(db, cursor, now, good=bool(judged) or cursor.last_success is not None, read=read)
    if title:
        db.execute(
            "UPDATE feeds SET title = :title WHERE feed_id = :id AND title <> :title",
            {"title": shortened(clean(title), LONGEST_TITLE), "id": cursor.feed_id},
        )
    return Committed(baseline=baseline, wanted=wanted, **poll.counts)


def ingest_article(
    db: Database, item_id: str, drafted: articles.Draft, hits: Sequence[Hit], *, now: datetime, channels: Sequence[str]
) -> int:
    """Ring what an item rings with its article, but for what it has rung without; how many alerts."""
    item = db.execute(
        "SELECT feed_id, story_id, seen_at, published, edited_at FROM items WHERE item_id = ?", [item_id]
    ).fetchone()
    if item is None or not articles.judged(db, item_id, drafted):
        return 0
    seen = moment(item["seen_at"])
    poll = _Poll(db, item["feed_id"], now, None, channels, silent=False, known={}, indexed=False, seen=seen)
    _ring_introduced(
        poll, drafted.item, hits, item_id, item["story_id"], young=not item["edited_at"] or _young(item, now)
    )
    return poll.counts["alerts"]


def _recognize_archive(poll: _Poll, judged: Sequence[Judged]) -> None:
    """Find out which of the new items are an old archive, told again: what they ring is held."""
    new = [one for one in judged if poll.known.keys().isdisjoint(one.keys)]
    row = poll.db.execute("SELECT last_success FROM feeds WHERE feed_id = ?", [poll.feed_id]).fetchone()
    poll.archived = holds.of_archive(poll.db, poll.feed_id, new, last_good=moment(row["last_success"]), now=poll.now)
    if poll.archived:
        poll.hold_id = holds.begin(poll.db, poll.feed_id, len(new), poll.now)


def known_keys(db: Database, feed_id: str, keys: Iterable[str]) -> Iterator[Row]:
    """Those of `keys` that the feed has shown: key, item_id, fingerprint of the item then, seen_at."""
    wanted = list(dict.fromkeys(keys))
    for some in (wanted[place : place + 500] for place in range(0, len(wanted), 500)):
        marks = ",".join("?" * len(some))
        yield from db.execute(
            f"SELECT key, item_id, fingerprint, seen_at FROM identities WHERE feed_id = ? AND key IN ({marks})",  # noqa: S608
            [feed_id, *some],
        )


def _has_baseline(db: Database, cursor: Cursor, now: datetime) -> bool:
    row = db.execute("SELECT baseline FROM feeds WHERE feed_id = ?", [cursor.feed_id]).fetchone()
    if row is None:
        # Polled while the configuration was read anew and dropped it: kept, and not due.
        bare = {"url": clean(cursor.url), "name": "", "tags": "[]", "language": "", "active": 0, "added_at": micro(now)}
        _insert(db, "feeds", {"feed_id": cursor.feed_id} | bare | cursor_columns(cursor) | {"baseline": 0})
        return False
    return bool(row["baseline"])


def _save(db: Database, cursor: Cursor, now: datetime, *, good: bool, read: bool) -> None:
    columns = cursor_columns(cursor)
    # Once there is a baseline no cursor takes it back, whatever it was copied from.
    columns.pop("baseline")
    _update(db, "feeds", columns, "feed_id", cursor.feed_id)
    if good or cursor.baseline:
        db.execute("UPDATE feeds SET baseline = 1 WHERE feed_id = ? AND NOT baseline", [cursor.feed_id])
    if read:
        db.execute("UPDATE feeds SET read_at = ? WHERE feed_id = ?", [micro(now), cursor.feed_id])


def _sighted(db: Database, feed_id: str, keys: Collection[str], now: datetime) -> None:
    db.conn.executemany(
        "UPDATE identities SET seen_at = ? WHERE feed_id = ? AND key = ?", [(micro(now), feed_id, key) for key in keys]
    )


def _keep(poll: _Poll, judged: Judged) -> None:
    known = next((poll.known[key] for key in judged.keys if key in poll.known), None)
    print_ = judged.fingerprint or fingerprint(judged.item)
    item_id = known.item_id if known else hashed("item", poll.feed_id, judged.keys[0])
    if known is None:
        story_id = _new(poll, judged, item_id)
        _ring_new(poll, judged, item_id, story_id)
    elif known.fingerprint != print_:
        _edited(poll, judged, item_id)
    _name(poll, judged.keys, item_id, print_)


def _name(poll: _Poll, keys: Sequence[str], item_id: str, print_: str) -> None:
    # A key that already names another item of the feed goes on naming that one.
    poll.db.conn.executemany(
        """INSERT INTO identities (feed_id, key, item_id, fingerprint, seen_at) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT DO UPDATE SET fingerprint = excluded.fingerprint, seen_at = excluded.seen_at""",
        [(poll.feed_id, key, item_id, print_, micro(poll.now)) for key in keys],
    )
    for key in keys:
        poll.known.setdefault(key, _Known(item_id, print_)).fingerprint = print_


def _new(poll: _Poll, judged: Judged, item_id: str) -> str:
    at = micro(poll.now)
    story_id = _story(poll, judged, item_id)
    _insert(
        poll.db,
        "items",
        {"item_id": item_id, "feed_id": poll.feed_id, "story_id": story_id, "seen_at": at} | item_columns(judged.item),
    )
    _learn(poll, item_id, judged)
    poll.counts["new"] += 1
    return story_id


def _learn(poll: _Poll, item_id: str, judged: Judged) -> None:
    if poll.indexed:
        # Folding takes three times as long as writing: who has judged the item has folded it already.
        wordindex.learn(poll.db, item_id, judged.words or " ".join(words_of(judged.item)))


def _story(poll: _Poll, judged: Judged, item_id: str) -> str:
    """The story that carries this article or this title already, or a new one."""
    keys = _story_keys(judged)
    for kind, key, window in keys:
        found = poll.db.execute(
            "SELECT story_id FROM story_keys WHERE kind = ? AND key = ? AND seen_at >= ?",
            [kind, key, micro(poll.now - window)],
        ).fetchone()
        if found:
            story_id: str = found["story_id"]
            poll.db.execute("UPDATE stories SET last_seen = ? WHERE story_id = ?", [micro(poll.now), story_id])
            break
    else:
        story_id = hashed("story", item_id)
        at = micro(poll.now)
        _insert(
            poll.db,
            "stories",
            {"story_id": story_id, "title": clean(judged.item.title), "first_seen": at, "last_seen": at},
        )
    _key_story(poll, keys, story_id)
    return story_id


def _story_keys(judged: Judged) -> list[tuple[str, str, timedelta]]:
    keys = (("link", clean(judged.link_key), LINK_WINDOW), ("title", clean(judged.title_key), WINDOW))
    return [(kind, key, window) for kind, key, window in keys if key]


def _key_story(poll: _Poll, keys: Iterable[tuple[str, str, timedelta]], story_id: str) -> None:
    """A key keeps the time of its first report, so that a daily column never becomes one endless story."""
    poll.db.conn.executemany(
        """INSERT INTO story_keys (kind, key, story_id, seen_at) VALUES (?, ?, ?, ?)
           ON CONFLICT DO UPDATE SET story_id = excluded.story_id, seen_at = excluded.seen_at WHERE seen_at < ?""",
        [(kind, key, story_id, micro(poll.now), micro(poll.now - window)) for kind, key, window in keys],
    )


def _ring_new(poll: _Poll, judged: Judged, item_id: str, story_id: str) -> None:
    published = judged.item.published
    silent = judged.silent or (poll.silent and not (poll.since and published and published >= poll.since))
    hold_id = poll.hold_id if judged.keys[0] in poll.archived else ""
    if not (silent or judged.hits) and judged.link_key:
        poll.silenced.append((item_id, judged))
    for hit in judged.hits:
        rung = ("baseline", "") if silent else _ring(poll, judged.item, hit, item_id, story_id, hold_id=hold_id)
        _remember(poll, item_id, hit, *rung)


def _edited(poll: _Poll, judged: Judged, item_id: str) -> None:
    """Keep the words as they are now, and ring for those that no earlier version of the item had."""
    item = poll.db.execute("SELECT story_id, seen_at, published FROM items WHERE item_id = ?", [item_id]).fetchone()
    if item is None:
        return  # The retention has taken it; its keys say that it is not new.
    columns = item_columns(judged.item)
    if articles.edited(poll.db, item_id, poll.now):
        del columns["text"], columns["from_article"]
    _update(poll.db, "items", columns | {"edited_at": micro(poll.now)}, "item_id", item_id)
    _learn(poll, item_id, judged)
    _key_story(poll, _story_keys(judged), item["story_id"])
    poll.counts["edited"] += 1
    young = _young(item, poll.now) and not poll.silent
    _ring_introduced(poll, judged.item, judged.hits, item_id, item["story_id"], young=young)


def _young(item: Row, now: datetime) -> bool:
    return bool(min(item["seen_at"], item["published"] or item["seen_at"]) >= micro(now - EDITS_RING))


def _ring_introduced(poll: _Poll, item: Item, hits: Iterable[Hit], item_id: str, story_id: str, *, young: bool) -> None:
    """Ring for the words that no earlier version of the item had."""
    for hit in hits:
        if not _introduces(poll, item_id, hit):
            _remember(poll, item_id, hit)
        elif young:
            _remember(poll, item_id, hit, *_ring(poll, item, hit, item_id, story_id))
        else:
            _remember(poll, item_id, hit, "old")


def _introduces(poll: _Poll, item_id: str, hit: Hit) -> bool:
    """Whether no earlier version of the item rang this rule, or none by one of these words."""
    rang = poll.db.execute("SELECT 1 FROM hits WHERE item_id = ? AND rule = ?", [item_id, hit.rule]).fetchone()
    earlier = poll.db.execute(
        "SELECT DISTINCT watchlist, entry FROM matches WHERE item_id = ? AND rule = ?", [item_id, hit.rule]
    )
    return not rang or bool(_entries(hit) - {(row["watchlist"], row["entry"]) for row in earlier})


def _entries(hit: Hit) -> set[tuple[str, str]]:
    return {(clean(match.watchlist), clean(match.entry)) for match in hit.matches}


def _ring(poll: _Poll, item: Item, hit: Hit, item_id: str, story_id: str, *, hold_id: str = "") -> tuple[str, str]:
    """Whether `hit` 'rang' or 'folded', and the alert it made or joined; with a hold, that waits for a person."""
    rung = {
        (row["watchlist"], row["entry"]): row["alert_id"]
        for row in poll.db.execute(
            "SELECT watchlist, entry, alert_id FROM rung WHERE story_id = ? AND rule = ? ORDER BY rung_at",
            [story_id, hit.rule],
        )
    }
    first = rung.get(("", ""))
    if first and not hold_id:
        holds.let_go(poll.db, set(rung.values()), poll.now)
    unheard = sorted(_entries(hit) - rung.keys())
    if first and not unheard:
        poll.counts["folded"] += 1
        return "folded", first
    if first:
        kind, alert_id = (
            AlertKind.UPDATED,
            hashed("alert", story_id, hit.rule, item_id, *(e for u in unheard for e in u)),
        )
    else:
        kind, alert_id = AlertKind.CREATED, hashed("alert", story_id, hit.rule)
    owe_alert(
        poll.db,
        {
            "alert_id": alert_id,
            "kind": kind,
            "story_id": story_id,
            "rule": hit.rule,
            "priority": hit.priority,
            "item_id": item_id,
            "title": clean(item.title),
            "link": clean(item.link),
            "first_seen": micro(poll.seen or poll.now),
            "payload": payload(item, hit.matches),
        },
        hit.notify or poll.channels,
        poll.now,
        hold_id=hold_id,
    )
    poll.db.conn.executemany(
        "INSERT INTO rung VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [(story_id, hit.rule, *entry, alert_id, micro(poll.now)) for entry in [("", ""), *unheard]],
    )
    poll.counts["held" if hold_id else "alerts"] += 1
    return "rang", alert_id


def _remember(poll: _Poll, item_id: str, hit: Hit, verdict: str = "folded", alert_id: str = "") -> None:
    """Write down the words of `hit`; those of earlier versions stay, a word that was found again moves."""
    conn = poll.db.conn
    conn.execute(
        """INSERT INTO hits VALUES (?, ?, ?, ?, nullif(?, ''), ?)
           ON CONFLICT DO UPDATE
               SET verdict = excluded.verdict, alert_id = excluded.alert_id, seen_at = excluded.seen_at
           WHERE excluded.verdict <> 'folded'""",
        [item_id, hit.rule, hit.priority, verdict, alert_id, micro(poll.now)],
    )
    conn.executemany(
        "DELETE FROM matches WHERE item_id = ? AND rule = ? AND watchlist = ? AND entry = ?",
        [(item_id, hit.rule, *entry) for entry in _entries(hit)],
    )
    conn.executemany(
        "INSERT INTO matches VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [
            (item_id, hit.rule, clean(m.watchlist), clean(m.entry), m.field, m.start, m.end, clean(m.surface))
            for m in hit.matches
        ],
    )


def _insert(db: Database, table: str, columns: dict[str, Any]) -> None:
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(columns.values()))  # noqa: S608  our own names


def _update(db: Database, table: str, columns: dict[str, Any], key: str, value: str) -> None:
    settings = ", ".join(f"{name} = ?" for name in columns)
    db.execute(f"UPDATE {table} SET {settings} WHERE {key} = ?", [*columns.values(), value])  # noqa: S608  our own names
