"""A mail as bytes: headers that no title can forge, text that is complete alone, HTML that loads nothing.

Headers are encoded here (RFC 2047) and stored as they are: `EmailMessage` reads encoded words inside of a value
before it writes it, and in several versions of Python lets a line break in that way.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import Header, decode_header, make_header
from email.message import EmailMessage
from email.utils import format_datetime

from monitor.channels.mail_addresses import Mailbox
from monitor.channels.mail_html import as_html
from monitor.channels.message import Message
from monitor.channels.runs import plain
from monitor.channels.text import as_text
from rules.records import AlertKind, Delivery, Priority

LONGEST_SUBJECT = 200
LONGEST_WORD = 60
"""Letters; a line of a header has 76."""

_WIRE = policy.SMTPUTF8.clone(refold_source="none")
_URGENCY = {Priority.FLASH: ("1 (Highest)", "high"), Priority.URGENT: ("2 (High)", "high")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What the headers of all letters of a channel share. `instance` is the id of this memory, or ''."""

    sender: Mailbox
    recipients: Sequence[Mailbox]
    instance: str
    version: str


def letter(message: Message, delivery: Delivery, heading: Heading, *, now: datetime) -> bytes:
    """The mail. Raises MessageError where what a mail program would read is not what was meant."""
    mail = EmailMessage(policy=_WIRE)
    for name, value in _headers(message, delivery, heading, now):
        mail.set_raw(name, value)
    mail.set_content(as_text(message, mark=lambda words: f"*{words}*"), cte="quoted-printable")
    mail.add_alternative(as_html(message), subtype="html", cte="quoted-printable")
    content = mail.as_bytes()
    _verify(content, mail.keys(), _subject(message))
    return content


def _headers(message: Message, delivery: Delivery, heading: Heading, now: datetime) -> Iterator[tuple[str, str]]:
    alert = delivery.alert
    yield "From", str(heading.sender)
    yield "To", ",\r\n ".join(str(mailbox) for mailbox in heading.recipients)
    yield "Subject", _encoded("Subject", _subject(message))
    yield "Date", format_datetime(now)
    yield "Message-ID", _identifier(delivery.delivery_id, heading)
    if message.of_the_news:
        # No mail has this id: it is the root that mail programs hang all mails of a story on.
        root = _identifier(f"story.{alert.story.story_id}", heading)
        yield "References", root
        if message.kind is AlertKind.UPDATED:
            yield "In-Reply-To", root
    yield "Auto-Submitted", "auto-generated"
    yield "X-Auto-Response-Suppress", "All"
    yield "List-Id", f"Wirebell <wirebell.{heading.sender.domain}>"
    if message.priority in _URGENCY and message.of_the_news:
        yield from zip(("X-Priority", "Importance"), _URGENCY[message.priority], strict=True)
    yield "X-Mailer", f"Wirebell/{heading.version}"
    yield "X-Wirebell-Delivery", delivery.delivery_id
    yield "X-Wirebell-Rule", _encoded("X-Wirebell-Rule", message.rule)
    yield "X-Wirebell-Story", alert.story.story_id
    yield "X-Wirebell-Priority", str(message.priority)


def _subject(message: Message) -> str:
    """The same for all mails of a story, as mail programs want it of a thread; an update answers."""
    before = {AlertKind.UPDATED: "Re: ", AlertKind.NOTICE: "Wirebell: "}.get(message.kind, "")
    return before + plain(message.subject, LONGEST_SUBJECT)


def _identifier(name: str, heading: Heading) -> str:
    """A Message-ID that names what it is of: the same on every attempt, and of no other Wirebell."""
    unique = f"{name}.{heading.instance}" if heading.instance else name
    return f"<{unique}@{heading.sender.domain}>"


def _encoded(name: str, text: str) -> str:
    """`text`, which is one line, as the value of a header: as it is in ASCII, else in encoded words, folded."""
    # What looks like an encoded word is encoded, so that it stays what it looks like; a word that is longer than a
    # line is encoded, so that it can be folded.
    as_it_is = text.isascii() and "=?" not in text and max(map(len, text.split()), default=0) < LONGEST_WORD
    charset = "us-ascii" if as_it_is else "utf-8"
    return Header(text, charset, maxlinelen=76, header_name=name).encode(linesep="\r\n")


def _verify(content: bytes, names: Sequence[str], subject: str) -> None:
    read = message_from_bytes(content, policy=policy.compat32)
    found = str(make_header(decode_header(re.sub(r"\r?\n(?=[ \t])", "", read["Subject"]))))
    if read.keys() != list(names) or found != subject:
        raise MessageError("the headers are not read as they were meant")
