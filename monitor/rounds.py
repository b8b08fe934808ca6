"""Looks after the feeds: what is wrong with them, what is held of them, and what the operator should hear of it.

All of it is found in the database and kept there with the notices that tell of it, so that a crash at any line neither
loses a notice nor repeats one. The reading and reckoning is done in a thread: thousands of feeds take their time.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from monitor import notices
from monitor.saying import usual
from monitor.waiting import first
from rules.records import Alert, Feed
from rules.silence import Habit, habit_of, is_silent, own_fault, share
from rules.troubles import ALL, CALM, FAILS_TOGETHER, Kind, Trouble, compared, ended, of_feed, to_tell
from state.errors import StateError
from state.holds import Held
from state.store import Store
from state.troubles import Ailing, Still

log = logging.getLogger("wirebell.rounds")

LOOK = 10.0
"""Seconds between two rounds."""

QUIET_LOOK = 300.0
"""Seconds between two rounds that ask who is silent."""

MOST_HABITS = 50
"""Feeds whose habits are learnt in one round, a tenth of a second each; the others have their turn in the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    """What a round found, to be kept as it is."""

    troubles: Sequence[Trouble]
    notices: Sequence[Alert]
    held: Mapping[str, Sequence[str]]


class Rounds:
    """Makes them. `channels` are the operator's at the moment; `on_owed` is given what is about to be owed."""

    def __init__(
        self,
        *,
        store: Store,
        channels: Callable[[], Sequence[str]],
        on_owed: Callable[[Future[int]], None] = lambda owing: None,
    ) -> None:
        self._store = store
        self._channels = channels
        self._on_owed = on_owed
        self._habits: dict[str, tuple[datetime, Habit | None]] = {}
        self._quiet_look_at = 0.0

    async def run(self, stopping: asyncio.Event) -> None:
        """Make a round now and then until `stopping`. One that fails is followed by another."""
        while not stopping.is_set():
            try:
                await self.look()
            except StateError as error:
                log.error("no round made reason=%s", error)
            except Exception:
                log.exception("a round broke")
            await first(stopping, within=LOOK)

    async def look(self, *, at_once: bool = False) -> None:
        """Make a round. `at_once`: nothing comes after it, so that nothing is gathered. Raises StateError."""
        now, channels = datetime.now(UTC), tuple(self._channels())
        found = await asyncio.to_thread(self._found, now, at_once=at_once, heard=bool(channels))
        if found is None:
            return
        owing = self._store.troubles.tell(found.troubles, found.notices, found.held, channels, now=now)
        self._on_owed(owing)
        await asyncio.wrap_future(owing)
        for alert in found.notices:
            log.warning("told the operator: %s", alert.item.title)

    def _found(self, now: datetime, *, at_once: bool, heard: bool) -> _Round | None:
        """What there is to keep and to tell; None where all is as it was."""
        ailing = self._store.troubles.ailing()
        feeds = {one.feed.id: one.feed for one in ailing}
        stored = self._store.troubles.kept()
        kept = [one for one in stored if one.feed_id == ALL or one.feed_id in feeds]
        lasting = self._lasting(kept, ailing, now)
        fallen = self._fallen_silent(lasting, now, at_once=at_once)
        feeds |= {feed.id: feed for feed, _ in fallen if feed}
        present = [*_of_polls(kept, ailing, now), *lasting, *(trouble for _, trouble in fallen)]
        after = compared(kept, present, now=now)
        new, over = to_tell(after, now=now, at_once=at_once), ended(after, now=now, at_once=at_once)
        new += _together(new, after, ailing, now)
        troubles = [*_without([*new, *over], after), *(replace(one, told=now) for one in new)]
        held = _ripe(self._store.holds.all(), now, at_once=at_once) if heard else []
        if _sorted(troubles) == _sorted(stored) and not held:
            return None
        said = [*_about(new, feeds), *self._about_ends(over, feeds, now)]
        of_holds = [notices.about_held(held)] if held else []
        alerts = [notices.notice(title, text, now=now) for title, text in said + of_holds]
        hold_ids = [hold_id for one in held for hold_id in one.hold_ids]
        return _Round(troubles=troubles, notices=alerts, held={alerts[-1].alert_id: hold_ids} if held else {})

    def _lasting(self, kept: Sequence[Trouble], ailing: Sequence[Ailing], now: datetime) -> list[Trouble]:
        """The silences that go on: nothing has come since."""
        changed = {one.feed.id: one.cursor.last_change for one in ailing}
        return [one for one in kept if one.kind is Kind.SILENT and self._lasts(one, changed.get(one.feed_id), now)]

    def _lasts(self, one: Trouble, changed: datetime | None, now: datetime) -> bool:
        if one.feed_id == ALL:
            return self._store.troubles.pulse(ALL, one.since, now)[0] == 0
        return changed is not None and changed <= one.since

    def _fallen_silent(self, lasting: Sequence[Trouble], now: datetime, *, at_once: bool) -> list[notices.Named]:
        """Now and then, who else has fallen silent; or ALL, and then nobody by name."""
        known, moment = {one.feed_id for one in lasting}, time.monotonic()
        if ALL in known or not (at_once or moment >= self._quiet_look_at):
            return []
        self._quiet_look_at = moment + QUIET_LOOK
        found: list[notices.Named] = []
        for one, habit in self._with_habits([one for one in self._store.troubles.still() if one.feed.id not in known]):
            if not is_silent(habit, one.until):
                continue
            # The beginning is left out: what stops for all of us does not stop at the same moment.
            others = self._store.troubles.pulse(one.feed.id, one.last + (one.until - one.last) / 4, one.until)
            if own_fault(*others):
                return [(None, Trouble(feed_id=ALL, kind=Kind.SILENT, since=one.until, found=now))]
            if is_silent(habit, one.until, pulse=share(*others)):
                found.append((one.feed, _silent(one, now)))
        return found

    def _with_habits(self, still: Sequence[Still]) -> Iterator[tuple[Still, Habit]]:
        """The feeds whose habits are known; what is learnt holds until the next item."""
        before, self._habits, learnt = self._habits, {}, 0
        for one in still:
            last, habit = before.get(one.feed.id, (None, None))
            if last != one.last:
                if learnt == MOST_HABITS:
                    continue
                habit, learnt = habit_of(self._store.troubles.arrivals(one.feed.id, one.last)), learnt + 1
            self._habits[one.feed.id] = (one.last, habit)
            if habit:
                yield one, habit

    def _about_ends(
        self, over: Sequence[Trouble], feeds: Mapping[str, Feed], now: datetime
    ) -> Iterator[tuple[str, str]]:
        for kind, some in _by_kind(over):
            well = [(feeds.get(one.feed_id), one, self._store.troubles.brought(one.feed_id, one.since)) for one in some]
            yield notices.about_the_end(kind, well, now=now)


def _of_polls(kept: Sequence[Trouble], ailing: Sequence[Ailing], now: datetime) -> Iterator[Trouble]:
    known = {one.key: one for one in kept}
    for one in ailing:
        yield from of_feed(one.feed, one.cursor, one.added, known, now=now)


def _silent(one: Still, now: datetime) -> Trouble:
    return Trouble(feed_id=one.feed.id, kind=Kind.SILENT, since=one.last, found=now, detail=usual(one.per_day))


def _about(new: Sequence[Trouble], feeds: Mapping[str, Feed]) -> Iterator[tuple[str, str]]:
    for kind, some in _by_kind(new):
        yield notices.about_troubles(kind, [(feeds.get(one.feed_id), one) for one in some])


def _by_kind(some: Sequence[Trouble]) -> Iterator[tuple[Kind, list[Trouble]]]:
    """Those of one kind together; what ALL have is told by itself."""
    sorts: defaultdict[tuple[bool, Kind], list[Trouble]] = defaultdict(list)
    for one in some:
        sorts[one.feed_id == ALL, one.kind].append(one)
    for (_, kind), alike in sorts.items():
        yield kind, alike


def _together(
    new: Sequence[Trouble], after: Sequence[Trouble], ailing: Sequence[Ailing], now: datetime
) -> list[Trouble]:
    """The feeds that fail, and are no more than slower to be called broken than those that are to be told of."""
    if all(one.kind is not Kind.BROKEN for one in new):
        return []
    there = {one.key for one in after}
    return [
        Trouble(
            feed_id=one.feed.id,
            kind=Kind.BROKEN,
            since=one.cursor.last_success or one.added,
            found=now,
            detail=one.cursor.error,
        )
        for one in ailing
        if one.cursor.failures >= FAILS_TOGETHER and not one.cursor.gone and (one.feed.id, Kind.BROKEN) not in there
    ]


def _without(some: Sequence[Trouble], troubles: Sequence[Trouble]) -> list[Trouble]:
    keys = {one.key for one in some}
    return [one for one in troubles if one.key not in keys]


def _sorted(troubles: Sequence[Trouble]) -> list[Trouble]:
    return sorted(troubles, key=lambda one: one.key)


def _ripe(held: Sequence[Held], now: datetime, *, at_once: bool) -> list[Held]:
    """What is held and was not told of, as soon as nothing was added for a while."""
    untold = [one for one in held if not one.told]
    calm = at_once or all(not timedelta(0) <= now - one.since < CALM for one in untold)
    return untold if calm else []
