"""One address for an article."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rules.links import TRACKERS, canonical_link

ARTICLE = "https://example.org/2026/news"


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/2026/news",
        "HTTPS://WWW.Example.ORG/2026/news/",
        "https://example.org:443/2026/news",
        "http://example.org:80/2026/news",
        "https://user:word@example.org/2026/news",
        "https://example.org./2026/news",
        "https://example.org/2026/news#comments",
        "https://example.org/2026/news#:~:text=Wei",
        "https://example.org/2026/news?utm_source=rss&utm_medium=feed",
        "https://example.org/2026/news?UTM_Campaign=x&fbclid=y",
        "https://example.org/2026/news/amp",
        "https://example.org/2026/news/amp/",
        "https://example.org/2026/news?amp",
        "https://example.org/2026/news?amp=1",
        "https://example.org/2026/news?",
        "https://example.org/2026/./old/../news",
        "https://example.org/2026/n%65ws",
        "  https://example.org/2026/news\n",
        "https://example.org/2026/news?source=rss----1a2b",
    ],
)
def test_every_spelling_of_an_article_is_one_address(url: str) -> None:
    assert canonical_link(url) == ARTICLE


@pytest.mark.parametrize("name", sorted(TRACKERS))
def test_a_tracker_says_nothing_of_the_article(name: str) -> None:
    assert canonical_link(f"{ARTICLE}?{name}=x&id=7") == f"{ARTICLE}?id=7"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/a", "https://example.org/b"),
        ("https://example.org/?p=1", "https://example.org/?p=2"),
        ("https://example.org/a", "https://m.example.org/a"),
        ("https://example.org/a", "https://example.org:8080/a"),
        ("https://example.org/a", "https://example.org/A"),
        ("https://example.org/#!/a", "https://example.org/#!/b"),
        ("https://example.org/a%2Fb", "https://example.org/a/b"),
    ],
)
def test_what_may_differ_stays_different(one: str, other: str) -> None:
    assert canonical_link(one) != canonical_link(other)


def test_the_order_of_a_query_does_not_matter() -> None:
    assert canonical_link("https://example.org/?b=2&a=1") == canonical_link("https://example.org?a=1&b=2") != ""


def test_a_relative_link_is_read_beside_its_base() -> None:
    assert canonical_link("../news", "https://example.org/2026/feed/rss.xml") == ARTICLE


def test_a_name_in_another_script_is_its_ascii_form() -> None:
    assert canonical_link("https://Bücher.example/a") == canonical_link("https://xn--bcher-kva.example/a") != ""


@pytest.mark.parametrize(
    "url",
    ["", "   ", "https://example.org", "https://www.example.org/", "http://example.org/#top", "mailto:desk@example.org",
     "javascript:alert(1)", "/news", "urn:uuid:1", "https://[::1", "https://example.org:99999/a", "https://a..b/c",
     "https:///news", "https://example.org/?utm_source=rss"],
)  # fmt: skip
def test_what_names_no_article_has_no_address(url: str) -> None:
    assert canonical_link(url) == ""


def test_an_address_of_version_six_keeps_its_brackets() -> None:
    assert canonical_link("http://[2001:DB8::1]:8080/a") == "https://[2001:db8::1]:8080/a"


PIECES = st.sampled_from(
    ["/", "amp", "..", ".", "%", "%41", "%2f", "%25", "?", "&", "=", "#", "!", "www.", "utm_a=1", "amp=1", "é", "a",
     "//", ":", "@", "\ud800", " ", "+", ";", "\\", "[", "]"]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(PIECES).map("".join)))
@example("/x/amp/amp")
@example("/%%341")
@example("//amp/")
def test_doing_it_twice_changes_nothing(rest: str) -> None:
    once = canonical_link("https://www.example.org/" + rest)

    assert canonical_link(once) == once


@given(st.lists(PIECES).map("".join))
@example("a..")
@example("a。。")
def test_no_host_is_too_strange(host: str) -> None:
    once = canonical_link(f"http://{host}/a")

    assert canonical_link(once) == once
