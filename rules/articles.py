"""Which articles are fetched, and when one that could not be is tried again. Durations are seconds.

An article behind a link is asked for politely or not at all: few at a time, and soon given up.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from rules.records import Item
from rules.timing import LONGEST_RETRY_AFTER

MOST = 20
"""Articles that one poll of a feed may want: a newspaper that moves to another system must not be fetched whole."""

ATTEMPTS = 5
HOPS = 6
"""Redirects that are followed, each in the turn of its host."""

FIRST_WAIT = 300.0
"""The wait after the first attempt that failed; each next one is four times as long: seven hours in all."""

PASSED = f"one poll brought more than {MOST} such items, and the newest were read"

DROPPED = "its feed is no longer asked for full texts"

_FINAL = frozenset(range(400, 500)) - {408, 421, 423, 425, 429}
"""What a server says of the article itself, and will say again."""

_NEVER = datetime.min.replace(tzinfo=UTC)


def newest(items: Sequence[Item]) -> list[int]:
    """The places of the items whose articles are wanted, MOST of them, the most recent first.

    What has no date is as new as its place in the document says: before what stands below it.
    """
    dated = [item.published or item.updated or _NEVER for item in items]
    for place in reversed(range(len(items) - 1)):
        if dated[place] is _NEVER:
            dated[place] = dated[place + 1]
    return sorted(range(len(items)), key=lambda place: dated[place], reverse=True)[:MOST]


def wait_before(attempt: int, *, code: int | None, retry_after: float | None) -> float | None:
    """Seconds until an article is tried again after `attempt` attempts (from 1); None where it is given up.

    `code` is the HTTP status, if there was one. A server's own Retry-After wins where it is longer.
    """
    if code in _FINAL or attempt >= ATTEMPTS:
        return None
    wait = FIRST_WAIT * 4.0 ** (max(attempt, 1) - 1)
    return max(wait, min(retry_after or 0.0, LONGEST_RETRY_AFTER))
