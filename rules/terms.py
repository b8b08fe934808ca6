"""One word, phrase or prefix that is looked for, and how else people write it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

from rules.finding import Needle
from rules.genitives import is_genitive, takes_s
from rules.korean import what_may_follow
from rules.letters import HANGUL, HYPHENS, TABLE
from rules.mistakes import mistake
from rules.signs import Signs, exact_signs_of, signs_of, typed
from rules.text import ENDS, Folded

MOST_WORDS = 50
"""Of a phrase."""

_MOST_COMPOUNDS = 3
"""More hyphened words in one phrase are joined all together or not at all."""

_KOREAN = re.compile(f"[{HANGUL}]$")
_LETTERS = re.compile("(?:[A-Za-zÀ-ÖØ-öø-ÿ]{2,}|[А-яЁё]{2,})(?: (?:[A-Za-zÀ-ÖØ-öø-ÿ]{2,}|[А-яЁё]{2,}))*|[一-鿿]{1,50}")
_NAME_LETTERS = re.compile("[А-яЁё]{2,}(?: [А-яЁё]{2,})*|[一-鿿]{1,50}")
"""Words of which nothing but their letters counts; of a name, those that have no genitive -s."""

_LONG_WORD = re.compile(r"[^\W\d_]{2}")
_HYPHEN = re.compile(rf"(?<=\w)[{HYPHENS}](?=\w)")

_Change = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]
"""What may be written otherwise, all over the phrase: (what, how)."""

_WITHOUT_APOSTROPHES = (re.compile(r"(?<=\w)'(?=\w)"), "")
_WITHOUT_PUNCTUATION = (re.compile(r"[.,:;!?)\]](?=\s)|(?<=\s)[(\[]"), "")
_INITIALS_APART = (re.compile(r"(?<!\w)([^\W\d_a-z]\.)(?=[^\W\d_a-z])"), r"\1 ")
_INITIALS_IN_ONE = (
    re.compile(r"(?<![\w.])((?:[^\W\d_]\.)+[^\W\d_])\.?(?=\s)"),
    lambda found: found[1].replace(".", ""),
)
_INITIALS_WITH_DOTS = (re.compile(r"(?<!\w)([^\W\d_a-z])(?= )"), r"\1.")
_KOREAN_IN_ONE = (re.compile(f"(?<=[{HANGUL}]) +(?=[{HANGUL}])"), "")


@dataclass(frozen=True, slots=True)
class Spelling:
    """One way to write a term. `letters` of the last word are marked; all where None.

    `genitive`: the last word may end in an s, which is not marked; more is asked of it where the name is `plain` or
    that of a `person`.
    `follows`: what the last word may have beyond them, where that matters.
    """

    needle: Needle
    signs: Signs | None = None
    letters: int | None = None
    genitive: bool = False
    plain: bool = False
    person: bool = False
    follows: re.Pattern[str] | None = None

    def place(self, folded: Folded, first: int, last: int) -> tuple[int, int] | None:
        """Where it stands in the text, if its words at `first` to `last` are meant by it: (start, end)."""
        letters = self.letters if folded.words[last].startswith(self.needle.words[-1]) else None
        if self.genitive:
            rest = self._rest(folded, first, last)
            letters = len(folded.words[last]) - len(rest)
            if rest and not self._is_genitive(folded, last, rest, letters):
                return None
        elif self.follows and not self.follows.fullmatch(self._rest(folded, first, last)):
            return None
        start, end = folded.span(first, last, letters)
        return self.signs.around(folded.text, start, end) if self.signs else (start, end)

    def _rest(self, folded: Folded, first: int, last: int) -> str:
        """What the last word, maybe one of several that a hyphen joins, has beyond the letters of the name."""
        head, written = self.needle.words[-1][: self.letters], ""
        for word in reversed(folded.words[first : last + 1]):
            written = word + written
            if written.startswith(head):
                return written[len(head) :]
        return ""

    def _is_genitive(self, folded: Folded, last: int, rest: str, letters: int) -> bool:
        start, end = folded.span(last, last, letters)
        return (
            rest == "s" and letters > 0 and is_genitive(folded.text, start, end, plain=self.plain, person=self.person)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word or a phrase; its beginning where `prefix`. Case and accents count where it is `exact`.

    `genitive`: it is a name, which may end in an s as in German; `plain`: such an s may make a plural of it, too.
    `person`: it is that of a person.
    `shouted`: case does not count where a whole field is in capitals.
    """

    text: str
    exact: bool = False
    prefix: bool = False
    genitive: bool = False
    plain: bool = False
    person: bool = False
    shouted: bool = False

    def spellings(self) -> tuple[Spelling, ...]:
        """Every way to write it. Raises Mistakes, without a place, where there is none."""
        variants = [self.text] if self.exact else _variants(typed(self.text))
        return tuple(dict.fromkeys(spelling for variant in variants for spelling in self._spellings(variant)))

    def _spellings(self, text: str) -> Iterator[Spelling]:
        letters_alone = _NAME_LETTERS if self.genitive else _LETTERS
        as_it_is = not (self.exact or self.prefix) and text.count(" ") < MOST_WORDS
        if as_it_is and letters_alone.fullmatch(text):
            yield Spelling(Needle(tuple(text.translate(TABLE).split())))
            return
        folded = Folded(text)
        indices = [index for index, word in enumerate(folded.words) if word not in ENDS]
        if not indices:
            raise mistake("", f"there is no word in `{self.text}`", "write letters or digits")
        if len(indices) > MOST_WORDS:
            raise mistake("", f"this phrase has {len(indices)} words", f"write {MOST_WORDS} at the most")
        words = tuple(folded.words[indices[0] : indices[-1] + 1])
        start, end = folded.span(indices[0], indices[-1])
        korean = bool(_KOREAN.search(words[-1]))
        if self.exact:
            signs: Signs | None = exact_signs_of(
                text, start, end, begins=self.prefix, shouted=self.shouted, person=self.person
            )
        else:
            signs = signs_of(text, start, end, person=self.person)
        if self.prefix and (text[end:] or (len(indices) == 1 and len(words[0]) == 1 and words[0].isascii())):
            raise mistake(
                "", f"`{text}*` begins too many words", r"put the * behind two letters at least, or write /gpt-?\w+/"
            )
        if not self.genitive or self.prefix or not takes_s(text[folded.span(indices[-1], indices[-1])[0] : end]):
            letters, follows = None, None
            if korean and not self.prefix:
                letters = len(words[-1])
                follows = what_may_follow(words[-1], name=self.genitive, person=self.person)
            yield Spelling(Needle(words, self.prefix or korean), signs, letters, follows=follows)
        elif len(words) > 1:
            yield Spelling(
                Needle(words, True), signs, len(words[-1]), genitive=True, plain=self.plain, person=self.person
            )
        else:
            # As an open needle, a single word would be compared with each word of a text that begins a little like it.
            yield Spelling(Needle(words), signs)
            yield Spelling(
                Needle((f"{words[0]}s",)), signs, len(words[0]), genitive=True, plain=self.plain, person=self.person
            )


def read_term(text: str, *, exact: bool = False) -> Term:
    """The term of `text`, whose last word may be a prefix*. Raises Mistakes, without a place."""
    text = " ".join(text.split())
    prefix = text.endswith("*")
    text = text.removesuffix("*")
    if not exact and re.search(r"\w\*|\*\w", text):
        raise mistake(
            "", f"a * in `{text}` is not at the end", r'write /super\w*gence/, or ="..." where it belongs to the name'
        )
    return Term(text=text, exact=exact, prefix=prefix)


def _variants(text: str) -> list[str]:
    """`text`, and how else people write it."""
    if _LETTERS.fullmatch(text):
        return [text]
    found = [text]
    changes: list[_Change] = [_WITHOUT_APOSTROPHES, _WITHOUT_PUNCTUATION, _KOREAN_IN_ONE]
    if _LONG_WORD.search(text):
        changes = [_INITIALS_IN_ONE, _INITIALS_APART, *changes, _INITIALS_WITH_DOTS]
    for pattern, instead in changes:
        found += [changed for one in found if (changed := pattern.sub(instead, one)) != one]
    return [compound for one in dict.fromkeys(found) for compound in _compounds(one)]


def _compounds(text: str) -> Iterator[str]:
    """`text` with its hyphened words as they are, and in one."""
    parts = text.split(" ")
    ways = [(part, _HYPHEN.sub("", part)) if _HYPHEN.search(part) else (part,) for part in parts]
    if sum(map(len, ways)) - len(ways) > _MOST_COMPOUNDS:
        yield from (text, _HYPHEN.sub("", text))
    else:
        yield from map(" ".join, product(*ways))
