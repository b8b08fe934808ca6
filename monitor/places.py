"""Where everything in a TOML text stands: the key path ("feeds", 0, "url") to its line and its span.

tomllib reads a file and tells no lines. This reads the outline only, of a text that tomllib has accepted.
"""

import json
import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

KeyPath = tuple[str | int, ...]

_TOKEN = re.compile(
    r"""
    (?P<space>[ \t\r]+|\#[^\n]*)
    |(?P<newline>\n)
    |(?P<quoted>\"{3}(?:\\.|[^\\])*?\"{3,5}|'{3}.*?'{3,5}|"(?:\\.|[^"\\])*"|'[^']*')
    |(?P<mark>[\[\]{}=,.])
    |(?P<bare>[^\s\[\]{}=,.\#"']+)
    """,
    re.VERBOSE | re.DOTALL,
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Place:
    """`text[start:end]` is the element of a list, a key with its value, or a table's header. Lines count from 1."""

    line: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a key path, and what would be right."""

    path: KeyPath
    what: str
    remedy: str = ""


def places_of(text: str) -> dict[KeyPath, Place]:
    """The place of every key, table and list element of `text`, in the order they are written."""
    return _Outline(text).read()


def written(path: KeyPath) -> str:
    """The key path as people write it: `feeds[0].url`, `watchlists."my list"`."""
    said = ""
    for part in path:
        if isinstance(part, int):
            said += f"[{part}]"
        else:
            said += ("." if said else "") + key_text(part)
    return said


def key_text(key: str) -> str:
    """`key` as TOML wants it, quoted where it must be."""
    return key if _BARE_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def nearest(places: Mapping[KeyPath, Place], path: KeyPath) -> KeyPath:
    """`path`, or the longest beginning of it that is written in the text."""
    while path and path not in places:
        path = path[:-1]
    return path


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


class _Outline:
    def __init__(self, text: str) -> None:
        found = _TOKEN.finditer(text)
        self._tokens = [_Token(one.lastgroup or "", one[0], one.start()) for one in found if one.lastgroup != "space"]
        self._tokens.append(_Token("end", "", len(text)))
        self._lines = [0, *(one.end() for one in re.finditer("\n", text))]
        self._next = 0
        self._places: dict[KeyPath, Place] = {}
        self._repeats: dict[KeyPath, int] = {}
        """How often [[a table]] has been opened so far."""

    def read(self) -> dict[KeyPath, Place]:
        table: KeyPath = ()
        while self._token.kind != "end":
            if self._token.kind == "newline":
                self._next += 1
            elif self._token.text == "[":
                table = self._header()
            else:
                self._pair(table)
        return self._places

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        self._next += 1
        return self._tokens[self._next - 1]

    def _skip(self, *texts: str) -> None:
        while self._token.kind == "newline" or self._token.text in texts:
            self._next += 1

    def _put(self, path: KeyPath, start: int, end: int) -> None:
        self._places.setdefault(path, Place(bisect_right(self._lines, start), start, end))

    def _header(self) -> KeyPath:
        start = self._take().start
        repeated = self._token.text == "["
        if repeated:
            self._next += 1
        path: KeyPath = ()
        keys = self._keys()
        end = self._take().end
        if repeated:
            end = self._take().end
        for depth, key in enumerate(keys, start=1):
            path += (key,)
            self._put(path, start, end)
            if repeated and depth == len(keys):
                self._repeats[path] = self._repeats.get(path, -1) + 1
            if path in self._repeats:
                path += (self._repeats[path],)
                self._put(path, start, end)
        return path

    def _keys(self) -> list[str]:
        keys = [_unquoted(self._take())]
        while self._token.text == ".":
            self._next += 1
            keys.append(_unquoted(self._take()))
        return keys

    def _pair(self, table: KeyPath) -> int:
        start = self._token.start
        path = table
        paths = [path := (*path, key) for key in self._keys()]
        self._next += 1  # the equals sign
        end = self._value(paths[-1])
        for path in paths:
            self._put(path, start, end)
        return end

    def _value(self, path: KeyPath) -> int:
        opening = self._token.text
        if opening not in ("[", "{"):
            return self._scalar()
        self._next += 1
        self._skip()
        index = 0
        while self._token.text not in ("]", "}"):
            if opening == "{":
                self._pair(path)
            else:
                start = self._token.start
                self._put((*path, index), start, self._value((*path, index)))
                index += 1
            self._skip(",")
        return self._take().end

    def _scalar(self) -> int:
        """Numbers and dates are several tokens."""
        end = self._take().end
        while self._token.kind in ("bare", "quoted") or self._token.text == ".":
            end = self._take().end
        return end


def _unquoted(token: _Token) -> str:
    if token.kind != "quoted":
        return token.text
    return str(tomllib.loads(f"key = {token.text}")["key"])
