"""One address for an article, whatever trackers hang on it. The result is for comparing, not for visiting."""

import re
from functools import lru_cache
from urllib.parse import quote, urljoin, urlsplit

TRACKERS = frozenset(
    """
    _ga _gl _hsenc _hsmi _kx action_object_map action_ref_map action_type_map cid_source cmp cmpid dclid dicbo
    ei_source emc ef_id fb_action_ids fb_action_types fb_ref fb_source fbclid feature gbraid gclid gclsrc guccounter
    guce_referrer guce_referrer_sig hsctatracking icid igsh igshid intcid mbid mc_cid mc_eid mkt_tok msclkid ncid ocid
    oly_anon_id oly_enc_id partner ref ref_ ref_src ref_url referer referrer rss s_cid s_kwcid share si smid smtyp
    soc_src soc_trk spm sr_share srnd taid trk ttclid twclid vero_conv vero_id wbraid wickedid wt_mc wt_zmc xtor yclid
    ysclid
    """.split()  # noqa: SIM905  eighty quoted words in a column are harder to read
)
"""Query parameters that say how a reader came, never what is read (lower case)."""

TRACKER_PREFIXES = ("utm_", "at_", "ga_", "hsa_", "mtm_", "matomo_", "piwik_", "pk_", "stm_", "__twitter_", "gaa_")

SHARED_HOSTS = frozenset((
    "blogspot.com", "github.io", "medium.com", "substack.com", "tumblr.com", "wordpress.com", "feedburner.com",
    "beehiiv.com", "ghost.io", "netlify.app", "vercel.app", "pages.dev", "hatenablog.com", "livejournal.com",
))  # fmt: skip
"""Each name below these is a publisher of its own."""

_SECOND_LEVEL = frozenset(
    ("ac", "co", "com", "edu", "go", "gob", "gov", "gouv", "mil", "ne", "net", "nom", "or", "org")
)

_ESCAPE = re.compile("%([0-9A-Fa-f]{2})?")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_AMP_VALUES = frozenset(("", "1", "true", "amp"))


# A poll asks for each link twice, and for the address of the feed with every item.
@lru_cache(maxsize=4096)
def canonical_link(url: str, base: str = "") -> str:
    """The address of the article behind `url` (relative to `base`), or '' where it names none: a site's root, a mail.

    http and https are one, as are `www.` and none, a trailing slash and none, AMP and the page it copies.
    Doing it twice changes nothing.
    """
    try:
        parts = urlsplit(urljoin(base.strip(), url.strip()))
        host, port = _host(parts.hostname or ""), parts.port
    except ValueError:  # a broken port, an unclosed bracket, a host that no name server could know
        return ""
    if parts.scheme not in ("http", "https") or not host:
        return ""
    path, query, route = _path(parts.path), _query(parts.query), _route(parts.fragment)
    if not (path or query or route):
        return ""
    at = "" if port in (None, 80, 443) else f":{port}"
    return f"https://{host}{at}{path or '/'}{query}{route}"


def _host(name: str) -> str:
    if ":" in name:
        return f"[{name}]"
    name = name.rstrip(".").encode("idna").decode("ascii").lower().rstrip(".")
    while name.startswith("www.") and "." in name[4:]:
        name = name[4:]
    return name


def _path(path: str) -> str:
    kept: list[str] = []
    for segment in _escaped(path, safe="/:@!$&'()*+,;=").split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    while kept and (not kept[-1] or (kept[-1].lower() == "amp" and any(kept[:-1]))):
        kept.pop()
    return "/" + "/".join(kept).lstrip("/") if kept else ""


def _query(query: str) -> str:
    pairs = sorted(pair for pair in _escaped(query, safe="/:@!$&'()*+,;=?").split("&") if pair and not _tracks(pair))
    return "?" + "&".join(pairs) if pairs else ""


def _tracks(pair: str) -> bool:
    name, _, value = pair.partition("=")
    name, value = name.lower(), value.lower()
    return (
        name in TRACKERS
        or name.startswith(TRACKER_PREFIXES)
        or (name == "amp" and value in _AMP_VALUES)
        or (name == "outputtype" and value == "amp")
        or (name == "source" and value.startswith("rss"))  # medium.com
    )


def _route(fragment: str) -> str:
    """Some sites keep the whole address of a page behind `#!`; any other fragment is a place in a page."""
    return "#" + _escaped(fragment, safe="/:@!$&'()*+,;=?") if fragment.startswith("!") and len(fragment) > 1 else ""


def _escaped(text: str, *, safe: str) -> str:
    """One spelling of percent-encoding (RFC 3986 6.2.2); a lone `%` is written `%25`, or twice would not be once."""
    return quote(_ESCAPE.sub(_one_escape, text), safe=safe + "%~", errors="replace")


def _one_escape(found: re.Match[str]) -> str:
    if not found[1]:
        return "%25"
    plain = chr(int(found[1], 16))
    return plain if plain in _UNRESERVED else found[0].upper()


def site_of(url: str) -> str:
    """The name under which a publisher keeps its hosts: `bbc.co.uk` for `https://feeds.bbc.co.uk/x`; '' for none."""
    try:
        labels = _host(urlsplit(url).hostname or "").split(".")
    except ValueError:
        return ""
    if labels[-1].isdecimal() or "[" in labels[0]:
        return ".".join(labels)
    shared = ".".join(labels[-2:]) in SHARED_HOSTS or (len(labels[-1]) == 2 and labels[-2:][0] in _SECOND_LEVEL)
    return ".".join(labels[-3 if shared else -2 :])
