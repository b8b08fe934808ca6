"""The one door of deciding: lists and rules are compiled to a Judge, and a Judge says what an item rings.

    item -> fold each place -> find all terms in one pass -> rules that one of them may ring -> hold? -> mark

A Judge never changes; several threads may ask it at once.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import nsmallest

from rules.compiling import Compiler
from rules.conditions import Condition, Listed, Mark
from rules.entries import WatchedList, watch
from rules.explaining import Explained, explained
from rules.finding import Finder, WordTrie
from rules.lexing import Fault
from rules.mistakes import Mistake, Mistakes
from rules.pointing import place, pointed
from rules.records import Hit, Item, Match, Priority
from rules.sighting import PLACES, TEXTS, Sight, Vocabulary
from rules.watchlist import Watchlist
from rules.wording import shortened

MOST_MATCHES = 1000
"""Of one rule in one item; a text that repeats a name more often must not fill the memory."""


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

    def __init__(self, rules: Sequence[Rule], conditions: Sequence[Condition], finder: Finder, alone: int) -> None:
        self.rules = tuple(rules)
        self.lists_without_rules = tuple(rule.name for rule in rules[len(rules) - alone :])
        self._conditions = tuple(conditions)
        self._finder = finder
        # The context of an entry may stand in any of the texts.
        self._places = TEXTS.union(*(condition.places for condition in conditions))
        self._always = tuple(number for number, one in enumerate(conditions) if one.needles is None)
        self._by_needle: dict[int, list[int]] = {}
        for number, condition in enumerate(conditions):
            for needle in condition.needles or ():
                self._by_needle.setdefault(needle, []).append(number)

    def judge(self, item: Item) -> tuple[Hit, ...]:
        """What `item` rings, in the order of the rules."""
        sight = Sight(item, self._finder, self._places)
        numbers = set(self._always)
        for needle in self._by_needle.keys() & sight.needles:
            numbers.update(self._by_needle[needle])
        return tuple(self._hit(number, sight) for number in sorted(numbers) if self._conditions[number].holds(sight))

    def example(self, name: str, title: str, *, expected: bool) -> Hit | None:
        """What the rule `name` makes of an item of which only the title is known.

        What the rule asks of the author, the feed, the language and the like is taken to be as `expected`.
        """
        number = next(number for number, rule in enumerate(self.rules) if rule.name == name)
        sight = Sight(Item(title=title), self._finder, self._places, assumed=expected)
        return self._hit(number, sight) if self._conditions[number].holds(sight) else None

    def explain(self, item: Item) -> Iterator[tuple[Rule, Explained]]:
        """Each rule, and why `item` rings it or not; it rings those whose explanation holds."""
        sight = Sight(item, self._finder, self._places)
        return ((rule, explained(one, sight)) for rule, one in zip(self.rules, self._conditions, strict=True))

    def checks(self) -> list[Mistake]:
        """Each example of a rule that the rule contradicts, and why."""
        return [mistake for number, rule in enumerate(self.rules) for mistake in self._contradicted(number, rule)]

    def _contradicted(self, number: int, rule: Rule) -> Iterator[Mistake]:
        for index, title in enumerate(rule.should_match):
            if not self.example(rule.name, title, expected=True):
                sight = Sight(Item(title=title), self._finder, self._places, assumed=True)
                why = explained(self._conditions[number], sight).because
                where = f"{rule.where}.should_match[{index}]"
                yield Mistake(where, f'"{shortened(title)}" does not ring: {why}', "change the query or the example")
        for index, title in enumerate(rule.should_not_match):
            hit = self.example(rule.name, title, expected=False)
            if hit:
                words = ", ".join(dict.fromkeys(match.surface for match in hit.matches)) or "what is not there"
                where = f"{rule.where}.should_not_match[{index}]"
                yield Mistake(where, f'"{shortened(title)}" rings for {words}', "change the query or the example")

    def _hit(self, number: int, sight: Sight) -> Hit:
        rule = self.rules[number]
        matches = tuple(_matches(self._conditions[number].marks(sight), sight))
        return Hit(rule=rule.name, priority=rule.priority, notify=rule.notify, matches=matches)


def _matches(marks: Iterable[Mark], sight: Sight) -> Iterator[Match]:
    for mark in nsmallest(MOST_MATCHES, set(marks), key=_reading_order):
        yield sight.kept(mark, lambda mark: _match(mark, sight))


def _match(mark: Mark, sight: Sight) -> Match:
    place = mark.occurrence.place
    start, end = sight.span(mark.occurrence)
    return Match(
        watchlist=mark.watchlist,
        entry=mark.entry,
        field=PLACES[place],
        start=start,
        end=end,
        surface=sight.text(place)[start:end],
    )


def _reading_order(mark: Mark) -> tuple[int, int, int, str, str]:
    return (*mark.occurrence[:3], mark.watchlist, mark.entry)


def compile_judge(watchlists: Sequence[Watchlist], rules: Sequence[Rule]) -> Judge:
    """The judge of these lists and rules. Raises Mistakes with every mistake of them."""
    vocabulary, mistakes = Vocabulary(), []
    lists: dict[str, WatchedList] = {}
    for watchlist in watchlists:
        lists[watchlist.name], found = watch(watchlist, vocabulary)
        mistakes += found
    conditions: list[Condition] = []
    named: set[str] = set()
    for rule in rules:
        compiler = Compiler(rule.when, vocabulary, lists)
        named |= compiler.named
        mistakes += [_mistake(rule, fault) for fault in compiler.faults]
        if compiler.condition:
            conditions.append(compiler.condition)
    if mistakes:
        raise Mistakes(mistakes)
    alone = [watchlist for watchlist in watchlists if watchlist.name not in named]
    own = [Rule(name=one.name, when=_reference(one.name), where=one.where) for one in alone]
    conditions += [Listed(rule.when, lists[rule.name], TEXTS) for rule in own]
    return Judge([*rules, *own], conditions, WordTrie(vocabulary.needles), alone=len(own))


def _mistake(rule: Rule, fault: Fault) -> Mistake:
    said = f"{place(rule.when, fault.offset)}: {fault.problem}"
    remedy = f"{fault.remedy}\n{pointed(rule.when, fault.offset)}"
    return Mistake(f"{rule.where}.when", said, remedy)


def _reference(name: str) -> str:
    """How a query names the list."""
    if re.fullmatch(r"[\w-]+", name):
        return f"@{name}"
    return '@"{}"'.format(name.replace("\\", "\\\\").replace('"', '\\"'))
