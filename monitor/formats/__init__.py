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

from monitor.formats.encoding import decode, decode_html
from monitor.formats.hubs import offer_in
from monitor.formats.skips import skips
from rules.pushing import Offer
from rules.records import FeedKind, Item, Selectors, hashed


class Unreadable(ValueError):
    """The body is no feed; the message is a sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Part:
    """A sitemap that an index of sitemaps names; `changed` is None where the index does not say when it was."""

    url: str
    changed: datetime | None = None


class Parser(StrEnum):
    """Who reads RSS, RDF and Atom. Others than feedparser may decline, and it is asked."""

    AUTO = "auto"
    FEEDPARSER = "feedparser"
    BOTH = "both"
    """To compare them: what feedparser says counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A feed as it was read. Items are in the order of the document.

    `ttl` and `period` (of the syndication module) are how often the publisher says he changes it, in seconds;
    `skip_hours` (of GMT) and `skip_days` (Monday is 0) when he asks not to be polled. `offer` is where it can be pushed
    from. `truncated`: the end is missing, so validators of this answer must not be kept. `parts` are what an index of
    sitemaps names, which has no items of its own.
    `engine` is what read it: "expat", "feedparser" or, where there is one only, nothing. `differing`: where both were
    asked, the fields in which they differ.
    """

    items: tuple[Item, ...] = ()
    title: str = ""
    language: str = ""
    ttl: float | None = None
    period: float | None = None
    offer: Offer | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    warnings: tuple[str, ...] = ()
    truncated: bool = False
    parts: tuple[Part, ...] = ()
    engine: str = ""
    differing: tuple[str, ...] = ()


class Reading(Protocol):
    """What a module of FORMATS offers."""

    def read(self, text: str, url: str, *, now: datetime, incomplete: bool, **given: Any) -> Document:
        """The document in `text`, whose links are relative to `url`; raises Unreadable.

        `given` is the parser for a feed, and for a page its selectors, where the user has some.
        """


@dataclass(frozen=True, slots=True)
class Format:
    """A row of FORMATS: `claims` looks at the beginning of the text, `module` reads it, where the user says `kind`."""

    name: str
    claims: Callable[[str], bool]
    module: str
    kind: FeedKind = FeedKind.FEED

    def reading(self) -> Reading:
        return cast(Reading, import_module(self.module))


FORMATS = (
    Format("JSON Feed", lambda start: start.startswith(("{", "[")), "monitor.formats.json_feed"),
    Format("RSS, RDF and Atom", lambda _: True, "monitor.formats.rss_atom"),
    Format("sitemap", lambda _: True, "monitor.formats.sitemap", FeedKind.SITEMAP),
    Format("page", lambda _: True, "monitor.formats.page", FeedKind.PAGE),
)

_AROUND = " \t\r\n\x00\ufeff"

MOST = 50_000
"""Items of a document, as many as a sitemap may have (sitemaps.org); half a megabyte may hold a hundred thousand."""

LONGEST = {"guid": 2_000, "link": 4_000, "title": 4_000, "summary": 100_000, "text": 1_000_000}
"""Characters kept of a field: a book is shorter, and one feed must not fill the database."""

_SHORTEST = min(LONGEST.values())


def read_document(
    body: bytes,
    headers: Mapping[str, str],
    url: str,
    *,
    now: datetime | None = None,
    incomplete: bool = False,
    kind: FeedKind = FeedKind.FEED,
    selectors: Selectors | None = None,
    parser: Parser = Parser.AUTO,
) -> Document:
    """The feed in `body`, answered from `url` with `headers` (lower-case names).

    `now` bounds dates; `incomplete` says that the connection ended early; `kind` and `selectors` are as the user
    configured it. Raises Unreadable.
    """
    text = (decode_html if kind is FeedKind.PAGE else decode)(body, headers).strip(_AROUND)
    if not text:
        raise Unreadable(f"an empty body, not a {kind}")
    row = next(row for row in FORMATS if row.kind is kind and row.claims(text[:100]))
    given: dict[str, Any] = {"parser": parser} if kind is FeedKind.FEED else {}
    if selectors:
        given["selectors"] = selectors
    try:
        document = row.reading().read(text, url, now=now or datetime.now(UTC), incomplete=incomplete, **given)
    except RecursionError:
        raise Unreadable(f"nested too deeply to be a {kind}") from None
    if len(document.items) > MOST:
        said = f"{len(document.items)} items, of which the first {MOST} are read"
        document = replace(document, items=document.items[:MOST], warnings=(*document.warnings, said))
    wishes = _wishes(document, text, url) if kind is FeedKind.FEED else {}
    return replace(document, items=tuple(map(_bounded, document.items)), **wishes)


def _wishes(document: Document, text: str, url: str) -> dict[str, Any]:
    """What the text of a feed says of pushes and polls, which is the same for every format."""
    hours, days = skips(text)
    return {"offer": document.offer or offer_in(text, url), "skip_hours": hours, "skip_days": days}


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
    if len(item.guid) + len(item.link) + len(item.title) + len(item.summary) + len(item.text) <= _SHORTEST:
        return item
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
