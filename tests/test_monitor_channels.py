"""What holds for every channel of the table: one that passes here is one.

A channel that is new needs an entry in TRIALS: how it is configured, what is wrong with a configuration, and a
receiver that says yes, asks to come later, or says no.
"""

import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from monitor import config
from monitor.channels import CHANNELS, mail_smtp, post
from monitor.channels.base import Channel, Context, Secret, SendError, told
from monitor.network import AddressPolicy, client
from rules.mistakes import Mistakes
from rules.records import AlertKind, Attempt, Delivery, Outcome
from tests.builders import a_delivery, a_match, an_alert, an_item
from tests.hostile import HOSTILE
from tests.receivers import CA, SILENCE, certificate, post_office, receiving, scripted
from tests.servers import Response, Wire

pytestmark = pytest.mark.anyio

SECRET = "whsec_Y2FuYXJ5LWNhbmFyeS1jYW5hcnktMTIzNA=="
PATH = "/services/T0CANARY/B0CANARY/canarycanary"
PASSWORD = "canary-password"
CANARIES = ("canary", "CANARY", "Y2FuYXJ5", SECRET)

Answer = str
"""What a receiver says: `yes`, `later`, `busy` (both: again), `no` (never), `closed` (no message ever), `silence`."""


@dataclass(slots=True)
class Receiver:
    """A server that is up: the table that configures the channel to it, and the ids that arrived."""

    table: dict[str, Any]
    ids: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Trial:
    """How a channel is tried. `wrong`: a line of its table and words of the sentence about it."""

    receiver: Callable[[Answer], AbstractAsyncContextManager[Receiver]]
    short: str
    wrong: Mapping[str, str]
    nobody: Mapping[str, Any] | None = None
    """A table that leads to nobody; None where there is no server."""


HTTP = {"yes": 200, "later": 429, "busy": 503, "no": 400, "closed": 404}


def _http(kind: str, **settings: Any) -> Callable[[Answer], AbstractAsyncContextManager[Receiver]]:
    @asynccontextmanager
    async def receiver(answer: Answer) -> AsyncIterator[Receiver]:
        found = Receiver({})

        def route(request: Any) -> Response | Wire:
            found.bodies.append(request.body.decode())
            said = json.loads(request.body)
            found.ids.append(request.headers.get("webhook-id") or said["text"].rpartition("alert ")[2])
            if answer == "silence":
                return _never
            # An error page that repeats all it was asked.
            page = b"<p>Cannot POST " + request.raw + request.body
            return Response(status=HTTP[answer], headers={"Retry-After": "7"} if answer == "later" else {}, body=page)

        async with receiving(PATH, route) as server:
            found.table = {"type": kind, "url": f"{server.url}{PATH}?key=canary-key", **settings}
            yield found

    return receiver


async def _never(writer: Any) -> None:
    await writer.drain()
    await writer.wait_closed()


SMTP = {"later": "451 4.7.1 greylisted", "busy": "451 4.3.0 try again", "no": "554 5.6.0 no"}


@asynccontextmanager
async def _mail(answer: Answer) -> AsyncIterator[Receiver]:
    table = {"type": "email", "to": ["desk@example.org"], "from": "bell@example.org", "password": PASSWORD}
    if answer == "silence":
        async with scripted(SILENCE) as server:
            yield Receiver({**table, "smtp": f"smtps://bell@localhost:{server.port}"})
        return
    users = {"bell": "another password" if answer == "closed" else PASSWORD}
    async with post_office(tls=certificate(), users=users) as office:
        found = Receiver({**table, "smtp": f"smtps://bell@localhost:{office.port}"})
        if answer in SMTP:
            office.answers["DATA"] = f"{SMTP[answer]} (you said {PASSWORD})"
        yield found
        found.ids = [str(letter.mail["X-Wirebell-Delivery"]) for letter in office.letters]
        found.bodies = [letter.text for letter in office.letters]


@asynccontextmanager
async def _console(answer: Answer) -> AsyncIterator[Receiver]:
    if answer != "yes":
        pytest.skip("there is no server")
    yield Receiver({"type": "console"})


TRIALS = {
    "email": Trial(
        receiver=_mail,
        short="mailto:desk@example.org?from=bell@example.org&smtp=smtp://127.0.0.1",
        wrong={
            'to = "desk"': "is not a mail address; write it as in",
            "to = 7": "to: is not a list",
            'from = "desk@"': "from: is a mail address without a real domain; write it as in",
            'smtp = "mail.example"': "smtp: is not the address of a mail server; write it as in",
            'smtp = "smtp://bell@mail.example?tls=none"': "the password in the clear; take ?tls=none out",
            'password = ""': "password: is empty; fill it in",
        },
        nobody={"type": "email", "to": "a@b.example", "from": "a@b.example", "smtp": "smtp://127.0.0.1:9"},
    ),
    "slack": Trial(
        receiver=_http("slack"),
        short=f"slack:https://hooks.slack.example{PATH}",
        wrong={
            'url = "hooks.slack.example"': "url: is not a web address; begin it with https://",
            "url = 7": "url: is not a text; write it in quotes",
            'url = ""': "url: is empty; fill it in",
            'channel = "#news"': "channel: is not a key of this table",
        },
        nobody={"type": "slack", "url": f"http://127.0.0.1:9{PATH}"},
    ),
    "webhook": Trial(
        receiver=_http("webhook", secret=SECRET),
        short=f"webhook:https://crm.example{PATH}",
        wrong={
            'url = "ftp://crm.example/hook"': "url: `ftp:` is not reached; only http and https are",
            'secret = "canarycanary"': 'secret: does not begin with "whsec_"; write "whsec_" and base64',
            "secret = 7": "secret: is not a text; write it in quotes",
        },
        nobody={"type": "webhook", "url": f"http://127.0.0.1:9{PATH}", "secret": SECRET},
    ),
    "console": Trial(receiver=_console, short="console:", wrong={}),
}

kinds = pytest.mark.parametrize("kind", CHANNELS)
with_a_server = pytest.mark.parametrize("kind", [kind for kind in CHANNELS if kind != "console"])


@pytest.fixture(autouse=True)
def _trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CA))


@asynccontextmanager
async def built(table: Mapping[str, Any]) -> AsyncIterator[Channel]:
    kind = CHANNELS[table["type"]]
    async with client(AddressPolicy((ip_network("127.0.0.0/8"),))) as http:
        yield kind.build("desk", kind.Settings.model_validate(table), Context(http, "memory", "1.2"))


async def tried(channel: Channel, delivery: Delivery | None = None) -> tuple[Attempt, SendError | None]:
    try:
        return await channel.send(delivery or a_delivery(), now=datetime.now(UTC)), None
    except SendError as error:
        return error.attempt, error


@asynccontextmanager
async def up(kind: str, answer: Answer = "yes") -> AsyncIterator[tuple[Channel, Receiver]]:
    async with AsyncExitStack() as open_:
        receiver = await open_.enter_async_context(TRIALS[kind].receiver(answer))
        yield await open_.enter_async_context(built(receiver.table)), receiver


def test_every_channel_is_tried_here() -> None:
    assert set(TRIALS) == set(CHANNELS)


@kinds
async def test_an_alert_of_every_kind_is_sent(kind: str) -> None:
    async with up(kind) as (channel, receiver):
        for alert_kind in AlertKind:
            item = an_item("The channel desk fails", summary="It answers 535.", link="", feed="Wirebell")
            attempt, _ = await tried(channel, a_delivery(alert=an_alert(item=item, kind=alert_kind)))

            assert attempt.outcome is Outcome.SENT
            assert attempt.reason

    assert kind == "console" or len(receiver.bodies) == len(AlertKind)


@with_a_server
@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("later", Outcome.TRANSIENT),
        ("busy", Outcome.TRANSIENT),
        ("silence", Outcome.TRANSIENT),
        ("no", Outcome.PERMANENT),
        ("closed", Outcome.CHANNEL_FAULT),
    ],
)
async def test_what_helps_is_told_from_what_does_not(
    kind: str, answer: Answer, outcome: Outcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "DEADLINE", 0.3)
    monkeypatch.setattr(mail_smtp, "DEADLINE", 0.3 if answer == "silence" else 10.0)
    async with up(kind, answer) as (channel, _):
        attempt, error = await tried(channel)

    assert attempt.outcome is outcome
    assert str(error) == attempt.reason != ""
    assert bool(attempt.retry_after) is (answer == "later")


@with_a_server
async def test_nobody_there_is_worth_another_try(kind: str) -> None:
    nobody = TRIALS[kind].nobody
    assert nobody
    async with built(nobody) as channel:
        attempt, _ = await tried(channel)
        with pytest.raises(SendError):
            await channel.reach()

    assert attempt.outcome is Outcome.TRANSIENT


@kinds
async def test_every_attempt_carries_the_id_of_the_delivery(kind: str) -> None:
    async with up(kind) as (channel, receiver):
        for number in (1, 2):
            await tried(channel, a_delivery(attempt=number))

    assert len(set(receiver.ids)) == (0 if kind == "console" else 1)


@with_a_server
@pytest.mark.parametrize("answer", ["yes", "later", "busy", "no", "closed", "silence"])
async def test_no_secret_is_let_out(
    kind: str, answer: Answer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "DEADLINE", 0.3)
    monkeypatch.setattr(mail_smtp, "DEADLINE", 0.3 if answer == "silence" else 10.0)
    caplog.set_level(logging.DEBUG)
    async with up(kind, answer) as (channel, receiver):
        settings = CHANNELS[kind].Settings.model_validate(receiver.table)
        attempt, error = await tried(channel)
        reached = await channel.reach() if answer == "yes" else ""
    told_of = [repr(settings), str(settings), repr(settings.model_dump()), settings.model_dump_json(), repr(channel)]
    told_of += [repr(attempt), reached, *(repr(one) for one in _chain(error)), *_logged(caplog)]

    assert not [text for text in told_of for canary in CANARIES if canary in text]


def _logged(caplog: pytest.LogCaptureFixture) -> Iterator[str]:
    """What is logged on our side; `mail.log` is the mail server's own."""
    return (record.getMessage() for record in caplog.records if record.name != "mail.log")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error:
        yield error
        error = error.__cause__ or error.__context__


@with_a_server
async def test_a_server_can_be_asked_without_an_alert(kind: str) -> None:
    async with up(kind) as (channel, receiver):
        answer = await channel.reach()

    assert ("127.0.0.1" in answer) or ("localhost" in answer)
    assert receiver.bodies == []


@kinds
async def test_hostile_titles_arrive(kind: str) -> None:
    async with up(kind) as (channel, _):
        for number, title in enumerate(HOSTILE):
            item = an_item(title, summary=title, text=title, feed=title, link=title)
            matches = (a_match(title[:9], text=title),) if title else ()
            attempt, _ = await tried(channel, a_delivery(alert=an_alert(title, item=item, matches=matches)))

            assert attempt.outcome is Outcome.SENT, (number, attempt)


@kinds
async def test_a_message_that_cannot_be_laid_out_arrives_in_bare_facts(
    kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    poison: Any = None
    async with up(kind) as (channel, _):
        for item in (replace(an_item(), authors=poison, title=poison), replace(an_item(), published="yesterday")):  # type: ignore[arg-type]
            attempt, _ = await tried(channel, a_delivery(alert=an_alert(item=item)))

            assert attempt.outcome is Outcome.SENT
    assert "layout failed" in caplog.text


def parsed(lines: str) -> Any:
    return config.parse(f'[watchlists]\nwords = ["superintelligence"]\n{lines}\n', Path("wirebell.toml"), {})


@kinds
def test_the_short_form_is_a_channel(kind: str) -> None:
    configured = parsed(f'[channels]\ndesk = "{TRIALS[kind].short}"')

    assert configured.channels["desk"].type == kind


@kinds
def test_a_key_that_it_does_not_know_is_a_mistake_with_its_place(kind: str) -> None:
    with pytest.raises(Mistakes) as mistakes:
        parsed(f'[channels.desk]\ntype = "{kind}"\ncolour = "canary"')

    assert "wirebell.toml:5: channels.desk.colour: is not a key of this table" in str(mistakes.value)
    assert "canary" not in str(mistakes.value)


@pytest.mark.parametrize(
    ("kind", "line", "words"), [(kind, *pair) for kind, trial in TRIALS.items() for pair in trial.wrong.items()]
)
def test_settings_that_cannot_work_are_mistakes_with_place_and_remedy(kind: str, line: str, words: str) -> None:
    good = {
        "email": ['to = "a@b.example"', 'from = "a@b.example"', 'smtp = "smtps://bell@localhost"', 'password = "x"'],
        "slack": ['url = "https://hooks.slack.example/x"'],
        "webhook": ['url = "https://crm.example/x"'],
    }[kind]
    others = [one for one in good if one.partition(" ")[0] != line.partition(" ")[0]]
    with pytest.raises(Mistakes) as mistakes:
        parsed("\n".join([f'[channels.desk]\ntype = "{kind}"', line, *others]))

    (found,) = mistakes.value.found
    assert words in str(found)
    assert str(found).startswith("wirebell.toml:")
    assert "channels.desk" in found.where
    assert "canary" not in str(found)


@with_a_server
def test_a_table_without_what_it_needs_names_all_of_it(kind: str) -> None:
    with pytest.raises(Mistakes) as mistakes:
        parsed(f'[channels.desk]\ntype = "{kind}"')

    missing = {"email": ["to", "from", "smtp"], "slack": ["url"], "webhook": ["url"]}[kind]
    assert sorted(str(found) for found in mistakes.value.found) == sorted(
        f"wirebell.toml:3: channels.desk.{key}: is missing; add it" for key in missing
    )


def test_a_secret_prints_as_asterisks_and_is_equal_to_itself() -> None:
    secret = Secret("canary")

    assert f"{secret} {secret!r} {[secret]}" == "*** *** [***]"
    assert secret.reveal() == "canary"
    assert {secret} == {Secret("canary")}
    assert secret != Secret("bird")


def test_what_a_server_says_is_one_short_line_without_secrets() -> None:
    said = told("\x1b[31mno\r\n<0>fake \u2028canary https://a:b@c.example/ " + "x" * 1000, ["canary", "no"])

    assert said.startswith("[31mno <0>fake *** https://***@c.example/ xxx")
    assert said.isprintable()
    assert len(said) == 300
