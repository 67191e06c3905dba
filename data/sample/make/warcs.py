"""Writes exchanges as WARC 1.1 records, gzip a record, the same bytes each time."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from struct import pack

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from make.words import identifier

SOFTWARE = "khotin sample maker"
_AGENT = "khotin/0.1 (+https://example.org/khotin; lienhe@example.org)"
_STORED_BLOCK = 65535


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer. `body` is as sent, so already compressed where the headers say so."""

    url: str
    at: datetime
    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


def write(path: Path, exchanges: Iterable[Exchange], *, title: str) -> None:
    """Writes one file: a warcinfo record, then request and response of every exchange.

    Record ids come from address and time, dates from the exchanges: nothing depends on the run.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    exchanges = tuple(exchanges)
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True, warc_version="1.1")
        _info(writer, path.name, exchanges[0].at, title)
        for exchange in exchanges:
            _exchange(writer, exchange)


def stored_gzip(body: bytes) -> bytes:
    """A gzip member of stored blocks: every zlib would unpack it, and none has a say in its bytes."""
    parts = [body[n : n + _STORED_BLOCK] for n in range(0, len(body), _STORED_BLOCK)] or [b""]
    blocks = b"".join(pack("<BHH", part is parts[-1], len(part), len(part) ^ 0xFFFF) + part for part in parts)
    return b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff" + blocks + pack("<II", zlib.crc32(body), len(body))


def _info(writer: WARCWriter, name: str, at: datetime, title: str) -> None:
    fields = f"software: {SOFTWARE}\r\nformat: WARC File Format 1.1\r\ndescription: {title}\r\n".encode()
    record = writer.create_warc_record(
        f"urn:sample:{name}",
        "warcinfo",
        payload=BytesIO(fields),
        length=len(fields),
        warc_content_type="application/warc-fields",
        warc_headers_dict={
            "WARC-Record-ID": f"<urn:uuid:{identifier('warcinfo', name, at)}>",
            "WARC-Date": _date(at),
            "WARC-Filename": name,
        },
    )
    record.rec_headers.remove_header("WARC-Target-URI")  # warcinfo describes the file, not a page
    writer.write_record(record)


def _exchange(writer: WARCWriter, exchange: Exchange) -> None:
    host, slash, path = exchange.url.partition("://")[2].partition("/")
    response_id = f"<urn:uuid:{identifier('response', exchange.url, exchange.at)}>"
    request = StatusAndHeaders(
        f"GET {slash + path or '/'} HTTP/1.1",
        [("Host", host), ("User-Agent", _AGENT), ("Accept-Encoding", "gzip"), ("Accept-Language", "vi")],
        is_http_request=True,
    )
    response = StatusAndHeaders(f"{exchange.status} {exchange.reason}", list(exchange.headers), protocol="HTTP/1.1")
    for kind, http, body, headers in (
        ("response", response, exchange.body, {"WARC-Record-ID": response_id}),
        (
            "request",
            request,
            b"",
            {
                "WARC-Record-ID": f"<urn:uuid:{identifier('request', exchange.url, exchange.at)}>",
                "WARC-Concurrent-To": response_id,
            },
        ),
    ):
        record = writer.create_warc_record(
            exchange.url,
            kind,
            payload=BytesIO(body),
            length=len(body),
            http_headers=http,
            warc_headers_dict={**headers, "WARC-Date": _date(exchange.at)},
        )
        writer.write_record(record)


def _date(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
