"""Items as JSON Lines, read as a feed would have brought them: of a field that holds HTML its text is read."""

import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor.commands.common import CommandError, Status, say
from monitor.formats.fields import distinct, tag
from monitor.formats.text import one_line, plain
from rules.records import Item

Read = Callable[[str], str]


class Items:
    """The items of a file, each with its id as it is written; `-` is standard input.

    A line that holds none is told and passed over; `status` is MISUSE then.
    """

    def __init__(self, file: str) -> None:
        self._file = file
        self.status = Status.DONE

    def __iter__(self) -> Iterator[tuple[Any, Item]]:
        for number, line in enumerate(self._lines(), start=1):
            if not line.strip(b"\xef\xbb\xbf \t\r\n"):
                continue
            try:
                given = json.loads(line.decode("utf-8-sig"))
                item = _item(given)
            except (ValueError, RecursionError) as error:
                self._refuse(number, error)
            else:
                yield given["id"], item

    def _refuse(self, number: int, error: Exception) -> None:
        place = "standard input" if self._file == "-" else self._file
        what = str(error) if type(error) is ValueError else "this is no JSON in UTF-8"
        say(f'{place}:{number}: {what}; write each item as {{"id": 1, "title": "..."}} in a line of its own')
        self.status = Status.MISUSE

    def _lines(self) -> Iterator[bytes]:
        if self._file == "-":
            yield from sys.stdin.buffer
            return
        try:
            with Path(self._file).open("rb") as lines:
                yield from lines
        except OSError as error:
            raise CommandError(f"{self._file}: {error.strerror}; give a file of JSON Lines", Status.MISUSE) from error


def _item(given: object) -> Item:
    """Raises ValueError with a sentence."""
    if not isinstance(given, dict):
        raise ValueError("this is not an object")  # noqa: TRY004  all that is wrong with a line is told alike
    if not isinstance(given.get("id"), str | int | float) or given["id"] == "":
        raise ValueError("there is no id")
    return Item(
        guid=str(given["id"]),
        link=_text(given, "link"),
        title=one_line(_text(given, "title")),
        summary=plain(_text(given, "summary")),
        text=plain(_text(given, "text")),
        authors=_list(given, "authors", one_line),
        categories=_list(given, "categories", one_line),
        language=tag(_text(given, "lang")),
        published=_moment(given),
        feed=_text(given, "feed"),
        tags=_list(given, "tags", str.strip),
    )


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{name} is not a text")
    return value or ""


def _list(given: dict[str, Any], name: str, read: Read) -> tuple[str, ...]:
    value = given.get(name)
    value = [value] if isinstance(value, str) else value or []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ValueError(f"{name} is not a list of texts")
    return distinct(read(one) for one in value)


def _moment(given: dict[str, Any]) -> datetime | None:
    """RFC 3339; where no zone is named it is UTC. A number is seconds since 1970."""
    value = given.get("published")
    if value in (None, ""):
        return None
    try:
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
        moment = datetime.fromisoformat(value)
    except (ValueError, TypeError, OverflowError, OSError):
        raise ValueError("published is not a time as in 2026-11-23T09:30:00Z") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
