"""One line an event on stderr, as journald likes it; never a secret, never a forged line.

Under systemd (JOURNAL_STREAM) a line begins with its priority, `<6>`, and has no time: the journal has one.
"""

import logging
import os
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

_PRIORITY = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}

_NAMES = "(?:api|access|auth)?(?:token|key|secret|passw(?:or)?d|pwd|sig|signature|auth)"
_SECRETS = (
    (re.compile(r"(?<=://)[^\s/?#]+(?=@)"), "***"),  # user:password@ of an address
    (re.compile(r"(https?://hooks\.slack[\w.-]*/)[^\s\"'>]+", re.IGNORECASE), r"\1***"),
    (re.compile(r"(/api/webhooks/)[^\s\"'>]+", re.IGNORECASE), r"\1***"),  # Discord
    (re.compile(r"(/bot)\d+:[\w-]+"), r"\1***"),  # Telegram
    (re.compile(rf"(?i)(?<![a-z0-9])((?:[\w-]*[_-])?{_NAMES})=[^\s&\"'>]+"), r"\1=***"),
    (re.compile(r"([?&]code)=[^\s&\"'>]+", re.IGNORECASE), r"\1=***"),  # Azure
    (re.compile(r"(?i)\b(authorization: *|basic +|bearer +)(?:basic +|bearer +)?[\w+/=.~-]{8,}"), r"\1***"),
    (re.compile(r"whsec_[\w+/=-]+"), "whsec_***"),
)

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def redact(text: str) -> str:
    """`text` without what looks like a password, a token or a Slack address."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


class OneLine(logging.Formatter):
    """An event in one line: secrets removed, control characters written out."""

    def __init__(self, *, journal: bool) -> None:
        super().__init__()
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        text = record.getMessage()
        if record.exc_info:
            text = f"{text} | {self.formatException(record.exc_info)}"
        text = _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), redact(text))
        if self._journal:
            return f"<{_PRIORITY.get(record.levelno, 6)}>{text}"
        moment = datetime.fromtimestamp(record.created, UTC)
        return f"{moment:%Y-%m-%dT%H:%M:%SZ} {record.levelname.lower()} {text}"


def start(*, verbose: bool = False, quiet: bool = False, environ: Mapping[str, str] = os.environ) -> None:
    """Log to stderr from here on: our events from INFO, the libraries' from WARNING.

    `verbose`: what did not change, too. `quiet`: errors only, for a command that tells the rest itself.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine(journal=bool(environ.get("JOURNAL_STREAM"))))
    logging.basicConfig(handlers=[handler], level=logging.ERROR if quiet else logging.WARNING, force=True)
    ours = logging.ERROR if quiet else logging.DEBUG if verbose else logging.INFO
    logging.getLogger("wirebell").setLevel(ours)
