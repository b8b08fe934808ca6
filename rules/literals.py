"""The letters in a row that a regular expression cannot do without, read from how it is written.

RE2 knows them and does not tell. What is not understood here says nothing, so an index that is asked for them loses
no match: a letter of the Latin alphabet is one in the text and in its folded words, whatever its case.
"""

import re

SHORTEST = 3
"""Letters; fewer are in nearly every text."""

Groups = list[frozenset[str]]
"""Of each, one stands in every text in which the expression is found."""

_REPEAT = re.compile(r"(?:(?P<few>[*?])|\+|\{(?P<least>\d+)(?:,\d*)?\})\??")
_OPENING = re.compile(r"\((?:\?P?<\w+>|\?[a-zA-Z-]*(?P<end>[:)]))?")
_CLASS = re.compile(r"\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:[dDsSwWbBAztnrfva]|[pP](?:\w|\{[^}]*\})|[^\w\s])")
_ONE_LETTER = re.compile(r"\[([a-zA-Z])([a-zA-Z])\]")


class _NotUnderstood(Exception):
    pass


def required(source: str) -> Groups:
    """Letters, all small, that are in every text in which `source`, a right expression of RE2, is found."""
    reader = _Reader(source)
    try:
        groups = reader.alternatives()
    except (_NotUnderstood, RecursionError):
        return []
    return groups if reader.at == len(source) else []


class _Reader:
    def __init__(self, source: str) -> None:
        self._source = source
        self.at = 0

    def alternatives(self) -> Groups:
        branches = [self._row()]
        while self._source.startswith("|", self.at):
            self.at += 1
            branches.append(self._row())
        if len(branches) == 1:
            return branches[0]
        best = [max(groups, key=_worth, default=frozenset[str]()) for groups in branches]
        return [frozenset().union(*best)] if all(best) else []

    def _row(self) -> Groups:
        groups: Groups = []
        letters = ""
        while self.at < len(self._source) and self._source[self.at] not in "|)":
            letter, inner = self._piece()
            least, once = self._times()
            letters += letter if least else ""
            if not (letter and once):
                groups += _long_enough(letters)
                groups += inner if least else []
                letters = ""
        return groups + _long_enough(letters)

    def _piece(self) -> tuple[str, Groups]:
        """A letter, or what a group cannot do without; neither for anything else."""
        one = self._source[self.at]
        if one == "(":
            return "", self._group()
        if one in "[\\":
            found = (_CLASS if one == "[" else _ESCAPE).match(self._source, self.at)
            if not found:
                raise _NotUnderstood
            self.at = found.end()
            both = _ONE_LETTER.fullmatch(found[0])
            return (both[1].lower(), []) if both and both[1].lower() == both[2].lower() else ("", [])
        self.at += 1
        return (one.lower() if one.isascii() and one.isalpha() else ""), []

    def _group(self) -> Groups:
        opening = _OPENING.match(self._source, self.at)
        if not opening or self._source[opening.end() : opening.end() + 1] == "?":
            raise _NotUnderstood
        self.at = opening.end()
        if opening["end"] == ")":
            return []
        groups = self.alternatives()
        if not self._source.startswith(")", self.at):
            raise _NotUnderstood
        self.at += 1
        return groups

    def _times(self) -> tuple[int, bool]:
        """How often at the least what stands before is there, and whether exactly once."""
        least, once = 1, True
        while found := _REPEAT.match(self._source, self.at):
            self.at = found.end()
            least, once = 0 if found["few"] else least * int(found["least"] or 1), False
        return least, once


def _long_enough(letters: str) -> Groups:
    return [frozenset((letters,))] if len(letters) >= SHORTEST else []


def _worth(group: frozenset[str]) -> int:
    return min(map(len, group))
