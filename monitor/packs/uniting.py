"""Where a pack and an entry of the user name the same thing, it is one entry, called as the user calls it.

Its aliases are those of both. Of the rest, such as `exact` and `context`, what the user wrote wins; what the user did
not write is as the pack has it. `context = []` is written: no context.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from monitor.places import KeyPath
from rules.text import fold
from rules.watchlist import Entry


@dataclass(frozen=True, slots=True)
class Written:
    """An entry, the place it was read at, the files or packs it comes from, and which of its fields somebody wrote."""

    entry: Entry
    at: KeyPath
    sources: tuple[str, ...]
    keys: frozenset[str] = frozenset()


def united(written: Sequence[Written], packed: Iterable[Entry], at: KeyPath, pack: str) -> list[Written]:
    """`written` with the entries of a pack, which the key `at` names."""
    owners: dict[str, int] = {}
    for index, one in enumerate(written):
        for name in _names(one.entry):
            owners.setdefault(_folded(name), index)
    found = list(written)
    for entry in packed:
        owner = next((owners[key] for key in map(_folded, _names(entry)) if key in owners), None)
        if owner is None:
            found.append(Written(entry, at, (pack,)))
        else:
            # What another entry of the user is called is that one's name.
            new = [name for name in _names(entry) if owners.get(_folded(name), owner) == owner]
            found[owner] = _both(found[owner], entry, new, pack)
    return found


def _both(own: Written, packed: Entry, names: Iterable[str], pack: str) -> Written:
    aliases = dict.fromkeys([*own.entry.aliases, *names])
    aliases.pop(own.entry.name, None)
    unwritten: dict[str, Any] = {
        field.name: getattr(packed, field.name) for field in fields(Entry) if field.name not in own.keys
    }
    entry = replace(own.entry, **{**unwritten, "name": own.entry.name, "aliases": tuple(aliases)})
    # A second entry of a pack that shares a name brings its names alone.
    every = frozenset(field.name for field in fields(Entry))
    return replace(own, entry=entry, sources=tuple(dict.fromkeys((*own.sources, pack))), keys=every)


def _names(entry: Entry) -> tuple[str, ...]:
    return (entry.name, *entry.aliases)


def _folded(name: str) -> str:
    """Equal for names that mean the same, whatever signs say how to look for them."""
    return name if name.startswith("/") else fold(name.removeprefix("=").removesuffix("*"))
