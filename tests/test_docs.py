"""What the documents say works: every TOML block is a configuration, every command is run or known to be there."""

import json
import re
import shlex
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import task
from monitor import config, packs
from monitor.channels import CHANNELS
from monitor.commands import COMMANDS, GROUPS
from tests.servers import FeedServer, Response
from tests.terminal import Said, Terminal, terminal_in

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SECRETS = {
    "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T0/B0/x",
    "SMTP_PASSWORD": "x",
    "WEBHOOK_SECRET": "whsec_dGhlIHNlY3JldCBvZiB0aGUgZG9jdW1lbnRz",
}
OF_THE_SHELL = {"python3 -m venv wirebell-env", ". wirebell-env/bin/activate", "pip install .", "cd newsroom"}
AS_ADMINISTRATOR = {"python3", "/opt/wirebell/bin/pip", "install", "ln", "cp", "systemctl", "wirebell"}
"""What `sudo` may stand before: these need a machine of their own, so only their form is looked at."""

MAY_SAY_NO = re.compile(r"wirebell status")
"""Nobody runs here."""

OPML = '<opml version="2.0"><body><outline text="A" xmlUrl="https://a.example/feed"/></body></opml>'
RSS = '<rss version="2.0"><channel><title>A</title><item><title>Jason Wei leaves</title></item></channel></rss>'

CONFIG = """\
feeds = ["{url}/feed.xml"]
database = "wirebell.db"
[watchlists]
researchers = ["Jason Wei", "Hyung Won Chung"]
labs = ["OpenAI"]
[[rules]]
name = "talent"
when = "@researchers AND @labs"
[channels]
newsroom = "slack:{url}/slack"
screen = "console:"
[network]
allow_private = ["127.0.0.0/8"]
"""


def blocks(language: str) -> list[Any]:
    found = []
    for page in PAGES:
        texts = re.findall(rf"^```{language}\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
        found += [pytest.param(text, id=f"{page.name}-{number}") for number, text in enumerate(texts)]
    return found


def commands() -> list[str]:
    return [line for block in blocks("sh") for line in block.values[0].splitlines() if line.strip()]


def is_ours(line: str) -> bool:
    return bool(re.search(r"(^|\| )wirebell ", line))


@pytest.mark.parametrize("block", blocks("toml"))
def test_every_toml_block_is_a_configuration(block: str, tmp_path: Path) -> None:
    present = tomllib.loads(block)
    file = tmp_path / "wirebell.toml"
    (tmp_path / "researchers.csv").write_text("name,aliases,context,note\nAda Lovelace,,,\n", "utf-8")
    # A block may show a part of the file; what it leaves out is as small as can be.
    missing = [] if "feeds" in present else ['feeds = ["https://a.example/feed"]']
    file.write_text("\n".join([*missing, block, *_rest(present)]), "utf-8")

    configured = config.load(file, SECRETS)

    assert configured.judge.checks() == []


def _rest(present: dict[str, Any]) -> Iterator[str]:
    """The lists that rules of the block may name, and a channel."""
    lists = [name for name in ("researchers", "labs", "keywords") if name not in present.get("watchlists", {})]
    yield from (f'[watchlists.{name}]\nentries = ["superintelligence"]' for name in lists)
    if "channels" not in present:
        yield '[channels]\nscreen = "console:"'


@pytest.mark.parametrize("line", [line for line in commands() if not is_ours(line)])
def test_every_other_command_is_there(line: str) -> None:
    words = [word for word in shlex.split(line) if not re.match(r"[A-Z_]+=", word)]
    if line in OF_THE_SHELL:
        return
    if words[0] == "sudo":
        assert words[1] in AS_ADMINISTRATOR
        assert all((ROOT / word).exists() for word in words if word.startswith(("locks/", "systemd/")))
    else:
        assert words[:2] == ["python3", "task.py"]
        assert words[2] in task.TASKS
        assert all((ROOT / word).exists() for word in words[3:] if not word.startswith("-"))


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    (tmp_path / "subscriptions.opml").write_text(OPML, "utf-8")
    (tmp_path / "feed.xml").write_text(RSS, "utf-8")
    with terminal_in(tmp_path) as one:
        yield one


@pytest.mark.parametrize("block", [block for block in blocks("sh") if any(map(is_ours, block.values[0].splitlines()))])
async def test_every_command_of_ours_runs(block: str, terminal: Terminal) -> None:
    async with FeedServer() as server:
        server.routes |= {"/feed.xml": Response(body=RSS.encode()), "/slack": Response(body=b"ok")}
        terminal.config.write_text(CONFIG.format(url=server.url), "utf-8")
        if re.search("wirebell (alerts|status|db|rules backtest|watchlists)", block):
            await terminal.run("once")
        for line in filter(is_ours, block.splitlines()):
            # A site of ours for the one that is named.
            said = await _run(terminal, re.sub(r"(feeds discover) \S+", rf"\1 {server.url}/feed.xml", line))
            assert said.code in ((0, 1) if MAY_SAY_NO.search(line) else (0,)), line + said.err


async def _run(terminal: Terminal, line: str) -> Said:
    """The commands of a line, each fed with what the one before it printed."""
    printed = ""
    for part in line.replace("wirebell run", "wirebell run --help").split(" | "):
        name, *words = shlex.split(part)
        if name == "echo":
            printed = " ".join(words)
            continue
        assert name == "wirebell", line
        said = await terminal.run(*words, given=printed)
        printed = said.out
    return said


def test_every_command_and_channel_is_documented() -> None:
    text = "\n".join(page.read_text("utf-8") for page in PAGES)
    names = [*COMMANDS, *(f"{group} {verb}" for group, one in GROUPS.items() for verb in one.commands)]
    shown = {name for name in names if re.search(rf"\b{name.replace('alerts list', 'alerts')}\b", text)}

    assert set(names) - shown == set()
    assert [kind for kind in CHANNELS if f'"{kind}"' not in text and f'"{kind}:' not in text] == []


@pytest.mark.parametrize("block", blocks("json"))
def test_every_json_block_is_json(block: str) -> None:
    assert json.loads(block)


def test_every_page_that_is_named_is_there() -> None:
    for page in PAGES:
        links = re.findall(r"\]\(((?!https?:)[^)]+)\)", page.read_text("utf-8"))
        assert all((page.parent / link).is_file() for link in links), page


def test_the_wheel_holds_the_three_packages(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()

    assert {name.partition("/")[0] for name in names if ".dist-info" not in name} == {"monitor", "rules", "state"}
    assert {"monitor/starter.toml", "monitor/wirebell.schema.json", "monitor/packs/common-words.tsv"} <= set(names)
    assert {f"monitor/packs/{name}.toml" for name in packs.names()} <= set(names)
