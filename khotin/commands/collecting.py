"""The commands of a night: `crawl`, and `health`, which tells how it went."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from khotin import progress, show
from khotin.options import contact_option, data_option, delay_option, json_option


@click.command(epilog="\b\nExample: khotin crawl hanoimoi --contact archive@example.org")
@click.argument("sites", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Crawl every site of the catalogue.")
@click.option(
    "--replay",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE...",
    help="Answer all requests from these WARC files instead of the network; a folder stands for all *.warc and "
    "*.warc.gz below it. The option may be repeated, and further files may follow the first. "
    "Without SITES: every site that has pages in them.",
)
@click.option("--since", metavar="DAY", default="", help="Only articles published on this day (YYYY-MM-DD) or later.")
@click.option("--until", metavar="DAY", default="", help="Only articles published on this day or earlier.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many articles a site; the next run goes on.")
@contact_option
@delay_option
@click.option("--workers", type=click.IntRange(min=1), help="Processes that extract.  [default: one a core]")
@click.option(
    "--notify/--no-notify",
    default=None,
    help="Tell of trouble, and of its end, whom KHOTIN_NOTIFY or khotin.toml names.  [default: yes in a live crawl]",
)
@click.option("-v", "--verbose", is_flag=True, help="Show Scrapy's log.")
@json_option
@data_option
def crawl(
    sites: tuple[str, ...],
    every: bool,
    replay: tuple[Path, ...],
    since: str,
    until: str,
    limit: int | None,
    contact: str,
    delay: float | None,
    workers: int | None,
    notify: bool | None,
    verbose: bool,
    as_json: bool,
    data: Path,
) -> None:
    """Collect the new articles of SITES: fetch, archive, extract, store.

    The first visit walks each section to its end; later ones stop at the first page that is wholly known.
    Ctrl-C finishes the pages in hand; the same command goes on from there.

    --since, --until and --limit are for a long first visit, also from WARC files. The day is the one that a feed, a
    listing or the address tells; an article of which none tells it is fetched, and kept whatever its date. A listing is
    read no further than to the first page that is all older than --since, or until --limit addresses wait; that
    walk is not taken for done: what was left out, the next run without these options fetches.
    """
    from khotin import telling
    from scrapers.catalogue import load_catalogue
    from scrapers.runner import crawl as run
    from scrapers.watching import NothingReached

    catalogue = load_catalogue()
    names = [name for name in sites if not _is_file(name)]
    files = [*replay, *(Path(name) for name in sites if _is_file(name))] if replay else []
    if len(names) + len(files) < len(sites) + len(replay):
        msg = f"WARC files are given with --replay: {', '.join(set(sites) - set(names))}"
        raise click.UsageError(msg)
    if every:
        names = sorted(catalogue.sites)
    if not names and not files:
        msg = f"name a site, or give --all. Sites: {', '.join(sorted(catalogue.sites))}"
        raise click.UsageError(msg)
    channels = telling.channels_for(data, notify, live=not files, contact=contact)
    with telling.failures_told(channels, data), progress.crawling(as_json) as (tell, watch):
        report = run(
            names,
            data,
            replay=files,
            since=since,
            until=until,
            limit=limit or 0,
            contact=contact,
            delay=delay,
            workers=workers,
            log_level="INFO" if verbose else "CRITICAL",
            catalogue=catalogue,
            tell=tell,
            watch=watch,
        )
    show.crawl_report(report, as_json)
    # A site that was asked for nothing, or was interrupted, has no verdict: that its problems are over is not known.
    judged = [site for site in report.sites if site.problems or site.health]
    # Nor are they news where the machine was cut off: the failure tells it.
    problems = {} if isinstance(report.failure, NothingReached) else {site.site: site.problems for site in judged}
    untold = telling.after_crawl(
        channels, data, failure=report.failure, problems=problems, summary=show.summary(report)
    )
    for line in untold:
        click.echo(f"khotin: {line}", err=True)
    if report.failure:
        raise report.failure
    # Not 1: all was kept, and whoever runs this at night publishes after 0 and 4 alone.
    sys.exit(130 if report.interrupted else 4 if report.trouble or untold else 0)


def _is_file(name: str) -> bool:
    return name.endswith((".warc", ".warc.gz"))


@click.command(epilog="\b\nExample: khotin health hanoimoi --json")
@click.argument("sites", nargs=-1)
@click.option("--test-notify", is_flag=True, help="Send a test message to whom trouble is told, and do nothing else.")
@json_option
@data_option
def health(sites: tuple[str, ...], test_notify: bool, as_json: bool, data: Path) -> None:
    """Show how the SITES are doing: the verdict of the last crawl, since when, and its evidence.

    Exit code 4 if a site is blocked, moved, redesigned or dead; a quiet site is no fault. Without SITES all are shown.
    """
    from khotin import health as library
    from khotin import telling
    from pipelines.health import TROUBLES
    from scrapers.catalogue import load_catalogue

    if test_notify:
        channels = telling.channels_for(data, notify=True, live=True, contact=os.environ.get("KHOTIN_CONTACT", ""))
        problems = library.send_test(channels)
        show.test_message(channels, problems, as_json)
        sys.exit(1 if problems else 0)
    found = library.healths(data, load_catalogue(), sites)
    show.health(found, as_json)
    sys.exit(4 if any(one.verdict in TROUBLES for one in found) else 0)
