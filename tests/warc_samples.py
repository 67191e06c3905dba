"""Exchanges for the tests of WARC files. The texts are written for the tests."""

import gzip
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import brotli

from pipelines.warc import Exchange, WarcWriter

HTML = ("<!doctype html><title>Chi bộ thôn Mẫu học tập nghị quyết</title><p>Chi bộ thôn Mẫu họp sáng nay.</p>").encode()
FETCHED = datetime(2026, 11, 22, 1, 2, 3, 456789, UTC)
ADDRESS = "https://mau.example/chinh-tri/hoc-tap-nghi-quyet-1001.html"


def exchange(
    body: bytes = HTML,
    *,
    url: str = ADDRESS,
    status: int = 200,
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/html; charset=UTF-8"),),
    **changes: object,
) -> Exchange:
    """An exchange with sensible values for all that a test does not care about."""
    values: dict[str, object] = {
        "url": url,
        "fetched_at": FETCHED,
        "method": "GET",
        "request_headers": (("User-Agent", "khotin-test"), ("Accept", "*/*")),
        "status": status,
        "reason": "OK" if status == 200 else "Other",
        "response_headers": headers,
        "body": body,
    }
    return Exchange(**{**values, **changes})  # type: ignore[arg-type]


def of_every_kind() -> Iterator[Exchange]:
    """Plain, gzip, br, empty, 304, redirect, 404, 5 MB, chunked at the origin, cut, with an IPv6 address."""
    kind = ("Content-Type", "text/html; charset=UTF-8")
    base = "https://mau.example/"
    yield exchange(url=base + "plain", ip="192.0.2.7")
    yield exchange(gzip.compress(HTML), url=base + "gzip", headers=(kind, ("Content-Encoding", "gzip")))
    yield exchange(brotli.compress(HTML), url=base + "br", headers=(kind, ("Content-Encoding", "br")))
    yield exchange(b"", url=base + "empty")
    yield exchange(b"", url=base + "304", status=304, headers=(("ETag", '"a1"'), ("Content-Length", "977")))
    yield exchange(b"", url=base + "moved", status=301, headers=(("Location", base + "plain"),))
    yield exchange(b"", url=base + "moved-raw", status=302, headers=(("Location", "/đích đến?a=1"),))
    yield exchange(b"gone", url=base + "404", status=404)
    yield exchange(HTML * 40_000, url=base + "5-mb")
    yield exchange(url=base + "chunked", headers=(kind, ("Transfer-Encoding", "chunked")), ip="2001:db8::7")
    yield exchange(HTML[:50], url=base + "cut", headers=(kind, ("Content-Length", "124")), truncated="length")


def writer(folder: Path, **settings: object) -> WarcWriter:
    """A writer for the site `mau`."""
    values = {"operator": "Kho tin <kho@mau.example>", "software": "khotin/0.1", "clock": lambda: FETCHED}
    return WarcWriter(folder, "mau", **{**values, **settings})  # type: ignore[arg-type]


def written(folder: Path, *exchanges: Exchange) -> Path:
    """Write exchanges to one file and return its path."""
    with writer(folder) as warc:
        for one in exchanges or (exchange(),):
            warc.write(one)
    (path,) = folder.glob("mau/*.warc.gz")
    return path


def judged(path: Path) -> list[str]:
    """What two independent checkers say of a file: nothing, if it is sound."""
    complaints = []
    # warcio 1.8 wants the Brotli of brotlipy and breaks down over that of `brotli`, which Scrapy brings;
    # without either it checks the bytes as sent, which is the point.
    warcio = "import sys; sys.modules['brotli'] = None; import warcio.cli as c; c.main(['check', sys.argv[1]])"
    for tool in (("-c", warcio, path), ("-m", "fastwarc.cli", "check", "-q", "-p", path)):
        command = [sys.executable, *map(str, tool)]
        run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        if run.returncode:
            complaints.append(f"{tool[1]}: {run.stdout}{run.stderr}")
    return complaints
