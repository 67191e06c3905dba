"""Trying the extractor on pages without storing anything: `khotin extract`."""

from __future__ import annotations

import asyncio
import base64
import binascii
import sys
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import msgspec

from pipelines.article import Capture, KhotinError
from pipelines.extract import article_record, extract
from pipelines.identity import host_of
from pipelines.pool import WorkerPool
from scrapers.catalogue import Catalogue

AHEAD = 4
"""Pages a worker that wait in the pool: enough to keep it busy, few enough to keep memory flat."""


OLDEST, NEWEST = 1990, 2200
"""Years: before the web, and beyond what clocks say."""


class NoPage(KhotinError):
    """The file of a page is missing, a folder, or may not be read."""

    exit_code = 66  # EX_NOINPUT


class PageLine(msgspec.Struct, frozen=True):
    """One line of input: a page in base64, and what was known when it was fetched."""

    html_base64: str
    id: str | int | None = None
    url: str | None = None
    """None where it is not known: the page is read as one of an unknown site."""
    content_type: str | None = None
    fetched_at: str | None = None


def read_page(file: Path, url: str, *, content_type: str, fetched_at: datetime | None) -> Capture:
    """A saved page as a capture. Without `fetched_at` the file's time of change stands in (UTC).

    Raises `NoPage` where the file can't be read.
    """
    try:
        body = file.read_bytes()
        moment = fetched_at or datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except OSError as error:
        message = f"can't read {file} ({error.strerror}): give the path of a saved page"
        raise NoPage(message) from error
    return Capture(url=url, fetched_at=moment, status=200, content_type=content_type, body=body)


@contextmanager
def open_lines(name: str) -> Iterator[IO[bytes]]:
    """A file of JSON lines, opened to be read; `-` is standard input. Raises `NoPage` where it can't be read."""
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115 - closed below; only opening it may be refused
    except OSError as error:
        message = f"can't read {name} ({error.strerror}): give the path of a file of JSON lines, or -"
        raise NoPage(message) from error
    with file:
        yield file


def try_page(capture: Capture, catalogue: Catalogue) -> dict[str, Any]:
    """Extract one page in this process; the record that `khotin extract` prints."""
    return article_record(extract(capture, catalogue.rules_for(capture.url)), None)


def parse_line(line: bytes) -> tuple[str | int | None, Capture]:
    """One line of input. Raises `KhotinError` saying what is wrong with it: JSON, base64, address, time."""
    try:
        page = msgspec.json.decode(line, type=PageLine)
        body = base64.b64decode(page.html_base64, validate=True)
        fetched_at = datetime.fromisoformat(page.fetched_at) if page.fetched_at else datetime.now(UTC)
    except msgspec.DecodeError as error:
        message = f"not a page line: {error}"
        raise KhotinError(message) from error
    except binascii.Error as error:
        message = f"html_base64 is not base64: {error}"
        raise KhotinError(message) from error
    except ValueError as error:
        message = f"fetched_at is not an ISO 8601 time: {error}"
        raise KhotinError(message) from error
    if fetched_at.tzinfo is None:
        fetched_at = fetched_at.replace(tzinfo=UTC)
    if not OLDEST <= fetched_at.year <= NEWEST:
        message = f"fetched_at {page.fetched_at} is not a time at which a page can have been fetched"
        raise KhotinError(message)
    if page.url:
        host_of(page.url)
    capture = Capture(
        url=page.url or "",
        fetched_at=fetched_at,
        status=200,
        content_type=page.content_type or "text/html",
        body=body,
    )
    return page.id, capture


def _line_id(line: bytes) -> str | int | None:
    try:
        raw = msgspec.json.decode(line)
    except msgspec.DecodeError:
        return None
    found = raw.get("id") if isinstance(raw, dict) else None
    return found if isinstance(found, str | int) else None


async def _records(
    lines: Iterable[bytes], catalogue: Catalogue, pool: WorkerPool, ahead: int
) -> AsyncIterator[dict[str, Any]]:
    waiting: deque[asyncio.Task[dict[str, Any]]] = deque()
    for line in lines:
        if not line.strip():
            continue
        waiting.append(asyncio.ensure_future(_record(line, catalogue, pool)))
        if len(waiting) >= ahead:
            yield await waiting.popleft()
    while waiting:
        yield await waiting.popleft()


async def _record(line: bytes, catalogue: Catalogue, pool: WorkerPool) -> dict[str, Any]:
    """The answer to one line, whatever is wrong with it: the lines after it have a right to theirs."""
    try:
        name, capture = parse_line(line)
        result = await pool.run(extract, capture, catalogue.rules_for(capture.url))
        return article_record(result, name)
    except KhotinError as error:
        return {"id": _line_id(line), "error": str(error)}
    except Exception as error:  # noqa: BLE001  # a fault of ours on one page is told in its place
        return {"id": _line_id(line), "error": f"a fault in khotin: {type(error).__name__}: {error}"}


def try_lines(source: IO[bytes], target: IO[bytes], catalogue: Catalogue, *, workers: int) -> int:
    """Extract the pages of a JSON-lines stream, in order, each within the bounds of a page.

    A line that can't be used gives `{"id": …, "error": …}` in its place. Returns the number of lines written.
    """

    async def run() -> int:
        written = 0
        with WorkerPool(workers) as pool:
            async for record in _records(iter_lines(source), catalogue, pool, AHEAD * workers):
                target.write(msgspec.json.encode(record) + b"\n")
                written += 1
        target.flush()
        return written

    return asyncio.run(run())


def iter_lines(source: IO[bytes]) -> Iterator[bytes]:
    """The lines of a stream, without a byte-order mark."""
    for number, line in enumerate(source):
        yield line.removeprefix(b"\xef\xbb\xbf") if number == 0 else line
