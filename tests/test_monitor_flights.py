"""Requests in flight: so many at once, and one that hangs takes nobody's place for long."""

import asyncio

import pytest

from monitor import flights
from monitor.flights import AT_MOST, AT_ONCE, Flights
from tests.fakes import WAIT

pytestmark = pytest.mark.anyio


def fill(flying: Flights, lands: asyncio.Event) -> int:
    """Start as many as may; how many did."""

    async def flight() -> None:
        await lands.wait()

    number = 0
    while flying.room:
        flying.start(flight())
        number += 1
    return number


async def test_so_many_are_in_flight_and_one_that_lands_makes_room() -> None:
    flying, lands = Flights(), asyncio.Event()
    assert fill(flying, lands) == AT_ONCE
    wait = flying.room_in()
    assert wait is not None
    assert 0.0 < wait <= flights.SLOW

    lands.set()
    async with asyncio.timeout(WAIT):
        await flying.landed.wait()
    assert flying.room_in() == 0.0


async def test_those_that_are_slow_are_not_counted_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flights, "SLOW", 0.0)
    flying = Flights()

    assert fill(flying, asyncio.Event()) == AT_MOST
    assert flying.room_in() is None
    await flying.give_up()
    assert flying.tasks == []


async def test_what_may_finish_does_and_the_rest_is_given_up() -> None:
    flying, soon = Flights(), asyncio.Event()
    landed = []

    async def flight(name: str, event: asyncio.Event) -> None:
        await event.wait()
        landed.append(name)

    flying.start(flight("soon", soon))
    flying.start(flight("never", asyncio.Event()))
    soon.set()
    await flying.finish(within=0.01)
    await flying.give_up()

    assert landed == ["soon"]
