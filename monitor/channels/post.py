"""One POST to a receiver, within bounds of time and size, and what its answer means for the message and the channel."""

import asyncio
import logging
import ssl
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from html import escape
from http import HTTPStatus
from typing import Annotated
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx
from pydantic import AfterValidator

from monitor.channels.base import Secret, channel_fault, permanent, settled, told, transient
from monitor.hints import retry_after
from monitor.network import AddressRefused
from monitor.tables import web_address
from rules.records import Attempt, Outcome

DEADLINE = 18.0
"""Seconds until the head of an answer is there: a receiver may send one byte a second."""

LONGEST_WAIT = 3600.0
"""Seconds; a Retry-After may ask for more, and is not obeyed beyond."""

LARGEST_ANSWER = 2000
"""Bytes of an answer that are looked at."""

LONGEST_SAID = 200
"""Letters of it that a log keeps."""

PATIENCE = 2.0
"""Seconds for the body after it, which decides nothing."""

AT_FAULT = frozenset({401, 402, 403, 404, 405, 407, 410})
"""Nobody is there, or he does not know us: true of the next message, too."""

AGAIN = frozenset({408, 425, 429})

# httpx logs the address of every request at INFO; ours are secrets.
logging.getLogger("httpx").setLevel(logging.WARNING)


def _secret_address(secret: Secret) -> Secret:
    web_address(secret.reveal())
    return secret


SecretAddress = Annotated[Secret, AfterValidator(_secret_address)]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver said. `text` is the beginning of its body, fit for a log."""

    status: int
    text: str = ""
    retry_after: float | None = None

    def __str__(self) -> str:
        try:
            phrase = f"HTTP {self.status} {HTTPStatus(self.status).phrase}"
        except ValueError:
            phrase = f"HTTP {self.status}"
        return f"{phrase}: {self.text}" if self.text else phrase


async def post(
    client: httpx.AsyncClient, url: Secret, body: bytes, headers: Mapping[str, str], *, now: datetime
) -> Answer | Attempt:
    """Send JSON to `url` and return the answer; where there is none, the attempt that failed."""
    given = {"Content-Type": "application/json", **headers}
    return await _asked(client, "POST", url.reveal(), body, given, url=url, now=now)


async def reach(client: httpx.AsyncClient, url: Secret, *, now: datetime) -> str:
    """Ask the server of `url` for its options, at its root: no hook is rung and no secret sent. Raises SendError."""
    address = urlsplit(url.reveal())
    host = address.netloc.rpartition("@")[2]
    answer = await _asked(client, "OPTIONS", f"{address.scheme}://{host}/", None, {}, url=url, now=now)
    if isinstance(answer, Answer) and answer.status in (502, 503, 504):
        answer = transient(f"{host} is down: {answer}", answer.status)
    if isinstance(answer, Attempt):
        return settled(answer).reason
    return f"{host} answers"


async def _asked(
    client: httpx.AsyncClient,
    method: str,
    address: str,
    body: bytes | None,
    headers: Mapping[str, str],
    *,
    url: Secret,
    now: datetime,
) -> Answer | Attempt:
    try:
        async with AsyncExitStack() as open_:
            async with asyncio.timeout(DEADLINE):
                asking = client.stream(method, address, content=body, headers=headers)
                response = await open_.enter_async_context(asking)
            text = await _beginning(response)
    except TimeoutError:
        return transient(f"no answer within {DEADLINE:.0f} s")
    except AddressRefused as error:
        return channel_fault(str(error))
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError, UnicodeError) as error:
        return channel_fault(told(f"this address cannot be asked: {error}", parts(url)))
    except httpx.HTTPError as error:
        said = told(str(error) or type(error).__name__, parts(url))
        # A certificate that is not accepted now will not be for the next message either.
        return channel_fault(said) if _is_about_tls(error) else transient(said)
    asked = retry_after(response.headers, now=now)
    wait = None if asked is None else min(asked, LONGEST_WAIT)
    return Answer(response.status_code, told(text, parts(url), LONGEST_SAID), wait)


def _is_about_tls(error: httpx.HTTPError) -> bool:
    cause = error.__cause__
    return isinstance(cause, ssl.SSLError) and not isinstance(cause, (ssl.SSLEOFError, ssl.SSLZeroReturnError))


async def _beginning(response: httpx.Response) -> str:
    """How the body begins. The status has decided, so a body that is late or broken changes nothing."""
    found = b""
    try:
        async with asyncio.timeout(PATIENCE):
            async for chunk in response.aiter_raw():
                found += chunk[:LARGEST_ANSWER]
                if len(found) >= LARGEST_ANSWER:
                    break
    except (TimeoutError, httpx.HTTPError):
        pass
    return found[:LARGEST_ANSWER].decode("utf-8", "replace")


def parts(url: Secret) -> Iterator[str]:
    """Whatever of `url` could be its secret: a receiver's error page may repeat any of it, and escaped at that."""
    address = urlsplit(url.reveal())
    target = f"{address.path}?{address.query}" if address.query else address.path
    values = [value for _, value in parse_qsl(address.query)]
    segments = [segment for segment in address.path.split("/") if len(segment) > 5]
    for part in (url.reveal(), target, address.path, address.query, address.username, address.password):
        yield part or ""
    for part in (target, *values, *segments):
        yield from (part, unquote(part), escape(part))


def judged(answer: Answer) -> Attempt:
    """What the status means; receivers that say more in the body are judged by it first."""
    code, said = answer.status, str(answer)
    if 200 <= code < 300:
        return Attempt(outcome=Outcome.SENT, reason=said, code=code)
    if 300 <= code < 400:
        return permanent(f"redirect, which is not followed ({said}); give the new address in `url`", code)
    if code in AGAIN or code >= 500:
        return transient(said, code, answer.retry_after)
    return channel_fault(said, code) if code in AT_FAULT else permanent(said, code)
