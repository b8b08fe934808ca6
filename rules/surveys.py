"""How often rules ring, counted on items that were seen: which ring nearly always, and which for one broad term."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from rules.judge import Judge, Rule
from rules.links import site_of
from rules.mistakes import Remark
from rules.records import Hit, Item
from rules.wording import shortened

ENOUGH_ITEMS = 100
"""Fewer say little of how often a rule rings."""

NEARLY_ALWAYS = 0.5
OFTEN = 0.05
ENOUGH_RINGS = 20
MOSTLY = 0.8

_REMEDY = "ask for more beside it, with AND or NEAR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """How often the rules rang for some items; by rule and entry how often that was the only one of its list."""

    items: int
    sites: frozenset[str] = frozenset()
    """Where they stand."""
    rings: Counter[str] = field(default_factory=Counter)
    alone: Counter[tuple[str, str, str]] = field(default_factory=Counter)


def survey(judge: Judge, items: Iterable[Item]) -> Survey:
    """What the rules make of these items."""
    found: list[Hit] = []
    sites = []
    for item in items:
        sites.append(site_of(item.link))
        found += judge.judge(item)
    counted = Survey(items=len(sites), sites=frozenset(sites))
    for hit in found:
        counted.rings[hit.rule] += 1
        by_list: dict[str, set[str]] = {}
        for match in hit.matches:
            by_list.setdefault(match.watchlist, set()).add(match.entry)
        for watchlist, entries in by_list.items():
            # Of the rule's own terms only one that stands by itself is known to be no part of an AND.
            if len(entries) == 1 and (watchlist or len(by_list) == 1):
                counted.alone[hit.rule, watchlist, next(iter(entries))] += 1
    return counted


def of_history(rules: Iterable[Rule], sizes: Mapping[str, int], seen: Survey) -> Iterator[Remark]:
    """What the survey says of `rules`; a list that is one has an empty query. `sizes` are those of the lists."""
    if seen.items < ENOUGH_ITEMS:
        return
    last = f"of the last {seen.items} items"
    for rule in rules:
        rings = seen.rings[rule.name]
        where = f"{rule.where}.when" if rule.when else rule.where
        if rings >= NEARLY_ALWAYS * seen.items:
            yield Remark("rings-nearly-always", where, f"rings for {rings} {last}", _REMEDY)
        elif rings >= max(OFTEN * seen.items, ENOUGH_RINGS):
            yield from _of_one_entry(rule, where, rings, sizes, seen)


def _of_one_entry(rule: Rule, where: str, rings: int, sizes: Mapping[str, int], seen: Survey) -> Iterator[Remark]:
    last = f"{rings} of the last {seen.items} items"
    for (name, watchlist, entry), times in seen.alone.items():
        of_many = not watchlist or sizes[watchlist] > 1
        if name == rule.name and times >= MOSTLY * rings and of_many:
            what = f"rings for {last}, {times} times for `{shortened(entry)}` alone"
            yield Remark("one-broad-term", where, what, f"{_REMEDY}, or give it a context")
