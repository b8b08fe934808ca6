"""Lists of feeds as other readers write and read them (OPML 2.0, opml.org/spec2.opml).

What is read is untrusted: at most 5 MB, 10,000 outlines and 20 folders deep; no DOCTYPE, no entities of its own, and
http or https only. Bytes of another encoding, a lone `&` and quotes inside a value are mended: 5 of 18 real lists
have them.
"""

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from monitor.formats.encoding import decode
from rules.mistakes import mistake
from rules.records import Feed

LARGEST = 5_000_000
MOST = 10_000
DEEPEST = 20

_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_ENTITY = re.compile(r"&(?:(#[0-9]{1,9}|#x[0-9a-fA-F]{1,8}|[A-Za-z][A-Za-z0-9]{1,40});)?")
_PIECE = re.compile(r"(?=<(?:/?outline|/?body|/?head|/?opml|!--)\b)")
_ATTRIBUTE = re.compile(
    r"""(?:^<outline|["'])\s+(category|created|description|htmlUrl|language|text|title|type|url|version|xmlUrl
    |[A-Za-z]+:[A-Za-z]+)\s*=\s*["']""",
    re.VERBOSE,
)
_OURS = frozenset(("amp", "lt", "gt", "quot", "apos"))
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (section 2.2) allows in no document."""


@dataclass(frozen=True, slots=True)
class FeedList:
    """What a file holds: its feeds, folders as tags, and a sentence for each outline that was left out."""

    feeds: tuple[Feed, ...]
    skipped: tuple[str, ...] = ()


def read(data: bytes, where: str = "OPML") -> FeedList:
    """The feeds of `data`. Raises Mistakes, placed at `where`, where it is no OPML or too large."""
    if len(data) > LARGEST:
        raise mistake(where, f"the file is larger than {LARGEST // 1_000_000} MB", "split it")
    text = _DECLARATION.sub("", decode(data, {}), count=1)
    first: expat.ExpatError | None = None
    for mended in (_as_it_is, _with_entities, _with_attributes):
        try:
            return _Reading(where).read(mended(text))
        except expat.ExpatError as error:
            first = first or error
    reason, line = (expat.ErrorString(first.code), first.lineno) if first else ("", 0)
    raise mistake(f"{where}:{line}", f"this is no XML: {reason}", "export the list again")


def write(feeds: Iterable[Feed], title: str = "Wirebell") -> str:
    """`feeds` as an OPML 2.0 document; their tags are categories, and a first tag is no folder."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<opml version="2.0">',
        f"  <head><title>{escape(_clean(title))}</title></head>",
        "  <body>",
        *(f"    <outline {_attributes(feed)}/>" for feed in feeds),
        "  </body>",
        "</opml>",
    ]
    return "\n".join(lines) + "\n"


def _attributes(feed: Feed) -> str:
    name = feed.name or feed.url
    given = {
        "type": "rss",
        "text": name,
        "title": name,
        "xmlUrl": feed.url,
        "category": ",".join(feed.tags),
        "language": feed.language,
    }
    return " ".join(f"{key}={quoteattr(_clean(value))}" for key, value in given.items() if value)


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("", text)


def _as_it_is(text: str) -> str:
    return text


def _with_entities(text: str) -> str:
    return _FORBIDDEN.sub("", _ENTITY.sub(_mended_entity, text))


def _mended_entity(found: re.Match[str]) -> str:
    name = found[1]
    if not name:
        return "&amp;"
    if name in _OURS:
        return found[0]
    character = html.unescape(found[0])
    return f"&amp;{name};" if character == found[0] else _quoted(character)


def _with_attributes(text: str) -> str:
    """Quotes and tags inside a value escaped: a value ends where the next attribute that OPML knows begins."""
    return "".join(_mended_outline(piece) for piece in _PIECE.split(_with_entities(text)))


def _mended_outline(piece: str) -> str:
    """`piece` begins with a tag and runs to the next one."""
    end = piece.rfind(">")
    starts = list(_ATTRIBUTE.finditer(piece, 0, end)) if piece.startswith("<outline") else []
    if not starts:
        return piece
    tag = piece[:end].rstrip()
    alone = tag.endswith("/")
    stop = len(tag.removesuffix("/").rstrip()) - 1  # the last quote
    ends = [*(start.start() for start in starts[1:]), stop]
    values = [_quoted(piece[start.end() : end]) for start, end in zip(starts, ends, strict=True)]
    attributes = " ".join(f'{start[1]}="{value}"' for start, value in zip(starts, values, strict=True))
    return f"<outline {attributes}{'/' if alone else ''}>{piece[end + 1 :]}"


def _quoted(value: str) -> str:
    return value.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;").replace("'", "&apos;")


@dataclass(slots=True)
class _Reading:
    """One reading of one text."""

    where: str
    _feeds: dict[str, Feed] = field(default_factory=dict)
    _skipped: list[str] = field(default_factory=list)
    _folders: list[tuple[str, ...]] = field(default_factory=list)
    _outlines: int = 0
    _is_opml: bool = False

    def read(self, text: str) -> FeedList:
        self._parser = parser = expat.ParserCreate("utf-8")
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.Parse(text.encode("utf-8", "replace"), True)
        if not self._is_opml:
            raise mistake(self.where, "this is no OPML: there is no <opml> in it", "give a list of feeds")
        return FeedList(tuple(self._feeds.values()), tuple(self._skipped))

    _parser: expat.XMLParserType = field(init=False)

    def _place(self) -> str:
        return f"{self.where}:{self._parser.CurrentLineNumber}"

    def _refuse(self, *_: object) -> None:
        raise mistake(self._place(), "a DOCTYPE or an entity of its own is refused", "remove it; OPML needs none")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name.lower() == "opml":
            self._is_opml = True
        if name.lower() != "outline":
            return
        self._outlines += 1
        if self._outlines > MOST:
            raise mistake(self._place(), f"there are more than {MOST:,} outlines", "split the file")
        if len(self._folders) >= DEEPEST:
            raise mistake(self._place(), f"folders are nested more than {DEEPEST} deep", "flatten them")
        self._outline({key.lower(): " ".join(value.split()) for key, value in attributes.items()})

    def _end(self, name: str) -> None:
        if name.lower() == "outline":
            self._folders.pop()

    def _outline(self, given: dict[str, str]) -> None:
        name = (given.get("title") or given.get("text") or "")[:200]
        inside = self._folders[-1] if self._folders else ()
        url = given.get("xmlurl", "")
        if not url and (given.get("type", "").lower() in ("rss", "atom", "link", "include")):
            self._skip(name, "it has no xmlUrl")
        self._folders.append(inside if url or not name else (*inside, name))
        if url:
            self._feed(
                Feed(url=url, name=name, tags=(*inside, *_categories(given)), language=given.get("language", ""))
            )

    def _feed(self, feed: Feed) -> None:
        problem = _unusable(feed.url)
        if problem:
            self._skip(feed.name, problem)
            return
        known = self._feeds.get(feed.url)
        if known:
            self._skip(feed.name, "its address is in this file already")
        tags = (*known.tags, *feed.tags) if known else feed.tags
        self._feeds[feed.url] = replace(known or feed, tags=tuple(dict.fromkeys(tags)))

    def _skip(self, name: str, reason: str) -> None:
        self._skipped.append(f"{self._place()}: {name or 'an outline without a name'}: {reason}")


def _categories(given: dict[str, str]) -> list[str]:
    """`/Technology/AI,press` are three tags."""
    paths = given.get("category", "").split(",")
    return [part.strip() for path in paths for part in path.split("/") if part.strip()]


def _unusable(url: str) -> str:
    """Why no feed can be asked at `url`; empty where one can."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "its address is broken"
    if parts.scheme.lower() not in ("http", "https"):
        return "its address is not http or https"
    return "" if host and " " not in url else "its address is broken"
