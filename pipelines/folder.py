"""Where things lie in a data folder, and its lock: one process writes at a time."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from pathlib import Path
from typing import IO

from pipelines.article import KhotinError
from pipelines.schema import ReadOnly, full

SAMPLE_NOTE = "SAMPLE.txt"
"""A file of this name beside archive.db says that its articles are invented: what is published from it says so too.

A file, not a row of the database: a rebuild makes the database anew and leaves the file.
"""


class AlreadyRunning(KhotinError):
    """Another crawl, rebuild or repair works on the same data folder, or another dump on the same folder of dumps."""

    exit_code = 75  # EX_TEMPFAIL: try again later


class DataFolder:
    """Where things lie in a data folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.archive = root / "archive.db"
        self.public = root / "public.db"
        self.warc = root / "warc"
        self.sample = root / SAMPLE_NOTE

    def lock(self) -> IO[str]:
        """Make the folder and lock it for writing; the lock ends with the process, however it ends.

        The kernel holds the lock (flock), not the file: what a killed process leaves locks nobody out. Readers
        (publish, serve, export, verify) take no lock. Raises `AlreadyRunning`, `ReadOnly`,
        `DiskFull`, or `KhotinError` where there can be no such folder.
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
        with contextlib.suppress(OSError):  # a full disk: the number is a courtesy, the lock is held without it
            os.write(handle.fileno(), f"{os.getpid()}\n".encode())
        return handle
