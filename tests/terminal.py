"""A person at a terminal: runs our commands in this process, in a folder of their own, and says what they printed."""

import asyncio
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from monitor.cli import build

NAMED = ("WIREBELL_CONFIG", "STATE_DIRECTORY", "CREDENTIALS_DIRECTORY", "XDG_CONFIG_HOME", "XDG_STATE_HOME")


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended, and what it wrote where."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one line of JSON on standard output."""
        (line,) = self.lines
        return line

    @property
    def lines(self) -> list[Any]:
        """The JSON Lines on standard output."""
        return [json.loads(line) for line in self.out.splitlines()]


class Terminal:
    """`terminal("check", "--json")`, and `await terminal.run(...)` where a test's own servers must answer meanwhile."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "wirebell.toml"

    def __call__(self, *words: object, given: str | bytes = "") -> Said:
        done = CliRunner().invoke(build(), [str(word) for word in words], input=given, prog_name="wirebell")
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Said(done.exit_code, done.stdout, done.stderr)

    async def run(self, *words: object, given: str | bytes = "") -> Said:
        """The same, in a thread."""
        return await asyncio.to_thread(self, *words, given=given)


@contextmanager
def terminal_in(folder: Path) -> Iterator[Terminal]:
    """A terminal whose commands find nothing of the machine's own; what they change in this process is put back."""
    before, environ, mask = Path.cwd(), dict(os.environ), os.umask(0o022)
    loggers = [(logger, logger.level, logger.handlers[:]) for logger in map(logging.getLogger, (None, "wirebell"))]
    for name in NAMED:
        os.environ.pop(name, None)
    os.environ |= {"HOME": str(folder / "home"), "NO_COLOR": "1"}
    os.chdir(folder)
    try:
        yield Terminal(folder)
    finally:
        os.chdir(before)
        os.umask(mask)
        os.environ.clear()
        os.environ.update(environ)
        for logger, level, handlers in loggers:
            logger.setLevel(level)
            logger.handlers[:] = handlers
