"""Writing exchanges to WARC files."""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from pipelines.article import Capture
from pipelines.warc.frames import archivable, record_id, request_record, response_record, warcinfo
from pipelines.warc.model import Exchange, RepairReport, WarcUnreadable, write_error
from pipelines.warc.read import Archived
from pipelines.warc.records import sha1
from pipelines.warc.repair import cut_tail, lock

MAX_BYTES = 256 << 20

_LOG = logging.getLogger(__name__)
_SITE = re.compile(r"[a-z0-9][a-z0-9-]*")


class WarcWriter:
    """Appends the exchanges of one site to `<folder>/<site>/<site>-<YYYYMMDDhhmmss>-<serial>.warc.gz`.

    WARC/1.1 (ISO 28500:2017), one gzip member a record; a file begins with a warcinfo record; each exchange
    is a response and a request record that name each other (WARC-Concurrent-To), written in one go or not at
    all.

    The newest file that nobody else is writing is continued, after cutting a torn tail; the cuts are told in
    `repairs` and the log. When it would outgrow `max_bytes`, a new one begins: so the files of one writer,
    read in the order of their serials, give the exchanges in the order in which they were written.
    Threads may share a writer; several writers, also in several processes, may share a folder.
    """

    def __init__(
        self,
        folder: Path,
        site: str,
        *,
        operator: str,
        software: str,
        max_bytes: int = MAX_BYTES,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Take the facts; nothing is opened before the first `write`.

        Args:
            folder: `DATA/warc`; made if missing.
            site: id of the site (small letters, digits, hyphens).
            operator: who crawls, with a contact address.
            software: name and version of the crawler.
            max_bytes: size that a file does not pass, unless a single exchange is larger.
            clock: gives the present as an aware datetime, for file names and warcinfo records.
        """
        if not _SITE.fullmatch(site):
            message = f"{site!r} is no site id"
            raise ValueError(message)
        self.repairs: list[RepairReport] = []
        self._root = folder
        self._folder = folder / site
        self._site = site
        self._operator = operator
        self._software = software
        self._max_bytes = max_bytes
        self._clock = clock
        self._file: BinaryIO | None = None
        self._path = self._folder
        self._end = 0
        self._guard = threading.Lock()

    def __enter__(self) -> WarcWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(self, exchange: Exchange) -> Capture:
        """Append request and response; return the capture with its place, its digest and its decoded body.

        The bytes are handed to the operating system: they survive the death of the process, and after `sync`
        also a power cut.

        Raises:
            DiskFull, ReadOnlyFolder, WarcWriteError: nothing of the exchange is in the file.
            ValueError: a time without zone, a status that is none, an unknown reason of truncation.
        """
        exchange = archivable(exchange)
        response_id, request_id = record_id(), record_id()
        digest = payload_digest(exchange)
        response = response_record(exchange, response_id, request_id, digest)
        request = b"" if exchange.taken_from else request_record(exchange, request_id, response_id)
        with self._guard:
            offset = self._append(response, request)
            path = self._path
        archived = Archived(exchange, path, offset, len(response), response_id, digest, self._site)
        return archived.capture(root=self._root)

    def sync(self) -> None:
        """Wait until all that was written is on the disk.

        Raises:
            DiskFull, WarcWriteError: the disk refuses it.
        """
        with self._guard:
            self._sync()

    def close(self) -> None:
        """Sync and let go of the file. The writer can be used again and then continues it."""
        with self._guard:
            try:
                self._sync()
            finally:
                self._leave()

    def _sync(self) -> None:
        if self._file is not None:
            try:
                os.fsync(self._file.fileno())
            except OSError as error:
                raise write_error(error, self._path) from error

    def _append(self, response: bytes, request: bytes) -> int:
        pair = len(response) + len(request)
        if self._file is not None and self._end and self._end + pair > self._max_bytes:
            self._sync()
            self._leave()
        file = self._file
        while file is None or not self._in_place(file):
            self._open(pair)
            file = self._file
        head = (
            b"" if self._end else warcinfo(self._site, self._operator, self._software, self._path.name, self._clock())
        )
        data = memoryview(b"".join((head, response, request)))
        written = 0
        try:
            while written < len(data):
                written += os.pwrite(file.fileno(), data[written:], self._end + written)
        except BaseException as error:  # also Ctrl-C: half an exchange must not stay
            os.ftruncate(file.fileno(), self._end)
            path = self._path
            if not self._end:
                self._leave()
            if isinstance(error, OSError):
                raise write_error(error, path) from error
            raise
        offset = self._end + len(head)
        self._end += len(data)
        return offset

    def _in_place(self, file: BinaryIO) -> bool:
        """Tell if the open file is still the one of that name, and as long as we left it.

        Without this a file that someone moves or deletes would swallow all that is written from then on.
        """
        held = os.fstat(file.fileno())
        try:
            named = self._path.stat()
        except OSError:
            return False
        return (held.st_dev, held.st_ino, held.st_size) == (named.st_dev, named.st_ino, self._end)

    def _open(self, needed: int) -> None:
        if self._file is not None:
            _LOG.warning("%s: moved, deleted or changed by another program; it is opened anew.", self._path)
            self._file.close()
            self._file = None
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            existing = sorted(self._folder.glob(f"{self._site}-*.warc.gz"), key=_serial, reverse=True)
            for path in existing:
                try:
                    if path.stat().st_size + needed > self._max_bytes:
                        break  # older ones may have room, but what is written there would be read too early
                    if self._continue(path):
                        return
                except FileNotFoundError:  # another writer took its empty file away
                    continue
                except WarcUnreadable as error:
                    _LOG.warning("%s A new file is begun.", error)
                    break
            serial = _serial(existing[0]) + 1 if existing else 0
            self._begin(serial)
        except OSError as error:
            raise write_error(error, self._folder) from error

    def _continue(self, path: Path) -> bool:
        """Open a file at its end; False where another writer has it. Raises `WarcUnreadable`."""
        file = path.open("r+b", buffering=0)
        report = None
        usable = False
        try:
            if lock(file.fileno()):
                with path.open("r+b") as reader:
                    report = cut_tail(reader, path, pairs=True)
                usable = True
        finally:
            if not usable:
                file.close()
        if not usable:
            return False
        if report:
            self.repairs.append(report)
            _LOG.warning("%s", report)
        self._file, self._path = file, path
        self._end = file.seek(0, os.SEEK_END)
        return True

    def _begin(self, serial: int) -> None:
        while True:
            stamp = self._clock().astimezone(UTC).strftime("%Y%m%d%H%M%S")
            path = self._folder / f"{self._site}-{stamp}-{serial:05d}.warc.gz"
            serial += 1
            try:
                file = path.open("xb", buffering=0)
            except FileExistsError:
                continue
            # Between the two lines another writer may have found the new file and taken it.
            if lock(file.fileno()):
                self._file, self._path, self._end = file, path, 0
                _sync_folder(self._folder)
                return
            file.close()

    def _leave(self) -> None:
        if self._file is None:
            return
        if not self._end:
            self._path.unlink(missing_ok=True)
        self._file.close()  # gives up the lock
        self._file = None


def payload_digest(exchange: Exchange) -> str:
    """`sha1:…` of the payload as sent; of "304 Not Modified" that of the capture that still holds."""
    return exchange.unmodified_since.digest if exchange.unmodified_since else sha1(exchange.body)


def _serial(path: Path) -> int:
    found = re.search(r"-(\d+)\.warc\.gz$", path.name)
    return int(found[1]) if found else -1


def _sync_folder(folder: Path) -> None:
    """Make the name of a new file survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
