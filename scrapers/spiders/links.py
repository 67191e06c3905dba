"""How a site's spider finds addresses: feeds, sitemaps, and walks through the listings of its sections."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from scrapy.http import Request, Response
from twisted.python.failure import Failure

from pipelines.article import Capture, KhotinError, Refusal, Verdict
from pipelines.extract.verdicts import before_parsing
from scrapers import frontier
from scrapers.blocking import blocked_by
from scrapers.catalogue import Section
from scrapers.discovery import Candidate, Listing, TooLarge, read_feed, read_listing, read_sitemap
from scrapers.discovery.pagers import page_number
from scrapers.keeping import CAPTURE
from scrapers.outcome import PASSING
from scrapers.patience import SLOW_DOWN, SiteLeft
from scrapers.replay import NOT_IN_ARCHIVE
from scrapers.spiders.card import CardSpider

MAX_LISTING_PAGES = 5_000
MAX_SITEMAPS = 500
MAX_WAITING = 10_000
"""Page links of one listing that are kept in mind."""
WALKS_SHARE = 0.5
"""Of the night's budget: what finding addresses may use up. The rest is for the articles themselves."""
SHOWN = 4
"""Forms of addresses that a line about replayed files names."""
GOES_IN_CIRCLES = 3
"""So many listing pages in a row that bring only links of earlier pages end a walk."""


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
    resume: str | None = None
    """The page at which the last walk was broken off: where this one jumps to when it meets what that one found."""
    floor: int = 0
    """Number of the page jumped to: those before it are known."""
    broken: bool = False
    """A page could not be read: the walk does not count as completed."""


def present(addresses: Iterable[str], hosts: Collection[str]) -> str:
    """What replayed files hold of a site, for a person: its hosts with the beginnings of their paths, most frequent
    first. Of a site that is not there at all: which hosts are.
    """
    forms: Counter[str] = Counter()
    others: Counter[str] = Counter()
    for parts in map(urlsplit, addresses):
        host = (parts.hostname or "").lower()
        others[host] += 1
        if host in hosts:
            # "/web/guest/tin/-/view_content/1-a.html" -> "/web/guest/…": two parts tell how addresses are formed
            folders = parts.path.split("/")[1:-1][:2]
            forms[f"{parts.scheme}://{host}" + ("/".join(("", *folders, "…")) if folders else "/…")] += 1
    kinds = [form for form, _ in (forms or others).most_common(SHOWN)]
    more = " and others" if len(forms or others) > SHOWN else ""
    of_site = "they hold" if forms else "of this site they hold nothing, only pages of"
    return f"{of_site} {', '.join(kinds)}{more}"


class LinkSpider(CardSpider):
    """Finds addresses and notes them in the frontier; opens no article."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._looking = 0
        """Requests for feeds, sitemaps and listings that are not answered yet."""
        self._found = asyncio.Event()
        self._unopened: list[str] = []
        """Sections whose first page is not in the replayed files."""

    async def discovery(self) -> AsyncIterator[Request]:
        """Requests for all feeds, sitemaps and first listing pages of the card."""
        for feed in self.site.feeds:
            yield self._look(feed, self.parse_feed, section=None)
        for sitemap in self.site.sitemaps:
            yield self._look(sitemap, self.parse_sitemap, opened=set())
        for section in self.site.sections:
            for feed in section.feeds:
                yield self._look(feed, self.parse_feed, section=section.title)
            walk = await self.session.db(self._begin_walk, section)
            yield self._walk_on(walk, section.url)

    def _begin_walk(self, section: Section) -> Walk:
        with self.session.store.transaction() as cx:
            walked = frontier.last_completed_walk(cx, self.site.id, section.url)
            resume = frontier.reached(cx, self.site.id, section.url)
            frontier.begin_walk(cx, self.site.id, section.url, self.session.run, self.session.now())
            return Walk(section, walked, resume=resume if resume and self._page_number(resume) else None)

    def _page_number(self, url: str) -> int | None:
        patterns = dict.fromkeys((*(listing.page_number for listing in self.site.listings), ""))
        return next((n for pattern in patterns if (n := page_number(url, pattern)) is not None), None)

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

    async def parse_feed(self, response: Response, section: str | None) -> None:
        """Note the links of a feed."""
        try:
            capture = await self._readable(response, "feed")
            if capture:
                links = await self._read(read_feed, capture, "feed", capture.body, capture.url, self.site, section)
                self.watch.read(_asked(response), len(links or ()))
                await self._note(capture, "feed", links or ())
        finally:
            self._looked()

    async def parse_sitemap(self, response: Response, opened: set[str]) -> AsyncIterator[Request]:
        """Note the links of a sitemap and open the sitemaps it lists."""
        try:
            capture = await self._readable(response, "sitemap")
            page = capture and await self._read(read_sitemap, capture, "sitemap", capture.body, capture.url, self.site)
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
                    read_listing,
                    capture,
                    "listing",
                    capture.body,
                    capture.content_type,
                    capture.url,
                    self.site,
                    walk.section.title,
                )
            if capture and len(walk.opened) == 1:
                self.watch.read(walk.section.url, len(listing.candidates) if listing else 0)
            if capture and listing:
                if not listing.candidates and len(walk.opened) == 1:
                    self._trouble(f"no article link in the listing {capture.url}")
                    walk.broken = True
                ended = await self._note_listing(capture, listing, walk)
            else:
                ended = False
                walk.broken = walk.broken or response.status not in (404, 410)
                if NOT_IN_ARCHIVE in response.flags and len(walk.opened) == 1:
                    self._unopened.append(walk.section.url)
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
        following = next((url for url in walk.waiting if url not in walk.opened and self._ahead(url, walk)), None)
        budget = self.patience.budget
        if following and budget and self.patience.sent >= budget * WALKS_SHARE:
            walk.broken = True
            self.counts["walks_paused"] += 1
            self._trouble(f"the listing {walk.section.url} is read on in the next run, from {following}", alarm=False)
            return None
        return following

    def _ahead(self, url: str, walk: Walk) -> bool:
        return not walk.floor or (self._page_number(url) or walk.floor) >= walk.floor

    async def _note_listing(self, capture: Capture, listing: Listing, walk: Walk) -> bool:
        """Returns whether the walk has reached what was known before."""
        links = {candidate.url for candidate in listing.candidates}
        walk.barren = 0 if links - walk.links else walk.barren + 1
        walk.links |= links
        walk.waiting = list(dict.fromkeys([*listing.pages, *walk.waiting]))[:MAX_WAITING]
        known, met = await self.session.db(self._known, links, walk, capture.url)
        if met and walk.resume:
            walk.floor = self._page_number(walk.resume) or 0
            walk.waiting.insert(0, walk.resume)
            walk.resume = None
        await self._note(capture, "listing", listing.candidates)
        return known

    def _known(self, links: set[str], walk: Walk, page: str) -> tuple[bool, bool]:
        """Whether the last completed walk, and whether an earlier run at all, had found all links of a page."""
        with self.session.store.transaction() as cx:
            frontier.walked_page(cx, self.site.id, walk.section.url, self.session.run, walk.resume or page)
            urls = sorted(links)
            known = bool(urls) and frontier.wholly_known(cx, urls, walk.walked_run)
            return known, bool(urls) and frontier.found_before(cx, urls, self.session.run)

    def _end_walk(self, walk: Walk) -> None:
        with self.session.store.transaction() as cx:
            frontier.end_walk(cx, self.site.id, walk.section.url, self.session.run, self.session.now())

    async def _readable(self, response: Response, kind: str) -> Capture | None:
        """The capture of a page that finds links; None, told and counted, where there is nothing to read."""
        capture: Capture | None = response.meta.get(CAPTURE)
        if response.status in SLOW_DOWN:
            await self._slow_down(response)
            return None
        refusal = await self._keeps_out(response, capture)
        if refusal and capture:
            self._trouble(f"{kind} {response.url}: {refusal.reason}")
            await self.session.db(self._quarantine, capture, kind, refusal)
            if refusal.verdict in PASSING:
                self.blocked = self.blocked or refusal.reason
                self._met_block(refusal)
            return None
        if capture is None or response.status != 200:
            self.counts["dead_links"] += 1
            self._trouble(f"{kind} {response.url} answered {response.status}", alarm=capture is not None)
            return None
        self._met_page()
        self.counts[f"{kind}s"] += 1
        return capture

    async def _keeps_out(self, response: Response, capture: Capture | None) -> Refusal | None:
        """What stands in the way of a page: a challenge, a denial, a body beyond all bounds."""
        if capture is None or response.status in (404, 410):
            return None
        if capture.truncated == "length":
            return before_parsing(capture)
        return await self.session.work(blocked_by, capture)

    def _quarantine(self, capture: Capture, kind: str, refusal: Refusal) -> None:
        with self.session.store.transaction():
            store, seen_at = self.session.store, capture.fetched_at
            number = store.add_capture(capture, kind, self.session.run, refusal.verdict)
            store.quarantine(refusal, capture_id=number, site=self.site.id, url=capture.url, seen_at=seen_at)

    async def _read(self, reader: Any, capture: Capture, kind: str, *args: Any) -> Any:
        """What a reader makes of a page that finds links; None, told and quarantined, where it cannot be read."""
        try:
            result = await self.session.work(reader, *args)
        except KhotinError as error:
            result = Refusal(Verdict.TOO_LARGE if isinstance(error, TooLarge) else Verdict.EMPTY, str(error))
        if isinstance(result, Refusal):
            self._trouble(result.reason)
            await self.session.db(self._quarantine, capture, kind, result)
            return None
        return result

    async def _note(self, capture: Capture, kind: str, candidates: tuple[Candidate, ...]) -> None:
        self.counts["found"] += await self.session.db(self._note_in, capture, kind, candidates)
        self._found.set()

    def _note_in(self, capture: Capture, kind: str, candidates: tuple[Candidate, ...]) -> int:
        with self.session.store.transaction() as cx:
            self.session.store.add_capture(capture, kind, self.session.run, None)
            return frontier.found(cx, self.site.id, candidates, self.session.run, self.session.now())

    def closed(self, reason: str) -> None:  # noqa: ARG002  (the name that Scrapy gives it)
        """Tell of sections that could not be begun; Scrapy calls it at the end of the run."""
        if self._unopened and self.session.replay:
            there = present(self.session.replay.addresses(), self.site.allowed_hosts)
            which = "no section" if len(self._unopened) == len(self.site.sections) else "not every section"
            self._trouble(
                f"{which} has its first page in the replayed files: {', '.join(self._unopened)} is missing; {there}"
            )

    async def look_failed(self, failure: Failure) -> None:
        """A feed, sitemap or listing that could not be fetched at all."""
        request: Request = failure.request  # type: ignore[attr-defined]
        walk = request.meta["khotin_look"].get("walk")
        if walk:
            walk.broken = True
        if isinstance(failure.value, SiteLeft):
            self._left(failure.value)
        elif not self._fatal(failure):
            self._trouble(f"{request.url}: {self._reason(failure)}")
        self._looked()


def _asked(response: Response) -> str:
    """The address that was asked for, before redirects."""
    first: str = response.meta.get("redirect_urls", [response.url])[0]
    return first
