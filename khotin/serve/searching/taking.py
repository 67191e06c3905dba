"""Taking a selection home: CSV and JSON lines as `khotin export` writes them, and as entries of an Atom feed."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

from khotin.serve.atom import Entry, entry_id
from khotin.serve.searching.results import Hit
from khotin.serve.security import safe_href
from pipelines.export import COLUMNS
from pipelines.export.writers import CsvWriter, JsonlWriter, Row

BATCH = 500
"""Articles read at once; about 2 MB."""
_SELECT = (
    f"SELECT a.id, {', '.join(column.published for column in COLUMNS)} FROM articles a"  # noqa: S608
    " JOIN article_text t ON t.article_id = a.id LEFT JOIN captures c ON c.id = a.capture_id WHERE a.id IN ({})"
)


def read_rows(conn: Any, numbers: Sequence[int]) -> list[Row]:
    """The rows of these articles, in this order, with the columns of an export. All must be there."""
    rows = conn.execute(_SELECT.format(", ".join("?" * len(numbers))), [int(number) for number in numbers])
    by_number = {row[0]: row[1:] for row in rows}
    return [by_number[int(number)] for number in numbers]


def written(kind: str, rows: Sequence[Row], *, first: bool) -> bytes:
    """Rows in a format (`csv` or `jsonl`); `first`: with what stands before all rows."""
    file = io.BytesIO()
    with CsvWriter(file, bom=first, header=first) if kind == "csv" else JsonlWriter(file) as writer:
        writer.write(rows)
    return file.getvalue()


def entries(hits: Sequence[Hit], permalink: Callable[[str], str]) -> list[Entry]:
    """The hits as entries of an Atom feed. `permalink` makes the address of an article from its key."""
    return [_entry(hit, permalink(hit.facts["key"])) for hit in hits]


def _entry(hit: Hit, url: str) -> Entry:
    facts = hit.facts
    return Entry(
        id=entry_id(facts["key"]),
        title=facts["title"],
        url=url,
        updated=facts["published_at"] or f"{facts['date_estimate']}T00:00:00+07:00",
        published=facts["published_at"],
        author=facts["byline"] or facts["agency"] or facts["site_name"],
        summary="".join(piece.text for piece in hit.snippet) or None,
        categories=tuple(facts[name] for name in ("section", "province") if facts[name]),
        original=safe_href(facts["canonical_url"]),
    )
