"""What a regular expression cannot do without: runs of characters, one of which is in everything it finds.

It is read as far as needed: what is not understood ends a run, so that nothing is claimed that is not so.
"""

import re

_TOKEN = re.compile(
    r"""
    \\Q(?P<quoted>.*?)(?:\\E|$)
    |\\(?:[pP]\{[^}]*\}|[pP].|x\{[^}]*\}|x[0-9A-Fa-f]{2}|[0-7]{1,3}|[aftnrvdDsSwWbBAzC])  # a class, a code, a place
    |\\(?P<escaped>[\W_])
    |(?P<set>\[\^?\]?(?:\[:[^\]]*:\]|\\.|[^\]\\])*\])
    |(?P<open>\((?:\?(?:P?<\w+>|[imsU-]*:)|\?(?P<flags>[imsU-]+)\))?)
    |(?P<close>\))
    |(?P<either>\|)
    |(?P<repeat>[*?]|\{0?,\d*\}|\{0(?:,\d*)?\})\??
    |(?P<again>\+|\{[1-9]\d*(?:,\d*)?\})\??
    |(?P<place>[.^$])
    |(?P<letter>.)
    """,
    re.VERBOSE | re.DOTALL,
)


Literals = tuple[str, ...]
"""One of them must be there; the empty text is everywhere."""


def literals_of(source: str) -> Literals:
    """Runs of characters one of which stands in whatever `source` finds, in some case; ("",) where none has to."""
    groups = _Groups()
    for token in _TOKEN.finditer(source):
        groups.take(token)
    return groups.whole()


class _Groups:
    """The groups that are open, the innermost last."""

    def __init__(self) -> None:
        self._open: list[_Group] = [_Group()]

    def take(self, token: re.Match[str]) -> None:
        group, kind = self._open[-1], token.lastgroup
        if kind in ("letter", "escaped"):
            group.add(token[str(kind)])
        elif kind == "quoted":
            for letter in token["quoted"]:
                group.add(letter)
        elif kind == "open":
            if not token["flags"]:
                self._open.append(_Group())
        elif kind == "close" and len(self._open) > 1:
            self._open.pop()
            self._open[-1].add_group(group.best())
        elif kind == "either":
            group.end_branch()
        elif kind == "repeat":
            group.drop_last()
        else:
            group.end_run()

    def whole(self) -> Literals:
        """Of the outermost group; one that is never closed is RE2's to refuse."""
        return self._open[0].best()


class _Group:
    """The branches that were read, and of the one that is being read what it cannot do without."""

    def __init__(self) -> None:
        self._branches: list[Literals] = []
        self._needed: list[Literals] = [("",)]
        self._before: list[Literals] = [("",)]

    def add(self, letter: str) -> None:
        self._before = list(self._needed)
        self._needed[-1] = (self._needed[-1][0] + letter,)

    def add_group(self, literals: Literals) -> None:
        # What stands before a group and what it cannot do without need not touch.
        self._before = list(self._needed)
        self._needed += [literals, ("",)]

    def drop_last(self) -> None:
        """What was read last may be missing."""
        self._needed = [*self._before, ("",)]

    def end_run(self) -> None:
        self._before = [*self._needed, ("",)]
        self._needed.append(("",))

    def end_branch(self) -> None:
        self._branches.append(self._best_needed())
        self._needed, self._before = [("",)], [("",)]

    def best(self) -> Literals:
        """Those of every branch together."""
        return tuple(dict.fromkeys(one for some in (*self._branches, self._best_needed()) for one in some))

    def _best_needed(self) -> Literals:
        return max(self._needed, key=lambda some: min(map(len, some)))
