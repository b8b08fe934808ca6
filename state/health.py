"""How each channel fares, kept so that a restart neither hammers a dead one nor forgets that it rests."""

from collections.abc import Iterable

from sqlite_utils import Database

from rules.health import ENOUGH, Health
from state.rows import micro, moment


def health_of(db: Database, channel: str) -> Health:
    """How a channel fares; one that was never tried is well."""
    row = db.execute("SELECT failures, open_until FROM channel_state WHERE channel = ?", [channel]).fetchone()
    return Health(failures=row["failures"], rests_until=moment(row["open_until"])) if row else Health()


def note(db: Database, channel: str, health: Health, *, at: int, sent: bool, reason: str) -> None:
    """Write down how a channel fares after an attempt; when it is no longer down, what is owed to it is due."""
    if health_of(db, channel).down and not health.down:
        _bring_forward(db, [channel])
    db.execute(
        """INSERT INTO channel_state (channel, open_until, failures, error, last_ok, last_attempt)
           VALUES (:channel, :until, :failures, :reason, iif(:sent, :at, NULL), :at)
           ON CONFLICT DO UPDATE SET open_until = excluded.open_until, error = excluded.error,
               failures = excluded.failures, last_ok = coalesce(excluded.last_ok, last_ok),
               last_attempt = excluded.last_attempt""",
        {"channel": channel, "until": micro(health.rests_until), "failures": health.failures, "sent": sent,
         "reason": reason, "at": at},
    )  # fmt: skip


def reopen(db: Database) -> None:
    """Give every channel that is down a new chance, and what is owed to it a new try."""
    down = [row["channel"] for row in db.execute("SELECT channel FROM channel_state WHERE failures >= ?", [ENOUGH])]
    db.execute("UPDATE channel_state SET failures = 0, open_until = NULL WHERE failures >= ?", [ENOUGH])
    _bring_forward(db, down)


def probe_at_once(db: Database, channels: Iterable[str]) -> None:
    """Those of `channels` that are down need not wait for their next probe: a person asks for it."""
    db.conn.executemany(
        "UPDATE channel_state SET open_until = NULL WHERE channel = ? AND failures >= ?",
        [(channel, ENOUGH) for channel in channels],
    )


def _bring_forward(db: Database, channels: Iterable[str]) -> None:
    """What waited because its channel was down is due at once, in the order in which it was owed."""
    db.conn.executemany(
        """UPDATE deliveries SET not_before = created_at
           WHERE channel = ? AND state = 'pending' AND not_before > created_at""",
        [(channel,) for channel in channels],
    )
