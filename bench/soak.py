"""The long crash loop: kills, faults of the server and new articles for as many minutes as SOAK_MINUTES says (10).

    make soak                                # or: SOAK_MINUTES=60 make soak
    SOAK_SEED=7 make soak                    # the same kills and faults again

The code is that of tests/test_kills.py, the site larger and ill: answers of 500, connections cut off, bodies cut short
or dripping, each address a few times at most. Prints a table; the exit code is 1 if anything was lost or done twice.
"""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from loopback.kills import STAGES, Death, Fatal, Loop, unreadable
from loopback.nursery import ROOT, Nursery
from loopback.running import expected, stored
from loopback.site import Answer

from bench.report import markdown

ARTICLES = 600
A_NIGHT = 150
"""New articles whenever a run has come to its end."""
ILL = 0.06
"""Share of the answers that are no good."""
MOST = 2
"""How often an address is answered badly; then it is well."""
NIGHTS = 12
"""Runs that nobody kills, at the end, until every address is settled."""


class Ill(Fatal):
    """A site whose answers fail by chance, each address a few times at most."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__(per_page=20, delay=0.002)
        self.chance = chance
        self.told: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()
        self.well = False

    def answer(self, path: str) -> Answer:
        """As the site answers, or badly. robots.txt is always well: without it nothing may be fetched."""
        found = super().answer(path)
        ill = not self.well and found.raw is None and found.status == 200 and path != "/robots.txt"
        if not ill or self._failed[path] >= MOST or self.chance.random() > ILL:
            return found
        how = self.chance.choice(["500", "reset", "cut short", "drip"])
        self.told[how] += 1
        self.failures[path] += 1
        self._failed[path] += 1
        if how == "500":
            return Answer(b"<html><title>500</title></html>", 500)
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {found.content_type}\r\nContent-Length: {len(found.body)}\r\n\r\n"
        if how == "drip":
            return Answer(found.body, raw=lambda stream: _drip(stream, head.encode(), found.body))
        part = b"" if how == "reset" else head.encode() + found.body[: len(found.body) // 3]
        return Answer(found.body, raw=lambda stream: _write(stream, part))


def _write(stream: BinaryIO, part: bytes) -> None:
    stream.write(part)


def _drip(stream: BinaryIO, head: bytes, body: bytes) -> None:
    stream.write(head)
    for at in range(0, len(body), 200):
        stream.write(body[at : at + 200])
        stream.flush()
        time.sleep(0.02)


def soak(minutes: float, seed: int, folder: Path) -> tuple[list[Death], list[str], Ill]:
    """Kill for so many minutes, then let the crawl come to its end. Gives the runs, and what is wrong then."""
    chance = random.Random(seed)  # noqa: S311 - the same kills again
    until = time.monotonic() + minutes * 60
    with Ill(random.Random(seed + 1)) as site, Nursery() as nursery:  # noqa: S311
        site.publish(ARTICLES)
        site.answers["/tin.rss"] = Answer(site.feed(site.articles[:50]), content_type="application/rss+xml")
        loop = Loop(site, folder, nursery, chance, {"LOG_LEVEL": "CRITICAL"})
        while time.monotonic() < until:
            death = loop.die(chance.choice(STAGES))
            if not death.killed or death.stage == STAGES[-1]:
                site.publish(A_NIGHT)
                site.answers["/tin.rss"] = Answer(site.feed(site.articles[:50]), content_type="application/rss+xml")
                another_night(loop.data)
            if len(loop.deaths) % 10 == 0:
                print(f"{len(loop.deaths)} runs, {len(loop.known.articles):,} articles", file=sys.stderr)
        site.well = True
        for _ in range(NIGHTS):
            another_night(loop.data)
            loop.finish()
            if set(loop.known.frontier.values()) == {"kept"} and not loop.deaths[-1].stored:
                break
        return loop.deaths, wrong(loop, site), site


def another_night(data: Path) -> None:
    """As if the waits of all addresses that failed were over."""
    with closing(sqlite3.connect(data / "archive.db", timeout=30)) as db:
        db.execute("UPDATE frontier SET due_at = '2020-01-01T00:00:00+07:00' WHERE state = 'due'")
        db.commit()


def wrong(loop: Loop, site: Ill) -> list[str]:
    """What is not as it must be in the end."""
    found = [f"lost: {url}" for death in loop.deaths for url in death.lost]
    found += [f"twice: {url}" for death in loop.deaths for url in death.twice]
    have, want = stored(loop.data), expected(site)
    found += [f"not stored: {url}" for url in want if have.get(url) != want[url]]
    found += [f"never published: {url}" for url in have if url not in want]
    found += unreadable(loop.data, loop.known.captures)
    check = subprocess.run(
        [sys.executable, "-m", "khotin", "verify", "--data", str(loop.data)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if check.returncode:
        found.append(f"khotin verify: {check.stdout}{check.stderr}")
    return found


def table(deaths: Sequence[Death]) -> str:
    """A row a stage."""
    lines = [["killed at", "kills", "requests", "articles stored", "records torn", "lost", "twice"]]
    lines += [_row(stage, [death for death in deaths if death.stage == stage and death.killed]) for stage in STAGES]
    lines.append(_row("not killed", [death for death in deaths if not death.killed]))
    lines.append(_row("all", deaths))
    return markdown(lines)


def _row(name: str, deaths: Sequence[Death]) -> list[str]:
    sums = (
        sum(death.killed for death in deaths),
        sum(death.requests for death in deaths),
        sum(death.stored for death in deaths),
        sum(death.torn for death in deaths),
        sum(len(death.lost) for death in deaths),
        sum(len(death.twice) for death in deaths),
    )
    return [name, *(f"{number:,}" for number in sums)]


def main() -> int:
    """Soak, print, and fail if anything was lost or done twice."""
    minutes = float(os.environ.get("SOAK_MINUTES", "10"))
    seed = int(os.environ.get("SOAK_SEED") or random.SystemRandom().randrange(10**6))
    with tempfile.TemporaryDirectory(prefix="khotin-soak-") as folder:
        deaths, problems, site = soak(minutes, seed, Path(folder))
    print(table(deaths))
    print()
    print(f"{minutes:g} minutes, SOAK_SEED={seed}; {len(site.articles):,} articles published.", end=" ")
    told = ", ".join(f"{number} × {how}" for how, number in sorted(site.told.items()))
    print(f"Bad answers: {told or 'none'}.")
    for line in problems[:20]:
        print(line)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
