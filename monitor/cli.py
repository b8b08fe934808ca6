"""`wirebell`: the table of commands as a command line. Data on stdout, everything else on stderr.

Exit codes: 0 done, 1 the answer is no or work failed, 2 misuse or a bad configuration.
"""

import functools
import inspect
import io
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from monitor import VERSION
from monitor.commands import COMMANDS, GROUPS, NOT_YET
from monitor.commands.common import CommandError, Status, print_mistakes, say
from monitor.control import ControlError
from rules.mistakes import Mistakes
from state.errors import NewerSchema, StateError

EPILOG = """\
`wirebell demo` shows it at work, `wirebell init` writes a configuration to start with.
Exit codes: 0 done, 1 the answer is no or work failed, 2 misuse or a bad configuration.

Example: wirebell init && wirebell check --online && wirebell once --all"""


class _Commands(TyperGroup):
    """Says of a command that is not there yet that it is not there yet."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        command = super().get_command(ctx, cmd_name)
        words = f"{self.name} {cmd_name}" if ctx.parent else cmd_name
        if command is None and words in NOT_YET:
            ctx.fail(f"`wirebell {words}` is not in this version yet; {NOT_YET[words]}")
        return command


class _Command(TyperCommand):
    """Says of `--config` behind the command where it belongs."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if any(one == "--config" or one.startswith("--config=") for one in args):
            ctx.fail("--config stands before the command: wirebell --config FILE " + ctx.command_path.partition(" ")[2])
        return super().parse_args(ctx, args)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"wirebell {VERSION}")
        raise typer.Exit


def _options(
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="FILE",
            help="The configuration; else $WIREBELL_CONFIG, ./wirebell.toml, "
            "the user's config folder, /etc/wirebell/wirebell.toml.",
        ),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Watches the news wires of technology and rings when something you care about happens."""


def _command(function: Callable[..., Status]) -> Callable[..., None]:
    """`function` with its result as the exit code, and its mistakes as sentences."""

    @functools.wraps(function)
    def run(*arguments: Any, **options: Any) -> None:
        try:
            status = function(*arguments, **options)
            sys.stdout.flush()
        except Mistakes as mistakes:
            print_mistakes(mistakes.found)
            status = Status.MISUSE
        except CommandError as error:
            say(str(error))
            status = error.status
        except NewerSchema as error:
            say(str(error))
            status = Status.MISUSE
        except (StateError, ControlError) as error:
            say(str(error))
            status = Status.NO
        except BrokenPipeError:
            # `wirebell alerts | head` is no failure; keep the interpreter from writing to the closed pipe at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            status = Status.DONE
        raise typer.Exit(int(status))

    run.__annotations__ = {**function.__annotations__, "return": None}
    return run


def build() -> typer.Typer:
    """The command line."""
    settings: dict[str, Any] = {
        "cls": _Commands,
        "add_completion": False,
        "no_args_is_help": True,
        "pretty_exceptions_enable": False,
        "rich_markup_mode": None,
        "context_settings": {"help_option_names": ["-h", "--help"]},
    }
    app = typer.Typer(name="wirebell", epilog=_without_folding(EPILOG), **settings)
    app.callback()(_options)
    for name, function in COMMANDS.items():
        app.command(name, cls=_Command, help=_help(function))(_command(function))
    for name, group in GROUPS.items():
        own = {**settings, "no_args_is_help": group.alone is None}
        inner = typer.Typer(name=name, help=_without_folding(group.help), **own)
        if group.alone:
            inner.callback(invoke_without_command=True)(_alone(group.alone))
        for verb, function in group.commands.items():
            inner.command(verb, cls=_Command, help=_help(function))(_command(function))
        app.add_typer(inner)
    return app


def _help(function: Callable[..., Status]) -> str:
    return _without_folding(inspect.getdoc(function) or "")


def _without_folding(text: str) -> str:
    """`text` with its example, which is to be copied, in a line of its own; \\b tells click to leave it alone."""
    return re.sub(r"(?m)^Example: (.*)", r"\b\nExample:\n  \1", text).replace(r"\b", "\b")


def _alone(function: Callable[..., Status]) -> Callable[..., None]:
    """`function` for a group that is called without a verb."""
    command = _command(function)

    @functools.wraps(function)
    def run(context: typer.Context, *arguments: Any, **options: Any) -> None:
        verb = context.invoked_subcommand
        if verb is None:
            command(context, *arguments, **options)
        given = [name for name in options if getattr(context.get_parameter_source(name), "name", "") == "COMMANDLINE"]
        if verb and given:
            context.fail(f"options stand behind the last word: {context.command_path} {verb} --{given[0]}")

    run.__annotations__ = command.__annotations__
    return run


def main() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        # JSON is UTF-8 wherever it is printed; a lone surrogate, which is not, is written as JSON writes it.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    build()()
