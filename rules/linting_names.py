"""Remarks on the names of a watchlist: words of every text, names of many people, and names that add nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rules.covering import Covers, Name, name_of
from rules.frequent import LANGUAGES_OF
from rules.mistakes import Remark
from rules.regexes import Regex
from rules.signs import Signs
from rules.text import fold
from rules.watchlist import Entry, Watchlist
from rules.wording import shortened

CommonWords = Mapping[str, tuple[tuple[str, ...], str]]
"""By the folded word: its languages, and what it means there."""

MANY_BEAR_IT = "many bear the name"
"""The meaning of what is no word, but the name of many people."""

_EXACT = "write exact = true if only that spelling is meant, or give it a context"
_CONTEXT = "give it a context: words, one of which is in every item that means it"


@dataclass(frozen=True, slots=True, eq=False)
class _Owned:
    """A name of an entry. `order` counts the names of the list."""

    name: Name
    where: str
    order: int
    number: int
    entry: Entry


def of_names(watchlist: Watchlist, common: CommonWords) -> Iterator[Remark]:
    """Every remark on the entries of a list."""
    owned = list(_owned(watchlist))
    for one in owned:
        if one.name.source:
            yield from of_expression(one.name, one.where)
        elif not one.entry.context and not one.name.exact:
            yield from _of_common(one, common)
    yield from _of_repeated(watchlist)
    with_context, free = Covers[_Owned](), Covers[_Owned]()
    for one in owned:
        (with_context if one.entry.context else free).add(one.name, one)
    for one in owned:
        # Namesakes may share a name, as long as each has a context of its own.
        yield from _of_covered(one, free)
        if one.entry.context:
            yield from _of_covered(one, with_context)


def of_expression(name: Name, where: str) -> Iterator[Remark]:
    """A regular expression that cannot be looked for by a word of it."""
    if not Regex(name.source).has_literal:
        what = f"`{shortened(name.written)}` has no three letters that must be there, so it is run on every item"
        yield Remark("regex-without-literal", where, what, "begin it with a word, as in /gpt-?[0-9]+/")


def frequent(name: Name) -> str:
    """In what every text has what `name` looks for: some languages, or a form; '' where it is no such word."""
    for spelling in name.spellings:
        (word, *others) = spelling.needle.words
        if others or name.exact or not _is_plain(spelling.signs):
            continue
        if name.prefix:
            return "as the beginning of a word" if len(word) < 3 and word.isascii() else ""
        if len(word) == 1 and word.isascii():
            return "as a single letter"
        if word in LANGUAGES_OF:
            return ", ".join(LANGUAGES_OF[word])
    return ""


def _is_plain(signs: Signs | None) -> bool:
    return signs is None or not (signs.before or signs.inside or signs.after or signs.exact)


def _owned(watchlist: Watchlist) -> Iterator[_Owned]:
    order = 0
    for number, entry in enumerate(watchlist.entries):
        where = f"{watchlist.where}.entries[{number}]"
        aliases = ((f"{where}.aliases[{index}]", alias) for index, alias in enumerate(entry.aliases))
        for at, text in ((f"{where}.name", entry.name), *aliases):
            name = name_of(text, exact=entry.exact)
            if name:
                yield _Owned(name, at, order, number, entry)
                order += 1


def _of_common(one: _Owned, common: CommonWords) -> Iterator[Remark]:
    written = one.name.written
    languages = frequent(one.name)
    if languages:
        yield Remark("broad-term", one.where, f"`{written}` stands in nearly every text ({languages})", _EXACT)
    elif not one.name.prefix and (known := common.get(fold(written))):
        spoken, meaning = known
        what = f"`{written}` is a common {'name' if meaning == MANY_BEAR_IT else 'word or name'}"
        has_case = written.lower() != written.upper()
        remedy = _EXACT if has_case and meaning != MANY_BEAR_IT else _CONTEXT
        yield Remark("common-word", one.where, f"{what} ({', '.join(spoken)}: {meaning})", remedy)


def _of_repeated(watchlist: Watchlist) -> Iterator[Remark]:
    """The same name twice is one entry, which is of use only where the second says more."""
    first: dict[str, Entry] = {}
    for number, entry in enumerate(watchlist.entries):
        same = first.setdefault(" ".join(entry.name.split()), entry)
        more = {*entry.aliases, *entry.context} - {*same.aliases, *same.context}
        if same is not entry and not more:
            where = f"{watchlist.where}.entries[{number}]"
            yield Remark("twice", where, f"`{entry.name}` is in this list already", "remove one of them")


def _of_covered(one: _Owned, covers: Covers[_Owned]) -> Iterator[Remark]:
    found = covers.of(one.name)
    if not found:
        return
    other = found[1]
    same, own = other.name.key == one.name.key, other.number == one.number
    alike = bool(one.entry.context) == bool(other.entry.context)
    if (same and alike and other.order > one.order) or (other.entry.context and not own):
        return
    if own:
        what = f"`{one.name.written}` adds nothing to `{other.name.written}` of the same entry"
        yield Remark("shadowed", one.where, what, "remove it")
    elif " ".join(one.entry.name.split()) != " ".join(other.entry.name.split()):
        what = f"`{one.name.written}` can never add a ring, as `{other.name.written}` of `{other.entry.name}` finds it"
        if same:
            what = f"`{one.name.written}` is a name of `{other.entry.name}`, too, so both are told for it"
        remedy = "keep it in one of them, or give both a context" if same else "remove one of them"
        yield Remark("shared-name" if same else "shadowed", one.where, what, remedy)
