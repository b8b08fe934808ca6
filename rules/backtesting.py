"""What a rule would have rung on items of the past: how often, for what, and what just missed.

A Trial tells what it makes of an item; a Tally counts it. The tallies of two halves of a history add up.
"""

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo
from functools import lru_cache
from heapq import heappush, heappushpop
from typing import NamedTuple

from rules.asking import asked, asked_nearly
from rules.compiling import Compiler
from rules.conditions import Condition, Near
from rules.explaining import explained
from rules.judge import Rule, compile_judge
from rules.mistakes import Mistake, Mistakes
from rules.records import Item, Match
from rules.sighting import Sight
from rules.vocabulary import Vocabulary
from rules.watchlist import Watchlist

KEPT = 100
"""Near misses that are kept as samples, the latest."""


Terms = Set[tuple[str, str]]
"""Each by its watchlist and its entry there; the watchlist is '' for a term of the rule itself."""


class Trial:
    """One rule on its own. Raises Mistakes where its query is wrong."""

    def __init__(self, rule: Rule, watchlists: Sequence[Watchlist]) -> None:
        named = Compiler(rule.when, Vocabulary(), {}).named
        used = [watchlist for watchlist in watchlists if watchlist.name in named]
        try:
            # All of them where one is not there: the mistake tells which are.
            self._judge = compile_judge(used if len(used) == len(named) else watchlists, [rule])
        except Mistakes as mistakes:
            raise Mistakes(_told(mistakes.found)) from None
        self.rule = rule
        self.condition = self._judge.condition(rule.name)
        needles = self._judge.needles()
        self.asked = asked(self.condition, needles, self._judge.regexes())
        self.asked_nearly = asked_nearly(self.condition, needles)

    def rings(self, item: Item) -> bool:
        """Whether the rule rings for `item`."""
        return self.condition.holds(self._judge.look(item))

    def matches(self, item: Item) -> tuple[Match, ...]:
        """The words of `item` that the rule asks for, of those of its parts that hold."""
        return self._judge.matches(self.rule.name, self._judge.look(item))

    def look(self, item: Item) -> tuple[Terms | None, str]:
        """What rings for `item`, None where nothing does; and which one part failed where all others held, else ''."""
        sight = self._judge.look(item)
        if self.condition.holds(sight):
            return {(mark.watchlist, mark.entry) for mark in self.condition.marks(sight)}, ""
        return None, near_miss(self.condition, sight)


def _told(found: Iterable[Mistake]) -> list[Mistake]:
    """A query of the command line stands under an option, not under a key."""
    return [replace(one, where=one.where.partition(".")[0]) if one.where.startswith("--") else one for one in found]


def near_miss(condition: Condition, sight: Sight) -> str:
    """Which one part of `condition` does not hold where all others do; '' where it holds or more is missing.

    Some word of the rule stands in the item: one that is merely in the right language has not come near.
    """
    if _missing(condition, sight) != 1 or not _has_word(condition, sight):
        return ""
    failed = _failed(condition, sight)
    if isinstance(failed, Near) and all(side.holds(sight) for side in failed.parts):
        return f"the sides of `{failed.written}` are further apart"  # how far would make a reason of each item
    return explained(failed, sight).because


def _missing(condition: Condition, sight: Sight) -> int:
    """How many parts would have to hold as well."""
    if condition.holds(sight):
        return 0
    lacking = sorted(number for part in condition.parts if (number := _missing(part, sight)))
    # Both sides of a NEAR may be there, and too far apart.
    return sum(lacking[: condition.least - len(condition.parts) + len(lacking)]) or 1


def _failed(condition: Condition, sight: Sight) -> Condition:
    """The part that is to blame."""
    failing = [part for part in condition.parts if not part.holds(sight)]
    if not failing or 1 < condition.least < len(condition.parts):
        return condition
    if condition.least < len(failing) and not any(_has_word(part, sight) for part in failing):
        return condition  # none of several is nearer than the others
    return _failed(min(failing, key=lambda part: (_missing(part, sight), not _has_word(part, sight))), sight)


def _has_word(condition: Condition, sight: Sight) -> bool:
    """Whether a word that it asks for is there, if not as it asks."""
    if condition.least:
        return any(_has_word(part, sight) for part in condition.parts)
    numbers, expressive = _sought(condition)
    return condition.holds(sight) if expressive else not sight.needles.isdisjoint(numbers)


@lru_cache(maxsize=256)
def _sought(condition: Condition) -> tuple[frozenset[int], bool]:
    """The numbers of what it looks for, and whether an expression is among them: asked for every item that just missed.

    A list of ten thousand names must not be gone through for each.
    """
    numbers = frozenset(condition.numbers())
    return numbers, min(numbers, default=0) < 0


class Past(NamedTuple):
    """An item of the past. `at`: when it would have rung; `story_id` is what it was folded into."""

    item_id: str
    item: Item
    at: datetime
    story_id: str


class Ring(NamedTuple):
    """The first item of a story that rang."""

    at: datetime
    item_id: str


class Miss(NamedTuple):
    """An item that just missed, and which part failed."""

    at: datetime
    item_id: str
    why: str


@dataclass(slots=True)
class Tally:
    """What a rule made of the items it was given. A story rings once, with its first item.

    `entries` counts items by what rang; `near` counts near misses by the part that failed, and `misses` are the latest.
    """

    looked_at: int = 0
    items: int = 0
    rings: dict[str, Ring] = field(default_factory=dict)
    feeds: Counter[str] = field(default_factory=Counter)
    entries: Counter[tuple[str, str]] = field(default_factory=Counter)
    near: Counter[str] = field(default_factory=Counter)
    misses: list[Miss] = field(default_factory=list)

    def take(self, past: Past, terms: Terms | None, near: str = "") -> None:
        """Count one item."""
        self.looked_at += 1
        if terms is not None:
            self.items += 1
            self._ring(past.story_id, Ring(past.at, past.item_id))
            self.feeds[past.item.feed or past.item.feed_url] += 1
            self.entries.update(terms)
        elif near:
            self.near[near] += 1
            self._miss(Miss(past.at, past.item_id, near))

    def add(self, other: "Tally") -> None:
        """Count what `other` has counted."""
        self.looked_at += other.looked_at
        self.items += other.items
        for story_id, ring in other.rings.items():
            self._ring(story_id, ring)
        self.feeds.update(other.feeds)
        self.entries.update(other.entries)
        self.near.update(other.near)
        for miss in other.misses:
            self._miss(miss)

    def per_day(self, zone: tzinfo) -> dict[date, int]:
        """Stories by the day on which they rang first, in order; days without one are left out."""
        return dict(sorted(Counter(ring.at.astimezone(zone).date() for ring in self.rings.values()).items()))

    def latest(self, number: int) -> list[Ring]:
        """Of the rings, newest first."""
        return sorted(self.rings.values(), reverse=True)[:number]

    def latest_misses(self, number: int) -> list[Miss]:
        """Of the near misses that were kept, newest first."""
        return sorted(self.misses, reverse=True)[:number]

    def beyond(self, other: "Tally") -> list[Ring]:
        """The rings of stories for which `other` has none, newest first."""
        return sorted((self.rings[story_id] for story_id in self.rings.keys() - other.rings.keys()), reverse=True)

    def _ring(self, story_id: str, ring: Ring) -> None:
        self.rings[story_id] = min(self.rings.get(story_id, ring), ring)

    def _miss(self, miss: Miss) -> None:
        (heappush if len(self.misses) < KEPT else heappushpop)(self.misses, miss)
