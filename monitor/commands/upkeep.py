"""`status` and `db`: whether it runs, what it owes, and the care of its database."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from monitor import control
from monitor.commands.common import (
    AsJson,
    CommandError,
    Status,
    moment,
    now,
    out,
    print_json,
    rfc3339,
    say,
    store_of,
    the_config,
)
from monitor.config import seconds
from monitor.loops import UNFINISHED
from state.database import holder


def status(context: typer.Context, as_json: AsJson = False) -> Status:
    """Is it running, since when, what is due, what is owed, and the last alert; 1 where it is not running.

    Example: wirebell status
    """
    configured = the_config(context)
    running = holder(configured.database)
    with store_of(configured, read_only=True) as store:
        facts = store.status(now=now())
    since = _started(running)
    owed = sum(facts.outbox.get(state, 0) for state in UNFINISHED)
    oldest = (now() - facts.oldest_pending).total_seconds() if facts.oldest_pending else 0.0
    said = {
        "running": bool(running),
        "pid": running or None,
        "since": rfc3339(since),
        "database": str(configured.database),
        "feeds": facts.feeds,
        "failing": facts.failing,
        "gone": facts.gone,
        "due": facts.due,
        "lag_s": facts.lag.total_seconds(),
        "owed": owed,
        "oldest_owed_s": oldest,
        "dead": facts.outbox.get("dead", 0),
        "last_alert": rfc3339(facts.last_alert),
    }
    if as_json:
        print_json(said)
    else:
        life = f"yes, since {moment(since)}, process {running}" if running else "no, nobody has this database open"
        out.print(f"running      {life}")
        out.print(f"feeds        {facts.feeds}, {facts.failing} failing, {facts.due} due, lag {said['lag_s']:.0f} s")
        out.print(f"outbox       {owed} owed, the oldest for {oldest:.0f} s; {said['dead']} dead")
        out.print(f"last alert   {moment(facts.last_alert)}")
    return Status.DONE if running else Status.NO


def backup(context: typer.Context, path: Path) -> Status:
    """Write a verified copy of the database to PATH, while the daemon runs.

    Example: wirebell db backup wirebell-copy.db
    """
    with store_of(the_config(context), read_only=True) as store:
        store.backup(path).result()
    say(f"{path} is a whole and verified copy")
    return Status.DONE


def check(context: typer.Context) -> Status:
    """Look for damage in the database; 1 where there is some.

    Example: wirebell db check
    """
    with store_of(the_config(context), read_only=True) as store:
        found = store.check().result()
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
            count = store.prune(timedelta(seconds=age), now=now()).result()
    say(f"{count} rows removed")
    return Status.DONE


def _started(pid: int) -> datetime | None:
    """When the process began, as Linux tells it; None where it does not."""
    try:
        return datetime.fromtimestamp(Path(f"/proc/{pid}").stat().st_mtime).astimezone()
    except OSError:
        return None
