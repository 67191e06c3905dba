"""How an element tree is read: lines, lists, tables, pictures and captions."""

import pytest
from lxml.html import fragment_fromstring

from pipelines.article import Image
from pipelines.extract.blocks import Reader
from pipelines.extract.pictures import part_pictures


def texts(html: str) -> list[str]:
    return [b.text for b in Reader().read(fragment_fromstring(html, create_parent="div")) if b.kind != "image"]


def test_paragraphs_text_in_a_div_and_empty_ones() -> None:
    assert texts("Mở đầu.<p>Một &nbsp; đoạn</p><p>&nbsp;</p><div>Hai<div>ba</div>bốn</div>") == [
        "Mở đầu.",
        "Một đoạn",
        "Hai",
        "ba",
        "bốn",
    ]


def test_an_empty_line_splits_and_a_break_within_a_sentence_does_not() -> None:
    assert texts("<p>tận tụy phục vụ <br> nhân dân. <br>Hết.<br><br>và thêm</p>") == [
        "tận tụy phục vụ nhân dân.",
        "Hết.",
        "và thêm",
    ]


def test_a_break_before_an_item_splits() -> None:
    assert texts("<p>Gồm hai việc<br>- việc một<br>- việc hai</p>") == [
        "Gồm hai việc",
        "- việc một",
        "- việc hai",
    ]


def test_inline_marks_do_not_split_words() -> None:
    assert texts("<p>Đ<b>ảng</b> bộ <a href='/x'>xã</a>, <span>phường</span></p>") == ["Đảng bộ xã, phường"]


def test_list_items_are_lines() -> None:
    assert texts("<ul><li>Một</li><li><p>Hai</p></li></ul>") == ["Một", "Hai"]


def test_a_table_of_data_keeps_its_rows() -> None:
    assert texts("<table><tr><th>Năm</th><th>Đảng viên</th></tr><tr><td>2024</td><td><p>12</p></td></tr></table>") == [
        "Năm | Đảng viên",
        "2024 | 12",
    ]


def test_a_table_for_layout_is_unwrapped() -> None:
    assert texts("<table><tr><td><p>Một đoạn.</p><p>Hai đoạn.</p></td></tr></table>") == [
        "Một đoạn.",
        "Hai đoạn.",
    ]


def test_scripts_forms_and_hidden_elements_are_not_text() -> None:
    assert texts(
        "<p>Chữ<script>var a</script></p><div style='display: none'>ẩn</div><select><option>chọn</option></select>"
    ) == ["Chữ"]


SENTENCE = "Một đoạn của bài nói về con đường mới mà cả thôn Mẫu đã góp công, góp đất để làm."


@pytest.mark.parametrize(
    ("folded", "below", "kept"),
    [
        (f"<p>{SENTENCE}</p>", "<a href='javascript:show()'>Xem toàn bộ</a>", True),
        (f"<p>{SENTENCE}</p>", "<div><button>Đọc tiếp</button></div>", True),
        (f"<p>{SENTENCE}</p>", "<a href='/bai-khac.html'>Xem thêm</a>", False),
        (f"<p>{SENTENCE}</p>", "<p>Một đoạn nữa.</p>", False),
        ("<p><a href='/khac.html'>Tin khác</a></p>", "<a href='#'>Xem thêm</a>", False),
        ("<p>Đóng</p>", "<a href='#'>Xem thêm</a>", False),
    ],
)
def test_paragraphs_folded_above_a_button_are_text(folded: str, below: str, kept: bool) -> None:
    html = f"<p>{SENTENCE} Đầu.</p><div style='display:none'>{folded}</div>{below}"
    assert (SENTENCE in texts(html)) is kept


def pictures(html: str) -> tuple[list[str], tuple[Image, ...]]:
    found = part_pictures(
        Reader().read(fragment_fromstring(html, create_parent="div")), "https://mau.example.vn/tin/a.html"
    )
    return [b.text for b in found.blocks], found.images


def test_a_caption_in_a_figure_is_no_text() -> None:
    html = (
        "<p>Một.</p><figure><img src='../anh/a.jpg'><figcaption>Đảng viên họp. Ảnh: Thử "
        "Nghiệm</figcaption></figure><p>Hai.</p>"
    )
    assert pictures(html) == (
        ["Một.", "Hai."],
        (Image("https://mau.example.vn/anh/a.jpg", "Đảng viên họp. Ảnh: Thử Nghiệm", "Thử Nghiệm"),),
    )


def test_centred_lines_under_a_picture_are_its_caption() -> None:
    html = (
        "<p align=center><img src='/a.jpg'></p><p align=center><em>Đảng viên họp</em></p><p "
        "align=center><em>ở thôn. (Ảnh: T.N)</em></p><p>Hai.</p>"
    )
    assert pictures(html) == (
        ["Hai."],
        (Image("https://mau.example.vn/a.jpg", "Đảng viên họp ở thôn. (Ảnh: T.N)", "T.N"),),
    )


def test_a_plain_line_without_a_full_stop_under_a_picture_is_its_caption() -> None:
    assert pictures("<p><img src='/a.jpg'></p><p>Bí thư chi bộ phát biểu</p><p>Hai câu văn.</p>")[0] == ["Hai câu văn."]


def test_text_after_a_picture_stays_text() -> None:
    for line in ("Hội nghị bàn ba việc lớn của năm tới.", "- Một việc cần làm", "1. Việc thứ nhất"):
        assert pictures(f"<p><img src='/a.jpg'></p><p>{line}</p>")[0] == [line]


def test_a_box_that_is_centred_does_not_make_its_text_a_caption() -> None:
    html = (
        "<div class='box alignCenter'><figure><img src='/a.jpg'><figcaption>Chú thích</figcaption>"
        "</figure><p>Một câu văn của bài.</p></div>"
    )
    assert pictures(html)[0] == ["Một câu văn của bài."]


def test_a_caption_table_is_no_text() -> None:
    html = (
        "<table align=center><tr><td><img src='/a.jpg'></td></tr><tr><td align=center><i>Chú thích "
        "ảnh</i></td></tr></table><p>Một câu văn.</p>"
    )
    assert pictures(html)[0] == ["Một câu văn."]


def test_a_lazily_loaded_picture_has_its_true_address() -> None:
    assert pictures("<img src='data:image/gif;base64,AA' data-src='/that.jpg'>")[1] == (
        Image("https://mau.example.vn/that.jpg"),
    )


@pytest.mark.parametrize("size", ["1\u00b29", "9" * 5000, "100%", "-3", ""])
def test_a_picture_whose_size_is_no_number_is_a_picture(size: str) -> None:
    read = Reader().read(fragment_fromstring(f'<div><img src="/a.jpg" width="{size}"></div>'))
    assert [block.kind for block in read] == ["image"]


def test_icons_and_counting_pixels_are_no_pictures() -> None:
    html = '<div><img src="/a.gif" width="1"><img src="/b.gif" height="16px"></div>'
    assert Reader().read(fragment_fromstring(html)) == []
