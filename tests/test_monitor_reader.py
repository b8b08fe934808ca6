"""A body may cost its own reading, and nothing else."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.formats import Unreadable
from monitor.reader import Reader

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[1]
FEED = b"<rss version='2.0'><channel><title>Wire</title><item><title>news</title></item></channel></rss>"

# feedparser nests a Python call an element; this takes it minutes.
SLOW = (
    b"<rss version='2.0'><channel><item><description>" + b"<b>" * 1_000_000 + b"</description></item></channel></rss>"
)


@asynccontextmanager
async def reader(**limits: Any) -> AsyncIterator[Reader]:
    reads = Reader(**limits)
    try:
        yield reads
    finally:
        await reads.close()


async def title(reads: Reader, body: bytes = FEED) -> str:
    return (await reads.read(body, {}, "https://example.org/feed")).items[0].title


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A zombie has ended, too.
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


async def _ended(pid: int) -> None:
    async with asyncio.timeout(20):
        while _exists(pid):  # noqa: ASYNC110  the end of another process sets no event
            await asyncio.sleep(0.02)


async def test_a_feed_is_read_in_another_process() -> None:
    async with reader() as reads:
        document = await reads.read(FEED, {"content-type": "text/xml"}, "https://example.org/feed")

        assert document.title == "Wire"
        assert document.items[0].title == "news"
        assert reads.pid not in (None, os.getpid())


async def test_now_and_incomplete_reach_the_format() -> None:
    dated = FEED.replace(b"</item>", b"<pubDate>Mon, 23 Nov 2099 12:00:00 GMT</pubDate></item><item><title>cu")
    async with reader() as reads:
        document = await reads.read(dated[:-23], {}, "", now=datetime(2099, 11, 23, tzinfo=UTC), incomplete=True)

    (item,) = document.items
    assert item.published == datetime(2099, 11, 23, 12, tzinfo=UTC)
    assert document.truncated


async def test_an_unreadable_body_is_told_in_a_sentence() -> None:
    async with reader() as reads:
        with pytest.raises(Unreadable, match="an HTML page, not a feed"):
            await reads.read(b"<!DOCTYPE html><html><body>Please log in</body></html>", {}, "")

        assert await title(reads) == "news"


async def test_a_body_that_takes_too_long_is_given_up_and_the_next_is_read() -> None:
    async with reader(deadline=1.0) as reads:
        await title(reads)
        slow = reads.pid
        assert slow is not None
        with pytest.raises(Unreadable, match="longer than 1 s"):
            await reads.read(SLOW, {}, "")

        await _ended(slow)
        assert await title(reads) == "news"
        assert reads.pid != slow


async def test_a_body_that_takes_too_much_memory_is_given_up_and_the_next_is_read() -> None:
    large = b"<rss version='2.0'><channel>" + b"<item><title>x</title></item>" * 600_000
    async with reader(deadline=30.0, memory=192 * 1024 * 1024) as reads:
        with pytest.raises(Unreadable, match=r"more than 192 MB|died of it"):
            await reads.read(large, {}, "")

        assert await title(reads) == "news"


async def test_a_worker_that_is_killed_costs_one_body_only() -> None:
    async with reader(deadline=30.0) as reads:
        await title(reads)
        assert reads.pid is not None
        reading = asyncio.ensure_future(reads.read(SLOW, {}, ""))
        await asyncio.sleep(0)
        os.kill(reads.pid, signal.SIGKILL)

        with pytest.raises(Unreadable, match="died of it"):
            await reading
        assert await title(reads) == "news"


async def test_a_worker_that_died_between_two_bodies_is_replaced() -> None:
    async with reader() as reads:
        await title(reads)
        assert reads.pid is not None
        os.kill(reads.pid, signal.SIGKILL)
        async with asyncio.timeout(20):
            while reads.pid:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

        assert await title(reads) == "news"


async def test_a_read_that_is_cancelled_does_not_answer_the_next_one() -> None:
    async with reader(deadline=30.0) as reads:
        await title(reads)
        reading = asyncio.ensure_future(reads.read(SLOW, {}, ""))
        await asyncio.sleep(0.05)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading

        assert await title(reads, FEED.replace(b"news", b"other")) == "other"


async def test_bodies_that_come_together_are_read_one_after_the_other() -> None:
    async with reader() as reads:
        titles = await asyncio.gather(*(title(reads, FEED.replace(b"news", b"news %d" % n)) for n in range(20)))

    assert titles == [f"news {n}" for n in range(20)]


async def test_a_worker_is_replaced_after_its_share_of_bodies() -> None:
    async with reader(bodies=3) as reads:
        pids = set()
        for _ in range(6):
            await title(reads)
            pids.add(reads.pid)

    assert len(pids - {None}) == 2


async def test_the_loop_goes_on_while_a_body_is_read() -> None:
    async with reader(deadline=0.5) as reads:
        await title(reads)
        reading = asyncio.ensure_future(reads.read(SLOW, {}, ""))
        longest, last = 0.0, time.monotonic()
        while not reading.done():
            await asyncio.sleep(0.005)
            longest, last = max(longest, time.monotonic() - last), time.monotonic()

        with pytest.raises(Unreadable):
            await reading
        assert longest < 0.4


async def test_close_leaves_no_process() -> None:
    async with reader() as reads:
        await title(reads)
        pid = reads.pid
    assert pid is not None
    await _ended(pid)


async def test_the_worker_does_not_see_the_environment() -> None:
    os.environ["WIREBELL_TEST_SECRET"] = "s3cret"
    try:
        async with reader() as reads:
            await title(reads)
            environ = Path(f"/proc/{reads.pid}/environ")
            if not environ.exists():  # noqa: ASYNC240
                pytest.skip("no /proc here")
            assert b"s3cret" not in environ.read_bytes()  # noqa: ASYNC240
    finally:
        del os.environ["WIREBELL_TEST_SECRET"]


async def test_the_worker_ends_when_the_daemon_is_killed() -> None:
    program = (
        "import asyncio\n"
        "from monitor.reader import Reader\n"
        "async def main():\n"
        "    reader = Reader()\n"
        f"    await reader.read({FEED!r}, {{}}, '')\n"
        "    print(reader.pid, flush=True)\n"
        "    await asyncio.sleep(600)\n"
        "asyncio.run(main())\n"
    )
    daemon = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert daemon.stdout is not None
    worker = int(await asyncio.wait_for(daemon.stdout.readline(), 60))
    assert _exists(worker)
    daemon.kill()
    await daemon.wait()

    await _ended(worker)


def test_the_daemon_never_loads_feedparser() -> None:
    program = (
        "import asyncio, sys\n"
        "from monitor.reader import Reader\n"
        "async def main():\n"
        "    reader = Reader()\n"
        f"    print((await reader.read({FEED!r}, {{}}, '')).items[0].title)\n"
        "    await reader.close()\n"
        "asyncio.run(main())\n"
        "print('feedparser' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["news", "False"]
    assert done.stderr == ""
