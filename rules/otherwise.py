"""How a name of a list may be written otherwise in its own script, so that every other way is known before.

Foreign names are spelled by ear in Japanese and Korean, and in a few ways that go by rule: with a v or a b, with a long
vowel or a short one, 앤드류 or 앤드루. Ways that go by no rule are asked for by aliases.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from rules.declensions import declined
from rules.terms import Term

_KATAKANA = (
    (("ヴァ", "バ"), ("ヴィ", "ビ"), ("ヴェ", "ベ"), ("ヴォ", "ボ"), ("ヴュ", "ビュ"), ("ヴ", "ブ")),
    (("バ", "ヴァ"), ("ビ(?![ャュョ])", "ヴィ"), ("ベ", "ヴェ"), ("ボ", "ヴォ"), ("ブ", "ヴ")),
    (("ウィ", "ウイ"), ("ウェ", "ウエ"), ("ウォ", "ウオ")),
    (("ウイ", "ウィ"), ("ウエ", "ウェ"), ("ウオ", "ウォ")),
)
"""Japanese has no v and hardly a w, and two ways to write each: ハサヴィス, ハサビス."""

_LONG_NAME = re.compile("[ァ-ヺー]{3,}(?:・[ァ-ヺー]{3,})+")
_LONG = "ー"
_LONG_ENDING = re.compile("(?<=[ィリニミキシチジビピギ])(?=・|$)")
"""An i at the end of a word may be long or short: アンディー, アンディ."""

_FOREIGN_IN_HANGUL = re.compile("[가-힣]+(?: [가-힣]+)+")
_FIRST, _PER_VOWEL, _VOWELS = ord("가"), 28, 21
_AE, _E = 1, 5
"""Vowels by their place in the alphabet: ㅐ and ㅔ, which sound alike."""

_FINAL_S = 19
"""An s at the end of a syllable, as a t is heard: 로힛 is 로히트, 데이빗 is 데이비드."""


def written_otherwise(term: Term) -> Iterator[Term]:
    """The cases of a Russian name, and what Japanese and Korean papers make of the sounds that they lack."""
    texts = [*declined(term.text), *_in_katakana(term.text)]
    if term.person:
        texts += [*_long_and_short(term.text), *_in_hangul(term.text)]
    for text in dict.fromkeys(texts):
        if text != term.text:
            yield replace(term, text=text)


def _in_katakana(text: str) -> Iterator[str]:
    for ways in _KATAKANA:
        other = text
        for sound, instead in ways:
            other = re.sub(sound, instead, other)
        yield other


def _long_and_short(text: str) -> Iterator[str]:
    """A name with one long vowel less, with none, and with a long i at the end of each word."""
    if _LONG_NAME.fullmatch(text):
        for long in re.finditer(f"(?<!・){_LONG}", text):
            yield text[: long.start()] + text[long.end() :]
        yield text.replace(_LONG, "")
        yield _LONG_ENDING.sub(_LONG, text)


def _in_hangul(text: str) -> Iterator[str]:
    if _FOREIGN_IN_HANGUL.fullmatch(text):
        yield text.replace("류", "루")
        yield text.replace("루", "류")
        yield "".join(_with_vowel(letter, _AE, _E) for letter in text)
        yield "".join(_with_vowel(letter, _E, _AE) for letter in text)
        for stop in "트드":
            yield " ".join(word[:-1] + _opened(word[-1], stop) for word in text.split(" "))


def _with_vowel(letter: str, vowel: int, other: int) -> str:
    """`letter` with the `other` vowel where it has `vowel`."""
    place = ord(letter) - _FIRST
    has_it = letter != " " and place // _PER_VOWEL % _VOWELS == vowel
    return chr(ord(letter) + (other - vowel) * _PER_VOWEL) if has_it else letter


def _opened(syllable: str, stop: str) -> str:
    """A syllable without the s that ends it, and `stop`; as it is where it ends otherwise."""
    place = ord(syllable) - _FIRST
    return chr(ord(syllable) - _FINAL_S) + stop if place % _PER_VOWEL == _FINAL_S else syllable
