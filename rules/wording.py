"""What the mistakes of queries and lists have in common."""

import difflib
from collections.abc import Collection


def did_you_mean(word: str, known: Collection[str]) -> str:
    """The nearest of `known`, else all of them where they are few."""
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]}?"
    return f"there are {', '.join(known)}" if 0 < len(known) <= 15 else ""


def shortened(text: str, longest: int = 60) -> str:
    """`text` on one line, and not too long to be read."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
