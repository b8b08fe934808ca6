"""The names of the lists that may be written otherwise, each with its words in Latin letters."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from rules.transliteration import latin
from rules.watchlist import Kind, Watchlist
from rules.words import script, words_of

FEW_CONSONANTS = 4
_CONSONANT = re.compile(r"([^aeiouywh])\1*")
COINED = re.compile(r"[a-z][A-Z]|[A-Z]{2}[a-z]|[A-Z]{2}$")
"""OpenAI: no word of a language."""


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """A name of an entry, and its words in Latin letters. `proper`: it is that of a person or an organization."""

    watchlist: str
    entry: str
    text: str
    parts: tuple[str, ...]
    script: str
    proper: bool
    person: bool
    whole: frozenset[int] = field(init=False)
    """All its parts, by number."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "whole", frozenset(range(len(self.parts))))

    @property
    def is_light(self) -> bool:
        """Whether it has so few consonants that many names sound like it."""
        return len(_CONSONANT.findall("".join(self.parts))) <= FEW_CONSONANTS


def terms_of(watchlists: Iterable[Watchlist]) -> Iterator[Term]:
    """Every name that may be written otherwise. One that only counts as written is none.

    Nor is an alias in another script than the entry's name: it is an answer already, and would only be taken back.
    """
    for watchlist in watchlists:
        for entry in watchlist.entries:
            own = _script(entry.name)
            for name in (entry.name, *entry.aliases):
                as_written = name.startswith(("/", "=")) or (entry.exact and " " not in name)
                if not as_written and _script(name) == own:
                    yield from _terms(watchlist, entry.name, name)


def _script(name: str) -> str:
    return next(map(script, words_of(name)), "")


def _terms(watchlist: Watchlist, entry: str, name: str) -> Iterator[Term]:
    words = [word for word in words_of(name) if len(word) > 1]
    capital = all(word[:1].isupper() for word in words if len(word) > 3) and any(word[:1].isupper() for word in words)
    for proper in _properness(watchlist.kind, name, capital=capital, single=len(words) == 1):
        parts = tuple(latin(word) for word in words if proper or len(words) == 1 or len(word) > 3)
        if parts and all(parts) and len("".join(parts)) >= 4:
            person = watchlist.kind == Kind.PERSON
            yield Term(watchlist.name, entry, name, parts, script(words[0]), proper, person)


def _properness(kind: Kind, name: str, *, capital: bool, single: bool) -> tuple[bool, ...]:
    """Whether it is a name; among topics a single capitalised word may be either."""
    if kind != Kind.TOPIC or (capital and (not single or COINED.search(name))):
        return (True,)
    return (True, False) if capital else (False,)
