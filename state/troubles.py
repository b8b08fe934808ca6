"""What is known to be wrong with feeds, what there is to find it out by, and the notices, owed with what they tell."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlite_utils import Database

from rules.records import Alert, Cursor, Feed
from rules.silence import MEMORY, Arrival
from rules.troubles import FAILS_TOGETHER, Kind, Trouble
from state import holds, outbox
from state.access import Access
from state.rows import clean, cursor_of, feed_of, micro, moment

USUAL = timedelta(days=28)
"""The time before its last item by which a feed's usual number is counted."""

SUSPICIOUS = 3
"""Items that a feed usually has in the time for which it has been still, from which on it is looked at closely."""

SHORTEST = timedelta(hours=3)
"""No feed is looked at closely before, however busy: what its habits are takes a while to find out."""

WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ailing:
    """A feed with which something is or was wrong."""

    feed: Feed
    cursor: Cursor
    added: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """A feed that answers well, `until` it was read last, and has had nothing since `last`. `per_day` is usual."""

    feed: Feed
    last: datetime
    until: datetime
    per_day: float


class Troubles:
    """`store.troubles`: what is known, and what to find it out by."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def kept(self) -> list[Trouble]:
        """What is wrong with feeds, as far as it was told or is to be told."""
        return self._access.read(kept)

    def ailing(self) -> list[Ailing]:
        """The configured feeds that fail, are gone or moved, or had a trouble."""
        return self._access.read(ailing)

    def still(self) -> list[Still]:
        """The feeds that answer well and have had nothing for the time of a few items."""
        return self._access.read(still)

    def arrivals(self, feed_id: str, last: datetime) -> list[Arrival]:
        """What a feed brought until its `last` item, oldest first, as far as it says something of its rhythm."""
        return self._access.read(lambda db: arrivals(db, feed_id, last))

    def pulse(self, feed_id: str, start: datetime, end: datetime) -> tuple[int, int]:
        """How many other feeds had something new between the two, and how many in the same hours of an earlier week."""
        return self._access.read(lambda db: pulse(db, feed_id, start, end))

    def brought(self, feed_id: str, since: datetime) -> int:
        """How many items the feed has brought since."""
        return self._access.read(lambda db: brought(db, feed_id, since))

    def tell(
        self,
        kept: Iterable[Trouble],
        notices: Sequence[Alert],
        held: Mapping[str, Sequence[str]],
        channels: Sequence[str],
        *,
        now: datetime,
    ) -> Future[int]:
        """Keep exactly these troubles and owe these notices, in one transaction; how many deliveries are new.

        `held`: the holds that a notice tells of, by its id.
        """
        return self._access.write("tell", lambda db: tell(db, kept, notices, held, channels, now=now), patient=True)


def kept(db: Database) -> list[Trouble]:
    """Every trouble that is told, to be told, or whose end is."""
    return [
        Trouble(
            feed_id=row["feed_id"],
            kind=Kind(row["kind"]),
            since=moment(row["since"]),
            found=moment(row["found_at"]),
            told=moment(row["told_at"]),
            over=moment(row["over_at"]),
            detail=row["detail"],
        )
        for row in db.execute("SELECT * FROM troubles ORDER BY found_at, feed_id, kind")
    ]


def ailing(db: Database) -> list[Ailing]:
    """The configured feeds that fail, are gone or moved, or had a trouble."""
    rows = db.execute(
        """SELECT * FROM feeds WHERE active AND (failures >= ? OR gone OR cursor_url <> url
               OR feed_id IN (SELECT feed_id FROM troubles)) ORDER BY name, url""",
        [FAILS_TOGETHER],
    )
    return [Ailing(feed=feed_of(row), cursor=cursor_of(row), added=moment(row["added_at"])) for row in rows]


def still(db: Database) -> list[Still]:
    """The feeds that have been still for the time of a few items."""
    rows = db.execute(
        """SELECT f.*, (SELECT count(*) FROM items i WHERE i.feed_id = f.feed_id
                AND i.seen_at BETWEEN f.last_change - :usual AND f.last_change
                AND coalesce(i.published, i.seen_at) >= f.last_change - :usual) AS number
           FROM feeds f WHERE active AND NOT gone AND failures = 0
               AND last_success - last_change > :shortest
               AND (last_success - last_change) * number > :suspicious * :usual""",
        {name: span // timedelta(microseconds=1) for name, span in (("usual", USUAL), ("shortest", SHORTEST))}
        | {"suspicious": SUSPICIOUS},
    )
    return [
        Still(
            feed=feed_of(row),
            last=moment(row["last_change"]),
            until=moment(row["last_success"]),
            per_day=row["number"] / (USUAL / timedelta(days=1)),
        )
        for row in rows
    ]


def arrivals(db: Database, feed_id: str, last: datetime) -> list[Arrival]:
    """What the feed brought until its `last` item, oldest first: the first one is where its memory begins."""
    rows = db.execute(
        "SELECT seen_at, published FROM items WHERE feed_id = ? AND seen_at BETWEEN ? AND ? ORDER BY seen_at",
        [feed_id, micro(last - MEMORY), micro(last)],
    )
    return [
        Arrival(seen=moment(seen), published=tuple(moment(row["published"]) for row in some))
        for seen, some in groupby(rows, key=lambda row: int(row["seen_at"]))
    ]


def pulse(db: Database, feed_id: str, start: datetime, end: datetime) -> tuple[int, int]:
    """How many other feeds had something new between the two, and how many in the same hours of an earlier week."""
    shift = WEEK * (1 + (end - start) // WEEK)
    now, before = (
        db.execute(
            """SELECT count(DISTINCT feed_id) FROM items JOIN feeds USING (feed_id)
               WHERE active AND feed_id <> ? AND seen_at > ? AND seen_at <= ? AND seen_at > added_at + 86400000000""",
            [feed_id, micro(start - by), micro(end - by)],
        ).fetchone()[0]
        for by in (timedelta(0), shift)
    )
    return now, before


def brought(db: Database, feed_id: str, since: datetime) -> int:
    """How many items the feed has brought since."""
    found = db.execute("SELECT count(*) FROM items WHERE feed_id = ? AND seen_at > ?", [feed_id, micro(since)])
    return int(found.fetchone()[0])


def tell(
    db: Database,
    troubles: Iterable[Trouble],
    notices: Sequence[Alert],
    held: Mapping[str, Sequence[str]],
    channels: Sequence[str],
    *,
    now: datetime,
) -> int:
    """Keep exactly these troubles and owe these notices; how many deliveries are new.

    `held` are the holds that a notice tells of, by the id of the notice.
    """
    db.execute("DELETE FROM troubles")
    db.conn.executemany(
        "INSERT INTO troubles VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (one.feed_id, one.kind, micro(one.since), micro(one.found), micro(one.told), micro(one.over),
             clean(one.detail))
            for one in troubles
        ],
    )  # fmt: skip
    owed = sum(outbox.owe(db, alert, channels, now) for alert in notices)
    if channels:
        for alert_id, hold_ids in held.items():
            holds.tell(db, hold_ids, alert_id)
    return owed
