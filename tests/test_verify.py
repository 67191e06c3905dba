"""khotin verify: sound archives pass untouched; each kind of damage is told in words, and a torn tail is repaired."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from running import SAMPLE, khotin
from storing import mounted
from warc_samples import exchange, written

from pipelines.folder import DataFolder
from pipelines.verify import verify
from pipelines.warc import read_captures
from pipelines.warc.records import Record, iter_records, open_warc

NIGHTS = [sorted((SAMPLE / night).glob("*.warc.gz")) for night in ("night-1", "night-2")]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two nights of the sample, published."""
    data = tmp_path_factory.mktemp("archive") / "data"
    for night in NIGHTS:
        khotin("crawl", "--replay", *night, "--data", data, code=(0, 4))
    khotin("publish", "--data", data)
    return data


@pytest.fixture
def data(archive: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(archive, tmp_path / "data"))


def state(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def warc_of(data: Path, site: str = "hanoimoi") -> Path:
    (path,) = (data / "warc" / site).glob("*.warc.gz")
    return path


def records(path: Path) -> list[Record]:
    with open_warc(path) as stream:
        return [record for record in iter_records(stream, path) if isinstance(record, Record)]


def change(database: Path, *statements: str, **values: str) -> None:
    with closing(sqlite3.connect(database)) as db:
        for statement in statements:
            db.execute(statement, values)
        db.commit()


def ask(database: Path, query: str, **values: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(database)) as db:
        return db.execute(query, values).fetchall()


def text_page(data: Path) -> tuple[Path, str, str, int]:
    """A WARC file, and key, address and place of an article read from it."""
    row = ask(
        data / "archive.db",
        "SELECT c.warc_file, a.key, c.url, c.warc_offset FROM articles a JOIN captures c ON c.id = a.capture_id"
        " WHERE a.site = 'hanoimoi' ORDER BY c.warc_offset LIMIT 1",
    )[0]
    return data / "warc" / row[0], row[1], row[2], row[3]


def test_a_sound_archive_passes_and_nothing_in_it_is_touched(data: Path) -> None:
    before = state(data)
    done = khotin("verify", "--data", data)
    assert done.stdout.splitlines()[-1] == "The archive is sound."
    assert "93 articles, 93 published (93 looked for in the index)" in done.stdout
    assert state(data) == before


def test_programs_read_the_findings_as_json(data: Path) -> None:
    found = json.loads(khotin("verify", "--json", "--data", data).stdout)
    captures = sum(1 for file in data.rglob("*.warc.gz") for _ in read_captures(file))
    total = sum(len(records(file)) for file in data.rglob("*.warc.gz"))
    counts = {
        "files": 5, "records": total, "captures": captures, "articles": 93, "unlisted": 0,
        "published": 93, "compared": 93,
    }  # fmt: skip
    assert found.pop("free") > 0
    assert found.pop("seconds") > 0
    assert found == {"sound": True, "damage": [], "repaired": [], "notes": [], "counts": counts}


def test_half_a_record_that_a_killed_run_left_is_told_and_cut_off(data: Path) -> None:
    file = warc_of(data)
    whole = file.read_bytes()
    file.write_bytes(whole + whole[: records(file)[0].length - 9])
    name = file.relative_to(data).as_posix()

    report = verify(data)
    assert len(report.damage) == 1
    assert report.damage[0].startswith(f"{name}: its last ")
    assert "`khotin verify --repair` cuts them off" in report.damage[0]
    assert khotin("verify", "--data", data, code=1).stdout.splitlines()[-1] == "The archive is damaged."
    assert file.stat().st_size > len(whole)

    done = khotin("verify", "--repair", "--data", data)
    assert done.stdout.startswith(f"repaired: {name}: ")
    assert file.read_bytes() == whole
    assert len(list(file.parent.glob("*.torn"))) == 1
    again = verify(data)
    assert (again.sound, again.repaired) == (True, ())
    assert "are kept in" in again.notes[0]


def test_a_response_whose_request_was_never_written_is_told_and_cut_off(data: Path, tmp_path: Path) -> None:
    file = warc_of(data)
    whole = file.read_bytes()
    other = written(tmp_path / "other", exchange())
    response = next(record for record in records(other) if record.type == "response")
    file.write_bytes(whole + other.read_bytes()[response.offset : response.offset + response.length])
    assert "lacks its request" in verify(data).damage[0]
    assert verify(data, repair=True).sound
    assert file.read_bytes() == whole


def test_a_stored_page_stays_where_only_its_request_is_torn(data: Path) -> None:
    file = warc_of(data)
    last = records(file)[-1]
    assert last.type == "request"
    os.truncate(file, last.offset + last.length - 100)
    (told,) = verify(data).damage
    assert f"its last {last.length - 100:,} bytes, from byte {last.offset}" in told

    repaired = verify(data, repair=True)
    assert (repaired.sound, len(repaired.repaired)) == (True, 1)
    assert file.stat().st_size == last.offset
    khotin("rebuild", "--data", data)
    assert ask(data / "archive.db", "SELECT count(*) FROM articles") == [(93,)]


def test_without_a_database_no_whole_response_is_cut_off(data: Path) -> None:
    (data / "archive.db").unlink()
    file = warc_of(data)
    last = records(file)[-1]
    os.truncate(file, last.offset + last.length - 100)
    verify(data, repair=True)
    assert file.stat().st_size == last.offset
    khotin("rebuild", "--data", data)
    assert ask(data / "archive.db", "SELECT count(*) FROM articles") == [(93,)]


def test_an_archive_begun_anew_beside_the_files_of_the_old_one_is_damage(data: Path) -> None:
    (data / "archive.db").rename(data / "old.db")
    told = "archive.db is missing beside its WARC files: run khotin rebuild"
    for command in (["crawl", "hanoimoi", "--replay", *NIGHTS[0]], ["publish"], ["health"]):
        assert told in khotin(*command, "--data", data, code=66).stderr
    (data / "warc").rename(data / "kept")
    khotin("crawl", "hanoimoi", "--replay", *NIGHTS[0], "--data", data, code=(0, 4))
    for folder in (data / "kept").iterdir():
        if folder.name != "hanoimoi":
            folder.rename(data / "warc" / folder.name)
    (line,) = (line for line in verify(data).damage if "are not in the database, which knows" in line)
    assert "run `khotin rebuild`" in line


def test_a_page_that_was_torn_away_is_named_and_fetched_again_after_a_rebuild(data: Path) -> None:
    key, url, name, offset = ask(
        data / "archive.db",
        "SELECT a.key, c.url, c.warc_file, max(c.warc_offset) FROM articles a JOIN captures c ON c.id = a.capture_id"
        " WHERE a.site = 'xaydungdang' GROUP BY c.warc_file",
    )[0]
    file = data / "warc" / name
    os.truncate(file, offset + 50)
    report = verify(data)
    assert any("are no whole record" in line for line in report.damage)
    assert any("after `khotin verify --repair` put the file back from a backup" in line for line in report.damage)
    assert f"  {url} (article {key}), byte {offset}: its record can't be read" in report.damage

    repaired = verify(data, repair=True)
    assert len(repaired.repaired) == 1
    assert f"  {url} (article {key}), byte {offset}: it was torn away" in repaired.damage
    khotin("verify", "--data", data, code=1)

    khotin("rebuild", "--data", data)
    assert verify(data).sound
    assert ask(data / "archive.db", "SELECT count(*) FROM articles WHERE key = :key", key=key) == [(0,)]
    khotin("crawl", "--replay", *NIGHTS[0], *NIGHTS[1], "--data", data, code=(0, 4))
    assert ask(data / "archive.db", "SELECT count(*) FROM articles WHERE key = :key", key=key) == [(1,)]
    assert ask(data / "archive.db", "SELECT count(*) FROM articles") == [(93,)]
    assert verify(data).sound


def test_one_changed_bit_is_told_with_the_article_it_concerns(data: Path) -> None:
    file, key, url, offset = text_page(data)
    bytes_ = bytearray(file.read_bytes())
    bytes_[offset + 400] ^= 1
    file.write_bytes(bytes_)
    report = verify(data, repair=True)
    assert report.repaired == ()  # whole records follow it
    name = file.relative_to(data).as_posix()
    assert report.damage[0].startswith(f"{name}: ")
    assert f"bytes from byte {offset} are damaged" in report.damage[0]
    assert report.damage[1].startswith(f"{name}: 1 of ")
    assert report.damage[2:] == (f"  {url} (article {key}), byte {offset}: its record can't be read",)


def test_a_missing_warc_file_is_one_line(data: Path) -> None:
    warc_of(data).unlink()
    report = verify(data)
    (line,) = report.damage
    assert " is missing: " in line
    assert "the present text of an article; put the file back from a backup" in line


def test_a_file_that_is_no_warc_is_told(data: Path) -> None:
    warc_of(data).write_text("this is no WARC file")
    assert any("not a WARC file" in line for line in verify(data).damage)


@pytest.mark.parametrize(
    ("assignment", "told"),
    [
        ("record_id = 'urn:uuid:00000000-0000-4000-8000-000000000000'", "another record stands there"),
        ("digest = 'sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'", "its digest is another one"),
        ("warc_offset = warc_offset + 1", "its record can't be read"),
        ("warc_length = 7", "bytes long instead of 7"),
    ],
)
def test_a_capture_that_is_not_where_the_database_has_it_is_told(data: Path, assignment: str, told: str) -> None:
    _, key, url, _ = text_page(data)
    statement = "UPDATE captures SET " + assignment + " WHERE id = (SELECT capture_id FROM articles WHERE key = :key)"  # noqa: S608
    change(data / "archive.db", statement, key=key)
    line = verify(data).damage[-1]
    assert line.startswith(f"  {url} (article {key}), byte ")
    assert line.endswith(told)


def test_many_lines_of_one_kind_are_counted(data: Path) -> None:
    change(data / "archive.db", "UPDATE captures SET digest = 'sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'")
    shown = [line for line in verify(data).damage if "digest" in line and "hanoimoi.vn" in line]
    assert len(shown) == 10
    assert any(line.startswith("… and ") and line.endswith(" more of them") for line in verify(data).damage)


def test_a_text_that_changed_on_the_disk_is_told(data: Path) -> None:
    _, key, _, _ = text_page(data)
    change(
        data / "archive.db",
        "UPDATE article_text SET body = body || '.' WHERE article_id = (SELECT id FROM articles WHERE key = :key)",
        "UPDATE revisions SET old_title = old_title || '!'",
        key=key,
    )
    lines = verify(data).damage
    assert sum(f"the text of article {key} is not the one that was stored" in line for line in lines) == 1
    assert sum("revision 1 of article" in line for line in lines) == 3


def test_rows_that_refer_to_nothing_are_told(data: Path) -> None:
    _, key, _, _ = text_page(data)
    change(
        data / "archive.db",
        "PRAGMA foreign_keys = OFF",
        "DELETE FROM captures WHERE id = (SELECT capture_id FROM articles WHERE key = :key)",
        "DELETE FROM article_text WHERE article_id = (SELECT max(id) FROM articles)",
        key=key,
    )
    lines = verify(data).damage
    assert any("rows of articles refer to rows of captures that are not there" in line for line in lines)
    assert any(f"article {key} names a capture that the database does not know" in line for line in lines)
    assert any(line.endswith("khotin rebuild`, which makes it anew from the WARC files") for line in lines)
    assert any("has no text" in line for line in lines)


def test_a_damaged_database_is_told_and_the_files_are_checked_all_the_same(data: Path) -> None:
    file = warc_of(data)
    file.write_bytes(file.read_bytes()[:-30])
    with (data / "archive.db").open("r+b") as stream:
        stream.seek(4096 * 3)
        stream.write(os.urandom(4096 * 20))
    lines = verify(data).damage
    assert lines[0].startswith("archive.db is damaged")
    assert "khotin rebuild" in lines[0]
    assert any("are no whole record" in line for line in lines)
    khotin("verify", "--data", data, code=1)


def test_no_database_beside_warc_files_is_told(data: Path) -> None:
    (data / "archive.db").unlink()
    assert verify(data).damage == (
        "archive.db is missing; run `khotin rebuild`, which makes it anew from the WARC files",
    )
    khotin("rebuild", "--data", data)
    assert verify(data).sound


def test_a_file_of_another_kind_in_the_place_of_a_database_is_told(data: Path) -> None:
    for name in ("archive.db", "public.db"):
        (data / name).write_text("no database, whatever its name says")
    lines = verify(data).damage
    assert [line.partition(" is not")[0] for line in lines] == ["archive.db", "public.db"]


def test_an_article_that_the_search_index_lacks_is_told(data: Path) -> None:
    change(data / "public.db", "DELETE FROM articles_fts_docsize WHERE id = 7")
    assert any("the search index has 92 rows for 93 articles" in line for line in verify(data).damage)


def test_an_article_that_is_not_found_by_its_own_words_is_told(data: Path) -> None:
    ((key,),) = ask(data / "public.db", "SELECT key FROM articles WHERE id = 9")
    change(data / "public.db", "UPDATE articles SET title = 'Một nhan đề khác hẳn' WHERE id = 9")
    assert verify(data).damage == (
        f"public.db: the search does not find article {key} by its own words; run `khotin publish`",
    )
    khotin("publish", "--data", data)
    assert verify(data).sound


def test_a_file_that_is_being_written_is_not_called_torn(data: Path) -> None:
    file = warc_of(data)
    with file.open("r+b") as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)
        writer.seek(0, 2)
        writer.write(file.read_bytes()[:200])
        writer.flush()
        done = khotin("verify", "--data", data)
    assert f"{file.relative_to(data).as_posix()} is being written at this moment" in done.stdout


def test_repair_waits_for_a_crawl_and_looking_does_not(data: Path) -> None:
    handle = DataFolder(data).lock()
    try:
        khotin("verify", "--data", data)
        done = khotin("verify", "--repair", "--data", data, code=75)
    finally:
        handle.close()
    assert f"another khotin (process {os.getpid()}) is writing" in done.stderr


def test_there_must_be_something_to_verify(tmp_path: Path) -> None:
    assert "there is no archive in" in khotin("verify", "--data", tmp_path / "none", code=66).stderr
    assert not (tmp_path / "none").exists()


def test_a_database_of_a_newer_khotin_is_not_judged(data: Path) -> None:
    change(data / "archive.db", "PRAGMA user_version = 999")
    assert "upgrade khotin" in khotin("verify", "--data", data, code=78).stderr


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with mounted(tmp_path / "disk", "size=30m") as disk:
        yield disk


def test_a_backup_on_a_read_only_disk_can_be_checked(archive: Path, small_disk: Path) -> None:
    data = Path(shutil.copytree(archive, small_disk / "data"))
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    khotin("verify", "--data", data)
    assert "can't write" in khotin("verify", "--repair", "--data", data, code=77).stderr


def test_a_disk_with_little_room_is_a_note_and_no_damage(data: Path) -> None:
    done = khotin("verify", "--data", data, KHOTIN_DISK_FREE_MB="900000000")
    assert "note: only " in done.stdout
