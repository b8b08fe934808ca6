"""From the entries of RSS, RDF and Atom, as feedparser calls what they say, to items."""

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from monitor.formats.fields import date, distinct, resolved, tag
from monitor.formats.text import from_html, from_text, one_line, plain
from rules.records import Item

_MOST_TEXTS = 50
"""Texts of an entry that are read; each is compared with each."""

_get = dict.get
"""feedparser's own answers for `updated` with `published`."""

_ADDRESS = re.compile(r"[^\s@<>()]{1,64}@[^\s@<>()]{1,255}")


class EntryReader:
    """Reads entries with what they inherit from their feed."""

    def __init__(self, feed: dict[str, Any], url: str, *, now: datetime, atom: bool) -> None:
        self.language = tag(string(feed, "language"))
        self._base = resolved(string(feed, "link"), url) or url
        self._now = now
        # The managing editor of an RSS channel has not written its items; an Atom author has (RFC 4287 4.2.1).
        self._authors = _authors(feed) if atom else ()
        self._atom = atom

    def item(self, entry: dict[str, Any]) -> Item:
        """`entry` as an item, however little it says."""
        published, unpublished = date(
            "published", string(entry, "published") or string(entry, "created"), now=self._now
        )
        updated, not_updated = date("updated", string(entry, "updated"), now=self._now)
        if not self._atom and not published:
            published = updated  # the one date of RSS 1.0, dc:date, is when it was published
        summary, text = _summary_and_text(entry)
        return Item(
            guid=one_line(string(entry, "id")),
            link=self._link(entry),
            title=one_line(string(entry, "title") or string(entry, "itunes_title")),
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
        links = (resolved(link, self._base) for link in _links(entry) if link)
        return next((link for link in links if link), "")


def _links(entry: dict[str, Any]) -> Iterator[str]:
    """What may be the address of the article, best first."""
    yield string(entry, "feedburner_origlink")  # the publisher's own; the link counts clicks
    link, guid = string(entry, "link"), string(entry, "id")
    # feedparser makes a link of any guid that does not say otherwise, also of "12345".
    if link != guid or guid.lower().startswith(("http://", "https://", "/")):
        yield link
    others = _dicts(entry, "links")
    for wanted in ("alternate", "related", "via"):
        yield from (string(other, "href") for other in others if other.get("rel") == wanted)
    media = [*(other for other in others if other.get("rel") == "enclosure"), *_dicts(entry, "media_content")]
    yield from (_address(medium) for medium in media if not string(medium, "type").startswith("image/"))
    if guid.lower().startswith(("http://", "https://")):
        yield guid
    yield from (string(other, "href") for other in others if other.get("rel") == "self")
    yield from map(_address, media)


def _address(medium: dict[str, Any]) -> str:
    return string(medium, "href") or string(medium, "url")


def _summary_and_text(entry: dict[str, Any]) -> tuple[str, str]:
    """The summary, and every other text of the entry: what displaces what in feedparser must not decide a match."""
    written = string(entry, "summary")
    filled_in = not written or any(string(content, "value") == written for content in _dicts(entry, "content"))
    summary = "" if filled_in else _plain(written, string(_dict(entry, "summary_detail"), "type"))
    said, texts = [summary.replace("\n", " ")], []
    for text in islice(_texts(entry), _MOST_TEXTS):
        words = text.replace("\n", " ")
        if not any(words in other for other in said):
            said.append(words)
            texts.append(text)
    return summary, "\n".join(texts)


def _texts(entry: dict[str, Any]) -> Iterator[str]:
    for content in _dicts(entry, "content"):
        kind = string(content, "type")
        if not kind or kind.startswith("text") or "html" in kind or "xml" in kind:
            yield _plain(string(content, "value"), kind)
    for name in ("itunes_summary", "subtitle", "media_description"):
        if written := string(entry, name):
            yield plain(written)


def _plain(value: str, kind: str) -> str:
    return from_html(value) if not kind or "html" in kind else from_text(value)


def _authors(holder: dict[str, Any]) -> tuple[str, ...]:
    people = _dicts(holder, "authors")
    names = (string(person, "name") or string(person, "email") for person in people)
    return distinct(_name(one_line(name)) for name in names if name) if people else ()


def _name(person: str) -> str:
    """Ada, where `ada@example.org (Ada)` or `Ada <ada@example.org>` is written."""
    name = _ADDRESS.sub("", person) if "@" in person else person
    if name == person:
        return person
    name = name.replace("()", "").replace("<>", "").strip()
    return (name[1:-1] if name.startswith("(") and name.endswith(")") else name) or person


def _categories(entry: dict[str, Any]) -> Iterator[str]:
    for category in _dicts(entry, "tags"):
        for name in ("label", "term"):
            if written := string(category, name):
                yield one_line(written)


def _language(entry: dict[str, Any]) -> str:
    spoken = string(entry, "language") or string(_dict(entry, "title_detail"), "language")
    spoken = spoken or string(_dict(entry, "summary_detail"), "language")
    return spoken or next(filter(None, (string(content, "language") for content in _dicts(entry, "content"))), "")


def _dict(holder: dict[str, Any], name: str) -> dict[str, Any]:
    value = _get(holder, name)
    return value if isinstance(value, dict) else {}


def _dicts(holder: dict[str, Any], name: str) -> list[dict[str, Any]]:
    values = _get(holder, name)
    return [value for value in values if isinstance(value, dict)] if values and isinstance(values, list) else []


def string(holder: dict[str, Any], name: str) -> str:
    """The text under `name`, '' where there is none."""
    value = _get(holder, name)
    return value if isinstance(value, str) else ""
