"""Reads the sections of a draft: feeds, watchlists, rules, channels. What is wrong in one hides nothing in another."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Any

from pydantic import BaseModel

from monitor.channels import CHANNELS
from monitor.credentials import at_home
from monitor.draft import Draft
from monitor.packs.choosing import chosen_packs, kind_of
from monitor.packs.uniting import Written, united
from monitor.places import KeyPath, Problem, key_text, written
from monitor.tables import INSIDE, LATER_CHANNELS, EntryTable, FeedTable, RuleTable, WatchlistTable
from rules.judge import Judge, Rule, compile_judge
from rules.mistakes import Mistake, Mistakes, Remark
from rules.records import Feed, FeedKind
from rules.watchlist import Entry, Watchlist, read_csv
from rules.wording import did_you_mean

LARGEST_LIST = 20_000_000
"""Bytes of a CSV file: some 200,000 names."""

SCHEMES = {"mailto": "email"}
"""Short forms that are not called as their channel."""

_PARTS = re.compile(r"\.(\w+)|\[(\d+)\]")


def read_feeds(draft: Draft) -> tuple[Feed, ...]:
    """The feeds, each address once."""
    feeds: dict[str, tuple[KeyPath, Feed]] = {}
    for path, value in _elements(draft, ("feeds",)):
        table = draft.table(FeedTable, _whole(draft, "url", value, path), path)
        if table is None or draft.broken((*path, "url")):
            continue
        if table.url in feeds:
            draft.problem(path, f"is the same feed as {written(feeds[table.url][0])}", "remove one of them")
            continue
        _check_selectors(draft, table, path)
        feeds[table.url] = (path, table.feed())
    return tuple(feed for _, feed in feeds.values())


def _check_selectors(draft: Draft, table: FeedTable, path: KeyPath) -> None:
    """Selectors are of a page, and inside of an item."""
    for key in ("item", *INSIDE):
        if getattr(table, key) is None or draft.broken((*path, key)):
            continue
        if table.kind is not FeedKind.PAGE:
            draft.problem((*path, key), "is for pages only", 'write kind = "page", or remove it')
        elif table.item is None and not draft.broken((*path, "item")):
            draft.problem((*path, key), "needs `item`", 'write item = "article", the elements it is inside of')


@dataclass(slots=True)
class Lists:
    """The watchlists and rules, and where each of them and each entry is written."""

    watchlists: list[Watchlist] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    origins: dict[str, KeyPath] = field(default_factory=dict)
    """By `where`, as the judge tells it."""
    files: dict[str, str] = field(default_factory=dict)
    """The entry, by `where`, if it comes from a CSV file."""
    sources: dict[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    """By the name of a list: the files and packs that each of its entries comes from."""


def read_lists(draft: Draft) -> Lists:
    """The watchlists and rules, as far as they can be understood."""
    lists = Lists()
    watchlists = draft.data.get("watchlists", {})
    if not isinstance(watchlists, dict):
        draft.problem(("watchlists",), "is not a table", "write [watchlists] and name = [...] below it")
        watchlists = {}
    for name, value in watchlists.items():
        lists.watchlists.append(_watchlist(draft, lists, name, value))
    names: dict[str, KeyPath] = {}
    for path, value in _elements(draft, ("rules",)):
        rule = _rule(draft, path, value)
        if rule:
            if rule.name in names:
                other = written(names[rule.name])
                draft.problem((*path, "name"), f"is the name of {other}, too", "give each rule a name of its own")
                rule = replace(rule, name=rule.where)
            names[rule.name] = path
            lists.origins[rule.where] = path
            lists.rules.append(rule)
    return lists


def _watchlist(draft: Draft, lists: Lists, name: str, value: Any) -> Watchlist:
    path: KeyPath = ("watchlists", name)
    where = written(path)
    if not isinstance(value, list | dict):
        draft.problem(path, "is neither a list nor a table", 'write ["one", "two"]')
        value = []
    short = isinstance(value, list)
    given = {"entries": value} if short else value
    rest = {key: one for key, one in given.items() if key != "entries"}
    table = draft.table(WatchlistTable, rest, path) or WatchlistTable()
    entries = list(_written(draft, path, table, path if short else (*path, "entries"), given))
    chosen = dict(chosen_packs(draft, path, table))
    for at, pack in chosen.items():
        entries = united(entries, pack.entries, at, pack.name)
    for index, one in enumerate(entries):
        lists.origins[f"{where}.entries[{index}]"] = one.at
        if one.at[2:3] == ("files",):
            lists.files[f"{where}.entries[{index}]"] = f"{one.sources[0]}, {one.entry.name}"
    lists.origins[where] = path
    lists.sources[name] = tuple(one.sources for one in entries)
    found = [one.entry for one in entries]
    if not found and draft.broken(path):
        # It is not empty, but could not be read: a rule that names it is not wrong for that.
        found.append(Entry(name or "unread"))
    return Watchlist(name, kind_of(table, chosen.values()), tuple(found), where)


def _written(
    draft: Draft, path: KeyPath, table: WatchlistTable, inline: KeyPath, given: dict[str, Any]
) -> Iterator[Written]:
    """What the user wrote, in the file itself at `inline` and in CSV files."""
    for at, one in _entries(draft, inline, given):
        read = draft.table(EntryTable, _whole(draft, "name", one, at), at)
        if read and not draft.broken(at):
            yield Written(read.entry(), at, (draft.path.name,), frozenset(read.model_fields_set))
    for number, file in enumerate(table.files):
        for entry in _csv(draft, (*path, "files", number), file):
            # An empty cell is not written.
            keys = frozenset(one.name for one in fields(Entry) if getattr(entry, one.name))
            yield Written(entry, (*path, "files", number), (file,), keys)


def _entries(draft: Draft, path: KeyPath, given: dict[str, Any]) -> Iterator[tuple[KeyPath, Any]]:
    value = given.get("entries", [])
    if not isinstance(value, list):
        draft.problem(path, "is not a list", 'write ["one", "two"]')
        value = []
    return (((*path, index), one) for index, one in enumerate(value))


def _csv(draft: Draft, path: KeyPath, file: str) -> tuple[Entry, ...]:
    try:
        with (draft.folder / at_home(file)).open("rb") as opened:
            content = opened.read(LARGEST_LIST + 1)
        if len(content) > LARGEST_LIST:
            draft.problem(path, f"{file} is larger than {LARGEST_LIST // 1_000_000} MB", "split it")
            return ()
        return read_csv(content.decode("utf-8"), file)
    except OSError as error:
        draft.problem(path, f"{file} cannot be read: {error.strerror}", "give a file beside the configuration")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        draft.problem(path, f"line {line} of {file} is not UTF-8", "save it as UTF-8")
    except Mistakes as mistakes:
        draft.elsewhere(path, mistakes)
    return ()


def _rule(draft: Draft, path: KeyPath, value: Any) -> Rule | None:
    table = draft.table(RuleTable, value, path)
    if table is None:
        return None
    return Rule(
        name=table.name,
        when=table.when,
        priority=table.priority,
        notify=table.notify,
        should_match=table.should_match,
        should_not_match=table.should_not_match,
        where=written(path),
    )


def _whole(draft: Draft, key: str, value: Any, path: KeyPath) -> Any:
    """The table that the short form `value`, its one `key` alone, stands for."""
    if not isinstance(value, (str, dict)):
        draft.problem(path, "is neither a text nor a table", f'write "..." or {{ {key} = "..." }}')
    return {key: value} if isinstance(value, str) else value


def _elements(draft: Draft, path: KeyPath) -> Iterator[tuple[KeyPath, Any]]:
    """Each element of the list at the top-level key `path`."""
    key = str(path[0])
    value = draft.data.get(key, [])
    if not isinstance(value, list):
        remedy = 'write feeds = ["https://..."] or [[feeds]]' if key == "feeds" else f"write [[{key}]], in two brackets"
        draft.problem(path, "is not a list", remedy)
        value = []
    return (((*path, index), one) for index, one in enumerate(value))


def read_judge(draft: Draft, lists: Lists, running: Judge | None = None) -> Judge | None:
    """The judge of the lists and rules; None where a query or an entry cannot be understood.

    What `running` has of them already is not compiled again.
    """
    try:
        judge = (running.renewed if running else compile_judge)(lists.watchlists, lists.rules)
    except Mistakes as mistakes:
        faults: dict[KeyPath, list[tuple[str, str]]] = {}
        for found in mistakes.found:
            path, entry = _origin(lists, found.where)
            faults.setdefault(path, []).append(_fault(found, entry))
        for path, some in faults.items():
            draft.problems(path, some)
        return None
    for rule in lists.rules:
        if rule.name in judge.lists_without_rules:
            path = (*lists.origins[rule.where], "name")
            draft.problem(
                path,
                "is the name of a watchlist that is a rule of its own, as no rule names it",
                f"give the rule another name, or write @{rule.name} into a rule",
            )
    return judge


def _fault(found: Mistake, entry: str) -> tuple[str, str]:
    """What is wrong in a query or in an entry of a CSV file, and the remedy."""
    what = f"{entry}: {found.problem}" if entry else found.problem
    # Where there is no remedy, the lines that point into the query follow at once.
    remedy, _, pointing = found.remedy.partition("\n")
    return (f"{what}\n{pointing}", "") if pointing and not remedy else (what, found.remedy)


def _origin(lists: Lists, where: str) -> tuple[KeyPath, str]:
    """The key path of a place as the judge tells it, and the entry where that is in a CSV file."""
    nearest = where
    while nearest and nearest not in lists.origins:
        nearest = nearest[: max(nearest.rfind("."), nearest.rfind("["), 0)]
    if not nearest:
        return (), where
    if nearest in lists.files:
        return lists.origins[nearest], lists.files[nearest]
    rest: Iterable[tuple[str, str]] = _PARTS.findall(where[len(nearest) :])
    return (*lists.origins[nearest], *(int(index) if index else key for key, index in rest)), ""


def placed(draft: Draft, lists: Lists, remarks: Iterable[Remark]) -> tuple[Remark, ...]:
    """The warnings of the draft and `remarks`, whose places are as the judge tells them, in the order of the file.

    Nobody who is told can change what comes from a pack: that is left out.
    """
    named = []
    for one in remarks:
        path, entry = _origin(lists, one.where)
        if path[2:3] != ("packs",):
            named.append((one.name, Problem(path, f"{entry}: {one.what}" if entry else one.what, one.remedy)))
    return draft.warnings(named)


def read_channels(draft: Draft) -> dict[str, BaseModel | None]:
    """The settings of each channel; None where they cannot be understood."""
    channels = draft.data.get("channels", {})
    if not isinstance(channels, dict):
        draft.problem(("channels",), "is not a table", 'write [channels] and newsroom = "slack:..." below it')
        return {}
    return {name: _channel(draft, ("channels", name), value) for name, value in channels.items()}


def _channel(draft: Draft, path: KeyPath, value: Any) -> BaseModel | None:
    draft.hide(_texts(value))
    if isinstance(value, str):
        value = _written_out(draft, path, value)
    elif isinstance(value, dict):
        value = _of_known_type(draft, path, value)
    else:
        draft.problem(path, "is neither a text nor a table", 'write "slack:..." or { type = "slack", ... }')
        return None
    if value is None:
        return None
    settings: BaseModel | None = draft.table(CHANNELS[value["type"]].Settings, value, path)
    return None if draft.broken(path) else settings


def _texts(value: Any) -> Iterator[str]:
    """Whatever a channel is given may be a secret; a short form is one after its colon."""
    match value:
        case str():
            yield from (value, value.partition(":")[2])
        case list():
            for one in value:
                yield from _texts(one)
        case dict():
            for key, one in value.items():
                if key != "type":
                    yield from _texts(one)


def _written_out(draft: Draft, path: KeyPath, text: str) -> dict[str, Any] | None:
    scheme, _, rest = text.partition(":")
    kind = SCHEMES.get(scheme, scheme)
    if kind in LATER_CHANNELS:
        draft.problem(path, f"`{kind}` is not accepted yet", f"choose from {', '.join(CHANNELS)}")
        return None
    if kind not in CHANNELS or ":" not in text:
        # The text is not repeated: it may be a secret without its type.
        forms = ", ".join(f'"{one}:..."' for one in CHANNELS)
        draft.problem(path, "does not begin with the type of a channel", f"write {forms}")
        return None
    try:
        return {"type": kind, **CHANNELS[kind].shorthand(rest)}
    except ValueError as error:
        what, _, remedy = str(error).partition("; ")
        draft.problem(path, what, remedy)
    return None


def _of_known_type(draft: Draft, path: KeyPath, table: dict[str, Any]) -> dict[str, Any] | None:
    kind = table.get("type")
    if kind is None:
        draft.problem((*path, "type"), "is missing", f"choose from {', '.join(CHANNELS)}")
    elif kind in LATER_CHANNELS:
        draft.problem((*path, "type"), f"`{kind}` is not accepted yet", f"choose from {', '.join(CHANNELS)}")
    elif not isinstance(kind, str) or kind not in CHANNELS:
        draft.problem((*path, "type"), "is not the type of a channel", did_you_mean(str(kind), list(CHANNELS)))
    else:
        return table
    return None


def check_names(draft: Draft, named: Iterable[str], path: KeyPath, channels: Iterable[str]) -> None:
    """Each of `named`, at `path`, must be a channel."""
    known = list(channels)
    for index, name in enumerate(named):
        if name not in known:
            remedy = did_you_mean(name, known) or f"write [channels.{key_text(name)}]"
            draft.problem((*path, index), f"there is no channel `{name}`", remedy)
