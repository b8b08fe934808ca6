"""A page with a list of articles, as if it were a feed: by the user's selectors, else by JSON-LD, else by a guess."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from lxml.cssselect import CSSSelector

from monitor.formats import Document, Unreadable
from monitor.formats.fields import date, distinct, resolved, tag
from monitor.formats.guessing import guessed
from monitor.formats.markup import Element, around, base_of, language_of, line_of, text_of, title_of, tree_of
from monitor.formats.structured import ARTICLES, nodes, types, word
from monitor.formats.text import one_line, plain
from rules.links import canonical_link
from rules.records import Item, Selectors

MOST = 500
"""Items of a page."""

ENOUGH = 2
"""Articles of JSON-LD that make a list; one is the page's own."""

REMEDY = 'name its items with item = "...", a CSS selector'

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def read(text: str, url: str, *, now: datetime, incomplete: bool, selectors: Selectors | None = None) -> Document:
    """The articles that a page lists. Raises Unreadable where there are none, as where its makers have changed it."""
    page = tree_of(text)
    reader = _Reader(base_of(page, url), language_of(page), now, selectors or Selectors(item=""))
    items, said = _chosen(page, reader) if selectors else _found(page, reader)
    kept = _distinct(items)
    # What is cut off has a last item that is half of one.
    kept = kept[:-1] if incomplete else kept[:MOST]
    if not kept:
        raise Unreadable(said)
    return Document(
        items=tuple(kept),
        title=title_of(page),
        language=reader.language,
        warnings=(said,) if said else (),
        truncated=incomplete,
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """How items of this page are read."""

    base: str
    language: str
    now: datetime
    selectors: Selectors

    def item(self, element: Element) -> Item:
        """The item that `element` is."""
        heading = self._heading(element)
        link = self._link(element, heading)
        written = self._date(element)
        published, warnings = date("published", written, now=self.now)
        summary = _first(self.selectors.summary, element)
        return Item(
            link=link,
            title=line_of(heading) if heading is not None else "",
            summary=text_of(summary) if summary is not None else "",
            language=self.language,
            published=published,
            warnings=warnings,
        )

    def _heading(self, element: Element) -> Element | None:
        if self.selectors.title:
            return _first(self.selectors.title, element)
        inside = (found for name in _HEADINGS for found in element.iter(name))
        links = element.iter("a")
        return next((one for one in (*inside, *links) if line_of(one)), None)

    def _link(self, element: Element, heading: Element | None) -> str:
        if self.selectors.link:
            chosen = _first(self.selectors.link, element)
            candidates: Iterable[Element] = [] if chosen is None else [chosen, *chosen.iter("a")]
        else:
            near = [] if heading is None else [*heading.iter("a"), *around(heading)]
            candidates = (*(one for one in near if one.tag == "a"), *element.iter("a"), *around(element))
        links = (resolved(one.get("href") or "", self.base) for one in candidates if one.get("href"))
        return next((link for link in links if link), "")

    def _date(self, element: Element) -> str:
        if self.selectors.date:
            chosen = _first(self.selectors.date, element)
            return "" if chosen is None else _moment(chosen)
        return next((_moment(one) for one in element.iter("time", "relative-time")), "")


def _first(selector: str, element: Element) -> Element | None:
    return next(iter(_all(selector, element)), None) if selector else None


def _all(selector: str, element: Element) -> list[Element]:
    found: list[Element] = CSSSelector(selector, translator="html")(element)
    return found


def _moment(element: Element) -> str:
    return next(filter(None, map(element.get, ("datetime", "content", "data-date", "title"))), "") or line_of(element)


def _chosen(page: Element, reader: _Reader) -> tuple[list[Item], str]:
    """What the user's selectors name; what is wrong with them where that is nothing."""
    elements = _all(reader.selectors.item, page)
    if not elements:
        return [], f"nothing on the page is {reader.selectors.item!r}: look at the page, and change `item`"
    items = [item for item in map(reader.item, elements) if item.title and item.link]
    if items:
        return items, ""
    return [], f"none of {len(elements)} items has a title and a link: look at the page, and change `title` or `link`"


def _found(page: Element, reader: _Reader) -> tuple[list[Item], str]:
    """What the page says of its articles, else what looks like a list of them, and which of the two it was."""
    described = list(_described(page, reader))
    if len(described) >= ENOUGH:
        return described, f"no selectors are given: took {len(described)} articles from the page's JSON-LD"
    elements, how = guessed(page)
    items = [item for item in map(reader.item, elements) if item.title and item.link]
    if items:
        return items, f"no selectors are given: took {len(items)} {how}; for others {REMEDY}"
    return [], f"no list of articles was found on the page: {REMEDY}"


def _described(page: Element, reader: _Reader) -> Iterator[Item]:
    """The articles of JSON-LD and the elements of its lists, but for the page itself."""
    here = canonical_link(reader.base)
    names: dict[str, str] | None = None
    for node in nodes(page):
        kinds = types(node)
        if "ItemList" in kinds:
            names = _names(page, reader) if names is None else names
            yield from _listed(node, names, reader)
        elif not kinds.isdisjoint(ARTICLES):
            item = _of_node(node, reader)
            if item.link and item.title and canonical_link(item.link) != here:
                yield item


def _listed(node: dict[str, Any], names: dict[str, str], reader: _Reader) -> Iterator[Item]:
    elements = node.get("itemListElement")
    for one in elements if isinstance(elements, list) else []:
        if not isinstance(one, dict):
            continue
        inner = one.get("item")
        # An article that stands in the list is a node of its own.
        if isinstance(inner, dict) and not types(inner).isdisjoint(ARTICLES):
            continue
        item = _of_node({**one, **(inner if isinstance(inner, dict) else {"url": inner or one.get("url")})}, reader)
        item = replace(item, title=item.title or names.get(item.link, ""))
        if item.link and item.title:
            yield item


def _names(page: Element, reader: _Reader) -> dict[str, str]:
    """What the links of the page are called, by address."""
    found: dict[str, str] = {}
    for link in page.iter("a"):
        address = resolved(link.get("href") or "", reader.base)
        if address and len(name := line_of(link)) > len(found.get(address, "")):
            found[address] = name
    return found


def _of_node(node: dict[str, Any], reader: _Reader) -> Item:
    published, unpublished = date("published", word(node.get("datePublished")), now=reader.now)
    updated, not_updated = date("updated", word(node.get("dateModified")), now=reader.now)
    authors = node.get("author")
    addresses = (word(node.get(key)) for key in ("url", "mainEntityOfPage", "@id"))
    keywords = node.get("keywords")
    return Item(
        link=next(filter(None, (resolved(one, reader.base) for one in addresses)), ""),
        title=one_line(word(node.get("headline")) or word(node.get("name"))),
        summary=plain(word(node.get("description"))),
        authors=distinct(one_line(word(one)) for one in (authors if isinstance(authors, list) else [authors])),
        categories=distinct(map(one_line, _keywords(keywords))),
        language=tag(word(node.get("inLanguage"))) or reader.language,
        published=published,
        updated=updated,
        warnings=unpublished + not_updated,
    )


def _keywords(value: object) -> list[str]:
    if isinstance(value, list):
        return [word(one) for one in value]
    return value.split(",") if isinstance(value, str) else []


def _distinct(items: Iterable[Item]) -> list[Item]:
    """Each address once: a page shows a story with its picture, its headline and in a corner again."""
    first: dict[str, Item] = {}
    for item in items:
        first.setdefault(canonical_link(item.link) or item.link, item)
    return list(first.values())
