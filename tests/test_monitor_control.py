"""Control: a command asks the running daemon, and hears its answer or its problem as a sentence."""

import asyncio
from pathlib import Path

import pytest

from monitor import control

pytestmark = pytest.mark.anyio


async def double(number: int) -> int:
    return number * 2


async def test_the_daemon_answers_a_command(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    async with await control.serve(deep, {"double": double}):
        answer = await asyncio.to_thread(control.ask, deep, "double", number=21)

        assert answer == 42
        assert (deep / control.NAME).stat().st_mode & 0o777 == 0o600


async def test_without_a_daemon_there_is_no_answer(tmp_path: Path) -> None:
    assert control.ask(tmp_path, "double", number=1) is None
    async with await control.serve(tmp_path, {}):
        pass
    (tmp_path / control.NAME).touch()

    assert await asyncio.to_thread(control.ask, tmp_path, "double", number=1) is None


@pytest.mark.parametrize(("verb", "arguments"), [("halve", {"number": 1}), ("double", {"word": 1})])
async def test_what_is_not_understood_is_a_sentence(tmp_path: Path, verb: str, arguments: dict[str, int]) -> None:
    async with await control.serve(tmp_path, {"double": double}):
        with pytest.raises(control.ControlError, match=r"understands double|unexpected keyword"):
            await asyncio.to_thread(lambda: control.ask(tmp_path, verb, **arguments))
