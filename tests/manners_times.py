"""Checks C11 to C25: when publishers are asked, and how many at once."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from statistics import median

from tests.crowd import Visit
from tests.evidence import DAY, GAP, Evidence, Judge


def c11(evidence: Evidence) -> Iterator[str]:
    usual = [plans[0] for plans in evidence.plans.values() if plans and plans[0].next and not plans[0].round]
    waits = sorted((plan.next - plan.last).total_seconds() for plan in usual if plan.next)
    if waits:
        interval = median(waits)
        most = max(sum(wait <= other < wait + 0.05 * interval for other in waits) for wait in waits)
        yield "" if most <= len(waits) / 2 else f"{most} of {len(waits)} feeds within 5 % of {interval:.0f} s"


def left_alone(*whys: str) -> Judge:
    """Nobody is asked before what he asked for is over."""

    def judge(evidence: Evidence) -> Iterator[str]:
        for row in evidence.rows:
            for one, other in evidence.crowd.pairs(row):
                if one.answer.why in whys and one.answer.asks:
                    gap = other.at - one.at
                    early = gap < one.answer.asks - 1
                    yield f"{row.name}: asked after {gap:.0f} s, not {one.answer.asks:.0f}" if early else ""

    return judge


def c16(evidence: Evidence) -> Iterator[str]:
    for row in evidence.marked("C16"):
        for plan in evidence.plans[row.name]:
            if plan.next:
                days = "days" in row.name
                near = plan.next.date() == plan.last.date() if days else (plan.next - plan.last).total_seconds() < 7200
                yield f"{row.name}: asked at {plan.last}, again at {plan.next}" if near else ""


def _hosts(evidence: Evidence) -> Iterator[tuple[str, list[Visit]]]:
    """What each host saw that more than one feed led to, in order."""
    hosts = defaultdict(list)
    for row in evidence.rows:
        for visit in evidence.crowd.visits[row.name]:
            hosts[visit.request.headers["host"]].append(visit)
    for host, visits in hosts.items():
        if len({visit.row.name for visit in visits}) > 1:
            yield host, sorted(visits, key=lambda visit: visit.began)


def c17(evidence: Evidence) -> Iterator[str]:
    for host, visits in _hosts(evidence):
        for visit in visits:
            at_once = sum(one.began <= visit.began < (one.ended or one.began) for one in visits)
            yield "" if at_once <= 2 else f"{host}: {at_once} at once"


def c18(evidence: Evidence) -> Iterator[str]:
    for host, visits in _hosts(evidence):
        for one, other in pairwise(visit for visit in visits if visit.hop == 0):
            gap = other.began - one.began
            yield "" if gap >= GAP / 2 else f"{host}: {gap:.2f} s between {one.row.name} and {other.row.name}"


def c19(evidence: Evidence) -> Iterator[str]:
    hanging = [visit for row in evidence.rows if row.hangs for visit in evidence.crowd.polls(row)]
    for row in evidence.rows:
        for visit in evidence.crowd.polls(row) if not row.hangs and not row.host else ():
            if any(one.began < visit.began < (one.ended or one.began) for one in hanging):
                yield ""


def c20(evidence: Evidence) -> Iterator[str]:
    for row in evidence.marked("C20"):
        waits = [(plan.next - plan.last).total_seconds() for plan in evidence.plans[row.name] if plan.next]
        yield "" if waits[-1] > 2 * waits[0] else f"{row.name}: {waits[0]:.0f} s at first, {waits[-1]:.0f} at last"


def grows(check: str) -> Judge:
    """Each failure in a row makes the wait longer, up to half a day, and nobody is given up."""

    def judge(evidence: Evidence) -> Iterator[str]:
        for row in evidence.marked(check):
            polls, failed = evidence.crowd.polls(row), 0
            for one, other in pairwise(polls):
                failed = 0 if one.answer.brings else failed + 1
                least = min(row.floor * 1.5**failed, DAY / 2) - 1
                gap = other.at - one.at
                yield "" if gap >= least else f"{row.name}: {gap:.0f} s after failure {failed}, not {least:.0f}"
            if not row.rings:
                last = evidence.rounds[-1] - polls[-1].at
                yield "" if last < 3 * DAY else f"{row.name}: not asked for {last:.0f} s"

    return judge
