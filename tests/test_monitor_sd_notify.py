"""The service manager hears what it needs, on either kind of socket, and nobody else is disturbed."""

import os
import socket
from pathlib import Path

import pytest

from monitor.sd_notify import ServiceManager


@pytest.mark.parametrize("kind", ["path", "abstract"])
def test_the_manager_hears_every_stage(kind: str, tmp_path: Path) -> None:
    name = str(tmp_path / "notify") if kind == "path" else f"@wirebell-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0" + name[1:] if name.startswith("@") else name)
        manager.settimeout(5)
        service = ServiceManager({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "90000000"})
        service.ready("12 feeds\nREADY=1 forged")
        service.alive()
        service.reloading()
        service.stopping(30)
        heard = [manager.recv(4096).decode() for _ in range(4)]

    assert heard[0] == "READY=1\nSTATUS=12 feeds READY=1 forged"
    assert heard[1] == "WATCHDOG=1"
    assert heard[2].startswith("RELOADING=1\nMONOTONIC_USEC=")
    assert heard[3] == "STOPPING=1\nEXTEND_TIMEOUT_USEC=30000000"
    assert service.watchdog == 90.0


def test_without_a_manager_nothing_happens(tmp_path: Path) -> None:
    ServiceManager({}).ready("fine")
    ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "gone")}).alive()

    assert ServiceManager({"WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"}).watchdog == 0.0
