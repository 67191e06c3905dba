"""The Hà Tĩnh Party portal: no date of its own, "Name - Office" before "Tin mới cập nhật ( 20/08)".

Addresses are a slug at the root. The kind of markup that ASP.NET WebForms writes.
"""

from __future__ import annotations

from collections.abc import Sequence

from make.site import NOTE, Placed, Section, View
from make.texts import Block, Story
from make.words import esc, identifier, slug, summary, weekday

NAME = "Trang thông tin điện tử Đảng bộ tỉnh Hà Tĩnh"


class HaTinh:
    """A span as title, paragraphs, a right-aligned signature with the writer's office."""

    id = "hatinh-dcs"
    host = "hatinh.dcs.vn"
    server = (
        ("Server", "Microsoft-IIS/7.5"),
        ("X-AspNet-Version", "4.0.30319"),
        ("Cache-Control", "private"),
    )
    robots: str | None = None
    sections = (Section("Tin trong tỉnh", "https://hatinh.dcs.vn/tin-trong-tinh/37.html"),)

    def address(self, story: Story, number: int) -> str:  # noqa: ARG002  (addresses here have no number)
        """`/<slug>`."""
        return f"https://{self.host}/{slug(story.title)}"

    def listing_address(self, section: Section, page: int) -> str:
        """`/tin-trong-tinh/37.html?page=2`."""
        return section.url if page == 1 else f"{section.url}?page={page}"

    def article(self, placed: Placed, view: View) -> str:
        """A story; days stand only in the list below it, without a year, and are those of other stories."""
        story = placed.story
        body = "\n".join(map(_block, story.blocks))
        newest = "\n".join(
            f'<div>- <a href="{esc(_path(item))}">{esc(item.story.title)}</a> <span>{_day(item.story)}</span></div>'
            for item in view.newest[:6]
        )
        center = f"""<div class="bc"><a href="/">Trang chủ</a> / <a href="/tin-trong-tinh/37.html">{placed.section.title}</a></div>
<span id="ctl00_cphMain_ctl00_lbTieuDe" class="cpTieuDe">{esc(story.title)}</span>
<div id="ctl00_cphMain_ctl00_pnNoiDung">
{body}
<p align="right"><b>{esc(story.byline or "")}</b></p>
</div>
<div class="cpChiaSe"><a href="https://www.facebook.com/sharer.php">Facebook</a> <a href="https://zalo.me/">Zalo</a></div>
<div class="cpKhac"><b>Tin mới cập nhật</b>
{newest}</div>"""
        return _frame(f"{story.title} - {NAME}", center, placed.url, view)

    def listing(self, section: Section, page: int, pages: int, items: Sequence[Placed], view: View) -> str:
        """Titles with day and month; the pager counts in words."""
        rows = "\n".join(
            f'<tr><td><a id="ctl00_cphMain_rpt_ctl{number:02d}_hl" href="{esc(_path(item))}">{esc(item.story.title)}</a> '
            f"<span>{_day(item.story)}</span><br />{esc(summary(item.story.texts[0]))}</td></tr>"
            for number, item in enumerate(items)
        )
        links = [f'<a href="/tin-trong-tinh/37.html?page={page - 1}">Trang trước</a>'] if page > 1 else []
        links += [f'<a href="/tin-trong-tinh/37.html?page={page + 1}">Trang sau</a>'] if page < pages else []
        center = (
            f'<div class="bc"><a href="/">Trang chủ</a> / {section.title}</div>\n'
            f"<table>{rows}</table>\n<div class='pg'>Trang {page}/{pages} {' | '.join(links)}</div>"
        )
        return _frame(f"{section.title} - {NAME}", center, self.listing_address(section, page), view)


def _frame(title: str, center: str, url: str, view: View) -> str:
    state = "".join(identifier("viewstate", url, n).hex for n in range(3))
    return f"""
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="vi">
<head><title>
	{esc(title)}
</title><meta http-equiv="Content-Type" content="text/html; charset=utf-8" /><meta name="generator" content="{NOTE}" />
<style type="text/css">body{{font:14px 'Times New Roman';margin:0}}#khung{{width:960px;margin:auto}}.dau{{background:#d00;color:#fe0;padding:18px;font-size:22px}}.trai{{float:left;width:200px}}.giua{{float:left;width:720px;padding:10px}}.cpTieuDe{{font-size:22px;font-weight:bold;color:#003a8c;display:block}}.chan{{clear:both;background:#d00;color:#fff;padding:10px}}</style></head>
<body>
<form name="aspnetForm" method="post" action="./" id="aspnetForm">
<input type="hidden" name="__VIEWSTATE" id="__VIEWSTATE" value="/wEP{state}" />
<div id="khung"><div class="dau">{NAME} <small>(trang mẫu)</small></div>
<div class="ngay">{weekday(view.now)}, ngày {view.now.day} tháng {view.now.month} năm {view.now.year}</div>
<div class="trai"><ul><li><a href="/">Trang chủ</a></li><li><a href="/tin-trong-tinh/37.html">Tin trong tỉnh</a></li><li><a href="/van-ban.html">Văn bản</a></li><li><a href="/lien-he.html">Liên hệ</a></li></ul>
<div>Thăm dò ý kiến</div><div>Số lượt truy cập: 1.204.{view.now.day:03d}</div></div>
<div class="giua">
{center}
</div>
<div class="chan">Cơ quan chủ quản: đơn vị mẫu. Giấy phép thiết lập số 00/GP-MAU ngày 09/09/2014</div>
</div></form>
<!-- {NOTE} -->
</body></html>"""


def _block(block: Block) -> str:
    text = esc(block.text)
    match block.kind:
        case "image":
            return (
                '<p align="center"><img src="/upload/images/anh-minh-hoa.jpg" width="480" alt="" /></p>\n'
                f'<p align="center"><em>{text}</em></p>'
            )
        case "table":
            rows = "".join(
                "<tr>" + "".join(f"<td><p>{cell.strip()}</p></td>" for cell in row.split(";")) + "</tr>"
                for row in text.split(" / ")
            )
            return f'<table border="1" align="center" cellspacing="0"><tbody>{rows}</tbody></table>'
        case "sub":
            return f"<p><b>{text}</b></p>"
        case _:
            return f'<p style="text-align: justify;"><span style="font-size:12pt;">{text}</span></p>'


def _path(item: Placed) -> str:
    return item.url.removeprefix("https://" + HaTinh.host)


def _day(story: Story) -> str:
    return f"( {story.listed:%d/%m})" if story.listed else ""
