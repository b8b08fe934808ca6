"""What is told of a backtest: to people as lines, a plot and marked words, to programs as JSON."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rich.text import Text

from monitor.commands.common import counted, moment, out, print_table, printable, rfc3339, show
from monitor.plot import binned, columns
from monitor.trials import Outcome
from rules.backtesting import Miss, Past, Ring, Tally, Trial
from rules.records import Match
from rules.wording import shortened
from state.store import Store

TOP = 10
"""Feeds and terms that are listed."""

AROUND = 60
"""Letters that are shown before and after the first words that rang, where they are not in the title."""


class Report:
    """What is told of an outcome."""

    def __init__(
        self,
        store: Store,
        trials: Sequence[Trial],
        outcome: Outcome,
        *,
        zone: ZoneInfo,
        since: datetime,
        until: datetime,
        limit: int,
    ) -> None:
        self._store = store
        self._trials = trials
        self._outcome = outcome
        self._zone = zone
        self._since = since
        self._until = until
        self._limit = limit

    def as_json(self) -> dict[str, Any]:
        outcome, tally = self._outcome, self._outcome.tallies[0]
        said = {
            "rule": self._trials[0].rule.name or None,
            "when": self._trials[0].rule.when,
            "since": rfc3339(self._since),
            "until": rfc3339(self._until),
            "stored": outcome.stored,
            "may_ring": outcome.may_ring,
            "looked_at": outcome.looked_at,
            "estimate": outcome.is_estimate,
            "margin": outcome.margin(len(tally.rings)),
            "items": outcome.of_all(tally.items),
            "stories": outcome.of_all(len(tally.rings)),
            "days": [{"day": day.isoformat(), "stories": number} for day, number in self._days(tally)],
            "feeds": [{"feed": feed, "items": outcome.of_all(number)} for feed, number in tally.feeds.most_common(TOP)],
            "entries": [
                {"watchlist": watchlist, "entry": entry, "items": outcome.of_all(number)}
                for (watchlist, entry), number in tally.entries.most_common(TOP)
            ],
            "samples": [self._sample(0, past) for past in self._recalled(tally.latest(self._limit))],
            "near_misses": {
                "items": tally.near.total(),
                "looked_at": outcome.looked_at + outcome.nearly_looked_at,
                "of": outcome.may_ring + outcome.nearly,
                "why": [{"why": why, "items": number} for why, number in tally.near.most_common(TOP)],
                "samples": [
                    {**self._sample(0, past), "why": miss.why}
                    for miss, past in self._with_misses(tally.latest_misses(self._limit))
                ],
            },
        }
        return {**said, "change": self._change()} if len(outcome.tallies) > 1 else said

    @property
    def _about(self) -> str:
        return "about " if self._outcome.is_estimate else ""

    def _change(self) -> dict[str, Any]:
        before, after = self._outcome.tallies
        gained, lost = after.beyond(before), before.beyond(after)
        of_all = self._outcome.of_all
        return {
            "when": self._trials[1].rule.when,
            "items": of_all(after.items),
            "stories": of_all(len(after.rings)),
            "gained": of_all(len(gained)),
            "lost": of_all(len(lost)),
            "gained_samples": [self._sample(1, past) for past in self._recalled(gained[: self._limit])],
            "lost_samples": [self._sample(0, past) for past in self._recalled(lost[: self._limit])],
        }

    def _days(self, tally: Tally) -> list[tuple[date, int]]:
        """Every day of the period of which anything is known, with its stories."""
        per_day = tally.per_day(self._zone)
        known = max(self._since, self._outcome.oldest or self._since)
        first, last = (at.astimezone(self._zone).date() for at in (known, self._until))
        first, last = min([first, *per_day]), max([last, *per_day])
        days = (first + timedelta(days=number) for number in range((last - first).days + 1))
        return [(day, self._outcome.of_all(per_day.get(day, 0))) for day in days]

    def _recalled(self, some: Sequence[Ring | Miss]) -> list[Past]:
        return self._store.history.recall([one.item_id for one in some])

    def _with_misses(self, misses: Sequence[Miss]) -> list[tuple[Miss, Past]]:
        past = {one.item_id: one for one in self._recalled(misses)}
        return [(miss, past[miss.item_id]) for miss in misses if miss.item_id in past]

    def _sample(self, number: int, past: Past) -> dict[str, Any]:
        matches = self._trials[number].matches(past.item)
        names = ("watchlist", "entry", "field", "start", "end", "surface")
        return {**_told(past), "matches": [{name: getattr(one, name) for name in names} for one in matches]}

    def show(self) -> None:
        outcome, tally = self._outcome, self._outcome.tallies[0]
        rule = self._trials[0].rule
        show(f"{rule.name}: {shortened(rule.when, 200)}" if rule.name else shortened(rule.when, 200))
        days = self._days(tally)
        stories, items = outcome.of_all(len(tally.rings)), outcome.of_all(tally.items)
        show(
            f"{self._about}{counted(stories, 'story', 'stories')} ({counted(items, 'item')}) would have rung since "
            f"{days[0][0]}, {stories / len(days):.1f} a day; {counted(outcome.stored, 'item')} stored"
        )
        if outcome.is_estimate:
            show(
                f"an estimate, 19 times in 20 within {counted(outcome.margin(len(tally.rings)), 'story', 'stories')}: "
                f"{outcome.looked_at} of the {outcome.may_ring} items that may ring were judged; --exact judges all"
            )
        self._show_days(days)
        if tally.items:
            _show_counts(
                ("ITEMS", "FEED"), ((outcome.of_all(number), feed) for feed, number in tally.feeds.most_common(TOP))
            )
            terms = tally.entries.most_common(TOP)
            rows = ((outcome.of_all(number), entry, listed) for (listed, entry), number in terms)
            _show_counts(("ITEMS", "TERM", "LIST"), rows)
        self._show_samples("The latest that would have rung:", 0, tally.latest(self._limit))
        self._show_near(tally)
        if len(outcome.tallies) > 1:
            self._show_change()

    def _show_days(self, days: Sequence[tuple[date, int]]) -> None:
        if not out.is_terminal:
            show("")
            for day, number in days:
                show(f"{day}  {number}")
            return
        values, size = binned([number for _, number in days])
        if any(values):
            show("")
            for line in columns(values):
                show(line)
        first, last = str(days[0][0]), str(days[-1][0])
        each = "a column is a day" if size == 1 else f"a column is {size} days"
        show(f"{first} to {last}; {each}, the highest is {max(values)}")

    def _show_samples(self, title: str, number: int, some: Sequence[Ring]) -> None:
        found = self._recalled(some)
        if not found:
            return
        show(f"\n{title}")
        for past in found:
            _show_item(past, self._trials[number].matches(past.item))

    def _show_near(self, tally: Tally) -> None:
        outcome = self._outcome
        if not tally.near:
            return
        show(f"\n{counted(tally.near.total(), 'near miss', 'near misses')}, where one part failed{_near_of(outcome)}:")
        print_table(("ITEMS", "WHY"), ((number, why) for why, number in tally.near.most_common(TOP)))
        for miss, past in self._with_misses(tally.latest_misses(self._limit)):
            _show_item(past, self._trials[0].matches(past.item))
            show(f"    {miss.why}")

    def _show_change(self) -> None:
        before, after = self._outcome.tallies
        gained, lost = after.beyond(before), before.beyond(after)
        of_all = self._outcome.of_all
        show(f"\nChanged to: {shortened(self._trials[1].rule.when, 200)}")
        show(
            f"{self._about}{counted(of_all(len(after.rings)), 'story', 'stories')} instead of "
            f"{of_all(len(before.rings))}: {of_all(len(gained))} gained, {of_all(len(lost))} lost"
        )
        self._show_samples("Gained:", 1, gained[: self._limit])
        self._show_samples("Lost:", 0, lost[: self._limit])


def _near_of(outcome: Outcome) -> str:
    looked_at, of = outcome.looked_at + outcome.nearly_looked_at, outcome.may_ring + outcome.nearly
    return f", among {looked_at} of {of} items that may ring or come near" if looked_at < of else ""


def _told(past: Past) -> dict[str, Any]:
    return {
        "title": past.item.title,
        "link": past.item.link,
        "feed": past.item.feed,
        "at": rfc3339(past.at),
        "story_id": past.story_id,
    }


def _show_counts(heads: Sequence[str], rows: Iterable[tuple[object, ...]]) -> None:
    show("")
    print_table(heads, rows)


def _show_item(past: Past, matches: Sequence[Match]) -> None:
    """When, where from and the title; and the words that rang where they are not in it."""
    title = past.item.title or past.item.link
    marks = [(match.start, match.end) for match in matches if match.field == "title"]
    _show_marked(f"  {moment(past.at)}  {past.item.feed}  ", title, marks if past.item.title else [])
    if matches and not marks:
        first = matches[0]
        value = getattr(past.item, first.field)
        text = value if isinstance(value, str) else ", ".join(value)
        start, end = max(first.start - AROUND, 0), first.end + AROUND
        inside = [(one.start - start, one.end - start) for one in matches if one.field == first.field]
        cut = text[start:end]
        _show_marked(
            f"    {first.field}: {'…' if start else ''}", cut, [span for span in inside if span[1] <= len(cut)],
            "…" if end < len(text) else "",
        )  # fmt: skip


def _show_marked(before: str, text: str, marks: Sequence[tuple[int, int]], after: str = "") -> None:
    """A line with the words marked: bold on a terminal, «so» elsewhere."""
    line, done = Text(_flat(before)), 0
    for start, end in sorted(marks):
        if start < done:
            continue
        line.append(_flat(text[done:start]))
        surface = _flat(text[start:end])
        line.append(surface if out.is_terminal else f"«{surface}»", "bold")
        done = end
    line.append(_flat(text[done:] + after))
    out.print(line)


def _flat(text: str) -> str:
    return printable(text).replace("\n", " ")
