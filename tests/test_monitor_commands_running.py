"""`once`, `check --online`, `test-alert`, `alerts`, `status` and `db`, against real servers on loopback."""

import asyncio
import json
import os
import shlex
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor import control
from rules.health import ENOUGH, Health
from rules.identity import keys_of
from rules.records import Attempt, Cursor, Judged, Outcome, Priority
from state.store import Store
from tests.builders import a_feed, a_hit, an_alert, an_item
from tests.servers import FeedServer, Request, Response
from tests.terminal import Said, Terminal, terminal_in

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[1]
OLD = "<item><title>An old report of nothing much</title><guid>old</guid></item>"
NEWS = "<item><title>Jason Wei leaves OpenAI for Meta</title><link>https://wire.example/1</link><guid>new</guid></item>"
ALERT = {"alert_id", "rule", "priority", "story_id", "title", "link", "created", "deliveries"}
DELIVERY = {"delivery_id", "channel", "state", "attempts", "reason"}


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    with terminal_in(tmp_path) as one:
        yield one


@pytest.fixture
async def server(terminal: Terminal) -> AsyncIterator[FeedServer]:
    """A publisher and a receiver; the configuration names both."""
    async with FeedServer() as one:
        publishes(one, OLD)
        one.routes["/hook"] = Response(status=204)
        terminal.config.write_text(
            f"""
feeds = ["{one.url}/feed.xml"]
database = "state/wirebell.db"
[polling]
host_gap = "0s"
[network]
allow_private = ["127.0.0.0/8"]
[watchlists]
researchers = ["Jason Wei"]
[[rules]]
name = "talent"
when = "@researchers"
priority = "urgent"
[channels]
hook = "webhook:{one.url}/hook"
""",
            "utf-8",
        )
        yield one


@pytest.fixture
def remembering(terminal: Terminal) -> Terminal:
    """A memory in which one alert rang and was sent."""
    feed = a_feed()
    terminal.config.write_text(f'feeds = ["{feed.url}"]\ndatabase = "state/wirebell.db"\n', "utf-8")
    now = datetime.now(UTC)
    cursor = Cursor(feed_id=feed.id, url=feed.url, last_success=now)
    item = an_item(link="https://wire.example/1")
    news = Judged(
        item=item,
        keys=keys_of([item])[0],
        link_key=item.link,
        title_key="",
        hits=(a_hit("talent", priority=Priority.URGENT, notify=("hook",)),),
    )
    with Store.open(terminal.folder / "state" / "wirebell.db") as store:
        store.enrol([feed], now=now).result()
        store.commit(cursor, [], now=now).result()
        store.commit(cursor, [news], now=now).result()
        delivery = store.take("hook", now=now).result()
        assert delivery
        store.done(delivery, Attempt(outcome=Outcome.SENT, code=204), now=now).result()
    return terminal


def publishes(server: FeedServer, *items: str) -> None:
    feed = f"<rss version='2.0'><channel><title>The Wire</title>{''.join(items)}</channel></rss>"
    server.routes["/feed.xml"] = Response(body=feed.encode())


async def rung(terminal: Terminal, server: FeedServer, *words: str) -> Said:
    """A round for the baseline, the news, and another round."""
    await terminal.run("once")
    publishes(server, NEWS, OLD)
    return await terminal.run("once", "--all", *words)


def posts(server: FeedServer) -> list[Request]:
    return [request for request in server.log if request.method == "POST"]


async def test_the_first_round_is_a_silent_baseline(terminal: Terminal, server: FeedServer) -> None:
    publishes(server, NEWS)

    said = await terminal.run("once", "--json")

    assert (said.code, said.json) == (
        0,
        {"polled": 1, "failed": 0, "unchanged": 0, "first": 1, "items": 1, "new": 1, "alerts": 0, "folded": 0,
         "owed": 0, "dead": 0},
    )  # fmt: skip
    assert said.err == "1 feed was read for the first time, which rings nobody; what is published from here on does\n"
    assert posts(server) == []


async def test_a_round_rings_for_news_once_and_says_so(terminal: Terminal, server: FeedServer) -> None:
    said = await rung(terminal, server)
    again = await terminal.run("once", "--all", "--json")

    assert (said.code, said.err) == (0, "")
    assert said.out == "1 feed polled, 0 failed; 1 new of 2 items; 1 alert, 0 folded; 0 owed, 0 dead\n"
    assert (again.code, again.json["alerts"]) == (0, 0)
    (post,) = posts(server)
    assert json.loads(post.body)["data"]["item"]["title"] == "Jason Wei leaves OpenAI for Meta"


async def test_progress_on_a_terminal_stays_out_of_the_data(
    terminal: Terminal, server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")

    said = await terminal.run("once", "--json")

    assert said.json["polled"] == 1
    assert said.err.startswith("\x1b[?25l"), "the cursor is hidden while a bar moves"


async def test_a_round_takes_what_is_due_unless_all_is_asked_for(terminal: Terminal, server: FeedServer) -> None:
    await terminal.run("once")

    assert (await terminal.run("once", "--json")).json["polled"] == 0
    assert (await terminal.run("once", "--all", "--json")).json["polled"] == 1


async def test_what_is_still_owed_when_the_wait_is_over_is_said(terminal: Terminal, server: FeedServer) -> None:
    server.routes["/hook"] = Response(status=503)

    said = await rung(terminal, server, "--wait", "0", "--json")

    assert said.code == 1
    assert (said.json["owed"], said.json["dead"]) == (1, 0)
    assert "1 delivery is still owed; the next `wirebell once`" in said.err


async def test_what_is_owed_to_a_channel_that_is_gone_is_said(terminal: Terminal, server: FeedServer) -> None:
    server.routes["/hook"] = Response(status=503)
    await rung(terminal, server, "--wait", "0")
    file = terminal.config
    file.write_text(file.read_text("utf-8").replace("hook =", "other ="), "utf-8")

    said = await terminal.run("once")

    assert said.code == 1
    assert "owed to channels that are not in the configuration: 1 to hook. They are kept" in said.err
    assert "still owed" not in said.err


async def test_a_delivery_that_was_refused_is_said_listed_and_retried(terminal: Terminal, server: FeedServer) -> None:
    server.routes["/hook"] = Response(status=400, body=b"no such desk")
    said = await rung(terminal, server, "--json")
    assert (said.code, said.json["dead"]) == (1, 1)
    assert "1 delivery is dead; `wirebell alerts --state dead` says why" in said.err

    (alert,) = terminal("alerts", "--state", "dead", "--json").lines
    (delivery,) = alert["deliveries"]
    assert (delivery["state"], delivery["attempts"]) == ("dead", 1)
    assert "400" in delivery["reason"]
    assert "no such desk" in delivery["reason"]

    server.routes["/hook"] = Response(status=204)
    retried = terminal("alerts", "retry", "--json")
    assert (retried.code, retried.json) == (0, {"owed_again": 1})
    assert (await terminal.run("once")).code == 0
    first, second = posts(server)
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == delivery["delivery_id"]


async def test_a_feed_that_fails_is_named_and_the_others_ring(terminal: Terminal, server: FeedServer) -> None:
    file = terminal.config
    file.write_text(file.read_text("utf-8").replace("feeds = [", f'feeds = ["{server.url}/gone.xml", '), "utf-8")

    said = await rung(terminal, server, "--json")

    assert (said.code, said.json["failed"], said.json["alerts"]) == (1, 1, 1)
    assert f"{server.url}/gone.xml: HTTP 404 Not Found" in said.err


async def test_a_round_without_a_network_is_a_sentence_for_each_feed(terminal: Terminal, server: FeedServer) -> None:
    file = terminal.config
    file.write_text(file.read_text("utf-8").replace(server.url, "http://127.0.0.1:9"), "utf-8")

    said = await terminal.run("once")

    assert said.code == 1
    assert "http://127.0.0.1:9/feed.xml: no connection to 127.0.0.1:9" in said.err


async def test_json_stays_json_beside_a_channel_that_prints(terminal: Terminal, server: FeedServer) -> None:
    with terminal.config.open("a", encoding="utf-8") as file:
        file.write('screen = "console:"\n')

    said = await rung(terminal, server, "--json")

    assert said.json["alerts"] == 1
    assert "Jason Wei" in said.err
    assert "Jason Wei" in (await rung_once_more(terminal, server)).out


async def rung_once_more(terminal: Terminal, server: FeedServer) -> Said:
    publishes(server, NEWS.replace("new", "newer").replace("/1", "/2").replace("leaves", "praises"), OLD)
    return await terminal.run("once", "--all")


def test_the_alerts_are_listed_as_the_contract_says(remembering: Terminal) -> None:
    said = remembering("alerts", "--since", "1h", "--json")

    assert said.code == 0
    (alert,) = said.lines
    assert alert.keys() == ALERT
    assert (alert["rule"], alert["priority"]) == ("talent", "urgent")
    assert (alert["title"], alert["link"]) == ("Jason Wei leaves OpenAI for Meta", "https://wire.example/1")
    (delivery,) = alert["deliveries"]
    assert delivery.keys() == DELIVERY
    assert (delivery["channel"], delivery["state"], delivery["attempts"], delivery["reason"]) == ("hook", "sent", 1, "")
    assert remembering("alerts", "list", "--json").out == said.out


def test_the_alerts_are_filtered(remembering: Terminal) -> None:
    def found(*words: str) -> int:
        return len(remembering("alerts", *words, "--json").lines)

    assert found("--rule", "talent", "--channel", "hook", "--state", "sent") == 1
    assert (
        found("--rule", "other") == found("--channel", "desk") == found("--state", "dead") == found("--since", "0") == 0
    )
    assert "no such alert since" in remembering("alerts", "--rule", "other").err


def test_an_alert_is_listed_and_shown_to_people(remembering: Terminal) -> None:
    listed = remembering("alerts").out
    short = listed.splitlines()[1].split()[0]
    assert "hook sent" in listed

    shown = remembering("alerts", "show", short)

    assert shown.code == 0
    words, deliveries, attempts = (part.splitlines() for part in shown.out.split("\n\n")[1:])
    assert words[1].split() == ["Jason", "Wei", "title", "researchers", "Jason", "Wei"]
    assert deliveries[1].split()[:3] == ["hook", "sent", "1"]
    assert "sent" in attempts[1]


def test_a_table_fits_the_terminal_and_shows_no_markup_of_a_feed(
    remembering: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    title = "[bold]Jason Wei[/bold] \x1b]0;owned\x07 " + "leaves " * 20
    with sqlite3.connect(remembering.folder / "state" / "wirebell.db") as database:
        database.execute("UPDATE alerts SET title = ?", [title])
    database.close()
    in_a_pipe = remembering("alerts").out
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")

    on_a_terminal = remembering("alerts").out

    assert "[bold]Jason Wei[/bold] ]0;owned leaves" in in_a_pipe
    assert len(in_a_pipe.splitlines()) == 2
    assert len(on_a_terminal.splitlines()) > 3
    assert max(map(len, on_a_terminal.splitlines()[1:])) <= 80
    assert "[bold]Jason" in on_a_terminal
    assert "\x1b]" not in in_a_pipe + on_a_terminal


def test_an_alert_is_shown_to_programs_with_every_attempt(remembering: Terminal) -> None:
    alert_id = remembering("alerts", "--json").lines[0]["alert_id"]

    shown = remembering("alerts", "show", alert_id, "--json").json

    assert shown.keys() > ALERT
    assert shown["matches"] == [
        {
            "watchlist": "researchers",
            "entry": "Jason Wei",
            "field": "title",
            "start": 0,
            "end": 9,
            "surface": "Jason Wei",
        }
    ]
    (attempt,) = shown["attempts"]
    assert (attempt["n"], attempt["outcome"], attempt["code"]) == (1, "sent", 204)


@pytest.mark.parametrize("words", [("show", "0" * 32), ("retry", "0" * 32), ("show", "talent"), ("show", "")])
def test_an_alert_that_is_not_there_is_a_no(remembering: Terminal, words: tuple[str, ...]) -> None:
    said = remembering("alerts", *words)

    assert (said.code, said.out) == (1, "")
    assert len(said.err.splitlines()) == 1


def test_where_nothing_was_given_up_nothing_is_retried(remembering: Terminal) -> None:
    said = remembering("alerts", "retry")

    assert (said.code, said.err) == (0, "nothing is dead or expired\n")


async def test_a_channel_is_tried_with_one_marked_alert(terminal: Terminal, server: FeedServer) -> None:
    said = await terminal.run("test-alert", "hook")

    assert said.code == 0
    assert said.out.startswith("hook accepted the test alert: ")
    (post,) = posts(server)
    assert json.loads(post.body)["type"] == "test"
    assert not (terminal.folder / "state").exists()


async def test_a_channel_that_refuses_is_a_no_with_its_own_words(terminal: Terminal, server: FeedServer) -> None:
    server.routes["/hook"] = Response(status=403, body=b"invalid_token")

    said = await terminal.run("test-alert", "hook", "--json")

    assert said.code == 1
    assert (said.json["channel"], said.json["sent"], said.json["code"]) == ("hook", False, 403)
    assert "invalid_token" in said.json["answer"]


async def test_an_unknown_channel_is_misuse(terminal: Terminal, server: FeedServer) -> None:
    said = await terminal.run("test-alert", "hok")

    assert (said.code, said.err) == (2, "no channel is called hok; did you mean `hook`?\n")


async def test_check_asks_each_feed_and_each_channel(terminal: Terminal, server: FeedServer) -> None:
    said = await terminal.run("check", "--online")

    assert said.code == 0
    assert f"ok    {server.url}/feed.xml: 1 item\n" in said.out
    assert "ok    channels.hook: " in said.out
    assert "wirebell.toml: good; 1 feed, 1 rule, 1 channel\n" in said.out


async def test_check_tells_which_feed_or_channel_does_not_answer(terminal: Terminal, server: FeedServer) -> None:
    server.routes["/feed.xml"] = Response(body=b"<html><body>Sign in</body></html>")
    file = terminal.config
    file.write_text(file.read_text("utf-8").replace(f"{server.url}/hook", "http://127.0.0.1:9/hook"), "utf-8")

    said = await terminal.run("check", "--online", "--json")

    assert said.code == 1
    feed, channel = said.json["online"]
    assert feed == {"asked": f"{server.url}/feed.xml", "answer": "an HTML page, not a feed", "fine": False}
    assert (channel["asked"], channel["fine"]) == ("channels.hook", False)


async def test_check_runs_the_examples_of_the_rules(terminal: Terminal, server: FeedServer) -> None:
    file = terminal.config
    examples = 'priority = "urgent"\nshould_match = ["Jason Wei", "John Wei"]\nshould_not_match = ["Meta"]'
    file.write_text(file.read_text("utf-8").replace('priority = "urgent"', examples), "utf-8")

    said = await terminal.run("check")

    assert said.code == 1
    assert "should_match[1]" in said.out
    assert "1 thing is not as it should be" in said.out
    assert terminal("check", "--json").json["failures"][0]["where"].endswith("should_match[1]")


async def test_check_tells_a_program_every_mistake(terminal: Terminal, server: FeedServer) -> None:
    terminal.config.write_text('fedes = []\npolling.min = "soon"\n', "utf-8")

    said = terminal("check", "--json")

    assert (said.code, said.err) == (2, "")
    assert [mistake["where"] for mistake in said.json["mistakes"]] == [
        "wirebell.toml:1: fedes", "wirebell.toml:2: polling.min",
    ]  # fmt: skip


def test_status_says_that_nobody_runs(remembering: Terminal) -> None:
    said = remembering("status", "--json")

    assert said.code == 1
    facts = said.json
    assert (facts["running"], facts["pid"], facts["since"]) == (False, None, None)
    assert (facts["feeds"], facts["failing"], facts["owed"], facts["dead"]) == (1, 0, 0, 0)
    assert facts["last_alert"]
    assert "running      no" in remembering("status").out


def test_status_names_a_channel_that_is_down_and_one_that_is_owed_to_and_gone(remembering: Terminal) -> None:
    now = datetime.now(UTC)
    file = remembering.config
    file.write_text(file.read_text("utf-8") + "[channels]\nhook = 'webhook:https://a.example/hook'\n", "utf-8")
    with Store.open(remembering.folder / "state" / "wirebell.db") as store:
        store.owe(an_alert("Another"), ["hook", "pager"], now=now).result()
        delivery = store.take("hook", now=now).result()
        assert delivery
        failed = Attempt(outcome=Outcome.CHANNEL_FAULT, reason="HTTP 503")
        down = Health(failures=ENOUGH, rests_until=now + timedelta(minutes=5))
        store.done(delivery, failed, now=now, again_at=now + timedelta(minutes=5), health=down).result()

    said = remembering("status")
    facts = remembering("status", "--json").json

    assert "hook is down" in said.out
    assert "HTTP 503; 1 owed, tried again at" in said.out
    assert "not in the configuration: 1 to pager" in said.out
    assert facts["strangers"] == {"pager": 1}
    (hook,) = facts["channels"]
    assert (hook["channel"], hook["down"], hook["failures"], hook["error"], hook["owed"]) == (
        "hook", True, ENOUGH, "HTTP 503", 1,
    )  # fmt: skip


def test_status_says_who_runs_and_since_when(remembering: Terminal) -> None:
    with Store.open(remembering.folder / "state" / "wirebell.db"):
        said = remembering("status", "--json")

        assert said.code == 0
        assert (said.json["running"], said.json["pid"]) == (True, os.getpid())
        assert said.json["since"]
        assert f"process {os.getpid()}" in remembering("status").out


@pytest.mark.parametrize("words", [("once",), ("alerts", "retry"), ("db", "prune")])
async def test_a_second_writer_is_refused_with_a_sentence(remembering: Terminal, words: tuple[str, ...]) -> None:
    with Store.open(remembering.folder / "state" / "wirebell.db"):
        said = await remembering.run(*words)

    assert said.code == 1
    assert f"another Wirebell has it open (process {os.getpid()}); stop that one, or give this one" in said.err
    assert len(said.err.splitlines()) == 1


async def test_a_running_daemon_is_asked_to_retry_and_to_prune(remembering: Terminal) -> None:
    asked: list[object] = []

    async def retry(ids: list[str] | None) -> int:
        asked.append(ids)
        return 2

    async def prune(seconds: float) -> int:
        asked.append(seconds)
        return 3

    async with await control.serve(remembering.folder / "state" / "wirebell.db", {"retry": retry, "prune": prune}):
        retried = await remembering.run("alerts", "retry", "abc")
        pruned = await remembering.run("db", "prune", "--older-than", "1d", "--json")

    assert asked == [["abc"], 86_400.0]
    assert "2 deliveries are owed again; the daemon sends them now" in retried.err
    assert pruned.json == {"removed": 3}


async def test_a_daemon_that_has_a_problem_is_heard(remembering: Terminal) -> None:
    async with await control.serve(remembering.folder / "state" / "wirebell.db", {}):
        said = await remembering.run("alerts", "retry")

    assert said.code == 1
    assert "is it of another version?" in said.err


@pytest.mark.parametrize(
    "words",
    [
        ("status",),
        ("alerts",),
        ("why", "x"),
        ("alerts", "show", "00"),
        ("db", "check"),
        ("db", "stats"),
        ("db", "backup", "x"),
    ],
)
async def test_before_the_first_round_there_is_no_database(
    terminal: Terminal, server: FeedServer, words: tuple[str, ...]
) -> None:
    said = terminal(*words)

    assert (said.code, said.out) == (1, "")
    assert "there is no database yet; `wirebell once` or `wirebell run` makes it" in said.err


@pytest.mark.parametrize(
    "words", [("once",), ("status",), ("alerts",), ("db", "check"), ("db", "prune"), ("alerts", "retry")]
)
async def test_a_file_that_is_no_database_is_a_sentence(
    terminal: Terminal, server: FeedServer, words: tuple[str, ...]
) -> None:
    (terminal.folder / "state").mkdir()
    (terminal.folder / "state" / "wirebell.db").write_bytes(b"This is a letter to my aunt. " * 500)

    said = await terminal.run(*words)

    assert (said.code, said.out) == (1, "")
    assert "this is no SQLite database" in said.err
    assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize("words", [("once",), ("status",), ("db", "stats"), ("run",)])
async def test_a_database_of_a_later_version_is_left_alone(
    terminal: Terminal, server: FeedServer, words: tuple[str, ...]
) -> None:
    await terminal.run("once")
    with sqlite3.connect(terminal.folder / "state" / "wirebell.db") as database:
        database.execute("PRAGMA user_version = 999")
    database.close()

    said = await terminal.run(*words)

    assert (said.code, said.out) == (2, "")
    assert "its schema is version 999" in said.err


def test_damage_is_told_by_db_check(remembering: Terminal) -> None:
    whole = remembering("db", "check")
    assert (whole.code, whole.out) == (0, f"{remembering.folder}/state/wirebell.db: whole\n")
    with sqlite3.connect(remembering.folder / "state" / "wirebell.db") as database:
        database.execute("PRAGMA foreign_keys = OFF")
        database.execute("DELETE FROM stories")
    database.close()

    said = remembering("db", "check", "--json")

    assert said.code == 1
    assert said.json["damage"]
    assert remembering("db", "check").out.endswith("damaged; restore a backup\n")


def test_a_backup_is_a_whole_copy_and_takes_no_name_that_is_taken(remembering: Terminal) -> None:
    said = remembering("db", "backup", "copy.db", "--json")
    again = remembering("db", "backup", "copy.db")

    copy = remembering.folder / "copy.db"
    assert (said.code, said.json) == (0, {"backup": str(copy), "bytes": copy.stat().st_size})
    assert (again.code, "there is something already" in again.err) == (1, True)
    with Store.open(copy, read_only=True) as store:
        assert len(store.alerts()) == 1


def test_stats_count_the_rows(remembering: Terminal) -> None:
    said = remembering("db", "stats", "--json").json

    assert (said["rows"]["items"], said["rows"]["alerts"]) == (1, 1)
    assert said["bytes"] > 0
    assert "items           1\n" in remembering("db", "stats").out


async def test_pruning_takes_what_is_old_and_says_how_much(terminal: Terminal, server: FeedServer) -> None:
    await rung(terminal, server)

    kept = terminal("db", "prune", "--older-than", "1d", "--json")
    taken = terminal("db", "prune", "--older-than", "0", "--json")

    assert kept.json == {"removed": 0}
    assert taken.json["removed"] > 0
    assert terminal("alerts", "--json").lines == []
    assert (await terminal.run("once", "--all", "--json")).json["alerts"] == 0


async def test_a_database_that_may_not_be_made_is_a_sentence(terminal: Terminal, server: FeedServer) -> None:
    (terminal.folder / "state").write_text("a file where a folder should be", "utf-8")

    said = await terminal.run("once")

    assert said.code == 1
    assert "cannot be made or opened" in said.err


async def test_a_disk_that_takes_no_more_is_a_sentence(terminal: Terminal, server: FeedServer) -> None:
    await terminal.run("once")
    text = "as long as such reports are. " * 20
    publishes(
        server,
        *(
            f"<item><title>Report {n}</title><guid>{n}</guid><description>{n}: {text}</description></item>"
            for n in range(100)
        ),
    )
    # No file of this process may grow beyond 32 kB: what the log of the database needs for a hundred items.
    line = (
        shlex.join(["ulimit", "-f", "32"]) + "; exec " + shlex.join([sys.executable, "-Bm", "monitor", "once", "--all"])
    )
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}

    done = await asyncio.to_thread(
        subprocess.run, ["bash", "-c", line], env=environ, capture_output=True, text=True, timeout=60
    )

    assert done.returncode == 1
    assert "disk" in done.stderr
    assert "Traceback" not in done.stderr
    assert (await terminal.run("once", "--all", "--json")).json["new"] == 100
