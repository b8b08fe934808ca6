"""Tells systemd READY, WATCHDOG, RELOADING and STOPPING over its socket (sd_notify(3)); 20 lines need no library."""

import os
import socket
import time
from collections.abc import Mapping


class ServiceManager:
    """The manager that started us, or nobody: then every call does nothing."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        self.watchdog = _watchdog_seconds(environ)

    def ready(self, status: str) -> None:
        self._tell("READY=1", f"STATUS={_line(status)}")

    def status(self, status: str) -> None:
        self._tell(f"STATUS={_line(status)}")

    def alive(self) -> None:
        self._tell("WATCHDOG=1")

    def reloading(self) -> None:
        self._tell("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self, within: float) -> None:
        """Stopping takes up to `within` seconds."""
        self._tell("STOPPING=1", f"EXTEND_TIMEOUT_USEC={int(within * 1_000_000)}")

    def _tell(self, *lines: str) -> None:
        if not self._address:
            return
        # A leading @ names a socket in the abstract namespace.
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            try:
                channel.connect(address)
                channel.sendall("\n".join(lines).encode())
            except OSError:
                # A manager that went away is no reason to stop watching the news.
                return


def _watchdog_seconds(environ: Mapping[str, str]) -> float:
    """The time within which the manager wants to hear from us, in seconds; 0 where it does not."""
    wanted = environ.get("WATCHDOG_USEC", "")
    ours = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    return int(wanted) / 1_000_000 if wanted.isdecimal() and ours else 0.0


def _line(text: str) -> str:
    return " ".join(text.split())[:200]
