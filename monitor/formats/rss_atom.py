"""RSS, RDF and Atom, through feedparser; nobody else knows feedparser.

It is called one way only: `feedparser.parse(BytesIO)`, because bytes or text that name a file or an address would be
opened; with sanitising and link resolving off, because every text becomes plain here. It never sees the address of
the feed: it would resolve guids against it, and items would be new wherever a feed moves.
"""

import io
import re
import xml.sax
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

import feedparser

from monitor.formats import Document, Unreadable
from monitor.formats.cut import without_cut_entry
from monitor.formats.fields import date, distinct, resolved, tag
from monitor.formats.habits import teach
from monitor.formats.mend import legal, with_references
from monitor.formats.text import from_html, from_text, one_line, plain
from rules.records import Item

_HEADERS = {"content-type": "application/xml; charset=utf-8"}

_MOST_TEXTS = 50
"""Texts of an entry that are read; each is compared with each."""

_ADDRESS = re.compile(r"[^\s@<>()]{1,64}@[^\s@<>()]{1,255}")
_PERIODS = {"hourly": 3600, "daily": 86_400, "weekly": 7 * 86_400, "monthly": 30 * 86_400, "yearly": 365 * 86_400}


def read(text: str, url: str, *, now: datetime, incomplete: bool) -> Document:
    """The feed in `text`; an entry that is cut off is left out, with a warning."""
    text = whole = legal(text)
    parsed = _parsed(text)
    ill_formed = isinstance(parsed.get("bozo_exception"), xml.sax.SAXException)
    if ill_formed or incomplete:
        whole = without_cut_entry(text)
        mended = with_references(whole) if ill_formed else whole
        parsed = _parsed(mended) if mended != text else parsed
    feed, entries, version = parsed["feed"], parsed["entries"], parsed.get("version") or ""
    if not version and not entries:
        raise Unreadable(_what_it_is(text))
    truncated = incomplete or whole is not text
    # An RSS 1.0 feed that names Atom's namespace first is "atom10" to feedparser.
    atom = version.startswith("atom") and "rdf" not in parsed.get("namespaces", ())
    reader = _EntryReader(feed, url, now=now, atom=atom)
    return Document(
        items=tuple(reader.item(entry) for entry in entries),
        title=one_line(_string(feed, "title")),
        language=reader.language,
        ttl=_minutes(_string(feed, "ttl")),
        period=_period(feed),
        warnings=("the end of the feed is missing; an entry that is cut off is left out",) if truncated else (),
        truncated=truncated,
    )


def _parsed(text: str) -> dict[str, Any]:
    parsed: dict[str, Any] = feedparser.parse(
        io.BytesIO(text.encode()), response_headers=_HEADERS, sanitize_html=False, resolve_relative_uris=False
    )
    return parsed


class _EntryReader:
    """Reads entries with what they inherit from their feed."""

    def __init__(self, feed: dict[str, Any], url: str, *, now: datetime, atom: bool) -> None:
        self.language = tag(_string(feed, "language"))
        self._base = resolved(_string(feed, "link"), url) or url
        self._now = now
        # The managing editor of an RSS channel has not written its items; an Atom author has (RFC 4287 4.2.1).
        self._authors = _authors(feed) if atom else ()
        self._atom = atom

    def item(self, entry: dict[str, Any]) -> Item:
        """`entry` as an item, however little it says."""
        published, unpublished = date(
            "published", _string(entry, "published") or _string(entry, "created"), now=self._now
        )
        updated, not_updated = date("updated", _string(entry, "updated"), now=self._now)
        if not self._atom and not published:
            published = updated  # the one date of RSS 1.0, dc:date, is when it was published
        summary, text = _summary_and_text(entry)
        return Item(
            guid=one_line(_string(entry, "id")),
            link=self._link(entry),
            title=one_line(_string(entry, "title") or _string(entry, "itunes_title")),
            summary=summary,
            text=text,
            authors=_authors(entry) or _authors(_dict(entry, "source")) or self._authors,
            categories=distinct(_categories(entry)),
            language=tag(_language(entry)) or self.language,
            published=published,
            updated=updated,
            warnings=unpublished + not_updated,
        )

    def _link(self, entry: dict[str, Any]) -> str:
        links = (resolved(link, self._base) for link in _links(entry))
        return next((link for link in links if link), "")


def _links(entry: dict[str, Any]) -> Iterator[str]:
    """What may be the address of the article, best first."""
    yield _string(entry, "feedburner_origlink")  # the publisher's own; the link counts clicks
    link, guid = _string(entry, "link"), _string(entry, "id")
    # feedparser makes a link of any guid that does not say otherwise, also of "12345".
    if link != guid or guid.lower().startswith(("http://", "https://", "/")):
        yield link
    others = _dicts(entry, "links")
    for wanted in ("alternate", "related", "via"):
        yield from (_string(other, "href") for other in others if other.get("rel") == wanted)
    media = [*(other for other in others if other.get("rel") == "enclosure"), *_dicts(entry, "media_content")]
    yield from (_address(medium) for medium in media if not _string(medium, "type").startswith("image/"))
    if guid.lower().startswith(("http://", "https://")):
        yield guid
    yield from (_string(other, "href") for other in others if other.get("rel") == "self")
    yield from map(_address, media)


def _address(medium: dict[str, Any]) -> str:
    return _string(medium, "href") or _string(medium, "url")


def _summary_and_text(entry: dict[str, Any]) -> tuple[str, str]:
    """The summary, and every other text of the entry: what displaces what in feedparser must not decide a match."""
    written = _string(entry, "summary")
    filled_in = any(_string(content, "value") == written for content in _dicts(entry, "content"))
    summary = "" if filled_in else _plain(written, _string(_dict(entry, "summary_detail"), "type"))
    said, texts = [" ".join(summary.split())], []
    for text in islice(_texts(entry), _MOST_TEXTS):
        words = " ".join(text.split())
        if not any(words in other for other in said):
            said.append(words)
            texts.append(text)
    return summary, "\n".join(texts)


def _texts(entry: dict[str, Any]) -> Iterator[str]:
    for content in _dicts(entry, "content"):
        kind = _string(content, "type")
        if not kind or kind.startswith("text") or "html" in kind or "xml" in kind:
            yield _plain(_string(content, "value"), kind)
    for name in ("itunes_summary", "subtitle", "media_description"):
        yield plain(_string(entry, name))


def _plain(value: str, kind: str) -> str:
    return from_html(value) if not kind or "html" in kind else from_text(value)


def _authors(holder: dict[str, Any]) -> tuple[str, ...]:
    people = _dicts(holder, "authors")
    return distinct(_name(one_line(_string(person, "name") or _string(person, "email"))) for person in people)


def _name(person: str) -> str:
    """Ada, where `ada@example.org (Ada)` or `Ada <ada@example.org>` is written."""
    name = _ADDRESS.sub("", person)
    if name == person:
        return person
    name = name.replace("()", "").replace("<>", "").strip()
    return (name[1:-1] if name.startswith("(") and name.endswith(")") else name) or person


def _categories(entry: dict[str, Any]) -> Iterator[str]:
    for category in _dicts(entry, "tags"):
        yield one_line(_string(category, "label"))
        yield one_line(_string(category, "term"))


def _language(entry: dict[str, Any]) -> str:
    details = (_dict(entry, "title_detail"), _dict(entry, "summary_detail"), *_dicts(entry, "content"))
    spoken = (_string(detail, "language") for detail in details)
    return _string(entry, "language") or next((language for language in spoken if language), "")


def _dict(holder: dict[str, Any], name: str) -> dict[str, Any]:
    value = dict.get(holder, name)
    return value if isinstance(value, dict) else {}


def _dicts(holder: dict[str, Any], name: str) -> list[dict[str, Any]]:
    values = dict.get(holder, name)
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def _string(holder: dict[str, Any], name: str) -> str:
    # feedparser's own `get` answers for `updated` with `published`; dict's does not.
    value = dict.get(holder, name)
    return value if isinstance(value, str) else ""


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
    seconds = _PERIODS.get(_string(feed, "sy_updateperiod").strip().lower())
    written = _string(feed, "sy_updatefrequency")
    frequency = _number(written) if written.strip() else 1.0
    return seconds / frequency if seconds and frequency else None


def _number(value: str) -> float:
    try:
        number = float(value.strip()[:20])
    except ValueError:
        return 0.0
    return number if 0 < number < 1e6 else 0.0


teach((feedparser.api.StrictFeedParser, feedparser.api.LooseFeedParser))
