"""Any script in Latin letters, so that words of different scripts can be compared; nobody is shown it."""

import re
from functools import lru_cache

from anyascii import anyascii

_NO_LETTER = re.compile("[^a-z]+")
_GIVEN = str.maketrans(
    {
        # What becomes another letter when its mark is taken off.
        "ç": "s",
        "Ç": "s",
        "ţ": "ts",
        "ț": "ts",
        # No sounds of their own.
        **dict.fromkeys("ğъьッっ", ""),
        # The Hebrew vav, mostly a vowel, and the nasal signs of Hindi.
        "\u05d5": "w",
        "\u0902": "n",
        "\u0901": "n",
    }
)
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


@lru_cache(maxsize=50_000)
def latin(text: str) -> str:
    """The letters a to z that `text` is, without spaces; Chinese by its pinyin."""
    if text.isascii():
        return _NO_LETTER.sub("", text.lower())
    letters = _NO_LETTER.sub("", anyascii(text.translate(_GIVEN)).lower())
    # Дж and х.
    return letters.replace("dzh", "j").replace("kh", "h")


@lru_cache(maxsize=30_000)
def syllable(character: str) -> str:
    """The pinyin of a Chinese character; empty for any other."""
    return anyascii(character).lower() if _HAN.match(character) else ""
