"""Walks through the listings of sections, kept in archive.db.

A walk is one passage through a section's listing in one run. A page of the listing counts as wholly known when
all its links were found in or before the run of the last *completed* walk: links found by a walk that was
interrupted do not count, so that an interrupted visit is walked to its end later. Runs are counted, not timed:
a replay's clock stands still.

All functions take the connection of a running transaction (`Store.transaction()`).
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from pipelines.schema import iso


@dataclass(frozen=True, slots=True)
class Walked:
    """The last walk through a section that reached its end."""

    run: int
    at: datetime
    beyond_feed: int | None
    """New links on its first page that the section's feeds did not have; None where no feed was read."""


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a walk that was broken off goes on."""

    page: str
    """The last page of the listing that was read."""
    run: int
    """The run that read it. All that the listing held then, from its top down to this page, was found in or before
    that run; what a later run found before it came this far is not part of it."""


def reached(cx: sqlite3.Connection, site: str, section_url: str, run: int) -> Reached | None:
    """How far the walks since the last completed one came, before a run; None where none came anywhere."""
    row = cx.execute(
        "SELECT reached, run_id FROM walks WHERE site = :site AND section_url = :url AND run_id < :run"
        " AND reached IS NOT NULL AND run_id > coalesce((SELECT max(run_id) FROM walks WHERE site = :site"
        " AND section_url = :url AND run_id < :run AND completed_at IS NOT NULL), 0) ORDER BY run_id DESC LIMIT 1",
        {"site": site, "url": section_url, "run": run},
    ).fetchone()
    return Reached(*row) if row else None


def unfinished(cx: sqlite3.Connection, site: str, section_url: str, run: int) -> bool:
    """Whether the last walk before a run was broken off."""
    row = cx.execute(
        "SELECT completed_at FROM walks WHERE site = ? AND section_url = ? AND run_id < ? ORDER BY run_id DESC LIMIT 1",
        (site, section_url, run),
    ).fetchone()
    return bool(row) and row[0] is None


def last_completed(cx: sqlite3.Connection, site: str, section_url: str) -> Walked | None:
    """The last walk through a section that reached its end; None before the first."""
    row = cx.execute(
        "SELECT run_id, completed_at, beyond_feed FROM walks WHERE site = ? AND section_url = ?"
        " AND completed_at IS NOT NULL ORDER BY run_id DESC LIMIT 1",
        (site, section_url),
    ).fetchone()
    return Walked(row[0], datetime.fromisoformat(row[1]), row[2]) if row else None


def compared(cx: sqlite3.Connection, site: str, section_url: str, run: int, beyond_feed: int) -> None:
    """Note how many new links the first page of a walk has that the section's feeds did not have."""
    cx.execute(
        "UPDATE walks SET beyond_feed = ? WHERE site = ? AND section_url = ? AND run_id = ?",
        (beyond_feed, site, section_url, run),
    )


def begin(cx: sqlite3.Connection, site: str, section_url: str, run: int, now: datetime) -> None:
    """Note that a walk through a section has begun."""
    cx.execute(
        "INSERT INTO walks (site, section_url, run_id, started_at, pages) VALUES (?, ?, ?, ?, 0)"
        " ON CONFLICT (site, section_url, run_id) DO UPDATE SET completed_at = NULL, pages = 0, reached = NULL",
        (site, section_url, run, iso(now)),
    )


def read_page(cx: sqlite3.Connection, site: str, section_url: str, run: int, page: str | None) -> None:
    """Count one page of a walk, and note it as where the next one goes on if this one should be broken off; None
    as long as there is something unread above the page.
    """
    cx.execute(
        "UPDATE walks SET pages = pages + 1, reached = coalesce(?, reached)"
        " WHERE site = ? AND section_url = ? AND run_id = ?",
        (page, site, section_url, run),
    )


def end(cx: sqlite3.Connection, site: str, section_url: str, run: int, now: datetime) -> None:
    """Note that a walk reached its end: the last page, or the first wholly known one."""
    cx.execute(
        "UPDATE walks SET completed_at = ? WHERE site = ? AND section_url = ? AND run_id = ?",
        (iso(now), site, section_url, run),
    )
