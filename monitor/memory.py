"""The memory of what is built once and stays: lists and rules are millions of objects.

The garbage collector walks all of them each time their number has grown by a quarter, and holds every thread up
meanwhile: 0.4 s for ten thousand rules. What frees them is the count of their references, so it need not look at them.
"""

import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

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
    # Only glibc has it: a quarter of what a hundred thousand rules take lies in its free lists.
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim:
        trim(0)
