"""JSON Feed 1.0 and 1.1 (jsonfeed.org). Lenient in what is missing, strict in that it is a feed at all."""

import json
from datetime import datetime
from typing import Any

from monitor.formats import Document, Parser, Unreadable
from monitor.formats.fields import date, distinct, resolved, tag
from monitor.formats.text import from_html, one_line, plain, tidy
from monitor.weblinks import absolute
from rules.pushing import Offer
from rules.records import Item


class _Number(str):
    """A number as it is written: an id may have more digits than a float has, or than int() takes."""

    __slots__ = ()


_DECODER = json.JSONDecoder(parse_int=_Number, parse_float=_Number, parse_constant=lambda _: None, strict=False)


def read(text: str, url: str, *, now: datetime, incomplete: bool, parser: Parser) -> Document:
    """The feed `text` begins with, whoever else is asked. An entry that is no object is skipped, with a warning."""
    feed = _loaded(text, incomplete=incomplete)
    entries = feed.get("items")
    if "jsonfeed.org/version" not in _string(feed.get("version")) or not isinstance(entries, list):
        raise Unreadable("JSON, but not a JSON Feed")
    home = resolved(_string(feed.get("home_page_url")), url) or url
    language = tag(_string(feed.get("language")))
    authors = _authors(feed)
    items, warnings = [], []
    for place, entry in enumerate(entries, start=1):
        if isinstance(entry, dict):
            items.append(_item(entry, home, language, authors, now=now))
        else:
            warnings.append(f"entry {place} skipped: it is no object")
    return Document(
        items=tuple(items),
        title=one_line(_string(feed.get("title"))),
        language=language,
        offer=_offer(feed, url),
        warnings=tuple(warnings),
    )


def _offer(feed: dict[str, Any], url: str) -> Offer | None:
    hubs = (one for one in _list(feed.get("hubs")) if isinstance(one, dict))
    hub = next((_string(one.get("url")) for one in hubs if _string(one.get("type")).lower() == "websub"), "")
    return Offer(absolute(url, hub), absolute(url, _string(feed.get("feed_url")))) if hub else None


def _loaded(text: str, *, incomplete: bool) -> dict[str, Any]:
    try:
        feed, _ = _DECODER.raw_decode(text)
    except ValueError:
        raise Unreadable(
            "a JSON Feed that is cut off" if incomplete else "not valid JSON, so not a JSON Feed"
        ) from None
    if not isinstance(feed, dict):
        raise Unreadable("JSON, but not a JSON Feed")
    return feed


def _item(entry: dict[str, Any], home: str, language: str, authors: tuple[str, ...], *, now: datetime) -> Item:
    published, unpublished = date("published", _written(entry.get("date_published")), now=now)
    updated, not_updated = date("updated", _written(entry.get("date_modified")), now=now)
    attached = (_string(one.get("url")) for one in _list(entry.get("attachments")) if isinstance(one, dict))
    links = (
        resolved(link, home) for link in (_string(entry.get("url")), _string(entry.get("external_url")), *attached)
    )
    return Item(
        guid=one_line(_written(entry.get("id"))),
        link=next((link for link in links if link), ""),
        title=one_line(_written(entry.get("title"))),
        summary=plain(_string(entry.get("summary"))),
        text=_text(entry),
        authors=_authors(entry) or authors,
        categories=distinct(one_line(_written(name)) for name in _list(entry.get("tags"))),
        language=tag(_string(entry.get("language"))) or language,
        published=published,
        updated=updated,
        warnings=unpublished + not_updated,
    )


def _text(entry: dict[str, Any]) -> str:
    bare, rich = tidy(_string(entry.get("content_text"))), from_html(_string(entry.get("content_html")))
    same = "".join(bare.split()) == "".join(rich.split())
    return rich or bare if same or not (bare and rich) else f"{rich}\n{bare}"


def _authors(holder: dict[str, Any]) -> tuple[str, ...]:
    people = [*_list(holder.get("authors")), holder.get("author")]
    names = (person.get("name") if isinstance(person, dict) else person for person in people)
    return distinct(one_line(_string(name)) for name in names)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _string(value: object) -> str:
    """Text; anything else is nothing."""
    return value if isinstance(value, str) and not isinstance(value, _Number) else ""


def _written(value: object) -> str:
    """Text, or a number as it is written."""
    return str(value) if isinstance(value, str) else ""
