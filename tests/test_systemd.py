"""The unit file: understood by systemd without a word, and as closed as it was measured to be."""

import shutil
import subprocess
from pathlib import Path

import pytest

from monitor.daemon import PATIENCE, STALLED

UNIT = Path(__file__).parents[1] / "systemd" / "wirebell.service"


@pytest.fixture
def analyze() -> str:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd's tools are not installed here")
    return program


def test_systemd_has_nothing_to_say_about_the_unit(analyze: str) -> None:
    done = subprocess.run([analyze, "verify", str(UNIT)], check=False, capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")


def test_the_exposure_is_no_more_than_it_was(analyze: str) -> None:
    command = [analyze, "security", "--offline=true", "--threshold=11", str(UNIT)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout[-200:]


def test_the_watchdog_is_slower_than_a_stall_and_the_stop_than_our_patience() -> None:
    settings = dict(
        line.split("=", 1) for line in UNIT.read_text("utf-8").splitlines() if "=" in line and line[0] != "#"
    )

    assert float(settings["WatchdogSec"].rstrip("s")) > STALLED + 20
    assert float(settings["TimeoutStopSec"].rstrip("s")) > PATIENCE + 5
