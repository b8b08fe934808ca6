"""Checks C26 to C47: statuses, redirects, headers, and answers that would like to do harm."""

import re
from collections import Counter
from collections.abc import Callable, Iterator

from tests.crowd import Visit
from tests.evidence import LONGEST, Evidence, Judge
from tests.manners_alerts import alerts


def c26(evidence: Evidence) -> Iterator[str]:
    for row in evidence.marked("C26"):
        last = evidence.plans[row.name][-1]
        wait = (last.next - last.last).total_seconds() if last.next else 0.0
        yield "" if 0 < wait <= 1.7 * LONGEST else f"{row.name}: {wait:.0f} s after it had recovered"


def c27(evidence: Evidence) -> Iterator[str]:
    for row in evidence.marked("C27"):
        codes = [visit.answer.status for visit in evidence.crowd.visits[row.name]]
        yield "" if codes.count(410) == 1 else f"{row.name}: asked {codes.count(410) - 1} times after 410"


def c29(evidence: Evidence) -> Iterator[str]:
    for row in evidence.marked("C29"):
        polls = evidence.crowd.polls(row)
        at_home = [poll.answer.status in (301, 308) for poll in polls]
        bounded = not at_home[-1] and sum(at_home) <= 40 and at_home == sorted(at_home, reverse=True)
        yield "" if bounded else f"{row.name}: {sum(at_home)} of {len(polls)} polls at the old address"


def c30(evidence: Evidence) -> Iterator[str]:
    for row in evidence.marked("C30"):
        for poll in evidence.crowd.polls(row):
            home = poll.request.target == row.path + row.asked
            yield "" if home else f"{row.name}, poll {poll.n}: {poll.request.target}"


def c31(evidence: Evidence) -> Iterator[str]:
    for row in evidence.marked("C31"):
        for poll, hops in Counter(visit.n for visit in evidence.crowd.visits[row.name]).items():
            yield "" if hops <= 21 else f"{row.name}, poll {poll}: {hops} requests"


def c32(evidence: Evidence) -> Iterator[str]:
    for row in evidence.marked("C32"):
        home = evidence.crowd.hosts[row.host or row.name]
        for visit in evidence.crowd.visits[row.name]:
            abroad = not visit.request.headers["host"].startswith(home)
            sent = "authorization" in visit.request.headers
            yield f"{row.name}: authorization {'abroad' if sent else 'left out at home'}" if sent is abroad else ""


def every(fine: Callable[[Visit], bool], what: str) -> Judge:
    """Something that holds for every request."""

    def judge(evidence: Evidence) -> Iterator[str]:
        for row in evidence.rows:
            for visit in evidence.crowd.visits[row.name]:
                yield "" if fine(visit) else f"{row.name}, poll {visit.n}: {what}"

    return judge


def header(visit: Visit, *names: str) -> str:
    return "".join(visit.request.headers.get(name, "") for name in names)


c33 = every(lambda visit: not header(visit, "cookie"), "a cookie")
c35 = every(lambda visit: not header(visit, "referer"), "a referrer")
c37 = every(lambda visit: "gzip" in header(visit, "accept-encoding"), "no gzip")
c38 = every(lambda visit: "application/rss+xml" in header(visit, "accept"), "no feed types")
c39 = every(lambda visit: not header(visit, "cache-control", "pragma"), "asks to pass by caches")
c40 = every(lambda visit: visit.request.method == "GET", "another method")


def c34(evidence: Evidence) -> Iterator[str]:
    for row in evidence.rows:
        for visit in evidence.crowd.polls(row) if not set(row.checks) & {"C29", "C30"} else ():
            asked, given = visit.request.target, row.path + row.asked
            yield "" if asked == given else f"{row.name}: {asked} and not {given}"


_US = re.compile(r"Wirebell/\d\S* \(\+\S+\)")


def c36(evidence: Evidence) -> Iterator[str]:
    agents = {visit.request.headers.get("user-agent", "") for row in evidence.rows
              for visit in evidence.crowd.visits[row.name]}  # fmt: skip
    yield "" if len(agents) == 1 else f"{len(agents)} names: {agents}"
    for agent in agents:
        yield "" if _US.fullmatch(agent) else f"{agent!r}"


def c41(evidence: Evidence) -> Iterator[str]:
    yield ""
    yield from (f"{request.method} {request.target}" for request in evidence.crowd.strays)


def c42(evidence: Evidence) -> Iterator[str]:
    yield from every(lambda visit: visit.request.headers.get("a-im") == "feed", "no A-IM: feed")(evidence)
    yield from alerts("C42")(evidence)


def c43(evidence: Evidence) -> Iterator[str]:
    for row in evidence.marked("C43"):
        for visit in evidence.crowd.polls(row)[:1]:
            yield "" if visit.left else f"{row.name}: still there at the end"


def c44(evidence: Evidence) -> Iterator[str]:
    for row in evidence.marked("C44"):
        for visit in evidence.crowd.polls(row):
            yield "" if visit.left and visit.sent < 32e6 else f"{row.name}: took {visit.sent} bytes"


def c45(evidence: Evidence) -> Iterator[str]:
    for row in evidence.marked("C45"):
        for _ in evidence.crowd.polls(row):
            yield "" if evidence.memory < 300e6 else f"{evidence.memory / 1e6:.0f} MB in memory"


def no_strays(check: str) -> Judge:
    def judge(evidence: Evidence) -> Iterator[str]:
        for row in evidence.marked(check):
            yield from ("" for _ in evidence.crowd.polls(row))
        yield from (f"{request.method} {request.target}" for request in evidence.crowd.strays)

    return judge
