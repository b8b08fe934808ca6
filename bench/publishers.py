"""A thousand feeds on loopback: `python bench/publishers.py COUNT` prints the port, then serves until it is killed.

Feed N is asked as http://127.0.0.H:PORT/N, H from 1 to 250, so that manners per host cost what they cost in the world.
`POST /round` makes every second feed publish an item; the others answer 304 to a right condition.
"""

import asyncio
import sys
from email.utils import formatdate

from aiohttp import web

HOSTS = 250
ITEMS = 20
WORDS = "researchers at several laboratories published results about language models and their training " * 6


def address(port: int, number: int) -> str:
    return f"http://127.0.0.{number % HOSTS + 1}:{port}/{number}"


class Publishers:
    def __init__(self) -> None:
        self.round = 0

    async def feed(self, request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        version = self.round if number % 2 else 0
        etag = f'"{number}-{version}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        body = self._rss(number, version)
        return web.Response(body=body, headers={"ETag": etag, "Content-Type": "application/rss+xml; charset=utf-8"})

    async def next_round(self, _: web.Request) -> web.Response:
        self.round += 1
        return web.Response()

    def _rss(self, number: int, version: int) -> bytes:
        items = "".join(
            f"<item><title>Feed {number} reports item {one} of its long series</title><guid>{number}-{one}</guid>"
            f"<link>http://feed{number}.example/{one}</link><pubDate>{formatdate(1.76e9 + one)}</pubDate>"
            f"<description>&lt;p&gt;{WORDS}{number * one}&lt;/p&gt;</description></item>"
            for one in range(version, version + ITEMS)
        )
        return f'<rss version="2.0"><channel><title>Feed {number}</title>{items}</channel></rss>'.encode()


async def main() -> None:
    publishers = Publishers()
    app = web.Application()
    app.add_routes([web.get("/{number}", publishers.feed), web.post("/round", publishers.next_round)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "0.0.0.0", 0, backlog=1024).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
