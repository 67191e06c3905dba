"""All words of khotin's own pages, in Vietnamese and English, and dates the way each language has them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipelines.article import VIETNAM

# Vietnamese, then English.
WORDS: dict[str, tuple[str, str]] = {
    "about": ("khoảng", "about"),
    "address": ("Địa chỉ", "Address"),
    "agency": ("Hãng tin", "Agency"),
    "all_articles": ("Tất cả bài viết", "All articles"),
    "archive_of": ("Kho lưu trữ tin xây dựng Đảng", "An archive of Party-building news"),
    "articles": ("bài viết", "articles"),
    "attachments": ("Tài liệu kèm theo", "Attachments"),
    "back_home": ("Về trang đầu", "Back to the home page"),
    "byline": ("Tác giả", "Author"),
    "confidence": ("Độ tin cậy", "Confidence"),
    "credit": ("Nguồn ảnh", "Credit"),
    "database": ("Cơ sở dữ liệu", "Database"),
    "digest": ("Mã băm", "Digest"),
    "error": ("Có lỗi", "Error"),
    "estimate": ("Ngày ước tính", "Estimated day"),
    "event_date": ("Ngày của sự kiện", "Day of the event"),
    "evidence": ("Căn cứ của từng giá trị", "Where each value comes from"),
    "excerpt": (
        "Chỉ đăng phần trích theo ghi chú bản quyền của trang gốc. Mời đọc toàn văn tại trang gốc.",
        "Only an excerpt is shown, as the publisher's rights note asks. It is whole at the publisher's.",
    ),
    "field": ("Trường", "Field"),
    "first_seen": ("Thấy lần đầu", "First seen"),
    "flags": ("Lưu ý", "Flags"),
    "fragment_equal": ("phần không đổi", "unchanged part"),
    "gone": ("Trang gốc không còn bài này từ", "The publisher no longer has this article, since"),
    "images": ("Hình ảnh", "Images"),
    "json": ("Dữ liệu JSON", "JSON data"),
    "last_seen": ("Thấy lần cuối", "Last seen"),
    "newest": ("Bài mới nhất", "Newest articles"),
    "no_articles": ("Chưa có bài viết nào.", "No articles yet."),
    "not_found": ("Không tìm thấy", "Not found"),
    "not_found_article": ("Không có bài viết nào ở địa chỉ này.", "There is no article at this address."),
    "not_found_page": ("Không có trang nào ở địa chỉ này.", "There is no page at this address."),
    "note": ("Ghi chú", "Note"),
    "offset": ("Vị trí", "Offset"),
    "original": ("Xem bài ở trang gốc", "Read it at the publisher's"),
    "other_addresses": ("Các địa chỉ khác", "Other addresses"),
    "permalink": ("Liên kết cố định", "Permalink"),
    "precision_day": ("chính xác đến ngày", "exact to the day"),
    "precision_minute": ("chính xác đến phút", "exact to the minute"),
    "precision_month": ("chính xác đến tháng", "exact to the month"),
    "precision_none": ("không rõ ngày đăng", "publication date unknown"),
    "province": ("Tỉnh, thành phố", "Province"),
    "province_then": ("Trước ngày 1 tháng 7 năm 2025", "Before 1 July 2025"),
    "provinces": ("tỉnh, thành phố", "provinces"),
    "published": ("Đăng lúc", "Published"),
    "raw": ("Nguyên văn", "As on the page"),
    "record": ("Mã bản ghi", "Record"),
    "relation_alias": ("địa chỉ khác", "alias"),
    "relation_canonical": ("địa chỉ chính", "canonical"),
    "relation_print": ("bản in", "print version"),
    "relation_redirect": ("chuyển hướng", "redirect"),
    "replaced": ("được thay lúc", "replaced"),
    "revision": ("Bản", "Version"),
    "revisions": ("Các lần sửa bài", "Edits after publication"),
    "rights": ("Bản quyền", "Rights"),
    "rule": ("Quy tắc", "Rule"),
    "search": ("Tìm", "Search"),
    "search_hint": ("Gõ có dấu hoặc không dấu", "With or without diacritics"),
    "section": ("Chuyên mục", "Section"),
    "site": ("Trang nguồn", "Site"),
    "sites": ("trang nguồn", "sites"),
    "skip": ("Đến nội dung", "Skip to content"),
    "source": ("Nguồn gốc và bản lưu", "Source and capture"),
    "tables": ("Các bảng dữ liệu", "Tables"),
    "tags": ("Từ khóa", "Tags"),
    "text_withheld": (
        "Toàn văn không đăng lại theo ghi chú bản quyền của trang gốc.",
        "The text is not shown, as the publisher's rights note asks.",
    ),
    "too_long_to_compare": (
        "Hai bản khác nhau quá nhiều để so từng chữ.",
        "The two versions differ too much for a comparison by words.",
    ),
    "unknown": ("không rõ", "unknown"),
    "updated": ("Bản chụp lúc", "Snapshot of"),
    "value": ("Giá trị", "Value"),
    "warc": ("Tệp WARC", "WARC file"),
}

FIELDS: dict[str, tuple[str, str]] = {
    "agency": WORDS["agency"],
    "body": ("Nội dung", "Body"),
    "byline": WORDS["byline"],
    "charset": ("Bảng mã", "Character set"),
    "event_date": WORDS["event_date"],
    "lead": ("Sapo", "Lead"),
    "published_at": WORDS["published"],
    "section": WORDS["section"],
    "title": ("Tiêu đề", "Title"),
}
"""Names of evidence fields; a field that is not here is shown under its own name."""

LANGUAGES = ("vi", "en")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    """The words in one language, and each word's other language for the small print beside it."""

    language: str = "vi"

    @property
    def other_language(self) -> str:
        """The language of the small print."""
        return "en" if self.language == "vi" else "vi"

    def __call__(self, key: str) -> str:
        """The word; KeyError if there is none, so that a missing one is found by the tests."""
        return WORDS[key][LANGUAGES.index(self.language)]

    def other(self, key: str) -> str:
        """The same word in the other language."""
        return WORDS[key][1 - LANGUAGES.index(self.language)]

    def field(self, name: str) -> str:
        """The name of a field of the evidence."""
        return FIELDS.get(name, (name, name))[LANGUAGES.index(self.language)]

    def when(self, moment: str | None, precision: str = "minute") -> str:
        """A stored time as a person writes it, in Vietnam's zone.

        `2020-07-01T20:05:00+07:00` gives "20:05, ngày 1 tháng 7 năm 2020" and "20:05, 1 July 2020"; with
        precision `day` and `month` only what is known. None, `none` and what is no time give "unknown".
        """
        if not moment or precision == "none":
            return self("unknown")
        try:
            value = datetime.fromisoformat(moment)
        except ValueError:
            return self("unknown")
        if value.tzinfo is not None:
            value = value.astimezone(VIETNAM)
        if self.language == "vi":
            day = f"tháng {value.month} năm {value.year}"
            day = day if precision == "month" else f"ngày {value.day} {day}"
        else:
            day = f"{_MONTHS[value.month - 1]} {value.year}"
            day = day if precision == "month" else f"{value.day} {day}"
        return f"{value:%H:%M}, {day}" if precision == "minute" else day

    def number(self, value: int) -> str:
        """12345 as "12.345" in Vietnamese, "12,345" in English."""
        text = f"{value:,}"
        return text.replace(",", ".") if self.language == "vi" else text
