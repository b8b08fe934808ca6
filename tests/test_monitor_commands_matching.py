"""`match`, `group` and `rules`: the contract of their input and output, and that they decide as the daemon does."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.links import canonical_link
from rules.records import Cursor, Judged, hashed
from rules.stories import title_key
from state.store import Store
from tests.builders import NOON, a_feed, an_item
from tests.terminal import Terminal, terminal_in

CONFIG = """\
[watchlists]
researchers = ["Jason Wei", { name = "Hyung Won Chung", aliases = ["정형원"] }]
labs        = ["OpenAI", { name = "Meta", exact = true }]

[[rules]]
name = "talent"
when = "@researchers AND @labs"
priority = "flash"
notify = ["newsroom"]
should_match = ["Jason Wei leaves OpenAI for Meta"]
should_not_match = ["Uma meta ambiciosa, diz Jason Wei"]

[[rules]]
name = "wrong"
when = "superintelligence"
should_match = ["superintelligence", "intelligence"]

[channels]
newsroom = "slack:${NOBODY_HAS_THIS_SECRET}"
screen = "console:"
"""

KEYS = ["watchlist", "entry", "field", "start", "end", "surface"]


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    with terminal_in(tmp_path) as one:
        one.config.write_text(CONFIG, "utf-8")
        yield one


def jsonl(*items: Any) -> str:
    return "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items)


def test_what_an_item_rings_is_printed_as_the_contract_says(terminal: Terminal) -> None:
    said = terminal("match", given=jsonl({"id": "a", "title": "Jason Wei leaves OpenAI"}, {"id": 2}))

    assert (said.code, said.err) == (0, "")
    first, second = said.lines
    assert list(first) == ["id", "rules", "matches", "events"]
    assert (first["id"], first["rules"], first["events"]) == ("a", ["talent"], [])
    assert [list(match) for match in first["matches"]] == [KEYS, KEYS]
    assert [tuple(match.values()) for match in first["matches"]] == [
        ("researchers", "Jason Wei", "title", 0, 9, "Jason Wei"),
        ("labs", "OpenAI", "title", 17, 23, "OpenAI"),
    ]
    assert second == {"id": 2, "rules": [], "matches": [], "events": []}


def test_what_rings_is_explained_and_what_does_not(terminal: Terminal) -> None:
    item = {"id": 1, "title": "Jason Wei sets himself a meta"}

    said = terminal("match", "--explain", given=jsonl(item))

    assert (said.code, list(said.json)) == (0, ["id", "rules", "matches", "events", "explain"])
    talent, wrong = said.json["explain"]
    assert talent == {
        "rule": "talent",
        "rings": False,
        "because": "nothing of `@labs` is in it",
        "words": [],
        "parts": [
            {"part": "@researchers", "holds": True, "because": "it has Jason Wei", "words": ["Jason Wei"], "parts": []},
            {"part": "@labs", "holds": False, "because": "nothing of `@labs` is in it", "words": [], "parts": []},
        ],
    }
    assert (wrong["rule"], wrong["because"]) == ("wrong", "`superintelligence` is not in it")


def test_a_query_of_many_levels_is_explained(terminal: Terminal) -> None:
    deep = "".join(f"(a{level} OR b{level} AND " for level in range(190)) + "c" + ")" * 190
    terminal.config.write_text(f"[[rules]]\nname = 'deep'\nwhen = '{deep}'\n", "utf-8")

    said = terminal("match", "--explain", given=jsonl({"id": 1, "title": "b0"}))

    (rule,) = said.json["explain"]
    assert (rule["rings"], len(rule["parts"])) == (False, 2)


def test_html_is_read_as_in_a_feed_and_offsets_count_its_plain_text(terminal: Terminal) -> None:
    item = {
        "id": 1,
        "title": "<b>Jason&nbsp;Wei</b> &amp; co",
        "summary": "<p>One 👩‍🔬 line</p><p>Open<wbr>AI and <i>Meta</i></p><script>Jason Wei</script>",
        "text": "정형원 &lt;i&gt;leaves&lt;/i&gt;",
    }
    plain = {"title": "Jason Wei & co", "summary": "One 👩‍🔬 line\nOpenAI and Meta", "text": "정형원 leaves"}

    (line,) = terminal("match", given=jsonl(item)).lines

    assert line["rules"] == ["talent"]
    assert {match["surface"] for match in line["matches"]} == {"Jason Wei", "OpenAI", "Meta", "정형원"}
    for match in line["matches"]:
        assert plain[match["field"]][match["start"] : match["end"]] == match["surface"]


def test_items_are_read_from_a_file_or_standard_input(terminal: Terminal) -> None:
    items = jsonl({"id": 1, "title": "Jason Wei of Meta"})
    (terminal.folder / "items.jsonl").write_text("\ufeff" + items.replace("\n", "\r\n") + "\n", "utf-8")

    from_file = terminal("match", "items.jsonl", "--json")

    assert from_file.out == terminal("match", "-", given=items).out == terminal("match", given=items).out
    assert from_file.lines[0]["rules"] == ["talent"]


@pytest.mark.parametrize(
    "field",
    [
        {"title": None, "summary": None, "text": None, "link": None, "lang": None, "published": None},
        {"authors": None, "categories": None, "feed": None, "tags": None},
        {"authors": "Ada", "categories": [], "tags": ["press"], "feed": "WIRED", "lang": "pt_BR", "link": "nowhere"},
        {"published": "2026-11-23T09:30:00Z"},
        {"published": "2026-11-23T09:30:00.5+01:00"},
        {"published": "2026-11-23"},
        {"published": 1795426200},
        {"published": ""},
        {"something": "else"},
    ],
)
def test_all_but_the_id_may_be_left_out(terminal: Terminal, field: dict[str, Any]) -> None:
    said = terminal("match", given=jsonl({"id": 1, **field}))

    assert (said.code, said.err) == (0, "")
    assert said.json["id"] == 1


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("{", "this is no JSON in UTF-8"),
        ("[" * 100_000, "this is no JSON in UTF-8"),
        (b'{"id": "\xff"}', "this is no JSON in UTF-8"),
        ("[]", "this is not an object"),
        ("5", "this is not an object"),
        ("{}", "there is no id"),
        ('{"id": null}', "there is no id"),
        ('{"id": ""}', "there is no id"),
        ('{"id": ["a"]}', "there is no id"),
        ('{"id": 1, "title": 5}', "title is not a text"),
        ('{"id": 1, "tags": [5]}', "tags is not a list of texts"),
        ('{"id": 1, "authors": {"name": "Ada"}}', "authors is not a list of texts"),
        ('{"id": 1, "published": "yesterday"}', "published is not a time as in 2026-11-23T09:30:00Z"),
        ('{"id": 1, "published": 1e99}', "published is not a time as in 2026-11-23T09:30:00Z"),
    ],
)
@pytest.mark.parametrize("command", ["match", "group"])
def test_a_line_that_is_no_item_is_told_and_the_others_are_read(
    terminal: Terminal, command: str, line: str | bytes, what: str
) -> None:
    wrong = line if isinstance(line, bytes) else line.encode()

    said = terminal(command, given=b'{"id": "a"}\n' + wrong + b'\n{"id": "b"}')

    assert said.code == 2
    assert [one["id"] for one in said.lines] == ["a", "b"]
    assert said.err.startswith(f"standard input:2: {what}; write each item as ")


def test_what_feeds_parse_prints_goes_into_match(terminal: Terminal) -> None:
    (terminal.folder / "feed.xml").write_text(
        "<rss version='2.0'><channel><item><title>Jason Wei joins Meta</title></item></channel></rss>", "utf-8"
    )

    said = terminal("match", given=terminal("feeds", "parse", "feed.xml").out)

    assert said.json["rules"] == ["talent"]


def test_items_are_folded_by_article_or_title(terminal: Terminal) -> None:
    items = [
        {"id": "a", "title": "Jason Wei leaves OpenAI for Meta", "link": "https://wired.example/1?utm_source=rss"},
        {"id": "b", "title": "Something else entirely", "link": "http://www.wired.example/1/"},
        {"id": "c", "title": "JASON WEI leaves OpenAI for Meta! | The Desk", "link": "https://desk.example/9"},
        {"id": "d", "title": "Daily briefing", "link": "https://desk.example/10"},
        {"id": "e", "title": "Daily briefing", "link": "https://other.example/11"},
        {"id": 6, "title": "<b>Jason Wei</b> leaves OpenAI for Meta"},
    ]

    said = terminal("group", given=jsonl(*items))

    assert (said.code, said.err) == (0, "")
    assert [list(line) for line in said.lines] == [["id", "story", "new"]] * 6
    assert [(line["id"], line["story"], line["new"]) for line in said.lines] == [
        ("a", "a", True), ("b", "a", False), ("c", "a", False), ("d", "d", True), ("e", "e", True), (6, "a", False),
    ]  # fmt: skip


def test_a_title_that_comes_back_after_three_days_is_another_story(terminal: Terminal) -> None:
    title = "What the laboratories published this week"
    days = ["2026-11-01T12:00:00Z", "2026-11-04T11:00:00Z", "2026-11-04T13:00:00Z"]

    said = terminal("group", given=jsonl(*({"id": day, "title": title, "published": day} for day in days)))

    assert [line["new"] for line in said.lines] == [True, False, True]


def test_group_needs_no_configuration(terminal: Terminal) -> None:
    terminal.config.unlink()

    assert terminal("group", "--json", given=jsonl({"id": "a"}, {"id": "a"})).code == 0


TITLES = st.sampled_from(["Jason Wei leaves OpenAI for Meta", "OpenAI loses another of its researchers", "Short", ""])
LINKS = st.sampled_from(["https://a.example/1", "https://b.example/2", ""])
WAITS = st.sampled_from([0, 1, 2, 50, 95])
"""Days since the report before."""


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(TITLES, LINKS, WAITS), max_size=8))
def test_group_folds_as_the_store_does(tmp_path_factory: pytest.TempPathFactory, waits: list[Any]) -> None:
    times = [NOON + timedelta(days=days) for days in accumulate(days for _, _, days in waits)]
    reports = [
        {"id": number, "title": title, "link": link, "published": now.isoformat()}
        for number, ((title, link, _), now) in enumerate(zip(waits, times, strict=True))
    ]
    folder = tmp_path_factory.mktemp("memory")

    with terminal_in(folder) as terminal:
        grouped = [line["story"] for line in terminal("group", given=jsonl(*reports)).lines]

    assert grouped == stored(folder, reports)


def stored(folder: Path, reports: list[dict[str, Any]]) -> list[int]:
    """The story of each report, by the number of its first one, in a real memory that meets them one by one."""
    feed = a_feed()
    with Store.open(folder / "wirebell.db") as store:
        store.enrol([feed], now=NOON).result()
        for report in reports:
            now = datetime.fromisoformat(report["published"])
            item = an_item(report["title"], link=report["link"], guid=str(report["id"]))
            judged = Judged(
                item=item,
                keys=(hashed(item.guid),),
                link_key=canonical_link(item.link),
                title_key=title_key(item.title),
            )
            store.commit(Cursor(feed_id=feed.id, url=feed.url, last_success=now), [judged], now=now).result()
        stories = {int(record.item.guid): record.story_id for record in store.items()}
    first: dict[str, int] = {}
    return [first.setdefault(stories[number], number) for number in range(len(reports))]


def test_the_rules_are_listed_with_those_of_lists(terminal: Terminal) -> None:
    terminal.config.write_text(CONFIG + '[watchlists.words]\nentries = ["agent"]\n', "utf-8")

    rows = {row["rule"]: row for row in terminal("rules", "list", "--json").lines}

    assert rows["talent"] == {
        "rule": "talent", "when": "@researchers AND @labs", "priority": "flash", "notify": ["newsroom"],
        "from_list": False,
    }  # fmt: skip
    assert (rows["words"]["from_list"], rows["words"]["notify"]) == (True, ["newsroom", "screen"])
    assert "talent  @researchers AND @labs  flash     newsroom\n" in terminal("rules", "list").out


def test_the_examples_of_a_rule_are_tried(terminal: Terminal) -> None:
    said = terminal("rules", "test", "talent", "Jason Wei joins Meta", "Nobody moves")

    assert said.code == 0
    assert said.out.splitlines() == [
        "rings for Jason Wei, OpenAI, Meta: Jason Wei leaves OpenAI for Meta",
        "does not ring: Uma meta ambiciosa, diz Jason Wei",
        "rings for Jason Wei, Meta: Jason Wei joins Meta",
        "does not ring: Nobody moves",
    ]


def test_an_example_that_disagrees_is_a_no(terminal: Terminal) -> None:
    said = terminal("rules", "test", "wrong", "--json")

    assert said.code == 1
    assert said.lines == [
        {"title": "superintelligence", "rings": True, "expected": True, "right": True,
         "surfaces": ["superintelligence"]},
        {"title": "intelligence", "rings": False, "expected": True, "right": False, "surfaces": []},
    ]  # fmt: skip


def test_an_unknown_rule_is_misuse_with_the_nearest_name(terminal: Terminal) -> None:
    said = terminal("rules", "test", "talents")

    assert (said.code, said.err) == (2, "no rule is called talents; did you mean `talent`?\n")
