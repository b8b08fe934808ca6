"""The life of an item in sentences, no wider than a terminal of 80 columns."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from monitor.commands.common import counted, moment
from monitor.commands.lives import Life, Nothing, RuleLife
from monitor.saying import together
from rules.health import Health
from rules.records import Story
from state.catalogue import ChannelRecord, DeliveryRecord, FeedRecord, HitRecord, ItemRecord
from state.outbox import HELD

WIDTH = 80

MOST_RULES = 20
"""More of them are told only as far as an item has something of them."""

MOST_REPORTS = 10

GONE = "the rule is no longer in the configuration"

_THEN = {
    "rang": "RANG for {words}",
    "folded": "rang for {words}, and was folded into an alert of the same story",
    "baseline": "has {words}, and rang nobody: its feed was read for the first time (polling.backfill)",
    "old": "has {words} since an edit, and rang nobody: the item is too old for edits to ring",
}
_UNFINISHED = ("held", "pending", "leased")


def tell_life(life: Life) -> Iterator[str]:
    """All of it, line by line."""
    item = life.record.item
    yield from _wrapped("", item.title or "(without a title)")
    yield from ([item.link] if item.link else [])
    yield ""
    for one in reversed(life.reports):
        yield from _wrapped("seen       ", f"{moment(one.seen)} in {one.item.feed}")
    yield from _wrapped("published  ", _published(item.published, life.record.seen))
    if life.record.edited:
        yield f"edited     {moment(life.record.edited)}"
    yield from _article(life)
    yield from _story(life.story, life)
    yield ""
    yield "Rules"
    yield from _rules(life.rules, seen=True)
    yield from _alerts(life)
    if life.others:
        yield from ["", "Other items that were meant by these words, newest first"]
        yield from _items(life.others)


def tell_nothing(nothing: Nothing) -> Iterator[str]:
    """What there is instead, line by line."""
    if nothing.forgotten:
        said = f"was in its feed until {moment(nothing.forgotten)}, and has been removed since, as old items are"
    else:
        said = "was never seen"
    yield from _wrapped("", f"{nothing.asked} {said}.")
    if nothing.site:
        yield ""
        yield from _feeds(nothing)
    if nothing.nearest:
        yield from ["", "The nearest that was seen"]
        yield from _items(nothing.nearest)
    if nothing.rules:
        yield from ["", "What the rules make of it as a title"]
        yield from _rules(nothing.rules, seen=False)


def _published(published: datetime | None, seen: datetime) -> str:
    if not published:
        return "the feed gives no date"
    before = (seen - published).total_seconds()
    return f"{moment(published)}, {_length(before)} before it was seen" if before >= 0 else moment(published)


def _length(seconds: float) -> str:
    for unit, size in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            return counted(int(seconds // size), unit)
    return counted(int(seconds), "second")


def _article(life: Life) -> Iterator[str]:
    """What became of the article behind the link, where it was wanted."""
    article = life.record.article
    if article is None:
        return
    letters = f"{len(life.record.item.text):,} letters"
    match article.state:
        case "judged":
            said = f"fetched {moment(article.fetched)}, {letters}: the rules decided by it, too"
        case "fetched":
            said = f"fetched {moment(article.fetched)}, {letters}: the rules have not decided by it yet"
        case "given_up":
            said = f"not read, so the feed's own words decided: {article.reason}"
        case _ if article.reason:
            tried = counted(article.attempts, "attempt")
            said = f"not read yet, after {tried}: {article.reason}; next try {moment(article.due)}"
        case _:
            said = "not read yet" + ("" if life.running else "; Wirebell is not running")
    yield from _wrapped("article    ", said)


def _story(story: Story | None, life: Life) -> Iterator[str]:
    if not story or len(story.items) < 2:
        yield "story      no other report of it"
        return
    reports = counted(len(story.items), "report")
    yield from _wrapped("story      ", f"{reports} in {counted(story.sources, 'feed')}, {story.story_id[:8]}")
    for one in story.items[:MOST_REPORTS]:
        yield from _wrapped("           - ", f"{one.feed}: {one.title}")


def _rules(rules: Sequence[RuleLife], *, seen: bool) -> Iterator[str]:
    shown = [
        one for one in rules if len(rules) <= MOST_RULES or one.then or (one.now and (one.now.holds or one.now.begun))
    ]
    for one in sorted(shown, key=lambda one: not (one.then or (one.now and one.now.holds))):
        yield from _wrapped(f"  {one.rule}: ", _verdict(one, seen=seen), indent="      ")
    if len(rules) > len(shown):
        yield from _wrapped(
            "  ", f"{counted(len(rules) - len(shown), 'other rule has', 'other rules have')} nothing in it."
        )
    if not rules:
        yield "  There are no rules."


def _verdict(one: RuleLife, *, seen: bool) -> str:
    """What was decided then and what would be now, as one sentence."""
    then = _THEN[one.then.verdict].format(words=_words(one.then)) if one.then else ""
    if one.now is None:
        return f"{then}; {GONE}"
    if not one.now.holds:
        return (
            f"{then}; by the rule as it is now it would not: {one.now.because}"
            if then
            else (f"does not ring: {one.now.because}")
        )
    newer = "; when it was seen it did not ring, so the rule is newer or was another one" if seen else ""
    return then or f"would ring, as {one.now.because}{newer}"


def _words(hit: HitRecord) -> str:
    return ", ".join(dict.fromkeys(match.surface for match in hit.matches)) or "what is not there"


def _alerts(life: Life) -> Iterator[str]:
    channels = {one.channel: one for one in life.channels}
    for alert in life.alerts:
        yield ""
        yield from _wrapped(
            "", f"Alert {alert.alert_id[:8]} of {alert.rule}, {alert.priority}, {moment(alert.created)}"
        )
        said = ((one.channel, _delivery(one, channels, life, alert.alert_id[:8])) for one in alert.deliveries)
        for what, who in together(said).items():
            yield from _wrapped(f"  {who}: ", what, indent="      ")
        if not alert.deliveries:
            yield "  No channel was to hear of it."
    waiting = any(one.state in _UNFINISHED for alert in life.alerts for one in alert.deliveries)
    if waiting and not life.running:
        yield from _wrapped("", "Wirebell is not running: `wirebell run` or `wirebell once` sends what is owed.")


def _delivery(one: DeliveryRecord, channels: Mapping[str, ChannelRecord], life: Life, alert: str) -> str:
    """What became of it; `alert` is the beginning of an id."""
    reason = f": {one.reason}" if one.reason else ""
    tried = counted(one.attempts, "attempt")
    match one.state:
        case "sent":
            return f"sent {moment(one.finished)}" + (f", at attempt {one.attempts}" if one.attempts > 1 else "")
        case "digested":
            return f"sent in a digest, {moment(one.finished)}"
        case "suppressed":
            return f"not sent{reason}"
        case "dead":
            return f"given up after {tried}{reason}; `wirebell alerts retry {one.delivery_id[:8]}` sends it again"
        case "expired":
            return f"given up {moment(one.finished)}, as it could not be delivered in time{reason}"
        case "leased":
            return "being sent at this moment"
    if one.channel not in life.configured:
        return "owed, and the channel is not in the configuration: put it back, and it is sent"
    return _owed(one, channels.get(one.channel), alert)


def _owed(one: DeliveryRecord, channel: ChannelRecord | None, alert: str) -> str:
    """What is not finished: held by what, tried how often, tried again when."""
    if one.state == "held" and one.reason == HELD:
        return f"held: {HELD}; `wirebell alerts release {alert}` sends it, `wirebell alerts drop {alert}` drops it"
    if one.state == "held":
        return f"held until {moment(one.not_before)}" + (f": {one.reason}" if one.reason else "")
    if channel and Health(failures=channel.failures, rests_until=channel.open_until).down:
        again = max(one.not_before, channel.open_until or one.not_before)
        return f"owed; the channel is down: {channel.error}; tried again at {moment(again)}"
    if one.attempts:
        return f"failed at {counted(one.attempts, 'attempt')}: {one.reason}; tried again at {moment(one.not_before)}"
    return f"owed since {moment(one.not_before)}, not tried yet"


def _feeds(nothing: Nothing) -> Iterator[str]:
    if not nothing.feeds:
        yield from _wrapped("", f"No feed is of {nothing.site}; `wirebell feeds add URL` adds one.")
        return
    yield from _wrapped("", f"Feeds of {nothing.site}, or with its articles")
    for record in nothing.feeds:
        yield from _wrapped(f"  {record.feed.called}: ", _feed(record), indent="      ")


def _feed(record: FeedRecord) -> str:
    """How a feed fares: whether what it carried can have been missed."""
    cursor = record.cursor
    newest = (
        f"; its newest item was seen {moment(record.last_item)}" if record.last_item else "; it has brought no item"
    )
    if not record.active:
        return f"is no longer in the configuration{newest}"
    if cursor.gone:
        return f"has said that it is gone, and is polled no more{newest}"
    if cursor.last_poll is None:
        return f"was never read yet; it is polled at {moment(cursor.next_poll)}"
    if cursor.failures:
        read = f"was last read {moment(cursor.last_success)}" if cursor.last_success else "was never read"
        times = counted(cursor.failures, "poll")
        return f"{read}, and {times} failed since: {cursor.error}; next try {moment(cursor.next_poll)}{newest}"
    return f"was last read {moment(cursor.last_success)}; next poll {moment(cursor.next_poll)}{newest}"


def _items(records: Iterable[ItemRecord]) -> Iterator[str]:
    for one in records:
        said = f"{moment(one.seen)} {one.item.feed}: {one.item.title}"
        yield from _wrapped("  ", f"{said} {one.item.link}", indent="      ")


def _wrapped(head: str, text: str, *, indent: str = "") -> list[str]:
    """`text` behind `head`; an address is never broken."""
    return textwrap.wrap(
        f"{head}{text}",
        WIDTH,
        subsequent_indent=indent or " " * len(head),
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )
