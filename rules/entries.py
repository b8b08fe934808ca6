"""The entries of a watchlist, compiled: where an item names one of them, and whether it means that one."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import replace

from rules.genitives import is_plain
from rules.hearing import HeardName, heard
from rules.mistakes import Mistake, Mistakes, mistake
from rules.names import read_person, spelled
from rules.otherwise import written_otherwise
from rules.people import Person
from rules.regexes import Regex
from rules.sighting import TEXTS, Occurrence, Sight, widest
from rules.terms import Term, read_term
from rules.text import fold
from rules.vocabulary import Sought, Vocabulary
from rules.watchlist import Entry, Kind, Watchlist

_Named = tuple[Regex | None, list[Occurrence]]
"""Where one name stands, and the expression by which it was found, if it is one."""

_OPERATOR = re.compile(r"\s(AND|OR|NOT|NEAR/\d+)\s")


class WatchedEntry:
    """One thing that is watched, by any of its names.

    `people` are whom a surname leads to, and those who are known by the sound of the name.
    """

    __slots__ = ("_context", "_excepted", "_heard", "name", "names", "people")

    def __init__(
        self,
        name: str,
        names: Sequence[Sought],
        context: Sequence[Sought] = (),
        excepted: Sequence[Sought] = (),
        people: Sequence[Person | HeardName] = (),
    ) -> None:
        self.name = name
        self.names = names
        self.people = [one for one in people if isinstance(one, Person)]
        self._heard = [one for one in people if isinstance(one, HeardName)]
        self._context = context
        self._excepted = excepted

    def needles(self) -> Iterable[int]:
        """One of them is in every item that names it, each once."""
        if len(self.names) == 1 and not self.people and not self._heard:
            return self.names[0].needles
        clues = (clue for one in self._heard for clue in one.clues)
        every = (*self.names, *(person.surname for person in self.people), *clues)
        return dict.fromkeys(needle for sought in every for needle in sought.needles)

    def occurrences(self, sight: Sight) -> list[Occurrence]:
        """Where it is named and meant, in reading order."""
        named = self._by_name(sight)
        return [] if self._lacks_context(named, sight) else _together(named)

    def unmeant(self, sight: Sight) -> list[Occurrence]:
        """Where it is named and not meant, for want of its context."""
        named = self._by_name(sight)
        return _together(named) if self._lacks_context(named, sight) else []

    def _lacks_context(self, named: list[_Named], sight: Sight) -> bool:
        """Whether it is named, and none of the words that make sure of it is there."""
        # No name makes sure of itself: the AI of "Meta AI" says nothing of which Meta AI it is, but of which Meta.
        return bool(self._context and named) and not any(self._makes_sure(*own, sight) for own in named)

    def alone(self, sight: Sight, bearers: Counter[Sought]) -> list[Occurrence]:
        """Where a surname stands alone that nobody else of the `bearers` has."""
        people = {person.surname: person for person in self.people if bearers[person.surname] == 1}
        return self._counted(widest(one for person in people.values() for one in person.alone(sight)), sight)

    def _by_name(self, sight: Sight) -> list[_Named]:
        """Where those of its names stand that are there, in reading order each."""
        found: list[_Named] = [(name.regex, sight.occurrences(name)) for name in self.names]
        found += [(None, person.elsewhere(sight)) for person in self.people]
        found += [(None, one.elsewhere(sight)) for one in self._heard]
        return [(regex, counted) for regex, some in found if (counted := self._counted(some, sight))]

    def _counted(self, some: list[Occurrence], sight: Sight) -> list[Occurrence]:
        """Those of `some` that lie in nothing that is excepted."""
        if not some or not self._excepted:
            return some
        return _outside(some, widest(one for words in self._excepted for one in sight.occurrences(words)))

    def _makes_sure(self, regex: Regex | None, named: list[Occurrence], sight: Sight) -> bool:
        own: dict[int, list[Occurrence]] = {}
        for one in named:
            own.setdefault(one.place, []).append(one)
        return any(
            one.place in TEXTS and (not _overlaps(one, own.get(one.place, [])) or _is_let_in(one, regex, sight))
            for word in self._context
            for one in sight.occurrences(word)
        )


def _together(named: list[_Named]) -> list[Occurrence]:
    """Every place of every name; of those that lie in one another the widest."""
    found = [one for _, some in named for one in some]
    return widest(found) if len(found) > 1 else found


def _is_let_in(one: Occurrence, regex: Regex | None, sight: Sight) -> bool:
    r"""Whether it is no word of the expression it stands in: OpenAI in what /processa \S+ por/ finds."""
    written = sight.text(one.place)[slice(*sight.span(one))]
    return regex is not None and f" {fold(written)} " not in f" {regex.words} "


def _outside(some: list[Occurrence], around: Sequence[Occurrence]) -> list[Occurrence]:
    """Those of `some` that lie in none of `around`, which are the widest, in reading order."""

    def lies_in_one(one: Occurrence) -> bool:
        before = bisect_right(around, (one.place, one.first), key=lambda other: other[:2])
        return before > 0 and around[before - 1].place == one.place and around[before - 1].last >= one.last

    return [one for one in some if not lies_in_one(one)]


def _overlaps(one: Occurrence, others: list[Occurrence]) -> bool:
    """`others` are in reading order, and none lies in another."""
    before = bisect_right(others, one.last, key=lambda other: other.first)
    return before > 0 and others[before - 1].last >= one.first


class WatchedList:
    """A watchlist whose entries can be found. Its `number` is found where a needle of an entry is."""

    __slots__ = ("_by_needle", "_entries", "kind", "name", "number")

    def __init__(self, name: str, kind: Kind, entries: Sequence[WatchedEntry], number: int) -> None:
        self.name = name
        self.kind = kind
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

    def alone(self, sight: Sight) -> Mapping[str, list[Occurrence]]:
        """By the name of an entry, where in an item that names it its surname stands alone.

        Not where two entries of that surname are named.
        """
        return sight.kept((self, "alone"), lambda _: self._alone(sight))

    def _alone(self, sight: Sight) -> dict[str, list[Occurrence]]:
        named: dict[str, list[Occurrence]] = {}
        for name, one in self.named(sight):
            if one.place in TEXTS:
                named.setdefault(name, []).append(one)
        there = [entry for entry in self.seen(sight) if entry.people and entry.name in named]
        bearers = Counter(surname for entry in there for surname in {person.surname for person in entry.people})
        taken = widest(one for some in named.values() for one in some)
        return {entry.name: _outside(entry.alone(sight, bearers), taken) for entry in there}

    def seen(self, sight: Sight) -> Collection[WatchedEntry]:
        """The entries that the item may name."""
        there = self._by_needle.keys() & sight.needles
        return dict.fromkeys(entry for needle in there for entry in self._by_needle[needle])


class EditedList(WatchedList):
    """The list `base` with entries `added`, and without those whose names are `lost`; what is shared is not copied."""

    __slots__ = ("added", "base", "lost")

    def __init__(self, base: WatchedList, lost: frozenset[str], added: Sequence[WatchedEntry]) -> None:
        super().__init__(base.name, base.kind, added, base.number)
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
    reading = _Reading(vocabulary, watchlist.kind)
    for number, entry in enumerate(watchlist.entries):
        reading.take(entry, f"{watchlist.where}.entries[{number}]")
    entries = tuple(draft.entry() for draft in reading.drafts.values())
    sign = vocabulary.sign(sum(vocabulary.weight(needle) for entry in entries for needle in entry.needles()))
    return WatchedList(watchlist.name, watchlist.kind, entries, sign), reading.mistakes


def watch_more(
    watched: WatchedList, entries: Iterable[tuple[str, Entry]], without: Collection[str], vocabulary: Vocabulary
) -> tuple[EditedList, list[Mistake]]:
    """The list with more entries and without those of some names, under the same number, and every mistake in them.

    Each entry comes with its place.
    An entry whose name is there takes the place of the other.
    """
    reading = _Reading(vocabulary, watched.kind)
    for where, entry in entries:
        reading.take(entry, where)
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
        self.excepted: list[Sought] = []
        self.people: list[Person | HeardName] = []

    def entry(self) -> WatchedEntry:
        names, context, excepted = (tuple(dict.fromkeys(some)) for some in (self.names, self.context, self.excepted))
        return WatchedEntry(self.name, names, context, excepted, tuple(self.people))


class _Reading:
    """One list being read."""

    def __init__(self, vocabulary: Vocabulary, kind: Kind) -> None:
        self.drafts: dict[str, _Draft] = {}
        self.mistakes: list[Mistake] = []
        self._vocabulary = vocabulary
        self._kind = kind
        self._known: dict[str, Sought] = {}

    def take(self, entry: Entry, where: str) -> None:
        draft = self.drafts.setdefault(plain_name(entry.name), _Draft(entry.name))
        for name, at in [(entry.name, "name"), *_numbered(entry.aliases, "aliases")]:
            with self._telling(f"{where}.{at}"):
                named = read_name(name, exact=entry.exact)
                self._take_name(draft, named, literal=name.strip().startswith("="), sure=bool(entry.context))
        for word, at in _numbered(entry.context, "context"):
            with self._telling(f"{where}.{at}"):
                draft.context.append(self._read(word))
        for words, at in _numbered(entry.excepted, "except"):
            with self._telling(f"{where}.{at}"):
                draft.excepted.append(self._read(words))

    def _take_name(self, draft: _Draft, named: Term | Regex, *, literal: bool, sure: bool) -> None:
        """Add what the name looks for; the name itself and nothing else where it is `literal`."""
        if isinstance(named, Regex):
            draft.names.append(self._vocabulary.seek(named))
            return
        # In a headline in capitals case tells nothing: there, a name that counts as written needs a context.
        shouted = named.exact and sure
        if literal or named.prefix or self._kind is Kind.TOPIC:
            draft.names.append(self._vocabulary.seek(replace(named, shouted=shouted) if shouted else named))
            return
        plain = self._kind is Kind.ORGANIZATION and is_plain(named.text)
        of_person = self._kind is Kind.PERSON
        named = Term(text=named.text, exact=named.exact, genitive=True, plain=plain, person=of_person, shouted=shouted)
        person = read_person(named.text) if of_person else None
        by_sound = heard(named.text, self._vocabulary.seek) if of_person and not named.exact else None
        terms = [*(spelled(named, person) if person else [named]), *written_otherwise(named)]
        draft.names += map(self._vocabulary.seek, terms)
        if by_sound:
            draft.people.append(by_sound)
        if person:
            surname = Term(text=person.surname[-1], exact=named.exact, genitive=True)
            draft.people.append(Person(person, self._vocabulary.seek(surname), exact=named.exact))

    def _read(self, words: str) -> Sought:
        """Many entries share their words of context."""
        if words not in self._known:
            self._known[words] = self._vocabulary.seek(read_name(words))
        return self._known[words]

    @contextmanager
    def _telling(self, where: str) -> Iterator[None]:
        try:
            yield
        except Mistakes as mistakes:
            self.mistakes += (Mistake(where, found.problem, found.remedy) for found in mistakes.found)


def _numbered(texts: Iterable[str], key: str) -> Iterator[tuple[str, str]]:
    return ((text, f"{key}[{number}]") for number, text in enumerate(texts))


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
