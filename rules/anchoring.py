"""Which rules an item may ring: each is anchored at the rarest group it needs, and looked at where that is found.

An OR of ANDs has an anchor for each of its parts. A NOT is no anchor. What no word can announce is always looked at.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from copy import copy

from rules.conditions import Condition, Group, Needs, Weight

Way = tuple[int, tuple[Group, ...], Group, bool]
"""One way to ring a rule: (its number, of each group one is needed, none of these, whether that is enough)."""


class Anchors:
    """The conditions of rules, by their numbers."""

    def __init__(self, conditions: Iterable[tuple[int, Condition]], weight: Weight) -> None:
        self.ways: Mapping[int, Sequence[Way]]
        """By what they are anchored at."""
        self.always: frozenset[int]
        """The numbers of those that are looked at in every item."""
        self.ways, self.always = _ways(conditions, weight)

    def with_ways(self, more: "Anchors") -> "Anchors":
        """These and `more`."""
        both = copy(self)
        both.always = self.always | more.always
        both.ways = {**self.ways, **{one: [*self.ways.get(one, ()), *ways] for one, ways in more.ways.items()}}
        return both

    def candidates(self, found: AbstractSet[int]) -> Iterator[Way]:
        """The ways whose anchor was found."""
        get = self.ways.get
        for one in found:
            yield from get(one, ())

    def ringing(self, found: set[int], texts: set[int]) -> tuple[set[int], set[int]]:
        """The numbers of the rules that ring for certain, and of those that may.

        `found` is what was found anywhere in the item, `texts` what was found in its texts.
        """
        certain: set[int] = set()
        possible = set(self.always)
        get, lacks, lack = self.ways.get, found.isdisjoint, texts.isdisjoint
        for one in found:
            for number, groups, never, enough in get(one, ()):
                for group in groups:
                    if lacks(group):
                        break
                else:
                    if not enough:
                        possible.add(number)
                    elif texts is found:
                        if lacks(never):
                            certain.add(number)
                    elif one in texts and lack(never) and not any(map(lack, groups)):
                        certain.add(number)
        return certain, possible - certain


def _ways(
    conditions: Iterable[tuple[int, Condition]], weight: Weight
) -> tuple[dict[int, Sequence[Way]], frozenset[int]]:
    ways: dict[int, Sequence[Way]] = {}
    several: dict[int, list[Way]] = {}
    always: list[int] = []
    for number, condition in conditions:
        for needs in condition.ways(weight):
            if not needs.groups:
                always.append(number)
                continue
            anchor, way = _anchored(number, needs, weight)
            # Most have one way, and the names of one rule share theirs.
            alone = (way,)
            for one in anchor:
                first = ways.setdefault(one, alone)
                if first is not alone:
                    several.setdefault(one, [*first]).append(way)
    for one, some in several.items():
        # A tuple is half as long as the list that it was gathered in.
        ways[one] = tuple(some)
    return ways, frozenset(always)


def _anchored(number: int, needs: Needs, weight: Weight) -> tuple[Group, Way]:
    """The group to anchor at, and the rest with the rarest first."""
    groups = needs.groups
    if len(groups) > 1:
        groups = tuple(sorted(groups, key=lambda group: sum(map(weight, group))))
    return groups[0], (number, groups[1:], needs.never, needs.enough)
