"""People where no spelling of theirs stands: "Wei, Jason", "WEI Jason", "Jason T. Wei", and the surname by itself.

Each of them has the surname in it, written with a capital; so the places of a surname are looked at once an item, and
what stands around them is compared with the names of everybody who is called so.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from rules.families import AFTER_SURNAMES, ASIAN, BEFORE_SURNAMES, PARTICLES, WORDS
from rules.names import PersonName, run_together
from rules.sighting import TEXTS, Occurrence, Sight, widest
from rules.text import Folded, fold
from rules.vocabulary import Sought

MOST_SPOTS = 500
"""Of one surname in one item; a text that repeats it more often must not cost more than its length."""

_NEARBY = 90
"""Characters around a surname in which the rest of the name stands."""

_COMMA = re.compile(r"\s?[,，،]\s?")
_BEFORE_GIVEN = re.compile(r"\s(?=[^\W\d_a-z](?:\.|[^\W\d_A-Z]))")
_INITIALS = re.compile(r"(?<=\w)\s+((?:[^\W\d_a-z]\.[\s-]?){1,3}|[^\W\d_a-z]\s)\s*$")
_INITIALS_AND_PARTICLES = re.compile(r"(?<=\w)\s+[^\W\d_a-z](?:\.|\s)[^,;:]{0,14}$")
_INITIALS_AFTER = re.compile(r"(?:\s[^\W\d_a-z](?:\.|(?!\w)))+")
_WORD_BEFORE = re.compile(r"([^\W\d_](?:[\w'’&-]|\.(?=\w))*\.?)\s+$")
_WORD_AFTER = re.compile(r"\s+([^\W\d_][\w'’&-]*)")
_POSSESSIVE = re.compile(r"['’]s?$")
_INNER_CAPITAL = re.compile("[a-z][A-Z]")
_ARTICLE = re.compile(r"[a-z]{2}-[^\W\d_a-z]")
"""Of an Arabic surname: al-Mahdi."""

_ELISION = re.compile(r"\w{1,5}['’](?=\w)")
_LATIN = re.compile("[A-Za-zÀ-ɏḀ-ỿ]")
_HYPHEN_AFTER = re.compile(r"[-‐‑]\w")
_WORDS_OF_A_TITLE = re.compile(r"[^\W\d_]{4,}")
_FEWEST_OF_A_TITLE = 3
_LONGEST_TITLE = 300
"""Characters."""


@dataclass(frozen=True, slots=True)
class _Spot:
    """A surname written with a capital, at `text[start:end]` of a place. All who are called so look at it."""

    place: int
    text: str
    start: int
    end: int
    _folded: dict[tuple[int, int], Folded] = field(default_factory=dict)

    def parting(self) -> re.Match[str] | None:
        """What stands between the surname and a given name after it, if one may: a comma, or a space after WEI."""
        shouted = self.end - self.start > 1 and self.text[self.start : self.end].isupper()
        return _COMMA.match(self.text, self.end) or (_BEFORE_GIVEN.match(self.text, self.end) if shouted else None)

    def head(self, start: int, parts: Iterable[str]) -> int | None:
        """Where `parts` end that begin at `start`, however they are joined; None where other words do."""
        wanted, written = run_together(" ".join(parts)), ""
        ahead = self._words(start, start + _NEARBY)
        for index, word in enumerate(ahead.words):
            written += word
            if written == wanted:
                return start + ahead.span(index, index)[1]
            if len(written) >= len(wanted):
                break
        return None

    def tail(self, end: int, parts: Sequence[str]) -> int | None:
        """Where `parts` begin that end before `end`, however they are joined; None where other words do."""
        if not parts:
            return end
        wanted, written = run_together(" ".join(parts)), ""
        begin = max(end - _NEARBY, 0)
        behind = self._words(begin, end)
        for index in range(len(behind.words) - 1, -1, -1):
            written = behind.words[index] + written
            if written == wanted:
                return begin + behind.span(index, index)[0]
            if len(written) >= len(wanted):
                break
        return None

    def _words(self, start: int, end: int) -> Folded:
        folded = self._folded.get((start, end))
        if folded is None:
            folded = self._folded[start, end] = Folded(self.text[start:end])
        return folded


class Person:
    """Somebody by one of their names. `surname` finds its last word."""

    def __init__(self, name: PersonName, surname: Sought, *, exact: bool) -> None:
        self.name = name
        self.surname = surname
        self._exact = exact
        self._parts = (*name.given, *name.surname)

    def elsewhere(self, sight: Sight) -> list[Occurrence]:
        """Where the name stands surname first, with a comma or in capitals, or with initials in between."""
        spots = sight.kept((self.surname, "far"), lambda _: [spot for spot in self._spots(sight) if _may_be_far(spot)])
        return widest(
            sight.at(spot.place, *span)
            for spot in spots
            for span in (self._inverted(spot), self._initialled(spot))
            if span
        )

    def alone(self, sight: Sight) -> Iterator[Occurrence]:
        """Where the surname stands alone, as far as the words around it tell."""
        for spot in self._spots(sight) if self.name.alone else ():
            # García Márquez and von der Leyen, and Márquez and Leyen as well: as much as stands there.
            leads = (spot.tail(spot.start, self._parts[cut:-1]) for cut in range(1, len(self._parts)))
            start = next(lead for lead in leads if lead is not None)
            if spot.place in TEXTS and _stands_alone(spot, start):
                yield sight.at(spot.place, start, spot.end)

    def _spots(self, sight: Sight) -> list[_Spot]:
        return sight.kept((self.surname, "spots"), lambda _: list(islice(_spots(self.surname, sight), MOST_SPOTS)))

    def _inverted(self, spot: _Spot) -> tuple[int, int] | None:
        parting = spot.parting()
        if not parting:
            return None
        for cut in range(1, len(self._parts)):
            end = spot.head(parting.end(), self._parts[:cut])
            start = spot.tail(spot.start, self._parts[cut:-1])
            if end and start is not None and self._is_written(spot.text[parting.end() : end], self._parts[:cut]):
                initials = _INITIALS_AFTER.match(spot.text, end)
                end = initials.end() if initials else end
                if not _is_called(spot.text, start) and not _is_name(_word_after(spot.text, end)):
                    return start, end
        return None

    def _initialled(self, spot: _Spot) -> tuple[int, int] | None:
        if self.name.initials or "." in self.name.given[0] or len(self.name.given[0]) == 1:
            return None
        for cut in range(1, len(self._parts)):
            lead = spot.tail(spot.start, self._parts[cut:-1])
            initials = None if lead is None else _INITIALS.search(spot.text, max(lead - _NEARBY, 0), lead)
            if initials and initials[1][0].isupper():
                start = spot.tail(initials.start(), self._parts[:cut])
                if start is not None and self._is_written(spot.text[start : initials.start()], self._parts[:cut]):
                    return start, spot.end
        return None

    def _is_written(self, found: str, parts: Iterable[str]) -> bool:
        """Whether the given names have their capital, and every letter as it is where that counts."""
        return found[0].isupper() and (not self._exact or " ".join(found.split()) == " ".join(parts))


def _spots(surname: Sought, sight: Sight) -> Iterator[_Spot]:
    for one in sight.occurrences(surname):
        start, end = sight.span(one)
        text = sight.text(one.place)
        if text[start].isupper() or _ARTICLE.match(text, start, end):
            yield _Spot(one.place, text, start, end)


def _may_be_far(spot: _Spot) -> bool:
    before = spot.text[max(spot.start - 24, 0) : spot.start]
    return spot.parting() is not None or _INITIALS_AND_PARTICLES.search(before) is not None


def _stands_alone(spot: _Spot, start: int) -> bool:
    """Whether the surname, which begins at `start` with its particles, is no part of a longer name nor another word."""
    text, end = spot.text, spot.end
    folded = fold(text[spot.start : end])
    if text[start - 1 : start] in ("-", "‐", "‑", ".", "@", "#", "/"):
        return False
    if folded in ASIAN and _HYPHEN_AFTER.match(text, end):
        return False
    titled = _is_title(text)
    if folded in WORDS and (titled or not _is_inside_a_sentence(text, start)):
        return False
    follows = _word_after(text, end)
    if fold(follows) in AFTER_SURNAMES or (not titled and _is_name(follows)):
        return False
    return not _is_called(text, start)


def _is_called(text: str, start: int) -> bool:
    """Whether a given name, or an initial, stands before the surname at `start`."""
    found = _WORD_BEFORE.search(text, max(start - _NEARBY, 0), start)
    if not found:
        return False
    word = _ELISION.sub("", found[1], count=1)
    if bool(_LATIN.match(word.rstrip(".")[-1])) != bool(_LATIN.match(text, start)):
        return False
    if word[0].isupper() and word.isupper() and text[start : start + 2].isupper():
        # In capitals throughout, no word shows whether it is a name.
        return fold(word) not in BEFORE_SURNAMES
    return (len(word) == 2 and word[0].isupper() and word[1] == ".") or _is_name(word)


def _is_inside_a_sentence(text: str, start: int) -> bool:
    found = _WORD_BEFORE.search(text, max(start - _NEARBY, 0), start)
    word = found[1] if found else ""
    return bool(word) and not word.endswith(".") and (word[0].islower() or _POSSESSIVE.search(word) is not None)


def _word_after(text: str, end: int) -> str:
    found = _WORD_AFTER.match(text, end)
    return found[1] if found else ""


def _is_name(word: str) -> bool:
    """Whether it is written with a capital as names are, and is no title, acronym or beginning of a sentence."""
    if not word or not word[0].isupper() or word.endswith("."):
        return False
    last = word.replace("‑", "-").rpartition("-")[2]
    if fold(last) in BEFORE_SURNAMES or fold(word) in PARTICLES:
        return False
    return not (_POSSESSIVE.search(word) or _INNER_CAPITAL.search(word) or (word.isupper() and len(word) > 1))


def _is_title(text: str) -> bool:
    """Whether nearly every word has a capital, as in the headlines of some."""
    words = _WORDS_OF_A_TITLE.findall(text) if len(text) <= _LONGEST_TITLE else []
    small = [word for word in words if word[0].islower()]
    return len(words) >= _FEWEST_OF_A_TITLE and len(small) <= len(words) // 4 and max(map(len, small), default=0) < 6
