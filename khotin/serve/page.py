"""How every page of ours is made: the reader's words, the shared parts of the layout, the headers."""

from __future__ import annotations

import hashlib
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlencode

from datasette import Response

from khotin.serve.app import DATABASE, HERE
from khotin.serve.language import switch_url, words
from khotin.serve.security import OWN_PAGES, safe_href

SECTIONS = (
    ("nav_articles", "/search"),
    ("nav_overview", "/overview"),
    ("nav_map", "/map"),
    ("nav_sites", "/sites"),
    ("nav_changes", "/changes"),
    ("nav_compare", "/compare"),
    ("nav_data", "/data"),
)
"""The pages at the top of each page: word, path."""
HEADERS = {"Content-Security-Policy": OWN_PAGES}


@cache
def static(name: str) -> str:
    """Address of a file in static/, which changes when the file does."""
    digest = hashlib.sha256((HERE / "static" / name).read_bytes()).hexdigest()[:8]
    return f"/-/khotin/{name}?{digest}"


def absolute(datasette: Any, request: Any, path: str) -> str:
    """The whole address of a path of this server: at its own address where that is set, else as this reader came.

    What a reader's Host header says may end in a cache or a feed reader: a public server should have its address.
    """
    local = str(datasette.urls.path(path))
    return f"{own}{local}" if (own := datasette.khotin_address) else str(datasette.absolute_url(request, local))


def articles_url(datasette: Any, **chosen: str) -> str:
    """Address of the search page narrowed to these values: site, province, province_63, month (or year), kind."""
    query = urlencode({name: value for name, value in chosen.items() if value})
    return f"{datasette.urls.path('/search')}{'?' if query else ''}{query}"


def layout(datasette: Any, request: Any) -> dict[str, Any]:
    """What the layout of every page needs, Datasette's own pages too."""
    t = words(request)
    return {
        "t": t,
        "asset": lambda name: datasette.urls.path(static(name)),
        "safe_href": safe_href,
        "sections": SECTIONS,
        "sample": datasette.get_database(DATABASE).sample,
        "here": request.scope.get("route_path", request.path) if request else "",
        "search_action": datasette.urls.path("/search"),
        "search_name": "q",
        "switch_url": switch_url(datasette, request, t.other_language),
    }


@lru_cache(maxsize=4)
def _direct(shared: Any) -> Any:
    # Nothing that our pages show is awaited: to look for it at every value doubles the work.
    return shared.overlay(enable_async=False)


def _templates(datasette: Any, request: Any) -> Any:
    if hasattr(datasette, "get_jinja_environment"):
        return _direct(datasette.get_jinja_environment(request))
    return _direct(datasette.jinja_env)  # 0.65


async def page(datasette: Any, request: Any, template: str, context: dict[str, Any], status: int = 200) -> Any:
    """A page from templates/khotin/`template`, in the reader's language."""
    shared = {**layout(datasette, request), "database": DATABASE, "urls": datasette.urls}
    # Straight from the environment: render_template() would add a dozen values of Datasette's own layout.
    found = _templates(datasette, request).get_template(f"khotin/{template}")
    body = found.render(shared | context)
    headers = dict(HEADERS)
    if status == 200:
        headers["Cache-Control"] = f"max-age={datasette.setting('default_cache_ttl')}"
    return Response.html(body, status=status, headers=headers)
