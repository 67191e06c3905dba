"""Atom feeds of new and edited articles: all, of a site, of a province."""

from __future__ import annotations

from typing import Any

from datasette import Response

from khotin.serve.app import DATABASE
from khotin.serve.atom import CONTENT_TYPE, Entry, Feed, atom, entry_id
from khotin.serve.language import words
from khotin.serve.page import absolute

LENGTH = 50
_WHICH = {"all": "? = ''", "site": "a.site = ?", "province": "a.province = ?"}
# CROSS JOIN keeps SQLite to this order: the edits from the newest on, not all articles of a site for their edits.
_CHANGED = """
SELECT a.key, a.title, a.site_name, a.published_at, a.byline, a.province, a.canonical_url, t.lead, x.updated
FROM (
  SELECT id, max(moment) AS updated FROM (
    SELECT * FROM (SELECT a.id, a.first_seen AS moment FROM articles a WHERE {which}
      ORDER BY a.first_seen DESC, a.id DESC LIMIT {length})
    UNION ALL
    SELECT * FROM (SELECT a.id, r.replaced_at FROM revisions r CROSS JOIN articles a ON a.id = r.article_id
      WHERE {which} ORDER BY r.replaced_at DESC LIMIT {length})
  ) GROUP BY id ORDER BY updated DESC, id DESC LIMIT {length}
) x JOIN articles a ON a.id = x.id JOIN article_text t ON t.article_id = a.id
ORDER BY x.updated DESC, x.id DESC
"""


def _name(conn: Any, kind: str, which: str) -> tuple[str, str] | None:
    """Title and value of the column for a feed; None if there is no such site or province."""
    if kind == "all":
        return "khotin", ""
    if kind == "site":
        row = conn.execute("SELECT name, id FROM sites WHERE id = ?", (which,)).fetchone()
    else:
        row = conn.execute("SELECT name, short_name FROM provinces WHERE scheme = 34 AND code = ?", (which,)).fetchone()
    return (str(row[0]), str(row[1])) if row else None


def changed_sql(kind: str) -> str:
    """The query of a feed; its two parameters are both the id of the site or the name of the province, or empty."""
    return _CHANGED.format(which=_WHICH[kind], length=LENGTH)


def read_feed(conn: Any, kind: str, which: str) -> tuple[str, str, list[dict[str, Any]]] | None:
    """Title, time of the snapshot and the articles that changed last, the newest change first."""
    found = _name(conn, kind, which)
    if found is None:
        return None
    title, value = found
    cursor = conn.execute(changed_sql(kind), (value, value))
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, row, strict=True)) for row in cursor]
    built = conn.execute("SELECT value FROM about WHERE name = 'built_at'").fetchone()[0]
    return title, str(built), rows


async def feed(datasette: Any, request: Any) -> Any:
    """`/feeds/all.atom`, `/feeds/site/<id>.atom`, `/feeds/province/<code of the 34>.atom`."""
    kind, which = request.url_vars.get("kind") or "all", request.url_vars.get("which") or ""
    read = await datasette.get_database(DATABASE).execute_fn(lambda conn: read_feed(conn, kind, which))
    if read is None:
        return Response.text("there is no such feed\n", status=404)
    title, built, rows = read
    entries = [
        Entry(
            id=entry_id(row["key"]),
            title=row["title"],
            url=absolute(datasette, request, f"/a/{row['key']}"),
            updated=row["updated"],
            published=row["published_at"],
            author=row["byline"] or row["site_name"],
            summary=row["lead"],
            categories=tuple(name for name in (row["site_name"], row["province"]) if name),
            original=row["canonical_url"],
        )
        for row in rows
    ]
    about = Feed(
        id=f"urn:khotin:feed:{kind}:{which or 'all'}",
        title=f"{title}: {words(request)('new_and_edited')}",
        url=absolute(datasette, request, request.path),
        page=absolute(datasette, request, f"/{DATABASE}/articles" + (f"?site={which}" if kind == "site" else "")),
        updated=entries[0].updated if entries else built,
        language=words(request).language,
    )
    return Response(atom(about, entries), headers={"Cache-Control": "max-age=300"}, content_type=CONTENT_TYPE)
