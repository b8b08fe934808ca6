"""The one door of deciding: lists and rules are compiled to a Judge, and a Judge says what an item rings.

    item -> fold each place -> find all terms in one pass -> rules that one of them may ring -> hold? -> mark

A Judge never changes; several threads may ask it at once.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import count

from rules.book import Book, Rule
from rules.conditions import Condition, Listed, Mark, lists_in
from rules.entries import WatchedList
from rules.explaining import Explained, explained
from rules.finding import Needle
from rules.grown import Grown
from rules.marking import matches
from rules.mistakes import Mistake
from rules.reading import Reader
from rules.records import Hit, Item, Match
from rules.regexes import Regex
from rules.renewing import kept_numbers, renew_lists
from rules.sighting import TEXTS, Sight
from rules.snapshot import Snapshot, snapshot
from rules.vocabulary import Vocabulary
from rules.watchlist import Entry, Watchlist
from rules.wording import shortened

__all__ = ["Judge", "Rule", "compile_judge"]

FEW_EDITS = 1000
"""That are kept beside the rest: as many needles, and as many rules and entries that came or went."""


class Judge:
    """The rules of the user, and then one for each list that no rule names; `compile_judge` makes it."""

    def __init__(self, book: Book, compiled: Snapshot) -> None:
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
        reader = Reader(compiled.added, dict(book.lists))
        changed = [
            reader.change(
                book.lists[name],
                [(f"watchlists.{name}.entries[{at}]", entry) for at, entry in enumerate((entries or {}).get(name, ()))],
                (without_entries or {}).get(name, ()),
            )
            for name in dict.fromkeys([*(entries or ()), *(without_entries or ())])
        ]
        conditions = reader.conditions(rules)
        reader.raise_mistakes()
        gone = {number for number, rule in enumerate(book.by_number) if rule.name in without} if without else set()
        gone -= book.gone
        naming = book.naming + reader.named
        for number in gone.difference(book.own):
            naming -= Counter({one.name for one in lists_in(compiled.conditions[number])})
        gone = gone.difference(book.own) | {number for number in book.own if naming[book.by_number[number].name]}
        silent = [name for name in book.lists if not naming[name] and name not in self.lists_without_rules]
        own = [_own(name, f"watchlists.{name}") for name in silent]
        conditions += [_every(rule, reader.lists[rule.name]) for rule in own]
        compiled = compiled.with_more(conditions, changed).without(gone)
        return Judge(book.changed(gone, rules, own, naming=naming, lists=reader.lists), compiled)

    def renewed(self, watchlists: Sequence[Watchlist], rules: Sequence[Rule]) -> "Judge":
        """The judge of these lists and rules, as `compile_judge` makes it; it takes over what is the same in this one.

        This judge stays as it is. Raises Mistakes with every mistake of what is new.
        """
        book, compiled = self._book, self._snapshot
        reader = Reader(compiled.added, {})
        lists = renew_lists(book, watchlists, reader)
        kept, naming = kept_numbers(book, compiled.conditions, rules, lists.same)
        new = [rule for rule, number in zip(rules, kept, strict=True) if number is None]
        gone = len(book.rules) - len(book.own) - (len(rules) - len(new))
        edits = book.edits + lists.edits + len(new) + gone
        if edits > FEW_EDITS + (len(rules) + sum(len(one.entries) for one in watchlists)) / 2:
            return compile_judge(watchlists, rules)
        conditions = reader.conditions(new)
        reader.raise_mistakes()
        naming += reader.named
        later = count(len(book.by_number))
        numbers = [next(later) if number is None else number for number in kept]
        owned = {book.by_number[number].name: number for number in book.own}
        own = [_own(one.name, one.where) for one in watchlists if not naming[one.name]]
        for rule in own:
            if rule.name in owned and rule.name in lists.same:
                numbers.append(owned[rule.name])
            else:
                numbers.append(next(later))
                conditions.append(_every(rule, reader.lists[rule.name]))
        book = book.renewed(
            numbers,
            rules,
            own,
            lists=reader.lists,
            naming=naming,
            written={one.name: one for one in watchlists},
            edits=edits,
        )
        judge = Judge(book, compiled.with_more(conditions, lists.changed).without(book.gone))
        return judge.merged() if len(compiled.added) > FEW_EDITS else judge

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
        """All that is looked for, by its number.

        Raises ValueError where lists were edited: their conditions know the numbers of the entries before.
        """
        if self._snapshot.changed:
            raise ValueError("compile the lists anew to ask what their conditions look for")
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
        named = {(mark.watchlist, mark.entry) for mark in marks if mark.watchlist}
        if named:
            marks.update(self._surnames(named, condition.places, sight))
        return matches(marks, sight)

    def _surnames(self, named: Iterable[tuple[str, str]], places: Collection[int], sight: Sight) -> Iterator[Mark]:
        """The surnames alone of the people who are marked, which ring nothing themselves."""
        for watchlist, entry in named:
            for one in self._book.lists[watchlist].alone(sight).get(entry, ()):
                if one.place in places:
                    yield Mark(watchlist, entry, one)


def compile_judge(watchlists: Sequence[Watchlist], rules: Sequence[Rule]) -> Judge:
    """The judge of these lists and rules. Raises Mistakes with every mistake of them."""
    vocabulary = Vocabulary()
    reader = Reader(vocabulary, {})
    for watchlist in watchlists:
        reader.watch(watchlist)
    conditions = reader.conditions(rules)
    reader.raise_mistakes()
    own = [_own(one.name, one.where) for one in watchlists if not reader.named[one.name]]
    conditions += [_every(rule, reader.lists[rule.name]) for rule in own]
    first = len(rules)
    book = Book(
        by_number=Grown((*rules, *own)),
        own=tuple(range(first, first + len(own))),
        lists=reader.lists,
        naming=reader.named,
        written={one.name: one for one in watchlists},
    )
    return Judge(book, snapshot(vocabulary, reader.lists.values(), conditions))


def _own(name: str, where: str) -> Rule:
    """The rule of a list that no other rule names."""
    return Rule(name=name, when=_reference(name), where=where)


def _every(rule: Rule, watchlist: WatchedList) -> Condition:
    return Listed(rule.when, 0, len(rule.when), watchlist=watchlist, places=TEXTS)


def _reference(name: str) -> str:
    """How a query names the list."""
    if re.fullmatch(r"[\w-]+", name):
        return f"@{name}"
    return '@"{}"'.format(name.replace("\\", "\\\\").replace('"', '\\"'))
