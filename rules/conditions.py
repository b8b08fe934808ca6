"""The parts of a compiled query: whether each holds for an item, and which words it marks.

A NOT stands at leaves only: the compiler has moved it there. To add an operator, write a class here, a line in the
grammar and a method in the compiler.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from rules.entries import WatchedList
from rules.records import Item
from rules.sighting import TEXTS, Occurrence, Sight
from rules.vocabulary import Sought
from rules.wording import shortened

Group = tuple[int, ...]
"""Numbers of what is looked for."""

Weight = Callable[[int], float]
"""The share of items that have what is looked for under a number."""


class Mark(NamedTuple):
    """Words of an item that a condition asked for; `watchlist` is empty for a term of the rule itself."""

    watchlist: str
    entry: str
    occurrence: Occurrence


class Needs(NamedTuple):
    """What can be said of an item from the numbers of what was found in it alone.

    Of each of the `groups`, one is in every item for which the condition holds. Where it is `enough`, the condition
    holds if one of each is in the texts, and none of `never`.
    """

    groups: tuple[Group, ...] = ()
    never: tuple[int, ...] = ()
    enough: bool = False


class Condition(ABC):
    """A part of a query: `query[start:end]`.

    `places` are those whose words it looks at. `positive`: it does not hold for an item without any of its words.
    Of its `parts`, where it is made of some, `least` hold where it holds; none of what must not be there.
    """

    __slots__ = ("_end", "_query", "_start")

    def __init__(self, query: str, start: int, end: int) -> None:
        self._query = query
        self._start = start
        self._end = end

    @property
    def written(self) -> str:
        """How it is written, on one line and not too long."""
        return shortened(self._query[self._start : self._end])

    @property
    def places(self) -> frozenset[int]:
        return frozenset()

    @property
    def positive(self) -> bool:
        return True

    @property
    def parts(self) -> Sequence["Condition"]:
        return ()

    @property
    def least(self) -> int:
        return len(self.parts)

    def numbers(self) -> Sequence[int]:
        """Of what it looks for itself, one is found in every item for which it holds; none where that is not so."""
        return ()

    def needs(self, weight: Weight) -> Needs:
        """What is to be found; of several ways to say it the one of the least `weight`."""
        return Needs()

    def ways(self, weight: Weight) -> list[Needs]:
        """The needs of each way in which it may hold."""
        return [self.needs(weight)]

    @abstractmethod
    def holds(self, sight: Sight) -> bool:
        """Whether the item has what is asked for."""

    def marks(self, sight: Sight) -> Sequence[Mark]:
        """The words of the item that are asked for; nothing where it does not hold."""
        return ()


class Marking(Condition):
    """Holds where it marks words, which are looked for once an item."""

    __slots__ = ()

    def holds(self, sight: Sight) -> bool:
        return bool(self.marks(sight))

    def marks(self, sight: Sight) -> Sequence[Mark]:
        return sight.kept(self, lambda _: self._marks(sight))

    @abstractmethod
    def _marks(self, sight: Sight) -> list[Mark]: ...


class Named(Marking):
    """A term or a regular expression, in some places. It is `query[term:end]`, and before that stands its field."""

    __slots__ = ("_places", "_sought", "_term")

    def __init__(self, query: str, start: int, end: int, *, sought: Sought, places: frozenset[int], term: int) -> None:
        super().__init__(query, start, end)
        self._sought = sought
        self._places = places
        self._term = term

    @property
    def places(self) -> frozenset[int]:
        return self._places

    def numbers(self) -> Sequence[int]:
        return self._sought.needles

    def needs(self, weight: Weight) -> Needs:
        return Needs((self._sought.needles,), enough=self._sought.plain and self._places == TEXTS)

    def holds(self, sight: Sight) -> bool:
        # Where an expression stands among the words is worked out for what rings alone.
        return sight.has(self._sought.regex, self._places) if self._sought.regex else super().holds(sight)

    def marks(self, sight: Sight) -> Sequence[Mark]:
        # Most words of an OR are not there, and need not be remembered as such.
        return () if sight.needles.isdisjoint(self._sought.needles) else super().marks(sight)

    def _marks(self, sight: Sight) -> list[Mark]:
        # Cut out where it is found: of a hundred thousand terms the texts would be 11 MB.
        entry, places = self._query[self._term : self._end], self._places
        return [Mark("", entry, one) for one in sight.occurrences(self._sought) if one.place in places]


class Listed(Marking):
    """Any entry of a watchlist, in some places."""

    __slots__ = ("_places", "_watchlist")

    def __init__(self, query: str, start: int, end: int, *, watchlist: WatchedList, places: frozenset[int]) -> None:
        super().__init__(query, start, end)
        self._watchlist = watchlist
        self._places = places

    @property
    def places(self) -> frozenset[int]:
        return self._places

    @property
    def watchlist(self) -> WatchedList:
        """The list, as it was when this was compiled."""
        return self._watchlist

    def numbers(self) -> Sequence[int]:
        return [number for entry in self._watchlist.entries for number in entry.needles()]

    def needs(self, weight: Weight) -> Needs:
        return Needs(((self._watchlist.number,),))

    def unmeant(self, sight: Sight) -> Iterator[Mark]:
        """Where an entry is named, and not meant for want of its context."""
        watchlist = sight.newest(self._watchlist.number, self._watchlist)
        for entry in watchlist.seen(sight):
            for one in entry.unmeant(sight):
                if one.place in self._places:
                    yield Mark(watchlist.name, entry.name, one)

    def _marks(self, sight: Sight) -> list[Mark]:
        watchlist = sight.newest(self._watchlist.number, self._watchlist)
        return [Mark(watchlist.name, entry, one) for entry, one in watchlist.named(sight) if one.place in self._places]


class Known(Condition):
    """Something that is known of the item: its site, tag or language."""

    __slots__ = ("_test",)

    def __init__(self, query: str, start: int, end: int, *, test: Callable[[Item], bool]) -> None:
        super().__init__(query, start, end)
        self._test = test

    def holds(self, sight: Sight) -> bool:
        return self._test(sight.item)


class Near(Marking):
    """Both sides in one place with at most `distance` words between them. No word serves both sides."""

    __slots__ = ("_distance", "_left", "_right")

    def __init__(self, query: str, start: int, end: int, *, left: Condition, right: Condition, distance: int) -> None:
        super().__init__(query, start, end)
        self._left = left
        self._right = right
        self._distance = distance

    @property
    def parts(self) -> Sequence[Condition]:
        return (self._left, self._right)

    @property
    def distance(self) -> int:
        """The most words between its sides."""
        return self._distance

    @property
    def places(self) -> frozenset[int]:
        return self._left.places | self._right.places

    def needs(self, weight: Weight) -> Needs:
        return Needs((*self._left.needs(weight).groups, *self._right.needs(weight).groups))

    def _marks(self, sight: Sight) -> list[Mark]:
        left, right = self._left.marks(sight), self._right.marks(sight)
        if not left or not right:
            return []
        marks = []
        for some, others in ((left, right), (right, left)):
            near = sight.near([one.occurrence for one in some], [one.occurrence for one in others], self._distance)
            if not near:
                return []
            marks += [mark for mark in some if mark.occurrence in near]
        return marks


class Absent(Condition):
    """What must not be there."""

    __slots__ = ("_part",)

    def __init__(self, query: str, start: int, end: int, *, part: Condition) -> None:
        super().__init__(query, start, end)
        self._part = part

    @property
    def parts(self) -> Sequence[Condition]:
        return (self._part,)

    @property
    def least(self) -> int:
        return 0

    @property
    def places(self) -> frozenset[int]:
        return self._part.places

    @property
    def positive(self) -> bool:
        return False

    def needs(self, weight: Weight) -> Needs:
        part = self._part.needs(weight)
        return Needs(never=part.groups[0], enough=True) if part.enough and isinstance(self._part, Named) else Needs()

    def holds(self, sight: Sight) -> bool:
        return not self._part.holds(sight)


class OfSource(Condition):
    """A condition on who wrote or carried the item: an example, a title alone, is taken to fulfil it or not to."""

    __slots__ = ("_part",)

    def __init__(self, query: str, start: int, end: int, *, part: Condition) -> None:
        super().__init__(query, start, end)
        self._part = part

    @property
    def parts(self) -> Sequence[Condition]:
        return (self._part,)

    @property
    def places(self) -> frozenset[int]:
        return self._part.places

    @property
    def positive(self) -> bool:
        return self._part.positive

    def needs(self, weight: Weight) -> Needs:
        return Needs(self._part.needs(weight).groups)

    def holds(self, sight: Sight) -> bool:
        return self._part.holds(sight) if sight.assumed is None else sight.assumed

    def marks(self, sight: Sight) -> Sequence[Mark]:
        return self._part.marks(sight)


class AtLeast(Condition):
    """So many of the parts: all for AND, one for OR. `negated`: a NOT stood before what is written."""

    __slots__ = ("_count", "_parts", "negated")

    def __init__(
        self, query: str, start: int, end: int, *, parts: Sequence[Condition], count: int, negated: bool = False
    ) -> None:
        super().__init__(query, start, end)
        self.negated = negated
        self._parts = tuple(parts)
        self._count = count

    @property
    def parts(self) -> Sequence[Condition]:
        return self._parts

    @property
    def least(self) -> int:
        return self._count

    @property
    def places(self) -> frozenset[int]:
        return frozenset().union(*(part.places for part in self._parts))

    @property
    def positive(self) -> bool:
        return sum(not part.positive for part in self._parts) < self._count

    def needs(self, weight: Weight) -> Needs:
        needs = [part.needs(weight) for part in self._parts]
        every = all(part.enough for part in needs)
        if self._count == len(needs):
            groups = tuple(group for part in needs for group in part.groups)
            return Needs(groups, tuple(number for part in needs for number in part.never), every)
        # One of these must hold, or too few are left.
        rarest = sorted(
            (min((_heavy(group, weight), group) for group in part.groups) for part in needs if part.groups),
            key=lambda heavy: heavy[0],
        )
        few = len(needs) - self._count + 1
        if len(rarest) < few:
            return Needs()
        group = tuple(dict.fromkeys(number for _, one in rarest[:few] for number in one))
        alike = self._count == 1 and every and all(len(part.groups) == 1 and not part.never for part in needs)
        return Needs((group,), enough=alike)

    def ways(self, weight: Weight) -> list[Needs]:
        if self._count > 1 or len(self._parts) == 1:
            return [self.needs(weight)]
        needs = [part.needs(weight) for part in self._parts]
        # Where each part is a word of its own, they are one group.
        return [self.needs(weight)] if all(len(part.groups) == 1 and not part.never for part in needs) else needs

    def holds(self, sight: Sight) -> bool:
        missing = self._count
        for part in self._parts:
            if part.holds(sight):
                missing -= 1
                if not missing:
                    return True
        return False

    def marks(self, sight: Sight) -> Sequence[Mark]:
        return [
            mark for part in self._parts if isinstance(part, Marking) or part.holds(sight) for mark in part.marks(sight)
        ]


def lists_in(condition: Condition) -> Iterator[WatchedList]:
    """The lists that it names, as they were when it was compiled."""
    if isinstance(condition, Listed):
        yield condition.watchlist
    for part in condition.parts:
        yield from lists_in(part)


def _heavy(group: Group, weight: Weight) -> float:
    return sum(map(weight, group))
