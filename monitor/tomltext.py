"""How one more value reads in the text of a TOML file: in the list that is there, in its layout, its comments kept."""

import re
from collections.abc import Sequence
from typing import Any

import tomlkit

from monitor.places import Place, key_text

LINE = 100
"""A list in one line stays in one line up to this length."""

_COMMENT = re.compile("#[^\n]*")
_KEY = re.compile(
    r"""(?:"(?:\\.|[^"\\])*"|'[^']*'|[\w-]+)(?:[ \t]*\.[ \t]*(?:"(?:\\.|[^"\\])*"|'[^']*'|[\w-]+))*[ \t]*=[ \t]*"""
)


def appended(text: str, whole: Place, elements: Sequence[Place], new: Sequence[str]) -> str:
    """`text` with the values `new`, as TOML writes them, behind the `elements` of a list.

    `whole` ends with the list, and begins with it or its key.
    """
    close = whole.end - 1
    start = elements[-1].end if elements else value_of(text, whole.start) + 1
    tail = text[start:close]
    line = text[whole.start : close] + ", ".join(new)
    if "\n" not in line and len(line) < LINE:
        comma = ", " if elements else ""
        return text[:start] + comma + ", ".join(new) + tail.strip() + text[close:]
    comma = "," if elements and "," not in _COMMENT.sub("", tail) else ""
    indent = _indent(text, elements[-1].start) if elements else "  "
    lines = "".join(f"\n{indent}{one}," for one in new)
    space = tail[len(tail.rstrip()) :]
    closing = space[space.rindex("\n") :] if "\n" in space else "\n"
    return text[:start] + comma + tail.rstrip() + lines + closing + text[close:]


def value_of(text: str, start: int) -> int:
    """Where the value begins whose key begins at `start`; `start` itself for a value without a key."""
    return start + len(key_of(text, start, sign=True))


def key_of(text: str, start: int, *, sign: bool = False) -> str:
    """The key that begins at `start`, as it is written; with the equals `sign` and the space behind it."""
    key = _KEY.match(text, start)
    return "" if not key else key[0] if sign else key[0].rstrip("= \t")


def inline(value: Any) -> str:
    """A text, a list or an inline table in one line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key_text(key)} = {inline(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(inline(one) for one in value) + "]"
    return str(tomlkit.item(value).as_string())


def _indent(text: str, start: int) -> str:
    """The white space before `start`, where nothing else is before it in its line."""
    before = text[text.rfind("\n", 0, start) + 1 : start]
    return before if not before.strip() and before else "  "
