"""Pages that block: recognised, counted, quarantined; the site is left politely and tried again another night."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from loopback.running import crawl, expected, rows, stored
from loopback.site import Answer, NewsSite

from pipelines.article import Capture, Verdict
from scrapers.blocking import blocked_by

pytestmark = pytest.mark.nights

D1N = b'<html><script>document.cookie="D1N=0123456789abcdef; path=/";window.location.reload(true);</script></html>'
CASES = {
    "D1N": (200, D1N),
    "captcha": (200, b"<html><body><form><div class='g-recaptcha' data-sitekey='x'></div></form></body></html>"),
    "403 with 200": (200, b"<html><head><title>403 Forbidden</title></head><body><h1>403 Forbidden</h1></body></html>"),
    "403": (403, b"<html><body>no</body></html>"),
    "451": (451, b"<html><body>no</body></html>"),
    "geo": (200, "<html><body><p>Truy cập từ nước ngoài tạm thời bị chặn.</p></body></html>".encode()),
    "geo in English": (200, b"<html><body><p>This site is not available in your region.</p></body></html>"),
    "Cloudflare": (403, b"<html><head><title>Just a moment...</title></head><body></body></html>"),
    "maintenance": (200, "<html><body><h1>Hệ thống đang được bảo trì, xin quay lại sau.</h1></body></html>".encode()),
    "maintenance in English": (200, b"<html><body><h1>We are down for maintenance</h1></body></html>"),
}


def capture(status: int, body: bytes) -> Capture:
    moment = datetime(2026, 11, 22, tzinfo=UTC)
    return Capture("https://bao-mau.vn/a", moment, status, "text/html; charset=utf-8", body)


@pytest.mark.parametrize("name", list(CASES))
def test_every_kind_of_blocking_page_is_recognised(name: str) -> None:
    refusal = blocked_by(capture(*CASES[name]))
    assert refusal is not None
    assert refusal.verdict is (Verdict.ERROR_PAGE if "maintenance" in name else Verdict.CHALLENGE)


def test_a_listing_with_a_headline_about_maintenance_is_no_blocking_page() -> None:
    with NewsSite() as site:
        site.publish(10)
        page = site.answer("/xay-dung-dang").body.replace(
            b"</ul>", "<li>Hệ thống đèn đường được bảo trì</li></ul>".encode()
        )
    assert blocked_by(capture(200, page)) is None


@pytest.mark.parametrize("name", list(CASES))
def test_a_site_that_blocks_is_left_after_three_pages_and_asked_again_another_night(name: str, tmp_path: Path) -> None:
    status, body = CASES[name]
    with NewsSite() as site:
        site.publish(20)
        card, data = site.card(tmp_path / "cards"), tmp_path / "data"
        for number in site.articles:
            site.answers[f"/xay-dung-dang/bai-so-{number}"] = Answer(body, status, delay=0.4)
        report = crawl(card, data, CONCURRENT_REQUESTS=2, CONCURRENT_REQUESTS_PER_DOMAIN=1)
        assert report["blocked"].startswith("blocked: ")
        assert 3 <= report["counts"]["blocked"] <= 8  # without a delay some are on their way already
        assert 3 <= len(site.fetched("bai-so")) <= 8
        assert stored(data) == {}
        assert {v for (v,) in rows(data, "SELECT verdict FROM quarantine")} <= {"challenge", "error_page"}
        assert rows(data, "SELECT DISTINCT state FROM frontier") == [("due",)]
        asked = rows(data, "SELECT due_at, fetched_at FROM frontier WHERE tries > 0")
        waits = [datetime.fromisoformat(due) - datetime.fromisoformat(fetched) for due, fetched in asked]
        assert set(waits) == {timedelta(hours=20)}

        site.answers.clear()
        again = crawl(card, data)
        assert again["blocked"] is None
        assert len(stored(data)) == 20 - len(waits)  # those others are due tomorrow


@pytest.mark.parametrize("name", ["D1N", "captcha", "maintenance"])
def test_a_blocking_page_in_place_of_robots_txt_keeps_us_out(name: str, tmp_path: Path) -> None:
    status, body = CASES[name]
    with NewsSite() as site:
        site.publish(3)
        card, data = site.card(tmp_path / "cards"), tmp_path / "data"
        for robots in (body, b"\xef\xbb\xbf\n" + body):
            site.log.clear()
            site.answers["/robots.txt"] = Answer(robots, status)
            report = crawl(card, data)
            assert site.log == ["/robots.txt"]
            assert report["health"] == ("dead" if name == "maintenance" else "blocked")
            assert "robots.txt is a page that blocks" in report["problems"][0]
            assert any("/robots.txt" in line for line in report["evidence"])

        site.answers["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /g-recaptcha/\n", content_type="text/plain")
        assert crawl(card, data)["problems"] == []
        assert stored(data) == expected(site)


def test_one_blocked_page_among_good_ones_does_not_end_the_crawl(tmp_path: Path) -> None:
    with NewsSite() as site:
        site.publish(9)
        for number in (8, 5, 2):
            site.answers[f"/xay-dung-dang/bai-so-{number}"] = Answer(D1N)
        report = crawl(site.card(tmp_path / "cards"), tmp_path / "data", CONCURRENT_REQUESTS_PER_DOMAIN=1)
        assert report["blocked"] is None
        assert report["counts"]["blocked"] == 3
        assert len(stored(tmp_path / "data")) == len(expected(site)) - 3


def test_a_blocked_listing_is_told_as_blocked(tmp_path: Path) -> None:
    with NewsSite() as site:
        site.publish(3)
        site.answers["/xay-dung-dang"] = Answer(D1N)
        report = crawl(site.card(tmp_path / "cards"), tmp_path / "data")
        assert report["blocked"] == "the D1N cookie script of a Vietnamese host: blocked"
        assert rows(tmp_path / "data", "SELECT verdict FROM quarantine") == [("challenge",)]
        assert site.log == ["/robots.txt", "/xay-dung-dang"]
