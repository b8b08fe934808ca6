"""`status` and `db`: whether it runs, what it owes, and the care of its database."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from monitor import control
from monitor.commands.common import (
    AsJson, CommandError, Status, moment, now, out, print_json, rfc3339, say, store_of, the_config,
)
from monitor.config import seconds
from state.database import holder


def status(context: typer.Context, as_json: AsJson = False) -> Status:
    """Is it running, since when, what is due, what is owed, and the last alert; 1 where it is not running.

    Example: wirebell status
    """
    configured = the_config(context)
    running = holder(configured.database)
    with store_of(configured, read_only=True) as store:
        facts = store.status(now=now())
    said = {
        "running": bool(running),
        "pid": running or None,
        "since": rfc3339(running.since) if running else None,
        "database": str(configured.database),
        "feeds": facts.feeds,
        "failing": facts.failing,
        "due": facts.due,
        "lag_s": facts.lag_s,
        "owed": facts.owed,
        "oldest_owed_s": facts.oldest_owed_s,
        "dead": facts.dead,
        "last_alert": rfc3339(facts.last_alert),
    }
    if as_json:
        print_json(said)
    else:
        since = f"since {moment(running.since)}, process {running.pid}" if running else "no daemon has this database open"
        out.print(f"running      {'yes, ' if running else 'no, '}{since}", markup=False)
        out.print(f"feeds        {facts.feeds}, {facts.failing} failing, {facts.due} due, lag {facts.lag_s:.0f} s")
        out.print(f"outbox       {facts.owed} owed, the oldest for {facts.oldest_owed_s:.0f} s; {facts.dead} dead")
        out.print(f"last alert   {moment(facts.last_alert)}")
    return Status.DONE if running else Status.NO


def backup(context: typer.Context, path: Path) -> Status:
    """Write a verified copy of the database to PATH, while the daemon runs.

    Example: wirebell db backup wirebell-copy.db
    """
    with store_of(the_config(context), read_only=True) as store:
        store.backup(path)
    say(f"{path} is a whole and verified copy")
    return Status.DONE


def check(context: typer.Context) -> Status:
    """Look for damage in the database; 1 where there is some.

    Example: wirebell db check
    """
    with store_of(the_config(context), read_only=True) as store:
        found = store.check()
    for problem in found:
        say(problem)
    say(f"{store.path}: {'damaged; restore a backup' if found else 'whole'}")
    return Status.NO if found else Status.DONE


def stats(context: typer.Context, as_json: AsJson = False) -> Status:
    """Count what is in the database.

    Example: wirebell db stats
    """
    with store_of(the_config(context), read_only=True) as store:
        counted = store.stats()
    if as_json:
        print_json(counted)
    else:
        for name, value in counted.items():
            out.print(f"{name:24}{value}", markup=False)
    return Status.DONE


def prune(
    context: typer.Context,
    older_than: Annotated[str, typer.Option(metavar="TIME", help="Items seen longer ago than this go.")] = "90d",
) -> Status:
    """Remove old items and finished alerts; identities stay, so nothing rings twice, and what is owed stays.

    Example: wirebell db prune --older-than 180d
    """
    configured = the_config(context)
    age = seconds(older_than)
    if age is None:
        raise CommandError(f"--older-than {older_than} is no time; write 90d", Status.MISUSE)
    count = control.ask(configured.database.parent, "prune", seconds=age)
    if count is None:
        with store_of(configured) as store:
            count = store.prune(older_than=now() - timedelta(seconds=age)).result()
    say(f"{count} items removed")
    return Status.DONE
