"""What every command needs: its configuration, its store, and one way to print and to fail."""

import json
import os
import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager, closing
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from monitor import config
from monitor.config import Config
from rules.mistakes import Mistake
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

out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)


def the_config(context: typer.Context) -> Config:
    """The configuration that `--config` or the usual places name. Raises Mistakes."""
    return config.load(config_path(context), os.environ)


def config_path(context: typer.Context) -> Path:
    """Where the configuration is. Raises Mistakes where there is none."""
    return config.find(context.find_root().params.get("config"), os.environ)


def store_of(configured: Config, *, read_only: bool = False) -> AbstractContextManager[Store]:
    """The store of this configuration, closed at the end. Raises StateError."""
    return closing(Store.open(configured.database, read_only=read_only))


def now() -> datetime:
    """The clock of the commands."""
    return datetime.now(UTC)


def say(text: str) -> None:
    """Tell the person, not the pipe."""
    err.print(text, markup=False)


def print_json(value: Any) -> None:
    """One value, one line."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=_plain) + "\n")


def print_lines(values: Iterable[Any]) -> None:
    """JSON Lines."""
    for value in values:
        print_json(value)


def print_table(columns: Iterable[str], rows: Iterable[Iterable[object]], *, title: str = "") -> None:
    """A table for people; a pipe gets the same without borders and colours."""
    table = Table(title=title or None, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    out.print(table)


def print_mistakes(found: Iterable[Mistake]) -> None:
    """Each mistake on a line of its own, on stderr."""
    for mistake in found:
        say(str(mistake))


def moment(value: datetime | None) -> str:
    """A time as people read it; JSON gets RFC 3339."""
    return value.astimezone().strftime("%Y-%m-%d %H:%M:%S") if value else "never"


def rfc3339(value: datetime | None) -> str | None:
    """A time for programs, in UTC."""
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if value else None


def _cell(value: object) -> str:
    text = moment(value) if isinstance(value, datetime) else str(value if value is not None else "")
    # What a feed says is neither markup for rich nor an escape sequence for the terminal.
    return "".join(letter for letter in text if letter.isprintable()).replace("[", r"\[")


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"not for JSON: {type(value)}")
