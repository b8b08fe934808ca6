"""The parts of a compiled query: whether each holds for an item, and which words it marks.

A NOT stands at leaves only: the compiler has moved it there. To add an operator, write a class here, a line in the
grammar and a method in the compiler.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from rules.entries import WatchedList
from rules.records import Item
from rules.regexes import Regex
from rules.sighting import Occurrence, Sight, Sought, needles_of
from rules.wording import shortened


class Mark(NamedTuple):
    """Words of an item that a condition asked for; `watchlist` is empty for a term of the rule itself."""

    watchlist: str
    entry: str
    occurrence: Occurrence


class Condition(ABC):
    """A part of a query, `written` so.

    `places` are those whose words it looks at. `positive`: it does not hold for an item without any of its words.
    `needles`: one of them is in every item for which it holds; None where nothing can be said.
    """

    places: frozenset[int] = frozenset()
    positive = True
    needles: frozenset[int] | None = None

    def __init__(self, written: str) -> None:
        self.written = shortened(written)

    @abstractmethod
    def holds(self, sight: Sight) -> bool:
        """Whether the item has what is asked for."""

    def marks(self, sight: Sight) -> Iterator[Mark]:
        """The words of the item that are asked for; nothing where it does not hold."""
        return iter(())

    @property
    def parts(self) -> "tuple[Condition, ...]":
        """What it is made of; nothing for a term, a list or a filter."""
        return ()


class Named(Condition):
    """A term or a regular expression, in some places."""

    def __init__(self, written: str, sought: Sought | Regex, places: frozenset[int], *, entry: str) -> None:
        super().__init__(written)
        self.needles = needles_of([sought])
        self.places = places
        self._sought = sought
        self._entry = entry

    def holds(self, sight: Sight) -> bool:
        return any(one.place in self.places for one in sight.occurrences(self._sought))

    def marks(self, sight: Sight) -> Iterator[Mark]:
        return (Mark("", self._entry, one) for one in sight.occurrences(self._sought) if one.place in self.places)


class Listed(Condition):
    """Any entry of a watchlist, in some places."""

    def __init__(self, written: str, watchlist: WatchedList, places: frozenset[int]) -> None:
        super().__init__(written)
        self.needles = watchlist.needles
        self.places = places
        self._watchlist = watchlist

    def holds(self, sight: Sight) -> bool:
        return any(True for _ in self.marks(sight))

    def marks(self, sight: Sight) -> Iterator[Mark]:
        for entry, one in self._watchlist.named(sight):
            if one.place in self.places:
                yield Mark(self._watchlist.name, entry, one)

    def unmeant(self, sight: Sight) -> Iterator[Mark]:
        """Where an entry is named, and not meant for want of its context."""
        for entry in self._watchlist.seen(sight):
            for one in entry.unmeant(sight):
                if one.place in self.places:
                    yield Mark(self._watchlist.name, entry.name, one)


class Known(Condition):
    """Something that is known of the item: its site, tag or language."""

    def __init__(self, written: str, test: Callable[[Item], bool]) -> None:
        super().__init__(written)
        self._test = test

    def holds(self, sight: Sight) -> bool:
        return self._test(sight.item)


class Near(Condition):
    """Both sides in one place with at most `distance` words between them. No word serves both sides."""

    def __init__(self, written: str, left: Condition, right: Condition, distance: int) -> None:
        super().__init__(written)
        self.places = left.places | right.places
        self.needles = min((some.needles for some in (left, right) if some.needles is not None), key=len, default=None)
        self._left = left
        self._right = right
        self._distance = distance

    def holds(self, sight: Sight) -> bool:
        return any(True for _ in self.marks(sight))

    def marks(self, sight: Sight) -> Iterator[Mark]:
        left, right = list(self._left.marks(sight)), list(self._right.marks(sight))
        for some, others in ((left, right), (right, left)):
            near = sight.near((one.occurrence for one in some), (one.occurrence for one in others), self._distance)
            yield from (mark for mark in some if mark.occurrence in near)

    @property
    def parts(self) -> tuple[Condition, ...]:
        """Its sides."""
        return (self._left, self._right)

    @property
    def distance(self) -> int:
        """The most words between them."""
        return self._distance


class Absent(Condition):
    """What must not be there."""

    positive = False

    def __init__(self, written: str, part: Condition) -> None:
        super().__init__(written)
        self.places = part.places
        self._part = part

    def holds(self, sight: Sight) -> bool:
        return not self._part.holds(sight)

    @property
    def parts(self) -> tuple[Condition, ...]:
        """What must not be there."""
        return (self._part,)


class OfSource(Condition):
    """A condition on who wrote or carried the item: an example, a title alone, is taken to fulfil it or not to."""

    def __init__(self, part: Condition) -> None:
        super().__init__(part.written)
        self.places = part.places
        self.positive = part.positive
        self.needles = part.needles
        self._part = part

    def holds(self, sight: Sight) -> bool:
        return self._part.holds(sight) if sight.assumed is None else sight.assumed

    def marks(self, sight: Sight) -> Iterator[Mark]:
        return self._part.marks(sight)

    @property
    def parts(self) -> tuple[Condition, ...]:
        """The condition itself."""
        return (self._part,)


class AtLeast(Condition):
    """So many of the parts: all for AND, one for OR. `negated`: a NOT stood before what is `written`."""

    def __init__(self, written: str, parts: Sequence[Condition], count: int, *, negated: bool = False) -> None:
        super().__init__(written)
        self.negated = negated
        self._parts = tuple(parts)
        self._count = count
        self.places = frozenset().union(*(part.places for part in parts))
        self.positive = sum(not part.positive for part in parts) < count
        # One of these must hold, or too few are left.
        enough = sorted((part.needles for part in parts if part.needles is not None), key=len)
        enough = enough[: len(parts) - count + 1]
        self.needles = frozenset().union(*enough) if len(enough) == len(parts) - count + 1 else None

    def holds(self, sight: Sight) -> bool:
        missing = self._count
        for part in self._parts:
            if part.holds(sight):
                missing -= 1
                if not missing:
                    return True
        return False

    def marks(self, sight: Sight) -> Iterator[Mark]:
        for part in self._parts:
            if part.holds(sight):
                yield from part.marks(sight)

    @property
    def parts(self) -> tuple[Condition, ...]:
        """Those that are counted."""
        return self._parts

    @property
    def count(self) -> int:
        """How many of them must hold."""
        return self._count
