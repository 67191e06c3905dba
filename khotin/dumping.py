"""The command `khotin dump`."""

from __future__ import annotations

from pathlib import Path

import click

from khotin import show
from khotin.options import data_option, json_option


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
