"""Headlines that are no heading: bold or large lines, names of the site before them in the head of the page."""

import pytest
from test_extract_generic import BODY, TEXT, TITLE, article, page

PORTAL = "<title>Trang tin điện tử huyện Mẫu</title>"
PLAIN = "<br><br>".join(TEXT)
DATE = "17/06/2008 14:00"


@pytest.mark.parametrize(
    "body",
    [
        f"<table><tr><td><font size='4' color='#900'><b>{TITLE}</b></font><br>{DATE}<br><br>{PLAIN}</td></tr></table>",
        f"<table><tr><td>{DATE}<br><font size='+1'>{TITLE}</font>{BODY}</td></tr></table>",
        f"<div><p><strong>{TITLE}</strong></p><p>(Ngày đăng: {DATE})</p>{BODY}</div><h2>Liên kết nhanh các trang</h2>",
        f"<div><b>Học và làm theo Bác</b><br><span style='font-size:20px'>{TITLE}</span>{BODY}</div>",
        f"<div><p style='font-weight:bold'>{TITLE}</p><p><b>Hội Nông dân xã Mẫu</b></p>{BODY}</div>",
        f"<div><div style='color:#900'>{TITLE}</div>{BODY}</div>",
    ],
)
def test_a_line_set_off_above_the_text_is_the_headline_where_the_head_names_only_the_portal(body: str) -> None:
    result = article(page(body, PORTAL))
    assert (result.title, list(result.paragraphs)[-len(TEXT) :]) == (TITLE, TEXT)
    assert TITLE not in result.paragraphs


def test_a_subheading_below_the_first_sentence_is_no_headline() -> None:
    body = f"<div><p>{TITLE}</p><p>{TEXT[0]}</p><h3>Lòng dân là gốc của mọi việc</h3><p>{TEXT[1]}</p>{BODY}</div>"
    assert article(page(body, PORTAL)).title == "Trang tin điện tử huyện Mẫu"


def test_a_bold_sentence_that_ends_with_a_full_stop_is_no_headline() -> None:
    body = f"<div><p><b>Ban biên tập xin cảm ơn bạn đọc.</b></p>{BODY}</div>"
    assert article(page(body, PORTAL)).title == "Trang tin điện tử huyện Mẫu"


@pytest.mark.parametrize(
    "head", [f"Mẫu Online: {TITLE}", f"Mẫu Today - {TITLE}", f"{TITLE} ‹ Xã hội", f"{TITLE} « Xã hội"]
)
def test_a_name_before_or_behind_the_headline_goes_where_the_page_shows_the_headline_alone(head: str) -> None:
    shown = f"<div style='font-size:20px'>{TITLE}</div>"
    assert article(page(f"<div>{shown}<div>{BODY}</div></div>", f"<title>{head}</title>")).title == TITLE


def test_the_name_of_a_section_behind_the_headline_is_not_taken_for_it() -> None:
    head = "Kết nạp đảng viên mới ở thôn Mẫu - Hoạt động Đảng, đoàn thể xã"
    body = f"<div><span>Hoạt động Đảng, đoàn thể xã</span>{BODY}</div>"
    assert article(page(body, f"<title>{head}</title>")).title == head
