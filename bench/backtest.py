"""`rules backtest` over a history of many items: what the full-text index costs, and what it saves.

    python -m bench.backtest [--items 100000] [--scan 3000] [--keep FOLDER]

The texts are pieces of the real feeds beside the project, in an order of their own for each item, with names put in at
known rates. Prints the size of the index and what it costs when an item is written, then for narrow, usual and broad
rules the time of the whole command, and of judging every stored item by the engine: a share of them, scaled up.
With --keep a history that is there already is used again.
"""

import argparse
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rules.asking import words_of
from rules.backtesting import Trial
from rules.identity import article_links, fingerprint, keys_of
from rules.judge import Rule
from rules.records import Cursor, Feed, Item, Judged, hashed
from rules.stories import title_key
from state import history, wordindex
from state.database import open_writer
from state.rows import item_columns, micro
from state.store import Store

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT.parent / "shared" / "corpus" / "feeds"
SINCE = timedelta(days=90)
LETTERS = 2_600
"""Of one item, as in news."""

PLANTED = {
    "Jorunn Aasprong": 0.0003,
    "Qiyuan Oberholzer": 0.003,
    "Tesselmark Labs": 0.01,
    "Zephyrine Corporation": 0.1,
}
QUERIES = {
    "narrow": '"Jorunn Aasprong" AND NOT sponsored',
    "usual": '"Qiyuan Oberholzer" OR ("Tesselmark Labs" AND (hires OR joins OR leaves OR said OR new))',
    "broad": '"Zephyrine Corporation" AND NOT (sponsored OR advertisement)',
    "regex": "/jorunn.aasprong/",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--scan", type=int, default=3_000)
    parser.add_argument("--keep", type=Path)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = wanted.keep or Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        if not (place / "wirebell.db").exists():
            _build(place, wanted.items)
        _sizes(place / "wirebell.db")
        _ingest(Path(folder))
        _queries(place, wanted.scan)
    return 0


def _pieces() -> list[str]:
    pieces = []
    for file in sorted(CORPUS.rglob("*")):
        if file.is_file() and file.stat().st_size < 2_000_000:
            plain = re.sub(r"<[^>]+>|&\w+;", " ", file.read_text("utf-8", "replace"))
            pieces += re.split(r"(?<=[.!?。])\s+", " ".join(plain.split()))
    return [piece[:600] for piece in pieces if len(piece) > 20]


def _items(number: int) -> Iterator[Item]:
    chance, pieces = random.Random(7), _pieces()
    for count in range(number):
        text: list[str] = []
        length = 0
        while length < LETTERS:
            text.append(chance.choice(pieces))
            length += len(text[-1])
        text += [name for name, rate in PLANTED.items() if chance.random() < rate]
        chance.shuffle(text)
        link = f"https://news.example/{count % 500}/{count}"
        yield Item(guid=link, link=link, title=text[0][:90], summary=text[1][:300], text=" ".join(text), language="en")


def _build(place: Path, number: int) -> None:
    began = time.perf_counter()
    Store.open(place).close()
    conn = sqlite3.connect(place / "wirebell.db")
    now, step = datetime.now(UTC), SINCE / number
    feeds = [Feed(url=f"https://news.example/{n}/feed", name=f"News {n}") for n in range(500)]
    conn.executemany(
        """INSERT INTO feeds VALUES (?, ?, ?, '[]', NULL, 'en', 1, 0, NULL, ?, '', '', '', 0, '', 1, 0, 0, 0, NULL,
           NULL, NULL, NULL, NULL, '', 0, NULL)""",
        [(feed.id, feed.url, feed.name, feed.url) for feed in feeds],
    )
    for count, item in enumerate(_items(number)):
        at = micro(now - SINCE + step * count)
        item_id = hashed(item.guid)
        conn.execute("INSERT INTO stories VALUES (?, ?, ?, ?)", [item_id, item.title, at, at])
        columns = {"item_id": item_id, "feed_id": feeds[count % 500].id, "story_id": item_id, "seen_at": at}
        columns |= item_columns(item) | {"published": at}
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        conn.execute(f"INSERT INTO items ({names}) VALUES ({marks})", list(columns.values()))
        if count % 5000 == 4999:
            conn.commit()
    # As a database that was made before there was an index.
    conn.execute("UPDATE word_index SET folding = ''")
    conn.commit()
    conn.close()
    print(f"built       {number:,} items in {time.perf_counter() - began:.0f} s", flush=True)
    _fill(place / "wirebell.db", number)


def _fill(path: Path, number: int) -> None:
    before = path.stat().st_size
    began, cpu = time.perf_counter(), time.process_time()
    db = open_writer(path)
    longest = 0.0

    def whole(work: Callable[[], None]) -> None:
        nonlocal longest
        start = time.perf_counter()
        db.conn.execute("BEGIN IMMEDIATE")
        work()
        db.conn.execute("COMMIT")
        longest = max(longest, time.perf_counter() - start)

    whole(lambda: wordindex.prepare(db))
    while lesson := wordindex.prepare_lesson(db):
        whole(lambda lesson=lesson: wordindex.take_lesson(db, lesson))  # type: ignore[misc]
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.conn.close()
    took, used = time.perf_counter() - began, time.process_time() - cpu
    grown = path.stat().st_size - before
    print(f"filled      in {took:.0f} s, {used / number * 1e6:.0f} us of CPU an item; longest transaction "
          f"{longest * 1e3:.0f} ms; {grown / number:.0f} bytes an item, {grown / before:.0%} of what there was",
          flush=True)  # fmt: skip


def _sizes(path: Path) -> None:
    conn = sqlite3.connect(path)
    items, letters = conn.execute("SELECT count(*), sum(length(text) + length(summary)) FROM items").fetchone()
    for name in ("words_data", "indexed", "sqlite_autoindex_indexed_1"):
        size = conn.execute("SELECT sum(pgsize) FROM dbstat WHERE name = ?", [name]).fetchone()[0]
        print(f"size        {name}: {size / items:.0f} bytes an item of {letters / items:.0f} letters")
    conn.close()


def _ingest(folder: Path) -> None:
    """Polls of ten items each, with the index and without it, in turn; they have been folded to be judged."""
    items = list(map(_judged, _items(2_000)))
    taken: dict[bool, float] = {}
    for indexed in (True, False, True, False):
        with tempfile.TemporaryDirectory(dir=folder) as place, Store.open(Path(place)) as store:
            if not indexed:
                with closing(sqlite3.connect(store.path)) as conn:
                    conn.execute("UPDATE word_index SET folding = ''")
                    conn.commit()
            feed = Feed(url="https://news.example/0/feed")
            store.enrol([feed], now=datetime.now(UTC)).result()
            began = time.process_time()
            for start in range(0, len(items), 10):
                some = items[start : start + 10]
                store.commit(Cursor(feed_id=feed.id, url=feed.url), some, now=datetime.now(UTC)).result()
            taken[indexed] = (time.process_time() - began) / len(items) * 1e6
    print(f"ingest      {taken[True]:.0f} us of CPU an item with the index, {taken[False]:.0f} without", flush=True)


def _judged(item: Item) -> Judged:
    return Judged(
        item=item,
        keys=keys_of([item])[0],
        link_key=article_links([item])[0],
        title_key=title_key(item.title),
        fingerprint=fingerprint(item),
        words=" ".join(words_of(item)),
    )


def _queries(place: Path, scan: int) -> None:
    config = place / "wirebell.toml"
    config.write_text('feeds = ["https://news.example/0/feed"]\ndatabase = "wirebell.db"\n')
    with Store.open(place, read_only=True) as store:
        for name, when in QUERIES.items():
            trial = Trial(Rule(name=name, when=when, where=name), [])
            began = time.perf_counter()
            found = store.history.find(trial.asked)
            finding = time.perf_counter() - began
            batches = store.history.find(None).batches()
            some = batches[:: max(1, len(batches) * history.READ // scan)]
            began = time.perf_counter()
            read = sum(len([trial.look(past.item) for past in batch]) for batch in store.history.read(some))
            whole = (time.perf_counter() - began) / read * found.stored
            command = [sys.executable, "-m", "monitor", "--config", str(config), "rules", "backtest"]
            began = time.perf_counter()
            said = subprocess.run(
                [*command, "--when", when, "--since", "91d"], check=True, capture_output=True, text=True, cwd=ROOT
            )
            took = time.perf_counter() - began
            print(f"{name:11} {took:.2f} s for the command: {len(found):,} candidates of {found.stored:,}, found in "
                  f"{finding:.2f} s; every item by the engine {whole:.0f} s: {whole / took:.0f} times as long",
                  flush=True)  # fmt: skip
            print("\n".join(f"            {line}" for line in said.stdout.splitlines()[1:3] if line))


if __name__ == "__main__":
    raise SystemExit(main())
