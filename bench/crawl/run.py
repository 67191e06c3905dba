"""Runs one crawler over some of the pages and counts what came of it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench.crawl import heavy, measuring, pages
from bench.crawl.server import HOSTS

ROOT = Path(__file__).resolve().parents[2]
KHOTIN = "khotin"
SECONDS = 1800.0
"""Bound of one run."""


class Server:
    """The site in a process of its own; a context manager."""

    def __init__(self, folder: Path, stories: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.crawl.server", str(folder), str(stories)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.port = int(self._line())

    def sent(self) -> dict[str, list[float]]:
        """Articles sent, clock of the first and of the last request, by user agent, since the last time asked."""
        assert self.process.stdin  # noqa: S101
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        found: dict[str, list[float]] = json.loads(self._line())
        return found

    def _line(self) -> str:
        assert self.process.stdout  # noqa: S101
        return self.process.stdout.readline()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.process.communicate()


@dataclass(slots=True)
class Crawl:
    """One run of one crawler. Times are seconds."""

    tool: str
    asked: int
    """Articles it should bring."""
    pages: int
    """Articles it extracted."""
    wall: float
    """From its first request to the end of its process."""
    start: float
    """From the start of its process to its first request."""
    cpu: float
    peak: float
    """Megabytes of all its processes at once, at most."""
    quarters: list[tuple[float, float]] = field(default_factory=list)
    """Median megabytes of khotin's own process and of all, for each quarter of the time it crawled: not publishing."""
    versions: dict[str, str] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    """What khotin's own run tells, and the sizes of what it wrote."""
    problem: str = ""

    @property
    def rate(self) -> float:
        """Pages a second."""
        return self.pages / self.wall if self.wall else 0.0

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of CPU a page, of all its processes, start and end included."""
        return self.cpu / self.pages * 1000 if self.pages else 0.0


def crawl(tool: str, python: Path | str, server: Server, stories: int, folder: Path) -> Crawl:
    """Let a crawler bring `stories` of each host (0: khotin the heavy documents) in a `folder`, which is emptied."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if tool == KHOTIN:
        cards(folder / "cards", server.port, stories)
        command = [sys.executable, "-m", "bench.crawl.own", str(folder / "cards"), str(folder / "data")]
    else:
        addresses(folder / "urls.txt", server.port, stories)
        (folder / "found").mkdir()
        here = Path(__file__).parent / "peer.py"
        command = [str(python), "-W", "ignore", str(here), tool, str(folder / "urls.txt"), str(folder / "found")]
    server.sent()
    run = measuring.run(command, folder, cwd=ROOT, env=_environment(), seconds=SECONDS)
    sent = server.sent()
    asked = stories * len(HOSTS) or 1
    first = min((seen[1] for seen in sent.values()), default=run.began)
    done = Crawl(tool, asked, 0, run.ended - first, first - run.began, run.cpu, run.peak)
    lines = run.out.strip().splitlines()
    if run.code or not lines:
        done.problem = (run.err.strip().splitlines() or [f"ended with {run.code}"])[-1]
        return done
    told = json.loads(lines[-1])
    if tool == KHOTIN:
        done.told = told | _sizes(folder / "data")
        done.pages = done.told["articles"]
        done.quarters = run.quarters(first, told["crawled_at"])
    else:
        done.pages, done.versions = told["pages"], told["versions"]
    if done.pages < asked:
        done.problem = f"{done.pages} of {asked} pages"
    return done


def addresses(file: Path, port: int, stories: int) -> None:
    """The list of addresses that the other crawlers get: khotin finds them itself, in the listings."""
    paths = [pages.story(0, number).path for number in range(stories, 0, -1)]
    file.write_text("".join(f"http://{host}:{port}{path}\n" for path in paths for host in HOSTS))


def cards(folder: Path, port: int, stories: int) -> None:
    """A catalogue of four sites, one a host, or of the one heavy one; the family is one of khotin's own."""
    (folder / "sites").mkdir(parents=True)
    (folder / "families").mkdir()
    shutil.copy(ROOT / "scrapers" / "families" / "onecms.yml", folder / "families")
    if not stories:
        (folder / "sites" / "mau-nang.yml").write_text(heavy.card(port), encoding="utf-8")
        return
    for number, host in enumerate(HOSTS):
        name = f"mau-{number + 1}"
        section = f"http://{host}:{port}{pages.SECTION}?stories={stories}"
        (folder / "sites" / f"{name}.yml").write_text(
            f"id: {name}\nname: Báo Mẫu {number + 1}\nname_en: Sample paper {number + 1}\nkind: party_newspaper\n"
            f"family: onecms\nhosts: ['{host}']\nsections:\n  - {{title: Xây dựng Đảng, url: '{section}'}}\n"
            "expect: {articles_per_week: [1, 500], quiet_days: 10}\nrights: {note: trang mẫu, publish: full}\n"
            "verified: {how: none, pages: 0}\nhistory: ['2026-11-22 written for the bench']\n",
            encoding="utf-8",
        )


def _environment() -> dict[str, str]:
    # No peer may reach the network beyond loopback: one asks it for the list of public suffixes.
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9")
    # All start alike, from compiled modules, even where this shell wants none written.
    return {**os.environ, **proxies, "no_proxy": ",".join(HOSTS), "PYTHONPATH": "", "PYTHONDONTWRITEBYTECODE": ""}


def _sizes(data: Path) -> dict[str, Any]:
    warc = sum(file.stat().st_size for file in data.rglob("*.warc.gz"))
    with closing(sqlite3.connect(data / "archive.db")) as db:
        articles = db.execute("SELECT count(*) FROM articles").fetchone()[0]
        size, number = db.execute("SELECT sum(warc_length), count(*) FROM captures WHERE kind = 'article'").fetchone()
    return {
        "articles": articles,
        "warc_bytes": warc,
        "record_bytes": size / number if number else 0.0,
        "archive_bytes": (data / "archive.db").stat().st_size,
        "public_bytes": (data / "public.db").stat().st_size,
    }
