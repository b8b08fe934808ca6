"""The door that hubs come to: a small HTTP server, behind the proxy that has our public name and certificate.

It hands on what it gets, within bounds of size, time and number; whatever comes to another address than ours is 404.
"""

import asyncio
import logging
from http import HTTPStatus

from aiohttp import web

from monitor.fetch import LARGEST_RAW
from monitor.pushes import Pushes, Reply
from state.errors import StateError

log = logging.getLogger("wirebell.pushes")

PATIENCE = 15.0
"""Seconds for a request to arrive whole."""

AT_ONCE = 8
"""Pushes that are read at the same time; a hub tries the others again."""

AGAIN = {"Retry-After": "60"}


class Door:
    """`await Door(pushes).open("127.0.0.1:8181")`, then `close`."""

    def __init__(self, pushes: Pushes) -> None:
        self._pushes = pushes
        self._busy = 0
        self._runner: web.AppRunner | None = None
        self._place = ""

    @property
    def port(self) -> int:
        """Where it listens; 0 before it does."""
        return int(self._runner.addresses[0][1]) if self._runner and self._runner.addresses else 0

    async def open(self, place: str) -> None:
        """Listen at `place`, host and port, from here on, and nowhere else; '' is nowhere. Raises OSError."""
        if place == self._place:
            return
        await self.close()
        if place:
            await self._listen(place)

    async def _listen(self, place: str) -> None:
        host, _, port = place.rpartition(":")
        app = web.Application(client_max_size=LARGEST_RAW)
        # A proxy may leave the path of the callback as it is or take it off: the last part of it is ours.
        app.add_routes([web.get("/{path:.*}", self._verify), web.post("/{path:.*}", self._receive)])
        runner = web.AppRunner(app, access_log=None, keepalive_timeout=PATIENCE)
        await runner.setup()
        try:
            await web.TCPSite(runner, host.strip("[]"), int(port)).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner, self._place = runner, place

    async def close(self) -> None:
        """Answer what is there, and listen no more."""
        if self._runner:
            await self._runner.cleanup()
            self._runner, self._place = None, ""

    async def _verify(self, request: web.Request) -> web.Response:
        return _response(await self._pushes.verify(_token(request), request.query))

    async def _receive(self, request: web.Request) -> web.Response:
        if self._busy >= AT_ONCE:
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE, headers=AGAIN)
        self._busy += 1
        try:
            async with asyncio.timeout(PATIENCE):
                body = await request.read()
            headers = {name.lower(): value for name, value in request.headers.items()}
            return _response(await self._pushes.receive(_token(request), headers, body))
        except TimeoutError:
            return web.Response(status=HTTPStatus.REQUEST_TIMEOUT)
        except StateError as error:
            log.error("push not kept reason=%s", error)
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE, headers=AGAIN)
        finally:
            self._busy -= 1


def _token(request: web.Request) -> str:
    return request.path.rstrip("/").rpartition("/")[2]


def _response(reply: Reply) -> web.Response:
    # As text and nothing else: a challenge is whatever its sender likes.
    return web.Response(
        status=reply.status,
        text=reply.text,
        content_type="text/plain",
        headers={"X-Content-Type-Options": "nosniff"},
    )
