"""Numbers of the overviews, read from public.db. Each function runs on one connection; none reads a whole table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from datasette.utils import sqlite_timelimit
from datasette.utils.sqlite import sqlite3

from khotin.serve.overview.periods import Period
from khotin.serve.searching.engine import Engine
from khotin.serve.wrong import TooLong

Grouping = Literal["site", "kind", "province"]
GROUPINGS: tuple[Grouping, ...] = ("site", "kind", "province")
MOST_SERIES = 8
"""Colours that can be told apart; what is left is one more series, "others"."""
SEARCH_MS = 2000
_COLUMNS = {"site": "s.id", "kind": "coalesce(s.kind, '')", "province": "coalesce(s.province, '')"}


@dataclass(frozen=True, slots=True)
class Series:
    """A part of the whole over time. `key` is a site's id, a kind, a province; None for all others together."""

    key: str | None
    values: tuple[int, ...]

    @property
    def total(self) -> int:
        """Articles in all steps."""
        return sum(self.values)


@dataclass(frozen=True, slots=True)
class Stack:
    """Articles over time, in parts; the largest first, the others last."""

    period: Period
    series: tuple[Series, ...]
    names: dict[str, str]
    """Names of the sites."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Articles that two searches find in each step, and all articles of the step."""

    period: Period
    found: tuple[tuple[int, ...], ...]
    articles: tuple[int, ...]


def rows(conn: Any, sql: str, *values: Any) -> list[dict[str, Any]]:
    """All rows as dictionaries."""
    cursor = conn.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def site_names(conn: Any) -> dict[str, str]:
    """Id -> name of all sites that have articles, the largest first."""
    found = conn.execute("select id, name from sites where articles > 0 order by articles desc, id")
    return {str(number): str(name) for number, name in found}


def read_stack(
    conn: Any,
    by: Grouping,
    *,
    since: str | None = None,
    until: str | None = None,
    sites: Sequence[str] = (),
    unit: str | None = None,
) -> Stack:
    """Articles over time by site, kind of site or province; of some sites only, if any are named."""
    chosen = f" and m.site in ({','.join('?' * len(sites))})" if sites else ""
    found = conn.execute(
        f"select m.month, {_COLUMNS[by]}, sum(m.articles) from site_months m join sites s on s.id = m.site"  # noqa: S608
        f" where m.month between ? and ?{chosen} group by 1, 2",
        (since or "", until or "9999", *sites),
    ).fetchall()
    counts: dict[str, dict[str, int]] = {}
    for month, key, number in found:
        counts.setdefault(key, {})[month] = number
    period = Period.over({month for month, _, _ in found}, unit)
    ranked = sorted(counts, key=lambda key: (-sum(counts[key].values()), key))
    series = [Series(key, period.sums(counts[key])) for key in ranked[:MOST_SERIES]]
    rest = [period.sums(counts[key]) for key in ranked[MOST_SERIES:]]
    if rest:
        series.append(Series(None, tuple(map(sum, zip(*rest, strict=True)))))
    return Stack(period, tuple(series), site_names(conn))


def read_recent(conn: Any) -> dict[str, int]:
    """Articles of each month of the last three years, up to the newest month with one; oldest first."""
    newest = conn.execute("select max(month) from months").fetchone()[0]
    if newest is None:
        return {}
    counts = dict(conn.execute("select month, articles from months"))
    shown = Period.over([f"{int(newest[:4]) - 3:04d}{newest[4:]}", newest], "month")
    return dict(zip(shown.buckets, shown.sums(counts), strict=True))


def read_years(conn: Any) -> list[str]:
    """Years with articles, the newest first."""
    return [row[0] for row in conn.execute("select distinct substr(month, 1, 4) from months order by 1 desc")]


def read_provinces(conn: Any, scheme: int, year: str | None) -> tuple[dict[str, int], dict[str, int]]:
    """Articles by province of the scheme, in a year or in all; and those of no province.

    The second has `central` (sites of no province) and `unplaced`: sites of a province of the 34 that was
    formed from several of the 63, which can't be told apart.
    """
    column = "province" if scheme == 34 else "province_63"
    found = conn.execute(
        f"select s.{column}, s.province is null, sum(m.articles) from site_months m join sites s on s.id = m.site"  # noqa: S608
        " where m.month >= ? and m.month < ? group by 1, 2",
        (year or "", f"{year}-99" if year else "9999"),
    )
    counts: dict[str, int] = {}
    outside = {"central": 0, "unplaced": 0}
    for name, central, number in found:
        if name:
            counts[name] = counts.get(name, 0) + number
        else:
            outside["central" if central else "unplaced"] += number
    return counts, outside


def read_sites(conn: Any) -> list[dict[str, Any]]:
    """Every site with its facts, its newest verdict (`verdict`, `since`, `judged_at`, `evidence`) and its gaps."""
    found = rows(
        conn,
        "select s.id, s.name, s.name_en, s.kind, s.province, s.url, s.articles, s.first_date, s.last_date, s.last_seen,"
        " s.publish, s.verified_how, h.verdict, h.since, h.judged_at, h.evidence"
        " from sites s left join health h on h.site = s.id and h.latest = 1 order by s.articles desc, s.id",
    )
    gaps: dict[str, list[dict[str, Any]]] = {}
    for gap in rows(conn, "select * from gaps order by site, first_date desc"):
        gaps.setdefault(gap["site"], []).append(gap)
    newest = conn.execute("select max(month) from months").fetchone()[0]
    months: dict[str, dict[str, int]] = {}
    for month, site, number in conn.execute("select month, site, articles from site_months"):
        months.setdefault(site, {})[month] = number
    shown = Period.over([f"{int(newest[:4]) - 3}{newest[4:]}", newest], "month") if newest else Period("month", ())
    for site in found:
        site["gaps"] = gaps.get(site["id"], [])
        site["months"] = shown.sums(months.get(site["id"], {}))
    return found


class Before(NamedTuple):
    """The last row of the page before this one. Many have the same moment: a night's run notes one for all."""

    moment: str
    id: int = 0
    """Without one, all of that moment are left out."""

    @classmethod
    def read(cls, text: str | None) -> Before:
        """From an address, as `str` writes it; the end of time for none."""
        moment, _, number = (text or "9999").partition("~")
        return cls(moment, int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0)

    def __str__(self) -> str:
        return f"{self.moment}~{self.id}"


def read_edits(conn: Any, before: str | None, limit: int) -> list[dict[str, Any]]:
    """The latest edits, the newest first, with the text before and after; `before` is a `Before` (exclusive)."""
    return rows(
        conn,
        "select r.id, r.article_id, r.number, r.replaced_at, r.old_title, r.old_lead, r.old_body, a.key, a.title,"
        " a.site_name, a.language, coalesce(n.old_title, a.title) as new_title,"
        " case when n.id is null then t.lead else n.old_lead end as new_lead,"
        " case when n.id is null then t.body else n.old_body end as new_body"
        " from revisions r join articles a on a.id = r.article_id"
        " left join article_text t on t.article_id = r.article_id"
        " left join revisions n on n.article_id = r.article_id and n.number = r.number + 1"
        " where (r.replaced_at, r.id) < (?, ?) order by r.replaced_at desc, r.id desc limit ?",
        *Before.read(before),
        limit,
    )


def read_removals(conn: Any, before: str | None, limit: int) -> list[dict[str, Any]]:
    """Articles that their publisher removed, the latest first; `before` is a `Before` (exclusive)."""
    return rows(
        conn,
        "select id, key, title, site_name, published_at, published_precision, date_estimate, gone_since, last_seen"
        " from articles where gone_since is not null and (gone_since, id) < (?, ?)"
        " order by gone_since desc, id desc limit ?",
        *Before.read(before),
        limit,
    )


def compare_searches(
    conn: Any, engine: Engine, queries: Sequence[str], *, since: str | None = None, until: str | None = None
) -> Comparison:
    """How many articles each search finds, month by month, from the month `since` to `until`. Raises TooLong."""
    months = conn.execute(
        "select month, articles, first_id, last_id from months where month between ? and ? order by month",
        (since or "", until or "9999"),
    ).fetchall()
    period = Period.over(month for month, *_ in months)
    firsts, lasts = ([row[place] for row in months] for place in (2, 3))
    found = []
    try:
        with sqlite_timelimit(conn, SEARCH_MS):
            for query in queries:
                # Ids are in the order of dates: a month is a stretch of them, and no article is looked at.
                ids: Any = engine.matches(conn, query, firsts[0], lasts[-1]) if months else []
                counts = np.searchsorted(ids, lasts, "right") - np.searchsorted(ids, firsts)
                found.append(period.sums({row[0]: int(count) for row, count in zip(months, counts, strict=True)}))
    except sqlite3.OperationalError as error:
        if "interrupted" in str(error):
            raise TooLong from error
        raise
    return Comparison(period, tuple(found), period.sums({month: articles for month, articles, *_ in months}))
