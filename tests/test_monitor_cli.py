"""The command line: help with examples, exit codes, what is refused, and an end without a traceback."""

import asyncio
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor import VERSION
from monitor.commands import COMMANDS, GROUPS, NOT_YET
from tests.servers import FeedServer, Request, Wire
from tests.terminal import Terminal, terminal_in

ROOT = Path(__file__).parents[1]
VERBS = [name.split() for name in COMMANDS] + [[group, verb] for group, one in GROUPS.items() for verb in one.commands]
WITHOUT_JSON = [["run"], ["demo"]]

CONFIG = """\
feeds = ["https://a.example/feed"]
database = "wirebell.db"
[watchlists]
researchers = ["Jason Wei"]
[channels]
screen = "console:"
"""


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    with terminal_in(tmp_path) as one:
        one.config.write_text(CONFIG, "utf-8")
        yield one


def wirebell(*words: str) -> list[str]:
    """The command line of a real process."""
    return [sys.executable, "-m", "monitor", *words]


@pytest.mark.parametrize("words", [[], *([group] for group in GROUPS), *VERBS], ids=" ".join)
def test_every_command_has_help_with_an_example_that_is_one(terminal: Terminal, words: list[str]) -> None:
    said = terminal(*words, "--help")

    assert (said.code, said.err) == (0, "")
    (example,) = re.findall(r"Example:\n +(.+)\n", said.out)
    called = [part.split("wirebell ", 1)[1] for part in re.split(r" \| | && ", example) if "wirebell " in part]
    for line in called:
        assert terminal(*_verb(shlex.split(line)), "--help").code == 0
    assert any(" ".join(words) in line for line in called)


def _verb(words: list[str]) -> list[str]:
    """The command of a line, without its arguments."""
    start = 2 if words[0] == "--config" else 0
    return words[start : start + (2 if words[start] in GROUPS and not words[start + 1].startswith("-") else 1)]


@pytest.mark.parametrize("words", [verb for verb in VERBS if verb not in WITHOUT_JSON], ids=" ".join)
def test_every_command_that_a_program_may_read_prints_json(terminal: Terminal, words: list[str]) -> None:
    assert "--json" in terminal(*words, "--help").out


@pytest.mark.parametrize("words", [[], *VERBS], ids=" ".join)
def test_help_fits_a_terminal_of_eighty_columns(terminal: Terminal, words: list[str]) -> None:
    assert max(map(len, terminal(*words, "--help").out.splitlines())) <= 80


def test_the_version_is_told(terminal: Terminal) -> None:
    assert terminal("--version").out == f"wirebell {VERSION}\n"


@pytest.mark.parametrize("name", NOT_YET)
def test_a_command_that_comes_later_is_refused_with_what_helps_until_then(terminal: Terminal, name: str) -> None:
    said = terminal(*name.split(), "talent", "--for", "2h")

    assert said.code == 2
    assert f"`wirebell {name}` is not in this version yet; " in said.err
    assert not said.out


@pytest.mark.parametrize(
    "words",
    [
        ["whatever"],
        ["feeds", "whatever"],
        ["check", "--whatever"],
        ["feeds", "add"],
        ["alerts", "--since", "yesterday"],
        ["alerts", "--state", "lost"],
        ["once", "--wait", "soon"],
        ["db", "prune", "--older-than", "-1d"],
        ["rules", "test", "nothing"],
        ["test-alert", "nowhere"],
        ["match", "nowhere.jsonl"],
        ["feeds", "parse", "nowhere.xml"],
        ["feeds", "import", "nowhere.opml"],
        ["feeds", "remove", "https://nowhere.example/"],
        ["feeds", "add", "nowhere.example"],
        ["init"],
        ["--config", "nowhere.toml", "check"],
        ["--config", ".", "check"],
    ],
    ids=" ".join,
)
def test_misuse_is_a_sentence_on_standard_error_and_a_two(terminal: Terminal, words: list[str]) -> None:
    said = terminal(*words)

    assert said.code == 2
    assert said.err.strip()
    assert not said.out


def test_config_behind_the_command_is_told_where_it_belongs(terminal: Terminal) -> None:
    said = terminal("feeds", "list", "--config", "other.toml")

    assert said.code == 2
    assert "--config stands before the command: wirebell --config FILE feeds list" in said.err


def test_options_before_the_word_they_belong_to_are_not_ignored(terminal: Terminal) -> None:
    said = terminal("alerts", "--since", "1h", "list")

    assert said.code == 2
    assert "wirebell alerts list --since" in said.err


def test_the_configuration_is_found_where_the_environment_says(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = terminal.folder / "elsewhere.toml"
    terminal.config.rename(elsewhere)
    assert terminal("check").code == 2

    monkeypatch.setenv("WIREBELL_CONFIG", str(elsewhere))
    assert f"{elsewhere}: good" in terminal("check").out


@pytest.mark.parametrize("words", [["feeds", "list", "--json"], ["--help"]])
def test_a_reader_that_leaves_early_is_no_failure(terminal: Terminal, words: list[str]) -> None:
    feeds = ",".join(f'"https://{number}.example/feed"' for number in range(2000))
    terminal.config.write_text(f"feeds = [{feeds}]", "utf-8")
    line = f"({shlex.join(wirebell(*words))}; echo $? >&2) | head -c 1"
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}

    done = subprocess.run(line, shell=True, env=environ, capture_output=True, text=True, timeout=60, check=False)

    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr
    assert done.stderr.splitlines()[-1] == "0"


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
def test_json_is_utf_8_whatever_the_terminal_speaks(terminal: Terminal, encoding: str) -> None:
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    item = '{"id": "정\\ud800", "title": "x\\u2028y"}\n'.encode()

    done = subprocess.run(wirebell("match"), input=item, env=environ, capture_output=True, timeout=60, check=True)

    assert done.stdout.decode() == '{"id": "정\\ud800", "rules": [], "matches": [], "events": []}\n'


@pytest.mark.anyio
async def test_ctrl_c_ends_a_round_without_a_traceback(terminal: Terminal) -> None:
    asked, never = asyncio.Event(), asyncio.Event()

    def silent(_: Request) -> Wire:
        async def wait(_: asyncio.StreamWriter) -> None:
            asked.set()
            await never.wait()

        return wait

    async with FeedServer() as server:
        server.routes["/feed.xml"] = silent
        terminal.config.write_text(
            CONFIG.replace("https://a.example/feed", f"{server.url}/feed.xml")
            + '[network]\nallow_private = ["127.0.0.0/8"]\n',
            "utf-8",
        )
        environ = {**os.environ, "PYTHONPATH": str(ROOT)}
        process = await asyncio.create_subprocess_exec(
            *wirebell("once"), env=environ, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        await asyncio.wait_for(asked.wait(), 60)
        process.send_signal(signal.SIGINT)
        out, err = await asyncio.wait_for(process.communicate(), 60)

    assert (process.returncode, out, err) == (130, b"", b"")


WRONG_QUERY = CONFIG + '[[rules]]\nname = "broken"\nwhen = "(a AND"\n'


@pytest.mark.parametrize(
    "words",
    [
        ("check",),
        ("once",),
        ("match",),
        ("rules", "list"),
        ("rules", "test", "broken"),
        ("rules", "backtest", "broken"),
        ("watchlists", "suggest"),
        ("why", "x"),
    ],
    ids=" ".join,
)
def test_a_query_that_is_wrong_is_told_by_whatever_judges(terminal: Terminal, words: tuple[str, ...]) -> None:
    terminal.config.write_text(WRONG_QUERY, "utf-8")

    said = terminal(*words)

    assert (said.code, said.out) == (2, "")
    assert "wirebell.toml:9: rules[0].when: line 1, column 1: " in said.err


@pytest.mark.parametrize("words", [("feeds", "list"), ("watchlists", "list"), ("watchlists", "show", "researchers")])
def test_what_judges_nothing_does_without_the_queries(terminal: Terminal, words: tuple[str, ...]) -> None:
    terminal.config.write_text(WRONG_QUERY, "utf-8")

    said = terminal(*words)

    assert said.code == 0
    assert said.out
    assert "rules[0]" not in said.err


def test_a_mistake_elsewhere_is_told_by_every_command_that_reads_the_file(terminal: Terminal) -> None:
    terminal.config.write_text(CONFIG.replace("database", "datebase"), "utf-8")

    said = terminal("feeds", "list")

    assert (said.code, said.out) == (2, "")
    assert "did you mean `database`?" in said.err
