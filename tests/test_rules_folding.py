"""Folding in memory: the same stories as the store makes."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.folding import Folding
from rules.records import Cursor, Judged
from state.store import Store
from tests.builders import NOON, a_feed, an_item

DAY = timedelta(days=1)

Report = tuple[str, str, int]
"""Its link's key, its title's key, and the day it arrives."""


def folded(reports: Sequence[Report]) -> list[str]:
    folding = Folding()
    return [
        folding.story_of(f"{number}", link_key=link, title_key=title, at=NOON + day * DAY)
        for number, (link, title, day) in enumerate(reports)
    ]


def kept(reports: Sequence[Report]) -> list[str]:
    """The stories of the store, each by the number of its first report."""
    with TemporaryDirectory() as folder, Store.open(Path(folder)) as store:
        feed = a_feed()
        store.enrol([feed], now=NOON).result()
        for number, (link, title, day) in enumerate(reports):
            judged = Judged(item=an_item(f"{number}"), keys=(f"{number}",), link_key=link, title_key=title)
            store.commit(Cursor(feed_id=feed.id, url=feed.url), [judged], now=NOON + day * DAY).result()
        stories = {record.item.title: record.story_id for record in store.items()}
    names: dict[str, str] = {}
    return [names.setdefault(stories[f"{number}"], f"{number}") for number in range(len(reports))]


def test_one_article_in_two_feeds_is_one_story() -> None:
    assert folded([("a", "", 0), ("a", "", 80), ("a", "", 200)]) == ["0", "0", "2"]


def test_one_title_is_one_story_for_three_days() -> None:
    assert folded([("a", "t", 0), ("b", "t", 3), ("c", "t", 4)]) == ["0", "0", "2"]


def test_a_daily_column_is_no_endless_story() -> None:
    assert folded([("", "t", day) for day in range(9)]) == ["0", "0", "0", "0", "4", "4", "4", "4", "8"]


def test_nothing_in_common_is_nothing() -> None:
    assert folded([("", "", 0), ("", "", 0)]) == ["0", "1"]


def test_where_a_time_is_not_known_two_reports_are_near_enough() -> None:
    folding = Folding()
    assert folding.story_of("1", link_key="", title_key="t", at=None) == "1"
    assert folding.story_of("2", link_key="", title_key="t", at=NOON + 900 * DAY) == "1"
    assert folding.story_of("3", link_key="", title_key="t", at=NOON) == "1"


REPORTS = st.lists(
    st.tuples(st.sampled_from(["", "a", "b"]), st.sampled_from(["", "t", "u"]), st.integers(0, 200)), max_size=7
)


@settings(max_examples=30, deadline=None)
@given(REPORTS)
def test_the_store_makes_the_same_stories(reports: list[Report]) -> None:
    in_order = sorted(reports, key=lambda report: report[2])

    assert folded(in_order) == kept(in_order)
