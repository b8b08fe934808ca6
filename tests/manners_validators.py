"""Checks C01 to C10: what a publisher is asked with, and not too soon, over restarts too."""

from collections.abc import Iterator
from itertools import pairwise

from tests.crowd import Crowd, Personality, Visit
from tests.evidence import DAY, Evidence


def _asks(crowd: Crowd, row: Personality) -> Iterator[tuple[Visit, tuple[str, str], set[str]]]:
    """Each final request of each poll, the validators that were the latest before it, and all there ever were."""
    current, ever = ("", ""), {""}
    for visit in crowd.visits[row.name]:
        answer = visit.answer
        if 300 <= answer.status < 400 and answer.status != 304:
            continue
        yield visit, current, set(ever)
        given = answer.header("etag"), answer.header("last-modified")
        ever |= set(given)
        if answer.brings and answer.status in (200, 203):
            current = given
        elif answer.brings:
            current = given[0] or current[0], given[1] or current[1]


def _whole(crowd: Crowd, visit: Visit) -> bool:
    """Whether it is time for a request without conditions: the whole was not seen for a week."""
    seen = [one.at for one in crowd.visits[visit.row.name] if one.at < visit.at and one.answer.status == 200]
    return bool(seen) and visit.at - seen[-1] > 7 * DAY


def _conditional(evidence: Evidence) -> Iterator[tuple[Visit, tuple[str, str], str]]:
    """Each request that should have conditions, those it should have, and where it came."""
    for row in evidence.rows:
        for visit, current, _ in _asks(evidence.crowd, row):
            if any(current) and not _whole(evidence.crowd, visit):
                yield visit, current, f"{row.name}, poll {visit.n}"


def c01(evidence: Evidence) -> Iterator[str]:
    for visit, current, where in _conditional(evidence):
        yield "" if any(visit.validators()) else f"{where}: no condition although {current} was given"


def _same(evidence: Evidence, place: int) -> Iterator[str]:
    for visit, current, where in _conditional(evidence):
        if current[place]:
            sent = visit.validators()[place]
            yield "" if sent == current[place] else f"{where}: {sent!r} and not {current[place]!r}"


def c02(evidence: Evidence) -> Iterator[str]:
    return _same(evidence, 0)


def c03(evidence: Evidence) -> Iterator[str]:
    return _same(evidence, 1)


def c04(evidence: Evidence) -> Iterator[str]:
    for row in evidence.rows:
        for visit, _, ever in _asks(evidence.crowd, row):
            made_up = set(visit.validators()) - ever
            yield f"{row.name}, poll {visit.n}: {made_up} was never given" if made_up else ""


def _latest(evidence: Evidence, check: str) -> Iterator[str]:
    for row in evidence.marked(check):
        for visit, current, _ in list(_asks(evidence.crowd, row))[1:]:
            if not _whole(evidence.crowd, visit):
                wrong = any(visit.validators()) and visit.validators() != current
                yield f"{row.name}, poll {visit.n}: {visit.validators()} and not {current}" if wrong else ""


def c05(evidence: Evidence) -> Iterator[str]:
    return _latest(evidence, "C05")


def c06(evidence: Evidence) -> Iterator[str]:
    return _latest(evidence, "C06")


def c07(evidence: Evidence) -> Iterator[str]:
    for visit, current, where in _conditional(evidence):
        for restart in evidence.restarts:
            earlier = [one for one in evidence.crowd.visits[visit.row.name] if restart < one.at < visit.at]
            if visit.at > restart and not earlier:
                yield "" if any(visit.validators()) else f"{where}, the first after a restart: no {current}"


def c08(evidence: Evidence) -> Iterator[str]:
    for row in evidence.rows:
        for one, other in pairwise(evidence.crowd.polls(row)):
            gap = other.at - one.at
            yield "" if gap >= row.floor - 1 else f"{row.name}, poll {other.n}: {gap:.0f} s after the one before"


def c09(evidence: Evidence) -> Iterator[str]:
    for row in evidence.rows:
        first = [visit for visit in evidence.crowd.polls(row) if visit.at < row.floor - 1]
        yield "" if len(first) <= 1 else f"{row.name}: {len(first)} requests at the start"


def c10(evidence: Evidence) -> Iterator[str]:
    for row in evidence.rows:
        for one, other in evidence.crowd.pairs(row):
            if any(one.at < restart < other.at for restart in evidence.restarts):
                wait = max(row.floor, one.answer.asks) - 1
                yield "" if other.at - one.at >= wait else f"{row.name}: {other.at - one.at:.0f} s over a restart"
