"""What an alert says, whatever the service: by which words, how old, and nothing that could do harm."""

import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.channels.message import (
    EXCERPTS,
    LONGEST_LINK,
    REASONS,
    REPORTS,
    Message,
    Report,
    age,
    bare_message,
    laid_out,
    message_of,
    safe_link,
    span,
)
from monitor.channels.runs import Run, excerpt, marked, plain, window, words
from monitor.channels.text import as_text
from rules.records import AlertKind, Match, Priority, StoryItem
from tests.builders import NOON, a_match, an_alert, an_item
from tests.hostile import HOSTILE

TITLE = "Jason Wei leaves OpenAI for Meta"


def message(title: str = TITLE, *, now: datetime = NOON, **fields: Any) -> Message:
    return message_of(an_alert(title, **fields), now=now)


def in_field(field: str, text: str, surface: str, **fields: Any) -> Match:
    return a_match(surface, text=text, field=field, **fields)


def shown(runs: tuple[Run, ...]) -> str:
    """Marked words in brackets."""
    return "".join(f"[{run.text}]" if run.marked else run.text for run in runs)


def test_an_alert_says_what_by_whom_when_why_and_where() -> None:
    said = as_text(message(matches=(a_match("Jason Wei"), a_match("Meta", watchlist="labs"))), mark=lambda w: f"[{w}]")

    assert said.splitlines() == [
        "Urgent: [Jason Wei] leaves OpenAI for [Meta]",
        "The Wire, en, published 2026-11-23 11:57 UTC, 3 min before Wirebell saw it",
        message().link,
        "",
        "Why it rang: rule researchers (urgent)",
        "  researchers: [Jason Wei] (title)",
        "  labs: [Meta] (title)",
        "",
        f"Wirebell, alert {message().alert_id[:8]}",
    ]


def test_an_entry_that_rang_by_another_name_is_told_with_it() -> None:
    title = "정형원, Chung and Hyung Won Chung move"
    matches = [
        replace(a_match(surface, text=title), entry="Hyung Won Chung") for surface in ("정형원", "Hyung Won Chung")
    ]
    said = message(title, matches=(*matches, *matches))

    assert [shown(reason) for reason in said.reasons] == ["researchers: [Hyung Won Chung] as [정형원] (title)"]


def test_words_of_a_rule_without_a_list_are_told_as_such() -> None:
    said = message(matches=(a_match("leaves", watchlist="", entry="leav*"),))

    assert [shown(reason) for reason in said.reasons] == ["words of the rule: leav* as [leaves] (title)"]


def test_an_entry_is_told_once_with_all_its_fields() -> None:
    matches = tuple(in_field(field, TITLE, "Meta", watchlist="labs") for field in ("title", "summary", "text", "title"))

    assert [shown(reason) for reason in message(matches=matches).reasons] == ["labs: [Meta] (title, summary, text)"]


def test_very_many_entries_are_counted() -> None:
    matches = tuple(a_match("Meta", watchlist="labs", entry=f"lab {number}") for number in range(REASONS + 5))
    (reason,) = message(matches=matches).reasons

    assert words(reason).startswith("labs: lab 0 as Meta (title), lab 1 as Meta (title), ")
    assert words(reason).endswith("(title) and 5 more")


def test_excerpts_show_the_words_in_summary_and_text_each_entry_once() -> None:
    summary = "He goes. " + "Meta pays well, people say. " * 40
    text = "Much else. " * 60 + "With him goes Hyung Won Chung, and Meta is glad. " + "The end. " * 60
    matches = (
        a_match("Jason Wei"),
        in_field("summary", summary, "Meta", watchlist="labs"),
        in_field("text", text, "Hyung Won Chung"),
        in_field("text", text, "Meta", watchlist="labs"),
    )
    said = message(item=an_item(TITLE, summary=summary, text=text), matches=matches)

    assert len(said.excerpts) == 2
    assert "He goes. [Meta] pays well" in shown(said.excerpts[0])
    assert "goes [Hyung Won Chung], and [Meta] is glad." in shown(said.excerpts[1])
    assert all(words(runs).endswith(" …") for runs in said.excerpts)
    assert words(said.excerpts[1]).startswith("… ")


def test_an_excerpt_of_the_article_behind_the_link_says_so() -> None:
    text = "Much else. " * 60 + "With him goes Hyung Won Chung. " + "The end. " * 60
    item = an_item(TITLE, summary="Meta pays well.", text=text, from_article=True)
    matches = (in_field("summary", item.summary, "Meta"), in_field("text", text, "Hyung Won Chung"))

    first, second = message(item=item, matches=matches).excerpts

    assert shown(first) == "[Meta] pays well."
    assert shown(second).startswith("From the article: … ")
    assert "From the article" in as_text(message(item=item, matches=matches))


def test_no_more_excerpts_than_a_person_reads() -> None:
    text = " and then ".join(f"name{number} " + "x " * 400 for number in range(EXCERPTS + 3))
    matches = tuple(in_field("text", text, f"name{number} ") for number in range(EXCERPTS + 3))

    assert len(message(item=an_item(TITLE, text=text), matches=matches).excerpts) == EXCERPTS


def test_where_only_the_title_rang_the_summary_tells_more() -> None:
    said = message(item=an_item(TITLE, summary="He starts in spring. " * 50), matches=(a_match(),))

    assert words(said.excerpts[0]).startswith("He starts in spring. He starts")
    assert words(said.excerpts[0]).endswith("…")


def test_a_match_of_nothing_that_can_be_seen_is_no_excerpt() -> None:
    item = an_item(TITLE, summary="\u200b\u2060 \u200b", text="He goes.")
    match = Match(watchlist="", entry="/./", field="summary", start=0, end=1, surface="\u200b")

    assert message(item=item, matches=(match,)).excerpts == ()


def test_a_word_far_inside_of_an_endless_title_is_shown_all_the_same() -> None:
    title = "much ado " * 10_000 + "Jason Wei"
    said = message(title, matches=(a_match(text=title),))

    assert len(said.headline) < 310
    assert shown(said.excerpts[0]).endswith("much ado [Jason Wei]")


@pytest.mark.parametrize(
    ("published", "now", "said"),
    [
        (NOON - timedelta(seconds=41), NOON, "published 2026-11-23 11:59 UTC, 41 s before Wirebell saw it"),
        (NOON - timedelta(hours=3), NOON, "published 2026-11-23 09:00 UTC, 3 h before Wirebell saw it"),
        (NOON - timedelta(days=400), NOON, "published 2025-10-19 12:00 UTC, 400 days before Wirebell saw it"),
        (NOON, NOON, "published 2026-11-23 12:00 UTC, just as Wirebell saw it"),
        (NOON + timedelta(seconds=20), NOON, "published 2026-11-23 12:00 UTC, just as Wirebell saw it"),
        (NOON + timedelta(hours=2), NOON, "dated 2026-11-23 14:00 UTC, 2 h after Wirebell saw it"),
        (None, NOON, "seen 2026-11-23 12:00 UTC, date unknown: the feed gives none"),
        (
            NOON - timedelta(seconds=41),
            NOON + timedelta(hours=5),
            "published 2026-11-23 11:59 UTC, 41 s before Wirebell saw it; that was 5 h ago",
        ),
    ],
)
def test_how_old_the_news_is(published: datetime | None, now: datetime, said: str) -> None:
    assert age(published, NOON, now=now) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (99, "99 s"),
        (100, "2 min"),
        (5_999, "100 min"),
        (6_000, "2 h"),
        (86_400, "24 h"),
        (172_800, "2 days"),
    ],
)
def test_lengths_of_time_as_people_say_them(seconds: int, said: str) -> None:
    assert span(timedelta(seconds=seconds)) == said


def test_other_reports_of_the_story_are_told_once_without_this_one() -> None:
    alert = an_alert()
    reports = [
        StoryItem(title=TITLE, link=alert.item.link, feed="The Wire"),
        StoryItem(title="Wei goes", link="https://a.example/1?a=1&b=2", feed="A"),
        StoryItem(title="Wei goes", link="https://a.example/1?again", feed="A"),
        *(StoryItem(title=f"Report {number}", link="javascript:alert(1)", feed="B") for number in range(6)),
    ]
    said = message_of(replace(alert, story=replace(alert.story, items=tuple(reports))), now=NOON)

    assert said.reports[0] == Report(feed="A", title="Wei goes", link="https://a.example/1?a=1&b=2")
    assert said.reports[1].link == ""
    assert (len(said.reports), said.more_reports) == (REPORTS, 2)
    assert "The same story elsewhere:\n  A: Wei goes\n  https://a.example/1?a=1&b=2\n  B: Report 0\n" in as_text(said)
    assert "  and 2 more\n" in as_text(said)


def test_an_item_without_a_link_is_no_other_report_whatever_it_is_called_since() -> None:
    alert = an_alert(item=an_item(link="", feed="https://wire.example/feed"))
    own = StoryItem(title="Jason Wei leaves, edited", link="", feed="The Wire", own=True)
    other = StoryItem(title="Wei goes", link="", feed="The Post")

    said = message_of(replace(alert, story=replace(alert.story, items=(own, other))), now=NOON)

    assert [report.feed for report in said.reports] == ["The Post"]


def test_an_update_and_the_first_alert_of_a_story_have_one_subject() -> None:
    first = an_alert("Wei leaves")
    later = replace(first, kind=AlertKind.UPDATED, item=an_item("Wei leaves, Meta confirms"))

    assert message_of(first, now=NOON).subject == message_of(later, now=NOON).subject == "Wei leaves"
    assert as_text(message_of(later, now=NOON)).startswith("Update: Wei leaves, Meta confirms\n")


@pytest.mark.parametrize("kind", [AlertKind.NOTICE, AlertKind.TEST])
def test_news_of_wirebell_itself_is_told_whole_and_without_a_rule(kind: AlertKind) -> None:
    item = an_item("WIRED is broken", summary="It failed 8 times in a row: HTTP 500.", link="", feed="Wirebell")
    said = as_text(message(item=item, kind=kind))

    assert "WIRED is broken" in said.splitlines()[0]
    assert "It failed 8 times in a row: HTTP 500." in said
    assert "rule" not in said
    assert "published" not in said


@pytest.mark.parametrize(
    ("link", "safe"),
    [
        ("https://example.org/a?b=c#d", "https://example.org/a?b=c#d"),
        ("HTTP://EXAMPLE.org/", "HTTP://EXAMPLE.org/"),
        ("https://example.org/ä/日本", "https://example.org/ä/日本"),
        ("https://example.org/a b|<c>\"'", "https://example.org/a%20b%7C%3Cc%3E%22'"),
        ("https://good.example\\@evil.example/", "https://good.example%5C@evil.example/"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//example.org/a", ""),
        ("/a", ""),
        ("", ""),
        ("https://", ""),
        ("https:///a", ""),
        ("https://[::1", ""),
        ("https://example.org/\r\nx", ""),
        ("https://example.org/\u202egnp", ""),
        ("https://example.org/\ud800", ""),
        (f"https://example.org/{'a' * LONGEST_LINK}", ""),
    ],
)
def test_only_whole_web_addresses_are_links(link: str, safe: str) -> None:
    assert safe_link(link) == safe


@pytest.mark.parametrize(
    ("link", "host"),
    [
        ("https://www.wired.com/story", "wired.com"),
        ("https://wired.com@evil.example/", "evil.example"),
        ("https://аррӏе.com/", "аррӏе.com (xn--80ak6aa92e.com)"),
        ("http://127.0.0.1:8080/", "127.0.0.1"),
        (f"https://{'ä' * 70}.example/", f"{'ä' * 70}.example"),
    ],
)
def test_the_host_that_is_shown_is_the_one_that_is_asked(link: str, host: str) -> None:
    assert message(item=an_item(TITLE, link=link)).host == host


def test_a_feed_without_a_name_is_called_by_its_address_without_the_password() -> None:
    said = message(item=an_item(TITLE, feed="https://bell:p4ssw0rd@wire.example/feed"))

    assert said.source == "https://***@wire.example/feed"


def test_a_title_that_is_missing_is_made_up_for() -> None:
    assert message(item=an_item("", summary="Something happened.")).headline == "Something happened."
    assert message(item=an_item("", link="https://example.org/a")).headline == "example.org"
    assert message(item=an_item("", link="")).headline == "(without a title)"


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_text_becomes_one_short_line_that_can_be_seen(title: str) -> None:
    said = message(title, matches=(a_match(title[:5], text=title),) if title else ())

    for line in as_text(said).split("\n"):
        assert len(line) < 2 * LONGEST_LINK
        assert not [letter for letter in line if unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp")]
        assert not re.search("[\u202a-\u202e\u2066-\u2069]", line)


def test_an_alert_that_cannot_be_laid_out_is_told_in_bare_facts() -> None:
    poison: Any = None
    alert = an_alert(item=replace(an_item(), title=poison), rule="talent", priority=Priority.FLASH)

    said = laid_out(lambda: message_of(alert, now=NOON), lambda: bare_message(alert), alert)

    assert "could not be laid out" in said.headline
    assert said.rule == "talent"
    assert alert.alert_id[:8] in as_text(said)


@given(st.text(max_size=400), st.integers(0, 400), st.integers(0, 400), st.integers(1, 50))
def test_marks_lose_and_invent_nothing(text: str, one: int, other: int, longest: int) -> None:
    start, end = sorted((one, other))
    runs = marked(text, [(start, end), (start, end + 3), (end, end)], 0, len(text))

    assert words(runs).split() == plain(text, 1000).split()
    assert len(plain(text, longest)) <= longest
    assert len(excerpt(text, start, end)) < 400


@given(st.text(alphabet="ab \u0301語", max_size=900), st.integers(0, 900), st.integers(1, 20))
def test_a_window_holds_its_match_and_is_bounded(text: str, start: int, length: int) -> None:
    start = min(start, len(text))
    end = min(start + length, len(text))
    left, right = window(text, start, end)

    assert 0 <= left <= start
    assert end <= right <= len(text)
    assert right - left <= 400


def test_windows_end_between_words_where_there_are_spaces() -> None:
    text = "eins zwei drei vier " * 50
    at = text.index("zwei", 400)
    said = excerpt(text, at, at + 4)

    assert re.fullmatch(r"… (\w{4} )+…", said)


def test_an_alert_of_every_priority_has_its_own_label() -> None:
    labels = {priority: message(priority=priority).label for priority in Priority}

    assert labels == {Priority.ROUTINE: "Alert", Priority.URGENT: "Urgent", Priority.FLASH: "Flash"}


def test_the_moment_is_told_in_utc_whatever_the_zone_of_the_date() -> None:
    published = datetime(2026, 11, 23, 7, 59, tzinfo=datetime.fromisoformat("2026-01-01T00:00:00-04:00").tzinfo)

    assert "11:59 UTC" in message(item=an_item(published=published)).age
    assert published.astimezone(UTC).hour == 11
