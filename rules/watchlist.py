"""What the user watches: lists of people, organizations and topics, and how a CSV file holds one."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from rules.mistakes import Mistake, Mistakes, mistake
from rules.wording import did_you_mean, shortened

COLUMNS = ("name", "aliases", "context", "note")


class Kind(StrEnum):
    """What the entries of a list are."""

    TOPIC = "topic"
    PERSON = "person"
    ORGANIZATION = "organization"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that is watched, by all its names.

    A name may be a word, "=Exact", a prefix* or a /regular expression/. `exact`: case and accents of the name and its
    aliases count. `context`: the name counts only where one of these words is in the same item. `excepted`: it does not
    count inside one of these. `note` is for people.
    """

    name: str
    aliases: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    exact: bool = False
    note: str = ""
    excepted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Watchlist:
    """A list by name. `where` is its place in the configuration."""

    name: str
    kind: Kind = Kind.TOPIC
    entries: tuple[Entry, ...] = ()
    where: str = ""


def read_csv(text: str, file: str) -> tuple[Entry, ...]:
    """The entries of a CSV file, one a row. Raises Mistakes with every one of them, by `file:line`.

    The first row names the columns: name, aliases, context, note, in any order and all but name optional. Commas,
    semicolons or tabs part the cells, as spreadsheets write them; `|` parts the names in a cell.
    """
    rows = _rows(text.removeprefix("\ufeff"), file)
    line, header = next(rows, (1, []))
    columns = _columns(header, f"{file}:{line}")
    entries: list[Entry] = []
    mistakes: list[Mistake] = []
    try:
        for line, row in rows:
            cells = dict(zip(columns, row, strict=False))
            if any(row[len(columns) :]):
                more = f"this row has {len(row)} cells under {len(columns)} columns"
                mistakes.append(Mistake(f"{file}:{line}", more, 'put "..." around a name with a comma'))
            elif not cells["name"].strip():
                mistakes.append(Mistake(f"{file}:{line}", "this row has no name", "give it one, or remove it"))
            else:
                entries.append(_entry(**cells))
    except Mistakes as unreadable:
        mistakes += unreadable.found
    if mistakes:
        raise Mistakes(mistakes)
    return tuple(entries)


def _rows(text: str, file: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold anything, each with its first line. Raises Mistakes."""
    # Excel may tell its separator in a line of its own.
    told = re.match(r"\s*sep=.?\r?\n", text, re.IGNORECASE)
    start = told.end() if told else 0
    header = text[start:].lstrip().partition("\n")[0]
    reader = csv.reader(io.StringIO(text[start:], newline=""), delimiter=max(",;\t", key=header.count), strict=True)
    before = text.count("\n", 0, start)
    line = before + 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield line, row
            line = before + reader.line_num + 1
    except csv.Error as error:
        raise mistake(
            f"{file}:{line}", f"this row cannot be read: {error}", 'close its quotes, and write "" for one inside them'
        ) from None


def _columns(header: list[str], where: str) -> list[str]:
    """The names of the columns. Raises Mistakes."""
    columns = [cell.strip().lower() for cell in header]
    while columns and not columns[-1]:
        columns.pop()
    if "name" not in columns:
        remedy = f"begin the file with {','.join(COLUMNS)}"
        raise mistake(where, "the first row does not name the columns", remedy)
    mistakes = [
        Mistake(where, f"there is no column `{shortened(column)}`", _column_meant(column))
        for column in columns
        if column not in COLUMNS
    ]
    mistakes += [
        Mistake(where, f"the column `{column}` is there twice", "remove one of them")
        for column in COLUMNS
        if columns.count(column) > 1
    ]
    if mistakes:
        raise Mistakes(mistakes)
    return columns


def _column_meant(column: str) -> str:
    if column == "exact":
        return "write =Name in its cell where case and accents count"
    return did_you_mean(column, COLUMNS)


def _entry(name: str, aliases: str = "", context: str = "", note: str = "") -> Entry:
    # A comma may belong to a name; hardly to a word that tells namesakes apart.
    parts = re.split("[|]" if "|" in context else "[,;]", context)
    return Entry(_tidy(name), _all_tidy(aliases.split("|")), _all_tidy(parts), note=_tidy(note))


def _all_tidy(parts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_tidy(part) for part in parts if part.strip()))


def _tidy(cell: str) -> str:
    return " ".join(cell.split())
