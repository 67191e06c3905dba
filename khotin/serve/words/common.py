"""Words that stand on every page."""

# Vietnamese, English.
WORDS: dict[str, tuple[str, str]] = {
    "archive_of": ("Kho lưu trữ tin xây dựng Đảng", "An archive of Party-building news"),
    "all_articles": ("Tất cả bài viết", "All articles"),
    "back_home": ("Về trang đầu", "Back to the home page"),
    "database": ("Cơ sở dữ liệu", "Database"),
    "error": ("Có lỗi", "Error"),
    "forbidden": ("Không được mở", "Forbidden"),
    "forbidden_page": (
        "Trang này không mở cho bạn đọc của máy chủ này.",
        "This page is not open to readers of this server.",
    ),
    "main_pages": ("Các mục chính", "Main pages"),
    "n_articles": ("{n} bài viết", "{n} article|{n} articles"),
    "nav_articles": ("Bài viết", "Articles"),
    "nav_changes": ("Sửa, gỡ", "Changes"),
    "nav_compare": ("So sánh", "Compare"),
    "nav_data": ("Dữ liệu", "Data"),
    "nav_map": ("Bản đồ", "Map"),
    "nav_overview": ("Theo thời gian", "Over time"),
    "nav_sites": ("Trang nguồn", "Sites"),
    "not_found": ("Không tìm thấy", "Not found"),
    "not_found_page": ("Không có trang nào ở địa chỉ này.", "There is no page at this address."),
    "pages": ("Các trang", "Pages"),
    "sample": ("Dữ liệu mẫu: các bài ở đây là bịa để dùng thử.", "Sample data: the articles here are invented."),
    "sample_label": ("Dữ liệu mẫu", "Sample data"),
    "search": ("Tìm", "Search"),
    "search_hint": ("Gõ có dấu hoặc không dấu", "With or without diacritics"),
    "skip": ("Đến nội dung", "Skip to content"),
    "unknown": ("không rõ", "unknown"),
    "zone": ("Mọi giờ là giờ Việt Nam (UTC+7).", "All times are Vietnam's (UTC+7)."),
}
