"""Saving: new, revised, unchanged, in whatever order the captures come; nothing lost, nothing twice."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest
from storing import DAY, SITES, T0, column, full_page, is_sound, new_store, page, rows, save, texts

from pipelines.article import Capture, Evidence, PublishedDate, Refusal, Verdict
from pipelines.schema import StoreError
from pipelines.store import Saved, SavedStatus, Store

NEW, REVISED, UNCHANGED = SavedStatus.NEW, SavedStatus.REVISED, SavedStatus.UNCHANGED


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path / "archive.db") as store:
        yield store


def test_new_article_is_stored_whole(store: Store) -> None:
    article = full_page("moi", "Đoạn một có sáu tiếng đây.\nĐoạn hai.")
    saved = save(store, article, T0)
    assert saved == Saved(NEW, 1, saved.key)
    assert saved.key.startswith("thu-do-")
    [row] = rows(store, "SELECT * FROM articles")
    assert row == {
        "id": 1,
        "key": saved.key,
        "site": "thu-do",
        "canonical_url": "https://thudo.example/moi",
        "title": "Bài thử moi",
        "byline": "Nhóm phóng viên",
        "agency": "XDĐ",
        "section": "Xây dựng Đảng",
        "published_at": "2026-02-28T07:45:00+07:00",
        "published_precision": "minute",
        "event_date": "2026-02-27",
        "date_estimate": "2026-02-28",
        "date_estimate_basis": "published",
        "language": "vi",
        "template": "thu/bai",
        "extractor_version": "1",
        "words": 12,
        "text_hash": article.text_hash,
        "flags": '["short", "late"]',
        "capture_id": 1,
        "first_seen": "2026-03-02T08:00:00+07:00",
        "last_seen": "2026-03-02T08:00:00+07:00",
        "gone_since": None,
    }
    assert rows(store, "SELECT * FROM article_text") == [
        {"article_id": 1, "lead": "Sapo của bài thử.", "body": "Đoạn một có sáu tiếng đây.\nĐoạn hai."}
    ]
    assert column(store, "SELECT field FROM evidence ORDER BY position") == ["title", "body", "published_at"]
    assert column(store, "SELECT tag FROM tags ORDER BY position") == ["chi bộ", "đảng viên"]
    assert rows(store, "SELECT * FROM images") == [
        {
            "article_id": 1,
            "position": 0,
            "url": "https://thudo.example/a.jpg",
            "caption": "Quang cảnh buổi họp",
            "credit": "Ảnh: Thử",
        }
    ]
    assert column(store, "SELECT title FROM attachments") == ["Toàn văn"]
    assert rows(store, "SELECT url, relation FROM addresses") == [
        {"url": "https://thudo.example/moi", "relation": "canonical"}
    ]
    assert rows(store, "SELECT article_id, text_hash, verdict FROM captures") == [
        {"article_id": 1, "text_hash": article.text_hash, "verdict": "article"}
    ]


def test_article_without_any_date_is_put_on_the_day_it_was_first_seen(store: Store) -> None:
    save(store, page("a", "chữ"), T0 + DAY)
    save(store, page("a", "chữ"), T0)
    assert rows(store, "SELECT date_estimate, date_estimate_basis, published_precision FROM articles") == [
        {"date_estimate": "2026-03-02", "date_estimate_basis": "first_seen", "published_precision": "none"}
    ]


def test_unchanged_page_moves_last_seen_only(store: Store) -> None:
    save(store, full_page("a", "chữ"), T0)
    before = rows(store, "SELECT * FROM articles")[0]
    # Seen again without the hints of a feed: the facts of the first reading stay.
    again = save(store, page("a", "chữ", lead="Sapo của bài thử."), T0 + 3 * DAY)
    assert again == Saved(UNCHANGED, 1, before["key"])
    assert rows(store, "SELECT * FROM articles") == [before | {"last_seen": "2026-03-05T08:00:00+07:00"}]
    assert rows(store, "SELECT * FROM revisions") == []


def test_edited_page_makes_a_revision_with_the_old_text(store: Store) -> None:
    first = save(store, full_page("a", "Bản một.", title="Tên cũ"), T0)
    second = save(store, full_page("a", "Bản hai.", title="Tên mới", tags=("khác",), images=()), T0 + DAY)
    assert second == Saved(REVISED, 1, first.key)
    [revision] = rows(store, "SELECT * FROM revisions")
    assert revision | {"old_hash": ""} == {
        "id": 1,
        "article_id": 1,
        "number": 1,
        "replaced_at": "2026-03-03T08:00:00+07:00",
        "old_title": "Tên cũ",
        "old_lead": "Sapo của bài thử.",
        "old_body": "Bản một.",
        "old_hash": "",
        "old_extractor_version": "1",
        "old_capture_id": 1,
        "new_capture_id": 2,
    }
    assert rows(store, "SELECT title, capture_id, words FROM articles") == [
        {"title": "Tên mới", "capture_id": 2, "words": 6}
    ]
    assert column(store, "SELECT tag FROM tags") == ["khác"]
    assert column(store, "SELECT count(*) FROM images") == [0]


HISTORY = [("A", 0), ("A", 1), ("B", 2), ("A", 3), ("C", 4)]
TOLD = {
    "old": ["A", "B", "A"],
    "replaced": ["2026-03-04", "2026-03-05", "2026-03-06"],
    "now": "C",
    "first": "2026-03-02",
    "last": "2026-03-06",
}


def test_captures_in_any_order_tell_the_same_history(tmp_path: Path) -> None:
    orders = [*list(permutations(HISTORY))[::3], tuple(HISTORY[::-1])]
    told = []
    for number, order in enumerate(orders):
        with new_store(tmp_path / f"{number}.db") as store:
            for text, day in order:
                save(store, page("a", text), T0 + day * DAY)
            told.append(
                (
                    texts(store),
                    column(
                        store,
                        "SELECT substr(c.fetched_at, 9, 2) FROM articles a JOIN captures c ON c.id = a.capture_id",
                    ),
                )
            )
    assert told == [(TOLD, ["06"])] * len(orders)


def test_older_capture_never_overwrites_newer_text(store: Store) -> None:
    save(store, full_page("a", "mới", title="Tên mới"), T0 + DAY)
    late = save(store, full_page("a", "cũ", title="Tên cũ", byline="Người khác"), T0)
    assert late.status is REVISED
    assert texts(store) | {"last": ""} == {
        "old": ["cũ"],
        "replaced": ["2026-03-03"],
        "now": "mới",
        "first": "2026-03-02",
        "last": "",
    }
    assert rows(store, "SELECT title, byline FROM articles") == [{"title": "Tên mới", "byline": "Nhóm phóng viên"}]


def test_same_capture_read_by_a_better_extractor_replaces_in_place(store: Store) -> None:
    first = save(store, page("a", "chữ rác"), T0)
    save(store, page("a", "chữ rác"), T0 + DAY)
    better = save(store, full_page("a", "chữ"), T0, version="2")
    assert better == Saved(UNCHANGED, 1, first.key, replaced=True)
    assert texts(store)["old"] == []
    assert rows(store, "SELECT extractor_version, byline, capture_id FROM articles") == [
        {"extractor_version": "2", "byline": "Nhóm phóng viên", "capture_id": 1}
    ]
    assert save(store, full_page("a", "chữ"), T0 + DAY, version="2").status is UNCHANGED
    assert texts(store) == {
        "old": [],
        "replaced": [],
        "now": "chữ",
        "first": "2026-03-02",
        "last": "2026-03-03",
    }


def test_rebuild_with_a_better_extractor_keeps_the_revisions(store: Store) -> None:
    for text, day in HISTORY:
        save(store, page("a", f"{text} rác"), T0 + day * DAY)
    saved = [save(store, page("a", text), T0 + day * DAY, version="2") for text, day in HISTORY]
    assert {one.status for one in saved} == {UNCHANGED}
    assert texts(store) == TOLD
    assert column(store, "SELECT DISTINCT old_extractor_version FROM revisions") == ["2"]


def test_rebuild_with_the_same_extractor_changes_nothing(store: Store) -> None:
    def all_rows() -> list[object]:
        tables = ("articles", "article_text", "captures", "evidence")
        return [rows(store, f"SELECT * FROM {table}") for table in tables]  # noqa: S608

    for text, day in HISTORY:
        save(store, full_page("a", text), T0 + day * DAY)
    before = all_rows()
    for text, day in HISTORY:
        assert save(store, full_page("a", text), T0 + day * DAY).status is UNCHANGED
    assert all_rows() == before
    assert texts(store) == TOLD


def test_text_that_changed_with_the_extractor_is_no_revision_until_a_rebuild_tells(store: Store) -> None:
    save(store, page("a", "một rác"), T0)
    assert save(store, page("a", "hai"), T0 + DAY, version="2").status is UNCHANGED
    assert (texts(store)["old"], texts(store)["now"]) == ([], "hai")
    save(store, page("a", "một"), T0, version="2")
    save(store, page("a", "hai"), T0 + DAY, version="2")
    assert texts(store)["old"] == ["một"]
    assert texts(store)["now"] == "hai"


def test_second_address_of_an_article_is_an_alias(store: Store) -> None:
    first = save(store, page("a", "chữ"), T0)
    other = "https://thudo.example/in/a"
    again = save(store, page("a", "chữ", url=other), T0 + DAY, seen_url=other)
    moved = save(store, page("b", "chữ"), T0 + DAY, seen_url="https://thudo.example/cu/b", relation="redirect")
    assert (again.article_id, moved.status) == (first.article_id, NEW)  # equal text alone joins nothing
    assert rows(store, "SELECT url, article_id, relation FROM addresses ORDER BY url") == [
        {"url": "https://thudo.example/a", "article_id": 1, "relation": "canonical"},
        {"url": "https://thudo.example/b", "article_id": 2, "relation": "canonical"},
        {"url": "https://thudo.example/cu/b", "article_id": 2, "relation": "redirect"},
        {"url": other, "article_id": 1, "relation": "alias"},
    ]
    assert store.article_id_for(other) == 1
    assert store.article_id_for("https://thudo.example/c") is None


def test_article_keeps_its_key_when_its_canonical_address_is_read_differently(store: Store) -> None:
    first = save(store, page("a", "chữ"), T0)
    later = save(store, page("a", "chữ", canonical_url="https://thudo.example/a-dung"), T0, version="2")
    assert (later.article_id, later.key) == (first.article_id, first.key)
    assert column(store, "SELECT canonical_url FROM articles") == ["https://thudo.example/a"]
    assert store.article_id_for("https://thudo.example/a-dung") == 1


def test_capture_that_belongs_to_another_article_moves_there(store: Store) -> None:
    save(store, page("a", "chữ a"), T0)
    save(store, page("b", "chữ b"), T0)
    joined = save(store, page("b", "chữ a", canonical_url="https://thudo.example/a"), T0, version="2")
    assert joined.article_id == 1
    assert column(store, "SELECT key FROM articles") == [joined.key]
    assert is_sound(store.path)


def test_article_that_comes_back_is_no_longer_gone(store: Store) -> None:
    save(store, page("a", "chữ"), T0)
    with store.transaction() as conn:
        conn.execute("UPDATE articles SET gone_since = '2026-03-03T08:00:00+07:00'")
    save(store, page("a", "chữ"), T0 + DAY / 2)
    assert column(store, "SELECT gone_since FROM articles") == ["2026-03-03T08:00:00+07:00"]
    store.note_seen(1, T0 + 5 * DAY)
    assert rows(store, "SELECT gone_since, last_seen FROM articles") == [
        {"gone_since": None, "last_seen": "2026-03-07T08:00:00+07:00"}
    ]


def test_refused_page_is_quarantined_once(store: Store) -> None:
    capture = Capture(
        "https://thudo.example/x",
        T0,
        200,
        "text/html",
        b"",
        site="thu-do",
        record_id="urn:uuid:1",
        warc_file="w",
        warc_offset=0,
    )
    refusal = Refusal(Verdict.CHALLENGE, "sets a cookie and reloads", ("d1n",), (Evidence("status", "200", "size"),))
    for _ in range(2):
        number = store.add_capture(capture, "article", None, None)
        store.quarantine(refusal, capture_id=number, site="thu-do", url=capture.url, seen_at=T0)
    [row] = rows(store, "SELECT url, site, capture_id, verdict, reason, flags, seen_at FROM quarantine")
    assert row == {
        "url": capture.url,
        "site": "thu-do",
        "capture_id": 1,
        "verdict": "challenge",
        "reason": "sets a cookie and reloads",
        "flags": '["d1n"]',
        "seen_at": "2026-03-02T08:00:00+07:00",
    }
    assert rows(store, "SELECT verdict, article_id FROM captures") == [{"verdict": "challenge", "article_id": None}]


def test_better_extractor_takes_an_article_out_of_quarantine_and_a_false_one_into_it(store: Store) -> None:
    save(store, page("a", "chữ"), T0)
    refusal = Refusal(Verdict.LISTING, "only links")
    store.quarantine(refusal, capture_id=1, site="thu-do", url="https://thudo.example/a", seen_at=T0)
    assert column(store, "SELECT count(*) FROM articles") == [0]
    save(store, page("a", "chữ"), T0)
    assert column(store, "SELECT count(*) FROM quarantine") == [0]
    assert column(store, "SELECT count(*) FROM articles") == [1]


def test_timeout_takes_no_article_away(store: Store) -> None:
    save(store, page("a", "chữ"), T0)
    refusal = Refusal(Verdict.TIMEOUT, "took over 20 s")
    store.quarantine(refusal, capture_id=1, site="thu-do", url="https://thudo.example/a", seen_at=T0)
    assert column(store, "SELECT count(*) FROM articles") == [1]
    assert column(store, "SELECT count(*) FROM quarantine") == [0]


def test_wrongly_stored_capture_leaves_the_other_texts(store: Store) -> None:
    for text, day in HISTORY:
        save(store, page("a", text), T0 + day * DAY)
    refusal = Refusal(Verdict.SOFT_404, "error page")
    store.quarantine(refusal, capture_id=5, site="thu-do", url="https://thudo.example/a", seen_at=T0 + 4 * DAY)
    assert texts(store) | {"last": ""} == {
        "old": ["A", "B"],
        "replaced": ["2026-03-04", "2026-03-05"],
        "now": "A",
        "first": "2026-03-02",
        "last": "",
    }


def test_record_given_twice_is_one_capture_at_its_newest_place(store: Store) -> None:
    one = Capture(
        "https://thudo.example/x",
        T0,
        304,
        "text/html",
        b"",
        site="thu-do",
        record_id="urn:uuid:1",
        warc_file="old.warc.gz",
        warc_offset=5,
    )
    two = Capture(one.url, T0, 304, "text/html", b"", record_id="urn:uuid:1", warc_file="new.warc.gz", warc_offset=7)
    bare = Capture(one.url, T0, 304, "text/html", b"", warc_file="new.warc.gz", warc_offset=7)
    assert [store.add_capture(c, "article", None, "304") for c in (one, two, bare, bare)] == [1, 1, 2, 2]
    assert rows(store, "SELECT record_id, warc_file, warc_offset, verdict FROM captures") == [
        {"record_id": "urn:uuid:1", "warc_file": "new.warc.gz", "warc_offset": 7, "verdict": "304"},
        {"record_id": None, "warc_file": "new.warc.gz", "warc_offset": 7, "verdict": "304"},
    ]


def test_runs_are_noted_from_beginning_to_end(store: Store) -> None:
    run = store.start_run("khotin crawl thu-do", "live", ["thu-do"], T0, "khotin/0.1")
    killed = store.start_run("khotin crawl", "replay", [], T0, "khotin/0.1")
    store.finish_run(run, T0 + DAY, "finished", {"new": 3})
    assert rows(store, "SELECT id, mode, sites, finished_at, outcome, counts FROM runs") == [
        {
            "id": run,
            "mode": "live",
            "sites": '["thu-do"]',
            "finished_at": "2026-03-03T08:00:00+07:00",
            "outcome": "finished",
            "counts": '{"new":3}',
        },
        {"id": killed, "mode": "replay", "sites": "[]", "finished_at": None, "outcome": None, "counts": "{}"},
    ]


def test_sites_are_brought_up_to_date_with_their_cards(store: Store) -> None:
    card = SITES[0] | {
        "name": "Tên mới",
        "sections": [{"title": "Khác", "url": "https://thudo.example/khac"}],
    }
    store.put_sites([card])
    [row] = rows(store, "SELECT * FROM sites WHERE id = 'thu-do'")
    assert row == {
        "id": "thu-do",
        "name": "Tên mới",
        "name_en": None,
        "kind": "party_portal",
        "province_scheme": 34,
        "province_code": "01",
        "family": None,
        "hosts": '["thudo.example"]',
        "former_hosts": "[]",
        "publish": "full",
        "rights_note": "",
        "verified_how": "pages",
        "verified_pages": 2,
        "weekly_min": 1,
        "weekly_max": 9,
        "quiet_days": 7,
        "history": '["2026-03-02 viết lần đầu"]',
    }
    assert rows(store, "SELECT site, title, url FROM sections") == [
        {"site": "thu-do", "title": "Khác", "url": "https://thudo.example/khac"}
    ]


def test_site_in_an_unknown_province_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="site x: no province 02 among the 34: correct its card"):
        store.put_sites([{"id": "x", "name": "X", "province": {"code": "02", "scheme": 34}}])
    assert column(store, "SELECT count(*) FROM sites WHERE id = 'x'") == [0]


def test_site_without_a_card_is_noted_with_cautious_rights(store: Store) -> None:
    save(store, page("a", "chữ", site="la.example"), T0, site="la.example")
    assert rows(store, "SELECT id, name, kind, publish FROM sites WHERE id = 'la.example'") == [
        {"id": "la.example", "name": "la.example", "kind": None, "publish": "excerpt"}
    ]


def test_failure_inside_a_transaction_undoes_all_of_it(store: Store) -> None:
    with pytest.raises(ValueError, match="no capture 7"), store.transaction():  # noqa: PT012
        save(store, page("a", "chữ"), T0)
        store.save_article(page("b", "chữ"), capture_id=7, site="thu-do", seen_at=T0, seen_url="x")
    assert column(store, "SELECT count(*) FROM articles") == [0]
    assert column(store, "SELECT count(*) FROM captures") == [0]


def test_wrong_date_of_an_extractor_is_an_error_and_not_stored(store: Store) -> None:
    article = page("a", "chữ", date=PublishedDate(date_estimate="2026-02-31", date_estimate_basis="listing"))
    with pytest.raises(sqlite3.IntegrityError):
        save(store, article, T0)
    assert column(store, "SELECT count(*) FROM articles") == [0]


def test_threads_share_a_store(store: Store) -> None:
    def work(name: str) -> None:
        for number in range(20):
            save(store, page(f"{name}-{number}", "chữ"), T0)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert column(store, "SELECT count(*) FROM articles") == [60]


def test_reader_sees_whole_pages_while_they_are_written(store: Store) -> None:
    done = threading.Event()
    counts: list[tuple[int, int]] = []

    def read() -> None:
        conn = sqlite3.connect(store.path)
        while not done.is_set():
            counts.append(
                conn.execute("SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM article_text)").fetchone()
            )
        conn.close()

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(200):
        save(store, page(f"b{number}", "chữ"), T0)
    done.set()
    reader.join()
    assert all(articles == bodies for articles, bodies in counts)
    assert [one for one, _ in counts] == sorted(one for one, _ in counts)


WRITER = """
import sys
from pathlib import Path
from pipelines.store import Store
from storing import T0, page, save
store = Store.open(Path(sys.argv[1]))
for number in range(int(sys.argv[2]), 1_000_000):
    saved = save(store, page(f"b{number}", f"đoạn {number} " * 200), T0)
    print(saved.key, flush=True)
"""

COMPLETE = """
SELECT count(*) FROM articles a JOIN article_text t ON t.article_id = a.id
JOIN addresses u ON u.article_id = a.id JOIN captures c ON c.article_id = a.id
"""


def test_kill_at_any_moment_loses_no_acknowledged_page(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    new_store(path).close()
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    known: list[str] = []
    for seed in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(seed * 100_000)],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        ) as writer:
            assert writer.stdout
            known += [writer.stdout.readline().strip() for _ in range(30)]
            time.sleep(seed * 0.03)
            writer.send_signal(signal.SIGKILL)
            known += [line.strip() for line in writer.stdout if line.endswith("\n")]
        assert is_sound(path)
        assert set(known) <= set(column(path, "SELECT key FROM articles"))
        assert column(path, COMPLETE) == column(path, "SELECT count(*) FROM articles")
    with Store.open(path) as store:
        assert save(store, page("sau", "chữ"), T0).status is NEW
