"""From the bytes a server sent to items: one door, and a table of the formats.

To add a format, write a module with `read(text, url, ...) -> Document` and give it a row in FORMATS.
Import nothing heavy here: the daemon knows this room, and only the reading process loads the formats themselves.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from importlib import import_module
from typing import Any, Protocol, cast

from monitor.formats.encoding import decode
from rules.records import Item, hashed


class Unreadable(ValueError):
    """The body is no feed; the message is a sentence for the operator."""


class Parser(StrEnum):
    """Who reads RSS, RDF and Atom. Others than feedparser may decline, and it is asked."""

    AUTO = "auto"
    FEEDPARSER = "feedparser"
    BOTH = "both"
    """To compare them: what feedparser says counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A feed as it was read. Items are in the order of the document.

    `ttl` and `period` (of the syndication module) are how often the publisher says he changes it, in seconds.
    `truncated`: the end is missing, so validators of this answer must not be kept.
    `engine` is what read it: "expat", "feedparser" or, where there is one only, nothing. `differing`: where both were
    asked, the fields in which they differ.
    """

    items: tuple[Item, ...] = ()
    title: str = ""
    language: str = ""
    ttl: float | None = None
    period: float | None = None
    warnings: tuple[str, ...] = ()
    truncated: bool = False
    engine: str = ""
    differing: tuple[str, ...] = ()


class Reading(Protocol):
    """What a module of FORMATS offers."""

    def read(self, text: str, url: str, *, now: datetime, incomplete: bool, parser: Parser) -> Document:
        """The document in `text`, whose links are relative to `url`; raises Unreadable."""


@dataclass(frozen=True, slots=True)
class Format:
    """A row of FORMATS: `claims` looks at the beginning of the text, `module` reads it."""

    name: str
    claims: Callable[[str], bool]
    module: str

    def reading(self) -> Reading:
        return cast(Reading, import_module(self.module))


FORMATS = (
    Format("JSON Feed", lambda start: start.startswith(("{", "[")), "monitor.formats.json_feed"),
    Format("RSS, RDF and Atom", lambda _: True, "monitor.formats.rss_atom"),
)

_AROUND = " \t\r\n\x00\ufeff"

LONGEST = {"guid": 2_000, "link": 4_000, "title": 4_000, "summary": 100_000, "text": 1_000_000}
"""Characters kept of a field: a book is shorter, and one feed must not fill the database."""


def read_document(
    body: bytes,
    headers: Mapping[str, str],
    url: str,
    *,
    now: datetime | None = None,
    incomplete: bool = False,
    parser: Parser = Parser.AUTO,
) -> Document:
    """The feed in `body`, answered from `url` with `headers` (lower-case names).

    `now` bounds dates; `incomplete` says that the connection ended early. Raises Unreadable.
    """
    text = decode(body, headers).strip(_AROUND)
    if not text:
        raise Unreadable("an empty body, not a feed")
    row = next(row for row in FORMATS if row.claims(text[:100]))
    try:
        document = row.reading().read(text, url, now=now or datetime.now(UTC), incomplete=incomplete, parser=parser)
    except RecursionError:
        raise Unreadable("nested too deeply to be a feed") from None
    return replace(document, items=tuple(_bounded(item) for item in document.items))


def parse_items_json(document: Document) -> list[dict[str, Any]]:
    """The items of `document` for a machine: plain text, dates in RFC 3339 UTC or None, an id that is never empty."""
    return [
        {
            "id": item.guid or item.link or hashed("item", item.title, item.summary, item.text),
            "title": item.title,
            "link": item.link,
            "published": _rfc3339(item.published),
            "updated": _rfc3339(item.updated),
            "summary": item.summary,
            "text": item.text,
            "authors": list(item.authors),
            "categories": list(item.categories),
            "language": item.language,
            "warnings": list(item.warnings),
        }
        for item in document.items
    ]


def _rfc3339(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return (
        moment.astimezone(UTC)
        .isoformat(timespec="microseconds" if moment.microsecond else "seconds")
        .replace("+00:00", "Z")
    )


def _bounded(item: Item) -> Item:
    long = [name for name, most in LONGEST.items() if len(getattr(item, name)) > most]
    if not long:
        return item
    cut: dict[str, Any] = {name: getattr(item, name)[: LONGEST[name]] for name in long}
    if "guid" in long:
        cut["guid"] = hashed("guid", item.guid)  # two long guids may begin alike
    if "link" in long:
        cut["link"] = ""
    said = tuple(f"{name} of {len(getattr(item, name))} characters cut" for name in long)
    return replace(item, **cut, warnings=(*item.warnings, *said))
