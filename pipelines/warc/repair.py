"""Cutting a torn tail, and checking whole files."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pipelines.warc.bodies import dechunk
from pipelines.warc.http import http_parts
from pipelines.warc.model import RepairReport, TornRecord, WarcBusy, WarcWriteError, first_header, write_error
from pipelines.warc.records import Record, block_problem, digest_problem, iter_records, next_gzip, open_warc

_TAIL = 1 << 18


def repair_tail(path: Path, *, pairs: bool = False, known_end: int = 0) -> RepairReport | None:
    """Cut what follows the last whole record, as kill -9 or a power cut leaves it; keep it in `<name>.torn`.

    Damage in the middle of a file is left alone: whole records follow it (`check` tells of it).

    Args:
        path: a .warc.gz or .warc file.
        pairs: also cut a last response whose request record was never written. Only for files that khotin
            wrote: it writes both at once.
        known_end: where the last record ends that a database refers to. With `pairs`, no response before it is
            cut: it was whole once, and is all there is of its page.

    Returns:
        What was cut, or None if the file ends with a whole record.

    Raises:
        WarcBusy: another process is writing the file.
        WarcUnreadable: it is missing or no WARC.
        WarcWriteError: it may not be changed, or the cut bytes find no room. Then nothing was changed.
    """
    with open_warc(path):
        pass
    try:
        stream = path.open("r+b")
    except OSError as error:
        raise write_error(error, path) from error
    with stream:
        if not lock(stream.fileno()):
            message = f"{path}: another process is writing it. Repair it when that has ended."
            raise WarcBusy(message)
        return cut_tail(stream, path, pairs=pairs, known_end=known_end)


def lock(descriptor: int) -> bool:
    """Take the writer's lock of an open file; False if another holds it. It goes when the file is closed."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def cut_tail(stream: BinaryIO, path: Path, *, pairs: bool, known_end: int = 0) -> RepairReport | None:
    """Do the work of `repair_tail` on a file that is open for reading and writing, and locked."""
    size = stream.seek(0, os.SEEK_END)
    if size == 0 or _ends_whole(stream, path, size, pairs=pairs):
        return None
    good, reason = _good_end(iter_records(stream, path), pairs=pairs)
    if good < known_end:
        good, reason = _good_end(iter_records(stream, path), pairs=False)
    if good == size:
        return None
    torn_file = _keep(stream, path, good)
    try:
        os.ftruncate(stream.fileno(), good)
        os.fsync(stream.fileno())
    except OSError as error:
        raise write_error(error, path) from error
    return RepairReport(path, good, size - good, torn_file, reason)


def _ends_whole(stream: BinaryIO, path: Path, size: int, *, pairs: bool) -> bool:
    """Look at the last records only, since opening a file of 256 MB must not read it all.

    Begins at a gzip member near the end. True only if whole records reach the very end, which a false
    beginning (a gzip file inside a page) cannot do. False sends the caller the long way.
    """
    window = _TAIL
    while window < size:
        start = next_gzip(stream, size - window, size)
        if start < size:
            good, _ = _good_end(iter_records(stream, path, start=start), pairs=pairs)
            return good == size
        window *= 8
    return False


def _good_end(records: Iterator[Record | TornRecord], *, pairs: bool) -> tuple[int, str]:
    """Return where the last record ends that is whole (and not half of a pair), and what is wrong then."""
    good, reason, before = 0, "", ""
    for record in records:
        if isinstance(record, TornRecord):
            reason = record.reason
            continue
        partner = record.header("WARC-Concurrent-To").strip("<>")
        if pairs and record.type in ("response", "revisit") and partner and partner != before:
            reason = "a response without its request"
        else:
            good, reason = record.offset + record.length, ""
        before = record.id
    return good, reason


def _keep(stream: BinaryIO, path: Path, start: int) -> Path:
    """Copy the bytes from `start` on into a new file beside."""
    for number in range(1, 1000):
        target = path.with_name(f"{path.name}.torn" if number == 1 else f"{path.name}.torn.{number}")
        try:
            copy = target.open("xb")
        except FileExistsError:
            continue
        except OSError as error:
            raise write_error(error, target) from error
        try:
            with copy:
                stream.seek(start)
                while data := stream.read(1 << 20):
                    copy.write(data)
                copy.flush()
                os.fsync(copy.fileno())
        except OSError as error:
            target.unlink()
            raise write_error(error, target) from error
        return target
    message = f"{path}: there are already 999 .torn files of it. Look at them, then delete them."
    raise WarcWriteError(message)


def check(path: Path) -> list[str]:
    """Check a file record by record: gzip members and their checksums, lengths, block and payload digests.

    Returns:
        One line a problem, none if the file is sound.

    Raises:
        WarcUnreadable: it is missing, no WARC, or compressed as a whole.
    """
    return [
        f"{path}: record at byte {one.offset}: {problem}" for one, problems in examine(path) for problem in problems
    ]


def examine(path: Path) -> Iterator[tuple[Record | TornRecord, tuple[str, ...]]]:
    """Give each record of a file, and each damaged stretch, with what is wrong with it: see `check`.

    Raises:
        WarcUnreadable: as `check`, when it comes to that.
    """
    with open_warc(path) as stream:
        for record in iter_records(stream, path):
            if isinstance(record, TornRecord):
                yield record, (f"{record.reason} ({record.cut} bytes are lost)",)
            elif record.oversized:
                yield record, (f"{record.block_length} bytes, too large to be checked",)
            else:
                found = (block_problem(record), _payload_problem(record), _head_problem(record))
                yield record, tuple(problem for problem in found if problem)


def being_written(path: Path) -> bool:
    """Whether a writer holds the file now: its last record may then be only half there.

    Raises:
        WarcUnreadable: it is missing or may not be read.
    """
    with open_warc(path) as stream:
        return not lock(stream.fileno())


def _head_problem(record: Record) -> str:
    missing = [name for name in ("WARC-Type", "WARC-Record-ID", "WARC-Date") if not record.header(name)]
    return f"the record head lacks {', '.join(missing)}" if missing else ""


def _payload_problem(record: Record) -> str:
    stated = record.header("WARC-Payload-Digest")
    if not stated or record.type == "revisit":  # a revisit states the digest of the record it refers to
        return ""
    if record.header("WARC-Segment-Number"):
        return ""
    if not record.header("Content-Type").lower().startswith("application/http"):
        return digest_problem("payload", stated, record.block)
    _, head, body = http_parts(record.block)
    chunked = "chunked" in first_header(head, "Transfer-Encoding").lower()
    # WARC 1.1 leaves open whether the payload has the chunks in it; both are in use.
    return digest_problem("payload", stated, body, *((dechunk(body)[0],) if chunked else ()))
