"""Numbers and times in words."""

from datetime import timedelta

import pytest

from monitor.saying import length, together, usual


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (59.4, "59 s"), (59.6, "1 min"), (3599, "1 h"), (47.4 * 3600, "47 h"), (48 * 3600, "2 days")],
)
def test_a_time_is_told_in_one_unit_and_never_as_sixty_of_a_smaller_one(seconds: float, said: str) -> None:
    assert length(timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(
    ("per_day", "said"),
    [
        (40, "40 a day"),
        (1.2, "8 a week"),
        (0.2, "6 a month"),
        (1 / 30, "1 a month"),
        (4 / 365, "4 a year"),
        (0, "1 a year"),
    ],
)
def test_a_rate_is_told_in_whole_items(per_day: float, said: str) -> None:
    assert usual(per_day) == said


def test_those_of_whom_the_same_is_said_are_named_together() -> None:
    assert together([("desk", "sent"), ("phone", "owed"), ("hook", "sent")]) == {"sent": "desk, hook", "owed": "phone"}
