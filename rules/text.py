"""Folds a text into words that compare equal however they are written, and finds the way back to every letter.

What parts words and what a word is, is decided here alone. A script without spaces has one word a character. "4.5" is
one word, a possessive 's is none. What ends a phrase stands among the words as "|" or ".", so that none runs across it.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate, pairwise

from rules.letters import (
    APOSTROPHE,
    BREAK,
    DOT,
    HANGUL,
    HYPHEN,
    MIDDLE_DOT,
    SOUTHEAST_ASIAN,
    SPACE,
    TABLE,
    after_marks,
    settled,
)

ENDS = frozenset((BREAK, DOT))
"""Among the words, but no words."""

Joined = dict[int, list[tuple[str, int]]]
"""By the index of a word, what it and those after it are in one: (the word, the index of its last part)."""

LONGEST_COMPOUND = 8
"""Words; what has more hyphens is a piece of an address."""

LONGEST_JOINED = 4
LONGEST_ACRONYM = 8

_NOT_ASCII = re.compile("[^\x00-\x7f]")
_POSSESSIVE = re.compile(r"'s(?<=\w's)(?!\w)")
# Catalan: intel·ligència is one word, and no mention of Intel.
_LONE_MIDDLE_DOT = re.compile("·(?!(?<=l·)l)")
_LONE_DOT = re.compile(r"\.(?!(?<=\d\.)\d)")
_MAY_BE_ACRONYM = re.compile(r"\.[^\W\d_](?!\w)")
_ACRONYM = re.compile(r"(?<![\w.·])[^\W\d_](?:\.[^\W\d_])+(?!\w)\.?")
_ASCII_LETTER = re.compile("[a-z0-9]")
_LATIN = "a-z\u00df-\u02af\u1e00-\u1eff"
_SCRIPTS = re.compile(
    f"[{HANGUL}]+|[{SOUTHEAST_ASIAN}]+|[{_LATIN}0-9.{MIDDLE_DOT}]+|[^{HANGUL}{SOUTHEAST_ASIAN}{_LATIN}]+"
)
"""A name is bounded by another script: 오픈AI가, والـMeta. Digits go with Latin before them: GPT4o."""


class Folded:
    """The words of one text, from its first to its last. `text[slice(*span(i, i))]` is how `words[i]` is written."""

    __slots__ = ("__dict__", "_hyphens", "_settled", "_signs", "text", "words")

    def __init__(self, text: str) -> None:
        self.text = text
        self._settled = settled(text)
        self._signs = _signs(self._settled)
        self.words, self._hyphens = _words(self._signs)

    @cached_property
    def joined(self) -> Joined:
        """What may be one word: `super-intelligence` as superintelligence, `A.I.` as ai."""
        found: Joined = {}
        for first, last in _runs(self._hyphens):
            for start in range(first, last if last - first < LONGEST_COMPOUND else first):
                for end in range(start + 1, min(last + 1, start + LONGEST_JOINED)):
                    found.setdefault(start, []).append(("".join(self.words[start : end + 1]), end))
        if _MAY_BE_ACRONYM.search(self._signs):
            for acronym in _ACRONYM.finditer(self._signs):
                letters = acronym[0].replace(DOT, "")
                if len(letters) <= LONGEST_ACRONYM:
                    start = bisect_right(self._ends, acronym.start())
                    end = bisect_left(self._ends, acronym.end())
                    found.setdefault(start, []).append((letters, end))
        return found

    def span(self, first: int, last: int, letters: int | None = None) -> tuple[int, int]:
        """Where the words `first` to `last` stand in the text: (start, end). Of the last word its first `letters`."""
        final = self._ends[last] - (len(self.words[last]) - letters if letters else 0)
        start = self._origin(self._ends[first] - len(self.words[first]))
        end = self._origin(final - 1) + 1
        return start, after_marks(self._settled, end)

    def words_at(self, start: int, end: int) -> tuple[int, int]:
        """The first and the last word in `text[start:end]`; the next one, or the last of all, where there is none."""
        every = range(len(self.words))
        first = bisect_right(every, start, key=lambda index: self._origin(self._ends[index] - 1) + 1)
        after = bisect_left(every, end, key=lambda index: self._origin(self._ends[index] - len(self.words[index])))
        first = min(first, len(every) - 1)
        return first, max(first, after - 1)

    def between(self, last: int, first: int) -> int:
        """How many words stand after the word `last` and before the word `first`."""
        return self._counts[first] - self._counts[last + 1]

    @cached_property
    def _counts(self) -> list[int]:
        """How many words, ends not counted, stand before each."""
        return list(accumulate((word not in ENDS for word in self.words), initial=0))

    @cached_property
    def _ends(self) -> list[int]:
        """Where each word ends in the signs."""
        end, find = 0, self._signs.find
        return [end := find(word, end) + len(word) for word in self.words]

    @cached_property
    def _made(self) -> list[int]:
        """How many signs the characters of the text have made up to each; empty where each made one."""
        if all(len(TABLE[ord(character)]) == 1 for character in set(self._settled)):
            return []
        return list(accumulate(map(len, map(TABLE.__getitem__, map(ord, self._settled)))))

    def _origin(self, sign: int) -> int:
        """The character of the text that made the sign at `sign`."""
        return bisect_right(self._made, sign) if self._made else sign


def _signs(text: str) -> str:
    """What the characters of `text` fold to, one after another."""
    # Two hyphens are a dash on a typewriter.
    signs = _translated(text).replace(HYPHEN * 2, BREAK * 2)
    if APOSTROPHE in signs:
        signs = _POSSESSIVE.sub("  ", signs).replace(APOSTROPHE, SPACE)
    return _LONE_MIDDLE_DOT.sub(SPACE, signs) if MIDDLE_DOT in signs else signs


def _translated(text: str) -> str:
    # str.translate takes 2 us for a page of ASCII and 60 to 100 us for any other: a few accents are replaced before.
    if not text.isascii() and len(text.encode("utf-8", "surrogatepass")) < 1.2 * len(text):
        ascii_text = _NOT_ASCII.sub(lambda found: TABLE[ord(found[0])], text)
        if ascii_text.isascii():
            return ascii_text.translate(TABLE)
    return text.translate(TABLE)


def _words(signs: str) -> tuple[list[str], list[int]]:
    """The words, and the indices of those that a hyphen ties to the next one."""
    spaced = signs.replace(BREAK, f" {BREAK} ")
    if DOT in spaced:
        spaced = _LONE_DOT.sub(f" {DOT} ", spaced)
    if HYPHEN not in spaced and spaced.isascii():
        return spaced.split(), []
    parts = spaced.split()
    odd = {part for part in set(parts) if HYPHEN in part or _is_mixed(part)}
    if not odd:
        return parts, []
    words: list[str] = []
    hyphens: list[int] = []
    done = 0
    for index in [index for index, part in enumerate(parts) if part in odd]:
        words += parts[done:index]
        done = index + 1
        for piece, after in pairwise([*parts[index].split(HYPHEN), ""]):
            words += _SCRIPTS.findall(piece) if _is_mixed(piece) else [piece] if piece else []
            if piece and after:
                hyphens.append(len(words) - 1)
    return words + parts[done:], hyphens


def _is_mixed(word: str) -> bool:
    """Whether it is written in more than one script."""
    return not word.isascii() and len(word) > 1 and _ASCII_LETTER.search(word) is not None


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
