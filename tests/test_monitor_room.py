"""Small bodies come as they please, large ones wait for each other."""

import asyncio
from collections.abc import Sequence

import pytest

from monitor.room import SMALL, Room

pytestmark = pytest.mark.anyio


class Taker:
    """Takes so much room, then more, and has it until it is told to leave."""

    def __init__(self, room: Room, sizes: Sequence[int]) -> None:
        self.has = 0
        self.leave = asyncio.Event()
        self.task = asyncio.ensure_future(self._run(room, sizes))

    async def _run(self, room: Room, sizes: Sequence[int]) -> None:
        for size in sizes:
            await room.take(size)
            self.has = size
        await self.leave.wait()


async def takers(room: Room, *sizes: Sequence[int]) -> list[Taker]:
    found = [Taker(room, some) for some in sizes]
    await settled()
    return found


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_who_finds_no_room_waits_until_somebody_leaves() -> None:
    first, second, small = await takers(Room(3 * SMALL), [2 * SMALL], [2 * SMALL], [SMALL])
    assert (first.has, second.has, small.has) == (2 * SMALL, 0, SMALL)

    first.leave.set()
    await settled()
    assert second.has == 2 * SMALL


async def test_a_body_that_grows_is_counted_once() -> None:
    (grown,) = await takers(Room(3 * SMALL), [2 * SMALL, 3 * SMALL])
    grown.leave.set()
    other, third = await takers(Room(5 * SMALL), [2 * SMALL, 3 * SMALL], [2 * SMALL])

    assert (grown.has, other.has, third.has) == (3 * SMALL, 3 * SMALL, 2 * SMALL)


async def test_who_came_first_may_always_go_on() -> None:
    first, second = await takers(Room(3 * SMALL), [2 * SMALL, 9 * SMALL], [2 * SMALL])
    assert (first.has, second.has) == (9 * SMALL, 0)

    first.task.cancel()
    await settled()
    assert second.has == 2 * SMALL
