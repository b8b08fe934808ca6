"""Words that look or sound alike, whatever their script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.cooccurrence import Company
from rules.evidence import excerpt
from rules.naming import is_title_case, names_in, shape_of
from rules.similarity import cognate, inflected, likeness, respelled, skeletons, stem
from rules.transliteration import latin
from rules.words import script, words_of

LATIN = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12)
COUNTS = st.integers(1, 500)


@given(LATIN, LATIN)
def test_likeness_is_mutual_and_whole_for_the_same_word(one: str, other: str) -> None:
    assert likeness(one, one) == 1
    assert likeness(one, other) == pytest.approx(likeness(other, one))
    assert 0 <= likeness(one, other) <= 1


def test_likeness_of_nothing_is_none() -> None:
    assert likeness("", "abc") == 0


@given(st.text())
def test_any_text_is_letters_from_a_to_z(text: str) -> None:
    assert set(latin(text)) <= set("abcdefghijklmnopqrstuvwxyz")
    assert set(respelled(text)) <= set("abcdefghijklmnopqrstuvwxyz")


@given(LATIN)
def test_a_word_is_its_own_cognate_where_it_is_long_enough(word: str) -> None:
    assert cognate(word, stem(word)) == (1.0 if len(stem(word)) >= 6 else 0.0)


@given(st.text("abcdefghijklmnopqrstuvwxyz", max_size=60))
def test_a_long_word_is_heard_in_a_bounded_number_of_ways(word: str) -> None:
    assert 1 <= len(skeletons(word)) <= 48


@pytest.mark.parametrize(
    ("one", "other"),
    [("Truss", "Трасс"), ("Karpathy", "カルパシー"), ("Putin", "普京".replace("京", "廷")), ("Hinton", "Гинтон")],
)
def test_one_name_has_one_skeleton_in_two_scripts(one: str, other: str) -> None:
    assert skeletons(latin(one)) & skeletons(latin(other))


def test_an_inflection_keeps_the_word_and_adds_little() -> None:
    assert inflected("sutskevera", "sutskever")
    assert inflected("tesly", "tesla") is inflected("teslą", "tesla") is False
    assert not inflected("robotaxis", "robot")


def test_words_are_parted_at_the_border_of_scripts() -> None:
    assert words_of("离开OpenAI加入Meta, 오픈AI가 l'IA en GPT-4o: intel·ligència") == [
        "OpenAI", "Meta", "오픈AI", "가", "l", "IA", "en", "GPT", "o", "intel·ligència",
    ]  # fmt: skip
    assert [script(word) for word in ("Wei", "Вэй", "Γου", "ウェイ", "웨이", "韦", "وي", "वेई", "ויי", "ไทย")] == [
        "latin", "cyrillic", "greek", "kana", "hangul", "han", "arabic", "devanagari", "hebrew", "other",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Yesterday Mira Murati of Thinking Machines spoke", ["Mira Murati", "Thinking Machines"]),
        ("The Green Party lost. The Party won", ["Green Party", "Party"]),
        ("It hired CEO Sam Altman's deputy, Ursula von der Leyen", ["Sam Altman", "Ursula von der Leyen"]),
        ("Der Konzern will mit Christian Klein eine Abteilung und das Labor", ["Christian Klein"]),
        ("How OpenAI And Meta Fight Over Talent Everywhere", []),
        ("Вчера Мира Мурати ушла", ["Мира Мурати"]),
        ("@OpenAI and #Meta and http://Example.org", []),
    ],
)
def test_names_are_told_by_their_capitals(text: str, names: list[str]) -> None:
    small = {"the": 9, "yesterday": 3, "der": 5, "вчера": 2}

    assert [text[start:end] for start, end in names_in(text, (), small)] == names


def test_a_title_in_capitals_is_one_in_any_case_but_chinese() -> None:
    assert is_title_case("Thinking Machines Hires Researchers From Google")
    assert not is_title_case("Thinking Machines hires researchers from Google")
    assert not is_title_case("离开公司 加入公司 的研究员 很多的人 都在这里 谈论它")


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("Mira Murati", "person"), ("Maria Lvova-Belova", "person"), ("サム・アルトマン", "person"),
        ("Ursula von der Leyen", "person"), ("Sean O'Brien", "person"), ("Thinking Machines", "organization"),
        ("Claude", "organization"), ("Stanford University", "organization"), ("Scale AI", "organization"),
        ("Big DeepThing", "organization"),
    ],
)  # fmt: skip
def test_people_and_organizations_are_told_by_the_shape_of_the_name(name: str, shape: str) -> None:
    assert shape_of(name) == shape


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_the_ratio_is_never_negative_and_nothing_is_clear_that_is_not_more_frequent(
    together: int, alone: int, apart: int, without: int
) -> None:
    company = Company("a name", ("labs", "OpenAI"), together, together + alone, apart, apart + without)

    assert company.ratio >= -1e-6
    assert not company.is_clear or together * (apart + without) > apart * (together + alone)


def test_the_ratio_grows_with_the_number_of_items() -> None:
    few = Company("a name", ("labs", "OpenAI"), 3, 5, 0, 50)
    many = Company("a name", ("labs", "OpenAI"), 30, 50, 0, 500)

    assert many.ratio == pytest.approx(10 * few.ratio)
    assert many.is_clear


@given(st.text(max_size=300), st.data())
def test_an_excerpt_is_one_line_with_the_word_where_it_says(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 20)))

    sample = excerpt(text, start, end, "")

    assert "".join(sample.text[sample.start : sample.end].split()) == "".join(text[start:end].split())
    assert len(sample.text) <= 60 + (end - start) + 80 + 2
    assert len(sample.text.splitlines()) <= 1
