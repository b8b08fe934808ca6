"""Folds text into words that compare equal however they are written, and finds the way back to every original letter.

Case, accents, width, ligatures, invisible characters and possessives do not matter; marks that make other letters
(Indic vowels, kana voicing) do. A script without spaces has one word a character. What a word is, is decided here alone.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate

# One private character each: they never leave this room, and feeds' text is free of them.
_APOSTROPHE = "'"
_HYPHEN = "-"

_STRIPPED = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f"
    "\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe2f]"
)
"""Accents of Latin, Greek and Cyrillic, vowel points of Hebrew and Arabic, tatweel, variation selectors."""

_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3031-\u3035\u3041-\u30fa\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uaa60-\uaa7f\uf900-\ufaff\U00016fe0-\U00016fff\U0001b000-\U0001b16f"
    "\U00020000-\U0003ffff]"
)
"""Thai, Lao, Myanmar, Khmer, Han, kana, bopomofo."""

_APOSTROPHES = frozenset("'’‘ʼ＇‛′`´")
_SPECIAL_LETTERS = {"ı": "i", "ø": "o", "đ": "d", "ł": "l", "ħ": "h", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ə": "e"}
"""Letters that Unicode does not decompose, as people without that key write them."""

_POSSESSIVE = re.compile(r"'s(?![^\W_])")
_WORD = re.compile(r"[^ '\-]+")
_GLUE = re.compile(r"[\s\-_'\"“”„«»·・•\u00ad\u200b-\u200f\u2010-\u2015\u2060\ufeff’‘ʼ＇]*")
"""What may stand between the words of a phrase: white space, hyphens, quotes, middle dots, what nobody sees."""


class _Table(dict[int, str]):
    """What each code point folds to; computed once a character."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold_character(chr(code))
        return folded


def _fold_character(character: str) -> str:
    if character in _APOSTROPHES:
        return _APOSTROPHE
    category = unicodedata.category(character)
    if category == "Pd" or character in "\u2043\u2212\u30a0":
        return _HYPHEN
    if category in ("Cf", "Mn") and _is_invisible(character):
        return ""
    if category == "Nd":
        return str(unicodedata.digit(character))
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    letters = _STRIPPED.sub("", letters.replace("ς", "σ"))
    letters = "".join(_SPECIAL_LETTERS.get(letter, letter) for letter in letters)
    return "".join(f" {one} " if _SPACELESS.match(one) else one if _in_word(one) else " " for one in letters)


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) == "Cf" or bool(_STRIPPED.match(character))


def _in_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LN" or unicodedata.category(character) in ("Mn", "Mc")


_TABLE = _Table()


class Folded:
    """The words of one text. `words[i]` stood at `text[slice(*span(i, i))]`.

    `joined[i]` are words that hyphens part in the text and that may be one: (the word, the index of its last part).
    """

    __slots__ = ("__dict__", "_stream", "text", "words")

    def __init__(self, text: str) -> None:
        self.text = text
        self._stream = _POSSESSIVE.sub("  ", text.translate(_TABLE)) if text else ""
        self.words: list[str] = _WORD.findall(self._stream)

    @cached_property
    def joined(self) -> dict[int, list[tuple[str, int]]]:
        if _HYPHEN not in self._stream:
            return {}
        found: dict[int, list[tuple[str, int]]] = {}
        places = self._places
        first = 0
        for last in range(1, len(places) + 1):
            # A run of words with nothing but one hyphen between each two.
            if last < len(places) and self._stream[places[last - 1][1] : places[last][0]] == _HYPHEN:
                continue
            for start in range(first, last - 1):
                for end in range(start + 1, min(last, start + 5)):
                    found.setdefault(start, []).append(("".join(self.words[start : end + 1]), end))
            first = last
        return found

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Where the words `first` to `last` stand in the text: (start, end)."""
        back = self._back
        start = bisect_left(back, self._places[first][0] + 1)
        end = bisect_left(back, self._places[last][1])
        return start, self._with_marks(end + 1)

    def ends_inside(self, word: int, length: int) -> tuple[int, bool]:
        """Where the first `length` letters of a word end in the text, and whether that is inside a character."""
        place = self._places[word][0] + length
        index = bisect_left(self._back, place)
        return self._with_marks(index + 1), self._back[index] != place

    def glued(self, left: int, right: int) -> bool:
        """Whether the two neighbouring words are parted by nothing that parts a phrase."""
        gap = self.text[self.span(left, left)[1] : self.span(right, right)[0]]
        return _GLUE.fullmatch(gap) is not None or gap.lower() in ("'s ", "’s ", "'s-", "’s-")

    def word_at(self, offset: int) -> int:
        """The index of the word that begins at or before `offset` of the text; 0 where none does."""
        before = self._back[offset - 1] if offset else 0
        return max(bisect_left(self._places, (before + 1, 0)) - 1, 0)

    @cached_property
    def _places(self) -> list[tuple[int, int]]:
        return [found.span() for found in _WORD.finditer(self._stream)]

    @cached_property
    def _back(self) -> list[int]:
        """How many characters of the stream the text's first 1, 2, 3 ... characters have made."""
        return list(accumulate(len(_TABLE[ord(character)]) for character in self.text))

    def _with_marks(self, end: int) -> int:
        """`end` moved over what folds to nothing and belongs to the letter before: accents written apart."""
        while end < len(self.text) and unicodedata.category(self.text[end]) == "Mn" and not _TABLE[ord(self.text[end])]:
            end += 1
        return end


def words_of(text: str) -> Sequence[str]:
    """The words `text` folds to."""
    return Folded(text).words


def fold(text: str) -> str:
    """One spelling for everything that compares equal."""
    return " ".join(words_of(text))
