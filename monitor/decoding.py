"""Undoes the compression of an answer within bounds, whatever its headers call it."""

import zlib
from collections.abc import Iterator

SLICE = 512 * 1024
"""Bytes that are inflated at once, in a millisecond: 16 KB may hold 16 MB."""


class RefusedError(Exception):
    """An answer we do not take; the message says why."""


class Decoder:
    """Undoes gzip and deflate without ever holding more than `largest` bytes.

    The first bytes decide, not the header: servers name an encoding they have not applied, and send feed.xml.gz
    without naming one.
    """

    def __init__(self, encoding: str, largest: int) -> None:
        names = [name.strip().lower() for name in encoding.split(",")]
        named = [name for name in names if name not in ("", "identity")]
        if len(named) > 1:
            raise RefusedError(f"encoded more than once: {encoding}")
        if named and named[0] not in ("gzip", "x-gzip", "deflate"):
            raise RefusedError(f"encoded as {named[0]}, which was not asked for")
        self._deflate = named == ["deflate"]
        self._left = largest
        self._largest = largest
        self._begun = b""
        self._inflater: zlib._Decompress | None = None
        self._plain = False

    def decode(self, chunk: bytes) -> Iterator[bytes]:
        """What can be told of the body so far, in slices. Raises RefusedError where it is too large or damaged."""
        if self._inflater is None and not self._plain:
            # Two bytes tell what it is; they may come one by one.
            self._begun += chunk
            if len(self._begun) < 2:
                return
            chunk, self._begun = self._begun, b""
            self._begin(chunk)
        if self._inflater is None:
            yield self._taken(chunk)
        else:
            yield from self._inflated(chunk)

    def rest(self) -> bytes:
        """What is left once the last chunk is in."""
        begun, self._begun = self._begun, b""
        return begun + (self._taken(self._inflater.flush(65_536)) if self._inflater else b"")

    @property
    def cut(self) -> bool:
        """Whether the compressed stream ended before its end."""
        return self._inflater is not None and not self._inflater.eof

    def _begin(self, start: bytes) -> None:
        if start[:2] == b"\x1f\x8b":
            self._inflater = zlib.decompressobj(31)
        elif not self._deflate:
            self._plain = True
        elif start[0] & 0x0F == 8 and int.from_bytes(start[:2], "big") % 31 == 0:
            self._inflater = zlib.decompressobj(15)
        elif start.lstrip()[:1] in (b"<", b"{"):
            self._plain = True
        else:
            # Some servers send raw deflate, without the two bytes of RFC 1950.
            self._inflater = zlib.decompressobj(-15)

    def _inflated(self, chunk: bytes) -> Iterator[bytes]:
        while chunk and self._inflater is not None:
            if self._inflater.eof:
                if chunk[:2] != b"\x1f\x8b":
                    return  # padding after the end
                self._inflater = zlib.decompressobj(31)
            try:
                yield self._taken(self._inflater.decompress(chunk, min(self._left + 1, SLICE)))
            except zlib.error as error:
                raise RefusedError(f"the compressed answer is damaged: {error}") from None
            chunk = self._inflater.unused_data if self._inflater.eof else self._inflater.unconsumed_tail

    def _taken(self, part: bytes) -> bytes:
        self._left -= len(part)
        if self._left < 0:
            raise RefusedError(f"the answer is larger than {self._largest / 2**20:g} MiB once decompressed")
        return part
