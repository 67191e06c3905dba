"""Manners of a crawl, seen from the server: waits, budgets, rests, old TLS. The requests are real."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import ssl
import subprocess
import sys
import warnings
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from certificates import certificate
from loopback.running import ROOT, crawl, expected, rows, stored
from loopback.site import Answer, NewsSite

from scrapers.patience import BudgetSpent, Patience, SiteLeft, retry_after

pytestmark = pytest.mark.nights

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Sun, 22 Nov 2026 01:00:30 GMT", 30.0),
        ("Sunday, 22-Nov-26 01:01:00 GMT", 60.0),
        ("Sun, 22 Nov 2026 00:00:00 GMT", 0.0),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("²", None),
        ("9" * 400, 1e9),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(header: str, seconds: float | None) -> None:
    assert retry_after(header, NOW) == seconds


def test_errors_of_the_server_make_the_pauses_grow_and_an_answer_ends_them() -> None:
    waits: list[float] = []

    def longest(least: float, most: float) -> float:
        waits.append(least)
        return most

    patience = Patience(back_off=10, clock=lambda: 0.0, chance=longest)
    for _ in range(6):
        patience.heard("a", 502, "", NOW)
    patience.heard("a", None, "", NOW)
    patience.heard("a", 200, "", NOW)
    patience.heard("a", 500, "", NOW)
    assert waits == [10, 20, 40, 80, 160, 160, 160, 10]


def test_no_request_is_let_out_once_the_site_is_left_or_the_budget_is_spent() -> None:
    async def go() -> None:
        patience = Patience(budget=1)
        await patience.turn("a")
        with pytest.raises(BudgetSpent):
            await patience.turn("a")
        patience = Patience()
        patience.heard("a", 429, "7200", NOW)
        with pytest.raises(SiteLeft):
            await patience.turn("b")
        assert (patience.sent, patience.rest) == (0, timedelta(hours=2))

    asyncio.run(go())


def gaps(site: NewsSite) -> list[float]:
    return [b - a for a, b in zip(site.times, site.times[1:], strict=False)]


@pytest.mark.parametrize("status", [429, 503])
def test_a_short_retry_after_is_waited_for_and_the_page_asked_for_once_more(status: int, tmp_path: Path) -> None:
    with NewsSite() as site:
        site.publish(6)
        path = "/xay-dung-dang/bai-so-4"
        site.answers[path] = [
            Answer(b"", status, headers={"Retry-After": "2"}),
            Answer(site.article(4).encode()),
        ]
        report = crawl(
            site.card(tmp_path / "cards"), tmp_path / "data", CONCURRENT_REQUESTS=2, CONCURRENT_REQUESTS_PER_DOMAIN=1
        )
        assert stored(tmp_path / "data") == expected(site)
        assert (report["blocked"], report["problems"]) == (None, [])
        assert len(site.fetched("bai-so-4")) == 2
        first = site.log.index(path)
        assert site.times[first + 1] - site.times[first] >= 2
        assert rows(tmp_path / "data", "SELECT * FROM rests") == []


def test_a_site_that_asks_for_quiet_again_is_left_alone_for_the_run(tmp_path: Path) -> None:
    with NewsSite() as site:
        site.publish(30)
        for number in site.articles[3:]:
            site.answers[f"/xay-dung-dang/bai-so-{number}"] = Answer(b"", 503)
        report = crawl(
            site.card(tmp_path / "cards"),
            tmp_path / "data",
            CONCURRENT_REQUESTS=2,
            CONCURRENT_REQUESTS_PER_DOMAIN=1,
            KHOTIN_QUIET_SECONDS=1,
        )
        assert report["blocked"] == "asked to slow down (HTTP 503)"
        refused = len([path for path in site.log if "bai-so" in path]) - 3
        assert refused in (2, 3)  # one page, twice; one more may be on its way by then
        assert rows(
            tmp_path / "data", "SELECT state, tries, count(*) FROM frontier WHERE state = 'due' GROUP BY 1, 2"
        ) == [("due", 0, 28 - refused), ("due", 1, refused - 1)]  # what was asked for goes behind the others


@pytest.mark.parametrize("status", [429, 503])
def test_a_page_that_always_asks_for_quiet_keeps_no_other_page_of_its_site_from_being_stored(
    status: int, tmp_path: Path
) -> None:
    with NewsSite() as site:
        site.publish(12)
        bad = f"/xay-dung-dang/bai-so-{site.articles[3]}"
        site.answers[bad] = Answer(b"", status)
        card, data = site.card(tmp_path / "cards"), tmp_path / "data"
        one_by_one = {"CONCURRENT_REQUESTS": 2, "CONCURRENT_REQUESTS_PER_DOMAIN": 1, "KHOTIN_QUIET_SECONDS": 0.1}
        for day in range(3):
            report = crawl(card, data, DAYS=day, **one_by_one)
            if day == 0:
                assert report["blocked"] == f"asked to slow down (HTTP {status})"
        good = {url: title for url, title in expected(site).items() if not url.endswith(bad)}
        assert stored(data) == good
        site.answers.clear()
        crawl(card, data, DAYS=10, **one_by_one)
        assert stored(data) == expected(site)


def test_the_next_runs_keep_away_for_as_long_as_the_site_asked(tmp_path: Path) -> None:
    with NewsSite() as site:
        site.publish(5)
        card, data = site.card(tmp_path / "cards"), tmp_path / "data"
        site.answers["/xay-dung-dang"] = Answer(b"", 429, headers={"Retry-After": "86400"})
        crawl(card, data)
        ((until, noted),) = rows(data, "SELECT not_before, noted_at FROM rests")
        assert datetime.fromisoformat(until) - datetime.fromisoformat(noted) == timedelta(days=1)

        site.log.clear()
        del site.answers["/xay-dung-dang"]
        report = crawl(card, data)
        assert site.log == []
        assert report["blocked"].startswith(f"left alone until {until[:10]}")

        with closing(sqlite3.connect(data / "archive.db")) as db:
            db.execute("UPDATE rests SET not_before = noted_at")
            db.commit()
        assert crawl(card, data)["blocked"] is None
        assert stored(data) == expected(site)
        assert rows(data, "SELECT * FROM rests") == []


@pytest.mark.parametrize("line", ["Crawl-delay: 1", "Request-rate: 1/1s"])
def test_the_delay_that_robots_txt_asks_for_is_kept(line: str, tmp_path: Path) -> None:
    with NewsSite() as site:
        site.publish(4)
        site.answers["/robots.txt"] = Answer(f"User-agent: *\n{line}\n".encode(), content_type="text/plain")
        crawl(site.card(tmp_path / "cards"), tmp_path / "data")
        assert stored(tmp_path / "data") == expected(site)
        assert min(gaps(site)) >= 0.95


@pytest.mark.parametrize("line", ["Crawl-delay: 864000", "Request-rate: 1/61s"])
def test_a_site_that_asks_for_more_time_than_is_waited_is_left_alone_and_told(line: str, tmp_path: Path) -> None:
    with NewsSite() as site:
        site.publish(2)
        site.answers["/robots.txt"] = Answer(f"User-agent: *\n{line}\n".encode(), content_type="text/plain")
        card, data = site.card(tmp_path / "cards"), tmp_path / "data"
        report = crawl(card, data)
        assert site.log == ["/robots.txt"]
        (problem,) = report["problems"]
        assert "between two requests, more than 60 (to wait for so long, set KHOTIN_MAX_CRAWL_DELAY)" in problem
        assert report["health"] == "blocked"
        assert any("KHOTIN_MAX_CRAWL_DELAY" in line for line in report["evidence"])

        site.answers["/robots.txt"] = Answer(b"User-agent: *\nCrawl-delay: 1\n", content_type="text/plain")
        crawl(card, data, KHOTIN_MAX_CRAWL_DELAY=1)
        assert stored(data) == expected(site)


def test_a_replay_reads_the_files_of_a_site_whose_robots_txt_asks_for_more_than_is_waited(tmp_path: Path) -> None:
    with NewsSite() as site:
        site.publish(1)
        site.answers["/robots.txt"] = Answer(b"User-agent: *\nCrawl-delay: 2\n", content_type="text/plain")
        card, data = site.card(tmp_path / "cards"), tmp_path / "data"
        crawl(card, data)
        env = {**os.environ, "KHOTIN_CARDS": str(card), "KHOTIN_MAX_CRAWL_DELAY": "1", "PYTHONPATH": str(ROOT)}
        argv = ["crawl", "mau", "--replay", str(data / "warc"), "--data", str(tmp_path / "again")]
        subprocess.run([sys.executable, "-m", "khotin", *argv], env=env, capture_output=True, check=False)
        assert stored(tmp_path / "again") == expected(site)


def test_a_first_visit_beyond_the_budget_goes_on_night_after_night_to_its_end(tmp_path: Path) -> None:
    with NewsSite(per_page=4) as site:
        site.publish(60)
        card, data = site.card(tmp_path / "cards", more="budget: 24\n"), tmp_path / "data"
        nights = 0
        for _ in range(12):
            nights += 1
            site.log.clear()
            report = crawl(card, data, CONCURRENT_REQUESTS=2, CONCURRENT_REQUESTS_PER_DOMAIN=1)
            assert len(site.log) <= 24
            assert (report["blocked"], report["problems"]) == (None, [])
            if len(stored(data)) == 60:
                break
            site.publish(0)
        assert stored(data) == expected(site)
        assert nights <= 6
        site.log.clear()
        crawl(card, data)
        assert site.log == ["/robots.txt", "/xay-dung-dang"]


def test_pages_wait_for_a_robots_txt_that_is_down_and_are_not_given_up(tmp_path: Path) -> None:
    with NewsSite() as site:
        site.publish(4)
        card, data = site.card(tmp_path / "cards"), tmp_path / "data"
        site.removed = {1, 2, 3, 4}
        crawl(card, data)
        with closing(sqlite3.connect(data / "archive.db")) as db:
            db.execute("UPDATE frontier SET due_at = found_at")
            db.commit()
        site.removed = set()
        site.answers["/robots.txt"] = Answer(b"", 500)
        report = crawl(card, data, RETRY_ENABLED=False)
        assert report["counts"]["kept_out"] == 4
        del site.answers["/robots.txt"]
        crawl(card, data)
        assert stored(data) == expected(site)


def test_pages_that_robots_txt_forbids_for_a_few_nights_are_stored_when_it_allows_them_again(tmp_path: Path) -> None:
    with NewsSite() as site:
        site.publish(4)
        card, data = site.card(tmp_path / "cards"), tmp_path / "data"
        for day, rule in enumerate(("/xay-dung-dang/bai-so-", "/")):
            robots = f"User-agent: *\nDisallow: {rule}\n".encode()
            site.answers["/robots.txt"] = Answer(robots, content_type="text/plain")
            assert crawl(card, data, DAYS=day)["counts"]["not_allowed"] == 4
        assert rows(data, "SELECT DISTINCT state, tries FROM frontier") == [("due", 2)]
        del site.answers["/robots.txt"]
        crawl(card, data, DAYS=3)
        assert stored(data) == expected(site)


def test_a_page_that_fails_for_weeks_is_asked_for_again_but_a_missing_one_is_given_up(tmp_path: Path) -> None:
    with NewsSite() as site:
        site.publish(3)
        site.removed = {1}
        site.answers["/xay-dung-dang/bai-so-2"] = Answer(b"", 500)
        card, data = site.card(tmp_path / "cards"), tmp_path / "data"
        for day in (0, 1, 3, 7, 18):
            crawl(card, data, DAYS=day, RETRY_ENABLED=False)
        assert rows(data, "SELECT status, state, tries, due_at IS NULL FROM frontier WHERE tries ORDER BY 1") == [
            (404, "dead", 5, 1),
            (500, "due", 5, 0),
        ]
        site.answers.clear()
        site.log.clear()
        crawl(card, data, DAYS=49)
        assert stored(data) == {url: title for url, title in expected(site).items() if not url.endswith("-1")}
        assert site.fetched("bai-so-1") == []


def test_one_404_after_weeks_of_errors_does_not_give_a_page_up_but_a_second_one_on_another_night_does(
    tmp_path: Path,
) -> None:
    page = "/xay-dung-dang/bai-so-2"
    with NewsSite() as site:
        site.publish(3)
        site.answers[page] = Answer(b"", 500)
        card, data = site.card(tmp_path / "cards"), tmp_path / "data"
        for day in (0, 1, 3, 7):
            crawl(card, data, DAYS=day, RETRY_ENABLED=False)
        standing = "SELECT status, state, tries FROM frontier WHERE tries"
        site.answers[page] = Answer(b"", 404)
        crawl(card, data, DAYS=18)
        assert rows(data, standing) == [(404, "due", 5)]
        crawl(card, data, DAYS=18.5)  # the same night: not asked
        assert rows(data, standing) == [(404, "due", 5)]
        crawl(card, data, DAYS=19)
        assert rows(data, standing) == [(404, "dead", 6)]


def test_rules_in_a_packed_robots_txt_are_obeyed(tmp_path: Path) -> None:
    import gzip

    with NewsSite() as site:
        site.publish(3)
        rules = b"User-agent: khotin\nDisallow: /xay-dung-dang/bai-so-2\n"
        site.answers["/robots.txt"] = Answer(
            gzip.compress(rules), content_type="text/plain", headers={"Content-Encoding": "gzip"}
        )
        crawl(site.card(tmp_path / "cards"), tmp_path / "data")
        assert site.fetched("bai-so-2") == []
        assert len(stored(tmp_path / "data")) == 2


@pytest.fixture(name="certificate")
def certificate_of_the_server(tmp_path: Path) -> tuple[Path, Path]:
    return certificate(tmp_path)


def server(certificate: tuple[Path, Path], *, old: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    if old:
        context.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1
    return context


@pytest.mark.parametrize(
    ("old", "card", "trusted", "stored_pages"),
    [
        (False, "", True, 2),
        (True, "", True, 0),
        (True, "tls: legacy\n", True, 2),
        (True, "tls: legacy\n", False, 0),
    ],
)
def test_old_tls_is_spoken_only_where_the_card_asks_for_it_and_certificates_are_verified_always(
    certificate: tuple[Path, Path], tmp_path: Path, old: bool, card: str, trusted: bool, stored_pages: int
) -> None:
    with NewsSite(tls=server(certificate, old=old)) as site:
        site.publish(2)
        cards = site.card(tmp_path / "cards", more=card)
        env = {"SSL_CERT_FILE": str(certificate[0])} if trusted else {}
        crawl(cards, tmp_path / "data", env=env)
        assert len(stored(tmp_path / "data")) == stored_pages
        assert bool(site.log) is bool(stored_pages)
