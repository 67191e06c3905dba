"""What can be told of a site without asking it anything: address patterns, sections, provinces, selectors."""

import re
from datetime import UTC, datetime

import pytest
import yaml
from loopback.paper import Paper

from pipelines.article import Capture
from pipelines.provinces import load_provinces
from scrapers.catalogue import load_catalogue
from scrapers.probing.addresses import forms, sort_links, target
from scrapers.probing.cards import quoted, single, text
from scrapers.probing.facts import kind_of, province_of, sections, site_id
from scrapers.probing.families import fits, propose
from scrapers.probing.page import Link, see

HOSTS = frozenset({"a.vn", "www.a.vn"})
HEADLINE = "Chi bộ thôn Mẫu đổi mới nội dung sinh hoạt"
GUID = "4c0b4fbb-8ea6-4b0b-b0f7-3f1c0de1f7a"


def links(articles: list[str], menu: list[str]) -> list[Link]:
    return [Link(f"https://a.vn{path}", HEADLINE, bar=False) for path in articles] + [
        Link(f"https://a.vn{path}", "Xây dựng Đảng", bar=True) for path in menu
    ]


@pytest.mark.parametrize(
    ("articles", "menu", "pattern"),
    [
        (["/chi-bo-hop-538828.html", "/x/dang-bo-xa-73882.html"], ["/chinh-tri", "/"], r"-\d{4,}\.html$"),
        (["/a-c12a538828.html", "/chi-bo-c3a73828.html"], ["/chinh-tri-c3.html"], r"-c\d+a\d{4,}\.html$"),
        (["/chi-bo-post53828.html", "/dang-bo-post3828.html"], ["/x-38282.html"], r"-post\d{3,}\.html$"),
        (
            ["/mot-hai-ba-bon-nam-12345.html", "/mot-hai-ba-bon-4828.html"],
            ["/chinh-tri-3828.html", "/xay-dung-dang-5828.html"],
            r"/(?:[^/-]+-){4,}\d{3,}\.html$",
        ),
        (["/n/1234-a-b.html", "/n/12345-a-b.html"], ["/n/3-abc.html"], r"/\d{3,}-[^/]+\.html$"),
        ([f"/D?NewsId={GUID}a", f"/D?NewsId={GUID}b"], [f"/L?Cat={GUID}c"], rf"^/D\?(?:.*&)?NewsId={'{}'}$"),
        (["/a.aspx?ItemID=12&x=1", "/a.aspx?ItemID=1345"], ["/b.aspx?ItemID=4"], r"^/a\.aspx\?(?:.*&)?ItemID=\d+"),
        (
            ["/chi-bo-thon-mau-hop-ban", "/tinh-uy-hop-ban-ve-nghi-quyet"],
            ["/lien-he", "/van-ban-cua-tinh"],
            r"/[a-z0-9]+(?:-[a-z0-9]+){4,}$",
        ),
        (["/2025/07/chi-bo", "/2025/08/dang-bo-xa"], ["/2025/07", "/tin"], r"/20\d\d/\d\d(?:/\d\d)?/[^/]+/?$"),
        (["/Tin-tuc/xdd/1234/chi-bo", "/Tin-tuc/xdd/12345/dang-bo"], ["/Tin-tuc/xdd"], r"/\d{3,}/[^/]+$"),
    ],
)
def test_the_address_pattern_fits_all_articles_and_no_section(
    articles: list[str], menu: list[str], pattern: str
) -> None:
    guid = "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
    form, *others = forms(sort_links(links(articles, menu), HOSTS))
    assert (form.pattern, len(form.articles), form.wrongly, form.missed, others) == (
        pattern.replace("{}", guid) if "NewsId" in pattern else pattern,
        len(articles),
        (),
        0,
        [],
    )
    assert not any(re.search(form.pattern, target(f"https://a.vn{path}")) for path in menu)


def test_a_pattern_that_can_not_be_told_from_sections_says_so() -> None:
    found = sort_links(links(["/chi-bo-12345.html", "/dang-bo-23456.html"], ["/kinh-te-34567.html"]), HOSTS)
    (form,) = forms(found)
    assert form.wrongly == ("https://a.vn/kinh-te-34567.html",)


def test_links_without_a_headline_or_to_other_hosts_make_no_pattern() -> None:
    alone = [
        Link("https://a.vn/1-x.html", "Xem thêm", bar=False),
        Link("https://b.vn/22222-x.html", HEADLINE, bar=False),
    ]
    found = sort_links(alone, HOSTS)
    assert forms(found) == ()


def test_sections_of_party_building_are_found_by_their_names_the_surest_first() -> None:
    named = [
        ("Chính trị", "/chinh-tri"),
        ("Đăng nhập", "/dang-nhap"),
        ("HỌC TẬP VÀ LÀM THEO TƯ TƯỞNG, ĐẠO ĐỨC, PHONG CÁCH HỒ CHÍ MINH", "/hoc-tap"),
        ("XÂY DỰNG ĐẢNG", "/xdd"),
        ("Xây dựng Đảng", "https://b.vn/xdd"),
        ("Xây dựng Đảng bộ xã Mẫu trong sạch, vững mạnh từ cơ sở", "/xdd/xay-dung-dang-bo-xa-mau-12345.html"),
        ("Xây dựng Đảng", "/rss/xay-dung-dang.rss"),
    ]
    found = sections([Link(f"https://a.vn{u}" if u[0] == "/" else u, t, bar=True) for t, u in named], HOSTS)
    assert [(one.title, one.url) for one in found] == [
        ("Xây dựng Đảng", "https://a.vn/xdd"),
        ("Học tập và làm theo tư tưởng, đạo đức, phong cách Hồ Chí Minh", "https://a.vn/hoc-tap"),
    ]


@pytest.mark.parametrize(
    ("host", "name", "province", "doubt"),
    [
        ("hatinh.dcs.vn", "Đảng bộ tỉnh Hà Tĩnh", ("42", 34), ""),
        ("baoquangninh.vn", "Báo Quảng Ninh điện tử", ("22", 34), ""),
        ("vinhphuc.dcs.vn", "Tỉnh ủy Vĩnh Phúc", ("26", 63), ""),
        ("hanoimoi.vn", "Báo Hànộimới", ("01", 34), ""),
        ("baohagiang.vn", "Trang tin", ("02", 63), "only its host baohagiang.vn says Hà Giang"),
        ("tinmau.vn", "Báo Cà Mau", ("96", 34), "only its name says Cà Mau"),
        ("baoquangnam.vn", "Báo Quảng Trị", None, "the host speaks of Quảng Nam, the name of Quảng Trị"),
        ("xaydungdang.org.vn", "Tạp chí Xây dựng Đảng", None, ""),
    ],
)
def test_a_province_is_told_only_with_evidence(host: str, name: str, province: object, doubt: str) -> None:
    found, told = province_of(host, [name], load_provinces())
    assert ((found.row.code, found.row.scheme) if found else None, told) == (province, doubt)


def test_id_and_kind_come_from_host_and_name() -> None:
    assert [site_id(host) for host in ("www.baohatinh.vn", "hatinh.dcs.vn", "sotttt.hanoi.gov.vn")] == [
        "baohatinh",
        "hatinh-dcs",
        "sotttt-hanoi",
    ]
    names = ("Tạp chí Mẫu", "Báo Mẫu", "Đảng bộ tỉnh Mẫu", "Cổng thông tin điện tử Mẫu")
    assert [kind_of("x.vn", name)[0] for name in names] == [
        "party_journal",
        "party_newspaper",
        "party_portal",
        "government_portal",
    ]


def capture(html: str, path: str = "/") -> Capture:
    return Capture(f"https://a.vn{path}", datetime(2026, 11, 22, tzinfo=UTC), 200, "text/html", html.encode())


def test_a_page_tells_its_name_its_feeds_its_maker_and_its_note_on_copying() -> None:
    with Paper() as paper:
        seen = see(capture(paper.listing_page("/xay-dung-dang", 1)))
    assert (seen.names[0], seen.generator, seen.feeds, seen.copying) == (
        "Báo Mẫu Sơn",
        "MauCMS 3",
        ("https://a.vn/rss.html",),
        'Báo Mẫu Sơn. Ghi rõ nguồn "Báo Mẫu Sơn" khi đăng lại tin bài.',
    )
    assert {link.text: link.bar for link in seen.links}["KINH TẾ"] is True


def test_selectors_are_proposed_for_a_layout_that_no_family_knows() -> None:
    with Paper() as paper:
        pages = [capture(paper.article_page(n), paper.path(n)) for n in (24, 23, 20)]
    assert fits(pages, load_catalogue().families) == ()
    found = propose(pages)
    template = found.template
    assert template is not None
    assert (template.title, template.lead, template.body, template.published, template.byline) == (
        ("h1.tieu-de",),
        ("h2.tom-tat",),
        ("div.noi-dung",),
        ("div.thong-tin",),
        ("p.tac-gia",),
    )
    assert (found.agrees, found.pages, found.differs) == (3, 3, ())


@pytest.mark.parametrize("value", ["Báo Mẫu", "12", "null", "a: b", 'nói "thật"', "- x", "# y", "1.5", "không", " x"])
def test_values_of_a_card_are_read_again_as_they_were(value: str) -> None:
    assert [yaml.safe_load(form(value)) for form in (text, quoted, single)] == [value] * 3
