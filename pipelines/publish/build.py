"""Building the snapshot beside the old one, checking it, and putting it in its place."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipelines import schema
from pipelines.folder import SAMPLE_NOTE
from pipelines.identity import article_key
from pipelines.publish import rights
from pipelines.publish.clusters import CLUSTERS, fill_clusters
from pipelines.publish.overviews import OVERVIEWS, fill_overviews
from pipelines.publish.tables import FILLS, HOMES, INDEXES, PAGE_SIZE, PLACES, PUBLIC_APPLICATION_ID, TABLES
from pipelines.schema import SCHEMA_VERSION, StoreError, iso, run_script, told
from pipelines.search import FTS_TABLE, build_bitmaps, build_columns, build_index, create_index

Progress = Callable[[str, int], None]
"""Told what is being done (a table's name, `index`, `check`) and how many rows are done."""
_BUILDING = ".building"
_ADVICE = "the old snapshot stands; publish again, and if it stays so run khotin rebuild"


class PublishError(StoreError):
    """The snapshot did not pass its checks and was thrown away; the old one stands."""

    exit_code = 70


@dataclass(frozen=True, slots=True)
class PublishReport:
    """What was published."""

    path: Path
    built_at: str
    """ISO 8601, +07:00."""
    articles: int
    rows: Mapping[str, int]
    """Table -> rows."""
    bytes: int
    seconds: float


def publish(archive: Path, public: Path, *, now: datetime, progress: Progress | None = None) -> PublishReport:
    """Build `public` anew from `archive` and swap it in with one rename; `now` is noted in it.

    Crawls may go on meanwhile: one read transaction sees one state of the archive. On any error the old
    `public` is untouched and nothing is left beside it. Equal archives give equal files, but for the noted
    time. Raises NoArchive, NewerSchema, ReadOnly, Locked, DiskFull, PublishError.
    """
    started = time.perf_counter()
    # Open to the end: it migrates an older archive, and the last to close is the one that clears -wal away.
    with contextlib.closing(schema.connect(archive, create=False)):
        if not os.access(public.parent, os.W_OK):
            raise schema.read_only(public)
        _clear_leftovers(public)
        building = public.with_name(f"{public.name}{_BUILDING}-{secrets.token_hex(4)}")
        try:
            try:
                with told(building):
                    rows = _build(archive, building, now, progress or _silent)
            except schema.NotADatabase as error:  # of the two files the old one: the new one was just begun
                raise schema.damaged(archive) from error
            _sync(building)
            size = building.stat().st_size
            building.replace(public)
            _sync(public.parent)
        except OSError as error:
            if error.errno == errno.ENOSPC:  # told only now by file systems that allocate late
                raise schema.full(public) from error
            msg = f"{public} could not be put in place ({error.strerror}); the old one stands"
            raise PublishError(msg) from error
        finally:
            _remove(building)
    return PublishReport(public, iso(now), rows["articles"], rows, size, time.perf_counter() - started)


def _silent(_what: str, _rows: int) -> None:
    """Nobody is watching."""


def _build(archive: Path, building: Path, now: datetime, progress: Progress) -> dict[str, int]:
    db = sqlite3.connect(f"{building.resolve().as_uri()}?mode=rwc", uri=True, isolation_level=None)
    try:
        # Nothing of a half-built file is ever used: no journal, and one fsync at the end instead of many.
        # "main.": of this file alone; an exclusive lock on the archive would stop the crawl.
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE"):
            db.execute(f"PRAGMA main.{pragma}")
        db.execute(f"PRAGMA main.page_size = {PAGE_SIZE}")
        db.execute("PRAGMA main.cache_size = -65536")
        db.execute(f"PRAGMA main.application_id = {PUBLIC_APPLICATION_ID}")
        db.execute(f"PRAGMA main.user_version = {SCHEMA_VERSION}")
        db.create_function("article_key", 2, article_key, deterministic=True)
        db.create_function("shown_lead", 2, rights.shown_lead, deterministic=True)
        db.create_function("shown_body", 2, rights.shown_body, deterministic=True)
        db.create_function("shown_evidence", 3, rights.shown_evidence, deterministic=True)
        db.execute("ATTACH ? AS archive", (f"{archive.resolve().as_uri()}?mode=ro",))
        db.execute("BEGIN")
        run_script(db, TABLES)
        run_script(db, PLACES)
        run_script(db, HOMES)
        run_script(db, CLUSTERS)
        run_script(db, OVERVIEWS)
        rows = {}
        for table, query in FILLS.items():
            progress(table, 0)
            rows[table] = db.execute(f"INSERT INTO {table} {query}").rowcount
        progress("indexes", 0)
        run_script(db, INDEXES)
        progress("clusters", 0)
        rows["clusters"] = fill_clusters(db, lambda done: progress("clusters", done))
        rows |= fill_overviews(db)
        progress("index", 0)
        create_index(db)
        build_columns(db)
        rows[FTS_TABLE] = build_index(db, lambda done: progress("index", done))
        build_bitmaps(db)
        _note_about(db, now, sample=archive.with_name(SAMPLE_NOTE).exists())
        db.execute("ANALYZE main")
        progress("check", 0)
        _check(db, rows)
        db.execute("COMMIT")
        db.execute("DETACH archive")
    finally:
        db.close()
    _check_file(building)
    return rows


def _note_about(db: sqlite3.Connection, now: datetime, *, sample: bool) -> None:
    facts = {
        "built_at": iso(now),
        "schema_version": str(SCHEMA_VERSION),
        "articles": db.execute("SELECT count(*) FROM articles").fetchone()[0],
        "newest_capture": db.execute("SELECT coalesce(max(fetched_at), '') FROM captures").fetchone()[0],
        "extractor_versions": db.execute(
            "SELECT coalesce(group_concat(v, ' '), '')"
            " FROM (SELECT DISTINCT extractor_version AS v FROM articles ORDER BY v)"
        ).fetchone()[0],
    }
    if sample:
        facts["sample"] = "1"
    db.executemany("INSERT INTO about (name, value) VALUES (?, ?)", [(k, str(v)) for k, v in facts.items()])


def _check(db: sqlite3.Connection, rows: Mapping[str, int]) -> None:
    """Inside the transaction, where archive and snapshot are both of one moment."""
    for table in FILLS:
        kept = db.execute(f"SELECT count(*) FROM archive.{table}").fetchone()[0]  # noqa: S608
        made = db.execute(f"SELECT count(*) FROM main.{table}").fetchone()[0]  # noqa: S608
        if made != kept:
            msg = f"the snapshot has {made} rows in {table}, the archive {kept}: {_ADVICE}"
            raise PublishError(msg)
    indexed = db.execute(f"SELECT count(*) FROM {FTS_TABLE}_docsize").fetchone()[0]  # noqa: S608
    if not indexed == rows["articles"] == rows["article_text"]:
        msg = f"{indexed} of {rows['articles']} articles are in the search index: {_ADVICE}"
        raise PublishError(msg)
    leaks = db.execute(
        "SELECT count(*) FROM articles a JOIN article_text t ON t.article_id = a.id WHERE"
        " (a.rights = 'none' AND (t.lead IS NOT NULL OR t.body IS NOT NULL))"
        " OR (a.rights = 'excerpt' AND (length(t.body) > ? OR length(t.lead) > ?))",
        (rights.EXCERPT_CHARACTERS, rights.LEAD_CHARACTERS),
    ).fetchone()[0]
    if leaks:
        msg = f"{leaks} articles would show text that their site's rights note withholds: {_ADVICE}"
        raise PublishError(msg)


def _check_file(path: Path) -> None:
    """The closed file, opened anew as a reader will."""
    db = schema.connect_read_only(path)
    try:
        problems = [str(row[0]) for row in db.execute("PRAGMA integrity_check(5)") if row[0] != "ok"]
        problems += [f"{row[0]} refers to a missing {row[2]}" for row in db.execute("PRAGMA foreign_key_check")]
        if problems:
            msg = f"the snapshot is faulty ({problems[0]}): {_ADVICE}"
            raise PublishError(msg)
    finally:
        db.close()


def _sync(path: Path) -> None:
    if path.is_dir() and os.name == "nt":  # Windows can't open a folder; its rename is durable by itself
        return
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _remove(building: Path) -> None:
    for path in (building, building.with_name(building.name + "-journal")):
        path.unlink(missing_ok=True)


def _clear_leftovers(public: Path) -> None:
    """Remove what killed runs left. A file that another run is still building is locked, and stays."""
    for path in public.parent.glob(f"{public.name}{_BUILDING}-*"):
        with contextlib.suppress(sqlite3.Error, OSError):
            db = sqlite3.connect(path, timeout=0, isolation_level=None)
            try:
                db.execute("BEGIN EXCLUSIVE")
            finally:
                db.close()
            path.unlink()
