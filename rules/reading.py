"""Lists and rules on their way to a judge, and every mistake in them."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from rules.book import Rule
from rules.compiling import Compiler, Leaves
from rules.conditions import Condition
from rules.entries import WatchedList, watch, watch_more
from rules.lexing import Fault
from rules.mistakes import Mistake, Mistakes
from rules.pointing import place, pointed
from rules.vocabulary import Vocabulary
from rules.watchlist import Entry, Watchlist


class Reader:
    """What was read so far: the `lists`, and how many of the rules name each. What is looked for is in `vocabulary`."""

    def __init__(self, vocabulary: Vocabulary, lists: dict[str, WatchedList]) -> None:
        self.lists = lists
        self.named: Counter[str] = Counter()
        self._vocabulary = vocabulary
        self._leaves: Leaves = {}
        self._mistakes: list[Mistake] = []

    def watch(self, watchlist: Watchlist) -> WatchedList:
        """Take in a list."""
        self.lists[watchlist.name], found = watch(watchlist, self._vocabulary)
        self._mistakes += found
        return self.lists[watchlist.name]

    def change(
        self, watched: WatchedList, entries: Iterable[tuple[str, Entry]], without: Collection[str]
    ) -> WatchedList:
        """Take in a list with more entries, each with its place, and without those of some names."""
        self.lists[watched.name], found = watch_more(watched, entries, without, self._vocabulary)
        self._mistakes += found
        return self.lists[watched.name]

    def conditions(self, rules: Sequence[Rule]) -> list[Condition]:
        """Those of the rules that can be read."""
        conditions: list[Condition] = []
        for rule in rules:
            compiler = Compiler(rule.when, self._vocabulary, self.lists, self._leaves)
            self.named.update(compiler.named)
            self._mistakes += [_mistake(rule, fault) for fault in compiler.faults]
            if compiler.condition:
                conditions.append(compiler.condition)
        return conditions

    def raise_mistakes(self) -> None:
        """Raises Mistakes, where there are any."""
        if self._mistakes:
            raise Mistakes(self._mistakes)


def _mistake(rule: Rule, fault: Fault) -> Mistake:
    said = f"{place(rule.when, fault.offset)}: {fault.problem}"
    remedy = f"{fault.remedy}\n{pointed(rule.when, fault.offset)}"
    return Mistake(f"{rule.where}.when", said, remedy)
