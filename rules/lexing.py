"""Takes a query apart into tokens.

After a fault it goes on as if the right thing stood there, so that one look finds every fault.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from rules.slips import FIELDS, field_meant, operator_meant, slip_behind, slip_in

DEEPEST = 200
"""Brackets inside one another."""

_TOKEN = re.compile(
    r"""[\s\u200b-\u200f\u2060\ufeff]*(?:
     (?P<OPEN>[(（])|(?P<CLOSE>[)）])|(?P<COMMA>[,，、])
    |(?P<phrase>=?(?:"(?:[^"\\]|\\.)*"|"[^"”]*”|[“”„‟][^“”"]*[“”"]|«[^»]*»|»[^«]*«))
    |(?P<REGEX>/(?:\\.|\[(?:\\.|[^\]\\])+\]|[^/\\\[])+/)(?=[\s()（），、,]|$)
    |(?P<COUNT>\d{1,6}\s+[Oo][Ff])(?=\s*[(（])
    |(?P<NEAR>NEAR/\d{1,6})(?=[\s(（@"]|$)
    |(?P<LIST>@(?:"(?:[^"\\]|\\.)*"|[\w-]+(?:\.[\w-]+)*))
    |(?P<FIELD>[^\W\d_]+[:：])(?!//)
    |(?P<moves>moves)(?=\()
    |(?P<sign>&&|\|\||[&|](?=\s|$)|!|-(?=[^\s-])|[–—−](?=\w)|\+(?=[\w"]))
    |(?P<word>(?:(?!&&|\|\|)[^\s()（）"“”„‟«»,，、])+)
    |(?P<quote>\S))""",
    re.VERBOSE | re.DOTALL,
)
_SIGNS = {"&&": "AND", "&": "AND", "||": "OR", "|": "OR", "!": "NOT", "–": "NOT", "—": "NOT", "−": "NOT"}
_OPERANDS_END = frozenset(("WORD", "LIST", "REGEX", "CLOSE"))
_OPERANDS_BEGIN = frozenset(("WORD", "LIST", "REGEX", "OPEN", "FIELD", "COUNT", "NOT"))


class Fault(NamedTuple):
    """What is wrong at a place of a query, and what would be right."""

    offset: int
    problem: str
    remedy: str


class Token(NamedTuple):
    """`value` is what the parser needs of it: the text of a word, the number of NEAR/10, the name of a list.

    A `bare` word stands without quotes and without =.
    """

    kind: str
    value: str
    start: int
    end: int
    exact: bool = False
    bare: bool = False


class Lexer:
    """The tokens of one query, and its faults. Brackets are in balance, and a comma is in `n OF (...)` only."""

    def __init__(self, query: str) -> None:
        self.query = query
        self.faults: list[Fault] = []
        self.tokens: list[Token] = []
        self._open: list[Token] = []
        self._counting: list[bool] = [False]
        take: dict[str | None, Callable[[Token], None]] = {
            "OPEN": self._opening,
            "CLOSE": self._closing,
            "COMMA": self._comma,
            "phrase": self._phrase,
            "REGEX": self._regex,
            "COUNT": self._count,
            "NEAR": self._near,
            "LIST": self._list,
            "FIELD": self._field,
            "moves": self._moves,
            "sign": self._sign,
            "word": self._word,
            "quote": self._unclosed,
        }
        self._place = 0
        while found := _TOKEN.match(query, self._place):
            kind = found.lastgroup or ""
            self._place = found.end()
            take[kind](Token(kind, found[kind], found.start(kind), found.end(kind)))
        for bracket in self._open:
            self._fault(bracket, "this bracket is never closed", "write ) where the group ends")
            self.tokens.append(Token("CLOSE", ")", len(query), len(query)))
        self._mean_operators()

    def _fault(self, token: Token, problem: str, remedy: str) -> None:
        self.faults.append(Fault(token.start, problem, remedy))

    def _add(self, token: Token, kind: str, value: str, *, exact: bool = False, bare: bool = False) -> None:
        self.tokens.append(Token(kind, value, token.start, token.end, exact, bare))

    def _opening(self, token: Token) -> None:
        self._counting.append(bool(self.tokens) and self.tokens[-1].kind == "COUNT")
        self._open.append(token)
        self.tokens.append(token)
        if len(self._open) == DEEPEST + 1:
            self._fault(token, f"more than {DEEPEST} brackets are open here", "make the query flatter")
            self._give_up()

    def _closing(self, token: Token) -> None:
        if not self._open:
            self._fault(token, "no bracket is open here", "remove it, or write ( where the group begins")
            return
        self._counting.pop()
        bracket = self._open.pop()
        if self.tokens[-1] is bracket:
            self._fault(bracket, "there is nothing in these brackets", "write what belongs there, or remove them")
            self._add(token, "WORD", "nothing")
        self.tokens.append(token)

    def _comma(self, token: Token) -> None:
        if self._counting[-1]:
            self.tokens.append(token)
        else:
            self._fault(token, "a comma parts only what stands behind OF", "write AND or OR, or put it in quotes")

    def _phrase(self, token: Token) -> None:
        exact = token.value.startswith("=")
        phrase = _unquoted(token.value.removeprefix("="))
        if not phrase.strip():
            self._fault(token, "there is nothing in these quotes", "write a word or a phrase")
            phrase = "nothing"
        elif phrase.startswith("=") and not exact:
            self._fault(token, "the = stands inside the quotes", f'write ="{phrase[1:]}"')
        self._add(token, "WORD", phrase, exact=exact)

    def _regex(self, token: Token) -> None:
        self._add(token, "REGEX", token.value[1:-1].replace("\\/", "/"))

    def _count(self, token: Token) -> None:
        number, word = token.value.split()
        if word != "OF":
            self._fault(token, f"`{token.value}` is no operator", f"write it in capitals: {number} OF (a, b, c)")
        self._add(token, "COUNT", number)

    def _near(self, token: Token) -> None:
        self._add(token, "NEAR", token.value[5:])

    def _list(self, token: Token) -> None:
        self._add(token, "LIST", _unquoted(token.value[1:]))

    def _field(self, token: Token) -> None:
        name = token.value[:-1].lower()
        if name in FIELDS:
            self._add(token, "FIELD", name)
        else:
            self._fault(token, f"there is no field `{token.value}`", field_meant(name))

    def _sign(self, token: Token) -> None:
        kind = _SIGNS.get(token.value, "NOT")
        if token.value == "+":
            self._fault(token, "+ is no operator", "leave it out: words side by side are all asked for")
            return
        if token.value != "-":
            self._fault(token, f"{token.value} is no operator", f"write {kind}")
        self._add(token, kind, token.value)

    def _moves(self, token: Token) -> None:
        self._fault(
            token,
            "moves(...) comes in a later version",
            "until then write @people AND @labs AND (joins OR leaves OR hires OR hired)",
        )
        self._add(token, "WORD", token.value)
        self._place = _after_brackets(self.query, token.end)

    def _unclosed(self, token: Token) -> None:
        self._fault(token, "this quote is never closed", 'write " where the phrase ends')
        self._give_up()

    def _give_up(self) -> None:
        """Nobody knows where the next token begins: what follows may be anything."""
        self._place = len(self.query)
        self._open.clear()

    def _word(self, token: Token) -> None:
        word, before = token.value, self.tokens[-1] if self.tokens else None
        fielded = before is not None and before.kind == "FIELD"
        if word in ("AND", "OR", "NOT"):
            self._add(token, word, word)
        elif word == "OF":
            self._fault(token, "OF has no number before and a group behind it", "write 2 OF (a, b, c)")
        elif word == "NEAR" or word.startswith("NEAR/"):
            self._fault(token, f"`{word}` does not say how near", "write NEAR/10: at most ten words between")
            self._add(token, "NEAR", "10")
        elif before and before.end == token.start and before.kind in ("WORD", "CLOSE") and (slip := slip_behind(word)):
            self._fault(token, *slip)
        elif (slip := slip_in(word)) and not (fielded and "://" in word):
            self._fault(token, *slip)
            self._add(token, "WORD", "nothing")
            if word.startswith("/"):
                self._give_up()
        else:
            exact = word.startswith("=")
            self._add(token, "WORD", word.removeprefix("="), exact=exact, bare=not exact)

    def _mean_operators(self) -> None:
        """A small `and` between two terms is hardly a word that is looked for."""
        for index, token in enumerate(self.tokens):
            before = self.tokens[index - 1].kind if index else "OPEN"
            after = self.tokens[index + 1].kind if index + 1 < len(self.tokens) else ""
            if token.bare and after in _OPERANDS_BEGIN and before != "FIELD":
                meant = operator_meant(token.value) if before in _OPERANDS_END else ""
                if token.value.lower() == "not":
                    meant = "NOT"
                if meant:
                    remedy = f'write {meant}, or "{token.value}" where the word is meant'
                    self._fault(token, f"`{token.value}` is written like a word", remedy)
                    kind, _, number = meant.partition("/")
                    self.tokens[index] = token._replace(kind=kind, value=number, bare=False)


def _unquoted(text: str) -> str:
    """The text inside quotes; a list's name may have none."""
    if text[:1] not in tuple('"“”„‟«»'):
        return text
    return re.sub(r'\\(["\\])', r"\1", text[1:-1]) if text[0] == text[-1] == '"' else text[1:-1]


def _after_brackets(query: str, place: int) -> int:
    """Where the bracket that opens at `place` is closed, or the end."""
    depth = 0
    for found in re.finditer(r"[()]", query[place:]):
        depth += 1 if found[0] == "(" else -1
        if not depth:
            return place + found.end()
    return len(query)
