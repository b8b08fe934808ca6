"""All that is looked for, each once, under a number: needles from 0 up, regular expressions and lists from -1 down."""

from array import array
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from rules.finding import Needle, needle_of
from rules.frequency import Frequency, frequency
from rules.regexes import Regex
from rules.terms import Spelling, Term

REGEX_WEIGHT = 0.2
"""The share of items that may have a regular expression: more than most terms, as to look costs more."""


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

    It may go on where another one has ended: the number of its first needle is `first`, what `known` finds among the
    needles before has its number there, and `signs` are the weights of what is no needle.
    """

    def __init__(
        self,
        frequency: Frequency = frequency,
        *,
        first: int = 0,
        known: Callable[[Needle], int | None] = lambda needle: None,
        signs: Mapping[int, float] | None = None,
    ) -> None:
        self._terms: dict[str | Term, Sought] = {}
        self._regexes: dict[tuple[str, bool], Sought] = {}
        # By their rows: a hundred thousand tuples of words would be 25 MB.
        self._numbers: dict[str, int] = {}
        self._frequency = frequency
        self.first = first
        self._known = known
        self._weights = array("d")
        self._known_weights: dict[int, float] = {}
        self._signs = dict(signs or {})

    def seek(self, sought: Term | Regex) -> Sought:
        """Raises Mistakes where a term has no spelling."""
        return self._regex(sought) if isinstance(sought, Regex) else self._term(sought)

    def sign(self, weight: float) -> int:
        """A number for what is no needle, and is in that share of all items."""
        number = -len(self._signs) - 1
        self._signs[number] = weight
        return number

    def weight(self, number: int) -> float:
        """The share of items that have it, as far as that can be said."""
        if number < 0:
            return self._signs[number]
        return self._weights[number - self.first] if number >= self.first else self._known_weights.get(number, 1.0)

    @property
    def needles(self) -> Iterable[Needle]:
        """In the order of their numbers, from the first of this vocabulary."""
        return map(needle_of, self._numbers)

    @property
    def regexes(self) -> dict[int, Regex]:
        """By their numbers."""
        return {sought.needles[0]: sought.regex for sought in self._regexes.values() if sought.regex}

    def __len__(self) -> int:
        return len(self._numbers)

    def next(self, known: Callable[[Needle], int | None]) -> "Vocabulary":
        """An empty one, which goes on where this one ends; `known` finds the needles up to there."""
        return Vocabulary(self._frequency, first=self.first + len(self), known=known, signs=self._signs)

    def _term(self, term: Term) -> Sought:
        # Most terms are their text alone, and are kept by it.
        key = term if term != Term(text=term.text) else term.text
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
            number = self._known(needle)
            if number is not None:
                self._known_weights[number] = self._frequency(needle)
                return number
            number = self._numbers[row] = self.first + len(self._numbers)
            self._weights.append(self._frequency(needle))
        return number
