"""The commands that show and hand out the archive: `publish`, `serve`, `export`, `dump`, `demo`."""

from __future__ import annotations

import contextlib
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Literal

import click

from khotin import show
from khotin.options import data_option, json_option

ExportFormat = Literal["csv", "jsonl", "parquet", "sqlite"]
_FORMATS: dict[str, ExportFormat] = {
    "": "csv",
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".parquet": "parquet",
    ".sqlite": "sqlite",
    ".db": "sqlite",
}


@click.command(epilog="\b\nExample: khotin publish")
@json_option
@data_option
def publish(as_json: bool, data: Path) -> None:
    """Build public.db from archive.db and put it in the place of the old one, whole or not at all."""
    from pipelines.publish import publish as run

    show.publish_report(run(data / "archive.db", data / "public.db", now=datetime.now(UTC)), as_json)


@click.command(epilog="\b\nExample: khotin serve --port 8050 --profile public")
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


@click.command(
    epilog="\b\nExample: khotin export --format parquet --site hanoimoi --since 2021-01-01 -o hanoimoi.parquet"
)
@click.option(
    "--format",
    "fmt",
    type=click.Choice(["csv", "jsonl", "parquet", "sqlite"]),
    help="[default: as the file is named (.csv .jsonl .parquet .sqlite .db); csv without an ending]",
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="File to write; - is standard output.",
)
@click.option("--site", "sites", multiple=True, help="Only this site; may be repeated.")
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
    sites: tuple[str, ...],
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

    chosen = fmt or _format_of(output)

    filters = ExportFilters(sites=sites, province=province, since=since, until=until, query=query)
    with contextlib.ExitStack() as stack:
        target: Path | BinaryIO = output
        if str(output) == "-":
            # Unbuffered, so that nothing is left over for the end of the process if the reader goes away.
            target = stack.enter_context(open(sys.stdout.fileno(), "wb", buffering=0, closefd=False))
        report = run(data / "public.db", target, chosen, filters, bom=bom, formula_guard=guard)
    show.export_report(report, as_json)


def _format_of(output: Path) -> ExportFormat:
    found = _FORMATS.get(output.suffix.lower())
    if found is None:
        message = f"{output.name} tells no format: end it in .csv, .jsonl, .parquet or .sqlite, or give --format"
        raise click.UsageError(message)
    return found


@click.command(epilog="\b\nExample: khotin dump")
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write to.  [default: dumps/ in the data folder, which the server shows]",
)
@json_option
@data_option
def dump(output: Path | None, as_json: bool, data: Path) -> None:
    """Write all published articles, per month and whole, as CSV, JSON lines, Parquet and SQLite.

    With SHA256SUMS, datapackage.json, codebook.md and CITATION.cff. Months that did not change are left alone.
    """
    from khotin.serve.metadata import load_metadata
    from pipelines.dump import dump as run

    show.dump_report(run(data / "public.db", output or data / "dumps", load_metadata()), as_json)


@click.command(epilog="\b\nExample: khotin demo --port 8050")
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
