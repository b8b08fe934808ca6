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
from functools import cached_property
from http import HTTPStatus

from monitor.fetch import Fetched, Fetcher, FetchFailed, NotModified
from monitor.formats import Document, Unreadable
from monitor.hosts import Silence, host_of, is_public
from monitor.notices import FAILS_BEFORE_NOTICE, about_feed
from monitor.reader import Reader
from monitor.readers import Readers
from monitor.shadow import Shadow
from rules import timing
from rules.identity import article_links, fingerprint, keys_of
from rules.judge import Judge
from rules.records import Cursor, Feed, Item, Judged
from rules.stories import title_key
from state.ingest import Committed
from state.store import Store

log = logging.getLogger("wirebell.poll")

BREATH = 0.010
"""Seconds of judging after which the loop gets a turn: an archive of 500 items must not delay a delivery."""


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
        chance: Callable[[], float] = random.random,
        reached: Callable[[str], None] = lambda stage: None,
    ) -> None:
        self.plan = plan
        self.fetcher = fetcher
        self.patient = False
        self.on_notice: Callable[[str, str], None] = lambda title, text: None
        self._store = store
        self._reader = reader
        self._chance = chance
        self._reached = reached
        self._silence = Silence()
        self._shadow = Shadow(chance)

    async def poll(self, cursor: Cursor) -> Polled:
        """Ask the feed of `cursor` once, and keep what it says."""
        plan, feed = self.plan, self.plan.feeds[cursor.feed_id]
        self._reached("fetch:before")
        started = time.monotonic()
        answer = await self.fetcher.fetch(feed.url, _asking(cursor, now=datetime.now(UTC)))
        self._reached("fetch:after")
        match answer:
            case FetchFailed():
                polled = await self._failed(plan, feed, cursor, answer)
            case NotModified():
                polled = await self._unchanged(plan, feed, cursor, answer)
            case Fetched() if answer.unchanged:
                polled = await self._unchanged(plan, feed, cursor, answer)
            case Fetched():
                polled = await self._changed(plan, feed, cursor, answer)
        _say(polled, time.monotonic() - started)
        return polled

    async def _failed(self, plan: Plan, feed: Feed, cursor: Cursor, answer: FetchFailed) -> Polled:
        now, chance = datetime.now(UTC), self._chance()
        if answer.gone:
            after = timing.gone(cursor, answer.reason, now=now)
        elif answer.code is None and self._silence.ours(host_of(cursor.url), of=plan.hosts):
            reason = f"{answer.reason}; no host answers, so our own network seems to be down"
            after = timing.postponed(cursor, reason, plan.bounds, every=feed.every, now=now, chance=chance)
        else:
            hints = timing.Answer(retry_after=answer.retry_after)
            after = timing.failed(cursor, answer.reason, hints, plan.bounds, every=feed.every, now=now, chance=chance)
        if answer.code is not None:
            self._silence.broken()
        if after.failures == FAILS_BEFORE_NOTICE:
            after = timing.doubted(after, feed.url)
        if timing.wants_whole_answer(cursor, now=now):
            after = timing.rechecked(after, now=now)
        await self._keep(plan, feed, cursor, after, now=now)
        rests = answer.retry_after if answer.code == HTTPStatus.TOO_MANY_REQUESTS else None
        return Polled(feed=feed, asked=cursor.url, problem=after.error, host_rests=rests or 0.0)

    async def broke(self, cursor: Cursor, reason: str) -> Polled | None:
        """A bug of ours cost this feed its poll: it waits as for a server that is down. None where it was dropped."""
        plan, feed = self.plan, self.plan.feeds.get(cursor.feed_id)
        if feed is None:
            return None
        return await self._failed(plan, feed, cursor, FetchFailed(reason=f"Wirebell failed: {reason}", code=0))

    async def _unchanged(self, plan: Plan, feed: Feed, cursor: Cursor, answer: NotModified | Fetched) -> Polled:
        now = datetime.now(UTC)
        after = self._succeeded(plan, feed, cursor, answer, timing.Answer(fresh_for=answer.fresh_for), now=now)
        await self._keep(plan, feed, cursor, after, now=now)
        return Polled(feed=feed, asked=cursor.url, unchanged=True)

    async def _changed(self, plan: Plan, feed: Feed, cursor: Cursor, answer: Fetched) -> Polled:
        try:
            document = await self._read(plan, feed, answer)
        except Unreadable as error:
            # The validators stay as they were: an error page must not hide the news behind it.
            return await self._failed(plan, feed, cursor, _failure(str(error)))
        self._reached("read:after")
        if document.truncated:
            if not (cursor.baseline or cursor.failures):
                # The other half of a baseline would be news. If it is cut off again, it is taken for the whole.
                return await self._failed(plan, feed, cursor, _failure("the first answer was cut off before its end"))
            # The rest is still to come: with these validators the publisher would say that nothing has changed. Where
            # the same body comes again there is no rest, and they are kept.
            answer = replace(answer, etag=cursor.etag, last_modified=cursor.last_modified)
        judged, fresh = await self._judge(plan, feed, document)
        hint = max(document.ttl or 0.0, document.period or 0.0)
        hints = timing.Answer(news=fresh, fresh_for=answer.fresh_for, hint=hint)
        now = datetime.now(UTC)
        after = self._succeeded(plan, feed, cursor, answer, hints, now=now)
        committed = await self._keep(plan, feed, cursor, after, judged, now=now)
        self._reached("ingest:after")
        return Polled(
            feed=feed,
            asked=cursor.url,
            items=len(document.items),
            new=committed.new,
            alerts=committed.alerts,
            folded=committed.folded,
        )

    async def _read(self, plan: Plan, feed: Feed, answer: Fetched) -> Document:
        parser = self._shadow.parser(feed, plan.parser, size=len(answer.body))
        document = await self._reader.read(
            answer.body, answer.headers, answer.url, incomplete=answer.incomplete, parser=parser
        )
        if news := self._shadow.told(feed, document):
            self.on_notice(*news)
        return document

    async def _judge(self, plan: Plan, feed: Feed, document: Document) -> tuple[list[Judged], int]:
        """What the store does not know yet, or knows with other words, and what it rang; how much of it is new."""
        items = [_of_feed(item, feed, document) for item in document.items]
        keys = keys_of(items)
        known = self._store.known(feed.id, {key for some in keys for key in some})
        judged, fresh = [], 0
        breath = time.monotonic()
        for item, its_keys, link in zip(items, keys, article_links(items), strict=True):
            print_ = fingerprint(item)
            if all(known.get(key) == print_ for key in its_keys):
                continue
            fresh += known.keys().isdisjoint(its_keys)
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
        return judged, fresh

    def _succeeded(
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
        after = timing.succeeded(cursor, hints, plan.bounds, every=feed.every, now=now, chance=self._chance())
        after = timing.moved(after, answer.permanent_to, now=now)
        body_hash = answer.body_hash if isinstance(answer, Fetched) else ""
        return timing.validated(after, answer.etag, answer.last_modified, body_hash, now=now)

    async def _keep(
        self, plan: Plan, feed: Feed, before: Cursor, after: Cursor, judged: Sequence[Judged] = (), *, now: datetime
    ) -> Committed:
        future = self._store.commit(
            after, judged, now=now, backfill=plan.backfill, channels=plan.readers, patient=self.patient
        )
        committed = await asyncio.wrap_future(future)
        news = about_feed(feed, before, after)
        if news:
            self.on_notice(*news)
        return committed


def _failure(reason: str) -> FetchFailed:
    """An answer that is of no use."""
    return FetchFailed(reason=reason, code=HTTPStatus.OK)


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
