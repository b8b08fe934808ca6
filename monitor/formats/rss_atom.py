"""RSS, RDF and Atom, through feedparser; nobody else knows feedparser.

It is called one way only: `feedparser.parse(BytesIO)`, because bytes or text that name a file or an address would be
opened; with sanitising and link resolving off, because every text becomes plain here. It never sees the address of
the feed: it would resolve guids against it, and items would be new wherever a feed moves.

What is well-formed and holds nothing odd is read by monitor.formats.wellformed instead, with the same result.
"""

import io
import re
import xml.sax
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

import feedparser

from monitor.formats import Document, Parser, Unreadable
from monitor.formats.cut import without_cut_entry
from monitor.formats.entries import EntryReader, string
from monitor.formats.habits import teach
from monitor.formats.mend import legal, legal_references, with_references
from monitor.formats.namespaces import Declined
from monitor.formats.text import one_line
from monitor.formats.wellformed import IllFormed, parsed
from rules.records import Item

_HEADERS = {"content-type": "application/xml; charset=utf-8"}

_PERIODS = {"hourly": 3600, "daily": 86_400, "weekly": 7 * 86_400, "monthly": 30 * 86_400, "yearly": 365 * 86_400}


def read(text: str, url: str, *, now: datetime, incomplete: bool, parser: Parser) -> Document:
    """The feed in `text`; an entry that is cut off is left out, with a warning."""
    fast = None if incomplete or parser is Parser.FEEDPARSER else _fast(text)
    document = _document(fast, url, now=now) if fast else _through_feedparser(text, url, now=now, incomplete=incomplete)
    if fast and parser is Parser.BOTH:
        checked = _through_feedparser(text, url, now=now, incomplete=False)
        return replace(checked, differing=tuple(differing(document, checked)))
    return document


def _fast(text: str) -> dict[str, Any] | None:
    """What expat makes of `text`, mended if need be as for feedparser; None where it is not sure."""
    try:
        return parsed(legal_references(text))
    except IllFormed:
        text = legal(text)
    except Declined:
        return None
    try:
        return parsed(text)
    except IllFormed:
        whole = without_cut_entry(text) is text
    except Declined:
        return None
    with suppress(Declined):
        return parsed(with_references(text)) if whole else None
    return None


def differing(one: Document, other: Document) -> Iterable[str]:
    """The fields in which two readings of a document differ, each once."""
    names = [field.name for field in fields(Document) if field.name not in ("items", "engine", "differing")]
    yield from (name for name in names if getattr(one, name) != getattr(other, name))
    if len(one.items) != len(other.items):
        yield "items"
        return
    for field in fields(Item):
        if any(getattr(a, field.name) != getattr(b, field.name) for a, b in zip(one.items, other.items, strict=True)):
            yield field.name


def _through_feedparser(text: str, url: str, *, now: datetime, incomplete: bool) -> Document:
    text = whole = legal(text)
    result = _asked(text)
    ill_formed = isinstance(result.get("bozo_exception"), xml.sax.SAXException)
    if ill_formed or incomplete:
        whole = without_cut_entry(text)
        mended = with_references(whole) if ill_formed else whole
        result = _asked(mended) if mended != text else result
    if not result.get("version") and not result["entries"]:
        raise Unreadable(_what_it_is(text))
    document = replace(_document(result, url, now=now), engine="feedparser")
    if not incomplete and whole is text:
        return document
    return replace(
        document,
        warnings=("the end of the feed is missing; an entry that is cut off is left out",),
        truncated=True,
    )


def _asked(text: str) -> dict[str, Any]:
    result: dict[str, Any] = feedparser.parse(
        io.BytesIO(text.encode()), response_headers=_HEADERS, sanitize_html=False, resolve_relative_uris=False
    )
    return result


def _document(result: dict[str, Any], url: str, *, now: datetime) -> Document:
    feed = result["feed"]
    # An RSS 1.0 feed that names Atom's namespace first is "atom10" to feedparser.
    atom = (result.get("version") or "").startswith("atom") and "rdf" not in result.get("namespaces", ())
    reader = EntryReader(feed, url, now=now, atom=atom)
    return Document(
        items=tuple(reader.item(entry) for entry in result["entries"]),
        title=one_line(string(feed, "title")),
        language=reader.language,
        ttl=_minutes(string(feed, "ttl")),
        period=_period(feed),
        engine="expat",
    )


def _what_it_is(text: str) -> str:
    start = text[:2_000].lower()
    if "<opml" in start:
        return "a list of feeds (OPML), not a feed"
    if re.search(r"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]", start):
        return "an HTML page, not a feed"
    return "XML, but not a feed" if start.startswith("<?xml") else "not a feed: neither RSS, Atom, RDF nor JSON Feed"


def _minutes(value: str) -> float | None:
    number = _number(value)
    return number * 60.0 if number else None


def _period(feed: dict[str, Any]) -> float | None:
    """Seconds between two updates; frequencies of 0 and periods such as "always" occur and mean nothing."""
    seconds = _PERIODS.get(string(feed, "sy_updateperiod").strip().lower())
    written = string(feed, "sy_updatefrequency")
    frequency = _number(written) if written.strip() else 1.0
    return seconds / frequency if seconds and frequency else None


def _number(value: str) -> float:
    try:
        number = float(value.strip()[:20])
    except ValueError:
        return 0.0
    return number if 0 < number < 1e6 else 0.0


teach((feedparser.api.StrictFeedParser, feedparser.api.LooseFeedParser))
