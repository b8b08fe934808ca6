"""What hubs were asked to push, and how far that is."""

from concurrent.futures import Future
from dataclasses import asdict

from sqlite_utils import Database

from rules.pushing import Stage, Subscription
from state.access import Access
from state.rows import clean, micro, moment

_TEXTS = ("token", "feed_id", "hub", "topic", "callback", "secret", "error")
_NUMBERS = ("failures", "missed")
_TIMES = ("asked_at", "verified_at", "lease_until", "pushed_at")


class Subscriptions:
    """`store.subscriptions`: each under its token."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def all(self) -> list[Subscription]:
        """Every one that is not over, in the order in which they were made."""
        return self._access.read(all_of)

    def keep(self, subscription: Subscription) -> Future[None]:
        """Write down how far it is."""
        return self._access.write("subscribe", lambda db: keep(db, subscription))

    def forget(self, token: str) -> Future[None]:
        """It is over."""
        return self._access.write("subscribe", lambda db: forget(db, token))


def all_of(db: Database) -> list[Subscription]:
    """Every subscription, in the order in which they were made."""
    return [
        Subscription(
            **{name: row[name] for name in _TEXTS},
            **{name: moment(row[name]) for name in _TIMES},
            stage=Stage(row["stage"]),
            failures=row["failures"],
            missed=bool(row["missed"]),
        )
        for row in db.execute("SELECT * FROM subscriptions ORDER BY rowid")
    ]


def keep(db: Database, subscription: Subscription) -> None:
    """Write down how far a subscription is."""
    values = asdict(subscription)
    row = {name: clean(values[name]) for name in _TEXTS} | {name: int(values[name]) for name in _NUMBERS}
    row |= {name: micro(values[name]) for name in _TIMES} | {"stage": subscription.stage}
    names = ", ".join(row)
    marks = ", ".join(f":{name}" for name in row)
    updates = ", ".join(f"{name} = excluded.{name}" for name in row if name != "token")
    db.execute(f"INSERT INTO subscriptions ({names}) VALUES ({marks}) ON CONFLICT DO UPDATE SET {updates}", row)  # noqa: S608


def forget(db: Database, token: str) -> None:
    """Nothing is pushed under this token any more."""
    db.execute("DELETE FROM subscriptions WHERE token = ?", [token])
