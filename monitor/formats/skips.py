"""The hours and days at which a feed asks not to be polled: skipHours and skipDays of RSS.

They are looked for in the text, as no parser in the house knows them.
"""

import re

_BLOCK = r"<{0}\s*>(.*?)</{0}\s*>"
_HOURS = re.compile(_BLOCK.format("skiphours"), re.IGNORECASE | re.DOTALL)
_DAYS = re.compile(_BLOCK.format("skipdays"), re.IGNORECASE | re.DOTALL)
_HOUR = re.compile(r"<hour\s*>\s*(\d{1,2})\s*</hour\s*>", re.IGNORECASE | re.ASCII)
_DAY = re.compile(r"<day\s*>\s*([a-z]+)\s*</day\s*>", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ITEM = re.compile(r"<(item|entry)[\s>]", re.IGNORECASE)

_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_AROUND = 50_000
"""Characters before the first item, and at the end, in which a channel speaks of itself."""


def skips(text: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Hours of GMT (0 to 23) and days (Monday is 0) in order; what is neither is passed over."""
    channel = _channel(text)
    if "<skip" not in channel.lower():
        return (), ()
    channel = _COMMENT.sub("", channel)
    hours = {int(hour) % 24 for hour in _HOUR.findall(_inside(_HOURS, channel)) if int(hour) <= 24}
    names = {name.lower() for name in _DAY.findall(_inside(_DAYS, channel))}
    return tuple(sorted(hours)), tuple(place for place, name in enumerate(_WEEK) if name in names)


def _channel(text: str) -> str:
    """What is outside of the items."""
    first = _ITEM.search(text, 0, _AROUND)
    if first is None:
        return text[:_AROUND]
    after = max(text.rfind(f"</{first[1]}>", -_AROUND), len(text) - _AROUND, first.start())
    return text[: first.start()] + text[after:]


def _inside(block: re.Pattern[str], text: str) -> str:
    found = block.search(text)
    return found[1] if found else ""
