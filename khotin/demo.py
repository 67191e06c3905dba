"""The demonstration: two nights of a bundled sample of five sites, through the whole chain."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import click

from khotin import show
from khotin.serve import serve
from khotin.serve.metadata import load_metadata
from khotin.serve.server import bind
from pipelines.article import KhotinError
from pipelines.dump import dump
from pipelines.folder import DataFolder
from pipelines.publish import publish

NIGHTS = ("night-1", "night-2")
NOTE = (
    "Dữ liệu mẫu: các bài trong thư mục này là bịa để dùng thử khotin.\n"
    "Sample data: the articles in this folder are invented, for trying khotin.\n"
    "As long as this file stands here, what khotin publishes from this folder says so on every page.\n"
)


def sample_folder() -> Path:
    """The bundled sample: in a checkout `data/sample`, in an installed khotin inside the package."""
    checkout = Path(__file__).resolve().parents[1] / "data" / "sample"
    if checkout.is_dir():
        return checkout
    installed = Path(str(resources.files("khotin") / "sample"))
    if not installed.is_dir():
        message = "the bundled sample is missing from this installation: run from a checkout, or install again"
        raise KhotinError(message)
    return installed


def demo(data: Path, host: str, port: int, *, serving: bool = True) -> None:
    """Crawl both nights of the sample into `data`, publish, dump, and serve at `host`:`port`.

    Raises `KhotinError`; the port is checked before anything else.
    """
    if serving:
        bind(host, port).close()
    sample = sample_folder()
    _note(DataFolder(data))
    for night in NIGHTS:
        click.echo(f"Crawling {night} of the bundled sample (invented articles in the layouts of real sites):")
        _crawl_night(data, sorted((sample / night).glob("*.warc.gz")))
    show.publish_report(publish(data / "archive.db", data / "public.db", now=datetime.now(UTC)), as_json=False)
    show.dump_report(dump(data / "public.db", data / "dumps", load_metadata()), as_json=False)
    if serving:
        serve(data, host, port)


def _note(folder: DataFolder) -> None:
    # Before the first article is there: one that carries a real paper's name must never be shown without it.
    if folder.archive.exists() and not folder.sample.exists():
        message = (
            f"{folder.root} has an archive that is not the sample's: name another folder with --data"
            " (or remove this one, if an older khotin made the demonstration in it)"
        )
        raise KhotinError(message)
    folder.root.mkdir(parents=True, exist_ok=True)
    folder.sample.write_text(NOTE, encoding="utf-8")


def _crawl_night(data: Path, files: list[Path]) -> None:
    # Twisted's reactor runs once a process, so each night has a process of its own.
    import subprocess
    import sys

    command = [sys.executable, "-m", "khotin", "crawl", "--data", str(data), "--replay", *map(str, files)]
    done = subprocess.run(command, check=False)  # noqa: S603  # our own program, our own files
    if done.returncode not in (0, 4):
        message = f"the crawl of the sample ended with exit code {done.returncode}"
        raise KhotinError(message)
