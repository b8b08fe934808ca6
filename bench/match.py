"""Which of many rules an item rings: ours, against what else decides it, as ratios in one run.

    python bench/match.py [--rules 1000,10000] [--docs 300] [--feeds ../shared/corpus/feeds]

All get the same folded texts and the same seeded rules, and are asked in turn. Times are of the processor, in this one
thread; PostgreSQL's are by the clock. The figures of one run compare; those of two machines do not.
"""

import argparse
import gc
import statistics
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from bench import peers
from bench.drawing import Drawn, draw, pages
from bench.timed import ROUNDS, each, fold
from monitor import memory
from rules.judge import Judge, Rule, compile_judge
from rules.records import Item
from rules.text import ENDS, Folded

TICK = 0.001
"""Seconds between two looks at how long the loop was held up."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rules", default="1000,10000")
    parser.add_argument("--docs", type=int, default=300)
    parser.add_argument("--feeds", type=Path, default=Path(__file__).parents[2] / "shared" / "corpus" / "feeds")
    wanted = parser.parse_args()
    texts = pages(wanted.feeds, 2 * wanted.docs)
    known, unknown = texts[: len(texts) // 2], texts[len(texts) // 2 :]
    folded = [replace(item, title=_words(item.title), text=_words(item.text)) for item in unknown]
    size = statistics.mean(len(f"{item.title}{item.text}".encode()) for item in unknown)
    print(f"{len(unknown)} texts of {size:.0f} bytes, fold {each(fold, unknown):.0f} us")
    gc.collect()
    for number in map(int, wanted.rules.split(",")):
        _compare(draw(known, number), unknown, folded)
    return 0


def _compare(rules: Sequence[Drawn], texts: Sequence[Item], folded: Sequence[Item]) -> None:
    print(f"\n{len(rules):,} rules")
    written = [Rule(name=f"rule {number}", when=rule.when, where="rules") for number, rule in enumerate(rules)]
    gc.collect()
    before, started = _resident(), time.process_time()
    with memory.collector_off():
        judge = compile_judge([], written)
    built = time.process_time() - started
    memory.settle()
    print(f"  compiled in {built:.2f} s, {_resident() - before:.0f} MB")
    _print_edits(judge, written)
    memory.settle()  # as after a reload
    ours = each(lambda item: judge.ringing(judge.look(item)), folded) - each(fold, folded)
    sights = list(map(judge.look, folded))
    rang = {(text, rule) for text, sight in enumerate(sights) for rule in judge.ringing(sight)}
    matches = len(rang)
    found, looked = (sum(count) / len(folded) for count in zip(*map(judge.effort, sights), strict=True))
    print(f"  found {found:.0f}, candidates {looked:.1f}, rules {matches / len(folded):.2f} a text")
    whole = each(judge.judge, texts)
    print(f"  from raw text to spans {whole:.0f} us = {1e6 / whole:,.0f} texts a second")
    _print_line("ours", ours, ours, matches)
    few = folded[: max(1, min(len(folded), 300_000 // len(rules)))]
    every = each(lambda item: judge.ringing(judge.look(item), ask_all=True), few, rounds=1) - each(fold, few)
    _print_line("ours, asking every rule", every, ours)
    also, seconds = peers.fts5(folded, rules)
    _print_line("SQLite FTS5, 500 a batch", seconds / len(folded) * 1e6, ours, len(also))
    twice = {(text, rule) for text, rule in also - rang if rules[rule].shares_words}
    other = len((also ^ rang) - twice)
    print(f"    {len(twice)} by one word on both sides of NEAR, which we do not take; {other} differ otherwise")
    for name, peer, some in (
        ("PostgreSQL, anchors in GIN", peers.postgres, folded[:300]),
        ("a loop of re", peers.loop_of_re, few[: max(2, 100_000 // len(rules))]),
    ):
        result = peer(some, rules)
        if result:
            _print_line(name, result[1] / len(some) * 1e6, ours, result[0] * len(folded) // len(some))
        else:
            print(f"  {name:28} is not installed: apt install postgresql")
    gc.unfreeze()


def _print_line(name: str, each: float, ours: float, matches: int | None = None) -> None:
    said = "" if matches is None else f"  {matches:,} matches"
    print(f"  {name:28} {each:10,.0f} us  {1e6 / each:10,.0f}/s  x {each / ours:8.1f}{said}", flush=True)


def _print_edits(judge: Judge, rules: Sequence[Rule]) -> None:
    """How long one more rule takes, and the whole again, and for how long that holds up a loop in another thread.

    What it is without any work is told beside.
    """
    reload = _pause(lambda: judge.renewed([], [*rules[1:], replace(rules[0], name="new", when="newest AND word")]))
    taken = []
    for number in range(50):
        rule = Rule(name=f"new {number}", when=f'"new name {number}" AND (openai OR meta)', where="rules")
        started = time.thread_time()
        judge = judge.with_changes(rules=[rule])
        taken.append((time.thread_time() - started) * 1000)
    started = time.process_time()
    judge.merged()
    again = time.process_time() - started
    print(
        f"  a rule added in {statistics.median(taken):.1f} ms (at most {max(taken):.1f}), all made one again in"
        f" {again:.2f} s; longest pause of a reload {reload:.1f} ms, of making one {_pause(judge.merged):.1f} ms,"
        f" of nothing {_pause(lambda: time.sleep(again)):.1f} ms"
    )


def _pause(work: Callable[[], object]) -> float:
    """The longest that a ticker had no turn while `work` ran beside it, in milliseconds: the least of some rounds.

    By the clock, less what the system kept either of the two waiting for a processor, which Linux alone tells.
    """
    return min(_longest_gap(work) for _ in range(ROUNDS)) * 1000


def _longest_gap(work: Callable[[], object]) -> float:
    ticking, done = threading.Event(), threading.Event()

    def beside() -> None:
        ticking.wait()
        with memory.beside_others():
            work()
        done.set()
        ended.wait()

    ended = threading.Event()
    worker = threading.Thread(target=beside)
    worker.start()
    threads = (threading.get_native_id(), worker.native_id or 0)
    longest, before, waited = 0.0, time.perf_counter(), sum(map(_waited, threads))
    ticking.set()
    while not done.is_set():
        time.sleep(TICK)
        now, more = time.perf_counter(), sum(map(_waited, threads))
        longest = max(longest, now - before - (more - waited) - TICK)
        before, waited = now, more
    ended.set()
    worker.join()
    return longest


def _waited(thread: int) -> float:
    """Seconds that the thread was ready to run and another had the processor."""
    return int(Path(f"/proc/self/task/{thread}/schedstat").read_text("ascii").split()[1]) / 1e9


def _words(text: str) -> str:
    """Folded, and without the ends of phrases, over which others look."""
    return " ".join(word for word in Folded(text).words if word not in ENDS)


def _resident() -> float:
    """Megabytes."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


if __name__ == "__main__":
    sys.exit(main())
