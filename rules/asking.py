"""What a full-text index keeps of an item, and what to ask of it for the items that a condition may hold for.

Both sides are the folded words of `rules.text`, so an index and the engine cannot disagree: whatever rings is among
what the index finds, and what it finds is judged. The words of one item are a set; an index need not know their order.
In a script without spaces a word is one character, which nearly every text holds: there, two in a row are kept as well.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from hashlib import blake2b
from itertools import combinations, pairwise
from math import comb
from types import MappingProxyType
from typing import NamedTuple, Union

from rules.conditions import Condition
from rules.finding import Needle
from rules.letters import SPACE, TABLE
from rules.literals import required
from rules.records import Item
from rules.regexes import Regex
from rules.sighting import PLACES, Sight, text_of
from rules.text import ENDS, Folded

INDEXED = tuple(range(PLACES.index("feed")))
"""The places whose words are kept: all that are the item's own. The name of a feed changes with the configuration."""

LONGEST_WORD = 40
"""Letters of a word that are kept in one. Of a longer one there is a piece from each twentieth letter on."""

LONGEST_INSIDE = LONGEST_WORD // 2
"""Letters that are whole in one of the pieces, wherever they stand."""

MOST_COMBINATIONS = 60
"""Of parts, where several of many must hold; more are asked for one part at a time."""


class AllOf(NamedTuple):
    """Each of these is in the item."""

    parts: tuple["Asked", ...]


class AnyOf(NamedTuple):
    """One of these is in the item."""

    parts: tuple["Asked", ...]


class Inside(NamedTuple):
    """These Latin letters are in a word of the item, wherever in it."""

    letters: str


Asked = Union[str, Inside, AllOf, AnyOf]  # noqa: UP007  a type that names itself
"""A word, its beginning where a * ends it, letters, or several."""


def words_of(item: Item) -> set[str]:
    """What an index keeps of an item: letters, digits and dots, without a space."""
    return _kept(Folded(text) for text in {text_of(item, place) for place in INDEXED})


def words_seen(sight: Sight) -> set[str]:
    """The same of an item that is looked at already: its texts are not folded again."""
    return _kept(map(sight.folded, INDEXED))


def _kept(texts: Iterable[Folded]) -> set[str]:
    found: set[str] = set()
    for folded in texts:
        found.update(folded.words)
        found.update(word for alternatives in folded.joined.values() for word, _ in alternatives)
        if not folded.text.isascii():
            found.update(_pairs(folded))
    found -= ENDS
    return {piece for word in found for piece in _pieces(word)}


def _pieces(word: str) -> Sequence[str]:
    if len(word) <= LONGEST_WORD:
        return (word,)
    return [word[at : at + LONGEST_WORD] for at in range(0, len(word) - LONGEST_INSIDE, LONGEST_INSIDE)]


def _pairs(folded: Folded) -> Iterator[str]:
    """Words of scripts without spaces, with the word after each."""
    unspaced = {word for word in set(folded.words) if not word.isascii() and _is_unspaced(word)}
    if not unspaced:
        return
    for one, after in pairwise(folded.words):
        if one in unspaced and after in unspaced:
            yield one + after
    for start, alternatives in folded.joined.items():
        before = folded.words[start - 1] if start else ""
        for word, last in alternatives:
            if before in unspaced:
                yield before + word
            if _is_unspaced(word):
                yield from (word + after for after in folded.words[last + 1 : last + 2] if after in unspaced)
                yield from (word + after for after, _ in folded.joined.get(last + 1, ()))


def _is_unspaced(word: str) -> bool:
    """Whether its script parts every letter from the one before."""
    return TABLE[ord(word[0])].startswith(SPACE)


def asked(
    condition: Condition, needles: Sequence[Needle], regexes: Mapping[int, Regex] = MappingProxyType({})
) -> Asked | None:
    """What is in every item for which `condition` holds; None where nothing can be said.

    `needles` and `regexes` are those of its judge. Of an expression that is not among them nothing is said.
    """
    if condition.least:
        return _of(condition.least, [asked(part, needles, regexes) for part in condition.parts])
    return _words(condition, needles, regexes)


def asked_nearly(condition: Condition, needles: Sequence[Needle]) -> Asked | None:
    """What is in every item that lacks one part of `condition` and has the others; None where nothing can be said."""
    parts = [(asked_nearly if condition.least == 1 else asked)(part, needles) for part in condition.parts]
    if not condition.least:
        return _words(condition, needles, {})
    return _of(max(condition.least - 1, 1), parts)


def either(one: Asked | None, other: Asked | None) -> Asked | None:
    """What is in the items of both."""
    return None if one is None or other is None else AnyOf((one, other))


def _of(least: int, parts: Sequence[Asked | None]) -> Asked | None:
    """Of `parts`, those that say nothing counted as there."""
    known = [part for part in parts if part is not None]
    least -= len(parts) - len(known)
    if least <= 0:
        return None
    if least == 1:
        return AnyOf(tuple(known))
    if comb(len(known), least) <= MOST_COMBINATIONS:
        some = [AllOf(each) for each in combinations(known, least)]
        return some[0] if len(some) == 1 else AnyOf(tuple(some))
    return AnyOf(tuple(known[: len(known) - least + 1]))


def _words(condition: Condition, needles: Sequence[Needle], regexes: Mapping[int, Regex]) -> Asked | None:
    if not condition.places or not condition.places.issubset(INDEXED):
        return None
    numbers = condition.numbers()
    # An expression has a number below zero.
    ways = dict.fromkeys(_needle(needles[one]) if one >= 0 else _letters(regexes.get(one)) for one in numbers)
    known = tuple(way for way in ways if way is not None)
    if len(known) < len(ways) or not known:
        return None
    return known[0] if len(known) == 1 else AnyOf(known)


def _letters(regex: Regex | None) -> Asked | None:
    parts = []
    for group in required(regex.source) if regex else ():
        ways = tuple(Inside(letters[:LONGEST_INSIDE]) for letters in sorted(group))
        parts.append(ways[0] if len(ways) == 1 else AnyOf(ways))
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts)) if parts else None


def _needle(needle: Needle) -> Asked:
    words = tuple(dict.fromkeys(_parts(needle)))
    return words[0] if len(words) == 1 else AllOf(words)


def _parts(needle: Needle) -> Iterator[str]:
    """The words that are kept of an item with this needle, as few as tell most."""
    words = needle.words
    last = len(words) - 1
    paired: set[int] = set()
    for index in range(last):
        if _is_unspaced(words[index]) and _is_unspaced(words[index + 1]):
            paired |= {index, index + 1}
            yield _key(words[index] + words[index + 1], beginning=needle.open and index + 1 == last)
    for index, word in enumerate(words):
        if index not in paired and word not in ENDS:
            yield _key(word, beginning=needle.open and index == last)


def _key(word: str, *, beginning: bool) -> str:
    return word[:LONGEST_WORD] + ("*" if beginning else "")


@cache
def folding() -> str:
    """Names the way words are made here: an index that was made in another way must be made anew."""
    words = words_of(Item(title=_PROBE, text="".join(_every_letter())))
    said = "\n".join([*map(str, (INDEXED, LONGEST_WORD, _REVISION, unicodedata.unidata_version)), *sorted(words)])
    return blake2b(said.encode("utf-8", "replace"), digest_size=8).hexdigest()


_REVISION = 3
"""For a change of what is kept that the probe does not show."""

_PROBE = (
    "A.I. U.S.A. l’IA Meta's Levi's super-intelligence state-of-the-art-and-much-more-than-that GPT-4o gpt-4.5 4,500 "
    "C++ .NET AT&T intel·ligència Straße ﬁnance İstanbul ё й 离开OpenAI加入Meta 오픈AI가 범용 인공지능 والـMeta ﾊﾟｰﾄ "
    "人工知能（AI）半導体 人-工 ปัญญาประดิษฐ์ -- — (brackets), colons: stops. e\u0301 가 x\u00ady"
)


def _every_letter() -> Iterable[str]:
    """Each letter of the scripts that news are written in, and what stands among them."""
    yield from (f"{chr(code)}\n" for code in range(0x20, 0x3100) if unicodedata.category(chr(code)) not in ("Cn", "Co"))
