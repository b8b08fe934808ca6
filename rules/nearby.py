"""Where the words of a text, near each other, are all the parts of a name."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rules.similarity import likeness
from rules.spellings import CERTAIN, Likeness, Role, Spellings
from rules.transliteration import latin
from rules.wanted import Term
from rules.words import HAN_NAME, HAN_RUN, WORD, script

ALIKE_TOGETHER = 0.76
"""Likeness of the whole of a name of two words in another script."""

ALIKE_LOOSELY = 0.7
"""Of a name of more words, and in Chinese, which has few syllables to say it with."""

ALIKE_OTHERWISE = 0.79
"""In Korean, whose words are short, and in scripts without capitals or without vowels."""

ALIKE_WHERE_LIGHT = 0.85
"""Of a name with few consonants, or with a single Chinese character, which may be the edge of a longer name."""

_APART = re.compile(r"[.!?;:,()\[\]|/\n«»„“”。，、！？：；（）]|[-–—] | [-–—]")
"""What ends a name."""


@dataclass(frozen=True, slots=True)
class Written:
    """`text[start:end]` may be the name `term`, written otherwise."""

    term: Term
    how: Likeness
    near: float
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text, and where."""

    word: str
    start: int


def tokens_of(text: str) -> list[Token]:
    """The words of `text`, in order."""
    return [Token(one[0], one.start()) for one in WORD.finditer(text)]


def together(
    text: str, tokens: Sequence[Token], roles: Mapping[str, Sequence[Role]], terms: Iterable[Term]
) -> Iterator[Written]:
    """Where names of several words stand, each with the words that are it in the text's own order."""
    wanted = set(terms)
    end = 0
    for index, token in enumerate(tokens):
        if token.start < end:
            continue
        firsts = [role for role in roles.get(token.word, ()) if role.term in wanted]
        found = [one for role in firsts for one in _from(text, tokens, roles, index, role)]
        if found:
            best = max(found, key=lambda one: one.near)
            end = best.end
            yield best


def _from(
    text: str, tokens: Sequence[Token], roles: Mapping[str, Sequence[Role]], index: int, first: Role
) -> Iterator[Written]:
    """The name of `first`, which the word at `index` begins."""
    ways: list[tuple[int, list[Role]]] = [(index, [first])]
    while ways:
        at, taken = ways.pop()
        covered = frozenset().union(*(role.parts for role in taken))
        stop = tokens[at].start + taken[-1].end
        if covered == first.term.whole:
            yield from _judged(text, tokens[index].start + first.start, stop, taken)
            continue
        furthest = at + (2 if first.term.proper else 3)
        for after in range(at + 1, min(furthest, len(tokens))):
            if _APART.search(text, stop, tokens[after].start):
                break
            ways += [
                (after, [*taken, role])
                for role in roles.get(tokens[after].word, ())
                if role.term is first.term and not role.parts & covered
            ]


def _judged(text: str, start: int, end: int, taken: Sequence[Role]) -> Iterator[Written]:
    """The name, if it is near enough as a whole."""
    term, hows = taken[0].term, {role.how for role in taken}
    if hows == {Likeness.SAME} and not term.proper:
        return
    near = min(role.near for role in taken)
    how = next(one for one in _BY_WEIGHT if one in hows)
    if term.proper:
        near = _likeness_of(term, text[start:end], taken)
        foreign = how == Likeness.TRANSLITERATION
        if near < (_enough_abroad(term, text[start:end]) if foreign else _enough_at_home(term, taken)):
            return
        if hows == {Likeness.SAME}:
            how = Likeness.VARIANT
    yield Written(term, how, near, start, end)


_BY_WEIGHT = (Likeness.TRANSLITERATION, Likeness.COGNATE, Likeness.VARIANT, Likeness.INFLECTION, Likeness.SAME)


def _enough_abroad(term: Term, written: str) -> float:
    if term.is_light:
        return ALIKE_WHERE_LIGHT
    if script(written) not in ("latin", "cyrillic", "greek", "kana", "han"):
        return ALIKE_OTHERWISE
    return ALIKE_TOGETHER if len(term.parts) == 2 else ALIKE_LOOSELY


def _enough_at_home(term: Term, taken: Sequence[Role]) -> float:
    """In the script of the name itself, where one long word must be the same, or all be nearly so."""
    certain = any(role.how in CERTAIN and len(term.parts[min(role.parts)]) >= 5 for role in taken)
    return 0.8 if certain else 0.9


def _likeness_of(term: Term, written: str, taken: Sequence[Role]) -> float:
    """Of the whole, with the parts of the name in the order in which they were found."""
    order = [part for role in taken for part in sorted(role.parts)]
    ways = ["".join(term.parts[part] for part in order)]
    if len(order) == len(term.parts) and len(taken) == 1:
        ways.append(term.parts[-1] + "".join(term.parts[:-1]))
    return max(likeness(latin(written), way) for way in ways)


def in_chinese(text: str, spellings: Spellings) -> Iterator[Written]:
    """Names in Chinese: a foreign one with a dot, whose edges only its sound tells, and a Chinese one by its pinyin."""
    for one in HAN_NAME.finditer(text):
        found = [*_dotted(one[1], one[2], one.start(1), one.start(2), spellings)]
        if found:
            yield max(found, key=lambda written: written.near)
    for run in HAN_RUN.finditer(text):
        for start, end, term in spellings.chinese(run[0]):
            yield Written(term, Likeness.TRANSLITERATION, 1.0, run.start() + start, run.start() + end)


def _dotted(left: str, right: str, left_at: int, right_at: int, spellings: Spellings) -> Iterator[Written]:
    afters = [(length, role) for length in range(1, len(right) + 1) for role in spellings.roles(right[:length])]
    for length in range(1, len(left) + 1):
        for role in spellings.roles(left[-length:]):
            for stop, other in afters:
                if other.term is role.term and max(role.parts) < min(other.parts):
                    if role.parts | other.parts != role.term.whole:
                        continue
                    order = [*sorted(role.parts), *sorted(other.parts)]
                    whole = "".join(role.term.parts[part] for part in order)
                    near = likeness(latin(left[-length:] + right[:stop]), whole)
                    doubtful = role.term.is_light or min(length, stop) == 1
                    if near >= (ALIKE_WHERE_LIGHT if doubtful else ALIKE_LOOSELY):
                        start = left_at + len(left) - length
                        yield Written(role.term, Likeness.TRANSLITERATION, near, start, right_at + stop)
