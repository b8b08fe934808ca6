"""From a parsed item to the first byte of its alert at a webhook, and the same POST by itself as the floor.

    python bench/latency.py [--items 300]

One feed publishes an item at a time; the whole system runs, with the database on the disk and synchronous commits.
Prints p50 and p99 in milliseconds, and their ratio to the floor.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from aiohttp import web

from monitor import config
from monitor.assembly import System, assemble
from monitor.network import AddressPolicy, client
from state.store import Store

CONFIGURATION = """
feeds = ["http://127.0.0.1:{port}/feed"]
database = "wirebell.db"
[watchlists]
people = ["Jason Wei"]
[channels]
hook = {{ type = "webhook", url = "http://127.0.0.1:{port}/hook", secret = "whsec_{secret}" }}
[polling]
host_gap = "0s"
[network]
allow_private = ["127.0.0.0/8"]
"""


class World:
    """A publisher and a receiver in a thread of their own, so that they do not wait for our loop."""

    def __init__(self) -> None:
        self.items = 0
        self.arrived: list[float] = []
        self.port = 0
        self.landed = threading.Semaphore(0)
        self._ready = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True).start()
        self._ready.wait()

    async def _serve(self) -> None:
        app = web.Application()
        app.add_routes([web.get("/feed", self._feed), web.post("/hook", self._hook)])
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = runner.addresses[0][1]
        self._ready.set()
        await asyncio.Event().wait()

    async def _feed(self, _: web.Request) -> web.Response:
        items = "".join(
            f"<item><title>Jason Wei publishes paper number {number} of the year</title><guid>{number}</guid></item>"
            for number in range(max(0, self.items - 20), self.items)
        )
        body = f'<rss version="2.0"><channel><title>Feed</title>{items}</channel></rss>'
        return web.Response(text=body, content_type="application/rss+xml")

    async def _hook(self, request: web.Request) -> web.Response:
        self.arrived.append(time.monotonic())
        self.landed.release()
        await request.read()
        return web.Response(status=204)


async def measure(folder: Path, items: int) -> tuple[list[float], list[float]]:
    """Seconds from parsed to arrived for each item, and for a bare POST."""
    world = World()
    secret = "YmVuY2ggc2VjcmV0IG9mIGVub3VnaCBieXRlcw=="
    file = folder / "wirebell.toml"
    file.write_text(CONFIGURATION.format(port=world.port, secret=secret), "utf-8")
    configured = config.load(file, {})
    parsed: list[float] = []

    def reached(stage: str) -> None:
        if stage == "read:after":
            parsed.append(time.monotonic())

    with Store.open(configured.database) as store:
        system = await assemble(configured, store, reached=reached)
        try:
            await _run(system, world, items)
        finally:
            await system.close()
    ours = [arrived - read for arrived, read in zip(world.arrived, parsed[1:], strict=True)]
    world.arrived.clear()
    floor = []
    async with client(AddressPolicy(configured.network.allow_private)) as bare:
        for _ in range(items):
            started = time.monotonic()
            await bare.post(f"http://127.0.0.1:{world.port}/hook", content=b"{}")
            floor.append(world.arrived[-1] - started)
    return ours, floor


async def _run(system: System, world: World, items: int) -> None:
    stopping = asyncio.Event()
    delivering = asyncio.create_task(system.delivering.run(stopping))
    await system.polling.sweep([record.cursor for record in system.store.feeds()], lambda polled: None)
    for _ in range(items):
        world.items += 1
        await system.polling.sweep([record.cursor for record in system.store.feeds()], lambda polled: None)
        await asyncio.to_thread(world.landed.acquire)
    stopping.set()
    await delivering


def line(name: str, seconds: Sequence[float]) -> tuple[float, float]:
    cuts = statistics.quantiles(seconds, n=100)
    print(f"{name:28} p50 {cuts[49] * 1000:7.1f} ms  p99 {cuts[98] * 1000:7.1f} ms")
    return cuts[49], cuts[98]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=300)
    with tempfile.TemporaryDirectory() as folder:
        ours, floor = asyncio.run(measure(Path(folder), parser.parse_args().items))
    p50, p99 = line("parsed to first byte", ours)
    floor50, floor99 = line("a bare POST", floor)
    print(f"ratio p50 {p50 / floor50:.1f}  p99 {p99 / floor99:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
