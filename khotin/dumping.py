"""The command `khotin dump`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from khotin import show


def add_to(main: click.Group, json_option: Callable[..., Any], data_option: Callable[..., Any]) -> None:
    """Add the command to `main`, with the options that all commands share."""

    @main.command(epilog="\b\nExample: khotin dump")
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

        With SHA256SUMS, datapackage.json, codebook.md and CITATION.cff. Months that did not change are left as they are.
        """
        from khotin.serve.metadata import load_metadata
        from pipelines.dump import dump as run

        show.dump_report(run(data / "public.db", output or data / "dumps", load_metadata()), as_json)
