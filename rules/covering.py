"""Names that find what other names find: compared by their spellings, without any text.

A name covers another where it is found wherever that is. It is said only where that is sure.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from rules.entries import read_name
from rules.mistakes import Mistakes
from rules.regexes import Regex
from rules.terms import Spelling, Term
from rules.watchlist import Entry

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Name:
    """A word, a phrase or an expression that is looked for, as it is `written`. `spellings` is empty for the last."""

    written: str
    spellings: tuple[Spelling, ...] = ()
    source: str = ""
    exact: bool = False

    @property
    def prefix(self) -> bool:
        """Whether it is the beginning of words."""
        return any(spelling.needle.open and not spelling.letters for spelling in self.spellings)

    @property
    def key(self) -> object:
        """The same for names that find the same."""
        return self.source or self.spellings


def name_of_term(written: str, term: Term) -> Name:
    """A term as a name."""
    return Name(written, term.spellings(), exact=term.exact)


def names_of(entry: Entry) -> list[Name]:
    """What an entry is found by: its name, then its aliases; what cannot be read is left out."""
    return [name for text in (entry.name, *entry.aliases) if (name := name_of(text, exact=entry.exact))]


def name_of(text: str, *, exact: bool = False) -> Name | None:
    """What one name looks for; None where that cannot be read."""
    try:
        found = read_name(text, exact=exact)
        return Name(text, source=found.source) if isinstance(found, Regex) else name_of_term(text, found)
    except Mistakes:
        return None


def name_implies(one: Name, other: Name, *, longer: bool = True) -> bool:
    """Whether `other` is found wherever `one` is; without `longer` only where both mark as many words."""
    if one.source or other.source:
        return one.key == other.key
    return all(any(_holds(spelling, way, longer=longer) for way in other.spellings) for spelling in one.spellings)


def _holds(whole: Spelling, part: Spelling, *, longer: bool) -> bool:
    """Whether wherever `whole` stands, `part` stands in it."""
    if part.signs is not None:
        return whole.signs == part.signs and whole.needle == part.needle
    words, wanted = whole.needle.words, part.needle.words
    if len(words) != len(wanted) and not longer:
        return False
    for start in range(len(words) - len(wanted) + 1):
        *before, last = words[start : start + len(wanted)]
        goes_on = whole.needle.open and start + len(wanted) == len(words)
        same = _goes_on_so(last, part) if part.needle.open else last == wanted[-1] and not goes_on
        if same and tuple(before) == wanted[:-1]:
            return True
    return False


def _goes_on_so(word: str, part: Spelling) -> bool:
    beginning = part.needle.words[-1]
    follows = part.follows is None or part.follows.fullmatch(word[len(beginning) :]) is not None
    return word.startswith(beginning) and follows


class Covers(Generic[T]):
    """Names, each with what it belongs to, and which of them finds whatever another does."""

    def __init__(self, names: Iterable[tuple[Name, T]] = ()) -> None:
        self._whole: dict[tuple[str, ...], list[tuple[Name, T]]] = {}
        self._sources: dict[str, tuple[Name, T]] = {}
        for name, owner in names:
            self.add(name, owner)

    def add(self, name: Name, owner: T) -> None:
        """From here on `name` covers others."""
        if name.source:
            self._sources.setdefault(name.source, (name, owner))
        for spelling in name.spellings:
            self._whole.setdefault(spelling.needle.words, []).append((name, owner))

    def of(self, name: Name, *, longer: bool = False) -> tuple[Name, T] | None:
        """The first that finds whatever `name` does, `name` itself excepted; with `longer` also one of fewer words."""
        if name.source:
            found = self._sources.get(name.source)
            return found if found and found[0] is not name else None
        for words in self._candidates(name, longer=longer):
            for other, owner in self._whole.get(words, ()):
                if other is not name and name_implies(name, other, longer=longer):
                    return other, owner
        return None

    def _candidates(self, name: Name, *, longer: bool) -> Iterator[tuple[str, ...]]:
        """The words that a cover may be looked for by: these, and their beginnings."""
        for spelling in name.spellings:
            words = spelling.needle.words
            runs = [words[start:end] for start in range(len(words)) for end in range(start + 1, len(words) + 1)]
            for run in runs if longer else [words]:
                yield run
                yield from ((*run[:-1], run[-1][:letters]) for letters in range(1, len(run[-1])))
