"""What makes XML ill-formed and can be mended, so that feedparser's strict parser reads it.

Its loose one gives other texts for the same entry, and writes `AT&T` as `AT&T;`.
"""

import re
import sys
from html.entities import html5
from xml.sax.saxutils import escape

# XML 1.0 has no such characters; a single one makes the whole document ill-formed. A reference beyond Unicode raises.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_NUMBER = re.compile(
    r"&#(?!(?:[1-9][0-9]{2,3}|0?3[2-9]);)"  # most are right, which is soon seen
    r"(?:(0++[0-9]{0,2}+|[0-9]|[12][0-9]|3[01]|[0-9]{5,}+)"
    r"|[xX](0++[0-9a-fA-F]{0,2}+|[01]?[0-9a-fA-F]|[dDfF][0-9a-fA-F]{3}|[0-9a-fA-F]{5,}+))(?:;|(?![0-9a-fA-F]))"
)
"""References that may be wrong: below a space, or of as many digits as a surrogate has and more."""

_REFERENCE = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(?:#[0-9]{1,9};|#x[0-9a-fA-F]{1,8};|([A-Za-z][A-Za-z0-9]{0,31});)?", re.DOTALL
)
_ELEMENT = re.compile(r"<\w")
_OF_XML = frozenset(("amp", "lt", "gt", "quot", "apos"))


def legal(text: str) -> str:
    """`text` without the characters that XML has not, and without blank lines before its first element.

    100,000 of these cost feedparser half a minute.
    """
    first = _ELEMENT.search(text)
    start = first.start() if first else 0
    prolog = "\n".join(line for line in text[:start].splitlines() if line.strip())
    return legal_references(_ILLEGAL.sub("", prolog + text[start:]))


def legal_references(text: str) -> str:
    """`text` without references to characters that XML has not; also where they are no references, as in CDATA."""
    return _NUMBER.sub(_legal_number, text) if "&#" in text else text


def with_references(text: str) -> str:
    """`text` with every `&` and every entity of HTML written as XML knows it."""
    return text if "<!ENTITY" in text else _REFERENCE.sub(_of_xml, text)


def _legal_number(found: re.Match[str]) -> str:
    digits = (found[1] or found[2]).lstrip("0")
    number = int(digits or "0", 10 if found[1] else 16) if len(digits) < 8 else sys.maxunicode + 1
    return "" if number > sys.maxunicode or _ILLEGAL.match(chr(number)) else found[0]


def _of_xml(found: re.Match[str]) -> str:
    name = found[1]
    if name in _OF_XML or (name is None and len(found[0]) > 1):
        return found[0]
    return escape(html5.get(f"{name};", found[0]))
