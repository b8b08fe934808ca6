"""Lives of Wirebell in processes of their own, which may be killed; one that has loaded everything starts them."""

import asyncio
import multiprocessing
import os
import signal
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from monitor import config
from monitor.assembly import assemble, trust
from state.store import Store

START = 30.0
trust()  # read once, by the one that starts the others
_nursery = multiprocessing.get_context("forkserver")
_nursery.set_forkserver_preload(["tests.lives"])


@dataclass
class Doomed:
    """Kills this process, as the mains would, when it has been at a place a number of times."""

    place: str = ""
    times: int = 1

    def __call__(self, place: str, /) -> None:
        self.times -= place == self.place
        if not self.times:
            os.kill(os.getpid(), signal.SIGKILL)


def live(file: Path, doom: Doomed, *, poll: bool = True) -> ForkServerProcess:
    """Start a life that polls every feed once, pays what is owed, and ends; or is killed where `doom` says."""
    process = _nursery.Process(target=_life, args=(file, doom, poll))
    process.start()
    return process


async def ended(process: ForkServerProcess) -> int:
    """How the life ended: 0, or minus the signal that killed it."""
    await asyncio.to_thread(process.join, START)
    code = process.exitcode
    if code is None:
        process.kill()
        raise TimeoutError("a life of Wirebell did not end")
    return code


def _life(file: Path, doom: Doomed, poll: bool) -> None:
    asyncio.run(_round(file, doom, poll=poll))


async def _round(file: Path, doom: Doomed, *, poll: bool) -> None:
    configured = config.load(file, {})
    with Store.open(configured.database, reached=doom) as store:
        system = await assemble(configured, store, reached=doom)
        for lane in system.deliverer.lanes.values():
            lane.channel.pace = 0.0  # these lives are short
        try:
            if poll:
                cursors = [record.cursor for record in store.feeds()]
                await system.polling.sweep(cursors, lambda polled: None)
            await system.articles.drain(asyncio.get_running_loop().time() + START)
            await system.delivering.drain(asyncio.get_running_loop().time() + START)
        finally:
            await system.close()
