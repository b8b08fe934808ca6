"""`alerts`: what rang, what became of it, trying again, and what waits for a person."""

from typing import Annotated, Any, Literal

import typer

from monitor import control
from monitor.commands.common import (
    AsJson,
    CommandError,
    Status,
    counted,
    length,
    moment,
    now,
    print_json,
    print_lines,
    print_table,
    rfc3339,
    say,
    show,
    store_of,
    the_config_to_look,
)
from monitor.saying import together
from rules.wording import did_you_mean
from state.catalogue import AlertRecord
from state.holds import Held

STATES = ("held", "pending", "leased", "sent", "digested", "suppressed", "dead", "expired")

Since = Annotated[str, typer.Option("--since", metavar="TIME", help="How far back: 90m, 12h, 7d.")]
OfRule = Annotated[str, typer.Option("--rule", metavar="RULE", help="Only of this rule.")]
OnChannel = Annotated[
    str, typer.Option("--channel", metavar="CHANNEL", help="Only what is owed or was sent to this channel.")
]
InState = Annotated[
    str, typer.Option("--state", metavar="STATE", help=f"Only with a delivery that is {', '.join(STATES)}.")
]


def list_alerts(  # noqa: PLR0917  the command line gives them by name
    context: typer.Context,
    since: Since = "7d",
    rule: OfRule = "",
    channel: OnChannel = "",
    state: InState = "",
    as_json: AsJson = False,
) -> Status:
    """List alerts, newest first, with their deliveries.

    Example: wirebell alerts list --since 24h --state dead
    """
    configured = the_config_to_look(context)
    oldest = now() - length("--since", since)
    if state and state not in STATES:
        raise CommandError(f"--state {state}: no delivery is ever so; {did_you_mean(state, STATES)}", Status.MISUSE)
    with store_of(configured, read_only=True) as store:
        found = store.alerts(since=oldest, rule=rule, limit=100_000)
    wanted = [alert for alert in found if _wanted(alert, channel, state)]
    if as_json:
        print_lines(map(_row, wanted))
        return Status.DONE
    if not wanted:
        which = "such alert" if rule or channel or state else "alert"
        say(f"no {which} since {oldest.astimezone():%Y-%m-%d %H:%M}; --since looks further back")
        return Status.DONE
    print_table(("ID", "CREATED", "RULE", "PRIORITY", "TITLE", "DELIVERIES"), map(_shown, wanted))
    return Status.DONE


def _shown(alert: AlertRecord) -> tuple[object, ...]:
    said = ((one.channel, one.state + (f" ({one.reason})" if one.state == "held" else "")) for one in alert.deliveries)
    deliveries = "; ".join(f"{who} {what}" for what, who in together(said).items())
    return (alert.alert_id[:8], moment(alert.created), alert.rule, alert.priority, alert.title, deliveries)


def _wanted(alert: AlertRecord, channel: str, state: str) -> bool:
    """Whether one delivery of the alert is on this channel and in this state; '' is any."""
    if not channel and not state:
        return True
    return any(channel in ("", one.channel) and state in ("", one.state) for one in alert.deliveries)


def show_alert(
    context: typer.Context,
    alert_id: Annotated[str, typer.Argument(metavar="ID", help="The alert's id, or its beginning.")],
    as_json: AsJson = False,
) -> Status:
    """Show one: which words rang, every attempt to deliver.

    Example: wirebell alerts show 3fa85f64
    """
    with store_of(the_config_to_look(context), read_only=True) as store:
        record = store.alert(alert_id)
    if record is None:
        raise CommandError(f"no alert's id begins with {alert_id}; `wirebell alerts --since 90d` lists them")
    found = _whole(record)
    if as_json:
        print_json(found)
    else:
        _print(found)
    return Status.DONE


def _print(found: dict[str, Any]) -> None:
    for name in ("alert_id", "kind", "rule", "priority", "title", "link", "feed", "published", "story_id", "created"):
        show(f"{name:10}{found[name] or ''}")
    for name, heads in _TABLES.items():
        if not found[name]:
            continue
        show("")
        print_table([head.upper() for head in heads], ([row[head] for head in heads] for row in found[name]))


_TABLES = {
    "matches": ("surface", "field", "watchlist", "entry"),
    "deliveries": ("channel", "state", "attempts", "reason", "delivery_id"),
    "attempts": ("channel", "n", "started", "outcome", "code", "reason"),
}


def retry(
    context: typer.Context,
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID", help="Alerts or deliveries; none: all.")] = None,
    as_json: AsJson = False,
) -> Status:
    """Try again what is dead or expired, under the same ids. Where a daemon runs, it sends at once.

    Example: wirebell alerts retry
    """
    configured = the_config_to_look(context)
    answer = control.ask(configured.database, "retry", ids=ids or None)
    if answer is None:
        with store_of(configured) as store:
            count = store.retry(ids or None, now=now()).result()
        sender = "the next `wirebell once` or `wirebell run` sends them"
    else:
        count, sender = int(answer), "the daemon sends them now"
    if count:
        say(f"{counted(count, 'delivery is', 'deliveries are')} owed again; {sender}")
    else:
        say("none of these waits, is dead or expired" if ids else "nothing is dead or expired")
    if as_json:
        print_json({"owed_again": count})
    return Status.NO if ids and not count else Status.DONE


Wanted = Annotated[
    list[str] | None,
    typer.Argument(metavar="FEED_OR_ID", help="Feeds by name, address or id; notices, alerts; none: all."),
]


def list_held(context: typer.Context, as_json: AsJson = False) -> Status:
    """List the feeds that published an archive again, and how many alerts are held because of it.

    Example: wirebell alerts held
    """
    with store_of(the_config_to_look(context), read_only=True) as store:
        found = store.holds.all()
    if as_json:
        print_lines(map(_held_row, found))
    elif found:
        rows = (
            (one.feed_id[:8], moment(one.since), one.name, one.alerts, one.items, "; ".join(one.headlines[:3]))
            for one in found
        )
        print_table(("ID", "SINCE", "FEED", "ALERTS", "ITEMS", "AMONG THEM"), rows)
    else:
        say("nothing is held")
    return Status.DONE


def _held_row(one: Held) -> dict[str, Any]:
    return {
        "id": one.feed_id,
        "feed": one.name,
        "since": rfc3339(one.since),
        "items": one.items,
        "alerts": one.alerts,
        "deliveries": one.deliveries,
        "told": one.told,
        "headlines": one.headlines,
    }


def release(context: typer.Context, wanted: Wanted = None, as_json: AsJson = False) -> Status:
    """Send what is held: alerts of old items that their feed published again. Where a daemon runs, it sends at once.

    Example: wirebell alerts release WIRED
    """
    count, running = _decided(context, "release", wanted)
    if count:
        sender = "the daemon sends them now" if running else "the next `wirebell once` or `wirebell run` sends them"
        say(f"{counted(count, 'delivery is', 'deliveries are')} owed; {sender}")
    return _told("released", count, wanted, as_json=as_json)


def drop(context: typer.Context, wanted: Wanted = None, as_json: AsJson = False) -> Status:
    """Drop what is held: it is sent to nobody, and stays on record as suppressed.

    Example: wirebell alerts drop WIRED
    """
    count, _ = _decided(context, "drop", wanted)
    if count:
        say(f"{counted(count, 'delivery is', 'deliveries are')} dropped")
    return _told("dropped", count, wanted, as_json=as_json)


def _decided(context: typer.Context, verb: Literal["release", "drop"], wanted: list[str] | None) -> tuple[int, bool]:
    """How many deliveries were decided on, and whether a daemon runs, which does it then."""
    configured = the_config_to_look(context)
    answer = control.ask(configured.database, verb, wanted=wanted or None)
    if answer is not None:
        return int(answer), True
    with store_of(configured) as store:
        count = (store.holds.release if verb == "release" else store.holds.drop)(wanted or None, now=now()).result()
        return count, False


def _told(done: str, count: int, wanted: list[str] | None, *, as_json: bool) -> Status:
    if not count:
        say("nothing of these is held" if wanted else "nothing is held")
    if as_json:
        print_json({done: count})
    return Status.NO if wanted and not count else Status.DONE


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
