"""Builds the running system from a configuration; the only room that names the concrete parts."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from monitor import VERSION, notices
from monitor.channels import CHANNELS
from monitor.channels.base import Channel, Context
from monitor.config import Config
from monitor.deliver import Deliverer
from monitor.fetch import Fetcher
from monitor.loops import Delivering, Polling
from monitor.network import AddressPolicy, client, user_agent
from monitor.poll import Plan, Poller
from monitor.reader import Reader
from rules.timing import Bounds
from state.store import Store


@dataclass(slots=True)
class System:
    """Everything that runs, wired together."""

    config: Config
    store: Store
    poller: Poller
    polling: Polling
    deliverer: Deliverer
    delivering: Delivering
    _closing: AsyncExitStack

    async def reload(self, config: Config) -> None:
        """Go on with another configuration. What is being polled or sent now is finished with the old one."""
        fetcher = await build_fetcher(config, self._closing)
        channels = await build_channels(config, self._closing, instance=self.store.instance)
        await asyncio.wrap_future(self.store.enrol(config.feeds, now=datetime.now(UTC)))
        self.config = config
        self.poller.fetcher = fetcher
        self.poller.plan = plan_of(config)
        self.polling.turns.gap = config.polling.host_gap
        self.deliverer.replace_channels(channels)
        self.delivering.ring()

    def tell_operator(self, title: str, text: str) -> None:
        """Owe the operator a notice; nobody is told where no channel is named for it."""
        if self.config.operator.notify:
            alert = notices.notice(title, text, now=datetime.now(UTC))
            self.store.owe(alert, self.config.operator.notify, now=datetime.now(UTC))
            self.delivering.ring()

    async def close(self) -> None:
        """End the parser process and the connections. The store is its opener's to close."""
        await self._closing.aclose()


async def assemble(config: Config, store: Store, *, reached: Callable[[str], None] = lambda stage: None) -> System:
    """The system of `config` on `store`, feeds enrolled, nothing moving yet; `reached` is told each stage by name."""
    closing = AsyncExitStack()
    fetcher = await build_fetcher(config, closing)
    channels = await build_channels(config, closing, instance=store.instance)
    reader = Reader()
    closing.push_async_callback(reader.close)
    poller = Poller(store=store, fetcher=fetcher, reader=reader, plan=plan_of(config), reached=reached)
    deliverer = Deliverer(store=store, channels=channels, reached=reached)
    delivering = Delivering(store=store, deliverer=deliverer)
    polling = Polling(store=store, poller=poller, gap=config.polling.host_gap, on_alerts=delivering.ring)
    system = System(config, store, poller, polling, deliverer, delivering, closing)
    poller.on_notice = system.tell_operator
    deliverer.on_fault = lambda channel, reason: system.tell_operator(*notices.about_channel(channel, reason))
    await asyncio.wrap_future(store.enrol(config.feeds, now=datetime.now(UTC)))
    return system


def plan_of(config: Config) -> Plan:
    """What the configuration asks of the poller."""
    return Plan(
        feeds={feed.id: feed for feed in config.feeds},
        judge=config.judge,
        bounds=Bounds(shortest=config.polling.min, longest=config.polling.max),
        readers=config.readers,
        backfill=timedelta(seconds=config.polling.backfill),
    )


async def build_channels(config: Config, closing: AsyncExitStack, *, instance: str) -> Mapping[str, Channel]:
    """The configured channels by name, on a client of their own."""
    policy = AddressPolicy(tuple(config.network.allow_private))
    connected = await closing.enter_async_context(client(policy, user_agent=config.user_agent))
    context = Context(client=connected, instance=instance, version=VERSION)
    return {name: CHANNELS[settings.type].build(name, settings, context) for name, settings in config.channels.items()}


async def build_fetcher(config: Config | None, closing: AsyncExitStack) -> Fetcher:
    """What fetches feeds; without a configuration it reaches public addresses only."""
    allowed = config.network.allow_private if config else ()
    name = config.user_agent if config else user_agent(VERSION)
    connected = await closing.enter_async_context(client(AddressPolicy(tuple(allowed)), user_agent=name))
    return Fetcher(connected, name)
