"""Well-formed RSS, RDF and Atom, read by expat into what feedparser would have made of them, some ten times faster.

What comes of a document is the part of feedparser's result that items are made of, so that all that follows is the
same. Where it is not sure what feedparser would do we decline, and it is asked: entities, what is ill-formed, other
roots, markup where text belongs, base64, entries in entries, prefixes that mean two things.
tests/test_parsers_agree.py holds the two together.
"""

import re
import xml.etree.ElementTree as ET
from typing import Any

from monitor.formats.elements import RULES, channel, entry, picture
from monitor.formats.namespaces import Declined
from monitor.formats.walking import Place, Walk, language_in

_PROLOG = re.compile(r"((?:\s++|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*+>)*+)<(?![!?])", re.DOTALL)
_DOCTYPE = re.compile(r"^[^\S\n]*+<!DOCTYPE[^>]*>", re.MULTILINE)
"""feedparser removes one only where a line begins with it."""

_ELEMENT = re.compile(r"<\w")
_BASE = re.compile(r"base\s*=")
_OF_RSS = ("http://purl.org/rss/1.0/", "http://my.netscape.com/rdf/simple/0.9/")
"""feedparser may take an Atom feed for RSS that declares one of them."""

_UNDER_ROOT = {"channel": channel, "item": entry, "entry": entry, "image": picture, "textinput": picture}


class _Whole(list[str]):
    """A file whose first read gives all of it."""

    def read(self, _: int = -1, /) -> str:
        return self.pop() if self else ""


class IllFormed(Declined):
    """It is no XML."""


def parsed(text: str) -> dict[str, Any]:
    """What feedparser makes of `text`, as far as items depend on it. Raises Declined where that is not sure."""
    text = _without_document_type(text)
    try:
        # Given bytes, expat would believe the declaration of an encoding they no longer have.
        reading = ET.iterparse(_Whole((text,)), events=("start-ns",))  # noqa: S314  no DOCTYPE, no entities
        declared = [space for _, space in reading]
        based = "base" in text and bool(_BASE.search(text))
        return _walked(reading.root, declared, based=based)  # type: ignore[attr-defined]
    except (ET.ParseError, UnicodeError) as error:
        raise IllFormed(str(error)) from error
    except RecursionError as error:
        raise Declined("nested deeply") from error


def _without_document_type(text: str) -> str:
    """`text` without what feedparser removes of it. Raises Declined where entities may be declared."""
    prolog = _PROLOG.match(text)
    if not prolog or "<!ENTITY" in prolog[1]:
        raise Declined("a document type that may declare entities")
    if "<!DOCTYPE" not in prolog[1]:
        return text
    head = _DOCTYPE.sub("", prolog[1])
    if "<!DOCTYPE" in head or "netscape" in prolog[1].lower() or _ELEMENT.search(prolog[1]) or not head.isascii():
        raise Declined("a document type that is not removed, or means something")
    return head + text[prolog.end(1) :]


def _walked(root: ET.Element, declared: list[tuple[str, str]], *, based: bool) -> dict[str, Any]:
    walk = Walk(RULES, declared, based=based)
    name, attributes = walk.names[root.tag], walk.attributes(root.items())
    walk.enter(attributes)
    place = Place(walk.feed, 2, language_in(attributes, ""))
    if name in ("rss", "feed") and place.language:
        walk.feed.values["language"] = place.language.replace("_", "-")
    if name == "feed" and not any(uri.lower() in _OF_RSS for _, uri in declared):
        walk.atom = True
        walk.children(place, root)
    elif name in ("rss", "rdf_rdf"):
        walk.children(place, root, only=_UNDER_ROOT)
    else:
        raise Declined(name)
    if name == "rdf_rdf" and not walk.entries:
        raise Declined("feedparser may call this no feed")
    feed = {"feed": walk.feed.values, "entries": walk.entries, "namespaces": walk.names.prefixes}
    return {**feed, "version": "atom" if walk.atom else "rss"}
