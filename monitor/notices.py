"""News of the service itself, for its operator and never for the readers: what happened, and what to do."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from monitor.logs import redact
from monitor.saying import counted, length
from rules.records import Alert, AlertKind, Feed, Item, Priority, Story, hashed
from rules.troubles import ALL, FAILS_BEFORE_NOTICE, Kind, Trouble
from state.holds import Held

Named = tuple[Feed | None, Trouble]
"""A trouble with its feed; None for ALL."""


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


def about_troubles(kind: Kind, some: Sequence[Named]) -> tuple[str, str]:
    """Title and text of what is wrong with some feeds, all in the same way; one of them may be ALL."""
    if any(trouble.feed_id == ALL for _, trouble in some):
        return _ABOUT_ALL
    if len(some) > 1:
        return f"{len(some)} feeds {_MANY[kind]}", f"{_WHAT_TO_DO[kind]} {_listed(some)}"
    ((feed, trouble),) = some
    return f"{_name(feed)} {_ONE[kind]}", _about_one(feed, trouble)


def about_the_end(kind: Kind, some: Sequence[tuple[Feed | None, Trouble, int]], *, now: datetime) -> tuple[str, str]:
    """Title and text when feeds are well again; with each the number of items that it has brought since."""
    if any(trouble.feed_id == ALL for _, trouble, _ in some):
        return "The feeds bring news again", "What is told from here on about a single feed is about that feed."
    after = {feed.id: length(now - trouble.since) for feed, trouble, _ in some if feed}
    if len(some) > 1:
        parts = [f"{_name(feed)} ({after[feed.id]}, {counted(items, 'item')})" for feed, _, items in some if feed]
        return f"{len(some)} feeds are back", f"They {_AGAIN[kind]} again. After, and with: {_cut(parts)}."
    ((feed, _, items),) = some
    assert feed  # noqa: S101  that of ALL has none, and was told above
    text = f"{redact(feed.url)} {_AGAIN[kind].replace('answer', 'answers').replace('bring', 'brings')} again."
    return f"{_name(feed)} is back", f"{text} Back after {after[feed.id]}: {counted(items, 'item')}."


def about_held(some: Sequence[Held]) -> tuple[str, str]:
    """Title and text of old items that feeds published again, and of what waits for a person because of it."""
    alerts, items = sum(one.alerts for one in some), sum(one.items for one in some)
    who = _cut([redact(one.name) for one in some], 150)
    title = f"{who}: {counted(alerts, 'alert')} held, of {counted(items, 'item')} published again"
    parts = [f"{one.feed_id[:8]} is {redact(one.name)} ({counted(one.alerts, 'alert')})" for one in some]
    headlines = [headline for one in some for headline in one.headlines]
    return title, (
        "Most of them are old, so that none of these alerts is sent until you say so. `wirebell alerts release ID` "
        "sends what is held of a feed, `wirebell alerts drop ID` drops it, `wirebell alerts list --state held` shows "
        f"it; what is left alone expires in a week. {_cut(parts, 600)}. Among them: {_cut(headlines, 700)}."
    )


LONGEST_LIST = 1500
"""Letters, so that what to do and the list fit into what a channel shows of a notice."""

_ABOUT_ALL = (
    "No feed brings anything new",
    "They answer, and at this time of another week many of them had news. So it is hardly the feeds: look at our own "
    "network (a proxy or a captive portal that answers in their place), at the clock, and at what "
    "`wirebell feeds parse URL` finds.",
)
_ONE = {
    Kind.BROKEN: "is broken", Kind.SILENT: "is silent", Kind.GONE: "is gone", Kind.MOVED: "has moved",
}  # fmt: skip
_MANY = {
    Kind.BROKEN: "are broken", Kind.SILENT: "are silent", Kind.GONE: "are gone", Kind.MOVED: "have moved",
}  # fmt: skip
_AGAIN = {Kind.BROKEN: "answer", Kind.SILENT: "bring news", Kind.GONE: "answer", Kind.MOVED: "answer"}
_WHAT_TO_DO = {
    Kind.BROKEN: "They fail again and again, and are tried on; `wirebell feeds health` tells more.",
    Kind.SILENT: "They answer, and have had nothing new for longer than is usual; look whether they are still kept.",
    Kind.GONE: "They answer 410 and are polled no more; remove them or give their new addresses.",
    Kind.MOVED: "They are asked at their new addresses from now on; change the file.",
}


def _about_one(feed: Feed | None, trouble: Trouble) -> str:
    url, detail = redact(feed.url) if feed else "", redact(trouble.detail)
    match trouble.kind:
        case Kind.BROKEN:
            return (
                f"{url} failed {FAILS_BEFORE_NOTICE} times in a row or more, and was last read "
                f"{trouble.since:%Y-%m-%d %H:%M} UTC: {detail}. It is tried on."
            )
        case Kind.SILENT:
            return (
                f"{url} answers, and has had nothing new for {length(trouble.found - trouble.since)}; usual {detail}. "
                f"Look whether it is still kept, or has moved: `wirebell feeds parse {url}` shows what is in it."
            )
        case Kind.GONE:
            return f"{url} answers 410 and is polled no more; remove it or give its new address."
        case Kind.MOVED:
            return f"{url} has moved to {detail}, which is asked from now on; change the file."


def _listed(some: Sequence[Named]) -> str:
    """The names, those with the same error together."""
    by_detail: dict[str, list[str]] = {}
    for feed, trouble in some:
        if feed:
            by_detail.setdefault(redact(trouble.detail), []).append(_name(feed))
    ordered = sorted(by_detail.items(), key=lambda one: -len(one[1]))
    return _cut([f"{detail}: {', '.join(names)}" for detail, names in ordered if detail] or [
        name for _, names in ordered for name in names
    ]) + "."  # fmt: skip


def _cut(parts: Sequence[str], longest: int = LONGEST_LIST) -> str:
    """The parts, as far as there is room."""
    text = "; ".join(parts)
    return text if len(text) <= longest else f"{text[:longest].rstrip()}…"


def _name(feed: Feed | None) -> str:
    return redact(feed.called) if feed else ""


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
