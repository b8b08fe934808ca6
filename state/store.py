"""The one door: the memory of the house. One store per process writes; any number read.

Writes return a `concurrent.futures.Future` that is done when the change is on the disk; reads answer at once, from a
connection of the calling thread. Only StateError is raised, or set on the Future, for what a person can cure.
"""

import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

from sqlite_utils import Database

from rules.asking import Asked
from rules.backtesting import Past
from rules.health import Health
from rules.pushing import Subscription
from rules.records import Alert, Attempt, Cursor, Delivery, Feed, Hit, Item, Judged, Story
from rules.silence import Arrival
from rules.troubles import Trouble
from state import (
    articles,
    catalogue,
    feed_health,
    health,
    history,
    holds,
    ingest,
    outbox,
    subscriptions,
    troubles,
    upkeep,
    wordindex,
)
from state.articles import ArticleRecord, Pending, RobotsRecord
from state.catalogue import AlertRecord, ChannelRecord, FeedRecord, Headline, ItemRecord, Status
from state.database import Lock, file_of, open_reader, open_writer
from state.errors import StateError, told
from state.feed_health import FeedHealth
from state.history import Batch, Found, Latest
from state.holds import Held
from state.ingest import Committed
from state.rows import micro
from state.troubles import Ailing, Still
from state.upkeep import Stats
from state.writer import Reached, Writer, unwatched

T = TypeVar("T")


class Store:
    """The memory at one path. Make it with `Store.open`."""

    def __init__(self, path: Path, owner: str, writer: Writer | None, reached: Reached, stack: ExitStack) -> None:
        self.path = path
        self._owner = owner
        self._writer = writer
        self._reached = reached
        self._stack = stack
        self._local = threading.local()
        self._readers: list[Database] = []
        self._sighted: dict[str, dict[str, int]] = {}
        self._slow = ThreadPoolExecutor(max_workers=1, thread_name_prefix="upkeep")
        self._closing = threading.Event()

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
            store = cls(path, owner, None, reached, ExitStack())
            store._reader()
            return store
        with ExitStack() as stack:
            if not beside:
                stack.callback(Lock(path).release)
            db = open_writer(path, beside=beside)
            writer = Writer(db, path, reached=reached)
            stack.callback(writer.close)
            if not beside:
                writer.submit("release", lambda db: outbox.release(db, owner)).result()
                writer.submit("index", wordindex.prepare).result()
            store = cls(path, owner, writer, reached, stack.pop_all())
        if not beside:
            store._learn()
        return store

    def close(self) -> None:
        """Write what was submitted, and let go of the file. Twice is once."""
        self._closing.set()
        self._slow.shutdown()
        for reader in self._readers:
            reader.conn.close()
        self._readers.clear()
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Feeds and what they carry.

    def enrol(self, feeds: Sequence[Feed], *, now: datetime, spread: float = 0.0) -> Future[None]:
        """Make `feeds` the ones that are polled, new ones within `spread` seconds; the others stay, and are not due."""
        return self._write("enrol", lambda db: ingest.enrol(db, feeds, now, spread))

    def due(self, now: datetime, limit: int = 500) -> list[Cursor]:
        """The feeds to poll now, the longest overdue first."""
        return self._read(lambda db: catalogue.due(db, now, limit))

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
        parts: Sequence[tuple[str, str, str, str]] | None = None,
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

    def parts(self, feed_id: str) -> list[tuple[str, str, str, str]]:
        """The sitemaps of an index: address, ETag, Last-Modified and hash of each."""
        return self._read(lambda db: articles.parts(db, feed_id))

    # Articles behind links.

    def articles_due(self, now: datetime, limit: int = 200) -> list[Pending]:
        """What may be fetched or judged now."""
        return self._read(lambda db: articles.due(db, now, limit))

    def articles_waiting(self) -> int:
        """How many articles are still to be read."""
        return self._read(articles.waiting)

    def article(self, item_id: str) -> ArticleRecord | None:
        """What became of the article of an item; None where none was wanted."""
        return self._read(lambda db: articles.record(db, item_id))

    def article_draft(self, item_id: str) -> articles.Draft | None:
        """The item with the text of its article, to be judged; None where it is judged already."""
        return self._read(lambda db: articles.draft(db, item_id))

    def article_moved(self, item_id: str, url: str) -> Future[None]:
        """The link of an item leads on to `url`."""
        return self._write("article", lambda db: articles.moved(db, item_id, url), patient=True)

    def article_put_off(
        self, item_id: str, reason: str, *, until: datetime, host_until: datetime | None = None
    ) -> Future[None]:
        """Ask for an article again then, and for any of its host not before `host_until`."""
        return self._write("article", lambda db: articles.put_off(db, item_id, reason, until, host_until), patient=True)

    def article_given_up(self, item_id: str, reason: str, *, now: datetime) -> Future[None]:
        """Never ask for an article again."""
        return self._write("article", lambda db: articles.give_up(db, item_id, reason, now), patient=True)

    def article_dropped(self, item_id: str, *, now: datetime) -> Future[None]:
        """Nobody asks for the article of this item any more."""
        return self._write("article", lambda db: articles.drop(db, item_id, now), patient=True)

    def article_fetched(self, item_id: str, text: str, *, now: datetime) -> Future[None]:
        """Keep the text of an article, for every item that links to it; they are to be judged then."""
        return self._write("article", lambda db: articles.keep(db, item_id, text, now), patient=True)

    def article_judged(
        self, item_id: str, drafted: articles.Draft, hits: Sequence[Hit], *, now: datetime, channels: Sequence[str]
    ) -> Future[int]:
        """Ring what an item rings with its article and has not rung without; how many alerts."""
        return self._write(
            "article",
            lambda db: ingest.ingest_article(db, item_id, drafted, hits, now=now, channels=channels),
            patient=True,
        )

    def robots(self, origin: str, *, now: datetime) -> RobotsRecord | None:
        """What the robots.txt of a site said, as long as that may be relied on."""
        return self._read(lambda db: articles.robots(db, origin, now))

    def keep_robots(self, origin: str, known: RobotsRecord, *, now: datetime) -> Future[None]:
        """Remember the robots.txt of a site."""
        return self._write("robots", lambda db: articles.keep_robots(db, origin, known, now))

    # What hubs were asked to push.

    def subscriptions(self) -> list[Subscription]:
        """Every one that is not over."""
        return self._read(subscriptions.all_of)

    def subscribe(self, subscription: Subscription) -> Future[None]:
        """Keep how far a subscription is, under its token."""
        return self._write("subscribe", lambda db: subscriptions.keep(db, subscription))

    def unsubscribe(self, token: str) -> Future[None]:
        """Forget a subscription that is over."""
        return self._write("subscribe", lambda db: subscriptions.forget(db, token))

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

    # What waits for a person, and what the operator is told.

    def release(self, wanted: Collection[str] | None = None, *, now: datetime) -> Future[int]:
        """Owe what is held of these (feeds by name or address, beginnings of ids), or all; how many deliveries.

        The Future, and that of `drop`, raises StateError for what is neither.
        """
        return self._write("release", lambda db: holds.release(db, wanted, now))

    def drop(self, wanted: Collection[str] | None = None, *, now: datetime) -> Future[int]:
        """Never send what is held of these, or all; how many deliveries."""
        return self._write("drop", lambda db: holds.drop(db, wanted, now))

    def held(self) -> list[Held]:
        """What is held, by feed, the latest first."""
        return self._read(holds.held)

    def troubles(self) -> list[Trouble]:
        """What is wrong with feeds, as far as it was told or is to be told."""
        return self._read(troubles.kept)

    def ailing(self) -> list[Ailing]:
        """The configured feeds that fail, are gone or moved, or had a trouble."""
        return self._read(troubles.ailing)

    def still(self) -> list[Still]:
        """The feeds that answer well and have had nothing for the time of a few items."""
        return self._read(troubles.still)

    def arrivals(self, feed_id: str, last: datetime) -> list[Arrival]:
        """What a feed brought until its `last` item, oldest first, as far as it says something of its rhythm."""
        return self._read(lambda db: troubles.arrivals(db, feed_id, last))

    def pulse(self, feed_id: str, start: datetime, end: datetime) -> tuple[int, int]:
        """How many other feeds had something new between the two, and how many in the same hours of an earlier week."""
        return self._read(lambda db: troubles.pulse(db, feed_id, start, end))

    def brought(self, feed_id: str, since: datetime) -> int:
        """How many items the feed has brought since."""
        return self._read(lambda db: troubles.brought(db, feed_id, since))

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
        return self._write("tell", lambda db: troubles.tell(db, kept, notices, held, channels, now=now), patient=True)

    def feed_health(self, *, now: datetime) -> list[FeedHealth]:
        """How each configured feed fares, and what it brought of late."""
        return self._read(lambda db: feed_health.feed_health(db, now))

    def retry(self, prefixes: Collection[str] | None = None, *, now: datetime) -> Future[int]:
        """Owe again what was given up: alerts or deliveries whose ids begin so, or all; how many deliveries."""
        return self._write("retry", lambda db: outbox.retry(db, prefixes, now))

    def shift(self, by: timedelta, *, now: datetime) -> Future[None]:
        """Move every time still to come, because the clock was set to `now`: nothing bursts, stalls or expires."""
        return self._write("shift", lambda db: upkeep.shift(db, by, now))

    # What people ask.

    def feeds(self) -> list[FeedRecord]:
        """Every feed that was ever configured, and how it fares."""
        return self._read(catalogue.feeds)

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

    def history(self, asked: Asked | None, *, since: datetime | None = None, most: int | None = None) -> Found:
        """The items since then that may hold what is `asked`, all where that is None; `past` reads its batches.

        Where they are more than `most`, about so many of them: all or none of a story.
        """
        return self._read(lambda db: history.find(db, asked, since, most))

    def history_besides(self, asked: Asked, besides: Asked, *, since: datetime | None = None, number: int) -> Latest:
        """The latest items since then that may hold what is `asked`, and not what is asked `besides`."""
        return self._read(lambda db: history.find_latest(db, asked, besides, since, number))

    def past(self, batches: Iterable[Batch]) -> Iterator[list[Past]]:
        """The items of each batch, as they are at present."""
        for batch in batches:
            yield self._read(partial(history.read, batch=batch))

    @property
    def indexes(self) -> bool:
        """Whether this SQLite has a full-text index; without one all is found by reading it."""
        return wordindex.has_fts5()

    def recall(self, item_ids: Sequence[str]) -> list[Past]:
        """The items of these names, in this order; those that are gone are left out."""
        return self._read(lambda db: history.recall(db, item_ids))

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
        return self._writer.idle_for() if self._writer else 0.0

    @property
    def complaint(self) -> str:
        """Why nothing can be written at the moment, as a sentence; empty where all is well."""
        return self._writer.complaint if self._writer else ""

    # Upkeep, all of it while the service runs.

    def stats(self) -> Stats:
        """How much there is of everything."""
        return self._read(lambda db: upkeep.stats(db, self.path))

    def check(self) -> Future[list[str]]:
        """Every damage that can be found, in words."""
        return self._slow.submit(self._check)

    def backup(self, target: Path) -> Future[Path]:
        """A checked copy under a name that is not taken, whole or not there at all."""
        return self._slow.submit(self._alone, lambda db: upkeep.backup(db, target))

    def prune(self, older_than: timedelta, *, now: datetime) -> Future[int]:
        """Forget what is older, and nothing that is owed or that keeps a thing from ringing twice; how many rows."""
        writer = self._writes()

        def work() -> int:
            removed = upkeep.prune(lambda step: writer.submit("prune", step), older_than, now)
            writer.submit("index", wordindex.tidy).result()
            self._learn()
            writer.outside("checkpoint", upkeep.checkpoint).result()
            return removed

        return self._slow.submit(work)

    def _learn(self) -> None:
        """Put into the index what it lacks, a little at a time: whatever else is slow takes its turn between."""
        with suppress(RuntimeError):  # closed
            self._slow.submit(self._lesson)

    def _lesson(self) -> None:
        began = time.monotonic()
        if not self._closing.is_set() and self._advance():
            # As long as it took, the processor is for others.
            self._closing.wait(time.monotonic() - began)
            self._learn()

    def _advance(self) -> bool:
        """A little of what is left to do for the index; whether there was any."""
        if self._read(wordindex.is_given_up):
            self._write("index", wordindex.clear).result()
            return True
        lesson = self._read(wordindex.prepare_lesson)
        if lesson:
            self._write("index", lambda db: wordindex.take_lesson(db, lesson)).result()
        return bool(lesson)

    def _writes(self) -> Writer:
        if self._writer is None:
            raise StateError(self.path, "it was opened to be read", "this is a mistake in Wirebell; please report it")
        return self._writer

    def _write(self, name: str, work: Callable[[Database], T], *, patient: bool = False) -> Future[T]:
        return self._writes().submit(name, work, patient=patient)

    def _read(self, work: Callable[[Database], T]) -> T:
        with self._translated():
            db = self._reader()
            # One picture for all the statements of an answer.
            with db.atomic():
                return work(db)

    def _alone(self, work: Callable[[Database], T]) -> T:
        """`work` on a connection of its own, outside any transaction."""
        with self._translated():
            db = open_reader(self.path)
            try:
                return work(db)
            finally:
                db.conn.close()

    def _check(self) -> list[str]:
        try:
            return self._alone(upkeep.check)
        except StateError as error:
            return [str(error)]  # so damaged that it cannot be opened

    def _reader(self) -> Database:
        reader: Database | None = getattr(self._local, "reader", None)
        if reader is None:
            reader = self._local.reader = open_reader(self.path)
            self._readers.append(reader)
        return reader

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise told(error, self.path) from error
