"""The signs in and around a name that belong to it: the ++ of C++, the dot of .NET, the case of =MSL.

Folding loses them. A term is found by its words, and what it needs beside them is compared with the text here.
"""

import re
import unicodedata
from dataclasses import dataclass

from rules.letters import APOSTROPHES, HYPHENS

_SYMBOLS = r"&+#@$€£¥%=/\\^*<>|§°"
_INSIDE = re.compile(rf"[{_SYMBOLS},;:!?()\[\]]|(?<=[^\W\d_])\.(?=\w)|(?<=\d)\.(?=[^\W\d_])")
_BEFORE = re.compile(rf"[{_SYMBOLS}.]+$")
_AFTER = re.compile(rf"[{_SYMBOLS}]+|'s(?!\w)", re.IGNORECASE)
_CLOSING = re.compile(r"[.!?)\]]+")

_LONG_WORD = re.compile(r"[^\W\d_]{2}")
_INITIAL = re.compile(r"[^\W\d_][. ]")
_INITIAL_DOT = re.compile(r"(?<=\b[^\W\d_a-z])\.")
_OTHER_INITIAL = re.compile(r"(?<!\w)[^\W\d_]\.\s?$")
_LAST_LETTER = re.compile(r"(?<!\w)[^\W\d_]$")

_TYPED = APOSTROPHES | {wide: chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0xFF0E: "・"}
_BETWEEN_NAMES = re.compile(r"(?<=\w)\s*[．・･·‧•∙⋅＝゠]\s*(?=\w)")
"""What parts the names of a foreigner in Chinese and Japanese, whichever key there was."""

_FEWEST_SHOUTED = 3
"""Words; two in capitals are a name."""

_LONGEST_SHOUTED = 300
"""Characters of a headline."""

_KATAKANA = "\u30a1-\u30fa\u30fc\uff66-\uff9f"
_SHORT_KATAKANA = re.compile(f"[{_KATAKANA}]{{1,2}}")
_IN_KATAKANA = re.compile(f"[{_KATAKANA}]$")
_KATAKANA_LETTER = re.compile(f"[{_KATAKANA}]")
_IN_HAN = re.compile("·[\u4e00-\u9fff]+$")
_GOES_ON = re.compile(f"[{_KATAKANA}顿頓斯尔爾曼森逊遜茨蒂娜莎]")
"""What is a longer name behind katakana, and behind a foreign name in Han: 大卫·萨克斯 is not 大卫·萨克斯顿."""

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What a spelling needs of the text around and between its words; a term of letters alone needs nothing.

    `inside` are the symbols between the words, which stand `tight` where the spelling has no white space.
    `closing` is marked where it follows. `initial`: it begins with one; the dots of initials count where it has no
    longer word (`dotted`). `letter`: its last word is a single one.
    `run`: it is in katakana and so short, or the name of somebody, that in a longer word it is another; or the foreign
    name of somebody in Han.
    `exact` is the whole as written, where case and accents count; what is found `begins` so for a prefix. `shouted`: it
    may be in capitals where all of the text is.
    """

    before: str = ""
    inside: str = ""
    after: str = ""
    closing: str = ""
    tight: bool = False
    initial: bool = False
    dotted: bool = True
    letter: bool = False
    run: bool = False
    exact: str = ""
    begins: bool = False
    shouted: bool = False

    def around(self, text: str, start: int, end: int) -> tuple[int, int] | None:
        """What to mark of `text`, whose words are `text[start:end]`; None where the signs are other ones."""
        begin, stop = start - len(self.before), end + len(self.after)
        if begin < 0 or typed(text[begin:start]) != self.before or typed(text[end:stop]).lower() != self.after:
            return None
        if self._is_part_of_more(text, begin) or self._goes_on(text[stop : stop + 1]):
            return None
        if not (self._is_exact(text, begin, stop) if self.exact else self._fits(typed(text[start:end]))):
            return None
        return begin, stop + (len(self.closing) if text.startswith(self.closing, stop) else 0)

    def _is_part_of_more(self, text: str, begin: int) -> bool:
        """@sama is not meant by foo@sama, .NET by example.net, J. Wei by A. J. Wei."""
        if self.initial and _OTHER_INITIAL.search(text[max(begin - 5, 0) : begin]):
            return True
        if self.run and _KATAKANA_LETTER.match(text[max(begin - 1, 0) : begin]):
            return True
        return self.before[:1] in (".", "@") and begin > 0 and text[begin - 1].isalnum()

    def _goes_on(self, follows: str) -> bool:
        """C is not meant by C++ and C#, nor C+ by C++ or C+x, nor メタ by メタル."""
        if self.after[-1:] in ("+", "#"):
            return follows.isalpha() or follows == self.after[-1]
        if self.run and _GOES_ON.match(follows):
            return True
        return self.letter and typed(follows) in ("+", "#")

    def _fits(self, found: str) -> bool:
        loose = self.tight and any(map(str.isspace, found))
        return not loose and self.inside == _inside(found, dotted=self.dotted)

    def _is_exact(self, text: str, start: int, end: int) -> bool:
        written, exact = _as_written(text[start:end]), self.exact
        if self.shouted and written.isupper() and _is_shouted(text):
            exact = exact.upper()
        return written.startswith(exact) if self.begins else written == exact


_NOTHING = (Signs(), Signs(dotted=False))


def signs_of(text: str, start: int, end: int, *, person: bool = False) -> Signs | None:
    """What `text`, whose words are `text[start:end]`, needs; None for nothing."""
    core = text[start:end]
    dotted = not (_LONG_WORD.search(core) and _INITIAL_DOT.search(core))
    before = _BEFORE.search(text[:start])
    after = _AFTER.match(text[end:])
    closing = _CLOSING.match(text[end + len(after[0] if after else "") :])
    inside = _inside(core, dotted=dotted)
    signs = Signs(
        before=before[0] if before else "",
        inside=inside,
        after=after[0].lower() if after else "",
        closing=closing[0] if closing else "",
        tight=bool(inside) and not any(map(str.isspace, core)),
        initial=_INITIAL.match(core) is not None,
        dotted=dotted,
        letter=_LAST_LETTER.search(core) is not None,
        run=_is_run(core, person=person),
    )
    return None if signs in _NOTHING else signs


def exact_signs_of(
    text: str, start: int, end: int, *, begins: bool, shouted: bool = False, person: bool = False
) -> Signs:
    """What `text`, whose words are `text[start:end]`, needs where case and accents count."""
    return Signs(
        before=typed(text[:start].lstrip()),
        after=typed(text[end:].rstrip()).lower(),
        letter=end - start == 1,
        run=_is_run(text[start:end], person=person),
        exact=_as_written(text.strip()),
        begins=begins,
        shouted=shouted,
    )


def _is_run(core: str, *, person: bool) -> bool:
    if person:
        return bool(_IN_KATAKANA.search(core) or _IN_HAN.search(core))
    return _SHORT_KATAKANA.fullmatch(core) is not None


def _is_shouted(text: str) -> bool:
    """Whether it is a headline in capitals throughout."""
    return len(text) <= _LONGEST_SHOUTED and text.isupper() and len(text.split()) >= _FEWEST_SHOUTED


def _inside(text: str, *, dotted: bool) -> str:
    """The symbols between the words of `text`."""
    return "".join(_INSIDE.findall(text if dotted else _INITIAL_DOT.sub(" ", text)))


def typed(text: str) -> str:
    """`text` with one apostrophe for all of them, and no letter or sign wider than another."""
    return text if text.isascii() and "`" not in text else unicodedata.normalize("NFC", text).translate(_TYPED)


def _as_written(text: str) -> str:
    """What must be equal where case and accents count."""
    if text.isascii():
        return " ".join(text.replace("`", "'").split())
    composed = unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).translate(APOSTROPHES)
    return " ".join(re.sub(f"[{HYPHENS}]", "-", _BETWEEN_NAMES.sub(" ", composed)).split())
