"""What a page says of its articles in JSON-LD (schema.org), for machines."""

import json
from collections.abc import Iterator
from typing import Any

from monitor.formats.markup import Element

MOST = 5_000
"""Nodes that are looked at: a shop may describe each of its goods."""

ARTICLES = frozenset(
    (
        *("Article", "NewsArticle", "BlogPosting", "ReportageNewsArticle", "AnalysisNewsArticle", "OpinionNewsArticle"),
        *("BackgroundNewsArticle", "ReviewNewsArticle", "LiveBlogPosting", "TechArticle", "ScholarlyArticle", "Report"),
        *("SocialMediaPosting", "DiscussionForumPosting", "AdvertiserContentArticle"),
    )
)


def nodes(page: Element) -> Iterator[dict[str, Any]]:
    """Every node that the page describes, those around others first; at most MOST."""
    scripts = (one for one in page.iter("script") if "ld+json" in (one.get("type") or "").lower())
    waiting: list[Any] = [_loaded(script.text or "") for script in scripts]
    waiting.reverse()
    seen = 0
    while waiting and seen < MOST:
        node = waiting.pop()
        seen += 1
        if isinstance(node, list):
            waiting.extend(reversed(node))
        elif isinstance(node, dict):
            yield node
            waiting.extend(value for value in reversed(node.values()) if isinstance(value, dict | list))


def types(node: dict[str, Any]) -> set[str]:
    """What a node says it is."""
    said = node.get("@type")
    names = said if isinstance(said, list) else [said]
    return {name.rpartition("/")[2] for name in names if isinstance(name, str)}


def word(value: object) -> str:
    """A text, or the first of several, or the name or address of what stands there."""
    while isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict):
        return word(value.get("name") or value.get("url") or value.get("@id"))
    return value if isinstance(value, str) else ""


def _loaded(text: str) -> Any:
    # Some wrap it in a comment or CDATA; a control character inside a text is common.
    text = text.strip().removeprefix("<!--").removeprefix("//<![CDATA[").removesuffix("//]]>").removesuffix("-->")
    try:
        return json.loads(text.strip().rstrip(";"), strict=False)
    except (ValueError, RecursionError):
        return None
