"""Small tables that the overviews are drawn from: months, months of each site, and gaps in what was collected."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby, pairwise
from statistics import median

OVERVIEWS = """
CREATE TABLE months (
  month TEXT PRIMARY KEY, first_id INTEGER NOT NULL, last_id INTEGER NOT NULL, articles INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE site_months (
  month TEXT NOT NULL, site TEXT NOT NULL REFERENCES sites (id), articles INTEGER NOT NULL,
  words INTEGER NOT NULL, edited INTEGER NOT NULL, gone INTEGER NOT NULL, PRIMARY KEY (month, site)
) WITHOUT ROWID;

CREATE TABLE gaps (
  site TEXT NOT NULL REFERENCES sites (id), first_date TEXT NOT NULL, last_date TEXT NOT NULL,
  days INTEGER NOT NULL, usual_days INTEGER NOT NULL, PRIMARY KEY (site, first_date)
) WITHOUT ROWID;
"""
LEAST_DAYS = 14
"""A fortnight: Tết and a week's leave are no gap."""
TIMES_USUAL = 5
"""A gap is at least this many times as long as the usual pause."""
LEAST_PAUSES = 10
"""Pauses between days with articles; of a site with fewer nobody can say what is usual."""

Gap = tuple[date, date, int, int]
"""First and last day without an article, their number, and the days of the usual pause."""


def find_gaps(days: list[date]) -> Iterator[Gap]:
    """Pauses far longer than a site's usual ones, from the days on which it had articles, in rising order.

    The usual pause is the median number of days without an article between two days with one.
    """
    pauses = [(later - earlier).days - 1 for earlier, later in pairwise(days)]
    if len(pauses) < LEAST_PAUSES:
        return
    usual = int(median(pauses))
    for (earlier, later), pause in zip(pairwise(days), pauses, strict=True):
        if pause >= max(LEAST_DAYS, TIMES_USUAL * usual):
            yield earlier + timedelta(days=1), later - timedelta(days=1), pause, usual


def fill_overviews(db: sqlite3.Connection) -> dict[str, int]:
    """Fill the tables from `articles` of a public.db that is being built; table -> rows."""
    rows = {
        # Ids are in the order of dates, so a month is a range of ids: a search within it needs no join.
        "months": db.execute(
            "INSERT INTO months SELECT month, min(id), max(id), count(*) FROM articles GROUP BY month ORDER BY month"
        ).rowcount,
        "site_months": db.execute(
            "INSERT INTO site_months SELECT month, site, count(*), sum(words), sum(revisions > 0),"
            " sum(gone_since IS NOT NULL) FROM articles GROUP BY month, site ORDER BY month, site"
        ).rowcount,
    }
    # Only days that someone wrote down: an estimate from the day of the crawl would fill real gaps.
    days = db.execute(
        "SELECT DISTINCT site, date_estimate FROM articles WHERE date_estimate_basis <> 'first_seen'"
        " ORDER BY site, date_estimate"
    )
    found = [
        (site, *gap)
        for site, group in groupby(days.fetchall(), key=lambda row: str(row[0]))
        for gap in find_gaps([date.fromisoformat(row[1]) for row in group])
    ]
    db.executemany(
        "INSERT INTO gaps VALUES (?, ?, ?, ?, ?)",
        [(site, first.isoformat(), last.isoformat(), days, usual) for site, first, last, days, usual in found],
    )
    return {**rows, "gaps": len(found)}
