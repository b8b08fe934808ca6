"""What a judge takes over where the user has edited lists and rules: what is written as before keeps its number.

Nothing tells what the user did, so the whole is compared with the whole: lists by their names and entries, rules by
their queries. A rule is another one, too, where a list that it names is: one of another kind, or with entries at last.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rules.book import Book, Rule
from rules.conditions import Condition, lists_in
from rules.entries import WatchedList, plain_name
from rules.grown import Grown
from rules.reading import Reader
from rules.watchlist import Entry, Watchlist

Groups = dict[str, list[tuple[int, Entry]]]
"""By a plain name: the entries of that name, which are one, and their places in the list."""


@dataclass(slots=True)
class RenewedLists:
    """Lists as they are to be. `same` are those under the numbers they had, `changed` those with other entries."""

    same: set[str] = field(default_factory=set)
    changed: list[WatchedList] = field(default_factory=list)
    edits: int = 0
    """Entries that came, went or were written otherwise."""


def renew_lists(book: Book, watchlists: Iterable[Watchlist], reader: Reader) -> RenewedLists:
    """Take in `watchlists`, those that are in `book` as far as they differ from it."""
    lists = RenewedLists()
    for watchlist in watchlists:
        name, before = watchlist.name, book.written.get(watchlist.name)
        if before and before.kind is watchlist.kind and before.entries and watchlist.entries:
            lists.same.add(name)
            if before.entries == watchlist.entries:
                reader.lists[name] = book.lists[name]
                continue
            new, lost = _differences(before, watchlist)
            lists.edits += len(new) + len(lost)
            lists.changed.append(reader.change(book.lists[name], new, lost))
        else:
            lists.edits += len(watchlist.entries)
            lists.changed.append(reader.watch(watchlist))
    lists.edits += sum(len(one.entries) for name, one in book.written.items() if name not in reader.lists)
    return lists


def _differences(before: Watchlist, after: Watchlist) -> tuple[list[tuple[str, Entry]], list[str]]:
    """The entries that are new, each with its place, and the names that are there no longer."""
    old, new = _grouped(before), _grouped(after)
    added = [
        (f"{after.where}.entries[{index}]", entry)
        for name, group in new.items()
        if name not in old or [entry for _, entry in old[name]] != [entry for _, entry in group]
        for index, entry in group
    ]
    return added, [name for name in old if name not in new]


def _grouped(watchlist: Watchlist) -> Groups:
    groups: Groups = {}
    for index, entry in enumerate(watchlist.entries):
        groups.setdefault(plain_name(entry.name), []).append((index, entry))
    return groups


def kept_numbers(
    book: Book, conditions: Grown[Condition], rules: Sequence[Rule], same: set[str]
) -> tuple[list[int | None], Counter[str]]:
    """Of each rule its number in `book`, None where it is new; and how many of those with a number name each list."""
    owned = frozenset(book.own)
    # No lists of numbers: to free a hundred thousand objects in one go holds other threads up.
    waiting: dict[str, int] = {}
    alike: dict[int, int] = {}
    for old, rule in book.living():
        if old not in owned:
            if rule.when in waiting:
                alike[old] = waiting[rule.when]
            waiting[rule.when] = old
    naming: Counter[str] = Counter()
    numbers: list[int | None] = []
    for rule in rules:
        number = waiting.get(rule.when)
        if number is not None and "@" in rule.when:
            named = {one.name for one in lists_in(conditions[number])}
            number = number if named <= same else None
            naming.update(named if named <= same else ())
        if number in alike:
            waiting[rule.when] = alike[number]
        elif number is not None:
            del waiting[rule.when]
        numbers.append(number)
    return numbers, naming
