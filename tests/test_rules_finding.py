"""Finders: each finds what a naive search over the words finds, and numbers go on where needles are added."""

from collections.abc import Callable, Iterable, Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rules.finding import MOST, Finder, Layers, Needle, Words, WordTrie
from rules.scanning import ByteFinder, finder_of
from rules.text import Folded


def layered(needles: Iterable[Needle]) -> Finder:
    """Half of the needles beside the other half."""
    every = list(needles)
    half = len(every) // 2
    return Layers(ByteFinder(every[:half]), WordTrie(every[half:]), half)


FINDERS = [WordTrie, ByteFinder, layered]
Build = Callable[[Iterable[Needle]], Finder]


def places(finder: Finder, words: Words) -> set[tuple[int, int, int]]:
    finds = finder.look(words)
    return {(needle, *place) for needle in finds.needles for place in finds.at(needle)}


def naive(needles: list[Needle], folded: Folded) -> Iterator[tuple[int, int, int]]:
    for number, needle in enumerate(needles):
        for first in range(len(folded.words)):
            for last in readings(folded, first, needle):
                yield number, first, last


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


WORDS = st.sampled_from(["a", "b", "ab", "aba", "安", "가나", "가", "a-b", "b-a-b", "A.B.", ",", "'s", "\ud800a"])
SOUGHT = st.lists(st.sampled_from(["a", "b", "ab", "aba", "bab", "安", "가"]), min_size=1, max_size=3).map(tuple)
NEEDLES = st.lists(st.builds(Needle, SOUGHT, st.booleans()), max_size=8, unique=True)


@pytest.mark.parametrize("build", FINDERS)
@given(NEEDLES, st.lists(WORDS, max_size=12), st.sampled_from([" ", "", "\n"]))
@example([Needle(("ab", "ab")), Needle(("ab", "ab", "a"), open=True)], ["a-b", "a-b", "aba"], " ")
def test_every_finder_finds_what_a_naive_search_finds(
    build: Build, needles: list[Needle], words: list[str], between: str
) -> None:
    folded = Folded(between.join(words))

    assert places(build(needles), folded) == set(naive(needles, folded))


TEXTS = st.text(st.characters(exclude_categories=()), max_size=60)


@pytest.mark.parametrize("build", FINDERS)
@given(TEXTS, st.lists(st.tuples(st.integers(0, 30), st.integers(1, 3), st.integers(0, 9)), max_size=5), TEXTS)
def test_pieces_of_any_text_are_found_in_it_where_a_search_by_letters_finds_them(
    build: Build, text: str, cuts: list[tuple[int, int, int]], other: str
) -> None:
    folded = Folded(text)
    needles = [
        Needle((*words[:-1], words[-1][:letters] or words[-1]), open=letters > 0)
        for first, length, letters in cuts
        if (words := tuple((Folded(text + other).words)[first : first + length]))
    ]
    row = f" {' '.join(folded.words)} "
    there = {
        number
        for number, needle in enumerate(needles)
        if f" {' '.join(needle.words)}{'' if needle.open else ' '}" in row
    }
    finder = build(needles)

    assert there <= finder.look(folded).needles
    for number, first, last in places(finder, folded):
        found = "".join(folded.words[first : last + 1])
        wanted = "".join(needles[number].words)
        assert found.replace(".", "").startswith(wanted.replace(".", ""))


@pytest.mark.parametrize("build", FINDERS)
@given(NEEDLES)
def test_a_finder_tells_its_needles_in_their_order(build: Build, needles: list[Needle]) -> None:
    assert list(build(needles).needles()) == needles


@pytest.mark.parametrize("build", FINDERS)
def test_a_word_without_end_costs_no_more_than_its_length(build: Build) -> None:
    finds = build([Needle(("a",)), Needle(("a", "a"))]).look(Folded("a " * (MOST + 1000)))

    assert [len(finds.at(needle)) for needle in (0, 1)] == [MOST, MOST]


def test_the_fast_finder_is_the_one_that_is_used() -> None:
    assert isinstance(finder_of([Needle(("a",))]), ByteFinder)


def test_without_its_library_words_are_found_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rules.scanning.DoubleArrayAhoCorasick", None)

    assert places(finder_of([Needle(("b",))]), Folded("a b")) == {(0, 1, 1)}
