"""Crawls of a real HTTP server on loopback, each in a process of its own."""

from __future__ import annotations

import json
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

import pytest
from loopback.running import begin, crawl, expected, stored, wait_for
from loopback.site import Answer, NewsSite, packed

from pipelines.verify import verify


@pytest.fixture
def site() -> Iterator[NewsSite]:
    with NewsSite() as running:
        yield running


def test_a_section_is_walked_to_its_end_once_and_then_to_the_first_known_page(site: NewsSite, tmp_path: Path) -> None:
    site.publish(235)
    card = site.card(tmp_path / "cards")
    first = crawl(card, tmp_path / "data")
    assert first["counts"]["listings"] == 24
    assert first["counts"]["new"] == 235
    assert stored(tmp_path / "data") == expected(site)

    site.log.clear()
    second = crawl(card, tmp_path / "data")
    assert second["counts"] == {"found": 0, "listings": 1}
    assert site.log == ["/robots.txt", "/xay-dung-dang"]

    site.publish(13)
    site.log.clear()
    third = crawl(card, tmp_path / "data")
    assert third["counts"]["new"] == 13
    assert site.fetched("page=") == ["/xay-dung-dang?page=2", "/xay-dung-dang?page=3"]
    assert stored(tmp_path / "data") == expected(site)


def test_ctrl_c_finishes_the_pages_in_hand_and_the_next_run_goes_on(tmp_path: Path) -> None:
    with NewsSite(delay=0.05) as site:
        site.publish(120)
        card = site.card(tmp_path / "cards")
        process = begin(card, tmp_path / "data", CONCURRENT_REQUESTS_PER_DOMAIN=2)
        wait_for(process, lambda: len(site.fetched("bai-so")) >= 15)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 130, err
        assert "finishing the pages in hand" in err
        assert json.loads(out)["interrupted"] is True
        kept = len(stored(tmp_path / "data"))
        assert 10 <= kept < 120

        site.log.clear()
        again = crawl(card, tmp_path / "data")
        assert again["counts"]["new"] == 120 - kept
        assert stored(tmp_path / "data") == expected(site)
        assert len(site.fetched("bai-so")) == 120 - kept


def test_kill_9_at_any_moment_loses_nothing_and_stores_nothing_twice(tmp_path: Path) -> None:
    with NewsSite(delay=0.02) as site:
        site.publish(90)
        card = site.card(tmp_path / "cards")
        for fetched in (0, 5, 30):
            site.log.clear()
            process = begin(card, tmp_path / "data")
            wait_for(process, lambda least=fetched: site.log and len(site.fetched("bai-so")) >= least)
            process.kill()
            process.communicate(timeout=60)
        crawl(card, tmp_path / "data")
        assert stored(tmp_path / "data") == expected(site)
        with closing(sqlite3.connect(tmp_path / "data" / "archive.db")) as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert db.execute("SELECT count(*) FROM revisions").fetchone() == (0,)


@pytest.mark.parametrize("tail", [0.5, 0.05])
def test_captures_that_a_power_cut_took_are_fetched_again(tmp_path: Path, tail: float) -> None:
    with NewsSite(delay=0.02) as site:
        site.publish(40)
        site.removed = {7}
        card, data = site.card(tmp_path / "cards"), tmp_path / "data"
        process = begin(card, data)
        wait_for(process, lambda: len(site.fetched("bai-so")) >= 25)
        process.kill()
        process.communicate(timeout=60)
        (file,) = (data / "warc" / "mau").glob("*.warc.gz")
        with file.open("r+b") as stream:  # the database is on the disk, the end of the file is not
            stream.truncate(int(file.stat().st_size * tail))
        crawl(card, data)
        assert stored(data) == {url: title for url, title in expected(site).items() if not url.endswith("-7")}
        report = verify(data)
        assert (report.damage, report.counts.get("unlisted", 0)) == ((), 0)


def test_a_later_visit_that_was_cut_off_does_not_make_the_next_one_stop_early(tmp_path: Path) -> None:
    with NewsSite() as site:
        site.publish(30)
        card = site.card(tmp_path / "cards")
        crawl(card, tmp_path / "data")
        site.publish(40)
        site.answers["/xay-dung-dang?page=2"] = Answer(b"", delay=30)
        process = begin(card, tmp_path / "data")
        wait_for(process, lambda: site.fetched("page=2") and len(stored(tmp_path / "data")) >= 40)
        process.kill()
        process.communicate(timeout=60)
        del site.answers["/xay-dung-dang?page=2"]
        # The first page is all known by now, but pages 2 to 4 never were.
        crawl(card, tmp_path / "data")
        assert stored(tmp_path / "data") == expected(site)


def test_requests_that_wait_for_robots_txt_do_not_slip_past_it(site: NewsSite, tmp_path: Path) -> None:
    site.publish(20)
    site.answers["/robots.txt"] = Answer(
        b"User-agent: *\nDisallow: /xay-dung-dang/bai-so-1\n", content_type="text/plain", delay=0.5
    )
    report = crawl(site.card(tmp_path / "cards"), tmp_path / "data")
    forbidden = [n for n in site.articles if str(n).startswith("1")]
    assert [path for path in site.log if "/bai-so-1" in path] == []
    assert report["counts"]["not_allowed"] == len(forbidden)
    assert report["counts"]["new"] == 20 - len(forbidden)


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_site_whose_robots_txt_fails_is_left_alone(site: NewsSite, tmp_path: Path, status: int) -> None:
    site.publish(5)
    site.answers["/robots.txt"] = Answer(b"", status)
    report = crawl(site.card(tmp_path / "cards"), tmp_path / "data", RETRY_ENABLED=False)
    assert site.log == ["/robots.txt"]
    assert report["problems"] != []


def test_an_edited_page_becomes_a_revision_and_an_unchanged_one_does_not(site: NewsSite, tmp_path: Path) -> None:
    site.publish(3)
    card = site.card(tmp_path / "cards")
    crawl(card, tmp_path / "data")
    site.edited[2] = "Chi bộ thôn Mẫu số 2 đã sửa lại biên bản và thông qua nghị quyết mới về nêu gương trong chi bộ."
    with closing(sqlite3.connect(tmp_path / "data" / "archive.db")) as db:
        db.execute("UPDATE frontier SET due_at = '2020-01-01T00:00:00+07:00'")
        db.commit()
    report = crawl(card, tmp_path / "data")
    assert (report["counts"]["revised"], report["counts"]["unchanged"]) == (1, 2)
    with closing(sqlite3.connect(tmp_path / "data" / "archive.db")) as db:
        rows = db.execute(
            "SELECT canonical_url, old_body FROM revisions JOIN articles a ON a.id = article_id"
        ).fetchall()
    assert len(rows) == 1
    assert rows[0][0].endswith("bai-so-2")
    assert "thảo luận sôi nổi" in rows[0][1]


def test_feeds_and_sitemaps_find_articles_too(site: NewsSite, tmp_path: Path) -> None:
    site.publish(12)
    gone_from_listing = list(site.articles)
    site.answers["/xay-dung-dang"] = Answer(b"<html><body><p>Dang cap nhat</p></body></html>")
    site.answers["/rss"] = Answer(site.feed(gone_from_listing[:4]), content_type="application/rss+xml")
    site.answers["/sitemap.xml"] = Answer(site.sitemap_index(["/a.xml.gz", "/b.xml"]), content_type="text/xml")
    site.answers["/a.xml.gz"] = Answer(packed(site.sitemap(gone_from_listing[2:9])), content_type="application/gzip")
    site.answers["/b.xml"] = Answer(site.sitemap(gone_from_listing[8:]), content_type="text/xml")
    report = crawl(site.card(tmp_path / "cards", feeds=["/rss"], sitemaps=["/sitemap.xml"]), tmp_path / "data")
    assert report["counts"]["feeds"] == 1
    assert report["counts"]["sitemaps"] == 3
    assert stored(tmp_path / "data") == expected(site)


@pytest.mark.parametrize("status", [429, 503])
def test_a_site_that_asks_to_slow_down_is_left_alone(site: NewsSite, tmp_path: Path, status: int) -> None:
    site.publish(50)
    for number in site.articles:
        site.answers[f"/xay-dung-dang/bai-so-{number}"] = Answer(b"slow down", status, headers={"Retry-After": "3600"})
    report = crawl(
        site.card(tmp_path / "cards"), tmp_path / "data", CONCURRENT_REQUESTS=2, CONCURRENT_REQUESTS_PER_DOMAIN=1
    )
    assert report["blocked"] == f"asked to slow down (HTTP {status}, for 3600)"
    assert len(site.fetched("bai-so")) <= 3


def test_links_that_lead_nowhere_are_told_and_kept_for_another_try(site: NewsSite, tmp_path: Path) -> None:
    site.publish(6)
    site.removed = {2, 5}
    report = crawl(site.card(tmp_path / "cards"), tmp_path / "data")
    assert report["counts"]["dead_links"] == 2
    with closing(sqlite3.connect(tmp_path / "data" / "archive.db")) as db:
        rows = db.execute(
            "SELECT url, state, status, tries FROM frontier WHERE state <> 'kept' ORDER BY url"
        ).fetchall()
    assert rows == [(f"{site.base}/xay-dung-dang/bai-so-{n}", "due", 404, 1) for n in (2, 5)]


def test_everything_fetched_stands_in_the_warc_files(site: NewsSite, tmp_path: Path) -> None:
    site.publish(3)
    site.removed = {1}
    crawl(site.card(tmp_path / "cards"), tmp_path / "data")
    from pipelines.warc import read_captures

    files = list((tmp_path / "data" / "warc").rglob("*.warc.gz"))
    found = [(c.url.removeprefix(site.base), c.status) for file in files for c in read_captures(file)]
    assert sorted(found) == [
        ("/robots.txt", 404),
        ("/xay-dung-dang", 200),
        ("/xay-dung-dang/bai-so-1", 404),
        ("/xay-dung-dang/bai-so-2", 200),
        ("/xay-dung-dang/bai-so-3", 200),
    ]


def test_a_page_that_needs_too_much_memory_is_quarantined_and_the_crawl_goes_on(site: NewsSite, tmp_path: Path) -> None:
    site.publish(4)
    monster = b"<html><body><h1 class='title'>x</h1><div class='content'>" + b"<p><b>a</b></p>" * 1_500_000
    site.answers["/xay-dung-dang/bai-so-3"] = Answer(monster)
    report = crawl(site.card(tmp_path / "cards"), tmp_path / "data", KHOTIN_PAGE_MEMORY_MB=200)
    assert (report["counts"]["new"], report["counts"]["refused"]) == (3, 1)
    with closing(sqlite3.connect(tmp_path / "data" / "archive.db")) as db:
        rows = db.execute("SELECT url, verdict FROM quarantine").fetchall()
    assert rows == [(f"{site.base}/xay-dung-dang/bai-so-3", "memory")]


def test_a_page_that_takes_too_long_is_quarantined_and_the_crawl_goes_on(site: NewsSite, tmp_path: Path) -> None:
    site.publish(4)
    slow = b"<html><body><h1 class='title'>x</h1><div class='content'>" + b"<p><b>a</b></p>" * 400_000
    site.answers["/xay-dung-dang/bai-so-3"] = Answer(slow)
    report = crawl(site.card(tmp_path / "cards"), tmp_path / "data", KHOTIN_PAGE_SECONDS=0.3)
    assert report["counts"]["new"] == 3
    with closing(sqlite3.connect(tmp_path / "data" / "archive.db")) as db:
        rows = db.execute("SELECT url, verdict FROM quarantine").fetchall()
    assert rows == [(f"{site.base}/xay-dung-dang/bai-so-3", "timeout")]


def test_a_page_that_was_too_much_for_the_machine_is_asked_for_again_another_night(
    site: NewsSite, tmp_path: Path
) -> None:
    site.publish(4)
    card, data = site.card(tmp_path / "cards"), tmp_path / "data"
    slow = b"<html><body><h1 class='title'>x</h1><div class='content'>" + b"<p><b>a</b></p>" * 400_000
    site.answers["/xay-dung-dang/bai-so-3"] = Answer(slow)
    crawl(card, data, KHOTIN_PAGE_SECONDS=0.3)
    assert f"{site.base}/xay-dung-dang/bai-so-3" not in stored(data)
    site.answers.clear()
    crawl(card, data, DAYS=1)
    assert stored(data) == expected(site)


def test_a_listing_that_was_cut_short_does_not_end_the_walk_for_good(site: NewsSite, tmp_path: Path) -> None:
    site.publish(35)
    card = site.card(tmp_path / "cards")
    whole = site.answer("/xay-dung-dang?page=2").body
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(whole)}\r\n\r\n".encode()

    def half(stream: BinaryIO) -> None:
        stream.write(head + whole[: len(whole) // 3])

    site.answers["/xay-dung-dang?page=2"] = Answer(whole, raw=half)
    first = crawl(card, tmp_path / "data", RETRY_ENABLED=False)
    assert any("cut short" in problem for problem in first["problems"])
    del site.answers["/xay-dung-dang?page=2"]
    crawl(card, tmp_path / "data")
    assert stored(tmp_path / "data") == expected(site)
