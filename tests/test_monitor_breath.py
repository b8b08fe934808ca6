"""Who computes for long does so in slices, and one at a time."""

import asyncio
import time

import pytest

from monitor.breath import SLICE, Turn

pytestmark = pytest.mark.anyio


def busy() -> None:
    """Compute for longer than a slice."""
    end = time.monotonic() + 2 * SLICE
    while time.monotonic() < end:
        pass


async def compute(name: str, talking: asyncio.Lock, done: list[str], steps: int = 3) -> None:
    async with Turn(talking) as turn:
        for _ in range(steps):
            busy()
            done.append(name)
            await turn.breath()


async def test_two_that_compute_take_turns() -> None:
    talking, done = asyncio.Lock(), list[str]()
    await asyncio.gather(compute("a", talking, done), compute("b", talking, done))

    assert done == ["a", "b"] * 3


async def test_the_loop_has_its_turn_after_every_slice() -> None:
    talking, done = asyncio.Lock(), list[str]()
    computing = asyncio.create_task(compute("a", talking, done))
    seen = []
    while not computing.done():
        await asyncio.sleep(0)
        seen.append(len(done))

    assert {1, 2, 3} <= set(seen)


async def test_what_takes_no_time_is_not_interrupted() -> None:
    async with Turn(asyncio.Lock()) as turn:
        others = asyncio.create_task(asyncio.sleep(0))
        await turn.breath()

        assert not others.done()


async def test_who_is_cancelled_while_he_waits_takes_nobodys_turn() -> None:
    talking, done = asyncio.Lock(), list[str]()
    async with Turn(talking):
        waiting = asyncio.create_task(compute("a", talking, done))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

        assert talking.locked()
    assert not talking.locked()
    assert not done


async def test_what_is_done_aside_leaves_the_turn_to_others() -> None:
    talking, done = asyncio.Lock(), list[str]()
    loop, other = asyncio.get_running_loop(), None
    async with Turn(talking) as turn:
        other = asyncio.create_task(compute("b", talking, done, steps=1))

        def wait_for_the_other(answer: str) -> str:
            asyncio.run_coroutine_threadsafe(asyncio.wait([other]), loop).result()
            return answer

        assert await turn.aside(wait_for_the_other, "a") == "a"
        assert talking.locked()
    assert done == ["b"]
