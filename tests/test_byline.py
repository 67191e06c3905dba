"""Who signed: every place a byline stands in, and the names that are none."""
# ruff: noqa: E501 (tables: one case a line)

import json
from pathlib import Path

import lxml.html
import pytest

from pipelines.article import Template
from pipelines.byline import (
    BylineFound,
    find_agency,
    find_byline,
    is_cms_user,
    is_picture_credit,
    read_signature,
)
from pipelines.dates import collect_dates
from pipelines.text import clean_line, fold

TITLE = "Chi bộ thôn Mẫu sinh hoạt chuyên đề"
FIRST = "Buổi sinh hoạt bàn việc giao chỉ tiêu cho từng tổ đảng và phân công người theo dõi trong quý."
LAST = "Các đảng viên đề nghị bổ sung kinh phí cho nhà văn hóa thôn và sửa đường trước mùa mưa."
NAMES = ("Báo Mẫu", "Cổng thông tin Mẫu")


def find(
    *closing: str, body: str = "", head: str = "", near: str = "", after: str = "", lead: str | None = None,
    template: Template | None = None, first: tuple[str, ...] = (), date_lines: tuple[str, ...] = (),
) -> BylineFound:  # fmt: skip
    """Closing lines are plain paragraphs of the body; `body` is HTML of further ones."""
    paragraphs = "".join(f"<p>{line}</p>" for line in (*first, FIRST, LAST, *closing)) + body
    tree = lxml.html.document_fromstring(
        f"<html><head>{head}</head><body><div class='main'><h1>{TITLE}</h1>{near}<div class='noidung'>{paragraphs}</div>{after}"
        f"</div></body></html>"
    )
    node = tree.cssselect("div.noidung")[0]
    lines = [clean_line(p.text_content()) for p in node.iter("p")]
    return find_byline(
        tree,
        template=template,
        names=NAMES,
        title=TITLE,
        lead=lead,
        paragraphs=lines,
        body_nodes=[node],
        date_lines=date_lines,
    )


# line, byline as shown
SIGNATURES = [
    ("Hồng Mẫu", "Hồng Mẫu"),
    ("TRẦN MẪU", "TRẦN MẪU"),
    ("Trần Thị Mẫu", "Trần Thị Mẫu"),
    ("Tin, ảnh: P.Y", "P.Y"),
    ("Tin và ảnh: Trần Mẫu", "Trần Mẫu"),
    ("Bài, ảnh: TRẦN MẪU", "TRẦN MẪU"),
    ("Bài: Trần Mẫu; ảnh: Lê Thử", "Trần Mẫu"),
    ("Bài: Trần Mẫu - Ảnh: Lê Thử", "Trần Mẫu"),
    ("Trần Mẫu - Ảnh: Lê Thử", "Trần Mẫu"),
    ("Bài & ảnh: T. Mẫu", "T. Mẫu"),
    ("Thực hiện: Trần Mẫu", "Trần Mẫu"),
    ("Tác giả: Trần Mẫu", "Trần Mẫu"),
    ("Tác giả bài viết: Trần Mẫu", "Trần Mẫu"),
    ("Trần Mẫu (tổng hợp)", "Trần Mẫu"),
    ("Trần Mẫu (Theo AFP, Reuters)", "Trần Mẫu"),
    ("(Trần Mẫu)", "Trần Mẫu"),
    ("Trần Mẫu/.", "Trần Mẫu"),
    ("TRẦN MẪU - LÊ THỬ", "TRẦN MẪU - LÊ THỬ"),
    ("Trần Mẫu- Lê Thử", "Trần Mẫu- Lê Thử"),
    ("Trần Mẫu, Lê Thử", "Trần Mẫu, Lê Thử"),
    ("Trần Mẫu và Lê Thử", "Trần Mẫu và Lê Thử"),
    ("Đ.MẪU - H.THỬ", "Đ.MẪU - H.THỬ"),
    ("Trần Mẫu - Văn phòng Huyện ủy Mẫu", "Trần Mẫu - Văn phòng Huyện ủy Mẫu"),
    ("Trần Mẫu (Ban Tổ chức Tỉnh ủy)", "Trần Mẫu (Ban Tổ chức Tỉnh ủy)"),
    ("Thu Mẫu ( Đảng ủy Sở TT&TT)", "Thu Mẫu ( Đảng ủy Sở TT&TT)"),
    ("ThS. Trần Mẫu", "ThS. Trần Mẫu"),
    ("Trần Mẫu Xem phản hồi", "Trần Mẫu"),
    ("Trần Mẫu - tranmau@bao.example.vn", "Trần Mẫu"),
    ("` Thu Mẫu", "Thu Mẫu"),
    ("Nhóm PV", "Nhóm PV"),
    ("Nhóm phóng viên", "Nhóm phóng viên"),
    ("P.V", "P.V"),
    ("Theo TTXVN", "TTXVN"),
    ("(Theo Báo Tin Thử)", "Báo Tin Thử"),
    ("Nguồn: Báo Thử", "Báo Thử"),
    ("Theo mau.example.vn", "mau.example.vn"),
    ("Trần Mẫu/TTXVN", "Trần Mẫu/TTXVN"),
    ("Trần Mẫu/VOV1", "Trần Mẫu/VOV1"),
    ("Trần Mẫu/Báo Thử", "Trần Mẫu/Báo Thử"),
    ("Trần Mẫu (CTV)", "Trần Mẫu (CTV)"),
    ("PGS, TS Trần Thị Mẫu", "PGS, TS Trần Thị Mẫu"),
    ("Thượng tá, TS Trần Mẫu", "Thượng tá, TS Trần Mẫu"),
    ("Bác sĩ Trần Mẫu", "Bác sĩ Trần Mẫu"),
    ("Luật gia Trần Mẫu", "Luật gia Trần Mẫu"),
    ("Sưu tầm: Trần Mẫu", "Trần Mẫu"),
    ("Lược ghi: Trần Mẫu", "Trần Mẫu"),
    ("Ghi chép của TRẦN MẪU", "TRẦN MẪU"),
    ("Bút ký của Trần Mẫu", "Trần Mẫu"),
    ("Trần Mẫu thực hiện", "Trần Mẫu"),
    ("TRẦN MẪU - Theo TTXVN", "TRẦN MẪU"),
    ("Trần Văn Mẫu-Đoàn trường", "Trần Văn Mẫu-Đoàn trường"),
    ("H'Mẫu Niê", "H'Mẫu Niê"),
    ("K' Mrêu", "K' Mrêu"),
    ("Rơ Chăm H'Thử", "Rơ Chăm H'Thử"),
]


@pytest.mark.parametrize(("line", "byline"), SIGNATURES)
def test_the_last_line_signs_and_leaves_the_text(line: str, byline: str) -> None:
    found = find(line)
    assert (found.byline, found.paragraphs, found.kept) == (byline, (FIRST, LAST), (0, 1))
    assert [(e.field, e.value) for e in found.evidence] == [("byline", byline)]


# lines that stay in the text and sign nothing
NOT_SIGNED = [
    "Phát huy truyền thống",
    "Xây dựng Đảng",
    "Tin khác",
    "Theo đó, các chi bộ họp hằng tháng",
    "Theo kế hoạch, việc này xong trong quý tư",
    "Theo Điều lệ Đảng",
    "TP.Hồ Chí Minh",
    "Hà Nội",
    "Quảng Nam",
    "NGHỊ QUYẾT",
    "Con số 17.118",
    "Trân trọng cảm ơn!",
    "1. Công tác tổ chức",
    "Ban Tổ chức Huyện ủy họp chiều qua",
    "Video",
    "KINH TẾ - XÃ HỘI",
    "Đoàn Thanh niên Sở Mẫu",
    "TT./",
    "Chương trình do Trần Mẫu thực hiện",
    "Ghi chép của tổ công tác",
    "Ghi chép của Đoàn",
    "Người H'Mông",
    "Mẫu Sơn, 12/5/2019",
    "Mẫu Sơn, tháng 5 năm 2019",
]


@pytest.mark.parametrize("line", NOT_SIGNED)
def test_other_last_lines_are_no_bylines(line: str) -> None:
    found = find(line)
    assert (found.byline, found.paragraphs) == (None, (FIRST, LAST, line))


# lines that go, and sign nothing
@pytest.mark.parametrize(
    "line",
    ["admin admin", "Ad Min", "Pho Ban bien tap", "Ban biên tập", "BBT (tổng hợp)", "Người đăng: Trần Mẫu", "toasoan@bao.example.vn", "Ảnh: Lê Thử", "(Ảnh: Lê Thử)"],
)  # fmt: skip
def test_users_of_the_system_and_photographers_go_and_sign_nothing(line: str) -> None:
    found = find(line)
    assert (found.byline, found.paragraphs) == (None, (FIRST, LAST))


@pytest.mark.parametrize("line", ["Báo Mẫu", "BÁO MẪU", "Cổng thông tin Mẫu"])
def test_the_site_never_signs(line: str) -> None:
    assert find(line).byline is None


def test_a_cms_user_after_the_author() -> None:
    found = find(body="<p align='right'><strong>Kim Mẫu</strong></p><p class='view-content-author'>Trần Văn Thử</p>")
    assert (found.byline, found.paragraphs) == ("Kim Mẫu", (FIRST, LAST))


def test_a_cms_user_alone_is_no_author() -> None:
    found = find(body="<p class='view-content-author'> Trần Văn Thử </p>")
    assert (found.byline, found.paragraphs) == (None, (FIRST, LAST))
    head = '<script type="application/ld+json">{"@type":"NewsArticle","author":{"@type":"Person","name":"Trần Văn Thử"}}</script>'
    assert find(body="<p class='view-content-author'> Trần Văn Thử </p>", head=head).byline is None
    assert find(after="<div class='createdby'>Trần Văn Thử</div>", head=head).byline is None


def test_set_right_a_single_word_or_a_place_may_sign() -> None:
    assert find(body='<p style="text-align: right;">Hà Nam</p>').byline == "Hà Nam"
    assert find(body='<p style="TEXT-ALIGN: right"><em>Mẫu</em></p>').byline == "Mẫu"


def test_a_source_below_the_author() -> None:
    found = find("Trần Mẫu", "Theo TTXVN")
    assert (found.byline, found.paragraphs) == ("Trần Mẫu", (FIRST, LAST))


def test_a_photographer_below_the_author() -> None:
    found = find("Trần Mẫu", "Ảnh: Lê Thử")
    assert (found.byline, found.paragraphs) == ("Trần Mẫu", (FIRST, LAST))


@pytest.mark.parametrize("when", ["12/5/2019", "tháng 5 năm 2019", "mùa xuân 2019", "ngày 12/5/2019"])
def test_where_and_when_a_text_was_written_is_no_second_author(when: str) -> None:
    found = find(f"Mẫu Sơn, {when}", body="<p style='text-align: right'>Trần Mẫu</p>")
    assert (found.byline, found.paragraphs) == ("Trần Mẫu", (FIRST, LAST, f"Mẫu Sơn, {when}"))


RIGHT = "<p style='text-align: right'>{}</p>"


@pytest.mark.parametrize("notes", [("Đón xem video:",), ("Mã bài viết: 123", "Đón xem video dưới đây")])
@pytest.mark.parametrize("line", [RIGHT.format("Trần Mẫu"), "<p>Tác giả: Trần Mẫu</p>"])
def test_an_author_above_short_notes_is_found(line: str, notes: tuple[str, ...]) -> None:
    found = find(body=line + "".join(f"<p>{note}</p>" for note in notes))
    assert (found.byline, found.paragraphs) == ("Trần Mẫu", (FIRST, LAST, *notes))


@pytest.mark.parametrize(
    "lines",
    [
        ("Trần Mẫu", "Đón xem video:"),  # not set right
        (RIGHT.format("BÍ THƯ"), RIGHT.format("Trần Mẫu"), "Kèm theo danh sách"),  # signs a document
        ("Người làm thơ", RIGHT.format("Trần Mẫu"), "Lời bình tiếp theo"),  # below no sentence
        (RIGHT.format("Trần Mẫu"), "Bà con đều vui khi con đường mới hoàn thành trước Tết."),  # text goes on
        ("Tác giả: Lê Thử", "Bài dự thi số 1 của thôn được chấm giải.", "Tác giả: Trần Mẫu", "Đơn vị: thôn Mẫu"),
    ],
)
def test_other_names_above_short_lines_are_no_authors(lines: tuple[str, ...]) -> None:
    found = find(body="".join(line if line.startswith("<") else f"<p>{line}</p>" for line in lines))
    assert found.byline is None
    assert len(found.paragraphs) == 2 + len(lines)


def test_two_authors_on_two_lines() -> None:
    found = find("TRẦN MẪU", "LÊ THỬ")
    assert (found.byline, found.paragraphs) == ("TRẦN MẪU - LÊ THỬ", (FIRST, LAST))


def test_a_list_of_names_is_no_byline() -> None:
    lines = ("Trần Mẫu", "Lê Thử", "Đinh Giả", "Vũ Ví")
    found = find(*lines)
    assert (found.byline, found.paragraphs) == (None, (FIRST, LAST, *lines))


@pytest.mark.parametrize("above", ["TM. BAN THƯỜNG VỤ", "KT. CHỦ TỊCH", "(Đã ký)", "BÍ THƯ"])
def test_who_signs_a_document_does_not_sign_the_article(above: str) -> None:
    found = find(above, "Trần Mẫu")
    assert (found.byline, found.paragraphs) == (None, (FIRST, LAST, above, "Trần Mẫu"))


def test_a_name_below_a_heading_is_no_byline() -> None:
    assert find("Danh sách khen thưởng", "Trần Mẫu").byline is None


@pytest.mark.parametrize(
    ("last", "text", "byline"),
    [
        ("Thôn thu được 30 triệu đồng.Bùi Mẫu", "Thôn thu được 30 triệu đồng.", "Bùi Mẫu"),
        ("Hội nghị bế mạc năm 2019./. Kim Mẫu", "Hội nghị bế mạc năm 2019./.", "Kim Mẫu"),
        ("Đoàn đến thăm TP.Hồ Chí Minh", "Đoàn đến thăm TP.Hồ Chí Minh", None),
        ("Người nói là ThS.Trần Mẫu", "Người nói là ThS.Trần Mẫu", None),
        ("Cuộc họp tại số 5. Đồng chí Trần Mẫu", "Cuộc họp tại số 5. Đồng chí Trần Mẫu", None),
    ],
)
def test_a_name_glued_to_the_last_sentence(last: str, text: str, byline: str | None) -> None:
    found = find(last)
    assert (found.byline, found.paragraphs) == (byline, (FIRST, LAST, text))


@pytest.mark.parametrize(
    ("line", "byline"),
    [
        ("Thúy Mẫu| 04/10/2021 07:21", "Thúy Mẫu"),
        ("Minh Mẫu - 07/03/2026 08:47", "Minh Mẫu"),
        ("Thu Hải - 04/10/2021 07:21", "Thu Hải"),
        ("Hải Đăng| 04/10/2021 07:21", "Hải Đăng"),
        ("Thứ Hai, 04/10/2021 07:21", None),
        ("Thu sau, 1/12/2023, 08:45 (GMT+7)", None),
        ("Ngày đăng 04/10/2021 | 7:21 AM | View count: 400", None),
        ("Xây dựng Đảng | 04/10/2021 07:21", None),
        ("Hà Nội, 04/10/2021", None),
        ("By Thúy Mẫu on 04/10/2021 07:21", "Thúy Mẫu"),
        ("Bởi Thúy Mẫu | 04/10/2021 07:21", "Thúy Mẫu"),
        ("Thúy Mẫu (TTXVN) | 04/10/2021 07:21", "Thúy Mẫu (TTXVN)"),
        ("Chính trị - 04/10/2021", None),
    ],
)
def test_a_name_beside_the_date(line: str, byline: str | None) -> None:
    assert find(date_lines=(line,)).byline == byline
    found = find(first=(line,))
    assert found.byline == byline


def test_an_author_is_told_behind_the_date() -> None:
    assert find(date_lines=("04/10/2021 07:21 bởi Thúy Mẫu",)).byline == "Thúy Mẫu"
    line = "04/10/2021 07:21 | Chuyên mục: Nông thôn mới | Tác giả: Thúy Mẫu"
    assert find(date_lines=(line,)).byline == "Thúy Mẫu"
    assert find(date_lines=("04/10/2021 07:21 đăng bởi Thúy Mẫu",)).byline is None


def test_the_place_of_which_a_text_tells_is_no_author_beside_the_date() -> None:
    line = ("Mẫu Sơn | 04/10/2021 07:21",)
    assert find("Lãnh đạo xã Mẫu Sơn dự buổi sinh hoạt và phát biểu.", date_lines=line).byline is None
    assert find("Ông Mẫu Sơn dự buổi sinh hoạt và phát biểu.", date_lines=line).byline == "Mẫu Sơn"


def test_a_line_before_the_lead() -> None:
    found = find(first=("Trần Mẫu (Ban Tổ chức Tỉnh ủy)",))
    assert (found.byline, found.paragraphs) == ("Trần Mẫu (Ban Tổ chức Tỉnh ủy)", (FIRST, LAST))
    found = find(lead="Thúy Mẫu| 04/10/2021 07:21")
    assert (found.byline, found.lead) == ("Thúy Mẫu", None)


def test_a_name_above_the_text_has_its_office_below_it() -> None:
    found = find(first=("PGS, TS Trần Thị Mẫu", "Trường Chính trị tỉnh Mẫu"))
    assert (found.byline, found.paragraphs) == ("PGS, TS Trần Thị Mẫu - Trường Chính trị tỉnh Mẫu", (FIRST, LAST))
    first = "Huyện ủy Mẫu tổ chức nhiều hoạt động"
    found = find(first=("Trần Thị Mẫu", first))
    assert (found.byline, found.paragraphs) == ("Trần Thị Mẫu", (first, FIRST, LAST))


def test_the_same_name_twice_leaves_no_trace() -> None:
    found = find("Trần Mẫu", first=("Trần Mẫu",))
    assert (found.byline, found.paragraphs) == ("Trần Mẫu", (FIRST, LAST))


def test_a_template_says_where() -> None:
    template = Template("mau/bai", byline=(".tg a.ten",))
    near = "<div class='tg'><a class='ten'>TRẦN MẪU - </a><a class='ten'>LÊ THỬ</a></div>"
    found = find("TRẦN MẪU", near=near, template=template)
    assert (found.byline, found.paragraphs) == ("TRẦN MẪU - LÊ THỬ", (FIRST, LAST))
    assert found.evidence[0].rule == "template:mau/bai byline .tg a.ten"


def test_the_whole_list_beats_the_one_with_and_others() -> None:
    template = Template("mau/bai", byline=(".tren a", ".duoi"))
    near = "<div class='tren'><a>TRẦN MẪU</a> <span>và 1 tác giả khác</span></div>"
    found = find(near=near, after="<div class='duoi'><a>TRẦN MẪU</a> - <a>LÊ THỬ</a></div>", template=template)
    assert found.byline == "TRẦN MẪU - LÊ THỬ"


@pytest.mark.parametrize("css", ["author", "tac-gia", "post-byline", "writer"])
def test_an_element_of_an_author_class_on_an_unknown_site(css: str) -> None:
    assert find(near=f"<div class='{css}'>Trần Mẫu</div>").byline == "Trần Mẫu"


def test_authors_of_other_things_are_not_taken() -> None:
    assert find(near="<figure><span class='author'>Lê Thử</span></figure>").byline is None
    assert find(after="<div class='comment'><span class='author'>Lê Thử</span></div>").byline is None
    assert find(after="<div class='related'><span class='author'>Lê Thử</span></div>").byline is None


LD = '<script type="application/ld+json">{{"@type":"NewsArticle","author":{0}}}</script>'


@pytest.mark.parametrize(
    ("author", "shown", "byline"),
    [
        ('{"@type":"Person","name":"Trần Mẫu"}', "<div><a>Trần Mẫu</a></div>", "Trần Mẫu"),
        ('[{"@type":"Person","name":"Trần Mẫu"}]', "<div><a>Trần Mẫu</a></div>", "Trần Mẫu"),
        ('{"@type":"Person","name":"Trần Mẫu"}', "", None),
        ('{"@type":"Organization","name":"Báo Mẫu"}', "<div>Báo Mẫu</div>", None),
        ('{"@type":"Person","name":"admin"}', "<div>admin</div>", None),
        ('{"@type":"Person","name":""}', "", None),
        ('"Ban biên tập"', "<div>Ban biên tập</div>", None),
    ],
)
def test_a_machine_names_the_author_only_where_the_page_shows_the_name(
    author: str, shown: str, byline: str | None
) -> None:
    assert find(head=LD.format(author), near=shown).byline == byline


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        ("(Mau.vn) - Hội nghị họp.", "Mau.vn"),
        ("(PLO)- Hội nghị họp.", "PLO"),
        ("HNP - Hội nghị họp.", "HNP"),
        ("(TTXVN) – Hội nghị họp.", "TTXVN"),
        ("(Báo Mẫu)- Hội nghị họp.", "Báo Mẫu"),
        ("(Dân Mẫu) - Hội nghị họp.", "Dân Mẫu"),
        ("(Mau.dcs.vn): Hội nghị họp.", "Mau.dcs.vn"),
        ("(HNM) Hội nghị họp.", "HNM"),
        ("BTO- Hội nghị họp.", "BTO"),
        ("TP.HCM - Hội nghị họp.", None),
        ("UBND - Hội nghị họp.", None),
        ("COVID-19 lan rộng.", None),
        ("(Ảnh minh họa) - Hội nghị họp.", None),
        ("Hội nghị - cuộc họp.", None),
        ("(1) - Hội nghị họp.", None),
        ("Hà Nội - Hội nghị họp.", None),
    ],
)
def test_the_agency_that_opens_a_text(text: str, agency: str | None) -> None:
    assert find_agency([None, text, "(X.vn) - "]) == agency
    found = find(lead=text)
    assert (found.agency, found.lead) == (agency, text)


def test_the_agencies_of_a_site_are_known_by_name() -> None:
    assert find_agency(["Mẫu Online - Hội nghị họp."], ["Mẫu Online"]) == "Mẫu Online"


def test_the_pieces() -> None:
    assert is_cms_user("Super User")
    assert not is_cms_user("Trần Mẫu")
    assert is_picture_credit("Ảnh: Lê Thử")
    assert is_picture_credit("Ảnh, clip: Lê Thử")
    assert not is_picture_credit("Tin, ảnh: Lê Thử")
    signature = read_signature("TRẦN MẪU và 1 tác giả khác")
    assert signature is not None
    assert (signature.name, signature.partial) == ("TRẦN MẪU", True)


SITE_NAMES = (
    "VnExpress",
    "VietNamNet",
    "Báo Pháp Luật TP. Hồ Chí Minh",
    "Dân trí",
    "Báo Cần Thơ",
    "Tuổi Trẻ Online",
)


@pytest.mark.shared
def test_all_shared_pages_have_their_author_without_a_template(shared: Path) -> None:
    wrong, count = {}, 0
    for line in (shared / "pages" / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        if case["kind"] != "article":
            continue
        gold, count = case["gold"], count + 1
        tree = lxml.html.document_fromstring((shared / "pages" / case["file"]).read_bytes().decode("utf-8", "replace"))
        bodies = tree.cssselect(
            "div.journal-content-article, .content-fck, article.fck_detail, div.detail-content, #maincontent"
        )
        bodies = sorted(bodies, key=lambda node: -len(node.text_content()))[:1]
        blocks = [
            b for node in bodies for b in node.iter("p", "div") if not any(c.tag in ("p", "div", "table") for c in b)
        ]
        lines = [text for block in blocks if (text := clean_line(block.text_content()))]
        dates = collect_dates(tree, url=case["url"] or "", template=None, title_raw=gold["title"] or "")
        found = find_byline(
            tree, template=None, names=SITE_NAMES, title=gold["title"] or "", lead=gold["sapo"], paragraphs=lines,
            body_nodes=bodies, date_lines=[c.raw for c in dates if c.source == "visible"],
        )  # fmt: skip
        if found.byline != gold["author"]:
            wrong[case["file"]] = (gold["author"], found.byline)
        if found.byline:
            assert not any(fold(p) == fold(found.byline) for p in found.paragraphs)
    assert (wrong, count) == ({}, 25)
