"""Remarks on one query: that it never rings, that it rings all day, and parts of it that do nothing."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from rules.covering import Covers, Name, name_of
from rules.leaves import Branch, Entries, Known, Leaf, Named, Node, excludes, implies
from rules.links import site_of
from rules.linting_names import frequent, of_expression
from rules.mistakes import Remark
from rules.records import Feed
from rules.regexes import Regex
from rules.sighting import PLACES, TEXTS
from rules.text import fold
from rules.wording import shortened

_FEED = frozenset((PLACES.index("feed"),))


def of_query(node: Node, where: str, feeds: Sequence[Feed], sites: Collection[str]) -> Iterator[Remark]:
    """Every remark on the query at `where`. `sites` are those of items that were seen."""
    search = _Contradictions(feeds)
    reason = search.impossible(node, [])
    if reason:
        yield Remark("never-matches", where, f"this never rings, as {reason}", "change the query, or remove the rule")
    for part, why in search.dead.items() if not reason else ():
        yield Remark("dead-part", where, f"{part} never holds, as {why}", "change it, or remove it")
    if word := _always(node):
        remedy = "ask for more beside it, with AND or NEAR"
        yield Remark("rings-nearly-always", where, f"{word}, so this rings for nearly everything", remedy)
    for branch in _branches(node):
        yield from _of_shadowed(branch, where)
    known = {*sites, *(site_of(feed.url) for feed in feeds)}
    for leaf in _leaves(node):
        if isinstance(leaf.asked, Named) and leaf.asked.name.source:
            yield from of_expression(leaf.asked.name, where)
        if isinstance(leaf.asked, Known) and leaf.asked.kind == "site" and not leaf.negated:
            yield from _of_site(leaf.asked.value, where, known)


def _of_site(value: str, where: str, known: Collection[str]) -> Iterator[Remark]:
    site = site_of(value if "://" in value else f"//{value.removeprefix('*.')}")
    if site not in known:
        what = f"no feed is of {value}, so `site:{value}` holds only for what other feeds link to"
        yield Remark("site-without-feed", where, what, "add a feed of that site")


class _Contradictions:
    """Whether a query can hold at all. `dead` are the parts of an OR that cannot, each with the reason."""

    def __init__(self, feeds: Sequence[Feed]) -> None:
        self._feeds = feeds
        self.dead: dict[str, str] = {}

    def impossible(self, node: Node, facts: list[Leaf]) -> str:
        """Why `node` cannot hold where all of `facts` do; '' where it may."""
        if isinstance(node, Leaf):
            clashes = (_clash(node, fact) for fact in facts)
            return self._unknown(node) or next(filter(None, clashes), "") or _shut_out(node, facts)
        if node.count < len(node.parts):
            return self._too_few(node, facts)
        facts = [*facts, *_certain(node)]
        for part in node.parts:
            reason = self.impossible(part, facts)
            if reason:
                return reason
        return ""

    def _too_few(self, branch: Branch, facts: list[Leaf]) -> str:
        reasons = []
        for part in branch.parts:
            reasons.append(self.impossible(part, facts))  # noqa: PERF401  few frames a level
        if reasons.count("") < branch.count:
            return next(filter(None, reasons))
        self.dead |= {_said(part): why for part, why in zip(branch.parts, reasons, strict=True) if why}
        return ""

    def _unknown(self, leaf: Leaf) -> str:
        """Why no feed that is configured brings what the leaf asks for; without feeds there is nothing to compare."""
        if leaf.negated or not self._feeds:
            return ""
        match leaf.asked:
            case Known("tag", value):
                tags = {fold(tag) for feed in self._feeds for tag in feed.tags}
                wanted = fold(value.removesuffix("*"))
                there = any(tag.startswith(wanted) if value.endswith("*") else tag == wanted for tag in tags)
                return "" if there else f"no feed has the tag {value}"
            case Known("feed", value):
                return "" if any(feed.url == value for feed in self._feeds) else f"no feed has the address {value}"
            case Named(name, places) if places == _FEED:
                called = any(_is_called(feed.name or feed.url, name) for feed in self._feeds)
                return "" if called else f"no feed is called {shortened(name.written)}"
        return ""


def _is_called(text: str, name: Name) -> bool:
    if name.source:
        return bool(Regex(name.source).spans(text))
    called = name_of(text)
    return called is None or any(
        _words_hold(whole.needle.words, part.needle.words) for whole in called.spellings for part in name.spellings
    )


def _words_hold(words: Sequence[str], wanted: Sequence[str]) -> bool:
    """A prefix counts, too: it is better to say nothing than to find fault with what is right."""
    runs = (words[start : start + len(wanted)] for start in range(len(words) - len(wanted) + 1))
    return any(run[:-1] == wanted[:-1] and run[-1].startswith(wanted[-1]) for run in runs)


def _certain(node: Node) -> list[Leaf]:
    """What must be there, and must not, wherever `node` holds."""
    if isinstance(node, Leaf):
        return [node]
    return [leaf for part in node.parts for leaf in _certain(part)] if node.count == len(node.parts) else []


def _clash(one: Leaf, other: Leaf) -> str:
    if one.negated and other.negated:
        return ""
    if not one.negated and not other.negated:
        return f"{one.said} and {other.said} are never true at once" if excludes(one.asked, other.asked) else ""
    there, absent = (other, one) if one.negated else (one, other)
    return f"{there.said} is asked for and {absent.said} forbids it" if implies(there.asked, absent.asked) else ""


def _shut_out(leaf: Leaf, facts: Sequence[Leaf]) -> str:
    """Whether every name of a list is among what must not be there."""
    absent = [fact for fact in facts if fact.negated]
    if leaf.negated or not absent or not isinstance(leaf.asked, Entries):
        return ""
    places = leaf.asked.places
    names = (Named(name, places) for entry in leaf.asked.entries for name in entry)
    if all(any(implies(name, fact.asked) for fact in absent) for name in names):
        return f"every name of {leaf.said} is forbidden by a NOT"
    return ""


def _always(node: Node) -> str:
    """Why `node` holds for nearly every item; '' where it does not."""
    if isinstance(node, Leaf):
        return "" if node.negated else _common_leaf(node)
    reasons = []
    for part in node.parts:
        reasons.append(_always(part))  # noqa: PERF401  one frame a level
    free = sum(isinstance(part, Leaf) and part.negated for part in node.parts)
    return next(filter(None, reasons), "") if free + sum(map(bool, reasons)) >= node.count else ""


def _common_leaf(leaf: Leaf) -> str:
    match leaf.asked:
        case Named(name, places) if places == TEXTS and (languages := frequent(name)):
            return f"{leaf.said} stands in nearly every text ({languages})"
        case Known("lang", _):
            return f"{leaf.said} holds for every text of the language"
    return ""


def _of_shadowed(branch: Branch, where: str) -> Iterator[Remark]:
    """Terms of an OR that another part of it finds already."""
    leaves = [part for part in branch.parts if isinstance(part, Leaf) and not part.negated and branch.count == 1]
    order = {leaf: number for number, leaf in enumerate(leaves)}
    covers: dict[frozenset[int], Covers[Leaf]] = {}
    for leaf in leaves:
        if isinstance(leaf.asked, Named):
            covers.setdefault(leaf.asked.places, Covers()).add(leaf.asked.name, leaf)
    lists = [leaf for leaf in leaves if isinstance(leaf.asked, Entries)]
    for leaf in leaves:
        other = _cover(leaf, covers, lists)
        if other and not (other.asked.key == leaf.asked.key and order[other] > order[leaf]):
            what = f"{leaf.said} can never add a ring, as {other.said} beside it finds it"
            if fold(leaf.written) == fold(other.written):
                what = f"{leaf.said} is there twice"
            yield Remark("shadowed", where, what, "remove one of them")


def _cover(leaf: Leaf, covers: Mapping[frozenset[int], Covers[Leaf]], lists: Sequence[Leaf]) -> Leaf | None:
    asked = leaf.asked
    if not isinstance(asked, Named):
        return next((one for one in lists if one is not leaf and one.asked.key == asked.key), None)
    for places, some in covers.items():
        found = some.of(asked.name) if asked.places <= places else None
        if found:
            return found[1]
    wider = (one for one in lists if isinstance(one.asked, Entries) and asked.places <= one.asked.places)
    return next((one for one in wider if isinstance(one.asked, Entries) and one.asked.covers.of(asked.name)), None)


def _branches(node: Node) -> Iterator[Branch]:
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Branch):
            yield one
            waiting += reversed(one.parts)


def _leaves(node: Node) -> Iterator[Leaf]:
    if isinstance(node, Leaf):
        yield node
    for branch in _branches(node):
        yield from (part for part in branch.parts if isinstance(part, Leaf))


def _said(node: Node) -> str:
    return node.said if isinstance(node, Leaf) else f"`{shortened(node.written)}`"
