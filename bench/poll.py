"""Polling thousands of loopback feeds: what a poll costs, how the event loop lags, what one core keeps up with.

    python bench/poll.py [--feeds 5000] [--rounds 3] [--corpus FOLDER] [--peers reader,newsboat,sfeed] [--minutes 3]

First, CPU a poll of `wirebell once --all` beside the peers that are there (the `reader` package, installed beside the
bench once; newsboat and sfeed of the system), each a fresh process in turn on the same publications: of ten feeds six
are 304, three the same body, one has news. Then the lag of the event loop in such a round. Then 20,000 feeds that are
due every minute, all of them read once, on one core: how long the oldest is overdue after a minute and a half. Prints
ratios; without a corpus the bodies are made up.
"""

import argparse
import asyncio
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import uvloop

from bench.publishers import address
from monitor import config, memory
from monitor.assembly import assemble
from state.store import Store

ROOT = Path(__file__).resolve().parents[1]
PEER = ROOT / ".venv" / "peer"
PEER_PACKAGES = ("reader==3.26", "sgmllib3k")
"""What it vendors of feedparser imports sgmllib3k without asking for it."""

MANY = 20_000
WARM = 90.0
"""Seconds in which a daemon that finds all of them due catches up, and spreads them over their minute."""

TICK = 0.005

UPDATE = """
import sys
from reader import make_reader
reader = make_reader(sys.argv[1])
for url in sys.stdin.read().split():
    reader.add_feed(url, exist_ok=True)
reader.update_feeds(workers=20, scheduled=False)
"""


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds, seconds, MiB."""

    wall: float
    cpu: float
    peak: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--corpus", type=Path, default=ROOT.parent / "shared" / "corpus" / "feeds")
    parser.add_argument("--peers", default="reader,newsboat,sfeed")
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--lag-of", type=Path, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.lag_of:
        return uvloop.run(_lag(wanted.lag_of))
    command = [sys.executable, "-m", "bench.publishers", str(wanted.corpus)]
    publishers = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert publishers.stdout
    port = int(publishers.stdout.readline())
    try:
        with tempfile.TemporaryDirectory() as folder:
            urls = [address(port, number) for number in range(wanted.feeds)]
            _compare(Path(folder), urls, wanted.rounds, wanted.peers.split(","), port)
            _print_lag(Path(folder) / "wirebell")
            if wanted.minutes:
                _keep_up(Path(folder), port, wanted.minutes)
    finally:
        publishers.kill()
    return 0


def _compare(folder: Path, urls: Sequence[str], rounds: int, peers: Sequence[str], port: int) -> None:
    commands = {"wirebell": _once(folder / "wirebell", urls)}
    for name in peers:
        command = PEERS[name](folder / name, urls)
        if command:
            commands[name] = command
        else:
            print(f"{name}: not installed, so not measured")
    taken: dict[str, list[Run]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            run = _timed(name, command, "\n".join(urls))
            label = "first, all new" if number == 0 else f"round {number}"
            print(
                f"{name:9} {label:15} wall {run.wall:6.2f} s  cpu {run.cpu:6.2f} s  peak {run.peak:5.0f} MiB",
                flush=True,
            )
            if number:
                taken[name].append(run)
        _next_round(port)
    _print_ratios(taken, len(urls))


def _print_ratios(taken: Mapping[str, Sequence[Run]], feeds: int) -> None:
    cpu = {name: statistics.median(run.cpu for run in runs) for name, runs in taken.items()}
    for name, seconds in cpu.items():
        print(
            f"{name:9} cpu a poll {seconds / feeds * 1000:6.2f} ms, {name} / wirebell = {seconds / cpu['wirebell']:.2f}"
        )


def _next_round(port: int) -> None:
    urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/round", method="POST"))


# Who polls.


def _once(folder: Path, urls: Sequence[str]) -> list[str]:
    folder.mkdir()
    (folder / "wirebell.toml").write_text(_configuration(urls), "utf-8")
    return [sys.executable, "-m", "monitor", "--config", str(folder / "wirebell.toml"), "once", "--all"]


def _configuration(urls: Sequence[str], every: str = "") -> str:
    feeds = ",\n".join(f'  {{ url = "{url}"{every} }}' for url in urls)
    return f"""feeds = [\n{feeds}\n]
database = "wirebell.db"
[watchlists]
people = ["Jason Wei", "Hyung Won Chung", "Ilya Sutskever"]
words = ["superintelligence", "acquisition"]
[channels]
screen = "console:"
[polling]
host_gap = "0s"
[network]
allow_private = ["127.0.0.0/8"]
"""


def _reader(folder: Path, urls: Sequence[str]) -> list[str]:
    del urls
    folder.mkdir()
    python = PEER / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(PEER)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *PEER_PACKAGES], check=True)
    return [str(python), "-c", UPDATE, str(folder / "reader.db")]


def _newsboat(folder: Path, urls: Sequence[str]) -> list[str]:
    folder.mkdir()
    (folder / "urls").write_text("\n".join(urls), "utf-8")
    (folder / "config").write_text("reload-threads 20\nmax-items 0\n", "utf-8")
    command = shutil.which("newsboat")
    files = ["-u", str(folder / "urls"), "-C", str(folder / "config"), "-c", str(folder / "cache.db")]
    return [command, *files, "-x", "reload"] if command else []


def _sfeed(folder: Path, urls: Sequence[str]) -> list[str]:
    folder.mkdir()
    feeds = "\n".join(f'feed "{number}" "{url}"' for number, url in enumerate(urls))
    rc = folder / "sfeedrc"
    rc.write_text(f"sfeedpath={folder}/feeds\nmaxjobs=20\nfeeds() {{\n{feeds}\n}}\n", "utf-8")
    command = shutil.which("sfeed_update")
    return [command, str(rc)] if command else []


PEERS: Mapping[str, Callable[[Path, Sequence[str]], list[str]]] = {
    "reader": _reader,
    "newsboat": _newsboat,
    "sfeed": _sfeed,
}


def _timed(name: str, command: Sequence[str], given: str) -> Run:
    """Wall, CPU and peak memory of the command and its children."""
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdin
    try:
        process.stdin.write(given)
        process.stdin.close()
    except BrokenPipeError:  # some read none
        pass
    _, status, used = os.wait4(process.pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code not in (ENDS if name in MAY_MISS_ONE else ENDS[:1]):
        raise SystemExit(f"{' '.join(command[:3])} ended with {code}; nothing is measured")
    return Run(time.monotonic() - started, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


ENDS = (0, 1)
MAY_MISS_ONE = ("wirebell", "sfeed")
"""They end with 1 where one feed of all could not be read; the others say nothing of it."""


# The lag of the loop.


def _print_lag(folder: Path) -> None:
    own = [sys.executable, str(Path(__file__).resolve()), "--lag-of", str(folder / "wirebell.toml")]
    subprocess.run(own, check=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})


async def _lag(file: Path) -> int:
    """Poll every feed once, as `once --all` does, with a ticker beside it."""
    configured = config.load(file)
    lags: list[float] = []
    with Store.open(configured.database) as store:
        system = await assemble(configured, store)
        memory.settle()
        ticker = asyncio.create_task(_tick(lags))
        await system.polling.sweep([record.cursor for record in store.feeds()], lambda polled: None)
        ticker.cancel()
        await system.close()
    lags.sort()
    p50, p99 = (lags[int(len(lags) * share)] * 1000 for share in (0.50, 0.99))
    print(
        f"lag of the event loop over {len(configured.feeds)} polls: p50 {p50:.1f} ms  p99 {p99:.1f} ms  "
        f"max {lags[-1] * 1000:.1f} ms"
    )
    return 0


async def _tick(lags: list[float]) -> None:
    while True:
        before = time.monotonic()
        await asyncio.sleep(TICK)
        lags.append(time.monotonic() - before - TICK)


# As many as one core keeps up with.


def _keep_up(folder: Path, port: int, minutes: float) -> None:
    home = folder / "many"
    home.mkdir()
    file = home / "wirebell.toml"
    file.write_text(_configuration([address(port, number) for number in range(MANY)], ', every = "60s"'), "utf-8")
    wirebell = [sys.executable, "-m", "monitor", "--config", str(file)]
    _timed("wirebell", [*wirebell, "once", "--all"], "")
    command = [*wirebell, "run"]
    cores = sorted(os.sched_getaffinity(0))
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.sched_setaffinity(process.pid, cores[:1])
    try:
        overdue = _sampled(home / "wirebell.db", process, minutes, port)
    finally:
        process.terminate()
        _, _, used = os.wait4(process.pid, 0)
    share = (used.ru_utime + used.ru_stime) / (minutes * 60 + WARM)
    print(
        f"{MANY} feeds due every minute on one core: oldest overdue p50 {statistics.median(overdue):.2f} s  "
        f"max {max(overdue):.2f} s, {share:.0%} of the core"
    )


def _sampled(database: Path, process: "subprocess.Popen[bytes]", minutes: float, port: int) -> list[float]:
    """Seconds that the oldest feed is overdue, every second once the daemon is warm. There is news every minute."""
    time.sleep(WARM)
    overdue: list[float] = []
    while len(overdue) < minutes * 60 and process.poll() is None:
        if len(overdue) % 60 == 0:
            _next_round(port)
        time.sleep(1.0)
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
            oldest = db.execute("SELECT min(next_poll) FROM feeds WHERE active AND NOT gone").fetchone()[0]
        overdue.append(max(0.0, datetime.now(UTC).timestamp() - oldest / 1e6))
    if process.returncode is not None:
        raise SystemExit(f"the daemon ended with {process.returncode}; nothing is measured")
    return overdue


if __name__ == "__main__":
    sys.exit(main())
