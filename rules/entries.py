"""The entries of a watchlist, compiled: where an item names one of them, and whether it means that one."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from rules.mistakes import Mistake, Mistakes, mistake
from rules.regexes import Regex
from rules.sighting import TEXTS, Occurrence, Sight, Sought, Vocabulary, needles_of, widest
from rules.terms import Term, read_term
from rules.watchlist import Entry, Watchlist

_OPERATOR = re.compile(r"\s(AND|OR|NOT|NEAR/\d+)\s")


class WatchedEntry:
    """One thing that is watched, by any of its names."""

    def __init__(self, name: str, names: Sequence[Sought | Regex], context: Sequence[Sought | Regex]) -> None:
        self.name = name
        self.names = names
        self._context = context

    def occurrences(self, sight: Sight) -> list[Occurrence]:
        """Where it is named and meant, in reading order."""
        return [] if self.lacks_context(sight) else self._named(sight)

    def unmeant(self, sight: Sight) -> list[Occurrence]:
        """Where it is named and not meant, for want of its context."""
        return self._named(sight) if self.lacks_context(sight) else []

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
    """A watchlist whose entries can be found."""

    def __init__(self, name: str, entries: Sequence[WatchedEntry]) -> None:
        self.name = name
        self.entries = entries
        self.needles = needles_of(sought for entry in entries for sought in entry.names)
        self._by_needle: dict[int, list[WatchedEntry]] = {}
        self._always: list[WatchedEntry] = []
        for entry in entries:
            needles = needles_of(entry.names)
            if needles is None:
                self._always.append(entry)
            for needle in needles or ():
                self._by_needle.setdefault(needle, []).append(entry)

    def named(self, sight: Sight) -> list[tuple[str, Occurrence]]:
        """The entries that the item names and means: (name, where)."""
        return sight.kept(
            self, lambda _: [(entry.name, one) for entry in self.seen(sight) for one in entry.occurrences(sight)]
        )

    def seen(self, sight: Sight) -> Iterator[WatchedEntry]:
        """The entries that the item may name."""
        there = self._by_needle.keys() & sight.needles
        yield from dict.fromkeys(entry for needle in there for entry in self._by_needle[needle])
        yield from self._always


def watch(watchlist: Watchlist, vocabulary: Vocabulary) -> tuple[WatchedList, list[Mistake]]:
    """The list, with what its entries look for added to `vocabulary`, and every mistake in it."""
    reading = _Reading(vocabulary)
    for number, entry in enumerate(watchlist.entries):
        reading.take(entry, f"{watchlist.where}.entries[{number}]")
    return WatchedList(watchlist.name, [draft.entry() for draft in reading.drafts.values()]), reading.mistakes


class _Draft:
    """What is known of an entry so far. The same name twice is one entry, and what either says of it holds."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.names: list[Sought | Regex] = []
        self.context: list[Sought | Regex] = []

    def entry(self) -> WatchedEntry:
        return WatchedEntry(self.name, tuple(dict.fromkeys(self.names)), tuple(dict.fromkeys(self.context)))


class _Reading:
    """One list being read."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.drafts: dict[str, _Draft] = {}
        self.mistakes: list[Mistake] = []
        self._vocabulary = vocabulary

    def take(self, entry: Entry, where: str) -> None:
        draft = self.drafts.setdefault(" ".join(entry.name.split()), _Draft(entry.name))
        draft.names += self._sought(entry.name, f"{where}.name", exact=entry.exact)
        for number, alias in enumerate(entry.aliases):
            draft.names += self._sought(alias, f"{where}.aliases[{number}]", exact=entry.exact)
        for number, word in enumerate(entry.context):
            draft.context += self._sought(word, f"{where}.context[{number}]", exact=False)

    def _sought(self, text: str, where: str, *, exact: bool) -> Iterator[Sought | Regex]:
        try:
            named = read_name(text, exact=exact)
            yield named if isinstance(named, Regex) else self._vocabulary.seek(named)
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
