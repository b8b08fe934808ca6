"""What makes an item the same item."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.identity import article_links, fingerprint, keys_of
from rules.records import Item
from tests.builders import an_item

TOLD = "Jason Wei leaves OpenAI for Meta"


def same(one: Item, other: Item) -> bool:
    """Whether the second is known to a feed that has shown the first."""
    return bool(set(keys_of([one])[0]) & set(keys_of([other])[0]))


def test_a_guid_names_an_item_whatever_else_changes() -> None:
    assert same(an_item("Old title", guid="1", link="https://a.example/1"),
                an_item("New title", guid=" 1 ", link="https://a.example/2"))  # fmt: skip


def test_a_link_with_new_trackers_names_it_where_the_guid_and_the_title_are_new() -> None:
    assert same(an_item("Old title", guid="1", link="https://a.example/x?utm_source=a"),
                an_item("New title", guid="2", link="http://www.a.example/x/?utm_source=b"))  # fmt: skip


def test_an_archive_with_new_guids_and_new_links_shows_nothing_new() -> None:
    assert same(an_item(TOLD, guid="1", link="https://a.example/1", summary="He said  so."),
                an_item(TOLD.upper(), guid="2", link="https://b.example/2", summary="He said so."))  # fmt: skip


def test_a_short_title_or_a_bare_one_is_no_name() -> None:
    assert not same(an_item("Daily briefing", guid="1", link="https://a.example/1", summary="News."),
                    an_item("Daily briefing", guid="2", link="https://a.example/2", summary="News."))  # fmt: skip
    assert not same(
        an_item(TOLD, guid="1", link="https://a.example/1"), an_item(TOLD, guid="2", link="https://a.example/2")
    )


def test_words_are_the_name_where_there_is_nothing_else() -> None:
    assert same(an_item("Note", guid="", link=""), an_item("note", guid="", link="https://a.example/"))
    assert not same(an_item("Note", guid="", link=""), an_item("Another", guid="", link=""))


def test_a_guid_that_every_item_carries_names_none() -> None:
    one, other = keys_of([an_item("A", guid="feed", link=""), an_item("B", guid="feed", link="")])

    assert not set(one) & set(other)


def test_a_page_that_every_item_links_to_is_no_article() -> None:
    items = [an_item(title, guid=title, link=f"https://a.example/changes#{title}") for title in ("v1", "v2")]

    one, other = keys_of(items)

    assert not set(one) & set(other)
    assert article_links(items) == ["", ""]


@pytest.mark.parametrize("link", ["", " ", "#top", "https://www.a.example/feed/", "feed?utm_source=rss"])
def test_the_only_item_of_a_feed_is_not_named_by_the_feed(link: str) -> None:
    one, other = (
        keys_of([an_item(title, guid=title, link=link, feed_url="https://a.example/feed")])[0] for title in "AB"
    )

    assert not set(one) & set(other)
    assert article_links([an_item(link=link, feed_url="https://a.example/feed")]) == [""]


def test_an_item_listed_twice_keeps_its_guid() -> None:
    twice = keys_of([an_item("A", guid="1"), an_item("A", guid="1")])

    assert twice[0] == twice[1] == keys_of([an_item("A", guid="1")])[0]


def test_an_item_with_nothing_in_it_has_a_key() -> None:
    assert all(keys_of([an_item("", guid="", link=""), an_item("", guid="", link="https://a.example/")]))


def test_a_relative_link_is_read_beside_its_feed() -> None:
    assert article_links([an_item(link="/x", feed_url="https://a.example/feed")]) == ["https://a.example/x"]


def test_the_fingerprint_changes_with_the_words_and_not_with_the_link() -> None:
    item = an_item(TOLD, guid="1", link="https://a.example/1")

    assert fingerprint(item) == fingerprint(an_item(TOLD, guid="2", link="https://a.example/2"))
    assert fingerprint(item) != fingerprint(an_item(TOLD + "!", guid="1", link="https://a.example/1"))
    assert fingerprint(an_item(TOLD, authors=("A",))) != fingerprint(an_item(TOLD, categories=("A",)))


FEW = st.sampled_from(["", "a", "b", "https://a.example/1", "https://a.example/2?utm_x=1", TOLD])
ITEMS = st.lists(st.builds(Item, guid=FEW, link=FEW, title=FEW, summary=FEW), max_size=6)


@given(ITEMS)
def test_every_item_has_keys_and_none_twice(items: list[Item]) -> None:
    for keys in keys_of(items):
        assert len(keys) == len(set(keys)) > 0


@given(ITEMS)
def test_the_order_of_a_document_does_not_matter(items: list[Item]) -> None:
    keys = dict(zip(items, keys_of(items), strict=True))
    turned = items[::-1]

    assert dict(zip(turned, keys_of(turned), strict=True)) == keys
