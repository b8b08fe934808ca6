"""What publishers do, in parts from which a row of the table is put together."""

import asyncio
import gzip
import socket
import struct
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import blake2b

from tests.crowd import Answer, Behaviour, Headers, Visit, Wire
from tests.newsroom import item, rss

HOUR = 3600.0
DAY = 24 * HOUR
Render = Callable[[Visit], bytes]


def channel(visit: Visit, head: str = "") -> bytes:
    """The feed as RSS, newest first."""
    return rss(*(item(title, link=link_of(title)) for title in reversed(visit.titles)), head=head)


def link_of(title: str) -> str:
    return f"https://wire.example/{blake2b(title.encode(), digest_size=8).hexdigest()}"


def http_date(ahead: float = 0.0) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=ahead), usegmt=True)


def pairs(**headers: str) -> Headers:
    """`cache_control="no-cache"` as a header."""
    return tuple((name.replace("_", "-").title(), value) for name, value in headers.items())


def feed(
    *,
    etag: str = '"{v}"',
    modified: str = "",
    headers: Headers = (),
    render: Render = channel,
    head: str = "",
    asks: float = 0.0,
    why: str = "",
    conditional: bool = True,
    encode: Callable[[bytes], bytes] = lambda body: body,
    in_304: bool = True,
    in_200: bool = True,
    forgets: bool = False,
) -> Behaviour:
    """A feed with validators, `{v}` in which changes with the news and `{n}` with every poll.

    `conditional`: whether a 304 is ever given; `in_304`, `in_200`: whether the validators are; `forgets`: every
    request is answered as the first, 304 where it has any condition.
    """

    def answers(visit: Visit) -> Answer:
        v = blake2b(" ".join(visit.titles).encode(), digest_size=5).hexdigest()
        given = [
            (name, text.format(v=v, n=visit.n))
            for name, text in (("ETag", etag), ("Last-Modified", modified.replace("{day}", _day(visit))))
            if text
        ]
        tag, since = visit.validators()
        wanted = dict(given)
        same = tag == wanted["ETag"] if tag and "ETag" in wanted else since and since == wanted.get("Last-Modified")
        if conditional and (same or (forgets and (tag or since))):
            return Answer(status=304, headers=(*(given if in_304 else ()), *headers), asks=asks, why=why)
        body = channel(visit, head) if head else render(visit)
        return Answer(
            headers=(*(given if in_200 else ()), *headers), body=encode(body), asks=asks, why=why, titles=visit.titles
        )

    return answers


def _day(visit: Visit) -> str:
    """A date that changes with the news."""
    moment = datetime(2026, 11, 23, 12, 0, tzinfo=UTC) + timedelta(hours=len(visit.titles))
    return format_datetime(moment, usegmt=True)


PLAIN = feed()


def turns(*behaviours: Behaviour) -> Behaviour:
    """One after the other, a poll each; the last goes on for ever."""
    return lambda visit: behaviours[min(visit.n, len(behaviours) - 1)](visit)


def then(behaviour: Behaviour, times: int, *after: Behaviour) -> Behaviour:
    return turns(*[behaviour] * times, *after)


def status(
    code: int, *, headers: Headers = (), body: bytes = b"", asks: float = 0.0, why: str = "", news: bool = False
) -> Behaviour:
    """An answer that is no news."""
    return lambda visit: Answer(status=code, headers=headers, body=body, asks=asks, why=why, news=news)


def later(code: int, value: str, asks: float, why: str, date: str = "") -> Behaviour:
    """`code` with Retry-After; `{ahead}` in `value` is a date `asks` seconds after `date`, else after this moment."""

    def answers(visit: Visit) -> Answer:
        said = value.replace("{ahead}", _after(date, asks) if date else http_date(asks))
        headers = (("Retry-After", said), *((("Date", date),) if date else ()))
        return Answer(status=code, headers=headers, asks=asks, why=why, news=False)

    return answers


def _after(date: str, seconds: float) -> str:
    moment = datetime.strptime(date, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    return format_datetime(moment + timedelta(seconds=seconds), usegmt=True)


def leads(code: int, target: str, end: Behaviour = PLAIN, hops: int = 1, headers: Headers = ()) -> Behaviour:
    """Redirects to `target` ({path}, {hop}, {host} and {port} are known), so often; behind it is `end`."""

    def answers(visit: Visit) -> Answer:
        if _tail(visit) >= hops:
            return end(visit)
        location = target.format(
            path=visit.row.path, hop=_tail(visit) + 1, port=visit.crowd.port, host=visit.request.headers["host"]
        )
        return Answer(status=code, headers=(("Location", location), *headers), news=False)

    return answers


def _tail(visit: Visit) -> int:
    """How far on its way a request is: the number after the path."""
    parts = visit.request.target.partition("?")[0].split("/")
    return int(parts[2]) if len(parts) > 2 and parts[2].isdigit() else 0


def page(body: bytes, *headers: tuple[str, str]) -> Behaviour:
    """200, and no feed."""
    return lambda visit: Answer(headers=(("ETag", '"page"'), *headers), body=body, news=False)


def wired(
    wire: Wire, *, news: bool = False, complete: bool = True, code: int = 200, headers: Headers = ()
) -> Behaviour:
    return lambda visit: Answer(
        status=code, headers=headers, wire=wire, news=news, complete=complete, titles=visit.titles if news else ()
    )


def says(*chunks: bytes, hangs: bool = False, resets: bool = False) -> Wire:
    """Writes these, then closes, or waits for the visitor to leave, or resets the connection."""

    async def wire(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, visit: Visit) -> None:
        for chunk in chunks:
            writer.write(chunk)
            await writer.drain()
            visit.sent += len(chunk)
        if hangs:
            await reader.read()
            visit.left = True
        if resets:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    return wire


def drips(every: float, first: bytes = b"HTTP/1.1 200 OK\r\n\r\n", drop: bytes = b" ") -> Wire:
    """One byte after the other, for ever."""

    async def wire(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, visit: Visit) -> None:
        writer.write(first)
        gone = asyncio.ensure_future(reader.read())
        try:
            while not gone.done():
                writer.write(drop)
                await writer.drain()
                visit.sent += len(drop)
                await asyncio.wait([gone], timeout=every)
            visit.left = True
        finally:
            gone.cancel()

    return wire


def slow(behaviour: Behaviour, seconds: float = 0.2) -> Behaviour:
    """The answer takes its time, in which others may come."""

    def answers(visit: Visit) -> Answer:
        answer = behaviour(visit)

        async def wire(_: asyncio.StreamReader, writer: asyncio.StreamWriter, __: Visit) -> None:
            await asyncio.sleep(seconds)
            writer.write(answer.encoded())
            await writer.drain()

        return replace(answer, wire=wire)

    return answers


def endless(chunk: bytes, head: bytes = b"HTTP/1.1 200 OK\r\n\r\n") -> Wire:
    return drips(0.0, head, chunk)


def raw(build: Callable[[Visit, bytes], bytes], *, complete: bool = True) -> Behaviour:
    """A feed, put on the wire by `build` from the visit and its document."""

    def answers(visit: Visit) -> Answer:
        return Answer(wire=says(build(visit, channel(visit))), complete=complete, titles=visit.titles)

    return answers


def zipped_bomb(size: int = 60_000_000) -> bytes:
    return gzip.compress(b"<rss><channel><title>" + bytes(size), 9, mtime=0)


def churned(change: Callable[[Visit, str], str]) -> Render:
    """RSS of which each item is what `change` makes of the visit and the headline."""
    return lambda visit: rss(*(change(visit, title) for title in reversed(visit.titles)))


def atom(visit: Visit, titles: Iterable[str] = ()) -> bytes:
    entries = "".join(
        f"<entry><id>{link_of(title)}</id><title>{title}</title><link href='{link_of(title)}'/></entry>"
        for title in titles or visit.titles
    )
    return f"<feed xmlns='http://www.w3.org/2005/Atom'><title>The Wire</title>{entries}</feed>".encode()
