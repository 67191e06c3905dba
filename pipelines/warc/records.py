"""The records of a WARC file, one after the other, each with its exact place.

Written for honesty: warcio and FastWARC read a record that was cut off short without an error (with the
last 8 of 39,878 bytes missing: no word from either). Here a record is whole or it is a `TornRecord`: its gzip
member must end with a right checksum and its block must have the length it claims. A damaged place does not
hide the whole records after it.
"""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pipelines.warc.model import Headers, TornRecord, WarcMissing, WarcUnreadable, WholeGzip, first_header

RECORD_LIMIT = 64 << 20
"""Bytes of one record that are held in memory; of a larger record only the head is read."""

GZIP_MAGIC = b"\x1f\x8b\x08"
_READ = 1 << 15
_SLACK = 1 << 16
_OUT = 1 << 20
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class Record:
    """One WARC record. `offset` and `length` are bytes of its gzip member (or plain record) in the file."""

    version: str
    headers: Headers
    block: bytes
    block_length: int
    """Content-Length; more than `len(block)` only when the record is larger than the limit."""
    offset: int
    length: int

    @property
    def type(self) -> str:
        """`response`, `request`, `warcinfo` …"""
        return self.header("WARC-Type").lower()

    @property
    def id(self) -> str:
        """WARC-Record-ID without angle brackets."""
        return self.header("WARC-Record-ID").strip("<>")

    @property
    def oversized(self) -> bool:
        """True if the block was too large to be held."""
        return self.block_length > len(self.block)

    def header(self, name: str) -> str:
        """Return the first WARC header of this name (any case), or an empty string."""
        return first_header(self.headers, name)


class _TornError(Exception):
    """What is wrong with the bytes at an offset."""


def iter_records(
    stream: BinaryIO, path: Path, *, start: int = 0, limit: int = RECORD_LIMIT
) -> Iterator[Record | TornRecord]:
    """Give the records of an open file from `start` on; for a damaged stretch a `TornRecord` (not raised).

    Raises:
        WarcUnreadable: the file is no WARC, or several records share one gzip member.
    """
    size = stream.seek(0, 2)
    gzipped = _is_gzip(stream, path, start, size)
    read_one, find_next = (_read_gzip, next_gzip) if gzipped else (_read_plain, _next_plain)
    offset = start
    while offset < size:
        try:
            record = read_one(stream, path, offset, limit)
        except _TornError as torn:
            resumed = find_next(stream, offset + 1, size)
            yield TornRecord(path, offset, str(torn), cut=resumed - offset)
            offset = resumed
        else:
            yield record
            offset += record.length


def read_record(path: Path, offset: int, limit: int = RECORD_LIMIT) -> Record:
    """Read the one record that begins at this byte.

    Raises:
        WarcMissing: there is no such file.
        TornRecord: no whole record begins there.
    """
    with open_warc(path) as stream:
        stream.seek(offset)
        read_one = _read_gzip if stream.read(3) == GZIP_MAGIC else _read_plain
        try:
            return read_one(stream, path, offset, limit)
        except _TornError as torn:
            raise TornRecord(path, offset, str(torn)) from None


def open_warc(path: Path) -> BinaryIO:
    """Open a file for reading, with a buffer that suits records.

    Raises:
        WarcMissing: it is missing, a folder, or may not be read.
    """
    try:
        return path.open("rb", buffering=1 << 18)
    except OSError as error:
        message = f"{path}: cannot be read ({error.strerror}). Give the path of a .warc or .warc.gz file."
        raise WarcMissing(message) from error


def _is_gzip(stream: BinaryIO, path: Path, start: int, size: int) -> bool:
    stream.seek(start)
    magic = stream.read(8)
    if magic[:3] == GZIP_MAGIC[: len(magic)]:
        return True
    if magic[:5] == b"WARC/"[: len(magic)]:
        return False
    # Damage at the very start must not hide the rest.
    if next_gzip(stream, start, size) < size:
        return True
    if _next_plain(stream, start, size) < size:
        return False
    message = f"{path}: not a WARC file (it starts with {magic!r}). Give .warc or .warc.gz files."
    raise WarcUnreadable(message)


def _read_gzip(stream: BinaryIO, path: Path, offset: int, limit: int) -> Record:
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
    stream.seek(offset)
    kept: list[bytes] = []
    total = taken = 0
    expected = limit
    while not inflate.eof and total <= expected + _SLACK:
        data = inflate.unconsumed_tail
        if not data:
            data = stream.read(_READ)
            taken += len(data)
            if not data:
                message = "the file ends inside a record"
                raise _TornError(message)
        try:
            part = inflate.decompress(data, _OUT)
        except zlib.error as error:
            message = f"damaged gzip data ({error})"
            raise _TornError(message) from error
        if total < limit:
            kept.append(part)
        total += len(part)
        if expected == limit and total > _SLACK:
            expected = _parse_head(b"".join(kept))[3]
    data = kept[0] if len(kept) == 1 else b"".join(kept)
    version, headers, head, expected = _parse_head(data)
    if total < expected:
        message = f"a record has {total - head} of {expected - head} bytes"
        raise _TornError(message)
    if data[expected:].strip() or not inflate.eof:
        if data[expected:].lstrip()[:5] == b"WARC/":
            message = (
                f"{path}: compressed as a whole, not record by record, so no page can be read by its place. "
                f"Run `warcio recompress {path.name} NEW.warc.gz` and give the new file."
            )
            raise WholeGzip(message)
        message = f"a record has {total - head} bytes instead of {expected - head}"
        raise _TornError(message)
    block = data[head:expected]
    return Record(version, headers, block, expected - head, offset, taken - len(inflate.unused_data))


def _read_plain(stream: BinaryIO, _: Path, offset: int, limit: int) -> Record:
    stream.seek(offset)
    start = stream.read(_READ)
    version, headers, head, expected = _parse_head(start)
    stream.seek(offset + head)
    block_length = expected - head
    block = stream.read(min(block_length, limit))
    if block_length > limit:
        stream.seek(offset + expected)
    end = stream.read(4)
    if len(block) < min(block_length, limit) or not end:
        message = "the file ends inside a record"
        raise _TornError(message)
    closing = re.match(rb"(?:\r?\n){2}", end)
    if closing is None:
        message = "a record does not end where its length says"
        raise _TornError(message)
    record = Record(version, headers, block, block_length, offset, expected + closing.end())
    # No checksum guards a plain file: holes of zeros after a power cut keep every length.
    if not record.oversized and (problem := block_problem(record)):
        raise _TornError(problem)
    return record


def _parse_head(data: bytes) -> tuple[str, Headers, int, int]:
    """Give version, headers, the length of the head, and the length of head and block together."""
    end = _END_OF_HEAD.search(data)
    if data[:5] != b"WARC/" or end is None:
        message = "there is no record head"
        raise _TornError(message)
    lines = data[: end.start()].decode("utf-8", "replace").splitlines()
    headers: list[tuple[str, str]] = []
    for line in lines[1:]:
        if line[:1] in " \t" and headers:  # folded lines, allowed in WARC/1.0
            headers[-1] = (headers[-1][0], f"{headers[-1][1]} {line.strip()}")
        else:
            name, _, value = line.partition(":")
            headers.append((name.strip(), value.strip()))
    length = first_header(tuple(headers), "Content-Length")
    if not (length.isascii() and length.isdigit()):
        message = f"a record head without a length ({length[:20]!r})"
        raise _TornError(message)
    return lines[0].strip(), tuple(headers), end.end(), end.end() + int(length)


def next_gzip(stream: BinaryIO, offset: int, size: int) -> int:
    """Find the next place from which a gzip member opens with a WARC head; `size` if there is none."""
    for place in _find(stream, GZIP_MAGIC, offset):
        stream.seek(place)
        try:
            opening = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(stream.read(_READ), 5)
        except zlib.error:
            continue
        if opening == b"WARC/":
            return place
    return size


def _next_plain(stream: BinaryIO, offset: int, size: int) -> int:
    """Find the next record head that follows an end of record; `size` if there is none."""
    mark = b"\r\n\r\nWARC/1."
    return next((place + 4 for place in _find(stream, mark, offset)), size)


def _find(stream: BinaryIO, mark: bytes, offset: int) -> Iterator[int]:
    window = 1 << 20
    while True:
        stream.seek(offset)
        data = stream.read(window)
        at = data.find(mark)
        while at >= 0:
            yield offset + at
            at = data.find(mark, at + 1)
        if len(data) < window:
            return
        offset += window - len(mark) + 1


def block_problem(record: Record) -> str:
    """Compare the block with its WARC-Block-Digest; empty if it fits, or none is stated, or none we know."""
    return digest_problem("block", record.header("WARC-Block-Digest"), record.block)


def digest_problem(what: str, stated: str, *candidates: bytes) -> str:
    """Compare a digest `method:value` (base32 or hex) with those of the candidates; empty if one fits."""
    method, _, value = stated.partition(":")
    method = method.lower().replace("-", "")
    if method not in ("sha1", "sha256", "sha512", "md5"):
        return ""
    for candidate in candidates:
        found = hashlib.new(method, candidate, usedforsecurity=False)
        if value.lower() in (base64.b32encode(found.digest()).decode().lower(), found.hexdigest()):
            return ""
    return f"the {what} does not have its {method} digest"


def sha1(data: bytes) -> str:
    """Label a SHA-1 as WARC files have it: `sha1:` and base32."""
    return "sha1:" + base64.b32encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()
