"""What of a document is news: the store does not know it yet, or knows it with other words; and what that rings.

An archive or a sitemap has tens of thousands of items, so this is done in slices, one document at a time in each.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from monitor.breath import Turn
from monitor.formats import Document
from rules.asking import words_seen
from rules.identity import Named, fingerprint, named, told_apart
from rules.judge import Judge
from rules.records import Feed, Hit, Item, Judged
from rules.stories import title_key
from state.store import Store

AT_ONCE = 100
"""Items that the store is asked about at once, in a millisecond."""

MANY = 5000
"""Items of one document that are told apart beside the loop."""

LONG = 50_000
"""Characters of an item that is judged beside the loop."""


@dataclass(frozen=True, slots=True)
class Sifted:
    """What is to be kept of a document; `fresh` are the dates of what the feed has not shown before."""

    judged: list[Judged] = field(default_factory=list)
    fresh: list[datetime | None] = field(default_factory=list)


class Sieve:
    """Sifts what feeds say, by what the store knows."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._talking = asyncio.Lock()

    async def sift(self, judge: Judge, feed: Feed, document: Document) -> Sifted:
        """What the store does not know yet, or knows with other words, and what it rings. Raises StateError."""
        sifted = Sifted()
        async with Turn(self._talking) as turn:
            items = await self._named(feed, document, turn)
            for some in _by_number(items, AT_ONCE):
                await self._compare(judge, feed, some, sifted, turn)
        return sifted

    async def _named(self, feed: Feed, document: Document, turn: Turn) -> list[Named]:
        items = []
        for item in document.items:
            items.append(named(_of_feed(item, feed, document)))
            await turn.breath()
        return told_apart(items) if len(items) < MANY else await turn.aside(told_apart, items)

    async def _compare(self, judge: Judge, feed: Feed, some: Sequence[Named], sifted: Sifted, turn: Turn) -> None:
        keys = [one.keys for one in some]
        known = self._store.known(feed.id, {key for its_keys in keys for key in its_keys})
        await turn.breath()
        for one, its_keys in zip(some, keys, strict=True):
            print_ = fingerprint(one.item)
            if all(known.get(key) == print_ for key in its_keys):
                continue
            if known.keys().isdisjoint(its_keys):
                sifted.fresh.append(one.item.published or one.item.updated)
            hits, words = await self._judged(judge, one.item, turn)
            sifted.judged.append(
                Judged(
                    item=one.item,
                    keys=its_keys,
                    link_key=one.link,
                    title_key=title_key(one.item.title),
                    fingerprint=print_,
                    hits=hits,
                    words=words,
                )
            )
            await turn.breath()

    async def _judged(self, judge: Judge, item: Item, turn: Turn) -> tuple[tuple[Hit, ...], str]:
        if len(item.text) + len(item.summary) > LONG:
            return await turn.aside(_judge, judge, item, self._store.indexes)
        return _judge(judge, item, self._store.indexes)


def _judge(judge: Judge, item: Item, indexed: bool) -> tuple[tuple[Hit, ...], str]:
    """What `item` rings, and its words where they go into an index."""
    sight = judge.look(item)
    return judge.hits(sight), " ".join(words_seen(sight)) if indexed else ""


def _of_feed(item: Item, feed: Feed, document: Document) -> Item:
    """`item` with what the configuration knows of its feed."""
    return replace(
        item,
        feed=feed.name or document.title or feed.url,
        feed_url=feed.url,
        tags=feed.tags,
        language=feed.language or item.language,
    )


def _by_number(items: Sequence[Named], number: int) -> Iterator[Sequence[Named]]:
    """`items` in groups of at most so many."""
    return (items[place : place + number] for place in range(0, len(items), number))
