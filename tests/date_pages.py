"""Pages written for the tests of dates: one article, and around it everything that lies about its day."""
# ruff: noqa: E501 (tables: one case a line)

TITLE = "Chi bộ thôn Mẫu sinh hoạt chuyên đề quý bốn"
CLOCK = '<div class="header"><a href="/">Trang Mẫu</a><span class="clock">Chủ nhật, 22/11/2026</span></div>'
BODY = (
    '<div class="noidung"><p>Buổi sinh hoạt bàn việc giao chỉ tiêu cho từng tổ đảng, phân công người theo dõi và thời hạn '
    "hoàn thành của mỗi việc trong quý, có kiểm điểm từng phần.</p><p>Các đảng viên góp ý vào dự thảo kế hoạch, đề nghị "
    "bổ sung kinh phí cho nhà văn hóa thôn và sửa đường vào khu dân cư trước mùa mưa.</p></div>"
)
RELATED = (
    '<div class="tin-lien-quan"><h3>Tin liên quan</h3><ul><li><a href="/a1">Hội nghị giao ban cụm số hai</a> '
    '<span>(12/10/2021)</span></li><li><a href="/a2">Kiểm tra việc ghi sổ chi bộ</a> <span>(15/03/2022 09:00)</span></li></ul></div>'
)
FOOTER = '<div class="footer">Giấy phép số 00/GP-MAU cấp ngày 05/02/2016. Bản quyền © 2010-2026 Trang Mẫu</div>'


def page(
    after_title: str = "",
    *,
    head: str = "",
    before_title: str = "",
    title: str = f"<h1>{TITLE}</h1>",
    body: str = BODY,
    after_body: str = "",
    clock: str = CLOCK,
    related: str = RELATED,
    footer: str = FOOTER,
) -> str:
    """An article page; every part can be replaced or left out."""
    return (
        f'<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>{TITLE} - Trang Mẫu</title>{head}</head><body>{clock}'
        f'<div class="content">{before_title}{title}{after_title}{body}{after_body}</div>{related}{footer}</body></html>'
    )


def json_ld(text: str) -> str:
    """A JSON-LD script element."""
    return f'<script type="application/ld+json">{text}</script>'


def meta(name: str, content: str) -> str:
    """A meta element."""
    return f'<meta property="{name}" content="{content}">'
