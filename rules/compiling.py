"""Makes conditions of what was read: fields reach their terms, a NOT moves to its leaves, lists are looked up."""

from collections.abc import Mapping

from rules.conditions import Absent, AtLeast, Condition, Known, Listed, Named, Near, OfSource
from rules.entries import WatchedList
from rules.filters import read_filter
from rules.lexing import Fault
from rules.mistakes import Mistakes
from rules.query import Absent as AbsentPart
from rules.query import Expression, Fielded, Group, Part, Word, parse
from rules.query import Listed as ListedPart
from rules.query import Near as NearPart
from rules.regexes import Regex
from rules.sighting import PLACES, TEXTS
from rules.terms import read_term
from rules.vocabulary import Vocabulary
from rules.wording import bracketed, did_you_mean, shortened

MOST_FAULTS = 20
"""Of one query; more would tell nothing new."""

Written = tuple[str, int, int]
"""A part of a query: (query, start, end)."""

Leaves = dict[str, Named]
"""By how they are written, with their field if they have one."""

PLACES_OF = {
    "": TEXTS,
    **{name: frozenset((PLACES.index(name),)) for name in ("title", "summary", "text", "link", "feed")},
    "author": frozenset((PLACES.index("authors"),)),
    "category": frozenset((PLACES.index("categories"),)),
}
"""Where the words of a field stand; fields that are not here know something else of an item."""


class Compiler:
    """Compiles one query to a `condition`, None where it cannot be read. `named` are the lists it names.

    Queries that are compiled with the same `leaves` share what they have in common.
    """

    def __init__(
        self, query: str, vocabulary: Vocabulary, lists: Mapping[str, WatchedList], leaves: Leaves | None = None
    ) -> None:
        self.named: set[str] = set()
        self._leaves = {} if leaves is None else leaves
        self._query = query
        self._vocabulary = vocabulary
        self._lists = lists
        part, self.faults = parse(query)
        self.condition = self._made(part, "", negated=False) if part else None
        if self.condition and not self.faults and not self.condition.positive:
            self._fault(0, "this rings for nearly everything, as nothing in it has to be there", "add what has to be")
        self.faults = sorted(self.faults)[:MOST_FAULTS]

    def _fault(self, offset: int, problem: str, remedy: str) -> None:
        self.faults.append(Fault(offset, problem, remedy))

    def _made(self, part: Part, field: str, *, negated: bool, start: int | None = None) -> Condition:
        # One frame a level, as a query may be 200 brackets deep.
        written = (self._query, part.start if start is None else start, part.end)
        if field and start is None:
            written = _fielded(field, part, self._query[part.start : part.end])
        match part:
            case Group(parts=parts, count=count):
                made = []
                for one in parts:
                    made.append(self._made(one, field, negated=negated))  # noqa: PERF401
                self._check_count(part)
                return AtLeast(
                    *written, parts=made, count=len(parts) - count + 1 if negated else count, negated=negated
                )
            case AbsentPart(part=inner):
                return self._made(inner, field, negated=not negated)
            case Fielded(field=name, part=inner) if not field and not isinstance(inner, Fielded):
                return self._made(inner, name, negated=negated, start=part.start)
            case Fielded(field=name):
                self._fault(part.start, f"`{name}:` stands inside of another field", "write one field before a term")
                return _nothing(*written)
            case NearPart():
                condition = self._near(part, field, written)
            case _:
                condition = self._leaf(part, field, written)
        condition = Absent(*written, part=condition) if negated else condition
        return condition if condition.places & TEXTS else OfSource(*written, part=condition)

    def _check_count(self, group: Group) -> None:
        if not group.count:
            self._fault(group.start, "0 OF holds always", "write 1 OF, or NOT (a OR b)")
        elif group.count > len(group.parts):
            there = f"there are {len(group.parts)} parts" if len(group.parts) > 1 else "there is one part"
            self._fault(group.start, f"{group.count} OF never holds, as {there}", "parts are parted by commas")

    def _leaf(self, part: Part, field: str, written: Written) -> Condition:
        places = PLACES_OF.get(field, frozenset())
        try:
            match part:
                case Word(text=text, exact=exact):
                    known = read_filter(field, text, exact=exact)
                    if known:
                        return Known(*written, test=known)
                    return self._named(part, written, places)
                case ListedPart(name=name):
                    return self._listed(part.start, name, field, written)
                case Expression() if places:
                    return self._named(part, written, places)
            self._fault(part.start, f"`{field}:` takes no regular expression", f"write {field}:word")
        except Mistakes as mistakes:
            for found in mistakes.found:
                self._fault(part.start, found.problem, found.remedy)
        return _nothing(*written)

    def _named(self, part: Word | Expression, written: Written, places: frozenset[int]) -> Condition:
        query, start, end = written
        whole = query[start:end]
        if whole not in self._leaves:
            asked = Regex(part.source) if isinstance(part, Expression) else read_term(part.text, exact=part.exact)
            sought = self._vocabulary.seek(asked)
            term = end - (part.end - part.start)
            self._leaves[whole] = Named(query, start, end, sought=sought, places=places, term=term)
        return self._leaves[whole]

    def _listed(self, offset: int, name: str, field: str, written: Written) -> Condition:
        self.named.add(name)
        if name not in self._lists:
            self._fault(offset, f"there is no watchlist `{name}`", did_you_mean(name, self._lists))
        elif not self._lists[name].entries:
            self._fault(offset, f"the watchlist `{name}` is empty, so this never holds", "give it entries")
        elif field not in PLACES_OF:
            self._fault(offset, f"`{field}:` takes no list", f"write {field}:(a OR b)")
        else:
            return Listed(*written, watchlist=self._lists[name], places=PLACES_OF[field])
        return _nothing(*written)

    def _near(self, part: NearPart, field: str, written: Written) -> Condition:
        for side in (part.left, part.right):
            if not _is_side(side):
                self._fault(
                    side.start,
                    f"`{shortened(self._query[side.start : side.end])}` is no side of NEAR",
                    "its sides are words, phrases, lists or groups of them with OR; join what is more with AND",
                )
                return _nothing(*written)
        left, right = (self._made(side, field, negated=False) for side in (part.left, part.right))
        if not left.places & right.places and not self.faults:
            self._fault(part.start, "the sides of NEAR are never in one field", "write title:(a NEAR/10 b)")
        return Near(*written, left=left, right=right, distance=part.distance)


def _fielded(field: str, part: Part, written: str) -> Written:
    """How a part of a fielded group would be written alone."""
    written = f"{field}:{written if isinstance(part, Word | ListedPart | Expression) else bracketed(written)}"
    return written, 0, len(written)


def _is_side(part: Part) -> bool:
    match part:
        case Word() | ListedPart() | Expression():
            return True
        case Fielded(field=name, part=inner):
            return name in PLACES_OF and not isinstance(inner, Fielded) and _is_side(inner)
        case Group(parts=parts, count=1):
            return all(map(_is_side, parts))
    return False


def _nothing(query: str, start: int, end: int) -> Condition:
    """In the place of what is wrong: the query is not used."""
    return Known(query, start, end, test=lambda item: False)
