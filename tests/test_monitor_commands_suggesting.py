"""`watchlists suggest` and `accept`: from the stored items to the user's file, which then rings for more."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.config import load
from rules.records import Cursor, Feed, Item, Judged, hashed
from state.store import Store
from tests.builders import an_item
from tests.terminal import Terminal, terminal_in

WAIT = 10
CONFIG = """\
feeds = ["https://wire.example/feed"] # the wire
database = "wirebell.db"

[watchlists] # what we watch
keywords = ["superintelligence"] # topics
researchers = [
  "Ilya Sutskever", # the first
]
[channels]
screen = "console:"
"""
NEWS = (
    ("es", "La superinteligencia llega"),
    ("pt", "A superinteligência preocupa"),
    ("ru", "Илья Суцкевер о компании"),
    ("zh", "伊利亚·苏茨克维创办公司"),
)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    with terminal_in(tmp_path) as one:
        one.config.write_text(CONFIG, "utf-8")
        remember(tmp_path, [an_item(title, language=language) for language, title in NEWS])
        yield one


def remember(folder: Path, items: list[Item], age: timedelta = timedelta(hours=1)) -> None:
    """Store `items` as they came an hour ago."""
    feed, now = Feed(url="https://wire.example/feed", name="The Wire"), datetime.now(UTC) - age
    cursor = Cursor(feed_id=feed.id, url=feed.url, last_success=now, last_poll=now, next_poll=now)
    judged = [Judged(item=one, keys=(hashed(one.title),), link_key=one.link, title_key="") for one in items]
    with Store.open(folder / "wirebell.db") as store:
        store.enrol([feed], now=now).result(WAIT)
        store.commit(cursor, judged, now=now).result(WAIT)


def suggestions(terminal: Terminal, *words: str) -> list[dict[str, Any]]:
    said = terminal("watchlists", "suggest", *words, "--json")
    assert said.code == 0, said.err
    return said.lines


def test_suggestions_are_shown_with_their_entry_count_languages_and_a_marked_sample(terminal: Terminal) -> None:
    said = terminal("watchlists", "suggest")

    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[0] == "keywords: superintelligence"
    assert lines[1].endswith("superinteligência: cognate of superintelligence; 2 items (es, pt)")
    assert lines[2].strip() == "La *superinteligencia* llega"
    assert "researchers: Ilya Sutskever" in lines
    assert any("*伊利亚·苏茨克维*" in line for line in lines)
    assert "`wirebell watchlists accept " in said.err


def test_json_has_a_line_for_each(terminal: Terminal) -> None:
    first, *rest = suggestions(terminal)

    assert {one["form"] for one in rest} == {"Илья Суцкевер", "伊利亚·苏茨克维"}
    assert first.keys() == {"id", "list", "entry", "form", "kind", "why", "count", "languages", "samples"}
    assert (first["list"], first["entry"], first["kind"], first["count"], first["languages"]) == (
        "keywords", "superintelligence", "cognate", 2, ["es", "pt"],
    )  # fmt: skip
    sample = first["samples"][0]
    assert sample["text"][sample["start"] : sample["end"]] == "superinteligencia"
    assert sample["link"].startswith("https://example.org/")


def test_suggestions_are_for_one_list_of_a_time_and_so_many(terminal: Terminal) -> None:
    remember(terminal.folder, [an_item("Die Superintelligenz", language="de")], age=timedelta(days=20))

    assert [one["form"] for one in suggestions(terminal, "keywords", "--since", "1d")] == ["superinteligência"]
    assert [one["form"] for one in suggestions(terminal, "keywords")] == ["superinteligência", "Superintelligenz"]
    assert [one["form"] for one in suggestions(terminal, "keywords", "--limit", "1")] == ["superinteligência"]


def test_what_is_accepted_is_written_with_the_comments_kept_and_rings(terminal: Terminal) -> None:
    ids = [one["id"] for one in suggestions(terminal)]

    said = terminal("watchlists", "accept", *ids)

    assert said.code == 0
    assert terminal.config.read_text("utf-8") == CONFIG.replace(
        '["superintelligence"]', '[{ name = "superintelligence", aliases = ["superinteligência"] }]'
    ).replace('"Ilya Sutskever"', '{ name = "Ilya Sutskever", aliases = ["Илья Суцкевер", "伊利亚·苏茨克维"] }')
    assert "added superinteligência to keywords as a name of superintelligence" in said.err
    assert "reload" in said.err
    judge = load(terminal.config, {}).judge
    assert all(judge.judge(Item(title=title)) for _, title in NEWS)
    assert suggestions(terminal) == []


def test_a_dry_run_shows_the_difference_and_writes_nothing(terminal: Terminal) -> None:
    (one, *_) = suggestions(terminal)

    said = terminal("watchlists", "accept", one["id"][:4], "--dry-run")

    assert '\n-keywords = ["superintelligence"] # topics\n+keywords = [{ name = "superintelligence", ' in said.out
    assert "would add superinteligência" in said.err
    assert terminal.config.read_text("utf-8") == CONFIG


def test_lines_of_json_are_accepted_without_any_stored_item(terminal: Terminal) -> None:
    (terminal.folder / "wirebell.db").unlink()
    lines = [
        {"list": "keywords", "entry": None, "form": "reasoning model"},
        {"list": "researchers", "entry": "Ilya Sutskever", "form": "Илья Суцкевер", "count": 3},
        {"list": "keywords", "form": "superintelligence"},
    ]

    said = terminal("watchlists", "accept", "--from", "-", "--json", given="\n".join(map(json.dumps, lines)))

    assert said.code == 0
    assert said.json == {
        "config": "wirebell.toml",
        "dry_run": False,
        "added": [
            {"list": "keywords", "entry": None, "form": "reasoning model"},
            {"list": "researchers", "entry": "Ilya Sutskever", "form": "Илья Суцкевер"},
        ],
        "present": [{"list": "keywords", "entry": None, "form": "superintelligence"}],
    }
    assert 'keywords = ["superintelligence", "reasoning model"] # topics' in terminal.config.read_text("utf-8")


def test_what_suggest_prints_is_what_accept_reads(terminal: Terminal) -> None:
    printed = terminal("watchlists", "suggest", "--json").out

    assert terminal("watchlists", "accept", "--from", "-", given=printed).code == 0
    assert terminal("watchlists", "suggest", "--json").out == ""


@pytest.mark.parametrize(
    ("words", "given", "code", "said"),
    [
        (["suggest", "keyword"], "", 2, "no watchlist is called keyword; did you mean `keywords`?"),
        (["suggest", "--since", "often"], "", 2, "--since often: "),
        (["accept"], "", 2, "give ids as `wirebell watchlists suggest` shows them, or --from FILE"),
        (["accept", "ffff", "--from", "-"], "", 2, "give ids as "),
        (["accept", "not-an-id"], "", 1, "not-an-id: nothing that is offered has this id; "),
        (["accept", ""], "", 1, ": several suggestions begin so: write more of the id"),
        (["accept", "--from", "-"], "[]", 2, "standard input:1: this is no JSON object; write {"),
        (["accept", "--from", "-"], '\n{"list": 1}', 2, "standard input:2: list, entry or form is missing or no text"),
        (["accept", "--from", "-"], b"\xff", 2, "-: this is not UTF-8; save it as UTF-8"),
        (["accept", "--from", "no.jsonl"], "", 2, "no.jsonl: No such file or directory; give a file of JSON Lines"),
        (["accept", "--from", "-"], '{"list": "k", "form": "x"}', 2, "k: there is no watchlist of this name; "),
    ],
)
def test_mistakes_are_sentences_and_nothing_is_written(
    terminal: Terminal, words: list[str], given: str | bytes, code: int, said: str
) -> None:
    answer = terminal("watchlists", *words, given=given)

    assert (answer.code, answer.out) == (code, "")
    assert answer.err.startswith(said)
    assert terminal.config.read_text("utf-8") == CONFIG


def test_where_nothing_is_offered_a_sentence_says_so(terminal: Terminal) -> None:
    said = terminal("watchlists", "suggest", "--since", "1m")

    assert (said.code, said.out) == (0, "")
    assert said.err == "the stored items offer nothing new; --since looks further back\n"


def test_what_a_feed_says_cannot_drive_the_terminal(terminal: Terminal) -> None:
    remember(terminal.folder, [an_item("\x1b[2J Superintelligenz [bold]kommt[/bold]\x9b")])

    said = terminal("watchlists", "suggest", "keywords")

    assert "[2J *Superintelligenz* [bold]kommt[/bold]" in said.out
    assert not {"\x1b", "\x9b"} & set(said.out)
