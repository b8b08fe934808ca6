"""Foreign names in katakana and Hangul, which are spelled by ear: two spellings that sound alike are one name.

デイヴィッド, デビッド and デービド are one David, and so are 데이비드 and 데이빗. No list holds every way, so a name is
looked for by a few letters that most of its spellings share, and what stands there is compared by its sound, part by
part. One or two letters are too few for that, and are compared as they are written: リー is not リ, 하 is not 허.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from rules.korean import what_may_follow
from rules.sighting import Occurrence, Sight, widest
from rules.terms import Term
from rules.vocabulary import Sought

_KATAKANA = "ァ-ヺー"
_PARTING = "・･·‧•∙⋅=＝゠"
_IN_KATAKANA = re.compile(f"[{_KATAKANA}]+(?:[{_PARTING}][{_KATAKANA}]+)+")
_IN_HANGUL = re.compile("[가-힣]+(?: [가-힣]+)+")
_HANGUL_WORD = re.compile("[가-힣]+")
_HANGUL_BEFORE = re.compile("([가-힣]+)\\s$")

_LONGEST = 40
"""Letters of a name in katakana, with what parts it."""

_SHORT_KATAKANA = 2
_SHORT_HANGUL = 1

_SOUNDS = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        ("ティ", "チ"),
        ("ディ", "ジ"),
        ("ヂ", "ジ"),
        ("デュ", "ジュ"),
        ("テュ", "チュ"),
        ("トゥ", "ト"),
        ("ドゥ", "ド"),
        ("シェ", "セ"),
        ("ジェ", "ゼ"),
        ("イア", "イヤ"),
        ("ィア", "ィヤ"),
        ("ン(?=[ナニヌネノ])", ""),
        ("(?<!^)ル(?![ァィェォャュョ])", ""),
        ("[ーッ]", ""),
        ("(?<=[エケセテネヘメレゲゼデベペェ])[イィ]", ""),
        ("(?<=[オコソトノホモヨロゴゾドボポォョ])ウ", ""),
        ("ド$", "ト"),
        ("グ$", "ク"),
        ("ブ$", "フ"),
    )
)
"""What is heard as what in Japanese, in this order: foreign syllables, an n or r hardly heard, long sounds, endings."""

_V = (("ヴァ", "バ"), ("ヴィ", "ビ"), ("ヴェ", "ベ"), ("ヴォ", "ボ"), ("ヴュ", "ビュ"), ("ヴ", "ブ"))

_SMALL = str.maketrans("ァィゥェォャュョヮ", "アイウエオヤユヨワ")

_FIRST, _PER_VOWEL, _PER_INITIAL = ord("가"), 28, 588
_INITIALS = ("k", "k", "n", "t", "t", "l", "m", "p", "p", "s", "s", "", "j", "j", "j", "k", "t", "p", "h")
_VOWELS = ("", "e", "", "e", "", "e", "", "e", "o", "o", "oe", "oe", "o", "o", "o", "oe", "i", "o", "", "i", "i")
"""ㅏ, ㅓ and ㅡ are left out but at the beginning: they stand for each other (올트먼, 올트만) or nothing (크, ㄱ)."""

_FINALS = (*("", "k", "k", "k", "n", "n", "n", "t"), *"llllllllmpptt", *("ng", "j", "j", "k", "t", "p", "h"))

_OPEN = frozenset("아어으")
_TWICE = re.compile(r"([^aeio])\1+")

Seek = Callable[[Term], Sought]


def heard(name: str, seek: Seek) -> "HeardName | None":
    """The name by its sound; None where it is no foreign name in katakana or Hangul, in two parts or more."""
    if _IN_KATAKANA.fullmatch(name):
        parts = re.split(f"[{_PARTING}]", name)
        return _InKatakana(parts, seek) if sum(map(len, parts)) > 2 * _SHORT_KATAKANA else None
    return _InHangul(name.split(" "), seek) if _IN_HANGUL.fullmatch(name) else None


class HeardName:
    """A foreign name by its parts. One of the `clues` is in every text in which it is found."""

    clues: Sequence[Sought]

    def elsewhere(self, sight: Sight) -> list[Occurrence]:
        """Where it stands in a spelling that sounds like it, in reading order."""
        return widest(
            sight.at(one.place, *span)
            for clue in self.clues
            for one in sight.occurrences(clue)
            if (span := self._around(sight.text(one.place), sight.span(one)[0]))
        )

    def _around(self, text: str, clue: int) -> tuple[int, int] | None:
        """Where the name stands of which a clue is found at `clue`: (start, end)."""
        raise NotImplementedError


class _InKatakana(HeardName):
    def __init__(self, parts: Sequence[str], seek: Seek) -> None:
        self._parts = [_japanese(part) for part in parts]
        first, last = parts[0], parts[-1]
        clues = (first[-2:] + parts[1][:1], first[-1:] + parts[1][:2], first[:3], last[-3:])
        self.clues = [seek(Term(text=clue)) for clue in dict.fromkeys(clues) if len(clue) > _SHORT_KATAKANA]

    def _around(self, text: str, clue: int) -> tuple[int, int] | None:
        begin = max(clue - _LONGEST, 0)
        for found in _IN_KATAKANA.finditer(text[begin : clue + _LONGEST]):
            if found.start() <= clue - begin < found.end():
                alike = [_japanese(part) for part in re.split(f"[{_PARTING}]", found[0])] == self._parts
                return (begin + found.start(), begin + found.end()) if alike else None
        return None


class _InHangul(HeardName):
    def __init__(self, parts: Sequence[str], seek: Seek) -> None:
        *given, last = parts
        self._given = [_korean(part) for part in given]
        self._last = _korean(last)
        self._follows = what_may_follow(last, name=True, person=True)
        clues = [Term(text=part[:2], prefix=True) for part in (given[0], last) if len(part) > _SHORT_HANGUL]
        # 짐 is a word of its own or none; what begins with it is another.
        clues += [Term(text=given[0], person=True)] if len(given[0]) <= _SHORT_HANGUL else []
        self.clues = [seek(clue) for clue in dict.fromkeys(clues)]

    def _around(self, text: str, clue: int) -> tuple[int, int] | None:
        return self._from(text, clue) or self._from(text, self._back(text, clue))

    def _back(self, text: str, place: int) -> int:
        """Where the first part begins if the last one does at `place`; `place` where no words stand before."""
        for _ in self._given:
            before = _HANGUL_BEFORE.search(text, max(place - _LONGEST, 0), place)
            place = before.start() if before else place
        return place

    def _from(self, text: str, start: int) -> tuple[int, int] | None:
        place = start
        for part in self._given:
            word = _HANGUL_WORD.match(text, place)
            if not word or _korean(word[0]) != part or not text[word.end() : word.end() + 1].isspace():
                return None
            place = word.end() + 1
        last = _HANGUL_WORD.match(text, place)
        return next(((start, place + cut) for cut in self._ends(last[0] if last else "")), None)

    def _ends(self, word: str) -> Iterator[int]:
        """How many letters of `word` are the surname, the fewest first: 는 behind a final n is no sound of its own."""
        for cut in range(1, len(word) + 1):
            if _korean(word[:cut]) == self._last and self._follows.fullmatch(word[cut:]):
                yield cut


def _japanese(part: str) -> str:
    """How a part of a name sounds in Japanese."""
    for foreign, own in _V:
        part = part.replace(foreign, own)
    if len(part) <= _SHORT_KATAKANA:
        return f"={part}"
    for sound, instead in _SOUNDS:
        part = sound.sub(instead, part)
    return part.translate(_SMALL)


def _korean(part: str) -> str:
    """How a part of a name sounds in Korean: its consonants, the same one once, and the vowels that keep apart."""
    if len(part) <= _SHORT_HANGUL:
        return part
    sounds = "a" if part[0] in _OPEN else ""
    for letter in part[0] + part[1:].replace("르", ""):
        initial, rest = divmod(ord(letter) - _FIRST, _PER_INITIAL)
        vowel, final = divmod(rest, _PER_VOWEL)
        sounds += _INITIALS[initial] + _VOWELS[vowel] + _FINALS[final]
    return _TWICE.sub(r"\1", sounds)
