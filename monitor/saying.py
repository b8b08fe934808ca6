"""Numbers and times in words, for notices and commands alike."""

from collections.abc import Iterable, Mapping
from datetime import timedelta


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 feed`, `2 feeds`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def length(span: timedelta) -> str:
    """A time in one unit that people use: `41 s`, `9 min`, `9 h`, `3 days`."""
    seconds = max(span.total_seconds(), 0.0)
    for size, unit, most in ((1, "s", 60), (60, "min", 60), (3600, "h", 48)):
        if round(seconds / size) < most:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86_400:.0f} days"


def usual(per_day: float) -> str:
    """A rate in whole items: `40 a day`, `3 a week`, `1 a month`, `4 a year`."""
    for size, unit, least in ((1, "day", 1.5), (7, "week", 1.5), (30, "month", 0.75)):
        if per_day * size >= least:
            return f"{per_day * size:.0f} a {unit}"
    return f"{max(per_day * 365, 1):.0f} a year"


def together(said: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Of (who, what): those of whom the same is said, in one: `desk, screen` by what is said."""
    of_each: dict[str, list[str]] = {}
    for who, what in said:
        of_each.setdefault(what, []).append(who)
    return {what: ", ".join(some) for what, some in of_each.items()}
