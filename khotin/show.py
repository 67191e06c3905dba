"""What commands print: tables for people, JSON for programs. No command computes anything here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from typing import TYPE_CHECKING

import click
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from khotin.terminal import console as _console
from khotin.terminal import counted
from khotin.terminal import print_json as _json
from pipelines.health import Health

if TYPE_CHECKING:
    from khotin.telling import Channel, NotTold
    from pipelines.dump import DumpReport
    from pipelines.export import ExportReport
    from pipelines.health import SiteHealth
    from pipelines.publish import PublishReport
    from pipelines.verify import VerifyReport
    from scrapers.catalogue import Catalogue
    from scrapers.rebuild import RebuildReport
    from scrapers.runner import CrawlReport

COUNTS = {
    "new": "articles stored for the first time",
    "revised": "articles whose text had changed; the old text is kept as a revision",
    "unchanged": "articles looked at again and found as they were",
    "missing": "known articles that were not there; missed again on another night they are gone",
    "gone": "articles that their site has removed, as of this run; their text stays",
    "refused": "pages that are no articles; they stand in the quarantine with the reason",
    "dead_links": "links to pages that are not there (404, 410, or not in the replayed files)",
    "failed": "pages that could not be fetched now; they are tried again",
    "faults": "pages on which khotin itself failed; they stand in the WARC files (please report them)",
    "not_allowed": "addresses that robots.txt or the site card keeps us from",
    "kept_out": "addresses that wait because robots.txt could not be read; they stay due",
    "blocked": "pages that block (challenges, access denied, maintenance …); tried again another night",
    "private": "addresses whose name leads off the public internet; they are not connected to",
    "over_budget": "1 if the night's requests were used up; the next run goes on from there",
    "walks_paused": "listings read on in the next run: half of the night's requests, --limit or --since was reached",
    "listings": "pages of listings read",
    "feeds": "feeds read",
    "sitemaps": "sitemaps read",
}
"""The counts of a crawl that are shown, and what they count."""


def _told(counts: dict[str, int]) -> str:
    return ", ".join(
        f"{counts[name]} {name.replace('_', ' ')}" for name in COUNTS if counts.get(name) and name != "listings"
    )


@contextmanager
def working(title: str, as_json: bool) -> Iterator[Callable[[int], None]]:
    """A counter on a terminal's stderr, nothing elsewhere."""
    console = _console(stderr=True)
    if as_json or not console.is_terminal:
        yield lambda _: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(title, total=None)
        yield lambda steps: progress.advance(task, steps)


def crawl_report(report: CrawlReport, as_json: bool) -> None:
    """The summary of a crawl."""
    if as_json:
        _json(
            {
                "seconds": round(report.seconds, 1),
                "interrupted": report.interrupted,
                "failure": str(report.failure) if report.failure else None,
                "problems": report.problems,
                "totals": report.totals,
                "sites": [
                    {"site": s.site, "counts": s.counts, "problems": s.problems, "blocked": s.blocked,
                     "finished": s.finished, "health": s.health}
                    for s in report.sites
                ],
            }
        )  # fmt: skip
        return
    console = _console()
    shown = [name for name in COUNTS if any(site.counts.get(name) for site in report.sites)] or ["new"]
    table = Table(box=None, pad_edge=False)
    table.add_column("site")
    for name in shown:
        table.add_column(name.replace("_", " "), justify="right")
    for site in report.sites:
        table.add_row(site.site, *(str(site.counts.get(name, 0)) for name in shown))
    if len(report.sites) > 1:
        table.add_row("all", *(str(report.totals.get(name, 0)) for name in shown))
    console.print(table)
    for problem in report.problems:
        console.print(problem, markup=False)
    for site in report.sites:
        for problem in site.problems:
            console.print(f"{site.site}: {problem}", markup=False)
        if site.blocked and site.blocked not in site.problems:
            console.print(f"{site.site}: blocked: {site.blocked}", markup=False)
        if site.health and site.health.verdict not in (Health.OK, Health.NEVER_RUN):
            console.print(f"{site.site}: {site.health.verdict}: {site.health.evidence[0]}", markup=False)
    end = "Interrupted after" if report.interrupted else "Done in"
    console.print(f"{end} {report.seconds:.1f} s.")


def summary(report: CrawlReport) -> str:
    """What a crawl did, in one line a site: for a message."""
    lines = [f"{site.site}: {_told(site.counts) or 'nothing to do'}" for site in report.sites]
    end = "Interrupted after" if report.interrupted else "Done in"
    return "\n".join([*lines, f"{end} {report.seconds:.0f} s."])


def health(found: Sequence[SiteHealth], as_json: bool) -> None:
    """How the sites are doing."""
    if as_json:
        _json(found)
        return
    table = Table(box=None, pad_edge=False)
    for column in ("site", "verdict", "since", "last new", "looked at", "evidence"):
        table.add_column(column, no_wrap=column != "evidence", overflow="fold")
    for one in found:
        times = ((text or "")[:16].replace("T", " ") for text in (one.since, one.last_new, one.judged_at))
        evidence = "\n".join(str(line) for line in one.evidence)
        table.add_row(one.site, one.verdict.replace("_", " "), *times, Text(evidence))
    _console().print(table)


def test_message(channels: Sequence[Channel], problems: Sequence[NotTold], as_json: bool) -> None:
    """Whom a test message reached."""
    if as_json:
        _json({"channels": [channel.name for channel in channels], "problems": [str(one) for one in problems]})
        return
    console = _console()
    for channel in channels:
        if not any(channel.name in str(problem) for problem in problems):
            console.print(f"Told by {channel.name}.", markup=False)
    for problem in problems:
        console.print(problem, markup=False)


def sites(catalogue: Catalogue, as_json: bool) -> None:
    """The sites of the catalogue."""
    if as_json:
        _json([catalogue.sites[name] for name in sorted(catalogue.sites)])
        return
    table = Table(box=None, pad_edge=False)
    for column in ("id", "name", "kind", "family", "host", "verified"):
        table.add_column(column)
    for name in sorted(catalogue.sites):
        site = catalogue.sites[name]
        verified = f"{site.verified.how} ({site.verified.pages})" if site.verified.pages else site.verified.how
        table.add_row(site.id, site.name, site.kind, site.family, site.hosts[0], verified)
    _console().print(table)


def rebuild_report(report: RebuildReport, as_json: bool) -> None:
    """The summary of a rebuild."""
    if as_json:
        _json({"files": report.files, "counts": report.counts, "problems": report.problems})
        return
    console = _console()
    for problem in report.problems:
        console.print(problem, markup=False)
    counts = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in report.counts.items())
    console.print(f"Read {report.files} WARC files: {counts or 'nothing in them'}.")


def publish_report(report: PublishReport, as_json: bool) -> None:
    """The summary of a publication."""
    if as_json:
        _json(report)
        return
    _console().print(
        f"Published {counted(report.articles, 'article')} in {report.path} ({_size(report.bytes)})"
        f" in {report.seconds:.1f} s.",
        markup=False,
    )


def export_report(report: ExportReport, as_json: bool) -> None:
    """The summary of an export; on stderr where the articles themselves went to stdout."""
    if not report.rows:
        click.echo("khotin: no article matches; only the headings were written", err=True)
    stderr = str(report.path) == "-"
    if as_json:
        _json(report, stderr=stderr)
        return
    _console(stderr=stderr).print(
        f"Wrote {counted(report.rows, 'article')} to {report.path} ({_size(report.bytes)}) in {report.seconds:.1f} s.",
        markup=False,
    )


def dump_report(report: DumpReport, as_json: bool) -> None:
    """The summary of a dump."""
    if as_json:
        _json(report)
        return
    _console().print(
        f"{counted(report.articles, 'article')} in {counted(report.files, 'file')} in {report.folder}"
        f" ({_size(report.bytes)}); {report.written} were written, the others had not changed. {report.seconds:.1f} s.",
        markup=False,
    )


def verify_report(report: VerifyReport, as_json: bool) -> None:
    """What a check of the archive found, line by line."""
    if as_json:
        _json({"sound": report.sound, **{f.name: getattr(report, f.name) for f in fields(report)}})
        return
    console = _console()
    for title, lines in (("", report.damage), ("repaired: ", report.repaired), ("note: ", report.notes)):
        for line in lines:
            console.print(f"{title}{line}", markup=False)
    counts = report.counts
    compared = f" ({counts['compared']:,} looked for in the index)" if "compared" in counts else ""
    console.print(
        f"Checked {counted(counts['records'], 'record')} in {counted(counts['files'], 'WARC file')}, "
        f"{counted(counts['captures'], 'capture')}, {counted(counts['articles'], 'article')}, "
        f"{counts.get('published', 0):,} published{compared}; "
        f"{_size(report.free)} free on the disk; {report.seconds:.1f} s.",
        markup=False,
    )
    console.print("The archive is sound." if report.sound else "The archive is damaged.", markup=False)


def _size(number: int) -> str:
    """Bytes as people read them: 667 kB."""
    value, unit = float(number), "B"
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            break
        value /= 1000
    return f"{value:.0f} {unit}" if value >= 10 or unit == "B" else f"{value:.1f} {unit}"
