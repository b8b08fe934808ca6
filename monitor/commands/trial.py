"""`test-alert`: one marked alert through a channel, and what its server says."""

import asyncio
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Annotated

import typer

from monitor.assembly import build_channels
from monitor.channels.base import SendError
from monitor.commands.common import AsJson, CommandError, Status, now, print_json, printing, show, the_config
from monitor.config import Config
from rules.records import Alert, AlertKind, Attempt, Delivery, Item, Match, Outcome, Priority, Story, StoryItem, hashed
from rules.wording import did_you_mean


def try_channel(
    context: typer.Context,
    channel: Annotated[str, typer.Argument(metavar="CHANNEL", help="As [channels] in the configuration names it.")],
    as_json: AsJson = False,
) -> Status:
    """Send one marked alert and report the server's answer. Exits 1 where it does not accept.

    Example: wirebell test-alert newsroom
    """
    configured = the_config(context)
    if channel not in configured.channels:
        known = list(configured.channels)
        remedy = did_you_mean(channel, known) or "write [channels]"
        raise CommandError(f"no channel is called {channel}; {remedy}", Status.MISUSE)
    with printing(as_json):
        attempt = asyncio.run(_send(configured, channel))
    sent = attempt.outcome is Outcome.SENT
    if as_json:
        print_json({"channel": channel, "sent": sent, "code": attempt.code, "answer": attempt.reason})
    else:
        verdict = "accepted" if sent else "did not accept"
        show(f"{channel} {verdict} the test alert: {attempt.reason or attempt.code or 'no answer'}")
    return Status.DONE if sent else Status.NO


async def _send(configured: Config, channel: str) -> Attempt:
    async with AsyncExitStack() as closing:
        channels = await build_channels(configured, closing, instance="")
        try:
            return await channels[channel].send(_test_delivery(channel, now()), now=now())
        except SendError as error:
            return error.attempt


def _test_delivery(channel: str, moment: datetime) -> Delivery:
    title = "Test alert: Wirebell can reach you here"
    alert_id = hashed("test", channel, moment.isoformat())
    item = Item(
        title=title,
        summary="Nothing happened. Somebody ran `wirebell test-alert` to see whether this channel works.",
        feed="Wirebell",
        published=moment,
    )
    alert = Alert(
        alert_id=alert_id,
        kind=AlertKind.TEST,
        rule="test-alert",
        priority=Priority.ROUTINE,
        item=item,
        matches=(Match(watchlist="", entry="Test", field="title", start=0, end=4, surface="Test"),),
        story=Story(
            story_id=alert_id, title=title, sources=1, first_seen=moment, items=(StoryItem(title, "", "Wirebell"),)
        ),
        first_seen=moment,
    )
    return Delivery(delivery_id=hashed("delivery", alert_id, channel), channel=channel, alert=alert)
