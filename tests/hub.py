"""A WebSub hub in a process of its own: `python -m tests.hub` prints its port and serves until its input ends.

It does what W3C WebSub asks of a hub: verifies intent, gives leases, fetches a topic when it is published, and sends
it signed. The path says how it behaves beside that: `/lease/N`, `/denied`, `/silent` (accepts, never verifies),
`/forged` (signs with another secret), `/sha1`, `/moved` (307 to `/`), `/down`. `GET /log?entries=N` waits for so many.
"""

import asyncio
import hmac
import sys
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import aiohttp
from aiohttp import web


@dataclass(frozen=True, slots=True)
class Subscriber:
    callback: str
    secret: str
    behaviour: str


class Hub:
    def __init__(self) -> None:
        self.subscribers: dict[tuple[str, str], Subscriber] = {}
        self.log: list[dict[str, Any]] = []
        self._said = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()

    async def asked(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        behaviour = request.path.strip("/")
        await self._say(asked=form.get("hub.mode"), topic=form.get("hub.topic") or form.get("hub.url"))
        if behaviour == "down":
            return web.Response(status=503)
        if behaviour == "moved":
            raise web.HTTPTemporaryRedirect("/")
        if form.get("hub.mode") == "publish":
            await self._distribute(form["hub.url"])
        else:
            self._later(self._verify(form, behaviour))
        return web.Response(status=202)

    async def _say(self, **what: Any) -> None:
        self.log.append(what)
        async with self._said:
            self._said.notify_all()

    def _later(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _verify(self, form: dict[str, str], behaviour: str) -> None:
        callback, topic, mode = form["hub.callback"], form["hub.topic"], form["hub.mode"]
        if behaviour == "silent":
            return
        if behaviour == "denied":
            await self._get(callback, {"hub.mode": "denied", "hub.topic": topic, "hub.reason": "members only"})
            await self._say(denied=topic)
            return
        challenge = uuid4().hex
        lease = behaviour.removeprefix("lease/") if behaviour.startswith("lease/") else form["hub.lease_seconds"]
        query = {"hub.mode": mode, "hub.topic": topic, "hub.challenge": challenge, "hub.lease_seconds": lease}
        verified = await self._get(callback, query) == (200, challenge)
        if verified and mode == "subscribe":
            self.subscribers[topic, callback] = Subscriber(callback, form["hub.secret"], behaviour)
        elif verified:
            self.subscribers.pop((topic, callback), None)
        await self._say(verified=verified, mode=mode, topic=topic)

    async def _get(self, url: str, query: dict[str, str]) -> tuple[int, str]:
        async with aiohttp.ClientSession() as session, session.get(url, params=query) as answer:
            return answer.status, await answer.text()

    async def _distribute(self, topic: str) -> None:
        async with aiohttp.ClientSession() as session:
            async with session.get(topic) as answer:
                body, kind = await answer.read(), answer.headers.get("Content-Type", "application/xml")
            for (known, _), subscriber in list(self.subscribers.items()):
                if known == topic:
                    await self._send(session, subscriber, topic, body, kind)

    async def _send(self, session: aiohttp.ClientSession, one: Subscriber, topic: str, body: bytes, kind: str) -> None:
        method = "sha1" if one.behaviour == "sha1" else "sha256"
        secret = "another" if one.behaviour == "forged" else one.secret
        signature = hmac.new(secret.encode(), body, method).hexdigest()
        headers = {
            "Content-Type": kind,
            "Link": f'<{topic}>; rel="self", <http://hub.example/>; rel="hub"',
            "X-Hub-Signature": f"{method}={signature}",
        }
        async with session.post(one.callback, data=body, headers=headers) as answer:
            await self._say(pushed=topic, status=answer.status)
            if answer.status == 410:
                self.subscribers.pop((topic, one.callback), None)

    async def told(self, request: web.Request) -> web.Response:
        wanted = int(request.query.get("entries", "0"))
        async with self._said:
            await self._said.wait_for(lambda: len(self.log) >= wanted)
        return web.json_response({"log": self.log, "subscribers": len(self.subscribers)})


async def serve() -> None:
    hub = Hub()
    app = web.Application()
    app.add_routes([web.get("/log", hub.told), web.post("/{behaviour:.*}", hub.asked)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(serve())
