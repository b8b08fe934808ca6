"""Control: a command asks the running daemon, and hears its answer or its problem as a sentence."""

import asyncio
import contextlib
from pathlib import Path

import pytest

from monitor import control
from state.errors import StateError

pytestmark = pytest.mark.anyio


async def double(number: int) -> int:
    return number * 2


async def test_the_daemon_answers_a_command(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    database = deep / "wirebell.db"
    async with await control.serve(database, {"double": double}):
        answer = await asyncio.to_thread(control.ask, database, "double", number=21)

        assert answer == 42
        assert control.socket_of(database).stat().st_mode & 0o777 == 0o600


async def test_two_databases_in_one_folder_have_a_daemon_each(tmp_path: Path) -> None:
    one, two = tmp_path / "one.db", tmp_path / "two.db"

    async def name() -> str:
        return "two"

    async with await control.serve(one, {"double": double}), await control.serve(two, {"name": name}):
        assert await asyncio.to_thread(control.ask, one, "double", number=2) == 4
        assert await asyncio.to_thread(control.ask, two, "name") == "two"


async def test_without_a_daemon_there_is_no_answer(tmp_path: Path) -> None:
    database = tmp_path / "wirebell.db"
    assert control.ask(database, "double", number=1) is None
    async with await control.serve(database, {}):
        pass
    control.socket_of(database).touch()

    assert await asyncio.to_thread(control.ask, database, "double", number=1) is None


@pytest.mark.parametrize(("verb", "arguments"), [("halve", {"number": 1}), ("double", {"word": 1})])
async def test_what_is_not_understood_is_a_sentence(tmp_path: Path, verb: str, arguments: dict[str, int]) -> None:
    database = tmp_path / "wirebell.db"
    async with await control.serve(database, {"double": double}):
        with pytest.raises(control.ControlError, match=r"understands double|unexpected keyword"):
            await asyncio.to_thread(lambda: control.ask(database, verb, **arguments))


@pytest.mark.parametrize("line", [b"\n", b"[]\n", b'{"do": 1}\n', b"x" * (1 << 21)])
async def test_a_mad_asker_stops_nobody(line: bytes, tmp_path: Path) -> None:
    database = tmp_path / "wirebell.db"
    async with await control.serve(database, {"double": double}):
        reading, writing = await asyncio.open_unix_connection(str(control.socket_of(database)))
        with contextlib.suppress(ConnectionError):
            writing.write(line)
            await writing.drain()
            await reading.read()
        writing.close()

        assert await asyncio.to_thread(control.ask, database, "double", number=1) == 2


async def test_a_problem_of_the_daemon_is_told_to_the_asker(tmp_path: Path) -> None:
    database = tmp_path / "wirebell.db"

    async def breaks() -> None:
        raise StateError("The disk", "it is full", "make room")

    async with await control.serve(database, {"breaks": breaks}):
        with pytest.raises(control.ControlError, match=r"^The disk: it is full; make room$"):
            await asyncio.to_thread(control.ask, database, "breaks")
