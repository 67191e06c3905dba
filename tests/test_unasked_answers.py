"""Answers that are no errors by their number, and no pages either: a 304 that nobody asked for, 204, 206, 226."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from loopback.running import ROOT, crawl, expected, rows, stored
from loopback.site import Answer, NewsSite

pytestmark = pytest.mark.nights

UNCHANGED = Answer(b"", 304)


class OfToday(NewsSite):
    """Its articles are of these days."""

    @staticmethod
    def date(n: int) -> str:
        return (datetime.now() - timedelta(days=1, minutes=n)).strftime("%d/%m/%Y %H:%M")  # noqa: DTZ005


def test_a_site_that_says_unchanged_to_everything_is_in_trouble_and_nothing_is_lost(tmp_path: Path) -> None:
    with OfToday() as site:
        site.publish(6)
        card, data = site.card(tmp_path / "cards"), tmp_path / "data"
        assert crawl(card, data)["health"] == "ok"
        site.edited[1] = "Bản đã sửa. "
        site.publish(4)
        site.answer_to = {"/": lambda _: UNCHANGED}
        for day in (1.5, 3.5, 5):
            report = crawl(card, data, DAYS=day)
            assert report["health"] == "dead"
            assert any("HTTP 304" in line for line in report["evidence"])
            assert report["problems"]
            assert "unchanged" not in report["counts"]
        assert rows(data, "SELECT count(*) FROM visits") == [(0,)]
        assert rows(data, "SELECT DISTINCT state FROM frontier") == [("kept",)]

        site.answer_to.clear()
        report = crawl(card, data, DAYS=40)
        assert (report["health"], report["problems"]) == ("quiet", [])  # it had nothing new meanwhile
        assert stored(data) == expected(site)
        assert report["counts"]["revised"] == 1


def test_a_rebuild_does_not_believe_either_what_the_crawl_did_not(tmp_path: Path) -> None:
    looks = "SELECT c.status, count(*) FROM visits v JOIN captures c ON c.id = v.capture_id GROUP BY 1"
    with OfToday() as site:
        site.validators = "etag"
        site.publish(4)
        card, data = site.card(tmp_path / "cards"), tmp_path / "data"
        crawl(card, data)
        crawl(card, data, DAYS=1.5)
        assert rows(data, looks) == [(304, 4)]
        with closing(sqlite3.connect(data / "archive.db")) as db:
            db.execute("DELETE FROM validators")
            db.commit()
        site.answers |= {f"/xay-dung-dang/bai-so-{n}": UNCHANGED for n in site.articles}
        assert crawl(card, data, DAYS=4.5)["counts"]["failed"] == 4
        assert rows(data, looks) == [(304, 4)]
        env = {**os.environ, "KHOTIN_CARDS": str(card), "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-m", "khotin", "rebuild", "--data", str(data)], env=env, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        assert rows(data, looks) == [(304, 4)]


def test_half_a_page_or_none_is_no_article_and_is_asked_for_again(tmp_path: Path) -> None:
    with NewsSite() as site:
        site.publish(4)
        card, data = site.card(tmp_path / "cards"), tmp_path / "data"
        for number, status in ((1, 204), (2, 206), (3, 226), (4, 304)):
            body = b"" if status in (204, 304) else site.article(number).encode()
            site.answers[f"/xay-dung-dang/bai-so-{number}"] = Answer(body, status)
        report = crawl(card, data)
        assert report["health"] == "dead"
        assert stored(data) == {}
        assert rows(data, "SELECT status, state, reason, tries FROM frontier ORDER BY 1") == [
            (status, "due", f"HTTP {status}", 1) for status in (204, 206, 226, 304)
        ]
        site.answers.clear()
        crawl(card, data, DAYS=2)
        assert stored(data) == expected(site)


@pytest.mark.parametrize("status", [206, 304])
def test_a_robots_txt_that_is_no_whole_one_keeps_us_out(status: int, tmp_path: Path) -> None:
    with NewsSite() as site:
        site.publish(2)
        site.answers["/robots.txt"] = Answer(b"User-agent: *\n" if status == 206 else b"", status)
        report = crawl(site.card(tmp_path / "cards"), tmp_path / "data")
        assert site.log == ["/robots.txt"]
        assert report["health"] == "dead"
        assert any(f"HTTP {status}" in line for line in report["evidence"])


def test_an_answer_that_points_elsewhere_and_is_not_followed_is_no_good_one(tmp_path: Path) -> None:
    with NewsSite() as site:
        site.publish(2)
        site.answers["/xay-dung-dang"] = Answer(b"", 300, headers={"Location": f"{site.base}/"})
        report = crawl(site.card(tmp_path / "cards"), tmp_path / "data")
        assert report["health"] == "dead"
