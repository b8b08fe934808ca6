"""The feeds of a site: what its pages say, what is known of its platform, and, failing that, the usual places.

Every address that is found is asked and read; only what is a feed is told. A site is asked one thing at a time.
"""

import asyncio
import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urljoin, urlsplit

from monitor.answers import read_answer
from monitor.fetch import Fetched, Fetcher, FetchFailed
from monitor.formats import Document, Unreadable
from monitor.formats.encoding import decode
from monitor.hosts import host_of
from monitor.platforms import by_software, on_platform, usual_places
from monitor.reader import Reader
from monitor.weblinks import absolute, attributes, links_of
from rules.records import Cursor, Feed

MOST = 24
"""Addresses of a site that are tried; a site with a feed for every section names hundreds."""

ENOUGH = 2
"""Feeds in the usual places after which the others are not tried: they are the same ones in other formats."""

LONGEST_PAGE = 2_000_000
"""Characters of a page that are looked at."""

_FEED_TYPES = re.compile(r"application/(?:rss|atom|rdf)\+xml|application/feed\+json|text/(?:rss|atom)", re.IGNORECASE)
_LOOSE_TYPES = re.compile(r"(?:application|text)/(?:xml|json)", re.IGNORECASE)
_FEED_LIKE = re.compile(r"(?:^|[/._?&=-])(?:rss2?|atom|rdf|feeds?)(?:$|[/._?&=-])", re.IGNORECASE)
_ANOTHER_KIND = re.compile(
    r"oembed|wp-json|opensearch|manifest|sitemap|\.(?:png|svg|ico|gif|jpe?g|css|js|html?)(?:$|\?)", re.IGNORECASE
)
# Nothing between < and > may be either, so that a page of `<a ` takes linear time.
_TAG = re.compile(r"<(link|a|meta|base)\b([^<>]{0,8000})>", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An address where a feed may be. `how` says what led there, in words."""

    url: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFeed:
    """A feed of a site. `url` is what to configure; `same_as` is the feed before it with the same items, if any."""

    url: str
    how: str
    document: Document
    same_as: str = ""


class DiscoveryFailed(Exception):
    """The page itself cannot be asked; the message is a sentence."""


def candidates_in(page: str, url: str) -> Iterator[Candidate]:
    """What the HTML of `page`, answered from `url`, names or links as feeds; the surest first."""
    tags = [(found[1].lower(), attributes(found[2])) for found in _TAG.finditer(page[:LONGEST_PAGE])]
    base = next((absolute(url, there["href"]) for name, there in tags if name == "base" and "href" in there), url)
    links = [(name, {**there, "href": absolute(base, there["href"])}) for name, there in tags if "href" in there]
    for name, there in links:
        if name == "link" and _is_feed_link(there.get("rel", "").lower().split(), there.get("type", ""), there["href"]):
            yield Candidate(url=there["href"], how="named by the page")
    for address in _by_generator(tags, url):
        yield Candidate(url=address, how="where its software has the feed")
    for name, there in links:
        if name == "a" and _FEED_LIKE.search(there["href"]) and not _ANOTHER_KIND.search(there["href"]):
            yield Candidate(url=there["href"], how="linked by the page")


def candidates_of(headers: Mapping[str, str], url: str) -> Iterator[Candidate]:
    """What the Link header of the answer from `url` names."""
    for link in links_of(headers, url):
        if _is_feed_link(link.rel, link.type, link.url):
            yield Candidate(url=link.url, how="named by the server")


def _is_feed_link(rel: Collection[str], kind: str, address: str) -> bool:
    if "feed" in rel:
        return True
    if "alternate" not in rel or "stylesheet" in rel:
        return False
    loose = _LOOSE_TYPES.match(kind) and not _ANOTHER_KIND.search(address)
    return bool(_FEED_TYPES.match(kind) or loose)


def _by_generator(tags: list[tuple[str, dict[str, str]]], url: str) -> Iterator[str]:
    for name, there in tags:
        if name == "meta" and there.get("name", "").lower() in ("generator", "application-name"):
            yield from by_software(there.get("content", ""), url)


class Discovery:
    """Looks for the feeds of sites. `gap`: seconds between two requests to one host; `on_try` hears each address."""

    def __init__(
        self, fetcher: Fetcher, reader: Reader, *, gap: float, on_try: Callable[[str], None] = lambda url: None
    ) -> None:
        self._fetcher = fetcher
        self._reader = reader
        self._gap = gap
        self._on_try = on_try
        self._asked_at: dict[str, float] = {}

    async def feeds_of(self, url: str) -> list[FoundFeed]:
        """The feeds of the site of `url`, which may itself be one. Raises DiscoveryFailed."""
        found: dict[str, FoundFeed] = {}
        await self._try_all((Candidate(url=one, how="the platform's own") for one in on_platform(url)), found)
        answer = await self._ask(url)
        if isinstance(answer, FetchFailed):
            if found:
                return _compared(found)
            raise DiscoveryFailed(f"{url}: {answer.reason}")
        if document := await self._document(answer):
            return [FoundFeed(url=_lasting(url, answer), how="the address itself", document=document)]
        await self._try_all(_candidates(answer), found)
        home = urljoin(answer.url, "/")
        if not found and home != answer.url:
            front = await self._ask(home)
            if isinstance(front, Fetched):
                await self._try_all(_candidates(front), found)
        if not found:
            usual = (Candidate(url=one, how="in a usual place") for one in usual_places(answer.url))
            await self._try_all(usual, found, enough=ENOUGH)
        return _compared(found)

    async def _try_all(self, candidates: Iterator[Candidate], found: dict[str, FoundFeed], enough: int = MOST) -> None:
        tried = set(found)
        for candidate in candidates:
            if len(tried) >= MOST or len(found) >= enough:
                return
            address = candidate.url.partition("#")[0]
            if address in tried or urlsplit(address).scheme not in ("http", "https"):
                continue
            tried.add(address)
            answer = await self._ask(address)
            if isinstance(answer, Fetched) and (document := await self._document(answer)):
                lasting = _lasting(address, answer)
                tried |= {lasting, answer.url}
                found.setdefault(lasting, FoundFeed(url=lasting, how=candidate.how, document=document))

    async def _ask(self, url: str) -> Fetched | FetchFailed:
        host = host_of(url)
        await asyncio.sleep(max(0.0, self._asked_at.get(host, -self._gap) + self._gap - time.monotonic()))
        self._on_try(url)
        answer = await self._fetcher.fetch(url, Cursor(feed_id="", url=url))
        self._asked_at[host] = time.monotonic()
        # A 304 answers no question that had a condition.
        return answer if isinstance(answer, Fetched | FetchFailed) else FetchFailed(reason="HTTP 304 Not Modified")

    async def _document(self, answer: Fetched) -> Document | None:
        """What is at the address if it is a feed; one without items is one only if it has a title."""
        try:
            document = await read_answer(self._reader, answer, Feed(url=answer.url))
        except Unreadable:
            return None
        return document if document.items or document.title else None


def _candidates(answer: Fetched) -> Iterator[Candidate]:
    page = decode(answer.body, answer.headers)
    yield from candidates_of(answer.headers, answer.url)
    yield from candidates_in(page, answer.url)


def _lasting(url: str, answer: Fetched) -> str:
    """The address to configure: a permanent redirect is followed, another one may lead elsewhere tomorrow."""
    return answer.permanent_to or url


def _compared(found: Mapping[str, FoundFeed]) -> list[FoundFeed]:
    """The feeds, those of comments last; of two with the same items the second says so."""
    first: dict[frozenset[str], str] = {}
    feeds = []
    for feed in sorted(found.values(), key=_is_of_comments):
        items = frozenset(item.link or item.guid for item in feed.document.items)
        same = first.setdefault(items, feed.url) if items else feed.url
        feeds.append(replace(feed, same_as="" if same == feed.url else same))
    return feeds


def _is_of_comments(feed: FoundFeed) -> bool:
    return bool(re.search(r"/comments/|\bcomments\b", f"{feed.url} {feed.document.title}", re.IGNORECASE))
