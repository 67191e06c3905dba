"""What the bench prints and writes: figures of each tool, ratios of CPU, marks met and not met."""

from __future__ import annotations

import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.pages import Page
from bench.peers.running import BASE, Outcome
from bench.scoring import means

KNOWN, GENERIC, FLOOR, TRAFILATURA = "khotin, known sites", "khotin, no template", "floor", "trafilatura"
COLUMNS = {
    "title": "title",
    "lead": "lead kept",
    "body_f1": "body F1",
    "body_exact": "body exact",
    "author": "author",
    "invented": "invented",
    "day_right": "day right",
    "day_wrong": "wrong",
    "day_missing": "missing",
    "minute": "minute",
}
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one tool."""

    tool: str
    shares: dict[str, float]
    milliseconds: float | None
    """CPU a page: mean over pages of the median over rounds."""
    to_trafilatura: float | None
    to_floor: float | None
    memory: float | None
    """MB over the parsed tree, the worst page."""
    failures: int

    def cells(self) -> list[str]:
        """The row of the table."""
        shares = [_share(name, self.shares.get(name)) for name in COLUMNS]
        ratios = [number(v, "{:.2f}") for v in (self.to_trafilatura, self.to_floor)]
        return [self.tool, *shares, number(self.milliseconds, "{:.1f}"), *ratios, number(self.memory, "{:.0f}")]


def _share(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if name == "body_f1" else f"{value:.0%}"


def number(value: float | None, form: str) -> str:
    """A figure in its form, or a dash."""
    return "–" if value is None else form.format(value)


def rows(pages: Sequence[Page], outcomes: Sequence[Outcome]) -> list[Row]:
    """A row for each tool that took part to the end."""
    by_name = {o.tool: o for o in outcomes if not o.gone}
    peer, floor, base = by_name.get(TRAFILATURA), by_name.get(FLOOR), by_name.get(BASE)
    return [
        Row(
            tool=o.tool,
            shares=means(pages, o.results),
            milliseconds=_milliseconds(o),
            to_trafilatura=ratio(o, peer),
            to_floor=ratio(o, floor),
            memory=_over_tree(o, base),
            failures=len(o.failures),
        )
        for o in by_name.values()
        if o.tool != BASE
    ]


def _milliseconds(outcome: Outcome) -> float | None:
    found = [cpu * 1000 for page in outcome.seconds if (cpu := outcome.cpu(page)) is not None]
    return sum(found) / len(found) if found else None


def ratio(outcome: Outcome, other: Outcome | None) -> float | None:
    """CPU of one tool over that of another: sums of the medians of the pages that both have read."""
    both = [p for p in outcome.seconds if other is not None and other.seconds.get(p)]
    if other is None or not both:
        return None
    below = sum(other.cpu(p) or 0.0 for p in both)
    return sum(outcome.cpu(p) or 0.0 for p in both) / below if below else None


def page_ratios(outcome: Outcome, other: Outcome | None) -> list[float]:
    """The same page by page, in rising order."""
    pages = [p for p in outcome.seconds if other is not None and other.cpu(p)]
    return sorted((outcome.cpu(p) or 0.0) / (other.cpu(p) or 1.0) for p in pages) if other else []


def _over_tree(outcome: Outcome, base: Outcome | None) -> float | None:
    over = [bytes_ - base.memory[p] for p, bytes_ in outcome.memory.items() if p in base.memory] if base else []
    return max(over) / MEGABYTE if over else None


def marks(found: Sequence[Row]) -> list[tuple[str, str, str, bool | None]]:
    """(what, mark, measured, met) of what the project asks of itself and this bench measures."""
    by_name = {row.tool: row for row in found}
    asked: list[tuple[str, str, str, str, float]] = [
        ("body F1, known sites", KNOWN, "body_f1", ">=", 0.99),
        ("body exactly right, known sites", KNOWN, "body_exact", ">=", 0.80),
        ("body F1, no template", GENERIC, "body_f1", ">=", 0.965),
        ("lead kept, known sites", KNOWN, "lead", ">=", 1.0),
        ("lead kept, no template", GENERIC, "lead", ">=", 1.0),
        ("title exact, known sites", KNOWN, "title", ">=", 0.98),
        ("title exact, no template", GENERIC, "title", ">=", 0.90),
        ("day right, known sites", KNOWN, "day_right", ">=", 0.98),
        ("day wrong, known sites", KNOWN, "day_wrong", "<=", 0.01),
        ("day right, no template", GENERIC, "day_right", ">=", 0.98),
        ("day wrong, no template", GENERIC, "day_wrong", "<=", 0.01),
        ("minute right, known sites", KNOWN, "minute", ">=", 0.98),
        ("minute right, no template", GENERIC, "minute", ">=", 0.98),
        ("author exact, known sites", KNOWN, "author", ">=", 0.95),
        ("author exact, no template", GENERIC, "author", ">=", 0.75),
        ("invented authors, known sites", KNOWN, "invented", "<=", 0.0),
        ("invented authors, no template", GENERIC, "invented", "<=", 0.0),
    ]
    told = []
    for what, tool, measure, sign, mark in asked:
        value = by_name[tool].shares.get(measure) if tool in by_name else None
        told.append(judged(what, sign, mark, value, "{:.3f}" if measure == "body_f1" else "{:.0%}"))
    known, generic = by_name.get(KNOWN), by_name.get(GENERIC)
    told += [
        judged("CPU, known sites, × floor", "<=", 1.5, known and known.to_floor, "{:.2f}"),
        judged("CPU, known sites, × trafilatura", "<=", 0.2, known and known.to_trafilatura, "{:.2f}"),
        judged("CPU, no template, × trafilatura", "<=", 0.8, generic and generic.to_trafilatura, "{:.2f}"),
        judged("MB over the parsed tree, known sites", "<", 20, known and known.memory, "{:.0f}"),
        judged("MB over the parsed tree, no template", "<", 20, generic and generic.memory, "{:.0f}"),
    ]
    return told


def judged(what: str, sign: str, mark: float, value: float | None, form: str) -> tuple[str, str, str, bool | None]:
    """A row of the table of marks: what, the mark, what was measured, and whether it is met (None: not measured)."""
    met = {">=": lambda v: v >= mark, "<=": lambda v: v <= mark, "<": lambda v: v < mark}[sign]
    asked = form.format(mark) if form == "{:.0%}" else f"{mark:g}"
    return what, f"{sign} {asked}", number(value, form), None if value is None else met(value)


def table(found: Sequence[Row]) -> str:
    """All tools as a Markdown table."""
    head = ["", *COLUMNS.values(), "ms", "× trafilatura", "× floor", "MB"]
    return markdown([head, *(row.cells() for row in found)])


def mark_table(found: Sequence[Row]) -> str:
    """The marks as a Markdown table."""
    words = {True: "met", False: "**not met**", None: "not measured"}
    return markdown([["", "mark", "measured", ""], *([w, m, v, words[met]] for w, m, v, met in marks(found))])


def markdown(lines: list[list[str]]) -> str:
    """A Markdown table; the first line is its head."""
    widths = [max(3, *(len(line[i]) for line in lines)) for i in range(len(lines[0]))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    padded = (
        [line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))]
        for line in (lines[0], rule, *lines[1:])
    )
    return "\n".join(f"| {' | '.join(line)} |" for line in padded)


def machine() -> str:
    """The processor and the Python that were measured on."""
    model = platform.processor() or platform.machine()
    cpus = Path("/proc/cpuinfo")
    if cpus.exists() and (named := re.search(r"^model name\s*:\s*(.+)$", cpus.read_text(), re.MULTILINE)):
        model = named[1]
    return f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {model}"


def spread(outcomes: Sequence[Outcome]) -> list[str]:
    """How the ratios of CPU differ from page to page."""
    by_name = {o.tool: o for o in outcomes if not o.gone}
    lines = []
    for tool, other in ((KNOWN, FLOOR), (KNOWN, TRAFILATURA), (GENERIC, TRAFILATURA)):
        found = page_ratios(by_name[tool], by_name.get(other)) if tool in by_name else []
        if found:
            lines.append(
                f"{tool} / {other}, page by page: {found[0]:.2f} to {found[-1]:.2f}, median {median(found):.2f}"
            )
    return lines


def replaced(text: str, marker: str, inner: str) -> str:
    """`text` with what stands between `<!-- marker -->` and `<!-- /marker -->` replaced. Raises `ValueError`."""
    start, end = f"<!-- {marker} -->", f"<!-- /{marker} -->"
    before, found, rest = text.partition(start)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        message = f"no {start} … {end} in the text"
        raise ValueError(message)
    return f"{before}{start}\n{inner}\n{end}{after}"
