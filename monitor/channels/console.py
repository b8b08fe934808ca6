"""Alerts on standard output: for a terminal, a pipe, and the journal of a service."""

import select
import sys
from datetime import datetime
from io import StringIO
from typing import Any, Literal, Self

from rich.console import Console as Terminal
from rich.text import Text

from monitor.channels.base import Context, settled, transient
from monitor.channels.message import Message, bare_message, laid_out, message_of
from monitor.channels.text import lines
from monitor.tables import Table
from rules.records import Attempt, Delivery, Outcome

AT_ONCE = 1000
"""Letters; a pipe that takes any takes 4,096 bytes without making us wait (PIPE_BUF)."""


class ConsoleSettings(Table):
    """Alerts on standard output."""

    type: Literal["console"] = "console"


class Console:
    """Prints to standard output."""

    Settings = ConsoleSettings
    pace = 0.0

    def __init__(self, name: str, settings: ConsoleSettings, context: Context) -> None:
        del settings, context
        self.name = name

    @staticmethod
    def shorthand(rest: str) -> dict[str, Any]:
        """`console:`, with nothing behind it."""
        if rest:
            raise ValueError('takes nothing behind its colon; write "console:"')
        return {}

    @classmethod
    def build(cls, name: str, settings: ConsoleSettings, context: Context) -> Self:
        return cls(name, settings, context)

    async def send(self, delivery: Delivery, *, now: datetime) -> Attempt:
        alert = delivery.alert
        shown = laid_out(lambda: _shown(message_of(alert, now=now)), lambda: _shown(bare_message(alert)), alert)
        return settled(_printed(shown))

    async def reach(self) -> str:
        return "prints to standard output"


def _shown(message: Message) -> str:
    """The alert as it is printed: words that rang stand out on a terminal, and are between asterisks in a pipe."""
    on_terminal, buffer = _is_terminal(), StringIO()
    terminal = Terminal(file=buffer, force_terminal=on_terminal, highlight=False)
    for number, line in enumerate(lines(message)):
        text = Text()
        for run in line:
            words = f"*{run.text}*" if run.marked and not on_terminal else run.text
            text.append(words, "bold reverse" if run.marked else "bold" if number == 0 else "")
        # An address that is broken into lines is none any more.
        terminal.print(text, soft_wrap=not on_terminal or "://" in text.plain)
    return f"{buffer.getvalue()}\n"


def _is_terminal() -> bool:
    try:
        return sys.stdout.isatty()
    except ValueError:
        return False  # it is closed


def _printed(shown: str) -> Attempt:
    try:
        _write(shown)
    except (OSError, ValueError) as error:
        # The reader of the pipe is gone, the disk behind it is full; ValueError: closed.
        return transient(f"standard output does not take it: {error}")
    return Attempt(outcome=Outcome.SENT, reason="printed")


def _write(shown: str) -> None:
    """Print without ever waiting for a reader: `wirebell run | less` must not stop the polls."""
    encoding = sys.stdout.encoding or "utf-8"
    text = shown.encode(encoding, "replace").decode(encoding)
    for begin in range(0, len(text), AT_ONCE):
        if not _takes():
            raise BlockingIOError("nobody reads it")
        sys.stdout.write(text[begin : begin + AT_ONCE])
        sys.stdout.flush()


def _takes() -> bool:
    try:
        number = sys.stdout.fileno()
    except (OSError, ValueError):
        return True  # it is in memory, or closed: then writing says so
    return bool(select.select([], [number], [], 0)[1])
