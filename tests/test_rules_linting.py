"""The linter: what never rings, what rings all day, what adds nothing; and that it is silent on what is right."""

import re
from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rules.covering import name_implies, name_of
from rules.judge import Rule, compile_judge
from rules.linting import lint
from rules.mistakes import Remark
from rules.records import Feed, Item
from rules.surveys import Survey, survey
from rules.watchlist import Entry, Watchlist
from tests.judging import LISTS, judge_of, named

FEEDS = (
    Feed(url="https://a.example/feed", name="The Wire", tags=("press", "Research Lab")),
    Feed(url="https://www.b.example/rss"),
)
COMMON = {
    "amazon": (("en",), "a river"),
    "meta": (("pt", "es"), "goal"),
    "li wei": (("zh",), "many bear the name"),
    "titan": (("en",), "a giant"),
}


def remarks(when: str, *lists: Watchlist, seen: Survey | None = None, feeds: tuple[Feed, ...] = FEEDS) -> list[Remark]:
    rules = [Rule(name="rule", when=when, where="rules[0]")]
    compile_judge(lists or LISTS, rules)
    return lint(lists or LISTS, rules, feeds, common={}, seen=seen)


def names(when: str, *lists: Watchlist) -> list[str]:
    return [one.name for one in remarks(when, *lists)]


def of_entries(*entries: Entry | str) -> list[Remark]:
    listed = tuple(Entry(one) if isinstance(one, str) else one for one in entries)
    return lint([Watchlist("list", entries=listed, where="watchlists.list")], [], FEEDS, common=COMMON)


NEVER = [
    ("apple AND NOT apple", "`apple` is asked for and `NOT apple` forbids it"),
    ("title:apple AND NOT apple", "`title:apple` is asked for and `NOT apple` forbids it"),
    ("Apple AND banana AND NOT ápple", "`Apple` is asked for and `NOT ápple` forbids it"),
    ("=Apple AND -apple", "`=Apple` is asked for"),
    ('"apple pie" AND NOT apple', '`"apple pie"` is asked for and `NOT apple` forbids it'),
    ("superintelligence AND NOT superintelligen*", "`NOT superintelligen*` forbids it"),
    ("OpenAI AND NOT @labs", "`OpenAI` is asked for and `NOT @labs` forbids it"),
    ("@labs AND NOT @labs", "`@labs` is asked for"),
    ("title:@labs AND NOT @labs", "`title:@labs` is asked for"),
    ("@researchers AND NOT (wei OR chung OR 정형원)", "every name of `@researchers` is forbidden by a NOT"),
    ("lang:en AND lang:de AND apple", "`lang:en` and `lang:de` are never true at once"),
    ("lang:pt-br AND NOT lang:pt AND apple", "`lang:pt-br` is asked for"),
    ("apple AND site:a.example AND site:b.example", "never true at once"),
    ("apple AND site:x.a.example AND NOT site:a.example", "forbids it"),
    ("(a1 OR b1) AND NOT (a1 OR b1)", "forbids it"),
    ("a1 AND b1 AND NOT (a1 AND b1)", "forbids it"),
    ("2 OF (a1, b1, c1) AND NOT a1 AND NOT b1", "forbids it"),
    ("a1 NEAR/3 b1 AND NOT a1", "forbids it"),
    ("a1 NEAR/3 b1 AND NOT (a1 NEAR/3 b1)", "forbids it"),
    ("/gpt-[0-9]/ AND NOT /gpt-[0-9]/", "forbids it"),
    ("apple AND tag:sport", "no feed has the tag sport"),
    ("apple AND tag:lab*", "no feed has the tag lab*"),
    ("apple AND feed:https://c.example/", "no feed has the address https://c.example/"),
    ("apple AND feed:reuters", "no feed is called reuters"),
    ("apple AND lang:en AND (lang:de OR lang:fr)", "never true at once"),
]


@pytest.mark.parametrize(("when", "why"), NEVER)
def test_a_rule_that_can_never_ring_is_told_with_the_reason(when: str, why: str) -> None:
    (one, *_) = remarks(when)

    assert (one.name, one.where) == ("never-matches", "rules[0].when")
    assert why in one.what
    assert one.remedy


@pytest.mark.parametrize(
    "when",
    [
        "apple AND NOT title:apple",
        "apple AND NOT =Apple",
        'apple AND NOT "apple pie"',
        "superintelligen* AND NOT superintelligence",
        "@labs AND NOT OpenAI",
        "@researchers AND NOT openai",
        "정형원 AND NOT @researchers",
        "GPT-4 AND NOT GPT",
        "C++ AND NOT C",
        "a1 AND b1 AND NOT a1 NEAR/3 b1",
        "apple NEAR/3 b1 AND NOT (=Apple NEAR/3 b1)",
        "lang:pt AND NOT lang:pt-br AND apple",
        "apple AND (site:a.example OR site:b.example)",
        "apple AND site:x.a.example AND site:a.example",
        "apple AND tag:press AND tag:research* AND feed:wire AND feed:https://a.example/feed AND feed:/WIRE/",
        "apple AND NOT tag:sport AND NOT feed:reuters",
        "(a1 AND NOT b1) OR (b1 AND NOT a1)",
        "GPT OR GPT-4",
        '"chain of thought" OR chain',
        "title:apple OR text:apple",
        "apple OR pear* OR =Plum",
        "=Meta OR openai",
        "/gpt-?[0-9]+/ AND @labs",
        "title:(raises OR funding) NEAR/8 @labs OR 2 OF (layoffs, restructuring)",
    ],
)
def test_a_rule_that_is_right_has_no_remark(when: str) -> None:
    assert remarks(when) == []


def test_a_part_that_never_holds_is_told_where_the_rest_may() -> None:
    first, second = remarks("apple AND (tag:sport OR tag:press OR (pear AND NOT pear))")

    assert (first.name, second.name) == ("dead-part", "dead-part")
    assert first.what == "`tag:sport` never holds, as no feed has the tag sport"
    assert "`(pear AND NOT pear)` never holds" in second.what


def test_without_feeds_nothing_is_missed() -> None:
    assert remarks("apple AND tag:sport", feeds=()) == []


def test_a_site_that_no_feed_is_of_is_told_unless_it_was_seen() -> None:
    (one,) = remarks("apple AND site:news.elsewhere.example")

    assert one.name == "site-without-feed"
    assert (
        remarks("apple AND site:elsewhere.example", seen=Survey(items=1, sites=frozenset(["elsewhere.example"]))) == []
    )
    assert remarks("apple AND site:x.b.example") == []


@pytest.mark.parametrize(
    "when",
    ["the", "title OR of", "x", "(und OR apple) AND NOT pear", "the AND of", "2 OF (the, of, apple)", "が", "lang:en",
     "su*", "lang:en AND NOT apple", "이", "в", "não"],
)  # fmt: skip
def test_a_rule_that_rings_for_nearly_everything_is_told(when: str) -> None:
    assert "rings-nearly-always" in names(when)


@pytest.mark.parametrize("when", ["the NEAR/3 apple", "the AND apple", "=IT", "C++", "title:the", '"of the"', "sup*"])
def test_a_common_word_beside_another_is_no_matter(when: str) -> None:
    assert "rings-nearly-always" not in names(when)


@pytest.mark.parametrize(
    ("when", "what"),
    [
        ("superintelligen* OR superintelligence", "`superintelligence` can never add a ring, as `superintelligen*`"),
        ("apple OR pear OR Äpple", "`Äpple` is there twice"),
        ("apple OR pear OR apple", "`apple` is there twice"),
        ("apple OR =Apple", "`=Apple` can never add a ring"),
        ("apple OR title:apple", "`title:apple` can never add a ring"),
        ('"chain of thought" OR "chain of though*"', '`"chain of thought"` can never add a ring'),
        ("@labs OR OpenAI", "`OpenAI` can never add a ring, as `@labs` beside it finds it"),
        ("@labs OR title:@labs OR @labs", "`@labs` is there twice"),
        ("x1 AND (/ab+c/ OR y1 OR /ab+c/)", "`/ab+c/` is there twice"),
    ],
)
def test_a_term_that_can_never_add_a_ring_is_told(when: str, what: str) -> None:
    found = [one.what for one in remarks(when) if one.name == "shadowed"]

    assert len(found) == 1
    assert found[0].startswith(what)


@pytest.mark.parametrize(
    ("entries", "name", "where"),
    [
        (("Jason Wei", "OpenAI", "Jason Wei"), "twice", "entries[2]"),
        (("superintelligen*", "superintelligence"), "shadowed", "entries[1].name"),
        ((Entry("OpenAI", ("Open AI", "openai")),), "shadowed", "entries[0].aliases[1]"),
        ((Entry("OpenAI"), Entry("Sam", ("openai",))), "shared-name", "entries[1].aliases[0]"),
        ((Entry("Sam", ("Ada", "OpenAI")), Entry("OpenAI")), "shared-name", "entries[1].name"),
        ((Entry("Ada", context=("maths",)), Entry("Countess", ("Ada",))), "shared-name", "entries[0].name"),
        (("/gpt|x/",), "regex-without-literal", "entries[0].name"),
        (("the",), "broad-term", "entries[0].name"),
        ((Entry("Example", ("q",)),), "broad-term", "entries[0].aliases[0]"),
        (("Amazon",), "common-word", "entries[0].name"),
        ((Entry("Titan Technologies", ("TÍTAN",)),), "common-word", "entries[0].aliases[0]"),
        (("Li Wei",), "common-word", "entries[0].name"),
    ],
)
def test_a_name_that_is_hardly_meant_is_told(entries: tuple[Entry | str, ...], name: str, where: str) -> None:
    found = of_entries(*entries)

    assert [(one.name, one.where) for one in found] == [(name, f"watchlists.list.{where}")]
    assert found[0].remedy


@pytest.mark.parametrize(
    "entries",
    [
        (Entry("Amazon", exact=True), Entry("Meta", ("=META",), exact=True)),
        (Entry("Amazon", context=("cloud",)), Entry("Li Wei", context=("OpenAI",))),
        ("=Amazon", "Amazon Web Services", "Amazi*"),
        (Entry("Wei Zhang", ("Zhang",), ("OpenAI",)), Entry("Lei Zhang", ("Zhang",), ("Google",))),
        (Entry("Jason Wei"), Entry("Jason Wei", ("JW1",))),
        ("GPT", "GPT-4", "chain", "chain of thought"),
        (Entry("Hyung Won Chung", ("정형원", "H. W. Chung")),),
        (Entry("Meta Platforms", ("=Meta", "=META")),),
        ("/gpt-?[0-9]+/", "/人工[智知]能/"),
    ],
)
def test_names_that_are_right_have_no_remark(entries: tuple[Entry | str, ...]) -> None:
    assert of_entries(*entries) == []


def test_a_meaning_is_told_with_the_languages() -> None:
    (one,) = of_entries("Meta")

    assert one.what == "`Meta` is a common word or name (pt, es: goal)"
    assert str(one).endswith("; write exact = true if only that spelling is meant, or give it a context [common-word]")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("apple OR pear", "(Pear OR ÄPPLE)"),
        ("a1 AND (b1 OR NOT c1)", "(NOT (c1 AND NOT b1)) AND a1"),
        ("@labs", '@"labs"'),
        ("2 OF (a1, b1, c1)", "2 OF (c1, a1, b1)"),
    ],
)
def test_two_rules_that_ask_for_the_same_are_told(first: str, second: str) -> None:
    rules = [Rule(name="one", when=first, where="rules[0]"), Rule(name="two", when=second, where="rules[1]")]

    found = [one for one in lint(LISTS, rules, FEEDS, common={}) if one.name == "same-query"]

    assert [(one.where, one.what) for one in found] == [("rules[1].when", "asks for the same as the rule one")]


def test_rules_that_ask_for_other_things_are_not_the_same() -> None:
    queries = ["a1", "=a1", "title:a1", "a1 AND b1", "a1 OR b1", "NOT a1 AND b1", "a1 NEAR/3 b1", "a1 NEAR/4 b1"]
    rules = [Rule(name=when, when=when, where=f"rules[{number}]") for number, when in enumerate(queries)]

    assert lint(LISTS, rules, FEEDS, common={}) == []


def test_history_tells_which_rules_ring_all_day() -> None:
    lists = [Watchlist("words", entries=(Entry("news"), Entry("zebra")), where="watchlists.words")]
    rules = [
        Rule(name="always", when="report*", where="rules[0]"),
        Rule(name="broad", when="@words AND report*", where="rules[1]"),
        Rule(name="rare", when="zebra", where="rules[2]"),
    ]
    judge = compile_judge(lists, rules)
    items = [Item(title=f"Reporting {'the news' if number % 5 == 0 else 'it'}") for number in range(200)]

    found = lint(lists, rules, FEEDS, common={}, seen=survey(judge, [*items, Item(title="A report on a zebra")]))

    assert [(one.name, one.where, one.what) for one in found] == [
        ("rings-nearly-always", "rules[0].when", "rings for 201 of the last 201 items"),
        ("one-broad-term", "rules[1].when", "rings for 41 of the last 201 items, 40 times for `news` alone"),
    ]


def test_a_short_history_says_nothing() -> None:
    seen = Survey(items=50, rings=Counter({"rule": 50}))

    assert remarks("apple", seen=seen) == []


def test_a_list_that_is_a_rule_is_surveyed_as_one() -> None:
    lists = [Watchlist("words", entries=(Entry("news"), Entry("zebra")), where="watchlists.words")]
    seen = survey(compile_judge(lists, []), [Item(title="news")] * 200)

    assert [(one.name, one.where) for one in lint(lists, [], FEEDS, common={}, seen=seen)] == [
        ("rings-nearly-always", "watchlists.words")
    ]


TERMS = [
    *("apple", "Apple", "=Apple", "appl*", "apple pie", "pie", "GPT", "GPT-4", "gpt4", "C", "C++", "C#", ".NET", "net"),
    *("A.I.", "AI", "J. Wei", "Wei", "삼성", "삼성전자", "人工", "人工智能", "super-x", "superx", "super x", "AT&T"),
]
AROUND = st.sampled_from(["", "the ", "(", "x-", "«", "é ", "人", "A. "])


@given(st.sampled_from(TERMS), st.sampled_from(TERMS), AROUND, AROUND, st.booleans())
def test_what_is_said_to_follow_is_found(one: str, other: str, before: str, after: str, spaced: bool) -> None:
    first, second = name_of(one), name_of(other)
    assert first
    assert second
    text = f"{before}{one.strip('=*')}{' ' if spaced else ''}{after}"
    if name_implies(first, second):
        assert not named(one, text) or named(other, text)


LEAVES = ["apple", "pear", "title:apple", "=Apple", "appl*", '"apple pie"', "@labs", "OpenAI", "lang:en", "lang:de"]


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    two = st.tuples(inner, inner)
    return st.one_of(
        two.map(" AND ".join).map("({})".format),
        two.map(" OR ".join).map("({})".format),
        inner.map("NOT ({})".format),
    )


PARTS = st.recursive(st.sampled_from(LEAVES), grown, max_leaves=4)
QUERIES = st.tuples(PARTS, PARTS).map("(apple OR OpenAI OR zebra) AND {0[0]} AND NOT ({0[1]})".format)
ITEMS = st.builds(
    Item,
    title=st.lists(st.sampled_from(["Apple", "apple", "pie", "pear", "OpenAI", "zebra"]), max_size=4).map(" ".join),
    text=st.sampled_from(["", "apple", "OpenAI pear"]),
    language=st.sampled_from(["en", "de"]),
)


@given(QUERIES, st.lists(ITEMS, min_size=1, max_size=8))
@example("(apple OR OpenAI) AND NOT (pear AND OpenAI)", [Item(title="apple pear")])
def test_what_is_said_never_to_ring_never_rings(when: str, items: list[Item]) -> None:
    judge = judge_of(when)

    if any(hit.rule == "rule" for item in items for hit in judge.judge(item)):
        assert "never-matches" not in names(when)


def test_lists_of_many_names_are_linted_in_one_pass() -> None:
    entries = [Entry(f"Person{number} Surname{number % 977}", (f"P{number}x",)) for number in range(5000)]

    assert of_entries(*entries) == []
    assert len(of_entries(*entries, Entry("Other", ("P7x",)), "person8 surname8")) == 2


def test_a_deep_and_a_long_query_are_linted() -> None:
    deep = "".join(f"(a{level}x OR b{level}x AND " for level in range(200)) + "cx" + ")" * 200
    long = " OR ".join(f"word{number}" for number in range(2500))

    assert names(deep) == []
    assert names(f"{long} OR word7") == ["shadowed"]


def test_every_remark_has_a_short_name() -> None:
    found = [*remarks("apple AND NOT apple"), *of_entries("Amazon", "the", "/x|y/")]

    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", one.name) for one in found)
