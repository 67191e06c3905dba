"""What a page is when it is no article. Every refusal has one short sentence for the operator."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from pipelines.article import Capture, PageRules, Refusal, Verdict
from pipelines.extract.compare import words
from pipelines.extract.page import Page, visible_text
from pipelines.queries import elements

_HTML_TYPES = (
    "text/html",
    "application/xhtml",
    "text/plain",
    "application/octet-stream",
    "application/xml",
    "text/xml",
)
_MAGIC = (
    (b"%PDF-", "a PDF file"),
    (b"PK\x03\x04", "a ZIP or Office file"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"RIFF", "a media file"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"),
    (b"\x1f\x8b", "compressed data that was not unpacked"),
)
_FEED = re.compile(
    rb"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:rss|feed|urlset|sitemapindex|rdf:RDF)\b",
    re.DOTALL | re.IGNORECASE,
)
_JSON = re.compile(rb"^\s*[\[{]\s*[\"\[{\]}]")

# Each: the mark in the source of a short page, and what it is.
_CHALLENGES = (
    (re.compile(r"document\.cookie\s*=\s*[\"']D1N="), "the D1N cookie script of a Vietnamese host: blocked"),
    (
        re.compile(
            r"cf[-_]chl|cf-browser-verification|challenge-platform/h/|__cf_chl|cdn-cgi/challenge",
            re.IGNORECASE,
        ),
        "a Cloudflare challenge",
    ),
    (
        re.compile(
            (
                r"<title>\s*(?:just a moment|attention required|one moment, please|please wait|"
                r"checking your browser)"
            ),
            re.IGNORECASE,
        ),
        "a challenge of a content delivery network",
    ),
    (
        re.compile(r"_Incapsula_Resource|Incapsula incident|/_Incapsula", re.IGNORECASE),
        "an Incapsula challenge",
    ),
    (re.compile(r"sucuri\.net/privacy|sucuri_cloudproxy", re.IGNORECASE), "a Sucuri challenge"),
    (re.compile(r"g-recaptcha|h-captcha|hcaptcha\.com|cf-turnstile|geetest", re.IGNORECASE), "a captcha"),
    (
        re.compile(r"px-captcha|_pxhd|datadome|akamai.{0,40}(?:bm-verify|sec-cpt)", re.IGNORECASE),
        "a bot check",
    ),
    (
        re.compile(r"<title>\s*(?:403\b|access denied|forbidden|request rejected|blocked)", re.IGNORECASE),
        "access denied, told with status 200",
    ),
    (re.compile(r"ddos[- ]?(?:guard|protection)|anti[- ]?ddos|vddos", re.IGNORECASE), "a DDoS guard"),
    (
        re.compile(
            (
                r"(?:document\.cookie\s*=).{0,400}(?:location\.(?:reload|href|replace)|"
                r"window\.location)"
            ),
            re.DOTALL,
        ),
        "a script that sets a cookie and reloads: blocked",
    ),
    (
        re.compile(
            (
                r"(?:xác (?:minh|nhận|thực)) (?:rằng )?bạn (?:không phải|là người|là con người)|verify "
                r"(?:that )?you are (?:a )?human"
            ),
            re.IGNORECASE,
        ),
        "a check for humans",
    ),
    (
        # "Your country is not allowed to view this site"; not: "our country has blocked the pandemic"
        re.compile(
            (
                r"not available in your (?:country|region|location)"
                r"|(?:your (?:country|region|location)|truy cập từ (?:nước ngoài|ngoài lãnh thổ|quốc gia của bạn))"
                r".{0,60}(?:blocked|not allowed|restricted|denied|bị chặn|bị từ chối|không được phép|bị hạn chế)"
            ),
            re.IGNORECASE,
        ),
        "readers outside the country are kept out",
    ),
)
# "404", "Lỗi 404", "Oops! 404 | Báo Mẫu"; must not match "Trao 404 suất quà cho hộ nghèo"
_NOT_FOUND = re.compile(
    r"(?:(?:^|[|:(!.–-]\s*|\b(?:lỗi|error|http|mã)\s*)404\b|\b404\s*(?:[|–-]|not found|error)"
    r"|page not found|not found|(?:trang|bài viết|nội dung|tin|"
    r"đường dẫn|địa chỉ)(?: \w+){0,6} không"
    r" (?:tồn tại|tìm thấy|có)|không tìm thấy (?:trang|bài|nội dung|đường dẫn|tin|kết quả|dữ liệu)"
    r"|(?:bài viết|nội dung|trang|tin)(?: \w+){0,4} (?:đã bị|đã được) (?:xóa|xoá|gỡ|di chuyển))",
    re.IGNORECASE,
)
_BROKEN = re.compile(
    (
        r"server error in '|runtime error|internal server error|service (?:temporarily )?unavailable|"
        r"bad gateway|gateway time-?out"
        r"|error establishing a database|lỗi kết nối|"
        r"không (?:thể )?kết nối (?:được )?(?:tới |đến |với )?(?:cơ sở dữ liệu|máy chủ)"
        r"|fatal error:|uncaught exception|stack trace:|sqlstate\[|an "
        r"error occurred|whitelabel error"
        r"|đã (?:xảy ra|có) lỗi|hệ thống (?:đang )?(?:được )?(?:bảo trì|gặp sự cố|quá tải)|website (?:đang )?bảo "
        r"trì|đang (?:được )?bảo trì|lỗi hệ thống"
        r"|(?:under|down for|scheduled) maintenance"
        r"|bad request|tài khoản (?:hosting )?(?:đã )?bị (?:tạm )?(?:khóa|ngưng)|account (?:has been "
        r")?suspended|domain .{0,30}expired"
    ),
    re.IGNORECASE,
)
_LOGIN = re.compile(r"^\W*(?:đăng nhập|đăng ký|log ?in|sign ?in|quên mật khẩu)\b", re.IGNORECASE)
_STATIC = re.compile(
    (
        r"^(?:giới thiệu|chức năng|nhiệm vụ|cơ cấu|sơ đồ|tổ chức bộ máy|bộ máy|ban lãnh đạo|lãnh đạo|"
        r"liên hệ|phòng \w|ban biên tập|tòa soạn"
        r"|toà soạn|lịch sử|đường dây nóng|danh bạ|điều khoản|chính sách (?:bảo mật|riêng tư)|quy định "
        r"sử dụng|hướng dẫn sử dụng"
        r"|tìm kiếm|kết quả tìm kiếm|hỏi đáp|lịch (?:công tác|tiếp dân)|về chúng tôi|quảng cáo|bảng "
        r"giá|tuyển dụng|rss|sitemap|thư viện)"
    ),
    re.IGNORECASE,
)
_HOME_PATH = re.compile(
    (
        r"^/?(?:index(?:\.\w+)?|default(?:\.\w+)?|home(?:\.\w+)?|trang-chu(?:\.\w+)?|vi/?|vn/?|"
        r"pages/default\.aspx)?/?$"
    ),
    re.IGNORECASE,
)
_ID_IN_PATH = re.compile(r"\d{4,}|[0-9a-f]{8}-[0-9a-f]{4}-", re.IGNORECASE)
_VIEWERS = elements(
    "//iframe[contains(@src, '.pdf') or contains(@src, 'viewer')] | //embed[contains(@src, '.pdf') "
    "or contains(@type, 'pdf')]"
    " | //object[contains(@data, '.pdf') or contains(@type, 'pdf')] | //*[@id='viewerContainer' or "
    "@id='pdf-viewer']"
)
_PASSWORD = elements("//input[@type='password']")
_LINKS = elements("//a[@href]")
SHORT_SOURCE = 40_000
"""Characters of source up to which a page is searched for the marks of a challenge."""


_BLANK = re.compile(rb"[\x00 \t\r\n]*+\Z")


def before_parsing(capture: Capture) -> Refusal | None:
    """Refusals that need no tree: status, type, first bytes."""
    body = capture.body
    if capture.truncated == "length":
        return Refusal(Verdict.TOO_LARGE, "the answer goes beyond the bounds of a page, as sent or when unpacked")
    if capture.location and 300 <= capture.status < 400:
        return Refusal(Verdict.EMPTY, f"a redirect to {capture.location}")
    declared = capture.content_type.split(";")[0].strip().lower()
    if _BLANK.match(body):
        return Refusal(Verdict.EMPTY, "the answer has no body")
    for magic, what in _MAGIC:
        if body.startswith(magic):
            return Refusal(Verdict.NOT_HTML, what)
    if declared and not declared.startswith(_HTML_TYPES):
        return Refusal(Verdict.NOT_HTML, f"its type is {declared}")
    if _FEED.match(body[:2000]):
        return Refusal(Verdict.NOT_HTML, "a feed or a sitemap")
    if _JSON.match(body[:200]) and b"<html" not in body[:4000].lower():
        return Refusal(Verdict.NOT_HTML, "JSON")
    return None


def challenge(page: Page, source: str, status: int) -> Refusal | None:
    """A page that asks for proof of a browser instead of showing its content, or an error told by the
    status.
    """
    if len(source) <= SHORT_SOURCE:
        shown = _shown(page)
        if shown <= 1200:
            for mark, what in _CHALLENGES:
                if mark.search(source) and not (what == "a captcha" and shown > 500):
                    return Refusal(Verdict.CHALLENGE, what)
    if status >= 400:
        return Refusal(Verdict.ERROR_PAGE, f"answered with status {status}")
    return None


def _shown(page: Page) -> int:
    """Characters that a reader sees, counted up to a little more than 1200."""
    size = 0
    for node in page.tree.iter("*"):
        if node.tag not in {"script", "style", "noscript", "title"} and node.text:
            size += len(node.text.strip())
        if node.tail:
            size += len(node.tail.strip())
        if size > 1200:
            break
    return size


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks for or against an article once a page was read."""

    title: str
    prose: int
    """Characters of running text in the body found."""
    paragraphs: int
    repeated: int
    """Paragraphs that stand more than once."""
    captions: int
    template: str
    """Empty on the generic path."""
    dated: bool
    """Whether the page shows or tells a date of publication."""
    container_links: float = 0.0
    """Share of link text among the text of the body's container, furniture left out."""
    teasers: int = 0
    """Running text under linked headlines."""
    sentences: int = 0
    """Blocks of running text, those of teasers among them."""
    title_shown: bool = False
    """Whether the headline stands on the page itself."""
    images: int = 0
    """Pictures in the body."""
    proven: bool = False
    """Whether a template gave headline and date of publication: an article even where its body is empty."""
    lines: tuple[str, ...] = ()
    """Short lines without links, where no running text was found."""


def not_an_article(page: Page, signs: Signs, rules: PageRules) -> Refusal | None:
    """Judge a page that was read. Called on both paths; a fitting template is nearly proof of an article."""
    heading = signs.title or page.document_title
    if signs.prose < 600 and (broken := _broken(page, heading, signs.lines)):
        return broken
    if signs.prose < 400 and _PASSWORD(page.tree) and (_LOGIN.match(heading) or signs.prose < 100):
        return Refusal(Verdict.LOGIN, "a login form and hardly any text")
    if signs.prose < 150 and _VIEWERS(page.tree):
        return Refusal(Verdict.PDF_VIEWER, "a document viewer and hardly any text")
    if not signs.template and (refusal := _unknown(page, signs, rules)):
        return refusal
    if signs.repeated >= 5 and signs.repeated * 2 >= signs.paragraphs:
        return Refusal(Verdict.STATIC, "the same paragraphs over and over: a form filled with sample text")
    if signs.template:
        return _thin(signs) if signs.prose < 60 else None
    return None


def _broken(page: Page, heading: str, lines: Sequence[str]) -> Refusal | None:
    text = heading if len(page.document_title) < 3 else f"{heading} {page.document_title}"
    whole = visible_text(page.tree, 3_000)
    short = len(whole) < 1500
    if _NOT_FOUND.search(text) or (short and _NOT_FOUND.search(whole)) or any(map(_NOT_FOUND.search, lines)):
        return Refusal(Verdict.SOFT_404, "says that the page does not exist")
    if _BROKEN.search(text) or (short and _BROKEN.search(whole)) or any(map(_BROKEN.search, lines)):
        return Refusal(Verdict.ERROR_PAGE, "shows an error message with a good status")
    return None


def _thin(signs: Signs) -> Refusal | None:
    if signs.captions >= 2 or signs.images > 3:
        return Refusal(Verdict.GALLERY, "pictures and captions without a text")
    if signs.prose == 0 and not signs.proven:
        return Refusal(Verdict.EMPTY, "the body holds no text")
    return None


def _unknown(page: Page, signs: Signs, rules: PageRules) -> Refusal | None:
    parts = urlsplit(page.url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    expected = any(re.search(p, target) for p in rules.article_urls)
    told = told_as_article(page)
    if page.url and _HOME_PATH.match(parts.path) and not parts.query and not (told and signs.prose > 800):
        return Refusal(Verdict.HOME, "the front page of a site")
    if refusal := _listing(page, signs, sure=told or expected):
        return refusal
    if rules.article_urls and page.url and not expected and not told:
        return Refusal(Verdict.STATIC, "its address is none of an article of this site")
    if told or expected:
        return None
    path_id = bool(_ID_IN_PATH.search(target))
    if not (signs.dated or path_id) and len(words(signs.title)) <= 7 and _STATIC.match(signs.title):
        return Refusal(Verdict.STATIC, "a page about the site: no date, and a title such as all sites have")
    if signs.prose < 350 and signs.sentences <= 1 and not (signs.dated or path_id):
        return Refusal(Verdict.STATIC, "a few sentences, and nothing says that they are an article")
    if not (signs.dated or path_id or signs.title_shown or page.meta("og:type").lower() == "article"):
        return Refusal(
            Verdict.STATIC,
            "no headline, no date, no number in the address: nothing says that it is an article",
        )
    return None


def _listing(page: Page, signs: Signs, *, sure: bool) -> Refusal | None:
    """Pages that lead to articles. `sure`: address or head of the page tell of an article."""
    links = len(_LINKS(page.tree))
    if (
        signs.teasers >= 3
        and signs.teasers * 2 >= signs.sentences
        and not (sure and signs.teasers * 4 < 3 * signs.sentences)
    ):
        return Refusal(Verdict.LISTING, f"{signs.teasers} linked headlines with a sentence or two each")
    if not sure and signs.sentences <= 2 and signs.teasers and links >= 15:
        return Refusal(Verdict.LISTING, "linked headlines, and the longest text is the teaser of one")
    if signs.prose < (60 if sure else 150):
        if signs.captions >= 3:
            return Refusal(Verdict.GALLERY, "pictures and captions without a text")
        if links >= 20 and not (sure and signs.prose):
            return Refusal(Verdict.LISTING, "links and hardly any running text")
        if signs.prose < 60:
            return Refusal(Verdict.EMPTY, "no running text")
    if not sure and links >= 60 and signs.container_links > 0.5:
        return Refusal(Verdict.LISTING, "mostly links, and nothing says that it is an article")
    return None


def told_as_article(page: Page) -> bool:
    """Whether the head of the page says that it is an article. `og:type` alone is not believed: front
    pages say it too.
    """
    return bool(page.news_object or page.meta("article:published_time"))


def repeated_paragraphs(texts: Sequence[str]) -> int:
    """How many long paragraphs stand more than once."""
    long = [text for text in texts if len(text) >= 60]
    if len(set(long)) == len(long):
        return 0
    return sum(n for n in Counter(long).values() if n > 1)
