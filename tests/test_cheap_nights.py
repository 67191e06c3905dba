"""What a night costs a site with 40 sections, counted by the server: requests, and bytes of its answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from loopback.running import begin, crawl, rows, stored, wait_for
from loopback.site import Answer, NewsSite

from pipelines.article import VIETNAM

pytestmark = pytest.mark.nights

SECTIONS = [f"/muc-{number:02d}" for number in range(40)]
FEEDS = {path: [f"/rss{path}"] for path in SECTIONS}
PER_PAGE = 4
FURNITURE = "<p>Trang Mẫu, cơ quan của những người thử chương trình.</p>" * 500
"""What makes a listing as heavy as real ones, some 40 kB."""


@pytest.fixture
def site() -> Iterator[NewsSite]:
    with NewsSite() as running:
        running.validators = "etag"
        running.answer_to = {"/rss/muc-": lambda path: feed(running, path), "/muc-": lambda path: page(running, path)}
        running.articles = list(range(5 * len(SECTIONS), 0, -1))
        yield running


def of_section(site: NewsSite, path: str) -> list[int]:
    """The articles of a section, the newest first: each section has every fortieth."""
    return [n for n in site.articles if n % len(SECTIONS) == int(path[5:7])]


def feed(site: NewsSite, path: str) -> Answer:
    section = path.removeprefix("/rss")
    items = "".join(
        f"<item><title>{site.title(n)}</title><link>{site.base}{section}/bai-so-{n}</link></item>"
        for n in of_section(site, section)[:PER_PAGE]
    )
    return Answer(f'<rss version="2.0"><channel><title>Mẫu</title>{items}</channel></rss>'.encode(), 200, "text/xml")


def page(site: NewsSite, path: str) -> Answer:
    section, _, rest = path.partition("/bai-so-")
    if rest:
        return Answer(site.article(int(rest)).encode())
    section, _, number = path.partition("?page=")
    start = (int(number or 1) - 1) * PER_PAGE
    numbers = of_section(site, section)
    links = "".join(
        f'<li class="item"><a href="{section}/bai-so-{n}">{site.title(n)}</a></li>'
        for n in numbers[start : start + PER_PAGE]
    )
    following = f'<a class="next" href="{section}?page={int(number or 1) + 1}">Sau</a>'
    more = following if start + PER_PAGE < len(numbers) else ""
    return Answer(f"<html><body><h1>Mục</h1>{FURNITURE}<ul>{links}</ul>{more}</body></html>".encode())


class Night:
    """One crawl, and what it cost."""

    def __init__(self, site: NewsSite, card: Path, data: Path, day: float) -> None:
        site.sent.clear()
        self.report = crawl(card, data, DAYS=day, KHOTIN_REVISITS="300")
        self.requests = len(site.sent)
        self.bytes = sum(size for _, _, size in site.sent)
        self.new = self.report["counts"].get("new", 0)
        self.paths = sorted(path for path, _, _ in site.sent)


@pytest.mark.parametrize("sections", [FEEDS, {path: [] for path in SECTIONS}], ids=["with feeds", "listings only"])
def test_a_night_costs_one_small_answer_a_section_and_one_request_an_article(
    site: NewsSite, tmp_path: Path, sections: dict[str, list[str]]
) -> None:
    card, data = site.card(tmp_path / "cards", sections=sections), tmp_path / "data"
    assert Night(site, card, data, 0).new == 200
    quiet = Night(site, card, data, 1)
    assert quiet.new == 0
    print(f"{quiet.requests} requests, {quiet.bytes} bytes for {len(SECTIONS)} sections")
    assert quiet.requests <= 1.1 * len(SECTIONS)
    assert quiet.bytes <= 3_000 * len(SECTIONS)

    site.articles[:0] = [225, 224, 223, 222, 221, 205, 204, 203, 202, 201]
    busy = Night(site, card, data, 2)
    assert busy.new == 10
    # Without a feed each of the ten sections is read on to its first wholly known page, the second one.
    assert busy.requests == quiet.requests + 10 + (0 if sections is FEEDS else 10)
    assert rows(data, "SELECT count(*) FROM articles") == [(210,)]


def test_a_feed_that_says_less_than_its_listing_does_not_hide_articles(site: NewsSite, tmp_path: Path) -> None:
    section = SECTIONS[0]
    card, data = site.card(tmp_path / "cards", sections={section: [f"/rss{section}"]}), tmp_path / "data"
    forgotten = feed(site, f"/rss{section}")
    Night(site, card, data, 0)
    assert Night(site, card, data, 1).paths == ["/robots.txt", f"/rss{section}"]

    # The feed has more new links than it shows: nobody knows what came between.
    site.articles[:0] = range(5040, 5000, -1)
    site.articles[:0] = [n * 40 for n in range(140, 130, -1)]
    assert Night(site, card, data, 2).new == 11

    # The site forgets its feed. It is caught up with when the listing's own day comes, and not trusted any more.
    site.answers[f"/rss{section}"] = forgotten
    site.articles[:0] = [n * 40 for n in range(143, 140, -1)]
    assert Night(site, card, data, 3).new == 0
    assert Night(site, card, data, 12.5).new == 3
    site.articles[:0] = [144 * 40]
    assert Night(site, card, data, 13.5).new == 1
    assert len(stored(data)) == 5 + 11 + 3 + 1


def test_an_interrupted_first_visit_is_not_ended_by_not_modified(site: NewsSite, tmp_path: Path) -> None:
    section = SECTIONS[0]
    site.articles = [n * 40 for n in range(30, 0, -1)]
    card, data = site.card(tmp_path / "cards", sections={section: [f"/rss{section}"]}), tmp_path / "data"
    site.answers[f"{section}?page=2"] = Answer(b"", delay=30)
    process = begin(card, data)
    wait_for(process, lambda: site.fetched("page=2") and len(stored(data)) >= PER_PAGE)
    process.kill()
    process.communicate(timeout=60)
    del site.answers[f"{section}?page=2"]
    night = Night(site, card, data, 1)
    assert night.new == 30 - PER_PAGE
    told = {path: status for path, status, _ in site.sent}
    assert (told[f"/rss{section}"], told[section]) == (304, 304)
    assert Night(site, card, data, 2).paths == ["/robots.txt", f"/rss{section}"]


def test_what_a_304_refers_to_is_asked_for_again_where_it_was_lost(site: NewsSite, tmp_path: Path) -> None:
    section = SECTIONS[0]
    card, data = site.card(tmp_path / "cards", sections={section: []}), tmp_path / "data"
    Night(site, card, data, 0)
    for file in (data / "warc").rglob("*.warc.gz"):
        file.unlink()
    Night(site, card, data, 1)
    assert [(path, status) for path, status, _ in site.sent] == [("/robots.txt", 404), (section, 304), (section, 200)]


def test_sitemaps_that_have_not_changed_are_told_so_and_their_new_parts_are_still_opened(
    site: NewsSite, tmp_path: Path
) -> None:
    site.answers["/sitemap.xml"] = Answer(site.sitemap_index(["/a.xml", "/b.xml"]), content_type="text/xml")
    site.answers["/a.xml"] = Answer(sitemap(site, 40, 80), content_type="text/xml")
    site.answers["/b.xml"] = Answer(sitemap(site, 120), content_type="text/xml")
    card = site.card(tmp_path / "cards", sections={SECTIONS[1]: []}, sitemaps=["/sitemap.xml"])
    Night(site, card, tmp_path / "data", 0)
    site.answers["/b.xml"] = Answer(sitemap(site, 120, 160), content_type="text/xml")
    assert Night(site, card, tmp_path / "data", 1).new == 1
    told = {path: status for path, status, _ in site.sent if path.endswith(".xml")}
    assert told == {"/sitemap.xml": 304, "/a.xml": 304, "/b.xml": 200}


def test_sitemaps_whose_index_says_they_are_as_they_were_are_opened_only_now_and_then(
    site: NewsSite, tmp_path: Path
) -> None:
    today = datetime.now(VIETNAM)
    changed = {
        "/old.xml": f"{today - timedelta(days=400):%Y-%m-%d}",
        "/today.xml": f"{today:%Y-%m-%d}",
        "/in-2-days.xml": (today + timedelta(days=2)).isoformat(timespec="seconds"),
        "/nonsense.xml": "hôm qua",
        "/never.xml": "9999-12-31",
        "/year.xml": "2020",
        "/untold.xml": "",
    }
    index = site.sitemap_index(list(changed)).decode()
    for path, day in changed.items():
        loc = f"<loc>{site.base}{path}</loc>"
        index = index.replace(loc, f"{loc}<lastmod>{day}</lastmod>" if day else loc)
        site.answers[path] = Answer(sitemap(site, 40), content_type="text/xml")
    site.answers["/sitemap.xml"] = Answer(index.encode(), content_type="text/xml")
    card = site.card(tmp_path / "cards", sections={SECTIONS[1]: []}, sitemaps=["/sitemap.xml"])

    def night(day: float) -> tuple[set[str], int]:
        new = Night(site, card, tmp_path / "data", day).new
        return {path for path, _, _ in site.sent if path in changed}, new

    assert night(0) == (set(changed), 6)
    assert night(1.2) == (set(changed) - {"/old.xml"}, 0)
    # the reading before came after the end of the day that the second one names
    assert night(2.4) == (set(changed) - {"/old.xml", "/today.xml"}, 0)
    site.answers["/old.xml"] = Answer(sitemap(site, 40, 160), content_type="text/xml")
    assert night(9) == ({"/nonsense.xml", "/never.xml", "/year.xml", "/untold.xml"}, 0)
    # an index whose days stand still hides nothing for ever
    assert night(11) == (set(changed) - {"/today.xml", "/in-2-days.xml"}, 1)


def sitemap(site: NewsSite, *numbers: int) -> bytes:
    return site.sitemap(list(numbers)).replace(b"/xay-dung-dang/", b"/muc-00/")
