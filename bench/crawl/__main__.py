"""The crawl bench: khotin beside other crawlers, end to end on a site on loopback.

    python -m bench.crawl               # makes environments and pages once, runs, prints
    python -m bench.crawl --write       # and writes the tables into docs/crawl.md

Four hosts (127.0.0.1 to .4), invented pages of 75 kB, no delay. The others get the list of addresses; khotin finds them
in the listings, obeys robots.txt, writes WARC files and both databases, and publishes with the search index. All run by
turns, in several rounds. A longer run of khotin alone shows its memory, one with documents of megabytes its event loop.
The exit code is 0 whatever the figures are.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from bench.crawl import pages, report
from bench.crawl.run import KHOTIN, ROOT, Crawl, Server, crawl
from bench.peers.environments import PEERS, make
from bench.report import machine, replaced
from pipelines.article import VIETNAM

ENVIRONMENTS: dict[str, tuple[str, ...]] = {
    "trafilatura": PEERS["trafilatura"],
    "scrapy": ("scrapy==2.19.0", *PEERS["trafilatura"]),
    "newspaper4k": PEERS["newspaper4k"],
    "news-please": PEERS["news-please"],
}
STORIES = {KHOTIN: 500, "trafilatura": 250, "scrapy": 250, "newspaper4k": 40, "news-please": 40}
"""Pages of each host that a tool brings in a round: some ten seconds' work for each."""
ROUNDS = 3
LONG = 5_000
"""Pages of each host in the long run: 20,000 in all."""
INSTALL_SECONDS = 300.0
FOLDER = ROOT / ".venvs" / "bench-crawl"


def main(arguments: list[str] | None = None) -> int:
    """Run, print, and write where asked. Always 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the tables into docs/crawl.md")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="runs of each crawler (default: %(default)s)")
    parser.add_argument("--stories", type=int, help="pages of each host, the same for all crawlers")
    parser.add_argument("--long", type=int, default=LONG, help="of the long run; 0: none (default: %(default)s)")
    parser.add_argument("--no-peers", action="store_true", help="khotin only; installs nothing")
    options = parser.parse_args(arguments)
    if options.write and (options.no_peers or not options.long or options.stories):
        parser.error("--write needs the peers, the long run and the usual pages")
    pythons, left_out = ({}, {}) if options.no_peers else environments()
    stories = {tool: options.stories or number for tool, number in STORIES.items() if tool in {KHOTIN, *pythons}}
    text = bench(pythons, left_out, stories, rounds=options.rounds, long=options.long)
    print(text)
    if options.write:
        file = ROOT / "docs" / "crawl.md"
        file.write_text(replaced(file.read_text(encoding="utf-8"), "bench", text), encoding="utf-8")
        print(f"wrote {file}", file=sys.stderr)
    return 0


def environments() -> tuple[dict[str, Path], dict[str, str]]:
    """The interpreter of each peer, and why those are missing that can't be had."""
    print("making environments of peers in .venvs (minutes, once) ...", file=sys.stderr)
    until = time.monotonic() + INSTALL_SECONDS
    with ThreadPoolExecutor(2) as pool:
        made = {
            name: pool.submit(make, ROOT / ".venvs" / f"bench-{name}", wanted, until)
            for name, wanted in ENVIRONMENTS.items()
        }
    problems = {name: problem for name, task in made.items() if (problem := task.result())}
    pythons = {n: ROOT / ".venvs" / f"bench-{n}" / "bin" / "python" for n in ENVIRONMENTS if n not in problems}
    return pythons, problems


def bench(
    pythons: Mapping[str, Path], left_out: Mapping[str, str], stories: Mapping[str, int], *, rounds: int, long: int
) -> str:
    """Run everything; gives it as Markdown."""
    runs: list[Crawl] = []
    heavy = lasting = None
    with Server(FOLDER, max(*stories.values(), long)) as server:
        for number in range(rounds):
            order = list(stories)
            turn = number % len(order)
            runs += [_one(tool, pythons.get(tool, ""), server, stories[tool]) for tool in order[turn:] + order[:turn]]
        heavy = _one(KHOTIN, "", server, 0)
        if long:
            lasting = _one(KHOTIN, "", server, long)
    return told(runs, lasting, heavy, left_out, rounds)


def _one(tool: str, python: Path | str, server: Server, stories: int) -> Crawl:
    done = crawl(tool, python, server, stories, FOLDER / "run")
    told = done.problem or f"{done.rate:.0f} pages/s, {done.cpu_ms:.1f} ms CPU a page"
    print(f"{tool}, {done.pages:,} pages: {told}", file=sys.stderr)
    return done


def told(
    runs: Sequence[Crawl], long: Crawl | None, heavy: Crawl | None, left_out: Mapping[str, str], rounds: int
) -> str:
    """Everything that was measured, as Markdown."""
    sample = [len(pages.article(0, number)) for number in range(1, 21)]
    ours = report.by_tool(runs).get(KHOTIN, [])
    lines: list[str] = []
    if ours:
        lines.append(report.size_line(ours[-1], sum(sample) // len(sample)))
        lines.append(report.loop_line("articles", ours[-1]))
    if heavy and heavy.told:
        lines.append(report.loop_line("documents of megabytes", heavy))
    if long and long.told:
        lines.append(report.memory_line(long))
    lines += [
        f"{run.tool} had a problem: {run.problem}"
        for run in (*runs, heavy, long)
        if run and run.problem and run.asked > 1
    ]
    lines += [f"{peer} could not be installed and is left out: {why}" for peer, why in left_out.items()]
    return "\n".join(
        [
            f"{datetime.now(VIETNAM).date()}; {machine()}; medians of {rounds} rounds.",
            "",
            report.table(runs),
            "",
            *(f"- {line}" for line in lines),
            "",
            f"Versions: khotin {version('khotin')}; {report.versions(runs)}.",
            "",
            report.mark_table(report.marks(runs, long, heavy)),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
