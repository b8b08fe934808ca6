"""The packs that a watchlist names, and what is wrong with naming them."""

from collections.abc import Iterable, Iterator

from monitor import packs
from monitor.draft import Draft
from monitor.packs import Pack
from monitor.places import KeyPath
from monitor.tables import WatchlistTable
from rules.watchlist import Kind
from rules.wording import did_you_mean


def chosen_packs(draft: Draft, path: KeyPath, table: WatchlistTable) -> Iterator[tuple[KeyPath, Pack]]:
    """Each pack that the list at `path` names, once, with the key that names it."""
    for number, name in enumerate(table.packs):
        at = (*path, "packs", number)
        if name not in packs.names():
            draft.problem(at, f"there is no pack `{name}`", did_you_mean(name, packs.names()))
        elif name not in table.packs[:number]:
            pack = packs.load(name)
            if pack.kind is None:
                draft.problem(at, f"{name} is a list of feeds", f"`wirebell feeds import {name}` adds them")
            elif "kind" in table.model_fields_set and table.kind not in (Kind.TOPIC, pack.kind):
                remedy = f'write kind = "{pack.kind}", or name it in a list of its own'
                draft.problem(at, f"{name} is a pack of kind {pack.kind}, and this list of kind {table.kind}", remedy)
            else:
                yield at, pack


def kind_of(table: WatchlistTable, chosen: Iterable[Pack]) -> Kind:
    """What the entries of the list are: as it says, else as all its packs say, else topics."""
    kinds = {pack.kind for pack in chosen}
    if "kind" in table.model_fields_set or len(kinds) != 1:
        return table.kind
    return kinds.pop() or table.kind
