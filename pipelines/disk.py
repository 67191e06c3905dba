"""Room on the disk: a crawl stops while there is still some, not when a write fails."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path

from pipelines.article import KhotinError

FLOOR = 500_000_000
"""Bytes that a crawl leaves free: enough to end the database's journal, publish a small archive and log in."""
SHARE = 0.02
"""The floor of a small disk, as a share of it: 500 MB of a disk of 8 GB would be too much to ask."""
SETTING = "KHOTIN_DISK_FREE_MB"


class DiskNearlyFull(KhotinError):
    """Less is free than a crawl must leave. All that was fetched is kept."""

    exit_code = 74  # EX_IOERR, as for a full disk


class BadFloor(KhotinError):
    """The setting is no number of megabytes."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Room:
    """The disk that a folder lies on, in bytes; `free` is what this user may still write."""

    free: int
    total: int


def room(folder: Path) -> Room:
    """How much room there is where `folder` lies, or will lie: missing folders are looked for upwards."""
    place = folder.absolute()
    while not place.exists() and place != place.parent:
        place = place.parent
    stats = os.statvfs(place)
    return Room(stats.f_bavail * stats.f_frsize, stats.f_blocks * stats.f_frsize)


def asked_floor() -> str:
    """The floor that the environment asks for, for `floor_of`; "" where it asks for none."""
    return os.environ.get(SETTING, "")


def floor_of(setting: str | float | None, total: int) -> int:
    """Bytes to leave free: the setting in MB; without one 500 MB or 2 % of the disk, whichever is less.

    0 lets a crawl go on until a write fails. Raises `BadFloor`.
    """
    if setting is None or setting == "":
        return min(FLOOR, int(total * SHARE))
    try:
        megabytes = float(setting)
    except ValueError:
        megabytes = math.nan
    if not 0 <= megabytes < math.inf:
        message = f"{SETTING} must be a number of megabytes (500; 0 for no floor), not {setting!r}"
        raise BadFloor(message)
    return int(megabytes * 1e6)


def in_words(size: int) -> str:
    """Bytes as people read them, never rounded up: 119 MB, 1.5 GB, 8 TB."""
    value, unit = size / 1e6, "MB"
    for unit in ("MB", "GB", "TB"):
        if value < 1000 or unit == "TB":
            break
        value /= 1000
    return f"{math.floor(value)} {unit}" if value >= 10 or unit == "MB" else f"{math.floor(value * 10) / 10:g} {unit}"


class DiskGuard:
    """Stops a run before the disk of its data folder is full.

    Asked before every write: the answer of the system takes about two microseconds, a page some milliseconds.
    """

    def __init__(self, folder: Path, setting: str | float | None = None) -> None:
        """Take the folder and the setting (see `floor_of`). Raises `BadFloor`."""
        self.folder = folder
        self.floor = floor_of(setting, room(folder).total)

    def check(self) -> None:
        """Raises `DiskNearlyFull` where less than the floor is free."""
        if self.floor and (free := room(self.folder).free) < self.floor:
            message = (
                f"only {in_words(free)} are left on the disk of {self.folder}, the crawl leaves {in_words(self.floor)} "
                f"free: free some space (or set {SETTING}) and run the same command again; nothing is lost"
            )
            raise DiskNearlyFull(message)
