"""What a server says of when to come again: Retry-After, Cache-Control, Expires. Seconds, within our own bounds."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from rules.timing import LONGEST_RETRY_AFTER, LONGEST_WAIT


def retry_after(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Seconds a Retry-After asks for, at most LONGEST_RETRY_AFTER; None where there is none that can be read.

    A date counts from the server's own Date (RFC 9110 10.2.3).
    """
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value), LONGEST_RETRY_AFTER)
    until = http_date(value)
    if until is None:
        return None
    since = http_date(headers.get("date", "")) or now
    return min(max((until - since).total_seconds(), 0.0), LONGEST_RETRY_AFTER)


def freshness(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Seconds the answer stays fresh by Cache-Control, else by Expires (RFC 9111 4.2), at most LONGEST_WAIT."""
    directives: dict[str, str] = {}
    for part in headers.get("cache-control", "").split(","):
        name, _, value = part.partition("=")
        directives.setdefault(name.strip().lower(), value.strip().strip('"'))
    if directives.keys() & {"no-cache", "no-store"}:
        return None
    lifetime = _seconds(directives.get("max-age", ""))
    if lifetime is not None:
        lifetime -= _seconds(headers.get("age", "").strip()) or 0.0
    elif expires := http_date(headers.get("expires", "")):
        lifetime = (expires - (http_date(headers.get("date", "")) or now)).total_seconds()
    return min(lifetime, LONGEST_WAIT) if lifetime is not None and lifetime > 0 else None


def http_date(value: str) -> datetime | None:
    """The moment an HTTP date names; None where it names none (`Expires: 0` is common)."""
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _seconds(value: str) -> float | None:
    return float(value[:12]) if value.isascii() and value.isdigit() else None
