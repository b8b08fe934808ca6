"""How a person is called: the parts of a name, and the orders and joints in which people write it.

What no spelling can list, "Wei, Jason", "Jason T. Wei" and the surname alone, is found from the surname: see people.py.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from rules.families import (
    ASIAN,
    HUNGARIAN,
    HUNGARIAN_GIVEN,
    JAPANESE,
    JAPANESE_ENDING,
    JAPANESE_SHAPED,
    PARTICLES,
    SYLLABLE,
    WESTERN_GIVEN,
)
from rules.signs import typed
from rules.terms import Term
from rules.text import fold

MOST_PARTS = 6

_LETTERS = r"[^\W\d_]+"
_PART = re.compile(rf"'?{_LETTERS}(?:['.-]{_LETTERS})*\.?")
_INITIAL = re.compile(r"(?:[^\W\d_]\.-?)+|[^\W\d_]")
_SUFFIXES = frozenset(("jr", "sr", "ii", "iii", "iv", "phd", "md", "esq"))
_ARTICLE = re.compile(r"[a-z]{2}-[^\W\d_a-z]")
_SYLLABLES = re.compile(f"(?:{SYLLABLE}){{1,4}}")
_TWO_SYLLABLES = re.compile(f"{SYLLABLE}-{SYLLABLE}")
_FAMILY_STANDS_FIRST = re.compile(r"[^\W\d_a-z][a-z]+-[a-z]+")
"""As Koreans write a given name: Tae-won."""

_SHORT = 6
"""Letters of the longest syllable, as in Kyoung."""


@dataclass(frozen=True, slots=True)
class PersonName:
    """The parts of a name, as they are written. A surname has its particles with it; initials are none of the parts."""

    given: tuple[str, ...]
    surname: tuple[str, ...]
    initials: tuple[str, ...] = ()
    swapped: bool = False
    """The entry has the surname first."""

    @property
    def alone(self) -> bool:
        """Whether the surname may stand for the person: it is known which part it is, as it is not of Song Han."""
        ambiguous = len(self.given) == 1 and fold(self.given[0]) in ASIAN and fold(self.surname[-1]) in ASIAN
        return self.surname[-1][0].isupper() and len(self.surname[-1]) > 1 and not ambiguous


def read_person(text: str) -> PersonName | None:
    """The parts of a name; None where it does not look like one of a person, in letters that have capitals."""
    before, comma, after = typed(" ".join(text.split())).partition(", ")
    parts = (after.split() + before.split()) if comma else before.split()
    if not 2 <= len(parts) <= MOST_PARTS or not all(map(_PART.fullmatch, parts)) or text.lower() == text.upper():
        return None
    capitals = not text.islower()
    if parts[-1].lower().strip(".") in _SUFFIXES or (capitals and not all(map(_is_part, parts))):
        return None
    initials = tuple(part for part in parts[1:-1] if _INITIAL.fullmatch(part))
    parts = [parts[0], *(part for part in parts[1:-1] if part not in initials), parts[-1]]
    if _INITIAL.fullmatch(parts[-1]):
        return None
    if comma:
        cut = len(parts) - len(before.split())
        return PersonName(tuple(parts[:cut]), tuple(parts[cut:]), initials)
    if not initials and _has_family_first(parts):
        return PersonName(tuple(parts[1:]), (parts[0],), swapped=True)
    cut = next((at for at in range(1, len(parts)) if _is_particle(parts[at])), len(parts) - 1)
    cut = min(cut, len(parts) - 1)
    return PersonName(tuple(parts[:cut]), tuple(parts[cut:]), initials)


def orders(name: PersonName) -> Iterator[str]:
    """The name without initials, given names first; and surname first, where people write it so without a comma."""
    surname = " ".join(name.surname)
    asian = _is_family(name.surname[-1]) and _are_given(name.given, name.surname[-1])
    for given in _joints(name.given, asian=asian and fold(name.surname[-1]) in ASIAN):
        yield f"{given} {surname}"
        if asian or name.swapped:
            yield f"{surname} {given}"


def spelled(term: Term, name: PersonName) -> tuple[Term, ...]:
    """What to look for where `term` is that name: each order of it, with a hyphen where it may be one word or two."""
    ways = [way for order in orders(name) for way in (_hyphens(order) if term.exact else (order,))]
    covered = (
        term.text in ways
        or ", " in term.text
        or (not term.exact and run_together(term.text) in map(run_together, ways))
    )
    texts = ways if covered else [term.text, *ways]
    # Of a name with the surname first, the given name is last, and has no genitive.
    return tuple(replace(term, text=text, genitive=text.endswith(name.surname[-1])) for text in dict.fromkeys(texts))


def run_together(text: str) -> str:
    """The letters of a name, folded."""
    return fold(text).replace(" ", "")


def _hyphens(order: str) -> Iterator[str]:
    """What people make of a hyphen, for where every letter counts: Hyung-Won, Hyung Won, Hyung-won, Hyungwon."""
    yield order
    if "-" in order:
        yield order.replace("-", " ")
        yield re.sub("-(.)", lambda found: f"-{found[1].lower()}", order)
        yield re.sub("-(.)", lambda found: found[1].lower(), order)


def _joints(given: tuple[str, ...], *, asian: bool) -> Iterator[str]:
    """The given names with a hyphen where they may be one word or two."""
    syllables = [_is_syllable(part) for part in given]
    if len(given) == 2 and all(syllables):
        yield "-".join(given)
    elif asian and len(given) == 1 and given[0].isalpha() and not syllables[0]:
        yield from _halves(given[0]) or given
    else:
        yield " ".join(given)


def _halves(word: str) -> list[str]:
    """The likeliest way to part a word into two syllables, if there is one: Hyung-won, not Hyun-gwon."""
    ways = [f"{word[:at]}-{word[at:]}" for at in range(2, len(word) - 1)]
    ways = [way for way in ways if _TWO_SYLLABLES.fullmatch("-".join(map(fold, way.split("-"))))]
    return sorted(ways, key=_strangeness)[:1]


def _strangeness(way: str) -> tuple[bool, int, int]:
    # Few second syllables begin with a vowel, and few first ones end in another sound than n, ng or a vowel.
    first, _, second = way.partition("-")
    ending = 0 if first.endswith(("n", "ng")) else 1 if first[-1] in "aeiou" else 2
    return second[0] in "aeiou", ending, -len(first)


def _is_syllable(word: str) -> bool:
    return len(word) <= _SHORT and re.fullmatch(SYLLABLE, fold(word)) is not None


def _is_part(part: str) -> bool:
    return part[0].isupper() or _is_particle(part) or _ARTICLE.match(part) is not None


def _is_particle(part: str) -> bool:
    # "Le" and "Do" are family names of Vietnam as well; at the end of a name they are no particle.
    return part.lower().strip("'") in PARTICLES


def _has_family_first(parts: list[str]) -> bool:
    if len(parts) == 2 and "-" not in parts[0] and _FAMILY_STANDS_FIRST.fullmatch(parts[1]):
        return _TWO_SYLLABLES.fullmatch(parts[1].lower()) is not None
    return _is_family(parts[0]) and not _is_family(parts[-1]) and _are_given(parts[1:], parts[0])


@lru_cache(maxsize=10_000)
def _is_family(word: str) -> bool:
    """Whether it is a family name of those who write it first."""
    folded = fold(word)
    return folded in ASIAN or folded in JAPANESE or folded in HUNGARIAN or _is_japanese_shaped(folded)


def _is_japanese_shaped(folded: str) -> bool:
    return JAPANESE_SHAPED.fullmatch(folded) is not None and JAPANESE_ENDING.fullmatch(folded) is not None


def _are_given(given: tuple[str, ...] | list[str], family: str) -> bool:
    """Whether these are given names of where `family` is a family name."""
    folded = fold(family)
    names = [one for part in given for one in fold(part).split()]
    if folded in HUNGARIAN and all(name in HUNGARIAN_GIVEN for name in names):
        return True
    if any(name in WESTERN_GIVEN for name in names):
        return False
    if folded in ASIAN and all(map(_SYLLABLES.fullmatch, names)):
        return True
    japanese = folded in JAPANESE or _is_japanese_shaped(folded)
    return japanese and all(JAPANESE_SHAPED.fullmatch(name) or _SYLLABLES.fullmatch(name) for name in names)
