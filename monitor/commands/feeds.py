"""`feeds`: the feeds of the configuration, edited with its comments kept; and one feed read by hand."""

import asyncio
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from monitor import feedlist, opml, packs
from monitor.answers import read_answer
from monitor.assembly import build_fetcher
from monitor.commands.common import (
    AsJson,
    CommandError,
    JsonAnyway,
    Status,
    config_or_none,
    config_path,
    counted,
    moment,
    print_json,
    print_lines,
    print_table,
    rfc3339,
    say,
    store_of,
    the_config_to_look,
)
from monitor.config import Config
from monitor.decoding import Decoder, RefusedError
from monitor.fetch import LARGEST_DECODED, Fetched, Fetcher
from monitor.formats import Document, Parser, Unreadable, parse_items_json
from monitor.formats.fields import tag as language_tag
from monitor.logs import redact
from monitor.reader import Reader
from monitor.sitemaps import follow
from rules.mistakes import mistake
from rules.records import Cursor, Feed, FeedKind
from rules.wording import shortened
from state.catalogue import FeedRecord
from state.errors import StateError

Name = Annotated[str, typer.Option("--name", metavar="NAME", help="What to call it; else its own title.")]
Tags = Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help="A tag; may be given again.")]
Source = Annotated[
    str, typer.Argument(metavar="FILE_OR_URL", help="A feed on disk or on the web; - is standard input.")
]

GAP = 1.0
"""Seconds between two sitemaps of an index."""

LONGEST_NAME = 40
"""Letters of a feed's own title that are listed."""

RELOAD = "a running daemon takes it in on `systemctl reload wirebell` or SIGHUP"


def list_feeds(context: typer.Context, as_json: AsJson = False) -> Status:
    """List the feeds with how they fare.

    Example: wirebell feeds list
    """
    configured = the_config_to_look(context)
    records = _records(configured)
    rows = [(feed, records.get(feed.id)) for feed in configured.feeds]
    if as_json:
        print_lines(_row(*one) for one in rows)
    else:
        print_table(("NAME", "URL", "TAGS", "LAST GOOD", "NEXT", "PROBLEM"), (_shown(*one) for one in rows))
    return Status.DONE


def add(
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="The address of the feed itself.")],
    name: Name = "",
    tag: Tags = None,
    as_json: AsJson = False,
) -> Status:
    """Add a feed to the configuration.

    Example: wirebell feeds add https://www.wired.com/feed/rss --tag press
    """
    path = config_path(context)
    feedlist.add(path, [Feed(url=url, name=name, tags=tuple(tag or ()))])
    say(f"added {url} to {path}; {RELOAD}")
    if as_json:
        print_json({"added": url, "config": path})
    return Status.DONE


def remove(
    context: typer.Context,
    feed: Annotated[str, typer.Argument(metavar="URL", help="The address, or the name.")],
    as_json: AsJson = False,
) -> Status:
    """Remove a feed from the configuration. What it brought is kept.

    Example: wirebell feeds remove https://www.wired.com/feed/rss
    """
    path = config_path(context)
    feedlist.remove(path, feed)
    say(f"removed {feed} from {path}; {RELOAD}")
    if as_json:
        print_json({"removed": feed, "config": path})
    return Status.DONE


def import_feeds(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="OPML_OR_PACK", help="A list of feeds: a file, or what is shipped.")],
    *,
    tag: Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help="Only feeds with this tag.")] = None,
    language: Annotated[
        list[str] | None,
        typer.Option("--language", metavar="LANG", help="Only feeds in this language; pt takes pt-BR."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be added, and add nothing.")] = False,
    as_json: AsJson = False,
) -> Status:
    """Add the feeds of an OPML file, or of a pack, to the configuration. Those already there are passed over.

    --tag and --language may be given again: any of them will do.

    Example: wirebell feeds import tech-feeds --language de --language fr --dry-run
    """
    path = config_path(context)
    listed, skipped = _listed(source)
    usable, refused = feedlist.usable(feed for feed in map(_tidied, listed) if _wanted(feed, tag, language))
    skipped = [*skipped, *map(str, refused)]
    for problem in skipped:
        say(problem)
    present = feedlist.urls(path)
    new = [feed for feed in usable if feed.url not in present]
    if new and not dry_run:
        feedlist.add(path, new)
    there = len(usable) - len(new)
    if as_json:
        urls = [feed.url for feed in new]
        print_json({"config": path, "dry_run": dry_run, "added": urls, "present": there, "passed_over": skipped})
    elif dry_run:
        print_table(("NAME", "URL", "TAGS"), ((feed.name, feed.url, ", ".join(feed.tags)) for feed in new))
    done = "would be added" if dry_run else "added"
    say(f"{counted(len(new), 'feed')} {done}, {there} there already, {len(skipped)} passed over")
    return Status.DONE


def _listed(source: str) -> tuple[Sequence[Feed], Sequence[str]]:
    """The feeds of a file, else of the pack of this name, and what could not be read. Raises Mistakes."""
    if Path(source).exists() or source not in packs.names():
        listed = opml.read(_bytes(Path(source)), source)
        return listed.feeds, listed.skipped
    pack = packs.load(source)
    if pack.kind:
        raise mistake(source, f"is a pack of kind {pack.kind}", f'write packs = ["{source}"] into a watchlist')
    return pack.feeds, ()


def _wanted(feed: Feed, tags: Collection[str] | None, languages: Collection[str] | None) -> bool:
    spoken = f"{feed.language}-".lower()
    return (not tags or not set(tags).isdisjoint(feed.tags)) and (
        not languages or any(spoken.startswith(f"{language}-".lower()) for language in languages)
    )


def _tidied(feed: Feed) -> Feed:
    """`feed` without a language that is none: other readers write anything there, and ours is detected."""
    return feed if not feed.language else replace(feed, language=language_tag(feed.language))


def export(context: typer.Context, as_json: AsJson = False) -> Status:
    """Print the feeds as OPML, for other feed readers.

    Example: wirebell feeds export > feeds.opml
    """
    feeds = the_config_to_look(context).feeds
    secret = sum(redact(feed.url) != feed.url for feed in feeds)
    if secret:
        say(f"{counted(secret, 'address holds', 'addresses hold')} a password: keep this list to yourself")
    if as_json:
        print_lines(
            {"url": feed.url, "name": feed.name, "tags": feed.tags, "language": feed.language} for feed in feeds
        )
    else:
        print(opml.write(feeds), end="")
    return Status.DONE


def parse(
    context: typer.Context,
    source: Source,
    kind: Annotated[
        FeedKind | None, typer.Option("--kind", help="What it is; else as configured for this address, else a feed.")
    ] = None,
    as_json: JsonAnyway = False,
) -> Status:
    """Print a feed's items as JSON Lines, as rules see them. Needs no configuration.

    Of a page, the selectors are those that are configured for its address.

    Example: wirebell feeds parse https://openai.com/news/rss.xml
    """
    del as_json
    configured = config_or_none(context) if "://" in source else None
    document = asyncio.run(_read(configured, _meant(configured, source, kind)))
    for warning in document.warnings:
        say(f"{source}: {warning}")
    print_lines(parse_items_json(document))
    return Status.DONE


def _meant(configured: Config | None, source: str, kind: FeedKind | None) -> Feed:
    """What `source` is: as it is configured, but for the `kind` that is asked for."""
    feeds = configured.feeds if configured else ()
    feed = next((feed for feed in feeds if feed.url == source), Feed(url=source))
    # The selectors of a page say nothing of another kind.
    return replace(feed, kind=kind, selectors=feed.selectors if kind is FeedKind.PAGE else None) if kind else feed


async def _read(configured: Config | None, feed: Feed) -> Document:
    source = feed.url
    async with AsyncExitStack() as closing:
        reader = Reader()
        closing.push_async_callback(reader.close)
        try:
            if "://" not in source:
                body = sys.stdin.buffer.read() if source == "-" else _bytes(Path(source))
                return await reader.read(_unpacked(body), {}, "", kind=feed.kind)
            fetcher = await build_fetcher(configured, closing)
            answer = await fetcher.fetch(source, Cursor(feed_id="", url=source))
            if not isinstance(answer, Fetched):
                raise CommandError(f"{source}: {getattr(answer, 'reason', 'not modified')}")
            parser = Parser(feed.parser or (configured.parser if configured else Parser.AUTO))
            document = await read_answer(reader, answer, feed, parser)
            return await _with_parts(document, fetcher, reader, feed)
        except (Unreadable, RefusedError) as error:
            raise CommandError(f"{source}: {error}") from error


async def _with_parts(document: Document, fetcher: Fetcher, reader: Reader, feed: Feed) -> Document:
    """The items of the sitemaps that an index names; any other document as it is."""
    if not document.parts:
        return document
    followed = await follow(fetcher, reader, feed, document.parts, known=(), gap=GAP)
    if not followed.parts_read:
        raise Unreadable(followed.problem)
    return followed.document


def _unpacked(body: bytes) -> bytes:
    """A file that ends in .gz as it is inside. Raises RefusedError."""
    decoder = Decoder("", LARGEST_DECODED)
    return b"".join(decoder.decode(body)) + decoder.rest()


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise mistake(str(file), f"cannot be read: {error.strerror}", "give a file that can be") from error


def _records(configured: Config) -> dict[str, FeedRecord]:
    """By feed id; empty where nothing has been polled yet."""
    try:
        with store_of(configured, read_only=True) as store:
            return {record.feed.id: record for record in store.feeds()}
    except StateError as error:
        say(str(error))
        return {}


def _row(feed: Feed, record: FeedRecord | None) -> dict[str, object]:
    cursor = record.cursor if record else None
    return {
        "name": feed.name,
        "title": record.feed.title if record else "",
        "url": feed.url,
        "tags": list(feed.tags),
        "asked": cursor.url if cursor else feed.url,
        "last_poll": rfc3339(cursor.last_poll) if cursor else None,
        "last_success": rfc3339(cursor.last_success) if cursor else None,
        "last_change": rfc3339(cursor.last_change) if cursor else None,
        "next_poll": rfc3339(cursor.next_poll) if cursor else None,
        "failures": cursor.failures if cursor else 0,
        "gone": cursor.gone if cursor else False,
        "error": cursor.error if cursor else "",
    }


def _shown(feed: Feed, record: FeedRecord | None) -> Iterator[object]:
    title = record.feed.title if record else ""
    yield from (feed.name or shortened(title, LONGEST_NAME), feed.url, ", ".join(feed.tags))
    if record is None:
        yield from ("never", "", "")
        return
    cursor = record.cursor
    yield from (moment(cursor.last_success), moment(cursor.next_poll) if cursor.next_poll else "")
    yield f"{counted(cursor.failures, 'time')}: {cursor.error}" if cursor.failures else ""
