"""Edits the user's own file: one editor at a time, the whole new file or the old one, and no new mistake in it.

Whoever edits changes the text and, apart from it, the data that the text was; both must come to the same.
"""

import codecs
import fcntl
import os
import tempfile
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor import config
from rules.mistakes import Mistake, Mistakes, mistake

Change = Callable[[str, dict[str, Any]], str]
"""Gives the new text for the text, and makes the same change to its data. Line ends are `\\n`."""

Plain = Callable[[dict[str, Any]], dict[str, Any]]
"""The data with everything that can be written in two ways in one of them."""


@dataclass(frozen=True, slots=True)
class Edited:
    """The text before and after, with line ends `\\n` where all of them are the same."""

    before: str
    after: str


def edit(
    path: Path, change: Change, environ: Mapping[str, str], *, plain: Plain, what: str, dry_run: bool = False
) -> Edited:
    """Replace the text of `path` by what `change` makes of it; not in a `dry_run`.

    Raises Mistakes, and changes nothing, where the text cannot be edited or the edit brought a mistake. `what` of the
    file is edited, for the sentence that only people can edit it.
    """
    path = path.resolve() if path.is_symlink() else path
    with _alone(path):
        text = config.read_text(path)
        windows = text.count("\r\n") == text.count("\n") > 0
        old = text.replace("\r\n", "\n") if windows else text
        data = data_of(old, path)
        new = change(old, data)
        if not _is(new, data, plain):
            raise mistake(path.name, f"{what} in a way that only people can edit", "edit it by hand")
        if worse := _worse(old, new, path, environ):
            raise Mistakes(worse)
        if not dry_run and new != old:
            _replace(path, new.replace("\n", "\r\n") if windows else new)
    return Edited(old, new)


def data_of(text: str, path: Path) -> dict[str, Any]:
    """What `text` says. Raises Mistakes where it is no TOML."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        config.parse(text, path, {})  # says it with line and remedy
        raise


def _is(text: str, data: dict[str, Any], plain: Plain) -> bool:
    try:
        return plain(tomllib.loads(text)) == plain(data)
    except ValueError:
        return False


def _worse(old: str, new: str, path: Path, environ: Mapping[str, str]) -> list[Mistake]:
    """The mistakes that an edit brought. Those that were there before, such as a secret of the service, stay."""
    known = Counter((found.problem, found.remedy) for found in _mistakes(old, path, environ))
    worse = []
    for found in _mistakes(new, path, environ):
        known[found.problem, found.remedy] -= 1
        if known[found.problem, found.remedy] < 0:
            worse.append(found)
    return worse


def _mistakes(text: str, path: Path, environ: Mapping[str, str]) -> tuple[Mistake, ...]:
    try:
        config.parse(text, path, environ)
    except Mistakes as mistakes:
        return mistakes.found
    return ()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keeps a second editor out. The folder is locked, since the file itself is replaced."""
    try:
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise mistake(str(path.parent), f"cannot be opened: {error.strerror}", "name a file in a folder") from None
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _replace(path: Path, text: str) -> None:
    """The whole new file or the whole old one, whenever the power goes."""
    before = path.stat()
    with path.open("rb") as file:
        mark = file.read(3) == codecs.BOM_UTF8
    try:
        number, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise mistake(str(path.parent), f"cannot be written: {error.strerror}", "allow this user to write it") from None
    try:
        with os.fdopen(number, "wb") as new:
            os.fchmod(number, before.st_mode & 0o7777)
            with suppress(PermissionError):
                os.fchown(number, before.st_uid, before.st_gid)
            new.write(text.encode("utf-8-sig" if mark else "utf-8"))
            new.flush()
            os.fsync(number)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
