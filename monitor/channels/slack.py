"""A message to a Slack incoming webhook: Block Kit, every word of a feed escaped, Slack's limits kept."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Literal, Self

from monitor.channels.base import Context, channel_fault, permanent, settled
from monitor.channels.message import Message, bare_message, laid_out, message_of
from monitor.channels.post import Answer, SecretAddress, judged, post, reach
from monitor.channels.runs import Run, Runs
from monitor.channels.text import as_text, footer, heard, source, why
from monitor.tables import Table
from rules.records import AlertKind, Attempt, Delivery

HEADER = 150
SECTION = 3000
LINE = SECTION - 10
"""Letters of a line in it, with room for an end."""

WHOLE = 10_000
"""Letters of JSON over all blocks; at some 13,200 of text Slack answers msg_blocks_too_long."""

FALLBACK = 4000
"""Letters of `text`, which notifications and screen readers have."""

AT_FAULT = re.compile(
    r"\b(no_service|no_service_id|no_active_hooks|no_team|team_disabled|invalid_token|action_prohibited|"
    r"channel_not_found|channel_is_archived|user_not_found|posting_to_general_channel_denied)\b"
)
REFUSED = re.compile(r"\b(invalid_payload|invalid_blocks\w*|no_text|msg_(blocks_)?too_long|too_many_attachments)\b")

# Three characters are escaped as Slack says; the ones of its markup have no escape, so look-alikes stand for them.
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_MARKUP = str.maketrans({"*": "∗", "~": "∼", "`": "ˋ"})
_BROKEN = re.compile(r"&[a-z]*\Z")
_UNDERLINE = re.compile(r"(?<!\w)_|_(?!\w)")
_BORDER = "\u200b"
"""Slack reads `*` as markup only beside a space; this is one that is not seen, for scripts that have none."""


class SlackSettings(Table):
    """Messages to a Slack incoming webhook."""

    type: Literal["slack"] = "slack"
    url: SecretAddress
    """The address of the incoming webhook, which is a secret."""


class Slack:
    """Posts to one incoming webhook."""

    Settings = SlackSettings
    pace = 1.0

    def __init__(self, name: str, settings: SlackSettings, context: Context) -> None:
        self.name = name
        self._url = settings.url
        self._client = context.client

    @staticmethod
    def shorthand(rest: str) -> dict[str, Any]:
        """`slack:https://hooks.slack.com/services/...`."""
        return {"url": rest}

    @classmethod
    def build(cls, name: str, settings: SlackSettings, context: Context) -> Self:
        return cls(name, settings, context)

    async def send(self, delivery: Delivery, *, now: datetime) -> Attempt:
        alert = delivery.alert
        body = laid_out(lambda: encoded(message_of(alert, now=now)), lambda: encoded(bare_message(alert)), alert)
        answer = await post(self._client, self._url, body, {}, now=now)
        return settled(_judged(answer) if isinstance(answer, Answer) else answer)

    async def reach(self) -> str:
        return await reach(self._client, self._url, now=datetime.now(UTC))


def _judged(answer: Answer) -> Attempt:
    """By Slack's own words where it says some, else by the status."""
    if 400 <= answer.status < 500 and answer.status != 429:
        if AT_FAULT.search(answer.text):
            return channel_fault(str(answer), answer.status)
        if REFUSED.search(answer.text):
            return permanent(str(answer), answer.status)
    return judged(answer)


def encoded(message: Message) -> bytes:
    """The body of the POST. Links unfold into previews of their own, which are not ours to show."""
    said = {"text": fallback(message), "blocks": blocks(message), "unfurl_links": False, "unfurl_media": False}
    return json.dumps(said, ensure_ascii=False).encode("utf-8")


def fallback(message: Message) -> str:
    """All of it as text."""
    return _cut(as_text(message), FALLBACK, escaped)


def blocks(message: Message) -> list[dict[str, Any]]:
    """The layout; where the whole is too long, the parts before the footer are left out from the last on."""
    shown = list(_parts(message))
    while len(json.dumps(shown, ensure_ascii=False)) > WHOLE:
        del shown[-2]
    return shown


def _parts(message: Message) -> Iterator[dict[str, Any]]:
    title = f"Update: {message.headline}" if message.kind is AlertKind.UPDATED else message.headline
    yield {"type": "header", "text": {"type": "plain_text", "text": _cut(title, HEADER, _literal), "emoji": False}}
    yield _context(": ".join(part for part in (message.label, source(message)) if part))
    if message.link:
        yield _section([f"<{_address(message.link)}|Read it at {escaped(message.host)}>"])
    yield from (_section([marked(excerpt)]) for excerpt in message.excerpts)
    if message.of_the_news:
        yield _section([escaped(why(message)), *(marked((Run("• "), *reason)) for reason in message.reasons)])
    if message.reports:
        yield _section(_elsewhere(message))
    yield _context(footer(message))


def _context(text: str) -> dict[str, Any]:
    return {
        "type": "context",
        "elements": [{"type": "plain_text", "text": _cut(text, SECTION, _literal), "emoji": False}],
    }


def _section(lines: Iterable[str]) -> dict[str, Any]:
    """Lines of mrkdwn, as many as fit."""
    text = ""
    for line in lines:
        if len(text) + len(line) > LINE:
            text += "…"
            break
        text += f"{line}\n"
    return {"type": "section", "text": {"type": "mrkdwn", "text": text.rstrip("\n"), "verbatim": True}}


def _elsewhere(message: Message) -> Iterator[str]:
    yield "The same story elsewhere:"
    for report in message.reports:
        name = escaped(heard(report))
        yield f"• <{_address(report.link)}|{name}>" if report.link else f"• {name}"
    if message.more_reports:
        yield f"and {message.more_reports} more"


def marked(runs: Runs) -> str:
    """mrkdwn of `runs`, the words that rang in bold, as much of it as a section holds."""
    text = ""
    for run in runs:
        piece = _bold(run.text) if run.marked else escaped(run.text)
        if len(text) + len(piece) > LINE:
            return text + _cut(run.text, LINE - len(text), escaped)
        text += piece
    return text


def _bold(text: str) -> str:
    return f"{_BORDER}*{escaped(text.strip())}*{_BORDER}" if text.strip() else text


def escaped(text: str) -> str:
    """`text` as mrkdwn that says just that: no mention, no link, no emphasis."""
    quoted = _BORDER if text.startswith(">") else ""
    return quoted + _UNDERLINE.sub("ˍ", text).translate(_MARKUP).translate(_ESCAPES)


def _cut(text: str, longest: int, escape: Callable[[str], str]) -> str:
    """`text` escaped, in at most `longest` letters; cut between letters of the text, not inside an escape."""
    whole = escape(text)
    if len(whole) <= longest:
        return whole
    begun = whole[: longest - 1]
    return begun[: -len(broken[0])] + "…" if (broken := _BROKEN.search(begun)) else begun + "…"


def _literal(text: str) -> str:
    """`text` for plain_text, which knows the escapes and no markup."""
    return text.translate(_ESCAPES)


def _address(link: str) -> str:
    """`link` between `<` and `|`."""
    return link.replace("|", "%7C").translate(_ESCAPES)
