"""`demo`: the whole system on this machine with no network. Real servers, a story that breaks, alerts on screen.

Nothing is simulated on Wirebell's side: the feeds are fetched over HTTP, the mail arrives by SMTP, the hooks by POST.
"""

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import Annotated, Any

import typer
from aiohttp import web
from aiosmtpd.controller import Controller
from rich.panel import Panel
from rich.text import Text

from monitor import config
from monitor.assembly import System, assemble
from monitor.commands.common import Status, out, say
from state.store import Store

SECRET = "whsec_" + "ZGVtbyBzZWNyZXQgZm9yIGxvb3BiYWNrIG9ubHk="

CONFIGURATION = """\
feeds = [
  {{ url = "http://127.0.0.1:{port}/jornal.xml", name = "Jornal da Rede", tags = ["press"], every = "60s" }},
  {{ url = "http://127.0.0.1:{port}/desk.json", name = "Valley Desk", every = "60s" }},
]

[watchlists]
researchers = ["Jason Wei", "Hyung Won Chung"]
labs        = ["OpenAI", {{ name = "Meta", exact = true }}]
keywords    = [{{ name = "superintelligence", aliases = ["superinteligência", "superinteligencia"] }}]

[[rules]]
name     = "talent"
when     = "@researchers AND @labs"
priority = "flash"
notify   = ["mail", "slack", "hook"]

[[rules]]
name   = "superintelligence"
when   = "@keywords"
notify = ["slack"]

[channels]
slack = "slack:http://127.0.0.1:{port}/slack"
hook  = {{ type = "webhook", url = "http://127.0.0.1:{port}/hook", secret = "{secret}" }}

[channels.mail]
type = "email"
from = "wirebell@demo.example"
to   = ["desk@demo.example"]
smtp = "smtp://127.0.0.1:{smtp}?tls=none"

[polling]
host_gap = "0s"

[network]
allow_private = ["127.0.0.0/8"]
"""

QUIET = [
    ("Chuva atrasa voos no Porto", "O aeroporto pede paciência."),
    ("Nova meta de crescimento anunciada", "A empresa fala de uma meta ambiciosa para o ano."),
]
BREAKING = (
    "Mais um investigador troca a OpenAI pela Meta",
    "Jason Wei junta-se ao laboratório de superinteligência da Meta, dizem várias fontes; "
    "Hyung Won Chung, com quem trabalhou na OpenAI, segue com ele.",
)
COPY = "Mais um investigador troca a OpenAI pela Meta - Valley Desk"


def demo(
    stay: Annotated[
        bool, typer.Option("--stay", help="Go on until Ctrl-C, with a new story every ten seconds.")
    ] = False,
) -> Status:
    """Show the whole system at work on this machine, without a network: about ten seconds.

    Example: wirebell demo
    """
    with tempfile.TemporaryDirectory(prefix="wirebell-demo-") as folder:
        return asyncio.run(_demo(Path(folder), stay=stay))


@dataclass(slots=True)
class World:
    """What is outside Wirebell: two publishers, and three places where alerts arrive."""

    port: int = 0
    smtp: int = 0
    news: list[tuple[str, str, str]] = field(default_factory=list)
    """(outlet, title, text), oldest first."""
    arrived: "asyncio.Queue[tuple[str, float, Any]]" = field(default_factory=asyncio.Queue)

    def publish(self, outlet: str, title: str, text: str) -> None:
        self.news.append((outlet, title, text))


async def _demo(folder: Path, *, stay: bool) -> Status:
    started = time.monotonic()
    async with _world() as world:
        file = folder / "wirebell.toml"
        text = CONFIGURATION.format(port=world.port, smtp=world.smtp, secret=SECRET)
        file.write_text(text, "utf-8")
        say("a feed server, an SMTP server, a Slack-like and a webhook receiver run on 127.0.0.1; the configuration:")
        say(text)
        configured = config.load(file, {"STATE_DIRECTORY": str(folder)})
        store = Store.open(configured.database)
        try:
            system = await assemble(configured, store)
            try:
                return await _show(world, system, started, stay=stay)
            finally:
                await system.close()
        finally:
            store.close()


async def _show(world: World, system: System, started: float, *, stay: bool) -> Status:
    stopping = asyncio.Event()
    delivering = asyncio.create_task(system.delivering.run(stopping))
    try:
        for title, text in QUIET:
            world.publish("jornal", title, text)
        await _poll(system)
        say("== the first poll is a silent baseline: old news rings nobody (and `uma meta ambiciosa` is no Meta)")
        say("== now a story breaks in the Portuguese feed …")
        world.publish("jornal", *BREAKING)
        broke = time.monotonic()
        await _poll(system)
        arrived = await _print_arrivals(world, 4, broke)
        say("== … and another outlet carries it: the same story, so nobody is rung again")
        world.publish("desk", COPY, BREAKING[1])
        await _poll(system)
        again = await _print_arrivals(world, 1, time.monotonic(), patience=1.0)
        say(
            f"== {arrived} alerts on 3 channels for 2 rules, {again} more for the copy, "
            f"{time.monotonic() - started:.1f} s in all"
        )
        if stay:
            await _go_on(world, system)
        return Status.DONE if (arrived, again) == (4, 0) else Status.NO
    finally:
        stopping.set()
        await delivering


async def _go_on(world: World, system: System) -> None:
    say("== a new story every ten seconds; Ctrl-C ends it")
    for number in range(2, 10_000):
        await asyncio.sleep(10)
        world.publish("jornal", f"Jason Wei apresenta o trabalho número {number} do laboratório da Meta", "Em Lisboa.")
        broke = time.monotonic()
        await _poll(system)
        await _print_arrivals(world, 3, broke)


async def _poll(system: System) -> None:
    await system.polling.sweep([record.cursor for record in system.store.feeds()], lambda polled: None)


async def _print_arrivals(world: World, expected: int, since: float, *, patience: float = 10.0) -> int:
    """Print what arrives, up to `expected` alerts or until `patience` seconds are over; returns how many did."""
    count = 0
    try:
        async with asyncio.timeout(patience):
            while count < expected:
                name, at, shown = await world.arrived.get()
                count += 1
                out.print(Panel(shown, title=f"{name}, {at - since:.2f} s after publication", title_align="left"))
    except TimeoutError:
        return count
    return count


@asynccontextmanager
async def _world() -> AsyncIterator[World]:
    world = World()
    async with AsyncExitStack() as closing:
        runner = web.AppRunner(_app(world), access_log=None)
        await runner.setup()
        closing.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        world.port = runner.addresses[0][1]
        mailbox = Controller(_Mailbox(world, asyncio.get_running_loop()), hostname="127.0.0.1", port=0)
        mailbox.start()
        closing.callback(mailbox.stop)
        assert mailbox.server is not None  # noqa: S101  start() has waited for it
        world.smtp = mailbox.server.sockets[0].getsockname()[1]
        yield world


def _app(world: World) -> web.Application:
    async def jornal(_: web.Request) -> web.Response:
        return web.Response(text=_rss(world), content_type="application/rss+xml")

    async def desk(_: web.Request) -> web.Response:
        return web.Response(text=_json_feed(world), content_type="application/feed+json")

    async def slack(request: web.Request) -> web.Response:
        await world.arrived.put(("Slack", time.monotonic(), Text(_slack_text(await request.json()))))
        return web.Response(text="ok")

    async def hook(request: web.Request) -> web.Response:
        payload = json.loads(await request.read())
        shown = json.dumps(payload, indent=1, ensure_ascii=False)
        await world.arrived.put((f"webhook {request.headers['webhook-id']}", time.monotonic(), Text(shown)))
        return web.Response(status=204)

    app = web.Application()
    app.add_routes([web.get("/jornal.xml", jornal), web.get("/desk.json", desk)])
    app.add_routes([web.post("/slack", slack), web.post("/hook", hook)])
    return app


class _Mailbox:
    """Receives mail in a thread of its own."""

    def __init__(self, world: World, loop: asyncio.AbstractEventLoop) -> None:
        self._world = world
        self._loop = loop

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        del server, session
        message = message_from_bytes(envelope.content, policy=policy.default)
        body = message.get_body(("plain",))
        words = body.get_content() if body else ""
        shown = Text(f"Subject: {message['Subject']}\nMessage-ID: {message['Message-ID']}\n\n{words}")
        arrival = ("mail", time.monotonic(), shown)
        self._loop.call_soon_threadsafe(self._world.arrived.put_nowait, arrival)
        return "250 OK"


def _rss(world: World) -> str:
    items = "".join(
        f"<item><title>{escape(title)}</title><link>http://jornal.example/{number}</link>"
        f"<guid>jornal-{number}</guid><description>{escape(text)}</description>"
        f"<pubDate>{format_datetime(datetime.now(UTC) - timedelta(seconds=30))}</pubDate></item>"
        for number, (outlet, title, text) in enumerate(world.news)
        if outlet == "jornal"
    )
    return f'<rss version="2.0"><channel><title>Jornal da Rede</title><language>pt</language>{items}</channel></rss>'


def _json_feed(world: World) -> str:
    items = [
        {"id": f"desk-{number}", "url": f"http://desk.example/{number}", "title": title, "content_text": text}
        for number, (outlet, title, text) in enumerate(world.news)
        if outlet == "desk"
    ]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Valley Desk", "items": items})


def _slack_text(payload: dict[str, Any]) -> str:
    """The words of a message, as Slack would show them."""

    def words(block: Any) -> list[str]:
        if isinstance(block, dict):
            own = [block["text"]] if isinstance(block.get("text"), str) else []
            return own + [word for key, part in block.items() if key != "text" or not own for word in words(part)]
        return [word for part in block for word in words(part)] if isinstance(block, list) else []

    return "\n".join(words(payload.get("blocks", []))) or str(payload.get("text", ""))
