"""What one character folds to, and how a text is settled before: one spelling for what people read as the same.

Case, width, accents, ligatures and what nobody sees do not matter. Marks that make other letters do: Indic vowels, the
voicing of kana, the breve of й. Traditional Chinese reads as simplified. A character becomes letters and digits, or one
of the SIGNS that part words.
"""

import re
import unicodedata
from functools import cache

from rules.han import SIMPLIFIED

SPACE, BREAK, DOT, HYPHEN, APOSTROPHE, MIDDLE_DOT, OPENING, CLOSING = " ", "|", ".", "-", "'", "·", "(", ")"
"""The SIGNS. White space, quotes and dashes part words; a BREAK ends a phrase; the rest depends on where it stands."""

HYPHENS = "‐‑⁃﹣－֊־᠆⸗-"
APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ＇‛′`´ʻʹʾʿ՚׳", "'"))
"""For str.translate: one apostrophe for all."""

_GIVEN = {
    **dict.fromkeys('"_“”„‟״«»‹›「」『』〝〞〟﹁﹂・‧•‣∙⋅．–‒−~〜～゠＝™℠®©་༌፡\u115f\u1160\u3164\uffa0', SPACE),
    **dict.fromkeys(("'", *map(chr, APOSTROPHES)), APOSTROPHE),
    **dict.fromkeys(HYPHENS, HYPHEN),
    **dict.fromkeys("([", OPENING),
    **dict.fromkeys(")]", CLOSING),
    ".": DOT,
    "·": MIDDLE_DOT,
    "\u0387": MIDDLE_DOT,
    # Letters that Unicode does not take apart, as people without that key write them.
    "ı": "i",
    "ø": "o",
    "đ": "d",
    "ð": "d",
    "ł": "l",
    "ħ": "h",
    "ŧ": "t",
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
    "ς": "σ",
    # Persian and Egyptian keyboards have other code points for the same letters; the dots of ة are often left out.
    "ک": "ك",
    "ی": "ي",
    "ى": "ي",
    "ة": "ه",
    "ہ": "ه",
    # A letter of its own, which no Russian writes without its breve. (ё is written е all the time.)
    "й": "й",
    "Й": "й",
}

_UNSEEN = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f"
    "\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0730-\u074a\u093c\u0a3c\u180b-\u180f\u1ab0-\u1aff"
    "\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe2f\U000e0100-\U000e01ef]"
)
"""Accents of Latin, Greek and Cyrillic, points of Hebrew and Arabic, the Hindi nukta, tatweel, variation selectors."""

_IDEOGRAPHIC = re.compile(
    "[\u3005-\u3007\u3031-\u3035\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00016fe0-\U00016fff\U0001b000-\U0001b16f"
    "\U00020000-\U0003ffff]"
)
"""Han, kana, bopomofo: every character is a word."""

SOUTHEAST_ASIAN = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f"
"""Thai, Lao, Burmese, Khmer: every character with its marks is a word."""

HANGUL = "\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff"

_SOUTHEAST_ASIAN = re.compile(f"[{SOUTHEAST_ASIAN}]")
_KOREAN_OR_VOICED = re.compile("[\u1100-\u11ff\u3099\u309a]")
_FILLER = "\u034f"
"""Folds to nothing; keeps the length of a text whose characters were composed."""


class _Table(dict[int, str]):
    """What each code point folds to; computed once a character."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _folded(chr(code))
        return folded


def _folded(character: str) -> str:
    if character in _GIVEN:
        return _GIVEN[character]
    category = unicodedata.category(character)
    if category == "Cf" or _UNSEEN.match(character):
        return ""
    if category == "Nd":
        return str(unicodedata.digit(character))
    if category == "Cc" or category[0] == "Z":
        return SPACE
    folded = "".join(map(_sign, _UNSEEN.sub("", _taken_apart(character))))
    # The ① of a list and the ¹ of a note are no part of a word, the ₂ of CO₂ is.
    apart = category == "No" and not unicodedata.decomposition(character).startswith("<sub>")
    return f" {folded} " if apart else folded


def _taken_apart(character: str) -> str:
    # Twice, because casefold may undo the normal form.
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    return unicodedata.normalize("NFC", letters) if _KOREAN_OR_VOICED.search(letters) else letters


def _sign(letter: str) -> str:
    if letter in _GIVEN:
        return _GIVEN[letter]
    letter = SIMPLIFIED.get(letter, letter)
    category = unicodedata.category(letter)
    if _IDEOGRAPHIC.match(letter):
        return f" {letter} "
    if _SOUTHEAST_ASIAN.match(letter) and category[0] == "L":
        return f" {letter}"
    if category[0] in "LN" or category in ("Mn", "Mc"):
        return letter
    return SPACE if category[0] in "CZ" or category in ("Pi", "Pf") else BREAK


TABLE = _Table()
"""For str.translate. All of ASCII becomes one ASCII character each."""

_MARKS = re.compile(f"{_UNSEEN.pattern}+")


def after_marks(text: str, place: int) -> int:
    """`place`, or the end of what folds to nothing there and belongs to the letter before."""
    marks = _MARKS.match(text, place)
    return marks.end() if marks else place


def settled(text: str) -> str:
    """`text` with its letters composed, as long as `text`.

    The table knows one character at a time; a letter in two (e and ´, ᄒ and ᅡ, half-width ｶ and ﾞ) has to become one.
    """
    if text.isascii() or (unicodedata.is_normalized("NFC", text) and "ﾞ" not in text and "ﾟ" not in text):
        return text
    return _clusters().sub(_composed, text)


def _composed(cluster: re.Match[str]) -> str:
    half_width = cluster[0][-1] in "ﾞﾟ"
    composed = unicodedata.normalize("NFKC" if half_width else "NFC", cluster[0])
    return composed.ljust(len(cluster[0]), _FILLER) if len(composed) <= len(cluster[0]) else cluster[0]


@cache
def _clusters() -> re.Pattern[str]:
    """A letter and what composes with it. The range of combining marks ends with the Cyrillic of Unicode 15."""
    marks = "".join(chr(code) for code in range(0x300, 0x1E950) if unicodedata.combining(chr(code)))
    return re.compile(f"[^ \n][{marks}\u1160-\u11ffﾞﾟ]+")
