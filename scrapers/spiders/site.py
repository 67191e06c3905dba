"""The one spider that serves every site card.

Feeds, sitemaps and listings only find addresses; those go to the frontier, and articles are fetched from there,
so that what an interrupted run left over is fetched first.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from itertools import islice
from typing import Any

from scrapy import signals
from scrapy.http import Request, Response
from twisted.python.failure import Failure

from pipelines.article import Capture, Hint, KhotinError, Refusal
from pipelines.extract.verdicts import before_parsing
from scrapers import frontier
from scrapers.keeping import CAPTURE
from scrapers.manners import OffLimits, RobotsDisallowed, RobotsUnreachable
from scrapers.outcome import PASSING, Page, settle
from scrapers.patience import SLOW_DOWN, SiteLeft
from scrapers.private import PrivateAddress
from scrapers.spiders.links import LinkSpider

BATCH = 100
"""Addresses taken from the frontier at a time."""


class SiteSpider(LinkSpider):
    """Collects one site: finds addresses, fetches what is due, hands the pages to the pipelines."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_hand: set[str] = set()
        """Addresses that are being fetched."""
        self._asked: set[str] = set()
        """Addresses that this run has asked for: a replay asks for none twice, wherever its redirects lead."""

    async def start(self) -> AsyncIterator[Request]:
        """Discovery first, then everything that is due, until neither brings anything more."""
        if await self._resting():
            return
        for request in [request async for request in self.discovery()]:
            yield request
        while not self._stopping:
            batch = await self.session.db(self._due)
            if not batch:
                if not self._looking:
                    return
                await self._found.wait()
                self._found.clear()
                continue
            for address in batch:
                if self.crawler.engine.needs_backout():
                    await self.crawler.signals.wait_for(signals.scheduler_empty)
                self._in_hand.add(address.url)
                self._asked.add(address.url)
                yield Request(
                    self._as_fetched(address.url),
                    self.parse_article,
                    errback=self.article_failed,
                    dont_filter=True,
                    meta={"khotin_kind": "article", "khotin_page": address},
                )

    def _as_fetched(self, url: str) -> str:
        """Canonical addresses say https; a site whose card says http:// is asked so."""
        plain = self.site.sections and self.site.sections[0].url.startswith("http://")
        return url.replace("https://", "http://", 1) if plain else url

    def _due(self) -> list[frontier.Due]:
        with self.session.store.transaction() as cx:
            now = self.session.now()
            if not self.session.replay:
                return frontier.due(cx, self.site.id, now, BATCH, self._in_hand, ("due", "kept"))
            # A replay looks again at what it has a newer capture of, whatever the plan says.
            rows = frontier.due(cx, self.site.id, now, BATCH, self._in_hand, ("due",))
            again = (
                row
                for row, fetched_at in frontier.kept_rows(cx, self.site.id)
                if row.url not in self._in_hand | self._asked and self._newer(row.url, fetched_at)
            )
            return rows or list(islice(again, BATCH))

    def _newer(self, url: str, fetched_at: datetime) -> bool:
        """Whether the replayed files answer with a later capture than the one that is stored."""
        ref = self.session.replay and self.session.replay.find(self._as_fetched(url), self.site.rules.urls)
        return bool(ref and ref.fetched_at > fetched_at)

    async def parse_article(self, response: Response) -> AsyncIterator[Page]:
        """Hand a fetched page to the pipelines."""
        address: frontier.Due = response.meta["khotin_page"]
        capture: Capture | None = response.meta.get(CAPTURE)
        if response.status in SLOW_DOWN:
            await self._slow_down(response)
            return  # stays due
        if capture is None:
            await self._failed(address.url, None, "not in the replayed files", dead_link=True)
        elif response.status != 200 and (refusal := await self._keeps_out(response, capture)):
            yield Page(address.url, capture, result=refusal)
        elif response.status != 200:
            gone = response.status in (404, 410)
            await self._failed(address.url, capture, f"HTTP {response.status}", dead_link=gone)
        elif capture.truncated == "length":
            yield Page(address.url, capture, result=before_parsing(capture))
        elif capture.truncated:
            await self._failed(address.url, capture, "the answer was cut short")
        else:
            self.counts["pages"] += 1
            # Read only now, as a rebuild does: listings may have told more of the page since it became due.
            hints = await self.session.db(self._hints, address.url)
            yield Page(address.url, capture, hints, tuple(response.meta.get("redirect_urls", ())))

    def _hints(self, url: str) -> tuple[Hint, ...]:
        with self.session.store.transaction() as cx:
            return frontier.hints_of(cx, url)

    async def article_failed(self, failure: Failure) -> None:
        """A page that could not be fetched at all."""
        if self._fatal(failure):
            return
        request: Request = failure.request  # type: ignore[attr-defined]
        address: frontier.Due = request.meta["khotin_page"]
        reason = self._reason(failure)
        if isinstance(failure.value, SiteLeft):
            self._left(failure.value)
        elif isinstance(failure.value, RobotsUnreachable):
            self.counts["kept_out"] += 1  # and stays due
        elif isinstance(failure.value, RobotsDisallowed | OffLimits):
            self.counts["not_allowed"] += 1
            await self.session.db(self._refuse, address.url, reason)
        else:
            if isinstance(failure.value, PrivateAddress):
                self.counts["private"] += 1
            await self._failed(address.url, None, reason)

    async def settle(self, page: Page) -> None:
        """Store a page and count what became of it (called by the last pipeline)."""
        try:
            outcome = await self.session.db(settle, self.session.store, self.site, page, self.session.run)
        except KhotinError as error:
            self._stop(error)
            return
        self.counts[outcome] += 1
        if isinstance(page.result, Refusal):
            self.counts[f"refused_{page.result.verdict}"] += 1
            if page.result.verdict in PASSING:
                self._trouble(f"{page.url}: {page.result.reason}")
                self._met_block(page.result)
        else:
            self._met_page()
        self._in_hand.discard(page.url)

    async def _failed(self, url: str, capture: Capture | None, reason: str, *, dead_link: bool = False) -> None:
        self.counts["dead_links" if dead_link else "failed"] += 1
        await self.session.db(self._fail, url, capture, reason)
        self._in_hand.discard(url)

    def _fail(self, url: str, capture: Capture | None, reason: str) -> None:
        with self.session.store.transaction() as cx:
            if capture:
                self.session.store.add_capture(capture, "article", self.session.run, None)
            status = capture.status if capture else None
            frontier.failed(cx, self.site.id, url, status, reason, self.session.now())

    def _refuse(self, url: str, reason: str) -> None:
        with self.session.store.transaction() as cx:
            frontier.refused(cx, self.site.id, url, 0, reason, self.session.now())
