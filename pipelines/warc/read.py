"""From records to exchanges and captures."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from pipelines.article import Capture
from pipelines.warc.bodies import DECODED_LIMIT, dechunk, decode_body
from pipelines.warc.http import content_encoding, http_parts, redirect_target
from pipelines.warc.model import (
    BodyDamaged,
    BodyTooLarge,
    Exchange,
    TornRecord,
    WarcUnreadable,
    first_header,
)
from pipelines.warc.records import RECORD_LIMIT, Record, iter_records, open_warc, read_record, sha1

_STATUS_LINE = re.compile(r"HTTP/\d(?:\.\d)?[ \t]+(\d{3})(?:[ \t]+(.*))?$")
# "HTTP/1.1 200 OK" and "HTTP/2 404" match; "HTTP/1.1 OK" must not.

_NOT_MODIFIED = "server-not-modified"


@dataclass(frozen=True, slots=True)
class Archived:
    """An exchange with its place: the file, and where in it the response record lies (bytes)."""

    exchange: Exchange
    path: Path
    offset: int
    length: int
    record_id: str
    digest: str
    """`sha1:…` of the payload as sent."""
    site: str = ""
    """`isPartOf` of the file's warcinfo record, which is the site in files that khotin wrote."""
    refers_to: tuple[str, str, str] | None = None
    """Of a revisit record without body: digest, address and date (as written) of the record that has it."""

    def with_body_of(self, original: Archived) -> Archived:
        """Complete a revisit with the body (and the headers, if it has none) of the record it refers to."""
        mine, other = self.exchange, original.exchange
        headers = mine.response_headers
        if not headers:
            mine = replace(mine, status=other.status, reason=other.reason)
            headers = other.response_headers
        full = replace(mine, response_headers=headers, body=other.body, truncated=other.truncated)
        return replace(self, exchange=full, refers_to=None)

    def capture(self, *, root: Path | None = None, site: str = "", limit: int = DECODED_LIMIT) -> Capture:
        """Decode the body into a Capture; one that does not decode to its end is marked `truncated`."""
        exchange = self.exchange
        truncated = exchange.truncated
        try:
            body = decode_body(exchange.body, content_encoding(exchange.response_headers), limit)
        except BodyTooLarge as error:
            body, truncated = error.partial, "length"
        except BodyDamaged as error:
            body, truncated = error.partial, truncated or "damaged"
        return Capture(
            url=exchange.url,
            fetched_at=exchange.fetched_at,
            status=exchange.status,
            content_type=exchange.header("Content-Type"),
            body=body,
            site=site or self.site,
            digest=self.digest,
            record_id=self.record_id,
            warc_file=_relative(self.path, root or self.path.parent),
            warc_offset=self.offset,
            warc_length=self.length,
            location=redirect_target(exchange),
            truncated=truncated,
        )


def read_captures(
    path: Path,
    *,
    site: str = "",
    root: Path | None = None,
    on_torn: Callable[[TornRecord], None] | None = None,
    on_skipped: Callable[[str], None] | None = None,
    limit: int = DECODED_LIMIT,
) -> Iterator[Capture]:
    """Give the captures of a WARC file (gzip or plain, WARC/1.0 or 1.1), in file order.

    Response, resource and revisit records of http and https addresses become captures; a revisit takes its
    body from the record it refers to, which must be in the same file. Memory holds one record at a time.

    Args:
        path: the file.
        site: the site of all captures; empty: as the file's warcinfo record says (`isPartOf`).
        root: the folder to which `Capture.warc_file` is relative; default: the file's own folder.
        on_torn: called for each damaged stretch, after which reading goes on with the next whole record.
        on_skipped: called with one line for each record that should be a capture and cannot be one.
        limit: bytes of a decoded body; a longer one is cut and the capture marked `truncated="length"`.

    Raises:
        TornRecord: after all whole records were given, if there is a damaged stretch and no `on_torn`.
        WarcMissing: there is no such file.
        WarcUnreadable: the file is no WARC, or gzip-compressed as a whole.
    """
    known: dict[str, int] = {}
    for item in read_archived(path, on_torn=on_torn, on_skipped=on_skipped):
        full = item
        if item.refers_to is not None:
            offset = known.get(item.refers_to[0])
            if offset is None:
                if on_skipped:
                    on_skipped(f"{path}: {item.exchange.url}: a revisit of a record that is not in this file")
                continue
            full = item.with_body_of(_archived_at(path, offset))
        else:
            known.setdefault(item.digest, item.offset)
        yield full.capture(root=root, site=site, limit=limit)


def read_archived(
    path: Path,
    *,
    on_torn: Callable[[TornRecord], None] | None = None,
    on_skipped: Callable[[str], None] | None = None,
) -> Iterator[Archived]:
    """Give the exchanges of a WARC file in file order, bodies still content-encoded; see `read_captures`.

    A revisit record comes without body and with `refers_to`.
    """
    first_torn: TornRecord | None = None
    site = ""
    with open_warc(path) as stream:
        for record in iter_records(stream, path):
            if isinstance(record, TornRecord):
                first_torn = first_torn or record
                if on_torn:
                    on_torn(record)
                continue
            if record.type == "warcinfo":
                site = _is_part_of(record)
                continue
            try:
                item = _archived(record, path, site)
            except _NoExchangeError as problem:
                if on_skipped:
                    on_skipped(f"{path}: record at byte {record.offset}: {problem}")
                continue
            if item is not None:
                yield item
    if first_torn and not on_torn:
        raise first_torn


def read_exchange(path: Path, offset: int) -> Archived:
    """Read the response, resource or revisit record that begins at this byte.

    A revisit's body is looked for in the same file; if it is not there, the result still has `refers_to`.

    Raises:
        TornRecord: no whole record begins there.
        WarcUnreadable: there is no such file, or the record is of another kind.
    """
    item = _archived_at(path, offset)
    if item.refers_to is None:
        return item
    digest = item.refers_to[0]
    for earlier in read_archived(path, on_torn=lambda _: None):
        if earlier.refers_to is None and earlier.digest == digest:
            return item.with_body_of(earlier)
    return item


def read_capture(root: Path, warc_file: str, offset: int, *, site: str = "") -> Capture:
    """Read one capture again by the place that `Capture.warc_file` and `Capture.warc_offset` name.

    Args:
        root: the folder to which `warc_file` is relative: `DATA/warc`.
        warc_file: as in `Capture.warc_file`.
        offset: as in `Capture.warc_offset`.
        site: the site; empty: as the warcinfo record at the head of the file says.

    Raises:
        TornRecord: no whole record begins there.
        WarcUnreadable: there is no such file, the place lies outside `root`, or the record is no capture.
    """
    path = root / warc_file
    if not path.resolve().is_relative_to(root.resolve()):
        message = f"{warc_file}: lies outside {root}."
        raise WarcUnreadable(message)
    item = read_exchange(path, offset)
    if item.refers_to is not None:
        message = f"{path}: the record at byte {offset} is a revisit of a record that is not in this file."
        raise WarcUnreadable(message)
    return item.capture(root=root, site=site or _site_of(path))


class _NoExchangeError(Exception):
    """Why a record that should hold a response gives none."""


def _archived_at(path: Path, offset: int) -> Archived:
    record = read_record(path, offset)
    try:
        item = _archived(record, path, "")
    except _NoExchangeError as problem:
        message = f"{path}: record at byte {offset}: {problem}."
        raise WarcUnreadable(message) from None
    if item is None:
        message = f"{path}: the record at byte {offset} is a {record.type or 'nameless'} record, not a response."
        raise WarcUnreadable(message)
    return item


def _archived(record: Record, path: Path, site: str) -> Archived | None:
    kind = record.type
    if kind not in ("response", "resource", "revisit"):
        return None
    url = record.header("WARC-Target-URI").strip("<>")  # Wget 1.19 put angle brackets round it
    if not url.lower().startswith(("http://", "https://")):
        return None  # dns: records, screenshots under urn: addresses
    if record.oversized:
        message = f"{url} has {record.block_length} bytes, more than {RECORD_LIMIT}"
        raise _NoExchangeError(message)
    if record.header("WARC-Segment-Number"):
        message = f"{url} is split over several records, which is not supported"
        raise _NoExchangeError(message)
    fetched_at = _date(record.header("WARC-Date"))
    exchange = Exchange(
        url=url,
        fetched_at=fetched_at,
        method="GET",
        request_headers=(),
        status=200,
        reason="OK",
        response_headers=(("Content-Type", record.header("Content-Type") or "application/octet-stream"),),
        body=record.block,
        truncated=record.header("WARC-Truncated").lower(),
        ip=record.header("WARC-IP-Address"),
    )
    refers_to = None
    if kind == "revisit":
        exchange = replace(exchange, response_headers=(), body=b"")
        if _NOT_MODIFIED in record.header("WARC-Profile"):
            exchange = replace(exchange, status=304, reason="Not Modified")
        else:
            refers_to = (
                _canonical_digest(record.header("WARC-Payload-Digest")),
                record.header("WARC-Refers-To-Target-URI").strip("<>"),
                record.header("WARC-Refers-To-Date"),
            )
    if kind == "response" or (kind == "revisit" and record.block.strip()):
        exchange = _with_http(exchange, record.block)
    digest = stated_digest(record) or sha1(exchange.body)
    return Archived(exchange, path, record.offset, record.length, record.id, digest, site, refers_to)


def stated_digest(record: Record) -> str:
    """The payload digest in the form of `Archived.digest`; empty if the record states none, or none in SHA-1."""
    stated = _canonical_digest(record.header("WARC-Payload-Digest"))
    return stated if stated.startswith("sha1:") else ""


def _with_http(exchange: Exchange, block: bytes) -> Exchange:
    first_line, headers, body = http_parts(block)
    status = _STATUS_LINE.match(first_line)
    if status is None:
        message = f"{exchange.url} does not begin with an HTTP status line ({first_line[:40]!r})"
        raise _NoExchangeError(message)
    truncated = exchange.truncated
    if "chunked" in first_header(headers, "Transfer-Encoding").lower():
        body, complete = dechunk(body)
        truncated = truncated or ("" if complete else "disconnect")
    return replace(
        exchange,
        status=int(status[1]),
        reason=(status[2] or "").strip(),
        response_headers=headers,
        body=body,
        truncated=truncated,
    )


def _date(text: str) -> datetime:
    """Read a WARC-Date: W3C-DTF in UTC, which WARC 1.1 allows from the year alone to nanoseconds."""
    full = text.strip()
    if re.fullmatch(r"\d{4}(-\d\d)?", full):
        full += "-01-01"[len(full) - 4 :]
    try:
        value = datetime.fromisoformat(full)
    except ValueError:
        message = f"the date {text[:40]!r} cannot be read"
        raise _NoExchangeError(message) from None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _canonical_digest(digest: str) -> str:
    method, colon, value = digest.strip().partition(":")
    method = method.lower().replace("-", "")
    return f"{method}{colon}{value.upper() if method == 'sha1' else value}"


def _is_part_of(warcinfo: Record) -> str:
    for line in warcinfo.block.decode("utf-8", "replace").splitlines():
        name, _, value = line.partition(":")
        if name.strip().lower() == "ispartof":
            return value.strip()
    return ""


def _site_of(path: Path) -> str:
    with open_warc(path) as stream:
        first = next(iter_records(stream, path), None)
    return _is_part_of(first) if isinstance(first, Record) and first.type == "warcinfo" else ""


@lru_cache(maxsize=1024)  # asked for each page that is written, and asks the system for each part of both paths
def _relative(path: Path, root: Path) -> str:
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return path.as_posix()
