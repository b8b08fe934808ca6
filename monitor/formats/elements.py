"""What the elements of feeds mean to feedparser, quirks included: identity depends on them.

The first title of an entry counts, and that of a picture only where there is no other. The second description is a
content, and the first content is the summary where there is none. An id may stand for a link. What is no text of an
item and may hold no other element is passed by; what is not named here at all is looked into.
"""

import re
import xml.etree.ElementTree as ET

from monitor.formats.namespaces import Declined
from monitor.formats.people import PEOPLE, source
from monitor.formats.tags import TAGS
from monitor.formats.text import known
from monitor.formats.uris import joined
from monitor.formats.walking import XHTML, Attributes, Holder, Place, Rule, Walk, media_type, passed

_OF_PAGES = ("text/html", XHTML)
_READ_AS_TEXT = ("text/plain", *_OF_PAGES)
_REFERENCE = re.compile(r"&([A-Za-z0-9_]+);")


def channel(walk: Walk, place: Place, element: ET.Element, attributes: Attributes) -> None:
    """That of an RSS feed."""
    _refuse_addresses(attributes)
    walk.children(Place(place.holder, place.depth + 1, place.language), element)


def entry(walk: Walk, place: Place, element: ET.Element, attributes: Attributes) -> None:
    """An item of RSS and RDF, an entry of Atom."""
    if place.holder.is_entry:
        raise Declined("an entry in an entry")
    _refuse_addresses(attributes)
    holder = Holder(is_entry=True)
    if about := attributes.get("rdf:about"):
        holder.values["id"] = about
    walk.title_depth = -1
    walk.children(Place(holder, place.depth + 1, place.language), element)
    walk.has_content = False
    walk.entries.append(holder.values)


def _refuse_addresses(attributes: Attributes) -> None:
    if "href" in attributes or "lastmod" in attributes:
        raise Declined("a channel of CDF")


def picture(walk: Walk, place: Place, element: ET.Element, _: Attributes) -> None:
    """An image or a text input, whose title is not that of the feed."""
    walk.title_depth = -1
    # The title of an entry may be that of its picture, as feedparser does not tell them apart there.
    holder, only = (place.holder, _IN_ENTRIES) if place.holder.is_entry else (Holder(is_entry=False), _OF_PICTURES)
    walk.children(Place(holder, place.depth + 1, place.language), element, only=only)


def _title(walk: Walk, place: Place, element: ET.Element, attributes: Attributes) -> None:
    title = walk.said(element) if walk.kind(attributes, "text/plain") != XHTML else _marked_up(walk, element)
    if not -1 < walk.title_depth <= place.depth:
        place.holder.keep("title", title, place.depth)
        place.holder.values["title_detail"] = {"language": _tag(place)}
    if title:
        walk.title_depth = place.depth


def _marked_up(walk: Walk, element: ET.Element) -> str:
    """A title in XHTML, of which no mark will remain."""
    title = walk.markup(element)
    if not "".join(element.itertext()).strip() or not known(title):
        raise Declined("a title of which marks may remain")
    return title


def _title_of_picture(walk: Walk, place: Place, element: ET.Element, attributes: Attributes) -> None:
    before = walk.title_depth
    _title(walk, place, element, attributes)
    walk.title_depth = before


def _description(walk: Walk, place: Place, element: ET.Element, attributes: Attributes) -> None:
    if "summary" in place.holder.values and not walk.has_content:
        _content(walk, place, element, attributes)
    else:
        _keep_summary(walk, place, element, attributes, "text/html")


def _summary(walk: Walk, place: Place, element: ET.Element, attributes: Attributes) -> None:
    if not place.holder.is_entry:
        raise Declined("a summary of a feed")
    if "summary" in place.holder.values and not walk.has_content:
        _content(walk, place, element, attributes)
    else:
        _keep_summary(walk, place, element, attributes, "text/plain")


def _keep_summary(walk: Walk, place: Place, element: ET.Element, attributes: Attributes, default: str) -> None:
    kind, text = walk.content(element, attributes, default)
    if place.holder.is_entry:
        place.holder.keep("summary", text, place.depth)
        place.holder.values["summary_detail"] = {"type": kind, "language": _tag(place)}


def _content(walk: Walk, place: Place, element: ET.Element, attributes: Attributes) -> None:
    _keep_content(walk, place, element, attributes, "text/plain")


def _encoded(walk: Walk, place: Place, element: ET.Element, attributes: Attributes) -> None:
    _keep_content(walk, place, element, attributes, "text/html")


def _keep_content(walk: Walk, place: Place, element: ET.Element, attributes: Attributes, default: str) -> None:
    walk.has_content = True
    kind, text = walk.content(element, attributes, default)
    if not place.holder.is_entry:
        raise Declined("a content of a feed")
    values = place.holder.values
    values.setdefault("content", []).append({"type": kind, "language": _tag(place), "value": text})
    if kind in _READ_AS_TEXT:
        values.setdefault("summary", text)


def _tag(place: Place) -> str:
    return place.language.replace("_", "-") if place.language else ""


def _rights(walk: Walk, _: Place, element: ET.Element, attributes: Attributes) -> None:
    if len(element) and walk.kind(attributes, "text/plain") == XHTML:
        walk.markup(element)
    else:
        walk.said(element)


def _link_of_picture(walk: Walk, _: Place, element: ET.Element, attributes: Attributes) -> None:
    """It is not that of the entry if it is no attribute."""
    if attributes:
        raise Declined("the link of a picture")
    walk.said(element)


def _subtitle(walk: Walk, place: Place, element: ET.Element, attributes: Attributes) -> None:
    if walk.kind(attributes, "text/plain") == XHTML:
        raise Declined("a subtitle in XHTML")
    place.holder.keep("subtitle", walk.said(element), place.depth)


def _link(walk: Walk, place: Place, element: ET.Element, attributes: Attributes) -> None:
    rel = attributes.get("rel", "alternate")
    link = {**attributes, "rel": rel}
    values = place.holder.values
    values.setdefault("links", []).append(link)
    written, text = _address(attributes), walk.address(element)
    if written is None:
        if "&" in text:
            text = text.replace("&amp;", "&") if place.holder.is_entry else text
            text = _REFERENCE.sub(r"&\1", text)
        link["href"] = values["link"] = text
        return
    link["href"] = joined(walk.base, written)
    kind = attributes.get("type", "application/atom+xml" if rel == "self" else "text/html")
    if rel == "alternate" and media_type(kind) in _OF_PAGES:
        values["link"] = link["href"]


def _address(attributes: Attributes) -> str | None:
    return attributes.get("url", attributes.get("uri", "")) or attributes.get("href")


def _id(walk: Walk, place: Place, element: ET.Element, attributes: Attributes) -> None:
    is_link = attributes.get("ispermalink", "true") == "true"
    text = walk.address(element) if is_link else walk.said(element)
    place.holder.keep("id", text, place.depth)
    if is_link:
        place.holder.values.setdefault("link", text)


def _enclosure(walk: Walk, place: Place, element: ET.Element, attributes: Attributes) -> None:
    enclosure = {**attributes, "rel": "enclosure"}
    if written := _address(attributes):
        enclosure["href"] = written
    place.holder.values.setdefault("links", []).append(enclosure)
    walk.said(element)


def _medium(walk: Walk, place: Place, element: ET.Element, attributes: Attributes) -> None:
    place.holder.values.setdefault("media_content", []).append(attributes)
    walk.children(Place(place.holder, place.depth + 1, place.language), element)


def _kept_as(name: str) -> Rule:
    """Text that is kept under this name."""

    def rule(walk: Walk, place: Place, element: ET.Element, _: Attributes) -> None:
        place.holder.keep(name, walk.said(element), place.depth)

    return rule


def _unknown_as(name: str) -> Rule:
    """An element feedparser does not know: it keeps the text, or else the attributes, of which we have no use."""

    def rule(walk: Walk, place: Place, element: ET.Element, attributes: Attributes) -> None:
        text = walk.said(element)
        if attributes:
            place.holder.values[name] = attributes
        else:
            place.holder.keep(name, text, place.depth)

    return rule


def _declined(_: Walk, __: Place, element: ET.Element, ___: Attributes) -> None:
    raise Declined(element.tag)


_UNKNOWN = ("feedburner_origlink", "itunes_title", "sy_updatefrequency", "sy_updateperiod", "ttl")
_PASSED = (
    *("info", "feedburner_browserfriendly", "dc_rights", "generator", "webmaster"),
    *("dc_publisher", "dc_contributor", "expirationdate", "name", "email", "url", "uri", "homepage", "width"),
    *("height", "newlocation", "itunes_name", "itunes_email"),
)
_DECLINED = (
    *("abstract", "body", "channel", "feed", "fullitem", "rss", "xhtml_body"),  # feedparser knows them, we do not
    *("date", "authors", "links", "content_detail", "summary_detail", "title_detail"),  # it takes them for its own keys
)
_IN_ENTRIES: dict[str, Rule] = {
    "title": _title,
    "link": _link_of_picture,
    **dict.fromkeys(("url", "width", "height"), passed),
}
_OF_PICTURES = {**_IN_ENTRIES, **dict.fromkeys(("link", "description", "name"), passed)}

RULES: dict[str, Rule] = {
    **{name: _kept_as("published") for name in ("published", "issued", "pubdate", "dcterms_issued")},
    **{name: _kept_as("updated") for name in ("updated", "modified", "lastbuilddate", "dc_date", "dcterms_modified")},
    **{name: _kept_as("created") for name in ("created", "dcterms_created")},
    **{name: _kept_as("language") for name in ("language", "dc_language")},
    **{name: _kept_as(name) for name in ("itunes_summary", "media_description")},
    **{name: _unknown_as(name) for name in _UNKNOWN},
    **dict.fromkeys(("item", "entry"), entry),
    **dict.fromkeys(("image", "textinput"), picture),
    **dict.fromkeys(("title", "dc_title"), _title),
    **dict.fromkeys(("description", "dc_description"), _description),
    **dict.fromkeys(("subtitle", "tagline", "itunes_subtitle"), _subtitle),
    **dict.fromkeys(("guid", "id"), _id),
    **dict.fromkeys(_PASSED, passed),
    **dict.fromkeys(("rights", "copyright"), _rights),
    **dict.fromkeys(_DECLINED, _declined),
    "media_title": _title_of_picture,
    "summary": _summary,
    "content": _content,
    "content_encoded": _encoded,
    "link": _link,
    "enclosure": _enclosure,
    "media_content": _medium,
    "source": source,
    **PEOPLE,
    **TAGS,
}
"""By names as monitor.formats.namespaces gives them."""
