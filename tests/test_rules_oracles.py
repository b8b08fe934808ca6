"""What rings, held to others that decide the same: SQLite's full-text search, every rule asked, lists compiled anew."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.judge import Judge, Rule, compile_judge
from rules.mistakes import Mistakes
from rules.records import Hit, Item
from rules.regexes import Regex, RegexSet, encoded
from rules.text import fold
from rules.watchlist import Entry, Watchlist

WORDS = ["ana", "anna", "bo", "bora", "chen", "мета", "łódź", "straße", "dia", "é", "ölçü"]
LEFT, RIGHT = WORDS[:5], WORDS[5:]
"""A word of both sides of NEAR serves both for FTS5, and for us never."""

Query = tuple[str, str]
"""In our language, and in that of FTS5."""


def quoted(words: Sequence[str], *, prefix: bool = False) -> Query:
    star = "*" if prefix else ""
    return f'"{" ".join(words)}{star}"', f'"{" ".join(map(fold, words))}"{" *" if prefix else ""}'


def phrases(words: Sequence[str]) -> st.SearchStrategy[Query]:
    return st.lists(st.sampled_from(words), min_size=1, max_size=2).map(quoted)


def near(left: Query, right: Query, distance: int) -> Query:
    return f"{left[0]} NEAR/{distance} {right[0]}", f"NEAR({left[1]} {right[1]}, {distance})"


LEAVES = st.one_of(
    phrases(WORDS),
    st.sampled_from(["an", "bo", "мет", "str"]).map(lambda word: quoted([word], prefix=True)),
    st.builds(near, phrases(LEFT), phrases(RIGHT), st.integers(0, 3)),
    phrases(WORDS).map(lambda query: (f"title:{query[0]}", f"title : {query[1]}")),
)


def joined(inner: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    operator = st.sampled_from([("AND", "AND"), ("OR", "OR"), ("AND NOT", "NOT")])
    return st.builds(
        lambda one, way, other: (f"({one[0]} {way[0]} {other[0]})", f"({one[1]} {way[1]} {other[1]})"),
        inner,
        operator,
        inner,
    )


QUERIES = st.recursive(LEAVES, joined, max_leaves=6)
SENTENCES = st.lists(st.sampled_from([*WORDS, "x", "Ana", "BO"]), max_size=9).map(" ".join)


@settings(max_examples=60)
@given(st.lists(QUERIES, min_size=1, max_size=6), st.lists(st.tuples(SENTENCES, SENTENCES), min_size=1, max_size=6))
def test_full_text_search_finds_the_same(queries: list[Query], texts: list[tuple[str, str]]) -> None:
    rules = [Rule(name=str(number), when=ours, where="rules") for number, (ours, _) in enumerate(queries)]
    judge = compile_judge([], rules)
    index = sqlite3.connect(":memory:")
    index.execute("CREATE VIRTUAL TABLE texts USING fts5(title, text, tokenize='unicode61 remove_diacritics 0')")
    index.executemany("INSERT INTO texts VALUES (?, ?)", [(fold(title), fold(text)) for title, text in texts])

    ours = {
        (number, hit.rule)
        for number, (title, text) in enumerate(texts, 1)
        for hit in judge.judge(Item(title=title, text=text))
    }
    theirs = {
        (number, rule.name)
        for rule, (_, query) in zip(rules, queries, strict=True)
        for (number,) in index.execute("SELECT rowid FROM texts WHERE texts MATCH ?", (query,))
    }
    index.close()

    assert ours == theirs


def test_one_word_never_serves_both_sides_of_near() -> None:
    """Where full-text search and Lucene say yes: the alias of a thing is not its own context."""
    judge = compile_judge([], [Rule(name="near", when='"open ai" NEAR/5 ai', where="rules")])

    assert not judge.judge(Item(title="Open AI"))
    assert judge.judge(Item(title="Open AI says AI"))


TERMS = [
    *(
        "ana",
        "bo*",
        '"ana bo"',
        "=Ana",
        '="C++"',
        "/an+a/",
        "/[ab]o?r/",
        "/x|y/",
        "@people",
        "@labs",
        "title:ana",
        "A.I.",
    ),
    *("author:bo", "link:ana", "lang:pt", "title:@labs", "ana NEAR/2 @labs", "(ana OR =Bo) NEAR/1 chen", "tag:x"),
    *("super-ana", "2 OF (ana, bo, @labs)", "2 OF (ana bo, /chen/, lang:pt)", "삼성", "category:ana", "超级"),
]
PEOPLE = [Entry("Ana Bo", ("=AB",)), Entry("Chen", context=("labs", "/ro+m/")), Entry("/dr\\.? bo/"), Entry("삼성전자")]
LABS = [Entry("Open Lab", ("OL",), exact=True), Entry("超级"), Entry("Bora*"), Entry("Ana", context=("bo",))]
LISTS = (
    Watchlist("people", entries=tuple(PEOPLE), where="watchlists.people"),
    Watchlist("labs", entries=tuple(LABS), where="watchlists.labs"),
)
PIECES = [
    *("ana", "Ana", "bo", "Bo", "chen", "AB", "OL", "Open Lab", "C++", "x", "room", "dr. bo", "Anna", "bora", "A.I."),
    *("super-ana", "superana", "ana-bo", "삼성전자는", "超级智能", ",", ".", "labs", "\n", "’s", "Ana Bo", "open-lab"),
]
WHENS = st.recursive(
    st.sampled_from(TERMS),
    lambda inner: st.builds(
        lambda one, way, other: f"({one} {way} {other})", inner, st.sampled_from(["AND", "OR", "AND NOT"]), inner
    ),
    max_leaves=5,
)
LINES = st.lists(st.sampled_from(PIECES), max_size=8).map(" ".join)
ITEMS = st.builds(
    Item,
    title=LINES,
    summary=LINES,
    text=LINES,
    authors=st.sampled_from([(), ("Bo Ana",), ("Chen", "Ana")]),
    categories=st.sampled_from([(), ("ana",)]),
    link=st.sampled_from(["", "https://example.org/ana"]),
    language=st.sampled_from(["", "pt-BR"]),
    tags=st.sampled_from([(), ("x",)]),
)


def rules_of(whens: Sequence[str]) -> list[Rule]:
    return [Rule(name=f"rule {number}", when=when, where=f"rules[{number}]") for number, when in enumerate(whens)]


def compiled(whens: Sequence[str], lists: Sequence[Watchlist] = LISTS) -> Judge:
    try:
        return compile_judge(lists, rules_of(whens))
    except Mistakes:
        # A rule that would ring for nearly everything.
        return compile_judge(lists, rules_of([f"ana AND ({when})" for when in whens]))


@given(st.lists(WHENS, min_size=1, max_size=5), st.lists(ITEMS, min_size=1, max_size=3))
def test_no_rule_is_passed_over_that_would_ring_if_it_were_asked(whens: list[str], items: list[Item]) -> None:
    judge = compiled(whens)

    for item in items:
        assert judge.ringing(judge.look(item)) == judge.ringing(judge.look(item), ask_all=True)


def told(judge: Judge, item: Item) -> list[Hit]:
    return list(judge.judge(item))


EDITS = st.lists(st.tuples(st.sampled_from(["rule", "entry", "less"]), st.integers(0, 9), WHENS), max_size=5)


@settings(max_examples=60)
@given(st.lists(WHENS, max_size=3), EDITS, st.lists(ITEMS, min_size=1, max_size=3), st.booleans())
def test_an_edited_judge_is_the_same_as_one_compiled_anew(
    whens: list[str], edits: list[tuple[str, int, str]], items: list[Item], merged: bool
) -> None:
    rules = list(compiled(whens).rules)
    rules = [rule for rule in rules if rule.where.startswith("rules")]
    judge = compile_judge(LISTS, rules)
    entries = {watchlist.name: list(watchlist.entries) for watchlist in LISTS}
    for index, (kind, number, when) in enumerate(edits):
        name = ("people", "labs")[number % 2]
        if kind == "rule":
            rule = Rule(name=f"new {index}", when=f"ana AND ({when})", where="rules[9]")
            rules.append(rule)
            judge = judge.with_changes(rules=[rule])
        elif kind == "entry":
            entry = Entry(f"Bo {'ABCDE'[number % 5]}", (PIECES[number % 8],), context=("chen",) if number > 4 else ())
            entries[name] = [one for one in entries[name] if one.name != entry.name] + [entry]
            judge = judge.with_changes(entries={name: [entry]})
        elif number > 4 and rules:
            judge = judge.with_changes(without=[rules.pop().name])
        elif len(entries[name]) > 1:
            judge = judge.with_changes(without_entries={name: [entries[name].pop(0).name]})
    judge = judge.merged() if merged else judge
    lists = [replace(one, entries=tuple(entries[one.name])) for one in LISTS]
    anew = compile_judge(lists, rules)

    assert sorted(judge.lists_without_rules) == sorted(anew.lists_without_rules)
    assert [rule.name for rule in judge.rules][: len(rules)] == [rule.name for rule in rules]
    for item in items:
        assert sorted(told(judge, item), key=lambda hit: hit.rule) == sorted(told(anew, item), key=lambda hit: hit.rule)


def test_a_judge_stays_as_it_is_when_another_is_made_of_it() -> None:
    judge = compile_judge(LISTS, [Rule(name="people", when="@people", where="rules[0]")])
    other = judge.with_changes(
        rules=[Rule(name="new", when="zeta", where="rules[1]")],
        entries={"people": [Entry("Zeta")]},
        without_entries={"people": ["Chen"]},
    )
    item = Item(title="Zeta of the labs, and Chen")

    assert [(hit.rule, [match.entry for match in hit.matches]) for hit in judge.judge(item)] == [("people", ["Chen"])]
    assert [(hit.rule, [match.entry for match in hit.matches]) for hit in other.judge(item)] == [
        ("people", ["Zeta"]),
        ("new", ["zeta"]),
    ]
    assert [hit.rule for hit in other.with_changes(without=["people", "new"]).judge(item)] == ["people"]


def test_mistakes_of_an_edit_are_told_and_a_list_that_is_not_there_is_a_key_error() -> None:
    judge = compile_judge(LISTS, [])

    with pytest.raises(Mistakes) as raised:
        judge.with_changes(rules=[Rule(name="a", when="@peeple", where="rules[0]")], entries={"people": [Entry("…")]})
    assert [found.problem for found in raised.value.found] == [
        "there is no word in `…`",
        "line 1, column 1: there is no watchlist `peeple`",
    ]
    with pytest.raises(KeyError):
        judge.with_changes(entries={"peeple": [Entry("Ana")]})


SOURCES = [
    "an+a",
    "(ana|bora)?chen",
    "gpt-?[0-9]+",
    "[a-c]{2}x",
    "größe",
    "k-anon",
    "İst",
    "日本",
    "(?-i)Ana",
    "a.*bora",
]


@pytest.mark.parametrize("source", SOURCES)
@given(st.lists(st.sampled_from(["ana", "ANNA", "bora", "chen", "GPT4", "gpt-5", "GRÖSSE", "Größe", "K-anon", "日本"])))
def test_no_expression_is_passed_over_that_would_be_found(source: str, words: list[str]) -> None:
    text = " ".join(words)
    regex = Regex(source)

    assert RegexSet({7: regex}).possible(text) >= ({7} if regex.spans(text) else set())


@pytest.mark.parametrize(
    ("source", "has"),
    [("gpt-?[0-9]+", True), ("[0-9]{4}x", False), ("foo|bar", True), ("foo|b+", False), ("ab", False)],
)
def test_an_expression_without_a_literal_is_told(source: str, has: bool) -> None:
    assert Regex(source).has_literal is has


@given(
    st.sampled_from(["a+b?", r"\ba", r"é|\bb", "x?a", r"a\B", "中.", r"\b-?\b|a"]),
    st.text("ab1 é中\ud800-\n", max_size=12),
)
def test_an_expression_is_in_a_text_where_it_marks_something(source: str, text: str) -> None:
    try:
        regex = Regex(source)
    except Mistakes:
        return

    assert regex.is_in(encoded(text)) == bool(regex.spans(text))
