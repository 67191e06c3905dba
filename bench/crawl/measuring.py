"""Runs a command and looks at its processes meanwhile: CPU and memory of all of them, and how memory goes on."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class Sample:
    """One look: seconds since the start, resident bytes of the first process and of all, CPU seconds of all."""

    at: float
    first: int
    every: int
    cpu: float


@dataclass(slots=True)
class Run:
    """What came of a command."""

    began: float
    """Clock time."""
    ended: float
    code: int
    out: str
    err: str
    samples: list[Sample] = field(default_factory=list)

    @property
    def cpu(self) -> float:
        """CPU seconds of all processes, to the last look."""
        return max((sample.cpu for sample in self.samples), default=0.0)

    @property
    def peak(self) -> float:
        """The most megabytes that all its processes had at once."""
        return max((sample.every for sample in self.samples), default=0) / 1e6

    def quarters(self, since: float, until: float) -> list[tuple[float, float]]:
        """Median megabytes of the first process and of all, for each quarter of the time between two clock times."""
        begin, end = since - self.began, until - self.began
        span = max(end - begin, 1e-9)
        found: list[list[Sample]] = [[], [], [], []]
        for sample in self.samples:
            if begin <= sample.at <= end:
                found[min(3, int((sample.at - begin) / span * 4))].append(sample)
        return [
            (median(s.first for s in quarter) / 1e6, median(s.every for s in quarter) / 1e6) if quarter else (0.0, 0.0)
            for quarter in found
        ]


def run(command: Sequence[str], folder: Path, *, cwd: Path, env: Mapping[str, str], seconds: float) -> Run:
    """Run a command in a process group of its own, its output in `folder`; kill the group after so many seconds."""
    with (folder / "out").open("w+") as out, (folder / "err").open("w+") as err:
        began = time.time()
        process = subprocess.Popen(
            command, cwd=cwd, env=dict(env), stdout=out, stderr=err, stdin=subprocess.DEVNULL, start_new_session=True
        )
        samples: list[Sample] = []
        over = threading.Event()
        watch = threading.Thread(target=_watch, args=(process.pid, began, samples, over))
        watch.start()
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            code = process.wait()
        finally:
            over.set()
            watch.join()
        ended = time.time()
        out.seek(0)
        err.seek(0)
        return Run(began, ended, code, out.read(), err.read(), samples)


def _watch(group: int, began: float, samples: list[Sample], over: threading.Event) -> None:
    while not over.wait(EVERY_S):
        first = every = 0
        cpu = 0.0
        for entry in os.scandir("/proc"):
            if entry.name.isdecimal() and (found := _look(entry.name, group)):
                every += found[0]
                cpu += found[1]
                if int(entry.name) == group:
                    first = found[0]
        if every:
            samples.append(Sample(time.time() - began, first, every, cpu))


def _look(pid: str, group: int) -> tuple[int, float] | None:
    """Resident bytes and CPU seconds (with those of children that have ended) of a process of the group, proc(5)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return None
    if int(fields[2]) != group:
        return None
    return int(fields[21]) * PAGE, sum(map(int, fields[11:15])) / TICK
