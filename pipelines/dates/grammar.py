"""Regular expressions for the dates of Vietnamese pages. All of them read folded text: lower case, no marks,
đ as d.

Why hand-written: python-dateutil reads "(GMT+7)" as -07:00 and 07/08 month-first; dateparser takes 11 ms a
call.
"""

from __future__ import annotations

import re

WEEKDAYS = {
    "hai": 0, "ba": 1, "tu": 2, "nam": 3, "sau": 4, "bay": 5, "2": 0, "3": 1, "4": 2, "5": 3, "6": 4, "7": 5,
    "nhat": 6, "mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6,
}  # fmt: skip
# "thứ hai", "Thứhai", "THỨ NĂM", "Thứ 6", "T2", "Chủ nhật", "CN", "Mon", "Monday"; not "thứ 12"
WEEKDAY = (
    r"(?:\b(?:thu\s*(?P<{0}vi>hai|ba(?!y)|tu|nam|sau|bay|[2-7](?!\d))|t(?P<{0}t>[2-7])(?![\d/.-])"
    r"|(?:chu\s*(?P<{0}cn>nhat)|cn\b|c\.nhat)"
    r"|(?P<{0}en>mon|tue|wed|thu|fri|sat|sun)(?:(?:s|nes|rs|ur)?day\b"
    r"|(?=,|\.,|\s+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)))))"
)


def weekday(prefix: str) -> str:
    """The weekday pattern with its groups named after `prefix` (a pattern may hold it only once per name)."""
    return WEEKDAY.format(prefix)


_WEEKDAY = re.sub(r"\?P<\{0\}\w+>", "?:", WEEKDAY)  # without group names, to be used many times

MONTH_WORDS = {
    "mot": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "sau": 6, "bay": 7, "tam": 8, "chin": 9,
    "muoi": 10, "muoi mot": 11, "muoi hai": 12,
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10,
    "nov": 11, "dec": 12,
}  # fmt: skip
_MONTH = r"(?:thang|thg\.?|th\.?)"
_WORD = r"muoi\s+mot|muoi\s+hai|muoi|mot|hai|ba|bon|tu|nam|sau|bay|tam|chin"
_ENGLISH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)

# The full dates, in the order in which equals at one place are preferred.
FULL: tuple[re.Pattern[str], ...] = (
    # 2021-10-04, 2021/10/4, 2021-10-04T…; not 12021-10-04
    re.compile(r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})(?!\d)"),
    # 04/10/2021, 4.5.2012, 17-4-2012, 14/11/ 2005, 18-8-25, 04|10|2021; not 1.2.3.2020, 2-digit year with ":"
    re.compile(
        r"(?<!\d)(?<!\d[/.])(?P<d>\d{1,2})\s*(?P<s>[/.\-–|])\s*(?P<m>\d{1,2})\s*(?P=s)\s*"
        r"(?:(?P<y>(?:19|20)\d\d)|(?P<y2>\d\d)(?!\s*:))(?!\d|[/.]\d)"
    ),
    # "ngày 3 tháng 11 năm 2025", "3 Th10, 2021", "13 Tháng 10 2015", "4 thg 10, 2021", "4 Tháng Mười, 2021",
    # "4 T10 2021"
    re.compile(
        rf"(?<!\d)(?P<d>\d{{1,2}})\s*[,./-]?\s*(?:{_MONTH}\s*(?P<m>\d{{1,2}}(?!\d)|{_WORD})"
        rf"|t(?P<m3>\d{{1,2}})(?!\d))"
        r"\s*(?:[,./-]|nam\b)?\s*(?:nam\b)?\s*(?P<y>(?:19|20)\d\d)(?!\d)"
    ),
    # "Th10 3, 2021", "Tháng Mười 4, 2021", "thg 10 4 2021"; not "tháng 10, 2021"
    re.compile(
        rf"\b{_MONTH}\s*(?P<m>\d{{1,2}}(?!\d)"
        rf"|{_WORD})\s*,?\s+(?:ngay\s+)?(?P<d>\d{{1,2}})\s*,?\s+(?P<y>(?:19|20)\d\d)(?!\d)"
    ),
    # "04 Oct 2021", "Mon, 04-Oct-21", "04/Oct/2021", "4th October, 2021"
    re.compile(
        rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s/-]+(?P<m>{_ENGLISH})\b[.,]?[\s/-]+(?:(?P<y>(?:19"
        rf"|20)\d\d)|(?P<y2>\d\d))(?![\d:])"
    ),
    # "October 4, 2021", "Oct 4 2021", "October, 04/2021"
    re.compile(
        rf"\b(?P<m>{_ENGLISH})\b[.,]?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:\s*,?\s+|\s*/\s*)"
        r"(?P<y>(?:19|20)\d\d)(?!\d)"
    ),
    # Java's Date.toString(), as Liferay prints it: "Mon Oct 04 07:21:00 ICT 2021"
    re.compile(
        rf"\b(?:(?:mon|tue|wed|thu|fri|sat|sun)\s+)?(?P<m>{_ENGLISH})\s+(?P<d>\d{{1,2}})\s+"
        rf"(?P<jt>\d\d:\d\d:\d\d)\s+(?P<jz>[a-z]{{3,4}}(?:[+-]\d\d:?\d\d)?)\s+"
        r"(?P<y>(?:19|20)\d\d)(?!\d)"
    ),
)

# "Tháng 3/2026", "tháng 3 năm 2026", "Tháng Ba 2026", "Th10, 2021"
MONTH_ONLY = re.compile(
    rf"\b{_MONTH}\s*(?P<m>\d{{1,2}}(?!\d)|{_WORD})\s*(?:[/,.-]|nam\b)?\s*(?:nam\b)?\s*(?P<y>(?:19"
    rf"|20)\d\d)(?!\d)"
)
DAY_BEFORE = re.compile(r"\d\s*[,./-]?\s*$")
# whole strings only: "03/2026", "2026-03"
MONTH_ALONE = re.compile(r"(?P<m>\d{1,2})\s*[/-]\s*(?P<y>(?:19|20)\d\d)|(?P<y_>(?:19|20)\d\d)-(?P<m_>\d\d)")

# Matches "( 20/08)", "20.8", "ngày 20 tháng 8", "23/4"; not "20/08/2021", "1.234"
YEARLESS = re.compile(
    rf"(?<![\d/.:-])(?P<d>\d{{1,2}})\s*(?:[/.-]|{_MONTH})\s*(?P<m>\d{{1,2}})(?![\d:]|\s*[/.-]\s*\d|\s*nam)"
)

# Matches "07:21", "7:21:08", "8h30", "8 giờ 30 phút", "16:47'", "5:02:00 CH", "2:47 PM", "15h"; not "604"
_CLOCK = (
    r"(?P<H>\d{1,2})(?:\s*(?::|h|g(?!m|7)"
    r"|gio)\s*(?P<M>\d{1,2})(?!\d)(?:\s*:\s*(?P<S>\d{1,2})(?!\d)(?:[.,]\d+)?)?"
    r"\s*(?:['’‘`´′]{1,2}|phut\b|ph?\b(?!\s*\.?m))?|\s*(?:h|gio)(?![a-z\d]))"
    r"(?:\s*(?P<ap>a\.?m\b\.?|p\.?m\b\.?|sa\b|ch\b|sang\b|trua\b|chieu\b|toi\b))?"
)
_ZONE = (
    r"\s*[,(\[]*\s*(?:(?P<gmt>g[m7]t"
    r"|utc)\s*(?:(?P<sg>[+\-−]?)\s*(?P<zh>\d{1,2})(?!\d*[:/.]\d{2}[:/ ])(?::?(?P<zm>\d\d))?)?(?![\d:])"
    r"|(?P<sn>[+-])(?P<nh>\d\d):?(?P<nm>\d\d)(?!\d|[/.:-]\d)|(?P<z>z|ict)\b)\s*[)\]]?"
)
_MARKS = r"[\s,|\-–—:;.()\[\]•·/'’\"*]"
TIME_AFTER = re.compile(
    rf"{_MARKS}*(?:(?:vao\s+)?(?:luc|hoi)|at|t(?=\d)|{_WEEKDAY})?{_MARKS}*(?<![\d]){_CLOCK}(?P<zone>{_ZONE})?"
)
TIME_BEFORE = re.compile(
    rf"(?<![\d:/.]){_CLOCK}(?P<zone>{_ZONE})?{_MARKS}*(?:(?:ngay|on|vao|{_WEEKDAY}){_MARKS}*){{0,3}}$"
)
# "14/03/2022, 6.05": a point between hour and minute only behind a comma and at the end; not "12/10/2021 1.234"
TIME_POINTED = re.compile(r"\s*,\s*(?P<H>\d{1,2})\.(?P<M>[0-5]\d)(?P<S>(?!))?(?P<ap>(?!))?(?P<zone>(?!))?\s*$")
ZONE = re.compile(_ZONE)
# Two times beside one date: the one before belongs to it when the one after belongs to the next date.
NEXT_DATE = re.compile(rf"{_MARKS}*(?:ngay\s*)?\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d\d")
WEEKDAY_FIND = re.compile(weekday("w"))

# Lunar days are no dates of publication: "15/8 âm lịch", "10/3/2021 (ÂL)", "mùng 10 tháng 3", "tháng Giêng"
LUNAR_AFTER = re.compile(rf"{_MARKS}*(?:am\s+lich|al\b|lunar|nham\s+thang)")
LUNAR_BEFORE = re.compile(r"(?:am\s+lich|\bal|lunar|\bmung|\bmong|\bnham(?:\s+ngay)?)\W*$")

RELATIVE = re.compile(
    r"(?:\b(?P<n>\d{1,3}|mot|an?)\s*(?P<u>giay|phut|gio|tieng|ngay|tuan|thang|second|minute|min|hour|day"
    r"|week|month|(?:h|['’′])(?=\s+(?:truoc|ago)\s*(?:$|[|•·,;-])))s?"
    r"\s+(?:truoc|ago)\b)|\b(?P<now>vua\s+xong|vua\s+dang|just\s+now)\b"
    r"|\b(?P<day>hom\s+nay|hom\s+qua|hom\s+kia|today|yesterday)\b"
)
ABSOLUTE_DIGITS = re.compile(r"\d{1,2}\s*[/.-]\s*\d{1,2}")

# The line of most sites, read without folding: "Thứ bảy, 07/03/2026 - 08:07", "07/03/2026 08:52 (GMT+07:00)"
PLAIN = re.compile(
    r"(?:(?:[Tt]hứ|THỨ) ?\w{2,3}|[Cc]hủ [Nn]hật)?[\s,-]*(?<!\d)(\d{1,2})([/.-])(\d{1,2})\2((?:19|20)\d\d)"
    r"(?:[\s,|–-]+(\d{1,2}):(\d\d)(?::(\d\d))?(\s*[\[(]?GMT ?\+0?7(?::?00)?[\])]?)?)?"
)
ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[Tt ]+(\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*(?:([Zz]|UTC|GMT)"
    r"|([+-]\d\d):?(\d\d))?)?"
)
COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?(Z)?)?")
EPOCH = re.compile(r"(?:/Date\()?(\d{10}|\d{13})(?:[+-]\d{4})?(?:\)/)?")

# What stands beside a date and says nothing: taken off `Parsed.rest`. Read on lower case *with* marks, and
# "đăng", "lúc" only with company: "Hải Đăng| 04/10/2021" and "Bá Lực - 04/10/2021" are authors.
LABELS = re.compile(
    r"(?<!\w)(?:ngày(?:\s*giờ)?\s*(?:đăng\s*(?:tin|bài|tải)?|xuất\s*bản|cập\s*nhật|tạo|viết|gửi|đưa\s*tin)?"
    r"|(?:được\s+)?cập\s*nhật(?:\s*(?:lúc|ngày|lần\s*cuối))?|(?:được\s+)?đăng\s*(?:lúc|ngày|tải|tin"
    r"|vào)(?:\s*lúc)?"
    r"|(?:được\s+)?đăng(?=\s*:)|được\s+đăng|xuất\s*bản(?:\s*(?:lúc|ngày))?|thời\s*gian(?:\s*đăng)?|lúc"
    r"|vào(?:\s*lúc)?"
    r"|ngay\s+dang|cap\s+nhat(?:\s+luc)?|(?:posted|published|updated|last\s*updated|date)(?:\s*(?:on|at))?"
    r"|print|gốc)(?!\w)\s*:?"
)
