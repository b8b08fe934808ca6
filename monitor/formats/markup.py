"""A page of HTML as a tree, and the text of its elements. Needs lxml, which only the reading processes load."""

from collections.abc import Iterator
from typing import Any

import lxml.html
from lxml import etree

from monitor.formats import Unreadable
from monitor.formats.fields import resolved, tag
from monitor.formats.text import from_html, one_line

Element = Any
"""An element of lxml, which tells no types."""

DEEPEST = 250
"""Elements inside one another; what is deeper is cut off by libxml2, too."""


def tree_of(text: str) -> Element:
    """The html element of a page, however broken. Raises Unreadable where it holds nothing."""
    parser = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        # Text with an encoding in its declaration is refused, bytes are not.
        return lxml.html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, AssertionError) as error:
        raise Unreadable(f"no page that can be read: {error}") from None


def text_of(element: Element) -> str:
    """What an element says, one line a block."""
    return from_html(lxml.html.tostring(element, encoding="unicode", with_tail=False))


def line_of(element: Element) -> str:
    """What an element says, on one line."""
    return " ".join(text_of(element).split())


def title_of(page: Element) -> str:
    """The title of a page."""
    return one_line(page.findtext(".//title") or "")


def language_of(page: Element) -> str:
    """The language a page says it is in, as a BCP 47 tag."""
    return tag(page.get("lang") or page.get("{http://www.w3.org/XML/1998/namespace}lang") or "")


def base_of(page: Element, url: str) -> str:
    """What the links of a page are relative to; of a page from the disk, the address that it gives itself."""
    for element in (page.find(".//base[@href]"), None if url else page.find(".//link[@rel='canonical']")):
        base = resolved(element.get("href") or "", url) if element is not None else ""
        if base:
            return base
    return url


def around(element: Element) -> Iterator[Element]:
    """The elements that `element` is inside of, the nearest first."""
    return iter(element.iterancestors())
