"""The users' regular expressions: RE2, in linear time whatever the expression and the text."""

import re
from collections.abc import Iterator, Mapping

import re2

from rules.mistakes import mistake
from rules.text import fold

MOST = 100
"""Places of one expression in one text. Each may take a look at the whole of the text, so their number is bounded."""

_CLASS = re.compile(r"\\(?:[pP](?:\{\w+\}|\w)|\w)")
r"""What stands for letters and is none: \b, \S, \pL."""

_PROBES = ("", "a", " ", "a b", "1", "-", "a\n", "é", "中")
_LETTERS = ("a", "Q", "7")


class Regex:
    """An expression that finds something, and not everything. Raises Mistakes, without a place, with RE2's reason."""

    __slots__ = ("_compiled", "exact", "source")

    def __init__(self, source: str, *, exact: bool = False) -> None:
        self.source = source
        self.exact = exact
        try:
            self._compiled = re2.compile(source, _options(exact=exact))
        except (re2.error, UnicodeEncodeError) as error:
            raise mistake("", f"/{source}/ is no regular expression: {_reason(error)}", _remedy(source)) from None
        if any(start == end for probe in _PROBES for start, end in self._found(probe)):
            raise mistake("", f"/{source}/ finds the empty text everywhere", "ask for a letter at the least: + not *")
        if all(any(self._found(letter)) for letter in _LETTERS):
            raise mistake("", f"/{source}/ finds every letter", "ask for more")

    @property
    def words(self) -> str:
        """The letters that are written in it, folded."""
        return fold(_CLASS.sub(" ", self.source))

    @property
    def has_literal(self) -> bool:
        """Whether it needs three bytes in a row that are known before, so that few texts are searched."""
        return not RegexSet({0: self}).possible("")

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where it is found: (start, end) of the first hundred places."""
        return [(start, end) for start, end in self._found(text) if end > start]

    def is_in(self, text: bytes) -> bool:
        """Whether it is found at all in what is `encoded`."""
        first = self._compiled.search(text)
        return first is not None and (
            first.start() < first.end() or any(found.start() < found.end() for found in self._compiled.finditer(text))
        )

    def _found(self, text: str) -> Iterator[tuple[int, int]]:
        # RE2 counts bytes.
        data = encoded(text)
        letters = seen = 0
        for count, found in enumerate(self._compiled.finditer(data), 1):
            start, end = found.span()
            letters += len(data[seen:start].decode())
            length = len(data[start:end].decode())
            yield letters, letters + length
            letters, seen = letters + length, end
            if count == MOST:
                return


class RegexSet:
    """Many expressions by their numbers. RE2 knows which letters in a row each cannot do without."""

    def __init__(self, regexes: Mapping[int, Regex]) -> None:
        self.regexes = regexes
        self._numbers = tuple(regexes)
        self._filter = re2.Filter()
        for regex in regexes.values():
            self._filter.Add(regex.source, _options(exact=regex.exact))
        if regexes:
            self._filter.Compile()

    def possible(self, text: str) -> set[int]:
        """The numbers of those that may be found in `text`; of the others, none is."""
        if not self._numbers:
            return set()
        found = self._filter.Match(encoded(text), True)
        return {self._numbers[index] for index in found or ()}


def encoded(text: str) -> bytes:
    """As RE2 takes it. A surrogate, which has no bytes in UTF-8, becomes one question mark."""
    return text.encode("utf-8", "replace")


def _options(*, exact: bool) -> re2.Options:
    options = re2.Options()
    options.case_sensitive = exact
    options.never_capture = True
    options.log_errors = False
    return options


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeEncodeError):
        return "it holds half a character"
    reason = error.args[0] if error.args else ""
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)


def _remedy(source: str) -> str:
    if any(sign in source for sign in ("(?=", "(?!", "(?<=", "(?<!")):
        return "RE2 has no look-around: ask for what stands there, or write AND NOT"
    return "see https://github.com/google/re2/wiki/Syntax; a slash in it is written \\/"
