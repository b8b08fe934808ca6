"""The configuration: what is right is read whole; what is wrong is told at once, with its place and its remedy."""

import contextlib
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import config
from monitor.config import Config
from monitor.schema import FILE, as_text
from rules.mistakes import Mistakes
from rules.records import Feed, Item, Priority
from rules.watchlist import Entry, Kind

SECRETS = {
    "TOKEN": "sesame-open",
    "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T0/B0/sesame-open",
    "SMTP_PASSWORD": "sesame-open",
    "WEBHOOK_SECRET": "whsec_c2VzYW1lIHNlc2FtZSBzZXNhbWUgc2VzYW1l",
}

SMALLEST = """\
feeds = ["https://www.wired.com/feed/rss", "https://openai.com/news/rss.xml"]

[watchlists]
researchers = ["Jason Wei", "Hyung Won Chung"]
keywords    = ["superintelligence"]

[channels]
newsroom = "slack:${SLACK_WEBHOOK_URL}"
"""

WHOLE = """\
contact  = "desk@example.org"
database = "wirebell.db"
timezone = "Europe/Lisbon"

[polling]
min = "5m"
max = "2h"
host_gap = "2s"
backfill = "24h"

[network]
allow_private = ["127.0.0.0/8", "10.1.2.0/24", "::1"]
user_agent = ""

[[feeds]]
url  = "https://www.wired.com/feed/rss"
name = "WIRED"
tags = ["press"]
every = "2m"
language = "en"

[watchlists.researchers]
kind    = "person"
entries = [
  "Jason Wei",
  { name = "Hyung Won Chung", aliases = ["정형원"], context = ["OpenAI", "Google", "Meta", "AI"] },
]
files = ["lists/researchers.csv"]

[watchlists.labs]
kind  = "organization"
entries = [{ name = "Meta", exact = true, aliases = ["Meta Superintelligence Labs", "=MSL"] }]

[watchlists]
keywords = ["superintelligence"]

[[rules]]
name     = "talent"
when     = "@researchers AND @labs"
priority = "flash"
notify   = ["newsroom", "desk"]
should_match     = ["Jason Wei is leaving OpenAI to join Meta's superintelligence lab"]
should_not_match = ["Jason Wei speaks"]

[[rules]]
name   = "superintelligence-in-titles"
when   = 'title:@keywords AND NOT (sponsored OR "podcast transcript")'
notify = ["desk"]

[channels.desk]
type = "email"
to   = ["desk@example.org"]
from = "wirebell@example.org"
smtp = "smtps://wirebell@smtp.example.org:465"
password = "${SMTP_PASSWORD}"

[channels.newsroom]
type = "slack"
url  = "${SLACK_WEBHOOK_URL}"

[channels.pipeline]
type   = "webhook"
url    = "https://crm.example.org/hooks/news"
secret = "${WEBHOOK_SECRET}"

[channels.screen]
type = "console"

[operator]
notify = ["screen"]
heartbeat = "https://hc.example.org/ping/1234"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With lists beside the file."""
    (tmp_path / "headless.csv").write_text("Ada,Lovelace\n", "utf-8")
    (tmp_path / "latin.csv").write_bytes(b"name\nAda\nJos\xe9\n")
    (tmp_path / "empty.csv").touch()
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "researchers.csv").write_text(
        "name,aliases,context,note\nFei-Fei Li,李飞飞|Li Fei-Fei,Stanford|AI,leads a lab\n", "utf-8"
    )
    return tmp_path


def parsed(text: str, folder: Path, environ: Mapping[str, str] = SECRETS) -> Config:
    return config.parse(text, folder / "wirebell.toml", environ)


def told(text: str, folder: Path, environ: Mapping[str, str] = SECRETS) -> list[str]:
    """The mistakes of a configuration, as sentences."""
    with pytest.raises(Mistakes) as caught:
        parsed(text, folder, environ)
    return [str(mistake) for mistake in caught.value.found]


def wrong() -> Iterator[tuple[str, list[str]]]:
    """Each text of mistakes.txt with what is said of it."""
    for block in Path(__file__).with_name("mistakes.txt").read_text("utf-8").split("\n\n")[1:]:
        lines = block.rstrip("\n").split("\n")
        said = [line.removeprefix("=> ") for line in lines if line.startswith("=> ")]
        yield "\n".join(line for line in lines if not line.startswith("=> ")), said


@pytest.mark.parametrize(("text", "said"), [pytest.param(*case, id=case[0][:60]) for case in wrong()])
def test_each_mistake_is_told_with_its_place_and_its_remedy(text: str, said: list[str], folder: Path) -> None:
    found = told(text, folder)

    assert len(found) == len(said)
    for one, wanted in zip(found, said, strict=True):
        assert one.startswith(wanted[:-1]) if wanted.endswith("…") else one == wanted


@pytest.mark.parametrize("text", [text for text, _ in wrong()])
def test_no_mistake_repeats_a_secret(text: str, folder: Path) -> None:
    assert "sesame" not in " ".join(told(text, folder))


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(folder: Path) -> None:
    text = """\
contact = 5
feeds = [
  "https://a.example/feed",
  "www.b.example/feed",
]
[polling]
min = "soon"
[watchlists.people]
kind = "persons"
files = ["nowhere.csv"]
[[rules]]
name = "one"
when = "@nobody"
notify = ["nowhere"]
[channels]
newsroom = "slack:${NOT_THERE}"
phone = "apprise:ntfy://x"
"""
    places = [sentence.split(": ")[:2] for sentence in told(text, folder)]

    assert places == [
        ["wirebell.toml:1", "contact"],
        ["wirebell.toml:4", "feeds[1]"],
        ["wirebell.toml:7", "polling.min"],
        ["wirebell.toml:9", "watchlists.people.kind"],
        ["wirebell.toml:10", "watchlists.people.files[0]"],
        ["wirebell.toml:13", "rules[0].when"],
        ["wirebell.toml:14", "rules[0].notify[0]"],
        ["wirebell.toml:16", "channels.newsroom"],
        ["wirebell.toml:17", "channels.phone"],
    ]


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("@nobody", "line 1, column 1: "),
        ("agent AND moves(@people, *)", "line 1, column 11: "),
        ('"open ai', "line 1, column 1: "),
        ("agent AND\n  (meta OR", "line 2, column 3: "),
        ("NOT sponsored", "line 1, column 1: "),
    ],
)
def test_a_mistake_in_a_query_is_pointed_at(folder: Path, when: str, said: str) -> None:
    (sentence,) = told(f"[[rules]]\nname = 'one'\nwhen = '''{when}'''\n[watchlists]\npeople = ['Ada']\n", folder)

    assert sentence.startswith(f"wirebell.toml:3: rules[0].when: {said}")
    assert sentence.endswith("^")


def test_every_fault_of_one_query_is_told(folder: Path) -> None:
    text = "[[rules]]\nname = 'one'\nwhen = '@nobody OR titel:x OR /(/'\n[watchlists]\npeople = ['Ada']\n"

    said = told(text, folder)

    assert [sentence.partition(": line 1, ")[2].partition(":")[0] for sentence in said] == [
        "column 1", "column 12", "column 23",
    ]  # fmt: skip
    assert all(sentence.startswith("wirebell.toml:3: rules[0].when: ") for sentence in said)


@pytest.mark.parametrize("unread", ["5", '{ files = ["nowhere.csv"] }', '{ files = ["headless.csv"] }', "[5]"])
def test_a_list_that_cannot_be_read_is_one_mistake_and_not_its_rule_s(folder: Path, unread: str) -> None:
    (sentence,) = told(f"watchlists.people = {unread}\n[[rules]]\nname = 'one'\nwhen = '@people'\n", folder)

    assert "rules" not in sentence


def test_an_entry_that_is_no_expression_is_told_with_its_place(folder: Path) -> None:
    (folder / "bad.csv").write_text("name\nAda\n/[/\n", "utf-8")
    text = 'watchlists.people = { entries = ["Ada", { name = "Bob", aliases = ["/(/"] }], files = ["bad.csv"] }'

    first, second = told(text, folder)

    assert first.startswith("wirebell.toml:1: watchlists.people.entries[1].aliases[0]: /(/ is no regular expression")
    assert second.startswith("wirebell.toml:1: watchlists.people.files[0]: bad.csv, /[/: /[/ is no regular expression")


def test_the_smallest_useful_file_is_a_rule_for_each_list(folder: Path) -> None:
    read = parsed(SMALLEST, folder)

    assert [feed.url for feed in read.feeds] == ["https://www.wired.com/feed/rss", "https://openai.com/news/rss.xml"]
    assert [rule.name for rule in read.judge.rules] == ["researchers", "keywords"]
    assert read.readers == ("newsroom",)
    assert read.warnings == ()


def test_the_whole_file_is_read(folder: Path) -> None:
    read = parsed(WHOLE, folder)

    assert (read.contact, read.timezone) == ("desk@example.org", ZoneInfo("Europe/Lisbon"))
    assert read.database == folder / "wirebell.db"
    assert (read.polling.min, read.polling.max, read.polling.host_gap, read.polling.backfill) == (300, 7200, 2, 86_400)
    assert [str(network) for network in read.network.allow_private] == ["127.0.0.0/8", "10.1.2.0/24", "::1/128"]
    assert read.feeds == (
        Feed(url="https://www.wired.com/feed/rss", name="WIRED", tags=("press",), every=120.0, language="en"),
    )
    lists = {one.name: one for one in read.watchlists}
    assert (lists["researchers"].kind, lists["labs"].kind, lists["keywords"].kind) == (
        Kind.PERSON, Kind.ORGANIZATION, Kind.TOPIC,
    )  # fmt: skip
    assert [entry.name for entry in lists["researchers"].entries] == ["Jason Wei", "Hyung Won Chung", "Fei-Fei Li"]
    assert lists["researchers"].entries[2] == Entry(
        "Fei-Fei Li", ("李飞飞", "Li Fei-Fei"), ("Stanford", "AI"), note="leads a lab"
    )
    assert [(rule.name, rule.priority, rule.notify) for rule in read.rules] == [
        ("talent", Priority.FLASH, ("newsroom", "desk")),
        ("superintelligence-in-titles", Priority.ROUTINE, ("desk",)),
    ]
    assert list(read.channels) == ["desk", "newsroom", "pipeline", "screen"]
    assert read.readers == ("desk", "newsroom", "pipeline")
    assert (read.operator.notify, read.operator.heartbeat) == (("screen",), "https://hc.example.org/ping/1234")


def test_what_an_entry_excepts_is_read(folder: Path) -> None:
    entry = '{ name = "Meta", except = ["Meta-Analyse"] }'

    read = parsed(SMALLEST.replace('keywords    = ["superintelligence"]', f"keywords = [{entry}]"), folder)

    assert read.watchlists[-1].entries == (Entry("Meta", excepted=("Meta-Analyse",)),)


def test_nothing_shows_a_secret_of_a_configuration(folder: Path) -> None:
    read = parsed(WHOLE, folder)

    assert "sesame" not in repr(read) + repr(dict(read.channels)) + str(read)


def test_what_is_left_out_has_its_default(folder: Path) -> None:
    read = parsed("", folder)

    assert (read.polling.min, read.polling.max, read.polling.backfill) == (300, 7200, 0)
    assert read.timezone == ZoneInfo("UTC")
    assert read.user_agent.startswith("Wirebell/")
    assert len(read.warnings) == 3


@pytest.mark.parametrize(
    ("environ", "database"),
    [
        ({"STATE_DIRECTORY": "/var/lib/wirebell", "HOME": "/home/ada"}, "/var/lib/wirebell/wirebell.db"),
        ({"STATE_DIRECTORY": "/var/lib/wirebell:/var/lib/other"}, "/var/lib/wirebell/wirebell.db"),
        ({"XDG_STATE_HOME": "/state", "HOME": "/home/ada"}, "/state/wirebell/wirebell.db"),
        ({"HOME": "/home/ada"}, "/home/ada/.local/state/wirebell/wirebell.db"),
    ],
)
def test_the_database_is_where_the_system_keeps_state(folder: Path, environ: dict[str, str], database: str) -> None:
    assert parsed("", folder, environ).database == Path(database)


@pytest.mark.parametrize(
    ("written", "meant"), [("wirebell.db", "wirebell.db"), ("../x/y.db", "../x/y.db"), ("/var/x.db", "/var/x.db")]
)
def test_a_database_is_named_relative_to_the_file(folder: Path, written: str, meant: str) -> None:
    assert parsed(f'database = "{written}"', folder).database == folder / meant


def test_the_contact_is_in_the_user_agent(folder: Path) -> None:
    assert parsed('contact = "desk@example.org"', folder).user_agent.endswith(" (+desk@example.org)")
    assert parsed('network.user_agent = "Reader/1"', folder).user_agent == "Reader/1"


@pytest.mark.parametrize("name", ["UTC", "America/Argentina/Buenos_Aires", "Asia/Kolkata", "Etc/GMT+5"])
def test_time_zones_are_those_of_the_world(folder: Path, name: str) -> None:
    assert parsed(f'timezone = "{name}"', folder).timezone == ZoneInfo(name)


@pytest.mark.parametrize(
    ("duration", "seconds"), [("0", 0), ("0s", 0), ("90s", 90), ("5m", 300), ("2h", 7200), ("1d", 86_400)]
)
def test_durations_are_written_with_their_unit(folder: Path, duration: str, seconds: int) -> None:
    assert parsed(f'polling.backfill = "{duration}"', folder).polling.backfill == seconds


@pytest.mark.parametrize("change", [lambda text: text, lambda text: text.replace("\n", "\r\n")])
def test_windows_line_ends_and_a_byte_order_mark_change_nothing(folder: Path, change: object) -> None:
    file = folder / "wirebell.toml"
    assert callable(change)
    file.write_bytes(b"\xef\xbb\xbf" + change(SMALLEST).encode())

    assert config.load(file, SECRETS).feeds == parsed(SMALLEST, folder).feeds


def test_a_line_that_is_not_utf_8_is_named(folder: Path) -> None:
    (folder / "wirebell.toml").write_bytes(b'contact = "a"\nname = "Jos\xe9"\n')

    with pytest.raises(Mistakes, match=r"wirebell.toml:2: this line is not UTF-8; save the file as UTF-8"):
        config.load(folder / "wirebell.toml", SECRETS)


def test_a_file_that_is_no_configuration_is_a_sentence(folder: Path) -> None:
    with pytest.raises(Mistakes, match="there is no such file; `wirebell init` writes one"):
        config.load(folder / "nowhere.toml", SECRETS)
    with pytest.raises(Mistakes, match="this is a folder; name the file in it"):
        config.load(folder, SECRETS)
    (folder / "huge.toml").write_bytes(b"#" * (config.LARGEST + 1))
    with pytest.raises(Mistakes, match="larger than 20 MB"):
        config.load(folder / "huge.toml", SECRETS)


@pytest.mark.parametrize("depth", [60, 500, 5000])
@pytest.mark.parametrize("pair", ["[]", "{}"])
def test_a_file_that_is_nested_too_deep_is_a_sentence(folder: Path, depth: int, pair: str) -> None:
    inner = "" if pair == "[]" else "a="
    (said,) = told(f"channels = {(pair[0] + inner) * depth}1{pair[1] * depth}", folder)

    assert said.endswith("it is nested too deep; flatten it")


def test_a_list_of_names_that_is_no_list_of_names_is_a_sentence(folder: Path) -> None:
    with (folder / "huge.csv").open("wb") as file:
        file.truncate(20_000_001)

    (said,) = told('watchlists.people = { files = ["huge.csv"] }', folder)

    assert said == "wirebell.toml:1: watchlists.people.files[0]: huge.csv is larger than 20 MB; split it"


def test_ten_thousand_mistakes_are_all_told(folder: Path) -> None:
    text = "feeds = [\n" + "".join(f'  "www.{number}.example",\n' for number in range(10_000)) + "]"

    assert len(told(text, folder)) == 10_000


def test_what_is_not_wrong_but_hardly_meant_is_a_warning(folder: Path) -> None:
    text = """\
feeds = [{ url = "https://a.example/feed", tags = ["Lab"] }]
polling.min = "30s"
[watchlists]
nobody = []
[[rules]]
name = "one"
when = "openai AND (tag:lab OR tag:press)"
notify = ["screen"]
[channels]
screen = "console:"
spare = "console:"
[watchlists.some]
entries = ["x"]
[operator]
notify = ["screen", "spare"]
"""
    warned = " ".join(map(str, parsed(text, folder).warnings))

    assert "wirebell.toml:2: polling.min: is less than a minute" in warned
    assert "wirebell.toml:4: watchlists.nobody: has no entries" in warned
    assert "wirebell.toml:8: rules[0].notify: names only channels that news of the service itself goes to" in warned


def test_commands_that_only_look_do_without_the_secrets_of_channels_and_feeds(folder: Path) -> None:
    file = folder / "wirebell.toml"
    file.write_text(WHOLE + '[[feeds]]\nurl = "https://reader:${FEED_PASSWORD}@b.example/"\n', "utf-8")

    read = config.load(file, {}, secrets=False)

    assert list(read.channels) == ["desk", "newsroom", "pipeline", "screen"]
    assert len(read.feeds) == 2
    assert len(told(file.read_text("utf-8"), folder, {})) == 4


def test_commands_that_only_look_are_told_every_other_mistake(folder: Path) -> None:
    file = folder / "wirebell.toml"
    file.write_text(WHOLE.replace("wirebell.db", "${PLACE}.db").replace('"flash"', '"loud"'), "utf-8")

    with pytest.raises(Mistakes) as caught:
        config.load(file, {}, secrets=False)
    assert [mistake.where for mistake in caught.value.found] == [
        "wirebell.toml:2: database",
        "wirebell.toml:40: rules[0].priority",
    ]


def test_the_configuration_is_looked_for_in_five_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    home = {"HOME": str(tmp_path / "home"), "XDG_CONFIG_HOME": str(tmp_path / "xdg")}
    with pytest.raises(Mistakes, match=r"there is no configuration: looked for wirebell.toml, .*; `wirebell init`"):
        config.find(None, home)

    user = tmp_path / "xdg" / "wirebell" / "wirebell.toml"
    user.parent.mkdir(parents=True)
    user.touch()
    assert config.find(None, home) == user
    (tmp_path / "wirebell.toml").touch()
    assert config.find(None, home) == Path("wirebell.toml")
    assert config.find(None, {**home, "WIREBELL_CONFIG": "/a.toml"}) == Path("/a.toml")
    assert config.find("b.toml", {**home, "WIREBELL_CONFIG": "/a.toml"}) == Path("b.toml")


def test_the_shipped_schema_is_that_of_the_code() -> None:
    assert FILE.read_text("utf-8") == as_text(), "python -m monitor.schema writes it"


@settings(deadline=None)
@given(st.text(max_size=80) | st.lists(st.sampled_from(WHOLE.splitlines()), max_size=12).map("\n".join))
def test_whatever_is_written_is_read_or_told(text: str) -> None:
    with contextlib.suppress(Mistakes):
        parsed(text, Path("/nowhere"))
        tomllib.loads(text)


def test_of_a_file_that_is_read_again_only_what_is_new_is_compiled(folder: Path) -> None:
    file = folder / "wirebell.toml"
    rules = '[[rules]]\nname = "old"\nwhen = "@keywords AND lab"\n'
    file.write_text(SMALLEST + rules, "utf-8")
    running = config.load(file, SECRETS)
    edited = SMALLEST.replace('["superintelligence"]', '["superintelligence", "AGI"]')

    file.write_text(f'{edited}[[rules]]\nname = "new"\nwhen = "weather"\n{rules}', "utf-8")
    again = config.load_again(running, SECRETS)

    assert again.judge.condition("old") is running.judge.condition("old")
    assert [hit.rule for hit in again.judge.judge(Item(title="AGI, a lab and the weather"))] == ["new", "old"]
    assert again == config.load(file, SECRETS)
    assert [hit.rule for hit in running.judge.judge(Item(title="AGI, a lab and the weather"))] == []
    file.write_text(f'{edited}[[rules]]\nname = "new"\nwhen = "weather AND"\n{rules}', "utf-8")
    with pytest.raises(Mistakes) as raised:
        config.load_again(running, SECRETS)
    assert "wirebell.toml:11: rules[0].when: line 1, column 9" in str(raised.value)
