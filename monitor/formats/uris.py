"""Addresses as feedparser makes them absolute: only by `xml:base`, as it never hears where a feed was found."""

import re
from urllib.parse import urljoin

_SLASHES = re.compile(r"^([A-Za-z][A-Za-z0-9+-.]*://)(/*)")
_ABSOLUTE = re.compile(r"https?://[A-Za-z0-9.-]++(?::[0-9]++)?/[!-:<-~]*+")
_SCHEMES = frozenset(
    (
        *("file", "ftp", "gopher", "h323", "hdl", "http", "https", "imap", "magnet", "mailto", "mms", "news", "nntp"),
        *("prospero", "rsync", "rtsp", "rtspu", "sftp", "shttp", "sip", "sips", "snews", "svn", "svn+ssh", "telnet"),
        *("wais", "aim", "callto", "cvs", "facetime", "feed", "git", "gtalk", "irc", "ircs", "irc6", "itms", "msnim"),
        *("skype", "ssh", "smb", "ymsg"),
    )
)


def is_absolute(uri: str) -> bool:
    """Whether urljoin, with whatever base, leaves `uri` as it is; False where that is not seen at once."""
    return bool(_ABSOLUTE.fullmatch(uri)) and "?#" not in uri and uri[-1] not in "?#"


def joined(base: str, uri: str) -> str:
    """`uri` relative to `base`, '' where it is no address at all."""
    if ":///" in uri:
        uri = _SLASHES.sub(r"\1", uri)
    if not base or is_absolute(uri):
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
