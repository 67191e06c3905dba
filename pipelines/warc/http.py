"""HTTP messages as WARC records hold them: head and body, codings, redirects, addresses."""

from __future__ import annotations

import re
from urllib.parse import quote, urljoin

from pipelines.warc.model import Exchange, Headers

_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")


def http_parts(block: bytes) -> tuple[str, Headers, bytes]:
    """Split an HTTP message into first line, headers and body (RFC 9112); header text is ISO 8859-1."""
    end = _END_OF_HEAD.search(block)
    head, body = (block[: end.start()], block[end.end() :]) if end else (block, b"")
    lines = head.decode("latin-1").split("\n")
    headers: list[tuple[str, str]] = []
    for line in lines[1:]:
        text = line.rstrip("\r")
        if text[:1] in (" ", "\t") and headers:  # obs-fold, RFC 9112, section 5.2
            headers[-1] = (headers[-1][0], f"{headers[-1][1]} {text.strip()}")
        elif text:
            name, _, value = text.partition(":")
            headers.append((name.strip(), value.strip()))
    return lines[0].rstrip("\r"), tuple(headers), body


def content_encoding(headers: Headers) -> str:
    """Join all Content-Encoding headers, as RFC 9110, section 5.3 lets them be split."""
    return ",".join(value for name, value in headers if name.lower() == "content-encoding")


def redirect_target(exchange: Exchange) -> str:
    """Return the absolute address a redirect leads to, else an empty string."""
    location = exchange.header("Location") if 300 <= exchange.status < 400 else ""
    if not location:
        return ""
    raw = location.encode("latin-1", "replace")
    try:
        location = raw.decode()
    except UnicodeDecodeError:
        location = raw.decode("latin-1")
    try:
        return clean_uri(urljoin(exchange.url, location))
    except ValueError:  # "http://[oops": no address
        return ""


def clean_uri(url: str) -> str:
    """Make an address safe for a header line: percent-encode spaces, controls and all that is not ASCII."""
    return quote(url.strip(), safe="!#$%&'()*+,/:;=?@[]~-._|^`{}\\\"<>", errors="replace")
