"""`rules backtest`: what a person and a program are told of a rule's past, whatever the daemon does meanwhile."""

import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor import trials
from monitor.commands import backtest as command
from monitor.plot import binned, columns
from rules.records import Feed
from state import wordindex
from state.store import Store
from tests.builders import a_feed, an_item
from tests.terminal import Terminal, terminal_in
from tests.test_state_store import DAY, WAIT, judged, poll

ROOT = Path(__file__).parents[1]
NOW = datetime.now(UTC).replace(microsecond=0)
FIRST = a_feed("https://wire.example/feed", name="The Wire")
OTHER = a_feed("https://post.example/feed", name="The Post")

CONFIG = """\
database = "wirebell.db"
feeds = ["https://wire.example/feed"]

[watchlists]
researchers = ["Jason Wei", { name = "Hyung Won Chung", aliases = ["정형원"] }]
labs        = ["OpenAI", { name = "Meta", exact = true }]
nobody      = ["Ada Lovelace"]

[[rules]]
name = "talent"
when = "@researchers AND @labs AND NOT sponsored"

[channels]
newsroom = "slack:${NOBODY_HAS_THIS_SECRET}"
"""


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    with terminal_in(tmp_path) as one:
        one.config.write_text(CONFIG, "utf-8")
        yield one


@pytest.fixture
def store(terminal: Terminal) -> Iterator[Store]:
    """The daemon's, which stays open."""
    with Store.open(terminal.folder / "wirebell.db") as opened:
        opened.enrol([FIRST, OTHER], now=NOW).result(WAIT)
        carries(opened, "An old story", days=80)
        carries(opened, "An old story of others", days=80, feed=OTHER)
        yield opened


def carries(store: Store, *titles: str, days: float, feed: Feed = FIRST, **fields: str) -> None:
    """A feed had these items so many days ago."""
    poll(store, *(judged(an_item(title, **fields)) for title in titles), feed=feed, now=NOW - days * DAY)


def test_rings_are_counted_by_story_and_day_with_feeds_and_terms(terminal: Terminal, store: Store) -> None:
    carries(store, "Jason Wei leaves OpenAI for Meta today", days=3)
    carries(store, "Jason Wei leaves OpenAI for Meta today", days=2.9, feed=OTHER, link="https://post.example/1")
    carries(store, "정형원, OpenAI", "Jason Wei stays", days=1)

    said = terminal("rules", "backtest", "talent", "--json")

    assert (said.code, said.err) == (0, "")
    told = said.json
    assert {name: told[name] for name in ("rule", "when", "stored", "items", "stories")} == {
        "rule": "talent", "when": "@researchers AND @labs AND NOT sponsored", "stored": 4, "items": 3, "stories": 2,
    }  # fmt: skip
    assert len(told["days"]) == 31
    assert {day["day"]: day["stories"] for day in told["days"] if day["stories"]} == {
        f"{NOW - days * DAY:%Y-%m-%d}": 1 for days in (3, 1)
    }
    assert told["feeds"] == [{"feed": "The Wire", "items": 2}, {"feed": "The Post", "items": 1}]
    assert [(entry["entry"], entry["items"]) for entry in told["entries"][:1]] == [("OpenAI", 3)]
    assert "change" not in told


def test_samples_tell_the_words_and_where_they_stand(terminal: Terminal, store: Store) -> None:
    carries(store, "News of the day", days=1, text="It is said that Jason Wei leaves OpenAI.")

    (sample,) = terminal("rules", "backtest", "talent", "--json").json["samples"]

    assert list(sample) == ["title", "link", "feed", "at", "story_id", "matches"]
    assert [(match["field"], match["start"], match["surface"]) for match in sample["matches"]] == [
        ("text", 16, "Jason Wei"), ("text", 33, "OpenAI")]  # fmt: skip


def test_a_person_reads_the_days_the_words_and_the_near_misses(terminal: Terminal, store: Store) -> None:
    carries(store, "Jason Wei leaves OpenAI", "Sponsored: Jason Wei and Meta", "News of Jason Wei", days=1)
    carries(store, "News", text="Long before it. " * 9 + "Jason Wei leaves\nOpenAI. " + "And after. " * 9, days=2)

    said = terminal("rules", "backtest", "talent", "--since", "7d")

    assert (said.code, said.err) == (0, "")
    assert "2 stories (2 items) would have rung since" in said.out
    assert f"{NOW - DAY:%Y-%m-%d}  1\n" in said.out
    assert f"{NOW - 3 * DAY:%Y-%m-%d}  0\n" in said.out
    assert "The Wire  «Jason Wei» leaves «OpenAI»\n" in said.out
    assert re.search("    text: ….{30,50}Long before it. «Jason Wei» leaves «OpenAI»[.] And after.{20,60}…\n", said.out)
    assert "2 near misses, where one part failed:\n" in said.out
    assert "1      `sponsored` is in it\n" in said.out
    assert "The Wire  News of «Jason Wei»\n    nothing of `@labs` is in it\n" in said.out


def test_a_query_is_tried_without_a_rule(terminal: Terminal, store: Store) -> None:
    carries(store, "Uma meta ambiciosa", "Meta grows", days=1)

    told = terminal("rules", "backtest", "--when", "=Meta", "--json", "--since", "2d").json

    assert (told["rule"], told["when"], told["items"]) == (None, "=Meta", 1)
    assert told["near_misses"]["why"] == [{"why": "`=Meta` is not in it", "items": 1}]


def test_a_list_that_is_a_rule_is_tried_as_one(terminal: Terminal, store: Store) -> None:
    carries(store, "Ada Lovelace computes", days=1)

    assert terminal("rules", "backtest", "nobody", "--json").json["items"] == 1


def test_what_another_term_would_change_is_told(terminal: Terminal, store: Store) -> None:
    carries(store, "Jason Wei leaves OpenAI", "Jason Wei joins Mistral", "Sponsored: Jason Wei and Meta", days=1)

    add = terminal("rules", "backtest", "talent", "--add", "labs: Mistral", "--json").json["change"]
    less = terminal("rules", "backtest", "talent", "--remove", "sponsored", "--remove", "OpenAI", "--json").json[
        "change"
    ]
    said = terminal("rules", "backtest", "talent", "--remove", "OpenAI", "--add", '"joins mistral"').out

    assert (add["stories"], add["gained"], add["lost"]) == (2, 1, 0)
    assert [sample["title"] for sample in add["gained_samples"]] == ["Jason Wei joins Mistral"]
    assert (less["when"], less["gained"], less["lost"]) == ("@researchers AND @labs", 1, 1)
    assert [sample["title"] for sample in less["lost_samples"]] == ["Jason Wei leaves OpenAI"]
    assert "1 story instead of 1: 1 gained, 1 lost\n" in said
    assert "Jason Wei «joins Mistral»\n" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("talent", "--when", "x"), "name a rule, or give a query as --when 'QUERY'\n"),
        ((), "name a rule, or give a query as --when 'QUERY'\n"),
        (("talents",), "no rule is called talents; did you mean `talent`?\n"),
        (("talent", "--since", "soon"), "--since soon: "),
        (("--when", "a AND"), "--when: line 1, column 3: `AND` stands before the end; write what follows, or remove "
                              "it\n    a AND\n      ^\n"),
        (("--when", "NOT a"), "--when: line 1, column 1: this rings for nearly everything"),
        (("talent", "--add", "@lab"), "there is no watchlist `lab`"),
        (("talent", "--remove", "NVIDIA"), "--remove: the rule does not ask for `NVIDIA`; there are `@researchers`, "),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(terminal: Terminal, words: tuple[str, ...], said: str) -> None:
    done = terminal("rules", "backtest", *words)

    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_where_nothing_is_stored_that_is_said(terminal: Terminal, store: Store) -> None:
    said = terminal("rules", "backtest", "talent")

    assert (said.code, said.out) == (0, "")
    assert said.err.startswith("nothing is stored since ")
    assert terminal("rules", "backtest", "talent", "--json").json["stored"] == 0


def test_without_a_database_that_is_said(terminal: Terminal) -> None:
    said = terminal("rules", "backtest", "talent")

    assert (said.code, said.out) == (1, "")
    assert "there is no database yet" in said.err


def test_the_days_begin_with_what_is_known(terminal: Terminal) -> None:
    with Store.open(terminal.folder / "wirebell.db") as store:
        poll(store, judged(an_item("Nothing")), now=NOW - 2 * DAY)
        never = terminal("rules", "backtest", "talent", "--json").json
        poll(store, judged(an_item("Jason Wei of OpenAI", published=NOW - 5 * DAY)), feed=OTHER, now=NOW - DAY)
        published = terminal("rules", "backtest", "talent", "--json", "--since", "365d").json

    assert [(day["day"], day["stories"]) for day in never["days"]] == [
        (f"{NOW - days * DAY:%Y-%m-%d}", 0) for days in (2, 1, 0)
    ]
    assert [day["stories"] for day in published["days"]] == [1, 0, 0, 0, 0, 0]


def test_a_rule_that_never_rang_is_told_so(terminal: Terminal, store: Store) -> None:
    carries(store, "Nothing of interest", days=1)

    said = terminal("rules", "backtest", "talent")

    assert "0 stories (0 items) would have rung since" in said.out
    assert "FEED" not in said.out


def test_where_all_had_to_be_read_that_is_said(
    terminal: Terminal, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    carries(store, "Jason Wei leaves OpenAI", "Nothing", days=1)

    by_expression = terminal("rules", "backtest", "--when", "/ja.on/", "--json")
    monkeypatch.setattr(wordindex, "folding", lambda: "another way")
    by_another = terminal("rules", "backtest", "talent", "--json")
    monkeypatch.setattr(wordindex, "has_fts5", lambda: False)
    by_none = terminal("rules", "backtest", "talent", "--json")

    assert [said.json["items"] for said in (by_expression, by_another, by_none)] == [1, 1, 1]
    assert by_expression.err == "this names no word that has to be there, so all that is stored was read: 2 items\n"
    assert by_another.err.startswith("2 items not yet in the full-text index were read one by one")
    assert by_none.err == "this machine's SQLite has no FTS5, so all that is stored was read: 2 items\n"


def test_much_is_judged_by_two_processes_to_the_same_end(
    terminal: Terminal, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in range(1, 4):
        carries(store, *(f"Jason Wei of OpenAI {day} {n}" for n in range(300)), f"Jason Wei {day}", days=day)
    words = ("rules", "backtest", "--when", "@researchers AND (@labs OR xx*)", "--json", "--add", "wei")
    alone = terminal(*words)
    monkeypatch.setattr(trials, "SHARED_FROM", 10)

    shared = terminal(*words)

    assert alone.json["stories"] == 900
    different = ("since", "until")
    assert {k: v for k, v in alone.json.items() if k not in different} == {
        k: v for k, v in shared.json.items() if k not in different}  # fmt: skip


def test_a_helper_that_dies_is_done_without(terminal: Terminal, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    carries(store, *(f"Jason Wei of OpenAI {n}" for n in range(600)), days=1)
    monkeypatch.setattr(trials, "SHARED_FROM", 10)
    monkeypatch.setattr(trials, "_help", _die)

    assert terminal("rules", "backtest", "talent", "--json").json["items"] == 600


@pytest.fixture
def much(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Six hundred stories, each with two reports; of that many items a fifth is judged."""
    for feed in (FIRST, OTHER):
        carries(store, *(f"Jason Wei of OpenAI, story number {n}" for n in range(600)), days=1, feed=feed)
    monkeypatch.setattr(command, "SAMPLE", 240)


@pytest.mark.usefixtures("much")
def test_of_much_that_may_ring_a_sample_of_stories_is_judged_and_said_to_be_one(terminal: Terminal) -> None:
    told = terminal("rules", "backtest", "talent", "--json", "--add", "3").json
    said = terminal("rules", "backtest", "talent").out

    assert (told["may_ring"], told["estimate"]) == (1200, True)
    assert 180 < told["looked_at"] < 300
    assert abs(told["stories"] - 600) <= told["margin"] < 120
    assert told["items"] == 2 * told["stories"]
    assert sum(day["stories"] for day in told["days"]) == told["stories"] == told["change"]["stories"]
    assert {feed["feed"]: feed["items"] for feed in told["feeds"]} == dict.fromkeys(("The Wire", "The Post"), 600)
    assert f"about {told['stories']} stories ({told['items']} items) would have rung since" in said
    assert f"within {told['margin']} stories: {told['looked_at']} of the 1200 items that may ring were judged" in said


@pytest.mark.usefixtures("much")
def test_who_asks_for_it_gets_all_judged(terminal: Terminal) -> None:
    told = terminal("rules", "backtest", "talent", "--json", "--exact").json

    assert (told["estimate"], told["margin"], told["stories"], told["items"]) == (False, 0, 600, 1200)
    assert told["looked_at"] == told["may_ring"] == 1200


@pytest.mark.usefixtures("much")
def test_of_all_that_has_to_be_read_a_sample_is(terminal: Terminal) -> None:
    said = terminal("rules", "backtest", "--when", "/[n]umb?er/", "--json")

    assert said.json["estimate"]
    assert f"so a sample of all that is stored was read: {said.json['looked_at']} items\n" in said.err


def _die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_ctrl_c_ends_it_in_a_line(terminal: Terminal, store: Store) -> None:
    carries(store, *(f"Jason Wei of OpenAI {n}" for n in range(300)), days=1, text="Jason Wei of OpenAI. " * 5000)
    ours, theirs = pty.openpty()
    command = [
        sys.executable,
        "-m",
        "monitor",
        "--config",
        str(terminal.config),
        "rules",
        "backtest",
        "--when",
        "/s.n/",
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=theirs) as running:
        os.close(theirs)
        said = read_until(ours, b"judging")
        running.send_signal(signal.SIGINT)
        said += read_until(ours)
        out, _ = running.communicate(timeout=WAIT)
    os.close(ours)

    assert (running.returncode, out) == (130, b"")
    assert b"Traceback" not in said


def test_a_terminal_gets_a_plot_and_bold_words(terminal: Terminal, store: Store) -> None:
    carries(store, "Jason Wei leaves OpenAI", days=1)
    carries(store, "Jason Wei joins Meta", "Jason Wei left OpenAI", days=3)
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "monitor", "--config", str(terminal.config), "rules", "backtest", "talent"]
    environ = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    environ.pop("NO_COLOR")
    with subprocess.Popen(command, cwd=ROOT, stdout=theirs, stderr=subprocess.DEVNULL, env=environ) as running:
        os.close(theirs)
        text = read_until(ours).decode()
    os.close(ours)

    assert running.returncode == 0
    assert "█ █" in text
    assert "a column is a day, the highest is 2" in text
    assert "\x1b[1mJason Wei\x1b[0m leaves \x1b[1mOpenAI\x1b[0m" in text


def read_until(file: int, wanted: bytes = b"") -> bytes:
    """What a command writes to its terminal until it has written that, or has ended."""
    said = b""
    while not wanted or wanted not in said:
        try:
            said += os.read(file, 65536)
        except OSError:
            break
    return said


# The plot.


@pytest.mark.parametrize(
    ("values", "lines"),
    [
        ([0, 1, 2, 4], ["   █", "   █", "  ██", " ███"]),
        ([0, 0], ["  "] * 4),
        ([1, 1000], [" █", " █", " █", "▁█"]),
        ([], [""] * 4),
    ],
)
def test_columns_are_as_high_as_their_values(values: list[int], lines: list[str]) -> None:
    assert columns(values) == lines


def test_many_values_are_summed_up_so_that_the_latest_are_whole() -> None:
    assert binned([1, 2, 3, 4, 5], 5) == ([1, 2, 3, 4, 5], 1)
    assert binned([1, 2, 3, 4, 5], 3) == ([1, 5, 9], 2)
    assert binned([1, 2, 3, 4], 3) == ([3, 7], 2)
