"""What a regular expression cannot do without: the longest run of letters that is in everything it finds.

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


def longest_literal(source: str) -> str:
    """The longest run of characters that stands in all that `source` finds, as far as can be said; '' for none."""
    branches = _Branches()
    for token in _TOKEN.finditer(source):
        branches.take(token)
    return branches.longest()


class _Branches:
    """The groups that are open, each with the best runs of its branches so far and the run that is being read."""

    def __init__(self) -> None:
        self._groups: list[_Group] = [_Group()]

    def take(self, token: re.Match[str]) -> None:
        group, kind = self._groups[-1], token.lastgroup
        if kind in ("letter", "escaped"):
            group.add(token[str(kind)])
        elif kind == "quoted":
            for letter in token["quoted"]:
                group.add(letter)
        elif kind == "open":
            if not token["flags"]:
                self._groups.append(_Group())
        elif kind == "close" and len(self._groups) > 1:
            self._groups.pop()
            self._groups[-1].add_group(group.best())
        elif kind == "either":
            group.end_branch()
        elif kind == "repeat":
            group.drop_last()
        else:
            group.end_run()

    def longest(self) -> str:
        """Of the whole; a group that is never closed is RE2's to refuse."""
        return self._groups[0].best()


class _Group:
    def __init__(self) -> None:
        self._branches: list[str] = []
        self._runs: list[str] = [""]
        self._before: list[str] = [""]

    def add(self, letter: str) -> None:
        self._before = list(self._runs)
        self._runs[-1] += letter

    def add_group(self, literal: str) -> None:
        """A group is a run of its own: what stands before it need not touch what it cannot do without."""
        self._before = list(self._runs)
        self._runs += [literal, ""]

    def drop_last(self) -> None:
        """What was read last may be missing."""
        self._runs = [*self._before, ""]

    def end_run(self) -> None:
        self._before = [*self._runs, ""]
        self._runs.append("")

    def end_branch(self) -> None:
        self._branches.append(max(self._runs, key=len))
        self._runs, self._before = [""], [""]

    def best(self) -> str:
        """The shortest of the branches' longest runs."""
        return min([*self._branches, max(self._runs, key=len)], key=len)
