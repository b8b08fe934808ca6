"""`feeds`: the feeds of the configuration, edited with its comments kept; and one feed read by hand."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import typer

from monitor import config, feedlist, opml
from monitor.assembly import build_fetcher
from monitor.commands.common import (
    AsJson,
    CommandError,
    Status,
    config_path,
    print_lines,
    print_table,
    rfc3339,
    say,
    store_of,
    the_config,
)
from monitor.config import Config
from monitor.fetch import Fetched
from monitor.formats import Document, Unreadable, parse_items_json
from monitor.reader import Reader
from rules.mistakes import mistake
from rules.records import Cursor, Feed
from state.errors import StateError

Name = Annotated[str, typer.Option("--name", help="What to call it; else its own title.")]
Tags = Annotated[list[str] | None, typer.Option("--tag", help="A tag; may be given again.")]


def list_feeds(context: typer.Context, as_json: AsJson = False) -> Status:
    """List the feeds with how they fare.

    Example: wirebell feeds list
    """
    configured = the_config(context)
    cursors = _cursors(configured)
    rows = [_row(feed, cursors.get(feed.id)) for feed in configured.feeds]
    if as_json:
        print_lines(rows)
    else:
        columns = ("name", "url", "tags", "last_success", "next_poll", "failures", "error")
        print_table([column.upper() for column in columns], ([_shown(row[name]) for name in columns] for row in rows))
    return Status.DONE


def add(context: typer.Context, url: str, name: Name = "", tag: Tags = None) -> Status:
    """Add a feed to the configuration.

    Example: wirebell feeds add https://www.wired.com/feed/rss --tag press
    """
    path = config_path(context)
    feedlist.add(path, [Feed(url=url, name=name, tags=tuple(tag or ()))])
    say(f"added {url} to {path}; a running daemon takes it in on `systemctl reload wirebell` or SIGHUP")
    return Status.DONE


def remove(context: typer.Context, url: Annotated[str, typer.Argument(help="The address or the name.")]) -> Status:
    """Remove a feed from the configuration; what it brought is kept.

    Example: wirebell feeds remove https://www.wired.com/feed/rss
    """
    path = config_path(context)
    feedlist.remove(path, url)
    say(f"removed {url} from {path}")
    return Status.DONE


def import_opml(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="OPML", help="A list of feeds as feed readers export it.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be added, and add nothing.")] = False,
) -> Status:
    """Add the feeds of an OPML file to the configuration; those already there are passed over.

    Example: wirebell feeds import subscriptions.opml --dry-run
    """
    listed = opml.read(_bytes(file), str(file))
    for problem in listed.skipped:
        say(problem)
    path = config_path(context)
    present = {feed.url for feed in config.load(path).feeds}
    new = [feed for feed in listed.feeds if feed.url not in present]
    if dry_run:
        print_table(("NAME", "URL", "TAGS"), ((feed.name, feed.url, ", ".join(feed.tags)) for feed in new))
    elif new:
        feedlist.add(path, new)
    done = "would be added" if dry_run else "added"
    say(f"{len(new)} feeds {done}, {len(listed.feeds) - len(new)} are there already, {len(listed.skipped)} passed over")
    return Status.DONE


def export(context: typer.Context) -> Status:
    """Print the feeds as OPML.

    Example: wirebell feeds export > feeds.opml
    """
    typer.echo(opml.write(the_config(context).feeds), nl=False)
    return Status.DONE


def parse(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="FILE_OR_URL", help="A feed on disk or on the web.")],
) -> Status:
    """Print the items of a feed as JSON Lines, as the rules will see them.

    Example: wirebell feeds parse https://openai.com/news/rss.xml
    """
    document = asyncio.run(_read(context, source))
    for warning in document.warnings:
        say(f"{source}: {warning}")
    print_lines(parse_items_json(document))
    return Status.DONE


async def _read(context: typer.Context, source: str) -> Document:
    async with AsyncExitStack() as closing:
        reader = Reader()
        closing.push_async_callback(reader.close)
        try:
            if "://" not in source:
                return await reader.read(_bytes(Path(source)), {}, "")
            fetcher = await build_fetcher(_config_or_default(context), closing)
            answer = await fetcher.fetch(source, Cursor(feed_id="", url=source))
            if not isinstance(answer, Fetched):
                raise CommandError(f"{source}: {getattr(answer, 'reason', 'not modified')}")
            return await reader.read(answer.body, answer.headers, answer.url, incomplete=answer.incomplete)
        except Unreadable as error:
            raise CommandError(f"{source}: {error}") from error


def _config_or_default(context: typer.Context) -> Config | None:
    """The configuration, or None where there is none: reading one feed by hand needs none."""
    if context.find_root().params.get("config"):
        return the_config(context)
    try:
        path = config_path(context)
    except ValueError:
        return None
    return config.load(path)


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise mistake(str(file), f"it cannot be read ({error.strerror})", "give a file that is there") from error


def _cursors(configured: Config) -> dict[str, Cursor]:
    """By feed id; empty where nothing has been polled yet."""
    if not configured.database.exists():
        return {}
    try:
        with store_of(configured, read_only=True) as store:
            return {record.cursor.feed_id: record.cursor for record in store.feeds()}
    except StateError as error:
        say(str(error))
        return {}


def _row(feed: Feed, cursor: Cursor | None) -> dict[str, object]:
    return {
        "name": feed.name,
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


def _shown(value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, list) else value
