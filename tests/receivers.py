"""Where alerts arrive, on this machine: a mail server, one that answers by script, a webhook, something like Slack."""

import asyncio
import contextlib
import json
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from tests.servers import FeedServer, Request, Response

TLS = Path(__file__).with_name("tls")
"""Certificates of a CA that nobody trusts: for localhost, for another name, and one that is expired."""

CA = TLS / "ca.pem"


def certificate(name: str = "good") -> ssl.SSLContext:
    """What a server of this name needs: `good`, `wrong-name` or `expired`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / f"{name}.pem")
    return context


@dataclass(frozen=True, slots=True)
class Received:
    """A letter as the server has it: the envelope, whether it came encrypted and by whose login, and the bytes."""

    sender: str
    recipients: list[str]
    content: bytes
    encrypted: bool
    user: str

    @property
    def mail(self) -> EmailMessage:
        message = message_from_bytes(self.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        return message

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.mail.get_body((kind,))
        assert isinstance(part, EmailMessage)
        return str(part.get_content()).replace("\r\n", "\n")


@dataclass(slots=True)
class PostOffice:
    """A mail server. `answers` has what to say instead of yes: to "MAIL", "DATA", or "RCPT address"."""

    port: int = 0
    letters: list[Received] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)

    def _answer(self, command: str) -> str | None:
        self.commands.append(command)
        return self.answers.get(command)

    async def handle_MAIL(  # noqa: N802  aiosmtpd's names
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self._answer("MAIL") or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = self._answer(f"RCPT {address}")
        if refusal is None:
            envelope.rcpt_tos.append(address)
        return refusal or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        refusal = self._answer("DATA")
        if refusal is None:
            assert isinstance(envelope.content, bytes)
            login = session.auth_data if isinstance(session.auth_data, LoginPassword) else None
            received = Received(
                sender=str(envelope.mail_from),
                recipients=list(envelope.rcpt_tos),
                content=envelope.content,
                encrypted=session.ssl is not None,
                user=login.login.decode() if login else "",
            )
            self.letters.append(received)
        return refusal or f"250 2.0.0 taken as {len(self.letters)}"

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        self.commands.append(f"AUTH {mechanism}")
        known = isinstance(data, LoginPassword) and self.users.get(data.login.decode()) == data.password.decode()
        return AuthResult(success=known, handled=known, auth_data=data)


class _Counter(SMTP):
    """One connection; `open_` has an event for each, which is set at its end."""

    def __init__(self, open_: set[asyncio.Event], *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._connections = open_
        self._ended = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._connections.add(self._ended)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._ended.set()


@asynccontextmanager
async def post_office(
    *,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
    users: dict[str, str] | None = None,
    smtputf8: bool = False,
    without: Sequence[str] = (),
) -> AsyncIterator[PostOffice]:
    """A mail server on a free port: `tls` from the start, or `starttls`; with `users`, who may log in.

    `without` names ways to log in that it does not offer.
    """
    office = PostOffice(users=users or {})
    loop = asyncio.get_running_loop()
    open_: set[asyncio.Event] = set()

    def serve() -> SMTP:
        return _Counter(
            open_,
            office,
            hostname="mail.example",
            loop=loop,
            tls_context=starttls,
            enable_SMTPUTF8=smtputf8,
            authenticator=office.authenticate if users else None,
            auth_require_tls=False,
            auth_exclude_mechanism=without,
        )

    server = await loop.create_server(serve, "127.0.0.1", 0, ssl=tls)
    office.port = server.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        server.close()
        await server.wait_closed()
        for ended in open_:
            await ended.wait()


HANG_UP = object()
"""In a script: close the connection instead of answering."""

GONE = object()
"""In a script: close the connection without listening."""

SILENCE = object()
"""In a script: never answer."""


@dataclass(slots=True)
class Scripted:
    """A server that says what it is told to; `heard` is what it was told, `hung_up` is set when a client has left."""

    port: int = 0
    heard: list[str] = field(default_factory=list)
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)


@asynccontextmanager
async def scripted(*script: Any) -> AsyncIterator[Scripted]:
    """Says the first line at once, and each other one when a line was heard; after DATA, when a lone dot was.

    What is not a text is HANG_UP, GONE or SILENCE.
    """
    state = Scripted()
    open_: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_.add(asyncio.ensure_future(serve(reader, writer)))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                await _follow(script, state, reader, writer)
        finally:
            state.hung_up.set()
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    state.port = server.sockets[0].getsockname()[1]
    try:
        yield state
    finally:
        server.close()
        await server.wait_closed()
        await asyncio.gather(*open_)


async def _follow(
    script: Sequence[Any], state: Scripted, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    in_letter = False
    for number, line in enumerate(script):
        if line is GONE:
            return
        if number:
            heard = await reader.readuntil(b"\r\n.\r\n" if in_letter else b"\r\n")
            state.heard.append(heard.decode("utf-8", "replace").rstrip("\r\n"))
        if line is HANG_UP:
            return
        if line is SILENCE:
            await reader.read()
            return
        writer.write(f"{line}\r\n".encode())
        await writer.drain()
        in_letter = str(line).startswith("354")


@dataclass(slots=True)
class Hook:
    """A webhook at `path` of a server: `payloads` are those whose signature is right, where it has a `secret`."""

    secret: str = ""
    payloads: list[dict[str, Any]] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    answer: Response | Callable[[Request], Response] = field(default_factory=lambda: Response(status=204))

    def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        try:
            if self.secret:
                Webhook(self.secret).verify(request.body, request.headers)
        except WebhookVerificationError as error:
            return Response(status=401, body=str(error).encode())
        self.payloads.append(json.loads(request.body))
        return self.answer if isinstance(self.answer, Response) else self.answer(request)


@dataclass(slots=True)
class SlackLike:
    """An incoming webhook that is as strict as Slack about the shape of a message."""

    messages: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        message = json.loads(request.body)
        self.messages.append(message)
        problem = slack_problem(message)
        return Response(status=400, body=problem.encode()) if problem else Response(body=b"ok")


def slack_problem(message: dict[str, Any]) -> str:
    """What Slack would have against `message`; '' for nothing. Limits as its reference has them."""
    blocks = message.get("blocks", [])
    if not message.get("text"):
        return "no_text"
    if len(message["text"]) > 40_000 or len(json.dumps(blocks, ensure_ascii=False)) > 13_200:
        return "msg_blocks_too_long"
    fine = 0 < len(blocks) <= 50 and all(_is_block(block) for block in blocks)
    return "" if fine else "invalid_blocks"


def _is_block(block: dict[str, Any]) -> bool:
    match block:
        case {"type": "header", "text": {"type": "plain_text", "text": str(text)}}:
            return 0 < len(text) <= 150
        case {"type": "section", "text": {"type": "mrkdwn" | "plain_text", "text": str(text)}}:
            return 0 < len(text) <= 3000
        case {"type": "context", "elements": [*elements]}:
            return 0 < len(elements) <= 10 and all(0 < len(element["text"]) <= 3000 for element in elements)
        case {"type": "divider"}:
            return True
    return False


@asynccontextmanager
async def receiving(path: str, route: Any) -> AsyncIterator[FeedServer]:
    """An HTTP server on this machine with `route` at `path`."""
    async with FeedServer() as server:
        server.routes[path] = route
        yield server
