"""Sites that asked to be left alone, and until when: kept in archive.db, obeyed by the next runs."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from pipelines.schema import iso
from scrapers.patience import FIRST_REST, LONGEST_REST


def rest(cx: sqlite3.Connection, site: str, reason: str, asked: timedelta | None, now: datetime) -> datetime:
    """Note that a site wants quiet for `asked`, or for a growing while where it did not say. Returns until when."""
    row = cx.execute("SELECT times FROM rests WHERE site = ?", (site,)).fetchone()
    times = row[0] if row else 0
    wait = asked if asked is not None else min(FIRST_REST * 2 ** min(times, 10), timedelta(days=1))
    until = now + min(max(wait, timedelta(0)), LONGEST_REST)
    cx.execute(
        "INSERT INTO rests (site, not_before, reason, noted_at, times) VALUES (?, ?, ?, ?, 1)"
        " ON CONFLICT (site) DO UPDATE SET not_before = excluded.not_before, reason = excluded.reason,"
        " noted_at = excluded.noted_at, times = times + 1",
        (site, iso(until), reason, iso(now)),
    )
    return until


def resting(cx: sqlite3.Connection, site: str, now: datetime) -> tuple[datetime, str] | None:
    """Until when a site wants to be left alone, and why; None where it may be visited."""
    row = cx.execute("SELECT not_before, reason FROM rests WHERE site = ?", (site,)).fetchone()
    if row is None or datetime.fromisoformat(row[0]) <= now:
        return None
    return datetime.fromisoformat(row[0]), row[1]


def rested(cx: sqlite3.Connection, site: str) -> None:
    """A run went through without being asked for quiet."""
    cx.execute("DELETE FROM rests WHERE site = ?", (site,))
