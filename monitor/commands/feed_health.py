"""`feeds health`: every feed at a glance, the worst first, with what is wrong in words and what to do about it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import typer
from rich.text import Text

from monitor.commands.common import (
    AsJson,
    Status,
    counted,
    now,
    out,
    print_lines,
    print_table,
    printable,
    rfc3339,
    say,
    store_of,
    the_config_to_look,
)
from monitor.config import Config
from monitor.logs import redact
from monitor.plot import columns
from monitor.saying import length, usual
from rules.records import Cursor, Feed
from rules.troubles import FAILS_BEFORE_NOTICE, Kind
from state.errors import StateError
from state.feed_health import DAYS, FeedHealth

STATES = {
    "gone": "bold red",
    "broken": "bold red",
    "silent": "bold yellow",
    "failing": "yellow",
    "moved": "cyan",
    "held": "cyan",
    "new": "blue",
    "well": "green",
}
"""From the worst to the best, each with its colour."""

WRONG = ("gone", "broken", "silent")

WIDTHS = (7, 22, DAYS, 11, 9, 6)
"""Columns of a terminal of 80, with two between each; the second takes what a wider one has."""

WIDE, WIDEST = 100, 12
"""From so many columns on there is room for what is usual, which takes so many."""

INDENT = "         "

HEADS = ("STATE", "FEED", f"{DAYS} DAYS", "LAST OK", "NEXT", "DELAY", "USUAL")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A feed with its state in a word, what is wrong in a sentence, and what to do; both may be empty."""

    health: FeedHealth
    state: str
    problem: str
    remedy: str


def health(context: typer.Context, as_json: AsJson = False) -> Status:
    """Show how each feed fares, the worst first. Exits 1 where one is broken, silent or gone.

    For each: the items of the last 14 days, when it was last read, when it is asked again, the median time from
    publication to sight; what is wrong, and what to do.

    Example: wirebell feeds health
    """
    at = now()
    rows = sorted(_rows(the_config_to_look(context), at), key=_badness)
    if as_json:
        print_lines(_json(row) for row in rows)
    elif out.is_terminal:
        _show(rows, at)
    else:
        print_table((*HEADS, "PROBLEM", "WHAT TO DO"), ((*_cells(row, at), row.problem, row.remedy) for row in rows))
    wrong = [row.state for row in rows if row.state in WRONG]
    told = ", ".join(f"{wrong.count(state)} {state}" for state in WRONG if state in wrong)
    say(f"{counted(len(rows), 'feed')}: {told or 'none is broken, silent or gone'}")
    return Status.NO if wrong else Status.DONE


def _rows(configured: Config, at: datetime) -> Iterator[Row]:
    known = _known(configured, at)
    for feed in configured.feeds:
        health = known.get(feed.id) or FeedHealth(
            feed=feed, cursor=Cursor(feed_id=feed.id, url=feed.url), added=at, days=(0,) * DAYS, delay=None,
            per_day=None, troubles=(), held=0,
        )  # fmt: skip
        state = _state(health)
        yield Row(health=health, state=state, problem=_problem(health, state, at), remedy=_remedy(feed, health, state))


def _known(configured: Config, at: datetime) -> dict[str, FeedHealth]:
    """By feed id; empty where nothing has been polled yet."""
    try:
        with store_of(configured, read_only=True) as store:
            return {one.feed.id: one for one in store.feed_health(now=at)}
    except StateError as error:
        say(str(error))
        return {}


def _state(health: FeedHealth) -> str:
    cursor, kinds = health.cursor, {one.kind for one in health.troubles}
    if cursor.gone:
        return "gone"
    if cursor.failures >= FAILS_BEFORE_NOTICE or (cursor.failures and Kind.BROKEN in kinds):
        return "broken"
    if Kind.SILENT in kinds:
        return "silent"
    if cursor.failures:
        return "failing"
    if cursor.url != health.feed.url:
        return "moved"
    if health.held:
        return "held"
    return "well" if cursor.last_success else "new"


def _badness(row: Row) -> tuple[int, float, str]:
    good = row.health.cursor.last_success
    return list(STATES).index(row.state), good.timestamp() if good else 0.0, row.health.feed.called


def _problem(health: FeedHealth, state: str, at: datetime) -> str:
    cursor = health.cursor
    match state:
        case "gone":
            return f"{cursor.error or 'HTTP 410 Gone'}; it is polled no more"
        case "broken" | "failing":
            return f"{cursor.error}, {counted(cursor.failures, 'time')} in a row"
        case "silent":
            (silent,) = (one for one in health.troubles if one.kind is Kind.SILENT)
            return f"nothing new for {length(at - silent.since)}; usual {silent.detail}"
        case "moved":
            return f"it has moved to {cursor.url}"
        case "held":
            return f"published old items again; {counted(health.held, 'alert is', 'alerts are')} held"
        case _:
            return ""


def _remedy(feed: Feed, health: FeedHealth, state: str) -> str:
    match state:
        case "gone":
            return "remove it, or give its new address"
        case "broken":
            return _cure(health.cursor.error, feed.url)
        case "silent":
            return f"look whether it is still kept: `wirebell feeds parse {feed.url}`"
        case "failing":
            return _FORBIDDEN if _is_forbidden(health.cursor.error) else "nothing: it is tried again"
        case "moved":
            return "change its address in the file"
        case "held":
            return f"`wirebell alerts release {feed.id[:8]}`, or `drop`"
        case "new":
            return "nothing: it is read by `wirebell run` or `wirebell once`"
        case _:
            return ""


_CURES = (
    (("HTTP 404", "HTTP 410"), "look on the site for its new address"),
    (("HTTP 401", "HTTP 403"), "the publisher refuses us: write `contact` into the file, or ask them"),
    (("HTTP 429",), "ask it less often: raise `every`, or `[polling] min`"),
    (("HTTP 5",), "nothing: its server fails, and it is tried on"),
)


_FORBIDDEN = "find its feed or its sitemap by `wirebell feeds discover`, ask the site, or remove it"


def _is_forbidden(error: str) -> bool:
    return error.startswith("robots.txt") and error.endswith("does not allow it")


def _cure(error: str, url: str) -> str:
    if _is_forbidden(error):
        return _FORBIDDEN
    for beginnings, cure in _CURES:
        if error.startswith(beginnings):
            return cure
    return f"see what comes: `wirebell feeds parse {url}`"


def _cells(row: Row, at: datetime) -> tuple[str, ...]:
    cursor, delay = row.health.cursor, row.health.delay
    return (
        row.state,
        row.health.feed.called,
        columns(row.health.days, 1)[0].replace(" ", "·"),
        f"{length(at - cursor.last_success)} ago" if cursor.last_success else "never",
        _next(cursor, at),
        length(delay) if delay is not None else "",
        _usual(row.health),
    )


def _usual(health: FeedHealth) -> str:
    """How often it brings something; of a silent feed, how often it did."""
    silent = next((one.detail for one in health.troubles if one.kind is Kind.SILENT), "")
    return silent or (usual(health.per_day) if health.per_day is not None else "")


def _next(cursor: Cursor, at: datetime) -> str:
    if cursor.gone:
        return "never"
    if cursor.next_poll is None or cursor.next_poll <= at:
        return "now"
    return f"in {length(cursor.next_poll - at)}"


def _show(rows: Sequence[Row], at: datetime) -> None:
    """For a terminal: one line for a feed that is well, and below the others what is wrong and what to do."""
    room = max(out.width, 60)
    widths = [*WIDTHS, WIDEST] if room >= WIDE else [*WIDTHS]
    widths[1] += room - 1 - sum(widths) - 2 * (len(widths) - 1)
    widths[1] = max(12, widths[1])
    out.print(_line(HEADS, widths, "bold", "bold"))
    for row in rows:
        out.print(_line(_cells(row, at), widths, STATES[row.state]))
        for said in filter(None, (row.problem, row.remedy and f"→ {row.remedy}")):
            for line in Text(_flat(said)).wrap(out, room - len(INDENT) - 1):
                out.print(Text(INDENT).append_text(line), style="dim")


def _line(cells: Sequence[str], widths: Sequence[int], style: str, rest: str = "") -> Text:
    line = Text()
    for place, (cell, width) in enumerate(zip(cells, widths, strict=False)):  # a narrow one shows the first of them
        text = Text(_flat(cell), style=rest if place else style)
        text.truncate(width, overflow="ellipsis", pad=True)
        line.append_text(text).append("  " if place + 1 < len(widths) else "")
    return line


def _flat(text: str) -> str:
    return printable(text).replace("\n", " ")


def _json(row: Row) -> dict[str, Any]:
    cursor, feed = row.health.cursor, row.health.feed
    return {
        "name": feed.name,
        "title": feed.title,
        "url": redact(feed.url),
        "id": feed.id,
        "tags": list(feed.tags),
        "state": row.state,
        "problem": redact(row.problem),
        "what_to_do": redact(row.remedy),
        "troubles": [
            {"kind": str(one.kind), "since": rfc3339(one.since), "told": rfc3339(one.told)}
            for one in row.health.troubles
        ],
        "days": list(row.health.days),
        "per_day": row.health.per_day,
        "usual": _usual(row.health),
        "delay_s": row.health.delay / timedelta(seconds=1) if row.health.delay is not None else None,
        "last_poll": rfc3339(cursor.last_poll),
        "last_success": rfc3339(cursor.last_success),
        "last_change": rfc3339(cursor.last_change),
        "next_poll": rfc3339(cursor.next_poll),
        "interval_s": cursor.interval,
        "failures": cursor.failures,
        "error": redact(cursor.error) if cursor.failures else "",
        "gone": cursor.gone,
        "asked": redact(cursor.url),
        "held": row.health.held,
    }
