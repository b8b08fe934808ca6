"""`rules backtest`: how often a rule would have rung on what is stored, and what a change of it would change."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.text import Text

from monitor.commands.common import (
    AsJson,
    CommandError,
    Status,
    counted,
    length,
    moment,
    now,
    out,
    print_json,
    print_table,
    printable,
    progress,
    rfc3339,
    say,
    show,
    store_of,
    the_config_to_read,
)
from monitor.config import Config
from monitor.plot import binned, columns
from monitor.trials import Job, Outcome, WithLists, run
from monitor.wording import did_you_mean
from rules.amending import with_term, without_term
from rules.backtesting import Miss, Past, Ring, Tally, Trial
from rules.judge import Rule
from rules.records import Match
from rules.wording import shortened
from state.store import Store

TOP = 10
"""Feeds and terms that are listed."""

AROUND = 60
"""Letters that are shown before and after the first words that rang, where they are not in the title."""

Name = Annotated[str, typer.Argument(metavar="[RULE]", help="The rule, or a list that is one.", show_default=False)]
When = Annotated[str, typer.Option("--when", metavar="QUERY", help="Try this query instead of a rule.")]
Since = Annotated[str, typer.Option("--since", metavar="TIME", help="How far back: 12h, 7d, 90d.")]
More = Annotated[
    list[str] | None,
    typer.Option(
        "--add", metavar="TERM", help="What would change if it rang for this as well; `LIST: NAME` is a new entry."
    ),
]
Less = Annotated[
    list[str] | None, typer.Option("--remove", metavar="TERM", help="What would change without this term or name.")
]
Limit = Annotated[int, typer.Option("--limit", min=0, metavar="N", help="How many samples of each kind.")]


def backtest(  # noqa: PLR0917  the command line gives them by name
    context: typer.Context,
    name: Name = "",
    when: When = "",
    since: Since = "30d",
    add: More = None,
    remove: Less = None,
    limit: Limit = 5,
    as_json: AsJson = False,
) -> Status:
    """How often a rule, or a query, would have rung on what is stored.

    Needs no secrets, and runs while the daemon does. A story rings once, with its first item.

    Example: wirebell rules backtest --when 'superintelligence AND NOT sponsored' --since 7d
    """
    configured = the_config_to_read(context)
    rule = _rule(configured, name, when)
    until = now()
    changed = _changed((rule, configured.watchlists), add or (), remove or ())
    rules = ((rule, configured.watchlists), *((changed,) if changed else ()))
    job = Job(configured.database, until - length("--since", since), rules)
    trials = job.trials()
    with store_of(configured, read_only=True) as store:
        outcome = _run(store, job, trials)
        report = _Report(store, trials, outcome, zone=configured.timezone, since=job.since, until=until, limit=limit)
        _say_what_was_read(store, outcome)
        if as_json:
            print_json(report.as_json())
        elif not outcome.stored:
            say(f"nothing is stored since {moment(job.since)}; `wirebell run` or `once` reads the feeds")
        else:
            report.show()
    return Status.DONE


def _rule(configured: Config, name: str, when: str) -> Rule:
    if bool(name) is bool(when):
        raise CommandError("name a rule, or give a query as --when 'QUERY'", Status.MISUSE)
    if when:
        return Rule(name="", when=when, where="--when")
    known = {rule.name: rule for rule in configured.judge.rules}
    if name not in known:
        remedy = did_you_mean(name, list(known)) or "`wirebell rules list` names them"
        raise CommandError(f"no rule is called {name}; {remedy}", Status.MISUSE)
    return known[name]


def _changed(before: WithLists, add: Sequence[str], remove: Sequence[str]) -> WithLists | None:
    """The rule as it might be; None where nothing is to change. Raises Mistakes."""
    after = before
    for term in remove:
        after = without_term(*after, term, where="--remove")
    for term in add:
        after = with_term(*after, term, where="--add")
    return None if after is before else after


def _run(store: Store, job: Job, trials: Sequence[Trial]) -> Outcome:
    with progress() as bars:
        bar = bars.add_task("judging", total=None)
        return run(store, job, trials, lambda done, total: bars.update(bar, completed=done, total=total))


def _say_what_was_read(store: Store, outcome: Outcome) -> None:
    items = counted(outcome.unread, "item")
    if outcome.nothing_to_ask:
        say(f"this names no word that has to be there, so all that is stored was read: {items}")
    elif outcome.unread and store.indexes:
        say(f"{items} not yet in the full-text index were read one by one; `wirebell run` goes on filling it")
    elif outcome.unread:
        say(f"this machine's SQLite has no FTS5, so all that is stored was read: {items}")


class _Report:
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
            "looked_at": outcome.looked_at,
            "items": tally.items,
            "stories": len(tally.rings),
            "days": [{"day": day.isoformat(), "stories": number} for day, number in self._days(tally)],
            "feeds": [{"feed": feed, "items": number} for feed, number in tally.feeds.most_common(TOP)],
            "entries": [
                {"watchlist": watchlist, "entry": entry, "items": number}
                for (watchlist, entry), number in tally.entries.most_common(TOP)
            ],
            "samples": [self._sample(0, past) for past in self._recalled(tally.latest(self._limit))],
            "near_misses": {
                "items": tally.near.total(),
                "looked_at": outcome.looked_at + outcome.nearly_looked_at,
                "of": outcome.looked_at + outcome.nearly,
                "why": [{"why": why, "items": number} for why, number in tally.near.most_common(TOP)],
                "samples": [
                    {**_told(past), "why": miss.why}
                    for miss, past in self._with_misses(tally.latest_misses(self._limit))
                ],
            },
        }
        return {**said, "change": self._change()} if len(outcome.tallies) > 1 else said

    def _change(self) -> dict[str, Any]:
        before, after = self._outcome.tallies
        gained, lost = after.beyond(before), before.beyond(after)
        return {
            "when": self._trials[1].rule.when,
            "items": after.items,
            "stories": len(after.rings),
            "gained": len(gained),
            "lost": len(lost),
            "gained_samples": [self._sample(1, past) for past in self._recalled(gained[: self._limit])],
            "lost_samples": [self._sample(0, past) for past in self._recalled(lost[: self._limit])],
        }

    def _days(self, tally: Tally) -> list[tuple[date, int]]:
        """Every day of the period with its stories."""
        first, last = (at.astimezone(self._zone).date() for at in (self._since, self._until))
        per_day = tally.per_day(self._zone)
        last = max(last, *per_day) if per_day else last
        days = (first + timedelta(days=number) for number in range((last - first).days + 1))
        return [(day, per_day.get(day, 0)) for day in days]

    def _recalled(self, some: Sequence[Ring | Miss]) -> list[Past]:
        return self._store.recall([one.item_id for one in some])

    def _with_misses(self, misses: Sequence[Miss]) -> list[tuple[Miss, Past]]:
        past = {one.item_id: one for one in self._recalled(misses)}
        return [(miss, past[miss.item_id]) for miss in misses if miss.item_id in past]

    def _sample(self, number: int, past: Past) -> dict[str, Any]:
        hit = self._trials[number].hit(past.item)
        matches = hit.matches if hit else ()
        names = ("watchlist", "entry", "field", "start", "end", "surface")
        return {**_told(past), "matches": [{name: getattr(one, name) for name in names} for one in matches]}

    def show(self) -> None:
        outcome, tally = self._outcome, self._outcome.tallies[0]
        rule = self._trials[0].rule
        show(f"{rule.name}: {shortened(rule.when, 200)}" if rule.name else shortened(rule.when, 200))
        days = self._days(tally)
        show(
            f"{counted(len(tally.rings), 'story', 'stories')} ({counted(tally.items, 'item')}) would have rung since "
            f"{days[0][0]}, {len(tally.rings) / len(days):.1f} a day; {counted(outcome.stored, 'item')} stored"
        )
        self._show_days(days)
        if tally.items:
            _show_counts(("ITEMS", "FEED"), ((number, feed) for feed, number in tally.feeds.most_common(TOP)))
            terms = tally.entries.most_common(TOP)
            _show_counts(("ITEMS", "TERM", "LIST"), ((number, entry, listed) for (listed, entry), number in terms))
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
            hit = self._trials[number].hit(past.item)
            _show_item(past, hit.matches if hit else ())

    def _show_near(self, tally: Tally) -> None:
        outcome = self._outcome
        if not tally.near:
            return
        show(f"\n{counted(tally.near.total(), 'near miss', 'near misses')}, where one part failed{_near_of(outcome)}:")
        print_table(("ITEMS", "WHY"), ((number, why) for why, number in tally.near.most_common(TOP)))
        for miss, past in self._with_misses(tally.latest_misses(self._limit)):
            _show_item(past, ())
            show(f"    {miss.why}")

    def _show_change(self) -> None:
        before, after = self._outcome.tallies
        gained, lost = after.beyond(before), before.beyond(after)
        show(f"\nChanged to: {shortened(self._trials[1].rule.when, 200)}")
        show(
            f"{counted(len(after.rings), 'story', 'stories')} instead of {len(before.rings)}: "
            f"{len(gained)} gained, {len(lost)} lost"
        )
        self._show_samples("Gained:", 1, gained[: self._limit])
        self._show_samples("Lost:", 0, lost[: self._limit])


def _near_of(outcome: Outcome) -> str:
    if outcome.nearly_looked_at == outcome.nearly:
        return ""
    return f", among the latest {outcome.nearly_looked_at} of {outcome.nearly} items that come near"


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
    line, done = Text(printable(before)), 0
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
