"""For crawlers and language models: robots.txt (RFC 9309), sitemaps (sitemaps.org 0.9), llms.txt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from xml.sax.saxutils import escape

from datasette import Response

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


def _document(root: str, kind: str, listed: Iterable[tuple[str, str]]) -> bytes:
    """A sitemap of addresses with the times of their last change. As text: 50,000 elements would take a second."""
    items = [
        f"<{kind}><loc>{escape(address)}</loc>{f'<lastmod>{escape(changed)}</lastmod>' if changed else ''}</{kind}>"
        for address, changed in listed
    ]
    begin = f"<?xml version='1.0' encoding='utf-8'?>\n<{root} xmlns=\"{_SPACE}\">"
    return "".join([begin, *items, f"</{root}>"]).encode()


def _xml(body: bytes) -> Any:
    return Response(body, headers={"Cache-Control": "max-age=3600"}, content_type="application/xml; charset=utf-8")


async def index(datasette: Any, request: Any) -> Any:
    """`/sitemap.xml`: the index of the sitemaps."""

    def read(conn: Any) -> tuple[int, str]:
        about = dict(tuple(row) for row in conn.execute("SELECT name, value FROM about"))
        return int(conn.execute("SELECT coalesce(max(id), 0) FROM articles").fetchone()[0]), str(about["built_at"])

    highest, built = await datasette.get_database(DATABASE).execute_fn(read)
    numbers = range(1, -(-highest // PER_MAP) + 1)
    listed = [(absolute(datasette, request, f"/sitemaps/articles-{number}.xml"), built) for number in numbers]
    return _xml(_document("sitemapindex", "sitemap", listed))


async def articles(datasette: Any, request: Any) -> Any:
    """`/sitemaps/articles-<n>.xml`: articles by their place in the order of dates, the oldest in the first."""
    begin = (int(request.url_vars["number"]) - 1) * PER_MAP

    before = absolute(datasette, request, "/a/")

    def read(conn: Any) -> bytes | None:
        """The whole file, made in this thread: the server's own has others to answer."""
        rows = conn.execute(_CHANGED, (begin, begin + PER_MAP)).fetchall()
        return _document("urlset", "url", [(before + key, changed) for key, changed in rows]) if rows else None

    body = await datasette.get_database(DATABASE).execute_fn(read)
    return Response.text("there is no such sitemap\n", status=404) if body is None else _xml(body)


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
