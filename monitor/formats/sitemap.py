"""Sitemaps (sitemaps.org), news sitemaps and their indexes: what a publisher tells search engines of his articles."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from heapq import nlargest
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml import etree

from monitor.formats import Document, Part, Unreadable
from monitor.formats.fields import date, distinct, resolved, tag
from monitor.formats.text import one_line
from rules.records import Item

MOST = 5_000
"""Items of one sitemap, the newest by their dates: it may have 50,000, which are mostly old."""

MOST_PARTS = 1_000
"""Sitemaps that are taken from an index."""

_CLOSED = re.compile(r"</(?:[\w.-]+:)?(?:urlset|sitemapindex)\s*>\s*(?:<!--[^<>]*-->\s*)?\Z")
_NOTHING = datetime.min.replace(tzinfo=UTC)
_WORDS = re.compile(r"[^\W\d_]+")
_ENDING = re.compile(r"\.(?:html?|php|aspx?|jsp|shtml)$", re.IGNORECASE)


def read(text: str, url: str, *, now: datetime, incomplete: bool) -> Document:
    """What the sitemap says of its pages, the newest first; of an index, its parts. Raises Unreadable."""
    if not text.startswith("<"):
        return _of_lines(text, url, incomplete=incomplete)
    root = _root(text)
    kind = _name(root)
    if kind not in ("urlset", "sitemapindex"):
        said = "it is a feed: remove kind" if kind in ("rss", "feed", "rdf") else "see that the address is right"
        raise Unreadable(f"no sitemap, but <{kind}>: {said}")
    elements = [one for one in root if _name(one) in ("url", "sitemap")]
    cut = incomplete or not _CLOSED.search(text[-500:])
    elements = elements[:-1] if cut else elements
    if kind == "sitemapindex":
        parts = filter(None, (_part(one, url, now=now) for one in elements))
        return Document(parts=tuple(parts)[:MOST_PARTS], truncated=cut)
    warnings = (f"has {len(elements)} pages: the newest {MOST} are read",) if len(elements) > MOST else ()
    items = [item for item in (_item(one, url, now=now) for one in _latest(elements)) if item.link]
    return Document(items=tuple(sorted(items, key=_age, reverse=True)), warnings=warnings, truncated=cut)


def _root(text: str) -> Any:
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(_without_declaration(text).encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"no sitemap: {error}") from None
    if root is None:
        raise Unreadable("no sitemap: no element can be read")
    return root


def _without_declaration(text: str) -> str:
    """`text`, which is decoded already, without the name of an encoding."""
    return re.sub(r"\A<\?xml[^>]*\?>", "", text)


def _of_lines(text: str, url: str, *, incomplete: bool) -> Document:
    """A sitemap of one address a line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not all(line.startswith(("http://", "https://")) for line in lines):
        raise Unreadable("no sitemap: neither XML nor an address a line")
    lines = lines[:-1] if incomplete else lines
    links = (resolved(line, url) for line in lines[:MOST])
    return Document(items=tuple(Item(link=link, title=title_from(link)) for link in links), truncated=incomplete)


def _age(item: Item) -> datetime:
    return item.published or item.updated or _NOTHING


def _latest(elements: list[Any]) -> list[Any]:
    """The newest MOST; those without a date by their order. Dates in XML sort as they are written, but for zones."""
    if len(elements) <= MOST:
        return elements
    return nlargest(MOST, elements, key=_dated)


def _dated(element: Any) -> str:
    return (element.findtext(".//{*}publication_date") or element.findtext("{*}lastmod") or "").strip()[:19]


def _name(element: Any) -> str:
    """The name of an element, whatever its namespace; generators write wrong ones, or declare none for a prefix."""
    name = element.tag if isinstance(element.tag, str) else ""
    return name.rpartition("}")[2].rpartition(":")[2].lower()


def _texts(element: Any) -> Iterator[tuple[str, str]]:
    """The names and texts of what is in an element, at any depth; those of its pictures and films are not its own."""
    for one in element:
        if _name(one) not in ("image", "video"):
            yield _name(one), one.text or ""
            yield from _texts(one)


def _item(element: Any, url: str, *, now: datetime) -> Item:
    said: dict[str, str] = {}
    for name, text in _texts(element):
        said.setdefault(name, text)
    published, unpublished = date("published", said.get("publication_date", ""), now=now)
    updated, not_updated = date("updated", said.get("lastmod", ""), now=now)
    link = resolved(said.get("loc", ""), url)
    return Item(
        link=link,
        title=one_line(said.get("title", "")) or title_from(link),
        categories=distinct(one_line(word) for word in said.get("keywords", "").split(",")),
        language=tag(said.get("language", "")),
        published=published,
        updated=updated,
        warnings=unpublished + not_updated,
    )


def _part(element: Any, url: str, *, now: datetime) -> Part | None:
    said = dict(_texts(element))
    link = resolved(said.get("loc", ""), url)
    return Part(link, date("lastmod", said.get("lastmod", ""), now=now)[0]) if link else None


def title_from(link: str) -> str:
    """The words of an address: of /2026/11/jason-wei-leaves-openai.html, `jason wei leaves openai`; '' for one word."""
    segments = [part for part in unquote(urlsplit(link).path).split("/") if part]
    words = max(([*_WORDS.findall(_ENDING.sub("", segment))] for segment in segments), key=len, default=[])
    return " ".join(words) if len(words) > 1 else ""
