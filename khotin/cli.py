"""The command `khotin`. Each command parses, calls one function of the library, and prints."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Literal

import click
import msgspec

from khotin import __version__, commands, dumping, progress, show
from khotin.options import contact_option, data_option, delay_option, json_option
from pipelines.article import KhotinError

ExportFormat = Literal["csv", "jsonl", "parquet", "sqlite"]
_FORMATS: dict[str, ExportFormat] = {".jsonl": "jsonl", ".parquet": "parquet", ".sqlite": "sqlite", ".db": "sqlite"}

EXIT_CODES = """\b
Exit codes: 0 all is well; 1 an error, told in one line; 2 wrong use; 3 the host or port can't be
used; 4 the run ended, but a site had trouble, or its trouble could not be told; 65 a file is
damaged or of another kind; 66 a file to read is not there; 70 a snapshot failed its checks; 74
disk full or not readable, or the reader of a pipe went away; 75 another khotin is writing; 77 may
not be written; 78 the database is a newer khotin's; 130 interrupted."""


class Main(click.Group):
    """Tells every expected error as one line on stderr, with its exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        # A terminal that knows no Vietnamese shows escapes, and no traceback.
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("khotin: interrupted", err=True)
            ctx.exit(130)
        except KhotinError as error:
            for line in (error, *getattr(error, "__notes__", ())):
                click.echo(f"khotin: {line}", err=True)
            ctx.exit(error.exit_code)
        except BrokenPipeError:
            # The reader of a pipe went away (khotin sites | head): no error, and no second one at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)


@click.group(cls=Main, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="khotin")
def main() -> None:
    """The archive of Vietnamese Party-building news: collect, keep, extract, search, publish."""


@main.command(epilog="\b\nExample: khotin crawl hanoimoi --contact archive@example.org")
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
    untold = telling.after_crawl(channels, data, failure=report.failure, summary=show.summary(report))
    for line in untold:
        click.echo(f"khotin: {line}", err=True)
    if report.failure:
        raise report.failure
    # Not 1: all was kept, and whoever runs this at night publishes after 0 and 4 alone.
    sys.exit(130 if report.interrupted else 4 if report.trouble or untold else 0)


def _is_file(name: str) -> bool:
    return name.endswith((".warc", ".warc.gz"))


@main.command(epilog="\b\nExample: khotin sites")
@json_option
def sites(as_json: bool) -> None:
    """List the sites of the catalogue."""
    from scrapers.catalogue import load_catalogue

    show.sites(load_catalogue(), as_json)


@main.command(epilog="\b\nExample: khotin health hanoimoi --json")
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


@main.command(epilog="\b\nExample: khotin extract page.html --url https://hanoimoi.vn/bai-viet-703441.html")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--url", help="Address of the page: chooses the site's rules and makes links absolute.")
@click.option("--content-type", default="text/html", show_default=True, help="Content-Type it was sent with.")
@click.option(
    "--fetched-at",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S"]),
    help="When it was fetched.  [default: when the file was last changed]",
)
@click.option("--jsonl", metavar="FILE", help="Read pages as JSON lines instead; - is standard input.")
@click.option("-o", "--output", type=click.File("wb"), default="-", help="Where to write.  [default: stdout]")
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=lambda: os.cpu_count() or 1,
    help="Processes for --jsonl.  [default: one a core]",
)
def extract(
    file: Path | None,
    url: str | None,
    content_type: str,
    fetched_at: datetime | None,
    jsonl: str | None,
    output: Any,
    workers: int,
) -> None:
    """Try the extractor on a page: print its article as JSON, or why it is none. Nothing is stored.

    With --jsonl each line is {"id", "url", "content_type", "fetched_at", "html_base64"}; the answers come in the
    same order, and a bad line gives an error object in its place.
    """
    from khotin import trying
    from scrapers.catalogue import load_catalogue

    catalogue = load_catalogue()
    if jsonl:
        with trying.open_lines(jsonl) as lines:
            trying.try_lines(lines, output, catalogue, workers=workers)
        return
    if not file or not url:
        msg = "give a FILE with its --url, or --jsonl"
        raise click.UsageError(msg)
    moment = fetched_at.astimezone() if fetched_at else None
    capture = trying.read_page(file, url, content_type=content_type, fetched_at=moment)
    record = trying.try_page(capture, catalogue)
    output.write(msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n")


@main.command(epilog="\b\nExample: khotin rebuild --data data")
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


@main.command(epilog="\b\nExample: khotin verify --repair")
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


@main.command(epilog="\b\nExample: khotin publish")
@json_option
@data_option
def publish(as_json: bool, data: Path) -> None:
    """Build public.db from archive.db and put it in the place of the old one, whole or not at all."""
    from datetime import UTC

    from pipelines.publish import publish as run

    show.publish_report(run(data / "archive.db", data / "public.db", now=datetime.now(UTC)), as_json)


@main.command(epilog="\b\nExample: khotin serve --port 8050 --profile public")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8001, show_default=True, help="Port to listen on.")
@click.option(
    "--profile",
    type=click.Choice(["public", "researcher"]),
    help="public: for the internet, without SQL of readers. researcher: with it.  "
    "[default: researcher for this machine alone; public on any other --host]",
)
@click.option(
    "--address",
    envvar="KHOTIN_ADDRESS",
    default="",
    help="Where readers reach it, https://khotin.example.org: for feeds, sitemaps and citations.  "
    "[default: KHOTIN_ADDRESS, else what each reader's request says]",
)
@data_option
def serve(host: str, port: int, profile: Literal["public", "researcher"] | None, address: str, data: Path) -> None:
    """Serve public.db for reading and searching, with Datasette.

    Behind a web server name the profile: without one khotin answers only to who asks for this machine itself.
    """
    from khotin.serve import serve as run

    run(data, host, port, profile=profile, address=address)


@main.command(
    epilog="\b\nExample: khotin export --format parquet --site hanoimoi --since 2021-01-01 -o hanoimoi.parquet"
)
@click.option(
    "--format",
    "fmt",
    type=click.Choice(["csv", "jsonl", "parquet", "sqlite"]),
    help="[default: as the file is named (.csv .jsonl .parquet .sqlite .db), else csv]",
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="File to write; - is standard output.",
)
@click.option("--site", help="Only this site.")
@click.option("--province", help="Only this province, by name or code, old or new.")
@click.option("--since", help="Only articles of this day (YYYY-MM-DD) or later.")
@click.option("--until", help="Only articles of this day (YYYY-MM-DD) or earlier.")
@click.option("--query", help="Only articles that this search finds.")
@click.option("--bom/--no-bom", default=True, show_default=True, help="UTF-8 byte-order mark in CSV, for Excel.")
@click.option(
    "--guard/--no-guard",
    default=True,
    show_default=True,
    help="In CSV, an apostrophe before a cell that begins with = + - or @, lest a spreadsheet take it for a formula. "
    "--no-guard leaves every text as it was published.",
)
@json_option
@data_option
def export(
    fmt: ExportFormat | None,
    output: Path,
    site: str | None,
    province: str | None,
    since: str | None,
    until: str | None,
    query: str | None,
    bom: bool,
    guard: bool,
    as_json: bool,
    data: Path,
) -> None:
    """Write the published articles to a file, one row an article: complete, or an error and no file.

    A file that is there is replaced, also behind a symlink; a device or a named pipe is refused. On standard
    output (-o -) an exit code other than 0 tells that it is not complete.
    """
    from pipelines.export import ExportFilters
    from pipelines.export import export as run

    filters = ExportFilters(site=site, province=province, since=since, until=until, query=query)
    with contextlib.ExitStack() as stack:
        target: Path | BinaryIO = output
        if str(output) == "-":
            # Unbuffered, so that nothing is left over for the end of the process if the reader goes away.
            target = stack.enter_context(open(sys.stdout.fileno(), "wb", buffering=0, closefd=False))
        chosen: ExportFormat = fmt or _FORMATS.get(output.suffix.lower(), "csv")
        report = run(data / "public.db", target, chosen, filters, bom=bom, formula_guard=guard)
    show.export_report(report, as_json)


@main.command(epilog="\b\nExample: khotin demo --port 8050")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8001, show_default=True, help="Port to listen on.")
@click.option("--serve/--no-serve", "serving", default=True, help="Serve at the end.", show_default=True)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("data/demo"),
    envvar="KHOTIN_DEMO_DATA",
    show_default=True,
    help="Folder of the demonstration's archive.",
)
def demo(host: str, port: int, serving: bool, data: Path) -> None:
    """Crawl the bundled sample of five sites, two nights of it, publish it and serve it."""
    from khotin.demo import demo as run

    run(data, host, port, serving=serving)


for command in (commands.check, commands.ingest, commands.new_site, dumping.dump):
    main.add_command(command)
