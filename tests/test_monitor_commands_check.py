"""`check` as a linter: each warning with its line and remedy, as sentences and as objects; the exit code stays."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.packs import common_words
from rules.identity import keys_of
from rules.records import Cursor, Judged
from state.store import Store
from tests.builders import NOON, a_feed, an_item
from tests.terminal import Said, Terminal, terminal_in

CONFIG = """\
database = "wirebell.db"
feeds = [{ url = "https://wire.example/rss", tags = ["press"] }]

[watchlists]
labs = ["OpenAI", "Amazon"]
people = { files = ["people.csv"] }

[[rules]]
name = "never"
when = "@labs AND NOT @labs"
notify = ["desk"]

[[rules]]
name = "tagged"
when = '''
  @people AND
  (tag:sport OR superintelligen* OR superintelligence)'''
notify = ["desk"]

[channels]
desk = "webhook:https://desk.example/hook"
"""
PEOPLE = "name,aliases,context\nLi Wei,,\nAda Lovelace,,\n"
ROOT = Path(__file__).parents[1]


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    with terminal_in(tmp_path) as one:
        (tmp_path / "people.csv").write_text(PEOPLE, "utf-8")
        yield one


def check(terminal: Terminal, text: str = CONFIG, *words: str) -> Said:
    terminal.config.write_text(text, "utf-8")
    return terminal("check", *words)


def test_a_feed_without_a_name_is_asked_for_by_the_title_that_it_gives_itself(terminal: Terminal) -> None:
    text = CONFIG.replace("@labs AND NOT @labs", "@labs AND feed:gazette")
    assert "no feed is called gazette" in check(terminal, text).err

    wire = a_feed("https://wire.example/rss", name="")
    with Store.open(terminal.folder / "wirebell.db") as store:
        store.enrol([wire], now=NOON).result()
        store.commit(Cursor(feed_id=wire.id, url=wire.url), now=NOON, title="Gazette of the Wires").result()

    assert "no feed is called" not in check(terminal, text).err


def test_warnings_name_the_line_what_is_wrong_and_the_remedy(terminal: Terminal) -> None:
    said = check(terminal)

    assert said.code == 0
    assert "wirebell.toml: good; 1 feed, 2 rules, 1 channel" in said.out
    warnings = said.err.splitlines()
    assert all(re.fullmatch(r"warning: wirebell\.toml:\d+: .+; .+ \[[a-z-]+\]", line) for line in warnings)
    assert [
        re.sub(r"warning: wirebell\.toml:(\d+): (\S+): .*\[([a-z-]+)\]", r"\1 \2 \3", line) for line in warnings
    ] == [
        "5 watchlists.labs[1] common-word",
        "6 watchlists.people.files[0] common-word",
        "10 rules[0].when never-matches",
        "15 rules[1].when dead-part",
        "15 rules[1].when shadowed",
        "21 channels.desk unsigned",
    ]
    assert "`Amazon` is a common word or name" in said.err
    assert "people.csv, Li Wei: `Li Wei` is a common name (zh: many bear the name); give it a context" in said.err


def test_a_program_gets_each_warning_as_an_object(terminal: Terminal) -> None:
    said = check(terminal, CONFIG, "--json")

    assert (said.code, said.err) == (0, "")
    assert all(list(one) == ["name", "where", "what", "remedy"] for one in said.json["warnings"])
    assert [one for one in said.json["warnings"] if one["name"] == "never-matches"] == [
        {
            "name": "never-matches",
            "where": "wirebell.toml:10: rules[0].when",
            "what": "this never rings, as `@labs` is asked for and `NOT @labs` forbids it",
            "remedy": "change the query, or remove the rule",
        }
    ]


def test_a_good_configuration_has_no_warnings(terminal: Terminal) -> None:
    text = """
    feeds = ["https://www.wired.com/feed/rss", "https://openai.com/news/rss.xml"]
    watchlists.researchers = ["Jason Wei", "Hyung Won Chung"]
    watchlists.keywords = ["superintelligence"]
    channels.newsroom = "slack:https://hooks.slack.com/services/T0/B0/x"
    """

    said = check(terminal, text)

    assert said.err == "note: these lists are rules of their own, as no rule names them: keywords, researchers\n"


def test_a_failing_example_still_decides_the_exit_code(terminal: Terminal) -> None:
    said = check(terminal, CONFIG.replace('name = "never"', 'name = "never"\nshould_match = ["OpenAI"]'))

    assert said.code == 1
    assert '"OpenAI" does not ring: `@labs` is in it: OpenAI' in said.out


def test_rules_are_tried_on_what_was_seen(terminal: Terminal) -> None:
    text = CONFIG.replace("@labs AND NOT @labs", "report*")
    terminal.config.write_text(text, "utf-8")
    feed = a_feed("https://wire.example/rss")
    items = [an_item(f"Reports of day {number}") for number in range(150)]
    with Store.open(terminal.folder / "wirebell.db") as store:
        store.enrol([feed], now=NOON).result()
        judged = [
            Judged(item=item, keys=keys, link_key="", title_key="")
            for item, keys in zip(items, keys_of(items), strict=True)
        ]
        store.commit(Cursor(feed_id=feed.id, url=feed.url, last_success=NOON), judged, now=NOON).result()

        said = check(terminal, text)

    assert "rules[0].when: rings for 150 of the last 150 items; ask for more beside it" in said.err


def test_check_makes_no_database_and_survives_a_broken_one(terminal: Terminal) -> None:
    assert check(terminal).code == 0
    assert not (terminal.folder / "wirebell.db").exists()
    (terminal.folder / "wirebell.db").write_bytes(b"this is no database" * 100)
    assert check(terminal).code == 0


def test_a_rule_for_the_operator_alone_is_told(terminal: Terminal) -> None:
    said = check(terminal, CONFIG + '[operator]\nnotify = ["desk"]\n', "--json")

    found = [one["where"] for one in said.json["warnings"] if one["name"] == "operator-only"]
    assert found == ["wirebell.toml:11: rules[0].notify", "wirebell.toml:18: rules[1].notify"]


def test_the_shipped_words_are_folded_and_each_has_a_meaning() -> None:
    words = common_words()

    assert words["amazon"][0] == ("en",)
    assert words["li wei"][1] == "many bear the name"
    assert all(languages and meaning for languages, meaning in words.values())


def test_every_warning_is_documented(terminal: Terminal) -> None:
    documented = (ROOT / "docs" / "service.md").read_text("utf-8").partition("| warning |")[2]
    sources = [*(ROOT / "rules").glob("*.py"), *(ROOT / "monitor").glob("*.py")]
    names = {
        name
        for source in sources
        for name in re.findall(r"(?:Remark|draft\.warn)\(\s*\"([a-z-]+)\"", source.read_text("utf-8"))
    }

    assert len(names) > 15
    assert {name for name in names if f"`{name}`" not in documented} == set()
