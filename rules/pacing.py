"""How requests are spent so that news is seen as early as they allow: Sia, Cho & Cho, "Efficient Monitoring Algorithm
for Fast News Alerts" (IEEE TKDE 19, 2007).

A request has a price, the same for all feeds: seconds of delay, summed over the items that wait. A feed is asked when
the delay to be expected since it was last asked has come to the price. At steady rates this is the optimum (a feed is
asked in proportion to the square root of its rate, and their Lagrange multiplier is the price); where rates change over
the day, requests go to the hours that have the news, and the mean delay is within two in a hundred of the best that
dynamic programming finds. It is the mean over all items that is least, and not the median: for that one, quiet feeds
would be left alone for a day.

The budget needs no setting: it is what a fixed interval would spend that is the geometric mean of the user's bounds.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from math import fsum, log2, sqrt

from rules.beat import USUAL, Beat
from rules.rhythm import PHASE

STEP = PHASE.total_seconds()

GRAIN = 8
"""Paces are told apart by so many steps between one and its double: to find a price takes milliseconds, not more."""

PRICE = 60.0
"""Item-seconds, where there are no feeds to find one for."""

QUIETEST = 1e-3
"""Items a day, below which all feeds are alike."""

CHEAPEST, DEAREST = 1e-6, 1e9
"""Item-seconds: at either, every feed of this world is at one of its bounds."""


def fixed(shortest: float, longest: float) -> float:
    """The fixed interval, in seconds, that would spend what the adaptive schedule may between these bounds."""
    return sqrt(shortest * longest)


def wait(beat: Beat, start: datetime, price: float, *, shortest: float, longest: float) -> float:
    """Seconds from `start` until a request is worth its price, within the bounds."""
    waiting, delay, passed = 0.0, 0.0, 0.0
    length = STEP - start.timestamp() % STEP
    moment = start.astimezone(UTC)
    while passed < longest:
        rate = beat.rate(moment) / 3600
        grown = delay + waiting * length + rate * length * length / 2
        if grown >= price:
            root = sqrt(waiting * waiting + 2 * rate * (price - delay))
            # The root of rate/2 t^2 + waiting t = price - delay, in the form that bears a rate of nothing.
            passed += 2 * (price - delay) / (waiting + root)
            break
        waiting, delay, passed = waiting + rate * length, grown, passed + length
        moment += timedelta(seconds=length)
        length = STEP
    return min(max(passed, shortest), longest)


def pace_of(beat: Beat) -> float:
    """Items a day of a steady feed that would be asked as often."""
    root = 1.0
    for factors in (beat.hours, beat.days, beat.phases):
        root *= fsum(map(sqrt, factors)) / len(factors)
    return beat.level * 24 * root * root


def price_of(feeds: Iterable[tuple[float, float]], *, shortest: float, longest: float) -> float:
    """The price at which feeds spend together what they may.

    Each is a pace, 0 where nothing is known, and the seconds that it asks to be left alone.
    A feed that may not be asked as often as the fixed interval would leaves nothing to the others.
    """
    usual = fixed(shortest, longest)
    alike = Counter((round(GRAIN * log2(max(pace, QUIETEST) if pace else USUAL * 24)), hint) for pace, hint in feeds)
    known = [(2.0 ** (grain / GRAIN) / 86400, max(hint, shortest), count) for (grain, hint), count in alike.items()]
    if not known:
        return PRICE
    budget = sum(count / max(usual, least) for _, least, count in known)
    low, high = CHEAPEST, DEAREST
    while high > 1.01 * low:
        middle = sqrt(low * high)
        spent = sum(
            count / min(max(sqrt(2 * middle / rate), least), max(longest, least)) for rate, least, count in known
        )
        low, high = (middle, high) if spent > budget else (low, middle)
    return low
