"""One poll of one feed, end to end.

    due -> fetch -> read -> known? -> judge -> keep, in one transaction with the cursor

A crash at any line leaves the memory as it was, so the same answer comes again.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from rules.judge import Judge

from monitor.fetch import Fetched, Fetcher, FetchFailed, NotModified
from monitor.formats import Document, Unreadable
from monitor.notices import about_feed
from monitor.reader import Reader
from rules import timing
from rules.identity import article_links, fingerprint, keys_of
from rules.records import Cursor, Feed, Item, Judged
from rules.stories import title_key
from state.store import Committed, Store

log = logging.getLogger("wirebell.poll")

BREATH = 0.010
"""Seconds of judging after which the loop gets a turn: an archive of 500 items must not delay a delivery."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a configuration asks of the poller; a reload brings another one."""

    feeds: Mapping[str, Feed]
    """By id."""
    judge: Judge
    bounds: timing.Bounds
    readers: tuple[str, ...]
    """The channels of a rule that names none."""
    backfill: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """What came of one poll; `problem` is empty where it went well."""

    feed: Feed
    items: int = 0
    new: int = 0
    alerts: int = 0
    folded: int = 0
    unchanged: bool = False
    problem: str = ""


class Poller:
    """Takes feeds one step forward. `chance` gives numbers in [0, 1); `reached` is told each stage by name."""

    def __init__(
        self,
        *,
        store: Store,
        fetcher: Fetcher,
        reader: Reader,
        plan: Plan,
        chance: Callable[[], float] = random.random,
        reached: Callable[[str], None] = lambda stage: None,
    ) -> None:
        self.plan = plan
        self.fetcher = fetcher
        self.on_notice: Callable[[str, str], None] = lambda title, text: None
        self._store = store
        self._reader = reader
        self._chance = chance
        self._reached = reached

    async def poll(self, cursor: Cursor) -> Polled:
        """Ask the feed of `cursor` once, and keep what it says."""
        plan, feed = self.plan, self.plan.feeds[cursor.feed_id]
        self._reached("fetch:before")
        started = time.monotonic()
        answer = await self.fetcher.fetch(feed.url, _asking(cursor, now=datetime.now(UTC)))
        self._reached("fetch:after")
        match answer:
            case FetchFailed():
                polled = await self._failed(feed, cursor, answer)
            case NotModified():
                polled = await self._unchanged(plan, feed, cursor, answer)
            case Fetched() if answer.unchanged:
                polled = await self._unchanged(plan, feed, cursor, answer)
            case Fetched():
                polled = await self._changed(plan, feed, cursor, answer)
        _say(polled, time.monotonic() - started)
        return polled

    async def _failed(self, feed: Feed, cursor: Cursor, answer: FetchFailed) -> Polled:
        now = datetime.now(UTC)
        if answer.gone:
            after = timing.gone(cursor, answer.reason, now=now)
        else:
            hints = timing.Answer(retry_after=answer.retry_after)
            after = timing.failed(
                cursor, answer.reason, hints, self.plan.bounds, every=feed.every, now=now, chance=self._chance()
            )
        await self._keep(cursor, after, now=now)
        return Polled(feed=feed, problem=answer.reason)

    async def broke(self, cursor: Cursor, reason: str) -> None:
        """A bug of ours cost this feed its poll: it waits as for a server that is down."""
        feed = self.plan.feeds.get(cursor.feed_id)
        if feed:
            await self._failed(feed, cursor, FetchFailed(reason=f"Wirebell failed: {reason}"))

    async def _unchanged(self, plan: Plan, feed: Feed, cursor: Cursor, answer: NotModified | Fetched) -> Polled:
        now = datetime.now(UTC)
        await self._keep(cursor, self._succeeded(plan, feed, cursor, answer, news=0, hint=0.0, now=now), now=now)
        return Polled(feed=feed, unchanged=True)

    async def _changed(self, plan: Plan, feed: Feed, cursor: Cursor, answer: Fetched) -> Polled:
        try:
            document = await self._reader.read(answer.body, answer.headers, answer.url, incomplete=answer.incomplete)
        except Unreadable as error:
            # The validators stay as they were: an error page must not hide the news behind it.
            return await self._failed(feed, cursor, FetchFailed(reason=str(error)))
        self._reached("read:after")
        judged = await self._judge(plan, feed, document)
        now = datetime.now(UTC)
        if document.truncated:
            # The rest is still to come: with these validators the publisher would say that nothing has changed.
            answer = replace(answer, etag=cursor.etag, last_modified=cursor.last_modified, body_hash="")
        hint = max(document.ttl or 0.0, document.period or 0.0)
        after = self._succeeded(plan, feed, cursor, answer, news=len(judged), hint=hint, now=now)
        committed = await self._keep(cursor, after, judged, plan=plan, now=now)
        self._reached("ingest:after")
        return Polled(
            feed=feed,
            items=len(document.items),
            new=committed.new,
            alerts=committed.alerts,
            folded=committed.folded,
        )

    async def _judge(self, plan: Plan, feed: Feed, document: Document) -> list[Judged]:
        """What the store does not know yet, or knows with other words, and what it rang."""
        items = [_of_feed(item, feed, document) for item in document.items]
        keys = keys_of(items)
        known = self._store.known(feed.id, {key for some in keys for key in some})
        judged = []
        breath = time.monotonic()
        for item, its_keys, link in zip(items, keys, article_links(items), strict=True):
            print_ = fingerprint(item)
            if all(known.get(key) == print_ for key in its_keys):
                continue
            judged.append(
                Judged(
                    item=item,
                    keys=its_keys,
                    link_key=link,
                    title_key=title_key(item.title),
                    fingerprint=print_,
                    hits=plan.judge.judge(item),
                )
            )
            if time.monotonic() - breath > BREATH:
                await asyncio.sleep(0)
                breath = time.monotonic()
        return judged

    def _succeeded(
        self,
        plan: Plan,
        feed: Feed,
        cursor: Cursor,
        answer: NotModified | Fetched,
        *,
        news: int,
        hint: float,
        now: datetime,
    ) -> Cursor:
        hints = timing.Answer(news=news, fresh_for=max(answer.fresh_for or 0.0, hint))
        after = timing.succeeded(cursor, hints, plan.bounds, every=feed.every, now=now, chance=self._chance())
        after = timing.moved(after, answer.permanent_to, now=now)
        body_hash = answer.body_hash if isinstance(answer, Fetched) else ""
        return timing.validated(after, answer.etag, answer.last_modified, body_hash, now=now)

    async def _keep(
        self,
        before: Cursor,
        after: Cursor,
        judged: Sequence[Judged] = (),
        *,
        plan: Plan | None = None,
        now: datetime,
    ) -> Committed:
        plan = plan or self.plan
        future = self._store.commit(after, judged, now=now, backfill=plan.backfill, channels=plan.readers)
        committed = await asyncio.wrap_future(future)
        news = about_feed(plan.feeds[after.feed_id], before, after)
        if news:
            self.on_notice(*news)
        return committed


def _asking(cursor: Cursor, *, now: datetime) -> Cursor:
    """The cursor to ask with: now and then without conditions."""
    return replace(cursor, etag="", last_modified="") if timing.wants_whole_answer(cursor, now=now) else cursor


def _of_feed(item: Item, feed: Feed, document: Document) -> Item:
    """`item` with what the configuration knows of its feed."""
    return replace(
        item,
        feed=feed.name or document.title or feed.url,
        feed_url=feed.url,
        tags=feed.tags,
        language=feed.language or item.language,
    )


def _say(polled: Polled, took: float) -> None:
    if polled.problem:
        log.warning("poll failed feed=%s took=%.2fs reason=%s", polled.feed.url, took, polled.problem)
    elif polled.unchanged:
        log.debug("polled feed=%s unchanged took=%.2fs", polled.feed.url, took)
    else:
        log.info(
            "polled feed=%s items=%d new=%d alerts=%d folded=%d took=%.2fs",
            *(polled.feed.url, polled.items, polled.new, polled.alerts, polled.folded, took),
        )
