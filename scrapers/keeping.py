"""Archive first: every response goes to WARC before anything reads it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from scrapy.http import Request, Response

from pipelines.warc import Exchange, RefersTo
from scrapers.bounds import CUT
from scrapers.replay import NOT_IN_ARCHIVE
from scrapers.validators import EARLIER, PLACE, Place, newest_whole

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from scrapers.frontier import Due
    from scrapers.spiders.site import SiteSpider

CAPTURE = "khotin_capture"
"""Key of `request.meta` under which the Capture of a response is found."""
PAGE = "khotin_page"
"""Key of `request.meta`: what of the frontier (`Due`) a request for an article is for."""
HINTS = "khotin_hints"
"""Key of `request.meta`: what other pages had said of the article when its answer was archived."""


def _headers(message: Request | Response) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in message.headers.items()
        for value in values
    )


def exchange_of(request: Request, response: Response, now: datetime) -> Exchange:
    """The request and its response as the archive keeps them. The date is the replayed one in a replay."""
    fetched_at: datetime = request.meta.get("khotin_fetched_at") or now
    try:
        reason = HTTPStatus(response.status).phrase
    except ValueError:
        reason = ""
    return Exchange(
        url=request.url,
        fetched_at=fetched_at,
        method=request.method,
        request_headers=_headers(request),
        status=response.status,
        reason=reason,
        response_headers=_headers(response),
        body=response.body,
        truncated=request.meta.get(CUT, "") or ("disconnect" if "dataloss" in response.flags else ""),
        ip=str(response.ip_address) if response.ip_address else "",
    )


class ArchiveMiddleware:
    """Downloader middleware that writes each response to the site's WARC file and notes its `Capture`."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ArchiveMiddleware:
        """As Scrapy builds it."""
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response:
        """Archive the response as it was sent, content encoding and all."""
        for key in (CAPTURE, HINTS):
            request.meta.pop(key, None)
        if NOT_IN_ARCHIVE not in response.flags:
            spider: SiteSpider = self.crawler.spider  # type: ignore[assignment]
            kind = request.meta.get("khotin_kind", "other")
            exchange = exchange_of(request, response, spider.session.clock())
            if response.status == 304:
                exchange = await self._unmodified(spider, request, exchange)
            page: Due | None = request.meta.get(PAGE)
            kept = await spider.session.keep(spider.site.id, kind, exchange, page.url if page else "")
            request.meta[CAPTURE], request.meta[HINTS] = kept
        return response

    async def _unmodified(self, spider: SiteSpider, request: Request, exchange: Exchange) -> Exchange:
        """The exchange with the capture that a 304 refers to, which the spider finds in `request.meta`."""
        session, site = spider.session, spider.site.id
        place: Place | None = request.meta.get(PLACE)
        if session.replay:
            place = await session.db(self._newest, spider, request.url, exchange.fetched_at)
        earlier = await session.read_back(site, place) if place else None
        if earlier is None:
            return exchange
        request.meta[EARLIER] = earlier.capture(root=session.folder.warc, site=site)
        before = earlier.exchange
        refers_to = RefersTo(earlier.record_id, before.url, before.fetched_at, earlier.digest)
        return replace(exchange, unmodified_since=refers_to)

    @staticmethod
    def _newest(spider: SiteSpider, url: str, before: datetime) -> Place | None:
        with spider.session.store.transaction() as cx:
            return newest_whole(cx, spider.site.id, url, before)
