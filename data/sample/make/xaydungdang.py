"""Tạp chí Xây dựng Đảng: no date line, the byline alone before "Phản hồi", lists with other days.

The site's own markup is not known; this is the kind a small Vietnamese CMS of the 2010s writes.
"""

from __future__ import annotations

from collections.abc import Sequence

from make.site import NOTE, Placed, Section, View
from make.texts import Block, Story
from make.words import day_month_year, esc, slug, summary, weekday

NAME = "Tạp chí Xây dựng Đảng"


class XayDungDang:
    """`/<section>/<slug>-<number>`; the title is a div, the lead a bold div, the body plain paragraphs."""

    id = "xaydungdang"
    host = "xaydungdang.org.vn"
    server = (("Server", "Microsoft-IIS/8.5"), ("X-Powered-By", "ASP.NET"), ("Cache-Control", "private"))
    robots: str | None = "User-agent: *\nDisallow: /quan-tri/\nDisallow: /tim-kiem\n"
    sections = (
        Section("Đảng viên", "https://xaydungdang.org.vn/dang-vien"),
        Section("Thời sự - Chính trị", "https://xaydungdang.org.vn/thoi-su-chinh-tri"),
        Section("Nhịp cầu bạn đọc", "https://xaydungdang.org.vn/nhip-cau-ban-doc"),
    )

    def address(self, story: Story, number: int) -> str:
        """In the first section; `Placed.section` may be another one."""
        return f"{self.sections[0].url}/{slug(story.title)}-{21400 + 7 * number}"

    def listing_address(self, section: Section, page: int) -> str:
        """`/dang-vien?page=2`."""
        return section.url if page == 1 else f"{section.url}?page={page}"

    def article(self, placed: Placed, view: View) -> str:
        """A story with the boxes "Phản hồi", "Các tin khác", "Mới nhất", "Xem nhiều nhất"."""
        story = placed.story
        blocks = list(story.blocks)
        lead = f'<div class="bv2"><b>{esc(blocks.pop(0).text)}</b></div>' if story.lead else ""
        body = "\n".join(map(_block, blocks))
        others = "".join(
            f'<li><a href="{esc(_path(other))}">{esc(other.story.title)}</a>{_day(other.story)}</li>\n'
            for other in view.newest[4:9]
        )
        center = (
            f'<p class="dd"><a href="/">Trang chủ</a> &raquo; <a href="{esc(_path(placed.section))}">'
            f"{esc(placed.section.title)}</a></p>\n"
            f'<div class="bv"><div class="bv1">{esc(story.title)}</div>\n{lead}\n'
            f'<div class="bv3">\n{body}\n</div>\n'
            f'<div class="bv4" align="right"><b>{esc(story.byline or "")}</b></div></div>\n'
            '<div class="ch"><a href="javascript:window.print()">In bài viết</a> | '
            '<a href="mailto:?subject=bai-viet">Gửi cho bạn bè</a> | '
            '<a href="https://www.facebook.com/sharer.php">Chia sẻ</a></div>\n'
            '<div class="ph"><h4>Phản hồi</h4>\n<form method="post" action="/phan-hoi"><table>'
            '<tr><td>Họ và tên</td><td><input name="ten" /></td></tr>'
            '<tr><td>Email</td><td><input name="email" /></td></tr>'
            '<tr><td>Nội dung</td><td><textarea name="nd"></textarea></td></tr></table>'
            '<input type="submit" value="Gửi phản hồi" /></form></div>\n'
            f'<div class="kh"><h4>Các tin khác</h4>\n<ul>\n{others}</ul></div>'
        )
        return _frame(story.title, summary(story.texts[0]), center, view, canonical=placed.url)

    def listing(self, section: Section, page: int, pages: int, items: Sequence[Placed], view: View) -> str:
        """Titles with a picture and the first words; no days, as the site shows none."""
        rows = "\n".join(
            f'<div class="tin"><a href="{esc(_path(item))}"><img src="/Uploads/Images/2026/t{number}.jpg" '
            f'width="120" alt="" /></a><a class="td" href="{esc(_path(item))}">{esc(item.story.title)}</a>'
            f"<div>{esc(summary(item.story.texts[0]))}</div></div>"
            for number, item in enumerate(items, 1)
        )
        pager = " ".join(
            f"<b>{number}</b>"
            if number == page
            else f'<a href="{esc(self.listing_address(section, number).removeprefix("https://" + self.host))}">'
            f"{number}</a>"
            for number in range(1, pages + 1)
        )
        center = (
            f'<p class="dd"><a href="/">Trang chủ</a> &raquo; {esc(section.title)}</p>\n{rows}\n'
            f'<div class="trang">Trang: {pager}</div>'
        )
        return _frame(section.title, section.title, center, view)


def _frame(title: str, description: str, center: str, view: View, canonical: str = "") -> str:
    newest = "".join(f'<li><a href="{esc(_path(item))}">{esc(item.story.title)}</a></li>' for item in view.newest[:4])
    most = "".join(f'<li><a href="{esc(_path(item))}">{esc(item.story.title)}</a></li>' for item in view.newest[9:12])
    link = f'<link rel="canonical" href="{esc(canonical)}" />\n' if canonical else ""
    menu = "".join(f'<li><a href="{_path(item)}">{item.title}</a></li>' for item in XayDungDang.sections)
    return f"""<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml">
<head><meta http-equiv="Content-Type" content="text/html; charset=utf-8" />
<title>{esc(title)} - {NAME}</title>
<meta name="description" content="{esc(description)}" />
<meta name="generator" content="{NOTE}" />
{link}<style type="text/css">body{{font:13px Arial;margin:0;background:#eee}}#w{{width:980px;margin:auto;background:#fff}}#bn{{background:#c00;color:#ff0;padding:14px;font-size:24px}}#mn{{background:#900;margin:0;padding:6px}}#mn li{{display:inline;padding:0 12px;color:#fff}}#mn a{{color:#fff}}#g{{float:left;width:680px;padding:10px}}#p{{float:right;width:240px;padding:10px;background:#fafafa}}.bv1{{font:bold 20px Arial;color:#900}}.tin{{clear:both;padding:6px 0;overflow:hidden}}.tin img{{float:left;margin-right:8px}}#c{{clear:both;padding:12px;background:#ddd}}</style>
</head><body>
<div id="w"><div id="bn">{NAME}<br /><font size="2">Cơ quan của ngành Tổ chức xây dựng Đảng (trang mẫu)</font></div>
<ul id="mn"><li><a href="/">Trang chủ</a></li>{menu}<li>{weekday(view.now)}, {day_month_year(view.now)}</li></ul>
<div id="g">
{center}
</div>
<div id="p"><h4>Mới nhất</h4><ul>{newest}</ul><h4>Xem nhiều nhất</h4><ul>{most}</ul></div>
<div id="c">{NAME}. Giấy phép số 00/GP-MAU ngày 02-01-2015. Tòa soạn: số 0, đường Mẫu. Ghi rõ nguồn khi sử dụng lại thông tin.</div></div>
<!-- {NOTE} -->
</body></html>
"""


def _block(block: Block) -> str:
    text = esc(block.text)
    match block.kind:
        case "sub":
            return f"<p><strong>{text}</strong></p>"
        case "image":
            return (
                '<table align="center" width="500"><tr><td><img src="/Uploads/Images/2026/11/anh-minh-hoa.jpg" '
                f'width="500" alt="" /></td></tr><tr><td align="center"><em>{text} {esc(block.more)}</em></td></tr></table>'
            )
        case "table":
            rows = "".join(
                "<tr>" + "".join(f"<td>{cell.strip()}</td>" for cell in row.split(";")) + "</tr>"
                for row in text.split(" / ")
            )
            return f'<table border="1" cellpadding="4" align="center">{rows}</table>'
        case "file":
            return f'<p><a href="/Uploads/Files/{esc(block.more)}">{text}</a></p>'
        case _:
            return f'<p style="text-align:justify">{text}</p>'


def _path(target: Placed | Section) -> str:
    return target.url.removeprefix("https://" + XayDungDang.host)


def _day(story: Story) -> str:
    return f" <i>({day_month_year(story.listed)})</i>" if story.listed else ""
