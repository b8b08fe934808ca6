"""The hub a feed can be pushed from, as its own text names it (W3C WebSub 4): the same for every XML format."""

import re

from monitor.weblinks import absolute, attributes
from rules.pushing import Offer

HEAD = 20_000
"""Characters before the first item in which the feed speaks of itself."""

_ITEM = re.compile(r"<(?:[\w.-]+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_LINK = re.compile(r"<(?:[\w.-]+:)?link\s([^<>]{0,4000})>", re.IGNORECASE)


def offer_in(text: str, url: str) -> Offer | None:
    """What the head of `text`, answered from `url`, offers; None where it names no hub."""
    head = text[:HEAD]
    if "hub" not in head:
        return None
    item = _ITEM.search(head)
    links = [attributes(found[1]) for found in _LINK.finditer(head[: item.start()] if item else head)]
    named: dict[str, str] = {}
    for link in links:
        for rel in link.get("rel", "").lower().split():
            named.setdefault(rel, absolute(url, link.get("href", "")))
    hub = named.get("hub", "")
    return Offer(hub, named.get("self") or url) if hub else None
