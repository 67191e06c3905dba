"""`parse_date`: every notation of a date on Vietnamese pages, and what must not be read as one."""
# ruff: noqa: E501 (tables: one case a line)

import calendar
import csv
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import lxml.html
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipelines.article import VIETNAM, Precision
from pipelines.dates import Parsed, parse_date, split_title_date, split_title_node

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=VIETNAM)

# notation, local time to the precision that is known, rest
NOTATIONS = """
04/10/2021 07:21                                        | 2021-10-04T07:21 |
4/10/2021 7:21                                          | 2021-10-04T07:21 |
04/10/2021 07:21:09                                     | 2021-10-04T07:21:09 |
04/10/2021                                              | 2021-10-04 |
4.10.2021 - 7:21                                        | 2021-10-04T07:21 |
4-10-2021                                               | 2021-10-04 |
07:21, 04/10/2021                                       | 2021-10-04T07:21 |
07:21' 04/10/2021                                       | 2021-10-04T07:21 |
07:21', 04/10/ 2021 (GMT+7)                             | 2021-10-04T07:21 |
07:21’ 04/10/2021                                       | 2021-10-04T07:21 |
7h21 ngày 04/10/2021                                    | 2021-10-04T07:21 |
7 giờ 21 phút, ngày 04/10/2021                          | 2021-10-04T07:21 |
07g21 04/10/2021                                        | 2021-10-04T07:21 |
Thứ Hai, 04/10/2021, 07:21 [GMT+7]                      | 2021-10-04T07:21 |
07:21, 04/10/2021 [GMT+7]                               | 2021-10-04T07:21 |
Thứ hai, 4/10/2021, 07:21 (GMT+7)                       | 2021-10-04T07:21 |
Thứ bảy, 7/3/2026, 00:05 (GMT+7)                        | 2026-03-07T00:05 |
THỨ HAI, 04/10/2021 07:21:09                            | 2021-10-04T07:21:09 |
Thứhai,04/10/2021-07:21                                 | 2021-10-04T07:21 |
Thứ 2, 04.10.2021 | 07:21:09                            | 2021-10-04T07:21:09 |
T2, 04/10/2021 07:21                                    | 2021-10-04T07:21 |
CN, 03/10/2021 07:21                                    | 2021-10-03T07:21 |
Chủ nhật,  03/10/2021                                   | 2021-10-03 |
Thứ hai: 07:21 ngày 04/10/2021                          | 2021-10-04T07:21 |
Thứ hai - 04/10/2021 07:21 3.217 0                      | 2021-10-04T07:21 | 3.217 0
- Thứ hai - 04/10/2021 07:21                            | 2021-10-04T07:21 |
Thứ hai, 4-10-21 07:21:09                               | 2021-10-04T07:21:09 |
07:21 | 04/10/2021                                      | 2021-10-04T07:21 |
04/10/2021 | 07:21                                      | 2021-10-04T07:21 |
Cập nhật lúc: 07:21 |04/10/2021                         | 2021-10-04T07:21 |
Cập nhật lúc 07:21, Thứ Hai, 04/10/2021 (GMT+7)         | 2021-10-04T07:21 |
Cập nhật lúc:   07:21:09 - 04/10/2021                   | 2021-10-04T07:21:09 |
Đăng ngày 04-10-2021 07:21                              | 2021-10-04T07:21 |
Ngày đăng: 04/10/2021                                   | 2021-10-04 |
Ngày đăng 04/10/2021 | 7:21 AM | View count: 400        | 2021-10-04T07:21 | View count: 400
Ngày xuất bản: 04/10/2021 5:02:00 CH                    | 2021-10-04T17:02:00 |
04/10/2021 7:21:09 SA                                   | 2021-10-04T07:21:09 |
04/10/2021 12:05 CH                                     | 2021-10-04T12:05 |
04/10/2021 12:05 SA                                     | 2021-10-04T00:05 |
04/10/2021 | 7:21 PM                                    | 2021-10-04T19:21 |
04-10-2021 - 07:21 AM                                   | 2021-10-04T07:21 |
04/10/2021 07:21 a.m.                                   | 2021-10-04T07:21 |
7:21 sáng 04/10/2021                                    | 2021-10-04T07:21 |
7:21 tối 04/10/2021                                     | 2021-10-04T19:21 |
Print Thứ Hai, 04/10/2021 07:21 Gốc                     | 2021-10-04T07:21 |
(07:21 04/10/2021)                                      | 2021-10-04T07:21 |
(07:21, 04/10/2021)                                     | 2021-10-04T07:21 |
(04/10/2021)                                            | 2021-10-04 |
07:21, ngày 04-10-2021                                  | 2021-10-04T07:21 |
04/10/2021 lúc 07:21                                    | 2021-10-04T07:21 |
04/10/2021 07:21 GMT +7                                 | 2021-10-04T07:21 |
04/10/2021 07:21 (GMT+07:00)                            | 2021-10-04T07:21 |
04/10/2021 07:21 G7T+7                                  | 2021-10-04T07:21 |
04/10/2021 07:21 UTC                                    | 2021-10-04T14:21 |
04/10/2021 22:21 GMT                                    | 2021-10-05T05:21 |
ngày 4 tháng 10 năm 2021                                | 2021-10-04 |
Thứ Hai, ngày 4 tháng 10 năm 2021                       | 2021-10-04 |
Thứ hai, ngày 04 tháng 10 năm 2021 | 07:21:09           | 2021-10-04T07:21:09 |
NGÀY 4 THÁNG 10, 2021 | 07:21                           | 2021-10-04T07:21 |
ngày 4 tháng 10 , 2021                                  | 2021-10-04 |
Thứ hai, 04 Tháng 10 2021 07:21                         | 2021-10-04T07:21 |
4 Th10, 2021                                            | 2021-10-04 |
Th10 4, 2021                                            | 2021-10-04 |
4 thg 10, 2021                                          | 2021-10-04 |
4 Tháng Mười, 2021                                      | 2021-10-04 |
Tháng Mười 4, 2021                                      | 2021-10-04 |
4 Tháng Mười Hai, 2021                                  | 2021-12-04 |
04 Oct 2021                                             | 2021-10-04 |
October 4, 2021 7:21 pm                                 | 2021-10-04T19:21 |
Mon, 04 Oct 2021 07:21:09 +0700                         | 2021-10-04T07:21:09 |
Mon, 04 Oct 2021 00:21:09 GMT                           | 2021-10-04T07:21:09 |
Mon, 04 Oct 2021 07:21:09 GMT+7                         | 2021-10-04T07:21:09 |
Mon Oct 04 07:21:09 ICT 2021                            | 2021-10-04T07:21:09 |
2021-10-04                                              | 2021-10-04 |
2021/10/4 7:21                                          | 2021-10-04T07:21 |
2021-10-04 07:21                                        | 2021-10-04T07:21 |
2021-10-04T07:21:09                                     | 2021-10-04T07:21:09 |
2021-10-04T07:21:09+07:00                               | 2021-10-04T07:21:09 |
2021-10-04T07:21:09+0700                                | 2021-10-04T07:21:09 |
2021-10-04T07:21:09.000 +07:00                          | 2021-10-04T07:21:09 |
2021-10-04T00:21:09Z                                    | 2021-10-04T07:21:09 |
2021-10-03T17:15:00Z                                    | 2021-10-04T00:15 |
2021-10-03T23:59:00.123Z                                | 2021-10-04T06:59 |
2021-10-04T09:21:09+09:00                               | 2021-10-04T07:21:09 |
20211004                                                | 2021-10-04 |
20211004072109                                          | 2021-10-04T07:21:09 |
1633306869                                              | 2021-10-04T07:21:09 |
1633306869000                                           | 2021-10-04T07:21:09 |
/Date(1633306869000)/                                   | 2021-10-04T07:21:09 |
Thúy Mẫu| 04/10/2021 07:21                              | 2021-10-04T07:21 | Thúy Mẫu
Minh Mẫu - 04/10/2021 07:21                             | 2021-10-04T07:21 | Minh Mẫu
Thu Hải - 04/10/2021 07:21                              | 2021-10-04T07:21 | Thu Hải
Bá Lực, 04/10/2021                                      | 2021-10-04 | Bá Lực
04/10/2021 | 604                                        | 2021-10-04 | 604
04/10/2021 07:21 GMT+7 - 10 phút đọc                    | 2021-10-04T07:21 | 10 phút đọc
07:21 04/10/2021 08:00 05/10/2021                       | 2021-10-04T07:21 | 08:00 05/10/2021
Tháng 3/2026                                            | 2026-03 |
tháng 3 năm 2026                                        | 2026-03 |
03/2026                                                 | 2026-03 |
8/25/2019 10:15:00 AM                                   | 2019-08-25T10:15:00 |
Monday, 10/4/2021                                       | 2021-10-04 |
Thứ 2, 10/04/2021 - 07:21                               | 2021-10-04T07:21 |
Gửi vào T2, 10/04/2021 - 07:21                          | 2021-10-04T07:21 | Gửi
CN, 12/06/2020                                          | 2020-12-06 |
Thứ hai, 10/04/2021                                     | 2021-04-10 |
T5, 10/04/2021                                          | 2021-04-10 |
October, 04/2021 - 07:21                                | 2021-10-04T07:21 |
04/Oct/2021 07:21                                       | 2021-10-04T07:21 |
04/10/2021, 7.21                                        | 2021-10-04T07:21 |
04/10/2021 7.21                                         | 2021-10-04 | 7.21
30/02/2021 rồi 01/03/2021                               | 2021-03-01 | 30/02/2021 rồi
""".strip().splitlines()


def stamp(parsed: Parsed) -> str:
    if parsed.precision is Precision.MONTH:
        return parsed.value.strftime("%Y-%m")
    if parsed.precision is Precision.DAY:
        assert (parsed.value.hour, parsed.value.minute) == (0, 0)
        return parsed.value.strftime("%Y-%m-%d")
    return parsed.value.strftime("%Y-%m-%dT%H:%M:%S" if parsed.value.second else "%Y-%m-%dT%H:%M")


@pytest.mark.parametrize("line", NOTATIONS)
def test_a_notation(line: str) -> None:
    raw, _, tail = line.rpartition(" | 2")
    value, _, rest = ("2" + tail).partition(" |")
    parsed = parse_date(raw.rstrip(), now=NOW)
    assert parsed is not None
    assert (stamp(parsed), parsed.rest) == (
        value.strip().removesuffix(":00") if value.count(":") == 2 else value.strip(),
        rest.strip(),
    )
    assert parsed.value.utcoffset() == timedelta(hours=7)


@pytest.mark.parametrize(
    "raw",
    [
        "", "-", "604", "329 lượt xem", "0903 123 456", "số 12-10-20 của phòng", "30/02/2021", "30 tháng 2 năm 2021", "00/10/2021", "04/13/0021",
        "2-9-1945", "01/01/1970", "0001-01-01T00:00:00", "31/12/2030", "2031-01-01T00:00:00+07:00", "24/11/2026",
        "15/8/2021 âm lịch", "15/8/2021 (ÂL)", "mùng 10 tháng 3 năm 2021", "Nghị quyết 15-NQ/TU", "1.234.567", "8.30",
        "Quý II-2012", "nhiệm kỳ 2020-2025", "192.168.10.2021", "17.118/17.118", "Thứ Hai", "tháng này", "NaN", "null", "{publish}",
        "9999999999", "1234567890123456", "2021-13-45", "99/99/9999", "năm 2021",
    ],
)  # fmt: skip
def test_no_date_of_publication(raw: str) -> None:
    assert parse_date(raw, now=NOW) is None


@pytest.mark.parametrize(
    ("raw", "day"),
    [("24/07/2013 | 12:00 AM", 24), ("24/07/2013 12:00:00 SA", 24), ("2013-07-24T00:00:00", 24), ("24/07/2013 00:00:00", 24),
     ("2013-07-24T00:00:00Z", 24), ("2013-07-23T17:00:00Z", 24), ("2013-07-24T00:00:00+07:00", 24)],
)  # fmt: skip
def test_a_systems_zero_is_a_day(raw: str, day: int) -> None:
    parsed = parse_date(raw, now=NOW)
    assert parsed is not None
    assert parsed.placeholder_time
    assert (parsed.precision, parsed.value) == (Precision.DAY, datetime(2013, 7, day, tzinfo=VIETNAM))


def test_a_shown_midnight_is_a_minute() -> None:
    parsed = parse_date("Thứ bảy, 7/3/2026, 00:00 (GMT+7)", now=NOW)
    assert parsed == Parsed(datetime(2026, 3, 7, tzinfo=VIETNAM), Precision.MINUTE, zone_given=True)


@pytest.mark.parametrize(
    ("raw", "value", "precision"),
    [
        ("vừa xong", NOW, "minute"),
        ("5 phút trước", NOW - timedelta(minutes=5), "minute"),
        ("30 giây trước", NOW, "minute"),
        ("5 giờ trước", NOW - timedelta(hours=5), "day"),
        ("5h trước", NOW - timedelta(hours=5), "day"),
        ("30' trước", NOW - timedelta(minutes=30), "minute"),
        ("9 giờ trước", NOW - timedelta(hours=9), "day"),
        ("3 ngày trước", datetime(2026, 11, 19, tzinfo=VIETNAM), "day"),
        ("2 tháng trước", datetime(2026, 9, 1, tzinfo=VIETNAM), "month"),
        ("1 tuần trước", datetime(2026, 11, 1, tzinfo=VIETNAM), "month"),
        ("hôm qua lúc 08:30", datetime(2026, 11, 21, 8, 30, tzinfo=VIETNAM), "minute"),
        ("Hôm nay, 07:10", datetime(2026, 11, 22, 7, 10, tzinfo=VIETNAM), "minute"),
        ("Hôm kia", datetime(2026, 11, 20, tzinfo=VIETNAM), "day"),
        ("5 hours ago", NOW - timedelta(hours=5), "day"),
    ],
)
def test_relative_to_the_fetch(raw: str, value: datetime, precision: str) -> None:
    parsed = parse_date(raw, now=NOW)
    assert parsed is not None
    assert (parsed.value, parsed.precision.value, parsed.relative) == (value, precision, True)
    assert parse_date(raw) is None
    in_utc = parse_date(raw, now=NOW.astimezone(UTC))
    assert in_utc == parsed


def test_three_weeks_ago_may_be_two_months() -> None:
    assert parse_date("3 tuần trước", now=NOW) is None


@pytest.mark.parametrize("raw", ["( 20/08)", "(20/8)", "20.08", "ngày 20 tháng 8", "20-8", "Sáng 20/8"])
def test_day_and_month_only(raw: str) -> None:
    parsed = parse_date(raw, now=NOW)
    assert parsed is not None
    assert (parsed.yearless, parsed.precision, parsed.value.strftime("%m-%d")) == (
        True,
        Precision.DAY,
        "08-20",
    )


def test_month_first_is_asked_for_or_proven() -> None:
    day_first = parse_date("8/7/2019 10:15:00 AM")
    asked = parse_date("8/7/2019 10:15:00 AM", month_first=True)
    proven = parse_date("8/25/2019 10:15:00 AM")
    assert day_first is not None
    assert asked is not None
    assert proven is not None
    assert (day_first.value.month, day_first.month_first) == (7, False)
    assert (asked.value.month, asked.month_first) == (8, True)
    assert (proven.value.month, proven.month_first) == (8, True)


def test_tomorrow_is_tolerated_and_the_day_after_refused() -> None:
    assert parse_date("23/11/2026 07:59", now=NOW) is not None
    assert parse_date("23/11/2026 08:01", now=NOW) is None


@pytest.mark.parametrize(
    ("title", "parts"),
    [
        ("Tên bài (20:05 01/07/2020)", ("Tên bài", "(20:05 01/07/2020)")),
        ("Tên bài(20:05 01/07/2020)", ("Tên bài", "(20:05 01/07/2020)")),
        ("Tên bài (03/12/2018 17:40)", ("Tên bài", "(03/12/2018 17:40)")),
        ("Tên  bài\n (03/12/2018 | 17:40)", ("Tên bài", "(03/12/2018 | 17:40)")),
        ("Tên bài - 03/12/2018 17:40", ("Tên bài", "03/12/2018 17:40")),
        ("Trực Tết (15/02/2016)", ("Trực Tết (15/02/2016)", None)),
        ("Kế hoạch ngày 01/07/2020", ("Kế hoạch ngày 01/07/2020", None)),
        ("Nhiệm kỳ (2020 - 2025)", ("Nhiệm kỳ (2020 - 2025)", None)),
        ("Kỷ niệm 90 năm (3/2/1930 - 3/2/2020)", ("Kỷ niệm 90 năm (3/2/1930 - 3/2/2020)", None)),
        ("(20:05 01/07/2020)", ("(20:05 01/07/2020)", None)),
        ("Từ 15/2", ("Từ 15/2", None)),
    ],
)
def test_a_date_glued_to_a_title(title: str, parts: tuple[str, str | None]) -> None:
    assert split_title_date(title) == parts


@pytest.mark.parametrize(
    ("html", "parts"),
    [
        ("<h1>Tên bài <span>( 20/08)</span></h1>", ("Tên bài", "( 20/08)")),
        ("<h1>Tên bài <small class='n'>(25/08/2022)</small></h1>", ("Tên bài", "(25/08/2022)")),
        ("<h1><span>Trực Tết (15/02/2016)</span></h1>", ("Trực Tết (15/02/2016)", None)),
        ("<h1>Tên bài <em>(20:05 01/07/2020)</em></h1>", ("Tên bài", "(20:05 01/07/2020)")),
        ("<h1>Kế hoạch <b>ngày 01/07/2020</b></h1>", ("Kế hoạch ngày 01/07/2020", None)),
    ],
)
def test_a_date_in_an_element_of_its_own(html: str, parts: tuple[str, str | None]) -> None:
    assert split_title_node(lxml.html.fragment_fromstring(html)) == parts


# --- properties -----------------------------------------------------------------------------------------------

MOMENTS = st.datetimes(datetime(1990, 1, 2), datetime(2026, 11, 21), timezones=st.just(VIETNAM)).map(  # noqa: DTZ001
    lambda value: value.replace(second=0, microsecond=0)
)
DAYS = ["Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật"]
FORMATS = [
    "%d/%m/%Y %H:%M", "%d/%m/%Y - %H:%M", "%d/%m/%Y | %H:%M", "%H:%M %d/%m/%Y", "%H:%M, %d/%m/%Y", "%H:%M' %d/%m/%Y", "%d.%m.%Y - %H:%M",
    "%d-%m-%Y %H:%M", "%H:%M, ngày %d-%m-%Y", "{day}, %d/%m/%Y, %H:%M [GMT+7]", "{day}, %d/%m/%Y, %H:%M (GMT+7)", "{day}, %d/%m/%Y-%H:%M", "{day}: %H:%M ngày %d/%m/%Y",
    "{day}, ngày %d tháng %m năm %Y | %H:%M", "{day}, %d Tháng %m %Y %H:%M", "Cập nhật lúc %H:%M, {day}, %d/%m/%Y (GMT+7)", "(%d/%m/%Y %H:%M)", "(%H:%M, %d/%m/%Y)",
    "%d/%m/%Y | %I:%M %p", "%Hh%M ngày %d/%m/%Y", "%Y-%m-%dT%H:%M:07+07:00", "%Y-%m-%dT%H:%M:07+0700", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:07.000 +07:00",
    "%d/%m/%Y %H:%M GMT +7", "Mẫu Thử| %d/%m/%Y %H:%M", "{english}, %d {month} %Y %H:%M:07 +0700", "%d Th%m, %Y %H:%M",
]  # fmt: skip
ENGLISH_DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
ENGLISH_MONTHS = list(calendar.month_abbr)[1:]


@given(MOMENTS, st.sampled_from(FORMATS))
def test_every_notation_gives_back_the_moment(moment: datetime, notation: str) -> None:
    assume("%p" not in notation or (moment.hour, moment.minute) != (0, 0))
    weekday = moment.weekday()
    text = moment.strftime(notation).format(
        day=DAYS[weekday], english=ENGLISH_DAYS[weekday], month=ENGLISH_MONTHS[moment.month - 1]
    )
    parsed = parse_date(text, now=NOW)
    assert parsed is not None
    assert (parsed.value.replace(second=0), parsed.precision) == (moment, Precision.MINUTE)


@given(MOMENTS, st.integers(-11, 12))
def test_an_offset_tells_the_same_moment(moment: datetime, hours: int) -> None:
    other = moment.replace(second=9).astimezone(timezone(timedelta(hours=hours)))
    parsed = parse_date(other.isoformat(), now=NOW)
    assert parsed is not None
    assert parsed.value == moment.replace(second=9)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=80))
def test_no_string_raises(text: str) -> None:
    parsed = parse_date(text, now=NOW)
    assert parsed is None or parsed.value.utcoffset() == timedelta(hours=7)


@given(st.text(alphabet="0123456789/.-:, |TZ+()hngàythứaiGMTtrướcCHSAPM", max_size=40), st.booleans())
def test_no_string_of_date_letters_raises(text: str, month_first: bool) -> None:
    parsed = parse_date(text, now=NOW, month_first=month_first)
    assert parsed is None or parsed.yearless or 1990 <= parsed.value.year <= 2026
    parse_date(text, month_first=month_first)
    split_title_date(text)


@pytest.mark.shared
def test_all_shared_notations_are_read(shared: Path) -> None:
    wrong, read = {}, 0
    with (shared / "facts" / "dates.tsv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            raw, want = row["notation"], row["meaning (+07:00)"].split(" ")[0]
            if not want[:2].isdigit() and not want.startswith("--"):
                continue  # lists of patterns, and what is relative to a crawl
            read += 1
            parsed = parse_date(raw, now=NOW)
            if want.startswith("--") and want != "--mm-dd":
                got = parsed.value.strftime("--%m-%d") if parsed and parsed.yearless else None
            elif want == "--mm-dd":
                continue
            else:
                got = parsed.value.strftime("%Y-%m-%dT%H:%M:%S")[: len(want)] if parsed else None
                assert parsed is None or (parsed.precision is Precision.MINUTE) is ("T" in want)
            if got != want:
                wrong[raw] = (want, got)
    assert wrong == {}
    assert read > 45
