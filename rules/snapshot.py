"""What lists and rules are compiled to. It never changes: an edit makes another one, and shares the rest.

Rules go by numbers, in the order in which they came. An edit adds behind: its needles get a small finder beside the big
one, its rules small anchors; what is taken away is only crossed out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rules.anchoring import Anchors
from rules.conditions import Condition
from rules.entries import WatchedList
from rules.finding import Finder, Layers
from rules.grown import Grown
from rules.records import Item
from rules.regexes import RegexSet
from rules.scanning import finder_of
from rules.sighting import TEXTS, Sight
from rules.vocabulary import Vocabulary

Signs = Mapping[int, tuple[int, ...]]
"""By the number of a needle, those of the lists that are found with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Conditions by the numbers of their rules, and what finds those that an item may ring.

    `changed` are the lists whose entries are others than those that the conditions know, by their numbers.
    `added` are the needles of the edits, and `gone` the rules that no longer ring.
    """

    conditions: Grown[Condition]
    places: frozenset[int]
    base: Finder
    finder: Finder
    anchors: tuple[Anchors, ...]
    signs: tuple[Signs, ...]
    regexes: tuple[RegexSet, ...]
    added: Vocabulary
    changed: Mapping[int, WatchedList] = field(default_factory=dict)
    gone: frozenset[int] = frozenset()

    def look(self, item: Item, *, assumed: bool | None = None) -> Sight:
        """The item as the rules see it."""
        sight = Sight(item, self.finder, self.places, assumed=assumed, instead=self.changed)
        more: set[int] = set()
        for regexes in self.regexes:
            more |= regexes.possible(sight.texts())
        sight.found(more)
        for signs in self.signs:
            sight.found(number for needle in sight.needles if needle in signs for number in signs[needle])
        return sight

    def ringing(self, sight: Sight, *, ask_all: bool = False) -> list[int]:
        """The numbers of the rules that ring."""
        if ask_all:
            return [number for number in self.living() if self.conditions[number].holds(sight)]
        ringing: set[int] = set()
        for anchors in self.anchors:
            certain, possible = anchors.ringing(sight.needles, sight.in_texts)
            ringing |= certain
            ringing.update(number for number in possible - self.gone if self.conditions[number].holds(sight))
        return sorted(ringing - self.gone)

    def candidates(self, sight: Sight) -> int:
        """How many ways to ring a rule are looked at."""
        return sum(1 for anchors in self.anchors for _ in anchors.candidates(sight.needles))

    def living(self) -> Iterable[int]:
        """The numbers of the rules that may ring."""
        return (number for number in range(len(self.conditions)) if number not in self.gone)

    def with_more(self, conditions: Sequence[Condition], changed: Sequence[WatchedList]) -> "Snapshot":
        """With these conditions behind the others, and with the lists that changed; their needles are in `added`."""
        if not conditions and not changed:
            return self
        first = len(self.conditions)
        numbered = list(enumerate(conditions, first))
        signs = dict(self.signs[-1]) if len(self.signs) > 1 else {}
        for watchlist in changed:
            for needle in watchlist.needles:
                signs[needle] = tuple({*signs.get(needle, ()), watchlist.number})
        anchors = Anchors(numbered, self.added.weight)
        return replace(
            self,
            conditions=self.conditions.with_more(conditions),
            places=self.places.union(*(condition.places for condition in conditions)),
            finder=Layers(self.base, finder_of(self.added.needles), self.added.first),
            anchors=(self.anchors[0], self.anchors[1].with_ways(anchors) if len(self.anchors) > 1 else anchors),
            signs=(self.signs[0], signs),
            regexes=(self.regexes[0], RegexSet(self.added.regexes)),
            changed={**self.changed, **{one.number: one for one in changed}},
        )

    def merged(self) -> "Snapshot":
        """The same, with all needles in one finder."""
        if len(self.anchors) == 1:
            return self
        finder = finder_of(self.finder.needles())
        return replace(
            self,
            base=finder,
            finder=finder,
            anchors=(self.anchors[0].with_ways(self.anchors[1]),),
            signs=({**self.signs[0], **_both(self.signs[0], self.signs[1])},),
            regexes=(RegexSet({**self.regexes[0].regexes, **self.regexes[1].regexes}),),
            added=self.added.next(finder.number),
        )

    def without(self, numbers: Iterable[int]) -> "Snapshot":
        """Without the rules of these numbers."""
        without = replace(self, gone=self.gone.union(numbers))
        if all(self.conditions[number].places <= TEXTS for number in without.gone - self.gone):
            return without
        return replace(without, places=_places(self.conditions[number] for number in without.living()))


def snapshot(vocabulary: Vocabulary, lists: Iterable[WatchedList], conditions: Sequence[Condition]) -> Snapshot:
    """Of lists and conditions that were compiled with `vocabulary`."""
    finder = finder_of(vocabulary.needles)
    return Snapshot(
        conditions=Grown(tuple(conditions)),
        places=_places(conditions),
        base=finder,
        finder=finder,
        anchors=(Anchors(enumerate(conditions), vocabulary.weight),),
        signs=(_signs(lists),),
        regexes=(RegexSet(vocabulary.regexes),),
        added=vocabulary.next(finder.number),
    )


def _places(conditions: Iterable[Condition]) -> frozenset[int]:
    """Where they look. The context of an entry may stand in any of the texts."""
    return TEXTS.union(*(condition.places for condition in conditions))


def _both(base: Signs, more: Signs) -> Signs:
    return {needle: tuple(dict.fromkeys((*base.get(needle, ()), *signs))) for needle, signs in more.items()}


def _signs(lists: Iterable[WatchedList]) -> Signs:
    signs: dict[int, tuple[int, ...]] = {}
    for watchlist in lists:
        alone = (watchlist.number,)
        for needle in watchlist.needles:
            signs[needle] = signs[needle] + alone if needle in signs else alone
    return signs
