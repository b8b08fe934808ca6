"""A feed whose end is missing: what of it can be read as if it were whole.

An entry that is cut off has half a title, no link, or no guid yet, and would be news again when the rest arrives. The
others must be what they are in the whole feed, so the document is closed where the cut entry begins: what remains is
well-formed if the feed was.
"""

import re

_MARKS = re.compile(
    r"<!\[CDATA\[.*?\]\]>|<!--.*?-->"
    r"|<!\[CDATA\[.*|<!--.*"  # never closed: nothing behind it is a tag
    r"|<(?P<end>/?)(?P<name>(?:[\w.-]+:)?(?:(?P<entry>item|entry)|channel|rss|rdf|feed))(?:\s[^<>]*?)?(?P<alone>/?)>",
    re.DOTALL | re.IGNORECASE,
)
_HALF_TAG = re.compile(r"<[^<>]*\Z")
_CLOSED = re.compile(r"</(?:[\w.-]+:)?(?:rss|rdf|feed)\s*>", re.IGNORECASE)


def without_cut_entry(text: str) -> str:
    """`text`, closed after its last whole entry; `text` itself where its end is there.

    An entry that is never closed ends where the next one begins.
    """
    if _CLOSED.search(text[-200:]):
        return text
    around: list[str] = []
    inside, place = "", 0
    for found in _MARKS.finditer(text):
        name, begins = found["name"], not found["end"]
        if not name or found["alone"]:
            continue
        if not begins and name in around:
            del around[around.index(name) :]
            inside = ""
        elif found["entry"] and (not inside or name == inside):
            inside = name if begins else ""
            place = found.start() if begins else found.end()
        elif begins and not inside:
            around.append(name)
    if not around and not inside:
        return text
    kept = text[:place] if place else _HALF_TAG.sub("", text)
    return kept + "".join(f"</{name}>" for name in reversed(around))
