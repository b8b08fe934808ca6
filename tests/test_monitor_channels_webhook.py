"""What a program receives: the payload of the contract, signed, small, and each answer taken for what it means."""

import asyncio
import base64
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from standardwebhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from monitor.channels import post
from monitor.channels.base import Channel, Context, SendError
from monitor.channels.webhook import LARGEST, Webhook, encoded
from monitor.network import AddressPolicy, client
from rules.records import Alert, AlertKind, Attempt, Delivery, Match, Outcome, StoryItem
from tests.builders import a_delivery, a_match, an_alert, an_item
from tests.hostile import HOSTILE
from tests.receivers import CA, Hook, certificate, receiving
from tests.servers import FeedServer, Request, Response, Wire

pytestmark = pytest.mark.anyio

LOOPBACK = AddressPolicy((ip_network("127.0.0.0/8"),))
SECRET = "whsec_" + base64.b64encode(b"a key of twenty-four byt").decode()
OLD_SECRET = "whsec_" + base64.b64encode(b"the key that was used before").decode()


@asynccontextmanager
async def webhook(
    url: str, *, secret: str = "", policy: AddressPolicy = LOOPBACK, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Channel]:
    given = {"url": url, "secret": secret} if secret else {"url": url}
    async with client(policy, tls=tls) as http:
        yield Webhook.build("pipeline", Webhook.Settings.model_validate(given), Context(http, "memory", "1.2"))


async def sent(url: str, delivery: Delivery | None = None, **options: Any) -> Attempt:
    """What became of sending once."""
    async with webhook(url, **options) as channel:
        try:
            return await channel.send(delivery or a_delivery(), now=datetime.now(UTC))
        except SendError as error:
            return error.attempt


async def answered(route: Any) -> Attempt:
    async with receiving("/hook", route) as server:
        return await sent(f"{server.url}/hook")


def payload_of(alert: Alert, *, now: datetime) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads(encoded(alert, now=now))
    return payload


async def test_a_receiver_gets_the_payload_of_the_contract() -> None:
    seen = datetime(2026, 11, 23, 9, 30, 0, 250_000, tzinfo=UTC)
    title = "Jason Wei leaves OpenAI for Meta"
    item = an_item(
        title, summary="He says so.", authors=("A. Author",), language="pt", feed="WIRED", tags=("press",),
        feed_url="https://wired.example/rss", link="https://wired.example/a", published=seen - timedelta(seconds=41),
    )  # fmt: skip
    alert = an_alert(title, item=item, first_seen=seen, matches=(a_match(), a_match("Meta", watchlist="labs")))

    assert payload_of(alert, now=seen + timedelta(milliseconds=600)) == {
        "type": "alert.created",
        "timestamp": "2026-11-23T09:30:00Z",
        "data": {
            "alert_id": alert.alert_id,
            "rule": "researchers",
            "priority": "urgent",
            "watchlists": ["researchers", "labs"],
            "item": {
                "title": title,
                "link": "https://wired.example/a",
                "summary": "He says so.",
                "authors": ["A. Author"],
                "language": "pt",
                "published": "2026-11-23T09:29:19Z",
                "first_seen": "2026-11-23T09:30:00Z",
                "feed": {"name": "WIRED", "url": "https://wired.example/rss", "tags": ["press"]},
            },
            "matches": [
                {"watchlist": "researchers", "entry": "Jason Wei", "field": "title", "start": 0, "end": 9,
                 "surface": "Jason Wei", "excerpt": title},
                {"watchlist": "labs", "entry": "Meta", "field": "title", "start": 28, "end": 32, "surface": "Meta",
                 "excerpt": title},
            ],
            "events": [],
            "story": {
                "story_id": alert.story.story_id,
                "title": title,
                "sources": 1,
                "first_seen": "2026-11-23T12:00:00Z",
                "items": [{"title": title, "link": "https://wired.example/a", "feed": "WIRED"}],
            },
            "latency": {"published_to_seen_s": 41.0, "seen_to_sent_s": 0.6},
        },
    }  # fmt: skip


async def test_the_login_of_a_feed_is_not_passed_on() -> None:
    address = "https://bell:p4ssw0rd@wire.example/feed?token=t0k3n"
    item = an_item(feed=address, feed_url=address)
    data = payload_of(an_alert(item=item), now=datetime.now(UTC))["data"]

    assert data["item"]["feed"]["url"] == "https://***@wire.example/feed?token=***"
    assert "p4ssw0rd" not in json.dumps(data)
    assert "t0k3n" not in json.dumps(data)


async def test_the_keys_come_in_the_order_of_the_contract() -> None:
    payload = payload_of(an_alert(matches=(a_match(),)), now=datetime.now(UTC))
    data = payload["data"]

    assert [*payload] == ["type", "timestamp", "data"]
    assert [*data] == ["alert_id", "rule", "priority", "watchlists", "item", "matches", "events", "story", "latency"]
    assert [*data["matches"][0]] == ["watchlist", "entry", "field", "start", "end", "surface", "excerpt"]


async def test_an_unknown_date_is_null() -> None:
    data = payload_of(an_alert(item=an_item(published=None)), now=datetime.now(UTC))["data"]

    assert data["item"]["published"] is None
    assert data["latency"]["published_to_seen_s"] is None


@pytest.mark.parametrize("kind", AlertKind)
async def test_each_kind_of_alert_has_its_type(kind: AlertKind) -> None:
    hook = Hook()
    async with receiving("/hook", hook) as server:
        await sent(f"{server.url}/hook", a_delivery(alert=an_alert(kind=kind)))

    assert hook.payloads[0]["type"] == str(kind)


async def test_any_library_of_standard_webhooks_verifies_the_signature() -> None:
    hook = Hook(secret=SECRET)
    async with receiving("/hook", hook) as server:
        attempt = await sent(f"{server.url}/hook", secret=SECRET)

    assert attempt == Attempt(outcome=Outcome.SENT, reason="HTTP 204 No Content", code=204)
    request = hook.requests[0]
    assert request.method == "POST"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["webhook-id"] == a_delivery().delivery_id
    with pytest.raises(WebhookVerificationError):
        Verifier(OLD_SECRET).verify(request.body, request.headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(SECRET).verify(request.body.replace(b"Jason", b"jason"), request.headers)


@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET])
async def test_while_a_secret_is_changed_receivers_with_either_accept(secret: str) -> None:
    hook = Hook(secret=secret)
    async with receiving("/hook", hook) as server:
        attempt = await sent(f"{server.url}/hook", secret=f"{SECRET} {OLD_SECRET}")

    assert attempt.outcome is Outcome.SENT


async def test_without_a_secret_there_is_no_signature_and_the_check_says_so() -> None:
    hook = Hook()
    async with receiving("/hook", hook) as server, webhook(f"{server.url}/hook") as channel:
        answer = await channel.reach()
        await channel.send(a_delivery(), now=datetime.now(UTC))

    assert "not signed" in answer
    assert "webhook-id" in hook.requests[0].headers
    assert "webhook-signature" not in hook.requests[0].headers


async def test_a_second_attempt_has_the_same_id_and_a_time_of_its_own() -> None:
    hook = Hook(secret=SECRET)
    now = datetime.now(UTC)
    async with receiving("/hook", hook) as server, webhook(f"{server.url}/hook", secret=SECRET) as channel:
        await channel.send(a_delivery(attempt=1), now=now - timedelta(seconds=200))
        await channel.send(a_delivery(attempt=2), now=now)

    first, second = hook.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    stamps = [int(request.headers["webhook-timestamp"]) for request in hook.requests]
    assert stamps[1] - stamps[0] == 200
    assert hook.payloads[0]["timestamp"] == hook.payloads[1]["timestamp"]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.SENT),
        (202, Outcome.SENT),
        (301, Outcome.PERMANENT),
        (302, Outcome.PERMANENT),
        (307, Outcome.PERMANENT),
        (308, Outcome.PERMANENT),
        (400, Outcome.PERMANENT),
        (401, Outcome.CHANNEL_FAULT),
        (403, Outcome.CHANNEL_FAULT),
        (404, Outcome.CHANNEL_FAULT),
        (405, Outcome.CHANNEL_FAULT),
        (408, Outcome.TRANSIENT),
        (409, Outcome.PERMANENT),
        (410, Outcome.CHANNEL_FAULT),
        (413, Outcome.PERMANENT),
        (422, Outcome.PERMANENT),
        (425, Outcome.TRANSIENT),
        (429, Outcome.TRANSIENT),
        (500, Outcome.TRANSIENT),
        (502, Outcome.TRANSIENT),
        (503, Outcome.TRANSIENT),
        (599, Outcome.TRANSIENT),
    ],
)
async def test_what_a_status_means(status: int, outcome: Outcome) -> None:
    attempt = await answered(Response(status=status, body=b"because"))

    assert (attempt.outcome, attempt.code) == (outcome, status)
    assert f"HTTP {status}" in attempt.reason
    assert "because" in attempt.reason


async def test_a_redirect_is_not_followed_and_the_reason_says_what_to_do() -> None:
    async with receiving("/hook", Response(status=302, headers={"Location": "/elsewhere"})) as server:
        attempt = await sent(f"{server.url}/hook")
        asked = [request.target for request in server.log]

    assert asked == ["/hook"]
    assert attempt.reason.startswith("redirect")
    assert "give the new address" in attempt.reason


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("30", 30.0),
        ("0", 0.0),
        ("1000000000", 3600.0),
        ("Mon, 23 Nov 2026 10:00:30 GMT", 30.0),
        ("Sun, 22 Nov 2026 10:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
async def test_retry_after_is_read_within_bounds(status: int, value: str, seconds: float | None) -> None:
    headers = {"Retry-After": value, "Date": "Mon, 23 Nov 2026 10:00:00 GMT"}
    attempt = await answered(Response(status=status, headers=headers))

    assert attempt.retry_after == seconds


async def test_an_error_page_is_told_in_short_without_the_secret_address() -> None:
    def page(request: Request) -> Response:
        return Response(status=400, body=b"\x1b[31mcannot POST " + request.target.encode() + b"\n<0>" + b"x" * 10**6)

    async with receiving("/hooks/s3cr3t-path", page) as server:
        attempt = await sent(f"{server.url}/hooks/s3cr3t-path?token=t0k3n-of-mine")

    assert len(attempt.reason) <= 300
    assert attempt.reason.isprintable()
    assert "s3cr3t" not in attempt.reason
    assert "t0k3n" not in attempt.reason


async def hangs(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-")
    await writer.drain()
    await asyncio.Event().wait()


async def resets(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def babbles(writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")


@pytest.mark.parametrize("wire", [hangs, resets, babbles])
async def test_no_answer_is_worth_another_try(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post, "DEADLINE", 0.3)

    assert (await answered(lambda _: wire)).outcome is Outcome.TRANSIENT


async def test_a_body_that_never_ends_changes_nothing_about_a_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    async def slow(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nok, and ")
        await writer.drain()
        await asyncio.Event().wait()

    monkeypatch.setattr(post, "PATIENCE", 0.1)
    attempt = await answered(lambda _: slow)

    assert attempt == Attempt(outcome=Outcome.SENT, reason="HTTP 200 OK: ok, and", code=200)


async def test_a_head_in_time_and_a_body_too_late_is_a_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    async def slow(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n")
        await writer.drain()
        await asyncio.Event().wait()

    monkeypatch.setattr(post, "DEADLINE", 0.3)
    monkeypatch.setattr(post, "PATIENCE", 0.6)

    assert (await answered(lambda _: slow)).outcome is Outcome.SENT


async def test_nobody_there_is_worth_another_try() -> None:
    async with FeedServer() as server:
        url = f"{server.url}/hook"

    assert (await sent(url)).outcome is Outcome.TRANSIENT
    assert (await sent("https://nowhere.invalid/hook")).outcome is Outcome.TRANSIENT


async def test_a_private_address_is_a_fault_of_the_channel_with_the_remedy() -> None:
    async with receiving("/hook", Hook()) as server:
        attempt = await sent(f"{server.url}/hook", policy=AddressPolicy())

    assert server.log == []
    assert attempt.outcome is Outcome.CHANNEL_FAULT
    assert "[network] allow_private" in attempt.reason


@pytest.mark.parametrize("name", ["expired", "wrong-name", "good"])
async def test_a_certificate_that_is_not_accepted_is_a_fault_of_the_channel(name: str) -> None:
    # Nobody trusts the CA of the good one either.
    trusting = None if name == "good" else ssl.create_default_context(cafile=str(CA))
    hits: list[object] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hits.append(await reader.read())
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=certificate(name))
    async with server:
        port = server.sockets[0].getsockname()[1]
        attempt = await sent(f"https://127.0.0.1:{port}/hook", tls=trusting)

    assert attempt.outcome is Outcome.CHANNEL_FAULT
    assert "TLS" in attempt.reason
    assert hits in ([], [b""])


async def test_https_arrives_where_the_certificate_is_right() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=certificate())
    async with server:
        port = server.sockets[0].getsockname()[1]
        attempt = await sent(f"https://localhost:{port}/hook", tls=ssl.create_default_context(cafile=str(CA)))

    assert attempt.outcome is Outcome.SENT


def long_alerts() -> list[Alert]:
    long = "superintelligência <&> 超级智能 \U0001f514 " * 4000
    matches = tuple(
        Match(
            watchlist="w" * 300, entry=f"e{n}" * 100, field="text", start=n * 40, end=n * 40 + 20, surface=long[:2000]
        )
        for n in range(500)
    )
    items = tuple(StoryItem(title=long, link=f"https://example.org/{n}?" + "q" * 1900, feed=long) for n in range(50))
    alert = an_alert(
        long,
        item=an_item(
            long, summary=long, text=long, authors=(long,) * 500, tags=(long,) * 500, feed=long, feed_url=long
        ),
        matches=matches,
    )
    return [
        replace(alert, story=replace(alert.story, items=items)),
        an_alert(item=an_item(summary=long)),
        an_alert(item=an_item(text=long), matches=matches),
        replace(an_alert(), story=replace(alert.story, items=items)),
    ]


@pytest.mark.parametrize("alert", long_alerts())
async def test_a_body_is_never_larger_than_receivers_take(alert: Alert) -> None:
    hook = Hook(secret=SECRET)
    async with receiving("/hook", hook) as server:
        await sent(f"{server.url}/hook", a_delivery(alert=alert), secret=SECRET)

    assert len(hook.requests[0].body) <= LARGEST
    data = hook.payloads[0]["data"]
    assert (data["alert_id"], data["story"]["story_id"]) == (alert.alert_id, alert.story.story_id)
    assert data["item"]["title"]


async def test_an_ordinary_alert_is_not_cut() -> None:
    summary = "Many words. " * 300
    data = payload_of(an_alert(item=an_item(summary=summary)), now=datetime.now(UTC))["data"]

    assert data["item"]["summary"] == summary


@pytest.mark.parametrize("title", HOSTILE)
async def test_a_hostile_title_stays_a_text(title: str) -> None:
    alert = an_alert(title, item=an_item(title, link=title, summary=title))
    data = payload_of(alert, now=datetime.now(UTC))["data"]

    assert data["item"]["title"][:90] == title[:90].encode("utf-8", "replace").decode()
    assert data["item"]["link"] == "" or data["item"]["link"].startswith("http")


async def test_offsets_are_those_of_the_text_that_rang() -> None:
    title = "\x00\u202eJason Wei leaves"
    alert = an_alert(title, item=an_item(title), matches=(a_match(text=title),))
    data = payload_of(alert, now=datetime.now(UTC))["data"]
    match = data["matches"][0]

    assert data["item"]["title"][match["start"] : match["end"]] == match["surface"] == "Jason Wei"
    assert match["excerpt"] == "Jason Wei leaves"


async def test_a_match_in_a_list_of_authors_has_its_excerpt() -> None:
    item = an_item(authors=("Ada Lovelace", "Jason Wei"))
    match = a_match(text="Ada Lovelace, Jason Wei", field="authors")

    assert payload_of(an_alert(item=item, matches=(match,)), now=datetime.now(UTC))["data"]["matches"][0][
        "excerpt"
    ] == ("Ada Lovelace, Jason Wei")


async def test_an_alert_that_cannot_be_laid_out_still_arrives() -> None:
    poison: Any = None
    alert = an_alert(item=replace(an_item(), authors=poison))
    hook = Hook(secret=SECRET)
    async with receiving("/hook", hook) as server:
        attempt = await sent(f"{server.url}/hook", a_delivery(alert=alert), secret=SECRET)

    assert attempt.outcome is Outcome.SENT
    assert hook.payloads[0]["type"] == "alert.created"
    assert hook.payloads[0]["data"]["alert_id"] == alert.alert_id
    assert "could not be laid out" in hook.payloads[0]["data"]["problem"]


async def test_a_name_and_a_password_in_the_address_are_sent_as_basic_auth() -> None:
    hook = Hook()
    async with receiving("/hook", hook) as server:
        url = f"{server.url}/hook".replace("http://", "http://bell:p%40ss@")
        attempt = await sent(url)

    assert attempt.outcome is Outcome.SENT
    assert base64.b64decode(hook.requests[0].headers["authorization"].removeprefix("Basic ")) == b"bell:p@ss"


async def test_a_server_is_asked_without_ringing_its_hook() -> None:
    async with receiving("/hook", Hook()) as server, webhook(f"{server.url}/hook", secret=SECRET) as channel:
        answer = await channel.reach()
        (request,) = server.log

    assert answer == f"127.0.0.1:{server.port} answers"
    assert (request.method, request.target, request.body) == ("OPTIONS", "/", b"")


async def test_a_server_that_is_down_is_told_from_one_that_answers() -> None:
    async with receiving("/", Response(status=502)) as server, webhook(f"{server.url}/hook") as channel:
        with pytest.raises(SendError, match="502"):
            await channel.reach()
    async with webhook(f"{server.url}/hook") as channel:
        with pytest.raises(SendError, match="no connection"):
            await channel.reach()


@pytest.mark.parametrize(
    ("secret", "problem"),
    [
        ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 'does not begin with "whsec_"'),
        ("whsec_", "too short"),
        ("whsec_" + base64.b64encode(b"x" * 23).decode(), "23 bytes, which is too short"),
        ("whsec_not/base64!", "is not base64"),
        (f"{SECRET} {SECRET} {SECRET}", "more than two"),
        ("", "is empty"),
        ("  ", "is empty"),
    ],
)
async def test_a_secret_that_signs_nothing_is_a_mistake_with_its_remedy(secret: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem) as mistake:
        Webhook.Settings.model_validate({"url": "https://a.example/hook", "secret": secret})
    assert not [word for word in secret.split() if len(word) > 6 and word in str(mistake.value)]
