"""The scorer: reads what a crowd of publishers was asked and what receivers were told, and says which check holds.

A check is one row of CHECKS: its level, its sentence, and a function that looks at every occasion there was and yields
'' where it behaved, else what it did. No occasion: not exercised.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
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
    waited: list[str] = field(default_factory=list)
    """Feeds that were due in a round and were not asked in it while others hung."""

    @property
    def rows(self) -> list[Personality]:
        return list(self.crowd.rows.values())

    def marked(self, check: str) -> Iterator[Personality]:
        return (row for row in self.rows if check in row.checks)

    def round_of(self, visit: Visit) -> int:
        return sum(begun <= visit.at for begun in self.rounds) - 1


Judge = Callable[[Evidence], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Check:
    """One of the checklist. `level` is must, should or nice."""

    level: str
    sentence: str
    judge: Judge


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


def c11(evidence: Evidence) -> Iterator[str]:
    usual = [plans[0] for plans in evidence.plans.values() if plans and plans[0].next and not plans[0].round]
    waits = sorted((plan.next - plan.last).total_seconds() for plan in usual if plan.next)
    near = [wait for wait in waits if wait <= 330.0 * 1.5]
    most = max((sum(wait <= other < wait + 0.05 * 300 for other in near) for wait in near), default=0)
    if near:
        yield "" if most <= len(near) / 2 else f"{most} of {len(near)} feeds within 15 s of 300"


def _left_alone(*whys: str) -> Judge:
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
    for host in {row.host for row in evidence.rows if row.host}:
        rows = [row for row in evidence.rows if row.host == host]
        yield host, sorted((v for row in rows for v in evidence.crowd.visits[row.name]), key=lambda visit: visit.began)


def c17(evidence: Evidence) -> Iterator[str]:
    for host, visits in _hosts(evidence):
        for visit in visits:
            at_once = sum(one.began <= visit.began < (one.ended or one.began) for one in visits)
            yield "" if at_once <= 2 else f"{host}: {at_once} at once"


def c18(evidence: Evidence) -> Iterator[str]:
    for host, visits in _hosts(evidence):
        for one, other in pairwise(visits):
            gap = other.began - one.began
            yield "" if gap >= GAP / 2 else f"{host}: {gap:.2f} s between {one.row.name} and {other.row.name}"


def c19(evidence: Evidence) -> Iterator[str]:
    hanging = [visit for row in evidence.rows if row.hangs for visit in evidence.crowd.polls(row)]
    for row in evidence.rows:
        for visit in evidence.crowd.polls(row) if not row.hangs and not row.host else ():
            if any(one.began < visit.began < (one.ended or one.began) for one in hanging):
                yield ""
    yield from evidence.waited


def c20(evidence: Evidence) -> Iterator[str]:
    for row in evidence.marked("C20"):
        waits = [(plan.next - plan.last).total_seconds() for plan in evidence.plans[row.name] if plan.next]
        yield "" if waits[-1] > 2 * waits[0] else f"{row.name}: {waits[0]:.0f} s at first, {waits[-1]:.0f} at last"


def _grows(check: str) -> Judge:
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


def _every(fine: Callable[[Visit], bool], what: str) -> Judge:
    """Something that holds for every request."""

    def judge(evidence: Evidence) -> Iterator[str]:
        for row in evidence.rows:
            for visit in evidence.crowd.visits[row.name]:
                yield "" if fine(visit) else f"{row.name}, poll {visit.n}: {what}"

    return judge


def _header(name: str) -> Callable[[Visit], str]:
    return lambda visit: visit.request.headers.get(name, "")


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
    yield from _every(lambda visit: visit.request.headers.get("a-im") == "feed", "no A-IM: feed")(evidence)
    yield from _alerts("C42")(evidence)


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


def _no_strays(check: str) -> Judge:
    def judge(evidence: Evidence) -> Iterator[str]:
        for row in evidence.marked(check):
            yield from ("" for _ in evidence.crowd.polls(row))
        yield from (f"{request.method} {request.target}" for request in evidence.crowd.strays)

    return judge


def expected(crowd: Crowd, row: Personality) -> tuple[set[str], dict[str, Visit]]:
    """The headlines that were there at the first good poll, and the later ones with the visit that first saw each."""
    shows = [visit for visit in crowd.visits[row.name] if visit.answer.titles and visit.answer.complete]
    if not shows:
        return set(), {}
    first: dict[str, Visit] = {}
    for visit in shows[1:]:
        for title in visit.answer.titles:
            first.setdefault(title, visit)
    old = set(shows[0].answer.titles)
    return old, {title: visit for title, visit in first.items() if title not in old}


def _alerts(*checks: str) -> Judge:
    """What was there at the first poll rings never, what came later once; without a check, for the other rows."""

    def judge(evidence: Evidence) -> Iterator[str]:
        for row in evidence.rows:
            if not row.rings or (set(checks).isdisjoint(row.checks) if checks else False):
                continue
            old, new = expected(evidence.crowd, row)
            for title, count in [*((title, 0) for title in old), *((title, 1) for title in new)]:
                rang = sum(title in alert.words for alert in evidence.heard)
                yield "" if rang == count else f"{row.name}: {title!r} rang {rang} times and not {count}"

    return judge


def c55(evidence: Evidence) -> Iterator[str]:
    first = [alert.words for alert in evidence.heard if alert.round == 0]
    yield f"{len(first)} alerts of what was there before, such as {first[0]}" if first else ""


def c56(evidence: Evidence) -> Iterator[str]:
    for row in evidence.marked("C56"):
        for one, other in evidence.crowd.pairs(row):
            if not one.answer.news:
                kept = other.validators()[0] not in ("", '"page"')
                yield "" if kept else f"{row.name}: asked with {other.validators()} after the page"
    tired = [alert.words for alert in evidence.heard if "tired" in alert.words or "Fatal" in alert.words]
    yield f"rang for {tired[0]}" if tired else ""
    yield from _alerts("C56")(evidence)


def c58(evidence: Evidence) -> Iterator[str]:
    for letter in evidence.letters:
        injected = letter.mail["Bcc"] or set(letter.recipients) != {"desk@example.org"}
        yield f"a letter to {letter.recipients}, Bcc {letter.mail['Bcc']}" if injected else ""
        marked_up = re.search(r"<script|<img[^>]*onerror", letter.html, re.IGNORECASE)
        yield f"HTML: {marked_up[0]}" if marked_up else ""
    for message in evidence.slack:
        called = re.search(r"<!channel>|<@U012AB3CD>|<https://evil", str(message))
        yield f"Slack: {called[0]}" if called else ""


def c59(evidence: Evidence) -> Iterator[str]:
    large = [alert for alert in evidence.heard if "a" * 100 in alert.words]
    for alert in large:
        yield "" if alert.size < 25_000 else f"an alert of {alert.size} bytes"


def c60(evidence: Evidence) -> Iterator[str]:
    """The poll that first sees it is in time by the other checks; the alert comes before time goes on."""
    for row in evidence.rows:
        for title, visit in expected(evidence.crowd, row)[1].items() if row.rings and not row.host else ():
            heard = [alert.round for alert in evidence.heard if title in alert.words]
            late = bool(heard) and heard[0] > evidence.round_of(visit)
            yield f"{row.name}: seen in round {evidence.round_of(visit)}, heard of in {heard[0]}" if late else ""


CHECKS: dict[str, Check] = {
    "C01": Check("must", "every poll is conditional once a 200 or 304 gave a validator", c01),
    "C02": Check("must", "If-None-Match is the last ETag byte for byte", c02),
    "C03": Check("must", "If-Modified-Since is the last Last-Modified byte for byte", c03),
    "C04": Check("must", "no validator that the server did not give", c04),
    "C05": Check("must", "new validators are kept although the body is the same", c05),
    "C06": Check("should", "validators in a 304 replace the stored ones", c06),
    "C07": Check("must", "the first poll after a restart is conditional", c07),
    "C08": Check("must", "no two polls of a feed are closer than its interval", c08),
    "C09": Check("must", "a feed that is added is asked once", c09),
    "C10": Check("must", "a restart brings no poll forward", c10),
    "C11": Check("should", "polls are spread over the interval", c11),
    "C12": Check("must", "the next poll is not before Cache-Control max-age", _left_alone("C12")),
    "C13": Check("should", "the next poll is not before Expires where there is no Cache-Control", _left_alone("C13")),
    "C14": Check("should", "the next poll is not before ttl", _left_alone("C14")),
    "C15": Check("should", "the next poll is not before sy:updatePeriod and Frequency", _left_alone("C15")),
    "C16": Check("nice", "no poll in skipHours and skipDays", c16),
    "C17": Check("must", "at most 2 requests at once to a host", c17),
    "C18": Check("should", "there is a gap between two starts on a host", c18),
    "C19": Check("must", "hanging, endless and bomb feeds do not delay the others", c19),
    "C20": Check("nice", "quiet feeds are polled less", c20),
    "C21": Check("must", "429 with Retry-After in seconds: no request before", _left_alone("C21")),
    "C22": Check("must", "429 with Retry-After as a date: no request before, counted from Date", _left_alone("C22")),
    "C23": Check("must", "503 with Retry-After: no request before", _left_alone("C23")),
    "C24": Check("should", "429 without a Retry-After that can be read: the interval grows", _grows("C24")),
    "C25": Check("must", "5xx, time-outs and resets: growing gaps, no retry at once", _grows("C25")),
    "C26": Check("should", "back to the normal interval after recovery", c26),
    "C27": Check("must", "410: no further polls", c27),
    "C28": Check("should", "404 and 403: less and less, never given up", _grows("C28")),
    "C29": Check("must", "301 and 308: the new address is asked directly after a bounded number of polls", c29),
    "C30": Check("must", "302, 307, and 301 to what is no feed: the old address stays", c30),
    "C31": Check("must", "loops end within 21 hops", c31),
    "C32": Check("must", "no Authorization to another host after a redirect", c32),
    "C33": Check("must", "no Cookie", _every(lambda visit: not _header("cookie")(visit), "a cookie")),
    "C34": Check("must", "the address as given: no added query", c34),
    "C35": Check("must", "no Referer", _every(lambda visit: not _header("referer")(visit), "a referrer")),
    "C36": Check("must", "User-Agent: program, version, contact; stable", c36),
    "C37": Check("must", "Accept-Encoding has gzip",
                 _every(lambda visit: "gzip" in _header("accept-encoding")(visit), "no gzip")),
    "C38": Check("should", "Accept names feed types",
                 _every(lambda visit: "application/rss+xml" in _header("accept")(visit), "no feed types")),
    "C39": Check("should", "no Cache-Control: no-cache, no Pragma", _every(
        lambda visit: not _header("cache-control")(visit) + _header("pragma")(visit), "asks to pass by caches")),
    "C40": Check("must", "GET only", _every(lambda visit: visit.request.method == "GET", "another method")),
    "C41": Check("should", "no favicon, site or article fetches", c41),
    "C42": Check("nice", "A-IM: feed, and 226 understood", c42),
    "C43": Check("must", "an answer that drips or is silent is dropped at a total deadline", c43),
    "C44": Check("must", "an endless body is cut", c44),
    "C45": Check("must", "bombs: memory is bounded", c45),
    "C46": Check("must", "no external entity or DTD is fetched", _no_strays("C46")),
    "C47": Check("must", "a body or Location that is an address, a path or a file is not opened", _no_strays("C47")),
    "C48": Check("must", "UTF-16, BOM, Latin-1, GB18030 and wrong charsets arrive intact", _alerts("C48")),
    "C49": Check("must", "all formats, codings and validator styles are read", _alerts("C49")),
    "C50": Check("must", "items without guid, date, title or link", _alerts("C50")),
    "C51": Check("must", "odd dates are alerted, and hide no later item", _alerts("C51")),
    "C52": Check("must", "each new item is alerted exactly once", _alerts()),
    "C53": Check("must", "no repeats under changing guids, links, order, window, ETag", _alerts("C53")),
    "C54": Check("should", "an edit is no new item", _alerts("C54")),
    "C55": Check("must", "the first poll causes few messages", c55),
    "C56": Check("must", "error page with 200, empty body, portal: no alert, validators and items kept", c56),
    "C57": Check("must", "items published during an outage are alerted after it", _alerts("C57")),
    "C58": Check("must", "titles inject no mail header, HTML or Slack command", c58),
    "C59": Check("must", "a 1 MB title makes a small alert", c59),
    "C60": Check("should", "from publication to alert within two intervals and 30 s", c60),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Score:
    """How a check fared: how many occasions there were, and what was done wrong."""

    check: str
    occasions: int
    offences: Sequence[str]

    def __str__(self) -> str:
        rule = CHECKS[self.check]
        state = "broken" if self.offences else "held" if self.occasions else "not exercised"
        more = "".join(f"\n    {offence}" for offence in self.offences[:8])
        return f"{self.check} {rule.level:6} {state} ({self.occasions}): {rule.sentence}{more}"


def score(evidence: Evidence) -> dict[str, Score]:
    """Every check of the list."""
    scores = {}
    for name, check in CHECKS.items():
        found = list(check.judge(evidence))
        scores[name] = Score(name, len(found), [offence for offence in found if offence])
    return scores
