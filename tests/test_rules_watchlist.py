"""Lists as spreadsheets save them, and what is said of one that cannot be read."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.mistakes import Mistakes
from rules.watchlist import Entry, Kind, Watchlist, read_csv

FULL = "name,aliases,context,note\nHyung Won Chung,정형원|Chung Hyung-won,OpenAI|Meta,moved in July\nJason Wei,,,\n"


def said(text: str) -> list[str]:
    with pytest.raises(Mistakes) as raised:
        read_csv(text, "people.csv")
    return [str(mistake) for mistake in raised.value.found]


def test_a_row_is_an_entry() -> None:
    assert read_csv(FULL, "people.csv") == (
        Entry("Hyung Won Chung", ("정형원", "Chung Hyung-won"), ("OpenAI", "Meta"), note="moved in July"),
        Entry("Jason Wei"),
    )


@pytest.mark.parametrize(
    "text",
    [
        "name\nJason Wei\nAda\n",
        "\ufeffname\r\nJason Wei\r\nAda\r\n",
        "\n \nname\n\n\nJason Wei\n , ,\nAda",
        "NOTE; Name ;;\n;Jason Wei;;\n;Ada;;\n",
        "note\tname\n\tJason Wei\n\tAda\n",
        "sep=;\r\nname;note\r\nJason Wei;\r\nAda;\r\n",
        'name,note\n"Jason\nWei",\n" Ada "\n',
        "name\rJason Wei\rAda\r",
    ],
)
def test_it_is_read_as_any_spreadsheet_writes_it(text: str) -> None:
    assert [(entry.name, entry.note) for entry in read_csv(text, "people.csv")] == [("Jason Wei", ""), ("Ada", "")]


def test_a_name_may_hold_commas_quotes_and_semicolons() -> None:
    text = 'name,aliases\n"Apple, Inc.","Apple Computer, Inc.|The ""fruit"" company; Cupertino"\n'

    assert read_csv(text, "f") == (Entry("Apple, Inc.", ("Apple Computer, Inc.", 'The "fruit" company; Cupertino')),)


def test_commas_part_the_words_of_a_context_too() -> None:
    text = 'name,context\nAda,"OpenAI, Google; Meta,"\nBob,"A, B|C"\n'

    assert [entry.context for entry in read_csv(text, "f")] == [("OpenAI", "Google", "Meta"), ("A, B", "C")]


def test_what_is_written_twice_counts_once() -> None:
    assert read_csv("name,aliases\nAda,A|A | B||\nAda,C\n", "f") == (Entry("Ada", ("A", "B")), Entry("Ada", ("C",)))


def test_a_file_without_rows_is_an_empty_list() -> None:
    assert read_csv("name,aliases\n", "f") == ()


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", ["people.csv:1: the first row does not name the columns; begin the file with name,aliases,context,note"]),
        ("\n\nAda,x\n", ["people.csv:3: the first row does not name the columns; "
                         "begin the file with name,aliases,context,note"]),
        ("name,alias\nAda,x\n", ["people.csv:1: there is no column `alias`; did you mean `aliases`?"]),
        ("name,exact\nAda,1\n", ["people.csv:1: there is no column `exact`; "
                                 "write =Name in its cell where case and accents count"]),
        ("name,,note\nAda,1,x\n", ["people.csv:1: there is no column ``; "
                                 "there are `name`, `aliases`, `context`, `note`"]),
        ("name,name\nAda,x\n", ["people.csv:1: the column `name` is there twice; remove one of them"]),
        ("name,note\nApple, Inc.,x\n", ["people.csv:2: this row has 3 cells under 2 columns; "
                                        'put "..." around a name with a comma']),
        ('name,note\n"A\nB",\n,x\n \n ,y', ["people.csv:4: this row has no name; give it one, or remove it",
                                           "people.csv:6: this row has no name; give it one, or remove it"]),
        ('name,note\n,x\nAda,\n"Bob,x\nCy,y\n', [
            "people.csv:2: this row has no name; give it one, or remove it",
            "people.csv:4: this row cannot be read: unexpected end of data; "
            'close its quotes, and write "" for one inside them']),
        ('name\n"A"b\n', ["people.csv:2: this row cannot be read: ',' expected after '\"'; "
                          'close its quotes, and write "" for one inside them']),
    ],
)  # fmt: skip
def test_every_mistake_is_told_with_its_line(text: str, sentences: list[str]) -> None:
    assert said(text) == sentences


def test_a_cell_without_end_is_no_name() -> None:
    assert said(f'name\n"{"x" * 200_000}"\n')[0].startswith("people.csv:2: this row cannot be read: field larger")


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="|\x00"), max_size=12)
NAMES = CELLS.filter(lambda cell: bool(cell.strip()))


@given(st.lists(st.tuples(NAMES, st.lists(NAMES, max_size=3), CELLS), max_size=5), st.sampled_from(",;\t"))
def test_what_is_written_is_read(rows: list[tuple[str, list[str], str]], separator: str) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=separator)
    writer.writerows([("name", "aliases", "note"), *((name, "|".join(names), note) for name, names, note in rows)])

    entries = read_csv(file.getvalue(), "f")

    assert [(entry.name, entry.note) for entry in entries] == [
        (" ".join(name.split()), " ".join(note.split())) for name, _, note in rows
    ]
    assert [set(entry.aliases) for entry in entries] == [
        {" ".join(one.split()) for one in names} for _, names, _ in rows
    ]


def test_a_list_is_of_topics_unless_it_says_otherwise() -> None:
    assert Watchlist("words").kind is Kind.TOPIC
    assert [str(kind) for kind in Kind] == ["topic", "person", "organization"]
