"""What speaks for a suggestion: how many items, in which languages and feeds, and the first few as samples."""

import re
from collections import Counter
from dataclasses import dataclass, field

from rules.records import Item

MOST_SAMPLES = 3
MOST_FEEDS = 8
BEFORE = 60
AFTER = 80
"""Characters of an excerpt around the word."""

_SPACE = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class Sample:
    """A piece of an item, in one line. `text[start:end]` is what is suggested."""

    text: str
    start: int
    end: int
    link: str


def excerpt(text: str, start: int, end: int, link: str) -> Sample:
    """`text[start:end]` with whole words around it."""
    first, last = max(0, start - BEFORE), min(len(text), end + AFTER)
    if first and " " in text[first:start]:
        first = text.index(" ", first) + 1
    if last < len(text) and " " in text[end:last]:
        last = text.rindex(" ", end, last)
    head, tail = "…" if first else "", "…" if last < len(text) else ""
    piece = _SPACE.sub(" ", text[first:last])
    shift = len(head) - first
    return Sample(f"{head}{piece}{tail}", start + shift, end + shift, link)


@dataclass(slots=True)
class Evidence:
    """The items in which something was seen. `feeds` are the first few, each with its number of them."""

    count: int = 0
    languages: Counter[str] = field(default_factory=Counter)
    forms: Counter[str] = field(default_factory=Counter)
    feeds: Counter[str] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)

    def add(self, item: Item, text: str, start: int, end: int) -> None:
        """One more item, in whose `text` it stands at `start` to `end`."""
        self.count += 1
        self.forms[text[start:end]] += 1
        if item.language:
            self.languages[item.language.partition("-")[0].lower()] += 1
        feed = item.feed_url or item.feed
        if len(self.feeds) < MOST_FEEDS or feed in self.feeds:
            self.feeds[feed] += 1
        if len(self.samples) < MOST_SAMPLES:
            sample = excerpt(text, start, end, item.link)
            if all(sample.text != known.text for known in self.samples):
                self.samples.append(sample)

    @property
    def form(self) -> str:
        """As it is written most often."""
        return max(self.forms, key=lambda form: (self.forms[form], form))
