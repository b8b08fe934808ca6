"""A story of weeks in half a minute: a real daemon polls a crowd of publishers while time is jumped over.

A jump moves the times in the daemon's database back, while it runs: what was due in an hour is due at once. Nothing in
the daemon knows of it. Between two jumps the story waits until all that is due was asked and all that rang was sent.
"""

import asyncio
import contextlib
import json
import os
import re
import signal
import sqlite3
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from state.rows import CURSOR_TIMES, moment
from tests.crowd import Crowd, Personality
from tests.evidence import GAP, Evidence, Heard, Plan
from tests.receivers import Hook, PostOffice, SlackLike, post_office
from tests.test_monitor_daemon import ROOT, Service

CONFIGURATION = """
database = "wirebell.db"
contact  = "desk@example.org"

[watchlists]
topics = ["superintelligence"]

[[rules]]
name   = "all"
when   = "@topics"
notify = ["hook"]

[[rules]]
name   = "dangerous"
when   = "@topics AND tag:dangerous"
notify = ["slack", "desk"]

[channels.hook]
type = "webhook"
url  = "http://127.0.0.1:{port}/hook"

[channels.slack]
type = "slack"
url  = "http://127.0.0.1:{port}/slack"

[channels.desk]
type = "email"
to   = ["desk@example.org"]
from = "wirebell@example.org"
smtp = "smtp://127.0.0.1:{mail}?tls=none"

[polling]
host_gap = "{gap:.0f}s"

[network]
allow_private = ["127.0.0.0/8"]
"""

FEED = """
[[feeds]]
url  = {url}
name = {name}
"""


class Story:
    """The daemon, the crowd, and what is seen of both."""

    def __init__(self, folder: Path, crowd: Crowd, office: PostOffice) -> None:
        self.evidence = Evidence(crowd)
        self._folder = folder
        self._crowd = crowd
        self._office = office
        self._slack = SlackLike()
        self._hook = Hook()
        crowd.receivers |= {"/hook": self._hook, "/slack": self._slack}  # type: ignore[dict-item]
        self._heard = 0
        self._service: Service | None = None
        self._asked: set[str] = set()

    def write(self, rows: Sequence[Personality]) -> None:
        text = CONFIGURATION.format(port=self._crowd.port, mail=self._office.port, gap=GAP)
        for row in rows:
            text += FEED.format(url=json.dumps(self._crowd.address(row)), name=json.dumps(row.name))
            text += f'every = "{row.every}"\n' * bool(row.every) + f'tags = ["{row.tag}"]\n' * bool(row.tag)
        (self._folder / "wirebell.toml").write_text(text, "utf-8")

    async def start(self) -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "monitor", "--config", str(self._folder / "wirebell.toml"), "run", "--verbose",
            cwd=ROOT, stderr=PIPE, env=dict(os.environ), limit=2**24,
        )  # fmt: skip
        self._service = Service(process)
        await self._service.logs("started version=")

    async def stop(self) -> None:
        """As the service manager stops it."""
        self._remember_memory()
        process = self._running.process
        process.send_signal(signal.SIGTERM)
        assert await self._running.ends() == 0
        self.evidence.restarts.append(self._crowd.now)

    async def kill(self) -> None:
        if self._service and self._service.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._service.process.kill()
            await self._service.process.wait()

    async def round(self, seconds: float = 0.0, *, everybody: bool = False) -> None:
        """Jump over `seconds`, then wait until what was due is done; `everybody`: what waits for its host, too."""
        due = self._jump(seconds, everybody=everybody)
        self.evidence.rounds.append(self._crowd.now)
        self._asked.clear()
        while due - self._asked:
            await self._hear("feed=")
        while self._owed():
            await self._hear("delivery=")
        self._look()

    @asynccontextmanager
    async def hushed(self) -> AsyncIterator[None]:
        """Those who fall silent when the daemon is stopped do."""
        self._crowd.hushed = True
        try:
            yield
        finally:
            self._crowd.hushed = False

    async def all_leave(self) -> None:
        """Wait until nobody hangs any more."""
        while any(not visit.ended for row in self.evidence.rows for visit in self._crowd.visits[row.name]):
            await self._hear("feed=")

    @property
    def _running(self) -> Service:
        assert self._service
        return self._service

    async def _hear(self, words: str) -> None:
        line = await self._running.logs(words)
        found = re.search(r"feed=(\S+)", line)
        if found:
            self._asked.add(urlsplit(found[1]).path)

    def _jump(self, seconds: float, *, everybody: bool) -> set[str]:
        """The paths of the feeds that are due then, but for those that hang."""
        sets = ", ".join(f"{name} = {name} - :by" for name in CURSOR_TIMES)
        with self._database() as db:
            db.execute(f"UPDATE feeds SET {sets}", {"by": round(seconds * 1e6)})
            rows = db.execute("SELECT url FROM feeds WHERE active AND NOT gone AND next_poll <= :now",
                              {"now": time.time_ns() // 1000}).fetchall()  # fmt: skip
        self._crowd.skipped += seconds
        due = (self._crowd.rows[urlsplit(url).path] for (url,) in rows)
        return {row.path for row in due if not row.hangs and (everybody or not row.host)}

    def _owed(self) -> int:
        with self._database() as db:
            (count,) = db.execute("SELECT count(*) FROM deliveries WHERE state IN ('pending', 'leased')").fetchone()
        return int(count)

    def _look(self) -> None:
        """Keep what is to be seen at the end of a round."""
        number = len(self.evidence.rounds) - 1
        with self._database() as db:
            for url, last, next_ in db.execute("SELECT url, last_poll, next_poll FROM feeds WHERE last_poll NOT NULL"):
                self._plan(self._crowd.rows[urlsplit(url).path], Plan(moment(last), moment(next_), number))
        for payload in self._hook.payloads[self._heard :]:
            item = payload["data"]["item"]
            words = f"{item['title']} {item['summary']}"
            self.evidence.heard.append(Heard(number, payload["type"], words, len(json.dumps(payload))))
        self._heard = len(self._hook.payloads)
        self.evidence.letters, self.evidence.slack = self._office.letters, self._slack.messages
        self._remember_memory()

    def _plan(self, row: Personality, plan: Plan) -> None:
        """One for each poll: a jump moves both times by the same, and none moves what is between them."""
        plans = self.evidence.plans[row.name]
        polls = len(self._crowd.polls(row))
        if len(plans) < polls:
            plans.append(plan)

    def _remember_memory(self) -> None:
        text = Path(f"/proc/{self._running.process.pid}/status").read_text("utf-8")
        peak = re.search(r"VmHWM:\s+(\d+) kB", text)
        if peak:
            self.evidence.memory = max(self.evidence.memory, int(peak[1]) * 1024)

    @contextlib.contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        db = sqlite3.connect(self._folder / "wirebell.db", timeout=20.0)
        try:
            with db:
                yield db
        finally:
            db.close()


@asynccontextmanager
async def a_story(folder: Path, rows: Sequence[Personality]) -> AsyncIterator[Story]:
    async with post_office() as office, Crowd(rows, {}) as crowd:
        story = Story(folder, crowd, office)
        story.write(rows)
        try:
            yield story
        finally:
            await story.kill()
