"""For crawlers and language models: robots.txt (RFC 9309), sitemaps (sitemaps.org 0.9), llms.txt."""

from __future__ import annotations

from typing import Any

from datasette import Response
from lxml import etree

from khotin.serve.app import DATABASE
from khotin.serve.page import absolute

PER_MAP = 50_000  # sitemaps.org: at most 50,000 addresses a file
_SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_CLOSED = ("/public/", "/public?", "/public.", "/search", "/dumps/", "/-/", "/*?")
_CHANGED = """
SELECT a.key, max(a.first_seen, coalesce((SELECT max(replaced_at) FROM revisions r WHERE r.article_id = a.id), ''),
  coalesce(a.gone_since, '')) FROM articles a WHERE a.id > ? AND a.id <= ? ORDER BY a.id
"""


async def robots(datasette: Any, request: Any) -> Any:
    """`/robots.txt`: articles and feeds are open; facets, SQL, searches and downloads cost too much."""
    lines = ["User-agent: *", "Allow: /a/", *(f"Disallow: {path}" for path in _CLOSED), "", "Sitemap: "]
    body = "\n".join(lines) + absolute(datasette, request, "/sitemap.xml") + "\n"
    return Response.text(body, headers={"Cache-Control": "max-age=3600"})


def _xml(root: Any) -> Any:
    body = etree.tostring(root, xml_declaration=True, encoding="utf-8")
    return Response(body, headers={"Cache-Control": "max-age=3600"}, content_type="application/xml; charset=utf-8")


def _listed(root: Any, kind: str, address: str, changed: str | None) -> None:
    item = etree.SubElement(root, f"{{{_SPACE}}}{kind}")
    etree.SubElement(item, f"{{{_SPACE}}}loc").text = address
    if changed:
        etree.SubElement(item, f"{{{_SPACE}}}lastmod").text = changed


async def index(datasette: Any, request: Any) -> Any:
    """`/sitemap.xml`: the index of the sitemaps."""

    def read(conn: Any) -> tuple[int, str]:
        about = dict(tuple(row) for row in conn.execute("SELECT name, value FROM about"))
        return int(conn.execute("SELECT coalesce(max(id), 0) FROM articles").fetchone()[0]), str(about["built_at"])

    highest, built = await datasette.get_database(DATABASE).execute_fn(read)
    root = etree.Element(f"{{{_SPACE}}}sitemapindex", nsmap={None: _SPACE})
    for number in range(1, -(-highest // PER_MAP) + 1):
        _listed(root, "sitemap", absolute(datasette, request, f"/sitemaps/articles-{number}.xml"), built)
    return _xml(root)


async def articles(datasette: Any, request: Any) -> Any:
    """`/sitemaps/articles-<n>.xml`: articles by their place in the order of dates, the oldest in the first."""
    begin = (int(request.url_vars["number"]) - 1) * PER_MAP

    def read(conn: Any) -> list[tuple[str, str]]:
        return [tuple(row) for row in conn.execute(_CHANGED, (begin, begin + PER_MAP))]

    rows = await datasette.get_database(DATABASE).execute_fn(read)
    if not rows:
        return Response.text("there is no such sitemap\n", status=404)
    root = etree.Element(f"{{{_SPACE}}}urlset", nsmap={None: _SPACE})
    before = absolute(datasette, request, "/a/")
    for key, changed in rows:
        _listed(root, "url", before + key, changed)
    return _xml(root)


async def llms(datasette: Any, request: Any) -> Any:
    """`/llms.txt` (llmstxt.org): what a program that reads for a person should know first."""

    def to(path: str) -> str:
        return absolute(datasette, request, path)

    body = f"""# khotin

> The archive of Vietnamese Party-building news: articles of Party papers, Party committee portals and government
> portals of Vietnam's provinces, each with its publication date, its evidence and its later edits.

Texts are Vietnamese and belong to their publishers; cite the permalink and the publisher. Some are excerpts (field
`shortened`). Unknown values are null, never guesses. Times are ISO 8601 with +07:00.

## For programs

- [API]({to("/api")}): addresses, parameters and keys of the JSON API
- [Search as JSON]({to("/search.json?q=xay+dung+dang")}): with or without diacritics
- [Articles as JSON]({to("/public/articles.json?_shape=objects")}): filters, facets, pages
- [New and edited articles]({to("/feeds/all.atom")}): Atom
- [Sitemap]({to("/sitemap.xml")}): every article with the time of its last change

## Data

- [Dumps]({to("/data")}): everything as CSV, JSON lines, Parquet and SQLite, per month and whole
- [Codebook]({to("/dumps/codebook.md")}): every column, in Vietnamese and English
"""
    return Response.text(body, headers={"Cache-Control": "max-age=3600"})
