"""The one spider that serves every site card.

Feeds, sitemaps and listings only find addresses; those go to the frontier, and articles are fetched from there,
so that what an interrupted run left over is fetched first.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy import Spider, signals
from scrapy.exceptions import CloseSpider
from scrapy.http import Request, Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from pipelines.article import Capture, KhotinError, Refusal, Verdict
from scrapers import frontier
from scrapers.blocking import blocked_by
from scrapers.catalogue import Section, Site
from scrapers.discovery import Candidate, Listing, read_feed, read_listing, read_sitemap
from scrapers.keeping import CAPTURE
from scrapers.manners import OffLimits, RobotsDisallowed, user_agent
from scrapers.outcome import Page, settle
from scrapers.replay import ReplayIndex, replay_settings
from scrapers.session import Session

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

BATCH = 100
"""Addresses taken from the frontier at a time."""
MAX_LISTING_PAGES = 5_000
MAX_SITEMAPS = 500
GOES_IN_CIRCLES = 3
"""So many listing pages in a row that bring only links of earlier pages end a walk."""
SLOW_DOWN = (429, 503)


@dataclass(slots=True)
class Walk:
    """One passage through a section's listing."""

    section: Section
    walked_run: int | None
    """The run of the last walk that reached its end; None on the first visit."""
    opened: set[str] = field(default_factory=set)
    waiting: list[str] = field(default_factory=list)
    links: set[str] = field(default_factory=set)
    barren: int = 0
    """Pages in a row without a link that this walk had not met."""
    broken: bool = False
    """A page could not be read: the walk does not count as completed."""


class SiteSpider(Spider):
    """Collects one site. `site` is set on the subclass that `scrapers.spiders.loader` makes of a card."""

    site: Site
    session: Session
    handle_httpstatus_list: ClassVar[list[int]] = list(range(400, 600))  # told and counted, not dropped

    def __init__(self, *args: Any, session: Session, owns_session: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.session = session
        self.owns_session = owns_session
        self.allowed_hosts = self.site.allowed_hosts
        self.counts: Counter[str] = Counter()
        self.problems: list[str] = []
        self.blocked: str | None = None
        self._looking = 0
        self._found = asyncio.Event()
        self._in_hand: set[str] = set()
        self._stopping: asyncio.Future[None] | None = None

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Name the operator in a live crawl; answer from the files in KHOTIN_REPLAY where it is set.

        Raises `NoContact`, and the errors of `ReplayIndex.open`.
        """
        super().update_settings(settings)
        if settings.get("KHOTIN_REPLAY_INDEX"):
            return
        files = settings.get("KHOTIN_REPLAY", "").split()
        if files:
            settings.setdict(replay_settings(ReplayIndex.open([Path(file) for file in files])), priority="spider")
        else:
            settings.set("USER_AGENT", user_agent(settings.get("KHOTIN_CONTACT", "")), priority="spider")

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> SiteSpider:
        """As Scrapy builds it; `scrapy crawl SITE` gets a session of its own."""
        if "session" not in kwargs:
            kwargs["session"] = Session.from_settings(crawler.settings, [cls.site.id])
            kwargs["owns_session"] = True
        spider: SiteSpider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider._end_session, signals.engine_stopped)
        crawler.signals.connect(spider._fault, signals.spider_error)
        crawler.signals.connect(spider._fault, signals.item_error)
        return spider

    def _fault(self, failure: Failure, response: Response | None = None) -> None:
        """A fault of ours: the page is in the WARC file; the run goes on, but does not end well."""
        self.counts["faults"] += 1
        self._trouble(f"a fault in khotin at {response.url if response else '?'}: {self._reason(failure)}")

    def _end_session(self) -> None:
        if self.owns_session:
            self.session.close("finished", {f"{self.site.id}/{k}": v for k, v in self.counts.items()})

    # -- what to open ------------------------------------------------------------------------------------

    async def start(self) -> AsyncIterator[Request]:
        """Discovery first, then everything that is due, until neither brings anything more."""
        for request in [request async for request in self._discovery()]:
            yield request
        while True:
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
            newest = self.session.replay.dates
            again = (
                row
                for row, fetched_at in frontier.kept_rows(cx, self.site.id)
                if row.url not in self._in_hand and max(newest(row.url), default=fetched_at) > fetched_at
            )
            return rows or list(islice(again, BATCH))

    async def _discovery(self) -> AsyncIterator[Request]:
        for feed in self.site.feeds:
            yield self._look(feed, self.parse_feed, section=None)
        for sitemap in self.site.sitemaps:
            yield self._look(sitemap, self.parse_sitemap, opened=set())
        for section in self.site.sections:
            for feed in section.feeds:
                yield self._look(feed, self.parse_feed, section=section.title)
            walk = Walk(section, await self.session.db(self._begin_walk, section))
            yield self._walk_on(walk, section.url)

    def _begin_walk(self, section: Section) -> int | None:
        with self.session.store.transaction() as cx:
            walked = frontier.last_completed_walk(cx, self.site.id, section.url)
            frontier.begin_walk(cx, self.site.id, section.url, self.session.run, self.session.now())
            return walked

    def _look(self, url: str, callback: Any, priority: int = 10, **kwargs: Any) -> Request:
        """A request for a feed, a sitemap or a listing; start() waits until it has been answered."""
        self._looking += 1
        return Request(
            url,
            callback,
            errback=self.look_failed,
            cb_kwargs=kwargs,
            dont_filter=True,
            priority=priority,
            meta={"khotin_kind": "listing", "khotin_look": kwargs},
        )

    def _looked(self) -> None:
        self._looking -= 1
        self._found.set()

    # -- feeds, sitemaps, listings -----------------------------------------------------------------------

    async def parse_feed(self, response: Response, section: str | None) -> None:
        """Note the links of a feed."""
        try:
            capture = await self._readable(response, "feed")
            if capture:
                links = await self._read(read_feed, capture.body, capture.url, self.site, section)
                await self._note(capture, "feed", links or ())
        finally:
            self._looked()

    async def parse_sitemap(self, response: Response, opened: set[str]) -> AsyncIterator[Request]:
        """Note the links of a sitemap and open the sitemaps it lists."""
        try:
            capture = await self._readable(response, "sitemap")
            page = capture and await self._read(read_sitemap, capture.body, capture.url, self.site)
            if capture and page:
                await self._note(capture, "sitemap", page.candidates)
                for url, _ in page.sitemaps:
                    if url not in opened and len(opened) < MAX_SITEMAPS:
                        opened.add(url)
                        yield self._look(url, self.parse_sitemap, opened=opened)
        finally:
            self._looked()

    async def parse_listing(self, response: Response, walk: Walk) -> AsyncIterator[Request]:
        """Note the links of a listing page and go on to the next one, if there is reason to."""
        try:
            capture = await self._readable(response, "listing")
            listing: Listing | None = None
            if capture:
                listing = await self._read(
                    read_listing, capture.body, capture.content_type, capture.url, self.site, walk.section.title
                )
            if capture and listing:
                if not listing.candidates and len(walk.opened) == 1:
                    self._trouble(f"no article link in the listing {capture.url}")
                    walk.broken = True
                ended = await self._note_listing(capture, listing, walk)
            else:
                ended = False
                walk.broken = walk.broken or response.status not in (404, 410)
            following = None if ended else self._next_page(walk)
            if following:
                yield self._walk_on(walk, following)
            elif not walk.broken:
                await self.session.db(self._end_walk, walk)
        finally:
            self._looked()

    def _walk_on(self, walk: Walk, url: str) -> Request:
        walk.opened.add(url)
        return self._look(url, self.parse_listing, walk=walk)

    def _next_page(self, walk: Walk) -> str | None:
        if len(walk.opened) >= MAX_LISTING_PAGES or walk.barren >= GOES_IN_CIRCLES:
            return None
        return next((url for url in walk.waiting if url not in walk.opened), None)

    async def _note_listing(self, capture: Capture, listing: Listing, walk: Walk) -> bool:
        """Returns whether the walk has reached what was known before."""
        links = {candidate.url for candidate in listing.candidates}
        walk.barren = 0 if links - walk.links else walk.barren + 1
        walk.links |= links
        walk.waiting = list(dict.fromkeys([*listing.pages, *walk.waiting]))
        known = await self.session.db(self._wholly_known, links, walk)
        await self._note(capture, "listing", listing.candidates)
        return known

    def _wholly_known(self, links: set[str], walk: Walk) -> bool:
        with self.session.store.transaction() as cx:
            frontier.walked_page(cx, self.site.id, walk.section.url, self.session.run)
            return bool(links) and frontier.wholly_known(cx, sorted(links), walk.walked_run)

    def _end_walk(self, walk: Walk) -> None:
        with self.session.store.transaction() as cx:
            frontier.end_walk(cx, self.site.id, walk.section.url, self.session.run, self.session.now())

    async def _readable(self, response: Response, kind: str) -> Capture | None:
        """The capture of a page that finds links; None, told and counted, where there is nothing to read."""
        capture: Capture | None = response.meta.get(CAPTURE)
        if response.status in SLOW_DOWN:
            await self._slow_down(response)
        if capture is None or response.status != 200:
            self.counts["dead_links"] += 1
            self._trouble(f"{kind} {response.url} answered {response.status}", alarm=capture is not None)
            return None
        refusal = await self.session.work(blocked_by, capture)
        if refusal:
            self.blocked = refusal.reason
            self._trouble(f"{kind} {response.url} is a challenge: {refusal.reason}")
            await self.session.db(self._quarantine, capture, kind, refusal)
            return None
        self.counts[f"{kind}s"] += 1
        return capture

    def _quarantine(self, capture: Capture, kind: str, refusal: Refusal) -> None:
        with self.session.store.transaction():
            store, seen_at = self.session.store, capture.fetched_at
            number = store.add_capture(capture, kind, self.session.run, refusal.verdict)
            store.quarantine(refusal, capture_id=number, site=self.site.id, url=capture.url, seen_at=seen_at)

    async def _read(self, reader: Any, *args: Any) -> Any:
        try:
            result = await self.session.work(reader, *args)
        except KhotinError as error:
            self._trouble(str(error))
            return None
        if isinstance(result, Refusal):
            self._trouble(result.reason)
            return None
        return result

    async def _note(self, capture: Capture, kind: str, candidates: tuple[Candidate, ...]) -> None:
        self.counts["found"] += await self.session.db(self._note_in, capture, kind, candidates)
        self._found.set()

    def _note_in(self, capture: Capture, kind: str, candidates: tuple[Candidate, ...]) -> int:
        with self.session.store.transaction() as cx:
            self.session.store.add_capture(capture, kind, self.session.run, None)
            return frontier.found(cx, self.site.id, candidates, self.session.run, self.session.now())

    async def look_failed(self, failure: Failure) -> None:
        """A feed, sitemap or listing that could not be fetched at all."""
        self._stop_if_fatal(failure)
        request: Request = failure.request  # type: ignore[attr-defined]
        walk = request.meta["khotin_look"].get("walk")
        if walk:
            walk.broken = True
        self._trouble(f"{request.url}: {self._reason(failure)}")
        self._looked()

    # -- articles ----------------------------------------------------------------------------------------

    async def parse_article(self, response: Response) -> AsyncIterator[Page]:
        """Hand a fetched page to the pipelines."""
        address: frontier.Due = response.meta["khotin_page"]
        capture: Capture | None = response.meta.get(CAPTURE)
        if response.status in SLOW_DOWN:
            await self._slow_down(response)
        if capture is None:
            await self._failed(address.url, None, "not in the replayed files", dead_link=True)
        elif response.status != 200:
            gone = response.status in (404, 410)
            await self._failed(address.url, capture, f"HTTP {response.status}", dead_link=gone)
        elif capture.truncated:
            await self._failed(address.url, capture, "the answer was cut short")
        else:
            self.counts["pages"] += 1
            yield Page(address.url, capture, address.hints, tuple(response.meta.get("redirect_urls", ())))

    async def article_failed(self, failure: Failure) -> None:
        """A page that could not be fetched at all."""
        self._stop_if_fatal(failure)
        request: Request = failure.request  # type: ignore[attr-defined]
        address: frontier.Due = request.meta["khotin_page"]
        reason = self._reason(failure)
        if isinstance(failure.value, RobotsDisallowed | OffLimits):
            self.counts["not_allowed"] += 1
            await self.session.db(self._refuse, address.url, reason)
        else:
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
            if page.result.verdict is Verdict.CHALLENGE:
                self._trouble(f"{page.url} is a challenge: {page.result.reason}")
        self._in_hand.discard(page.url)

    async def _failed(
        self, url: str, capture: Capture | None, reason: str, *, dead_link: bool = False
    ) -> None:
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

    async def _slow_down(self, response: Response) -> None:
        """Whoever asks for quiet gets it: the site is left alone for this run."""
        asked = (response.headers.get("Retry-After") or b"").decode("latin-1")
        self.blocked = f"asked to slow down (HTTP {response.status}" + (f", for {asked})" if asked else ")")
        self._trouble(self.blocked)
        raise CloseSpider(self.blocked)

    def _stop_if_fatal(self, failure: Failure) -> None:
        """A full disk or a read-only folder ends the run; the page is fetched again next time."""
        if isinstance(failure.value, KhotinError):
            self._stop(failure.value)

    def _stop(self, error: KhotinError) -> None:
        self.session.failure = self.session.failure or error
        engine = self.crawler.engine
        if not self._stopping:
            self._stopping = asyncio.ensure_future(engine.close_spider_async(reason="failed"))

    def _trouble(self, message: str, *, alarm: bool = True) -> None:
        if alarm:
            self.problems.append(message)
        self.logger.warning("%s: %s", self.site.id, message)

    @staticmethod
    def _reason(failure: Failure) -> str:
        return f"{failure.type.__name__}: {failure.getErrorMessage()}" if failure.type else "unknown failure"
