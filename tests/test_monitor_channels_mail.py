"""What a mail says and how it is handed over: to a real server, encrypted, once to each, whatever a title holds."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

from monitor.channels import mail_smtp
from monitor.channels.base import Context, Secret, SendError
from monitor.channels.mail import Mail
from monitor.channels.mail_addresses import Mailbox, Server, Tls, mailbox, server
from monitor.channels.mail_letter import Heading, letter
from monitor.channels.message import message_of
from rules.records import Alert, AlertKind, Attempt, Delivery, Outcome, Priority, StoryItem
from tests.builders import NOON, a_delivery, a_match, an_alert, an_item
from tests.hostile import HOSTILE
from tests.receivers import CA, GONE, HANG_UP, SILENCE, PostOffice, Received, certificate, post_office, scripted

pytestmark = pytest.mark.anyio

TITLE = "Jason Wei leaves OpenAI for Meta"
DESK = "desk@example.org"
PASSWORD = "hünter two"
USER = {"bell": PASSWORD}


@pytest.fixture(autouse=True)
def _trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CA))


@asynccontextmanager
async def mail(smtp: str, *, to: Any = DESK, sender: str = "bell@wire.example", **fields: Any) -> AsyncIterator[Mail]:
    settings = Mail.Settings.model_validate({"to": to, "from": sender, "smtp": smtp, **fields})
    async with httpx.AsyncClient() as http:
        yield Mail.build("desk", settings, Context(http, "memory", "1.2"))


async def sent(smtp: str, delivery: Delivery | None = None, **fields: Any) -> Attempt:
    async with mail(smtp, **fields) as channel:
        return await tried(channel, delivery)


async def tried(channel: Mail, delivery: Delivery | None = None) -> Attempt:
    try:
        return await channel.send(delivery or a_delivery(), now=datetime.now(UTC))
    except SendError as error:
        return error.attempt


def plain(office: PostOffice) -> str:
    return f"smtp://127.0.0.1:{office.port}?tls=none"


async def received(alert: Alert | None = None, **fields: Any) -> Received:
    async with post_office() as office:
        assert (await sent(plain(office), a_delivery(alert=alert), **fields)).outcome is Outcome.SENT
        (arrived,) = office.letters
    return arrived


async def test_a_mail_arrives_with_all_that_mail_programs_want_to_know() -> None:
    delivery = a_delivery()
    arrived = await received(to=["The desk <desk@example.org>", "ops@example.org"])
    got = arrived.mail

    assert arrived.sender == "bell@wire.example"
    assert arrived.recipients == ["desk@example.org", "ops@example.org"]
    assert str(got["From"]) == "Wirebell <bell@wire.example>"
    assert str(got["To"]) == "The desk <desk@example.org>, ops@example.org"
    assert got["Subject"] == TITLE
    assert got["Message-ID"] == f"<{delivery.delivery_id}.memory@wire.example>"
    assert got["Date"].datetime.tzinfo is not None
    assert got["Auto-Submitted"] == "auto-generated"
    assert got["List-Id"] == "Wirebell <wirebell.wire.example>"
    assert got["X-Wirebell-Delivery"] == delivery.delivery_id
    assert got["X-Wirebell-Rule"] == "researchers"
    assert got["X-Wirebell-Story"] == delivery.alert.story.story_id
    assert got["X-Wirebell-Priority"] == "urgent"
    assert got.get_content_type() == "multipart/alternative"


@pytest.mark.parametrize("name", ["Die Redaktion, Nachtdienst", "科学技術部デスク当番", "Ünïcödé, \\"])
async def test_a_name_of_any_letters_stands_before_its_address(name: str) -> None:
    arrived = await received(to=[f"{name} <{DESK}>"])
    (address,) = arrived.mail["To"].addresses

    assert (address.display_name, address.addr_spec) == (name, DESK)


async def test_a_long_name_is_folded_as_mail_is() -> None:
    name = "科学技術部デスク当番" * 6
    arrived = await received(to=[f"{name} <{DESK}>"])
    raw = message_from_bytes(arrived.content)["To"]

    assert all(len(line) <= 78 for line in raw.splitlines()[:-1])
    assert str(make_header(decode_header(raw))) == f"{name} <{DESK}>"


async def test_both_parts_tell_all_of_it() -> None:
    title = "Jason Wei leaves OpenAI for Meta"
    arrived = await received(an_alert(title, matches=(a_match(), a_match("Meta", watchlist="labs"))))

    assert arrived.text.startswith("Urgent: *Jason Wei* leaves OpenAI for *Meta*\nThe Wire, en, published 2026-11-23")
    for part in (arrived.text, re.sub(r"<[^>]*>", "", arrived.html)):
        for words in ("Jason Wei", "labs:", "Why it rang: rule researchers", "example.org", "before Wirebell saw it"):
            assert words in part
    assert re.search(r'<b style="[^"]*">Jason Wei</b>', arrived.html)


async def test_updates_hang_under_the_first_mail_of_the_story() -> None:
    first = an_alert()
    later = replace(first, alert_id="other", kind=AlertKind.UPDATED, item=an_item("Meta confirms that Wei joins"))
    one, two = await received(first), await received(later)

    assert two.mail["Subject"] == f"Re: {one.mail['Subject']}"
    assert two.mail["References"] == two.mail["In-Reply-To"] == one.mail["References"]
    assert first.story.story_id in one.mail["References"]
    assert two.mail["Message-ID"] != one.mail["Message-ID"]
    assert two.text.startswith("Update: Meta confirms that Wei joins\n")


async def test_every_attempt_has_the_same_id() -> None:
    async with post_office() as office, mail(plain(office)) as channel:
        await channel.send(a_delivery(attempt=1), now=datetime.now(UTC))
        await channel.send(a_delivery(attempt=2), now=datetime.now(UTC))
        one, two = (arrived.mail["Message-ID"] for arrived in office.letters)

    assert one == two


async def test_the_longest_subjects_of_a_story_are_the_same_but_for_re() -> None:
    first = an_alert("superintelligence " * 40)
    one, two = await received(first), await received(replace(first, kind=AlertKind.UPDATED))

    assert two.mail["Subject"] == f"Re: {one.mail['Subject']}"


@pytest.mark.parametrize(
    ("priority", "marks"),
    [
        (Priority.FLASH, ("1 (Highest)", "high")),
        (Priority.URGENT, ("2 (High)", "high")),
        (Priority.ROUTINE, (None, None)),
    ],
)
async def test_mail_programs_hear_how_urgent_it_is(priority: Priority, marks: tuple[str | None, str | None]) -> None:
    got = (await received(an_alert(priority=priority))).mail

    assert (got["X-Priority"], got["Importance"]) == marks


@pytest.mark.parametrize(
    ("kind", "subject"), [(AlertKind.NOTICE, "Wirebell: The channel desk fails"), (AlertKind.TEST, "Test alert")]
)
async def test_a_notice_and_a_test_read_well(kind: AlertKind, subject: str) -> None:
    title = subject.removeprefix("Wirebell: ")
    item = an_item(title, summary="It answers 535.", link="", feed="Wirebell")
    arrived = await received(an_alert(title, item=item, kind=kind))

    assert arrived.mail["Subject"] == subject
    assert arrived.mail["References"] is None
    assert "It answers 535." in arrived.text
    assert "It answers 535." in arrived.html


def made(alert: Alert) -> bytes:
    sender = Mailbox("bell@wire.example", "Wirebell")
    heading = Heading(sender=sender, recipients=(Mailbox(DESK),), instance="m", version="1")
    return letter(message_of(alert, now=NOON), a_delivery(alert=alert), heading, now=NOON)


NAMES = message_from_bytes(made(an_alert())).keys()


class _Markup(HTMLParser):
    """Which tags and attributes a page has, and where it leads."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links |= {str(value) for name, value in attrs if name in ("href", "src")}


OURS = _Markup(
    Received("", [], made(an_alert(matches=(a_match(),), item=an_item(TITLE, summary="He says so."))), False, "").html
)


@pytest.mark.parametrize("title", HOSTILE)
@pytest.mark.parametrize("kind", [AlertKind.CREATED, AlertKind.UPDATED, AlertKind.NOTICE])
def test_a_hostile_title_forges_no_header_and_no_markup(title: str, kind: AlertKind) -> None:
    item = an_item(title, summary=title, text=title, feed=title, language=title[:30], link=title)
    reports = tuple(StoryItem(title=title, link=title, feed=f"{number} {title}") for number in range(3))
    alert = an_alert(
        title, item=item, kind=kind, rule=title, matches=(a_match(title[:9], text=title),) if title else ()
    )
    content = made(replace(alert, story=replace(alert.story, items=reports)))
    arrived = Received("", [], content, encrypted=False, user="")

    assert set(message_from_bytes(content).keys()) <= {*NAMES, "In-Reply-To"}
    assert not [name for name in ("Bcc", "Cc") if arrived.mail[name]]
    assert arrived.mail["Subject"].strip()
    assert str(arrived.mail["Subject"]).isprintable() or not title.isprintable()
    assert max(len(line) for line in content.split(b"\r\n")) <= 998
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert content.isascii()
    markup = _Markup(arrived.html)
    assert markup.tags <= OURS.tags | {"ul", "li"}
    assert markup.attributes <= OURS.attributes
    assert all(link.startswith(("https://", "http://")) for link in markup.links)
    assert len(arrived.html.encode()) < 90_000


def test_a_title_that_looks_like_an_encoded_word_stays_what_it_looks_like() -> None:
    title = "=?utf-8?q?a=0d=0aBcc:=20victim@example.org?= and more"

    assert Received("", [], made(an_alert(title)), encrypted=False, user="").mail["Subject"] == title


@pytest.mark.parametrize(
    "title",
    [
        "Investigador da OpenAI segue para a Meta: superinteligência, diz a fonte, é a próxima coisa que há de vir",
        "超级智能" * 60,
        "Суперинтеллект и " * 11 + "всё",
        "x" * 190,
        "👩‍👩‍👧‍👦" * 20,
        "a, b; c: \"d\" 'e' (f) <g> [h] \\ @ é",
    ],
)
def test_a_subject_is_read_as_it_was_written(title: str) -> None:
    read = str(Received("", [], made(an_alert(title)), encrypted=False, user="").mail["Subject"])

    assert read == title or (read.endswith("…") and title.startswith(read[:-1]))


def test_the_page_loads_nothing_and_runs_nothing() -> None:
    assert OURS.tags <= {
        *("html", "head", "meta", "title", "style", "body", "div", "p", "h1", "a", "b", "ul", "li"),
    }
    assert not OURS.attributes & {"src", "background", "onload", "onclick"}
    page = Received("", [], made(an_alert()), encrypted=False, user="").html
    assert "url(" not in page
    assert "@import" not in page


def test_the_longest_alert_is_shorter_than_what_mail_programs_clip() -> None:
    long = "<superintelligence> & more " * 5000
    matches = tuple(
        a_match("superintelligence", text=long, field="text", watchlist="<w>" * 100, entry=f"<{number}>" * 100)
        for number in range(60)
    )
    reports = tuple(StoryItem(title=long, link=f"https://a.example/{n}?{'&' * 1900}", feed=long) for n in range(50))
    alert = an_alert(long, item=an_item(long, text=long, summary=long, feed=long), matches=matches)
    arrived = Received("", [], made(replace(alert, story=replace(alert.story, items=reports))), False, "")

    assert len(arrived.html.encode()) < 90_000


async def test_an_alert_that_cannot_be_laid_out_still_arrives() -> None:
    poison: Any = None
    arrived = await received(an_alert(item=replace(an_item(), title=poison)))

    assert arrived.mail["Subject"] == "An alert that could not be laid out"
    assert "wirebell alerts show" in arrived.text


async def test_a_password_goes_over_tls_from_the_start() -> None:
    async with post_office(tls=certificate(), users=USER) as office:
        attempt = await sent(f"smtps://bell@localhost:{office.port}", password=PASSWORD)

    assert attempt == Attempt(outcome=Outcome.SENT, reason="250 2.0.0 taken as 1")
    assert office.letters[0].user == "bell"


@pytest.mark.parametrize("query", ["", "?tls=required"])
async def test_a_password_goes_over_starttls(query: str) -> None:
    async with post_office(starttls=certificate(), users=USER) as office:
        attempt = await sent(f"smtp://bell@localhost:{office.port}{query}", password=PASSWORD)

    assert attempt.outcome is Outcome.SENT
    assert office.letters[0].encrypted
    assert office.letters[0].user == "bell"


async def test_a_server_that_knows_only_login_is_logged_in_to() -> None:
    users = {"bell": "hunter2"}
    async with post_office(tls=certificate(), users=users, without=("PLAIN",)) as office:
        attempt = await sent(f"smtps://bell@localhost:{office.port}", password="hunter2")

    assert attempt.outcome is Outcome.SENT
    assert office.commands[0] == "AUTH LOGIN"


async def test_mail_is_encrypted_where_that_is_offered_and_goes_in_the_clear_where_not() -> None:
    async with post_office(starttls=certificate()) as office:
        await sent(f"smtp://localhost:{office.port}")
    async with post_office() as other:
        await sent(f"smtp://localhost:{other.port}")

    assert office.letters[0].encrypted
    assert not other.letters[0].encrypted


async def test_no_tls_means_no_tls() -> None:
    async with post_office(starttls=certificate()) as office:
        await sent(plain(office))

    assert not office.letters[0].encrypted


@pytest.mark.parametrize("name", ["expired", "wrong-name"])
@pytest.mark.parametrize("scheme", ["smtps", "smtp"])
async def test_a_certificate_that_is_not_accepted_is_a_fault_of_the_channel(name: str, scheme: str) -> None:
    context = certificate(name)
    tls, starttls = (context, None) if scheme == "smtps" else (None, context)
    async with post_office(tls=tls, starttls=starttls, users=USER) as office:
        attempt = await sent(f"{scheme}://bell@localhost:{office.port}", password=PASSWORD)

    assert attempt.outcome is Outcome.CHANNEL_FAULT
    assert "certificate" in attempt.reason
    assert (office.commands, office.letters) == ([], [])


async def test_a_certificate_of_an_unknown_authority_is_not_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    async with post_office(tls=certificate()) as office:
        attempt = await sent(f"smtps://localhost:{office.port}")

    assert attempt.outcome is Outcome.CHANNEL_FAULT
    assert office.letters == []


async def test_where_starttls_was_stripped_no_password_leaves() -> None:
    async with post_office(users=USER) as office:
        attempt = await sent(f"smtp://bell@localhost:{office.port}", password=PASSWORD)
        required = await sent(f"smtp://localhost:{office.port}?tls=required")

    assert attempt.outcome is Outcome.CHANNEL_FAULT
    assert "the password was not sent" in attempt.reason
    assert required.outcome is Outcome.CHANNEL_FAULT
    assert "no STARTTLS" in required.reason
    assert (office.commands, office.letters) == ([], [])


async def test_to_this_machine_a_password_may_go_in_the_clear_if_asked_to() -> None:
    async with post_office(users=USER) as office:
        attempt = await sent(f"smtp://bell@127.0.0.1:{office.port}?tls=none", password=PASSWORD)

    assert attempt.outcome is Outcome.SENT
    assert office.letters[0].user == "bell"


async def test_tls_from_the_start_to_a_server_that_speaks_first_is_told_with_the_remedy() -> None:
    async with post_office() as office:
        attempt = await sent(f"smtps://localhost:{office.port}")

    assert attempt.outcome is Outcome.CHANNEL_FAULT
    assert "smtp:// is STARTTLS" in attempt.reason


@pytest.mark.parametrize(
    ("command", "answer", "outcome", "wait"),
    [
        ("MAIL", "421 4.3.2 closing down", Outcome.TRANSIENT, None),
        ("MAIL", "451 4.3.0 local error", Outcome.TRANSIENT, None),
        ("MAIL", "552 5.3.4 too big", Outcome.PERMANENT, None),
        ("MAIL", "530 5.7.0 authentication required", Outcome.CHANNEL_FAULT, None),
        ("MAIL", "553 5.7.1 not your address", Outcome.CHANNEL_FAULT, None),
        (f"RCPT {DESK}", "450 4.2.0 greylisted, come back in 300 seconds", Outcome.TRANSIENT, 300.0),
        (f"RCPT {DESK}", "451 4.7.1 Greylisting in action", Outcome.TRANSIENT, 300.0),
        (f"RCPT {DESK}", "452 4.2.2 mailbox full", Outcome.TRANSIENT, 300.0),
        (f"RCPT {DESK}", "550 5.1.1 no such user", Outcome.PERMANENT, None),
        (f"RCPT {DESK}", "530 5.7.0 log in first", Outcome.CHANNEL_FAULT, None),
        ("DATA", "451 4.3.0 try again", Outcome.TRANSIENT, None),
        ("DATA", "452 4.3.1 no room", Outcome.TRANSIENT, 300.0),
        ("DATA", "554 5.7.1 looks like spam", Outcome.PERMANENT, None),
        ("DATA", "250 OK", Outcome.SENT, None),
    ],
)
async def test_what_an_answer_means(command: str, answer: str, outcome: Outcome, wait: float | None) -> None:
    async with post_office() as office:
        office.answers[command] = answer
        attempt = await sent(plain(office))

    assert (attempt.outcome, attempt.retry_after) == (outcome, wait)
    assert answer in attempt.reason
    if outcome is not Outcome.SENT:
        assert attempt.code == int(answer[:3])


async def test_a_login_that_is_refused_is_a_fault_of_the_channel_without_the_password() -> None:
    async with post_office(tls=certificate(), users=USER) as office:
        attempt = await sent(f"smtps://bell@localhost:{office.port}", password="not-the-password")

    assert attempt.outcome is Outcome.CHANNEL_FAULT
    assert attempt.code == 535
    assert "not-the-password" not in attempt.reason
    assert office.letters == []


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        (["554 5.7.1 we do not know your address"], Outcome.CHANNEL_FAULT),
        (["421 4.3.2 too busy"], Outcome.TRANSIENT),
        (["nonsense"], Outcome.TRANSIENT),
        ([HANG_UP], Outcome.TRANSIENT),
        (["220 hello", HANG_UP], Outcome.TRANSIENT),
        (["220 hello", "502 what?", "250 hello", "250 ok", "250 ok", "354 go", "250 taken", "221 bye"], Outcome.SENT),
        (["220 hello", "502 what?", "502 what?"], Outcome.CHANNEL_FAULT),
        (["220 hello", "250 hello", "250 ok", "250 ok", "354 go", HANG_UP], Outcome.TRANSIENT),
        (["220 hello", "250-hello\r\n250 STARTTLS", "454 TLS is not available"], Outcome.TRANSIENT),
        (["220 hello", "250-hello\r\n250 STARTTLS", "501 no"], Outcome.CHANNEL_FAULT),
        (["220 hello", "250-hello\r\n250 STARTTLS", "220 go", GONE], Outcome.TRANSIENT),
    ],
)
async def test_a_server_that_behaves_oddly(script: list[Any], outcome: Outcome) -> None:
    async with scripted(*script) as server:
        attempt = await sent(f"smtp://127.0.0.1:{server.port}")

    assert attempt.outcome is outcome, attempt


async def test_without_a_word_after_the_final_dot_the_letter_may_have_arrived() -> None:
    async with scripted("220 hello", "250 hello", "250 ok", "250 ok", "354 go", HANG_UP) as server:
        attempt = await sent(f"smtp://127.0.0.1:{server.port}?tls=none")

    assert "may have arrived" in attempt.reason
    assert server.heard[-1].endswith("\r\n.")


@pytest.mark.parametrize(
    "script", [[SILENCE], ["220 hello", SILENCE], ["220 hello", "250 hello", "250 ok", "250 ok", "354 go", SILENCE]]
)
async def test_a_server_that_says_nothing_is_left_when_the_time_is_over(
    script: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_smtp, "DEADLINE", 0.3)
    async with scripted(*script) as server:
        attempt = await sent(f"smtp://127.0.0.1:{server.port}?tls=none")
        await server.hung_up.wait()

    assert attempt.outcome is Outcome.TRANSIENT
    assert "longer than" in attempt.reason
    assert ("may have arrived" in attempt.reason) == ("354 go" in script)


async def test_who_stops_waiting_stops_the_conversation() -> None:
    async with scripted("220 hello", SILENCE) as server, mail(f"smtp://127.0.0.1:{server.port}") as channel:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await channel.send(a_delivery(), now=datetime.now(UTC))
        await server.hung_up.wait()

    assert server.heard[0].startswith("ehlo")


async def test_nobody_there_is_worth_another_try() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        attempt = await sent(f"smtp://127.0.0.1:{taken.getsockname()[1]}")

    assert attempt.outcome is Outcome.TRANSIENT
    assert (await sent("smtp://nowhere.invalid")).reason == "the name nowhere.invalid could not be resolved"


async def test_a_refused_recipient_costs_the_others_nothing() -> None:
    async with post_office() as office:
        office.answers["RCPT gone@example.org"] = "550 5.1.1 no such user"
        attempt = await sent(plain(office), to=["gone@example.org", DESK])

    assert attempt.outcome is Outcome.SENT
    assert "gone@example.org was refused: 550 5.1.1 no such user" in attempt.reason
    assert [arrived.recipients for arrived in office.letters] == [[DESK]]


async def test_who_has_it_already_gets_it_no_second_time() -> None:
    async with post_office() as office, mail(plain(office), to=["a@example.org", DESK, "gone@example.org"]) as channel:
        office.answers |= {f"RCPT {DESK}": "451 4.7.1 greylisted", "RCPT gone@example.org": "550 5.1.1 no such user"}
        first = await tried(channel)
        del office.answers[f"RCPT {DESK}"]
        second = await tried(channel)
        third = await tried(channel, a_delivery(alert=an_alert("another")))

    assert (first.outcome, first.retry_after) == (Outcome.TRANSIENT, 300.0)
    assert second.outcome is Outcome.SENT
    assert third.outcome is Outcome.SENT
    assert [arrived.recipients for arrived in office.letters] == [["a@example.org"], [DESK], ["a@example.org", DESK]]


async def test_a_mailbox_that_is_full_for_ever_holds_up_nobody_else() -> None:
    async with post_office() as office, mail(plain(office), to=["full@example.org", DESK]) as channel:
        office.answers["RCPT full@example.org"] = "452 4.2.2 mailbox full"
        attempts = [await tried(channel, a_delivery(alert=an_alert(title))) for title in ("one", "one", "two", "three")]
        del office.answers["RCPT full@example.org"]
        await tried(channel, a_delivery(alert=an_alert("four")))
        office.answers["RCPT full@example.org"] = "452 4.2.2 mailbox full"
        again = await tried(channel, a_delivery(alert=an_alert("five")))

    assert [one.outcome for one in attempts] == [Outcome.TRANSIENT, Outcome.SENT, Outcome.SENT, Outcome.SENT]
    assert all("full@example.org was refused: 452" in one.reason for one in attempts)
    assert [str(arrived.mail["Subject"]) for arrived in office.letters] == ["one", "two", "three", "four", "five"]
    assert again.outcome is Outcome.TRANSIENT


async def test_what_some_have_and_the_last_refuses_is_sent() -> None:
    async with post_office() as office, mail(plain(office), to=["a@example.org", DESK]) as channel:
        office.answers[f"RCPT {DESK}"] = "451 4.7.1 greylisted"
        await tried(channel)
        office.answers[f"RCPT {DESK}"] = "550 5.1.1 no such user"
        attempt = await tried(channel)

    assert attempt.outcome is Outcome.SENT
    assert "550 5.1.1 no such user" in attempt.reason


async def test_where_all_are_refused_one_that_may_change_its_mind_decides() -> None:
    async with post_office() as office:
        office.answers |= {"RCPT a@example.org": "550 5.1.1 no", f"RCPT {DESK}": "451 4.7.1 greylisted"}
        attempt = await sent(plain(office), to=["a@example.org", DESK])

    assert (attempt.outcome, attempt.retry_after) == (Outcome.TRANSIENT, 300.0)
    assert "550 5.1.1 no" in attempt.reason


async def test_addresses_of_other_letters_go_where_they_are_known() -> None:
    async with post_office(smtputf8=True) as office:
        attempt = await sent(plain(office), to=["Jörg <jörg@münchen.example>"], sender="bell@wire.example")
    async with post_office() as other:
        refused = await sent(plain(other), to=["jörg@münchen.example"])

    assert attempt.outcome is Outcome.SENT
    assert office.letters[0].recipients == ["jörg@xn--mnchen-3ya.example"]
    assert refused.outcome is Outcome.CHANNEL_FAULT
    assert "SMTPUTF8" in refused.reason


async def test_a_line_that_is_a_dot_ends_nothing() -> None:
    arrived = await received(an_alert("News", item=an_item("News", summary=".\n.\n. and more")))

    assert "\n. . . and more\n" in arrived.text


async def test_a_server_is_asked_and_logged_in_to_without_a_letter() -> None:
    async with post_office(tls=certificate(), users=USER) as office:
        async with mail(f"smtps://bell@localhost:{office.port}", password=PASSWORD) as channel:
            answer = await channel.reach()
        async with mail(f"smtps://bell@localhost:{office.port}", password="wrong") as channel:
            with pytest.raises(SendError, match="535"):
                await channel.reach()

    assert "logged in as bell" in answer
    assert "TLSv1" in answer
    assert office.letters == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("smtps://bell@smtp.example.org:465", Server(host="smtp.example.org", port=465, tls=Tls.IMPLICIT, user="bell")),
        ("smtps://smtp.example.org", Server(host="smtp.example.org", port=465, tls=Tls.IMPLICIT)),
        ("smtp://127.0.0.1", Server(host="127.0.0.1", port=25, tls=Tls.OFFERED)),
        ("smtp://bell@mail.example", Server(host="mail.example", port=587, tls=Tls.OFFERED, user="bell")),
        ("smtp://bell%40a.example@mail.example:2525?tls=required",
         Server(host="mail.example", port=2525, tls=Tls.REQUIRED, user="bell@a.example")),
        ("smtp://[::1]:1025/?tls=none", Server(host="::1", port=1025, tls=Tls.NONE)),
        ("smtp://post.münchen.example", Server(host="post.xn--mnchen-3ya.example", port=25, tls=Tls.OFFERED)),
    ],
)  # fmt: skip
def test_a_server_as_people_write_it(written: str, meant: Server) -> None:
    assert server(written) == meant


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"smtp": "smtp.example.org"}, "is not the address of a mail server"),
        ({"smtp": "https://smtp.example.org"}, "is not the address of a mail server"),
        ({"smtp": "smtps://"}, "names no host"),
        ({"smtp": "smtps://bell:p4ssw0rd@smtp.example.org", "password": None}, "holds a password"),
        ({"smtp": "smtps://smtp.example.org:99999"}, "is not the address"),
        ({"smtp": "smtps://smtp.example.org?tls=none"}, "takes nothing behind"),
        ({"smtp": "smtp://smtp.example.org?tls=maybe"}, r"\?tls=required or \?tls=none"),
        ({"smtp": "smtp://smtp.example.org?tls"}, r"\?tls=required or \?tls=none"),
        ({"smtp": "smtp://smtp.example.org:465"}, "smtps://"),
        ({"smtp": "smtp://smtp.example.org/inbox"}, "behind the host"),
        ({"smtp": "smtps://smtp.example.org", "password": "p4ssw0rd"}, "password for nobody; name the user in `smtp`"),
        ({"smtp": "smtps://bell@smtp.example.org"}, "names a user without a password"),
        ({"smtp": "smtp://bell@smtp.example.org?tls=none", "password": "p4ssw0rd"}, "in the clear"),
        ({"password": ""}, "is empty"),
        ({"to": []}, "names nobody"),
        ({"to": ""}, "names nobody"),
        ({"to": ["desk"]}, "is not a mail address"),
        ({"to": ["desk@"]}, "without a real domain"),
        ({"to": ["desk@example..org"]}, "without a real domain"),
        ({"to": ["a@example.org, b@example.org"]}, "is not a mail address"),
        ({"to": ["desk@example.org\r\nBcc: x@example.org"]}, "is not a mail address|without a real domain"),
        ({"to": ["desk>@example.org"]}, "is not a mail address"),
        ({"to": [".desk@example.org"]}, "is not a mail address"),
        ({"to": ["A\nB <desk@example.org>"]}, "control characters"),
        ({"from": "The desk"}, "is not a mail address"),
        ({"cc": "x@example.org"}, "Extra inputs"),
    ],
)
def test_settings_that_cannot_work_are_mistakes_with_a_remedy(settings: dict[str, Any], problem: str) -> None:
    whole = {"to": DESK, "from": "bell@example.org", "smtp": "smtp://127.0.0.1", **settings}
    given = {key: value for key, value in whole.items() if value is not None}
    with pytest.raises(ValueError, match=problem) as mistake:
        Mail.Settings.model_validate(given)

    assert "p4ssw0rd" not in str(mistake.value)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("desk@example.org", Mailbox("desk@example.org")),
        ("  desk@EXAMPLE.org ", Mailbox("desk@EXAMPLE.org")),
        ("The desk <desk@example.org>", Mailbox("desk@example.org", "The desk")),
        ('"Desk, The" <desk@example.org>', Mailbox("desk@example.org", "Desk, The")),
        ("desk+wire@example.org", Mailbox("desk+wire@example.org")),
        ("desk@localhost", Mailbox("desk@localhost")),
        ("o'neil@bücher.example", Mailbox("o'neil@xn--bcher-kva.example")),
    ],
)
def test_an_address_as_people_write_it(text: str, meant: Mailbox) -> None:
    assert mailbox(text) == meant


@pytest.mark.parametrize(
    ("rest", "table"),
    [
        ("desk@example.org?from=bell@example.org&smtp=smtp://127.0.0.1?tls=none",
         {"to": ["desk@example.org"], "from": "bell@example.org", "smtp": "smtp://127.0.0.1?tls=none"}),
        ("a+b@example.org,c%2Bd@example.org?from=x+y@example.org",
         {"to": ["a+b@example.org", "c+d@example.org"], "from": "x+y@example.org"}),
        ("desk@example.org", {"to": ["desk@example.org"]}),
    ],
)  # fmt: skip
def test_the_short_form_is_a_mailto(rest: str, table: dict[str, Any]) -> None:
    assert Mail.shorthand(rest) == table


def test_the_short_form_takes_no_password() -> None:
    with pytest.raises(ValueError, match="write it as a table") as mistake:
        Mail.shorthand("desk@example.org?password=p4ssw0rd")

    assert "p4ssw0rd" not in str(mistake.value)


def test_a_password_shows_in_no_repr() -> None:
    given = {"to": DESK, "from": DESK, "smtp": "smtps://bell@localhost", "password": "p4ssw0rd"}
    settings = Mail.Settings.model_validate(given)

    assert settings.password == Secret("p4ssw0rd")
    assert "p4ssw0rd" not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
