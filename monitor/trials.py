"""Runs a rule over the stored history; where much may ring, in two processes."""

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path

from rules.asking import Asked, either
from rules.backtesting import Past, Tally, Trial
from rules.judge import Rule
from rules.watchlist import Watchlist
from state.history import Batch, Found
from state.store import Store

NEAR = 2_000
"""Items that are looked at for near misses alone: those without one part of a rule may be most of the history."""

SHARED_FROM = 10_000
"""Items that are worth the start of another process."""

WithLists = tuple[Rule, Sequence[Watchlist]]
Progress = Callable[[int, int], None]
"""Told how many items are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Job:
    """What to run, over what is remembered of the time since then. `rules` are one, or two to compare."""

    database: Path
    since: datetime
    rules: tuple[WithLists, ...]

    def trials(self) -> list[Trial]:
        """Raises Mistakes."""
        return [Trial(rule, lists) for rule, lists in self.rules]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A tally for each rule. Of the `stored` items since then, `looked_at` had to be judged.

    `unread` of these the index said nothing of, because it lacks them or because there was `nothing_to_ask`.

    The near misses are those of the first rule. Beside what had to be judged, they were looked for in the latest
    `nearly_looked_at` of `nearly` items that have all of its words but for those of one part.
    """

    tallies: list[Tally]
    stored: int
    oldest: datetime | None
    """When the first item of all was seen."""
    looked_at: int
    unread: int
    nothing_to_ask: bool
    nearly: int
    nearly_looked_at: int


def run(store: Store, job: Job, trials: Sequence[Trial], on_progress: Progress) -> Outcome:
    """Judge whatever may ring. `trials` are those of the job."""
    asked, nearly = _asked(trials), trials[0].asked_nearly
    found = store.history(asked, since=job.since)
    tallies = _counted(store, job, trials, found, on_progress)
    # Where nothing can be asked, everything has been looked at, or the near ones cannot be told from the others.
    near = store.history(nearly, since=job.since, besides=asked) if asked and nearly else found.latest(0)
    latest = near.latest(NEAR)
    for batch in store.past(latest.batches()):
        _take(tallies[:1], trials[:1], batch, job.since)
    return Outcome(
        tallies=tallies,
        stored=found.stored,
        oldest=found.oldest,
        looked_at=len(found),
        unread=len(found.rows),
        nothing_to_ask=asked is None,
        nearly=len(near),
        nearly_looked_at=len(latest),
    )


def _asked(trials: Sequence[Trial]) -> Asked | None:
    """What is in every item that one of these rings for."""
    asked = trials[0].asked
    for other in trials[1:]:
        asked = either(asked, other.asked)
    return asked


def _counted(store: Store, job: Job, trials: Sequence[Trial], found: Found, on_progress: Progress) -> list[Tally]:
    batches, total = found.batches(), len(found)
    if total < SHARED_FROM:
        return _share(store, job, trials, batches, lambda done: on_progress(done, total))
    with _helped(job, batches[1::2]) as answer:
        tallies = _share(store, job, trials, batches[::2], lambda done: on_progress(min(2 * done, total), total))
        try:
            others: list[Tally] = answer.recv()
        except EOFError:  # it was killed, as where there is no memory for two
            others = _share(store, job, trials, batches[1::2], lambda done: None)
    for tally, other in zip(tallies, others, strict=True):
        tally.add(other)
    return tallies


def _share(
    store: Store, job: Job, trials: Sequence[Trial], batches: Sequence[Batch], on_done: Callable[[int], None]
) -> list[Tally]:
    tallies, done = [Tally() for _ in trials], 0
    for batch in store.past(batches):
        _take(tallies, trials, batch, job.since)
        done += len(batch)
        on_done(done)
    return tallies


def _take(tallies: Sequence[Tally], trials: Sequence[Trial], batch: Sequence[Past], since: datetime) -> None:
    for past in batch:
        if past.at < since:
            continue
        tallies[0].take(past, *trials[0].look(past.item))
        for tally, trial in zip(tallies[1:], trials[1:], strict=True):
            tally.take(past, trial.look(past.item)[0])


@contextmanager
def _helped(job: Job, batches: Sequence[Batch]) -> Iterator[Connection]:
    """Another process that judges these; it answers with its tallies, and ends with us."""
    # A fork would share our connections to the database.
    context = multiprocessing.get_context("spawn")
    answer, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_help, args=(job, batches, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        yield answer
    finally:
        process.terminate()
        process.join()
        answer.close()


def _help(job: Job, batches: Sequence[Batch], answer: Connection) -> None:
    # Ctrl-C is for the one at the terminal, who ends us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Store.open(job.database, read_only=True) as store:
        answer.send(_share(store, job, job.trials(), batches, lambda done: None))
