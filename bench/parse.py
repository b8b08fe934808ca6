"""Bodies to items, text and all: `read_document` against `feedparser.parse` with its defaults, as ratios in one run.

    python bench/parse.py [--feeds ../shared/corpus/feeds] [--rounds 3]

Every body is read by each in turn, so that what else the machine does falls on all alike; times are of the processor.
Says how many bodies the fast path declines, what those cost, what records cost on their way out of the worker, and how
far the whole is from the goal. Nothing is kept from one poll to the next: what one new item costs, the whole feed does.
"""

import argparse
import io
import pickle
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import feedparser as untaught

for name in [name for name in sys.modules if name.partition(".")[0] == "feedparser"]:
    del sys.modules[name]  # Wirebell changes habits of its own

from monitor.formats import Document, Parser, read_document  # noqa: E402

URL = "https://feed.example/feed"
OURS = "read_document"
GOAL = 10
"""Times faster than feedparser's defaults."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=Path, default=Path(__file__).parents[2] / "shared" / "corpus" / "feeds")
    parser.add_argument("--rounds", type=int, default=3)
    wanted = parser.parse_args()
    bodies = [path.read_bytes() for path in sorted(wanted.feeds.rglob("*")) if path.is_file()]
    bodies = [body for body in bodies if not _is_json(body)]  # which feedparser does not read
    _print_counts(bodies)
    rounds = [_round(bodies) for _ in range(wanted.rounds)]
    theirs = statistics.median(taken["feedparser, defaults"] for taken in rounds)
    ratios = {}
    for name in rounds[0]:
        ours = statistics.median(taken[name] for taken in rounds)
        ratios[name] = theirs / ours
        print(f"{name:36} {ours:7.2f} s  {ours / len(bodies) * 1000:7.2f} ms a body  x {ratios[name]:6.1f}")
    print(f"{'goal':36} {theirs / GOAL:7.2f} s  {'':18} x {GOAL:6.1f}, of which {ratios[OURS] / GOAL:.0%} are reached")
    return 0


def _print_counts(bodies: list[bytes]) -> None:
    documents = list(map(_auto, bodies))
    declined = sum(document.engine == "feedparser" for document in documents)
    items = sum(len(document.items) for document in documents)
    entries = sum(len(_defaults(body)["entries"]) for body in bodies)
    cut = sum(document.truncated for document in documents)
    print(
        f"{len(bodies)} bodies, {sum(map(len, bodies)) / 1e6:.1f} MB, {declined} declined; {items} items"
        f" of {entries} entries, {cut} feeds cut off"
    )


def _round(bodies: list[bytes]) -> dict[str, float]:
    readings: dict[str, Callable[[bytes], Any]] = {
        "feedparser, defaults": _defaults,
        "feedparser only, as Wirebell uses it": _slowly,
        OURS: _auto,
    }
    taken: dict[str, float] = defaultdict(float)
    for body in bodies:
        for name, reading in readings.items():
            result = _timed(taken, name, partial(reading, body))
        if result.engine == "feedparser":
            taken["of it, what is declined"] += taken.pop("last")
        _timed(taken, "pickled, there and back", partial(_sent, result))
    taken.pop("last")
    return taken


def _timed(taken: dict[str, float], name: str, work: Callable[[], Any]) -> Any:
    started = time.process_time()
    result = work()
    taken["last"] = time.process_time() - started
    taken[name] += taken["last"]
    return result


def _sent(document: Document) -> Any:
    return pickle.loads(pickle.dumps(document))


def _is_json(body: bytes) -> bool:
    return body.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"{")


def _defaults(body: bytes) -> Any:
    return untaught.parse(io.BytesIO(body))


def _slowly(body: bytes) -> Document:
    return read_document(body, {}, URL, parser=Parser.FEEDPARSER)


def _auto(body: bytes) -> Document:
    return read_document(body, {}, URL)


if __name__ == "__main__":
    sys.exit(main())
