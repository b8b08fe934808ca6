"""`wirebell init`: a configuration that is right as it stands, and one's own from the first minute."""

import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from standardwebhooks import Webhook

from monitor import config
from monitor.starter import STARTER, starter_text
from rules.records import Item
from tests.terminal import Terminal, terminal_in


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    with terminal_in(tmp_path) as one:
        yield one


def uncommented(text: str) -> str:
    """The starter with every example in it switched on: a # with no blank behind it."""
    return "\n".join(
        line[1:] if line[:1] == "#" and line[1:2] not in ("", " ", ":") else line for line in text.splitlines()
    )


def test_init_writes_a_configuration_that_passes_check(terminal: Terminal) -> None:
    written = terminal("init", "newsroom")
    file = terminal.folder / "newsroom" / "wirebell.toml"

    assert (written.code, written.out) == (0, "")
    assert written.err.startswith("wrote newsroom/wirebell.toml: 2")
    assert "next: wirebell --config newsroom/wirebell.toml check --online" in written.err
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    checked = terminal("--config", file, "check")
    assert (checked.code, checked.out.startswith(f"{file}: good; ")) == (0, True)
    assert "warning" not in checked.err


def test_init_writes_where_one_stands(terminal: Terminal) -> None:
    said = terminal("init", "--json")

    assert said.json["config"] == "wirebell.toml"
    assert said.json["channels"] == ["screen"]
    assert terminal("check").code == 0


def test_init_takes_nothing_away(terminal: Terminal) -> None:
    terminal.config.write_text("# mine", "utf-8")
    (terminal.folder / "file").touch()

    again, no_folder = terminal("init"), terminal("init", "file")

    assert (again.code, again.err) == (
        2,
        "wirebell.toml: there is one already, and it stays as it is; name another folder\n",
    )
    assert (no_folder.code, no_folder.err) == (2, "file/wirebell.toml: this is not a folder; name another folder\n")
    assert terminal.config.read_text("utf-8") == "# mine"


def test_a_folder_that_cannot_be_made_is_a_sentence(terminal: Terminal) -> None:
    said = terminal("init", "/proc/newsroom")

    assert said.code == 2
    assert said.err.startswith("/proc/newsroom/wirebell.toml: it cannot be written: ")


def test_each_starter_has_a_webhook_secret_of_its_own() -> None:
    first, second = (tomllib.loads(uncommented(starter_text()))["channels"]["pipeline"]["secret"] for _ in range(2))

    assert first != second
    assert Webhook(first)


def test_the_starter_is_right_with_every_example_switched_on(tmp_path: Path) -> None:
    (tmp_path / "researchers.csv").write_text("name,aliases,context,note\nAda Lovelace,,,\n", "utf-8")
    environ = {
        "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T0/B0/x",
        "SMTP_PASSWORD": "x",
        "HEARTBEAT_URL": "https://hc.example.org/x",
    }

    read = config.parse(uncommented(starter_text()), tmp_path / "wirebell.toml", environ)

    assert read.judge.checks() == []
    assert set(read.channels) == {"screen", "newsroom", "desk", "pipeline"}
    assert read.timezone.key == "Europe/Lisbon"


def test_the_feeds_of_the_starter_are_well_formed_and_each_there_once() -> None:
    read = config.load(STARTER, {})
    hosts = [urlsplit(feed.url).hostname for feed in read.feeds]

    assert all(feed.url.startswith("https://") for feed in read.feeds)
    assert len(set(hosts)) > 20
    assert {feed.language for feed in read.feeds} >= {"de", "fr", "es", "pt", "ja", "zh"}


@pytest.mark.parametrize(
    ("title", "rules"),
    [
        ("Jason Wei is leaving OpenAI to join Meta's superintelligence lab", {"talent", "keywords"}),
        ("Uma meta ambiciosa, diz Jason Wei", set()),
        ("離開OpenAI，Jason Wei加入Meta", {"talent"}),
        ("John Schulman paints houses in Meta, Virginia", set()),
        ("Сверхинтеллект уже близко", {"keywords"}),
        ("超级智能离我们还有多远", {"keywords"}),
        ("OpenAI publishes a report", set()),
        ("Jason Wei of OpenAI explains a paper", set()),
        ("Shengjia Zhao wechselt von OpenAI zu Meta", {"talent"}),
        ("ミラ・ムラティ氏がOpenAIを退社", {"talent"}),
        ("젠슨 황, 엔비디아 신제품 공개", set()),
        ("Jason Wei joins hikers in the Sierra", set()),
        ("Agile teams said it again", set()),
    ],
)
def test_the_starter_rings_for_what_it_says(title: str, rules: set[str]) -> None:
    judge = config.load(STARTER, {}).judge

    assert {hit.rule for hit in judge.judge(Item(title=title))} == rules


def test_the_starter_tells_editors_where_its_schema_is() -> None:
    first = starter_text().splitlines()[0]

    assert first.startswith("#:schema file:///")
    assert Path(first.removeprefix("#:schema file://")).is_file()
