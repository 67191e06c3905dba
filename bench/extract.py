"""The bench: khotin beside other extractors on the same pages, in one interleaved run.

    python -m bench.extract             # makes what environments are missing, runs, prints (under ten minutes)
    python -m bench.extract --write     # and writes the tables into docs/extraction.md and README.md

Pages: the articles in ../shared/pages, which were read by hand; where there are none, those of tests/pages. Each
peer is installed by the bench into `.venvs/bench-<peer>`; one that can't be had is told and left out. The exit code
is 0 whatever the figures are (2 for wrong options): the gate is `make eval`."""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from bench import report
from bench.pages import ROOT, SHARED, Page, real_pages, written_pages
from bench.peers.environments import make_all
from bench.peers.running import BASE, Outcome, run_all
from pipelines.article import VIETNAM
from pipelines.extract import EXTRACTOR_VERSION

ROUNDS = 5
INSTALL_SECONDS = 300.0
RUN_SECONDS = 240.0
OWN = (report.KNOWN, report.GENERIC, report.FLOOR, BASE)
TOOLS_OF = {"trafilatura": ("trafilatura", "trafilatura fast")}
"""Tools of an environment, where it is not one of the same name."""


def main(arguments: list[str] | None = None) -> int:
    """Run, print, and write where asked. Always 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the tables into docs/extraction.md and README.md")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="times each page is read (default: %(default)s)")
    parser.add_argument("--no-peers", action="store_true", help="khotin and the floor only; installs nothing")
    options = parser.parse_args(arguments)
    real = SHARED.is_dir()
    if options.write and (options.no_peers or not real):
        parser.error(
            "--write needs the peers and the real pages in ../shared: other figures don't belong into the docs"
        )
    pages, warm = (real_pages() if real else written_pages()), written_pages()
    tools: dict[str, Path | str] = dict.fromkeys(OWN, sys.executable)
    left_out: dict[str, str] = {}
    if not options.no_peers:
        print("making environments of peers in .venvs (minutes, once) ...", file=sys.stderr)
        pythons, left_out = make_all(ROOT / ".venvs", INSTALL_SECONDS)
        for peer, python in pythons.items():
            tools.update(dict.fromkeys(TOOLS_OF.get(peer, (peer,)), python))
    print(f"{len(pages)} pages, {len(tools) - 1} tools, up to {options.rounds} rounds ...", file=sys.stderr)
    outcomes, rounds = run_all(tools, pages, warm, rounds=options.rounds, seconds=RUN_SECONDS)
    text = told(pages, outcomes, left_out, rounds=rounds, real=real)
    print(text)
    if options.write:
        write(text, summary(report.rows(pages, outcomes), len(pages)))
    return 0


def told(
    pages: Sequence[Page], outcomes: Sequence[Outcome], left_out: dict[str, str], *, rounds: int, real: bool
) -> str:
    """Everything that was measured, as Markdown."""
    found = report.rows(pages, outcomes)
    exact = sum(p.body is not None for p in pages)
    leads = sum(bool(p.lead) for p in pages)
    clocks = sum(p.minute for p in pages)
    nameless = sum(p.author is None for p in pages)
    source = "read by hand" if real else "written for the tests (no folder of real pages here)"
    today = datetime.now(VIETNAM).date()
    counted = (
        f"{len(pages)} article pages {source}: {exact} with a text to compare, {leads} with a lead, "
        f"{clocks} with a time of day, {nameless} without an author."
    )
    lines = [
        f"{today}; extractor {EXTRACTOR_VERSION}; {report.machine()}; median of {rounds} rounds.",
        counted,
        "",
        report.table(found),
        "",
        *(f"- {line}" for line in report.spread(outcomes)),
        *(f"- {line}" for line in _templates(outcomes, len(pages))),
        *(
            f"- {o.tool} failed on {len(o.failures)} pages: {next(iter(o.failures.values()))}"
            for o in outcomes
            if o.failures
        ),
        *(f"- {o.tool} dropped out: {o.gone}" for o in outcomes if o.gone),
        *(f"- {peer} could not be installed and is left out: {why}" for peer, why in left_out.items()),
        "",
        "Versions: " + "; ".join(_versions(o) for o in outcomes if o.versions and o.tool in _one_each(outcomes)) + ".",
        "",
        report.mark_table(found),
    ]
    return "\n".join(lines)


def _templates(outcomes: Sequence[Outcome], pages: int) -> list[str]:
    known = next((o for o in outcomes if o.tool == report.KNOWN), None)
    if known is None:
        return []
    read = sum(r.get("template") not in {None, "generic"} for r in known.results.values())
    return [f"{read} of {pages} pages were read by a template of a known family in the row “{report.KNOWN}”"]


def _one_each(outcomes: Sequence[Outcome]) -> set[str]:
    hidden = {report.GENERIC, report.FLOOR, BASE, "trafilatura fast"}
    return {o.tool for o in outcomes} - hidden


def _versions(outcome: Outcome) -> str:
    own = "khotin" if outcome.tool == report.KNOWN else outcome.tool
    rest = ", ".join(f"{name} {v}" for name, v in outcome.versions.items() if name in {"lxml", "trafilatura"} - {own})
    return f"{own} {outcome.versions.get(own, '')}" + (f" (with {rest})" if rest else "")


def summary(found: Sequence[report.Row], pages: int) -> str:
    """The short paragraph of the README."""
    by_name = {row.tool: row for row in found}
    known, generic, peer = (by_name.get(n) for n in (report.KNOWN, report.GENERIC, report.TRAFILATURA))
    if known is None or generic is None or peer is None or None in {known.to_trafilatura, generic.to_trafilatura}:
        return "Run `make bench-extract` for figures."

    ours, blind = (f"{row.to_trafilatura:.2f}" for row in (known, generic))

    def three(measure: str) -> str:
        return ", ".join(f"{row.shares[measure]:.0%}" for row in (known, generic, peer))

    return textwrap.fill(
        f"On {pages} article pages, khotin on sites it knows, khotin knowing nothing of the site, and trafilatura: "
        f"whole text exactly right {three('body_exact')}; lead kept {three('lead')}; author right {three('author')}; "
        f"day right {three('day_right')}. khotin takes {ours} and {blind} times the "
        "CPU of trafilatura with metadata. Its rules were tuned on these very pages: expect less elsewhere.",
        width=120,
        break_long_words=False,
    )


def write(text: str, short: str) -> None:
    """Put the figures between their markers."""
    for file, marker, inner in (("docs/extraction.md", "bench", text), ("README.md", "bench", short)):
        path = ROOT / file
        path.write_text(report.replaced(path.read_text(encoding="utf-8"), marker, inner), encoding="utf-8")
        print(f"wrote {file}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
