"""`wirebell watchlists`: who is watched, by which names, and where each comes from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor import packs
from tests.terminal import Terminal, terminal_in

CONFIG = """\
feeds = ["https://a.example/feed"]
[watchlists.labs]
packs = ["ai-labs"]
files = ["labs.csv"]
entries = ["Acme", { name = "Meta", context = ["Zuckerberg"] }]
[watchlists]
keywords = ["superintelligence", "AGI"]
nobody = []
"""


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    with terminal_in(tmp_path) as one:
        one.config.write_text(CONFIG, "utf-8")
        (tmp_path / "labs.csv").write_text("name,note\nBell Labs,telephones\n", "utf-8")
        yield one


@pytest.fixture
def nowhere(tmp_path: Path) -> Iterator[Terminal]:
    """Without a configuration."""
    with terminal_in(tmp_path) as one:
        yield one


def test_the_lists_are_listed_with_where_they_come_from(terminal: Terminal) -> None:
    said = terminal("watchlists", "list", "--json")
    labs, keywords, nobody = said.lines

    assert (labs["watchlist"], labs["kind"]) == ("labs", "organization")
    assert labs["entries"] == len(packs.load("ai-labs").entries) + 2
    assert labs["sources"] == ["wirebell.toml", "ai-labs", "labs.csv"]
    assert keywords == {"watchlist": "keywords", "kind": "topic", "entries": 2, "sources": ["wirebell.toml"]}
    assert (nobody["entries"], nobody["sources"]) == (0, [])
    heads, *rows = terminal("watchlists", "list").out.splitlines()
    assert heads.split() == ["WATCHLIST", "KIND", "ENTRIES", "SOURCES"]
    assert rows[1].split() == ["keywords", "topic", "2", "wirebell.toml"]


def test_a_list_is_shown_with_its_names_and_sources(terminal: Terminal) -> None:
    acme, meta, bell, *others = terminal("watchlists", "show", "labs", "--json").lines

    assert acme == {
        "entry": "Acme", "aliases": [], "context": [], "exact": False, "note": "", "sources": ["wirebell.toml"],
    }  # fmt: skip
    assert (meta["context"], meta["exact"], meta["sources"]) == (["Zuckerberg"], True, ["wirebell.toml", "ai-labs"])
    assert "メタ" in meta["aliases"]
    assert (bell["entry"], bell["note"], bell["sources"]) == ("Bell Labs", "telephones", ["labs.csv"])
    assert others[0]["sources"] == ["ai-labs"]


def test_a_list_is_shown_to_people_entry_by_entry(terminal: Terminal) -> None:
    lines = terminal("watchlists", "show", "labs").out.splitlines()

    assert lines[:2] == ["Acme", "  from: wirebell.toml"]
    assert lines[2].startswith("Meta (Menlo Park")
    assert lines[3] == "  only as it is written"
    assert lines[4].startswith("  also: Metas, ")
    assert lines[5:7] == ["  only with: Zuckerberg", "  from: wirebell.toml, ai-labs"]


def test_a_list_without_entries_shows_nothing(terminal: Terminal) -> None:
    assert terminal("watchlists", "show", "nobody").out == ""


def test_what_is_shipped_is_listed_without_a_configuration(nowhere: Terminal) -> None:
    said = nowhere("watchlists", "packs", "--json")

    assert said.code == 0
    assert [one["pack"] for one in said.lines] == list(packs.names())
    feeds = said.lines[-1]
    assert (feeds["kind"], feeds["entries"]) == ("feeds", len(packs.load("tech-feeds").feeds))
    assert {"de", "ja", "pt-BR"} <= set(feeds["languages"])
    assert "ai-terms" in nowhere("watchlists", "packs").out


@pytest.mark.parametrize("name", ["ai-researchers", "tech-feeds"])
def test_a_pack_is_shown_without_a_configuration(nowhere: Terminal, name: str) -> None:
    pack = packs.load(name)
    said, shown = nowhere("watchlists", "show", name, "--json"), nowhere("watchlists", "show", name)

    assert len(said.lines) == len(pack.entries or pack.feeds)
    assert all(one.name in shown.out for one in (pack.entries or pack.feeds))


def test_a_name_that_is_no_list_is_told_the_nearest(terminal: Terminal) -> None:
    said = terminal("watchlists", "show", "keywrods")

    assert (said.code, said.out) == (2, "")
    assert said.err == "no watchlist and no pack is called keywrods; did you mean `keywords`?\n"


def test_a_broken_configuration_is_told_and_not_passed_over(terminal: Terminal) -> None:
    terminal.config.write_text("feeds = [", "utf-8")

    assert terminal("watchlists", "show", "ai-labs").code == 2
