"""`khotin ingest`: WARC files of others become part of the archive, once, whatever their order and their form."""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
import subprocess
import zipfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from loopback.site import NewsSite
from running import SAMPLE, khotin
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipelines.verify import verify
from pipelines.warc import WarcMissing, read_archived
from scrapers.catalogue import Catalogue, load
from scrapers.ingest import IngestReport, ingest
from scrapers.rebuild import rebuild

DAY = datetime(2024, 3, 1, 1, 0, tzinfo=UTC)


@pytest.fixture
def site(tmp_path: Path) -> Any:
    with NewsSite() as news:
        news.publish(3)
        news.card(tmp_path / "cards")
        yield news


def catalogue(tmp_path: Path) -> Catalogue:
    return load(tmp_path / "cards")


def write(path: Path, pages: list[tuple[str, str | bytes, datetime]], *, packed: bool = True, status: str = "200 OK",
          headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/html; charset=utf-8"),)) -> Path:  # fmt: skip
    """A WARC file as warcio writes it: address, body, time."""
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=packed, warc_version="1.0")
        for url, body, at in pages:
            payload = body.encode() if isinstance(body, str) else body
            record = writer.create_warc_record(
                url, "response", payload=BytesIO(payload),
                http_headers=StatusAndHeaders(status, list(headers), protocol="HTTP/1.1"),
                warc_headers_dict={"WARC-Date": at.strftime("%Y-%m-%dT%H:%M:%SZ")},
            )  # fmt: skip
            writer.write_record(record)
            record.raw_stream.close()  # a temporary file by now
    return path


def article(site: NewsSite, n: int, at: datetime = DAY) -> tuple[str, str, datetime]:
    return f"{site.base}/xay-dung-dang/bai-so-{n}", site.article(n), at


def take(tmp_path: Path, *files: Path, data: str = "data") -> IngestReport:
    return ingest(files, tmp_path / data, workers=1, catalogue=catalogue(tmp_path))


def rows(data: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(data / "archive.db")) as db:
        return db.execute(query).fetchall()


def content(data: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What the archive says, without the numbers of rows and the places in files."""
    queries = {
        "articles": "SELECT key, title, body, published_at, first_seen, last_seen, gone_since, text_hash FROM articles"
        " JOIN article_text ON article_id = id ORDER BY key",
        "revisions": "SELECT key, number, replaced_at, old_hash FROM revisions JOIN articles a ON a.id = article_id"
        " ORDER BY key, number",
        "captures": "SELECT url, kind, fetched_at, status, digest, verdict FROM captures ORDER BY 1, 3, 5",
        "quarantine": "SELECT url, verdict, reason FROM quarantine ORDER BY url, verdict",
        "visits": "SELECT key, v.seen_at, outcome FROM visits v JOIN articles a ON a.id = article_id ORDER BY 1, 2",
    }
    return {name: rows(data, query) for name, query in queries.items()}


def frontier(data: Path) -> list[tuple[Any, ...]]:
    return rows(data, "SELECT url, state, due_at, tries, status, fetched_at FROM frontier ORDER BY url")


def test_pages_of_known_sites_are_taken_and_the_rest_is_counted(site: NewsSite, tmp_path: Path) -> None:
    url = f"{site.base}/anh.png"
    files = (
        write(tmp_path / "a.warc.gz", [article(site, 1), ("https://other.example/x", "<p>x</p>", DAY)]),
        write(tmp_path / "b.warc.gz", [(url, b"\x89PNG", DAY)], headers=(("Content-Type", "image/png"),)),
    )
    report = take(tmp_path, *files)
    assert (report.files, report.taken, report.known, report.other_hosts, report.no_pages, report.problems) == (
        2,
        {"mau": 1},
        0,
        {"other.example": 1},
        {"image/png": 1},
        (),
    )
    assert rows(tmp_path / "data", "SELECT title, first_seen FROM articles") == [
        (site.title(1), "2024-03-01T08:00:00+07:00")
    ]
    (item,) = read_archived(next((tmp_path / "data" / "warc" / "mau").glob("*.warc.gz")))
    assert item.exchange.body.decode() == site.article(1)


def test_a_second_time_nothing_is_stored_twice_and_no_plan_is_moved(site: NewsSite, tmp_path: Path) -> None:
    file = write(tmp_path / "a.warc.gz", [article(site, 1), article(site, 2)])
    missing = write(tmp_path / "b.warc.gz", [(f"{site.base}/xay-dung-dang/bai-so-9", "", DAY)], status="404 Not Found")
    take(tmp_path, file, missing)
    data = tmp_path / "data"
    before = (content(data), frontier(data), [path.stat().st_size for path in sorted(data.rglob("*.warc.gz"))])
    report = take(tmp_path, file, missing)
    assert (report.taken, report.known) == ({}, 3)
    assert (content(data), frontier(data), [path.stat().st_size for path in sorted(data.rglob("*.warc.gz"))]) == before


def test_edits_and_removals_find_their_place_whatever_the_order_of_the_files(site: NewsSite, tmp_path: Path) -> None:
    site.publish(3)
    first = write(tmp_path / "1.warc.gz", [article(site, n) for n in range(1, 7)])
    site.edited[1] = (
        "Chi bộ thôn Mẫu sửa lại bài này sau khi đăng: thêm một câu về cách làm của tổ dân phố số hai ở xã."
    )
    second = write(tmp_path / "2.warc.gz", [article(site, 1, DAY + timedelta(days=3))])
    gone = [(f"{site.base}/xay-dung-dang/bai-so-2", "", DAY + timedelta(days=n)) for n in (9, 12)]
    third = write(tmp_path / "3.warc.gz", gone, status="404 Not Found")
    # one article is gone, not the site: the others are where they were
    there = [article(site, n, at) for n in (1, 3, 4, 5, 6) for _, _, at in gone]
    fourth = write(tmp_path / "4.warc.gz", there)
    take(tmp_path, first, second, third, fourth, data="forward")
    take(tmp_path, fourth, third, data="backward")
    take(tmp_path, second, data="backward")
    take(tmp_path, first, data="backward")
    assert content(tmp_path / "backward") == content(tmp_path / "forward")
    assert len(content(tmp_path / "forward")["revisions"]) == 1
    assert rows(tmp_path / "forward", "SELECT title FROM articles WHERE gone_since IS NOT NULL") == [(site.title(2),)]


def test_a_rebuild_from_the_archive_alone_gives_the_same(site: NewsSite, tmp_path: Path) -> None:
    page = site.answer("/xay-dung-dang").body.decode()
    take(
        tmp_path,
        write(tmp_path / "1.warc.gz", [(f"{site.base}/xay-dung-dang", page, DAY), article(site, 1)]),
        write(
            tmp_path / "2.warc.gz", [article(site, 1, DAY + timedelta(days=1)), (f"{site.base}/lien-he", "<p>x", DAY)]
        ),
    )
    data = tmp_path / "data"
    before = content(data)
    for path in data.glob("archive.db*"):
        path.unlink()
    for path in tmp_path.glob("*.warc.gz"):
        path.unlink()
    rebuild(data, workers=1, catalogue=catalogue(tmp_path))
    assert content(data) == before


def test_old_captures_leave_tonights_plan_alone_and_new_articles_are_not_all_due(
    site: NewsSite, tmp_path: Path
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    data = tmp_path / "data"
    take(tmp_path, write(tmp_path / "new.warc.gz", [article(site, 1, now)]))
    plan = frontier(data)
    take(tmp_path, write(tmp_path / "old.warc.gz", [article(site, 1), article(site, 2)]))
    assert [row for row in frontier(data) if row[0].endswith("-1")] == plan
    due = rows(data, "SELECT due_at FROM frontier WHERE url LIKE '%-2'")
    assert datetime.fromisoformat(due[0][0]) > now + timedelta(days=100)


def test_every_form_of_file_gives_the_same_archive(site: NewsSite, tmp_path: Path) -> None:
    pages = [article(site, 1), article(site, 2)]
    plain = write(tmp_path / "plain.warc", pages, packed=False)
    write(tmp_path / "one.warc.gz", pages)
    (tmp_path / "whole.warc.gz").write_bytes(gzip.compress(plain.read_bytes()))
    with zipfile.ZipFile(tmp_path / "crawl.wacz", "w") as wacz:
        wacz.write(tmp_path / "one.warc.gz", "archive/rec-0.warc.gz")
        wacz.writestr("pages/pages.jsonl", "{}")
    found = {}
    for name in ("plain.warc", "one.warc.gz", "whole.warc.gz", "crawl.wacz"):
        report = take(tmp_path, tmp_path / name, data=name.replace(".", "-"))
        assert (report.problems, report.taken) == ((), {"mau": 2})
        found[name] = content(tmp_path / name.replace(".", "-"))
    assert len(found["plain.warc"]["articles"]) == 2
    assert all(one == found["plain.warc"] for one in found.values())
    assert not list((tmp_path / "whole-warc-gz").glob(".ingest-*"))


def test_chunked_and_encoded_bodies_are_unpacked(site: NewsSite, tmp_path: Path) -> None:
    body = gzip.compress(site.article(1).encode())
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:50], body[50:])) + b"0\r\n\r\n"
    headers = (("Content-Type", "text/html"), ("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked"))
    url, _, at = article(site, 1)
    report = take(tmp_path, write(tmp_path / "a.warc.gz", [(url, chunked, at)], headers=headers))
    assert (report.counts["new"], report.problems) == (1, ())
    assert site.title(1) in rows(tmp_path / "data", "SELECT title FROM articles")[0]


@pytest.mark.parametrize("digest", ["sha1", "sha256", "address"])
def test_a_revisit_takes_its_body_from_the_record_it_refers_to(digest: str, site: NewsSite, tmp_path: Path) -> None:
    import base64
    import hashlib

    url, page, at = article(site, 1)
    body = page.encode()
    later = at + timedelta(days=5)
    stated = {
        "sha1": "sha1:" + base64.b32encode(hashlib.new("sha1", body, usedforsecurity=False).digest()).decode(),
        "sha256": "sha256:" + hashlib.sha256(body).hexdigest(),
        "address": "md5:unknown",
    }[digest]
    target = tmp_path / "0-revisit.warc.gz"  # read before the file that has the body
    with target.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True, warc_version="1.0")
        record = writer.create_revisit_record(
            url, stated, url, at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            http_headers=StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1"),
            warc_headers_dict={"WARC-Date": later.strftime("%Y-%m-%dT%H:%M:%SZ")},
        )  # fmt: skip
        writer.write_record(record)
    report = take(tmp_path, target, write(tmp_path / "1-body.warc.gz", [article(site, 1)]))
    assert report.problems == ()
    assert rows(tmp_path / "data", "SELECT first_seen, last_seen FROM articles") == [
        ("2024-03-01T08:00:00+07:00", "2024-03-06T08:00:00+07:00")
    ]


def test_a_revisit_of_nothing_and_a_torn_file_are_told_and_the_rest_is_taken(site: NewsSite, tmp_path: Path) -> None:
    whole = write(tmp_path / "a.warc.gz", [article(site, 1), article(site, 2)])
    whole.write_bytes(whole.read_bytes()[:-40])
    (tmp_path / "b.warc.gz").write_text("<html>not a WARC</html>")
    report = take(tmp_path, whole, tmp_path / "b.warc.gz", write(tmp_path / "c.warc.gz", [article(site, 3)]))
    assert report.taken == {"mau": 2}
    assert [problem.partition(": ")[0] for problem in report.problems] == [str(whole), str(tmp_path / "b.warc.gz")]


def test_captures_that_a_power_cut_took_before_are_due_again(site: NewsSite, tmp_path: Path) -> None:
    data = tmp_path / "data"
    take(tmp_path, write(tmp_path / "a.warc.gz", [article(site, 1), article(site, 2)]))
    with closing(sqlite3.connect(data / "archive.db")) as db, db:
        db.execute("UPDATE runs SET finished_at = NULL, outcome = NULL")  # as if it had not come to its end
        ((length,),) = db.execute("SELECT warc_offset FROM captures ORDER BY id DESC LIMIT 1").fetchall()
    (file,) = (data / "warc").rglob("*.warc.gz")
    with file.open("r+b") as stream:  # the database is on the disk, the end of the file is not
        stream.truncate(length)
    report = take(tmp_path, write(tmp_path / "b.warc.gz", [article(site, 3)]))
    assert (report.lost, report.taken) == (1, {"mau": 1})
    assert [url.rpartition("-")[2] for (url,) in rows(data, "SELECT url FROM captures ORDER BY url")] == ["1", "3"]
    assert rows(data, "SELECT state, reason FROM frontier WHERE url LIKE '%-2'") == [("due", "its capture was lost")]
    assert verify(data).damage == ()


def test_a_file_that_is_not_there_is_told_before_anything_is_read(site: NewsSite, tmp_path: Path) -> None:
    with pytest.raises(WarcMissing, match="there is no such file"):
        take(tmp_path, write(tmp_path / "a.warc.gz", [article(site, 1)]), tmp_path / "b.warc.gz")
    assert not (tmp_path / "data").exists()


def test_what_is_no_article_is_quarantined(site: NewsSite, tmp_path: Path) -> None:
    stub = "<script>document.cookie='D1N=0a1b';window.location.reload(true)</script>"
    report = take(tmp_path, write(tmp_path / "a.warc.gz", [(f"{site.base}/xay-dung-dang/bai-so-1", stub, DAY)]))
    assert report.counts["refused"] == 1
    assert rows(tmp_path / "data", "SELECT verdict FROM quarantine") == [("challenge",)]


@pytest.mark.skipif(shutil.which("wget") is None, reason="no wget here")
def test_a_crawl_of_wget_is_taken_with_its_articles(site: NewsSite, tmp_path: Path) -> None:
    command = ["wget", "-q", "-r", "-l", "2", "--warc-file", str(tmp_path / "wget"), f"{site.base}/xay-dung-dang"]
    (tmp_path / "files").mkdir()
    subprocess.run(
        command, cwd=tmp_path / "files", timeout=60, check=False, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
    )
    report = take(tmp_path, tmp_path / "wget.warc.gz")
    assert report.problems == ()
    titles = {title for (title,) in rows(tmp_path / "data", "SELECT title FROM articles")}
    assert titles == {site.title(n) for n in (1, 2, 3)}
    assert rows(tmp_path / "data", "SELECT count(*) FROM captures WHERE kind = 'listing'") == [(1,)]


def test_the_command_tells_what_it_took_and_verify_finds_it_sound(tmp_path: Path) -> None:
    data = tmp_path / "data"
    done = khotin("ingest", SAMPLE / "night-1", SAMPLE / "night-2", "--data", data, "--json")
    report = json.loads(done.stdout)
    assert (report["counts"]["new"], report["counts"]["revised"], report["problems"]) == (93, 3, [])
    khotin("verify", "--data", data)
    again = khotin("ingest", SAMPLE / "night-1", "--data", data).stdout
    assert "captures were there already" in again
    foreign = write(tmp_path / "x.warc.gz", [("https://other.example/x", "<p>x</p>", DAY)])
    assert "other.example 1" in khotin("ingest", foreign, "--data", data, code=4).stdout
