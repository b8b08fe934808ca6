"""Parts that do as a test says, where the real ones would add nothing but time."""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from monitor.channels.base import SendError
from monitor.formats import Document, Parser, read_document
from monitor.reader import Reader
from rules.records import Attempt, Delivery, FeedKind, Outcome, Selectors

SENT = Attempt(outcome=Outcome.SENT)
WAIT = 20.0
"""Seconds after which a test says that what it waits for does not come."""


class Told:
    """Counts, and lets a test wait until something has happened so often."""

    def __init__(self) -> None:
        self.count = 0
        self._changed = asyncio.Condition()

    async def tell(self) -> None:
        async with self._changed:
            self.count += 1
            self._changed.notify_all()

    async def times(self, number: int) -> None:
        async with asyncio.timeout(WAIT), self._changed:
            await self._changed.wait_for(lambda: self.count >= number)


@dataclass(slots=True)
class FakeChannel:
    """A channel that remembers what it accepted. `answers` are given in turn, then `always`; `asked` tells every try.

    `hangs`: nobody answers before it is set. `poison`: a headline that is never accepted and never refused.
    """

    name: str = "desk"
    pace: float = 0.0
    answers: deque[Attempt | Exception] = field(default_factory=deque)
    always: Attempt = SENT
    sent: list[Delivery] = field(default_factory=list)
    asked: Told = field(default_factory=Told)
    accepted: Told = field(default_factory=Told)
    hangs: asyncio.Event | None = None
    poison: str = ""

    async def send(self, delivery: Delivery, *, now: datetime) -> Attempt:
        del now
        await self.asked.tell()
        if self.hangs:
            await self.hangs.wait()
        if delivery.alert.item.title == self.poison:
            raise SendError(Attempt(outcome=Outcome.TRANSIENT, reason="HTTP 500", code=500))
        answer = self.answers.popleft() if self.answers else self.always
        if isinstance(answer, Exception):
            raise answer
        if answer.outcome is not Outcome.SENT:
            raise SendError(answer)
        self.sent.append(delivery)
        await self.accepted.tell()
        return answer

    async def reach(self) -> str:
        return "answers"

    @property
    def titles(self) -> list[str]:
        """The headlines that arrived."""
        return [delivery.alert.item.title for delivery in self.sent]


class PlainReader(Reader):
    """Reads in this process: a test of what is done with a document needs no other."""

    async def read(
        self,
        body: bytes,
        headers: Mapping[str, str],
        url: str,
        *,
        now: datetime | None = None,
        incomplete: bool = False,
        kind: FeedKind = FeedKind.FEED,
        selectors: Selectors | None = None,
        parser: Parser = Parser.AUTO,
    ) -> Document:
        return read_document(
            body, headers, url, now=now, incomplete=incomplete, kind=kind, selectors=selectors, parser=parser
        )

    async def article(self, body: bytes, headers: Mapping[str, str], url: str, *, link: str) -> str:
        # Only tests of articles load what reads them.
        from monitor.formats.article import read_article  # noqa: PLC0415

        return read_article(body, headers, url, link=link)
