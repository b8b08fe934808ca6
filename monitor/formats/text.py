"""Markup to plain text, in linear time whatever a feed sends.

Tags that end a line in a browser end it here; scripts, styles and comments go with what is in them.
"""

import re
from functools import lru_cache
from html import unescape
from html.entities import html5

_NAME = r"[A-Za-z][\w:.-]*+"

_NO_TAG = r"<!--|<!\[CDATA\[|\]\]>|<[!?][^<>]*+>?"
# The second branch is for broken quotes. The bounds on quoted values keep hostile input linear.
_ATTRIBUTES = r"""(?:[^<>"']*+(?:(?:"[^"]{0,2000}+"|'[^']{0,2000}+')[^<>"']*+){0,50}+>|[^<>]*+>?)"""
_MARKUP = re.compile(rf"{_NO_TAG}|<(?P<end>/?)(?P<name>{_NAME}){_ATTRIBUTES}")
# All that it finds begins alike, which is twice as fast; a comment that is never closed reaches to the end.
_TAGS = re.compile(rf"<(?:(/?{_NAME}){_ATTRIBUTES}|!--(?:[^-]++|-(?!->))*+(?:-->)?|!\[CDATA\[|[!?][^<>]*+>?)")

_WITH_CONTENT = ("script", "style", "template", "rt", "rp")
"""Elements dropped whole: code, and the readings printed above Chinese characters, which tear words apart."""

_CLOSING = {name: re.compile(rf"</{name}(?=[\s/>])[^<>]*+>?", re.IGNORECASE) for name in _WITH_CONTENT}
# Their end tags may be left out.
_CLOSING["rt"] = _CLOSING["rp"] = re.compile(
    r"</r[tp](?=[\s/>])[^<>]*+>?|(?=<r[tpb][\s/>]|</ruby[\s/>])", re.IGNORECASE
)

_LINES = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "dialog"),
        *("dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5"),
        *("h6", "header", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "option", "p", "pre", "section"),
        *("select", "summary", "table", "tbody", "tfoot", "thead", "title", "tr", "ul"),
    )
)
# Others that leave nothing, which need not be looked for twice.
_OFTEN = frozenset(("a", "b", "code", "em", "i", "span", "strong"))
_SPACES = frozenset(("td", "th", "img", "input", "iframe", "video", "audio", "object", "embed", "svg"))


class _Instead(dict[str | None, str | None]):
    """What stands instead of a tag; None for one that hides what is in it."""

    def __init__(self) -> None:
        for end in ("", "/"):
            self.update((f"{end}{name}", "\n") for name in _LINES)
            self.update((f"{end}{name}", " ") for name in _SPACES)
            self.update((f"{end}{name}", "") for name in _OFTEN)
        self.update(dict.fromkeys(_WITH_CONTENT))
        self[None] = ""  # what is no tag at all

    def __missing__(self, tag: str) -> str | None:
        return self.get(tag.lower(), "")


_INSTEAD = _Instead()

_KNOWN = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|big|blockquote|br|center|cite|code|del|dfn|div|em|figcaption|figure|font|h[1-6]|hr|i|img|ins"
    r"|kbd|li|mark|nobr|ol|p|pre|q|s|samp|script|section|small|span|strike|strong|style|sub|sup|table|tbody|td|th|tr|tt"
    r"|u|ul|var|wbr)(?:\s[^<>]*+)?/?>|<!--[^<>]*+>",
    re.IGNORECASE,
)

_REFERENCE = re.compile(r"(&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)")

# Controls, surrogates, the byte order mark and the soft hyphen: none of them is text.
_UNWANTED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\ufeff\ufffe\uffff\ud800-\udfff]")


def from_html(markup: str) -> str:
    """The text of an HTML fragment, one line a block. What was escaped twice is read once more."""
    text = tidy(_unescaped(_without_markup(" ".join(markup.splitlines()))))
    again = _read_once(text)
    return text if again == text else tidy(again)


def from_text(text: str) -> str:
    """`text` that ought to be plain: well-known tags and references are removed all the same, also if escaped twice.

    `Vec<T>` and `5 < 6` stay as they are, which from_html would read as markup.
    """
    return tidy(_read_once(_read_once(text)))


def plain(text: str) -> str:
    """The text of a field that may or may not hold HTML."""
    return from_html(text) if "<!--" in text or _KNOWN.search(text) else from_text(text)


def known(markup: str) -> bool:
    """Whether from_text leaves no tag of what is written in `markup`."""
    return "<" not in _KNOWN.sub("", markup)


def one_line(text: str) -> str:
    """from_text for titles and names, where a line break means nothing."""
    if text.isprintable() and "&" not in text and "<" not in text:
        return " ".join(text.split())
    return " ".join(from_text(text).split())


def tidy(text: str) -> str:
    """`text` without what is not text, one space between words and one break between lines."""
    text = text.replace("\xa0", " ")
    if text.replace("\n", "").isprintable():
        # No white space but breaks and spaces, and nearly everywhere one of them.
        lines = [" ".join(line.split()) if "  " in line else line.strip() for line in text.split("\n") if line]
        return "\n".join([line for line in lines if line])
    tidied = _collapsed(text)
    # What is no text is not printable, either, and to look for that is cheap; five of them would pass for a space.
    if tidied.replace("\n", "").isprintable() and not any(control in text for control in "\x1c\x1d\x1e\x1f\x85"):
        return tidied
    return _collapsed(_UNWANTED.sub(_meant, text))


def _collapsed(text: str) -> str:
    return "\n".join([" ".join(words) for line in text.splitlines() if (words := line.split())])


def _meant(unwanted: re.Match[str]) -> str:
    """What is no control in Windows-1252, such as its apostrophe, was meant to be that."""
    number = ord(unwanted[0])
    return bytes((number,)).decode("cp1252", "ignore") if 0x80 <= number <= 0x9F else ""


def _read_once(text: str) -> str:
    if "<" in text and _KNOWN.search(text):
        text = _KNOWN.sub(_instead_of, text)
    return _unescaped(text)


def _without_markup(markup: str) -> str:
    if "]" in markup and "]]>" in markup:
        return _without_hidden(markup)
    if "<" not in markup:
        return markup
    pieces = _TAGS.split(markup)
    tags = [_INSTEAD[tag] for tag in pieces[1::2]]
    if None in tags:
        return _without_hidden(markup)
    pieces[1::2] = tags
    return "".join(pieces)


def _without_hidden(markup: str) -> str:
    """The same, where something is hidden; a tag at a time."""
    kept, place = [], 0
    while found := _MARKUP.search(markup, place):
        kept.append(markup[place : found.start()])
        place = found.end()
        tag, name = found[0], (found["name"] or "").lower()
        if tag == "<!--":
            place = _after(markup.find("-->", place), 3, markup)
        elif name in _CLOSING and not found["end"] and not tag.endswith("/>"):
            closing = _CLOSING[name].search(markup, place)
            place = closing.end() if closing else len(markup)
        elif name in _LINES:
            kept.append("\n")
        elif name in _SPACES:
            kept.append(" ")
    kept.append(markup[place:])
    return "".join(kept)


def _after(place: int, length: int, markup: str) -> int:
    """What is never closed reaches to the end, as in a browser. It also means that nothing is searched twice."""
    return place + length if place >= 0 else len(markup)


def _instead_of(tag: re.Match[str]) -> str:
    name = tag[0].strip("</>").split(None, 1)[0].lower()
    return "\n" if name in _LINES else " " if name in _SPACES else ""


def _unescaped(text: str) -> str:
    if "&" not in text:
        return text
    pieces = _REFERENCE.split(text)
    pieces[1::2] = map(_character, pieces[1::2])
    return "".join(pieces)


@lru_cache(1024)
def _character(reference: str) -> str:
    # html.unescape alone would make an © of &copy=2 and of &copyright;
    known = reference[1] == "#" or reference[1:] in html5
    return unescape(reference) if known else reference
