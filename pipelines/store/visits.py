"""Looks at known articles that bring no text: unchanged since (304), or missing. And what follows from them.

All functions take the connection of a running transaction (`Store.transaction()`).
"""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from pipelines.schema import iso
from pipelines.store.articles import note_seen
from pipelines.store.removals import Look, Mass, night_of, removals

_NIGHT = timedelta(hours=24)


def unchanged(cx: sqlite3.Connection, article_id: int, capture_id: int, seen_at: datetime) -> None:
    """The site said that the article is as it was."""
    _note(cx, article_id, capture_id, seen_at, "unchanged", "HTTP 304")
    note_seen(cx, article_id, iso(seen_at))


def missing(cx: sqlite3.Connection, article_id: int, capture_id: int, seen_at: datetime, reason: str) -> int:
    """The article was not where it had been. Returns for the how-manieth time in a row; whether it is gone, `judge`
    says.
    """
    _note(cx, article_id, capture_id, seen_at, "missing", reason)
    query = (
        "SELECT count(*) FROM visits v JOIN articles a ON a.id = v.article_id"
        " WHERE v.article_id = ? AND v.outcome = 'missing' AND v.seen_at > a.last_seen"
    )
    return int(cx.execute(query, (article_id,)).fetchone()[0])


def _note(
    cx: sqlite3.Connection, article_id: int, capture_id: int, seen_at: datetime, outcome: str, reason: str
) -> None:
    cx.execute(
        "INSERT OR REPLACE INTO visits (capture_id, article_id, seen_at, outcome, reason) VALUES (?, ?, ?, ?, ?)",
        (capture_id, article_id, iso(seen_at), outcome, reason),
    )


def judge(cx: sqlite3.Connection, site: str) -> tuple[int, tuple[Mass, ...]]:
    """Bring `gone_since` of a site's articles up to date with all looks at them.

    Returns how many articles are gone that were not, and the nights whose misses do not count.
    """
    known = dict(
        cx.execute("SELECT id, gone_since FROM articles WHERE site = ? AND gone_since IS NOT NULL", (site,)).fetchall()
    )
    looks, first_seen = _looks(cx, site)
    found = removals(first_seen, looks)
    gone = {article: iso(at) for article, at in found.gone.items()}
    if gone != known:
        cx.executemany("UPDATE articles SET gone_since = NULL WHERE id = ?", [(one,) for one in known])
        cx.executemany("UPDATE articles SET gone_since = ? WHERE id = ?", [(at, one) for one, at in gone.items()])
    return len(gone.keys() - known.keys()), found.masses


def _looks(cx: sqlite3.Connection, site: str) -> tuple[list[Look], dict[int, datetime]]:
    """All looks at articles that were ever missing, and at all others on the nights on which some were."""
    missed = cx.execute(
        "SELECT v.capture_id, v.article_id, v.seen_at FROM visits v JOIN articles a ON a.id = v.article_id"
        " WHERE a.site = ? AND v.outcome = 'missing'",
        (site,),
    ).fetchall()
    looks = {capture: Look(article, datetime.fromisoformat(at), there=False) for capture, article, at in missed}
    seen: list[tuple[int, int, str]] = []
    for article in {article for _, article, _ in missed}:
        seen += cx.execute(
            "SELECT id, article_id, fetched_at FROM captures WHERE article_id = ?1 UNION ALL"
            " SELECT capture_id, article_id, seen_at FROM visits WHERE article_id = ?1 AND outcome = 'unchanged'",
            (article,),
        )
    for night in {night_of(look.at) for look in looks.values()}:
        begin = datetime.fromisoformat(f"{night}T12:00:00+07:00") - _NIGHT
        span = (site, iso(begin), iso(begin + _NIGHT))
        seen += cx.execute(
            "SELECT id, article_id, fetched_at FROM captures WHERE site = ? AND fetched_at >= ? AND fetched_at < ?"
            " AND article_id IS NOT NULL",
            span,
        )
        seen += cx.execute(
            "SELECT v.capture_id, v.article_id, v.seen_at FROM visits v JOIN articles a ON a.id = v.article_id"
            " WHERE a.site = ? AND v.seen_at >= ? AND v.seen_at < ? AND v.outcome = 'unchanged'",
            span,
        )
    looks |= {capture: Look(article, datetime.fromisoformat(at), there=True) for capture, article, at in seen}
    first_seen = {
        article: datetime.fromisoformat(
            cx.execute("SELECT first_seen FROM articles WHERE id = ?", (article,)).fetchone()[0]
        )
        for article in {look.article for look in looks.values()}
    }
    return list(looks.values()), first_seen
