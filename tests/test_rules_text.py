"""The words of a text, the way back to its letters, and the search for many phrases at once."""

import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.finding import MOST, Found, Needle, WordTrie
from rules.text import ENDS, Folded, fold

LETTERS = "aAeéßıſςΣ'’s -.|·l4一가กัำﾞｶか\u3099\u0301\u1161\u11abकि\u093c\u200b\u00adﬁ½①…ŉǅЙйёأىﷺ"
TEXTS = st.text(st.one_of(st.characters(), st.sampled_from(LETTERS)), max_size=40)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        (" \n\t", []),
        ("Jason Wei's lab", ["jason", "wei", "lab"]),
        ("Wei, Jason. (AI)", ["wei", "|", "jason", ".", "|", "ai", "|"]),
        ("“Wei”—who", ["wei", "|", "who"]),
        ("Wei – who", ["wei", "who"]),
        ("GPT-4.5 v1.2.", ["gpt", "4.5", "v1.2", "."]),
        ("a.b 1.a", ["a", ".", "b", "1", ".", "a"]),
        ("离开OpenAI2加", ["离", "开", "openai2", "加"]),
        ("กำลังAIก", ["กํ", "า", "ลั", "ง", "ai", "ก"]),
        ("오픈AI가 GPT4는", ["오픈", "ai", "가", "gpt4", "는"]),
        ("Т-34 С300 300С", ["т", "34", "с300", "300", "с"]),
        ("২০২৬ ٢٠٢٦", ["2026", "2026"]),
        ("½ ①x", ["1", "|", "2", "1", "x"]),
        ("a -- b--c --- ' …", ["a", "|", "|", "b", "|", "|", "c", "|", "|", ".", ".", "."]),
        ("\ud800a\x00b", ["a", "b"]),
    ],
)
def test_the_words_of_a_text(text: str, words: list[str]) -> None:
    assert Folded(text).words == words


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("super-intelligence", {0: [("superintelligence", 1)]}),
        ("a-b-c", {0: [("ab", 1), ("abc", 2)], 1: [("bc", 2)]}),
        ("a - b, a-, -b, a--b", {}),
        ("A.I. is", {0: [("ai", 3)]}),
        ("the U.S", {1: [("us", 3)]}),
        ("A. I., x.ai, e.g", {9: [("eg", 11)]}),
        ("one-two-three-four-five-six-seven-eight-nine", {}),
        ("GPT-4는", {0: [("gpt4", 1)]}),
        ("x (a) y", {0: [("x", 3)]}),
        ("x [a, b]\ny", {0: [("x", 5)]}),
        ("U.S. (a) y", {0: [("us", 3)]}),
        ("x (a), (b) y (…) z ((c) d", {}),
        ("e.g. x-y z A.I. (A.I.) b", {0: [("eg", 3)], 4: [("xy", 5)], 7: [("ai", 10)], 12: [("ai", 15)]}),
    ],
)
def test_what_may_be_one_word(text: str, joined: dict[int, list[tuple[str, int]]]) -> None:
    assert Folded(text).joined == joined


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("ﬁne Straße", ["ﬁne", "Straße"]),
        ("e\u0301te\u0301 x", ["e\u0301te\u0301", "x"]),
        ("x\u0302\u0323 y", ["x\u0302\u0323", "y"]),
        ("super\u00adb c", ["super\u00adb", "c"]),
        ("ｶﾞｷ…", ["ｶﾞ", "ｷ", "…", "…", "…"]),
        ("\u1112\u1161\u11ab글", ["\u1112\u1161\u11ab글"]),
    ],
)
def test_every_word_leads_back_to_its_letters(text: str, marked: list[str]) -> None:
    folded = Folded(text)

    assert [text[slice(*folded.span(index, index))] for index in range(len(folded.words))] == marked


def test_words_between_are_counted_without_what_parts_them() -> None:
    folded = Folded("Wei, who left. For Meta")

    assert folded.words == ["wei", "|", "who", "left", ".", "for", "meta"]
    assert folded.between(0, 6) == 3
    assert folded.between(0, 2) == 0


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [(0, 3, (0, 0)), (1, 6, (0, 1)), (3, 4, (1, 1)), (7, 9, (1, 2)), (9, 10, (3, 3)), (10, 99, (3, 3))],
)
def test_a_place_in_the_text_is_a_place_among_the_words(start: int, end: int, words: tuple[int, int]) -> None:
    assert Folded("Wei left, for").words_at(start, end) == words


@given(TEXTS)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(TEXTS)
def test_case_does_not_matter(text: str) -> None:
    assert fold(text) == fold(text.casefold())


@given(TEXTS)
def test_letters_in_one_piece_or_in_two_are_the_same(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@given(TEXTS)
def test_the_way_back_is_right_for_every_word(text: str) -> None:
    folded = Folded(text)
    begun = 0
    for index, word in enumerate(folded.words):
        start, end = folded.span(index, index)
        assert begun <= start < end <= len(text)
        assert word in ENDS or word in Folded(text[start:end]).words
        first, last = folded.words_at(start, end)
        assert first <= index <= last
        begun = start


@given(st.text("aéWŻłß '’-.|()[]🚀\ufe0f★1½…·，\n", max_size=30))
def test_a_text_of_one_alphabet_is_folded_as_one_of_several(text: str) -> None:
    alone, several = Folded(text), Folded(f"{text} က")

    assert [*alone.words, "က"] == several.words
    for index in range(len(alone.words)):
        assert alone.span(index, index) == several.span(index, index)


WORDS = st.sampled_from(["a", "b", "ab", "aba", "安", "가나", "가", "a-b", "b-a-b", "A.B.", ",", "'s"])
SOUGHT = st.lists(st.sampled_from(["a", "b", "ab", "aba", "bab", "安", "가"]), min_size=1, max_size=3).map(tuple)
NEEDLES = st.lists(st.builds(Needle, SOUGHT, st.booleans()), max_size=8, unique=True)


@given(NEEDLES, st.lists(WORDS, max_size=12), st.sampled_from([" ", "", "\n"]))
def test_the_trie_finds_what_a_naive_search_finds(needles: list[Needle], words: list[str], between: str) -> None:
    folded = Folded(between.join(words))

    assert sorted(set(WordTrie(needles).find(folded))) == sorted(set(naive(needles, folded)))


def naive(needles: list[Needle], folded: Folded) -> Iterator[Found]:
    for number, needle in enumerate(needles):
        for first in range(len(folded.words)):
            for last in readings(folded, first, needle):
                yield Found(number, first, last)


def readings(folded: Folded, first: int, needle: Needle) -> Iterator[int]:
    """Where the needle ends if it begins at the word `first`."""
    if first >= len(folded.words):
        return
    wanted, *others = needle.words
    for word, last in [(folded.words[first], first), *folded.joined.get(first, [])]:
        if not others and (word.startswith(wanted) if needle.open else word == wanted):
            yield last
        elif others and word == wanted:
            yield from readings(folded, last + 1, Needle(tuple(others), needle.open))


def test_a_word_without_end_costs_no_more_than_its_length() -> None:
    found = WordTrie([Needle(("a",)), Needle(("a", "a"))]).find(Folded("a " * (MOST + 1000)))

    assert len(found) == 2 * MOST
