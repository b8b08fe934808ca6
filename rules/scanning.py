"""The fast finder: Aho and Corasick's automaton, in Rust, over all words of a text in one row of bytes.

    " jason wei leaves openai \n superintelligence "

A word has a space on either side, so that a needle begins and ends with one; where it is open it ends without. What
hyphens tie is written once more in one word behind the text. A needle of several words that holds such a word is looked
for by a trie of the few needles that do: two compounds in a row may be read in many ways.
"""

from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, islice
from typing import Any, NamedTuple

from rules.finding import MOST, Finder, Finds, Needle, Words, WordTrie, needle_of
from rules.text import LONGEST_ACRONYM

try:
    # It builds and searches without the interpreter's lock: a reload of 100,000 needles holds nobody up.
    from daachorse import DoubleArrayAhoCorasick
except ImportError:
    DoubleArrayAhoCorasick = None  # type: ignore[assignment, misc]

COMPOUNDS = 2000
"""Words that hyphens or dots have tied, of which a finder keeps the needles they are in: `A.I.` is in thousands."""

MOST_IN_ONE = 1 << 15
"""Needles of one automaton. Where it frees them, it holds the interpreter's lock: some milliseconds for so many.

A text is searched once for each automaton, at 14 us for 2.6 kB.
"""

SENTINEL = "\n"
"""Parts texts in one row. No folded word and no part of a needle."""

Place = tuple[int, int, int]
"""In a row of bytes: (start, end, number of a needle)."""

_HALF = 0xFFFFFFFF

_BEHIND = f" {SENTINEL} "


def finder_of(needles: Iterable[Needle]) -> Finder:
    """The fastest finder there is on this machine."""
    return WordTrie(needles) if DoubleArrayAhoCorasick is None else ByteFinder(needles)


class ByteFinder:
    """Finds in the time of one pass, however many needles there are. Each is there once."""

    def __init__(self, needles: Iterable[Needle]) -> None:
        self._packed = _Packed()
        self._automata = tuple(_automata(map(self._packed.add, needles)))
        self._around = lru_cache(maxsize=COMPOUNDS)(self._packed.around)

    def look(self, words: Words) -> Finds:
        """Every place of every needle, overlapping ones too."""
        joined = [(word, first, last) for first, ways in words.joined.items() for word, last in ways]
        row = " ".join(words.words)
        if joined:
            row = _BEHIND.join([row, *(word for word, _, _ in joined)])
        data = f" {row} ".encode("utf-8", "surrogatepass")
        found = self._find(data)
        hits = _Hits(data, found, self._packed.lengths, (len(words.words), joined))
        if joined and self._packed.several:
            for compound in {word for word, _, _ in joined}:
                if around := self._around(compound):
                    hits.add(compound, around, words)
        return hits

    def _find(self, data: bytes) -> list[Place]:
        found: list[Place] = []
        for first, find in self._automata:
            some = find(data)
            found += [(start, end, first + number) for start, end, number in some] if first else some
        return found

    def needles(self) -> Iterable[Needle]:
        """In the order of their numbers."""
        return map(self._packed.__getitem__, range(len(self._packed.lengths)))

    def number(self, needle: Needle) -> int | None:
        """The number of the needle, if it is one of these."""
        row = _row(needle)
        return next((number for start, end, number in self._find(row) if end - start == len(row)), None)


class _Around(NamedTuple):
    """The needles of several words that hold a certain one: their numbers, a trie of them, and how far they reach."""

    numbers: Sequence[int]
    trie: WordTrie
    before: int


class _Hits:
    """What the automaton found, and in it where words stand, once somebody asks."""

    __slots__ = ("_data", "_ends", "_found", "_lengths", "_more", "_text", "needles")

    def __init__(
        self,
        data: bytes,
        found: list[Place],
        lengths: Sequence[int],
        text: tuple[int, list[tuple[str, int, int]]],
    ) -> None:
        self.needles = {needle for _, _, needle in found}
        self._data = data
        self._found = found
        self._lengths = lengths
        self._text = text
        self._ends: dict[int, list[int]] | None = None
        self._more: dict[int, set[tuple[int, int]]] = {}

    def add(self, compound: str, around: _Around, words: Words) -> None:
        """Take in the needles around `compound` that are there with it in one word."""
        firsts = [first for word, first, _ in self._text[1] if word == compound]
        starts = {start for first in firsts for start in range(max(first - around.before, 0), first + 1)}
        for one, first, last in around.trie.find_from(starts, words):
            self._more.setdefault(around.numbers[one], set()).add((first, last))
        self.needles.update(self._more)

    def at(self, needle: int) -> Sequence[tuple[int, int]]:
        """Every place of the needle: (first word, last word)."""
        if self._ends is None:
            self._ends = {}
            for _, end, number in self._found:
                self._ends.setdefault(number, []).append(end)
        places = [self._place(needle, end) for end in self._ends.get(needle, ())[:MOST]]
        if needle in self._more:
            places += self._more[needle].difference(places)
        return places

    def _place(self, needle: int, end: int) -> tuple[int, int]:
        size, joined = self._text
        # The spaces before the last letter are as many as the words up to it.
        last = self._data.count(b" ", 0, end - 1) - 1
        return (last + 1 - self._lengths[needle], last) if last < size else joined[(last - size - 1) // 2][1:]


class _Packed:
    """Needles in a few arrays: a hundred thousand of them are 5 MB instead of 30.

    Those of `several` words are found by each of their words, through chains of numbers in buckets.
    """

    _BUCKETS = 1 << 16

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._ends = array("I")
        self.lengths = array("I")
        """Words of each needle."""
        self.several = False
        self._heads = array("I", bytes(4 * self._BUCKETS))
        self._next = array("I", (0,))
        self._links = array("Q", (0,))
        """The other half of the hash of a word, and a needle that has it."""
        self._openings = 0

    def add(self, needle: Needle) -> bytes:
        """Keep the needle under the next number; returns how it stands in a row of words."""
        row = _row(needle)
        number = len(self.lengths)
        self._bytes += row
        self._ends.append(len(self._bytes))
        self.lengths.append(len(needle.words))
        if len(needle.words) > 1:
            self.several = True
            for word in needle.words[:-1] if needle.open else needle.words:
                self._chain(word, number)
            if needle.open:
                self._openings |= 1 << min(len(needle.words[-1]), 64)
                self._chain(_beginning(needle.words[-1]), number)
        return row

    def __getitem__(self, number: int) -> Needle:
        start = self._ends[number - 1] if number else 0
        return needle_of(self._bytes[start : self._ends[number]].decode("utf-8", "surrogatepass"))

    def around(self, word: str) -> _Around | None:
        """The needles of several words that hold `word`, and hardly any other; None where there are none."""
        numbers: Collection[int] = set(chain.from_iterable(map(self._chained, self._keys(word))))
        if not numbers:
            return None
        longest = max(self.lengths[number] for number in numbers)
        numbers = tuple(numbers)
        return _Around(numbers, WordTrie(map(self.__getitem__, numbers)), LONGEST_ACRONYM * (longest - 1))

    def _keys(self, word: str) -> Iterator[str]:
        yield word
        if not self._openings:
            return
        for length in range(1, len(word) + 1):
            if self._openings >> min(length, 64) & 1:
                yield _beginning(word[:length])

    def _chain(self, key: str, number: int) -> None:
        rest, bucket = divmod(hash(key), self._BUCKETS)
        self._next.append(self._heads[bucket])
        self._heads[bucket] = len(self._links)
        self._links.append((rest & _HALF) << 32 | number)

    def _chained(self, key: str) -> Iterator[int]:
        rest, bucket = divmod(hash(key), self._BUCKETS)
        link = self._heads[bucket]
        while link:
            if self._links[link] >> 32 == rest & _HALF:
                yield self._links[link] & _HALF
            link = self._next[link]


def _row(needle: Needle) -> bytes:
    return needle.row.encode("utf-8", "surrogatepass")


def _automata(rows: Iterator[bytes]) -> Iterator[tuple[int, Callable[[bytes], list[Place]]]]:
    """What finds some of the rows, and the number of the first of them."""
    first = 0
    for row in rows:
        some = _Taken(chain((row,), islice(rows, MOST_IN_ONE - 1)))
        # Its types say a list; it goes through any sequence.
        yield first, DoubleArrayAhoCorasick(some).find_overlapping  # type: ignore[arg-type]
        first += MOST_IN_ONE


class _Taken(Sequence[bytes]):
    """Rows, each of them made when it is taken: through a list, daachorse goes without a turn for other threads."""

    def __init__(self, rows: Iterator[bytes]) -> None:
        self._rows = rows

    def __iter__(self) -> Iterator[bytes]:
        return self._rows

    def __len__(self) -> int:
        return MOST_IN_ONE

    def __getitem__(self, index: Any) -> Any:
        raise TypeError("they are taken one after the other")


def _beginning(word: str) -> str:
    """The key of the last word of an open needle, which may go on."""
    return f"{word}*"
