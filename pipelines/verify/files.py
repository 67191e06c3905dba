"""The WARC files, each read once: every record against its checksums, every capture against its place."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from pipelines.folder import DataFolder
from pipelines.verify.report import Findings
from pipelines.warc import (
    Record,
    TornRecord,
    WarcBusy,
    WarcUnreadable,
    being_written,
    examine,
    repair_tail,
    stated_digest,
)

RESTORE = "put the file back from a backup, or run `khotin rebuild`, which keeps what can still be read"

_CAPTURES = """
SELECT c.warc_file, c.warc_offset, c.warc_length, coalesce(c.record_id, ''), c.digest, c.url,
  (SELECT min(a.key) FROM articles a WHERE a.capture_id = c.id)
FROM captures c ORDER BY c.warc_file, c.warc_offset
"""


class Place(NamedTuple):
    """A capture as the database knows it. `article`: key of the article whose present text it gave, if any."""

    file: str
    offset: int
    length: int
    record_id: str
    digest: str
    url: str
    article: str | None

    def __str__(self) -> str:
        return f"{self.url} (article {self.article})" if self.article else self.url


def places_by_file(db: sqlite3.Connection) -> Iterator[tuple[str, list[Place]]]:
    """The captures of the database, WARC file by WARC file, of one moment: a crawl may go on meanwhile."""
    rows = (Place(*row) for row in db.execute(_CAPTURES))
    for file, places in groupby(rows, key=lambda place: place.file):
        yield file, list(places)


def check_files(
    folder: DataFolder,
    captures: Iterator[tuple[str, list[Place]]] | None,
    findings: Findings,
    *,
    repair: bool,
    advance: Callable[[int], None],
) -> None:
    """Check all WARC files of the folder, and those outside it that captures lie in.

    With `repair` the torn tail of each of the folder's own files is cut off before it is checked. `advance` is
    called with the number of records read since its last call.
    """
    ours = {
        path.relative_to(folder.warc).as_posix(): path
        for pattern in ("*/*.warc.gz", "*/*.warc")
        for path in sorted(folder.warc.glob(pattern))
    }
    for name, places in captures or ():
        findings.counts["captures"] = findings.counts.get("captures", 0) + len(places)
        path = ours.get(name, folder.warc / name)
        if repair and name in ours:
            _repair(name, path, max(place.offset + place.length for place in places), findings)
        ours.pop(name, None)
        if path.exists():
            _File(name, path, places, findings, advance).check()
        else:
            texts = sum(place.article is not None for place in places)
            findings.damage.append(
                f"warc/{name} is missing: {len(places):,} captures lie in it, {texts:,} of them the present text of "
                f"an article; {RESTORE}"
            )
    for name, path in ours.items():
        if repair:
            # Without a database nobody can say which responses it refers to: no whole one is cut.
            _repair(name, path, 0 if captures is not None else path.stat().st_size, findings)
        _File(name, path, [], findings, advance).check()
    torn = sorted(path.relative_to(folder.root).as_posix() for path in folder.warc.glob("*/*.torn*"))
    if torn:
        findings.notes.append(
            f"bytes that were cut off are kept in {', '.join(torn)}: delete them when the archive is sound"
        )


def _repair(name: str, path: Path, known_end: int, findings: Findings) -> None:
    try:
        report = repair_tail(path, pairs=True, known_end=known_end)
    except (WarcUnreadable, WarcBusy) as error:  # the check that follows tells more of an unreadable one
        if isinstance(error, WarcBusy):
            findings.notes.append(str(error))
        return
    if report:
        findings.repaired.append(
            f"warc/{name}: {report.cut:,} bytes at its end were no whole record ({report.reason}); they were cut off "
            f"and are kept in {report.torn_file.name}"
        )


@dataclass(slots=True)
class _File:
    """One WARC file under examination."""

    name: str
    path: Path
    places: list[Place]
    findings: Findings
    advance: Callable[[int], None]
    lost: list[str] = field(default_factory=list)
    """Captures that are not where the database has them, each with the reason."""
    tail: bool = False
    """Its end can be repaired."""

    def check(self) -> None:
        expected = {place.offset: place for place in self.places}
        ours = self.path.name.startswith(f"{self.path.parent.name}-")
        half: tuple[int, int] | None = None
        last_id = ""
        end = 0
        self._count("files")
        try:
            for record, problems in examine(self.path):
                self.advance(1)
                if isinstance(record, TornRecord):
                    end, half = record.offset + record.cut, None
                    self._torn(record, at_end=end >= self.path.stat().st_size)
                    continue
                self._count("records")
                end = record.offset + record.length
                place = expected.pop(record.offset, None)
                self.findings.damage += [f"warc/{self.name}, byte {record.offset}: {one}" for one in problems]
                self._compare(record, place)
                # One that the database refers to was whole once: its request was lost later, the page is there.
                waits = ours and place is None and _waits_for_partner(record, last_id)
                half = (record.offset, record.length) if waits else None
                last_id = record.id
        except WarcUnreadable as error:
            self.findings.damage.append(f"{error} {RESTORE[0].upper()}{RESTORE[1:]}.")
            return
        if half and not self._in_use():
            self.tail = True
            self.findings.damage.append(
                f"warc/{self.name}: the response at byte {half[0]}, its last, lacks its request: "
                "a run was killed while it wrote; `khotin verify --repair` cuts it off"
            )
        for place in expected.values():
            torn = "it was torn away" if place.offset >= end else "its record can't be read"
            self.lost.append(f"{place}, byte {place.offset}: {torn}")
        self._tell_lost()

    def _count(self, what: str) -> None:
        self.findings.counts[what] = self.findings.counts.get(what, 0) + 1

    def _in_use(self) -> bool:
        """A crawl appends to it at this moment: its last record may be on its way."""
        return being_written(self.path)

    def _torn(self, torn: TornRecord, *, at_end: bool) -> None:
        if at_end and self._in_use():
            self.findings.notes.append(f"warc/{self.name} is being written at this moment: its end was not judged")
        elif at_end:
            self.tail = True
            self.findings.damage.append(
                f"warc/{self.name}: its last {torn.cut:,} bytes, from byte {torn.offset}, are no whole record "
                f"({torn.reason}); `khotin verify --repair` cuts them off and keeps them beside"
            )
        else:
            self.findings.damage.append(
                f"warc/{self.name}: {torn.cut:,} bytes from byte {torn.offset} are damaged ({torn.reason}); {RESTORE}"
            )

    def _compare(self, record: Record, place: Place | None) -> None:
        if place is None:
            if record.type == "response":
                self._count("unlisted")
            return
        if record.id != place.record_id:
            self.lost.append(f"{place}, byte {place.offset}: another record stands there")
        elif record.length != place.length:
            self.lost.append(f"{place}, byte {place.offset}: {record.length} bytes long instead of {place.length}")
        elif (stated := stated_digest(record)) and place.digest.startswith("sha1:") and stated != place.digest:
            self.lost.append(f"{place}, byte {place.offset}: its digest is another one")

    def _tell_lost(self) -> None:
        if not self.lost:
            return
        self.findings.damage.append(
            f"warc/{self.name}: {len(self.lost):,} of {len(self.places):,} captures are not where the database has "
            f"them; {'after `khotin verify --repair` ' if self.tail else ''}{RESTORE}"
        )
        self.findings.some((f"  {line}" for line in self.lost), "of them")


def _waits_for_partner(record: Record, last_id: str) -> bool:
    """A response of ours whose request should follow: khotin writes both at once."""
    partner = record.header("WARC-Concurrent-To").strip("<>")
    return record.type in ("response", "revisit") and bool(partner) and partner != last_id
