"""One item as the rules see it: which words of which place are which term. Everything is looked up once an item."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from rules.finding import Finder, Needle, needle_of
from rules.frequency import Frequency, frequency
from rules.records import Item
from rules.regexes import Regex
from rules.scanning import SENTINEL
from rules.terms import Spelling, Term
from rules.text import Folded, Joined

PLACES = ("title", "summary", "text", "authors", "categories", "link", "feed")
"""Where words are found, in reading order: the attributes of an item. Elsewhere a place is its number here."""

TEXTS = frozenset((0, 1, 2))
"""The places of a term that names no field."""

FEW = 64
"""Pairs that are compared one by one."""

REGEX_WEIGHT = 0.2
"""The share of items that may have a regular expression: more than most terms, as to look costs more."""

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
    """A term or a regular expression. One of its `needles` is in every item that has it.

    `spellings` go with the needles; None where any place of the needle is meant, and empty where that goes for all.
    """

    needles: tuple[int, ...]
    spellings: tuple[Spelling | None, ...] = ()
    regex: Regex | None = None

    @property
    def plain(self) -> bool:
        """Whether it is there wherever one of its needles is."""
        return not self.spellings and not self.regex


class Vocabulary:
    """All that is looked for: each term and each needle once. Numbers of what is no needle are negative.

    The number of its first needle is `first`, as it may go on where another one has ended.
    """

    def __init__(self, frequency: Frequency = frequency, *, first: int = 0, signs: int = 0) -> None:
        self._terms: dict[str | tuple[str, bool, bool], Sought] = {}
        self._regexes: dict[tuple[str, bool], Sought] = {}
        # By their rows: a hundred thousand tuples of words would be 25 MB.
        self._numbers: dict[str, int] = {}
        self._frequency = frequency
        self.first = first
        self._signs = signs
        self._weights = array("d")
        self._sign_weights: dict[int, float] = {}

    def seek(self, sought: Term | Regex) -> Sought:
        """Raises Mistakes where a term has no spelling."""
        return self._regex(sought) if isinstance(sought, Regex) else self._term(sought)

    def sign(self, weight: float) -> int:
        """A number for what is no needle, and is in that share of all items."""
        self._signs += 1
        self._sign_weights[-self._signs] = weight
        return -self._signs

    def weight(self, number: int) -> float:
        """The share of items that have it, as far as that can be said."""
        if number < self.first:
            return self._sign_weights.get(number, 1.0)
        return self._weights[number - self.first]

    @property
    def needles(self) -> Iterable[Needle]:
        """In the order of their numbers, from the first of this vocabulary."""
        return map(needle_of, self._numbers)

    @property
    def regexes(self) -> dict[int, Regex]:
        """By their numbers."""
        return {sought.needles[0]: sought.regex for sought in self._regexes.values() if sought.regex}

    def next(self) -> "Vocabulary":
        """An empty one, which goes on where this one ends."""
        return Vocabulary(self._frequency, first=self.first + len(self._numbers), signs=self._signs)

    def _term(self, term: Term) -> Sought:
        key = (term.text, term.exact, term.prefix) if term.exact or term.prefix else term.text
        sought = self._terms.get(key)
        if sought is None:
            spellings = term.spellings()
            needles = tuple(self._number(spelling.needle) for spelling in spellings)
            told = tuple(spelling if spelling.signs or spelling.letters else None for spelling in spellings)
            sought = self._terms[key] = Sought(needles, told if any(told) else ())
        return sought

    def _regex(self, regex: Regex) -> Sought:
        key = (regex.source, regex.exact)
        if key not in self._regexes:
            self._regexes[key] = Sought((self.sign(REGEX_WEIGHT),), regex=regex)
        return self._regexes[key]

    def _number(self, needle: Needle) -> int:
        row = needle.row
        number = self._numbers.get(row)
        if number is None:
            number = self._numbers[row] = self.first + len(self._numbers)
            self._weights.append(self._frequency(needle))
        return number


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
