"""archive.db made anew from the WARC files alone: everything right of the archive can be lost and regained.

The captures are read in the order in which they were written, which is the order in which the crawl saw them,
and go through the same functions. What only the database knew (the frontier's plans, the walks, the runs) is
carried over from the old one where there is one.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from pipelines.article import Article, Capture, Hint, KhotinError, PageRules, Refusal
from pipelines.extract import extract
from pipelines.identity import canonical_url
from pipelines.pool import WorkerPool
from pipelines.store import Store
from pipelines.warc import TornRecord, read_captures
from scrapers import frontier, plans
from scrapers.catalogue import Catalogue, Site, load_catalogue
from scrapers.discovery import Candidate, read_feed, read_listing, read_sitemap
from scrapers.outcome import Page, settle
from scrapers.session import DataFolder, register

AHEAD = 4
"""Pages a worker that are read ahead."""


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """What a rebuild read and made. `counts`: captures by kind, articles by outcome, problems."""

    files: int
    counts: dict[str, int]
    problems: tuple[str, ...]


Extract = Callable[[Capture, PageRules, Sequence[Hint]], Article | Refusal]


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of khotin's own at a page."""

    reason: str


Read = Article | Refusal | Fault


def attempt(extract: Extract, capture: Capture, rules: PageRules, hints: Sequence[Hint]) -> Read:
    """Extract in a worker, where what a page breaks can be told from a pool that is broken."""
    try:
        return extract(capture, rules, hints)
    except MemoryError:
        raise  # the page's bound, which the pool makes a Refusal
    except Exception as error:  # noqa: BLE001  # told as a problem and counted; a crawl goes on just so
        return Fault(f"{type(error).__name__}: {error}")


class NothingToRebuild(KhotinError):
    """There are no WARC files in the data folder."""

    exit_code = 2


def rebuild(
    data: Path,
    *,
    workers: int | None = None,
    catalogue: Catalogue | None = None,
    extract: Extract = extract,
    advance: Callable[[int], None] = lambda _: None,
) -> RebuildReport:
    """Read all WARC files of a data folder into a new archive.db and put it in the old one's place.

    `extract`, a function of a module, reads a page in a worker process; a page on which it fails is told, and
    its capture is kept. `advance` is called with the number of captures read since its last call. Torn or
    unreadable records are told and passed over. An old database that is damaged or another program's is kept beside as
    `archive.db.damaged-…`, and told. Raises `KhotinError`: nothing to rebuild, folder not writable, disk full;
    before anything is read where the old database was written by a newer khotin.
    """
    folder = DataFolder(data)
    files = sorted(folder.warc.glob("*/*.warc.gz"), key=lambda file: (file.parent.name, file.name))
    if not files:
        message = f"no WARC files in {folder.warc}: crawl first, or name the folder with --data"
        raise NothingToRebuild(message)
    lock = folder.lock()
    beside = folder.archive.with_name("archive.rebuild.db")
    _remove(beside)
    try:
        planned = folder.archive.exists() and plans.readable(folder.archive)
        with Store.open(beside) as store:
            job = _Rebuild(store, catalogue or load_catalogue(), folder, extract, advance)
            report = asyncio.run(job.run(files, workers))
            if planned:
                plans.carry_over(folder.archive, store)
        if folder.archive.exists() and not planned:
            # Only now: until the new one is complete the damaged one says that something is amiss.
            aside = plans.set_aside(folder.archive)
            told = f"{folder.archive} could not be read: kept as {aside.name}; its plans, walks and runs are lost"
            report = replace(report, problems=(told, *report.problems))
        _remove(folder.archive, keep=True)
        beside.replace(folder.archive)
    finally:
        _remove(beside)
        lock.close()
    return report


def _remove(database: Path, *, keep: bool = False) -> None:
    for suffix in ("-wal", "-shm") if keep else ("", "-wal", "-shm"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)


class _Rebuild:
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
        self.redirects: dict[str, tuple[str, ...]] = {}
        """Address -> the addresses that led to it, the first asked for first."""
        self.sitemaps: set[str] = set()
        """Sitemaps that other sitemaps list."""
        self.sections: dict[str, str | None] = {}
        """Page of a listing -> title of its section."""
        self.number = 0

    async def run(self, files: list[Path], workers: int | None) -> RebuildReport:
        sites = [site for site in dict.fromkeys(file.parent.name for file in files) if site in self.catalogue.sites]
        register(self.store, self.catalogue, sites)
        now = datetime.now(UTC)
        self.number = self.store.start_run("rebuild", "rebuild", sites, now, f"khotin/{version('khotin')}")
        with WorkerPool(workers) as pool:
            waiting: deque[tuple[Site, Page, asyncio.Future[Read]]] = deque()
            for capture in self._captures(files):
                self.advance(1)
                found = self._sort(self.catalogue.site(capture.site), capture)
                if found is None:
                    continue
                site, page = found
                result = asyncio.ensure_future(pool.run(attempt, self.extract, page.capture, site.rules, page.hints))
                waiting.append((site, page, result))
                if len(waiting) >= AHEAD * (workers or 2):
                    await self._settle(*waiting.popleft())
            while waiting:
                await self._settle(*waiting.popleft())
        self.store.finish_run(self.number, datetime.now(UTC), "finished", dict(self.counts))
        return RebuildReport(len(files), dict(sorted(self.counts.items())), tuple(self.problems))

    async def _settle(self, site: Site, page: Page, result: asyncio.Future[Read]) -> None:
        found = await result
        if isinstance(found, Fault):
            self._fault(page.capture, found)
            with self.store.transaction():
                self.store.add_capture(page.capture, "article", self.number, None)
            return
        page.result = found
        self.counts[settle(self.store, site, page, self.number)] += 1

    def _fault(self, capture: Capture, fault: Fault) -> None:
        self.counts["faults"] += 1
        self.problems.append(f"{capture.site}: a fault in khotin at {capture.url}: {fault.reason}")

    def _sort(self, site: Site, capture: Capture) -> tuple[Site, Page] | None:
        """What a capture is, by its address: a page to extract is returned, all others are dealt with here."""
        url = canonical_url(capture.url, site.rules.urls)
        path = urlsplit(capture.url).path
        chain = self.redirects.get(url, ())
        if path == "/robots.txt":
            self.counts["robots"] += 1
        elif not (site.is_article(capture.url) or chain):
            self._look(site, capture)
        elif capture.location:
            target = canonical_url(capture.location, site.rules.urls)
            self.redirects[target] = (*chain, url)
        elif capture.status != 200 or capture.truncated:
            self._miss(site, chain[0] if chain else url, capture)
        else:
            asked = chain[0] if chain else url
            with self.store.transaction() as cx:
                hints = frontier.hints_of(cx, asked)
            self.counts["pages"] += 1
            return site, Page(asked, capture, hints, chain)
        return None

    def _miss(self, site: Site, url: str, capture: Capture) -> None:
        self.counts["failed"] += 1
        with self.store.transaction() as cx:
            self.store.add_capture(capture, "article", self.number, None)
            frontier.failed(cx, site.id, url, capture.status, f"HTTP {capture.status}", capture.fetched_at)

    def _look(self, site: Site, capture: Capture) -> None:
        """Note the links of a feed, a sitemap or a listing, as the crawl did."""
        if capture.status != 200:
            return
        section = next((s.title for s in site.sections if capture.url in (s.url, *s.feeds)), None)
        try:
            kind, links = self._links(site, capture, section)
        except KhotinError as error:
            self.problems.append(str(error))
            return
        self.counts[f"{kind}s"] += 1
        with self.store.transaction() as cx:
            self.store.add_capture(capture, kind, self.number, None)
            frontier.found(cx, site.id, links, self.number, capture.fetched_at)

    def _links(self, site: Site, capture: Capture, section: str | None) -> tuple[str, tuple[Candidate, ...]]:
        feeds = {*site.feeds, *(feed for one in site.sections for feed in one.feeds)}
        if capture.url in feeds:
            return "feed", read_feed(capture.body, capture.url, site, section)
        if capture.url in site.sitemaps or capture.url in self.sitemaps:
            page = read_sitemap(capture.body, capture.url, site)
            self.sitemaps.update(url for url, _ in page.sitemaps)
            return "sitemap", page.candidates
        listing = read_listing(
            capture.body, capture.content_type, capture.url, site, self._section(capture.url, section)
        )
        for url in listing.pages:
            self.sections.setdefault(url, self._section(capture.url, section))
        return "listing", listing.candidates

    def _section(self, url: str, section: str | None) -> str | None:
        """The section that a page of a listing belongs to: the pages before it link to it."""
        return section if section is not None else self.sections.get(url)

    def _captures(self, files: list[Path]) -> Iterator[Capture]:
        for file in files:
            if file.parent.name not in self.catalogue.sites:
                self.problems.append(f"{file}: no site card {file.parent.name!r}, left out")
                continue
            try:
                yield from read_captures(file, root=self.folder.warc, site=file.parent.name, on_torn=self._torn)
            except TornRecord as error:
                self._torn(error)

    def _torn(self, error: TornRecord) -> None:
        self.problems.append(str(error))
