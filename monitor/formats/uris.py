"""Addresses as feedparser makes them absolute: only by `xml:base`, as it never hears where a feed was found."""

import re
from urllib.parse import urljoin

_SLASHES = re.compile(r"^([A-Za-z][A-Za-z0-9+-.]*://)(/*)")
_SCHEMES = frozenset(
    (
        *("file", "ftp", "gopher", "h323", "hdl", "http", "https", "imap", "magnet", "mailto", "mms", "news", "nntp"),
        *("prospero", "rsync", "rtsp", "rtspu", "sftp", "shttp", "sip", "sips", "snews", "svn", "svn+ssh", "telnet"),
        *("wais", "aim", "callto", "cvs", "facetime", "feed", "git", "gtalk", "irc", "ircs", "irc6", "itms", "msnim"),
        *("skype", "ssh", "smb", "ymsg"),
    )
)


def joined(base: str, uri: str) -> str:
    """`uri` relative to `base`, '' where it is no address at all."""
    if ":///" in uri:
        uri = _SLASHES.sub(r"\1", uri)
    if not base:
        return uri
    try:
        return urljoin(base, uri)
    except ValueError:
        return ""


def based(own: str | None, base: str) -> str:
    """The base inside of an element that says `own`, inside of `base`."""
    own = own or base
    if not base:
        return joined("", own)
    absolute = joined(base, own)
    return absolute if absolute.strip().split(":", 1)[0] in _SCHEMES else base
