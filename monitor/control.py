"""How a command changes the state while the daemon runs: it asks the daemon, the only writer, through a Unix socket.

One line of JSON each way: `{"do": NAME, ...arguments}` and `{"answer": ...}` or `{"problem": SENTENCE}`.
Two processes that write one WAL database can corrupt it before SQLite 3.51.3 (its release notes), so there is only one.
"""

import asyncio
import json
import os
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from state.errors import StateError

LONGEST_LINE = 1 << 20

Verb = Callable[..., Awaitable[Any]]


class ControlError(Exception):
    """The daemon answered with a problem, as a sentence."""


def socket_of(database: Path) -> Path:
    """Where the daemon of `database` listens: beside it, so that two databases in one folder have a socket each."""
    return database.with_name(f"{database.name}.sock")


@contextmanager
def _address(place: Path) -> Iterator[str]:
    """A path to the socket that fits into the 108 bytes which a Unix address may have, however deep the folder is."""
    folder = os.open(place.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{place.name}"
    finally:
        os.close(folder)


async def serve(database: Path, verbs: Mapping[str, Verb]) -> asyncio.Server:
    """Answer commands for `database`, which we hold; only the owner of the daemon may ask."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            reply = await _reply(await reader.readline(), verbs)
            writer.write(json.dumps(reply).encode() + b"\n")
            await writer.drain()
        except (OSError, ValueError) as error:
            # ValueError: a line longer than allowed. The asker is gone or mad; nobody is left to tell.
            del error
        finally:
            writer.close()

    place = socket_of(database)
    place.unlink(missing_ok=True)
    with _address(place) as address:
        server = await asyncio.start_unix_server(answer, path=address, limit=LONGEST_LINE)
    place.chmod(0o600)
    return server


async def _reply(line: bytes, verbs: Mapping[str, Verb]) -> dict[str, Any]:
    try:
        asked = json.loads(line)
        verb = verbs[asked.pop("do")]
    except (ValueError, KeyError, AttributeError, TypeError):
        return {"problem": f"the daemon understands {', '.join(verbs)}; is it of another version?"}
    try:
        return {"answer": await verb(**asked)}
    except StateError as error:
        return {"problem": str(error)}  # a sentence for a person already
    except Exception as error:  # noqa: BLE001  the asker is told; the daemon goes on
        return {"problem": f"{type(error).__name__}: {error}"}


def ask(database: Path, verb: str, **arguments: Any) -> Any:
    """The daemon's answer, or None where no daemon has `database` open. Raises ControlError."""
    line = json.dumps({"do": verb, **arguments}).encode() + b"\n"
    try:
        with _address(socket_of(database)) as address, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
            asking.settimeout(60)
            asking.connect(address)
            asking.sendall(line)
            with asking.makefile("rb") as reading:
                said = reading.readline()
    except (FileNotFoundError, ConnectionRefusedError):
        return None
    except OSError as error:
        raise ControlError(f"the daemon of {database} does not answer: {error}") from error
    if not said:
        raise ControlError(f"the daemon of {database} ended while it was asked")
    reply = json.loads(said)
    if "problem" in reply:
        raise ControlError(reply["problem"])
    return reply["answer"]
