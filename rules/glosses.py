"""Glosses: what stands in brackets inside a phrase, and does not part it.

人工知能（AI）半導体 is 人工知能半導体, and "inteligência artificial (IA) generativa" is the generative one.

Only short ones are: a bracket of many words is a thought of its own.
"""

from collections.abc import Iterator
from itertools import pairwise

from rules.letters import BREAK, CLOSING, DOT, OPENING

LONGEST = 26
"""Letters of all words in the brackets."""

_ENDS = (BREAK, DOT)


def glosses(words: list[str], signs: str) -> list[tuple[int, int]]:
    """Where there is one between two words: (the word before, its closing bracket).

    Brackets are signs among `words` until now, as in the `signs` they were made of; each becomes an end of a phrase.
    """
    openings, closings = (list(_places(one, words, signs.count(one))) for one in (OPENING, CLOSING))
    brackets = sorted((*openings, *closings))
    for bracket in brackets:
        words[bracket] = BREAK
    opens = set(openings)
    return [
        (one - 1, other)
        for one, other in pairwise(brackets)
        if one in opens and other not in opens and _is_gloss(words, one, other)
    ]


def _is_gloss(words: list[str], opening: int, closing: int) -> bool:
    inside = 0 < opening < closing - 1 and closing + 1 < len(words)
    if not inside or words[opening - 1] in _ENDS or words[closing + 1] in _ENDS:
        return False
    return sum(len(word) for word in words[opening + 1 : closing] if word not in _ENDS) <= LONGEST


def _places(sign: str, words: list[str], count: int) -> Iterator[int]:
    place = -1
    for _ in range(count):
        place = words.index(sign, place + 1)
        yield place
