"""The dates feeds write: RFC 822, ISO 8601, epoch digits, and the common ways to get them wrong.

A date that must be guessed is no date: 19/11/2025 can only be November, 03/04/2025 is None.
"""

import re
from datetime import UTC, datetime, timedelta, timezone

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""There were no feeds before; epoch zero and year 1 are defaults of somebody's software."""

FUTURE = timedelta(days=2)
"""Clocks are wrong by hours and zones by a day; what lies beyond is an event's date or a mistake."""

_HOURS = {
    name: hours
    for hours, names in (
        *((0, "ut utc uct gmt z wet"), (1, "cet met mez bst west wat"), (2, "cest mest mesz eet cat sast")),
        *((3, "eest msk eat trt idt"), (4, "gst msd"), (5, "pkt"), (5.5, "ist"), (5.75, "npt"), (7, "ict wib")),
        *((8, "hkt sgt pht awst"), (9, "jst kst"), (9.5, "acst"), (10, "aest"), (10.5, "acdt"), (11, "aedt")),
        *((12, "nzst"), (13, "nzdt"), (-2, "brst"), (-2.5, "ndt"), (-3, "brt art clst adt"), (-3.5, "nst")),
        *((-4, "edt ast clt vet"), (-5, "est cdt cot pet"), (-6, "cst mdt"), (-7, "mst pdt"), (-8, "pst akdt")),
        *((-9, "akst"), (-10, "hst")),
    )
    for name in names.split()
}

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar januari janvier janv enero ene janeiro gennaio gen jän jänner styczeń sty января янв",
            "february feb februar februari février févr fév febrero fevereiro fev febbraio lutego lut февраля фев",
            "march mar märz mär mrz maart mrt mars marzo março marco marca марта мар",
            "april apr avril avr abril abr aprile kwietnia kwi апреля апр",
            "may mai mei maj mayo maio maggio mag maja мая май",
            "june jun juni juin junio junho giugno giu czerwca cze июня июн",
            "july jul juli juillet juil julio julho luglio lug lipca lip июля июл",
            "august aug août aout agosto ago sierpnia sie augustus augusti августа авг",
            "september sep sept septembre septiembre setembro set settembre września wrz сентября сен",
            "october oct oktober okt octobre octubre outubro out ottobre ott października paź октября окт",
            "november nov novembre noviembre novembro listopada lis ноября ноя",
            "december dec dezember dez décembre decembre déc diciembre dic dezembro dicembre grudnia gru декабря дек",
        ),
        start=1,
    )
    for name in names.split()
}

_TIME = (
    r"(?:(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\b\.?)?)"
)
_ZONE = r"(?P<zone>(?:UTC|GMT|Z)?\s*[+-−]\d{1,2}:?(?:\d{2})?|[A-Za-z]{1,5})?"
_AFTER = rf"(?:[\sT,]*(?:at\s+)?{_TIME}\s*{_ZONE})?"
_END = r"\s*(?:\(.*\))?\.?$"
_WORD = r"[^\W\d_]+\.?"


def _shape(day: str) -> re.Pattern[str]:
    return re.compile(rf"^(?:{day}){_AFTER}{_END}")


_WEEKDAY = rf"(?:{_WORD}(?:-feira)?,?\s+)?"
_SHAPES = (
    _shape(r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})"),
    _shape(r"(?P<year>\d{4})-(?P<month>\d{2})"),
    _shape(
        rf"{_WEEKDAY}(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?[\s-]+(?:de\s+)?(?P<name>{_WORD})[\s,-]+(?:de\s+)?"
        r"(?P<year>\d{4}|\d{2})"
    ),
    _shape(rf"{_WEEKDAY}(?P<name>{_WORD})\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})"),
    # date(1) and asctime put the year last.
    re.compile(rf"^{_WEEKDAY}(?P<name>{_WORD})\s+(?P<day>\d{{1,2}})\s+{_TIME}\s*{_ZONE}\s+(?P<year>\d{{4}}){_END}"),
    re.compile(
        r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:T(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?"
        rf"(?P<fraction>(?!))?(?P<half>(?!))?{_ZONE})?$"
    ),
    _shape(r"(?P<first>\d{1,2})(?P<mark>[/.-])(?P<other>\d{1,2})(?P=mark)(?P<year>\d{4})"),
)
_EPOCH = {10: 1, 13: 1_000, 16: 1_000_000}
_CJK = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]")


def parse(text: str, *, now: datetime) -> datetime | None:
    """The moment `text` names, in UTC; None where it names none, or one before 1990 or two days after `now`.

    Without a zone, or with one nobody knows, it is taken as UTC, as RFC 2822 says.
    """
    try:
        moment = _read(" ".join(text[:200].split()))
        return moment if moment is not None and EARLIEST <= moment <= now + FUTURE else None
    except (ValueError, OverflowError):
        return None


def _read(text: str) -> datetime | None:
    if text.isascii() and text.isdigit() and len(text) in _EPOCH:
        return datetime.fromtimestamp(int(text) / _EPOCH[len(text)], UTC)
    text = _CJK.sub(r"\1-\2-\3 ", text).strip()
    for shape in _SHAPES:
        found = shape.match(text)
        if found and (day := _day(found.groupdict())):
            return _moment(day, found.groupdict())
    return None


def _day(parts: dict[str, str | None]) -> datetime | None:
    year = _year(parts["year"] or "")
    if name := parts.get("name"):
        month = _MONTHS.get(name.rstrip(".").lower())
        return datetime(year, month, int(parts["day"] or 0), tzinfo=UTC) if month else None
    if "first" in parts:
        return _told_apart(year, int(parts["first"] or 0), int(parts["other"] or 0), dots=parts["mark"] == ".")
    return datetime(year, int(parts["month"] or 0), int(parts.get("day") or 1), tzinfo=UTC)


def _told_apart(year: int, first: int, other: int, *, dots: bool) -> datetime | None:
    """Day and month where only one order is possible; dots are written where the day comes first."""
    if dots or first > 12 or first == other:
        return datetime(year, other, first, tzinfo=UTC)
    return datetime(year, first, other, tzinfo=UTC) if other > 12 else None


def _year(digits: str) -> int:
    year = int(digits)
    return year if len(digits) == 4 else year + (2000 if year < 50 else 1900)


def _moment(day: datetime, parts: dict[str, str | None]) -> datetime:
    hour, minute = int(parts.get("hour") or 0), int(parts.get("minute") or 0)
    second = min(int(parts.get("second") or 0), 59)  # a leap second
    if half := parts.get("half"):
        hour = hour % 12 + (12 if half[0] in "pP" else 0)
    if minute > 59 or hour > 24 or (hour == 24 and (minute or second)):
        raise ValueError
    fraction = float(f"0.{parts.get('fraction') or 0}")
    local = day + timedelta(hours=hour, minutes=minute, seconds=second, microseconds=int(fraction * 1_000_000))
    return (local.replace(tzinfo=timezone(_offset(parts.get("zone") or "")))).astimezone(UTC)


def _offset(zone: str) -> timedelta:
    signed = re.search(r"([+-−])(\d{1,2}):?(\d{2})?$", zone)
    if not signed:
        return timedelta(hours=_HOURS.get(zone.lower(), 0))
    ahead = timedelta(hours=int(signed[2]), minutes=int(signed[3] or 0))
    return ahead if signed[1] == "+" else -ahead
