"""Work that blocks, in a thread of its own: it ends when its time is over, and no exit of ours waits for it."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


async def in_thread(work: Callable[[], T], *, seconds: float, stop: Callable[[], None]) -> T:
    """What `work` returns.

    Raises TimeoutError after `seconds`. Then, and where nobody waits any more, `stop` is called from outside of the
    thread, to end what it waits for.
    """
    result: Future[T] = Future()
    # From here on a cancelled waiter leaves the result alone, which the thread is about to set.
    result.set_running_or_notify_cancel()
    threading.Thread(target=_run, args=(work, result), name="wirebell-channel", daemon=True).start()
    try:
        async with asyncio.timeout(seconds):
            return await asyncio.wrap_future(result)
    except (TimeoutError, asyncio.CancelledError):
        stop()
        raise


def _run(work: Callable[[], T], result: "Future[T]") -> None:
    try:
        result.set_result(work())
    except BaseException as error:  # noqa: BLE001  it is raised where somebody waits for it
        result.set_exception(error)
