"""The archive's file: made, migrated, and refused with one clear line where it can't be used."""

import hashlib
import sqlite3
import subprocess
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from storing import T0, column, is_sound, mounted, new_store, page, rows, save

from pipelines import schema
from pipelines.schema import (
    DiskFull,
    Locked,
    NewerSchema,
    NoArchive,
    NotADatabase,
    ReadOnly,
    connect,
    iso,
    migrations,
    tables,
)
from pipelines.store import Store


def test_new_archive_is_in_wal_mode_with_keys_checked_and_its_version_noted(tmp_path: Path) -> None:
    with closing(connect(tmp_path / "new" / "archive.db")) as conn:
        pragmas = ("journal_mode", "synchronous", "foreign_keys", "user_version", "application_id")
        assert [conn.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas] == [
            "wal",
            1,
            1,
            schema.SCHEMA_VERSION,
            schema.APPLICATION_ID,
        ]
        names = conn.execute("SELECT name FROM _sqlite_migrations").fetchall()
        assert names == [("0001_first_tables",), ("0002_health",), ("0003_rests",), ("0004_visits",)]
    assert is_sound(tmp_path / "new" / "archive.db")


def test_opening_twice_migrates_once(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    for _ in range(2):
        Store.open(path).close()
    assert column(path, "SELECT count(*) FROM _sqlite_migrations") == [schema.SCHEMA_VERSION]


def test_failed_migration_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "archive.db"
    monkeypatch.setattr(migrations, "TABLES_1", tables.TABLES_1 + "\nCREATE TABLE sites (again TEXT);")
    with pytest.raises(sqlite3.OperationalError, match="already exists"):
        Store.open(path)
    monkeypatch.undo()
    assert column(path, "SELECT count(*) FROM sqlite_master") == [0]
    Store.open(path).close()
    assert is_sound(path)


def test_newer_schema_is_refused_and_the_file_is_untouched(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    Store.open(path).close()
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("PRAGMA user_version = 99")
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(NewerSchema) as told:
        Store.open(path)
    known = schema.SCHEMA_VERSION
    assert (
        str(told.value) == f"{path} has schema 99, this khotin knows up to {known}: upgrade khotin; nothing was changed"
    )
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["archive.db"]


def test_newer_schema_that_stands_only_in_the_wal_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    Store.open(path).close()
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA user_version = 99")
        assert (tmp_path / "archive.db-wal").stat().st_size > 0
        with pytest.raises(NewerSchema):
            Store.open(path)


@pytest.mark.parametrize("content", [b"not a database at all", b"SQLite format 3\x00 cut short", b"\x00" * 4096])
def test_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "archive.db"
    path.write_bytes(content)
    with pytest.raises(NotADatabase, match="is not an SQLite database"):
        Store.open(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("mark", ["PRAGMA application_id = 7", "PRAGMA user_version = 0"])
def test_database_of_another_program_is_refused(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "archive.db"
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("CREATE TABLE notes (text)")
        conn.execute(mark)
    with pytest.raises(NotADatabase, match="another program's database"):
        Store.open(path)
    assert column(path, "SELECT name FROM sqlite_master") == ["notes"]


def test_damaged_database_is_told_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with new_store(path) as store:
        for number in range(50):
            save(store, page(f"b{number}", "chữ " * 2000), T0)
    content = bytearray(path.read_bytes())
    content[8192:-4096] = b"\xa5" * (len(content) - 12288)
    path.write_bytes(content)
    with pytest.raises(NotADatabase, match="run khotin rebuild"), Store.open(path) as store:  # noqa: PT012
        for number in range(50):
            save(store, page(f"c{number}", "chữ"), T0)


def test_missing_archive_is_not_made_where_it_must_exist(tmp_path: Path) -> None:
    with pytest.raises(NoArchive, match="run khotin crawl first"):
        Store.open(tmp_path / "data" / "archive.db", create=False)
    assert not (tmp_path / "data").exists()


def test_archive_held_by_another_process_is_told_after_the_wait(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with new_store(path) as store, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        second = Store.open(path, busy_seconds=0.05)
        with pytest.raises(Locked, match="being written by another process"):
            save(second, page("a", "chữ"), T0)
        other.execute("ROLLBACK")
        assert save(second, page("a", "chữ"), T0).article_id == 1
        second.close()
        assert store.article_id_for("https://thudo.example/a") == 1


def test_read_only_folder_is_told(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "size=4m") as folder:
        Store.open(folder / "archive.db").close()
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        for path in (folder / "archive.db", folder / "new.db", folder / "sub" / "archive.db"):
            with pytest.raises(ReadOnly, match="can't be written"):
                Store.open(path)


def test_full_disk_is_told_and_what_was_saved_is_there(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "size=2m") as folder:
        path = folder / "archive.db"
        store = new_store(path)
        saved = 0
        with pytest.raises(DiskFull, match="is full: free some space"):  # noqa: PT012
            for number in range(5000):
                save(store, page(f"b{number}", f"đoạn {number} " * 500), T0)
                saved += 1
        assert saved > 20
        with pytest.raises(DiskFull):
            save(store, page("more", "đoạn " * 100_000), T0)
        assert column(path, "SELECT count(*) FROM articles") == [saved]
        subprocess.run(["mount", "-o", "remount,size=8m", str(folder)], check=True)
        save(store, page("after", "có chỗ rồi"), T0)
        store.close()
        assert column(path, "SELECT count(*) FROM articles") == [saved + 1]
        assert is_sound(path)


def test_times_are_stored_in_vietnam_and_naive_ones_refused() -> None:
    assert iso(datetime.fromisoformat("2026-11-21T18:30:00.9+00:00")) == "2026-11-22T01:30:00+07:00"
    with pytest.raises(ValueError, match="without a zone"):
        iso(datetime(2026, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE articles SET published_at = '2026-02-30T07:00:00+07:00', published_precision = 'day'",
        "UPDATE articles SET published_at = '2026-02-28T07:00:00+00:00', published_precision = 'day'",
        "UPDATE articles SET published_at = '2026-02-28', published_precision = 'day'",
        "UPDATE articles SET published_precision = 'day'",
        "UPDATE articles SET published_precision = 'second'",
        "UPDATE articles SET event_date = '2026-2-8'",
        "UPDATE articles SET date_estimate = NULL",
        "UPDATE articles SET flags = 'short'",
        "UPDATE articles SET site = 'nobody'",
        "UPDATE articles SET words = 'many'",
        "UPDATE sites SET province_code = '99' WHERE id = 'thu-do'",
        "UPDATE sites SET publish = 'some'",
        "INSERT INTO provinces (scheme, code, name, short_name, successor) VALUES (64, '01', 'a', 'b', '01')",
        "DELETE FROM captures",
    ],
)
def test_wrong_values_do_not_get_in(tmp_path: Path, statement: str) -> None:
    with new_store(tmp_path / "archive.db") as store:
        save(store, page("a", "chữ"), T0)
        with pytest.raises(sqlite3.IntegrityError), store.transaction() as conn:
            conn.execute(statement)


def test_list_of_tables(tmp_path: Path) -> None:
    with new_store(tmp_path / "archive.db") as store:
        found = rows(store, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    assert [row["name"] for row in found] == [
        "_sqlite_migrations",
        "addresses",
        "article_text",
        "articles",
        "attachments",
        "captures",
        "evidence",
        "frontier",
        "health",
        "images",
        "provinces",
        "quarantine",
        "rests",
        "revisions",
        "runs",
        "sections",
        "sites",
        "tags",
        "told",
        "validators",
        "visits",
        "walks",
    ]
