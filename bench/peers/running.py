"""Talking to the workers: start one, give it a page, bound the time, run all of them in turn."""

from __future__ import annotations

import json
import os
import random
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Any, Self

from bench.pages import Page

ROOT = Path(__file__).resolve().parents[2]
PAGE_SECONDS = 30.0
START_SECONDS = 60.0
BASE = "parse only"
"""The worker whose memory is the parsed tree."""


class WorkerDied(Exception):
    """A worker gave no answer: it was killed after its time, or died."""


class Worker:
    """One tool in a process of its own; a context manager. Raises `WorkerDied`."""

    def __init__(self, tool: str, python: Path | str) -> None:
        # no peer may reach the network: one asks it for the list of public suffixes
        off = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9")
        self.process = subprocess.Popen(
            [str(python), "-W", "ignore", "-m", "bench.peers.worker", tool],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **off},
        )
        try:
            self.versions: dict[str, str] = self._answer(START_SECONDS)["ready"]
        except KeyError:
            self.close()
            message = "it can't be imported"
            raise WorkerDied(message) from None
        except WorkerDied:
            self.close()
            raise

    def ask(self, page: Page, *, memory: bool = False) -> dict[str, Any]:
        """The worker's answer to one page."""
        assert self.process.stdin  # noqa: S101 - it is a pipe
        job = {"file": str(page.file), "url": page.url, "memory": memory}
        try:
            self.process.stdin.write(json.dumps(job).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            message = "the process has died"
            raise WorkerDied(message) from None
        return self._answer(PAGE_SECONDS)

    def _answer(self, seconds: float) -> dict[str, Any]:
        assert self.process.stdout  # noqa: S101 - it is a pipe
        timer = threading.Timer(seconds, self.process.kill)
        timer.start()
        try:
            line = self.process.stdout.readline()
        finally:
            timer.cancel()
        if not line:
            message = f"no answer within {seconds:.0f} s, or the process has died"
            raise WorkerDied(message)
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """End the process and wait for it."""
        self.process.kill()
        self.process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


@dataclass
class Outcome:
    """What one tool did with all pages."""

    tool: str
    versions: dict[str, str] = field(default_factory=dict)
    results: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By page; a page on which the tool failed has no entry."""
    seconds: dict[str, list[float]] = field(default_factory=dict)
    """CPU by page, one a round."""
    memory: dict[str, int] = field(default_factory=dict)
    """Bytes by page at the peak, the parsed tree among them."""
    failures: dict[str, str] = field(default_factory=dict)
    gone: str = ""
    """Why the tool dropped out."""

    def cpu(self, page: str) -> float | None:
        """Median CPU seconds of a page; None where it was never read."""
        return median(self.seconds[page]) if self.seconds.get(page) else None

    def note(self, page: str, answer: dict[str, Any]) -> None:
        """Keep an answer."""
        if "memory" in answer:
            self.memory[page] = answer["memory"]
        elif "error" in answer:
            self.failures[page] = answer["error"]
        else:
            self.results.setdefault(page, answer["result"])
            self.seconds.setdefault(page, []).append(answer["cpu"])


def run_all(
    tools: Mapping[str, Path | str], pages: Sequence[Page], warm: Sequence[Page], *, rounds: int, seconds: float
) -> tuple[list[Outcome], int]:
    """Every tool reads every page in every round, by turns; then once more for memory.

    Each round starts new workers and warms them with other pages: caches are as full as in a crawl, and no process
    sees a page twice. No new round begins that would not end, with the one for memory, within `seconds`. Returns
    outcomes and the rounds done."""
    outcomes = {tool: Outcome(tool) for tool in tools}
    begin, done = time.monotonic(), 0
    while done < rounds:
        _round(tools, outcomes, pages, warm, number=done, memory=False)
        done += 1
        spent = time.monotonic() - begin
        if spent + 2 * spent / done > seconds:
            break
    if Path("/proc/self/clear_refs").exists():
        _round(tools, outcomes, pages, warm, number=done, memory=True)
    return list(outcomes.values()), done


def _round(
    tools: Mapping[str, Path | str],
    outcomes: dict[str, Outcome],
    pages: Sequence[Page],
    warm: Sequence[Page],
    *,
    number: int,
    memory: bool,
) -> None:
    workers: dict[str, Worker] = {}
    try:
        for tool in tools:
            if not outcomes[tool].gone:
                _try(outcomes[tool], lambda tool=tool: workers.update({tool: _started(tool, tools[tool], warm)}))
                if tool in workers:
                    outcomes[tool].versions = workers[tool].versions
        order = random.Random(number).sample(list(pages), len(pages))  # noqa: S311 - the same order in every run
        for turn, page in enumerate(order):
            names = [tool for tool in workers if not outcomes[tool].gone]
            shift = (turn + number) % max(1, len(names))
            for tool in names[shift:] + names[:shift]:
                out = outcomes[tool]
                _try(out, lambda t=tool, o=out, p=page: o.note(p.name, workers[t].ask(p, memory=memory)))
    finally:
        for worker in workers.values():
            worker.close()


def _started(tool: str, python: Path | str, warm: Sequence[Page]) -> Worker:
    worker = Worker(tool, python)
    for page in warm:
        try:
            worker.ask(page)
        except WorkerDied:
            worker.close()
            raise
    return worker


def _try(outcome: Outcome, step: Any) -> None:
    try:
        step()
    except WorkerDied as error:
        outcome.gone = str(error)
