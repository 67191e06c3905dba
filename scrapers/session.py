"""What the spiders of one run share: the store, the WARC files, the worker pool and the clock."""

from __future__ import annotations

import asyncio
import dataclasses
import errno
import fcntl
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any, TypeVar

from scrapy.settings import BaseSettings

from pipelines.article import Capture, KhotinError, Refusal
from pipelines.pool import WorkerPool
from pipelines.provinces import load_provinces
from pipelines.schema import ReadOnly, full
from pipelines.store import Store
from pipelines.warc import Archived, Exchange, WarcWriter
from pipelines.warc.records import sha1
from scrapers.catalogue import Catalogue, Site, load_catalogue
from scrapers.replay import ReplayIndex

T = TypeVar("T")


class AlreadyRunning(KhotinError):
    """Another crawl or rebuild works on the same data folder."""

    exit_code = 75  # EX_TEMPFAIL: try again later


class DataFolder:
    """Where things lie in a data folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.archive = root / "archive.db"
        self.public = root / "public.db"
        self.warc = root / "warc"
        self.exports = root / "exports"

    def lock(self) -> IO[str]:
        """Make the folder and lock it for writing; the lock ends with the process, however it ends.

        Raises `AlreadyRunning`, `ReadOnly` or `DiskFull`; `KhotinError` where there can be no such folder.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            handle = (self.root / "writer.lock").open("a+")
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise full(self.root) from error
            message = f"can't write in {self.root} ({error.strerror}): choose another folder with --data"
            kind = ReadOnly if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS) else KhotinError
            raise kind(message) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            handle.seek(0)
            holder = handle.read().strip() or "unknown"
            handle.close()
            message = f"another khotin (process {holder}) is writing to {self.root}: wait for it to end"
            raise AlreadyRunning(message) from error
        handle.truncate(0)
        handle.write(f"{os.getpid()}\n")
        handle.flush()
        return handle


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
    ) -> None:
        self.folder = DataFolder(data)
        self.catalogue = catalogue
        self.replay = replay
        self.operator = operator
        self.software = f"khotin/{version('khotin')}"
        self._lock = self.folder.lock()
        self.store = Store.open(self.folder.archive)
        self._writers: dict[str, WarcWriter] = {}
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="archive")
        self.pool = pool or WorkerPool()
        self.failure: KhotinError | None = None
        """What ended the run before its time: a full disk, a read-only folder."""
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
        )

    def now(self) -> datetime:
        """The time of the run: a replay happens at the time of its newest capture."""
        newest = self.replay.newest if self.replay else None
        return newest or datetime.now(UTC)

    async def db(self, function: Callable[..., T], *args: Any) -> T:
        """Call a function that works on the archive, in the one thread that does so."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *args)

    async def work(self, function: Callable[..., T], *args: Any) -> T | Refusal:
        """Call a pure function in a worker process, within the bounds of a page."""
        return await self.pool.run(function, *args)

    async def keep(self, site: str, kind: str, exchange: Exchange) -> Capture:
        """Write an exchange to the site's WARC file. What a replay brings a second time is not written again.

        Raises the errors of `pipelines.warc.WarcWriter.write`: disk full, folder not writable.
        """
        return await self.db(self._keep, site, kind, exchange)

    def _keep(self, site: str, kind: str, exchange: Exchange) -> Capture:
        capture = self._kept_before(site, exchange) if self.replay else None
        if capture is None:
            if site not in self._writers:
                self._writers[site] = WarcWriter(self.folder.warc, site, operator=self.operator, software=self.software)
            capture = self._writers[site].write(exchange)
            self.store.add_capture(capture, kind, self.run, None)
        return capture

    def _kept_before(self, site: str, exchange: Exchange) -> Capture | None:
        digest = sha1(exchange.body)
        place = self.store.find_capture(exchange.url, exchange.fetched_at, digest)
        if place is None:
            return None
        file, offset, length, record_id = place
        archived = Archived(exchange, self.folder.warc / file, offset, length, record_id, digest)
        return archived.capture(root=self.folder.warc, site=site)

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
