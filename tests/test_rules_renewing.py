"""A judge of an edited file: what is written as before is taken over, and it judges as one that is compiled anew."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import entries
from rules.finding import Needle
from rules.judge import FEW_EDITS, Judge, Rule, compile_judge
from rules.mistakes import Mistakes
from rules.records import Item, Priority
from rules.regexes import Regex
from rules.terms import Term
from rules.watchlist import Entry, Kind, Watchlist

File = tuple[tuple[Watchlist, ...], tuple[Rule, ...]]

NAMES = ["Ana Bo", "Bo", "Chen", "=Open Lab", "bora*", "/an+a/", "Dr. Bo", "삼성전자", "Bo-Ana"]
ENTRIES = st.builds(
    Entry,
    st.sampled_from(NAMES),
    st.lists(st.sampled_from(NAMES), max_size=2).map(tuple),
    st.sampled_from([(), (), ("chen",), ("lab", "room")]),
    excepted=st.sampled_from([(), (), ("Ana Bo Chen",)]),
)
LISTS = [
    st.builds(Watchlist, st.just(name), st.sampled_from(kinds), st.lists(ENTRIES, min_size=1, max_size=4).map(tuple))
    for name, kinds in (
        ("people", [Kind.PERSON, Kind.PERSON, Kind.TOPIC]),
        ("labs", [Kind.ORGANIZATION]),
        ("words", [Kind.TOPIC]),
    )
]
WHENS = [
    *("@people", "@labs AND chen", "ana", '"ana bo" OR title:@people', "ana NEAR/3 @labs", "chen AND NOT @people"),
    *("/an+a/", "bora* AND lang:pt", "2 OF (ana, bo, chen)", "author:@people", "=Bo", "room AND (@labs OR @people)"),
]
RULES = st.builds(
    Rule,
    name=st.sampled_from(["a", "b", "c", "d", "e"]),
    when=st.sampled_from(WHENS),
    priority=st.sampled_from(Priority),
    should_match=st.sampled_from([(), ("ana bo",)]),
)


def placed(lists: Sequence[Watchlist], rules: Sequence[Rule]) -> File:
    """With what a query names there, and each where it stands."""
    return (
        tuple(replace(one, where=f"watchlists.{one.name}") for one in lists),
        tuple(replace(one, where=f"rules[{index}]") for index, one in enumerate(rules)),
    )


FILES = st.tuples(
    st.tuples(LISTS[0], LISTS[1], st.lists(LISTS[2], max_size=1)).map(lambda lists: [*lists[:2], *lists[2]]),
    st.lists(RULES, max_size=4, unique_by=lambda rule: rule.name),
).flatmap(lambda file: st.permutations(file[0]).map(lambda lists: placed(lists, file[1])))

LINES = st.lists(
    st.sampled_from(
        [
            "ana",
            "Ana",
            "Bo",
            "bo",
            "Chen",
            "CHEN",
            "Open Lab",
            "bora",
            "room",
            "lab",
            "Dr. Bo",
            "Ana Bo",
            ",",
            "삼성전자가",
        ]
    ),
    max_size=9,
).map(" ".join)
ITEMS = st.builds(
    Item,
    title=LINES,
    text=LINES,
    authors=st.sampled_from([(), ("Ana Bo",)]),
    language=st.sampled_from(["", "pt"]),
)


def told(judge: Judge, item: Item) -> object:
    """All that a judge says of an item."""
    return (
        judge.rules,
        judge.lists_without_rules,
        judge.judge(item),
        list(judge.explain(item)),
        judge.checks(),
    )


@settings(max_examples=100, deadline=None)
@given(st.lists(FILES, min_size=2, max_size=4), st.lists(ITEMS, min_size=1, max_size=3), st.booleans())
def test_a_renewed_judge_says_what_one_compiled_anew_says(files: list[File], items: list[Item], merged: bool) -> None:
    judge = compile_judge(*files[0])
    for file in files[1:]:
        judge = judge.renewed(*file)
        judge = judge.merged() if merged else judge
        anew = compile_judge(*file)

        for item in items:
            assert told(judge, item) == told(anew, item)


@settings(deadline=None)
@given(FILES, FILES, FILES, ITEMS)
def test_a_judge_stays_as_it_is_when_it_is_renewed(first: File, second: File, third: File, item: Item) -> None:
    judge = compile_judge(*first)
    before = told(judge, item)

    judge.renewed(*second)
    judge.renewed(*third)

    assert told(judge, item) == before


PEOPLE = Watchlist("people", Kind.PERSON, (Entry("Ana Bo"), Entry("Bo Chen")), "watchlists.people")
LABS = Watchlist("labs", Kind.ORGANIZATION, (Entry("Open Lab"),), "watchlists.labs")


def rule(name: str, when: str, at: int = 0) -> Rule:
    return Rule(name=name, when=when, where=f"rules[{at}]")


def test_what_is_written_as_before_is_not_compiled_again() -> None:
    judge = compile_judge([PEOPLE, LABS], [rule("a", "ana"), rule("b", "@people AND lab"), rule("c", "chen")])

    more = replace(PEOPLE, entries=(Entry("Eva"), *PEOPLE.entries))
    renewed = judge.renewed([LABS, more], [rule("new", "eva"), rule("b", "@people AND lab", 1), rule("d", "ana", 2)])

    assert renewed.condition("b") is judge.condition("b")
    assert renewed.condition("d") is judge.condition("a")
    assert renewed.condition("labs") is judge.condition("labs")
    assert [hit.rule for hit in renewed.judge(Item(title="Eva at Open Lab"))] == ["new", "b", "labs"]
    assert [hit.rule for hit in judge.judge(Item(title="Eva and Chen at Open Lab"))] == ["c", "labs"]


def test_of_a_list_only_the_entries_that_differ_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    judge = compile_judge([PEOPLE], [])
    spelled = Entry("Ana Bo", aliases=("Ana B.",))
    whole = entries.read_name

    def counted(text: str, *, exact: bool = False) -> Term | Regex:
        read.append(text)
        return whole(text, exact=exact)

    monkeypatch.setattr(entries, "read_name", counted)
    judge.renewed([replace(PEOPLE, entries=(spelled, *PEOPLE.entries[1:], Entry("Eva Li")))], [])

    assert read == ["Ana Bo", "Ana B.", "Eva Li"]


def test_a_rule_is_compiled_again_where_a_list_that_it_names_is_another_one() -> None:
    rules = [rule("a", "@people AND lab"), rule("b", "lab")]
    judge = compile_judge([PEOPLE], rules)

    renewed = judge.renewed([replace(PEOPLE, kind=Kind.TOPIC)], rules)

    assert renewed.condition("a") is not judge.condition("a")
    assert renewed.condition("b") is judge.condition("b")
    assert [hit.rule for hit in judge.judge(Item(title="CHEN, Bo of the lab"))] == ["a", "b"]
    assert [hit.rule for hit in renewed.judge(Item(title="CHEN, Bo of the lab"))] == ["b"]


def test_what_an_edited_list_looks_for_is_asked_of_a_judge_compiled_anew() -> None:
    more = [replace(PEOPLE, entries=(*PEOPLE.entries, Entry("Eva Li")))]
    judge = compile_judge([PEOPLE], []).renewed(more, [])

    with pytest.raises(ValueError, match="compile the lists anew"):
        judge.needles()
    assert Needle(("eva", "li")) in compile_judge(more, []).needles()


def mistakes(judge: Judge, lists: Sequence[Watchlist], rules: Sequence[Rule]) -> list[tuple[str, str]]:
    with pytest.raises(Mistakes) as raised:
        judge.renewed(lists, rules)
    return [(found.where, found.problem) for found in raised.value.found]


def test_every_mistake_of_an_edited_file_is_told_with_its_place() -> None:
    rules = [rule("a", "@people AND lab"), rule("b", "@labs", 1)]
    judge = compile_judge([PEOPLE, LABS], rules)

    assert mistakes(judge, [replace(PEOPLE, entries=())], [*rules, rule("c", "(lab", 2)]) == [
        ("rules[0].when", "line 1, column 1: the watchlist `people` is empty, so this never holds"),
        ("rules[1].when", "line 1, column 1: there is no watchlist `labs`"),
        ("rules[2].when", "line 1, column 1: this bracket is never closed"),
    ]
    wrong = replace(PEOPLE, entries=(*PEOPLE.entries, Entry("Eva", aliases=("…",))))
    assert mistakes(judge, [wrong, LABS], rules) == [
        ("watchlists.people.entries[2].aliases[0]", "there is no word in `…`")
    ]
    assert judge.renewed([PEOPLE, LABS], rules).condition("a") is judge.condition("a")


def test_after_very_many_edits_nothing_is_left_of_what_is_gone() -> None:
    stays = rule("stays", "ana")
    judge = compile_judge([], [stays, *(rule(f"{at}", f"old{at}") for at in range(FEW_EDITS + 9))])
    condition = judge.condition("stays")

    few = judge.renewed([], [stays, *(rule(f"{at}", f"old{at}") for at in range(FEW_EDITS + 8))])
    none = few.renewed([], [stays, rule("new", "new")])

    assert few.condition("stays") is condition
    assert [needle.words for needle in none.needles()] == [("ana",), ("new",)]
    assert [hit.rule for hit in none.judge(Item(title="ana, old1, new"))] == ["stays", "new"]


def test_very_many_new_terms_are_made_one_with_the_rest() -> None:
    old = [rule(f"{at}", f"old{at}") for at in range(3 * FEW_EDITS)]
    judge = compile_judge([], old)

    renewed = judge.renewed([], [*old, *(rule(f"new {at}", f"new{at}") for at in range(FEW_EDITS + 1))])

    assert renewed.condition("0") is judge.condition("0")
    assert [hit.rule for hit in renewed.judge(Item(title="old7 new1000"))] == ["7", "new 1000"]
