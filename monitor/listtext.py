"""Where the entries of a watchlist are written in the text of a configuration, and how another name reads there.

A list is an array, a table with an array, an inline table, dotted keys or [[tables]]; each is edited in its own form.
"""

from collections.abc import Mapping
from typing import Any

from monitor.feedtext import end_of, end_of_table
from monitor.places import KeyPath, Place, key_text, places_of
from monitor.tomltext import appended, inline, key_of, value_of


def with_alias(text: str, entries: KeyPath, index: int, alias: str) -> str:
    """`text` with `alias` as the last one of the entry `index` of the list at `entries`."""
    places = places_of(text)
    entry = (*entries, index)
    place = places[entry]
    if (*entry, "aliases") in places:
        return _appended(text, places, (*entry, "aliases"), [alias])
    aliases = f"aliases = {inline([alias])}"
    if text.startswith("[", place.start):
        return _with_line(text, places[(*entry, "name")], aliases)
    if text.startswith("{", place.start):
        return _inserted(text, end_of(places, entry, below=True), f", {aliases}")
    name = text[place.start : place.end]
    return f"{text[: place.start]}{{ name = {name}, {aliases} }}{text[place.end :]}"


def with_entry(text: str, watchlist: KeyPath, entries: KeyPath, entry: Any) -> str:
    """`text` with `entry`, a name or its keys, as the last one of the list at `entries`, which `watchlist` has."""
    places = places_of(text)
    if entries not in places:
        return _with_entries(text, places, watchlist, entry)
    if text.startswith("[", places[entries].start):
        at = end_of_table(text, end_of(places, entries))
        keys = {"name": entry} if isinstance(entry, str) else entry
        lines = "\n".join(f"{key} = {inline(value)}" for key, value in keys.items())
        header = ".".join(key_text(str(key)) for key in entries)
        gap = "" if not text[at:] or text.startswith("\n", at) else "\n"
        return text[:at].rstrip("\n") + f"\n\n[[{header}]]\n{lines}\n{gap}" + text[at:]
    return _appended(text, places, entries, [entry])


def _with_entries(text: str, places: Mapping[KeyPath, Place], watchlist: KeyPath, entry: Any) -> str:
    """`text` with the first entry of a list that has files or packs alone."""
    place, written = places[watchlist], f"entries = {inline([entry])}"
    inner = [path for path in places if path[: len(watchlist)] == watchlist and len(path) > len(watchlist)]
    if text.startswith("[", place.start):
        return _with_line(text, places[inner[-1]] if inner else place, written)
    value = value_of(text, place.start)
    if text.startswith("{", value):
        if inner:
            return _inserted(text, end_of(places, watchlist, below=True), f", {written}")
        return text[:value] + f"{{ {written} }}" + text[place.end :]
    first = places[inner[0]]
    return _with_line(text, places[inner[-1]], key_of(text, first.start).rpartition(".")[0] + f".{written}")


def _appended(text: str, places: Mapping[KeyPath, Place], path: KeyPath, values: list[Any]) -> str:
    elements = [place for known, place in places.items() if known[:-1] == path]
    return appended(text, places[path], elements, [inline(value) for value in values])


def _inserted(text: str, at: int, more: str) -> str:
    return text[:at] + more + text[at:]


def _with_line(text: str, place: Place, line: str) -> str:
    """`text` with `line` below the line in which `place` ends, indented as that of `place` is."""
    begin = text.rfind("\n", 0, place.start) + 1
    indent = text[begin : place.start]
    end = text.find("\n", place.end)
    return _inserted(text, end if end >= 0 else len(text), f"\n{indent if not indent.strip() else ''}{line}")
