"""The one door: lists and rules go in, and what an item rings comes out."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.judge import Rule, compile_judge
from rules.marking import MOST_MATCHES
from rules.mistakes import Mistakes
from rules.records import Item, Match, Priority
from rules.sighting import text_of
from rules.watchlist import Entry, Watchlist
from tests.judging import LISTS, hit_of, judge_of, rings

STORY = Item(
    title="Jason Wei leaves OpenAI",
    summary="Meta’s lab hires him.",
    text="Jason Wei and Hyung Won Chung leave OpenAI, say sources at Meta.",
    authors=("Ana Lee", "Jason Wei"),
)


def test_a_list_that_no_rule_names_is_a_rule_of_its_own() -> None:
    judge = compile_judge(
        [*LISTS, Watchlist("AI words", entries=(Entry("robot"),), where="watchlists.AI words")],
        [Rule(name="moves", when="@researchers", priority=Priority.FLASH, notify=("desk",), where="rules[0]")],
    )

    assert [(rule.name, rule.when, rule.where) for rule in judge.rules] == [
        ("moves", "@researchers", "rules[0]"),
        ("labs", "@labs", "watchlists.labs"),
        ("AI words", '@"AI words"', "watchlists.AI words"),
    ]
    assert judge.lists_without_rules == ("labs", "AI words")
    assert [(hit.rule, hit.priority, hit.notify) for hit in judge.judge(STORY)] == [
        ("moves", Priority.FLASH, ("desk",)),
        ("labs", Priority.ROUTINE, ()),
    ]


@pytest.mark.parametrize("name", ["labs", "our labs", 'say "hi"', "a\\b", "labs.eu", "实验室"])
def test_the_query_of_a_list_names_it(name: str) -> None:
    lists = [Watchlist(name, entries=(Entry("OpenAI"),), where="watchlists.x")]
    (rule,) = compile_judge(lists, []).rules

    named = compile_judge(lists, [replace(rule, name="another")])

    assert named.lists_without_rules == ()
    assert [hit.rule for hit in named.judge(STORY)] == ["another"]


def test_matches_are_told_in_reading_order_and_are_slices() -> None:
    (hit,) = judge_of("@researchers AND @labs AND author:wei").judge(STORY)

    assert [(match.watchlist, match.entry, match.field, match.surface) for match in hit.matches] == [
        ("researchers", "Jason Wei", "title", "Jason Wei"),
        ("labs", "OpenAI", "title", "OpenAI"),
        ("labs", "Meta", "summary", "Meta"),
        ("researchers", "Jason Wei", "text", "Jason Wei"),
        ("researchers", "Hyung Won Chung", "text", "Hyung Won Chung"),
        ("labs", "OpenAI", "text", "OpenAI"),
        ("labs", "Meta", "text", "Meta"),
        ("", "wei", "authors", "Wei"),
    ]
    assert hit.matches[-1].start == len("Ana Lee, Jason ")
    assert hit.matches[0] == Match(
        watchlist="researchers", entry="Jason Wei", field="title", start=0, end=9, surface="Jason Wei"
    )


def test_a_word_of_two_lists_is_two_matches() -> None:
    lists = [Watchlist(name, entries=(Entry("Meta"),), where=name) for name in ("labs", "customers")]
    (hit,) = compile_judge(lists, [Rule(name="both", when="@labs @customers", where="rules[0]")]).judge(STORY)

    assert {(match.watchlist, match.field) for match in hit.matches} == {
        (name, field) for name in ("labs", "customers") for field in ("summary", "text")
    }


def test_a_name_in_two_fields_of_different_rules_is_found_in_each() -> None:
    judge = compile_judge(
        LISTS, [Rule(name=field, when=f"{field}:@labs", where=f"rules[{field}]") for field in ("title", "summary")]
    )

    hits = {hit.rule: [match.surface for match in hit.matches] for hit in judge.judge(STORY)}

    assert (hits["title"], hits["summary"]) == (["OpenAI"], ["Meta"])


def test_the_same_entry_twice_is_one_entry() -> None:
    entries = (Entry("Wei", ("J. Wei",), ("OpenAI",)), Entry("  Wei ", ("Jason",), ("Meta",)), Entry("Wei", exact=True))
    judge = compile_judge([Watchlist("people", entries=entries, where="watchlists.people")], [])

    def surfaces(title: str) -> list[tuple[str, str]]:
        return [(match.entry, match.surface) for hit in judge.judge(Item(title=title)) for match in hit.matches]

    assert surfaces("Jason and J. Wei of Meta") == [("Wei", "Jason"), ("Wei", "J. Wei")]
    assert surfaces("Jason and J. Wei") == []


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("Folha processa OpenAI por plágio", ["processa OpenAI por"]),
        ("Folha processa a OpenAI por plágio", ["processa a OpenAI por"]),
        ("Folha processa o vizinho por barulho", []),
        ("Folha processa AI-Vizinho por barulho", []),
    ],
)
def test_a_context_may_stand_where_an_expression_lets_any_word_in(title: str, found: list[str]) -> None:
    entry = Entry(r"/\bprocessa (\S+ ){1,2}por\b|\bprocessa AI\S* por/", context=("OpenAI", "=AI"))

    hits = compile_judge([Watchlist("suits", entries=(entry,))], []).judge(Item(title=title))

    assert [match.surface for hit in hits for match in hit.matches] == found


def test_a_context_may_stand_in_another_field() -> None:
    entry = Entry("John Schulman", context=("=AI", "lab*", "/anthrop[a-z]+/"))
    judge = compile_judge([Watchlist("people", entries=(entry,), where="watchlists.people")], [])

    assert not judge.judge(Item(title="John Schulman", authors=("AI",), text="ai"))
    for context in ("AI", "laboratories", "Anthropic"):
        assert judge.judge(Item(title="John Schulman", text=context))
        assert judge.judge(Item(title=context, summary="John Schulman"))


def test_every_mistake_of_all_lists_and_rules_is_told_at_once() -> None:
    people = (Entry("…"), Entry("Wei", ("/(/", "W*i", "ok"), ("!", "a*")))
    words = (Entry("AGI OR ASI"), Entry("a|b"), Entry("=/x/"), Entry(" "))
    lists = [
        Watchlist("people", entries=people, where="watchlists.people"),
        Watchlist("words", entries=words, where="watchlists.words"),
    ]
    rules = [Rule(name="a", when="@peeple", where="rules[0]"), Rule(name="b", when="NOT a OR", where="rules[1]")]

    with pytest.raises(Mistakes) as raised:
        compile_judge(lists, rules)

    assert [(mistake.where, mistake.problem) for mistake in raised.value.found] == [
        ("watchlists.people.entries[0].name", "there is no word in `…`"),
        ("watchlists.people.entries[1].aliases[0]", "/(/ is no regular expression: missing ): ("),
        ("watchlists.people.entries[1].aliases[1]", "a * in `W*i` is not at the end"),
        ("watchlists.people.entries[1].context[0]", "there is no word in `!`"),
        ("watchlists.people.entries[1].context[1]", "`a*` begins too many words"),
        ("watchlists.words.entries[0].name", "`AGI OR ASI` is a query, not a name"),
        ("watchlists.words.entries[1].name", "`a|b` looks like several names"),
        ("watchlists.words.entries[2].name", "= and /.../ do not go together in `=/x/`"),
        ("watchlists.words.entries[3].name", "there is no word in ``"),
        ("rules[0].when", "line 1, column 1: there is no watchlist `peeple`"),
        ("rules[1].when", "line 1, column 7: `OR` stands before the end"),
    ]
    assert all(mistake.remedy for mistake in raised.value.found)


@pytest.mark.parametrize("name", ["JOHNSON AND JOHNSON", "=This OR That", "=a|b", "Ben & Jerry’s", "Who?", "(RED)"])
def test_odd_names_are_names(name: str) -> None:
    judge = compile_judge([Watchlist("names", entries=(Entry(name),), where="watchlists.names")], [])

    assert judge.judge(Item(title=f"of {name.removeprefix('=')} today"))


def test_a_list_without_entries_and_rules_is_silent() -> None:
    judge = compile_judge([Watchlist("later", where="watchlists.later")], [])

    assert judge.lists_without_rules == ("later",)
    assert judge.judge(STORY) == ()


def test_examples_are_tried() -> None:
    judge = judge_of(
        "@researchers AND (@labs OR joins) AND NOT sponsored AND 2 OF (lab, leaves, a NEAR/2 b)",
        should_match=(
            "Jason Wei leaves the lab of OpenAI",
            "Jason Wei leaves the lab",
            "OpenAI leaves the lab",
            "Hyung Won Chung joins the lab and leaves",
            "Jason Wei of Meta, sponsored lab, leaves",
            "Jason Wei of Meta: lab",
        ),
        should_not_match=("Sponsored: Jason Wei of Meta leaves the lab", "Jason Wei of Meta leaves the lab"),
    )

    assert [(mistake.where, mistake.problem) for mistake in judge.checks()] == [
        (
            "rules[0].should_match[1]",
            '"Jason Wei leaves the lab" does not ring: nothing of `(@labs OR joins)` is in it',
        ),
        ("rules[0].should_match[2]", '"OpenAI leaves the lab" does not ring: nothing of `@researchers` is in it'),
        (
            "rules[0].should_match[3]",
            '"Hyung Won Chung joins the lab and leaves" does not ring: '
            "`Hyung Won Chung` of `@researchers` stands there without its context",
        ),
        ("rules[0].should_match[4]", '"Jason Wei of Meta, sponsored lab, leaves" does not ring: `sponsored` is in it'),
        (
            "rules[0].should_match[5]",
            '"Jason Wei of Meta: lab" does not ring: only 1 of `2 OF (lab, leaves, a NEAR/2 b)` are in it',
        ),
        (
            "rules[0].should_not_match[1]",
            '"Jason Wei of Meta leaves the lab" rings for Jason Wei, Meta, leaves, lab',
        ),
    ]


@pytest.mark.parametrize(
    ("when", "title", "why"),
    [
        ("a NEAR/1 b", "x", "`a` is not in it"),
        ("a NEAR/1 b", "a", "`b` is not in it"),
        ("a NEAR/1 b", "a x x b", "the sides of `a NEAR/1 b` are 2 words apart"),
        ("title:(a OR b)", "x", "nothing of `title:(a OR b)` is in it"),
        ("text:a", "a", "`text:a` is not in it"),
        ("x AND NOT a NEAR/1 b", "x a b", "`a NEAR/1 b` is in it"),
        ("x AND NOT 2 OF (a, b)", "x a b", "all of `2 OF (a, b)` is in it"),
        (f"x AND {'y' * 99}", "x", f"`{'y' * 59}…` is not in it"),
    ],
)
def test_an_example_that_does_not_ring_tells_the_part_that_fails(when: str, title: str, why: str) -> None:
    (mistake,) = judge_of(when, should_match=(title,)).checks()

    assert mistake.problem == f'"{title}" does not ring: {why}'


SOURCES = ["lang:pt", "site:x.org", "tag:press", "feed:wired", "author:wei", "link:/x/", "category:@labs"]


@pytest.mark.parametrize("source", [*SOURCES, "NOT lang:en", "NOT author:wei", "author:(a NEAR/2 b)"])
def test_an_example_may_come_from_any_source(source: str) -> None:
    judge = judge_of(f"superintelligence AND {source}", should_match=("superintelligence",), should_not_match=("a",))

    assert judge.checks() == []
    assert judge.example("rule", "superintelligence", expected=True)
    assert not judge.example("rule", "a", expected=True)
    assert not judge.example("rule", "superintelligence", expected=False)


def test_a_condition_on_the_source_that_fails_is_told() -> None:
    (mistake,) = judge_of("lang:pt AND @labs", should_match=("a",)).checks()

    assert mistake.problem == '"a" does not ring: nothing of `@labs` is in it'


def test_several_threads_may_ask_at_once() -> None:
    judge = judge_of("@researchers NEAR/20 @labs OR /lab/ OR super*")
    items = [replace(STORY, title=f"{STORY.title} {number}") for number in range(200)]
    expected = [judge.judge(item) for item in items]

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(judge_of("@researchers NEAR/20 @labs OR /lab/ OR super*").judge, items)) == expected


def test_a_text_that_repeats_a_name_marks_its_first_places() -> None:
    hit = hit_of("@labs OR b", text="Meta b " * 3000)

    assert hit
    assert len(hit.matches) == MOST_MATCHES
    assert [match.surface for match in hit.matches[:3]] == ["Meta", "b", "Meta"]


def test_a_regular_expression_marks_its_first_hundred_places() -> None:
    hit = hit_of("/ab+/", text="é abb " * 200)

    assert hit
    assert [match.start for match in hit.matches] == [2 + 6 * number for number in range(100)]


HOSTILE = [
    *("a ", "a-", "a-a ", "a.", "aaaa", "a's ", "A.I. ", "C++ ", "AT&T ", "4.5.", "Meta AI ", "super-x-", "l·l"),
    *("超", "超级智能", "a超", "a삼", "삼성전자는 ", "กำ", "\u1112\u1161\u11ab", "ｶﾞ"),
    *(".", "'", "|,", "\0", "\u200b", "a\u00ad", "\u0301", "a\u0301\u0301\u0301 ", "\ud800a "),
]


@pytest.mark.parametrize("part", HOSTILE)
def test_a_text_of_one_part_thousands_of_times_is_judged(part: str) -> None:
    entries = [
        Entry(name) for name in ("a", "C++", "A.I.", "super*", "a a b", "超级智能", "삼성전자", "/a(.*b)?/", "AT&T")
    ]
    entries.append(Entry("Meta", ("Meta AI",), ("AI",), exact=True))
    lists = [Watchlist("names", entries=tuple(entries), where="watchlists.names")]
    judge = compile_judge(lists, [Rule(name="near", when='@names NEAR/3 @names OR a NEAR/1 "a a"', where="rules[0]")])
    item = Item(text=part * 30_000)

    for hit in judge.judge(item):
        for match in hit.matches:
            assert match.surface == item.text[match.start : match.end]


PARTS = [
    *("Jason Wei", "jason", "OpenAI", "Meta", "meta", "AI", "A.I.", "super-intelligence", "superintelligence", "C++"),
    *("said", "the", "GPT-4", "安全", "人", "삼성전자는", "ｶﾞ", "é", "ß", "½", ",", ".", "’s", "\n", "\u00ad"),
]
QUERIES = [
    *("@labs", "@researchers NEAR/3 @labs", "super* AND NOT ai", "2 OF (ai, gpt4, 安全)", "superintelligence"),
    *('"jason wei" OR /s[a-z]+d/', "=Meta NEAR/2 (said OR the)", "title:@labs OR summary:삼성전자"),
]


@given(st.lists(st.sampled_from(PARTS), max_size=14), st.sampled_from(QUERIES), st.sampled_from([" ", ""]))
def test_judging_is_the_same_every_time_and_marks_slices(parts: list[str], when: str, between: str) -> None:
    half = len(parts) // 2
    item = Item(title=between.join(parts[:half]), summary=between.join(parts[half:]), text=between.join(parts))
    judge = judge_of(when)
    hits = judge.judge(item)

    assert judge.judge(item) == hits
    for hit in hits:
        places = [(match.field, match.start, match.end) for match in hit.matches]
        assert places == sorted(places, key=lambda place: (["title", "summary", "text"].index(place[0]), place[1]))
        for match in hit.matches:
            assert match.surface == getattr(item, match.field)[match.start : match.end] != ""


@given(st.lists(st.sampled_from(PARTS), max_size=14), st.lists(st.sampled_from(QUERIES), min_size=1, max_size=3))
def test_no_rule_is_passed_over_that_would_ring(parts: list[str], queries: list[str]) -> None:
    title = " ".join(parts)
    judge = judge_of(" OR ".join(f"({query})" for query in queries))

    # An example is put to the rule itself, an item to the rules that one of its words may ring.
    assert bool(judge.example("rule", title, expected=True)) is any(
        hit.rule == "rule" for hit in judge.judge(Item(title=title))
    )


@given(st.lists(st.sampled_from(PARTS), max_size=14), st.sampled_from(QUERIES), st.sampled_from(QUERIES))
def test_queries_obey_the_laws_of_logic(parts: list[str], one: str, other: str) -> None:
    item = {"title": " ".join(parts)}
    first, second = rings(one, **item), rings(other, **item)

    assert rings(f"({one}) AND ({other})", **item) is (first and second)
    assert rings(f"({one}) OR ({other})", **item) is (first or second)
    assert rings(f"({one}) AND NOT ({other})", **item) is (first and not second)
    assert rings(f"NOT (NOT ({one}) OR NOT ({other}))", **item) is (first and second)
    assert rings(f"2 OF ({one}, {other}, {one})", **item) is first


def test_lists_of_an_item_are_read_as_one_text() -> None:
    assert text_of(STORY, 3) == "Ana Lee, Jason Wei"
    assert text_of(STORY, 0) == STORY.title
