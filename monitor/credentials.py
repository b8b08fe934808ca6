"""Puts secrets where the file names them: `${NAME}` and `${file:PATH}`; `$${` is the characters themselves.

A NAME is looked for in systemd's $CREDENTIALS_DIRECTORY, then in the environment. Line ends after it are no part of it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.places import KeyPath, Problem

LARGEST = 64 * 1024
"""Bytes of a file that holds a secret."""

_ASKED = re.compile(r"(\$?)\$\{([^{}]*)\}")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


@dataclass(frozen=True, slots=True)
class Replaced:
    """The data with every secret in its place; `secrets` are the values that no message may repeat."""

    data: dict[str, Any]
    secrets: frozenset[str]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def at_home(path: str) -> Path:
    """`path` with `~` replaced, where the user has a home."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def is_there(path: Path, kind: Callable[[Path], bool]) -> bool:
    """Whether `path` is of this `kind`. What we may not look at is not there for us."""
    try:
        return kind(path)
    except (OSError, ValueError):
        return False


class _NotThereError(Exception):
    """What is wrong, and what would be right."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


def replace_secrets(data: dict[str, Any], folder: Path, environ: Mapping[str, str]) -> Replaced:
    """`data` as tomllib reads it, with secrets in every text. PATHs are relative to `folder`."""
    replacing = _Replacing(folder, environ)
    replaced = replacing.value(data, ())
    return Replaced(replaced, frozenset(replacing.secrets), tuple(replacing.problems), tuple(replacing.warnings))


class _Replacing:
    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self._folder = folder
        self._environ = environ
        self.secrets: set[str] = set()
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []

    def value(self, value: Any, path: KeyPath) -> Any:
        match value:
            case str():
                return _ASKED.sub(lambda found: self._one(found, path), value)
            case list():
                return [self.value(one, (*path, index)) for index, one in enumerate(value)]
            case dict():
                return {key: self.value(one, (*path, key)) for key, one in value.items()}
            case _:
                return value

    def _one(self, found: re.Match[str], path: KeyPath) -> str:
        if found[1]:
            return found[0][1:]
        try:
            secret = self._secret(found[2], path)
        except _NotThereError as error:
            self.problems.append(Problem(path, error.what, error.remedy))
            return found[0]
        self.secrets.add(secret)
        return secret

    def _secret(self, asked: str, path: KeyPath) -> str:
        secret = self._found(asked, path).rstrip("\r\n")
        if not secret:
            raise _NotThereError(f"${{{asked}}} is empty", "set it, or take it out")
        return secret

    def _found(self, asked: str, path: KeyPath) -> str:
        if asked.startswith("file:"):
            return self._read(self._folder / at_home(asked.removeprefix("file:")), asked, path)
        if not _NAME.fullmatch(asked):
            raise _NotThereError("${...} holds neither a NAME nor file:PATH", "write $${ for the characters themselves")
        for file in self._credentials(asked):
            if is_there(file, Path.is_file):
                return self._read(file, asked, path)
        if asked not in self._environ:
            raise _NotThereError(
                f"${{{asked}}} is neither a credential nor in the environment", f"set {asked}, or write ${{file:PATH}}"
            )
        return self._environ[asked]

    def _credentials(self, name: str) -> Iterator[Path]:
        """`LoadCredential=secret:FOLDER` names the files of a folder secret_NAME (systemd.exec(5))."""
        folder = self._environ.get("CREDENTIALS_DIRECTORY")
        if folder:
            yield Path(folder, name)
            yield Path(folder, f"secret_{name}")

    def _read(self, file: Path, asked: str, path: KeyPath) -> str:
        try:
            with file.open("rb") as opened:
                content = opened.read(LARGEST + 1)
            mode = file.stat().st_mode
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", "") or "no file can be called so"
            raise _NotThereError(f"${{{asked}}} cannot be read: {reason}", "give a file that can be") from None
        if len(content) > LARGEST:
            raise _NotThereError(
                f"${{{asked}}} is larger than {LARGEST // 1024} kB", "give a file with the secret alone"
            )
        if asked.startswith("file:") and mode & 0o004:
            self.warnings.append(Problem(path, f"everybody on this machine can read {file}", f"chmod 600 {file}"))
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError:
            raise _NotThereError(f"${{{asked}}} is not UTF-8 text", "give a file with the secret alone") from None
