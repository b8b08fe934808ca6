"""Adds names to the watchlists of the user's own file. Nothing else of it changes: comments, order, line ends, mode."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor import fileedit
from monitor.fileedit import Edited
from monitor.listtext import with_alias, with_entry
from monitor.places import KeyPath
from rules.mistakes import Mistake, Mistakes, mistake
from rules.watchlist import Watchlist
from rules.wording import did_you_mean


@dataclass(frozen=True, slots=True)
class Addition:
    """A name for an entry of a watchlist; where `entry` is empty, a new entry."""

    watchlist: str
    entry: str
    form: str


@dataclass(frozen=True, slots=True)
class Added:
    """What was written, what was there already, and the text before and after."""

    written: tuple[Addition, ...]
    present: tuple[Addition, ...]
    edited: Edited


def add(
    path: Path,
    additions: Sequence[Addition],
    watchlists: Sequence[Watchlist],
    environ: Mapping[str, str] = os.environ,
    *,
    dry_run: bool = False,
) -> Added:
    """Add names to the configuration at `path`, of which `watchlists` are the lists as they are read.

    An entry that comes from a CSV file or a pack gets its name by an entry of the same name in the configuration:
    the two are one. Raises Mistakes, and changes nothing, where one name cannot be added. A `dry_run` writes nothing.
    """
    faults = [fault for addition in additions for fault in _faults(addition, watchlists)]
    if faults:
        raise Mistakes(faults)
    written: list[Addition] = []

    def change(text: str, data: dict[str, Any]) -> str:
        for addition in dict.fromkeys(additions):
            changed = _added(text, data, addition, path)
            if changed != text:
                written.append(addition)
            text = changed
        return text

    edited = fileedit.edit(path, change, environ, plain=_plain, what="this list is written", dry_run=dry_run)
    present = tuple(addition for addition in dict.fromkeys(additions) if addition not in written)
    return Added(tuple(written), present, edited)


def _faults(addition: Addition, watchlists: Sequence[Watchlist]) -> Iterator[Mistake]:
    watchlist = next((one for one in watchlists if one.name == addition.watchlist), None)
    if watchlist is None:
        remedy = did_you_mean(addition.watchlist, [one.name for one in watchlists])
        yield Mistake(addition.watchlist, "there is no watchlist of this name", remedy)
        return
    names = {_tidy(entry.name): entry.name for entry in watchlist.entries}
    if addition.entry and _tidy(addition.entry) not in names:
        remedy = did_you_mean(addition.entry, list(names.values()))
        yield Mistake(addition.entry, f"there is no entry of this name in {addition.watchlist}", remedy)
    if not addition.form.strip():
        yield Mistake(addition.watchlist, "the name to add is empty", "write one")


def _tidy(name: str) -> str:
    return " ".join(name.split())


def _added(text: str, data: dict[str, Any], addition: Addition, path: Path) -> str:
    """The new text; `data` is changed alike. The same text where the name is there."""
    watchlists = data.get("watchlists", {})
    if addition.watchlist not in watchlists:
        raise mistake(addition.watchlist, f"there is no watchlist of this name in {path.name}", "reload, and try again")
    watchlist: KeyPath = ("watchlists", addition.watchlist)
    short = isinstance(watchlists[addition.watchlist], list)
    entries_path = watchlist if short else (*watchlist, "entries")
    entries = watchlists[addition.watchlist] if short else watchlists[addition.watchlist].setdefault("entries", [])
    names = [_tidy(one if isinstance(one, str) else str(one.get("name", ""))) for one in entries]
    name = _tidy(addition.entry or addition.form)
    if name not in names:
        new = {"name": addition.entry, "aliases": [addition.form]} if addition.entry else addition.form
        entries.append(new)
        return with_entry(text, watchlist, entries_path, new)
    index = names.index(name)
    entry = {"name": entries[index]} if isinstance(entries[index], str) else entries[index]
    aliases = entry.setdefault("aliases", [])
    if addition.form in aliases or _tidy(addition.form) == name:
        return text
    aliases.append(addition.form)
    entries[index] = entry
    return with_alias(text, entries_path, index, addition.form)


def _plain(data: dict[str, Any]) -> dict[str, Any]:
    """A list may be its entries alone, and an entry its name alone."""
    watchlists = {name: _plain_list(value) for name, value in data.get("watchlists", {}).items()}
    return {**data, "watchlists": watchlists}


def _plain_list(value: Any) -> Any:
    table = {"entries": value} if isinstance(value, list) else dict(value)
    entries = [{"name": one} if isinstance(one, str) else one for one in table.get("entries", [])]
    table["entries"] = [{**one, "aliases": one.get("aliases", [])} for one in entries]
    return table
