"""Reads the articles behind links, for feeds with `full_text`: a queue in the database, a request a step.

    robots.txt known? -> ask, redirects in the turn of their host -> extract -> keep -> judge

Each step is written down before the next, so a crash costs one request. An alert of somebody else never waits for one.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from monitor.fetch import Fetched, Fetcher, FetchFailed, Moved
from monitor.flights import Flights
from monitor.formats import Unreadable
from monitor.hosts import Turns, host_of
from monitor.poll import Poller
from monitor.reader import Reader
from monitor.waiting import first
from rules.articles import HOPS, wait_before
from state.articles import Pending
from state.errors import StateError
from state.store import Store

log = logging.getLogger("wirebell.articles")

LOOK = 1.0
"""Seconds between two looks into the queue."""

PAUSE = 5.0
"""Seconds of rest when the database cannot be used."""

AT_ONCE = 4
"""Articles asked for at the same time, each of another host."""

DEADLINE = 10.0
"""Seconds for the extraction of a text: pages are larger than feeds, and nobody waits for them."""

LONG = 20_000
"""Letters of a text that is judged beside the loop."""

IDLE = 60.0
"""Seconds without work after which the reading process is ended: it takes 40 MB and more."""

GRACE = 3.0
"""Seconds in which what is in flight may end when we stop."""

BUSY = frozenset((HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE))


class Articles:
    """Works through the queue, with the turns that the polls of feeds have, so that no host is asked twice at once."""

    def __init__(self, *, store: Store, poller: Poller, turns: Turns, on_alerts: Callable[[], None]) -> None:
        self.flights = Flights()
        self.rung = 0
        """Alerts that articles have rung."""
        self._store = store
        self._poller = poller
        self._turns = turns
        self._on_alerts = on_alerts
        self._reader = Reader("article", deadline=DEADLINE)
        self._flying: set[str] = set()
        self._rests_until = 0.0
        self._worked_at = 0.0
        self._not_before: dict[str, float] = {}

    async def run(self, stopping: asyncio.Event) -> None:
        """Read what is due until `stopping`."""
        try:
            while not stopping.is_set():
                self.flights.landed.clear()
                rest = self._start()
                await first(stopping, self.flights.landed, within=rest)
                if not self._flying and self._reader.pid and time.monotonic() - self._worked_at > IDLE:
                    await self._reader.close()
            await self.flights.finish(within=GRACE)
        finally:
            await self.flights.give_up()

    async def drain(self, until: float) -> int:
        """Read what is due until the moment `until`; how many are left for later."""
        try:
            while (moment := time.monotonic()) < until:
                self.flights.landed.clear()
                rest = self._start()
                if not self.flights.tasks and not self._store.articles.due(datetime.now(UTC), limit=1):
                    break
                await first(self.flights.landed, within=min(rest, until - moment))
        finally:
            await self.flights.give_up()
        return self._store.articles.waiting()

    async def close(self) -> None:
        """End the reading process."""
        await self._reader.close()

    def _start(self) -> float:
        """Start what may start; seconds until the next look."""
        moment = time.monotonic()
        if len(self._flying) >= AT_ONCE or moment < self._rests_until:
            return LOOK
        try:
            due = self._store.articles.due(datetime.now(UTC))
        except StateError as error:
            log.debug("no articles reason=%s", error)
            return PAUSE
        self._not_before = {host: at for host, at in self._not_before.items() if at > moment}
        waits = [self._try(pending) for pending in due]
        return min((wait for wait in waits if wait > 0), default=LOOK)

    def _try(self, pending: Pending) -> float:
        """Start it if its host is free, else seconds until that may be."""
        if pending.item_id in self._flying or len(self._flying) >= AT_ONCE:
            return LOOK
        if pending.fetched:
            self._fly(pending)
            return 0.0
        moment, host = time.monotonic(), host_of(pending.url)
        rests = self._not_before.get(host, 0.0) - moment
        if rests > 0:
            return min(rests, LOOK)
        free = self._turns.claim(host, moment)
        if free is None:
            self._fly(pending, host)
            return 0.0
        return min(max(free - moment, 0.01), LOOK)

    def _fly(self, pending: Pending, host: str = "") -> None:
        self._flying.add(pending.item_id)
        self.flights.start(self._step(pending, host))

    async def _step(self, pending: Pending, host: str) -> None:
        """One step of one article, whatever happens."""
        self._worked_at = time.monotonic()
        try:
            if pending.fetched:
                await self._judge(pending)
            else:
                await self._ask(pending, host)
        except StateError as error:
            # It is still due: nobody must be asked again at once.
            self._rests_until = time.monotonic() + PAUSE
            log.error("article not kept reason=%s", error)
        except Exception as error:
            self._rests_until = time.monotonic() + PAUSE
            log.exception("article broke url=%s", pending.url)
            await self._give_up(pending, f"Wirebell failed: {type(error).__name__}: {error}")
        finally:
            if host:
                self._turns.free(host)
            self._flying.discard(pending.item_id)

    async def _ask(self, pending: Pending, host: str) -> None:
        feed = self._poller.plan.feeds.get(pending.feed_id)
        if feed is None or not feed.full_text:
            await asyncio.wrap_future(self._store.articles.drop(pending.item_id, now=datetime.now(UTC)))
            return
        fetcher, robots = self._poller.fetcher, self._poller.robots
        asked = not robots.known(pending.url)
        ruling = await robots.ruling(pending.url, fetcher)
        self._not_before[host] = time.monotonic() + max(ruling.delay, self._turns.gap)
        if not ruling.allowed:
            await self._refused(pending, ruling.reason, ruling.until)
        elif not asked:
            # Where robots.txt had to be asked for, the article is in the host's next turn.
            await self._fetch(pending, fetcher)

    async def _refused(self, pending: Pending, reason: str, until: datetime | None) -> None:
        if until is None or wait_before(pending.attempts + 1, code=None, retry_after=None) is None:
            await self._give_up(pending, reason)
        else:
            await asyncio.wrap_future(self._store.articles.put_off(pending.item_id, reason, until=until))

    async def _fetch(self, pending: Pending, fetcher: Fetcher) -> None:
        match await fetcher.page(pending.url):
            case Moved(url=url):
                await self._follow(pending, url)
            case FetchFailed() as failed:
                await self._failed(pending, failed)
            case Fetched(incomplete=True):
                await self._failed(pending, FetchFailed(reason="its page was cut off before its end"))
            case Fetched() as page:
                await self._extract(pending, page)

    async def _follow(self, pending: Pending, url: str) -> None:
        if pending.hops >= HOPS:
            await self._give_up(pending, f"more than {HOPS} redirects")
        else:
            await asyncio.wrap_future(self._store.articles.moved(pending.item_id, url))

    async def _failed(self, pending: Pending, failed: FetchFailed) -> None:
        wait = wait_before(pending.attempts + 1, code=failed.code, retry_after=failed.retry_after)
        moment, now = time.monotonic(), datetime.now(UTC)
        host_until = None
        if failed.retry_after and failed.code in BUSY:
            host_until = now + timedelta(seconds=failed.retry_after)
            if failed.code == HTTPStatus.TOO_MANY_REQUESTS:
                self._turns.rest(pending.url, moment, failed.retry_after)
        if wait is None or failed.final:
            await self._give_up(pending, failed.reason)
            return
        until = now + timedelta(seconds=wait)
        await asyncio.wrap_future(
            self._store.articles.put_off(pending.item_id, failed.reason, until=until, host_until=host_until)
        )

    async def _extract(self, pending: Pending, page: Fetched) -> None:
        try:
            text = await self._reader.article(page.body, page.headers, page.url, link=pending.link)
        except Unreadable as error:
            await self._give_up(pending, str(error))
            return
        await asyncio.wrap_future(self._store.articles.keep(pending.item_id, text, now=datetime.now(UTC)))
        log.info("read article url=%s letters=%d", pending.url, len(text))

    async def _give_up(self, pending: Pending, reason: str) -> None:
        await asyncio.wrap_future(self._store.articles.give_up(pending.item_id, reason, now=datetime.now(UTC)))
        log.info("no article url=%s reason=%s", pending.url, reason)

    async def _judge(self, pending: Pending) -> None:
        """Let the rules decide again."""
        draft = self._store.articles.draft(pending.item_id)
        if draft is None:
            return
        plan = self._poller.plan
        judge = plan.judge.judge
        hits = await asyncio.to_thread(judge, draft.item) if len(draft.item.text) > LONG else judge(draft.item)
        future = self._store.commit_article(pending.item_id, draft, hits, now=datetime.now(UTC), channels=plan.readers)
        if rung := await asyncio.wrap_future(future):
            self.rung += rung
            self._on_alerts()
