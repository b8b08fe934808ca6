"""The packs: lists of names, words and feeds that are shipped, one TOML file each beside this one.

A pack says what it holds (`about`, `kind`, `languages`), proves it (`should_match`, `should_not_match`) and lists its
`[[entries]]` or, where its kind is "feeds", its `[[feeds]]`. An entry is written as in wirebell.toml, and shorter:

- `aliases` may be a table of lists by language, so that whoever speaks one finds all of it in one place;
- `context = ["@ai", "Zuckerberg"]` takes in the words of `[contexts] ai = [...]`, which may take in others.

docs/packs.md tells how to change one.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from monitor.tables import EntryTable, FeedTable, Name, Names, Table
from rules.records import Feed
from rules.text import fold
from rules.watchlist import Entry, Kind

FOLDER = Path(__file__).parent


class PackTable(Table):
    """A pack as its file has it, with aliases and contexts written out."""

    about: Name
    kind: Annotated[Kind, Field(strict=False)] | Literal["feeds"]
    languages: Names = ()
    should_match: Names = ()
    should_not_match: Names = ()
    entries: Annotated[tuple[EntryTable, ...], Field(strict=False)] = ()
    feeds: Annotated[tuple[FeedTable, ...], Field(strict=False)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A pack by name. `kind` is None where it holds feeds. The examples are titles that must and must not ring it."""

    name: str
    about: str
    kind: Kind | None
    languages: tuple[str, ...]
    entries: tuple[Entry, ...] = ()
    feeds: tuple[Feed, ...] = ()
    should_match: tuple[str, ...] = ()
    should_not_match: tuple[str, ...] = ()


@cache
def names() -> tuple[str, ...]:
    """What is shipped."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.toml")))


@cache
def load(name: str) -> Pack:
    """The pack of this name, one of `names()`. Read once a process."""
    return read(name, (FOLDER / f"{name}.toml").read_text("utf-8"))


def read(name: str, text: str) -> Pack:
    """The pack that `text` is. Raises ValueError where it is none: that is a mistake of ours."""
    data = tomllib.loads(text)
    contexts = data.pop("contexts", {})
    data["entries"] = [_written_out(entry, contexts) for entry in data.get("entries", ())]
    table = PackTable.model_validate(data)
    feeds = tuple(one.feed() for one in table.feeds)
    spoken = dict.fromkeys(feed.language for feed in feeds if feed.language)
    return Pack(
        name=name,
        about=table.about,
        kind=table.kind if isinstance(table.kind, Kind) else None,
        languages=table.languages or tuple(spoken),
        entries=tuple(one.entry() for one in table.entries),
        feeds=feeds,
        should_match=table.should_match,
        should_not_match=table.should_not_match,
    )


def _written_out(entry: dict[str, Any], contexts: Mapping[str, list[str]]) -> dict[str, Any]:
    """`entry` with its aliases in one list, each once, and its contexts in full."""
    aliases = entry.get("aliases", ())
    if isinstance(aliases, dict):
        aliases = [alias for some in aliases.values() for alias in some]
    context = _words(entry.get("context", ()), contexts)
    return {**entry, "aliases": list(dict.fromkeys(aliases)), "context": list(dict.fromkeys(context))}


def _words(context: Iterable[str], contexts: Mapping[str, list[str]]) -> Iterator[str]:
    """`context` with the words of each "@name" in its place. Raises ValueError where there is no such context."""
    for word in context:
        if not word.startswith("@"):
            yield word
        elif word[1:] in contexts:
            yield from _words(contexts[word[1:]], contexts)
        else:
            raise ValueError(f"there is no context {word}")


@cache
def common_words() -> Mapping[str, tuple[tuple[str, ...], str]]:
    """Everyday words and names of many, by their folded form: (the languages, what else it means)."""
    rows = (FOLDER / "common-words.tsv").read_text("utf-8").splitlines()[1:]
    cells = (row.split("\t") for row in rows)
    return {fold(word): (tuple(languages.split(",")), meaning) for word, languages, meaning in cells}
