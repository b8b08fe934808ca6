"""Numbers and times in words, for notices and commands alike."""

from datetime import timedelta


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 feed`, `2 feeds`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def length(span: timedelta) -> str:
    """A time in one unit that people use: `41 s`, `9 min`, `9 h`, `3 days`."""
    seconds = max(span.total_seconds(), 0.0)
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{seconds / 60:.0f} min"
    hours = seconds / 3600
    return f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} days"


def usual(per_day: float) -> str:
    """A rate in whole items: `40 a day`, `3 a week`, `1 a month`."""
    for size, unit in ((1, "day"), (7, "week")):
        if per_day * size >= 1.5:
            return f"{per_day * size:.0f} a {unit}"
    return f"{max(per_day * 30, 1):.0f} a month"
