"""Habits of feedparser 6 that cost a monitor items, changed in its parser classes."""

import xml.sax
from collections.abc import Callable, Iterable
from typing import Any

_DATES = {
    "published": ("published", "issued", "pubdate"),
    "updated": ("updated", "modified", "lastbuilddate"),
    "created": ("created",),
    "expired": ("expirationdate",),
}
"""Elements that it keeps under one key. It would guess what moment they name (#75), which nobody asks it."""

_Method = Callable[..., Any]


def teach(parsers: Iterable[type]) -> None:
    """Change the habits of `parsers`.

    `media:description` and `itunes:summary` displace the description (#53, #195, #324), so they get keys of their own.
    It looks for addresses in authors with an expression that is quadratic (#562) and knows none under `.media`, and
    gives a person without a name parts of the person before, so people are left as they are written. An element where
    it expects none raises and costs the feed, so it is read as an element it does not know. A title that is never
    closed takes in the next entry, so no text goes on where an entry begins or ends.
    """
    for parser in parsers:
        for name in dir(parser):
            if name.startswith(("_start_", "_end_")):
                _change(parser, name, _or_unknown)
        for name in ("media_description", "itunes_summary"):
            setattr(parser, f"_start_{name}", lambda self, attributes, name=name: self.push(name, 1))
            setattr(parser, f"_end_{name}", lambda self, name=name: self.pop(name))
        for key, names in _DATES.items():
            for name in names:
                setattr(parser, f"_end_{name}", lambda self, key=key: self.pop(key))
        _change(parser, "_sync_author_detail", _as_they_are_written)
        _change(parser, "_get_context", _without_text_input)
        _change(parser, "pop", _or_nothing)
        _change(parser, "_start_title", _outside_pictures)
        if hasattr(parser, "startElementNS"):
            _change(parser, "startElementNS", _or_loosely)
            _change(parser, "endElementNS", _or_loosely)
        else:
            _change(parser, "unknown_starttag", _ending_texts)
            _change(parser, "unknown_endtag", _ending_texts)


def _change(parser: type, name: str, change: Callable[[_Method], _Method]) -> None:
    setattr(parser, name, change(getattr(parser, name)))


def _as_they_are_written(_: _Method) -> _Method:
    def synced(self: Any, key: str = "author") -> None:
        holder = self._get_context()
        written, people = dict.get(holder, key), dict.get(holder, f"{key}s")
        if isinstance(written, str) and isinstance(people, list) and not people[-1] and not self.inauthor:
            people[-1]["name"] = written

    return synced


def _without_text_input(context: _Method) -> _Method:
    """A text input inside an entry is looked for in the feed, where there is none."""

    def found(self: Any) -> Any:
        if self.intextinput and "textinput" not in self.feeddata:
            self.intextinput = 0
        return context(self)

    return found


def _outside_pictures(start: _Method) -> _Method:
    """An svg that is never closed sends every title after it round in circles."""

    def started(self: Any, attributes: Any) -> Any:
        self.svgOK = 0
        return start(self, attributes)

    return started


def _or_unknown(method: _Method) -> _Method:
    """`method`, with AttributeError for whatever it raises: feedparser takes that for an element without a method."""

    def called(self: Any, *attributes: Any) -> Any:
        try:
            return method(self, *attributes)
        except (LookupError, TypeError, ValueError) as error:
            raise AttributeError(str(error)) from error

    return called


def _or_nothing(pop: _Method) -> _Method:
    """The text of an element that belongs nowhere, such as that of a link in an image that is never closed, is lost."""

    def popped(self: Any, *element: Any) -> Any:
        try:
            return pop(self, *element)
        except LookupError:
            return None

    return popped


def _or_loosely(method: _Method) -> _Method:
    """`method`, with SAXException for whatever it raises: feedparser goes on with its loose parser."""

    def called(self: Any, *element: Any) -> None:
        try:
            method(self, *element)
        except (LookupError, TypeError, ValueError) as error:
            raise xml.sax.SAXException(str(error)) from error

    return called


def _ending_texts(method: _Method) -> _Method:
    def called(self: Any, tag: str, *attributes: Any) -> None:
        if self.incontent and tag.rpartition(":")[2] in ("item", "entry"):
            while self.elementstack and self.elementstack[-1][0] != "item":
                self.pop(self.elementstack[-1][0])
            self.incontent = 0
            self.contentparams.clear()
        method(self, tag, *attributes)

    return called
