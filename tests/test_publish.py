"""The snapshot for readers: whole, checked, without withheld text, swapped in or not at all."""

import errno
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from storing import DAY, NOW, T0, column, full_page, is_sound, mounted, new_store, page, rows, save

from pipelines import publish as package
from pipelines.article import Capture, Refusal, Verdict
from pipelines.publish import PUBLIC_APPLICATION_ID, PublishError, build, excerpt, publish
from pipelines.schema import SCHEMA_VERSION, DiskFull, NewerSchema, NoArchive, ReadOnly
from pipelines.search import SEARCH_VERSION, fts_query
from pipelines.store import Store

LONG = "Đoạn bí mật nói về việc xây dựng chi bộ ở cơ sở. " * 20


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Articles of three sites, out of the order of dates; one edited, one page refused, one listing."""
    path = tmp_path / "archive.db"
    with new_store(path) as store:
        save(store, full_page("cu", f"Toàn văn {LONG}", day="2020-05-01"), T0)
        save(store, full_page("hg", f"Bản đầu {LONG}", site="ha-giang", day="2026-01-10"), T0, site="ha-giang")
        save(
            store,
            full_page("hg", f"Trích {LONG}", site="ha-giang", day="2026-01-10"),
            T0 + DAY,
            site="ha-giang",
        )
        save(
            store,
            full_page(
                "tw",
                f"Giữ lại {LONG}",
                site="trung-uong",
                day="2026-02-20",
                lead="Sapo kín",
                title="Tên bài kín",
            ),
            T0,
            site="trung-uong",
        )
        save(store, page("moi", "ngắn"), T0)
        listing = Capture(
            "https://thudo.example/xdd",
            T0,
            200,
            "text/html",
            b"",
            site="thu-do",
            record_id="urn:uuid:l",
            warc_file="w",
            warc_offset=0,
        )
        number = store.add_capture(listing, "listing", None, "listing")
        store.quarantine(
            Refusal(Verdict.CHALLENGE, "cookie script"),
            capture_id=number,
            site="thu-do",
            url="https://thudo.example/y",
            seen_at=T0,
        )
        with store.transaction() as conn:
            conn.execute(
                "INSERT INTO frontier (url, site, state, found_at) VALUES ('x', 'thu-do', 'due', ?)",
                ("2026-03-02T08:00:00+07:00",),
            )
    return path


@pytest.fixture
def public(archive: Path) -> Iterator[Path]:
    path = archive.with_name("public.db")
    publish(archive, path, now=NOW)
    yield path
    assert sorted(file.name for file in path.parent.iterdir()) == ["archive.db", "public.db"]


def test_report_counts_what_was_published(archive: Path) -> None:
    public = archive.with_name("public.db")
    report = publish(archive, public, now=NOW)
    assert (report.path, report.built_at, report.articles) == (public, "2026-11-22T09:30:00+07:00", 4)
    assert dict(report.rows) == {
        "provinces": 97,
        "sites": 3,
        "sections": 1,
        "captures": 6,
        "articles": 4,
        "article_text": 4,
        "revisions": 1,
        "evidence": 9,
        "images": 3,
        "attachments": 3,
        "tags": 6,
        "addresses": 4,
        "quarantine": 1,
        "health": 0,
        "clusters": 0,
        "months": 4,
        "site_months": 4,
        "gaps": 0,
        "articles_fts": 4,
    }
    assert report.bytes == public.stat().st_size
    assert is_sound(public)


def test_articles_are_numbered_in_the_order_of_dates_with_facts_for_facets(public: Path) -> None:
    found = rows(
        public,
        "SELECT substr(canonical_url, -3) AS url, date_estimate, year, month, site_name, kind, province,"
        " province_63, revisions, rights FROM articles ORDER BY id",
    )
    assert [tuple(row.values()) for row in found] == [
        (
            "/cu",
            "2020-05-01",
            2020,
            "2020-05",
            "Trang thử Thủ đô",
            "party_portal",
            "Hà Nội",
            "Hà Nội",
            0,
            "full",
        ),
        (
            "/hg",
            "2026-01-10",
            2026,
            "2026-01",
            "Trang thử Hà Giang",
            "party_newspaper",
            "Tuyên Quang",
            "Hà Giang",
            1,
            "excerpt",
        ),
        ("/tw", "2026-02-20", 2026, "2026-02", "Tạp chí thử", "party_journal", None, None, 0, "none"),
        (
            "moi",
            "2026-03-02",
            2026,
            "2026-03",
            "Trang thử Thủ đô",
            "party_portal",
            "Hà Nội",
            "Hà Nội",
            0,
            "full",
        ),
    ]


def test_keys_outlive_publishing_again(archive: Path) -> None:
    public = archive.with_name("public.db")
    publish(archive, public, now=NOW)
    before = {row["canonical_url"]: row["key"] for row in rows(public, "SELECT * FROM articles")}
    with Store.open(archive) as store:
        save(store, full_page("xua", "chữ", day="2001-01-01"), T0)
    publish(archive, public, now=NOW)
    after = {row["canonical_url"]: row["key"] for row in rows(public, "SELECT * FROM articles")}
    assert before.items() <= after.items()
    assert len(after) == 5


def test_withheld_text_is_nowhere_in_the_file(public: Path) -> None:
    texts = rows(public, "SELECT lead, body, shortened FROM article_text ORDER BY article_id")
    assert texts[0] == {"lead": "Sapo của bài thử.", "body": f"Toàn văn {LONG}", "shortened": 0}
    assert texts[1] == {"lead": "Sapo của bài thử.", "body": excerpt(f"Trích {LONG}"), "shortened": 1}
    assert texts[2] == {"lead": None, "body": None, "shortened": 1}
    assert texts[3] == {"lead": None, "body": "ngắn", "shortened": 0}
    assert rows(public, "SELECT old_title, old_lead, old_body FROM revisions") == [
        {"old_title": "Bài thử hg", "old_lead": "Sapo của bài thử.", "old_body": excerpt(f"Bản đầu {LONG}")}
    ]
    raw = public.read_bytes()
    assert b"Sapo k\xc3\xadn" not in raw
    assert "Giữ lại".encode() not in raw
    assert rows(public, "SELECT DISTINCT value, raw FROM evidence WHERE article_id > 1 AND field = 'body'") == [
        {"value": "", "raw": ""}
    ]
    assert rows(public, "SELECT caption, credit FROM images ORDER BY article_id") == [
        {"caption": "Quang cảnh buổi họp", "credit": "Ảnh: Thử"},
        {"caption": "", "credit": "Ảnh: Thử"},
        {"caption": "", "credit": "Ảnh: Thử"},
    ]


def test_index_finds_only_what_is_published(public: Path) -> None:
    def find(query: str) -> list[int]:
        return column(
            public,
            "SELECT rowid FROM articles_fts WHERE articles_fts MATCH ? ORDER BY rowid DESC",
            fts_query(query),
        )

    assert find("xay dung") == [2, 1]
    assert find('"Toàn văn"') == [1]
    assert find('"Giữ lại"') == []
    assert find("ten bai kin") == [3]
    assert find("bí mật") == [2, 1]
    assert find('"ở cơ sở Đoạn bí mật" body:toàn') == [1]


def test_working_tables_and_bodies_of_refused_pages_stay_in_the_archive(public: Path) -> None:
    tables = column(
        public,
        "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
        " AND name NOT LIKE 'articles_fts_%' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    )
    assert tables == [
        "about",
        "addresses",
        "article_text",
        "articles",
        "articles_fts",
        "attachments",
        "captures",
        "clusters",
        "evidence",
        "gaps",
        "health",
        "images",
        "months",
        "provinces",
        "quarantine",
        "revisions",
        "search_bitmaps",
        "search_columns",
        "sections",
        "site_months",
        "sites",
        "tags",
    ]
    assert rows(public, "SELECT * FROM quarantine") == [
        {
            "id": 1,
            "url": "https://thudo.example/y",
            "site": "thu-do",
            "verdict": "challenge",
            "reason": "cookie script",
            "seen_at": "2026-03-02T08:00:00+07:00",
            "capture_id": 6,
        }
    ]


def test_captures_keep_their_way_to_the_archived_page(public: Path) -> None:
    [row] = rows(public, "SELECT c.* FROM articles a JOIN captures c ON c.id = a.capture_id WHERE a.id = 2")
    assert row == row | {
        "article_id": 2,
        "url": "https://hagiang.example/hg",
        "kind": "article",
        "status": 200,
        "fetched_at": "2026-03-03T08:00:00+07:00",
        "warc_file": "ha-giang/ha-giang.warc.gz",
        "warc_length": 900,
        "verdict": "article",
    }


def test_sites_and_provinces_tell_how_much_they_have(public: Path) -> None:
    assert rows(
        public, "SELECT id, url, articles, first_date, last_date, publish, province, province_63 FROM sites"
    ) == [
        {
            "id": "ha-giang",
            "url": "https://hagiang.example/",
            "articles": 1,
            "first_date": "2026-01-10",
            "last_date": "2026-01-10",
            "publish": "excerpt",
            "province": "Tuyên Quang",
            "province_63": "Hà Giang",
        },
        {
            "id": "thu-do",
            "url": "https://thudo.example/",
            "articles": 2,
            "first_date": "2020-05-01",
            "last_date": "2026-03-02",
            "publish": "full",
            "province": "Hà Nội",
            "province_63": "Hà Nội",
        },
        {
            "id": "trung-uong",
            "url": "https://tapchi.example/",
            "articles": 1,
            "first_date": "2026-02-20",
            "last_date": "2026-02-20",
            "publish": "none",
            "province": None,
            "province_63": None,
        },
    ]
    assert rows(public, "SELECT scheme, short_name, articles FROM provinces WHERE articles > 0") == [
        {"scheme": 34, "short_name": "Hà Nội", "articles": 2},
        {"scheme": 34, "short_name": "Tuyên Quang", "articles": 1},
        {"scheme": 63, "short_name": "Hà Nội", "articles": 2},
        {"scheme": 63, "short_name": "Hà Giang", "articles": 1},
    ]


def test_snapshot_is_a_plain_file_that_says_what_it_is(public: Path) -> None:
    pragmas = ("journal_mode", "application_id", "page_size", "freelist_count")
    assert [column(public, f"PRAGMA {name}")[0] for name in pragmas] == [
        "delete",
        PUBLIC_APPLICATION_ID,
        4096,
        0,
    ]
    about = {row["name"]: row["value"] for row in rows(public, "SELECT * FROM about")}
    assert about == {
        "built_at": "2026-11-22T09:30:00+07:00",
        "schema_version": str(SCHEMA_VERSION),
        "search_version": SEARCH_VERSION,
        "articles": "4",
        "newest_capture": "2026-03-03T08:00:00+07:00",
        "extractor_versions": "1",
    }


def test_equal_archives_give_equal_files(archive: Path) -> None:
    first, second = archive.with_name("public.db"), archive.with_name("again.db")
    publish(archive, first, now=NOW)
    publish(archive, second, now=NOW)
    assert first.read_bytes() == second.read_bytes()


def test_facets_are_counted_in_an_index(public: Path) -> None:
    for name in ("site", "site_name", "kind", "province", "province_63", "section", "year", "month"):
        plan = rows(public, f"EXPLAIN QUERY PLAN SELECT {name}, count(*) FROM articles GROUP BY {name}")  # noqa: S608
        assert "USING COVERING INDEX" in plan[0]["detail"]


def test_empty_archive_gives_an_empty_snapshot(tmp_path: Path) -> None:
    Store.open(tmp_path / "archive.db").close()
    report = publish(tmp_path / "archive.db", tmp_path / "public.db", now=NOW)
    assert report.articles == 0
    assert is_sound(tmp_path / "public.db")


def _fails(archive: Path, error: type[Exception], match: str) -> None:
    """Publishing fails, and readers still have the old file, with nothing beside it."""
    public = archive.with_name("public.db")
    before = public.read_bytes()
    with Store.open(archive) as store:
        save(store, page("them", "chữ"), T0)
    with pytest.raises(error, match=match):
        publish(archive, public, now=NOW)
    assert public.read_bytes() == before
    assert [file.name for file in archive.parent.glob("public.db*")] == ["public.db"]


def test_failure_while_indexing_leaves_the_old_snapshot(
    public: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> int:
        msg = "as if interrupted"
        raise sqlite3.OperationalError(msg)

    monkeypatch.setattr(build, "build_index", broken)
    _fails(archive, sqlite3.OperationalError, "as if interrupted")


def test_snapshot_that_lacks_rows_is_thrown_away(public: Path, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(build.FILLS, "addresses", build.FILLS["addresses"] + " LIMIT 2")
    _fails(archive, PublishError, "the snapshot has 2 rows in addresses, the archive 5: the old snapshot stands")


def test_snapshot_that_would_show_withheld_text_is_thrown_away(
    public: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build.rights, "shown_body", lambda body, _rights: body)
    _fails(archive, PublishError, "2 articles would show text that their site's rights note withholds")


def test_article_missing_in_the_index_is_noticed(public: Path, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lazy(db: sqlite3.Connection, _progress: object) -> int:
        db.execute("INSERT INTO articles_fts (rowid, title) VALUES (1, 'a')")
        return 1

    monkeypatch.setattr(build, "build_index", lazy)
    _fails(archive, PublishError, "1 of 5 articles are in the search index")


def test_rename_that_fails_leaves_the_old_snapshot(
    public: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, _target: Path) -> Path:
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))

    monkeypatch.setattr(Path, "replace", refuse)
    _fails(archive, PublishError, "could not be put in place .Device or resource busy.; the old one stands")


def test_full_disk_leaves_the_old_snapshot(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "size=1m") as folder:
        archive, public = tmp_path / "archive.db", folder / "public.db"
        with new_store(archive) as store:
            save(store, page("a", "chữ"), T0)
        publish(archive, public, now=NOW)
        before = public.read_bytes()
        with new_store(archive) as store:
            for number in range(250):
                save(store, page(f"b{number}", f"đoạn {number} " * 300), T0)
        with pytest.raises(DiskFull):
            publish(archive, public, now=NOW)
        assert public.read_bytes() == before
        assert [file.name for file in folder.iterdir()] == ["public.db"]


def test_read_only_target_and_missing_and_newer_archives_are_told(archive: Path, tmp_path: Path) -> None:
    with pytest.raises(NoArchive):
        publish(tmp_path / "none.db", tmp_path / "public.db", now=NOW)
    with mounted(tmp_path / "disk", "size=1m,ro") as folder, pytest.raises(ReadOnly):
        publish(archive, folder / "public.db", now=NOW)
    with closing(sqlite3.connect(archive)) as conn:
        conn.execute("PRAGMA user_version = 99")
    with pytest.raises(NewerSchema):
        publish(archive, tmp_path / "public.db", now=NOW)
    assert not (tmp_path / "public.db").exists()


def test_killed_run_leaves_the_old_snapshot_and_the_next_clears_up(public: Path, archive: Path) -> None:
    program = (
        "import os, sys; from datetime import UTC, datetime; from pathlib import Path\n"
        "from pipelines.publish import publish\n"
        "stop = lambda what, rows: os.kill(os.getpid(), 9) if what == 'check' else None\n"
        "publish(Path(sys.argv[1]), Path(sys.argv[2]), now=datetime.now(UTC), progress=stop)\n"
    )
    before = public.read_bytes()
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    done = subprocess.run([sys.executable, "-c", program, archive, public], env=environment, check=False)
    assert done.returncode == -9
    assert public.read_bytes() == before
    assert len(list(archive.parent.glob("public.db.building-*"))) == 1
    publish(archive, public, now=NOW)


def test_file_that_another_run_is_building_is_left_alone(public: Path, archive: Path) -> None:
    other = public.with_name("public.db.building-0000")
    with closing(sqlite3.connect(other, isolation_level=None)) as conn:
        conn.execute("PRAGMA locking_mode = EXCLUSIVE")
        conn.execute("BEGIN EXCLUSIVE")
        publish(archive, public, now=NOW)
        assert other.exists()
    publish(archive, public, now=NOW)
    assert not other.exists()


def test_crawl_goes_on_while_a_snapshot_of_one_moment_is_built(tmp_path: Path) -> None:
    archive, public = tmp_path / "archive.db", tmp_path / "public.db"
    with new_store(archive) as store:
        save(store, page("b0", "chữ"), T0)
        done = threading.Event()

        def crawl() -> None:
            number = 1
            while not done.is_set():
                save(store, page(f"b{number}", "chữ"), T0)
                number += 1

        crawler = threading.Thread(target=crawl)
        crawler.start()
        try:
            reports = [publish(archive, public, now=NOW) for _ in range(5)]
        finally:
            done.set()
            crawler.join()
        counts = [report.articles for report in reports]
        assert counts == sorted(counts)
        assert counts[-1] > counts[0]


def test_reader_of_the_old_file_is_not_disturbed_by_the_swap(public: Path, archive: Path) -> None:
    with closing(sqlite3.connect(f"{public.as_uri()}?mode=ro", uri=True)) as reader:
        cursor = reader.execute("SELECT key FROM articles")
        first = cursor.fetchone()
        with Store.open(archive) as store:
            save(store, page("them", "chữ"), T0)
        publish(archive, public, now=NOW)
        assert len([first, *cursor]) == 4
    assert column(public, "SELECT count(*) FROM articles") == [5]


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("một hai", 7, "một hai"),
        ("một hai ba", 7, "một…"),
        ("một hai ba", 8, "một hai…"),
        ("một\nhai ba", 6, "một…"),
        ("mộthaiba", 4, "một…"),
        ("", 5, ""),
    ],
)
def test_excerpt_ends_at_a_word_within_the_limit(text: str, limit: int, shown: str) -> None:
    assert excerpt(text, limit) == shown
    assert len(shown) <= limit


def test_public_names_are_those_of_the_package() -> None:
    assert all(hasattr(package, name) for name in package.__all__)
