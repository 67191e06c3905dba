"""Lines above a text that only tell when it was published are no paragraphs, whatever notation they use."""

import pytest

from pipelines.extract.paragraphs import is_date_line


@pytest.mark.parametrize(
    "line",
    [
        "Phương Mẫu • 11 giờ trước",
        "3 ngày trước",
        "Đăng bởi vanhoa ngày 12 Tháng Năm, 2013",
        "Tháng Mười 4, 2021",
        "October 4, 2021 7:21 pm",
        "Updated: October, 04/2021 - 07:21",
        "04/Oct/2021 07:21",
    ],
)
def test_a_line_with_nothing_but_a_time_and_a_name_is_a_date_line(line: str) -> None:
    assert is_date_line(line)


@pytest.mark.parametrize(
    "line",
    ["Chuyện của 3 ngày trước bầu cử", "Bản Mẫu 10 năm trước và hôm nay", "Tháng Mười lịch sử", "Maybe 12 of them"],
)
def test_a_heading_with_a_span_of_time_is_none(line: str) -> None:
    assert not is_date_line(line)
