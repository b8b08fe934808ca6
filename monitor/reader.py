"""Reads bodies in a process of its own, which may take 5 seconds and 512 MB and is killed and replaced beyond that.

feedparser needs seconds for some hostile bodies and holds the interpreter meanwhile: in the daemon's process every
poll would wait. The child is a plain `python -c` with a pipe, not multiprocessing, which would load the whole program
into it, and it is given an empty environment: what reads strangers' bytes need not know our secrets.
"""

import asyncio
import gc
import pickle
import resource
import signal
import struct
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from importlib import import_module
from io import BytesIO
from typing import Any, BinaryIO, cast

from monitor.formats import Document, Parser, Unreadable
from monitor.room import Room
from rules.records import FeedKind, Selectors

DEADLINE = 5.0
MEMORY = 512 * 1024 * 1024
BODIES = 500
"""After so many bodies a worker is replaced: it gives back what feedparser and the allocator have kept."""

START = 60.0
"""Seconds a worker may take to start; it takes 0.3 on a free machine."""

TASKS = {"feed": ("monitor.formats", "read_document"), "article": ("monitor.formats.article", "read_article")}
"""What a reading process can do with a body, its headers and its address: a function each."""

LONG = 250_000
"""Bytes of an answer that is unpacked beside the loop."""

UNPACKED = 12
"""Bytes that are taken for each of such an answer, until it is kept: so many where items are small."""

PART = 256 * 1024
"""Bytes of an answer that are read at once."""

_TOO_LARGE = pickle.dumps(MemoryError)
_LENGTH = struct.Struct(">Q")
_BEGIN = "import sys; sys.path[:] = sys.argv[4:]; from monitor.reader import serve; serve(*sys.argv[1:4])"


class Reader:
    """Reads one body at a time; who comes meanwhile waits. Use `close` at the end.

    It can do all TASKS, and is ready for `task` as soon as it has started.
    """

    def __init__(
        self,
        task: str = "feed",
        *,
        deadline: float = DEADLINE,
        memory: int = MEMORY,
        bodies: int = BODIES,
        room: Room | None = None,
    ) -> None:
        self._task = task
        self._deadline = deadline
        self._memory = memory
        self._bodies = bodies
        self._room = room or Room()
        self._worker: Process | None = None
        self._read = 0
        self._turn = asyncio.Lock()

    async def read(
        self,
        body: bytes,
        headers: Mapping[str, str],
        url: str,
        *,
        now: datetime | None = None,
        incomplete: bool = False,
        kind: FeedKind = FeedKind.FEED,
        selectors: Selectors | None = None,
        parser: Parser = Parser.AUTO,
    ) -> Document:
        """read_document, elsewhere. Raises Unreadable, also where the body costs more than it may."""
        given = {"now": now, "incomplete": incomplete, "kind": kind, "selectors": selectors, "parser": parser}
        return cast(Document, await self._asked("feed", body, dict(headers), url, given))

    async def article(self, body: bytes, headers: Mapping[str, str], url: str, *, link: str) -> str:
        """read_article, elsewhere. Raises Unreadable, also where the body costs more than it may."""
        return cast(str, await self._asked("article", body, dict(headers), url, {"link": link}))

    async def _asked(self, task: str, body: bytes, headers: dict[str, str], url: str, given: dict[str, Any]) -> Any:
        question = pickle.dumps((task, headers, url, given))
        async with self._turn:
            worker = await self._started()
            try:
                async with asyncio.timeout(self._deadline):
                    data = await _exchanged(worker, question, body)
            except TimeoutError:
                await self._dismiss()
                raise Unreadable(f"reading it takes longer than {self._deadline:g} s") from None
            except (EOFError, OSError):
                await self._dismiss()
                raise Unreadable("the reading process died of it") from None
            except BaseException:
                # Cancelled half-way: the answer would be taken for that to the next question.
                await self._dismiss()
                raise
            self._read += 1
            if self._read >= self._bodies or data == _TOO_LARGE:
                await self._dismiss()
        answer = await self._unpacked(data)
        if answer is MemoryError:
            raise Unreadable(f"reading it takes more than {self._memory >> 20} MB")
        if isinstance(answer, Unreadable):
            raise answer
        return answer

    async def _unpacked(self, data: bytes) -> Any:
        if len(data) < LONG:
            return pickle.loads(data)  # noqa: S301  our own process wrote it
        await self._room.take(UNPACKED * len(data))
        # The items of a sitemap are a quarter of a second's work.
        return await asyncio.to_thread(pickle.loads, data)

    async def close(self) -> None:
        """End the worker, once it has finished what it is reading."""
        async with self._turn:
            await self._dismiss()

    @property
    def pid(self) -> int | None:
        """The worker's process id, None where there is none at the moment."""
        return self._worker.pid if self._worker and self._worker.returncode is None else None

    async def _started(self) -> Process:
        if self._worker is not None and self.pid:
            return self._worker
        await self._dismiss()
        self._worker = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            _BEGIN,
            str(self._memory),
            str(self._deadline),
            self._task,
            *sys.path,
            stdin=PIPE,
            stdout=PIPE,
            env={"PYTHONHASHSEED": "0"},
        )
        try:
            async with asyncio.timeout(START):
                await _answer(self._worker)
        except BaseException as error:
            await self._dismiss()
            if isinstance(error, TimeoutError | EOFError | OSError):
                raise Unreadable("the reading process did not start") from error
            raise
        return self._worker

    async def _dismiss(self) -> None:
        worker, self._worker, self._read = self._worker, None, 0
        if worker is None:
            return
        with suppress(ProcessLookupError):
            worker.kill()
        await worker.wait()
        if worker.stdin is not None:
            worker.stdin.close()


async def _exchanged(worker: Process, question: bytes, body: bytes) -> bytes:
    assert worker.stdin is not None  # noqa: S101  for the type checker: both are pipes
    # The body by itself, as it is: 20 MB that are copied into a pickle are 20 MB more.
    worker.stdin.writelines((_LENGTH.pack(len(question)), question, _LENGTH.pack(len(body)), body))
    await worker.stdin.drain()
    return await _answer(worker)


async def _answer(worker: Process) -> bytes:
    assert worker.stdout is not None  # noqa: S101
    (length,) = _LENGTH.unpack(await worker.stdout.readexactly(_LENGTH.size))
    answer = BytesIO()
    while left := length - answer.tell():
        # `readexactly` would have it twice at the end.
        part = await worker.stdout.read(min(left, PART))
        if not part:
            raise EOFError
        answer.write(part)
    return answer.getvalue()


def serve(memory: str, deadline: str, task: str) -> None:
    """Read what comes in on stdin until it ends, as it does when the daemon dies. Runs in the worker."""
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # a stray print must not end up among the answers
    # A stop from the terminal or from systemd is for the daemon, which may still want an answer.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with suppress(ValueError, OSError):  # macOS does not know RLIMIT_AS
        resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(Unreadable):
        _function(task)(b"<rss/>", {}, "")  # loads the libraries before the first deadline runs
    # What is loaded stays, and a tree of elements holds no cycles: to look for them takes a twentieth of the time.
    gc.freeze()
    gc.set_threshold(5_000)
    _put(answers, None)
    while question := _got(questions):
        body = _got(questions)
        # The daemon kills what is too slow; where it has died itself, the alarm does.
        signal.alarm(int(float(deadline)) + 5)
        answer = _read(question, body)
        signal.alarm(0)
        _put(answers, answer)


def _read(question: bytes, body: bytes) -> Any:
    """The answer, of which Unreadable is one; or the class of MemoryError."""
    task, headers, url, given = pickle.loads(question)  # noqa: S301  the daemon wrote it
    try:
        return _function(task)(body, headers, url, **given)
    except Unreadable as unreadable:
        return Unreadable(str(unreadable))
    except MemoryError:
        return MemoryError
    except Exception as error:  # noqa: BLE001  whatever a body does to a parser, the next one must be read
        return Unreadable(f"the parser failed: {type(error).__name__}: {str(error)[:200]}")


def _function(task: str) -> Any:
    module, name = TASKS[task]
    return getattr(import_module(module), name)


def _got(stream: BinaryIO) -> bytes:
    """What comes next; empty at the end."""
    head = stream.read(_LENGTH.size)
    return stream.read(_LENGTH.unpack(head)[0]) if len(head) == _LENGTH.size else b""


def _put(stream: BinaryIO, answer: object) -> None:
    data = pickle.dumps(answer)
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()
