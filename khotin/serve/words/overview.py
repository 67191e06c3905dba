"""Words of the home page and of the overviews."""

WORDS: dict[str, tuple[str, str]] = {
    "about": ("khoảng", "about"),
    "newest": ("Bài mới nhất", "Newest articles"),
    "no_articles": ("Chưa có bài viết nào.", "No articles yet."),
    "articles": ("bài viết", "articles"),
    "provinces": ("tỉnh, thành phố", "provinces"),
    "sites": ("trang nguồn", "sites"),
    "tables": ("Các bảng dữ liệu", "Tables"),
    "updated": ("Bản chụp lúc", "Snapshot of"),
}
