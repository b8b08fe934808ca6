"""Glosses: what stands in brackets inside a phrase, and does not part it.

人工知能（AI）半導体 is 人工知能半導体, and "inteligência artificial (IA) generativa" is the generative one.

Only short ones are: a bracket of many words is a thought of its own.
"""

import re
from collections.abc import Iterator

from rules.letters import BREAK, CLOSING, DOT, OPENING

LONGEST = 26
"""Letters of all words in the brackets."""

_NOT_LETTERS = re.compile(r"[ |.'·-]+")
_OPENING = re.compile(r"\((?=([^()]{1,99})\) *[^ |.()])?")


def brackets_parted(signs: str) -> tuple[str, list[int]]:
    """`signs` with an end of a phrase for each bracket, but for the opening one of what may be a gloss.

    And how many ends there are up to that of each gloss.
    """
    ends: list[int] = []

    def opened(bracket: re.Match[str]) -> str:
        inside = bracket[1]
        if not inside or not 0 < len(_NOT_LETTERS.sub("", inside)) <= LONGEST:
            return BREAK
        ends.append(inside.count(BREAK) + 1)
        return OPENING

    return _OPENING.sub(opened, signs).replace(CLOSING, BREAK), ends


def glosses(words: list[str], ends: list[int]) -> Iterator[tuple[int, int]]:
    """Where there is one: (the word before, the end of the phrase that closes it).

    What opened it among the `words` becomes such an end, too.
    """
    opening = -1
    for count in ends:
        opening = words.index(OPENING, opening + 1)
        words[opening] = BREAK
        closing = opening
        for _ in range(count):
            closing = words.index(BREAK, closing + 1)
        if opening and words[opening - 1] not in (BREAK, DOT):
            yield opening - 1, closing
