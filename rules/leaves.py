"""A query as its leaves: every NOT at one of them, every field spread to them; and what follows from what.

Unlike a condition a leaf knows no item: it is compared with other leaves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from rules.compiling import PLACES_OF
from rules.covering import Covers, Name, name_implies, name_of_term, names_of
from rules.query import Absent, Expression, Fielded, Group, Listed, Near, Part, Word
from rules.terms import read_term
from rules.text import fold
from rules.watchlist import Watchlist
from rules.wording import shortened


@dataclass(frozen=True, eq=False)
class Named:
    """A name in some places."""

    name: Name
    places: frozenset[int]

    @property
    def key(self) -> object:
        """The same for leaves that find the same."""
        return (self.name.key, self.places)


@dataclass(frozen=True, eq=False)
class Entries:
    """A watchlist in some places. `free` are the names of the entries without a context."""

    list_name: str
    entries: tuple[tuple[Name, ...], ...]
    free: tuple[Name, ...]
    places: frozenset[int]

    @property
    def key(self) -> object:
        """The same for leaves that find the same."""
        return (self.list_name, self.places)

    @cached_property
    def covers(self) -> "Covers[Name]":
        """What finds the names that stand alone."""
        return Covers((name, name) for name in self.free)


@dataclass(frozen=True)
class Known:
    """A filter: site, lang, tag, or the address of a feed."""

    kind: str
    value: str

    @property
    def key(self) -> object:
        """The same for leaves that find the same."""
        return (self.kind, self.value)


@dataclass(frozen=True)
class Opaque:
    """What can only be compared with itself."""

    written: str

    @property
    def key(self) -> object:
        """The same for leaves that find the same."""
        return self.written


Asked = Named | Entries | Known | Opaque


@dataclass(frozen=True, eq=False)
class Leaf:
    """Something that must be there, or where it is `negated` must not."""

    asked: Asked
    written: str
    negated: bool = False

    @property
    def said(self) -> str:
        """For a sentence."""
        return f"`{'NOT ' if self.negated else ''}{shortened(self.written)}`"


@dataclass(frozen=True, eq=False)
class Branch:
    """At least `count` of the parts."""

    count: int
    parts: "tuple[Node, ...]"
    written: str


Node = Leaf | Branch


class Lists:
    """The watchlists, each read when a query first names it."""

    def __init__(self, watchlists: Sequence[Watchlist]) -> None:
        self._watchlists = {one.name: one for one in watchlists}
        self._read: dict[tuple[str, frozenset[int]], Entries] = {}

    def named(self, name: str, places: frozenset[int]) -> Entries:
        """The list, looked for in `places`."""
        if (name, places) not in self._read:
            every = [(entry, tuple(names_of(entry))) for entry in self._watchlists[name].entries]
            free = tuple(one for entry, names in every if not entry.context for one in names)
            self._read[name, places] = Entries(name, tuple(names for _, names in every), free, places)
        return self._read[name, places]


class Reading:
    """Makes nodes of a query that has been found right."""

    def __init__(self, query: str, lists: Lists) -> None:
        self._query = query
        self._lists = lists

    def node(self, part: Part, name: str = "", *, negated: bool = False) -> Node:
        """The part in the field `name`, with its NOTs at the leaves."""
        written = self._query[part.start : part.end]
        match part:
            case Fielded(field=inner_name, part=inner):
                return self.node(inner, inner_name, negated=negated)
            case Absent(part=inner):
                return self.node(inner, name, negated=not negated)
            case Group(parts=parts, count=count):
                nodes = []
                for one in parts:
                    nodes.append(self.node(one, name, negated=negated))  # noqa: PERF401  one frame a level
                return Branch(len(parts) - count + 1 if negated else count, tuple(nodes), written)
            case Near(left=left, right=right):
                itself = Leaf(Opaque(f"{name}:{' '.join(written.split()).strip('() ')}"), written, negated)
                if negated:
                    return itself
                return Branch(3, (self.node(left, name), self.node(right, name), itself), written)
        said = f"{name}:{written}" if name else written
        return Leaf(self._asked(part, name, written), said, negated)

    def _asked(self, part: Part, name: str, written: str) -> Asked:
        places = PLACES_OF.get(name, frozenset())
        match part:
            case Word(text=text) if not places or (name == "feed" and "://" in text):
                return Known(name, text.lower() if name in ("site", "lang") else text)
            case Word(text=text, exact=exact):
                return Named(name_of_term(written, read_term(text, exact=exact)), places)
            case Listed(name=list_name):
                return self._lists.named(list_name, places)
            case Expression(source=source):
                return Named(Name(written, source=source), places)
        return Opaque(written)


def implies(one: Asked, other: Asked) -> bool:
    """Whether every item that has `one` has `other`."""
    if one.key == other.key:
        return True
    match one, other:
        case Named(), Named():
            return one.places <= other.places and name_implies(one.name, other.name)
        case Named(), Entries():
            return one.places <= other.places and other.covers.of(one.name, longer=True) is not None
        case Entries(), Entries() if one.list_name == other.list_name:
            return one.places <= other.places
        case Entries(), Named() | Entries():
            every = [name for names in one.entries for name in names]
            return bool(every) and all(implies(Named(name, one.places), other) for name in every)
        case Known("lang", value), Known("lang", wider):
            return value.replace("_", "-").startswith(f"{wider.replace('_', '-')}-")
        case Known("site", value), Known("site", wider):
            return _host(value).endswith(f".{_host(wider)}")
        case Known("tag", value), Known("tag", wider):
            return fold(value) == fold(wider) or (wider.endswith("*") and fold(value).startswith(fold(wider[:-1])))
    return False


def excludes(one: Asked, other: Asked) -> bool:
    """Whether no item has both: an item has one language, one address and one feed."""
    match one, other:
        case Known(kind, _), Known(same, _) if kind == same and kind in ("lang", "site", "feed"):
            return not implies(one, other) and not implies(other, one)
    return False


def _host(site: str) -> str:
    return site.rpartition("://")[2].strip("/.").removeprefix("*.").removeprefix("www.")
