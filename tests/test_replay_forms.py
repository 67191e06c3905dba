"""A section whose archived addresses have another form than its card's: language prefix, Liferay's long form, www."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import warc_samples as samples
from running import SAMPLE, khotin

HOST = "sotttt.hanoi.gov.vn"
SECTION = "hoat-ong-ang-oan-the"
TITLES = {
    1001: "Chi bộ phòng Mẫu sinh hoạt chuyên đề tháng mười một",
    1002: "Đảng bộ cơ quan Mẫu kết nạp ba đảng viên mới",
}
SENTENCE = "Cuộc họp của chi bộ bàn kỹ từng việc và giao cho mỗi đảng viên một phần công tác rõ ràng."


def article(number: int) -> bytes:
    body = "".join(f"<p>{SENTENCE} Đoạn {n} của bài {number}.</p>" for n in ("nhất", "nhì", "ba"))
    return (
        f"<html><head><title>{TITLES[number]}</title></head><body>"
        f'<div class="asset-full-content-title">{TITLES[number]}</div>'
        '<div class="assetPublishDate">20/11/2026 08:00</div>'
        f'<div class="asset-content"><div class="journal-content-article">{body}</div></div></body></html>'
    ).encode()


def files(folder: Path, base: str) -> Path:
    """The section's one page and its two articles under `base`."""
    address = {number: f"{base}/{SECTION}/-/view_content/{number}-bai-mau.html" for number in TITLES}
    items = "".join(
        f'<div class="asset-abstract"><h3 class="asset-title"><a href="{address[number]}">{title}</a></h3></div>'
        for number, title in TITLES.items()
    )
    listing = samples.exchange(f"<html><body>{items}</body></html>".encode(), url=f"{base}/{SECTION}")
    return samples.written(folder, listing, *(samples.exchange(article(n), url=address[n]) for n in TITLES))


@pytest.mark.parametrize(
    "base",
    [
        f"https://{HOST}",
        f"https://{HOST}/vi",
        f"https://{HOST}/web/guest",
        f"https://{HOST}/vi/web/guest",
        f"https://www.{HOST}",
        f"http://www.{HOST}/en",
    ],
)
def test_a_section_is_replayed_whatever_the_form_of_its_archived_addresses(tmp_path: Path, base: str) -> None:
    path = files(tmp_path, base)
    for expected in (2, 0):  # the second visit finds nothing new
        done = khotin("crawl", "--replay", path, "--data", tmp_path / "data", "--json")
        (site,) = json.loads(done.stdout)["sites"]
        counts = {name: site["counts"].get(name, 0) for name in ("new", "listings", "dead_links", "refused")}
        assert (site["site"], counts, site["problems"]) == (
            "sotttt-hanoi",
            {"new": expected, "listings": 1, "dead_links": 0, "refused": 0},
            [],
        )


def test_a_section_whose_first_page_is_not_in_the_files_is_trouble_and_tells_what_is_there(tmp_path: Path) -> None:
    path = files(tmp_path, f"https://{HOST}/cong-thong-tin")
    done = khotin("crawl", "sotttt-hanoi", "--replay", path, "--data", tmp_path / "data", code=4)
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("sotttt-hanoi:")]
    assert line == (
        f"sotttt-hanoi: no section has its first page in the replayed files: https://{HOST}/{SECTION} is missing; "
        f"they hold https://{HOST}/cong-thong-tin/{SECTION}/…, https://{HOST}/cong-thong-tin/…"
    )


def test_files_without_any_page_of_the_site_name_the_hosts_that_are_there(tmp_path: Path) -> None:
    foreign = SAMPLE / "night-1" / "hanoimoi.warc.gz"
    done = khotin("crawl", "sotttt-hanoi", "--replay", foreign, "--data", tmp_path / "data", code=4)
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("sotttt-hanoi:")]
    assert line.endswith("of this site they hold nothing, only pages of hanoimoi.vn, hanoimoi.com.vn")
