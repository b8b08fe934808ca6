"""A publisher, a memory and the poller between them: publish, poll, and see what rang."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

from monitor import config
from monitor.assembly import System, assemble, connect, plan_of
from monitor.config import Config
from monitor.fetch import Fetcher
from monitor.notices import notice
from monitor.poll import Polled, Poller
from monitor.pushes import Pushes
from monitor.rounds import Rounds
from rules.records import AlertKind, Cursor, Feed
from state.store import Store
from tests.fakes import PlainReader, Told
from tests.servers import FeedServer, Request, Response, Wire

CONFIGURATION = """
feeds = [{feeds}]
database = "{folder}/wirebell.db"

[watchlists]
people = ["Ada Lovelace", "Grace Hopper"]

[channels]
desk = "console:"

[polling]
host_gap = "0s"
{polling}

[network]
allow_private = ["127.0.0.0/8"]
"""

ADA = "Ada Lovelace starts a laboratory of her own"
GRACE = "Grace Hopper joins the laboratory in London"
OTHER = "The weather stays as it was all of last week"


def item(title: str, *, guid: str = "", link: str = "", text: str = "", more: str = "") -> str:
    """An item of RSS; without a guid it is named by its title, `guid="-"` is none."""
    parts = [f"<title>{escape(title)}</title>", more]
    if guid != "-":
        parts.append(f"<guid isPermaLink='false'>{escape(guid or title)}</guid>")
    parts += [f"<{name}>{escape(value)}</{name}>" for name, value in (("link", link), ("description", text)) if value]
    return f"<item>{''.join(parts)}</item>"


def rss(*items: str, head: str = "") -> bytes:
    """A feed of these items."""
    name = 'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
    body = f"<title>The Wire</title>{head}{''.join(items)}"
    return f'<rss version="2.0" {name}><channel>{body}</channel></rss>'.encode()


@dataclass
class Page:
    """A feed as a publisher serves it: 304 for the validators it has, where it has any."""

    body: bytes = field(default_factory=rss)
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        self.asked.append(request)
        etag, modified = self.headers.get("ETag"), self.headers.get("Last-Modified")
        if etag and request.headers.get("if-none-match") == etag:
            return Response(status=304, headers=self.headers)
        if not etag and modified and request.headers.get("if-modified-since") == modified:
            return Response(status=304, headers=self.headers)
        return Response(headers=self.headers, body=self.body)


@dataclass
class Newsroom:
    """Everything between a publisher and the alerts that are owed."""

    server: FeedServer
    store: Store
    poller: Poller
    page: Page
    rounds: Rounds

    @property
    def notices(self) -> list[str]:
        """What the operator was told, in order."""
        told = [alert for alert in self.store.alerts() if alert.kind is AlertKind.NOTICE]
        return [f"{alert.title}: {alert.item.summary}" for alert in reversed(told)]

    @property
    def feed(self) -> Feed:
        """The first feed."""
        return next(iter(self.poller.plan.feeds.values()))

    def cursor(self, feed: Feed | None = None) -> Cursor:
        """How far we are."""
        found = self.store.cursor((feed or self.feed).id)
        assert found is not None
        return found

    def wait(self, feed: Feed | None = None) -> float:
        """Seconds from the last poll to the next."""
        cursor = self.cursor(feed)
        assert cursor.next_poll
        assert cursor.last_poll
        return (cursor.next_poll - cursor.last_poll).total_seconds()

    async def poll(self, feed: Feed | None = None, **changes: object) -> Polled:
        """Poll, whether it is due or not; `changes` are made to the cursor before."""
        polled = await self.poller.poll(replace(self.cursor(feed), **changes))  # type: ignore[arg-type]
        await self.rounds.look(at_once=True)
        return polled

    async def polled(self, *items: str, feed: Feed | None = None) -> Polled:
        """Publish these items, and poll."""
        self.page.body = rss(*items)
        return await self.poll(feed)

    @property
    def rang(self) -> list[str]:
        """The headlines that rang, in order."""
        return [alert.title for alert in reversed(self.store.alerts()) if alert.kind is not AlertKind.NOTICE]


@asynccontextmanager
async def a_newsroom(
    folder: Path,
    *paths: str,
    polling: str = "",
    feed: str = "",
    chance: Callable[[], float] = lambda: 0.0,
    host: str = "127.0.0.1",
) -> AsyncIterator[Newsroom]:
    """A newsroom with feeds at `paths`, of which the first is `page`; `feed` and `polling` go into the file."""
    async with FeedServer(host) as server, AsyncExitStack() as closing:
        paths = paths or ("/feed.xml",)
        feeds = ", ".join(f'{{ url = "{server.url}{path}", name = "" {feed} }}' for path in paths)
        text = CONFIGURATION.format(feeds=feeds, folder=folder, polling=polling)
        configured = config.parse(text, folder / "wirebell.toml", {})
        page = Page()
        server.routes[paths[0]] = page
        with Store.open(configured.database) as store:
            store.enrol(configured.feeds, now=datetime.now(UTC)).result()
            connected = await connect(configured, closing)
            poller = Poller(
                store=store,
                fetcher=Fetcher(connected, configured.user_agent),
                reader=PlainReader(),
                plan=plan_of(configured),
                pushes=Pushes(store=store, client=connected, callback=""),
                chance=chance,
            )

            def tell(title: str, text: str) -> None:
                now = datetime.now(UTC)
                store.owe(notice(title, text, now=now), ["phone"], now=now).result()

            poller.on_notice = tell
            yield Newsroom(server, store, poller, page, Rounds(store=store, channels=lambda: ["phone"]))


def ago(**time: float) -> datetime:
    """So long before now."""
    return datetime.now(UTC) - timedelta(**time)


SYSTEM = """
feeds = ["{url}/feed.xml"]
database = "wirebell.db"

[watchlists]
people = ["Ada Lovelace", "Grace Hopper"]

[channels]
hook = {{ type = "webhook", url = "{url}/hook", secret = "whsec_dGhlIHNlY3JldCBvZiB0aGUgc3lzdGVtIHRlc3Rz" }}
phone = {{ type = "webhook", url = "{url}/phone", secret = "whsec_dGhlIHNlY3JldCBvZiB0aGUgc3lzdGVtIHRlc3Rz" }}

[operator]
notify = ["phone"]
heartbeat = "{url}/ping?key=canary"

[polling]
host_gap = "0s"

[network]
allow_private = ["127.0.0.0/8"]
"""


@dataclass
class Receiver:
    """A webhook that remembers what it was told. It answers when `opens` is set, with `status`."""

    status: int = 204
    bodies: list[dict[str, Any]] = field(default_factory=list)
    told: Told = field(default_factory=Told)
    opens: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.opens.set()

    def __call__(self, request: Request) -> Wire:
        async def answer(writer: asyncio.StreamWriter) -> None:
            self.bodies.append(json.loads(request.body or b"{}"))
            await self.told.tell()
            await self.opens.wait()
            writer.write(Response(status=self.status).encoded())
            await writer.drain()

        return answer

    @property
    def titles(self) -> list[str]:
        """The headlines that arrived."""
        return [body["data"].get("title") or body["data"]["item"]["title"] for body in self.bodies]


@dataclass
class World:
    """A publisher and two receivers, and the file that names them."""

    server: FeedServer
    file: Path
    page: Page = field(default_factory=Page)
    hook: Receiver = field(default_factory=Receiver)
    phone: Receiver = field(default_factory=Receiver)

    def write(self, *changes: tuple[str, str]) -> Config:
        """The configuration with these changes of its text, written and read."""
        text = SYSTEM.format(url=self.server.url)
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        self.file.write_text(text, "utf-8")
        return config.load(self.file, {})


@asynccontextmanager
async def a_world(folder: Path) -> AsyncIterator[World]:
    """What is outside of Wirebell."""
    async with FeedServer() as server:
        world = World(server, folder / "wirebell.toml")
        server.routes |= {"/feed.xml": world.page, "/hook": world.hook, "/phone": world.phone}
        yield world


@asynccontextmanager
async def a_system(configured: Config) -> AsyncIterator[System]:
    """The running parts of a configuration, nothing moving yet."""
    with Store.open(configured.database) as store:
        system = await assemble(configured, store)
        try:
            yield system
        finally:
            await system.close()


async def a_round(system: System, within: float = 30.0) -> int:
    """Poll everything once and pay what can be paid; how much is still owed."""
    cursors = [record.cursor for record in system.store.feeds() if record.active]
    await system.polling.sweep(cursors, lambda polled: None)
    return await system.delivering.drain(time.monotonic() + within)
