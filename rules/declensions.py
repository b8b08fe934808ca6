"""The cases of names in Russian: Сэм Альтман, Сэма Альтмана, Сэмом Альтманом; Яндекса, Миры Мурати.

A foreign name is declined by its ending alone, but a woman's that ends in a consonant stands as it is (Сары Фрайер),
and so does a Chinese family name before the other (Цзя Янцина). A given name in а or я may be a man's as well (Ильи
Суцкевера), so where there is one, both are looked for.
"""

import re
from collections.abc import Iterator
from itertools import product

_WORD = "[А-ЯЁ][А-ЯЁа-яё]*(?:-[А-ЯЁ][а-яё]+)?"
_NAME = re.compile(f"{_WORD}(?: {_WORD})*")

_ENDINGS = (
    ("(?:ск|цк)(ий)", "ого ому им ом ого"),
    ("[бвгджзклмнпрстфхцчшщ](ый)", "ого ому ым ом ого"),
    ("(ая)", "ой ой ой ой ую"),
    ("(?:ов|ев|ёв|ин|ын)(а)", "ой ой ой ой у"),
    ("[гкхжшчщ](а)", "и е ой е у"),
    ("[бвдзлмнпрстфц](а)", "ы е ой е у"),
    ("ь(я)", "и е ёй е ю"),
    ("и(я)", "и и ей и ю"),
    ("(я)", "и е ей е ю"),
    ("и(й)", "я ю ем и я"),
    ("[аеоуэюяёЮЯ](й)", "я ю ем е я"),
    ("(ь)", "я ю ем е я"),
    ("(?:ов|ев|ёв|ин|ын)()", "а у ым|ом е а"),
    ("[жшчщц]()", "а у ем|ом е а"),
    ("[бвгдзклмнпрстфх]()", "а у ом е а"),
)
"""What a nominative ends in, and the genitive, dative, instrumental, prepositional and accusative instead."""

_PATTERNS = tuple((re.compile(f".*{end}"), [case.split("|") for case in cases.split()]) for end, cases in _ENDINGS)
_CASES = 5


def declined(name: str) -> Iterator[str]:
    """The other cases of a name in the nominative, each once; none of what is no name in Cyrillic."""
    if not _NAME.fullmatch(name):
        return
    words = name.split(" ")
    cases_of = [_cases_of(word) for word in words]
    forms: dict[str, None] = {}
    for case in range(_CASES):
        ways = [cases[case] for cases in cases_of]
        if len(words) > 1 and words[-2][-1] in "ая":
            ways = [[*some, word] for word, some in zip(words, ways, strict=True)]
        forms |= dict.fromkeys(map(" ".join, product(*ways)))
    yield from (form for form in forms if form != name)


def _cases_of(word: str) -> list[list[str]]:
    """The ways to write `word` in each case but the nominative."""
    for pattern, cases in _PATTERNS:
        found = pattern.fullmatch(word)
        if found:
            root = word[: found.start(1)]
            return [[root + ending for ending in case] for case in cases]
    return [[word]] * _CASES
