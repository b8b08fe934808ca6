"""Nouns for tests: state what the test is about, the rest is supplied."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from rules.records import Alert, AlertKind, Delivery, Feed, Hit, Item, Match, Priority, Story, StoryItem, hashed

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def a_feed(url: str = "http://127.0.0.1/feed.xml", **fields: Any) -> Feed:
    return Feed(url=url, **{"name": "The Wire", **fields})


def an_item(title: str = "Jason Wei leaves OpenAI for Meta", **fields: Any) -> Item:
    return Item(title=title, **{"guid": hashed(title), "link": f"https://example.org/{hashed(title)[:8]}", **fields})


def a_match(surface: str = "Jason Wei", *, text: str = "Jason Wei leaves OpenAI for Meta", **fields: Any) -> Match:
    start = text.index(surface)
    given = {"watchlist": "researchers", "entry": surface, "field": "title", **fields}
    return Match(start=start, end=start + len(surface), surface=surface, **given)


def a_hit(rule: str = "researchers", *, matches: Sequence[Match] = (), **fields: Any) -> Hit:
    given = {"priority": Priority.ROUTINE, "notify": ("desk",), **fields}
    return Hit(rule=rule, matches=tuple(matches) or (a_match(),), **given)


def an_alert(title: str = "Jason Wei leaves OpenAI for Meta", **fields: Any) -> Alert:
    item = fields.pop("item", None) or an_item(
        title,
        feed="The Wire",
        feed_url="https://wire.example/feed.xml",
        language="en",
        published=NOON - timedelta(minutes=3),
    )
    story = Story(
        story_id=hashed("story", title),
        title=title,
        sources=1,
        first_seen=NOON,
        items=(StoryItem(title=title, link=item.link, feed=item.feed),),
    )
    given: dict[str, Any] = {
        "alert_id": hashed("alert", title),
        "kind": AlertKind.CREATED,
        "rule": "researchers",
        "priority": Priority.URGENT,
        "matches": (),
        "story": story,
        "first_seen": NOON,
        **fields,
    }
    return Alert(item=item, **given)


def a_delivery(channel: str = "desk", *, alert: Alert | None = None, **fields: Any) -> Delivery:
    alert = alert or an_alert(matches=(a_match(),))
    return Delivery(delivery_id=hashed(alert.alert_id, channel), channel=channel, alert=alert, **fields)
