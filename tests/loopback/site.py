"""A small news site served over real HTTP: sections with pages, a feed, sitemaps, robots.txt; it keeps a log.

A request that its robots.txt does not allow fails the test, whichever it is: see `NewsSite.disallowed`.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, BinaryIO, Self

from protego import Protego

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
    raw: Callable[[BinaryIO], None] | None = None
    """Writes the whole answer itself, status line and all; the connection is closed after it."""


class NewsSite:
    """The server. `answers` maps path?query to an `Answer` (or a list of them, the last one for good); `log` lists the
    requested paths in order, `times` when each came (seconds, monotonic), `connections` counts those made.
    """

    def __init__(
        self, *, per_page: int = 10, delay: float = 0.0, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
    ) -> None:
        self.answers: dict[str, Answer | list[Answer]] = {}
        self.answer_to: dict[str, Callable[[str], Answer]] = {}
        """Beginning of a path -> what makes the answer."""
        self.log: list[str] = []
        self.times: list[float] = []
        self.connections = 0
        self.sent: list[tuple[str, int, int]] = []
        """Of each answer its path, its status, and its bytes on the wire, status line and headers included."""
        self.validators = ""
        """`etag`, `weak` or `date`: what answers have for telling whether they have changed; empty: nothing."""
        self.dated: dict[str, tuple[bytes, float]] = {}
        self.down: int = 0
        """A status with which everything but robots.txt is answered."""
        self.moved = ""
        """A part of path that stands before all addresses of articles since a redesign."""
        self.redirects: dict[str, str] = {}
        self.disallowed: list[str] = []
        """Requests that robots.txt, as it stood then, did not allow."""
        self.host = host
        self.scheme = "https" if tls else "http"
        self.articles: list[int] = []
        self.edited: dict[int, str] = {}
        self.removed: set[int] = set()
        self.per_page = per_page
        self.pages_named = 1
        """How many of the next pages of a listing a page has links to."""
        self.delay = delay
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.log.append(self.path)
                site.times.append(time.monotonic())
                if not site.allows(self.path):
                    site.disallowed.append(self.path)
                answer = site.answer(self.path)
                if answer.delay:
                    time.sleep(answer.delay)
                if answer.raw:
                    self.close_connection = True
                    with contextlib.suppress(OSError):  # the crawler hangs up on an answer without end
                        answer.raw(self.wfile)
                    return
                answer = site.conditional(self.path, answer, self.headers)
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if answer.status != 304:
                    self.send_header("Content-Type", answer.content_type)
                    self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)
                site.sent.append((self.path, answer.status, self.head + len(answer.body)))

            def flush_headers(self) -> None:
                self.head = len(b"".join(self._headers_buffer))  # type: ignore[attr-defined]
                super().flush_headers()

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

            def process_request(self, request: Any, client_address: Any) -> None:
                site.connections += 1
                super().process_request(request, client_address)

            def handle_error(self, request: Any, client_address: Any) -> None:
                pass

        self.server = Server((host, 0), Handler)
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        assert self.disallowed == [], "robots.txt does not allow these"

    @property
    def base(self) -> str:
        return f"{self.scheme}://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    def allows(self, path: str) -> bool:
        """What robots.txt says of a path, RFC 9309: 4xx no rules, 5xx (and 429) keep out."""
        known = self.answers.get("/robots.txt")
        robots = known[-1] if isinstance(known, list) else known
        if robots is None or path == "/robots.txt" or (300 <= robots.status < 500 and robots.status != 429):
            return True
        body = gzip.decompress(robots.body) if robots.body.startswith(b"\x1f\x8b") else robots.body
        return robots.status == 200 and Protego.parse(body.decode()).can_fetch(path, "khotin")

    def publish(self, count: int) -> None:
        """Put `count` new articles in front."""
        start = max(self.articles, default=0)
        self.articles[:0] = range(start + count, start, -1)

    def fetched(self, part: str) -> list[str]:
        return [path for path in self.log if part in path]

    def conditional(self, path: str, answer: Answer, asked: Any) -> Answer:
        """RFC 9110, section 13: 304 to whoever has the answer already. Dates are the days since the first one."""
        if not self.validators or answer.status != 200:
            return answer
        if self.validators == "date":
            body, day = self.dated.get(path, (answer.body, 0))
            day += body != answer.body
            self.dated[path] = (answer.body, day)
            value, name, given = (
                formatdate(1_700_000_000 + day * 86400, usegmt=True),
                "Last-Modified",
                "If-Modified-Since",
            )
        else:
            tag = f'"{hashlib.sha256(answer.body).hexdigest()[:16]}"'
            value, name, given = ("W/" if self.validators == "weak" else "") + tag, "ETag", "If-None-Match"
        if asked.get(given) == value:
            return Answer(b"", 304, headers={name: value})
        return replace(answer, headers={**answer.headers, name: value})

    def answer(self, path: str) -> Answer:
        if self.down and path != "/robots.txt":
            return Answer(b"<html><title>404</title></html>", self.down)
        if path in self.redirects:
            return Answer(b"", 301, headers={"Location": self.redirects[path]})
        known = self.answers.get(path)
        if isinstance(known, list):
            return known.pop(0) if len(known) > 1 else known[0]
        if known is not None:
            return known
        for start, make in self.answer_to.items():
            if path.startswith(start):
                return make(path)
        if path == "/":
            return Answer(b"<html><body><h1>Trang Mau</h1><p>Trang nhat</p></body></html>")
        if path.startswith("/xay-dung-dang") and "/bai-" not in path:
            number = int(path.partition("page=")[2] or 1)
            return self._listing(number)
        if "/bai-" in path and path.startswith(self.moved or "/"):
            number = int(path.rpartition("-")[2])
            if number in self.articles and number not in self.removed:
                return Answer(self.article(number).encode(), delay=self.delay)
        return Answer(b"<html><title>404</title></html>", 404)

    def _listing(self, number: int) -> Answer:
        start = (number - 1) * self.per_page
        items = "".join(
            f'<li class="item"><a href="{self.moved}/xay-dung-dang/bai-so-{n}">{self.title(n)}</a>'
            f" <span>{self.date(n)}</span></li>"
            for n in self.articles[start : start + self.per_page]
        )
        last = -(-len(self.articles) // self.per_page)
        more = "".join(
            f'<a class="next" href="/xay-dung-dang?page={n}">Trang {n}</a>'
            for n in range(number + 1, min(number + self.pages_named, last) + 1)
        )
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

    def card(
        self,
        folder: Path,
        *,
        feeds: list[str] | None = None,
        sitemaps: list[str] | None = None,
        sections: dict[str, list[str]] | None = None,
        hosts: tuple[str, ...] = ("127.0.0.1",),
        base: str = "",
        more: str = "",
    ) -> Path:
        """Write a catalogue folder with one site and one family; returns it. `sections`: the feeds of each section by
        its path; `more`: further lines of the card.
        """
        base = base or self.base
        paths = sections or {"/xay-dung-dang": []}
        lines = "".join(
            f"  - {{title: Xây dựng Đảng, url: '{base}{path}', feeds: {[base + feed for feed in own]}}}\n"
            for path, own in paths.items()
        )
        (folder / "sites").mkdir(parents=True, exist_ok=True)
        (folder / "families").mkdir(exist_ok=True)
        (folder / "families" / "mau.yml").write_text(
            "id: mau\nname: Mẫu\nevidence: written for the tests\n"
            "templates:\n  - {name: bai, title: h1.title, body: div.content, published: div.date}\n"
            "listings:\n  - {name: danh-sach, items: li.item, date: span, pages: a.next, page_number: 'page=(\\d+)'}\n",
            encoding="utf-8",
        )
        (folder / "sites" / "mau.yml").write_text(
            "id: mau\nname: Trang Mẫu\nname_en: Sample site\nkind: party_portal\nfamily: mau\n"
            f"hosts: [{', '.join(hosts)}]\n"
            f"sections:\n{lines}"
            f"feeds: {[base + path for path in feeds or []]}\n"
            f"sitemaps: {[base + path for path in sitemaps or []]}\n"
            "article_urls: ['/bai-so-\\d+$']\n"
            "expect: {articles_per_week: [1, 50], quiet_days: 10}\n"
            "rights: {note: bài viết cho phép thử, publish: full}\n"
            "verified: {how: none, pages: 0}\nhistory: ['2026-11-22 written for the tests']\n" + more,
            encoding="utf-8",
        )
        return folder


def packed(body: bytes) -> bytes:
    """As a .gz file, the same bytes each time."""
    return gzip.compress(body, mtime=0)
