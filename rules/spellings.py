"""Which words may be a name of the lists, written otherwise: in another language, another script, with another ending.

A word of a text is looked at once, when it is first met: `roles` says which part of which name it may be. A name of
several words is there where words that are near each other are all of its parts; see `rules.nearby`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from rules.similarity import SHORTEST_STEM, cognate, consonants, inflected, likeness, skeletons, stem
from rules.transliteration import latin, syllable
from rules.wanted import COINED, Term
from rules.words import script

ROOT = 4
"""Letters at the beginning by which a name is found: no shorter one is known by its beginning alone."""

ALIKE = 0.66
"""Likeness of a whole name in another script; parts of one may be less alike."""

ALIKE_WITHOUT_VOWELS = 0.75
"""Where the vowels are not written, as in Arabic and Hebrew, more words share their consonants."""

ALIKE_TOPIC = 0.7
ALIKE_IN_ONE = 0.83
"""Of a whole name in one word, as Korean writes its own."""

ALIKE_PART = 0.5
ALIKE_SHORT = 0.88
"""Of a name with three consonants at the most: those of OpenAI are those of Athens in Russian."""

_PARTICLES = frozenset(
    (
        *"은는이가을를의에와과도로만께씨측님",
        *("에서", "으로", "에게", "까지", "부터", "이나", "처럼", "보다", "라고", "에도", "에는", "과의", "와의"),
        *("이라고", "에서는", "에게서"),
    )
)
"""What follows a Korean name in one word with it."""

_PREFIXES = {"arabic": "وفبلك", "hebrew": "והבלמשכ"}
"""And, in, to, from, as: written in one with a name."""

MOST_SYLLABLES = 3
"""Of a Korean or Chinese name."""

_VOWELS = re.compile("[aeiouy]+")


class Likeness(StrEnum):
    """How a word is like a name."""

    SAME = "same"
    INFLECTION = "inflection"
    COGNATE = "cognate"
    VARIANT = "variant"
    TRANSLITERATION = "transliteration"


CERTAIN = frozenset((Likeness.SAME, Likeness.INFLECTION))
"""These go before what only sounds so."""


@dataclass(frozen=True, slots=True)
class Role:
    """`word[start:end]` of a word may be these `parts` of a name."""

    term: Term
    parts: frozenset[int]
    how: Likeness
    near: float
    end: int
    start: int = 0


_Sound = tuple[Term, frozenset[int], str]
"""Some parts of a name, and how they sound in one."""


class Spellings:
    """All names of the lists, ready to be compared with any word."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._stems: dict[str, list[tuple[Term, int, str]]] = {}
        self._roots: dict[str, list[tuple[Term, int]]] = {}
        self._sounds: dict[str, dict[str, list[_Sound]]] = {}
        self._alike: dict[tuple[str, str], list[_Sound]] = {}
        self._pinyin: dict[str, Term] = {}
        self._surnames: set[str] = set()
        self._only_latin = True
        for term in terms:
            self._only_latin &= term.script == "latin"
            self._add_beginnings(term)
            self._add_sounds(term)
            self._add_pinyin(term)

    def _add_beginnings(self, term: Term) -> None:
        for number, part in enumerate(term.parts):
            self._roots.setdefault(part[:ROOT], []).append((term, number))
            root = stem(part)
            if not term.proper and len(root) >= SHORTEST_STEM:
                self._stems.setdefault(root[:5], []).append((term, number, root))

    def _add_sounds(self, term: Term) -> None:
        sounds = self._sounds.setdefault(term.script, {})
        for parts in _groups(len(term.parts)):
            sound = "".join(term.parts[part] for part in parts)
            alone = len(parts) == len(term.parts)
            one = (term, frozenset(parts), sound)
            if term.proper and not alone:
                self._alike.setdefault((term.script, consonants(sound)), []).append(one)
            for bones in _bones(sound, proper=term.proper):
                if len(bones) >= (2 if term.proper else 6) or not alone:
                    sounds.setdefault(bones, []).append(one)

    def _add_pinyin(self, term: Term) -> None:
        if term.person and term.script == "latin" and len(term.parts) > 1:
            for surname, given in ((term.parts[-1], term.parts[:-1]), (term.parts[0], term.parts[1:])):
                self._pinyin.setdefault(surname + "".join(given), term)
                self._surnames.add(surname)

    def roles(self, word: str) -> tuple[Role, ...]:
        """What `word` may be."""
        text = latin(word)
        if not text or word in _PARTICLES:
            return ()
        written = script(word)
        found: dict[tuple[int, frozenset[int]], Role] = {}
        roles = [*self._begun(word, text, written)]
        if not (written == "latin" and self._only_latin and not word[0].isupper()):
            roles += (role for cut in _cuts(word, written) for role in self._heard(word, *cut, written))
        for role in roles:
            key = (id(role.term), role.parts)
            if key not in found or (role.how in CERTAIN, role.near) > (found[key].how in CERTAIN, found[key].near):
                found[key] = role
        return tuple(found.values())

    def _begun(self, word: str, text: str, written: str) -> Iterator[Role]:
        """What it may be by its beginning."""
        for term, number in self._roots.get(text[:ROOT], ()):
            part = frozenset((number,))
            if written == term.script and text == term.parts[number]:
                yield Role(term, part, Likeness.SAME, 1.0, len(word))
            elif written == term.script and inflected(text, term.parts[number]) and _cased(word, term):
                yield Role(term, part, Likeness.INFLECTION, 0.95, len(word))
        if COINED.search(word) and not word.isupper():
            return
        for term, number, root in self._stems.get(stem(word)[:5], ()):
            near = cognate(word, root)
            if near:
                how = Likeness.COGNATE if written == term.script else Likeness.TRANSLITERATION
                yield Role(term, frozenset((number,)), how, 0.5 + near * 0.4, len(word))

    def _heard(self, word: str, start: int, end: int, written: str) -> Iterator[Role]:
        """What a cut of it may be by its consonants."""
        word = word[start:end]
        text = latin(word)
        every = skeletons(text).union(*(skeletons(one) for one in _older(text) if written == "han"))
        for bones, (term, parts, sound) in self._sounding(text, written, every):
            alone = parts == term.whole
            if not _cased(word, term):
                continue
            if len(parts) > 1 and (not _may_be_one(word, text, sound, alone=alone) or (alone and term.is_light)):
                continue
            near = likeness(text, sound)
            if near >= _enough(term, written, bones, parts):
                how = Likeness.VARIANT if written == term.script else Likeness.TRANSLITERATION
                # A w before the name sounds like a vowel of it, and is hardly one.
                doubtful = 0.06 if not start and word[0] in _PREFIXES.get(written, "") else 0.0
                yield Role(term, parts, how, near - doubtful, end, start)

    def _sounding(self, text: str, written: str, every: frozenset[str]) -> Iterator[tuple[str, _Sound]]:
        """Parts of names that sound so: in the same script, with the same consonants, in another with these."""
        for sound in self._alike.get((written, consonants(text)), ()):
            shared = every.intersection(_bones(sound[2], proper=True))
            if shared:
                yield min(shared), sound
        for script_of_term, sounds in self._sounds.items():
            if script_of_term != written:
                for bones in every:
                    yield from ((bones, sound) for sound in sounds.get(bones, ()))

    def chinese(self, run: str) -> Iterator[tuple[int, int, Term]]:
        """Names that a run of Chinese characters holds, by their sound: (start, end, name)."""
        for start, character in enumerate(run):
            if syllable(character) in self._surnames:
                for end in range(start + 3, min(start + 5, len(run) + 1)):
                    term = self._pinyin.get(latin(run[start:end]))
                    if term:
                        yield start, end, term


def _groups(count: int) -> Iterator[tuple[int, ...]]:
    """Parts that may be written as one word, in the order in which they may be."""
    yield from ((part,) for part in range(count))
    if 1 < count <= 4:
        yield from pairwise(range(count)) if count > 2 else ()
        yield tuple(range(count))
        yield (count - 1, *range(count - 1))


def _bones(sound: str, *, proper: bool) -> Iterator[str]:
    yield from skeletons(sound)
    if not proper:
        # The r of super is lost in Japanese, though a vowel follows it.
        shorter = {one[:at] + one[at + 1 :] for one in skeletons(sound) if len(one) > 6 for at in range(len(one))}
        yield from shorter - skeletons(sound)


def _cuts(word: str, written: str) -> Iterator[tuple[int, int]]:
    """What of the word may be the name: a Korean one may have a particle behind it, an Arabic one `and` before it."""
    whole = len(word)
    yield 0, whole
    if written == "hangul":
        yield from ((0, whole - end) for end in (1, 2, 3) if whole - end > 1 and word[-end:] in _PARTICLES)
    elif word[0] in _PREFIXES.get(written, "") and whole > 3:
        yield 1, whole


def _cased(word: str, term: Term) -> bool:
    """A name is not written with a small letter where there are two sizes, but for what follows a hyphen in Korean."""
    small_after_hyphen = len(term.parts) > 2 and len(word) <= 5
    return not term.proper or not word[0].islower() or term.text[:1].islower() or small_after_hyphen


def _older(pinyin: str) -> Iterator[str]:
    """What stood for ji and qi when foreign names were first heard: di, ki, ti."""
    if "ji" in pinyin or "qi" in pinyin:
        yield pinyin.replace("ji", "di").replace("qi", "ti")
        yield pinyin.replace("ji", "ki").replace("qi", "ki")


def _may_be_one(word: str, text: str, sound: str, *, alone: bool) -> bool:
    """Whether several words of a name, which sound so, are written as one: given names, or all of a Korean name."""
    if not alone:
        return len(text) >= 0.65 * len(sound)
    syllables = len(_VOWELS.findall(sound))
    return script(word) == "kana" or (script(word) == "hangul" and len(word) == syllables <= MOST_SYLLABLES)


def _enough(term: Term, written: str, bones: str, parts: frozenset[int]) -> float:
    """How near a word must be to these parts of a name, whose consonants are `bones`."""
    if parts != term.whole:
        if written == term.script:
            return 0.8 if sum(len(term.parts[part]) for part in parts) >= 5 else 0.9
        return ALIKE_PART if len(parts) == 1 else 0.65
    if len(parts) > 1:
        return ALIKE_IN_ONE
    if not term.proper:
        return ALIKE_TOPIC
    if len(bones) <= 3:
        return ALIKE_SHORT
    return ALIKE_WITHOUT_VOWELS if written in ("arabic", "hebrew") else ALIKE
