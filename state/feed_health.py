"""How each feed fares: its cursor, what is wrong with it, what it brought day by day, and how late. Reads only.

The items of all feeds are counted in one pass over an index that has their times and nothing else.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlite_utils import Database

from rules.records import Cursor, Feed
from rules.troubles import Trouble
from state import troubles
from state.rows import cursor_of, feed_of, micro, moment

DAYS = 14

DAY = timedelta(days=1)

USUAL = timedelta(days=28)
"""The time by which it is told how many items are usual."""

FEWEST = 3
"""Items in it, below which nothing is."""

LATE = timedelta(days=1)
"""An item that is seen so long after its date tells of an embargo or of an archive, and nothing of us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHealth:
    """A configured feed. `days`: items of each of the last DAYS days, the last of which ends at this moment.

    `delay` is the median of the time from publication to sight in these days; None where no date can be believed.
    `per_day` is how many items are usual of late; None where there were too few.
    `held`: alerts that wait for a person. `troubles` are those that are not over.
    """

    feed: Feed
    cursor: Cursor
    added: datetime
    days: tuple[int, ...]
    delay: timedelta | None
    per_day: float | None
    troubles: tuple[Trouble, ...]
    held: int


def feed_health(db: Database, now: datetime) -> list[FeedHealth]:
    """Every configured feed, by name."""
    wrong = defaultdict(list)
    for trouble in troubles.kept(db):
        if trouble.over is None:
            wrong[trouble.feed_id].append(trouble)
    given = {"now": micro(now), "start": micro(now - DAYS * DAY), "day": DAY // timedelta(microseconds=1),
             "days": DAYS, "late": LATE // timedelta(microseconds=1)}  # fmt: skip
    days, delays, rates = _days(db, given), _delays(db, given), _rates(db, now)
    held = {
        row["feed_id"]: row["number"]
        for row in db.execute(
            """SELECT feed_id, count(DISTINCT alert_id) AS number FROM deliveries JOIN holds USING (hold_id)
               GROUP BY feed_id"""
        )
    }
    return [
        FeedHealth(
            feed=feed_of(row),
            cursor=cursor_of(row),
            added=moment(row["added_at"]),
            days=tuple(days[row["feed_id"]]),
            delay=delays.get(row["feed_id"]),
            per_day=rates.get(row["feed_id"]),
            troubles=tuple(wrong[row["feed_id"]]),
            held=held.get(row["feed_id"], 0),
        )
        for row in db.execute("SELECT * FROM feeds WHERE active ORDER BY name, url")
    ]


# What came with the first poll of a feed is counted on the day it was published, and not at all without a date.
_TIMES = """
    WITH firsts AS (SELECT feed_id, (SELECT min(seen_at) FROM items i WHERE i.feed_id = f.feed_id) AS first
                    FROM feeds f WHERE active),
         times AS (SELECT feed_id, seen_at, published, seen_at > first AS later
                   FROM firsts CROSS JOIN items USING (feed_id) WHERE seen_at > :start)
"""
_CAME = "(SELECT feed_id, coalesce(min(published, seen_at), iif(later, seen_at, NULL)) AS at FROM times)"


def _days(db: Database, given: dict[str, int]) -> defaultdict[str, list[int]]:
    days: defaultdict[str, list[int]] = defaultdict(lambda: [0] * DAYS)
    rows = db.execute(
        f"""{_TIMES} SELECT feed_id, (at - :start - 1) / :day AS day, count(*) AS number
            FROM {_CAME}
            WHERE at > :start AND at <= :now GROUP BY feed_id, day""",  # noqa: S608
        given,
    )
    for row in rows:
        days[row["feed_id"]][min(row["day"], DAYS - 1)] = row["number"]
    return days


def _delays(db: Database, given: dict[str, int]) -> dict[str, timedelta]:
    rows = db.execute(
        f"""{_TIMES} SELECT feed_id, delay FROM (
                SELECT feed_id, seen_at - published AS delay, count(*) OVER (PARTITION BY feed_id) AS number,
                       row_number() OVER (PARTITION BY feed_id ORDER BY seen_at - published) AS place
                FROM times WHERE later AND seen_at - published BETWEEN 0 AND :late)
            WHERE place = (number + 1) / 2""",  # noqa: S608
        given,
    )
    return {row["feed_id"]: timedelta(microseconds=row["delay"]) for row in rows}


def _rates(db: Database, now: datetime) -> dict[str, float]:
    """Items a day from the first one of these weeks on: a feed may show no more than its last few hours at first."""
    rows = db.execute(
        f"""{_TIMES} SELECT feed_id, count(*) AS number, min(at) AS first FROM {_CAME}
            WHERE at > :start AND at < :now GROUP BY feed_id HAVING number >= :fewest""",  # noqa: S608
        {"start": micro(now - USUAL), "now": micro(now), "fewest": FEWEST},
    )
    return {row["feed_id"]: row["number"] * DAY / max(now - moment(row["first"]), DAY) for row in rows}
