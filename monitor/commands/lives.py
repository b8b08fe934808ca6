"""What is known of an item, from the memory and the rules together; of what never came, the nearest there is."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote, urlsplit

from monitor.config import Config
from rules.explaining import Explained
from rules.headlines import Headlines
from rules.judge import Judge
from rules.links import canonical_link, site_of
from rules.records import Item, Story
from state.catalogue import AlertRecord, ChannelRecord, FeedRecord, Headline, HitRecord, ItemRecord
from state.database import holder
from state.store import Store

NEWEST = 200_000
"""Items whose titles are looked through: a second or two."""

MOST = 20
"""Items that are found by one title."""

_ADDRESS = re.compile(r"(https?://\S+|[\w-]+(\.[\w-]+)+/\S*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLife:
    """What a rule makes of an item: `now`, None where the rule is gone, and `then`, None where it did not ring."""

    rule: str
    now: Explained | None
    then: HitRecord | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """All that is known of an item. `reports` are those of the same article, itself among them; `others` were meant
    by the same words. `channels` are how the channels fare, `configured` those that there are."""

    record: ItemRecord
    reports: Sequence[ItemRecord]
    others: Sequence[ItemRecord]
    rules: Sequence[RuleLife]
    story: Story | None
    alerts: Sequence[AlertRecord]
    channels: Sequence[ChannelRecord]
    configured: Sequence[str]
    running: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """What was never seen. `forgotten`: when its feed last had it, where it was seen and the retention has taken it.

    `site` is that of an address; `feeds` are those of the site, or that carry it. `rules` is what they make of a title.
    """

    asked: str
    forgotten: datetime | None
    nearest: Sequence[ItemRecord]
    site: str
    feeds: Sequence[FeedRecord]
    rules: Sequence[RuleLife]


def looked_up(configured: Config, store: Store, text: str) -> Life | Nothing:
    """The life of the newest item with this address, this guid or these words in its title. Raises StateError."""
    address = text if "://" in text else f"https://{text}"
    link = canonical_link(address) if _ADDRESS.fullmatch(text) else ""
    found = store.find(link, text, limit=MOST)
    if found:
        return _life(configured, store, found)
    newest = store.headlines(limit=NEWEST)
    titles = Headlines([one.title for one in newest])
    meant = _at(newest, link) if link else titles.holding(text)
    if meant:
        return _life(configured, store, store.records([newest[number].item_id for number in meant[:MOST]]))
    nearest = titles.nearest(_words_of(address) if link else text)
    site = site_of(address) if link else ""
    return Nothing(
        asked=text,
        forgotten=store.forgotten(link, text),
        nearest=store.records([newest[number].item_id for number in nearest]),
        site=site,
        feeds=_feeds_of(site, store.feeds(), newest) if site else (),
        rules=() if link else _rules(configured.judge, Item(title=text), ()),
    )


def _at(newest: Sequence[Headline], link: str) -> list[int]:
    """Those at this address which share it with others, so that it names none of them."""
    page = unquote(urlsplit(link).path.rpartition("/")[2])
    alike = ((number, one.link) for number, one in enumerate(newest) if page in unquote(one.link))
    return [number for number, url in alike if canonical_link(url, link) == link]


def _words_of(address: str) -> str:
    """What an address says of its article: /2026/jason-wei-leaves.html is `jason wei leaves`."""
    words = re.findall(r"[^\W\d_]{2,}", unquote(urlsplit(address).path))
    return " ".join(word for word in words if word not in ("html", "htm", "php", "aspx", "amp"))


def _feeds_of(site: str, feeds: Iterable[FeedRecord], newest: Sequence[Headline]) -> list[FeedRecord]:
    """The feeds at this site, and those that carried its articles."""
    carrying = {one.feed_id for one in newest if site in one.link and site_of(one.link) == site}
    return [one for one in feeds if one.feed.id in carrying or site_of(one.feed.url) == site]


def _life(configured: Config, store: Store, found: Sequence[ItemRecord]) -> Life:
    record = found[0]
    reports = [one for one in found if one.story_id == record.story_id]
    alerts = [store.alert(one) for one in dict.fromkeys(hit.alert_id for hit in record.hits) if one]
    return Life(
        record=record,
        reports=reports,
        others=[one for one in found if one not in reports],
        rules=_rules(configured.judge, record.item, record.hits),
        story=store.story(record.story_id),
        alerts=[alert for alert in alerts if alert],
        channels=store.channels(),
        configured=list(configured.channels),
        running=bool(holder(configured.database)),
    )


def _rules(judge: Judge, item: Item, hits: Iterable[HitRecord]) -> list[RuleLife]:
    then = {hit.rule: hit for hit in hits}
    lives = [RuleLife(rule=rule.name, now=one, then=then.pop(rule.name, None)) for rule, one in judge.explain(item)]
    return lives + [RuleLife(rule=rule, now=None, then=hit) for rule, hit in then.items()]
