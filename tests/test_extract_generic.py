"""Pages no template describes: headline, lead, furniture around and within the text."""

from datetime import datetime
from pathlib import Path

import pytest

from pipelines.article import VIETNAM, Article, Capture, Hint, PageRules
from pipelines.extract import EXTRACTOR_VERSION, article_record, extract
from pipelines.extract.page import parse
from pipelines.extract.second import trafilatura_lines
from scrapers.catalogue import load_catalogue

NOW = datetime(2026, 11, 22, 8, tzinfo=VIETNAM)
TITLE = "Chi bộ thôn Mẫu họp bàn việc sửa đường liên xã"
TEXT = [
    f"Đoạn văn thứ {n} nói rõ việc chi bộ thôn Mẫu bàn cách làm đường, góp công và góp ý kiến cho xã."
    for n in ("nhất", "nhì", "ba", "tư")
]
BODY = "".join(f"<p>{line}</p>" for line in TEXT)


def article(
    html: str,
    url: str = "https://mau.example.vn/tin/bai-10001.html",
    rules: PageRules | None = None,
    hints: tuple[Hint, ...] = (),
) -> Article:
    result = extract(Capture(url, NOW, 200, "text/html; charset=utf-8", html.encode()), rules or PageRules(), hints)
    assert isinstance(result, Article), result
    return result


def page(body: str, head: str = f"<title>{TITLE} - Báo Mẫu</title>") -> str:
    return f'<html lang="vi"><head><meta charset="utf-8">{head}</head><body>{body}</body></html>'


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (
            f"<title>{TITLE} - Xây dựng Đảng - Báo Mẫu</title>",
            f"<h1>Quy hoạch - kế hoạch</h1><h1>Liên kết website</h1><h2>{TITLE}</h2>",
        ),
        (
            f"<title>Báo Mẫu | {TITLE}</title><meta property='og:site_name' content='Báo Mẫu'>",
            f"<h1>{TITLE}</h1>",
        ),
        (
            f"<title>Báo Mẫu</title><meta property='og:title' content='{TITLE}'>",
            "<h1>Báo Mẫu điện tử hằng ngày</h1>",
        ),
        ("<title>Chi tiết tin</title>", f"<div class='tieude'>{TITLE}</div>"),
        ("<title>Cổng thông tin điện tử huyện Mẫu</title>", f"<span class='news_title'>{TITLE}</span>"),
        (f"<title>{TITLE[:30]}...</title>", f"<h1>{TITLE}</h1>"),
        ("<title>bai-viet.html</title>", f"<h3 class='title'>{TITLE}</h3>"),
    ],
)
def test_the_headline_is_no_block_heading_and_no_site_name(head: str, body: str) -> None:
    assert article(page(f"{body}<div>{BODY}</div>", head)).title == TITLE


def test_a_hyphen_within_the_headline_stays() -> None:
    title = "Đảng viên đi trước - làng nước theo sau ở thôn Mẫu"
    assert article(page(f"<h1>{title}</h1><div>{BODY}</div>", f"<title>{title} - Báo Mẫu</title>")).title == title


def test_a_glued_time_comes_off_the_headline_and_becomes_the_time() -> None:
    result = article(page(f"<h1>{TITLE} (20:05 01/07/2020)</h1><div>{BODY}</div>", f"<title>{TITLE}</title>"))
    assert (result.title, result.date.published_at) == (TITLE, "2020-07-01T20:05:00+07:00")


@pytest.mark.parametrize(
    "lead",
    [
        "<div class='sapo'>{}</div>",
        "<h2>{}</h2>",
        "<p class='summary'><b>{}</b></p>",
        "<td><b><span id='lblTomTat'>{}</span></b></td>",
    ],
)
def test_the_lead_between_headline_and_text_is_kept(lead: str) -> None:
    text = "Chi bộ thôn Mẫu vừa họp bàn cách làm đường liên xã, mọi nhà đều góp công."
    result = article(
        page(
            f"<h1>{TITLE}</h1><div class='time'>04/10/2021 07:21</div>{lead.format(text)}<div "
            f"class='noidung'>{BODY}</div>"
        )
    )
    assert (result.lead, list(result.paragraphs)) == (text, TEXT)


def test_a_lead_printed_twice_stands_once() -> None:
    lead = "Chi bộ thôn Mẫu vừa họp bàn cách làm đường liên xã, mọi nhà đều góp công."
    result = article(
        page(
            f"<h1>{TITLE}</h1><div class='sapo'>{lead}</div><div class='noidung'><p><strong>"
            f"{lead}</strong></p>{BODY}</div>"
        )
    )
    assert result.body.split("\n") == [lead, *TEXT]


@pytest.mark.parametrize(
    "furniture",
    [
        (
            "<div class='tin-lien-quan'><h3>Tin liên quan</h3><ul><li><a href='/a'>Một tin khác của xã "
            "Mẫu</a></li></ul></div>"
        ),
        "<p><strong>Xem thêm: <a href='/a'>Một tin khác của xã Mẫu</a></strong></p>",
        "<p>&gt;&gt; <a href='/a'>Một tin khác của xã Mẫu trong năm nay</a></p>",
        (
            "<div><a href='/a'><img src='/a.jpg'></a><a href='/a'>Một tin khác của xã Mẫu năm nay</a>"
            "<p>Tóm tắt của tin khác, dài hơn một câu văn bình thường.</p></div>"
        ),
        "<div class='social-share'>Chia sẻ bài viết <a href='#'>Facebook</a></div>",
        "<p>Theo dõi Báo Mẫu trên Google News</p>",
        "<table><tr><td><img src='/a.jpg'></td></tr><tr><td>Chú thích của bức ảnh</td></tr></table>",
        "<aside><h4>Đọc nhiều</h4><ol><li><a href='/a'>Một tin khác của xã Mẫu</a></li></ol></aside>",
    ],
)
def test_furniture_within_the_text_goes_and_the_text_stays(furniture: str) -> None:
    lines = [f"<p>{t}</p>" for t in TEXT]
    result = article(
        page(f"<h1>{TITLE}</h1><div class='noidung'>{''.join(lines[:2])}{furniture}{''.join(lines[2:])}</div>")
    )
    assert list(result.paragraphs) == TEXT


def test_what_follows_the_text_goes() -> None:
    after = (
        "<h3>Tin cùng chuyên mục</h3><ul><li><a href='/a'>Một tin khác của xã Mẫu</a> "
        "(02/03/2024)</li></ul><div class='comments'><p>Bạn đọc viết: "
        "việc này rất hay, xã tôi cũng nên làm như vậy trong năm tới.</p></div><p>Giấy phép số "
        "12/GP-TTĐT cấp ngày 05/02/2016.</p>"
    )
    assert list(article(page(f"<h1>{TITLE}</h1><div>{BODY}{after}</div>")).paragraphs) == TEXT


def test_lines_of_the_host_are_left_out_on_request() -> None:
    teaser = "Câu giới thiệu một chương trình khác, dính dưới mọi bài của trang này."
    html = page(f"<h1>{TITLE}</h1><div>{BODY}<p>{teaser}</p></div>")
    assert list(article(html, rules=PageRules(boilerplate=(teaser,))).paragraphs) == TEXT


def test_a_box_of_the_newsroom_stays() -> None:
    box = (
        "<div class='box' style='background:#eee'><h3>Ba việc cần làm</h3><p>Một là góp công, hai là "
        "góp ý kiến, ba là cùng giám sát.</p></div>"
    )
    result = article(page(f"<h1>{TITLE}</h1><div>{BODY}{box}<p>{TEXT[0]} Hết.</p></div>"))
    assert result.paragraphs[4:6] == (
        "Ba việc cần làm",
        "Một là góp công, hai là góp ý kiến, ba là cùng giám sát.",
    )


def test_documents_are_fields() -> None:
    result = article(page(f"<h1>{TITLE}</h1><div>{BODY}<p><a href='/f/ke%20hoach.docx'>Kế hoạch số 5</a></p></div>"))
    assert [(a.url, a.title) for a in result.attachments] == [
        ("https://mau.example.vn/f/ke%20hoach.docx", "Kế hoạch số 5")
    ]
    assert list(result.paragraphs) == TEXT


def test_the_same_page_gives_the_same_article_and_says_by_which_rules() -> None:
    html = page(f"<h1>{TITLE}</h1><div class='time'>04/10/2021 07:21</div><div>{BODY}</div>")
    one, two = article(html), article(html)
    assert one == two
    assert {e.field for e in one.evidence} >= {"title", "body", "published_at"}
    assert EXTRACTOR_VERSION


def test_a_record_of_an_article_has_the_lead_first() -> None:
    lead = "Chi bộ thôn Mẫu vừa họp bàn cách làm đường liên xã, mọi nhà đều góp công."
    html = page(f"<h1>{TITLE}</h1><div class='sapo'>{lead}</div><div class='noidung'>{BODY}</div>")
    record = article_record(article(html, hints=(Hint("listing", "04/10/2021", TITLE, "Xây dựng Đảng"),)), "a1")
    assert (record["id"], record["verdict"], record["title"], record["lead"]) == (
        "a1",
        "article",
        TITLE,
        lead,
    )
    assert record["body"].split("\n") == [lead, *TEXT]
    assert (record["section"], record["author"]) == ("Xây dựng Đảng", None)


SEED_SITES = {
    "xaydungdang": "https://xaydungdang.org.vn/dang-vien/chi-bo-thon-mau-hop-ban-18001",
    "hanoi-hnp": "https://hanoi.gov.vn/tin-so-nganh/chi-bo-thon-mau-4200701200500297.htm",
    "hatinh-dcs": "https://hatinh.dcs.vn/chi-bo-thon-mau-hop-ban-viec-sua-duong",
    "hanoimoi": "https://hanoimoi.vn/chi-bo-thon-mau-hop-ban-700001.html",
    "vinhphuc-btctu": "https://vinhphuc.dcs.vn/ContentDetail/NewsDetailView?NewsId=0f8fad5b-d9cb-469f-a165-70867728950e",
}


@pytest.mark.parametrize("seed", SEED_SITES)
def test_the_boilerplate_around_a_seed_stays_out(seed: str, shared: Path) -> None:
    """Short lines of a seed before its text and after it, around a text of our own."""
    lines = [
        line.strip()
        for line in (shared / "seeds" / f"{seed}.txt").read_text(errors="replace").split("\n")
        if line.strip()
    ]
    prose = [i for i, line in enumerate(lines) if len(line) > 150 and line[-1] in ".…/"]
    around = [line for line in lines[max(prose) + 1 :] if len(line) < 300]
    around = [line for line in around if not line.startswith("-") and len(line.split()) > 1][1:]
    html = page(
        f"<h1>{TITLE}</h1><div>{BODY}<p align=right><b>Thử Nghiệm</b></p>"
        + "".join(f"<p>{line}</p>" for line in around)
        + "".join(f"<li><a href='/x{i}'>{line}</a></li>" for i, line in enumerate(lines) if line.startswith("- Đ"))
        + "</div>"
    )
    result = article(html, SEED_SITES[seed], load_catalogue().rules_for(SEED_SITES[seed]))
    assert (result.title, list(result.paragraphs), result.byline) == (TITLE, TEXT, "Thử Nghiệm")


def test_trafilatura_is_asked_where_running_text_is_hardly_found() -> None:
    page_tree = parse(page(f"<h1>{TITLE}</h1><div class='menu'><p>{TEXT[0]}</p></div><div>{BODY}</div>"), "")
    assert page_tree is not None
    (body,) = page_tree.select("body")
    lines = trafilatura_lines(body, set(page_tree.select(".menu")), "")
    assert lines[-4:] == TEXT
    assert lines.count(TEXT[0]) == 1
    assert page_tree.select(".menu")  # the page itself is as before


LINKS = "".join(f"<li><a href='/tin/bai-{n}.html'>Bài thứ {n} về chi bộ thôn Mẫu</a></li>" for n in (1, 2, 3))


@pytest.mark.parametrize(
    "box",
    [
        f"<h3>Thông tin khác</h3><ul>{LINKS}</ul>",
        f"<p><b>Chuyện làng trên xóm dưới</b></p><ul>{LINKS}</ul>",
        f"<div><p>Đừng quên ghé qua:</p></div><div>{LINKS}</div>",
    ],
)
def test_a_label_over_links_to_other_pages_goes_with_them(box: str) -> None:
    assert article(page(f"<h1>{TITLE}</h1><div>{BODY}{box}</div>")).paragraphs == tuple(TEXT)


def test_a_heading_over_the_end_of_the_text_stays() -> None:
    end = "<p><b>Thông tin khác</b></p><p>Họp lúc 8 giờ</p>"
    assert article(page(f"<h1>{TITLE}</h1><div>{BODY}{end}</div><ul>{LINKS}</ul>")).paragraphs[-2:] == (
        "Thông tin khác",
        "Họp lúc 8 giờ",
    )
    signed = "<p><b>Trần Thị Mẫu</b></p>"
    result = article(page(f"<h1>{TITLE}</h1><div>{BODY}{signed}<ul>{LINKS}</ul></div>"))
    assert (result.byline, result.paragraphs) == ("Trần Thị Mẫu", tuple(TEXT))


def test_a_table_of_contents_is_no_text() -> None:
    parts = "<ul><li><a href='#a'>1 Vì sao làm đường</a></li><li><a href='#b'>2 Cách làm</a></li></ul>"
    text = f"<p>{TEXT[0]}</p><p>Mục lục</p>{parts}<h2 id='a'>Vì sao làm đường</h2>{BODY}"
    lines = article(page(f"<h1>{TITLE}</h1><div>{text}</div>")).paragraphs
    assert lines[:3] == (TEXT[0], "Vì sao làm đường", TEXT[1])


def test_who_put_the_page_in_the_system_is_no_text() -> None:
    line = "<p>Đăng bởi mau ngày 12 Tháng Năm, 2013</p>"
    assert article(page(f"<h1>{TITLE}</h1><div>{line}{BODY}</div>")).paragraphs == tuple(TEXT)
    lines = ("Gặp mặt cán bộ, thành viên tổ công tác xã Mẫu", *TEXT)
    assert article(page(f"<h1>{TITLE}</h1><div><p>{lines[0]}</p>{BODY}</div>")).paragraphs == lines
