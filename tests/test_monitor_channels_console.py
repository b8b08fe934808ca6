"""What standard output gets: the words that rang marked, nothing that a terminal obeys; and nobody waits for it."""

import os
import pty
import re
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from io import BytesIO, TextIOWrapper
from typing import Any

import pytest

from monitor.channels.base import Channel, Context, SendError
from monitor.channels.console import Console
from rules.records import Alert, Attempt, Outcome
from tests.builders import a_delivery, a_match, an_alert, an_item
from tests.hostile import HOSTILE

pytestmark = pytest.mark.anyio


def console() -> Channel:
    nothing: Any = None
    return Console.build("screen", Console.Settings(), Context(nothing, "memory", "1.2"))


async def printed(alert: Alert, capsys: pytest.CaptureFixture[str]) -> str:
    await console().send(a_delivery(alert=alert), now=datetime.now(UTC))
    return capsys.readouterr().out


async def failed() -> Attempt:
    with pytest.raises(SendError) as error:
        await console().send(a_delivery(), now=datetime.now(UTC))
    return error.value.attempt


@contextmanager
def standard_output(descriptor: int, monkeypatch: pytest.MonkeyPatch, **options: Any) -> Iterator[TextIOWrapper]:
    with open(descriptor, "w", closefd=False, encoding=options.get("encoding", "utf-8")) as file:
        monkeypatch.setattr(sys, "stdout", file)
        yield file
        monkeypatch.undo()


async def test_a_pipe_gets_plain_text_with_the_words_between_asterisks(capsys: pytest.CaptureFixture[str]) -> None:
    said = await printed(an_alert(matches=(a_match(), a_match("Meta", watchlist="labs"))), capsys)

    assert said.startswith("Urgent: *Jason Wei* leaves OpenAI for *Meta*\n")
    assert "researchers: *Jason Wei* (title)" in said
    assert said.endswith("\n\n")


async def test_a_terminal_shows_the_words_in_another_style(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("NO_COLOR", raising=False)
    ours, theirs = pty.openpty()
    with standard_output(theirs, monkeypatch):
        link = "https://example.org/" + "a-long-name-" * 10
        item = an_item("Jason Wei leaves", summary="He says so. " * 20, link=link)
        alert = an_alert("Jason Wei leaves", item=item, matches=(a_match(text="Jason Wei leaves"),))
        await console().send(a_delivery(alert=alert), now=datetime.now(UTC))
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    os.close(theirs)

    assert re.search(r"\x1b\[1;7mJason Wei\x1b\[0m", shown)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", shown).split("\r\n")
    assert "*" not in shown
    assert link in lines
    assert all(len(line) <= 80 for line in lines if line != link)


@pytest.mark.parametrize("title", HOSTILE)
async def test_nothing_that_a_terminal_obeys_is_printed(title: str, capsys: pytest.CaptureFixture[str]) -> None:
    item = an_item(title, summary=title, text=title, feed=title, link=title)
    said = await printed(an_alert(title, item=item), capsys)

    hidden = [letter for letter in said if unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp")]
    assert set(hidden) <= {"\n"}
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", said)


async def test_markup_of_the_library_is_no_markup_in_a_title(capsys: pytest.CaptureFixture[str]) -> None:
    assert "[bold]x[/bold] [/]" in await printed(an_alert("[bold]x[/bold] [/]"), capsys)


async def test_where_letters_are_unknown_question_marks_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    read, write = os.pipe()
    with standard_output(write, monkeypatch, encoding="ascii"):
        attempt = await console().send(a_delivery(alert=an_alert("超级智能 news")), now=datetime.now(UTC))
    said = os.read(read, 100_000)
    os.close(read)
    os.close(write)

    assert attempt.outcome is Outcome.SENT
    assert said.startswith(b"Urgent: ???? news\n")


async def test_a_pipe_that_nobody_reads_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    read, write = os.pipe()
    os.set_blocking(write, False)
    with suppress(BlockingIOError):
        while os.write(write, b"x" * 4096):
            pass
    os.set_blocking(write, True)
    with standard_output(write, monkeypatch):
        attempt = await failed()
    os.close(read)
    os.close(write)

    assert attempt.outcome is Outcome.TRANSIENT
    assert "nobody reads it" in attempt.reason


async def test_a_pipe_whose_reader_is_gone_is_worth_another_try(monkeypatch: pytest.MonkeyPatch) -> None:
    read, write = os.pipe()
    os.close(read)
    with suppress(BrokenPipeError), standard_output(write, monkeypatch):
        attempt = await failed()
    monkeypatch.undo()
    os.close(write)

    assert attempt.outcome is Outcome.TRANSIENT


async def test_standard_output_that_is_closed_is_worth_another_try(monkeypatch: pytest.MonkeyPatch) -> None:
    file = TextIOWrapper(BytesIO())
    file.close()
    monkeypatch.setattr(sys, "stdout", file)

    assert (await failed()).outcome is Outcome.TRANSIENT


def test_the_short_form_takes_nothing() -> None:
    assert Console.shorthand("") == {}
    with pytest.raises(ValueError, match='takes nothing behind its colon; write "console:"'):
        Console.shorthand("x")
