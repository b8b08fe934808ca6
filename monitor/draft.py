"""A configuration being read: its data with the secrets in place, and every problem found so far with its line."""

import re
import tomllib
from ast import literal_eval
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from monitor.credentials import replace_secrets
from monitor.places import KeyPath, Problem, nearest, places_of, written
from monitor.wording import problems_of
from rules.mistakes import Mistake, Mistakes, mistake

Model = TypeVar("Model", bound=BaseModel)

_KEYS = re.compile(r"\((?:'[^'\\]*',? ?)+\)")
_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


class Draft:
    """What is written in the file at `path`. Raises Mistakes where it is no TOML."""

    def __init__(self, text: str, path: Path, environ: Mapping[str, str]) -> None:
        self.path = path
        self.environ = environ
        self.folder = path.parent
        self._places = _placed(text, path.name)
        replaced = replace_secrets(tomllib.loads(text), self.folder, environ)
        self.data = replaced.data
        self._secrets = {secret for secret in replaced.secrets if len(secret) > 3}
        self._unreplaced = replaced.problems
        self._problems: list[Problem] = []
        self._elsewhere: list[Mistake] = []
        self._warnings = list(replaced.warnings)

    def hide(self, secrets: Iterator[str]) -> None:
        """No message repeats any of `secrets`."""
        self._secrets.update(secret for secret in secrets if len(secret) > 3 and "${" not in secret)

    def problem(self, path: KeyPath, what: str, remedy: str = "") -> None:
        """Something is wrong at `path`; a second fault of the same place tells nothing new."""
        if not any(known.path == path for known in self._problems):
            self._problems.append(Problem(path, what, remedy))

    def elsewhere(self, mistakes: Mistakes) -> None:
        """Mistakes of another file, which have places of their own."""
        self._elsewhere += mistakes.found

    def warn(self, path: KeyPath, what: str, remedy: str = "") -> None:
        """Not wrong, but hardly what is meant."""
        self._warnings.append(Problem(path, what, remedy))

    def broken(self, path: KeyPath) -> bool:
        """Whether anything at or below `path` is wrong."""
        return any(problem.path[: len(path)] == path for problem in (*self._problems, *self._unreplaced))

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
        # What is wrong with a text whose secret is missing is wrong because it is missing.
        unreplaced = {problem.path for problem in self._unreplaced}
        others = [one for one in self._problems if nearest(self._places, one.path) not in unreplaced]
        found = [self._mistake(problem) for problem in self._in_order([*self._unreplaced, *others])]
        found += self._elsewhere
        if found:
            raise Mistakes(dict.fromkeys(found))

    def warnings(self) -> tuple[str, ...]:
        """The warnings as sentences."""
        return tuple(str(self._mistake(warning)) for warning in self._in_order(self._warnings))

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
        return Mistake(at, self._hidden(problem.what), self._hidden(problem.remedy))

    def _hidden(self, text: str) -> str:
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, "***")
        return text


def _placed(text: str, name: str) -> Mapping[KeyPath, Any]:
    try:
        tomllib.loads(text)
        return places_of(text)
    except RecursionError:
        raise mistake(name, "it is nested too deep", "flatten it") from None
    except ValueError as error:
        said = _KEYS.sub(_key, _AT.sub("", str(error)))
        at = _AT.search(str(error))
        line, column = (at[1], at[2]) if at and at[1] else (str(text.count("\n") + 1), "")
        where = f"{name}:{line}:{column}" if column else f"{name}:{line}"
        raise mistake(where, f"this is not TOML: {said[:1].lower()}{said[1:]}", _remedy(said)) from None


def _key(found: re.Match[str]) -> str:
    """tomllib names a key as a tuple."""
    return f"`{written(literal_eval(found[0]))}`"


def _remedy(said: str) -> str:
    if said.startswith("Invalid value"):
        return "write texts in quotes"
    if said.startswith(("Cannot overwrite", "Cannot declare", "Cannot mutate")):
        return "this key is in the file already; keep one of them"
    if said.startswith("Unescaped '\\\\'"):
        return "write \\\\ for a backslash, or put the text in single quotes"
    return "look at this line and the ones before it"
