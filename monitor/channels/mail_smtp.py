"""One conversation with a mail server: connect, TLS, log in, hand a letter over. In a thread, within a deadline.

Certificates are always verified, and a password leaves in the clear for this machine only, if asked to.
What the server says becomes an Attempt here; nothing else in the house knows smtplib.
"""

import contextlib
import re
import smtplib
import socket
import ssl
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address

from monitor.channels.base import channel_fault, told, transient
from monitor.channels.mail_addresses import Server, Tls
from monitor.channels.mail_replies import Stage, meaning
from monitor.channels.thread import in_thread
from rules.records import Attempt

DEADLINE = 50.0
"""Seconds for the whole conversation; filters may think for half a minute about what follows DATA."""

CONNECT = 15.0
"""Seconds for each address of the server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is handed over: the envelope, and the bytes, lines ended by CRLF."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes

    @property
    def needs_utf8(self) -> bool:
        """Whether an address has letters that only SMTPUTF8 (RFC 6531) carries."""
        return not all(address.isascii() for address in (self.sender, *self.recipients))


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What became of a letter: the server's answer, who has it, and who was refused in which words, for good or not."""

    answer: str
    accepted: tuple[str, ...] = ()
    refused: Mapping[str, Attempt] = field(default_factory=dict)


class _Ended(Exception):
    """The conversation ends here, and this is why."""

    def __init__(self, attempt: Attempt) -> None:
        super().__init__(attempt.reason)
        self.attempt = attempt


class Conversation:
    """One connection to `server`, used once."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._where = f"{server.host}:{server.port}"
        self._socket: socket.socket | None = None
        self._smtp = smtplib.SMTP(local_hostname="localhost", timeout=DEADLINE)
        self._in_doubt = False
        self._stopped = False
        self._result: HandedOver | Attempt | None = None

    async def hand_over(self, letter: Letter) -> HandedOver | Attempt:
        """Send `letter`; an Attempt where nobody has it, or where nobody knows."""
        return await self._in_time(lambda: self._deliver(letter))

    async def greet(self) -> HandedOver | Attempt:
        """Do all that precedes a letter; what is handed over to nobody is the answer."""
        return await self._in_time(self._introduced)

    async def _in_time(self, work: Callable[[], HandedOver | Attempt]) -> HandedOver | Attempt:
        try:
            return await in_thread(lambda: self._talk(work), seconds=DEADLINE, stop=self._abort)
        except TimeoutError:
            # Only the goodbye may be missing.
            return self._result or self._lost(TimeoutError())

    def _talk(self, work: Callable[[], HandedOver | Attempt]) -> HandedOver | Attempt:
        try:
            self._connect()
            self._result = work()
        except _Ended as ended:
            self._result = ended.attempt
        except smtplib.SMTPResponseException as error:
            self._result = self._refusal(error.smtp_code, error.smtp_error, "it does not talk to us")
        except (OSError, UnicodeError) as error:
            self._result = self._lost(error)
        finally:
            self._leave()
        return self._result

    def _lost(self, error: Exception) -> Attempt:
        """There is no answer, nor will there be."""
        if isinstance(error, socket.gaierror):
            return transient(f"the name {self._server.host} could not be resolved")
        said = getattr(error, "strerror", None) or str(error) or type(error).__name__
        if self._stopped:
            said = f"it took longer than {DEADLINE:.0f} s"
        if self._in_doubt:
            return transient(self._told(f"{self._where} did not confirm the letter, which may have arrived: {said}"))
        return transient(self._told(f"no conversation with {self._where}: {said}"))

    def _connect(self) -> None:
        """Everything before the letter."""
        server = self._server
        self._socket = socket.create_connection((server.host, server.port), CONNECT)
        if self._stopped:
            raise TimeoutError
        # The whole of it is timed from outside; this is for a thread that nothing else would end.
        self._socket.settimeout(2 * DEADLINE)
        if server.tls is Tls.IMPLICIT:
            self._encrypt()
        self._smtp.sock = self._socket
        self._smtp.local_hostname = _our_name(self._socket)
        self._expect(self._smtp.getreply(), "it does not greet us")
        self._smtp.ehlo_or_helo_if_needed()
        if server.tls in (Tls.OFFERED, Tls.REQUIRED):
            self._start_tls()
        if server.password:
            self._log_in(server.user, server.password.reveal())

    def _start_tls(self) -> None:
        if not self._smtp.has_extn("starttls"):
            if self._server.tls is Tls.REQUIRED:
                remedy = "write smtps:// where it has TLS from the start, or ask its administrator"
                raise _Ended(
                    channel_fault(f"{self._where} offers no STARTTLS, and tls=required is asked for; {remedy}")
                )
            return
        self._expect(self._smtp.docmd("STARTTLS"), "it does not start TLS")
        self._encrypt()
        # What was said in the clear may be forged, so it is forgotten (RFC 3207 4.2).
        self._smtp.sock, self._smtp.file, self._smtp.ehlo_resp, self._smtp.helo_resp = self._socket, None, None, None
        self._smtp.esmtp_features = {}
        self._smtp.does_esmtp = False
        self._smtp.ehlo_or_helo_if_needed()

    def _encrypt(self) -> None:
        host = self._server.host
        assert self._socket is not None  # noqa: S101  there is a connection by now
        try:
            self._socket = ssl.create_default_context().wrap_socket(self._socket, server_hostname=host)
        except ssl.SSLCertVerificationError as error:
            said = f"TLS: the certificate of {host} is not accepted: {error.verify_message}; nothing was sent"
            raise _Ended(channel_fault(self._told(said))) from None
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            raise  # it went away, as a server may
        except ssl.SSLError as error:
            remedy = "smtps:// is TLS from the start, smtp:// is STARTTLS"
            said = f"TLS with {self._where} failed: {error.reason or error.strerror}; {remedy}"
            raise _Ended(channel_fault(self._told(said))) from None

    def _log_in(self, user: str, password: str) -> None:
        if not isinstance(self._socket, ssl.SSLSocket) and not self._at_home():
            remedy = "use smtps://, or a server that offers STARTTLS"
            raise _Ended(channel_fault(f"{self._where} offers no TLS, so the password was not sent; {remedy}"))
        offered = self._smtp.esmtp_features.get("auth", "").upper().split()
        if "PLAIN" in offered:
            # smtplib's own takes ASCII only.
            words = b64encode(f"\0{user}\0{password}".encode()).decode()
            self._expect(self._smtp.docmd("AUTH", f"PLAIN {words}"), f"the login of {user} was refused")
            return
        if not offered:
            raise _Ended(channel_fault(f"{self._where} takes no login; remove the user and the password"))
        try:
            self._smtp.login(user, password)
        except smtplib.SMTPAuthenticationError as error:
            raise _Ended(self._refusal(error.smtp_code, error.smtp_error, f"the login of {user} was refused")) from None
        except smtplib.SMTPServerDisconnected:
            raise
        except smtplib.SMTPException:
            raise _Ended(channel_fault(f"{self._where} takes none of the logins known here: {offered}")) from None

    def _at_home(self) -> bool:
        """Whether the server is this machine, and TLS was waived for it."""
        assert self._socket is not None  # noqa: S101  there is a connection by now
        address = ip_address(str(self._socket.getpeername()[0]).partition("%")[0])
        return self._server.tls is Tls.NONE and address.is_loopback

    def _introduced(self) -> HandedOver:
        encrypted = self._socket.version() if isinstance(self._socket, ssl.SSLSocket) else "not encrypted"
        user = f", logged in as {self._server.user}" if self._server.password else ""
        return HandedOver(f"{self._where} takes mail ({encrypted}{user})")

    def _deliver(self, letter: Letter) -> HandedOver | Attempt:
        smtp = self._smtp
        options = ["SMTPUTF8"] if letter.needs_utf8 else []
        if options and not smtp.has_extn("smtputf8"):
            remedy = "write addresses in ASCII"
            return channel_fault(f"{self._where} takes no addresses with other letters (SMTPUTF8); {remedy}")
        self._expect(smtp.mail(letter.sender, options), f"the sender {letter.sender} was refused", Stage.SENDER)
        accepted, refused = [], {}
        for address in letter.recipients:
            code, words = smtp.rcpt(address)
            if code in (250, 251):
                accepted.append(address)
            else:
                refused[address] = self._refusal(code, words, f"{address} was refused", Stage.RECIPIENT)
        if not accepted:
            return HandedOver("", (), refused)
        self._expect(smtp.docmd("DATA"), "the letter was refused", Stage.LETTER, 354)
        smtp.send(_dotted(letter.content))
        self._in_doubt = True
        answer = smtp.getreply()
        self._in_doubt = False
        self._expect(answer, "the letter was refused", Stage.LETTER)
        return HandedOver(self._told(_sentence(*answer)), tuple(accepted), refused)

    def _expect(self, answer: tuple[int, bytes], where: str, stage: Stage = Stage.ENTRY, wanted: int = 200) -> None:
        """Go on where the answer is yes; `wanted` is the code, or the hundred, of a yes."""
        code, words = answer
        if code != wanted and not (wanted == 200 and 200 <= code < 300):
            raise _Ended(self._refusal(code, words, where, stage))

    def _refusal(self, code: int, words: bytes | str, where: str, stage: Stage = Stage.ENTRY) -> Attempt:
        return meaning(code, self._told(f"{where}: {_sentence(code, words)}"), stage)

    def _told(self, text: str) -> str:
        return told(text, self._server.secrets)

    def _leave(self) -> None:
        """Say goodbye, and wait a moment for the answer: some servers call an abrupt end an error."""
        with contextlib.suppress(OSError, ValueError):
            if self._smtp.sock:
                self._smtp.sock.settimeout(2.0)
                self._smtp.quit()
        self._smtp.close()
        if self._socket:
            self._socket.close()

    def _abort(self) -> None:
        """Called from outside of the thread: what waits for the server waits no longer."""
        self._stopped = True
        if self._socket:
            with contextlib.suppress(OSError):
                # Not SSLSocket's own, which would pull TLS from under the thread that reads.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def _sentence(code: int, words: bytes | str) -> str:
    text = words if isinstance(words, str) else words.decode("utf-8", "replace")
    return f"{code} {text}"


def _dotted(content: bytes) -> bytes:
    """`content` as it follows DATA: a dot that begins a line is doubled, and one alone ends it."""
    return re.sub(rb"(?m)^\.", b"..", content) + b".\r\n"


def _our_name(connection: socket.socket) -> str:
    """Who we say we are: this machine's full name, else its address, as RFC 5321 4.1.3 writes it. Asks no DNS."""
    name = socket.gethostname()
    if "." in name and re.fullmatch(r"[A-Za-z0-9.-]{1,253}", name):
        return name
    address = str(connection.getsockname()[0]).partition("%")[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
