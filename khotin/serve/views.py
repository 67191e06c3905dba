"""The pages: an article, its JSON twin, home, and what a wrong address gets."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import Any

from datasette import Response

from khotin.serve.app import DATABASE, HERE
from khotin.serve.metadata import described, in_language
from khotin.serve.reading import ArticlePage, read_article, read_home
from khotin.serve.security import OWN_PAGES, safe_href
from khotin.serve.words import Words

HEADERS = {"Content-Security-Policy": OWN_PAGES}


@cache
def static(name: str) -> str:
    """Address of a file in static/, which changes when the file does."""
    digest = hashlib.sha256((HERE / "static" / name).read_bytes()).hexdigest()[:8]
    return f"/-/khotin/{name}?{digest}"


def words(request: Any) -> Words:  # noqa: ARG001
    """The words in the reader's language. One language so far; the switch belongs here."""
    return Words("vi")


def _templates(datasette: Any, request: Any) -> Any:
    if hasattr(datasette, "get_jinja_environment"):
        return datasette.get_jinja_environment(request)
    return datasette.jinja_env  # 0.65


async def _page(datasette: Any, request: Any, template: str, context: dict[str, Any], status: int = 200) -> Any:
    t = words(request)
    shared = {
        "t": t,
        "other": Words(t.other_language),
        "static": lambda name: datasette.urls.path(static(name)),
        "safe_href": safe_href,
        "database": DATABASE,
        "urls": datasette.urls,
    }
    # Straight from the environment: render_template() would add a dozen values of Datasette's own layout.
    page = _templates(datasette, request).get_template(f"khotin/{template}")
    body = await page.render_async(shared | context)
    headers = dict(HEADERS)
    if status == 200:
        headers["Cache-Control"] = f"max-age={datasette.setting('default_cache_ttl')}"
    return Response.html(body, status=status, headers=headers)


async def _article(datasette: Any, key: str) -> ArticlePage | None:
    database = datasette.get_database(DATABASE)
    page: ArticlePage | None = await database.execute_fn(lambda conn: read_article(conn, key))
    return page


def _absolute(datasette: Any, request: Any, path: str) -> str:
    return str(datasette.absolute_url(request, str(datasette.urls.path(path))))


async def article(datasette: Any, request: Any) -> Any:
    """`/a/<key>`: one article for a person to read."""
    page = await _article(datasette, request.url_vars["key"])
    if page is None:
        return await no_article(datasette, request)
    site_url = f"{datasette.urls.table(DATABASE, 'articles')}?site={page.site}"
    context = {
        "page": page,
        "site_url": site_url,
        "permalink": _absolute(datasette, request, f"/a/{page.key}"),
        "json_url": datasette.urls.path(f"/a/{page.key}.json"),
    }
    return await _page(datasette, request, "article.html", context)


async def article_json(datasette: Any, request: Any) -> Any:
    """`/a/<key>.json`: the same for a program."""
    page = await _article(datasette, request.url_vars["key"])
    if page is None:
        return Response.json({"ok": False, "error": "no such article", "status": 404}, status=404)
    record = {"ok": True, "permalink": _absolute(datasette, request, f"/a/{page.key}"), **page.record()}
    body = json.dumps(record, ensure_ascii=False)
    return Response(body, content_type="application/json; charset=utf-8")


async def no_article(datasette: Any, request: Any) -> Any:
    """No article has this key."""
    if request.path.endswith(".json"):
        return Response.json({"ok": False, "error": "no such article", "status": 404}, status=404)
    context = {"heading": words(request)("not_found"), "word": "not_found_article", "message": None}
    return await _page(datasette, request, "error.html", context, status=404)


def _message(exception: Exception, status: int) -> str:
    if status >= 500:
        return "internal error"
    if isinstance(exception, MemoryError):
        return "the query needs too much memory"
    if getattr(exception, "message_is_html", False):  # "SQL query took too long", with a form and a script
        return str(getattr(exception, "plain_message", None) or getattr(exception, "title", None) or status)
    return str(getattr(exception, "message", None) or (exception.args[0] if exception.args else "") or status)


async def wrong_request(datasette: Any, request: Any, exception: Exception, status: int) -> Any:
    """A wrong address, a senseless request, a fault: a page with a search box; JSON for programs."""
    message = _message(exception, status)
    if request.path.endswith(".json"):
        info = dict(getattr(exception, "error_dict", None) or {})
        info |= {"ok": False, "error": message, "status": status, "title": getattr(exception, "title", None)}
        return Response.json(info, status=status)
    t = words(request)
    context = {"heading": t("not_found" if status == 404 else "error"), "word": None, "message": message}
    if status == 404:
        context |= {"word": "not_found_page", "message": None}
    return await _page(datasette, request, "error.html", context, status=status)


async def home(datasette: Any, request: Any) -> Any:
    """`/`: what this is, how much there is, what is new."""
    t = words(request)
    database = datasette.get_database(DATABASE)
    facts = await database.execute_fn(read_home)
    counts = await database.table_counts()
    metadata = described()
    tables = []
    for name, told in metadata["databases"][DATABASE]["tables"].items():
        if name in counts and not told.get("hidden"):
            title, description = told["title"], told["description"]
            tables.append(
                {
                    "name": name,
                    "title": in_language(title, t.language),
                    "title_other": in_language(title, t.other_language),
                    "description": in_language(description, t.language),
                    "count": counts[name],
                }
            )
    about = metadata["description"]
    context = {
        "home": facts,
        "tables": tables,
        "about": in_language(about, t.language),
        "about_other": in_language(about, t.other_language),
    }
    return await _page(datasette, request, "home.html", context)
