"""Documents of megabytes: a feed, a sitemap, a listing, a robots.txt. They would stop an event loop that read them."""

from __future__ import annotations

from collections.abc import Iterator

from bench.crawl import pages

HOST = "127.0.0.5"
FEED, SITEMAP, LISTING = "/nang/tin.rss", "/nang/sitemap.xml", "/nang/danh-sach"
LINKS = 20_000
ENTRIES = 50_000
"""As many as a sitemap may list (sitemaps.org)."""
RULES = 8_000
_BASE = "http://BASE"
BUDGET = 80
"""Requests of the run: what the documents name is not fetched to its end."""


def document(path: str, port: int) -> tuple[str, bytes] | None:
    """Content type and body of one of them; None for another path. They name addresses on `HOST` and this port."""
    made = {"/robots.txt": _robots, FEED: _feed, SITEMAP: _sitemap, LISTING: _listing}.get(path)
    if made is None:
        return None
    kind = "text/plain" if made is _robots else "text/html; charset=utf-8" if made is _listing else "text/xml"
    return kind, "".join(made()).replace(_BASE, f"http://{HOST}:{port}").encode()


def card(port: int) -> str:
    """The card of the site."""
    base = f"http://{HOST}:{port}"
    return (
        f"id: mau-nang\nname: Báo Mẫu nặng\nname_en: Heavy sample paper\nkind: party_newspaper\nfamily: onecms\n"
        f"hosts: ['{HOST}']\nfeeds: ['{base}{FEED}']\nsitemaps: ['{base}{SITEMAP}']\nbudget: {BUDGET}\n"
        f"sections:\n  - {{title: Xây dựng Đảng, url: '{base}{LISTING}'}}\n"
        "expect: {articles_per_week: [1, 500], quiet_days: 10}\nrights: {note: trang mẫu, publish: full}\n"
        "verified: {how: none, pages: 0}\nhistory: ['2026-11-22 written for the bench']\n"
    )


def _story(number: int) -> pages.Story:
    return pages.Story(number, f"Chi bộ mẫu họp thường kỳ lần thứ {number}", "Chi bộ mẫu vừa họp.", (), "")


def _robots() -> Iterator[str]:
    yield "User-agent: *\n"
    for number in range(RULES):
        yield f"Disallow: /kin/{number}/*-tai-lieu-{number}.html$\n"


def _feed() -> Iterator[str]:
    yield '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Báo Mẫu</title>'
    for number in range(1, LINKS + 1):
        story = _story(number)
        yield (
            f"<item><title>{story.title}</title><link>{_BASE}{story.path}</link>"
            f"<description>{story.lead}</description><pubDate>Sun, 22 Nov 2026 07:21:00 +0700</pubDate></item>"
        )
    yield "</channel></rss>"


def _sitemap() -> Iterator[str]:
    yield '<?xml version="1.0" encoding="utf-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    for number in range(1, ENTRIES + 1):
        yield f"<url><loc>{_BASE}{_story(number).path}</loc><lastmod>2026-11-22</lastmod></url>"
    yield "</urlset>"


def _listing() -> Iterator[str]:
    yield '<!DOCTYPE html><html><body><h1>Xây dựng Đảng</h1><ul class="onecms__loading">'
    for number in range(1, LINKS + 1):
        story = _story(number)
        yield (
            f'<li class="article__loading"><h3><a href="{story.path}">{story.title}</a></h3><span class="b-grid__time">'
            f"{story.minute}</span><p>{story.lead}</p></li>"
        )
    yield "</ul></body></html>"
