"""A crawl stops while there is still room on the disk, says so, and goes on when there is more."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from running import SAMPLE, khotin
from storing import mounted

from pipelines.disk import BadFloor, DiskGuard, DiskNearlyFull, floor_of, in_words, room
from pipelines.warc import check

NIGHT = sorted((SAMPLE / "night-1").glob("*.warc.gz"))
SITES = [file.name.removesuffix(".warc.gz") for file in NIGHT]


def articles(data: Path) -> int:
    with closing(sqlite3.connect(data / "archive.db")) as db:
        number: int = db.execute("SELECT count(*) FROM articles").fetchone()[0]
    return number


@pytest.mark.parametrize(
    ("setting", "total", "floor"),
    [
        (None, 1_000_000_000_000, 500_000_000),
        ("", 8_000_000_000, 160_000_000),
        ("300", 8_000_000_000, 300_000_000),
        ("0.5", 8_000_000_000, 500_000),
        (0, 8_000_000_000, 0),
    ],
)
def test_the_floor_is_500_mb_or_2_percent_of_a_small_disk_or_what_is_set(
    setting: str | None, total: int, floor: int
) -> None:
    assert floor_of(setting, total) == floor


@pytest.mark.parametrize("setting", ["500 MB", "-1", "nan", "inf", "một"])
def test_a_floor_that_is_no_number_is_told(setting: str, tmp_path: Path) -> None:
    with pytest.raises(BadFloor, match="KHOTIN_DISK_FREE_MB must be a number of megabytes"):
        DiskGuard(tmp_path, setting)


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 MB"), (119_999_999, "119 MB"), (1_590_000_000, "1.5 GB"), (77e9, "77 GB"), (8e15, "8000 TB")],
)
def test_sizes_are_never_rounded_up(size: int, words: str) -> None:
    assert in_words(size) == words


def test_a_folder_that_is_not_there_yet_lies_on_the_disk_of_the_one_above(tmp_path: Path) -> None:
    assert room(tmp_path / "a" / "b").total == room(tmp_path).total
    with pytest.raises(DiskNearlyFull):
        DiskGuard(tmp_path / "a" / "b", room(tmp_path).total / 1e6).check()
    assert not (tmp_path / "a").exists()


def test_a_crawl_does_not_begin_where_there_is_too_little_room(tmp_path: Path) -> None:
    done = khotin(
        "crawl", *SITES, "--replay", *NIGHT, "--data", tmp_path / "data", code=74, KHOTIN_DISK_FREE_MB="900000000"
    )
    assert done.stderr.startswith("khotin: only ")
    assert "the crawl leaves 900 TB free" in done.stderr
    assert "KHOTIN_DISK_FREE_MB" in done.stderr
    assert not (tmp_path / "data").exists()


def test_a_wrong_setting_is_wrong_use(tmp_path: Path) -> None:
    done = khotin(
        "crawl", *SITES, "--replay", *NIGHT, "--data", tmp_path / "data", code=2, KHOTIN_DISK_FREE_MB="plenty"
    )
    assert done.stderr.startswith("khotin: KHOTIN_DISK_FREE_MB must be a number")


def test_a_crawl_stops_cleanly_before_the_disk_is_full_and_goes_on_later(tmp_path: Path) -> None:
    with mounted(tmp_path / "small", "size=8m") as disk:
        data = disk / "data"
        done = khotin("crawl", *SITES, "--replay", *NIGHT, "--data", data, code=74, KHOTIN_DISK_FREE_MB="5")
        assert "khotin: only " in done.stderr
        assert "Traceback" not in done.stderr
        assert room(data).free > 4_500_000
        stopped = articles(data)
        assert 0 < stopped < 86
        with closing(sqlite3.connect(data / "archive.db")) as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert db.execute("SELECT outcome FROM runs").fetchall() == [("failed",)]
        assert [check(file) for file in data.rglob("*.warc.gz")] == [[]] * len(list(data.rglob("*.warc.gz")))
        khotin("crawl", *SITES, "--replay", *NIGHT, "--data", data, code=(0, 4), KHOTIN_DISK_FREE_MB="0")
        assert articles(data) == 86  # of the 87 pages one names another as its first address
