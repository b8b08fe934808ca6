"""One conditional GET of a feed, within bounds of time and size, as a value: Fetched, NotModified or FetchFailed.

A page is asked for without conditions, and where it has moved is a value, too. A publisher sees the validators as he
gave them, feed types in Accept, who we are, and neither cookies nor a referrer.
"""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from io import BytesIO
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes

import httpx

from monitor.decoding import Decoder, RefusedError
from monitor.hints import freshness, retry_after
from monitor.network import AddressRefused
from monitor.room import Room
from rules.records import Cursor

T = TypeVar("T")

DEADLINE = 30.0
"""Seconds for the whole of a fetch, redirects and body included: a server may send one byte every ten seconds."""

CONNECT = 10.0
REDIRECTS = 6
PER_HOST = 2
"""Connections to a publisher at once, to whom feeds of many hosts may be redirected."""

LARGEST_RAW = 5 * 1024 * 1024
LARGEST_DECODED = 20 * 1024 * 1024

LONG = 1_000_000
"""Bytes of a body that is hashed beside the loop."""

BREATH = 100_000
"""Bytes inflated from one chunk after which the loop has its turn."""

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1"
)

ACCEPT_PAGES = "text/html, application/xhtml+xml, */*;q=0.1"
ACCEPT_TEXT = "text/plain, */*;q=0.1"

PAGES = frozenset(("", "text/html", "application/xhtml+xml"))
"""Media types of a page; one that is not named may be one."""

PERMANENT = frozenset({301, 308})
TEMPORARY = frozenset({302, 303, 307})
USABLE = frozenset({HTTPStatus.OK, HTTPStatus.NON_AUTHORITATIVE_INFORMATION, HTTPStatus.IM_USED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A body. `etag` and `last_modified` are what to send next time: ISO 8859-1 of the bytes the server gave.

    `unchanged`: the body is the one the cursor knows; the validators may be new all the same.
    `permanent_to`: where permanent redirects alone have led, '' if nowhere. `fresh_for`: seconds the publisher's
    caches ask us to stay away. `incomplete`: the connection ended early; the validators are the cursor's own then,
    so that the whole body is asked for again. `partial`: only what is new since the cursor's validators (RFC 3229);
    `body_hash` is empty then, as the whole body is another.
    """

    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""
    unchanged: bool = False
    permanent_to: str = ""
    fresh_for: float | None = None
    incomplete: bool = False
    partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """304. The validators to send next time are those of the answer, else those of the cursor."""

    url: str
    etag: str = ""
    last_modified: str = ""
    permanent_to: str = ""
    fresh_for: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchFailed:
    """No body, and why, in words. `code` is the HTTP status, if there was one.

    `retry_after`: seconds it asks us to stay away; `fresh_for`: those for which it need not be asked for again.
    `final`: it will be the same the next time.
    """

    reason: str
    code: int | None = None
    gone: bool = False
    retry_after: float | None = None
    fresh_for: float | None = None
    final: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A redirect to `url`, which has not been asked."""

    url: str


Outcome = Fetched | NotModified | FetchFailed


class Fetcher:
    """Asks for feeds by `client` (of monitor.network), introducing itself as `user_agent`."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        user_agent: str,
        *,
        deadline: float = DEADLINE,
        largest_raw: int = LARGEST_RAW,
        largest_decoded: int = LARGEST_DECODED,
        room: Room | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client = client
        self._user_agent = user_agent
        self._deadline = deadline
        self._timeout = httpx.Timeout(deadline, connect=min(CONNECT, deadline), pool=None).as_dict()
        self._largest_raw = largest_raw
        self._largest_decoded = largest_decoded
        self._clock = clock
        self.room = room or Room()

    async def fetch(self, feed_url: str, cursor: Cursor) -> Outcome:
        """Ask `cursor.url` (else `feed_url`) for what is new; user and password come from `feed_url`.

        Bad weather is a value, FetchFailed. What this raises is a bug of ours.
        """
        return await self._bounded(self._follow(feed_url, cursor))

    async def page(self, url: str) -> Fetched | Moved | FetchFailed:
        """Ask for a page once: a redirect is not followed, as another host has its own turn and its own rules."""
        return await self._bounded(self._page(url))

    async def robots(self, url: str) -> Outcome:
        """Ask for the robots.txt at `url`."""
        return await self._bounded(self._follow(url, Cursor(feed_id="", url=url), ACCEPT_TEXT))

    async def _bounded(self, asking: Coroutine[Any, Any, T]) -> T | FetchFailed:
        """What comes of it within the deadline; bad weather is a value."""
        try:
            async with asyncio.timeout(self._deadline):
                return await asking
        except TimeoutError:
            return FetchFailed(reason=f"no complete answer within {self._deadline:g} s")
        except (RefusedError, AddressRefused) as refused:
            return FetchFailed(reason=str(refused), final=True)
        except (httpx.InvalidURL, UnicodeError) as error:  # the latter for a redirect to letters that IDNA forbids
            return FetchFailed(reason=f"not an address that can be asked: {error}")
        except httpx.HTTPError as error:
            return FetchFailed(reason=str(error) or type(error).__name__)

    async def _page(self, url: str) -> Fetched | Moved | FetchFailed:
        # Whoever wrote the link does not log in with it.
        address, nowhere = _address(url).copy_with(userinfo=b""), Cursor(feed_id="", url=url)
        async with self._stream(address, self._headers(address, address, nowhere, ACCEPT_PAGES)) as response:
            if response.status_code in PERMANENT | TEMPORARY:
                return Moved(url=str(_redirected(address, response)))
            kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            if response.is_success and kind not in PAGES:
                return FetchFailed(reason=f"it is {kind}, not a page of HTML", code=response.status_code, final=True)
            answer = await self._outcome(response, nowhere, "")
        return FetchFailed(reason="HTTP 304 Not Modified") if isinstance(answer, NotModified) else answer

    @asynccontextmanager
    async def _stream(self, url: httpx.URL, headers: dict[bytes, bytes]) -> AsyncIterator[httpx.Response]:
        address = url.copy_with(userinfo=b"", fragment=None) if url.userinfo or url.fragment else url
        # To merge what is common to all requests into each of them takes httpx longer than to send it.
        response = await self._client.send(
            httpx.Request("GET", address, headers=headers, extensions={"timeout": self._timeout}), stream=True
        )
        try:
            yield response
        finally:
            await response.aclose()

    async def _follow(self, feed_url: str, cursor: Cursor, accept: str = ACCEPT) -> Outcome:
        home = _address(feed_url)
        url = home if cursor.url in ("", feed_url) else _address(cursor.url)
        permanent_to, permanent = "", True
        for _ in range(REDIRECTS + 1):
            async with self._stream(url, self._headers(url, home, cursor, accept)) as response:
                if response.status_code not in PERMANENT | TEMPORARY:
                    return await self._outcome(response, cursor, permanent_to)
                permanent = permanent and response.status_code in PERMANENT
                url = _redirected(url, response)
                permanent_to = str(url) if permanent else permanent_to
        raise RefusedError(f"more than {REDIRECTS} redirects")

    def _headers(self, url: httpx.URL, home: httpx.URL, cursor: Cursor, accept: str) -> dict[bytes, bytes]:
        headers = {
            # httpx would make it of `url.host`, which raises for a domain of letters that IDNA forbids; there are some.
            b"Host": url.netloc,
            b"User-Agent": self._user_agent.encode("latin-1", "replace"),
            b"Accept": accept.encode(),
            b"Accept-Encoding": b"gzip, deflate",
        }
        if accept is ACCEPT:
            headers[b"A-IM"] = b"feed"
        if cursor.etag:
            headers[b"If-None-Match"] = cursor.etag.encode("latin-1", "replace")
        if cursor.last_modified:
            headers[b"If-Modified-Since"] = cursor.last_modified.encode("latin-1", "replace")
        if home.userinfo and _origin(url) == _origin(home):
            headers[b"Authorization"] = b"Basic " + b64encode(unquote_to_bytes(home.userinfo))
        return headers

    async def _outcome(self, response: httpx.Response, cursor: Cursor, permanent_to: str) -> Outcome:
        code = response.status_code
        url = str(response.url)
        etag, last_modified = _validator(response, b"etag"), _validator(response, b"last-modified")
        headers = _by_name(response.headers.raw)
        fresh_for = freshness(headers, now=self._clock())
        if code == HTTPStatus.NOT_MODIFIED and (cursor.etag or cursor.last_modified):
            return NotModified(
                url=url,
                etag=etag or cursor.etag,
                last_modified=last_modified or cursor.last_modified,
                permanent_to=permanent_to,
                fresh_for=fresh_for,
            )
        if code not in USABLE:
            return self._failure(code, headers, fresh_for)
        body, incomplete = await self._body(response)
        # Nobody can leave out what we have where we did not say what that is.
        partial = code == HTTPStatus.IM_USED and bool(cursor.etag or cursor.last_modified)
        body_hash = "" if partial else await _hash(body)
        return Fetched(
            url=url,
            body=body,
            headers=headers,
            etag=cursor.etag if incomplete else etag,
            last_modified=cursor.last_modified if incomplete else last_modified,
            body_hash=body_hash,
            unchanged=not partial and body_hash == cursor.body_hash,
            permanent_to=permanent_to,
            fresh_for=fresh_for,
            incomplete=incomplete,
            partial=partial,
        )

    def _failure(self, code: int, headers: Mapping[str, str], fresh_for: float | None) -> FetchFailed:
        return FetchFailed(
            reason=_status(code),
            code=code,
            gone=code == HTTPStatus.GONE,
            retry_after=retry_after(headers, now=self._clock()),
            fresh_for=fresh_for,
        )

    async def _body(self, response: httpx.Response) -> tuple[bytes, bool]:
        """The decoded body, and whether some of it is missing."""
        decoder = Decoder(response.headers.get("content-encoding", ""), self._largest_decoded)
        # Unlike a list of parts that is joined, it never has the body twice.
        raw, body, cut = 0, BytesIO(), False
        try:
            async for chunk in response.aiter_raw():
                raw += len(chunk)
                if raw > self._largest_raw:
                    raise RefusedError(f"the answer is larger than {self._largest_raw / 2**20:g} MiB")
                for part in decoder.decode(chunk):
                    body.write(part)
                    await self.room.take(body.tell())
                    if len(part) > BREATH:
                        await asyncio.sleep(0)
        except httpx.TimeoutException:
            raise
        except httpx.TransportError:
            # Fewer bytes than Content-Length, or a chunk that never came. Nothing at all is a failure.
            if not raw:
                raise
            cut = True
        body.write(decoder.rest())
        return body.getvalue(), cut or decoder.cut


async def _hash(body: bytes) -> str:
    # Half a millisecond for a million bytes, without the interpreter.
    digest = await asyncio.to_thread(sha256, body) if len(body) > LONG else sha256(body)
    return digest.hexdigest()


def _by_name(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers by lower-case name; what was sent in several lines is one list (RFC 9110 5.3)."""
    headers: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


def _address(url: str) -> httpx.URL:
    address = httpx.URL(url)
    if address.scheme not in ("http", "https") or not address.raw_host:
        raise RefusedError(f"{address.scheme or 'no scheme'}: only http and https addresses are asked")
    return address


def _redirected(url: httpx.URL, response: httpx.Response) -> httpx.URL:
    raw = next((value for name, value in response.headers.raw if name.lower() == b"location"), b"").strip()
    if not raw:
        raise RefusedError(f"{_status(response.status_code)} that says not where to")
    try:
        location = raw.decode("utf-8")
    except UnicodeDecodeError:
        location = raw.decode("latin-1")
    target = url.copy_with(userinfo=b"").join(location).copy_with(userinfo=b"", fragment=None)
    if target.scheme not in ("http", "https") or not target.raw_host:
        raise RefusedError(f"redirected to {target.scheme or 'nowhere'}: only http and https addresses are asked")
    if url.scheme == "https" and target.scheme == "http":
        raise RefusedError("redirected from https to http, where anybody may read and change the answer")
    return target


def _origin(url: httpx.URL) -> tuple[str, bytes, int | None]:
    return url.scheme, url.raw_host, url.port  # httpx leaves the port out where it is the scheme's own


def _validator(response: httpx.Response, name: bytes) -> str:
    value = next((value for key, value in response.headers.raw if key.lower() == name), b"")
    text = value.decode("latin-1")
    # A control character cannot be sent back.
    return "" if any(ord(letter) < 32 or ord(letter) == 127 for letter in text) else text


def _status(code: int) -> str:
    try:
        return f"HTTP {code} {HTTPStatus(code).phrase}"
    except ValueError:
        return f"HTTP {code}"
