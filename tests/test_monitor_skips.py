"""What a channel says of hours and days, however it writes it; what an item quotes of it says nothing."""

import pytest

from monitor.formats import read_document
from monitor.formats.skips import skips
from tests.newsroom import OTHER, item, rss

HOURS = "<skipHours><hour>3</hour><hour>4</hour></skipHours>"
DAYS = "<skipDays><day>Saturday</day><day>Sunday</day></skipDays>"


@pytest.mark.parametrize(
    ("head", "hours", "days"),
    [
        ("", (), ()),
        (HOURS, (3, 4), ()),
        (DAYS, (), (5, 6)),
        (HOURS + DAYS, (3, 4), (5, 6)),
        ("<skipHours>\n <hour> 00 </hour>\n<hour>24</hour><hour>7</hour></skipHours>", (0, 7), ()),
        ("<skiphours><HOUR>9</HOUR></skiphours>", (9,), ()),
        (
            "<skipHours><hour>-1</hour><hour>25</hour><hour>noon</hour><hour>99</hour><hour>5</hour></skipHours>",
            (5,),
            (),
        ),
        ("<skipDays><day> monday </day><day>Caturday</day><day></day></skipDays>", (), (0,)),
        ("<skipHours/><skipDays></skipDays>", (), ()),
        ("<skipHours><hour>3", (), ()),
        (f"<!-- {HOURS} -->", (), ()),
        (f"<!-- {HOURS} -->{DAYS}", (), (5, 6)),
    ],
)
def test_the_hours_and_days_of_a_channel(head: str, hours: tuple[int, ...], days: tuple[int, ...]) -> None:
    document = read_document(rss(item(OTHER), head=head), {}, "")

    assert (document.skip_hours, document.skip_days) == (hours, days)


def test_what_an_item_says_is_no_wish_of_the_channel() -> None:
    assert skips(rss(item(OTHER, more=f"<content>{HOURS}</content>")).decode()) == ((), ())


def test_a_channel_may_speak_after_its_items() -> None:
    assert skips(f"<rss><channel>{item(OTHER)}{HOURS}</channel></rss>") == ((3, 4), ())
