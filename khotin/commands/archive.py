"""The commands that work on what was archived: `rebuild`, `ingest`, `verify`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from khotin import looking, show
from khotin.options import data_option, json_option


@click.command(epilog="\b\nExample: khotin rebuild --data data")
@click.option("--workers", type=click.IntRange(min=1), help="Processes that extract.  [default: one a core]")
@json_option
@data_option
def rebuild(workers: int | None, as_json: bool, data: Path) -> None:
    """Make archive.db anew from the WARC files alone, with today's extractor.

    The old database stays until the new one is complete.
    """
    from scrapers.rebuild import rebuild as run

    with show.working("Reading WARC files", as_json) as advance:
        report = run(data, workers=workers, advance=advance)
    show.rebuild_report(report, as_json)


@click.command(epilog="\b\nExample: khotin ingest downloads/baomau-2019.warc.gz crawls/")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="WARC...")
@click.option("--workers", type=click.IntRange(min=1), help="Processes that extract.  [default: one a core]")
@json_option
@data_option
def ingest(files: tuple[Path, ...], workers: int | None, as_json: bool, data: Path) -> None:
    """Take the pages of the catalogue's sites from WARC files that others made, with the times at which they were seen.

    .warc, .warc.gz and .wacz files, or folders of them: of wget, Browsertrix, Heritrix, the Internet Archive. The pages
    are copied into the archive's own WARC files; what is there already is not copied again. Exit code 4 if a file is
    damaged, or nothing in them belongs to a site.
    """
    from khotin import show
    from pipelines.disk import asked_floor
    from scrapers.ingest import ingest as run

    with show.working("Reading WARC files", as_json) as advance:
        report = run(files, data, workers=workers, disk_free_mb=asked_floor(), advance=advance)
    looking.ingested(report, as_json)
    sys.exit(4 if report.problems or not (report.taken or report.known) else 0)


@click.command(epilog="\b\nExample: khotin verify --repair")
@click.option("--repair", is_flag=True, help="Cut off torn tails of WARC files; the bytes are kept beside.")
@json_option
@data_option
def verify(repair: bool, as_json: bool, data: Path) -> None:
    """Check the archive: WARC files, databases, search index, and that each capture is where it should be.

    Reads every record once and changes nothing without --repair; may run beside a crawl. Exit code 0: sound, or
    all was repaired; 1: damaged, told line by line.
    """
    from pipelines.disk import asked_floor
    from pipelines.verify import verify as run

    with show.working("Checking WARC records", as_json) as advance:
        report = run(data, repair=repair, disk_free_mb=asked_floor(), advance=advance)
    show.verify_report(report, as_json)
    sys.exit(0 if report.sound else 1)
