"""RSS, RDF and Atom, through feedparser; nobody else knows feedparser.

It is called one way only: `feedparser.parse(BytesIO)`, because bytes or text that name a file or an address would be
opened; with sanitising and link resolving off, because every text becomes plain here. It never sees the address of
the feed: it would resolve guids against it, and items would be new wherever a feed moves.
"""

import io
import re
import xml.sax
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import feedparser

from monitor.formats import Document, Unreadable
from monitor.formats.fields import date, distinct, resolved, tag
from monitor.formats.text import from_html, from_text, one_line
from rules.records import Item

_HEADERS = {"content-type": "application/xml; charset=utf-8"}

# XML 1.0 has no such characters; a single one makes the whole document ill-formed.
_ILLEGAL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]"
    "|&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01])|[xX]0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]|[dD][89a-fA-F][0-9a-fA-F]{2}|[fF]{3}[eEfF]));"
)

_CUT_OFF = ("no element found", "unclosed token", "unclosed CDATA section", "partial character")
"""What expat says where the input ended too early."""

_ENTRIES = re.compile(
    r"<!\[CDATA\[(?:.*?\]\]>|(?P<open>.*\Z))|<!--.*?-->|<(?P<end>/?)(?:[\w.-]+:)?(?:item|entry)(?=[\s/>])",
    re.DOTALL | re.IGNORECASE,
)

_MARKUP = ("text/html", "application/xhtml+xml")
_PERIODS = {"hourly": 3600, "daily": 86_400, "weekly": 7 * 86_400, "monthly": 30 * 86_400, "yearly": 365 * 86_400}
_LONGEST_AUTHOR = 300


def read(text: str, url: str, *, now: datetime, incomplete: bool) -> Document:
    """The feed in `text`. Entries that say nothing are skipped, and one that is cut off is dropped, with a warning."""
    parsed = feedparser.parse(
        io.BytesIO(_ILLEGAL.sub("", text).encode("utf-8", "replace")),
        response_headers=_HEADERS,
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    feed, entries, version = parsed["feed"], parsed["entries"], parsed.get("version") or ""
    if not version and not entries:
        raise Unreadable(_what_it_is(text))
    warnings = []
    truncated = incomplete or _ended_early(parsed.get("bozo_exception"))
    if truncated and (cut := _is_last_cut(text, len(entries))):
        entries = entries[:-1]
    if truncated:
        warnings.append(f"the end of the feed is missing{'; the entry that is cut off was left out' if cut else ''}")
    reader = _EntryReader(feed, url, now=now, atom=version.startswith("atom"))
    items = []
    for place, entry in enumerate(entries, start=1):
        item = reader.item(entry)
        if item is None:
            warnings.append(f"entry {place} skipped: it says nothing")
        else:
            items.append(item)
    return Document(
        items=tuple(items),
        title=one_line(_string(feed, "title")),
        language=reader.language,
        ttl=_minutes(_string(feed, "ttl")),
        period=_period(feed),
        warnings=tuple(warnings),
        truncated=truncated,
    )


class _EntryReader:
    """Reads entries with what they inherit from their feed."""

    def __init__(self, feed: dict[str, Any], url: str, *, now: datetime, atom: bool) -> None:
        self.language = tag(_string(feed, "language"))
        self._base = resolved(_string(feed, "link"), url) or url
        self._now = now
        # The managing editor of an RSS channel has not written its items; an Atom author has (RFC 4287 4.2.1).
        self._authors = _authors(feed) if atom else ()
        self._atom = atom

    def item(self, entry: dict[str, Any]) -> Item | None:
        """`entry` as an item; None where it holds neither text nor a link."""
        published, unpublished = date(
            "published", _string(entry, "published") or _string(entry, "created"), now=self._now
        )
        updated, not_updated = date("updated", _string(entry, "updated"), now=self._now)
        if not self._atom and not published:
            published = updated  # the one date of RSS 1.0, dc:date, is when it was published
        summary, text = _summary_and_text(entry)
        item = Item(
            guid=one_line(_string(entry, "id")),
            link=self._link(entry),
            title=one_line(_string(entry, "title")),
            summary=summary,
            text=text,
            authors=_authors(entry) or self._authors,
            categories=distinct(_categories(entry)),
            language=tag(_language(entry)) or self.language,
            published=published,
            updated=updated,
            warnings=unpublished + not_updated,
        )
        return item if item.title or item.summary or item.text or item.link else None

    def _link(self, entry: dict[str, Any]) -> str:
        links = (resolved(link, self._base) for link in _links(entry))
        return next((link for link in links if link), "")


def _links(entry: dict[str, Any]) -> Iterator[str]:
    """What may be the address of the article, best first."""
    link = _string(entry, "link")
    guid = _string(entry, "id")
    # feedparser makes a link of any guid that does not say otherwise, also of "12345".
    if link and (link != guid or "/" in link):
        yield link
    others = [other for other in entry.get("links") or () if isinstance(other, dict)]
    for wanted in ("alternate", "related", "via", "enclosure"):
        yield from (_string(other, "href") for other in others if other.get("rel") == wanted and other.get("href"))
    if guid.lower().startswith(("http://", "https://")):
        yield guid


def _summary_and_text(entry: dict[str, Any]) -> tuple[str, str]:
    """The summary, and every other text of the entry: what displaces what in feedparser must not decide a match."""
    parts = list(dict.fromkeys(part for part in _parts(entry) if part))
    text = "\n".join(part for part in parts if not any(part != other and part in other for other in parts))
    detail = entry.get("summary_detail")
    kind = _string(detail, "type") if isinstance(detail, dict) else ""
    summary = _plain(_string(entry, "summary"), kind or "text/html")
    return ("" if summary in parts else summary), text


def _parts(entry: dict[str, Any]) -> Iterator[str]:
    for content in entry.get("content") or ():
        kind = _string(content, "type") or "text/html"
        if kind.startswith("text/") or kind.endswith(("xml", "html")):
            yield _plain(_string(content, "value"), kind)
    summary = _string(entry, "summary")
    for name in ("itunes_summary", "media_description"):
        if _string(entry, name) != summary:
            yield from_html(_string(entry, name))


def _plain(value: str, kind: str) -> str:
    return from_html(value) if kind in _MARKUP else from_text(value)


def _authors(holder: dict[str, Any]) -> tuple[str, ...]:
    people = [person for person in holder.get("authors") or () if isinstance(person, dict)]
    named = distinct(one_line(_string(person, "name") or _string(person, "email")) for person in people)
    return named or distinct([one_line(_string(holder, "author"))])


def _categories(entry: dict[str, Any]) -> Iterator[str]:
    for category in entry.get("tags") or ():
        yield one_line(_string(category, "label"))
        yield one_line(_string(category, "term"))


def _language(entry: dict[str, Any]) -> str:
    details = (entry.get("title_detail"), entry.get("summary_detail"), *(entry.get("content") or ()))
    spoken = (_string(detail, "language") for detail in details if isinstance(detail, dict))
    return _string(entry, "language") or next((language for language in spoken if language), "")


def _string(holder: dict[str, Any], name: str) -> str:
    # feedparser's own `get` answers for `updated` with `published`; dict's does not.
    value = dict.get(holder, name)
    return value if isinstance(value, str) else ""


def _ended_early(error: object) -> bool:
    return isinstance(error, xml.sax.SAXParseException) and str(error.getMessage()).startswith(_CUT_OFF)


def _is_last_cut(text: str, entries: int) -> bool:
    """Whether the last of `entries` lacks its end. A feed that lacks but `</rss>` has lost nothing."""
    begun, inside = 0, False
    for found in _ENTRIES.finditer(text):
        if found["open"] is not None:
            break
        if found["end"] is not None:
            inside = not found["end"]
            begun += inside
    return inside and entries >= begun


def _what_it_is(text: str) -> str:
    start = text[:2_000].lower()
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


def _teach(parsers: Iterable[type]) -> None:
    """Three habits of feedparser 6 that cost a monitor items, changed in its parser classes.

    `media:description` and `itunes:summary` displace the description (#53, #195, #324), so they get keys of their own.
    An author of 32 kB costs it 5 s in a quadratic expression (#562), so authors are cut first. A person without a
    name gets parts of the person before, so people are looked at when they are complete.
    """

    def start(name: str) -> Any:
        return lambda self, attributes: self.push(name, 1)

    def end(name: str) -> Any:
        return lambda self: self.pop(name)

    def of_whole_people(sync: Any) -> Any:
        def synced(self: Any, key: str = "author") -> None:
            if self.inauthor:
                return
            holder = self._get_context()
            if isinstance(author := dict.get(holder, key), str):
                holder[key] = author[:_LONGEST_AUTHOR]
            sync(self, key)

        return synced

    for parser in parsers:
        for name in ("media_description", "itunes_summary"):
            setattr(parser, f"_start_{name}", start(name))
            setattr(parser, f"_end_{name}", end(name))
        setattr(parser, "_sync_author_detail", of_whole_people(getattr(parser, "_sync_author_detail")))  # noqa: B009, B010


_teach((feedparser.api.StrictFeedParser, feedparser.api.LooseFeedParser))
