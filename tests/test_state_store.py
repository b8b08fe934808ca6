"""The contract of the memory: what a poll leaves behind, what is owed, and what people can ask.

A second store passes this suite by being one more parameter of `store`.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.health import Health
from rules.identity import article_links, fingerprint, keys_of
from rules.records import (
    AlertKind,
    Attempt,
    Cursor,
    Delivery,
    Feed,
    Hit,
    Item,
    Judged,
    Match,
    Outcome,
    Priority,
    hashed,
)
from rules.stories import title_key
from state.errors import StateError
from state.ingest import Committed
from state.store import Store
from tests.builders import NOON, a_feed, a_hit, a_match, an_alert, an_item

WAIT = 10
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
WIRE = a_feed("https://wire.example/feed", name="The Wire")
POST = a_feed("https://post.example/feed", name="The Post")
TOLD = "Jason Wei leaves OpenAI for Meta"
SENT = Attempt(outcome=Outcome.SENT)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path) as opened:
        opened.enrol([WIRE, POST], now=NOON).result(WAIT)
        for feed in (WIRE, POST):
            opened.commit(good(feed), now=NOON).result(WAIT)
        yield opened


def good(feed: Feed = WIRE, **fields: object) -> Cursor:
    """The cursor after a good poll."""
    given = {"last_success": NOON, "last_poll": NOON, "next_poll": NOON + MINUTE, **fields}
    return Cursor(feed_id=feed.id, url=feed.url, **given)  # type: ignore[arg-type]


def word(entry: str = "Jason Wei", watchlist: str = "researchers") -> Match:
    return Match(watchlist=watchlist, entry=entry, field="title", start=0, end=len(entry), surface=entry)


def judged(item: Item, *hits: Hit) -> Judged:
    return Judged(
        item=item,
        keys=keys_of([item])[0],
        link_key=article_links([item])[0],
        title_key=title_key(item.title),
        hits=hits,
        fingerprint=fingerprint(item),
    )


def news(
    title: str = TOLD, *entries: str, rule: str = "researchers", notify: tuple[str, ...] = ("desk",), **fields: str
) -> Judged:
    """An item that rings `rule` by `entries`."""
    return judged(
        an_item(title, **fields),
        a_hit(rule, matches=[word(entry) for entry in entries or ("Jason Wei",)], notify=notify),
    )


def poll(store: Store, *carried: Judged, feed: Feed = WIRE, now: datetime = NOON, **options: object) -> Committed:
    return store.commit(good(feed), carried, now=now, **options).result(WAIT)  # type: ignore[arg-type]


def claim(store: Store, channel: str = "desk", now: datetime = NOON) -> Delivery:
    delivery = store.take(channel, now=now).result(WAIT)
    assert delivery is not None
    return delivery


def drained(store: Store, channel: str = "desk", now: datetime = NOON) -> list[Delivery]:
    """Everything that is due to `channel`, each sent."""
    sent = []
    while delivery := store.take(channel, now=now).result(WAIT):
        store.done(delivery, SENT, now=now).result(WAIT)
        sent.append(delivery)
    return sent


# Feeds.


def test_a_new_feed_is_due_and_one_that_was_taken_away_is_not(store: Store) -> None:
    later = a_feed("https://later.example/feed")

    store.enrol([WIRE, later], now=NOON).result(WAIT)

    assert [cursor.feed_id for cursor in store.due(NOON)] == [later.id]
    assert {cursor.feed_id for cursor in store.due(NOON + DAY)} == {later.id, WIRE.id}
    assert {record.feed.name: record.active for record in store.feeds()} == {"The Wire": True, "The Post": False}


def test_enrolling_again_brings_no_poll_forward(store: Store) -> None:
    store.enrol([replace(WIRE, name="Renamed", tags=("press",)), POST], now=NOON + timedelta(seconds=1)).result(WAIT)

    assert store.due(NOON + timedelta(seconds=1)) == []
    assert {record.feed.name for record in store.feeds()} == {"Renamed", "The Post"}


def test_new_feeds_are_spread_over_the_time_allowed(store: Store) -> None:
    many = [a_feed(f"https://{n}.example/feed") for n in range(40)]

    store.enrol(many, now=NOON, spread=100.0).result(WAIT)

    assert 0 < len(store.due(NOON + timedelta(seconds=50))) < len(store.due(NOON + timedelta(seconds=100))) == 40


def test_a_feed_that_is_gone_is_not_due_until_it_is_added_again(store: Store) -> None:
    store.commit(good(gone=True, next_poll=None), now=NOON).result(WAIT)
    assert WIRE.id not in {cursor.feed_id for cursor in store.due(NOON + DAY)}

    store.enrol([POST], now=NOON).result(WAIT)
    store.enrol([WIRE, POST], now=NOON).result(WAIT)

    assert [cursor.feed_id for cursor in store.due(NOON)] == [WIRE.id]


def test_a_feed_that_comes_back_keeps_its_turn_and_what_its_server_asked_for(store: Store) -> None:
    store.commit(good(failures=1, next_poll=NOON + timedelta(hours=5)), now=NOON).result(WAIT)
    store.enrol([POST], now=NOON).result(WAIT)

    store.enrol([WIRE, POST], now=NOON).result(WAIT)

    cursor = store.cursor(WIRE.id)
    assert cursor is not None
    assert (cursor.next_poll, cursor.failures) == (NOON + timedelta(hours=5), 1)


def test_a_feed_that_is_to_be_asked_oftener_does_not_wait_for_its_longer_interval(store: Store) -> None:
    hour = timedelta(hours=1)
    store.commit(good(interval=3600.0, next_poll=NOON + hour), now=NOON).result(WAIT)
    store.commit(good(POST, interval=3600.0, next_poll=NOON + 3 * hour), now=NOON).result(WAIT)

    store.enrol([replace(WIRE, every=120.0), replace(POST, every=120.0)], now=NOON + MINUTE).result(WAIT)

    cursors = {record.feed.url: record.cursor.next_poll for record in store.feeds()}
    assert cursors == {WIRE.url: NOON + 2 * MINUTE, POST.url: NOON + 3 * hour}


def test_a_cursor_comes_back_as_it_was(store: Store) -> None:
    cursor = Cursor(
        feed_id=WIRE.id, url="https://moved.example/feed", etag='W/"1"', last_modified="yesterday", body_hash="b",
        failures=3, error="503", baseline=True, gone=False, interval=12.5, hint=60.0,
        skip_hours=(0, 23), skip_days=(5, 6), next_poll=NOON,
        last_poll=NOON + MINUTE, last_success=NOON, last_change=NOON, validated_since=NOON,
        moved_to="https://x.example", moved_polls=2, moved_since=NOON, rhythm="[1]", pace=2.5,
    )  # fmt: skip

    store.commit(cursor, now=NOON).result(WAIT)

    assert store.cursor(WIRE.id) == cursor
    assert store.cursor("unknown") is None


def test_the_feeds_that_share_the_requests_are_those_that_are_polled_adaptively(store: Store) -> None:
    fixed, gone = Feed(url="https://fixed.example/", every=60.0), Feed(url="https://gone.example/")
    store.enrol([WIRE, fixed, gone], now=NOON).result(WAIT)
    for feed in (WIRE, fixed, gone):
        cursor = Cursor(feed_id=feed.id, url=feed.url, pace=2.5, hint=60.0, gone=feed is gone)
        store.commit(cursor, now=NOON).result(WAIT)

    assert store.paces() == [(2.5, 60.0)]


def test_a_poll_set_for_a_time_no_schedule_allows_is_due(store: Store) -> None:
    store.commit(good(next_poll=NOON + timedelta(days=365)), now=NOON).result(WAIT)

    assert [cursor.feed_id for cursor in store.due(NOON)] == [WIRE.id]


def test_a_feed_that_is_asked_once_a_month_is_not_due_before(store: Store) -> None:
    month = timedelta(days=30)
    store.commit(good(interval=month.total_seconds(), next_poll=NOON + 1.6 * month), now=NOON).result(WAIT)

    assert WIRE.id not in {cursor.feed_id for cursor in store.due(NOON + DAY)}


def test_the_next_due_feed_is_known(store: Store) -> None:
    assert store.next_due() == NOON + MINUTE


# What is new, and what rings.


def test_the_first_good_poll_of_a_feed_is_silent(store: Store) -> None:
    fresh = a_feed("https://fresh.example/feed")
    store.enrol([fresh], now=NOON).result(WAIT)
    store.commit(Cursor(feed_id=fresh.id, url=fresh.url, failures=1, error="timed out"), now=NOON).result(WAIT)

    first = poll(store, news(), feed=fresh)
    second = poll(store, news("Hyung Won Chung joins a new lab"), feed=fresh)

    assert first == Committed(new=1, baseline=True)
    assert second == Committed(new=1, alerts=1)


def test_an_empty_feed_has_its_baseline_all_the_same(store: Store) -> None:
    assert poll(store, news()).alerts == 1


def test_the_first_poll_rings_for_what_is_younger_than_the_backfill(store: Store) -> None:
    fresh = a_feed("https://fresh.example/feed")
    young = judged(an_item("Young", published=NOON - timedelta(hours=23)), a_hit())
    old = judged(an_item("Old", published=NOON - timedelta(hours=25)), a_hit())
    undated = judged(an_item("Undated"), a_hit())

    assert poll(store, young, old, undated, feed=fresh, backfill=DAY) == Committed(new=3, alerts=1, baseline=True)


def test_a_cursor_cannot_take_the_baseline_back(store: Store) -> None:
    store.commit(good(baseline=False), now=NOON).result(WAIT)

    cursor = store.cursor(WIRE.id)
    assert cursor is not None
    assert cursor.baseline


def test_the_same_poll_twice_rings_once(store: Store) -> None:
    assert poll(store, news()) == Committed(new=1, alerts=1)
    assert poll(store, news()) == Committed()
    assert len(drained(store)) == 1


def test_what_is_known_is_known_by_any_of_its_keys_and_to_its_feed_only(store: Store) -> None:
    one = news(guid="1", link="https://a.example/1")
    poll(store, one)

    assert store.known(WIRE.id, [*one.keys, "another"]) == dict.fromkeys(one.keys, one.fingerprint)
    assert store.known(POST.id, one.keys) == {}
    assert poll(store, news("Another title", guid="2", link="https://a.example/1?utm_source=x")).new == 0
    assert poll(store, news("A third title", guid="2", link="https://a.example/3")).new == 0


def test_a_lookup_of_many_keys_is_answered_whole(store: Store) -> None:
    one = news()
    poll(store, one)

    assert store.known(WIRE.id, [f"{n}" for n in range(40_000)] + list(one.keys)).keys() == set(one.keys)


def test_an_edit_that_introduces_the_words_rings(store: Store) -> None:
    poll(store, judged(an_item("Somebody leaves", guid="1", link="https://a.example/1")))

    edited = news("Jason Wei leaves", guid="1", link="https://a.example/1")

    assert poll(store, edited) == Committed(edited=1, alerts=1)
    assert poll(store, edited) == Committed()


def test_an_edit_that_keeps_the_words_does_not_ring(store: Store) -> None:
    poll(store, news("Jason Wei leaves", guid="1"))
    drained(store)

    assert poll(store, news("Jason Wei is leaving", guid="1")) == Committed(edited=1)
    assert poll(store, news("Jason Wei leaves", guid="1")) == Committed(edited=1)
    assert store.owed(NOON) == {}


def test_an_edit_of_the_silent_first_poll_rings_for_new_words_only(store: Store) -> None:
    fresh = a_feed("https://fresh.example/feed")
    poll(store, news("Jason Wei leaves", guid="1"), feed=fresh)

    assert poll(store, news("Jason Wei left", guid="1"), feed=fresh).alerts == 0
    assert (
        poll(
            store, news("Jason Wei and Hyung Won Chung left", "Jason Wei", "Hyung Won Chung", guid="1"), feed=fresh
        ).alerts
        == 1
    )


def test_an_edit_of_an_old_item_does_not_ring(store: Store) -> None:
    poll(store, judged(an_item("Somebody leaves", guid="1")))

    assert poll(store, news("Jason Wei leaves", guid="1"), now=NOON + timedelta(days=8)) == Committed(edited=1)
    assert [hit.verdict for hit in store.items()[0].hits] == ["old"]


def test_two_entries_of_one_document_that_share_a_key_are_one_item(store: Store) -> None:
    one = judged(an_item("Somebody leaves", guid="1"))

    assert poll(store, one, news("Jason Wei leaves", guid="1")) == Committed(new=1, edited=1, alerts=1)


def test_text_that_utf8_cannot_write_is_kept_as_near_as_can_be(store: Store) -> None:
    poll(store, news("Jason Wei \ud83d leaves\x00 OpenAI"))

    assert claim(store).alert.item.title == "Jason Wei ? leaves\x00 OpenAI"


# Stories.


def test_another_outlet_with_the_same_title_folds_in_silence(store: Store) -> None:
    poll(store, news())

    assert poll(store, news(TOLD.upper() + " - The Post", link="https://post.example/9"), feed=POST) == Committed(
        new=1, folded=1
    )
    (sent,) = drained(store)
    assert sent.alert.story.sources == 2
    assert [report.feed for report in sent.alert.story.items] == ["The Wire", "The Post"]


def test_another_feed_with_the_same_article_folds_in_silence(store: Store) -> None:
    poll(store, news(link="https://a.example/1"))

    assert (
        poll(store, news("Wei out", link="http://www.a.example/1/?utm_source=x"), feed=POST, now=NOON + 80 * DAY).folded
        == 1
    )


def test_a_title_that_returns_after_the_window_is_a_new_story(store: Store) -> None:
    for day in range(6):
        poll(
            store,
            news(guid=str(day), link=f"https://a.example/{day}"),
            feed=(WIRE, POST)[day % 2],
            now=NOON + day * DAY,
        )

    assert len(store.stories()) == 2
    assert len(drained(store, now=NOON + 5 * DAY)) == 2


def test_a_person_the_story_has_not_rung_for_rings_as_an_update(store: Store) -> None:
    poll(store, news())

    assert poll(store, news(TOLD, "Hyung Won Chung", link="https://post.example/9"), feed=POST) == Committed(
        new=1, alerts=1
    )
    first, second = drained(store)
    assert (first.alert.kind, second.alert.kind) == (AlertKind.CREATED, AlertKind.UPDATED)
    assert first.alert.story.story_id == second.alert.story.story_id
    assert [match.entry for match in second.alert.matches] == ["Hyung Won Chung"]


def test_another_rule_rings_for_the_same_story(store: Store) -> None:
    poll(store, news())

    assert poll(store, news(rule="labs", link="https://post.example/9"), feed=POST).alerts == 1
    assert [delivery.alert.kind for delivery in drained(store)] == [AlertKind.CREATED, AlertKind.CREATED]


def test_a_report_rings_although_the_silent_first_poll_had_the_story(store: Store) -> None:
    fresh = a_feed("https://fresh.example/feed")
    poll(store, news(), feed=fresh)

    assert poll(store, news(link="https://post.example/9"), feed=POST).alerts == 1


def test_a_rule_without_words_rings_once_for_a_story(store: Store) -> None:
    bare = Hit(rule="site", priority=Priority.URGENT, notify=("desk",), matches=())

    assert poll(store, judged(an_item(), bare)).alerts == 1
    assert poll(store, judged(an_item(link="https://post.example/9"), bare), feed=POST).folded == 1


# What is owed.


def test_an_alert_is_owed_to_each_channel_of_its_rule_once(store: Store) -> None:
    poll(store, news(notify=("desk", "pipeline", "desk")))

    assert set(store.owed(NOON)) == {"desk", "pipeline"}
    assert len(drained(store, "desk")) == len(drained(store, "pipeline")) == 1


def test_a_rule_that_names_no_channel_is_owed_to_the_readers(store: Store) -> None:
    poll(store, news(notify=()), channels=("desk", "newsroom"))

    assert set(store.owed(NOON)) == {"desk", "newsroom"}


def test_a_feed_without_a_name_is_called_by_its_own_title_wherever_it_is_named(store: Store) -> None:
    bare = a_feed("https://bare.example/feed", name="")
    store.enrol([WIRE, POST, bare], now=NOON).result(WAIT)
    store.commit(good(bare), now=NOON).result(WAIT)
    assert [record.feed.called for record in store.feeds() if record.feed.id == bare.id] == [bare.url]

    poll(store, news(), feed=bare, title=" The  Bare\nWire ")
    poll(store, feed=bare)  # what has no title says nothing of it

    (report,) = claim(store).alert.story.items
    assert report.feed == "The Bare Wire"
    assert [record.feed.called for record in store.feeds() if record.feed.id == bare.id] == ["The Bare Wire"]
    assert [one.feed.called for one in store.feed_health(now=NOON) if one.feed.id == bare.id] == ["The Bare Wire"]
    assert store.items()[0].item.feed == "The Bare Wire"
    poll(store, news(), feed=POST, title="Another title")
    assert [one.feed for one in store.stories()[0].items] == ["The Bare Wire", "The Post"]


def test_an_alert_knows_which_report_of_its_story_is_its_own(store: Store) -> None:
    poll(store, news(link=""))
    poll(store, news(link="", guid="another"), feed=POST)
    poll(store, news("Jason Wei has left OpenAI for Meta", link=""), now=NOON + MINUTE)

    own = [(one.feed, one.own) for one in claim(store).alert.story.items]

    assert own == [("The Wire", True), ("The Post", False)]


def test_a_delivery_brings_all_a_channel_needs(store: Store) -> None:
    item = an_item(
        published=NOON - MINUTE, authors=("A. Writer",), categories=("AI",), feed="The Wire", tags=("press",)
    )
    poll(store, judged(item, a_hit(matches=[a_match()], priority=Priority.FLASH)))

    delivery = claim(store)

    assert delivery.alert.item == item
    assert delivery.alert.matches == (a_match(),)
    assert delivery.alert.priority is Priority.FLASH
    assert delivery.alert.first_seen == NOON
    assert delivery.attempt == 1
    assert delivery.delivery_id == hashed("delivery", delivery.alert.alert_id, "desk")


def test_what_is_claimed_is_claimed_once(store: Store) -> None:
    poll(store, news())
    claim(store)

    assert store.take("desk", now=NOON).result(WAIT) is None
    assert store.owed(NOON) == {}


def test_a_failed_attempt_is_tried_again_when_it_was_said_and_under_the_same_id(store: Store) -> None:
    poll(store, news())
    first = claim(store)
    attempt = Attempt(outcome=Outcome.TRANSIENT, reason="503", code=503)
    store.done(first, attempt, now=NOON, again_at=NOON + MINUTE).result(WAIT)

    assert store.owed(NOON) == {"desk": NOON + MINUTE}
    assert store.take("desk", now=NOON).result(WAIT) is None
    second = claim(store, now=NOON + MINUTE)
    assert (second.delivery_id, second.attempt) == (first.delivery_id, 2)


def test_what_nobody_will_accept_is_dead_and_says_why(store: Store) -> None:
    poll(store, news())
    store.done(claim(store), Attempt(outcome=Outcome.PERMANENT, reason="404 no_team", code=404), now=NOON).result(WAIT)

    (delivery,) = store.alerts()[0].deliveries
    assert (delivery.state, delivery.reason) == ("dead", "404 no_team")


def test_what_waits_beyond_its_deadline_is_expired(store: Store) -> None:
    poll(store, news())

    store.owe(an_alert("A notice", kind=AlertKind.NOTICE), ["desk"], now=NOON).result(WAIT)
    late = NOON + 7 * DAY

    assert store.owed(late) == {}
    assert store.take("desk", now=late).result(WAIT) is None
    assert store.expire(NOON + 6 * DAY).result(WAIT) == {}
    assert store.expire(late).result(WAIT) == {"desk": 1}
    assert {alert.deliveries[0].state for alert in store.alerts()} == {"expired"}
    assert store.expire(late).result(WAIT) == {}


def test_an_update_never_overtakes_the_first_alert(store: Store) -> None:
    poll(store, news(), news(TOLD, "Hyung Won Chung", guid="2", link="https://a.example/2"))
    poll(store, news(TOLD, "Third Person", guid="3", link="https://a.example/3"))
    first = claim(store)
    assert store.take("desk", now=NOON).result(WAIT) is None
    store.done(first, Attempt(outcome=Outcome.TRANSIENT), now=NOON, again_at=NOON + MINUTE).result(WAIT)
    assert store.owed(NOON) == {"desk": NOON + MINUTE}

    kinds = [delivery.alert.matches[0].entry for delivery in drained(store, now=NOON + MINUTE)]

    assert kinds == ["Jason Wei", "Hyung Won Chung", "Third Person"]


def test_a_dead_first_alert_releases_its_updates(store: Store) -> None:
    poll(store, news(), news(TOLD, "Hyung Won Chung", guid="2", link="https://a.example/2"))
    store.done(claim(store), Attempt(outcome=Outcome.PERMANENT), now=NOON).result(WAIT)

    assert claim(store).alert.kind is AlertKind.UPDATED


def test_other_stories_do_not_wait_for_one_that_fails(store: Store) -> None:
    poll(store, news(), news("Hyung Won Chung joins another lab"))
    store.done(claim(store), Attempt(outcome=Outcome.TRANSIENT), now=NOON, again_at=NOON + MINUTE).result(WAIT)

    assert claim(store).alert.item.title == "Hyung Won Chung joins another lab"


def test_a_channel_at_fault_is_left_alone_and_the_others_are_not(store: Store) -> None:
    poll(
        store, news(notify=("desk", "pipeline")), news("Hyung Won Chung joins another lab", notify=("desk", "pipeline"))
    )
    fault = Attempt(outcome=Outcome.CHANNEL_FAULT, reason="535", code=535)
    down = Health(failures=5, rests_until=NOON + 5 * MINUTE)
    store.done(claim(store), fault, now=NOON, again_at=NOON + MINUTE, health=down).result(WAIT)

    assert store.health("desk") == down
    assert store.take("desk", now=NOON + 4 * MINUTE).result(WAIT) is None
    assert store.owed(NOON) == {"desk": NOON + 5 * MINUTE, "pipeline": NOON}
    assert len(drained(store, "desk", NOON + 5 * MINUTE)) == 2
    (channel,) = store.status(now=NOON).channels
    assert (channel.channel, channel.open_until, channel.failures) == ("desk", None, 0)


def fail(store: Store, *, again_at: datetime, health: Health) -> Delivery:
    """One attempt at what is due to the desk, in vain."""
    delivery = claim(store)
    attempt = Attempt(outcome=Outcome.TRANSIENT, reason="timed out")
    store.done(delivery, attempt, now=NOON, again_at=again_at, health=health).result(WAIT)
    return delivery


def test_the_first_message_after_an_outage_brings_all_the_others_forward_in_their_order(store: Store) -> None:
    for n, title in enumerate(("One lab hires somebody", "Another lab hires somebody", "A third lab hires somebody")):
        poll(store, news(title, str(n)), now=NOON - timedelta(seconds=3 - n))
    fail(store, again_at=NOON + 9 * MINUTE, health=Health(failures=4))
    fail(store, again_at=NOON + 9 * MINUTE, health=Health(failures=5, rests_until=NOON + 5 * MINUTE))

    sent = drained(store, now=NOON + 5 * MINUTE)

    assert [delivery.alert.item.title.split()[0] for delivery in sent] == ["A", "One", "Another"]


def test_a_new_chance_for_the_channels_is_one_for_what_is_owed_to_them(store: Store) -> None:
    poll(store, news())
    fail(store, again_at=NOON + 9 * MINUTE, health=Health(failures=5, rests_until=NOON + 5 * MINUTE))

    store.reopen().result(WAIT)

    assert store.owed(NOON) == {"desk": NOON}
    assert store.health("desk") == Health()


def test_a_receiver_that_asked_to_be_left_alone_is_whoever_gives_a_new_chance(store: Store) -> None:
    poll(store, news())
    delivery = fail(store, again_at=NOON + MINUTE, health=Health(failures=1, rests_until=NOON + 5 * MINUTE))

    store.reopen().result(WAIT)
    store.retry([delivery.delivery_id], now=NOON).result(WAIT)

    assert store.owed(NOON) == {"desk": NOON + 5 * MINUTE}


def test_a_person_who_retries_does_not_wait_for_the_next_probe(store: Store) -> None:
    poll(store, news())
    delivery = fail(store, again_at=NOON + MINUTE, health=Health(failures=5, rests_until=NOON + 5 * MINUTE))

    assert store.retry([delivery.delivery_id], now=NOON).result(WAIT) == 1

    assert store.owed(NOON) == {"desk": NOON}


def test_a_channel_that_rests_for_a_time_no_rule_allows_is_asked(store: Store) -> None:
    poll(store, news())
    fail(store, again_at=NOON, health=Health(failures=5, rests_until=NOON + 365 * DAY))

    assert store.owed(NOON) == {"desk": NOON}
    assert len(drained(store)) == 1


def test_an_answer_that_comes_after_the_claim_was_given_away_changes_nothing_but_sent(store: Store) -> None:
    poll(store, news())
    stale = claim(store)
    store.done(stale, Attempt(outcome=Outcome.TRANSIENT), now=NOON, again_at=NOON).result(WAIT)
    claim(store)

    store.done(stale, Attempt(outcome=Outcome.PERMANENT), now=NOON).result(WAIT)
    assert store.alerts()[0].deliveries[0].state == "leased"
    store.done(stale, SENT, now=NOON).result(WAIT)
    assert store.alerts()[0].deliveries[0].state == "sent"


def test_a_claim_of_a_process_that_is_gone_is_owed_again_and_noted_as_in_doubt(tmp_path: Path) -> None:
    with Store.open(tmp_path) as first:
        poll(first, feed=WIRE)
        poll(first, news())
        before = claim(first)
    with Store.open(tmp_path) as second:
        after = claim(second)
        record = second.alert(after.alert.alert_id[:12])

    assert (after.delivery_id, after.attempt) == (before.delivery_id, 2)
    assert record is not None
    assert [attempt.outcome for attempt in record.deliveries[0].tries] == ["in_doubt", ""]


def test_a_notice_is_owed_once_and_told_as_it_was_given(store: Store) -> None:
    alert = an_alert("The feed is gone", kind=AlertKind.NOTICE)

    assert store.owe(alert, ["phone", "desk"], now=NOON).result(WAIT) == 2
    assert store.owe(alert, ["phone", "desk"], now=NOON).result(WAIT) == 0
    assert claim(store, "phone").alert == alert


def test_what_is_dead_can_be_owed_again_with_a_new_deadline(store: Store) -> None:
    poll(store, news(), news("Hyung Won Chung joins another lab"))
    one, other = claim(store), claim(store)
    for delivery in (one, other):
        store.done(delivery, Attempt(outcome=Outcome.PERMANENT), now=NOON).result(WAIT)
    later = NOON + 30 * DAY

    assert store.retry([one.alert.alert_id[:8]], now=later).result(WAIT) == 1
    assert store.retry([other.delivery_id[:8]], now=later).result(WAIT) == 1
    assert len(drained(store, now=later)) == 2
    assert store.retry(now=later).result(WAIT) == 0
    assert store.retry([one.alert.alert_id], now=later).result(WAIT) == 0


@pytest.mark.parametrize("prefix", ["", "%", "xyz"])
def test_what_begins_no_id_is_told(store: Store, prefix: str) -> None:
    with pytest.raises(StateError, match="begins no id"):
        store.retry([prefix], now=NOON).result(WAIT)
    with pytest.raises(StateError, match="begins no id"):
        store.alert(prefix)


def test_a_clock_that_is_set_moves_everything_still_to_come(store: Store) -> None:
    poll(store, news())
    store.done(claim(store), Attempt(outcome=Outcome.TRANSIENT), now=NOON, again_at=NOON + MINUTE).result(WAIT)
    year = timedelta(days=365)

    store.upkeep.shift(year, now=NOON + year).result(WAIT)

    assert store.due(NOON + year) == []
    assert {cursor.feed_id for cursor in store.due(NOON + year + MINUTE)} == {WIRE.id, POST.id}
    assert store.owed(NOON + year) == {"desk": NOON + year + MINUTE}
    assert len(drained(store, now=NOON + year + MINUTE)) == 1


def test_a_clock_that_was_wrong_at_the_start_makes_no_feed_wait_longer_than_it_was_going_to(store: Store) -> None:
    """The polls were set by the right clock; the machine started three hours early, and then was put right."""
    store.upkeep.shift(timedelta(hours=3), now=NOON).result(WAIT)

    assert {cursor.feed_id for cursor in store.due(NOON + MINUTE)} == {WIRE.id, POST.id}


def test_after_the_clock_was_set_back_nothing_has_happened_in_the_future(store: Store) -> None:
    store.commit(good(validated_since=NOON, moved_since=NOON), now=NOON).result(WAIT)

    store.upkeep.shift(-DAY, now=NOON - DAY).result(WAIT)

    cursor = store.cursor(WIRE.id)
    assert cursor is not None
    assert {cursor.last_poll, cursor.last_success, cursor.validated_since, cursor.moved_since} == {NOON - DAY}
    assert cursor.next_poll == NOON - DAY + MINUTE


def test_a_delivery_set_for_a_time_no_schedule_allows_is_due(store: Store) -> None:
    poll(store, news(), now=NOON + timedelta(days=365))

    assert store.owed(NOON) == {"desk": NOON}
    assert len(drained(store)) == 1


# What people ask.


def test_an_alert_tells_what_became_of_it(store: Store) -> None:
    poll(store, news(notify=("desk", "pipeline")))
    store.done(claim(store), SENT, now=NOON).result(WAIT)

    (alert,) = store.alerts(since=NOON, rule="researchers")

    assert (alert.rule, alert.title, alert.created) == ("researchers", TOLD, NOON)
    assert {delivery.channel: delivery.state for delivery in alert.deliveries} == {
        "desk": "sent",
        "pipeline": "pending",
    }
    assert store.alerts(rule="another") == store.alerts(since=NOON + MINUTE) == []
    assert store.alert("0" * 32) is None


def test_an_id_that_begins_several_alerts_is_told(store: Store) -> None:
    poll(store, *(news(f"Jason Wei number {n}") for n in range(40)))
    begins = [alert.alert_id[0] for alert in store.alerts()]
    twice = next(letter for letter in begins if begins.count(letter) > 1)

    with pytest.raises(StateError, match="several"):
        store.alert(twice)


def test_the_status_counts_what_matters(store: Store) -> None:
    poll(store, news(), news("Hyung Won Chung joins another lab"))
    drained_one = claim(store)
    store.done(drained_one, SENT, now=NOON).result(WAIT)
    store.commit(good(POST, failures=2, error="timed out", next_poll=NOON), now=NOON).result(WAIT)
    gone = a_feed("https://gone.example/feed")
    store.enrol([WIRE, POST, gone], now=NOON).result(WAIT)
    store.commit(good(gone, failures=1, error="HTTP 410 Gone", gone=True, next_poll=None), now=NOON).result(WAIT)

    status = store.status(now=NOON + timedelta(seconds=30))

    assert status.outbox == {"pending": 1, "sent": 1}
    assert (status.feeds, status.failing, status.gone, status.due) == (3, 1, 1, 1)
    assert status.lag == timedelta(seconds=30)
    assert status.oldest_pending == status.last_alert == status.last_sent == NOON
    assert status.instance == store.instance != ""
    assert store.waited == 0.0


def test_an_item_is_found_by_its_link_and_by_its_guid(store: Store) -> None:
    poll(store, news(link="https://a.example/1", guid="tag:1"), judged(an_item("Something else")))

    by_link = store.find("https://a.example/1", "http://a.example/1?utm_source=x")

    assert by_link == store.find("", "tag:1")
    assert [hit.verdict for hit in by_link[0].hits] == ["rang"]
    assert by_link[0].hits[0].matches == (word(),)
    assert store.find("", "") == store.find("https://a.example/2", "tag:2") == []


def test_an_article_is_found_in_every_feed_and_another_report_of_its_story_is_not(store: Store) -> None:
    poll(store, news(link="https://a.example/1"))
    poll(store, news(link="https://a.example/1?utm_source=x"), now=NOON + MINUTE, feed=POST)
    poll(store, news(link="https://a.example/2", guid="other"), now=NOON + 2 * MINUTE, feed=POST)

    assert len({record.story_id for record in store.items()}) == 1
    assert [record.item.feed for record in store.find("https://a.example/1", "")] == ["The Post", "The Wire"]


def test_what_the_retention_has_taken_is_remembered_by_its_link_and_guid(store: Store) -> None:
    poll(store, judged(an_item("An old report", link="https://a.example/1", guid="tag:1")))

    assert store.forgotten("https://a.example/1", "") is None
    store.upkeep.prune(DAY, now=NOON + 30 * DAY).result(WAIT)

    assert store.forgotten("https://a.example/1", "") == store.forgotten("", "tag:1") == NOON
    assert store.forgotten("https://a.example/2", "tag:2") is None


def test_headlines_are_the_newest_and_lead_to_their_items(store: Store) -> None:
    for minute, title in enumerate(("One", "Two", "Three")):
        poll(store, judged(an_item(title)), now=NOON + minute * MINUTE)

    three, two = store.headlines(limit=2)

    assert [three.title, two.title] == ["Three", "Two"]
    assert [record.item.title for record in store.records([two.item_id, "none", three.item_id])] == ["Two", "Three"]


def test_the_items_since_are_told_in_order_with_their_feed(store: Store) -> None:
    poll(store, news())
    poll(store, judged(an_item("Later")), now=NOON + MINUTE, feed=POST)

    assert [(record.item.title, record.item.feed) for record in store.items()] == [
        (TOLD, "The Wire"),
        ("Later", "The Post"),
    ]
    assert [record.item.title for record in store.items(since=NOON + MINUTE)] == ["Later"]


def test_a_story_is_told_with_its_reports(store: Store) -> None:
    poll(store, news())
    (story,) = store.stories(since=NOON)

    assert store.story(story.story_id) == story
    assert story.title == TOLD
    assert store.story("unknown") is None


def test_a_stream_gives_every_item_once_in_order_whatever_the_page(store: Store) -> None:
    for number in range(7):
        # Two commits at one moment, so that a page may end between items of one time.
        now = NOON + (number // 2) * MINUTE
        store.commit(good(), [news(f"Headline {number} of the day")], now=now).result(WAIT)
    titles = [f"Headline {number} of the day" for number in range(7)]

    assert [item.title for item in store.stream(NOON, page=2)] == titles
    assert [item.title for item in store.stream(NOON + MINUTE, page=100)] == titles[2:]
    assert store.seen_since(NOON + MINUTE) == 5
    assert next(store.stream(NOON)).feed == "The Wire"


def test_a_feed_is_told_with_its_items(store: Store) -> None:
    poll(store, news())

    records = {record.feed.id: record for record in store.feeds()}

    assert (records[WIRE.id].items, records[WIRE.id].last_item) == (1, NOON)
    assert (records[POST.id].items, records[POST.id].last_item) == (0, None)
    assert records[WIRE.id].feed == WIRE


# Properties.

PEOPLE = ("Jason Wei", "Hyung Won Chung", "Third Person")


def report(number: int, title: int, people: set[str], feed: Feed) -> tuple[Feed, Judged]:
    link = f"https://a.example/{number % 4}"
    return feed, news(f"A title of more than five words {title}", *sorted(people), guid=f"{number}", link=link)


REPORTS = st.builds(
    report,
    st.integers(0, 7), st.integers(0, 2), st.sets(st.sampled_from(PEOPLE), min_size=1), st.sampled_from([WIRE, POST]),
)  # fmt: skip


def rung(store: Store) -> dict[str, set[str]]:
    """For each story the people somebody has heard of."""
    heard: dict[str, set[str]] = {}
    for delivery in drained(store):
        people = {match.entry for match in delivery.alert.matches}
        assert not people <= heard.get(delivery.alert.story.story_id, set()), "nobody hears the same twice"
        heard.setdefault(delivery.alert.story.story_id, set()).update(people)
    return heard


@settings(max_examples=60, deadline=None)
@given(st.lists(REPORTS, max_size=10))
def test_whatever_comes_in_whatever_order_nothing_is_lost_and_nothing_rings_twice(
    reports: Sequence[tuple[Feed, Judged]],
) -> None:
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder)) as store:
        for feed in (WIRE, POST):
            poll(store, feed=feed)
        for feed, carried in reports:
            poll(store, carried, feed=feed)
        heard = rung(store)
        for record in store.items():
            hit_people = {match.entry for hit in record.hits for match in hit.matches}
            assert hit_people <= heard[record.story_id]
        for feed, carried in reports:
            poll(store, carried, feed=feed)

        assert store.owed(NOON) == {}
        assert store.upkeep.check().result(WAIT) == []
