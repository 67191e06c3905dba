"""Taking a selection home: CSV and JSON lines as `khotin export` writes them, and an Atom feed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as Tree

from khotin.serve.searching.results import Answer
from pipelines.export import COLUMNS
from pipelines.export.writers import CsvWriter, JsonlWriter, Row

BATCH = 500
"""Articles read at once; about 2 MB."""
ATOM = "http://www.w3.org/2005/Atom"
_SELECT = (
    f"SELECT a.id, {', '.join(column.published for column in COLUMNS)} FROM articles a"
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


def atom(told: Answer, *, title: str, self_url: str, page_url: str, permalink: Any, built_at: str) -> bytes:
    """An Atom feed (RFC 4287) of the hits. `permalink` makes the address of an article from its key."""
    Tree.register_namespace("", ATOM)
    feed = Tree.Element(f"{{{ATOM}}}feed")

    def add(parent: Tree.Element, name: str, text: str | None = None, **facts: str) -> Tree.Element:
        node = Tree.SubElement(parent, f"{{{ATOM}}}{name}", facts)
        node.text = _xml(text) if text is not None else None
        return node

    add(feed, "id", page_url)
    add(feed, "title", title)
    add(feed, "updated", built_at)
    add(feed, "link", rel="self", type="application/atom+xml", href=self_url)
    add(feed, "link", rel="alternate", type="text/html", href=page_url)
    add(feed, "generator", "khotin")
    for hit in told.hits:
        facts = hit.facts
        entry = add(feed, "entry")
        add(entry, "id", permalink(facts["key"]))
        add(entry, "title", facts["title"])
        when = facts["published_at"] or f"{facts['date_estimate']}T00:00:00+07:00"
        add(entry, "updated", datetime.fromisoformat(when).isoformat())
        if facts["published_at"]:
            add(entry, "published", when)
        author = add(entry, "author")
        add(author, "name", facts["byline"] or facts["agency"] or facts["site_name"])
        add(entry, "link", rel="alternate", type="text/html", href=permalink(facts["key"]))
        if facts["section"]:
            add(entry, "category", term=_xml(facts["section"]))
        if hit.snippet:
            add(entry, "summary", "".join(piece.text for piece in hit.snippet))
    body: bytes = Tree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return body


def _xml(text: str) -> str:
    """Without the control characters that XML 1.0 has no way to write."""
    return "".join(char for char in text if char >= " " or char in "\t\n\r")
