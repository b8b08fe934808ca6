"""Link headers (RFC 8288), as far as feeds and hubs are named by them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from urllib.parse import urljoin

LONGEST = 10_000
"""Characters of a header that are looked at."""

_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[\w*-]+\s*=\s*(?:\"[^\"]*\"|[^\s,;]+))*)")
_ATTRIBUTE = re.compile(r"""([a-z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>;]+))""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class WebLink:
    """A link, its address made absolute; `rel` in lower case."""

    url: str
    rel: frozenset[str]
    type: str = ""


def links_of(headers: Mapping[str, str], url: str) -> Iterator[WebLink]:
    """The links in the Link header of an answer from `url`; `headers` by lower-case name."""
    for found in _LINK.finditer(headers.get("link", "")[:LONGEST]):
        there = attributes(found[2])
        yield WebLink(absolute(url, found[1]), frozenset(there.get("rel", "").lower().split()), there.get("type", ""))


def attributes(text: str) -> dict[str, str]:
    """The attributes in the text of a link or a tag, by lower-case name."""
    return {found[1].lower(): unescape(found[2] or found[3] or found[4] or "") for found in _ATTRIBUTE.finditer(text)}


def absolute(url: str, reference: str) -> str:
    """`reference` as it is meant on the page `url`; empty where it is no address."""
    try:
        return urljoin(url, reference.strip())
    except ValueError:  # a bracket where no IPv6 address is
        return ""
