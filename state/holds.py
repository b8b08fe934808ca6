"""Alerts that wait for a person: those of an archive that a feed told once more. Released, dropped, or told of first.

A delivery that is held names its hold; one that does not is held by nobody here. What is held expires like everything
that is owed, but its time begins when the notice of it has arrived.
"""

from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Row

from sqlite_utils import Database

from rules import archives
from rules.archives import Newcomer
from rules.records import Judged, hashed
from rules.stories import title_key
from state.access import Access
from state.errors import StateError
from state.outbox import DEADLINE, between
from state.rows import CALLED, micro, moment

TITLES = 5_000
"""The feed's latest titles, among which a newcomer's is looked for."""

HEADLINES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What one feed's archives have rung and nobody has heard. `deliveries` wait, of `alerts`, out of new `items`.

    `headlines` are the latest of them. `told`: a notice of it is on its way.
    """

    hold_ids: tuple[str, ...]
    feed_id: str
    name: str
    since: datetime
    items: int
    alerts: int
    deliveries: int
    headlines: tuple[str, ...]
    told: bool


class Holds:
    """`store.holds`: the alerts that wait for a person. `wanted` are feeds by name or address, or beginnings of ids."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def all(self) -> list[Held]:
        """What is held, by feed, the latest first."""
        return self._access.read(held)

    def release(self, wanted: Collection[str] | None = None, *, now: datetime) -> Future[int]:
        """Owe what is held of these, or all; how many deliveries.

        The Future, and that of `drop`, raises StateError for what is neither feed nor id.
        """
        return self._access.write("release", lambda db: release(db, wanted, now))

    def drop(self, wanted: Collection[str] | None = None, *, now: datetime) -> Future[int]:
        """Never send what is held of these, or all; how many deliveries."""
        return self._access.write("drop", lambda db: drop(db, wanted, now))


def of_archive(
    db: Database, feed_id: str, new: Sequence[Judged], *, last_good: datetime | None, now: datetime
) -> frozenset[str]:
    """The first keys of those of the `new` items of a poll whose alerts are to be held."""
    if len(new) < archives.MANY or not any(one.hits for one in new):
        return frozenset()
    titles = {_title(row["title"]) for row in db.execute(
        "SELECT title FROM items WHERE feed_id = ? ORDER BY seen_at DESC LIMIT ?", [feed_id, TITLES]
    )} - {""}  # fmt: skip
    newcomers = [Newcomer(published=one.item.published, retold=_title(one.item.title) in titles) for one in new]
    verdicts = archives.held(newcomers, usual=_most_at_once(db, feed_id), last_good=last_good or now, now=now)
    return frozenset(one.keys[0] for one, verdict in zip(new, verdicts, strict=True) if verdict)


def _title(title: str) -> str:
    return title_key(title) or " ".join(title.casefold().split())


def _most_at_once(db: Database, feed_id: str) -> int:
    """The most items that a poll of the feed ever brought, but for the first and those that brought an archive."""
    row = db.execute(
        """SELECT count(*) AS number FROM items WHERE feed_id = :feed
           AND seen_at > (SELECT min(seen_at) FROM items WHERE feed_id = :feed)
           AND seen_at NOT IN (SELECT held_at FROM holds WHERE feed_id = :feed)
           GROUP BY seen_at ORDER BY number DESC LIMIT 1""",
        {"feed": feed_id},
    ).fetchone()
    return row["number"] if row else 0


def begin(db: Database, feed_id: str, items: int, now: datetime) -> str:
    """The id of a new hold, for a poll that brought so many new items."""
    hold_id = hashed("hold", feed_id, now.isoformat())
    db.execute("INSERT INTO holds VALUES (?, ?, ?, ?, NULL, NULL)", [hold_id, feed_id, micro(now), items])
    return hold_id


def let_go(db: Database, alert_ids: Iterable[str], now: datetime) -> None:
    """A report that is news joins these alerts: what is held of them is news as well."""
    db.conn.executemany(f"{_RELEASE} alert_id = ?", [(*_released(now), one) for one in alert_ids])


_RELEASE = """UPDATE deliveries SET state = 'pending', reason = '', hold_id = NULL, not_before = ?, deadline = ?
              WHERE hold_id IS NOT NULL AND"""


def _released(now: datetime) -> tuple[int, int]:
    return micro(now), micro(now + DEADLINE)


def release(db: Database, wanted: Collection[str] | None, now: datetime) -> int:
    """Owe what is held, as if it had rung at this moment; how many deliveries. `wanted` as in `named`; None: all."""
    given = [(*_released(now), one) for one in named(db, wanted)]
    return db.conn.executemany(f"{_RELEASE} delivery_id = ?", given).rowcount if given else 0


def drop(db: Database, wanted: Collection[str] | None, now: datetime) -> int:
    """Send none of what is held, ever; how many deliveries. They stay on record, and ring no more."""
    given = [(micro(now), one) for one in named(db, wanted)]
    if not given:
        return 0
    return db.conn.executemany(
        """UPDATE deliveries SET state = 'suppressed', reason = 'dropped by hand: ' || reason, hold_id = NULL,
               finished_at = ? WHERE hold_id IS NOT NULL AND delivery_id = ?""",
        given,
    ).rowcount


def named(db: Database, wanted: Collection[str] | None) -> list[str]:
    """The deliveries that are held by these: names or addresses of feeds, beginnings of the ids of notices, holds,
    alerts and deliveries; None: all. Raises StateError where one is none of these.
    """
    if wanted is None:
        return [
            row["delivery_id"] for row in db.execute("SELECT delivery_id FROM deliveries WHERE hold_id IS NOT NULL")
        ]
    return list(dict.fromkeys(found for one in wanted for found in _named(db, one)))


def _named(db: Database, one: str) -> list[str]:
    feeds = [
        row["feed_id"] for row in db.execute("SELECT feed_id FROM feeds WHERE ? IN (name, title, url, feed_id)", [one])
    ]
    if feeds:
        marks = ",".join("?" * len(feeds))
        rows = db.execute(f"{_HELD} h.feed_id IN ({marks})", feeds)
        return [row["delivery_id"] for row in rows]
    try:
        given = between(one) * len(_IDS)
    except StateError:
        raise StateError(
            one, "no feed has this name or address, and no id begins so", "`wirebell alerts held` names what is held"
        ) from None
    rows = db.execute(
        f"{_HELD} ({' OR '.join(f'{name} >= ? AND {name} < ?' for name in _IDS)})",
        given,
    )
    return [row["delivery_id"] for row in rows]


_IDS = ("h.feed_id", "h.hold_id", "h.notice_id", "d.alert_id", "d.delivery_id")
_HELD = "SELECT d.delivery_id FROM deliveries d JOIN holds h USING (hold_id) WHERE"


def held(db: Database) -> list[Held]:
    """What is held, by feed and by whether its notice is on its way; the latest first."""
    rows = db.execute(
        f"""SELECT h.feed_id, {CALLED} AS name, h.notice_id IS NOT NULL AS told,
               group_concat(DISTINCT h.hold_id) AS holds, min(h.held_at) AS since,
               count(DISTINCT d.alert_id) AS alerts, count(*) AS deliveries
           FROM deliveries d JOIN holds h USING (hold_id) JOIN feeds f USING (feed_id)
           GROUP BY h.feed_id, told ORDER BY since DESC"""  # noqa: S608
    ).fetchall()
    return [_held(db, row) for row in rows]


def _held(db: Database, row: Row) -> Held:
    holds = sorted(row["holds"].split(","))
    marks = ",".join("?" * len(holds))
    items = db.execute(f"SELECT sum(items) AS number FROM holds WHERE hold_id IN ({marks})", holds).fetchone()  # noqa: S608
    titles = db.execute(
        f"""SELECT a.title FROM alerts a JOIN deliveries d USING (alert_id) WHERE d.hold_id IN ({marks})
            GROUP BY a.alert_id ORDER BY max(d.seq) LIMIT {HEADLINES}""",  # noqa: S608
        holds,
    )
    return Held(
        hold_ids=tuple(holds),
        feed_id=row["feed_id"],
        name=row["name"],
        since=moment(row["since"]),
        items=items["number"],
        alerts=row["alerts"],
        deliveries=row["deliveries"],
        headlines=tuple(each["title"] for each in titles),
        told=bool(row["told"]),
    )


def tell(db: Database, hold_ids: Collection[str], notice_id: str) -> None:
    """A notice of these is owed from here on."""
    db.conn.executemany(
        "UPDATE holds SET notice_id = ? WHERE hold_id = ? AND notice_id IS NULL",
        [(notice_id, hold_id) for hold_id in hold_ids],
    )


def start_the_clock(db: Database, now: datetime) -> None:
    """What is held can expire once the notice of it has arrived."""
    rows = db.execute(
        """UPDATE holds SET told_at = :at WHERE told_at IS NULL AND EXISTS (
               SELECT 1 FROM deliveries d WHERE d.alert_id = holds.notice_id AND d.state = 'sent')
           RETURNING hold_id""",
        {"at": micro(now)},
    ).fetchall()
    db.conn.executemany(
        "UPDATE deliveries SET deadline = ? WHERE hold_id = ?",
        [(micro(now + DEADLINE), row["hold_id"]) for row in rows],
    )
