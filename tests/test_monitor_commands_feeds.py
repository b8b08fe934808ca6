"""`wirebell feeds`: the list in the configuration, and one feed read by hand."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor import config, packs
from monitor.formats import Document, Parser
from monitor.reader import Reader
from tests.servers import FeedServer, Response
from tests.terminal import Terminal, terminal_in

pytestmark = pytest.mark.anyio

CONFIG = """\
# who we are
feeds = [
  "https://a.example/feed",   # the first
  { url = "https://reader:sesame@b.example/feed", name = "B", tags = ["press", "us"], language = "en" },
]
database = "wirebell.db"

[watchlists]
researchers = ["Jason Wei"]

[channels]
newsroom = "slack:${SLACK_WEBHOOK_URL}"
"""

RSS = """\
<rss version="2.0"><channel><title>The Wire</title><link>https://wire.example/</link><language>pt-BR</language>
<item><title>Jason Wei &amp; friends</title><link>/1</link><guid>one</guid>
<description>&lt;p&gt;He &lt;b&gt;leaves&lt;/b&gt;.&lt;/p&gt;</description><author>ada@wire.org (Ada)</author>
<category>AI</category><pubDate>Mon, 23 Nov 2026 09:30:00 +0100</pubDate></item>
<item><title>Undated</title><guid>two</guid><pubDate>soon</pubDate></item>
</channel></rss>"""

FIRST = {
    "id": "one",
    "title": "Jason Wei & friends",
    "link": "https://wire.example/1",
    "published": "2026-11-23T08:30:00Z",
    "updated": None,
    "summary": "He leaves.",
    "text": "",
    "authors": ["Ada"],
    "categories": ["AI"],
    "language": "pt-BR",
    "warnings": [],
}

OPML = """\
<opml version="2.0"><body>
<outline text="Press"><outline text="C" xmlUrl="https://c.example/feed" language="english"/></outline>
<outline text="A" xmlUrl="https://a.example/feed"/>
<outline text="D" xmlUrl="https://d.example/feed" category="/lab"/>
<outline text="Broken" xmlUrl="ftp://e.example/feed"/>
</body></opml>"""


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    with terminal_in(tmp_path) as one:
        one.config.write_text(CONFIG, "utf-8")
        yield one


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with FeedServer() as one:
        one.routes["/feed.xml"] = Response(body=RSS.encode())
        yield one


def urls(terminal: Terminal) -> list[str]:
    return [feed.url for feed in config.load(terminal.config, secrets=False).feeds]


def test_the_feeds_are_listed_for_programs_with_how_they_fare(terminal: Terminal) -> None:
    said = terminal("feeds", "list", "--json")

    assert said.code == 0
    first, second = said.lines
    assert (first["url"], first["name"], first["tags"]) == ("https://a.example/feed", "", [])
    assert (first["last_poll"], first["failures"], first["gone"], first["error"]) == (None, 0, False, "")
    assert (second["name"], second["tags"]) == ("B", ["press", "us"])


def test_the_feeds_are_listed_for_people_without_passwords(terminal: Terminal) -> None:
    said = terminal("feeds", "list")

    heads, *rows = said.out.splitlines()
    assert heads.split() == ["NAME", "URL", "TAGS", "LAST", "GOOD", "NEXT", "PROBLEM"]
    assert rows[1].split() == ["B", "https://***@b.example/feed", "press,", "us", "never"]
    assert "sesame" not in said.out + said.err


async def test_a_feed_that_was_polled_is_listed_with_its_answer(terminal: Terminal, server: FeedServer) -> None:
    terminal.config.write_text(
        f'feeds = ["{server.url}/feed.xml", "{server.url}/gone.xml"]\ndatabase = "w.db"\n'
        'channels.screen = "console:"\nwatchlists.x = ["y"]\nnetwork.allow_private = ["127.0.0.0/8"]\n'
        'polling.host_gap = "0s"\n',
        "utf-8",
    )
    await terminal.run("once")

    good, bad = terminal("feeds", "list", "--json").lines

    assert good["last_success"]
    assert good["next_poll"] > good["last_poll"]
    assert (bad["last_success"], bad["failures"], bad["error"]) == (None, 1, "HTTP 404 Not Found")
    listed = terminal("feeds", "list").out
    assert "  1 time: HTTP 404 Not Found" in listed
    assert (good["name"], good["title"], bad["title"]) == ("", "The Wire", "")
    assert f"The Wire  {server.url}/feed.xml" in listed


def test_a_feed_is_added_and_removed_and_the_comments_stay(terminal: Terminal) -> None:
    added = terminal("feeds", "add", "https://c.example/feed", "--name", "C", "--tag", "lab", "--tag", "us")

    assert (added.code, added.out) == (0, "")
    assert "added https://c.example/feed to wirebell.toml" in added.err
    feed = config.load(terminal.config, secrets=False).feeds[-1]
    assert (feed.url, feed.name, feed.tags) == ("https://c.example/feed", "C", ("lab", "us"))
    assert terminal("feeds", "remove", "C", "--json").json == {"removed": "C", "config": "wirebell.toml"}
    assert terminal.config.read_text("utf-8") == CONFIG


def test_a_feed_that_is_there_is_not_added_again(terminal: Terminal) -> None:
    said = terminal("feeds", "add", "https://a.example/feed")

    assert said.code == 2
    assert "this feed is in wirebell.toml already" in said.err


@pytest.mark.parametrize("broken", ['feeds = "https://a.example/feed"', "feeds = 5", "feeds = {}", "feeds = ["])
@pytest.mark.parametrize("words", [("add", "https://c.example/feed"), ("remove", "B"), ("import", "list.opml")])
def test_a_list_that_is_none_is_left_alone(terminal: Terminal, broken: str, words: tuple[str, ...]) -> None:
    (terminal.folder / "list.opml").write_text(OPML, "utf-8")
    terminal.config.write_text(broken, "utf-8")

    said = terminal("feeds", *words)

    assert said.code == 2
    assert said.err.splitlines()[-1].startswith("wirebell.toml")
    assert terminal.config.read_text("utf-8") == broken


def test_an_opml_file_is_imported_and_what_is_there_or_cannot_be_is_told(terminal: Terminal) -> None:
    (terminal.folder / "list.opml").write_text(OPML, "utf-8")

    said = terminal("feeds", "import", "list.opml", "--json")

    assert said.code == 0
    assert said.json["added"] == ["https://c.example/feed", "https://d.example/feed"]
    assert (said.json["present"], said.json["dry_run"]) == (1, False)
    assert said.json["passed_over"] == ["list.opml:5: Broken: its address is not http or https"]
    assert "2 feeds added, 1 there already, 1 passed over" in said.err
    feeds = {feed.url: feed for feed in config.load(terminal.config, secrets=False).feeds}
    assert feeds["https://c.example/feed"].tags == ("Press",)
    assert feeds["https://d.example/feed"].tags == ("lab",)
    assert "# the first" in terminal.config.read_text("utf-8")


def test_a_dry_run_of_an_import_adds_nothing(terminal: Terminal) -> None:
    (terminal.folder / "list.opml").write_text(OPML, "utf-8")

    said = terminal("feeds", "import", "list.opml", "--dry-run")

    assert said.code == 0
    assert "https://d.example/feed" in said.out
    assert "2 feeds would be added" in said.err
    assert terminal.config.read_text("utf-8") == CONFIG


@pytest.mark.parametrize("content", ["no xml", "<html/>", "<!DOCTYPE opml [<!ENTITY a 'b'>]><opml/>", ""])
def test_a_file_that_is_no_opml_is_a_sentence(terminal: Terminal, content: str) -> None:
    (terminal.folder / "list.opml").write_text(content, "utf-8")

    said = terminal("feeds", "import", "list.opml")

    assert said.code == 2
    assert said.err.startswith("list.opml:")
    assert len(said.err.splitlines()) == 1


def test_what_is_exported_can_be_imported_again(terminal: Terminal) -> None:
    exported = terminal("feeds", "export")
    assert "1 address holds a password: keep this list to yourself" in exported.err
    (terminal.folder / "list.opml").write_text(exported.out, "utf-8")
    before = config.load(terminal.config, secrets=False).feeds
    terminal.config.write_text("", "utf-8")

    assert terminal("feeds", "import", "list.opml").code == 0

    after = config.load(terminal.config, secrets=False).feeds
    assert [(feed.url, feed.tags, feed.language) for feed in after] == [
        (feed.url, feed.tags, feed.language) for feed in before
    ]


def test_the_feeds_of_a_pack_are_imported_where_they_can_be_edited(terminal: Terminal) -> None:
    said = terminal("feeds", "import", "tech-feeds", "--language", "pt", "--language", "DE", "--json")

    chosen = [feed for feed in packs.load("tech-feeds").feeds if feed.language in ("pt-BR", "pt-PT", "de")]
    assert said.json["added"] == [feed.url for feed in chosen]
    assert config.load(terminal.config, secrets=False).feeds[2:] == tuple(chosen)
    again = terminal("feeds", "import", "tech-feeds", "--language", "pt", "--dry-run")
    assert "0 feeds would be added" in again.err


def test_only_feeds_with_one_of_the_tags_are_imported(terminal: Terminal) -> None:
    said = terminal("feeds", "import", "tech-feeds", "--tag", "policy", "--tag", "wire", "--dry-run", "--json")

    tags = {feed.url: set(feed.tags) for feed in packs.load("tech-feeds").feeds}
    assert said.json["added"] == [url for url, some in tags.items() if some & {"policy", "wire"}]
    assert urls(terminal) == ["https://a.example/feed", "https://reader:sesame@b.example/feed"]


def test_a_file_goes_before_a_pack_of_its_name(terminal: Terminal) -> None:
    (terminal.folder / "tech-feeds").write_text(OPML, "utf-8")

    assert terminal("feeds", "import", "tech-feeds", "--json").json["added"] == [
        "https://c.example/feed", "https://d.example/feed",
    ]  # fmt: skip


def test_a_pack_of_names_has_no_feeds_to_import(terminal: Terminal) -> None:
    said = terminal("feeds", "import", "ai-labs")

    assert said.code == 2
    assert said.err == ('ai-labs: is a pack of kind organization; write packs = ["ai-labs"] into a watchlist\n')


def test_a_feed_on_disk_is_parsed_without_any_configuration(terminal: Terminal) -> None:
    terminal.config.unlink()
    (terminal.folder / "feed.xml").write_text(RSS, "utf-8")

    said = terminal("feeds", "parse", "feed.xml")

    assert (said.code, said.err) == (0, "")
    first, second = said.lines
    assert first == FIRST
    assert list(first) == list(FIRST)
    assert (second["published"], len(second["warnings"])) == (None, 1)


def test_a_feed_on_disk_is_parsed_beside_a_broken_configuration(terminal: Terminal) -> None:
    terminal.config.write_text("feeds = [", "utf-8")

    assert terminal("feeds", "parse", "-", given=RSS).lines[0] == FIRST


async def test_a_feed_on_the_web_is_parsed_where_its_address_is_allowed(terminal: Terminal, server: FeedServer) -> None:
    terminal.config.write_text('[network]\nallow_private = ["127.0.0.0/8"]\n', "utf-8")

    said = await terminal.run("feeds", "parse", f"{server.url}/feed.xml", "--json")

    assert (said.code, said.err) == (0, "")
    assert said.lines[0] == FIRST


async def test_a_page_can_be_parsed_as_what_it_is_not_configured_to_be(terminal: Terminal, server: FeedServer) -> None:
    allowed = f'network.allow_private = ["127.0.0.0/8"]\n[[feeds]]\nurl = "{server.url}/feed.xml"\nkind = "page"\n'
    terminal.config.write_text(f'{allowed}item = "li"\n', "utf-8")

    said = await terminal.run("feeds", "parse", f"{server.url}/feed.xml", "--kind", "feed")

    assert (said.code, [item["title"] for item in said.lines]) == (0, ["Jason Wei & friends", "Undated"])


async def test_a_feed_is_parsed_by_the_reader_that_is_configured_for_it(
    terminal: Terminal, server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    async def read(self: Reader, *given: Any, parser: Parser, **options: Any) -> Document:
        asked.append(parser)
        return Document()

    monkeypatch.setattr(Reader, "read", read)
    feed = f'{{ url = "{server.url}/feed.xml"%s }}'
    for head, more in (("", ""), ("", ', parser = "feedparser"'), ('parser = "feedparser"\n', "")):
        text = f'{head}network.allow_private = ["127.0.0.0/8"]\nfeeds = [{feed % more}]\n'
        terminal.config.write_text(text, "utf-8")
        await terminal.run("feeds", "parse", f"{server.url}/feed.xml")

    assert asked == [Parser.AUTO, Parser.FEEDPARSER, Parser.FEEDPARSER]


async def test_a_private_address_is_refused_where_no_configuration_allows_it(
    terminal: Terminal, server: FeedServer
) -> None:
    terminal.config.unlink()

    said = await terminal.run("feeds", "parse", f"{server.url}/feed.xml")

    assert (said.code, said.out) == (1, "")
    assert "127.0.0.1 is a private address; allow it in [network] allow_private" in said.err
    assert not server.log


@pytest.mark.parametrize(
    ("content", "said"),
    [("", "an empty body"), ("<html><body/></html>", "an HTML page, not a feed"), ('{"a": 1}', "not a JSON Feed")],
)
def test_what_is_no_feed_is_a_sentence(terminal: Terminal, content: str, said: str) -> None:
    (terminal.folder / "page").write_text(content, "utf-8")

    parsed = terminal("feeds", "parse", "page")

    assert (parsed.code, parsed.out) == (1, "")
    assert parsed.err.startswith("page: ")
    assert said in parsed.err


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://a.example/feed", "https://", "http://[::1"])
def test_only_the_web_is_asked(terminal: Terminal, url: str) -> None:
    said = terminal("feeds", "parse", url)

    assert (said.code, said.out) == (1, "")
    assert said.err.startswith(url)


def test_every_line_of_a_feed_is_json_with_the_keys_of_the_contract(terminal: Terminal, corpus: Path) -> None:
    """Over a few captures of each origin; the readers' own tests take all of them."""
    files = [next(iter(sorted(origin.iterdir()))) for origin in sorted((corpus / "feeds").iterdir())]
    for file in files:
        for line in terminal("feeds", "parse", file).out.splitlines():
            assert list(json.loads(line)) == list(FIRST)
