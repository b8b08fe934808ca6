"""Glosses: what stands in brackets inside a phrase, and does not part it.

人工知能（AI）半導体 is 人工知能半導体, and "inteligência artificial (IA) generativa" is the generative one.

Only short ones are: a bracket of many words is a thought of its own.
"""

import re
from collections.abc import Iterator

_GLOSS = re.compile(r"(?<=\w)\s?[(（\[［][^()（）\[\]［］\n]{1,30}[)）\]］](?=\s?\w)")


def glosses(text: str) -> Iterator[tuple[int, int]]:
    """Where there is one between two words, with its brackets: (start, end)."""
    if "(" in text or "（" in text or "[" in text or "［" in text:
        for found in _GLOSS.finditer(text):
            yield found.start() + (found[0][0].isspace()), found.end()
