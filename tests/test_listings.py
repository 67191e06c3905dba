"""Listings by template and of unknown layout: links, their dates, further pages."""

import json
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import urldefrag, urljoin

import pytest
from discovery_site import CMS, DANG, FEED, MAP, SITE, found, listing
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from warcio.archiveiterator import ArchiveIterator

from pipelines.text import clean_line
from scrapers.catalogue import Family, ListingTemplate, Rewrite, Site, UrlCard
from scrapers.discovery import (
    Listing,
    Unreadable,
    read_feed,
    read_listing,
    read_sitemap,
)

# --- listings by template

STORIES = """<html><body><header><span>Chủ nhật, 22/11/2026</span></header>
<article class=story><a href=/a-301.html><img alt="anh-bia.jpg"></a>
  <h2><a href="/a-301.html?utm_medium=x">Chi bộ
  thôn&nbsp;Đông họp</a></h2><time datetime="2026-11-20T07:00:00+0700">2 giờ trước</time></article>
<article class=story><h2><a href="../b-302.html" title="Đảng bộ xã Tây sơ kết"></a></h2>
  <span class=date title="11/19/2026 3:34:00 PM">hôm qua, 5 giờ trước</span></article>
<article class=story><h2><a href="https://khac.example/c-303.html">Tin báo khác đăng</a></h2></article>
<article class=story><h2>Không có liên kết</h2></article>
<aside><a href="/d-304.html">Đọc nhiều trong tuần</a></aside>
<div class=pager><a href=/dang/trang-10.htm>Cuối</a><a href=/dang/trang-2.htm>2</a>
  <a href=/dang/trang-2.htm#x>Sau</a><a href="/dang">1</a><a href="javascript:;">…</a></div></body></html>"""


def test_a_listing_template_gives_items_dates_and_pages() -> None:
    site = replace(SITE, families=(CMS,))
    assert listing(STORIES, site=site) == Listing(
        found(
            ("a-301.html", "2026-11-20T07:00:00+0700", "Chi bộ thôn Đông họp"),
            ("b-302.html", "2026-11-19T15:34:00", "Đảng bộ xã Tây sơ kết"),
        ),
        ("https://bao.example/dang/trang-2.htm", "https://bao.example/dang/trang-10.htm"),
        ("1 items of cms/story link to no article address: https://bao.example/dang",),
    )


def test_a_redesigned_listing_is_read_by_addresses_and_told() -> None:
    site = replace(SITE, families=(CMS,))
    page = listing('<ul><li class=new><a href="/a-301.html">Chi bộ thôn Đông họp</a></ul>', site=site)
    assert page.candidates == found(("a-301.html", None, "Chi bộ thôn Đông họp"))
    assert page.problems == (
        "no listing template fits (cms/gone, cms/story); links were read by their addresses: https://bao.example/dang",
    )


def test_a_listing_without_articles_is_told_not_raised() -> None:
    page = listing("<p>Không có bài viết nào <a href=/lien-he>Liên hệ</a></p>")
    assert page == Listing((), problems=("no link to an article among 1 links: https://bao.example/dang",))


def test_links_resolve_against_the_base_of_the_page() -> None:
    body = '<base href="https://bao.example/muc/"><a href="../a-301.html">Chi bộ thôn Đông họp</a>'
    assert listing(body).candidates == found(("a-301.html", None, "Chi bộ thôn Đông họp"))


def test_language_frames_and_print_versions_are_one_candidate() -> None:
    urls = UrlCard(rewrite=(Rewrite(r"^/(?:vi|en)(?=/)", ""), Rewrite(r"/pop_up(?=\?|$)", "")))
    site = replace(SITE, urls=urls)
    body = """<a href="/vi/a-301.html">Chi bộ thôn Đông họp</a>
      <a href="/en/a-301.html/pop_up">Bản in của bài</a>"""
    assert listing(body, site=site).candidates == found(("a-301.html", None, "Chi bộ thôn Đông họp"))


# --- listings of unknown layout


def test_each_address_comes_once_with_its_words_and_the_date_of_its_own_item() -> None:
    body = """<div class=clock>22/11/2026 09:00</div><div class=list>
      <div><a href=/a-301.html><img alt="anh"></a><p><a href=/a-301.html>Chi bộ thôn Đông họp</a></p>
        <p>Ngày đăng: 20/11/2026 | 09:50 AM | Lượt xem: 12</p>
        <p>Sáng 19/11/2026, tại nhà văn hóa thôn, chi bộ đã họp thường kỳ và bàn việc tháng tới.</p></div>
      <div><a href=/b-302.html>>> Đảng bộ xã Tây sơ kết 30/4/1975</a> <a href=/b-302.html>Xem tiếp</a></div>
      <div><a href=/c-303.html><img alt="Xã Nam kết nạp đảng viên"></a>
        <span title="11/18/2026 8:05:00 AM"></span></div>
      <div><a href=/d-304.html><h3>Sơ kết quý 3/10/2026</h3><span>17/11/2026</span> Đọc tiếp</a></div>
      </div>"""
    assert listing(body).candidates == found(
        ("a-301.html", "20/11/2026 | 09:50 AM", "Chi bộ thôn Đông họp"),
        ("b-302.html", None, "Đảng bộ xã Tây sơ kết 30/4/1975"),
        ("c-303.html", "2026-11-18T08:05:00", "Xã Nam kết nạp đảng viên"),
        ("d-304.html", "17/11/2026", "Sơ kết quý 3/10/202617/11/2026 Đọc tiếp"),
    )


def test_dates_after_flat_links_belong_to_the_link_before() -> None:
    body = """<p>- <a href=/a-301.html>Chi bộ thôn Đông họp</a> ( 20/08)<br>
      - <a href=/b-302.html>Đảng bộ xã Tây sơ kết</a> ( 15/08)<br>
      - <a href=/c-303.html>Xã Nam kết nạp đảng viên</a></p>"""
    assert [c.hint.published for c in listing(body).candidates] == ["20/08", "15/08", None]


def test_dates_before_flat_links_are_not_given_to_the_wrong_link() -> None:
    body = """<div><i>20/08/2026</i><a href=/a-301.html>Chi bộ thôn Đông họp</a><i>15/08/2026</i>
      <a href=/b-302.html>Đảng bộ xã Tây sơ kết</a></div>"""
    assert [c.hint.published for c in listing(body).candidates] == [None, None]


def test_links_of_side_columns_are_found_but_get_no_section() -> None:
    body = """<main><a href=/a-301.html>Chi bộ thôn Đông họp</a></main>
      <aside><a href=/b-302.html>Đảng bộ xã Tây sơ kết</a></aside>"""
    assert [(c.url[-10:], c.hint.section) for c in listing(body).candidates] == [
        ("a-301.html", "Đảng"),
        ("b-302.html", None),
    ]


@pytest.mark.parametrize(
    ("url", "links", "pages"),
    [
        (DANG, [("/dang?page=2", "2"), ("/dang?page=3", "[3]"), ("/dang?page=2", "Trang sau »")],
         ["?page=2", "?page=3"]),
        (DANG, [("/dang?page=2", "›")], ["?page=2"]),
        (DANG + "?page=2", [("/dang?page=1", "1"), ("?page=3", "Tiếp"), ("/dang?page=2", "2")],
         ["?page=1", "?page=3"]),
        (DANG + ".htm", [("/dang/trang-2.htm", "2"), ("/dang/trang-10.htm", "Cuối cùng →")],
         ["/trang-2.htm", "/trang-10.htm"]),
        (DANG + "-p2", [("/dang-p3", "3"), ("/dang", "1")], ["-p3"]),
        (DANG, [("/dang-page1", "2"), ("/dang-page2", "3")], ["-page1", "-page2"]),
        (DANG, [("/dang/lapg-10/2", "2")], ["/lapg-10/2"]),
        (DANG, [("/dang?PageIndex=1", "2"), ("/dang?start=20", "3")], ["?PageIndex=1", "?start=20"]),
        (DANG, [("dang?p_p_id=101&_101_cur=2#x", "2"), ("dang?p_p_id=101&_101_cur=10", "10")],
         ["?p_p_id=101&_101_cur=2", "?p_p_id=101&_101_cur=10"]),
        # No pagers: a calendar, other sections, other hosts, articles, numbers without a page in the address.
        (DANG, [("/lich?d=2", "2"), ("/dang/2026/11/02", "2"), ("/kinh-te?page=2", "2"), ("http://[", "2"),
                ("https://khac.example/dang?page=2", "2"), ("/tin-page-222.html", "2"), ("/dang?page=9", "2"),
                ("/xem?page=2", "Xem thêm"), ("mailto:a@b.example", "2"), ("/dang?id=2", "Tiếp")], []),
    ],
)  # fmt: skip
def test_pagers_of_the_usual_forms(url: str, links: list[tuple[str, str]], pages: list[str]) -> None:
    body = "".join(f'<a href="{href.replace("&", "&amp;")}">{text}</a>' for href, text in links)
    assert listing(body, url).pages == tuple(DANG + page for page in pages)


def test_rel_next_is_followed_from_head_and_body() -> None:
    body = '<head><link rel=next href="/dang/tiep/9f"></head><a rel="nofollow next" href="/dang?after=77"></a>'
    assert listing(body).pages == ("https://bao.example/dang/tiep/9f", "https://bao.example/dang?after=77")


def test_pages_behind_scripts_are_told() -> None:
    told = ("further pages are reached by script only, they cannot be followed: https://bao.example/dang",)
    assert listing("<a href=/a-301.html>A</a><a href='javascript:;'>Xem thêm</a>").problems == told
    assert listing("<a href=/a-301.html>A</a><a href='javascript:__doPostBack(1)'>2</a>").problems == told
    assert listing("<a href=/a-301.html>A</a><a href='javascript:;'>1</a>").problems == ()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [(b"", "text/html"), (b"   \n", ""), (b"%PDF-1.4 <", "text/html"), (b"</\x01", "text/html"),
     (b'{"a": "<p>"}', "application/json; charset=utf-8"), (b"words", "text/html"),
     (b"<svg>", "image/svg+xml")],
)  # fmt: skip
def test_what_is_no_listing_is_unreadable(body: bytes, content_type: str) -> None:
    with pytest.raises(Unreadable, match=r"^https://bao\.example/dang is no listing: "):
        read_listing(body, content_type, DANG, SITE, None)


def test_a_page_nested_without_end_is_read_in_time() -> None:
    body = "<div>" * 1800 + "<a href=/a-301.html>Chi bộ thôn Đông họp</a><i>20/11/2026</i>" + "<b><i>" * 3000
    assert listing(body).candidates == found(("a-301.html", "20/11/2026", "Chi bộ thôn Đông họp"))


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.lists(
            st.sampled_from([
                "<a href='/a-301.html'>", "</a>", "20/11/2026", "<time datetime='2026-11-20'>", "<h2>",
                "</h2>", "<base href='http://['>", "<article class=story>", "<rss>", "<item>", "<link>",
                "</link>", "]>", "<urlset><url><loc>", "https://bao.example/a-301.html", "\x00", "&#0;",
                "&agrave;", "<![CDATA[", "<!DOCTYPE x [", "<?xml", "<a href='http://[::1'>2</a>",
                "<a rel=next href='//x'>", "\ud7ff", "<feed xml:base='http://['><entry>",
            ]),
            max_size=12,
        ).map(lambda parts: "".join(parts).encode()),
    )
)  # fmt: skip
def test_no_body_breaks_a_reader(body: bytes) -> None:
    site = replace(SITE, families=(CMS,))
    for read in (
        lambda: read_listing(body, "text/html", DANG, site, None),
        lambda: read_feed(body, FEED, site, None),
        lambda: read_sitemap(body, MAP, site),
    ):
        try:
            read()
        except Unreadable as error:
            assert "\n" not in str(error)  # noqa: PT017 - any other exception fails the test


# --- real pages

LIFERAY = Family(
    id="liferay",
    name="Liferay",
    evidence="sotttt-hoat-dong-dang.warc.gz",
    listings=(
        ListingTemplate(
            "liferay/abstract",
            ("div.asset-abstract",),
            link=("h3.asset-title a",),
            date=("div.assetPublishDate",),
            pages=('.lfr-pagination a[href*="_cur="]',),
            page_number=r"[?&]_\w+_cur=(\d+)",
        ),
    ),
)
SOTTTT = replace(
    SITE,
    hosts=("sotttt.hanoi.gov.vn",),
    article_urls=(r"/-/view_content/\d+-",),
    families=(LIFERAY,),
)


@pytest.mark.shared
@pytest.mark.parametrize("site", [SOTTTT, replace(SOTTTT, families=())], ids=["template", "unknown layout"])
def test_every_listing_of_a_real_section_gives_its_items_dates_and_pages(shared: Path, site: Site) -> None:
    index = {
        entry["url"]: entry
        for entry in map(json.loads, (shared / "pages" / "sotttt-index.jsonl").read_text("utf-8").splitlines())
    }
    read: dict[str, Listing] = {}
    with (shared / "pages" / "sotttt-hoat-dong-dang.warc.gz").open("rb") as file:
        for record in ArchiveIterator(file):
            url = record.rec_headers.get_header("WARC-Target-URI")
            if record.rec_type == "response" and index.get(url, {}).get("kind") == "listing":
                content_type = record.http_headers.get_header("Content-Type")
                read[url] = read_listing(record.content_stream().read(), content_type, url, site, "Đảng")
    assert {url: len(page.candidates) for url, page in read.items()} == {
        url: entry["article_links"] for url, entry in index.items() if entry["kind"] == "listing"
    }
    dates = {c.url: c.hint.published for page in read.values() for c in page.candidates}
    shown = {
        candidate.url: date
        for url, page in read.items()
        for candidate, date in zip(page.candidates, index[url]["dates"], strict=True)
    }

    assert dates == shown
    assert {page.problems for page in read.values()} == {()}
    section = "https://sotttt.hanoi.gov.vn/hoat-ong-ang-oan-the"
    numbers = [re.sub(r".*_101_cur=", "", page) for page in read[section].pages]
    assert len(read) == 28
    assert {*read[section].pages, section} == set(read)
    assert numbers == [str(number) for number in range(1, 28)]
    articles = {url for url, entry in index.items() if entry["kind"] == "article"}
    assert articles <= set(dates)
    assert len(set(dates) - articles) == 52
    titles = {c.url: c.hint.title for page in read.values() for c in page.candidates}
    assert [url for url in articles if titles[url] != clean_line(index[url]["title"])] == []


@pytest.mark.shared
def test_no_article_link_of_the_real_listings_is_missed(shared: Path) -> None:
    lines = (shared / "pages" / "manifest.jsonl").read_text("utf-8").splitlines()
    seen = 0
    for entry in map(json.loads, lines):
        pattern = (entry.get("article_links_by_url_pattern") or {}).get("pattern")
        if entry["kind"] not in {"listing", "home"} or not pattern:
            continue
        host = entry["domain"]
        url = entry["url"] or f"https://{host}/"
        body = (shared / "pages" / entry["file"]).read_bytes()
        site = replace(SITE, hosts=(host,), article_urls=(pattern,))
        page = read_listing(body, "text/html", url, site, None)
        hrefs = {urljoin(url, href.strip()) for href in html.document_fromstring(body).xpath("//a/@href")}
        plain = {re.sub(r"[?#].*", "", href).replace("http://", "https://") for href in hrefs}
        wanted = {href for href in plain if re.match(f"https://(?:www\\.)?{re.escape(host)}/.*{pattern}", href)}
        assert {candidate.url for candidate in page.candidates} == wanted
        assert [candidate.url for candidate in page.candidates if not candidate.hint.title] == []
        assert [url for url in page.pages if urldefrag(url).fragment or site.is_article(url)] == []
        seen += len(wanted)
    assert seen > 1000
