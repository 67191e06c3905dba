"""The tables of archive.db, their migrations, and how the file is opened.

Migrations are numbered functions in `MIGRATIONS` (sqlite-utils notes name and time of each in
`_sqlite_migrations`); the number of the last one applied stands in `PRAGMA user_version`, so that an older
program can tell from the first 100 bytes of the file that it must keep its hands off.

All times are text, ISO 8601 in whole seconds with +07:00 (see `iso`): with one offset, text order is time
order.
"""

from __future__ import annotations

import os
import sqlite3
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from pipelines.article import VIETNAM, KhotinError

APPLICATION_ID = 0x6B686F74  # "khot": tells archive.db from any other SQLite file
BUSY_SECONDS = 30.0
"""How long a writer waits for another one before it gives up. A page's transaction takes milliseconds."""
OLDEST_SQLITE = (3, 37, 0)  # STRICT tables
_MAGIC = b"SQLite format 3\x00"


class StoreError(KhotinError):
    """Something is wrong with a database file. The exit codes of its kinds are those of sysexits.h."""


class NewerSchema(StoreError):
    """The database was written by a newer khotin. Nothing in it was touched."""

    exit_code = 78


class ReadOnly(StoreError):
    """File or folder may not be written."""

    exit_code = 77


class Locked(StoreError):
    """Another process held the database for longer than `BUSY_SECONDS`."""

    exit_code = 75


class DiskFull(StoreError):
    """No room left. What was being written is undone; what was written before is there."""

    exit_code = 74


class NotADatabase(StoreError):
    """The file is no SQLite database, a damaged one, or one of another program."""

    exit_code = 65


class NoArchive(StoreError):
    """There is no database yet."""

    exit_code = 66


def iso(moment: datetime) -> str:
    """An aware time as stored: `2026-11-22T08:30:00+07:00`, whole seconds. ValueError for a naive one."""
    if moment.tzinfo is None:
        msg = f"a time without a zone can't be stored: {moment!r}"
        raise ValueError(msg)
    return moment.astimezone(VIETNAM).isoformat(timespec="seconds")


def _time(column: str, *, null: bool = False) -> str:
    # Reassembling the value catches the 13th month and any other form or offset; "+0 days" makes
    # SQLite reckon, so that the 31st of February becomes another day.
    check = f"strftime('%Y-%m-%dT%H:%M:%S', substr({column}, 1, 19), '+0 days') || '+07:00' IS {column}"
    return f"TEXT CHECK({column} IS NULL OR {check})" if null else f"TEXT NOT NULL CHECK({check})"


def _day(column: str, *, null: bool = True) -> str:
    check = f"date({column}, '+0 days') IS {column}"
    return f"TEXT CHECK({column} IS NULL OR {check})" if null else f"TEXT NOT NULL CHECK({check})"


def _json(column: str, default: str = "[]") -> str:
    return f"TEXT NOT NULL DEFAULT '{default}' CHECK(json_valid({column}))"


_TABLES_1 = f"""
CREATE TABLE provinces (
  scheme INTEGER NOT NULL CHECK(scheme IN (34, 63)),
  code TEXT NOT NULL CHECK(code GLOB '[0-9][0-9]'),
  name TEXT NOT NULL,
  short_name TEXT NOT NULL,
  successor TEXT NOT NULL,                 -- code among the 34 of the one that holds its land now
  valid_from {_day("valid_from")},
  valid_to {_day("valid_to")},
  formed_from {_json("formed_from")},      -- codes among the 63
  history TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (scheme, code)
) STRICT, WITHOUT ROWID;

CREATE TABLE sites (
  id TEXT PRIMARY KEY CHECK(id <> ''),
  name TEXT NOT NULL,
  name_en TEXT,
  kind TEXT CHECK(kind IN ('party_journal', 'party_newspaper', 'party_portal', 'government_portal')),
  province_scheme INTEGER,
  province_code TEXT,
  family TEXT,
  hosts {_json("hosts")},
  former_hosts {_json("former_hosts")},
  publish TEXT NOT NULL DEFAULT 'excerpt' CHECK(publish IN ('full', 'excerpt', 'none')),
  rights_note TEXT NOT NULL DEFAULT '',
  verified_how TEXT NOT NULL DEFAULT 'none' CHECK(verified_how IN ('live', 'pages', 'family', 'none')),
  verified_pages INTEGER NOT NULL DEFAULT 0,
  weekly_min INTEGER,
  weekly_max INTEGER,
  quiet_days INTEGER,
  history {_json("history")},
  FOREIGN KEY (province_scheme, province_code) REFERENCES provinces (scheme, code)
) STRICT, WITHOUT ROWID;

CREATE TABLE sections (
  id INTEGER PRIMARY KEY,
  site TEXT NOT NULL REFERENCES sites (id),
  title TEXT NOT NULL,
  url TEXT NOT NULL,
  UNIQUE (site, url)
) STRICT;

CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  command TEXT NOT NULL,
  mode TEXT NOT NULL CHECK(mode IN ('live', 'replay', 'rebuild', 'ingest')),
  sites {_json("sites")},
  software TEXT NOT NULL,
  started_at {_time("started_at")},
  finished_at {_time("finished_at", null=True)},
  outcome TEXT,
  counts {_json("counts", "{}")}
) STRICT;

CREATE TABLE captures (
  id INTEGER PRIMARY KEY,
  record_id TEXT UNIQUE,                   -- NULL in WARC files of others that have none
  url TEXT NOT NULL,
  site TEXT REFERENCES sites (id),
  kind TEXT NOT NULL,
  fetched_at {_time("fetched_at")},
  status INTEGER NOT NULL,
  content_type TEXT NOT NULL DEFAULT '',
  digest TEXT NOT NULL DEFAULT '',
  warc_file TEXT NOT NULL,
  warc_offset INTEGER NOT NULL CHECK(warc_offset >= 0),
  warc_length INTEGER NOT NULL CHECK(warc_length >= 0),
  location TEXT NOT NULL DEFAULT '',
  run_id INTEGER REFERENCES runs (id),
  verdict TEXT,
  article_id INTEGER REFERENCES articles (id) ON DELETE SET NULL,
  text_hash TEXT,                          -- of the text it gave (or stands for: store/timeline)
  extractor_version TEXT                   -- that read it
) STRICT;
CREATE UNIQUE INDEX captures_place ON captures (warc_file, warc_offset) WHERE record_id IS NULL;
CREATE INDEX captures_article ON captures (article_id, fetched_at) WHERE article_id IS NOT NULL;
CREATE INDEX captures_url ON captures (url, fetched_at);
CREATE INDEX captures_run ON captures (run_id) WHERE run_id IS NOT NULL;

CREATE TABLE articles (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,                -- permalink; never changes
  site TEXT NOT NULL REFERENCES sites (id),
  canonical_url TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  byline TEXT,
  agency TEXT,
  section TEXT,
  published_at {_time("published_at", null=True)},
  published_precision TEXT NOT NULL CHECK(published_precision IN ('minute', 'day', 'month', 'none')),
  event_date {_day("event_date")},
  date_estimate {_day("date_estimate", null=False)},
  date_estimate_basis TEXT NOT NULL CHECK(date_estimate_basis IN
    ('published', 'event_date', 'listing', 'address', 'neighbours', 'first_seen')),
  language TEXT,
  template TEXT NOT NULL,
  extractor_version TEXT NOT NULL,
  words INTEGER NOT NULL,
  text_hash TEXT NOT NULL,
  flags {_json("flags")},
  capture_id INTEGER NOT NULL REFERENCES captures (id),
  first_seen {_time("first_seen")},
  last_seen {_time("last_seen")},
  gone_since {_time("gone_since", null=True)},
  CHECK((published_at IS NULL) = (published_precision = 'none')),
  CHECK(first_seen <= last_seen)
) STRICT;
CREATE INDEX articles_site ON articles (site);
CREATE INDEX articles_capture ON articles (capture_id);

CREATE TABLE article_text (
  article_id INTEGER PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
  lead TEXT,
  body TEXT NOT NULL                       -- paragraphs one a line, without the lead
) STRICT;

CREATE TABLE revisions (
  id INTEGER PRIMARY KEY,
  article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
  number INTEGER NOT NULL CHECK(number >= 1),   -- 1 is the oldest text
  replaced_at {_time("replaced_at")},           -- when the text after it was first seen
  old_title TEXT NOT NULL,
  old_lead TEXT,
  old_body TEXT NOT NULL,
  old_hash TEXT NOT NULL,
  old_extractor_version TEXT NOT NULL,
  old_capture_id INTEGER NOT NULL REFERENCES captures (id),
  new_capture_id INTEGER NOT NULL REFERENCES captures (id),
  UNIQUE (article_id, number)
) STRICT;
CREATE INDEX revisions_old_capture ON revisions (old_capture_id);
CREATE INDEX revisions_new_capture ON revisions (new_capture_id);

CREATE TABLE evidence (
  article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  field TEXT NOT NULL,
  value TEXT NOT NULL,
  rule TEXT NOT NULL,
  raw TEXT NOT NULL DEFAULT '',
  confidence REAL NOT NULL CHECK(confidence BETWEEN 0 AND 1),
  note TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (article_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE images (
  article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  url TEXT NOT NULL,
  caption TEXT NOT NULL DEFAULT '',
  credit TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (article_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE attachments (
  article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  url TEXT NOT NULL,
  title TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (article_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE tags (
  article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  tag TEXT NOT NULL,
  PRIMARY KEY (article_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE addresses (
  url TEXT PRIMARY KEY,
  article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
  relation TEXT NOT NULL CHECK(relation IN ('canonical', 'alias', 'redirect', 'print')),
  first_seen {_time("first_seen")}
) STRICT, WITHOUT ROWID;
CREATE INDEX addresses_article ON addresses (article_id);

CREATE TABLE quarantine (
  id INTEGER PRIMARY KEY,
  url TEXT NOT NULL,
  site TEXT REFERENCES sites (id),
  capture_id INTEGER UNIQUE REFERENCES captures (id),
  verdict TEXT NOT NULL CHECK(verdict <> 'article'),
  reason TEXT NOT NULL,
  flags {_json("flags")},
  evidence {_json("evidence")},
  seen_at {_time("seen_at")}
) STRICT;
CREATE INDEX quarantine_url ON quarantine (url);

CREATE TABLE frontier (
  url TEXT PRIMARY KEY,
  site TEXT NOT NULL REFERENCES sites (id),
  state TEXT NOT NULL CHECK(state IN ('due', 'kept', 'refused', 'dead')),
  due_at {_time("due_at", null=True)},
  reason TEXT NOT NULL DEFAULT '',
  tries INTEGER NOT NULL DEFAULT 0,
  status INTEGER,
  hints {_json("hints")},
  found_at {_time("found_at")},
  found_run INTEGER REFERENCES runs (id),
  fetched_at {_time("fetched_at", null=True)},
  priority INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX frontier_due ON frontier (site, state, due_at);

CREATE TABLE walks (
  site TEXT NOT NULL REFERENCES sites (id),
  section_url TEXT NOT NULL,
  run_id INTEGER NOT NULL REFERENCES runs (id),
  started_at {_time("started_at")},
  completed_at {_time("completed_at", null=True)},
  pages INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (site, section_url, run_id)
) STRICT, WITHOUT ROWID;
"""

MIGRATIONS = Migrations("khotin")


@MIGRATIONS(name="0001_first_tables")
def _first_tables(db: Database) -> None:
    run_script(db.conn, _TABLES_1)
    db.conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")


_NAMES = [migration.name for migration in MIGRATIONS._migrations]
SCHEMA_VERSION = len(_NAMES)


def run_script(conn: sqlite3.Connection, script: str) -> None:
    """Run several statements inside the open transaction (`executescript` would commit it first)."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            conn.execute(statement)
            statement = ""


def _room_left(path: Path) -> bool:
    stats = os.statvfs(path.parent) if hasattr(os, "statvfs") else None
    return stats is None or stats.f_bavail * stats.f_frsize > 1 << 16


def full(path: Path) -> StoreError:
    """The error for a full disk."""
    return DiskFull(f"the disk of {path} is full: free some space and run the command again")


def read_only(path: Path) -> StoreError:
    """The error for a file or folder that may not be written."""
    return ReadOnly(
        f"{path} can't be written: give this user write access to {path.parent} or name another --data"
    )


def _no_database(path: Path) -> StoreError:
    return NotADatabase(f"{path} is not an SQLite database: move it away or name another folder with --data")


def _foreign(path: Path) -> StoreError:
    return NotADatabase(f"{path} is no khotin archive but another program's database: name another --data")


def _told(path: Path, code: int) -> StoreError | None:
    """The house's error for a (primary) result code of SQLite, or None where it is a fault of the program."""
    kinds: dict[int, Callable[[], StoreError]] = {
        sqlite3.SQLITE_FULL: lambda: full(path),
        sqlite3.SQLITE_READONLY: lambda: read_only(path),
        sqlite3.SQLITE_PERM: lambda: read_only(path),
        sqlite3.SQLITE_CANTOPEN: lambda: read_only(path),
        sqlite3.SQLITE_BUSY: lambda: Locked(
            f"{path} is being written by another process: wait for it to end, then run the command again"
        ),
        sqlite3.SQLITE_NOTADB: lambda: _no_database(path),
        sqlite3.SQLITE_CORRUPT: lambda: NotADatabase(
            f"{path} is damaged: move it away and run khotin rebuild, which makes it anew from the WARC files"
        ),
        # A full disk while the shared-memory file grows is reported as an I/O error.
        sqlite3.SQLITE_IOERR: lambda: (
            StoreError(f"{path} can't be read or written (input/output error): check the disk")
            if _room_left(path)
            else full(path)
        ),
    }
    make = kinds.get(code & 0xFF)
    return make() if make else None


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn SQLite's errors about the file `path` into the named errors of this module; others pass."""
    try:
        yield
    except sqlite3.Error as error:
        kind = _told(path, getattr(error, "sqlite_errorcode", 0) or 0)
        if kind is None:
            raise
        raise kind from error


def _newer(path: Path, version: int) -> NewerSchema:
    return NewerSchema(
        f"{path} has schema {version}, this khotin knows up to {SCHEMA_VERSION}: upgrade khotin;"
        " nothing was changed"
    )


def _check_header(path: Path) -> bool:
    """Look at the first 100 bytes without SQLite, which would already make -wal and -shm files.

    True if the file holds a database, False if it is missing or empty. Raises NotADatabase, NewerSchema,
    ReadOnly. Offsets: "The Database Header" of the SQLite file format.
    """
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except FileNotFoundError:
        return False
    except (PermissionError, IsADirectoryError, NotADirectoryError) as error:
        msg = f"{path} can't be read ({error.strerror}): name a folder with --data that this user may use"
        raise ReadOnly(msg) from error
    if not header:
        return False
    if not header.startswith(_MAGIC) or len(header) < 100:
        raise _no_database(path)
    version, application = struct.unpack(">I", header[60:64])[0], struct.unpack(">I", header[68:72])[0]
    if application not in (0, APPLICATION_ID):
        raise _foreign(path)
    if application == APPLICATION_ID and version > SCHEMA_VERSION:
        raise _newer(path, version)
    return True


def _user_version(conn: sqlite3.Connection) -> int:
    return int(conn.execute("PRAGMA user_version").fetchone()[0])


def _migrate(conn: sqlite3.Connection, path: Path) -> None:
    if _user_version(conn) == SCHEMA_VERSION:
        return
    db = Database(conn, execute_plugins=False)
    for number in range(1, SCHEMA_VERSION + 1):
        # Immediate, and looked at again inside: another process may be migrating at the same moment.
        conn.execute("BEGIN IMMEDIATE")
        try:
            version = _user_version(conn)
            if version > SCHEMA_VERSION:
                raise _newer(path, version)
            if version == 0 and conn.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                raise _foreign(path)
            if version < number:
                MIGRATIONS.apply(db, stop_before=_NAMES[number:])
                conn.execute(f"PRAGMA user_version = {number}")
            conn.execute("COMMIT")
        except BaseException:
            if conn.in_transaction:
                conn.execute("ROLLBACK")
            raise


def connect(path: Path, *, create: bool = True, busy_seconds: float = BUSY_SECONDS) -> sqlite3.Connection:
    """Open archive.db for writing, make or migrate it. The connection is in autocommit mode: use BEGIN.

    It may be used from several threads, one at a time (the store holds a lock). Raises the errors above.
    """
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        msg = f"SQLite {sqlite3.sqlite_version} is too old, 3.37 is needed: use a newer build of Python"
        raise StoreError(msg)
    exists = _check_header(path)
    if not exists and not create:
        msg = f"there is no archive at {path}: run khotin crawl first, or name its folder with --data"
        raise NoArchive(msg)
    if not exists:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise read_only(path) from error
    if not os.access(path.parent, os.W_OK) or (exists and not os.access(path, os.W_OK)):
        raise read_only(path)
    with told(path):
        conn = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None, check_same_thread=False)
        try:
            if _user_version(conn) > SCHEMA_VERSION:  # a newer header may still stand in the -wal file
                raise _newer(path, _user_version(conn))
            conn.execute("PRAGMA journal_mode = WAL")
            conn.execute("PRAGMA synchronous = NORMAL")
            conn.execute("PRAGMA journal_size_limit = 67108864")
            _migrate(conn, path)
            conn.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            conn.close()
            raise
    return conn


def connect_read_only(path: Path, *, busy_seconds: float = BUSY_SECONDS) -> sqlite3.Connection:
    """Open a khotin database (working or published) for reading only. Raises NoArchive, NotADatabase, …"""
    try:
        with path.open("rb") as file:
            header = file.read(16)
    except OSError as error:
        msg = f"there is no database at {path}: run khotin crawl and khotin publish first"
        raise NoArchive(msg) from error
    if header != _MAGIC:
        raise _no_database(path)
    with told(path):
        address = f"{path.resolve().as_uri()}?mode=ro"
        return sqlite3.connect(address, uri=True, timeout=busy_seconds, isolation_level=None)
