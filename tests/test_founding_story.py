"""The report Wirebell began with, end to end: a Portuguese feed, the starter's lists, one ring however it returns."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import pytest

from monitor.starter import STARTER
from tests.servers import FeedServer, Request, Response
from tests.terminal import Terminal, terminal_in

pytestmark = pytest.mark.anyio

TITLE = "Outra cabeça da OpenAI muda-se para a Meta"
TEXT = """\
Jason Wei, que na OpenAI trabalhava em raciocínio, vai para o laboratório de superinteligência da Meta, dizem fontes.
Com ele, diz uma delas, vai Hyung Won Chung, que já era seu colega na Google. As contas de ambos foram desligadas."""

RINGS = {
    ("researchers", "Jason Wei"),
    ("researchers", "Hyung Won Chung"),
    ("labs", "OpenAI"),
    ("labs", "Meta"),
    ("labs", "Google"),
    ("keywords", "superintelligence"),
}

OLD = "<item><title>Uma meta ambiciosa para o ano</title><guid>velho</guid><description>Nada.</description></item>"


@dataclass
class Jornal:
    """A Portuguese paper and, on the same server, the desk's webhook."""

    server: FeedServer
    terminal: Terminal
    posts: list[dict[str, Any]] = field(default_factory=list)

    def hook(self, request: Request) -> Response:
        self.posts.append(json.loads(request.body))
        return Response(status=204)

    async def polled(self, *items: str) -> list[dict[str, Any]]:
        """Publish, run a round, and return what the desk has received by then."""
        feed = (
            f'<rss version="2.0"><channel><title>Jornal</title><language>pt</language>{"".join(items)}</channel></rss>'
        )
        self.server.routes["/rss"] = Response(body=feed.encode())
        said = await self.terminal.run("once", "--all")
        assert said.code == 0, said.err
        return self.posts


def item(title: str, text: str, *, guid: str = "1", link: str = "https://jornal.example/2025/07/wei") -> str:
    body = "".join(f"<p>{escape(line)}</p>" for line in text.splitlines())
    return (
        f"<item><title>{escape(title)}</title><guid isPermaLink='false'>{guid}</guid><link>{escape(link)}</link>"
        f"<description>{escape(body)}</description></item>"
    )


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    with terminal_in(tmp_path) as one:
        yield one


@pytest.fixture
async def jornal(terminal: Terminal) -> AsyncIterator[Jornal]:
    """With the starter as `wirebell init` writes it, but for its feeds and a webhook more."""
    async with FeedServer() as server:
        one = Jornal(server, terminal)
        server.routes["/hook"] = one.hook
        starter, count = re.subn(
            r"^feeds = \[.*?^\]$",
            f'feeds = ["{server.url}/rss"]',
            STARTER.read_text("utf-8"),
            flags=re.MULTILINE | re.DOTALL,
        )
        assert count == 1
        terminal.config.write_text(
            f'database = "wirebell.db"\n{starter}\n[channels.hook]\ntype = "webhook"\nurl = "{server.url}/hook"\n'
            '[network]\nallow_private = ["127.0.0.0/8"]\n',
            "utf-8",
        )
        yield one


def rang(posts: list[dict[str, Any]]) -> dict[tuple[str, str], set[str]]:
    """What the alerts name, each with the fields it is in."""
    found: dict[tuple[str, str], set[str]] = {}
    for match in (match for post in posts for match in post["data"]["matches"]):
        found.setdefault((match["watchlist"], match["entry"]), set()).add(match["field"])
    return found


async def ring_once(jornal: Jornal, title: str, text: str) -> dict[tuple[str, str], set[str]]:
    """Everybody in the story rings, and nobody a second time; what rang."""
    assert await jornal.polled(OLD) == []
    posts = list(await jornal.polled(item(title, text), OLD))
    assert sorted(post["data"]["rule"] for post in posts) == ["keywords", "talent"]
    assert {post["type"] for post in posts} == {"alert.created"}

    anew = "Atualizado: " + title
    assert await jornal.polled(item(anew, text), OLD) == posts
    assert await jornal.polled(item(anew, text, guid="2"), OLD) == posts
    tracked = "http://www.jornal.example/2025/07/wei/?utm_source=rss&utm_medium=feed#topo"
    assert await jornal.polled(item(title, text, guid="3", link=tracked), OLD) == posts
    return rang(posts)


async def test_the_founding_story_rings_for_everybody_in_it_and_once(jornal: Jornal) -> None:
    found = await ring_once(jornal, TITLE, TEXT)

    assert {one for one in found if one[0] != "moves"} == RINGS
    assert ("moves", "vai para") in found
    assert "title" not in found["researchers", "Hyung Won Chung"] | found["researchers", "Jason Wei"]
    assert "title" in found["labs", "Meta"] & found["labs", "OpenAI"]
    surfaces = {match["surface"] for post in jornal.posts for match in post["data"]["matches"]}
    assert "superinteligência" in surfaces
    assert {post["data"]["item"]["language"] for post in jornal.posts} == {"pt"}


async def test_the_report_itself_rings_for_everybody_in_it_and_once(jornal: Jornal, corpus: Path) -> None:
    title, _, text = (corpus / "founding-story.txt").read_text("utf-8").partition("\n")

    found = await ring_once(jornal, title, text.strip())

    assert found.keys() >= RINGS
    assert "title" not in found["researchers", "Hyung Won Chung"]
