"""What sites allow robots to fetch (RFC 9309): robots.txt, asked for once a day and remembered over a restart.

A file that is not there allows everything. Where its server fails, or is busy, nothing may be asked for a while.
"""

import asyncio
from collections import OrderedDict
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

from protego import Protego

from monitor.fetch import Fetched, Fetcher, FetchFailed, NotModified
from state.robots import RobotsRecord

TOKEN = "Wirebell"  # noqa: S105  the name that a robots.txt calls us by
LASTS = timedelta(hours=24)
UNREACHABLE = timedelta(minutes=30)
"""How long nothing is asked of a site whose robots.txt could not be had."""

LARGEST = 512_000
"""Bytes that are read of it, as RFC 9309 2.5 asks."""

LONGEST_DELAY = 60.0
"""Seconds between two articles that a Crawl-delay may ask for."""

REMEMBERED = 200


@dataclass(frozen=True, slots=True)
class Ruling:
    """Whether a page may be fetched; `reason` says why not, and `until` for how long, None for good.

    `delay` is the seconds a site wants between two requests.
    """

    reason: str = ""
    until: datetime | None = None
    delay: float = 0.0

    @property
    def allowed(self) -> bool:
        """Whether it may."""
        return not self.reason


class Memory(Protocol):
    """What remembers the files."""

    def of(self, origin: str, *, now: datetime) -> RobotsRecord | None:
        """What the robots.txt of a site said, as long as that may be relied on."""

    def keep(self, origin: str, known: RobotsRecord, *, now: datetime) -> Future[None]:
        """Remember the robots.txt of a site."""


class Forgetful:
    """Remembers the files as long as the process lives, for commands that keep nothing."""

    def __init__(self) -> None:
        self._known: dict[str, RobotsRecord] = {}

    def of(self, origin: str, *, now: datetime) -> RobotsRecord | None:
        known = self._known.get(origin)
        return known if known and known.until > now else None

    def keep(self, origin: str, known: RobotsRecord, *, now: datetime) -> Future[None]:
        del now
        self._known[origin] = known
        done: Future[None] = Future()
        done.set_result(None)
        return done


class Robots:
    """The rules of the sites, out of `memory`, which a Store is, or from the sites themselves."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._read: OrderedDict[tuple[str, datetime], Protego] = OrderedDict()

    def known(self, url: str) -> bool:
        """Whether `ruling` answers for this address without a request."""
        return self._memory.of(_origin(url), now=datetime.now(UTC)) is not None

    async def ruling(self, url: str, fetcher: Fetcher) -> Ruling:
        """Whether the page at `url` may be fetched; asks its site where that is not known. Raises StateError."""
        origin, now = _origin(url), datetime.now(UTC)
        record = self._memory.of(origin, now=now)
        if record is None:
            record = _record(await fetcher.robots(f"{origin}/robots.txt"), datetime.now(UTC))
            await asyncio.wrap_future(self._memory.keep(origin, record, now=now))
        host = urlsplit(url).hostname
        if record.problem:
            return Ruling(f"robots.txt of {host} could not be read: {record.problem}", record.until)
        if not record.rules:
            return Ruling()
        rules = await self._rules(origin, record)
        if not rules.can_fetch(url, TOKEN):
            return Ruling(f"robots.txt of {host} does not allow it")
        return Ruling(delay=min(rules.crawl_delay(TOKEN) or 0.0, LONGEST_DELAY))

    async def _rules(self, origin: str, record: RobotsRecord) -> Protego:
        key = (origin, record.until)
        rules = self._read.get(key)
        if rules is None:
            # A long one takes 80 ms.
            rules = self._read[key] = await asyncio.to_thread(Protego.parse, record.rules)
        self._read.move_to_end(key)
        if len(self._read) > REMEMBERED:
            self._read.popitem(last=False)
        return rules


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme.lower(), parts.netloc.rpartition("@")[2].lower(), "", "", ""))


def _record(answer: Fetched | NotModified | FetchFailed, now: datetime) -> RobotsRecord:
    match answer:
        case Fetched():
            text = answer.body[:LARGEST].decode("utf-8-sig", "replace").replace("\x00", "")
            return RobotsRecord(text if _has_rules(text) else "", "", now + LASTS)
        case FetchFailed(code=code) if code and 400 <= code < 500 and code != HTTPStatus.TOO_MANY_REQUESTS:
            return RobotsRecord("", "", now + LASTS)
        case FetchFailed():
            wait = max(UNREACHABLE, timedelta(seconds=answer.retry_after or 0.0))
            return RobotsRecord("", answer.reason, now + wait)
    return RobotsRecord("", "it answers without a body", now + UNREACHABLE)


def _has_rules(text: str) -> bool:
    """Whether a file says anything; a page that is served for every address does not."""
    return any(line.strip().lower().startswith(("user-agent", "useragent", "user agent")) for line in text.splitlines())
