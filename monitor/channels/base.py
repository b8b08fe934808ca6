"""What a channel is: it formats an alert and hands it over. Retries, order and memory are not its business.

Nothing here or in a channel lets a secret out: settings hold a Secret, and what a server says passes through `told`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, Self

import httpx
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from monitor.logs import redact
from monitor.tables import Table, wrong
from rules.records import Attempt, Delivery, Outcome

LONGEST_REASON = 300
SHORTEST_SECRET = 4
"""Letters; hiding shorter ones would make a riddle of the server's words."""

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")


class Secret:
    """A text of the user's that prints as `***`; only the channel it belongs to calls `reveal`."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    @classmethod
    def given(cls, text: str) -> Self:
        """The secret that the configuration holds. Raises what `wrong` makes where that is nothing."""
        if not text.strip():
            raise wrong("is empty", "fill it in, or take the key out")
        return cls(text)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            cls.given, core_schema.str_schema(strict=True), serialization=core_schema.to_string_ser_schema()
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string"}


@dataclass(frozen=True, slots=True)
class Context:
    """What every channel may use: the guarded HTTP client, the id of this memory ('' for a trial), our version."""

    client: httpx.AsyncClient
    instance: str
    version: str


class SendError(Exception):
    """A message was not accepted; `attempt` says by whom, why, and whether trying again can help."""

    def __init__(self, attempt: Attempt) -> None:
        super().__init__(attempt.reason)
        self.attempt = attempt


class Channel(Protocol):
    """Somewhere an alert can be sent."""

    name: str
    pace: float
    """Seconds between two messages."""

    async def send(self, delivery: Delivery, *, now: datetime) -> Attempt:
        """Hand the alert over and return an attempt that is SENT, or raise SendError.

        May be called again with the same delivery after a crash: its id goes along where the service takes one.
        """

    async def reach(self) -> str:
        """Ask the server, without sending an alert, and return its answer in words; raises SendError."""


class ChannelKind(Protocol):
    """A row of the table CHANNELS: the class of a channel."""

    @property
    def Settings(self) -> type[Table]:  # noqa: N802  it is a class
        """The keys of the channel's table in the configuration."""

    def shorthand(self, rest: str) -> dict[str, Any]:
        """The table that the short form `type:rest` stands for. Raises ValueError("what is wrong; the remedy")."""

    def build(self, name: str, settings: Any, context: Context) -> Channel:
        """The channel called `name` with these `settings`."""


def settled(attempt: Attempt) -> Attempt:
    """`attempt` where it was accepted; raises SendError where not.

    Called outside of every `except`, so that the error drags no other error along, in which a secret could be.
    """
    if attempt.outcome is not Outcome.SENT:
        raise SendError(attempt)
    return attempt


def transient(reason: str, code: int | None = None, retry_after: float | None = None) -> Attempt:
    """Worth another try."""
    return Attempt(outcome=Outcome.TRANSIENT, reason=reason, code=code, retry_after=retry_after)


def permanent(reason: str, code: int | None = None) -> Attempt:
    """This message will never be accepted; the next one may be."""
    return Attempt(outcome=Outcome.PERMANENT, reason=reason, code=code)


def channel_fault(reason: str, code: int | None = None) -> Attempt:
    """No message will be accepted until a person does something: what is owed is kept."""
    return Attempt(outcome=Outcome.CHANNEL_FAULT, reason=reason, code=code)


def told(text: str, secrets: Iterable[str] = (), longest: int = LONGEST_REASON) -> str:
    """What a server or a library said, fit for a log: one line, not long, without `secrets` and what looks like one."""
    for secret in sorted(set(secrets), key=len, reverse=True):
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, "***")
    line = " ".join(_UNPRINTABLE.sub(" ", redact(text)).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
