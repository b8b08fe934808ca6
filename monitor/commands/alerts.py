"""`alerts` and `test-alert`: what rang, what became of it, and trying again."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Annotated, Any

import typer

from monitor import control
from monitor.assembly import build_channels
from monitor.channels.base import SendError
from monitor.commands.common import (
    AsJson,
    CommandError,
    Status,
    now,
    out,
    print_json,
    print_lines,
    print_table,
    rfc3339,
    say,
    store_of,
    the_config,
)
from monitor.config import Config, seconds
from rules.records import Alert, AlertKind, Delivery, Item, Match, Priority, Story, StoryItem, hashed
from state.catalogue import AlertRecord

Since = Annotated[str, typer.Option("--since", metavar="TIME", help="How far back: 90m, 12h, 7d.")]


def list_alerts(context: typer.Context, since: Since = "7d", as_json: AsJson = False) -> Status:
    """List the alerts, newest first, with the state of each delivery.

    Example: wirebell alerts --since 24h --json
    """
    configured = the_config(context)
    age = seconds(since)
    if age is None:
        raise CommandError(f"--since {since} is no time; write 90m, 12h or 7d", Status.MISUSE)
    with store_of(configured, read_only=True) as store:
        rows = [_row(alert) for alert in store.alerts(since=now() - timedelta(seconds=age), limit=100_000)]
    if as_json:
        print_lines(rows)
        return Status.DONE
    shown = (
        (
            row["alert_id"][:8],
            row["created"],
            row["rule"],
            row["priority"],
            row["title"],
            ", ".join(f"{one['channel']} {one['state']}" for one in row["deliveries"]),
        )
        for row in rows
    )
    print_table(("ID", "CREATED", "RULE", "PRIORITY", "TITLE", "DELIVERIES"), shown)
    return Status.DONE


def show(
    context: typer.Context,
    alert_id: Annotated[str, typer.Argument(metavar="ID", help="The alert's id, or its beginning.")],
    as_json: AsJson = False,
) -> Status:
    """Show an alert: which words rang, and every attempt to deliver it.

    Example: wirebell alerts show 3fa85f64
    """
    with store_of(the_config(context), read_only=True) as store:
        record = store.alert(alert_id)
    if record is None:
        raise CommandError(f"no alert's id begins with {alert_id}; `wirebell alerts --since 90d` lists them")
    found = _whole(record)
    if as_json:
        print_json(found)
        return Status.DONE
    for name in ("alert_id", "kind", "rule", "priority", "title", "link", "story_id", "created"):
        out.print(f"{name:10}{found[name]}", markup=False)
    print_table(
        ("WORDS", "FIELD", "LIST", "ENTRY"),
        ((match["surface"], match["field"], match["watchlist"], match["entry"]) for match in found["matches"]),
    )
    print_table(
        ("CHANNEL", "STATE", "ATTEMPTS", "REASON", "DELIVERY"),
        (
            (one["channel"], one["state"], one["attempts"], one["reason"], one["delivery_id"])
            for one in found["deliveries"]
        ),
    )
    print_table(
        ("CHANNEL", "N", "STARTED", "OUTCOME", "CODE", "REASON"),
        (
            (one["channel"], one["n"], one["started"], one["outcome"], one["code"], one["reason"])
            for one in found["attempts"]
        ),
    )
    return Status.DONE


def retry(
    context: typer.Context,
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Alerts or deliveries; none: all.")] = None,
) -> Status:
    """Try again what is dead or expired, under the same ids; through the daemon where one runs.

    Example: wirebell alerts retry
    """
    configured = the_config(context)
    count = control.ask(configured.database.parent, "retry", ids=ids or None)
    if count is None:
        with store_of(configured) as store:
            count = store.retry(ids or None, now=now()).result()
        say(f"{count} deliveries are owed again; the next `wirebell once` or `wirebell run` sends them")
    else:
        say(f"{count} deliveries are owed again, and the daemon sends them now")
    return Status.DONE if count else Status.NO


def try_channel(context: typer.Context, channel: str, as_json: AsJson = False) -> Status:
    """Send one marked alert through a channel and report the server's real answer.

    Example: wirebell test-alert newsroom
    """
    configured = the_config(context)
    if channel not in configured.channels:
        known = ", ".join(configured.channels) or "none"
        raise CommandError(f"no channel is called {channel}; the configuration has {known}", Status.MISUSE)
    attempt = asyncio.run(_send(configured, channel))
    said = {"channel": channel, "sent": attempt.outcome == "sent", "code": attempt.code, "answer": attempt.reason}
    if as_json:
        print_json(said)
    else:
        verdict = "accepted" if said["sent"] else "did not accept"
        say(f"{channel} {verdict} the test alert: {attempt.reason or attempt.code or 'no answer'}")
    return Status.DONE if said["sent"] else Status.NO


async def _send(configured: Config, channel: str) -> Any:
    async with AsyncExitStack() as closing:
        channels = await build_channels(configured, closing, instance="")
        try:
            return await channels[channel].send(_test_delivery(channel), now=now())
        except SendError as error:
            return error.attempt


def _test_delivery(channel: str) -> Delivery:
    title = "Test alert: Wirebell can reach you here"
    moment = now()
    alert_id = hashed("test", channel, moment.isoformat())
    item = Item(
        title=title,
        summary="Nothing happened. Somebody ran `wirebell test-alert` to see whether this channel works.",
        feed="Wirebell",
        published=moment,
    )
    match = Match(watchlist="", entry="Test", field="title", start=0, end=4, surface="Test")
    story = Story(
        story_id=alert_id, title=title, sources=1, first_seen=moment, items=(StoryItem(title, "", "Wirebell"),)
    )
    alert = Alert(
        alert_id=alert_id,
        kind=AlertKind.TEST,
        rule="test-alert",
        priority=Priority.ROUTINE,
        item=item,
        matches=(match,),
        story=story,
        first_seen=moment,
    )
    return Delivery(delivery_id=hashed("delivery", alert_id, channel), channel=channel, alert=alert)


def _row(alert: AlertRecord) -> dict[str, Any]:
    return {
        "alert_id": alert.alert_id,
        "rule": alert.rule,
        "priority": str(alert.priority),
        "story_id": alert.story_id,
        "title": alert.title,
        "link": alert.link,
        "created": rfc3339(alert.created),
        "deliveries": [
            {
                "delivery_id": one.delivery_id,
                "channel": one.channel,
                "state": one.state,
                "attempts": one.attempts,
                "reason": one.reason,
            }
            for one in alert.deliveries
        ],
    }


def _whole(alert: AlertRecord) -> dict[str, Any]:
    attempts = [
        {
            "channel": one.channel,
            "n": tried.n,
            "started": rfc3339(tried.started),
            "finished": rfc3339(tried.finished),
            "outcome": tried.outcome,
            "code": tried.code,
            "reason": tried.reason,
        }
        for one in alert.deliveries
        for tried in one.tries
    ]
    return {
        **_row(alert),
        "kind": str(alert.kind),
        "feed": alert.item.feed,
        "published": rfc3339(alert.item.published),
        "matches": [
            {name: getattr(match, name) for name in ("watchlist", "entry", "field", "start", "end", "surface")}
            for match in alert.matches
        ],
        "attempts": attempts,
    }
