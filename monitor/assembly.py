"""Builds the running system from a configuration; the only room that names the concrete parts."""

import asyncio
import logging
import ssl
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import httpx

from monitor import VERSION, notices
from monitor.articles import Articles
from monitor.channels import CHANNELS
from monitor.channels.base import Channel, Context
from monitor.clock import Clock
from monitor.config import Config
from monitor.deliver import Deliverer
from monitor.fetch import PER_HOST, Fetcher
from monitor.loops import Delivering, Polling
from monitor.network import AddressPolicy, client, user_agent
from monitor.poll import Plan, Poller
from monitor.push_door import Door
from monitor.pushes import Pushes
from monitor.readers import Readers
from monitor.room import Room
from monitor.rounds import Rounds
from rules.timing import Bounds
from state.store import Store

log = logging.getLogger("wirebell.assembly")


@dataclass(slots=True)
class System:
    """Everything that runs, wired together."""

    config: Config
    store: Store
    clock: Clock
    poller: Poller
    polling: Polling
    articles: Articles
    deliverer: Deliverer
    delivering: Delivering
    rounds: Rounds
    pushes: Pushes
    _door: Door
    _reader: Readers
    _connections: AsyncExitStack
    """What the fetcher and the channels of this configuration use."""
    _retiring: set[asyncio.Task[None]] = field(default_factory=set)

    async def reload(self, config: Config) -> None:
        """Go on with another configuration. What is being polled or sent now is finished with the old one.

        New settings are a new chance for a channel that was down.
        """
        async with AsyncExitStack() as building:
            connected = await connect(config, building)
            channels = await build_channels(config, building, instance=self.store.instance)
            await asyncio.wrap_future(self.store.enrol(config.feeds, now=datetime.now(UTC)))
            await asyncio.wrap_future(self.store.reopen())
            old, self._connections = self._connections, building.pop_all()
        self.config = config
        self.poller.fetcher = Fetcher(connected, config.user_agent, room=self.poller.fetcher.room)
        self.pushes.client, self.pushes.callback = connected, config.push.callback
        self.poller.plan = plan_of(config)
        self.polling.turns.gap = config.polling.host_gap
        self.deliverer.replace_channels(channels)
        self.delivering.ring()
        self._retire(old)
        self.tell_of_strangers()
        await self.listen()

    async def listen(self) -> None:
        """Open the door for hubs, if one is wanted. Where that cannot be, all is polled as if there were none."""
        wanted = self.config.push
        try:
            await self._door.open(wanted.listen if wanted.callback else "")
        except OSError as error:
            log.error("nothing is pushed: cannot listen on %s: %s", wanted.listen, error.strerror or error)
        await self.pushes.only({feed.id for feed in self.config.feeds})

    async def take_in(self, feed_id: str, body: bytes, headers: Mapping[str, str], url: str) -> None:
        """Keep what a hub sent, and deliver what it rings."""
        polled = await self.poller.take_in(feed_id, body, headers, url)
        if polled and polled.alerts:
            self.delivering.ring()

    def _retire(self, connections: AsyncExitStack) -> None:
        """Close what the old configuration used, once nothing uses it."""
        busy = [*self.polling.flights.tasks, *self.articles.flights.tasks, *self.delivering.sending.values()]
        task = asyncio.create_task(_close_after(busy, connections))
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    def tell_operator(self, title: str, text: str, beside: str = "") -> None:
        """Owe the operator a notice, not through the channel `beside`, which it is about.

        Nobody is told where no other channel is named for it; the log and the status say it in any case.
        """
        channels = [name for name in self.config.operator.notify if name != beside]
        if channels:
            now = datetime.now(UTC)
            self.delivering.expect(self.store.owe(notices.notice(title, text, now=now), channels, now=now))

    def tell_of_strangers(self) -> None:
        """Say what is owed to channels that the configuration does not have."""
        news = notices.about_strangers(self.store.status(now=datetime.now(UTC)).owed, self.config.channels)
        if news:
            log.warning("owed to nobody: %s", news[1])
            self.tell_operator(*news)

    async def close(self) -> None:
        """End the reading processes and the connections. The store is its opener's to close."""
        await self._door.close()
        await asyncio.gather(*self._retiring)
        await self._connections.aclose()
        await self._reader.close()
        await self.articles.close()


async def assemble(config: Config, store: Store, *, reached: Callable[[str], None] = lambda stage: None) -> System:
    """The system of `config` on `store`, feeds enrolled, nothing moving yet; `reached` is told each stage by name."""
    async with AsyncExitStack() as building:
        connected = await connect(config, building)
        channels = await build_channels(config, building, instance=store.instance)
        await asyncio.wrap_future(store.enrol(config.feeds, now=datetime.now(UTC)))
        connections = building.pop_all()
    # A room each: answers that drip for half a minute must not keep others from being read.
    clock, reader = Clock(store), Readers(room=Room())
    pushes = Pushes(store=store, client=connected, callback=config.push.callback)
    fetcher = Fetcher(connected, config.user_agent)
    poller = Poller(store=store, fetcher=fetcher, reader=reader, plan=plan_of(config), pushes=pushes, reached=reached)
    deliverer = Deliverer(store=store, channels=channels, reached=reached)
    delivering = Delivering(store=store, deliverer=deliverer, clock=clock)
    polling = Polling(store=store, poller=poller, gap=config.polling.host_gap, clock=clock, on_alerts=delivering.ring)
    door = Door(pushes)
    rounds = Rounds(store=store, channels=lambda: system.config.operator.notify, on_owed=delivering.expect)
    articles = Articles(store=store, poller=poller, turns=polling.turns, on_alerts=delivering.ring)
    system = System(
        *(config, store, clock, poller, polling, articles, deliverer, delivering, rounds, pushes, door),
        *(reader, connections),
    )
    pushes.take_in = system.take_in
    poller.on_notice = system.tell_operator
    deliverer.on_notice = system.tell_operator
    system.tell_of_strangers()
    return system


def plan_of(config: Config) -> Plan:
    """What the configuration asks of the poller."""
    return Plan(
        feeds={feed.id: feed for feed in config.feeds},
        judge=config.judge,
        bounds=Bounds(shortest=config.polling.min, longest=config.polling.max),
        readers=config.readers,
        backfill=timedelta(seconds=config.polling.backfill),
        gap=config.polling.host_gap,
        parser=config.parser,
    )


async def build_channels(config: Config, closing: AsyncExitStack, *, instance: str) -> Mapping[str, Channel]:
    """The configured channels by name, on a client of their own."""
    policy = AddressPolicy(tuple(config.network.allow_private))
    connected = await closing.enter_async_context(client(policy, user_agent=config.user_agent, tls=trust()))
    context = Context(client=connected, instance=instance, version=VERSION)
    return {name: CHANNELS[settings.type].build(name, settings, context) for name, settings in config.channels.items()}


async def connect(config: Config | None, closing: AsyncExitStack) -> httpx.AsyncClient:
    """What asks publishers and hubs; without a configuration it reaches public addresses only."""
    policy = AddressPolicy(tuple(config.network.allow_private if config else ()))
    return await closing.enter_async_context(
        client(policy, user_agent=_introduced(config), tls=trust(), per_host=PER_HOST)
    )


async def build_fetcher(config: Config | None, closing: AsyncExitStack) -> Fetcher:
    """What fetches feeds."""
    return Fetcher(await connect(config, closing), _introduced(config))


def _introduced(config: Config | None) -> str:
    return config.user_agent if config else user_agent(VERSION)


@cache
def trust() -> ssl.SSLContext:
    """The authorities we believe: one context for all, as to read them takes 40 ms."""
    return httpx.create_ssl_context(trust_env=False)


async def _close_after(busy: "list[asyncio.Task[Any]]", connections: AsyncExitStack) -> None:
    if busy:
        await asyncio.wait(busy)
    await connections.aclose()
