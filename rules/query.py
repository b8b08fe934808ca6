"""Reads a query: Lucene's boolean language, as far as it decides and does not rank.

What comes out says nothing yet of lists that may not exist or of regular expressions that may be wrong.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import lark
from lark.lexer import Lexer as LarkLexer

from rules.lexing import Fault, Lexer, Token

GRAMMAR = """
?start:  either
?either: every (_OR every)*
?every:  part (_AND? part)*
?part:   NOT part                                   -> absent
       | near
?near:   one (NEAR one)*
?one:    FIELD one                                  -> fielded
       | OPEN either CLOSE                          -> group
       | COUNT OPEN either (_COMMA either)* CLOSE   -> count
       | WORD                                       -> word
       | EXACT                                      -> exact
       | LIST                                       -> listed
       | REGEX                                      -> regex
%declare _OR _AND NOT NEAR FIELD COUNT OPEN CLOSE _COMMA WORD EXACT LIST REGEX
"""
_DROPPED = ("OR", "AND", "COMMA")
"""Tokens that the builder does not need."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a query: `query[start:end]`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Word(Part):
    """A word or a phrase, which may end in a *."""

    text: str
    exact: bool


@dataclass(frozen=True, slots=True)
class Listed(Part):
    """A watchlist by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Expression(Part):
    """A regular expression."""

    source: str


@dataclass(frozen=True, slots=True)
class Group(Part):
    """At least `count` of the parts: all for AND, one for OR."""

    parts: tuple[Part, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Absent(Part):
    """NOT."""

    part: Part


@dataclass(frozen=True, slots=True)
class Near(Part):
    """Both sides with at most `distance` words between them."""

    left: Part
    right: Part
    distance: int


@dataclass(frozen=True, slots=True)
class Fielded(Part):
    """A part that is looked for in one field only; it holds no other Fielded."""

    field: str
    part: Part


def parse(query: str) -> tuple[Part | None, list[Fault]]:
    """The query, unless it cannot be read, and what is wrong with it."""
    lexer = Lexer(query)
    try:
        part: Any = _PARSER.parse(lexer.tokens)
    except lark.UnexpectedToken as error:
        # What the lexer found wrong has upset the parser, too.
        return None, lexer.faults or [_unexpected(query, lexer.tokens, error.token)]
    return part, lexer.faults


class _Tokens(LarkLexer):
    """Hands our tokens to lark."""

    def __init__(self, configuration: object) -> None:
        pass

    def lex(self, tokens: Any) -> Iterator[lark.Token]:  # type: ignore[override]
        for token in tokens:
            kind = "EXACT" if token.exact else f"_{token.kind}" if token.kind in _DROPPED else token.kind
            yield lark.Token(kind, token.value, start_pos=token.start, end_pos=token.end)


class _Builder(lark.Transformer[lark.Token, Part]):
    """Builds each part when the parser has read it, so that no depth of a query is one of the stack."""

    def either(self, parts: list[Part]) -> Part:
        return Group(parts[0].start, parts[-1].end, tuple(parts), 1)

    def every(self, parts: list[Part]) -> Part:
        return Group(parts[0].start, parts[-1].end, tuple(parts), len(parts))

    def absent(self, read: list[Any]) -> Part:
        sign, part = read
        # NOT NOT a is a.
        return part.part if isinstance(part, Absent) else Absent(_start(sign), part.end, part)

    def near(self, read: list[Any]) -> Part:
        left: Part = read[0]
        for sign, right in zip(read[1::2], read[2::2], strict=True):
            left = Near(left.start, right.end, left, right, int(sign))
        return left

    def fielded(self, read: list[Any]) -> Part:
        field, part = read
        return Fielded(_start(field), part.end, str(field), part)

    def group(self, read: list[Any]) -> Part:
        part: Part = read[1]
        return replace(part, start=_start(read[0]), end=_end(read[2]))

    def count(self, read: list[Any]) -> Part:
        number, _, *parts, closing = read
        return Group(_start(number), _end(closing), tuple(parts), int(number))

    def word(self, read: list[Any]) -> Part:
        return Word(_start(read[0]), _end(read[0]), str(read[0]), exact=False)

    def exact(self, read: list[Any]) -> Part:
        return Word(_start(read[0]), _end(read[0]), str(read[0]), exact=True)

    def listed(self, read: list[Any]) -> Part:
        return Listed(_start(read[0]), _end(read[0]), str(read[0]))

    def regex(self, read: list[Any]) -> Part:
        return Expression(_start(read[0]), _end(read[0]), str(read[0]))


_PARSER = lark.Lark(GRAMMAR, parser="lalr", lexer=_Tokens, transformer=_Builder())


def _start(token: lark.Token) -> int:
    return token.start_pos or 0


def _end(token: lark.Token) -> int:
    return token.end_pos or 0


def _unexpected(query: str, tokens: Sequence[Token], found: lark.Token) -> Fault:
    """The fault of a query whose parts are all right, but stand where they may not."""
    if found.type == "$END":
        if not tokens:
            return Fault(0, "there is nothing to look for", "write a word, such as superintelligence")
        index, here, remedy = len(tokens), "the end", "write what follows, or remove it"
    else:
        index = [token.start for token in tokens].index(_start(found))
        here, remedy = (
            f"`{query[tokens[index].start : tokens[index].end]}`",
            "write what belongs between, or remove one",
        )
    if not index:
        return Fault(tokens[0].start, f"{here} stands first", "write what it joins before it, or remove it")
    before = tokens[index - 1]
    if before.kind == "FIELD":
        remedy = f"write {before.value}:word or {before.value}:(a OR b)"
    elif before.kind == "NEAR":
        remedy = "the sides of NEAR are words, phrases, lists or groups of them with OR"
    return Fault(before.start, f"`{query[before.start : before.end]}` stands before {here}", remedy)
