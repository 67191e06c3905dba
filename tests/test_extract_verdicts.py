"""Pages that are no articles are refused with a reason; bad input never raises."""

from datetime import datetime

import pytest

from pipelines.article import VIETNAM, Article, Capture, PageRules, Refusal, Template, Verdict
from pipelines.extract import article_record, extract

NOW = datetime(2026, 11, 22, 8, tzinfo=VIETNAM)
PROSE = "Chi bộ thôn Mẫu họp bàn việc sửa đường, mọi đảng viên đều có ý kiến và thống nhất cách làm. "


def read(
    body: str | bytes,
    *,
    url: str = "https://baomau.example.vn/bai-10001.html",
    status: int = 200,
    content_type: str = "text/html; charset=utf-8",
    rules: PageRules | None = None,
) -> Article | Refusal:
    data = body.encode() if isinstance(body, str) else body
    return extract(Capture(url, NOW, status, content_type, data), rules or PageRules())


def page(body: str, title: str = "Chi bộ thôn Mẫu họp bàn việc sửa đường", head: str = "") -> str:
    return f'<html lang="vi"><head><meta charset="utf-8"><title>{title}</title>{head}</head><body>{body}</body></html>'


TEASERS = "".join(
    (
        f'<div class="item"><h3><a href="/bai-{i}.html">Tin số {i} của các chi bộ trong xã Mẫu</a></h3>'
        f"<p>{PROSE}</p></div>"
    )
    for i in range(12)
)
CASES = {
    "d1n": (
        '<html><body><script>document.cookie="D1N=0123456789abcdef"+";expires=x;path=/";window.location.reload(true);</script></body></html>',
        Verdict.CHALLENGE,
    ),
    "cloudflare": (
        page(
            '<div id="cf-wrapper"><script src="/cdn-cgi/challenge-platform/h/b/orchestrate"></script></div>',
            "Just a moment...",
        ),
        Verdict.CHALLENGE,
    ),
    "captcha": (page('<form><div class="g-recaptcha"></div></form>', "Xác minh"), Verdict.CHALLENGE),
    "403 told with 200": (page("<h1>403 Forbidden</h1><hr>nginx", "403 Forbidden"), Verdict.CHALLENGE),
    "soft 404": (
        page("<h1>Không tìm thấy trang</h1><p>Trang bạn tìm không tồn tại hoặc đã bị xóa.</p>", "404"),
        Verdict.SOFT_404,
    ),
    "error with 200": (
        page("<h1>Server Error in '/' Application.</h1><p>Runtime Error</p>", "Runtime Error"),
        Verdict.ERROR_PAGE,
    ),
    "login": (
        page(
            '<form><input type="text"><input type="password"><button>Đăng nhập</button></form>',
            "Đăng nhập hệ thống",
        ),
        Verdict.LOGIN,
    ),
    "pdf viewer": (
        page(
            '<h1>Công báo số 12</h1><iframe src="/files/cong-bao.pdf"></iframe>',
            "Công báo số 12 năm 2024 của tỉnh",
        ),
        Verdict.PDF_VIEWER,
    ),
    "listing": (page(f"<h1>Xây dựng Đảng</h1>{TEASERS}", "Xây dựng Đảng"), Verdict.LISTING),
    "gallery": (
        page(
            "<h1>Ảnh sinh hoạt chi bộ thôn Mẫu năm nay</h1>"
            + "".join(f"<figure><img src='/{i}.jpg'><figcaption>Ảnh số {i}</figcaption></figure>" for i in range(6))
        ),
        Verdict.GALLERY,
    ),
    "sample text": (
        page(
            "<h1>Tiêu đề của một trang mẫu chưa có nội dung</h1>"
            + f"<div class='noidung'>{'<p>' + PROSE + '</p>'}</div>" * 8
        ),
        Verdict.STATIC,
    ),
    "nothing": (page("<div></div>", ""), Verdict.EMPTY),
    "no element": ("   ", Verdict.EMPTY),
}


@pytest.mark.parametrize("name", CASES)
def test_a_page_that_is_no_article_is_refused_under_its_name(name: str) -> None:
    source, verdict = CASES[name]
    result = read(source)
    assert isinstance(result, Refusal)
    assert (result.verdict, bool(result.reason)) == (verdict, True)


def test_a_home_page_is_told_by_its_address() -> None:
    result = read(page(TEASERS, "Báo Mẫu"), url="https://baomau.example.vn/")
    assert isinstance(result, Refusal)
    assert result.verdict is Verdict.HOME


def test_a_page_about_the_site_has_no_date_and_a_usual_title() -> None:
    result = read(
        page(
            f"<h1>Chức năng nhiệm vụ</h1><div>{f'<p>{PROSE}</p>' * 2}<p>{PROSE * 2}</p></div>",
            "Chức năng nhiệm vụ",
        ),
        url="https://mau.example.vn/chuc-nang-nhiem-vu",
    )
    assert isinstance(result, Refusal)
    assert result.verdict is Verdict.STATIC


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"%PDF-1.7 ...", "application/pdf"),
        (b"%PDF-1.7 ...", "text/html"),
        (b"\x89PNG\r\n", "image/png"),
        (b'{"a": [1]}', "application/json"),
        (b"<?xml version='1.0'?><rss version='2.0'><channel></channel></rss>", "text/xml"),
        (b"PK\x03\x04", "application/octet-stream"),
    ],
)
def test_what_is_not_html_is_told(body: bytes, content_type: str) -> None:
    result = read(body, content_type=content_type)
    assert isinstance(result, Refusal)
    assert result.verdict is Verdict.NOT_HTML


@pytest.mark.parametrize("status", [403, 404, 410, 500, 503])
def test_an_error_status_is_an_error_page(status: int) -> None:
    result = read(page(f"<h1>Chi bộ thôn Mẫu họp</h1><p>{PROSE * 4}</p>"), status=status)
    assert isinstance(result, Refusal)
    assert result.verdict is Verdict.ERROR_PAGE


def test_an_address_that_is_none_of_the_site_s_articles_is_refused() -> None:
    rules = PageRules(site="mau", article_urls=(r"-\d{5}\.html$",))
    result = read(
        page(f"<h1>Chi bộ thôn Mẫu họp bàn việc</h1><p>{PROSE * 4}</p>"),
        url="https://mau.example.vn/gioi-thieu",
        rules=rules,
    )
    assert isinstance(result, Refusal)
    assert result.verdict is Verdict.STATIC


def test_an_article_whose_headline_speaks_of_error_is_an_article() -> None:
    result = read(
        page(
            (
                f"<h1>Không tìm thấy trang bị bảo hộ, tổ công tác đình chỉ thi công</h1><div>"
                f"{f'<p>{PROSE * 3}</p>'}<p>{PROSE * 4} Hết.</p></div>"
            ),
            "Không tìm thấy trang bị bảo hộ, tổ công tác đình chỉ thi công",
        )
    )
    assert isinstance(result, Article)


def test_a_refusal_has_all_keys_and_its_reason() -> None:
    record = article_record(read(b"%PDF-1.7"), "7")
    assert record == {
        "id": "7",
        "verdict": "not_html",
        "title": None,
        "lead": None,
        "body": None,
        "author": None,
        "published_at": None,
        "published_precision": None,
        "event_date": None,
        "section": None,
        "flags": [],
        "evidence": [
            {
                "field": "verdict",
                "value": "not_html",
                "rule": "verdict",
                "raw": "",
                "confidence": 1.0,
                "note": "a PDF file",
            }
        ],
    }


BROKEN = [
    b"",
    b"\x00" * 50,
    b"<",
    b"<html",
    b"<html><body>" + b"<div>" * 30_000,
    b"<p>" * 200_000,
    b"<table><tr><td>" * 3_000 + "Chữ".encode(),
    b"<!--" * 1000,
    b"<script>" + b"x" * 100_000,
    "<p>Chữ".encode("utf-16"),
    b"\xff\xfe\x00\xd8" * 200,
    b"<a href='http://[bad'>x</a>" * 300,
    b"<title>x</title><meta property='og:title' content=''>" + b"<script type='application/ld+json'>{[{]</script>" * 20,
    b"<script type='application/ld+json'>" + b"[" * 100_000 + b"</script>",
    b"<p style='" + b"text-align:" * 20_000 + b"'>x</p>",
]


@pytest.mark.parametrize("body", BROKEN, ids=range(len(BROKEN)))
def test_broken_input_ends_in_an_outcome(body: bytes) -> None:
    assert isinstance(read(body), (Article, Refusal))


def test_a_short_piece_of_news_with_404_in_its_title_is_an_article() -> None:
    title = "Trao 404 suất quà cho hộ nghèo xã Mẫu"
    body = f"<article><h1 class='t'>{title}</h1><div class='b'><p>{PROSE * 2}</p></div></article>"
    rules = PageRules(templates=(Template("bai", title=("h1.t",), body=("div.b",)),))
    read_as = read(page(body, title), rules=rules)
    assert isinstance(read_as, Article), read_as
    assert read_as.title == title
