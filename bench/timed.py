"""What reading an item costs, as the benches of matching measure it: by the processor, in this one thread."""

import statistics
import time
from collections.abc import Callable, Sequence

from rules.records import Item
from rules.text import Folded

ROUNDS = 5


def fold(item: Item) -> None:
    """What every engine is given; its time is taken off."""
    for text in (item.title, item.text):
        _ = Folded(text).joined


def each(work: Callable[[Item], object], items: Sequence[Item], rounds: int = ROUNDS) -> float:
    """Microseconds of the processor an item: the median of some rounds."""
    taken = []
    for _ in range(rounds):
        started = time.process_time()
        for item in items:
            work(item)
        taken.append(time.process_time() - started)
    return statistics.median(taken) / len(items) * 1e6
