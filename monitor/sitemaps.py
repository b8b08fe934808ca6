"""The sitemaps that an index of sitemaps names, read one after the other in the turn of their host.

Of these, too, the validators are kept: what has not changed costs its publisher no body.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from operator import attrgetter

from monitor.answers import read_answer
from monitor.fetch import Fetched, Fetcher, FetchFailed, NotModified
from monitor.formats import Document, Part, Unreadable
from monitor.hosts import host_of
from monitor.reader import Reader
from monitor.readers import Readers
from rules.links import canonical_link
from rules.records import Cursor, Feed, Item, Judged

MOST = 10
"""Sitemaps of an index that one poll asks for, the latest changed first."""

OLD = timedelta(days=2)
"""What a sitemap that was not read before says of earlier pages is no news, even to clocks that are wrong."""

Kept = tuple[str, str, str, str]
"""A sitemap as the store keeps it: address, ETag, Last-Modified, hash of its body, '' where it was never read."""

_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What the sitemaps of an index brought. `kept` are all that are known from here on; `problem` is the last one.

    `firsts` are the canonical links of what sitemaps say that were never read before.
    """

    document: Document
    kept: tuple[Kept, ...]
    parts_read: int
    problem: str
    firsts: frozenset[str]

    def silenced(self, judged: Iterable[Judged], last_success: datetime | None) -> list[Judged]:
        """`judged`, in silence where a sitemap that is read for the first time says that it is older than that."""
        since = (last_success or _EVER) - OLD if last_success else _EVER
        return [replace(one, silent=True) if self._is_old(one.item, since) else one for one in judged]

    def _is_old(self, item: Item, since: datetime) -> bool:
        dated = item.published or item.updated
        return dated is not None and dated < since and canonical_link(item.link) in self.firsts


async def follow(
    fetcher: Fetcher, reader: Reader | Readers, feed: Feed, parts: Sequence[Part], *, known: Sequence[Kept], gap: float
) -> Followed:
    """Read the sitemaps of an index, at most MOST of its own host; `gap` seconds lie between two requests."""
    by_url = {one[0]: one for one in known}
    documents: list[Document] = []
    kept: list[Kept] = []
    firsts: set[str] = set()
    read, problem = 0, "an index that names no sitemap of its own host"
    for part in _chosen(parts, feed):
        await asyncio.sleep(gap)
        before = by_url.get(part.url) or (part.url, "", "", "")
        try:
            document, after = await _part(fetcher, reader, feed, before)
        except Unreadable as error:
            problem = f"{part.url}: {error}"
            kept.append(before)
            continue
        read += 1
        kept.append(after)
        documents.append(document)
        if not before[3]:
            firsts |= {canonical_link(item.link) for item in document.items}
    items = tuple(item for document in documents for item in document.items)
    warnings = tuple(dict.fromkeys(said for document in documents for said in document.warnings))
    whole = Document(items=items, warnings=warnings)
    return Followed(document=whole, kept=tuple(kept), parts_read=read, problem=problem, firsts=frozenset(firsts))


def _chosen(parts: Iterable[Part], feed: Feed) -> list[Part]:
    """The latest changed ones; undated ones by their order. Those of another host are not the publisher's to name."""
    own = {part.url: part for part in parts if host_of(part.url) == host_of(feed.url)}.values()
    changed = sorted((part for part in own if part.changed), key=attrgetter("changed"), reverse=True)
    return [*changed, *(part for part in own if not part.changed)][:MOST]


async def _part(fetcher: Fetcher, reader: Reader | Readers, feed: Feed, before: Kept) -> tuple[Document, Kept]:
    """What a sitemap says, nothing where it is unchanged. Raises Unreadable, also where it cannot be had."""
    url, etag, last_modified, body_hash = before
    cursor = Cursor(feed_id=feed.id, url=url, etag=etag, last_modified=last_modified, body_hash=body_hash)
    match await fetcher.fetch(feed.url, cursor):
        case FetchFailed(reason=reason):
            raise Unreadable(reason)
        case NotModified(etag=etag, last_modified=last_modified):
            return Document(), (url, etag, last_modified, body_hash)
        case Fetched(unchanged=True) as answer:
            return Document(), (url, answer.etag, answer.last_modified, body_hash)
        case Fetched() as answer:
            document = await read_answer(reader, answer, feed)
    if document.truncated:
        return document, before
    if document.parts:
        document = Document(warnings=(f"{url} is an index inside of an index, which is not followed",))
    return document, (url, answer.etag, answer.last_modified, answer.body_hash)
