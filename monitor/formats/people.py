"""Who wrote an entry, as feedparser keeps it: the people in `authors`, and the text of the last one in `author`."""

import xml.etree.ElementTree as ET

from monitor.formats.namespaces import Declined
from monitor.formats.walking import NO_ATTRIBUTES, Attributes, Holder, Place, Rule, Walk, passed

_NAMES = {"name": "name", "itunes_name": "name", "email": "email", "itunes_email": "email"}
_ADDRESSES = ("url", "uri", "homepage")


def _author(walk: Walk, place: Place, element: ET.Element, _: Attributes) -> None:
    person: dict[str, str] = {}
    for part in element:
        name, said = walk.names[part.tag], (part.text or "").strip()
        if name == "title" and not part.attrib:  # it may be that of the entry
            walk.rules[name](walk, Place(place.holder, place.depth + 1, place.language), part, NO_ATTRIBUTES)
        elif len(part) or (said and part.attrib) or (name not in _OF_PEOPLE and name in walk.rules):
            raise Declined(f"{name} in a person")
        if name in _OF_PEOPLE:
            person[_NAMES.get(name, "href")] = said
    place.holder.keep("author", walk.said_around(element), place.depth)
    if not person:
        person["name"] = place.holder.values["author"]
    place.holder.values.setdefault("authors", []).append(person)


def source(walk: Walk, place: Place, element: ET.Element, _: Attributes) -> None:
    """The feed an entry was taken from."""
    if not place.holder.is_entry:
        raise Declined("a source outside of an entry")
    feed = Holder(is_entry=False)
    walk.title_depth = -1
    walk.children(Place(feed, place.depth + 1, place.language), element, only=_OF_SOURCES)
    place.holder.values["source"] = feed.values


def _title(walk: Walk, place: Place, element: ET.Element, _: Attributes) -> None:
    if walk.said(element):
        walk.title_depth = place.depth


def _people(walk: Walk, place: Place, element: ET.Element, _: Attributes) -> None:
    walk.children(place, element, only=_OF_PEOPLE)


def _owner(walk: Walk, place: Place, element: ET.Element, _: Attributes) -> None:
    """feedparser makes authors of owners."""
    if len(element) and (place.holder.is_entry or walk.atom):
        raise Declined("an owner, not of an RSS feed")
    walk.children(place, element, only=_OF_PEOPLE)


_OF_PEOPLE: dict[str, Rule] = dict.fromkeys((*_NAMES, *_ADDRESSES), passed)

PEOPLE: dict[str, Rule] = {
    **dict.fromkeys(("author", "managingeditor", "dc_author", "dc_creator", "itunes_author"), _author),
    "contributor": _people,
    "itunes_owner": _owner,
}

_OF_SOURCES: dict[str, Rule] = {
    "title": _title,
    "author": _author,
    "contributor": _people,
    **dict.fromkeys(("id", "link", "updated", "published", "rights", "generator", "icon", "logo", "subtitle"), passed),
}
