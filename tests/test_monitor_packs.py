"""Packs in a watchlist: what of them a list watches, and what wins where the user names the same thing."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import config, packs
from monitor.config import Config
from monitor.packs.uniting import Written, united
from rules.mistakes import Mistakes
from rules.records import Item
from rules.text import fold
from rules.watchlist import Entry, Kind, Watchlist

NAMES = st.sampled_from(["Ada", "Bob", "Cy", "Dee", "Eve", "ADA", "=Bob", "Cy*"])
ENTRIES = st.lists(
    st.builds(Entry, NAMES, st.lists(NAMES, max_size=2).map(tuple), exact=st.booleans()), max_size=4, unique_by=str
)


def parsed(text: str, folder: Path = Path("/nowhere")) -> Config:
    return config.parse(text, folder / "wirebell.toml", {})


def the_list(text: str, folder: Path = Path("/nowhere")) -> Watchlist:
    (one,) = parsed(text, folder).watchlists
    return one


def entry_of(text: str, name: str, folder: Path = Path("/nowhere")) -> Entry:
    (entry,) = (entry for entry in the_list(text, folder).entries if entry.name == name)
    return entry


def packed(pack: str, name: str) -> Entry:
    return next(entry for entry in packs.load(pack).entries if entry.name == name)


def written(*entries: Entry, keys: tuple[str, ...] = ()) -> list[Written]:
    return [Written(entry, (), ("wirebell.toml",), frozenset(keys)) for entry in entries]


def together(own: list[Written], *pack: Entry) -> list[Entry]:
    return [one.entry for one in united(own, pack, (), "pack")]


def test_a_list_may_be_nothing_but_its_pack() -> None:
    one = the_list('[watchlists.people]\npacks = ["ai-researchers"]')

    assert one.entries == packs.load("ai-researchers").entries
    assert one.kind is Kind.PERSON


def test_the_entries_of_a_pack_follow_the_list_s_own() -> None:
    read = parsed('[watchlists.labs]\nentries = ["Acme", "OpenAI"]\npacks = ["ai-labs"]')
    entries, sources = read.watchlists[0].entries, read.sources["labs"]

    assert [entry.name for entry in entries[:3]] == ["Acme", "OpenAI", "Anthropic"]
    assert sources[:3] == (("wirebell.toml",), ("wirebell.toml", "ai-labs"), ("ai-labs",))
    assert len(entries) == len(sources) == len(packs.load("ai-labs").entries) + 1


def test_a_pack_named_twice_is_one() -> None:
    assert the_list('[watchlists.labs]\npacks = ["ai-labs", "ai-labs"]').entries == packs.load("ai-labs").entries


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('packs = ["ai-labs"]', Kind.ORGANIZATION),
        ('packs = ["ai-terms"]', Kind.TOPIC),
        ('kind = "topic"\npacks = ["ai-labs"]', Kind.TOPIC),
        ('packs = ["ai-labs", "ai-researchers"]', Kind.TOPIC),
        ('kind = "person"\npacks = ["ai-researchers"]', Kind.PERSON),
        ("entries = []", Kind.TOPIC),
    ],
)
def test_a_list_that_says_nothing_of_its_kind_is_of_that_of_its_packs(text: str, kind: Kind) -> None:
    assert the_list(f"[watchlists.some]\n{text}").kind is kind


@pytest.mark.parametrize("kind", ["person", "organization"])
def test_a_pack_of_another_kind_is_a_mistake_of_its_own(kind: str) -> None:
    with pytest.raises(Mistakes) as caught:
        parsed(f'[watchlists.some]\nkind = "{kind}"\npacks = ["ai-terms"]\n[[rules]]\nname = "a"\nwhen = "@some"')

    (mistake,) = caught.value.found
    assert mistake.where == "wirebell.toml:3: watchlists.some.packs[0]"


def test_aliases_are_united_under_the_name_that_the_user_gives() -> None:
    entry = entry_of(
        '[watchlists.labs]\npacks = ["ai-labs"]\nentries = [{ name = "GDM", aliases = ["deepmind", "Demis Co"] }]',
        "GDM",
    )

    assert entry.aliases[:2] == ("deepmind", "Demis Co")
    assert {"Google DeepMind", "DeepMind", "ディープマインド"} <= set(entry.aliases)
    assert "Google DeepMind" not in {
        one.name for one in the_list('[watchlists.l]\npacks = ["ai-labs"]\nentries = ["DeepMind"]').entries
    }


@pytest.mark.parametrize(
    ("own", "exact", "context"),
    [
        ('"Apple"', True, None),
        ('{ name = "Apple", exact = false }', False, None),
        ('{ name = "Apple", context = ["Siri", "Vision Pro"] }', True, ("Siri", "Vision Pro")),
        ('{ name = "Apple", context = [] }', True, ()),
    ],
)
def test_what_the_user_wrote_of_exact_and_context_wins(own: str, exact: bool, context: tuple[str, ...] | None) -> None:
    entry = entry_of(f'[watchlists.labs]\npacks = ["ai-labs"]\nentries = [{own}]', "Apple")

    assert entry.exact is exact
    assert entry.context == (packed("ai-labs", "Apple").context if context is None else context)
    assert "アップル" in entry.aliases


def test_a_row_of_a_csv_file_is_what_the_user_wrote(tmp_path: Path) -> None:
    (tmp_path / "labs.csv").write_text("name,aliases,context,note\nApple,Cupertino,Siri,\nNvidia,,,chips\n", "utf-8")
    text = '[watchlists.labs]\npacks = ["ai-labs"]\nfiles = ["labs.csv"]'

    apple, nvidia = entry_of(text, "Apple", tmp_path), entry_of(text, "Nvidia", tmp_path)

    assert (apple.context, apple.exact, apple.note) == (("Siri",), True, packed("ai-labs", "Apple").note)
    assert (nvidia.note, "輝達" in nvidia.aliases) == ("chips", True)
    assert parsed(text, tmp_path).sources["labs"][0] == ("labs.csv", "ai-labs")


def test_two_entries_of_the_user_stay_two_where_a_pack_has_one() -> None:
    pack = Entry("Google DeepMind", ("DeepMind", "Google Brain"))

    first, second = together(written(Entry("DeepMind"), Entry("Google Brain")), pack)

    assert first == Entry("DeepMind", ("Google DeepMind",))
    assert second == Entry("Google Brain")


def test_of_two_entries_of_a_pack_that_the_user_has_as_one_the_first_says_what_it_needs() -> None:
    first, second = Entry("Meta", ("Metas",), ("AI",), exact=True), Entry("FAIR", ("MSL",), ("LeCun",))

    (entry,) = together(written(Entry("Meta", ("=MSL",))), first, second)

    assert entry == Entry("Meta", ("=MSL", "Metas", "FAIR", "MSL"), ("AI",), exact=True)


def test_the_signs_of_a_name_do_not_make_it_another() -> None:
    assert len(together(written(Entry("Яндекс")), Entry("Yandex", ("Яндекс*",)))) == 1
    assert len(together(written(Entry("=SSI")), Entry("ssi"))) == 1
    assert len(together(written(Entry("/ada/")), Entry("/Ada/"))) == 2


def test_a_united_entry_rings_for_the_names_of_both() -> None:
    judge = parsed('[watchlists.labs]\npacks = ["ai-labs"]\nentries = [{ name = "OpenAI", aliases = ["Oai"] }]').judge

    for title in ("Oai moves", "オープンAIの新会社", "ChatGPT maker sued"):
        assert {match.entry for hit in judge.judge(Item(title=title)) for match in hit.matches} == {"OpenAI"}


def test_a_mistake_in_a_united_entry_is_told_where_the_user_wrote_it() -> None:
    with pytest.raises(Mistakes) as caught:
        parsed('[watchlists.labs]\npacks = ["ai-labs"]\nentries = [{ name = "OpenAI", aliases = ["/(/"] }]')

    (mistake,) = caught.value.found
    assert mistake.where == "wirebell.toml:3: watchlists.labs.entries[0].aliases[0]"


@given(ENTRIES, ENTRIES)
def test_every_name_of_both_is_kept_and_none_of_the_user_s_is_lost(own: list[Entry], pack: list[Entry]) -> None:
    def names(entries: list[Entry]) -> set[str]:
        return {fold(name.strip("=*")) for entry in entries for name in (entry.name, *entry.aliases)}

    both = together(written(*own), *pack)

    assert names(both) == names(own) | names(pack)
    assert [entry.name for entry in both[: len(own)]] == [entry.name for entry in own]
    assert len(both) <= len(own) + len(pack)


@given(ENTRIES)
def test_a_pack_without_a_common_name_is_appended_as_it_is(pack: list[Entry]) -> None:
    assert together(written(Entry("Zoe")), *pack) == [Entry("Zoe"), *pack]
