"""What a query means, and what is said of one that means nothing."""

import re
from pathlib import Path

import pytest

from rules.compiling import MOST_FAULTS
from rules.mistakes import Mistakes
from rules.records import Item
from rules.watchlist import Entry, Watchlist
from tests.judging import hit_of, judge_of, marked, mistakes_of, rings


@pytest.mark.parametrize(
    ("when", "title", "expected"),
    [
        # AND before OR, NOT before AND
        ("a AND b", "b a", True),
        ("a AND b", "a", False),
        ("a b", "b x a", True),
        ("a b", "b", False),
        ("a OR b", "b", True),
        ("a OR b AND c", "a", True),
        ("a OR b AND c", "b", False),
        ("a OR b c", "b c", True),
        ("a b OR c", "c", True),
        ("(a OR b) AND c", "a", False),
        ("(a OR b) c", "b c", True),
        ("a AND NOT b", "a", True),
        ("a AND NOT b", "a b", False),
        ("a NOT b", "a b", False),
        ("a -b", "a b", False),
        ("a -b", "a", True),
        ("-b a", "a", True),
        ("a -(b OR c)", "a c", False),
        ("a AND NOT b OR c", "b c", True),
        ("a AND NOT (b AND c)", "a b", True),
        ("a AND NOT (b AND c)", "a b c", False),
        ("a AND NOT NOT b", "a b", True),
        ("a AND NOT (b OR NOT c)", "a c", True),
        ("a AND NOT (b OR NOT c)", "a", False),
        ("NOT (NOT a)", "a", True),
        ("NOT (NOT a OR NOT b)", "a", False),
        ("NOT (NOT a OR NOT b)", "a b", True),
        ("（a OR b） AND c", "b c", True),
        # words and phrases
        ('"chain of thought"', "Chain-of-Thought", True),
        ('"chain of thought"', "thought of chain", False),
        ("“chain of thought”", "chain of thought", True),
        ("„chain of thought“", "chain of thought", True),
        ("«chain of thought»", "chain of thought", True),
        ('"chain of thou*"', "chain of thoughts", True),
        ('"say \\"hello\\""', "say hello", True),
        ("=MSL", "MSL", True),
        ("=MSL", "msl", False),
        ('="Meta AI"', "Meta AI", True),
        ('="Meta AI"', "meta AI", False),
        ("=Super*", "Superintelligence", True),
        ("=Super*", "superintelligence", False),
        ("C++ AND C#", "C++ and C#", True),
        ("AT&T", "AT&T", True),
        ("人工智能 OR ИИ", "人工智能", True),
        ("o'brien", "O’Brien", True),
        ("gpt-4", "GPT4", True),
        ("/gpt-?[0-9]+/", "GPT-4", True),
        (r"/a\/b/", "A/B", True),
        ("/[ab/]{3}/", "a/b", True),
        ("/a b|c d/", "C D", True),
        ("/(?-i)Gpt/", "GPT", False),
        # `n OF`
        ("2 OF (a, b, c)", "a c", True),
        ("2 OF (a, b, c)", "c", False),
        ("1 OF (a, b)", "b", True),
        ('2 OF (a b, "c d", e OR f)', "c d f", True),
        ('2 OF (a b, "c d", e OR f)', "a f", False),
        ("2 OF (a, NOT b, c)", "a", True),
        ("2 OF (a, NOT b, c)", "a b", False),
        ("a AND NOT 2 OF (b, c)", "a b", True),
        ("a AND NOT 2 OF (b, c)", "a b c", False),
        ("2 OF (a、b，c)", "b c", True),
        ("x 2 OF (@labs, @researchers)", "x OpenAI", False),
        # lists
        ("@labs", "Open AI said", True),
        ("@labs", "Uma meta", False),
        ("@labs AND @researchers", "Jason Wei of Meta", True),
        ('@"labs"', "MSL", True),
    ],
)
def test_operators_mean_what_they_mean_elsewhere(when: str, title: str, expected: bool) -> None:
    assert rings(when, title) is expected


@pytest.mark.parametrize(
    ("when", "title", "expected"),
    [
        ("a NEAR/2 b", "a x y b", True),
        ("a NEAR/2 b", "b x y a", True),
        ("a NEAR/1 b", "a x y b", False),
        ("a NEAR/2 b", "a, x. (y) – b", True),
        ("a NEAR/0 b", "a b", True),
        ("a NEAR/0 b", "a x b", False),
        ('"a b" NEAR/1 c', "a b x c", True),
        ("(a OR b) NEAR/1 (c OR d)", "b x d", True),
        ("@labs NEAR/3 @researchers", "Jason Wei of OpenAI", True),
        ("@labs NEAR/3 @researchers", "Jason Wei was seen in the lab of OpenAI", False),
        ("sup* NEAR/1 /l[ab]+/", "superintelligence lab", True),
        ("超级 NEAR/2 安全", "超级智能安全", True),
        ("超级 NEAR/1 安全", "超级智能安全", False),
        ("a NEAR/5 a", "a", False),
        ("a NEAR/5 a", "a a", True),
        ('"a b" NEAR/3 b', "a b", False),
        ('"a b" NEAR/3 b', "a b b", True),
        ('"a b" NEAR/3 "b a"', "a b a", False),
        ("Meta NEAR/5 @labs", "Meta said", False),
        ("Meta NEAR/5 @labs", "Meta and Meta", True),
        ("x NOT a NEAR/1 b", "x a b", False),
        ("x NOT a NEAR/1 b", "x b y y a", True),
        ("title:(a OR b) NEAR/1 c", "a c", True),
        ("title:(a NEAR/1 c)", "a c", True),
        ("/a/ NEAR/1 /b/", "!", False),
    ],
)
def test_near_counts_the_words_between_two_different_places(when: str, title: str, expected: bool) -> None:
    assert rings(when, title) is expected


def test_near_holds_in_one_field() -> None:
    assert not rings("a NEAR/5 b", "a", text="b")
    assert marked("title:a NEAR/5 b", "x", text="a b") == []


def test_near_marks_only_what_is_near() -> None:
    assert marked("a NEAR/1 b", "a x x a x b x x b") == ["a", "b"]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("headline", True),
        ("title:headline", True),
        ("TITLE:headline", True),
        ("title: headline", True),
        ("text:headline", False),
        ("summary:brief", True),
        ("title:brief", False),
        ("text:(long AND story)", True),
        ("title:(long OR headline)", True),
        ("title:@labs", False),
        ("text:@labs", True),
        ('text:"long story"', True),
        ("text:=Meta", True),
        ("text:/m.ta/", True),
        ("text:2 OF (long, story, x)", True),
        ("long headline", True),
        ('"headline brief"', False),
        ("author:wei", True),
        ('author:"wei ana"', False),
        ("category:ai", True),
        ("link:blog", True),
        ('link:"/blog/"', True),
        ("link:example.org", True),
        ("link:blog/post-7", True),
        ("link:/post-[0-9]+/", True),
        ("link:org", True),
        ("site:example.org", True),
        ("site:www.example.org", True),
        ("site:https://example.org/", True),
        ("site:*.example.org", True),
        ("site:ample.org", False),
        ("site:org", True),
        ("site:other.example.org", False),
        ("feed:wired", True),
        ('feed:"wired top"', True),
        ("feed:http://feeds.example/wired", True),
        ("feed:http://feeds.example/", False),
        ("tag:press", True),
        ("tag:PRESS", True),
        ("tag:(lab OR press)", True),
        ("tag:=Press", False),
        ("tag:rele*", True),
        ("tag:release", False),
        ('tag:"release-notes"', True),
        ("lang:pt", True),
        ("lang:PT_br", True),
        ("lang:pt-PT", False),
        ("headline AND NOT lang:pt", False),
        ("headline AND NOT lang:en", True),
        ("headline -tag:lab -site:example.com", True),
    ],
)
def test_a_field_is_where_to_look(when: str, expected: bool) -> None:
    item = {
        "title": "Headline",
        "summary": "Brief",
        "text": "Long story of Meta",
        "authors": ("Jason Wei", "Ana Lee"),
        "categories": ("AI", "Labs"),
        "link": "https://www.news.example.org:443/blog/post-7?x=1",
        "feed": "WIRED Top",
        "feed_url": "http://feeds.example/wired",
        "tags": ("press", "release notes"),
        "language": "pt-BR",
    }

    assert rings(when, **item) is expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("site", "link", "expected"),
    [
        ("münchen.de", "https://xn--mnchen-3ya.de/x", True),
        ("xn--mnchen-3ya.de", "https://MÜNCHEN.de/x", True),
        ("example.org", "https://user@EXAMPLE.org.:8080/", True),
        ("example.org", "https://[broken", False),
        ("example.org", "", False),
        ("example.org", f"https://{'x' * 70}ü.example.org/", True),
    ],
)
def test_a_site_is_a_host_however_it_is_written(site: str, link: str, expected: bool) -> None:
    assert rings(f"site:{site}", "x", link=link) is expected


def test_a_term_that_names_no_field_looks_in_the_texts_only() -> None:
    assert not rings("wei", "x", authors=("Jason Wei",), link="https://wei.example/", feed="Wei", categories=("Wei",))


@pytest.mark.parametrize(
    ("when", "title", "surfaces"),
    [
        ("a AND (b OR c)", "c b a", ["c", "b", "a"]),
        ("(a AND b) OR c", "a c", ["c"]),
        ("a AND NOT b", "a", ["a"]),
        ("2 OF (a, b AND c, d)", "a b d", ["a", "d"]),
        ("a OR a", "a", ["a"]),
        ("lang:en OR a", "a", ["a"]),
    ],
)
def test_the_words_of_what_holds_are_marked(when: str, title: str, surfaces: list[str]) -> None:
    assert marked(when, title) == surfaces


def test_a_match_tells_the_term_as_the_rule_writes_it() -> None:
    hit = hit_of('title:"Jason W*" OR =AI OR /gpt-?5/', "Jason Wei, AI and GPT5")

    assert hit
    assert [match.entry for match in hit.matches] == ['"Jason W*"', "=AI", "/gpt-?5/"]
    assert {match.watchlist for match in hit.matches} == {""}


MISTAKES = [
    # what others write
    ("a && b", 3, "&& is no operator", "write AND"),
    ("a&&b", 2, "&& is no operator", "write AND"),
    ("a & b", 3, "& is no operator", "write AND"),
    ("a || b", 3, "|| is no operator", "write OR"),
    ("a | b", 3, "| is no operator", "write OR"),
    ("a|b", 1, "| is no operator", "write OR"),
    ("!a", 1, "! is no operator", "write NOT"),
    ("b !(a)", 3, "! is no operator", "write NOT"),
    ("+a b", 1, "+ is no operator", "leave it out"),
    ("a – b", 3, "a dash alone", "NOT"),
    ("b –a", 3, "– is no operator", "write NOT"),
    ("a - b", 3, "a dash alone", "-word"),
    ("a and b", 3, "`and` is written like a word", 'write AND, or "and"'),
    ("a Or b", 3, "`Or` is written like a word", "write OR"),
    ("@labs or (b)", 7, "`or` is written like a word", "write OR"),
    ("a AND not b", 7, "`not` is written like a word", "write NOT"),
    ("not a", 1, "`not` is written like a word", "write NOT"),
    ("a near b", 3, "`near` is written like a word", "NEAR/10"),
    ("a near/5 b", 3, "`near/5` is written like a word", "NEAR/5"),
    ("a w/5 b", 3, "`w/5` is written like a word", "NEAR/5"),
    ("a adj3 b", 3, "`adj3` is written like a word", "NEAR/3"),
    ("a NEAR b", 3, "does not say how near", "NEAR/10"),
    ("a NEAR/x b", 3, "does not say how near", "NEAR/10"),
    ("a NEAR/99999999 b", 3, "does not say how near", "NEAR/10"),
    ('"a b"~10', 6, "`~10` is not known here", "NEAR/10"),
    ("word~2", 1, "asks for similar words", "prefix*"),
    ("word^3", 1, "weighs a word", "leave the ^ out"),
    ("(a b)^2", 6, "`^2` is not known here", "leave it out"),
    ('"a b"*', 6, "the * stands outside", '"chain of thou*"'),
    ("wor?d", 1, "a ? stands for nothing", "/gr.y/"),
    ("wo*d", 1, "is not at the end", "/super"),
    ("*", 1, "a * alone is everything", "before it"),
    ("a*", 1, "begins too many words", "two letters"),
    ("gpt-*", 1, "begins too many words", "/gpt-?"),
    ("[a TO b]", 1, "begins a range", "OR"),
    ("'a b'", 1, "begins with a single quote", '"..."'),
    ("‘a b’", 1, "begins with a single quote", '"..."'),
    ("2 of (a, b)", 1, "`2 of` is no operator", "2 OF (a, b, c)"),
    ("OF (a)", 1, "OF has no number", "2 OF (a, b, c)"),
    ("https://example.org/", 1, "is an address", "site:example.org"),
    # fields and lists
    ("titel:a", 1, "there is no field `titel:`", "did you mean `title`?"),
    ("url:a", 1, "there is no field `url:`", "did you mean `link`?"),
    ("zzz:a", 1, "there is no field `zzz:`", "there are `title`, `summary`"),
    ("title:", 1, "`title:` stands before the end", "title:word"),
    ("title: AND b", 1, "`title:` stands before `AND`", "title:word"),
    ("title:-a", 1, "`title:` stands before `-`", "title:word"),
    ("title:text:a", 1, "stands inside of another field", "one field"),
    ("title:(a AND text:b)", 14, "stands inside of another field", "one field"),
    ("@lab", 1, "there is no watchlist `lab`", "did you mean `labs`?"),
    ('@"our lab"', 1, "there is no watchlist `our lab`", "there are `labs`, `researchers`"),
    ("@", 1, "`@` names no list", "@labs"),
    ("=@labs", 1, "= does not stand before a list", "exact = true"),
    ("site:a/b", 6, "`a/b` is no site", "link:"),
    ("site:...", 6, "there is no word in `...`", "letters or digits"),
    ("lang:p*", 6, "`p*` is no language tag", "lang:pt"),
    ("lang:english", 6, "`english` is no language tag", "lang:pt"),
    ('tag:"!"', 5, "there is no word", "write a tag"),
    ("tag:@labs", 5, "`tag:` takes no list", "tag:(a OR b)"),
    ("lang:/x/", 6, "`lang:` takes no regular expression", "lang:word"),
    # brackets and quotes
    ("(a OR b", 1, "this bracket is never closed", "write )"),
    ("a) b", 2, "no bracket is open here", "remove it"),
    ("()", 1, "there is nothing in these brackets", "remove them"),
    ("a AND title:( )", 13, "there is nothing in these brackets", "remove them"),
    ('a "b c', 3, "this quote is never closed", 'write "'),
    ("a “b c", 3, "this quote is never closed", 'write "'),
    ('a ""', 3, "there is nothing in these quotes", "write a word"),
    ('"=Meta"', 1, "the = stands inside the quotes", 'write ="Meta"'),
    ("= a", 1, "= stands before a word", "=MSL"),
    ("a, b", 2, "a comma parts only what stands behind OF", "AND or OR"),
    ("2 OF (a, (b, c))", 12, "a comma parts only what stands behind OF", "AND or OR"),
    ("(" * 201 + "a" + ")" * 201, 201, "more than 200 brackets", "flatter"),
    # parts that are missing
    ("", 1, "there is nothing to look for", "write a word"),
    ("  \n", 1, "there is nothing to look for", "write a word"),
    ("a AND", 3, "`AND` stands before the end", "write what follows"),
    ("AND a", 1, "`AND` stands first", "before it"),
    ("NEAR/5 a", 1, "`NEAR/5` stands first", "before it"),
    ("a OR OR b", 3, "`OR` stands before `OR`", "remove one"),
    ("NOT", 1, "`NOT` stands before the end", "write what follows"),
    ("2 OF (a,)", 8, "`,` stands before `)`", "between"),
    ("a NEAR/5", 3, "`NEAR/5` stands before the end", "sides of NEAR"),
    ("a NEAR/5 NOT b", 3, "`NEAR/5` stands before `NOT`", "sides of NEAR"),
    ("!!!", 1, "is no operator", "write NOT"),
    ("🚀", 1, "there is no word in `🚀`", "letters or digits"),
    ('"…"', 1, "there is no word in `…`", "letters or digits"),
    (f'"{"a " * 51}"', 1, "this phrase has 51 words", "50 at the most"),
    # what can hold never, or always
    ("NOT a", 1, "rings for nearly everything", "has to be"),
    ("a OR NOT b", 1, "rings for nearly everything", "has to be"),
    ("NOT lang:en", 1, "rings for nearly everything", "has to be"),
    ("NOT (a AND b)", 1, "rings for nearly everything", "has to be"),
    ("NOT 2 OF (a, b, c)", 1, "rings for nearly everything", "has to be"),
    ("1 OF (a, NOT b)", 1, "rings for nearly everything", "has to be"),
    ("0 OF (a)", 1, "0 OF holds always", "1 OF"),
    ("3 OF (a, b)", 1, "3 OF never holds, as there are 2 parts", "commas"),
    ("2 OF (@labs)", 1, "2 OF never holds, as there is one part", "commas"),
    ("a NEAR/5 (b AND c)", 10, "`(b AND c)` is no side of NEAR", "words, phrases, lists"),
    ("a NEAR/5 b NEAR/5 c", 1, "`a NEAR/5 b` is no side of NEAR", "words, phrases, lists"),
    ("a NEAR/5 site:b.c", 10, "is no side of NEAR", "words, phrases, lists"),
    ("title:a NEAR/5 text:b", 1, "never in one field", "title:(a NEAR/10 b)"),
    # regular expressions
    ("/(/", 1, "is no regular expression: missing )", "re2/wiki"),
    ("/(?=a)b/", 1, "is no regular expression: invalid perl operator", "RE2 has no look-around"),
    ("/a*/", 1, "finds the empty text", "+ not *"),
    (r"/\b/", 1, "finds the empty text", "+ not *"),
    ("/./", 1, "finds every letter", "ask for more"),
    ("/a b", 1, "is never closed", "end it with /"),
    ("/abc/i", 1, "has letters behind it", "case does not matter"),
    ("=/abc/", 1, "do not go together", "(?-i)"),
    # what comes later
    ("moves(@labs, to=@labs) AND x", 1, "moves(...) comes in a later version", "@people AND @labs"),
    ("moves(@labs", 1, "moves(...) comes in a later version", "@people AND @labs"),
]


@pytest.mark.parametrize(("when", "column", "problem", "remedy"), MISTAKES)
def test_a_mistake_tells_where_it_is_and_what_would_be_right(when: str, column: int, problem: str, remedy: str) -> None:
    first = mistakes_of(when)[0]

    assert first.where == "rules[0].when"
    assert first.problem.startswith(f"line 1, column {column}: ")
    assert problem in first.problem
    assert remedy in first.remedy


def test_a_caret_stands_under_the_place() -> None:
    (mistake,) = mistakes_of("title:@labs\n  AND (中文 OR @lab)")

    assert mistake.problem == "line 2, column 14: there is no watchlist `lab`"
    assert mistake.remedy.splitlines() == [
        "did you mean `labs`?",
        "      AND (中文 OR @lab)",
        # Two Chinese characters are four columns wide.
        "                   ^",
    ]


def test_a_caret_stands_right_behind_accents_and_control_characters() -> None:
    (mistake,) = mistakes_of("e\u0301\t\u200b @lab")

    assert mistake.remedy.splitlines()[1:] == ["    e\u0301   @lab", "        ^"]


def test_half_a_character_is_no_regular_expression() -> None:
    assert "half a character" in mistakes_of("/\ud800+/")[0].problem


def test_of_a_long_query_the_part_around_the_place_is_shown() -> None:
    (mistake,) = mistakes_of(f"{'word OR ' * 2000}@lab{' OR word' * 2000}")
    _, shown, caret = mistake.remedy.splitlines()

    assert len(shown) < 90
    assert shown[caret.index("^") :].startswith("@lab OR")


def test_every_mistake_of_a_query_is_told() -> None:
    found = mistakes_of("@lab && /(/ and titel:x AND wo*d")

    assert [mistake.problem.partition(": ")[2] for mistake in found] == [
        "there is no watchlist `lab`",
        "&& is no operator",
        "/(/ is no regular expression: missing ): (",
        "`and` is written like a word",
        "there is no field `titel:`",
        "a * in `wo*d` is not at the end",
    ]


@pytest.mark.parametrize(
    "when",
    [
        "prix or",
        '"a and b"',
        "a AND =and AND b",
        "and",
        "title:and b",
        "near",
        "N95 masks",
        "W3 consortium",
        "Who? OR What!",
        "10:30",
        "OR-Tools AND NOT-for-profit",
        "a+b",
        "AC/DC",
        "Notion.so AND a.b@c.d",
        "lang:en",
        "site:example.org",
    ],
)
def test_words_that_only_look_like_mistakes_are_words(when: str) -> None:
    assert mistakes_of(when) == ()


TABLE = (Path(__file__).parents[1] / "docs" / "query-language.md").read_text("utf-8").partition("## ")[0]
WRITTEN = re.findall(r"`([^`]+)`", "".join(re.findall(r"^\| (`.*?) \| ", TABLE, re.MULTILINE)))


@pytest.mark.parametrize("written", [one for one in WRITTEN if one != "( )"])
def test_every_row_of_the_documented_table_is_a_query(written: str) -> None:
    lists = [Watchlist(name, entries=(Entry("OpenAI"),), where=name) for name in ("labs", "our labs")]

    assert mistakes_of(f"{written}pt" if written.endswith(":") else f"x {written}", *lists) == ()


def test_an_empty_list_is_told_where_a_rule_names_it() -> None:
    (mistake,) = mistakes_of("a AND @labs", Watchlist("labs", where="watchlists.labs"))

    assert "the watchlist `labs` is empty" in mistake.problem


def test_a_long_query_is_read() -> None:
    words = [f"word{number}" for number in range(2500)]

    assert len(" OR ".join(words)) > 20_000
    assert marked(" OR ".join(words), "Word7 and word2499") == ["Word7", "word2499"]
    assert not rings(" AND ".join(words), "word7")
    assert rings(f"2000 OF ({', '.join(words)})", " ".join(words))


def test_a_deep_query_is_read() -> None:
    deep = "".join(f"(a{level} OR b{level} AND " for level in range(200)) + "c" + ")" * 200
    inner = " ".join(f"b{level}" for level in range(200))
    judge = judge_of(deep, should_match=("nothing of it",))

    assert judge.judge(Item(title=f"{inner} c"))
    assert not judge.judge(Item(title=inner.removesuffix("b199")))
    assert len(judge.checks()) == 1
    negated = "x AND " + "".join(f"NOT (b{level} OR " for level in range(199)) + "c" + ")" * 199
    assert rings(negated, "x b1")
    assert not rings(negated, "x b0")
    assert rings("NOT " * 5000 + "a", "a")
    assert rings("-" + "(" * 199 + "-a" + ")" * 199, "a")


@pytest.mark.parametrize(
    "hostile",
    ["(" * 20_000, ")" * 20_000, '"' * 20_001, "/a " * 7000, "title:" * 3000, "2 OF (" * 3000, "x," * 9000, "=“" * 9000,
     "a NEAR/1 " * 2000 + "b", "[" * 20_000, "/" + "[" * 20_000, '@"' * 9000, "\\" * 20_000, "-" * 20_001],
)  # fmt: skip
def test_nonsense_of_any_length_is_a_mistake(hostile: str) -> None:
    with pytest.raises(Mistakes) as raised:
        judge_of(hostile)

    assert len(raised.value.found) <= MOST_FAULTS
