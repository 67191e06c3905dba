"""The pages: what there is to take home (/data), and how programs ask (/api)."""

from __future__ import annotations

from typing import Any

from khotin.serve.app import DATABASE
from khotin.serve.page import absolute, page
from khotin.serve.sharing import feeds, files, maps

KEYS = (
    "ok", "permalink", "key", "title", "lead", "body", "byline", "agency", "section", "site", "site_name", "kind",
    "province", "published_at", "published_precision", "event_date", "date_estimate", "language", "canonical_url",
    "first_seen", "last_seen", "gone_since", "rights", "shortened", "tags", "images", "attachments", "addresses",
    "evidence", "capture", "revisions",
)  # fmt: skip
"""Keys of an article's JSON that stay; others may come."""


def _offered(conn: Any) -> dict[str, Any]:
    return {
        "sites": [tuple(row) for row in conn.execute("SELECT id, name FROM sites WHERE articles > 0 ORDER BY name")],
        "provinces": [
            tuple(row)
            for row in conn.execute(
                "SELECT code, name FROM provinces WHERE scheme = 34 AND articles > 0 ORDER BY short_name"
            )
        ],
    }


async def data(datasette: Any, request: Any) -> Any:
    """`/data`: the dumps with sizes and checksums, and how to load them."""
    noted = files.manifest(datasette)
    parts: dict[str, list[dict[str, Any]]] = {}
    for one in noted.get("files", ()):
        parts.setdefault(one["part"], []).append(one)
    context = {
        "built_at": noted.get("built_at"),
        "whole": parts.pop("all", []),
        "months": parts,
        "papers": [name for name in files.PAPERS if (files.folder(datasette) / name).is_file()],
        "csv_url": absolute(datasette, request, f"/{DATABASE}/articles.csv?year=2020"),
    }
    return await page(datasette, request, "data.html", context)


async def api(datasette: Any, request: Any) -> Any:
    """`/api`: addresses, parameters and keys."""
    offered = await datasette.get_database(DATABASE).execute_fn(_offered)
    context = {**offered, "keys": KEYS, "base": absolute(datasette, request, "/").rstrip("/")}
    return await page(datasette, request, "api.html", context)


ROUTES: list[tuple[str, Any]] = [
    (r"^/data$", data),
    (r"^/api$", api),
    (r"^/dumps/(?P<name>[A-Za-z0-9_.-]{1,80})$", files.file),
    (r"^/feeds/all\.atom$", feeds.feed),
    (r"^/feeds/(?P<kind>site|province)/(?P<which>[a-z0-9-]{1,60})\.atom$", feeds.feed),
    (r"^/robots\.txt$", maps.robots),
    (r"^/llms\.txt$", maps.llms),
    (r"^/sitemap\.xml$", maps.index),
    (r"^/sitemaps/articles-(?P<number>[1-9]\d{0,5})\.xml$", maps.articles),
]
