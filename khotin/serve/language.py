"""Which language a reader gets: the one chosen with the switch (a cookie), else the one the browser asks for.

The switch is a link, `/-/language/en?to=/a/…`: it sets the cookie and leads back. Pages in a language say so
(`Content-Language`) and tell caches what they depend on (`Vary`).
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from datasette import Response

from khotin.serve.words import LANGUAGES, Words

COOKIE = "khotin_language"
YEAR = 365 * 24 * 3600
VARY = "Accept-Language, Cookie"
# A path of this server; not //host, nor /\host, which browsers read as //host, nor control characters or blanks.
_PATH = re.compile(r"/(?![/\\])[^\x00-\x20\x7f\\]*")
_SAFE = "%/?#&=+:;,@!$'()*~[]"
_RANGE = re.compile(r"\s*([A-Za-z]{1,8}|\*)(?:-[A-Za-z0-9-]*)?\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?")


def preferred(accept: str | None) -> str:
    """`vi` or `en` for an Accept-Language header (RFC 9110, 12.5.4).

    Without one Vietnamese, the language of the archive; for readers of neither English.
    """
    best, weight, named = "", 0.0, False
    for part in (accept or "").split(",")[:50]:
        found = _RANGE.fullmatch(part)
        if not found:
            continue
        named = named or found[1] != "*"
        quality = float(found[2] or 1)
        language = LANGUAGES[0] if found[1] == "*" else found[1].lower()
        if language in LANGUAGES and quality > weight:
            best, weight = language, quality
    return best or ("en" if named else LANGUAGES[0])


def words(request: Any) -> Words:
    """The words in the language of this reader; of a request that is none (a template of no request) Vietnamese."""
    if request is None:
        return Words()
    chosen = request.cookies.get(COOKIE)
    return Words(chosen if chosen in LANGUAGES else preferred(request.headers.get("accept-language")))


def headers(request: Any) -> list[tuple[bytes, bytes]]:
    """What an HTML page says of its language; every page of this server has a layout in the reader's."""
    return [(b"content-language", words(request).language.encode()), (b"vary", VARY.encode())]


def switch_url(datasette: Any, request: Any, language: str) -> str:
    """Address of the link that changes the language and leads back to this page."""
    here = request.scope.get("route_path", request.path) if request else "/"
    if request and request.query_string:
        here = f"{here}?{request.query_string}"
    return str(datasette.urls.path(f"/-/language/{language}?to={quote(here, safe='/')}"))


async def switch(datasette: Any, request: Any) -> Any:
    """`/-/language/<vi|en>?to=/path`: keeps the choice for a year and leads back to the page."""
    to = request.args.get("to") or "/"
    where = str(datasette.urls.path(quote(to, safe=_SAFE) if _PATH.fullmatch(to) else "/"))
    response = Response.redirect(where, status=303)
    response.headers["Cache-Control"] = "no-store"
    path = str(datasette.urls.instance())
    chosen = request.url_vars["language"]
    response.set_cookie(COOKIE, chosen, max_age=YEAR, path=path, httponly=True, samesite="lax")
    return response
