"""A log line is one line, holds no secret, and cannot be forged by a feed."""

import logging

import pytest

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
    ],
)
def test_no_secret_is_written(text: str) -> None:
    assert "canary" not in redact(text)
    assert "canary" not in line(text)


def test_a_title_with_a_new_line_forges_no_line() -> None:
    written = line("failed title=Fine\n<0>2026 emergency \x1b]0;x\x07 \u202e\u2028")

    assert len(written.splitlines()) == 1
    assert "\x1b" not in written


def test_the_journal_gets_a_priority_and_no_time() -> None:
    assert line("failed", journal=True) == "<4>failed"
