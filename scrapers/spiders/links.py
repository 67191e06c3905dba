"""How a site's spider finds addresses: feeds, sitemaps, and walks through the listings of its sections.

Where a section has feeds, they are read first. As long as they tell all that its listing tells, and reach back to
what was known, the listing is left alone, but for every so many days (`KHOTIN_LISTING_DAYS`): a feed that its site
has forgotten would hide what is new for ever.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from scrapy.http import Request, Response

from scrapers import frontier, validators, walks
from scrapers.catalogue import Section
from scrapers.discovery import Candidate, Listing, read_feed, read_listing, read_sitemap
from scrapers.discovery.pagers import page_number
from scrapers.frontier import Span
from scrapers.replay import NOT_IN_ARCHIVE, present
from scrapers.spiders.looking import Answer, LookSpider, asked_of
from scrapers.walks import Reached

MAX_LISTING_PAGES = 5_000
MAX_SITEMAPS = 500
MAX_WAITING = 10_000
"""Page links of one listing that are kept in mind."""
WALKS_SHARE = 0.5
"""Of the night's budget: what finding addresses may use up. The rest is for the articles themselves."""
GOES_IN_CIRCLES = 3
"""So many listing pages in a row that bring only links of earlier pages end a walk."""


@dataclass(slots=True)
class Fed:
    """What the feeds of a section tell in this run."""

    section: Section
    waiting: int
    """Feeds that are not answered yet."""
    links: set[str] = field(default_factory=set)
    complete: bool = True
    """All feeds could be read, have links, and reach back to what an earlier run had found."""


@dataclass(slots=True)
class Walk:
    """One passage through a section's listing."""

    section: Section
    walked_run: int | None
    """The run of the last walk that reached its end; None on the first visit."""
    fed: Fed | None = None
    opened: set[str] = field(default_factory=set)
    waiting: list[str] = field(default_factory=list)
    links: set[str] = field(default_factory=set)
    barren: int = 0
    """Pages in a row without a link that this walk had not met."""
    resume: Reached | None = None
    """Where the walk before was broken off: this one jumps there when it meets what that one found."""
    jumped: Reached | None = None
    """Where this walk jumped to."""
    passed_over: list[str] = field(default_factory=list)
    """Pages that waited then."""
    floor: int = 0
    """Number of the page jumped to: those before it are known."""
    broken: bool = False
    """A page could not be read, or was left for the next run: the walk does not count as completed, and the next one
    goes on above that page."""
    before_span: bool = False
    """A page has only articles from before the days that are asked for."""

    def arrived(self, page: str) -> bool:
        """Whether this is the page that the walk jumped to."""
        return self.jumped is not None and self.jumped.page == page

    def undo_jump(self) -> None:
        """Go on where the walk stood before it jumped; the page that it jumped to may be read again."""
        if self.jumped:
            self.opened.discard(self.jumped.page)
        self.waiting, self.floor, self.jumped = self.passed_over, 0, None


class LinkSpider(LookSpider):
    """Finds addresses and notes them in the frontier; opens no article."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.span = Span()
        """Days whose articles are wanted."""
        self.limit = 0
        """Most articles that this run asks for; 0: no limit."""
        self.taken = 0
        """Articles asked for."""
        self._in_hand: set[str] = set()
        """Those of them that are being fetched."""
        self._unopened: list[str] = []
        """Sections whose first page is not in the replayed files."""

    async def discovery(self) -> AsyncIterator[Request]:
        """Requests for all feeds, sitemaps and first listing pages of the card; a section's feeds before its pages."""
        for feed in self.site.feeds:
            yield self._look(feed, self.parse_feed, section=None)
        for sitemap in self.site.sitemaps:
            yield self._look(sitemap, self.parse_sitemap, opened=set())
        for section in self.site.sections:
            fed = Fed(section, len(section.feeds)) if section.feeds else None
            for feed in section.feeds:
                yield self._look(feed, self.parse_feed, section=section.title, fed=fed)
            if fed is None and (walk := await self.session.db(self._begin_walk, section, None)):
                yield self._walk_on(walk, section.url)

    async def parse_feed(self, response: Response, section: str | None, fed: Fed | None = None) -> None:
        """Note the links of a feed; after the last feed of a section begin its walk, if there is reason to."""
        told = False
        try:
            answer = await self._readable(response, "feed")
            if answer:
                content = answer.content
                links = await self._read(read_feed, answer, "feed", content.body, content.url, self.site, section)
                self.watch.read(answer.asked, len(links or ()))
                if fed and links:
                    told = await self.session.db(self._reaches_back, fed, links)
                await self._note(answer, "feed", links or ())
        finally:
            await self._fed(fed, told=told)
            self._looked()

    def _reaches_back(self, fed: Fed, links: Sequence[Candidate]) -> bool:
        """Whether the older part of a feed was found by an earlier run: nothing can have slipped between."""
        urls = [candidate.url for candidate in links]
        fed.links.update(urls)
        with self.session.store.transaction() as cx:
            oldest = urls[-max(1, len(urls) // 3) :]
            told = frontier.found_by(cx, oldest, self.session.run - 1) == len(oldest)
            if not told:  # noted before the links are: should this run be killed, the next one walks
                walks.begin(cx, self.site.id, fed.section.url, self.session.run, self.session.now())
        return told

    async def _fed(self, fed: Fed | None, *, told: bool) -> None:
        if fed is None:
            return
        fed.waiting -= 1
        fed.complete = fed.complete and told
        if fed.waiting or self._stopping:
            return
        walk = await self.session.db(self._begin_walk, fed.section, fed)
        if walk:
            self.crawler.engine.crawl(self._walk_on(walk, fed.section.url))

    async def _not_looked(self, request: Request) -> None:
        look = request.meta["khotin_look"]
        if walk := look.get("walk"):
            walk.broken = True
        await self._fed(look.get("fed"), told=False)

    def _begin_walk(self, section: Section, fed: Fed | None) -> Walk | None:
        """A walk through a section's listing; None where its feeds have told all."""
        site, run, now = self.site.id, self.session.run, self.session.now()
        with self.session.store.transaction() as cx:
            last = walks.last_completed(cx, site, section.url)
            trusted = fed is not None and fed.complete and last is not None and last.beyond_feed == 0
            recent = last is not None and now - last.at < self._listing_days
            if trusted and recent and not walks.unfinished(cx, site, section.url, run):
                return None
            resume = walks.reached(cx, site, section.url, run)
            walks.begin(cx, site, section.url, run, now)
        resume = resume if resume and self._page_number(resume.page) else None
        return Walk(section, last.run if last else None, fed, resume=resume)

    @property
    def _listing_days(self) -> timedelta:
        """How long what a feed or an index of sitemaps says is believed without a look at the whole."""
        return timedelta(days=self.settings.getfloat("KHOTIN_LISTING_DAYS"))

    def _page_number(self, url: str) -> int | None:
        patterns = dict.fromkeys((*(listing.page_number for listing in self.site.listings), ""))
        return next((n for pattern in patterns if (n := page_number(url, pattern)) is not None), None)

    async def parse_sitemap(self, response: Response, opened: set[str]) -> AsyncIterator[Request]:
        """Note the links of a sitemap and open the sitemaps it lists, those aside that it says are as they were."""
        try:
            answer = await self._readable(response, "sitemap")
            page = None
            if answer:
                content = answer.content
                page = await self._read(read_sitemap, answer, "sitemap", content.body, content.url, self.site)
            if answer and page:
                await self._note(answer, "sitemap", page.candidates)
                for problem in page.problems:
                    self._trouble(problem, alarm=False)
                unchanged = await self.session.db(self._unchanged, page.sitemaps)
                for url in dict.fromkeys(url for url, _ in page.sitemaps if url not in opened | unchanged):
                    if len(opened) >= MAX_SITEMAPS:
                        self._trouble(f"more than {MAX_SITEMAPS} sitemaps, the rest is left: {content.url}")
                        break
                    opened.add(url)
                    yield self._look(url, self.parse_sitemap, opened=opened)
        finally:
            self._looked()

    def _unchanged(self, sitemaps: Sequence[tuple[str, str | None]]) -> frozenset[str]:
        """Sitemaps that need not be opened: unchanged since they were read, not too long ago."""
        if self.session.replay:
            return frozenset()
        since = self.session.now() - self._listing_days
        with self.session.store.transaction() as cx:
            return validators.unchanged(cx, self.site.id, sitemaps, since)

    async def parse_listing(self, response: Response, walk: Walk) -> AsyncIterator[Request]:
        """Note the links of a listing page and go on to the next one, if there is reason to."""
        try:
            answer = await self._readable(response, "listing")
            listing: Listing | None = None
            if answer:
                content, title = answer.content, walk.section.title
                page = (content.body, content.content_type, content.url, self.site, title)
                listing = await self._read(read_listing, answer, "listing", *page)
            if answer and len(walk.opened) == 1:
                self.watch.read(walk.section.url, len(listing.candidates) if listing else 0)
            if answer and listing:
                if not listing.candidates and len(walk.opened) == 1:
                    self._trouble(f"no article link in the listing {answer.content.url}")
                    walk.broken = True
                ended = await self._note_listing(answer, listing, walk)
            else:
                ended = False
                walk.broken = walk.broken or response.status not in (404, 410)
                if walk.arrived(asked_of(response)):  # the listing has become shorter
                    walk.undo_jump()
                if NOT_IN_ARCHIVE in response.flags and len(walk.opened) == 1:
                    self._unopened.append(walk.section.url)
            following = None if ended else await self._next_page(walk)
            if following:
                yield self._walk_on(walk, following)
            elif not walk.broken:
                await self.session.db(self._end_walk, walk)
        finally:
            self._looked()

    def _walk_on(self, walk: Walk, url: str) -> Request:
        walk.opened.add(url)
        return self._look(url, self.parse_listing, walk=walk)

    async def _next_page(self, walk: Walk) -> str | None:
        if walk.barren >= GOES_IN_CIRCLES:
            return None
        following = next((url for url in walk.waiting if url not in walk.opened and self._ahead(url, walk)), None)
        if following and (len(walk.opened) >= MAX_LISTING_PAGES or await self._enough(walk)):
            walk.broken = True
            self.counts["walks_paused"] += 1
            self._trouble(f"the listing {walk.section.url} is read on in the next run, from {following}", alarm=False)
            return None
        return following

    async def _enough(self, walk: Walk) -> bool:
        """Whether the rest of a listing is left for another run."""
        budget = self.patience.budget
        if walk.before_span or (budget and self.patience.sent >= budget * WALKS_SHARE):
            return True
        return bool(self.limit) and await self.session.db(self._waiting) >= self.limit

    def _waiting(self) -> int:
        """Articles that this run has asked for or still may ask for; counted up to the limit."""
        with self.session.store.transaction() as cx:
            return self.taken - len(self._in_hand) + frontier.due_new(cx, self.site.id, self.span, self.limit)

    def _ahead(self, url: str, walk: Walk) -> bool:
        return not walk.floor or (self._page_number(url) or walk.floor) >= walk.floor

    async def _note_listing(self, answer: Answer, listing: Listing, walk: Walk) -> bool:
        """Returns whether the walk has reached what was known before."""
        links = {candidate.url for candidate in listing.candidates}
        fresh = links - walk.links
        walk.barren = 0 if fresh else walk.barren + 1
        walk.links |= links
        walk.waiting = list(dict.fromkeys([*listing.pages, *walk.waiting]))[:MAX_WAITING]
        if walk.resume and (self._page_number(answer.asked) or 0) >= (self._page_number(walk.resume.page) or 0):
            walk.resume = None  # this walk itself has read all that stands above
        known, met = await self.session.db(self._known, links, fresh, walk, answer)
        if met and walk.resume:
            walk.jumped, walk.passed_over, walk.resume = walk.resume, list(walk.waiting), None
            walk.floor = self._page_number(walk.jumped.page) or 0
            walk.waiting.insert(0, walk.jumped.page)
        elif walk.arrived(answer.asked) and not met:
            # articles were taken off the listing: what stood above this page may stand above what was read, too
            walk.undo_jump()
            known = False
        if self.span.since:
            now = self.session.now()
            days = [frontier.day_of(one.url, [one.hint], now) for one in listing.candidates]
            walk.before_span = bool(days) and all(day and day < self.span.since.isoformat() for day in days)
        await self._note(answer, "listing", listing.candidates)
        return known

    def _known(self, links: set[str], fresh: set[str], walk: Walk, answer: Answer) -> tuple[bool, bool]:
        """Whether the last completed walk had found all links of a page, and whether the page belongs to what the
        walk before this one had read. `fresh`: those of its links that this walk has not met on another page.
        """
        site, section, run = self.site.id, walk.section.url, self.session.run
        with self.session.store.transaction() as cx:
            if len(walk.opened) == 1 and walk.fed and walk.fed.links:
                beyond = links - walk.fed.links
                walks.compared(cx, site, section, run, len(beyond) - frontier.found_by(cx, beyond, run - 1))
            arrived = walk.arrived(answer.asked)
            if walk.jumped and arrived:
                # one link of that part is enough: newer articles have moved it down
                met = frontier.found_by(cx, fresh, walk.jumped.run) > frontier.found_by(cx, fresh, walk.walked_run)
            else:
                met = walk.resume is not None and frontier.found_by(cx, links, walk.resume.run) == len(links) > 0
            above = walk.broken or walk.resume is not None or (arrived and not met)
            walks.read_page(cx, site, section, run, None if above else answer.asked)
            return frontier.found_by(cx, links, walk.walked_run) == len(links) > 0, met

    def _end_walk(self, walk: Walk) -> None:
        with self.session.store.transaction() as cx:
            walks.end(cx, self.site.id, walk.section.url, self.session.run, self.session.now())

    def closed(self, reason: str) -> None:  # noqa: ARG002  (the name that Scrapy gives it)
        """Tell of sections that could not be begun; Scrapy calls it at the end of the run."""
        if self._unopened and self.session.replay:
            there = present(self.session.replay.addresses(), self.site.allowed_hosts)
            which = "no section" if len(self._unopened) == len(self.site.sections) else "not every section"
            self._trouble(
                f"{which} has its first page in the replayed files: {', '.join(self._unopened)} is missing; {there}"
            )
