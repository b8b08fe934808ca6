"""Finds a headline that a person half remembers: those that hold its words, else those that share the telling ones."""

from collections.abc import Sequence
from functools import cached_property
from heapq import nlargest
from math import log

from rules.text import fold

ENOUGH_SHARED = 0.34
"""Of the weight of the words that are looked for; less is chance."""


class Headlines:
    """Titles, newest first; what is found is told by its number."""

    def __init__(self, titles: Sequence[str]) -> None:
        self._titles = titles

    @cached_property
    def _folded(self) -> list[str]:
        return [fold(title) for title in self._titles]

    def holding(self, text: str) -> list[int]:
        """Those that hold `text`, however it is written; none for a text without a word."""
        wanted = fold(text).strip("|. ")
        return [number for number, title in enumerate(self._folded) if wanted in title] if wanted else []

    def nearest(self, text: str, most: int = 5) -> list[int]:
        """Those with the most words of `text`, a rare word counting more than one that many titles have."""
        where: dict[str, list[int]] = {word: [] for word in fold(text).split() if word.isalnum()}
        for number, title in enumerate(self._folded):
            for word in where.keys() & set(title.split()):
                where[word].append(number)
        weights = {word: log(1 + len(self._titles) / (1 + len(found))) for word, found in where.items()}
        shared: dict[int, float] = {}
        for word, found in where.items():
            for number in found:
                shared[number] = shared.get(number, 0.0) + weights[word]
        enough = ENOUGH_SHARED * sum(weights.values())
        best = nlargest(most, shared, key=lambda number: (shared[number], -number))
        return [number for number in best if shared[number] >= enough]
