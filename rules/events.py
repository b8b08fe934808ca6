"""What happened, as one sentence of a report says it: somebody goes from one organization to another."""

from dataclasses import dataclass
from enum import StrEnum


class EventKind(StrEnum):
    """What somebody does: `moves` where both sides are known."""

    JOINS = "joins"
    LEAVES = "leaves"
    MOVES = "moves"
    FOUNDS = "founds"


class Certainty(StrEnum):
    """How sure a report is: hedged, stated by the outlet, said by the person or the organization, or denied."""

    DENIED = "denied"
    RUMOURED = "rumoured"
    REPORTED = "reported"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Somebody goes from one organization to another, as one sentence of an item says.

    `person`, `from_` and `to` are names of watchlist entries, or as the sentence writes them where no list has them;
    '' where the sentence does not say. `possible`: the roles are not sure. The sentence is `evidence`, which is
    `getattr(item, field)[start:end]`.
    """

    kind: EventKind
    person: str
    from_: str = ""
    to: str = ""
    certainty: Certainty = Certainty.REPORTED
    possible: bool = False
    field: str = ""
    start: int = 0
    end: int = 0
    evidence: str = ""
