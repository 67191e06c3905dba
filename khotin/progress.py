"""How a crawl is getting on: live bars on a terminal, a line a minute and one at each site's end elsewhere."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn

from khotin.terminal import console

if TYPE_CHECKING:
    from scrapers.spiders.site import SiteSpider

A_LINE_EVERY = 60.0
"""Seconds between two lines of progress where there is no terminal."""
_WINDOW_S = 120.0
"""So far back does the rate look: a site that has become slow shows it."""
_ERRORS = ("failed", "faults", "blocked")

Watch = Callable[[Sequence["SiteSpider"]], None]


class Pace:
    """How far a site is: what is done, what is due, and how fast it goes."""

    def __init__(self) -> None:
        self.done = 0
        self.total = 0
        """What is done and what is due, as far as it was counted."""
        self._seen: deque[tuple[float, int]] = deque()

    def note(self, now: float, done: int, expected: int) -> None:
        """So many of the expected are done at `now` (seconds of a clock that never goes back)."""
        self.done, self.total = done, max(expected, done)
        self._seen.append((now, done))
        while now - self._seen[0][0] > _WINDOW_S:
            self._seen.popleft()

    @property
    def a_minute(self) -> float:
        """Addresses a minute; 0 as long as nothing is known."""
        (begin, before), (end, after) = self._seen[0], self._seen[-1]
        return (after - before) * 60 / (end - begin) if end > begin else 0.0

    def __str__(self) -> str:
        """As "63/min, 16 s left"."""
        if not self.total:
            return "looking for articles"
        rate, waiting = self.a_minute, self.total - self.done
        left = f", {in_words(waiting / rate * 60)} left" if waiting and rate else ""
        return f"{rate:.0f}/min{left}"


def in_words(seconds: float) -> str:
    """A time as people say it, rounded up: 40 s, 3 min, 2 h 10 min."""
    if seconds < 60:
        return f"{max(1, -int(-seconds // 1))} s"
    minutes = -int(-seconds // 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def told(counts: dict[str, int]) -> str:
    """What came of them: "12 new, 3 changed, 1 error"; only what there is, errors always."""
    errors = sum(counts.get(name, 0) for name in _ERRORS)
    changed = f"{counts['revised']} changed, " if counts.get("revised") else ""
    return f"{counts.get('new', 0)} new, {changed}{errors} error{'' if errors == 1 else 's'}"


@contextmanager
def crawling(as_json: bool) -> Iterator[tuple[Callable[[str], None], Watch]]:
    """What a crawl tells and what watches it, on stderr."""
    err = console(stderr=True)
    if as_json or not err.is_terminal:
        yield err.print, _Lines(err)
        return
    columns = (
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=16),
        TextColumn("{task.fields[done]}", justify="right"),
        TextColumn("{task.fields[told]}"),
        TextColumn("{task.fields[pace]}", style="dim"),
    )
    with Progress(*columns, console=err, transient=True) as progress:
        yield progress.console.print, _Bars(progress)


class _Bars:
    """One bar a site: done of due, new, changed, errors, rate, time left."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self._tasks: dict[str, tuple[TaskID, Pace]] = {}

    def __call__(self, spiders: Sequence[SiteSpider]) -> None:
        for spider in spiders:
            if spider.name not in self._tasks:
                task = self.progress.add_task(spider.name, total=None, done="", told="", pace="")
                self._tasks[spider.name] = (task, Pace())
            task, pace = self._tasks[spider.name]
            pace.note(time.monotonic(), spider.settled, spider.expected)
            ended = not spider.crawler.crawling
            total = pace.done if ended else pace.total
            self.progress.update(
                task,
                completed=pace.done,
                total=max(total, 1) if ended or total > pace.done else None,  # None: there may be more
                done=f"{pace.done}/{total}",
                told=told(spider.counts),
                pace="ended" if ended else str(pace),
            )


class _Lines:
    """A line a site, each minute and at its end, for logs."""

    def __init__(self, err: Console) -> None:
        self.err = err
        self.last = time.monotonic()
        self._paces: dict[str, Pace] = {}
        self._ended: set[str] = set()

    def __call__(self, spiders: Sequence[SiteSpider]) -> None:
        now = time.monotonic()
        turn = now - self.last >= A_LINE_EVERY
        self.last = now if turn else self.last
        for spider in spiders:
            pace = self._paces.setdefault(spider.name, Pace())
            pace.note(now, spider.settled, spider.expected)
            if not spider.crawler.crawling:
                if spider.name not in self._ended:
                    self._ended.add(spider.name)
                    self._tell(f"{spider.name}: ended, {pace.done} done: {told(spider.counts)}")
            elif turn:
                self._tell(f"{spider.name}: {pace.done} of {pace.total} done: {told(spider.counts)}; {pace}")

    def _tell(self, line: str) -> None:
        self.err.print(line, markup=False)
