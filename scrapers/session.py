"""What the spiders of one run share: the store, the WARC files, the worker pool and the clock."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from scrapy.settings import BaseSettings

from pipelines.article import Capture, Hint, KhotinError, Refusal
from pipelines.disk import DiskGuard
from pipelines.folder import DataFolder
from pipelines.pool import WorkerPool
from pipelines.provinces import load_provinces
from pipelines.store import Store
from pipelines.warc import (
    Archived,
    Exchange,
    TornRecord,
    WarcUnreadable,
    WarcWriter,
    payload_digest,
    read_exchange,
)
from scrapers.catalogue import Catalogue, Site, load_catalogue
from scrapers.frontier import hints_of
from scrapers.healing import heal
from scrapers.replay import ReplayIndex
from scrapers.validators import Place

T = TypeVar("T")

SYNC_SECONDS = 1.0
"""A site's WARC file is synced at most so often: with five seconds between requests, after every page."""


class Session:
    """One run over a data folder. Database and WARC work goes to one thread, extraction to worker processes."""

    def __init__(
        self,
        data: Path,
        catalogue: Catalogue,
        *,
        command: str,
        sites: Sequence[str],
        operator: str = "",
        replay: ReplayIndex | None = None,
        pool: WorkerPool | None = None,
        disk_free_mb: str | float | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.folder = DataFolder(data)
        self.catalogue = catalogue
        self.replay = replay
        self.clock = clock
        self.operator = operator
        self.software = f"khotin/{version('khotin')}"
        self._disk = DiskGuard(data, disk_free_mb)
        self._disk.check()
        self._lock = self.folder.lock()
        self.store = Store.open(self.folder.archive)
        self._writers: dict[str, WarcWriter] = {}
        self._synced: dict[str, float] = {}
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="archive")
        self.pool = pool or WorkerPool()
        self.failure: KhotinError | None = None
        """What ended the run before its time: a full disk, a read-only folder."""
        self.lost = heal(self.store, self.folder.warc, self.now())
        """Captures of a run before that a power cut took; they are fetched again."""
        register(self.store, catalogue, sites)
        self.run = self.store.start_run(command, "replay" if replay else "live", sites, self.now(), self.software)

    @classmethod
    def from_settings(cls, settings: BaseSettings, sites: Sequence[str]) -> Session:
        """The session of `scrapy crawl SITE`, with what the settings say."""
        return cls(
            Path(settings.get("KHOTIN_DATA", "data")),
            load_catalogue(),
            command="scrapy crawl",
            sites=sites,
            operator=settings.get("KHOTIN_CONTACT", ""),
            replay=settings.get("KHOTIN_REPLAY_INDEX"),
            pool=pool_from(settings),
            disk_free_mb=settings.get("KHOTIN_DISK_FREE_MB"),
        )

    def now(self) -> datetime:
        """The time of the run: a replay happens at the time of its newest capture."""
        newest = self.replay.newest if self.replay else None
        return newest or self.clock()

    async def db(self, function: Callable[..., T], *args: Any) -> T:
        """Call a function that works on the archive, in the one thread that does so."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *args)

    def ask(self, function: Callable[..., T], *args: Any) -> Future[T]:
        """`db` for those who can't wait: the answer is looked for later."""
        return self._thread.submit(function, *args)

    async def work(self, function: Callable[..., T], *args: Any) -> T | Refusal:
        """Call a pure function in a worker process, within the bounds of a page."""
        return await self.pool.run(function, *args)

    async def keep(self, site: str, kind: str, exchange: Exchange, page: str = "") -> tuple[Capture, tuple[Hint, ...]]:
        """Write an exchange to the site's WARC file. What a replay brings a second time is not written again.

        Gives the capture, and what other pages have said so far of the article whose address in the frontier is
        `page`. Raises `DiskNearlyFull`, and the errors of `pipelines.warc.WarcWriter.write`: disk full, folder not
        writable.
        """
        return await self.db(self._keep, site, kind, exchange, page)

    async def read_back(self, site: str, place: Place) -> Archived | None:
        """An answer that was archived before; None if its record can't be read (the file was moved away, damaged)."""
        return await self.db(self._read_back, site, place)

    def _read_back(self, site: str, place: Place) -> Archived | None:
        try:
            found = read_exchange(self.folder.warc / place.file, place.offset)
        except (TornRecord, WarcUnreadable):
            return None
        return replace(found, site=site)

    def _keep(self, site: str, kind: str, exchange: Exchange, page: str) -> tuple[Capture, tuple[Hint, ...]]:
        self._disk.check()
        capture = self._kept_before(site, exchange) if self.replay else None
        new = capture is None
        if capture is None:
            if site not in self._writers:
                self._writers[site] = WarcWriter(self.folder.warc, site, operator=self.operator, software=self.software)
            capture = self._writers[site].write(exchange)
            if not self.replay:  # whose pages stand in other files
                self._sync_now_and_then(site)
        with self.store.transaction() as cx:
            if new:
                self.store.add_capture(capture, kind, self.run, None)
            return capture, hints_of(cx, page) if page else ()

    def _sync_now_and_then(self, site: str) -> None:
        """Have the record on the disk before the row that acknowledges it, unless another was synced just before."""
        now = time.monotonic()
        if now - self._synced.get(site, -SYNC_SECONDS) >= SYNC_SECONDS:
            self._writers[site].sync()
            self._synced[site] = now

    def _kept_before(self, site: str, exchange: Exchange) -> Capture | None:
        digest = payload_digest(exchange)
        place = self.store.find_capture(exchange.url, exchange.fetched_at, digest)
        if place is None:
            return None
        file, offset, length, record_id = place
        archived = Archived(exchange, self.folder.warc / file, offset, length, record_id, digest)
        return archived.capture(root=self.folder.warc, site=site)

    def judge(self, judging: Callable[[], T]) -> T | None:
        """Call what judges the sites at the end of a run. What fails now is noted in `failure`."""
        if self.failure is None:
            try:
                return judging()
            except KhotinError as error:
                self.failure = error
        return None

    def close(self, outcome: str, counts: dict[str, int]) -> None:
        """End the run: note its outcome, close files, stop the workers. What fails now is noted in `failure`."""
        self._thread.shutdown(wait=True)
        try:
            for writer in self._writers.values():
                writer.close()
            self.store.finish_run(self.run, self.now(), outcome, counts)
        except KhotinError as error:
            self.failure = self.failure or error
        finally:
            self.store.close()
            self.pool.close()
            self._lock.close()


def pool_from(settings: BaseSettings, workers: int | None = None) -> WorkerPool:
    """A pool with the bounds that the settings give a page."""
    return WorkerPool(
        workers,
        time_limit=settings.getfloat("KHOTIN_PAGE_SECONDS"),
        memory_limit=settings.getint("KHOTIN_PAGE_MEMORY_MB") << 20,
    )


def register(store: Store, catalogue: Catalogue, sites: Sequence[str]) -> None:
    """Bring the provinces and the cards of the given sites up to date in the archive."""
    store.put_provinces(load_provinces())
    store.put_sites([site_row(catalogue.site(site)) for site in sites])


def site_row(site: Site) -> dict[str, Any]:
    """A site card as `Store.put_sites` takes it."""
    return dataclasses.asdict(site)
