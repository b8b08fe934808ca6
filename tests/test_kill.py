"""Killed anywhere between a publisher and three channels: nothing is lost, one extra copy at most, of the same id."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP

from rules.identity import keys_of
from rules.records import Cursor, Feed, Judged
from state.store import Store
from tests.builders import a_hit, a_match, an_item
from tests.lives import Doomed, ended, live
from tests.servers import FeedServer, Request, Response

pytestmark = pytest.mark.anyio

PLACES = (
    "fetch:before",
    "fetch:after",
    "read:after",
    "ingest:item",
    "ingest:commit",
    "ingest:committed",
    "claim:commit",
    "claim:committed",
    "send:before",
    "send:after",
    "ack:inside",
    "ack:commit",
    "ack:committed",
)

CONFIGURATION = """
feeds = [{{ url = "{url}/feed.xml", name = "The Wire" }}]
database = "wirebell.db"

[watchlists]
people = ["Ada Lovelace", "Grace Hopper", "Mary Somerville"]

[channels]
hook = {{ type = "webhook", url = "{url}/hook", secret = "whsec_{secret}" }}
slack = "slack:{url}/slack"

[channels.mail]
type = "email"
to = ["desk@demo.example"]
from = "bell@demo.example"
smtp = "smtp://127.0.0.1:{smtp}?tls=none"

[polling]
host_gap = "0s"

[network]
allow_private = ["127.0.0.0/8"]
"""
SECRET = "dGhlIHNlY3JldCBvZiB0aGUga2lsbCB0ZXN0cw=="
PEOPLE = ("Ada Lovelace", "Grace Hopper", "Mary Somerville")


@dataclass
class World:
    """One publisher, three receivers, and what arrived: (channel, id of the delivery), in order."""

    server: FeedServer
    file: Path
    arrived: list[tuple[str, str]] = field(default_factory=list)
    news: list[str] = field(default_factory=list)
    on_hook: Callable[[], None] = lambda: None
    on_mail: Callable[[], None] = lambda: None
    mail_ids: set[str] = field(default_factory=set)

    def rss(self, _: Request) -> Response:
        items = "".join(
            f"<item><title>{person} starts a laboratory of her own in London</title><guid>{person}</guid></item>"
            for person in self.news
        )
        body = f'<rss version="2.0"><channel><title>The Wire</title>{items}</channel></rss>'
        return Response(headers={"ETag": f'"{len(self.news)}"'}, body=body.encode())

    def hook(self, request: Request) -> Response:
        self.arrived.append(("hook", request.headers["webhook-id"]))
        self.on_hook()
        return Response(status=204)

    def slack(self, request: Request) -> Response:
        self.arrived.append(("slack", json.dumps(json.loads(request.body)["text"])))
        return Response(body=b"ok")

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        del server, session
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.arrived.append(("mail", str(message["Message-ID"])))
        self.on_mail()
        return "250 OK"

    def copies(self) -> dict[str, list[int]]:
        """For each channel, how often each alert arrived."""
        counts = Counter(self.arrived)
        return {
            channel: sorted(number for (name, _), number in counts.items() if name == channel)
            for channel in ("hook", "slack", "mail")
        }


@asynccontextmanager
async def a_world(folder: Path) -> AsyncIterator[World]:
    async with FeedServer() as server:
        world = World(server, folder / "wirebell.toml")
        server.routes.update({"/feed.xml": world.rss, "/hook": world.hook, "/slack": world.slack})
        loop = asyncio.get_running_loop()
        async with await loop.create_server(lambda: SMTP(world, enable_SMTPUTF8=True), "127.0.0.1", 0) as mailbox:
            smtp = mailbox.sockets[0].getsockname()[1]
            world.file.write_text(CONFIGURATION.format(url=server.url, smtp=smtp, secret=SECRET), "utf-8")
            yield world


async def a_world_with_news(world: World) -> None:
    """The baseline is taken; then three stories break."""
    assert await ended(live(world.file, Doomed())) == 0
    world.news.extend(PEOPLE)


def nothing_lost(world: World, *, extra: int) -> None:
    """Every alert arrived on every channel; no more than `extra` copies in a channel."""
    for channel, copies in world.copies().items():
        assert len(copies) == len(PEOPLE), f"{channel}: {world.arrived}"
        assert sum(copies) - len(PEOPLE) <= extra, f"{channel}: {world.arrived}"


@pytest.mark.parametrize("place", PLACES)
async def test_killed_at_any_place_nothing_is_lost(place: str, tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await a_world_with_news(world)
        assert await ended(live(world.file, Doomed(place))) == -9
        assert await ended(live(world.file, Doomed())) == 0
        nothing_lost(world, extra=1)
        before = list(world.arrived)

        assert await ended(live(world.file, Doomed())) == 0
        assert world.arrived == before


async def test_killed_while_the_webhook_reads_it_comes_again_under_its_id(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await a_world_with_news(world)
        process = live(world.file, Doomed())
        world.on_hook = process.kill

        assert await ended(process) == -9
        world.on_hook = lambda: None
        assert await ended(live(world.file, Doomed())) == 0
        nothing_lost(world, extra=1)


async def test_killed_between_data_and_its_answer_the_mail_keeps_its_message_id(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await a_world_with_news(world)
        process = live(world.file, Doomed())
        world.on_mail = process.kill

        assert await ended(process) == -9
        world.on_mail = lambda: None
        assert await ended(live(world.file, Doomed())) == 0
        nothing_lost(world, extra=1)


HOOKS = """
feeds = ["{url}/feed.xml"]
database = "wirebell.db"
[watchlists]
people = ["Ada Lovelace"]
[channels]
one = {{ type = "webhook", url = "{url}/one", secret = "whsec_{secret}" }}
two = {{ type = "webhook", url = "{url}/two", secret = "whsec_{secret}" }}
three = {{ type = "webhook", url = "{url}/three", secret = "whsec_{secret}" }}
[network]
allow_private = ["127.0.0.0/8"]
"""


async def test_two_hundred_random_kills_lose_nothing(tmp_path: Path) -> None:
    """5,000 deliveries on three channels; a copy too many needs a kill, and has the same id."""
    chance = random.Random(20261124)
    async with FeedServer() as server:
        arrived: Counter[tuple[str, str]] = Counter()
        arrival = asyncio.Event()

        def hook(request: Request) -> Response:
            arrived[request.target, request.headers["webhook-id"]] += 1
            arrival.set()
            return Response(status=204)

        server.routes.update(dict.fromkeys(("/one", "/two", "/three"), hook))
        file = tmp_path / "wirebell.toml"
        file.write_text(HOOKS.format(url=server.url, secret=SECRET), "utf-8")
        owe(tmp_path / "wirebell.db", 1667)

        kills = 0
        while kills < 200:
            process = live(file, Doomed(), poll=False)
            arrival.clear()
            async with watched(process, arrival):
                await arrival.wait()
                await asyncio.sleep(chance.uniform(0.0, 0.04))
            process.kill()
            if await ended(process) == 0:
                break
            kills += 1
        assert await ended(live(file, Doomed(), poll=False)) == 0

    assert len(arrived) == 3 * 1667
    assert sum(arrived.values()) - len(arrived) <= 3 * kills
    assert kills > 50


@asynccontextmanager
async def watched(process: ForkServerProcess, event: asyncio.Event) -> AsyncIterator[None]:
    """Meanwhile the end of the process sets the event, too."""
    loop = asyncio.get_running_loop()
    loop.add_reader(process.sentinel, event.set)
    try:
        yield
    finally:
        loop.remove_reader(process.sentinel)


def owe(database: Path, alerts: int) -> None:
    """Make a memory in which so many alerts are owed to three channels."""
    feed, now = Feed(url="http://127.0.0.1/feed"), datetime.now(UTC)
    with Store.open(database) as store:
        store.enrol([feed], now=now).result()
        cursor = Cursor(feed_id=feed.id, url=feed.url, last_success=now)
        store.commit(cursor, now=now).result()
        items = [
            an_item(f"Report number {number} on the engine", guid=str(number), link="") for number in range(alerts)
        ]
        match = a_match("Report", text="Report")
        judged = [
            Judged(item=item, keys=keys, link_key="", title_key="", hits=(a_hit("people", matches=[match], notify=()),))
            for item, keys in zip(items, keys_of(items), strict=True)
        ]
        store.commit(cursor, judged, now=now, channels=("one", "two", "three")).result()
