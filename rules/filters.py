"""What is known of an item without reading it: its site, its tags, its language, the address of its feed."""

import re
import unicodedata
from collections.abc import Callable
from urllib.parse import urlsplit

from rules.mistakes import mistake
from rules.records import Item
from rules.text import fold

Filter = Callable[[Item], bool]

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8})*")


def read_filter(field: str, text: str, *, exact: bool) -> Filter | None:
    """The filter `field:text`, None where the field is one of words. Raises Mistakes, without a place."""
    match field:
        case "site":
            return _site(text)
        case "lang":
            return _language(text)
        case "tag":
            return _tag(text, exact=exact)
        case "feed" if "://" in text:
            return lambda item: item.feed_url == text
        case _:
            return None


def _site(text: str) -> Filter:
    site = _host(text if "://" in text else f"//{text.removeprefix('*.')}").removesuffix("*")
    path = text.partition("://")[2] or text
    if not site or "/" in path.rstrip("/"):
        raise mistake("", f"`{text}` is no site", 'write site:example.org, or link:"/blog/" for a part of the address')

    def holds(item: Item) -> bool:
        host = _host(item.link)
        return host == site or host.endswith(f".{site}")

    return holds


def _host(link: str) -> str:
    """The host as DNS has it, without www; '' where there is none."""
    try:
        host = urlsplit(link).hostname or ""
    except ValueError:
        return ""
    host = host.rstrip(".").removeprefix("www.")
    try:
        return host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        return host


def _language(text: str) -> Filter:
    tag = text.lower().replace("_", "-").removesuffix("*").removesuffix("-")
    if not _LANGUAGE.fullmatch(tag):
        raise mistake("", f"`{text}` is no language tag", "write it as in lang:pt, which takes pt-BR in")

    def holds(item: Item) -> bool:
        language = item.language.lower().replace("_", "-")
        return language == tag or language.startswith(f"{tag}-")

    return holds


def _tag(text: str, *, exact: bool) -> Filter:
    """The whole tag, but for a prefix*."""
    spelled = _composed if exact else fold
    wanted, prefix = spelled(text.removesuffix("*")), text.endswith("*")
    if not any(map(str.isalnum, wanted)):
        raise mistake("", f"there is no word in `{text}`", "write a tag, as it stands at the feed")

    def holds(item: Item) -> bool:
        tags = map(spelled, item.tags)
        return any(tag.startswith(wanted) if prefix else tag == wanted for tag in tags)

    return holds


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)
