"""The scorer: the checklist of considerate polling, a row each, and what becomes of it before the evidence.

A check without an occasion was not exercised; one with an offence is broken.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tests import manners_alerts as alerts
from tests import manners_requests as requests
from tests import manners_times as when
from tests import manners_validators as validators
from tests.evidence import Evidence, Judge


@dataclass(frozen=True, slots=True)
class Check:
    """One of the checklist. `level` is must, should or nice."""

    level: str
    sentence: str
    judge: Judge


CHECKS: dict[str, Check] = {
    "C01": Check("must", "every poll is conditional once a 200 or 304 gave a validator", validators.c01),
    "C02": Check("must", "If-None-Match is the last ETag byte for byte", validators.c02),
    "C03": Check("must", "If-Modified-Since is the last Last-Modified byte for byte", validators.c03),
    "C04": Check("must", "no validator that the server did not give", validators.c04),
    "C05": Check("must", "new validators are kept although the body is the same", validators.c05),
    "C06": Check("should", "validators in a 304 replace the stored ones", validators.c06),
    "C07": Check("must", "the first poll after a restart is conditional", validators.c07),
    "C08": Check("must", "no two polls of a feed are closer than its interval", validators.c08),
    "C09": Check("must", "a feed that is added is asked once", validators.c09),
    "C10": Check("must", "a restart brings no poll forward", validators.c10),
    "C11": Check("should", "polls are spread over the interval", when.c11),
    "C12": Check("must", "the next poll is not before Cache-Control max-age", when.left_alone("C12")),
    "C13": Check("should", "the next poll is not before Expires, without Cache-Control", when.left_alone("C13")),
    "C14": Check("should", "the next poll is not before ttl", when.left_alone("C14")),
    "C15": Check("should", "the next poll is not before sy:updatePeriod and Frequency", when.left_alone("C15")),
    "C16": Check("nice", "no poll in skipHours and skipDays", when.c16),
    "C17": Check("must", "at most 2 requests at once to a host", when.c17),
    "C18": Check("should", "there is a gap between two starts on a host", when.c18),
    "C19": Check("must", "hanging, endless and bomb feeds do not delay the others", when.c19),
    "C20": Check("nice", "quiet feeds are polled less", when.c20),
    "C21": Check("must", "429 with Retry-After in seconds: no request before", when.left_alone("C21")),
    "C22": Check("must", "429 with Retry-After as a date: none before, by its Date", when.left_alone("C22")),
    "C23": Check("must", "503 with Retry-After: no request before", when.left_alone("C23")),
    "C24": Check("should", "429 without a Retry-After that can be read: the interval grows", when.grows("C24")),
    "C25": Check("must", "5xx, time-outs and resets: growing gaps, no retry at once", when.grows("C25")),
    "C26": Check("should", "back to the normal interval after recovery", requests.c26),
    "C27": Check("must", "410: no further polls", requests.c27),
    "C28": Check("should", "404 and 403: less and less, never given up", when.grows("C28")),
    "C29": Check("must", "301 and 308: the new address is asked directly, soon", requests.c29),
    "C30": Check("must", "302, 307, and 301 to what is no feed: the old address stays", requests.c30),
    "C31": Check("must", "loops end within 21 hops", requests.c31),
    "C32": Check("must", "no Authorization to another host after a redirect", requests.c32),
    "C33": Check("must", "no Cookie", requests.c33),
    "C34": Check("must", "the address as given: no added query", requests.c34),
    "C35": Check("must", "no Referer", requests.c35),
    "C36": Check("must", "User-Agent: program, version, contact; stable", requests.c36),
    "C37": Check("must", "Accept-Encoding has gzip", requests.c37),
    "C38": Check("should", "Accept names feed types", requests.c38),
    "C39": Check("should", "no Cache-Control: no-cache, no Pragma", requests.c39),
    "C40": Check("must", "GET only", requests.c40),
    "C41": Check("should", "no favicon, site or article fetches", requests.c41),
    "C42": Check("nice", "A-IM: feed, and 226 understood", requests.c42),
    "C43": Check("must", "an answer that drips or is silent is dropped at a total deadline", requests.c43),
    "C44": Check("must", "an endless body is cut", requests.c44),
    "C45": Check("must", "bombs: memory is bounded", requests.c45),
    "C46": Check("must", "no external entity or DTD is fetched", requests.no_strays("C46")),
    "C47": Check("must", "a body or Location that is an address or a path is not opened", requests.no_strays("C47")),
    "C48": Check("must", "UTF-16, BOM, Latin-1, GB18030 and wrong charsets arrive intact", alerts.alerts("C48")),
    "C49": Check("must", "all formats, codings and validator styles are read", alerts.alerts("C49")),
    "C50": Check("must", "items without guid, date, title or link", alerts.alerts("C50")),
    "C51": Check("must", "odd dates are alerted, and hide no later item", alerts.alerts("C51")),
    "C52": Check("must", "each new item is alerted exactly once", alerts.alerts()),
    "C53": Check("must", "no repeats under changing guids, links, order, window, ETag", alerts.alerts("C53")),
    "C54": Check("should", "an edit is no new item", alerts.alerts("C54")),
    "C55": Check("must", "the first poll causes few messages", alerts.c55),
    "C56": Check("must", "error page with 200, empty body, portal: no alert, validators and items kept", alerts.c56),
    "C57": Check("must", "items published during an outage are alerted after it", alerts.alerts("C57")),
    "C58": Check("must", "titles inject no mail header, HTML or Slack command", alerts.c58),
    "C59": Check("must", "a 1 MB title makes a small alert", alerts.c59),
    "C60": Check("should", "from publication to alert within two intervals and 30 s", alerts.c60),
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
