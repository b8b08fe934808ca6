"""Adds and removes feeds in the user's own file. Nothing else of it changes: comments, order, line ends, mode."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from monitor import config, fileedit
from monitor.feedtext import added, removed, short
from monitor.logs import redact
from monitor.tables import FeedTable
from monitor.wording import problems_of
from rules.mistakes import Mistake, Mistakes, mistake
from rules.records import Feed
from rules.wording import did_you_mean


def add(path: Path, feeds: Sequence[Feed], environ: Mapping[str, str] = os.environ) -> None:
    """Add `feeds` to the configuration at `path`. Raises Mistakes, and changes nothing, where one cannot be."""
    tables = [_table(feed) for feed in feeds]
    _refuse([found for feed, table in zip(feeds, tables, strict=True) for found in _faults(feed, table)])

    def edit(text: str, data: dict[str, Any]) -> str:
        times = Counter(_url(one) for one in [*data.get("feeds", []), *tables])
        twice = [feed.url for feed in feeds if times[feed.url] > 1]
        _refuse(Mistake(redact(url), f"this feed is in {path.name} already", "name another one") for url in twice)
        data["feeds"] = [*data.get("feeds", []), *(short(table) for table in tables)]
        return added(text, tables)

    _edit(path, edit, environ)


def remove(path: Path, url_or_name: str, environ: Mapping[str, str] = os.environ) -> None:
    """Remove the feed of this address or name from the configuration at `path`. Raises Mistakes where there is none."""

    def edit(text: str, data: dict[str, Any]) -> str:
        index = _wanted(path, data.get("feeds", []), url_or_name)
        del data["feeds"][index]
        return removed(text, index)

    _edit(path, edit, environ)


def urls(path: Path) -> frozenset[str]:
    """The addresses in the configuration at `path`, as they are written there. Raises Mistakes where it is no TOML."""
    data = fileedit.data_of(config.read_text(path), path)
    _check(data, path)
    return frozenset(_url(feed) for feed in data.get("feeds", []))


def usable(feeds: Iterable[Feed]) -> tuple[list[Feed], list[Mistake]]:
    """Those of `feeds` that a configuration takes, and what is wrong with the others."""
    taken, refused = [], []
    for feed in feeds:
        faults = list(_faults(feed, _table(feed)))
        if faults:
            refused += faults
        else:
            taken.append(feed)
    return taken, refused


def _wanted(path: Path, feeds: Sequence[Any], url_or_name: str) -> int:
    by_url = [index for index, one in enumerate(feeds) if _url(one) == url_or_name]
    by_name = [index for index, one in enumerate(feeds) if isinstance(one, dict) and one.get("name") == url_or_name]
    found = by_url or by_name
    if not found:
        names = [_url(one) for one in feeds] + [one["name"] for one in feeds if isinstance(one, dict) and "name" in one]
        near = did_you_mean(url_or_name, names) if len(names) > 15 else ""
        raise mistake(redact(url_or_name), f"no feed of {path.name} has this address or name", near)
    if len(found) > 1:
        raise mistake(redact(url_or_name), f"{len(found)} feeds of {path.name} are called so", "give the address")
    return found[0]


def _url(feed: Any) -> str:
    return str(feed.get("url", "") if isinstance(feed, dict) else feed)


def _table(feed: Feed) -> dict[str, Any]:
    """The keys that `feed` needs; more than `url` only where there is something to say."""
    every = f"{feed.every:.0f}s" if feed.every else ""
    given = {"url": feed.url, "name": feed.name, "tags": list(feed.tags), "every": every, "language": feed.language}
    return {key: value for key, value in given.items() if value}


def _faults(feed: Feed, table: dict[str, Any]) -> Iterator[Mistake]:
    try:
        FeedTable.model_validate(table)
    except ValidationError as error:
        for problem in problems_of(error, (), FeedTable):
            yield Mistake(redact(feed.url), f"{problem.path[0]} {problem.what}", problem.remedy)


def _refuse(found: Iterable[Mistake]) -> None:
    if mistakes := tuple(found):
        raise Mistakes(mistakes)


def _edit(path: Path, edit: Callable[[str, dict[str, Any]], str], environ: Mapping[str, str]) -> None:
    """Replace the text of `path` by what `edit` makes of it; `edit` makes the same change to the data."""

    def change(text: str, data: dict[str, Any]) -> str:
        _check(data, path)
        return edit(text, data)

    fileedit.edit(path, change, environ, plain=_plain, what="its feeds are written")


def _check(data: dict[str, Any], path: Path) -> None:
    if not isinstance(data.get("feeds", []), list):
        raise mistake(f"{path.name}: feeds", "is not a list", 'write feeds = ["https://..."] or [[feeds]]')


def _plain(data: dict[str, Any]) -> dict[str, Any]:
    """A feed may be an address or a table."""
    return {**data, "feeds": [{"url": feed} if isinstance(feed, str) else feed for feed in data.get("feeds", [])]}
