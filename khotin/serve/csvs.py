"""CSV of tables and queries, made from the JSON of this same server: complete, or an error, or a broken connection.

Datasette's own CSV is `text/plain` without a byte order mark, lets formulas through, ends after a page without a
word, and where a stream fails it ends in a line of error text under status 200. Here an answer that has begun and
can't be finished breaks off: its last chunk is missing, and every program that reads HTTP tells so.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from khotin.serve.security import safe_name
from pipelines.export import guard

CONTENT_TYPE = b"text/csv; charset=utf-8"
_OWN = frozenset({"_size", "_stream", "_dl", "_header", "_guard", "_shape", "_extra", "_next", "_nl", "_json"})
_QUIET = (("_nofacet", "1"), ("_nosuggest", "1"), ("_nocount", "1"), ("_extra", "columns"))
Row = Sequence[Any]


class Broken(Exception):
    """A download that has begun can't be finished; raised so that the server closes the connection."""


def _json_path(path: str) -> str:
    return path.removesuffix(".csv") + ".json"


async def _page(datasette: Any, path: str, parameters: list[tuple[str, str]]) -> tuple[int, dict[str, Any]]:
    response = await datasette.client.get(f"{path}?{urlencode(parameters)}", follow_redirects=True)
    try:
        answer = response.json()
    except json.JSONDecodeError:
        answer = {}
    return response.status_code, answer if isinstance(answer, dict) else {}


def _rows(answer: dict[str, Any]) -> list[Row]:
    return [list(row.values()) if isinstance(row, dict) else row for row in answer["rows"]]


def _columns(answer: dict[str, Any], rows: Sequence[Row]) -> tuple[list[str], frozenset[int]]:
    """Names of the columns, and which of them hold a value with its label (`_labels=on`)."""
    names = list(answer.get("columns") or [])
    labelled = set(answer.get("expanded_columns") or [])
    for row in rows:
        labelled |= {names[number] for number, cell in enumerate(row) if isinstance(cell, dict) and "label" in cell}
    return names, frozenset(number for number, name in enumerate(names) if name in labelled)


def _cells(row: Row, labelled: frozenset[int], guarded: bool) -> list[Any]:
    cells: list[Any] = []
    for number, cell in enumerate(row):
        pair = cell if isinstance(cell, dict) else {"value": cell, "label": ""}
        if number in labelled:
            cells += [pair.get("value"), pair.get("label")]
        else:
            cells.append(pair.get("encoded") if pair.get("$base64") else pair.get("value"))
    return [guard(cell) if guarded and isinstance(cell, str) else cell for cell in cells]


def _written(rows: Sequence[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


async def _rest(
    datasette: Any, path: str, parameters: list[tuple[str, str]], answer: dict[str, Any]
) -> AsyncIterator[Sequence[Row]]:
    following = answer.get("next")
    while following:
        status, answer = await _page(datasette, path, [*parameters, ("_next", str(following))])
        if status != 200:
            msg = f"{path}: status {status} in the middle of a download"
            raise Broken(msg)
        yield _rows(answer)
        following = answer.get("next")


async def table(datasette: Any, request: Any, send: Any) -> Any:
    """`/public/<table>.csv` and `/public.csv?sql=…`: all rows, unless `_size=<number>` asks for a page.

    `_guard=off` leaves cells that a spreadsheet takes for formulas as they are, `_header=off` leaves the names of
    the columns out, `_labels=on` puts the label of a foreign key beside it.
    """
    path = _json_path(request.scope.get("route_path") or request.path)
    asked = parse_qsl(request.query_string, keep_blank_values=True)
    options = dict(asked)
    size = options.get("_size", "")
    whole = not size.isdecimal() or options.get("_stream") in ("on", "1")
    # Datasette 0.65 gives the names in place of the values of labelled rows in the shape "arrays".
    shape = "objects" if "_labels" in options else "arrays"
    parameters = [*((name, value) for name, value in asked if name not in _OWN), *_QUIET, ("_shape", shape)]
    if "sql" not in options:
        parameters.append(("_size", "1" if request.method == "HEAD" else "max" if whole else size))
    first = [("_next", options["_next"])] if "_next" in options and not whole else []
    status, answer = await _page(datasette, path, [*parameters, *first])
    if status == 200 and answer.get("truncated") and "sql" in options:
        status, answer = 400, {"error": "more rows than one query may give: add limit and offset to it"}
    if status != 200 or "rows" not in answer:
        message = str(answer.get("error") or "there is no such table")
        return await _refused(send, status if status >= 400 else 404, message)
    name = safe_name(request.path.rsplit("/", 1)[-1])
    headers = [
        (b"content-type", CONTENT_TYPE),
        (b"content-disposition", f'attachment; filename="{name}"'.encode()),
        (b"cache-control", b"max-age=5"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if request.method == "HEAD":
        await send({"type": "http.response.body", "body": b""})
        return None
    rows = _rows(answer)
    names, labelled = _columns(answer, rows)
    guarded = options.get("_guard") != "off"
    head = [
        both
        for number, name in enumerate(names)
        for both in ([name, f"{name}_label"] if number in labelled else [name])
    ]
    begin = "\ufeff".encode() + (
        b"" if options.get("_header") == "off" else _written([[guard(name) if guarded else name for name in head]])
    )
    body = begin + _written([_cells(row, labelled, guarded) for row in rows])
    await send({"type": "http.response.body", "body": body, "more_body": True})
    if whole:
        async for more in _rest(datasette, path, parameters, answer):
            body = _written([_cells(row, labelled, guarded) for row in more])
            await send({"type": "http.response.body", "body": body, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
    return None


async def _refused(send: Any, status: int, message: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f"{message}\n".encode()})
