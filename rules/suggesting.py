"""What a watchlist might lack, seen in items that came: other spellings of its names, and new names beside them.

A Suggester is shown the items one by one, and then says what it would add. It never matches: a person accepts.
    word, when first met -> which name it may be -> counted, with samples -> not found by the list? common? -> offered
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from rules.cooccurrence import Companions, Company
from rules.evidence import Evidence
from rules.judge import compile_judge
from rules.naming import Shape, names_in, shape_of
from rules.nearby import Written, in_chinese, together, tokens_of
from rules.offers import Suggestion, of_name, of_spelling
from rules.records import Item, Match
from rules.spellings import Likeness, Role, Spellings
from rules.text import fold
from rules.transliteration import latin
from rules.wanted import Term, terms_of
from rules.watchlist import Kind, Watchlist
from rules.words import words_of

LONGEST_TEXT = 3000
"""Characters of an article that are read; its subject is named before."""

MOST_WORDS = 600_000
MOST_SPELLINGS = 20_000
MOST_COPIES = 500_000
MOST_FORMS = 50_000
"""What is remembered of each; beyond it, what is known of the rarer words, of copies and forms begins anew."""

COMMON = 0.02
"""A word in more of the items than this, and in more than FEW, is a common one."""

FEW = 50

SLIPS = 0.1
"""Small uses of a name, as a share of those with a capital, beyond which it is no name."""


@dataclass(slots=True)
class _Spelling:
    """A form of a name that was seen; `introduced` counts the items where a capitalised word stands before it."""

    term: Term
    how: Likeness
    near: float
    evidence: Evidence
    introduced: int = 0


class Suggester:
    """Knows the lists, and is shown items. Raises Mistakes where a list cannot be understood."""

    def __init__(self, watchlists: Sequence[Watchlist]) -> None:
        self._lists = tuple(watchlists)
        self._judge = compile_judge(self._lists, ())
        bare = [replace(one, entries=tuple(replace(entry, context=()) for entry in one.entries)) for one in self._lists]
        self._finder = compile_judge(bare, ())
        terms = list(terms_of(self._lists))
        self._spellings = Spellings(terms)
        self._parts = {part for term in terms for part in term.parts}
        self._roles: dict[str, tuple[Role, ...]] = {}
        self._wholes: dict[str, tuple[Role, ...]] = {}
        """Those of a word that is a whole name in another spelling, the nearest of each entry."""
        self._parts_of: dict[str, tuple[tuple[Term, frozenset[int]], ...]] = {}
        """The parts of longer names that a word may be."""
        self._words: Counter[str] = Counter()
        self._found: dict[tuple[str, str, str], _Spelling] = {}
        self._matches: dict[str, list[Match]] = {}
        self._companions = Companions()
        self._seen: set[int] = set()

    def take(self, item: Item) -> None:
        """Look at an item; at a copy of one that was seen, not again."""
        copy = hash((item.title, item.summary[:200]))
        if copy in self._seen:
            return
        if len(self._seen) >= MOST_COPIES:
            self._seen.clear()
        self._seen.add(copy)
        if len(item.text) > LONGEST_TEXT or len(item.summary) > LONGEST_TEXT:
            item = replace(item, text=item.text[:LONGEST_TEXT], summary=item.summary[:LONGEST_TEXT])
        texts = [text for text in dict.fromkeys((item.title, item.summary, item.text)) if text]
        words = set().union(*map(words_of, texts))
        self._meet(words)
        wholes, terms = self._possible(words)
        spelled = {key: found for text in texts for key, found in self._spelled(text, wholes, terms)}
        for key, (text, written) in spelled.items():
            self._count(item, key, text, written)
        self._accompany(item, texts)

    def _meet(self, words: set[str]) -> None:
        # To take dict keys from a set walks all of the keys.
        for word in [word for word in words if word not in self._words]:
            roles = self._spellings.roles(word)
            if roles:
                self._know(word, roles)
        self._words.update(words)
        if len(self._words) > MOST_WORDS:
            self._words = Counter(dict(self._words.most_common(MOST_WORDS // 2)))

    def _know(self, word: str, roles: tuple[Role, ...]) -> None:
        self._roles[word] = roles
        best: dict[str, Role] = {}
        for role in roles:
            if role.parts == role.term.whole and role.how != Likeness.SAME:
                entry = role.term.entry
                best[entry] = max(best.get(entry, role), role, key=lambda one: one.near)
        if best:
            self._wholes[word] = tuple(best.values())
        parts = tuple((role.term, role.parts) for role in roles if len(role.term.parts) > 1)
        if parts:
            self._parts_of[word] = parts

    def _possible(self, words: set[str]) -> tuple[list[str], list[Term]]:
        """Of the words of an item, those that are whole names; and the longer names all parts of which are there."""
        parts: dict[Term, frozenset[int]] = {}
        for word in self._parts_of.keys() & words:
            for term, some in self._parts_of[word]:
                known = parts.get(term)
                parts[term] = known | some if known else some
        return sorted(self._wholes.keys() & words), [term for term, there in parts.items() if there == term.whole]

    def _spelled(
        self, text: str, wholes: Sequence[str], terms: Sequence[Term]
    ) -> Iterator[tuple[tuple[str, str, str], tuple[str, Written]]]:
        """Names in other spellings, by list, entry and folded form."""
        for written in (*self._alone(text, wholes, terms), *in_chinese(text, self._spellings)):
            form = text[written.start : written.end]
            if not self._is_listed(form, written.term):
                yield (written.term.watchlist, written.term.entry, fold(form)), (text, written)

    def _alone(self, text: str, wholes: Sequence[str], terms: Sequence[Term]) -> Iterator[Written]:
        if not wholes and not terms:
            return
        tokens = tokens_of(text)
        first = {token.word: token.start for token in reversed(tokens)}
        for word in wholes:
            if word in first:
                for role in self._wholes[word]:
                    yield Written(role.term, role.how, role.near, first[word] + role.start, first[word] + role.end)
        if terms:
            yield from together(text, tokens, self._roles, terms)

    def _count(self, item: Item, key: tuple[str, str, str], text: str, written: Written) -> None:
        known = self._found.get(key)
        if known is None:
            if len(self._found) >= MOST_SPELLINGS:
                return
            known = self._found[key] = _Spelling(written.term, written.how, written.near, Evidence())
        known.evidence.add(item, text, written.start, written.end)
        before = text[: written.start].rsplit(None, 1)[-1:]
        known.introduced += bool(before) and before[0][:1].isupper() and before[0][-1:].isalpha()

    def _is_listed(self, form: str, term: Term | None = None) -> bool:
        """Whether a list finds something in `form`: the whole of it, or the entry of `term`; anything without one."""
        if form not in self._matches:
            if len(self._matches) >= MOST_FORMS:
                self._matches.clear()
            self._matches[form] = [match for hit in self._finder.judge(Item(title=form)) for match in hit.matches]
        own = (term.watchlist, term.entry) if term else None
        return any(
            own in (None, (match.watchlist, match.entry)) or len(match.surface) == len(form)
            for match in self._matches[form]
        )

    def _accompany(self, item: Item, texts: Sequence[str]) -> None:
        hits = self._judge.judge(item)
        keys = {(match.watchlist, match.entry) for hit in hits for match in hit.matches}
        taken: dict[str, set[int]] = {}
        for hit in hits:
            for match in hit.matches:
                taken.setdefault(getattr(item, match.field), set()).update(range(match.start, match.end))
        names: dict[str, tuple[str, int, int]] = {}
        own = {item.feed.casefold(), *(author.casefold() for author in item.authors)}
        for text in texts:
            for start, end in names_in(text, taken.get(text, ()), self._words):
                name = text[start:end].casefold()
                if name not in own:
                    names.setdefault(name, (text, start, end))
        self._companions.add(item, keys, names)

    def suggestions(self) -> list[Suggestion]:
        """What might be added, in the order of lists and entries, the surest of each first; new names after them."""
        spelled = [one for one in self._found.values() if self._is_worth_it(one)]
        spelled.sort(key=lambda one: (-round(one.near, 1), -one.evidence.count, one.evidence.form))
        offered = [of_spelling(one.term, one.how, one.evidence) for one in spelled]
        offered += self._names({fold(one.form) for one in offered})
        place = {
            (watchlist.name, name): number
            for number, (watchlist, name) in enumerate(
                (watchlist, name)
                for watchlist in self._lists
                for name in (*(entry.name for entry in watchlist.entries), "")
            )
        }
        return sorted(offered, key=lambda one: place[one.watchlist, one.entry])

    def _is_worth_it(self, one: _Spelling) -> bool:
        form, count = one.evidence.form, one.evidence.count
        if " " not in form:
            met = self._words[form]
            if met > FEW and met > COMMON * self._companions.items:
                return False
            if one.term.proper and form != form.lower() and self._words[form.lower()] > met:
                return False
        if not one.term.proper and not self._words[one.term.text.lower()] and self._words[one.term.text]:
            return False  # a name among the topics, as it is never written small
        # A surname alone is introduced by another name: Андрей Карпати, but в Карпаты.
        lonely = one.term.person and len(one.term.parts) == 1 and one.how == Likeness.TRANSLITERATION
        return not lonely or form[0].lower() == form[0].upper() or one.introduced * 2 >= count

    def _names(self, offered: set[str]) -> Iterator[Suggestion]:
        companies = [one for one in self._companions.found() if self._is_name(one)]
        longer = {part for one in companies if " " in one.name for part in one.name.split()}
        for one in companies:
            form = self._companions.evidence[one.name].form
            watchlist = self._fitting(one, shape_of(form))
            spelling = fold(form)
            known = any(spelling in known or known in spelling for known in offered)
            if watchlist and one.name not in longer and not known and not self._is_listed(form):
                yield of_name(one, self._companions.evidence[one.name], watchlist)

    def _is_name(self, one: Company) -> bool:
        """Whether it is no part of a name that is listed, and none of its words is a common one with a capital."""
        words = self._companions.evidence[one.name].form.split()
        if len(words) == 1 and (latin(words[0]) in self._parts or self._is_written_small(words[0])):
            return False
        return all(self._words[word.lower()] <= self._words[word] or word.islower() for word in words)

    def _is_written_small(self, word: str) -> bool:
        """Whether a word with a capital is a common one, as its small form is met too often for a slip."""
        small = word.lower()
        return small != word and self._words[small] > SLIPS * self._words[word]

    def _fitting(self, company: Company, shape: Shape) -> str:
        """The list for such a name; empty where there is none."""
        kinds = {watchlist.name: watchlist.kind for watchlist in self._lists}
        fitting = [name for name, kind in kinds.items() if kind == shape.value]
        if fitting:
            return max(fitting, key=lambda name: self._beside(name, company.name))
        return company.key[0] if kinds[company.key[0]] == Kind.TOPIC else ""

    def _beside(self, watchlist: str, name: str) -> int:
        return sum(self._companions.together(key, name) for key in self._companions.entries if key[0] == watchlist)


def suggest(watchlists: Sequence[Watchlist], items: Iterable[Item]) -> list[Suggestion]:
    """What might be added to `watchlists`, after a look at `items`."""
    suggester = Suggester(watchlists)
    for item in items:
        suggester.take(item)
    return suggester.suggestions()
