"""Whether two reports are one piece of news: what their titles have in common."""

import re
import unicodedata
from datetime import timedelta

from rules.records import hashed

WINDOW = timedelta(days=3)
"""Reports with one title are one story within this time; a column that returns every week is not."""

LINK_WINDOW = timedelta(days=90)
"""An article that another feed carries within this time is the same article."""

ENOUGH_WORDS = 5
ENOUGH_CHARACTERS = 10
"""Of a script without spaces. Shorter titles ("Daily briefing") name many things."""

_SUFFIX = re.compile(r"(.+)\s+[-–—|·]\s+(\S+(?:\s+\S+){0,3})\s*", re.DOTALL)
_APOSTROPHES = str.maketrans("", "", "'’ʼ")
# Han, kana, bopomofo, Thai, Lao, Myanmar, Khmer; Korean has spaces.
_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3100-\u312f\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)


def title_key(title: str) -> str:
    """What `title` has in common with every spelling of it, or '' where it is too short to name one story.

    Case, width, punctuation and a trailing " - Outlet" or " | Outlet" do not matter.
    """
    while found := _SUFFIX.fullmatch(title):
        if not _key(found[1]):
            break
        title = found[1]
    return _key(title)


def _key(title: str) -> str:
    words = _words(title)
    if len(_SPACELESS.findall("".join(words))) >= ENOUGH_CHARACTERS:
        return hashed("title", "".join(words))
    return hashed("title", *words) if len(words) >= ENOUGH_WORDS else ""


def _words(title: str) -> list[str]:
    # Twice, because casefold may undo the normal form.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", title).casefold()).translate(_APOSTROPHES)
    # Letters, marks and digits stay; punctuation, symbols and controls part words.
    return "".join(sign if unicodedata.category(sign)[0] in "LMN" else " " for sign in folded).split()
