"""What the robots.txt files of sites say, and until when that may be relied on."""

from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlite_utils import Database

from state.access import Access
from state.rows import clean, micro, moment


@dataclass(frozen=True, slots=True)
class RobotsRecord:
    """What is known of a site's robots.txt until then: its text, or the `problem` for which nothing may be asked."""

    rules: str
    problem: str
    until: datetime


class RobotsFiles:
    """`store.robots`: by scheme, host and port of a site."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def of(self, origin: str, *, now: datetime) -> RobotsRecord | None:
        """What that of a site said; None where that is not known, or was known too long ago."""
        return self._access.read(lambda db: known_of(db, origin, now))

    def keep(self, origin: str, known: RobotsRecord, *, now: datetime) -> Future[None]:
        """Remember that of a site."""
        return self._access.write("robots", lambda db: keep(db, origin, known, now))


def known_of(db: Database, origin: str, now: datetime) -> RobotsRecord | None:
    """What a site's robots.txt said, as long as that may be relied on."""
    row = db.execute("SELECT * FROM robots WHERE origin = ? AND until > ?", [origin, micro(now)]).fetchone()
    return RobotsRecord(row["rules"], row["problem"], moment(row["until"])) if row else None


def keep(db: Database, origin: str, known: RobotsRecord, now: datetime) -> None:
    """Remember a robots.txt, and forget those that are known too long."""
    db.execute("DELETE FROM robots WHERE until < ?", [micro(now - timedelta(days=7))])
    db.execute(
        "INSERT OR REPLACE INTO robots VALUES (?, ?, ?, ?)",
        [clean(origin), clean(known.rules), clean(known.problem), micro(known.until)],
    )
