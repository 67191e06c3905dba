"""Writing the dumps: months that did not change are left, the rest is written beside and put in place together."""

from __future__ import annotations

import contextlib
import fcntl
import gzip
import hashlib
import json
import os
import secrets
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipelines import schema
from pipelines.article import KhotinError
from pipelines.dump.package import DumpFile, checksums, citation, codebook, datapackage
from pipelines.export import COLUMNS, ExportFilters, Format, export
from pipelines.folder import AlreadyRunning

FORMATS: tuple[Format, ...] = ("csv", "jsonl", "parquet", "sqlite")
ENDINGS: dict[str, str] = {"csv": "csv", "jsonl": "jsonl.gz", "parquet": "parquet", "sqlite": "sqlite"}
WHOLE = "all"
MANIFEST = "manifest.json"
VERSION = 1
"""Of the form of the files; a change writes all of them anew."""
_PART = ".part-"
_LOCK = ".lock"
Progress = Callable[[str], None]


class DumpError(KhotinError):
    """The dumps could not be written; those that were there stand."""

    exit_code = 74


@dataclass(frozen=True, slots=True)
class DumpReport:
    """What was dumped."""

    folder: Path
    built_at: str
    """Of the snapshot; ISO 8601, +07:00."""
    articles: int
    files: int
    written: int
    """Files written now; the others had not changed."""
    bytes: int
    """Of all files together."""
    seconds: float


def dump(public: Path, folder: Path, metadata: Mapping[str, Any], *, progress: Progress | None = None) -> DumpReport:
    """Write the dumps of `public` (a published database) to `folder`; `metadata` is metadata.yml for the codebook.

    Each month and the whole in each of FORMATS, with SHA256SUMS, datapackage.json, codebook.md and CITATION.cff.
    Equal articles give equal bytes (but Parquet and SQLite name the version of the library that wrote them).
    Raises NoArchive, AlreadyRunning, DumpError, DiskFull.
    """
    started = time.perf_counter()
    schema.connect_read_only(public).close()  # before anything is written, and by its own name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder):
            files, new, built_at, articles = _renew(public, folder, metadata, progress or (lambda _part: None))
    except OSError as error:
        if error.errno == 28:
            raise schema.full(folder) from error
        msg = f"{folder} can't be written ({error.strerror}): name another folder with -o"
        raise DumpError(msg) from error
    size = sum(file.bytes for file in files)
    return DumpReport(folder, built_at, articles, len(files), len(new), size, time.perf_counter() - started)


def _renew(
    public: Path, folder: Path, metadata: Mapping[str, Any], tell: Progress
) -> tuple[list[DumpFile], list[str], str, int]:
    """All files, the names of those written now, when the snapshot was built, and how many articles it has."""
    for left in folder.glob(f"{_PART}*"):  # of a dump that was killed: none other runs
        shutil.rmtree(left, ignore_errors=True)
    work = folder / f"{_PART}{secrets.token_hex(4)}"
    work.mkdir()
    try:
        pinned = _pin(public, work)
        built_at, prints, sample = _read(pinned, public)
        before = _manifest(folder)
        files, new = _files(pinned, work, folder, prints, before, tell)
        articles = sum(file.rows for file in files if file.part == WHOLE and file.format == "csv")
        papers = {
            "codebook.md": codebook(metadata, sample=sample),
            "CITATION.cff": citation(built_at, articles, sample=sample),
            "SHA256SUMS": checksums(files),
            "datapackage.json": datapackage(files, built_at, metadata, sample=sample),
            MANIFEST: _noted(files, prints, built_at),
        }
        for name, content in papers.items():
            (work / name).write_bytes(content)
        for name in [*new, *papers]:
            (work / name).replace(folder / name)
        _clear(folder, {file.name for file in files})
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return files, new, built_at, articles


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One dump writes to a folder at a time; the kernel ends the lock of a killed one. Raises AlreadyRunning."""
    with (folder / _LOCK).open("ab") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            msg = f"another khotin dump is writing to {folder}: wait for it to end"
            raise AlreadyRunning(msg) from error
        yield


def _pin(public: Path, work: Path) -> Path:
    # All files are of one snapshot, though another may be put in its place meanwhile.
    pinned = work / "public.db"
    try:
        os.link(public, pinned)
    except OSError:  # another file system
        shutil.copyfile(public, pinned)
    return pinned


def _read(pinned: Path, public: Path) -> tuple[str, dict[str, str], bool]:
    """When the snapshot was built, of each month a fingerprint of all that its files say, whether it is a sample."""
    conn = schema.connect_read_only(pinned)
    with contextlib.closing(conn), schema.told(public):
        built_at = conn.execute("SELECT value FROM about WHERE name = 'built_at'").fetchone()[0]
        sample = conn.execute("SELECT 1 FROM about WHERE name = 'sample'").fetchone() is not None
        # text_hash stands for title, lead and text; rights and shortened say how much of them is shown.
        facts = [column.published for column in COLUMNS if column.name not in ("title", "lead", "body")]
        rows = conn.execute(
            f"SELECT a.month, a.text_hash, length(t.lead), {', '.join(facts)} FROM articles a"  # noqa: S608
            " JOIN article_text t ON t.article_id = a.id LEFT JOIN captures c ON c.id = a.capture_id ORDER BY a.id DESC"
        )
        form = json.dumps([VERSION, [(c.name, c.type, c.en, c.vi) for c in COLUMNS]], ensure_ascii=False)
        hashes: dict[str, Any] = {}
        for row in rows:
            month = hashes.setdefault(row[0], hashlib.sha256(form.encode()))
            month.update(json.dumps(list(row[1:]), ensure_ascii=False).encode() + b"\n")
    prints = {month: found.hexdigest() for month, found in sorted(hashes.items(), reverse=True)}
    prints[WHOLE] = hashlib.sha256(json.dumps([form, prints]).encode()).hexdigest()
    return str(built_at), prints, sample


def _files(
    public: Path, work: Path, folder: Path, prints: Mapping[str, str], before: Mapping[str, Any], tell: Progress
) -> tuple[list[DumpFile], list[str]]:
    files, new = [], []
    for part, fingerprint in prints.items():
        kept = _kept(folder, part, fingerprint, before)
        if kept is None:
            tell(part)
            kept = [_write(public, work, part, fmt) for fmt in FORMATS]
            new += [file.name for file in kept]
        files += kept
    return files, new


def _kept(folder: Path, part: str, fingerprint: str, before: Mapping[str, Any]) -> list[DumpFile] | None:
    if before.get("prints", {}).get(part) != fingerprint:
        return None
    files = [DumpFile(**noted) for noted in before["files"] if noted["part"] == part]
    there = all((folder / f.name).is_file() and (folder / f.name).stat().st_size == f.bytes for f in files)
    return files if there and [file.format for file in files] == list(FORMATS) else None


def _write(public: Path, work: Path, part: str, fmt: Format) -> DumpFile:
    target = work / f"khotin-{part}.{ENDINGS[fmt]}"
    written = target.with_suffix("") if ENDINGS[fmt].endswith(".gz") else target
    filters = ExportFilters() if part == WHOLE else ExportFilters(since=f"{part}-01", until=_last_day(part))
    report = export(public, written, fmt, filters)
    if written != target:
        # No name and no time in it: equal bytes each night.
        with (
            written.open("rb") as plain,
            target.open("wb") as below,
            gzip.GzipFile("", "wb", 6, below, mtime=0) as packed,
        ):
            shutil.copyfileobj(plain, packed, 1 << 20)
        written.unlink()
    with target.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return DumpFile(target.name, fmt, part, report.rows, target.stat().st_size, digest)


def _last_day(month: str) -> str:
    # Days are compared as text by the filter and checked for being days: the month's own last one.
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        return str(db.execute("SELECT date(? || '-01', '+1 month', '-1 day')", (month,)).fetchone()[0])


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        noted = json.loads((folder / MANIFEST).read_bytes())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}  # the first dump, or a file that is not ours: all is written
    return noted if isinstance(noted, dict) else {}


def _noted(files: list[DumpFile], prints: Mapping[str, str], built_at: str) -> bytes:
    noted = {"built_at": built_at, "prints": prints, "files": [asdict(file) for file in files]}
    return (json.dumps(noted, indent=1) + "\n").encode()


def _clear(folder: Path, names: set[str]) -> None:
    for path in folder.glob("khotin-*"):
        if path.name not in names:
            path.unlink()
