"""What a page is when it is no article. Every refusal has one short sentence for the operator."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

from pipelines.article import Capture, PageRules, Refusal, Verdict
from pipelines.extract.compare import words
from pipelines.extract.page import Page, squeeze, visible_parts
from pipelines.queries import elements
from pipelines.text import fold

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

# between "trang" and "không có" stands nothing but what a reader wanted: "Bài viết mà bạn yêu cầu hiện không có"
_WANTED = (
    r"(?: (?:này|đó|nào|web|thông tin|bài|viết|tin|mà|hiện|tại|không|có|hoặc|thể|đã|đang|vừa|được|muốn|cần|yêu|cầu"
    r"|tìm|kiếm|xem|đọc|truy|cập|nhập|vào|mở|đến|tới|theo|bạn|quý|vị|khách|độc|giả|bị|xóa|xoá|chúng tôi|của|trên|với"
    r"|tức|url|cố|số|mã|\d+))"
)
# "404", "Lỗi 404", "Oops! 404 | Báo Mẫu"; must not match "Trao 404 suất quà cho hộ nghèo"
_NOT_FOUND = re.compile(
    r"(?:(?:^|[|:(!.–-]\s*|\b(?:lỗi|error|http|mã)\s*)404\b|\b404\s*(?:[|–-]|not found|error)"
    r"|page not found|not found"
    r"|\b(?:trang|bài viết|nội dung|tin|đường dẫn|địa chỉ)(?:(?: \w+){0,6} không (?:tồn tại|tìm thấy)"
    r"|" + _WANTED + r"{0,9} không có(?: sẵn| (?:trên|trong) (?:hệ thống|trang|máy chủ)|\s*(?:[.,;:!?)\]|–-]|$)))"
    r"|không tìm thấy (?:trang(?! (?:bị|thiết|phục|trại|sức))|bài(?= viết|\W*$)|nội dung|đường dẫn|tin\b|kết quả"
    r"|dữ liệu)"
    r"|\b(?:bài viết|nội dung|trang|tin)" + _WANTED + r"{0,6} (?:đã bị|đã được) (?:xóa|xoá|gỡ|di chuyển))",
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
# what an error page asks of its reader
_EXCUSE = re.compile(
    r"vui lòng|xin lỗi|rất tiếc|thành thật|(?:về|lại|đến) trang (?:chủ|trước)|thử lại|quay lại sau"
    r"|quản trị (?:viên|web)|bạn (?:tìm|yêu cầu|cần|muốn|đang|vừa|có thể)|ô tìm kiếm|(?:trang|liên kết|đường dẫn) này"
    r"|\b(?:please|sorry|go back|home ?page)\b",
    re.IGNORECASE,
)
_SENTENCES = re.compile(r"(?<=[.!?…])\s")
_LOGIN = re.compile(r"^\W*(?:đăng nhập|đăng ký|log ?in|sign ?in|quên mật khẩu)\b", re.IGNORECASE)
_STATIC = re.compile(
    (
        r"^(?:giới thiệu|chức năng|nhiệm vụ|cơ cấu|sơ đồ|tổ chức bộ máy|bộ máy|ban lãnh đạo|lãnh đạo|"
        r"liên hệ|phòng \w|ban biên tập|tòa soạn"
        r"|toà soạn|lịch sử|đường dây nóng|danh bạ|điều khoản|chính sách (?:bảo mật|riêng tư)|quy định "
        r"sử dụng|hướng dẫn sử dụng"
        r"|tìm kiếm|kết quả tìm kiếm|hỏi đáp|lịch (?:công tác|tiếp dân)|về chúng tôi|quảng cáo|bảng "
        r"giá|tuyển dụng(?: nhân sự)?\W*$|rss|sitemap|thư viện)"
    ),
    re.IGNORECASE,
)
# "Lãnh đạo huyện thăm hỏi gia đình chính sách", "Phòng chống cháy rừng mùa khô", "Giới thiệu sách mới"
_DEED = re.compile(
    r"^(?:(?:ban )?lãnh đạo\b.* (?:thăm|dự|tiếp|chúc|tặng|kiểm tra|làm việc|chỉ đạo|gặp|viếng|dâng|trao|đối thoại)\b"
    r"|phòng(?:,| chống| ngừa| dịch)\b|giới thiệu (?:sách|nhân sự|quần chúng|việc làm)\b)",
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
    if signs.prose < 600 and (broken := _broken(page, heading, signs)):
        return broken
    thin = signs.prose < 100 and not (signs.prose >= 60 and _headed(page, signs))
    if signs.prose < 400 and _PASSWORD(page.tree) and (_LOGIN.match(heading) or thin):
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


def _broken(page: Page, heading: str, signs: Signs) -> Refusal | None:
    text = heading if len(page.document_title) < 3 else f"{heading} {page.document_title}"
    # a blank between all texts, or "Thông báo" and "Trang bạn tìm" below it were one word
    whole = squeeze(" ".join(islice(visible_parts(page.tree), 1_500)))[:3_000]
    for pattern, verdict, reason in (
        (_NOT_FOUND, Verdict.SOFT_404, "says that the page does not exist"),
        (_BROKEN, Verdict.ERROR_PAGE, "shows an error message with a good status"),
    ):
        headed = bool(pattern.search(text))
        found = headed or (len(whole) < 1500 and bool(pattern.search(whole)))
        if (found and not _tells_more(page, signs, pattern, whole, headed=headed)) or any(
            map(pattern.search, signs.lines)
        ):
            return Refusal(verdict, reason)
    return None


def _tells_more(page: Page, signs: Signs, pattern: re.Pattern[str], whole: str, *, headed: bool) -> bool:
    """Whether an article of some sentences only speaks of something missing or broken: "Lỗi hệ thống ATM gây …"."""
    if not _headed(page, signs, 6 if headed else 4) or _EXCUSE.search(whole):
        return False
    sentences = _SENTENCES.split(whole.replace(signs.title, ". "))
    about = sum(len(sentence) for sentence in sentences if pattern.search(sentence))
    return signs.prose - about >= (100 if headed else 60)


def _headed(page: Page, signs: Signs, least: int = 4) -> bool:
    """Whether a page shows the headline that its head tells, of some words, and a date with it."""
    told = fold(signs.title)
    return signs.title_shown and signs.dated and told.count(" ") >= least - 1 and told in fold(page.document_title)


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
    usual = len(words(signs.title)) <= 7 and _STATIC.match(signs.title) and not _DEED.match(signs.title)
    if usual and not (signs.dated or path_id):
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
    # a sentence under its headline and date, with lists beside it
    alone = signs.container_links < 0.3 and not signs.teasers and _headed(page, signs)
    if signs.prose < (60 if sure else 150):
        if signs.captions >= 3:
            return Refusal(Verdict.GALLERY, "pictures and captions without a text")
        if links >= 20 and not ((sure and signs.prose) or (signs.prose >= 60 and alone)):
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
