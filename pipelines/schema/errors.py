"""What can be wrong with a database file, each told as one line that says what to do."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.article import KhotinError


class StoreError(KhotinError):
    """Something is wrong with a database file. The exit codes of its kinds are those of sysexits.h."""


class NewerSchema(StoreError):
    """The database was written by a newer khotin. Nothing in it was touched."""

    exit_code = 78


class OlderSchema(StoreError):
    """The database was written by an older khotin, and may not be brought up to date by who only reads it."""


class ReadOnly(StoreError):
    """File or folder may not be written."""

    exit_code = 77


class Locked(StoreError):
    """Another process held the database for longer than the wait."""

    exit_code = 75


class DiskFull(StoreError):
    """No room left. What was being written is undone; what was written before is there."""

    exit_code = 74


class DiskFails(StoreError):
    """The disk does not give or take what it should."""

    exit_code = 74


class NotADatabase(StoreError):
    """The file is no SQLite database, a damaged one, or one of another program."""

    exit_code = 65


class NoArchive(StoreError):
    """There is no database yet."""

    exit_code = 66


def _room_left(path: Path) -> bool:
    stats = os.statvfs(path.parent) if hasattr(os, "statvfs") else None
    return stats is None or stats.f_bavail * stats.f_frsize > 1 << 16


def full(path: Path) -> StoreError:
    """The error for a full disk."""
    return DiskFull(f"the disk of {path} is full: free some space and run the command again")


def read_only(path: Path) -> StoreError:
    """The error for a file or folder that may not be written."""
    return ReadOnly(f"{path} can't be written: give this user write access to {path.parent} or name another --data")


def _made_by(path: Path) -> str:
    return "khotin publish" if path.name == "public.db" else "khotin rebuild"


def orphaned(path: Path) -> bool:
    """Whether an archive.db is missing although WARC files lie beside it: they hold all it held."""
    return not path.exists() and any((path.parent / "warc").glob("*/*.warc*"))


def other_folder(path: Path) -> str:
    """The end of what is told where a database is missing: how to name another folder, and the demonstration's.

    `make run` fills data/demo, and other commands look into data: the next command of a new user ends here.
    """
    demo = path.parent / "demo"
    known = f" (the sample's: --data {demo})" if (demo / path.name).is_file() else ""
    return f"or name its folder with --data{known}"


def no_archive(path: Path) -> NoArchive:
    """The error for an archive.db that is not there: a fresh folder, or one whose WARC files can give it back."""
    if orphaned(path):
        return NoArchive(f"{path} is missing beside its WARC files: run khotin rebuild, which makes it anew from them")
    return NoArchive(f"there is no archive at {path}: run khotin crawl first, {other_folder(path)}")


def no_database(path: Path) -> StoreError:
    """The error for a file that is not SQLite's."""
    return NotADatabase(
        f"{path} is not an SQLite database: move it away and run {_made_by(path)}, or name another folder with --data"
    )


def foreign(path: Path) -> StoreError:
    """The error for another program's database."""
    return NotADatabase(f"{path} is no khotin archive but another program's database: name another --data")


def damaged(path: Path) -> StoreError:
    """The error for a database whose pages don't hold together."""
    return NotADatabase(f"{path} is damaged: run {_made_by(path)}, which makes it anew")


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
        sqlite3.SQLITE_NOTADB: lambda: no_database(path),
        sqlite3.SQLITE_CORRUPT: lambda: damaged(path),
        # A full disk while the shared-memory file grows is reported as an I/O error.
        sqlite3.SQLITE_IOERR: lambda: (
            DiskFails(f"{path} can't be read or written (input/output error): check the disk")
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


def newer(path: Path, version: int, known: int) -> NewerSchema:
    """The error for a database of schema `version`, where `known` is the newest known."""
    return NewerSchema(
        f"{path} has schema {version}, this khotin knows up to {known}: upgrade khotin; nothing was changed"
    )


def older(path: Path, version: int, known: int) -> OlderSchema:
    """The error for a database of schema `version` where a reader needs `known`."""
    return OlderSchema(
        f"{path} has schema {version}, of an older khotin; this one reads {known}: the next khotin crawl brings it up "
        "to date; nothing was changed"
    )
