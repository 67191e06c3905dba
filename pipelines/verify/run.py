"""The whole check, in the order in which damage in one thing explains damage in the next."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from pipelines.article import KhotinError
from pipelines.disk import floor_of, in_words, room
from pipelines.folder import DataFolder
from pipelines.schema import NewerSchema, StoreError
from pipelines.verify.databases import PUBLISH, REBUILD, check_archive, check_public, reading
from pipelines.verify.files import check_files, places_by_file
from pipelines.verify.report import Findings, VerifyReport


class NothingToVerify(KhotinError):
    """The folder holds neither databases nor WARC files."""

    exit_code = 66  # EX_NOINPUT


def verify(
    data: Path,
    *,
    repair: bool = False,
    disk_free_mb: str | float | None = None,
    advance: Callable[[int], None] = lambda _: None,
) -> VerifyReport:
    """Check the archive in a data folder: every WARC record, the databases, each capture's place in its file.

    Without `repair` it only reads, takes no lock and may run beside a crawl. With it, torn tails of WARC files
    are cut off (the bytes are kept beside), under the lock of the folder. `disk_free_mb` as for
    `pipelines.disk.floor_of`; `advance` is called with the number of records read since its last call.

    Raises:
        NothingToVerify: there is no archive in `data`.
        AlreadyRunning: `repair`, and a crawl or rebuild is under way.
        NewerSchema: a newer khotin wrote the database; nothing was judged.
        WarcWriteError: `repair`, and a file may not be changed.
    """
    started = time.monotonic()
    folder = DataFolder(data)
    if not (folder.archive.exists() or folder.public.exists() or any(folder.warc.glob("*/*.warc*"))):
        message = f"there is no archive in {data}: run khotin crawl first, or name its folder with --data"
        raise NothingToVerify(message)
    findings = Findings(counts=dict.fromkeys(("files", "records", "captures", "articles", "unlisted"), 0))
    with ExitStack() as stack:
        if repair:
            stack.enter_context(folder.lock())
        _check_archive(folder, findings, repair=repair, advance=advance)
    _check_public(folder, findings)
    free, total = (space := room(data)).free, space.total
    if free < (floor := floor_of(disk_free_mb, total)):
        findings.notes.append(
            f"only {in_words(free)} are left on the disk: a crawl stops where less than {in_words(floor)} are free"
        )
    unlisted, captures = findings.counts["unlisted"], findings.counts["captures"]
    if unlisted > captures > 0:
        findings.damage.append(
            f"{unlisted:,} responses in the WARC files are not in the database, which knows {captures:,}: {REBUILD}"
        )
    elif unlisted and captures:
        findings.notes.append(
            f"{unlisted:,} responses in the WARC files are not in the database: a run that was killed leaves some "
            "(their pages are fetched again), a rebuild leaves out robots.txt and redirects"
        )
    return VerifyReport(
        tuple(findings.damage),
        tuple(findings.repaired),
        tuple(findings.notes),
        findings.counts,
        free,
        time.monotonic() - started,
    )


def _check_archive(folder: DataFolder, findings: Findings, *, repair: bool, advance: Callable[[int], None]) -> None:
    files_checked = False
    if folder.archive.exists():
        try:
            with reading(folder.archive) as db:
                if check_archive(db, folder.archive, findings):
                    files_checked = True
                    check_files(folder, places_by_file(db), findings, repair=repair, advance=advance)
        except NewerSchema:
            raise
        except StoreError as error:
            findings.damage.append(_in_folder(folder, error))
    else:
        findings.damage.append(f"archive.db is missing; {REBUILD.partition(' and ')[2]}")
    if not files_checked:
        check_files(folder, None, findings, repair=repair, advance=advance)


def _check_public(folder: DataFolder, findings: Findings) -> None:
    if not folder.public.exists():
        findings.notes.append(f"nothing is published yet: {PUBLISH}")
        return
    try:
        with reading(folder.public) as db:
            check_public(db, folder.public, findings)
    except StoreError as error:
        findings.damage.append(f"{_in_folder(folder, error).partition(':')[0]}; {PUBLISH}")


def _in_folder(folder: DataFolder, error: StoreError) -> str:
    return str(error).replace(f"{folder.root}/", "", 1)
