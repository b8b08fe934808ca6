"""Who reads a feed, and the sample by which the fast path is held to its word while it runs.

One in two hundred bodies is read by both. A feed that they read differently is read by feedparser alone until the
program is started again, and its operator hears of it once. The database keeps nothing of it: what makes it last is
`parser = "feedparser"` in the file, as the notice says, and without it a difference is found again.
"""

import logging
from collections.abc import Callable

from monitor.formats import Document, Parser
from monitor.logs import redact
from rules.records import Feed

log = logging.getLogger("wirebell.shadow")

SAMPLE = 1 / 200

LARGEST = 1_000_000
"""Bytes of a body that may be read twice: feedparser must have done with it long before the deadline."""


class Shadow:
    """What is known of the feeds of this run. `chance` gives numbers in [0, 1)."""

    def __init__(self, chance: Callable[[], float]) -> None:
        self._chance = chance
        self._pinned: set[str] = set()

    def parser(self, feed: Feed, otherwise: str, *, size: int) -> Parser:
        """Who reads a body of so many bytes; the feed's own setting before that of the file, `otherwise`."""
        if feed.id in self._pinned or (feed.parser or otherwise) == Parser.FEEDPARSER:
            return Parser.FEEDPARSER
        return Parser.BOTH if size <= LARGEST and self._chance() < SAMPLE else Parser.AUTO

    def told(self, feed: Feed, document: Document) -> tuple[str, str] | None:
        """Title and text of a notice, where both have read `document` and differ for the first time."""
        if not document.differing or feed.id in self._pinned:
            return None
        self._pinned.add(feed.id)
        url, fields = redact(feed.url), ", ".join(document.differing)
        log.warning("read differently by the two parsers feed=%s fields=%s", url, fields)
        return (
            f"{feed.name or document.title or url} is read by feedparser alone",
            f"The fast parser read other {fields} in {url}. To keep it so after a restart, write "
            'parser = "feedparser" at this feed; and please report it.',
        )
