"""What hubs push arrives at once, and whatever they do, polling goes on. The hub is a process of its own."""

import asyncio
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from monitor.assembly import System
from monitor.formats import read_document
from monitor.pushes import is_signed, offer_of
from rules.pushing import Offer, Stage, Subscription
from tests.fakes import WAIT
from tests.newsroom import ADA, GRACE, OTHER, World, a_round, a_system, a_world, item, rss

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[1]


@dataclass
class Hub:
    """The hub, as its publishers and its log see it."""

    process: Process
    url: str
    client: httpx.AsyncClient

    async def entries(self, count: int) -> list[dict[str, Any]]:
        """What it has said, once there are so many."""
        answer = await self.client.get(f"{self.url}/log", params={"entries": count}, timeout=WAIT)
        told: list[dict[str, Any]] = answer.json()["log"]
        return told

    async def publish(self, topic: str) -> None:
        """Tell it that there is something new; it has been sent when this returns."""
        await self.client.post(self.url, data={"hub.mode": "publish", "hub.url": topic}, timeout=WAIT)


@asynccontextmanager
async def a_hub() -> AsyncIterator[Hub]:
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.hub", stdin=PIPE, stdout=PIPE, cwd=ROOT)
    assert process.stdin
    assert process.stdout
    try:
        port = int(await process.stdout.readline())
        async with httpx.AsyncClient(trust_env=False) as client:
            yield Hub(process, f"http://127.0.0.1:{port}", client)
    finally:
        process.stdin.close()
        await process.wait()


def a_free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass
class Pushed:
    """A publisher with a hub, and Wirebell that listens."""

    world: World
    hub: Hub
    system: System
    callback: str

    @property
    def topic(self) -> str:
        return f"{self.world.server.url}/feed.xml"

    def publish(self, *items: str, hub: str = "") -> None:
        head = f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="hub" href="{self.hub.url}/{hub}"/>'
        self.world.page.body = rss(*items, head=head)

    async def subscribe(self, hub: str = "", *, entries: int = 2) -> list[dict[str, Any]]:
        """Poll a feed that names the hub, and ask it; what the hub has said after so many entries."""
        self.publish(item(OTHER), hub=hub)
        await a_round(self.system)
        await self.system.pushes.ask_what_is_due()
        return await self.hub.entries(entries)

    @property
    def subscription(self) -> Subscription:
        (one,) = self.system.store.subscriptions.all()
        return one


@pytest.fixture
async def pushed(tmp_path: Path) -> AsyncIterator[Pushed]:
    async with AsyncExitStack() as closing:
        world = await closing.enter_async_context(a_world(tmp_path))
        hub = await closing.enter_async_context(a_hub())
        port = a_free_port()
        callback = f"http://127.0.0.1:{port}/push/"
        table = f'[push]\ncallback = "{callback}"\nlisten = "127.0.0.1:{port}"\n\n[polling]'
        system = await closing.enter_async_context(a_system(world.write(("[polling]", table))))
        await system.listen()
        yield Pushed(world, hub, system, callback)


async def test_what_is_pushed_rings_at_once_and_once(pushed: Pushed) -> None:
    asked, verified = await pushed.subscribe()
    assert asked == {"asked": "subscribe", "topic": pushed.topic}
    assert verified["verified"]
    assert pushed.subscription.stage is Stage.VERIFIED

    pushed.publish(item(ADA), item(OTHER))
    await pushed.hub.publish(pushed.topic)

    assert (await pushed.hub.entries(4))[-1] == {"pushed": pushed.topic, "status": 202}
    await a_round(pushed.system)
    assert pushed.world.hook.titles == [ADA]


async def test_a_feed_that_is_pushed_is_polled_at_the_longest_interval_and_a_missed_push_ends_that(
    pushed: Pushed,
) -> None:
    await pushed.subscribe()
    pushed.publish(item(ADA))
    await pushed.hub.publish(pushed.topic)
    feed_id = pushed.subscription.feed_id

    await a_round(pushed.system)
    relied, polled = pushed.system.pushes.relied_on(feed_id), pushed.system.store.cursor(feed_id)
    pushed.publish(item(GRACE), item(ADA))
    await a_round(pushed.system)

    assert relied
    assert polled
    assert polled.interval == pushed.system.config.polling.max
    assert not pushed.system.pushes.relied_on(feed_id)
    assert pushed.world.hook.titles == [ADA, GRACE]


@pytest.mark.parametrize("behaviour", ["sha1", "moved", "lease/60"])
async def test_older_and_moved_hubs_are_understood(pushed: Pushed, behaviour: str) -> None:
    await pushed.subscribe(behaviour, entries=3 if behaviour == "moved" else 2)
    pushed.publish(item(ADA), hub=behaviour)

    await pushed.hub.publish(pushed.topic)
    await a_round(pushed.system)

    assert pushed.world.hook.titles == [ADA]


async def test_a_lease_is_renewed_in_time(pushed: Pushed) -> None:
    await pushed.subscribe("lease/100")
    late = datetime.now(UTC) - timedelta(seconds=90)
    one = replace(pushed.subscription, verified_at=late, asked_at=late, lease_until=late + timedelta(seconds=100))
    await asyncio.wrap_future(pushed.system.store.subscriptions.keep(one))
    pushed.system.pushes.recall()

    await pushed.system.pushes.ask_what_is_due()

    assert [entry.get("asked") for entry in await pushed.hub.entries(4)].count("subscribe") == 2
    assert (pushed.subscription.lease_until or late) > datetime.now(UTC) + timedelta(seconds=60)


async def test_a_forged_push_rings_nothing_and_is_not_relied_on(pushed: Pushed) -> None:
    await pushed.subscribe("forged")
    pushed.publish(item(ADA), hub="forged")

    await pushed.hub.publish(pushed.topic)

    assert (await pushed.hub.entries(4))[-1]["status"] == 202
    assert pushed.system.store.alerts() == []
    assert not pushed.system.pushes.relied_on(pushed.subscription.feed_id)


async def test_a_hub_that_refuses_is_believed(pushed: Pushed) -> None:
    await pushed.subscribe("denied")

    assert (pushed.subscription.stage, pushed.subscription.error) == (Stage.REFUSED, "members only")


async def test_a_hub_that_is_down_is_asked_again_later(pushed: Pushed) -> None:
    await pushed.subscribe("down", entries=1)

    assert (pushed.subscription.failures, pushed.subscription.error) == (1, "HTTP 503")
    await pushed.system.pushes.ask_what_is_due()
    assert len(await pushed.hub.entries(1)) == 1


async def test_a_feed_that_is_taken_out_leaves_its_hub(pushed: Pushed) -> None:
    await pushed.subscribe()

    await pushed.system.pushes.only([])
    await pushed.system.pushes.ask_what_is_due()

    assert (await pushed.hub.entries(4))[-1] == {"verified": True, "mode": "unsubscribe", "topic": pushed.topic}
    assert pushed.system.store.subscriptions.all() == []


async def test_a_feed_that_names_another_hub_moves_there(pushed: Pushed) -> None:
    await pushed.subscribe()
    pushed.publish(item(OTHER), hub="sha1")

    await a_round(pushed.system)
    await pushed.system.pushes.ask_what_is_due()
    await pushed.hub.entries(6)

    assert [one.hub for one in pushed.system.store.subscriptions.all()] == [f"{pushed.hub.url}/sha1"]


async def test_strangers_get_nowhere(pushed: Pushed) -> None:
    await pushed.subscribe()
    token = pushed.subscription.token
    ask = pushed.hub.client.get
    theirs = {"hub.mode": "subscribe", "hub.topic": "https://else.example/", "hub.challenge": "x"}

    assert (await ask(f"{pushed.callback}{token}", params=theirs)).status_code == 404
    assert (await ask(f"{pushed.callback}another", params=theirs | {"hub.topic": pushed.topic})).status_code == 404
    unasked = {"hub.mode": "unsubscribe", "hub.topic": pushed.topic, "hub.challenge": "x"}
    assert (await ask(f"{pushed.callback}{token}", params=unasked)).status_code == 404
    assert (await pushed.hub.client.post(f"{pushed.callback}another", content=b"x")).status_code == 410
    large = await pushed.hub.client.post(f"{pushed.callback}{token}", content=b"x" * (6 << 20))
    assert large.status_code == 413
    assert pushed.subscription.stage is Stage.VERIFIED


async def test_a_challenge_comes_back_as_text_and_nothing_else(pushed: Pushed) -> None:
    await pushed.subscribe()
    query = {"hub.mode": "subscribe", "hub.topic": pushed.topic, "hub.challenge": "<script>x</script>"}

    answer = await pushed.hub.client.get(f"{pushed.callback}{pushed.subscription.token}", params=query)

    assert answer.text == "<script>x</script>"
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_what_is_no_feed_is_pushed_in_vain(pushed: Pushed) -> None:
    await pushed.subscribe()
    pushed.world.page.body = b"<html>Sorry</html>"

    await pushed.hub.publish(pushed.topic)

    assert (await pushed.hub.entries(4))[-1]["status"] == 202
    assert pushed.system.store.cursor(pushed.subscription.feed_id)


async def test_without_an_address_of_ours_no_hub_is_asked(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world, a_hub() as hub, a_system(world.write()) as system:
        await system.listen()
        head = f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="hub" href="{hub.url}/"/>'
        world.page.body = rss(item(ADA), head=head)

        await a_round(system)
        await system.pushes.ask_what_is_due()

        assert system.store.subscriptions.all() == []
        assert await hub.entries(0) == []


async def test_a_place_that_is_taken_costs_the_pushes_only(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            listen = f'"127.0.0.1:{taken.getsockname()[1]}"'
            table = f'[push]\ncallback = "http://us.example/push"\nlisten = {listen}\n\n[polling]'
            async with a_system(world.write(("[polling]", table))) as system:
                await system.listen()

                world.page.body = rss(item(OTHER))
                assert await a_round(system) == 0
                assert system.store.cursor(system.config.feeds[0].id)


def test_a_hub_is_found_in_the_header_the_document_and_a_json_feed() -> None:
    url = "https://a.example/feed"
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><link rel="self hub" href="/both"/><link rel="hub" href="/h"/>'
        '<entry><link rel="hub" href="/not-this"/></entry></feed>'
    )
    in_items = '<rss><channel><item><title>a</title><link rel="hub" href="/no">x</link></item></channel></rss>'
    json = (
        '{"version": "https://jsonfeed.org/version/1.1", "items": [], "feed_url": "https://a.example/me",'
        ' "hubs": [{"type": "rssCloud", "url": "x"}, {"type": "WebSub", "url": "/hub"}]}'
    )
    header = {"link": '<https://h.example/>; rel="hub", <https://a.example/me>; rel=self'}

    def offered(text: str) -> Offer | None:
        return read_document(text.encode(), {}, url).offer

    assert offer_of(header, url) == Offer("https://h.example/", "https://a.example/me")
    assert offer_of({"link": "<https://a.example/me>; rel=self"}, url) is None
    assert offered(atom) == Offer("https://a.example/both", "https://a.example/both")
    assert offered(in_items) is None
    assert offered(json) == Offer("https://a.example/hub", "https://a.example/me")


def test_a_signature_is_of_the_body_under_the_secret_and_of_a_known_method() -> None:
    good = "sha256=88aab3ede8d3adf94d26ab90d3bafd4a2083070c3bcce9c014ee04a443847c0b"

    assert is_signed("secret", good, b"hello")
    assert is_signed("secret", good.upper().replace("SHA", "sha"), b"hello")
    assert not is_signed("secret", good, b"hello ")
    assert not is_signed("Secret", good, b"hello")
    for other in ("", "sha256", "sha256=", "md5=5d41402abc4b2a76b9719d911017c592", "none=x", "sha256=é"):
        assert not is_signed("secret", other, b"hello")
