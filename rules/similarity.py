"""Whether a word looks or sounds like another one, in whatever script. It offers, and never decides what rings.

cognate      superintelligence, Superintelligenz, superinteligencja, суперинтеллект: one beginning, another ending
skeletons    Truss, Трасс: TRS. The consonants, in classes that scripts do not keep apart, as each may be heard
likeness     how near two words are, letter by letter, where a vowel weighs less than a consonant
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby, permutations, product

from rules.transliteration import latin

SHORTEST_STEM = 6
"""Letters; the beginning of a shorter word is that of too many."""

LONG_STEM = 10
MOST_SOUNDS = 48
"""Ways to hear one word; a longer word with more keeps its usual consonants at the end."""

_DOUBLED = re.compile(r"(.)\1+")
_VOWELS = frozenset("aeiouyw")

_SPELLING: Sequence[tuple[re.Pattern[str], str]] = [
    (re.compile(pattern), instead)
    for pattern, instead in (
        ("sch|sh|sz", "s"),
        ("ph", "f"),
        ("th", "t"),
        ("ck", "k"),
        ("t(?=i[aou])", "s"),
        ("ts|tz|cz", "s"),
        ("q", "k"),
        ("x", "ks"),
        ("c(?=[eiyj])", "s"),
        ("c", "k"),
        ("z", "s"),
        ("s(?:ao|oes)$", "sion"),
        ("w", "v"),
        ("[yj]", "i"),
    )
]
"""How the languages of Europe spell one Latin or Greek word, in one way."""


@lru_cache(maxsize=50_000)
def respelled(word: str) -> str:
    """`word` as all of these languages might have spelt it."""
    text = latin(word)
    for pattern, instead in _SPELLING:
        text = pattern.sub(instead, text)
    return _DOUBLED.sub(r"\1", text)


@lru_cache(maxsize=50_000)
def consonants(word: str) -> str:
    """Those of `word` respelled."""
    return "".join(letter for letter in respelled(word) if letter not in _VOWELS)


def stem(word: str) -> str:
    """`word` respelled, without the vowel at its end, where languages differ most."""
    text = respelled(word)
    return text[:-1] if text[-1:] in ("e", "a", "o") and len(text) > SHORTEST_STEM else text


def cognate(word: str, stem_of_term: str) -> float:
    """How much of a term's stem `word` begins with, 0 to 1; 0 where it is another word.

    The whole of it may go on as a compound does. Less of it may end otherwise: 3 of 4 letters, 4 of 5 of a short one,
    5 of 8 where these are ten.
    """
    text, length = respelled(word), len(stem_of_term)
    if length < SHORTEST_STEM:
        return 0.0
    if text.startswith(stem_of_term):
        return 1.0
    shared = next(
        (place for place, (one, other) in enumerate(zip(text, stem_of_term, strict=False)) if one != other),
        min(len(text), length),
    )
    enough = 0.62 if shared >= LONG_STEM else 0.75 if length > 8 else 0.8
    return shared / length if shared >= enough * length and len(text) - shared <= 5 else 0.0


def inflected(word: str, term: str) -> bool:
    """Whether `word` is `term`, both in Latin letters, with another ending: Sutskevera, robots."""
    root = term[:-1] if term[-1:] in ("a", "e", "o") and len(term) > SHORTEST_STEM else term
    longest = 3 if len(term) >= SHORTEST_STEM else 2
    return len(term) >= 4 and word.startswith(root) and 0 <= len(word) - len(root) <= longest


_HEARD: Sequence[tuple[str, tuple[str, ...]]] = (
    ("tsch|tch|dzh|dsch", ("J",)),
    ("shch|sch|sh", ("S",)),
    ("zh", ("J", "S")),
    ("ch", ("J", "K", "S")),
    ("kh|gh", ("K", "")),
    ("ph", ("P",)),
    ("th", ("T", "S")),
    ("ts|tz", ("TS", "S", "J")),
    ("ck|qu", ("K",)),
    ("ng", ("N", "NK")),
    ("x", ("KS", "S")),
    ("c(?=[eiy])", ("S", "TS", "J")),
    ("c", ("K", "TS")),
    ("q", ("K", "J")),
    ("g(?=[eiy])", ("K", "J")),
    ("[kg]", ("K",)),
    ("j", ("J", "")),
    ("h", ("", "K")),
    ("w", ("P", "")),
    ("[bpfv]", ("P",)),
    ("[td]", ("T",)),
    ("z", ("S", "TS", "J")),
    ("s", ("S",)),
    ("[lr](?![aeiouyw])", ("R", "")),
    ("[lr]", ("R",)),
    ("m(?![aeiouyw]|$)", ("M", "N")),
    ("m", ("M",)),
    ("n", ("N",)),
)
"""What is written, and the consonant it may be heard as in another script: th is T in Russian and S in Japanese, a
final r is lost in Chinese, and h becomes Г in Russian. A letter that is none of these is a vowel."""

_HEARD_AT = re.compile("|".join(f"({pattern})" for pattern, _ in _HEARD))


@lru_cache(maxsize=50_000)
def skeletons(word: str) -> frozenset[str]:
    """The consonants of `word`, in Latin letters, in every way in which another script may have heard them."""
    heard = [_HEARD[(one.lastindex or 1) - 1][1] for one in _HEARD_AT.finditer(_DOUBLED.sub(r"\1", word))]
    ways = 1
    for place, choices in enumerate(heard):
        if ways * len(choices) > MOST_SOUNDS:
            heard[place] = choices[:1]
        else:
            ways *= len(choices)
    return frozenset(_collapsed("".join(one)) for one in product(*heard))


def _collapsed(letters: str) -> str:
    return "".join(letter for letter, _ in groupby(letters))


_ALIKE = frozenset(
    (one, other)
    for letters in ("aeiouyw", "ijy", "bpfvw", "td", "kgqc", "szxjc", "gj", "qj", "lr", "mn")
    for one, other in permutations(letters, 2)
)
"""Letters that scripts and spellings take for each other."""


@lru_cache(maxsize=20_000)
def likeness(one: str, other: str) -> float:
    """How near two words in Latin letters are: 1 for the same, near 0 for those that share nothing."""
    one, other = _DOUBLED.sub(r"\1", one), _DOUBLED.sub(r"\1", other)
    if not one or not other:
        return 0.0
    costs = [0.0]
    for letter in other:
        costs.append(costs[-1] + _weight(letter))
    for letter in one:
        row = [costs[0] + _weight(letter)]
        for place, against in enumerate(other):
            row.append(
                min(
                    costs[place] + _change(letter, against),
                    costs[place + 1] + _weight(letter),
                    row[place] + _weight(against),
                )
            )
        costs = row
    return max(0.0, 1 - costs[-1] / max(len(one), len(other)))


def _weight(letter: str) -> float:
    """Of a letter more or less. Scripts leave vowels out and put them in; h and a final r come and go."""
    return 0.3 if letter in _VOWELS or letter in "hr" else 0.8


def _change(one: str, other: str) -> float:
    return 0.0 if one == other else 0.25 if (one, other) in _ALIKE else 1.0
