"""Nights after the first one: edited, removed and moved articles, and false alarms. A real server, a shifted clock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from loopback.running import crawl, rows
from loopback.site import Answer, NewsSite

from scrapers.catalogue import load
from scrapers.rebuild import rebuild

pytestmark = pytest.mark.nights

EDIT = "Chi bộ thôn Mẫu số {n} đã sửa lại biên bản và thông qua nghị quyết mới về nêu gương của đảng viên."
ARTICLES = "SELECT key, canonical_url, title, text_hash, gone_since, first_seen, last_seen FROM articles ORDER BY key"
LOOKS = (
    "SELECT c.record_id, a.key, v.seen_at, v.outcome, v.reason FROM visits v JOIN captures c ON c.id = v.capture_id"
    " JOIN articles a ON a.id = v.article_id ORDER BY 1"
)
ADDRESSES = "SELECT url, key, relation FROM addresses JOIN articles ON id = article_id ORDER BY url"
CAPTURES = "SELECT record_id, kind, status, digest, verdict FROM captures ORDER BY record_id"


@pytest.fixture
def site() -> Iterator[NewsSite]:
    with NewsSite(per_page=50) as running:
        running.validators = "etag"
        yield running


class Nights:
    """Crawls of one site, night after night."""

    def __init__(self, site: NewsSite, folder: Path) -> None:
        self.site = site
        self.card = site.card(folder / "cards")
        self.data = folder / "data"

    def crawl(self, day: float, **settings: object) -> dict[str, int]:
        self.site.log.clear()
        self.site.sent.clear()
        self.report = crawl(self.card, self.data, DAYS=day, **settings)
        return {name: self.report["counts"].get(name, 0) for name in ("new", "revised", "unchanged", "missing", "gone")}

    def gone(self) -> list[str]:
        found = rows(self.data, "SELECT canonical_url FROM articles WHERE gone_since IS NOT NULL ORDER BY 1")
        return [url.rpartition("-")[2] for (url,) in found]

    def rebuilt_the_same(self) -> None:
        queries = (ARTICLES, LOOKS, ADDRESSES, CAPTURES)
        before = [rows(self.data, query) for query in queries]
        rebuild(self.data, workers=1, catalogue=load(self.card))
        assert [rows(self.data, query) for query in queries] == before


@pytest.fixture
def nights(site: NewsSite, tmp_path: Path) -> Nights:
    return Nights(site, tmp_path)


def test_40_edits_among_800_articles_are_all_found_and_the_others_cost_a_304_each(nights: Nights) -> None:
    nights.site.articles = list(range(1800, 1000, -1))  # no number 404: that page would be taken at its word
    assert nights.crawl(0)["new"] == 800
    nights.site.edited = {n: EDIT.format(n=n) for n in range(1010, 1810, 20)}
    assert len(nights.site.edited) == 40
    assert nights.crawl(1.01) == {"new": 0, "revised": 40, "unchanged": 760, "missing": 0, "gone": 0}
    found = rows(nights.data, "SELECT canonical_url FROM revisions JOIN articles a ON a.id = article_id")
    assert {int(url.rpartition("-")[2]) for (url,) in found} == set(nights.site.edited)
    pages = [(status, size) for path, status, size in nights.site.sent if "/bai-so-" in path]
    assert [status for status, _ in pages].count(304) == 760
    assert max(size for status, size in pages if status == 304) < 300
    nights.rebuilt_the_same()


@pytest.mark.parametrize("kind", ["", "weak", "date"])
def test_edits_are_found_with_every_kind_of_validator_and_with_none(nights: Nights, kind: str) -> None:
    nights.site.validators = kind
    nights.site.publish(6)
    nights.crawl(0)
    nights.site.edited[4] = EDIT.format(n=4)
    assert nights.crawl(1.01) == {"new": 0, "revised": 1, "unchanged": 5, "missing": 0, "gone": 0}
    pages = sorted(status for path, status, _ in nights.site.sent if "/bai-so-" in path)
    assert pages == ([200] * 6 if kind == "" else [200] + [304] * 5)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(b"<html><title>404</title></html>", 404), "HTTP 404"),
        (Answer(b"", 410), "HTTP 410"),
        (Answer(b"", 302, headers={"Location": "/"}), "leads to the front page"),
        (Answer(b"", 301, headers={"Location": "/xay-dung-dang"}), "leads to a listing"),
        (
            Answer("<html><title>Không tìm thấy trang</title><body><h1>404</h1><p>Trang không tồn tại.</p>".encode()),
            "says that it is not there",
        ),
    ],
)
def test_an_article_missing_on_two_nights_is_gone_and_its_text_stays(
    nights: Nights, answer: Answer, reason: str
) -> None:
    nights.site.publish(12)
    nights.crawl(0)
    nights.site.answers["/xay-dung-dang/bai-so-5"] = answer
    assert nights.crawl(1.01)["missing"] == 1
    assert nights.gone() == []
    assert nights.crawl(1.1)["missing"] == 0  # the same night
    assert nights.crawl(2.02) == {"new": 0, "revised": 0, "unchanged": 3, "missing": 1, "gone": 1}
    assert nights.gone() == ["5"]
    assert rows(nights.data, "SELECT DISTINCT reason FROM visits WHERE outcome = 'missing'") == [(reason,)]
    ((since, first_miss, body),) = rows(
        nights.data,
        "SELECT gone_since, min(v.seen_at), body FROM articles a JOIN visits v ON v.article_id = a.id"
        " JOIN article_text t ON t.article_id = a.id WHERE outcome = 'missing'",
    )
    assert since == first_miss
    assert "thảo luận sôi nổi" in body
    nights.rebuilt_the_same()
    del nights.site.answers["/xay-dung-dang/bai-so-5"]
    assert nights.crawl(9.5)["missing"] == 0
    assert nights.gone() == []


@pytest.mark.parametrize("status", [404, 500, 403])
def test_a_site_that_is_down_or_blocks_takes_no_article_away(nights: Nights, status: int) -> None:
    nights.site.publish(12)
    nights.crawl(0)
    nights.site.down = status
    nights.crawl(1.01, RETRY_ENABLED=False)
    nights.crawl(2.03, RETRY_ENABLED=False)
    assert nights.gone() == []
    told = "12 of 12 that were looked at again; none of them is taken for removed"
    assert any(told in line for line in nights.report["evidence"]) == (status == 404)
    nights.site.down = 0
    nights.site.removed = {3}
    for day in (14, 22):
        nights.crawl(day)
    assert nights.gone() == ["3"]
    assert rows(nights.data, "SELECT count(*) FROM articles") == [(12,)]


def test_a_redesign_with_new_addresses_takes_no_article_away(nights: Nights) -> None:
    nights.site.publish(12)
    nights.crawl(0)
    nights.site.moved = "/vi"
    nights.crawl(1.01)
    for day in (2.02, 3.03):
        nights.crawl(day)
    assert nights.gone() == []


def test_an_article_that_moved_keeps_its_permalink_edited_or_not(nights: Nights) -> None:
    nights.site.publish(12)
    nights.crawl(0)
    keys = dict(rows(nights.data, "SELECT canonical_url, key FROM articles"))
    nights.site.moved = "/vi"
    nights.site.redirects = {f"/xay-dung-dang/bai-so-{n}": f"/vi/xay-dung-dang/bai-so-{n}" for n in range(1, 13)}
    nights.site.edited[7] = EDIT.format(n=7)
    links = "".join(f'<li class="item"><a href="/vi/xay-dung-dang/bai-so-{n}">Bài</a></li>' for n in range(7, 13))
    nights.site.answers["/xay-dung-dang"] = Answer(f"<html><body><ul>{links}</ul></body></html>".encode())
    nights.crawl(1.01)
    assert dict(rows(nights.data, "SELECT canonical_url, key FROM articles")) == keys
    assert rows(nights.data, "SELECT count(*) FROM revisions") == [(1,)]
    found = dict(rows(nights.data, "SELECT url, key FROM addresses JOIN articles ON id = article_id"))
    base = nights.site.base
    for n in range(1, 13):
        assert found[f"{base}/vi/xay-dung-dang/bai-so-{n}"] == found[f"{base}/xay-dung-dang/bai-so-{n}"]
    nights.rebuilt_the_same()
    nights.crawl(3.1)
    assert [path for path in nights.site.log if path.startswith("/xay-dung-dang/")] == []


def test_a_redirect_to_another_article_is_no_move(nights: Nights) -> None:
    nights.site.publish(12)
    nights.crawl(0)
    nights.site.redirects = {"/xay-dung-dang/bai-so-5": "/xay-dung-dang/bai-so-9"}
    nights.crawl(1.01)
    nights.crawl(2.02)
    assert nights.gone() == ["5"]
    assert rows(nights.data, "SELECT count(*) FROM articles") == [(12,)]
    assert rows(nights.data, "SELECT count(*) FROM revisions") == [(0,)]


def test_the_plan_of_visits_can_be_set_and_ends_with_one_a_year(nights: Nights) -> None:
    nights.site.publish(2)
    for day, looks in ((0, 0), (1.5, 0), (2.1, 2), (3.5, 0), (5.1, 2), (100, 0), (371, 2)):
        assert nights.crawl(day, KHOTIN_REVISITS="2,5")["unchanged"] == looks, day
