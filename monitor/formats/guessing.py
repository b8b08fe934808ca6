"""Which elements of a page look like its list of articles, where nobody says so."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from monitor.formats.markup import Element, around, line_of

FEWEST = 3
"""Fewer make no list."""

SHORTEST = 12
"""Letters of a headline on average, an ideograph counting as three; what is shorter is a menu."""

HEADINGS = ("h1", "h2", "h3", "h4")
_BESIDE = frozenset(("nav", "footer", "aside", "form"))


def guessed(page: Element) -> tuple[list[Element], str]:
    """The elements, in their order, and what they are in words; the first way that finds some."""
    for find, what in _WAYS:
        elements = [(_shape(element), element) for element in find(page)]
        groups: defaultdict[str, list[Element]] = defaultdict(list)
        for shape, element in elements:
            groups[shape].append(element)
        likely = {shape for shape, group in groups.items() if len(group) >= FEWEST and _is_news(group)}
        if likely:
            return [element for shape, element in elements if shape in likely], what
    return [], ""


def _articles(page: Element) -> Iterator[Element]:
    """The article elements with a link that are not inside of another."""
    for element in page.iter("article"):
        nested = any(one.tag == "article" for one in around(element))
        if not nested and not _is_beside(element) and _has_link(element):
            yield element


def _headings(page: Element) -> Iterator[Element]:
    """The headings that are a link, hold one or stand in one."""
    for element in page.iter(*HEADINGS):
        linked = _has_link(element) or any(one.tag == "a" and one.get("href") for one in around(element))
        if linked and not _is_beside(element):
            yield element


def _rows(page: Element) -> Iterator[Element]:
    """The elements of lists and rows of tables with a link."""
    for element in page.iter("li", "tr", "dt"):
        if not _is_beside(element) and _has_link(element) and next(element.iter("ul", "ol"), None) is None:
            yield element


_WAYS: tuple[tuple[Callable[[Element], Iterator[Element]], str], ...] = (
    (_articles, "<article> elements"),
    (_headings, "headings that are links"),
    (_rows, "elements of lists that are links"),
)


def _has_link(element: Element) -> bool:
    return any(_leads_on(one.get("href") or "") for one in element.iter("a"))


def _leads_on(href: str) -> bool:
    try:
        parts = urlsplit(href.strip())
    except ValueError:
        return False
    return parts.scheme in ("", "http", "https") and bool(parts.path.strip("/") or parts.query)


def _is_beside(element: Element) -> bool:
    return any(one.tag in _BESIDE or one.get("role") == "navigation" for one in around(element))


def _shape(element: Element) -> str:
    """The elements it is inside of: those of one list have the same."""
    return "/".join(str(one.tag) for one in (element, *around(element)))


def _is_news(group: list[Element]) -> bool:
    return sum(map(_length, group)) >= SHORTEST * len(group)


def _length(element: Element) -> int:
    """How much the headline says."""
    heading = next(element.iter(*HEADINGS), None)
    links = [line_of(one) for one in element.iter("a")] if heading is None else []
    said = max(links, key=len, default="") if heading is None else line_of(heading)
    return sum(3 if letter >= "\u2e80" else 1 for letter in said)
