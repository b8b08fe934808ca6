"""What elements and attributes are called, whatever prefix a document has chosen: `dc:creator` is `dc_creator`.

feedparser goes by a namespace where it knows it and by the prefix of the document where not, so that a feed may write
`media:` under a wrong address. Where one prefix means two things it depends on the order, and we decline.
"""

from collections.abc import Iterable


class Declined(Exception):
    """What feedparser makes of this document is not sure, so it is asked."""


_OF_FEEDS = (
    *("", "http://backend.userland.com/rss", "http://blogs.law.harvard.edu/tech/rss", "http://purl.org/rss/1.0/"),
    *("http://my.netscape.com/rdf/simple/0.9/", "http://example.com/newformat#", "http://example.com/necho"),
    *("http://purl.org/echo/", "uri/of/echo/namespace#", "http://purl.org/pie/", "http://purl.org/atom/ns#"),
    *("http://www.w3.org/2005/atom", "http://purl.org/rss/1.0/modules/rss091#"),
)
_MODULES = (
    *("aggregation/ ag", "annotate/ annotate", "company co", "content/ content", "email/ email", "event/ ev"),
    *("image/ image", "link/ l", "reference/ ref", "richequiv/ reqv", "search/ search", "slash/ slash"),
    *("servicestatus/ ss", "subscription/ sub", "syndication/ sy", "taxonomy/ taxo", "threading/ thr"),
    *("textinput/ ti", "wiki/ wiki"),
)
KNOWN = {
    **dict.fromkeys(_OF_FEEDS, ""),
    **{f"http://purl.org/rss/1.0/modules/{name}": prefix for name, prefix in map(str.split, _MODULES)},
    "http://webns.net/mvcb/": "admin",
    "http://media.tangent.org/rss/1.0/": "audio",
    "http://backend.userland.com/blogchannelmodule": "blogchannel",
    "http://creativecommons.org/ns#license": "cc",
    "http://web.resource.org/cc/": "cc",
    "http://cyber.law.harvard.edu/rss/creativecommonsrssmodule.html": "creativecommons",
    "http://backend.userland.com/creativecommonsrssmodule": "creativecommons",
    "http://my.theinfo.org/changed/1.0/rss/": "cp",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://freshmeat.net/rss/fm/": "fm",
    "http://xmlns.com/foaf/0.1/": "foaf",
    "http://www.w3.org/2003/01/geo/wgs84_pos#": "geo",
    "http://www.georss.org/georss": "georss",
    "http://www.opengis.net/gml": "gml",
    "http://postneo.com/icbm/": "icbm",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://example.com/dtds/podcast-1.0.dtd": "itunes",
    "http://search.yahoo.com/mrss": "media",
    "http://search.yahoo.com/mrss/": "media",
    "http://madskills.com/public/xml/rss/module/pingback/": "pingback",
    "http://prismstandard.org/namespaces/1.2/basic/": "prism",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://www.w3.org/2000/01/rdf-schema#": "rdfs",
    "http://schemas.xmlsoap.org/soap/envelope/": "soap",
    "http://hacks.benhammersley.com/rss/streaming/": "str",
    "http://schemas.pocketsoap.com/rss/mydescmodule/": "szf",
    "http://madskills.com/public/xml/rss/module/trackback/": "trackback",
    "http://wellformedweb.org/commentapi/": "wfw",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://www.w3.org/1999/xlink": "xlink",
    "http://www.w3.org/xml/1998/namespace": "xml",
    "http://podlove.org/simple-chapters": "psc",
}
"""feedparser's table: namespaces in small letters, and the prefix by which it knows their elements."""

_XML = "http://www.w3.org/XML/1998/namespace"

_READ = frozenset(
    (
        *("about", "base", "domain", "href", "ispermalink", "label", "lang", "lastmod", "mode", "rel", "scheme"),
        *("term", "text", "type", "uri", "url"),
    )
)
"""Attributes that mean something to us."""


class Names(dict[str, str]):
    """The name of every element, by the tag ElementTree gives it. Raises Declined where names are ambiguous."""

    def __init__(self, declared: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        self._prefixes = _prefixes({(prefix.lower(), uri) for prefix, uri in declared if uri})

    @property
    def prefixes(self) -> frozenset[str]:
        """Those by which feedparser knows the namespaces of the document."""
        return frozenset(self._prefixes.values())

    def __missing__(self, tag: str) -> str:
        uri, _, local = tag.rpartition("}")
        prefix = self._prefixes.get(uri[1:], "")
        name = self[tag] = (f"{prefix}_{local}" if prefix else local).lower()
        return name


class Keys(dict[str, str]):
    """The name of every attribute: `xml:base`, `rdf:about`, `href`."""

    def __missing__(self, attribute: str) -> str:
        uri, _, local = attribute.rpartition("}")
        prefix = known(uri[1:])
        if uri and not prefix and local.lower() in _READ:
            raise Declined(f"an attribute {local} of another namespace")
        key = self[attribute] = (f"{prefix}:{local}" if prefix else local).lower()
        return key


def known(uri: str) -> str | None:
    """The prefix by which feedparser knows a namespace, None for one that it does not know."""
    lower = uri.lower()
    return "" if "backend.userland.com/rss" in lower else KNOWN.get(lower)


def _prefixes(declared: set[tuple[str, str]]) -> dict[str, str]:
    """The prefix of every namespace of a document, '' for the elements of feeds."""
    prefixes = {_XML: "xml"}
    meant: dict[str, str] = {}
    for prefix, uri in declared:
        standard = known(uri)
        stands_for = prefix if standard is None else standard
        if prefixes.setdefault(uri, stands_for) != stands_for:
            raise Declined("two prefixes of one namespace")
        for name in {prefix, stands_for} - {""}:
            meaning = uri if standard is None else stands_for
            if meant.setdefault(name, meaning) != meaning:
                raise Declined("two namespaces of one prefix")
    return prefixes
