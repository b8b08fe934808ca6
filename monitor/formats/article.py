"""The text of the article on a page, as trafilatura finds it; or why there is none. Runs in a reading process."""

import logging
from collections.abc import Mapping

import trafilatura

from monitor.formats import Unreadable
from monitor.formats.encoding import decode_html
from monitor.formats.hindrances import misled, walled
from monitor.formats.markup import tree_of
from monitor.formats.text import tidy

SHORTEST = 80
"""Letters, an ideograph counting as three; what is shorter is a caption."""

LONGEST = 500_000
"""Letters that are kept of an article."""

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)


def read_article(body: bytes, headers: Mapping[str, str], url: str, *, link: str = "") -> str:
    """The text of the article in `body`, answered from `url` for the `link` of an item, without what stands around it.

    Raises Unreadable, whose message says what is there instead.
    """
    if problem := misled(link or url, url):
        raise Unreadable(problem)
    page = tree_of(decode_html(body, headers).replace("\x00", ""))
    found = trafilatura.extract(page, favor_precision=True, include_comments=False, with_metadata=False)
    text = tidy(found or "")[:LONGEST]
    if problem := walled(page, text):
        raise Unreadable(problem)
    if _size(text) < SHORTEST:
        raise Unreadable("no text of an article was found on its page")
    return text


def _size(text: str) -> int:
    return sum(3 if letter >= "\u2e80" else 1 for letter in text[:SHORTEST])
