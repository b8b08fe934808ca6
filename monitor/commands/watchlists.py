"""`watchlists`: who and what is watched, by which names, and where each entry comes from."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any

import typer

from monitor import packs
from monitor.commands.common import (
    AsJson,
    CommandError,
    Status,
    config_or_none,
    print_lines,
    print_table,
    show,
    the_config_to_look,
)
from rules.records import Feed
from rules.watchlist import Entry
from rules.wording import did_you_mean

Sourced = tuple[Entry, Sequence[str]]
"""An entry, and the files and packs it comes from."""


def list_watchlists(context: typer.Context, as_json: AsJson = False) -> Status:
    """List the watchlists: what they hold, how much of it, and where it comes from.

    Example: wirebell watchlists list
    """
    configured = the_config_to_look(context)
    rows = [
        {
            "watchlist": one.name,
            "kind": str(one.kind),
            "entries": len(one.entries),
            "sources": list(dict.fromkeys(source for some in configured.sources[one.name] for source in some)),
        }
        for one in configured.watchlists
    ]
    return _printed(rows, as_json)


def list_packs(as_json: AsJson = False) -> Status:
    """List the packs that are shipped: lists of names and words for watchlists, and of feeds. Needs no configuration.

    Example: wirebell watchlists packs
    """
    rows = [
        {
            "pack": pack.name,
            "kind": str(pack.kind or "feeds"),
            "entries": len(pack.entries or pack.feeds),
            "languages": list(pack.languages),
            "about": pack.about,
        }
        for pack in map(packs.load, packs.names())
    ]
    return _printed(rows, as_json)


def show_watchlist(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="A watchlist, or a pack that is shipped.")],
    as_json: AsJson = False,
) -> Status:
    """Show the entries of a watchlist or a pack, by all their names.

    Example: wirebell watchlists show ai-labs
    """
    configured = config_or_none(context)
    lists = {one.name: one for one in configured.watchlists} if configured else {}
    if configured and name in lists:
        _show(list(zip(lists[name].entries, configured.sources[name], strict=False)), as_json)
    elif name in packs.names():
        pack = packs.load(name)
        _show([(entry, (name,)) for entry in pack.entries], as_json)
        _show_feeds(pack.feeds, as_json)
    else:
        remedy = did_you_mean(name, [*lists, *packs.names()])
        raise CommandError(f"no watchlist and no pack is called {name}; {remedy}".removesuffix("; "), Status.MISUSE)
    return Status.DONE


def _printed(rows: Sequence[dict[str, Any]], as_json: bool) -> Status:
    if as_json:
        print_lines(rows)
    elif rows:
        shown = ([", ".join(one) if isinstance(one, list) else one for one in row.values()] for row in rows)
        print_table([key.upper() for key in rows[0]], shown)
    return Status.DONE


def _show(entries: Iterable[Sourced], as_json: bool) -> None:
    for entry, sources in entries:
        if as_json:
            print_lines([_row(entry, sources)])
        else:
            for line in _lines(entry, sources):
                show(line)


def _row(entry: Entry, sources: Sequence[str]) -> dict[str, Any]:
    return {
        "entry": entry.name,
        "aliases": list(entry.aliases),
        "context": list(entry.context),
        "exact": entry.exact,
        "note": entry.note,
        "sources": list(sources),
    }


def _lines(entry: Entry, sources: Sequence[str]) -> Iterator[str]:
    yield entry.name + (f" ({entry.note})" if entry.note else "")
    if entry.exact:
        yield "  only as it is written"
    if entry.aliases:
        yield f"  also: {', '.join(entry.aliases)}"
    if entry.context:
        yield f"  only with: {', '.join(entry.context)}"
    yield f"  from: {', '.join(sources)}"


def _show_feeds(feeds: Sequence[Feed], as_json: bool) -> None:
    rows = [(feed.name, feed.url, list(feed.tags), feed.language) for feed in feeds]
    if as_json:
        print_lines(dict(zip(("name", "url", "tags", "language"), row, strict=True)) for row in rows)
    elif rows:
        shown = ((name, url, ", ".join(tags), language) for name, url, tags, language in rows)
        print_table(("NAME", "URL", "TAGS", "LANGUAGE"), shown)
