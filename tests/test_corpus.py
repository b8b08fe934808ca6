"""Real captures are read without a lost entry and as feedparser reads them, save where it is known to be wrong."""

import calendar
import html
import importlib
import io
import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.formats import Document, read_document
from rules.records import Item

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
URL = "https://feed.example/feed"
DIRECTORIES = (
    *("Olshansk_rss-feeds", "Ranchero-Software_NetNewsWire", "Ranchero-Software_RSParser", "SlyMarbo_rss"),
    *("arminreiter_FeedReader", "danmactough_node-feedparser", "feed-rs_feed-rs", "huginn_huginn"),
    *("kagisearch_fastfeedparser", "laminas_laminas-feed", "miniflux_v2", "nmdias_FeedKit", "prof18_RSS-Parser"),
    *("rbren_rss-parser", "rometools_rome", "rss2email_rss2email", "rubycocos_feedparser"),
)

YEAR_ONE = "there was no feed in the year 1"
LOCAL = "the names of days and months of other languages are names, too"
WRONG = {
    ("kc0011.rss", "published"): "2020/1/10 is not a day of the month of today",
    ("rss_2.0_nbcny.xml", "published"): "02:02:33 PM is in the afternoon",
    ("feed-test-xsl.xml", "published"): "BST is an hour ahead of UTC",
    ("feed-test-hindi-channel-image.xml", "published"): "Friday, January 29, 2021 04:42 PM is a date",
    ("rss_2.0_ilmessaggero.xml", "published"): LOCAL,
    ("uolNoticias.rss", "published"): LOCAL,
    ("deepankarm.github.io-d59708.xml", "published"): YEAR_ONE,
    ("fale.io-b38787.xml", "published"): YEAR_ONE,
    ("frisk.space-1c17c9.xml", "published"): YEAR_ONE,
    ("kittenlabs.de-3ac543.xml", "published"): YEAR_ONE,
    ("Ampersand.xml", "guid"): "feedparser writes &utm; for the &utm of an ill-formed feed",
    ("pappacoda.atom", "link"): "a tag: names an entry, and its link is that of another type",
    ("atom_example_7.xml", "link"): "a tag: names an entry, and it has no link",
    ("feed-test-audio.xml", "link"): "a guid that is no address is no link, and its enclosure is one",
    ("feed-test-charset.xml", "link"): "its enclosure is its link",
}
"""What feedparser gets wrong, by capture and field, and why."""


@pytest.fixture(scope="session")
def feedparser() -> Any:
    """feedparser as it is, not as the program changes it."""
    ours = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == "feedparser"}
    untaught = importlib.import_module("feedparser")
    for name in [name for name in sys.modules if name.partition(".")[0] == "feedparser"]:
        del sys.modules[name]
    sys.modules.update(ours)
    return untaught


def captures(corpus: Path, directory: str) -> Iterator[tuple[str, bytes]]:
    for path in sorted((corpus / "feeds" / directory).rglob("*")):
        if path.is_file():
            yield path.name, path.read_bytes()


def is_json(body: bytes) -> bool:
    return body.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"{")


def read(body: bytes) -> Document:
    return read_document(body, {}, URL, now=NOW)


def test_every_directory_of_the_corpus_is_compared(corpus: Path) -> None:
    assert {path.name for path in (corpus / "feeds").iterdir()} == set(DIRECTORIES)
    assert sum(1 for directory in DIRECTORIES for _ in captures(corpus, directory)) == 400


@pytest.mark.parametrize("directory", DIRECTORIES)
def test_real_feeds_are_read_as_feedparser_reads_them(directory: str, corpus: Path, feedparser: Any) -> None:
    names, differing = set(), set()
    for name, body in captures(corpus, directory):
        if is_json(body):
            continue
        document = read(body)
        theirs = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
        atom = theirs.version.startswith("atom")

        # Of what is cut off, the last entry is half an entry.
        assert len(document.items) == len(theirs.entries) - document.truncated, name
        names.add(name)
        for item, entry in zip(document.items, theirs.entries, strict=not document.truncated):
            differing |= {(name, field) for field in _differences(item, entry, atom=atom)}

    assert differing == {(name, field) for name, field in WRONG if name in names}


def _differences(item: Item, entry: Any, *, atom: bool) -> Iterator[str]:
    if _bare(item.title) != _bare(entry.get("title", "")):
        yield "title"
    if _bare(item.guid) != _bare(entry.get("id", "")):
        yield "guid"
    if not _is_link(item.link, entry):
        yield "link"
    dates = {name: _moment(dict.get(entry, f"{name}_parsed")) for name in ("published", "updated")}
    if not atom:
        dates["published"] = dates["published"] or dates["updated"]
    for name, theirs in dates.items():
        ours = getattr(item, name)
        if theirs != (ours and ours.replace(microsecond=0)):
            yield name


def _is_link(link: str, entry: Any) -> bool:
    # The publisher's own, where feedparser has that of the counter.
    theirs = entry.get("feedburner_origlink") or entry.get("link", "")
    if theirs and "://" not in theirs:
        # feedparser does not know where the feed was found.
        return link.startswith("http") and link.endswith(theirs)
    return bool(link == theirs)


def _bare(text: str) -> str:
    """The letters of `text`: no markup, no spaces, no characters that nobody sees."""
    return re.sub(r"<[^<>]*>|\s|[\x80-\x9f\xad\ufeff]", "", html.unescape(html.unescape(text)))


def _moment(parsed: Any) -> datetime | None:
    return datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else None


@pytest.mark.parametrize("directory", DIRECTORIES)
def test_real_json_feeds_are_read_as_they_are(directory: str, corpus: Path) -> None:
    for name, body in captures(corpus, directory):
        if is_json(body):
            items, entries = read(body).items, json.loads(body)["items"]

            assert [item.guid for item in items] == [str(entry.get("id", "")) for entry in entries], name
            assert [item.link for item in items] == [entry.get("url", entry.get("external_url")) for entry in entries]
            assert [_bare(item.title) for item in items] == [_bare(entry.get("title") or "") for entry in entries]
            assert all(item.published for item, entry in zip(items, entries, strict=True) if "date_published" in entry)


@pytest.mark.parametrize("directory", DIRECTORIES)
def test_what_is_left_of_a_feed_that_is_cut_off_is_what_it_was(directory: str, corpus: Path) -> None:
    for name, body in captures(corpus, directory):
        if is_json(body) or len(body) > 200_000:
            continue
        whole = read(body)
        for share in (0.41, 0.87):
            end = int(len(body) * share)
            left = read(body[:end])

            assert left.items == whole.items[: len(left.items)], (name, end)
            assert left.truncated, (name, end)
