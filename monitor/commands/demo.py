"""`demo`: the whole system on this machine with no network. Real servers, a story that breaks, alerts on screen.

Nothing is simulated on Wirebell's side: the feeds are fetched over HTTP, the mail arrives by SMTP, the hooks by POST.
"""

import asyncio
import tempfile
import time
from contextlib import AsyncExitStack
from importlib import import_module
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Annotated

import typer
from rich.panel import Panel
from rich.rule import Rule
from rich.text import Text

from monitor import config, logs
from monitor.assembly import System, assemble
from monitor.commands.common import CommandError, Status, counted, out, printable
from state.store import Store

if TYPE_CHECKING:
    from monitor.commands.outside import Article, Outside

WIDEST = 100
"""Columns; longer lines are hard to read."""

PATIENCE = 10.0
"""Seconds for what must arrive; a second is enough for what must not."""

LISTS = """\
[watchlists]
researchers = ["Jason Wei", "Hyung Won Chung"]
labs = ["OpenAI", { name = "Meta", exact = true }]
keywords = [{ name = "superintelligence", aliases = ["superinteligência"] }]

[[rules]]
name = "talent"
when = "@researchers AND @labs"
priority = "flash"
notify = ["mail", "slack", "hook"]

[[rules]]
name = "superintelligence"
when = "@keywords"
notify = ["slack"]
"""

SERVERS = """\
database = "wirebell.db"
feeds = [
  {{ url = "http://127.0.0.1:{http}/jornal.xml", name = "Jornal da Rede", tags = ["press"] }},
  {{ url = "http://127.0.0.1:{http}/desk.json", name = "Valley Desk" }},
]

[channels]
slack = "slack:http://127.0.0.1:{http}/slack"
hook  = {{ type = "webhook", url = "http://127.0.0.1:{http}/hook", secret = "{secret}" }}

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

OLD = (
    ("Chuva atrasa voos no Porto", "O aeroporto pede paciência."),
    ("Nova meta de crescimento anunciada", "A empresa fala de uma meta ambiciosa para o ano."),
)
TITLE = "Mais um investigador troca a OpenAI pela Meta"
TEXT = (
    "Jason Wei junta-se ao laboratório de superinteligência da Meta, dizem várias fontes; "
    "Hyung Won Chung, com quem trabalhou na OpenAI, segue com ele."
)


def demo(
    stay: Annotated[
        bool, typer.Option("--stay", help="Go on until Ctrl-C, with a new story every ten seconds.")
    ] = False,
) -> Status:
    """Show all of it at work on this machine, with no network. Takes a few seconds.

    Example: wirebell demo
    """
    logs.start(quiet=True)
    try:
        with tempfile.TemporaryDirectory(prefix="wirebell-demo-") as folder:
            return asyncio.run(_demo(Path(folder), stay=stay))
    except KeyboardInterrupt:
        if not stay:
            raise
        _tell("\nstopped")
        return Status.DONE


async def _demo(folder: Path, *, stay: bool) -> Status:
    async with AsyncExitStack() as closing:
        try:
            servers = import_module("monitor.commands.outside")
            world = await closing.enter_async_context(servers.outside())
        except ImportError as error:
            raise CommandError(f"the demonstration needs {error.name}, which is not there; pip install it") from error
        except OSError as error:
            raise CommandError(f"no server can be opened on {servers.HOST}: {error.strerror or error}") from error
        file = folder / "wirebell.toml"
        own = SERVERS.format(http=world.http, smtp=world.smtp, secret=servers.SECRET)
        file.write_text(own + LISTS, "utf-8")
        configured = config.load(file, {})
        store = closing.enter_context(Store.open(configured.database))
        system = await assemble(configured, store)
        closing.push_async_callback(system.close)
        return await _Show(world, system, servers.Article).run(file, stay=stay)


class _Show:
    """The story, scene by scene."""

    def __init__(self, world: "Outside", system: System, article: "type[Article]") -> None:
        self._world = world
        self._system = system
        self._article = article
        self._started = time.monotonic()

    async def run(self, file: Path, *, stay: bool) -> Status:
        stopping = asyncio.Event()
        delivering = asyncio.create_task(self._system.delivering.run(stopping))
        try:
            self._introduce()
            await self._baseline()
            arrived = await self._break()
            again = await self._copy()
            status = self._conclude(arrived, again)
            if stay:
                await self._go_on(file)
            return status
        finally:
            stopping.set()
            await delivering

    def _introduce(self) -> None:
        here = f"127.0.0.1:{self._world.http}"
        _tell("Wirebell at work, on this machine alone. Around it, real servers:\n")
        _tell(f"  Jornal da Rede   http://{here}/jornal.xml   RSS, in Portuguese")
        _tell(f"  Valley Desk      http://{here}/desk.json    JSON Feed")
        _tell(f"  a mail server    smtp://127.0.0.1:{self._world.smtp}")
        _tell(f"  Slack            http://{here}/slack        as its incoming webhooks")
        _tell(f"  a webhook        http://{here}/hook         which verifies signatures\n")
        _tell("What Wirebell watches for, as it stands in its configuration:\n")
        _tell(indent(LISTS, "  "))

    async def _baseline(self) -> None:
        _scene("1. The first poll is a silent baseline")
        for number, (title, text) in enumerate(OLD, start=1):
            self._publish("jornal", f"old-{number}", title, text)
        await self._poll()
        _tell("Two old articles are remembered, and ring nobody. (The second speaks of a meta,")
        _tell("a goal in Portuguese: `exact = true` keeps it apart from the company.)\n")

    async def _break(self) -> int:
        _scene("2. A story breaks in the Portuguese feed")
        _tell(f"“{TITLE}”\n")
        self._publish("jornal", "breaking", TITLE, TEXT)
        arrived = await self._poll_and_print(4)
        _tell("")
        return arrived

    async def _copy(self) -> int:
        _scene("3. Another outlet copies it; the first gives it a new title and a new guid")
        self._world.news.pop()
        self._publish("jornal", "breaking?utm_source=rss", f"Atualizado: {TITLE}", TEXT)
        self._publish("desk", "copy", f"{TITLE} - Valley Desk", TEXT)
        again = await self._poll_and_print(1, patience=1.0)
        _tell("That should not have rung.\n" if again else "It is the same story, so nobody is rung again.\n")
        return again

    def _conclude(self, arrived: int, again: int) -> Status:
        _scene("That was all")
        took = time.monotonic() - self._started
        _tell(f"{counted(arrived, 'alert')} for 2 rules on 3 channels, {again} for the copies, {took:.1f} s in all.")
        fine = (arrived, again) == (4, 0)
        if not fine:
            _tell("Expected were 4 and 0: this machine may be very slow, or this is a mistake in Wirebell.")
        _tell("Yours begins with `wirebell init newsroom`.")
        return Status.DONE if fine else Status.NO

    async def _go_on(self, file: Path) -> None:
        _tell("\nA new story every ten seconds; Ctrl-C ends it. Meanwhile, in another terminal:")
        _tell(f"  wirebell --config {file} alerts\n")
        number = 1
        while True:
            await asyncio.sleep(10)
            number += 1
            title = f"Jason Wei apresenta o trabalho número {number} do laboratório da Meta"
            _tell(f"“{title}”\n")
            self._publish("jornal", str(number), title, "Em Lisboa.")
            await self._poll_and_print(3)

    def _publish(self, outlet: str, path: str, title: str, text: str) -> None:
        self._world.news.append(self._article(outlet, path, title, text))

    async def _poll(self) -> None:
        await self._system.polling.sweep([one.cursor for one in self._system.store.feeds()], lambda polled: None)

    async def _poll_and_print(self, expected: int, *, patience: float = PATIENCE) -> int:
        """Poll, and print what arrives: up to `expected` alerts, or what comes within `patience` seconds; how many."""
        published = time.monotonic()
        await self._poll()
        count = 0
        try:
            async with asyncio.timeout(patience):
                while count < expected:
                    one = await self._world.arrivals.get()
                    count += 1
                    _frame(f"{one.place}, {one.moment - published:.2f} s after publication", one.words)
        except TimeoutError:
            pass
        return count


def _tell(text: str) -> None:
    out.print(printable(text), markup=False)


def _scene(title: str) -> None:
    out.print(Rule(Text(title, "bold"), align="left"), width=_width())


def _frame(title: str, words: str) -> None:
    panel = Panel(Text(printable(words)), title=Text(title, "bold"), title_align="left")
    out.print(panel, width=_width(), soft_wrap=False)


def _width() -> int:
    return min(out.width, WIDEST)
