"""What the crawl bench prints and writes: pages a second and CPU a page of each crawler, khotin's marks, its memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from bench.crawl.run import KHOTIN, Crawl
from bench.report import judged, markdown, number

NAMES = {"trafilatura": "trafilatura, command line", "scrapy": "Scrapy, trafilatura inline"}
MARKS = {"trafilatura": 2.5, "news-please": 10.0, "newspaper4k": 10.0}
"""How many times the pages a second of a peer khotin should crawl."""
FLAT = 1.1
"""The last quarter of a long run may hold this many times the memory of the second."""
RECORD_BYTES = 17_000
BLOCKED_MS = 50.0


def by_tool(runs: Sequence[Crawl]) -> dict[str, list[Crawl]]:
    """The runs without a problem of each tool, in the order of the first."""
    found: dict[str, list[Crawl]] = {}
    for run in runs:
        if not run.problem:
            found.setdefault(run.tool, []).append(run)
    return found


def ratio(runs: Sequence[Crawl], peer: str) -> float | None:
    """Median over the rounds of khotin's pages a second over those of a peer in the same round."""
    tools = by_tool(runs)
    pairs = zip(tools.get(KHOTIN, ()), tools.get(peer, ()), strict=False)
    found = [ours.rate / theirs.rate for ours, theirs in pairs if theirs.rate]
    return median(found) if found else None


def cpu_ratio(runs: Sequence[Crawl], peer: str) -> float | None:
    """The same for CPU a page: how many times less khotin needs."""
    tools = by_tool(runs)
    pairs = zip(tools.get(KHOTIN, ()), tools.get(peer, ()), strict=False)
    found = [theirs.cpu_ms / ours.cpu_ms for ours, theirs in pairs if ours.cpu_ms]
    return median(found) if found else None


def table(runs: Sequence[Crawl]) -> str:
    """A row a crawler: medians over its rounds."""
    lines = [["", "pages", "pages/s", "khotin is × faster", "CPU ms a page", "khotin needs × less", "peak MB"]]
    for tool, found in by_tool(runs).items():
        lines.append(
            [
                NAMES.get(tool, tool),
                f"{found[0].asked:,}",
                f"{median(run.rate for run in found):.0f}",
                "" if tool == KHOTIN else number(ratio(runs, tool), "{:.1f}"),
                f"{median(run.cpu_ms for run in found):.1f}",
                "" if tool == KHOTIN else number(cpu_ratio(runs, tool), "{:.1f}"),
                f"{max(run.peak for run in found):.0f}",
            ]
        )
    return markdown(lines)


def lateness(beats: Sequence[Sequence[float]]) -> dict[str, float]:
    """Milliseconds: how late the beats of the event loop came, and what its own thread computed between two."""
    late, own = (sorted(beat[at] * 1000 for beat in beats) for at in (0, 1))
    return {
        "late_max": late[-1],
        "late_p99": late[int(len(late) * 0.99)],
        "own_max": own[-1],
        "own_p99": own[int(len(own) * 0.99)],
    }


def loop_line(name: str, run: Crawl) -> str:
    """What the heartbeat of a run tells, in words."""
    told = lateness(run.told["beats"])
    return (
        f"{name}: of {len(run.told['beats']):,} beats of the event loop the latest came {told['late_max']:.0f} ms late "
        f"(99 % within {told['late_p99']:.0f} ms); between two of them its thread computed {told['own_max']:.0f} ms at "
        f"most (99 %: {told['own_p99']:.0f} ms). The rest it waited: for a core, or for another thread of its process."
    )


def memory_line(run: Crawl) -> str:
    """How memory went on in a long run."""
    quarters = "; ".join(f"{first:.0f} and {every:.0f}" for first, every in run.quarters)
    return (
        f"{run.pages:,} pages in {run.wall:.0f} s ({run.rate:.0f} a second); MB of the crawl itself and of all its "
        f"processes, median of each quarter of the time it crawled: {quarters}; the most, publishing included: "
        f"{run.peak:.0f}"
    )


def growth(run: Crawl) -> float:
    """Memory of all processes in the last quarter over that in the second: the first one is still filling caches."""
    return run.quarters[3][1] / run.quarters[1][1] if run.quarters[1][1] else 0.0


def size_line(run: Crawl, page_bytes: int) -> str:
    """What a page takes on the disk."""
    told, pages = run.told, max(1, run.pages)
    return (
        f"A page of {page_bytes / 1000:.0f} kB takes {told['record_bytes'] / 1000:.1f} kB in the WARC file (with its "
        f"request: {told['warc_bytes'] / pages / 1000:.1f} kB, listings among them), "
        f"{told['archive_bytes'] / pages / 1000:.1f} kB in archive.db and {told['public_bytes'] / pages / 1000:.1f} kB "
        "in public.db with the search index"
    )


def marks(runs: Sequence[Crawl], long: Crawl | None, heavy: Crawl | None) -> list[tuple[str, str, str, bool | None]]:
    """(what, mark, measured, met)."""
    found = []
    for peer, mark in MARKS.items():
        found.append(judged(f"× {NAMES.get(peer, peer)}", ">=", mark, ratio(runs, peer), "{:.1f}"))
    ours = by_tool(runs).get(KHOTIN, [])
    record = ours[-1].told["record_bytes"] / 1000 if ours else None
    found.append(judged("kB of WARC a page", "<=", RECORD_BYTES / 1000, record, "{:.1f}"))
    found.append(
        judged(
            "memory, last quarter over second",
            "<=",
            FLAT,
            growth(long) if long and not long.problem else None,
            "{:.2f}",
        )
    )
    for name, run in (("articles", ours[-1] if ours else None), ("documents of megabytes", heavy)):
        own = lateness(run.told["beats"])["own_max"] if run and run.told.get("beats") else None
        found.append(judged(f"event loop computes at a stretch, {name}, ms", "<", BLOCKED_MS, own, "{:.0f}"))
    return found


def mark_table(found: Sequence[tuple[str, str, str, bool | None]]) -> str:
    """The marks as a Markdown table."""
    words: Mapping[bool | None, str] = {True: "met", False: "**not met**", None: "not measured"}
    return markdown([["", "mark", "measured", ""], *([w, m, v, words[met]] for w, m, v, met in found)])


def versions(runs: Sequence[Crawl]) -> str:
    """Of each peer, with what it parses with."""
    told = []
    for tool, found in by_tool(runs).items():
        named = [f"{name} {number}" for name, number in found[0].versions.items()]
        if named:
            told.append(f"{named[0]} (with {', '.join(named[1:])})" if tool != named[0] and named[1:] else named[0])
    return "; ".join(told)
