"""One polite request: what a publisher sees, and what we make of his answer."""

import asyncio
import gzip
import tracemalloc
import zlib
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from ipaddress import ip_network
from typing import Any

import httpx
import pytest

from monitor.decoding import RefusedError
from monitor.fetch import Fetched, Fetcher, FetchFailed, NotModified, _redirected
from monitor.hints import freshness, retry_after
from monitor.network import AddressPolicy, client
from rules.records import Cursor
from tests.servers import FeedServer, Request, Response, Wire

pytestmark = pytest.mark.anyio

LOOPBACK = AddressPolicy((ip_network("127.0.0.0/8"),))
FEED = b"<rss version='2.0'><channel><item><title>news</title></item></channel></rss>"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@asynccontextmanager
async def fetcher(policy: AddressPolicy = LOOPBACK, **limits: Any) -> AsyncIterator[Fetcher]:
    async with client(policy) as http:
        yield Fetcher(http, "Wirebell/1 (+desk@example.org)", clock=lambda: NOW, **limits)


async def fetched(server: FeedServer, cursor: Cursor | None = None, path: str = "/feed.xml", **limits: Any) -> Any:
    async with fetcher(**limits) as asks:
        return await asks.fetch(server.url + path, cursor or Cursor(feed_id="f", url=server.url + path))


def after(answer: Fetched | NotModified, url: str) -> Cursor:
    body_hash = answer.body_hash if isinstance(answer, Fetched) else ""
    return Cursor(feed_id="f", url=url, etag=answer.etag, last_modified=answer.last_modified, body_hash=body_hash)


def writes(*chunks: bytes, then: asyncio.Event | None = None) -> Wire:
    async def wire(writer: asyncio.StreamWriter) -> None:
        for chunk in chunks:
            writer.write(chunk)
            await writer.drain()
        if then:
            await then.wait()

    return wire


async def test_a_publisher_sees_who_asks_for_what_and_nothing_else() -> None:
    async with FeedServer() as server:
        server.routes["/feed.xml"] = Response(body=FEED)

        answer = await fetched(server, path="/feed.xml?a=b%2Fc#part")

    assert isinstance(answer, Fetched)
    assert answer.body == FEED
    (request,) = server.log
    assert (request.method, request.target) == ("GET", "/feed.xml?a=b%2Fc")
    assert request.headers["user-agent"] == "Wirebell/1 (+desk@example.org)"
    assert "application/rss+xml" in request.headers["accept"]
    assert request.headers["accept-encoding"] == "gzip, deflate"
    unwanted = {"cookie", "referer", "authorization", "if-none-match", "if-modified-since", "cache-control", "pragma"}
    assert not unwanted & request.headers.keys()


@pytest.mark.parametrize(
    ("etag", "modified"),
    [
        ('"v1"', "Wed, 18 Nov 2026 10:00:00 GMT"),
        ('W/"a\\b,c"', "yesterday, about noon"),
        ("no quotes", ""),
        ("", "Wed, 18 Nov 2026 10:00:00 GMT"),
        ('"caf\xe9 \xff"', ""),
        ('"caf\xc3\xa9"', "\xe4"),
        ('"-gzip"', "0"),
    ],
)
async def test_validators_go_back_byte_for_byte(etag: str, modified: str) -> None:
    given = {name: value for name, value in (("ETag", etag), ("Last-Modified", modified)) if value}

    def publisher(request: Request) -> Response:
        return Response(status=304 if len(server.log) > 1 else 200, body=b"", headers=given)

    async with FeedServer() as server, fetcher() as asks:
        server.routes["/"] = publisher
        first = await asks.fetch(server.url, Cursor(feed_id="f", url=server.url))
        assert isinstance(first, Fetched)
        second = await asks.fetch(server.url, after(first, server.url))

    assert isinstance(second, NotModified)
    assert (second.etag, second.last_modified) == (etag, modified)
    raw = server.log[1].raw
    assert (b"If-None-Match: " + etag.encode("latin-1") + b"\r\n" in raw) is bool(etag)
    assert (b"If-Modified-Since: " + modified.encode("latin-1") + b"\r\n" in raw) is bool(modified)


async def test_new_validators_of_a_304_replace_the_old_ones() -> None:
    async with FeedServer() as server:
        server.routes["/feed.xml"] = Response(status=304, headers={"ETag": '"v2"', "Cache-Control": "max-age=600"})
        cursor = Cursor(feed_id="f", url=f"{server.url}/feed.xml", etag='"v1"', last_modified="then")

        answer = await fetched(server, cursor)

    assert answer == NotModified(url=f"{server.url}/feed.xml", etag='"v2"', last_modified="then", fresh_for=600)


async def test_the_same_body_is_unchanged_and_its_new_validators_are_kept() -> None:
    async with FeedServer() as server:
        server.routes["/feed.xml"] = Response(body=FEED, headers={"ETag": '"v1"'})
        first = await fetched(server)
        server.routes["/feed.xml"] = Response(body=FEED, headers={"ETag": '"v2"'})
        second = await fetched(server, after(first, f"{server.url}/feed.xml"))

    assert not first.unchanged
    assert second.unchanged
    assert second.etag == '"v2"'


async def test_a_304_nobody_asked_for_is_a_failure() -> None:
    async with FeedServer() as server:
        server.routes["/feed.xml"] = Response(status=304)

        assert await fetched(server) == FetchFailed(reason="HTTP 304 Not Modified", code=304)


@pytest.mark.parametrize("status", [204, 206, 400, 403, 404, 429, 500, 503, 599])
async def test_any_other_status_is_a_failure_that_names_it(status: int) -> None:
    async with FeedServer() as server:
        server.routes["/feed.xml"] = Response(status=status)

        answer = await fetched(server)

    assert isinstance(answer, FetchFailed)
    assert answer.code == status
    assert answer.reason.startswith(f"HTTP {status}")
    assert not answer.gone


async def test_what_is_new_since_then_is_an_answer_that_is_not_the_whole() -> None:
    async with FeedServer() as server:
        server.routes["/feed.xml"] = Response(status=226, headers={"IM": "feed", "ETag": '"v2"'}, body=FEED)
        known = Cursor(feed_id="f", url=f"{server.url}/feed.xml", etag='"v1"', body_hash="whole")

        part, whole = await fetched(server, known), await fetched(server)

    assert server.log[0].headers["a-im"] == "feed"
    assert (part.partial, part.unchanged, part.body_hash, part.etag) == (True, False, "", '"v2"')
    assert (whole.partial, whole.body) == (False, FEED)
    assert whole.body_hash


@pytest.mark.parametrize("status", [404, 500])
async def test_a_failure_tells_for_how_long_caches_keep_it(status: int) -> None:
    async with FeedServer() as server:
        server.routes["/feed.xml"] = Response(status=status, headers={"Cache-Control": "max-age=600"})

        answer = await fetched(server)

    assert (answer.fresh_for, answer.retry_after) == (600, None)


async def test_410_is_gone() -> None:
    async with FeedServer() as server:
        server.routes["/feed.xml"] = Response(status=410)

        assert (await fetched(server)).gone


async def test_a_server_that_asks_for_time_gets_it() -> None:
    async with FeedServer() as server:
        server.routes["/feed.xml"] = Response(status=429, headers={"Retry-After": "120"})

        assert (await fetched(server)).retry_after == 120


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "120"}, 120),
        ({"retry-after": " 120 "}, 120),
        ({"retry-after": "999999999999999999999"}, 48 * 3600),
        ({"retry-after": "Mon, 23 Nov 2026 12:10:00 GMT"}, 600),
        # The server's clock is an hour ahead; what counts is the distance.
        ({"retry-after": "Mon, 23 Nov 2026 13:10:00 GMT", "date": "Mon, 23 Nov 2026 13:00:00 GMT"}, 600),
        ({"retry-after": "Mon, 23 Nov 2020 12:10:00 GMT"}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "²"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_both_forms(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, now=NOW) == seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"cache-control": "max-age=600"}, 600),
        ({"cache-control": 'public, Max-Age="600"'}, 600),
        ({"cache-control": "max-age=600", "age": "500"}, 100),
        ({"cache-control": "max-age=600", "age": "700"}, None),
        ({"cache-control": "max-age=600", "expires": "Mon, 23 Nov 2026 13:00:00 GMT"}, 600),
        ({"cache-control": "max-age=31536000"}, 24 * 3600),
        ({"cache-control": "max-age=600, no-cache"}, None),
        ({"cache-control": "max-age=soon", "expires": "Mon, 23 Nov 2026 12:05:00 GMT"}, 300),
        ({"expires": "Mon, 23 Nov 2026 12:05:00 GMT"}, 300),
        ({"expires": "Mon, 23 Nov 2026 13:05:00 GMT", "date": "Mon, 23 Nov 2026 13:00:00 GMT"}, 300),
        ({"expires": "0"}, None),
        ({"expires": "Mon, 23 Nov 2020 12:05:00 GMT"}, None),
        ({}, None),
    ],
)
def test_freshness_is_what_the_publisher_says(headers: dict[str, str], seconds: float | None) -> None:
    assert freshness(headers, now=NOW) == seconds


def _redirects(server: FeedServer, *hops: tuple[int, str]) -> None:
    """/0 leads to /1 by the first status, and so on; the last answers with a feed."""
    for place, (status, target) in enumerate(hops):
        server.routes[f"/{place}"] = Response(status=status, headers={"Location": target})
    server.routes[f"/{len(hops)}"] = Response(body=FEED)


@pytest.mark.parametrize(
    ("statuses", "permanent"),
    [
        ((301,), "/1"),
        ((308,), "/1"),
        ((301, 308), "/2"),
        ((302,), ""),
        ((303,), ""),
        ((307,), ""),
        ((301, 302), "/1"),
        ((302, 301), ""),
        ((301, 302, 301), "/1"),
        ((301,) * 6, "/6"),
    ],
)
async def test_only_leading_permanent_redirects_are_permanent(statuses: tuple[int, ...], permanent: str) -> None:
    async with FeedServer() as server:
        _redirects(server, *((status, f"/{place}") for place, status in enumerate(statuses, start=1)))

        answer = await fetched(server, path="/0")

        assert answer.body == FEED
        assert answer.url == f"{server.url}/{len(statuses)}"
        assert answer.permanent_to == (server.url + permanent if permanent else "")


async def test_a_loop_of_redirects_ends() -> None:
    async with FeedServer() as server:
        _redirects(server, (302, "/0"))

        answer = await fetched(server, path="/0")

    assert answer == FetchFailed(reason="more than 6 redirects")
    assert len(server.log) == 7


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("file:///etc/passwd", "redirected to file"),
        ("ftp://example.org/", "redirected to ftp"),
        ("javascript:alert(1)", "not an address"),
        ("http://", "more than 6 redirects"),  # is relative, and means itself
        ("", "says not where to"),
        ("http://10.1.2.3/feed", "10.1.2.3 is a private address"),
        ("http://169.254.169.254/latest/meta-data", "169.254.169.254 is a private address"),
        ("http://[::1]/feed", "::1 is a private address"),
        ("http://[", ""),
        ("http://xn--n3h.example/", "not an address"),  # a snowman, which IDNA forbids
    ],
)
async def test_a_redirect_leads_nowhere_it_should_not(target: str, said: str) -> None:
    async with FeedServer() as server:
        _redirects(server, (301, target))

        answer = await fetched(server, path="/0")

    assert isinstance(answer, FetchFailed)
    assert said in answer.reason
    assert answer.reason


def test_a_redirect_from_https_to_http_is_not_followed() -> None:
    response = httpx.Response(301, headers={"Location": "http://example.org/feed"})
    with pytest.raises(RefusedError, match="from https to http"):
        _redirected(httpx.URL("https://example.org/feed"), response)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://example.org/feed", "example.org/feed", "http://", "http://["]
)
async def test_only_http_addresses_are_asked(url: str) -> None:
    async with fetcher() as asks:
        answer = await asks.fetch(url, Cursor(feed_id="f", url=url))

    assert isinstance(answer, FetchFailed)
    assert answer.reason


async def test_a_private_address_is_refused_with_the_remedy() -> None:
    async with fetcher(AddressPolicy()) as asks:
        answer = await asks.fetch("http://127.0.0.1:9/", Cursor(feed_id="f", url="http://127.0.0.1:9/"))

    assert answer == FetchFailed(reason="refused: 127.0.0.1 is a private address; allow it in [network] allow_private")


async def test_a_password_goes_to_its_own_origin_only() -> None:
    async with FeedServer() as home, FeedServer("127.0.0.2") as abroad, fetcher() as asks:
        home.routes["/feed"] = Response(status=301, headers={"Location": "/moved"})
        home.routes["/moved"] = Response(status=302, headers={"Location": f"http://thief:x@127.0.0.2:{abroad.port}/"})
        abroad.routes["/"] = Response(body=FEED)
        url = f"http://us%20er:p%40ss@127.0.0.1:{home.port}/feed"

        answer = await asks.fetch(url, Cursor(feed_id="f", url=url))

    assert isinstance(answer, Fetched)
    basic = f"Basic {b64encode(b'us er:p@ss').decode()}"
    assert [request.headers.get("authorization") for request in home.log] == [basic, basic]
    assert "authorization" not in abroad.log[0].headers
    assert "p%40ss" not in answer.url + answer.permanent_to


async def test_a_learnt_address_is_asked_with_the_password_of_the_configured_one() -> None:
    async with FeedServer() as server, fetcher() as asks:
        server.routes["/new"] = Response(body=FEED)
        configured = f"http://user:pass@127.0.0.1:{server.port}/old"

        await asks.fetch(configured, Cursor(feed_id="f", url=f"{server.url}/new"))

    assert server.log[0].headers["authorization"].startswith("Basic ")


def _raw_deflate(data: bytes) -> bytes:
    squeezer = zlib.compressobj(wbits=-15)
    return squeezer.compress(data) + squeezer.flush()


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(FEED, mtime=0)),
        ("x-gzip", gzip.compress(FEED, mtime=0)),
        ("GZIP", gzip.compress(FEED, mtime=0)),
        ("gzip", gzip.compress(FEED[:10], mtime=0) + gzip.compress(FEED[10:], mtime=0)),
        ("gzip", gzip.compress(FEED, mtime=0) + b"\0\0padding"),
        ("deflate", zlib.compress(FEED)),
        ("deflate", _raw_deflate(FEED)),
        ("identity", FEED),
        ("", FEED),
        # What servers say and what they do differ.
        ("gzip", FEED),
        ("deflate", FEED),
        ("", gzip.compress(FEED, mtime=0)),
    ],
)
async def test_every_usual_coding_is_undone(encoding: str, body: bytes) -> None:
    async with FeedServer() as server:
        server.routes["/feed.xml"] = Response(body=body, headers={"Content-Encoding": encoding} if encoding else {})

        answer = await fetched(server)

    assert answer.body == FEED
    assert not answer.incomplete


@pytest.mark.parametrize("encoding", ["br", "zstd", "compress", "gzip, gzip", "gzip, br", "gzip,gzip,gzip"])
async def test_a_coding_that_was_not_asked_for_is_refused(encoding: str) -> None:
    async with FeedServer() as server:
        server.routes["/feed.xml"] = Response(body=b"...", headers={"Content-Encoding": encoding})

        answer = await fetched(server)

    assert isinstance(answer, FetchFailed)
    assert "encoded" in answer.reason


async def test_a_bomb_is_stopped_before_it_fills_the_memory() -> None:
    bomb = gzip.compress(bytes(200 * 1024 * 1024), mtime=0)
    async with FeedServer() as server:
        server.routes["/feed.xml"] = Response(body=bomb, headers={"Content-Encoding": "gzip"})
        tracemalloc.start()
        answer = await fetched(server)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert answer == FetchFailed(reason="the answer is larger than 20 MiB once decompressed")
    assert peak < 64 * 1024 * 1024


async def test_an_endless_body_is_cut() -> None:
    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"<item/>" * 10_000)
            await writer.drain()

    async with FeedServer() as server:
        server.routes["/feed.xml"] = lambda _: endless

        answer = await fetched(server, largest_raw=1024 * 1024)

    assert answer == FetchFailed(reason="the answer is larger than 1 MiB")


@pytest.mark.parametrize(
    "start",
    [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<rss>"],
)
async def test_a_silent_server_is_left_at_the_deadline(start: bytes) -> None:
    never = asyncio.Event()
    async with FeedServer() as server:
        server.routes["/feed.xml"] = lambda _: writes(start, then=never)

        answer = await fetched(server, deadline=0.2)

    assert isinstance(answer, FetchFailed)
    assert "0.2 s" in answer.reason or "in time" in answer.reason


async def test_a_dripping_server_is_left_at_the_deadline() -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.01)

    async with FeedServer() as server:
        server.routes["/feed.xml"] = lambda _: drip

        answer = await fetched(server, deadline=0.3)

    assert answer == FetchFailed(reason="no complete answer within 0.3 s")


@pytest.mark.parametrize(
    "answer",
    [
        b'HTTP/1.1 200 OK\r\nETag: "v2"\r\nContent-Length: 1000\r\n\r\n' + FEED,
        b'HTTP/1.1 200 OK\r\nETag: "v2"\r\nTransfer-Encoding: chunked\r\n\r\n4c\r\n' + FEED + b"\r\n",
    ],
)
async def test_a_connection_that_ends_early_leaves_the_validators_alone(answer: bytes) -> None:
    async with FeedServer() as server:
        server.routes["/feed.xml"] = lambda _: writes(answer)

        got = await fetched(
            server, Cursor(feed_id="f", url=f"{server.url}/feed.xml", etag='"v1"', last_modified="then")
        )

    assert got.incomplete
    assert got.body.startswith(b"<rss")
    assert (got.etag, got.last_modified) == ('"v1"', "then")


async def test_a_gzip_stream_that_ends_early_is_incomplete() -> None:
    async with FeedServer() as server:
        cut = gzip.compress(FEED * 20, mtime=0)[:-12]
        server.routes["/feed.xml"] = Response(body=cut, headers={"Content-Encoding": "gzip", "ETag": '"v2"'})

        answer = await fetched(server)

    assert answer.incomplete
    assert answer.body.startswith(b"<rss")
    assert answer.etag == ""


async def test_a_damaged_gzip_stream_is_a_failure() -> None:
    async with FeedServer() as server:
        damaged = bytearray(gzip.compress(FEED * 50, mtime=0))
        damaged[20:30] = b"\xff" * 10
        server.routes["/feed.xml"] = Response(body=bytes(damaged), headers={"Content-Encoding": "gzip"})

        answer = await fetched(server)

    assert isinstance(answer, FetchFailed)
    assert "damaged" in answer.reason


@pytest.mark.parametrize("size", [0, 1, 2])
async def test_a_body_of_hardly_anything_is_still_a_body(size: int) -> None:
    async with FeedServer() as server:
        server.routes["/feed.xml"] = Response(body=b"<?"[:size])

        assert (await fetched(server)).body == b"<?"[:size]


async def test_header_names_are_lower_case_and_long_headers_are_taken() -> None:
    async with FeedServer() as server:
        headers = {"Content-TYPE": "text/xml; charset=KOI8-R", "Content-Security-Policy": "x" * 20_000}
        server.routes["/feed.xml"] = Response(body=FEED, headers=headers)

        answer = await fetched(server)

    assert answer.headers["content-type"] == "text/xml; charset=KOI8-R"


async def test_a_validator_that_cannot_be_sent_back_is_not_kept() -> None:
    async with FeedServer() as server:
        server.routes["/feed.xml"] = Response(body=FEED, headers={"ETag": '"a\x01b"'})

        answer = await fetched(server)

    assert isinstance(answer, FetchFailed) or answer.etag == ""
