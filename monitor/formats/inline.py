"""Text as feedparser hands it on: XHTML written as markup again, and what others encoded twice undone."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from contextlib import suppress
from xml.sax.saxutils import escape

from monitor.formats.namespaces import Declined

_CONTROL = re.compile("[\x80-\x9f]")

_ACTED_ON = frozenset(
    (
        *("abstract", "author", "body", "category", "channel", "content", "contributor", "copyright", "created"),
        *("description", "email", "entry", "expirationdate", "feed", "fullitem", "guid", "height", "homepage", "id"),
        *("image", "info", "issued", "item", "keywords", "language", "lastbuilddate", "link", "managingeditor"),
        *("modified", "name", "newlocation", "pubdate", "published", "rights", "source", "subtitle", "summary", "svg"),
        *("tagline", "tags", "textinput", "title", "updated", "uri", "url", "webmaster", "where", "width"),
    )
)
"""Where one of these ends inside of XHTML, feedparser takes it for the end of an element of the feed."""


def undone(text: str) -> str:
    """`text` without the marks of UTF-8 taken for Latin-1, and with the quotes of Windows-1252 as such."""
    if text.isascii():
        return text
    with suppress(UnicodeError):
        text = text.encode("iso-8859-1").decode()
    return _CONTROL.sub(_of_windows, text)


def _of_windows(control: re.Match[str]) -> str:
    return bytes((ord(control[0]),)).decode("cp1252", "ignore") or control[0]


def markup(element: ET.Element, names: Mapping[str, str], keys: Mapping[str, str]) -> str:
    """What is in `element`, as markup without attributes, which no text comes from. Raises Declined."""
    pieces = [escape(element.text or "")]
    for child in element:
        name = names[child.tag].rpartition("_")[2]
        if name in _ACTED_ON or any(keys[key] in ("base", "xml:base") for key in child.attrib):
            raise Declined(f"{name} in XHTML")
        pieces += (f"<{name}>", markup(child, names, keys), f"</{name}>", escape(child.tail or ""))
    return "".join(pieces)
