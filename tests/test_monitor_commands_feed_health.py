"""`feeds health`, `status` and what is held, as a person at a terminal sees them."""

import re
import sqlite3
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from monitor.commands.common import out
from rules.records import Cursor, Judged
from state.store import Store
from tests.builders import a_feed, an_item
from tests.newsroom import OTHER, ago, item, rss
from tests.servers import FeedServer, Request, Response
from tests.terminal import Terminal, terminal_in

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
NAMES = ("gone", "broken", "failing", "moved", "new", "well")


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    with terminal_in(tmp_path) as one:
        yield one


@pytest.fixture
def wires(terminal: Terminal) -> Terminal:
    """A feed in each state that a poll can leave, the well one with two weeks of items."""
    feeds = {name: a_feed(f"https://{name}.example/feed", name=f"The {name} wire") for name in NAMES}
    named = ", ".join(f'{{ url = "{feed.url}", name = "{feed.name}" }}' for feed in feeds.values())
    terminal.config.write_text(f'feeds = [{named}]\ndatabase = "wirebell.db"\n', "utf-8")
    changes = {
        "gone": {"gone": True, "failures": 1, "error": "HTTP 410 Gone"},
        "broken": {"failures": 9, "error": "HTTP 404 Not Found", "next_poll": ago(hours=-3)},
        "failing": {"failures": 2, "error": "no answer within 30 s"},
        "moved": {"url": "https://elsewhere.example/feed?key=canary"},
        "well": {},
    }
    with Store.open(terminal.folder) as store:
        store.enrol(list(feeds.values()), now=ago(days=20)).result()
        for name, change in changes.items():
            at = Cursor(feed_id=feeds[name].id, url=feeds[name].url, last_success=ago(minutes=2), baseline=True)
            for n in range(14 if name == "well" else 0):
                seen = ago(days=13.5 - n)
                dated = an_item(f"Item {n}", published=seen - timedelta(minutes=n))
                news = [Judged(item=dated, keys=(f"{n}",), link_key="", title_key="")]
                store.commit(at, news, now=seen).result()
            store.commit(replace(at, **change), now=ago(minutes=2)).result()  # type: ignore[arg-type]
    return terminal


def test_the_worst_comes_first_and_the_answer_is_no(wires: Terminal) -> None:
    said = wires("feeds", "health")

    assert said.code == 1
    assert [line.split()[0] for line in said.out.splitlines()[1:]] == list(NAMES)
    assert said.err == "6 feeds: 1 gone, 1 broken\n"


def test_every_feed_that_is_not_well_comes_with_what_to_do(wires: Terminal) -> None:
    out = wires("feeds", "health").out

    assert "HTTP 404 Not Found, 9 times in a row  look on the site for its new address" in re.sub(" {3,}", "  ", out)
    assert "remove it, or give its new address" in out
    assert "change its address in the file" in out
    assert "canary" not in out


def test_programs_get_all_of_it(wires: Terminal) -> None:
    rows = {row["state"]: row for row in wires("feeds", "health", "--json").lines}

    assert list(rows) == list(NAMES)
    assert rows["well"]["days"] == [1] * 14
    assert rows["well"]["delay_s"] == 7 * 60
    assert rows["broken"]["failures"] == 9
    assert rows["broken"]["what_to_do"]
    assert (rows["gone"]["next_poll"], rows["new"]["last_success"], rows["new"]["delay_s"]) == (None, None, None)
    assert rows["moved"]["asked"].startswith("https://elsewhere.example/feed")


def test_how_often_a_feed_brings_something_is_told_where_there_is_room(
    wires: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    (well,) = (row for row in wires("feeds", "health", "--json").lines if row["state"] == "well")
    assert (well["per_day"], well["usual"]) == (pytest.approx(1.0, abs=0.1), "7 a week")
    assert "USUAL" in wires("feeds", "health").out

    monkeypatch.setenv("FORCE_COLOR", "1")
    for width, there in ((80, False), (120, True)):
        monkeypatch.setattr(out, "width", width)
        assert ("7 a week" in wires("feeds", "health").out) is there


def test_a_page_that_robots_may_not_read_is_no_matter_of_waiting(wires: Terminal) -> None:
    with sqlite3.connect(wires.folder / "wirebell.db") as database:
        database.execute(
            "UPDATE feeds SET error = 'robots.txt of failing.example does not allow it' WHERE url LIKE '%failing%'"
        )
    database.close()

    (failing,) = (row for row in wires("feeds", "health", "--json").lines if row["state"] == "failing")

    assert "`wirebell feeds discover`" in failing["what_to_do"]


@pytest.mark.parametrize("width", [80, 120])
def test_it_fits_a_terminal(wires: Terminal, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr(out, "width", width)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", wires("feeds", "health").out).splitlines()

    assert width - 2 <= max(map(len, lines)) <= width
    assert any(re.match(r"well +The well wire +[▁-█·]{14}  2 min ago", line) for line in lines)
    assert "         HTTP 404 Not Found, 9 times in a row" in map(str.rstrip, lines)
    assert "         → look on the site for its new address" in map(str.rstrip, lines)


def test_a_configuration_that_was_never_run_is_all_new(terminal: Terminal) -> None:
    terminal.config.write_text('feeds = ["https://wire.example/feed"]\ndatabase = "wirebell.db"\n', "utf-8")

    said = terminal("feeds", "health", "--json")

    assert (said.code, said.json["state"]) == (0, "new")


def test_the_status_counts_what_is_wrong_with_feeds_a_line_each(wires: Terminal) -> None:
    with sqlite3.connect(wires.folder / "wirebell.db") as database:
        database.execute(
            """INSERT INTO troubles SELECT feed_id, 'silent', 1, 1, 1, NULL, '40 a day' FROM feeds
               WHERE url LIKE '%well%'"""
        )
    database.close()

    lines = wires("status").out.splitlines()
    facts = wires("status", "--json").json

    assert [line.split()[:3] for line in lines if "feeds health" in line] == [
        [name, "1", "feed;"] for name in ("broken", "silent", "gone", "moved")
    ]
    assert [facts[name] for name in ("broken", "silent", "gone", "moved", "held")] == [1, 1, 1, 1, 0]
    assert "usual 40 a day" in wires("feeds", "health").out


# What is held.


@pytest.fixture
async def server(terminal: Terminal) -> AsyncIterator[FeedServer]:
    async with FeedServer() as one:
        one.routes |= {"/feed.xml": Response(body=rss(item(OTHER))), "/hook": Response(status=204)}
        terminal.config.write_text(
            f"""
feeds = [{{ url = "{one.url}/feed.xml", name = "The Wire" }}]
database = "wirebell.db"
[polling]
host_gap = "0s"
[network]
allow_private = ["127.0.0.0/8"]
[watchlists]
people = ["Ada Lovelace"]
[[rules]]
name = "people"
when = "@people"
notify = ["hook"]
[channels]
hook = "webhook:{one.url}/hook"
phone = "webhook:{one.url}/phone"
[operator]
notify = ["phone"]
""",
            "utf-8",
        )
        one.routes["/phone"] = Response(status=204)
        yield one


def letters(number: int) -> bytes:
    date = format_datetime(datetime.now(UTC) - 400 * DAY)
    return rss(
        *(item(f"Ada Lovelace writes letter number {n} to Babbage", more=f"<pubDate>{date}</pubDate>")
          for n in range(number))
    )  # fmt: skip


def sent(server: FeedServer, path: str) -> list[Request]:
    return [request for request in server.log if request.target == path]


async def test_an_archive_is_held_told_of_shown_and_released(terminal: Terminal, server: FeedServer) -> None:
    await terminal.run("once")
    server.routes["/feed.xml"] = Response(body=letters(25))
    said = await terminal.run("once", "--all")

    assert (said.code, len(sent(server, "/hook")), len(sent(server, "/phone"))) == (0, 0, 1)
    assert "25 alerts of old items are held" in said.err
    status = await terminal.run("status")
    assert "held         25 alerts of old items" in status.out
    (held,) = (await terminal.run("alerts", "held", "--json")).lines
    assert (held["feed"], held["alerts"], held["told"]) == ("The Wire", 25, True)
    assert (await terminal.run("feeds", "health", "--json")).json["state"] == "held"
    listed = await terminal.run("alerts", "--state", "held", "--rule", "people")
    assert "hook held (an old item that its feed published again)" in listed.out
    told = await terminal.run("why", "letter number 7")
    assert "held: an old item" in " ".join(told.out.split())

    released = await terminal.run("alerts", "release", "The Wire")
    assert (released.code, "25 deliveries are owed" in released.err) == (0, True)
    await terminal.run("once")

    assert len(sent(server, "/hook")) == 25
    assert len(sent(server, "/phone")) == 1


async def test_what_is_held_can_be_dropped_and_what_is_not_held_neither(terminal: Terminal, server: FeedServer) -> None:
    await terminal.run("once")
    server.routes["/feed.xml"] = Response(body=letters(12))
    await terminal.run("once", "--all")
    (notice,) = (await terminal.run("alerts", "--rule", "operator", "--json")).lines

    assert (await terminal.run("alerts", "drop", notice["alert_id"][:8], "--json")).json == {"dropped": 12}
    assert (await terminal.run("alerts", "release", "The Wire")).code == 1
    unknown = await terminal.run("alerts", "release", "Another Wire")
    assert (unknown.code, "no feed has this name" in unknown.err) == (1, True)
    assert (await terminal.run("alerts", "release")).code == 0
    await terminal.run("once", "--all")

    assert sent(server, "/hook") == []


def test_the_status_calls_broken_what_the_health_calls_broken(wires: Terminal) -> None:
    with sqlite3.connect(wires.folder / "wirebell.db") as database:
        database.execute(
            """INSERT INTO troubles SELECT feed_id, 'broken', 1, 1, 1, NULL, 'no answer' FROM feeds
               WHERE url LIKE '%failing%'"""
        )
    database.close()

    states = [row["state"] for row in wires("feeds", "health", "--json").lines]

    assert states.count("broken") == wires("status", "--json").json["broken"] == 2
