"""From an exchange to the bytes of its WARC records, with nothing in them that must not be archived."""

from __future__ import annotations

import io
import ipaddress
import re
import uuid
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit, urlunsplit

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter as RecordWriter

from pipelines.warc.http import clean_uri
from pipelines.warc.model import Exchange, Headers
from pipelines.warc.records import sha1

SECRETS = frozenset({"cookie", "cookie2", "authorization", "proxy-authorization"})
"""Request headers that are never archived: an archive is given away."""

TAKEN_FROM = "Khotin-Taken-From"
"""Field of a record that `khotin ingest` took from a file of others: the name of that file."""
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"

_LINE_BREAK = re.compile(r"[\r\n\0]+[ \t]*")
_TRUNCATED = frozenset({"", "length", "time", "disconnect", "unspecified"})
_BODYLESS = frozenset({204, 304})
_ORIGINAL = "X-Archive-Orig-"
_LEVEL = 6
"""zlib level: 9 takes more time and saves next to nothing."""


def archivable(exchange: Exchange) -> Exchange:
    """Bring an exchange to what the file will say of it, so that reading gives the same again."""
    if exchange.fetched_at.tzinfo is None:
        message = "fetched_at has no time zone"
        raise ValueError(message)
    if not 100 <= exchange.status <= 999:
        message = f"{exchange.status} is no HTTP status"
        raise ValueError(message)
    if exchange.truncated not in _TRUNCATED:
        message = f"{exchange.truncated!r} is no reason of WARC-Truncated"
        raise ValueError(message)
    return replace(
        exchange,
        url=clean_uri(_without_password(exchange.url)),
        fetched_at=exchange.fetched_at.astimezone(UTC),
        method=re.sub(r"[^A-Z]", "", exchange.method.upper()) or "GET",
        reason=_one_line(exchange.reason),
        request_headers=tuple(
            header for header in _clean(exchange.request_headers) if header[0].lower() not in SECRETS
        ),
        response_headers=_as_stored(exchange),
        ip=_ip(exchange.ip),
    )


def _as_stored(exchange: Exchange) -> Headers:
    """Make the headers true for the stored body: no transfer coding, the right length; the sent beside."""
    length = str(len(exchange.body))
    bodyless = exchange.status in _BODYLESS or exchange.method.upper() == "HEAD"
    headers: list[tuple[str, str]] = []
    length_told = bodyless  # there Content-Length tells of the body that was not sent
    for name, value in _clean(exchange.response_headers):
        lower = name.lower()
        if lower == "transfer-encoding":
            headers.append((_ORIGINAL + name, value))
        elif lower == "content-length" and not bodyless:
            if value != length or length_told:
                headers.append((_ORIGINAL + name, value))
            if not length_told:
                headers.append((name, length))
                length_told = True
        else:
            headers.append((name, value))
    if not length_told:
        headers.append(("Content-Length", length))
    return tuple(headers)


def _clean(headers: Headers) -> Headers:
    """Keep every header to one line with a name, its text one that ISO 8859-1 can carry."""
    pairs = ((_one_line(name).replace(":", ""), _one_line(value)) for name, value in headers)
    return tuple((name, value) for name, value in pairs if name)


def _one_line(text: str) -> str:
    """Also bring text that ISO 8859-1 lacks to a form in which its UTF-8 bytes are written."""
    line = _no_breaks(text)
    try:
        line.encode("latin-1")
    except UnicodeEncodeError:
        return line.encode("utf-8", "replace").decode("latin-1")
    return line


def _no_breaks(text: str) -> str:
    return _LINE_BREAK.sub(" ", text).strip()


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])) if "@" in parts.netloc else url


def _ip(address: str) -> str:
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return ""


def record_id() -> str:
    """Make a new WARC-Record-ID, without angle brackets."""
    return f"urn:uuid:{uuid.uuid4()}"


def _warc_date(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def warcinfo(site: str, operator: str, software: str, filename: str, now: datetime) -> bytes:
    """Build the record at the head of a file, with the fields of WARC 1.1, section 6.2 and Dublin Core."""
    fields = {
        "software": _no_breaks(software),
        "operator": _no_breaks(operator),
        "isPartOf": site,
        "format": "WARC File Format 1.1",
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "robots": "obey",
    }
    block = "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode()
    headers = [
        ("WARC-Type", "warcinfo"),
        ("WARC-Record-ID", f"<{record_id()}>"),
        ("WARC-Date", _warc_date(now)),
        ("WARC-Filename", filename),
        ("WARC-Block-Digest", sha1(block)),
    ]
    return _member("warcinfo", "application/warc-fields", headers, block)


def response_record(exchange: Exchange, own_id: str, request_id: str, digest: str) -> bytes:
    """Build the gzip member of a response record; `digest` is that of the body.

    An answer "304 Not Modified" to a capture that we have is a revisit record (WARC 1.1, section 6.7.3), whose
    payload is that of the capture it refers to: `digest` is that of its body.
    """
    first_line = f"HTTP/1.1 {exchange.status} {exchange.reason}"
    block = _http_message(first_line, exchange.response_headers, exchange.body)
    if earlier := exchange.unmodified_since:
        headers = _common("revisit", exchange, own_id, request_id, digest, block)
        headers += [
            ("WARC-Profile", NOT_MODIFIED),
            ("WARC-Refers-To", f"<{earlier.record_id}>"),
            ("WARC-Refers-To-Target-URI", earlier.url),
            ("WARC-Refers-To-Date", _warc_date(earlier.fetched_at)),
        ]
        # As a response to warcio, which leaves out the block of a revisit; its head says what it is.
        return _member("response", "application/http; msgtype=response", headers, block)
    headers = _common("response", exchange, own_id, request_id, digest, block)
    if exchange.truncated:
        headers.append(("WARC-Truncated", exchange.truncated))
    return _member("response", "application/http; msgtype=response", headers, block)


def request_record(exchange: Exchange, own_id: str, response_id: str) -> bytes:
    """Build the gzip member of a request record."""
    parts = urlsplit(exchange.url)
    target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
    sent = exchange.request_headers
    if not any(name.lower() == "host" for name, _ in sent):
        sent = (("Host", parts.netloc), *sent)
    block = _http_message(f"{exchange.method} {target} HTTP/1.1", sent, exchange.request_body)
    headers = _common("request", exchange, own_id, response_id, sha1(exchange.request_body), block)
    return _member("request", "application/http; msgtype=request", headers, block)


def _common(
    kind: str, exchange: Exchange, own_id: str, other_id: str, payload_digest: str, block: bytes
) -> list[tuple[str, str]]:
    headers = [
        ("WARC-Type", kind),
        ("WARC-Record-ID", f"<{own_id}>"),
        ("WARC-Date", _warc_date(exchange.fetched_at)),
        ("WARC-Target-URI", exchange.url),
        ("WARC-Payload-Digest", payload_digest),
        ("WARC-Block-Digest", sha1(block)),
    ]
    # the request that others sent is not known; the name of their file is an extension (WARC 1.1, section 4)
    beside = (TAKEN_FROM, clean_uri(exchange.taken_from)) if exchange.taken_from else None
    headers.insert(4, beside or ("WARC-Concurrent-To", f"<{other_id}>"))
    if exchange.ip:
        headers.insert(4, ("WARC-IP-Address", exchange.ip))
    return headers


def _http_message(first_line: str, headers: Headers, body: bytes) -> bytes:
    # Not by warcio, which percent-encodes header bytes outside ASCII: the archive keeps what was sent.
    lines = [first_line, *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def _member(kind: str, content_type: str, headers: list[tuple[str, str]], block: bytes) -> bytes:
    """Frame a record and compress it as a gzip member of its own."""
    framed = io.BytesIO()
    rec_headers = StatusAndHeaders("", headers, protocol="WARC/1.1")
    record = ArcWarcRecord("warc", kind, rec_headers, io.BytesIO(block), None, content_type, len(block))
    RecordWriter(framed, gzip=False, warc_version="1.1").write_record(record)
    deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return deflate.compress(framed.getbuffer()) + deflate.flush()
