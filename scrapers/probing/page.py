"""What a page of an unknown site says of the site: its links, its feeds, its name, its maker. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urldefrag, urljoin

from lxml.html import HtmlElement

from pipelines.article import Capture, KhotinError
from pipelines.decode import decode
from pipelines.extract.page import parse, squeeze, visible_text
from pipelines.identity import UnusableAddress, host_of

MOST_LINKS = 2_000
"""Links of a page that are looked at: a page of more is no ordinary one."""
_BARS = frozenset({"nav", "header", "footer", "aside"})
_BAR_NAMES = re.compile(
    # as in "main-menu", "top-nav", "c-breadcrumb", "footer_link"; not "navy", "headline"
    r"(?:^|[-_\s])(?:menu\w*|nav|navbar|navigation|breadcrumbs?|footer|header|topbar)(?=$|[-_\s])",
    re.IGNORECASE,
)
_ABOUT_COPYING = re.compile(
    # "Ghi rõ nguồn … khi phát hành lại thông tin", "Không sao chép dưới mọi hình thức", "® Bản quyền thuộc về …"
    r"ghi rõ nguồn|sao chép|trích dẫn|bản quyền|copyright|phát hành lại|đăng lại",
    re.IGNORECASE,
)
_LONGEST_NOTE = 220


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a page."""

    url: str
    """Absolute, without fragment."""
    text: str
    bar: bool
    """It stands in a menu, a header, a footer or a side column."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page says of itself and its site."""

    url: str
    title: str
    names: tuple[str, ...]
    """What may be the site's name, the surest first."""
    generator: str
    links: tuple[Link, ...]
    feeds: tuple[str, ...]
    """Feeds that the head names, or that a link leads to."""
    copying: str
    """A line about copying; empty where none was seen."""


class NotHtml(KhotinError):
    """A page without an element in it."""


def see(capture: Capture) -> Seen:
    """Read a page. Raises `NotHtml`."""
    page = parse(decode(capture.body, capture.content_type).text, capture.url)
    if page is None:
        message = f"{capture.url} is no page"
        raise NotHtml(message)
    tree = page.tree
    base = urljoin(capture.url, str(next(iter(tree.xpath("//base/@href")), "")).strip())
    title = squeeze(next((node.text_content() for node in tree.iter("title")), ""))
    metas = {
        (node.get("property") or node.get("name") or "").lower(): squeeze(node.get("content"))
        for node in tree.iter("meta")
    }
    declared = [
        node.get("href", "")
        for node in tree.iter("link")
        if "alternate" in (node.get("rel") or "").lower()
        and re.search(r"rss|atom", node.get("type") or "", re.IGNORECASE)
    ]
    links = tuple(_links(tree, base))
    linked = [
        link.url
        for link in links
        if re.search(r"\.rss(?:$|\?)|/rss/.+|/feed/?$", link.url) or link.text.strip().upper() == "RSS"
    ]
    return Seen(
        url=capture.url,
        title=title,
        names=_names(metas, title),
        generator=metas.get("generator", ""),
        links=links,
        feeds=tuple(dict.fromkeys([*(url for href in declared if (url := _absolute(href, base))), *linked])),
        copying=_copying(tree),
    )


def _links(tree: HtmlElement, base: str) -> list[Link]:
    found: list[Link] = []
    for node in tree.iter("a"):
        url = _absolute(node.get("href") or "", base)
        if url is None:
            continue
        image = next((img.get("alt") for img in node.iter("img") if img.get("alt")), "")
        text = squeeze(visible_text(node, 400)) or squeeze(node.get("title")) or squeeze(image)
        found.append(Link(url, text[:300], _in_bar(node)))
        if len(found) == MOST_LINKS:
            break
    return found


def _in_bar(node: HtmlElement) -> bool:
    for around in node.iterancestors():
        if around.tag in ("body", "html", "main", "article"):
            return False
        if around.tag in _BARS or _BAR_NAMES.search(f"{around.get('class', '')} {around.get('id', '')}"):
            return True
    return False


def _absolute(href: str, base: str) -> str | None:
    try:
        url = urldefrag(urljoin(base, href.strip())).url
        host_of(url)
    except (UnusableAddress, ValueError):
        return None
    return url


def _names(metas: dict[str, str], title: str) -> tuple[str, ...]:
    """og:site_name, then the last part of the title: "Xây dựng Đảng mới nhất | Báo Mẫu"."""
    parts = [part.strip() for part in re.split(r"\s[|–—-]\s", title)]
    found = (metas.get("og:site_name", ""), metas.get("application-name", ""), parts[-1])
    return tuple(dict.fromkeys(name for name in found if 2 <= len(name) <= 120))


def _copying(tree: HtmlElement) -> str:
    for node in tree.iter("p", "div", "span", "li", "td", "footer"):
        if len(node) > 8:
            continue
        text = visible_text(node, 3 * _LONGEST_NOTE)
        if len(text) <= _LONGEST_NOTE and _ABOUT_COPYING.search(text):
            return text
    return ""
