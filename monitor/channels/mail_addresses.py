"""Mail addresses and mail servers as people write them: `Desk <desk@example.org>`, `smtps://user@smtp.example.org`."""

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from email.header import Header
from email.utils import formataddr
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from monitor.channels.base import Secret
from monitor.tables import wrong

_NAMED = re.compile(r"\s*(?P<name>[^<>]*?)\s*<\s*(?P<address>[^<>]*?)\s*>\s*")
_LOCAL = re.compile(r"[^\s@<>()\[\]:;,\\\"\x00-\x1f\x7f-\x9f]{1,64}")
_HOST = re.compile(
    r"(?=.{1,253}\Z)[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)

EXAMPLE = 'write it as in "smtps://wirebell@smtp.example.org:465" or "smtp://smtp.example.org:587?tls=required"'
PORTS = {"smtps": 465, "smtp": 25}
FOLD = "\r\n"
SUBMISSION = 587
"""Where a server takes letters of who logs in."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address, its domain in ASCII, and whose it is ('' where nobody says)."""

    address: str
    name: str = ""

    def __str__(self) -> str:
        if self.name.isascii() and self.address.isascii():
            return formataddr((self.name, self.address))
        # An address of other letters is written as it is (RFC 6532); a name is encoded, in words of 75 letters.
        return f"{Header(self.name, 'utf-8').encode(linesep=FOLD)} <{self.address}>" if self.name else self.address

    @property
    def domain(self) -> str:
        """What is behind the `@`, in ASCII."""
        return self.address.rpartition("@")[2]


class Tls(StrEnum):
    """When the conversation is encrypted."""

    IMPLICIT = "implicit"
    OFFERED = "offered"
    REQUIRED = "required"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where mail is handed in, and as whom ('' for nobody)."""

    host: str
    port: int
    tls: Tls
    user: str = ""
    password: Secret | None = None

    @property
    def secrets(self) -> Iterator[str]:
        """What no log may hold: the password, plain and as it crosses the wire."""
        if self.password:
            password = self.password.reveal()
            yield password
            yield b64encode(password.encode()).decode()
            yield b64encode(f"\0{self.user}\0{password}".encode()).decode()


def mailbox(text: str) -> Mailbox:
    """The mailbox that `text` names, its domain in ASCII. Raises what `wrong` makes."""
    named = _NAMED.fullmatch(text)
    name, address = (named["name"].strip('" '), named["address"]) if named else ("", text.strip())
    local, _, domain = address.rpartition("@")
    if not _LOCAL.fullmatch(local) or local.startswith(".") or local.endswith(".") or ".." in local:
        raise wrong("is not a mail address", 'write it as in "desk@example.org" or "The desk <desk@example.org>"')
    if not name.isprintable():
        raise wrong("has a name with control characters", "write the name on one line")
    ascii_domain = in_ascii(domain)
    if not ascii_domain:
        raise wrong("is a mail address without a real domain", 'write it as in "desk@example.org"')
    return Mailbox(f"{local}@{ascii_domain}", name)


def in_ascii(host: str) -> str:
    """`host` as DNS has it, `münchen.example` as `xn--mnchen-3ya.example`; '' where it is no host."""
    try:
        encoded = host.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
    return encoded if _HOST.fullmatch(encoded) else ""


def server(address: str) -> Server:
    """The server that `address` names, without the password. Raises what `wrong` makes."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise wrong("is not the address of a mail server", EXAMPLE) from None
    if parts.scheme not in PORTS:
        raise wrong("is not the address of a mail server", EXAMPLE)
    if parts.password is not None:
        raise wrong("holds a password", 'take it out and write password = "${SMTP_PASSWORD}"')
    if parts.path.strip("/") or parts.fragment:
        raise wrong("has something behind the host and the port", EXAMPLE)
    host = _host(parts)
    if not host:
        raise wrong("names no host", EXAMPLE)
    user = unquote(parts.username or "")
    usual = SUBMISSION if parts.scheme == "smtp" and user else PORTS[parts.scheme]
    found = Server(host=host, port=port or usual, tls=_tls(parts), user=user)
    if found.port == PORTS["smtps"] and found.tls is not Tls.IMPLICIT:
        raise wrong("names port 465, which has TLS from the start", "begin it with smtps://")
    return found


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    try:
        return str(ip_address(host))
    except ValueError:
        return in_ascii(host)


def _tls(parts: SplitResult) -> Tls:
    asked = dict(parse_qsl(parts.query, keep_blank_values=True))
    if parts.scheme == "smtps":
        if asked:
            raise wrong("has TLS from the start and takes nothing behind `?`", "remove it")
        return Tls.IMPLICIT
    if not asked:
        return Tls.OFFERED
    if asked not in ({"tls": "required"}, {"tls": "none"}):
        raise wrong("has something unknown behind `?`", "write ?tls=required or ?tls=none")
    return Tls(asked["tls"])


def is_this_machine(host: str) -> bool:
    """Whether `host` is a name or an address of the loopback."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower().rstrip(".") in ("localhost", "localhost.localdomain", "ip6-localhost")
