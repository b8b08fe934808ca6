"""The tables of wirebell.toml as pydantic models: the shapes, the bounds and the defaults. Durations become seconds.

A new key is a field here (and its docstring is its description in the JSON Schema); nothing else lists the keys.
"""

import difflib
import re
import zoneinfo
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from rules.records import Feed, FeedKind, Priority, Selectors
from rules.watchlist import Entry, Kind

SHORTEST_FIXED = 60.0
LONGEST = 366 * 86_400.0
"""Seconds; more is a slip of the finger."""

_DURATION = re.compile(r"(0|[0-9]{1,9}[smhd])")
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


def wrong(what: str, remedy: str) -> PydanticCustomError:
    """What a validator raises. `what` must not hold the value: it may be a secret."""
    return PydanticCustomError("wrong", "{what}; {remedy}", {"what": what, "remedy": remedy})


def seconds(text: Any) -> float:
    """`90s`, `5m`, `2h`, `1d` or `0` in seconds."""
    if not isinstance(text, str) or not _DURATION.fullmatch(text):
        raise wrong("is not a duration", 'write "90s", "5m", "2h", "1d" or "0"')
    length = 0.0 if text == "0" else int(text[:-1]) * _UNITS[text[-1]]
    if length > LONGEST:
        raise wrong("is longer than a year", 'write "90s", "5m", "2h" or "1d"')
    return length


def web_address(url: str) -> str:
    """An http or https address with a host."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise wrong("is not a web address", "check the host and the port") from None
    scheme = parts.scheme.lower()
    if scheme in ("http", "https"):
        if not host or not url.isprintable() or " " in url:
            raise wrong("is not a web address", 'write it whole, as in "https://example.org/feed"')
        return url
    if scheme in ("feed", "rss"):
        raise wrong(f"`{scheme}:` names no way to ask", "write https:// instead")
    if scheme in ("file", "ftp", "gopher", "data", "javascript"):
        raise wrong(f"`{scheme}:` is not reached", "only http and https are")
    raise wrong("is not a web address", "begin it with https://")


def _fixed(length: float) -> float:
    if length < SHORTEST_FIXED:
        raise wrong("is less than a minute", 'write "60s" or more: publishers shut out who asks more often')
    return length


def _some(length: float) -> float:
    if not length:
        raise wrong("is no time at all", 'write "5m" or more')
    return length


def _language(tag: str) -> str:
    if not _LANGUAGE.fullmatch(tag):
        raise wrong("is not a language tag", 'write "en", "pt-BR" or "zh-Hans"')
    return tag


def _name(text: str) -> str:
    if not text.strip() or _CONTROL.search(text):
        raise wrong("is empty or holds control characters", "write a name")
    return text


def _query(text: str) -> str:
    if not text.strip():
        raise wrong("is empty", "write a query such as '@keywords AND NOT sponsored'")
    return text


def _selector(text: str) -> str:
    # A parser that only pages need.
    from cssselect import HTMLTranslator, SelectorError  # noqa: PLC0415

    try:
        HTMLTranslator().css_to_xpath(text)
    except SelectorError as error:
        raise wrong(f"is not a CSS selector: {error}", 'write it as in "article h2 > a" or "li.news"') from None
    return text


def _header(text: str) -> str:
    if text and not (text.isascii() and text.isprintable()):
        raise wrong("does not fit into an HTTP header", "write it in ASCII, on one line")
    return text


def _timezone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        near = difflib.get_close_matches(name, zoneinfo.available_timezones(), n=1)
        raise wrong("is not a time zone", f'write "{near[0]}"' if near else 'write it as in "Europe/Lisbon"') from None
    return name


def _listen(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or not 0 <= int(port) < 65536:
        raise wrong("is not an address to listen on", 'write it as in "127.0.0.1:8181" or "[::1]:8181"')
    return text


def _network(text: Any) -> IPv4Network | IPv6Network:
    remedy = 'write it as in "127.0.0.0/8" or "10.1.2.3"'
    if not isinstance(text, str):
        raise wrong("is not a network", remedy)
    try:
        return ip_network(text)
    except ValueError:
        pass
    try:
        meant = ip_network(text, strict=False)
    except ValueError:
        raise wrong("is not a network", remedy) from None
    raise wrong("is an address inside a network", f'write "{meant}"')


def _table_of(key: str, kind: type) -> Any:
    """A validator that takes the short form of a table: its one key alone."""
    return lambda value: {key: value} if isinstance(value, kind) else value


Duration = Annotated[
    float,
    BeforeValidator(seconds),
    WithJsonSchema({"type": "string", "pattern": "^(0|[0-9]{1,9}[smhd])$", "examples": ["90s", "5m", "2h", "1d"]}),
]
Some = Annotated[Duration, AfterValidator(_some)]
Name = Annotated[str, AfterValidator(_name)]
Names = Annotated[tuple[Name, ...], Field(strict=False)]
Strings = Annotated[tuple[str, ...], Field(strict=False)]
WebAddress = Annotated[str, AfterValidator(web_address), Field(json_schema_extra={"format": "uri"})]
AParser = Literal["auto", "feedparser"]
Header = Annotated[str, AfterValidator(_header)]
Selector = Annotated[str, AfterValidator(_selector)]
Network = Annotated[
    IPv4Network | IPv6Network,
    BeforeValidator(_network),
    WithJsonSchema({"type": "string", "examples": ["127.0.0.0/8"]}),
]


def lasting(text: str) -> Any:
    """A duration's default, which the JSON Schema shows as people write it."""
    return Field(default=seconds(text), json_schema_extra={"default": text})


class Table(BaseModel):
    """What all tables share: no unknown keys, no guessing of types, and no value in a message."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True
    )


class PollingTable(Table):
    """Bounds for the adaptive schedule."""

    min: Some = lasting("5m")
    """The shortest time between two polls of a feed."""
    max: Some = lasting("2h")
    """The longest time between two polls of a feed."""
    host_gap: Duration = lasting("2s")
    """Between two requests to one host."""
    backfill: Duration = lasting("0")
    """The first poll of a feed is a silent baseline; "24h" alerts on what is younger."""


class PushTable(Table):
    """News that publishers push (WebSub), beside polling."""

    callback: WebAddress = ""
    """Where hubs reach us from outside, such as "https://wirebell.example.org/push"; empty for polling alone."""
    listen: Annotated[str, AfterValidator(_listen)] = "127.0.0.1:8181"
    """Where the service listens for them: a proxy with the public name and certificate hands them on to there."""


class NetworkTable(Table):
    """Who may be asked, and as whom."""

    allow_private: Annotated[tuple[Network, ...], Field(strict=False)] = ()
    """Addresses that feeds, pages and webhooks may reach beside public ones."""
    user_agent: Header = ""
    """Instead of Wirebell/VERSION (+contact), which names the project where there is no contact."""


class OperatorTable(Table):
    """News of the service itself; it never goes to the readers."""

    notify: Strings = ()
    """Channels that hear of broken, silent or moved feeds and of channels that fail."""
    heartbeat: WebAddress = ""
    """An address that is asked every day, so that somebody misses it when nothing runs."""


INSIDE = ("title", "link", "date", "summary")
"""The selectors that are looked for inside of an item."""


class FeedTable(Table):
    """A feed."""

    url: WebAddress
    """Its address, http or https."""
    name: str = ""
    """What to call it; else its own title."""
    tags: Names = ()
    """For `tag:` in a rule."""
    every: Annotated[Duration, AfterValidator(_fixed)] | None = None
    """A fixed interval instead of the adaptive one; 60s at the least."""
    language: Annotated[str, AfterValidator(_language)] = ""
    """A BCP 47 tag; else detected."""
    full_text: bool = False
    """Where title and summary ring nothing, read the article behind the link, if its robots.txt allows that."""
    kind: Annotated[FeedKind, Field(strict=False)] = FeedKind.FEED
    """What stands there: a feed (RSS, Atom, JSON), a sitemap, or a page with a list of articles."""
    item: Selector | None = None
    """Of a page: the elements that are its items, as a CSS selector; else they are guessed."""
    title: Selector | None = None
    """Of a page: where in an item its title is; else its heading or its link."""
    link: Selector | None = None
    """Of a page: where in an item its link is; else the first one."""
    date: Selector | None = None
    """Of a page: where in an item its date is; else its time element."""
    summary: Selector | None = None
    """Of a page: where in an item its summary is; else there is none."""
    parser: AParser | None = None
    """Who reads this feed, if not as the file says for all."""

    def feed(self) -> Feed:
        """What the rest of the house calls it."""
        return Feed(
            url=self.url,
            name=self.name,
            tags=self.tags,
            every=self.every,
            language=self.language,
            full_text=self.full_text,
            kind=self.kind,
            selectors=self._selectors(),
            parser=self.parser or "",
        )

    def _selectors(self) -> Selectors | None:
        if self.item is None or self.kind is not FeedKind.PAGE:
            return None
        inside = {name: getattr(self, name) or "" for name in INSIDE}
        return Selectors(item=self.item, **inside)


AFeed = Annotated[FeedTable, BeforeValidator(_table_of("url", str), json_schema_input_type=WebAddress | FeedTable)]


class EntryTable(Table):
    """An entry of a watchlist, by all its names."""

    name: Name
    """What it is called; may be a word, "=Exact", a prefix* or a /regular expression/."""
    aliases: Names = ()
    """Other names of the same."""
    context: Names = ()
    """The name counts only where one of these words is in the same item (namesakes)."""
    exact: bool = False
    """Case and accents of the name and its aliases count."""
    excepted: Names = Field(default=(), alias="except")
    """The name does not count inside one of these."""
    note: str = ""
    """For people."""

    def entry(self) -> Entry:
        """What the rest of the house calls it."""
        return Entry(self.name, self.aliases, self.context, self.exact, self.note, self.excepted)


AnEntry = Annotated[EntryTable, BeforeValidator(_table_of("name", str), json_schema_input_type=Name | EntryTable)]


class WatchlistTable(Table):
    """A list of people, organizations or topics."""

    kind: Annotated[Kind, Field(strict=False)] = Kind.TOPIC
    """What its entries are; default: as its packs, else topics."""
    entries: Annotated[tuple[AnEntry, ...], Field(strict=False)] = ()
    """Names, or tables with a name, aliases and context."""
    files: Names = ()
    """CSV files beside this one; columns: name, aliases (separated by |), context, note."""
    packs: Names = ()
    """Lists that are shipped: `wirebell watchlists packs` names them."""


AWatchlist = Annotated[
    WatchlistTable,
    BeforeValidator(_table_of("entries", list), json_schema_input_type=list[Name | EntryTable] | WatchlistTable),
]


class RuleTable(Table):
    """A rule: what rings, how loud, and where."""

    name: Name
    """What alerts call it."""
    when: Annotated[str, AfterValidator(_query)]
    """A query, such as 'title:@keywords AND NOT sponsored'."""
    priority: Annotated[Priority, Field(strict=False)] = Priority.ROUTINE
    """How many strokes of the bell."""
    notify: Strings = ()
    """Channels; else every channel of the readers."""
    should_match: Strings = ()
    """Titles that must ring it; `wirebell check` tries them."""
    should_not_match: Strings = ()
    """Titles that must not ring it."""


class FileTable(Table):
    """The configuration of Wirebell."""

    contact: Header = ""
    """Sent in the User-Agent, so that a publisher can reach you."""
    database: Name | None = None
    """Default: $STATE_DIRECTORY, else the user's state folder. Relative to this file."""
    timezone: Annotated[str, AfterValidator(_timezone)] = "UTC"
    """Times of day are in it."""
    parser: AParser = "auto"
    """Who reads RSS and Atom: "auto" is a fast reader, and feedparser for what is odd; "feedparser" reads all."""
    polling: PollingTable = PollingTable()
    push: PushTable = PushTable()
    network: NetworkTable = NetworkTable()
    operator: OperatorTable = OperatorTable()
    feeds: Annotated[tuple[AFeed, ...], Field(strict=False)] = ()
    """Addresses, or tables with an address and more."""
    watchlists: dict[Name, AWatchlist] = {}
    """By name; a list that no rule names is a rule of its own."""
    rules: Annotated[tuple[RuleTable, ...], Field(strict=False)] = ()
    """Tables with a name and a query."""
    channels: dict[Name, Any] = {}
    """By name; "slack:...", "webhook:...", "mailto:...", "console:", or a table with its type."""


LATER = frozenset(
    (
        *("budget", "digest", "digests", "escalate", "min_priority", "moves"),
        *("quiet", "second_opinion", "silence", "silences"),
    )
)
"""Keys that a later version takes."""

LATER_CHANNELS = frozenset(("apprise",))
