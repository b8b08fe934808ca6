"""What an alert says, before any markup: what rang, by which words, how old the news is, and where to read it.

    Alert -> Message -> the markup of one service

A Message holds no control character, no half of a character and no hidden switch of direction, and its length is
bounded. Its words are a feed's all the same: every channel escapes them for its service.
"""

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from urllib.parse import urlsplit

from monitor.channels.runs import AFTER, BEFORE, Run, Runs, around, marked, plain, visible, window, words
from monitor.logs import redact
from rules.records import Action, Alert, AlertKind, Item, Match, Priority

log = logging.getLogger("wirebell.channels")

LONGEST_TITLE = 300
LONGEST_NAME = 100
LONGEST_LINK = 2000
LONGEST_TEXT = 2000
"""Letters of a notice of the service, which is shown whole."""

EXCERPTS = 4
REASONS = 10
"""Entries of one list."""

REPORTS = 5

OF_ARTICLE = "From the article: "
"""Before an excerpt of what is behind the link, and not in the feed."""

FRESH = timedelta(minutes=5)
"""An alert that is sent later than this says since when Wirebell knows."""

SKEW = timedelta(minutes=1)
"""Clocks differ: news that is so little ahead of ours is not from the future."""

_LINKED = re.compile(r"https?://[^/?#]", re.IGNORECASE)
_ILLEGAL = re.compile(r'[ "<>\\^`{|}]')

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Another report of the same story; `link` is '' where there is none that can be followed."""

    feed: str
    title: str
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """An alert in words.

    `subject` is the same for all alerts of a story; neither it nor `title` is ever empty. `source` names outlet and
    language, `age` how old the news is, `reasons` the words of each list that rang. `excerpts` are places in summary
    and text. `host` is what stands behind `link`; both are '' without one. `news` is what an update adds, `alerts` what
    a digest holds, and `actions` is what its reader may do by a link.
    """

    kind: AlertKind
    priority: Priority
    alert_id: str
    rule: str
    subject: str
    title: Runs
    source: str = ""
    age: str = ""
    reasons: tuple[Runs, ...] = ()
    excerpts: tuple[Runs, ...] = ()
    reports: tuple[Report, ...] = ()
    more_reports: int = 0
    link: str = ""
    host: str = ""
    news: str = ""
    alerts: tuple["Message", ...] = ()
    actions: tuple[Action, ...] = ()

    @property
    def headline(self) -> str:
        """The title without its marks."""
        return words(self.title)

    @property
    def label(self) -> str:
        """Why somebody hears of it."""
        match self.kind:
            case AlertKind.NOTICE:
                return "Wirebell"
            case AlertKind.TEST:
                return "Test"
            case AlertKind.UPDATED:
                return "Update"
            case AlertKind.DIGEST:
                return "Digest"
            case AlertKind.CREATED:
                return "Alert" if self.priority is Priority.ROUTINE else self.priority.capitalize()

    @property
    def of_the_news(self) -> bool:
        """Whether it comes from a feed, and not from Wirebell itself."""
        return self.kind in (AlertKind.CREATED, AlertKind.UPDATED)


def laid_out(whole: Callable[[], T], bare: Callable[[], T], alert: Alert) -> T:
    """What `whole` makes; what `bare` makes where that fails: a bug of ours must neither lose the alert nor loop."""
    try:
        return whole()
    except Exception:
        log.exception("layout failed alert=%s rule=%s", alert.alert_id, alert.rule)
        return bare()


def message_of(alert: Alert, *, now: datetime, actions: tuple[Action, ...] = ()) -> Message:
    """What `alert` says at `now`, and what its reader may do about it."""
    item = alert.item
    title, link, reports = _title(alert), safe_link(item.link), tuple(_reports(alert))
    return Message(
        kind=alert.kind,
        priority=alert.priority,
        alert_id=alert.alert_id,
        rule=plain(alert.rule, LONGEST_NAME),
        subject=plain(alert.story.title, LONGEST_TITLE) or words(title),
        title=title,
        source=", ".join(part for part in (outlet(item.feed), plain(item.language, 20)) if part),
        age=age(item.published, alert.first_seen, now=now),
        reasons=tuple(_reasons(alert.matches)),
        excerpts=_excerpts(alert),
        reports=reports[:REPORTS],
        more_reports=len(reports[REPORTS:]),
        link=link,
        host=host_of(link),
        news=plain(alert.news, LONGEST_TITLE),
        alerts=tuple(message_of(one, now=now) for one in alert.alerts),
        actions=actions,
    )


def bare_message(alert: Alert) -> Message:
    """The facts that are Wirebell's own, for an alert whose words cannot be laid out."""
    title = "An alert that could not be laid out"
    return Message(
        kind=alert.kind,
        priority=alert.priority,
        alert_id=alert.alert_id,
        rule=plain(alert.rule, LONGEST_NAME),
        subject=title,
        title=(Run(title),),
        excerpts=((Run(f"`wirebell alerts show {alert.alert_id[:8]}` tells all of it."),),),
    )


def safe_link(link: str) -> str:
    """`link` where it is a whole web address, its illegal characters escaped; else ''."""
    if len(link) > LONGEST_LINK or not _LINKED.match(link) or visible(link) != link:
        return ""
    escaped = _ILLEGAL.sub(lambda found: f"%{ord(found[0]):02X}", link)
    return escaped if host_of(escaped) else ""


def host_of(link: str) -> str:
    """The host of `link`; one of other scripts than ours beside the form that no other host can look like."""
    try:
        host = (urlsplit(link).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    try:
        return host if host.isascii() else f"{host} ({host.encode('idna').decode('ascii')})"
    except UnicodeError:
        return host


def age(published: datetime | None, first_seen: datetime, *, now: datetime) -> str:
    """How old the news is: when it was published, how long before Wirebell saw it, and since when Wirebell knows."""
    known = f"; that was {span(now - first_seen)} ago" if now - first_seen >= FRESH else ""
    return _published(published, first_seen) + known


def _published(published: datetime | None, first_seen: datetime) -> str:
    if published is None:
        return f"seen {first_seen.astimezone(UTC):%Y-%m-%d %H:%M} UTC, date unknown: the feed gives none"
    before = first_seen - published
    at = f"{published.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if before < -SKEW:
        return f"dated {at}, {span(-before)} after Wirebell saw it"
    if before < timedelta(seconds=1):
        return f"published {at}, just as Wirebell saw it"
    return f"published {at}, {span(before)} before Wirebell saw it"


def span(length: timedelta) -> str:
    """A length of time as people say it: 41 s, 3 min, 5 h, 12 days."""
    seconds = length.total_seconds()
    for unit, name, most in ((1, "s", 100), (60, "min", 100), (3600, "h", 48)):
        if seconds < unit * most:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds / 86_400:,.0f} days"


def outlet(feed: str) -> str:
    """What the feed is called; one without a name is called by its address, which may hold a password."""
    return plain(redact(feed) if "://" in feed else feed, LONGEST_NAME)


def _title(alert: Alert) -> Runs:
    item = alert.item
    cut = len(item.title) > LONGEST_TITLE
    runs = marked(item.title, _spans(alert.matches, "title"), 0, LONGEST_TITLE if cut else len(item.title))
    if runs:
        return (*runs, Run(" …")) if cut else runs
    instead = plain(item.summary, 120) or plain(item.text, 120) or host_of(safe_link(item.link))
    return (Run(instead or "(without a title)"),)


def _reasons(matches: Sequence[Match]) -> Iterator[Runs]:
    """`labs: OpenAI (title), Meta (title, text)`, a line for each list."""
    found: dict[str, dict[str, list[Match]]] = {}
    for match in matches:
        found.setdefault(match.watchlist, {}).setdefault(match.entry, []).append(match)
    for watchlist, entries in found.items():
        line = [Run(f"{plain(watchlist, LONGEST_NAME) if watchlist else 'words of the rule'}: ")]
        for number, (entry, of_it) in enumerate(list(entries.items())[:REASONS]):
            line += [Run(", " if number else ""), *_rang(plain(entry, LONGEST_NAME), of_it)]
        more = len(entries) - REASONS
        yield tuple(run for run in (*line, Run(f" and {more} more" if more > 0 else "")) if run.text)


def _rang(entry: str, matches: Sequence[Match]) -> Iterator[Run]:
    """The entry, how it was written where that differs, and where."""
    surfaces = dict.fromkeys(plain(match.surface, 80) for match in matches)
    fields = ", ".join(dict.fromkeys(match.field for match in matches))
    others = [one for one in surfaces if one.casefold() != entry.casefold()]
    yield Run(entry, marked=len(others) < len(surfaces))
    for number, surface in enumerate(others[:3]):
        yield from (Run(", " if number else " as "), Run(surface, marked=True))
    yield Run(f" ({fields})")


def _excerpts(alert: Alert) -> tuple[Runs, ...]:
    """The places in summary and text that rang; where there are none, how the summary or the text begins."""
    item = alert.item
    if alert.kind in (AlertKind.NOTICE, AlertKind.TEST):
        return _beginning(item.summary, LONGEST_TEXT)
    places = tuple(place for place in _places(item, alert.matches) if words(place).strip(" …"))
    return places or _beginning(item.summary or item.text, BEFORE + AFTER)


def _beginning(text: str, longest: int) -> tuple[Runs, ...]:
    begun = plain(text, longest)
    return ((Run(begun),),) if begun else ()


def _places(item: Item, matches: Sequence[Match]) -> Iterator[Runs]:
    """A place for each entry, in the field where it is named first; what one place shows needs no second."""
    shown: set[tuple[str, str]] = set()
    count = 0
    for field, told in (("title", LONGEST_TITLE), ("summary", 0), ("text", 0)):
        text = getattr(item, field)
        here = [match for match in matches if match.field == field and match.end > told]
        for match in here:
            if (match.watchlist, match.entry) in shown or count == EXCERPTS:
                continue
            start, end = window(text, match.start, match.end)
            shown |= {(one.watchlist, one.entry) for one in here if start <= one.start and one.end <= end}
            shown.add((match.watchlist, match.entry))
            count += 1
            of_article = (Run(OF_ARTICLE),) if field == "text" and item.from_article else ()
            yield (*of_article, *around(text, _spans(here, field), start, end))


def _spans(matches: Iterable[Match], field: str) -> list[tuple[int, int]]:
    return [(match.start, match.end) for match in matches if match.field == field]


def _reports(alert: Alert) -> Iterator[Report]:
    """The other reports of the story, each once."""
    told = {(alert.item.feed, alert.item.title)}
    for one in alert.story.items:
        elsewhere = not one.own and (one.feed, one.title) not in told
        if elsewhere and (not one.link or one.link != alert.item.link):
            told.add((one.feed, one.title))
            yield Report(feed=outlet(one.feed), title=plain(one.title, 200), link=safe_link(one.link))
