"""The genitive -s of German, Dutch and Scandinavian, which ends a name without an apostrophe: Sutskevers, OpenAIs.

An s at the end of a word is a plural, too (metas, apples), or makes another name (Tim Brooks, David Silvers). So it
counts after a Latin name of four letters written with a capital: after a single plain word such as Meta only where the
text does not read as English or Romance and a noun follows, as it does in German; after that of a person where no word
of those languages is near. What that misses in a mixed text has the name elsewhere, as a rule; who rings as somebody
else cannot be told from him.
"""

import re

from rules.families import WITH_S
from rules.text import fold

_TAKES_S = re.compile("[A-ZÀ-ÖØ-ÞĀ-Ž]?[A-Za-zÀ-ÖØ-öø-ž]{2,}[A-Za-rt-wyÀ-ÖØ-Þà-öø-ž]")
_INNER_CAPITAL = re.compile("[a-z][A-Z]|[A-Z]{2}")
_FOREIGN = re.compile(
    r"\b(?:the|and|of|with|los|el|y|que|para|por|con|com|do|dos|em|une|les|est|sur|pour|della|di|entre|sobre|desde)\b",
    re.IGNORECASE,
)
_NEARBY = 200
"""Characters in which the language of a text shows."""

_NOUN_FOLLOWS = re.compile(r"s\s+(?:(?:[a-zäöüß]{2,}(?:e|er|es|en|em)|ny[at]?)\s+){0,2}[^\W\d_a-zà-ÿ]")


_ENGLISH_FOLLOWS = re.compile(
    r"s\s+(?:says?|said|is|was|has|had|will|would|to|who|at|from|by|as|after|joins|joined|leaves|left|quits|wins|won|gets"
    r"|takes|took|returns|dies|died|tells|told|calls|sees|plans|makes|made)\b",
    re.IGNORECASE,
)


def takes_s(word: str) -> bool:
    """Whether a name that ends in `word` has a genitive in -s that is no other name."""
    return len(word) > 3 and word[0].isupper() and _TAKES_S.fullmatch(word) is not None and fold(word) not in WITH_S


def is_plain(name: str) -> bool:
    """Whether it might be an ordinary word with a capital: Meta, not OpenAI or Mira Murati."""
    return " " not in name and not _INNER_CAPITAL.search(name)


def is_genitive(text: str, start: int, end: int, *, plain: bool, person: bool) -> bool:
    """Whether the s at `end` belongs to no word but the name before it, whose last word begins at `start`."""
    if not text[start].isupper() or text[end : end + 1] != "s":
        return False
    if not (plain or person):
        return True
    told = _NOUN_FOLLOWS.match(text, end) if plain else not _ENGLISH_FOLLOWS.match(text, end)
    return bool(told) and not _FOREIGN.search(text[max(start - _NEARBY, 0) : end + _NEARBY])
