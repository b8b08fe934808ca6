"""What `check` remarks on a configuration: the linter of `rules`, with the words and the history that it needs."""

from contextlib import suppress
from dataclasses import replace

from monitor.config import Config, Placing
from monitor.packs import common_words
from rules.linting import lint
from rules.mistakes import Remark
from rules.records import Feed, Item
from rules.surveys import survey
from state.errors import StateError
from state.store import Store

SAMPLE = 1000
"""Items that were seen last, on which the rules are tried: a second."""


def warnings_of(configured: Config, place: Placing) -> tuple[Remark, ...]:
    """Every warning of the configuration, those of its lists and rules among them, in the order of the file."""
    found = lint(
        configured.watchlists,
        configured.rules,
        _with_titles(configured),
        common=common_words(),
        seen=survey(configured.judge, _seen_last(configured)),
    )
    return place(found)


def _with_titles(configured: Config) -> list[Feed]:
    """The feeds, those without a name under the title by which `feed:` finds them, as far as it is known."""
    titles: dict[str, str] = {}
    with suppress(StateError), Store.open(configured.database, read_only=True) as store:
        titles = {record.feed.id: record.feed.title for record in store.feeds()}
    return [replace(feed, name=feed.name or titles.get(feed.id, "")) for feed in configured.feeds]


def _seen_last(configured: Config) -> list[Item]:
    """Where there is no history yet, or none that can be read, nothing."""
    with suppress(StateError), Store.open(configured.database, read_only=True) as store:
        newest = [headline.item_id for headline in store.headlines(limit=SAMPLE)]
        return [record.item for record in store.records(newest)]
    return []
