"""Finding the feeds of a site: what pages, servers and platforms say, and what is tried where they say nothing."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from monitor.discovery import candidates_in, candidates_of
from monitor.platforms import on_platform, usual_places
from tests.servers import FeedServer, Request, Response
from tests.terminal import Terminal, terminal_in

pytestmark = pytest.mark.anyio

SETTINGS = 'network.allow_private = ["127.0.0.0/8"]\npolling.host_gap = "0s"\n'


def rss(title: str, *stories: str, day: int = 20) -> bytes:
    items = "".join(
        f"<item><title>{story}</title><link>https://a.example/{story.replace(' ', '-')}</link>"
        f"<pubDate>{day + number:02} Nov 2026 09:00:00 GMT</pubDate></item>"
        for number, story in enumerate(stories)
    )
    return f'<rss version="2.0"><channel><title>{title}</title><language>en</language>{items}</channel></rss>'.encode()


def page(head: str = "", body: str = "") -> Response:
    markup = f"<!doctype html><html><head><title>A site</title>{head}</head><body>{body}</body></html>"
    return Response(body=markup.encode(), headers={"Content-Type": "text/html; charset=utf-8"})


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    with terminal_in(tmp_path) as one:
        one.config.write_text(
            SETTINGS + 'feeds = ["https://b.example/feed"]\nchannels.s = "console:"\nwatchlists.x = ["y"]\n'
        )
        yield one


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with FeedServer() as one:
        yield one


def asked(server: FeedServer) -> list[str]:
    return [request.target for request in server.log]


async def test_the_feed_a_page_names_is_shown_with_its_newest_items_and_rhythm(
    terminal: Terminal, server: FeedServer
) -> None:
    server.routes["/"] = page('<link rel="alternate" type="application/rss+xml" href="/wire.xml?a=1&amp;b=2">')
    server.routes["/wire.xml"] = Response(body=rss("The Wire", "one", "two", "three", "four"))

    said = await terminal.run("feeds", "discover", server.url)

    assert said.code == 0
    head, facts, *items = said.out.splitlines()
    assert head == f"{server.url}/wire.xml?a=1&b=2"
    assert facts.split(" · ") == ["  The Wire", "en", "4 items", "about 7 a week", "named by the page"]
    assert [line.rsplit(": ")[-1].strip() for line in items] == ["four", "three", "two", ""]
    assert said.err.endswith(f"1 feed found; to watch one: wirebell feeds add {server.url}/wire.xml?a=1&b=2\n")
    assert asked(server) == ["/", "/wire.xml?a=1&b=2"]


async def test_programs_get_a_line_a_feed(terminal: Terminal, server: FeedServer) -> None:
    server.routes["/"] = page(
        '<link rel=alternate type=application/atom+xml href=comments/feed><link rel="alternate" '
        "type='application/rss+xml' href='//{}/all.xml'><link rel='alternate' type='application/feed+json' "
        "href='/copy.xml'>".format(server.url.removeprefix("http://"))
    )
    server.routes["/comments/feed"] = Response(body=rss("Comments on A", "re one"))
    server.routes["/all.xml"] = Response(body=rss("A", "one", "two"))
    server.routes["/copy.xml"] = Response(body=rss("A again", "two", "one"))
    terminal.config.write_text(
        SETTINGS + f'feeds = ["{server.url}/all.xml"]\nchannels.s = "console:"\nwatchlists.x = ["y"]\n'
    )

    first, second, comments = (await terminal.run("feeds", "discover", server.url, "--json")).lines

    assert (first["url"], first["title"], first["configured"], first["same_as"]) == (
        *(f"{server.url}/all.xml", "A", True, None),
    )
    assert (first["items"], first["per_day"]) == (2, 1.0)
    assert first["newest"][0] == {
        "title": "two",
        "link": "https://a.example/two",
        "published": "2026-11-21T09:00:00Z",
    }
    assert (second["url"], second["same_as"], second["configured"]) == (
        *(f"{server.url}/copy.xml", f"{server.url}/all.xml", False),
    )
    assert comments["title"] == "Comments on A"


async def test_the_address_of_a_feed_is_that_feed_and_nothing_else_is_asked(
    terminal: Terminal, server: FeedServer
) -> None:
    server.routes["/feed"] = Response(body=rss("A", "one"))

    (found,) = (await terminal.run("feeds", "discover", f"{server.url}/feed", "--json")).lines

    assert (found["url"], found["how"]) == (f"{server.url}/feed", "the address itself")
    assert asked(server) == ["/feed"]


async def test_the_usual_places_are_tried_where_nothing_is_named(terminal: Terminal, server: FeedServer) -> None:
    server.routes["/blog/"] = page(body="<p>Nothing here.</p>")
    server.routes["/"] = page()
    server.routes["/blog/atom.xml"] = Response(body=rss("Blog", "one"))
    server.routes["/feed.xml"] = page(body="a portal that answers everything")

    (found,) = (await terminal.run("feeds", "discover", f"{server.url}/blog/", "--json")).lines

    assert (found["url"], found["how"]) == (f"{server.url}/blog/atom.xml", "in a usual place")


async def test_the_front_page_is_asked_where_an_article_names_no_feed(terminal: Terminal, server: FeedServer) -> None:
    server.routes["/2026/11/story.html"] = page()
    server.routes["/"] = page('<link rel="alternate" type="application/rss+xml" href="main.rss">')
    server.routes["/main.rss"] = Response(body=rss("A", "one"))

    (found,) = (await terminal.run("feeds", "discover", f"{server.url}/2026/11/story.html", "--json")).lines

    assert found["url"] == f"{server.url}/main.rss"


async def test_a_permanent_redirect_is_what_is_told_and_a_temporary_one_is_not(
    terminal: Terminal, server: FeedServer
) -> None:
    server.routes["/"] = page(
        '<link rel="alternate" type="application/rss+xml" href="/old"><link rel="alternate" '
        'type="application/rss+xml" href="/burner">'
    )
    server.routes["/old"] = Response(status=301, headers={"Location": "/new.xml"})
    server.routes["/burner"] = Response(status=302, headers={"Location": "/other.xml"})
    server.routes["/new.xml"] = Response(body=rss("A", "one"))
    server.routes["/other.xml"] = Response(body=rss("B", "two"))

    found = (await terminal.run("feeds", "discover", server.url, "--json")).lines

    assert [one["url"] for one in found] == [f"{server.url}/new.xml", f"{server.url}/burner"]


async def test_a_site_without_a_feed_is_a_no_with_a_remedy(terminal: Terminal, server: FeedServer) -> None:
    server.routes["/"] = page('<a href="/about">About</a>')

    said = await terminal.run("feeds", "discover", server.url)

    assert (said.code, said.out) == (1, "")
    assert "no feed found" in said.err
    assert "wirebell feeds add" in said.err
    assert len(asked(server)) <= 25


async def test_a_site_that_does_not_answer_is_told(terminal: Terminal, server: FeedServer) -> None:
    server.routes["/"] = Response(status=503)

    said = await terminal.run("feeds", "discover", server.url)

    assert said.code == 1
    assert said.err == f"{server.url}: HTTP 503 Service Unavailable\n"


async def test_a_site_that_links_thousands_of_feeds_is_asked_for_few(terminal: Terminal, server: FeedServer) -> None:
    links = "".join(f'<a href="/feed/{number}">RSS</a>' for number in range(5000))

    def anything(request: Request) -> Response:
        return Response(body=rss(request.target, request.target.strip("/")))

    server.routes["/"] = page(body=links)
    server.routes |= {f"/feed/{number}": anything for number in range(5000)}

    assert len((await terminal.run("feeds", "discover", server.url, "--json")).lines) == 24


def test_what_a_page_says_is_read_as_browsers_read_it() -> None:
    markup = (
        '<base href="https://cdn.example/x/"><LINK REL="Alternate Feed" HREF=" a.xml "><link rel=alternate '
        'type="application/atom+xml" href="b?x=1&amp;y=2"><link rel="alternate stylesheet" type="text/xml" href="c">'
        '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/posts"><link rel="alternate" '
        'hreflang="de" href="/de/"><link rel="alternate" type="application/json+oembed" href="/oembed?x">'
        '<a href="/rss">RSS</a><a href="/crossroads">no</a><a href="/feed.svg">icon</a><a name="feed">no</a>'
    )

    assert [found.url for found in candidates_in(markup, "https://a.example/")] == [
        *("https://cdn.example/x/a.xml", "https://cdn.example/x/b?x=1&y=2", "https://cdn.example/rss"),
    ]


def test_a_server_may_name_its_feed_in_a_header() -> None:
    header = (
        '</style.css>; rel=preload, </f,1.xml>; rel="alternate"; type="application/rss+xml"; title="a, b", '
        "<https://h.example/>; rel=hub, <c.atom>; type=application/atom+xml; rel=alternate"
    )

    assert [found.url for found in candidates_of({"link": header}, "https://a.example/x/")] == [
        *("https://a.example/f,1.xml", "https://a.example/x/c.atom"),
    ]


@pytest.mark.parametrize("bait", ["<a ", "<link href='", '<a href="', "<a\n" * 2, "<base ", "<meta content=<"])
def test_a_page_made_to_be_slow_names_nothing(bait: str) -> None:
    assert list(candidates_in(bait * (1_500_000 // len(bait)), "https://a.example/")) == []


@pytest.mark.parametrize(
    ("site", "feed"),
    [
        ("https://www.youtube.com/channel/UC-lHJZR3Gqxm24_Vd_AJ5Yw", "https://www.youtube.com/feeds/videos.xml?"
         "channel_id=UC-lHJZR3Gqxm24_Vd_AJ5Yw"),
        ("https://old.reddit.com/r/MachineLearning/top", "https://www.reddit.com/r/MachineLearning/.rss"),
        ("https://github.com/ggml-org/llama.cpp", "https://github.com/ggml-org/llama.cpp/releases.atom"),
        ("https://github.com/karpathy", "https://github.com/karpathy.atom"),
        ("https://medium.com/@someone/a-story", "https://medium.com/feed/@someone"),
        ("https://importai.substack.com/p/x", "https://importai.substack.com/feed"),
        ("https://x.blogspot.co.uk/2026/", "https://x.blogspot.com/feeds/posts/default"),
        ("https://arxiv.org/list/cs.AI/recent", "https://rss.arxiv.org/rss/cs.AI"),
        ("https://mastodon.social/@Gargron", "https://mastodon.social/@Gargron.rss"),
        ("https://bsky.app/profile/a.b.social", "https://bsky.app/profile/a.b.social/rss"),
        ("https://stats.stackexchange.com/questions/tagged/llm", "https://stats.stackexchange.com/feeds/tag/llm"),
        ("https://news.google.com/search?q=openai&hl=en", "https://news.google.com/rss/search?q=openai&hl=en"),
    ],
)  # fmt: skip
def test_platforms_have_their_feeds_where_their_help_pages_say(site: str, feed: str) -> None:
    assert next(on_platform(site)) == feed


def test_other_sites_are_no_platform() -> None:
    assert list(on_platform("https://www.wired.com/story/youtube.com/channel/UCx")) == []
    assert list(on_platform("https://notgithub.com.example/a/b")) == []


def test_usual_places_begin_with_the_pages_own_folder() -> None:
    places = list(usual_places("https://a.example/en/blog/"))

    assert places[0] == "https://a.example/en/blog/feed"
    assert "https://a.example/rss.xml" in places
    assert next(usual_places("https://a.example/story.html")) == "https://a.example/feed"
