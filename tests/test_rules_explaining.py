"""Why a rule rings or not: the explanation agrees with the judge, and names the part that decides."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rules.explaining import Explained
from rules.records import Item
from rules.watchlist import Entry, Watchlist
from rules.wording import bracketed
from tests.judging import LISTS, judge_of

LANGUAGES = ["en", "pt-BR", ""]


def explain(when: str, title: str = "", *lists: Watchlist, **fields: object) -> Explained:
    """What the rule `when` makes of an item."""
    item = Item(title=title, **fields)  # type: ignore[arg-type]
    return next(one for rule, one in judge_of(when, *lists).explain(item) if rule.name == "rule")


def every(one: Explained) -> Iterator[Explained]:
    yield one
    for part in one.parts:
        yield from every(part)


@pytest.mark.parametrize(
    ("when", "title", "because"),
    [
        ("@labs AND NOT sponsored", "OpenAI, sponsored", "`sponsored` is in it"),
        ("@labs AND NOT sponsored", "sponsored", "nothing of `@labs` is in it"),
        ("@labs AND NOT spons*", "OpenAI, Sponsored", "`spons*` is in it: Sponsored"),
        ("x AND NOT @labs", "x of openai", "`@labs` is in it: openai"),
        ('x AND NOT "a b"', "x a b", '`"a b"` is in it'),
        ("x AND NOT a NEAR/1 b", "x a b", "`a NEAR/1 b` is in it"),
        ("x AND NOT (a OR b)", "x b", "`b` is in it"),
        ("x AND NOT ((a NEAR/1 b OR a))", "a b x", "`a NEAR/1 b` is in it"),
        ("x AND NOT (a AND b)", "x a b", "all of `(a AND b)` is in it"),
        ("x AND NOT 2 OF (a, b, c)", "x a b", "2 of `2 OF (a, b, c)` are in it"),
        ("a OR b", "x", "nothing of `a OR b` is in it"),
        ("(a AND b) OR c", "a", "nothing of `(a AND b) OR c` holds: `b` is not in it"),
        ("(a AND NOT b) OR c", "a b", "nothing of `(a AND NOT b) OR c` holds: `b` is in it"),
        ("2 OF (a, b, c)", "a", "only 1 of `2 OF (a, b, c)` are in it"),
        ("a NEAR/1 b", "a one two three b", "the sides of `a NEAR/1 b` are 3 words apart"),
        ("a NEAR/1 b", "b one two a x x x x b", "the sides of `a NEAR/1 b` are 2 words apart"),
        ("@labs NEAR/9 Meta", "Meta", "the sides of `@labs NEAR/9 Meta` are the same words"),
        ("a NEAR/1 (b OR c)", "a", "nothing of `(b OR c)` is in it"),
        ("@researchers", "정형원", "`Hyung Won Chung` of `@researchers` stands there without its context"),
        ("title:(a AND b)", "a", "`title:b` is not in it"),
        ("title:(x OR a AND b)", "a", "nothing of `title:(x OR a AND b)` holds: `title:b` is not in it"),
        ("lang:en AND a", "a", "`lang:en` does not hold: its language is not known"),
        ("a AND @labs", "a OpenAI", "it has a, OpenAI"),
        ("a AND NOT b", "a", "it has a"),
        ("/gpt-?[0-9]/", "GPT-4, gpt4 and GPT-4", "it has GPT-4, gpt4"),
    ],
)
def test_the_sentence_names_the_part_that_decides(when: str, title: str, because: str) -> None:
    assert explain(when, title).because == because


@pytest.mark.parametrize(
    ("when", "because"),
    [
        ("a AND lang:en", "`lang:en` does not hold: its language is pt-BR"),
        ("a AND NOT lang:pt", "`lang:pt` holds: its language is pt-BR"),
        ("a AND site:b.example", "`site:b.example` does not hold: it is at a.example"),
        ("a AND tag:lab", "`tag:lab` does not hold: its feed has the tags press, tech"),
        ("a AND feed:http://b.example/", "`feed:http://b.example/` does not hold: it comes from http://a.example/"),
        ("a AND author:wei", "`author:wei` is not in it"),
        ("b AND lang:pt", "`b` is not in it"),
    ],
)
def test_what_is_known_of_the_item_is_told(when: str, because: str) -> None:
    fields = {"language": "pt-BR", "tags": ("press", "tech"), "link": "https://a.example/1"}

    assert explain(when, "a", feed_url="http://a.example/", authors=("Ada",), **fields).because == because


def test_sides_that_stand_in_different_fields_are_told() -> None:
    because = explain("a NEAR/5 b", "a", text="b").because

    assert because == "the sides of `a NEAR/5 b` are not in one field"


def test_each_part_is_told_with_its_words() -> None:
    whole = explain("@labs AND NOT (sponsored OR advert*) AND 2 OF (a, b, c)", "OpenAI a Advertisement b")

    assert [(one.part, one.holds, one.words) for one in every(whole)] == [
        ("@labs AND NOT (sponsored OR advert*) AND 2 OF (a, b, c)", False, ()),
        ("@labs", True, ("OpenAI",)),
        ("NOT (sponsored OR advert*)", False, ()),
        ("NOT sponsored", True, ()),
        ("NOT advert*", False, ("Advertisement",)),
        ("2 OF (a, b, c)", True, ("a", "b")),
        ("a", True, ("a",)),
        ("b", True, ("b",)),
        ("c", False, ()),
    ]


def test_a_name_that_lacks_its_context_is_shown() -> None:
    whole = explain("title:@researchers", "Von 정형원", text="Hyung Won Chung")

    assert (whole.holds, whole.words, whole.begun) == (False, ("정형원",), True)


def test_what_has_nothing_of_a_rule_has_not_begun_it() -> None:
    assert not explain("a AND NOT b AND lang:en", "b", language="en").begun
    assert explain("a AND b", "b").begun
    assert explain("a NEAR/2 b", "b").begun


WORDS = ["a", "b", "c", "OpenAI", "Meta", "meta", "정형원", "Google", "Jason Wei", "x", ",", "super-x"]
LEAVES = [
    *("a", "b", "title:a", "text:b", '"a b"', "=Meta", "meta", "@labs", "@researchers", "title:@labs", "sup*"),
    *("/[bc]+/", "lang:pt", "tag:press", "author:c", "a NEAR/1 b", "@labs NEAR/2 (a OR c)", "title:(a OR b)"),
]


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    two = st.tuples(inner, inner)
    return st.one_of(
        two.map(" AND ".join).map("({})".format),
        two.map(" OR ".join).map("({})".format),
        inner.map("NOT ({})".format),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"2 OF ({', '.join(parts)})"),
    )


QUERIES = st.recursive(st.sampled_from(LEAVES), grown, max_leaves=8).map("(x OR y OR c) AND {}".format)
TEXTS = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
ITEMS = st.builds(
    Item,
    title=TEXTS,
    text=TEXTS,
    language=st.sampled_from(LANGUAGES),
    tags=st.sampled_from([(), ("press",)]),
    authors=st.sampled_from([(), ("c",)]),
)


@given(QUERIES, ITEMS)
def test_the_explanation_holds_where_the_rule_rings(when: str, item: Item) -> None:
    judge = judge_of(when)
    rang = {hit.rule for hit in judge.judge(item)}

    assert {rule.name for rule, one in judge.explain(item) if one.holds} == rang


@given(QUERIES, ITEMS)
def test_each_part_of_an_explanation_is_true_by_itself(when: str, item: Item) -> None:
    """Asked as a query of its own, and joined by what rings for everything that has an x."""
    asked = Item(
        title=f"{item.title} | zebra", text=item.text, language=item.language, tags=item.tags, authors=item.authors
    )
    for part in every(explain(when, asked.title, text=asked.text, language=asked.language, tags=asked.tags,
                              authors=asked.authors)):  # fmt: skip
        # Of NOT (NOT (a)) the brackets are not kept.
        if "…" not in part.part and part.part.count("(") == part.part.count(")"):
            alone = judge_of(f"zebra AND ({part.part})")
            assert part.holds == any(hit.rule == "rule" for hit in alone.judge(asked)), part.part


@example("(x OR y OR c) AND NOT ((a NEAR/1 b OR a))", Item(title="a b x"))
@given(QUERIES, ITEMS)
def test_the_part_that_is_named_fails_and_the_words_that_are_named_are_there(when: str, item: Item) -> None:
    judge = judge_of(when)
    for rule, one in judge.explain(item):
        folded = " ".join(f"{item.title} {item.text} {' '.join(item.authors)}".split())
        assert all(word in folded for part in every(one) for word in part.words)
        quoted = re.search(r"`([^`…]*)` (is not|is in|does not)", one.because)
        if rule.name == "rule" and quoted and not one.holds:
            failing = {part.part for part in every(one) if not part.holds}
            assert failing & {quoted[1], f"NOT {quoted[1]}", f"NOT {bracketed(quoted[1])}"}


@given(st.integers(0, 12), st.integers(0, 6), st.booleans())
def test_the_distance_that_is_told_is_the_least_that_would_do(apart: int, asked: int, turned: bool) -> None:
    words = ["a", *["x"] * apart, "b", "x", "x", *["x"] * apart, "a"]
    title = " ".join(reversed(words) if turned else words)
    whole = explain(f"a NEAR/{asked} b", title)

    assert whole.holds is (apart <= asked)
    if apart > asked:
        assert f" {apart} words apart" in whole.because
        assert explain(f"a NEAR/{apart} b", title).holds


def test_a_deep_query_is_explained() -> None:
    deep = "".join(f"(a{level} OR b{level} AND " for level in range(200)) + "c" + ")" * 200
    whole = explain(deep, " ".join(f"b{level}" for level in range(200)))

    assert not whole.holds
    assert whole.because.endswith("`c` is not in it")


def test_a_text_that_repeats_two_names_is_explained() -> None:
    text = "a " * 4000 + "x " * 50 + "b " * 4000

    assert explain("a NEAR/3 b", text=text).because == "the sides of `a NEAR/3 b` are 50 words apart"


def test_lists_without_rules_are_explained_too() -> None:
    lone = Watchlist("alone", entries=(Entry("Ada"),), where="watchlists.alone")

    found = {rule.name: one for rule, one in judge_of("a", *LISTS, lone).explain(Item(title="Ada"))}

    assert found["alone"].because == "it has Ada"
    assert found["labs"].because == "nothing of `@labs` is in it"
