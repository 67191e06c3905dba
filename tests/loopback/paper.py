"""A provincial paper on loopback in the layout of a CMS that no family describes; places and people are invented.

Menu in capitals, listings with a lead story and dates beside most items, a side column "Đọc nhiều", a pager, an RSS
page, robots.txt with a sitemap, articles with breadcrumb, sapo, share lines, related articles and a copying note.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from loopback.site import Answer, NewsSite
from pipelines.article import VIETNAM

MENU = (
    ("THỜI SỰ", "/thoi-su"),
    ("XÂY DỰNG ĐẢNG", "/xay-dung-dang"),
    ("KINH TẾ", "/kinh-te"),
    ("Học tập và làm theo tư tưởng, đạo đức, phong cách Hồ Chí Minh", "/hoc-tap-va-lam-theo"),
    ("Đăng nhập", "/dang-nhap"),
    ("Liên hệ", "/lien-he.html"),
)
SUBJECTS = (
    "Chi bộ thôn Mẫu Thượng đổi mới nội dung sinh hoạt hằng tháng",
    "Đảng bộ xã Mẫu Hạ kết nạp đảng viên là công nhân nhà máy",
    "Cán bộ trẻ về cơ sở: việc nhỏ làm trước, việc khó làm cùng dân",
    "Ban Tổ chức tập huấn nghiệp vụ cho bí thư chi bộ các thôn",
    "Nêu gương trước dân, câu chuyện ở một chi bộ vùng cao Mẫu Sơn",
    "Kiểm tra, giám sát từ cơ sở: phát hiện sớm, nhắc nhở kịp thời",
    "Trao Huy hiệu Đảng đợt mới cho đảng viên cao tuổi ở Mẫu Giang",
    "Tổ công tác xuống từng hộ nghe ý kiến góp ý về nghị quyết mới",
)
AUTHORS = ("Minh Mẫu", "Thu Giang Mẫu", "Hoàng Thí Dụ")
# this morning or yesterday evening, whenever the tests run: what a check calls old is measured against now
NEWEST = datetime.now(VIETNAM).replace(minute=30, second=0, microsecond=0) - timedelta(hours=4)


class Paper(NewsSite):
    """`/<section>/<slug>-<six digits>.html`; the same number of five digits is a section's (`/kinh-te-20001.html`)."""

    name = "Báo Mẫu Sơn"

    def __init__(self, *, articles: int = 24, per_page: int = 8, host: str = "127.0.0.1") -> None:
        super().__init__(per_page=per_page, host=host)
        self.articles = list(range(articles, 0, -1))
        self.answers["/robots.txt"] = Answer(
            f"User-agent: *\nDisallow: /dang-nhap\nSitemap: {self.base}/sitemap.xml\n".encode(),
            content_type="text/plain",
        )

    def number(self, n: int) -> int:
        return 305_100 + 7 * n

    def title_of(self, n: int) -> str:
        return f"{SUBJECTS[n % len(SUBJECTS)]} (kỳ {n})"

    def moment(self, n: int) -> datetime:
        return NEWEST - timedelta(hours=9 * (max(self.articles) - n))

    def path(self, n: int) -> str:
        section = "hoc-tap-va-lam-theo" if n % 5 == 0 else "xay-dung-dang"
        return f"/{section}/{slug(self.title_of(n))}-{self.number(n)}.html"

    def answer(self, path: str) -> Answer:
        known = self.answers.get(path)
        if known is not None:
            return super().answer(path)
        by_path = {self.path(n): n for n in self.articles if n not in self.removed}
        if path in by_path:
            return Answer(self.article_page(by_path[path]).encode())
        section, _, page = path.partition("?page=")
        if section in ("/xay-dung-dang", "/hoc-tap-va-lam-theo"):
            return Answer(self.listing_page(section, int(page or 1)).encode())
        if path == "/":
            return Answer(self.frame("Báo Mẫu Sơn điện tử - Báo Mẫu Sơn", self.front()).encode())
        if path == "/rss.html":
            link = '<a href="/rss/xay-dung-dang.rss">Xây dựng Đảng</a> <a href="/rss/trang-chu.rss">Trang chủ</a>'
            return Answer(self.frame("RSS | Báo Mẫu Sơn", link).encode())
        if path in ("/rss/xay-dung-dang.rss", "/rss/trang-chu.rss"):
            numbers = [n for n in self.articles if n % 5 or "trang-chu" in path][:8]
            return Answer(self.rss(numbers, more=20 if "trang-chu" in path else 0).encode(), content_type="text/xml")
        if path == "/sitemap.xml":
            urls = "".join(f"<url><loc>{self.base}{self.path(n)}</loc></url>" for n in self.articles)
            body = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'
            return Answer(body.encode(), content_type="text/xml")
        return Answer(b"<html><title>404</title><body>Not found</body></html>", 404)

    def rss(self, numbers: list[int], more: int) -> str:
        items = [(self.title_of(n), self.path(n), self.moment(n)) for n in numbers]
        prices = ((f"Giá nông sản phiên {n}", f"/kinh-te/gia-{n}-{900_000 + n}.html", NEWEST) for n in range(more))
        items += list(prices)
        entries = "".join(
            f"<item><title>{title}</title><link>{self.base}{path}</link>"
            f"<pubDate>{when:%a, %d %b %Y %H:%M:%S} +0700</pubDate></item>"
            for title, path, when in items
        )
        return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Mẫu</title>{entries}</channel></rss>'

    def frame(self, title: str, center: str) -> str:
        menu = "".join(f'<li><a href="{path}">{name}</a></li>' for name, path in MENU)
        return (
            f'<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>{title}</title>'
            '<meta name="generator" content="MauCMS 3">'
            f'<meta property="og:site_name" content="{self.name}"></head><body>'
            f'<div class="top-menu"><ul>{menu}</ul><a href="/rss.html">RSS</a></div><div class="khung">{center}</div>'
            f'<div class="cot-phai"><h4>Đọc nhiều</h4>{self.most_read()}</div>'
            '<div class="chan-trang">Báo Mẫu Sơn. Ghi rõ nguồn "Báo Mẫu Sơn" khi đăng lại tin bài.</div></body></html>'
        )

    def most_read(self) -> str:
        return "".join(f'<p><a href="{self.path(n)}">{self.title_of(n)}</a></p>' for n in self.articles[2:5])

    def front(self) -> str:
        return "".join(f'<h3><a href="{self.path(n)}">{self.title_of(n)}</a></h3>' for n in self.articles[:6])

    def listing_page(self, section: str, page: int) -> str:
        mine = [n for n in self.articles if self.path(n).startswith(section + "/")]
        start = (page - 1) * self.per_page
        items = "".join(
            f'<div class="tin"><a class="anh" href="{self.path(n)}"><img src="/a/{n}.jpg" alt="anh-{n}"></a>'
            f'<h3><a href="{self.path(n)}">{self.title_of(n)}</a></h3>'
            f'<span class="gio">{self.moment(n):%d/%m/%Y %H:%M}</span><p>Tóm tắt ngắn của bài.</p></div>'
            for n in mine[start : start + self.per_page]
        )
        pages = range(1, -(-len(mine) // self.per_page) + 1)
        pager = "".join(f'<a href="{section}?page={n}">{n}</a> ' for n in pages if n != page)
        name = next(name for name, path in MENU if path == section).capitalize()
        return self.frame(
            f"{name} | Báo Mẫu Sơn", f'<h1 class="ten-muc">{name}</h1>{items}<div class="trang">{pager}</div>'
        )

    def article_page(self, n: int) -> str:
        related = "".join(f'<li><a href="{self.path(m)}">{self.title_of(m)}</a></li>' for m in self.articles[:3])
        body = self.edited.get(n) or "".join(
            f"<p>Đoạn {part} của bài số {n}: bà con thôn Mẫu góp thêm một ý kiến về cách làm mới, cán bộ ghi lại và "
            "trả lời ngay tại chỗ, việc nào chưa làm được thì nói rõ thời hạn và người chịu trách nhiệm.</p>"
            for part in range(1, 5)
        )
        center = (
            f'<div class="duong-dan"><a href="/">Trang chủ</a> <a href="/xay-dung-dang">Xây dựng Đảng</a></div>'
            f'<h1 class="tieu-de">{self.title_of(n)}</h1>'
            f'<div class="thong-tin">Ngày {self.moment(n):%d/%m/%Y, %H:%M} [GMT+7]</div>'
            f'<h2 class="tom-tat">Bài số {n} kể cách một chi bộ ở Mẫu Sơn đưa nghị quyết vào việc hằng ngày.</h2>'
            f'<div class="noi-dung">{body}</div><p class="tac-gia">{AUTHORS[n % 3]}</p>'
            f'<div class="chia-se"><a href="https://zalo.me/">Zalo</a></div><ul class="lien-quan">{related}</ul>'
        )
        return self.frame(f"{self.title_of(n)} | Báo Mẫu Sơn", center)


def slug(text: str) -> str:
    import re
    import unicodedata

    bare = "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "-", bare.replace("đ", "d")).strip("-")
