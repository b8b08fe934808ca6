"""Folds a text into words that compare equal however they are written, and finds the way back to every letter.

What parts words and what a word is, is decided here alone. A script without spaces has one word a character. "4.5" is
one word, a possessive 's is none. What ends a phrase stands among the words as "|" or ".", so that none runs across it.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator
from functools import cached_property
from itertools import accumulate

from rules.glosses import brackets_parted, glosses
from rules.letters import (
    APOSTROPHE,
    BREAK,
    CLOSING,
    DOT,
    HANGUL,
    HYPHEN,
    MIDDLE_DOT,
    OPENING,
    SOUTHEAST_ASIAN,
    SPACE,
    TABLE,
    after_marks,
    settled,
)
from rules.pages import PAGES, folded_on

ENDS = frozenset((BREAK, DOT))
"""Among the words, but no words."""

Joined = dict[int, list[tuple[str, int]]]
"""By the index of a word, what it and those after it are in one: (the word, the index of its last part)."""

LONGEST_COMPOUND = 8
"""Words; what has more hyphens is a piece of an address."""

LONGEST_JOINED = 4
_FEW = 8
LONGEST_ACRONYM = 8

_NOT_ASCII = re.compile("[^\x00-\x7f]")
_POSSESSIVE = re.compile(r"'s(?<=\w's)(?!\w)")
# Catalan: intel·ligència is one word, and no mention of Intel.
_LONE_MIDDLE_DOT = re.compile("·(?!(?<=l·)l)")
_LONE_DOT = re.compile(r"\.(?!(?<=\d\.)\d)")
_MAY_BE_ACRONYM = re.compile(r"\.[^\W\d_](?!\w)")
_ACRONYM = re.compile(r"(?<![\w.·])[^\W\d_](?:\.[^\W\d_])+(?!\w)\.?")
_ASCII_LETTER = re.compile("[a-z0-9]")
_BORDER = re.compile("[a-z0-9](?:(?=[^\x00-\x7f])|(?<=[^\x00-\x7f].))")
_LATIN = "a-z\u00df-\u02af\u1e00-\u1eff"
_SCRIPTS = re.compile(
    f"[{HANGUL}]+|[{SOUTHEAST_ASIAN}]+|[{_LATIN}0-9.{MIDDLE_DOT}]+|[^{HANGUL}{SOUTHEAST_ASIAN}{_LATIN}]+"
)
"""A name is bounded by another script: 오픈AI가, والـMeta. Digits go with Latin before them: GPT4o."""


class Folded:
    """The words of one text, from its first to its last. `text[slice(*span(i, i))]` is how `words[i]` is written."""

    __slots__ = ("__dict__", "_ends", "_glosses", "_hyphens", "_longer", "_settled", "_signs", "text", "words")

    def __init__(self, text: str) -> None:
        self.text = text
        self._settled, folded, self._longer = _translated(text)
        signs = _signs(folded)
        ends: list[int] = []
        if OPENING in signs or CLOSING in signs:
            signs, ends = brackets_parted(signs)
        self.words, self._hyphens = _words(signs)
        self._glosses = list(glosses(self.words, ends)) if ends else ()
        self._signs = signs.replace(OPENING, BREAK) if ends else signs
        self._ends: list[int] = []

    @cached_property
    def joined(self) -> Joined:
        """What may be one word: `super-intelligence` as superintelligence, `A.I.` as ai, a word with its gloss."""
        found: Joined = {}
        words = self.words
        for first, last in _runs(self._hyphens):
            if last == first + 1:
                found[first] = [(words[first] + words[last], last)]
                continue
            for start in range(first, last if last - first < LONGEST_COMPOUND else first):
                for end in range(start + 1, min(last + 1, start + LONGEST_JOINED)):
                    found.setdefault(start, []).append(("".join(words[start : end + 1]), end))
        place = before = 0
        for acronym in _acronyms(self._signs):
            before += len(_words(self._signs[place : acronym.start()])[0])
            letters = acronym[0].replace(DOT, "")
            if len(letters) <= LONGEST_ACRONYM:
                found.setdefault(before, []).append((letters, before + len(acronym[0]) - 1))
            place, before = acronym.end(), before + len(acronym[0])
        for first, last in self._glosses:
            found.setdefault(first, []).append((words[first], last))
        return found

    def span(self, first: int, last: int, letters: int | None = None) -> tuple[int, int]:
        """Where the words `first` to `last` stand in the text: (start, end). Of the last word its first `letters`."""
        ends = self._ends_to(last)
        final = ends[last] - (len(self.words[last]) - letters if letters else 0)
        start = self._origin(ends[first] - len(self.words[first]))
        end = self._origin(final - 1) + 1
        return start, after_marks(self._settled, end)

    def words_at(self, start: int, end: int) -> tuple[int, int]:
        """The first and the last word in `text[start:end]`; the next one, or the last of all, where there is none."""
        every = range(len(self.words))
        ends = self._ends_to(len(self.words) - 1)
        first = bisect_right(every, start, key=lambda index: self._origin(ends[index] - 1) + 1)
        after = bisect_left(every, end, key=lambda index: self._origin(ends[index] - len(self.words[index])))
        first = min(first, len(every) - 1)
        return first, max(first, after - 1)

    def between(self, last: int, first: int) -> int:
        """How many words stand after the word `last` and before the word `first`."""
        return first - last - 1 - self._ends_before[first] + self._ends_before[last + 1]

    @cached_property
    def _ends_before(self) -> list[int]:
        """How many of ENDS stand before each word."""
        return list(accumulate(map(ENDS.__contains__, self.words), initial=0))

    def _ends_to(self, last: int) -> list[int]:
        """Where each word up to `last`, at the least, ends in the signs."""
        done = len(self._ends)
        if done <= last:
            end, find = self._ends[-1] if done else 0, self._signs.find
            # Another thread may do the same; the list is complete when it is seen.
            more = [end := find(word, end) + len(word) for word in self.words[done : last + 1]]
            self._ends = self._ends + more
        return self._ends

    @cached_property
    def _others(self) -> tuple[list[int], list[int], list[int]]:
        """The characters that did not make one sign each: (where their signs begin, where they stand, how many)."""
        text = self._settled
        others = {one for one in self._longer if one in text}
        if len(others) > _FEW:
            found = [place for place, one in enumerate(text) if one in others]
        else:
            found = sorted(place for one in others for place in _places(one, text))
        made = [len(TABLE[ord(text[place])]) for place in found]
        shifts = accumulate((signs - 1 for signs in made), initial=0)
        return [place + shift for place, shift in zip(found, shifts, strict=False)], found, made

    def _origin(self, sign: int) -> int:
        """The character of the text that made the sign at `sign`."""
        begins, places, made = self._others
        before = bisect_right(begins, sign) - 1
        if before < 0:
            return sign
        beyond = sign - begins[before] - made[before]
        return places[before] if beyond < 0 else places[before] + 1 + beyond


def _places(character: str, text: str) -> Iterator[int]:
    place = text.find(character)
    while place >= 0:
        yield place
        place = text.find(character, place + 1)


def _translated(text: str) -> tuple[str, str, Collection[str]]:
    """The text with its letters composed, what its characters fold to, and which of them may not be one sign each."""
    if text.isascii():
        return text, text.translate(TABLE), ()
    folded = folded_on(PAGES, text)
    if folded:
        return text, *folded
    composed = settled(text)
    longer = {one for one in set(composed) if len(TABLE[ord(one)]) != 1}
    # str.translate takes 2 us for a page of ASCII and 60 to 100 us for any other: what is rare is replaced before.
    if len(text.encode("utf-8", "surrogatepass")) < 1.2 * len(text):
        ascii_text = _NOT_ASCII.sub(lambda found: TABLE[ord(found[0])], composed)
        if ascii_text.isascii():
            return composed, ascii_text.translate(TABLE), longer
    return composed, composed.translate(TABLE), longer


def _signs(folded: str) -> str:
    """The signs, each by what it does where it stands."""
    # Two hyphens are a dash on a typewriter.
    signs = folded.replace(HYPHEN * 2, BREAK * 2)
    if APOSTROPHE in signs:
        signs = _POSSESSIVE.sub("  ", signs).replace(APOSTROPHE, SPACE)
    return _LONE_MIDDLE_DOT.sub(SPACE, signs) if MIDDLE_DOT in signs else signs


def _words(signs: str) -> tuple[list[str], list[int]]:
    """The words, and the indices of those that a hyphen ties to the next one."""
    spaced = signs.replace(BREAK, f" {BREAK} ").replace(OPENING, f" {OPENING} ")
    if DOT in spaced:
        spaced = _LONE_DOT.sub(f" {DOT} ", spaced)
    if HYPHEN not in spaced:
        return _apart(spaced), []
    words: list[str] = []
    hyphens: list[int] = []
    tied = False
    for piece in spaced.split(HYPHEN):
        if tied and piece and piece[0] != SPACE:
            hyphens.append(len(words) - 1)
        words += _apart(piece)
        tied = bool(piece) and piece[-1] != SPACE
    return words, hyphens


def _apart(spaced: str) -> list[str]:
    """The words of `spaced`; one that is written in several scripts is several."""
    words = spaced.split()
    if spaced.isascii() or not _BORDER.search(spaced):
        return words
    mixed = {word for word in words if len(word) > 1 and not word.isascii() and _ASCII_LETTER.search(word)}
    if not mixed:
        return words
    return [part for word in words for part in (_SCRIPTS.findall(word) if word in mixed else (word,))]


def _acronyms(signs: str) -> Iterator[re.Match[str]]:
    """Single letters with dots between them. Looked for from the last back to the first, as most dots are of others."""
    done = 0
    for last in _MAY_BE_ACRONYM.finditer(signs):
        begin = last.start() - 1
        if begin < done:
            continue
        while begin - 2 >= done and signs[begin - 1] == DOT and signs[begin - 2] != DOT:
            begin -= 2
        acronym = _ACRONYM.match(signs, begin)
        if acronym:
            done = acronym.end()
            yield acronym


def _runs(hyphens: list[int]) -> Iterator[tuple[int, int]]:
    """The first and last index of each compound."""
    first = last = -2
    for index in hyphens:
        if index != last:
            if last > first:
                yield first, last
            first = index
        last = index + 1
    if last > first:
        yield first, last


def fold(text: str) -> str:
    """One spelling for everything that compares equal."""
    return " ".join(Folded(text).words)
