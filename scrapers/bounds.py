"""Bodies that do not end: cut at a size and after a time, and archived as far as they came."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

from scrapy import Request, signals
from scrapy.exceptions import StopDownload

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

CUT = "khotin_cut"
"""Key of `request.meta`: why the body was cut, as WARC-Truncated has it (`length`, `time`)."""
_STATE = "khotin_body"


class Bounds:
    """Scrapy extension. DOWNLOAD_MAXSIZE (bytes as sent) and KHOTIN_BODY_SECONDS are its limits.

    Scrapy's own limit throws away what came; then nobody could tell later what the site had sent.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.most = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        self.seconds = crawler.settings.getfloat("KHOTIN_BODY_SECONDS")
        crawler.signals.connect(self._began, signals.headers_received)
        crawler.signals.connect(self._came, signals.bytes_received)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """As Scrapy builds it."""
        return cls(crawler)

    def _began(self, request: Request) -> None:
        request.meta.pop(CUT, None)
        request.meta[_STATE] = [0, time.monotonic()]

    def _came(self, data: bytes, request: Request) -> None:
        state = request.meta.setdefault(_STATE, [0, time.monotonic()])
        state[0] += len(data)
        reason = "length" if state[0] > self.most else "time" if time.monotonic() - state[1] > self.seconds else ""
        if reason:
            request.meta[CUT] = reason
            raise StopDownload(fail=False)
