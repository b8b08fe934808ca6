"""The rules of a judge by their numbers, in the order in which the user wrote them, and the lists they name."""

from array import array
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

from rules.entries import WatchedList
from rules.grown import Grown
from rules.records import Priority
from rules.watchlist import Watchlist


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What rings, how loud, and where. `where` is its place in the configuration."""

    name: str
    when: str
    priority: Priority = Priority.ROUTINE
    notify: tuple[str, ...] = ()
    should_match: tuple[str, ...] = ()
    should_not_match: tuple[str, ...] = ()
    where: str = ""


@dataclass(frozen=True, kw_only=True)
class Book:
    """The rules `by_number`, as the snapshot calls them, but for those that are `gone`.

    `own` are the numbers of the rules of lists, and `naming` is how many of the others name a list. `written` are the
    lists as the user wrote them, but for those that were edited otherwise. `ranks` are the places of the rules by their
    numbers where the order is another one; what has come since stands behind. `edits` counts what was added or taken
    away since all was compiled.
    """

    by_number: Grown[Rule]
    own: tuple[int, ...]
    lists: Mapping[str, WatchedList]
    naming: Counter[str]
    written: Mapping[str, Watchlist] = field(default_factory=dict)
    gone: frozenset[int] = frozenset()
    ranks: Sequence[int] = ()
    edits: int = 0

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """In their order."""
        return tuple(rule for _, rule in self.living())

    @cached_property
    def _last(self) -> frozenset[int]:
        return frozenset(self.own)

    def living(self) -> Iterator[tuple[int, Rule]]:
        """With their numbers, in their order: those of lists come last, though others were added since."""
        numbers = [number for number in range(len(self.by_number)) if number not in self.gone]
        return ((number, self.by_number[number]) for number in self.in_order(numbers))

    def in_order(self, numbers: list[int]) -> list[int]:
        """Numbers from the smallest up, in the order of their rules."""
        ranks = self.ranks
        if ranks:
            numbers = sorted(numbers, key=lambda number: ranks[number] if number < len(ranks) else number)
        last = [number for number in numbers if number in self._last] if self.own else []
        return [number for number in numbers if number not in self._last] + last if last else numbers

    def renewed(
        self,
        numbers: Sequence[int],
        rules: Sequence[Rule],
        own: Sequence[Rule],
        *,
        lists: Mapping[str, WatchedList],
        naming: Counter[str],
        written: Mapping[str, Watchlist],
        edits: int,
    ) -> "Book":
        """With these rules, and then those of lists, under `numbers`, old ones and the next; all others are gone."""
        by_number = list(self.by_number)
        by_number += [one for one, number in zip((*rules, *own), numbers, strict=True) if number >= len(by_number)]
        ranks = array("I", bytes(4 * len(by_number)))
        living = bytearray(len(by_number))
        # One by one, so that other threads get their turn.
        for place, (number, one) in enumerate(zip(numbers, chain(rules, own), strict=True)):
            by_number[number] = one
            ranks[number] = place
            living[number] = True
        return Book(
            by_number=Grown(tuple(by_number)),
            own=tuple(numbers[len(rules) :]),
            lists=lists,
            naming=naming,
            written=written,
            gone=frozenset(number for number, lives in enumerate(living) if not lives),
            # To sort costs a little with each item.
            ranks=() if list(numbers) == sorted(numbers) else ranks,
            edits=edits,
        )

    def changed(
        self,
        gone: Collection[int],
        rules: Sequence[Rule],
        own: Sequence[Rule],
        *,
        naming: Counter[str],
        lists: Mapping[str, WatchedList],
    ) -> "Book":
        """Without those of the numbers `gone`, with `rules` behind those of the user, and `own` behind all."""
        first = len(self.by_number) + len(rules)
        return Book(
            by_number=self.by_number.with_more((*rules, *own)),
            own=(*(number for number in self.own if number not in gone), *range(first, first + len(own))),
            lists=lists,
            naming=naming,
            written={name: one for name, one in self.written.items() if lists[name] is self.lists[name]},
            gone=self.gone.union(gone),
            ranks=self.ranks,
            edits=self.edits + len(gone) + len(rules) + len(own),
        )
