"""A daemon among strangers: two hundred good feeds a minute, and as they are polled, bodies made to cost much.

    python bench/hostile.py [--minutes 3] [--good 200]

Prints how late the good feeds were asked (by the server's log against the turn the database gave them), the peak
memory of the daemon and of its reading processes and how many of these there were, and what became of each hostile
feed: bombs, bodies of 5 MB, 20 MB once inflated, endless and dripping answers, and all of tests/test_hostile_feeds.py.
"""

import argparse
import asyncio
import gzip
import os
import sqlite3
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from tests.servers import FeedServer, Request, Response, Wire
from tests.test_hostile_feeds import BODIES

ROOT = Path(__file__).resolve().parents[1]

CONFIGURATION = """
feeds = [
{feeds}
]
database = "wirebell.db"
[watchlists]
people = ["Jason Wei", "Hyung Won Chung"]
words = ["superintelligence"]
[channels]
screen = "console:"
[polling]
host_gap = "0s"
[network]
allow_private = ["127.0.0.0/8"]
"""

WORDS = "researchers at several laboratories published results about models and their training " * 20


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--good", type=int, default=200)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_run(Path(folder), wanted.good, wanted.minutes))
    return 0


async def _run(folder: Path, good: int, minutes: float) -> None:
    hostile = hostile_answers()
    async with FeedServer("0.0.0.0") as server:
        urls = {f"/good/{n}": _address(1, n, server.port, f"/good/{n}") for n in range(good)}
        urls |= {f"/bad/{n}": _address(2, n, server.port, f"/bad/{n}") for n, _ in enumerate(hostile)}
        late: list[float] = []
        for path, url in urls.items():
            if path.startswith("/good/"):
                server.routes[path] = _good(folder / "wirebell.db", url, late)
        for number, answer in enumerate(hostile.values()):
            server.routes[f"/bad/{number}"] = answer
        feeds = ",\n".join(f'  {{ url = "{url}", every = "60s" }}' for url in urls.values())
        file = folder / "wirebell.toml"
        file.write_text(CONFIGURATION.format(feeds=feeds), "utf-8")
        command = [sys.executable, "-m", "monitor", "--config", str(file), "run"]
        daemon = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=DEVNULL, stderr=DEVNULL)
        try:
            peak, readers = await _watched(daemon, minutes)
        finally:
            daemon.terminate()
            await daemon.wait()
    late.sort()
    print(
        f"{len(late)} polls of {good} good feeds beside {len(hostile)} hostile ones: late p50 "
        f"{late[len(late) // 2]:.2f} s  p99 {late[int(len(late) * 0.99)]:.2f} s  max {late[-1]:.2f} s"
    )
    print(f"peak memory: daemon {peak:.0f} MiB, of {len(readers)} reading processes {max(readers.values()):.0f} MiB")
    with sqlite3.connect(folder / "wirebell.db") as db:
        kept = dict(db.execute("SELECT url, error FROM feeds"))
    for number, name in enumerate(hostile):
        print(f"  {name:36} {kept[urls[f'/bad/{number}']] or 'read'}")


def _address(row: int, number: int, port: int, path: str) -> str:
    return f"http://127.0.{row}.{number + 1}:{port}{path}"


# Who answers.


def _good(database: Path, url: str, late: list[float]) -> Callable[[Request], Response]:
    """A feed with an item more at each poll, which notes how late it is asked."""
    titles: list[str] = []

    def answer(request: Request) -> Response:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
            due, before = db.execute("SELECT next_poll, last_poll FROM feeds WHERE url = ?", [url]).fetchone()
        if before:
            late.append(time.time() - due / 1e6)
        titles.append(f"{request.target} reports number {len(titles)} of its long series")
        return Response(body=_feed(titles[-20:]))

    return answer


def _feed(titles: Iterable[str], words: str = WORDS) -> bytes:
    now = format_datetime(datetime.now(UTC))
    items = "".join(
        f"<item><title>{title}</title><link>http://a.example/{title.replace(' ', '-')}</link>"
        f"<pubDate>{now}</pubDate><description>{words}</description></item>"
        for title in titles
    )
    return f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>".encode()


def hostile_answers() -> Mapping[str, Response | Callable[[Request], Wire]]:
    """By name, what a publisher may answer to cost as much as he can."""
    packed = {"Content-Encoding": "gzip"}
    many = [f"Number {number} of five thousand" for number in range(2500)]
    emoji = ["x" * 900_000 + chr(0x1F514)] * 22
    return {
        **{name: Response(body=body) for name, body in BODIES.items()},
        "5 MB of items": Response(body=_feed(many, WORDS)[: 5 * 2**20]),
        "6 MB": Response(body=b"x" * (6 * 2**20)),
        "20 MB of items, packed": Response(headers=packed, body=gzip.compress(_feed(many * 4, WORDS)[: 20 * 2**20])),
        "20 MB of large items with an emoji each": Response(
            headers=packed, body=gzip.compress(_feed(map(str, range(22)), "{}").replace(b"{}", emoji[0].encode()))
        ),
        "a bomb of 1 GB": Response(headers=packed, body=gzip.compress(bytes(2**20)) * 1024),
        "50,000 tiny items": Response(body=BODIES["items"]),
        "endless": lambda _: _endless(b"<item><title>x</title></item>" * 1000, 0.0),
        "a byte a second": lambda _: _endless(b"x", 1.0),
        "5 MB, then silence": lambda _: _silent(b"<rss>" + b"x" * 5_000_000),
        "nothing at all": lambda _: _silent(b""),
        "headers of a megabyte": lambda _: _endless(b"X: y\r\n" * 1000, 0.0, head=b"HTTP/1.1 200 OK\r\n"),
    }


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n\r\n"


def _endless(part: bytes, rest: float, head: bytes = HEAD) -> Wire:
    async def say(writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(rest)

    return say


def _silent(start: bytes) -> Wire:
    async def say(writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + start)
        await writer.drain()
        await asyncio.sleep(120)

    return say


# What it costs.


async def _watched(daemon: Process, minutes: float) -> tuple[float, dict[int, float]]:
    """MiB that the daemon took at most, and by their ids, its reading processes."""
    end, peak = time.monotonic() + minutes * 60, 0.0
    readers: dict[int, float] = {0: 0.0}
    while time.monotonic() < end and daemon.returncode is None:
        await asyncio.sleep(0.5)
        peak = _memory(daemon.pid) or peak
        for child in _children(daemon.pid):
            readers[child] = _memory(child) or readers.get(child, 0.0)
    del readers[0]
    return peak, readers


def _children(parent: int) -> list[int]:
    file = Path(f"/proc/{parent}/task/{parent}/children")
    return [int(pid) for pid in file.read_text().split()] if file.exists() else []


def _memory(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


if __name__ == "__main__":
    sys.path.insert(0, os.fspath(ROOT))
    sys.exit(main())
