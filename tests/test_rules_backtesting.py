"""What is asked of an index of words, what just misses, and what a rule would be with a term more or less."""

import random
import re
from datetime import UTC, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.amending import with_term, without_term
from rules.asking import AllOf, AnyOf, Asked, Inside, words_of, words_seen
from rules.backtesting import KEPT, Past, Tally, Trial
from rules.judge import Rule, compile_judge
from rules.mistakes import Mistakes
from rules.records import Item
from rules.watchlist import Entry, Watchlist
from tests.builders import NOON, an_item
from tests.judging import LISTS

PIECES = [
    *("Jason Wei", "jason", "OpenAI", "Open AI", "Meta", "meta", "AI", "A.I.", "MSL", "Google", "Anthropic", "the"),
    *("super-intelligence", "superintelligence", "super intelligence", "state-of-the-art", "J. Wei", "J.Wei", "J Wei"),
    *("C++", "C", ".NET", "AT&T", "GPT-4", "GPT4", "gpt", "4.5", "Müller", "Straße", "STRASSE", "’s", "l’IA", "½"),
    *(
        "人工智能",
        "人",
        "工",
        "智能",
        "人-工",
        "安全",
        "離開OpenAI加入Meta",
        "ｶﾞ",
        "東京",
        "ปัญญาประดิษฐ์",
        "ปัญญา",
        "ก-ั",
        "ข",
    ),
    *(
        "삼성전자는",
        "삼성전자",
        "정형원",
        "범용 인공지능",
        "범용인공지능",
        "메타버스",
        "الذكاء",
        "والـMeta",
        "сбер",
        "Сбера",
    ),
    *("-", ",", ".", "|", "\n", "\u00ad", "\u200b", "--", "(", ")", "'"),
]
TERMS = [
    *("jason", '"Jason Wei"', "=Meta", "meta", "ai", "A.I.", "superintelligence", '"super intelligence"', "super*"),
    *(
        "state-of-the-art",
        '"J. Wei"',
        "C++",
        "C",
        ".NET",
        "AT&T",
        "GPT-4",
        "gpt4",
        "4.5",
        "Müller",
        "strasse",
        '"l IA"',
    ),
    *("人工智能", "人", "智能", '"人 工"', "安全", "ガ", "東*", "ปัญญา", "ปัญญาประดิษฐ์", '"กั ข"', "삼성전자", "메타"),
    *(
        "범용 인공지능",
        '"범용 인공지능"',
        "والذكاء",
        "Сбер*",
        "/s[a-z]+r/",
        "/인공/",
        "@labs",
        "@researchers",
        "=인공지능",
    ),
    *("title:meta", "summary:@labs", "text:人工智能", 'author:"Jane Doe"', "category:ai", "link:post", "feed:wire"),
    *("site:example.org", "lang:pt", "tag:press", "link:/p[a-z]st/", "title:(meta OR 人工)"),
]


def joined(parts: list[str], how: list[str]) -> str:
    return "".join(a + b for a, b in zip(parts, how, strict=False))


texts = st.builds(
    joined,
    st.lists(st.sampled_from(PIECES), max_size=9),
    st.lists(st.sampled_from([" ", " ", "", "-"]), min_size=9, max_size=9),
)
items = st.builds(
    Item,
    title=texts,
    summary=texts,
    text=texts,
    authors=st.sampled_from([(), ("Jane Doe",), ("Ana Lee", "Jason Wei")]),
    categories=st.sampled_from([(), ("AI", "press")]),
    link=st.sampled_from(["", "https://example.org/post/1", "https://meta.example/x"]),
    language=st.sampled_from(["", "pt", "pt-BR", "en"]),
    feed=st.sampled_from(["", "The Wire"]),
    tags=st.sampled_from([(), ("press",)]),
)
queries = st.recursive(
    st.sampled_from(TERMS),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(" AND ".join).map("({})".format),
        st.tuples(inner, inner).map(" OR ".join).map("({})".format),
        inner.map("(NOT {})".format),
        st.tuples(inner, inner, inner).map(lambda three: f"2 OF ({', '.join(three)})"),
        st.tuples(st.sampled_from(TERMS[:48]), st.sampled_from(TERMS[:48])).map(" NEAR/3 ".join).map("({})".format),
    ),
    max_leaves=6,
)


def trial(when: str, lists: tuple[Watchlist, ...] = LISTS) -> Trial | None:
    try:
        return Trial(Rule(name="rule", when=when, where="rule"), lists)
    except Mistakes:
        return None  # it would ring for nearly everything, or has a field in a field


def a_trial(when: str, *lists: Watchlist) -> Trial:
    return Trial(Rule(name="rule", when=when, where="rule"), lists or LISTS)


def has(words: set[str], what: Asked | None) -> bool:
    """Whether an index that keeps `words` of an item finds it."""
    match what:
        case None:
            return True
        case AllOf(parts):
            return all(has(words, part) for part in parts)
        case AnyOf(parts):
            return any(has(words, part) for part in parts)
        case Inside(letters):
            return any(letters in word for word in words)
    return any(word.startswith(what[:-1]) for word in words) if what.endswith("*") else what in words


@settings(deadline=None)
@given(items, queries)
def test_whatever_rings_is_among_what_the_index_finds(item: Item, when: str) -> None:
    one = trial(when)
    if one and one.rings(item):
        assert has(words_of(item), one.asked), one.asked
        assert has(words_of(item), one.asked_nearly)


@settings(deadline=None)
@given(items, st.sampled_from(TERMS))
def test_a_single_term_that_rings_is_found_in_every_script(item: Item, when: str) -> None:
    one = a_trial(when)
    if one.rings(item):
        assert has(words_of(item), one.asked), one.asked


@settings(deadline=None)
@given(items, queries)
def test_what_is_kept_of_an_item_that_is_judged_is_what_is_kept_of_it_alone(item: Item, when: str) -> None:
    rules = [Rule(name="rule", when=when, where="rule")] if trial(when) else []
    judge = compile_judge(LISTS, rules)

    assert words_seen(judge.look(item)) == words_of(item)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_what_is_kept_has_no_sign_that_parts_words(text: str) -> None:
    for word in words_of(Item(title=text, text=text[::-1])):
        assert re.fullmatch("[a-z0-9.\\u0080-\U0010ffff]{1,40}", word)
        assert not any(map(str.isspace, word))


def test_of_parts_that_must_all_hold_each_is_asked_for() -> None:
    assert a_trial('"Jason Wei" AND =Meta AND NOT x').asked == AllOf((AllOf(("jason", "wei")), "meta"))


def test_of_a_part_without_words_nothing_is_asked() -> None:
    assert a_trial("openai AND lang:pt AND /x+y/ AND feed:wire").asked == AnyOf(("openai",))
    assert a_trial("openai OR /x+y/").asked is None
    assert a_trial("2 OF (openai, anthropic, lang:pt)").asked == AnyOf(("openai", "anthropic"))


def test_of_many_parts_some_of_which_must_hold_few_questions_are_asked() -> None:
    many = [f"w{number}" for number in range(20)]

    asked = a_trial(f"9 OF ({', '.join(many)})").asked

    assert asked == AnyOf(tuple(many[:12]))


def test_a_long_word_is_asked_for_by_its_beginning() -> None:
    one = a_trial("x" * 60)

    assert one.asked == "x" * 40
    assert words_of(an_item("x" * 60)) >= {"x" * 40}


def test_of_an_expression_the_letters_are_asked_for_that_it_cannot_do_without() -> None:
    assert a_trial("/gpt-?[0-9]+/").asked == Inside("gpt")
    assert a_trial("/(open|anthropic).?ai/ OR /x+y/").asked is None
    assert a_trial("title:/(open|anthropic).?ai/").asked == AnyOf((Inside("anthropic"), Inside("open")))
    assert a_trial("meta AND /super.?intelligence/").asked == AllOf(
        ("meta", AllOf((Inside("super"), Inside("intelligence"))))
    )
    assert a_trial("feed:/wired/ OR openai").asked is None
    assert a_trial(f"/{'abcdefghij' * 5}/").asked == Inside("abcdefghij" * 2)


# Near misses.


@pytest.mark.parametrize(
    ("when", "title", "why"),
    [
        ("@researchers AND @labs", "Jason Wei stays", "nothing of `@labs` is in it"),
        ("@researchers AND @labs", "Nobody stays", ""),
        ("@researchers AND @labs", "Jason Wei leaves OpenAI", ""),
        ("@researchers AND NOT sponsored", "Sponsored: Jason Wei", "`sponsored` is in it"),
        ("a AND b AND c", "a c", "`b` is not in it"),
        ("a AND b AND c", "a", ""),
        ("(a AND b) OR (c AND d AND e)", "c e", "`d` is not in it"),
        ("(a AND b) OR (c AND d AND e)", "c", ""),
        (
            "jason NEAR/1 openai",
            "Jason is not here and OpenAI is",
            "the sides of `jason NEAR/1 openai` are further apart",
        ),
        ("a AND (b OR c)", "a", "nothing of `(b OR c)` is in it"),
        ("a AND (b OR =C)", "a c", "`=C` is not in it"),
        ("2 OF (a, b, c)", "a", "only 1 of `2 OF (a, b, c)` are in it"),
        ("3 OF (a, b, c)", "a", ""),
        ("=Meta", "uma meta", "`=Meta` is not in it"),
        ("a OR =Meta", "uma meta", "`=Meta` is not in it"),
        ("anthropic", "OpenAI", ""),
        ("openai AND lang:pt", "OpenAI", "`lang:pt` does not hold: its language is en"),
        ("openai AND lang:en", "Anthropic", ""),
        ("/x+y/ AND openai", "xxy", "`openai` is not in it"),
        ("title:(a AND b)", "a", "`title:b` is not in it"),
        (
            "@researchers",
            "Hyung Won Chung speaks",
            "`Hyung Won Chung` of `@researchers` stands there without its context",
        ),
    ],
)
def test_a_near_miss_tells_the_one_part_that_failed(when: str, title: str, why: str) -> None:
    terms, near = a_trial(when).look(an_item(title, language="en"))

    assert near == why
    assert terms is None or not near


@settings(deadline=None)
@given(items, queries)
def test_what_just_misses_has_all_words_but_those_of_one_part(item: Item, when: str) -> None:
    one = trial(when)
    if one and one.asked_nearly and one.look(item)[1]:
        assert has(words_of(item), one.asked_nearly)


# Counting.


def past(number: int, story: str) -> Past:
    return Past(str(number), an_item("Jason Wei of OpenAI", feed="The Wire"), NOON + number * timedelta(hours=6), story)


def tally(*pasts: Past, when: str = "@researchers AND @labs") -> Tally:
    one, counted = a_trial(when), Tally()
    for each in pasts:
        counted.take(each, *one.look(each.item))
    return counted


def test_a_story_rings_once_with_its_first_item() -> None:
    counted = tally(past(5, "b"), past(3, "a"), past(1, "a"), past(2, "a"))

    assert (counted.items, len(counted.rings), counted.looked_at) == (4, 2, 4)
    assert [ring.item_id for ring in counted.latest(9)] == ["5", "1"]
    assert {str(day): number for day, number in counted.per_day(UTC).items()} == {"2026-11-23": 1, "2026-11-24": 1}
    assert counted.feeds == {"The Wire": 4}
    assert counted.entries == {("researchers", "Jason Wei"): 4, ("labs", "OpenAI"): 4}


def test_days_are_those_of_the_users_time_zone() -> None:
    counted = tally(past(1, "a"))  # 18:00 in UTC

    assert [str(day) for day in counted.per_day(timezone(timedelta(hours=9)))] == ["2026-11-24"]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 300), st.sampled_from("abc")), max_size=30), st.randoms())
def test_the_tallies_of_two_halves_add_up(some: list[tuple[int, str]], chance: random.Random) -> None:
    pasts = [past(number, story) for number, story in some]
    cut = chance.randrange(len(pasts) + 1)
    for when in ("@researchers", "@researchers AND anthropic"):
        whole, first, second = tally(*pasts, when=when), tally(*pasts[:cut], when=when), tally(*pasts[cut:], when=when)
        first.add(second)

        assert (first.items, first.rings, first.feeds, first.near) == (
            whole.items, whole.rings, whole.feeds, whole.near)  # fmt: skip
        assert first.latest_misses(9) == whole.latest_misses(9)


def test_of_near_misses_the_latest_are_kept() -> None:
    counted = tally(*(past(number, "a") for number in range(KEPT + 20)), when="@researchers AND anthropic")

    assert counted.near.total() == KEPT + 20
    assert [int(miss.item_id) for miss in counted.latest_misses(KEPT + 20)] == list(reversed(range(20, KEPT + 20)))


# A term more or less.


def amended(when: str, *, add: str = "", remove: str = "") -> tuple[str, tuple[Watchlist, ...]]:
    rule = Rule(name="rule", when=when, where="rules[0]")
    changed, lists = (
        with_term(rule, LISTS, add, where="--add") if add else without_term(rule, LISTS, remove, where="--remove")
    )
    Trial(changed, lists)
    return changed.when, lists


@pytest.mark.parametrize(
    ("when", "term", "left"),
    [
        ("a OR b", "b", "a"),
        ("a AND b AND c", "b", "a AND c"),
        ("a AND NOT (b OR c)", "c", "a AND (NOT b)"),
        ("a AND NOT b", "b", "a"),
        ("2 OF (a, b, c)", "c", "2 OF (a, b)"),
        ("2 OF (a, b, c, d)", "c", "2 OF (a, b, d)"),
        ("title:(a OR b)", "a", "title:b"),
        ("title:a OR b", "title:a", "b"),
        ("a NEAR/3 b", "a", "b"),
        ("a NEAR/3 (b OR c)", "c", "a NEAR/3 b"),
        ("(a OR b) AND @labs", "@labs", "a OR b"),
        ("title:(a OR b OR c)", "b", "title:(a OR c)"),
        ("(a b) OR (c d) OR e", "e", "(a AND b) OR (c AND d)"),
        ("a NEAR/3 (b OR c OR d)", "d", "a NEAR/3 (b OR c)"),
        ("a OR Müller", "MULLER", "a"),
        ("a OR =Meta", "Meta", "a"),
        ('a OR "chain of thought"', "chain  of thought", "a"),
        ("a OR /x+/", "/x+/", "a"),
    ],
)
def test_a_term_is_taken_out_of_a_query(when: str, term: str, left: str) -> None:
    assert amended(when, remove=term)[0] == left


def test_a_name_is_taken_out_of_a_list_that_the_rule_asks_for() -> None:
    when, lists = amended("@labs AND x", remove="anthropic")

    assert [entry.name for entry in lists[0].entries] == ["OpenAI", "Meta"]
    assert lists[1] == LISTS[1]
    assert not Trial(Rule(name="rule", when=when), lists).rings(an_item("Anthropic x"))


def test_an_alias_is_taken_away_from_its_entry() -> None:
    _, lists = amended("@labs", remove="Meta AI")

    assert lists[0].entries[1] == Entry("Meta", ("=MSL",), exact=True)


@pytest.mark.parametrize(
    ("when", "term", "said"),
    [
        ("a OR b", "c", "--remove: the rule does not ask for `c`; there are `a`, `b`"),
        ("superintelligence OR b", "superinteligence", "did you mean `superintelligence`?"),
        ("a", "a", "without `a` nothing is left of the rule"),
        ("a AND NOT b", "a", "this rings for nearly everything"),
        ("b", "Anthropic", "the rule does not ask for `Anthropic`"),
    ],
)
def test_what_cannot_be_taken_out_is_told(when: str, term: str, said: str) -> None:
    with pytest.raises(Mistakes, match=re.escape(said)):
        amended(when, remove=term)


def test_a_term_is_added_as_another_way_to_ring_or_as_what_must_not_be_there() -> None:
    assert amended("a AND b", add="c d")[0] == "(a AND b) OR (c d)"
    assert amended("a OR b", add="NOT c")[0] == "(a OR b) AND (NOT c)"
    assert amended("a OR b", add="-c")[0] == "(a OR b) AND (-c)"
    assert amended("a", add="@labs")[0] == "(a) OR (@labs)"
    assert amended("a", add="title:b")[0] == "(a) OR (title:b)"


def test_a_name_is_added_to_a_list() -> None:
    when, lists = amended("@labs AND x", add="labs: Mistral AI")

    assert Trial(Rule(name="rule", when=when), lists).rings(an_item("Mistral AI x"))
    assert not a_trial("@labs AND x").rings(an_item("Mistral AI x"))


@pytest.mark.parametrize(
    ("term", "said"),
    [
        ("a and b", "--add: line 1, column 3: `and` is written like a word"),
        ("@lab", "there is no watchlist `lab`; did you mean `labs`?"),
        ("labs: C OR D", "--add: `C OR D` is a query, not a name"),
        ("", "--add: line 1, column 1: there is nothing to look for"),
    ],
)
def test_a_term_that_cannot_be_read_is_told(term: str, said: str) -> None:
    with pytest.raises(Mistakes, match=re.escape(said)):
        Trial(*with_term(Rule(name="rule", when="@labs", where="rules[0]"), LISTS, term, where="--add"))


def test_a_mistake_of_a_query_shows_its_place() -> None:
    with pytest.raises(Mistakes) as told:
        Trial(Rule(name="", when="a AND (b", where="--when"), LISTS)

    assert str(told.value) == (
        "--when: line 1, column 7: this bracket is never closed; write ) where the group ends\n"
        "    a AND (b\n          ^"
    )
