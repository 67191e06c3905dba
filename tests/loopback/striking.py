"""Deals a crawl its death at a moment named beforehand: SIGKILL to its whole process group, pool workers and all.

The process kills itself at the place, which no signal from outside could hit: in the middle of a WARC record's bytes,
at a statement of a transaction, within a COMMIT. What is left on the disk is what any kill -9 at that moment leaves.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn


class Where(StrEnum):
    """Places in a crawl at which it can be struck."""

    STATEMENT = "statement of a transaction"
    COMMIT = "commit"
    COMMITTED = "after a commit"
    RECORD = "WARC record half written"
    ARCHIVED = "archived, not yet in the database"
    EXTRACTION = "extraction"
    END = "end of the run"


@dataclass(frozen=True, slots=True)
class Strike:
    """When to die: at the `count`-th time of `where` in this run, `share` (0 to 1) of the way through it."""

    where: Where
    count: int
    share: float


LONGEST_S = {Where.COMMIT: 0.000_3, Where.EXTRACTION: 0.02, Where.END: 0.05}
"""What `share` is a share of, where the way through it can only be told in time."""


class Striker:
    """Counts what the crawl does and kills it when its time has come. `mark`: a file that then says where."""

    def __init__(self, strike: Strike, mark: Path) -> None:
        self.strike, self.mark, self.seen = strike, mark, 0
        self._now = threading.Event()

    def arm(self) -> None:
        """Get into the places at which a strike can be asked for."""
        where = self.strike.where
        if where in (Where.STATEMENT, Where.COMMIT, Where.COMMITTED):
            self._into_sqlite()
        elif where in (Where.RECORD, Where.ARCHIVED):
            self._into_warc_files()
        elif where is Where.EXTRACTION:
            from pipelines.pool import WorkerPool

            WorkerPool.run = self._before(WorkerPool.run)  # type: ignore[method-assign]
        else:
            from scrapers.session import Session

            Session.close = self._before(Session.close)  # type: ignore[method-assign]
        threading.Thread(target=self._wait, daemon=True).start()

    def due(self) -> bool:
        """Count one more time; whether it is the one."""
        self.seen += 1
        return self.seen == self.strike.count

    def kill(self) -> NoReturn:
        """The end."""
        self.mark.write_text(self.strike.where)
        os.killpg(0, signal.SIGKILL)
        while True:  # the signal is on its way
            time.sleep(1)

    def soon(self) -> None:
        """Die while the next steps are being taken."""
        self._now.set()

    def _wait(self) -> None:
        self._now.wait()
        time.sleep(LONGEST_S[self.strike.where] * self.strike.share)
        self.kill()

    def _before(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def struck(*args: Any, **kwargs: Any) -> Any:
            if self.due():
                self.soon()
            return function(*args, **kwargs)

        return struck

    def _into_sqlite(self) -> None:
        connect = sqlite3.connect
        committed = False

        def traced(statement: str) -> None:
            nonlocal committed
            where = self.strike.where
            if (committed and where is Where.COMMITTED) or (where is Where.STATEMENT and self.due()):
                self.kill()
            elif where is not Where.STATEMENT and statement == "COMMIT" and self.due():
                committed = True
                if where is Where.COMMIT:
                    self.soon()

        def connected(*args: Any, **kwargs: Any) -> sqlite3.Connection:
            conn = connect(*args, **kwargs)
            conn.set_trace_callback(traced)
            return conn

        sqlite3.connect = connected  # type: ignore[assignment]

    def _into_warc_files(self) -> None:
        write = os.pwrite

        def written(file: int, data: Any, offset: int) -> int:
            if not self.due():
                return write(file, data, offset)
            part = len(data) if self.strike.where is Where.ARCHIVED else int(len(data) * self.strike.share)
            write(file, data[:part], offset)
            return self.kill()

        os.pwrite = written
