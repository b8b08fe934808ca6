"""The dates feeds write: RFC 822, ISO 8601, epoch digits, and the common ways to get them wrong.

A date that must be guessed is no date: 19/11/2025 can only be November, 03/04/2025 is None.
"""

import re
import unicodedata
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

_MONTH_NAMES = (
    "january januar januari janvier enero janeiro gennaio gener ianuarie stycznia styczen leden ledna ocak"
    " ιανουαριου января січня януари",
    "february februar februari fevrier febrero fevereiro febbraio febrer februarie lutego luty unor unora subat"
    " φεβρουαριου февраля лютого февруари",
    "march marz mrz maart mart mars marzo marco marc martie maret marca marzec brezen brezna marcius μαρτιου"
    " марта березня март",
    "april aprile avril abril aprilie kwietnia kwiecien duben dubna aprilis nisan απριλιου апреля квітня април",
    "may mai mei maj mayo maio maggio maig maja kveten kvetna majus mayıs μαιου мая травня май",
    "june juni juin junio junho giugno juny iunie czerwca czerwiec cerven cervna cvn junius haziran ιουνιου июня"
    " червня юни",
    "july juli juillet julio julho luglio juliol iulie lipca lipiec cervenec cervence cvc julius temmuz ιουλιου"
    " июля липня юли",
    "august aout agosto agost augustus augusti agustus sierpnia sierpien srpen srpna augusztus agustos αυγουστου"
    " августа серпня август",
    "september septembre septiembre setembro settembre setembre septembrie wrzesnia wrzesien zari szeptember"
    " eylul σεπτεμβριου сентября вересня септември",
    "october oktober octobre octubre outubro ottobre octombrie pazdziernika pazdziernik rijen rijna ekim"
    " οκτωβριου октября жовтня октомври",
    "november novembre noviembre novembro noiembrie listopada listopad listopadu kasım νοεμβριου ноября листопада"
    " ноември",
    "december dezember decembre diciembre dezembro dicembre desembre desember decembrie grudnia grudzien prosinec"
    " prosince aralık δεκεμβριου декабря грудня декември",
)
"""As feeds in many languages write them; accents do not matter."""


def _bare(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.rstrip(".").lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _months() -> dict[str, int]:
    """Every name, and every beginning of three letters or more that belongs to one month only."""
    whole = {_bare(name): number for number, names in enumerate(_MONTH_NAMES, start=1) for name in names.split()}
    meant: dict[str, set[int]] = {}
    for name, number in whole.items():
        for length in range(3, len(name)):
            meant.setdefault(name[:length], set()).add(number)
    return {start: min(numbers) for start, numbers in meant.items() if len(numbers) == 1} | whole


_MONTHS = _months()

_ENGLISH = {
    month[:3].title(): f"{number:02}" for number, names in enumerate(_MONTH_NAMES, 1) for month in names.split()[:1]
}

_TIME = (
    r"(?:(?P<hour>\d{1,2})[:h](?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s*(?P<half>[AaPp]\.?\s?[Mm]\b\.?)?)"
)
_ZONE = r"(?P<zone>(?:UTC|GMT|Z)?\s*[+−-]\d{1,2}:?(?:\d{2})?|[A-Za-z]{1,5})?"
_AFTER = rf"(?:(?:[\sT,]|\s[-–|]\s)*(?:(?:at|à|às|um|om|ore|alle|kl\.?)\s+)?{_TIME}\s*{_ZONE})?"
_END = r"\s*(?:\(.*\))?\.?$"
_WORD = r"[^\W\d_]+\.?"
_WEEKDAY = rf"(?:{_WORD}(?:-feira)?(?:,\s*|\s+))?"


def _shape(day: str) -> re.Pattern[str]:
    return re.compile(rf"^{_WEEKDAY}(?:{day}){_AFTER}{_END}")


_SHAPES = (
    _shape(
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|\.)?[\s-]+(?:de\s+)?(?P<name>{_WORD})[\s,-]+(?:de\s+)?"
        r"(?P<year>\d{4}|\d{2})"
    ),
    _shape(r"(?P<year>\d{4})(?P<mark>[-/.])\s?(?P<month>\d{1,2})(?P=mark)\s?(?P<day>\d{1,2})"),
    _shape(r"(?P<year>\d{4})-(?P<month>\d{2})"),
    _shape(rf"(?P<name>{_WORD})\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})"),
    # date(1) and asctime put the year last.
    re.compile(rf"^{_WEEKDAY}(?P<name>{_WORD})\s+(?P<day>\d{{1,2}})\s+{_TIME}\s*{_ZONE}\s+(?P<year>\d{{4}}){_END}"),
    re.compile(
        r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:T?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?"
        rf"(?P<fraction>(?!))?(?P<half>(?!))?{_ZONE})?$"
    ),
    _shape(r"(?P<first>\d{1,2})(?P<mark>[/.-])(?P<other>\d{1,2})(?P=mark)(?P<year>\d{4})"),
)
_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d"
_MAIL = re.compile(
    rf"[A-Z][a-z]{{2}}, (\d\d?) ([A-Z][a-z]{{2}}) (\d{{4}}) ({_CLOCK}) (?:GMT|UTC|Z|([+-][01]\d)([0-5]\d))", re.ASCII
)
_ISO = re.compile(rf"\d{{4}}-\d\d-\d\dT{_CLOCK}(?:\.\d{{1,6}})?(?:Z|[+-][01]\d:[0-5]\d)", re.ASCII)
"""What nearly all feeds write, in a form that datetime reads itself, as the shapes below would."""

_EPOCH = {10: 1, 13: 1_000, 16: 1_000_000}
_CJK_DAY = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일](?:\s*[(（][^)）]{1,3}[)）])?")
_CJK_TIME = re.compile(r"(\d{1,2})\s*[時时点點시]\s*(\d{1,2})\s*[分분](?:\s*\d{1,2}\s*[秒초])?")


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
    if _ISO.fullmatch(text):
        return datetime.fromisoformat(text).astimezone(UTC)
    mail = _MAIL.fullmatch(text)
    if mail and mail[2] in _ENGLISH:
        zone = f"{mail[5]}:{mail[6]}" if mail[5] else "Z"
        return datetime.fromisoformat(f"{mail[3]}-{_ENGLISH[mail[2]]}-{mail[1]:0>2}T{mail[4]}{zone}").astimezone(UTC)
    digits, _, fraction = text.partition(".")
    if digits.isascii() and digits.isdigit() and len(digits) in _EPOCH and (fraction or "0").isdigit():
        return datetime.fromtimestamp(int(digits) / _EPOCH[len(digits)], UTC)
    text = _CJK_TIME.sub(r"\1:\2", _CJK_DAY.sub(r"\1-\2-\3 ", text)).strip()
    for shape in _SHAPES:
        found = shape.match(text)
        if found and (day := _day(found.groupdict())):
            return _moment(day, found.groupdict())
    return None


def _day(parts: dict[str, str | None]) -> datetime | None:
    year = _year(parts["year"] or "")
    if name := parts.get("name"):
        month = _MONTHS.get(_bare(name))
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
    microsecond = int(f"{parts.get('fraction') or 0:0<6}"[:6])
    local = day + timedelta(hours=hour, minutes=minute, seconds=second, microseconds=microsecond)
    return (local.replace(tzinfo=timezone(_offset(parts.get("zone") or "")))).astimezone(UTC)


def _offset(zone: str) -> timedelta:
    signed = re.search(r"([+−-])(\d{1,2}):?(\d{2})?$", zone)
    if not signed:
        return timedelta(hours=_HOURS.get(zone.lower(), 0))
    ahead = timedelta(hours=int(signed[2]), minutes=int(signed[3] or 0))
    return ahead if signed[1] == "+" else -ahead
