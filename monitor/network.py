"""The way out: one HTTP client that reaches public addresses only, and says why where it does not.

The address is checked when it is dialled, not when it is written: `2130706433`, a redirect, a name that resolves to
loopback the second time, and `[::ffff:127.0.0.1]` all end at the same `connect`.
"""

import os
import ssl
from collections.abc import Mapping
from contextvars import ContextVar
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from socket import socket
from typing import Any

import aiohttp
import httpx
import yarl
from aiohttp.abc import AbstractResolver
from httpx_aiohttp.transport import AiohttpResponseStream, AiohttpTransport

SPECIAL = tuple(
    ip_network(block)
    for block in (
        # IANA IPv4 special-purpose registry; ipaddress of Python 3.11 calls several of these global.
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        # IPv6: what is outside 2000::/3 is not public, so only the exceptions inside it are named.
        # 2001::/23 holds Teredo, 2002::/16 is 6to4: both carry an IPv4 address of the sender's choice.
        *("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"),
    )
)
PUBLIC_IPV6 = ip_network("2000::/3")

CONNECTIONS = 100
CONNECTIONS_PER_HOST = 4
"""For receivers; a publisher sees fewer, however many feeds are redirected to him."""

LONGEST_HEADER = 32 * 1024
"""Content security policies of more than aiohttp's own 8 KiB exist; a server may not send more than this."""


class AddressRefused(httpx.ConnectError):
    """The address may not be reached; the message is a sentence for the operator."""


class AddressPolicy:
    """Which addresses may be dialled: public ones, and those inside `allow_private`."""

    def __init__(self, allow_private: tuple[IPv4Network | IPv6Network, ...] = ()) -> None:
        self.allow_private = allow_private

    def refusal(self, address: str) -> str:
        """Why `address` (an IP address as dialled, a zone may follow) may not be reached; '' where it may."""
        return _refusal(address, self.allow_private)


@lru_cache(maxsize=4096)
def _refusal(address: str, allow_private: tuple[IPv4Network | IPv6Network, ...]) -> str:
    try:
        dialled = _unwrapped(ip_address(address.partition("%")[0]))
    except ValueError:
        return f"refused: {address} is no IP address"
    if _is_public(dialled) or any(dialled in network for network in allow_private):
        return ""
    return f"refused: {dialled} is a private address; allow it in [network] allow_private"


def _unwrapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if address.version == 6 and address not in PUBLIC_IPV6:
        return False
    return not any(address in block for block in SPECIAL)


HOME = "https://github.com/wirebell/wirebell"
"""Where a publisher learns what this is, where the user names no contact."""


def user_agent(version: str, contact: str = "") -> str:
    """How we introduce ourselves: `Wirebell/1.2 (+desk@example.org)`."""
    return f"Wirebell/{version} (+{contact or HOME})"


def client(
    policy: AddressPolicy,
    *,
    user_agent: str = "Wirebell",
    resolver: AbstractResolver | None = None,
    tls: ssl.SSLContext | None = None,
    per_host: int = CONNECTIONS_PER_HOST,
) -> httpx.AsyncClient:
    """An HTTP client that dials what `policy` allows: no cookies, no redirects, no proxies, no decompression.

    Raises httpx.TransportError, of which AddressRefused is one. Read bodies by `aiter_raw`: they arrive as sent.
    """
    return _Client(
        transport=_Transport(policy, resolver=resolver, tls=tls, per_host=per_host),
        headers={"User-Agent": user_agent, "Accept-Encoding": "identity"},
        follow_redirects=False,
        trust_env=False,
        timeout=httpx.Timeout(30.0, connect=10.0, pool=None),
    )


class _NoCookies(httpx.Cookies):
    """Takes none. A jar that refuses them builds a second request for each answer, a tenth of what a poll costs."""

    def extract_cookies(self, response: httpx.Response) -> None:
        del response


class _Client(httpx.AsyncClient):
    """Keeps no cookies."""

    @property  # type: ignore[misc]  # nobody sets them
    def cookies(self) -> httpx.Cookies:
        return _NoCookies()


_refusals: ContextVar[list[str]] = ContextVar("_refusals")
"""Reasons of the request under way: aiohttp may fold the errors of several addresses into one without them."""


class _Transport(AiohttpTransport):
    """httpx on aiohttp, with the guard at the socket; sends URL and headers byte for byte."""

    def __init__(
        self,
        policy: AddressPolicy,
        *,
        resolver: AbstractResolver | None,
        tls: ssl.SSLContext | None,
        per_host: int,
    ) -> None:
        super().__init__(verify=tls or httpx.create_ssl_context(trust_env=False), trust_env=False)
        self._policy = policy
        self._resolver = resolver
        self._per_host = per_host
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        refusals: list[str] = []
        _refusals.set(refusals)
        try:
            return await self._request(request)
        except aiohttp.ClientError as error:
            raise _as_httpx(error, refusals) from error
        except ValueError as error:
            # A label of more than 63 letters, a control character in a header.
            raise httpx.LocalProtocolError(f"this cannot be asked: {error}") from error

    async def _request(self, request: httpx.Request) -> httpx.Response:
        limits: Mapping[str, Any] = request.extensions.get("timeout", {})
        answer = await self._opened().request(
            request.method,
            # Without `encoded`, yarl rewrites escapes such as %3A, and a signed address is signed no more.
            yarl.URL(str(_without_login(request.url)), encoded=True),
            headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw],
            data=await request.aread() or None,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(
                total=None, connect=limits.get("pool"), sock_connect=limits.get("connect"), sock_read=limits.get("read")
            ),
        )
        return httpx.Response(
            answer.status,
            headers=answer.raw_headers,
            stream=AiohttpResponseStream(answer),
            request=request,
            extensions={"http_version": b"HTTP/1.1"},
        )

    def _opened(self) -> aiohttp.ClientSession:
        # aiohttp wants a running loop, so the session is made by the first request.
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=CONNECTIONS,
                    limit_per_host=self._per_host,
                    ssl=self.ssl_context,
                    resolver=self._resolver,
                    socket_factory=self._socket,
                ),
                request_class=_ExactRequest,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
                max_field_size=LONGEST_HEADER,
            )
            # Else a server that hangs up on a GET gets it again at once, which it takes for two polls.
            self._session._retry_connection = False  # noqa: SLF001  as aiohttp's own test client does; there is no other way
        return self._session

    def _socket(self, address: Any) -> socket:
        """A socket for an entry of getaddrinfo; raises OSError where the policy refuses it."""
        family, kind, protocol, _, place = address
        refusal = self._policy.refusal(str(place[0]))
        if refusal:
            _refusals.get([]).append(refusal)
            raise OSError(refusal)
        return socket(family, kind, protocol)

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()


class _ExactRequest(aiohttp.ClientRequest):
    """A request whose header bytes arrive as they were given.

    aiohttp encodes headers as UTF-8. An ETag may hold any byte from 0x80 (RFC 9110 8.8.3), so ours come in as Latin-1
    and are put back on the wire as Latin-1.
    """

    async def send(self, conn: Any) -> aiohttp.ClientResponse:
        if self.method not in self.GET_METHODS or all(value.isascii() for value in self.headers.values()):
            return await super().send(conn)
        plain = conn.protocol.transport
        conn.protocol.transport = _Latin1Transport(plain)
        try:
            return await super().send(conn)
        finally:
            conn.protocol.transport = plain


class _Latin1Transport:
    """Takes what aiohttp wrote as UTF-8 and sends it as Latin-1; for requests without a body only."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport

    def is_closing(self) -> bool:
        return bool(self._transport.is_closing())

    def write(self, data: bytes) -> None:
        self._transport.write(bytes(data).decode("utf-8").encode("latin-1"))


def _without_login(url: httpx.URL) -> httpx.URL:
    return url.copy_with(userinfo=b"") if url.userinfo else url


def _as_httpx(error: aiohttp.ClientError, refusals: list[str]) -> httpx.TransportError:
    """What httpx calls `error`, in a sentence that names no library."""
    match error:
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return httpx.ConnectError(_of_tls(error))
        case aiohttp.ClientConnectorDNSError():
            return httpx.ConnectError(f"the name {error.host} could not be resolved")
        case aiohttp.ClientConnectorError() if refusals:
            return AddressRefused("; ".join(dict.fromkeys(refusals)))
        case aiohttp.ClientConnectorError():
            # A loop may have its own words, with a tuple in them, where the system's are clear.
            number = error.os_error.errno
            reason = os.strerror(number) if number else error.os_error
            return httpx.ConnectError(f"no connection to {error.host}:{error.port}: {reason}")
        case aiohttp.ConnectionTimeoutError():
            return httpx.ConnectTimeout("no connection in time")
        case aiohttp.ServerTimeoutError():
            return httpx.ReadTimeout("no answer in time")
        case aiohttp.InvalidURL():
            return httpx.UnsupportedProtocol(f"not an address that can be asked: {error}")
        case aiohttp.ClientResponseError():
            return httpx.RemoteProtocolError(f"the answer is not HTTP: {error.message}")
        case _:
            return httpx.ReadError(str(error) or "the connection was closed")


def _of_tls(error: aiohttp.ClientError) -> str:
    """Why there is no safe connection, in the words of OpenSSL."""
    match getattr(error, "certificate_error", None) or getattr(error, "os_error", None):
        case ssl.SSLCertVerificationError() as reason:
            return f"the TLS certificate was not accepted: {reason.verify_message}"
        case ssl.SSLError(reason="WRONG_VERSION_NUMBER" | "HTTP_REQUEST"):
            return "it does not speak TLS; perhaps its address begins with http:// and not https://"
        case ssl.SSLError(reason=str(reason)):
            return f"the TLS handshake failed: {reason.replace('_', ' ').lower()}"
        case reason:
            return f"the TLS certificate or handshake was not accepted: {reason or error}"
