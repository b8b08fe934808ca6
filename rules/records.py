"""The nouns, in the order the news meets them: feed, item, match, hit, story, alert, delivery.

All times are aware datetimes in UTC. Ids are hashes of what they name, so that whatever is replayed keeps its id.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b

from rules.events import Event


def hashed(*parts: str) -> str:
    """The id of what `parts` name: 32 hexadecimal digits, the same on every machine and in every version."""
    return blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


class Priority(StrEnum):
    """How many strokes of the bell."""

    ROUTINE = "routine"
    URGENT = "urgent"
    FLASH = "flash"


class FeedKind(StrEnum):
    """What stands at the address of a feed."""

    FEED = "feed"
    SITEMAP = "sitemap"
    PAGE = "page"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selectors:
    """Where the items of a page are, as CSS selectors; all but `item` are looked for inside of it, '' is a guess."""

    item: str
    title: str = ""
    link: str = ""
    date: str = ""
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed as the user configured it. `every` is a fixed interval in seconds; None means adaptive.

    `full_text`: where title and summary ring nothing, the article behind the link is read as well.
    `parser` is who reads it, empty where that is as for all. `title` is what it calls itself, which the memory knows.
    """

    url: str
    name: str = ""
    tags: tuple[str, ...] = ()
    every: float | None = None
    language: str = ""
    full_text: bool = False
    kind: FeedKind = FeedKind.FEED
    selectors: Selectors | None = None
    parser: str = ""
    title: str = ""

    @property
    def id(self) -> str:
        """Named by the address in the configuration, so that a learnt redirect changes nothing."""
        return hashed("feed", self.url)

    @property
    def called(self) -> str:
        """How people are told of it: the name it was given, else its own title, else its address with all secrets."""
        return self.name or self.title or self.url


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry as a feed published it, before anyone judged it.

    Every text is plain: the format that read it has removed the markup, and spans count its code points.
    `published` and `updated` are None where the feed gives no date that can be believed.
    `feed`, `feed_url` and `tags` say where it came from; `language` is a BCP 47 tag or empty. `from_article`: its text
    is that of the article behind the link, and not the feed's.
    """

    guid: str = ""
    link: str = ""
    title: str = ""
    summary: str = ""
    text: str = ""
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    language: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    feed: str = ""
    feed_url: str = ""
    tags: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    from_article: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Words of an item that a rule asked for.

    `surface` is `getattr(item, field)[start:end]` (authors and categories are joined by ", ").
    `entry` is the name of a watchlist entry, or the term as the rule writes it where `watchlist` is empty.
    """

    watchlist: str
    entry: str
    field: str
    start: int
    end: int
    surface: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A rule that an item rang, the words that rang it, in reading order, and the events it asked for."""

    rule: str
    priority: Priority
    notify: tuple[str, ...]
    matches: tuple[Match, ...]
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class StoryItem:
    """One report of a story. `own`: it is the one that an alert is about."""

    title: str
    link: str
    feed: str
    own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One piece of news, however many feeds carry it. `sources` counts distinct feeds."""

    story_id: str
    title: str
    sources: int
    first_seen: datetime
    items: tuple[StoryItem, ...] = ()


class AlertKind(StrEnum):
    """Why somebody hears of something; the `type` of the webhook payload."""

    CREATED = "alert.created"
    UPDATED = "alert.updated"
    DIGEST = "alert.digest"
    NOTICE = "operator.notice"
    TEST = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What is owed: one rule rung by one story, or a digest of several such `alerts`.

    `news` is what an update adds to what was told before, in words.
    """

    alert_id: str
    kind: AlertKind
    rule: str
    priority: Priority
    item: Item
    matches: tuple[Match, ...]
    story: Story
    first_seen: datetime
    events: tuple[Event, ...] = ()
    news: str = ""
    alerts: tuple["Alert", ...] = ()

    @property
    def watchlists(self) -> tuple[str, ...]:
        """The lists that rang, in order of their first match."""
        return tuple(dict.fromkeys(match.watchlist for match in self.matches if match.watchlist))


class Verb(StrEnum):
    """What a reader can do about an alert by a link in it."""

    ACKNOWLEDGE = "acknowledge"
    SILENCE_STORY = "silence_story"
    SILENCE_RULE = "silence_rule"


@dataclass(frozen=True, slots=True)
class Action:
    """A signed link that does what `verb` says."""

    verb: Verb
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An alert owed to one channel. `attempt` counts from 1; the id is the same on every attempt.

    `thread` is what the channel's service calls its first message of the same story and rule, '' where there is none.
    `actions` are what its readers may do by a link.
    """

    delivery_id: str
    channel: str
    alert: Alert
    attempt: int = 1
    thread: str = ""
    actions: tuple[Action, ...] = ()


class Outcome(StrEnum):
    """What became of one attempt."""

    SENT = "sent"
    TRANSIENT = "transient"
    PERMANENT = "permanent"
    CHANNEL_FAULT = "channel_fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """The server's answer to one attempt, in words, without a secret. `retry_after` is in seconds.

    `remote_id` is what the service calls the message that it accepted, '' where it says nothing.
    """

    outcome: Outcome
    reason: str = ""
    code: int | None = None
    retry_after: float | None = None
    remote_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far we are in one feed. Validators are exactly as the server gave them.

    `url` is the address asked (a learnt redirect, else the configured one); `baseline` is False until the first
    good poll. `failures` counts polls that failed in a row. `hint`: seconds that the feed itself asks to be left alone
    (ttl, sy:updatePeriod), `skip_hours` and `skip_days`: hours of GMT and days of the week, Monday is 0, at which it
    asks not to be polled; they hold for the answers without a body, too. `moved_to` is a permanent redirect on trial.
    `rhythm` is what is learnt of its publishing, as `rules.rhythm` writes it, and `pace` how often it is worth asking,
    as `rules.pacing` counts it, in items a day; 0 where nothing is known.
    """

    feed_id: str
    url: str
    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""
    failures: int = 0
    error: str = ""
    baseline: bool = False
    gone: bool = False
    interval: float = 0.0
    hint: float = 0.0
    rhythm: str = ""
    pace: float = 0.0
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    next_poll: datetime | None = None
    last_poll: datetime | None = None
    last_success: datetime | None = None
    last_change: datetime | None = None
    validated_since: datetime | None = None
    moved_to: str = ""
    moved_polls: int = 0
    moved_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """An item on its way to the store: its identity keys (best first), its folding keys, and what it rang.

    `fingerprint` is that of the item as its document had it; it may be left out where nothing was added to the item.
    `silent`: it rings nobody, as it is older than our knowledge of where it stood.
    `words` are what a full-text index keeps of it, parted by spaces; left out, they are made where it is kept.
    """

    item: Item
    keys: tuple[str, ...]
    link_key: str
    title_key: str
    hits: tuple[Hit, ...] = ()
    fingerprint: str = ""
    silent: bool = False
    words: str = ""
