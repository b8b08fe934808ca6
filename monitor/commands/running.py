"""`run` and `once`: the daemon, and one round of it."""

import asyncio
import os
import time
from typing import Annotated

import typer
from rich.progress import Progress

from monitor import daemon, logs
from monitor.assembly import assemble
from monitor.commands.common import AsJson, CommandError, Status, err, now, out, print_json, say, store_of, the_config
from monitor.config import Config, seconds
from monitor.poll import Polled
from state.store import Store

try:
    from uvloop import new_event_loop  # half the CPU of a poll (measured by httpx-aiohttp's users and by us)
except ImportError:  # not on this platform
    from asyncio import new_event_loop


def run(
    context: typer.Context,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log what did not change, too.")] = False,
) -> Status:
    """Watch, in the foreground, as systemd wants it. SIGHUP reloads, SIGTERM stops.

    Example: wirebell --config /etc/wirebell/wirebell.toml run
    """
    configured = the_config(context)
    logs.start(verbose=verbose)
    os.umask(0o077)
    with store_of(configured) as store, asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(daemon.run(configured, store))
    return Status.DONE


def once(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Poll every feed, due or not.")] = False,
    wait: Annotated[str, typer.Option(metavar="TIME", help="How long rates and retries are waited for.")] = "60s",
    as_json: AsJson = False,
) -> Status:
    """Poll what is due, deliver what rings, print a summary, end. For cron, and for trying out.

    Example: wirebell once --all
    """
    configured = the_config(context)
    patience = seconds(wait)
    if patience is None:
        raise CommandError(f"--wait {wait} is no time; write 90s, 5m or 2h", Status.MISUSE)
    logs.start(verbose=False, quiet=True)
    os.umask(0o077)
    with store_of(configured) as store, asyncio.Runner(loop_factory=new_event_loop) as runner:
        dead = _dead(store)
        polled, owed = runner.run(_round(configured, store, everything=everything, patience=patience))
        dead = _dead(store) - dead
    return _print(polled, owed, dead, as_json=as_json)


async def _round(configured: Config, store: Store, *, everything: bool, patience: float) -> tuple[list[Polled], int]:
    """Every poll, and how many deliveries are still owed after `patience` seconds."""
    system = await assemble(configured, store)
    polled: list[Polled] = []
    try:
        due = store.due(now(), limit=100_000)
        cursors = [record.cursor for record in store.feeds() if record.active] if everything else due
        delivering = asyncio.create_task(system.delivering.run(stopping := asyncio.Event()))
        with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
            bar = progress.add_task("polling", total=len(cursors))

            def on_polled(one: Polled) -> None:
                polled.append(one)
                progress.advance(bar)

            await system.polling.sweep(cursors, on_polled)
        stopping.set()
        await delivering
        return polled, await system.delivering.drain(time.monotonic() + patience)
    finally:
        await system.close()


def _dead(store: Store) -> int:
    return store.status(now=now()).outbox.get("dead", 0)


def _print(polled: list[Polled], owed: int, dead: int, *, as_json: bool) -> Status:
    failed = [one for one in polled if one.problem]
    facts = {
        "polled": len(polled),
        "failed": len(failed),
        "unchanged": sum(one.unchanged for one in polled),
        "items": sum(one.items for one in polled),
        "new": sum(one.new for one in polled),
        "alerts": sum(one.alerts for one in polled),
        "folded": sum(one.folded for one in polled),
        "owed": owed,
        "dead": dead,
    }
    for one in failed:
        say(f"{one.feed.url}: {one.problem}")
    if owed:
        say(f"{owed} deliveries are still owed; the next `wirebell once` or `wirebell run` goes on with them")
    if dead:
        say(f"{dead} deliveries are dead; `wirebell alerts` names them, `wirebell alerts retry` sends them again")
    if as_json:
        print_json(facts)
    else:
        out.print(", ".join(f"{number} {name}" for name, number in facts.items()))
    return Status.NO if failed or owed or dead else Status.DONE
