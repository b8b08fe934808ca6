"""The entries of a watchlist, compiled: where an item names one of them, and whether it means that one."""

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet

from rules.mistakes import Mistake, Mistakes, mistake
from rules.regexes import Regex
from rules.sighting import TEXTS, Occurrence, Sight, widest
from rules.terms import Term, read_term
from rules.vocabulary import Sought, Vocabulary
from rules.watchlist import Entry, Watchlist

_OPERATOR = re.compile(r"\s(AND|OR|NOT|NEAR/\d+)\s")


class WatchedEntry:
    """One thing that is watched, by any of its names."""

    __slots__ = ("_context", "name", "names")

    def __init__(self, name: str, names: Sequence[Sought], context: Sequence[Sought]) -> None:
        self.name = name
        self.names = names
        self._context = context

    def needles(self) -> Iterable[int]:
        """One of them is in every item that names it, each once."""
        if len(self.names) == 1:
            return self.names[0].needles
        return dict.fromkeys(needle for sought in self.names for needle in sought.needles)

    def occurrences(self, sight: Sight) -> list[Occurrence]:
        """Where it is named and meant, in reading order."""
        return [] if self.lacks_context(sight) else self._named(sight)

    def lacks_context(self, sight: Sight) -> bool:
        """Whether it may be named, and none of the words that make sure of it is there."""
        return bool(self._context) and not self._has_context(sight)

    def _named(self, sight: Sight) -> list[Occurrence]:
        if len(self.names) == 1:
            return sight.occurrences(self.names[0])
        return widest(one for name in self.names for one in sight.occurrences(name))

    def _has_context(self, sight: Sight) -> bool:
        # A name is no context of its own: the AI of "Meta AI" says nothing of which Meta it is.
        own: dict[int, list[Occurrence]] = {}
        for one in self._named(sight):
            own.setdefault(one.place, []).append(one)
        return any(
            one.place in TEXTS and not _overlaps(one, own.get(one.place, []))
            for word in self._context
            for one in sight.occurrences(word)
        )


def _overlaps(one: Occurrence, others: list[Occurrence]) -> bool:
    """`others` are in reading order, and none lies in another."""
    before = bisect_right(others, one.last, key=lambda other: other.first)
    return before > 0 and others[before - 1].last >= one.first


class WatchedList:
    """A watchlist whose entries can be found. Its `number` is found where a needle of an entry is."""

    __slots__ = ("_by_needle", "_entries", "name", "number")

    def __init__(self, name: str, entries: Sequence[WatchedEntry], number: int) -> None:
        self.name = name
        self.number = number
        self._entries = entries
        self._by_needle: dict[int, tuple[WatchedEntry, ...]] = {}
        for entry in entries:
            alone = (entry,)
            for needle in entry.needles():
                self._by_needle[needle] = self._by_needle.get(needle, ()) + alone

    @property
    def entries(self) -> Sequence[WatchedEntry]:
        return self._entries

    @property
    def needles(self) -> AbstractSet[int]:
        """One of them is in every item that names an entry."""
        return self._by_needle.keys()

    def named(self, sight: Sight) -> list[tuple[str, Occurrence]]:
        """The entries that the item names and means: (name, where)."""
        return sight.kept(
            self, lambda _: [(entry.name, one) for entry in self.seen(sight) for one in entry.occurrences(sight)]
        )

    def seen(self, sight: Sight) -> Collection[WatchedEntry]:
        """The entries that the item may name."""
        there = self._by_needle.keys() & sight.needles
        return dict.fromkeys(entry for needle in there for entry in self._by_needle[needle])


class EditedList(WatchedList):
    """The list `base` with entries `added`, and without those whose names are `lost`; what is shared is not copied."""

    __slots__ = ("added", "base", "lost")

    def __init__(self, base: WatchedList, lost: frozenset[str], added: Sequence[WatchedEntry]) -> None:
        super().__init__(base.name, added, base.number)
        self.base = base
        self.lost = lost
        self.added = added

    @property
    def entries(self) -> Sequence[WatchedEntry]:
        return [*self._kept(self.base.entries), *self.added]

    def seen(self, sight: Sight) -> Collection[WatchedEntry]:
        """The entries that the item may name."""
        return [*self._kept(self.base.seen(sight)), *super().seen(sight)]

    def _kept(self, entries: Iterable[WatchedEntry]) -> list[WatchedEntry]:
        return [entry for entry in entries if plain_name(entry.name) not in self.lost]


def plain_name(name: str) -> str:
    """By it, two entries are one."""
    return " ".join(name.split())


def watch(watchlist: Watchlist, vocabulary: Vocabulary) -> tuple[WatchedList, list[Mistake]]:
    """The list, with what its entries look for added to `vocabulary`, and every mistake in it."""
    reading = _Reading(vocabulary)
    for number, entry in enumerate(watchlist.entries):
        reading.take(entry, f"{watchlist.where}.entries[{number}]")
    entries = tuple(draft.entry() for draft in reading.drafts.values())
    sign = vocabulary.sign(sum(vocabulary.weight(needle) for entry in entries for needle in entry.needles()))
    return WatchedList(watchlist.name, entries, sign), reading.mistakes


def watch_more(
    watched: WatchedList, entries: Sequence[Entry], without: Collection[str], vocabulary: Vocabulary
) -> tuple[EditedList, list[Mistake]]:
    """The list with more entries and without those of some names, under the same number, and every mistake in them.

    An entry whose name is there takes the place of the other.
    """
    reading = _Reading(vocabulary)
    for number, entry in enumerate(entries):
        reading.take(entry, f"watchlists.{watched.name}.entries[{number}]")
    gone = frozenset([*map(plain_name, without), *reading.drafts])
    base, lost, before = (
        (watched.base, watched.lost, watched.added) if isinstance(watched, EditedList) else (watched, frozenset(), ())
    )
    added = [entry for entry in before if plain_name(entry.name) not in gone]
    added += [draft.entry() for draft in reading.drafts.values()]
    return EditedList(base, lost | gone, added), reading.mistakes


class _Draft:
    """What is known of an entry so far. The same name twice is one entry, and what either says of it holds."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.names: list[Sought] = []
        self.context: list[Sought] = []

    def entry(self) -> WatchedEntry:
        return WatchedEntry(self.name, tuple(dict.fromkeys(self.names)), tuple(dict.fromkeys(self.context)))


class _Reading:
    """One list being read."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.drafts: dict[str, _Draft] = {}
        self.mistakes: list[Mistake] = []
        self._vocabulary = vocabulary
        self._read: dict[tuple[str, bool], Sought] = {}

    def take(self, entry: Entry, where: str) -> None:
        draft = self.drafts.setdefault(plain_name(entry.name), _Draft(entry.name))
        draft.names += self._sought(entry.name, f"{where}.name", exact=entry.exact)
        for number, alias in enumerate(entry.aliases):
            draft.names += self._sought(alias, f"{where}.aliases[{number}]", exact=entry.exact)
        for number, word in enumerate(entry.context):
            draft.context += self._sought(word, f"{where}.context[{number}]", exact=False)

    def _sought(self, text: str, where: str, *, exact: bool) -> Iterator[Sought]:
        key = (text, exact)
        try:
            if key not in self._read:
                self._read[key] = self._vocabulary.seek(read_name(text, exact=exact))
            yield self._read[key]
        except Mistakes as mistakes:
            self.mistakes += (Mistake(where, found.problem, found.remedy) for found in mistakes.found)


def read_name(text: str, *, exact: bool = False) -> Term | Regex:
    """What a name, an alias or a word of context looks for. Raises Mistakes, without a place."""
    text = text.strip()
    if len(text) > 2 and text[0] == text[-1] == "/":
        return Regex(text[1:-1].replace("\\/", "/"), exact=exact)
    if text.startswith("=/") and text.endswith("/"):
        raise mistake("", f"= and /.../ do not go together in `{text}`", "write /(?-i).../ where case counts")
    if text.startswith("="):
        return read_term(text[1:], exact=True)
    operator = _OPERATOR.search(text)
    # In capitals throughout, AND may belong to the name: JOHNSON AND JOHNSON.
    if operator and (operator[1] != "AND" or text != text.upper()):
        raise mistake("", f"`{text}` is a query, not a name", "write each name as an entry or an alias of its own")
    if "|" in text:
        raise mistake(
            "", f"`{text}` looks like several names", "a | parts them in CSV files only: write each as an alias"
        )
    return read_term(text, exact=exact)
