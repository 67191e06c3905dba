"""A small news site served over real HTTP: sections with pages, a feed, sitemaps, robots.txt; it keeps a log."""

from __future__ import annotations

import gzip
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

PARAGRAPH = (
    "Chi bộ thôn Mẫu số {n} tổ chức sinh hoạt chuyên đề về nêu gương của cán bộ, đảng viên. "
    "Các đồng chí dự họp thảo luận sôi nổi và thống nhất ba việc cần làm trong quý tới."
)


@dataclass
class Answer:
    """What the server says to a path."""

    body: bytes
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0


class NewsSite:
    """The server. `answers` maps path?query to an `Answer`; `log` lists the requested paths in order."""

    def __init__(self, *, per_page: int = 10, delay: float = 0.0) -> None:
        self.answers: dict[str, Answer] = {}
        self.log: list[str] = []
        self.articles: list[int] = []
        self.edited: dict[int, str] = {}
        self.removed: set[int] = set()
        self.per_page = per_page
        self.delay = delay
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.log.append(self.path)
                answer = site.answer(self.path)
                if answer.delay:
                    time.sleep(answer.delay)
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.content_type)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def publish(self, count: int) -> None:
        """Put `count` new articles in front."""
        start = max(self.articles, default=0)
        self.articles[:0] = range(start + count, start, -1)

    def fetched(self, part: str) -> list[str]:
        return [path for path in self.log if part in path]

    def answer(self, path: str) -> Answer:
        if path in self.answers:
            return self.answers[path]
        if path.startswith("/xay-dung-dang") and "/bai-" not in path:
            number = int(path.partition("page=")[2] or 1)
            return self._listing(number)
        if "/bai-" in path:
            number = int(path.rpartition("-")[2])
            if number in self.articles and number not in self.removed:
                return Answer(self.article(number).encode(), delay=self.delay)
        return Answer(b"<html><title>404</title></html>", 404)

    def _listing(self, number: int) -> Answer:
        start = (number - 1) * self.per_page
        items = "".join(
            f'<li class="item"><a href="/xay-dung-dang/bai-so-{n}">{self.title(n)}</a> <span>{self.date(n)}</span></li>'
            for n in self.articles[start : start + self.per_page]
        )
        last = -(-len(self.articles) // self.per_page)
        more = f'<a class="next" href="/xay-dung-dang?page={number + 1}">Trang sau</a>' if number < last else ""
        return Answer(f"<html><body><h1>Xây dựng Đảng</h1><ul>{items}</ul>{more}</body></html>".encode())

    @staticmethod
    def title(number: int) -> str:
        return f"Chi bộ thôn Mẫu số {number} sinh hoạt chuyên đề"

    @staticmethod
    def date(number: int) -> str:
        return f"{number % 27 + 1:02d}/03/2024 07:{number % 60:02d}"

    def article(self, number: int) -> str:
        text = self.edited.get(number, PARAGRAPH.format(n=number))
        return (
            f"<html><head><title>{self.title(number)}</title></head><body><h1 class='title'>{self.title(number)}</h1>"
            f"<div class='date'>{self.date(number)}</div><div class='content'><p>{text}</p>"
            f"<p>Kết thúc buổi sinh hoạt, chi bộ giao nhiệm vụ cho từng đảng viên theo dõi và báo cáo.</p></div>"
            "<ul class='related'><li><a href='/xay-dung-dang/bai-so-1'>Bài cũ</a> 01/01/2020</li></ul></body></html>"
        )

    def sitemap(self, numbers: list[int]) -> bytes:
        locations = "".join(f"<url><loc>{self.base}/xay-dung-dang/bai-so-{n}</loc></url>" for n in numbers)
        return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{locations}</urlset>'.encode()

    def sitemap_index(self, paths: list[str]) -> bytes:
        locations = "".join(f"<sitemap><loc>{self.base}{path}</loc></sitemap>" for path in paths)
        return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{locations}</sitemapindex>'.encode()

    def feed(self, numbers: list[int]) -> bytes:
        items = "".join(
            f"<item><title>{self.title(n)}</title><link>{self.base}/xay-dung-dang/bai-so-{n}</link></item>"
            for n in numbers
        )
        return f'<rss version="2.0"><channel><title>Mẫu</title>{items}</channel></rss>'.encode()

    def card(self, folder: Path, *, feeds: list[str] | None = None, sitemaps: list[str] | None = None) -> Path:
        """Write a catalogue folder with one site and one family; returns it."""
        (folder / "sites").mkdir(parents=True, exist_ok=True)
        (folder / "families").mkdir(exist_ok=True)
        (folder / "families" / "mau.yml").write_text(
            "id: mau\nname: Mẫu\nevidence: written for the tests\n"
            "templates:\n  - {name: bai, title: h1.title, body: div.content, published: div.date}\n"
            "listings:\n  - {name: danh-sach, items: li.item, date: span, pages: a.next, page_number: 'page=(\\d+)'}\n",
            encoding="utf-8",
        )
        (folder / "sites" / "mau.yml").write_text(
            "id: mau\nname: Trang Mẫu\nname_en: Sample site\nkind: party_portal\nfamily: mau\nhosts: [127.0.0.1]\n"
            f"sections:\n  - {{title: Xây dựng Đảng, url: '{self.base}/xay-dung-dang'}}\n"
            f"feeds: {[self.base + path for path in feeds or []]}\n"
            f"sitemaps: {[self.base + path for path in sitemaps or []]}\n"
            "article_urls: ['/bai-so-\\d+$']\n"
            "expect: {articles_per_week: [1, 50], quiet_days: 10}\n"
            "rights: {note: bài viết cho phép thử, publish: full}\n"
            "verified: {how: none, pages: 0}\nhistory: ['2026-11-22 written for the tests']\n",
            encoding="utf-8",
        )
        return folder


def packed(body: bytes) -> bytes:
    """As a .gz file, the same bytes each time."""
    return gzip.compress(body, mtime=0)
