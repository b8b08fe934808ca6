"""Waiting for whichever comes first."""

import asyncio
from typing import Any


async def first(*events: "asyncio.Event | asyncio.Future[Any]", within: float | None = None) -> None:
    """Wait until one of the events is set or one of the futures is done, or `within` seconds are over."""
    waiting = [asyncio.create_task(event.wait()) if isinstance(event, asyncio.Event) else event for event in events]
    try:
        await asyncio.wait(waiting, timeout=within, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for event, task in zip(events, waiting, strict=True):
            if isinstance(event, asyncio.Event):
                task.cancel()
