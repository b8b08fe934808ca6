"""JSON Feed 1.0 and 1.1 (jsonfeed.org). Lenient in what is missing, strict in that it is a feed at all."""

import json
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from monitor.formats import Document, Unreadable
from monitor.formats.fields import date, distinct, resolved, tag
from monitor.formats.text import from_html, one_line, tidy
from rules.records import Item


def read(text: str, url: str, *, now: datetime, incomplete: bool) -> Document:
    """The feed in `text`; an entry that is not an object, or says nothing, is skipped with a warning."""
    feed = _loaded(text, incomplete=incomplete)
    entries = feed.get("items")
    if "jsonfeed.org/version" not in _string(feed.get("version")) or not isinstance(entries, list):
        raise Unreadable("JSON, but not a JSON Feed")
    home = urljoin(url, _string(feed.get("home_page_url"))) if feed.get("home_page_url") else url
    language = tag(_string(feed.get("language")))
    authors = _authors(feed)
    items, warnings = [], []
    for place, entry in enumerate(entries, start=1):
        item = _item(entry, home, language, authors, now=now) if isinstance(entry, dict) else None
        if item is None:
            warnings.append(f"entry {place} skipped: it says nothing")
        else:
            items.append(item)
    return Document(
        items=tuple(items), title=one_line(_string(feed.get("title"))), language=language, warnings=tuple(warnings)
    )


def _loaded(text: str, *, incomplete: bool) -> dict[str, Any]:
    try:
        feed = json.loads(text, strict=False)
    except ValueError:
        raise Unreadable(
            "a JSON Feed that is cut off" if incomplete else "not valid JSON, so not a JSON Feed"
        ) from None
    if not isinstance(feed, dict):
        raise Unreadable("JSON, but not a JSON Feed")
    return feed


def _item(entry: dict[str, Any], home: str, language: str, authors: tuple[str, ...], *, now: datetime) -> Item | None:
    published, unpublished = date("published", _string(entry.get("date_published")), now=now)
    updated, not_updated = date("updated", _string(entry.get("date_modified")), now=now)
    links = (resolved(_string(entry.get(name)), home) for name in ("url", "external_url") if entry.get(name))
    item = Item(
        guid=one_line(_string(entry.get("id"))),
        link=next((link for link in links if link), ""),
        title=one_line(_string(entry.get("title"))),
        summary=from_html(_string(entry.get("summary"))),
        text=_text(entry),
        authors=_authors(entry) or authors,
        categories=distinct(one_line(_string(name)) for name in _list(entry.get("tags"))),
        language=tag(_string(entry.get("language"))) or language,
        published=published,
        updated=updated,
        warnings=unpublished + not_updated,
    )
    return item if item.title or item.summary or item.text or item.link else None


def _text(entry: dict[str, Any]) -> str:
    plain, rich = tidy(_string(entry.get("content_text"))), from_html(_string(entry.get("content_html")))
    same = "".join(plain.split()) == "".join(rich.split())
    return rich or plain if same or not (plain and rich) else f"{rich}\n{plain}"


def _authors(holder: dict[str, Any]) -> tuple[str, ...]:
    people = [*_list(holder.get("authors")), holder.get("author")]
    return distinct(one_line(_string(person.get("name"))) for person in people if isinstance(person, dict))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _string(value: object) -> str:
    """Text and numbers (an id may be one) as text; anything else is nothing."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return value if isinstance(value, str) else str(value)
