"""News of the service itself, for its operator and never for the readers: what happened, and what to do."""

from datetime import datetime

from rules.records import Alert, AlertKind, Cursor, Feed, Item, Priority, Story, hashed

FAILS_BEFORE_NOTICE = 8
"""Failed polls in a row after which a feed is called broken: most feeds that answer 404 come back before."""


def notice(title: str, text: str, *, now: datetime) -> Alert:
    """A message of the service itself. Two with the same words on one day are one."""
    alert_id = hashed("notice", title, text, now.date().isoformat())
    return Alert(
        alert_id=alert_id,
        kind=AlertKind.NOTICE,
        rule="operator",
        priority=Priority.URGENT,
        item=Item(title=title, summary=text, published=now, feed="Wirebell"),
        matches=(),
        story=Story(story_id=alert_id, title=title, sources=0, first_seen=now),
        first_seen=now,
    )


def about_feed(feed: Feed, before: Cursor, after: Cursor) -> tuple[str, str] | None:
    """Title and text of what the operator should hear of `feed` after this poll; None where there is nothing to say."""
    name = feed.name or feed.url
    if after.gone and not before.gone:
        return f"{name} is gone", f"{feed.url} answers 410 and is polled no more; remove it or give its new address."
    if after.failures == FAILS_BEFORE_NOTICE:
        return f"{name} is broken", f"{feed.url} failed {after.failures} times in a row: {after.error}. It is tried on."
    if before.failures >= FAILS_BEFORE_NOTICE and not after.failures:
        return f"{name} is back", f"{feed.url} answers again after {before.failures} failed polls."
    if after.url != before.url:
        return f"{name} has moved", f"{feed.url} has moved to {after.url}, which is asked from now on; change the file."
    return None


def about_channel(channel: str, reason: str) -> tuple[str, str]:
    """Title and text when a channel stopped working."""
    return (
        f"The channel {channel} fails",
        f"{reason}. What is owed to it is kept and tried again; `wirebell test-alert {channel}` shows its answer.",
    )
