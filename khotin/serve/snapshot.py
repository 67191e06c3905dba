"""A Datasette database whose file may be swapped by rename while it is being read.

`khotin publish` puts a finished public.db in the place of the old one with one rename. Datasette keeps a
connection a thread for ever, so it would go on reading the old, unlinked file. `SnapshotDatabase` looks at
the file (device, inode, size, time of change: one `stat`, about 2 µs) when a request begins, and opens the
new one if there is one. Each request is pinned to the snapshot it began with: its queries, however many, see
one file. An old snapshot is closed when its last request has ended.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import queue
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from datasette.database import Database
from datasette.utils.sqlite import sqlite3

from khotin.serve.limits import Guarded, asked

Identity = tuple[int, int, int, int]
"""Device, inode, size in bytes, time of change in nanoseconds."""

log = logging.getLogger("khotin.serve")
_pinned: contextvars.ContextVar[Snapshot | None] = contextvars.ContextVar("khotin_snapshot", default=None)
_TRIES = 20


def identity(path: Path) -> Identity | None:
    """What tells one file under this path from the next one; None if there is none."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns


class NotReadable(Exception):
    """The file is missing, no database, or has no table of articles."""


def _is_sample(connection: Any) -> bool:
    try:
        return connection.execute("select 1 from about where name = 'sample'").fetchone() is not None
    except sqlite3.OperationalError:  # another program's file with a table of articles
        return False


class Snapshot:
    """Open connections to one file: as many as there are threads that read, so that none ever waits.

    All are opened at once because the path may name another file a moment later.
    """

    def __init__(self, path: Path, count: int, prepare: Callable[[Any], None]) -> None:
        self.users = 0
        self.retired = False
        self.table_counts: dict[str, int | None] | None = None
        self.memory: dict[str, Any] = {}
        """What was worked out from this file and holds as long as it is served."""
        self._idle: queue.LifoQueue[Any] = queue.LifoQueue()
        for _ in range(_TRIES):
            before = identity(path)
            if before is None:
                msg = f"{path} is not there"
                raise NotReadable(msg)
            try:
                connections = self._open(path, count, prepare)
            except sqlite3.Error as error:
                msg = f"{path} can't be read: {error}"
                raise NotReadable(msg) from error
            if identity(path) == before:
                break
            # Swapped between two of the connections: they may belong to two files.
            for connection in connections:
                connection.close()
        else:
            msg = f"{path} changed {_TRIES} times while it was being opened"
            raise NotReadable(msg)
        self.identity = before
        self.sample = _is_sample(connections[0])
        """Its articles are invented."""
        for connection in connections:
            self._idle.put(connection)

    @staticmethod
    def _open(path: Path, count: int, prepare: Callable[[Any], None]) -> list[Any]:
        connections: list[Any] = []
        try:
            for _ in range(count):
                # as_uri() quotes "?", "#" and spaces. Never immutable=1: SQLite would skip all checks.
                uri = f"{path.resolve().as_uri()}?mode=ro"
                connections.append(sqlite3.connect(uri, uri=True, check_same_thread=False, factory=Guarded))
                prepare(connections[-1])
                connections[-1].execute("select 1 from articles limit 1").fetchone()
        except BaseException:
            for connection in connections:
                connection.close()
            raise
        return connections

    @contextmanager
    def connection(self) -> Iterator[Any]:
        """Borrow a connection for one piece of work in one thread."""
        connection = self._idle.get()
        try:
            yield connection
        finally:
            self._idle.put(connection)

    def close(self) -> None:
        """Close all connections; only when nobody uses the snapshot any more."""
        while not self._idle.empty():
            self._idle.get_nowait().close()


class Stop:
    """Ends from another thread whatever query runs on a connection that is borrowed, and on no later one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: Any = None

    @contextmanager
    def reaches(self, connection: Any) -> Iterator[None]:
        """While this lasts the queries of this connection can be ended."""
        with self._lock:
            self._connection = connection
        try:
            yield
        finally:
            with self._lock:
                self._connection = None

    def __call__(self) -> None:
        """End the query that runs now, if one does: it fails as one that took too long."""
        with self._lock:
            if self._connection is not None:
                self._connection.interrupt()


class SnapshotDatabase(Database):  # type: ignore[misc]
    """Datasette's `Database` for a file that is replaced whole. Read only: nothing here ever writes."""

    def __init__(self, ds: Any, path: Path) -> None:
        super().__init__(ds, path=str(path), is_mutable=True)
        self._file = path
        self._lock = threading.Lock()
        self._current: Snapshot | None = None
        self._refused: Identity | None = None
        self.swaps = 0

    @property
    def folder(self) -> Path:
        """The data folder that the file is in."""
        return self._file.parent

    def acquire(self) -> Snapshot:
        """The snapshot of the file that is there now; give it back with `release`.

        A file that can't be read (half copied by other means, another program's) is refused with one line in
        the log, and the old snapshot goes on serving. Raises NotReadable if there never was a good one.
        """
        with self._lock:
            found = identity(self._file)
            current = self._current
            fresh = current is not None and found in (None, current.identity, self._refused)
            if not fresh:
                try:
                    current = self._renew()
                except NotReadable as error:
                    if current is None:
                        raise
                    self._refused = found
                    log.warning("%s; still serving the snapshot before it", error)
            assert current is not None  # noqa: S101
            current.users += 1
            return current

    def _renew(self) -> Snapshot:
        old = self._current
        new = Snapshot(self._file, max(1, self.ds.setting("num_sql_threads")), self._prepare)
        self._current, self._refused = new, None
        if old is not None:
            self.swaps += 1
            old.retired = True
            if old.users == 0:
                old.close()
        return new

    def release(self, snapshot: Snapshot) -> None:
        """End of use; the last user of a retired snapshot closes it."""
        with self._lock:
            snapshot.users -= 1
            if snapshot.retired and snapshot.users == 0:
                snapshot.close()

    @contextmanager
    def pinned(self) -> Iterator[Snapshot]:
        """All queries inside, and in the tasks started inside, read one and the same file.

        A request that a page makes of this server itself reads what its page reads.
        """
        outer = _pinned.get()
        if outer is not None and not (outer.retired and outer.users == 0):
            yield outer
            return
        snapshot = self.acquire()
        token = _pinned.set(snapshot)
        try:
            yield snapshot
        finally:
            _pinned.reset(token)
            self.release(snapshot)

    @property
    def sample(self) -> bool:
        """The articles are invented: pages and citations must say so."""
        with self.pinned() as snapshot:
            return snapshot.sample

    def _prepare(self, connection: Any) -> None:
        self.ds._prepare_connection(connection, self.name)

    def connect(self, write: bool = False) -> Any:
        """Datasette's way to a connection of its own; refused for writing."""
        if write:
            msg = "the published database is read only"
            raise sqlite3.OperationalError(msg)
        return super().connect(write=False)

    async def _execute_fn(self, fn: Callable[[Any], Any]) -> Any:
        # Datasette 1.0 calls this from execute() and execute_fn(); 0.65 has execute_fn() only.
        snapshot = _pinned.get()
        if snapshot is not None and not (snapshot.retired and snapshot.users == 0):
            return await self._run(snapshot, fn)
        snapshot = self.acquire()  # outside of a request: start-up
        try:
            return await self._run(snapshot, fn)
        finally:
            self.release(snapshot)

    async def execute(self, sql: str, *args: Any, **options: Any) -> Any:
        """Datasette's way to run what a reader asked for: rows of a table, facets, SQL of their own."""
        token = asked.set(sql)
        try:
            # Not to the log: whoever asks for a column that is not there would fill it. Faults go there by the plugin.
            return await super().execute(sql, *args, **{**options, "log_sql_errors": False})
        finally:
            asked.reset(token)

    if not hasattr(Database, "_execute_fn"):

        async def execute_fn(self, fn: Callable[[Any], Any]) -> Any:
            """Run `fn(connection)` in a thread on the snapshot of this request."""
            return await self._execute_fn(fn)

    async def execute_with_memory(self, fn: Callable[[Any, dict[str, Any]], Any]) -> Any:
        """Run `fn(connection, memory)` in a thread; both belong to the snapshot of this request."""
        snapshot = _pinned.get()
        if snapshot is None:
            with self.pinned() as snapshot:
                return await self._run(snapshot, lambda conn: fn(conn, snapshot.memory))
        memory = snapshot.memory
        return await self._run(snapshot, lambda conn: fn(conn, memory))

    async def _run(self, snapshot: Snapshot, fn: Callable[[Any], Any]) -> Any:
        stop = Stop()

        def in_thread() -> Any:
            with snapshot.connection() as connection, stop.reaches(connection):
                connection.begin(asked.get())
                try:
                    return fn(connection)
                except Exception as error:
                    # A cursor left in a frame of it would be closed later, in the thread of the event loop, and
                    # wait there with all readers for whatever query the connection runs by then.
                    traceback.clear_frames(error.__traceback__)
                    raise

        if self.ds.executor is None:
            return in_thread()
        work = self.ds.executor.submit(contextvars.copy_context().run, in_thread)
        try:
            return await asyncio.wrap_future(work)
        except asyncio.CancelledError:  # nobody waits for it any more; again and again: it may run several queries
            while not work.done():
                stop()
                await asyncio.sleep(0.01)
            raise

    async def table_counts(self, limit: int = 10) -> dict[str, int | None]:
        """Rows a table, counted once a snapshot (Datasette: at every view of the database page)."""
        with self.pinned() as snapshot:
            if snapshot.table_counts is None:
                snapshot.table_counts = await super().table_counts(limit=max(limit, 200))
            return snapshot.table_counts

    def close(self) -> None:
        """Close everything; called once when the server ends."""
        with self._lock:
            if self._current is not None:
                self._current.retired = True
                if self._current.users == 0:
                    self._current.close()
        super().close()
