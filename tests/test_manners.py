"""A crowd of badly behaved publishers, and the daemon as each of them sees it: the checklist of considerate polling."""

import asyncio
import contextlib
from pathlib import Path

import httpx
import pytest

from tests.behaviour import PLAIN, feed, leads, status
from tests.crowd import Crowd, Personality
from tests.evidence import Evidence
from tests.manners import CHECKS, score
from tests.personalities import TABLE
from tests.story import a_story

pytestmark = pytest.mark.anyio

UNSEEN: set[str] = set()
"""Checks that the story does not exercise."""


async def test_every_publisher_is_treated_as_the_checklist_says(tmp_path: Path) -> None:
    """Hours and days pass in jumps, the daemon is stopped in between, and nobody is asked as he should not be."""
    async with a_story(tmp_path, TABLE) as story:
        await story.start()
        for jump in (0, 660, 660, 660, 1800, 1800, 7200, 90_000, 3600, 800_000):
            await story.round(jump)
        await story.all_leave()
        async with story.hushed():
            await story.round(3600)
            await story.stop()
        await story.start()
        await story.round(90_000)
        await story.round(3600, everybody=True)
        await story.stop()
        scores = score(story.evidence)

    broken = [str(one) for one in scores.values() if one.offences]
    assert not broken, "\n" + "\n".join(broken)
    assert {name for name, one in scores.items() if not one.occasions} == UNSEEN


def test_every_row_of_the_table_names_checks_that_there_are() -> None:
    assert len(TABLE) == len({row.path for row in TABLE}) > 200
    assert {check for row in TABLE for check in row.checks} <= CHECKS.keys()


async def test_the_scorer_tells_a_rude_reader_by_what_he_does() -> None:
    """He asks at once again, without conditions, with cookies, under the name of his library, and adds to addresses."""
    rows = [
        Personality(name="plain", behaves=PLAIN, checks=("C17", "C18"), host="one"),
        Personality(name="cached", behaves=feed(asks=3000, why="C12"), host="one"),
        Personality(name="down", behaves=status(500), checks=("C25",), rings=False),
        Personality(name="gone", behaves=status(410), checks=("C27",), rings=False),
        Personality(name="loop", behaves=leads(302, "{path}", hops=99), checks=("C31",), rings=False),
        Personality(name="moved", behaves=leads(301, "{path}/{hop}"), checks=("C29",)),
    ]
    async with Crowd(rows, {}) as crowd, httpx.AsyncClient(trust_env=False, max_redirects=30) as rude:
        await asyncio.gather(*(ask(rude, crowd, row) for row in rows))
        scores = score(Evidence(crowd, rounds=[0.0, crowd.now]))

    broken = {name for name, one in scores.items() if one.offences}
    assert broken == {
        "C01", "C02", "C08", "C09", "C12", "C18", "C25", "C27", "C29", "C31", "C33", "C34", "C35", "C36", "C38", "C39",
        "C41", "C42", "C46", "C47",
    }  # fmt: skip


async def ask(rude: httpx.AsyncClient, crowd: Crowd, row: Personality) -> None:
    headers = {"Cookie": "a=b", "Referer": "https://reader.example/", "Pragma": "no-cache"}
    for place in range(3):
        with contextlib.suppress(httpx.TooManyRedirects):
            await rude.get(f"{crowd.address(row)}?rand={place}", headers=headers, follow_redirects=True)
    await rude.get(f"http://127.0.0.1:{crowd.port}/favicon.ico")
