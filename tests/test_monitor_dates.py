"""The dates that feeds write, and those that would be a guess."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.formats import dates

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("Mon, 23 Nov 2026 10:00:00 GMT", "2026-11-23T10:00:00"),
        ("Mon, 23 Nov 2026 10:00:00 +0100", "2026-11-23T09:00:00"),
        ("Mon,23 Nov 2026 10:00:00GMT", "2026-11-23T10:00:00"),
        ("23 Nov 26 10:00 EST", "2026-11-23T15:00:00"),
        ("23 Nov 99 10:00 GMT", "1999-11-23T10:00:00"),
        ("23-Nov-2026 10:00", "2026-11-23T10:00:00"),
        ("Mon, 23 Nov 2026 10:00:00 CET", "2026-11-23T09:00:00"),
        ("Mon, 23 Nov 2026 10:00:00 BRT", "2026-11-23T13:00:00"),
        ("Mon, 23 Nov 2026 10:00:00 JST", "2026-11-23T01:00:00"),
        ("Mon, 23 Nov 2026 10:00:00 bst", "2026-11-23T09:00:00"),
        ("Mon, 23 Nov 2026 10:00:00 IST", "2026-11-23T04:30:00"),
        ("Mon, 23 Nov 2026 10:00:00 GMT+1", "2026-11-23T09:00:00"),
        ("Mon, 23 Nov 2026 10:00:00 -0330 (NST)", "2026-11-23T13:30:00"),
        ("Mon, 23 November 2026, 10:00 PM PDT", "2026-11-24T05:00:00"),
        ("Mon, 23 Nov 2026 10:00:00 XYZ", "2026-11-23T10:00:00"),
        ("Mon, 23 Nov 2026 23:59:60 GMT", "2026-11-23T23:59:59"),
        ("Mon, 23 Nov 2026 24:00:00 GMT", "2026-11-24T00:00:00"),
        ("  Mon,  23 Nov 2026\n10:00:00 GMT ", "2026-11-23T10:00:00"),
        ("Wed, 25 Nov 2026 11:59:00 GMT", "2026-11-25T11:59:00"),
        ("1 Nov 2026", "2026-11-01T00:00:00"),
        ("November 3rd, 2026", "2026-11-03T00:00:00"),
        ("Nov 3, 2026 4:05 p.m.", "2026-11-03T16:05:00"),
        ("Nov 3, 2026 at 12:05 AM EST", "2026-11-03T05:05:00"),
        ("Tuesday, November 3, 2026 - 10:30", "2026-11-03T10:30:00"),
        ("Mon Nov 23 10:00:00 2026", "2026-11-23T10:00:00"),
        ("Mon Nov 23 10:00:00 UTC 2026", "2026-11-23T10:00:00"),
        ("Mon Nov 23 2026 10:00:00 GMT+0100 (Central European Time)", "2026-11-23T09:00:00"),
    ],
)
def test_a_date_of_a_mail_is_read(written: str, moment: str) -> None:
    assert dates.parse(written, now=NOW) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-11-23", "2026-11-23T00:00:00"),
        ("2026-11", "2026-11-01T00:00:00"),
        ("2026-11-23T10:00:00Z", "2026-11-23T10:00:00"),
        ("2026-11-23T10:00:00.123456789+01:00", "2026-11-23T09:00:00.123456"),
        ("2026-11-23T10:00:00,5Z", "2026-11-23T10:00:00.500000"),
        ("2026-11-23T10:00+01", "2026-11-23T09:00:00"),
        ("2026-11-23T10:00:00−05:00", "2026-11-23T15:00:00"),
        ("2026-11-23 10:00:00 UTC", "2026-11-23T10:00:00"),
        ("2026-11-22T24:00:00Z", "2026-11-23T00:00:00"),
        ("Mon, 2026-11-23 10:00", "2026-11-23T10:00:00"),
        ("20251119T100000Z", "2025-11-19T10:00:00"),
        ("20251119", "2025-11-19T00:00:00"),
        ("20251119100000", "2025-11-19T10:00:00"),
        ("2016/6/29 15:07:41", "2016-06-29T15:07:41"),
        ("1763546400", "2025-11-19T10:00:00"),
        ("1763546400000", "2025-11-19T10:00:00"),
        ("1763546400.25", "2025-11-19T10:00:00"),
        ("19/11/2025", "2025-11-19T00:00:00"),
        ("11/19/2025 10:00", "2025-11-19T10:00:00"),
        ("Wed, 11/19/2025 - 10:30", "2025-11-19T10:30:00"),
        ("10/10/2025", "2025-10-10T00:00:00"),
        ("03.04.2025", "2025-04-03T00:00:00"),
    ],
)
def test_a_date_in_digits_is_read(written: str, moment: str) -> None:
    assert dates.parse(written, now=NOW) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("Mi, 18 Nov 2026 10:00:00 +0100", "2026-11-18T09:00:00"),
        ("Mo., 16. März 2026 10:00", "2026-03-16T10:00:00"),
        ("Mo, 16 Okt 2026 10:00:00 +0200", "2026-10-16T08:00:00"),
        ("mer, 18 nov. 2026 10:00:00 +0100", "2026-11-18T09:00:00"),
        ("1er août 2026 à 10h30", "2026-08-01T10:30:00"),
        ("5 fevr. 2026", "2026-02-05T00:00:00"),
        ("Dom, 18 de outubro de 2026 10:00:00 -0300", "2026-10-18T13:00:00"),
        ("segunda-feira, 16 de março de 2026", "2026-03-16T00:00:00"),
        ("Seg, 21 Set 2026 19:42:40 -0300", "2026-09-21T22:42:40"),
        ("mié, 5 ene 2026 10:00 p. m.", "2026-01-05T22:00:00"),
        ("gio, 5 giu 2026 10:00:00 +0200", "2026-06-05T08:00:00"),
        ("czw., 5 paź 2026 10:00:00 +0200", "2026-10-05T08:00:00"),
        ("5. září 2026", "2026-09-05T00:00:00"),
        ("Çar, 18 Kas 2026 10:00:00 +0300", "2026-11-18T07:00:00"),
        ("Πέμ, 19 Νοε 2026 10:00:00 +0200", "2026-11-19T08:00:00"),
        ("пн, 16 ноя 2026 10:00:00 +0300", "2026-11-16T07:00:00"),
        ("5 травня 2026", "2026-05-05T00:00:00"),
        ("2025年11月19日 10:00", "2025-11-19T10:00:00"),
        ("2025年11月19日(水) 10時30分", "2025-11-19T10:30:00"),
        ("2025년 11월 19일", "2025-11-19T00:00:00"),
        ("2025. 11. 19.", "2025-11-19T00:00:00"),
    ],
)
def test_a_date_in_another_language_is_read(written: str, moment: str) -> None:
    assert dates.parse(written, now=NOW) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "", "soon", "now", "0", "-1", "12345", "99999999999999999999", "03/04/2025", "2026", "2026-13-01", "2026-02-30",
        "Mon, 23 Nov 2026 25:00:00 GMT", "Mon, 23 Foo 2026 10:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT",
        "Mon, 01 Jan 0001 00:00:00 +0000", "Fri, 01 Jan 2099 00:00:00 GMT", "Wed, 25 Nov 2026 12:01:00 GMT",
        "2026-11-23T10:00:00+99:00", "9999-12-31T24:00:00Z", "²⁰²⁶-11-23", "١٢٣٤٥٦٧٨٩٠", "1763546400.x", "03/04/25",
        "5 jui 2026", "5 ju 2026", "Mon, 23 Nov 2026 10:00:00 A12", "Mon, 23 Nov 2026 10:00:00 +9999",
        "Sun, 31 Dec 1989 23:59:59 GMT",
    ],
)  # fmt: skip
def test_a_date_that_would_be_a_guess_is_none(written: str) -> None:
    assert dates.parse(written, now=NOW) is None


@given(st.text(max_size=60))
def test_reading_a_date_never_fails(written: str) -> None:
    moment = dates.parse(written, now=NOW)
    assert moment is None or moment.tzinfo is UTC


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2026, 11, 25)))  # noqa: DTZ001  UTC is added
def test_what_programs_write_is_read_exactly(moment: datetime) -> None:
    exact = moment.replace(tzinfo=UTC)

    assert dates.parse(exact.isoformat(), now=NOW) == exact
    assert dates.parse(exact.strftime("%a, %d %b %Y %H:%M:%S +0000"), now=NOW) == exact.replace(microsecond=0)
