"""Runs a rule over the stored history; where much may ring in several processes, and over a sample of the stories."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from math import log10, sqrt
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

SAMPLE = 10_000
"""Items that are judged where more may ring and nobody asks for all of them: seconds."""

SHARED_FROM = 3_000
"""Items that are worth the start of another process."""

MOST_PROCESSES = 4
"""Beyond it each has too little to do."""

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
    """A tally for each rule. Of the `stored` items since then `may_ring` had to be judged, and `looked_at` were.

    `unread` of these the index said nothing of, because it lacks them or because there was `nothing_to_ask`.

    The near misses are those of the first rule. Beside what had to be judged, they were looked for in the latest
    `nearly_looked_at` of `nearly` items that have all of its words but for those of one part.
    """

    tallies: list[Tally]
    stored: int
    oldest: datetime | None
    """When the first item of all was seen."""
    may_ring: int
    looked_at: int
    unread: int
    nothing_to_ask: bool
    nearly: int
    nearly_looked_at: int

    @property
    def is_estimate(self) -> bool:
        """Whether a sample stands for all."""
        return self.looked_at < self.may_ring

    def of_all(self, number: int) -> int:
        """What was counted, of all that may ring: as it is, or estimated to three digits."""
        if not self.is_estimate or not number:
            return number
        estimate = number * self.may_ring / self.looked_at
        return int(round(estimate, min(0, 2 - int(log10(estimate)))))

    def margin(self, number: int) -> int:
        """How far, 19 times in 20, the truth is from the estimate for this number of stories at the most."""
        times = self.may_ring / max(self.looked_at, 1)
        return round(2 * sqrt(max(number, 1) * times * (times - 1))) if self.is_estimate else 0


def run(store: Store, job: Job, trials: Sequence[Trial], on_progress: Progress, *, most: int | None = None) -> Outcome:
    """Judge whatever may ring, or a sample where that is more than `most`. `trials` are those of the job."""
    asked, nearly = _asked(trials), trials[0].asked_nearly
    found = store.history.find(asked, since=job.since, most=most)
    tallies = _counted(store, job, trials, found, on_progress)
    near = None
    # Where nothing can be asked, everything has been looked at, or the near ones cannot be told from the others.
    if asked and nearly:
        near = store.history.find_latest(nearly, asked, since=job.since, number=NEAR)
        for batch in store.history.read(near.batches()):
            _take(tallies[:1], trials[:1], batch, job.since)
    return Outcome(
        tallies=tallies,
        stored=found.stored,
        oldest=found.oldest,
        may_ring=found.may_hold,
        looked_at=len(found),
        unread=len(found.unread),
        nothing_to_ask=asked is None,
        nearly=near.may_hold if near else 0,
        nearly_looked_at=len(near.named) if near else 0,
    )


def _asked(trials: Sequence[Trial]) -> Asked | None:
    """What is in every item that one of these rings for."""
    asked = trials[0].asked
    for other in trials[1:]:
        asked = either(asked, other.asked)
    return asked


def _counted(store: Store, job: Job, trials: Sequence[Trial], found: Found, on_progress: Progress) -> list[Tally]:
    batches, total = found.batches(), len(found)
    processes = min(os.cpu_count() or 1, MOST_PROCESSES, max(1, total // SHARED_FROM + 1))
    with ExitStack() as helping:
        shares = [batches[number::processes] for number in range(processes)]
        answers = [helping.enter_context(_helped(job, share)) for share in shares[1:]]
        tallies = _share(store, job, trials, shares[0], lambda done: on_progress(min(processes * done, total), total))
        for share, answer in zip(shares[1:], answers, strict=True):
            try:
                others: list[Tally] = answer.recv()
            except EOFError:  # it was killed, as where there is no memory for several
                others = _share(store, job, trials, share, lambda done: None)
            for tally, other in zip(tallies, others, strict=True):
                tally.add(other)
    return tallies


def _share(
    store: Store, job: Job, trials: Sequence[Trial], batches: Sequence[Batch], on_done: Callable[[int], None]
) -> list[Tally]:
    tallies, done = [Tally() for _ in trials], 0
    for batch in store.history.read(batches):
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
