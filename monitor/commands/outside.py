"""What is outside of Wirebell in `wirebell demo`: two publishers and three receivers, real servers on loopback."""

import asyncio
import hmac
import json
import re
import time
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.utils import format_datetime
from html import escape, unescape
from typing import Any

from aiohttp import web
from aiosmtpd.smtp import SMTP

SECRET = "whsec_" + b64encode(b"a secret of the demonstration").decode()

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Article:
    """What an outlet published; `path` names it in links and guids."""

    outlet: str
    path: str
    title: str
    text: str
    published: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class Arrival:
    """An alert at a receiver: where, at which moment of the monotonic clock, and its words."""

    place: str
    moment: float
    words: str


@dataclass(slots=True)
class Outside:
    """The servers: `http` and `smtp` are their ports. What is appended to `news` is published; see `arrivals`."""

    http: int = 0
    smtp: int = 0
    news: list[Article] = field(default_factory=list)
    arrivals: "asyncio.Queue[Arrival]" = field(default_factory=asyncio.Queue)

    def arrived(self, place: str, words: str) -> None:
        """A receiver has something."""
        self.arrivals.put_nowait(Arrival(place, time.monotonic(), words))


@asynccontextmanager
async def outside() -> AsyncIterator[Outside]:
    """The servers on free ports, until the end. Raises OSError where none can be had."""
    world = Outside()
    async with AsyncExitStack() as closing:
        runner = web.AppRunner(_app(world), access_log=None)
        await runner.setup()
        closing.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, HOST, 0).start()
        world.http = runner.addresses[0][1]
        loop = asyncio.get_running_loop()
        mailbox = await loop.create_server(lambda: SMTP(_Mailbox(world), hostname="demo.example", loop=loop), HOST, 0)
        closing.callback(mailbox.close)
        world.smtp = mailbox.sockets[0].getsockname()[1]
        yield world


def _app(world: Outside) -> web.Application:
    async def jornal(_: web.Request) -> web.Response:
        return web.Response(text=_rss(world), content_type="application/rss+xml")

    async def desk(_: web.Request) -> web.Response:
        return web.Response(text=_json_feed(world), content_type="application/feed+json")

    async def slack(request: web.Request) -> web.Response:
        world.arrived("Slack", _slack_words(await request.json()))
        return web.Response(text="ok")

    async def hook(request: web.Request) -> web.Response:
        body = await request.read()
        if not _is_signed(request, body):
            return web.Response(status=401, text="wrong signature")
        world.arrived(
            "webhook in short, its signature verified", _payload_words(request.headers["webhook-id"], json.loads(body))
        )
        return web.Response(status=204)

    app = web.Application()
    app.add_routes([web.get("/jornal.xml", jornal), web.get("/desk.json", desk)])
    app.add_routes([web.post("/slack", slack), web.post("/hook", hook)])
    return app


class _Mailbox:
    def __init__(self, world: Outside) -> None:
        self._world = world

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        del server, session
        message = message_from_bytes(envelope.content, policy=policy.default)
        heads = "\n".join(f"{name}: {message[name]}" for name in ("Subject", "To", "Message-ID"))
        body = message.get_body(("plain",))
        self._world.arrived("e-mail", f"{heads}\n\n{body.get_content().strip() if body else ''}")
        return "250 OK"


def _is_signed(request: web.Request, body: bytes) -> bool:
    """As Standard Webhooks say: HMAC-SHA256 of id, time and body."""
    signed = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + body
    key = b64decode(SECRET.removeprefix("whsec_"))
    wanted = "v1," + b64encode(hmac.digest(key, signed, "sha256")).decode()
    return any(hmac.compare_digest(wanted, one) for one in request.headers["webhook-signature"].split())


def _rss(world: Outside) -> str:
    items = "".join(
        f"<item><title>{escape(one.title)}</title><link>http://jornal.example/{one.path}</link>"
        f"<guid>jornal-{one.path}</guid><description>{escape(one.text)}</description>"
        f"<pubDate>{format_datetime(one.published)}</pubDate></item>"
        for one in world.news
        if one.outlet == "jornal"
    )
    return f'<rss version="2.0"><channel><title>Jornal da Rede</title><language>pt</language>{items}</channel></rss>'


def _json_feed(world: Outside) -> str:
    items = [
        {
            "id": f"desk-{one.path}",
            "url": f"http://desk.example/{one.path}",
            "title": one.title,
            "content_text": one.text,
        }
        for one in world.news
        if one.outlet == "desk"
    ]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Valley Desk", "items": items})


def _slack_words(payload: dict[str, Any]) -> str:
    """The words of a message, about as Slack shows them: of a link, what stands for it."""
    words = "\n".join(_texts(payload.get("blocks", []))) or str(payload.get("text", ""))
    return unescape(re.sub(r"<[^|<>]+\|([^<>]+)>", r"\1", words))


def _texts(block: Any) -> list[str]:
    if isinstance(block, list):
        return [text for one in block for text in _texts(one)]
    if not isinstance(block, dict):
        return []
    own = [block["text"]] if isinstance(block.get("text"), str) else []
    return own + [text for key, part in block.items() if key != "text" or not own for text in _texts(part)]


def _payload_words(webhook_id: str, payload: dict[str, Any]) -> str:
    """The payload, its longest parts left out."""
    data = payload["data"]
    shown = {
        "type": payload["type"],
        "data": {
            **{name: data[name] for name in ("alert_id", "rule", "priority", "watchlists")},
            "item": {name: data["item"][name] for name in ("title", "language")},
            "matches": list(dict.fromkeys(one["surface"] for one in data["matches"])),
            "latency": data["latency"],
        },
    }
    return f"webhook-id: {webhook_id}\n{_short_json(shown)}"


def _short_json(value: Any, indent: str = "") -> str:
    """JSON with a line for each key, and lists in one line."""
    if not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    inner = indent + "  "
    lines = (f"{inner}{json.dumps(key)}: {_short_json(one, inner)}" for key, one in value.items())
    return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
