"""The words of a text as they are written, with the script of each; a run of one script is one word."""

import re
from functools import lru_cache

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
KANA = "\u30a1-\u30fa\u30fc"
_HANGUL = "\uac00-\ud7a3"
_MARKS = "\u0300-\u036f\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u0981-\u0983\u09bc-\u09d7\u064b-\u065f"

_SPACELESS = f"{HAN}\u3041-\u309f{KANA}{_HANGUL}"
# Hangul and katakana take Latin initials into a name: 오픈AI, オープンAI.
WORD = re.compile(
    f"[{KANA}]+(?:[A-Z]{{1,3}}(?![A-Za-z]))?|[{_HANGUL}]+(?:[A-Z]{{1,3}}(?![A-Za-z]))?"
    rf"|(?:(?![{_SPACELESS}\d_])[\w{_MARKS}])(?:(?![{_SPACELESS}_])[\w{_MARKS}]|(?<=l)·(?=l))*"
)
HAN_RUN = re.compile(f"[{HAN}]{{2,}}")
HAN_NAME = re.compile(f"([{HAN}]{{1,7}})[·•・‧]([{HAN}]{{1,7}})")

_SCRIPTS = (
    (0x0250, "latin"),
    (0x0370, "other"),
    (0x0400, "greek"),
    (0x0530, "cyrillic"),
    (0x0590, "armenian"),
    (0x0600, "hebrew"),
    (0x0780, "arabic"),
    (0x0900, "other"),
    (0x0980, "devanagari"),
    (0x1E00, "other"),
    (0x1F00, "latin"),
    (0x2000, "greek"),
    (0x3040, "other"),
    (0x3400, "kana"),
    (0xA000, "han"),
    (0xAC00, "other"),
    (0xD7A4, "hangul"),
)


def words_of(text: str) -> list[str]:
    """In order."""
    return WORD.findall(text)


@lru_cache(maxsize=20_000)
def script(word: str) -> str:
    """The script of its first letter."""
    code = ord(word[0])
    return next((name for limit, name in _SCRIPTS if code < limit), "other")
