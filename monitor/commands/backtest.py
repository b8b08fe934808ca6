"""`rules backtest`: how often a rule would have rung on what is stored, and what a change of it would change."""

from collections.abc import Sequence
from typing import Annotated

import typer

from monitor.commands.common import (
    AsJson,
    CommandError,
    Status,
    counted,
    length,
    moment,
    now,
    print_json,
    progress,
    rule_of,
    say,
    store_of,
    the_config_to_read,
)
from monitor.commands.report import Report
from monitor.config import Config
from monitor.trials import SAMPLE, Job, Outcome, WithLists, run
from rules.amending import with_term, without_term
from rules.backtesting import Trial
from rules.judge import Rule
from state.store import Store

Name = Annotated[str, typer.Argument(metavar="RULE", help="The rule, or a list that is one.", show_default=False)]
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
Exact = Annotated[bool, typer.Option("--exact", help="Judge all that may ring, not a sample of it, however many.")]
Limit = Annotated[int, typer.Option("--limit", min=0, metavar="N", help="How many samples of each kind.")]


def backtest(  # noqa: PLR0917  the command line gives them by name
    context: typer.Context,
    name: Name = "",
    when: When = "",
    since: Since = "30d",
    add: More = None,
    remove: Less = None,
    limit: Limit = 5,
    exact: Exact = False,
    as_json: AsJson = False,
) -> Status:
    """How often a rule, or a query, would have rung on what is stored.

    Needs no secrets, and runs while the daemon does. A story rings once, with its first item. Of what may ring
    very often a sample is judged, and the numbers are said to be estimates.

    Example: wirebell rules backtest --when '@labs AND NOT sponsored' --since 7d
    """
    configured = the_config_to_read(context)
    rule = _rule(configured, name, when)
    until = now()
    changed = _changed((rule, configured.watchlists), add or (), remove or ())
    rules = ((rule, configured.watchlists), *((changed,) if changed else ()))
    job = Job(configured.database, until - length("--since", since), rules)
    trials = job.trials()
    with store_of(configured, read_only=True) as store:
        outcome = _run(store, job, trials, None if exact else SAMPLE)
        report = Report(store, trials, outcome, zone=configured.timezone, since=job.since, until=until, limit=limit)
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
    return rule_of(configured, name)


def _changed(before: WithLists, add: Sequence[str], remove: Sequence[str]) -> WithLists | None:
    """The rule as it might be; None where nothing is to change. Raises Mistakes."""
    after = before
    for term in remove:
        after = without_term(*after, term, where="--remove")
    for term in add:
        after = with_term(*after, term, where="--add")
    return None if after is before else after


def _run(store: Store, job: Job, trials: Sequence[Trial], most: int | None) -> Outcome:
    with progress() as bars:
        bar = bars.add_task("judging", total=None)
        return run(store, job, trials, lambda done, total: bars.update(bar, completed=done, total=total), most=most)


def _say_what_was_read(store: Store, outcome: Outcome) -> None:
    items = counted(outcome.unread, "item")
    of_all = "a sample of all" if outcome.is_estimate else "all"
    if outcome.nothing_to_ask:
        say(f"this names no word that has to be there, so {of_all} that is stored was read: {items}")
    elif outcome.unread and store.indexes:
        say(f"{items} not yet in the full-text index were read one by one; `wirebell run` goes on filling it")
    elif outcome.unread:
        say(f"this machine's SQLite has no FTS5, so {of_all} that is stored was read: {items}")
