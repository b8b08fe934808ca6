"""Killed anywhere, the memory is as it was before or as it is after, and every alert is still owed.

Run as a program, `python -m tests.test_state_crash FOLDER PLACE TIMES` polls, claims and answers, writes what it sends
to FOLDER/sent, and is killed the TIMES-th time it reaches PLACE.
"""

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from state.database import holder
from state.store import Store
from tests.builders import NOON
from tests.test_state_store import SENT, WAIT, WIRE, news, poll

ROOT = Path(__file__).parents[1]
PLACES = ("ingest:item", "ingest:commit", "ingest:committed", "claim:commit", "claim:committed",
          "ack:inside", "ack:commit", "ack:committed")  # fmt: skip
PEOPLE = tuple(f"Person {n}" for n in range(4))


class Doomed:
    """Kills this process, as the mains would, when it has been at a place a number of times."""

    def __init__(self, place: str, times: int) -> None:
        self._place = place
        self._left = times

    def __call__(self, place: str, /) -> None:
        self._left -= place == self._place
        if not self._left:
            os.kill(os.getpid(), signal.SIGKILL)


def work(store: Store, sent: Path) -> None:
    """Polls that ring, and everything that is owed sent to two channels."""
    poll(store)
    for person in PEOPLE:
        carried = [
            news(f"{name} joins a lab of their own", name, notify=("desk", "pipeline"))
            for name in (person, person + "x")
        ]
        poll(store, *carried, now=NOON)
        for channel in ("desk", "pipeline"):
            while delivery := store.take(channel, now=NOON).result(WAIT):
                with sent.open("a") as file:
                    file.write(f"{delivery.delivery_id}\n")
                store.done(delivery, SENT, now=NOON).result(WAIT)


def run(folder: Path, place: str, times: int) -> int:
    command = [sys.executable, "-m", "tests.test_state_crash", str(folder), place, str(times)]
    return subprocess.run(command, check=False, cwd=ROOT, timeout=60).returncode


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("times", [2, 4])
def test_a_kill_loses_nothing_and_repeats_one_message_at_most(tmp_path: Path, place: str, times: int) -> None:
    assert run(tmp_path, place, times) == -signal.SIGKILL

    with Store.open(tmp_path) as store:
        assert store.upkeep.check().result(WAIT) == []
    assert run(tmp_path, "never", 1) == 0

    sent = Counter((tmp_path / "sent").read_text().split())
    with Store.open(tmp_path) as store:
        owed = {delivery.delivery_id for alert in store.alerts(limit=1000) for delivery in alert.deliveries}
        assert len(owed) == 2 * 2 * len(PEOPLE)
        assert set(sent) == owed
        assert store.status(now=NOON).outbox == {"sent": len(owed)}
    assert sum(sent.values()) - len(sent) <= (1 if place.startswith(("claim", "ack")) else 0)


def test_commands_can_look_at_what_a_kill_left_behind(tmp_path: Path) -> None:
    assert run(tmp_path, "ack:committed", 1) == -signal.SIGKILL
    assert holder(tmp_path / "wirebell.db") == 0
    (tmp_path / "wirebell.db-shm").unlink()

    with Store.open(tmp_path, read_only=True) as store:
        assert store.status(now=NOON).outbox["sent"] == 1


def test_a_kill_in_the_middle_of_a_poll_leaves_nothing_of_it(tmp_path: Path) -> None:
    assert run(tmp_path, "ingest:item", 1) == -signal.SIGKILL

    with Store.open(tmp_path) as store:
        cursor = store.cursor(WIRE.id)
        assert cursor is not None
        assert cursor.baseline
        assert store.items() == []
        assert store.alerts() == []


if __name__ == "__main__":
    with Store.open(Path(sys.argv[1]), reached=Doomed(sys.argv[2], int(sys.argv[3]))) as memory:
        work(memory, Path(sys.argv[1]) / "sent")
