"""`wirebell demo`, as a stranger starts it: real processes, alerts on screen, and an end."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from pathlib import Path

import pytest

from tests.terminal import terminal_in

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[1]
LONGEST = 60
"""Seconds on a busy machine; it takes three."""


async def demo(folder: Path, *words: str, **environ: str) -> Process:
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80", "HOME": str(folder), **environ}
    command = [sys.executable, "-m", "monitor", "demo", *words]
    return await asyncio.create_subprocess_exec(*command, cwd=folder, env=environ, stdout=PIPE, stderr=STDOUT)


async def until(process: Process, words: str) -> str:
    """What the process printed up to the line with `words`."""
    assert process.stdout
    printed = ""
    async with asyncio.timeout(LONGEST):
        while words not in printed:
            line = await process.stdout.readline()
            assert line, printed
            printed += line.decode()
    return printed


def test_a_story_breaks_and_its_alerts_are_on_the_screen(tmp_path: Path) -> None:
    with terminal_in(tmp_path) as terminal:
        said = terminal("demo")

    assert (said.code, said.err) == (0, "")
    assert said.out.count("e-mail, ") == said.out.count("webhook in short, its signature verified, ") == 1
    assert said.out.count("Slack, ") == 2
    assert "*Jason Wei* junta-se ao laboratório de superinteligência da *Meta*" in said.out
    assert "so nobody is rung again" in said.out
    assert "4 alerts for 2 rules on 3 channels, 0 for the copies" in said.out
    assert max(map(len, said.out.splitlines())) <= 80
    assert list(tmp_path.iterdir()) == []


async def test_it_stays_until_ctrl_c_where_asked(tmp_path: Path) -> None:
    process = await demo(tmp_path, "--stay")

    await until(process, "wirebell --config")
    process.send_signal(signal.SIGINT)
    out, _ = await asyncio.wait_for(process.communicate(), LONGEST)

    assert process.returncode == 0
    assert out.decode().strip() == "stopped"


async def test_a_library_that_is_missing_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "aiosmtpd").mkdir()
    (tmp_path / "aiosmtpd" / "__init__.py").write_text("raise ModuleNotFoundError(name='aiosmtpd')", "utf-8")

    process = await demo(tmp_path, PYTHONPATH=f"{tmp_path}:{ROOT}")
    out, _ = await asyncio.wait_for(process.communicate(), LONGEST)

    assert process.returncode == 1
    assert out.decode() == "the demonstration needs aiosmtpd, which is not there; pip install it\n"


def test_without_loopback_there_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # 192.0.2.1 is nobody's address (RFC 5737), so no server can be opened on it.
    monkeypatch.setattr("monitor.commands.outside.HOST", "192.0.2.1")
    with terminal_in(tmp_path) as terminal:
        said = terminal("demo")

    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("no server can be opened on 192.0.2.1: ")
