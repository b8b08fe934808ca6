"""`why`: the life of an item as a person asks for it, and what is told of what never came."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor import config
from rules.headlines import Headlines
from rules.health import ENOUGH, Health
from rules.identity import article_links, keys_of
from rules.links import site_of
from rules.records import Attempt, Cursor, Feed, Item, Judged, Outcome
from rules.stories import title_key
from state.store import Store
from tests.builders import NOON, a_feed, an_item
from tests.terminal import Terminal, terminal_in

MINUTE = timedelta(minutes=1)
WIRE = a_feed("https://feeds.wire.example/rss", name="The Wire", tags=("press",))
POST = a_feed("https://post.example/feed", name="The Post")
CONFIG = """\
database = "wirebell.db"
feeds = [
  { url = "https://feeds.wire.example/rss", name = "The Wire", tags = ["press"] },
  { url = "https://post.example/feed", name = "The Post" },
]

[watchlists]
labs = ["OpenAI", "Anthropic"]
people = ["Jason Wei", { name = "Ada", context = ["mathematics"] }]

[[rules]]
name = "talent"
when = "@people AND @labs"
notify = ["desk"]

[[rules]]
name = "clean"
when = "@labs AND NOT sponsored"
notify = ["desk", "phone"]

[channels]
desk = "slack:${NOBODY_HAS_THIS_SECRET}"
phone = "webhook:https://phone.example/hook"
"""
MOVE = an_item("Jason Wei leaves OpenAI for Zürich", link="https://wire.example/2026/jason-wei-leaves")


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    with terminal_in(tmp_path) as one:
        one.config.write_text(CONFIG, "utf-8")
        yield one


@pytest.fixture
def store(terminal: Terminal) -> Iterator[Store]:
    """A memory that is open elsewhere, as while the daemon runs; its feeds have been read once."""
    with Store.open(terminal.folder / "wirebell.db") as one:
        one.enrol([WIRE, POST], now=NOON).result()
        for feed in (WIRE, POST):
            one.commit(read(feed), now=NOON).result()
        yield one


def read(feed: Feed, **fields: object) -> Cursor:
    given = {"last_success": NOON, "last_poll": NOON, "next_poll": NOON + MINUTE, **fields}
    return Cursor(feed_id=feed.id, url=feed.url, **given)  # type: ignore[arg-type]


def polled(terminal: Terminal, store: Store, *items: Item, feed: Feed = WIRE, now: datetime = NOON + MINUTE) -> None:
    """What a poll of the feed brings, judged by the rules of the file."""
    judge = config.load(terminal.config, {}, secrets=False).judge
    judged = [
        Judged(
            item=item,
            keys=keys,
            link_key=link,
            title_key=title_key(item.title),
            hits=judge.judge(item),
        )
        for item, keys, link in zip(items, keys_of(items), article_links(items), strict=True)
    ]
    store.commit(read(feed, last_poll=now), judged, now=now).result()


def one_line(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    "asked",
    [
        "https://wire.example/2026/jason-wei-leaves",
        "http://www.wire.example/2026/jason-wei-leaves/?utm_source=feed",
        "wire.example/2026/jason-wei-leaves",
        MOVE.guid,
        "leaves openai for zurich",
        "JASON WEI",
    ],
)
def test_an_item_is_found_by_its_address_its_guid_or_a_part_of_its_title(
    terminal: Terminal, store: Store, asked: str
) -> None:
    polled(terminal, store, MOVE, an_item("Other news"))

    said = terminal("why", asked)

    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("Jason Wei leaves OpenAI for Zürich\nhttps://wire.example/2026/jason-wei-leaves\n")
    assert "in The Wire" in said.out


def test_nothing_asked_for_is_misuse(terminal: Terminal, store: Store) -> None:
    said = terminal("why", " ")

    assert (said.code, said.err) == (2, "no item is asked for; give its address or a part of its title\n")


def test_the_words_of_a_title_need_no_quotes(terminal: Terminal, store: Store) -> None:
    polled(terminal, store, MOVE)

    assert terminal("why", "jason", "wei", "leaves", "--json").json["seen"] is True


def test_every_rule_says_what_rang_it_or_which_part_failed(terminal: Terminal, store: Store) -> None:
    text = "A sponsored post on OpenAI and Ada"
    polled(terminal, store, MOVE, an_item(text, published=NOON - 3 * MINUTE))

    rang = one_line(terminal("why", "leaves OpenAI").out)
    failed = one_line(terminal("why", text).out)

    assert "talent: RANG for Jason Wei, OpenAI" in rang
    assert "clean: RANG for OpenAI" in rang
    assert "talent: does not ring: `Ada` of `@people` stands there without its context" in failed
    assert "clean: does not ring: `sponsored` is in it" in failed
    assert "4 minutes before it was seen" in failed


def test_what_was_decided_then_is_told_where_the_rules_are_others_now(terminal: Terminal, store: Store) -> None:
    polled(terminal, store, MOVE)
    changed = CONFIG.replace('"@people AND @labs"', '"@people AND @labs AND NOT leaves"')
    changed = changed.replace('name = "clean"', 'name = "dirty"')
    terminal.config.write_text(changed, "utf-8")

    said = one_line(terminal("why", "jason").out)
    rules = {one["rule"]: one for one in terminal("why", "jason", "--json").json["rules"]}

    assert "talent: RANG for Jason Wei, OpenAI; by the rule as it is now it would not: `leaves` is in it" in said
    assert "clean: RANG for OpenAI; the rule is no longer in the configuration" in said
    assert "dirty: would ring, as it has OpenAI; when it was seen it did not ring" in said
    assert [rules[name]["rings"] for name in ("talent", "clean", "dirty")] == [False, None, True]
    assert [rules[name]["then"] and rules[name]["then"]["verdict"] for name in ("talent", "clean", "dirty")] == [
        "rang", "rang", None,
    ]  # fmt: skip


def test_a_first_poll_and_a_late_edit_are_told(terminal: Terminal, store: Store) -> None:
    late = a_feed("https://late.example/feed", name="Late")
    store.enrol([WIRE, POST, late], now=NOON).result()
    polled(terminal, store, MOVE, feed=late)
    old = an_item("Nothing", guid="old", published=NOON - timedelta(days=60))
    polled(terminal, store, old)
    polled(terminal, store, an_item("Nothing of Anthropic", guid="old", published=old.published), now=NOON + 2 * MINUTE)

    assert "talent: has Jason Wei, OpenAI, and rang nobody: its feed was read for the first time" in one_line(
        terminal("why", "jason").out
    )
    assert "clean: has Anthropic since an edit, and rang nobody: the item is too old" in one_line(
        terminal("why", "anthropic").out
    )


def test_the_reports_of_a_story_are_told_with_the_one_alert(terminal: Terminal, store: Store) -> None:
    polled(terminal, store, MOVE)
    again = an_item(MOVE.title, link="https://post.example/1", guid="post")
    polled(terminal, store, again, feed=POST, now=NOON + 2 * MINUTE)

    said = terminal("why", "jason wei")
    told = terminal("why", "jason wei", "--json").json

    assert said.out.startswith(f"{MOVE.title}\nhttps://post.example/1\n")
    assert [one["feed"] for one in told["reports"]] == ["The Post", "The Wire"]
    assert told["story"]["sources"] == 2
    assert {one["verdict"] for one in (rule["then"] for rule in told["rules"])} == {"folded"}
    assert "talent: rang for Jason Wei, OpenAI, and was folded into an alert" in one_line(said.out)
    assert "2 reports in 2 feeds" in said.out
    assert [alert["rule"] for alert in told["alerts"]] == ["clean", "talent"]


def test_of_several_items_the_newest_is_told_and_the_others_are_named(terminal: Terminal, store: Store) -> None:
    polled(terminal, store, an_item("Anthropic and the first news of a long day"))
    polled(terminal, store, an_item("Anthropic and something else"), now=NOON + 2 * MINUTE)

    said = terminal("why", "anthropic")
    told = terminal("why", "anthropic", "--json").json

    assert said.out.startswith("Anthropic and something else\n")
    assert "the first news of a long day" in one_line(said.out.partition("Other items")[2])
    assert [one["title"] for one in told["others"]] == ["Anthropic and the first news of a long day"]


def test_each_delivery_tells_what_became_of_it(terminal: Terminal, store: Store) -> None:
    polled(terminal, store, MOVE)
    later = NOON + timedelta(hours=1)
    answers: Sequence[tuple[str, Attempt, datetime | None, Health]] = [
        ("desk", Attempt(outcome=Outcome.SENT), None, Health()),
        ("desk", Attempt(outcome=Outcome.PERMANENT, reason="HTTP 400"), None, Health()),
        ("phone", Attempt(outcome=Outcome.TRANSIENT, reason="HTTP 503"), later, Health(failures=1)),
    ]
    for channel, attempt, again, health in answers:
        delivery = store.take(channel, now=NOON + 2 * MINUTE).result()
        assert delivery
        store.done(delivery, attempt, now=NOON + 2 * MINUTE, again_at=again, health=health).result()

    said = one_line(terminal("why", "jason").out)
    told = terminal("why", "jason", "--json").json

    assert "desk: sent 2026-11-23" in said
    assert "desk: given up after 1 attempt: HTTP 400; `wirebell alerts retry" in said
    assert "phone: failed at 1 attempt: HTTP 503; tried again at 2026-11-23" in said
    deliveries = [one for alert in told["alerts"] for one in alert["deliveries"]]
    assert sorted(one["state"] for one in deliveries) == ["dead", "pending", "sent"]
    assert [one["next_try"] for one in deliveries if one["state"] == "pending"] == ["2026-11-23T13:00:00Z"]


def test_what_became_of_several_deliveries_alike_is_told_once(terminal: Terminal, store: Store) -> None:
    polled(terminal, store, MOVE)
    for channel in ("desk", "phone"):
        while delivery := store.take(channel, now=NOON + 2 * MINUTE).result():
            store.done(delivery, Attempt(outcome=Outcome.SENT), now=NOON + 2 * MINUTE).result()

    said = terminal("why", "jason").out

    assert "\n  desk, phone: sent 2026-11-23" in said
    assert said.count(": sent 2026-11-23") == 2  # one for each alert
    assert "desk, phone sent" in terminal("alerts", "--since", "90d").out


def test_a_channel_that_is_down_or_gone_holds_a_delivery(terminal: Terminal, store: Store) -> None:
    polled(terminal, store, MOVE)
    delivery = store.take("phone", now=NOON + 2 * MINUTE).result()
    assert delivery
    down = Health(failures=ENOUGH, rests_until=NOON + timedelta(hours=2))
    fault = Attempt(outcome=Outcome.CHANNEL_FAULT, reason="HTTP 503")
    store.done(delivery, fault, now=NOON + 2 * MINUTE, again_at=NOON + 3 * MINUTE, health=down).result()

    assert "phone: owed; the channel is down: HTTP 503; tried again at 2026-11-23" in one_line(
        terminal("why", "jason").out
    )
    terminal.config.write_text(CONFIG.replace("phone = ", "spare = ").replace(', "phone"]', "]"), "utf-8")
    assert "phone: owed, and the channel is not in the configuration" in one_line(terminal("why", "jason").out)


def test_that_nobody_runs_is_told_where_something_is_owed(terminal: Terminal) -> None:
    with Store.open(terminal.folder / "wirebell.db") as store:
        store.enrol([WIRE, POST], now=NOON).result()
        store.commit(read(WIRE), now=NOON).result()
        polled(terminal, store, MOVE)
        assert "not running" not in terminal("why", "jason").out

    assert "Wirebell is not running" in terminal("why", "jason").out


def test_what_was_never_seen_is_told_with_what_comes_nearest(terminal: Terminal, store: Store) -> None:
    polled(terminal, store, MOVE, *(an_item(f"The news of day {number} for all") for number in range(30)))

    said = terminal("why", "Wei leaves a company for all")
    told = terminal("why", "Wei leaves a company for all", "--json")

    assert (said.code, told.code, said.err) == (1, 1, "")
    assert said.out.startswith("Wei leaves a company for all was never seen.\n")
    assert told.json["nearest"][0]["title"] == MOVE.title
    assert told.json["feeds"] == []
    assert "clean: does not ring: nothing of `@labs` is in it" in one_line(said.out)


def test_of_a_title_that_was_never_seen_the_rules_say_what_they_would(terminal: Terminal, store: Store) -> None:
    said = terminal("why", "Jason Wei joins Anthropic")

    assert said.code == 1
    assert "talent: would ring, as it has Jason Wei, Anthropic\n" in said.out


def test_of_an_address_that_was_never_seen_the_feeds_of_its_site_are_told(terminal: Terminal, store: Store) -> None:
    polled(terminal, store, MOVE)
    failed = read(WIRE, failures=3, error="HTTP 403", next_poll=NOON + timedelta(hours=1))
    store.commit(failed, now=NOON + 5 * MINUTE).result()

    said = terminal("why", "https://www.wire.example/2026/wei-leaves-the-lab.html")
    told = terminal("why", "https://www.wire.example/2026/wei-leaves-the-lab.html", "--json").json

    assert said.code == 1
    assert "The Wire: was last read 2026-11-23" in one_line(said.out)
    assert "3 polls failed since: HTTP 403; next try 2026-11-23" in one_line(said.out)
    assert [(one["name"], one["failures"], one["newest_item"]) for one in told["feeds"]] == [
        ("The Wire", 3, "2026-11-23T12:01:00Z")
    ]
    assert [one["title"] for one in told["nearest"]] == [MOVE.title]
    assert told["rules"] == []


def test_a_site_without_a_feed_is_told(terminal: Terminal, store: Store) -> None:
    said = terminal("why", "https://news.nowhere.example/1")

    assert said.code == 1
    assert "No feed is of nowhere.example; `wirebell feeds add URL` adds one." in said.out


def test_a_feed_of_another_host_that_carries_the_site_is_named(terminal: Terminal, store: Store) -> None:
    polled(terminal, store, an_item("Elsewhere", link="https://blog.carried.example/1"), feed=POST)

    told = terminal("why", "https://www.carried.example/2", "--json").json

    assert [one["name"] for one in told["feeds"]] == ["The Post"]


def test_an_item_that_the_retention_has_taken_was_seen(terminal: Terminal, store: Store) -> None:
    polled(terminal, store, an_item("Old news of nothing", link="https://wire.example/old"))
    store.upkeep.prune(timedelta(days=1), now=NOON + timedelta(days=90)).result()

    said = terminal("why", "https://wire.example/old")

    assert said.code == 1
    assert "was in its feed until 2026-11-23" in one_line(said.out)


@pytest.mark.parametrize("live", ["https://wire.example/live", "https://wire.example/notícias"])
def test_a_page_that_several_items_share_is_found(terminal: Terminal, store: Store, live: str) -> None:
    polled(terminal, store, an_item("First of the live page", link=live), an_item("Second of it all", link=live))

    told = terminal("why", live, "--json").json

    assert told["seen"] is True
    assert {told["item"]["title"], *(one["title"] for one in told["others"])} == {
        "First of the live page", "Second of it all",
    }  # fmt: skip


def test_of_many_rules_those_are_told_that_an_item_has_something_of(terminal: Terminal, store: Store) -> None:
    more = "".join(f'[[rules]]\nname = "r{number}"\nwhen = "word{number} AND other"\n' for number in range(40))
    terminal.config.write_text(CONFIG + more, "utf-8")
    polled(terminal, store, an_item("OpenAI of word7"))

    said = terminal("why", "word7")

    assert "clean: RANG for OpenAI" in said.out
    assert "r7: does not ring: `other` is not in it" in said.out
    assert "r8" not in said.out
    assert "39 other rules have nothing in it" in said.out
    assert len(terminal("why", "word7", "--json").json["rules"]) == 42


def test_no_line_is_wider_than_a_terminal(terminal: Terminal, store: Store) -> None:
    polled(terminal, store, an_item("Jason Wei and OpenAI " + "in a very long title " * 12))
    store.commit(read(WIRE, failures=3, error="an error that goes on and on " * 5), now=NOON + 5 * MINUTE).result()

    for asked in ("jason", "https://wire.example/elsewhere", "Jason Wei wanted in vain"):
        for line in terminal("why", asked).out.splitlines():
            assert len(line) <= 80 or "://" in line


def test_nothing_that_a_feed_says_reaches_the_terminal_as_a_command(terminal: Terminal, store: Store) -> None:
    polled(terminal, store, an_item("Jason \x1b[31mWei\x1b[0m [bold]of OpenAI[/bold]"))

    said = terminal("why", "of openai").out

    assert "\x1b" not in said
    assert "[bold]of OpenAI[/bold]" in one_line(said)


def test_titles_are_found_in_every_script() -> None:
    titles = ["李飞飞离开斯坦福大学", "Ζωή στην Αθήνα", "삼성전자는 오늘", "L’IA arrive à Paris"]

    for asked, number in (("离开斯坦福", 0), ("ζωη στην", 1), ("삼성전자는", 2), ("l'ia ARRIVE a paris", 3)):
        assert Headlines(titles).holding(asked) == [number]
    assert Headlines(titles).holding("…") == []
    assert Headlines(titles).nearest("…") == []


def test_a_rare_word_counts_more_than_common_ones() -> None:
    titles = [*("the end of the day" for _ in range(20)), "Karpathy speaks", "the talk of the town"]

    assert Headlines(titles).nearest("the talk of Karpathy")[0] in (20, 21)
    assert Headlines(titles).nearest("zebra") == []


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://feeds.bbc.co.uk/x", "bbc.co.uk"),
        ("http://www.wired.com/feed", "wired.com"),
        ("https://a.substack.com/feed", "a.substack.com"),
        ("https://tecnoblog.com.br/", "tecnoblog.com.br"),
        ("https://t.co/x", "t.co"),
        ("http://127.0.0.1:8000/x", "127.0.0.1"),
        ("http://[::1]/x", "[::1]"),
        ("http://[", ""),
        ("nothing", ""),
    ],
)
def test_a_site_is_what_a_publisher_has_registered(url: str, site: str) -> None:
    assert site_of(url) == site
