"""How a name of a list may be written otherwise in its own script, so that every other way is known before.

Russian has cases, and Japanese spells a foreign v or w in two ways each. A person in katakana or Hangul is compared by
sound beside that; see hearing.py.
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


_HAS_TWO_WAYS = re.compile("[ヴバビベボブウ]")


def written_otherwise(term: Term) -> Iterator[Term]:
    """The cases of a Russian name, and what Japanese papers make of the sounds that their language lacks."""
    for text in dict.fromkeys((*declined(term.text), *_in_katakana(term.text))):
        if text != term.text:
            yield replace(term, text=text)


def _in_katakana(text: str) -> Iterator[str]:
    for ways in _KATAKANA if _HAS_TWO_WAYS.search(text) else ():
        other = text
        for sound, instead in ways:
            other = re.sub(sound, instead, other)
        yield other
