"""The table of docs/search.md."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipelines.article import VIETNAM

PAGE = Path(__file__).resolve().parents[2] / "docs" / "search.md"
BEGIN, END = "<!-- bench -->", "<!-- /bench -->"
_LINES = (
    ("search page", "page", "stock_page", "200,000: 60 / 150 ms"),
    ("frequent word with facets, newest first", "facets", "stock_facets", "200,000: 150 ms; 1,000,000: 200 ms"),
    ("newest first", "newest", "stock_newest", "1,000,000: 100 ms"),
    ("ranked, below 50,000 hits", "ranked", "", "1,000,000: 150 ms"),
    ("page 100 of a frequent word", "page_100", "", ""),
    ("similar articles", "similar", "", ""),
    ("article page", "article", "", "15 ms"),
)


def table(told: Sequence[dict[str, Any]]) -> str:
    """Markdown; times are milliseconds, p50 / p95."""
    load = os.getloadavg() if hasattr(os, "getloadavg") else (0.0, 0.0, 0.0)
    made_with = (
        f"{datetime.now(tz=VIETNAM):%Y-%m-%d}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version},"
        f" Datasette {version('datasette')}, sqlite-utils {version('sqlite-utils')}, numpy {version('numpy')},"
        f" {os.cpu_count()} cores; load of the machine by other programs and this one {load[1]:.1f}."
        " Milliseconds by the clock, p50 / p95, and of the server's CPU, mean; each question asked once."
    )
    lines = [made_with, ""]
    for facts in told:
        lines += [f"### {facts['articles']:,} articles", "", "| | khotin | stock | mark |", "|---|---|---|---|"]
        for name, ours, stock, mark in _LINES:
            lines.append(
                f"| {name} | {facts.get(ours, '')} | {facts.get(stock, '') if stock else 'has none'} | {mark} |"
            )
        text = facts["text"]
        speed = f"{facts['articles'] / facts['index_cpu']:,.0f}" if facts.get("index_cpu") else "not measured"
        stock_speed = f"{facts['articles'] / facts['stock_cpu']:,.0f}" if facts.get("stock_cpu") else ""
        index, stock_index = facts["index"] / text, facts["stock_index"] / text if facts.get("stock_index") else 0
        lines += [
            f"| index, articles/s of CPU | {speed} | {stock_speed} | 1,500 |",
            f"| index, times the text ({text / 1e6:,.0f} MB) | {index:.2f} | {stock_index:.2f} | 1.4 |",
            f"| memory of the server, MB | {facts['memory']:,.0f} | {facts.get('stock_memory', 0):,.0f} | 1M: 400 |",
            f"| 16 readers while the snapshot is swapped | {facts.get('swaps', '')} | | 0 failed |",
            "",
            f"Hits of the questions: half have at most {facts['hits'][0]:,.0f}, the most {facts['hits'][1]:,.0f}.",
            "",
        ]
    return "\n".join(lines).rstrip() + "\n"


def write(text: str) -> None:
    """Put the table between the marks of docs/search.md."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{text}{END}{after}", encoding="utf-8")
