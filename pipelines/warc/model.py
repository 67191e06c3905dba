"""What is written to and read from a WARC file, and the ways in which that can fail."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipelines.article import KhotinError

Headers = tuple[tuple[str, str], ...]
"""Header lines in their order. Text stands for bytes by ISO 8859-1, as in RFC 9110, section 5.5."""


@dataclass(frozen=True, slots=True)
class RefersTo:
    """The record that a revisit record stands for (WARC 1.1, sections 5.11 to 5.13)."""

    record_id: str
    """Without angle brackets."""
    url: str
    fetched_at: datetime
    digest: str
    """`sha1:…` of its payload as sent."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its response as they went over the wire.

    `body` is as sent: still content-encoded (gzip, br …), but without transfer coding (chunked).
    `fetched_at` is timezone-aware. `truncated` is empty or a reason of WARC 1.1, section 5.13:
    `length`, `time`, `disconnect`, `unspecified`.
    """

    url: str
    fetched_at: datetime
    method: str
    request_headers: Headers
    status: int
    reason: str
    response_headers: Headers
    body: bytes
    truncated: str = ""
    ip: str = ""
    request_body: bytes = b""
    unmodified_since: RefersTo | None = None
    """Of an answer "304 Not Modified": the earlier capture that still holds. Written, not read."""
    taken_from: str = ""
    """Of a capture that others made: the name of their file. Written, not read; then no request is written."""

    def header(self, name: str) -> str:
        """Return the first response header of this name (any case), or an empty string."""
        return first_header(self.response_headers, name)


def first_header(headers: Headers, name: str) -> str:
    """Return the first header of this name (any case), or an empty string."""
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), "")


@dataclass(frozen=True, slots=True)
class RepairReport:
    """What was cut from the end of a file. Sizes in bytes; `torn_file` holds the cut bytes."""

    path: Path
    kept: int
    cut: int
    torn_file: Path
    reason: str

    def __str__(self) -> str:
        return (
            f"{self.path}: cut {self.cut} bytes after byte {self.kept} ({self.reason}); "
            f"they are kept in {self.torn_file.name}"
        )


class WarcUnreadable(KhotinError):
    """A file is no WARC, or is compressed so that no record has a place."""

    exit_code = 65  # EX_DATAERR of sysexits.h


class WholeGzip(WarcUnreadable):
    """A file is compressed as a whole, so that no record has a place in it."""


class WarcMissing(WarcUnreadable):
    """A file is missing, a folder, or may not be read."""

    exit_code = 66  # EX_NOINPUT


class TornRecord(KhotinError):
    """A record is incomplete or damaged: it ends early, or its bytes do not fit its checksum."""

    exit_code = 65

    def __init__(self, path: Path, offset: int, reason: str, *, cut: int = 0) -> None:
        self.path = path
        self.offset = offset
        self.reason = reason
        self.cut = cut
        """Bytes from `offset` to the next whole record, or to the end of the file."""
        super().__init__(
            f"{path}: {reason} at byte {offset}; all whole records were read. A file from elsewhere: copy it again "
            "from where it came. A file of the archive: `khotin verify --repair` cuts a torn tail and keeps it beside."
        )


class WarcWriteError(KhotinError):
    """A WARC file cannot be written; nothing half-written stays behind."""

    exit_code = 74  # EX_IOERR


class DiskFull(WarcWriteError):
    """No room: the disk, the user's quota or the largest file size allowed is used up."""


class ReadOnlyFolder(WarcWriteError):
    """The folder for WARC files cannot be made or written to."""

    exit_code = 77  # EX_NOPERM


class WarcBusy(WarcWriteError):
    """Another process is writing this file."""

    exit_code = 75  # EX_TEMPFAIL


class BodyTooLarge(KhotinError):
    """A body decodes to more bytes than allowed. `partial` holds the bytes up to the limit."""

    def __init__(self, message: str, partial: bytes) -> None:
        super().__init__(message)
        self.partial = partial


class BodyDamaged(KhotinError):
    """A body does not decode to its end. `partial` holds what could be decoded."""

    def __init__(self, message: str, partial: bytes) -> None:
        super().__init__(message)
        self.partial = partial


_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NOT_ALLOWED = frozenset({errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST, errno.EISDIR})


def write_error(error: OSError, path: Path) -> WarcWriteError:
    """Give an error of the operating system its name from the world."""
    if error.errno in _NO_ROOM:
        return DiskFull(f"{path}: no room left ({error.strerror}). Free some space or quota and run again.")
    if error.errno in _NOT_ALLOWED:
        return ReadOnlyFolder(f"{path}: cannot be written ({error.strerror}). Choose another folder with --data.")
    return WarcWriteError(f"{path}: writing failed ({error.strerror}). Check the disk and run again.")
