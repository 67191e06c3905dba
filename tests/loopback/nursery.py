"""Forks crawls from a process that has imported everything already: a crawl a second and a half sooner.

A job a line on stdin ({"argv", "folder", "env", "strike"}); answered by two lines, the process id of the crawl and,
when it is over, its exit code (negative: the signal). Each crawl leads a session of its own, as one that a shell
starts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.loopback.striking import Strike, Striker, Where

ROOT = Path(__file__).resolve().parents[2]
PRELOADED = ("bounds", "door", "keeping", "manners", "runner", "spiders.loader", "watching")


class Nursery:
    """The handle of the process; a context manager."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.loopback.nursery"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.communicate(timeout=60)

    def start(
        self,
        argv: Sequence[str],
        folder: Path,
        strike: Strike | None = None,
        env: Mapping[str, str] | None = None,
    ) -> int:
        """Start a crawl; gives its process id, which is that of its group too. Its output goes into `folder`."""
        job = {
            "argv": list(argv),
            "folder": str(folder),
            "env": {**os.environ, **(env or {})},
            "strike": asdict(strike) if strike else None,
        }
        assert self._process.stdin
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        return self._line()

    def wait(self) -> int:
        """Wait for the end of the crawl; gives its exit code, negative where a signal ended it."""
        return self._line()

    def _line(self) -> int:
        assert self._process.stdout
        return int(self._process.stdout.readline())


def _run(job: dict[str, Any]) -> int:
    from tests.loopback import crawl

    os.setsid()
    os.environ.clear()
    os.environ.update(job["env"])
    folder = Path(job["folder"])
    for number, file in enumerate((Path(os.devnull), folder / "out", folder / "err")):
        opened = os.open(file, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(opened, number)
        os.close(opened)
    if job["strike"]:
        strike = job["strike"]
        Striker(Strike(Where(strike["where"]), strike["count"], strike["share"]), folder / "struck").arm()
    sys.argv[1:] = job["argv"]
    return crawl.main()


def main() -> int:
    """Serve until stdin ends. In a fork: run the one crawl and give its exit code."""
    import importlib

    importlib.import_module("tests.loopback.crawl")  # before Twisted: it stands in for DNS
    importlib.import_module("pipelines.stages")
    for name in PRELOADED:
        importlib.import_module(f"scrapers.{name}")
    assert "twisted.internet.reactor" not in sys.modules, "each crawl chooses its own"
    for line in iter(sys.stdin.readline, ""):
        pid = os.fork()
        if pid == 0:
            return _run(json.loads(line))
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
