"""Texts as news has them, and rules as newsrooms write them: drawn by a seed, so that every run has the same.

Texts are the items of captured feeds, joined to pages of about 2.6 kB; where there are none, invented words.
Rules come from the first half of the pages and from invented names, and are tried on the second half.
"""

import random
import re
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from monitor.formats import read_document
from rules.records import Item
from rules.text import fold

PAGE = 2600
"""Characters."""

_SYLLABLES = ("ka", "ri", "mo", "len", "sa", "tu", "vel", "do", "na", "ber", "shi", "ran", "ola", "kim", "fer", "zu")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A rule: one of `first`, and one of each group of `also`, and none of `never`."""

    first: tuple[str, ...]
    also: tuple[tuple[str, ...], ...] = ()
    never: tuple[str, ...] = ()
    near: bool = False
    title: bool = False

    @property
    def shares_words(self) -> bool:
        """Whether one word may serve both sides of its NEAR, as FTS5 takes it and we do not."""
        sides = [{word for term in group for word in term.split()} for group in (self.first, *self.also[:1])]
        return self.near and not sides[0].isdisjoint(sides[-1])

    @property
    def when(self) -> str:
        """In our language."""
        first = _either(self.first)
        first = f"title:{first}" if self.title else first
        groups = list(map(_either, self.also))
        if self.near:
            first, groups = f"{first} NEAR/10 {groups[0]}", groups[1:]
        return " AND ".join([first, *groups, *(f'NOT "{word}"' for word in self.never)])


def _either(terms: Sequence[str]) -> str:
    return "(" + " OR ".join(f'"{term}"' for term in terms) + ")"


def pages(feeds: Path, most: int) -> list[Item]:
    """Pages of captured feeds, else invented ones."""
    files = sorted(path for path in feeds.rglob("*") if path.is_file()) if feeds.is_dir() else []
    with ProcessPoolExecutor() as workers:
        found = [page for some in workers.map(_pages_of, files, chunksize=8) for page in some]
    drawing = random.Random(7)
    drawing.shuffle(found)
    return found[:most] or [_invented(drawing) for _ in range(most)]


def _pages_of(file: Path) -> list[Item]:
    try:
        items = read_document(file.read_bytes(), {}, "https://example.org/").items
    except Exception:  # noqa: BLE001  # a captured feed may be anything, and the bench wants texts
        return []
    found: list[Item] = []
    title, text = "", ""
    for item in items:
        title = title or item.title
        text = f"{text}\n{item.title}. {item.text or item.summary}"
        while len(text) >= PAGE and len(found) < 40:
            found.append(Item(title=title, text=text[:PAGE]))
            title, text = "", text[PAGE:] if len(text) < 3 * PAGE else ""
    return found


def _invented(drawing: random.Random) -> Item:
    words = [_word(drawing) if drawing.random() < 0.3 else drawing.choice(_SYLLABLES) for _ in range(PAGE // 5)]
    return Item(title=" ".join(words[:10]), text=" ".join(words))


def _word(drawing: random.Random) -> str:
    return "".join(drawing.choices(_SYLLABLES, k=drawing.randint(2, 4)))


def draw(texts: Sequence[Item], number: int) -> list[Drawn]:
    """So many rules: names with context, keywords, plain lists, pairs of names."""
    drawing = random.Random(11)
    words = _Words(texts, drawing)
    return [_rule(drawing, words) for _ in range(number)]


def _rule(drawing: random.Random, words: "_Words") -> Drawn:
    kind = drawing.random()
    context = words.context(drawing.randint(2, 6))
    never = words.context(1) if drawing.random() < 0.3 else ()
    if kind < 0.62:
        near, title = drawing.random() < 0.3, drawing.random() < 0.08
        names = words.names(drawing.randint(1, 3))
        return Drawn(first=names, also=(context,), never=never, near=near and not title, title=title)
    if kind < 0.80:
        return Drawn(first=words.keywords(2), also=(words.keywords(3),), never=words.context(1))
    if kind < 0.92:
        return Drawn(first=words.names(drawing.randint(2, 4)))
    return Drawn(first=words.names(1), also=(words.names(1), context))


class _Words:
    """What rules are made of."""

    def __init__(self, texts: Sequence[Item], drawing: random.Random) -> None:
        self._drawing = drawing
        pages = Counter(word for item in texts for word in sorted(set(fold(item.text).split())) if _is_word(word))
        common = pages.most_common()
        shares = [(word, count / len(texts)) for word, count in common]
        self._context = [word for word, share in shares if 0.01 < share < 0.15]
        self._rare = [word for word, share in shares if share < 0.01] or self._context
        phrases = {
            fold(found[0])
            for item in texts
            for found in re.finditer(r"(?:[A-ZÀ-Þ][\w’-]+ ){1,2}[A-ZÀ-Þ][\w’-]+|[\u4e00-\u9fff]{3,4}", item.text)
        }
        self._phrases = sorted(filter(None, phrases)) or self._rare
        pairs = {f"{one} {other}" for item in texts[:300] for one, other in _pairs(fold(item.text).split())}
        self._pairs = sorted(pairs) or self._rare

    def context(self, number: int) -> tuple[str, ...]:
        return tuple(self._drawing.choice(self._context) for _ in range(number))

    def keywords(self, number: int) -> tuple[str, ...]:
        return tuple(self._drawing.choice((self._rare, self._pairs, self._context)[one % 3]) for one in range(number))

    def names(self, number: int) -> tuple[str, ...]:
        return tuple(self._name() for _ in range(number))

    def _name(self) -> str:
        kind = self._drawing.random()
        if kind < 0.8:
            return f"{_word(self._drawing)} {_word(self._drawing)}"
        return self._drawing.choice(self._phrases if kind < 0.95 else self._rare)


def _pairs(words: list[str]) -> list[tuple[str, str]]:
    return [pair for pair in pairwise(words) if all(map(_is_word, pair))][::10]


def _is_word(word: str) -> bool:
    return word.isalpha() and (len(word) > 3 or not word.isascii())
