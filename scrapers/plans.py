"""What stands in no WARC file: the frontier's plans, the walks, the runs. A rebuild takes them from the old archive."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from pipelines.schema import NotADatabase
from pipelines.store import Store

_TABLES = ("runs", "sites", "walks", "frontier", "validators")


def readable(archive: Path) -> bool:
    """Bring an old archive.db to today's schema and look whether its plans can be read.

    False for a file that is damaged or another program's. Damage elsewhere in it does not matter: the rest is
    made anew. Raises the other errors of `Store.open`: a newer schema, no right to write, …
    """
    try:
        with Store.open(archive) as store, store.transaction() as cx:  # folds its write-ahead log into it, too
            return all(
                [row[0] for row in cx.execute(f"PRAGMA quick_check({table})")] == ["ok"]
                and cx.execute("SELECT count(*) FROM pragma_table_info(?)", (table,)).fetchone()[0]
                for table in _TABLES
            )
    except (NotADatabase, sqlite3.DatabaseError):
        return False


def set_aside(archive: Path) -> Path:
    """Rename a database with its write-ahead log, so that nothing of it is lost; gives the new name."""
    aside = archive.with_name(f"{archive.name}.damaged-{datetime.now(UTC):%Y%m%d%H%M%S}")
    for suffix in ("", "-wal", "-shm"):
        part = archive.with_name(archive.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    return aside


def carry_over(archive: Path, store: Store) -> None:
    """Copy when an address is due again, which walks were completed, and the runs, from a `readable` archive."""
    with store.attached(archive) as cx:
        last = cx.execute("SELECT coalesce(max(id), 0) FROM old.runs").fetchone()[0]
        # The rebuild's own run goes behind the old ones: their numbers are the order of the walks.
        for table in ("captures", "walks"):
            cx.execute(f"UPDATE {table} SET run_id = run_id + ?", (last,))  # noqa: S608
        cx.execute("UPDATE frontier SET found_run = found_run + ?", (last,))
        cx.execute("UPDATE runs SET id = id + ?", (last,))
        cx.execute("INSERT INTO runs SELECT * FROM old.runs")
        cx.execute("INSERT OR IGNORE INTO sites SELECT * FROM old.sites")
        cx.execute("INSERT OR REPLACE INTO walks SELECT * FROM old.walks")
        cx.execute("INSERT OR REPLACE INTO rests SELECT * FROM old.rests")
        cx.execute("INSERT OR REPLACE INTO frontier SELECT * FROM old.frontier")
        # What the old database had and no WARC file has any more is fetched again, not left for its next visit.
        cx.execute(
            "UPDATE frontier SET state = 'due', due_at = coalesce(fetched_at, found_at), tries = 0,"
            " reason = 'its capture was lost' WHERE state = 'kept' AND url NOT IN (SELECT url FROM addresses)"
        )
        # What an older khotin took for no article and this one stored is visited like the others, first of all now.
        cx.execute(
            "UPDATE frontier SET state = 'kept', due_at = coalesce(fetched_at, found_at), tries = 0, reason = 'stored',"
            " fetched_at = coalesce(fetched_at, found_at)"
            " WHERE state IN ('refused', 'dead') AND url IN (SELECT url FROM addresses)"
        )
        # A site's "not modified" is believed of a capture that is still there, and whose article still is one.
        cx.execute(
            "INSERT OR REPLACE INTO validators (url, site, capture_id, etag, last_modified, noted_at)"
            " SELECT v.url, v.site, c.id, v.etag, v.last_modified, v.noted_at FROM old.validators v"
            " JOIN old.captures o ON o.id = v.capture_id JOIN captures c ON c.record_id = o.record_id"
            " WHERE c.kind <> 'article' OR c.article_id IS NOT NULL"
        )
        for table in ("health", "told"):
            cx.execute(f"INSERT INTO {table} SELECT * FROM old.{table}")  # noqa: S608
