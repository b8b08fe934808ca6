"""Which of many regular expressions a text has: ours, against a loop of `re`, as ratios in one run.

    python -m bench.regexes [--regexes 100,1000] [--docs 300] [--feeds ../shared/corpus/feeds]

Each expression is a rule. Both sides get the same raw texts; a pair that only the loop finds is missed. Times are of
the processor, in this one thread; ours without what it takes to fold a text, which is done whatever is asked.
"""

import argparse
import gc
import random
import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.drawing import pages
from bench.timed import each, fold
from monitor import memory
from rules.judge import Rule, compile_judge
from rules.records import Item

FEW = 40
"""Texts that the loop is given."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--regexes", default="100,1000")
    parser.add_argument("--docs", type=int, default=300)
    parser.add_argument("--feeds", type=Path, default=Path(__file__).parents[2] / "shared" / "corpus" / "feeds")
    wanted = parser.parse_args()
    texts = pages(wanted.feeds, 2 * wanted.docs)
    known, unknown = texts[: len(texts) // 2], texts[len(texts) // 2 :]
    missed = [_compare(drawn(known, number), unknown) for number in map(int, wanted.regexes.split(","))]
    return 1 if any(missed) else 0


def drawn(texts: Sequence[Item], number: int) -> list[str]:
    """So many expressions as people write them, from words of `texts` and invented numbers."""
    drawing = random.Random(5)
    words = sorted({word for item in texts for word in re.findall(r"[a-z]{5,12}", item.text)})
    shapes: Sequence[Callable[[str, str], str]] = (
        lambda one, other: rf"{one}-?[0-9]+",
        lambda one, other: rf"\b{one}s?\b",
        lambda one, other: rf"({one}|{other})[- ]?{drawing.choice(words)}",
        lambda one, other: rf"{one} .{{0,20}}{other}",
        lambda one, other: rf"{one[:4]}[a-z]+ (of|in|for) {other}",
        lambda one, other: rf"v[0-9]+\.[0-9]+ .{{0,10}}{one}",
    )
    return [drawing.choice(shapes)(drawing.choice(words), drawing.choice(words)) for _ in range(number)]


def _compare(sources: Sequence[str], texts: Sequence[Item]) -> int:
    """Prints the ratios; returns how many pairs were missed or found beside the loop's."""
    written = ["/{}/".format(source.replace("/", r"\/")) for source in sources]
    rules = [Rule(name=f"rule {at}", when=when, where="rules") for at, when in enumerate(written)]
    started = time.process_time()
    with memory.collector_off():
        judge = compile_judge([], rules)
    built = time.process_time() - started
    gc.freeze()
    ours = each(lambda item: judge.ringing(judge.look(item)), texts) - each(fold, texts)
    few = texts[:FEW]
    searches = [re.compile(source, re.IGNORECASE | re.ASCII).search for source in sources]
    loop = each(lambda item: [search(part) for search in searches for part in (item.title, item.text)], few, rounds=1)
    found = {(at, number) for at, item in enumerate(few) for number in judge.ringing(judge.look(item))}
    there = {
        (at, number)
        for at, item in enumerate(few)
        for number, search in enumerate(searches)
        if search(item.title) or search(item.text)
    }
    print(f"\n{len(sources):,} expressions, compiled in {built:.2f} s")
    print(f"  ours          {ours:10,.0f} us  x      1.0")
    print(f"  a loop of re  {loop:10,.0f} us  x {loop / ours:8.1f}", flush=True)
    print(f"  {len(there)} pairs, missed {len(there - found)}, found beside them {len(found - there)}")
    gc.unfreeze()
    return len(there ^ found)


if __name__ == "__main__":
    sys.exit(main())
