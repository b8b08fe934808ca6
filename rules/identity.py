"""What makes an item the same item when a feed shows it again: its guid, its link, its words."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rules.links import canonical_link
from rules.records import Item, hashed
from rules.stories import title_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What an item could be known by. `content` stands for its words, '' where it has none.

    `link` is canonical; '' where there is none, or none but the feed itself.
    """

    item: Item
    guid: str
    link: str
    content: str

    @property
    def keys(self) -> tuple[str, ...]:
        """The identity keys, best first, never none; they hold once it was `told_apart` from the others."""
        strong = [hashed(kind, value) for kind, value in (("guid", self.guid), ("link", self.link)) if value]
        if not strong and not self.content:
            return (hashed("bare", self.item.guid, self.item.link),)
        body = self.item.summary.strip() or self.item.text.strip()
        unmistakable = bool(self.content and body and title_key(self.item.title))
        return (*strong, self.content) if unmistakable or not strong else tuple(strong)


def named(item: Item) -> Named:
    """What `item` could be known by, were it alone in its document."""
    return Named(item=item, guid=item.guid.strip(), link=_link(item), content=_content(item))


def told_apart(some: Sequence[Named]) -> list[Named]:
    """The items of one document by what tells them apart: a guid or a link that several carry names none of them."""
    guids = _telling((one.guid, one.content) for one in some)
    links = _telling((one.link, one.content) for one in some)
    return [
        one
        if one.guid in guids and one.link in links
        else replace(one, guid=one.guid if one.guid in guids else "", link=one.link if one.link in links else "")
        for one in some
    ]


def keys_of(items: Iterable[Item]) -> list[tuple[str, ...]]:
    """The identity keys of each item of one document, best first, never none; an item is known if any of them is.

    A guid or a link that several items of the document carry names none of them. The words are a key where there is
    nothing else, and where a title of some length and a body make them unmistakable: a feed that gives its archive
    new guids and new links shows nothing new.
    """
    return [one.keys for one in told_apart([named(item) for item in items])]


def article_links(items: Iterable[Item]) -> list[str]:
    """The canonical link of each item of one document, '' where several items share it: a page, not an article."""
    return [one.link for one in told_apart([named(item) for item in items])]


def fingerprint(item: Item) -> str:
    """The same as long as the feed has not edited what the readers read."""
    return hashed("text", item.title, item.summary, item.text, *item.authors, "\x1e", *item.categories)


def _link(item: Item) -> str:
    link = canonical_link(item.link, item.feed_url) if item.link.strip() else ""
    return "" if link and link == canonical_link(item.feed_url) else link


def _content(item: Item) -> str:
    words = "\n".join(" ".join(part.split()) for part in (item.title, item.summary, item.text))
    folded = unicodedata.normalize("NFKC", words).casefold()
    return hashed("content", folded) if folded.strip() else ""


def _telling(pairs: Iterable[tuple[str, str]]) -> set[str]:
    """The values that do not stand for different contents; an entry listed twice is still one."""
    seen: defaultdict[str, set[str]] = defaultdict(set)
    for value, content in pairs:
        seen[value].add(content)
    return {value for value, contents in seen.items() if len(contents) == 1}
