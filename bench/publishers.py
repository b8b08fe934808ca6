"""Thousands of feeds on loopback: `python -m bench.publishers FOLDER` prints the port, then serves until it is killed.

Feed N is asked as http://127.0.0.H:PORT/N, H from 1 to 250, so that manners per host cost what they cost in the world.
Its body is a capture from FOLDER (made-up ones where that is empty). Of ten feeds six answer 304 to a right condition,
three give no validator and the same body, and one has an item more after every `POST /round`.
"""

import asyncio
import re
import sys
from email.utils import formatdate
from pathlib import Path

from aiohttp import web

HOSTS = 250
LARGEST = 400_000
"""Bytes of a capture; larger ones are read as well, but one of them would be the whole measure."""

WORDS = "researchers at several laboratories published results about language models and their training " * 6
_ITEM = re.compile(rb"<(item|entry)[\s>].*?</\1>", re.DOTALL)
_NAMES = re.compile(rb"(<(?:title|guid|id)\b[^>]*>(?:<!\[CDATA\[)?)")


def address(port: int, number: int) -> str:
    return f"http://127.0.0.{number % HOSTS + 1}:{port}/{number}"


def captures(folder: Path) -> list[bytes]:
    """The XML feeds that have an item to copy, in an order that is the same everywhere."""
    files = (file for file in sorted(folder.rglob("*")) if file.is_file() and file.stat().st_size <= LARGEST)
    found = [body for body in map(Path.read_bytes, files) if _ITEM.search(body)]
    return found or [made_up(number) for number in range(50)]


def made_up(number: int) -> bytes:
    items = "".join(
        f"<item><title>Feed {number} reports item {one} of its long series</title><guid>{number}-{one}</guid>"
        f"<link>http://feed{number}.example/{one}</link><pubDate>{formatdate(1.76e9 + one)}</pubDate>"
        f"<description>&lt;p&gt;{WORDS}{number * one}&lt;/p&gt;</description></item>"
        for one in range(20)
    )
    return f'<rss version="2.0"><channel><title>Feed {number}</title>{items}</channel></rss>'.encode()


def with_news(body: bytes, round_: int) -> bytes:
    """`body` with its first item once more under another name for each round."""
    first = _ITEM.search(body)
    assert first
    news = b"".join(_NAMES.sub(rb"\g<1>News %d: " % number, first[0]) for number in range(round_, 0, -1))
    return body[: first.start()] + news + body[first.start() :]


class Publishers:
    def __init__(self, bodies: list[bytes]) -> None:
        self.round = 0
        self._bodies = bodies
        self._newest: dict[int, bytes] = {}

    async def feed(self, request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        kind, place = number % 10, number % len(self._bodies)
        headers = {"Content-Type": "application/xml"}
        if kind < 6:
            headers["ETag"] = f'"{number}"'
            if request.headers.get("If-None-Match") == headers["ETag"]:
                return web.Response(status=304, headers=headers)
        body = self._news(place) if kind == 9 else self._bodies[place]
        return web.Response(body=body, headers=headers)

    def _news(self, place: int) -> bytes:
        if place not in self._newest:
            self._newest[place] = with_news(self._bodies[place], self.round)
        return self._newest[place]

    async def next_round(self, _: web.Request) -> web.Response:
        self.round += 1
        self._newest.clear()
        return web.Response()


async def main() -> None:
    publishers = Publishers(captures(Path(sys.argv[1])))
    app = web.Application()
    app.add_routes([web.get("/{number}", publishers.feed), web.post("/round", publishers.next_round)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "0.0.0.0", 0, backlog=4096).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
