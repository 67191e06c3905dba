"""How long the event loop of a crawl is kept from its next turn: a task that wants to run every few milliseconds.

Lateness of a beat is what a request waits for. It is the loop's own fault as far as its thread was computing all
the while; the rest is the machine's (more processes than cores) or the interpreter lock held by another thread.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Self

from scrapy import signals

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

EVERY_S = 0.01
BEATS: list[tuple[float, float]] = []
"""Seconds that a beat came late, and CPU seconds that the loop's thread spent from the one before to this one."""


class Heartbeat:
    """Scrapy extension. The first answer of a run starts the one heart of its event loop; before that, modules load."""

    _task: asyncio.Task[None] | None = None

    def __init__(self, crawler: Crawler) -> None:
        crawler.signals.connect(self._begin, signals.response_received)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """As Scrapy builds it."""
        return cls(crawler)

    def _begin(self) -> None:
        if Heartbeat._task is None:
            Heartbeat._task = asyncio.ensure_future(_beat())


async def _beat() -> None:
    while True:
        due, spent = time.monotonic() + EVERY_S, time.thread_time()
        await asyncio.sleep(EVERY_S)
        BEATS.append((max(0.0, time.monotonic() - due), time.thread_time() - spent))
