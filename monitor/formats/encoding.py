"""The characters of a body: byte order mark, charset of the header, declaration in the document, then the evidence.

A header that says Latin-1 is often a server's default and not a statement (RFC 7303 would have it believed),
a body that is valid UTF-8 beyond ASCII is UTF-8 whatever calls it Latin-1, and a few bad bytes make no other encoding.
"""

import codecs
import re
from collections.abc import Mapping

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins as UTF-16's does: first
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
)
_WIDE = (
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00<", "utf-16-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00{", "utf-16-be"),
    (b"{\x00", "utf-16-le"),
)
# A character in two halves of UTF-16, each in UTF-8: what Java and Oracle write of an emoji.
_HALVES = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_OF_PAGE = re.compile(rb"<meta[^>]{1,300}?charset\s*=\s*[\"']?([A-Za-z][\w.:-]*)", re.IGNORECASE)
_DECLARED = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z][\w.:-]*)[\"']")

# What the labels mean in practice (the WHATWG's Encoding Standard).
_MEANT = {
    **dict.fromkeys(("iso8859-1", "ascii", "cp1252"), "cp1252"),
    **dict.fromkeys(("gb2312", "gbk", "gb18030"), "gb18030"),
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
}
_WIDE_NAMES = ("utf-8", "gb", "big5", "euc", "shift_jis", "iso2022", "johab", "cp932", "cp949", "cp950")
_NARROW_NAMES = ("cp", "iso8859", "koi8", "mac-", "kz1048", "tis-620", "ascii")
"""What is believed of a label. Python knows others, such as idna, that take quadratic time, or unicode_escape."""

_CERTAIN = 10
"""So many characters in valid UTF-8 are no chance, even where most pairs of bytes are a character."""


def decode(body: bytes, headers: Mapping[str, str]) -> str:
    """The text of `body`; never fails. Bytes that fit nothing become what they most likely were, else U+FFFD."""
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, _LENIENT if name == "utf-8" else "replace")
    for start, name in _WIDE:
        if body.startswith(start):
            return body.decode(name, "replace")
    valid = _valid_utf_8(body)
    for name in _named(body, headers, valid):
        if name == "utf-8" and valid is not None and "\ufffd" not in valid:
            return valid
        whole = _HALVES.sub(_joined, body) if name == "utf-8" else body
        text = whole.decode(name, "replace")
        if not _is_wide(name):
            return text
        wrong = text.count("\ufffd")
        if wrong <= _beyond_ascii(text) - wrong:
            return whole.decode(name, _LENIENT) if wrong and name == "utf-8" else text
    return body.decode("cp1252", "replace")


def decode_html(body: bytes, headers: Mapping[str, str]) -> str:
    """The text of a page, whose charset may be named in a meta element of its first 4 kB; never fails."""
    charset = _CHARSET.search(headers.get("content-type", ""))
    declared = _OF_PAGE.search(body[:4096])
    if declared and (not charset or _meant(charset[1]) in ("", "cp1252")):
        headers = {**headers, "content-type": f"text/html; charset={declared[1].decode('ascii')}"}
    return decode(body, headers)


def _named(body: bytes, headers: Mapping[str, str], valid: str | None) -> list[str]:
    """The encodings to try, most believable first; UTF-8 is always among them. `valid` is the body as UTF-8."""
    declaration = _DECLARED.match(body[:1024])
    declared = _meant(declaration[1].decode("ascii") if declaration else "")
    charset = _CHARSET.search(headers.get("content-type", ""))
    given = _meant(charset[1] if charset else "")
    names = [given, declared, "utf-8"]
    if given == "cp1252" and declared:
        names = [declared, given, "utf-8"]
    # Other encodings are valid UTF-8 by chance only.
    if valid and not body.isascii():
        doubtful = [name for name in names[:2] if _is_wide(name) and name != "utf-8"]
        if not doubtful or _beyond_ascii(valid) >= _CERTAIN:
            names.insert(0, "utf-8")
    return list(dict.fromkeys(name for name in names if name))


def _meant(label: str) -> str:
    """The codec for `label`, '' for none. UTF-16 and UTF-32 are told by their first bytes, not by a label."""
    for spelling in (label, label.lower().removeprefix("x-")):
        try:
            name = codecs.lookup(spelling).name
        except (LookupError, ValueError):
            continue
        return _MEANT.get(name, name) if name.startswith(_WIDE_NAMES + _NARROW_NAMES) else ""
    return ""


def _is_wide(name: str) -> bool:
    return name.startswith(_WIDE_NAMES)


def _valid_utf_8(body: bytes) -> str | None:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _beyond_ascii(text: str) -> int:
    return 0 if text.isascii() else len(text) - len(text.encode("ascii", "ignore"))


def _joined(halves: re.Match[bytes]) -> bytes:
    return halves[0].decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16").encode()


def _likely(error: UnicodeError) -> tuple[str, int]:
    """A lone byte in UTF-8 is a letter of Windows-1252 that was pasted in; anything else cannot be known."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return (wrong.decode("cp1252", "replace") if len(wrong) == 1 else "\ufffd"), error.end


_LENIENT = "wirebell.likely"
codecs.register_error(_LENIENT, _likely)
