"""The published time of a page in which other dates stand: clocks, lists, footers, comments, events, machines."""
# ruff: noqa: E501 (tables: one case a line)

import json
from datetime import datetime
from pathlib import Path

import lxml.html
import pytest
from date_pages import BODY, CLOCK, RELATED, TITLE, json_ld, meta, page

from pipelines.article import VIETNAM, Hint, Precision, PublishedDate, Template
from pipelines.dates import choose_date, collect_dates

FETCHED = datetime(2026, 11, 22, 8, 0, tzinfo=VIETNAM)
URL = "http://mau.example.vn/tin/sinh-hoat.html"
SHOWN = "2021-10-04T07:21:00+07:00"
DAY = "2021-10-04T00:00:00+07:00"


def read(
    html: str,
    *,
    url: str = URL,
    hints: tuple[Hint, ...] = (),
    template: Template | None = None,
    title: str | None = None,
    lead: str | None = None,
    fetched_at: datetime = FETCHED,
) -> PublishedDate:
    tree = lxml.html.document_fromstring(html)
    heading = tree.find(".//h1")
    raw = title if title is not None else (heading.text_content() if heading is not None else TITLE)
    paragraphs = [p.text_content() for p in tree.iter("p") if p.getparent().get("class") == "noidung"]
    candidates = collect_dates(tree, url=url, template=template, title_raw=raw)
    return choose_date(candidates, hints=hints, fetched_at=fetched_at, url=url, lead=lead, paragraphs=paragraphs)


ITEM = '{{"@type":"NewsArticle","headline":"{0}","url":"{1}","datePublished":"{2}"}}'
MINE = ITEM.format(TITLE, URL, SHOWN)
OTHER = ITEM.format("Bài khác hẳn", "http://mau.example.vn/khac.html", "2019-01-02T03:04:00+07:00")

OWN_FOOTER = '<article class="post hentry"><header class="entry-header"><h1>{}</h1></header>{}<footer class="{}">{}</footer></article>'
STAMPED = '<span class="posted-on"><time class="entry-date published" datetime="2021-10-04T07:21:00+07:00">4/10/2021</time></span>'
CARD = '<article class="post"><a href="/a9">Hội nghị giao ban cụm số hai của xã Mẫu</a><footer class="entry-footer">{}</footer></article>'
CHANGED = '<time class="updated" datetime="2021-11-05T07:21:00+07:00">5/11/2021</time>'


def footed(foot: str, words: str = "entry-footer", after: str = "") -> str:
    """A page whose article has its own footer."""
    return page(title="", body=OWN_FOOTER.format(TITLE, BODY * 3, words, foot), after_body=after)


# name, page, published_at, precision
SHOWN_DATES = [
    ("footer of the article", footed(STAMPED), SHOWN, "minute"),
    ("footer of the article, no class", footed(STAMPED, ""), SHOWN, "minute"),
    ("footer of the article, with a change", footed(CHANGED + STAMPED), SHOWN, "minute"),
    ("never changed", page('<time class="entry-date updated" datetime="2021-10-04T07:21:00+07:00">4/10/2021</time>'), SHOWN, "minute"),
    ("footer of the article, words", footed('<span class="posted-on">Đăng vào ngày <a href="/x">04/10/2021</a></span>'), DAY, "day"),
    ("footer of another article", page(after_body=CARD.format(STAMPED)), None, "none"),
    ("footer of the page", page(after_body=f'<div class="footer">{STAMPED}</div><footer>{STAMPED}</footer>'), None, "none"),
    ("Blogger's heading", page('<h2 class="date-header"><span>Thứ Hai, 4 tháng 10, 2021</span></h2>'), DAY, "day"),
    ("Blogger's time", footed('<span class="post-timestamp">vào lúc <a class="timestamp-link" href="#"><abbr class="published" title="2021-10-04T07:21:00+07:00">07:21</abbr></a></span>', "post-footer"), SHOWN, "minute"),
    ("title over a relative time", page('<div class="m"><a>Mẫu</a> • <span title="04/10/2021 07:21">5 năm trước</span></div>'), SHOWN, "minute"),
    ("data of a stamp", page('<div class="m"><span class="timestamp" data-time="2021-10-04T07:21:00+07:00">07:21</span></div>'), SHOWN, "minute"),
    ("title of a link", page('<div class="m"><a href="#" title="Kế hoạch ngày 04/10/2021">Kế hoạch</a></div>'), None, "none"),
    ("Drupal's property", page('<div class="submitted"><span property="dc:date dc:created" content="2021-10-04T07:21:00+07:00">Gửi vào Hai, 10/04/2021</span></div>'), SHOWN, "minute"),
    ("labelled parts", page('<div class="i">04/10/2021 07:21:00 | Chuyên mục: Nông thôn mới trên quê hương | Tác giả: Kim Mẫu</div>'), SHOWN, "minute"),
    ("a headline beside a date", page('<div class="i">04/10/2021 | Chi bộ thôn Mẫu Hai họp bàn việc sửa đường liên thôn</div>'), None, "none"),
    ("boxes", page(before_title='<div class="box"><span>4</span><span>Th5</span><span>2021</span></div>'), "2021-05-04T00:00:00+07:00", "day"),
    ("pieces", page('<div class="i"><i>04</i>/<i>10</i>/<i>2021</i> 07:21</div>'), SHOWN, "minute"),
    ("numbers of pages", page('<div class="pages"><span>1</span><span>2</span><span>3</span></div>'), None, "none"),
    ("issue of a magazine", page('<div class="i">Số 245 (3112), ngày 04/10/2021</div>'), DAY, "day"),
    ("number of a document", page('<div class="i">Số 245, ngày 04/10/2021</div>'), None, "none"),
    ("English with a comma", page('<div class="d">Updated: October, 04/2021 - 07:21</div>'), SHOWN, "minute"),
    ("English with slashes", page('<div class="d">Published: 04/Oct/2021 07:21</div>'), SHOWN, "minute"),
    ("month first, a weekday's number", page('<div class="info">T2, 10/04/2021 - 07:21</div>'), SHOWN, "minute"),
    ("month first, a weekday and a machine", page('<div class="info">Thứ hai, 10/04/2021 - 07:21</div>', head=meta("article:published_time", SHOWN)), SHOWN, "minute"),
    ("a wrong weekday alone", page('<div class="info">Thứ hai, 10/04/2021 - 07:21</div>'), "2021-04-10T07:21:00+07:00", "minute"),
    ("byline and date glued", page('<div class="info">Thúy Mẫu| 04/10/2021 07:21</div>'), SHOWN, "minute"),
    ("byline and date glued, dash", page('<div class="mr-auto">Minh Mẫu - 04/10/2021 07:21</div>'), SHOWN, "minute"),
    ("time without datetime", page("<time>04/10/2021 07:21</time>"), SHOWN, "minute"),
    ("time with datetime", page('<time datetime="2021-10-04T07:21:09+0700">04/10/2021 07:21</time>'), SHOWN, "minute"),
    ("time, shown relative", page('<time datetime="2021-10-04T07:21:00+07:00">5 năm trước</time>'), SHOWN, "minute"),
    ("in the heading", page(title=f"<h1>{TITLE} <span>(04/10/2021 07:21)</span></h1>"), SHOWN, "minute"),
    ("in the heading, time first", page(title=f"<h1>{TITLE}(07:21 04/10/2021)</h1>"), SHOWN, "minute"),
    ("words", page("<span class='date'>Thứ hai, ngày 4 tháng 10 năm 2021</span>"), DAY, "day"),
    ("WordPress", page("<span class='entry-date'>Th10 4, 2021</span>"), DAY, "day"),
    ("dots", page("<span>04.10.2021</span>"), DAY, "day"),
    ("updated is the only date", page("<p>Cập nhật lúc 07:21, Thứ Hai, 04/10/2021 (GMT+7)</p>"), SHOWN, "minute"),
    ("view count is no time", page('<div class="date">04/10/2021 | 604</div>'), DAY, "day"),
    ("view count named", page("<div>Ngày đăng 04/10/2021 | 7:21 AM | View count: 400</div>"), SHOWN, "minute"),
    ("views and comments", page("<div>Thứ hai - 04/10/2021 07:21 3.217 0</div>"), SHOWN, "minute"),
    ("placeholder", page('<div class="date">04/10/2021 | 12:00 AM</div>'), DAY, "day"),
    ("CH", page("<div>Ngày xuất bản: 04/10/2021 5:02:00 CH</div>"), "2021-10-04T17:02:00+07:00", "minute"),
    ("between print links", page('<div><a href="#">Print</a> Thứ Hai, 04/10/2021 07:21 <a href="#">Gốc</a></div>'), SHOWN, "minute"),
    ("above the title", page(before_title="<div>07:21, ngày 04-10-2021</div>"), SHOWN, "minute"),
    ("after the lead", page(f"<h2>{'Một đoạn dẫn dài. ' * 12}</h2><div>04/10/2021 07:21</div>"), SHOWN, "minute"),
    ("at the end, labelled", page(after_body="<div>Ngày đăng: 04/10/2021 07:21</div>"), SHOWN, "minute"),
    ("date and time in two elements", page("<div><span>04/10/2021</span> <span>07:21</span></div>"), SHOWN, "minute"),
    ("beside the section", page('<div><a href="/x">Xây dựng Đảng</a> | 04/10/2021 07:21</div>'), SHOWN, "minute"),
    ("posted and updated", page("<div>Đăng lúc: 07:21 04/10/2021</div><div>Cập nhật: 09:00 06/10/2021</div>"), SHOWN, "minute"),
    ("old table layout", page('<table><tr><td class="ngay">(04/10/2021 07:21)</td></tr></table>', title=f"<div class='tieude'>{TITLE}</div>"), SHOWN, "minute"),
    ("an icon of a clock", page('<div><i class="fa fa-clock-o"> 04/10/2021 07:21</i></div>'), SHOWN, "minute"),
    ("class datetime", page('<div class="datetime">04/10/2021 07:21</div>'), SHOWN, "minute"),
    ("an author named like a word of documents", page("<div>Trần Khoa| 04/10/2021 07:21</div>"), SHOWN, "minute"),
    ("article's own header", page(clock=CLOCK, title=f"<header class='article-header'><h1>{TITLE}</h1><p>04/10/2021 07:21</p></header>"), SHOWN, "minute"),
]  # fmt: skip

MACHINES = [
    ("json-ld", page(head=json_ld(MINE)), SHOWN, "minute"),
    ("json-ld, shortly after midnight", page(head=json_ld(ITEM.format(TITLE, URL, "2021-10-05T00:15:00+07:00"))), "2021-10-05T00:15:00+07:00", "minute"),
    ("json-ld in UTC near midnight", page(head=json_ld(ITEM.format(TITLE, URL, "2021-10-03T23:59:00Z"))), "2021-10-04T06:59:00+07:00", "minute"),
    ("json-ld in UTC, evening", page(head=json_ld(ITEM.format(TITLE, URL, "2021-10-03T17:15:00+00:00"))), "2021-10-04T00:15:00+07:00", "minute"),
    ("json-ld without an offset", page(head=json_ld(ITEM.format(TITLE, URL, "2021-10-04T07:21:00"))), SHOWN, "minute"),
    ("json-ld, blank before the offset", page(head=json_ld(ITEM.format(TITLE, URL, "2021-10-04T07:21:11.000 +07:00"))), SHOWN, "minute"),
    ("json-ld in a graph", page(head=json_ld(f'{{"@graph":[{{"@type":"WebSite"}},{MINE}]}}')), SHOWN, "minute"),
    ("json-ld, epoch", page(head=json_ld(f'{{"@type":"NewsArticle","datePublished":{1633306860}}}')), SHOWN, "minute"),
    ("json-ld beside others", page(head=json_ld(f"[{OTHER},{MINE}]")), SHOWN, "minute"),
    ("json-ld of a list", page(head=json_ld(f'{{"@type":"ItemList","itemListElement":[{OTHER}]}}')), None, "none"),
    ("json-ld, broken", page(head=json_ld(MINE[:-1] + ',"description":"một "ngoặc" thừa"}')), SHOWN, "minute"),
    ("json-ld day, meta minute", page(head=json_ld(ITEM.format(TITLE, URL, "2021-10-04")) + meta("article:published_time", SHOWN)), SHOWN, "minute"),
    ("json-ld day, line minute", page("<div>04/10/2021 - 07:21</div>", head=json_ld(ITEM.format(TITLE, URL, "2021-10-04"))), SHOWN, "minute"),
    ("json-ld seconds, line minute", page("<div>Thứ hai, 04/10/2021 - 07:21</div>", head=json_ld(ITEM.format(TITLE, URL, "2021-10-04T07:21:48+07:00"))), SHOWN, "minute"),
    ("line shows another minute", page("<div>04/10/2021 07:21</div>", head=json_ld(ITEM.format(TITLE, URL, "2021-10-04T07:15:48+07:00"))), SHOWN, "minute"),
    ("meta", page(head=meta("article:published_time", "2021-10-04T07:21:00+0700")), SHOWN, "minute"),
    ("meta by name", page(head='<meta name="pubdate" content="2021-10-04T07:21:00+07:00">'), SHOWN, "minute"),
    ("meta, midnight is a placeholder", page(head=meta("article:published_time", "2021-10-04T00:00:00")), DAY, "day"),
    ("line and month-first meta", page("<span>07/08/2019 10:15</span>", head=meta("article:published_time", "8/7/2019 10:15:00 AM")), "2019-08-07T10:15:00+07:00", "minute"),
    ("month-first meta, impossible otherwise", page(head=meta("article:published_time", "8/25/2019 10:15:00 AM")), "2019-08-25T10:15:00+07:00", "minute"),
    ("month-first meta, proven by the modified one", page(head=meta("article:published_time", "8/7/2019 10:15:00 AM") + meta("article:modified_time", "8/25/2019 1:00:00 PM")), "2019-08-07T10:15:00+07:00", "minute"),
    ("month-first meta, would lie ahead", page(head=meta("article:published_time", "8/12/2026 10:15:00 AM")), "2026-08-12T10:15:00+07:00", "minute"),
    ("modified-only meta", page(head=meta("article:modified_time", "2022-01-02T03:04:00+07:00")), None, "none"),
    ("modified-only meta and a line", page("<div>04/10/2021 07:21</div>", head=meta("article:modified_time", "2022-01-02T03:04:00+07:00")), SHOWN, "minute"),
    ("modified-only json-ld", page(head=json_ld('{"@type":"NewsArticle","dateModified":"2022-01-02T03:04:00+07:00"}')), None, "none"),
    ("render-time meta and a line", page("<div>04/10/2021 07:21</div>", head=meta("article:published_time", "2026-11-22T07:59:58+07:00")), SHOWN, "minute"),
    ("render-time meta and json-ld", page(head=json_ld(MINE) + meta("article:published_time", "2026-11-22T08:00:00+07:00")), SHOWN, "minute"),
    ("render-time meta after the change", page(head=meta("article:published_time", "2026-11-22T08:00:00+07:00") + meta("article:modified_time", "2021-10-06T08:00:00+07:00")), None, "none"),
    ("the line says updated", page("<div>Cập nhật: 09:00 06/10/2021</div>", head=json_ld(MINE)), SHOWN, "minute"),
    ("future meta", page(head=meta("article:published_time", "2031-01-01T00:00:00+07:00")), None, "none"),
    ("year 1 of .NET", page(head=meta("article:published_time", "0001-01-01T00:00:00")), None, "none"),
    ("epoch zero", page(head=meta("article:published_time", "1970-01-01T07:00:00+07:00")), None, "none"),
]  # fmt: skip

LIARS = [
    ("clock, lists and footer only", page(), None, "none"),
    ("clock without a class", page(clock="<div><span>Chủ nhật, ngày 22 tháng 11 năm 2026</span></div>"), None, "none"),
    ("clock with minutes above the title", page(before_title="<div>Chủ nhật, 22/11/2026, 07:58 [GMT+7]</div>"), None, "none"),
    ("clock of another day in a header", page(clock='<header><div class="date-time">Thứ sáu, 29/03/2024, 03:46 [GMT+7]</div></header>'), None, "none"),
    ("clock named today", page(clock='<div id="current-date">Thứ hai, 18-8-25 09:33:47</div>'), None, "none"),
    ("clock in the sidebar", page(after_body='<div class="sidebar">Hôm nay, ngày 20 tháng 2 năm 2019</div>'), None, "none"),
    ("day and month only", page(title=f"<h1>{TITLE} <span>( 20/08)</span></h1>"), None, "none"),
    ("list between title and text", page('<div class="list_news_top"><div><a href="/k">Một bài khác với nhan đề khá dài</a> <span>05/09/2021 08:00</span></div></div>'), None, "none"),
    ("list of cards without classes", page(after_body='<section><div><h4><a href="/k">Một bài khác với nhan đề khá dài</a></h4><p>05/09/2021 08:00</p></div></section>'), None, "none"),
    ("short text, then a list", page(body="<p>Một câu ngắn.</p>"), None, "none"),
    ("comments", page("<div>04/10/2021 07:21</div>", after_body='<div class="comments"><div>Bạn đọc <span>10/11/2021 08:00</span> hay</div></div>'), SHOWN, "minute"),
    ("comments only", page(after_body='<div class="box-binh-luan"><div>Bạn đọc <span>10/11/2021 08:00</span> hay</div></div>'), None, "none"),
    ("comments without a class", page(after_body="<div><div>Bạn đọc <span>10/11/2021 08:00</span> hay</div></div>"), None, "none"),
    ("anniversaries", page("<div>04/10/2021 07:21</div>", body='<div class="noidung"><p>Ngày 3-2-1930 là ngày thành lập; ngày 30-4-1975 đất nước thống nhất.</p></div>'), SHOWN, "minute"),
    ("a resolution's day", page(body='<div class="noidung"><p>Nghị quyết số 01-NQ/TU ngày 05/01/2021</p><p>Một câu.</p></div>'), None, "none"),
    ("a document's fields", page("<div>Ngày ban hành: 05/01/2021</div><div>Ngày hiệu lực: 01/02/2021</div>"), None, "none"),
    ("a deadline", page("<div>Hạn nộp hồ sơ: 30/11/2021</div>"), None, "none"),
    ("a licence in the article's box", page(after_body="<div>Giấy phép số 00/GP cấp ngày 05/02/2016</div>", footer=""), None, "none"),
    ("a place and day that sign", page(body='<div class="noidung"><p>Một câu ngắn.</p><p>Xã Mẫu, ngày 05 tháng 01 năm 2021</p></div>'), None, "none"),
    ("HTML comment", page("<!-- 01/02/2020 09:00 --><div>04/10/2021 07:21</div>"), SHOWN, "minute"),
    ("hidden", page('<div style="display: none">01/02/2020 09:00</div><div>04/10/2021 07:21</div>'), SHOWN, "minute"),
    ("data in a script", page("<script>var x = '01/02/2020 09:00';</script><div>04/10/2021 07:21</div>"), SHOWN, "minute"),
    ("an event announced", page(body='<div class="noidung"><p>Lịch họp: 30/12/2027</p></div>'), None, "none"),
    ("a caption", page("<figure><img src='/a.jpg'><figcaption>Ảnh chụp 05/09/2021</figcaption></figure>"), None, "none"),
    ("next and previous", page(after_body='<div class="older"><a href="/x">Bài trước có nhan đề dài</a> 05/09/2021</div>'), None, "none"),
    ("lunar day", page("<div>15/8/2021 (ÂL)</div>"), None, "none"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("html", "published", "precision"),
    [pytest.param(*row[1:], id=row[0]) for row in SHOWN_DATES + MACHINES + LIARS],
)
def test_the_published_time_of_a_page_with_other_dates(html: str, published: str | None, precision: str) -> None:
    found = read(html)
    assert (found.published_at, found.precision.value) == (published, precision)
    assert (found.date_estimate_basis == "published") is (published is not None)


def test_nothing_known_is_none_and_not_a_guess() -> None:
    assert read(page()) == PublishedDate()


def test_a_contradiction_is_noted_with_what_lost() -> None:
    found = read(page("<div>04/10/2021 07:21</div>", head=meta("article:published_time", "2021-10-02T08:00:00+07:00")))
    assert found.published_at == SHOWN
    assert found.flags == ("date_contradiction",)
    assert [(e.field, e.value, e.note) for e in found.evidence] == [
        ("published_at", SHOWN, "no zone given: +07:00 assumed"),
        ("published_at_rejected", "2021-10-02T08:00:00+07:00", "another day than 2021-10-04"),
    ]
    assert found.evidence[0].confidence == 0.8


def test_a_placeholder_takes_the_minute_of_the_feed() -> None:
    html = page('<div class="date">04/10/2021 | 12:00 AM</div>')
    found = read(html, hints=(Hint("feed", "Mon, 04 Oct 2021 07:21:00 +0700"),))
    assert (found.published_at, found.precision) == (SHOWN, Precision.MINUTE)


@pytest.mark.parametrize(
    ("url", "hints", "published", "precision"),
    [
        (URL, (Hint("feed", "Mon, 04 Oct 2021 00:21:00 GMT"),), SHOWN, "minute"),
        (URL, (Hint("feed", "10/4/2021 7:21:00 AM"), Hint("listing", "04/10/2021")), SHOWN, "minute"),
        (URL, (Hint("listing", "(04/10/2021)"),), DAY, "day"),
        (URL, (Hint("sitemap", "2021-10-04"),), DAY, "day"),
        (URL, (Hint("listing", "3 ngày trước"),), "2026-11-19T00:00:00+07:00", "day"),
        ("http://mau.example.vn/tin/2021/10/04/bai.html", (), DAY, "day"),
        ("http://mau.example.vn/tin/202110/bai-abc123/", (), "2021-10-01T00:00:00+07:00", "month"),
    ],
)
def test_hints_and_the_address_speak_where_the_page_is_silent(
    url: str, hints: tuple[Hint, ...], published: str, precision: str
) -> None:
    found = read(page(), url=url, hints=hints)
    assert (found.published_at, found.precision.value, found.date_estimate_basis) == (
        published,
        precision,
        "published",
    )


def test_the_page_beats_hints_and_address() -> None:
    found = read(
        page("<div>04/10/2021 07:21</div>"),
        url="http://mau.example.vn/2021/10/02/bai.html",
        hints=(Hint("feed", "2021-10-05T08:00:00+07:00"),),
    )
    assert found.published_at == SHOWN


def test_the_clock_in_an_id_is_an_estimate_only() -> None:
    found = read(page(), url="https://mau.example.vn/bai-102211004072100123.htm")
    assert (found.published_at, found.date_estimate, found.date_estimate_basis) == (
        None,
        "2021-10-04",
        "address",
    )


@pytest.mark.parametrize(
    ("url", "hints", "published"),
    [
        ("http://mau.example.vn/2018/08/20/bai.html", (), "2018-08-20T00:00:00+07:00"),
        ("http://mau.example.vn/201808/bai/", (), "2018-08-20T00:00:00+07:00"),
        (URL, (Hint("neighbours", "31/12/2017"),), "2017-08-20T00:00:00+07:00"),
        (URL, (Hint("feed", "Mon, 20 Aug 2018 09:00:00 +0700"),), "2018-08-20T09:00:00+07:00"),
        (URL, (), None),
    ],
)
def test_a_day_without_a_year_is_completed_from_evidence_only(
    url: str, hints: tuple[Hint, ...], published: str | None
) -> None:
    found = read(page(title=f"<h1>{TITLE} <span>( 20/08)</span></h1>"), url=url, hints=hints)
    assert found.published_at == published
    if published and published.endswith("T00:00:00+07:00"):
        assert "date_completed" in found.flags
        assert "year from" in found.evidence[0].rule


LEADS = [
    ("Ngày 17-4-2012, xã Mẫu tổ chức giao ban.", "", None, "2012-04-17", "2012-04-17", "event_date"),
    ("Chiều 01/7, xã Mẫu họp.", "04/07/2020 08:00", "2020-07-04T08:00:00+07:00", "2020-07-01", "2020-07-04", "published"),
    ("Sáng 11-10, xã Mẫu họp.", "", None, None, None, None),
    ("(Mau.vn) - Sáng ngày 28/12, xã Mẫu họp.", "02/01/2021 08:00", "2021-01-02T08:00:00+07:00", "2020-12-28", "2021-01-02", "published"),
    ("MAU - Sáng nay (3/12), xã Mẫu họp.", "03/12/2018 17:40", "2018-12-03T17:40:00+07:00", "2018-12-03", "2018-12-03", "published"),
    ("Chiều thứ Hai, ngày 4 tháng 10 năm 2021, xã họp.", "", None, "2021-10-04", "2021-10-04", "event_date"),
    ("Ngày 2-9-1945 là ngày lễ lớn.", "", None, None, None, None),
    ("Từ ngày 1/10/2021, quy định có hiệu lực.", "", None, None, None, None),
    ("Trong hai ngày 10 và 11-10-2021, xã họp.", "", None, None, None, None),
    ("Kế hoạch ngày 4/10/2021 nêu rõ mục tiêu.", "", None, None, None, None),
    ("Ngày 30/02/2021, xã họp.", "", None, None, None, None),
]  # fmt: skip


@pytest.mark.parametrize(("lead", "line", "published", "event", "estimate", "basis"), LEADS)
def test_the_day_that_opens_a_lead_is_the_events_day(
    lead: str, line: str, published: str | None, event: str | None, estimate: str | None, basis: str | None
) -> None:
    found = read(page(f"<div>{line}</div>" if line else ""), lead=lead)
    assert (found.published_at, found.event_date) == (published, event)
    assert (found.date_estimate, found.date_estimate_basis) == (estimate, basis)


def test_the_day_that_signs_the_end_is_the_events_day() -> None:
    body = BODY.replace("</div>", "<p>Xã Mẫu, ngày 5 tháng 1 năm 2021</p></div>")
    found = read(page(body=body))
    assert (found.published_at, found.event_date, found.date_estimate_basis) == (
        None,
        "2021-01-05",
        "event_date",
    )


def test_a_template_is_believed_and_spares_the_walk() -> None:
    template = Template("mau/bai", published=("div.ngay-gio",))
    html = page('<div class="ngay-gio">04/10/2021 07:21</div><div>05/10/2021 09:00</div>', head=json_ld(OTHER))
    found = read(html, template=template)
    assert found.published_at == SHOWN
    assert found.evidence[0].rule == "template:mau/bai published div.ngay-gio"


def test_relative_dates_count_from_the_fetch() -> None:
    found = read(page("<span class='time'>2 giờ trước</span>"), fetched_at=FETCHED)
    assert (found.published_at, found.precision.value) == ("2026-11-22T00:00:00+07:00", "day")
    found = read(page("<span class='time'>Hôm qua lúc 08:30</span>"))
    assert (found.published_at, found.precision.value) == ("2026-11-21T08:30:00+07:00", "minute")


def test_an_article_of_today_is_not_taken_for_a_clock() -> None:
    head = meta("article:published_time", "2026-11-22T07:30:00+07:00")
    found = read(page("<div>22/11/2026 07:30</div>", head=head))
    assert found.published_at == "2026-11-22T07:30:00+07:00"
    assert found.flags == ()


def test_collecting_leaves_the_tree_as_it_is() -> None:
    tree = lxml.html.document_fromstring(page("<div>04/10/2021 07:21</div>", related=RELATED))
    before = lxml.html.tostring(tree)
    collect_dates(tree, url=URL, template=None, title_raw=TITLE)
    assert lxml.html.tostring(tree) == before


@pytest.mark.shared
def test_all_shared_traps_are_right(shared: Path) -> None:
    wrong = {}
    for line in (shared / "gold" / "date_traps.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        found = read(case["html"], url=case["url"], fetched_at=datetime.fromisoformat(case["fetched_at"]))
        day = found.published_at[:10] if found.published_at else None
        if day != case["published_date"]:
            wrong[case["id"]] = (case["published_date"], found.published_at)
    assert wrong == {}


@pytest.mark.shared
def test_all_shared_pages_have_their_minute_without_a_template(shared: Path) -> None:
    wrong, count = {}, 0
    for line in (shared / "pages" / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        if case["kind"] != "article":
            continue
        gold, count = case["gold"], count + 1
        html = (shared / "pages" / case["file"]).read_bytes().decode("utf-8", "replace")
        found = read(html, url=case["url"] or "", title=gold["title"] or "")
        want = (gold["published"], bool(gold.get("time_is_placeholder")))
        if (found.published_at, found.published_at is not None and found.precision is Precision.DAY) != want:
            wrong[case["file"]] = (want, found.published_at)
    assert (wrong, count) == ({}, 25)
