"""After a power cut: what the database acknowledges and no WARC file has is fetched again.

A record is handed to the operating system before the row that acknowledges it is committed, and in a live crawl it
is on the disk by then, but for those of the last `scrapers.session.SYNC_SECONDS`. Those the disk may have lost
although the row outlived the cut. So whoever opens the archive after a run that did not end looks at its last
captures, before anything new is written.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path

from pipelines.schema import iso
from pipelines.store import Store
from pipelines.store.articles import detach
from pipelines.warc import TornRecord, WarcUnreadable, read_exchange

ENOUGH = 20
"""So many captures of one file in a row that are in their places: the ones before them are, too."""


def heal(store: Store, warc: Path, now: datetime) -> int:
    """Take back what rests on lost captures of the last runs, if they did not end; returns how many were lost.

    The addresses are due again; an article that has no other capture is stored anew when it has been fetched.
    """
    with store.transaction() as cx:
        last = cx.execute("SELECT max(id) FROM runs WHERE finished_at IS NOT NULL").fetchone()[0] or 0
        rows = cx.execute(
            "SELECT id, warc_file, warc_offset, coalesce(record_id, '') FROM captures"
            " WHERE run_id IN (SELECT id FROM runs WHERE id > ? AND command <> 'rebuild') ORDER BY id DESC",
            (last,),
        )
        lost, whole = [], dict[str, int]()
        for capture, file, offset, record_id in rows:
            if whole.get(file, 0) >= ENOUGH:
                continue
            if _there(warc / file, offset, record_id):
                whole[file] = whole.get(file, 0) + 1
            else:
                whole[file] = 0
                lost.append(capture)
        for capture in lost:
            _take_back(cx, capture, now)
    return len(lost)


def _there(path: Path, offset: int, record_id: str) -> bool:
    try:
        return read_exchange(path, offset).record_id == record_id
    except (TornRecord, WarcUnreadable):
        return False


def _take_back(cx: sqlite3.Connection, capture: int, now: datetime) -> None:
    url, article = cx.execute("SELECT url, article_id FROM captures WHERE id = ?", (capture,)).fetchone()
    looked = cx.execute("SELECT article_id FROM visits WHERE capture_id = ?", (capture,)).fetchone()
    about = article if article is not None else looked and looked[0]
    urls = [url, *(row[0] for row in cx.execute("SELECT url FROM addresses WHERE article_id = ?", (about,)))]
    if article is not None:
        detach(cx, article, capture)
    for table in ("visits", "quarantine", "validators"):
        cx.execute(f"DELETE FROM {table} WHERE capture_id = ?", (capture,))  # noqa: S608
    cx.execute("DELETE FROM captures WHERE id = ?", (capture,))
    cx.executemany(
        "UPDATE frontier SET state = CASE WHEN url IN (SELECT url FROM addresses) THEN 'kept' ELSE 'due' END,"
        " due_at = ?, tries = 0, reason = 'its capture was lost' WHERE url = ?",
        [(iso(now), one) for one in urls],
    )
