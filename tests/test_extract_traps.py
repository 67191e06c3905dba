"""Traps on pages no template describes: what a person reads there, whatever the makers called their elements."""

from datetime import datetime

import pytest

from pipelines.article import VIETNAM, Article, Capture, PageRules, Refusal
from pipelines.extract import extract

NOW = datetime(2026, 11, 22, 8, tzinfo=VIETNAM)
TITLE = "Đảng bộ xã Mẫu Sơn nâng cao chất lượng sinh hoạt chi bộ nông thôn"
LEAD = "Sau hai năm làm thử, các chi bộ ở xã Mẫu Sơn đã đổi mới cách sinh hoạt, bám sát việc của dân và của đảng viên."
TEXT = (
    "Trước đây, nhiều buổi họp của chi bộ thôn Đông chỉ đọc lại văn bản, đảng viên ngồi nghe rồi ra về mà ít góp ý.",
    "Từ đầu năm, đảng ủy xã yêu cầu mỗi chi bộ chọn một việc khó của thôn để bàn kỹ và phân công người làm.",
    "Đến nay, xã đã làm xong 3,2 km đường liên thôn và kết nạp thêm 12 đảng viên mới trong hai năm vừa rồi.",
)
BODY = "".join(f"<p>{line}</p>" for line in TEXT)
CLOCK = "<div class='top'>Chủ nhật, 22/11/2026 | 08:00:01</div>"
FOOT = "<div id='footer'>Giấy phép số 25/GP-TTĐT cấp ngày 05/02/2016.</div>"
LINKS = "".join(
    f"<li><a href='/tin/{i}.html'>Hội nghị giao ban số {i} của Huyện ủy Mẫu</a> 12/10/2021</li>" for i in range(30)
)
POEM = (
    "Quê tôi bên bến sông Mẫu", "Nắng chiều trải thảm lúa vàng", "Cha tôi người đảng viên cũ",
    "Tóc sương vẫn việc xóm làng",
    "Bao năm đường thôn lầy lội", "Cha vác đá lấp từng gang", "Mẹ cười hiền như nắng sớm", "Bảo rằng ông ấy lo toan",
    "Nay về đường hoa rực rỡ", "Lòng con bỗng nhớ rộn ràng",
)  # fmt: skip


def outcome(body: str, *, title: str = f"{TITLE} - Báo Mẫu Sơn", head: str = "") -> Article | Refusal:
    head = f"<head><meta charset='utf-8'><title>{title}</title>{head}</head>"
    html = f"<html lang='vi'>{head}<body>{CLOCK}{body}{FOOT}</body></html>"
    url = "https://mau.example.vn/tin-tuc/dang-bo-xa-mau-son-12345.html"
    return extract(Capture(url, NOW, 200, "text/html; charset=utf-8", html.encode()), PageRules())


def article(body: str, *, title: str = f"{TITLE} - Báo Mẫu Sơn", head: str = "") -> Article:
    result = outcome(body, title=title, head=head)
    assert isinstance(result, Article), result
    return result


@pytest.mark.parametrize(
    ("body", "title"),
    [
        # no heading and no class: the line that is the title element without the names of section and site
        (
            f"<div><div>{TITLE}</div><div>04/10/2021</div><div>{BODY}</div></div>",
            f"{TITLE} - Xây dựng Đảng - Huyện ủy Mẫu",
        ),
        (f"<div><div>{TITLE}</div><div>04/10/2021</div><h2>{TITLE}: {LEAD}</h2>{BODY}</div>", f"{TITLE} - Chính trị"),
        # the only h1 is the name of the portal and leads home
        (
            f"<h1><a href='/'>Trang thông tin điện tử Huyện ủy Mẫu</a></h1><h3>{TITLE}</h3><p>04/10/2021</p>{BODY}",
            "Trang thông tin điện tử Huyện ủy Mẫu",
        ),
    ],
)
def test_a_headline_without_heading_is_found_and_its_date_too(body: str, title: str) -> None:
    found = article(body, title=title)
    assert (found.title, found.date.published_at) == (TITLE, "2021-10-04T00:00:00+07:00")
    assert found.paragraphs == TEXT


@pytest.mark.parametrize(
    ("line", "published"),
    [
        ("<div class='date'>Cập nhật: 09/10/2021 10:00 | Đăng: 04/10/2021 07:21</div>", "2021-10-04T07:21:00+07:00"),
        ("<p>04-Oct-2021</p>", "2021-10-04T00:00:00+07:00"),
        ("<p>Số: 12-KH/HU ngày 16/01/2012</p>", None),
    ],
)
def test_the_line_of_publication_is_told_from_other_lines(line: str, published: str | None) -> None:
    assert article(f"<div><h1>{TITLE}</h1>{line}<div class='noidung'>{BODY}</div></div>").date.published_at == published


def test_a_date_below_the_text_counts_where_its_element_says_published() -> None:
    below = "<div class='meta'><span class='metadata-publish-date'>04/10/21 07:21</span></div>"
    assert article(f"<div><h3>{TITLE}</h3>{BODY}{below}</div>").date.published_at == "2021-10-04T07:21:00+07:00"


def test_a_time_of_publication_that_is_the_moment_of_the_fetch_is_the_clock_of_the_server() -> None:
    rendered = "<meta property='article:published_time' content='2026-11-22T08:00:00+07:00'>"
    found = article(f"<h1>{TITLE}</h1>{BODY}", head=rendered)
    assert found.date.published_at is None
    assert "date_render_time" in found.flags
    shown = article(f"<h1>{TITLE}</h1><div class='date'>22/11/2026</div>{BODY}", head=rendered)
    assert (shown.date.published_at or "")[:10] == "2026-11-22"


def test_where_and_when_a_text_was_signed_is_no_byline() -> None:
    found = article(f"<h1>{TITLE}</h1>{BODY}<p>Mẫu Sơn, ngày 17 tháng 4 năm 2012</p>")
    assert (found.byline, found.date.event_date, found.date.published_at) == (None, "2012-04-17", None)


@pytest.mark.parametrize(
    ("above", "below", "byline"),
    [
        ("", "<p>Nguồn: <a href='https://x.example'>Tạp chí Mẫu</a></p>", "Tạp chí Mẫu"),
        ("", "<p>Nguồn: Báo Mẫu Sơn</p>", None),  # the site's own name
        ("", "<p align='right'><b>Mẫu Văn Ba</b><br>Ban Tổ chức Huyện ủy</p>", "Mẫu Văn Ba - Ban Tổ chức Huyện ủy"),
        ("<p><b>Mẫu Thị Thu</b></p>", "", "Mẫu Thị Thu"),
        ("<p><b>Xây dựng Đảng</b></p>", "", None),
        ("<p>Mẫu Thị Thu</p>", "", None),  # nothing but two capitals tells it from a place
        ("", "<span id='ctl00_lblTacGia'>Mẫu Thanh</span>", "Mẫu Thanh"),
    ],
)
def test_bylines_in_rare_places_are_found_and_leave_the_text(above: str, below: str, byline: str | None) -> None:
    found = article(
        f"<div><h1>{TITLE}</h1><div class='date'>04/10/2021</div>{above}<div class='nd'>{BODY}{below}</div></div>"
    )
    assert (found.byline, found.paragraphs) == (byline, TEXT)


USER = "<p align='right'>\n <b>Thử Thị Nhập</b>\n</p>"
STYLED = BODY.replace("<p>", "<p style='text-align: justify'>")


@pytest.mark.parametrize(
    ("end", "byline"),
    [
        (f"{BODY}</div>{USER}", None),
        (f"{STYLED}{USER}</div>", None),  # the text is set by styles, the name by the template
        (f"{BODY}<p style='text-align: right'>Mẫu Văn Ba</p></div>{USER}", "Mẫu Văn Ba"),
        (f"{STYLED}<p style='text-align: right'>Mẫu Văn Ba</p>{USER}</div>", "Mẫu Văn Ba"),
        (f"{BODY}<p align='right'>Mẫu Văn Ba</p><p align='right'>Thử Thị Tư</p></div>", "Mẫu Văn Ba - Thử Thị Tư"),
        (f"{BODY}<p align='right'>Đăng bởi: Thử Thị Nhập</p></div>", None),
        (f"{BODY}</div><p>Người đăng: <span class='author'>Thử Thị Nhập</span></p>", None),
        (f"{BODY}</div><p>Thành viên: <span class='author'>Thử Thị Nhập</span></p>", None),
        (f"{BODY}</div><div><h3>Tác giả</h3><i class='author'>Thử Đọc</i> <i class='author'>Mẫu Viết</i></div>", None),
    ],
)  # fmt: skip
def test_who_typed_a_page_in_who_comments_and_who_is_listed_did_not_write_it(end: str, byline: str | None) -> None:
    found = article(f"<div><h1>{TITLE}</h1><div class='date'>04/10/2021</div><div class='nd'>{end}</div>")
    assert (found.byline, found.paragraphs) == (byline, TEXT)


def test_the_name_over_a_readers_comment_is_no_author() -> None:
    comment = "<div><i class='author'>Thử Đọc</i><p>Bài hay, mong có thêm bài như thế này nữa.</p></div>"
    found = article(
        f"<h1>{TITLE}</h1><div class='date'>04/10/2021</div><div class='nd'>{BODY}</div><div>{comment}</div>"
    )
    assert found.byline is None


def test_the_user_named_beside_the_date_is_no_author() -> None:
    meta = "<div class='meta'>04/10/2021 07:21 | Người đăng: Thử Thị Nhập | Lượt xem: 12</div>"
    found = article(f"<div><h1>{TITLE}</h1>{meta}<div class='nd'>{BODY}</div></div>")
    assert (found.byline, found.date.published_at) == (None, "2021-10-04T07:21:00+07:00")


@pytest.mark.parametrize(
    "last",
    [
        ("Danh sách khen thưởng:", "Mẫu Văn Ba"),
        ("Danh sách khen thưởng", "Mẫu Văn Ba", "Thử Thị Tư", "Mẫu Viết Năm"),
        ("“Phải gần dân, hiểu dân và học dân.”", "Ông Mẫu Văn Ba"),
    ],
)
def test_persons_of_the_text_stay_in_it(last: tuple[str, ...]) -> None:
    lines = "".join(f"<p>{line}</p>" for line in last)
    found = article(f"<h1>{TITLE}</h1><div class='date'>04/10/2021</div><div class='nd'>{BODY}{lines}</div>")
    assert (found.byline, found.paragraphs) == (None, (*TEXT, *last))


def test_of_whom_a_text_quotes_it_is_not_signed() -> None:
    quote = "Phải gần dân, hiểu dân, học dân và có trách nhiệm với dân."
    end = f"<blockquote><p>{quote}</p><p align='right'>Mẫu Văn Ba</p></blockquote>"
    found = article(f"<h1>{TITLE}</h1><div class='date'>04/10/2021</div><div class='nd'>{BODY}{end}</div>")
    assert (found.byline, found.paragraphs) == (None, (*TEXT, quote, "Mẫu Văn Ba"))


@pytest.mark.parametrize("hashed", ["c3ad81", "sc-aXadKq", "c0qc12 c9tag3f", "c1nav2b"])
def test_class_names_made_of_hashes_say_nothing(hashed: str) -> None:
    found = article(f"<h1>{TITLE}</h1><div class='date'>04/10/2021</div><div class='{hashed}'>{BODY}</div>")
    assert found.paragraphs == TEXT
    said = article(f"<h1>{TITLE}</h1><div class='nd'>{BODY}<div class='boxAd ads2'>Mua ba tặng một!</div></div>")
    assert said.paragraphs == TEXT


def test_a_short_article_is_not_a_box_of_the_links_below_it() -> None:
    links = "".join(f"<li><a href='/t/{i}'>Hội nghị giao ban số {i} của Huyện ủy Mẫu</a></li>" for i in range(6))
    foot = (
        "<div><p>Địa chỉ: số 12 phố Mẫu, phường Mẫu, thành phố Mẫu - Điện thoại: (024) 1234567 - Fax: (024) 1234568</p>"
        "<p>Bộ phận tiếp nhận và trả kết quả của thành phố Mẫu (Một cửa): (024) 1234567; Email: motcua@mau.vn</p></div>"
    )
    text = f"<h1>{TITLE}</h1><div>04/10/2021</div><div>{BODY}</div><div>Các tin khác</div><ul>{links}</ul>"
    found = article(f"<div><div>{text}</div>{foot}</div>")
    assert found.paragraphs == TEXT


def test_a_picture_above_the_text_belongs_to_the_article_and_takes_no_paragraph_as_its_caption() -> None:
    others = "<img src='/icon-fb.png'><a href='/khac'><img src='/khac.jpg'></a>"
    above = f"{others}<img src='/a.jpg'><div>Một buổi họp chi bộ</div>"
    found = article(f"<div><h1>{TITLE}</h1><div class='date'>04/10/2021</div>{above}<div class='nd'>{BODY}</div></div>")
    assert [(i.url, i.caption) for i in found.images] == [("https://mau.example.vn/a.jpg", "Một buổi họp chi bộ")]
    assert found.paragraphs == TEXT
    plain = article(
        f"<div><h1>{TITLE}</h1><img src='/a.jpg'><div class='nd'>{BODY.replace('<p>', '<p align=center>')}</div></div>"
    )
    assert ([i.caption for i in plain.images], plain.paragraphs) == ([""], TEXT)


def test_a_lead_in_a_cell_of_its_own_is_the_lead() -> None:
    text = "<br><br>".join(TEXT)
    found = article(
        f"<table><tr><td class='td'>{TITLE}</td></tr><tr><td><b>{LEAD}</b></td></tr><tr><td>{text}</td></tr></table>"
    )
    assert (found.lead, found.paragraphs) == (LEAD, TEXT)


def test_counters_share_lines_and_dates_of_change_are_no_text() -> None:
    tools = "<p>Chia sẻ | In bài viết | Cỡ chữ: A- A A+</p>"
    end = "<div>Đã xem 1021 lần</div><div>Sửa lần cuối: Thứ ba, 05 Tháng 10 2021 09:00</div>"
    assert article(f"<div><h1>{TITLE}</h1>{tools}{BODY}{end}</div>").paragraphs == TEXT


@pytest.mark.parametrize("lines", ["<p>" + "<br>".join(POEM) + "</p>", "".join(f"<p>{line}</p>" for line in POEM)])
def test_a_poem_is_an_article(lines: str) -> None:
    signed = "<p align='right'><b>Mẫu Thi Nhân</b></p>"
    body = (
        f"<div><h1>Nhớ cha mùa xuân</h1><div class='date'>04/10/2021</div><div class='nd'>{lines}{signed}</div></div>"
    )
    found = article(f"{body}<ul>{LINKS}</ul>", title="Nhớ cha mùa xuân - Báo Mẫu")
    assert (found.paragraphs, found.byline) == (POEM, "Mẫu Thi Nhân")


PICTURES = "".join(
    f"<p><img src='/{i}.jpg'></p><p>Cảnh đường hoa số {'abcdefghijk'[i]} của thôn Đông</p>" for i in range(11)
)


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        (f"<h1>{TITLE}</h1><div class='date'>04/10/2021</div>{PICTURES}", "gallery"),
        (f"<p>Bài viết không tồn tại!</p><ul>{LINKS}</ul>", "soft_404"),
        ("<p>Lỗi kết nối cơ sở dữ liệu. Vui lòng thử lại sau.</p>", "error_page"),
        (
            "<h1>Chủ đề: chi bộ</h1>"
            + "".join(
                f"<article><h2><a href='/t/{i}.html'>Hội nghị giao ban số {i}</a></h2><p>{TEXT[i % 3]}</p></article>"
                for i in range(5)
            ),
            "listing",
        ),
        (
            "<h1>Liên hệ</h1>"
            + "".join(f"<p>{x}</p>" for x in ("Địa chỉ: số 1", "Điện thoại: 0200", "Email: a@b.vn") * 4),
            "empty",
        ),
    ],
)
def test_pages_without_a_text_of_their_own_are_no_articles(body: str, verdict: str) -> None:
    assert outcome(body, title="Huyện ủy Mẫu").verdict == verdict
