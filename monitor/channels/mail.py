"""Mail: who gets it, and once each. The conversation with the server is in `mail_smtp`, the words in `mail_letter`."""

import logging
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from urllib.parse import unquote

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from monitor.channels.base import Context, Secret, settled, told, transient
from monitor.channels.mail_addresses import Mailbox, Tls, is_this_machine, mailbox, server
from monitor.channels.mail_letter import Heading, letter
from monitor.channels.mail_smtp import Conversation, HandedOver, Letter
from monitor.channels.message import Message, bare_message, laid_out, message_of
from monitor.tables import Table, wrong
from rules.records import Attempt, Delivery, Outcome

log = logging.getLogger("wirebell.channels")

REMEMBERED = 1000
"""Letters that some recipients have and others do not yet."""


def _address(text: str) -> str:
    mailbox(text)
    return text


def _server(text: str) -> str:
    server(text)
    return text


def _recipients(value: Any) -> Any:
    if value in ([], ""):
        raise wrong("names nobody", 'write to = ["desk@example.org"]')
    return [value] if isinstance(value, str) else value


Address = Annotated[str, AfterValidator(_address)]
Recipients = Annotated[
    tuple[Address, ...],
    BeforeValidator(_recipients, json_schema_input_type=str | list[str]),
    Field(strict=False),
]


class MailSettings(Table):
    """Mail over SMTP."""

    type: Literal["email"] = "email"
    to: Recipients
    """Who gets it: addresses, with or without a name before them."""
    from_: Annotated[Address, Field(alias="from")]
    """Who it comes from."""
    smtp: Annotated[str, AfterValidator(_server)]
    """smtps://USER@HOST:PORT; smtp:// is STARTTLS where offered, ?tls=required, ?tls=none."""
    password: Secret | None = None
    """For the user in `smtp`."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        found = server(self.smtp)
        if self.password and not found.user:
            raise wrong("has a password for nobody", "name the user in `smtp`, as in smtps://USER@HOST")
        if found.user and not self.password:
            raise wrong("names a user without a password", 'write password = "${SMTP_PASSWORD}", or take the user out')
        if found.user and found.tls is Tls.NONE and not is_this_machine(found.host):
            raise wrong("would send the password in the clear", "take ?tls=none out; it is for this machine only")
        return self


class Mail:
    """Hands letters to one server."""

    Settings = MailSettings
    pace = 0.0

    def __init__(self, name: str, settings: MailSettings, context: Context) -> None:
        self.name = name
        self._server = replace(server(settings.smtp), password=settings.password)
        sender = mailbox(settings.from_)
        self._heading = Heading(
            sender=Mailbox(sender.address, sender.name or "Wirebell"),
            recipients=tuple({one.address: one for one in map(mailbox, settings.to)}.values()),
            instance=context.instance,
            version=context.version,
        )
        self._done: OrderedDict[str, frozenset[str]] = OrderedDict()
        self._given_up: set[str] = set()

    @staticmethod
    def shorthand(rest: str) -> dict[str, Any]:
        """`mailto:desk@example.org?from=wirebell@example.org&smtp=smtp://127.0.0.1`; more addresses behind commas."""
        addresses, _, query = rest.partition("?")
        pairs = (one.partition("=") for one in query.split("&") if one)
        keys = {key: unquote(value) for key, _, value in pairs}
        if keys.keys() - {"from", "smtp"}:
            raise ValueError("has more than `from` and `smtp` behind its `?`; write it as a table")
        return {"to": [unquote(one) for one in addresses.split(",") if one.strip()], **keys}

    @classmethod
    def build(cls, name: str, settings: MailSettings, context: Context) -> Self:
        return cls(name, settings, context)

    async def send(self, delivery: Delivery, *, now: datetime) -> Attempt:
        alert = delivery.alert

        def written(message: Message) -> bytes:
            return letter(message, delivery, self._heading, now=now)

        content = laid_out(lambda: written(message_of(alert, now=now)), lambda: written(bare_message(alert)), alert)
        done = self._done.get(delivery.delivery_id, frozenset())
        waiting = tuple(one.address for one in self._heading.recipients if one.address not in done)
        outcome = await Conversation(self._server).hand_over(
            Letter(sender=self._heading.sender.address, recipients=waiting, content=content)
        )
        if isinstance(outcome, HandedOver):
            return settled(self._handed_over(delivery.delivery_id, outcome))
        if done and outcome.outcome is Outcome.PERMANENT:
            return settled(self._finished(delivery.delivery_id, f"the others have it; {outcome.reason}"))
        return settled(outcome)

    async def reach(self) -> str:
        answer = await Conversation(self._server).greet()
        return settled(answer).reason if isinstance(answer, Attempt) else answer.answer

    def _handed_over(self, delivery_id: str, outcome: HandedOver) -> Attempt:
        """Sent, unless somebody is to be asked for once more; whoever has it is left out then.

        One recipient who is put off for ever would hold up the others: for him a second no is enough, and from then on
        the first.
        """
        done = self._done.get(delivery_id, frozenset())
        if not outcome.accepted and not done:
            return _all_refused(list(outcome.refused.values()))
        self._given_up -= set(outcome.accepted)
        put_off = {address for address, one in outcome.refused.items() if one.outcome is not Outcome.PERMANENT}
        if done:
            self._given_up |= put_off
        again = [one for address, one in outcome.refused.items() if address in put_off - self._given_up]
        said = "; ".join(filter(None, (outcome.answer, *(one.reason for one in outcome.refused.values()))))
        if not again:
            return self._finished(delivery_id, said, refused=bool(outcome.refused))
        self._done[delivery_id] = frozenset({*outcome.accepted, *outcome.refused} - (put_off - self._given_up))
        while len(self._done) > REMEMBERED:
            self._done.popitem(last=False)
        wait = max(one.retry_after or 0.0 for one in again)
        return transient(f"some have it, {len(again)} not yet: {said}", again[0].code, wait or None)

    def _finished(self, delivery_id: str, said: str, *, refused: bool = True) -> Attempt:
        self._done.pop(delivery_id, None)
        if refused:
            log.warning("some recipients were refused channel=%s delivery=%s answer=%s", self.name, delivery_id, said)
        return Attempt(outcome=Outcome.SENT, reason=said)


def _all_refused(refusals: Sequence[Attempt]) -> Attempt:
    """Nobody was accepted: worth another try if that is so for any of them."""
    worst = next(
        (one for kind in (Outcome.TRANSIENT, Outcome.CHANNEL_FAULT) for one in refusals if one.outcome is kind),
        refusals[0],
    )
    return replace(worst, reason=told("; ".join(one.reason for one in refusals)))
