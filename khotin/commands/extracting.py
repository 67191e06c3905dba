"""The command `extract`."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import msgspec


@click.command(epilog="\b\nExample: khotin extract page.html --url https://hanoimoi.vn/bai-viet-703441.html")
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
