"""Kills crawls again and again and looks, after each, at what the archive had acknowledged until then.

What is acknowledged may never be lost: an address once in the frontier, an article once stored, a capture once in
the database with its bytes in the WARC file; nor may a stored page be fetched or stored a second time.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import http.client
import json
import os
import random
import shutil
import signal
import sqlite3
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from loopback.nursery import Nursery
from loopback.site import Answer, NewsSite
from loopback.striking import Strike, Where

SECONDS = 60.0
"""Bound of every wait."""
START, SENDING, AFTER = "start-up", "answer half sent", "moment after a request"
STAGES = (START, SENDING, AFTER, *Where)
_TIMES = {
    Where.STATEMENT: 400,
    Where.COMMIT: 60,
    Where.COMMITTED: 60,
    Where.RECORD: 30,
    Where.ARCHIVED: 30,
    Where.EXTRACTION: 25,
    Where.END: 1,
}
"""The latest time of each place at which a run is killed."""
_MAKING = 60
"""Statements within which a new archive has its tables."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a data folder holds. From a copy of its database: the write-ahead log of a killed crawl stays as it is."""

    frontier: dict[str, str]
    """Address -> state."""
    articles: dict[str, tuple[str, str]]
    """Canonical address -> permalink and hash of its text."""
    captures: dict[str, tuple[str, str, int, int, str]]
    """Record id -> address, file, offset, length, digest."""
    rows: int
    """Rows in the table of articles."""


def kept(data: Path) -> Kept:
    """What is acknowledged in a data folder at this moment."""
    copy = data.parent / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for name in ("archive.db", "archive.db-wal"):
        if (data / name).exists():
            shutil.copy(data / name, copy / name)
    with closing(sqlite3.connect(copy / "archive.db")) as db:
        tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not {"frontier", "articles", "captures"} <= tables:  # killed before its first night began
            return Kept({}, {}, {}, 0)
        assert db.execute("PRAGMA quick_check").fetchall() == [("ok",)]
        articles = db.execute("SELECT canonical_url, key, text_hash FROM articles").fetchall()
        captures = db.execute(
            "SELECT record_id, url, warc_file, warc_offset, warc_length, digest FROM captures"
        ).fetchall()
        return Kept(
            dict(db.execute("SELECT url, state FROM frontier")),
            {url: (key, text) for url, key, text in articles},
            {record: tuple(rest) for record, *rest in captures},
            len(articles),
        )


def unreadable(data: Path, captures: dict[str, tuple[str, str, int, int, str]]) -> list[str]:
    """Captures that do not stand whole where the database has them in the WARC files; by zlib and SHA-1 alone."""
    bad = []
    for record, (url, file, offset, length, digest) in captures.items():
        with (data / "warc" / file).open("rb") as warc:
            warc.seek(offset)
            inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
            try:
                text = inflate.decompress(warc.read(length))
            except zlib.error as error:
                bad.append(f"{url}: {error}")
                continue
        head, _, http = text.removesuffix(b"\r\n\r\n").partition(b"\r\n\r\n")
        body = http.partition(b"\r\n\r\n")[2]
        sums = "sha1:" + base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()
        fields = dict(line.partition(": ")[::2] for line in head.decode().split("\r\n")[1:])
        whole = inflate.eof and not inflate.unused_data
        if (whole, fields.get("WARC-Record-ID"), fields.get("WARC-Target-URI"), sums) != (
            True,
            f"<{record}>",
            url,
            digest,
        ):
            bad.append(f"{url}: another record, or half of it, at byte {offset} of {file}")
    return bad


@dataclass(frozen=True, slots=True)
class Death:
    """How one run ended, and what was wrong after it (nothing)."""

    stage: str
    seconds: float
    requests: int
    stored: int
    """Articles that it stored."""
    killed: bool
    """False: the run came to its end before."""
    lost: tuple[str, ...]
    twice: tuple[str, ...]
    torn: bool
    """It left a WARC file with half a record at its end."""
    pid: int


class Fatal(NewsSite):
    """A site in the hands of whoever kills: it can be told to strike at a request, half of whose answer it sends."""

    def __init__(self, *, per_page: int = 10, delay: float = 0.0) -> None:
        super().__init__(per_page=per_page, delay=delay)
        self.came = threading.Condition()
        self.failures: Counter[str] = Counter()
        """Path -> answers that were no good, so that it may be asked for again."""
        self._half_at = 0
        self._kill: Callable[[], None] = lambda: None

    def strike_at(self, request: int, kill: Callable[[], None]) -> None:
        """Answer half of a request, the so-and-so-many-th of this run, and call `kill`."""
        self._half_at, self._kill = request, kill

    def answer(self, path: str) -> Answer:
        """As the site answers; the one at which to strike only in half."""
        found = super().answer(path)
        with self.came:
            self.came.notify_all()
        if self._half_at and len(self.log) >= self._half_at:
            self._half_at = 0
            return Answer(found.body, raw=lambda stream: self._half(stream, found))
        return found

    def _half(self, stream: BinaryIO, found: Answer) -> None:
        head = f"HTTP/1.1 {found.status} OK\r\nContent-Type: {found.content_type}\r\nContent-Length: {len(found.body)}"
        stream.write(f"{head}\r\n\r\n".encode() + found.body[: len(found.body) // 2])
        stream.flush()
        self._kill()

    def rest(self) -> None:
        """Wait until nothing of the last run is being answered any more; the log of the next one begins."""
        self._half_at = 0
        # Connections are accepted in order: when this one is answered, no dead crawl's is left in the queue.
        with closing(http.client.HTTPConnection(self.host, self.port, timeout=SECONDS)) as last:
            last.request("GET", "/nothing-is-under-way")
            last.getresponse().read()
        until = time.monotonic() + SECONDS
        while any("process_request_thread" in thread.name for thread in threading.enumerate()):
            assert time.monotonic() < until, "an answer does not end"
            time.sleep(0.002)
        self.log.clear()
        self.failures.clear()


@dataclass
class Loop:
    """Crawls one site into one folder, killing each run. `chance` decides how and when."""

    site: Fatal
    folder: Path
    nursery: Nursery
    chance: random.Random
    settings: dict[str, Any] = field(default_factory=dict)
    deaths: list[Death] = field(default_factory=list)
    endings: tuple[int, ...] = (-signal.SIGKILL, 0)
    """Exit codes that a run may have."""

    def __post_init__(self) -> None:
        self.data = self.folder / "data"
        self.argv = [str(self.site.card(self.folder / "cards", feeds=["/tin.rss"])), str(self.data)]
        self.known = Kept({}, {}, {}, 0)

    def plan(self, number: int) -> list[str]:
        """So many stages: each as often as the others, in a random order; the making of the archive first, the end of
        a run last.
        """
        middle = [stage for stage in STAGES if stage is not Where.END]
        stages = [middle[at % len(middle)] for at in range(number - 2)]
        self.chance.shuffle(stages)
        return [Where.STATEMENT, *stages, Where.END]

    def die(self, stage: str) -> Death:
        """One run that is killed at a stage, and a look at what it left. A run may come to its end before."""
        where = Where(stage) if stage in _TIMES else None
        strike = None
        if where:
            times = _TIMES[where] if self.known.frontier or where is not Where.STATEMENT else _MAKING
            strike = Strike(where, self.chance.randint(1, times), self.chance.uniform(0.05, 0.95))
        return self._run(stage, strike)

    def finish(self) -> dict[str, Any]:
        """A run that nobody kills: its report."""
        death = self._run("none", None)
        assert not death.killed
        report: dict[str, Any] = json.loads((self.folder / "out").read_text())
        return report

    def _run(self, stage: str, strike: Strike | None) -> Death:
        self.site.rest()
        struck = self.folder / "struck"
        struck.unlink(missing_ok=True)
        before, started = self.known, time.monotonic()
        pid = self.nursery.start([*self.argv, json.dumps(self.settings)], self.folder, strike)
        over = threading.Event()
        killer = self._killer(stage, pid, over)
        code = self.nursery.wait()
        over.set()
        if killer:
            with self.site.came:
                self.site.came.notify_all()
            killer.join()
        seconds = time.monotonic() - started
        assert code in self.endings, (self.folder / "err").read_text()
        assert not (code and strike) or struck.read_text() == stage
        if (self.data / "archive.db").exists():
            self.known = kept(self.data)
        death = self._look(stage, seconds, before, pid, killed=code < 0)
        self.deaths.append(death)
        return death

    def _killer(self, stage: str, pid: int, over: threading.Event) -> threading.Thread | None:
        nth, wait = self.chance.randint(1, 40), self.chance.random()

        def kill() -> None:
            with contextlib.suppress(ProcessLookupError):  # it came to its end a moment before
                os.killpg(pid, signal.SIGKILL)

        def kill_later() -> None:
            if stage == AFTER:
                with self.site.came:
                    self.site.came.wait_for(lambda: over.is_set() or len(self.site.log) >= nth, SECONDS)
            if not over.wait(wait * (0.05 if stage == AFTER else 0.5)):
                kill()

        if stage == SENDING:
            self.site.strike_at(nth, kill)
        elif stage in (START, AFTER):
            thread = threading.Thread(target=kill_later)
            thread.start()
            return thread
        return None

    def _look(self, stage: str, seconds: float, before: Kept, pid: int, *, killed: bool) -> Death:
        now, base = self.known, self.site.base
        lost = [url for url in before.frontier if url not in now.frontier]
        lost += [url for url in before.articles if now.articles.get(url) != before.articles[url]]
        lost += [value[0] for record, value in before.captures.items() if now.captures.get(record) != value]
        new = {record: value for record, value in now.captures.items() if record not in before.captures}
        lost += unreadable(self.data, new)
        asked = Counter(self.site.log) - self.site.failures
        twice = [path for path in asked if before.frontier.get(base + path) == "kept"]
        twice += [path for path, count in asked.items() if count > 1 and "/bai-" in path]
        if now.rows != len(now.articles) or now.rows != len({key for key, _ in now.articles.values()}):
            twice.append("an article stands twice in the table")
        stored = len(now.articles) - len(before.articles)
        torn = any(not _whole(file) for file in (self.data / "warc").glob("*/*.warc.gz"))
        return Death(str(stage), seconds, len(self.site.log), stored, killed, tuple(lost), tuple(twice), torn, pid)


def _whole(file: Path) -> bool:
    """Whether a WARC file consists of whole gzip members."""
    rest = file.read_bytes()
    while rest:
        inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            inflate.decompress(rest)
        except zlib.error:
            return False
        if not inflate.eof:
            return False
        rest = inflate.unused_data
    return True
