"""Verdicts in archive.db: what is known of a site's past, and what is written after a run.

All functions take a connection; those that write want a running transaction (`Store.transaction()`).
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pipelines.article import Verdict
from pipelines.health.layout import UNLIKE_ARTICLES, WINDOW
from pipelines.health.model import Facts, Health, HealthVerdict, Line, Past
from pipelines.schema import iso

NIGHTS = 60
"""Earlier healthy runs that medians are taken of."""
ARTICLES = 100
"""Earlier articles that shares are taken of."""
WEEKS = 13
MOST_STORED = 1000
"""A first visit may store tens of thousands of articles; the newest tell enough."""

_FACTS = "a.template, a.published_at IS NOT NULL, trim(a.title) <> '', a.byline IS NOT NULL, a.words"
# A page may carry a date in the future, and an old page be found today: it appeared when both are true.
_APPEARED = (
    "CASE WHEN published_at IS NOT NULL AND published_at < first_seen THEN published_at"
    " WHEN published_at IS NULL AND date_estimate_basis <> 'first_seen'"
    "   AND date_estimate < substr(first_seen, 1, 10) THEN date_estimate || 'T00:00:00+07:00'"
    " ELSE first_seen END"
)


@dataclass(frozen=True, slots=True)
class SiteHealth:
    """The newest verdict on a site, as it is shown."""

    site: str
    verdict: Health
    since: str | None
    """ISO 8601, +07:00."""
    judged_at: str | None
    last_new: str | None
    """When its newest article appeared."""
    evidence: tuple[Line, ...]
    measures: dict[str, Any]


def _facts(rows: Iterable[Sequence[Any]]) -> tuple[Facts, ...]:
    return tuple(Facts(row[0], bool(row[1]), bool(row[2]), bool(row[3]), row[4]) for row in rows)


def _lines(text: str) -> tuple[Line, ...]:
    return tuple(Line(one["expected"], one["came"]) for one in json.loads(text))


def look_up(cx: sqlite3.Connection, site: str, run: int) -> tuple[tuple[Facts, ...], dict[str, int], dict[str, int]]:
    """What a run stored: its articles, the refused pages by verdict, the listings and feeds that were no such pages."""
    articles = _facts(
        cx.execute(
            f"SELECT {_FACTS} FROM captures c JOIN articles a ON a.capture_id = c.id"  # noqa: S608
            " WHERE c.run_id = ? AND a.site = ? ORDER BY c.id DESC LIMIT ?",
            (run, site, MOST_STORED),
        )
    )
    refused: dict[str, int] = {}
    unlike: dict[str, int] = {}
    for kind, verdict, count in cx.execute(
        "SELECT kind, verdict, count(*) FROM captures WHERE run_id = ? AND site = ? AND verdict IS NOT NULL"
        " GROUP BY kind, verdict",
        (run, site),
    ):
        if verdict != Verdict.ARTICLE.value:
            counts = refused if kind == "article" else unlike
            counts[verdict] = counts.get(verdict, 0) + count
    return articles, refused, unlike


def look_back(cx: sqlite3.Connection, site: str, run: int, now: datetime) -> Past:
    """The site's past as it was before the run `run`, seen from `now`."""
    links: dict[str, list[int]] = defaultdict(list)
    stored = refused = 0
    for (text,) in cx.execute(
        "SELECT measures FROM health WHERE site = ? AND run_id < ? AND verdict IN ('ok', 'quiet')"
        " ORDER BY judged_at DESC, run_id DESC LIMIT ?",
        (site, run, NIGHTS),
    ):
        measures = json.loads(text)
        for url, count in measures["links"].items():
            links[url].append(count)
        stored += measures["stored"]
        refused += sum(count for verdict, count in measures["refused"].items() if verdict in UNLIKE_ARTICLES)
    earlier = (
        f"SELECT {_FACTS} FROM articles a JOIN captures c ON c.id = a.capture_id"  # noqa: S608
        " WHERE a.site = ?1 AND c.run_id IS NOT ?2"
    )
    healthy = " AND c.run_id NOT IN (SELECT run_id FROM health WHERE site = ?1 AND verdict = 'redesigned')"
    articles = _facts(cx.execute(f"{earlier}{healthy} ORDER BY a.id DESC LIMIT ?3", (site, run, ARTICLES)))
    recent = _facts(cx.execute(f"{earlier} ORDER BY a.id DESC LIMIT ?3", (site, run, WINDOW)))
    before = cx.execute(
        "SELECT verdict, since, evidence, measures FROM health WHERE site = ? AND run_id < ?"
        " ORDER BY judged_at DESC, run_id DESC LIMIT 1",
        (site, run),
    ).fetchone()
    first = cx.execute("SELECT min(judged_at) FROM health WHERE site = ? AND run_id < ?", (site, run)).fetchone()[0]
    newest = last_new(cx, site)
    return Past(
        links={url: tuple(counts) for url, counts in links.items()},
        articles=articles,
        recent=recent,
        refused_share=refused / (stored + refused) if stored + refused else None,
        weeks=_weeks(cx, site, now),
        last_new=datetime.fromisoformat(newest) if newest else None,
        watched_days=(now - datetime.fromisoformat(first)) / timedelta(days=1) if first else 0,
        verdict=Health(before[0]) if before else None,
        since=datetime.fromisoformat(before[1]) if before else None,
        about=json.loads(before[3]).get("about", "") if before else "",
        evidence=_lines(before[2]) if before else (),
    )


def last_new(cx: sqlite3.Connection, site: str) -> str | None:
    """When the newest article of a site appeared (ISO 8601, +07:00); None without articles."""
    row = cx.execute(f"SELECT max({_APPEARED}) FROM articles WHERE site = ?", (site,)).fetchone()  # noqa: S608
    return str(row[0]) if row[0] else None


def _weeks(cx: sqlite3.Connection, site: str, now: datetime) -> tuple[int, ...]:
    """Articles that appeared in each of the last weeks up to `now`, the newest week first."""
    weeks = [0] * WEEKS
    oldest = iso(now - timedelta(weeks=WEEKS))
    rows = cx.execute(
        f"SELECT appeared FROM (SELECT {_APPEARED} AS appeared FROM articles WHERE site = ?)"  # noqa: S608
        " WHERE appeared > ? AND appeared <= ?",
        (site, oldest, iso(now)),
    )
    for (appeared,) in rows:
        age = now - datetime.fromisoformat(appeared)
        weeks[min(max(age.days, 0) // 7, WEEKS - 1)] += 1
    return tuple(weeks)


def record(cx: sqlite3.Connection, site: str, run: int, now: datetime, found: HealthVerdict) -> None:
    """Write the verdict on a site after a run; given again for the same run it replaces the first."""
    cx.execute(
        "INSERT OR REPLACE INTO health (site, run_id, judged_at, verdict, since, evidence, measures)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            site,
            run,
            iso(now),
            found.verdict.value,
            min(iso(found.since or now), iso(now)),  # a replay of older files happens before what it follows
            json.dumps([{"expected": one.expected, "came": one.came} for one in found.evidence], ensure_ascii=False),
            json.dumps(found.measures, ensure_ascii=False),
        ),
    )


def latest(cx: sqlite3.Connection) -> dict[str, SiteHealth]:
    """The newest verdict on each site that has one, by site."""
    rows = cx.execute(
        "SELECT site, verdict, since, judged_at, evidence, measures FROM (SELECT *, row_number() OVER"
        " (PARTITION BY site ORDER BY judged_at DESC, run_id DESC) AS place FROM health) WHERE place = 1 ORDER BY site"
    ).fetchall()
    return {
        site: SiteHealth(
            site, Health(verdict), since, judged_at, last_new(cx, site), _lines(evidence), json.loads(measures)
        )
        for site, verdict, since, judged_at, evidence, measures in rows
    }
