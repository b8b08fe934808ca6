"""When to poll a feed, and when to try a delivery, next. Pure: `now` and chance come in as arguments.

Durations are seconds unless a type says otherwise. Figures: the schedules of miniflux, Media Cloud and NewsBlur.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b

from rules import rhythm
from rules.beat import Beat, beat_of
from rules.pacing import PRICE, pace_of, wait
from rules.records import Cursor

LONGEST_WAIT = 24 * 3600.0
"""No server's hint and no back-off silences a feed for longer."""

LONGEST_RETRY_AFTER = 48 * 3600.0
"""A publisher who says 429 may ask for this much (FreshRSS caps at two days as well)."""

JITTER = 0.10
"""The share of a wait that chance may add, so that feeds do not march in step."""

SPREAD = 0.5
"""The share of an interval over which feeds that were asked together are spread; a feed's place in it is its own."""

REDIRECT_TRIAL = timedelta(hours=24)
REDIRECT_POLLS = 3
"""A permanent redirect is believed after this many polls and this long: hotel portals answer 301, too."""

LONGEST_DELIVERY_WAIT = 3600.0
"""A receiver may ask to be left alone for this long; an alert is no use a day later."""

RECHECK = timedelta(days=8)
"""Some servers answer 304 for ever; one unconditional request in this time finds them out (NetNewsWire)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What the user allows the adaptive schedule, in seconds; and what a request costs, in item-seconds of delay."""

    shortest: float = 300.0
    longest: float = 7200.0
    price: float = PRICE


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one poll tells about the next.

    `fresh_for`: seconds the publisher's caches ask us to stay away; None where they say nothing. `hint`: seconds the
    document asks for; None where there was none to read. `retry_after`: seconds a 429 or 503 asks for. `published`: the
    dates of the items not known before, None where a feed gives none.
    """

    published: Sequence[datetime | None] = ()
    fresh_for: float | None = None
    hint: float | None = None
    retry_after: float | None = None


def succeeded(
    cursor: Cursor, answer: Answer, bounds: Bounds, *, every: float | None, now: datetime, chance: float
) -> Cursor:
    """The cursor after a good poll (200 or 304). `chance` is in [0, 1)."""
    learnt = rhythm.learnt(rhythm.read(cursor.rhythm), answer.published, seen=now, since=cursor.last_success)
    interval, pace = every or 0.0, cursor.pace
    if not every or answer.published:
        # Half of what this takes; a fixed interval asks for it only where the rhythm has changed.
        beat = beat_of(learnt)
        interval, pace = every or _adapted(beat, bounds, now=now), pace_of(beat)
    hint = cursor.hint if answer.hint is None else answer.hint
    asked = min(max(answer.fresh_for or 0.0, hint), LONGEST_WAIT)
    # All are asked together at the first start, and after a time without us.
    together = cursor.last_success is None or _late(cursor, now) > interval
    own = interval * (1.0 + SPREAD * _place(cursor.feed_id)) if together else interval
    return replace(
        cursor,
        failures=0,
        error="",
        gone=False,
        interval=interval,
        hint=hint,
        rhythm=rhythm.written(learnt),
        pace=pace,
        last_poll=now,
        last_success=now,
        last_change=now if answer.published else cursor.last_change,
        next_poll=_later(now, max(own, asked), chance),
    )


def pushed(cursor: Cursor, published: Sequence[datetime | None], *, now: datetime) -> Cursor:
    """The cursor after a push brought items of these dates: the feed's rhythm is known better, its turn stays."""
    if not published:
        return cursor
    learnt = rhythm.learnt(rhythm.read(cursor.rhythm), published, seen=now, since=cursor.last_success)
    return replace(cursor, rhythm=rhythm.written(learnt), pace=pace_of(beat_of(learnt)), last_change=now)


def failed(
    cursor: Cursor, reason: str, answer: Answer, bounds: Bounds, *, every: float | None, now: datetime, chance: float
) -> Cursor:
    """The cursor after a poll that failed: waits double from the feed's own interval to a day, if that is longer."""
    failures = cursor.failures + 1
    own = every or cursor.interval or bounds.shortest
    # 2**n overflows a float for a feed that has been dead for years.
    wait = max(own, min(own * 2.0 ** min(failures, 20), LONGEST_WAIT))
    asked = min(answer.retry_after or 0.0, LONGEST_RETRY_AFTER)
    return replace(
        cursor, failures=failures, error=reason, last_poll=now, next_poll=_later(now, max(wait, asked), chance)
    )


def postponed(
    cursor: Cursor, reason: str, bounds: Bounds, *, every: float | None, now: datetime, chance: float
) -> Cursor:
    """The cursor after a poll that failed for our own sake: its turn comes again after its interval, and no later."""
    wait = every or cursor.interval or bounds.shortest
    return replace(cursor, error=reason, last_poll=now, next_poll=_later(now, wait, chance))


def gone(cursor: Cursor, reason: str, *, now: datetime) -> Cursor:
    """The cursor after 410: never due again until the user says so (RFC 9110 15.5.11)."""
    return replace(cursor, failures=cursor.failures + 1, error=reason, gone=True, last_poll=now, next_poll=None)


def moved(cursor: Cursor, target: str, *, now: datetime) -> Cursor:
    """The cursor after a good poll whose leading hops were permanent redirects to `target` ('' for none)."""
    if not target or target == cursor.url:
        return replace(cursor, moved_to="", moved_polls=0, moved_since=None)
    if target != cursor.moved_to or cursor.moved_since is None:
        return replace(cursor, moved_to=target, moved_polls=1, moved_since=now)
    polls = cursor.moved_polls + 1
    if polls >= REDIRECT_POLLS and now - cursor.moved_since >= REDIRECT_TRIAL:
        return replace(cursor, url=target, moved_to="", moved_polls=0, moved_since=None)
    return replace(cursor, moved_polls=polls)


def validated(cursor: Cursor, etag: str, last_modified: str, body_hash: str, *, now: datetime) -> Cursor:
    """The cursor with the validators of a 200 or 304; what a 304 leaves out stays (RFC 9111 4.3.4).

    `body_hash` is empty for a 304: the body is the one we have.
    """
    if not body_hash:
        return replace(cursor, etag=etag or cursor.etag, last_modified=last_modified or cursor.last_modified)
    return replace(cursor, etag=etag, last_modified=last_modified, body_hash=body_hash, validated_since=now)


def wants_whole_answer(cursor: Cursor, *, now: datetime) -> bool:
    """Whether it is time for a request without conditions."""
    return cursor.validated_since is not None and now - cursor.validated_since > RECHECK


def rechecked(cursor: Cursor, *, now: datetime) -> Cursor:
    """The cursor after a request without conditions that brought no body: some hosts punish them, so the next has."""
    return replace(cursor, validated_since=now)


def doubted(cursor: Cursor, configured: str) -> Cursor:
    """The cursor of a feed that has failed for long: a learnt address is given up for the `configured` one."""
    if cursor.url == configured:
        return cursor
    return replace(cursor, url=configured, etag="", last_modified="", moved_to="", moved_polls=0, moved_since=None)


def first_poll(feed_id: str, *, now: datetime, spread: float = 0.0) -> datetime:
    """When a feed is first due: within `spread` seconds, at a place in it that its id decides."""
    return now + timedelta(seconds=_place(feed_id) * spread)


def wait_before_retry(attempt: int, *, retry_after: float | None, chance: float) -> float:
    """Seconds until a delivery is tried again after `attempt` attempts (from 1).

    Doubles from five seconds to ten minutes, so that the first mail after a long outage leaves within minutes;
    chance takes off up to a fifth. The receiver's Retry-After wins where it is longer, up to an hour.
    """
    wait = min(5.0 * 2.0 ** min(max(attempt, 1) - 1, 10), 600.0) * (1.0 - 0.2 * chance)
    return max(wait, min(retry_after or 0.0, LONGEST_DELIVERY_WAIT))


def _adapted(beat: Beat, bounds: Bounds, *, now: datetime) -> float:
    """What the feed's rhythm is worth, and half of what chance may add taken off, so that it is right on average."""
    worth = wait(beat, now, bounds.price, shortest=bounds.shortest, longest=bounds.longest)
    return max(worth / (1.0 + JITTER / 2), bounds.shortest)


def _place(feed_id: str) -> float:
    """Where in any time a feed has its place: in [0, 1), the same for ever."""
    return int.from_bytes(blake2b(feed_id.encode(), digest_size=4).digest(), "big") / 2**32


def _late(cursor: Cursor, now: datetime) -> float:
    return (now - cursor.next_poll).total_seconds() if cursor.next_poll else 0.0


def _later(now: datetime, wait: float, chance: float) -> datetime:
    return now + timedelta(seconds=wait * (1.0 + JITTER * chance))
