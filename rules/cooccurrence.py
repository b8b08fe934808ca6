"""Names that stand beside an entry clearly more often than elsewhere, by Dunning's log-likelihood ratio.

Memory is bounded: where there are too many, the rarer half is forgotten, and begins anew when it comes again.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from heapq import nlargest
from math import log

from rules.evidence import Evidence
from rules.records import Item

MOST_NAMES = 300_000
MOST_PAIRS = 300_000
MOST_EVIDENCE = 30_000

FEWEST = 3
"""Items with both."""

SURE = 10.83
"""The log-likelihood ratio that chance exceeds once in a thousand names."""

TIMES = 5.0
"""How much more often a name must stand beside the entry than elsewhere."""

FURNITURE = 0.25
LONG_ENOUGH = 20
"""A name in this share of the items of a feed that has had so many is part of the paper, and no news."""

Key = tuple[str, str]
"""A watchlist and an entry of it."""


@dataclass(frozen=True, slots=True)
class Company:
    """A name in `together` of the `beside` items with an entry, and in `apart` of the `others`."""

    name: str
    key: Key
    together: int
    beside: int
    apart: int
    others: int

    @property
    def ratio(self) -> float:
        """Dunning's: how sure it is that this is no chance; 0 where the name is rarer beside the entry."""
        if self.together * self.others <= self.apart * self.beside:
            return 0.0
        return 2 * (
            _entropy(self.together, self.beside - self.together, self.apart, self.others - self.apart)
            - _entropy(self.beside, self.others)
            - _entropy(self.together + self.apart, self.beside + self.others - self.together - self.apart)
        )

    @property
    def is_clear(self) -> bool:
        """Whether it is worth to be offered."""
        often = self.together * self.others >= TIMES * self.apart * self.beside
        share = self.together / (self.together + self.apart)
        return self.together >= FEWEST and often and share >= _share(self.name) and self.ratio >= SURE


def _share(name: str) -> float:
    """How much of the name's own items must be beside the entry. A single word is often a place, a day or a product."""
    return 0.1 if " " in name or "・" in name else 0.6


def _entropy(*counts: int) -> float:
    total = sum(counts)
    return sum(count * log(count / total) for count in counts if count)


class Companions:
    """Counts names beside entries, item by item."""

    def __init__(self) -> None:
        self.items = 0
        self.entries: Counter[Key] = Counter()
        self.feeds: dict[Key, set[str]] = {}
        self.of_feed: Counter[str] = Counter()
        self.evidence: dict[str, Evidence] = {}
        """By the name in small letters: the items that name an entry as well."""
        self._names: Counter[str] = Counter()
        self._pairs: Counter[tuple[Key, str]] = Counter()

    def add(self, item: Item, keys: Iterable[Key], names: Mapping[str, tuple[str, int, int]]) -> None:
        """An item that names the entries `keys`, and `names`, each with the text and where it stands in it."""
        self.items += 1
        self.of_feed[item.feed_url or item.feed] += 1
        self._names.update(names.keys())
        for key in keys:
            self.entries[key] += 1
            feeds = self.feeds.setdefault(key, set())
            if len(feeds) < 2:
                feeds.add(item.feed_url or item.feed)
            self._pairs.update((key, name) for name in names)
        if keys:
            for name, where in names.items():
                self.evidence.setdefault(name, Evidence()).add(item, *where)
        self._forget()

    def found(self) -> list[Company]:
        """Each name with the entry that it most surely belongs to, the surest first."""
        best: dict[str, Company] = {}
        for (key, name), together in self._pairs.items():
            evidence = self.evidence.get(name)
            if together < FEWEST or evidence is None or len(evidence.feeds) < len(self.feeds[key]):
                continue
            beside = self.entries[key]
            if self._is_furniture(evidence):
                continue
            company = Company(name, key, together, beside, max(0, self._names[name] - together), self.items - beside)
            if company.is_clear and (name not in best or company.ratio > best[name].ratio):
                best[name] = company
        return sorted(best.values(), key=lambda one: (-one.ratio, one.name))

    def _is_furniture(self, evidence: Evidence) -> bool:
        """Whether a feed has it in so many of its items that it names a section, or the house itself."""
        return any(
            self.of_feed[feed] >= LONG_ENOUGH and count >= FURNITURE * self.of_feed[feed]
            for feed, count in evidence.feeds.items()
        )

    def together(self, key: Key, name: str) -> int:
        """In how many items both are."""
        return self._pairs[key, name]

    def _forget(self) -> None:
        if len(self._names) > MOST_NAMES:
            self._names = Counter(dict(self._names.most_common(MOST_NAMES // 2)))
        if len(self._pairs) > MOST_PAIRS:
            self._pairs = Counter(dict(self._pairs.most_common(MOST_PAIRS // 2)))
        if len(self.evidence) > MOST_EVIDENCE:
            kept = nlargest(MOST_EVIDENCE // 2, self.evidence.items(), key=lambda one: one[1].count)
            self.evidence = dict(kept)
