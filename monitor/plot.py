"""Numbers as bars of letters, for a terminal."""

from collections.abc import Sequence

WIDTH = 78
HEIGHT = 4

_EIGHTHS = " ▁▂▃▄▅▆▇█"


def binned(values: Sequence[int], most: int = WIDTH) -> tuple[list[int], int]:
    """The sums of as many neighbours as it takes to have no more than `most`, and how many that is.

    The last ones are whole: what is left over comes first.
    """
    size = max(1, -(-len(values) // most))
    rest = len(values) % size
    starts = ([0] if rest else []) + list(range(rest, len(values), size))
    return [sum(values[start:end]) for start, end in zip(starts, [*starts[1:], len(values)], strict=True)], size


def columns(values: Sequence[int], height: int = HEIGHT) -> list[str]:
    """Lines, from the top: one column for each value, as high as it is; what is not 0 is seen."""
    most = max(values, default=0)
    filled = [max(1, round(value * height * 8 / most)) if value else 0 for value in values]
    return ["".join(_EIGHTHS[min(max(one - 8 * row, 0), 8)] for one in filled) for row in reversed(range(height))]
