"""Transfer and content codings: from the bytes of a response to the bytes of a page (RFC 9110, RFC 9112)."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator

import brotli
import zstandard

from pipelines.warc.model import BodyDamaged, BodyTooLarge

DECODED_LIMIT = 64 << 20
"""Bytes: no page of a newspaper comes near; a compression bomb of 100 kB would pass it."""

_PIECE = 1 << 16
_ZSTD_MARKS = frozenset({b"\x28\xb5\x2f\xfd", *(bytes([0x50 | low]) + b"\x2a\x4d\x18" for low in range(16))})
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r?\n")
# "1f40\r\n" and "A;name=value\r\n" match; "<html>\r\n" must not.


def dechunk(body: bytes) -> tuple[bytes, bool]:
    """Take a body out of chunked transfer coding (RFC 9112, section 7.1); also tell if it was complete.

    A body that does not open with a chunk is returned as it is: many archivers drop the coding and keep
    its header.
    """
    parts: list[bytes] = []
    position = 0
    while True:
        size = _CHUNK_SIZE.match(body, position)
        if size is None:
            return (b"".join(parts), False) if parts else (body, True)
        length = int(size[1], 16)
        if length == 0:
            return b"".join(parts), True
        parts.append(body[size.end() : size.end() + length])
        position = size.end() + length
        if position > len(body):
            return b"".join(parts), False
        position += 2 if body[position : position + 2] == b"\r\n" else 1


def decode_body(body: bytes, content_encoding: str, limit: int = DECODED_LIMIT) -> bytes:
    """Undo gzip, deflate, br and zstd, also several of them in a row (RFC 9110, section 8.4).

    A body that lacks the mark of its coding was sent plain by a server that says otherwise, and is
    returned as it is.

    Raises:
        BodyTooLarge: more than `limit` bytes come out; nothing beyond them is held in memory.
        BodyDamaged: the coding is unknown, or the data end or break in the middle.
    """
    codings = [name.strip().lower() for name in content_encoding.split(",")]
    for coding in reversed(codings):
        if body and coding not in ("", "identity"):
            body = _decode_one(body, coding, limit)
    if len(body) > limit:
        message = f"the body has more than {limit} bytes"
        raise BodyTooLarge(message, body[:limit])
    return body


def _decode_one(body: bytes, coding: str, limit: int) -> bytes:
    decoder = _DECODERS.get(coding)
    if decoder is None:
        message = f"unknown content coding {coding[:40]!r}"
        raise BodyDamaged(message, b"")
    parts: list[bytes] = []
    size = 0
    try:
        for part in decoder(body):
            parts.append(part)
            size += len(part)
            if size > limit:
                message = f"the body decodes to more than {limit} bytes"
                raise BodyTooLarge(message, b"".join(parts)[:limit])
    except (zlib.error, brotli.error, zstandard.ZstdError, EOFError) as error:
        if not parts and body.lstrip()[:1] == b"<":
            return body  # a page sent plain under `Content-Encoding: br`; Brotli has no mark to know it by
        message = f"the {coding} data are damaged: {error}"
        raise BodyDamaged(message, b"".join(parts)) from error
    return b"".join(parts)


def _gzip(body: bytes) -> Iterator[bytes]:
    if body[:2] != b"\x1f\x8b":
        yield body
        return
    while body[:2] == b"\x1f\x8b":  # several members are one body; what follows them is padding
        inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
        yield from _inflate(inflate, body)
        body = inflate.unused_data


def _deflate(body: bytes) -> Iterator[bytes]:
    zlib_header = body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0
    # RFC 9110 wants the zlib format; many servers send the bare DEFLATE stream of RFC 1951.
    yield from _inflate(zlib.decompressobj(zlib.MAX_WBITS if zlib_header else -zlib.MAX_WBITS), body)


def _inflate(inflate: zlib._Decompress, body: bytes) -> Iterator[bytes]:
    rest = body
    while not inflate.eof:
        part = inflate.decompress(rest, _PIECE)
        rest = inflate.unconsumed_tail
        yield part
        if not part and not rest and not inflate.eof:
            message = "they end in the middle"
            raise EOFError(message)


def _brotli(body: bytes) -> Iterator[bytes]:
    decoder = brotli.Decompressor()
    yield decoder.process(body, output_buffer_limit=_PIECE)
    while not decoder.is_finished():
        part = decoder.process(b"", output_buffer_limit=_PIECE)
        yield part
        if not part and decoder.can_accept_more_data():
            message = "they end in the middle"
            raise EOFError(message)


def _zstd(body: bytes) -> Iterator[bytes]:
    if body[:4] not in _ZSTD_MARKS:
        yield body
        return
    while body[:4] in _ZSTD_MARKS:  # several frames are one body
        # 8 MiB is the window every HTTP client must support (RFC 9659); larger ones are refused.
        frame = zstandard.ZstdDecompressor(max_window_size=8 << 20).decompressobj()
        position = 0
        while not frame.eof:
            if position >= len(body):
                message = "they end in the middle"
                raise EOFError(message)
            # One call has no cap on what it gives, so it is fed little: 4 bytes give at most 128 KiB.
            yield frame.decompress(body[position : position + 256])
            position += 256
        body = frame.unused_data + body[position:]


_DECODERS: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
