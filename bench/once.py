"""`wirebell once --all` over a thousand loopback feeds, half of them 304, against the `reader` package.

    python bench/once.py [--feeds 1000] [--rounds 3]

Each round is a fresh process of each, in turn, on the same publications; the peer is installed beside the bench, once.
Wirebell runs twice: with its manners (four feeds a host, two seconds apart, take six seconds whatever happens) and
without the gap, as the peer does. Prints wall time, CPU and peak memory of each, and the ratios.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from bench.publishers import address

ROOT = Path(__file__).resolve().parents[1]
PEER = ROOT / ".venv" / "peer"
PEER_PACKAGES = ("reader==3.26", "sgmllib3k")
"""What it vendors of feedparser imports sgmllib3k without asking for it."""

UPDATE = """
import sys
from reader import make_reader
reader = make_reader(sys.argv[1])
for url in sys.stdin.read().split():
    reader.add_feed(url, exist_ok=True)
reader.update_feeds(workers=20, scheduled=False)
counts = reader.get_feed_counts(broken=False)
print(counts.total, reader.get_entry_counts().total)
"""


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds, seconds, MiB."""

    wall: float
    cpu: float
    peak: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    wanted = parser.parse_args()
    peer = _peer()
    publishers = subprocess.Popen(
        [sys.executable, "-m", "bench.publishers"], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert publishers.stdout
    port = int(publishers.stdout.readline())
    with tempfile.TemporaryDirectory() as folder:
        try:
            _compare(Path(folder), port, wanted.feeds, wanted.rounds, peer)
        finally:
            publishers.kill()
    return 0


def _compare(folder: Path, port: int, feeds: int, rounds: int, peer: Path) -> None:
    urls = [address(port, number) for number in range(feeds)]
    commands = {
        "wirebell": _once(folder / "manners", urls, gap="2s"),
        "no gap": _once(folder / "eager", urls, gap="0s"),
        "reader": [str(peer), "-c", UPDATE, str(folder / "reader.db")],
    }
    taken: dict[str, list[Run]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            run = _timed(command, "\n".join(urls))
            label = "first, all new" if number == 0 else f"round {number}, half 304"
            print(
                f"{name:9} {label:18} wall {run.wall:6.2f} s  cpu {run.cpu:6.2f} s  peak {run.peak:5.0f} MiB",
                flush=True,
            )
            if number:
                taken[name].append(run)
        urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/round", method="POST"))
    for what in ("wall", "cpu", "peak"):
        medians = {name: statistics.median(getattr(run, what) for run in taken[name]) for name in commands}
        for name in ("wirebell", "no gap"):
            print(f"{what:5} reader / {name:8} = {medians['reader'] / medians[name]:.2f}")


def _once(folder: Path, urls: list[str], *, gap: str) -> list[str]:
    folder.mkdir()
    config = folder / "wirebell.toml"
    config.write_text(_configuration(urls, gap), "utf-8")
    return [sys.executable, "-m", "monitor", "--config", str(config), "once", "--all"]


def _configuration(urls: list[str], gap: str) -> str:
    feeds = ",\n".join(f'  "{url}"' for url in urls)
    return f"""feeds = [\n{feeds}\n]
database = "wirebell.db"
[watchlists]
people = ["Jason Wei", "Hyung Won Chung", "Ilya Sutskever"]
words = ["superintelligence", "acquisition"]
[channels]
screen = "console:"
[polling]
host_gap = "{gap}"
[network]
allow_private = ["127.0.0.0/8"]
"""


def _timed(command: list[str], given: str) -> Run:
    """Wall, CPU and peak memory of the command and its children."""
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        cwd=ROOT,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdin
    process.stdin.write(given)
    process.stdin.close()
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command[:3])} ended with {os.waitstatus_to_exitcode(status)}; nothing is measured")
    return Run(time.monotonic() - started, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _peer() -> Path:
    """The peer's interpreter, in an environment of its own."""
    python = PEER / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(PEER)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *PEER_PACKAGES], check=True)
    return python


if __name__ == "__main__":
    sys.exit(main())
