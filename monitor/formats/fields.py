"""The fields of an item that every format fills in the same way."""

import re
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from monitor.formats import dates
from monitor.formats.text import one_line
from monitor.formats.uris import is_absolute

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")


def tag(language: str) -> str:
    """`language` as a BCP 47 tag, '' where it is none."""
    if not language:
        return ""
    language = language.strip().replace("_", "-")
    if not _LANGUAGE.fullmatch(language):
        return ""
    primary, *rest = language.split("-")
    return "-".join((primary.lower(), *rest))


def date(name: str, written: str, *, now: datetime) -> tuple[datetime | None, tuple[str, ...]]:
    """The moment `written`, and a warning where that is no date to believe."""
    moment = dates.parse(written, now=now) if written else None
    if moment or not written.strip():
        return moment, ()
    return None, (f"{name} {one_line(written)[:60]!r} is no date to believe",)


def distinct(names: Iterable[str]) -> tuple[str, ...]:
    """Names in their order, each once, none empty; at most 100 of 300 characters."""
    return tuple(dict.fromkeys(name[:300] for name in names if name))[:100]


def resolved(link: str, base: str) -> str:
    """`link` as an http address, relative to `base`; '' where it is none."""
    if "&amp;" not in link and is_absolute(link):
        return link
    link = "".join(line.strip() for line in link.replace("\t", "\n").splitlines())
    link = link.replace("&amp;", "&").replace(" ", "%20")
    try:
        if f"{link}/".lower().startswith(("www.", f"{urlsplit(base).hostname}/")):
            link = f"//{link}"  # an address that lacks its scheme
        absolute = urljoin(base, link) if link else ""
    except ValueError:
        return ""
    return absolute if absolute.lower().startswith(("http://", "https://")) else ""
