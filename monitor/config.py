"""The configuration: found, read and understood as a whole. Every mistake is told at once, with its line and remedy."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from monitor import VERSION, memory
from monitor.credentials import at_home, is_there
from monitor.draft import Draft
from monitor.network import user_agent
from monitor.sections import Lists, check_names, placed, read_channels, read_feeds, read_judge, read_lists
from monitor.tables import FileTable, NetworkTable, OperatorTable, PollingTable, PushTable
from monitor.wording import unknown_key
from rules.judge import Judge, Rule
from rules.mistakes import Remark, mistake
from rules.records import Feed
from rules.watchlist import Watchlist

NAME = "wirebell.toml"

LARGEST = 20_000_000
"""Bytes; a hundred thousand feeds are half of it."""

SHORTEST_POLITE = 60.0

Placing = Callable[[Iterable[Remark]], tuple[Remark, ...]]
"""Gives remarks, whose places are as the judge tells them, their places in the file, the warnings of it among them."""

_SECTIONS = ("feeds", "watchlists", "rules", "channels")
"""The keys that `monitor.sections` reads."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Config:
    """What the user asked for. `repr` shows no settings: they hold secrets."""

    path: Path
    contact: str
    database: Path
    timezone: ZoneInfo
    parser: str
    polling: PollingTable
    push: PushTable
    network: NetworkTable
    operator: OperatorTable
    feeds: tuple[Feed, ...]
    watchlists: tuple[Watchlist, ...]
    sources: Mapping[str, tuple[tuple[str, ...], ...]] = field(compare=False)
    """By the name of a watchlist: the files and packs that each of its entries comes from."""
    rules: tuple[Rule, ...]
    compiled: Callable[[], Judge] = field(compare=False)
    """The judge, made when it is first asked for. Raises Mistakes where the queries have not been read before."""
    channels: Mapping[str, Any]
    """The settings of each channel, by name: an instance of `CHANNELS[settings.type].Settings`."""
    warnings: tuple[Remark, ...] = field(default=(), compare=False)
    """What is not wrong, but hardly what is meant."""

    @property
    def judge(self) -> Judge:
        """The judge of the lists and rules."""
        return self.compiled()

    @property
    def readers(self) -> tuple[str, ...]:
        """The channels of a rule that names none: all but those that only the operator's news goes to."""
        named = {name for rule in self.rules for name in rule.notify}
        return tuple(name for name in self.channels if name in named or name not in self.operator.notify)

    @property
    def user_agent(self) -> str:
        """How publishers see us."""
        return self.network.user_agent or user_agent(VERSION, self.contact)

    def __repr__(self) -> str:
        return f"Config({str(self.path)!r}, feeds={len(self.feeds)}, channels={list(self.channels)})"


def find(explicit: Path | str | None = None, environ: Mapping[str, str] = os.environ) -> Path:
    """Where the configuration is: `explicit`, $WIREBELL_CONFIG, or the first of the usual places. Raises Mistakes."""
    named = explicit or environ.get("WIREBELL_CONFIG")
    if named:
        return Path(named)
    places = [Path(NAME), _user_folder(environ, "XDG_CONFIG_HOME", ".config") / NAME, Path("/etc/wirebell") / NAME]
    for place in places:
        if is_there(place, Path.is_file):
            return place
    looked = ", ".join(str(place) for place in places)
    raise mistake("", f"there is no configuration: looked for {looked}", "`wirebell init` writes one to start with")


def load(path: Path, environ: Mapping[str, str] = os.environ, *, secrets: bool = True, queries: bool = True) -> Config:
    """The configuration at `path`. Raises Mistakes with every mistake of the file.

    Without `secrets`, those of channels and feeds may be missing: for commands that only look. Without `queries`, they
    and the entries of lists are read when the judge is asked for, and nothing is warned of: for those that judge
    nothing, as the names of three packs take half a second.
    """
    with memory.collector_off():
        return parse_with_places(read_text(path), path, environ, secrets=secrets, queries=queries)[0]


def load_again(running: Config, environ: Mapping[str, str] = os.environ) -> Config:
    """The configuration of the same file as it is now; of its rules and lists, only what is new is compiled.

    For a thread of its own: no other is held up. Raises Mistakes. `running` stays as it is.
    """
    path = running.path
    with memory.beside_others():
        return parse_with_places(read_text(path), path, environ, running=running.judge)[0]


def parse(text: str, path: Path, environ: Mapping[str, str] = os.environ, *, secrets: bool = True) -> Config:
    """The configuration that `text` is, as if it stood at `path`. Raises Mistakes."""
    return parse_with_places(text, path, environ, secrets=secrets)[0]


def parse_with_places(
    text: str,
    path: Path,
    environ: Mapping[str, str] = os.environ,
    *,
    secrets: bool = True,
    running: Judge | None = None,
    queries: bool = True,
) -> tuple[Config, Placing]:
    """The same, and what finds the places of remarks on its lists and rules in the text. Raises Mistakes.

    What the judge that is `running` knows already is not compiled again.
    """
    draft = Draft(text, path, environ, secrets=secrets)
    general = _general(draft)
    feeds = read_feeds(draft)
    channels = read_channels(draft)
    lists = read_lists(draft)
    for rule in lists.rules:
        check_names(draft, rule.notify, (*lists.origins[rule.where], "notify"), channels)
    check_names(draft, general.operator.notify, ("operator", "notify"), channels)
    compiled = cache(partial(_judge, draft, lists, running))
    database = _database(draft, general)
    if queries:
        compiled()
    else:
        draft.finish()
    read = Config(
        path=path,
        contact=general.contact,
        database=database,
        timezone=ZoneInfo(general.timezone),
        parser=general.parser,
        polling=general.polling,
        push=general.push,
        network=general.network,
        operator=general.operator,
        feeds=feeds,
        watchlists=tuple(lists.watchlists),
        sources=lists.sources,
        rules=tuple(lists.rules),
        compiled=compiled,
        channels=channels,
    )
    if queries:
        _warn(draft, read)
    return replace(read, warnings=draft.warnings()), lambda remarks: placed(draft, lists, remarks)


def _judge(draft: Draft, lists: Lists, running: Judge | None) -> Judge:
    """The judge of the lists and rules. Raises Mistakes with every mistake of the file."""
    judge = read_judge(draft, lists, running)
    draft.finish()
    assert judge is not None  # noqa: S101  where there is none there are mistakes
    return judge


def read_text(path: Path) -> str:
    """The text of a configuration file. Raises Mistakes where there is none."""
    try:
        with path.open("rb") as opened:
            content = opened.read(LARGEST + 1)
    except FileNotFoundError:
        raise mistake(str(path), "there is no such file", "`wirebell init` writes one to start with") from None
    except IsADirectoryError:
        raise mistake(str(path), "this is a folder", f"name the file in it, such as {path / NAME}") from None
    except OSError as error:
        raise mistake(str(path), f"it cannot be read: {error.strerror}", "allow this user to read it") from None
    if len(content) > LARGEST:
        raise mistake(str(path), f"it is larger than {LARGEST // 1_000_000} MB", "name a configuration file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise mistake(f"{path.name}:{line}", "this line is not UTF-8", "save the file as UTF-8") from None


def _general(draft: Draft) -> FileTable:
    """All but the sections."""
    for key in draft.data:
        if key not in FileTable.model_fields:
            problem = unknown_key((key,), FileTable.model_fields)
            draft.problem(problem.path, problem.what, problem.remedy)
    known = FileTable.model_fields.keys() - set(_SECTIONS)
    tables = {"polling": PollingTable, "push": PushTable, "network": NetworkTable, "operator": OperatorTable}
    given = {key: value for key, value in draft.data.items() if key in known}
    for key, model in tables.items():
        if key in given:
            given[key] = draft.table(model, given[key], (key,)) or model()
    general = draft.table(FileTable, given, ()) or FileTable()
    if general.polling.min > general.polling.max:
        draft.problem(("polling", "min"), "is longer than `max`", "make it shorter than polling.max, 2h by default")
    return general


def _database(draft: Draft, general: FileTable) -> Path:
    if general.database is None:
        state = draft.environ.get("STATE_DIRECTORY", "").partition(":")[0]
        folder = Path(state) if state else _user_folder(draft.environ, "XDG_STATE_HOME", ".local/state")
        return (folder / "wirebell.db").absolute()
    path = (draft.folder / at_home(general.database)).absolute()
    if is_there(path, Path.is_dir):
        remedy = f'name a file in it, as in "{Path(general.database, "wirebell.db")}"'
        draft.problem(("database",), "is a folder", remedy)
    return path


def _warn(draft: Draft, read: Config) -> None:
    if not draft.data.get("feeds"):
        draft.warn("no-feeds", (), "there are no feeds, so nothing is polled", "`wirebell feeds add URL` adds one")
    if not read.judge.rules:
        draft.warn("no-rules", (), "there are no rules and no watchlists, so nothing rings", "write [watchlists]")
    if not read.channels:
        draft.warn("no-channels", (), "there are no channels, so nobody hears of it", "write [channels]")
    for name in ("min", "max"):
        if getattr(read.polling, name) < SHORTEST_POLITE:
            what = "is less than a minute: publishers shut out who asks so often"
            draft.warn("impolite", ("polling", name), what, 'write "1m" or more')
    for watchlist in read.watchlists:
        if not watchlist.entries:
            path = ("watchlists", watchlist.name)
            draft.warn("empty-list", path, "has no entries, so it never rings", "add some, or remove it")
    _warn_of_silent_rules(draft, read)
    _warn_of_channels(draft, read)


def _warn_of_silent_rules(draft: Draft, read: Config) -> None:
    if any(not rule.notify for rule in read.judge.rules) and read.channels and not read.readers:
        what = "every channel is the operator's, so rules without `notify` ring nowhere"
        draft.warn("rings-nowhere", ("operator", "notify"), what, "leave one of them to the readers")
    for index, rule in enumerate(read.rules):
        if rule.notify and set(rule.notify) <= set(read.operator.notify):
            what = "names only channels that news of the service itself goes to"
            draft.warn("operator-only", ("rules", index, "notify"), what, "name one that readers have to themselves")


def _warn_of_channels(draft: Draft, read: Config) -> None:
    everybody = any(not rule.notify for rule in read.judge.rules)
    named = {name for rule in read.rules for name in rule.notify}
    for name, settings in read.channels.items():
        path = ("channels", name)
        if name not in named and name not in read.operator.notify and not everybody:
            what = "no rule names this channel, so it stays silent"
            draft.warn("silent-channel", path, what, "name it, or remove it")
        if settings and settings.type == "webhook" and settings.secret is None:
            what = "has no secret, so its receiver cannot tell our messages from those of others"
            draft.warn("unsigned", path, what, 'write secret = "whsec_...", which `wirebell init` makes')


def _user_folder(environ: Mapping[str, str], variable: str, otherwise: str) -> Path:
    return Path(environ.get(variable) or Path(environ.get("HOME") or at_home("~"), otherwise)) / "wirebell"
