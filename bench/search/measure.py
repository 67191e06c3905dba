"""Asks two running servers the same questions and counts the milliseconds."""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from pipelines.schema import connect_read_only

ROOT = Path(__file__).resolve().parents[2]
READERS = 16
_LONGEST = 30.0  # seconds; stock Datasette gives up after one


@dataclass
class Times:
    """What a kind of question took, in milliseconds, and how many were not answered."""

    taken: list[float] = field(default_factory=list)
    failed: int = 0
    cpu: float = 0.0
    """Milliseconds of the server's CPU for each answer."""

    def told(self) -> str:
        """p50 / p95, for a table."""
        if not self.taken:
            return "no answer"
        cells = f"{quantile(self.taken, 0.5):,.0f} / {quantile(self.taken, 0.95):,.0f}"
        cells += f", CPU {self.cpu:,.0f}" if self.cpu else ""
        return f"{cells} ({self.failed} of {self.failed + len(self.taken)} not answered)" if self.failed else cells


def quantile(values: Sequence[float], part: float) -> float:
    """The smallest value that `part` of all do not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def asked(
    client: httpx.Client, process: subprocess.Popen[str], paths: Sequence[str], good: Callable[[httpx.Response], bool]
) -> Times:
    """Each path once, one after the other."""
    times = Times()
    before = cpu_seconds(process)
    for path in paths:
        began = time.perf_counter()
        try:
            right = good(client.get(path))
        except httpx.TimeoutException:
            right = False
        if right:
            times.taken.append((time.perf_counter() - began) * 1000)
        else:
            times.failed += 1
    times.cpu = (cpu_seconds(process) - before) * 1000 / max(1, len(paths))
    return times


def cpu_seconds(process: subprocess.Popen[str]) -> float:
    """What a process has used so far; 0 where there is no /proc."""
    path = Path(f"/proc/{process.pid}/stat")
    if not path.exists():
        return 0.0
    fields = path.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(process: subprocess.Popen[str]) -> float:
    """The most that a process and its children ever held, in MB; 0 where there is no /proc."""
    most = 0.0
    for number in [process.pid, *map(int, children(process.pid))]:
        status = Path(f"/proc/{number}/status")
        found = re.search(r"VmHWM:\s+(\d+)", status.read_text()) if status.exists() else None
        most = max(most, int(found[1]) / 1000 if found else 0.0)
    return most


def children(number: int) -> list[str]:
    """Processes that a process started."""
    path = Path(f"/proc/{number}/task/{number}/children")
    return path.read_text().split() if path.exists() else []


@contextmanager
def server(command: Sequence[str | Path], port: int, path: str) -> Iterator[tuple[httpx.Client, subprocess.Popen[str]]]:
    """A server that answers on a port of this machine, and a client of it."""
    process = subprocess.Popen(list(map(str, command)), cwd=ROOT, stdout=subprocess.DEVNULL, text=True)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=_LONGEST, follow_redirects=True) as client:
            ends = time.monotonic() + 60
            while True:
                try:
                    client.get(path)
                    break
                except httpx.TransportError:
                    if time.monotonic() > ends or process.poll() is not None:
                        raise
                    time.sleep(0.2)
            yield client, process
    finally:
        process.terminate()
        process.wait(timeout=20)


def khotin(data: Path, port: int) -> list[str | Path]:
    """The command that serves a published archive."""
    return [sys.executable, "-m", "khotin", "serve", "--data", data, "--port", str(port)]


def datasette(database: Path, port: int) -> list[str | Path]:
    """Stock Datasette with its own settings, and none of our plugin."""
    return [sys.executable, "-m", "datasette", "serve", database, "--port", str(port)]


def enable_fts(database: Path) -> tuple[float, float]:
    """`sqlite-utils enable-fts`: CPU seconds and seconds by the clock."""
    before, began = os.times(), time.perf_counter()
    command = [sys.executable, "-m", "sqlite_utils", "enable-fts", str(database), "articles", "title", "lead", "body"]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return spent, time.perf_counter() - began


def sizes(database: Path) -> tuple[int, int]:
    """Bytes of the texts (title, lead, body), and of the search index with all its tables and bitmaps."""
    with closing(connect_read_only(database)) as db:
        tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        texts = "articles a JOIN article_text t ON t.article_id = a.id" if "article_text" in tables else "articles a"
        one = "t" if "article_text" in tables else "a"
        text = db.execute(
            f"SELECT sum(length(CAST(a.title || {one}.lead || {one}.body AS BLOB))) FROM {texts}"  # noqa: S608
        ).fetchone()[0]
        index = db.execute(
            "SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'articles_fts%' OR name = 'search_bitmaps'"
        ).fetchone()[0]
    return int(text), int(index)


def swapped(data: Path, client: httpx.Client, paths: Sequence[str], swaps: int) -> tuple[int, Counter[int]]:
    """Sixteen readers while the snapshot is replaced `swaps` times: requests, and how many had which status.

    Status 0: the connection broke.
    """
    statuses: Counter[int] = Counter()
    over = threading.Event()

    def read(first: int) -> None:
        with httpx.Client(base_url=client.base_url, timeout=120) as own:
            number = first
            while not over.is_set():
                try:
                    statuses[own.get(paths[number % len(paths)]).status_code] += 1
                except httpx.HTTPError:
                    statuses[0] += 1
                number += 1

    readers = [threading.Thread(target=read, args=(number,)) for number in range(READERS)]
    for reader in readers:
        reader.start()
    try:
        for _ in range(swaps):
            shutil.copy(data / "public.db", data / "public.db.next")
            (data / "public.db.next").replace(data / "public.db")
            wanted = sum(statuses.values()) + READERS * 2
            ends = time.monotonic() + 120
            while sum(statuses.values()) < wanted and time.monotonic() < ends:
                time.sleep(0.05)
    finally:
        over.set()
        for reader in readers:
            reader.join()
    return sum(statuses.values()), statuses


def median(values: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(values)
