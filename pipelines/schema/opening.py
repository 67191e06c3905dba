"""How archive.db is opened: looked at before it is touched, made or migrated, set up for one writer."""

from __future__ import annotations

import os
import sqlite3
import struct
from pathlib import Path

from sqlite_utils import Database

from pipelines.schema.errors import (
    NoArchive,
    ReadOnly,
    StoreError,
    foreign,
    newer,
    no_archive,
    no_database,
    older,
    other_folder,
    read_only,
    told,
)
from pipelines.schema.migrations import APPLICATION_ID, MIGRATION_NAMES, MIGRATIONS, SCHEMA_VERSION

BUSY_SECONDS = 30.0
"""How long a writer waits for another one before it gives up. A page's transaction takes milliseconds."""
OLDEST_SQLITE = (3, 37, 0)  # STRICT tables
_MAGIC = b"SQLite format 3\x00"


def _not_opened(path: Path, error: OSError) -> StoreError:
    kind = ReadOnly if isinstance(error, PermissionError) else NoArchive  # a folder, or a file where one should be
    return kind(f"{path} can't be read ({error.strerror}): name a folder with --data that this user may use")


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
    except OSError as error:
        raise _not_opened(path, error) from error
    if not header:
        return False
    if not header.startswith(_MAGIC) or len(header) < 100:
        raise no_database(path)
    version, application = struct.unpack(">I", header[60:64])[0], struct.unpack(">I", header[68:72])[0]
    if application not in (0, APPLICATION_ID):
        raise foreign(path)
    if application == APPLICATION_ID and version > SCHEMA_VERSION:
        raise newer(path, version, SCHEMA_VERSION)
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
                raise newer(path, version, SCHEMA_VERSION)
            if version == 0 and conn.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                raise foreign(path)
            if version < number:
                MIGRATIONS.apply(db, stop_before=MIGRATION_NAMES[number:])
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
        raise no_archive(path)
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
                raise newer(path, _user_version(conn), SCHEMA_VERSION)
            if (
                _user_version(conn) == 0
                and conn.execute("SELECT 1 FROM sqlite_master").fetchone()
                and conn.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID
            ):
                raise foreign(path)  # before its journal mode is changed
            conn.execute("PRAGMA journal_mode = WAL")
            conn.execute("PRAGMA synchronous = NORMAL")
            conn.execute("PRAGMA journal_size_limit = 67108864")
            _migrate(conn, path)
            conn.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            conn.close()
            raise
    return conn


def connect_to_look(path: Path, *, busy_seconds: float = BUSY_SECONDS) -> sqlite3.Connection:
    """Open archive.db for reading only; it is neither made nor migrated.

    Raises NoArchive, NotADatabase, NewerSchema, OlderSchema, …
    """
    if not _check_header(path):
        raise no_archive(path)
    options = "mode=ro"
    if not os.access(path.parent, os.W_OK) and not path.with_name(f"{path.name}-wal").exists():
        options += "&immutable=1"  # SQLite would have to make a -shm file, and nobody writes here
    with told(path):
        address = f"{path.resolve().as_uri()}?{options}"
        conn = sqlite3.connect(address, uri=True, timeout=busy_seconds, isolation_level=None)
        try:
            version = _user_version(conn)
            if version > SCHEMA_VERSION:  # a newer header may still stand in the -wal file
                raise newer(path, version, SCHEMA_VERSION)
            if version < SCHEMA_VERSION:
                raise older(path, version, SCHEMA_VERSION)
        except BaseException:
            conn.close()
            raise
    return conn


def connect_read_only(path: Path, *, busy_seconds: float = BUSY_SECONDS) -> sqlite3.Connection:
    """Open a khotin database (working or published) for reading only. Raises NoArchive, NotADatabase, …"""
    try:
        with path.open("rb") as file:
            header = file.read(16)
    except FileNotFoundError as error:
        msg = f"there is no database at {path}: run khotin crawl and khotin publish first, {other_folder(path)}"
        raise NoArchive(msg) from error
    except OSError as error:
        raise _not_opened(path, error) from error
    if header != _MAGIC:
        raise no_database(path)
    with told(path):
        address = f"{path.resolve().as_uri()}?mode=ro"
        return sqlite3.connect(address, uri=True, timeout=busy_seconds, isolation_level=None)
