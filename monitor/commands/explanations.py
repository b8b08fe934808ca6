"""Why a rule rings or not, for programs: the tree of its parts as JSON."""

from typing import Any

from rules.explaining import Explained

DEEPEST = 40
"""Parts inside of parts; what lies deeper is left out, as `because` has told it."""


def explanation(rule: str, whole: Explained) -> dict[str, Any]:
    """`{rule, rings, because, words, parts}`, each part `{part, holds, because, words, parts}`."""
    return {"rule": rule, "rings": whole.holds, **_reason(whole, DEEPEST)}


def _reason(one: Explained, depth: int) -> dict[str, Any]:
    parts = one.parts if depth else ()
    inner = [{"part": part.part, "holds": part.holds, **_reason(part, depth - 1)} for part in parts]
    return {"because": one.because, "words": list(one.words), "parts": inner}
