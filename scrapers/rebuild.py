"""archive.db made anew from the WARC files alone: everything right of the archive can be lost and regained.

The captures are read in the order in which they were written, which is the order in which the crawl saw them,
are noted with the same kinds and go through the same functions. What stands in no WARC file can't be made anew:
the frontier's plans (when an address is due again), the walks and the runs. They are carried over from the old
database; where there is none, or a damaged one, the next crawl walks each section to its end, as on the first visit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.article import Capture, KhotinError
from pipelines.extract import extract
from pipelines.folder import DataFolder
from pipelines.store import Store
from pipelines.warc import TornRecord, WarcUnreadable, read_captures
from scrapers import plans
from scrapers.catalogue import Catalogue, load_catalogue
from scrapers.reading import Extract, Reading


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """What a rebuild read and made. `counts`: captures by kind, articles by outcome, problems."""

    files: int
    counts: dict[str, int]
    problems: tuple[str, ...]


class NothingToRebuild(KhotinError):
    """There are no WARC files in the data folder."""

    exit_code = 66  # EX_NOINPUT


def rebuild(
    data: Path,
    *,
    workers: int | None = None,
    catalogue: Catalogue | None = None,
    extract: Extract = extract,
    advance: Callable[[int], None] = lambda _: None,
) -> RebuildReport:
    """Read all WARC files of a data folder into a new archive.db and put it in the old one's place.

    `extract`, a function of a module, reads a page in a worker process; a page on which it fails is told, and
    its capture is kept. `advance` is called with the number of captures read since its last call. Torn or
    unreadable records are told and passed over. An old database that is damaged or another program's is kept beside as
    `archive.db.damaged-…`, and told. Raises `KhotinError`: nothing to rebuild, folder not writable, disk full;
    before anything is read where the old database was written by a newer khotin.
    """
    folder = DataFolder(data)
    files, passed_over = _warc_files(folder.warc)
    if not files:
        message = f"no WARC files in {folder.warc}: crawl first, or name the folder with --data"
        raise NothingToRebuild(message)
    lock = folder.lock()
    beside = folder.archive.with_name("archive.rebuild.db")
    _remove(beside)
    try:
        planned = folder.archive.exists() and plans.readable(folder.archive)
        with Store.open(beside) as store:
            job = Reading(store, catalogue or load_catalogue(), folder, extract, advance)
            job.problems += passed_over
            named = [site for site in dict.fromkeys(file.parent.name for file in files) if site in job.catalogue.sites]
            asyncio.run(job.run(_captures(files, job), named, "rebuild", workers))
            report = RebuildReport(len(files), dict(sorted(job.counts.items())), tuple(job.problems))
            if planned:
                plans.carry_over(folder.archive, store)
        if folder.archive.exists() and not planned:
            # Only now: until the new one is complete the damaged one says that something is amiss.
            aside = plans.set_aside(folder.archive)
            told = f"{folder.archive} could not be read: kept as {aside.name}; its plans, walks and runs are lost"
            report = replace(report, problems=(told, *report.problems))
        _remove(folder.archive, keep=True)
        beside.replace(folder.archive)
    finally:
        _remove(beside)
        lock.close()
    return report


def _warc_files(folder: Path) -> tuple[list[Path], list[str]]:
    """The WARC files of the sites in the order of writing, and a line for each other file but torn tails."""
    found = (*folder.glob("*"), *folder.glob("*/*"))  # not rglob: a site's folder may be a link to another disk
    there = sorted(file for file in found if file.is_file() and not file.name.startswith("."))
    files = [file for file in there if file.parent.parent == folder and file.name.endswith((".warc", ".warc.gz"))]
    others = [file for file in there if file not in set(files) and ".torn" not in file.suffixes]
    return files, [f"{file}: no .warc or .warc.gz file in the folder of a site, left out" for file in others]


def _remove(database: Path, *, keep: bool = False) -> None:
    for suffix in ("-wal", "-shm") if keep else ("", "-wal", "-shm"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)


def _captures(files: list[Path], job: Reading) -> Iterator[Capture]:
    for file in files:
        if file.parent.name not in job.catalogue.sites:
            job.problems.append(f"{file}: no site card {file.parent.name!r}, left out")
            continue
        try:
            yield from read_captures(
                file,
                root=job.folder.warc,
                site=file.parent.name,
                on_torn=lambda torn: job.problems.append(str(torn)),
                on_skipped=job.problems.append,
            )
        except (TornRecord, WarcUnreadable) as error:
            job.problems.append(str(error))
