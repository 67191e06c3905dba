"""What a portal says of itself beside and below an article is no part of it; what belongs to the article stays."""

import pytest
from test_extract_generic import BODY, NOW, TEXT, TITLE, page

from pipelines.article import Article, Capture, PageRules
from pipelines.extract import extract

ABOUT = "".join(
    f"<p>Xã Mẫu có {n} thôn, được lập lại sau ngày tách tỉnh và nhiều lần đổi tên, sắp xếp các đoàn thể.</p>"
    for n in range(2, 16)
)
LONG = "Xã Mẫu có mười hai thôn, ba dòng suối lớn. " * 30
FOOT = (
    "<p>Cổng thông tin của xã Mẫu là nơi nói với người dân mọi điều.</p>"
    "<p>Cơ quan chủ quản: Ủy ban nhân dân xã Mẫu. Chịu trách nhiệm: Chánh Văn phòng.</p>"
)
DATE = "<div class='date'>Thứ tư, 17/06/2020 | 14:00</div>"
HEAD = f"<h1>{TITLE}</h1>{DATE}"
SIGNED = "<p align='right'><b>Trần Thị Mẫu</b></p>"


def read(body: str) -> Article:
    url = "https://mau.example.vn/tin/bai-10001.html"
    result = extract(Capture(url, NOW, 200, "text/html; charset=utf-8", page(body).encode()), PageRules())
    assert isinstance(result, Article), result
    return result


@pytest.mark.parametrize(
    "body",
    [
        f"<div><div class='c3'><h3>Lịch sử</h3>{ABOUT}</div><div class='c9'>{HEAD}{BODY}</div></div>",
        f"<div><div class='x1'><p>{LONG}</p></div><div class='x2'>{HEAD}{BODY}</div></div>",
        f"<div><div class='c9'>{HEAD}{BODY}</div><div class='c3'><h3>Lịch sử</h3>{ABOUT}</div></div>",
        f"<div>{HEAD}<div class='c9'>{BODY}</div><div class='c3'><h3>Lịch sử</h3>{ABOUT}</div></div>",
        f"<table><tr><td>{ABOUT}</td><td>{HEAD}{BODY}</td><td><h3>Lịch sử</h3>{ABOUT}</td></tr></table>",
        f"<div>{HEAD}<div>{BODY}</div></div><div>{FOOT}</div>",
    ],
)
def test_a_column_beside_the_article_is_no_part_of_it(body: str) -> None:
    result = read(body)
    assert list(result.paragraphs) == TEXT
    assert (result.date.published_at or "").startswith("2020-06-17T14:00")


def test_an_author_above_the_right_column_is_found() -> None:
    result = read(f"<div><div class='a'>{HEAD}{BODY}{SIGNED}</div><div class='b'><h3>Lịch sử</h3>{ABOUT}</div></div>")
    assert (list(result.paragraphs), result.byline) == (TEXT, "Trần Thị Mẫu")


@pytest.mark.parametrize(
    "body",
    [
        f"<div><div class='part'>{HEAD}{BODY}</div><div class='part'><h3>Lịch sử</h3>{ABOUT}</div></div>",
        f"<div><div class='one'>{HEAD}{BODY}</div><div class='two'><h3>Lịch sử</h3>{ABOUT}</div></div>",
        f"<div><div class='c9'>{HEAD}{BODY}</div><div class='c3'>{ABOUT}</div></div>",
        f"<div><div class='head'>{HEAD}<p>{TEXT[0]}</p></div><div><p>{TEXT[1]}</p>{ABOUT}</div></div>",
    ],
)
def test_parts_of_an_article_in_boxes_of_their_own_stay(body: str) -> None:
    result = read(body)
    assert len([p for p in (result.lead, *result.paragraphs) if p and p.startswith("Xã Mẫu có")]) == 14


def test_text_above_a_headline_that_only_a_form_follows_stays() -> None:
    asked = "<p>Bạn đọc có thể gửi ý kiến về bài này cho tòa soạn, mỗi ý kiến không dài quá một trang.</p>"
    result = read(f"<div class='text'>{DATE}{BODY}</div><div class='send'><h3>{TITLE}</h3>{asked}</div>")
    assert list(result.paragraphs)[: len(TEXT)] == TEXT
