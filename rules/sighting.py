"""One item as the rules see it: which words of which place are which term. Everything is looked up once an item."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from rules.finding import Finder, Needle
from rules.records import Item
from rules.regexes import Regex
from rules.terms import Spelling, Term
from rules.text import Folded

PLACES = ("title", "summary", "text", "authors", "categories", "link", "feed")
"""Where words are found, in reading order: the attributes of an item. Elsewhere a place is its number here."""

TEXTS = frozenset((0, 1, 2))
"""The places of a term that names no field."""

K = TypeVar("K")
T = TypeVar("T")


class Occurrence(NamedTuple):
    """Something that is looked for, at the words `first` to `last`. `span` is what to mark, where known already."""

    place: int
    first: int
    last: int
    span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Sought:
    """A term, and its spellings by the numbers of their needles."""

    ways: tuple[tuple[int, Spelling], ...]


class Vocabulary:
    """All that is looked for: each term and each needle once."""

    def __init__(self) -> None:
        self._terms: dict[Term, Sought] = {}
        self._numbers: dict[Needle, int] = {}

    def seek(self, term: Term) -> Sought:
        """Raises Mistakes where the term has no spelling."""
        sought = self._terms.get(term)
        if sought is None:
            ways = tuple((self._number(spelling.needle), spelling) for spelling in term.spellings())
            sought = self._terms[term] = Sought(ways)
        return sought

    @property
    def needles(self) -> tuple[Needle, ...]:
        """By their numbers."""
        return tuple(self._numbers)

    def _number(self, needle: Needle) -> int:
        return self._numbers.setdefault(needle, len(self._numbers))


class Sight:
    """An item, looked at in some `places`. `assumed` is what an example says of its author, link, feed and language.

    None: the item has them itself.
    """

    def __init__(self, item: Item, finder: Finder, places: Collection[int], *, assumed: bool | None = None) -> None:
        self.item = item
        self.assumed = assumed
        self._folded = {place: Folded(text_of(item, place)) for place in sorted(places)}
        self._found = {place: finder.find(folded) for place, folded in self._folded.items()}
        self.needles = {one.needle for found in self._found.values() for one in found}
        self._by_needle: dict[int, list[Occurrence]] | None = None
        self._kept: dict[Any, Any] = {}

    def occurrences(self, sought: Sought | Regex) -> list[Occurrence]:
        """Every place of `sought`, in reading order."""
        return self.kept(sought, self._look)

    def kept(self, key: K, make: Callable[[K], T]) -> T:
        """What `make` says of `key`, asked once an item."""
        if key not in self._kept:
            self._kept[key] = make(key)
        kept: T = self._kept[key]
        return kept

    def span(self, occurrence: Occurrence) -> tuple[int, int]:
        """Where it stands in the text of its place: (start, end)."""
        return occurrence.span or self._folded[occurrence.place].span(occurrence.first, occurrence.last)

    def at(self, place: int, start: int, end: int) -> Occurrence:
        """What stands in `text[start:end]` of a place that is looked at."""
        return Occurrence(place, *self._folded[place].words_at(start, end), (start, end))

    def text(self, place: int) -> str:
        """The text of a place that is looked at."""
        return self._folded[place].text

    def near(self, some: Iterable[Occurrence], others: Iterable[Occurrence], distance: int) -> set[Occurrence]:
        """Those of `some` with one of `others`, which they do not overlap, at most `distance` words away."""
        by_place: dict[int, list[Occurrence]] = {}
        for other in others:
            by_place.setdefault(other.place, []).append(other)
        ends = {place: sorted((one.last, one.first) for one in there) for place, there in by_place.items()}
        starts = {place: sorted((one.first, one.last) for one in there) for place, there in by_place.items()}
        return {one for one in some if one.place in ends and self._has_near(one, starts, ends, distance)}

    def _has_near(
        self,
        one: Occurrence,
        starts: dict[int, list[tuple[int, int]]],
        ends: dict[int, list[tuple[int, int]]],
        distance: int,
    ) -> bool:
        folded = self._folded[one.place]
        after = bisect_right(starts[one.place], (one.last, len(folded.words)))
        before = bisect_left(ends[one.place], (one.first, -1)) - 1
        return (
            after < len(starts[one.place]) and folded.between(one.last, starts[one.place][after][0]) <= distance
        ) or (before >= 0 and folded.between(ends[one.place][before][0], one.first) <= distance)

    def _look(self, sought: Sought | Regex) -> list[Occurrence]:
        return self._matched(sought) if isinstance(sought, Regex) else self._placed(sought)

    def _placed(self, sought: Sought) -> list[Occurrence]:
        occurrences = []
        for needle, spelling in sought.ways:
            for one in self._at(needle):
                if spelling.signs or spelling.letters:
                    span = spelling.place(self._folded[one.place], one.first, one.last)
                    if span:
                        occurrences.append(one._replace(span=span))
                else:
                    occurrences.append(one)
        return widest(occurrences)

    def _at(self, needle: int) -> list[Occurrence]:
        if self._by_needle is None:
            self._by_needle = {}
            for place, found in self._found.items():
                for number, first, last in found:
                    self._by_needle.setdefault(number, []).append(Occurrence(place, first, last))
        return self._by_needle.get(needle, [])

    def _matched(self, regex: Regex) -> list[Occurrence]:
        return [
            Occurrence(place, *folded.words_at(*span), span)
            for place, folded in self._folded.items()
            for span in regex.spans(folded.text)
        ]


def text_of(item: Item, place: int) -> str:
    """The text of a place; authors and categories are joined by ", "."""
    value = getattr(item, PLACES[place])
    return value if isinstance(value, str) else ", ".join(value)


def widest(occurrences: Iterable[Occurrence]) -> list[Occurrence]:
    """Those that lie in no other, in reading order: of `Meta` and `Meta AI`, which name the same, the longer one."""
    kept: list[Occurrence] = []
    for one in sorted(occurrences, key=lambda one: (one.place, one.first, -one.last, -(one.span or (0, 0))[1])):
        if not kept or one.place != kept[-1].place or one.last > kept[-1].last:
            kept.append(one)
    return kept


def needles_of(all_sought: Iterable[Sought | Regex]) -> frozenset[int] | None:
    """The needles one of which is there where one of `all_sought` is; None where that may be without any."""
    needles: set[int] = set()
    for sought in all_sought:
        if isinstance(sought, Regex):
            return None
        needles.update(number for number, _ in sought.ways)
    return frozenset(needles)
