"""One item as the rules see it: which words of which place are which term. Everything is looked up once an item."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

from rules.finding import Finder
from rules.letters import BREAK
from rules.records import Item
from rules.regexes import Regex, encoded
from rules.scanning import SENTINEL
from rules.text import Folded, Joined
from rules.vocabulary import Sought

PLACES = ("title", "summary", "text", "authors", "categories", "link", "feed")
"""Where words are found, in reading order: the attributes of an item. Elsewhere a place is its number here."""

TEXTS = frozenset((0, 1, 2))
"""The places of a term that names no field."""

FEW = 64
"""Pairs that are compared one by one."""

K = TypeVar("K")
T = TypeVar("T")


class Occurrence(NamedTuple):
    """Something that is looked for, at the words `first` to `last`. `span` is what to mark, where known already."""

    place: int
    first: int
    last: int
    span: tuple[int, int] | None = None


class Sight:
    """An item, looked at in some `places`. `needles` are the numbers of what was found, `in_texts` those of the texts.

    `assumed` is what an example says of its author, link, feed and language; None: the item has them itself.
    `instead` are the lists that have changed, by their numbers.
    """

    def __init__(
        self,
        item: Item,
        finder: Finder,
        places: Collection[int],
        *,
        assumed: bool | None = None,
        instead: Mapping[int, Any] | None = None,
    ) -> None:
        self.item = item
        self.assumed = assumed
        self._folded = {place: Folded(text) for place in sorted(places) if (text := text_of(item, place))}
        texts = _Row({place: folded for place, folded in self._folded.items() if place in TEXTS})
        others = _Row({place: folded for place, folded in self._folded.items() if place not in TEXTS})
        self._found = [(row, finder.look(row)) for row in (texts, others) if row.words]
        self.in_texts: set[int] = set(self._found[0][1].needles) if texts.words else set()
        self.needles = self.in_texts.union(self._found[-1][1].needles) if others.words else self.in_texts
        self._instead: Mapping[int, Any] = {} if instead is None else instead
        self._kept: dict[Any, Any] = {}

    def newest(self, number: int, watchlist: T) -> T:
        """The list of this number, as it is since entries were added to it or taken away."""
        newest: T = self._instead.get(number, watchlist)
        return newest

    def found(self, numbers: Iterable[int]) -> None:
        """Take in the numbers of what is no needle."""
        more = set(numbers)
        if more:
            # Where nothing but texts is looked at, one set serves for both.
            same = self.in_texts is self.needles
            self.needles = self.needles | more
            self.in_texts = self.needles if same else self.in_texts

    def occurrences(self, sought: Sought) -> list[Occurrence]:
        """Every place of `sought`, in reading order."""
        return [] if self.needles.isdisjoint(sought.needles) else self.kept(sought, self._look)

    def has(self, regex: Regex, places: Collection[int]) -> bool:
        """Whether the expression is found in one of the `places` that are looked at."""
        return any(
            regex.is_in(self.kept(("encoded", place), self._encoded)) for place in self._folded if place in places
        )

    def _encoded(self, of: tuple[str, int]) -> bytes:
        return encoded(self._folded[of[1]].text)

    def kept(self, key: K, make: Callable[[K], T]) -> T:
        """What `make` says of `key`, asked once an item."""
        kept: T | None = self._kept.get(key)
        if kept is None:
            kept = self._kept[key] = make(key)
        return kept

    def span(self, occurrence: Occurrence) -> tuple[int, int]:
        """Where it stands in the text of its place: (start, end)."""
        return occurrence.span or self._folded[occurrence.place].span(occurrence.first, occurrence.last)

    def at(self, place: int, start: int, end: int) -> Occurrence:
        """What stands in `text[start:end]` of a place that is looked at."""
        return Occurrence(place, *self._folded[place].words_at(start, end), (start, end))

    def folded(self, place: int) -> Folded:
        """The words of a place, whether or not the rules look at it."""
        return self._folded.get(place) or Folded(text_of(self.item, place))

    def text(self, place: int) -> str:
        """The text of a place that is looked at."""
        return self._folded[place].text if place in self._folded else ""

    def texts(self) -> str:
        """All that is looked at, a line each."""
        return "\n".join(folded.text for folded in self._folded.values())

    def near(self, some: Iterable[Occurrence], others: Iterable[Occurrence], distance: int) -> set[Occurrence]:
        """Those of `some` with one of `others`, which they do not overlap, at most `distance` words away."""
        some, others = list(some), list(others)
        if len(some) * len(others) <= FEW:
            return {one for one in some for other in others if self._are_near(one, other, distance)}
        by_place: dict[int, list[Occurrence]] = {}
        for other in others:
            by_place.setdefault(other.place, []).append(other)
        ends = {place: sorted((one.last, one.first) for one in there) for place, there in by_place.items()}
        starts = {place: sorted((one.first, one.last) for one in there) for place, there in by_place.items()}
        return {one for one in some if one.place in ends and self._has_near(one, starts, ends, distance)}

    def _are_near(self, one: Occurrence, other: Occurrence, distance: int) -> bool:
        if one.place != other.place:
            return False
        before, after = (one, other) if one.first < other.first else (other, one)
        # As many words between or fewer, since ends are none.
        gap = after.first - before.last - 1
        return gap >= 0 and (gap <= distance or self._folded[one.place].between(before.last, after.first) <= distance)

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

    def _look(self, sought: Sought) -> list[Occurrence]:
        if sought.regex:
            return self._matched(sought.regex)
        if sought.spellings:
            return widest(self._placed(sought))
        found = [one for needle in sought.needles for one in self._at(needle)]
        return widest(found) if len(found) > 1 else found

    def _placed(self, sought: Sought) -> Iterator[Occurrence]:
        for needle, spelling in zip(sought.needles, sought.spellings, strict=True):
            if spelling is None:
                yield from self._at(needle)
                continue
            for one in self._at(needle):
                span = spelling.place(self._folded[one.place], one.first, one.last)
                if span:
                    yield one._replace(span=span)

    def _at(self, needle: int) -> Iterator[Occurrence]:
        for row, finds in self._found:
            if needle in finds.needles:
                for first, last in finds.at(needle):
                    # A gloss is passed over inside a phrase; behind one it is no part of it.
                    if row.words[last] != BREAK:
                        place, before = row.place_of(first)
                        yield Occurrence(place, first - before, last - before)

    def _matched(self, regex: Regex) -> list[Occurrence]:
        return [
            Occurrence(place, *folded.words_at(*span), span)
            for place, folded in self._folded.items()
            for span in regex.spans(folded.text)
        ]


class _Row:
    """The words of several places in one row, so that they are searched at once."""

    def __init__(self, folded: Mapping[int, Folded]) -> None:
        self._places: list[tuple[int, int]] = []
        self.words: list[str] = []
        self.joined: Joined = {}
        for place, one in folded.items():
            if not self._places:
                self.words, self.joined = one.words, one.joined
                self._places.append((place, 0))
                continue
            self.words = [*self.words, SENTINEL]
            before = len(self.words)
            self.words += one.words
            self._places.append((place, before))
            if one.joined:
                self.joined = self.joined | {
                    before + first: [(word, before + last) for word, last in ways] for first, ways in one.joined.items()
                }

    def place_of(self, index: int) -> tuple[int, int]:
        """Where the word at `index` stands: (the place, how many words are before those of the place)."""
        places = self._places
        number = len(places) - 1
        while places[number][1] > index:
            number -= 1
        return places[number]


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
