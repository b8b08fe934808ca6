"""What Slack gets: blocks within its limits, no markup that is not ours, and its own words for what went wrong."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_network
from typing import Any

import pytest

from monitor.channels.base import Channel, Context, SendError
from monitor.channels.message import message_of
from monitor.channels.slack import FALLBACK, HEADER, SECTION, WHOLE, Slack, encoded, escaped
from monitor.network import AddressPolicy, client
from rules.records import Alert, AlertKind, Attempt, Outcome, StoryItem
from tests.builders import NOON, a_delivery, a_match, an_alert, an_item
from tests.hostile import HOSTILE
from tests.receivers import SlackLike, receiving, slack_problem
from tests.servers import Response

pytestmark = pytest.mark.anyio

TITLE = "Jason Wei leaves OpenAI for Meta"


@asynccontextmanager
async def slack(url: str) -> AsyncIterator[Channel]:
    async with client(AddressPolicy((ip_network("127.0.0.0/8"),))) as http:
        yield Slack.build("newsroom", Slack.Settings.model_validate({"url": url}), Context(http, "memory", "1.2"))


async def answered(response: Response) -> Attempt:
    async with receiving("/services/T0/B0/x", response) as server, slack(f"{server.url}/services/T0/B0/x") as channel:
        try:
            return await channel.send(a_delivery(), now=datetime.now(UTC))
        except SendError as error:
            return error.attempt


def said(alert: Alert) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads(encoded(message_of(alert, now=NOON)))
    return payload


def texts(node: Any) -> Iterator[tuple[str, str]]:
    """Each text object: (its type, its text)."""
    if isinstance(node, dict):
        if isinstance(node.get("text"), str):
            yield node.get("type", "mrkdwn"), node["text"]
        for one in node.values():
            yield from texts(one)
    elif isinstance(node, list):
        for one in node:
            yield from texts(one)


def decoded(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


async def test_an_alert_arrives_in_a_shape_that_slack_takes() -> None:
    receiver = SlackLike()
    async with receiving("/hook", receiver) as server, slack(f"{server.url}/hook") as channel:
        attempt = await channel.send(a_delivery(), now=datetime.now(UTC))

    assert attempt == Attempt(outcome=Outcome.SENT, reason="HTTP 200 OK: ok", code=200)
    (message,) = receiver.messages
    assert message["blocks"][0]["text"]["text"] == TITLE
    assert message["unfurl_links"] is False


async def test_a_message_says_why_it_rang_and_links_to_the_report() -> None:
    alert = an_alert(matches=(a_match(), a_match("Meta", watchlist="labs")))
    message = said(alert)
    whole = "\n".join(text for _, text in texts(message["blocks"]))

    assert f"<{alert.item.link}|Read it at example.org>" in whole
    assert "researchers: \u200b*Jason Wei*\u200b (title)" in whole
    assert "Why it rang: rule researchers (urgent)" in whole
    assert "3 min before Wirebell saw it" in whole


async def test_the_fallback_is_complete() -> None:
    text = said(an_alert(matches=(a_match(),)))["text"]

    assert text.startswith(f"Urgent: {TITLE}\n")
    assert "researchers: Jason Wei (title)" in text
    assert "https://example.org/" in text


async def test_words_that_rang_are_bold_in_scripts_without_spaces() -> None:
    text = "与此同时超级智能的研究正在继续"
    item = an_item("研究", summary=text)
    alert = an_alert(item=item, matches=(a_match("超级智能", text=text, field="summary"),))

    assert "与此同时\u200b*超级智能*\u200b的研究正在继续" in json.dumps(said(alert), ensure_ascii=False)


async def test_an_update_says_so_and_names_the_story() -> None:
    alert = an_alert(kind=AlertKind.UPDATED)
    reports = (*alert.story.items, StoryItem(title="Wei & Meta", link="https://a.example/?a|b", feed="A"))
    message = said(replace(alert, story=replace(alert.story, items=reports)))

    assert message["text"].startswith("Update: ")
    assert message["blocks"][0]["text"]["text"].startswith("Update: ")
    assert "<https://a.example/?a%7Cb|A: Wei &amp; Meta>" in json.dumps(message["blocks"])


async def test_a_notice_and_a_test_read_well() -> None:
    for kind, label in ((AlertKind.NOTICE, "Wirebell"), (AlertKind.TEST, "Test")):
        item = an_item("The channel desk fails", summary="It answers 535.", link="", feed="Wirebell")
        message = said(an_alert(item=item, kind=kind))

        assert message["text"].startswith(f"{label}: The channel desk fails\n\nIt answers 535.")
        assert slack_problem(message) == ""


@pytest.mark.parametrize("title", HOSTILE)
async def test_a_hostile_title_mentions_nobody_links_nowhere_and_formats_nothing(title: str) -> None:
    item = an_item(title, summary=title, text=title, feed=title, language=title[:30], link=title)
    reports = tuple(StoryItem(title=title, link=title, feed=f"{number} {title}") for number in range(7))
    alert = an_alert(title, item=item, rule="a rule", matches=(a_match(title[:9], text=title),) if title else ())
    message = said(replace(alert, story=replace(alert.story, items=reports)))

    assert slack_problem(message) == ""
    for kind, text in texts(message):
        ours = re.sub(r"<https?://[^<>|]*\|[^<>|]*>", "", text) if kind == "mrkdwn" else text
        assert not set("<>") & set(ours)
        assert not re.search(r"&(?!amp;|lt;|gt;)", ours)
        if kind == "mrkdwn":
            assert not re.search(r"[~`]|(?<!\w)_|_(?!\w)", ours)
            assert not re.search(r"(?<!\u200b)\*(?!\u200b)", re.sub(r"\u200b\*[^*]*\*\u200b", "", ours))


@pytest.mark.parametrize("text", ["AT&T <b>", "> quoted", "a *b* _c_ ~d~ `e`", "snake_case __init__", "1 < 2 > 0 && x"])
async def test_escaped_text_reads_as_it_was(text: str) -> None:
    look_alikes = str.maketrans("∗∼ˋˍ", "*~`_", "\u200b")

    assert decoded(escaped(text)).translate(look_alikes) == text


def long_alerts() -> list[Alert]:
    long = "& < > superintelligence 超级智能 " * 2000
    matches = tuple(
        a_match("superintelligence", text=long, field="text", watchlist="w&" * 200, entry=f"{number}<" * 200)
        for number in range(60)
    )
    reports = tuple(StoryItem(title=long, link=f"https://a.example/{n}?{'&' * 1900}", feed=long) for n in range(50))
    alert = an_alert(long, item=an_item(long, text=long, feed=long), rule="r&" * 300, matches=matches)
    notice = an_alert(item=an_item(long, summary=long, link=""), kind=AlertKind.NOTICE)
    linked = an_alert(item=an_item(link=f"https://a.example/?{'&' * 1900}"))
    return [alert, replace(alert, story=replace(alert.story, items=reports)), notice, linked]


@pytest.mark.parametrize("alert", long_alerts())
async def test_the_longest_alert_keeps_the_limits(alert: Alert) -> None:
    message = said(alert)

    assert slack_problem(message) == ""
    assert len(json.dumps(message["blocks"], ensure_ascii=False)) <= WHOLE
    assert len(message["text"]) <= FALLBACK
    assert len(message["blocks"][0]["text"]["text"]) <= HEADER
    assert all(len(text) <= SECTION for _, text in texts(message["blocks"]))
    assert all(len(text) > 1 for _, text in texts(message["blocks"]) if text != "…")
    # What is cut is not cut inside of an escape, nor of a link.
    assert all(text.count("<") == text.count(">") for _, text in texts(message))
    assert not any(re.search(r"&(?!amp;|lt;|gt;)", text) for _, text in texts(message))
    assert "Wirebell, alert" in message["blocks"][-1]["elements"][0]["text"]


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (400, "invalid_payload", Outcome.PERMANENT),
        (400, "invalid_blocks", Outcome.PERMANENT),
        (400, "no_text", Outcome.PERMANENT),
        (400, "user_not_found", Outcome.CHANNEL_FAULT),
        (403, "action_prohibited", Outcome.CHANNEL_FAULT),
        (403, "invalid_token", Outcome.CHANNEL_FAULT),
        (404, "channel_not_found", Outcome.CHANNEL_FAULT),
        (404, "no_service", Outcome.CHANNEL_FAULT),
        (404, "no_team", Outcome.CHANNEL_FAULT),
        (410, "channel_is_archived", Outcome.CHANNEL_FAULT),
        (400, "team_disabled", Outcome.CHANNEL_FAULT),
        (404, "invalid_payload", Outcome.PERMANENT),
        (404, "", Outcome.CHANNEL_FAULT),
        (429, "rate_limited", Outcome.TRANSIENT),
        (500, "rollup_error", Outcome.TRANSIENT),
        (503, "", Outcome.TRANSIENT),
        (302, "", Outcome.PERMANENT),
    ],
)
async def test_slack_is_taken_at_its_word(status: int, body: str, outcome: Outcome) -> None:
    attempt = await answered(Response(status=status, body=body.encode()))

    assert (attempt.outcome, attempt.code) == (outcome, status)
    assert body in attempt.reason


async def test_slack_is_left_alone_as_long_as_it_asks() -> None:
    attempt = await answered(Response(status=429, headers={"Retry-After": "30"}))

    assert attempt.retry_after == 30.0


async def test_one_message_a_second() -> None:
    async with slack("https://hooks.slack.com/services/T0/B0/x") as channel:
        assert channel.pace == 1.0


async def test_an_alert_that_cannot_be_laid_out_still_arrives() -> None:
    poison: Any = None
    alert = an_alert(item=replace(an_item(), title=poison))
    receiver = SlackLike()
    async with receiving("/hook", receiver) as server, slack(f"{server.url}/hook") as channel:
        attempt = await channel.send(a_delivery(alert=alert), now=datetime.now(UTC))

    assert attempt.outcome is Outcome.SENT
    assert alert.alert_id[:8] in receiver.messages[0]["text"]
