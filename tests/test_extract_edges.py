"""Where a text ends, what stands below it, which address and section it has."""

from __future__ import annotations

from datetime import datetime

import pytest

from pipelines.article import VIETNAM, Article, Capture, Hint, PageRules, Template, UrlRules
from pipelines.byline import find_byline_below, read_signature
from pipelines.extract import extract

NOW = datetime(2026, 11, 22, 8, tzinfo=VIETNAM)
TITLE = "Chi bộ thôn Mẫu họp bàn việc sửa đường liên xã"
URL = "https://mau.example.vn/dang-vien/chi-bo-thon-mau-hop-ban-viec-sua-duong-10001"
TEXT = [
    f"Đoạn văn thứ {n} nói rõ việc chi bộ thôn Mẫu bàn cách làm đường, góp công và góp ý kiến cho xã."
    for n in ("nhất", "nhì", "ba", "tư")
]
PARAGRAPHS = [f"<p>{line}</p>" for line in TEXT]
LINKS = [
    f"<a href='/dang-vien/bai-khac-cua-chi-bo-{n}'>Một bài khác của chi bộ thôn Mẫu số {n}</a>" for n in (20001, 20002)
]
SUMMARY = "Tóm tắt của bài khác, một câu dài hơn tám mươi chữ để trông như một đoạn văn của chính bài này."
RULES = PageRules(
    site="mau",
    templates=(Template("mau/detail", body=("div.body",), ends=("Bài liên quan", "Bài đọc tiếp", "(0) Bình luận")),),
    article_urls=(r"^/[\w-]+/[\w-]+-\d{5}$",),
    urls=UrlRules(hosts=("mau.example.vn", "cu.example.vn")),
)
UNKNOWN = PageRules(site="mau", article_urls=RULES.article_urls, urls=RULES.urls)


def article(
    body: str, head: str = "", url: str = URL, rules: PageRules = RULES, hints: tuple[Hint, ...] = ()
) -> Article:
    html = f'<html lang="vi"><head><meta charset="utf-8"><title>{TITLE}</title>{head}</head><body>{body}</body></html>'
    result = extract(Capture(url, NOW, 200, "text/html; charset=utf-8", html.encode()), rules, hints)
    assert isinstance(result, Article), result
    return result


def within(*inner: str) -> tuple[str, ...]:
    return article(f"<h1>{TITLE}</h1><div class='body'>{''.join(inner)}</div>").paragraphs


BOX = f"<div class='box'><b>Bài liên quan</b><ul><li>{LINKS[0]}</li><li>{LINKS[1]}</li></ul></div>"
LOOSE = f"<p><b>Bài liên quan:</b></p><p>{LINKS[0]}</p><p>{LINKS[1]}</p>"
SUMMED = f"<div><p>Bài liên quan</p><p>{LINKS[0]}</p><p>{SUMMARY}</p></div>"


@pytest.mark.parametrize("box", [BOX, LOOSE, SUMMED])
def test_a_box_of_links_between_paragraphs_goes_and_the_text_goes_on(box: str) -> None:
    assert within(*PARAGRAPHS[:2], box, *PARAGRAPHS[2:]) == tuple(TEXT)


@pytest.mark.parametrize("box", [BOX, LOOSE, SUMMED])
def test_a_box_in_a_further_wrapper_takes_no_text_along(box: str) -> None:
    assert within("<div class='in'>", *PARAGRAPHS[:2], box, *PARAGRAPHS[2:], "</div>") == tuple(TEXT)


@pytest.mark.parametrize(
    "end",
    [
        BOX,
        LOOSE,
        SUMMED,
        BOX + BOX.replace("Bài liên quan", "Bài đọc tiếp"),
        f"<p>Bài đọc tiếp</p><p>{LINKS[0]}</p><p>{SUMMARY}</p><p>{LINKS[1]}</p><p>{SUMMARY}</p>",
        f"<p>(0) Bình luận</p><p>Bạn đọc viết: {SUMMARY}</p>",
        LOOSE + "<p>Ảnh: Báo Mẫu</p>",
    ],
)
def test_a_label_with_nothing_of_the_article_behind_it_ends_the_text(end: str) -> None:
    assert within(*PARAGRAPHS, end) == tuple(TEXT)


@pytest.mark.parametrize(
    ("below", "byline"),
    [
        ("<div align='right'><b>Thử Mẫu</b></div>", "Thử Mẫu"),
        ("<div style='text-align: right'>Ban Bạn đọc</div>", "Ban Bạn đọc"),
        ("<div class='m'>&nbsp;<strong>Thử Mẫu</strong> <a href='#fb'>Xem phản hồi</a></div>", "Thử Mẫu"),
        ("<div>Tác giả: Thử Mẫu</div>", "Thử Mẫu"),
        ("<div><b>Thử Mẫu</b></div>", "Thử Mẫu"),
        ("<div>Thử Mẫu</div>", None),  # nothing tells it from the first word of a box
        ("<h4>Thử Mẫu</h4>", None),
        ("<ul><li><b>Thử Mẫu</b></li></ul>", None),
        ("<div><a href='/x'>In bài viết</a></div><div align='right'>Thử Mẫu</div>", None),
    ],
)
def test_the_first_line_below_the_text_may_be_the_byline_and_is_never_text(below: str, byline: str | None) -> None:
    found = article(f"<h1>{TITLE}</h1><div class='n'>{''.join(PARAGRAPHS)}</div>{below}", rules=UNKNOWN)
    assert (found.byline, found.paragraphs) == (byline, tuple(TEXT))


def test_a_name_below_an_office_signs_the_document_and_not_the_article() -> None:
    assert find_byline_below("Thử Mẫu", before="BÍ THƯ", right=True, bold=True, apart=False) is None
    assert find_byline_below("BÍ THƯ", before=TEXT[3], right=True, bold=True, apart=False) is None
    found = find_byline_below("Thử Mẫu", before=TEXT[3], right=True, bold=True, apart=False)
    assert found is not None
    assert (found[0], found[1].rule) == ("Thử Mẫu", "below the text, set right")


@pytest.mark.parametrize(
    ("line", "name", "kind"),
    [
        ("Ban Bạn đọc", "Ban Bạn đọc", "group"),
        ("Thử Thị Mẫu - Trạm Y tế xã Mẫu", "Thử Thị Mẫu - Trạm Y tế xã Mẫu", "name"),
        ("Thử Văn Mẫu (Bệnh viện huyện Mẫu)", "Thử Văn Mẫu (Bệnh viện huyện Mẫu)", "name"),
    ],
)
def test_desks_and_offices_sign(line: str, name: str, kind: str) -> None:
    signature = read_signature(line, strict=True)
    assert signature is not None
    assert (signature.name, signature.kind) == (name, kind)


OTHER = "https://mau.example.vn/thoi-su/chi-bo-thon-mau-hop-ban-viec-sua-duong-10001"


@pytest.mark.parametrize(
    ("head", "address"),
    [
        (f"<link rel='canonical' href='{URL}'>", URL),
        (f"<link rel='Canonical' href='{URL.replace('https://mau.', 'http://cu.')}?utm_source=x#top'>", URL),
        ("<link rel='canonical' href='../dang-vien/chi-bo-thon-mau-hop-ban-viec-sua-duong-10001'>", URL),
        (f"<meta property='og:url' content='{URL}'>", URL),
        ("<link rel='canonical' href='/dang-vien/ten-bai-da-doi-han-ca-roi-10001'>",
         "https://mau.example.vn/dang-vien/ten-bai-da-doi-han-ca-roi-10001"),
        ("<link rel='canonical' href='https://mau.example.vn/'>", OTHER),
        ("<link rel='canonical' href='/dang-vien'>", OTHER),
        ("<link rel='canonical' href='https://other.example.vn/dang-vien/chi-bo-thon-mau-hop-ban-10001'>", OTHER),
        ("<link rel='canonical' href='/dang-vien/bai-nay-dung-tren-moi-trang-55555'>", OTHER),  # one for every page
        ("<link rel='canonical' href='http://['>", OTHER),
        ("<link rel='canonical' href=''>", OTHER),
        ("", OTHER),
    ],
)  # fmt: skip
def test_a_page_names_its_address_only_on_its_site_and_for_its_article(head: str, address: str) -> None:
    found = article(f"<h1>{TITLE}</h1><div class='body'>{''.join(PARAGRAPHS)}</div>", head, OTHER)
    assert (found.url, found.canonical_url) == (OTHER, address)
    told = [(e.value, e.rule.split()[0]) for e in found.evidence if e.field == "canonical_url"]
    assert told == ([(address, head.split(maxsplit=1)[0][1:])] if address != OTHER else [])


def test_a_site_that_does_not_tell_its_articles_keeps_its_addresses() -> None:
    head = f"<link rel='canonical' href='{URL}'>"
    assert article(f"<h1>{TITLE}</h1>{''.join(PARAGRAPHS)}", head, OTHER, PageRules()).canonical_url == OTHER


MENU = "<div><a href='/'>Trang chủ</a> | <a href='/lien-he'>Liên hệ</a></div>"
HINTS = (Hint("listing", section="Thời sự"), Hint("listing", section="Đảng viên"))


@pytest.mark.parametrize(
    ("body", "head", "hints", "section"),
    [
        ("<p><a href='/'>Trang chủ</a> » <a href='/x'>Bạn đọc</a></p>", "", HINTS, "Bạn đọc"),
        ("<p><a href='/'>Trang chủ</a> > <a href='/x'>Tin</a> > <a href='/y'>Bạn đọc</a></p>", "", HINTS, "Bạn đọc"),
        ("", "<meta property='article:section' content='Pháp luật'>", HINTS, "Pháp luật"),
        (MENU, "", HINTS, "Đảng viên"),
        (MENU, "", HINTS[:1], "Thời sự"),
        (MENU, "", (Hint("listing", section="Kinh tế"), Hint("listing", section="Xã hội")), "Kinh tế"),
        (MENU, "", (), None),
    ],
)
def test_the_page_tells_its_section_before_listings_and_the_address_chooses_among_these(
    body: str, head: str, hints: tuple[Hint, ...], section: str | None
) -> None:
    html = f"{body}<h1>{TITLE}</h1><div class='body'>{''.join(PARAGRAPHS)}</div>"
    assert article(html, head, hints=hints).section == section


def test_sections_are_found_in_addresses_that_leave_out_the_letter_d_with_stroke() -> None:
    rules = PageRules(site="mau", article_urls=(r"/-/view_content/\d+",), urls=UrlRules(hosts=("mau.example.vn",)))
    url = "https://mau.example.vn/hoat-ong-ang-oan-the/-/view_content/10001-chi-bo"
    hints = (Hint("listing", section="Tin tức"), Hint("listing", section="Hoạt động Đảng, đoàn thể"))
    found = article(f"<h1>{TITLE}</h1>{''.join(PARAGRAPHS)}", url=url, rules=rules, hints=hints)
    assert found.section == "Hoạt động Đảng, đoàn thể"


@pytest.mark.parametrize(
    ("first", "lead"),
    [
        ("<div><b>{}</b></div><div>", True),  # in a box of its own above the text's
        ("<div><p><b>{}</b></p>", False),  # a bold paragraph among paragraphs
        ("<div>{}</div><div>", False),
    ],
)
def test_a_bold_sentence_in_a_box_of_its_own_is_the_lead(first: str, lead: bool) -> None:
    start = first.format(TEXT[0])
    end = "<div align='right'><b>Thử Mẫu</b></div>"
    body = f"<div><div class='t'>{TITLE}</div>{start}{''.join(PARAGRAPHS[1:])}</div>{end}</div>"
    found = article(body, rules=UNKNOWN)
    assert (found.lead, found.paragraphs) == ((TEXT[0], tuple(TEXT[1:])) if lead else (None, tuple(TEXT)))
    assert found.byline == "Thử Mẫu"
