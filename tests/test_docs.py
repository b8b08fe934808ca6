"""What the documents say works: every TOML block is a configuration, every command is run or known to be there."""

import asyncio
import json
import os
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
from monitor import config
from monitor.channels import CHANNELS
from monitor.commands import COMMANDS, GROUPS
from rules.records import Item
from tests.servers import FeedServer, Response

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SECRETS = {
    "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T0/B0/x",
    "SMTP_PASSWORD": "x",
    "WEBHOOK_SECRET": "whsec_dGhlIHNlY3JldCBvZiB0aGUgZG9jdW1lbnRz",
}
AS_ADMINISTRATOR = {"python3", "/opt/wirebell/bin/pip", "install", "cp", "systemctl"}
"""What `sudo` may stand before: these need a machine of their own, so only their form is looked at."""

OPML = '<opml version="2.0"><body><outline text="A" xmlUrl="https://a.example/feed"/></body></opml>'
RSS = '<rss version="2.0"><channel><title>A</title><item><title>Jason Wei leaves</title></item></channel></rss>'


def blocks(language: str) -> Iterator[Any]:
    for page in PAGES:
        found = re.findall(rf"^```{language}\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
        for number, block in enumerate(found):
            yield pytest.param(block, id=f"{page.name}-{number}")


def commands() -> list[str]:
    return [line for block in blocks("sh") for line in block.values[0].splitlines() if line.strip()]


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


def _rest(present: dict[str, Any]) -> list[str]:
    lines = [] if "watchlists" in present else ['[watchlists]\nwords = ["superintelligence"]']
    return lines if "channels" in present else [*lines, '[channels]\nscreen = "console:"']


@pytest.mark.parametrize("line", [line for line in commands() if line.startswith(("python3 task.py", "sudo "))])
def test_every_other_command_is_there(line: str) -> None:
    words = shlex.split(line)
    if words[0] == "sudo":
        assert words[1] in AS_ADMINISTRATOR
        files = [word for word in words if word.startswith(("locks/", "systemd/"))]
        assert all((ROOT / file).exists() for file in files)
    else:
        assert words[2] in task.TASKS
        assert all((ROOT / word).exists() for word in words[3:] if not word.startswith("-"))


@pytest.mark.parametrize("block", blocks("sh"))
async def test_every_command_of_ours_runs(block: str, tmp_path: Path) -> None:
    lines = [line for line in block.splitlines() if re.search(r"(^|/|\| )wirebell ", line)]
    async with FeedServer() as server:
        _prepare(tmp_path, server)
        for line in lines:
            done = await _run(line.replace("wirebell run", "wirebell run --help"), tmp_path)
            # 1: the answer is no. Nobody runs here, and nothing is dead.
            assert done.returncode in ((0, 1) if re.search("status|retry", line) else (0,)), line + done.stderr


def _prepare(folder: Path, server: FeedServer) -> None:
    server.routes.update({"/feed.xml": Response(body=RSS.encode()), "/slack": Response(body=b"ok")})
    (folder / "subscriptions.opml").write_text(OPML, "utf-8")
    (folder / "feed.xml").write_text(RSS, "utf-8")
    (folder / "wirebell.toml").write_text(
        f"""
feeds = ["{server.url}/feed.xml"]
database = "wirebell.db"
[watchlists]
researchers = ["Jason Wei"]
[[rules]]
name = "talent"
when = "@researchers"
[channels]
newsroom = "slack:{server.url}/slack"
[network]
allow_private = ["127.0.0.0/8"]
""",
        "utf-8",
    )


async def _run(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    line = re.sub(r"(wirebell-env/bin/)?\bwirebell (?=[a-z-])", f"{sys.executable} -m monitor ", line)
    line = line.replace(" newsroom/wirebell.toml", " wirebell.toml")
    first = f"{sys.executable} -m monitor once >/dev/null 2>&1; " if re.search("alerts|status|db ", line) else ""
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(folder)}
    return await asyncio.to_thread(
        subprocess.run, first + line, shell=True, cwd=folder, env=environ, capture_output=True, text=True, timeout=60
    )


def test_every_command_and_channel_is_documented() -> None:
    text = "\n".join(page.read_text("utf-8") for page in PAGES)
    names = [*COMMANDS, *(f"{group} {verb}" for group, one in GROUPS.items() for verb in one.commands)]
    shown = {name for name in names if re.search(rf"\b{name.replace('alerts list', 'alerts')}\b", text)}

    assert set(names) - shown == set()
    assert [kind for kind in CHANNELS if f'"{kind}"' not in text and f'"{kind}:' not in text] == []


@pytest.mark.parametrize("block", blocks("json"))
def test_every_json_block_is_json(block: str) -> None:
    assert json.loads(block)


def test_the_wheel_holds_the_three_packages(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()

    assert {name.partition("/")[0] for name in names if ".dist-info" not in name} == {"monitor", "rules", "state"}
    assert {"monitor/starter.toml", "monitor/wirebell.schema.json"} <= set(names)


def test_the_starter_rings_for_the_story_wirebell_began_with() -> None:
    item = Item(
        title="Mais um investigador da OpenAI segue para a Meta",
        text="Jason Wei junta-se ao laboratório de superinteligência da Meta, com Hyung Won Chung, dizem fontes.",
    )
    configured = config.load(ROOT / "monitor" / "starter.toml", {})
    surfaces = {match.surface for hit in configured.judge.judge(item) for match in hit.matches}

    assert {"Jason Wei", "Hyung Won Chung", "OpenAI", "Meta", "superinteligência"} <= surfaces
