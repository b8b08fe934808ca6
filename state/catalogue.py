"""What people ask the memory: which feeds, which alerts and what became of them, is all well. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from sqlite3 import Row
from typing import NamedTuple

from sqlite_utils import Database

from rules.links import canonical_link
from rules.records import AlertKind, Cursor, Feed, Item, Match, Priority, Story, hashed
from rules.troubles import FAILS_BEFORE_NOTICE
from state import articles
from state.articles import ArticleRecord
from state.errors import StateError
from state.outbox import between, story_of
from state.rows import CALLED, cursor_of, feed_of, from_payload, item_of, micro, moment


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRecord:
    """A feed and how it fares. `active` is False where the configuration no longer names it."""

    feed: Feed
    cursor: Cursor
    active: bool
    added: datetime
    items: int
    last_item: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRecord:
    """One attempt at a delivery; `outcome` is empty while it is under way and `in_doubt` where a crash cut it short."""

    n: int
    started: datetime
    finished: datetime | None
    outcome: str
    code: int | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRecord:
    """What became of an alert on one channel. `tries` is filled where one alert is asked for."""

    delivery_id: str
    channel: str
    state: str
    attempts: int
    reason: str
    not_before: datetime
    deadline: datetime
    finished: datetime | None
    tries: tuple[AttemptRecord, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRecord:
    """An alert and its deliveries. `item` and `matches` are as they were when it rang."""

    alert_id: str
    kind: AlertKind
    rule: str
    priority: Priority
    story_id: str
    title: str
    link: str
    created: datetime
    deliveries: tuple[DeliveryRecord, ...]
    item: Item
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRecord:
    """How a channel fares. It is left alone until `open_until`; `failures` counts those in a row."""

    channel: str
    open_until: datetime | None
    failures: int
    error: str
    last_ok: datetime | None
    last_attempt: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HitRecord:
    """What an item rang. `verdict`: rang, folded (the story had rung), baseline (first poll), old (late edit)."""

    rule: str
    verdict: str
    alert_id: str
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRecord:
    """The life of an item. `article`: what became of the article behind its link, None where it was not wanted."""

    item_id: str
    item: Item
    seen: datetime
    edited: datetime | None
    story_id: str
    hits: tuple[HitRecord, ...]
    article: ArticleRecord | None = None


class Headline(NamedTuple):
    """An item by its title."""

    item_id: str
    feed_id: str
    title: str
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Whether all is well. `outbox` counts deliveries by state, `owed` those that are not finished by channel.

    `owed` does not count what is held for a person; `held` counts those alerts. `broken`, `silent`, `gone` and `moved`
    count feeds. `lag` is how late the feed is that waits longest.
    """

    instance: str
    feeds: int
    failing: int
    broken: int
    silent: int
    gone: int
    moved: int
    held: int
    due: int
    lag: timedelta
    outbox: dict[str, int]
    owed: dict[str, int]
    oldest_pending: datetime | None
    last_alert: datetime | None
    last_sent: datetime | None
    channels: tuple[ChannelRecord, ...]


def due(db: Database, now: datetime, limit: int, after: Cursor | None = None) -> list[Cursor]:
    """The feeds to poll, the longest overdue first; only those that come `after` one, as it was then."""
    past = {"at": micro(now), "place": -1, "feed": ""}
    if after and after.next_poll:
        past |= {"place": micro(after.next_poll), "feed": after.feed_id}
    # No wait is longer than two days and the feed's own interval, spread and jitter included: one that seems to be
    # was written before the clock was set back.
    past["odd"] = micro(now + timedelta(hours=54))
    found: list[Cursor] = []
    for condition in (
        "next_poll <= :at",
        "next_poll > :odd AND next_poll > :odd + 1700000 * max(interval, coalesce(every, 0))",
    ):
        rows = db.execute(
            f"""SELECT * FROM feeds WHERE active AND NOT gone AND {condition}
                AND (next_poll, rowid) > (:place, coalesce((SELECT rowid FROM feeds WHERE feed_id = :feed), 0))
                ORDER BY next_poll, rowid LIMIT :limit""",  # noqa: S608
            past | {"limit": limit - len(found)},
        )
        found += [cursor_of(row) for row in rows]
    return found


def paces(db: Database) -> list[tuple[float, float]]:
    """Pace and hint of the feeds that share the requests: those that are polled, and not at a fixed interval."""
    rows = db.execute("SELECT pace, hint FROM feeds WHERE active AND NOT gone AND every IS NULL")
    return [(row["pace"], row["hint"]) for row in rows]


def next_due(db: Database) -> datetime | None:
    """When the next feed is due; it may be past."""
    return _moment_of(db, "SELECT min(next_poll) FROM feeds WHERE active AND NOT gone")


def cursor(db: Database, feed_id: str) -> Cursor | None:
    """How far we are in one feed."""
    row = db.execute("SELECT * FROM feeds WHERE feed_id = ?", [feed_id]).fetchone()
    return cursor_of(row) if row else None


def feeds(db: Database) -> list[FeedRecord]:
    """Every feed that was ever configured, by name."""
    rows = db.execute(
        """SELECT f.*, (SELECT count(*) FROM items i WHERE i.feed_id = f.feed_id) AS items,
               (SELECT max(seen_at) FROM items i WHERE i.feed_id = f.feed_id) AS last_item
           FROM feeds f ORDER BY active DESC, name, url"""
    )
    return [
        FeedRecord(
            feed=feed_of(row),
            cursor=cursor_of(row),
            active=bool(row["active"]),
            added=moment(row["added_at"]),
            items=row["items"],
            last_item=moment(row["last_item"]),
        )
        for row in rows
    ]


def alerts(db: Database, since: datetime | None, rule: str, limit: int) -> list[AlertRecord]:
    """The latest alerts, newest first; of all rules where `rule` is empty."""
    rows = db.execute(
        """SELECT * FROM alerts WHERE created_at >= ? AND (? = '' OR rule = ?)
           ORDER BY created_at DESC, rowid DESC LIMIT ?""",
        [micro(since) if since else 0, rule, rule, limit],
    ).fetchall()
    return [_alert(db, row) for row in rows]


def alert(db: Database, prefix: str) -> AlertRecord | None:
    """The alert whose id begins with `prefix`, with every attempt. Raises StateError where several do."""
    rows = db.execute("SELECT * FROM alerts WHERE alert_id >= ? AND alert_id < ? LIMIT 2", between(prefix)).fetchall()
    if len(rows) > 1:
        raise StateError(prefix, "several alerts begin so", "write more of the id")
    return _alert(db, rows[0], tries=True) if rows else None


def story(db: Database, story_id: str) -> Story | None:
    """A story with its reports."""
    found = db.execute("SELECT 1 FROM stories WHERE story_id = ?", [story_id]).fetchone()
    return story_of(db, story_id) if found else None


def stories(db: Database, since: datetime | None, limit: int) -> list[Story]:
    """The stories that had a report lately, newest first."""
    rows = db.execute(
        "SELECT story_id FROM stories WHERE last_seen >= ? ORDER BY last_seen DESC LIMIT ?",
        [micro(since) if since else 0, limit],
    ).fetchall()
    return [story_of(db, row["story_id"]) for row in rows]


_ITEMS = f"""SELECT i.*, i.rowid AS number, {CALLED} AS feed, f.url AS feed_url, f.tags AS feed_tags
             FROM items i JOIN feeds f USING (feed_id)"""  # noqa: S608


def items(db: Database, since: datetime | None, limit: int) -> list[ItemRecord]:
    """What was seen since, oldest first."""
    rows = db.execute(
        f"{_ITEMS} WHERE i.seen_at >= ? ORDER BY i.seen_at, i.rowid LIMIT ?", [micro(since) if since else 0, limit]
    ).fetchall()
    return [_item(db, row) for row in rows]


Mark = tuple[int, int]
"""A place in the order in which items were seen."""


def page(db: Database, after: Mark, limit: int) -> tuple[list[Item], Mark]:
    """The items seen next `after` a place, without what they hit, and the place of the last of them."""
    rows = db.execute(
        f"{_ITEMS} WHERE (i.seen_at, i.rowid) > (?, ?) ORDER BY i.seen_at, i.rowid LIMIT ?",
        [*after, limit],
    ).fetchall()
    return [item_of(row) for row in rows], (rows[-1]["seen_at"], rows[-1]["number"]) if rows else after


def seen_since(db: Database, since: datetime) -> int:
    """How many items were seen since."""
    return int(db.execute("SELECT count(*) FROM items WHERE seen_at >= ?", [micro(since)]).fetchone()[0])


def find(db: Database, link_key: str, text: str, limit: int) -> list[ItemRecord]:
    """The items whose article has this canonical link, or whose guid is `text`; newest first."""
    rows = db.execute(
        f"""{_ITEMS} WHERE i.item_id IN
                (SELECT n.item_id FROM feeds JOIN identities n ON n.feed_id = feeds.feed_id AND n.key IN (?, ?))
            OR i.story_id IN (SELECT story_id FROM story_keys WHERE kind = 'link' AND key = ?)
            ORDER BY i.seen_at DESC, i.rowid DESC LIMIT ?""",  # noqa: S608
        [*_keys(link_key, text), link_key, limit],
    ).fetchall()
    # A story has reports at other addresses, too.
    return [_item(db, row) for row in rows if text in (row["guid"], row["link"]) or _is_at(row, link_key)]


def _is_at(row: Row, link_key: str) -> bool:
    return bool(link_key) and canonical_link(row["link"], row["feed_url"]) == link_key


def _keys(link_key: str, text: str) -> tuple[str, str]:
    """The identity keys of an item with this guid or this canonical link."""
    return hashed("guid", text), hashed("link", link_key)


def forgotten(db: Database, link_key: str, text: str) -> datetime | None:
    """When an item was last in its feed that has this canonical link or guid, and that the retention has taken."""
    row = db.execute(
        """SELECT max(n.seen_at) AS seen FROM feeds
           JOIN identities n ON n.feed_id = feeds.feed_id AND n.key IN (?, ?)
           WHERE NOT EXISTS (SELECT 1 FROM items WHERE item_id = n.item_id)""",
        _keys(link_key, text),
    ).fetchone()
    seen: int | None = row["seen"]
    return moment(seen)


def headlines(db: Database, limit: int) -> list[Headline]:
    """What was seen last, newest first."""
    rows = db.execute(
        "SELECT item_id, feed_id, title, link FROM items ORDER BY seen_at DESC, rowid DESC LIMIT ?", [limit]
    )
    return [Headline(*row) for row in rows]


def records(db: Database, item_ids: Sequence[str]) -> list[ItemRecord]:
    """These items, in this order."""
    marks = ",".join("?" * len(item_ids))
    rows = db.execute(f"{_ITEMS} WHERE i.item_id IN ({marks})", item_ids).fetchall()
    return sorted((_item(db, row) for row in rows), key=lambda record: item_ids.index(record.item_id))


def status(db: Database, now: datetime) -> Status:
    """The facts of this moment."""
    at = micro(now)
    row = db.execute(
        """SELECT count(*) AS feeds, coalesce(sum(NOT gone AND failures > 0), 0) AS failing,
               coalesce(sum(gone), 0) AS gone,
               coalesce(sum(NOT gone AND failures > 0 AND (failures >= :broken
                   OR feed_id IN (SELECT feed_id FROM troubles WHERE kind = 'broken' AND over_at IS NULL))), 0)
                   AS broken,
               coalesce(sum(NOT gone AND cursor_url <> url), 0) AS moved,
               coalesce(sum(feed_id IN (SELECT feed_id FROM troubles WHERE kind = 'silent' AND over_at IS NULL)), 0)
                   AS silent,
               coalesce(sum(NOT gone AND next_poll <= :at), 0) AS due,
               min(CASE WHEN NOT gone AND next_poll <= :at THEN next_poll END) AS longest
           FROM feeds WHERE active""",
        {"at": at, "broken": FAILS_BEFORE_NOTICE},
    ).fetchone()
    outbox = db.execute("SELECT state, count(*) AS number FROM deliveries GROUP BY state ORDER BY state")
    owed = db.execute(
        """SELECT channel, count(*) AS number FROM deliveries WHERE state IN ('held', 'pending', 'leased')
           AND hold_id IS NULL GROUP BY channel ORDER BY channel"""
    )
    held = db.execute("SELECT count(DISTINCT alert_id) FROM deliveries WHERE hold_id IS NOT NULL").fetchone()[0]
    return Status(
        instance=instance(db),
        feeds=row["feeds"],
        failing=row["failing"],
        broken=row["broken"],
        silent=row["silent"],
        gone=row["gone"],
        moved=row["moved"],
        held=held,
        due=row["due"],
        lag=now - moment(row["longest"]) if row["longest"] is not None else timedelta(0),
        outbox={each["state"]: each["number"] for each in outbox},
        owed={each["channel"]: each["number"] for each in owed},
        oldest_pending=_moment_of(db, "SELECT min(created_at) FROM deliveries WHERE state IN ('pending', 'leased')"),
        last_alert=_moment_of(db, "SELECT max(created_at) FROM alerts WHERE story_id IS NOT NULL"),
        last_sent=_moment_of(db, "SELECT max(last_ok) FROM channel_state"),
        channels=tuple(channels(db)),
    )


def channels(db: Database) -> list[ChannelRecord]:
    """Every channel that was ever tried."""
    return [
        ChannelRecord(
            channel=row["channel"],
            open_until=moment(row["open_until"]),
            failures=row["failures"],
            error=row["error"],
            last_ok=moment(row["last_ok"]),
            last_attempt=moment(row["last_attempt"]),
        )
        for row in db.execute("SELECT * FROM channel_state ORDER BY channel")
    ]


def instance(db: Database) -> str:
    """What names this memory in message ids; it stays when the file moves."""
    return str(db.execute("SELECT value FROM meta WHERE name = 'instance'").fetchone()[0])


def _moment_of(db: Database, sql: str) -> datetime | None:
    found: int | None = db.execute(sql).fetchone()[0]
    return moment(found)


def _alert(db: Database, row: Row, *, tries: bool = False) -> AlertRecord:
    item, matches, _ = from_payload(row["payload"])
    deliveries = db.execute("SELECT * FROM deliveries WHERE alert_id = ? ORDER BY seq", [row["alert_id"]]).fetchall()
    return AlertRecord(
        alert_id=row["alert_id"],
        kind=AlertKind(row["kind"]),
        rule=row["rule"],
        priority=Priority(row["priority"]),
        story_id=row["story_id"] or "",
        title=row["title"],
        link=row["link"],
        created=moment(row["created_at"]),
        deliveries=tuple(_delivery(db, delivery, tries=tries) for delivery in deliveries),
        item=item,
        matches=matches,
    )


def _delivery(db: Database, row: Row, *, tries: bool) -> DeliveryRecord:
    return DeliveryRecord(
        delivery_id=row["delivery_id"],
        channel=row["channel"],
        state=row["state"],
        attempts=row["attempts"],
        reason=row["reason"],
        not_before=moment(row["not_before"]),
        deadline=moment(row["deadline"]),
        finished=moment(row["finished_at"]),
        tries=tuple(_tries(db, row["delivery_id"])) if tries else (),
    )


def _tries(db: Database, delivery_id: str) -> Sequence[AttemptRecord]:
    return [
        AttemptRecord(
            n=row["n"],
            started=moment(row["started_at"]),
            finished=moment(row["finished_at"]),
            outcome=row["outcome"],
            code=row["code"],
            reason=row["reason"],
        )
        for row in db.execute("SELECT * FROM attempts WHERE delivery_id = ? ORDER BY n", [delivery_id])
    ]


def _item(db: Database, row: Row) -> ItemRecord:
    hits = db.execute("SELECT * FROM hits WHERE item_id = ? ORDER BY rule", [row["item_id"]]).fetchall()
    return ItemRecord(
        item_id=row["item_id"],
        item=item_of(row),
        seen=moment(row["seen_at"]),
        edited=moment(row["edited_at"]),
        story_id=row["story_id"],
        hits=tuple(_hit(db, hit) for hit in hits),
        article=articles.record(db, row["item_id"]),
    )


def _hit(db: Database, row: Row) -> HitRecord:
    matches = db.execute(
        """SELECT watchlist, entry, field, start, "end", surface FROM matches WHERE item_id = ? AND rule = ?
           ORDER BY field DESC, start""",
        [row["item_id"], row["rule"]],
    )
    return HitRecord(
        rule=row["rule"],
        verdict=row["verdict"],
        alert_id=row["alert_id"] or "",
        matches=tuple(Match(**dict(match)) for match in matches),
    )
