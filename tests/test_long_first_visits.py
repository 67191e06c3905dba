"""A first visit in parts: by days of publication and by number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest
from loopback.running import crawl, rows, stored
from loopback.site import Answer, NewsSite
from running import khotin

pytestmark = pytest.mark.nights


@pytest.fixture
def site() -> Iterator[NewsSite]:
    with NewsSite(per_page=5) as running:
        running.publish(40)
        running.date = lambda n: f"{n % 28 + 1:02d}/{n // 28 + 1:02d}/2024"  # type: ignore[method-assign]
        yield running


def numbers(data: Path) -> list[int]:
    return sorted(int(url.rpartition("-")[2]) for url in stored(data))


def test_a_span_of_days_is_fetched_alone_and_its_listing_read_no_further_down(site: NewsSite, tmp_path: Path) -> None:
    card, data = site.card(tmp_path / "cards"), tmp_path / "data"
    report = crawl(card, data, KHOTIN_SINCE="2024-01-27", KHOTIN_UNTIL="2024-02-05")
    assert numbers(data) == list(range(26, 33))  # from 27/01 to 05/02
    assert site.fetched("page=") == [f"/xay-dung-dang?page={n}" for n in (2, 3, 4)]
    assert (report["counts"]["walks_paused"], report["problems"]) == (1, [])
    # The next run without a span goes on from where the listing was left, and fetches the rest.
    site.log.clear()
    crawl(card, data)
    assert numbers(data) == list(range(1, 41))
    assert site.fetched("page=") == [f"/xay-dung-dang?page={n}" for n in (4, 5, 6, 7, 8)]
    assert len(site.fetched("bai-so")) == 40 - 7


def test_a_limited_run_stops_there_and_the_next_ones_go_on_until_all_is_there(site: NewsSite, tmp_path: Path) -> None:
    card, data = site.card(tmp_path / "cards"), tmp_path / "data"
    for run in (1, 2, 3):
        site.log.clear()
        report = crawl(card, data, KHOTIN_LIMIT=12)
        assert len(site.fetched("bai-so")) == 12
        assert len(stored(data)) == 12 * run
        assert report["problems"] == []
        assert rows(data, "SELECT count(*) FROM walks WHERE completed_at IS NOT NULL") == [(run // 3,)]
    crawl(card, data)
    assert numbers(data) == list(range(1, 41))


def test_a_quarter_of_each_night_is_for_known_articles_while_new_ones_still_wait(tmp_path: Path) -> None:
    with NewsSite(per_page=100) as site:
        card, data = site.card(tmp_path / "cards"), tmp_path / "data"
        site.publish(12)
        crawl(card, data)
        site.publish(72)
        crawl(card, data, DAYS=0.5, KHOTIN_LIMIT=1)  # finds 60 more, 59 of which wait
        edit = "Chi bộ thôn Mẫu đã sửa lại biên bản và thông qua nghị quyết mới về nêu gương của đảng viên."
        site.edited = {2: edit, 11: edit}
        looked: list[str] = []
        for night in (1.01, 1.5):
            site.log.clear()
            crawl(card, data, DAYS=night, KHOTIN_BUDGET=26)
            asked = site.fetched("bai-so")
            known = [path for path in asked if int(path.rpartition("-")[2]) <= 12]
            assert (len(site.log), len(asked), len(known)) == (26, 24, 6)  # robots.txt and the listing are the others
            looked += known
        assert len(set(looked)) == 12
        assert rows(data, "SELECT count(*) FROM revisions") == [(2,)]
        assert len(stored(data)) == 12 + 1 + 2 * 18


@pytest.mark.parametrize("pages_named", [1, 12])
def test_visits_broken_off_one_after_the_other_leave_nothing_out(
    site: NewsSite, tmp_path: Path, pages_named: int
) -> None:
    card, data = site.card(tmp_path / "cards"), tmp_path / "data"
    site.pages_named = pages_named
    crawl(card, data)
    site.publish(20)
    crawl(card, data, KHOTIN_LIMIT=12)  # broken off on the third page
    site.publish(20)
    crawl(card, data, KHOTIN_LIMIT=2)  # broken off on the first page, before it meets what was found the last time
    assert rows(data, "SELECT pages, completed_at IS NULL FROM walks ORDER BY run_id") == [(8, 0), (3, 1), (1, 1)]
    crawl(card, data)
    assert numbers(data) == list(range(1, 81))


@pytest.mark.parametrize("removed", [3, 6, 11, 15])
@pytest.mark.parametrize("visited_before", [True, False])
def test_articles_taken_off_a_listing_between_two_parts_of_a_visit_hide_no_other(
    site: NewsSite, tmp_path: Path, removed: int, *, visited_before: bool
) -> None:
    card, data = site.card(tmp_path / "cards"), tmp_path / "data"
    if visited_before:
        crawl(card, data)
    site.publish(40)
    crawl(card, data, KHOTIN_LIMIT=27)  # broken off on the sixth page
    gone, site.articles = site.articles[:removed], site.articles[removed:]
    crawl(card, data)
    assert set(numbers(data)) >= set(range(1, 81)) - set(gone)


@pytest.mark.parametrize("beyond", ["404", "first page", "redirect"])
def test_a_listing_that_has_become_shorter_than_the_first_part_of_a_visit_is_read_to_its_end(
    site: NewsSite, tmp_path: Path, beyond: str
) -> None:
    card, data = site.card(tmp_path / "cards"), tmp_path / "data"
    crawl(card, data, KHOTIN_LIMIT=33)  # broken off on the seventh page of eight
    gone, site.articles = site.articles[:12], site.articles[12:]
    last = "/xay-dung-dang?page=7"
    site.answers[last] = Answer(b"", 404) if beyond == "404" else site.answer("/xay-dung-dang")
    if beyond == "redirect":
        del site.answers[last]
        site.redirects[last] = "/xay-dung-dang"
    crawl(card, data)
    assert set(numbers(data)) >= set(range(1, 41)) - set(gone)
    assert rows(data, "SELECT count(*) FROM walks WHERE completed_at IS NOT NULL") == [(1,)]


def test_a_visit_gets_on_though_what_it_began_with_has_changed(site: NewsSite, tmp_path: Path) -> None:
    card, data = site.card(tmp_path / "cards"), tmp_path / "data"
    crawl(card, data, KHOTIN_LIMIT=7)  # broken off on the second page
    site.articles = [n for n in site.articles if n not in (38, 33)]
    site.publish(1)
    for _ in range(6):
        crawl(card, data, KHOTIN_LIMIT=12)
    assert set(numbers(data)) >= set(range(1, 42)) - {38, 33}


@pytest.mark.parametrize("pages_named", [1, 12])
def test_a_page_of_a_listing_that_could_not_be_read_is_read_the_next_time(
    site: NewsSite, tmp_path: Path, pages_named: int
) -> None:
    card, data = site.card(tmp_path / "cards"), tmp_path / "data"
    site.pages_named = pages_named
    whole = site.answer("/xay-dung-dang?page=3")
    site.answers["/xay-dung-dang?page=3"] = replace(whole, raw=lambda stream: cut_short(stream, whole.body))
    crawl(card, data)
    assert not set(range(26, 31)) & set(numbers(data))
    del site.answers["/xay-dung-dang?page=3"]
    crawl(card, data)
    assert numbers(data) == list(range(1, 41))


def cut_short(stream: BinaryIO, body: bytes) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n"
    stream.write(head.encode() + body[: len(body) // 3])


def test_a_span_and_a_limit_hold_for_warc_files_too(site: NewsSite, tmp_path: Path) -> None:
    card, data = site.card(tmp_path / "cards"), tmp_path / "data"
    crawl(card, data)
    (file,) = (data / "warc").rglob("*.warc.gz")
    again = tmp_path / "again"
    cards = {"KHOTIN_CARDS": str(card), "KHOTIN_CONTACT": "tests@example.org"}
    span = ("--since", "2024-01-27", "--until", "2024-02-05")
    khotin("crawl", "mau", "--replay", file, *span, "--limit", "4", "--data", again, code=(0, 4), **cards)
    assert len(stored(again)) == 4
    khotin("crawl", "mau", "--replay", file, *span, "--data", again, code=(0, 4), **cards)
    assert numbers(again) == list(range(26, 33))
    khotin("crawl", "mau", "--replay", file, "--data", again, code=(0, 4), **cards)
    assert stored(again) == stored(data)


def test_days_that_are_none_are_told_in_one_line(tmp_path: Path) -> None:
    done = khotin("crawl", "hanoimoi", "--since", "hôm qua", "--contact", "a@example.org", "--data", tmp_path, code=2)
    assert done.stderr == "khotin: --since hôm qua: no day; write it as 2025-07-01\n"
    options = ("--since", "2025-02-01", "--until", "2025-01-01", "--contact", "a@example.org", "--data", tmp_path)
    assert khotin("crawl", "hanoimoi", *options, code=2).stderr == (
        "khotin: there is no day from 2025-02-01 to 2025-01-01: --since comes before --until\n"
    )
