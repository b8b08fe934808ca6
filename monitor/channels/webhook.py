"""A POST of JSON to a program, signed as Standard Webhooks say, under the same `webhook-id` on every attempt."""

import base64
import binascii
import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator

from monitor.channels.base import Context, Secret, settled
from monitor.channels.message import OF_ARTICLE, laid_out, outlet, safe_link
from monitor.channels.post import Answer, SecretAddress, judged, post, reach
from monitor.channels.runs import excerpt
from monitor.logs import redact
from monitor.tables import Table, wrong
from rules.records import Alert, Attempt, Delivery, Item, Match, Story

PREFIX = "whsec_"
SHORTEST_KEY = 24
"""Bytes, as Standard Webhooks ask."""

LARGEST = 20_000
"""Bytes of a body: what receivers take without asking."""

WHOLE = frozenset(("alert_id", "story_id", "link", "url"))
"""An address or an id that is cut is none."""

FITTING = ((4000, 100), (2000, 50), (800, 20), (300, 10), (100, 4), (40, 1))
"""The longest text and the longest list, tried in this order until the body fits."""


def _signing_keys(secret: Secret) -> Secret:
    written = secret.reveal().split()
    if not 1 <= len(written) <= 2:
        raise wrong("holds no secret, or more than two", 'write one "whsec_...", or the new and the old with a space')
    for one in written:
        _key(one)
    return secret


def _key(written: str) -> bytes:
    remedy = 'write "whsec_" and base64 of 24 bytes or more; `wirebell init` makes one'
    if not written.startswith(PREFIX):
        raise wrong('does not begin with "whsec_"', remedy)
    try:
        key = base64.b64decode(written.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise wrong('is not base64 behind "whsec_"', remedy) from None
    if len(key) < SHORTEST_KEY:
        raise wrong(f"holds {len(key)} bytes, which is too short", remedy)
    return key


class WebhookSettings(Table):
    """A POST of JSON, signed as Standard Webhooks."""

    type: Literal["webhook"] = "webhook"
    url: SecretAddress
    """Where to, http or https; what is in it stays out of logs."""
    secret: Annotated[Secret, AfterValidator(_signing_keys)] | None = None
    """whsec_ and base64 of at least 24 bytes; two, with a space between, while you rotate. Without: not signed."""


class Webhook:
    """Posts to one address."""

    Settings = WebhookSettings
    pace = 0.0

    def __init__(self, name: str, settings: WebhookSettings, context: Context) -> None:
        self.name = name
        self._settings = settings
        self._context = context

    @staticmethod
    def shorthand(rest: str) -> dict[str, Any]:
        """`webhook:https://crm.example.org/hook`, which is not signed."""
        return {"url": rest}

    @classmethod
    def build(cls, name: str, settings: WebhookSettings, context: Context) -> Self:
        return cls(name, settings, context)

    async def send(self, delivery: Delivery, *, now: datetime) -> Attempt:
        alert = delivery.alert
        body = laid_out(lambda: encoded(alert, now=now), lambda: _bare(alert, now), alert)
        headers = self._headers(delivery.delivery_id, body, now)
        answer = await post(self._context.client, self._settings.url, body, headers, now=now)
        return settled(judged(answer) if isinstance(answer, Answer) else answer)

    async def reach(self) -> str:
        answer = await reach(self._context.client, self._settings.url, now=datetime.now(UTC))
        return answer if self._settings.secret else f"{answer}; it is not signed, as there is no `secret`"

    def _headers(self, delivery_id: str, body: bytes, now: datetime) -> dict[str, str]:
        stamp = str(int(now.timestamp()))
        headers = {"webhook-id": delivery_id, "webhook-timestamp": stamp}
        if self._settings.secret:
            keys = [_key(written) for written in self._settings.secret.reveal().split()]
            headers["webhook-signature"] = " ".join(signature(key, delivery_id, stamp, body) for key in keys)
        return headers


def signature(key: bytes, webhook_id: str, stamp: str, body: bytes) -> str:
    """`v1,` and the signature of Standard Webhooks 1.0."""
    signed = b".".join((webhook_id.encode(), stamp.encode(), body))
    return "v1," + base64.b64encode(hmac.digest(key, signed, sha256().name)).decode("ascii")


def encoded(alert: Alert, *, now: datetime) -> bytes:
    """The body, at most LARGEST bytes: long texts and lists are cut, never the JSON."""
    whole = _payload(alert, now)
    for longest, most in FITTING:
        body = _json(_cut(whole, longest, most))
        if len(body) <= LARGEST:
            return body
    return _bare(alert, now)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _cut(value: Any, longest: int, most: int) -> Any:
    match value:
        case str():
            return value if len(value) <= longest else f"{value[: longest - 1]}…"
        case list():
            return [_cut(one, longest, most) for one in value[:most]]
        case dict():
            return {key: one if key in WHOLE else _cut(one, longest, most) for key, one in value.items()}
    return value


def _payload(alert: Alert, now: datetime) -> dict[str, Any]:
    item = alert.item
    before = (alert.first_seen - item.published).total_seconds() if item.published else None
    data = {
        "alert_id": alert.alert_id,
        "rule": alert.rule,
        "priority": str(alert.priority),
        "watchlists": list(alert.watchlists),
        "item": _item(item, alert.first_seen),
        "matches": [_match(match, item) for match in _firsts_first(alert.matches)],
        "events": [],
        "story": _story(alert.story),
        "latency": {
            "published_to_seen_s": None if before is None else round(before, 3),
            "seen_to_sent_s": round((now - alert.first_seen).total_seconds(), 3),
        },
    }
    return {"type": str(alert.kind), "timestamp": _rfc3339(alert.first_seen), "data": data}


def _item(item: Item, first_seen: datetime) -> dict[str, Any]:
    return {
        "title": item.title,
        "link": safe_link(item.link),
        "summary": item.summary,
        "authors": list(item.authors),
        "language": item.language,
        "published": _rfc3339(item.published) if item.published else None,
        "first_seen": _rfc3339(first_seen),
        "feed": {"name": outlet(item.feed), "url": safe_link(redact(item.feed_url)), "tags": list(item.tags)},
    }


def _firsts_first(matches: Sequence[Match]) -> list[Match]:
    """In reading order, but what repeats an entry in its field comes last, and is cut first."""
    firsts = {(match.watchlist, match.entry, match.field): match for match in reversed(matches)}.values()
    return sorted(matches, key=lambda match: match not in firsts)


def _match(match: Match, item: Item) -> dict[str, Any]:
    value = getattr(item, match.field)
    text = value if isinstance(value, str) else ", ".join(value)
    of_article = match.field == "text" and item.from_article
    return {
        "watchlist": match.watchlist,
        "entry": match.entry,
        "field": match.field,
        "start": match.start,
        "end": match.end,
        "surface": match.surface,
        "excerpt": (OF_ARTICLE if of_article else "") + excerpt(text, match.start, match.end),
        **({"from_article": True} if of_article else {}),
    }


def _story(story: Story) -> dict[str, Any]:
    return {
        "story_id": story.story_id,
        "title": story.title,
        "sources": story.sources,
        "first_seen": _rfc3339(story.first_seen),
        "items": [{"title": one.title, "link": safe_link(one.link), "feed": outlet(one.feed)} for one in story.items],
    }


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _bare(alert: Alert, now: datetime) -> bytes:
    """The facts that are Wirebell's own, for an alert that cannot be told whole."""
    data = {
        "alert_id": alert.alert_id,
        "rule": str(alert.rule)[:200],
        "priority": str(alert.priority),
        "story": {"story_id": alert.story.story_id},
        "problem": f"this alert could not be laid out; `wirebell alerts show {alert.alert_id[:8]}` tells all of it",
    }
    return _json({"type": str(alert.kind), "timestamp": _rfc3339(now), "data": data})
