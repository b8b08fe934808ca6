"""The memory of what is built once and stays: lists and rules are millions of objects.

The garbage collector walks all of them each time their number has grown by a quarter, and holds every thread up
meanwhile: 0.4 s for ten thousand rules. What frees them is the count of their references, so it need not look at them.
"""

import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8
LARGE = 256 * 1024
"""Bytes of a block that is given back to the system by itself."""

TURN = 0.001
"""Seconds after which a thread that computes gives another its turn; Python's own 5 ms are longer than a poll takes."""


@contextmanager
def collector_off() -> Iterator[None]:
    """While much is made that stays, the collector does not look for what may go."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


@contextmanager
def beside_others() -> Iterator[None]:
    """What is built here, in a thread of its own, holds up no other and stays: the collector never looks at it."""
    turn = sys.getswitchinterval()
    sys.setswitchinterval(TURN)
    try:
        with collector_off():
            yield
            settle()
    finally:
        sys.setswitchinterval(turn)


def settle() -> None:
    """Take what is there as staying, and give back to the system what building it took.

    From here on threads take shorter turns as well: the loop waits for one whenever it has asked the system for
    something, and others compute in theirs.
    """
    gc.freeze()
    sys.setswitchinterval(TURN)
    # A body of 20 MB goes back as soon as it is free. Left to itself glibc raises this with each that it sees, and then
    # keeps them among what is small, once for each thread.
    _of_glibc("mallopt", M_MMAP_THRESHOLD, LARGE)
    _of_glibc("mallopt", M_ARENA_MAX, 2)
    # A quarter of what a hundred thousand rules take lies in the free lists.
    trim()


def trim() -> None:
    """Give back to the system what is free; glibc keeps it otherwise."""
    _of_glibc("malloc_trim", 0)


def _of_glibc(name: str, *numbers: int) -> None:
    """Call what only glibc has."""
    function = getattr(ctypes.CDLL(None), name, None)
    if function:
        function(*numbers)
