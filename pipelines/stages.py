"""The Scrapy item pipelines of a crawl: thin, they call what does the work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.extract import extract

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class _Stage:
    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Any:
        """As Scrapy builds it."""
        return cls(crawler)


class ExtractStage(_Stage):
    """Turns a fetched page into an `Article` or a `Refusal`, in a worker process."""

    async def process_item(self, item: Any) -> Any:
        """Fill in `item.result`."""
        spider: Any = self.crawler.spider
        if item.result is not None:
            return item  # known without a look at the text: too large to be a page
        item.result = await spider.session.work(extract, item.capture, spider.site.rules, item.hints)
        return item


class StoreStage(_Stage):
    """Stores the page with everything known of it, in one transaction."""

    async def process_item(self, item: Any) -> Any:
        """Settle the item and let the spider count the outcome."""
        spider: Any = self.crawler.spider
        await spider.settle(item)
        return item
