"""What a rule or an entry makes of an item, for tests that are about words."""

from typing import Any

from rules.judge import Judge, Rule, compile_judge
from rules.mistakes import Mistake, Mistakes
from rules.records import Hit, Item
from rules.watchlist import Entry, Kind, Watchlist

LISTS = (
    Watchlist(
        "labs",
        Kind.ORGANIZATION,
        (Entry("OpenAI", ("Open AI",)), Entry("Meta", ("Meta AI", "=MSL"), exact=True), Entry("Anthropic")),
        "watchlists.labs",
    ),
    Watchlist(
        "researchers",
        Kind.PERSON,
        (Entry("Jason Wei"), Entry("Hyung Won Chung", ("정형원",), ("OpenAI", "Google"))),
        "watchlists.researchers",
    ),
)


def judge_of(when: str, *lists: Watchlist, **fields: Any) -> Judge:
    """The judge of one rule, called `rule`."""
    return compile_judge(lists or LISTS, [Rule(name="rule", when=when, where="rules[0]", **fields)])


def hit_of(when: str, title: str = "", **fields: Any) -> Hit | None:
    """What a rule makes of an item; None where it does not ring."""
    hits = judge_of(when).judge(Item(title=title, **fields))
    return next((hit for hit in hits if hit.rule == "rule"), None)


def rings(when: str, title: str = "", **fields: Any) -> bool:
    """Whether a rule rings for an item."""
    return hit_of(when, title, **fields) is not None


def marked(when: str, title: str = "", **fields: Any) -> list[str]:
    """The words that a rule marks, in the order it gives them."""
    hit = hit_of(when, title, **fields)
    return [match.surface for match in hit.matches] if hit else []


def named(entry: Entry | str, text: str) -> list[str]:
    """Where `text` names an entry."""
    entry = Entry(entry) if isinstance(entry, str) else entry
    hits = compile_judge([Watchlist("list", entries=(entry,), where="watchlists.list")], []).judge(Item(text=text))
    for match in [match for hit in hits for match in hit.matches]:
        assert match.surface == text[match.start : match.end]
    return [match.surface for hit in hits for match in hit.matches]


def mistakes_of(when: str, *lists: Watchlist) -> tuple[Mistake, ...]:
    """What is wrong with a query."""
    try:
        judge_of(when, *lists)
    except Mistakes as mistakes:
        return mistakes.found
    return ()
