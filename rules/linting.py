"""What is not wrong in lists and rules, and hardly meant: what never rings, what rings all day, what adds nothing.

    lists, rules -> names and leaves of queries -> remarks, each with the place that it is about

Every remark has a short name that stays, and a remedy. The names are listed in docs/service.md.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from rules.judge import Rule
from rules.leaves import Leaf, Lists, Node, Reading
from rules.linting_names import CommonWords, of_names
from rules.linting_queries import of_query
from rules.mistakes import Remark
from rules.query import parse
from rules.records import Feed
from rules.surveys import Survey, of_history
from rules.watchlist import Watchlist


def lint(
    watchlists: Sequence[Watchlist],
    rules: Sequence[Rule],
    feeds: Sequence[Feed],
    *,
    common: CommonWords,
    seen: Survey | None = None,
) -> list[Remark]:
    """Every remark on lists and rules that were found right; `where` is a place as the judge tells it."""
    seen = seen or Survey(items=0)
    remarks = [remark for watchlist in watchlists for remark in of_names(watchlist, common)]
    remarks += _of_rules(rules, Lists(watchlists), feeds, seen)
    named = {rule.name for rule in rules}
    alone = [Rule(name=one.name, when="", where=one.where) for one in watchlists if one.name not in named]
    sizes = {one.name: len(one.entries) for one in watchlists}
    return [*remarks, *of_history([*rules, *alone], sizes, seen)]


def _of_rules(rules: Sequence[Rule], lists: Lists, feeds: Sequence[Feed], seen: Survey) -> Iterator[Remark]:
    queries: dict[object, Rule] = {}
    for rule in rules:
        part, _ = parse(rule.when)
        if part is None:
            continue
        node, where = Reading(rule.when, lists).node(part), f"{rule.where}.when"
        yield from dict.fromkeys(of_query(node, where, feeds, seen.sites))
        same = queries.setdefault(_key(node), rule)
        if same is not rule:
            remedy = "make one of them: a rule may notify several channels"
            yield Remark("same-query", where, f"asks for the same as the rule {same.name}", remedy)


def _key(node: Node) -> object:
    """The same for queries that ask for the same, in whatever order."""
    if isinstance(node, Leaf):
        return (node.negated, type(node.asked).__name__, node.asked.key)
    keys = []
    for part in node.parts:
        keys.append(_key(part))  # noqa: PERF401  one frame a level
    return (node.count, frozenset(Counter(keys).items()))
