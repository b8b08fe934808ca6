"""The categories of an entry, as feedparser keeps them; those of a feed are of no use to us."""

import xml.etree.ElementTree as ET
from typing import Any

from monitor.formats.walking import Attributes, Place, Rule, Walk

_ITUNES = "http://www.itunes.com/"
_MEDIA = "http://search.yahoo.com/mrss/category_schema"


def _add(place: Place, term: str | None, scheme: str | None = None, label: str | None = None) -> None:
    tags: list[dict[str, Any]] = place.holder.values.setdefault("tags", [])
    tag = {"term": term, "scheme": scheme, "label": label}
    if (term or scheme or label) and tag not in tags:
        tags.append(tag)


def _end(place: Place, term: str) -> None:
    tags = place.holder.values.get("tags")
    if term and tags and not tags[-1]["term"]:
        tags[-1]["term"] = term
    elif term:
        _add(place, term)


def _category(walk: Walk, place: Place, element: ET.Element, attributes: Attributes) -> None:
    if attributes:
        _add(place, attributes.get("term"), attributes.get("scheme", attributes.get("domain")), attributes.get("label"))
    _end(place, walk.said(element))


def _media_category(walk: Walk, place: Place, element: ET.Element, attributes: Attributes) -> None:
    _category(walk, place, element, {"scheme": _MEDIA, **attributes})


def _itunes_category(walk: Walk, place: Place, element: ET.Element, attributes: Attributes) -> None:
    """They may be in one another."""
    _add(place, attributes.get("text"), _ITUNES)
    walk.children(place, element, only=_OF_ITUNES)
    _end(place, walk.said_around(element))


def _keywords(walk: Walk, place: Place, element: ET.Element, attributes: Attributes) -> None:
    scheme = _ITUNES if walk.names[element.tag] == "itunes_keywords" else None
    terms = walk.said(element).split(",")
    # Of an element that it does not know, feedparser reads the text only where there are no attributes.
    for term in () if attributes else terms:
        if term.strip():
            _add(place, term.strip(), scheme)


def _tags(walk: Walk, place: Place, element: ET.Element, _: Attributes) -> None:
    for term in walk.said(element).split(","):
        _add(place, term.strip())


_OF_ITUNES: dict[str, Rule] = {"itunes_category": _itunes_category}

TAGS: dict[str, Rule] = {
    **dict.fromkeys(("category", "keywords", "dc_subject"), _category),
    **dict.fromkeys(("itunes_keywords", "media_keywords"), _keywords),
    "itunes_category": _itunes_category,
    "media_category": _media_category,
    "tags": _tags,
}
