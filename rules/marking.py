"""The words that rang a rule, as slices of the item, in reading order."""

from collections.abc import Iterable
from heapq import nsmallest

from rules.conditions import Mark
from rules.records import Match
from rules.sighting import PLACES, Sight

MOST_MATCHES = 1000
"""Of one rule in one item; a text that repeats a name more often must not fill the memory."""


def matches(marks: Iterable[Mark], sight: Sight) -> tuple[Match, ...]:
    """What is marked, each once; the first MOST_MATCHES."""
    distinct = set(marks)
    if len(distinct) > MOST_MATCHES:
        ordered = nsmallest(MOST_MATCHES, distinct, key=_reading_order)
    else:
        ordered = sorted(distinct, key=_reading_order)
    return tuple([sight.kept(mark, lambda mark: _match(mark, sight)) for mark in ordered])


def _match(mark: Mark, sight: Sight) -> Match:
    place = mark.occurrence.place
    start, end = sight.span(mark.occurrence)
    return Match(
        watchlist=mark.watchlist,
        entry=mark.entry,
        field=PLACES[place],
        start=start,
        end=end,
        surface=sight.text(place)[start:end],
    )


def _reading_order(mark: Mark) -> tuple[int, int, int, str, str]:
    return (*mark.occurrence[:3], mark.watchlist, mark.entry)
