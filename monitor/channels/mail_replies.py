"""What a mail server's answers mean for the letter and for the channel (RFC 5321 4.2, RFC 3463)."""

import re
from enum import Enum

from monitor.channels.base import channel_fault, permanent, transient
from rules.records import Attempt

GREYLISTED = 300.0
"""Seconds until a server that asks us to come back later is asked again."""

_LATER = re.compile(r"gr[ea]y-?\s?list|\b4\.7\.\d|\b4\.2\.[0-2]\b|try (again )?later|deferred", re.IGNORECASE)
_NOT_ALLOWED = re.compile(r"\b5\.7\.\d")

NO_ENTRY = frozenset({530, 534, 535, 538})
"""Who does not log in, or not like this, does not send."""


class Stage(Enum):
    """How far the conversation is."""

    ENTRY = "entry"
    SENDER = "sender"
    RECIPIENT = "recipient"
    LETTER = "letter"


def meaning(code: int, said: str, stage: Stage) -> Attempt:
    """The attempt that an answer other than yes ends; `said` is the sentence with the server's words."""
    if 400 <= code < 500:
        later = code == 452 or bool(_LATER.search(said))
        return transient(said, code, GREYLISTED if later else None)
    if not 500 <= code < 600:
        return transient(f"{said} (which makes no sense here)", code)
    at_entry = stage is Stage.ENTRY or code in NO_ENTRY
    # A sender who is not allowed to send is not allowed to send the next letter either.
    if at_entry or (stage is Stage.SENDER and _NOT_ALLOWED.search(said)):
        return channel_fault(said, code)
    return permanent(said, code)
