"""A rule with a term more or less, and the lists it would have then: what somebody tries before writing it down."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from rules.judge import Rule
from rules.mistakes import Mistakes, mistake
from rules.pointing import place, pointed
from rules.query import Absent, Fielded, Group, Listed, Near, Part, Word, parse
from rules.text import fold
from rules.watchlist import Entry, Watchlist
from rules.wording import did_you_mean

Amended = tuple[Rule, tuple[Watchlist, ...]]


def with_term(rule: Rule, watchlists: Sequence[Watchlist], term: str, *, where: str) -> Amended:
    """The rule that rings for `term` as well: a query, `NOT` one, or `LIST: NAME` for another entry of a list.

    Raises Mistakes, under `where`, where the term cannot be read.
    """
    name, colon, entry = term.partition(":")
    if colon and entry.strip() and name.strip() in {watchlist.name for watchlist in watchlists}:
        more = Entry(entry.strip())
        return rule, tuple(
            replace(one, entries=(*one.entries, more), where=where) if one.name == name.strip() else one
            for one in watchlists
        )
    part = _parsed(term, where)
    joined = f"({rule.when}) {'AND' if isinstance(part, Absent) else 'OR'} ({term})"
    return replace(rule, when=joined, where=where), tuple(watchlists)


def without_term(rule: Rule, watchlists: Sequence[Watchlist], term: str, *, where: str) -> Amended:
    """The rule without `term`: a part of its query, or a name in one of the lists that it asks for.

    Raises Mistakes, under `where`, where the rule has no such term, or would have no other.
    """
    part = _parsed(rule.when, rule.where)
    asked = {one.name for one in _leaves(part) if isinstance(one, Listed)}
    lists = tuple(_less(one, term) if one.name in asked else one for one in watchlists)
    left = _left(part, rule.when, lambda one: _is(one, rule.when, term))
    if left == _left(part, rule.when, lambda one: False) and lists == tuple(watchlists):
        known = [rule.when[one.start : one.end] for one in _leaves(part)]
        known += [entry.name for one in watchlists if one.name in asked for entry in one.entries]
        raise mistake(where, f"the rule does not ask for `{term}`", did_you_mean(term, known))
    if left is None:
        raise mistake(where, f"without `{term}` nothing is left of the rule", "remove a part of it")
    return replace(rule, when=left, where=where), lists


def _parsed(query: str, where: str) -> Part:
    part, faults = parse(query)
    if part is None or faults:
        raise Mistakes(
            found
            for fault in faults
            for found in mistake(
                where,
                f"{place(query, fault.offset)}: {fault.problem}",
                f"{fault.remedy}\n{pointed(query, fault.offset)}",
            ).found
        )
    return part


def _leaves(part: Part) -> Iterator[Part]:
    match part:
        case Group(parts=parts):
            for one in parts:
                yield from _leaves(one)
        case Absent(part=inner) | Fielded(part=inner):
            yield from _leaves(inner)
        case Near(left=left, right=right):
            yield from _leaves(left)
            yield from _leaves(right)
        case _:
            yield part


def _is(part: Part, query: str, term: str) -> bool:
    """Whether `part` is what the user calls `term`."""
    written = query[part.start : part.end]
    if " ".join(written.split()) == " ".join(term.split()):
        return True
    # However it is written, it is the same word.
    return isinstance(part, Word) and fold(part.text) == fold(term) != "" and _open(part.text, term)


def _open(one: str, other: str) -> bool:
    return one.endswith("*") is other.endswith("*")


def _less(watchlist: Watchlist, term: str) -> Watchlist:
    """The list without the entry, or the alias, of that name."""
    wanted = fold(term)
    entries = [entry for entry in watchlist.entries if fold(entry.name) != wanted]
    return replace(
        watchlist,
        entries=tuple(
            replace(entry, aliases=tuple(alias for alias in entry.aliases if fold(alias) != wanted))
            for entry in entries
        ),
    )


def _left(part: Part, query: str, is_gone: Callable[[Part], bool]) -> str | None:
    """The query of what is left of `part`; None where nothing is."""
    if is_gone(part):
        return None
    match part:
        case Group(parts=parts, count=count):
            left = [one for one in (_left(each, query, is_gone) for each in parts) if one is not None]
            return _grouped(left, count, whole=count == len(parts))
        case Absent(part=inner):
            one = _left(inner, query, is_gone)
            return None if one is None else f"NOT {_bracketed(one)}"
        case Fielded(field=field, part=inner):
            one = _left(inner, query, is_gone)
            return None if one is None else f"{field}:{_bracketed(one)}"
        case Near(left=left, right=right, distance=distance):
            sides = [_left(side, query, is_gone) for side in (left, right)]
            there = [side for side in sides if side is not None]
            return f" NEAR/{distance} ".join(map(_bracketed, there)) if len(there) == 2 else _grouped(there, 1)
    return query[part.start : part.end]


def _grouped(parts: Sequence[str], count: int, *, whole: bool = False) -> str | None:
    if len(parts) < 2:
        return parts[0] if parts else None
    if not whole and count > 1:
        return f"{min(count, len(parts))} OF ({', '.join(parts)})"
    return (" AND " if whole else " OR ").join(map(_bracketed, parts))


def _bracketed(query: str) -> str:
    part, _ = parse(query)
    return f"({query})" if isinstance(part, Group | Absent | Near) else query
