"""The characters of a body: byte order mark, charset of the header, declaration in the document, then the evidence.

A header that says Latin-1 is often a server's default and not a statement (RFC 7303 would have it believed),
and a body that is valid UTF-8 beyond ASCII is UTF-8 whatever calls it Latin-1.
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
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_DECLARED = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z][\w.:-]*)[\"']")

# What the labels mean in practice (the WHATWG's Encoding Standard).
_MEANT = {
    **dict.fromkeys(("iso8859-1", "ascii", "cp1252"), "cp1252"),
    **dict.fromkeys(("gb2312", "gbk", "gb18030"), "gb18030"),
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
}
_UNICODE = ("utf-8", "utf-16", "utf-32")


def decode(body: bytes, headers: Mapping[str, str]) -> str:
    """The text of `body`; never fails. Bytes that fit nothing become what they most likely were, else U+FFFD."""
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, _LENIENT if name == "utf-8" else "replace")
    for start, name in _WIDE:
        if body.startswith(start):
            return body.decode(name, "replace")
    named = _named(body, headers)
    for name in named:
        try:
            return body.decode(name)
        except UnicodeDecodeError:
            continue
    return body.decode(named[0], _LENIENT if named[0] == "utf-8" else "replace")


def _named(body: bytes, headers: Mapping[str, str]) -> list[str]:
    """The encodings to try, most believable first; UTF-8 where nothing is named."""
    declaration = _DECLARED.match(body[:1024])
    declared = _meant(declaration[1].decode("ascii") if declaration else "")
    charset = _CHARSET.search(headers.get("content-type", ""))
    given = _meant(charset[1] if charset else "")
    names = [given, declared]
    if given == "cp1252":
        names.reverse()
    if _is_beyond_ascii(body) and (not declared or declared == "utf-8" or _is_narrow(declared)):
        names.insert(0, "utf-8")
    return list(dict.fromkeys(name for name in names if name)) or ["utf-8"]


def _meant(label: str) -> str:
    """The codec for `label`, '' for none. Wide encodings are told by their first bytes, not by a label."""
    try:
        codec = codecs.lookup(label) if label else None
    except (LookupError, ValueError):
        return ""
    if codec is None or codec.name.startswith(("utf-16", "utf-32")) or not codec._is_text_encoding:  # noqa: SLF001
        return ""
    return _MEANT.get(codec.name, codec.name)


def _is_narrow(name: str) -> bool:
    return name.startswith(("cp125", "iso8859", "koi8", "mac-", "cp874"))


def _is_beyond_ascii(body: bytes) -> bool:
    """Whether `body` is valid UTF-8 and holds more than ASCII: chance does not bring that about in another encoding."""
    if body.isascii():
        return False
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _likely(error: UnicodeError) -> tuple[str, int]:
    """A lone byte in UTF-8 is a letter of Windows-1252 that was pasted in; anything else cannot be known."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return (wrong.decode("cp1252", "replace") if len(wrong) == 1 else "\ufffd"), error.end


_LENIENT = "wirebell.likely"
codecs.register_error(_LENIENT, _likely)
