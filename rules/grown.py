"""A long row that others grow from without a copy of it."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)


class Grown(Generic[T_co]):
    """A row in two parts: the long one is shared by all that grow from it."""

    __slots__ = ("_base", "_more")

    def __init__(self, base: Sequence[T_co], more: tuple[T_co, ...] = ()) -> None:
        self._base = base
        self._more = more

    def with_more(self, more: Sequence[T_co]) -> "Grown[T_co]":
        """This one, and `more` behind."""
        return Grown(self._base, (*self._more, *more))

    def __getitem__(self, index: int) -> T_co:
        before = len(self._base)
        return self._base[index] if index < before else self._more[index - before]

    def __len__(self) -> int:
        return len(self._base) + len(self._more)

    def __iter__(self) -> Iterator[T_co]:
        return chain(self._base, self._more)
