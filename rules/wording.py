"""What the sentences about queries, lists and settings have in common."""

import difflib
from collections.abc import Collection


def did_you_mean(word: str, known: Collection[str]) -> str:
    """The nearest of `known`, else all of them where they are few."""
    by_small = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower(), by_small, n=1, cutoff=0.6)
    if near:
        return f"did you mean `{by_small[near[0]]}`?"
    verb = "is" if len(known) == 1 else "are"
    return f"there {verb} {', '.join(f'`{name}`' for name in known)}" if 0 < len(known) <= 15 else ""


def shortened(text: str, longest: int = 60) -> str:
    """`text` on one line, and not too long to be read."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def bracketed(text: str) -> str:
    """A part of a query with brackets around it, unless there are some."""
    depth = 0
    for place, sign in enumerate(text):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if not depth and place < len(text) - 1:
            return f"({text})"
    return text
