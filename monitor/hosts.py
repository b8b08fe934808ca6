"""Whose turn it is: due feeds wait by host, so that one publisher is never asked twice at once nor too soon.

A host that is busy or resting holds up its own feeds only. Moments are seconds of the monotonic clock.
"""

from collections import defaultdict, deque
from collections.abc import Iterable
from heapq import heapify, heappop, heappush
from ipaddress import ip_address
from urllib.parse import urlsplit

from rules.records import Cursor

LONGEST_REST = 3600.0
"""Seconds that one feed's answer may silence the other feeds of its host."""

PRIVATE_NAMES = (".local", ".localhost", ".internal", ".home.arpa", ".lan", ".home", ".test")


class Turns:
    """The feeds that are due, and the hosts that are free. `gap` is in seconds, between two starts on one host."""

    def __init__(self, *, gap: float) -> None:
        self.gap = gap
        self._waiting: defaultdict[str, deque[Cursor]] = defaultdict(deque)
        self._known: set[str] = set()  # feeds that wait or are being polled
        self._busy: set[str] = set()
        self._free_at: dict[str, float] = {}
        # A heap of (free at, host): hosts with waiting feeds that are not busy.
        self._order: list[tuple[float, str]] = []

    def __len__(self) -> int:
        """How many feeds wait or are being polled."""
        return len(self._known)

    def add(self, due: Iterable[Cursor]) -> None:
        """Let feeds wait for their turn; one that waits already, or is being polled, is not added again."""
        for cursor in due:
            if cursor.feed_id in self._known:
                continue
            self._known.add(cursor.feed_id)
            host = host_of(cursor.url)
            self._waiting[host].append(cursor)
            if len(self._waiting[host]) == 1 and host not in self._busy:
                heappush(self._order, (self._free_at.get(host, 0.0), host))

    def take(self, moment: float) -> Cursor | None:
        """The next feed whose host is free, which makes the host busy; None where there is none at this moment."""
        if not self._order or self._order[0][0] > moment:
            return None
        _, host = heappop(self._order)
        cursor = self._waiting[host].popleft()
        self._busy.add(host)
        self._free_at[host] = moment + self.gap
        return cursor

    def done(self, cursor: Cursor) -> None:
        """`cursor`, as it was taken, has been polled: its host may be asked again when its gap is over."""
        host = host_of(cursor.url)
        self._known.discard(cursor.feed_id)
        self._busy.discard(host)
        if self._waiting[host]:
            heappush(self._order, (self._free_at[host], host))
        else:
            del self._waiting[host]

    def claim(self, host: str, moment: float) -> float | None:
        """Make `host` busy for a request that is no poll; else the moment at which to try again."""
        free = self._free_at.get(host, 0.0)
        if host in self._busy or free > moment:
            return max(free, moment)
        self._busy.add(host)
        self._free_at[host] = moment + self.gap
        if host in self._waiting:
            self._order = [entry for entry in self._order if entry[1] != host]
            heapify(self._order)
        return None

    def free(self, host: str) -> None:
        """The request for which `host` was claimed is over."""
        self._busy.discard(host)
        if self._waiting.get(host):
            heappush(self._order, (self._free_at.get(host, 0.0), host))

    def rest(self, url: str, moment: float, seconds: float) -> None:
        """The host of `url`, which is being asked, wants to be left alone for so long, or for LONGEST_REST.

        Behind a private name, feeds of many publishers come from one bridge, so there it says nothing of the others.
        """
        host = host_of(url)
        if is_public(host):
            self._free_at[host] = max(self._free_at.get(host, 0.0), moment + min(seconds, LONGEST_REST))

    def next_free(self) -> float | None:
        """The moment at which the next waiting feed may be taken; None where none waits for a host that is not busy."""
        return self._order[0][0] if self._order else None

    def forget_rested(self, moment: float) -> None:
        """Drop the hosts whose gap is over, so that memory follows what is due and not what ever was."""
        self._free_at = {host: free for host, free in self._free_at.items() if free > moment or host in self._waiting}


class Silence:
    """Whether it is our own network that is down: then no feed has failed, and none is left alone for longer.

    Hosts of the internet that gave no answer at all are counted until one answers.
    """

    def __init__(self) -> None:
        self._hosts: set[str] = set()

    def broken(self) -> None:
        """Somebody has answered."""
        self._hosts.clear()

    def ours(self, host: str, *, of: int) -> bool:
        """`host` has not answered: whether that says more about us, who ask `of` hosts."""
        if not is_public(host):
            return False
        self._hosts.add(host)
        return len(self._hosts) >= max(3, of // 2 + 1)


def is_public(host: str) -> bool:
    """Whether `host` looks like a name or an address of the internet."""
    try:
        return ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith(PRIVATE_NAMES)


def host_of(url: str) -> str:
    """The host that a request for `url` goes to; ports and capitals make no second host."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
