"""Báo Hànộimới in OneCMS markup: "Thúy Mẫu| 19/11/2026 07:21", "(HNM) - ", JSON-LD, feeds, site maps.

Two article templates, as the CMS has them: the usual one, and the long form for texts with a picture.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime

from make.site import NOTE, Placed, Section, View
from make.texts import Block, Story
from make.words import day_month_year, esc, minute, slug, summary, weekday

NAME = "Báo Hànộimới"
RIGHTS = "(*) Muốn sao chép bài của trang mẫu này, xin hỏi người làm mẫu trước."


class HanoiMoi:
    """`/<slug>-<number>.html`; the former host redirects from `/Tin-tuc/<Section>/<number>/<slug>`."""

    id = "hanoimoi"
    host = "hanoimoi.vn"
    server = (("Server", "nginx"), ("Vary", "Accept-Encoding"), ("Content-Encoding", "gzip"))
    robots: str | None = (
        "User-agent: *\nDisallow: /api/\nDisallow: /tim-kiem\n\nSitemap: https://hanoimoi.vn/sitemap.xml\n"
    )
    sections = (
        Section("Xây dựng Đảng", "https://hanoimoi.vn/chinh-tri/xay-dung-dang"),
        Section("Chính trị", "https://hanoimoi.vn/chinh-tri"),
    )

    def address(self, story: Story, number: int) -> str:
        """The number grows with the day, as the paper's own do."""
        return f"https://{self.host}/{slug(story.title)}-{830100 + 37 * number}.html"

    def former_address(self, story: Story, number: int) -> str:
        """Where the same article was on the host the paper had before."""
        return f"http://hanoimoi.com.vn/Tin-tuc/Xay-dung-Dang/{1020400 + 13 * number}/{slug(story.title)}"

    def listing_address(self, section: Section, page: int) -> str:
        """`/chinh-tri/xay-dung-dang?page=2`, the address behind the "load more" button."""
        return section.url if page == 1 else f"{section.url}?page={page}"

    def article(self, placed: Placed, view: View) -> str:
        """A story; long form where it has a picture."""
        story = placed.story
        lead, *rest = story.blocks
        body = "\n".join(_block(block) for block in rest[:2]) + _related(view.newest[3:5])
        body += "\n".join(_block(block) for block in rest[2:])
        long = any(block.kind == "image" for block in rest)
        head = (_long_head if long else _head)(story, lead)
        tags = "".join(f'<li><a href="/tu-khoa/{slug(tag)}.html">{esc(tag)}</a></li>' for tag in story.tags)
        unmissable = "".join(f'<li><a href="{item.url}">{esc(item.story.title)}</a></li>' for item in view.newest[:3])
        later = "".join(
            f'<li><a href="{item.url}">{esc(item.story.title)}</a> <span class="time">{_time(item.story)}</span></li>'
            for item in view.newest[6:10]
        )
        center = f"""<div class="c-breadcrumb"><a href="/chinh-tri">Chính trị</a> <a href="{_path(placed.section)}">{placed.section.title}</a></div>
<div class="c-news-detail"><article class="entry">
<div class="c-follow">Theo dõi Báo Hànộimới trên <a href="https://news.google.com/">Google News</a></div>
{head}
<div class="b-maincontent">
{body}
</div></article>
<div class="c-widget-tags onecms__tags"><ul>{tags}</ul></div>
<div class="c-share"><a href="https://www.facebook.com/sharer.php">Facebook</a> <a href="https://zalo.me/">Zalo</a></div>
<div class="c-comments"><div class="c-comments__title">(0) Bình luận</div><textarea placeholder="Ý kiến của bạn"></textarea><div class="c-comment-list onecms__comment__list"></div></div>
<div class="c-box"><div class="c-box__title">Đừng bỏ lỡ</div><ul>{unmissable}</ul></div>
<p class="c-note">{RIGHTS}</p>
<div class="c-box"><div class="c-box__title">Bài đọc tiếp</div><ul>{later}</ul></div>
</div>"""
        return _frame(story.title, _article_head(placed), center, view)

    def listing(self, section: Section, page: int, pages: int, items: Sequence[Placed], view: View) -> str:
        """Items of the "load more" list; the button is the only way to the next page."""
        rows = "\n".join(
            f'<li class="article__loading"><div class="b-grid"><a class="b-grid__img" href="{item.url}">'
            f'<img src="https://hnm.1cdn.vn/2026/thumb/{number}.jpg" alt=""></a><h3 class="b-grid__title">'
            f'<a href="{item.url}">{esc(item.story.title)}</a></h3><span class="b-grid__time">{_time(item.story)}</span>'
            f'<div class="b-grid__desc">{esc(summary(item.story.texts[0]))}</div></div></li>'
            for number, item in enumerate(items, 1)
        )
        more = (
            f'<div class="onecms__loadmore"><a href="{_path(section)}?page={page + 1}">Xem thêm</a></div>'
            if page < pages
            else ""
        )
        feed = f'<link rel="alternate" type="application/rss+xml" href="{feed_address(section)}">\n'
        center = f'<h1 class="c-cate">{section.title}</h1><ul class="onecms__loading">\n{rows}\n</ul>{more}'
        return _frame(f"{section.title} mới nhất hôm nay", feed, center, view)


def feed_address(section: Section) -> str:
    """`https://hanoimoi.vn/rss/chinh-tri/xay-dung-dang`."""
    return section.url.replace("https://hanoimoi.vn/", "https://hanoimoi.vn/rss/")


def feed(section: Section, items: Sequence[Placed], now: datetime) -> str:
    """RSS 2.0 with pubDate and a picture before the summary, as the CMS writes it."""
    entries = "\n".join(
        f"<item><title>{esc(item.story.title)}</title><link>{item.url}</link>"
        f'<description><![CDATA[<a href="{item.url}"><img src="https://hnm.1cdn.vn/2026/thumb/0.jpg"></a>'
        f"{esc(summary(item.story.texts[0]))}]]></description>"
        f"<pubDate>{format_datetime(item.story.published) if item.story.published else ''}</pubDate>"
        f"<guid>{item.url}</guid></item>"
        for item in items
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel>\n'
        f"<title>{section.title} - {NAME}</title><link>{section.url}</link>"
        f"<description>{NOTE}</description><lastBuildDate>{format_datetime(now)}</lastBuildDate>\n"
        f"{entries}\n</channel></rss>\n"
    )


def sitemap_index(now: datetime) -> str:
    """The index: one site map of fresh news, one (compressed) of the month."""
    parts = ("sitemap-news.xml", "sitemap-article-2026-11.xml.gz")
    rows = "\n".join(
        f"<sitemap><loc>https://hanoimoi.vn/{part}</loc><lastmod>{now.isoformat()}</lastmod></sitemap>"
        for part in parts
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{rows}\n</sitemapindex>\n'
    )


def sitemap(items: Sequence[Placed], *, news: bool) -> str:
    """Addresses with their last change; a news site map has title and publication time as well."""
    rows = []
    for item in items:
        time = item.story.published.isoformat() if item.story.published else ""
        extra = (
            f"<news:news><news:publication><news:name>{NAME}</news:name><news:language>vi</news:language>"
            f"</news:publication><news:publication_date>{time}</news:publication_date>"
            f"<news:title>{esc(item.story.title)}</news:title></news:news>"
        )
        rows.append(f"<url><loc>{item.url}</loc><lastmod>{time}</lastmod>{extra if news else ''}</url>")
    space = ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"' if news else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"{space}>\n' + "\n".join(rows) + "\n</urlset>\n"
    )


def _frame(title: str, head: str, center: str, view: View) -> str:
    return f"""<!DOCTYPE html>
<html lang="vi">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{esc(title)} | {NAME}</title>
<meta name="generator" content="{NOTE}">
{head}<style>body{{font:16px Arial;margin:0;color:#222}}.c-header,.l-main,footer{{max-width:760px;margin:auto;padding:8px}}.c-header__logo{{color:#b5121b;font:bold 30px serif}}.desc,.sc-longform-header-sapo{{font-weight:bold}}figcaption{{font-style:italic;color:#666}}.c-related,.c-box,.c-widget-tags{{background:#f5f5f5;padding:8px;margin:8px 0}}.c-widget-tags li{{display:inline;padding:4px}}</style>
</head>
<body>
<header class="c-header"><a class="c-header__logo" href="/">{NAME}</a> <small>trang mẫu</small> <span class="c-header__date">{weekday(view.now).title()}, {day_month_year(view.now)}</span>
<nav><a href="/chinh-tri">Chính trị</a> <a href="/chinh-tri/xay-dung-dang">Xây dựng Đảng</a> <a href="/kinh-te">Kinh tế</a> <a href="/do-thi">Đô thị</a></nav></header>
<div class="l-main">
{center}
</div>
<footer>{NAME}. Giấy phép số 00/GP-MAU ngày 01-01-2020. Hotline: 000.0000.0000</footer>
<!-- {NOTE} -->
</body>
</html>
"""


def _article_head(placed: Placed) -> str:
    story = placed.story
    time = story.published.isoformat() if story.published else ""
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": placed.url,
        "headline": story.title,
        "datePublished": time,
        "dateModified": time,
        "author": {"@type": "Person", "name": story.byline},
        "publisher": {"@type": "Organization", "name": NAME},
    }
    return (
        f'<meta name="description" content="{esc(summary(story.texts[0], 30))}">\n'
        f'<meta name="keywords" content="{esc(", ".join(story.tags))}">\n'
        f'<link rel="canonical" href="{placed.url}">\n'
        f'<meta property="og:title" content="{esc(story.title)}">\n'
        f'<meta property="article:published_time" content="{time}">\n'
        f'<script type="application/ld+json">{json.dumps(data, ensure_ascii=False)}</script>\n'
    )


def _head(story: Story, lead: Block) -> str:
    return (
        f'<h1 class="c-detail-head__title">{esc(story.title)}</h1>\n<div class="c-detail-head__row">'
        f'<span class="c-detail-head__author">{esc(story.byline or "")}</span>| '
        f'<span class="c-detail-head__time">{_time(story)}</span></div>\n<p class="desc">{esc(lead.text)}</p>'
    )


def _long_head(story: Story, lead: Block) -> str:
    time = f"{story.published:%d/%m/%Y - %H:%M}" if story.published else ""
    return (
        f'<div class="sc-longform-header"><h1 class="sc-longform-header-title block-sc-title">{esc(story.title)}</h1>\n'
        f'<span class="sc-longform-header-author block-sc-author">{esc(story.byline or "")}</span>\n'
        f'<span class="sc-longform-header-date block-sc-publish-time">{time}</span>\n'
        f'<p class="sc-longform-header-sapo block-sc-sapo">{esc(lead.text)}</p></div>'
    )


def _related(items: Sequence[Placed]) -> str:
    links = "".join(f'<li><a href="{item.url}">{esc(item.story.title)}</a></li>' for item in items)
    return f'\n<div class="c-related"><b>Bài liên quan</b><ul>{links}</ul></div>\n' if links else "\n"


def _block(block: Block) -> str:
    text = esc(block.text)
    match block.kind:
        case "image":
            return (
                '<figure class="expNoEdit"><img src="https://hnm.1cdn.vn/2026/11/18/anh-minh-hoa.jpg" alt="">'
                f"<figcaption>{text} {esc(block.more)}</figcaption></figure>"
            )
        case "table":
            first, *rows = text.split(" / ")
            head = "".join(f"<th>{cell.strip()}</th>" for cell in first.split(";"))
            cells = "".join(
                "<tr>" + "".join(f"<td>{cell.strip()}</td>" for cell in row.split(";")) + "</tr>" for row in rows
            )
            return f'<table border="1"><tbody><tr>{head}</tr>{cells}</tbody></table>'
        case "sub":
            return f"<h2>{text}</h2>"
        case _:
            return f"<p>{text}</p>"


def _path(section: Section) -> str:
    return section.url.removeprefix("https://" + HanoiMoi.host)


def _time(story: Story) -> str:
    return minute(story.published) if story.published else ""
