"""What makes an item the same item when a feed shows it again: its guid, its link, its words."""

import unicodedata
from collections import defaultdict
from collections.abc import Hashable, Sequence

from rules.links import canonical_link
from rules.records import Item, hashed
from rules.stories import title_key


def keys_of(items: Sequence[Item]) -> list[tuple[str, ...]]:
    """The identity keys of each item of one document, best first, never none; an item is known if any of them is.

    A guid or a link that several items of the document carry names none of them. The words are a key where there is
    nothing else, and where a title of some length and a body make them unmistakable: a feed that gives its archive
    new guids and new links shows nothing new.
    """
    contents = [_content(item) for item in items]
    guids = _telling([item.guid.strip() for item in items], contents)
    links = _telling([_link(item) for item in items], contents)
    return [_keys(*parts) for parts in zip(items, guids, links, contents, strict=True)]


def article_links(items: Sequence[Item]) -> list[str]:
    """The canonical link of each item of one document, '' where several items share it: a page, not an article."""
    return _telling([_link(item) for item in items], [_content(item) for item in items])


def fingerprint(item: Item) -> str:
    """The same as long as the feed has not edited what the readers read."""
    return hashed("text", item.title, item.summary, item.text, *item.authors, "\x1e", *item.categories)


def _keys(item: Item, guid: str, link: str, content: str) -> tuple[str, ...]:
    strong = [hashed(kind, value) for kind, value in (("guid", guid), ("link", link)) if value]
    if not strong and not content:
        return (hashed("bare", item.guid, item.link),)
    unmistakable = bool(title_key(item.title) and (item.summary.strip() or item.text.strip()))
    return (*strong, hashed("content", content)) if unmistakable or not strong else tuple(strong)


def _link(item: Item) -> str:
    """The article's canonical link; '' where there is none, or none but the feed itself."""
    link = canonical_link(item.link, item.feed_url) if item.link.strip() else ""
    return "" if link and link == canonical_link(item.feed_url) else link


def _content(item: Item) -> str:
    words = "\n".join(" ".join(part.split()) for part in (item.title, item.summary, item.text))
    folded = unicodedata.normalize("NFKC", words).casefold()
    return folded if folded.strip() else ""


def _telling(values: Sequence[str], contents: Sequence[Hashable]) -> list[str]:
    """`values` without those that stand for different contents; an entry listed twice is still one."""
    seen: defaultdict[str, set[Hashable]] = defaultdict(set)
    for value, content in zip(values, contents, strict=True):
        seen[value].add(content)
    return [value if len(seen[value]) == 1 else "" for value in values]
