"""Names of people and organizations in a text, by their capitals alone: sequences such as Thinking Machines.

Where every noun is capitalised, as in German, and where every word is, as in many titles, capitals say nothing.
"""

import re
import unicodedata
from collections.abc import Container, Iterator, Mapping
from enum import StrEnum
from functools import cache

from rules.words import KANA

MOST_WORDS = 5
LONGEST_TITLE = 200

_CONNECTED = "van|von|der|den|ter|zu|af|di|du|bin"
# Not de and of, which stand between a person and a firm: Murati of Thinking Machines.
_SENTENCE = re.compile(r"(?:^|[.!?:…。！？\n\"“„«»”]|[-–—]\s)\s*$")
_KANA_NAME = re.compile(f"[{KANA}]{{2,}}(?:[・＝=][{KANA}]{{2,}}){{1,2}}")
_WORD = re.compile(r"[^\W\d_]{3,}")
_POSSESSIVE = re.compile(r"['’]s?$")
_GERMAN = re.compile(r"\b(?:der|die|das|und|nicht|mit|für|ein|eine|wird|von|auf)\b")
_INNER_CAPITAL = re.compile(r"^[a-z]+[A-Z]|[^\W\d_]{2}[A-Z]|\d")
_OFFICE = re.compile(r"^(?:[A-Z]{2,4}s?|Mr|Mrs|Ms|Dr|Prof|Sir|President|Prime Minister|Minister|Professor|Senator)\.? ")
_ORGANIZATION = re.compile(
    r"\b(?:AI|Inc|Corp|Labs?|Group|Institute|University|Universit\w+|Foundation|Bank|Research|Systems|Technolog\w+|Machines"
    r"|Robotics|Ventures|Capital|Media|News|Times|Post|Partners|Company|Co|Ltd|GmbH|SA|AG|Council|Commission|Union"
    r"|Ministry|Court|Party|Agency|Department|Office|Software|Studios?|Networks?|Security|Health|Energy|Motors|Cloud)\b"
)


class Shape(StrEnum):
    """What a name looks like."""

    PERSON = "person"
    ORGANIZATION = "organization"


def names_in(text: str, taken: Container[int], small: Mapping[str, int]) -> Iterator[tuple[int, int]]:
    """Where names stand that hold none of the characters at `taken`: (start, end).

    `small` is how often each word has been met with a small letter: what begins a sentence is often no name.
    """
    if is_title_case(text):
        return
    german = is_german(text)
    for one in _capitals().finditer(text):
        start, end = _trimmed(text, one.start(), one.end(), small)
        name = text[start:end]
        if end - start < 3 or any(place in taken for place in range(start, end)):
            continue
        single = " " not in name
        if not single or (not german and not _SENTENCE.search(text, max(0, start - 4), start)) or _is_coined(name):
            yield start, end
    for one in _KANA_NAME.finditer(text):
        if not any(place in taken for place in range(*one.span())):
            yield one.span()


def _trimmed(text: str, start: int, end: int, small: Mapping[str, int]) -> tuple[int, int]:
    """Without the first word of a sentence where that is a common one, an office, and a possessive."""
    end -= len(found[0]) if (found := _POSSESSIVE.search(text[start:end])) else 0
    first, space, _ = text[start:end].partition(" ")
    if space and small.get(first.lower(), 0) and _SENTENCE.search(text, max(0, start - 4), start):
        start += len(first) + 1
    office = _OFFICE.match(text[start:end])
    return (start + office.end() if office else start), end


def is_title_case(text: str) -> bool:
    """Whether the words of `text` are capitalised because it is a title, in which only short words are not."""
    words = _WORD.findall(text[:LONGEST_TITLE])
    large = sum(word[0].isupper() for word in words)
    small = [word for word in words if word[0].islower()]
    return large > 3 * len(small) and large + len(small) >= 5 and max(map(len, small), default=0) < 5


def is_german(text: str) -> bool:
    """Whether nouns are capitalised in it."""
    return len(set(_GERMAN.findall(text))) >= 2


def _is_coined(name: str) -> bool:
    """xAI, DeepMind, GPT4: no word of a language."""
    return _INNER_CAPITAL.search(name) is not None and not name.isupper()


def shape_of(name: str) -> Shape:
    """Two or three words that are names of nobody but people have no word of a firm among them."""
    words = re.split(r"[ ・＝=-]", name)
    plain = all(re.fullmatch(r"[^\W\d_]+(?:['’][^\W\d_]+)*\.?", word) for word in words)
    coined = any(_is_coined(word) or (word.isupper() and len(word) > 1) for word in words)
    if 2 <= len(words) <= MOST_WORDS and plain and not coined and not _ORGANIZATION.search(name):
        return Shape.PERSON
    return Shape.ORGANIZATION


@cache
def _capitals() -> re.Pattern[str]:
    """Words with a capital, one after another, and small words inside a name."""
    capitals = "".join(
        character for code in range(0x41, 0x2000) if unicodedata.category(character := chr(code)) in ("Lu", "Lt")
    )
    word = rf"(?<![\w@#/])(?:[a-z]{{0,2}}[{capitals}](?:[\w]|[&’'](?=\w)|-(?=[{capitals}\d]))*\.?(?<![^{capitals}]\.))"
    return re.compile(rf"{word}(?: (?:(?:{_CONNECTED}) ){{0,2}}{word}){{0,{MOST_WORDS - 1}}}")
