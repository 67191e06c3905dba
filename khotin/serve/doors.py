"""Which requests come in at all: the two profiles, and what neither of them lets through."""

from __future__ import annotations

import ipaddress
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qsl

from datasette.utils import tilde_decode

from pipelines.search import FTS_TABLE

Profile = Literal["public", "researcher"]
PROFILES: tuple[Profile, ...] = ("public", "researcher")
MAX_BODY = 64_000
"""Bytes that a reader may send: a form. Nothing here takes files."""
MAX_PARAMETERS = 60
"""Each filter is a condition of a query, each facet a query."""
MAX_FACETS = 8
_INDEX = frozenset({"_fts_table", "_fts_pk", "_searchmode"})
"""Parameters of Datasette that choose the search index or pass an expression to it as it is."""
_OPEN = ("/-/khotin/", "/-/language/", "/-/static/", "/-/static-plugins/")
"""Beneath `/-/` a public server shows these alone: the rest tells of the machine (paths, threads, versions)."""
_RELAYED = frozenset({b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"via"})


@dataclass(frozen=True, slots=True)
class Doors:
    """What a server lets in. `profile` None: nobody said; it is the researcher's on this machine alone."""

    profile: Profile | None = None

    @property
    def public(self) -> bool:
        """Strangers ask."""
        return self.profile == "public"


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer in place of the page."""

    status: int
    message: str

    async def __call__(self, scope: MutableMapping[str, Any], _receive: Any, send: Any) -> None:
        """Answer with it, as an ASGI application; the connection ends, for a body may be on its way."""
        body = f"{self.message}\n".encode() if scope["method"] != "HEAD" else b""
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
        if self.status == 405:
            headers.append((b"allow", b"GET, HEAD"))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def is_local(host: str) -> bool:
    """The name or address, with or without a port, is this machine's own: localhost, 127.0.0.1, [::1]."""
    name = host.strip().lower()
    name = (
        name[1:].partition("]")[0] if name.startswith("[") else name if name.count(":") > 1 else name.partition(":")[0]
    )
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def refuse(scope: MutableMapping[str, Any], doors: Doors) -> Refusal | None:
    """Why this request does not come in; None if it does."""
    headers = dict(scope.get("headers", ()))
    host = headers.get(b"host", b"").decode("latin-1")
    if doors.profile is None and (headers.keys() & _RELAYED or (host and not is_local(host))):
        # A proxy, or a foreign page whose name was turned to 127.0.0.1 (DNS rebinding).
        return Refusal(421, "khotin serves this machine alone; for others start it with: khotin serve --profile public")
    length = headers.get(b"content-length", b"0")
    if not length.isdigit() or len(length) > 12 or int(length) > MAX_BODY or b"transfer-encoding" in headers:
        return Refusal(413, f"a request may carry at most {MAX_BODY} bytes, and must say how many")
    path = scope["path"]
    if scope["method"] not in _methods(path, doors):
        return Refusal(405, "GET and HEAD are what this server answers")
    if doors.public and (path == "/-" or path.startswith("/-/")) and not path.startswith(_OPEN):
        return Refusal(404, "there is no page at this address")
    if tilde_decode(path).startswith(f"/public/{FTS_TABLE}"):
        return Refusal(404, "there is no page at this address")
    return _refuse_parameters(scope.get("query_string", b"").decode("latin-1"))


def _methods(path: str, doors: Doors) -> tuple[str, ...]:
    # Datasette's CORS sends OPTIONS, its own forms POST: none of them is open to strangers, and those on the database
    # and its tables write; elsewhere there it takes a POST for a fault of its own.
    if not (path == "/" or path.startswith(("/-/", "/public"))):
        return ("GET", "HEAD")
    form = not doors.public and path.startswith("/-/")
    return ("GET", "HEAD", "OPTIONS", *(("POST",) if form else ()))


def _refuse_parameters(query: str) -> Refusal | None:
    if query.count("&") >= MAX_PARAMETERS:
        return Refusal(400, f"more than {MAX_PARAMETERS} parameters")
    names = [name for name, _ in parse_qsl(query, keep_blank_values=True)]
    if any("\0" in name for name in names):  # Datasette writes the name of a column into its SQL
        return Refusal(400, "the name of a parameter has a null character in it")
    chosen = sorted(_INDEX.intersection(names))
    if chosen:
        return Refusal(400, f"{chosen[0]} is not open to readers: _search takes the article's own index")
    if sum(name.startswith("_facet") for name in names) > MAX_FACETS:
        return Refusal(400, f"more than {MAX_FACETS} facets in one request")
    return None
