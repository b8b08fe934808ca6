"""Where feeds are written in the text of a configuration, and how one more or one less reads.

The text is edited where `places` says; tomlkit writes the values. Its own edits were tried and cost comments: removing
a [[feeds]] takes those of the next table along, and what is appended after an element with a comment is no TOML.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import tomlkit

from monitor.places import KeyPath, Place, places_of
from monitor.tomltext import appended, inline

_COMMA = re.compile(r"(?:[ \t\n]|#[^\n]*+)*+,")  # possessive: a comma in a comment is none
_REST_OF_LINE = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|$)")
_COMMENT_LINES = re.compile(r"(?:[ \t]*#[^\n]*(?:\n|$))*")
_HEADER = re.compile(r"[ \t]*\[")


def short(table: dict[str, Any]) -> Any:
    """A feed that is its address alone is written as its address."""
    return table["url"] if table.keys() == {"url"} else table


def added(text: str, tables: Sequence[dict[str, Any]]) -> str:
    """`text` with `tables`, the keys of one feed each, behind the feeds that are there, in their form."""
    places = places_of(text)
    whole = places.get(("feeds",))
    if whole and not text.startswith("[", whole.start):
        return _added_to_list(text, places, tables)
    at = len(text)
    if whole:
        at = end_of_table(text, end_of(places, ("feeds",)))
    before, after = text[:at].rstrip("\n"), text[at:]
    written = "\n\n".join(f"[[feeds]]\n{tomlkit.dumps(table).rstrip()}" for table in tables)
    gap = "" if not after or after.startswith("\n") else "\n"
    return f"{before}\n\n{written}\n{gap}{after}" if before else f"{written}\n{gap}{after}"


def _added_to_list(text: str, places: Mapping[KeyPath, Place], tables: Sequence[dict[str, Any]]) -> str:
    elements = [place for path, place in places.items() if path[0] == "feeds" and len(path) == 2]
    return appended(text, places["feeds",], elements, [inline(short(table)) for table in tables])


def removed(text: str, index: int) -> str:
    """`text` without the feed `index`. A comment in its own lines goes with it; all others stay."""
    places = places_of(text)
    if text.startswith("[", places["feeds",].start):
        return _without_table(text, places, index)
    place = places["feeds", index]
    end = place.end
    comma = _COMMA.match(text, end)
    if comma and "\n" not in comma[0]:
        end = comma.end()
    elif comma:
        text = text[: comma.end() - 1] + text[comma.end() :]
    first = text.rfind("\n", 0, place.start) + 1
    rest = _REST_OF_LINE.match(text, end)
    if not text[first : place.start].strip() and rest:
        return text[:first] + text[rest.end() :]
    before, after = text[: place.start], text[end:]
    if after.lstrip(" \t").startswith("]"):
        return re.sub(r",[ \t]*$", "", before) + after.lstrip(" \t")
    return before + after.lstrip(" \t")


def _without_table(text: str, places: Mapping[KeyPath, Place], index: int) -> str:
    start = text.rfind("\n", 0, places["feeds", index].start) + 1
    end = text.find("\n", end_of(places, ("feeds", index)))
    before, after = text[:start], text[end + 1 :] if end >= 0 else ""
    # One gap is enough where there were two.
    return before + (after.removeprefix("\n") if before.endswith("\n\n") or not before else after)


def end_of(places: Mapping[KeyPath, Place], path: KeyPath, *, below: bool = False) -> int:
    """Where the last of what is at `path` ends; only of what is `below` it."""
    return max(
        place.end for known, place in places.items() if known[: len(path)] == path and (known != path or not below)
    )


def end_of_table(text: str, end: int) -> int:
    """Behind the line at `end` and the comments below it, unless they stand right above another table."""
    line = text.find("\n", end) + 1 or len(text)
    comments = _COMMENT_LINES.match(text, line)
    after = comments.end() if comments else line
    return line if _HEADER.match(text, after) else after
