"""Pushes from hubs (W3C WebSub): asks for them, verifies, renews and receives. Polling goes on all the while.

Everything is kept before it is answered, so a push that could not be kept is sent again by its hub.
"""

import asyncio
import hmac
import logging
import secrets
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlencode, urljoin

import httpx

from monitor.waiting import first
from monitor.weblinks import links_of
from rules import pushing
from rules.pushing import Offer, Stage, Subscription
from rules.records import Feed
from state.store import Store

log = logging.getLogger("wirebell.pushes")

LOOK = 60.0
"""Seconds between two looks for leases that run out; what is new is asked for at once."""

DEADLINE = 20.0
"""Seconds that a hub has to accept."""

REDIRECTS = 3

METHODS = ("sha512", "sha384", "sha256", "sha1")
"""Of X-Hub-Signature (WebSub 7). SHA-1 is the oldest hubs' only one, and as an HMAC it is not broken."""

TakeIn = Callable[[str, bytes, Mapping[str, str], str], Awaitable[None]]
"""Keeps what was pushed: the feed's id, the body, its headers, and the address it is relative to."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a hub is answered."""

    status: int
    text: str = ""


class Pushes:
    """The subscriptions of one daemon. `callback` is our public address; where it is empty, nothing is pushed."""

    def __init__(
        self,
        *,
        store: Store,
        client: httpx.AsyncClient,
        callback: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.client = client
        self.callback = callback
        self.take_in: TakeIn = _nobody
        self._store = store
        self._clock = clock
        self._asks = asyncio.Event()
        self._book: dict[str, Subscription] = {}
        # Every poll asks by feed, and there may be thousands.
        self._tokens: defaultdict[str, set[str]] = defaultdict(set)
        self.recall()

    def recall(self) -> None:
        """Take the subscriptions as the store has them."""
        self._book.clear()
        self._tokens.clear()
        for one in self._store.subscriptions.all():
            self._enter(one)

    def relied_on(self, feed_id: str) -> bool:
        """Whether the feed is pushed so well that it may be polled less often."""
        if not self.callback:
            return False
        now = self._clock()
        return any(pushing.relied_on(one, now=now) for one in self._of(feed_id))

    async def offered(self, feed: Feed, offer: Offer | None) -> None:
        """A poll of `feed` has read what it offers: a new hub is asked, and one that it has left is told so."""
        if not self.callback:
            return
        wanted = offer if offer and offer.hub.startswith(("http://", "https://")) else None
        there = False
        for one in self._of(feed.id):
            if wanted and pushing.suits(one, wanted, self.callback):
                there = True
            else:
                await self._leave(one)
        if wanted and not there:
            await self._keep(
                Subscription(
                    token=secrets.token_urlsafe(18),
                    feed_id=feed.id,
                    hub=wanted.hub,
                    topic=wanted.topic,
                    callback=self.callback,
                    secret=secrets.token_hex(32),
                )
            )
            self._asks.set()

    async def missed(self, feed_id: str) -> None:
        """A poll found news of a feed that should have been pushed."""
        for one in self._of(feed_id):
            if not one.missed and pushing.relied_on(one, now=self._clock()):
                log.info("not pushed, so polled at its own pace again topic=%s", one.topic)
                await self._keep(pushing.missed(one))

    async def only(self, feed_ids: Collection[str]) -> None:
        """Leave the hubs of all other feeds, which the configuration does not have."""
        for one in list(self._book.values()):
            if one.feed_id not in feed_ids:
                await self._leave(one)

    async def run(self, stopping: asyncio.Event) -> None:
        """Ask hubs for what is due until `stopping`."""
        while not stopping.is_set():
            self._asks.clear()
            await self.ask_what_is_due()
            await first(stopping, self._asks, within=LOOK)

    async def ask_what_is_due(self) -> None:
        """Ask every hub for what is due there, one thing after the other."""
        if not self.callback:
            return
        now = self._clock()
        by_hub: defaultdict[str, list[Subscription]] = defaultdict(list)
        for one in self._book.values():
            due = pushing.due_at(one)
            if due is None or due <= now:
                by_hub[one.hub].append(one)
        await asyncio.gather(*map(self._ask_all, by_hub.values()))

    async def _ask_all(self, subscriptions: Collection[Subscription]) -> None:
        for one in subscriptions:
            if one.stage is Stage.LEAVING and one.asked_at:
                # It was told once; what it still pushes is answered by 410.
                await self._forget(one)
                continue
            # A hub may verify before it answers, so that it is asked must be known by then.
            await self._keep(pushing.asked(one, now=self._clock()))
            problem = await self._ask(one)
            current = self._book.get(one.token)
            if problem and current:
                log.warning("hub did not accept hub=%s topic=%s reason=%s", one.hub, one.topic, problem)
                await self._keep(pushing.asked(current, now=self._clock(), problem=problem))

    async def _ask(self, one: Subscription) -> str:
        """Ask the hub; why it did not accept, in words, '' where it did."""
        form = {
            "hub.callback": f"{one.callback.rstrip('/')}/{one.token}",
            "hub.mode": "unsubscribe" if one.stage is Stage.LEAVING else "subscribe",
            "hub.topic": one.topic,
            "hub.secret": one.secret,
            "hub.lease_seconds": str(int(pushing.LEASE.total_seconds())),
        }
        try:
            async with asyncio.timeout(DEADLINE):
                status = await self._post(one.hub, urlencode(form).encode())
        except TimeoutError:
            return f"no answer within {DEADLINE:g} s"
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return str(error) or type(error).__name__
        return "" if 200 <= status < 300 else f"HTTP {status}"

    async def _post(self, hub: str, form: bytes) -> int:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        for _ in range(REDIRECTS + 1):
            async with self.client.stream("POST", hub, content=form, headers=headers) as answer:
                # 307 and 308 keep the method; the others would make a GET of it (RFC 9110 15.4).
                if answer.status_code not in (HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT):
                    return answer.status_code
                hub = urljoin(hub, answer.headers.get("location", ""))
        return int(HTTPStatus.LOOP_DETECTED)

    # What a hub asks and sends.

    async def verify(self, token: str, query: Mapping[str, str]) -> Reply:
        """Answer a hub that wants to know whether we mean it (WebSub 5.3)."""
        one, mode = self._book.get(token), query.get("hub.mode", "")
        if one is None or one.asked_at is None or query.get("hub.topic") != one.topic:
            return Reply(HTTPStatus.NOT_FOUND)
        leaving = one.stage is Stage.LEAVING
        if mode == "denied" and not leaving:
            reason = query.get("hub.reason", "")[:200] or "the hub gave no reason"
            log.warning("hub refused hub=%s topic=%s reason=%s", one.hub, one.topic, reason)
            await self._keep(pushing.refused(one, reason))
            return Reply(HTTPStatus.OK)
        challenge = query.get("hub.challenge", "")
        if not challenge or mode != ("unsubscribe" if leaving else "subscribe"):
            return Reply(HTTPStatus.NOT_FOUND)
        if leaving:
            await self._forget(one)
        else:
            log.info("pushed from hub=%s topic=%s", one.hub, one.topic)
            await self._keep(pushing.verified(one, _lease(query), now=self._clock()))
        return Reply(HTTPStatus.OK, challenge)

    async def receive(self, token: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Take in what a hub sends; 410 tells it to stop. Raises StateError where it could not be kept."""
        one = self._book.get(token)
        if one is None or one.stage is Stage.LEAVING:
            return Reply(HTTPStatus.GONE)
        if not is_signed(one.secret, headers.get("x-hub-signature", ""), body):
            # The specification wants it ignored, and no word to whoever tries.
            log.warning("push ignored, its signature is wrong topic=%s", one.topic)
            return Reply(HTTPStatus.ACCEPTED)
        await self.take_in(one.feed_id, body, headers, one.topic)
        current = self._book.get(token)
        if current:
            await self._keep(pushing.pushed(current, now=self._clock()))
        return Reply(HTTPStatus.ACCEPTED)

    # The book.

    def _of(self, feed_id: str) -> list[Subscription]:
        those = (self._book[token] for token in self._tokens.get(feed_id, ()))
        return [one for one in those if one.stage is not Stage.LEAVING]

    async def _leave(self, one: Subscription) -> None:
        if one.stage is Stage.LEAVING:
            return
        if one.asked_at is None:
            await self._forget(one)
            return
        await self._keep(replace(one, stage=Stage.LEAVING, asked_at=None))
        self._asks.set()

    def _enter(self, one: Subscription) -> None:
        self._book[one.token] = one
        self._tokens[one.feed_id].add(one.token)

    async def _keep(self, one: Subscription) -> None:
        self._enter(one)
        await asyncio.wrap_future(self._store.subscriptions.keep(one))

    async def _forget(self, one: Subscription) -> None:
        self._book.pop(one.token, None)
        self._tokens[one.feed_id].discard(one.token)
        await asyncio.wrap_future(self._store.subscriptions.forget(one.token))


async def _nobody(feed_id: str, body: bytes, headers: Mapping[str, str], url: str) -> None:
    """Takes in nothing."""


def offer_of(headers: Mapping[str, str], url: str) -> Offer | None:
    """What the Link header of the answer from `url` offers, which goes before the document (WebSub 4)."""
    links = list(links_of(headers, url))
    hub = next((link.url for link in links if "hub" in link.rel), "")
    return Offer(hub, next((link.url for link in links if "self" in link.rel), url)) if hub else None


def is_signed(secret: str, signature: str, body: bytes) -> bool:
    """Whether `signature`, an X-Hub-Signature, is that of `body` under `secret`."""
    method, _, digest = signature.strip().partition("=")
    if method.lower() not in METHODS:
        return False
    return hmac.compare_digest(
        hmac.new(secret.encode(), body, method.lower()).hexdigest().encode(), digest.strip().lower().encode()
    )


def _lease(query: Mapping[str, str]) -> timedelta:
    """The lease a hub gives; hubs before WebSub may leave it out."""
    seconds = query.get("hub.lease_seconds", "")
    return timedelta(seconds=int(seconds[:9])) if seconds.isascii() and seconds.isdigit() else timedelta(days=1)
