"""`wirebell`: the table of commands as a command line. Data on stdout, everything else on stderr.

Exit codes: 0 done, 1 the answer is no or work failed, 2 misuse or a bad configuration.
"""

import functools
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from monitor import VERSION
from monitor.commands import COMMANDS, GROUPS, NOT_YET
from monitor.commands.common import CommandError, Status, print_mistakes, say
from monitor.control import ControlError
from rules.mistakes import Mistakes
from state.errors import NewerSchema, StateError


class _Commands(TyperGroup):
    """Says of a command that is not there yet that it is not there yet."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        command = super().get_command(ctx, cmd_name)
        words = f"{self.name} {cmd_name}" if ctx.parent else cmd_name
        if command is None and words in NOT_YET:
            ctx.fail(f"`wirebell {words}` is not in this version yet; {NOT_YET[words]}")
        return command


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
    app = typer.Typer(name="wirebell", **settings)
    app.callback()(_options)
    for name, function in COMMANDS.items():
        app.command(name)(_command(function))
    for name, group in GROUPS.items():
        inner = typer.Typer(name=name, help=group.help, **{**settings, "no_args_is_help": group.alone is None})
        if group.alone:
            inner.callback(invoke_without_command=True)(_alone(group.alone))
        for verb, function in group.commands.items():
            inner.command(verb)(_command(function))
        app.add_typer(inner)
    return app


def _alone(function: Callable[..., Status]) -> Callable[..., None]:
    """`function` for a group that is called without a verb."""
    command = _command(function)

    @functools.wraps(function)
    def run(context: typer.Context, *arguments: Any, **options: Any) -> None:
        if context.invoked_subcommand is None:
            command(context, *arguments, **options)

    run.__annotations__ = command.__annotations__
    return run


def main() -> None:
    """The console script."""
    try:
        build()()
    except BrokenPipeError:
        # `wirebell alerts | head` is no failure; keep the interpreter from writing to the closed pipe at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
