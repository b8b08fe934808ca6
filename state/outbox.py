"""What is owed to whom, what was tried, what became of it. An alert is owed until a channel has it or it is given up.

The claim is on the disk before a message leaves, so a crash leaves behind what may have been sent, and no more.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from sqlite3 import Row
from typing import Any

from sqlite_utils import Database

from rules.health import Health
from rules.records import Alert, AlertKind, Attempt, Delivery, Outcome, Priority, Story, StoryItem, hashed
from state.errors import StateError
from state.health import note, probe_at_once
from state.rows import CALLED, clean, from_payload, micro, moment, payload

DEADLINE = timedelta(days=7)
"""A channel may be down for a long weekend and more; after this the delivery is `expired`."""

ODD_WAIT = timedelta(days=1)
"""No delivery and no channel waits longer: one that seems to was written before the clock was set back."""

HELD = "an old item that its feed published again"
"""Why an alert waits for a person."""

UNTOLD = datetime(3000, 1, 1, tzinfo=UTC)
"""The deadline of what is held as long as nobody was told of it."""

STORY_ITEMS = 50
"""Reports of a story that an alert carries, the latest."""

_UNFINISHED = "('held', 'pending', 'leased')"

# A later report of a story leaves after the first one, or after nothing can come of that.
# The index is named because the planner prefers the one on `state`: 8 ms instead of 0.1 with 20,000 pending.
_HEADS = f"""
    FROM deliveries d INDEXED BY deliveries_due LEFT JOIN channel_state c USING (channel)
    WHERE d.state = 'pending' AND d.deadline > :at AND NOT EXISTS (
        SELECT 1 FROM deliveries first WHERE first.delivery_id = d.follows AND first.state IN {_UNFINISHED})
"""  # noqa: S608
_CHANNEL_FROM = "iif(c.open_until > :odd, 0, coalesce(c.open_until, 0))"


def owe(db: Database, alert: Alert, channels: Iterable[str], now: datetime) -> int:
    """Owe an alert that comes from no feed; how many deliveries are new. One that exists stays as it is."""
    columns = {
        "alert_id": alert.alert_id,
        "kind": alert.kind,
        "story_id": None,
        "rule": clean(alert.rule),
        "priority": alert.priority,
        "item_id": None,
        "title": clean(alert.item.title),
        "link": clean(alert.item.link),
        "first_seen": micro(alert.first_seen),
        "payload": payload(alert.item, alert.matches, alert.story),
    }
    return owe_alert(db, columns, channels, now)


def owe_alert(
    db: Database, columns: dict[str, Any], channels: Iterable[str], now: datetime, *, hold_id: str = ""
) -> int:
    """Write an alert (`columns` of its table) and a delivery to each of `channels`; how many of those are new.

    With a hold they are not due until a person says so, and have no deadline until one was told of it.
    """
    at = micro(now)
    db.execute(
        """INSERT INTO alerts
           (alert_id, kind, story_id, rule, priority, item_id, title, link, first_seen, payload, created_at)
           VALUES (:alert_id, :kind, :story_id, :rule, :priority, :item_id, :title, :link, :first_seen, :payload,
                   :at)
           ON CONFLICT DO NOTHING""",
        columns | {"at": at},
    )
    alert_id = columns["alert_id"]
    state, reason, deadline = ("held", HELD, UNTOLD) if hold_id else ("pending", "", now + DEADLINE)
    new = 0
    for channel in dict.fromkeys(channels):
        new += db.execute(
            """INSERT INTO deliveries (delivery_id, alert_id, channel, state, reason, attempts,
                   not_before, deadline, owner, follows, created_at, hold_id)
               VALUES (?, ?, ?, ?, ?, 0, ?, ?, '', ?, ?, nullif(?, '')) ON CONFLICT DO NOTHING""",
            [hashed("delivery", alert_id, channel), alert_id, channel, state, reason, at, micro(deadline),
             _before(db, columns, channel), at, hold_id],
        ).rowcount  # fmt: skip
    return new


def _before(db: Database, alert: dict[str, Any], channel: str) -> str | None:
    """The latest unfinished delivery of the same story and rule to `channel`."""
    if alert["kind"] != AlertKind.UPDATED:
        return None
    row = db.execute(
        f"""SELECT d.delivery_id FROM deliveries d JOIN alerts a USING (alert_id)
            WHERE a.story_id = ? AND a.rule = ? AND d.channel = ? AND d.state IN {_UNFINISHED}
            ORDER BY d.seq DESC LIMIT 1""",  # noqa: S608
        [alert["story_id"], alert["rule"], channel],
    ).fetchone()
    return row["delivery_id"] if row else None


def take(db: Database, channel: str, owner: str, now: datetime) -> Delivery | None:
    """Claim what is due to `channel` and has waited longest; None where nothing is, or the channel is left alone."""
    at = micro(now)
    row = db.execute(
        f"""SELECT d.delivery_id {_HEADS} AND d.channel = :channel AND {_CHANNEL_FROM} <= :at
            AND (d.not_before <= :at OR d.not_before > :odd) ORDER BY d.not_before, d.seq LIMIT 1""",
        {"channel": channel, "at": at, "odd": micro(now + ODD_WAIT)},
    ).fetchone()
    if row is None:
        return None
    db.execute(
        "UPDATE deliveries SET state = 'leased', owner = ?, attempts = attempts + 1 WHERE delivery_id = ?",
        [owner, row["delivery_id"]],
    )
    db.execute(
        """INSERT INTO attempts (delivery_id, n, owner, started_at, outcome, reason)
           SELECT delivery_id, attempts, owner, ?, '', '' FROM deliveries WHERE delivery_id = ?""",
        [at, row["delivery_id"]],
    )
    return _delivery(db, row["delivery_id"])


def expire(db: Database, now: datetime) -> dict[str, int]:
    """Give up what is past its deadline; how many alerts by channel. Notices of the service itself are not counted."""
    rows = db.execute(
        """UPDATE deliveries INDEXED BY deliveries_late SET state = 'expired', finished_at = :at, hold_id = NULL,
               reason = 'not delivered in time' || iif(reason = '', '', '; ' || reason)
           WHERE state IN ('held', 'pending') AND deadline <= :at
           RETURNING channel, (SELECT kind FROM alerts a WHERE a.alert_id = deliveries.alert_id) AS kind""",
        {"at": micro(now)},
    ).fetchall()
    return dict(Counter(row["channel"] for row in rows if row["kind"] != AlertKind.NOTICE))


def done(
    db: Database,
    delivery: Delivery,
    attempt: Attempt,
    *,
    owner: str,
    now: datetime,
    again_at: datetime | None,
    health: Health,
) -> None:
    """Write down what became of a claim (sent, pending until `again_at`, or dead) and of its channel.

    A claim that is no longer ours changes nothing, unless the message was sent: that is true whoever holds it.
    """
    at, reason = micro(now), clean(attempt.reason)
    sent = attempt.outcome is Outcome.SENT
    db.execute(
        """UPDATE attempts SET finished_at = ?, outcome = ?, code = ?, reason = ?, retry_after = ?
           WHERE delivery_id = ? AND n = ?""",
        [at, attempt.outcome, attempt.code, reason, attempt.retry_after, delivery.delivery_id, delivery.attempt],
    )
    state = "sent" if sent else "pending" if again_at else "dead"
    db.execute(
        """UPDATE deliveries SET state = :state, reason = :reason, owner = '',
               not_before = coalesce(:again, not_before), finished_at = iif(:state = 'pending', NULL, :at)
           WHERE delivery_id = :id AND (:state = 'sent' OR (state = 'leased' AND owner = :owner AND attempts = :n))""",
        {"state": state, "reason": "" if sent else reason, "again": micro(again_at), "at": at,
         "id": delivery.delivery_id, "owner": owner, "n": delivery.attempt},
    )  # fmt: skip
    note(db, delivery.channel, health, at=at, sent=sent, reason="" if sent else reason)


def release(db: Database, owner: str) -> int:
    """Take back what a process that is gone had claimed; how many. Each may have been sent, and keeps its id."""
    db.execute(
        "UPDATE attempts SET outcome = 'in_doubt', reason = 'the process ended' WHERE outcome = '' AND owner <> ?",
        [owner],
    )
    return db.execute(
        """UPDATE deliveries SET state = 'pending', owner = '', reason = 'may have been sent: the process ended'
           WHERE state = 'leased' AND owner <> ?""",
        [owner],
    ).rowcount


def owed(db: Database, now: datetime) -> dict[str, datetime]:
    """For each channel that is owed something, when it next can be had: not after `now` is at once."""
    rows = db.execute(_NEXT, {"at": micro(now), "odd": micro(now + ODD_WAIT)})
    return {row["channel"]: moment(row["next"]) for row in rows if row["next"] is not None}


# From channel to channel and from head to head by the index: 20,000 that wait cost 0.1 ms, to group them 25.
_NEXT = f"""
    WITH RECURSIVE names (channel) AS (
        SELECT min(channel) FROM deliveries INDEXED BY deliveries_due WHERE state = 'pending'
        UNION ALL
        SELECT (SELECT min(channel) FROM deliveries INDEXED BY deliveries_due
                WHERE state = 'pending' AND channel > names.channel)
        FROM names WHERE channel IS NOT NULL)
    SELECT n.channel, max({_CHANNEL_FROM}, iif(
        EXISTS (SELECT 1 {_HEADS} AND d.channel = n.channel AND d.not_before > :odd), :at,
        (SELECT d.not_before {_HEADS} AND d.channel = n.channel ORDER BY d.not_before LIMIT 1))) AS next
    FROM names n LEFT JOIN channel_state c USING (channel) WHERE n.channel IS NOT NULL
"""  # noqa: S608


def retry(db: Database, prefixes: Collection[str] | None, now: datetime) -> int:
    """Owe again, with a new deadline, what was given up; how many deliveries. What was sent stays sent.

    `prefixes` begin ids of alerts or deliveries, and bring forward what only waits; None: all that is dead or expired.
    """
    if prefixes is None:
        rows = list(db.execute(f"{_GIVEN_UP} state IN ('dead', 'expired')"))
    else:
        rows = [row for prefix in prefixes for row in _named(db, prefix)]
    wanted = {row["delivery_id"] for row in rows}
    db.conn.executemany(
        """UPDATE deliveries SET state = 'pending', not_before = ?, deadline = ?, finished_at = NULL,
               reason = iif(hold_id IS NULL, reason, ''), hold_id = NULL
           WHERE delivery_id = ?""",
        [(micro(now), micro(now + DEADLINE), delivery_id) for delivery_id in wanted],
    )
    probe_at_once(db, {row["channel"] for row in rows})
    return len(wanted)


_GIVEN_UP = "SELECT delivery_id, channel FROM deliveries WHERE"


def _named(db: Database, prefix: str) -> Iterable[Row]:
    return db.execute(
        f"""{_GIVEN_UP} state IN ('held', 'pending', 'dead', 'expired', 'suppressed')
            AND (delivery_id >= ? AND delivery_id < ? OR alert_id >= ? AND alert_id < ?)""",
        [*between(prefix), *between(prefix)],
    )


def between(prefix: str) -> tuple[str, str]:
    """The range of ids that begin with `prefix`. Raises StateError where no id can."""
    if not prefix or set(prefix) - set("0123456789abcdef"):
        raise StateError(
            prefix or "''", "this begins no id", "`wirebell alerts` shows them: digits and the letters a to f"
        )
    return prefix, prefix + "g"


def _delivery(db: Database, delivery_id: str) -> Delivery:
    row = db.execute(
        "SELECT * FROM deliveries JOIN alerts USING (alert_id) WHERE delivery_id = ?", [delivery_id]
    ).fetchone()
    return Delivery(delivery_id=delivery_id, channel=row["channel"], alert=alert_of(db, row), attempt=row["attempts"])


def alert_of(db: Database, row: Row) -> Alert:
    """The alert of a row of `alerts`, with its story as it is by now."""
    item, matches, story = from_payload(row["payload"])
    return Alert(
        alert_id=row["alert_id"],
        kind=AlertKind(row["kind"]),
        rule=row["rule"],
        priority=Priority(row["priority"]),
        item=item,
        matches=matches,
        story=story or story_of(db, row["story_id"], of=row["item_id"]),
        first_seen=moment(row["first_seen"]),
    )


def story_of(db: Database, story_id: str, *, of: str = "") -> Story:
    """A story and its reports, in order of arrival; the item `of` which an alert tells is its own."""
    row = db.execute(
        """SELECT title, first_seen,
               (SELECT count(DISTINCT feed_id) FROM items i WHERE i.story_id = s.story_id) AS sources
           FROM stories s WHERE story_id = ?""",
        [story_id],
    ).fetchone()
    return Story(
        story_id=story_id,
        title=row["title"],
        sources=row["sources"],
        first_seen=moment(row["first_seen"]),
        items=tuple(_reports(db, story_id, of))[::-1],
    )


def _reports(db: Database, story_id: str, of: str) -> Iterator[StoryItem]:
    rows = db.execute(
        f"""SELECT i.title, i.link, {CALLED} AS feed, i.item_id FROM items i JOIN feeds f USING (feed_id)
            WHERE i.story_id = ? ORDER BY i.seen_at DESC, i.rowid DESC LIMIT ?""",  # noqa: S608
        [story_id, STORY_ITEMS],
    )
    return (StoryItem(row["title"], row["link"], row["feed"], own=row["item_id"] == of) for row in rows)
