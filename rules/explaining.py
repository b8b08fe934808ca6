"""Why a query holds for an item or not: the tree of its parts, each with the words that decide it and a sentence.

A part that fails names what is missing; a NOT names what is there. The sentence of the whole is that of the first part
that it fails by, so that a person reads one reason and a program may walk the tree.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import nsmallest
from urllib.parse import urlsplit

from rules.conditions import Absent, AtLeast, Condition, Known, Listed, Mark, Near, OfSource
from rules.records import Item
from rules.sighting import Occurrence, Sight
from rules.text import fold
from rules.wording import bracketed

MOST_WORDS = 20
"""Told of one part."""

_MOST_MARKS = 500
_ANYWHERE = 10_000_000
"""More words than a text has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What an item makes of a part of a query.

    `words` are those of the item that the part is about, as it writes them, each once and in reading order: it holds
    for them, it fails because of them (NOT), or they stand there without their context. `begun`: some of what it asks
    for is there, whether it holds or not.
    """

    part: str
    holds: bool
    because: str
    words: tuple[str, ...] = ()
    parts: "tuple[Explained, ...]" = ()
    begun: bool = False


def explained(condition: Condition, sight: Sight) -> Explained:
    """The tree of `condition`. The root holds where the condition does."""
    if not isinstance(condition, AtLeast):
        return _single(condition, sight)
    parts = []
    for part in condition.parts:
        # One frame a level, as a query may be 200 brackets deep.
        parts.append(explained(part, sight))  # noqa: PERF401
    holds = sum(part.holds for part in parts) >= condition.least
    words = _words(condition.marks(sight), sight) if holds else ()
    return Explained(
        part=f"NOT {bracketed(condition.written)}" if condition.negated else condition.written,
        holds=holds,
        because=_having(parts, words) if holds else _lacking(condition, parts),
        words=words,
        parts=tuple(parts),
        begun=any(part.begun for part in parts),
    )


def _having(parts: Iterable[Explained], words: tuple[str, ...]) -> str:
    return _has(words) if words else next(part.because for part in parts if part.holds)


def _lacking(condition: AtLeast, parts: list[Explained]) -> str:
    failing = [part for part in parts if not part.holds]
    begun = [part for part in failing if part.begun]
    if condition.least == len(parts):
        return failing[0].because
    if condition.negated:
        there = "all" if len(failing) == len(parts) else str(len(failing))
        return f"{there} of `{condition.written}` {'is' if there in ('all', '1') else 'are'} in it"
    if condition.least > 1:
        return f"only {len(parts) - len(failing)} of `{condition.written}` are in it"
    if begun:
        return f"nothing of `{condition.written}` holds: {begun[0].because}"
    return f"nothing of `{condition.written}` is in it"


def _single(condition: Condition, sight: Sight) -> Explained:
    match condition:
        case OfSource(parts=(part,)) if sight.assumed is None:
            return _single(part, sight)
        case OfSource():
            because = "what a title does not tell is taken to be so"
            return Explained(part=condition.written, holds=bool(sight.assumed), because=because)
        case Absent(parts=(part,)):
            return _absent(part, sight)
        case Near():
            return _near(condition, sight)
        case Listed():
            return _listed(condition, sight)
        case Known():
            holds, fact = condition.holds(sight), _fact(condition.written, sight.item)
            because = fact if holds else f"`{condition.written}` does not hold: {fact}"
            return Explained(part=condition.written, holds=holds, because=because)
    words = _words(condition.marks(sight), sight)
    because = _has(words) if words else f"`{condition.written}` is not in it"
    return Explained(part=condition.written, holds=bool(words), because=because, words=words, begun=bool(words))


def _absent(part: Condition, sight: Sight) -> Explained:
    there = _single(part, sight)
    if not there.holds:
        because = there.because
    elif isinstance(part, Known):
        because = f"`{part.written}` holds: {there.because}"
    else:
        plain = isinstance(part, Near) or fold(part.written) in map(fold, there.words)
        because = f"`{part.written}` is in it" + ("" if plain else f": {', '.join(there.words)}")
    words = there.words if there.holds else ()
    return Explained(part=f"NOT {_behind_not(part)}", holds=not there.holds, because=because, words=words)


def _behind_not(part: Condition) -> str:
    """How `part` is written behind a NOT."""
    return bracketed(part.written) if isinstance(part, Near) else part.written


def _near(condition: Near, sight: Sight) -> Explained:
    left, right = (explained(side, sight) for side in condition.parts)
    words = _words(condition.marks(sight), sight)
    if words:
        because = _has(words)
    else:
        because = next((side.because for side in (left, right) if not side.holds), "") or _apart(condition, sight)
    begun = left.begun or right.begun
    return Explained(
        part=condition.written, holds=bool(words), because=because, words=words, parts=(left, right), begun=begun
    )


def _apart(condition: Near, sight: Sight) -> str:
    """How far its sides are from each other, which are both there."""
    left, right = ([mark.occurrence for mark in side.marks(sight)] for side in condition.parts)
    sides = f"the sides of `{condition.written}`"
    if sight.near(left, right, _ANYWHERE):
        every = range(_ANYWHERE)
        found = bisect_left(
            every, True, lo=condition.distance, key=lambda distance: bool(sight.near(left, right, distance))
        )
        return f"{sides} are {found} words apart"
    together = {one.place for one in left} & {one.place for one in right}
    return f"{sides} are the same words" if together else f"{sides} are not in one field"


def _listed(condition: Listed, sight: Sight) -> Explained:
    words = _words(condition.marks(sight), sight)
    if words:
        return Explained(part=condition.written, holds=True, because=_has(words), words=words, begun=True)
    unmeant = list(condition.unmeant(sight))
    because = f"nothing of `{condition.written}` is in it"
    if unmeant:
        foremost = min(unmeant, key=lambda mark: (mark.occurrence[:3], mark.entry))
        because = f"`{foremost.entry}` of `{condition.written}` stands there without its context"
    return Explained(
        part=condition.written, holds=False, because=because, words=_words(unmeant, sight), begun=bool(unmeant)
    )


def _fact(written: str, item: Item) -> str:
    """What the item has of what a filter asks for."""
    match written.partition(":")[0].lower():
        case "lang":
            return f"its language is {item.language}" if item.language else "its language is not known"
        case "tag":
            return f"its feed has the tags {', '.join(item.tags)}" if item.tags else "its feed has no tags"
        case "site":
            return f"it is at {_host(item.link)}" if _host(item.link) else "it has no address"
    return f"it comes from {item.feed_url}" if item.feed_url else "its feed has no address"


def _host(link: str) -> str:
    try:
        return urlsplit(link).hostname or ""
    except ValueError:
        return ""


def _has(words: tuple[str, ...]) -> str:
    return f"it has {', '.join(words)}"


def _words(marks: Iterable[Mark], sight: Sight) -> tuple[str, ...]:
    first = nsmallest(_MOST_MARKS, {mark.occurrence for mark in marks}, key=lambda one: one[:3])
    return tuple(dict.fromkeys(_surfaces(first, sight)))[:MOST_WORDS]


def _surfaces(occurrences: Iterable[Occurrence], sight: Sight) -> Iterator[str]:
    for one in occurrences:
        start, end = sight.span(one)
        yield " ".join(sight.text(one.place)[start:end].split())
