"""What titles of one story have in common."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.stories import title_key

TITLE = "Jason Wei leaves OpenAI for Meta"


@pytest.mark.parametrize(
    "spelling",
    [
        "Jason Wei Leaves OpenAI for Meta - The Wire",
        "Jason Wei leaves OpenAI for Meta | AI | The Wire",
        "JASON WEI LEAVES OPENAI FOR META!",
        "“Jason Wei” leaves OpenAI, for Meta — Example News",
        "  Jason  Wei leaves\nOpenAI for Meta ",
        "Ｊａｓｏｎ Wei leaves OpenAI for Meta",
    ],
)
def test_every_spelling_of_a_title_has_one_key(spelling: str) -> None:
    assert title_key(spelling) == title_key(TITLE) != ""


def test_another_title_has_another_key() -> None:
    assert title_key(TITLE) != title_key("Jason Wei leaves Meta for OpenAI")


def test_an_apostrophe_is_no_gap() -> None:
    assert title_key("Meta’s new lab hires Jason Wei") == title_key("Meta's new lab hires Jason Wei")


@pytest.mark.parametrize("short", ["", "Daily briefing", "One two three four", "AI - The Wire", "人工智能新闻"])
def test_a_short_title_names_no_story(short: str) -> None:
    assert title_key(short) == ""


def test_a_suffix_stays_where_too_little_would_be_left() -> None:
    assert title_key("Wei leaves OpenAI - the full story") != ""


@pytest.mark.parametrize(
    "title",
    ["韋傑森離開OpenAI加入Meta超級智慧實驗室", "เจสัน เหว่ย ออกจากโอเพ่นเอไอ", "ジェイソン・ウェイがMetaに移籍"],
)
def test_a_script_without_spaces_counts_characters(title: str) -> None:
    assert title_key(title) != ""


def test_spaces_around_latin_words_do_not_matter_in_chinese() -> None:
    assert title_key("韋傑森離開 OpenAI 加入 Meta 超級智慧實驗室") == title_key(
        "韋傑森離開OpenAI加入Meta超級智慧實驗室"
    )


@given(st.text())
def test_case_never_matters(title: str) -> None:
    assert title_key(title) == title_key(title.casefold())
