"""The pages: an article, its JSON twin, home, and what a wrong address gets."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from datasette import Response

from khotin.serve.app import DATABASE
from khotin.serve.citing import BY_ENDING, FORMS
from khotin.serve.language import headers, words
from khotin.serve.metadata import described, in_language
from khotin.serve.overview import charts
from khotin.serve.overview.figures import read_edits, read_recent
from khotin.serve.overview.periods import named
from khotin.serve.page import absolute, articles_url, page
from khotin.serve.reading import ArticlePage, present_key, read_article, read_home
from khotin.serve.wrong import Wrong

NEWEST_EDITS = 5


async def _article(datasette: Any, key: str, *, diffs: bool = False) -> ArticlePage | None:
    database = datasette.get_database(DATABASE)
    found: ArticlePage | None = await database.execute_fn(lambda conn: read_article(conn, key, diffs=diffs))
    return replace(found, sample=True) if found and database.sample else found


async def _elsewhere(datasette: Any, request: Any) -> Any:
    """A permalink of an article that is another one today leads there, in the same form; else there is none."""
    key = request.url_vars["key"]
    present = await datasette.get_database(DATABASE).execute_fn(lambda conn: present_key(conn, key))
    if present is None:
        return await no_article(datasette, request)
    return Response.redirect(datasette.urls.path(f"/a/{present}{request.path.rpartition(key)[2]}"), status=301)


async def article(datasette: Any, request: Any) -> Any:
    """`/a/<key>`: one article for a person to read."""
    found = await _article(datasette, request.url_vars["key"], diffs=True)
    if found is None:
        return await _elsewhere(datasette, request)
    permalink = absolute(datasette, request, f"/a/{found.key}")
    t = words(request)
    context = {
        "page": found,
        "site_url": articles_url(datasette, site=found.site),
        "similar_url": articles_url(datasette, like=found.key),
        "permalink": permalink,
        "json_url": datasette.urls.path(f"/a/{found.key}.json"),
        "citations": [
            {
                "name": form.name or t("cite_text"),
                "text": form.make(found, permalink, t),
                "url": datasette.urls.path(f"/a/{found.key}.{form.ending}"),
                "ending": form.ending,
            }
            for form in FORMS
        ],
    }
    return await page(datasette, request, "article.html", context)


async def citation(datasette: Any, request: Any) -> Any:
    """`/a/<key>.bib`, `.ris`, `.csl.json`, `.txt`: how to cite it, as a file."""
    found = await _article(datasette, request.url_vars["key"])
    if found is None:
        return await _elsewhere(datasette, request)
    form = BY_ENDING[request.url_vars["form"]]
    body = form.make(found, absolute(datasette, request, f"/a/{found.key}"), words(request))
    named = f'attachment; filename="{found.key}.{form.ending}"'
    spoken = {name.decode(): value.decode() for name, value in headers(request)} if form.ending == "txt" else {}
    return Response(
        body, headers={"Content-Disposition": named, **spoken}, content_type=f"{form.content_type}; charset=utf-8"
    )


async def article_json(datasette: Any, request: Any) -> Any:
    """`/a/<key>.json`: the same for a program."""
    found = await _article(datasette, request.url_vars["key"])
    if found is None:
        return await _elsewhere(datasette, request)
    record = {"ok": True, "permalink": absolute(datasette, request, f"/a/{found.key}"), **found.record()}
    body = json.dumps(record, ensure_ascii=False)
    return Response(body, content_type="application/json; charset=utf-8")


async def no_article(datasette: Any, request: Any) -> Any:
    """No article has this key."""
    if request.path.endswith(".json"):
        return Response.json({"ok": False, "error": "no such article", "status": 404}, status=404)
    t = words(request)
    context = {"heading": t("not_found"), "message": t("not_found_article")}
    return await page(datasette, request, "error.html", context, status=404)


def _message(exception: Exception, status: int) -> str:
    if status >= 500 and not isinstance(exception, Wrong):
        return "internal error"
    if isinstance(exception, MemoryError):
        return "the query needs too much memory"
    if getattr(exception, "message_is_html", False):  # "SQL query took too long", with a form and a script
        return str(getattr(exception, "plain_message", None) or getattr(exception, "title", None) or status)
    return str(getattr(exception, "message", None) or (exception.args[0] if exception.args else "") or status)


def wants_json(request: Any) -> bool:
    """Whether a program asks: by the address, or by an Accept header that names JSON and no HTML."""
    accept = request.headers.get("accept") or ""
    return request.path.endswith(".json") or ("application/json" in accept and "text/html" not in accept)


async def forbidden(datasette: Any, request: Any, message: str) -> Any:
    """What this server does not let its readers do: a page with a search box; JSON for programs."""
    if wants_json(request):
        return Response.json({"ok": False, "error": message, "status": 403, "title": "Forbidden"}, status=403)
    t = words(request)
    context = {"heading": t("forbidden"), "message": t("forbidden_page")}
    return await page(datasette, request, "error.html", context, status=403)


async def wrong_request(datasette: Any, request: Any, exception: Exception, status: int) -> Any:
    """A wrong address, a senseless request, a fault: a page with a search box; JSON for programs."""
    message = _message(exception, status)
    if status == 403:
        return await forbidden(datasette, request, message)
    if wants_json(request):
        info = dict(getattr(exception, "error_dict", None) or {})
        info |= {"ok": False, "error": message, "status": status, "title": getattr(exception, "title", None)}
        return Response.json(info, status=status)
    t = words(request)
    context = {"heading": t("error"), "message": exception.told(t) if isinstance(exception, Wrong) else message}
    if status == 404:
        context["heading"] = t("not_found")
        if not isinstance(exception, Wrong):
            context["message"] = t("not_found_page")
    return await page(datasette, request, "error.html", context, status=status)


async def home(datasette: Any, request: Any) -> Any:
    """`/`: what this is, how much there is, what is new."""
    t = words(request)
    database = datasette.get_database(DATABASE)
    facts, months, edits = await database.execute_fn(
        lambda conn: (read_home(conn), read_recent(conn), read_edits(conn, None, NEWEST_EDITS))
    )
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
                    "description": in_language(description, t.language),
                    "count": counts[name],
                }
            )
    about = metadata["description"]
    span = urlencode({"unit": "month", "since": min(months, default=""), "until": max(months, default="")})
    context = {
        "home": facts,
        "edits": edits,
        "chart": charts.stacked([list(months.values())]) if months else None,
        "months": [(named(month, t), articles_url(datasette, month=month), count) for month, count in months.items()],
        "csv_url": f"{datasette.urls.path('/overview.csv')}?{span}",
        "tables": tables,
        "told": in_language(about, t.language),
    }
    return await page(datasette, request, "home.html", context)
