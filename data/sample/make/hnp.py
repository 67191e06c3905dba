"""Cổng giao tiếp điện tử Hà Nội ("HNP"): nested tables, "(20:05 01/07/2020)" after the title.

The address holds the time as well: 4, then YYMMDDhhmmss, then three digits.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from make.site import NOTE, Placed, Section, View
from make.texts import Block, Story
from make.words import day_month_year, esc, slug, summary, weekday

NAME = "Cổng giao tiếp điện tử Hà Nội"
_FONT = '<font face="Arial" size="2">'


class Hnp:
    """Title, then the time in brackets; the text opens "HNP - "; the byline alone before the lists."""

    id = "hanoi-hnp"
    host = "hanoi.gov.vn"
    server = (("Server", "Apache-Coyote/1.1"), ("Pragma", "no-cache"))
    robots: str | None = "User-agent: *\nAllow: /\nDisallow: /c/portal/\n"
    sections = (Section("Tin sở, ngành", "https://hanoi.gov.vn/tin-so-nganh.htm"),)

    def address(self, story: Story, number: int) -> str:
        """`/tin-so-nganh/<slug>-4260101080000123.htm`."""
        if story.published is None:
            message = f"{story.key}: every story of this site shows its time"
            raise ValueError(message)
        digits = f"4{story.published:%y%m%d%H%M}{number * 7 % 60:02d}{number * 37 % 1000:03d}"
        return f"https://{self.host}/tin-so-nganh/{slug(story.title)}-{digits}.htm"

    def listing_address(self, section: Section, page: int) -> str:
        """`/tin-so-nganh/trang-2.htm`."""
        return section.url if page == 1 else section.url.replace(".htm", f"/trang-{page}.htm")

    def article(self, placed: Placed, view: View) -> str:
        """A story between a header clock and two lists; the comment form has a mis-decoded label."""
        story = placed.story
        style = _broken_lines if placed.url.count("-") % 4 == 0 else _divs
        body = style(story.blocks)
        time = f"{story.published:%H:%M %d/%m/%Y}" if story.published else ""
        center = f"""<table width="100%" cellpadding="6"><tr><td><a href="/">Trang chủ</a> &gt; <a href="/tin-so-nganh.htm">{placed.section.title}</a></td></tr>
<tr><td><font face="Arial" size="4" color="#b00000"><b>{esc(story.title)}</b></font> <font face="Arial" size="1">({time})</font></td></tr>
<tr><td><br />{body}
<div style="text-align: right"><b>{_FONT}{esc(story.byline or "")}</font></b></div><br /></td></tr>
<tr><td><a href="javascript:void(0)">In trang</a> &nbsp; <a href="mailto:">Gửi email</a></td></tr>
<tr><td><b>Các bài mới đăng</b><br />{_list(view.newest[:4])}</td></tr>
<tr><td><b>Các bài đã đăng :</b><br />{_list(view.newest[5:10])}</td></tr>
<tr><td><table width="100%"><tr><td>Bài viết</td><td>Xem</td></tr></table><b>Viết bình luận</b>
<form action="/comment" method="post"><table><tr><td>Họ tên:(*)</td><td><input name="n" /></td></tr><tr><td>Số điện thoại:</td><td><input name="p" /></td></tr>
<tr><td>Tiêu đề:(*)</td><td><input name="t" /></td></tr><tr><td>Nội dung:(*)</td><td><textarea name="c"></textarea></td></tr>
<tr><td>Mã xác nhận:</td><td><input name="m" /> &nbsp; &nbsp; <a href="javascript:void(0)">L?y l?i m\ufffd b?o m?t</a></td></tr></table></form></td></tr></table>"""
        return _frame(story.title, center, view)

    def listing(self, section: Section, page: int, pages: int, items: Sequence[Placed], view: View) -> str:
        """Rows of title, time and first words; pages as "1 2 3"."""
        rows = "\n".join(
            f'<tr><td valign="top"><img src="/anh/{number}.jpg" width="110" alt="" /></td>'
            f'<td valign="top"><a href="{item.url}"><b>{esc(item.story.title)}</b></a> '
            f'<font size="1">({item.story.published:%H:%M %d/%m/%Y})</font><br />'
            f"{_FONT}{esc(summary(item.story.texts[0]))}</font></td></tr>"
            for number, item in enumerate(items, 1)
        )
        pager = "&nbsp; ".join(
            f"<font color='red'>{number}</font>"
            if number == page
            else f'<a href="{self.listing_address(section, number)}">{number}</a>'
            for number in range(1, pages + 1)
        )
        center = (
            f'<h3>{section.title}</h3><table width="100%" cellpadding="6">\n{rows}\n'
            f'<tr><td colspan="2" align="center">{pager}</td></tr></table>'
        )
        return _frame(section.title, center, view)


def _frame(title: str, center: str, view: View) -> str:
    clock = view.now + timedelta(seconds=41)
    return f"""<html>
<head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8">
<title>{esc(title)} - {NAME}</title>
<meta name="generator" content="{NOTE}">
</head>
<body bgcolor="#f4f4f4" topmargin="0">
<table width="980" align="center" bgcolor="#ffffff" cellspacing="0" cellpadding="4" border="0">
<tr><td colspan="2" bgcolor="#0b5394"><font color="#ffffff" size="5">{NAME}</font> <font color="#ffffff" size="2">(trang mẫu)</font></td></tr>
<tr bgcolor="#cfe2f3"><td>{weekday(clock)}, {day_month_year(clock)} {clock:%H:%M:%S}</td><td align="right"><a href="/en">English</a> | <a href="/sitemap.htm">Sơ đồ cổng</a></td></tr>
<tr><td width="210" valign="top"><table width="100%"><tr><td><a href="/gioi-thieu.htm">Giới thiệu</a></td></tr><tr><td><a href="/tin-so-nganh.htm">Tin sở, ngành</a></td></tr><tr><td><a href="/thu-tuc.htm">Thủ tục hành chính</a></td></tr><tr><td><a href="/hoi-dap.htm">Hỏi đáp</a></td></tr></table></td>
<td valign="top">
{center}
</td></tr>
<tr><td colspan="2" bgcolor="#cfe2f3" align="center"><font size="1">{NAME} - Giấy phép số 00/GP-MAU cấp ngày 05/02/2016. Cơ quan chủ quản: đơn vị mẫu.</font></td></tr>
</table>
<!-- {NOTE} -->
</body>
</html>
"""


def _list(items: Sequence[Placed]) -> str:
    return "".join(
        f'&bull; <a href="{item.url}">{esc(item.story.title)}</a> ({item.story.published:%d/%m/%Y})<br />\n'
        for item in items
    )


def _divs(blocks: Sequence[Block]) -> str:
    return "\n<div>&nbsp;</div>\n".join(
        f"<div style='text-align: justify'>{_FONT}{_html(b)}</font></div>" for b in blocks
    )


def _broken_lines(blocks: Sequence[Block]) -> str:
    """As pasted from a mail: one element, paragraphs told apart by two line breaks only."""
    return f"<div align='justify'>{_FONT}" + "<br /><br />\n".join(map(_html, blocks)) + "</font></div>"


def _html(block: Block) -> str:
    text = esc(block.text)
    match block.kind:
        case "image":
            return (
                f'<center><img src="/anh/2026/anh-minh-hoa.jpg" width="460" alt="{text}" /><br /><i>{text}</i></center>'
            )
        case "sub":
            return f"<b>{text}</b>"
        case _:
            return text
