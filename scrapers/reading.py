"""From captures in the archive to articles, without a crawl: what `khotin rebuild` and `khotin ingest` share.

The captures are read in the order in which they were written, which is the order in which the crawl saw them,
are noted with the same kinds and go through the same functions.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from pipelines.article import Article, Capture, Hint, KhotinError, PageRules, Refusal
from pipelines.folder import DataFolder
from pipelines.identity import canonical_url
from pipelines.pool import WorkerPool
from pipelines.store import Store, visits
from pipelines.warc import read_capture
from scrapers import frontier
from scrapers.attempts import Fault, attempt
from scrapers.blocking import blocked_by
from scrapers.catalogue import Catalogue, Site
from scrapers.discovery import Candidate, read_feed, read_listing, read_sitemap
from scrapers.outcome import Page, settle, settle_without_page
from scrapers.session import register

MAX_REDIRECTS = 20
"""As many as Scrapy follows."""
AHEAD = 4
"""Pages a worker that are read ahead."""

Read = Article | Refusal | Fault | None
Extract = Callable[[Capture, PageRules, Sequence[Hint]], Article | Refusal]


@dataclass(frozen=True, slots=True)
class Lead:
    """A redirect that waits for what it led to."""

    site: Site
    kind: str
    """What was asked for: article, listing, robots."""
    asked: tuple[str, ...]
    """The addresses so far, the first one asked for first."""
    target: str
    fetched_at: datetime


class Place(NamedTuple):
    """Where a capture lies, and where it leads to."""

    file: str
    offset: int
    location: str
    fetched_at: datetime


def _kind(site: Site, capture: Capture) -> str:
    """What was asked for: the crawl asks for articles by the addresses that the card says are such."""
    if urlsplit(capture.url).path == "/robots.txt":
        return "robots"
    return "article" if site.is_article(capture.url) else "listing"


class Reading:
    """Captures of the archive made into articles, as the crawl makes them; one for a rebuild or an ingest.

    `counts` and `problems` tell of it while it goes on.
    """

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        folder: DataFolder,
        extract: Extract,
        advance: Callable[[int], None],
    ) -> None:
        self.store = store
        self.catalogue = catalogue
        self.folder = folder
        self.extract = extract
        self.advance = advance
        self.counts: Counter[str] = Counter()
        self.problems: list[str] = []
        self.leads: dict[str, list[Lead]] = {}
        """Canonical address -> the redirects to it that are not answered yet."""
        self.sitemaps: set[str] = set()
        """Sitemaps that other sitemaps list."""
        self.sections: dict[str, str | None] = {}
        """Page of a listing -> title of its section."""
        self.number = 0

    async def run(
        self,
        captures: Iterable[Capture],
        sites: Collection[str],
        mode: Literal["rebuild", "ingest"],
        workers: int | None,
    ) -> None:
        """Read captures that stand in the data folder, in their order, and note the run.

        `sites`: those whose captures may come; it may grow while they do, as long as each is registered in time.
        """
        register(self.store, self.catalogue, list(sites))
        now = datetime.now(UTC)
        self.number = self.store.start_run(mode, mode, list(sites), now, f"khotin/{version('khotin')}")
        with WorkerPool(workers) as pool:
            waiting: deque[tuple[Page, asyncio.Future[Read]]] = deque()
            for page in self._pages(captures):
                rules = self.catalogue.site(page.capture.site).rules
                reading: asyncio.Future[Read]
                if page.capture.status == 200 and page.capture.truncated in ("", "length"):
                    reading = asyncio.ensure_future(pool.run(attempt, self.extract, page.capture, rules, page.hints))
                else:  # nothing to read; but in its turn, after the pages before it
                    reading = asyncio.get_running_loop().create_future()
                    reading.set_result(None)
                waiting.append((page, reading))
                if len(waiting) >= AHEAD * (workers or 2):
                    await self._settle(*waiting.popleft())
            while waiting:
                await self._settle(*waiting.popleft())
        with self.store.transaction() as cx:
            for site in sites:
                self._missed(cx, site)
                gone, _ = visits.judge(cx, site)
                self.counts.update({"gone": gone} if gone else {})
        self.store.finish_run(self.number, datetime.now(UTC), "finished", dict(self.counts))

    def _pages(self, captures: Iterable[Capture]) -> Iterator[Page]:
        """The pages to extract, in the order in which the crawl met them."""
        for capture in captures:
            self.advance(1)
            yield from self._sort(self.catalogue.site(capture.site), capture)
        for lead in [lead for leads in self.leads.values() for lead in leads]:
            yield from self._led(lead)

    async def _settle(self, page: Page, result: asyncio.Future[Read]) -> None:
        found = await result
        if isinstance(found, Fault):
            self._fault(page.capture, found)
            return
        site = self.catalogue.site(page.capture.site)
        if found is None:
            self.counts[settle_without_page(self.store, site, page.url, page.capture, self.number)] += 1
            return
        page.result = found
        self.counts[settle(self.store, site, page, self.number)] += 1

    def _missed(self, cx: sqlite3.Connection, site: str) -> None:
        """Looks that found nothing, at articles that came to be known only later: files of others have any order."""
        rows = cx.execute(
            "SELECT id, url, fetched_at, status FROM captures WHERE site = ? AND kind = 'article'"
            " AND (status IN (404, 410) OR verdict = 'soft_404') AND id NOT IN (SELECT capture_id FROM visits)",
            (site,),
        ).fetchall()
        rules = self.catalogue.site(site).rules.urls
        for number, url, at, status in rows:
            known = self.store.article_id_for(canonical_url(url, rules))
            if known is not None:
                reason = "says that it is not there" if status == 200 else f"HTTP {status}"
                visits.missing(cx, known, number, datetime.fromisoformat(at), reason)

    def _fault(self, capture: Capture, fault: Fault) -> None:
        self.counts["faults"] += 1
        self.problems.append(f"{capture.site}: a fault in khotin at {capture.url}: {fault.reason}")

    def _sort(self, site: Site, capture: Capture) -> Iterator[Page]:
        """Note a capture with the kind that the crawl gives it; the pages to extract are given."""
        url = canonical_url(capture.url, site.rules.urls)
        for earlier in [lead for lead in self.leads.get(url, ()) if self._led_elsewhere(lead, capture)]:
            self.leads[url].remove(earlier)
            yield from self._led(earlier)
        # No validators are sent to where a redirect leads, so a 304 answers none.
        waiting = self.leads.get(url) if capture.status != 304 else None
        lead = waiting.pop(0) if waiting else None
        kind, asked = (lead.kind, lead.asked) if lead else (_kind(site, capture), ())
        with self.store.transaction():
            self.store.add_capture(capture, kind, self.number, None)
        if capture.location:
            target = canonical_url(capture.location, site.rules.urls)
            led = Lead(site, kind, (*asked, capture.url), capture.location, capture.fetched_at)
            self.leads.setdefault(target, []).append(led)
        elif kind == "robots":
            self.counts["robots"] += 1
        elif kind == "listing":
            self._look(site, capture, (*asked, capture.url)[0])
        else:
            yield from self._article(site, capture, asked)

    def _article(self, site: Site, capture: Capture, asked: tuple[str, ...]) -> Iterator[Page]:
        """The answer to a request for an article, to which the addresses `asked` led."""
        url = canonical_url((*asked, capture.url)[0], site.rules.urls)
        with self.store.transaction() as cx:
            hints = frontier.hints_of(cx, url)
        self.counts["pages"] += capture.status == 200
        yield Page(url, capture, hints, asked)

    def _led_elsewhere(self, lead: Lead, capture: Capture) -> bool:
        """Whether an earlier capture of the same address answers a redirect better: it is nearer in time."""
        place = self._nearest(lead)
        return place is not None and abs(place.fetched_at - lead.fetched_at) < abs(capture.fetched_at - lead.fetched_at)

    def _led(self, lead: Lead) -> Iterator[Page]:
        """The page that a redirect led to, if it stands in the files before: a replay writes no page twice."""
        for _ in range(MAX_REDIRECTS):
            place = self._nearest(lead)
            if place is None or lead.kind != "article":
                return
            if not place.location:
                try:
                    capture = read_capture(self.folder.warc, place.file, place.offset, site=lead.site.id)
                except KhotinError as error:
                    self.problems.append(str(error))
                    return
                yield from self._article(lead.site, capture, lead.asked)
                return
            lead = replace(lead, asked=(*lead.asked, lead.target), target=place.location)

    def _nearest(self, lead: Lead) -> Place | None:
        """Of the captures of a redirect's target so far, the one nearest in time."""
        scheme, _, rest = lead.target.partition("://")
        other = f"{'http' if scheme == 'https' else 'https'}://{rest}"
        with self.store.transaction() as cx:
            rows = cx.execute(
                "SELECT warc_file, warc_offset, location, fetched_at FROM captures WHERE url IN (?, ?) AND site = ?"
                " AND status <> 304",  # which answers no redirect, see _sort
                (lead.target, other, lead.site.id),
            ).fetchall()
        places = [Place(file, offset, location, datetime.fromisoformat(at)) for file, offset, location, at in rows]
        return min(places, key=lambda place: abs(place.fetched_at - lead.fetched_at), default=None)

    def _look(self, site: Site, capture: Capture, asked: str) -> None:
        """Note the links of a feed, a sitemap or a listing, as the crawl did; `asked`: the address asked for."""
        kind = self._looked_for(site, asked)
        if capture.status == 304:  # its links were those of the capture before
            with self.store.transaction():
                self.store.add_capture(capture, kind, self.number, None)
        if capture.status != 200:
            return
        refusal = attempt(blocked_by, capture)
        links = attempt(self._links, site, capture, kind, asked) if refusal is None else ()
        fault = next((found for found in (refusal, links) if isinstance(found, Fault)), None)
        with self.store.transaction() as cx:
            if isinstance(refusal, Refusal):
                self.counts["challenges"] += 1
                number = self.store.add_capture(capture, kind, self.number, refusal.verdict)
                self.store.quarantine(
                    refusal, capture_id=number, site=site.id, url=capture.url, seen_at=capture.fetched_at
                )
            elif fault and fault.ours:
                self._fault(capture, fault)
            elif fault:
                self.problems.append(fault.reason)
                if kind == "feed":  # the crawl notes a feed that it can't read as one without links
                    self.store.add_capture(capture, kind, self.number, None)
            elif not isinstance(links, Fault):
                self.counts[f"{kind}s"] += 1
                self.store.add_capture(capture, kind, self.number, None)
                frontier.found(cx, site.id, links, self.number, capture.fetched_at)

    def _looked_for(self, site: Site, asked: str) -> str:
        if asked in (*site.feeds, *(feed for one in site.sections for feed in one.feeds)):
            return "feed"
        return "sitemap" if asked in site.sitemaps or asked in self.sitemaps else "listing"

    def _links(self, site: Site, capture: Capture, kind: str, asked: str) -> tuple[Candidate, ...]:
        own = next((one.title for one in site.sections if asked in (one.url, *one.feeds)), None)
        if kind == "feed":
            return read_feed(capture.body, capture.url, site, own)
        if kind == "sitemap":
            page = read_sitemap(capture.body, capture.url, site)
            self.sitemaps.update(url for url, _ in page.sitemaps)
            return page.candidates
        section = self._section(asked, own)
        listing = read_listing(capture.body, capture.content_type, capture.url, site, section)
        for url in listing.pages:
            self.sections.setdefault(url, section)
        return listing.candidates

    def _section(self, url: str, section: str | None) -> str | None:
        """The section that a page of a listing belongs to: the pages before it link to it."""
        return section if section is not None else self.sections.get(url)
