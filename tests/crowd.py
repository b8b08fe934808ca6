"""A crowd of publishers on one port of this machine, each with a personality, a host name and a log of its own.

Time passes in jumps: `Crowd.skipped` is how many seconds were jumped over, so `Visit.at` is the time of a long story.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from itertools import pairwise

from tests.receivers import Hook
from tests.servers import FeedServer, Request, _request

NEWS = (-3600.0, -1800.0, -60.0, 1_500.0, 30_000.0, 950_000.0)
"""Seconds of the story at which each feed has something new."""

Headers = tuple[tuple[str, str], ...]
Wire = Callable[[asyncio.StreamReader, asyncio.StreamWriter, "Visit"], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a publisher says. `wire` says it instead, byte by byte.

    `news`: whether a reader can read a whole feed from it; `asks`: seconds that it wants to be left alone, and `why`:
    the check that says so. `complete`: the whole body arrives.
    """

    status: int = 200
    headers: Headers = ()
    body: bytes = b""
    wire: Wire | None = None
    news: bool = True
    complete: bool = True
    asks: float = 0.0
    why: str = ""
    titles: tuple[str, ...] = ()

    def encoded(self) -> bytes:
        named = {name.lower() for name, _ in self.headers}
        length = () if named & {"content-length", "transfer-encoding"} else (("Content-Length", str(len(self.body))),)
        lines = [f"HTTP/1.1 {self.status} Whatever", *(f"{name}: {value}" for name, value in self.headers + length)]
        return "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1") + self.body

    def header(self, name: str) -> str:
        return next((value.strip() for key, value in self.headers if key.lower() == name), "")

    @property
    def brings(self) -> bool:
        """Whether its validators are those to ask with."""
        return self.status in (200, 203, 226, 304) and self.news and self.complete


@dataclass(slots=True)
class Visit:
    """One request, where it came in, and how it went. Moments are seconds of the monotonic clock."""

    row: "Personality"
    crowd: "Crowd"
    request: Request
    n: int
    """How many polls of the feed there were before."""
    hop: int
    """How many redirects of this poll there were before."""
    at: float
    began: float
    ended: float = 0.0
    left: bool = False
    """Whether the visitor closed the connection before everything was said."""
    sent: int = 0
    answer: Answer = field(default_factory=Answer)

    @property
    def titles(self) -> tuple[str, ...]:
        """The headlines of the feed at this moment, oldest first."""
        return tuple(self.row.title(k) for k, when in enumerate(NEWS) if when <= self.at)

    def validators(self) -> tuple[str, str]:
        headers = self.request.headers
        return headers.get("if-none-match", ""), headers.get("if-modified-since", "")


Behaviour = Callable[[Visit], Answer]


@dataclass(frozen=True, kw_only=True)
class Personality:
    """A row: how a publisher behaves, and the checks that he is there for beside those that hold for all.

    `host` is shared by the rows that name the same; `asked` is what follows the path in the address; `every` as in
    the configuration, `tag` too; `mark` ends his headlines; `rings`: whether what he publishes is heard of; `hangs`: he
    keeps a visitor until he leaves.
    """

    name: str
    behaves: Behaviour
    checks: tuple[str, ...] = ()
    host: str = ""
    asked: str = ""
    user: str = ""
    scheme: str = "http"
    every: str = ""
    mark: str = ""
    tag: str = ""
    rings: bool = True
    hangs: bool = False

    @cached_property
    def path(self) -> str:
        return "/" + self.name.replace(" ", "-")

    @property
    def floor(self) -> float:
        """Seconds that must lie between two polls."""
        return float(self.every.rstrip("s")) if self.every else 300.0

    def title(self, k: int) -> str:
        """A headline of words that no other has."""
        return f"Superintelligence {' '.join(_words(f'{self.name}/{k}'))}{self.mark}"


def _words(seed: str) -> Iterator[str]:
    digest = blake2b(seed.encode(), digest_size=20).digest()
    for part in range(0, 20, 4):
        yield "".join(f"{'bdfgklmnprstvz'[byte % 14]}{'aeiou'[byte % 5]}" for byte in digest[part : part + 4])


class Crowd(FeedServer):
    """The server of all of them. `log` has every request, `visits` those to a feed, `strays` those to nobody.

    `hushed`: those who fall silent when the daemon is stopped do.
    """

    def __init__(self, rows: Sequence[Personality], receivers: dict[str, Hook]) -> None:
        super().__init__("0.0.0.0")
        self.rows = {row.path: row for row in rows}
        self.hosts = {host: f"127.1.{n // 200}.{n % 200 + 1}" for n, host in enumerate(dict.fromkeys(map(_host, rows)))}
        self.receivers = receivers
        self.visits: dict[str, list[Visit]] = {row.name: [] for row in rows}
        self.strays: list[Request] = []
        self.skipped = 0.0
        self.hushed = False
        self.started = time.monotonic()

    def address(self, row: Personality) -> str:
        """Where the feed is asked for."""
        host = self.hosts[_host(row)]
        return f"{row.scheme}://{row.user}{host}:{self.port}{row.path}{row.asked}"

    @property
    def now(self) -> float:
        """Seconds since the story began."""
        return time.monotonic() - self.started + self.skipped

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                await self._answer(await _request(reader), reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.log.append(request)
        path = request.target.partition("?")[0]
        if path in self.receivers:
            writer.write(self.receivers[path](request).encoded())
            await writer.drain()
            return
        row = self.rows.get("/" + path.split("/")[1])
        if row is None:
            self.strays.append(request)
            writer.write(Answer(status=404).encoded())
            await writer.drain()
            return
        visit = self._visit(row, request)
        visit.answer = row.behaves(visit)
        try:
            if visit.answer.wire:
                await visit.answer.wire(reader, writer, visit)
            else:
                writer.write(visit.answer.encoded())
                await writer.drain()
        except ConnectionError:
            visit.left = True
        finally:
            visit.ended = time.monotonic()

    def _visit(self, row: Personality, request: Request) -> Visit:
        before = self.visits[row.name]
        last = before[-1] if before else None
        redirected = last and 300 <= last.answer.status < 400 and last.answer.status != 304
        # A redirect is followed at once, and every other request is another poll.
        hop = last.hop + 1 if last and redirected and self.now - last.at < 60 else 0
        n = last.n + (hop == 0) if last else 0
        visit = Visit(row, self, request, n, hop, self.now, time.monotonic())
        before.append(visit)
        return visit

    def polls(self, row: Personality) -> list[Visit]:
        """The first request of each poll."""
        return [visit for visit in self.visits[row.name] if visit.hop == 0]

    def pairs(self, row: Personality) -> Iterator[tuple[Visit, Visit]]:
        """The last request of each poll beside the first of the next."""
        for one, other in pairwise(self.visits[row.name]):
            if other.hop == 0:
                yield one, other


def _host(row: Personality) -> str:
    return row.host or row.name
