"""The one door of deciding: lists and rules are compiled to a Judge, and a Judge says what an item rings.

    item -> fold each place -> find all terms in one pass -> rules that one of them may ring -> hold? -> mark

A Judge never changes; several threads may ask it at once.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from rules.compiling import Compiler, Leaves
from rules.conditions import Condition, Listed, Mark
from rules.entries import WatchedList, watch, watch_more
from rules.explaining import Explained, explained
from rules.finding import Needle
from rules.grown import Grown
from rules.lexing import Fault
from rules.marking import matches
from rules.mistakes import Mistake, Mistakes
from rules.pointing import place, pointed
from rules.records import Hit, Item, Match, Priority
from rules.regexes import Regex
from rules.sighting import TEXTS, Sight
from rules.snapshot import Snapshot, snapshot
from rules.vocabulary import Vocabulary
from rules.watchlist import Entry, Watchlist
from rules.wording import shortened


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
        self.lists_without_rules = tuple(book.by_number[number].name for number in book.own)
        self._book = book
        self._snapshot = compiled

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Those of the user in their order, and then those of lists."""
        return self._book.rules

    def judge(self, item: Item) -> tuple[Hit, ...]:
        """What `item` rings, in the order of the rules."""
        return self.hits(self.look(item))

    def hits(self, sight: Sight) -> tuple[Hit, ...]:
        """The same of an item that is looked at already."""
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
        gone = {number for number, rule in enumerate(book.by_number) if rule.name in without} if without else set()
        gone -= book.gone
        naming = book.naming + reader.named
        for number in gone.difference(book.own):
            naming -= Counter(Compiler(book.by_number[number].when, Vocabulary(), book.lists).named)
        gone = gone.difference(book.own) | {number for number in book.own if naming[book.by_number[number].name]}
        silent = [name for name in book.lists if not naming[name] and name not in self.lists_without_rules]
        own = [_own(name, f"watchlists.{name}") for name in silent]
        conditions += [_every(rule, reader.lists[rule.name]) for rule in own]
        compiled = compiled.with_more(conditions, {one.number: one for one in changed.values()}).without(gone)
        return Judge(book.changed(gone, rules, own, naming=naming, lists=reader.lists), compiled)

    def merged(self) -> "Judge":
        """The same, with what edits have put beside the rest made one with it."""
        return Judge(self._book, self._snapshot.merged())

    def example(self, name: str, title: str, *, expected: bool) -> Hit | None:
        """What the rule `name` makes of an item of which only the title is known.

        What the rule asks of the author, the feed, the language and the like is taken to be as `expected`.
        """
        number = self._number(name)
        sight = self.look(Item(title=title), assumed=expected)
        return self._hit(number, sight) if self._snapshot.conditions[number].holds(sight) else None

    def explain(self, item: Item) -> Iterator[tuple[Rule, Explained]]:
        """Each rule, and why `item` rings it or not; it rings those whose explanation holds."""
        sight = self.look(item)
        return ((rule, explained(self._snapshot.conditions[number], sight)) for number, rule in self._book.living())

    def condition(self, name: str) -> Condition:
        """What the rule `name` asks."""
        return self._snapshot.conditions[self._number(name)]

    def matches(self, name: str, sight: Sight) -> tuple[Match, ...]:
        """The words that the rule `name` asks for, of those of its parts that hold."""
        return self._matches(self._number(name), sight)

    def needles(self) -> Sequence[Needle]:
        """All that is looked for, by its number."""
        return tuple(self._snapshot.finder.needles())

    def regexes(self) -> Mapping[int, Regex]:
        """The expressions that are looked for, by their numbers."""
        return {number: regex for some in self._snapshot.regexes for number, regex in some.regexes.items()}

    def _number(self, name: str) -> int:
        return next(number for number, rule in self._book.living() if rule.name == name)

    def checks(self) -> list[Mistake]:
        """Each example of a rule that the rule contradicts, and why."""
        numbered = self._book.living()
        return [mistake for number, rule in numbered for mistake in self._contradicted(number, rule)]

    def _contradicted(self, number: int, rule: Rule) -> Iterator[Mistake]:
        for index, title in enumerate(rule.should_match):
            if not self.example(rule.name, title, expected=True):
                sight = self.look(Item(title=title), assumed=True)
                why = explained(self._snapshot.conditions[number], sight).because
                where = f"{rule.where}.should_match[{index}]"
                yield Mistake(where, f'"{shortened(title)}" does not ring: {why}', "change the query or the example")
        for index, title in enumerate(rule.should_not_match):
            hit = self.example(rule.name, title, expected=False)
            if hit:
                words = ", ".join(dict.fromkeys(match.surface for match in hit.matches)) or "what is not there"
                where = f"{rule.where}.should_not_match[{index}]"
                yield Mistake(where, f'"{shortened(title)}" rings for {words}', "change the query or the example")

    def _hit(self, number: int, sight: Sight) -> Hit:
        rule = self._book.by_number[number]
        found = self._matches(number, sight)
        return Hit(rule=rule.name, priority=rule.priority, notify=rule.notify, matches=found)

    def _matches(self, number: int, sight: Sight) -> tuple[Match, ...]:
        condition = self._snapshot.conditions[number]
        marks = set(condition.marks(sight))
        marks |= set(self._surnames(marks, condition.places, sight))
        return matches(marks, sight)

    def _surnames(self, marks: Iterable[Mark], places: Collection[int], sight: Sight) -> Iterator[Mark]:
        """The surnames alone of the people who are marked, which ring nothing themselves."""
        for watchlist, entry in {(mark.watchlist, mark.entry) for mark in marks if mark.watchlist}:
            for one in self._book.lists[watchlist].alone(sight).get(entry, ()):
                if one.place in places:
                    yield Mark(watchlist, entry, one)


@dataclass(frozen=True, kw_only=True)
class _Book:
    """The rules `by_number`, as the snapshot calls them, but for those that are `gone`.

    `own` are the numbers of the rules of lists, and `naming` is how many of the others name a list.
    """

    by_number: Grown[Rule]
    own: tuple[int, ...]
    lists: Mapping[str, WatchedList]
    naming: Counter[str]
    gone: frozenset[int] = frozenset()

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """In their order."""
        return tuple(rule for _, rule in self.living())

    def living(self) -> Iterator[tuple[int, Rule]]:
        """With their numbers, in their order: those of lists come last, though others were added since."""
        last = frozenset(self.own)
        gone = self.gone | last
        yield from ((number, rule) for number, rule in enumerate(self.by_number) if number not in gone)
        yield from ((number, self.by_number[number]) for number in self.own)

    def in_order(self, numbers: list[int]) -> list[int]:
        """Numbers from the smallest up, in the order of their rules."""
        last = [number for number in numbers if number in self.own] if self.own else []
        return [number for number in numbers if number not in last] + last if last else numbers

    def changed(
        self,
        gone: Collection[int],
        rules: Sequence[Rule],
        own: Sequence[Rule],
        *,
        naming: Counter[str],
        lists: Mapping[str, WatchedList],
    ) -> "_Book":
        """Without those of the numbers `gone`, with `rules` behind those of the user, and `own` behind all."""
        first = len(self.by_number) + len(rules)
        return _Book(
            by_number=self.by_number.with_more((*rules, *own)),
            own=(*(number for number in self.own if number not in gone), *range(first, first + len(own))),
            lists=lists,
            naming=naming,
            gone=self.gone.union(gone),
        )


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
    first = len(rules)
    book = _Book(
        by_number=Grown((*rules, *own)),
        own=tuple(range(first, first + len(own))),
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
