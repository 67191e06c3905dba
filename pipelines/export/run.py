"""Choosing articles and writing them: a complete file or an error, never a part of one."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import secrets
import sqlite3
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, BinaryIO

from pipelines import schema
from pipelines.article import KhotinError
from pipelines.export.columns import COLUMNS
from pipelines.export.writers import FORMATS, CsvWriter, Format, JsonlWriter, ParquetWriter, SqliteWriter, Writer
from pipelines.provinces import ProvinceRow, UnknownProvince, load_provinces
from pipelines.publish.tables import HOMES, PUBLIC_APPLICATION_ID
from pipelines.search import FTS_TABLE, SEARCH_VERSION, fts_query, split_sites

_BATCH = 2_000  # rows in memory; a row group of Parquet


class ExportError(KhotinError):
    """The selection makes no sense, or the file could not be written whole."""

    exit_code = 2


class NobodyReads(ExportError):
    """Whoever read the stream went away before all articles were written."""

    exit_code = 74  # EX_IOERR


@dataclass(frozen=True, slots=True)
class ExportFilters:
    """Which articles; all that are given must hold."""

    sites: tuple[str, ...] = ()
    """Short names of sites; none: all."""
    province: str | None = None
    """Code or name, with or without marks, in either scheme. The 34 are asked first; `63:08` or `63:Hà Giang`
    names one of the 63."""
    since: str | date | None = None
    """First day (YYYY-MM-DD), by `date_estimate`."""
    until: str | date | None = None
    """Last day, included."""
    query: str | None = None
    """Full text, as in the search box; needs a published database."""


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written."""

    path: Path
    """The file; `-` for a stream."""
    format: Format
    rows: int
    bytes: int
    seconds: float


def export(
    db: Path,
    out: Path | BinaryIO,
    fmt: Format,
    filters: ExportFilters | None = None,
    *,
    bom: bool = True,
    formula_guard: bool = True,
) -> ExportReport:
    """Write the chosen articles, newest first, one row each, with the columns of `COLUMNS`.

    `db` is public.db, which holds only what may be shown, or archive.db, which gives its owner all texts
    whole (column `rights` tells what may be passed on). The rows are counted first and again while they are
    written; a file takes the name `out` only when it is complete and on the disk. Where `out` is a symlink, the
    file it points to is replaced; what is no regular file (a device, a named pipe) is never replaced. A binary
    stream is written as it goes: it is complete where no error is raised. `bom` and `formula_guard` (see
    `guard`) concern CSV alone. Raises ExportError, UnknownProvince, NoArchive, NewerSchema, ReadOnly, DiskFull.
    """
    started = time.perf_counter()
    if fmt not in FORMATS:
        msg = f"no format {fmt!r}: choose one of {', '.join(FORMATS)}"
        raise ExportError(msg)
    conn, public = _open(db)
    try:
        with schema.told(db):
            conn.execute("BEGIN")  # one state of the database for the count and the rows
            where, values = _where(conn, filters or ExportFilters(), public)

            def write(file: BinaryIO) -> int:
                return _write(conn, public, where, values, _writer(file, fmt, bom, formula_guard))

            rows, size = _to_file(out, write) if isinstance(out, Path) else _to_stream(out, write)
    finally:
        conn.close()
    return ExportReport(out if isinstance(out, Path) else Path("-"), fmt, rows, size, time.perf_counter() - started)


def _to_file(out: Path, write: Callable[[BinaryIO], int]) -> tuple[int, int]:
    """Rows and bytes written to a file beside `out`, which then takes its place."""
    try:
        target = _target(out)
        part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with part.open("xb") as file:
                rows = write(file)
                file.flush()
                os.fsync(file.fileno())
                size = file.tell()
            part.replace(target)
        finally:
            with contextlib.suppress(OSError):  # a read-only disk refuses even what is not there
                part.unlink(missing_ok=True)
    except OSError as error:
        raise _failed(out, error) from error
    return rows, size


def _target(out: Path) -> Path:
    """The regular file that `out` means, symlinks followed; it need not be there."""
    try:
        mode = out.stat().st_mode  # first: a link in /proc leads to what has no path
    except FileNotFoundError:
        return Path(os.path.realpath(out))
    if not stat.S_ISREG(mode):
        msg = f"{out} can't be written: it is no regular file; name another with -o, or - for standard output"
        raise ExportError(msg)
    return out.resolve()


class _Counted(io.RawIOBase):
    """A stream that counts its bytes and writes all it is given; the stream below stays open."""

    def __init__(self, below: BinaryIO) -> None:
        self._below = below
        self.bytes = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        view = memoryview(data).cast("B")
        done = 0
        while done < len(view):  # an unbuffered stream may take a part
            done += self._below.write(view[done:])
        self.bytes += done
        return done


def _to_stream(out: BinaryIO, write: Callable[[BinaryIO], int]) -> tuple[int, int]:
    stream = _Counted(out)
    try:
        rows = write(stream)  # type: ignore[arg-type]  # all that writers need of a BinaryIO
        out.flush()
    except OSError as error:
        raise _failed(Path("standard output"), error) from error
    return rows, stream.bytes


def _writer(file: BinaryIO, fmt: Format, bom: bool, formula_guard: bool) -> Writer:
    if fmt == "csv":
        return CsvWriter(file, bom=bom, formula_guard=formula_guard)
    kinds: dict[str, type[Writer]] = {"jsonl": JsonlWriter, "parquet": ParquetWriter, "sqlite": SqliteWriter}
    return kinds[fmt](file)


def _failed(out: Path, error: OSError) -> KhotinError:
    if error.errno == errno.ENOSPC:
        return schema.full(out)
    if error.errno == errno.EPIPE:
        return NobodyReads(f"{out} was closed before all articles were written: what was read is not complete")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return schema.ReadOnly(f"{out} can't be written: name another file with -o")
    return ExportError(f"{out} can't be written ({error.strerror}): name another file with -o")


def _open(db: Path) -> tuple[sqlite3.Connection, bool]:
    """A connection with the database attached as `archive`, and whether it is a published one."""
    conn = schema.connect_read_only(db)
    try:
        with schema.told(db):
            application = conn.execute("PRAGMA application_id").fetchone()[0]
            version = conn.execute("PRAGMA user_version").fetchone()[0]
    finally:
        conn.close()
    if application not in (PUBLIC_APPLICATION_ID, schema.APPLICATION_ID):
        msg = f"{db} is no khotin database: name its folder with --data"
        raise schema.NotADatabase(msg)
    if version > schema.SCHEMA_VERSION:
        raise schema.newer(db, version, schema.SCHEMA_VERSION)
    # An empty database in front, so that temporary tables can be made beside one that is only read.
    conn = sqlite3.connect("file::memory:", uri=True, timeout=schema.BUSY_SECONDS, isolation_level=None)
    try:
        with schema.told(db):
            conn.execute("ATTACH ? AS archive", (f"{db.resolve().as_uri()}?mode=ro",))
            if application == schema.APPLICATION_ID:
                schema.run_script(conn, HOMES)
    except BaseException:
        conn.close()
        raise
    return conn, application == PUBLIC_APPLICATION_ID


def _where(conn: sqlite3.Connection, filters: ExportFilters, public: bool) -> tuple[str, list[str]]:
    """SQL condition and its values."""
    conditions: list[str] = ["1"]
    values: list[str] = []
    query, named = split_sites(filters.query) if filters.query is not None else (None, ())
    for sites in filter(None, (filters.sites, named)):
        for site in sites:
            _check_site(conn, site)
        conditions.append(f"a.site IN ({', '.join('?' * len(sites))})")
        values.extend(sites)
    if filters.province is not None:
        row = find_province(filters.province)
        column = "province" if row.scheme == 34 else "province_63"
        conditions.append(f"{'a' if public else 'h'}.{column} = ?")
        values.append(row.short_name)
    since, until = _day(filters.since, "since"), _day(filters.until, "until")
    if since and until and since > until:
        msg = f"the first day ({since}) is after the last ({until}): exchange them"
        raise ExportError(msg)
    for sign, day in ((">=", since), ("<=", until)):
        if day:
            conditions.append(f"a.date_estimate {sign} ?")
            values.append(day)
    if query is not None and (query or not named):
        conditions.append(f"a.id IN (SELECT rowid FROM {FTS_TABLE} WHERE {FTS_TABLE} MATCH ?)")  # noqa: S608
        values.append(_match(conn, query, public))
    return " AND ".join(conditions), values


def _match(conn: sqlite3.Connection, query: str, public: bool) -> str:
    if not public:
        msg = "archive.db has no search index: run khotin publish and export from public.db"
        raise ExportError(msg)
    version = conn.execute("SELECT value FROM about WHERE name = 'search_version'").fetchone()
    if version is None or version[0] != SEARCH_VERSION:
        msg = "the search index was made by another version of khotin: run khotin publish first"
        raise ExportError(msg)
    return fts_query(query)  # finds nothing where it has no word to look for, as the search box does


def _check_site(conn: sqlite3.Connection, site: str) -> None:
    known = [row[0] for row in conn.execute("SELECT id FROM sites ORDER BY id")]
    if site not in known:
        near = get_close_matches(site, known, n=3, cutoff=0.4) or known[:5]
        msg = f"no site {site!r} in this database: did you mean {', '.join(near) or 'another --data'}?"
        raise ExportError(msg)


def find_province(wanted: str) -> ProvinceRow:
    """The province a code or name means; see `ExportFilters.province`. Raises UnknownProvince."""
    provinces = load_provinces()
    prefix, _, rest = wanted.rpartition(":")
    asked = int(prefix) if prefix in ("34", "63") else None
    text = (rest if asked else wanted).strip()
    for scheme in (asked,) if asked else (34, 63):
        found = next((row for row in provinces if row.scheme == scheme and row.code == text), None)
        if found:
            return found
    found = provinces.find(text, asked)
    if found is None:
        names = [row.short_name for row in provinces if asked in (None, row.scheme)]
        near = list(dict.fromkeys(get_close_matches(text, names, n=3, cutoff=0.5)))
        hint = f"did you mean {', '.join(near)}?" if near else "give a code or a name, such as 01 or Hà Nội"
        msg = f"no province {wanted!r}: {hint}"
        raise UnknownProvince(msg)
    return found


def _day(value: str | date | None, name: str) -> str | None:
    if value is None or isinstance(value, date):
        return value.isoformat()[:10] if value else None
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError as error:
        msg = f"{value!r} is no day for {name}: write it as 2026-11-22"
        raise ExportError(msg) from error


def _write(conn: sqlite3.Connection, public: bool, where: str, values: list[str], writer: Writer) -> int:
    joins = "FROM archive.articles a JOIN archive.article_text t ON t.article_id = a.id"
    if not public:
        joins += " JOIN archive.sites s ON s.id = a.site JOIN home h ON h.site = a.site"
    order = "a.id DESC" if public else (
        "a.date_estimate DESC, coalesce(a.published_at, a.date_estimate) DESC, a.first_seen DESC, a.key DESC"
    )  # fmt: skip
    columns = ", ".join(column.published if public or not column.archived else column.archived for column in COLUMNS)
    expected = conn.execute(f"SELECT count(*) {joins} WHERE {where}", values).fetchone()[0]
    cursor = conn.execute(
        f"SELECT {columns} {joins} LEFT JOIN archive.captures c ON c.id = a.capture_id WHERE {where} ORDER BY {order}",
        values,
    )
    written = 0
    with writer:
        while rows := cursor.fetchmany(_BATCH):
            writer.write(rows)
            written += len(rows)
    if written != expected:
        msg = f"{written} of {expected} articles could be read; the export is not complete: publish and export again"
        raise ExportError(msg)
    return written
