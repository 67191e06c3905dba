"""Files of a dump over HTTP, with ranges (RFC 9110, section 14), so that a broken download can be gone on with."""

from __future__ import annotations

import asyncio
import json
import os
import re
from pathlib import Path
from typing import Any, BinaryIO

from khotin.serve.app import DATABASE

PAPERS = {
    "SHA256SUMS": "text/plain; charset=utf-8",
    "datapackage.json": "application/json; charset=utf-8",
    "codebook.md": "text/markdown; charset=utf-8",
    "CITATION.cff": "text/plain; charset=utf-8",
}
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "gz": "application/gzip",
    "parquet": "application/vnd.apache.parquet",
    "sqlite": "application/vnd.sqlite3",
}
_CHUNK = 1 << 18
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")  # "bytes=0-499", "bytes=500-", "bytes=-500"; not "bytes=0-1,5-9"


def folder(datasette: Any) -> Path:
    """Where the dumps are: dumps/ beside public.db."""
    found: Path = datasette.get_database(DATABASE).folder / "dumps"
    return found


def manifest(datasette: Any) -> dict[str, Any]:
    """What `khotin dump` wrote; empty if there is none."""
    try:
        noted = json.loads((folder(datasette) / "manifest.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return noted if isinstance(noted, dict) else {}


def wanted(header: str | None, size: int) -> tuple[int, int] | None:
    """First and last byte (included) that a Range header asks for, None for the whole; ValueError if there are none."""
    match = _RANGE.fullmatch((header or "").strip())
    if not match or match.groups() == ("", ""):
        return None  # of another form: RFC 9110 lets a server answer with the whole
    first, last = match.groups()
    if not first:
        begin, end = max(0, size - int(last)), size - 1
    else:
        begin, end = int(first), min(int(last) if last else size - 1, size - 1)
    if begin > end:
        raise ValueError(header)
    return begin, end


async def file(datasette: Any, request: Any, send: Any) -> None:
    """`/dumps/<name>`: a file that the manifest names, or one of its papers; nothing else of the folder."""
    name = request.url_vars["name"]
    noted = {one["name"]: one["sha256"] for one in manifest(datasette).get("files", ())}
    if name not in noted and name not in PAPERS:
        await _answer(send, 404, b"there is no such file\n")
        return
    try:
        opened = (folder(datasette) / name).open("rb")
    except OSError:
        await _answer(send, 404, b"there is no such file\n")
        return
    with opened:
        await _send(request, send, opened, name, noted.get(name))


async def _send(request: Any, send: Any, opened: BinaryIO, name: str, digest: str | None) -> None:
    size = os.fstat(opened.fileno()).st_size
    kind = PAPERS.get(name) or TYPES[name.rsplit(".", 1)[-1]]
    headers = [
        (b"content-type", kind.encode()),
        (b"accept-ranges", b"bytes"),
        (b"content-disposition", f'{"inline" if name in PAPERS else "attachment"}; filename="{name}"'.encode()),
        (b"cache-control", b"max-age=60"),
    ]
    tag = f'"{digest}"' if digest else ""
    if tag:
        headers.append((b"etag", tag.encode()))
        if request.headers.get("if-none-match") == tag:
            await _answer(send, 304, b"", headers)
            return
    asked = request.headers.get("range")
    if asked and request.headers.get("if-range") not in (None, tag):
        asked = None  # the file is another one by now: all of it, not a part to be glued to the old
    try:
        part = wanted(asked, size)
    except ValueError:
        await _answer(send, 416, b"", [*headers, (b"content-range", f"bytes */{size}".encode())])
        return
    begin, end = part or (0, size - 1)
    headers.append((b"content-length", str(end - begin + 1).encode()))
    if part:
        headers.append((b"content-range", f"bytes {begin}-{end}/{size}".encode()))
    await send({"type": "http.response.start", "status": 206 if part else 200, "headers": headers})
    left = 0 if request.method == "HEAD" else end - begin + 1
    opened.seek(begin)
    while left > 0:
        chunk = await asyncio.to_thread(opened.read, min(_CHUNK, left))
        if not chunk:
            msg = f"{name} ended {left} bytes early"
            raise OSError(msg)
        left -= len(chunk)
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _answer(send: Any, status: int, body: bytes, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    told = headers or [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": status, "headers": told})
    await send({"type": "http.response.body", "body": body})
