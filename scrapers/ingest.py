"""WARC files of others into the archive: wget's, Browsertrix', Heritrix', the Internet Archive's.

What belongs to a site of the catalogue is written to the site's own WARC files and read from there, as a rebuild reads
them: so `khotin rebuild` gives the same archive, and the files of others can go. A capture that is there already
(address, time, digest) is not written again, but read again: an ingest that was killed is finished by the next one.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import os
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from pipelines.article import Capture, KhotinError
from pipelines.disk import DiskGuard
from pipelines.extract import extract
from pipelines.folder import DataFolder
from pipelines.identity import UnusableAddress, host_of
from pipelines.store import Store
from pipelines.warc import (
    Archived,
    TornRecord,
    WarcMissing,
    WarcUnreadable,
    WarcWriter,
    WholeGzip,
    payload_digest,
    read_archived,
    read_exchange,
)
from pipelines.warc.frames import archivable
from scrapers import resume
from scrapers.catalogue import Catalogue, Site, load_catalogue
from scrapers.healing import heal
from scrapers.reading import Extract, Reading
from scrapers.session import register

_PIECE = 1 << 22
_REASONS = frozenset({"", "length", "time", "disconnect", "unspecified"})
_PAGES = ("text/html", "application/xhtml", "xml", "application/rss", "application/atom")
"""What the content type of a page, a feed or a sitemap begins with or contains."""


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingest read and took."""

    files: int
    taken: dict[str, int]
    """Captures written to the archive, by site."""
    known: int
    """Captures that were there already."""
    other_hosts: dict[str, int]
    """Captures left out, by host: no card has it."""
    no_pages: dict[str, int]
    """Captures of the sites left out, by content type: pictures, scripts, styles …"""
    counts: dict[str, int]
    """As of a rebuild: new, revised, unchanged, refused, listings …"""
    problems: tuple[str, ...]
    lost: int = 0
    """Captures of an earlier run that a power cut took; the next crawl fetches them again."""


def ingest(
    paths: Sequence[Path],
    data: Path,
    *,
    workers: int | None = None,
    catalogue: Catalogue | None = None,
    extract: Extract = extract,
    disk_free_mb: str | float | None = None,
    advance: Callable[[int], None] = lambda _: None,
) -> IngestReport:
    """Take the pages of the catalogue's sites from WARC files (.warc, .warc.gz, .wacz, folders of them).

    Torn records and files that are no WARC are told in `problems`, all else is taken. `advance` is called with the
    number of captures looked at since its last call. Raises `WarcMissing` before anything is read where a file is not
    there, and `KhotinError`: folder not writable, another khotin is writing, disk nearly full.
    """
    files = list(_files(paths))
    folder = DataFolder(data)
    guard = DiskGuard(data, disk_free_mb)
    lock = folder.lock()
    try:
        with Store.open(folder.archive) as store, tempfile.TemporaryDirectory(prefix=".ingest-", dir=data) as beside:
            # The run below will end, and after that nobody looks for what a power cut took from an earlier one.
            lost = heal(store, folder.warc, datetime.now(UTC))
            job = Reading(store, catalogue or load_catalogue(), folder, extract, lambda _: None)
            taking = _Taking(job, guard, Path(beside), advance)
            plans = resume.remember(store)
            try:
                asyncio.run(job.run(taking.captures(files), taking.sites, "ingest", workers))
            finally:
                taking.close()
            resume.put_back(store, job.catalogue, plans, datetime.now(UTC))
    finally:
        lock.close()
    return IngestReport(
        len(files),
        dict(sorted(taking.taken.items())),
        taking.known,
        dict(taking.other_hosts.most_common()),
        dict(taking.no_pages.most_common()),
        dict(sorted(job.counts.items())),
        tuple(job.problems),
        lost,
    )


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            found = sorted(one for one in path.rglob("*") if one.name.endswith((".warc", ".warc.gz", ".wacz")))
            if not found:
                message = f"{path}: there is no .warc, .warc.gz or .wacz file in it"
                raise WarcMissing(message)
            yield from found
        elif not path.is_file():
            message = f"{path}: there is no such file. Give the path of a WARC file or of a folder of them."
            raise WarcMissing(message)
        else:
            yield path


class _Taking:
    """Writes what belongs to a site to its files, and gives it back as captures of the archive."""

    def __init__(self, job: Reading, guard: DiskGuard, beside: Path, advance: Callable[[int], None]) -> None:
        self.job = job
        self.guard = guard
        self.beside = beside
        self.advance = advance
        self.sites: list[str] = []
        self.taken: Counter[str] = Counter()
        self.known = 0
        self.other_hosts: Counter[str] = Counter()
        self.no_pages: Counter[str] = Counter()
        self._writers: dict[str, WarcWriter] = {}
        self._bodies: dict[str, tuple[Path, int]] = {}
        """Digest as stated -> where a body lies in the files read so far."""

    def captures(self, files: Sequence[Path]) -> Iterator[Capture]:
        """The captures of the catalogue's sites in all files."""
        later: list[tuple[Archived, str]] = []
        for file in files:
            for item in self._items(file):
                self.advance(1)
                yield from self._take(item, file.name, later)
        for item, name in later:  # a revisit of what only a later file has
            full = self._whole(item)
            if full is None:
                url = item.exchange.url
                self.job.problems.append(f"{name}: {url}: a revisit of a record that is in none of the files")
            else:
                yield from self._keep(full, name)

    def close(self) -> None:
        """Let go of the sites' files."""
        for writer in self._writers.values():
            writer.close()

    def _items(self, file: Path) -> Iterator[Archived]:
        """The exchanges of a file; of one that can't be read by place, from an unpacked copy."""
        try:
            if zipfile.is_zipfile(file):  # WACZ: WARC files and their index in one archive
                for part in self._unzipped(file):
                    yield from self._items(part)
                return
            yield from read_archived(file, on_torn=self._torn, on_skipped=self.job.problems.append)
        except WholeGzip:
            yield from self._items(self._unpacked(file))
        except WarcUnreadable as error:
            self.job.problems.append(str(error))

    def _torn(self, torn: TornRecord) -> None:
        self.job.problems.append(f"{torn.path}: {torn.reason} at byte {torn.offset}; all whole records were read")

    def _unzipped(self, file: Path) -> Iterator[Path]:
        try:
            with zipfile.ZipFile(file) as archive:
                names = [name for name in archive.namelist() if name.endswith((".warc", ".warc.gz"))]
                for number, name in enumerate(names):
                    target = self.beside / f"{len(self._bodies)}-{number}-{Path(name).name}"
                    with archive.open(name) as packed, target.open("wb") as out:
                        self._pour(packed, out)
                    yield target
        except (zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
            self.job.problems.append(f"{file}: damaged ({error}): copy it again from where it came")

    def _unpacked(self, file: Path) -> Path:
        target = self.beside / f"{len(self._bodies)}-{file.stem}"
        with target.open("wb") as out:
            try:
                with gzip.open(file) as packed:
                    self._pour(packed, out)
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                self.job.problems.append(f"{file}: damaged ({error}); what came before was read")
        return target

    def _pour(self, packed: IO[bytes] | gzip.GzipFile, out: IO[bytes]) -> None:
        while piece := packed.read(_PIECE):
            self.guard.check()
            out.write(piece)

    def _take(self, item: Archived, name: str, later: list[tuple[Archived, str]]) -> Iterator[Capture]:
        site = self._site(item)
        if site is None or item.exchange.status == 304:  # of 304 the page it stands for is not told
            return
        if item.refers_to is None:
            for name_of_body in _names_of_body(item):
                self._bodies.setdefault(name_of_body, (item.path, item.offset))
            yield from self._keep(item, name)
        elif full := self._whole(item):
            yield from self._keep(full, name)
        else:
            later.append((item, name))

    def _site(self, item: Archived) -> Site | None:
        """The site whose page it is; what it is else is counted."""
        exchange = item.exchange
        site = self.job.catalogue.site_for(exchange.url)
        if site is None:
            self.other_hosts[_host(exchange.url)] += 1
            return None
        if item.refers_to is None and not _is_page(site, item):
            kind = exchange.header("Content-Type").partition(";")[0].strip().lower()
            self.no_pages[kind or "no content type"] += 1
            return None
        return site

    def _whole(self, item: Archived) -> Archived | None:
        """A revisit with the body it refers to: from the files, or from the archive."""
        assert item.refers_to is not None  # noqa: S101  # for mypy
        digest, url, date = item.refers_to
        place = self._bodies.get(digest) or self._bodies.get(f"{url} {date}")
        if place is None:
            with self.job.store.transaction() as cx:
                row = cx.execute("SELECT warc_file, warc_offset FROM captures WHERE digest = ?", (digest,)).fetchone()
            place = (self.job.folder.warc / row[0], row[1]) if row else None
        if place is None:
            return None
        try:
            return item.with_body_of(read_exchange(*place))
        except KhotinError as error:
            self.job.problems.append(str(error))
            return None

    def _keep(self, item: Archived, name: str) -> Iterator[Capture]:
        site = self._site(item)
        if site is None:
            return
        if site.id not in self.sites:
            self.sites.append(site.id)
            register(self.job.store, self.job.catalogue, [site.id])
        reason = item.exchange.truncated
        exchange = replace(item.exchange, taken_from=name, truncated=reason if reason in _REASONS else "unspecified")
        try:
            exchange = archivable(exchange)
        except ValueError as error:  # status 0, as some archivers note a failure
            self.job.problems.append(f"{name}: {exchange.url}: {error}")
            return
        digest = payload_digest(exchange)
        place = self.job.store.find_capture(exchange.url, exchange.fetched_at, digest)
        if place:
            self.known += 1
            file, offset, length, record = place
            there = Archived(exchange, self.job.folder.warc / file, offset, length, record, digest)
            yield there.capture(root=self.job.folder.warc, site=site.id)
            return
        self.guard.check()
        yield self._writer(site.id).write(exchange)
        self.taken[site.id] += 1

    def _writer(self, site: str) -> WarcWriter:
        if site not in self._writers:
            software = f"khotin/{version('khotin')}"
            operator = os.environ.get("KHOTIN_CONTACT", "")
            self._writers[site] = WarcWriter(self.job.folder.warc, site, operator=operator, software=software)
        return self._writers[site]


def _names_of_body(item: Archived) -> tuple[str, ...]:
    """What a revisit may refer to it by: digests in SHA-1, or in SHA-256 as Browsertrix has them; address and date."""
    exchange = item.exchange
    stamp = exchange.fetched_at.isoformat().replace("+00:00", "Z")
    return item.digest, f"sha256:{hashlib.sha256(exchange.body).hexdigest()}", f"{exchange.url} {stamp}"


def _host(url: str) -> str:
    try:
        return host_of(url)
    except UnusableAddress:
        return "no host"


def _is_page(site: Site, item: Archived) -> bool:
    """Whether a capture may say something of the site's articles; pictures, scripts and errors elsewhere do not."""
    exchange = item.exchange
    own = {*site.feeds, *site.sitemaps, *(url for one in site.sections for url in (one.url, *one.feeds))}
    if exchange.url in own or site.is_article(exchange.url):
        return True
    kind = exchange.header("Content-Type").lower()
    if urlsplit(exchange.url).path == "/robots.txt":
        return exchange.status == 200 and kind.startswith("text/plain")
    return exchange.status == 200 and any(part in kind for part in _PAGES) and "svg" not in kind
