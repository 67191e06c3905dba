"""The columns of an export: one table for the files, the documentation and the metadata of the server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ColumnType = Literal["text", "integer", "boolean", "date", "datetime", "list"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an export. `date` is YYYY-MM-DD, `datetime` ISO 8601 with +07:00; `list` is text items."""

    name: str
    type: ColumnType
    en: str
    vi: str
    published: str
    """SQL over public.db: a = articles, t = article_text, c = captures."""
    archived: str = ""
    """SQL over archive.db, with s = sites and h = provinces of sites; empty: the same."""


_YEAR = "CAST(substr(a.date_estimate, 1, 4) AS INTEGER)"
_COUNT = "(SELECT count(*) FROM revisions r WHERE r.article_id = a.id)"
_TAGS = "(SELECT json_group_array(tag) FROM (SELECT tag FROM tags WHERE tags.article_id = a.id ORDER BY tags.position))"

COLUMNS: tuple[Column, ...] = (
    Column("key", "text", "Permanent name of the article", "Mã bài, không đổi", "a.key"),
    Column("title", "text", "Title", "Tên bài", "a.title"),
    Column("lead", "text", "Lead (sapo), if the page has one", "Sapo, nếu có", "t.lead"),
    Column(
        "body", "text", "Text without the lead, one paragraph a line; empty where withheld",
        "Nội dung không gồm sapo, mỗi đoạn một dòng; trống nếu không được đăng lại", "t.body",
    ),
    Column(
        "shortened", "boolean", "True where the lead or text is an excerpt or withheld",
        "Đúng nếu sapo hoặc nội dung chỉ là trích đoạn hoặc không được đăng lại", "t.shortened", "0",
    ),
    Column("rights", "text", "What the site's rights note allows: full, excerpt, none",
           "Mức được đăng lại theo quy định của trang: full, excerpt, none", "a.rights", "s.publish"),
    Column("byline", "text", "Author as shown", "Tác giả như ghi trên trang", "a.byline"),
    Column("agency", "text", "News agency or newsroom named in the text", "Hãng tin, nguồn tin", "a.agency"),
    Column("site", "text", "Site (short name)", "Mã trang tin", "a.site"),
    Column("site_name", "text", "Name of the site", "Tên trang tin", "a.site_name", "s.name"),
    Column("kind", "text", "Kind of the site", "Loại trang tin", "a.kind", "s.kind"),
    Column("province", "text", "Province of the site, of the 34 since 1 July 2025",
           "Tỉnh, thành phố (34, từ 1/7/2025)", "a.province", "h.province"),
    Column("province_63", "text", "Province of the site, of the 63 until 30 June 2025, where it is known",
           "Tỉnh, thành phố (63, đến 30/6/2025), nếu biết", "a.province_63", "h.province_63"),
    Column("section", "text", "Section as shown", "Chuyên mục", "a.section"),
    Column("published_at", "datetime", "Time of publication; see published_precision",
           "Thời điểm đăng; xem published_precision", "a.published_at"),
    Column("published_precision", "text", "How exact published_at is: minute, day, month, none",
           "Độ chính xác của published_at: minute (phút), day (ngày), month (tháng), none",
           "a.published_precision"),
    Column("event_date", "date", "Day that the text itself names in its opening or signature",
           "Ngày ghi trong bài, ở đầu hoặc cuối bài", "a.event_date"),
    Column("date_estimate", "date", "Best known day; the filters by date use it",
           "Ngày đáng tin nhất; dùng để lọc theo ngày", "a.date_estimate"),
    Column(
        "date_estimate_basis", "text",
        "Where date_estimate comes from: published, event_date, listing, address, neighbours, first_seen",
        "Căn cứ của date_estimate: published, event_date, listing, address, neighbours, first_seen",
        "a.date_estimate_basis",
    ),
    Column("year", "integer", "Year of date_estimate", "Năm của date_estimate", "a.year", _YEAR),
    Column("language", "text", "Language, ISO 639-1", "Ngôn ngữ, ISO 639-1", "a.language"),
    Column("words", "integer", "Words of lead and text on the page, parted by blanks",
           "Số tiếng của sapo và nội dung trên trang", "a.words"),
    Column("tags", "list", "Keywords shown on the page", "Từ khóa ghi trên trang", _TAGS),
    Column("url", "text", "Address of the article", "Địa chỉ bài", "a.canonical_url"),
    Column("first_seen", "datetime", "When khotin first saw it", "Lần đầu khotin thấy bài", "a.first_seen"),
    Column("last_seen", "datetime", "When khotin last saw it", "Lần cuối khotin thấy bài", "a.last_seen"),
    Column("gone_since", "datetime", "Since when the site no longer has it", "Trang tin gỡ bài từ lúc",
           "a.gone_since"),
    Column("revisions", "integer", "How often the text was replaced", "Số lần bài được sửa",
           "a.revisions", _COUNT),
    Column("flags", "list", "Remarks of the extraction", "Ghi chú khi trích bài", "a.flags"),
    Column("template", "text", "Layout that gave the text", "Khuôn trang cho nội dung", "a.template"),
    Column("extractor_version", "text", "Version of the extractor", "Phiên bản trình trích",
           "a.extractor_version"),
    Column("warc_file", "text", "WARC file with the page as it was", "Tệp WARC giữ nguyên trang",
           "c.warc_file"),
    Column("warc_record", "text", "WARC-Record-ID of the page", "WARC-Record-ID của trang", "c.record_id"),
    Column("digest", "text", "Digest of the page as it was sent", "Mã băm của trang như lúc gửi", "c.digest"),
)  # fmt: skip
