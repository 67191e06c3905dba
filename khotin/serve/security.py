"""What keeps a page of stored text from doing anything but being read.

Every `<script>` in a template carries a nonce that is new for each response; the Content-Security-Policy lets
scripts with that nonce run and nothing else. The nonce is added to the template's source when it is compiled,
before any value is put in: a `<script>` inside stored text never has one.
"""

from __future__ import annotations

import re
import secrets
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from jinja2.ext import Extension

Scope = MutableMapping[str, Any]
Headers = Iterable[tuple[bytes, bytes]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

OWN_PAGES = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""For pages made from khotin's templates: no inline script, no inline style, nothing from elsewhere."""

DATASETTE_PAGES = (
    # Datasette's templates have style attributes and <style> blocks; its scripts get the nonce.
    "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self' 'nonce-{nonce}'{handlers}; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),  # for browsers that don't know frame-ancestors
    (b"referrer-policy", b"same-origin"),  # publishers don't learn what a reader searched for
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)

NONCE_KEY = "khotin_nonce"
_SCRIPT = re.compile(r"<script\b(?![^>]*\bnonce=)", re.IGNORECASE)  # <script>, <script src=…>; not <scripts>
_HTML = re.compile(r"<html(?: lang=\"en\")?>")  # Datasette's own layout
_HANDLER = re.compile(r"""\son[a-z]+="([^"{]+)\"""")  # <button onclick="openColumnChooser()">, in Datasette 1.0
_handlers: set[str] = set()
"""Hashes of the handlers found in the source of templates so far, as sources of a policy."""


class NonceExtension(Extension):
    """Adds `nonce="{{ csp_nonce }}"` to each script tag of a template and the language to its html tag, and notes

    its inline handlers.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002
        """The template's source with the nonce in it."""
        for handler in _HANDLER.findall(source):
            _handlers.add(f"'sha256-{b64encode(sha256(handler.encode()).digest()).decode()}'")
        source = _HTML.sub('<html lang="{{ t.language }}">', source)
        return _SCRIPT.sub('<script nonce="{{ csp_nonce }}"', source)


def safe_name(name: str) -> str:
    """A file name that can stand between quotes in a header: letters, digits, . _ - alone."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".-") or "data"


def safe_href(url: str | None) -> str | None:
    """The address if a reader may be sent there: http or https with a host. Else None.

    Refused: `javascript:…`, `data:…`, `//host`, relative addresses, and any with control characters or
    spaces, which browsers drop while reading `java\\nscript:`.
    """
    if not url or any(ord(char) <= 0x20 or ord(char) == 0x7F for char in url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:  # "http://[::1": a bracket that is never closed
        return None
    return url if parts.scheme in ("http", "https") and host else None


def _policy(nonce: str) -> str:
    # The page's templates are compiled before its first byte is sent: their handlers are known by now.
    handlers = " ".join((" 'unsafe-hashes'", *sorted(_handlers))) if _handlers else ""
    return DATASETTE_PAGES.format(nonce=nonce, handlers=handlers)


def _joined(headers: Iterable[tuple[bytes, bytes]], more: Headers) -> list[tuple[bytes, bytes]]:
    # Datasette sends a Vary of its own: the names of both, each once.
    given = {name.lower(): value for name, value in headers}
    added = {}
    for name, value in more:
        known = [one for one in given.get(name, b"").split(b", ") if one]
        added[name] = b", ".join(dict.fromkeys([*known, *value.split(b", ")]))
    return [(name, value) for name, value in headers if name.lower() not in added] + list(added.items())


def with_headers(send: Send, nonce: str, more: Headers = ()) -> Send:
    """A `send` that adds the safety headers to a response, and to HTML also `more`.

    A safety header that the page set itself stays.
    """

    async def send_safe(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", []))
            present = {name.lower() for name, _ in headers}
            headers += [(name, value) for name, value in HEADERS if name not in present]
            if any(name.lower() == b"content-type" and value.startswith(b"text/html") for name, value in headers):
                headers = _joined(headers, more)
            if b"content-security-policy" not in present:
                headers.append((b"content-security-policy", _policy(nonce).encode()))
            message = {**message, "headers": headers}
        await send(message)

    return send_safe


def new_nonce() -> str:
    """128 bits, as a Content-Security-Policy source."""
    return secrets.token_urlsafe(16)
