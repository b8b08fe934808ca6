"""What an expression cannot do without: never more than RE2 itself wants, and for what people write not less."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.asking import words_of
from rules.literals import required
from rules.mistakes import Mistakes
from rules.records import Item
from rules.regexes import Regex


@pytest.mark.parametrize(
    ("source", "groups"),
    [
        ("gpt-?[0-9]+", ["gpt"]),
        ("GPT-?4o", ["gpt"]),
        ("[Ss]uper.?intelligence", ["super", "intelligence"]),
        ("(?i)deep ?mind", ["deep", "mind"]),
        ("deepmind|openai", ["deepmind openai"]),
        ("(?:deep|hive)mind", ["deep hive", "mind"]),
        ("(?P<lab>openai)(?: (?:inc|llc))?", ["openai"]),
        (r"\bllama[ -]?\d(?:\.\d)?b?\b", ["llama"]),
        (r"anthropic\.com", ["anthropic", "com"]),
        ("layoffs?", ["layoff"]),
        ("(?:abc)+d", ["abc"]),
        ("abc{2}d", ["abc"]),
        ("abc{0,2}d", []),
        ("(?:openai){0}x", []),
        ("(?:openai|)x", []),
        ("ab|openai", []),
        ("[0-9]{4}", []),
        ("[[:alpha:]]bcd", ["bcd"]),
        (r"[]\]x]bcd", ["bcd"]),
        (r"\pLbcd\p{Greek}", ["bcd"]),
        (r"\x41bcd", []),
        (r"\Qa|b\E", []),
        ("超级智能", []),
        ("a{bcd", ["bcd"]),
    ],
)
def test_the_letters_of_an_expression_are_known(source: str, groups: list[str]) -> None:
    assert required(source) == [frozenset(group.split()) for group in groups]


pieces = st.recursive(
    st.sampled_from(
        [
            *("abc", "x", "OpenAI", "meta ", "gpt-", ".", r"\d", r"\b", r"\.", "[a-c]", "[^x]", "[Gg]", "é", "^", "$"),
            *("[[:digit:]]", r"\pL", "'s", "k", "ß", "中国", r"\s+", "{", r"\x41", "(?i)"),
        ]
    ),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("".join),
        st.tuples(inner, inner).map("|".join),
        inner.map("({})".format),
        inner.map("(?:{})".format),
        st.tuples(inner, st.sampled_from(["?", "*", "+", "{2}", "{0,2}", "{1,}", "+?"])).map("(?:{0[0]}){0[1]}".format),
        st.tuples(inner, st.sampled_from(["?", "*", "+", "{0}"])).map("".join),
    ),
    max_leaves=8,
)
texts = st.lists(
    st.sampled_from(
        [
            *("abc", "x", "openai", "OPENAI", "meta", "gpt", "-", " ", "4", "é", "e\u0301", "'s", "’s", ".", "中国"),
            *("ы", "\u00ad", "\u200d", "ſ", "\u212a", "ﬃ", "ß", "ＡＢＣ", "오픈", "_", "x" * 45),
            *("A", "b", "c", "g", "gg", "aa", "bcabc"),
        ]
    ),
    max_size=14,
).map("".join)  # fmt: skip


@settings(deadline=None, max_examples=400)
@given(pieces, texts)
def test_where_an_expression_is_found_its_letters_are_in_the_words_that_are_kept(source: str, text: str) -> None:
    try:
        found = Regex(source).spans(text)
    except Mistakes:
        return  # it finds the empty text, or every letter
    if found:
        words = words_of(Item(title=text))
        for group in required(source):
            assert any(letters in word for letters in group for word in words), group


@settings(deadline=None)
@given(texts, st.integers(0, 60), st.integers(3, 20))
def test_letters_in_a_row_are_in_one_of_the_words_that_are_kept(text: str, start: int, length: int) -> None:
    some = text[start : start + length]
    if len(some) >= 3 and some.isascii() and some.isalpha():
        assert any(some.lower() in word for word in words_of(Item(title=text)))


@settings(deadline=None)
@given(st.text(max_size=60))
def test_whatever_is_no_expression_says_nothing_or_is_read(source: str) -> None:
    assert all(letters.isascii() for group in required(source) for letters in group)
