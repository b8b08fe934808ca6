"""What every command needs: its configuration, its store, and one way to print and to fail."""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, closing, nullcontext, redirect_stdout
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic_core import PydanticCustomError
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from monitor import config, tables
from monitor.config import Config
from monitor.logs import redact
from monitor.saying import counted as counted  # noqa: PLC0414  every command counts
from rules.judge import Rule
from rules.mistakes import Mistake, Mistakes
from rules.wording import did_you_mean
from state.store import Store


class Status(IntEnum):
    """Exit codes."""

    DONE = 0
    NO = 1
    """The answer is no, or work failed."""
    MISUSE = 2
    """The command or the configuration cannot be understood."""


class CommandError(Exception):
    """A sentence for the person at the terminal, and the exit code."""

    def __init__(self, sentence: str, status: Status = Status.NO) -> None:
        super().__init__(sentence)
        self.status = status


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs; lists as one line an entry.")]
JsonAnyway = Annotated[bool, typer.Option("--json", help="JSON Lines is what it prints in any case.")]


class _Console(Console):
    """Leaves a closed pipe to the command line, which ends quietly."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


out = _Console(soft_wrap=True, highlight=False, emoji=False)
err = _Console(stderr=True, soft_wrap=True, highlight=False, emoji=False)


def the_config(context: typer.Context) -> Config:
    """The configuration that `--config` or the usual places name. Raises Mistakes."""
    return config.load(config_path(context), os.environ)


def the_config_to_read(context: typer.Context) -> Config:
    """The same for commands that send nothing: they do without the secrets, which only the service may have."""
    return config.load(config_path(context), os.environ, secrets=False)


def the_config_to_look(context: typer.Context) -> Config:
    """The same for commands that judge nothing either: a mistake in a query is not theirs to tell."""
    return config.load(config_path(context), os.environ, secrets=False, queries=False)


def config_path(context: typer.Context) -> Path:
    """Where the configuration is. Raises Mistakes where there is none."""
    return config.find(context.find_root().params.get("config"), os.environ)


def config_or_none(context: typer.Context) -> Config | None:
    """The same for commands that do without one: None where there is none. Raises Mistakes where it is wrong."""
    try:
        config_path(context)
    except Mistakes:
        return None
    return the_config_to_look(context)


def rule_of(configured: Config, name: str) -> Rule:
    """The rule, or the list that is one. Raises CommandError."""
    known = {rule.name: rule for rule in configured.judge.rules}
    if name not in known:
        remedy = did_you_mean(name, list(known)) or "`wirebell rules list` names them"
        raise CommandError(f"no rule is called {name}; {remedy}", Status.MISUSE)
    return known[name]


def store_of(configured: Config, *, read_only: bool = False) -> AbstractContextManager[Store]:
    """The store of this configuration, closed at the end. Raises StateError."""
    return closing(Store.open(configured.database, read_only=read_only))


def now() -> datetime:
    """The clock of the commands."""
    return datetime.now(UTC)


def length(option: str, text: str) -> timedelta:
    """The duration that `option` is given as `text`. Raises CommandError."""
    try:
        return timedelta(seconds=tables.seconds(text))
    except PydanticCustomError as error:
        raise CommandError(f"{option} {text}: {error.message()}", Status.MISUSE) from None


def say(text: str) -> None:
    """Tell the person, not the pipe."""
    err.print(printable(text), markup=False)


def show(text: str) -> None:
    """A line of the answer."""
    out.print(printable(text), markup=False)


def printing(as_json: bool) -> AbstractContextManager[object]:
    """While channels send: a console channel prints to stderr where standard output is to be JSON alone."""
    return redirect_stdout(sys.stderr) if as_json else nullcontext()


def print_json(value: Any) -> None:
    """One value, one line, at once: who reads may be a program that waits for it."""
    print(json.dumps(value, ensure_ascii=False, default=_plain).translate(_LINE_ENDS), flush=True)


_LINE_ENDS = {ord(sign): f"\\u{ord(sign):04x}" for sign in "\x85\u2028\u2029"}
"""JSON leaves these as they are, and some readers end a line there."""


def print_lines(values: Iterable[Any]) -> None:
    """JSON Lines."""
    for value in values:
        print_json(value)


def progress() -> Progress:
    """Bars on a terminal, nothing in a pipe. What is printed meanwhile goes above them, or into its own file."""
    return Progress(console=err, transient=True, disable=not err.is_terminal, redirect_stdout=out.is_terminal)


def print_table(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    """A table for people; a pipe gets each row in one line, however long, so that grep finds it."""
    cells = [[_cell(value) for value in row] for row in rows]
    if not out.is_terminal:
        _print_columns([list(columns), *cells])
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for place, column in enumerate(columns):
        # A date or a number in two lines is hard to read; a title gives way.
        short = all(len(row[place]) <= SHORT for row in cells)
        table.add_column(column, overflow="fold", no_wrap=short)
    for row in cells:
        # What a feed says is no markup for rich.
        table.add_row(*map(Text, row))
    out.print(table)


SHORT = 16
"""Letters of what is not folded: a date and a time."""


def _print_columns(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def print_mistakes(found: Iterable[Mistake]) -> None:
    """Each mistake on a line of its own, on stderr."""
    for mistake in found:
        say(str(mistake))


def moment(value: datetime | None) -> str:
    """A time as people read it, on their own clock; JSON gets RFC 3339."""
    return value.astimezone().strftime("%Y-%m-%d %H:%M") if value else "never"


def rfc3339(value: datetime | None) -> str | None:
    """A time for programs, in UTC."""
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if value else None


def printable(text: str) -> str:
    """`text` as a terminal may get it: what a feed or a server says is no escape sequence, and no secret."""
    return "".join(letter if letter == "\n" else _shown(letter) for letter in redact(text))


def _shown(letter: str) -> str:
    return letter if letter.isprintable() else " " if letter.isspace() else ""


def _cell(value: object) -> str:
    text = moment(value) if isinstance(value, datetime) else str(value if value is not None else "")
    return printable(text).replace("\n", " ")


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"not for JSON: {type(value)}")
