"""News of the service itself, for its operator and never for the readers: what happened, and what to do."""

from collections.abc import Collection, Mapping
from datetime import datetime

from monitor.logs import redact
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
    url = redact(feed.url)
    name = feed.name or url
    if after.gone and not before.gone:
        return f"{name} is gone", f"{url} answers 410 and is polled no more; remove it or give its new address."
    if after.failures == FAILS_BEFORE_NOTICE and before.failures < FAILS_BEFORE_NOTICE:
        given_up = f" {redact(before.url)}, where it had moved, is given up." if after.url != before.url else ""
        text = f"{url} failed {after.failures} times in a row: {redact(after.error)}.{given_up} It is tried on."
        return f"{name} is broken", text
    if before.failures >= FAILS_BEFORE_NOTICE and not after.failures:
        return f"{name} is back", f"{url} answers again after {before.failures} failed polls."
    if after.url != before.url:
        text = f"{url} has moved to {redact(after.url)}, which is asked from now on; change the file."
        return f"{name} has moved", text
    return None


def about_channel(channel: str, reason: str) -> tuple[str, str]:
    """Title and text when a channel stopped working."""
    return (
        f"The channel {channel} fails",
        f"{redact(reason)}. What is owed to it is kept, and tried again every five minutes; "
        f"`wirebell test-alert {channel}` shows its answer.",
    )


def about_channel_again(channel: str) -> tuple[str, str]:
    """Title and text when a channel works again."""
    return f"The channel {channel} works again", "What was owed to it is on its way."


def about_dead(channel: str, reason: str) -> tuple[str, str]:
    """Title and text when a channel refused an alert for good."""
    return (
        f"The channel {channel} refused an alert",
        f"{redact(reason)}. `wirebell alerts` names what is dead, `wirebell alerts retry` sends it again.",
    )


def about_expired(channel: str, number: int) -> tuple[str, str]:
    """Title and text when alerts were given up because they could not be delivered in time."""
    return (
        f"{number} alerts to {channel} have expired",
        "They were owed for seven days. `wirebell alerts` names them, `wirebell alerts retry` sends them again.",
    )


def about_strangers(owed: Mapping[str, int], channels: Collection[str]) -> tuple[str, str] | None:
    """Title and text where something is owed to channels that the configuration no longer has."""
    strangers = {name: number for name, number in owed.items() if name not in channels}
    if not strangers:
        return None
    said = ", ".join(f"{number} to {name}" for name, number in strangers.items())
    return (
        "Alerts are owed to channels that are not in the configuration",
        f"{said}. They are kept for seven days: put the channel back, and they are sent.",
    )
