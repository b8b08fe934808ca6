"""Shows a place in a query: its line and column, the line itself, and a caret under the place."""

import unicodedata

WIDEST = 72
"""Characters of a line that are shown around the place."""


def place(query: str, offset: int) -> str:
    """`line 1, column 5`; both count from 1."""
    line = query.count("\n", 0, offset) + 1
    return f"line {line}, column {offset - query.rfind(chr(10), 0, offset)}"


def pointed(query: str, offset: int) -> str:
    """Two lines: the line of the query, or the part of it around `offset`, and the caret."""
    start = query.rfind("\n", 0, offset) + 1
    end = query.find("\n", offset)
    line, column = query[start : end if end >= 0 else len(query)], offset - start
    cut = max(min(column - WIDEST // 2, len(line) - WIDEST), 0)
    before, after = "…" if cut else "", "…" if len(line) > cut + WIDEST else ""
    shown = "".join(sign if sign.isprintable() else " " for sign in line[cut : cut + WIDEST])
    return f"    {before}{shown}{after}\n    {' ' * _columns(before + shown[: column - cut])}^"


def _columns(text: str) -> int:
    """How wide a terminal shows it."""
    return sum(_width(sign) for sign in text)


def _width(sign: str) -> int:
    if unicodedata.category(sign) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1
