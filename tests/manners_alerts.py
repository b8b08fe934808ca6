"""Checks C48 to C60: what rings, once, in time, and without doing harm."""

import re
from collections.abc import Iterator

from tests.crowd import Crowd, Personality, Visit
from tests.evidence import Evidence, Judge


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


def alerts(*checks: str) -> Judge:
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
    yield from alerts("C56")(evidence)


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
