"""What can be seen from outside of a daemon: what publishers were asked, what receivers were told, what is planned."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.crowd import Crowd, Personality, Visit

GAP = 1.0
"""Seconds between two requests to a host, as the configuration has them."""

DAY = 86_400.0
LONGEST = 7_200.0
"""The longest wait of the adaptive schedule."""


@dataclass(slots=True)
class Plan:
    """What the database has of a feed at the end of a round: when it was asked and is asked next, on real clocks."""

    last: datetime
    next: datetime | None
    round: int


@dataclass(slots=True)
class Heard:
    """An alert that arrived: in which round, what it was, and its size in bytes."""

    round: int
    kind: str
    words: str
    size: int


@dataclass(slots=True)
class Evidence:
    """Everything that can be seen from outside. `rounds`: the moment of the story at which each began."""

    crowd: Crowd
    rounds: list[float] = field(default_factory=list)
    restarts: list[float] = field(default_factory=list)
    plans: dict[str, list[Plan]] = field(default_factory=lambda: defaultdict(list))
    heard: list[Heard] = field(default_factory=list)
    letters: list[Any] = field(default_factory=list)
    slack: list[dict[str, Any]] = field(default_factory=list)
    memory: int = 0
    """The most bytes that the process had in memory."""

    @property
    def rows(self) -> list[Personality]:
        return list(self.crowd.rows.values())

    def marked(self, check: str) -> Iterator[Personality]:
        return (row for row in self.rows if check in row.checks)

    def round_of(self, visit: Visit) -> int:
        return sum(begun <= visit.at for begun in self.rounds) - 1


Judge = Callable[[Evidence], Iterator[str]]
"""Looks at every occasion there was: '' where all was well, else what was done."""
