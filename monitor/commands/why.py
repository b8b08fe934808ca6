"""`why`: the whole life of an item, and of what never came the nearest there is."""

from typing import Annotated, Any

import typer

from monitor.commands.common import (
    AsJson,
    CommandError,
    Status,
    print_json,
    rfc3339,
    show,
    store_of,
    the_config_to_read,
)
from monitor.commands.explanations import explanation
from monitor.commands.lives import Life, Nothing, RuleLife, looked_up
from monitor.commands.telling import GONE, tell_life, tell_nothing
from monitor.logs import redact
from state.articles import ArticleRecord
from state.catalogue import AlertRecord, DeliveryRecord, FeedRecord, ItemRecord


def why(
    context: typer.Context,
    asked: Annotated[list[str], typer.Argument(metavar="URL_OR_TITLE", help="An address, or a part of a title.")],
    as_json: AsJson = False,
) -> Status:
    """Tell the life of an item: when it was seen, which rules it rang and why, who heard of it.

    Of several items with such a title the newest is told in full. Exits 1 where none was ever seen; it is told then
    what comes nearest, and how the feeds of that site fare.

    Example: wirebell why "Jason Wei leaves OpenAI"
    """
    text = " ".join(asked).strip()
    if not text:
        raise CommandError("no item is asked for; give its address or a part of its title", Status.MISUSE)
    configured = the_config_to_read(context)
    with store_of(configured, read_only=True) as store:
        life = looked_up(configured, store, text)
    if as_json:
        print_json(_life_json(text, life) if isinstance(life, Life) else _nothing_json(life))
    else:
        for line in tell_life(life) if isinstance(life, Life) else tell_nothing(life):
            show(line)
    return Status.DONE if isinstance(life, Life) else Status.NO


def _life_json(asked: str, life: Life) -> dict[str, Any]:
    record, item, story = life.record, life.record.item, life.story
    return {
        "asked": asked,
        "seen": True,
        "item": {
            **_item_json(record),
            "guid": item.guid,
            "feed_url": redact(item.feed_url),
            "language": item.language,
            "published": rfc3339(item.published),
            "edited": rfc3339(record.edited),
        },
        "article": record.article and _article_json(record.article),
        "reports": [_item_json(one) for one in life.reports],
        "rules": [_rule_json(one) for one in life.rules],
        "story": story
        and {
            "story_id": story.story_id,
            "title": story.title,
            "sources": story.sources,
            "first_seen": rfc3339(story.first_seen),
            "items": [{"title": one.title, "link": one.link, "feed": one.feed} for one in story.items],
        },
        "alerts": [_alert_json(life, one) for one in life.alerts],
        "others": [_item_json(one) for one in life.others],
    }


def _item_json(record: ItemRecord) -> dict[str, Any]:
    return {
        "item_id": record.item_id,
        "title": record.item.title,
        "link": record.item.link,
        "feed": record.item.feed,
        "first_seen": rfc3339(record.seen),
    }


def _article_json(article: ArticleRecord) -> dict[str, Any]:
    return {
        "url": article.url,
        "state": article.state,
        "reason": redact(article.reason),
        "attempts": article.attempts,
        "next_try": rfc3339(article.due),
        "fetched": rfc3339(article.fetched),
    }


def _rule_json(one: RuleLife) -> dict[str, Any]:
    gone: dict[str, Any] = {"rule": one.rule, "rings": None, "because": GONE, "words": [], "parts": []}
    now = explanation(one.rule, one.now) if one.now else gone
    words = list(dict.fromkeys(match.surface for match in one.then.matches)) if one.then else []
    then = {"verdict": one.then.verdict, "alert_id": one.then.alert_id, "words": words} if one.then else None
    return {**now, "then": then}


def _alert_json(life: Life, alert: AlertRecord) -> dict[str, Any]:
    return {
        "alert_id": alert.alert_id,
        "kind": str(alert.kind),
        "rule": alert.rule,
        "priority": str(alert.priority),
        "created": rfc3339(alert.created),
        "deliveries": [_delivery_json(life, one) for one in alert.deliveries],
    }


def _delivery_json(life: Life, one: DeliveryRecord) -> dict[str, Any]:
    return {
        "delivery_id": one.delivery_id,
        "channel": one.channel,
        "configured": one.channel in life.configured,
        "state": one.state,
        "attempts": one.attempts,
        "reason": redact(one.reason),
        "finished": rfc3339(one.finished),
        "next_try": rfc3339(None if one.finished else one.not_before),
    }


def _nothing_json(nothing: Nothing) -> dict[str, Any]:
    return {
        "asked": nothing.asked,
        "seen": False,
        "forgotten": rfc3339(nothing.forgotten),
        "nearest": [_item_json(one) for one in nothing.nearest],
        "site": nothing.site,
        "feeds": [_feed_json(one) for one in nothing.feeds],
        "rules": [_rule_json(one) for one in nothing.rules],
    }


def _feed_json(record: FeedRecord) -> dict[str, Any]:
    cursor = record.cursor
    return {
        "name": record.feed.name,
        "url": redact(record.feed.url),
        "active": record.active,
        "gone": cursor.gone,
        "failures": cursor.failures,
        "error": redact(cursor.error) if cursor.failures else "",
        "last_poll": rfc3339(cursor.last_poll),
        "last_success": rfc3339(cursor.last_success),
        "next_poll": rfc3339(cursor.next_poll),
        "newest_item": rfc3339(record.last_item),
    }
