"""The one spider that serves every site card.

Feeds, sitemaps and listings only find addresses; those go to the frontier, and articles are fetched from there,
so that what an interrupted run left over is fetched first.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Request, Response
from twisted.python.failure import Failure

from pipelines.article import Capture, Hint, KhotinError, Refusal
from pipelines.extract.verdicts import before_parsing
from pipelines.store.removals import ANOTHER_NIGHT, THERE_FOR_ONE
from scrapers import frontier, validators
from scrapers.choices import limit_of, revisits_of, span_of
from scrapers.keeping import CAPTURE, HINTS, PAGE
from scrapers.manners import OffLimits, RobotsDisallowed, RobotsUnreachable
from scrapers.outcome import PASSING, Page, settle, settle_without_page
from scrapers.patience import SLOW_DOWN, SiteLeft
from scrapers.private import PrivateAddress
from scrapers.spiders.links import LinkSpider
from scrapers.validators import REMEMBERED, Remembered

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

BATCH = 100
"""Addresses taken from the frontier at a time."""
MOST_BESIDE = 10
"""Known articles of a site that a run looks at only because others are missing."""


class SiteSpider(LinkSpider):
    """Collects one site: finds addresses, fetches what is due, hands the pages to the pipelines."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._asked: set[str] = set()
        """Addresses that this run has asked for: a replay asks for none twice, wherever its redirects lead."""
        self._missing: list[str] = []
        """Known articles that were not there."""
        self._beside: asyncio.Task[None] | None = None
        self._plan: tuple[int, ...] = ()
        """Ages in days at which articles are looked at again."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """As Scrapy builds it."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.span = span_of(crawler.settings)
        spider._plan = cls.site.revisits or revisits_of(crawler.settings)
        spider.limit = limit_of(crawler.settings)
        crawler.signals.connect(spider._idle, signals.spider_idle)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """Discovery first, then everything that is due, until neither brings anything more."""
        if await self._resting():
            return
        requests = [request async for request in self.discovery()]
        for request, remembered in zip(requests, await self.session.db(self._recall, requests), strict=True):
            request.meta[REMEMBERED] = remembered  # asked for each by itself, the listing would come after an article
            yield request
        while not self._stopping:
            if self.limit and self.taken >= self.limit:
                self._trouble(f"{self.limit} articles were asked for; the next run goes on from here", alarm=False)
                return
            batch = await self.session.db(self._next)
            if not batch:
                if not self._looking:
                    return
                await self._found.wait()
                self._found.clear()
                continue
            for address, remembered in batch:
                if self.crawler.engine.needs_backout():
                    await self.crawler.signals.wait_for(signals.scheduler_empty)
                yield self._ask(address, remembered)

    def _ask(self, address: frontier.Due, remembered: Remembered) -> Request:
        self._in_hand.add(address.url)
        self._asked.add(address.url)
        self.taken += 1
        return Request(
            self._as_fetched(address.url),
            self.parse_article,
            errback=self.article_failed,
            dont_filter=True,
            meta={"khotin_kind": "article", PAGE: address, REMEMBERED: remembered},
        )

    def _idle(self) -> None:
        """Nothing is left to do: if known articles were missing, see whether others are in their places."""
        if self._missing and self._beside is None and not self._stopping and not self.session.replay:
            self._beside = asyncio.ensure_future(self._look_beside())
        if self._beside is not None and not self._beside.done():
            raise DontCloseSpider

    async def _look_beside(self) -> None:
        try:
            for address, remembered in await self.session.db(self._choose_beside):
                self.crawler.engine.crawl(self._ask(address, remembered))
        except KhotinError as error:
            self._stop(error)

    def _choose_beside(self) -> list[tuple[frontier.Due, Remembered]]:
        there = self.counts["unchanged"] + self.counts["revised"]
        wanted = min(MOST_BESIDE, THERE_FOR_ONE * len(self._missing) - there)
        with self.session.store.transaction() as cx:
            before = self.session.now() - ANOTHER_NIGHT
            chosen = frontier.beside(cx, self.site.id, self._missing, wanted, before) if wanted > 0 else []
        return self._remembered(chosen)

    def _as_fetched(self, url: str) -> str:
        """Canonical addresses say https; a site whose card says http:// is asked so."""
        plain = self.site.sections and self.site.sections[0].url.startswith("http://")
        return url.replace("https://", "http://", 1) if plain else url

    def _next(self) -> list[tuple[frontier.Due, Remembered]]:
        room = min(BATCH, self.limit - self.taken) if self.limit else BATCH
        if room <= 0:
            return []
        with self.session.store.transaction() as cx:
            return self._remembered(self._due(cx, room))

    def _due(self, cx: sqlite3.Connection, room: int) -> list[frontier.Due]:
        now = self.session.now()
        if not self.session.replay:
            return frontier.due(cx, self.site.id, now, room, self._in_hand, ("due", "kept"), self.span)
        # A replay looks again at what it has a newer capture of, whatever the plan says.
        rows = frontier.due(cx, self.site.id, now, room, self._in_hand, ("due",), self.span)
        again = (
            row
            for row, fetched_at in frontier.kept_rows(cx, self.site.id, self.span)
            if row.url not in self._in_hand | self._asked and self._newer(row.url, fetched_at)
        )
        return rows or list(islice(again, room))

    def _remembered(self, addresses: Sequence[frontier.Due]) -> list[tuple[frontier.Due, Remembered]]:
        # As Scrapy writes the address: so it stands in the captures.
        found = self._recall([Request(self._as_fetched(one.url)) for one in addresses])
        return list(zip(addresses, found, strict=True))

    def _recall(self, requests: Sequence[Request]) -> list[Remembered]:
        """What is known of the answers that many requests had the last time, asked at once."""
        if self.session.replay:
            return [None] * len(requests)
        with self.session.store.transaction() as cx:
            return [validators.known(cx, request.url, self.session.now()) for request in requests]

    def _newer(self, url: str, fetched_at: datetime) -> bool:
        """Whether the replayed files answer with a later capture than the one that is stored."""
        ref = self.session.replay and self.session.replay.find(self._as_fetched(url), self.site.rules.urls)
        return bool(ref and ref.fetched_at > fetched_at)

    async def parse_article(self, response: Response) -> AsyncIterator[Page]:
        """Hand a fetched page to the pipelines."""
        address: frontier.Due = response.meta[PAGE]
        capture: Capture | None = response.meta.get(CAPTURE)
        if response.status in SLOW_DOWN:
            # Behind the others, or one page that always answers so would end the run at the same place every night.
            await self.session.db(self._postpone, address.url, response.status, f"HTTP {response.status}")
            await self._slow_down(response)
            return
        number = self._came()
        if capture is None:
            await self._failed(address.url, "not in the replayed files", dead_link=True)
        elif response.status != 200 and (refusal := await self._keeps_out(response, capture)):
            yield Page(address.url, capture, result=refusal, answer=number)
        elif response.status != 200:
            await self._without_page(address.url, capture)
        elif capture.truncated == "length":
            yield Page(address.url, capture, result=before_parsing(capture), answer=number)
        elif capture.truncated:
            await self._without_page(address.url, capture, "the answer was cut short")
        else:
            self.counts["pages"] += 1
            hints: tuple[Hint, ...] = response.meta[HINTS]
            led = tuple(response.meta.get("redirect_urls", ()))
            told = validators.of_response(response)
            yield Page(address.url, capture, hints, led, validators=told, answer=number)

    async def article_failed(self, failure: Failure) -> None:
        """A page that could not be fetched at all."""
        if self._fatal(failure):
            return
        request: Request = failure.request  # type: ignore[attr-defined]
        address: frontier.Due = request.meta[PAGE]
        reason = self._reason(failure)
        if isinstance(failure.value, SiteLeft):
            self._left(failure.value)
        elif isinstance(failure.value, RobotsUnreachable):
            self.counts["kept_out"] += 1  # and stays due
        elif isinstance(failure.value, RobotsDisallowed):
            # Rules change, and some were never meant (one night of "Disallow: /"): it is asked for again.
            if not self.counts["not_allowed"]:
                self._trouble(f"{failure.value}; it is tried again another night", alarm=False)
            self.counts["not_allowed"] += 1
            await self.session.db(self._postpone, address.url, None, reason)
        elif isinstance(failure.value, OffLimits):
            self.counts["not_allowed"] += 1
            await self.session.db(self._keep_out, address.url, reason)
        else:
            if isinstance(failure.value, PrivateAddress):
                self.counts["private"] += 1
            await self._failed(address.url, reason)

    async def settle(self, page: Page) -> None:
        """Store a page and count what became of it (called by the last pipeline)."""
        try:
            outcome = await self.session.db(settle, self.session.store, self.site, page, self.session.run, self._plan)
        except KhotinError as error:
            self._stop(error)
            return
        self._count(outcome, page.url)
        if isinstance(page.result, Refusal):
            self.counts[f"refused_{page.result.verdict}"] += 1
            if page.result.verdict in PASSING:
                self._trouble(f"{page.url}: {page.result.reason}")
                self._met_block(page.result, page.answer)
        else:
            self._met_page(page.answer)

    async def _without_page(self, url: str, capture: Capture, reason: str = "") -> None:
        run = self.session.run
        outcome = await self.session.db(
            settle_without_page, self.session.store, self.site, url, capture, run, reason, self._plan
        )
        self._count(outcome, url)

    def _count(self, outcome: str, url: str) -> None:
        self.counts[outcome] += 1
        if outcome == "missing":
            self._missing.append(url)
        self._in_hand.discard(url)

    async def _failed(self, url: str, reason: str, *, dead_link: bool = False) -> None:
        await self.session.db(self._fail, url, reason, dead_link)
        self._count("dead_links" if dead_link else "failed", url)

    def _fail(self, url: str, reason: str, not_there: bool) -> None:
        with self.session.store.transaction() as cx:
            frontier.failed(cx, self.site.id, url, None, reason, self.session.now(), not_there=not_there)

    def _postpone(self, url: str, status: int | None, reason: str) -> None:
        with self.session.store.transaction() as cx:
            frontier.postponed(cx, self.site.id, url, status, reason, self.session.now())

    def _keep_out(self, url: str, reason: str) -> None:
        """The site card keeps us from an address; a known article stays one, and may come back."""
        with self.session.store.transaction() as cx:
            if self.session.store.article_id_for(url) is None:
                frontier.refused(cx, self.site.id, url, 0, reason, self.session.now())
            else:
                frontier.failed(cx, self.site.id, url, None, reason, self.session.now())
