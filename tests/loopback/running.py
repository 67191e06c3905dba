"""Crawls in a process of their own, and what they left in the data folder."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer
from typing import Any

from loopback.nursery import Nursery
from loopback.site import NewsSite

ROOT = Path(__file__).resolve().parents[2]


def begin(catalogue: Path, data: Path, *, env: dict[str, str] | None = None, **settings: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.loopback.crawl", str(catalogue), str(data), json.dumps(settings)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, **(env or {})},
    )


@cache
def _nursery() -> Nursery:
    return ExitStack().enter_context(Nursery())  # ends with this process, as its stdin does


def crawl(
    catalogue: Path, data: Path, *, code: int = 0, env: dict[str, str] | None = None, **settings: Any
) -> dict[str, Any]:
    """The report of a crawl that ran to its end. No crawl may have connected to an address that it was not allowed."""
    nursery = _nursery()
    with TemporaryDirectory() as folder:
        argv = [str(catalogue), str(data), json.dumps(settings)]
        pid = nursery.start(argv, Path(folder), env=env)
        watchdog = Timer(120, os.killpg, (pid, signal.SIGKILL))
        watchdog.start()
        ended = nursery.wait()
        watchdog.cancel()
        out, err = (Path(folder, name).read_text() for name in ("out", "err"))
    assert ended == code, err
    report: dict[str, Any] = json.loads(out)
    assert report.pop("strangers") == [], "a private address was connected to"
    return report


def rows(data: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(data / "archive.db")) as db:
        return db.execute(query).fetchall()


def wait_for(process: subprocess.Popen[str], what: Callable[[], object]) -> None:
    """Until `what()` is true; fails the test if the crawl ends before, or after a minute."""
    until = time.monotonic() + 60
    while not what():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until, "nothing happened for a minute"
        time.sleep(0.01)


def stored(data: Path) -> dict[str, str]:
    """Canonical address -> title of all stored articles."""
    with closing(sqlite3.connect(data / "archive.db")) as db:
        return dict(db.execute("SELECT canonical_url, title FROM articles"))


def expected(site: NewsSite) -> dict[str, str]:
    return {f"{site.base}/xay-dung-dang/bai-so-{n}": site.title(n) for n in site.articles}


def khotin(*args: str | Path, cards: Path, code: int = 0, **settings: Any) -> subprocess.CompletedProcess[str]:
    """The command with its guard open for loopback alone; fails the test where the exit code is another."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.loopback.command", *map(str, args)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        env={
            **os.environ,
            "KHOTIN_CARDS": str(cards),
            "KHOTIN_CONTACT": "tests@example.org",
            "TEST_SETTINGS": json.dumps(settings),
        },
    )
    assert done.returncode == code, done.stderr + done.stdout
    return done
