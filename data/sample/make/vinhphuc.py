"""The organisation department of Vĩnh Phúc: "(03/12/2018 17:40)" inside the title, "Xem phản hồi" by the byline.

Articles are told apart by a GUID in the query; the listing is the home page.
"""

from __future__ import annotations

from collections.abc import Sequence

from make.site import NOTE, Placed, Section, View
from make.texts import Block, Story
from make.words import day_month_year, esc, identifier, minute, weekday

NAME = "Ban Tổ chức Tỉnh ủy Vĩnh Phúc"


class VinhPhuc:
    """`/ContentDetail/NewsDetailView?NewsId=<GUID>`; the document title is the site's name on every page."""

    id = "vinhphuc-btctu"
    host = "vinhphuc.dcs.vn"
    server = (("Server", "Microsoft-IIS/10.0"), ("X-AspNetMvc-Version", "5.2"), ("Content-Encoding", "gzip"))
    robots: str | None = "\ufeffUser-agent: *\r\nDisallow: /Admin/\r\nDisallow: /Account/\r\n"
    sections = (Section("", "https://vinhphuc.dcs.vn/"),)

    def address(self, story: Story, number: int) -> str:  # noqa: ARG002  (addresses here have no number)
        """The GUID comes from the story's key, so that an edited title keeps its address."""
        return f"https://{self.host}/ContentDetail/NewsDetailView?NewsId={identifier(self.id, story.key)}"

    def listing_address(self, section: Section, page: int) -> str:
        """`/?page=2`."""
        return section.url if page == 1 else f"{section.url}?page={page}"

    def article(self, placed: Placed, view: View) -> str:
        """Title and time in one heading, byline and "Xem phản hồi" in one line, then "Tin khác"."""
        story = placed.story
        body = "\n".join(map(_block, story.blocks))
        time = minute(story.published) if story.published else ""
        others = "\n".join(
            f'<li><a href="{esc(_path(item))}">{esc(item.story.title)}</a> {_day(item.story)}</li>'
            for item in view.newest[2:8]
        )
        center = f"""<div class="row newsview"><h1 class="t">{esc(story.title)} <span>({time})</span></h1>
<div class="n">
{body}
</div>
<div class="m">&nbsp;<strong>{esc(story.byline or "")}</strong> <a href="#fb">Xem phản hồi</a></div>
<div id="fb"></div>
<h3>Tin khác</h3>
<ul class="o">
{others}
</ul></div>"""
        return _frame(center, view)

    def listing(self, section: Section, page: int, pages: int, items: Sequence[Placed], view: View) -> str:  # noqa: ARG002
        """A list of titles with their days and first words, numbered pages with « and »."""
        rows = "\n".join(
            f'<div class="it"><h4><a href="{esc(_path(item))}">{esc(item.story.title)}</a></h4>'
            f"<small>{minute(item.story.published) if item.story.published else ''}</small></div>"
            for item in items
        )
        numbers = [(str(n), n) for n in range(1, pages + 1)]
        if page < pages:
            numbers.append(("»", page + 1))
        pager = "".join(
            f'<li class="active"><span>{label}</span></li>'
            if number == page
            else f'<li><a href="{"/" if number == 1 else f"/?page={number}"}">{label}</a></li>'
            for label, number in numbers
        )
        return _frame(f'<h3>Tin tức - Sự kiện</h3>\n{rows}\n<ul class="pagination">{pager}</ul>', view)


def _frame(center: str, view: View) -> str:
    return f"""<!DOCTYPE html>
<html lang="vi">
<head>
<meta charset="utf-8" />
<title>{NAME}</title>
<meta name="generator" content="{NOTE}" />
<style>body{{font:15px Tahoma,Arial;margin:0}}.container{{width:1000px;margin:auto}}.hd{{background:#a40000;color:#ffd700;padding:16px}}.tm{{text-align:right;color:#555}}h1.t{{font-size:22px;color:#a40000}}h1.t span{{font-size:13px;color:#666}}.pagination li{{display:inline;padding:4px}}.m{{text-align:right}}.ft{{background:#eee;padding:12px}}</style>
</head>
<body>
<div class="container">
<div class="hd"><big>{NAME}</big> <small>(trang mẫu)</small></div>
<div class="tm">{weekday(view.now)}, {day_month_year(view.now)} | {view.now:%H:%M}</div>
<nav><a href="/">Trang chủ</a> · <a href="/Home/GioiThieu">Giới thiệu</a> · <a href="/Home/VanBan">Văn bản</a> · <a href="/Home/LienHe">Liên hệ</a></nav>
{center}
<div class="ft">{NAME}. Địa chỉ: số 0, đường Mẫu. Cập nhật lần cuối: {day_month_year(view.now)}. Bản quyền © 2018-{view.now.year}</div>
</div>
<!-- {NOTE} -->
</body>
</html>
"""


def _block(block: Block) -> str:
    text = esc(block.text)
    match block.kind:
        case "table":
            rows = "".join(
                "<tr>" + "".join(f"<td>{cell.strip()}</td>" for cell in row.split(";")) + "</tr>"
                for row in text.split(" / ")
            )
            return f'<table class="table table-bordered" border="1">{rows}</table>'
        case "file":
            return f'<p>Tệp đính kèm: <a href="/Uploads/Files/{esc(block.more)}">{text}</a></p>'
        case "image":
            return f'<p style="text-align:center"><img src="/Uploads/anh.jpg" alt="" /><br /><em>{text}</em></p>'
        case _:
            return f'<p class="MsoNormal" style="text-align:justify;text-indent:36pt"><span>{text}</span></p>'


def _path(item: Placed) -> str:
    return item.url.removeprefix("https://" + VinhPhuc.host)


def _day(story: Story) -> str:
    return f"({day_month_year(story.published)})" if story.published else ""
