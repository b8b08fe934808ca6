"""Text as feedparser hands it on: XHTML written as markup again, and what others encoded twice undone."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from xml.sax.saxutils import escape

from monitor.formats.namespaces import KNOWN, Declined

_CONTROL = re.compile("[\x80-\x9f]")
_ENCODED = re.compile(b"\xc2[\x80-\x9f]")

_ACTED_ON = frozenset(
    (
        *("abstract", "author", "body", "category", "channel", "content", "contributor", "copyright", "created"),
        *("description", "email", "entry", "expirationdate", "feed", "fullitem", "guid", "height", "homepage", "id"),
        *("image", "info", "issued", "item", "keywords", "language", "lastbuilddate", "link", "managingeditor"),
        *("modified", "name", "newlocation", "pubdate", "published", "rights", "source", "subtitle", "summary"),
        *("tagline", "tags", "textinput", "title", "updated", "uri", "url", "webmaster", "where", "width"),
        "xhtml_body",
    )
)
"""Where one of these ends inside of XHTML, feedparser takes it for the end of an element of the feed."""

_MODULES = frozenset(KNOWN.values()) - {"", "xhtml"}
"""Prefixes of elements of which the same may be true."""


def undone(text: str) -> str:
    """`text` without the marks of UTF-8 taken for Latin-1, and with the quotes of Windows-1252 as such."""
    if text.isascii():
        return text
    try:  # noqa: SIM105  most texts fail, and suppress takes as long as the rest
        text = text.encode("iso-8859-1").decode()
    except UnicodeError:
        pass
    # In bytes it is seen three times as soon that there is none.
    return _CONTROL.sub(_of_windows, text) if _ENCODED.search(text.encode("utf-8", "surrogatepass")) else text


def _of_windows(control: re.Match[str]) -> str:
    return bytes((ord(control[0]),)).decode("cp1252", "ignore") or control[0]


def markup(element: ET.Element, names: Mapping[str, str], keys: Mapping[str, str], *, drawn: bool = False) -> str:
    """What is in `element`, as markup without attributes, which no text comes from. Raises Declined.

    `drawn`: it is in an svg, where feedparser leaves every element alone.
    """
    pieces = [escape(element.text or "")]
    for child in element:
        name, local = names[child.tag], child.tag.rpartition("}")[2].lower()
        acted_on = name in _ACTED_ON or name.partition("_")[0] in _MODULES
        if (acted_on and not drawn) or any(keys[key] in ("base", "xml:base") for key in child.keys()):  # noqa: SIM118
            raise Declined(f"{name} in XHTML")
        inside = markup(child, names, keys, drawn=drawn or local == "svg")
        pieces += (f"<{local}>", inside, f"</{local}>", escape(child.tail or ""))
    return "".join(pieces)
