"""The one door of deciding: lists and rules are compiled to a Judge, and a Judge says what an item rings.

    item -> fold each place -> find all terms in one pass -> rules that one of them may ring -> hold? -> mark

A Judge never changes; several threads may ask it at once.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from rules.compiling import Compiler, Leaves
from rules.conditions import Condition, Listed, Mark
from rules.entries import WatchedList, watch, watch_more
from rules.lexing import Fault
from rules.marking import matches
from rules.mistakes import Mistake, Mistakes
from rules.pointing import place, pointed
from rules.records import Hit, Item, Priority
from rules.sighting import TEXTS, Sight, Vocabulary
from rules.snapshot import Snapshot, snapshot
from rules.watchlist import Entry, Watchlist
from rules.wording import shortened

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What rings, how loud, and where. `where` is its place in the configuration."""

    name: str
    when: str
    priority: Priority = Priority.ROUTINE
    notify: tuple[str, ...] = ()
    should_match: tuple[str, ...] = ()
    should_not_match: tuple[str, ...] = ()
    where: str = ""


class Judge:
    """The rules of the user, and then one for each list that no rule names; `compile_judge` makes it."""

    def __init__(self, book: "_Book", compiled: Snapshot) -> None:
        self.rules = book.rules
        self.lists_without_rules = tuple(rule.name for rule in book.rules[len(book.rules) - book.alone :])
        self._book = book
        self._snapshot = compiled

    def judge(self, item: Item) -> tuple[Hit, ...]:
        """What `item` rings, in the order of the rules."""
        sight = self.look(item)
        return tuple(self._hit(number, sight) for number in self.ringing(sight))

    def look(self, item: Item, *, assumed: bool | None = None) -> Sight:
        """The item as the rules see it."""
        return self._snapshot.look(item, assumed=assumed)

    def ringing(self, sight: Sight, *, ask_all: bool = False) -> list[int]:
        """The numbers of the rules that ring, in order. `ask_all`: each rule is asked, whatever was found."""
        return self._book.in_order(self._snapshot.ringing(sight, ask_all=ask_all))

    def effort(self, sight: Sight) -> tuple[int, int]:
        """What it took to decide: (how many things were found, how many ways to ring a rule were looked at)."""
        return len(sight.needles), self._snapshot.candidates(sight)

    def with_changes(
        self,
        *,
        rules: Sequence[Rule] = (),
        without: Collection[str] = (),
        entries: Mapping[str, Sequence[Entry]] | None = None,
        without_entries: Mapping[str, Collection[str]] | None = None,
    ) -> "Judge":
        """With these rules behind the others and without those of these names; and so with the entries of lists.

        This judge stays as it is, and shares with the other what did not change. Takes milliseconds, and a little more
        with each edit since the last `merged`. Raises Mistakes with every mistake of what is new, and KeyError for a
        list that is not there.
        """
        book, compiled = self._book, self._snapshot
        reader = _Reader(compiled.added, dict(book.lists))
        changed = {
            name: reader.change(name, (entries or {}).get(name, ()), (without_entries or {}).get(name, ()))
            for name in dict.fromkeys([*(entries or ()), *(without_entries or ())])
        }
        conditions = reader.conditions(rules)
        reader.raise_mistakes()
        gone = [index for index, rule in enumerate(book.rules[: book.users]) if rule.name in without] if without else []
        naming = book.naming + reader.named
        for index in gone:
            naming -= Counter(Compiler(book.rules[index].when, Vocabulary(), book.lists).named)
        own = [_own(name, f"watchlists.{name}") for name in book.lists if not naming[name]]
        silent = [index for index in range(book.users, len(book.rules)) if naming[book.rules[index].name]]
        own = [rule for rule in own if rule.name not in self.lists_without_rules]
        conditions += [_every(rule, reader.lists[rule.name]) for rule in own]
        compiled = compiled.with_more(conditions, {one.number: one for one in changed.values()})
        compiled = compiled.without(book.numbers[index] for index in (*gone, *silent))
        return Judge(book.changed([*gone, *silent], rules, own, naming, reader.lists), compiled)

    def merged(self) -> "Judge":
        """The same, with what edits have put beside the rest made one with it."""
        return Judge(self._book, self._snapshot.merged())

    def example(self, name: str, title: str, *, expected: bool) -> Hit | None:
        """What the rule `name` makes of an item of which only the title is known.

        What the rule asks of the author, the feed, the language and the like is taken to be as `expected`.
        """
        number = next(number for number, rule in zip(self._book.numbers, self.rules, strict=True) if rule.name == name)
        sight = self.look(Item(title=title), assumed=expected)
        return self._hit(number, sight) if self._snapshot.conditions[number].holds(sight) else None

    def checks(self) -> list[Mistake]:
        """Each example of a rule that the rule contradicts, and why."""
        numbered = zip(self._book.numbers, self.rules, strict=True)
        return [mistake for number, rule in numbered for mistake in self._contradicted(number, rule)]

    def _contradicted(self, number: int, rule: Rule) -> Iterator[Mistake]:
        for index, title in enumerate(rule.should_match):
            if not self.example(rule.name, title, expected=True):
                sight = self.look(Item(title=title), assumed=True)
                why = self._snapshot.conditions[number].failure(sight)
                where = f"{rule.where}.should_match[{index}]"
                yield Mistake(where, f'"{shortened(title)}" does not ring: {why}', "change the query or the example")
        for index, title in enumerate(rule.should_not_match):
            hit = self.example(rule.name, title, expected=False)
            if hit:
                words = ", ".join(dict.fromkeys(match.surface for match in hit.matches)) or "what is not there"
                where = f"{rule.where}.should_not_match[{index}]"
                yield Mistake(where, f'"{shortened(title)}" rings for {words}', "change the query or the example")

    def _hit(self, number: int, sight: Sight) -> Hit:
        rule, condition = self._book.by_number[number], self._snapshot.conditions[number]
        marks = set(condition.marks(sight))
        marks |= set(self._surnames(marks, condition.places, sight))
        return Hit(rule=rule.name, priority=rule.priority, notify=rule.notify, matches=matches(marks, sight))

    def _surnames(self, marks: Iterable[Mark], places: Collection[int], sight: Sight) -> Iterator[Mark]:
        """The surnames alone of the people who are marked, which ring nothing themselves."""
        for watchlist, entry in {(mark.watchlist, mark.entry) for mark in marks if mark.watchlist}:
            for one in self._book.lists[watchlist].alone(sight).get(entry, ()):
                if one.place in places:
                    yield Mark(watchlist, entry, one)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Book:
    """The rules that there are, in order, and what the snapshot calls each. The last `alone` are those of lists.

    `naming` is how many rules name a list. `by_number` holds those that are gone, too.
    """

    rules: tuple[Rule, ...]
    numbers: tuple[int, ...]
    by_number: tuple[Rule, ...]
    alone: int
    lists: Mapping[str, WatchedList]
    naming: Counter[str]

    @property
    def users(self) -> int:
        """How many rules are of the user."""
        return len(self.rules) - self.alone

    def in_order(self, numbers: list[int]) -> list[int]:
        """The numbers in the order of their rules. Rules of lists come last, though others were added since."""
        if self.rules is self.by_number:
            return numbers
        last = set(self.numbers[self.users :])
        return sorted(numbers, key=lambda number: (number in last, number))

    def changed(
        self,
        gone: Collection[int],
        rules: Sequence[Rule],
        own: Sequence[Rule],
        naming: Counter[str],
        lists: Mapping[str, WatchedList],
    ) -> "_Book":
        """Without the rules at the places `gone`, with `rules` behind those of the user, and `own` behind all."""
        first, users = len(self.by_number), self.users
        numbers = tuple(range(first, first + len(rules) + len(own)))
        return _Book(
            rules=(*_but(self.rules[:users], gone), *rules, *_but(self.rules[users:], gone, users), *own),
            numbers=(
                *_but(self.numbers[:users], gone),
                *numbers[: len(rules)],
                *_but(self.numbers[users:], gone, users),
                *numbers[len(rules) :],
            ),
            by_number=(*self.by_number, *rules, *own),
            alone=self.alone - sum(index >= users for index in gone) + len(own),
            lists=lists,
            naming=naming,
        )


def _but(some: tuple[T, ...], gone: Collection[int], first: int = 0) -> tuple[T, ...]:
    """`some`, without those at the places `gone`, which count from `first`."""
    for index in sorted(gone, reverse=True):
        if 0 <= index - first < len(some):
            some = some[: index - first] + some[index - first + 1 :]
    return some


class _Reader:
    """Lists and rules on their way to a judge, and every mistake in them."""

    def __init__(self, vocabulary: Vocabulary, lists: dict[str, WatchedList]) -> None:
        self.lists = lists
        self.named: Counter[str] = Counter()
        self._vocabulary = vocabulary
        self._leaves: Leaves = {}
        self._mistakes: list[Mistake] = []

    def watch(self, watchlist: Watchlist) -> None:
        """Take in a list."""
        self.lists[watchlist.name], found = watch(watchlist, self._vocabulary)
        self._mistakes += found

    def change(self, name: str, entries: Sequence[Entry], without: Collection[str]) -> WatchedList:
        """Take in a list with more entries, and without those of some names."""
        self.lists[name], found = watch_more(self.lists[name], entries, without, self._vocabulary)
        self._mistakes += found
        return self.lists[name]

    def conditions(self, rules: Sequence[Rule]) -> list[Condition]:
        """Those of the rules that can be read."""
        conditions: list[Condition] = []
        for rule in rules:
            compiler = Compiler(rule.when, self._vocabulary, self.lists, self._leaves)
            self.named.update(compiler.named)
            self._mistakes += [_mistake(rule, fault) for fault in compiler.faults]
            if compiler.condition:
                conditions.append(compiler.condition)
        return conditions

    def raise_mistakes(self) -> None:
        """Raises Mistakes, where there are any."""
        if self._mistakes:
            raise Mistakes(self._mistakes)


def compile_judge(watchlists: Sequence[Watchlist], rules: Sequence[Rule]) -> Judge:
    """The judge of these lists and rules. Raises Mistakes with every mistake of them."""
    vocabulary = Vocabulary()
    reader = _Reader(vocabulary, {})
    for watchlist in watchlists:
        reader.watch(watchlist)
    conditions = reader.conditions(rules)
    reader.raise_mistakes()
    own = [_own(one.name, one.where) for one in watchlists if not reader.named[one.name]]
    conditions += [_every(rule, reader.lists[rule.name]) for rule in own]
    every = (*rules, *own)
    book = _Book(
        rules=every,
        numbers=tuple(range(len(every))),
        by_number=every,
        alone=len(own),
        lists=reader.lists,
        naming=reader.named,
    )
    return Judge(book, snapshot(vocabulary, reader.lists.values(), conditions))


def _own(name: str, where: str) -> Rule:
    """The rule of a list that no other rule names."""
    return Rule(name=name, when=_reference(name), where=where)


def _every(rule: Rule, watchlist: WatchedList) -> Condition:
    return Listed(rule.when, 0, len(rule.when), watchlist=watchlist, places=TEXTS)


def _mistake(rule: Rule, fault: Fault) -> Mistake:
    said = f"{place(rule.when, fault.offset)}: {fault.problem}"
    remedy = f"{fault.remedy}\n{pointed(rule.when, fault.offset)}"
    return Mistake(f"{rule.where}.when", said, remedy)


def _reference(name: str) -> str:
    """How a query names the list."""
    if re.fullmatch(r"[\w-]+", name):
        return f"@{name}"
    return '@"{}"'.format(name.replace("\\", "\\\\").replace('"', '\\"'))
