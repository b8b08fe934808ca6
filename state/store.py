"""The one door: the memory of the house. One store per process writes; any number read.

Writes return a `concurrent.futures.Future` that is done when the change is on the disk; reads answer at once, from a
connection of the calling thread. Only StateError is raised, or set on the Future, for what a person can cure.
"""

import secrets
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Self

from sqlite_utils import Database

from rules.health import Health
from rules.records import Alert, Attempt, Cursor, Delivery, Feed, Hit, Item, Judged, Story
from state import catalogue, feed_health, health, holds, ingest, outbox, parts, wordindex
from state.access import Access
from state.articles import Articles, Draft
from state.catalogue import AlertRecord, ChannelRecord, FeedRecord, Headline, ItemRecord, Status
from state.database import Lock, file_of, open_writer
from state.feed_health import FeedHealth
from state.history import History
from state.holds import Holds
from state.ingest import Committed
from state.parts import Part
from state.robots import RobotsFiles
from state.rows import micro
from state.subscriptions import Subscriptions
from state.troubles import Troubles
from state.upkeep import Upkeep
from state.writer import Reached, Writer, unwatched


class Store:
    """The memory at one path. Make it with `Store.open`.

    What feeds bring, what is owed and what people ask is asked of the store itself; the rest of its parts.
    """

    articles: Articles
    """Behind the links of items."""
    robots: RobotsFiles
    """What sites allow."""
    subscriptions: Subscriptions
    """What hubs were asked to push."""
    holds: Holds
    """What waits for a person."""
    troubles: Troubles
    """What the operator is told of feeds."""
    history: History
    """What was seen, found by its words."""
    upkeep: Upkeep
    """Backups, checks and what is forgotten."""

    def __init__(self, access: Access, owner: str, reached: Reached, stack: ExitStack) -> None:
        self.path = access.path
        self.articles, self.robots = Articles(access), RobotsFiles(access)
        self.subscriptions = Subscriptions(access)
        self.holds, self.troubles = Holds(access), Troubles(access)
        self.history, self.upkeep = History(access), Upkeep(access)
        self._access = access
        self._read, self._write = access.read, access.write
        self._owner = owner
        self._reached = reached
        self._stack = stack
        self._sighted: dict[str, dict[str, int]] = {}

    @classmethod
    def open(cls, place: Path, *, read_only: bool = False, beside: bool = False, reached: Reached = unwatched) -> Self:
        """The memory at `place`, a file or a folder; made where there is none yet.

        The process that opens it to write is the only one, and takes back what a process that is gone had claimed.
        `read_only` is for commands that look while another process writes. `beside` is for those that change a row
        while the daemon runs: it makes and locks nothing, takes nothing back and leaves checkpoints to the daemon.
        `reached` is told the names of the places where a crash would hurt most.

        Raises StateBusy where another process writes, NewerSchema, StateError for a file that is damaged or not ours.
        """
        path, owner = file_of(place), secrets.token_hex(8)
        if read_only:
            access = Access(path, None)
            access.begin()
            return cls(access, owner, reached, ExitStack())
        with ExitStack() as stack:
            if not beside:
                stack.callback(Lock(path).release)
            writer = Writer(open_writer(path, beside=beside), path, reached=reached)
            stack.callback(writer.close)
            if not beside:
                writer.submit("release", lambda db: outbox.release(db, owner)).result()
                writer.submit("index", wordindex.prepare).result()
            store = cls(Access(path, writer), owner, reached, stack.pop_all())
        if not beside:
            store.upkeep.learn()
        return store

    def close(self) -> None:
        """Write what was submitted, and let go of the file. Twice is once."""
        self.upkeep.close()
        self._access.close()
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Feeds and what they carry.

    def enrol(self, feeds: Sequence[Feed], *, now: datetime, spread: float = 0.0) -> Future[None]:
        """Make `feeds` the ones that are polled, new ones within `spread` seconds; the others stay, and are not due."""
        return self._write("enrol", lambda db: ingest.enrol(db, feeds, now, spread))

    def due(self, now: datetime, limit: int = 500, *, after: Cursor | None = None) -> list[Cursor]:
        """The feeds to poll now, the longest overdue first; only those that come `after` one, as it was then."""
        return self._read(lambda db: catalogue.due(db, now, limit, after))

    def next_due(self) -> datetime | None:
        """When the next feed is due, which may be past; None where there is none."""
        return self._read(catalogue.next_due)

    def paces(self) -> list[tuple[float, float]]:
        """The pace of each adaptive feed, 0 where it is unknown, and the seconds that it asks to be left alone."""
        return self._read(catalogue.paces)

    def cursor(self, feed_id: str) -> Cursor | None:
        """How far we are in a feed."""
        return self._read(lambda db: catalogue.cursor(db, feed_id))

    def known(self, feed_id: str, keys: Collection[str]) -> dict[str, str]:
        """Those of `keys` that the feed has shown before, each with the fingerprint its item had.

        An item needs judging unless every key of it is known with the fingerprint it has now. To look a key up is to
        have seen it: the feed's next `commit` remembers that.
        """
        rows = self._read(lambda db: list(ingest.known_keys(db, feed_id, keys)))
        self._sighted.setdefault(feed_id, {}).update({row["key"]: row["seen_at"] for row in rows})
        return {row["key"]: row["fingerprint"] for row in rows}

    def commit(
        self,
        cursor: Cursor,
        judged: Sequence[Judged] = (),
        *,
        now: datetime,
        backfill: timedelta = timedelta(0),
        channels: Sequence[str] = (),
        patient: bool = False,
        full_text: bool = False,
        parts: Sequence[Part] | None = None,
        title: str = "",
    ) -> Future[Committed]:
        """Keep what a poll brought and the feed's cursor, in one transaction.

        New items ring what they hit; items that were edited ring what no earlier version hit. The first good poll of
        a feed rings only for items published within `backfill`. A hit that names no channel is owed to `channels`.
        The Future of a `patient` one waits for room on a full disk, so that no publisher is asked again for it.
        `full_text`: the articles of what rings nothing are wanted. `parts` are the sitemaps of an index, with their
        validators and hashes; None leaves them as they are. `title` is what the feed calls itself, where it says so.
        """
        sighted = self._sighted.pop(cursor.feed_id, {})
        stale = [key for key, seen in sighted.items() if seen < micro(now - ingest.FRESH_KEY)]
        return self._write(
            "ingest",
            lambda db: ingest.ingest(
                db,
                cursor,
                judged,
                now=now,
                backfill=backfill,
                channels=channels,
                sighted=stale,
                read=bool(judged or sighted),
                full_text=full_text,
                parts=parts,
                title=title,
                reached=self._reached,
            ),
            patient=patient,
        )

    def parts(self, feed_id: str) -> list[Part]:
        """The sitemaps of an index: address, ETag, Last-Modified and hash of each."""
        return self._read(lambda db: parts.parts_of(db, feed_id))

    def commit_article(
        self, item_id: str, drafted: Draft, hits: Sequence[Hit], *, now: datetime, channels: Sequence[str]
    ) -> Future[int]:
        """Ring what an item rings with its article and has not rung without; how many alerts."""
        return self._write(
            "article",
            lambda db: ingest.ingest_article(db, item_id, drafted, hits, now=now, channels=channels),
            patient=True,
        )

    @property
    def indexes(self) -> bool:
        """Whether this SQLite has a full-text index; without one all is found by reading it."""
        return wordindex.has_fts5()

    # What is owed.

    def owe(self, alert: Alert, channels: Iterable[str], *, now: datetime) -> Future[int]:
        """Owe an alert that comes from no feed, once per id; how many deliveries are new. Waits for room on a disk."""
        wanted = tuple(channels)
        return self._write("owe", lambda db: outbox.owe(db, alert, wanted, now), patient=True)

    def take(self, channel: str, *, now: datetime) -> Future[Delivery | None]:
        """Claim what is due to `channel`. Send only what was claimed, and answer with `done`."""
        return self._write("claim", lambda db: outbox.take(db, channel, self._owner, now))

    def done(
        self,
        delivery: Delivery,
        attempt: Attempt,
        *,
        now: datetime,
        again_at: datetime | None = None,
        health: Health = Health(),  # noqa: B008  frozen
    ) -> Future[None]:
        """Write down what became of a claim: sent, to be tried `again_at`, or dead with the attempt's reason.

        `health` is that of the channel from here on; when it is no longer down, all that is owed to it is due at once.
        The Future waits for room on a full disk, so that what was sent is not sent twice.
        """

        def work(db: Database) -> None:
            outbox.done(db, delivery, attempt, owner=self._owner, now=now, again_at=again_at, health=health)
            self._reached("ack:inside")

        return self._write("ack", work, patient=True)

    def owed(self, now: datetime) -> dict[str, datetime]:
        """For each channel that is owed something, when `take` next finds it; not after `now` is at once."""
        return self._read(lambda db: outbox.owed(db, now))

    def health(self, channel: str) -> Health:
        """How a channel fares."""
        return self._read(lambda db: health.health_of(db, channel))

    def reopen(self) -> Future[None]:
        """Give every channel that is down a new chance, at once."""
        return self._write("reopen", health.reopen)

    def expire(self, now: datetime) -> Future[dict[str, int]]:
        """Give up what is past its deadline; how many alerts by channel, notices of the service itself not counted."""

        def work(db: Database) -> dict[str, int]:
            holds.start_the_clock(db, now)
            return outbox.expire(db, now)

        return self._write("expire", work)

    def retry(self, prefixes: Collection[str] | None = None, *, now: datetime) -> Future[int]:
        """Owe again what was given up: alerts or deliveries whose ids begin so, or all; how many deliveries."""
        return self._write("retry", lambda db: outbox.retry(db, prefixes, now))

    # What people ask.

    def feeds(self) -> list[FeedRecord]:
        """Every feed that was ever configured, and how it fares."""
        return self._read(catalogue.feeds)

    def feed_health(self, *, now: datetime) -> list[FeedHealth]:
        """How each configured feed fares, and what it brought of late."""
        return self._read(lambda db: feed_health.feed_health(db, now))

    def alerts(self, *, since: datetime | None = None, rule: str = "", limit: int = 100) -> list[AlertRecord]:
        """The latest alerts with their deliveries, newest first."""
        return self._read(lambda db: catalogue.alerts(db, since, rule, limit))

    def alert(self, prefix: str) -> AlertRecord | None:
        """The alert whose id begins so, with every attempt. Raises StateError where several do."""
        return self._read(lambda db: catalogue.alert(db, prefix))

    def story(self, story_id: str) -> Story | None:
        """A story with its reports."""
        return self._read(lambda db: catalogue.story(db, story_id))

    def stories(self, *, since: datetime | None = None, limit: int = 100) -> list[Story]:
        """The stories that had a report lately, newest first."""
        return self._read(lambda db: catalogue.stories(db, since, limit))

    def items(self, *, since: datetime | None = None, limit: int = 10_000) -> list[ItemRecord]:
        """What was seen since, oldest first, with what it hit."""
        return self._read(lambda db: catalogue.items(db, since, limit))

    def stream(self, since: datetime, *, page: int = 1000) -> Iterator[Item]:
        """Every item seen since, oldest first, however many: `page` of them are in memory at a time."""
        after = (micro(since), -1)
        while True:
            items, after = self._read(partial(catalogue.page, after=after, limit=page))
            yield from items
            if len(items) < page:
                return

    def seen_since(self, since: datetime) -> int:
        """How many items `stream` gives."""
        return self._read(lambda db: catalogue.seen_since(db, since))

    def find(self, link_key: str, text: str, *, limit: int = 20) -> list[ItemRecord]:
        """The items whose article has this canonical link, or whose guid is `text`; newest first."""
        return self._read(lambda db: catalogue.find(db, link_key, text, limit))

    def forgotten(self, link_key: str, text: str) -> datetime | None:
        """When an item with this canonical link or guid was last in its feed, where the retention has taken it."""
        return self._read(lambda db: catalogue.forgotten(db, link_key, text))

    def headlines(self, *, limit: int) -> list[Headline]:
        """The titles that were seen last, newest first."""
        return self._read(lambda db: catalogue.headlines(db, limit))

    def records(self, item_ids: Sequence[str]) -> list[ItemRecord]:
        """These items as far as they are there, in this order."""
        return self._read(lambda db: catalogue.records(db, item_ids))

    def channels(self) -> list[ChannelRecord]:
        """How each channel fares that was ever tried."""
        return self._read(catalogue.channels)

    def status(self, *, now: datetime) -> Status:
        """The facts of this moment."""
        return self._read(lambda db: catalogue.status(db, now))

    @property
    def instance(self) -> str:
        """What names this memory in message ids; it stays when the file moves."""
        return self._read(catalogue.instance)

    @property
    def waited(self) -> float:
        """Seconds the writer has got nothing done while there was something to do."""
        return self._access.waited

    @property
    def complaint(self) -> str:
        """Why nothing can be written at the moment, as a sentence; empty where all is well."""
        return self._access.complaint
