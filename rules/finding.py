"""Finds many phrases in one pass over the words of a text.

A Finder may be built on anything that yields the same; tests hold each to a naive search.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from itertools import chain
from typing import NamedTuple, Protocol

from rules.text import Joined

MOST = 5000
"""Places of one needle in one text. Nobody writes a name so often, and a hostile text must not cost more than its
length."""


class Needle(NamedTuple):
    """Folded words in a row. Where `open`, the last one may go on: super* and 삼성전자 before a particle."""

    words: tuple[str, ...]
    open: bool = False

    @property
    def row(self) -> str:
        """How it stands in a row of words, with a space on either side of each."""
        return f" {' '.join(self.words)}{'' if self.open else ' '}"


def needle_of(row: str) -> Needle:
    """The needle that stands so in a row of words."""
    return Needle(tuple(row.split()), not row.endswith(" "))


class Found(NamedTuple):
    """The needle of this number stands at the words `first` to `last`."""

    needle: int
    first: int
    last: int


class Words(Protocol):
    """What is searched: words in a row, and what some of them are in one."""

    @property
    def words(self) -> Sequence[str]: ...

    @property
    def joined(self) -> Joined: ...


class Finds(Protocol):
    """What was found. Where, is worked out for those that ask."""

    @property
    def needles(self) -> AbstractSet[int]:
        """The numbers of those that are there."""

    def at(self, needle: int) -> Sequence[tuple[int, int]]:
        """Every place of the needle, in no order: (first word, last word); the first MOST at the least."""


class Finder(Protocol):
    """Knows its needles by their numbers: their places in the sequence it was built from."""

    def look(self, words: Words) -> Finds:
        """Every place of every needle, overlapping ones too."""

    def needles(self) -> Iterable[Needle]:
        """In the order of their numbers."""

    def number(self, needle: Needle) -> int | None:
        """The number of the needle, if it is one of these."""


class _Node:
    """What may follow the same words. `heads` are the open needles, by as many letters as the shortest of them has."""

    __slots__ = ("ends", "head", "heads", "next")

    def __init__(self) -> None:
        self.next: dict[str, _Node] = {}
        self.ends: list[int] = []
        self.head = 0
        self.heads: dict[str, list[tuple[str, int]]] = {}

    def open_with(self, beginnings: Sequence[tuple[str, int]]) -> None:
        self.head = min(len(beginning) for beginning, _ in beginnings)
        for beginning, needle in beginnings:
            self.heads.setdefault(beginning[: self.head], []).append((beginning, needle))

    def begins(self, word: str) -> bool:
        return word[: self.head] in self.heads


class WordTrie:
    """A trie over words: one look-up a word of the text where nothing is found. Needs no library."""

    def __init__(self, needles: Iterable[Needle]) -> None:
        self._needles = tuple(needles)
        self._root = _Node()
        beginnings: dict[_Node, list[tuple[str, int]]] = {}
        for number, needle in enumerate(self._needles):
            node = self._root
            for word in needle.words[:-1] if needle.open else needle.words:
                node = node.next.setdefault(word, _Node())
            if needle.open:
                beginnings.setdefault(node, []).append((needle.words[-1], number))
            else:
                node.ends.append(number)
        for node, some in beginnings.items():
            node.open_with(some)

    def look(self, words: Words) -> Finds:
        """Every place of every needle, overlapping ones too."""
        return _Places(self.find(words))

    def needles(self) -> Iterable[Needle]:
        """In the order of their numbers."""
        return self._needles

    def number(self, needle: Needle) -> int | None:
        """The number of the needle, if it is one of these."""
        return self._numbers.get(needle)

    @cached_property
    def _numbers(self) -> dict[Needle, int]:
        return {needle: number for number, needle in enumerate(self._needles)}

    def find_from(self, starts: Iterable[int], words: Words) -> list[Found]:
        """The same, of what begins at the words `starts`."""
        walk, root = _Walk(words), self._root
        for index in starts:
            walk.step(root, words.words[index], index, index)
            for word, last in words.joined.get(index, ()):
                walk.step(root, word, index, last)
        return walk.found

    def find(self, words: Words) -> list[Found]:
        """The same in one list, in no order."""
        walk, root = _Walk(words), self._root
        begin = {word for word in set(words.words) if word in root.next or (root.heads and root.begins(word))}
        if begin:
            for index, word in enumerate(words.words):
                if word in begin:
                    walk.step(root, word, index, index)
        for index, alternatives in words.joined.items():
            for word, last in alternatives:
                walk.step(root, word, index, last)
        return walk.found


class _Walk:
    """One text's way through a trie."""

    def __init__(self, words: Words) -> None:
        self._words = words.words
        self._joined = words.joined
        self._counts: dict[int, int] = {}
        self.found: list[Found] = []

    def step(self, node: _Node, word: str, first: int, last: int) -> None:
        """Go on from `node` by `word`, which ends at the word `last` of the text."""
        if node.heads and node.begins(word):
            for beginning, needle in node.heads[word[: node.head]]:
                if word.startswith(beginning):
                    self._add(needle, first, last)
        after = node.next.get(word)
        if after is None:
            return
        for needle in after.ends:
            self._add(needle, first, last)
        if last + 1 < len(self._words) and (after.next or after.heads):
            self.step(after, self._words[last + 1], first, last + 1)
            for joined, end in self._joined.get(last + 1, ()):
                self.step(after, joined, first, end)

    def _add(self, needle: int, first: int, last: int) -> None:
        count = self._counts.get(needle, 0)
        if count < MOST:
            self._counts[needle] = count + 1
            self.found.append(Found(needle, first, last))


class _Places:
    """What a list of Found says."""

    def __init__(self, found: Sequence[Found]) -> None:
        self._at: dict[int, list[tuple[int, int]]] = {}
        for needle, first, last in found:
            self._at.setdefault(needle, []).append((first, last))
        self.needles = self._at.keys()

    def at(self, needle: int) -> Sequence[tuple[int, int]]:
        return self._at.get(needle, ())


class Layers:
    """A finder of many needles, and one of those that were added since, whose numbers go on from `first`."""

    def __init__(self, base: Finder, added: Finder, first: int) -> None:
        self._base = base
        self._added = added
        self._first = first

    def look(self, words: Words) -> Finds:
        """Every place of every needle, overlapping ones too."""
        return _Both(self._base.look(words), self._added.look(words), self._first)

    def needles(self) -> Iterable[Needle]:
        """In the order of their numbers."""
        return chain(self._base.needles(), self._added.needles())

    def number(self, needle: Needle) -> int | None:
        """The number of the needle, if it is one of these."""
        number = self._base.number(needle)
        if number is None:
            added = self._added.number(needle)
            return added if added is None else added + self._first
        return number


class _Both:
    """What two finders say."""

    def __init__(self, base: Finds, added: Finds, first: int) -> None:
        self._base = base
        self._added = added
        self._first = first
        self.needles = base.needles | {needle + first for needle in added.needles}

    def at(self, needle: int) -> Sequence[tuple[int, int]]:
        return self._base.at(needle) if needle < self._first else self._added.at(needle - self._first)
