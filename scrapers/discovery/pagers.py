"""Links from one page of a listing to its others."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from pipelines.article import UrlRules
from pipelines.identity import UnusableAddress, canonical_url
from scrapers.catalogue import Site
from scrapers.discovery.found import absolute

_NUMBERS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # as in "?page=2", "&p=2", "?PageIndex=2", "&_101_cur=17", "?trang=3", "?start=20"
        r"[?&](?:page|paged|p|pg|pageno|pageindex|pagenumber|currentpage|trang|start|offset|\w*_cur)=(\d{1,5})(?=&|$)",
        # "/xa-hoi/chinh-tri/trang-2.htm", "/tin/page/2", "/tin/p2", "/tin/page-2"
        r"/(?:trang|page|p)[-/]?(\d{1,5})(?:\.\w{2,5})?/?(?=\?|$)",
        # "/kinh-doanh-p2", "/kinh-doanh-page1"; not the month of "/ke-hoach-p-2024-12"
        r"-(?:trang|page|p)-?(\d{1,5})(?:\.\w{2,5})?/?(?=\?|$)",
        # "/Tin-tuc/cat/51/lapg-10/2": ten a page, the second page
        r"/lapg-\d+/(\d{1,5})/?(?=\?|$)",
    )
)
_NEXT = re.compile(
    r"(?:trang\s+)?(?:sau|tiếp(?:\s+theo)?|kế\s+tiếp|cuối(?:\s+cùng)?|next(?:\s+page)?|last)\W*|trang\s+\d+|xem\s+thêm|tải\s+thêm|older.*"
    r"|[›»>→❯⟩]{1,3}",
    re.IGNORECASE,
)
_LONE = re.compile(r"[\[(]?\s*(\d{1,4})\s*[\])]?")


def read_pagers(tree: HtmlElement, base: str, url: str, site: Site) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Further pages found without knowing the layout, and what is wrong with them.

    A link counts when it is marked rel=next, or says a number or "Trang sau", "›" … and its address is this
    listing's with a page number. So no calendar and no menu is taken for a pager.
    """
    stem = _stem(url)
    hrefs: list[str] = []
    scripted = False
    for link in tree.iter("a", "link"):
        href = (link.get("href") or "").strip()
        if not href:
            continue
        if "next" in (link.get("rel") or "").lower().split():
            hrefs.append(href)
            continue
        text = " ".join(link.text_content().split())
        number = _LONE.fullmatch(text)
        if link.tag == "link" or not (number or _NEXT.fullmatch(text)):
            continue
        if href.lower().startswith("javascript:"):
            # "1" is where we are; "2" and "Xem thêm" would lead on.
            scripted |= not number or number[1] != "1"
            continue
        target = absolute(href, base, site)
        if target and _stem(target) == stem and _fits(target, number):
            hrefs.append(href)
    pages = numbered_pages(hrefs, base, url, site, "")
    if scripted and not pages:
        return pages, (f"further pages are reached by script only, they cannot be followed: {url}",)
    return pages, ()


def numbered_pages(hrefs: Iterable[str], base: str, url: str, site: Site, pattern: str) -> tuple[str, ...]:
    """Addresses of further pages, each once, by page number, then in document order; not the page itself.

    `pattern` is the family's `page_number`; empty for the usual forms.
    """
    here = _same(url)
    found: dict[str, tuple[int, str]] = {}
    for href in hrefs:
        target = absolute(href, base, site)
        if target is None or _same(target) == here or site.is_article(target):
            continue
        number = page_number(target, pattern)
        found.setdefault(_same(target), (10**6 if number is None else number, target))
    return tuple(target for _, target in sorted(found.values(), key=lambda page: page[0]))


def page_number(url: str, pattern: str = "") -> int | None:
    """The number in a page's address, by `pattern` (one group) or by the usual forms; as written there."""
    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    for compiled in (re.compile(pattern),) if pattern else _NUMBERS:
        match = compiled.search(target)
        if match and match[1] and match[1].isdecimal():
            return int(match[1])
    return None


def _fits(target: str, number: re.Match[str] | None) -> bool:
    """A numbered link must have this number in its address (or one less: "/kinh-doanh-page1" is page 2)."""
    in_address = page_number(target)
    if in_address is None:
        return False
    shown = int(number[1]) if number else 0
    if not number or in_address in {shown, shown - 1}:
        return True
    # An offset is a multiple of the number before: "start=20" is page 3 of ten a page.
    return shown > 1 and in_address % (shown - 1) == 0 and bool(re.search(r"[?&](?:start|offset)=", target))


def _stem(url: str) -> str:
    """Host and path of a listing whatever its page: "/tin/trang-2.htm" and "/tin.htm" both give "/tin"."""
    parts = urlsplit(url)
    path = parts.path
    for pattern in _NUMBERS[1:]:
        path = pattern.sub("", path)
    path = re.sub(r"\.\w{2,5}$", "", path).rstrip("/")
    return (parts.hostname or "").removeprefix("www.") + path


def _same(url: str) -> str:
    try:
        return canonical_url(url, UrlRules())
    except UnusableAddress:
        return url
