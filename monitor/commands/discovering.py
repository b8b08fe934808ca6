"""`feeds discover`: the feeds of a site, each with its newest items and its rhythm."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import Annotated

import typer

from monitor import saying
from monitor.assembly import build_fetcher
from monitor.commands.common import (
    AsJson,
    CommandError,
    Status,
    config_or_none,
    counted,
    now,
    print_lines,
    progress,
    rfc3339,
    say,
    show,
)
from monitor.config import Config
from monitor.discovery import Discovery, DiscoveryFailed, FoundFeed
from monitor.reader import Reader
from monitor.saying import usual
from monitor.tables import PollingTable
from rules.records import Item

NEWEST = 3
"""Items shown of each feed."""

RECENT = timedelta(days=2)
"""What is older is shown with its date."""


def discover(
    context: typer.Context,
    site: Annotated[str, typer.Argument(metavar="URL", help="A page of the site; https:// may be left out.")],
    as_json: AsJson = False,
) -> Status:
    """Find the feeds of a site: named by its pages, known of its platform, or in the usual places.

    Each is read, and shown with its newest items and how often it brings some. Nothing is added.

    Example: wirebell feeds discover https://www.wired.com
    """
    configured = config_or_none(context)
    feeds = asyncio.run(_discover(configured, site if "://" in site else f"https://{site}"))
    there = {feed.url for feed in configured.feeds} if configured else set()
    if as_json:
        print_lines(_row(feed, configured=feed.url in there) for feed in feeds)
    else:
        for feed in feeds:
            _show(feed, configured=feed.url in there)
    if not feeds:
        say(
            f"{site}: no feed found; if you know its address, give it to `wirebell feeds add`; else a list of articles "
            'or a sitemap can be watched by its kind: add kind = "page" or kind = "sitemap" to it in the file'
        )
        return Status.NO
    new = next((feed.url for feed in feeds if feed.url not in there), None)
    say(f"{counted(len(feeds), 'feed')} found" + (f"; to watch one: wirebell feeds add {new}" if new else ""))
    return Status.DONE


async def _discover(configured: Config | None, url: str) -> list[FoundFeed]:
    polling = configured.polling if configured else PollingTable()
    async with AsyncExitStack() as closing:
        reader = Reader()
        closing.push_async_callback(reader.close)
        fetcher = await build_fetcher(configured, closing)
        bar = closing.enter_context(progress())
        task = bar.add_task(url, total=None)
        discovery = Discovery(
            fetcher, reader, gap=polling.host_gap, on_try=lambda one: bar.update(task, description=one)
        )
        try:
            return await discovery.feeds_of(url)
        except DiscoveryFailed as error:
            raise CommandError(str(error)) from error


def _row(feed: FoundFeed, *, configured: bool) -> dict[str, object]:
    document = feed.document
    return {
        "url": feed.url,
        "title": document.title,
        "language": document.language,
        "how": feed.how,
        "configured": configured,
        "same_as": feed.same_as or None,
        "items": len(document.items),
        "per_day": _per_day(document.items),
        "newest": [
            {"title": item.title, "link": item.link, "published": rfc3339(item.published)}
            for item in _newest(document.items)
        ],
    }


def _show(feed: FoundFeed, *, configured: bool) -> None:
    document = feed.document
    show(feed.url + ("  (in the configuration already)" if configured else ""))
    daily = _per_day(document.items)
    rhythm = f"about {usual(daily)}" if daily is not None else ""
    facts = [document.title, document.language, counted(len(document.items), "item"), rhythm]
    facts += [f"same items as {feed.same_as}" if feed.same_as else "", feed.how]
    show("  " + " · ".join(filter(None, facts)))
    if not feed.same_as:
        for item in _newest(document.items):
            show(f"    {_age(item)}{item.title or item.link}")
    show("")


def _newest(items: Sequence[Item]) -> list[Item]:
    dated = sorted((item for item in items if item.published), key=_date, reverse=True)
    return (dated or list(items))[:NEWEST]


def _date(item: Item) -> datetime:
    return item.published or now()


def _per_day(items: Sequence[Item]) -> float | None:
    """Items a day over the time that the feed shows; None where its dates do not say."""
    dates = sorted(item.published for item in items if item.published)
    if len(dates) < 2:
        return None
    days = (dates[-1] - dates[0]).total_seconds() / 86400
    return round((len(dates) - 1) / days, 2) if days else None


def _age(item: Item) -> str:
    if item.published is None:
        return ""
    age = now() - item.published
    return f"{saying.length(age)} ago: " if timedelta(0) <= age < RECENT else f"{item.published:%Y-%m-%d}: "
