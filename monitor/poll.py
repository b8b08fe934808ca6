"""One poll of one feed, end to end.

    due -> fetch -> read -> known? -> judge -> keep, in one transaction with the cursor

A crash at any line leaves the memory as it was, so the same answer comes again.
"""

import asyncio
import logging
import random
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from http import HTTPStatus

from monitor.answers import read_answer
from monitor.fetch import Fetched, Fetcher, FetchFailed, NotModified
from monitor.formats import Document, Part, Unreadable
from monitor.hosts import Silence, host_of, is_public
from monitor.price import Price
from monitor.pushes import Pushes, offer_of
from monitor.reader import Reader
from monitor.readers import Readers
from monitor.robots import Robots
from monitor.shadow import Shadow
from monitor.sifting import Sieve
from monitor.sitemaps import Followed, follow
from rules import timing, wishes
from rules.judge import Judge
from rules.records import Cursor, Feed, FeedKind, Judged
from rules.troubles import FAILS_BEFORE_NOTICE
from state.ingest import Committed
from state.store import Store

log = logging.getLogger("wirebell.poll")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a configuration asks of the poller; a reload brings another one."""

    feeds: Mapping[str, Feed]
    """By id."""
    judge: Judge
    bounds: timing.Bounds
    readers: tuple[str, ...]
    """The channels of a rule that names none."""
    backfill: timedelta = timedelta(0)
    gap: float = 0.0
    """Seconds between two requests of one poll."""
    parser: str = "auto"
    """Who reads the feeds that do not say themselves."""

    @cached_property
    def hosts(self) -> int:
        """How many of the internet are asked."""
        return len(set(filter(is_public, (host_of(feed.url) for feed in self.feeds.values()))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """What came of one poll; `problem` is empty where it went well.

    `host_rests`: seconds for which the host of `asked`, an address, wants to be left alone: it is asked too often.
    """

    feed: Feed
    asked: str
    items: int = 0
    new: int = 0
    alerts: int = 0
    held: int = 0
    folded: int = 0
    unchanged: bool = False
    problem: str = ""
    host_rests: float = 0.0


class Poller:
    """Takes feeds one step forward. `chance` gives numbers in [0, 1); `reached` is told each stage by name.

    One that is `patient` waits, with what it has read, for room on a full disk: nobody is asked again for it.
    """

    def __init__(
        self,
        *,
        store: Store,
        fetcher: Fetcher,
        reader: Reader | Readers,
        plan: Plan,
        pushes: Pushes,
        chance: Callable[[], float] = random.random,
        reached: Callable[[str], None] = lambda stage: None,
    ) -> None:
        self.plan = plan
        self.fetcher = fetcher
        self.patient = False
        self.on_notice: Callable[[str, str], None] = lambda title, text: None
        self._store = store
        self._reader = reader
        self._pushes = pushes
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._chance = chance
        self._reached = reached
        self.robots = Robots(store.robots)
        self._silence = Silence()
        self._sieve = Sieve(store)
        self._price = Price(store)
        self._shadow = Shadow(chance)

    async def poll(self, cursor: Cursor) -> Polled:
        """Ask the feed of `cursor` once, and keep what it says."""
        async with self._turns[cursor.feed_id]:
            return await self._poll(cursor)

    async def take_in(self, feed_id: str, body: bytes, headers: Mapping[str, str], url: str) -> Polled | None:
        """Keep what a hub sent of a feed; None where that is nothing. What it lacks is not gone, and the feed is
        polled when it would have been."""
        async with self._turns[feed_id]:
            feed, cursor = self.plan.feeds.get(feed_id), self._store.cursor(feed_id)
            if feed is None or cursor is None or not cursor.baseline:
                return None
            try:
                document = await self._document(self.plan, feed, Fetched(url=url, body=body, headers=headers))
            except Unreadable as error:
                log.warning("push not understood feed=%s reason=%s", feed.url, error)
                return None
            plan, now = self.plan, datetime.now(UTC)
            sifted = await self._sieve.sift(plan.judge, feed, document)
            after = timing.pushed(cursor, sifted.fresh, now=now)
            committed = await self._keep(plan, feed, after, sifted.judged, now=now, title=document.title)
            polled = _polled(feed, cursor, document, committed)
        log.info("pushed feed=%s items=%d new=%d alerts=%d", feed.url, polled.items, polled.new, polled.alerts)
        return polled

    async def _poll(self, cursor: Cursor) -> Polled:
        plan, feed = self.plan, self.plan.feeds[cursor.feed_id]
        self._reached("fetch:before")
        started = time.monotonic()
        try:
            answer = await self._refusal(plan, feed, cursor) or await self.fetcher.fetch(
                feed.url, _asking(cursor, now=datetime.now(UTC))
            )
        except asyncio.CancelledError:
            self._given_up(plan, feed, cursor)
            raise
        self._reached("fetch:after")
        match answer:
            case FetchFailed():
                polled = await self._failed(plan, feed, cursor, answer)
            case NotModified():
                polled = await self._unchanged(plan, feed, cursor, answer)
            case Fetched() if answer.unchanged:
                polled = await self._unchanged(plan, feed, cursor, answer)
            case Fetched():
                changing = self._changed(plan, feed, cursor, answer)
                del answer
                polled = await changing
        _say(polled, time.monotonic() - started)
        return polled

    async def _refusal(self, plan: Plan, feed: Feed, cursor: Cursor) -> FetchFailed | None:
        """Why a page may not be asked for by its robots.txt: it is made for people, a feed or a sitemap is not."""
        if feed.kind is not FeedKind.PAGE:
            return None
        asked = not self.robots.known(cursor.url)
        ruling = await self.robots.ruling(cursor.url, self.fetcher)
        if not ruling.allowed:
            return FetchFailed(reason=ruling.reason, code=0)
        if asked:
            await asyncio.sleep(max(plan.gap, ruling.delay))
        return None

    async def _failed(self, plan: Plan, feed: Feed, cursor: Cursor, answer: FetchFailed) -> Polled:
        now, chance = datetime.now(UTC), self._chance()
        if answer.gone:
            after = timing.gone(cursor, answer.reason, now=now)
        elif answer.code is None and await self._is_ours(plan, cursor):
            reason = f"{answer.reason}; no host answers, so our own network seems to be down"
            after = timing.postponed(cursor, reason, plan.bounds, every=feed.every, now=now, chance=chance)
        else:
            # What a page of an error says of caches holds for us as well.
            hints = timing.Answer(retry_after=max(answer.retry_after or 0.0, answer.fresh_for or 0.0))
            after = timing.failed(cursor, answer.reason, hints, plan.bounds, every=feed.every, now=now, chance=chance)
        if answer.code is not None:
            self._silence.broken()
        if after.failures == FAILS_BEFORE_NOTICE:
            after = timing.doubted(after, feed.url)
        if timing.wants_whole_answer(cursor, now=now):
            after = timing.rechecked(after, now=now)
        await self._keep(plan, feed, after, now=now)
        rests = answer.retry_after if answer.code == HTTPStatus.TOO_MANY_REQUESTS else None
        return Polled(feed=feed, asked=cursor.url, problem=after.error, host_rests=rests or 0.0)

    async def _is_ours(self, plan: Plan, cursor: Cursor) -> bool:
        """Whether no answer says more about our own network than about the feed."""
        # Those of twenty thousand feeds take 0.1 s to count, once.
        hosts = await asyncio.to_thread(lambda: plan.hosts)
        return self._silence.ours(host_of(cursor.url), of=hosts)

    def _given_up(self, plan: Plan, feed: Feed, cursor: Cursor) -> None:
        """We stop before the answer is there: its publisher has been asked, and is not asked again at the start."""
        now = datetime.now(UTC)
        reason = "no answer yet when Wirebell stopped"
        after = timing.postponed(cursor, reason, plan.bounds, every=feed.every, now=now, chance=self._chance())
        self._store.commit(wishes.granted(after), now=now)

    async def broke(self, cursor: Cursor, reason: str) -> Polled | None:
        """A bug of ours cost this feed its poll: it waits as for a server that is down. None where it was dropped."""
        plan, feed = self.plan, self.plan.feeds.get(cursor.feed_id)
        if feed is None:
            return None
        return await self._failed(plan, feed, cursor, FetchFailed(reason=f"Wirebell failed: {reason}", code=0))

    async def _unchanged(self, plan: Plan, feed: Feed, cursor: Cursor, answer: NotModified | Fetched) -> Polled:
        if feed.kind is FeedKind.SITEMAP and (parts := self._store.parts(feed.id)):
            # The sitemaps that an index names may have changed.
            followed = await self._follow(plan, feed, [Part(url) for url, *_ in parts])
            return await self._take(plan, feed, cursor, answer, document=followed.document, followed=followed)
        now = datetime.now(UTC)
        after = await self._succeeded(plan, feed, cursor, answer, timing.Answer(fresh_for=answer.fresh_for), now=now)
        await self._keep(plan, feed, after, now=now)
        return Polled(feed=feed, asked=cursor.url, unchanged=True)

    async def _changed(self, plan: Plan, feed: Feed, cursor: Cursor, answer: Fetched) -> Polled:
        try:
            document = await self._document(plan, feed, answer)
        except Unreadable as error:
            # The validators stay as they were: an error page must not hide the news behind it.
            return await self._failed(plan, feed, cursor, _failure(str(error), answer.fresh_for))
        self._reached("read:after")
        answer = replace(answer, body=b"")  # 20 MB that nobody needs any more
        if document.truncated:
            if not document.items:
                return await self._failed(plan, feed, cursor, _failure("the answer was cut off before its first item"))
            if not (cursor.baseline or cursor.failures):
                # The other half of a baseline would be news. If it is cut off again, it is taken for the whole.
                return await self._failed(plan, feed, cursor, _failure("the first answer was cut off before its end"))
            # The rest is still to come: with these validators the publisher would say that nothing has changed. Where
            # the same body comes again there is no rest, and they are kept.
            answer = replace(answer, etag=cursor.etag, last_modified=cursor.last_modified)
        if document.parts:
            followed = await self._follow(plan, feed, document.parts)
            return await self._take(plan, feed, cursor, answer, document=followed.document, followed=followed)
        return await self._take(plan, feed, cursor, answer, document=document)

    async def _follow(self, plan: Plan, feed: Feed, parts: Sequence[Part]) -> Followed:
        known = self._store.parts(feed.id)
        return await follow(self.fetcher, self._reader, feed, parts, known=known, gap=plan.gap)

    async def _take(
        self,
        plan: Plan,
        feed: Feed,
        cursor: Cursor,
        answer: NotModified | Fetched,
        *,
        document: Document,
        followed: Followed | None = None,
    ) -> Polled:
        """Keep what a document brings."""
        if followed and not followed.parts_read:
            return await self._failed(plan, feed, cursor, _failure(followed.problem))
        sifted = await self._sieve.sift(plan.judge, feed, document)
        judged, fresh = sifted.judged, sifted.fresh
        if followed and cursor.baseline:
            judged = followed.silenced(judged, cursor.last_success)
        hint = max(document.ttl or 0.0, document.period or 0.0)
        hints = timing.Answer(published=fresh, fresh_for=answer.fresh_for, hint=hint)
        now = datetime.now(UTC)
        after = await self._succeeded(plan, feed, cursor, answer, hints, now=now)
        after = replace(after, skip_hours=document.skip_hours, skip_days=document.skip_days)
        committed = await self._keep(plan, feed, after, judged, now=now, followed=followed, title=document.title)
        self._reached("ingest:after")
        if isinstance(answer, Fetched):
            await self._pushes.offered(feed, offer_of(answer.headers, answer.url) or document.offer)
        if fresh and cursor.baseline:
            await self._pushes.missed(feed.id)
        return _polled(feed, cursor, document, committed)

    async def _document(self, plan: Plan, feed: Feed, answer: Fetched) -> Document:
        parser = self._shadow.parser(feed, plan.parser, size=len(answer.body))
        document = await read_answer(self._reader, answer, feed, parser)
        if news := self._shadow.told(feed, document):
            self.on_notice(*news)
        return document

    async def _succeeded(
        self,
        plan: Plan,
        feed: Feed,
        cursor: Cursor,
        answer: NotModified | Fetched,
        hints: timing.Answer,
        *,
        now: datetime,
    ) -> Cursor:
        self._silence.broken()
        bounds = await self._price.bounds(plan.bounds)
        if self._pushes.relied_on(feed.id):
            bounds = replace(bounds, shortest=bounds.longest)
        after = timing.succeeded(cursor, hints, bounds, every=feed.every, now=now, chance=self._chance())
        after = timing.moved(after, answer.permanent_to, now=now)
        body_hash = answer.body_hash if isinstance(answer, Fetched) else ""
        return timing.validated(after, answer.etag, answer.last_modified, body_hash, now=now)

    async def _keep(
        self,
        plan: Plan,
        feed: Feed,
        after: Cursor,
        judged: Sequence[Judged] = (),
        *,
        now: datetime,
        followed: Followed | None = None,
        title: str = "",
    ) -> Committed:
        after = wishes.granted(after)
        future = self._store.commit(
            after,
            judged,
            now=now,
            backfill=plan.backfill,
            channels=plan.readers,
            patient=self.patient,
            full_text=feed.full_text,
            parts=followed.kept if followed else None,
            title=title,
        )
        return await asyncio.wrap_future(future)


def _polled(feed: Feed, cursor: Cursor, document: Document, committed: Committed) -> Polled:
    return Polled(
        feed=feed,
        asked=cursor.url,
        items=len(document.items),
        new=committed.new,
        alerts=committed.alerts,
        held=committed.held,
        folded=committed.folded,
    )


def _failure(reason: str, fresh_for: float | None = None) -> FetchFailed:
    """An answer that is of no use."""
    return FetchFailed(reason=reason, code=HTTPStatus.OK, fresh_for=fresh_for)


def _asking(cursor: Cursor, *, now: datetime) -> Cursor:
    """The cursor to ask with: now and then without conditions."""
    return replace(cursor, etag="", last_modified="") if timing.wants_whole_answer(cursor, now=now) else cursor


def _say(polled: Polled, took: float) -> None:
    if polled.problem:
        log.warning("poll failed feed=%s took=%.2fs reason=%s", polled.feed.url, took, polled.problem)
    elif polled.unchanged:
        log.debug("polled feed=%s unchanged took=%.2fs", polled.feed.url, took)
    else:
        log.info(
            "polled feed=%s items=%d new=%d alerts=%d held=%d folded=%d took=%.2fs",
            *(polled.feed.url, polled.items, polled.new, polled.alerts, polled.held, polled.folded, took),
        )
