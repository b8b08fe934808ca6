"""What the user wrote that cannot be understood, or is hardly meant: where, what is wrong, what would be right."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake. `where` is a key or a place such as `wirebell.toml:12: feeds[1].url`."""

    where: str
    problem: str
    remedy: str = ""

    def __str__(self) -> str:
        said = f"{self.where}: {self.problem}" if self.where else self.problem
        return f"{said}; {self.remedy}" if self.remedy else said


@dataclass(frozen=True, slots=True)
class Remark:
    """What is not wrong, and hardly meant. `name` is a short one that stays the same."""

    name: str
    where: str
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{Mistake(self.where, self.what, self.remedy)} [{self.name}]"


class Mistakes(ValueError):
    """Every mistake of one text at once; `found` is never empty."""

    def __init__(self, found: Iterable[Mistake]) -> None:
        self.found = tuple(found)
        super().__init__("\n".join(str(mistake) for mistake in self.found))


def mistake(where: str, problem: str, remedy: str = "") -> Mistakes:
    """The exception for a single mistake."""
    return Mistakes([Mistake(where, problem, remedy)])
