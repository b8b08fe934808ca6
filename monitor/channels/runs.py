"""Text of a feed made fit to show: on one line, without what cannot be seen, cut between words, the matches marked."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

BEFORE, AFTER = 120, 180
"""Letters shown around a word that rang."""

NEAR = 30
"""Letters in which a space is looked for, so that a cut does not fall into a word; some scripts have none."""

# Control characters that are no space, soft hyphens, what switches the direction of the letters that follow, and what
# has no width. The joiners stay: Persian, Hindi and many a symbol are not the same without them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u2060-\u2064\u202a-\u202e\u2066-\u206f"
    "\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
_HALVES = re.compile("[\ud800-\udfff]")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text; `marked` where it is a word that rang."""

    text: str
    marked: bool = False


Runs = tuple[Run, ...]


def words(runs: Iterable[Run]) -> str:
    """The text of `runs` without its marks."""
    return "".join(run.text for run in runs)


def plain(text: str, longest: int) -> str:
    """`text` on one line, without what cannot be seen, at most `longest` letters; a cut shows as `…`."""
    # What is cut away anyway is not looked at: a title may have a million letters.
    line = visible(text[: 4 * longest]).strip()
    whole = len(line) <= longest and len(text) <= 4 * longest
    return line if whole else f"{line[: longest - 1].rstrip()}…"


def visible(text: str) -> str:
    """`text` without what cannot be seen; white space of any kind and length is one space."""
    return _SPACE.sub(" ", _HALVES.sub("\ufffd", _UNSEEN.sub("", text)))


def excerpt(text: str, start: int, end: int) -> str:
    """The words around `text[start:end]`, on one line."""
    return words(around(text, (), *window(text, start, end)))


def around(text: str, spans: Iterable[tuple[int, int]], start: int, end: int) -> Runs:
    """`text[start:end]` with `spans` marked; what is left out before or after shows as `…`."""
    begin = (Run("… "),) if start > 0 else ()
    rest = (Run(" …"),) if end < len(text) else ()
    return (*begin, *marked(text, spans, start, end), *rest)


def window(text: str, start: int, end: int) -> tuple[int, int]:
    """A span around `text[start:end]` that begins and ends between words, in a script that puts spaces there."""
    start = min(max(start, 0), len(text))
    end = min(max(end, start), start + BEFORE + AFTER, len(text))
    left, right = max(0, start - BEFORE), min(len(text), end + AFTER)
    if left:
        space = _SPACE.search(text, left - 1, min(left + NEAR, start))
        left = space.end() if space else _whole_letter(text, left, start)
    if right < len(text):
        spaces = list(_SPACE.finditer(text, max(right - NEAR, end), right + 1))
        right = spaces[-1].start() if spaces else _whole_letter(text, right, len(text))
    return left, right


def _whole_letter(text: str, at: int, last: int) -> int:
    """`at`, or the place behind the accents that belong to the letter before it."""
    while at < last and unicodedata.combining(text[at]):
        at += 1
    return at


def marked(text: str, spans: Iterable[tuple[int, int]], start: int, end: int) -> Runs:
    """`text[start:end]` in pieces, on one line, those inside of `spans` marked."""
    pieces: list[Run] = []
    at = start
    for left, right in _merged(spans, start, end):
        pieces += (Run(visible(text[at:left])), Run(visible(text[left:right]), marked=True))
        at = right
    pieces.append(Run(visible(text[at:end])))
    return _trimmed([piece for piece in pieces if piece.text])


def _trimmed(pieces: list[Run]) -> Runs:
    if pieces:
        pieces[0] = Run(pieces[0].text.lstrip(), pieces[0].marked)
        pieces[-1] = Run(pieces[-1].text.rstrip(), pieces[-1].marked)
    return tuple(piece for piece in pieces if piece.text)


def _merged(spans: Iterable[tuple[int, int]], start: int, end: int) -> list[tuple[int, int]]:
    """The parts of `spans` inside of `start` and `end`, in order, those that overlap as one."""
    merged: list[tuple[int, int]] = []
    for left, right in sorted((max(left, start), min(right, end)) for left, right in spans):
        if left >= right:
            continue
        if merged and left <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], right))
        else:
            merged.append((left, right))
    return merged
