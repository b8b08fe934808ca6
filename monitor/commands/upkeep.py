"""`status` and `db`: whether it runs, what it owes, and the care of its database."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from monitor import control
from monitor.commands.common import (
    AsJson,
    Status,
    counted,
    length,
    moment,
    now,
    print_json,
    rfc3339,
    say,
    show,
    store_of,
    the_config_to_look,
)
from monitor.config import Config
from monitor.logs import redact
from monitor.notices import about_strangers
from rules.health import Health
from state.catalogue import ChannelRecord
from state.catalogue import Status as Facts
from state.database import holder


def status(context: typer.Context, as_json: AsJson = False) -> Status:
    """Is it running, what is due, what is owed. Exits 1 where it is not running.

    Example: wirebell status
    """
    configured = the_config_to_look(context)
    running = holder(configured.database)
    with store_of(configured, read_only=True) as store:
        facts = store.status(now=now())
    since = _since(configured.database) if running else None
    owed = sum(facts.owed.values())
    oldest = (now() - facts.oldest_pending).total_seconds() if facts.oldest_pending else 0.0
    said = {
        "running": bool(running),
        "pid": running or None,
        "since": rfc3339(since),
        "database": str(configured.database),
        "feeds": facts.feeds,
        "failing": facts.failing,
        "broken": facts.broken,
        "silent": facts.silent,
        "gone": facts.gone,
        "moved": facts.moved,
        "held": facts.held,
        "due": facts.due,
        "lag_s": facts.lag.total_seconds(),
        "owed": owed,
        "oldest_owed_s": oldest,
        "dead": facts.outbox.get("dead", 0),
        "last_alert": rfc3339(facts.last_alert),
        "channels": [_channel(channel, facts.owed) for channel in facts.channels],
        "strangers": {name: number for name, number in facts.owed.items() if name not in configured.channels},
    }
    if as_json:
        print_json(said)
    else:
        life = f"yes, since {moment(since)}, process {running}" if running else "no, nobody has this database open"
        show(f"running      {life}")
        show(f"database     {configured.database}")
        show(f"feeds        {facts.feeds}, {facts.failing} failing, {facts.due} due, lag {said['lag_s']:.0f} s")
        show(f"outbox       {owed} owed, the oldest for {oldest:.0f} s; {said['dead']} dead")
        show(f"last alert   {moment(facts.last_alert)}")
        for sentence in (*_feed_troubles(facts), *_troubles(configured, facts)):
            show(sentence)
    return Status.DONE if running else Status.NO


def _feed_troubles(facts: Facts) -> Iterator[str]:
    """What is wrong with feeds, a line for each kind, and where more is said."""
    more = "`wirebell feeds health` says which and why"
    for name in ("broken", "silent", "gone", "moved"):
        if number := getattr(facts, name):
            yield f"{name:12} {counted(number, 'feed')}; {more}"
    if facts.held:
        yield f"{'held':12} {counted(facts.held, 'alert')} of old items; `wirebell alerts held` says of which feeds"


def _channel(channel: ChannelRecord, owed: Mapping[str, int]) -> dict[str, Any]:
    return {
        "channel": channel.channel,
        "down": _is_down(channel),
        "failures": channel.failures,
        "error": redact(channel.error) if channel.failures else "",
        "owed": owed.get(channel.channel, 0),
        "next_try": rfc3339(channel.open_until),
        "last_ok": rfc3339(channel.last_ok),
    }


def _troubles(configured: Config, facts: Facts) -> Iterator[str]:
    """What keeps alerts from arriving, and what to do."""
    for channel in facts.channels:
        if _is_down(channel) and channel.channel in configured.channels:
            since = f"since {moment(channel.last_ok)}" if channel.last_ok else "as yet"
            yield (
                f"channel      {channel.channel} is down, nothing has arrived {since}: {channel.error}; "
                f"{facts.owed.get(channel.channel, 0)} owed, tried again at {moment(channel.open_until)}; "
                f"`wirebell test-alert {channel.channel}` shows its answer"
            )
    if strangers := about_strangers(facts.owed, configured.channels):
        yield f"channels     {': '.join(strangers)}"


def _is_down(channel: ChannelRecord) -> bool:
    return Health(failures=channel.failures, rests_until=channel.open_until).down


def backup(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A file that does not exist yet.")],
    as_json: AsJson = False,
) -> Status:
    """Write a verified copy, while the daemon runs.

    Example: wirebell db backup wirebell-copy.db
    """
    with store_of(the_config_to_look(context), read_only=True) as store:
        written = store.upkeep.backup(path).result()
    say(f"{path} is a whole and verified copy")
    if as_json:
        print_json({"backup": written, "bytes": written.stat().st_size})
    return Status.DONE


def check(context: typer.Context, as_json: AsJson = False) -> Status:
    """Look for damage in the database. Exits 1 where there is some.

    Example: wirebell db check
    """
    with store_of(the_config_to_look(context), read_only=True) as store:
        found = store.upkeep.check().result()
    if as_json:
        print_json({"database": store.path, "damage": found})
    else:
        for problem in found:
            show(problem)
        show(f"{store.path}: {'damaged; restore a backup' if found else 'whole'}")
    return Status.NO if found else Status.DONE


def stats(context: typer.Context, as_json: AsJson = False) -> Status:
    """Count what is in the database.

    Example: wirebell db stats
    """
    with store_of(the_config_to_look(context), read_only=True) as store:
        found = store.upkeep.stats()
    said = {
        "database": str(found.path),
        "bytes": found.size,
        "wal_bytes": found.wal,
        "schema": found.schema,
        "sqlite": found.sqlite,
        "rows": found.rows,
    }
    if as_json:
        print_json(said)
    else:
        for name, value in {**said, **found.rows}.items():
            if name != "rows":
                show(f"{name:16}{value}")
    return Status.DONE


def prune(
    context: typer.Context,
    older_than: Annotated[str, typer.Option(metavar="TIME", help="Items seen longer ago than this go.")] = "90d",
    as_json: AsJson = False,
) -> Status:
    """Remove old items and finished alerts. Identities stay, so nothing rings twice; what is owed stays.

    Example: wirebell db prune --older-than 180d
    """
    configured = the_config_to_look(context)
    age = length("--older-than", older_than)
    removed = control.ask(configured.database, "prune", seconds=age.total_seconds())
    if removed is None:
        with store_of(configured) as store:
            removed = store.upkeep.prune(age, now=now()).result()
    say(f"{counted(removed, 'row')} removed")
    if as_json:
        print_json({"removed": removed})
    return Status.DONE


def _since(database: Path) -> datetime:
    """When the process that has the database took it: it wrote its id into the lock beside it then."""
    return datetime.fromtimestamp(database.with_name(database.name + ".lock").stat().st_mtime, UTC)
