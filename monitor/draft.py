"""A configuration being read: its data with the secrets in place, and every problem found so far with its line."""

import re
import tomllib
from ast import literal_eval
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from monitor.credentials import replace_secrets
from monitor.places import KeyPath, Place, Problem, nearest, places_of, written
from monitor.wording import problems_of
from rules.mistakes import Mistake, Mistakes, Remark, mistake

Model = TypeVar("Model", bound=BaseModel)

DEEPEST = 40
"""Keys and lists inside one another; nothing here needs more than six."""

OUTWARD = ("channels", "operator", "feeds")
"""The tables whose secrets only those need who speak to servers."""

_KEYS = re.compile(r"\((?:'[^'\\]*',? ?)+\)")
_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


class Draft:
    """What is written in the file at `path`. Raises Mistakes where it is no TOML.

    Without `secrets`, those of channels and feeds may be missing: for commands that only look.
    """

    def __init__(self, text: str, path: Path, environ: Mapping[str, str], *, secrets: bool = True) -> None:
        self.path = path
        self.environ = environ
        self.folder = path.parent
        self._places = _placed(text, path.name)
        replaced = replace_secrets(tomllib.loads(text), self.folder, environ)
        self.data = replaced.data
        self._secrets = {secret for secret in replaced.secrets if len(secret) > 3}
        self._perhaps_secret: set[str] = set()
        self._unreplaced = replaced.problems
        self._forgiven = () if secrets else OUTWARD
        self._problems: dict[KeyPath, list[Problem]] = {}
        self._broken: set[KeyPath] = set()
        self._elsewhere: list[Mistake] = []
        self._warnings = [("readable-secret", warning) for warning in replaced.warnings]

    def hide(self, secrets: Iterable[str]) -> None:
        """No message repeats any of `secrets`; a remedy, which is our own words, may have one of them in it."""
        self._perhaps_secret.update(secret for secret in secrets if len(secret) > 3 and "${" not in secret)

    def problem(self, path: KeyPath, what: str, remedy: str = "") -> None:
        """Something is wrong at `path`; a second fault of the same place tells nothing new."""
        self.problems(path, [(what, remedy)])

    def problems(self, path: KeyPath, faults: Iterable[tuple[str, str]]) -> None:
        """Several things, each with its remedy, that one look at `path` has found wrong."""
        self._problems.setdefault(path, [Problem(path, what, remedy) for what, remedy in faults])
        self._broken.update(_starts(path))

    def elsewhere(self, path: KeyPath, mistakes: Mistakes) -> None:
        """Mistakes of another file, which `path` names; they have places of their own."""
        self._elsewhere += mistakes.found
        self._broken.update(_starts(path))

    def warn(self, name: str, path: KeyPath, what: str, remedy: str = "") -> None:
        """Not wrong, but hardly what is meant; `name` is a short one that stays the same."""
        self._warnings.append((name, Problem(path, what, remedy)))

    def broken(self, path: KeyPath) -> bool:
        """Whether anything at or below `path` is wrong."""
        return path in self._broken

    def table(self, model: type[Model], value: Any, path: KeyPath) -> Model | None:
        """`value` as `model`; without its faulty keys where there are some, None where nothing remains."""
        try:
            return model.model_validate(value)
        except ValidationError as error:
            problems = list(problems_of(error, path, model))
        for problem in problems:
            self.problem(problem.path, problem.what, problem.remedy)
        faulty = {problem.path[len(path)] for problem in problems if len(problem.path) > len(path)}
        if not isinstance(value, dict) or not faulty:
            return None
        try:
            return model.model_validate({key: one for key, one in value.items() if key not in faulty})
        except ValidationError:
            return None

    def finish(self) -> None:
        """Raise every mistake at once, in the order of the file; or nothing."""
        # A text whose secret is missing, or the table around it, is wrong because that is missing.
        missing = {start for problem in self._unreplaced for start in _starts(problem.path)}
        others = [
            one for path, some in self._problems.items() if nearest(self._places, path) not in missing for one in some
        ]
        unreplaced = [one for one in self._unreplaced if one.path[0] not in self._forgiven]
        found = [self._mistake(problem) for problem in self._in_order([*unreplaced, *others])]
        found += self._elsewhere
        if found:
            raise Mistakes(dict.fromkeys(found))

    def warnings(self, more: Iterable[tuple[str, Problem]] = ()) -> tuple[Remark, ...]:
        """What is hardly meant, and `more` of it, each under its name and with its place, in the order of the file."""
        ordered = sorted([*self._warnings, *more], key=lambda one: self._line(one[1].path))
        placed = ((name, self._mistake(problem)) for name, problem in ordered)
        return tuple(Remark(name, one.where, one.problem, one.remedy) for name, one in placed)

    def _in_order(self, problems: list[Problem]) -> list[Problem]:
        return sorted(problems, key=lambda problem: self._line(problem.path))

    def _line(self, path: KeyPath) -> int:
        place = self._places.get(nearest(self._places, path))
        return place.line if place else 0

    def _mistake(self, problem: Problem) -> Mistake:
        # What a short form leaves unwritten has no path of its own, unless it is missing.
        path = problem.path if problem.what == "is missing" else nearest(self._places, problem.path)
        line = self._line(path)
        at = ": ".join(part for part in (f"{self.path.name}:{line}" if line else self.path.name, written(path)) if part)
        return Mistake(
            at, _without(self._secrets | self._perhaps_secret, problem.what), _without(self._secrets, problem.remedy)
        )


def _without(secrets: Iterable[str], text: str) -> str:
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def _starts(path: KeyPath) -> Iterator[KeyPath]:
    """`path` and every path that leads to it."""
    return (path[:length] for length in range(1, len(path) + 1))


def _placed(text: str, name: str) -> Mapping[KeyPath, Place]:
    try:
        tomllib.loads(text)
        places = places_of(text)
    except RecursionError:
        raise mistake(name, "it is nested too deep", "flatten it") from None
    except ValueError as error:
        raise _no_toml(str(error), text, name) from None
    deep = next((place for path, place in places.items() if len(path) > DEEPEST), None)
    if deep:
        raise mistake(f"{name}:{deep.line}", "it is nested too deep", "flatten it")
    return places


def _no_toml(error: str, text: str, name: str) -> Mistakes:
    said = _KEYS.sub(_key, _AT.sub("", error))
    at = _AT.search(error)
    where = f"{name}:{at[1]}:{at[2]}" if at and at[1] else f"{name}:{text.count(chr(10)) + 1}"
    return mistake(where, f"this is not TOML: {said[:1].lower()}{said[1:]}", _remedy(said))


def _key(found: re.Match[str]) -> str:
    """tomllib names a key as a tuple."""
    return f"`{written(literal_eval(found[0]))}`"


def _remedy(said: str) -> str:
    return next(
        (remedy for starts, remedy in _REMEDIES if said.startswith(starts)), "look at this line and those before"
    )


_REMEDIES = (
    (("Invalid value",), "write texts in quotes, and close what is open"),
    (("Cannot overwrite", "Cannot declare", "Cannot mutate"), "this key is in the file already; keep one of them"),
    (("Unescaped", "Invalid hex"), "write \\\\ for a backslash, or put the text in single quotes"),
    (("Unterminated string", "Illegal character", 'Expected "\'"'), "close the quotes in the same line"),
    (("Unclosed array",), "put a comma between two elements, and ] behind the last one"),
    (("Unclosed inline table",), "put a comma between two keys, and } behind the last one"),
    (("Expected '=' after",), "write key = value"),
)
"""By how tomllib's words begin."""
