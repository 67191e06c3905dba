"""Furniture lines go, sentences that only contain such words stay."""

import csv
from pathlib import Path

import pytest

from pipelines.extract.lines import is_boilerplate, is_edge_furniture, is_end_label

FURNITURE = [
    "Phản hồi",
    "Các tin khác",
    "Các bài đã đăng :",
    "Họ tên:(*)",
    "Số điện thoại:",
    "(0) Bình luận",
    "Bình luận (12)",
    "Đừng bỏ lỡ",
    "(*) Không sao chép dưới mọi hình thức khi chưa có sự đồng ý bằng văn bản của Báo Mẫu.",
    "(*) Muốn sao chép bài của trang mẫu này, xin hỏi người làm mẫu trước.",
    "Theo dõi Báo Mẫu trên Google News",
    "1387 Lượt xem",
    "- Lượt xem: 24342",
    "Đã xem:8950",
    "Thống kê: 2.745.509",
    "Online: 37",
    "{title}",
    "0:00 / 0:00",
    "» Tin khác: ",
    "Giấy phép số 789/GP-BTTTT, do Bộ Thông Tin và Truyền thông cấp ngày 02-12-2021",
    "Phát triển bởi:",
    "• Loading...",
    "Từ khóa: chi bộ, đảng viên",
    "Cỡ chữ: A+ A-",
    "Mã xác nhận: L?y l?i m\ufffd b?o m?t",
    "Print",
    "Gốc",
    "Tin trong tỉnh >> Chính trị",
    "menu_WAR_mauportlet_INSTANCE_hKWBd2nFDgz3",
    "Hôm nay, ngày 20 tháng 2 năm 2019",
    "© 2024 Báo Mẫu",
    "TAGS",
    "Xem thêm",
    "Giọng nữ miền Bắc",
    "Tốc độ đọc",
    "1.25x",
    "Cỡ chữ A- A A+ Độ tương phản",
    "Đánh giá bài viết: ★★★★★",
    "12 người đã bình chọn",
    "5/5 - (1 bình chọn)",
    "Thích 0 | Chia sẻ",
    "Chia sẻ: Facebook Zalo",
    "Quay lại trang trước",
    "Bản để in",
    "Bài tiếp theo",
    "Tin sau",
    "Số lần đọc: 34",
    "Thời gian đọc: 3 phút",
    "Mục lục",
    "Ngày xuất bản: 02/09/2024",
    "Theo dõi Fanpage của chúng tôi để cập nhật thông tin.",
    "Bạn cần đăng nhập để gửi bình luận cho bài viết này.",
    "Liên hệ tác giả: tacgia@mau.example.vn",
    "Nguồn: https://mau.example.vn/bai.html",
    "Chịu trách nhiệm nội dung: Ông Mẫu Văn Ba",
    "Trang web này sử dụng cookie để phục vụ bạn đọc tốt hơn.",
    "Đăng ký nhận bản tin",
    "3 phản hồi tới “Chi bộ thôn Mẫu họp bàn”",
]
SENTENCES = [
    "Bình luận về kết quả này, bí thư chi bộ cho rằng cần làm tốt hơn nữa.",
    "Theo dõi trên sông, tổ công tác phát hiện nhiều vi phạm.",
    "Lượt xem chương trình tăng gấp đôi so với năm trước.",
    "Giấy phép xây dựng được cấp trong ba ngày.",
    "Từ khóa của giai đoạn này là kỷ cương.",
    "Nội dung: Đại hội thông qua ba nghị quyết.",
    "Không sao chép máy móc mô hình của nơi khác.",
    "(*) Số liệu do ban tổ chức cung cấp; cách làm này không nên sao chép máy móc.",
    "Phản hồi của người dân được ghi nhận đầy đủ.",
    "Trang chủ của cổng được thiết kế lại, dễ tra cứu hơn trước.",
    "Ý kiến của đảng viên được tiếp thu.",
    "Theo dõi Fanpage của xã, bà con góp nhiều ý kiến.",
    "12 người đã bình chọn cho phương án làm đường.",
    "Chia sẻ qua Facebook, bí thư chi bộ cảm ơn bà con.",
    "Đánh giá bài viết của các đảng viên trẻ",
    "3 ý kiến cho rằng cần làm ngay.",
    "Thời gian đọc 3 phút là đủ.",
    "Trang web này giới thiệu sản phẩm của xã.",
    "Đường dây nóng: 0912 345 678",
    "3. Nhì",
    "- Kết nạp đảng viên mới;",
    "85%",
    "1945",
]


@pytest.mark.parametrize("line", FURNITURE)
def test_a_line_of_furniture_is_known(line: str) -> None:
    assert is_boilerplate(line)


@pytest.mark.parametrize("line", SENTENCES)
def test_a_sentence_with_such_words_stays(line: str) -> None:
    assert not is_boilerplate(line)


def test_lines_of_a_site_are_compared_without_case_and_bullets() -> None:
    assert is_boilerplate("• CHUYÊN TRANG MẪU:", frozenset({"chuyên trang mẫu"}))


def test_labels_that_end_a_text() -> None:
    assert [
        is_end_label(line) for line in ("TIN LIÊN QUAN", "Bình luận (0)", "Ý kiến bạn đọc", "Tin vui từ cơ sở")
    ] == [
        True,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Tin cùng danh mục",
        "Bài viết cùng chủ đề",
        "Các bài viết khác:",
        "Bài viết cùng chuyên mục",
        "Các tin cùng chuyên mục",
        "CÁC BÀI VIẾT LIÊN QUAN",
        "Tin mới đăng",
        "Các tin mới hơn",
        "Bài viết cũ hơn",
        "Tin, bài liên quan",
        "Tin đọc nhiều nhất",
        "Những tin khác",
        "Tin tương tự",
        "Có thể bạn thích",
        "Bạn nên đọc",
        "Ý kiến của bạn?",
        "Để lại một bình luận",
        "Gửi nhận xét",
        "3 phản hồi tới “Chi bộ thôn Mẫu họp bàn”",
    ],
)
def test_labels_of_lists_and_comments_end_a_text_in_all_their_forms(line: str) -> None:
    assert is_end_label(line)


@pytest.mark.parametrize(
    "line", ["Tin mới về bão", "Bài học khác", "Tin cùng chí hướng", "Thông tin khác", "Trả lời", "3 ý kiến về dự thảo"]
)
def test_headings_of_a_text_do_not_end_it(line: str) -> None:
    assert not is_end_label(line)


def test_a_telephone_is_furniture_only_at_the_edges() -> None:
    assert is_edge_furniture("Hotline: 0912 345 678")
    assert is_edge_furniture("Đường dây nóng: 0912 345 678 - Email: toasoan@mau.example.vn")
    assert not is_edge_furniture("Đường dây nóng nhận tin báo của người dân cả ngày lẫn đêm")


def test_names_of_sections_are_furniture_only_at_the_edges() -> None:
    assert is_edge_furniture("CHÍNH TRỊ")
    assert is_edge_furniture("Đài Phát thanh - Truyền hình Mẫu")
    assert not is_edge_furniture("Chính trị, kinh tế ổn định.")
    assert not is_boilerplate("Công tác xây dựng Đảng")


def test_every_line_that_was_seen_in_the_wild_is_known(shared: Path) -> None:
    with (shared / "facts" / "boilerplate_lines.tsv").open(newline="") as rows:
        lines = [row["line"] for row in csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE)]
    own = frozenset({"tư tưởng hồ chí minh 20 tháng 11"})  # a link of one page: the site's card names it
    unknown = [line for line in lines if not (is_boilerplate(line, own) or is_edge_furniture(line))]
    assert [line for line in unknown if "…" not in line] == []
