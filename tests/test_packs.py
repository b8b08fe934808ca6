"""The packs that are shipped: each is read, does what its headlines say, and is written as a pack has to be."""

import re
import tomllib
import unicodedata
from functools import cache
from urllib.parse import urlsplit

import pytest

from monitor import packs
from monitor.packs import Pack
from rules.judge import Judge, compile_judge
from rules.records import Item
from rules.text import fold
from rules.watchlist import Entry, Watchlist

LISTS = [name for name in packs.names() if packs.load(name).kind]
TAGS = {
    *("lab", "wire", "press", "business", "chips", "newsletter", "community", "opensource", "research", "policy"),
    "security",
}
LANGUAGES = {"en", "pt", "es", "de", "fr", "it", "nl", "ja", "zh", "ko", "ru"}


@cache
def judge_of(name: str) -> Judge:
    pack = packs.load(name)
    assert pack.kind
    return compile_judge([Watchlist(name, pack.kind, pack.entries, "pack")], [])


def rung(name: str, title: str, text: str = "") -> dict[str, list[str]]:
    """The entries that an item rings, each with the words."""
    found: dict[str, list[str]] = {}
    for match in (match for hit in judge_of(name).judge(Item(title=title, text=text)) for match in hit.matches):
        found.setdefault(match.entry, []).append(match.surface)
    return found


def names_of(entry: Entry) -> tuple[str, ...]:
    return (entry.name, *entry.aliases)


def plain(name: str) -> str:
    """A name without the signs that say how to look for it."""
    return name.removeprefix("=").removesuffix("*")


def test_what_is_shipped() -> None:
    assert packs.names() == ("ai-labs", "ai-researchers", "ai-terms", "tech-feeds")
    assert {name: len(packs.load(name).entries) for name in LISTS if len(packs.load(name).entries) < 80} == {}
    assert all(set(packs.load(name).languages) == LANGUAGES for name in LISTS)


@pytest.mark.parametrize("name", LISTS)
def test_every_headline_that_must_ring_rings(name: str) -> None:
    assert [title for title in packs.load(name).should_match if not rung(name, title)] == []


@pytest.mark.parametrize("name", LISTS)
def test_no_headline_that_must_not_ring_does(name: str) -> None:
    assert {title: hit for title in packs.load(name).should_not_match if (hit := rung(name, title))} == {}


@pytest.mark.parametrize("name", LISTS)
def test_every_entry_rings_by_each_of_its_names(name: str) -> None:
    silent = [
        (entry.name, one)
        for entry in packs.load(name).entries
        for one in names_of(entry)
        if not one.startswith("/")
        and entry.name not in rung(name, plain(one), " | ".join(map(plain, entry.context[:9])))
    ]

    assert silent == []


@pytest.mark.parametrize("name", LISTS)
def test_no_name_stands_in_two_entries(name: str) -> None:
    owners: dict[str, str] = {}
    twice = [
        (one, owner, entry.name)
        for entry in packs.load(name).entries
        for one in names_of(entry)
        if (owner := owners.setdefault(fold(plain(one)), entry.name)) != entry.name
    ]

    assert twice == []


@pytest.mark.parametrize("name", LISTS)
def test_no_name_of_an_entry_without_context_is_an_everyday_word(name: str) -> None:
    names = [
        (entry.name, fold(plain(one)), one.endswith("*"))
        for entry in packs.load(name).entries
        if not entry.context and not entry.exact
        for one in names_of(entry)
        if not one.startswith("=")
    ]
    everyday = [
        (entry, word)
        for entry, one, prefix in names
        for word in packs.common_words()
        if word == one or (prefix and word.startswith(one))
    ]

    assert everyday == []


@pytest.mark.parametrize("name", LISTS)
def test_names_are_composed_and_tidy(name: str) -> None:
    pack = packs.load(name)
    texts = [text for entry in pack.entries for text in (*names_of(entry), *entry.context, entry.note)]

    assert [
        text for text in texts if unicodedata.normalize("NFC", text) != text or text != " ".join(text.split())
    ] == []
    assert [text for text in texts if any(unicodedata.category(sign) in ("Cc", "Cf") for sign in text)] == []


@pytest.mark.parametrize("name", LISTS)
def test_every_shared_context_is_used_and_every_language_is_declared(name: str) -> None:
    data = tomllib.loads((packs.FOLDER / f"{name}.toml").read_text("utf-8"))
    contexts = data.get("contexts", {})
    used = {word[1:] for entry in data["entries"] for word in entry.get("context", ()) if word.startswith("@")}
    used |= {word[1:] for words in contexts.values() for word in words if word.startswith("@")}
    spoken = {one for entry in data["entries"] if isinstance(entry.get("aliases"), dict) for one in entry["aliases"]}

    assert used == set(contexts)
    assert spoken <= set(data["languages"])


def test_the_terms_are_there_in_every_language() -> None:
    """The words of few are English everywhere (multimodal); a language that lacks many was forgotten."""
    data = tomllib.loads((packs.FOLDER / "ai-terms.toml").read_text("utf-8"))
    without = {one: sum(one not in entry.get("aliases", {}) for entry in data["entries"]) for one in LANGUAGES}

    assert {one: count for one, count in without.items() if count > len(data["entries"]) // 8} == {}


def test_the_feeds_are_well_formed_and_each_there_once() -> None:
    feeds = packs.load("tech-feeds").feeds

    assert len({feed.url for feed in feeds}) == len(feeds) == len({feed.name for feed in feeds}) >= 150
    assert all(urlsplit(feed.url).scheme == "https" and feed.name and feed.language for feed in feeds)
    assert {tag for feed in feeds for tag in feed.tags} == TAGS
    assert {feed.language.partition("-")[0] for feed in feeds} >= LANGUAGES


def test_the_common_words_are_folded_and_explained() -> None:
    words = packs.common_words()

    assert [word for word in words if fold(word) != word] == []
    assert len(words) == len((packs.FOLDER / "common-words.tsv").read_text("utf-8").splitlines()) - 1
    assert all(meaning for _, meaning in words.values())
    assert {language for languages, _ in words.values() for language in languages} == LANGUAGES
    assert words["meta"][0][:2] == ("pt", "es")


PACK = """\
about = "Ships"
kind = "organization"
languages = ["en", "pt"]
[contexts]
sea = ["harbour", "@ships"]
ships = ["sail*"]
"""


def read(entry: str) -> Pack:
    return packs.read("ships", f"{PACK}[[entries]]\n{entry}\n")


def test_contexts_are_shared_by_name_and_aliases_told_by_language() -> None:
    pack = read(
        'name = "Cutty Sark"\ncontext = ["tea", "@sea", "harbour"]\n'
        '[entries.aliases]\nen = ["the Sark", "Cutty"]\npt = ["Ferreira", "Cutty"]'
    )

    assert pack.entries == (
        Entry("Cutty Sark", ("the Sark", "Cutty", "Ferreira"), ("tea", "harbour", "sail*")),
    )  # fmt: skip


@pytest.mark.parametrize(
    "entry",
    ['name = "A"\ncontext = ["@nowhere"]', 'name = "A"\nalias = ["B"]', 'name = ""', 'name = "A"\nexact = "yes"'],
)
def test_a_pack_that_is_written_wrong_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match=re.compile("there is no context|validation error")):
        read(entry)
