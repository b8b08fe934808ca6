"""Articles behind links: what is fetched and what is not, what it rings, and what a publisher sees of it."""

import asyncio
import re
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor import config
from monitor.assembly import System
from monitor.config import Config
from monitor.formats import Unreadable
from monitor.formats.article import read_article
from rules.articles import ATTEMPTS, MOST
from state.articles import ArticleRecord
from state.store import Store
from tests import pages
from tests.fakes import PlainReader
from tests.lives import Doomed, ended, live
from tests.newsroom import ADA, GRACE, OTHER, World, a_system, a_world, item, rss
from tests.servers import FeedServer, Request, Response, Route
from tests.terminal import Said, terminal_in

pytestmark = pytest.mark.anyio

HOUSE = "A house by the river finds a tenant"


@dataclass
class Desk:
    """A publisher with articles, and Wirebell, whose first silent poll is over."""

    world: World
    system: System
    items: list[str] = field(default_factory=list)

    @property
    def store(self) -> Store:
        return self.system.store

    def article(self, path: str, answer: Route | bytes, **fields: Any) -> str:
        """Publish an article at `path` whose item says nothing; its link."""
        link = self.world.server.url + path
        self.world.server.routes[path] = Response(body=answer, headers=HTML) if isinstance(answer, bytes) else answer
        self.items.append(item(**{"title": f"{HOUSE}, {path}", "link": link, **fields}))
        return link

    async def round(self, within: float = 20.0) -> int:
        """Poll the feed, read what can be read at present, and tell what rings; how many articles wait."""
        self.world.page.body = rss(*self.items)
        cursors = [record.cursor for record in self.store.feeds() if record.active]
        await self.system.polling.sweep(cursors, lambda polled: None)
        left = await self.read(within)
        await self.system.delivering.drain(time.monotonic() + within)
        return left

    async def read(self, within: float = 20.0) -> int:
        """Read what can be read at present."""
        return await self.system.articles.drain(time.monotonic() + within)

    def asked(self, path: str) -> list[Request]:
        """The requests for a path, in order."""
        return [request for request in self.world.server.log if request.target == path]

    @property
    def paths(self) -> list[str]:
        """What was asked for beside the feed and the receivers."""
        others = ("/feed.xml", "/second.xml", "/hook", "/phone")
        return [request.target for request in self.world.server.log if request.target not in others]

    @property
    def rang(self) -> list[str]:
        """The headlines that rang, in order."""
        return [alert.title for alert in reversed(self.store.alerts())]

    def record(self, link: str) -> ArticleRecord:
        """What became of the article at `link`."""
        (found,) = self.store.find("", link) or [one for one in self.store.items() if one.item.link == link]
        assert found.article
        return found.article

    def reason(self, link: str) -> str:
        """Why the article at `link` was given up."""
        record = self.record(link)
        assert record.state == "given_up"
        return record.reason

    def later(self, **time: float) -> None:
        """As if so much time had passed, for what waits."""
        self.store.upkeep.shift(-timedelta(**time), now=datetime.now(UTC)).result()


def with_full_text(world: World, *changes: tuple[str, str]) -> Config:
    """The configuration of a feed whose articles are read."""
    feed = f'"{world.server.url}/feed.xml"'
    return world.write((f"[{feed}]", f"[{{ url = {feed}, full_text = true }}]"), *changes)


def read_here(system: System) -> None:
    system.poller._reader = system.articles._reader = PlainReader()


HTML = {"Content-Type": "text/html; charset=utf-8"}


@asynccontextmanager
async def a_desk(
    folder: Path, *changes: tuple[str, str], first: bool = True, plain: bool = True
) -> AsyncIterator[Desk]:
    """A desk that reads in this process, unless a test is about the others: they take their time to start."""
    async with a_world(folder) as world, a_system(with_full_text(world, *changes)) as system:
        if plain:
            read_here(system)
        desk = Desk(world, system, [item(OTHER)])
        if first:
            await desk.round()
        yield desk


# What rings.


@pytest.mark.parametrize("lang", pages.ADA)
async def test_what_only_the_article_says_rings_and_the_alert_says_so(lang: str, tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        link = desk.article("/house", pages.article(pages.ADA[lang], lang=lang))

        assert await desk.round() == 0

        (alert,) = desk.store.alerts()
        (match,) = alert.matches
        assert (match.field, match.surface) == ("text", "Ada Lovelace")
        assert alert.item.text[match.start : match.end] == "Ada Lovelace"
        assert "Grace Hopper" not in alert.item.text
        (told,) = desk.world.hook.bodies
        (said,) = told["data"]["matches"]
        assert said["from_article"] is True
        assert said["excerpt"].startswith("From the article: ")
        assert "Ada Lovelace" in said["excerpt"]
        assert desk.record(link).state == "judged"


async def test_what_the_feed_says_itself_rings_without_a_request(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        desk.article("/a", pages.article(pages.ADA["en"]), title=ADA)
        desk.article("/b", pages.article(pages.ADA["en"]), text="It was Grace Hopper who came.")

        await desk.round()

        assert len(desk.rang) == 2
        assert desk.paths == []
        assert not any("from_article" in match for body in desk.world.hook.bodies for match in body["data"]["matches"])


async def test_a_feed_without_full_text_has_no_article_fetched(tmp_path: Path) -> None:
    async with a_desk(tmp_path, ("full_text = true", "full_text = false")) as desk:
        desk.article("/house", pages.article(pages.ADA["en"]))

        await desk.round()

        assert (desk.rang, desk.paths) == ([], [])


async def test_an_article_that_names_nobody_is_read_and_rings_nothing(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        link = desk.article("/house", pages.article())

        await desk.round()
        await desk.round()

        assert desk.rang == []
        assert desk.record(link).state == "judged"
        assert desk.paths == ["/robots.txt", "/house"]


async def test_the_first_poll_fetches_nothing(tmp_path: Path) -> None:
    async with a_desk(tmp_path, first=False) as desk:
        desk.article("/house", pages.article(pages.ADA["en"]))

        await desk.round()
        await desk.round()

        assert (desk.rang, desk.paths) == ([], [])


async def test_a_link_that_several_items_share_is_no_article(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        for number in range(3):
            desk.article("/live", pages.article(pages.ADA["en"]), title=f"{HOUSE} {number}")

        await desk.round()

        assert desk.paths == []


async def test_an_article_in_two_feeds_is_fetched_once_and_rings_once(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        server = desk.world.server
        desk.world.write(
            (
                f'["{server.url}/feed.xml"]',
                f'[{{ url = "{server.url}/feed.xml", full_text = true }},'
                f' {{ url = "{server.url}/second.xml", full_text = true }}]',
            )
        )
        server.routes["/second.xml"] = Response(body=rss(item(OTHER)))
        await desk.system.reload(config.load(desk.world.file, {}))
        await desk.round()
        link = desk.article("/house", pages.article(pages.ADA["en"]))
        server.routes["/second.xml"] = Response(body=rss(item("Tenant found", link=f"{link}?utm_source=rss")))

        await desk.round()
        server.routes["/second.xml"] = Response(body=rss(item("A third report", guid="x", link=f"{link}?utm_id=3")))
        await desk.round()

        assert desk.paths == ["/robots.txt", "/house"]
        assert len(desk.rang) == 1
        assert len(desk.world.hook.bodies) == 1


async def test_an_item_that_rang_by_its_article_does_not_ring_again_when_its_feed_says_it_too(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        desk.article("/house", pages.article(pages.ADA["en"]), guid="1")
        await desk.round()
        desk.items[-1] = item(HOUSE, guid="1", link=f"{desk.world.server.url}/house", text="Ada Lovelace signs.")

        await desk.round()

        assert len(desk.rang) == 1
        assert len(desk.asked("/house")) == 1


async def test_an_edit_is_judged_together_with_the_article(tmp_path: Path) -> None:
    rule = ("[channels]\n", '[[rules]]\nname = "both"\nwhen = "title:tenant AND @people"\n[channels]\n')
    async with a_desk(tmp_path, rule) as desk:
        link = desk.article("/house", pages.article(pages.ADA["en"]), title="A house", guid="1")
        await desk.round()
        assert desk.rang == []
        desk.items[-1] = item("A house finds a tenant", guid="1", link=link)

        await desk.round()

        assert desk.rang == ["A house finds a tenant"]
        assert len(desk.asked("/house")) == 1


async def test_a_feed_that_wants_no_full_text_any_more_keeps_it_from_no_other(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        link = desk.article("/house", Response(status=500))
        assert await desk.round() == 1
        desk.later(hours=1)
        changed = config.parse(
            desk.world.file.read_text("utf-8").replace("full_text = true", "full_text = false"), desk.world.file, {}
        )
        await desk.system.reload(changed)
        read_here(desk.system)

        assert await desk.read() == 0

        assert desk.reason(link) == "its feed is no longer asked for full texts"
        assert len(desk.asked("/house")) == 1


# What is not an article.


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (pages.SOLD, "behind a paywall"),
        (pages.SOLD_BY_ITS_DATA, "behind a paywall"),
        (pages.CONSENT, "a consent page stands before the article"),
        (pages.LOGIN, "login stands before the article|no text of an article"),
        (pages.NOTHING, "no text of an article"),
        (b"", "no text of an article|no page that can be read"),
        (Response(status=404, body=pages.article(pages.ADA["en"]), headers=HTML), "HTTP 404 Not Found"),
        (Response(status=403, headers=HTML), "HTTP 403 Forbidden"),
        (Response(body=b"%PDF-1.7 Ada Lovelace", headers={"Content-Type": "application/pdf"}), "application/pdf"),
        (Response(status=302, headers={"Location": "/login?next=/house"}), "its link leads to a login"),
        (Response(status=302, headers={"Location": "/"}), "its link leads to a front page"),
        (Response(status=302, headers={"Location": "/house"}), "more than 6 redirects"),
        (Response(status=302, headers={"Location": "file:///etc/passwd"}), "only http and https"),
        (Response(body=b"x" * 6_000_000, headers=HTML), "larger than 5 MiB"),
    ],
    ids=[
        "paywall",
        "paywall-data",
        "consent",
        "login",
        "empty-page",
        "empty",
        "404",
        "403",
        "pdf",
        "to-login",
        "to-front",
        "loop",
        "to-file",
        "large",
    ],
)
async def test_what_is_no_article_leaves_the_item_its_words_and_why_says_so(
    answer: Route | bytes, reason: str, tmp_path: Path
) -> None:
    async with a_desk(tmp_path) as desk:
        front = pages.article(pages.ADA["en"])
        desk.world.server.routes |= {"/login": Response(body=pages.LOGIN, headers=HTML), "/": Response(body=front)}
        link = desk.article("/house", answer, text="Nobody knows who.")

        assert await desk.round() == 0
        requests = len(desk.paths)
        await desk.round()

        assert desk.rang == []
        assert re.search(reason, desk.reason(link))
        assert desk.store.items()[-1].item.text == ""
        assert len(desk.paths) == requests


def found_in(*paragraphs: str, url: str = "https://wire.example/2026/house", more: str = "") -> str:
    """What is taken of a page with these paragraphs, to which the link of an item has led."""
    body = "".join(f"<p>{one}</p>" for one in paragraphs)
    sent = pages.page(f"<article><h1>A house</h1>{body}</article>{more}")
    return read_article(sent, {}, url, link="https://wire.example/r/1")


@pytest.mark.parametrize(
    ("paragraphs", "said"),
    [
        (
            ("Am Montag war es Ada Lovelace, die alle überraschte.", "Mit dem Abo weiterlesen: 4 Wochen für 1 Euro."),
            "paywall",
        ),
        (("C'est Ada Lovelace qui a signé les papiers lundi.", "La suite est réservée aux abonnés."), "paywall"),
        (("書類に署名したのは Ada Lovelace だった。", "この記事は有料記事です。残り1200文字。"), "paywall"),
        (
            (
                "Wir und unsere 200 Partner speichern Cookies auf Ihrem Gerät, sagt Ada Lovelace.",
                "Mit Ihrer Einwilligung verarbeiten wir Daten. Sie können Ihre Zustimmung widerrufen. Datenschutz.",
            ),
            "consent",
        ),
        (
            (
                "Avec votre accord, nos 200 partenaires et nous utilisons des cookies pour stocker des données.",
                "Vous pouvez retirer votre consentement dans notre politique de confidentialité, ou tout refuser.",
            ),
            "consent",
        ),
    ],
    ids=["de-sold", "fr-sold", "ja-sold", "de-consent", "fr-consent"],
)
def test_walls_are_known_in_several_languages(paragraphs: tuple[str, ...], said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        found_in(*paragraphs)


@pytest.mark.parametrize(
    "paragraphs",
    [
        tuple(f"The regulator said on day {n} that cookies and consent banners break the GDPR." for n in range(4)),
        ("Ada Lovelace has died at the age of 36, her family said on Saturday in a short statement to the press.",),
        ("エイダ・ラブレスが三十六歳で死去したと家族が土曜日に短い声明で明らかにした。葬儀は来週行われる。",),
    ],
    ids=["of-consent", "short", "short-ja"],
)
def test_an_article_that_is_short_or_speaks_of_walls_is_one(paragraphs: tuple[str, ...]) -> None:
    promise = "<footer>Already a subscriber? Subscribe to read all of it. Accept all cookies.</footer>"

    assert all(one in found_in(*paragraphs, more=promise) for one in paragraphs)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://wire.example/", "a front page"),
        ("https://wire.example/login.php?back=1", "a login"),
        ("https://login.example/oauth2/x", "a login"),
        ("https://consent.wire.example/?to=x", "a consent page"),
        ("https://wire.example/2026/new-auth-law", ""),
        ("https://wire.example/authors/of-the-year", ""),
        ("https://www.wire.example/?p=123", ""),
    ],
)
def test_where_a_link_leads_is_looked_at(url: str, said: str) -> None:
    filling = [f"{pages.FILLING['en']} It is number {number}." for number in range(4)]
    if not said:
        assert filling[0] in found_in(*filling, url=url)
        return
    with pytest.raises(Unreadable, match=f"leads to {said}"):
        found_in(*filling, url=url)


async def test_an_article_that_is_shown_though_it_is_sold_is_read(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        desk.article("/house", pages.SHOWN_THOUGH_SOLD)

        await desk.round()

        assert len(desk.rang) == 1


async def test_a_redirect_to_the_article_is_followed(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        desk.world.server.routes["/2026/house"] = Response(body=pages.article(pages.ADA["en"]), headers=HTML)
        desk.article("/r/1", Response(status=302, headers={"Location": "/2026/house"}))

        await desk.round()

        assert desk.paths == ["/robots.txt", "/r/1", "/2026/house"]
        assert len(desk.rang) == 1


@pytest.mark.parametrize(
    ("charset", "lang", "named"),
    [
        ("windows-1252", "de", "meta"),
        ("windows-1251", "ru", "meta"),
        ("shift_jis", "ja", "meta"),
        ("windows-1251", "ru", "header"),
        ("euc-jp", "ja", "http-equiv"),
        ("utf-8", "ja", "nobody"),
    ],
)
async def test_the_charset_of_an_article_is_found(charset: str, lang: str, named: str, tmp_path: Path) -> None:
    head = {
        "meta": f"<meta charset='{charset}'>",
        "http-equiv": f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">',
    }.get(named, "")
    body = pages.article(pages.ADA[lang], lang=lang, head=head).decode().encode(charset)
    said = f"text/html; charset={charset}" if named == "header" else "text/html"
    async with a_desk(tmp_path) as desk:
        desk.article("/house", Response(body=body, headers={"Content-Type": said}))

        await desk.round()

        (alert,) = desk.store.alerts()
        assert pages.ADA[lang] in alert.item.text


async def test_a_page_of_five_megabytes_holds_nobody_up(tmp_path: Path) -> None:
    filling = f"<p>{pages.FILLING['en']}</p>".encode()
    huge = pages.article(pages.ADA["en"]).replace(b"</article>", filling * (4_900_000 // len(filling)) + b"</article>")
    async with a_desk(tmp_path, plain=False) as desk:
        desk.article("/huge", huge)
        desk.article("/house", pages.article(pages.ADA["en"]))

        assert await desk.round(60) == 0

        assert f"{HOUSE}, /house" in desk.rang


# What a publisher sees.

ALLOW_ALL = Response(body=b"User-agent: *\nDisallow:\n")


@pytest.mark.parametrize(
    ("robots", "allowed"),
    [
        (ALLOW_ALL, True),
        (Response(status=404), True),
        (Response(status=403), True),
        (Response(body=b""), True),
        (Response(body=b"<html><body>Not found, User-agent: *</body></html>"), True),
        (Response(body=b"User-agent: *\nDisallow: /\nAllow: /house"), True),
        (Response(body=b"User-agent: *\nDisallow: /\n\nUser-agent: wirebell\nDisallow: /private"), True),
        (Response(body=b"User-agent: OtherBot\nDisallow: /"), True),
        (Response(body=b"User-agent: *\nDisallow: /"), False),
        (Response(body=b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /ho*e$\r\n"), False),
        (Response(body=b"User-agent: Wirebell\nDisallow: /\n\nUser-agent: *\nAllow: /"), False),
        (Response(body=b"User-agent: *\nAllow: /\nDisallow: /house"), False),
    ],
    ids=["all", "404", "403", "empty", "html", "longest", "ours", "others", "none", "bom", "not-ours", "longest-not"],
)
async def test_robots_txt_is_obeyed(robots: Response, allowed: bool, tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        desk.world.server.routes["/robots.txt"] = robots
        link = desk.article("/house", pages.article(pages.ADA["en"]))

        await desk.round()
        await desk.round()

        assert len(desk.asked("/robots.txt")) == 1
        assert len(desk.asked("/house")) == allowed
        assert len(desk.rang) == allowed
        if not allowed:
            assert desk.reason(link) == "robots.txt of 127.0.0.1 does not allow it"


@pytest.mark.parametrize("status", [500, 503, 429])
async def test_where_robots_txt_cannot_be_had_nothing_is_asked_until_it_can(status: int, tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        desk.world.server.routes["/robots.txt"] = Response(status=status)
        link = desk.article("/house", pages.article(pages.ADA["en"]))
        assert await desk.round() == 1
        assert await desk.read() == 1
        assert desk.paths == ["/robots.txt"]
        assert "robots.txt of 127.0.0.1 could not be read: HTTP" in desk.record(link).reason

        desk.world.server.routes["/robots.txt"] = ALLOW_ALL
        desk.later(hours=1)

        assert await desk.read() == 0
        assert desk.paths == ["/robots.txt", "/robots.txt", "/house"]
        assert len(desk.rang) == 1


async def test_robots_txt_is_asked_for_once_a_day_over_a_restart_too(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        desk.article("/one", pages.article())
        await desk.round()
        configured = desk.system.config
        desk.store.close()
        async with a_system(configured) as system:
            read_here(system)
            again = Desk(desk.world, system, desk.items)
            again.article("/two", pages.article())
            await again.round()
            assert desk.paths == ["/robots.txt", "/one", "/two"]
            again.later(hours=25)
            again.article("/three", pages.article())
            await again.round()

        assert desk.paths[3:] == ["/robots.txt", "/three"]


async def test_another_host_has_its_own_rules(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk, FeedServer() as other:
        other.routes = {
            "/robots.txt": Response(body=b"User-agent: *\nDisallow: /"),
            "/house": Response(body=pages.article(pages.ADA["en"]), headers=HTML),
        }
        link = desk.article("/r/1", Response(status=301, headers={"Location": f"{other.url}/house"}))

        await desk.round()

        assert [request.target for request in other.log] == ["/robots.txt"]
        assert "robots.txt of" in desk.reason(link)


async def test_an_article_is_asked_for_as_wirebell_and_without_cookies(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        cookie = {**HTML, "Set-Cookie": "a=b"}
        for path in ("/one", "/two"):
            desk.article(path, Response(body=pages.article(), headers=cookie))

        await desk.round()

        for request in desk.asked("/robots.txt") + desk.asked("/one") + desk.asked("/two"):
            assert request.method == "GET"
            assert request.headers["user-agent"].startswith("Wirebell/")
            assert not request.headers.keys() & {"cookie", "referer", "authorization", "if-none-match"}
        assert desk.asked("/one")[0].headers["accept"].startswith("text/html")


async def test_one_poll_wants_a_few_articles_the_most_recent_first(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        for number in range(MOST + 5):
            published = format_datetime(datetime.now(UTC) - timedelta(hours=number))
            desk.article(f"/{number}", pages.article(), more=f"<pubDate>{published}</pubDate>")
        desk.items.reverse()

        await desk.round()

        assert desk.paths == ["/robots.txt", *(f"/{number}" for number in range(MOST))]
        assert "more than" in desk.reason(f"{desk.world.server.url}/{MOST}")


async def test_a_host_is_never_asked_for_two_articles_at_once(tmp_path: Path) -> None:
    flying: list[int] = []
    most = 0

    def slowly(request: Request) -> Callable[[asyncio.StreamWriter], Any]:
        async def answer(writer: asyncio.StreamWriter) -> None:
            nonlocal most
            flying.append(1)
            most = max(most, len(flying))
            await asyncio.sleep(0.02)
            flying.pop()
            writer.write(Response(body=pages.article(), headers=HTML).encoded())

        return answer

    async with a_desk(tmp_path) as desk:
        for number in range(5):
            desk.article(f"/{number}", slowly)

        await desk.round()

        assert (most, len(desk.paths)) == (1, 6)


async def test_a_busy_host_is_left_alone_as_long_as_it_asks_over_a_restart_too(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        for path in ("/one", "/two", "/three"):
            desk.article(path, Response(status=429, headers={"Retry-After": "7200"}))
        assert await desk.round() == 3
        configured = desk.system.config
        desk.store.close()
        async with a_system(configured) as system:
            read_here(system)
            again = Desk(desk.world, system, desk.items)
            again.article("/four", pages.article(pages.ADA["en"]))
            assert await again.round() == 4
            again.later(minutes=110)
            assert await again.read() == 4
            assert len(desk.paths) == 2
            for path in ("/one", "/two", "/three"):
                desk.world.server.routes[path] = Response(body=pages.article(), headers=HTML)

            again.later(minutes=15)
            assert await again.read() == 0

            assert again.rang == [f"{HOUSE}, /four"]


async def test_an_article_that_fails_is_tried_a_few_times_ever_later_and_then_given_up(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        link = desk.article("/house", Response(status=500))
        await desk.round()
        waits = []
        while (record := desk.record(link)).due:
            waits.append((record.due - datetime.now(UTC)).total_seconds())
            assert await desk.read() == 1
            desk.later(seconds=waits[-1] + 1)
            await desk.read()

        assert [round(wait, -1) for wait in waits] == [300, 1200, 4800, 19200]
        assert len(desk.asked("/house")) == ATTEMPTS
        assert desk.reason(link) == "HTTP 500 Internal Server Error"


async def test_an_article_that_hangs_holds_up_neither_other_alerts_nor_the_feed(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        begun, opens = asyncio.Event(), asyncio.Event()

        def hangs(request: Request) -> Callable[[asyncio.StreamWriter], Any]:
            async def answer(writer: asyncio.StreamWriter) -> None:
                begun.set()
                await opens.wait()

            return answer

        desk.article("/house", hangs)
        desk.items.append(item(GRACE))
        stopping = asyncio.Event()
        reading = asyncio.create_task(desk.system.articles.run(stopping))
        await desk.round(0.0)
        await asyncio.wait_for(begun.wait(), 20)
        desk.items.append(item(ADA))
        desk.world.page.body = rss(*desk.items)
        stopping.set()
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        opens.set()

        await desk.round()

        assert set(desk.rang) >= {GRACE, ADA}


# Killed.


@pytest.mark.parametrize("times", range(1, 5))
async def test_a_kill_anywhere_costs_no_article_and_no_alert(times: int, tmp_path: Path) -> None:
    """It is killed behind each of the steps that an article takes: asked, moved, read, judged."""
    async with a_world(tmp_path) as world:
        async with a_system(with_full_text(world)) as system:
            desk = Desk(world, system, [item(OTHER)])
            await desk.round()
        world.server.routes["/2026/house"] = Response(body=pages.article(pages.ADA["en"]), headers=HTML)
        desk.article("/house", Response(status=302, headers={"Location": "/2026/house"}))
        desk.article("/other", pages.article())
        world.page.body = rss(*desk.items)

        assert await ended(live(world.file, Doomed("article:committed", times))) == -signal.SIGKILL
        assert await ended(live(world.file, Doomed(), poll=False)) == 0

        assert world.hook.titles == [f"{HOUSE}, /house"]
        with Store.open(world.file.parent) as store:
            assert store.articles.waiting() == 0


# Told.


async def why(desk: Desk, link: str, *words: str) -> Said:
    with terminal_in(desk.world.file.parent) as terminal:
        return await terminal.run("why", link, *words)


async def test_why_tells_what_became_of_the_article(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        read = desk.article("/read", pages.article(pages.ADA["en"]))
        sold = desk.article("/sold", pages.SOLD)
        broken = desk.article("/broken", Response(status=500))
        plain = desk.article("/plain", pages.article(), title=ADA)
        await desk.round()
        told = {link: " ".join((await why(desk, link)).out.split()) for link in (read, sold, broken, plain)}
        as_json = (await why(desk, broken, "--json")).json["article"]

    assert "letters: the rules decided by it, too" in told[read]
    assert "people: RANG for Ada Lovelace" in told[read]
    assert "not read, so the feed's own words decided: the article is behind a paywall" in told[sold]
    assert "not read yet, after 1 attempt: HTTP 500 Internal Server Error; next try" in told[broken]
    assert " article " not in told[plain]
    assert (as_json["state"], as_json["attempts"], as_json["url"]) == ("waiting", 1, broken)
    assert as_json["next_try"]


async def test_once_reads_articles_and_says_what_is_left_for_the_next(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        world.page.body = rss(item(OTHER))
        with_full_text(world)
        with terminal_in(world.file.parent) as terminal:
            await terminal.run("once", "--all")
            house, broken = Response(body=pages.article(pages.ADA["en"]), headers=HTML), Response(status=500)
            world.server.routes |= {"/house": house, "/broken": broken}
            link = world.server.url
            world.page.body = rss(item(HOUSE, link=f"{link}/house"), item("A bridge", link=f"{link}/broken"))
            said = await terminal.run("once", "--all")

        assert said.code == 0
        assert "1 article is still to be read" in said.err
        assert "; 1 alert, 0 folded; 0 owed" in said.out
        assert world.hook.titles == [HOUSE]


async def test_the_daemon_reads_articles_beside_its_polls(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        desk.article("/house", pages.article(pages.ADA["en"]))
        desk.world.page.body = rss(*desk.items)
        await desk.system.polling.sweep([record.cursor for record in desk.store.feeds()], lambda polled: None)
        stopping = asyncio.Event()
        loops = [asyncio.create_task(loop.run(stopping)) for loop in (desk.system.articles, desk.system.delivering)]
        await desk.world.hook.told.times(1)
        stopping.set()
        await asyncio.gather(*loops)

        assert desk.world.hook.titles == [f"{HOUSE}, /house"]


# Whatever happens.

STEPS = st.lists(
    st.sampled_from(
        ["poll", "read", "name it in the feed", "name it in the article", "edit", "fail", "recover", "restart"]
    ),
    max_size=12,
)


@given(steps=STEPS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_item_rings_at_most_once_by_whatever_words(
    steps: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """And it has rung in the end, wherever it was named and its article could be read."""
    asyncio.run(_rings_once(steps, tmp_path_factory.mktemp("desk")))


async def _rings_once(steps: list[str], folder: Path) -> None:
    async with a_world(folder) as world:
        configured, link = with_full_text(world), f"{world.server.url}/house"
        words, answer = {"text": "", "title": HOUSE}, Response(body=pages.article(), headers=HTML)
        async with AsyncExitStack() as life:
            system = await life.enter_async_context(a_system(configured))
            desk = Desk(world, system)
            read_here(system)
            await desk.round()
            for step in [*steps, "recover", "poll", "read"]:
                match step:
                    case "name it in the feed":
                        words["text"] = "It is Ada Lovelace."
                    case "name it in the article":
                        answer = Response(body=pages.article(pages.ADA["en"]), headers=HTML)
                    case "edit":
                        words["title"] += " at last"
                    case "fail" | "recover":
                        world.server.routes["/house"] = Response(status=500) if step == "fail" else answer
                    case "poll":
                        world.server.routes.setdefault("/house", answer)
                        world.page.body = rss(item(**words, guid="1", link=link))
                        cursors = [record.cursor for record in system.store.feeds()]
                        await system.polling.sweep(cursors, lambda polled: None)
                    case "read":
                        desk.later(hours=5)
                        await desk.read()
                    case "restart":
                        await life.aclose()
                        system = await life.enter_async_context(a_system(configured))
                        desk = Desk(world, system)
                        read_here(system)
            named = "Ada Lovelace" in words["text"] or any(
                "Ada Lovelace" in one.item.text for one in desk.store.items()
            )
            assert len(desk.rang) == named
