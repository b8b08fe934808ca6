"""Goes through a document element by element, and carries on what feedparser carries on from one to the next."""

import xml.etree.ElementTree as ET
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from monitor.formats.inline import markup, undone
from monitor.formats.namespaces import Declined, Keys, Names
from monitor.formats.uris import based, joined

Attributes: TypeAlias = Mapping[str, str]

NO_ATTRIBUTES: Attributes = MappingProxyType({})
XHTML = "application/xhtml+xml"

_MEANT = {"text": "text/plain", "plain": "text/plain", "html": "text/html", "xhtml": XHTML}


def media_type(written: str) -> str:
    """The media type that Atom's short words stand for."""
    return _MEANT.get(written, written)


def language_in(attributes: Attributes, around: str) -> str:
    """What is spoken in an element: `xml:lang` is inherited, and may be taken back."""
    return attributes.get("xml:lang", attributes.get("lang", around))


@dataclass(slots=True)
class Holder:
    """An entry, or the feed: what is said of it. An entry keeps what is said least deep in the document."""

    is_entry: bool
    values: dict[str, Any] = field(default_factory=dict)
    depths: dict[str, int] = field(default_factory=dict)

    def keep(self, name: str, value: Any, depth: int) -> None:
        """The last that is said at one depth counts."""
        if not self.is_entry:
            self.values[name] = value
        elif depth <= self.depths.setdefault(name, depth):
            self.depths[name] = depth
            self.values[name] = value


class Place(NamedTuple):
    """Where an element stands: of whom it speaks, how deep in the document, in what language."""

    holder: Holder
    depth: int
    language: str


Rule: TypeAlias = "Callable[[Walk, Place, ET.Element, Attributes], None]"


class Walk:
    """A walk through one document. `rules` say what elements mean; what they do not name is looked into.

    `based`: somewhere the document may say what addresses are relative to.
    """

    def __init__(self, rules: Mapping[str, Rule], declared: Iterable[tuple[str, str]], *, based: bool) -> None:
        self.names = Names(declared)
        self.keys = Keys()
        self.base = ""
        self.title_depth = -1
        self.has_content = False
        self.feed = Holder(is_entry=False)
        self.entries: list[dict[str, Any]] = []
        self.atom = False
        self.rules = rules
        self._based = based
        self._settled = ""  # a base that stays as it is, joined with itself

    def children(self, place: Place, parent: ET.Element, only: Mapping[str, Rule] | None = None) -> None:
        """Take in what is inside of `parent`; elements that `only` does not name make it raise Declined."""
        rules, names, around = self.rules if only is None else only, self.names, self.base
        passing = only is None and not self._based
        for element in parent:
            rule = rules.get(names[element.tag])
            if rule is None and passing and not len(element):
                continue
            attributes, here = NO_ATTRIBUTES, place
            if written := element.items():  # `attrib` would make a dict for every element
                attributes = self.attributes(written)
                if "xml:lang" in attributes or "lang" in attributes:
                    here = Place(place.holder, place.depth, language_in(attributes, place.language))
            if self._based:
                self.enter(attributes)
            if rule is not None:
                rule(self, here, element, attributes)
            elif only is not None:
                raise Declined(element.tag)
            elif len(element):
                self.children(Place(place.holder, place.depth + 1, here.language), element)
            # Without one around it a base lasts beyond its element.
            self.base = around or self.base

    def attributes(self, written: Collection[tuple[str, str]]) -> dict[str, str]:
        """The attributes of an element, as ElementTree gives them, by names in small letters."""
        keys = self.keys
        attributes = {keys[name]: value for name, value in written}
        if len(attributes) < len(written):
            raise Declined("an attribute in large and in small letters")
        if "rel" in attributes:
            attributes["rel"] = attributes["rel"].lower()
        if "type" in attributes:
            attributes["type"] = attributes["type"].lower()
        return attributes

    def enter(self, attributes: Attributes) -> None:
        """Go into an element that may say what addresses in it are relative to."""
        own = attributes.get("xml:base", attributes.get("base"))
        if own or self.base != self._settled:
            before, self.base = self.base, based(own, self.base)
            self._settled = self._settled if own or self.base != before else before

    def said(self, element: ET.Element) -> str:
        """What `element`, which is to hold no other, says."""
        if len(element):
            raise Declined(f"elements in {element.tag}")
        text = (element.text or "").strip()
        return text if text.isascii() else undone(text)

    def said_around(self, element: ET.Element) -> str:
        """What `element` says outside of those in it."""
        return undone("".join([element.text or "", *(inside.tail or "" for inside in element)]).strip())

    def address(self, element: ET.Element) -> str:
        """What `element` says, relative to the base."""
        text = self.said(element)
        if self.base and not text.isascii():
            raise Declined("feedparser joins an address before it mends it")
        return joined(self.base, text) if text else text

    def kind(self, attributes: Attributes, default: str) -> str:
        """The media type of what an element says; feedparser takes what is neither text nor XML for base64."""
        if not attributes:
            return default
        kind = media_type(attributes.get("type", default))
        encoded = attributes.get("mode") == "base64"
        if encoded or not (kind.startswith("text/") or kind.endswith(("+xml", "/xml"))):
            raise Declined("base64")
        return kind

    def markup(self, element: ET.Element) -> str:
        """The XHTML in `element`."""
        return undone(markup(element, self.names, self.keys).strip())

    def content(self, element: ET.Element, attributes: Attributes, default: str) -> tuple[str, str]:
        """The media type of `element`, which may hold XHTML, and its text."""
        kind = self.kind(attributes, default)
        if kind == XHTML:
            return kind, self.markup(element)
        text = self.said(element)
        if kind == "text/plain" and not self.atom and ("&" in text or "</" in text):
            raise Declined("feedparser guesses whether this is HTML")
        return kind, text


def passed(walk: Walk, _: Place, element: ET.Element, __: Attributes) -> None:
    """The rule for an element that is of no use to us, and that no other may be in."""
    walk.said(element)
