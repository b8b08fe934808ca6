"""Between the nouns and the columns: times are UTC microseconds, lists are JSON, text is what SQLite can keep."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from sqlite3 import Row
from typing import Any, overload

from rules.records import Cursor, Feed, Item, Match, Story, StoryItem

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIMES = ("published", "updated")

CALLED = "coalesce(nullif(f.name, ''), nullif(f.title, ''), f.url)"
"""`Feed.called`, of a row of `feeds f`."""

ITEMS = f"""SELECT i.*, {CALLED} AS feed, f.url AS feed_url, f.tags AS feed_tags,
        i.seen_at = (SELECT min(first.seen_at) FROM items first WHERE first.feed_id = i.feed_id) AS of_first_poll
    FROM items i JOIN feeds f USING (feed_id)"""  # noqa: S608
"""Items beside their feeds, as `item_of` reads them."""


@overload
def micro(moment: datetime) -> int: ...
@overload
def micro(moment: None) -> None: ...
def micro(moment: datetime | None) -> int | None:
    """Microseconds since 1970."""
    return None if moment is None else (moment - EPOCH) // timedelta(microseconds=1)


@overload
def moment(microseconds: int) -> datetime: ...
@overload
def moment(microseconds: None) -> None: ...
def moment(microseconds: int | None) -> datetime | None:
    """The time `microseconds` after 1970."""
    return None if microseconds is None else EPOCH + timedelta(microseconds=microseconds)


def clean(text: str) -> str:
    """`text`, of the same length, without the halves of characters that UTF-8 cannot write."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def packed(value: object) -> str:
    """`value` as JSON that a person can read."""
    return clean(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


CURSOR_TEXTS = ("etag", "last_modified", "body_hash", "error", "moved_to", "rhythm")
CURSOR_NUMBERS = ("failures", "baseline", "gone", "interval", "hint", "pace", "moved_polls")
CURSOR_LISTS = ("skip_hours", "skip_days")
CURSOR_TIMES = ("next_poll", "last_poll", "last_success", "last_change", "validated_since", "moved_since")


def cursor_columns(cursor: Cursor) -> dict[str, Any]:
    """The columns of `feeds` that say how far we are."""
    return {
        "cursor_url": clean(cursor.url),
        **{name: clean(getattr(cursor, name)) for name in CURSOR_TEXTS},
        **{name: getattr(cursor, name) for name in CURSOR_NUMBERS},
        **{name: packed(getattr(cursor, name)) for name in CURSOR_LISTS},
        **{name: micro(getattr(cursor, name)) for name in CURSOR_TIMES},
    }


def cursor_of(row: Row) -> Cursor:
    """How far we are, from a row of `feeds`."""
    return Cursor(
        feed_id=row["feed_id"],
        url=row["cursor_url"],
        failures=row["failures"],
        baseline=bool(row["baseline"]),
        gone=bool(row["gone"]),
        interval=row["interval"],
        hint=row["hint"],
        pace=row["pace"],
        moved_polls=row["moved_polls"],
        skip_hours=tuple(json.loads(row["skip_hours"])),
        skip_days=tuple(json.loads(row["skip_days"])),
        **{name: row[name] for name in CURSOR_TEXTS},
        **{name: moment(row[name]) for name in CURSOR_TIMES},
    )


def feed_of(row: Row) -> Feed:
    """The feed as configured, and what it calls itself, from a row of `feeds`."""
    return Feed(
        url=row["url"],
        name=row["name"],
        tags=tuple(json.loads(row["tags"])),
        every=row["every"],
        language=row["language"],
        title=row["title"],
    )


def item_columns(item: Item) -> dict[str, Any]:
    """The columns of `items` that a feed fills."""
    return {
        "guid": clean(item.guid),
        "link": clean(item.link),
        "title": clean(item.title),
        "summary": clean(item.summary),
        "text": clean(item.text),
        "authors": packed(item.authors),
        "categories": packed(item.categories),
        "language": clean(item.language),
        "published": micro(item.published),
        "updated": micro(item.updated),
        "from_article": item.from_article,
    }


def item_of(row: Row) -> Item:
    """An item as last seen, from a row of `items` beside its row of `feeds` (feed, feed_url, feed_tags)."""
    return Item(
        guid=row["guid"],
        link=row["link"],
        title=row["title"],
        summary=row["summary"],
        text=row["text"],
        authors=tuple(json.loads(row["authors"])),
        categories=tuple(json.loads(row["categories"])),
        language=row["language"],
        published=moment(row["published"]),
        updated=moment(row["updated"]),
        feed=row["feed"],
        feed_url=row["feed_url"],
        tags=tuple(json.loads(row["feed_tags"])),
        from_article=bool(row["from_article"]),
    )


def payload(item: Item, matches: Sequence[Match], story: Story | None = None) -> str:
    """What an alert says, as it was when it was owed. `story` only where the store keeps none."""
    said: dict[str, Any] = {"item": _told_times(asdict(item)), "matches": [asdict(match) for match in matches]}
    if story:
        said["story"] = {**asdict(story), "first_seen": micro(story.first_seen)}
    return packed(said)


def _told_times(item: dict[str, Any]) -> dict[str, Any]:
    return item | {name: micro(item[name]) for name in _TIMES}


def from_payload(text: str) -> tuple[Item, tuple[Match, ...], Story | None]:
    """The reverse of `payload`."""
    said = json.loads(text)
    item: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in said["item"].items()
    }
    item |= {name: moment(item[name]) for name in _TIMES}
    story = said.get("story")
    if story:
        items = tuple(StoryItem(**report) for report in story["items"])
        story = Story(**(story | {"first_seen": moment(story["first_seen"]), "items": items}))
    return Item(**item), tuple(Match(**match) for match in said["matches"]), story
