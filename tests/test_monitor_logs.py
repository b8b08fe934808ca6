"""A log line is one line, holds no secret, and cannot be forged by a feed."""

import logging
import sys

import pytest

from monitor import logs
from monitor.logs import OneLine, redact


def line(text: str, *, journal: bool = False) -> str:
    return OneLine(journal=journal).format(logging.LogRecord("wirebell", logging.WARNING, "", 0, text, None, None))


@pytest.mark.parametrize(
    "text",
    [
        "GET https://user:canary@feeds.example/x failed",
        "POST https://hooks.slack.com/services/T0/B0/canary failed",
        "POST https://hooks.slack-gov.com/services/T0/B0/canary",
        "https://feeds.example/x?token=canary&a=1",
        "https://feeds.example/x?a=1&api_key=canary",
        "the secret whsec_canary0000 was refused",
        "password=canary",
        "GET https://user:p@ss-canary@feeds.example/x failed",
        "https://feeds.example/x?access_token=canary",
        "https://logic.example/x?api-version=1&sig=canary&sv=1",
        "https://functions.example/x?code=canary",
        "https://discord.com/api/webhooks/12345/canary-canary",
        "https://api.telegram.org/bot12345:canary_canary/sendMessage",
        "Authorization: Basic canary0000canary",
        "sent Bearer canary0000.canary",
    ],
)
def test_no_secret_is_written(text: str) -> None:
    assert "canary" not in redact(text)
    assert "canary" not in line(text)


@pytest.mark.parametrize(
    "text", ["polled feed=https://a.example/x?page=2 items=3", "sent channel=desk rule=keys", "code=500"]
)
def test_what_is_no_secret_is_written_as_it_is(text: str) -> None:
    assert redact(text) == text


def test_a_traceback_is_one_line_without_its_secrets() -> None:
    try:
        int("https://user:canary@a.example\nnext")
    except ValueError:
        record = logging.LogRecord("wirebell", logging.ERROR, "", 0, "poll broke", None, sys.exc_info())
    written = OneLine(journal=True).format(record)

    assert written.startswith("<3>poll broke | Traceback")
    assert "canary" not in written
    assert len(written.splitlines()) == 1


@pytest.mark.parametrize(
    ("options", "written"),
    [
        ({}, ["info", "warning", "error"]),
        ({"verbose": True}, ["debug", "info", "warning", "error"]),
        ({"quiet": True}, ["error"]),
    ],
)
def test_as_much_is_written_as_was_asked_for(
    options: dict[str, bool], written: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    root, ours = logging.getLogger(), logging.getLogger("wirebell")
    before = root.handlers[:], root.level, ours.level
    try:
        logs.start(environ={}, **options)
        for level in ("debug", "info", "warning", "error"):
            getattr(logging.getLogger("wirebell.poll"), level)("event")
    finally:
        root.handlers[:], root.level, ours.level = before

    said = [line for line in capsys.readouterr().err.splitlines() if line.endswith(" event")]
    assert [line.split()[1] for line in said] == written


def test_a_title_with_a_new_line_forges_no_line() -> None:
    written = line("failed title=Fine\n<0>2026 emergency \x1b]0;x\x07 \u202e\u2028")

    assert len(written.splitlines()) == 1
    assert "\x1b" not in written


def test_the_journal_gets_a_priority_and_no_time() -> None:
    assert line("failed", journal=True) == "<4>failed"
