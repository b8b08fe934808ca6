"""Every key of a TOML text has a line."""

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from monitor.places import KeyPath, nearest, places_of, written

WHOLE = '''\
contact = "desk@example.org" # with a = sign and ["brackets"]
"quoted key" = 'C:\\path # no comment'

feeds = [ # one
  "https://a.example/feed", "https://b.example/feed",
  # between
  { url = "https://c.example/feed", tags = ["press",
    "[not a table]"] },
]
moment = 1979-05-27 07:32:00.5
number = 1_000.25e+3
text = """
[not.a.table]
key = "nor a key" """
site."google.com".name = """a""\\"""b"""""

[polling] # bounds
min = "5m"
[watchlists.researchers]
entries = ["Jason Wei",

  { name = "정형원" }]

[[rules]]
name = "first"
  [[rules.parts]]
  x = 1
  [[rules.parts]]
  x = 2
[[rules]]
name = \'\'\'
second\'\'\'
when.a = 1
'''


def line_of(text: str, *path: str | int) -> int:
    return places_of(text)[path].line


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("contact",), 1),
        (("quoted key",), 2),
        (("feeds",), 4),
        (("feeds", 0), 5),
        (("feeds", 1), 5),
        (("feeds", 2), 7),
        (("feeds", 2, "url"), 7),
        (("feeds", 2, "tags"), 7),
        (("feeds", 2, "tags", 1), 8),
        (("moment",), 10),
        (("number",), 11),
        (("text",), 12),
        (("site", "google.com", "name"), 15),
        (("polling",), 17),
        (("polling", "min"), 18),
        (("watchlists",), 19),
        (("watchlists", "researchers", "entries", 1, "name"), 22),
        (("rules", 0), 24),
        (("rules", 0, "parts", 1, "x"), 29),
        (("rules", 1), 30),
        (("rules", 1, "name"), 31),
        (("rules", 1, "when", "a"), 33),
    ],
)
def test_a_key_is_told_with_the_line_it_stands_on(path: KeyPath, line: int) -> None:
    assert line_of(WHOLE, *path) == line


def test_every_key_that_tomllib_reads_has_a_place() -> None:
    assert set(places_of(WHOLE)) == set(paths_in(tomllib.loads(WHOLE)))


def test_windows_line_ends_change_no_line() -> None:
    windows = WHOLE.replace("\n", "\r\n")

    assert {path: place.line for path, place in places_of(windows).items()} == {
        path: place.line for path, place in places_of(WHOLE).items()
    }


def test_the_span_of_a_list_element_is_the_element() -> None:
    place = places_of(WHOLE)["feeds", 1]

    assert WHOLE[place.start : place.end] == '"https://b.example/feed"'


def test_the_span_of_a_key_ends_with_its_value() -> None:
    place = places_of(WHOLE)["moment",]

    assert WHOLE[place.start : place.end] == "moment = 1979-05-27 07:32:00.5"


def test_a_key_that_is_not_written_stands_where_its_table_does() -> None:
    assert nearest(places_of(WHOLE), ("rules", 0, "notify", 3)) == ("rules", 0)
    assert nearest(places_of(WHOLE), ("channels",)) == ()


def test_a_path_is_written_as_people_write_it() -> None:
    assert written(("watchlists", "my list", "entries", 3, "name")) == 'watchlists."my list".entries[3].name'


def paths_in(value: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    if path:
        yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        yield from paths_in(one, (*path, key))


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r", exclude_categories=["Cs", "Cc"]), max_size=6)
SCALARS = st.one_of(
    st.integers(-9, 9),
    st.booleans(),
    st.dates(),
    st.floats(-2, 2),
    TEXTS,
    st.sampled_from(['"""', "'''", "\\", "\n[a]\n"]),
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=12
)


@given(st.dictionaries(TEXTS, VALUES, max_size=5))
def test_whatever_is_valid_toml_has_a_place_for_each_of_its_keys(data: dict[str, Any]) -> None:
    text = tomlkit.dumps(data)

    assert set(places_of(text)) == set(paths_in(tomllib.loads(text)))


@given(st.lists(TEXTS, min_size=1, max_size=8), st.lists(st.integers(0, 3), min_size=8, max_size=8))
def test_a_list_element_is_told_with_its_own_line(texts: list[str], gaps: list[int]) -> None:
    lines = ["list = ["]
    expected = []
    for text, gap in zip(texts, gaps, strict=False):
        lines += ["# ] comment"] * gap
        expected.append(len(lines) + 1)
        lines.append(f"  {tomlkit.item(text).as_string()},")
    places = places_of("\n".join([*lines, "]"]))

    assert [places["list", index].line for index in range(len(texts))] == expected
